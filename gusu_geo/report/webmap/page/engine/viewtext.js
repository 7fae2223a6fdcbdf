/* A view as text, to put behind the "#" of an address: where one looks, how homes are coloured, settings, filter, language.

view=monaco&at=7.42,43.735&zoom=15&by=library: keys that say what the study says anyway are left out. What is tried out stays in the
scenario file. */
import { CS_PER_MIN, EVIDENCE, GROUPS, HOURS, MODES, SCENARIO_CHANGE } from "./constants.js";
import { BY_DETOUR, BY_MISSING } from "./model.js";
import { atSpeed } from "./scenario.js";
import { fits } from "./table.js";

/** @typedef {{ at: XY, zoom: number, colour: number, only: number, group: string, lang: Lang,
   asked: Pick<Settings, "walk" | "minutes" | "mode" | "evidence" | "hour"> }} ViewState */
/** Where one can look. @typedef {{ zoom: [number, number], west: number, south: number, east: number, north: number }} Limits */

const LONGEST = 2000;
const KEYS = ["view", "at", "zoom", "by", "only", "group", "walk", "speed", "minutes", "mode", "evidence", "hour", "lang"];
const NUMBER = /^-?[0-9]{1,4}(\.[0-9]{1,7})?$/;

/** What is wrong with a text: the key of the page's words, and their values. */
export class ViewFault extends Error {
  /** @param {string} key
   @param {Record<string, string>} [values] */
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

/** @param {ViewState} state
 @param {Texts} texts
 @param {ViewState["asked"]} base what the study asks */
export function viewText({ at, zoom, colour, only, group, lang, asked }, texts, base) {
  const service = (/** @type {number} */ k) => texts.summary.services[k].id, short = (/** @type {number} */ value, /** @type {number} */ digits) => String(Number(value.toFixed(digits)));
  /** @type {[string, string | false][]} */
  const parts = [
    ["view", texts.summary.study], ["at", at.map((degrees) => short(degrees, 5)).join(",")], ["zoom", short(zoom, 2)],
    ["by", colour >= 0 ? service(colour) : colour === BY_DETOUR && "detour"], ["only", only >= 0 && service(only)], ["group", group],
    ["walk", asked.walk !== base.walk && !asked.walk.custom && asked.walk.id], ["speed", asked.walk.custom === true && String(asked.walk.speed_mmps / 1000)],
    ["minutes", asked.minutes !== null && String(asked.minutes)], ["mode", asked.mode !== base.mode && asked.mode],
    ["evidence", asked.evidence !== EVIDENCE && asked.evidence], ["hour", asked.hour !== null && String(asked.hour)], ["lang", lang],
  ];
  // A comma needs no code, and keeps the text short enough to read.
  return parts.flatMap(([key, value]) => (value ? [`${key}=${encodeURIComponent(value).replace(/%2C/g, ",")}`] : [])).join("&");
}

/** The view of a text, of a whole address or of what stands behind its "#". Throws ViewFault.
 @param {string} text
 @param {Texts} texts
 @param {ViewState["asked"]} base
 @param {Limits} limits
 @param {string[]} groups those that the map counts
 @returns {ViewState} */
export function readView(text, texts, base, limits, groups) {
  const given = parts(text), { summary, walks } = texts, got = (/** @type {string} */ key) => given.get(key) ?? "";
  if (!given.has("view")) throw new ViewFault("view_none");
  if (got("view") !== summary.study) throw new ViewFault("view_study", { got: got("view").slice(0, 40), want: summary.study });
  const ids = summary.services.map((service) => service.id), [lon, lat] = pair(got("at")), zoom = number(got("zoom"), "zoom");
  check(lon >= limits.west && lon <= limits.east && lat >= limits.south && lat <= limits.north, "at");
  check(zoom >= limits.zoom[0] && zoom <= limits.zoom[1], "zoom");
  const place = (/** @type {string} */ key) => {
    const k = ids.indexOf(got(key));
    check(!given.has(key) || k >= 0, key);
    return k;
  };
  const colour = got("by") === "detour" && texts.detour ? BY_DETOUR : given.has("by") ? place("by") : BY_MISSING;
  check(!given.has("group") || (GROUPS.includes(got("group")) && groups.includes(got("group"))), "group");
  check(!given.has("lang") || got("lang") === "zh" || got("lang") === "en", "lang");
  check(!given.has("evidence") || (got("evidence") !== "" && EVIDENCE.startsWith(got("evidence"))), "evidence");
  check(!given.has("mode") || MODES.includes(got("mode")), "mode");
  check(!given.has("walk") || !given.has("speed"), "speed");
  const walk = given.has("walk") ? walks.find((one) => one.id === got("walk") && one.id !== "") : given.has("speed") ? atSpeed(walks[0], speed(got("speed"))) : base.walk;
  if (!walk) throw new ViewFault("view_part", { part: "walk" });
  return { at: [lon, lat], zoom, colour, only: place("only"), group: got("group"), lang: /** @type {Lang} */ (got("lang") || texts.lang),
    asked: { walk, minutes: minutes(given, texts), mode: /** @type {Mode} */ (got("mode") || base.mode), evidence: got("evidence") || EVIDENCE, hour: hour(given) } };
}

/** Values by key; every key is known and stands once.
 @param {string} text */
function parts(text) {
  const behind = text.trim().slice(text.trim().lastIndexOf("#") + 1);
  /** @type {Map<string, string>} */
  const given = new Map();
  if (behind.length > LONGEST) throw new ViewFault("view_none");
  for (const part of behind.split("&")) {
    const at = part.indexOf("="), key = part.slice(0, Math.max(at, 0));
    if (!KEYS.includes(key)) throw new ViewFault(given.size ? "view_unknown" : "view_none");
    check(!given.has(key), key);
    try {
      given.set(key, decodeURIComponent(part.slice(at + 1)));
    } catch {
      throw new ViewFault("view_part", { part: key });
    }
  }
  return given;
}

/** @param {boolean} fine
 @param {string} part of KEYS */
function check(fine, part) {
  if (!fine) throw new ViewFault("view_part", { part });
}

/** @param {string} text
 @param {string} part */
function number(text, part) {
  check(NUMBER.test(text), part);
  return Number(text);
}

/** @param {string} text
 @returns {XY} */
function pair(text) {
  const both = text.split(",");
  check(both.length === 2, "at");
  return [number(both[0], "at"), number(both[1], "at")];
}

/** @param {string} text */
function speed(text) {
  const speed_mps = number(text, "speed");
  check(fits(SCENARIO_CHANGE, { do: "set_walk", speed_mps }), "speed");
  return speed_mps;
}

/** @param {Map<string, string>} given
 @param {Texts} texts */
function minutes(given, texts) {
  if (!given.has("minutes")) return null;
  const value = number(given.get("minutes") ?? "", "minutes");
  check(fits(SCENARIO_CHANGE, { do: "set_rule", minutes: value }) && value * CS_PER_MIN <= texts.cutoff_cs, "minutes");
  return value;
}

/** @param {Map<string, string>} given */
function hour(given) {
  if (!given.has("hour")) return null;
  const value = number(given.get("hour") ?? "", "hour");
  check(Number.isInteger(value) && value >= 0 && value < HOURS, "hour");
  return value;
}
