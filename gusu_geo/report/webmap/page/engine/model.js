/* What the page asks of the arrays: states, times, colour classes and sums. */
import { GROUPS, INF_CS, Reason, State } from "./constants.js";
import { summed, totals } from "./totals.js";

const { FAIL, PASS, UNKNOWN, NOT_ASKED } = State;

export const BY_MISSING = -1, BY_DETOUR = -2; // colour modes beside the services
const MISSING_UNKNOWN = 5, DETOUR_UNKNOWN = 5, MINUTES_UNKNOWN = 6; // the class after the coloured ones

/** Minutes to one decimal from whole centiseconds, half up, without binary fractions.
 @param {number} cs */
export function minutesText(cs) {
  const tenths = Math.floor((cs + 300) / 600);
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

/** The arrays that a verdict replaces.
 @param {Arrays | Verdict} from */
const live = (from) => ({
  state: from.state, nearest_cs: from.nearest_cs, nearest_ix: from.nearest_ix, counted_cs: from.counted_cs,
  one_stop_cs: from.one_stop_cs, one_stop_ix: from.one_stop_ix, one_stop_state: from.one_stop_state, threshold_cs: from.threshold_cs,
});

/** R homes, K services.

 `show(result)` puts another verdict (see engine.js) in place of the packed one, `show(null)` puts
 that one back; whoever asks the model need not know which it is. After `ofGroup(name)` all sums
 count that group of people only. */
export class Model {
  /** @param {Arrays} arrays
   @param {Texts} texts */
  constructor(arrays, texts) {
    this.arrays = arrays;
    this.texts = texts;
    this.homes = texts.homes.ids.length;
    this.services = texts.summary.services.length;
    this.facilities = texts.venues.ids.length;
    this.packed = live(arrays);
    this.everybody = arrays.persons;
    /** @type {Verdict | null} */
    this.shown = null;
    this.usual = texts.rules?.map((rule) => rule.limits) ?? [Array.from(arrays.threshold_cs)];
    this.group = "";
    /** The verdict of the study as it is, which sums over a group need.
     @type {() => Verdict | null} */
    this.basis = () => null;
    this.ofPacked = countStates(arrays.state, this.homes, this.services);
    /** @type {StateCounts} */
    this.counts = this.ofPacked;
    this.now = summed(texts);
    /** @type {Totals | null} */
    this.was = null;
    /** Rises with every verdict or group that is shown: what is kept of one is old then. */
    this.version = 0;
    /** @type {{ key: string, classes: Uint8Array } | null} */
    this.graded = null;
    /** @type {{ key: string, mask: Uint8Array } | null} */
    this.sieve = null;
    this.walls = texts.homes.ids.some((_, r) => this.unknown[r] > 0 && texts.summary.services.some((_, k) => this.walled(r, k)));
  }

  /** @param {Verdict | null} result */
  show(result) {
    const { arrays, texts, facilities } = this, { ids, names, hours } = texts.venues;
    this.version++;
    Object.assign(arrays, result ? live(result) : this.packed);
    this.counts = result ? result.counts : this.ofPacked;
    for (const list of [ids, names, hours]) list.length = facilities;
    if (result) {
      for (const { f, id } of result.added) {
        ids[f] ??= id;
        names[f] ??= result.names.get(f) ?? "";
        hours[f] ??= "";
      }
    }
    this.shown = result;
    const asIs = this.totalsAsIs();
    this.now = result ? totals(this, result) : asIs;
    this.was = result ? asIs : null;
  }

  totalsAsIs() {
    const basis = this.group ? this.basis() : null;
    return basis ? totals(this, basis) : summed(this.texts);
  }

  /** @param {string} name of a group, "" for everybody
   @param {() => Verdict} basis */
  ofGroup(name, basis) {
    this.basis = basis;
    this.group = name;
    this.arrays.persons = GROUPS.includes(name) ? /** @type {Record<string, Float64Array>} */ (/** @type {unknown} */ (this.arrays))[name] : this.everybody;
    this.show(this.shown);
  }

  /** The limit of service k for residence r in centiseconds, below 0 where its rule does not ask for it.
   @param {number} r
   @param {number} k */
  limit(r, k) {
    const { home_rule: ruleOf } = this.arrays, rule = ruleOf ? ruleOf[r] : 0;
    return this.shown ? this.shown.parts[rule].limits[k] : this.usual[rule][k];
  }

  /** How many venues of service k residence r needs.
   @param {number} r
   @param {number} k */
  wanted(r, k) {
    const { arrays, texts } = this, { home_rule: ruleOf } = arrays;
    return ruleOf && texts.rules ? texts.rules[ruleOf[r]].min_count[k] : texts.summary.services[k].min_count;
  }

  /** Whether nothing of residence r can be judged.
   @param {number} r */
  unjudged(r) {
    return this.unknown[r] === this.asked(r);
  }

  /** How many services are asked for at residence r.
   @param {number} r */
  asked(r) {
    return this.services - this.counts.unasked[r];
  }

  get missing() {
    return this.counts.missing;
  }

  get unknown() {
    return this.counts.unknown;
  }

  /** Whether an hour is asked for. */
  get timed() {
    return this.shown !== null && this.shown.settings.hour !== null;
  }

  /** Whether the only venues near enough may not count: they are behind a wall without a known gate,
   or their hours are unknown.
   @param {number} r
   @param {number} k */
  walled(r, k) {
    const { arrays, texts, services } = this;
    return arrays.state[r * services + k] === UNKNOWN && arrays.reason[r] === Reason.LINKED
      && texts.summary.services[k].state === "known";
  }

  /** One residence and one service; over_cs: how much too far, 0 unless FAIL within reach.
   @param {number} r
   @param {number} k */
  cell(r, k) {
    const { arrays } = this, i = r * this.services + k, state = arrays.state[i], counted = arrays.counted_cs[i];
    const late = state === FAIL && counted !== INF_CS;
    return {
      state,
      cs: arrays.nearest_cs[i],
      counted_cs: counted,
      venue: arrays.nearest_ix[i],
      over_cs: late ? counted - this.limit(r, k) : 0,
    };
  }

  /** Colour class of a residence: by missing services, by detour, or by minutes to service k.
   @param {number} r
   @param {number} k */
  classOf(r, k) {
    const { arrays, texts } = this;
    if (k === BY_DETOUR) return this.detourClass(arrays.detour_pm[r]);
    if (k === BY_MISSING) return this.unjudged(r) ? MISSING_UNKNOWN : Math.min(this.missing[r], 4);
    const { state, counted_cs } = this.cell(r, k), limit = this.limit(r, k);
    if (state === UNKNOWN || state === NOT_ASKED) return MINUTES_UNKNOWN;
    // The state says in time or not; minutes only grade within it.
    if (state === PASS) return 3 * counted_cs <= limit ? 0 : 3 * counted_cs <= 2 * limit ? 1 : 2;
    if (counted_cs === INF_CS) return 5;
    return 3 * (counted_cs - limit) <= texts.cutoff_cs - limit ? 3 : 4;
  }

  /** @param {number} pm */
  detourClass(pm) {
    const { detour } = this.texts;
    return pm < 0 || !detour ? DETOUR_UNKNOWN : detour.edges_pm.filter((edge) => pm >= edge).length;
  }

  /** Centiseconds between the classes of service k.
   @param {number} k */
  edges(k) {
    const limit = this.arrays.threshold_cs[k], cutoff = this.texts.cutoff_cs;
    return [0, limit / 3, (2 * limit) / 3, limit, limit + (cutoff - limit) / 3, cutoff];
  }

  /** The colour class of every residence, see classOf.
   @param {number} k
   @returns {Uint8Array} */
  classes(k) {
    const key = `${this.version} ${k}`;
    if (this.graded?.key === key) return this.graded.classes;
    const classes = new Uint8Array(this.homes);
    for (let r = 0; r < this.homes; r++) classes[r] = this.classOf(r, k);
    this.graded = { key, classes };
    return classes;
  }

  /** 1 for residences that lack service `only`; null, which is all, where none is named (below 0).
   @param {number} only
   @returns {Uint8Array | null} */
  lacking(only) {
    if (only < 0) return null;
    const key = `${this.version} ${only}`;
    if (this.sieve?.key === key) return this.sieve.mask;
    const mask = new Uint8Array(this.homes);
    for (let r = 0; r < this.homes; r++) mask[r] = Number(this.arrays.state[r * this.services + only] === FAIL);
    this.sieve = { key, mask };
    return mask;
  }

  /** Residences and persons of each class, of those that lack `only`.
   @param {number} k
   @param {number} [only] */
  tally(k, only = -1) {
    const out = Array.from({ length: k < 0 ? 6 : 7 }, () => ({ residences: 0, persons: 0 })), classes = this.classes(k), shown = this.lacking(only);
    for (let r = 0; r < this.homes; r++) {
      if (shown && !shown[r]) continue;
      const entry = out[classes[r]];
      entry.residences++;
      entry.persons += this.arrays.persons[r];
    }
    return out;
  }

  /** Residences that nobody calls homes, of those that lack `only`.
   @param {number} only */
  assumed(only) {
    const shown = this.lacking(only), out = { residences: 0, persons: 0 };
    for (let r = 0; r < this.homes; r++) {
      if (!this.arrays.home_assumed[r] || (shown && !shown[r])) continue;
      out.residences++;
      out.persons += this.arrays.persons[r];
    }
    return out;
  }

  /** Residences of the hatched class by what keeps them from being judged, of those that lack `only`.
   @param {number} k
   @param {number} [only] */
  hatched(k, only = -1) {
    const last = k === BY_MISSING ? MISSING_UNKNOWN : MINUTES_UNKNOWN, out = { unlinked: 0, walled: 0, unasked: 0 };
    const classes = this.classes(k), shown = this.lacking(only);
    for (let r = 0; r < this.homes; r++) {
      if (classes[r] !== last || (shown && !shown[r])) continue;
      if (k >= 0 && this.limit(r, k) < 0) out.unasked++;
      else out[this.arrays.reason[r] === Reason.LINKED ? "walled" : "unlinked"]++;
    }
    return out;
  }
}

/** Services that fail, that are unknown, and that are not asked for, by home.
 @param {Whole} state
 @param {number} homes
 @param {number} services */
function countStates(state, homes, services) {
  const missing = new Uint8Array(homes), unknown = new Uint8Array(homes), unasked = new Uint8Array(homes);
  for (let r = 0; r < homes; r++) {
    for (let k = 0; k < services; k++) {
      if (state[r * services + k] === FAIL) missing[r]++;
      if (state[r * services + k] === UNKNOWN) unknown[r]++;
      if (state[r * services + k] === NOT_ASKED) unasked[r]++;
    }
  }
  return { missing, unknown, unasked };
}
