/* Settings and changes with their history, and the scenario file that scenario_file.py reads. */
import { CS_PER_MIN, FARTHEST_CM, MAX_SPEED_MPS, MIN_SPEED_MPS, MODES, SCENARIO_FIELDS, SCENARIO_SCHEMA } from "./constants.js";

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
  const file = { schema: SCENARIO_SCHEMA, study: texts.summary.study, network: texts.network, changes };
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

/** The state of a file; place(lonlat) finds [edge, cm] where the file does not fit this network.
 Throws ScenarioFault.
 @param {string} text
 @param {Texts} texts
 @param {import("./engine.js").Engine} engine
 @param {(at: XY) => On | undefined | null} place */
export function read(text, texts, engine, place) {
  const file = parsed(text), { study } = texts.summary;
  if (file?.schema !== SCENARIO_SCHEMA) throw new ScenarioFault("scenario_schema", { got: short(file?.schema), want: SCENARIO_SCHEMA });
  if (file.study !== study) throw new ScenarioFault("scenario_study", { got: short(file.study), want: study });
  if (!Array.isArray(file.changes)) throw new ScenarioFault("scenario_change", { number: 0 });
  const reader = new Reader(texts, engine, file.network === texts.network, place);
  file.changes.forEach((change, i) => reader.take(change, i + 1));
  return reader.state;
}

/** A file from anywhere: any key may be missing or hold anything.
 @param {string} text
 @returns {Record<string, unknown> | null} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ScenarioFault("scenario_no_json");
  }
}

/** @param {unknown} value */
const short = (value) => String(value).slice(0, 40);

/** @typedef {Record<string, any>} Unchecked a part of a file before it is checked */

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

  /** @param {Unchecked | null} change
   @param {number} number */
  take(change, number) {
    this.number = number;
    const known = Object.entries(SCENARIO_FIELDS).find(([kind]) => kind === change?.do);
    if (!change || !known || Object.keys(change).some((key) => key !== "do" && !known[1].includes(key))) throw this.bad();
    const takes = {
      set_walk: () => this.walk(change), set_rule: () => this.rule(change), add_venue: () => this.venue(change), add_link: () => this.link(change),
      open_gate: () => this.gate(change), close_venue: () => this.close(change), move_venue: () => this.move(change),
    };
    takes[/** @type {keyof typeof takes} */ (known[0])]();
  }

  /** @param {Unchecked} change */
  walk({ profile, speed_mps }) {
    const { walks } = this.texts;
    const walk = profile === undefined ? atSpeed(walks[0], speed_mps) : walks.find((one) => one.id === profile);
    if (!walk) throw new ScenarioFault("scenario_profile", { got: short(profile ?? speed_mps) });
    this.state.walk = walk;
  }

  /** @param {Unchecked} change */
  rule({ minutes = this.state.minutes, mode = this.state.mode }) {
    if (!(minutes === null || (minutes > 0 && minutes * CS_PER_MIN <= this.texts.cutoff_cs)) || !MODES.includes(mode)) throw this.bad();
    Object.assign(this.state, { minutes, mode });
  }

  /** @param {Unchecked} change */
  venue({ id, name, services, ...place }) {
    const named = typeof id === "string" && id && !this.venues.has(id);
    if (!named || !Array.isArray(services) || !services.length || !services.every((one) => this.services.has(one))) throw this.bad();
    const found = this.settled(place);
    this.venues.add(id);
    this.state.changes.push({ do: "add_venue", id, name: String(name ?? ""), services, ...found });
  }

  /** @param {Unchecked} change */
  link(change) {
    const [from, to] = [this.settled(change.from), this.settled(change.to)];
    const length_cm = change.length_cm ?? Math.round(100 * metresBetween(from.at, to.at));
    if (!Number.isInteger(length_cm) || length_cm < 0 || length_cm > FARTHEST_CM) throw this.bad();
    this.state.changes.push({ do: "add_link", from, to, length_cm });
  }

  /** @param {Unchecked} change */
  gate({ node }) {
    if (!this.engine.gates.has(node)) throw this.bad();
    this.state.changes.push({ do: "open_gate", node });
  }

  /** @param {Unchecked} change */
  close({ venue }) {
    this.state.changes.push({ do: "close_venue", venue: this.known(venue) });
  }

  /** @param {Unchecked} change */
  move({ venue, ...place }) {
    const id = this.known(venue);
    this.state.changes.push({ do: "move_venue", venue: id, ...this.settled(place) });
  }

  /** @param {unknown} id */
  known(id) {
    if (typeof id === "string" && this.venues.has(id)) return id;
    throw new ScenarioFault("scenario_venue", { number: this.number, got: short(id) });
  }

  /** A place with its degrees and where it is on these streets.
   @param {Unchecked | undefined} spot
   @returns {Place} */
  settled(spot) {
    const { at, leg_cm } = spot ?? {};
    if (!Array.isArray(at) || at.length !== 2 || !at.every(Number.isFinite)) throw this.bad();
    const degrees = /** @type {XY} */ (at), on = this.same && spot?.on ? spot.on : this.place(degrees);
    if (leg_cm !== undefined && !(Number.isInteger(leg_cm) && leg_cm >= 0)) throw this.bad();
    if (!this.fits(on)) throw this.bad();
    return leg_cm === undefined ? { at: degrees, on } : { at: degrees, on, leg_cm };
  }

  /** Whether it is [edge, cm] of these streets.
   @param {unknown} on
   @returns {on is On} */
  fits(on) {
    const { g } = this.engine;
    if (!Array.isArray(on) || on.length !== 2 || !on.every((part) => Number.isInteger(part) && part >= 0)) return false;
    return on[0] < g.edges && on[1] <= g.cm[on[0]];
  }
}

/** A walk at another speed, NaN and the like refused.
 @param {Walk} walk
 @param {number} speed */
function atSpeed(walk, speed) {
  if (!(speed >= MIN_SPEED_MPS && speed <= MAX_SPEED_MPS)) return null;
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
