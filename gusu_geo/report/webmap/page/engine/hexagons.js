/* Homes summed by hexagon, for a map on which single homes would run together. */
import { State } from "./constants.js";

const ROW = Math.sqrt(3) / 2; // rows of hexagons are so many widths apart
const ROUNDING = 1e-9; // sums of fractions of persons: 2.0000000001 missing is 2

/** The hexagons (one corner up, `width` from side to side) that points fall into: the centre nearest to
 each. They lie on the ground, whatever is in view, so a map that is moved keeps them.
 @param {ArrayLike<number>} x
 @param {ArrayLike<number>} y
 @param {number} width
 @returns {Cells} */
export function cells(x, y, width) {
  const of = new Int32Array(x.length), at = new Map(), cx = [], cy = [];
  for (let r = 0; r < x.length; r++) {
    const [row, col] = centre(x[r] / width, y[r] / width), key = row * 2 ** 26 + col;
    let c = at.get(key);
    if (c === undefined) {
      at.set(key, (c = cx.length));
      cx.push((col + (row & 1) / 2) * width);
      cy.push(row * ROW * width);
    }
    of[r] = c;
  }
  return { of, at, x: cx, y: cy, count: cx.length, width };
}

/** Row and column of the nearest centre: of the even rows or of the odd ones.
 @param {number} x in widths
 @param {number} y
 @returns {XY} */
function centre(x, y) {
  const even = 2 * Math.round(y / ROW / 2), odd = 2 * Math.round((y / ROW - 1) / 2) + 1;
  const i = Math.round(x), j = Math.round(x - 0.5);
  const a = (x - i) ** 2 + (y - even * ROW) ** 2, b = (x - j - 0.5) ** 2 + (y - odd * ROW) ** 2;
  return a <= b ? [even, i] : [odd, j];
}

/** The hexagon at a point, -1 where no home is in it.
 @param {Cells} set
 @param {number} x
 @param {number} y */
export function cellAt(set, x, y) {
  const [row, col] = centre(x / set.width, y / set.width);
  return set.at.get(row * 2 ** 26 + col) ?? -1;
}

/** Homes, persons and colour class of each hexagon.

 Where the number missing is looked at (`missing`), the class is what a person there lacks on average,
 rounded up: 0 only where nobody lacks anything. Else it is the class of the person in the middle.
 The unknown, whose class is `classes`, have no say; `known` is the share of persons who have. Where
 nobody lives each home counts as one person.
 @param {Cells} set
 @param {{ group: Uint8Array, persons: ArrayLike<number>, missing: Uint8Array | null, shown: Uint8Array | null }} homes
 @param {number} classes
 @returns {HexSums} */
export function summed(set, { group, persons, missing, shown }, classes) {
  const { of, count } = set, width = classes + 1, heads = new Float64Array(count * width), lacks = new Float64Array(count);
  const out = { homes: new Int32Array(count), persons: new Float64Array(count), known: new Float64Array(count), group: new Uint8Array(count) };
  for (let r = 0; r < of.length; r++) {
    if (shown && !shown[r]) continue;
    out.homes[of[r]]++;
    out.persons[of[r]] += persons[r];
  }
  for (let r = 0; r < of.length; r++) {
    if (shown && !shown[r]) continue;
    const c = of[r], weight = out.persons[c] > 0 ? persons[r] : 1;
    heads[c * width + group[r]] += weight;
    if (missing && group[r] < classes) lacks[c] += weight * missing[r];
  }
  for (let c = 0; c < count; c++) {
    const mine = heads.subarray(c * width, (c + 1) * width), all = mine.reduce((sum, part) => sum + part, 0), known = all - mine[classes];
    out.known[c] = all > 0 ? Math.max(known / all, 0) : 0;
    if (!(out.known[c] > ROUNDING)) out.group[c] = classes;
    else out.group[c] = missing ? Math.min(Math.ceil(lacks[c] / known - ROUNDING), classes - 1) : middle(mine, known);
  }
  return out;
}

/** The class in which half of them are reached.
 @param {Float64Array} heads by class
 @param {number} known */
function middle(heads, known) {
  let sum = 0, i = -1;
  while (2 * sum < known * (1 - ROUNDING)) sum += heads[++i];
  return i;
}

/** What is told of one hexagon: persons who lack each service, who gain and who lose, the mean missing
 of those judged (null where nobody is).
 @param {Model} model
 @param {Cells} set
 @param {number} c
 @param {Uint8Array | null} shown
 @param {Int8Array} gains by home: 1, -1, 0 */
export function told(model, set, c, shown, gains) {
  const { arrays, services } = model, out = { homes: 0, persons: 0, unknown: 0, gain: 0, loss: 0, lacking: new Float64Array(services) };
  let judged = 0, lacks = 0;
  for (let r = 0; r < model.homes; r++) {
    if (set.of[r] !== c || (shown && !shown[r])) continue;
    const heads = arrays.persons[r];
    out.homes++;
    out.persons += heads;
    if (gains[r]) out[gains[r] > 0 ? "gain" : "loss"] += heads;
    if (model.unjudged(r)) {
      out.unknown += heads;
      continue;
    }
    judged += heads;
    lacks += heads * model.missing[r];
    for (let k = 0; k < services; k++) if (arrays.state[r * services + k] === State.FAIL) out.lacking[k] += heads;
  }
  return { ...out, mean: judged > 0 ? lacks / judged : null };
}
