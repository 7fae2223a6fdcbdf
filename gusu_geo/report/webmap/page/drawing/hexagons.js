/* Homes summed in hexagons, where single ones would run together. */
import { cellAt, cells, summed } from "../engine/hexagons.js";
import { BY_MISSING } from "../engine/model.js";
import { turnRim } from "./homes.js";
import { GREY, classColours, rim } from "./colours.js";
import { hatch, hexagon } from "./symbols.js";

const WIDE_PX = 20; // a hexagon at whole and half zooms
const SEEN_PX = 5; // the home in the middle, at least this wide, is seen as one
const SHARED = 2; // homes of a hexagon on average: with fewer nothing runs together
const NEARBY_M = 12; // width of a home without an outline, in metres of the map
const SEEN_HATCH_PX = 1.8; // at least so much of the hatching is seen around the colour
const FULL = 0.9; // of all hexagons so many hold fewer persons than one that is drawn full

/** Whether homes are drawn as hexagons now: the person at the page wants it, and at this zoom they
 would run together.
 @param {ReviewLayer} layer */
export const merged = (layer) => layer.view.hexagons && mergeable(layer);

/** Whether single homes would run together at this zoom.
 @param {ReviewLayer} layer */
export function mergeable(layer) {
  if (layer.typical < 0) layer.typical = typicalWidth(layer);
  const zoom = layer._map?.getZoom() ?? layer.scope.zoom;
  return layer.typical * scaleAt(layer, zoom) < SEEN_PX && layer.model.homes >= SHARED * cellsOf(layer, zoom).count;
}

/** Pixels of a unit.
 @param {ReviewLayer} layer
 @param {number} zoom */
const scaleAt = ({ model }, zoom) => (256 * 2 ** zoom * model.texts.grid.unit_m) / (2 * Math.PI * 6378137);

/** The width of the home in the middle of all, in units.
 @param {ReviewLayer} layer */
function typicalWidth({ model, shapes: { foot } }) {
  const widths = new Float64Array(model.homes);
  for (let r = 0; r < model.homes; r++) {
    const drawn = foot.ring[r + 1] > foot.ring[r], b = 4 * r;
    widths[r] = drawn ? Math.max(foot.box[b + 2] - foot.box[b], foot.box[b + 3] - foot.box[b + 1]) : NEARBY_M / model.texts.grid.unit_m;
  }
  return widths.sort()[model.homes >> 1] ?? 0;
}

/** Hexagons of one size for each half zoom.
 @param {ReviewLayer} layer
 @param {number} zoom */
function cellsOf(layer, zoom) {
  const { home_x: x, home_y: y } = layer.model.arrays, width = WIDE_PX / scaleAt(layer, Math.round(2 * zoom) / 2);
  if (layer.cells?.width !== width) layer.cells = cells(x, y, width);
  return layer.cells;
}

/** Hexagons and their sums, of the verdict, group and filter that are shown.
 @param {ReviewLayer} layer */
export function hexagons(layer) {
  const { model, view } = layer, set = cellsOf(layer, layer._map?.getZoom() ?? layer.scope.zoom);
  const key = [model.version, view.colour, view.only, set.width].join();
  if (layer.hexes?.key !== key) {
    const homes = { group: model.classes(view.colour), persons: model.arrays.persons, shown: model.lacking(view.only), missing: view.colour === BY_MISSING ? model.missing : null };
    const sums = summed(set, homes, classColours(view.colour).length), sorted = sums.persons.filter((_, c) => sums.homes[c] > 0).sort();
    layer.hexes = { ...sums, key, full: sorted[Math.floor(FULL * sorted.length)] || 1 };
  }
  return { set, sums: layer.hexes };
}

/** From the middle of hexagon c to a corner, in pixels.
 @param {ReviewLayer} layer
 @param {number} c */
export function sizeOf(layer, c) {
  const { set, sums } = hexagons(layer), whole = (set.width * layer.scope.s) / Math.sqrt(3) - 0.6;
  return whole * (0.3 + 0.7 * Math.sqrt(Math.min(sums.persons[c] / sums.full, 1)));
}

/** Large where many live; hatched as far as persons are unknown.
 @param {ReviewLayer} layer */
export function paintHexagons(layer) {
  const { pen, view, scope: { s, bx, by, box } } = layer, { set, sums } = hexagons(layer), colours = classColours(view.colour);
  const margin = set.width, size = (/** @type {number} */ c) => sizeOf(layer, c);
  /** @type {number[][]} */
  const groups = Array.from({ length: colours.length + 1 }, () => []);
  for (let c = 0; c < set.count; c++) {
    const seen = set.x[c] >= box[0] - margin && set.x[c] <= box[2] + margin && set.y[c] >= box[1] - margin && set.y[c] <= box[3] + margin;
    if (seen && sums.homes[c]) groups[sums.group[c]].push(c);
  }
  const draw = (/** @type {number[]} */ some, /** @type {(c: number) => number} */ wide) => layer.inPortions(some, (c) => hexagon(pen, set.x[c] * s + bx, by - set.y[c] * s, wide(c)), () => {
    pen.fill();
    pen.stroke();
  });
  pen.lineWidth = 0.8;
  pen.fillStyle = layer.unknown ??= hatch(pen);
  pen.strokeStyle = GREY;
  draw(groups.flat().filter((c) => sums.known[c] < 1), size);
  colours.forEach((colour, group) => {
    pen.fillStyle = colour;
    pen.strokeStyle = rim(colour, layer.onDark);
    draw(groups[group], (c) => (sums.known[c] < 1 ? Math.min(size(c) * Math.sqrt(sums.known[c]), size(c) - SEEN_HATCH_PX) : size(c)));
  });
  if (layer.lab?.result) paintTurns(layer, groups.flat(), size, layer.lab.gains);
}

/** A rim says where homes gain or lose: green gains, dashed red, inside it, loses: where both do, both are seen.
 @param {ReviewLayer} layer
 @param {number[]} some
 @param {(c: number) => number} size
 @param {Int8Array} gains */
function paintTurns(layer, some, size, gains) {
  const { pen, model, view, scope: { s, bx, by } } = layer, { set } = hexagons(layer), shown = model.lacking(view.only);
  for (const sign of [1, -1]) {
    const turned = new Uint8Array(set.count);
    for (let r = 0; r < model.homes; r++) if (gains[r] === sign && (!shown || shown[r])) turned[set.of[r]] = 1;
    const trace = (/** @type {number} */ c) => hexagon(pen, set.x[c] * s + bx, by - set.y[c] * s, size(c) + (sign > 0 ? 0.8 : -2.2));
    layer.inPortions(some.filter((c) => turned[c]), trace, () => turnRim(pen, sign));
  }
}

/** @param {ReviewLayer} layer
 @param {number} ux
 @param {number} uy
 @returns {Hit | null} */
export function findHexagon(layer, ux, uy) {
  const { set, sums } = hexagons(layer), ix = cellAt(set, ux, uy);
  return ix >= 0 && sums.homes[ix] ? { kind: "hexagon", ix } : null;
}
