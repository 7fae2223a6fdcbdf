/* Complaints of compounds in a funnel plot: what is expected across, seen over expected upward, and the limits of chance. */
import { COMPOUND } from "../engine/constants.js";
import { zonesOf } from "../engine/district.js";
import { el, fill, name, svg } from "./dom.js";
import { number } from "./rates.js";

const WIDE = 374, HIGH = 236, LEFT = 30, RIGHT = 8, TOP = 24, FOOT = 34;
const LEAST_TOP = 2, NAMED = 8;

/** @typedef {Complaint & { complaints: number, expected: number, ratio: number }} Dot */

/** @param {App} app */
export function render(app) {
  const { model, say } = app, { complaints: held } = model.texts.summary, { funnel } = model.texts;
  if (!held || !funnel) return;
  const dots = held.rows.flatMap((row) => (row.complaints === null || !row.expected ? [] : [/** @type {Dot} */ ({ ...row, ratio: row.complaints / row.expected })]));
  const of = (/** @type {string} */ side) => dots.filter(({ outside }) => outside === side);
  fill("complaints",
    el("p", { class: "hint", text: say.t("funnel_hint", { standard: held.standard || say.t("funnel_everywhere") }) }),
    funnel.expected.length > 0 && plot(app, dots, funnel),
    ...list(app, "funnel_black", of("black")), ...list(app, "funnel_red", of("red")),
    el("p", { class: "hint", "data-testid": "funnel-rest", text: say.t("funnel_rest", { count: say.count(dots.length - of("black").length - of("red").length), unknown: say.count(held.unknown.length) }) }));
}

/** @param {App} app
 @param {Dot[]} dots
 @param {Funnel} funnel */
function plot({ say }, dots, funnel) {
  const most = funnel.expected[funnel.expected.length - 1], peak = Math.min(Math.max(LEAST_TOP, ...dots.map(({ ratio }) => ratio * 1.08)), 6);
  const x = (/** @type {number} */ expected) => LEFT + (WIDE - LEFT - RIGHT) * (expected / most), y = (/** @type {number} */ ratio) => HIGH - FOOT - (HIGH - FOOT - TOP) * (Math.min(ratio, peak) / peak);
  const shown = (/** @type {number[]} */ ratios) => ratios.flatMap((ratio, i) => (ratio > 0 && ratio <= peak ? [`${x(funnel.expected[i]).toFixed(1)} ${y(ratio).toFixed(1)}`] : []));
  const curve = (/** @type {number[]} */ ratios, /** @type {string} */ kind) => shown(ratios).length > 1 && svg("path", { class: `limit ${kind}`, d: `M${shown(ratios).join(" L")}` });
  const step = niceStep(most), ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step), ups = Array.from({ length: Math.floor(peak) + 1 }, (_, i) => i);
  const outside = dots.filter((dot) => dot.outside === "black" || dot.outside === "red"), summary = say.t("funnel_plot", { all: say.count(dots.length), outside: say.count(outside.length) });
  return svg("svg", { class: "funnel", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": summary, "data-testid": "funnel" },
    ...ups.flatMap((up) => [svg("path", { class: up === 1 ? "even" : "grid", d: `M${LEFT} ${y(up)} H${WIDE - RIGHT}` }), svg("text", { x: LEFT - 5, y: y(up) + 3.5, "text-anchor": "end", text: String(up) })]),
    ...ticks.map((tick) => svg("text", { x: x(tick), y: HIGH - FOOT + 13, "text-anchor": "middle", text: String(tick) })),
    curve(funnel.high_998, "outer"), curve(funnel.low_998, "outer"), curve(funnel.high_95, "inner"), curve(funnel.low_95, "inner"),
    ...dots.filter((dot) => !outside.includes(dot)).map((dot) => svg("circle", { class: "dot", cx: x(dot.expected).toFixed(1), cy: y(dot.ratio).toFixed(1), r: 2.4 })),
    ...outside.map((dot) => svg(dot.outside === "black" ? "rect" : "circle", { class: `dot ${dot.outside}`, ...(dot.outside === "black" ? { x: (x(dot.expected) - 3.6).toFixed(1), y: (y(dot.ratio) - 3.6).toFixed(1), width: 7.2, height: 7.2 } : { cx: x(dot.expected).toFixed(1), cy: y(dot.ratio).toFixed(1), r: 4 }) })),
    ...outside.slice(0, NAMED).map((dot) => svg("text", { class: "named", x: x(dot.expected) + (x(dot.expected) > WIDE / 2 ? -7 : 7), y: y(dot.ratio) + 3.5, "text-anchor": x(dot.expected) > WIDE / 2 ? "end" : "start", text: short(dot.name || dot.id) })),
    svg("text", { x: WIDE - RIGHT, y: HIGH - 6, "text-anchor": "end", text: say.t("funnel_across") }), svg("text", { x: 2, y: 11, text: say.t("funnel_up") }));
}

/** @param {string} text */
const short = (text) => ([...text].length > 12 ? `${[...text].slice(0, 11).join("")}…` : text);

/** A round number that divides the axis in four to eight.
 @param {number} most */
function niceStep(most) {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return [5, 2, 1].map((times) => times * power).find((size) => most / size >= 4) ?? power;
}

/** Compounds outside the 99.8 % limits on one side; a name leads to the compound.
 @param {App} app
 @param {string} key
 @param {Dot[]} dots */
function list({ model, say, act }, key, dots) {
  if (!dots.length) return [];
  const zones = zonesOf(model.texts, COMPOUND), { ids } = model.texts.outlines;
  const go = (/** @type {string} */ id) => (zones.has(id) ? () => act.showZone(zones.get(id) ?? -1) : ids.includes(id) ? () => act.showCompound(ids.indexOf(id)) : null);
  return [el("h3", { text: say.t(key) }), el("ul", { class: "plain", "data-testid": key }, ...dots.map((dot) => {
    const click = go(dot.id), title = dot.name || dot.id;
    return el("li", {}, click ? el("button", { type: "button", class: "link", "aria-label": say.t("zoom_to", { name: title }), on: { click } }, name(title)) : name(title),
      el("span", { class: "hint", text: ` ${say.t("funnel_one", { count: say.count(dot.complaints), expected: number(dot.expected), ratio: number(dot.ratio) })}` }));
  }))];
}
