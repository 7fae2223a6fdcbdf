/* A basemap from the network, in files that were made with one: off until somebody switches it on. */
import { byId, el } from "./dom.js";

/** Nothing is asked of the network before the box is ticked, and a key typed where one is needed; the key stays in the
 field and goes nowhere but into the addresses of the tiles.
 @param {App} app */
export function offer({ map, model, view, say, redraw }) {
  const { online } = model.texts;
  if (!online) return;
  /** @type {L.TileLayer[]} */
  let tiles = [];
  const own = { ground: true, streets: true, names: true };
  const box = el("input", { type: "checkbox", "data-testid": "online" });
  const key = el("input", { type: "text", id: "online-key", autocomplete: "off", spellcheck: "false", "data-testid": "online-key" });
  const show = () => {
    tiles.forEach((layer) => { layer.remove(); });
    const on = box.checked && (!online.key || key.value.trim() !== "");
    if (on && !tiles.length) Object.assign(own, { ground: view.on.ground, streets: view.on.streets, names: view.on.names });
    if (on || tiles.length) Object.assign(view.on, on ? { ground: false, streets: false, names: false } : own); // two maps would cover each other
    tiles = on ? online.layers.map((address) => L.tileLayer(address.replace("{key}", encodeURIComponent(key.value.trim())),
      { subdomains: online.servers, maxNativeZoom: online.zoom, maxZoom: 21, attribution: say.of(online.credit) }).addTo(map)) : [];
    redraw();
  };
  box.addEventListener("change", show);
  key.addEventListener("change", show);
  byId("layers").after(el("div", { class: "apart screen-only" },
    el("label", { class: "check" }, box, el("span", {}, el("span", { "data-text": "online" }), el("bdi", { text: ` ${say.of(online.name)}` }))),
    online.key && el("label", { for: "online-key", class: "hint", "data-text": "online_key" }), online.key && key));
}
