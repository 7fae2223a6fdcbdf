/* Settings and changes with their history, and the scenario file that scenario_file.py reads. */
import { CS_PER_MIN, SCENARIO_CHANGE, SCENARIO_COMMENT, SCENARIO_FILES, SCENARIO_SCHEMA, SCENARIO_UNITS } from "./constants.js";
import { asIs } from "./engine.js";
import { personalIn } from "./personal.js";
import { lonLat, spot } from "./places.js";
import { fits } from "./table.js";

/** States are never changed, only followed by others: undo and redo walk along them. */
export class History {
  /** @param {Settings} first */
  constructor(first) {
    this.states = [first];
    this.at = 0;
  }

  get now() {
    return this.states[this.at];
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at + 1 < this.states.length;
  }

  /** part replaces what it names; changes that follow each other with one tag are one step.
   @param {Partial<Settings>} part
   @param {string} [tag] */
  push(part, tag) {
    const next = { ...this.now, ...part, tag };
    if (tag && this.now.tag === tag && this.canUndo) this.at--;
    this.states.length = this.at + 1;
    this.states.push(next);
    this.at++;
  }

  undo() {
    if (this.canUndo) this.at--;
  }

  redo() {
    if (this.canRedo) this.at++;
  }
}

/** Whether a placed venue still stands where change i put it.
 @param {Change[]} changes
 @param {number} i */
export function stillThere(changes, i) {
  const one = changes[i], id = "id" in one ? one.id : "venue" in one ? one.venue : "";
  return !changes.slice(i + 1).some((later) => "venue" in later && later.venue === id);
}

/** The file of a state.
 @param {Texts} texts
 @param {Settings} state
 @param {Settings} base the study as it is */
export function write(texts, state, base) {
  /** @type {object[]} */
  const changes = state.changes.map((change) => {
    const one = /** @type {Partial<Place>} */ ({ ...change });
    if (one.leg_cm) delete one.on; // a door off the street is found again from where it stands
    delete one.leg_cm;
    return one;
  });
  if (state.walk !== base.walk) {
    changes.push(state.walk.id && !state.walk.custom ? { do: "set_walk", profile: state.walk.id } : { do: "set_walk", speed_mps: state.walk.speed_mmps / 1000 });
  }
  /** @type {{ do: string, minutes?: number, mode?: string }} */
  const rule = { do: "set_rule" };
  if (state.minutes !== null) rule.minutes = state.minutes;
  if (state.mode !== base.mode) rule.mode = state.mode;
  if (Object.keys(rule).length > 1) changes.push(rule);
  const file = { schema: SCENARIO_SCHEMA, study: texts.summary.study, network: texts.network, changes, comments: state.comments };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/** What is wrong with a file: the key of the page's text, and its values. */
export class ScenarioFault extends Error {
  /** @param {string} key
   @param {Record<string, string | number>} [values] */
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

/** The state of a file; place(lonlat) finds [edge, cm] where the file does not fit this network; ours: the map holds it, with
 leg_cm beside placed doors. Without an engine comments alone are read. What compare refuses is refused here. Throws ScenarioFault.
 @param {string} text
 @param {Texts} texts
 @param {import("./engine.js").Engine | null} engine
 @param {(at: XY) => On | undefined | null} place
 @param {boolean} [ours] */
export function read(text, texts, engine, place, ours = false) {
  const file = parsed(text), { study } = texts.summary, table = tableOf(file?.schema);
  if (!table) throw new ScenarioFault("scenario_schema", { got: short(file?.schema), want: SCENARIO_SCHEMA });
  if (file.study !== study) throw new ScenarioFault("scenario_study", { got: short(file.study), want: study });
  if (!fits(table, file)) throw new ScenarioFault("scenario_change", { number: 0 });
  const bad = file.changes.findIndex((/** @type {unknown} */ one) => !fits(SCENARIO_CHANGE, ours ? withoutLeg(one) : one));
  if (bad >= 0) throw new ScenarioFault("scenario_change", { number: bad + 1 });
  const comments = commentsOf(file.comments ?? []);
  if (!engine && file.changes.length) throw new ScenarioFault("scenario_comments_only");
  if (!engine) return { ...asIs(texts), comments };
  const reader = new Reader(texts, engine, file.network === texts.network, place);
  file.changes.forEach((/** @type {Checked} */ change, /** @type {number} */ i) => reader.take(change, i + 1));
  return { ...reader.state, comments };
}

/** The table of a schema, of those that are read.
 @param {unknown} schema */
const tableOf = (schema) => (typeof schema === "string" ? new Map(Object.entries(SCENARIO_FILES)).get(schema) : undefined);

/** @param {unknown[]} comments of a file
 @returns {Remark[]} */
function commentsOf(comments) {
  return comments.map((one, i) => {
    if (!fits(SCENARIO_COMMENT, one)) throw new ScenarioFault("scenario_comment", { number: i + 1 });
    const remark = /** @type {Remark} */ (one);
    if (personalIn(remark.text) || personalIn(remark.by ?? "") || personalIn(remark.when ?? "")) throw new ScenarioFault("scenario_personal", { number: i + 1 });
    return remark;
  });
}

/** A file from anywhere: any key may be missing or hold anything.
 @param {string} text
 @returns {any} */
function parsed(text) {
  if (text.length > SCENARIO_UNITS) throw new ScenarioFault("scenario_no_json");
  try {
    return JSON.parse(text);
  } catch {
    throw new ScenarioFault("scenario_no_json");
  }
}

/** @param {any} one a change that Python wrote into the map */
function withoutLeg({ leg_cm: _, ...one }) {
  return one;
}

/** A value for a message; a list or an object may hold anything, also what cannot become text.
 @param {unknown} value */
const short = (value) => (typeof value === "object" && value !== null ? "…" : String(value).slice(0, 40));

/** @typedef {Record<string, any>} Checked a part of a file that fits its table */

/** Reads changes one after the other into a state. */
class Reader {
  /** @param {Texts} texts
   @param {import("./engine.js").Engine} engine
   @param {boolean} same whether the file was made for these streets
   @param {(at: XY) => On | undefined | null} place */
  constructor(texts, engine, same, place) {
    this.texts = texts;
    this.engine = engine;
    this.same = same;
    this.place = place;
    this.state = engine.asIs();
    this.venues = new Set(texts.venues.ids.slice(0, engine.facilities));
    this.services = new Set(texts.summary.services.map((service) => service.id));
    this.number = 0;
  }

  bad() {
    return new ScenarioFault("scenario_change", { number: this.number });
  }

  /** @param {Checked} change
   @param {number} number */
  take(change, number) {
    this.number = number;
    const takes = {
      set_walk: () => this.walk(change), set_rule: () => this.rule(change), add_venue: () => this.venue(change), add_link: () => this.link(change),
      open_gate: () => this.gate(change), close_venue: () => this.close(change), move_venue: () => this.move(change),
    };
    takes[/** @type {keyof typeof takes} */ (change.do)]();
  }

  /** @param {Checked} change */
  walk({ profile, speed_mps }) {
    const { walks } = this.texts;
    const walk = (profile ?? null) === null ? atSpeed(walks[0], speed_mps) : walks.find((one) => one.id === profile);
    if (!walk) throw new ScenarioFault("scenario_profile", { got: short(profile) });
    this.state.walk = walk;
  }

  /** @param {Checked} change */
  rule({ minutes, mode }) {
    if ((minutes ?? 0) * CS_PER_MIN > this.texts.cutoff_cs) throw this.bad();
    Object.assign(this.state, { minutes: minutes ?? this.state.minutes, mode: mode ?? this.state.mode });
  }

  /** @param {Checked} change */
  venue({ id, name, services, tier, ...place }) {
    if (this.venues.has(id) || !services.every((/** @type {string} */ one) => this.services.has(one))) throw this.bad();
    const found = this.settled(place);
    this.venues.add(id);
    this.state.changes.push({ do: "add_venue", id, name: name ?? "", services, ...(tier ? { tier } : {}), ...found });
  }

  /** @param {Checked} change */
  link(change) {
    const [from, to] = [this.settled(change.from), this.settled(change.to)];
    const length_cm = change.length_cm ?? Math.round(100 * metresBetween(from.at, to.at));
    this.state.changes.push({ do: "add_link", from, to, length_cm });
  }

  /** @param {Checked} change */
  gate({ node }) {
    if (!this.engine.gates.has(node)) throw this.bad();
    this.state.changes.push({ do: "open_gate", node });
  }

  /** @param {Checked} change */
  close({ venue }) {
    this.state.changes.push({ do: "close_venue", venue: this.known(venue) });
  }

  /** @param {Checked} change */
  move({ venue, ...place }) {
    const id = this.known(venue);
    this.state.changes.push({ do: "move_venue", venue: id, ...this.settled(place) });
  }

  /** @param {string} id */
  known(id) {
    if (this.venues.has(id)) return id;
    throw new ScenarioFault("scenario_venue", { number: this.number, got: short(id) });
  }

  /** A place with its degrees and where it is on these streets.
   @param {Checked} spot
   @returns {Place} */
  settled({ at, on: given, leg_cm }) {
    const there = this.same && given && this.exists(given) ? /** @type {On} */ (given) : null;
    if (this.same && given && !there) throw this.bad();
    const degrees = /** @type {XY | null} */ (at ?? (there && lonLat(this.texts.grid, spot(this.engine.g, there))));
    const on = there ?? (degrees && this.place(degrees));
    if (!degrees || !on || !this.exists(on)) throw this.bad();
    return leg_cm === undefined ? { at: degrees, on } : { at: degrees, on, leg_cm };
  }

  /** Whether [edge, cm] is a place on these streets.
   @param {On} on */
  exists([edge, cm]) {
    const { g } = this.engine;
    return edge < g.edges && cm <= g.cm[edge];
  }
}

/** A walk at another speed.
 @param {Walk} walk
 @param {number} speed */
export function atSpeed(walk, speed) {
  return { ...walk, speed_mmps: Math.round(1000 * speed), ferry_pm: Math.round((1000 * speed) / walk.ferry_mps), custom: true };
}

const TURN = Math.PI / 180, EARTH_M = 6371008.8;

/** Great-circle metres between degrees.
 @param {XY} from
 @param {XY} to */
export function metresBetween([lon, lat], [lon2, lat2]) {
  const s = Math.sin((TURN * (lat2 - lat)) / 2) ** 2 + Math.cos(TURN * lat) * Math.cos(TURN * lat2) * Math.sin((TURN * (lon2 - lon)) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(s));
}
