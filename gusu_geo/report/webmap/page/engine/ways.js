/* The way walked from a home to the venue that counts, read off the labels of a verdict. */
import { partsOf } from "./edits.js";
import { door as doorOf } from "./fields.js";
import { stretch } from "./places.js";
import { NEVER, eachArc, ends, straight } from "./streets.js";

/** Points in units from the foot of the home's door to that of the venue's, or null.
 @param {import("./engine.js").Engine} engine
 @param {Verdict} result
 @param {number} r
 @param {number} k
 @returns {XY[] | null} */
export function way(engine, result, r, k) {
  const part = result.parts[engine.arrays.home_rule ? engine.arrays.home_rule[r] : 0], field = part.fields[k], { net } = part, { g, home, scale } = engine, label = field.label, goal = field.home[r];
  if (!Number.isFinite(goal)) return null;
  const f = goal % scale, found = [...field.found, ...result.added].filter((one) => one.f === f);
  for (let p = 0; p < home.count; p++) {
    if (home.owner[p] !== r) continue;
    const door = doorOf(home, p);
    for (const one of found) {
      if (one.edge !== door.edge || straight(net, door, one) * scale + f !== goal) continue;
      const from = clamp(one.cm, door.cm, door.cm + door.span);
      return stretch(g, door.edge, from, clamp(from, one.cm, one.cm + one.span));
    }
    for (const part of sides(net, door)) {
      const [u, uCs, v, vCs] = ends(net, door, true, part), { low, high, first, last } = within(g, door, part);
      for (const [node, cs, start, end] of [[u, uCs, low, first], [v, vCs, high, last]]) {
        if (cs === NEVER || label[node] + cs * scale !== goal) continue;
        return [...stretch(g, door.edge, start, end), ...onward(engine, net, label, node, found)];
      }
    }
  }
  return null;
}

/** The whole edge, and its parts that hold the door if it is cut.
 @param {EditedNet} net
 @param {Door} door */
export const sides = (net, door) => [undefined, ...partsOf(net.parts.get(door.edge), door)];

/** @param {number} place
 @param {number} low
 @param {number} high */
const clamp = (place, low, high) => Math.min(Math.max(place, low), high);

/** Where the door's stretch begins and ends on the edge or on a part of it, and where that itself does.
 @param {Graph} g
 @param {Door} door
 @param {Part} [part] */
function within(g, door, part) {
  const first = part ? part.from : 0, last = part ? part.from + part.cm : g.cm[door.edge];
  return { first, last, low: Math.max(door.cm, first), high: Math.min(door.cm + door.span, last) };
}

/** From a node on along arcs whose times fit the labels.
 @param {import("./engine.js").Engine} engine
 @param {EditedNet} net
 @param {Float64Array} label
 @param {number} start
 @param {Found[]} found */
function onward({ g, scale }, net, label, start, found) {
  const steps = forward(g, net), seen = new Set(); // streets of no length may run in a ring
  /** @type {XY[]} */
  const points = [];
  for (let node = start; ; ) {
    seen.add(node);
    const next = stepFrom(steps, net, label, scale, node, seen);
    if (!next) return [...points, ...arrival(g, net, label, scale, node, found)];
    if (next.edge >= 0) points.push(...stretch(g, next.edge, next.from, next.to));
    node = next.head;
  }
}

/** @param {Forward} steps
 @param {EditedNet} net
 @param {Float64Array} label
 @param {number} scale
 @param {number} node
 @param {Set<number>} seen */
function stepFrom(steps, net, label, scale, node, seen) {
  if (node < steps.ptr.length - 1) {
    for (let i = steps.ptr[node]; i < steps.ptr[node + 1]; i++) {
      if (label[steps.head[i]] + steps.cs[i] * scale !== label[node] || seen.has(steps.head[i])) continue;
      const e = steps.edge[i], whole = e < 0 ? 0 : net.g.cm[e];
      return { head: steps.head[i], edge: e, from: steps.back[i] ? whole : 0, to: steps.back[i] ? 0 : whole };
    }
  }
  const { more } = net;
  const i = more ? more.tail.findIndex((tail, j) => tail === node && !seen.has(more.head[j]) && label[more.head[j]] + more.cs[j] * scale === label[node]) : -1;
  return i < 0 || !more ? null : { head: more.head[i], ...(more.shape[i] ?? { edge: -1, from: 0, to: 0 }) };
}

/** The last piece: from a node to the door whose label it holds.
 @param {Graph} g
 @param {EditedNet} net
 @param {Float64Array} label
 @param {number} scale
 @param {number} node
 @param {Found[]} found
 @returns {XY[]} */
function arrival(g, net, label, scale, node, found) {
  for (const one of found) {
    for (const part of sides(net, one)) {
      const [u, uCs, v, vCs] = ends(net, one, false, part), { low, high, first, last } = within(g, one, part);
      if (u === node && uCs !== NEVER && uCs * scale + one.f === label[node]) return stretch(g, one.edge, first, low);
      if (v === node && vCs !== NEVER && vCs * scale + one.f === label[node]) return stretch(g, one.edge, last, high);
    }
  }
  return [];
}

/** Arcs by their tails, made once for each net.
 @param {Graph} g
 @param {EditedNet} net
 @returns {Forward} */
export function forward(g, net) {
  const kept = net.base ?? net;
  if (kept.forward) return kept.forward;
  const ptr = new Int32Array(kept.ptr.length);
  /** @type {number[]} */
  const list = []; // five numbers an arc
  const { way: pace } = net;
  for (let e = 0; e < g.edges; e++) {
    eachArc(kept, e, g.u[e], g.v[e], g.cm[e], pace.wait[2 * e], pace.wait[2 * e + 1], (tail, head, cs, back = 0) => list.push(tail, head, cs, e, back));
  }
  for (let n = 0; n < g.nodes; n++) {
    if (kept.leaving[n] === n) continue;
    list.push(kept.leaving[n], n, 0, -1, 0, n, kept.arriving[n], 0, -1, 0, kept.leaving[n], kept.arriving[n], 0, -1, 0);
  }
  const count = list.length / 5;
  for (let i = 0; i < count; i++) ptr[list[5 * i] + 1]++;
  for (let n = 0; n + 1 < ptr.length; n++) ptr[n + 1] += ptr[n];
  const at = ptr.slice(), head = new Int32Array(count), cs = new Int32Array(count), edge = new Int32Array(count), back = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const j = at[list[5 * i]]++;
    [head[j], cs[j], edge[j], back[j]] = [list[5 * i + 1], list[5 * i + 2], list[5 * i + 3], list[5 * i + 4]];
  }
  kept.forward = { ptr, head, cs, edge, back };
  return kept.forward;
}
