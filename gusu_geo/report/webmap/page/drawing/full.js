/* Homes whose venues in reach are full: a rim and stripes over the colour that says whether they are in time. */
import { fullHomes } from "../engine/district.js";
import { hexagons, merged, sizeOf } from "./hexagons.js";
import { inView, traceHome } from "./homes.js";
import { hexagon, slope } from "./symbols.js";

export const FULL = "#14171c";

/** Nothing where no service is looked at, or nothing is called full.
 @param {ReviewLayer} layer */
export function paintFull(layer) {
  const { pen, model, view } = layer, full = fullHomes(model, view.colour), shown = model.lacking(view.only);
  if (!full) return;
  if (shown) full.forEach((_, r) => { full[r] &= shown[r]; });
  layer.fullFill ??= slope(pen, "#fff");
  pen.save();
  pen.lineWidth = 1.8;
  pen.strokeStyle = layer.onDark ? "#fff" : FULL;
  pen.fillStyle = layer.fullFill;
  const paint = () => {
    pen.globalAlpha = 0.8;
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
  };
  if (merged(layer)) paintOnHexagons(layer, full, paint);
  else {
    const classes = model.classes(view.colour), homes = [];
    for (let r = 0; r < model.homes; r++) if (full[r] && inView(layer, r)) homes.push(r);
    layer.inPortions(homes, (r) => traceHome(layer, r, classes[r]), paint);
  }
  pen.restore();
}

/** Hexagons in which most persons find it full.
 @param {ReviewLayer} layer
 @param {Uint8Array} full
 @param {() => void} paint */
function paintOnHexagons(layer, full, paint) {
  const { pen, model, scope: { s, bx, by } } = layer, { set, sums } = hexagons(layer), heads = new Float64Array(set.count), every = new Float64Array(set.count);
  for (let r = 0; r < model.homes; r++) {
    const weight = model.arrays.persons[r];
    every[set.of[r]] += weight;
    if (full[r]) heads[set.of[r]] += weight;
  }
  const most = [...heads.keys()].filter((c) => sums.homes[c] && 2 * heads[c] > every[c]);
  layer.inPortions(most, (c) => hexagon(pen, set.x[c] * s + bx, by - set.y[c] * s, sizeOf(layer, c)), paint);
}
