/* Settings and changes with their history, and the scenario file that scenario.py reads. No DOM. */
globalThis.gusuScenario = (() => {
  "use strict";

  const SCHEMA = "gusu-geo-scenario/1";
  const FIELDS = {
    add_venue: ["id", "name", "services", "at", "on", "leg_cm"], move_venue: ["venue", "at", "on", "leg_cm"], close_venue: ["venue"],
    open_gate: ["node"], add_link: ["from", "to", "length_cm"], set_walk: ["profile", "speed_mps"], set_rule: ["minutes", "mode"],
  };

  /** States are never changed, only followed by others: undo and redo walk along them. */
  function history(first) {
    const states = [first];
    let at = 0;
    return {
      get now() { return states[at]; },
      get canUndo() { return at > 0; },
      get canRedo() { return at + 1 < states.length; },
      /** part replaces what it names; changes that follow each other with one tag are one step. */
      push(part, tag) {
        const next = { ...states[at], ...part, tag };
        if (tag && states[at].tag === tag && at > 0) states.length = at--;
        states.length = at + 1;
        states.push(next);
        at++;
      },
      undo() { if (at > 0) at--; },
      redo() { if (at + 1 < states.length) at++; },
    };
  }

  /** The file of a state. */
  function write(texts, state, engine) {
    // A door off the street is found again from where it stands.
    const base = engine.asIs(), changes = state.changes.map(({ leg_cm: leg, ...one }) => {
      if (leg) delete one.on;
      return one;
    });
    if (state.walk !== base.walk) {
      changes.push(state.walk.id && !state.walk.custom ? { do: "set_walk", profile: state.walk.id } : { do: "set_walk", speed_mps: state.walk.speed_mmps / 1000 });
    }
    const rule = { do: "set_rule" };
    if (state.minutes !== null) rule.minutes = state.minutes;
    if (state.mode !== base.mode) rule.mode = state.mode;
    if (Object.keys(rule).length > 1) changes.push(rule);
    const file = { schema: SCHEMA, study: texts.summary.study, network: texts.network, changes };
    return `${JSON.stringify(file, null, 1)}\n`;
  }

  /** The state of a file; place(lonlat) finds [edge, cm] where the file does not fit this network.

   Throws {key, values} of the text that tells what is wrong. */
  function read(text, texts, engine, place) {
    let file;
    try {
      file = JSON.parse(text);
    } catch {
      throw fault("scenario_no_json");
    }
    if (file?.schema !== SCHEMA) throw fault("scenario_schema", { got: String(file?.schema).slice(0, 40), want: SCHEMA });
    if (file.study !== texts.summary.study) throw fault("scenario_study", { got: String(file.study).slice(0, 40), want: texts.summary.study });
    if (!Array.isArray(file.changes)) throw fault("scenario_change", { number: 0 });
    const same = file.network === texts.network, state = { ...engine.asIs(), changes: [] };
    const known = new Set(texts.venues.ids.slice(0, engine.facilities)), services = new Set(texts.summary.services.map((service) => service.id));
    file.changes.forEach((change, i) => {
      const bad = () => fault("scenario_change", { number: i + 1 });
      const fields = Object.hasOwn(FIELDS, change?.do) && FIELDS[change.do];
      if (!fields || Object.keys(change).some((key) => key !== "do" && !fields.includes(key))) throw bad();
      const settled = (spot) => {
        if (!Array.isArray(spot?.at) || spot.at.length !== 2 || !spot.at.every(Number.isFinite)) throw bad();
        const on = same && spot.on ? spot.on : place(spot.at);
        if (spot.leg_cm !== undefined && !(Number.isInteger(spot.leg_cm) && spot.leg_cm >= 0)) throw bad();
        const fits = Array.isArray(on) && on.length === 2 && Number.isInteger(on[0]) && on[0] >= 0 && on[0] < engine.g.edges
          && Number.isInteger(on[1]) && on[1] >= 0 && on[1] <= engine.g.cm[on[0]];
        if (!fits) throw bad();
        return { ...spot, on };
      };
      if (change.do === "set_walk") {
        const walk = change.profile === undefined ? atSpeed(texts.walks[0], change.speed_mps) : texts.walks.find((one) => one.id === change.profile);
        if (!walk) throw fault("scenario_profile", { got: String(change.profile ?? change.speed_mps).slice(0, 40) });
        state.walk = walk;
      } else if (change.do === "set_rule") {
        const { minutes = state.minutes, mode = state.mode } = change;
        if (!(minutes === null || (minutes > 0 && minutes * 6000 <= texts.cutoff_cs)) || !["union", "one_stop"].includes(mode)) throw bad();
        Object.assign(state, { minutes, mode });
      } else if (change.do === "add_venue") {
        const ok = typeof change.id === "string" && change.id && !known.has(change.id) && Array.isArray(change.services)
          && change.services.length && change.services.every((id) => services.has(id));
        if (!ok) throw bad();
        known.add(change.id);
        state.changes.push({ ...settled(change), name: String(change.name ?? "") });
      } else if (change.do === "add_link") {
        const [from, to] = [settled(change.from), settled(change.to)];
        const length_cm = change.length_cm ?? Math.round(100 * metresBetween(from.at, to.at));
        if (!Number.isInteger(length_cm) || length_cm < 0) throw bad();
        state.changes.push({ ...change, from, to, length_cm });
      } else if (change.do === "open_gate") {
        if (!engine.gates.has(change.node)) throw bad();
        state.changes.push(change);
      } else {
        if (!known.has(change.venue)) throw fault("scenario_venue", { number: i + 1, got: String(change.venue).slice(0, 40) });
        state.changes.push(change.do === "move_venue" ? settled(change) : change);
      }
    });
    return state;
  }

  function fault(key, values = {}) {
    return Object.assign(new Error(key), { key, values });
  }

  /** A walk at another speed, NaN and the like refused. */
  function atSpeed(walk, speed) {
    if (!(speed >= 0.1 && speed <= 5)) return null;
    return { ...walk, speed_mmps: Math.round(1000 * speed), ferry_pm: Math.round((1000 * speed) / walk.ferry_mps), custom: true };
  }

  const TURN = Math.PI / 180;

  /** Great-circle metres between degrees. */
  function metresBetween([lon, lat], [lon2, lat2]) {
    const s = Math.sin((TURN * (lat2 - lat)) / 2) ** 2 + Math.cos(TURN * lat) * Math.cos(TURN * lat2) * Math.sin((TURN * (lon2 - lon)) / 2) ** 2;
    return 2 * 6371008.8 * Math.asin(Math.sqrt(s));
  }

  return { SCHEMA, history, write, read, metresBetween };
})();
