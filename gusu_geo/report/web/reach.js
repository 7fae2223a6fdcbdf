/* Streets from which a service is in time, exact to the centimetre; live under what-if. */
globalThis.gusuReach = (() => {
  "use strict";

  const { NEVER } = gusuStreets;
  const { stretch } = gusuPlaces;
  const REACHED = "#6baed6";

  /** whole (E,): 1 where all of an edge is; parts: [edge, from, to] of the others. No DOM. */
  function reached(engine, result, k) {
    const { g, scale } = engine, { net } = result, { label, found } = result.fields[k], { way, walk } = net;
    const limit = result.threshold_cs[k], whole = new Uint8Array(g.edges), parts = [];
    /* How far from an end one may be and still walk over it in time. */
    const depth = (node, e, back, wait) => {
      const left = limit - Math.floor(label[node] / scale) - wait;
      if (!(left >= 0) || wait === NEVER || !way.may[2 * e + back]) return -1;
      return Math.ceil((walk.speed_mmps * (2 * left + 1)) / (2 * way.factor[2 * e + back])) - 1;
    };
    const between = (e, u, v, from, to, waitU, waitV) => {
      const byU = depth(way.own[e] ? net.leaving[u] : u, e, 1, waitU), byV = depth(way.own[e] ? net.leaving[v] : v, e, 0, waitV);
      const size = to - from;
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
    for (const one of [...found, ...result.added.filter((other) => other.k === k)]) {
      const left = limit - gusuStreets.pace(walk, one.leg), e = one.edge;
      if (left < 0) continue;
      const side = (back) => (way.may[2 * e + back] ? Math.floor((walk.speed_mmps * (2 * left + 1)) / (2 * way.factor[2 * e + back])) : 0);
      parts.push([e, Math.max(one.cm - side(0), 0), Math.min(one.cm + side(1), g.cm[e])]);
    }
    const some = parts.filter(([e, from, to]) => {
      if (from === 0 && to === g.cm[e]) whole[e] = 1;
      return !whole[e];
    });
    return { whole, parts: some };
  }

  /** A band under the homes. */
  function paint(layer, { whole, parts }) {
    const { pen, streets, model } = layer, g = layer.app.lab.engine.g, kinds = model.arrays.street_class;
    pen.strokeStyle = REACHED;
    pen.lineWidth = Math.min(Math.max(1.6 * 1.4 ** (layer.scope.zoom - 14), 1.2), 9);
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

  return { reached, paint };
})();
