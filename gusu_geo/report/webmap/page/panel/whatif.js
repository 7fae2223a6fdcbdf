/* What if: settings, tools on the map, the list of changes, undo, files. */
globalThis.gusuWhatif = (() => {
  "use strict";

  const { el, name } = gusuDom;
  const { nearest, spot, lonLat, units } = gusuPlaces;
  const REACH_M = 300; // a click farther from every street is refused
  const MANY = 30000; // homes: then streets in time are drawn only when asked for
  const TOOLS = ["venue", "link", "gate"];

  /** Joins the engine to the app: app.lab = {engine, history, tool, ...}; null where there is none. */
  function start(app) {
    const { model, layer } = app;
    if (!model.texts.single || !model.arrays.edge_u) return;
    const asIs = gusuEngine.asIs(model.texts);
    let engine, before; // made when first asked for: a large city takes a moment
    app.lab = { asIs, history: gusuScenario.history(asIs), tool: "", from: null, chosen: new Set([worst(model)]), drag: null, said: "", gains: new Int8Array(model.homes),
      get engine() { return (engine ??= gusuEngine.engine(model.arrays, model.texts, layer.streets)); },
      get before() { return (before ??= this.engine.judge(asIs)); } };
    app.view.on.reach = model.homes < MANY;
  }

  /** The known service that most persons miss. */
  function worst({ texts }) {
    const known = texts.summary.services.filter((service) => service.state === "known");
    const most = known.reduce((a, b) => (b.missing_persons > (a?.missing_persons ?? -1) ? b : a), null);
    return (most ?? texts.summary.services[0]).id;
  }

  const unchanged = (lab, state) => !state.changes.length && state.walk === lab.asIs.walk && state.minutes === null
    && state.mode === lab.asIs.mode && state.evidence === "ABC" && state.hour === null;

  /** Judges the present state and shows it; light: while something is dragged. */
  function judge(app, { light = false } = {}) {
    const { lab, model, view } = app, state = lab.history.now, since = performance.now();
    lab.result = unchanged(lab, state) ? null : lab.engine.judge(state);
    model.show(lab.result);
    lab.gains = lab.result ? gusuTotals.turned(model, lab.before.state, lab.result.state, view.colour) : new Int8Array(model.homes);
    view.way = view.around = null;
    if (view.open >= 0) gusuCard.render(app, view.open);
    app.redraw({ light });
    lab.since = since;
  }

  function change(app, part, tag) {
    app.lab.history.push(part, tag);
    judge(app, { light: Boolean(tag) });
  }

  const add = (app, one, tag) => change(app, { changes: [...app.lab.history.now.changes, one] }, tag);

  /** The list with one change in place of another, or without it. */
  function replace(app, i, one, tag) {
    const changes = app.lab.history.now.changes.slice();
    changes.splice(i, 1, ...(one ? [one] : []));
    change(app, { changes: sound(app, changes) }, tag);
  }

  /** Without changes of venues that are no longer there. */
  function sound({ model }, changes) {
    const known = new Set(model.texts.venues.ids.slice(0, model.facilities));
    return changes.filter((one) => {
      if (one.do === "add_venue") known.add(one.id);
      return !("venue" in one) || known.has(one.venue);
    });
  }

  /** The nearest street place to a point in units, as in a scenario file; null and a word if none. */
  function settle(app, point) {
    const { lab, model } = app, { grid } = model.texts, lat = lonLat(grid, point)[1];
    const on = nearest(lab.engine.g, ...point, REACH_M / grid.unit_m / Math.cos((lat * Math.PI) / 180));
    lab.said = on ? "" : app.say.t("no_street", { metres: REACH_M });
    return on && { at: lonLat(grid, spot(lab.engine.g, on)), on, leg_cm: undefined };
  }

  /** A click (or Enter) of the tool in hand. */
  function use(app, point) {
    const { lab } = app, { tool } = lab;
    if (tool === "gate") return openGate(app, point);
    const place = settle(app, point);
    if (!place) return tools(app);
    if (tool === "venue") {
      if (!lab.chosen.size) return tools(app);
      const order = app.model.texts.summary.services.map((service) => service.id).filter((id) => lab.chosen.has(id));
      return add(app, { do: "add_venue", id: freshId(app), name: "", services: order, ...place });
    }
    if (tool === "link") {
      if (!lab.from) {
        lab.from = place;
        tools(app);
        return app.layer.refresh();
      }
      const length_cm = Math.round(100 * gusuScenario.metresBetween(lab.from.at, place.at));
      const from = lab.from;
      lab.from = null;
      return add(app, { do: "add_link", from, to: place, length_cm });
    }
  }

  /** A new venue of service k on the street nearest to home r: what would mend its lack. */
  function tryAt(app, r, k) {
    const { home_x: x, home_y: y } = app.model.arrays, place = settle(app, [x[r], y[r]]);
    if (place) add(app, { do: "add_venue", id: freshId(app), name: "", services: [app.model.texts.summary.services[k].id], ...place });
    else tools(app);
  }

  function freshId({ lab, model }) {
    const taken = new Set([...lab.history.now.changes.map((one) => one.id), ...model.texts.venues.ids]);
    let number = 1;
    while (taken.has(`new-${number}`)) number++;
    return `new-${number}`;
  }

  function openGate(app, [px, py]) {
    const { lab, layer } = app, i = layer.gateAt(px, py);
    if (i < 0) return;
    const node = app.model.texts.gates[i], { changes } = lab.history.now;
    const at = changes.findIndex((one) => one.do === "open_gate" && one.node === node);
    if (at >= 0) replace(app, at, null);
    else add(app, { do: "open_gate", node });
  }

  /** What can be taken hold of: an added or moved venue, an end of a link. {i, end} or null. */
  function grip(app, point, reach) {
    const { changes } = app.lab.history.now;
    if (!changes.length) return null;
    const { g } = app.lab.engine;
    const close = (place) => {
      const [x, y] = spot(g, place.on);
      return Math.hypot(x - point[0], y - point[1]) <= reach;
    };
    for (let i = changes.length - 1; i >= 0; i--) {
      const one = changes[i];
      if (one.on && live(app, i) && close(one)) return { i, end: "" };
      for (const end of ["from", "to"]) if (one.do === "add_link" && close(one[end])) return { i, end };
    }
    return null;
  }

  /** Whether a placed venue still stands where change i put it. */
  function live({ lab }, i) {
    const { changes } = lab.history.now, id = changes[i].id ?? changes[i].venue;
    return !changes.slice(i + 1).some((one) => one.venue === id);
  }

  /** Moves what is held; one drag is one step of the history. */
  function drag(app, { i, end }, point, tag) {
    const place = settle(app, point), one = app.lab.history.now.changes[i];
    if (!place || !one) return;
    const moved = end ? { ...one, [end]: place } : { ...one, ...place };
    if (end) moved.length_cm = Math.round(100 * gusuScenario.metresBetween(moved.from.at, moved.to.at));
    replace(app, i, moved, tag);
  }

  /** Undo or redo. */
  function step(app, what) {
    app.lab.history[what]();
    app.lab.from = null;
    judge(app);
  }

  function setTool(app, tool) {
    app.lab.tool = app.lab.tool === tool ? "" : tool;
    app.lab.from = null;
    app.lab.said = "";
    tools(app);
    app.layer.refresh();
  }

  /** The bar on the map: tools, and a line that says what to do. */
  function tools(app) {
    const { lab, say } = app, bar = document.getElementById("tools");
    bar.hidden = !lab;
    if (!lab) return;
    const focused = document.activeElement?.dataset?.testid;
    const button = (id, text, pressed, on) => el("button", { type: "button", class: "small", "data-testid": id, "aria-pressed": pressed, on: { click: on } }, document.createTextNode(text));
    const possible = TOOLS.filter((tool) => tool !== "gate" || app.model.texts.gates.length);
    bar.setAttribute("aria-label", say.t("whatif"));
    bar.replaceChildren(
      el("div", { class: "row" },
        ...possible.map((tool) => button(`tool-${tool}`, say.t(`tool_${tool}`), String(lab.tool === tool), () => setTool(app, tool))),
        stepButton(app, "undo", lab.history.canUndo), stepButton(app, "redo", lab.history.canRedo)),
      ...(lab.tool === "venue" ? [services(app)] : []),
      el("p", { class: "hint", id: "tool-hint", role: "status", "data-testid": "tool-hint", text: lab.said || hint(app) }));
    app.map.getContainer().classList.toggle("aiming", Boolean(lab.tool));
    if (focused && bar.querySelector(`[data-testid="${CSS.escape(focused)}"]`)) bar.querySelector(`[data-testid="${CSS.escape(focused)}"]`).focus({ preventScroll: true });
  }

  function stepButton(app, what, may) {
    return el("button", { type: "button", class: "small", "data-testid": what, disabled: !may, title: app.say.t(what), "aria-label": app.say.t(what), on: { click: () => step(app, what) } },
      el("span", { "aria-hidden": "true", text: what === "undo" ? "↶" : "↷" }));
  }

  function hint({ lab, say }) {
    if (!lab.tool) return "";
    if (lab.tool === "venue" && !lab.chosen.size) return say.t("hint_no_service");
    if (lab.tool === "link" && lab.from) return say.t("hint_link_to");
    return say.t(`hint_${lab.tool}`);
  }

  /** Which services the next venue offers. */
  function services(app) {
    const { lab, model, say } = app;
    return el("div", { class: "chips", role: "group", "aria-label": say.t("new_offers") },
      ...model.texts.summary.services.map((service, k) => el("button", { type: "button", class: "chip", title: say.of(service, service.id),
        "data-testid": `chip-${k}`, "aria-pressed": String(lab.chosen.has(service.id)), on: { click: () => {
          if (!lab.chosen.delete(service.id)) lab.chosen.add(service.id);
          lab.said = "";
          tools(app);
        } } }, gusuPanel.badge(k), el("span", { class: "chip-name" }, name(say.of(service, service.id))))));
  }

  /** Settings and the list of changes in the panel. */
  function panel(app) {
    const { lab, say } = app, section = document.getElementById("whatif-section");
    const { texts } = app.model, several = !lab && texts.single === false;
    section.hidden = !lab && !several;
    document.getElementById("settings-section").hidden = !lab;
    if (several) document.getElementById("whatif").replaceChildren(el("p", { class: "hint", text: say.t("whatif_several") }));
    if (!lab) return;
    settings(app);
    const { changes } = lab.history.now;
    document.getElementById("whatif").replaceChildren(...[
      balance(app),
      changes.length > 0 && el("ol", { class: "changes", "data-testid": "changes" }, ...changes.map((one, i) => row(app, one, i))),
      !changes.length && el("p", { class: "hint", text: say.t("whatif_none") }),
      el("div", { class: "row" },
        el("button", { type: "button", class: "small", "data-testid": "save", text: say.t("save"), on: { click: () => save(app) } }),
        el("button", { type: "button", class: "small", "data-testid": "load", text: say.t("load"), on: { click: () => document.getElementById("load-file").click() } }),
        el("button", { type: "button", class: "small", "data-testid": "reset", text: say.t("reset"), disabled: unchanged(lab, lab.history.now), on: { click: () => change(app, lab.asIs) } })),
      lab.trouble && el("p", { class: "warning", role: "alert", "data-testid": "scenario-trouble", text: lab.trouble }),
    ].filter(Boolean));
  }

  /** Persons and homes that gain a service and that lose one. */
  function balance(app) {
    const { lab, model, say, view } = app;
    if (!lab.result) return false;
    const sum = (sign) => lab.gains.reduce((all, turn, r) => (turn === sign ? { homes: all.homes + 1, persons: all.persons + model.arrays.persons[r] } : all), { homes: 0, persons: 0 });
    const service = view.colour >= 0 ? say.of(model.texts.summary.services[view.colour]) : say.t("any_service");
    const line = (sign, key) => {
      const { homes, persons } = sum(sign);
      return el("p", { class: "turn", "data-testid": key }, gusuSketch.turnMark(sign),
        name(say.t(key, { persons: say.count(persons), homes: say.count(homes), service })));
    };
    return el("div", { "aria-live": "polite" }, line(1, "gain"), line(-1, "loss"));
  }

  function row(app, one, i) {
    const { say } = app, label = describe(app, one);
    const place = one.on && live(app, i);
    return el("li", { "data-testid": `change-${i}` }, el("div", { class: "change" }, name(label),
      el("span", { class: "row" },
        place && el("button", { type: "button", class: "small", "data-testid": `nudge-${i}`, title: say.t("nudge_hint"), "aria-label": `${say.t("nudge")}: ${label}`, text: say.t("nudge"),
          on: { click: () => app.map.setView(app.layer.latLng(...spot(app.lab.engine.g, one.on)), Math.max(app.map.getZoom(), 16)), keydown: (event) => nudge(app, i, event) } }),
        el("button", { type: "button", class: "small", "data-testid": `drop-${i}`, "aria-label": `${say.t("drop")}: ${label}`, text: "×", on: { click: () => replace(app, i, null) } }))));
  }

  /** Arrow keys move a placed venue by 20 pixels of the map. */
  function nudge(app, i, event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const size = 20 / app.layer.scope.s, [x, y] = app.lab.held?.i === i ? app.lab.held.point : spot(app.lab.engine.g, app.lab.history.now.changes[i].on);
    const point = [x + step[0] * size, y + step[1] * size];
    app.lab.held = { i, point }; // where the hand is: the venue itself jumps from street to street
    drag(app, { i, end: "" }, point, `nudge ${i}`);
    app.redraw({});
  }

  function describe({ model, say, lab }, one) {
    const titles = (ids) => ids.map((id) => say.of(model.texts.summary.services[lab.engine.serviceIx(id)], id)).join(say.lang === "zh" ? "、" : ", ");
    const venueName = (id) => {
      const f = model.texts.venues.ids.indexOf(id), fresh = lab.history.now.changes.find((other) => other.do === "add_venue" && other.id === id);
      return (f >= 0 && model.texts.venues.names[f]) || fresh?.name || id;
    };
    switch (one.do) {
      case "add_venue": return say.t("did_add", { name: one.name || one.id, services: titles(one.services) });
      case "move_venue": return say.t("did_move", { name: venueName(one.venue) });
      case "close_venue": return say.t("did_close", { name: venueName(one.venue) });
      case "open_gate": return say.t("did_gate", { id: one.node });
      default: return say.t("did_link", { metres: say.count(one.length_cm / 100) });
    }
  }

  function settings(app) {
    const { lab, model, say } = app, { walks, own_minutes: own } = model.texts, state = lab.history.now;
    const pick = (id, label, options, value, on) => {
      const select = el("select", { id: `set-${id}`, "data-testid": `set-${id}`, on: { change: (event) => on(event.target.value) } },
        ...options.map(([key, text]) => el("option", { value: key, text })));
      select.value = value;
      return [el("label", { for: `set-${id}`, class: "hint", text: label }), select];
    };
    const speeds = walks.map((walk, i) => [String(i), say.t("speed_profile", { profile: say.of(walk), speed: say.speed(walk.speed_mmps / 1000) })]);
    const at = walks.indexOf(state.walk);
    if (at < 0) speeds.push([String(walks.length), say.t("speed", { speed: say.speed(state.walk.speed_mmps / 1000) })]);
    const usual = own.indexOf(false), base = usual < 0 ? null : lab.asIs.minutes ?? model.packed.threshold_cs[usual] / 6000;
    const now = state.minutes ?? base, most = Math.floor(model.texts.cutoff_cs / 6000);
    const modes = ["union", "one_stop"].map((mode) => [mode, say.t(`mode_${mode}`)]);
    const letters = [["ABC", say.t("accept_ABC")], ["AB", say.t("accept_AB")], ["A", say.t("accept_A")]];
    const groups = ["elders", "children"].filter((group) => model.arrays[group]);
    const ofGroup = (group) => {
      model.ofGroup(group, () => lab.before);
      app.redraw({});
    };
    document.getElementById("settings").replaceChildren(...[
      ...(groups.length ? pick("group", say.t("set_group"), ["", ...groups].map((group) => [group, say.t(`group_${group || "all"}`)]), model.group, ofGroup) : []),
      ...pick("walk", say.t("set_walk"), speeds, String(at < 0 ? walks.length : at), (value) => change(app, { walk: walks[Number(value)] })),
      ...(base === null ? [] : [
        el("label", { for: "set-minutes", class: "hint", text: say.t("set_minutes") }),
        el("span", { class: "slide" },
          el("input", { type: "range", id: "set-minutes", "data-testid": "set-minutes", min: 5, max: most, step: 1, value: now, on: { input: (event) => {
            const minutes = Number(event.target.value);
            change(app, { minutes: minutes === base ? null : minutes }, "minutes");
          }, change: () => app.redraw({}) } }),
          el("output", { for: "set-minutes", "data-testid": "minutes-now", text: say.t("minutes", { minutes: say.plain(now) }) }))]),
      ...pick("mode", say.t("set_mode"), modes, state.mode, (mode) => change(app, { mode })),
      ...pick("evidence", say.t("set_evidence"), letters, state.evidence, (evidence) => change(app, { evidence })),
      ...hours(app, state),
    ]);
  }

  /** An hour of the week, where the hours of any venue are known. */
  function hours(app, state) {
    const { model, say } = app, { venue_week: weeks } = model.arrays;
    const known = weeks.reduce((count, week) => count + (week >= 0), 0);
    if (!known) return [];
    const at = state.hour ?? 34; // Tuesday, ten o'clock
    const time = say.t("week_hour", { day: say.t(`day_${Math.floor(at / 24)}`), hour: String(at % 24).padStart(2, "0") });
    return [
      el("label", { class: "check wide" }, el("input", { type: "checkbox", checked: state.hour !== null, "data-testid": "set-timed", on: { change: (event) => change(app, { hour: event.target.checked ? at : null }) } }),
        el("span", { text: say.t("set_hour") })),
      ...(state.hour === null ? [] : [
        el("span", { class: "slide wide" },
          el("input", { type: "range", id: "set-hour", "aria-label": say.t("set_hour"), "aria-valuetext": time, "data-testid": "set-hour", min: 0, max: 167, step: 1, value: at,
            on: { input: (event) => change(app, { hour: Number(event.target.value) }, "hour"), change: () => app.redraw({}) } }),
          el("output", { for: "set-hour", "data-testid": "hour-now", text: time })),
        el("p", { class: "hint wide", "data-testid": "hours-known", text: say.t("hours_known", { known: say.count(known), all: say.count(weeks.length) }) })]),
    ];
  }

  /** A file for the command line and for later. */
  function save(app) {
    const text = gusuScenario.write(app.model.texts, app.lab.history.now, app.lab.engine);
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const link = el("a", { href: url, download: `${app.model.texts.summary.study}-scenario.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  function load(app, text) {
    const { lab, model } = app;
    try {
      const place = (lonlat) => settle(app, units(model.texts.grid, lonlat))?.on;
      const state = gusuScenario.read(text, model.texts, lab.engine, place);
      lab.trouble = "";
      change(app, state);
    } catch (error) {
      if (!error.key) throw error;
      lab.trouble = app.say.t(error.key, error.values);
      panel(app);
    }
  }

  return { start, judge, settle, use, tryAt, grip, drag, step, setTool, tools, panel, load, live, add, change };
})();
