/* Streets from which a service is in time, exact to the centimetre; live under what-if. */
import { door } from "./fields.js";
import { NEVER, ends, pace, searcher } from "./streets.js";
import { forward, sides } from "./ways.js";

/** Streets from which service k is in time: whole (E,), 1 where all of an edge is; parts: [edge, from,
 to] of the others.
 @param {import("./engine.js").Engine} engine
 @param {Verdict} result
 @param {number} k
 @returns {Covered} */
export function reached(engine, result, k) {
  const { scale } = engine, { net } = result, { label, found } = result.fields[k], limit = result.threshold_cs[k];
  const at = (/** @type {number} */ node) => Math.floor(label[node] / scale);
  return covered(engine.g, net, (e, node) => at(net.way.inside[e] ? net.leaving[node] : node), limit, 1,
    [...found, ...result.added.filter((other) => other.k === k)]);
}

/** Streets that people of home r reach within each of the limits, the farthest first.
 @param {import("./engine.js").Engine} engine
 @param {Verdict} result
 @param {number} r
 @param {number[]} limits */
export function around(engine, result, r, limits) {
  const { g, home } = engine, { net } = result, doors = rowsOf(home, r).map((p) => door(home, p)), label = new Float64Array(net.nodes).fill(Infinity), start = [];
  for (const door of doors) {
    for (const part of sides(net, door)) {
      const [u, uCs, v, vCs] = ends(net, door, true, part);
      for (const [node, cs] of [[u, uCs], [v, vCs]]) {
        if (cs === NEVER || cs >= label[node]) continue;
        label[node] = cs;
        start.push(node);
      }
    }
  }
  const { ptr, head, cs } = forward(g, net);
  lower({ ptr, tail: head, cs, more: net.more && turned(net.more, net.nodes) }, label, 1, Math.max(...limits), start);
  const at = (/** @type {number} */ e, /** @type {number} */ node) => (net.way.inside[e] ? Math.min(label[net.leaving[node]], label[net.arriving[node]]) : label[node]);
  return [...limits].sort((a, b) => b - a).map((limit) => ({ limit, ...covered(g, net, at, limit, 0, doors) }));
}

/** Rows of the doors of home r.
 @param {Doors} home
 @param {number} r */
function rowsOf(home, r) {
  const rows = [];
  for (let p = 0; p < home.count; p++) if (home.owner[p] === r) rows.push(p);
  return rows;
}

const lower = searcher();

/** Further arcs by their tails.
 @param {More} more
 @param {number} nodes */
function turned({ tail, head, cs }, nodes) {
  /** @type {Required<Arcs>["more"] & { next: number[] }} */
  const out = { first: new Int32Array(nodes).fill(-1), tail: head, cs, next: [] };
  tail.forEach((node, i) => {
    out.next[i] = out.first[node];
    out.first[node] = i;
  });
  return out;
}

/** What lies within the limit of the ends of its edge, or of a door on it. towards: 1 where people walk
 to the end, 0 where they come from it.
 @param {Graph} g
 @param {EditedNet} net
 @param {(e: number, node: number) => number} at
 @param {number} limit
 @param {number} towards
 @param {Door[]} doors
 @returns {Covered} */
function covered(g, net, at, limit, towards, doors) {
  const { way, walk } = net, whole = new Uint8Array(g.edges);
  /** @type {Covered["parts"]} */
  const parts = [];
  /** How many centimetres from an end still count, -1 for none. back: which way the edge is walked then.
   @type {(time: number, e: number, back: number, wait: number) => number} */
  const depth = (time, e, back, wait) => {
    const left = limit - time - wait;
    if (!(left >= 0) || wait === NEVER || !way.may[2 * e + back]) return -1;
    return Math.ceil((walk.speed_mmps * (2 * left + 1)) / (2 * way.factor[2 * e + back])) - 1;
  };
  /** @type {(e: number, u: number, v: number, from: number, to: number, waitU: number, waitV: number) => void} */
  const between = (e, u, v, from, to, waitU, waitV) => {
    const byU = depth(at(e, u), e, towards, waitU), byV = depth(at(e, v), e, 1 - towards, waitV), size = to - from;
    if (byU >= 0 && byV >= 0 && byU + byV >= size) parts.push([e, from, to]);
    else {
      if (byU >= 0) parts.push([e, from, from + Math.min(byU, size)]);
      if (byV >= 0) parts.push([e, to - Math.min(byV, size), to]);
    }
  };
  for (let e = 0; e < g.edges; e++) {
    const cut = net.parts.get(e);
    if (cut) for (const part of cut) between(e, part.u, part.v, part.from, part.from + part.cm, part.waitU, part.waitV);
    else between(e, g.u[e], g.v[e], 0, g.cm[e], way.wait[2 * e], way.wait[2 * e + 1]);
  }
  for (const one of doors) {
    const left = limit - pace(walk, one.leg), e = one.edge;
    if (left < 0) continue;
    const side = (/** @type {number} */ back) => (way.may[2 * e + back] ? Math.floor((walk.speed_mmps * (2 * left + 1)) / (2 * way.factor[2 * e + back])) : 0);
    parts.push([e, Math.max(one.cm - side(1 - towards), 0), Math.min(one.cm + side(towards), g.cm[e])]);
  }
  const some = parts.filter(([e, from, to]) => {
    if (from === 0 && to === g.cm[e]) whole[e] = 1;
    return !whole[e];
  });
  return { whole, parts: some };
}
