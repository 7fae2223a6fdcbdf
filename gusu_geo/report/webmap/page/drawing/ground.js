/* What lies under the homes: ground, streets, the study area, zones, walls and gates. */
import { StreetClass } from "../engine/constants.js";
import { TURN, gate } from "./symbols.js";

/** @type {Pick<Style, "width" | "dash">[]} */
const STREET = [ // width in pixels at zoom 14, dashes, in the order of StreetClass
  { width: 2.6 }, { width: 1.7 }, { width: 0.9 }, { width: 1.2, dash: [2, 2] },
];
const { WIDE, NARROW, PATH, STEPS } = StreetClass;
const HOUSE_ZOOM = 14.5, DASH_ZOOM = 14.5;
const HAIR_PX = 1.4; // thinner streets are drawn one pixel wide, which takes browsers a quarter of the time
const PLAIN_PX = 3; // up to here nobody sees the ends and joints of lines
const FOUND = "#5b21b6", RING_PX = 16;

/** Sea, land and what nobody knows each in a colour of its own, then what grows and flows on the land.
 @param {ReviewLayer} layer */
export function paintGround(layer) {
  const { green, water, sea, land } = layer.shapes, { palette, pen } = layer, { width, height } = layer._container;
  if (land.count) {
    pen.fillStyle = palette.unknown;
    pen.fillRect(0, 0, width, height);
  }
  for (const { shapes, colour } of [{ shapes: land, colour: palette.land }, { shapes: sea, colour: palette.sea },
    { shapes: green, colour: palette.green }, { shapes: water, colour: palette.water }]) {
    pen.fillStyle = colour;
    layer.inPortions(layer.seenOf(shapes), (i) => layer.traceShape(shapes, i), () => pen.fill());
  }
  layer.strokeLines(layer.coast, { colour: palette.coast, width: 1.4 });
  layer.strokeLines(layer.waterway, { colour: palette.waterway, width: 2.2 });
  layer.strokeLines(layer.stream, { colour: palette.stream, width: 1.2 });
  layer.strokeLines(layer.railway, { colour: palette.railway, width: 1.2, dash: [6, 3] });
}

/** Buildings that are no homes: pale, once they can be seen as buildings.
 @param {ReviewLayer} layer */
export function paintHouses(layer) {
  const { pen, palette, shapes: { house }, scope } = layer;
  if (scope.zoom < HOUSE_ZOOM) return;
  pen.fillStyle = palette.house;
  pen.strokeStyle = palette.houseRim;
  pen.lineWidth = 0.7;
  layer.inPortions(layer.seenOf(house), (i) => layer.traceShape(house, i), () => {
    pen.fill();
    if (scope.zoom >= 16) pen.stroke();
  });
}

/** Buildings on commercial and retail ground that do not count as homes: pale, with a broken rim.
 @param {ReviewLayer} layer */
export function paintMixed(layer) {
  const { pen, palette, shapes: { mixed }, scope } = layer;
  pen.fillStyle = palette.mixed;
  pen.strokeStyle = palette.mixedRim;
  pen.lineWidth = scope.zoom < 15 ? 0.6 : 1;
  pen.setLineDash([3, 2]);
  layer.inPortions(layer.seenOf(mixed), (i) => layer.traceShape(mixed, i), () => {
    pen.fill();
    pen.stroke();
  });
  pen.setLineDash([]);
}

/** @param {ReviewLayer} layer */
export function paintStreets(layer) {
  const kinds = layer.model.arrays.street_class, grow = 1.32 ** (layer.scope.zoom - 14);
  const thick = Math.min(Math.max(grow, 0.6), 5), { streets, motorway } = layer.palette;
  for (const k of layer.scope.zoom < 12 ? [NARROW, WIDE] : [PATH, STEPS, NARROW, WIDE]) { // from afar paths are only dust
    const wanted = STREET[k].width * thick, width = wanted < HAIR_PX ? Math.min(wanted, 1) : wanted;
    const dash = layer.scope.zoom < DASH_ZOOM ? undefined : STREET[k].dash, plain = width < PLAIN_PX || dash;
    layer.pen.lineJoin = plain ? "bevel" : "round";
    layer.pen.lineCap = plain ? "butt" : "round";
    layer.strokeLines(layer.streets, { colour: streets[k], width, dash }, (i) => kinds[i] === k);
  }
  layer.strokeLines(layer.motorway, { colour: motorway, width: 3 * thick });
}

/** Outside the study area everything is paler.
 @param {ReviewLayer} layer */
export function paintArea(layer) {
  const pen = layer.pen, { width, height } = layer._container;
  pen.beginPath();
  pen.rect(0, 0, width, height);
  for (let i = 0; i < layer.shapes.area.count; i++) layer.traceShape(layer.shapes.area, i);
  pen.fillStyle = layer.palette.veil;
  pen.fill("evenodd");
  pen.beginPath();
  for (let i = 0; i < layer.shapes.area.count; i++) layer.traceShape(layer.shapes.area, i);
  pen.strokeStyle = layer.palette.border;
  pen.lineWidth = 1.8;
  pen.setLineDash([9, 4, 2, 4]);
  pen.stroke();
  pen.setLineDash([]);
}

/** Violet on white along what a search found.
 @param {ReviewLayer} layer
 @param {NonNullable<View["found"]>} found */
export function paintFound(layer, { set, ixs }) {
  const { pen } = layer;
  pen.lineJoin = pen.lineCap = "round";
  for (const { colour, width } of [{ colour: "rgba(255,255,255,0.9)", width: 9 }, { colour: FOUND, width: 5 }]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.globalAlpha = 0.85;
    layer.inPortions(ixs, (i) => (set === "named" ? traceNamed(layer, i) : layer.traceShape(layer.shapes[set], i)), () => pen.stroke());
  }
  pen.globalAlpha = 1;
  pen.lineCap = "butt";
}

/** A line as it runs; a ring round a point.
 @param {ReviewLayer} layer
 @param {number} i */
function traceNamed(layer, i) {
  const { named, scope, pen } = layer, at = named.start[i];
  if (named.start[i + 1] - at > 1) return layer.trace(named, i);
  const x = named.x[at] * scope.s + scope.bx, y = scope.by - named.y[at] * scope.s;
  pen.moveTo(x + RING_PX, y);
  pen.arc(x, y, RING_PX, 0, TURN);
}

/** Walls, outlines of compounds, and gates: full for all, half for residents, barred if locked.
 @param {ReviewLayer} layer */
export function paintBarriers(layer) {
  const { pen, shapes, scope } = layer, { door_x: x, door_y: y, door_kind: kind } = layer.model.arrays;
  layer.strokeLines(layer.wall, { colour: "#6b4e2e", width: scope.zoom < 15 ? 1 : 2 });
  pen.beginPath();
  for (let i = 0; i < shapes.compound.count; i++) if (layer.seen(shapes.compound.box, i)) layer.traceShape(shapes.compound, i);
  pen.strokeStyle = "#6b4e2e";
  pen.lineWidth = 1.6;
  pen.setLineDash([6, 3]);
  pen.stroke();
  pen.setLineDash([]);
  if (scope.zoom < 14) return;
  for (let i = 0; i < x.length; i++) gate(pen, kind[i], x[i] * scope.s + scope.bx, scope.by - y[i] * scope.s);
}

/** Zones of the level that is shown.
 @param {ReviewLayer} layer */
function zoneIxs(layer) {
  const { zones } = layer.model.texts;
  return zones.flatMap((zone, i) => (zone.level === layer.view.level ? [i] : []));
}

/** @param {ReviewLayer} layer */
export function paintZones(layer) {
  const pen = layer.pen, shapes = layer.shapes.zone;
  pen.beginPath();
  for (const i of zoneIxs(layer)) if (layer.seen(shapes.box, i)) layer.traceShape(shapes, i);
  pen.strokeStyle = layer.palette.zone;
  pen.lineWidth = 1.1;
  pen.stroke();
}
