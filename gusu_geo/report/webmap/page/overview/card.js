/* The card of a district: its figures, what is missing, where next, and the way to its own map; or why it has no result. */
import { byId, el, fill, name } from "../panel/dom.js";
import { personsOf } from "./classes.js";
import { bars } from "./panel.js";

/** @param {Region} app */
export function render(app) {
  const { texts, say } = app, box = byId("card"), row = texts.rows[app.picked];
  box.hidden = !row;
  if (!row) return;
  const { figures, failure } = row;
  fill(box,
    el("button", { type: "button", class: "close", "aria-label": say.t("close"), title: say.t("close"), "data-testid": "card-close", text: "×", on: { click: () => app.pick(-1) } }),
    el("h2", { id: "card-title" }, name(say.of(row.name, row.key))),
    el("p", { class: "hint" }, name([row.code, row.key].filter(Boolean).join(" · "))),
    ...(figures ? done(app, figures) : []),
    failure && el("p", { class: "warning", "data-testid": "card-failed" }, el("strong", { text: `${say.t("overview_failed")} (${say.of(failure.stage)})${say.colon}` }), name(say.of(failure.message))),
    failure && el("p", { class: "hint", text: say.t("overview_failed_hint") }));
}

/** @param {Region} app
 @param {Figures} figures
 @returns {HTMLElement[]} */
function done(app, figures) {
  const { texts, say } = app, ranked = texts.rows.length - texts.totals.failed, blank = figures.services.filter((one) => one.state === "no_data").length;
  const share = say.percent(figures.share), count = figures.known;
  const lead = figures.share === null ? say.t("answer_unknown") : say.t(blank ? "answer_known" : "answer_all", { share, count });
  const rows = texts.services.map((service, k) => ({ ...service, ...figures.services[k], k })).filter((one) => one.state);
  return [
    el("p", { class: "lead", "data-testid": "card-lead", text: lead }),
    el("p", { text: [personsOf(app, figures.persons), say.t("residence_count", { count: say.count(figures.residences) }), say.t("overview_rank", { rank: figures.rank, all: ranked })].join(" · ") }),
    ...(figures.unknown > 0 ? [el("p", { class: "hint", text: say.t("unknown_part", { persons: say.count(figures.unknown) }) })] : []),
    el("div", { "data-testid": "card-services" }, ...bars(app, rows)),
    ...next(app, figures),
    el("a", { class: "to-map", href: encodeURIComponent(figures.map), "data-testid": "card-map", text: say.t("overview_open_map") }),
  ];
}

/** The best single new point of a district.
 @param {Region} app
 @param {Figures} figures
 @returns {HTMLElement[]} */
function next(app, { next: point }) {
  const { texts, say } = app;
  if (!point) return [];
  const services = point.services.map((k) => say.of(texts.services[k])).join(say.comma);
  return [el("div", { class: "next", "data-testid": "card-next" }, el("div", { class: "strong", text: say.t("overview_next") }),
    el("div", {}, name(say.t("overview_next_gain", { place: point.place, services, persons: personsOf(app, point.persons) }))))];
}

