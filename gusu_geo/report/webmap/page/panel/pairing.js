/* Bodies paired with communities: the table, and what the card of a community says. */
import { zonesOf } from "../engine/district.js";
import { el, fill, name } from "./dom.js";
import { heads, zoneName } from "./labels.js";
import { counted, number } from "./rates.js";
import { sortedTable, zoneButton } from "./sorted.js";

const LACKS = 3; // services named of a community

/** @param {App} app */
export function render(app) {
  const { model, say } = app, facts = model.texts.summary.pairing;
  if (!facts) return;
  const at = zonesOf(model.texts, facts.level), title = (/** @type {BodyPair} */ pair) => (at.has(pair.zone) ? zoneName(model, say, at.get(pair.zone) ?? -1) : pair.zone_name || pair.zone);
  const line = (/** @type {string} */ key, /** @type {string[]} */ names) => names.length > 0 && el("p", { class: "hint" }, name(`${say.t(key)}${say.colon}${names.join(say.comma)}`));
  /** @type {import("./sorted.js").ColumnOf<BodyPair>[]} */
  const columns = [
    { key: "zone", label: say.t("pair_community"), value: title, cell: (pair) => zoneButton(app, at.get(pair.zone) ?? -1, title(pair)) },
    { key: "body", label: say.t("pair_body"), value: (pair) => pair.name || pair.body, cell: (pair) => el("span", {}, name(pair.name || pair.body), el("span", { class: "hint", text: flags(say, pair) })) },
    { key: "fit", label: say.t("pair_fit"), number: true, value: (pair) => pair.fit, cell: (pair) => number(pair.fit) },
  ];
  fill("pairing",
    el("p", { class: "hint", "data-testid": "pairing-all", text: say.t("pair_all", { bodies: say.count(facts.bodies), communities: say.count(facts.communities), least: number(facts.least), value: number(facts.value) }) }),
    el("p", { class: "hint", text: `${facts.now_value === null ? "" : say.t("pair_now_all", { least: number(facts.now_least), value: number(facts.now_value) })}${say.t("pair_changes", { changes: say.count(facts.changes), uncertain: say.count(facts.uncertain) })}` }),
    line("pair_bare", facts.bare_now.map((id) => (at.has(id) ? zoneName(model, say, at.get(id) ?? -1) : facts.needs.find((need) => need.id === id)?.name || id))),
    line("pair_without", facts.without_functions.map((id) => facts.listed.find((body) => body.id === id)?.name || id)),
    ...sortedTable(app, "pairing", columns, facts.pairs, { key: "zone", down: false }),
    el("p", { class: "hint", text: say.t("pair_hint") }));
}

/** What is new or uncertain of a pair.
 @param {Say} say
 @param {BodyPair} pair */
function flags(say, { now, kept, uncertain }) {
  const words = [kept && say.t("pair_kept"), !now && say.t("pair_new"), uncertain && say.t("pair_uncertain")].filter(Boolean);
  return words.length ? ` ${words.join(say.comma)}` : "";
}

/** What the card of zone i says: its bodies with reasons, and what none of them can do.
 @param {App} app
 @param {number} i */
export function ofZone(app, i) {
  const { model, say } = app, { summary, zones } = model.texts, facts = summary.pairing, zone = zones[i];
  if (!facts || zone.level !== facts.level) return [];
  const need = facts.needs.find(({ id }) => id === zone.id), pairs = facts.pairs.filter((pair) => pair.zone === zone.id);
  const at = zonesOf(model.texts, facts.level), other = (/** @type {BodyPair} */ pair) => (at.has(pair.next_zone) ? zoneName(model, say, at.get(pair.next_zone) ?? -1) : pair.next_name);
  const service = (/** @type {string} */ id) => say.of(summary.services.find((one) => one.id === id), id);
  const lacks = Object.entries(need?.low ?? {}).filter(([, count]) => (count ?? 0) > 0).sort((a, b) => (b[1] ?? 0) - (a[1] ?? 0)).slice(0, LACKS);
  return [el("h3", { text: say.t("pair_title") }),
    lacks.length > 0 && el("p", { class: "hint", "data-testid": "zone-need" }, name(`${say.t("pair_need")}${say.colon}${lacks.map(([id, low]) => `${service(id)} ${range(app, low, need?.high[id] ?? low)}`).join(say.comma)}`)),
    el("ul", { class: "plain", "data-testid": "zone-bodies" }, ...pairs.map((pair) => el("li", {},
      el("div", {}, el("span", { class: "strong" }, name(pair.name || pair.body)), el("span", { class: "hint", text: flags(say, pair) })),
      el("div", { class: "hint" }, name(`${say.t("pair_fit_of", { fit: number(pair.fit) })}${pair.reasons.length ? `${say.colon}${pair.reasons.map((one) => say.of(one)).join(say.semicolon)}` : ""}`)),
      pair.projects.length > 0 && el("div", { class: "hint" }, name(`${say.t("pair_projects")}${say.colon}${pair.projects.join(say.comma)}`)),
      pair.next_name && pair.loss !== null && el("div", { class: "hint" }, name(pair.loss > 0 ? say.t("pair_next", { name: other(pair), loss: number(pair.loss) }) : say.t("pair_equal", { name: other(pair) }))))),
    pairs.length === 0 && el("li", { text: say.t("pair_none") })),
    need && need.unmet.length > 0 && el("p", { class: "warning", "data-testid": "zone-unmet" }, name(`${say.t("pair_unmet")}${say.colon}${need.unmet.map(service).join(say.comma)}`)),
    need && need.unserved.length > 0 && el("p", { class: "hint", "data-testid": "zone-unserved" }, name(`${say.t("pair_unserved")}${say.colon}${need.unserved.map(service).join(say.comma)}`))];
}

/** Persons, at least and at most.
 @param {App} app
 @param {number | null} low
 @param {number | null} high */
const range = (app, low, high) => (low === null || high === null ? counted(app.say, null) : Math.round(low) === Math.round(high) ? heads(app, low) : `${heads(app, low)}–${heads(app, high)}`);
