/* The verdict under any settings and changes, the same numbers as Python's.

At an hour, venues that are closed then do not count, and what only venues of unknown hours would
bring is unknown. */
import { CS_PER_MIN, EVIDENCE } from "./constants.js";
import { Fields } from "./fields.js";
import { Nearest, judgePart } from "./states.js";
import { graph } from "./streets.js";
import { serviceIx, supply, venueRows } from "./supply.js";

const KEPT = 6; // questions whose times are kept

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
    this.services = texts.summary.services.length;
    this.g = graph(arrays, lines);
    this.fields = new Fields(arrays, texts, this.g);
    this.home = this.fields.home;
    this.gates = this.fields.gates;
    this.scale = this.fields.scale;
    // The page shows other limits in place of these.
    this.rules = texts.rules ?? [{ walk: null, limits: Array.from(arrays.threshold_cs), sets: texts.own_minutes }];
    this.limit = (texts.cutoff_cs + 1) * this.scale;
    this.anyWalled = arrays.venue_door_walled.some(Boolean);
    this.members = membersOf(this.rules.length, texts.homes.ids.length, arrays.home_rule);
    this.nearest = new Nearest(this);
    /** What was compared last, the latest first.
     @type {Asked[]} */
    this.latest = [];
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

  /** Arrays as in the pack (R x K and R), under the settings. They may be shared with other verdicts.
   @param {Settings} settings
   @returns {Verdict} */
  judge(settings) {
    const homes = this.texts.homes.ids.length, size = homes * this.services;
    const parts = this.rules.map((rule) => this.part(settings, rule)), [{ stock, net, fields, limits }] = parts;
    const result = {
      settings, parts, threshold_cs: limits, state: new Int8Array(size), ...this.nearest.take(parts, this.members),
      one_stop_state: new Int8Array(homes), residence_state: new Int8Array(homes), known_met: new Uint8Array(homes),
      counts: { missing: new Uint8Array(homes), unknown: new Uint8Array(homes), unasked: new Uint8Array(homes) },
      added: stock.added, names: stock.names, net, fields,
    };
    parts.forEach((part, i) => judgePart(this, result, part, this.members[i]));
    return result;
  }

  /** Judges in short steps, so that a later verdict under these settings is quick.
   @param {Settings} settings
   @returns {Generator<void, Verdict>} */
  *prepare(settings) {
    const { arrays, texts, fields } = this;
    for (const rule of this.rules) {
      const homeNet = fields.netOf(this.walkOf(settings, rule)), stock = supply(arrays, texts, settings, askedBy(rule));
      yield;
      for (let k = 0; k <= this.services; k++) {
        fields.fieldOf(homeNet, k, false, stock);
        yield;
      }
    }
    return this.judge(settings);
  }

  /** Who walks; a walk that is set goes for all rules.
   @param {Settings} settings
   @param {Rule} rule */
  walkOf({ walk }, rule) {
    const [usual] = this.texts.walks;
    return walk === usual ? rule.walk ?? usual : walk;
  }

  /** What one rule compares: its walkers' times, its limits.
   @param {Settings} settings
   @param {Rule} rule
   @returns {RulePart} */
  part(settings, rule) {
    const { changes, evidence, hour } = settings, walk = this.walkOf(settings, rule);
    let asked = this.latest.find((one) => one.rule === rule && one.walk === walk && one.evidence === evidence && one.hour === hour && alike(one.changes, changes));
    asked ??= { rule, walk, evidence, hour, changes, times: this.times(settings, rule, walk) };
    this.latest = [asked, ...this.latest.filter((one) => one !== asked)].slice(0, KEPT * this.rules.length);
    const limits = this.thresholds(settings, rule), { times } = asked;
    return { ...times, limits, least: Math.min(...times.asked.map((k) => limits[k])) };
  }

  /** Least times to those who count, whatever the limits.
   @param {Settings} settings
   @param {Rule} rule
   @param {Walk} walk
   @returns {Omit<RulePart, "limits" | "least">} */
  times(settings, rule, walk) {
    const { arrays, texts, fields } = this, asked = askedBy(rule);
    const homeNet = fields.netOf(walk), stock = supply(arrays, texts, settings, asked), net = fields.edited(homeNet, settings.changes);
    return {
      asked, stock, homeNet, net, blank: asked.some((k) => !texts.known[k]),
      fields: fields.all(homeNet, net, stock, false),
      possible: this.anyWalled || stock.unsure.size ? fields.all(homeNet, net, stock, true) : null,
    };
  }

  /** Centiseconds of each service; minutes that a service or a rule sets for itself stay.
   @param {Settings} settings
   @param {Rule} rule */
  thresholds({ minutes }, { limits, sets }) {
    return limits.map((cs, k) => (minutes === null || cs < 0 || sets[k] ? cs : Math.round(minutes * CS_PER_MIN)));
  }

  /** The least label that is later than so many centiseconds.
   @param {number} cs */
  after(cs) {
    return (Math.min(cs, this.texts.cutoff_cs) + 1) * this.scale;
  }
}

/** Positions of the services that a rule asks for.
 @param {Rule} rule */
const askedBy = ({ limits }) => limits.flatMap((cs, k) => (cs >= 0 ? [k] : []));

/** Whether two lists hold the same.
 @template T
 @param {T[]} a
 @param {T[]} b */
const alike = (a, b) => a.length === b.length && a.every((one, i) => one === b[i]);

/** Homes of each rule.
 @param {number} rules
 @param {number} homes
 @param {Int32Array} [ruleOf] */
function membersOf(rules, homes, ruleOf) {
  /** @type {number[][]} */
  const out = Array.from({ length: rules }, () => []);
  for (let r = 0; r < homes; r++) out[ruleOf ? ruleOf[r] : 0].push(r);
  return out.map((some) => Int32Array.from(some));
}
