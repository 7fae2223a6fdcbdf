/* The canvas layer: streets, ground, zones, residences, venues, sites. Draws and finds. */
globalThis.gusuLayer = (() => {
  "use strict";

  const { lines, polygons, inside, BY_MISSING } = gusuCore;
  const { GREY, TURN, classColours, rim, ink, mark, star, venueSymbol, label, centred, hatch } = gusuSymbols;
  const PORTION = 100; // shapes per path
  const MANY = 20000; // homes in view: more are drawn as plain squares when small
  const WORLD_M = TURN * 6378137;
  const STREET = [ // width in pixels at zoom 14 and growth per zoom, colour; then steps
    { width: 2.6, colour: "#d3cbbb" }, { width: 1.7, colour: "#dcd7cc" },
    { width: 0.9, colour: "#d9d4ca" }, { width: 1.2, colour: "#b3a994", dash: [2, 2] },
  ];

  const ReviewLayer = L.Renderer.extend({
    options: { padding: 0.25 },

    /** view: what is shown (see page.js); it is read at every repaint, never changed here. */
    initialize(model, view) {
      L.Renderer.prototype.initialize.call(this);
      const a = model.arrays;
      this.model = model;
      this.view = view;
      this.streets = lines(a, "street");
      this.shapes = Object.fromEntries(
        ["area", "zone", "foot", "water", "green", "bare", "compound"].map((name) => [name, polygons(a, name)]));
      this.coast = lines(a, "coast");
      this.waterway = lines(a, "waterway");
      this.stream = lines(a, "stream");
      this.railway = lines(a, "railway");
      this.wall = lines(a, "wall");
      this.slots = slots(a.venue_x, a.venue_y);
    },

    /** Repaint with the next frame; many calls make one repaint. */
    refresh() {
      if (!this.frame) this.frame = L.Util.requestAnimFrame(this.paint, this);
    },

    _initContainer() {
      this._container = L.DomUtil.create("canvas");
      this.pen = this._container.getContext("2d");
    },

    _destroyContainer() {
      L.Util.cancelAnimFrame(this.frame);
      this._container.remove();
    },

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      this.paint();
    },

    paint() {
      this.frame = null;
      if (!this._map) return;
      const size = this._bounds.getSize(), ratio = this.sharpness || Math.min(window.devicePixelRatio || 1, 2);
      const canvas = this._container, pen = this.pen;
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = ratio * size.x;
      canvas.height = ratio * size.y;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
      pen.scale(ratio, ratio);
      this.scope = this.frameOf(this._bounds.min, size);
      const { on } = this.view, { app } = this;
      this.paintBack(on, size, ratio);
      if (on.bare) gusuSurvey.paintBare(this, this.view.colour);
      if (on.barriers) this.paintBarriers();
      this.view.around?.bands.forEach((band, i) => gusuReach.paint(this, band, gusuReach.BANDS.at(-1 - i)[0], 1.6));
      if (on.reach) this.paintReach();
      if (on.zones) this.paintZones();
      pen.globalAlpha = this.view.around ? 0.3 : 1; // colours of time, not of homes, are looked at then
      if (on.homes) this.paintHomes();
      pen.globalAlpha = 1;
      if (on.homes && app?.lab?.result) gusuSketch.paintTurns(this, app.lab.gains);
      if (on.gaps) gusuSurvey.paintLinks(this);
      if (on.zones) this.paintZoneNames();
      if (this.view.way) gusuSketch.paintWay(this, this.view.way);
      this.paintVenues();
      if (on.sites) this.paintSites();
      if (app?.lab) gusuSketch.paint(this, app);
      this.paintChosen();
      this.painted?.();
    },

    /** Ground and streets; kept as a picture while changes are drawn over the same view. */
    paintBack(on, size, ratio) {
      const { s, bx, by } = this.scope, key = [s, bx, by, size.x, size.y, ratio, on.ground, on.streets, on.area].join();
      if (this.backKey === key) {
        this.pen.drawImage(this.back, 0, 0, size.x, size.y);
        return;
      }
      if (on.ground) this.paintGround();
      if (on.streets) this.paintStreets();
      if (on.area) this.paintArea();
      this.backKey = this.app?.lab?.result || this.app?.lab?.tool ? key : "";
      if (!this.backKey) return;
      this.back ??= document.createElement("canvas");
      this.back.width = this._container.width;
      this.back.height = this._container.height;
      this.back.getContext("2d").drawImage(this._container, 0, 0);
    },

    /** Walls, outlines of compounds, and gates: full for all, half for residents, barred if locked. */
    paintBarriers() {
      const { pen, shapes, scope } = this, { door_x: x, door_y: y, door_kind: kind } = this.model.arrays;
      this.strokeLines(this.wall, { colour: "#6b4e2e", width: scope.zoom < 15 ? 1 : 2 });
      pen.beginPath();
      for (let i = 0; i < shapes.compound.count; i++) if (this.seen(shapes.compound.box, i)) this.traceShape(shapes.compound, i);
      pen.strokeStyle = "#6b4e2e";
      pen.lineWidth = 1.6;
      pen.setLineDash([6, 3]);
      pen.stroke();
      pen.setLineDash([]);
      if (scope.zoom < 14) return;
      for (let i = 0; i < x.length; i++) gusuSymbols.gate(pen, kind[i], x[i] * scope.s + scope.bx, scope.by - y[i] * scope.s);
    },

    /** Streets in time for the service that is shown. */
    paintReach() {
      const { lab } = this.app ?? {}, k = this.view.colour;
      if (!lab || k < 0) return;
      const result = lab.result ?? lab.before;
      if (this.reachOf?.result !== result || this.reachOf.k !== k) this.reachOf = { result, k, ...gusuReach.reached(lab.engine, result, k) };
      gusuReach.paint(this, this.reachOf);
    },

    gateAt(ux, uy) {
      return gusuSketch.gateAt(this, ux, uy);
    },

    /** Units of a point of the map's container. */
    unitsAt(point) {
      const corner = this._map.containerPointToLayerPoint(point).subtract(this._bounds.min);
      return [(corner.x - this.scope.bx) / this.scope.s, (this.scope.by - corner.y) / this.scope.s];
    },

    /** Units to canvas pixels: X = x * s + bx, Y = by - y * s; and the box in view, in units. */
    frameOf(min, size) {
      const { west_m, south_m, unit_m } = this.model.texts.grid, zoom = this._map.getZoom();
      const world = 256 * 2 ** zoom, corner = this._map.getPixelOrigin().add(min);
      const s = (world / WORLD_M) * unit_m;
      const bx = (west_m / WORLD_M + 0.5) * world - corner.x;
      const by = (0.5 - south_m / WORLD_M) * world - corner.y;
      const box = [-bx / s, (by - size.y) / s, (size.x - bx) / s, by / s];
      return { s, bx, by, box, zoom };
    },

    seen(box, i) {
      const view = this.scope.box, b = 4 * i;
      return box[b] <= view[2] && box[b + 2] >= view[0] && box[b + 1] <= view[3] && box[b + 3] >= view[1];
    },

    /** Adds line i to the path; vertices that fall on the same pixel are left out. */
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
      if (closed) pen.closePath();
    },

    traceShape(shapes, i) {
      for (let r = shapes.ring[i]; r < shapes.ring[i + 1]; r++) this.trace(shapes.rings, r, true);
    },

    /** Paths in portions: one huge path takes many times longer to fill than its pieces. */
    inPortions(items, trace, paint) {
      for (let i = 0; i < items.length; i += PORTION) {
        this.pen.beginPath();
        for (let j = i; j < Math.min(i + PORTION, items.length); j++) trace(items[j]);
        paint();
      }
    },

    seenOf(set, pick = () => true) {
      const out = [];
      for (let i = 0; i < set.count; i++) if (pick(i) && this.seen(set.box, i)) out.push(i);
      return out;
    },

    strokeLines(set, style, pick) {
      const pen = this.pen;
      pen.strokeStyle = style.colour;
      pen.lineWidth = style.width;
      pen.setLineDash(style.dash || []);
      this.inPortions(this.seenOf(set, pick), (i) => this.trace(set, i), () => pen.stroke());
      pen.setLineDash([]);
    },

    paintGround() {
      for (const [name, colour] of [["green", "#dfe9d8"], ["water", "#cbdfe9"]]) {
        const shapes = this.shapes[name];
        this.pen.fillStyle = colour;
        this.inPortions(this.seenOf(shapes), (i) => this.traceShape(shapes, i), () => this.pen.fill());
      }
      this.strokeLines(this.coast, { colour: "#7fb0cc", width: 2.2 });
      this.strokeLines(this.waterway, { colour: "#a3c6da", width: 2.2 });
      this.strokeLines(this.stream, { colour: "#b5d0de", width: 1.2 });
      this.strokeLines(this.railway, { colour: "#bdb9b6", width: 1.2, dash: [6, 3] });
    },

    paintStreets() {
      const kinds = this.model.arrays.street_class, grow = 1.32 ** (this.scope.zoom - 14);
      this.pen.lineJoin = this.pen.lineCap = "round";
      for (const k of this.scope.zoom < 12 ? [1, 0] : [2, 3, 1, 0]) { // farther off paths are but dust
        const style = { ...STREET[k], width: STREET[k].width * Math.min(Math.max(grow, 0.6), 5) };
        if (style.dash) this.pen.lineCap = "butt";
        this.strokeLines(this.streets, style, (i) => kinds[i] === k);
        this.pen.lineCap = "round";
      }
    },

    /** Outside the study area everything is paler. */
    paintArea() {
      const pen = this.pen, { width, height } = this._container;
      pen.beginPath();
      pen.rect(0, 0, width, height);
      for (let i = 0; i < this.shapes.area.count; i++) this.traceShape(this.shapes.area, i);
      pen.fillStyle = "rgba(247,246,242,0.62)";
      pen.fill("evenodd");
      pen.beginPath();
      for (let i = 0; i < this.shapes.area.count; i++) this.traceShape(this.shapes.area, i);
      pen.strokeStyle = "#4a5560";
      pen.lineWidth = 1.8;
      pen.setLineDash([9, 4, 2, 4]);
      pen.stroke();
      pen.setLineDash([]);
    },

    zoneIxs() {
      const { zones } = this.model.texts;
      return zones.flatMap((zone, i) => (zone.level === this.view.level ? [i] : []));
    },

    paintZones() {
      const pen = this.pen, shapes = this.shapes.zone;
      pen.beginPath();
      for (const i of this.zoneIxs()) if (this.seen(shapes.box, i)) this.traceShape(shapes, i);
      pen.strokeStyle = "rgba(60,70,92,0.7)";
      pen.lineWidth = 1.1;
      pen.stroke();
    },

    paintZoneNames() {
      const { s, bx, by, zoom } = this.scope, shapes = this.shapes.zone;
      for (const i of this.zoneIxs()) {
        const [west, south, east, north] = shapes.box.subarray(4 * i, 4 * i + 4);
        if (!this.seen(shapes.box, i) || (east - west) * s < 46) continue;
        const x = ((west + east) / 2) * s + bx, y = by - ((south + north) / 2) * s;
        label(this.pen, this.view.zoneName(i), x, y, zoom < 15 ? 12 : 13, "#3a4656");
      }
    },

    homeXY(r) {
      const { s, bx, by } = this.scope, a = this.model.arrays;
      return [a.home_x[r] * s + bx, by - a.home_y[r] * s];
    },

    /** A footprint is drawn where it is large enough to be seen as one, else a mark stands for it. */
    asFootprint(r) {
      const box = this.shapes.foot.box, b = 4 * r;
      return Math.max(box[b + 2] - box[b], box[b + 3] - box[b + 1]) * this.scope.s >= 4;
    },

    /** All, or only those that miss the service of the filter. */
    homeShown(r) {
      const { only } = this.view;
      return only < 0 || this.model.arrays.state[r * this.model.services + only] === gusuCore.FAIL;
    },

    inView(r) {
      if (this.asFootprint(r)) return this.seen(this.shapes.foot.box, r);
      const { box } = this.scope, a = this.model.arrays;
      return a.home_x[r] >= box[0] && a.home_x[r] <= box[2] && a.home_y[r] >= box[1] && a.home_y[r] <= box[3];
    },

    paintHomes() {
      const { model, view } = this, colours = classColours(view.colour);
      const groups = Array.from({ length: colours.length + 1 }, () => []);
      let seen = 0;
      for (let r = 0; r < model.homes; r++) {
        if (!this.inView(r) || !this.homeShown(r)) continue;
        groups[model.classOf(r, view.colour)].push(r);
        seen++;
      }
      const order = [colours.length, ...colours.keys()]; // the worst on top
      if (seen > MANY && this.markSize() < 3) return this.paintDots(order.map((group) => [groups[group], colours[group] || GREY]));
      for (const group of order) this.paintClass(groups[group], colours[group], group);
      if (this.scope.zoom >= 17 && view.colour === BY_MISSING) this.paintNumbers(groups, colours);
    },

    markSize() {
      return Math.min(Math.max(this.scope.zoom - 11.4, 2), 6);
    },

    /** So many homes that no shape can be told: squares, pixel by pixel. */
    paintDots(classes) {
      const { s, bx, by } = this.scope, { home_x: x, home_y: y } = this.model.arrays, { width, height } = this._container;
      const ratio = width / this._bounds.getSize().x, size = Math.round(this.markSize() * ratio);
      const picture = new ImageData(width, height), pixels = new Uint32Array(picture.data.buffer);
      for (const [homes, colour] of classes) {
        const [red, green, blue] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
        const ink = (255 << 24) | (blue << 16) | (green << 8) | red;
        for (const r of homes) {
          const left = Math.max(Math.round((x[r] * s + bx) * ratio) - size, 0), top = Math.max(Math.round((by - y[r] * s) * ratio) - size, 0);
          const right = Math.min(left + 2 * size, width), bottom = Math.min(top + 2 * size, height);
          for (let row = top; row < bottom; row++) pixels.fill(ink, row * width + left, row * width + right);
        }
      }
      this.dots ??= document.createElement("canvas");
      [this.dots.width, this.dots.height] = [width, height];
      this.dots.getContext("2d").putImageData(picture, 0, 0);
      this.pen.drawImage(this.dots, 0, 0, width / ratio, height / ratio);
    },

    paintClass(homes, colour, group) {
      const pen = this.pen, { zoom } = this.scope, size = this.markSize();
      pen.fillStyle = colour || (this.unknown ??= hatch(pen));
      pen.strokeStyle = colour ? rim(colour) : GREY;
      pen.lineWidth = Math.min(Math.max((zoom - 13) * 0.35, 0.35), 1); // rims do not drown dense blocks
      const trace = (r) => {
        if (this.asFootprint(r)) this.traceShape(this.shapes.foot, r);
        else mark(pen, group, ...this.homeXY(r), size);
      };
      this.inPortions(homes, trace, () => {
        pen.fill();
        pen.stroke();
      });
    },

    /** The number itself inside the footprint: nothing hangs on colour alone. */
    paintNumbers(groups, colours) {
      const pen = this.pen, { missing } = this.model;
      centred(pen, 600, 11);
      groups.forEach((homes, group) => {
        pen.fillStyle = colours[group] ? ink(colours[group]) : "#444";
        for (const r of homes) {
          if (!this.asFootprint(r)) continue;
          pen.fillText(colours[group] ? String(missing[r]) : "?", ...this.homeXY(r));
        }
      });
    },

    /** Symbols of one place that offers several services stand side by side. */
    venueXY(f) {
      const { s, bx, by } = this.scope, a = this.model.arrays;
      return [a.venue_x[f] * s + bx + this.slots[f] * this.venueSize() * 1.7, by - a.venue_y[f] * s];
    },

    /** Letters where there is room for them: zoomed in, or few venues in all. */
    venueSize() {
      return this.scope.zoom >= 15 || this.shownVenues <= 60 ? 7.5 : 3.5;
    },

    venueShown(f) {
      return this.view.venues.has(this.model.arrays.venue_service[f]) || this.view.near.has(f);
    },

    paintVenues() {
      const { arrays } = this.model, pen = this.pen;
      this.shownVenues = 0;
      for (let f = 0; f < arrays.venue_x.length; f++) this.shownVenues += this.venueShown(f);
      const size = this.venueSize();
      for (let f = 0; f < arrays.venue_x.length; f++) {
        if (!this.venueShown(f)) continue;
        const near = this.view.near.has(f), [x, y] = this.venueXY(f), k = arrays.venue_service[f];
        venueSymbol(pen, k, x, y, near ? Math.max(size, 8.5) : size, near);
      }
    },

    siteXY(i) {
      const { s, bx, by } = this.scope, a = this.model.arrays;
      return [a.site_x[i] * s + bx, by - a.site_y[i] * s];
    },

    paintSites() {
      const pen = this.pen, { candidate_x: cx, candidate_y: cy } = this.model.arrays, { s, bx, by } = this.scope;
      pen.fillStyle = "#f6b800"; // places that were to choose from
      pen.strokeStyle = "#6b5200";
      pen.lineWidth = 0.8;
      this.inPortions([...cx.keys()], (i) => {
        pen.moveTo(cx[i] * s + bx + 2.6, by - cy[i] * s);
        pen.arc(cx[i] * s + bx, by - cy[i] * s, 2.6, 0, TURN);
      }, () => {
        pen.fill();
        pen.stroke();
      });
      for (let i = 0; i < this.model.texts.sites.length; i++) {
        const [x, y] = this.siteXY(i);
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
    },

    /** The residence whose card is open. */
    paintChosen() {
      const r = this.view.open, pen = this.pen;
      if (r < 0) return;
      const [x, y] = this.homeXY(r);
      for (const [colour, width] of [["#fff", 6], ["#111827", 2.6]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.beginPath();
        if (this.asFootprint(r)) this.traceShape(this.shapes.foot, r);
        else pen.arc(x, y, 9, 0, TURN);
        pen.stroke();
      }
    },

    /** What lies under a point of the map's container: {kind: "site", "venue", "gap" or "home", ix}. */
    find(point) {
      const corner = this._map.containerPointToLayerPoint(point).subtract(this._bounds.min);
      const { on } = this.view, { texts, arrays } = this.model, { s, bx, by } = this.scope;
      const close = ([x, y], reach) => Math.hypot(x - corner.x, y - corner.y) <= reach;
      if (on.sites) {
        const i = texts.sites.findIndex((_, site) => close(this.siteXY(site), 15));
        if (i >= 0) return { kind: "site", ix: i };
      }
      for (let f = arrays.venue_x.length - 1; f >= 0; f--) {
        if (this.venueShown(f) && close(this.venueXY(f), 8)) return { kind: "venue", ix: f };
      }
      const gap = on.gaps ? gusuSurvey.findLink(this, corner) : -1;
      if (gap >= 0) return { kind: "gap", ix: gap };
      return on.homes ? this.findHome((corner.x - bx) / s, (by - corner.y) / s) : null;
    },

    findHome(ux, uy) {
      const a = this.model.arrays, reach = 7 / this.scope.s;
      let best = -1, nearest = reach;
      for (let r = 0; r < this.model.homes; r++) {
        if (!this.homeShown(r)) continue;
        if (this.asFootprint(r) && inside(this.shapes.foot, r, ux, uy)) return { kind: "home", ix: r };
        const away = Math.hypot(a.home_x[r] - ux, a.home_y[r] - uy);
        if (away < nearest) [best, nearest] = [r, away];
      }
      return best < 0 ? null : { kind: "home", ix: best };
    },

    /** Degrees of a point in units. */
    latLng(x, y) {
      const { west_m, south_m, unit_m } = this.model.texts.grid;
      return L.CRS.EPSG3857.unproject(L.point(west_m + x * unit_m, south_m + y * unit_m));
    },

    bounds(name, i) {
      const box = this.shapes[name].box.subarray(4 * i, 4 * i + 4);
      return L.latLngBounds(this.latLng(box[0], box[1]), this.latLng(box[2], box[3]));
    },

    homeLatLng(r) {
      return this.latLng(this.model.arrays.home_x[r], this.model.arrays.home_y[r]);
    },
  });

  /** How many symbols stand before this one at the same place. */
  function slots(x, y) {
    const taken = new Map(), out = new Int32Array(x.length);
    for (let f = 0; f < x.length; f++) {
      const key = `${x[f]},${y[f]}`;
      out[f] = taken.get(key) || 0;
      taken.set(key, out[f] + 1);
    }
    return out;
  }

  return { ReviewLayer };
})();
