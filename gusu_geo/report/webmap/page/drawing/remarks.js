/* Comments on the map: numbered speech marks. Draws and finds. */
import { centred, roundedBox } from "./symbols.js";

const INK = "#1f3b73", OPEN = "#9a3412";
const HIGH = 26, HALF_W = 14, HALF_H = 10; // pixels: the middle of a mark above its place, and its half size

/** Canvas pixels of a place in units.
 @param {ReviewLayer} layer
 @param {XY} units
 @returns {XY} */
const xyOf = ({ scope }, [ux, uy]) => [ux * scope.s + scope.bx, scope.by - uy * scope.s];

/** All comments in their order, the open one last and in another colour.
 @param {ReviewLayer} layer
 @param {Remarks} remarks */
export function paintRemarks(layer, remarks) {
  const places = remarks.places(), { open } = remarks;
  const order = places.map((_, i) => i).filter((i) => i !== open).concat(open >= 0 && open < places.length ? [open] : []);
  for (const i of order) paintMark(layer, xyOf(layer, places[i]), String(i + 1), i === open ? OPEN : INK);
}

/** @param {ReviewLayer} layer
 @param {XY} at
 @param {string} number
 @param {string} colour */
function paintMark({ pen }, [x, y], number, colour) {
  const middle = y - HIGH;
  for (const [fill, grow] of /** @type {[string, number][]} */ ([["#fff", 2], [colour, 0]])) {
    pen.fillStyle = fill;
    pen.beginPath();
    pen.moveTo(x, y + grow);
    pen.lineTo(x - 6 - grow, middle + HALF_H - 1);
    pen.lineTo(x + 5 + grow, middle + HALF_H - 1);
    pen.closePath();
    pen.fill();
    roundedBox(pen, x - HALF_W - grow, middle - HALF_H - grow, 2 * (HALF_W + grow), 2 * (HALF_H + grow), 6);
    pen.fill();
  }
  centred(pen, 700, number.length > 2 ? 11 : 13);
  pen.fillStyle = "#fff";
  pen.fillText(number, x, middle + 1);
}

/** The topmost comment whose mark or place is at a point in units, -1 for none; pad: pixels around.
 @param {ReviewLayer} layer
 @param {Remarks} remarks
 @param {XY} point
 @param {number} pad */
export function remarkAt(layer, remarks, point, pad) {
  const [px, py] = xyOf(layer, point), places = remarks.places();
  for (let i = places.length - 1; i >= 0; i--) {
    const [x, y] = xyOf(layer, places[i]), dx = Math.abs(px - x), up = y - py;
    if (dx <= HALF_W + pad && up >= -2 - pad && up <= HIGH + HALF_H + pad) return i;
  }
  return -1;
}
