/* The key figures, and by how much they changed. */
import { byId, el, fill, fixed } from "./dom.js";
import { persons } from "./labels.js";

/** @typedef {import("./dom.js").Child} Child */

/** Tiles of equal height in full rows: where their number is odd, the persons stand in one too.
 @param {App} app */
export function render(app) {
  const { model, say } = app, { summary } = model.texts, { now, was } = model;
  /** @type {(id: string, value: string, label: string, turn?: Child) => Node} */
  const tile = (id, value, label, turn) =>
    el("div", { class: "tile", "data-testid": `figure-${id}` },
      el("div", { class: now.undetermined && id === "passed" ? "value words" : "value", text: value }, turn),
      el("div", { class: "label", text: label }));
  const turn = (/** @type {"passed" | "known" | "unknown"} */ key) => was && turned(was[key].share, now[key].share, (by) => (100 * by).toFixed(1), say.t("points"));
  const tiles = [
    tile("passed", now.undetermined ? say.t("cannot_tell") : say.percent(now.passed.share),
      say.t("all_services"), !now.undetermined && !was?.undetermined && turn("passed")),
    // With data on all services it is the same figure, unless one venue must have them all.
    (blank(app) > 0 || now.passed.share !== now.known.share) && tile("known", say.percent(now.known.share), say.t("known_services"), turn("known")),
    tile("unknown", say.percent(now.unknown.share), say.t("unknown_share"), turn("unknown")),
    tile("mean", now.mean === null ? "—" : `${fixed(now.mean, 1)} / ${now.known_services}`, say.t("mean_services"),
      was && turned(was.mean, now.mean, (by) => by.toFixed(2), "")),
    summary.residences.ledger === 0 && tile("assumed", say.percent(summary.assumed.share), say.t("assumed_homes"))].flatMap((one) => (one ? [one] : []));
  const group = model.group ? `${say.t(`group_${model.group}`)} ` : "", homes = say.t("residence_count", { count: say.count(summary.residences.total) });
  const notes = notesOf(app);
  byId("figures").classList.toggle("many", tiles.length > 4);
  fill("figures", ...tiles,
    tiles.length % 2 ? tile("persons", `${group}${persons(app, now.persons)}`, homes)
      : el("p", { class: "wide", "data-testid": "figure-persons", text: `${group}${persons(app, now.persons)} · ${homes}` }),
    notes && el("p", { class: "wide hint", "data-testid": "figure-notes", text: notes }));
}

/** How many services have no data.
 @param {App} app */
const blank = ({ model }) => model.services - model.now.known_services;

/** What limits the figures. Where no share is known none is shown; where some could not be judged, it is a lower bound.
 @param {App} app */
function notesOf(app) {
  const { model, say } = app, { persons: heads, passed, unknown } = model.now;
  const most = say.percent(Math.min((passed.persons + unknown.persons) / heads, 1));
  return [blank(app) > 0 && say.t("without_data", { count: blank(app) }),
    unknown.persons > 0 && unknown.persons < heads && most !== say.percent(passed.share) && say.t("up_to", { share: most })].filter(Boolean).join(say.semicolon);
}

/** By how much a figure changed, beside it; nothing where it did not, as it is shown.
 @param {number | null} was
 @param {number | null} is
 @param {(by: number) => string} digits
 @param {string} unit */
function turned(was, is, digits, unit) {
  if (was === null || is === null || digits(Math.abs(is - was)) === digits(0)) return false;
  return el("span", { class: `turned ${is > was ? "up" : "down"}`, text: ` ${is > was ? "+" : "−"}${digits(Math.abs(is - was))}${unit}` });
}
