/* Classes of districts by the share of residents who have all services with data. Their colours are those of the
   number of missing services on a district's own map: deep blue is good, deep red is not. */
import { MISSING } from "../drawing/colours.js";

export const COLOURS = MISSING;
export const FROM = [0.8, 0.6, 0.4, 0.2, 0]; // least share of each class
export const UNKNOWN = FROM.length, FAILED = UNKNOWN + 1;

/** @param {Row} row */
export function classOf({ figures }) {
  if (!figures) return FAILED;
  const { share } = figures;
  return share === null || isUnknown(figures) ? UNKNOWN : FROM.findIndex((least) => share >= least);
}

/** Whether nobody could be judged.
 @param {Figures} figures */
const isUnknown = ({ persons, unknown }) => unknown >= persons;

/** @param {Region} app
 @param {number} k */
export function className({ say }, k) {
  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
  if (k === FAILED) return say.t("overview_failed");
  if (k === UNKNOWN) return say.t("overview_unknown");
  if (k === 0) return say.t("overview_from", { from: percent(FROM[0]) });
  const to = percent(FROM[k - 1]);
  return FROM[k] ? say.t("overview_between", { from: Math.round(100 * FROM[k]), to }) : say.t("overview_below", { to });
}

/** Persons, to three digits where nobody counted them.
 @param {Region} app
 @param {number} persons */
export function heads({ texts, say }, persons) {
  return texts.counted ? say.count(persons) : `~${say.count(Number(persons.toPrecision(3)))}`;
}

/** @param {Region} app
 @param {number} persons */
export const personsOf = (app, persons) => (app.texts.counted ? app.say.t("person_count", { count: heads(app, persons) }) : app.say.t("person_estimate", { count: heads(app, persons).slice(1) }));
