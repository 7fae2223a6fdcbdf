/* The legend: what the colours mean, and how many districts and persons each class holds. */
import { GREY, HATCH } from "../drawing/colours.js";
import { byId, el, fill, svg } from "../panel/dom.js";
import { swatch } from "../panel/marks.js";
import { COLOURS, FAILED, UNKNOWN, className, classOf, heads } from "./classes.js";

/** What has no share, as the map shows it: lines that rise and a broken rim where there is no result, lines that fall where nobody could be judged.
 @param {number} k */
const hatched = (k) => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("rect", { x: 1, y: 1, width: 22, height: 16, rx: 2, fill: HATCH.ground, stroke: GREY, "stroke-dasharray": k === FAILED ? "3 2" : false }),
  ...[2, 8, 14].map((x) => svg("path", { d: k === FAILED ? `M${x} 17 L${x + 8} 1` : `M${x} 1 L${x + 8} 17`, stroke: HATCH.line })));

/** @param {Region} app */
export function render(app) {
  const { texts, say } = app, rows = texts.rows.map((row) => ({ k: classOf(row), persons: row.figures?.persons ?? 0 }));
  const keys = [...COLOURS.keys(), UNKNOWN, FAILED].flatMap((k) => {
    const there = rows.filter((row) => row.k === k);
    if (k >= UNKNOWN && !there.length) return [];
    const persons = k === FAILED ? say.t("overview_persons_unknown") : heads(app, there.reduce((sum, row) => sum + row.persons, 0));
    return [el("div", { class: "key", "data-testid": `class-${k}` }, k < UNKNOWN ? swatch(COLOURS[k], "") : hatched(k), el("span", { text: className(app, k) }),
      el("span", { class: "number", text: `${there.length} · ${persons}` }))];
  });
  const open = byId("legend", HTMLDetailsElement).open;
  fill("legend", el("summary", { id: "legend-title", text: say.t("legend") }),
    el("p", { class: "hint", text: say.t(texts.totals.undetermined ? "overview_colour_known" : "overview_colour") }),
    el("p", { class: "hint right", text: say.t(texts.counted ? "overview_legend_head" : "overview_legend_head_est") }),
    el("div", { class: "keys" }, ...keys),
    rows.some((row) => row.k === FAILED) && el("p", { class: "hint", "data-testid": "legend-failed", text: say.t("overview_failed_hint") }));
  byId("legend", HTMLDetailsElement).open = open;
}
