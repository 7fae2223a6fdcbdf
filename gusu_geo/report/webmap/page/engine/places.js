/* Between places on the map (units) and places on streets ([edge, cm]). */

const EARTH_M = 6378137, TURN = Math.PI / 180;

/** The nearest place on a street that a new venue may stand on, or null beyond reach (units).
 @param {Graph} g
 @param {number} px
 @param {number} py
 @param {number} reach
 @returns {On | null} */
export function nearest(g, px, py, reach) {
  const { x, y, start, box } = g.lines;
  let best = reach * reach;
  /** @type {{ e: number, i: number, t: number } | null} */
  let found = null;
  for (let e = 0; e < g.edges; e++) {
    if (!g.door[e]) continue;
    const dx = Math.max(box[4 * e] - px, px - box[4 * e + 2], 0), dy = Math.max(box[4 * e + 1] - py, py - box[4 * e + 3], 0);
    if (dx * dx + dy * dy >= best) continue;
    for (let i = start[e]; i + 1 < start[e + 1]; i++) {
      const ax = x[i], ay = y[i], bx = x[i + 1] - ax, by = y[i + 1] - ay, size = bx * bx + by * by;
      const t = size ? Math.min(Math.max(((px - ax) * bx + (py - ay) * by) / size, 0), 1) : 0;
      const away = (ax + t * bx - px) ** 2 + (ay + t * by - py) ** 2;
      if (away >= best) continue;
      best = away;
      found = { e, i, t };
    }
  }
  return found && [found.e, centimetres(g, found)];
}

/** How far along edge e: the share of the drawn line, of its length in whole centimetres.
 @param {Graph} g
 @param {{ e: number, i: number, t: number }} place */
function centimetres(g, { e, i, t }) {
  const steps = sizes(g.lines, e), at = i - g.lines.start[e];
  let whole = 0, before = 0;
  steps.forEach((size, j) => {
    whole += size;
    if (j < at) before += size;
  });
  const share = whole ? (before + t * (steps[at] ?? 0)) / whole : 0;
  return Math.min(Math.max(Math.round(share * g.cm[e]), 0), g.cm[e]);
}

/** @param {Lines} lines
 @param {number} e */
function sizes({ x, y, start }, e) {
  const out = [];
  for (let i = start[e]; i + 1 < start[e + 1]; i++) out.push(Math.hypot(x[i + 1] - x[i], y[i + 1] - y[i]));
  return out;
}

/** Units of a place on a street.
 @param {Graph} g
 @param {On} on
 @returns {XY} */
export function spot(g, [e, cm]) {
  const { x, y, start } = g.lines, steps = sizes(g.lines, e);
  let left = g.cm[e] ? (cm / g.cm[e]) * steps.reduce((a, b) => a + b, 0) : 0;
  for (let j = 0; j < steps.length; j++) {
    const i = start[e] + j;
    if (left <= steps[j] || j + 1 === steps.length) {
      const t = steps[j] ? Math.min(left / steps[j], 1) : 0;
      return [x[i] + t * (x[i + 1] - x[i]), y[i] + t * (y[i + 1] - y[i])];
    }
    left -= steps[j];
  }
  return [x[start[e]], y[start[e]]];
}

/** The line of edge e between two places on it, in units, from the first to the second.
 @param {Graph} g
 @param {number} e
 @param {number} from
 @param {number} to */
export function stretch(g, e, from, to) {
  const { x, y, start } = g.lines, steps = sizes(g.lines, e), [low, high] = from <= to ? [from, to] : [to, from];
  const unit = g.cm[e] ? steps.reduce((a, b) => a + b, 0) / g.cm[e] : 0, out = [spot(g, [e, low])];
  let along = 0;
  steps.forEach((size, j) => {
    along += size;
    if (along > low * unit && along < high * unit) out.push([x[start[e] + j + 1], y[start[e] + j + 1]]);
  });
  out.push(spot(g, [e, high]));
  return from <= to ? out : out.reverse();
}

/** Degrees of units, to a centimetre, and back.
 @param {Grid} grid
 @param {XY} units
 @returns {XY} */
export function lonLat({ west_m, south_m, unit_m }, [ux, uy]) {
  const round = (/** @type {number} */ value) => Math.round(value * 1e7) / 1e7;
  const mx = (west_m + ux * unit_m) / EARTH_M, my = (south_m + uy * unit_m) / EARTH_M;
  return [round(mx / TURN), round((2 * Math.atan(Math.exp(my)) - Math.PI / 2) / TURN)];
}

/** @param {Grid} grid
 @param {XY} degrees
 @returns {XY} */
export function units({ west_m, south_m, unit_m }, [lon, lat]) {
  const my = EARTH_M * Math.log(Math.tan(Math.PI / 4 + (lat * TURN) / 2));
  return [(EARTH_M * lon * TURN - west_m) / unit_m, (my - south_m) / unit_m];
}
