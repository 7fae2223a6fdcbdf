/* What lies under a point of the map. */
import { findHome } from "./homes.js";
import { siteXY, venueShown, venueXY } from "./venues.js";
import { findLink } from "./survey.js";

/** What lies under a point of the map's container: {kind: "site", "venue", "gap" or "home", ix}.
 @param {ReviewLayer} layer
 @param {L.Point} point
 @returns {Hit | null} */
export function find(layer, point) {
  const corner = layer.cornerAt(point);
  const { on } = layer.view, { texts, arrays } = layer.model, { s, bx, by } = layer.scope;
  const close = (/** @type {XY} */ [x, y], /** @type {number} */ reach) => Math.hypot(x - corner.x, y - corner.y) <= reach;
  if (on.sites) {
    const i = texts.sites.findIndex((_, site) => close(siteXY(layer, site), 15));
    if (i >= 0) return { kind: "site", ix: i };
  }
  for (let f = arrays.venue_x.length - 1; f >= 0; f--) {
    if (venueShown(layer, f) && close(venueXY(layer, f), 8)) return { kind: "venue", ix: f };
  }
  const gap = on.gaps ? findLink(layer, corner) : -1;
  if (gap >= 0) return { kind: "gap", ix: gap };
  return on.homes ? findHome(layer, (corner.x - bx) / s, (by - corner.y) / s) : null;
}
