/* States by the one comparison of times with limits, service by service: a column is long and all of a kind. */
import { INF_CS, Reason, State } from "./constants.js";

const { FAIL, PASS, UNKNOWN, NOT_ASKED } = State;

/** States of the homes of one rule.
 @param {import("./engine.js").Engine} engine
 @param {Verdict} result
 @param {RulePart} part
 @param {Int32Array} homes */
export function judgePart(engine, result, part, homes) {
  const { services, texts: { known } } = engine, size = result.residence_state.length;
  const seen = { met: new Uint8Array(size), possible: new Uint8Array(size), knownMet: new Uint8Array(size) };
  for (let k = 0; k < services; k++) {
    if (part.limits[k] < 0) skip(result, services, k, homes);
    else judgeColumn(engine, result, part, k, homes, seen);
  }
  judgeHomes(engine, result, part, homes, seen, part.asked.filter((k) => known[k]).length);
}

/** Service k where nobody asks for it.
 @param {Verdict} result
 @param {number} services
 @param {number} k
 @param {Int32Array} homes */
function skip({ state, counts: { unasked } }, services, k, homes) {
  for (const r of homes) {
    state[r * services + k] = NOT_ASKED;
    unasked[r]++;
  }
}

/** Service k, and what it adds to the counts that the homes' own states need.
 @param {import("./engine.js").Engine} engine
 @param {Verdict} result
 @param {RulePart} part
 @param {number} k
 @param {Int32Array} homes
 @param {Seen} seen */
function judgeColumn(engine, result, { limits, fields, possible }, k, homes, { met, possible: maybes, knownMet }) {
  const { services, arrays: { reason } } = engine, { state, counts: { missing, unknown } } = result;
  const late = engine.after(limits[k]), time = fields[k].home, perhaps = possible ? possible[k].home : time, known = engine.texts.known[k];
  for (let j = 0; j < homes.length; j++) {
    const r = homes[j], here = time[r] < late, maybe = here || perhaps[r] < late, i = r * services + k;
    if (here) {
      met[r]++;
      if (known) knownMet[r]++;
    }
    if (maybe) maybes[r]++;
    if (reason[r] !== Reason.LINKED || (!here && (!known || maybe))) {
      state[i] = UNKNOWN;
      unknown[r]++;
    } else if (here) state[i] = PASS;
    else {
      state[i] = FAIL;
      missing[r]++;
    }
  }
}

/** The one-stop reading, and the state in the mode of the settings.
 @param {import("./engine.js").Engine} engine
 @param {Verdict} result
 @param {RulePart} part
 @param {Int32Array} homes
 @param {Seen} seen
 @param {number} knowns services that are asked for and have data */
function judgeHomes(engine, result, { asked, least, fields, possible, blank }, homes, { met, possible: maybes, knownMet }, knowns) {
  const { services, arrays: { reason } } = engine, { residence_state: verdict, one_stop_state: oneStop, known_met: allKnown, counts: { missing, unknown } } = result;
  const late = engine.after(least), time = fields[services].home, perhaps = possible ? possible[services].home : time;
  const all = asked.length, single = result.settings.mode === "one_stop";
  for (let j = 0; j < homes.length; j++) {
    const r = homes[j], linked = reason[r] === Reason.LINKED, here = time[r] < late, in_time = here && met[r] === all;
    const maybe = (here || perhaps[r] < late) && maybes[r] === all;
    // Where a service that has data fails, no venue can have them all, whatever is unknown.
    const open = missing[r] === 0 && !in_time && (blank || maybe);
    oneStop[r] = !linked || open ? UNKNOWN : in_time ? PASS : FAIL;
    allKnown[r] = linked && knowns > 0 && knownMet[r] === knowns ? 1 : 0;
    const union = missing[r] > 0 ? FAIL : unknown[r] > 0 ? UNKNOWN : PASS;
    verdict[r] = single ? oneStop[r] : union;
  }
}

/** Least times and whom they lead to as whole numbers, by home and service and for one stop. Verdicts share
 what did not change between them: only columns whose times are others are made anew. */
export class Nearest {
  /** @param {import("./engine.js").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    /** What the columns were made of: by rule, then service; null where it is not asked for.
     @type {(Float64Array | null)[]} */
    this.of = [];
    this.table = this.one = blank(0);
  }

  /** @param {RulePart[]} parts
   @param {Int32Array[]} members homes of each part */
  take(parts, members) {
    const { services } = this.engine, homes = members.reduce((sum, some) => sum + some.length, 0), width = services + 1;
    const of = parts.flatMap(({ fields, limits }) => fields.map(({ home }, k) => (limits[k] < 0 ? null : home)));
    const fresh = this.of.length === 0, stale = of.flatMap((column, i) => (fresh || column !== this.of[i] ? [i] : []));
    const copy = (/** @type {Times} */ { cs, ix }, /** @type {number} */ size) => (fresh ? blank(size) : { cs: cs.slice(), ix: ix.slice() });
    if (stale.some((i) => i % width < services)) this.table = copy(this.table, homes * services);
    if (stale.some((i) => i % width === services)) this.one = copy(this.one, homes);
    for (const i of stale) {
      const k = i % width, some = members[Math.floor(i / width)];
      if (k < services) this.fill(this.table, of[i], some, services, k);
      else this.fill(this.one, of[i], some, 1, 0);
    }
    this.of = of;
    return { nearest_cs: this.table.cs, counted_cs: this.table.cs, nearest_ix: this.table.ix, one_stop_cs: this.one.cs, one_stop_ix: this.one.ix };
  }

  /** @param {Times} out
   @param {Float64Array | null} column
   @param {Int32Array} homes
   @param {number} width
   @param {number} k */
  fill({ cs, ix }, column, homes, width, k) {
    const { limit, scale } = this.engine;
    for (let j = 0; j < homes.length; j++) {
      const r = homes[j], i = r * width + k, label = column ? column[r] : limit;
      const whole = label < limit ? Math.floor(label / scale) : INF_CS; // exact: scale is a power of two
      cs[i] = whole;
      ix[i] = label < limit ? label - whole * scale : -1;
    }
  }
}

/** @param {number} size
 @returns {Times} */
const blank = (size) => ({ cs: new Int32Array(size), ix: new Int32Array(size) });
