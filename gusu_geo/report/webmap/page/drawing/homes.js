/* Homes: footprints or marks in the colour of their class, the chosen one, and which is near a point. */
import { State } from "../engine/constants.js";
import { BY_MISSING } from "../engine/model.js";
import { inside } from "../engine/shapes.js";
import { GREY, TURN, centred, classColours, hatch, ink, mark, penOf, rim } from "./symbols.js";

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
function asFootprint(layer, r) {
  const box = layer.shapes.foot.box, b = 4 * r;
  return Math.max(box[b + 2] - box[b], box[b + 3] - box[b + 1]) * layer.scope.s >= 4;
}

/** All, or only those that lack the service of the filter.
 @param {ReviewLayer} layer
 @param {number} r */
function homeShown(layer, r) {
  const { only } = layer.view;
  return only < 0 || layer.model.arrays.state[r * layer.model.services + only] === State.FAIL;
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
  const { model, view } = layer, colours = classColours(view.colour);
  /** @type {number[][]} */
  const groups = Array.from({ length: colours.length + 1 }, () => []);
  let seen = 0;
  for (let r = 0; r < model.homes; r++) {
    if (!inView(layer, r) || !homeShown(layer, r)) continue;
    groups[model.classOf(r, view.colour)].push(r);
    seen++;
  }
  const order = [colours.length, ...colours.keys()]; // the worst on top
  if (seen > MANY && markSize(layer) < 3) return paintDots(layer, order.map((group) => ({ homes: groups[group], colour: colours[group] || GREY })));
  for (const group of order) paintClass(layer, groups[group], colours[group], group);
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

/** @param {ReviewLayer} layer
 @param {number[]} homes
 @param {string | undefined} colour
 @param {number} group */
function paintClass(layer, homes, colour, group) {
  const pen = layer.pen, { zoom } = layer.scope, size = markSize(layer);
  pen.fillStyle = colour || (layer.unknown ??= hatch(pen));
  pen.strokeStyle = colour ? rim(colour) : GREY;
  pen.lineWidth = Math.min(Math.max((zoom - 13) * 0.35, 0.35), 1); // rims do not drown dense blocks
  const trace = (/** @type {number} */ r) => {
    if (asFootprint(layer, r)) layer.traceShape(layer.shapes.foot, r);
    else mark(pen, group, ...homeXY(layer, r), size);
  };
  layer.inPortions(homes, trace, () => {
    pen.fill();
    pen.stroke();
  });
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
      if (!asFootprint(layer, r)) continue;
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
  const a = layer.model.arrays, reach = 7 / layer.scope.s;
  let best = -1, nearest = reach;
  for (let r = 0; r < layer.model.homes; r++) {
    if (!homeShown(layer, r)) continue;
    if (asFootprint(layer, r) && inside(layer.shapes.foot, r, ux, uy)) return { kind: "home", ix: r };
    const away = Math.hypot(a.home_x[r] - ux, a.home_y[r] - uy);
    if (away < nearest) [best, nearest] = [r, away];
  }
  return best < 0 ? null : { kind: "home", ix: best };
}
