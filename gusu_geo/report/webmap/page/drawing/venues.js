/* Venues, proposed sites and the places they were chosen from. */
import { isAdopted } from "../engine/sites.js";
import { CANDIDATE } from "./colours.js";

const CANDIDATE_PX = 4; // places that a plan chose from, hollow

export const STREET_ZOOM = 16.5; // from here on all venues are shown and named, unless a service was chosen
import { centred, diamond, roundedBox, star, venueSymbol } from "./symbols.js";

/** How many symbols stand before each at the same place.
 @param {Int32Array} x
 @param {Int32Array} y */
export function slots(x, y) {
  /** @type {Map<string, number>} */
  const taken = new Map();
  const out = new Int32Array(x.length);
  for (let f = 0; f < x.length; f++) {
    const key = `${x[f]},${y[f]}`;
    out[f] = taken.get(key) ?? 0;
    taken.set(key, out[f] + 1);
  }
  return out;
}

/** Symbols of one place that offers several services stand side by side.
 @param {ReviewLayer} layer
 @param {number} f
 @returns {XY} */
export function venueXY(layer, f) {
  const { s, bx, by } = layer.scope, a = layer.model.arrays;
  return [a.venue_x[f] * s + bx + layer.slots[f] * venueSize(layer) * 1.7, by - a.venue_y[f] * s];
}

/** Letters where there is room for them: zoomed in, or few venues in all.
 @param {ReviewLayer} layer */
function venueSize(layer) {
  return layer.scope.zoom >= 15 || layer.shownVenues <= 60 ? 7.5 : 3.5;
}

/** @param {ReviewLayer} layer
 @param {number} f */
export function venueShown(layer, f) {
  const { venues, near } = layer.view;
  return venues.has(layer.model.arrays.venue_service[f]) || near.has(f) || (!venues.size && layer.scope.zoom >= STREET_ZOOM);
}

/** @param {ReviewLayer} layer */
export function paintVenues(layer) {
  const { arrays } = layer.model, pen = layer.pen;
  layer.shownVenues = 0;
  for (let f = 0; f < arrays.venue_x.length; f++) if (venueShown(layer, f)) layer.shownVenues++;
  const size = venueSize(layer);
  for (let f = 0; f < arrays.venue_x.length; f++) {
    if (!venueShown(layer, f)) continue;
    const near = layer.view.near.has(f), [x, y] = venueXY(layer, f), k = arrays.venue_service[f];
    venueSymbol(pen, k, x, y, near ? Math.max(size, 8.5) : size, near);
  }
}

/** @param {ReviewLayer} layer
 @param {number} i
 @returns {XY} */
export function siteXY(layer, i) {
  const { s, bx, by } = layer.scope, a = layer.model.arrays;
  return [a.site_x[i] * s + bx, by - a.site_y[i] * s];
}

/** @param {ReviewLayer} layer */
export function paintSites(layer) {
  const pen = layer.pen, { candidate_x: cx, candidate_y: cy } = layer.model.arrays, { s, bx, by } = layer.scope;
  const trace = (/** @type {number} */ i) => diamond(pen, cx[i] * s + bx, by - cy[i] * s, CANDIDATE_PX);
  for (const { colour, width } of [{ colour: "#fff", width: 2.8 }, { colour: CANDIDATE, width: 1.3 }]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    layer.inPortions([...cx.keys()], trace, () => pen.stroke());
  }
  paintStars(layer);
}

const STAR_PX = 15, BADGE_PX = 9; // half the size of a star, half the height of what stands beside it

/** Stars with their numbers, and beside each what it brings, where that covers no other.
 @param {ReviewLayer} layer */
function paintStars(layer) {
  const { pen, model, view, lab } = layer, old = model.texts.plan?.old, changes = lab?.history.now.changes ?? [];
  const stars = model.texts.sites.map((_, i) => siteXY(layer, i));
  stars.forEach(([x, y], i) => {
    const taken = isAdopted(model, changes, i);
    star(pen, x, y, STAR_PX);
    pen.fillStyle = taken ? "#0a7d34" : old ? "#d5d9dd" : "#f6b800";
    pen.strokeStyle = taken ? "#fff" : old ? "#3b444d" : "#3b2c00";
    pen.lineWidth = view.site === i ? 3 : 1.6;
    pen.fill();
    pen.stroke();
    centred(pen, 700, 11);
    pen.fillStyle = taken ? "#fff" : "#1d1600";
    pen.fillText(String(i + 1), x, y + 1);
  });
  siteBoxes(layer).badges.forEach((box, i) => {
    if (!box) return; // the list of the panel has it
    const words = view.siteGain(i);
    centred(pen, 700, 12);
    roundedBox(pen, box[0], box[1], box[2] - box[0], box[3] - box[1], 5);
    pen.fillStyle = "#fff";
    pen.strokeStyle = old ? "#3b444d" : "#3b2c00";
    pen.lineWidth = 1.2;
    pen.fill();
    pen.stroke();
    pen.fillStyle = "#1d1600";
    pen.fillText(words, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2 + 1);
  });
}

/** @typedef {[number, number, number, number]} Box left, top, right, bottom */

/** What stars and the badges beside them take; null for a badge without room.
 @param {ReviewLayer} layer
 @returns {{ stars: Box[], badges: (Box | null)[] }} */
export function siteBoxes(layer) {
  const { pen, model, view } = layer, places = model.texts.sites.map((_, i) => siteXY(layer, i));
  /** @type {Box[]} */
  const stars = places.map(([x, y]) => [x - STAR_PX, y - STAR_PX, x + STAR_PX, y + STAR_PX]), taken = [...stars];
  centred(pen, 700, 12);
  const badges = places.map(([x, y], i) => {
    const box = freeBox(taken, x, y, pen.measureText(view.siteGain(i)).width + 10);
    if (box) taken.push(box);
    return box;
  });
  return { stars, badges };
}

/** A place for a badge of so many pixels beside a star: right, left, below or above it; null where all are taken.
 @param {Box[]} taken
 @param {number} x
 @param {number} y
 @param {number} width
 @returns {Box | null} */
export function freeBox(taken, x, y, width) {
  const away = STAR_PX + 3, half = width / 2;
  for (const [cx, cy] of [[x + away + half, y], [x - away - half, y], [x, y + away + BADGE_PX], [x, y - away - BADGE_PX]]) {
    /** @type {Box} */
    const box = [cx - half, cy - BADGE_PX, cx + half, cy + BADGE_PX];
    if (!taken.some((one) => one[0] < box[2] && one[2] > box[0] && one[1] < box[3] && one[3] > box[1])) return box;
  }
  return null;
}
