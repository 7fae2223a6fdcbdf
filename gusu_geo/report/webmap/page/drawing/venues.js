/* Venues, proposed sites and the places they were chosen from. */
import { CANDIDATE } from "./colours.js";
import { centred, diamond, star, venueSymbol } from "./symbols.js";

const CANDIDATE_PX = 4; // places that a plan chose from, hollow

export const STREET_ZOOM = 16.5; // from here on all venues are shown and named, unless a service was chosen

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
  for (let i = 0; i < layer.model.texts.sites.length; i++) {
    const [x, y] = siteXY(layer, i);
    star(pen, x, y, 15);
    pen.fillStyle = "#f6b800";
    pen.strokeStyle = "#3b2c00";
    pen.lineWidth = 1.6;
    pen.fill();
    pen.stroke();
    centred(pen, 700, 11);
    pen.fillStyle = "#1d1600";
    pen.fillText(String(i + 1), x, y + 1);
  }
}
