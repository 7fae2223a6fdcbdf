/* Names on the map, on a canvas of their own above it: laid out anew when the view moves, in a task of its own. */
import { LABEL_KINDS, LABEL_STEPS } from "../engine/constants.js";
import { Board, ROW, along, around } from "../engine/label_layout.js";
import { cellNote } from "./cells.js";
import { STYLES, VENUE, ZONE, fontOf, rowsOf, shortened } from "./label_styles.js";
import { TURN, penOf } from "./symbols.js";
import { STREET_ZOOM, siteBoxes, venueShown, venueXY } from "./venues.js";

const EVERY_PX = 420, APART_PX = 260; // from one name of a street to its next
const AFAR_ZOOM = 13; // up to here names are smaller: the homes come first
const HALO_PX = 3;
const SLICE = 24; // names drawn in one frame: their rims take longest, and no task may stop the map
const TURN_STEP = Math.PI / 72; // letters of one turn are kept ready by the browser, so there are not too many turns
const BOUND = /[\u0590-\u1fff\u2c00-\u2e7f\ud800-\udfff\ufb00-\ufdff\ufe70-\ufeff]/; // letters that hang together or stand on others

/** @typedef {import("./label_styles.js").LabelStyle} LabelStyle */
/** One name on the map, in pixels of the zoom.
 @typedef {{ text: string, style: LabelStyle, slot: import("../engine/label_layout.js").Slot, dot: XY | null }} Label */

export class Lettering {
  /** @param {ReviewLayer} layer */
  constructor(layer) {
    const { arrays } = layer.model;
    this.layer = layer;
    /** What is seen, and what is being drawn.
     @type {[HTMLCanvasElement, HTMLCanvasElement]} */
    this.canvases = [sheet(), sheet()];
    this.pen = penOf(this.canvases[1]);
    this.signs = layer.named;
    this.lengths = lineLengths(this.signs);
    this.order = LABEL_KINDS.map((_, kind) => kind).sort((a, b) => STYLES[LABEL_KINDS[a]].order - STYLES[LABEL_KINDS[b]].order);
    this.signsOf = byKind(arrays.sign_kind, (a, b) => this.lengths[b] - this.lengths[a]);
    this.spotsOf = byKind(arrays.spot_kind, (a, b) => arrays.spot_zoom[a] - arrays.spot_zoom[b]);
    /** Widths of letters by font.
     @type {Map<string, Map<string, number>>} */
    this.widths = new Map();
    /** Where each line can be named at this zoom and in this language.
     @type {Map<number, import("../engine/label_layout.js").Slot[]>} */
    this.slots = new Map();
    this.slotsKey = "";
    this.key = "";
    this.frame = 0;
    /** What stands on the map.
     @type {Label[]} */
    this.shown = [];
  }

  /** After the map was painted: names follow in the next frames, on paper at once. Those of the same zoom stay until then. */
  follow() {
    const { layer } = this, { scope, view, palette } = layer, { width, height } = layer._container;
    const key = [scope.s, scope.bx, scope.by, width, height, view.lang, palette.halo, view.level, view.on.names, view.on.zones, view.on.signals, view.on.sites,
      [...view.venues].sort().join("+"), [...view.near].join("+")].join();
    if (key === this.key) return;
    if (!this.key.startsWith(`${scope.s},`)) this.canvases[0].remove();
    this.key = key;
    cancelAnimationFrame(this.frame);
    if (layer.sharpness) this.begin(Infinity);
    else this.frame = requestAnimationFrame(() => this.begin(SLICE));
  }

  /** As the map's own canvas moves while it zooms. */
  move() {
    this.canvases[0].style.transform = this.layer._container.style.transform;
  }

  remove() {
    cancelAnimationFrame(this.frame);
    this.canvases[0].remove();
    this.key = "";
  }

  /** @param {number} slice names drawn in one frame */
  begin(slice) {
    const { layer } = this, from = layer._container, canvas = this.canvases[1];
    if (!layer._map) return;
    [canvas.width, canvas.height, canvas.style.width, canvas.style.height] = [from.width, from.height, from.style.width, from.style.height];
    this.pen = penOf(canvas);
    this.lay();
    this.draw(0, slice, from.width / layer._bounds.getSize().x);
  }

  /** Draws so many names, the next ones with the next frame; shows them once all are there.
   @param {number} first
   @param {number} slice
   @param {number} ratio */
  draw(first, slice, ratio) {
    const { layer, shown } = this, end = Math.min(first + slice, shown.length);
    for (let i = first; i < end; i++) this.write(shown[i], ratio);
    if (end < shown.length) {
      this.frame = requestAnimationFrame(() => this.draw(end, slice, ratio));
      return;
    }
    this.canvases.reverse();
    L.DomUtil.setPosition(this.canvases[0], layer._bounds.min);
    layer._container.parentNode?.insertBefore(this.canvases[0], layer._container.nextSibling);
    this.canvases[1].remove();
  }

  /** Chooses what stands where; nothing covers another. */
  lay() {
    const { layer } = this, { view, scope } = layer, board = new Board();
    this.shown = [];
    const slotsKey = `${scope.s},${view.lang}`;
    if (slotsKey !== this.slotsKey) [this.slots, this.slotsKey] = [new Map(), slotsKey];
    this.obstacles(board);
    if (view.on.zones || view.on.signals) this.zones(board);
    if (view.on.names === false) return;
    let venues = scope.zoom < STREET_ZOOM;
    for (const kind of this.order) {
      const style = STYLES[LABEL_KINDS[kind]];
      if (!venues && style.order > VENUE.order) {
        venues = true;
        this.venues(board);
      }
      if (style.zoom === undefined) this.points(board, kind, style);
      else if (scope.zoom >= style.zoom) this.roads(board, kind, style);
    }
  }

  /** Symbols that no name covers.
   @param {Board} board */
  obstacles(board) {
    const { layer } = this, { scope, view, model } = layer, { venue_x: x } = model.arrays;
    const take = (/** @type {XY} */ [px, py], /** @type {number} */ size) => {
      const cx = px - scope.bx, cy = py - scope.by;
      board.take([[cx - size, cy - size, cx + size, cy + size]]);
    };
    for (let f = 0; f < x.length; f++) {
      if (venueShown(layer, f) && this.inView(x[f], model.arrays.venue_y[f])) take(venueXY(layer, f), scope.zoom >= 15 ? 8 : 4);
    }
    if (!view.on.sites) return;
    const { stars, badges } = siteBoxes(layer), { bx, by } = scope;
    for (const box of [...stars, ...badges]) if (box) board.take([[box[0] - bx, box[1] - by, box[2] - bx, box[3] - by]]);
  }

  /** @param {number} x
   @param {number} y */
  inView(x, y) {
    const { box } = this.layer.scope;
    return x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
  }

  /** @param {Board} board */
  zones(board) {
    const { layer } = this, { s, zoom } = layer.scope, { zone } = layer.shapes;
    layer.model.texts.zones.forEach(({ level }, i) => {
      const [west, south, east, north] = zone.box.subarray(4 * i, 4 * i + 4);
      if (level !== layer.view.level || !layer.seen(zone.box, i) || (east - west) * s < 46) return;
      const style = zoom < 15 ? ZONE : { ...ZONE, size: 13 };
      this.atPoint(board, layer.view.zoneName(i) + cellNote(layer, i), style, ((west + east) / 2) * s, (-(south + north) / 2) * s);
    });
  }

  /** @param {Board} board
   @param {number} kind
   @param {LabelStyle} style */
  points(board, kind, style) {
    const { scope, model } = this.layer, written = scope.zoom < AFAR_ZOOM ? { ...style, size: style.size * 0.88 } : style, { spot_x: x, spot_y: y, spot_name: name, spot_zoom: from } = model.arrays;
    for (const i of this.spotsOf[kind] ?? []) {
      if (from[i] > scope.zoom * LABEL_STEPS) break; // in order of zoom
      if (this.inView(x[i], y[i])) this.atPoint(board, this.nameOf(name[i]), written, x[i] * scope.s, -y[i] * scope.s);
    }
  }

  /** @param {Board} board */
  venues(board) {
    const { layer } = this, { scope, model } = layer, { arrays, texts } = model;
    for (let f = 0; f < arrays.venue_x.length; f++) {
      if (layer.slots[f] || !texts.venues.names[f] || !venueShown(layer, f) || !this.inView(arrays.venue_x[f], arrays.venue_y[f])) continue;
      const [x, y] = venueXY(layer, f);
      this.atPoint(board, texts.venues.names[f], VENUE, x - scope.bx, y - scope.by, 10);
    }
  }

  /** @param {Board} board
   @param {string} text
   @param {LabelStyle} style
   @param {number} x
   @param {number} y
   @param {number} [gap] */
  atPoint(board, text, style, x, y, gap = style.dot ? 5 : 0) {
    const short = shortened(text);
    if (!short || board.near(short, x, y, APART_PX / 2)) return;
    const rows = rowsOf(short), width = Math.max(...rows.map((row) => this.widthOf(row, fontOf(style))));
    const slot = around(x, y, width, style.size, rows.length, gap).find(({ boxes }) => board.free(boxes));
    if (slot) this.stand(board, short, style, slot, style.dot ? [x, y] : null);
  }

  /** @param {Board} board
   @param {number} kind
   @param {LabelStyle} style */
  roads(board, kind, style) {
    const { layer, signs } = this, { scope, model } = layer, { s, box } = scope;
    const grown = { ...style, size: style.size + Math.min(Math.max((scope.zoom - 15.5) * 0.5, 0), 2) };
    const road = style.ink === "street" ? "/" : "~"; // a station may stand beside the street it is named after
    for (const i of this.signsOf[kind] ?? []) {
      if (this.lengths[i] * s < 2 * style.size) break; // in order of length
      if (!layer.seen(signs.box, i)) continue;
      const text = shortened(this.nameOf(model.arrays.sign_name[i]));
      for (const slot of this.slotsOf(i, text, grown)) {
        if (slot.x < box[0] * s || slot.x > box[2] * s || -slot.y < box[1] * s || -slot.y > box[3] * s) continue;
        if (board.near(road + text, slot.x, slot.y, APART_PX) || !board.free(slot.boxes)) continue;
        this.stand(board, text, grown, slot, null, road);
      }
    }
  }

  /** Where line i can be named; worked out once for each zoom.
   @param {number} i
   @param {string} text
   @param {LabelStyle} style */
  slotsOf(i, text, style) {
    let found = this.slots.get(i);
    if (!found) {
      const { signs } = this, { s } = this.layer.scope, font = fontOf(style), path = new Float64Array(2 * (signs.start[i + 1] - signs.start[i]));
      const whole = BOUND.test(text), widths = whole ? [this.widthOf(text, font)] : [...text].map((letter) => this.widthOf(letter, font));
      for (let v = signs.start[i], at = 0; v < signs.start[i + 1]; v++) {
        path[at++] = signs.x[v] * s;
        path[at++] = -signs.y[v] * s;
      }
      found = text ? along(path, widths, style.size, EVERY_PX).filter(({ glyphs }) => !(whole && glyphs)) : [];
      this.slots.set(i, found);
    }
    return found;
  }

  /** @param {Board} board
   @param {string} text
   @param {LabelStyle} style
   @param {import("../engine/label_layout.js").Slot} slot
   @param {XY | null} dot
   @param {string} [group] names of one group are not repeated near one another */
  stand(board, text, style, slot, dot, group = "") {
    board.take(slot.boxes);
    if (dot) board.take([[dot[0] - 3, dot[1] - 3, dot[0] + 3, dot[1] + 3]]);
    board.note(group + text, slot.x, slot.y);
    this.shown.push({ text, style, slot, dot });
  }

  /** @param {number} i */
  nameOf(i) {
    const { names, zh, en } = this.layer.model.texts.labels;
    return (this.layer.view.lang === "zh" ? zh : en)[i] ?? names[i];
  }

  /** @param {string} text
   @param {string} font */
  widthOf(text, font) {
    let known = this.widths.get(font);
    if (!known) this.widths.set(font, (known = new Map()));
    let width = known.get(text);
    if (width === undefined) {
      this.pen.font = font;
      width = this.pen.measureText(text).width;
      known.set(text, width);
    }
    return width;
  }

  /** @param {Label} label
   @param {number} ratio */
  write({ text, style, slot, dot }, ratio) {
    const { pen, layer } = this, { palette } = layer, { bx, by } = layer.scope;
    pen.setTransform(ratio, 0, 0, ratio, ratio * bx, ratio * by);
    pen.font = fontOf(style);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = HALO_PX;
    pen.strokeStyle = palette.halo;
    pen.fillStyle = palette.ink[style.ink];
    if (dot) {
      pen.beginPath();
      pen.arc(dot[0], dot[1], 2.2, 0, TURN);
      pen.stroke();
      pen.fill();
    }
    const { glyphs } = slot, parts = glyphs ? [...text] : style.zoom === undefined ? rowsOf(text) : [text];
    const off = (/** @type {number} */ i) => (glyphs ? 0 : (i - (parts.length - 1) / 2) * ROW * style.size);
    const at = (/** @type {number} */ i) => {
      const [x, y, angle] = glyphs ? glyphs.subarray(3 * i, 3 * i + 3) : [slot.x, slot.y, slot.angle];
      const turn = Math.round(angle / TURN_STEP) * TURN_STEP, cos = Math.cos(turn) * ratio, sin = Math.sin(turn) * ratio;
      pen.setTransform(cos, sin, -sin, cos, ratio * (x + bx), ratio * (y + by));
    };
    parts.forEach((part, i) => { at(i); pen.strokeText(part, 0, off(i)); });
    parts.forEach((part, i) => { at(i); pen.fillText(part, 0, off(i)); });
  }
}

function sheet() {
  const canvas = document.createElement("canvas");
  canvas.className = "leaflet-zoom-animated names";
  return canvas;
}

/** Positions by kind, each kind in order.
 @param {Int32Array} kinds
 @param {(a: number, b: number) => number} compare */
function byKind(kinds, compare) {
  /** @type {number[][]} */
  const out = [];
  kinds.forEach((kind, i) => { (out[kind] ??= []).push(i); });
  for (const list of out) list?.sort(compare);
  return out;
}

/** Length of each line, in units.
 @param {Lines} set */
function lineLengths({ x, y, start, count }) {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let v = start[i] + 1; v < start[i + 1]; v++) out[i] += Math.hypot(x[v] - x[v - 1], y[v] - y[v - 1]);
  }
  return out;
}
