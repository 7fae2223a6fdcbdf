/* The streets as people walk them: impedance and trips, the same integers as walking/impedance.py and trips.py.

A label is one number: centiseconds * scale + position of the venue. The least label is then the
nearest venue and, of equally near ones, the first: as in Python. */
import { LEVEL_PM, NodeFlag, WayFlag } from "./constants.js";

export const NEVER = -1; // a wait that nobody gets through

/** Edges (E) with their ends, and lines from vertex start[e] to start[e + 1].
 @param {Arrays} arrays
 @param {Lines} lines
 @returns {Graph} */
export function graph(arrays, lines) {
  const u = arrays.edge_u, v = u.map((node, e) => node + arrays.edge_span[e]);
  const x = new Float64Array(arrays.node_flags.length), y = new Float64Array(x.length);
  for (let e = 0; e < u.length; e++) {
    const first = lines.start[e], last = lines.start[e + 1] - 1;
    x[u[e]] = lines.x[first];
    y[u[e]] = lines.y[first];
    x[v[e]] = lines.x[last];
    y[v[e]] = lines.y[last];
  }
  return { u, v, cm: arrays.edge_cm, flags: arrays.edge_flags, slope: arrays.slope_pm, nodeFlags: arrays.node_flags,
    door: arrays.edge_door, edges: u.length, nodes: x.length, x, y, lines };
}

/** Centiseconds for so many centimetres, rounded half up: the one formula.
 @param {Walk} walk
 @param {number} cm
 @param {number} factor */
export const pace = (walk, cm, factor = LEVEL_PM) => Math.floor((2 * cm * factor + walk.speed_mmps) / (2 * walk.speed_mmps));

/** Per edge and direction (0: u to v): factor, whether one may walk so, wait at either end.
 @param {Graph} g
 @param {Walk} walk
 @returns {Impedance} */
function impedance(g, walk) {
  const factor = new Int32Array(2 * g.edges).fill(LEVEL_PM), may = new Uint8Array(2 * g.edges);
  const wait = new Int32Array(2 * g.edges), own = new Uint8Array(g.edges), inside = new Uint8Array(g.edges);
  g.boards ??= boarding(g);
  for (let e = 0; e < g.edges; e++) {
    const flags = g.flags[e], shut = barred(flags, walk), apart = walk.private === "ends" && !shut;
    own[e] = apart && flags & WayFlag.PRIVATE ? 1 : 0;
    inside[e] = apart && flags & (WayFlag.PRIVATE | WayFlag.ENCLOSED | WayFlag.OPENING) ? 1 : 0;
    may[2 * e] = shut || flags & WayFlag.BACKWARD_ONLY ? 0 : 1;
    may[2 * e + 1] = shut || flags & WayFlag.FORWARD_ONLY ? 0 : 1;
    for (let end = 0; end < 2; end++) {
      if (walk.slope && g.slope.length) factor[2 * e + end] = g.slope[2 * e + end];
      if (flags & WayFlag.STEPS) factor[2 * e + end] = walk.steps_pm;
      if (flags & WayFlag.FERRY) factor[2 * e + end] = walk.ferry_pm;
      wait[2 * e + end] = waitAt(g, walk, flags, end ? g.v[e] : g.u[e], g.boards);
    }
  }
  return { walk, factor, may, wait, own, inside };
}

/** Whether these walkers may not use a way with these flags.
 @param {number} flags
 @param {Walk} walk */
function barred(flags, walk) {
  return Boolean((flags & WayFlag.PRIVATE && walk.private === "closed") || (flags & WayFlag.NO_WHEELS && walk.wheels)
    || (flags & WayFlag.LIFT && !walk.lifts) || (flags & WayFlag.FERRY && !walk.ferries));
}

/** Nodes (N) where one gets on: those that another way than a lift, or than a ferry, ends at.
 @param {Graph} g */
function boarding(g) {
  const lift = new Uint8Array(g.nodes), ferry = new Uint8Array(g.nodes);
  for (let e = 0; e < g.edges; e++) {
    if (!(g.flags[e] & WayFlag.LIFT)) lift[g.u[e]] = lift[g.v[e]] = 1;
    if (!(g.flags[e] & WayFlag.FERRY)) ferry[g.u[e]] = ferry[g.v[e]] = 1;
  }
  return { lift, ferry };
}

/** Half of what one waits for at a node, coming from an edge with these flags.
 @param {Graph} g
 @param {Walk} walk
 @param {number} flags
 @param {number} node
 @param {{ lift: Uint8Array, ferry: Uint8Array }} boards */
function waitAt(g, { half_cs: half, lifts }, flags, node, boards) {
  const at = g.nodeFlags[node];
  let cs = 0;
  if (flags & WayFlag.ON_FOOT && at & NodeFlag.CROSSING) cs = half.crossing;
  if (flags & WayFlag.ON_FOOT && at & NodeFlag.SIGNALS) cs = half.signal;
  if (flags & WayFlag.LIFT && boards.lift[node]) cs += half.lift;
  if (flags & WayFlag.FERRY && boards.ferry[node]) cs += half.ferry;
  if (at & NodeFlag.LIFT) cs = lifts ? cs + half.lift : NEVER;
  return cs;
}

/** The arcs of a search towards venues: those that end at node h are tail, cs [ptr[h]..ptr[h+1]).
 @param {Graph} g
 @param {Walk} walk
 @returns {Net} */
export function trips(g, walk) {
  const way = impedance(g, walk), { leaving, arriving, nodes, ptr, tail, along } = formOf(g, walk, way), cs = new Int32Array(along.length);
  for (let i = 0; i < along.length; i++) {
    const e = along[i] >> 1;
    if (e >= 0) cs[i] = pace(walk, g.cm[e], way.factor[along[i]]) + way.wait[2 * e] + way.wait[2 * e + 1];
  }
  return { g, walk, way, leaving, arriving, nodes, ptr, tail, cs };
}

/** Which arcs there are, and along which edge and direction each runs (2e + back; -1: none). Walkers who may
 use the same streets differ in times alone and share it.

 Private ways exist twice, on the copies leaving[n] and arriving[n] of their nodes: residents
 walk out, visitors walk in, nobody walks through. Public streets that they enclose exist three times,
 and so do openings, whose ends are one place.
 @param {Graph} g
 @param {Walk} walk
 @param {Impedance} way
 @returns {Form} */
function formOf(g, walk, way) {
  const key = [walk.private, walk.wheels, walk.lifts, walk.ferries].join(), known = g.forms?.get(key);
  if (known) return known;
  const leaving = new Int32Array(g.nodes), arriving = new Int32Array(g.nodes), inside = new Uint8Array(g.nodes), street = new Uint8Array(g.nodes);
  let nodes = g.nodes, most = 2 * g.edges;
  for (let e = 0; e < g.edges; e++) {
    if (way.inside[e]) inside[g.u[e]] = inside[g.v[e]] = 1;
    if (!way.own[e] && (way.may[2 * e] || way.may[2 * e + 1])) street[g.u[e]] = street[g.v[e]] = 1;
    most += 4 * way.inside[e];
  }
  for (let n = 0; n < g.nodes; n++) leaving[n] = inside[n] ? nodes++ : n;
  for (let n = 0; n < g.nodes; n++) arriving[n] = inside[n] ? nodes++ : n;
  most += nodes - g.nodes;
  const from = new Int32Array(most), to = new Int32Array(most), via = new Int32Array(most).fill(-1);
  let count = 0;
  const step = (/** @type {number} */ tail, /** @type {number} */ head) => {
    from[count] = tail;
    to[count++] = head;
  };
  for (let e = 0; e < g.edges; e++) {
    eachArc({ way, walk, leaving, arriving }, e, g.u[e], g.v[e], 0, way.wait[2 * e], way.wait[2 * e + 1], (tail, head, _, back = 0) => {
      via[count] = 2 * e + back;
      step(tail, head);
    });
  }
  for (let n = 0; n < g.nodes; n++) {
    if (!inside[n]) continue;
    if (street[n]) {
      step(leaving[n], n);
      step(n, arriving[n]);
    } else step(leaving[n], arriving[n]);
  }
  const form = { leaving, arriving, nodes, ...byHead(nodes, from, to, via, count) };
  g.forms = (g.forms ?? new Map()).set(key, form);
  return form;
}

/** Arcs in the order of the nodes they end at.
 @param {number} nodes
 @param {Int32Array} from
 @param {Int32Array} to
 @param {Int32Array} via
 @param {number} count */
function byHead(nodes, from, to, via, count) {
  const ptr = new Int32Array(nodes + 1), tail = new Int32Array(count), along = new Int32Array(count);
  for (let i = 0; i < count; i++) ptr[to[i] + 1]++;
  for (let n = 0; n < nodes; n++) ptr[n + 1] += ptr[n];
  const at = ptr.slice();
  for (let i = 0; i < count; i++) {
    const place = at[to[i]]++;
    tail[place] = from[i];
    along[place] = via[i];
  }
  return { ptr, tail, along };
}

/** The arcs of edge e, or of a part of it, between two nodes.
 @param {Pick<Net, "way" | "walk" | "leaving" | "arriving">} net
 @param {number} e
 @param {number} u
 @param {number} v
 @param {number} cm
 @param {number} waitU
 @param {number} waitV
 @param {Visit} visit */
export function eachArc(net, e, u, v, cm, waitU, waitV, visit) {
  const { way, walk, leaving, arriving } = net;
  if (waitU === NEVER || waitV === NEVER) return;
  for (let back = 0; back < 2; back++) {
    if (!way.may[2 * e + back]) continue;
    const cs = pace(walk, cm, way.factor[2 * e + back]) + waitU + waitV, a = back ? v : u, b = back ? u : v;
    if (!way.own[e]) visit(a, b, cs, back);
    if (way.inside[e]) {
      visit(leaving[a], leaving[b], cs, back);
      visit(arriving[a], arriving[b], cs, back);
    }
  }
}

/** From a door to both ends of its edge (leaving), or from there to the door: [node, cs, node, cs],
 NEVER where barred. part: {u, v, cm, from, waits} where the edge is cut, see edits.js.
 @param {Net} net
 @param {Door} door
 @param {boolean} out
 @param {Part} [part]
 @returns {[number, number, number, number]} */
export function ends(net, { edge: e, cm, span, leg }, out, part) {
  const { g, way } = net, u = part ? part.u : g.u[e], v = part ? part.v : g.v[e], from = part ? part.from : 0, length = part ? part.cm : g.cm[e];
  const waitU = part ? part.waitU : way.wait[2 * e], waitV = part ? part.waitV : way.wait[2 * e + 1];
  const offset = Math.max(cm - from, 0), last = Math.min(cm + span - from, length), copy = out ? net.leaving : net.arriving, inside = way.inside[e];
  // To u one walks from v to u when leaving, from u to v when arriving.
  return [inside ? copy[u] : u, sideCs(net, e, offset, out ? 1 : 0, leg, waitU), inside ? copy[v] : v, sideCs(net, e, length - last, out ? 0 : 1, leg, waitV)];
}

/** Centiseconds between a door and an end of its edge, NEVER where barred; back: which way the edge is walked.
 @param {Net} net
 @param {number} e
 @param {number} along
 @param {number} back
 @param {number} leg
 @param {number} wait */
function sideCs({ way, walk }, e, along, back, leg, wait) {
  const may = way.may[2 * e + back] || (along === 0 && (way.may[2 * e] || way.may[2 * e + 1]));
  return may && wait !== NEVER ? pace(walk, along, way.factor[2 * e + back]) + pace(walk, leg) + wait : NEVER;
}

/** Walks straight along one edge from door a to door b; NEVER where barred.
 @param {Net} net
 @param {Door} a
 @param {Door} b */
export function straight(net, a, b) {
  const ahead = Math.max(b.cm - a.cm - a.span, 0) - Math.max(a.cm - b.cm - b.span, 0), back = ahead < 0 ? 1 : 0, i = 2 * a.edge + back;
  if (!net.way.may[i] && ahead !== 0) return NEVER;
  return pace(net.walk, Math.abs(ahead), net.way.factor[i]) + pace(net.walk, a.leg) + pace(net.walk, b.leg);
}

const WIDTH_CS = 512; // of a bucket; the answer does not depend on it

/** Lowers labels until no arc lowers any more, from nodes whose labels were just lowered. */
export function searcher() {
  let first = new Int32Array(0), pending = new Int32Array(0), pool = new Int32Array(1 << 16), next = new Int32Array(1 << 16);

  /** @type {(net: Arcs, label: Float64Array, scale: number, cutoff: number, start: number[]) => void} */
  return function lower(net, label, scale, cutoff, start) {
    const buckets = Math.floor(cutoff / WIDTH_CS) + 1, size = label.length;
    if (first.length < buckets) first = new Int32Array(buckets).fill(-1);
    if (pending.length < size) pending = new Int32Array(size).fill(-1);
    const width = WIDTH_CS * scale, { ptr, tail, cs, more } = net, plain = ptr.length - 1;
    let used = 0, last = -1;
    const push = (/** @type {number} */ node) => {
      const b = Math.floor(label[node] / width);
      if (pending[node] === b) return;
      pending[node] = b;
      if (used === pool.length) [pool, next] = [grown(pool), grown(next)];
      pool[used] = node;
      next[used] = first[b];
      first[b] = used++;
      if (b > last) last = b;
    };
    const limit = (cutoff + 1) * scale;
    for (const node of start) if (label[node] < limit) push(node);
    for (let b = 0; b <= last; b++) {
      while (first[b] >= 0) {
        const entry = first[b], node = pool[entry];
        first[b] = next[entry];
        if (pending[node] !== b) continue;
        pending[node] = -1;
        const here = label[node];
        if (node < plain) {
          for (let i = ptr[node]; i < ptr[node + 1]; i++) {
            const there = here + cs[i] * scale;
            if (there < label[tail[i]] && there < limit) {
              label[tail[i]] = there;
              push(tail[i]);
            }
          }
        }
        if (!more) continue;
        for (let i = more.first[node]; i >= 0; i = more.next[i]) {
          const there = here + more.cs[i] * scale;
          if (there < label[more.tail[i]] && there < limit) {
            label[more.tail[i]] = there;
            push(more.tail[i]);
          }
        }
      }
    }
  };
}

/** @param {Int32Array} array */
function grown(array) {
  const out = new Int32Array(2 * array.length);
  out.set(array);
  return out;
}
