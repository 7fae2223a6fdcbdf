/* What lies under a point of the map. */
import { inside } from "../engine/shapes.js";
import { findCell } from "./cells.js";
import { findHexagon, merged } from "./hexagons.js";
import { findHome } from "./homes.js";
import { remarkAt } from "./remarks.js";
import { siteXY, venueShown, venueXY } from "./venues.js";
import { findLink } from "./survey.js";

/** What lies under a point of the map's container: {kind: "site", "venue", "gap", "home", "hexagon", "mixed" or "cell", ix}.
 @param {ReviewLayer} layer
 @param {L.Point} point
 @returns {Hit | null} */
export function find(layer, point) {
  const corner = layer.cornerAt(point);
  const { on } = layer.view, { texts, arrays } = layer.model, { s, bx, by } = layer.scope;
  const close = (/** @type {XY} */ [x, y], /** @type {number} */ reach) => Math.hypot(x - corner.x, y - corner.y) <= reach;
  const remark = layer.notes ? remarkAt(layer, layer.notes, layer.unitsAt(point), 0) : -1;
  if (remark >= 0) return { kind: "comment", ix: remark };
  if (on.sites) {
    const i = texts.sites.findIndex((_, site) => close(siteXY(layer, site), 15));
    if (i >= 0) return { kind: "site", ix: i };
  }
  for (let f = arrays.venue_x.length - 1; f >= 0; f--) {
    if (venueShown(layer, f) && close(venueXY(layer, f), 8)) return { kind: "venue", ix: f };
  }
  const gap = on.gaps ? findLink(layer, corner) : -1;
  if (gap >= 0) return { kind: "gap", ix: gap };
  const x = (corner.x - bx) / s, y = (by - corner.y) / s, home = on.homes ? (merged(layer) ? findHexagon : findHome)(layer, x, y) : null;
  return home ?? (on.mixed ? findMixed(layer, x, y) : null) ?? (on.signals ? findCell(layer, x, y) : null);
}

/** A building that is drawn but does not count as a home.
 @param {ReviewLayer} layer
 @param {number} x
 @param {number} y
 @returns {Hit | null} */
function findMixed({ shapes: { mixed } }, x, y) {
  for (let i = 0; i < mixed.count; i++) if (inside(mixed, i, x, y)) return { kind: "mixed", ix: i };
  return null;
}
