/* Least times from every node and home to the venues of a service, kept and lowered by changes.

A label is one number: centiseconds * scale + position of the venue (see streets.js). */
import { edited, partsOf } from "./edits.js";
import { NEVER, ends, searcher, straight, trips } from "./streets.js";

const MORE = 4096; // venues that changes may add
const NETS = 4; // walkers whose streets are kept, besides those of rules of their own

/** A net with the ends of the edges of all doors of homes, street by street, and how far away each is, as part of
 a label. */
class HomeNet {
  /** @param {Graph} g
   @param {Walk} walk
   @param {Doors} home
   @param {Int32Array} order of the doors
   @param {number} scale */
  constructor(g, walk, home, order, scale) {
    this.net = trips(g, walk);
    this.owner = order.map((p) => home.owner[p]);
    this.node = new Int32Array(2 * home.count);
    this.away = new Float64Array(2 * home.count);
    for (let j = 0; j < home.count; j++) {
      const side = ends(this.net, door(home, order[j]), true);
      for (let i = 0; i < 2; i++) {
        this.node[2 * j + i] = side[2 * i];
        this.away[2 * j + i] = side[2 * i + 1] === NEVER ? Infinity : side[2 * i + 1] * scale;
      }
    }
    /** The latest field of each kind, see fieldOf.
     @type {Map<number, Field>} */
    this.kept = new Map();
  }
}

export class Fields {
  /** @param {Arrays} arrays
   @param {Texts} texts
   @param {Graph} g */
  constructor(arrays, texts, g) {
    this.arrays = arrays;
    this.texts = texts;
    this.g = g;
    this.homes = texts.homes.ids.length;
    this.services = texts.summary.services.length;
    this.cutoff = texts.cutoff_cs;
    this.scale = 1;
    while (this.scale < arrays.venue_service.length + MORE) this.scale *= 2;
    this.home = doors(arrays.home_door_owner, arrays.home_door_edge, arrays.home_door_cm, arrays.home_door_span, arrays.home_door_leg);
    this.venue = doors(arrays.venue_door_owner, arrays.venue_door_edge, arrays.venue_door_cm, arrays.venue_door_span, arrays.venue_door_leg);
    const { order, on } = byEdge(this.home, g.edges);
    this.order = order;
    this.homesOn = on;
    this.gates = gateNodes(arrays, texts);
    this.lower = searcher();
    /** @type {Map<string, HomeNet>} */
    this.nets = new Map();
    /** Rows of doors by service.
     @type {number[][]} */
    this.rows = Array.from({ length: this.services }, () => []);
    for (let p = 0; p < this.venue.count; p++) this.rows[arrays.venue_service[this.venue.owner[p]]].push(p);
  }

  /** How these people get about the unchanged streets; the latest walkers are kept.
   @param {Walk} walk */
  netOf(walk) {
    const key = JSON.stringify(walk), known = this.nets.get(key);
    if (known) return known;
    for (const oldest of this.nets.keys()) {
      if (this.nets.size < NETS + (this.texts.rules?.length ?? 0)) break;
      this.nets.delete(oldest);
    }
    const net = new HomeNet(this.g, walk, this.home, this.order, this.scale);
    this.nets.set(key, net);
    return net;
  }

  /** Fields of each service, then (k = services) of venues with all, under all changes. possible: of
   the venues that possibly count, without new ones, which are certain.
   @param {HomeNet} homeNet
   @param {EditedNet} now
   @param {Supply} stock
   @param {boolean} possible */
  all(homeNet, now, stock, possible) {
    return Array.from({ length: this.services + 1 }, (_, k) => this.changed(homeNet, now, k, possible, stock));
  }

  /** The streets of these people under the changes.
   @param {HomeNet} homeNet
   @param {Change[]} changes */
  edited(homeNet, changes) {
    return edited(homeNet.net, this.gates, changes);
  }

  /** Rows of doors of one service, or (k = services) of venues with all; those that are certain, or
   those that possibly count.
   @param {number} k
   @param {boolean} possible
   @param {Supply} stock */
  doorsOf(k, possible, { out, unsure, complete }) {
    const { arrays, texts, venue: { owner } } = this;
    const counts = (/** @type {number} */ p) => !out.has(owner[p]) && (Boolean(arrays.venue_door_walled[p]) || unsure.has(owner[p])) === possible;
    if (k < this.services) return this.rows[k].filter(counts);
    return complete.size ? Array.from(owner.keys()).filter((p) => complete.has(texts.venues.ids[owner[p]]) && counts(p)) : [];
  }

  /** Least labels at nodes and homes without any change of streets and new venues; kept.
   @param {HomeNet} homeNet
   @param {number} k
   @param {boolean} possible
   @param {Supply} stock */
  fieldOf(homeNet, k, possible, stock) {
    const { net } = homeNet, rows = this.doorsOf(k, possible, stock), kind = 2 * k + Number(possible), kept = homeNet.kept.get(kind);
    if (kept && kept.rows.length === rows.length && kept.rows.every((p, i) => p === rows[i])) return kept;
    const label = new Float64Array(net.nodes).fill(Infinity);
    const found = rows.map((p) => ({ ...door(this.venue, p), f: this.venue.owner[p] }));
    this.lower(net, label, this.scale, this.cutoff, this.seed(net, label, found));
    const field = { rows, label, found, home: this.atHomes(homeNet, net, label, found) };
    homeNet.kept.set(kind, field);
    return field;
  }

  /** Lowers labels at both ends of the edges of doors; returns the nodes that were lowered.
   @param {Net} net
   @param {Float64Array} label
   @param {Found[]} found
   @param {(one: Found) => (Part | undefined)[]} parts */
  seed(net, label, found, parts = () => [undefined]) {
    const start = [];
    for (const one of found) {
      for (const part of parts(one)) {
        const [u, uCs, v, vCs] = ends(net, one, false, part);
        for (const [node, cs] of [[u, uCs], [v, vCs]]) {
          if (cs === NEVER || cs * this.scale + one.f >= label[node]) continue;
          label[node] = cs * this.scale + one.f;
          start.push(node);
        }
      }
    }
    return start;
  }

  /** Least label of each home: by the ends of its edges, or straight along one.
   @param {HomeNet} homeNet
   @param {Net} net
   @param {Float64Array} label
   @param {Found[]} found
   @param {Float64Array} [start] */
  atHomes(homeNet, net, label, found, start) {
    const { home, scale } = this, { owner, node, away } = homeNet, out = start ? start.slice() : new Float64Array(this.homes).fill(Infinity);
    for (let j = 0; j < owner.length; j++) {
      const byU = label[node[2 * j]] + away[2 * j], byV = label[node[2 * j + 1]] + away[2 * j + 1], there = byU < byV ? byU : byV;
      if (there < out[owner[j]]) out[owner[j]] = there;
    }
    for (const one of found) {
      for (const p of this.homesOn(one.edge)) {
        const cs = straight(net, door(home, p), one), there = cs * scale + one.f;
        if (cs !== NEVER && there < out[home.owner[p]]) out[home.owner[p]] = there;
      }
    }
    return out;
  }

  /** The field under all changes.
   @param {HomeNet} homeNet
   @param {EditedNet} now
   @param {number} k
   @param {boolean} possible
   @param {Supply} stock
   @returns {Field} */
  changed(homeNet, now, k, possible, stock) {
    const { scale, home } = this, field = this.fieldOf(homeNet, k, possible, stock);
    const fresh = possible ? [] : stock.added.filter((one) => (k < this.services ? one.k === k : stock.complete.has(one.id)));
    if (!now.more && !fresh.length) return field;
    const label = new Float64Array(now.nodes).fill(Infinity);
    label.set(field.label);
    const parts = (/** @type {Door} */ one) => partsOf(now.parts.get(one.edge), one);
    const cut = [...field.found, ...fresh].filter((one) => now.parts.has(one.edge));
    const start = [...this.seed(now, label, fresh), ...this.seed(now, label, cut, parts)];
    if (now.more) start.push(...offered(now.more, label, scale));
    this.lower(now, label, scale, this.cutoff, start);
    const out = this.atHomes(homeNet, now, label, fresh, field.home);
    for (const edge of now.parts.keys()) {
      for (const p of this.homesOn(edge)) {
        const one = door(home, p), r = home.owner[p];
        for (const part of parts(one)) {
          const [u, uCs, v, vCs] = ends(now, one, true, part);
          if (uCs !== NEVER) out[r] = Math.min(out[r], label[u] + uCs * scale);
          if (vCs !== NEVER) out[r] = Math.min(out[r], label[v] + vCs * scale);
        }
      }
    }
    return { ...field, label, home: out };
  }
}

/** What new arcs offer at once: the tails whose labels they lower.
 @param {More} more
 @param {Float64Array} label
 @param {number} scale */
function offered(more, label, scale) {
  /** @type {number[]} */
  const start = [];
  more.tail.forEach((tail, i) => {
    const there = label[more.head[i]] + more.cs[i] * scale;
    if (!(there < label[tail])) return;
    label[tail] = there;
    start.push(tail);
  });
  return start;
}

/** @param {Int32Array} owner
 @param {Int32Array} edge
 @param {Int32Array} cm
 @param {Int32Array} span
 @param {Int32Array} leg
 @returns {Doors} */
const doors = (owner, edge, cm, span, leg) => ({ owner, edge, cm, span, leg, count: owner.length });

/** @param {Doors} set
 @param {number} p
 @returns {Door} */
export const door = (set, p) => ({ edge: set.edge[p], cm: set.cm[p], span: set.span[p], leg: set.leg[p] });

/** Rows of doors street by street, and those on an edge.
 @param {Doors} set
 @param {number} edges */
function byEdge(set, edges) {
  const ptr = new Int32Array(edges + 1), rows = new Int32Array(set.count);
  for (let p = 0; p < set.count; p++) ptr[set.edge[p] + 1]++;
  for (let e = 0; e < edges; e++) ptr[e + 1] += ptr[e];
  const at = ptr.slice();
  for (let p = 0; p < set.count; p++) rows[at[set.edge[p]]++] = p;
  return { order: rows, on: (/** @type {number} */ edge) => rows.subarray(ptr[edge], ptr[edge + 1]) };
}

/** OSM id of a closed gate -> its nodes.
 @param {Arrays} arrays
 @param {Texts} texts */
function gateNodes(arrays, texts) {
  /** @type {Map<number, number[]>} */
  const out = new Map();
  let at = 0;
  texts.gates.forEach((id, i) => {
    out.set(id, Array.from(arrays.gate_node.subarray(at, at + arrays.gate_sizes[i])));
    at += arrays.gate_sizes[i];
  });
  return out;
}
