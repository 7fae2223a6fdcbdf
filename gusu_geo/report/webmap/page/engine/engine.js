/* The verdict under any settings and changes, the same numbers as Python's.

At an hour, venues that are closed then do not count, and what only venues of unknown hours would
bring is unknown. */
import { CS_PER_MIN, EVIDENCE, INF_CS, Reason, State } from "./constants.js";
import { Fields } from "./fields.js";
import { graph } from "./streets.js";
import { serviceIx, supply, venueRows } from "./supply.js";

const { FAIL, PASS, UNKNOWN, NOT_ASKED } = State;

/** The settings of the study itself.
 @param {Texts} texts
 @returns {Settings} */
export const asIs = (texts) => ({ walk: texts.walks[0], minutes: null, mode: texts.summary.rule.mode, evidence: EVIDENCE, hour: null, changes: [], comments: [] });

export class Engine {
  /** @param {Arrays} arrays
   @param {Texts} texts
   @param {Lines} lines of the streets */
  constructor(arrays, texts, lines) {
    this.arrays = arrays;
    this.texts = texts;
    this.facilities = arrays.venue_service.length;
    this.g = graph(arrays, lines);
    this.fields = new Fields(arrays, texts, this.g);
    this.home = this.fields.home;
    this.gates = this.fields.gates;
    this.scale = this.fields.scale;
    // The page shows other limits in place of these.
    this.rules = texts.rules ?? [{ walk: null, limits: Array.from(arrays.threshold_cs), sets: texts.own_minutes }];
    this.limit = (texts.cutoff_cs + 1) * this.scale;
    this.anyWalled = arrays.venue_door_walled.some(Boolean);
  }

  asIs() {
    return asIs(this.texts);
  }

  /** @param {string} id */
  serviceIx(id) {
    return serviceIx(this.texts, id);
  }

  /** @param {string} id */
  venueRows(id) {
    return venueRows(this.arrays, this.texts, id);
  }

  /** Arrays as in the pack (R x K and R), under the settings.
   @param {Settings} settings
   @returns {Verdict} */
  judge(settings) {
    const { arrays, texts } = this, homes = texts.homes.ids.length, services = texts.summary.services.length;
    const size = homes * services, nearest = new Int32Array(size), { home_rule: ruleOf } = arrays;
    const parts = this.rules.map((rule) => this.part(settings, rule)), [{ stock, net, fields, limits }] = parts;
    const result = {
      settings, parts, threshold_cs: limits, state: new Int8Array(size), nearest_cs: nearest, counted_cs: nearest,
      nearest_ix: new Int32Array(size), one_stop_cs: new Int32Array(homes), one_stop_ix: new Int32Array(homes), one_stop_state: new Int8Array(homes),
      residence_state: new Int8Array(homes), known_met: new Uint8Array(homes),
      added: stock.added, names: stock.names, net, fields,
    };
    for (let r = 0; r < homes; r++) {
      const part = parts[ruleOf ? ruleOf[r] : 0];
      this.judgeOneStop(result, part, r, this.judgeServices(result, part, r));
    }
    return result;
  }

  /** What one rule compares: its walkers' times, its limits. A walk that is set goes for all rules.
   @param {Settings} settings
   @param {Rule} rule
   @returns {RulePart} */
  part(settings, rule) {
    const { arrays, texts, fields } = this, [usual] = texts.walks;
    const asked = rule.limits.flatMap((cs, k) => (cs >= 0 ? [k] : []));
    const homeNet = fields.netOf(settings.walk === usual ? rule.walk ?? usual : settings.walk);
    const stock = supply(arrays, texts, settings, asked), net = fields.edited(homeNet, settings.changes);
    const limits = this.thresholds(settings, rule), blank = asked.some((k) => !texts.known[k]);
    return {
      asked, limits, blank, stock, homeNet, net, least: Math.min(...asked.map((k) => limits[k])),
      fields: fields.all(homeNet, net, stock, false),
      possible: this.anyWalled || stock.unsure.size ? fields.all(homeNet, net, stock, true) : null,
    };
  }

  /** States and times of home r by service; returns the counts that its own state needs.
   @param {Verdict} result
   @param {RulePart} part
   @param {number} r */
  judgeServices(result, { limits, fields, possible }, r) {
    const { arrays, texts } = this, services = texts.summary.services.length, linked = arrays.reason[r] === Reason.LINKED;
    const counts = { met: 0, possible: 0, missing: 0, unknown: 0 };
    let knownMet = 0, knowns = 0;
    for (let k = 0; k < services; k++) {
      const i = r * services + k, limit = limits[k];
      if (limit < 0) {
        result.nearest_cs[i] = INF_CS;
        result.nearest_ix[i] = -1;
        result.state[i] = NOT_ASKED;
        continue;
      }
      const label = fields[k].home[r], cs = this.csOf(label), known = texts.known[k], here = cs <= limit;
      const maybe = possible !== null && (here || this.csOf(possible[k].home[r]) <= limit);
      const state = !linked || (!here && (!known || maybe)) ? UNKNOWN : here ? PASS : FAIL;
      result.nearest_cs[i] = cs;
      result.nearest_ix[i] = this.ixOf(label);
      result.state[i] = state;
      if (here) counts.met++;
      if (maybe) counts.possible++;
      if (state === FAIL) counts.missing++;
      if (state === UNKNOWN) counts.unknown++;
      if (known) knowns++;
      if (known && here) knownMet++;
    }
    result.known_met[r] = linked && knowns > 0 && knownMet === knowns ? 1 : 0;
    return counts;
  }

  /** The one-stop reading of home r, and its state in the mode of the settings.
   @param {Verdict} result
   @param {RulePart} part
   @param {number} r
   @param {{ met: number, possible: number, missing: number, unknown: number }} counts */
  judgeOneStop(result, { asked, least, fields, possible, blank }, r, counts) {
    const { arrays } = this, services = this.texts.summary.services.length, linked = arrays.reason[r] === Reason.LINKED;
    const label = fields[services].home[r], cs = this.csOf(label), met = cs <= least && counts.met === asked.length;
    const maybe = possible !== null && (cs <= least || this.csOf(possible[services].home[r]) <= least) && counts.possible === asked.length;
    result.one_stop_cs[r] = cs;
    result.one_stop_ix[r] = this.ixOf(label);
    // Where a service that has data fails, no venue can have them all, whatever is unknown.
    const open = counts.missing === 0 && !met && (blank || maybe);
    result.one_stop_state[r] = !linked || open ? UNKNOWN : met ? PASS : FAIL;
    const union = counts.missing === 0 && counts.unknown > 0 ? UNKNOWN : counts.missing === 0 ? PASS : FAIL;
    result.residence_state[r] = result.settings.mode === "one_stop" ? result.one_stop_state[r] : union;
  }

  /** Centiseconds of each service; minutes that a service or a rule sets for itself stay.
   @param {Settings} settings
   @param {Rule} rule */
  thresholds({ minutes }, { limits, sets }) {
    return limits.map((cs, k) => (minutes === null || cs < 0 || sets[k] ? cs : Math.round(minutes * CS_PER_MIN)));
  }

  /** @param {number} label */
  csOf(label) {
    return label < this.limit ? Math.floor(label / this.scale) : INF_CS;
  }

  /** @param {number} label */
  ixOf(label) {
    return label < this.limit ? label % this.scale : -1;
  }
}
