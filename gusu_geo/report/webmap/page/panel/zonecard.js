/* The card of a zone: who lives there, what they bring up, and who is paired with it. */
import { el, fill, name } from "./dom.js";
import { persons, zoneName, zoneRow } from "./labels.js";
import * as pairing from "./pairing.js";
import * as signals from "./signals.js";

/** @param {App} app
 @param {number} i */
export function render(app, i) {
  const { model, say, act } = app, row = zoneRow(model, i);
  fill("card",
    el("button", { type: "button", class: "close", "aria-label": say.t("close"), "data-testid": "card-close", text: "×", on: { click: act.closeCard } }),
    el("h2", { id: "card-title", "data-testid": "card-title" }, name(zoneName(model, say, i))),
    el("p", { class: "hint" }, name(`${model.texts.zones[i].level} · ${model.texts.zones[i].id}`)),
    row && el("p", { class: "lead", text: persons(app, row.persons) }),
    ...signals.ofZone(app, i), ...pairing.ofZone(app, i));
}
