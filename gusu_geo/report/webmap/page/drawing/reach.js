/* Streets in time, and how far people come from a home, as bands under the homes. */
import { StreetClass } from "../engine/constants.js";
import { stretch } from "../engine/places.js";

const REACHED = "#6baed6";
/** Colour and minutes, the nearest first.
 @type {[string, number][]} */
export const BANDS = [["#08306b", 5], ["#2f7ebc", 10], ["#9ecae1", 15]];

/** A band under the homes.
 @param {ReviewLayer} layer
 @param {Graph} g
 @param {Covered} covered
 @param {string} colour
 @param {number} wider */
export function paint(layer, g, { whole, parts }, colour = REACHED, wider = 1) {
  const { pen, streets, model } = layer, kinds = model.arrays.street_class;
  pen.strokeStyle = colour;
  pen.lineWidth = wider * Math.min(Math.max(1.6 * 1.4 ** (layer.scope.zoom - 14), 1.2), 9);
  pen.globalAlpha = 0.75;
  pen.lineCap = pen.lineJoin = "round";
  layer.inPortions(layer.seenOf(streets, (e) => whole[e] > 0 && kinds[e] !== StreetClass.UNDRAWN), (e) => layer.trace(streets, e), () => pen.stroke());
  const near = parts.filter(([e]) => kinds[e] !== StreetClass.UNDRAWN && layer.seen(streets.box, e));
  layer.inPortions(near, ([e, from, to]) => {
    stretch(g, e, from, to).forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x * layer.scope.s + layer.scope.bx, layer.scope.by - y * layer.scope.s));
  }, () => pen.stroke());
  pen.globalAlpha = 1;
  pen.lineCap = "butt";
}
