/* The language of the page, and labels of what stands on it from the start. */
import { byId, speaker } from "./dom.js";

/** Shows the page in another language.
 @param {App} app
 @param {Lang} lang */
export function setLang(app, lang) {
  app.say = speaker(app.model.texts.strings, lang);
  app.view.lang = lang;
  const { t } = app.say, box = app.map.getContainer();
  document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
  byId("language").textContent = t("language");
  titled(byId("print"), t("print"));
  titled(byId("full"), t("full_screen"));
  titled(byId("view-link"), t("view_link"));
  byId("search", HTMLInputElement).placeholder = t("search_short");
  titled(byId("zoom-all"), t("zoom_all"));
  byId("panel").setAttribute("aria-label", t("panel"));
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", t("map"));
  for (const [part, key] of [["in", "zoom_in"], ["out", "zoom_out"]]) {
    titled(app.zoom.getContainer().querySelector(`.leaflet-control-zoom-${part}`), t(key));
  }
  labelToggle(app);
  app.redraw();
  app.card();
}

/** @param {HTMLElement | null} element
 @param {string} text */
export function titled(element, text) {
  if (!element) return;
  element.title = text;
  element.setAttribute("aria-label", text);
}

/** The button that hides and shows the panel.
 @param {App} app */
export function labelToggle(app) {
  const hidden = document.body.classList.contains("collapsed"), toggle = byId("toggle");
  titled(toggle, app.say.t(hidden ? "panel_show" : "panel_hide"));
  toggle.textContent = hidden ? "☰" : "«";
  toggle.setAttribute("aria-expanded", String(!hidden));
}
