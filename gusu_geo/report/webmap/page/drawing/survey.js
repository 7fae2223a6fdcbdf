/* What stands beside the verdict: missing links and uncovered ground. Draws, finds and tells. */
globalThis.gusuSurvey = (() => {
  "use strict";

  const { el, svg, name } = gusuDom;
  const { TURN, label, slope } = gusuSymbols;
  const LISTED = 10, LINK = "#1f1147", BARE = "#8c2d04";

  /** Whether there is uncovered ground of service k to show: it is of the study as it is. */
  const bare = ({ arrays, shown }, k) => !shown && k >= 0 && arrays.bare_rings[k] > 0;

  /** A tint and thin lines over ground that no venue of service k covers; homes stand above it. */
  function paintBare(layer, k) {
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

  /** Both ends of missing link i on the canvas. */
  function ends({ model, scope }, i) {
    const { s, bx, by } = scope, a = model.arrays;
    return [a.gap_a_x[i] * s + bx, by - a.gap_a_y[i] * s, a.gap_b_x[i] * s + bx, by - a.gap_b_y[i] * s];
  }

  /** Dark dashes on white, a dot at either end, and the rank where there is room. */
  function paintLinks(layer) {
    const { pen, model, scope } = layer;
    for (let i = model.texts.gaps.length - 1; i >= 0; i--) { // the gravest on top
      const [ax, ay, bx, by] = ends(layer, i);
      for (const [colour, width, dash] of [["#fff", 6, []], [LINK, 3, [5, 3]]]) {
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

  /** The gravest missing link at a point of the canvas, -1 for none. */
  function findLink(layer, point) {
    return layer.model.texts.gaps.findIndex((_, i) => {
      const [ax, ay, bx, by] = ends(layer, i), length = (bx - ax) ** 2 + (by - ay) ** 2;
      const share = length ? ((point.x - ax) * (bx - ax) + (point.y - ay) * (by - ay)) / length : 0;
      const t = Math.min(Math.max(share, 0), 1);
      return Math.hypot(ax + t * (bx - ax) - point.x, ay + t * (by - ay) - point.y) <= 7;
    });
  }

  /** The middle of missing link i, in units. */
  function middle({ arrays }, i) {
    return [(arrays.gap_a_x[i] + arrays.gap_b_x[i]) / 2, (arrays.gap_a_y[i] + arrays.gap_b_y[i]) / 2];
  }

  /** Its streets, and a line on what a link would save, what stands between and for whom. */
  function texts({ model, say }, i) {
    const { arrays } = model, { between, names } = model.texts.gaps[i];
    const metres = { air: say.count(arrays.gap_air_m[i]), walk: say.count(arrays.gap_walk_m[i]) };
    const streets = [...new Set(names.filter(Boolean))].join(" – ");
    const parts = [say.t(arrays.gap_cut_off[i] ? "way_cut_off" : "way_round", metres), say.t(`gap_${between}`),
      arrays.gap_persons[i] > 0 && say.t("near_it", { count: say.count(arrays.gap_persons[i]) }),
      arrays.gap_levels[i] && say.t("levels")];
    return [streets || say.t("unnamed_street"), parts.filter(Boolean).join(say.lang === "zh" ? "；" : "; ")];
  }

  /** The gravest missing links as a list that leads to them. */
  function list(app) {
    const listed = app.model.texts.gaps.slice(0, LISTED);
    document.getElementById("gaps-section").hidden = !listed.length;
    document.getElementById("gaps").replaceChildren(...listed.map((_, i) => {
      const [head, line] = texts(app, i);
      return el("li", {},
        el("button", { type: "button", class: "link", "data-testid": `gap-${i}`, on: { click: () => app.act.zoomToGap(i) } }, name(head)),
        el("div", { class: "hint", text: line }));
    }));
  }

  /** The two as they stand on the map, for labels. */
  const linkMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
    svg("path", { d: "M5 9 H19", stroke: LINK, "stroke-width": 2.6, "stroke-dasharray": "4 2.5" }),
    ...[4, 20].map((cx) => svg("circle", { cx, cy: 9, r: 2.6, fill: LINK })));
  const bareMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
    svg("rect", { x: 1, y: 1, width: 22, height: 16, rx: 2, fill: BARE, "fill-opacity": 0.1 }),
    ...[["1 9", "9 17"], ["2 1", "18 17"], ["11 1", "23 13"]].map(([from, to]) => svg("path", { d: `M${from} L${to}`, stroke: BARE, "stroke-opacity": 0.6 })));

  return { bare, paintBare, paintLinks, findLink, middle, texts, list, linkMark, bareMark };
})();
