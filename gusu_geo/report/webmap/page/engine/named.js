/* What on the map has a name: lines, and points as lines of one vertex; and which of them are one place. */
import { LABEL_KINDS, LABEL_STEPS } from "./constants.js";
import { lines } from "./shapes.js";

/** @typedef {"street" | "place" | "station" | "park" | "water" | "landmark"} PlaceKind */
/** @typedef {[number, number, number, number]} Extent west, south, east, north, in units */
/** Pieces of one name and kind that lie near one another: one street, one park. size: its length or width, in units.
 @typedef {{ kind: PlaceKind, name: number, pieces: number[], extent: Extent, size: number }} NamedPlace */

/** As what a named thing is found; the names of compounds are those of their outlines, entrances and numbers are none to look for.
 @type {Record<string, PlaceKind>} */
const FOUND_AS = {
  trunk: "street", primary: "street", secondary: "street", tertiary: "street", street: "street", path: "street",
  waterway: "water", stream: "water", water: "water", park: "park", station: "station", landmark: "landmark",
  town: "place", quarter: "place", island: "place", locality: "place",
};
const WIDE_PX = 44; // an area is named from the zoom on at which it is so wide
const PIXEL_M = 156543.03; // of Web Mercator at zoom 0
const NEAR_M = 400; // pieces of one name farther apart are two places

/** The lines of the map that have a name, and after them the points, each with the box of what it names.
 @param {Arrays} arrays
 @param {number} unit_m
 @returns {Lines} */
export function named(arrays, unit_m) {
  const signs = lines(arrays, "sign"), { spot_x, spot_y, spot_zoom } = arrays, count = signs.count + spot_x.length;
  const all = { x: joined(signs.x, spot_x), y: joined(signs.y, spot_y), start: new Int32Array(count + 1), count, box: new Float64Array(4 * count) };
  all.start.set(signs.start);
  all.box.set(signs.box);
  spot_x.forEach((east, i) => {
    const half = (WIDE_PX * PIXEL_M) / 2 ** (spot_zoom[i] / LABEL_STEPS) / unit_m / 2, north = spot_y[i];
    all.start[signs.count + i + 1] = signs.x.length + i + 1;
    all.box.set([east - half, north - half, east + half, north + half], 4 * (signs.count + i));
  });
  return all;
}

/** @param {Int32Array} one
 @param {Int32Array} other */
function joined(one, other) {
  const out = new Int32Array(one.length + other.length);
  out.set(one);
  out.set(other, one.length);
  return out;
}

/** The places that can be looked for, by kind and name.
 @param {Lines} all those of `named`
 @param {Arrays} arrays
 @param {number} unit_m
 @returns {NamedPlace[]} */
export function placesOf(all, { sign_kind, sign_name, spot_kind, spot_name }, unit_m) {
  const kinds = joined(sign_kind, spot_kind), names = joined(sign_name, spot_name);
  /** @type {Map<string, number[]>} */
  const alike = new Map();
  for (let i = 0; i < all.count; i++) {
    const kind = FOUND_AS[LABEL_KINDS[kinds[i]]], key = `${kind} ${names[i]}`, pieces = alike.get(key);
    if (pieces) pieces.push(i);
    else if (kind) alike.set(key, [i]);
  }
  return [...alike.values()].flatMap((pieces) => clusters(all, pieces, NEAR_M / unit_m).map((part) => (
    { kind: FOUND_AS[LABEL_KINDS[kinds[part[0]]]], name: names[part[0]], pieces: part, ...measured(all, part) })));
}
/** Pieces whose boxes are near each other, directly or by others between.
 @param {Lines} lines
 @param {number[]} pieces
 @param {number} near */
function clusters({ box }, pieces, near) {
  const left = new Set(pieces), out = [];
  const apart = (/** @type {number} */ a, /** @type {number} */ b) => Math.max(
    box[4 * a] - box[4 * b + 2], box[4 * b] - box[4 * a + 2], box[4 * a + 1] - box[4 * b + 3], box[4 * b + 1] - box[4 * a + 3]);
  for (const first of pieces) {
    if (!left.delete(first)) continue;
    const part = [first];
    for (const one of part) { // grows while it is walked
      for (const other of left) {
        if (apart(one, other) > near) continue;
        left.delete(other);
        part.push(other);
      }
    }
    out.push(part);
  }
  return out;
}

/** @param {Lines} lines
 @param {number[]} pieces */
function measured({ x, y, start, box }, pieces) {
  /** @type {Extent} */
  const extent = [Infinity, Infinity, -Infinity, -Infinity];
  let size = 0;
  for (const e of pieces) {
    for (const side of [0, 1]) {
      extent[side] = Math.min(extent[side], box[4 * e + side]);
      extent[side + 2] = Math.max(extent[side + 2], box[4 * e + side + 2]);
    }
    for (let v = start[e]; v + 1 < start[e + 1]; v++) size += Math.hypot(x[v + 1] - x[v], y[v + 1] - y[v]);
    if (start[e + 1] - start[e] === 1) size += box[4 * e + 2] - box[4 * e];
  }
  return { extent, size };
}
