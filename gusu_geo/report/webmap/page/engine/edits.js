/* What changes make of the streets: links and opened gates as further arcs beside the old ones.

Nothing old is renumbered: an edge that a link ends on stays, its parts stand beside it, and doors
on it count once more on their parts, as in network_edits.py. */
import { NodeFlag, WayFlag } from "./constants.js";
import { NEVER, eachArc, pace } from "./streets.js";

/** The net with more arcs for changes "add_link" and "open_gate"; parts: cut edges by position.
 @param {Net} net
 @param {Map<number, number[]>} gates
 @param {Change[]} changes
 @returns {EditedNet} */
export function edited(net, gates, changes) {
  const links = changes.flatMap((change) => (change.do === "add_link" ? [change] : []));
  const opened = changes.flatMap((change) => (change.do === "open_gate" ? [change] : []));
  if (!links.length && !opened.length) return { ...net, base: net, more: null, parts: new Map() };
  const cuts = stopsOf(net.g, links);
  let count = 0;
  for (const stops of cuts.values()) count += stops.size;
  const leaving = extended(net.leaving, net.nodes + 3 * count), arriving = extended(net.arriving, net.nodes + 3 * count);
  const out = { ...net, leaving, arriving, nodes: net.nodes + 3 * count, base: net, parts: new Map() };
  /** @type {More} */
  const arcs = { first: new Int32Array(out.nodes).fill(-1), tail: [], head: [], cs: [], next: [], shape: [] };
  /** @type {Shape | null} */
  let shape = null; // where the arc runs along an old edge
  /** @type {Visit} */
  const visit = (tail, head, cs, back) => {
    arcs.shape.push(shape && (back ? { edge: shape.edge, from: shape.to, to: shape.from } : shape));
    arcs.next.push(arcs.first[head]);
    arcs.first[head] = arcs.tail.length;
    arcs.tail.push(tail);
    arcs.head.push(head);
    arcs.cs.push(cs);
  };
  let fresh = net.nodes;
  /** @type {Map<string, number>} */
  const places = new Map(); // "edge,cm" -> node
  for (const [edge, stops] of [...cuts].sort((a, b) => a[0] - b[0])) {
    fresh = cut(out, edge, [...stops].sort((a, b) => a - b), fresh, places, visit, (part) => { shape = part; });
  }
  for (const link of links) {
    const [a, b] = [link.from, link.to].map(({ on: [edge, cm] }) => nodeAt(out, edge, cm, places, visit));
    const waits = waitAt(net, a) + waitAt(net, b);
    if (waits < 0) continue; // at a lift that is not taken
    const cs = pace(net.walk, link.length_cm) + waits;
    visit(a, b, cs);
    visit(b, a, cs);
  }
  for (const { node } of opened) open(out, gates.get(node) ?? [], visit);
  return { ...out, more: arcs };
}

/** Where links cut edges: edge -> offsets.
 @param {Graph} g
 @param {AddLink[]} links */
function stopsOf(g, links) {
  /** @type {Map<number, Set<number>>} */
  const cuts = new Map();
  for (const { on: [edge, cm] } of links.flatMap((link) => [link.from, link.to])) {
    if (cm > 0 && cm < g.cm[edge]) cuts.set(edge, (cuts.get(edge) ?? new Set()).add(cm));
  }
  return cuts;
}

/** A longer copy.
 @param {Int32Array} copy
 @param {number} size */
function extended(copy, size) {
  const out = new Int32Array(size);
  out.set(copy);
  return out;
}

/** Nodes at the stops of an edge and its parts; returns the next free number.
 @param {Net & { parts: Map<number, Part[]> }} net
 @param {number} edge
 @param {number[]} stops
 @param {number} fresh
 @param {Map<string, number>} places
 @param {Visit} visit
 @param {(part: Shape | null) => void} along */
function cut(net, edge, stops, fresh, places, visit, along) {
  const { g, way } = net, inside = way.inside[edge], last = g.cm[edge], nodes = [g.u[edge]];
  /** @type {Part[]} */
  const parts = [];
  for (const cm of stops) {
    const node = fresh++;
    [net.leaving[node], net.arriving[node]] = inside ? [fresh++, fresh++] : [node, node];
    if (inside) {
      visit(net.leaving[node], node, 0);
      visit(node, net.arriving[node], 0);
    }
    places.set(`${edge},${cm}`, node);
    nodes.push(node);
  }
  nodes.push(g.v[edge]);
  const at = [0, ...stops, last];
  for (let i = 0; i + 1 < at.length; i++) {
    const part = { u: nodes[i], v: nodes[i + 1], cm: at[i + 1] - at[i], from: at[i],
      waitU: i ? 0 : way.wait[2 * edge], waitV: i + 2 < at.length ? 0 : way.wait[2 * edge + 1] };
    parts.push(part);
    along({ edge, from: part.from, to: part.from + part.cm });
    eachArc(net, edge, part.u, part.v, part.cm, part.waitU, part.waitV, visit);
    along(null);
  }
  net.parts.set(edge, parts);
  return fresh;
}

/** The node of a link's end, on the public side.
 @param {Net} net
 @param {number} edge
 @param {number} cm
 @param {Map<string, number>} places
 @param {Visit} visit */
function nodeAt(net, edge, cm, places, visit) {
  const { g } = net;
  const known = places.get(`${edge},${cm}`);
  if (known !== undefined) return known;
  const node = cm > 0 ? g.v[edge] : g.u[edge];
  if (net.leaving[node] !== node) { // so far in a yard: now there is a public way
    visit(net.leaving[node], node, 0);
    visit(node, net.arriving[node], 0);
  }
  return node;
}

/** Half the wait for a lift drawn as a node; below zero where nobody may take it.
 @param {Net} net
 @param {number} node */
function waitAt({ g, walk }, node) {
  if (node >= g.nodes || !(g.nodeFlags[node] & NodeFlag.LIFT)) return 0;
  return walk.lifts ? walk.half_cs.lift : NEVER * 1e9;
}

/** Steps of no length between all sides of a closed gate; private where a private way ends there.
 @param {Net} net
 @param {number[]} sides
 @param {Visit} visit */
function open(net, sides, visit) {
  const { walk, leaving, arriving } = net;
  for (const a of sides) {
    for (const b of sides) {
      if (a === b) continue;
      const own = privateAt(net.g, a) || privateAt(net.g, b);
      const waits = waitAt(net, a) + waitAt(net, b);
      if (waits < 0 || (own && walk.private === "closed")) continue;
      if (!own || walk.private === "open") visit(a, b, waits);
      else {
        if (leaving[a] !== a) visit(leaving[a], leaving[b], waits); // nobody gets in on the way out
        if (arriving[b] !== b) visit(arriving[a], arriving[b], waits);
      }
    }
  }
}

/** Whether a private way ends at the node.
 @param {Graph} g
 @param {number} node */
function privateAt(g, node) {
  if (!g.privates) {
    g.privates = new Set();
    for (let e = 0; e < g.edges; e++) if (g.flags[e] & WayFlag.PRIVATE) g.privates.add(g.u[e]).add(g.v[e]);
  }
  return g.privates.has(node);
}

/** The parts of a cut edge that hold some of a door's stretch, the first of two at a border; none of
 an edge that is whole.
 @param {Part[] | undefined} parts
 @param {Door} door */
export function partsOf(parts, { cm, span }) {
  if (!parts) return [];
  const at = (/** @type {number} */ place) => parts.findIndex((part) => place <= part.from + part.cm);
  return parts.slice(at(cm), at(cm + span) + 1);
}
