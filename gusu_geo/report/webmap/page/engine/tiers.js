/* Who is in time of a venue of each tier, under any settings and changes, as tiers.py judges.

A venue of the tier serves for certain, one of unknown tier perhaps. */
import { Reason, State, TIER_WORDS } from "./constants.js";

const { FAIL, PASS, UNKNOWN, NOT_ASKED } = State, NONE = -1;

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {RulePart["homeNet"]} HomeNet */
/** @typedef {(f: number) => boolean} Counts whether a facility counts */

export class Tiers {
  /** @param {Engine} engine */
  constructor(engine) {
    this.engine = engine;
    /** Streets of the walkers with fields of their own, by pair and by which venues count: each pair has
     venues of its own.
     @type {Map<string, { of: HomeNet, own: HomeNet }>} */
    this.kept = new Map();
    /** @type {{ result: Verdict | null, states: Int8Array }} */
    this.last = { result: null, states: new Int8Array(0) };
  }

  /** States (R x pairs of `texts.tiers`) under a verdict; the last ones are kept.
   @param {Verdict} result */
  of(result) {
    if (this.last.result !== result) this.last = { result, states: this.judge(result) };
    return this.last.states;
  }

  /** @param {Verdict} result */
  judge(result) {
    const { arrays, texts } = this.engine, { tiers } = texts, { home_rule: ruleOf } = arrays;
    const homes = texts.homes.ids.length, states = new Int8Array(homes * tiers.length), tierOf = tiersOf(arrays, texts, result.settings.changes);
    tiers.forEach((pair, i) => {
      const k = this.engine.serviceIx(pair.service), parts = result.parts.map((part, n) => this.part(part, `${i} ${n}`, k, pair.accepts, tierOf));
      for (let r = 0; r < homes; r++) states[r * tiers.length + i] = this.stateOf(parts[ruleOf ? ruleOf[r] : 0], r);
    });
    return states;
  }

  /** What one rule compares for one service and tier; null where it does not ask for the service.
   @param {RulePart} part
   @param {string} name
   @param {number} k
   @param {number[]} accepts tiers that will do
   @param {(f: number) => number} tierOf */
  part({ limits, stock, homeNet, net, possible }, name, k, accepts, tierOf) {
    if (limits[k] < 0) return null;
    const is = (/** @type {number} */ f) => accepts.includes(tierOf(f)), may = (/** @type {number} */ f) => is(f) || tierOf(f) === NONE;
    const [sure, some] = [is, may].map((counts) => this.stockOf(stock, k, counts));
    const field = (/** @type {string} */ of, /** @type {Supply} */ these, /** @type {boolean} */ walled) => this.engine.fields.changed(this.netOf(`${name} ${of}`, homeNet), net, k, walled, these).home;
    const least = field("sure", sure, false), same = sure.out.size === some.out.size && sure.added.length === some.added.length;
    return {
      limit: limits[k], known: this.engine.texts.known[k] && !this.stray(some, k),
      sure: least, maybe: same ? least : field("maybe", some, false), walled: possible && field("maybe", some, true),
    };
  }

  /** @param {ReturnType<Tiers["part"]>} part
   @param {number} r */
  stateOf(part, r) {
    if (!part) return NOT_ASKED;
    const { engine } = this, late = engine.after(part.limit), within = (/** @type {Float64Array | null} */ home) => home !== null && home[r] < late;
    if (engine.arrays.reason[r] !== Reason.LINKED) return UNKNOWN;
    if (within(part.sure)) return PASS;
    return part.known && !within(part.maybe) && !within(part.walled) ? FAIL : UNKNOWN;
  }

  /** The supply with those venues of service k alone that count.
   @param {Supply} stock
   @param {number} k
   @param {Counts} counts
   @returns {Supply} */
  stockOf(stock, k, counts) {
    const { venue_service: service } = this.engine.arrays, out = new Set(stock.out);
    for (let f = 0; f < service.length; f++) if (service[f] === k && !counts(f)) out.add(f);
    return { ...stock, out, added: stock.added.filter((one) => one.k === k && counts(one.f)) };
  }

  /** Whether there are venues and none touches a street: then the map lacks the way to them.
   @param {Supply} stock
   @param {number} k */
  stray({ out, added }, k) {
    const { arrays } = this.engine, { venue_service: service, venue_door_owner: owner, venue_door_walled: walled } = arrays;
    if (added.length) return false;
    let there = false;
    for (let f = 0; f < service.length; f++) if (service[f] === k && !out.has(f)) there = true;
    for (let p = 0; p < owner.length; p++) if (service[owner[p]] === k && !out.has(owner[p]) && !walled[p]) return false;
    return there;
  }

  /** The same streets with a memory of their own.
   @param {string} name
   @param {HomeNet} homeNet */
  netOf(name, homeNet) {
    const known = this.kept.get(name);
    if (known?.of === homeNet) return known.own;
    const own = Object.assign(Object.create(homeNet), { kept: new Map() });
    this.kept.set(name, { of: homeNet, own });
    return own;
  }
}

/** The tier of each facility: of the study, or as a change gives it to a new venue.
 @param {Arrays} arrays
 @param {Texts} texts
 @param {Change[]} changes
 @returns {(f: number) => number} */
function tiersOf(arrays, texts, changes) {
  /** @type {Map<number, number>} */
  const fresh = new Map();
  let next = arrays.venue_service.length; // as supply.js numbers them
  for (const change of changes) if (change.do === "add_venue") for (const service of change.services) fresh.set(next++, tierOfNew(texts, change.tier, service));
  return (f) => fresh.get(f) ?? arrays.venue_tier[f];
}

/** Position of the tier of a new venue: as said, else the one tier at which the rule wants the service;
 -1 unknown, where it wants none or several.
 @param {Pick<Texts, "tiers">} texts
 @param {string | null | undefined} said
 @param {string} service */
export function tierOfNew({ tiers }, said, service) {
  if (said) return TIER_WORDS[/** @type {keyof typeof TIER_WORDS} */ (said)];
  const asked = tiers.filter((pair) => pair.service === service);
  return asked.length === 1 ? asked[0].of : NONE;
}

/** Persons in time of each pair of `texts.tiers`, at least and at most, and their shares of those who
 are asked; null where nobody is.
 @param {{ arrays: Arrays, texts: Texts, homes: number }} model
 @param {ArrayLike<number>} states */
export function tierSums({ arrays, texts, homes }, states) {
  const { persons } = arrays, width = texts.tiers.length;
  return texts.tiers.map((_, i) => {
    let low = 0, high = 0, every = 0;
    for (let r = 0; r < homes; r++) {
      const state = states[r * width + i];
      if (state === NOT_ASKED) continue;
      every += persons[r];
      if (state === PASS) low += persons[r];
      if (state !== FAIL) high += persons[r];
    }
    return { low_persons: low, high_persons: high, low: every ? low / every : null, high: every ? high / every : null };
  });
}
