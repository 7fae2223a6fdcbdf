/* Changes on the map: who gains and loses, new and moved venues, links, gates. Draws and finds. */
import { spot } from "../engine/places.js";
import { stillThere } from "../engine/scenario.js";
import { homeXY, inView } from "./homes.js";
import { TURN, centred, roundedBox, venueColour, venueSymbol } from "./symbols.js";
import { venueXY } from "./venues.js";

export const GAIN = "#0a7d34", LOSS = "#c2185b";
const LINK = GAIN, GATE = "#7a4b00";

/** Rings around homes: a full one gains, a dashed one loses.
 @param {ReviewLayer} layer
 @param {Int8Array} gains */
export function paintTurns(layer, gains) {
  const { pen } = layer;
  for (const { sign, colour, dash } of [{ sign: 1, colour: GAIN, dash: [] }, { sign: -1, colour: LOSS, dash: [3, 2] }]) {
    const homes = [], size = Math.min(Math.max(layer.scope.zoom - 9.5, 4), 9);
    for (let r = 0; r < gains.length; r++) if (gains[r] === sign && inView(layer, r)) homes.push(r);
    pen.setLineDash(dash);
    layer.inPortions(homes, (r) => {
      const [x, y] = homeXY(layer, r);
      pen.moveTo(x + size, y);
      pen.arc(x, y, size, 0, TURN);
    }, () => {
      for (const [ink, width] of /** @type {[string, number][]} */ ([["#fff", 3.4], [colour, 1.9]])) {
        pen.strokeStyle = ink;
        pen.lineWidth = width;
        pen.stroke();
      }
    });
  }
  pen.setLineDash([]);
}

/** @param {ReviewLayer} layer
 @param {XY} units
 @returns {XY} */
const xyOf = ({ scope }, [ux, uy]) => [ux * scope.s + scope.bx, scope.by - uy * scope.s];

/** @param {Pen} pen
 @param {XY[]} points
 @param {string} colour
 @param {number} width
 @param {number[]} dash */
function line(pen, points, colour, width, dash) {
  pen.beginPath();
  points.forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x, y));
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.stroke();
  pen.setLineDash([]);
}

/** All changes, in order.
 @param {ReviewLayer} layer
 @param {Trial} trial */
export function paint(layer, trial) {
  const { pen } = layer, { changes } = trial.history.now;
  if (!changes.length && !trial.from && trial.tool !== "gate") return;
  const { g } = trial.engine, xyAt = (/** @type {Place} */ place) => xyOf(layer, spot(g, place.on));
  if (trial.tool === "gate" || changes.some((one) => one.do === "open_gate")) paintGates(layer, trial);
  changes.forEach((one, i) => {
    if (one.do === "add_link") paintLink(pen, [xyAt(one.from), xyAt(one.to)]);
    if (one.do === "close_venue" || one.do === "move_venue") {
      for (const { f } of trial.engine.venueRows(one.venue)) {
        const old = venueXY(layer, f);
        if (one.do === "move_venue" && stillThere(changes, i)) line(pen, [old, xyAt(one)], "#333", 1.5, [4, 3]);
        cross(pen, ...old);
      }
    }
    if ((one.do === "add_venue" || one.do === "move_venue") && stillThere(changes, i)) paintVenue(layer, xyAt(one), servicesOf(trial, one));
  });
  if (trial.from) dot(pen, ...xyAt(trial.from), 6, LINK);
}

/** A new link: green on white, a dot at either end.
 @param {Pen} pen
 @param {XY[]} ends */
function paintLink(pen, ends) {
  line(pen, ends, "#fff", 8, []);
  line(pen, ends, LINK, 4.5, []);
  for (const [x, y] of ends) dot(pen, x, y, 5, LINK);
}

/** Positions of the services that a placed venue offers.
 @param {Trial} trial
 @param {AddVenue | MoveVenue} one */
function servicesOf({ engine, history }, one) {
  if (one.do === "add_venue") return one.services.map((id) => engine.serviceIx(id));
  const fresh = history.now.changes.flatMap((other) => (other.do === "add_venue" && other.id === one.venue ? [other] : []));
  if (fresh.length) return fresh[0].services.map((id) => engine.serviceIx(id));
  return [...new Set(engine.venueRows(one.venue).map((row) => row.k))];
}

/** A pin with the symbols of what is offered.
 @param {ReviewLayer} layer
 @param {XY} at
 @param {number[]} services */
function paintVenue({ pen }, [x, y], services) {
  const size = 9, width = services.length * size * 2.2 + 6, top = y - 34;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x - 5, top + 12);
  pen.lineTo(x + 5, top + 12);
  pen.closePath();
  pen.fillStyle = GAIN;
  pen.fill();
  roundedBox(pen, x - width / 2, top - 12, width, 24, 12);
  pen.fillStyle = "#fff";
  pen.fill();
  pen.strokeStyle = GAIN;
  pen.lineWidth = 2.4;
  pen.stroke();
  services.forEach((k, i) => venueSymbol(pen, k, x + (i - (services.length - 1) / 2) * size * 2.2, top, size, false));
  dot(pen, x, y, 4, services.length === 1 ? venueColour(services[0]) : GAIN);
}

/** @param {Pen} pen
 @param {number} x
 @param {number} y
 @param {number} size
 @param {string} colour */
function dot(pen, x, y, size, colour) {
  pen.beginPath();
  pen.arc(x, y, size, 0, TURN);
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = "#fff";
  pen.lineWidth = 1.5;
  pen.stroke();
}

/** @param {Pen} pen
 @param {number} x
 @param {number} y */
function cross(pen, x, y) {
  for (const { colour, width } of [{ colour: "#fff", width: 5 }, { colour: LOSS, width: 2.6 }]) {
    line(pen, [[x - 7, y - 7], [x + 7, y + 7]], colour, width, []);
    line(pen, [[x - 7, y + 7], [x + 7, y - 7]], colour, width, []);
  }
}

/** Closed gates: a barred square, an open one once opened.
 @param {ReviewLayer} layer
 @param {Trial} trial */
function paintGates(layer, { history }) {
  const { pen, model } = layer, opened = new Set(history.now.changes.flatMap((one) => (one.do === "open_gate" ? [one.node] : [])));
  model.texts.gates.forEach((id, i) => {
    const [x, y] = gateXY(layer, i), open = opened.has(id);
    pen.beginPath();
    pen.rect(x - 8, y - 8, 16, 16);
    pen.fillStyle = open ? GAIN : "#fff";
    pen.fill();
    pen.strokeStyle = open ? "#fff" : GATE;
    pen.lineWidth = 2;
    pen.stroke();
    centred(pen, 700, 12);
    pen.fillStyle = open ? "#fff" : GATE;
    pen.fillText(open ? "✓" : "╳", x, y + 1);
  });
}

/** Canvas pixels of gate i.
 @param {ReviewLayer} layer
 @param {number} i */
function gateXY(layer, i) {
  const { gate_x: x, gate_y: y } = layer.model.arrays, first = firstOf(layer.model, i);
  return xyOf(layer, [x[first], y[first]]);
}

/** @param {Model} model
 @param {number} i */
function firstOf({ arrays }, i) {
  let at = 0;
  for (let j = 0; j < i; j++) at += arrays.gate_sizes[j];
  return at;
}

/** The gate near a point in units, -1 for none.
 @param {ReviewLayer} layer
 @param {number} ux
 @param {number} uy */
export function gateAt(layer, ux, uy) {
  const [px, py] = xyOf(layer, [ux, uy]);
  return layer.model.texts.gates.findIndex((_, i) => {
    const [x, y] = gateXY(layer, i);
    return Math.hypot(x - px, y - py) <= 14;
  });
}

/** The way walked: blue on white, dashes off the street.
 @param {ReviewLayer} layer
 @param {Way} way */
export function paintWay(layer, { points, home, venue }) {
  const { pen } = layer, at = points.map((point) => xyOf(layer, point));
  pen.lineJoin = pen.lineCap = "round";
  const legs = [[home, points[0]], ...(venue ? [[points[points.length - 1], venue]] : [])];
  for (const { colour, width } of [{ colour: "#fff", width: 8 }, { colour: "#0b5c8f", width: 4.5 }]) {
    line(pen, at, colour, width, []);
    for (const leg of legs) line(pen, leg.map((point) => xyOf(layer, point)), colour, width - 2, [1, 6]);
  }
  pen.lineCap = "butt";
}
