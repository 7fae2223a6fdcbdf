/* What the map shows: layers and venues. */
import { el, fill, name } from "./dom.js";
import { hasNorm } from "./capacity.js";
import { badge, linkMark, mixedMark } from "./marks.js";

/** @typedef {import("./dom.js").Child} Child */

/** @type {LayerName[]} */
const LAYERS = ["homes", "signals", "full", "zones", "area", "streets", "ground", "names", "reach", "barriers", "mixed", "sites", "gaps"];

/** Layers whose words only some maps have.
 @type {Partial<Record<LayerName, string>>} */
const OWN = { signals: "signal_layer", full: "room_layer" };

/** @param {App} app */
export function render(app) {
  const { model, view, say, act } = app;
  /** @type {(id: string, label: Node | string, checked: boolean, change: (on: boolean) => void, mark: Child) => Node} */
  const box = (id, label, checked, change, mark) =>
    el("label", { class: "check" },
      el("input", { type: "checkbox", checked, "data-testid": id, on: { change: (event) => change(event.target.checked) } }),
      mark, typeof label === "string" ? el("span", { text: label }) : label);
  const there = { sites: model.texts.sites.length, gaps: model.texts.gaps.length, zones: model.texts.zones.length, mixed: app.layer.shapes.mixed.count, reach: app.lab, signals: model.texts.summary.signals, full: hasNorm(model.texts) };
  const some = LAYERS.filter((key) => !(key in there) || there[/** @type {keyof typeof there} */ (key)]);
  fill("layers", ...some.map((key) =>
    box(`layer-${key}`, say.t(OWN[key] ?? `layer_${key}`), view.on[key], (on) => act.show(key, on), key === "gaps" ? linkMark() : key === "mixed" && mixedMark())));
  const services = model.texts.summary.services;
  const every = (/** @type {boolean} */ on) => () => act.venues(on ? services.map((_, k) => k) : []);
  fill("venues",
    el("div", { class: "row" },
      el("button", { type: "button", class: "small", text: say.t("all"), "data-testid": "venues-all", on: { click: every(true) } }),
      el("button", { type: "button", class: "small", text: say.t("none"), "data-testid": "venues-none", on: { click: every(false) } })),
    ...services.map((service, k) => box(`venue-${k}`,
      el("span", {}, name(say.of(service, service.id)),
        el("span", { class: "hint", text: ` ${service.state === "known" ? service.venues : say.t("no_data")}` })),
      view.venues.has(k), (on) => act.venue(k, on), badge(k))));
}
