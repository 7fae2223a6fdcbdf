/* Symbols of the map as they stand in the panel, beside labels. */
import { GAIN, LOSS } from "../drawing/sketch.js";
import { MIXED } from "../drawing/ground.js";
import { BARE, LINK } from "../drawing/survey.js";
import { ink, rim, venueColour, venueLetter } from "../drawing/symbols.js";
import { svg } from "./dom.js";

const STAR = `M${Array.from({ length: 10 }, (_, i) => {
  const angle = -Math.PI / 2 + (i * Math.PI) / 5, reach = i % 2 ? 4.8 : 9.2;
  return `${(reach * Math.cos(angle)).toFixed(1)} ${(reach * Math.sin(angle)).toFixed(1)}`;
}).join(" L")}Z`;

/** The symbol of a service.
 @param {number} k */
export function badge(k) {
  const shape = k % 2
    ? svg("rect", { x: 1.5, y: 1.5, width: 15, height: 15, fill: venueColour(k) })
    : svg("circle", { cx: 9, cy: 9, r: 8, fill: venueColour(k) });
  return svg("svg", { class: "badge", viewBox: "0 0 18 18", "aria-hidden": "true" }, shape,
    svg("text", { x: 9, y: 12.8, "text-anchor": "middle", text: venueLetter(k) }));
}

/** The star of a proposed site.
 @param {number} number */
export const siteMark = (number) => svg("svg", { class: "star", viewBox: "-10 -10 20 20", "aria-hidden": "true" },
  svg("path", { d: STAR, fill: "#f6b800", stroke: "#3b2c00" }), svg("text", { x: 0, y: 3.4, "text-anchor": "middle", text: String(number) }));

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
  svg("rect", { x: 2, y: 2, width: 20, height: 14, fill: MIXED.fill, stroke: MIXED.rim, "stroke-dasharray": "3 2" }));

/** A band of streets in reach.
 @param {string} colour */
export const bandMark = (colour) => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("path", { d: "M2 9 H22", stroke: colour, "stroke-width": 5 }));

/** The ring around a home that gains (1) or loses (-1).
 @param {number} sign */
export function turnMark(sign) {
  const ring = { cx: 9, cy: 9, r: 6.5, fill: "none", stroke: sign > 0 ? GAIN : LOSS, "stroke-width": 2.4, "stroke-dasharray": sign > 0 ? false : "3.4 2.4" };
  return svg("svg", { class: "badge", viewBox: "0 0 18 18", "aria-hidden": "true" }, svg("circle", ring));
}

/** A colour class of homes; hatched without a colour.
 @param {string | undefined} colour
 @param {string} text */
export function swatch(colour, text) {
  const hatch = colour ? [] : [3, 9, 15].map((d) => svg("path", { d: `M${d} 17 L${d + 8} 1`, stroke: "#9aa0a8" }));
  return svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
    svg("rect", { x: 1, y: 1, width: 22, height: 16, rx: 2, fill: colour ?? "#f0f0f0", stroke: colour ? rim(colour) : "#8a8f98" }),
    ...hatch,
    svg("text", { x: 12, y: 13, "text-anchor": "middle", fill: colour ? ink(colour) : "#333", text }));
}
