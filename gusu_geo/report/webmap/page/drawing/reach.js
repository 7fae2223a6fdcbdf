/* Streets from which a service is in time, exact to the centimetre; live under what-if. */
globalThis.gusuReach = (() => {
  "use strict";

  const { NEVER } = gusuStreets;
  const { stretch } = gusuPlaces;
  const REACHED = "#6baed6";
  const BANDS = [["#08306b", 5], ["#2f7ebc", 10], ["#9ecae1", 15]]; // colour and minutes, the nearest first

  /** Streets from which service k is in time: whole (E,), 1 where all of an edge is; parts: [edge, from,
   to] of the others. No DOM. */
  function reached(engine, result, k) {
    const { scale } = engine, { net } = result, { label, found } = result.fields[k], limit = result.threshold_cs[k];
    const at = (node) => Math.floor(label[node] / scale);
    return covered(engine.g, net, (e, node) => at(net.way.own[e] ? net.leaving[node] : node), limit, 1,
      [...found, ...result.added.filter((other) => other.k === k)]);
  }

  /** Streets that people of home r reach within each of the limits, the farthest first. */
  function around(engine, result, r, limits) {
    const { g, home } = engine, { net } = result, doors = [], label = new Float64Array(net.nodes).fill(Infinity), start = [];
    for (let p = 0; p < home.count; p++) if (home.owner[p] === r) doors.push({ edge: home.edge[p], cm: home.cm[p], leg: home.leg[p] });
    for (const door of doors) {
      for (const part of gusuWays.sides(net, door)) {
        const [u, uCs, v, vCs] = gusuStreets.ends(net, door, true, part);
        for (const [node, cs] of [[u, uCs], [v, vCs]]) {
          if (cs === NEVER || cs >= label[node]) continue;
          label[node] = cs;
          start.push(node);
        }
      }
    }
    const { ptr, head, cs } = gusuWays.forward(g, net);
    lower({ ptr, tail: head, cs, more: net.more && turned(net.more, net.nodes) }, label, 1, Math.max(...limits), start);
    const at = (e, node) => (net.way.own[e] ? Math.min(label[net.leaving[node]], label[net.arriving[node]]) : label[node]);
    return [...limits].sort((a, b) => b - a).map((limit) => ({ limit, ...covered(g, net, at, limit, 0, doors) }));
  }

  const lower = gusuStreets.searcher();

  /** Further arcs by their tails. */
  function turned({ tail, head, cs }, nodes) {
    const out = { first: new Int32Array(nodes).fill(-1), tail: head, cs, next: [] };
    tail.forEach((node, i) => {
      out.next[i] = out.first[node];
      out.first[node] = i;
    });
    return out;
  }

  /** What lies within the limit of the ends of its edge, or of a door on it. towards: 1 where people walk
   to the end, 0 where they come from it. */
  function covered(g, net, at, limit, towards, doors) {
    const { way, walk } = net, whole = new Uint8Array(g.edges), parts = [];
    /* How far from an end one may be. back: which way the edge is walked then. */
    const depth = (time, e, back, wait) => {
      const left = limit - time - wait;
      if (!(left >= 0) || wait === NEVER || !way.may[2 * e + back]) return -1;
      return Math.ceil((walk.speed_mmps * (2 * left + 1)) / (2 * way.factor[2 * e + back])) - 1;
    };
    const between = (e, u, v, from, to, waitU, waitV) => {
      const byU = depth(at(e, u), e, towards, waitU), byV = depth(at(e, v), e, 1 - towards, waitV), size = to - from;
      if (byU >= 0 && byV >= 0 && byU + byV >= size) return parts.push([e, from, to]);
      if (byU >= 0) parts.push([e, from, from + Math.min(byU, size)]);
      if (byV >= 0) parts.push([e, to - Math.min(byV, size), to]);
      return 0;
    };
    for (let e = 0; e < g.edges; e++) {
      const cut = net.parts.get(e);
      if (cut) for (const part of cut) between(e, part.u, part.v, part.from, part.from + part.cm, part.waitU, part.waitV);
      else between(e, g.u[e], g.v[e], 0, g.cm[e], way.wait[2 * e], way.wait[2 * e + 1]);
    }
    for (const one of doors) {
      const left = limit - gusuStreets.pace(walk, one.leg), e = one.edge;
      if (left < 0) continue;
      const side = (back) => (way.may[2 * e + back] ? Math.floor((walk.speed_mmps * (2 * left + 1)) / (2 * way.factor[2 * e + back])) : 0);
      parts.push([e, Math.max(one.cm - side(1 - towards), 0), Math.min(one.cm + side(towards), g.cm[e])]);
    }
    const some = parts.filter(([e, from, to]) => {
      if (from === 0 && to === g.cm[e]) whole[e] = 1;
      return !whole[e];
    });
    return { whole, parts: some };
  }

  /** A band under the homes. */
  function paint(layer, { whole, parts }, colour = REACHED, wider = 1) {
    const { pen, streets, model } = layer, g = layer.app.lab.engine.g, kinds = model.arrays.street_class;
    pen.strokeStyle = colour;
    pen.lineWidth = wider * Math.min(Math.max(1.6 * 1.4 ** (layer.scope.zoom - 14), 1.2), 9);
    pen.globalAlpha = 0.75;
    pen.lineCap = pen.lineJoin = "round";
    layer.inPortions(layer.seenOf(streets, (e) => whole[e] && kinds[e] < 4), (e) => layer.trace(streets, e), () => pen.stroke());
    const near = parts.filter(([e]) => kinds[e] < 4 && layer.seen(streets.box, e));
    layer.inPortions(near, ([e, from, to]) => {
      stretch(g, e, from, to).forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x * layer.scope.s + layer.scope.bx, layer.scope.by - y * layer.scope.s));
    }, () => pen.stroke());
    pen.globalAlpha = 1;
    pen.lineCap = "butt";
  }

  return { BANDS, reached, around, paint };
})();
