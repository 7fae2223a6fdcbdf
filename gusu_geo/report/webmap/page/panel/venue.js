/* The card of a venue. */
import { EVIDENCE } from "../engine/constants.js";
import { loadNote } from "./capacity.js";
import { el, fill, name } from "./dom.js";
import { badge } from "./marks.js";
import { tierOf } from "./tiers.js";

/** Fills the card with the venue of facility f.
 @param {App} app
 @param {number} f */
export function render(app, f) {
  const { model, say, act, lab } = app, { texts, arrays } = model, id = texts.venues.ids[f];
  const rows = [];
  for (let i = 0; i < model.facilities; i++) if (texts.venues.ids[i] === id) rows.push(i);
  fill("card",
    el("button", { type: "button", class: "close", "aria-label": say.t("close"), "data-testid": "card-close", text: "×", on: { click: act.closeCard } }),
    el("h2", { id: "card-title", "data-testid": "card-title" }, name(texts.venues.names[f] || say.t("unnamed"))),
    el("p", { class: "hint" }, name(id)),
    el("ul", { class: "services" }, ...rows.map((row) => {
      const service = texts.summary.services[arrays.venue_service[row]], letter = EVIDENCE[arrays.venue_evidence[row]];
      return el("li", { class: "pass" }, badge(arrays.venue_service[row]), el("span", { class: "what" }, name(say.of(service, service.id))),
        el("span", { class: "hint", text: say.t(`evidence_${letter}`) }), loadNote(app, row));
    })),
    texts.tiers.length > 0 && el("p", { class: "hint", "data-testid": "venue-tier", text: tierOf(say, texts, arrays.venue_tier[f]) }),
    texts.venues.hours[f] && el("p", { class: "hint" }, name(say.t("hours", { hours: texts.venues.hours[f] }))),
    ...(lab ? trials(app, lab, f) : []));
}

/** Buttons that close or move it, unless that has been done.
 @param {App} app
 @param {WhatIf} lab
 @param {number} f */
function trials({ model, say, act }, lab, f) {
  const { texts, arrays } = model, venue = texts.venues.ids[f];
  if (lab.history.now.changes.some((one) => "venue" in one && one.venue === venue)) return [];
  const change = (/** @type {Change} */ one) => {
    act.closeCard();
    lab.add(one);
  };
  const move = () => {
    const place = lab.settle([arrays.venue_x[f], arrays.venue_y[f]]);
    if (place) change({ do: "move_venue", venue, ...place });
  };
  return [el("div", { class: "row" },
    el("button", { type: "button", class: "small", "data-testid": "venue-close", text: say.t("whatif_close"), on: { click: () => change({ do: "close_venue", venue }) } }),
    el("button", { type: "button", class: "small", "data-testid": "venue-move", text: say.t("whatif_move"), on: { click: move } })),
  el("p", { class: "hint", text: say.t("whatif_move_hint") })];
}
