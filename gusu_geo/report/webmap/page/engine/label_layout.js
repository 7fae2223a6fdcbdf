/* Where names stand so that none covers another. Pure: sizes of texts are handed in, nothing is drawn.

All positions are pixels of one zoom. A box is [left, top, right, bottom]. */

const CELL = 64; // pixels of a cell of the board
export const ROW = 1.24; // of the letters' height: from one row of a name to the next
const STRAIGHT = 0.22; // of the letters' height: a line that bends less is written straight
const TURN_MAX = 0.6; // radians between neighbouring letters; more cannot be read
const TURNS_MAX = 1.9; // radians in all

/** @typedef {[number, number, number, number]} Box */
/** @typedef {{ x: number, y: number, angle: number, glyphs: Float64Array | null, boxes: Box[] }} Slot
 Where a name can stand on its line: its middle and angle, or x, y, angle of every letter. */

/** What is taken on the map. */
export class Board {
  constructor() {
    /** @type {Map<number, Box[]>} */
    this.cells = new Map();
    /** Where each text stands.
     @type {Map<string, XY[]>} */
    this.texts = new Map();
  }

  /** @param {Box} box
   @param {(taken: Box[], key: number) => boolean | void} visit true: no further */
  _visit([left, top, right, bottom], visit) {
    for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column++) {
      for (let row = Math.floor(top / CELL); row <= Math.floor(bottom / CELL); row++) {
        const key = column * 2097152 + row;
        if (visit(this.cells.get(key) ?? [], key)) return true;
      }
    }
    return false;
  }

  /** Whether nothing stands in any of the boxes.
   @param {Box[]} boxes */
  free(boxes) {
    return !boxes.some((box) => this._visit(box, (taken) => taken.some((other) =>
      box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])));
  }

  /** @param {Box[]} boxes */
  take(boxes) {
    for (const box of boxes) {
      this._visit(box, (taken, key) => { this.cells.set(key, [...taken, box]); });
    }
  }

  /** Whether the same text stands nearer than so many pixels.
   @param {string} text
   @param {number} x
   @param {number} y
   @param {number} apart */
  near(text, x, y, apart) {
    return (this.texts.get(text) ?? []).some(([a, b]) => Math.hypot(a - x, b - y) < apart);
  }

  /** @param {string} text
   @param {number} x
   @param {number} y */
  note(text, x, y) {
    const places = this.texts.get(text);
    if (places) places.push([x, y]);
    else this.texts.set(text, [[x, y]]);
  }
}

/** Where a name may stand around its point: on it, or right, left, below and above of it.
 @param {number} x
 @param {number} y
 @param {number} width of its longest row
 @param {number} size height of its letters
 @param {number} rows
 @param {number} gap pixels between point and text; 0: on the point
 @returns {Slot[]} */
export function around(x, y, width, size, rows, gap) {
  const half = width / 2, high = size * ROW * rows / 2;
  /** @type {XY[]} */
  const middles = gap ? [[gap + half, 0], [-gap - half, 0], [0, gap + high], [0, -gap - high]] : [[0, 0]];
  return middles.map(([dx, dy]) => ({ x: x + dx, y: y + dy, angle: 0, glyphs: null,
    boxes: [[x + dx - half - 2, y + dy - high, x + dx + half + 2, y + dy + high]] }));
}

/** Where a name may stand along a line, every so many pixels, upright.
 @param {Float64Array} path x, y of each vertex
 @param {number[]} widths of the letters, in order
 @param {number} size height of the letters
 @param {number} every pixels from one name to the next
 @returns {Slot[]} */
export function along(path, widths, size, every) {
  const along = lengths(path), whole = along[along.length - 1], width = widths.reduce((sum, one) => sum + one, 0);
  if (!(whole >= width + size)) return [];
  const count = Math.max(1, Math.floor(whole / every)), slots = [];
  for (let i = 0; i < count; i++) {
    const slot = middleSlot(path, along, (whole * (i + 0.5)) / count, width, widths, size);
    if (slot) slots.push(slot);
  }
  return slots;
}

/** The name with its middle near a place on the line: a bend there moves it along.
 @param {Float64Array} path
 @param {Float64Array} along
 @param {number} middle
 @param {number} width
 @param {number[]} widths
 @param {number} size */
function middleSlot(path, along, middle, width, widths, size) {
  const whole = along[along.length - 1];
  for (const shift of [0, -0.8, 0.8, -1.6, 1.6]) {
    const from = middle + shift * width - width / 2;
    if (from < 0 || from + width > whole) continue;
    const slot = slotAt(path, along, from, width, widths, size);
    if (slot) return slot;
  }
  return null;
}

/** @param {Float64Array} path
 @param {Float64Array} along
 @param {number} from
 @param {number} width
 @param {number[]} widths
 @param {number} size
 @returns {Slot | null} */
function slotAt(path, along, from, width, widths, size) {
  const [ax, ay] = pointAt(path, along, from), [bx, by] = pointAt(path, along, from + width);
  const chord = Math.hypot(bx - ax, by - ay);
  if (chord < width * 0.7) return null;
  if (bend(path, along, from, width, ax, ay, bx, by) <= STRAIGHT * size) {
    const turned = bx < ax || (bx === ax && by > ay), angle = turned ? Math.atan2(ay - by, ax - bx) : Math.atan2(by - ay, bx - ax);
    const x = (ax + bx) / 2, y = (ay + by) / 2;
    return { x, y, angle, glyphs: null, boxes: chain(x, y, angle, width, size) };
  }
  return letters(path, along, from, width, widths, size, bx < ax);
}

/** Every letter by itself on a line that bends.
 @param {Float64Array} path
 @param {Float64Array} along
 @param {number} from
 @param {number} width
 @param {number[]} widths
 @param {number} size
 @param {boolean} turned whether the line runs from right to left
 @returns {Slot | null} */
function letters(path, along, from, width, widths, size, turned) {
  const glyphs = new Float64Array(3 * widths.length), half = size * 0.6;
  /** @type {Box[]} */
  const boxes = [];
  let at = turned ? from + width : from, before = NaN, turns = 0;
  for (let i = 0; i < widths.length; i++) {
    const step = turned ? -widths[i] : widths[i], [x0, y0] = pointAt(path, along, at), [x1, y1] = pointAt(path, along, at + step);
    const angle = Math.atan2(y1 - y0, x1 - x0), x = (x0 + x1) / 2, y = (y0 + y1) / 2;
    if (i > 0) {
      const turn = Math.abs(Math.atan2(Math.sin(angle - before), Math.cos(angle - before)));
      turns += turn;
      if (turn > TURN_MAX || turns > TURNS_MAX) return null;
    }
    if (Math.abs(angle) > 1.9) return null; // upside down
    glyphs.set([x, y, angle], 3 * i);
    boxes.push([x - half, y - half, x + half, y + half]);
    before = angle;
    at += step;
  }
  const [x, y] = pointAt(path, along, from + width / 2);
  return { x, y, angle: 0, glyphs, boxes };
}

/** Boxes that together cover a turned text.
 @param {number} x
 @param {number} y
 @param {number} angle
 @param {number} width
 @param {number} size
 @returns {Box[]} */
function chain(x, y, angle, width, size) {
  const half = size * 0.6, count = Math.max(1, Math.ceil(width / size)), step = width / count;
  const wide = Math.abs(Math.cos(angle)) * step / 2 + half * Math.abs(Math.sin(angle)), high = Math.abs(Math.sin(angle)) * step / 2 + half * Math.abs(Math.cos(angle));
  return Array.from({ length: count }, (_, i) => {
    const off = (i + 0.5) * step - width / 2, cx = x + off * Math.cos(angle), cy = y + off * Math.sin(angle);
    return [cx - wide, cy - high, cx + wide, cy + high];
  });
}

/** Pixels from the start of the line to each vertex.
 @param {Float64Array} path */
function lengths(path) {
  const out = new Float64Array(path.length / 2);
  for (let v = 1; v < out.length; v++) out[v] = out[v - 1] + Math.hypot(path[2 * v] - path[2 * v - 2], path[2 * v + 1] - path[2 * v - 1]);
  return out;
}

/** The last vertex that is not beyond a place on the line.
 @param {Float64Array} along
 @param {number} at */
function before(along, at) {
  let low = 0, high = along.length - 2;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (along[mid] <= at) low = mid;
    else high = mid - 1;
  }
  return low;
}

/** @param {Float64Array} path
 @param {Float64Array} along
 @param {number} at
 @returns {XY} */
function pointAt(path, along, at) {
  const v = before(along, at), span = along[v + 1] - along[v], t = span ? (at - along[v]) / span : 0;
  return [path[2 * v] + t * (path[2 * v + 2] - path[2 * v]), path[2 * v + 1] + t * (path[2 * v + 3] - path[2 * v + 1])];
}

/** How far the line leaves the chord between two of its places.
 @param {Float64Array} path
 @param {Float64Array} along
 @param {number} from
 @param {number} width
 @param {number} ax
 @param {number} ay
 @param {number} bx
 @param {number} by */
function bend(path, along, from, width, ax, ay, bx, by) {
  const chord = Math.hypot(bx - ax, by - ay) || 1;
  let most = 0;
  for (let v = before(along, from) + 1; v < along.length && along[v] < from + width; v++) {
    const off = Math.abs((path[2 * v] - ax) * (by - ay) - (path[2 * v + 1] - ay) * (bx - ax)) / chord;
    if (off > most) most = off;
  }
  return most;
}
