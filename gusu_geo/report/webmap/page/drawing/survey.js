/* What stands beside the verdict: missing links and uncovered ground. Draws and finds. */
import { TURN, label, slope } from "./symbols.js";

export const LINK = "#1f1147", BARE = "#8c2d04";

/** Whether there is uncovered ground of service k to show: it is of the study as it is.
 @param {Model} model
 @param {number} k */
export const bare = ({ arrays, shown }, k) => !shown && k >= 0 && arrays.bare_rings[k] > 0;

/** A tint and thin lines over ground that no venue of service k covers; homes stand above it.
 @param {ReviewLayer} layer
 @param {number} k */
export function paintBare(layer, k) {
  const { pen, shapes, scope } = layer;
  if (!bare(layer.model, k) || !layer.seen(shapes.bare.box, k)) return;
  const { ring, rings } = shapes.bare;
  pen.beginPath();
  for (let r = ring[k]; r < ring[k + 1]; r++) if (layer.seen(rings.box, r)) layer.trace(rings, r, true);
  layer.bareFill ??= slope(pen, BARE);
  layer.bareFill.setTransform(new DOMMatrix([1, 0, 0, 1, scope.bx, scope.by])); // stands still under a moving map
  pen.save();
  pen.fillStyle = BARE;
  pen.globalAlpha = 0.1;
  pen.fill();
  pen.fillStyle = layer.bareFill;
  pen.globalAlpha = 0.32;
  if (scope.zoom >= 14) pen.fill(); // farther off lines would break up into specks
  pen.restore();
}

/** Both ends of missing link i on the canvas.
 @param {ReviewLayer} layer
 @param {number} i */
function ends({ model, scope }, i) {
  const { s, bx, by } = scope, a = model.arrays;
  return [a.gap_a_x[i] * s + bx, by - a.gap_a_y[i] * s, a.gap_b_x[i] * s + bx, by - a.gap_b_y[i] * s];
}

const STROKES = [{ colour: "#fff", width: 6, dash: [] }, { colour: LINK, width: 3, dash: [5, 3] }];

/** Dark dashes on white, a dot at either end, and the rank where there is room.
 @param {ReviewLayer} layer */
export function paintLinks(layer) {
  const { pen, model, scope } = layer;
  for (let i = model.texts.gaps.length - 1; i >= 0; i--) { // the first in rank on top
    const [ax, ay, bx, by] = ends(layer, i);
    for (const { colour, width, dash } of STROKES) {
      pen.strokeStyle = pen.fillStyle = colour;
      pen.lineWidth = width;
      pen.setLineDash(dash);
      pen.beginPath();
      pen.moveTo(ax, ay);
      pen.lineTo(bx, by);
      pen.stroke();
      pen.beginPath();
      for (const [x, y] of [[ax, ay], [bx, by]]) {
        pen.moveTo(x, y);
        pen.arc(x, y, dash.length ? 3 : 4, 0, TURN);
      }
      pen.fill();
    }
    if (scope.zoom >= 15) label(pen, String(i + 1), (ax + bx) / 2, (ay + by) / 2 - 11, 12, LINK);
  }
  pen.setLineDash([]);
}

/** The missing link of highest rank at a point of the canvas, -1 for none.
 @param {ReviewLayer} layer
 @param {L.Point} point */
export function findLink(layer, point) {
  return layer.model.texts.gaps.findIndex((_, i) => {
    const [ax, ay, bx, by] = ends(layer, i), length = (bx - ax) ** 2 + (by - ay) ** 2;
    const share = length ? ((point.x - ax) * (bx - ax) + (point.y - ay) * (by - ay)) / length : 0;
    const t = Math.min(Math.max(share, 0), 1);
    return Math.hypot(ax + t * (bx - ax) - point.x, ay + t * (by - ay) - point.y) <= 7;
  });
}

/** The middle of missing link i, in units.
 @param {Model} model
 @param {number} i
 @returns {XY} */
export function middle({ arrays }, i) {
  return [(arrays.gap_a_x[i] + arrays.gap_b_x[i]) / 2, (arrays.gap_a_y[i] + arrays.gap_b_y[i]) / 2];
}
