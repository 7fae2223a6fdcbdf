/* The panel: the answer, key figures, services, the table of districts, what the figures mean, and the imprint. */
import { byId, el, fill, fixed, keepFocus, name } from "../panel/dom.js";
import { badge } from "../panel/marks.js";
import { COLOURS, classOf, heads, personsOf } from "./classes.js";

const WORST = 3; // services that are shown at once

/** @typedef {Pair & { state: string, share: number | null, missing: number, k: number }} Bar */

/** @param {Region} app */
export function render(app) {
  const { texts, say } = app, refocus = keepFocus();
  document.title = say.of(texts.title);
  byId("title").textContent = say.of(texts.title);
  const { districts, failed } = texts.totals;
  byId("subtitle").textContent = [say.t("overview_done", { done: districts - failed, all: districts }), say.of(texts.basis), dates(app)].filter(Boolean).join(" · ");
  byId("answer").textContent = say.of(texts.answer);
  figures(app);
  coverage(app);
  table(app);
  fill("about", ...[say.t("overview_adds"), failed > 0 && say.t("overview_failed_hint"), texts.estimate && say.t("about_estimate"), !texts.counted && say.t("about_uncounted"), say.t("about_no_data")]
    .flatMap((text) => (text ? [el("p", { text })] : [])),
  texts.notes.length > 0 && el("h3", { text: say.t("notes") }),
  texts.notes.length > 0 && el("ul", { "data-testid": "notes" }, ...texts.notes.map((note) => el("li", {}, name(say.of(note))))));
  imprint(app);
  refocus();
}

/** @param {Region} app */
function dates({ texts, say }) {
  const [first, last] = texts.dates;
  return first ? say.t("data_date", { date: first === last ? first : `${first} – ${last}` }) : say.t("data_undated");
}

/** @param {Region} app */
function figures(app) {
  const { say } = app, { totals } = app.texts;
  const tile = (/** @type {string} */ id, /** @type {string} */ value, /** @type {string} */ label) =>
    el("div", { class: "tile", "data-testid": `figure-${id}` }, el("div", { class: "value", text: value }), el("div", { class: "label", text: label }));
  fill("figures",
    tile("passed", say.percent(totals.share), say.t(totals.undetermined ? "known_services" : "all_services")),
    tile("mean", totals.mean === null ? "—" : `${fixed(totals.mean, 1)} / ${totals.known}`, say.t("mean_services")),
    tile("unknown", say.percent(totals.unknown), say.t("unknown_share")),
    tile("failed", `${totals.failed} / ${totals.districts}`, say.t("overview_failed")),
    el("p", { class: "wide", "data-testid": "figure-persons", text: `${personsOf(app, totals.persons)} · ${say.t("residence_count", { count: say.count(totals.residences) })}` }));
}

/** The services that most lack, and a fold with the others: the table of districts stays in sight.
 @param {Region} app */
function coverage(app) {
  const { texts, say } = app, rows = bars(app, texts.services.map((service, k) => ({ ...service, k }))), rest = rows.slice(WORST);
  const open = byId("coverage").querySelector("details")?.open ?? false;
  fill("coverage", ...rows.slice(0, WORST), rest.length > 0 && el("details", { open, "data-testid": "coverage-more" },
    el("summary", { "data-testid": "coverage-fold", text: say.t("overview_more_services", { count: rest.length }) }), ...rest));
}

/** Coverage by service, the worst first; those without data last.
 @param {Region} app
 @param {Bar[]} services
 @returns {HTMLElement[]} */
export function bars(app, services) {
  const { say } = app;
  const rank = (/** @type {Bar} */ one) => (one.share === null ? 2 : one.share);
  return [...services].sort((a, b) => rank(a) - rank(b) || a.k - b.k).map((one) => el("div", { class: one.share === null ? "service blank" : "service" }, badge(one.k), el("span", {}, name(say.of(one))),
    one.share === null ? el("span", { class: "bar no-data" }) : el("span", { class: "bar" }, el("span", { class: "fill", style: `width:${100 * one.share}%` })),
    el("span", { class: one.share === null ? "figure words" : "figure", text: one.share === null ? say.t("no_data") : say.percent(one.share) }),
    el("span", { class: "figure", text: one.share === null ? "" : heads(app, one.missing) })));
}

/** @type {Record<string, (row: Row) => number | string>} */
const SORTS = { rank: (row) => row.figures?.rank ?? Infinity, name: (row) => row.name.zh, persons: (row) => row.figures?.persons ?? -1, share: (row) => row.figures?.share ?? 2 };

/** @param {Region} app */
function table(app) {
  const { texts, sort } = app, value = SORTS[sort.key];
  const order = texts.rows.map((_, i) => i).sort((a, b) => {
    const [one, other] = [value(texts.rows[a]), value(texts.rows[b])];
    return (sort.down ? -1 : 1) * (one < other ? -1 : one > other ? 1 : 0) || a - b;
  });
  fill("districts-head", el("tr", {}, head(app, "name", "overview_districts"), head(app, "persons", texts.counted ? "persons" : "persons_est", true), head(app, "share", "overview_share", true), head(app, "rank", "most_missing")));
  fill("districts", ...order.map((i) => line(app, i)));
}

/** @param {Region} app
 @param {string} key
 @param {Key} label
 @param {boolean} [number] */
function head(app, key, label, number) {
  const { say, sort } = app, on = sort.key === key, mark = on ? (sort.down ? " ▾" : " ▴") : "";
  const click = () => {
    app.sort = { key, down: on ? !sort.down : key === "persons" };
    render(app);
  };
  return el("th", { scope: "col", class: number ? "number" : false, "aria-sort": on ? (sort.down ? "descending" : "ascending") : false },
    el("button", { type: "button", class: "sort", "data-testid": `sort-${key}`, on: { click } }, el("span", { text: say.t(label) }), el("span", { "aria-hidden": "true", text: mark })));
}

/** @param {Region} app
 @param {number} i */
function line(app, i) {
  const { texts, say } = app, row = texts.rows[i], { figures: found } = row, colour = COLOURS[classOf(row)];
  const most = found ? worst(app, found) : say.t("overview_failed");
  return el("tr", { class: i === app.picked ? "picked" : false, "data-testid": `row-${row.key}` },
    el("th", { scope: "row" }, el("span", { class: colour ? "class" : "class hatched", style: colour ? `background:${colour}` : false, "aria-hidden": "true" }),
      el("button", { type: "button", class: "link", "aria-pressed": String(i === app.picked), "data-testid": `district-${row.key}`, on: { click: () => app.pick(i, { zoom: false }) } }, name(say.of(row.name, row.key)))),
    el("td", { class: "number", text: found ? heads(app, found.persons) : "—" }),
    el("td", { class: "number", text: found ? say.percent(found.share) : "—" }),
    el("td", {}, name(most)));
}

/** The service that most persons of a district lack.
 @param {Region} app
 @param {Figures} found */
function worst({ texts, say }, { services }) {
  const most = services.reduce((best, one, k) => (one.missing > (services[best]?.missing ?? 0) ? k : best), -1);
  return most < 0 ? say.t("missing_0_found") : say.t("worst_missing", { service: say.of(texts.services[most]), persons: say.count(services[most].missing) });
}

/** The imprint; on narrow screens a short line stands for it until it is opened (style.css).
 @param {Region} app */
function imprint(app) {
  const { texts, say } = app, review = say.t("review_number", { number: texts.review_number || "—" });
  const parts = [texts.invented && say.t("invented"), texts.internal && say.t("internal"), review, say.of(texts.basis), dates(app), texts.licence, `gusu_geo ${texts.version}`];
  fill("foot-short", texts.invented && el("span", { class: "strong", text: say.t("invented") }), el("span", { class: "strong", text: texts.internal ? say.t("internal") : review }),
    el("span", { text: dates(app) }), el("span", { class: "more", text: say.t("more") }));
  fill("foot-full", ...parts.flatMap((text) => (text ? [el("span", {}, name(text))] : [])));
}
