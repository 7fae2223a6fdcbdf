/* How each kind of name is written, and in how many rows. */
import { FONT } from "./symbols.js";

/** @typedef {{ order: number, ink: keyof import("./palette.js").Palette["ink"], size: number, weight?: number, zoom?: number, dot?: boolean }} LabelStyle */

/** In this order names take their place. zoom: from which a line is named; dot: the name stands beside its point.
 @type {Record<string, LabelStyle>} */
export const STYLES = {
  town: { order: 1, ink: "place", size: 15, weight: 700 },
  quarter: { order: 2, ink: "place", size: 13, weight: 600 },
  island: { order: 3, ink: "place", size: 12 },
  trunk: { order: 4, ink: "street", size: 12, weight: 600, zoom: 12 },
  primary: { order: 5, ink: "street", size: 12, weight: 600, zoom: 13 },
  water: { order: 6, ink: "water", size: 12 },
  waterway: { order: 7, ink: "water", size: 11.5, zoom: 13 },
  station: { order: 8, ink: "station", size: 11.5, weight: 600, dot: true },
  secondary: { order: 9, ink: "street", size: 11.5, zoom: 13.75 },
  park: { order: 10, ink: "green", size: 11.5 },
  landmark: { order: 11, ink: "landmark", size: 11.5, dot: true },
  tertiary: { order: 12, ink: "street", size: 11.5, zoom: 14.5 },
  compound: { order: 13, ink: "place", size: 11.5 },
  locality: { order: 14, ink: "place", size: 11 },
  street: { order: 15, ink: "street", size: 11, zoom: 15.5 },
  stream: { order: 17, ink: "water", size: 11, zoom: 15 },
  path: { order: 18, ink: "street", size: 10.5, zoom: 16.5 },
  entrance: { order: 19, ink: "station", size: 10.5, dot: true },
  house: { order: 20, ink: "landmark", size: 10.5, dot: true },
};
/** @type {LabelStyle} */
export const ZONE = { order: 0, ink: "zone", size: 12, weight: 600 };
/** @type {LabelStyle} */
export const VENUE = { order: 16, ink: "venue", size: 11 };
const LETTERS = 34, ROW_LETTERS = 16; // longer names are cut, or stand in two rows

/** @param {LabelStyle} style */
export const fontOf = ({ weight = 500, size }) => `${weight} ${size}px ${FONT}`;

/** @param {string} text */
export function shortened(text) {
  const letters = [...text];
  return letters.length > LETTERS ? `${letters.slice(0, LETTERS - 1).join("")}…` : text;
}

/** A long name in two rows, parted at the space nearest its middle.
 @param {string} text */
export function rowsOf(text) {
  if (text.length <= ROW_LETTERS) return [text];
  const spaces = [...text.matchAll(/ /g)].map((found) => found.index ?? 0), middle = text.length / 2;
  if (!spaces.length) return [text];
  const at = spaces.reduce((best, space) => (Math.abs(space - middle) < Math.abs(best - middle) ? space : best));
  return [text.slice(0, at), text.slice(at + 1)];
}
