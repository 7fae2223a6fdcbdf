/* Sections of the panel on the district's own systems, made only where a study has them. */
import * as capacity from "./capacity.js";
import { byId, el } from "./dom.js";
import * as funnel from "./funnel.js";
import * as pairing from "./pairing.js";
import * as signals from "./signals.js";

/** Section (as the summary calls it), key of its heading, what fills it.
 @type {["signals" | "capacity" | "pairing" | "complaints", string, (app: App) => void][]} */
const PARTS = [
  ["signals", "signal_title", signals.render],
  ["capacity", "room_title", capacity.render],
  ["pairing", "pair_title", pairing.render],
  ["complaints", "funnel_title", funnel.render],
];

/** Puts the sections that the study has before those of tiers.
 @param {Texts} texts */
export function place({ summary }) {
  const next = byId("tiers-section");
  for (const [part, title] of PARTS) {
    if (summary[part]) next.before(el("section", { id: `${part}-section`, class: "shut district" }, el("h2", { "data-text": title }), el("div", { id: part, "data-testid": part })));
  }
}

/** @param {App} app */
export function render(app) {
  for (const [part, , fillIt] of PARTS) if (app.model.texts.summary[part]) fillIt(app);
}
