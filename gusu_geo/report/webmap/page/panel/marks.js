/* Symbols of the map as they stand in the panel, beside labels. */
import { CANDIDATE, GAIN, GREY, HATCH, LOSS, ink, rim } from "../drawing/colours.js";
import { BARE, LINK } from "../drawing/survey.js";
import { venueColour, venueLetter } from "../drawing/symbols.js";
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

/** Lines of the symbols of kinds of places, in a box of 18.
 @type {Record<import("../engine/finder.js").Kind, string>} */
const KIND = {
  street: "M4 17 L7 1 M14 17 L11 1 M9 3 V6 M9 8 V11 M9 13 V16", zone: "M2 5 L9 2 L16 6 L14 15 L5 16 Z", compound: "M2 2 H16 V16 H11 M7 16 H2 V2", place: "M9 2 A7 7 0 1 1 8.9 2 M9 7 V11 M7 9 H11",
  station: "M4 2 H14 V13 H4 Z M4 8 H14 M6 13 L4 17 M12 13 L14 17", park: "M9 17 V10 M9 2 L15 11 H3 Z", water: "M1 6 Q5 2 9 6 T17 6 M1 12 Q5 8 9 12 T17 12",
  landmark: "M9 1 L11 7 H17 L12 11 L14 17 L9 13 L4 17 L6 11 L1 7 H7 Z", venue: "M9 17 L4 9 A6 6 0 1 1 14 9 Z", home: "M2 9 L9 2 L16 9 M4 8 V16 H14 V8",
};

/** A kind of place that a search finds.
 @param {import("../engine/finder.js").Kind} kind */
export const kindMark = (kind) => svg("svg", { class: "badge", viewBox: "0 0 18 18", "aria-hidden": "true" },
  svg("path", { d: KIND[kind], fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linejoin": "round" }));
