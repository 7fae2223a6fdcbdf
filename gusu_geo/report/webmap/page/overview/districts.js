/* Outlines of districts on the map, and their names where there is room. */
import { HATCH } from "../drawing/colours.js";
import { byId, el, name as bdi, svg } from "../panel/dom.js";
import { COLOURS, FAILED, classOf, heads } from "./classes.js";

const UNIT = 1e5; // steps of an outline per degree
const LINE_PX = 16;
const wide = () => !matchMedia("(max-width: 720px)").matches; // as in style.css

/** @param {number[]} steps
 @returns {[number, number][]} */
function ring(steps) {
  let lon = 0, lat = 0;
  /** @type {[number, number][]} */
  const out = [];
  for (let i = 0; i < steps.length; i += 2) out.push([(lat += steps[i + 1]) / UNIT, (lon += steps[i]) / UNIT]);
  return out;
}

export class Districts {
  /** @param {Region} app */
  constructor(app) {
    this.app = app;
    const { map, texts } = app, renderer = L.svg({ padding: 0.5 }).addTo(map);
    this.shapes = texts.rows.map((row, i) => {
      const k = classOf(row), shape = L.polygon(texts.outlines[i].map((polygon) => polygon.map(ring)), { renderer, className: `district${k === FAILED ? " failed" : ""}`,
        fillOpacity: 1, fillColor: COLOURS[k] ?? `url(#${k === FAILED ? "hatch-failed" : "hatch-unknown"})` }).addTo(map);
      shape.on("click", (event) => {
        event.originalEvent.stopPropagation();
        app.pick(i);
      });
      shape.on("mousemove", (event) => this.tip(i, event.originalEvent));
      shape.on("mouseout", () => this.tip(-1));
      return shape;
    });
    hatches(renderer._container);
    renderer._container.setAttribute("aria-hidden", "true"); // the table says the same, and can be reached by keys
    this.names = /** @type {L.Marker[]} */ ([]);
    map.on("zoomend", () => this.write());
  }

  /** The whole region, beside the legend where there is room. */
  show() {
    const all = this.shapes.map((shape) => shape.getBounds()).reduce((a, b) => a.extend(b));
    this.app.map.fitBounds(all, { animate: false, paddingTopLeft: [wide() ? byId("legend").offsetWidth + 30 : 14, 14], paddingBottomRight: [14, 14] });
    this.write();
  }

  /** Brings a district to where the card does not cover it, as large as the map has room where asked for.
   @param {number} i
   @param {boolean} [zoom] */
  bring(i, zoom) {
    const { map, texts } = this.app, { lonlat: [lon, lat] } = texts.rows[i], card = byId("card"), size = map.getSize();
    /** @type {[number, number]} */
    const corner = wide() ? [Math.min(card.offsetWidth + 40, size.x - 80), 40] : [20, Math.max(0, Math.min(card.offsetHeight + card.offsetTop, size.y) - card.offsetTop - 60)];
    /** @type {[number, number]} */
    const other = [wide() ? byId("legend").offsetWidth + 40 : 60, 40];
    if (zoom) map.fitBounds(this.shapes[i].getBounds(), { animate: false, paddingTopLeft: other, paddingBottomRight: corner });
    else map.panInside([lat, lon], { animate: false, paddingTopLeft: [other[0] + 30, other[1]], paddingBottomRight: [corner[0] + 30, corner[1]] });
  }

  /** Rims, and names in the language that is shown. */
  refresh() {
    this.shapes.forEach((shape, i) => {
      shape.getElement()?.classList.toggle("picked", i === this.app.picked);
    });
    if (this.app.picked >= 0) this.shapes[this.app.picked].bringToFront();
    this.write();
  }

  /** Names, the largest districts first; none covers another or leaves its district by much. */
  write() {
    const { map, texts, say } = this.app;
    for (const one of this.names.splice(0)) one.remove();
    if (!map._loaded) return;
    const taken = /** @type {[number, number, number, number][]} */ ([]);
    const rooms = this.shapes.map((shape) => {
      const box = shape.getBounds(), a = map.latLngToLayerPoint(box.getNorthWest()), b = map.latLngToLayerPoint(box.getSouthEast());
      return [b.x - a.x, b.y - a.y];
    });
    const order = rooms.map((_, i) => i).sort((a, b) => rooms[b][0] * rooms[b][1] - rooms[a][0] * rooms[a][1]);
    for (const i of order) {
      const { lonlat: [lon, lat], name, key } = texts.rows[i], text = say.of(name, key), width = textWidth(text), [wide, high] = rooms[i];
      if (width > 1.15 * wide || LINE_PX > high) continue;
      const at = map.latLngToLayerPoint([lat, lon]), box = /** @type {[number, number, number, number]} */ ([at.x - width / 2, at.y - LINE_PX / 2, at.x + width / 2, at.y + LINE_PX / 2]);
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      const icon = L.divIcon({ className: "district-name", html: el("span", {}, bdi(text)), iconSize: [0, 0] });
      this.names.push(L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(map));
    }
  }

  /** What a pointer is on.
   @param {number} i -1: nothing
   @param {MouseEvent} [event] */
  tip(i, event) {
    const { app } = this, tip = byId("tip"), row = app.texts.rows[i];
    tip.hidden = !row || !event;
    if (!row || !event) return;
    const { say } = app, what = row.figures ? `${say.percent(row.figures.share)} · ${heads(app, row.figures.persons)} ${say.t("overview_heads")}` : say.t("overview_failed");
    tip.textContent = `${say.of(row.name, row.key)}${say.colon}${what}`;
    tip.style.left = `${Math.min(event.clientX + 14, innerWidth - 230)}px`;
    tip.style.top = `${event.clientY + 14}px`;
  }
}

/** About how wide a name is written, in pixels.
 @param {string} text */
const textWidth = (text) => [...text].reduce((sum, letter) => sum + (/[\u2e80-\uffef]/.test(letter) ? 12.5 : 6.9), 0);

/** Fills of what is unknown: lines that rise where there is no result, lines that fall where nobody could be judged.
 @param {Element} container */
function hatches(container) {
  const pattern = (/** @type {string} */ id, /** @type {string} */ d) => svg("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse" },
    svg("rect", { width: 8, height: 8, fill: HATCH.ground }), svg("path", { d, stroke: HATCH.line, "stroke-width": 1.5 }));
  container.prepend(svg("defs", {}, pattern("hatch-failed", "M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6"), pattern("hatch-unknown", "M-2 6 L2 10 M0 0 L8 8 M6 -2 L10 2")));
}

