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
  const { texts, arrays, homes, services } = model, { persons } = arrays, { summary } = texts;
  const all = (/** @type {(r: number) => unknown} */ pick, /** @type {(r: number) => unknown} */ among = () => true) => {
    let heads = 0, count = 0, every = 0;
    for (let r = 0; r < homes; r++) {
      if (!among(r)) continue;
      every += persons[r];
      if (!pick(r)) continue;
      heads += persons[r];
      count++;
    }
    return { residences: count, persons: heads, share: every ? heads / every : null };
  };
  let reached = 0, every = 0;
  for (let r = 0; r < homes; r++) {
    every += persons[r];
    for (let k = 0; k < services; k++) if (result.state[r * services + k] === PASS) reached += persons[r];
  }
  const unknown = all((r) => result.residence_state[r] === UNKNOWN);
  const found = summary.services.map((service, k) => {
    const covered = all((r) => result.state[r * services + k] === PASS, (r) => result.state[r * services + k] !== NOT_ASKED);
    const missing = all((r) => result.state[r * services + k] === FAIL);
    const known = service.state === "known" || covered.persons > 0; // a new venue is known
    const state = known ? /** @type {const} */ ("known") : service.state;
    return { ...service, state, share: known ? covered.share : null,
      covered_persons: covered.persons, missing_persons: missing.persons };
  });
  const known_services = found.filter((service) => service.state === "known").length, blank = known_services < services;
  return {
    persons: every,
    passed: all((r) => result.residence_state[r] === PASS),
    known: all((r) => result.known_met[r]),
    unknown,
    mean: every && known_services ? reached / every : null,
    known_services,
    services: found,
    zones: zones(model, result),
    undetermined: blank || (every > 0 && every <= unknown.persons),
  };
}

/** The study as it is, by zone; compounds are the last level.
 @param {Texts} texts */
export const zoneRows = (texts) => texts.summary.zones.concat(texts.compounds);

/** Rows of the table of zones, under a verdict.
 @param {{ arrays: Arrays, texts: Texts, homes: number, services: number }} model
 @param {Verdict} result */
function zones({ texts, arrays, homes, services }, result) {
  const { summary } = texts, places = [...new Set(texts.zones.map((zone) => zone.level))];
  const place = new Map(texts.zones.map((zone, i) => [`${zone.level} ${zone.id}`, i]));
  const width = homes ? arrays.home_zone.length / homes : 0;
  const sums = new Map();
  for (let r = 0; r < homes; r++) {
    for (let level = 0; level < width; level++) {
      const key = `${level} ${arrays.home_zone[r * width + level]}`, heads = arrays.persons[r];
      const sum = sums.get(key) ?? { persons: 0, passed: 0, known: 0, unknown: 0, missing: new Float64Array(services) };
      sums.set(key, sum);
      sum.persons += heads;
      if (result.residence_state[r] === PASS) sum.passed += heads;
      if (result.residence_state[r] === UNKNOWN) sum.unknown += heads;
      if (result.known_met[r]) sum.known += heads;
      for (let k = 0; k < services; k++) if (result.state[r * services + k] === FAIL) sum.missing[k] += heads;
    }
  }
  return zoneRows(texts).map((row) => {
    const ix = place.get(`${row.level} ${row.id}`) ?? -1, sum = sums.get(`${places.indexOf(row.level)} ${ix}`);
    const missing = Object.fromEntries(summary.services.map((service, k) => [service.id, sum ? sum.missing[k] : 0]));
    return { ...row, persons: sum?.persons ?? 0, passed_persons: sum?.passed ?? 0, passed_known_persons: sum?.known ?? 0, unknown_persons: sum?.unknown ?? 0,
      share: sum?.persons ? sum.passed / sum.persons : null, missing };
  });
}

/** Who gains and who loses between two verdicts: all services (k < 0) or one. Per home: 1, -1, 0.
 @param {{ homes: number, services: number }} model
 @param {Int8Array} before
 @param {Int8Array} after
 @param {number} k */
export function turned(model, before, after, k) {
  const { homes, services } = model, out = new Int8Array(homes);
  for (let r = 0; r < homes; r++) {
    let gained = 0, lost = 0;
    for (let j = k < 0 ? 0 : k; j < (k < 0 ? services : k + 1); j++) {
      const was = before[r * services + j] === PASS, is = after[r * services + j] === PASS;
      if (is && !was) gained++;
      if (was && !is) lost++;
    }
    out[r] = lost ? -1 : gained ? 1 : 0; // a loss is never hidden by a gain
  }
  return out;
}
