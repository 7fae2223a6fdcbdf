/* Homes: footprints or marks in the colour of their class, the chosen one, and which is near a point. */
import { BY_MISSING } from "../engine/model.js";
import { inside } from "../engine/shapes.js";
import { GAIN, GREY, LOSS, classColours, ink, rim } from "./colours.js";
import { TURN, centred, hatch, mark, penOf } from "./symbols.js";

const BROKEN = 17; // from this zoom on assumed homes have a broken rim
const NUMBER_PX = 14; // a footprint so wide has room for its number
const MANY = 20000; // homes in view: more are drawn as plain squares when small

/** @param {ReviewLayer} layer
 @param {number} r
 @returns {XY} */
export function homeXY(layer, r) {
  const { s, bx, by } = layer.scope, a = layer.model.arrays;
  return [a.home_x[r] * s + bx, by - a.home_y[r] * s];
}

/** A footprint is drawn where it is large enough to be seen as one, else a mark stands for it.
 @param {ReviewLayer} layer
 @param {number} r */
const asFootprint = (layer, r) => widthOf(layer, r) >= 4;

/** Pixels that a footprint is wide or high.
 @param {ReviewLayer} layer
 @param {number} r */
function widthOf({ shapes: { foot: { box } }, scope }, r) {
  const b = 4 * r;
  return Math.max(box[b + 2] - box[b], box[b + 3] - box[b + 1]) * scope.s;
}

/** @param {ReviewLayer} layer
 @param {number} r */
export function inView(layer, r) {
  if (asFootprint(layer, r)) return layer.seen(layer.shapes.foot.box, r);
  const { box } = layer.scope, a = layer.model.arrays;
  return a.home_x[r] >= box[0] && a.home_x[r] <= box[2] && a.home_y[r] >= box[1] && a.home_y[r] <= box[3];
}

/** @param {ReviewLayer} layer */
export function paintHomes(layer) {
  const { model, view } = layer, colours = classColours(view.colour), classes = model.classes(view.colour), shown = model.lacking(view.only);
  /** @type {number[][]} */
  const groups = Array.from({ length: colours.length + 1 }, () => []);
  let seen = 0;
  for (let r = 0; r < model.homes; r++) {
    if ((shown && !shown[r]) || !inView(layer, r)) continue;
    groups[classes[r]].push(r);
    seen++;
  }
  const order = [colours.length, ...colours.keys()]; // the worst on top
  if (seen > MANY && markSize(layer) < 3) paintDots(layer, order.map((group) => ({ homes: groups[group], colour: colours[group] || GREY })));
  else for (const group of order) paintClass(layer, groups[group], colours[group], group);
  if (layer.lab?.result) paintTurns(layer, groups, layer.lab.gains);
  if (layer.scope.zoom >= 17 && view.colour === BY_MISSING) paintNumbers(layer, groups, colours);
}

/** @param {ReviewLayer} layer */
function markSize(layer) {
  return Math.min(Math.max(layer.scope.zoom - 11.4, 2), 6);
}

/** So many homes that no shape can be seen: squares, pixel by pixel.
 @param {ReviewLayer} layer
 @param {{ homes: number[], colour: string }[]} classes */
function paintDots(layer, classes) {
  const { s, bx, by } = layer.scope, { home_x: x, home_y: y } = layer.model.arrays, { width, height } = layer._container;
  const ratio = width / layer._bounds.getSize().x, size = Math.round(markSize(layer) * ratio);
  const picture = new ImageData(width, height), pixels = new Uint32Array(picture.data.buffer);
  for (const { homes, colour } of classes) {
    const [red, green, blue] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
    const ink = (255 << 24) | (blue << 16) | (green << 8) | red;
    for (const r of homes) {
      const left = Math.max(Math.round((x[r] * s + bx) * ratio) - size, 0), top = Math.max(Math.round((by - y[r] * s) * ratio) - size, 0);
      const right = Math.min(left + 2 * size, width), bottom = Math.min(top + 2 * size, height);
      for (let row = top; row < bottom; row++) for (let at = row * width + left; at < row * width + right; at++) pixels[at] = ink;
    }
  }
  layer.dots ??= document.createElement("canvas");
  [layer.dots.width, layer.dots.height] = [width, height];
  penOf(layer.dots).putImageData(picture, 0, 0);
  layer.pen.drawImage(layer.dots, 0, 0, width / ratio, height / ratio);
}

/** Those whose use nobody tagged have a broken rim, near enough to see it.
 @param {ReviewLayer} layer
 @param {number[]} homes
 @param {string | undefined} colour
 @param {number} group */
function paintClass(layer, homes, colour, group) {
  const pen = layer.pen, { zoom } = layer.scope, { home_assumed: assumed } = layer.model.arrays;
  pen.fillStyle = colour || (layer.unknown ??= hatch(pen));
  pen.strokeStyle = colour ? rim(colour, layer.onDark) : GREY;
  pen.lineWidth = Math.min(Math.max((zoom - 13) * 0.35, 0.35), 1); // rims do not drown dense blocks
  const paint = (/** @type {number[]} */ some) => layer.inPortions(some, (r) => traceHome(layer, r, group), () => {
    pen.fill();
    pen.stroke();
  });
  if (zoom < BROKEN) return paint(homes);
  paint(homes.filter((r) => !assumed[r]));
  pen.setLineDash([2, 2.5]);
  paint(homes.filter((r) => assumed[r]));
  pen.setLineDash([]);
}

/** @param {ReviewLayer} layer
 @param {number} r
 @param {number} group */
export function traceHome(layer, r, group) {
  if (asFootprint(layer, r)) layer.traceShape(layer.shapes.foot, r);
  else mark(layer.pen, group, ...homeXY(layer, r), markSize(layer));
}

/** The colours are those of the changed state; a thin rim says whose verdict turned: green gains, dashed
 red loses and stands above.
 @param {ReviewLayer} layer
 @param {number[][]} groups
 @param {Int8Array} gains */
function paintTurns(layer, groups, gains) {
  for (const sign of [1, -1]) {
    groups.forEach((homes, group) => layer.inPortions(homes.filter((r) => gains[r] === sign), (r) => traceHome(layer, r, group), () => turnRim(layer.pen, sign)));
  }
}

/** The rim of a path that gains (1) or loses (-1), in white first.
 @param {Pen} pen
 @param {number} sign */
export function turnRim(pen, sign) {
  for (const { colour, width, dash } of [{ colour: "#fff", width: 2.6, dash: [] }, { colour: sign > 0 ? GAIN : LOSS, width: 1.4, dash: sign > 0 ? [] : [3, 2] }]) {
    pen.setLineDash(dash);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  }
  pen.setLineDash([]);
}

/** The number itself inside the footprint: nothing depends on colour alone.
 @param {ReviewLayer} layer
 @param {number[][]} groups
 @param {string[]} colours */
function paintNumbers(layer, groups, colours) {
  const pen = layer.pen, { missing } = layer.model;
  centred(pen, 600, 11);
  groups.forEach((homes, group) => {
    pen.fillStyle = colours[group] ? ink(colours[group]) : "#444";
    for (const r of homes) {
      if (widthOf(layer, r) < NUMBER_PX) continue;
      pen.fillText(colours[group] ? String(missing[r]) : "?", ...homeXY(layer, r));
    }
  });
}

/** The residence whose card is open.
 @param {ReviewLayer} layer */
export function paintChosen(layer) {
  const r = layer.view.open, pen = layer.pen;
  if (r < 0) return;
  const [x, y] = homeXY(layer, r);
  for (const { colour, width } of [{ colour: "#fff", width: 6 }, { colour: "#111827", width: 2.6 }]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    if (asFootprint(layer, r)) layer.traceShape(layer.shapes.foot, r);
    else pen.arc(x, y, 9, 0, TURN);
    pen.stroke();
  }
}

/** @param {ReviewLayer} layer
 @param {number} ux
 @param {number} uy
 @returns {Hit | null} */
export function findHome(layer, ux, uy) {
  const a = layer.model.arrays, reach = 7 / layer.scope.s, shown = layer.model.lacking(layer.view.only);
  let best = -1, nearest = reach;
  for (let r = 0; r < layer.model.homes; r++) {
    if (shown && !shown[r]) continue;
    if (asFootprint(layer, r) && inside(layer.shapes.foot, r, ux, uy)) return { kind: "home", ix: r };
    const away = Math.hypot(a.home_x[r] - ux, a.home_y[r] - uy);
    if (away < nearest) [best, nearest] = [r, away];
  }
  return best < 0 ? null : { kind: "home", ix: best };
}
