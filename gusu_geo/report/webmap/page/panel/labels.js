/* Words that several parts of the panel share. */
import { CS_PER_MIN } from "../engine/constants.js";
import { zoneRows } from "../engine/totals.js";

/** The name of a zone in the language that is shown.
 @param {Zone} zone
 @param {Say} say */
export function zoneTitle(zone, say) {
  const own = say.lang === "zh" ? zone.name_zh : zone.name_en;
  return own || zone.name || zone.id;
}

/** The row of the summary of zone i, none where it counts no home.
 @param {Model} model
 @param {number} i */
export function zoneRow({ texts }, i) {
  const zone = texts.zones[i];
  return zone && zoneRows(texts).find((row) => row.level === zone.level && row.id === zone.id);
}

/** The name of zone i.
 @param {Model} model
 @param {Say} say
 @param {number} i */
export function zoneName(model, say, i) {
  const row = zoneRow(model, i);
  return row ? zoneTitle(row, say) : model.texts.zones[i].id;
}

/** So many persons, marked as an estimate where they are one.
 @param {App} app
 @param {number} count */
export function persons({ model, say }, count) {
  const { estimate } = model.texts.summary.data.persons;
  return say.t(estimate || !counted(model) ? "person_estimate" : "person_count", { count: digits({ model, say }, count) });
}

/** Whether somebody counted the total of persons.
 @param {Model} model */
export const counted = (model) => model.texts.summary.data.persons.counted !== false;

/** A number of persons: to three digits where nobody counted the total.
 @param {Pick<App, "model" | "say">} app
 @param {number} count */
export const digits = ({ model, say }, count) => say.count(counted(model) ? count : Number(count.toPrecision(3)));

/** The same in a table, where no words stand beside it; nobody is no estimate.
 @param {Pick<App, "model" | "say">} app
 @param {number} count */
export const heads = (app, count) => `${counted(app.model) || !count ? "" : "~"}${digits(app, count)}`;

/** What a column of persons is called.
 @param {Pick<App, "model" | "say">} app */
export const personsHead = ({ model, say }) => say.t(counted(model) ? "persons" : "persons_est");

/** The services that the plan is for, where it is not for all; else "".
 @param {Pick<App, "model" | "say">} app */
export function askedOf({ model, say }) {
  const { plan, summary } = model.texts, titles = new Map(summary.services.map((service) => [service.id, say.of(service, service.id)]));
  return (plan?.asked_services ?? []).map((id) => titles.get(id) || id).join(say.comma);
}

/** The ring in which detours are measured.
 @param {Pick<App, "model" | "say">} app */
export function ring({ model, say }) {
  const { near_m: near, far_m: far } = model.texts.detour ?? { near_m: 0, far_m: 0 };
  return { near: say.plain(near), far: say.plain(far) };
}

/** A part of a whole; nobody has none.
 @param {number} part
 @param {number} whole */
export const share = (part, whole) => (whole > 0 ? part / whole : null);

/** How many services have data: the others can be missing nowhere.
 @param {Model} model */
export const knownOf = (model) => model.now.known_services;

/** What is missing at home r, in one phrase; what is unknown is not counted as missing, and where
 anything is, the phrase says of how many that can be judged.
 @param {Pick<App, "model" | "say">} app
 @param {number} r */
export function verdict({ model, say }, r) {
  if (model.unjudged(r)) return say.t("unknown");
  const judged = model.asked(r) - model.unknown[r], part = model.unknown[r] > 0;
  if (model.missing[r]) return say.t(part ? "missing_judged" : "missing_of", { count: model.missing[r], judged });
  return part ? say.t("missing_0_judged", { count: judged }) : say.t("missing_0");
}

/** The threshold in minutes, or the span of thresholds.
 @param {Pick<App, "model" | "say">} app */
export function limits({ model, say }) {
  const limits = model.shown ? model.shown.parts.map((part) => part.limits) : model.usual;
  const all = limits.flat().filter((cs) => cs >= 0).map((cs) => cs / CS_PER_MIN);
  const [low, high] = [Math.min(...all), Math.max(...all)].map(say.plain);
  return low === high ? low : `${low}–${high}`;
}
