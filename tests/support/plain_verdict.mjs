// The page's verdict and sums once more, home by home and state by state, as slowly and plainly as they are told;
// walks at random through states of two maps' what-if and throws where the engine, which keeps much between
// states, differs in a bit from one that is made anew and from the plain sums. Usage: node plain_verdict.mjs ENGINE PAGE...
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const [folder, ...pages] = process.argv.slice(2), STEPS = 80;
const load = (name) => import(`${folder}/${name}.js`);
const [{ unpack }, { lines }, { Engine }, { Model }, { turned, zoneRows }, { firstOf }, { CS_PER_MIN, INF_CS, Reason, State }] =
  await Promise.all(["packed", "shapes", "engine", "model", "totals", "search", "constants"].map(load));
const { FAIL, PASS, UNKNOWN, NOT_ASKED } = State;

/** Whole numbers between 0 and n - 1, the same in every run. */
let seed = 1;
function below(n) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
}
const oneOf = (list) => list[below(list.length)];

/** One home under one part: what it has of each service, and its own state. */
function home({ arrays, texts, scale }, part, r, mode) {
  const services = texts.summary.services.length, linked = arrays.reason[r] === Reason.LINKED;
  const whole = (label) => (label < (texts.cutoff_cs + 1) * scale ? [Math.floor(label / scale), label % scale] : [INF_CS, -1]);
  const near = (fields, k, limit) => fields !== null && whole(fields[k].home[r])[0] <= limit;
  const rows = texts.summary.services.map((_, k) => {
    const limit = part.limits[k], known = texts.known[k];
    if (limit < 0) return { times: [INF_CS, -1], state: NOT_ASKED };
    const here = near(part.fields, k, limit), maybe = here || near(part.possible, k, limit);
    return { times: whole(part.fields[k].home[r]), here, maybe, known, state: linked && here ? PASS : linked && known && !maybe ? FAIL : UNKNOWN };
  });
  const asked = rows.filter((row) => row.state !== NOT_ASKED), known = asked.filter((row) => row.known), least = Math.min(...part.limits.filter((limit) => limit >= 0));
  const missing = asked.some((row) => row.state === FAIL), every = (key) => asked.every((row) => row[key]);
  const stop = near(part.fields, services, least) && every("here"), perhaps = near(part.fields, services, least) || near(part.possible, services, least);
  const open = !missing && !stop && (asked.some((row) => !row.known) || (part.possible !== null && perhaps && every("maybe")));
  const oneStop = !linked || open ? UNKNOWN : stop ? PASS : FAIL;
  const union = missing ? FAIL : asked.some((row) => row.state === UNKNOWN) ? UNKNOWN : PASS;
  return { rows, oneStop, stopTimes: whole(part.fields[services].home[r]), state: mode === "one_stop" ? oneStop : union,
    known: linked && known.length > 0 && known.every((row) => row.here) };
}

/** The verdict of an engine that has nothing kept. */
function plain(engine, settings) {
  const { arrays, texts } = engine, parts = engine.rules.map((rule) => engine.part(settings, rule));
  const homes = texts.homes.ids.map((_, r) => home(engine, parts[arrays.home_rule ? arrays.home_rule[r] : 0], r, settings.mode));
  const each = (pick) => homes.flatMap(({ rows }) => rows.map(pick)), count = (state) => homes.map(({ rows }) => rows.filter((row) => row.state === state).length);
  return { state: each((row) => row.state), nearest_cs: each((row) => row.times[0]), nearest_ix: each((row) => row.times[1]),
    one_stop_cs: homes.map((one) => one.stopTimes[0]), one_stop_ix: homes.map((one) => one.stopTimes[1]), one_stop_state: homes.map((one) => one.oneStop),
    residence_state: homes.map((one) => one.state), known_met: homes.map((one) => Number(one.known)),
    missing: count(FAIL), unknown: count(UNKNOWN), unasked: count(NOT_ASKED) };
}

/** Persons of the homes that are picked, in their order. */
const heads = ({ persons }, homes) => homes.reduce((sum, r) => sum + persons[r], 0);

/** The sums of a plain verdict, each by a walk of its own. */
function sums({ arrays, texts }, found) {
  const all = texts.homes.ids.map((_, r) => r), { services, zones } = texts.summary, width = arrays.home_zone.length / all.length;
  const at = (k) => (r) => found.state[r * services.length + k], of = (homes) => heads(arrays, homes), every = of(all);
  const part = (homes) => ({ residences: homes.length, persons: of(homes), share: every ? of(homes) / every : null });
  const rows = services.map((service, k) => {
    const covered = of(all.filter((r) => at(k)(r) === PASS)), asked = of(all.filter((r) => at(k)(r) !== NOT_ASKED)), known = service.state === "known" || covered > 0;
    return { ...service, state: known ? "known" : service.state, share: known && asked ? covered / asked : null, covered_persons: covered, missing_persons: of(all.filter((r) => at(k)(r) === FAIL)) };
  });
  const known = rows.filter((row) => row.state === "known").length, unknown = part(all.filter((r) => found.residence_state[r] === UNKNOWN));
  const reached = all.flatMap((r) => services.map((_, k) => (at(k)(r) === PASS ? arrays.persons[r] : 0))).reduce((a, b) => a + b, 0);
  const levels = [...new Set(texts.zones.map((zone) => zone.level))];
  const table = zoneRows(texts).map((row) => {
    const level = levels.indexOf(row.level), ix = texts.zones.findIndex((zone) => zone.level === row.level && zone.id === row.id);
    const there = level < 0 ? [] : all.filter((r) => arrays.home_zone[r * width + level] === ix), passed = of(there.filter((r) => found.residence_state[r] === PASS));
    return { ...row, persons: of(there), passed_persons: passed, passed_known_persons: of(there.filter((r) => found.known_met[r])),
      unknown_persons: of(there.filter((r) => found.residence_state[r] === UNKNOWN)), share: of(there) ? passed / of(there) : null,
      missing: Object.fromEntries(services.map(({ id }, k) => [id, of(there.filter((r) => at(k)(r) === FAIL))])) };
  });
  return { persons: every, passed: part(all.filter((r) => found.residence_state[r] === PASS)), known: part(all.filter((r) => found.known_met[r])), unknown,
    mean: every && known ? reached / every : null, known_services: known, services: rows, zones: zones.length + texts.compounds.length ? table : [],
    undetermined: known < services.length || (every > 0 && every <= unknown.persons) };
}

/** 1, -1 or 0 for each home. */
const turns = (before, after, homes, services, k) => Array.from({ length: homes }, (_, r) => {
  const all = services.map((_, j) => r * services.length + j).filter((_, j) => k < 0 || j === k);
  return all.some((i) => before[i] === PASS && after[i] !== PASS) ? -1 : all.some((i) => before[i] !== PASS && after[i] === PASS) ? 1 : 0;
});

/** Another state, one part of which is new. */
function step(engine, now, base) {
  const { texts, g } = engine, ids = texts.summary.services.map((service) => service.id);
  const place = () => { const e = oneOf([...g.door.keys()].filter((edge) => g.door[edge])); return { at: [0, 0], on: [e, below(g.cm[e] + 1)] }; };
  const added = [() => ({ do: "add_venue", id: `n${below(1e9)}`, name: "", services: ids.filter(() => below(2)).concat(oneOf(ids)).filter((id, i, list) => list.indexOf(id) === i), ...place() }),
    () => ({ do: "close_venue", venue: oneOf(texts.venues.ids) }), () => ({ do: "add_link", from: place(), to: place(), length_cm: below(20_000) }),
    () => ({ do: "move_venue", venue: oneOf(texts.venues.ids), ...place() })];
  const exact = () => oneOf(Array.from(engine.arrays.nearest_cs).filter((cs) => cs < INF_CS)) / CS_PER_MIN; // on the border itself
  return oneOf([() => ({ ...now, minutes: oneOf([null, 3, 6, 14, exact()]) }), () => ({ ...now, mode: oneOf(["union", "one_stop"]) }), () => ({ ...now, walk: oneOf(texts.walks) }),
    () => ({ ...now, evidence: oneOf(["A", "AB", "ABC"]) }), () => ({ ...now, hour: oneOf([null, 34, 154]) }), () => ({ ...now, changes: [] }), () => base,
    () => ({ ...now, changes: [oneOf(added)()] }), ...added.map((make) => () => ({ ...now, changes: [...now.changes.slice(-2), make()] }))])();
}

const seen = new Set();
for (const path of pages) {
  const page = readFileSync(path, "utf8"), block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
  const read = async () => [await unpack(block("gusu-arrays")), JSON.parse(block("gusu-texts"))];
  const [arrays, texts] = await read(), [given, told] = await read(), model = new Model(arrays, texts), engine = new Engine(arrays, texts, lines(arrays, "street"));
  const base = engine.asIs(), before = engine.judge(base), { services } = texts.summary;
  const first = JSON.stringify(Object.entries(before).filter(([, value]) => ArrayBuffer.isView(value)));
  let now = base, made = engine;
  for (let i = 0; i < STEPS; i++) {
    now = step(engine, now, base);
    made = new Engine(given, told, lines(given, "street"));
    const result = engine.judge(now), found = plain(made, { ...now, walk: told.walks[texts.walks.indexOf(now.walk)] });
    model.show(result);
    const { counts } = result, told_as = { ...result, ...counts };
    for (const [key, values] of Object.entries(found)) assert.deepEqual(Array.from(told_as[key]), values, `${path} ${i} ${key}`);
    assert.deepEqual(JSON.parse(JSON.stringify(model.now)), JSON.parse(JSON.stringify(sums(made, found))), `${path} ${i} sums`);
    for (const k of [-1, below(services.length)]) {
      const turn = Array.from(turned(model, before.state, result.state, k));
      assert.deepEqual(turn, turns(before.state, found.state, model.homes, services, k), `${path} ${i} turned`);
      for (const one of turn) seen.add(`turn ${one}`);
    }
    const all = texts.homes.ids.map((_, r) => r), order = (a, b) => model.missing[b] - model.missing[a] || a % 3 - b % 3;
    assert.deepEqual(firstOf(all, 5, order), all.slice().sort(order).slice(0, 5));
    for (const state of found.state) seen.add(`state ${state}`);
    for (const state of found.residence_state) seen.add(`home ${state}`);
    if (result.parts.some((part) => part.possible)) seen.add("possible");
  }
  assert.equal(JSON.stringify(Object.entries(before).filter(([, value]) => ArrayBuffer.isView(value))), first, "what verdicts share is never written again");
}
console.log([...seen].sort().join("\n"));
