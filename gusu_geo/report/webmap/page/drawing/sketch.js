/* Changes on the map: who gains and loses, new and moved venues, links, gates. Draws and finds. */
globalThis.gusuSketch = (() => {
  "use strict";

  const { TURN, venueSymbol, venueColour, centred } = gusuSymbols;
  const { spot } = gusuPlaces;
  const GAIN = "#0a7d34", LOSS = "#c2185b", LINK = "#0a7d34", GATE = "#7a4b00";

  /** Rings around homes: a full one gains, a dashed one loses. */
  function paintTurns(layer, gains) {
    const { pen } = layer;
    for (const [sign, colour, dash] of [[1, GAIN, []], [-1, LOSS, [3, 2]]]) {
      pen.beginPath();
      for (let r = 0; r < gains.length; r++) {
        if (gains[r] !== sign || !layer.inView(r)) continue;
        const [x, y] = layer.homeXY(r), size = Math.min(Math.max(layer.scope.zoom - 9.5, 4), 9);
        pen.moveTo(x + size, y);
        pen.arc(x, y, size, 0, TURN);
      }
      pen.setLineDash(dash);
      pen.strokeStyle = "#fff";
      pen.lineWidth = 3.4;
      pen.stroke();
      pen.strokeStyle = colour;
      pen.lineWidth = 1.9;
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  const xyOf = ({ scope }, [ux, uy]) => [ux * scope.s + scope.bx, scope.by - uy * scope.s];

  function line(pen, points, colour, width, dash) {
    pen.beginPath();
    points.forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x, y));
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(dash);
    pen.stroke();
    pen.setLineDash([]);
  }

  /** All changes, in order. */
  function paint(layer, app) {
    const { lab } = app, { pen } = layer, state = lab.history.now;
    if (!state.changes.length && !lab.from && lab.tool !== "gate") return;
    const { g } = lab.engine;
    if (lab.tool === "gate" || state.changes.some((one) => one.do === "open_gate")) paintGates(layer, app);
    state.changes.forEach((one, i) => {
      if (one.do === "add_link") {
        const ends = [one.from, one.to].map((place) => xyOf(layer, spot(g, place.on)));
        line(pen, ends, "#fff", 8, []);
        line(pen, ends, LINK, 4.5, []);
        for (const [x, y] of ends) dot(pen, x, y, 5, LINK);
      }
      if (one.do === "close_venue" || one.do === "move_venue") {
        for (const { f } of lab.engine.ownRows(one.venue)) {
          const old = layer.venueXY(f);
          if (one.do === "move_venue" && gusuWhatif.live(app, i)) line(pen, [old, xyOf(layer, spot(g, one.on))], "#333", 1.5, [4, 3]);
          cross(pen, ...old);
        }
      }
      if (one.on && gusuWhatif.live(app, i)) paintVenue(layer, xyOf(layer, spot(g, one.on)), servicesOf(app, one));
    });
    if (lab.from) dot(pen, ...xyOf(layer, spot(g, lab.from.on)), 6, LINK);
  }

  function servicesOf({ lab }, one) {
    if (one.services) return one.services.map((id) => lab.engine.serviceIx(id));
    const fresh = lab.history.now.changes.find((other) => other.do === "add_venue" && other.id === one.venue);
    return fresh ? servicesOf({ lab }, fresh) : [...new Set(lab.engine.ownRows(one.venue).map((row) => row.k))];
  }

  /** A pin with the symbols of what is offered. */
  function paintVenue({ pen }, [x, y], services) {
    const size = 9, width = services.length * size * 2.2 + 6, top = y - 34;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x - 5, top + 12);
    pen.lineTo(x + 5, top + 12);
    pen.closePath();
    pen.fillStyle = GAIN;
    pen.fill();
    pen.beginPath();
    pen.roundRect(x - width / 2, top - 12, width, 24, 12);
    pen.fillStyle = "#fff";
    pen.fill();
    pen.strokeStyle = GAIN;
    pen.lineWidth = 2.4;
    pen.stroke();
    services.forEach((k, i) => venueSymbol(pen, k, x + (i - (services.length - 1) / 2) * size * 2.2, top, size, false));
    dot(pen, x, y, 4, services.length === 1 ? venueColour(services[0]) : GAIN);
  }

  function dot(pen, x, y, size, colour) {
    pen.beginPath();
    pen.arc(x, y, size, 0, TURN);
    pen.fillStyle = colour;
    pen.fill();
    pen.strokeStyle = "#fff";
    pen.lineWidth = 1.5;
    pen.stroke();
  }

  function cross(pen, x, y) {
    for (const [colour, width] of [["#fff", 5], [LOSS, 2.6]]) {
      line(pen, [[x - 7, y - 7], [x + 7, y + 7]], colour, width, []);
      line(pen, [[x - 7, y + 7], [x + 7, y - 7]], colour, width, []);
    }
  }

  /** Closed gates: a barred square, an open one once opened. */
  function paintGates(layer, { lab }) {
    const { pen, model } = layer, opened = new Set(lab.history.now.changes.flatMap((one) => (one.do === "open_gate" ? [one.node] : [])));
    model.texts.gates.forEach((id, i) => {
      const [x, y] = gateXY(layer, i), open = opened.has(id);
      pen.beginPath();
      pen.rect(x - 8, y - 8, 16, 16);
      pen.fillStyle = open ? GAIN : "#fff";
      pen.fill();
      pen.strokeStyle = open ? "#fff" : GATE;
      pen.lineWidth = 2;
      pen.stroke();
      centred(pen, 700, 12);
      pen.fillStyle = open ? "#fff" : GATE;
      pen.fillText(open ? "✓" : "╳", x, y + 1);
    });
  }

  /** Canvas pixels of gate i. */
  function gateXY(layer, i) {
    const { gate_x: x, gate_y: y } = layer.model.arrays, first = firstOf(layer.model, i);
    return xyOf(layer, [x[first], y[first]]);
  }

  function firstOf({ arrays }, i) {
    let at = 0;
    for (let j = 0; j < i; j++) at += arrays.gate_sizes[j];
    return at;
  }

  /** The gate near a point in units, -1 for none. */
  function gateAt(layer, ux, uy) {
    const [px, py] = xyOf(layer, [ux, uy]);
    return layer.model.texts.gates.findIndex((_, i) => {
      const [x, y] = gateXY(layer, i);
      return Math.hypot(x - px, y - py) <= 14;
    });
  }

  /** The way walked: blue on white, dashes off the street. */
  function paintWay(layer, { points, home, venue }) {
    const { pen } = layer, at = points.map((point) => xyOf(layer, point));
    pen.lineJoin = pen.lineCap = "round";
    for (const [colour, width] of [["#fff", 8], ["#0b5c8f", 4.5]]) {
      line(pen, at, colour, width, []);
      for (const leg of [[home, points[0]], [points.at(-1), venue]]) if (leg.every(Boolean)) line(pen, leg.map((point) => xyOf(layer, point)), colour, width - 2, [1, 6]);
    }
    pen.lineCap = "butt";
  }

  /** The rings as they stand on the map, for labels. */
  function turnMark(sign) {
    const ring = { cx: 9, cy: 9, r: 6.5, fill: "none", stroke: sign > 0 ? GAIN : LOSS, "stroke-width": 2.4, "stroke-dasharray": sign > 0 ? false : "3.4 2.4" };
    return gusuDom.svg("svg", { class: "badge", viewBox: "0 0 18 18", "aria-hidden": "true" }, gusuDom.svg("circle", ring));
  }

  return { turnMark, paintTurns, paint, paintWay, gateAt };
})();
