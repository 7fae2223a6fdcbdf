/* Sums over homes for the panel: those of the summary, or of another verdict. */
import { State } from "./constants.js";

const { FAIL, PASS, UNKNOWN, NOT_ASKED } = State;

/** The figures of the summary: the study as it is.
 @param {Texts} texts
 @returns {Totals} */
export function summed(texts) {
  const { summary } = texts, { passed, passed_known: known, unknown, mean_services: { mean, known: known_services } } = summary;
  return { persons: summary.residences.persons, passed, known, unknown, mean, known_services, services: summary.services, zones: zoneRows(texts), undetermined: texts.undetermined };
}

/** The same of a verdict of engine.js; shares are null where nobody lives.
 @param {{ arrays: Arrays, texts: Texts, homes: number, services: number }} model
 @param {Verdict} result
 @returns {Totals} */
export function totals(model, result) {
  const { texts, services } = model, { summary } = texts, sums = sumsOf(model, result), { persons, passed, known, unknown } = sums;
  const share = (/** @type {Heads} */ { residences, persons: heads }) => ({ residences, persons: heads, share: persons ? heads / persons : null });
  const found = summary.services.map((service, k) => {
    const covered = sums.covered[k], given = service.state === "known" || covered > 0; // a new venue is known
    const state = given ? /** @type {const} */ ("known") : service.state;
    return { ...service, state, share: given && sums.asked[k] ? covered / sums.asked[k] : null, covered_persons: covered, missing_persons: sums.missing[k] };
  });
  const known_services = found.filter((service) => service.state === "known").length, blank = known_services < services;
  return {
    persons,
    passed: share(passed),
    known: share(known),
    unknown: share(unknown),
    mean: persons && known_services ? sums.reached / persons : null,
    known_services,
    services: found,
    zones: zones(model, result),
    undetermined: blank || (persons > 0 && persons <= unknown.persons),
  };
}

/** Persons of all homes, of each state, and by service, in one pass: reached counts one for each service in time.
 @param {{ arrays: Arrays, homes: number, services: number }} model
 @param {Verdict} result */
function sumsOf({ arrays, homes, services }, { state, residence_state: verdict, known_met: allKnown }) {
  const passed = { residences: 0, persons: 0 }, known = { residences: 0, persons: 0 }, unknown = { residences: 0, persons: 0 };
  const covered = new Float64Array(services), missing = new Float64Array(services), asked = new Float64Array(services);
  let persons = 0, reached = 0;
  for (let r = 0; r < homes; r++) {
    const heads = arrays.persons[r];
    persons += heads;
    if (verdict[r] === PASS) add(passed, heads);
    if (verdict[r] === UNKNOWN) add(unknown, heads);
    if (allKnown[r]) add(known, heads);
    for (let k = 0, i = r * services; k < services; k++, i++) {
      if (state[i] === NOT_ASKED) continue;
      asked[k] += heads;
      if (state[i] === FAIL) missing[k] += heads;
      if (state[i] !== PASS) continue;
      covered[k] += heads;
      reached += heads;
    }
  }
  return { persons, passed, known, unknown, covered, missing, asked, reached };
}

/** @param {Heads} sum
 @param {number} heads of one more residence */
function add(sum, heads) {
  sum.residences++;
  sum.persons += heads;
}

/** The study as it is, by zone; compounds are the last level.
 @param {Texts} texts */
export const zoneRows = (texts) => texts.summary.zones.concat(texts.compounds);

/** Rows of the table of zones, under a verdict.
 @param {{ arrays: Arrays, texts: Texts, homes: number, services: number }} model
 @param {Verdict} result */
function zones(model, result) {
  const { texts, services } = model, { summary } = texts, places = [...new Set(texts.zones.map((zone) => zone.level))];
  const place = new Map(texts.zones.map((zone, i) => [`${zone.level} ${zone.id}`, i]));
  const sums = byZone(model, result, texts.zones.length);
  return zoneRows(texts).map((row) => {
    const column = places.indexOf(row.level), ix = place.get(`${row.level} ${row.id}`) ?? (column < 0 ? -1 : texts.zones.length + column);
    const of = (/** @type {Float64Array} */ list) => (ix < 0 || !list[ix] ? 0 : list[ix]), persons = of(sums.persons), passed = of(sums.passed);
    const missing = Object.fromEntries(summary.services.map((service, k) => [service.id, ix < 0 ? 0 : sums.missing[ix * services + k] || 0]));
    return { ...row, persons, passed_persons: passed, passed_known_persons: of(sums.known), unknown_persons: of(sums.unknown), share: persons ? passed / persons : null, missing };
  });
}

/** Persons by zone, and of each level those outside all of its zones (behind them).
 @param {{ arrays: Arrays, homes: number, services: number }} model
 @param {Verdict} result
 @param {number} count of zones */
function byZone({ arrays: { home_zone: zoneOf, persons: persons_of }, homes, services }, { state, residence_state: verdict, known_met: allKnown }, count) {
  const width = homes ? zoneOf.length / homes : 0, size = count + width;
  const persons = new Float64Array(size), passed = new Float64Array(size), known = new Float64Array(size), unknown = new Float64Array(size);
  const missing = new Float64Array(size * services), lacks = new Int32Array(services);
  for (let r = 0; r < homes; r++) {
    const heads = persons_of[r];
    let few = 0;
    for (let k = 0; k < services; k++) if (state[r * services + k] === FAIL) lacks[few++] = k;
    for (let column = 0; column < width; column++) {
      const zone = zoneOf[r * width + column], ix = zone < 0 ? count + column : zone;
      persons[ix] += heads;
      if (verdict[r] === PASS) passed[ix] += heads;
      if (verdict[r] === UNKNOWN) unknown[ix] += heads;
      if (allKnown[r]) known[ix] += heads;
      for (let j = 0; j < few; j++) missing[ix * services + lacks[j]] += heads;
    }
  }
  return { persons, passed, known, unknown, missing };
}

/** Who gains and who loses between two verdicts: all services (k < 0) or one. Per home: 1, -1, 0.
 @param {{ homes: number, services: number }} model
 @param {Int8Array} before
 @param {Int8Array} after
 @param {number} k */
export function turned({ homes, services }, before, after, k) {
  const out = new Int8Array(homes), first = k < 0 ? 0 : k, last = k < 0 ? services : k + 1;
  for (let r = 0; r < homes; r++) {
    let turn = 0;
    for (let i = r * services + first; i < r * services + last; i++) {
      if (before[i] === after[i]) continue;
      if (before[i] === PASS) turn = -1; // a loss is never hidden by a gain
      else if (after[i] === PASS && turn === 0) turn = 1;
    }
    out[r] = turn;
  }
  return out;
}
