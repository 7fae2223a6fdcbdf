/* Symbols of the map as they stand in the panel, beside labels. */
import { CANDIDATE, GAIN, GREY, HATCH, LOSS, ink, rim } from "../drawing/colours.js";
import { BARE, LINK } from "../drawing/survey.js";
import { venueColour, venueLetter } from "../drawing/symbols.js";
import { svg } from "./dom.js";

/** The symbol of a service.
 @param {number} k */
export function badge(k) {
  const shape = k % 2
    ? svg("rect", { x: 1.5, y: 1.5, width: 15, height: 15, fill: venueColour(k) })
    : svg("circle", { cx: 9, cy: 9, r: 8, fill: venueColour(k) });
  return svg("svg", { class: "badge", viewBox: "0 0 18 18", "aria-hidden": "true" }, shape,
    svg("text", { x: 9, y: 12.8, "text-anchor": "middle", text: venueLetter(k) }));
}

/** A missing link. */
export const linkMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("path", { d: "M5 9 H19", stroke: LINK, "stroke-width": 2.6, "stroke-dasharray": "4 2.5" }),
  ...[4, 20].map((cx) => svg("circle", { cx, cy: 9, r: 2.6, fill: LINK })));

/** Uncovered ground. */
export const bareMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("rect", { x: 1, y: 1, width: 22, height: 16, rx: 2, fill: BARE, "fill-opacity": 0.1 }),
  ...[["1 9", "9 17"], ["2 1", "18 17"], ["11 1", "23 13"]].map(([from, to]) => svg("path", { d: `M${from} L${to}`, stroke: BARE, "stroke-opacity": 0.6 })));

/** A building on commercial ground. */
export const mixedMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("rect", { x: 2, y: 2, width: 20, height: 14, class: "mixed-mark", "stroke-dasharray": "3 2" }));

/** A band of streets in reach.
 @param {string} colour */
export const bandMark = (colour) => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("path", { d: "M2 9 H22", stroke: colour, "stroke-width": 5 }));

/** The rim of a home that gains (1) or loses (-1).
 @param {number} sign */
export function turnMark(sign) {
  const rim = { x: 2.5, y: 2.5, width: 13, height: 13, fill: "none", stroke: sign > 0 ? GAIN : LOSS, "stroke-width": 2.4, "stroke-dasharray": sign > 0 ? false : "3.4 2.4" };
  return svg("svg", { class: "badge", viewBox: "0 0 18 18", "aria-hidden": "true" }, svg("rect", rim));
}

/** A home that nobody calls one: its rim is broken. */
export const assumedMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("rect", { x: 2, y: 2, width: 20, height: 14, fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-dasharray": "2.5 2.5" }));

/** A place that a plan chose from. */
export const candidateMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("path", { d: "M12 4 L17 9 L12 14 L7 9 Z", fill: "none", stroke: CANDIDATE, "stroke-width": 1.8 }));

/** Hexagons: small where few live, large where many do. */
export const hexagonMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  ...[[6, 4], [16, 7.5]].map(([cx, r]) => svg("path", { d: `M${Array.from({ length: 6 }, (_, i) => `${(cx + r * Math.cos(Math.PI / 6 + (i * Math.PI) / 3)).toFixed(1)} ${(9 + r * Math.sin(Math.PI / 6 + (i * Math.PI) / 3)).toFixed(1)}`).join(" L")} Z`, fill: HATCH.line, stroke: GREY })));

/** A colour class of homes; hatched without a colour.
 @param {string | undefined} colour
 @param {string} text */
export function swatch(colour, text) {
  const hatch = colour ? [] : [3, 9, 15].map((d) => svg("path", { d: `M${d} 17 L${d + 8} 1`, stroke: HATCH.line }));
  return svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
    svg("rect", { x: 1, y: 1, width: 22, height: 16, rx: 2, fill: colour ?? HATCH.ground, stroke: colour ? rim(colour) : GREY }),
    ...hatch,
    svg("text", { x: 12, y: 13, "text-anchor": "middle", fill: colour ? ink(colour) : "#333", text }));
}
