/* The overview of a province: joins map, panel, legend and card. It draws one document and judges nothing. */
import { byId, el, speaker, svg } from "../panel/dom.js";
import { titled } from "../panel/language.js";
import { markOlder } from "../panel/older.js";
import { listen as listenToPaper } from "../panel/print.js";
import * as card from "./card.js";
import { Districts } from "./districts.js";
import * as finder from "./find.js";
import * as legend from "./legend.js";
import * as panel from "./panel.js";

const FRAME = "M3 7.5V3h4.5M12.5 3H17v4.5M17 12.5V17h-4.5M7.5 17H3v-4.5";

/** Shows the page on the folium map; gusu.ready and html[data-ready] say when it is done.
 @param {L.Map} map */
export function start(map) {
  const root = document.documentElement;
  /** @type {any} */
  const handle = { ready: false };
  Object.assign(globalThis, { gusu: handle });
  if (root.dataset.old) return; // guard.js says why
  /** @type {Overview} */
  const texts = JSON.parse(byId("gusu-texts").textContent ?? "");
  try {
    const app = wire(map, texts);
    Object.assign(handle, { app, ready: true, map, texts, pick: app.pick, setLang: (/** @type {Lang} */ lang) => setLang(app, lang) });
    root.dataset.ready = "true";
  } catch (error) {
    const trouble = byId("trouble");
    trouble.textContent = texts.strings.trouble[texts.lang] + (error instanceof Error ? error.message : String(error));
    trouble.hidden = false;
    throw error;
  }
}

/** @param {L.Map} map
 @param {Overview} texts
 @returns {Region} */
function wire(map, texts) {
  markOlder();
  map.attributionControl.setPrefix("Leaflet");
  byId("invented").hidden = !texts.invented;
  if (!texts.invented) map.attributionControl.addAttribution("© OpenStreetMap contributors (ODbL)");
  const zoom = L.control.zoom({ position: "topleft" }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }).addTo(map);
  north(map);
  const app = /** @type {Region} */ (/** @type {unknown} */ ({ map, texts, zoom, say: speaker(texts.strings, texts.lang), picked: -1, sort: { key: "rank", down: false }, query: "", results: [], at: 0, before: null }));
  app.districts = new Districts(app);
  app.redraw = () => redraw(app);
  app.pick = (i, how) => pick(app, i, how);
  zoomAll(app);
  finder.listen(app);
  listenToMap(app);
  setLang(app, texts.lang); // the words first: they decide how much room the map has
  map.invalidateSize({ animate: false });
  app.districts.show();
  listenToPaper(/** @type {any} */ ({ map, layer: {} }));
  return app;
}

/** @param {Region} app
 @param {Lang} lang */
function setLang(app, lang) {
  app.say = speaker(app.texts.strings, lang);
  const { t } = app.say, box = app.map.getContainer();
  document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(/** @type {HTMLElement} */ (element).dataset.text ?? "");
  byId("language").textContent = t("language");
  titled(byId("print"), t("print"));
  titled(byId("zoom-all"), t("zoom_all"));
  byId("search", HTMLInputElement).placeholder = t("overview_search_short");
  byId("panel").setAttribute("aria-label", t("panel"));
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", t("map"));
  for (const [part, key] of [["in", "zoom_in"], ["out", "zoom_out"]]) titled(app.zoom.getContainer().querySelector(`.leaflet-control-zoom-${part}`), t(key));
  labelToggle(app);
  redraw(app);
}

/** @param {Region} app */
function redraw(app) {
  panel.render(app);
  legend.render(app);
  card.render(app);
  finder.render(app);
  app.districts.refresh();
}

/** Chooses a district (-1: none): outlined, its row marked, its card open.
 @param {Region} app
 @param {number} i
 @param {{ zoom?: boolean }} [how] */
function pick(app, i, how) {
  if (i >= 0 && app.picked < 0) app.before = document.activeElement;
  app.picked = i;
  redraw(app);
  if (i >= 0) {
    app.districts.bring(i, how?.zoom);
    byId("card").focus({ preventScroll: true });
  } else if (app.before instanceof HTMLElement) {
    (document.contains(app.before) ? app.before : byId("search")).focus({ preventScroll: true });
    app.before = null;
  }
}

/** @param {Region} app */
function listenToMap(app) {
  const { map } = app, narrow = matchMedia("(max-width: 720px)"), foot = byId("foot-details", HTMLDetailsElement), shown = byId("legend", HTMLDetailsElement);
  byId("language").addEventListener("click", () => setLang(app, app.say.lang === "zh" ? "en" : "zh"));
  byId("print").addEventListener("click", () => print());
  byId("toggle").addEventListener("click", () => {
    document.body.classList.toggle("collapsed");
    labelToggle(app);
    map.invalidateSize({ animate: false });
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape" && app.picked >= 0) app.pick(-1); });
  const fold = () => { foot.open = shown.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
  addEventListener("beforeprint", () => {
    foot.open = true;
    for (const fold of byId("coverage").querySelectorAll("details")) fold.open = true;
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false })).observe(map.getContainer());
}

/** The button that hides and shows the panel.
 @param {Region} app */
function labelToggle(app) {
  const hidden = document.body.classList.contains("collapsed"), toggle = byId("toggle");
  titled(toggle, app.say.t(hidden ? "panel_show" : "panel_hide"));
  toggle.textContent = hidden ? "☰" : "«";
  toggle.setAttribute("aria-expanded", String(!hidden));
}

/** The button below + and −.
 @param {Region} app */
function zoomAll(app) {
  const quiet = (/** @type {Event} */ event) => event.stopPropagation();
  const click = (/** @type {Event} */ event) => {
    quiet(event);
    app.districts.show();
  };
  app.zoom.getContainer().append(el("button", { type: "button", id: "zoom-all", "data-testid": "zoom-all", on: { click, dblclick: quiet, mousedown: quiet } },
    svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: FRAME, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }))));
}

/** An arrow above the scale: north is up, on screen and paper.
 @param {L.Map} map */
function north(map) {
  const arrow = svg("svg", { viewBox: "0 0 14 20", width: 14, height: 20, "aria-hidden": "true" }, svg("path", { d: "M7 1 13 18 7 14 1 18z", fill: "currentColor" }));
  map.getContainer().querySelector(".leaflet-bottom.leaflet-right")?.prepend(el("div", { class: "leaflet-control north", "data-testid": "north" }, el("span", { "data-text": "north" }), arrow));
}
