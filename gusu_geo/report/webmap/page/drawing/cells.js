/* Signals by zone: how its rate stands to that of the district, clusters, and zones that stand out alone. */
import { inside } from "../engine/shapes.js";
import { cellsOf, relativeClass } from "../engine/district.js";
import { RELATIVE } from "./colours.js";
import { hatch } from "./symbols.js";

const OUTLINE_PX = 3.5;
const CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳";
/** @type {Record<string, string>} */
export const ALONE = { high: "▲", low: "▽" };

/** The number of a cluster in a circle.
 @param {number} number */
export const clusterMark = (number) => CIRCLED[number - 1] ?? `(${number})`;

/** @param {ReviewLayer} layer */
const cells = (layer) => (layer.signals ??= cellsOf(layer.model.texts));

/** The fill of each zone; hatched where its rate is unknown.
 @param {ReviewLayer} layer */
export function paintCells(layer) {
  const { pen, shapes: { zone } } = layer;
  pen.save();
  pen.globalAlpha = 0.72;
  pen.strokeStyle = layer.palette.zone;
  pen.lineWidth = 0.8;
  for (const [i, { relative }] of cells(layer)) {
    if (!layer.seen(zone.box, i)) continue;
    pen.beginPath();
    layer.traceShape(zone, i);
    pen.fillStyle = RELATIVE[relativeClass(relative)] ?? (layer.unknown ??= hatch(pen));
    pen.fill("evenodd");
    pen.stroke();
  }
  pen.restore();
}

/** A line round each cluster; a broken one within a zone that is high by itself.
 @param {ReviewLayer} layer */
export function paintOutlines(layer) {
  const { shapes: { zone } } = layer, all = [...cells(layer)];
  const clusters = new Set(all.flatMap(([, { cluster }]) => (cluster ? [cluster] : [])));
  for (const cluster of clusters) stroke(layer, all.flatMap(([i, cell]) => (cell.cluster === cluster ? [i] : [])), true);
  for (const [i, { alone, cluster }] of all) if (alone === "high" && !cluster && layer.seen(zone.box, i)) stroke(layer, [i], false);
}

/** Round zones together, on their outer side: what lies between two of them stays free. Or within one, in dashes.
 @param {ReviewLayer} layer
 @param {number[]} ixs
 @param {boolean} outside */
function stroke(layer, ixs, outside) {
  const { pen, shapes: { zone }, _container: { width, height } } = layer;
  const trace = () => { for (const i of ixs) layer.traceShape(zone, i); };
  pen.save();
  pen.beginPath();
  if (outside) pen.rect(0, 0, width, height);
  trace();
  pen.clip("evenodd");
  pen.beginPath();
  trace();
  pen.lineJoin = "round";
  const [under, over] = layer.onDark ? ["#11181f", "#fff"] : ["#fff", "#1d1147"];
  for (const [colour, wide] of /** @type {[string, number][]} */ ([[under, outside ? OUTLINE_PX + 1.5 : OUTLINE_PX], [over, outside ? OUTLINE_PX : OUTLINE_PX - 1.5]])) {
    pen.strokeStyle = colour;
    pen.lineWidth = 2 * wide;
    pen.setLineDash(outside || colour === under ? [] : [8, 5]);
    pen.stroke();
  }
  pen.restore();
}

/** What stands behind the name of zone i: how many times the district's rate, its cluster, and whether it stands out alone.
 @param {ReviewLayer} layer
 @param {number} i */
export function cellNote(layer, i) {
  const cell = layer.view.on.signals ? cells(layer).get(i) : undefined;
  if (!cell) return "";
  return ` ${cell.relative === null ? "?" : `${cell.relative.toFixed(1)}×`}${cell.alone && ` ${ALONE[cell.alone]}`}${cell.cluster ? ` ${clusterMark(cell.cluster)}` : ""}`;
}

/** The zone with signals at a point in units.
 @param {ReviewLayer} layer
 @param {number} x
 @param {number} y
 @returns {Hit | null} */
export function findCell(layer, x, y) {
  for (const [i] of cells(layer)) if (inside(layer.shapes.zone, i, x, y)) return { kind: "cell", ix: i };
  return null;
}
