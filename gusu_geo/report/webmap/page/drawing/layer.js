/* The canvas layer: what is drawn in which order, and where on the canvas. */
import { named } from "../engine/named.js";
import { lines, polygons } from "../engine/shapes.js";
import { reached } from "../engine/reach.js";
import { paintCells, paintOutlines } from "./cells.js";
import { paintFull } from "./full.js";
import { paintArea, paintBarriers, paintFound, paintGround, paintHouses, paintMixed, paintStreets, paintZones } from "./ground.js";
import { paintChosen, paintHomes } from "./homes.js";
import { merged, paintHexagons } from "./hexagons.js";
import { Lettering } from "./labels.js";
import { DARK, LIGHT } from "./palette.js";
import * as reach from "./reach.js";
import { paintRemarks } from "./remarks.js";
import * as sketch from "./sketch.js";
import { paintBare, paintLinks } from "./survey.js";
import { TURN, penOf } from "./symbols.js";
import { paintSites, paintVenues, slots } from "./venues.js";

const PORTION = 100; // shapes per path
const WORLD_M = TURN * 6378137;

export class ReviewLayer extends L.Renderer {
  /** view: read at every repaint, never changed here.
   @param {Model} model
   @param {View} view */
  constructor(model, view) {
    super({ padding: 0.25 });
    const a = model.arrays;
    this.canvas = document.createElement("canvas");
    this.pen = penOf(this.canvas);
    this.model = model;
    this.view = view;
    this.streets = lines(a, "street");
    this.named = named(a, model.texts.grid.unit_m);
    this.shapes = { area: polygons(a, "area"), zone: polygons(a, "zone"), foot: polygons(a, "foot"), water: polygons(a, "water"),
      green: polygons(a, "green"), bare: polygons(a, "bare"), compound: polygons(a, "compound"), mixed: polygons(a, "mixed"),
      sea: polygons(a, "sea"), land: polygons(a, "land"), house: polygons(a, "house") };
    this.coast = lines(a, "coast");
    this.waterway = lines(a, "waterway");
    this.stream = lines(a, "stream");
    this.railway = lines(a, "railway");
    this.motorway = lines(a, "motorway");
    this.wall = lines(a, "wall");
    this.slots = slots(a.venue_x, a.venue_y);
    this.shownVenues = 0;
    this.sharpness = 0; // canvas pixels per CSS pixel; 0: the screen's
    this.frame = 0;
    /** What is tried out, once the page has made it.
     @type {Trial | null} */
    this.lab = null;
    /** @type {Remarks | null} */
    this.notes = null;
    /** Called after each repaint.
     @type {(() => void) | null} */
    this.painted = null;
    /** @type {Scope} */
    this.scope = { s: 1, bx: 0, by: 0, box: [0, 0, 0, 0], zoom: 0 };
    /** @type {(Covered & { result: Verdict, k: number }) | null} */
    this.reachOf = null;
    this.back = document.createElement("canvas");
    this.backKey = { seen: "", kept: "" }; // the view that was painted last, and the one that back shows
    /** @type {HTMLCanvasElement | null} */
    this.dots = null;
    /** @type {CanvasPattern | null} */
    this.unknown = null;
    /** @type {CanvasPattern | null} */
    this.bareFill = null;
    /** @type {CanvasPattern | null} */
    this.fullFill = null;
    /** Signals by zone, once they were drawn.
     @type {Map<number, SignalCell> | null} */
    this.signals = null;
    /** Homes in hexagons of one size, and their sums as they were last drawn.
     @type {Cells | null} */
    this.cells = null;
    /** @type {(HexSums & { key: string, full: number }) | null} */
    this.hexes = null;
    this.typical = -1; // width of the home in the middle, in units; below 0: not yet measured
    this.lettering = new Lettering(this);
    this.dark = matchMedia("screen and (prefers-color-scheme: dark)"); // paper is always light
    this.dark.addEventListener("change", () => this.refresh());
    this.onDark = false;
    this.palette = LIGHT;
  }

  /** Repaint with the next frame; many calls make one repaint. */
  refresh() {
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  _initContainer() {
    this._container = this.canvas;
  }

  _destroyContainer() {
    cancelAnimationFrame(this.frame);
    this.lettering.remove();
    this._container.remove();
  }

  /** @param {L.LatLng} centre
   @param {number} zoom */
  _updateTransform(centre, zoom) {
    super._updateTransform(centre, zoom);
    this.lettering.move();
  }

  _update() {
    if (this._map?._animatingZoom && this._bounds) return;
    super._update();
    this.backKey.seen = ""; // Leaflet asks twice for each zoom: that is no second painting
    this.paint();
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this._map) return;
    const size = this._bounds.getSize(), ratio = this.sharpness || Math.min(window.devicePixelRatio || 1, 2);
    const canvas = this._container, { pen, view, lab } = this, { on } = view;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = ratio * size.x;
    canvas.height = ratio * size.y;
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    pen.scale(ratio, ratio);
    this.onDark = this.dark.matches && !this.sharpness;
    this.palette = this.onDark ? DARK : LIGHT;
    this.scope = this.frameOf(this._map, this._bounds.min, size);
    this.paintBack(size, ratio);
    if (on.bare) paintBare(this, view.colour);
    if (on.barriers) paintBarriers(this);
    this.paintBands();
    if (on.ground) paintHouses(this);
    if (on.mixed) paintMixed(this);
    if (on.signals) paintCells(this);
    if (on.zones) paintZones(this);
    pen.globalAlpha = view.around ? 0.3 : 1; // colours of time, not of homes, are looked at then
    if (on.homes) (merged(this) ? paintHexagons : paintHomes)(this);
    pen.globalAlpha = 1;
    if (on.homes && on.full) paintFull(this);
    if (on.signals) paintOutlines(this);
    if (on.gaps) paintLinks(this);
    if (view.found) paintFound(this, view.found);
    if (view.zone >= 0) paintFound(this, { set: "zone", ixs: [view.zone] });
    if (view.way) sketch.paintWay(this, view.way);
    paintVenues(this);
    if (on.sites) paintSites(this);
    if (lab) sketch.paint(this, lab);
    paintChosen(this);
    this.lettering.follow();
    if (this.notes) paintRemarks(this, this.notes);
    this.painted?.();
  }

  /** Ground and streets. From the second painting of a view on they are a picture, which stays while homes
   change; a view that is only passed by is painted straight away, for drawing a canvas waits until it is done.
   @param {L.Point} size
   @param {number} ratio */
  paintBack(size, ratio) {
    const { on } = this.view, { s, bx, by } = this.scope, { pen, back, _container: canvas } = this;
    const key = [s, bx, by, size.x, size.y, ratio, on.ground, on.streets, on.area, this.palette.land].join(), again = this.backKey.seen === key;
    if (again && this.backKey.kept !== key) {
      [back.width, back.height] = [canvas.width, canvas.height];
      this.pen = penOf(back);
      this.pen.scale(ratio, ratio);
      this.paintGround();
      this.pen = pen;
      this.backKey.kept = key;
    }
    if (again) pen.drawImage(back, 0, 0, size.x, size.y);
    else this.paintGround();
    this.backKey.seen = key;
  }

  paintGround() {
    const { on } = this.view;
    if (on.ground) paintGround(this);
    if (on.streets) paintStreets(this);
    if (on.area) paintArea(this);
  }

  /** How far people of the chosen home come; and streets in time for the service that is shown. */
  paintBands() {
    const { lab, view } = this, k = view.colour;
    if (!lab) return;
    view.around?.bands.forEach((band, i) => reach.paint(this, lab.engine.g, band, reach.BANDS[reach.BANDS.length - 1 - i][0], 1.6));
    if (!view.on.reach || k < 0) return;
    const result = lab.result ?? lab.before;
    if (this.reachOf?.result !== result || this.reachOf.k !== k) this.reachOf = { result, k, ...reached(lab.engine, result, k) };
    reach.paint(this, lab.engine.g, this.reachOf);
  }

  /** The gate near a point in units, -1 for none.
   @param {number} ux
   @param {number} uy */
  gateAt(ux, uy) {
    return sketch.gateAt(this, ux, uy);
  }

  /** Canvas pixels of a point of the map's container.
   @param {L.Point} point */
  cornerAt(point) {
    return this._map ? this._map.containerPointToLayerPoint(point).subtract(this._bounds.min) : point;
  }

  /** Units of a point of the map's container.
   @param {L.Point} point
   @returns {XY} */
  unitsAt(point) {
    const corner = this.cornerAt(point);
    return [(corner.x - this.scope.bx) / this.scope.s, (this.scope.by - corner.y) / this.scope.s];
  }

  /** @param {L.Map} map
   @param {L.Point} min
   @param {L.Point} size
   @returns {Scope} */
  frameOf(map, min, size) {
    const { west_m, south_m, unit_m } = this.model.texts.grid, zoom = map.getZoom();
    const world = 256 * 2 ** zoom, corner = map.getPixelOrigin().add(min);
    const s = (world / WORLD_M) * unit_m;
    const bx = (west_m / WORLD_M + 0.5) * world - corner.x;
    const by = (0.5 - south_m / WORLD_M) * world - corner.y;
    return { s, bx, by, box: [-bx / s, (by - size.y) / s, (size.x - bx) / s, by / s], zoom };
  }

  /** @param {Float64Array} box
   @param {number} i */
  seen(box, i) {
    const view = this.scope.box, b = 4 * i;
    return box[b] <= view[2] && box[b + 2] >= view[0] && box[b + 1] <= view[3] && box[b + 3] >= view[1];
  }

  /** Adds line i to the path; vertices that fall on the same pixel are left out. A ring ends with a line to
   its first vertex: Chromium measures the whole path at each closePath, which on thousands of rings takes seconds.
   @param {Lines} lines
   @param {number} i
   @param {boolean} [closed] */
  trace({ x, y, start }, i, closed) {
    const { s, bx, by } = this.scope, pen = this.pen, last = start[i + 1] - 1;
    let px = Infinity, py = Infinity;
    for (let v = start[i]; v <= last; v++) {
      const qx = x[v] * s + bx, qy = by - y[v] * s;
      if (v === start[i]) pen.moveTo(qx, qy);
      else if (v === last || Math.abs(qx - px) + Math.abs(qy - py) > 0.8) pen.lineTo(qx, qy);
      else continue;
      px = qx;
      py = qy;
    }
    if (closed && last >= start[i]) pen.lineTo(x[start[i]] * s + bx, by - y[start[i]] * s);
  }

  /** @param {Polygons} shapes
   @param {number} i */
  traceShape(shapes, i) {
    for (let r = shapes.ring[i]; r < shapes.ring[i + 1]; r++) this.trace(shapes.rings, r, true);
  }

  /** Paths in portions: one huge path takes many times longer to fill than its pieces.
   @template T
   @param {T[]} items
   @param {(item: T) => void} trace
   @param {() => void} paint */
  inPortions(items, trace, paint) {
    for (let i = 0; i < items.length; i += PORTION) {
      this.pen.beginPath();
      for (let j = i; j < Math.min(i + PORTION, items.length); j++) trace(items[j]);
      paint();
    }
  }

  /** Those in view, of all or of some.
   @param {Lines | Polygons} set
   @param {(i: number) => boolean} pick */
  seenOf(set, pick = () => true) {
    const out = [];
    for (let i = 0; i < set.count; i++) if (pick(i) && this.seen(set.box, i)) out.push(i);
    return out;
  }

  /** @param {Lines} set
   @param {Style} style
   @param {(i: number) => boolean} [pick] */
  strokeLines(set, style, pick) {
    const pen = this.pen;
    pen.strokeStyle = style.colour;
    pen.lineWidth = style.width;
    pen.setLineDash(style.dash ?? []);
    this.inPortions(this.seenOf(set, pick), (i) => this.trace(set, i), () => pen.stroke());
    pen.setLineDash([]);
  }

  /** Degrees of a point in units.
   @param {number} x
   @param {number} y */
  latLng(x, y) {
    const { west_m, south_m, unit_m } = this.model.texts.grid;
    return L.CRS.EPSG3857.unproject(L.point(west_m + x * unit_m, south_m + y * unit_m));
  }

  /** @param {"area" | "zone" | "compound"} name
   @param {number} i */
  bounds(name, i) {
    const box = this.shapes[name].box.subarray(4 * i, 4 * i + 4);
    return L.latLngBounds(this.latLng(box[0], box[1]), this.latLng(box[2], box[3]));
  }

  /** @param {number} r */
  homeLatLng(r) {
    return this.latLng(this.model.arrays.home_x[r], this.model.arrays.home_y[r]);
  }
}
