/* By tier: who is in time of a venue of it, in the panel; and the tier of a new venue. */
import { TIER_WORDS } from "../engine/constants.js";
import { tierOfNew, tierSums } from "../engine/tiers.js";
import { byId, el, fill, name } from "./dom.js";

const UNKNOWN = "unknown"; // of the words of a scenario file
const WORDS = Object.keys(TIER_WORDS).filter((word) => /^[a-z]+$/.test(word));

/** The table: shares in time, at least and at most, and what they were before the changes.
 @param {App} app */
export function render(app) {
  const { model, say, lab } = app, { tiers, summary } = model.texts;
  byId("tiers-section").hidden = !tiers.length;
  if (!tiers.length) return;
  const now = tierSums(model, lab ? lab.tierStates() : model.arrays.tier_state), was = lab?.result ? tierSums(model, model.arrays.tier_state) : null;
  fill("tiers", el("table", { "data-testid": "tier-table" },
    el("thead", {}, el("tr", {}, ...["tier", "services", "in_time"].map((key) => el("th", { scope: "col", class: key === "in_time" && "number", text: say.t(`tiers_${key}`) })))),
    el("tbody", {}, ...tiers.map(({ service, tier }, i) => el("tr", {},
      el("th", { scope: "row", text: say.of(tier) }),
      el("td", {}, name(say.of(summary.services.find((one) => one.id === service), service))),
      el("td", { class: "number", "data-testid": `tier-${i}`, text: was && range(say, was[i]) !== range(say, now[i]) ? `${range(say, was[i])} → ${range(say, now[i])}` : range(say, now[i]) }))))));
}

/** @param {Say} say
 @param {{ low: number | null, high: number | null }} sums */
function range(say, { low, high }) {
  return low === high ? say.percent(low) : `${say.percent(low)} – ${say.percent(high)}`;
}

/** A list to choose the tier of the next venue from, where the study asks for tiers.
 @param {App} app
 @param {WhatIf} lab */
export function chooser({ model, say }, lab) {
  const { tiers, tier_names: names } = model.texts;
  if (!tiers.length) return false;
  const title = (/** @type {string} */ word) => (word === UNKNOWN ? say.t("tier_unknown") : say.of(names[TIER_WORDS[/** @type {keyof typeof TIER_WORDS} */ (word)]]));
  const select = el("select", { id: "new-tier", "data-testid": "new-tier", title: say.t("tier_default_hint"), on: { change: (event) => { lab.tier = event.target.value; } } },
    el("option", { value: "", text: say.t("tier_default") }), ...WORDS.map((word) => el("option", { value: word, text: title(word) })));
  select.value = lab.tier;
  return el("div", { class: "row" }, el("label", { for: "new-tier", class: "hint", text: say.t("tier_new") }), select);
}

/** The tiers of a new venue in words; "" where the study asks for none.
 @param {App} app
 @param {AddVenue} one */
export function tierText({ model, say }, { services, tier }) {
  const { texts } = model, found = new Set(services.map((service) => tierOfNew(texts, tier, service)));
  if (!texts.tiers.length) return "";
  return [...found].map((at) => tierOf(say, texts, at)).join(say.comma);
}

/** A tier in words.
 @param {Say} say
 @param {Texts} texts
 @param {number} at its position, -1 unknown */
export const tierOf = (say, texts, at) => (at < 0 ? say.t("tier_unknown") : say.t("tier_of", { tier: say.of(texts.tier_names[at]) }));
