/* The card of one residence: its services, slowest first, and why it passes or not. */
import { BANDS } from "../drawing/reach.js";
import { CS_PER_MIN, EVIDENCE, INF_CS, Reason, State } from "../engine/constants.js";
import { minutesText } from "../engine/model.js";
import { norms, roomNote } from "./capacity.js";
import { el, fill, focusOn, name } from "./dom.js";
import { persons, ring, verdict, zoneRow, zoneTitle } from "./labels.js";
import { badge, bandMark } from "./marks.js";

const { FAIL, PASS, UNKNOWN, NOT_ASKED } = State;
/** @type {Record<number, string>} */
const GLYPH = { [FAIL]: "✗", [PASS]: "✓", [UNKNOWN]: "?" };
/** @type {Record<number, string>} */
const CLASS = { [FAIL]: "fail", [PASS]: "pass", [UNKNOWN]: "unknown" };
const SOON_CS = 12000; // below this, what is too far is given in seconds

/** @typedef {ReturnType<Model["cell"]>} Cell */

/** Fills the card with residence r.
 @param {App} app
 @param {number} r */
export function render(app, r) {
  const { model, say, act } = app, { ids, names } = model.texts.homes;
  const reason = model.arrays.reason[r], where = [names[r] && ids[r], zoneNames(app, r)].filter(Boolean);
  fill("card",
    el("button", { type: "button", class: "close", "aria-label": say.t("close"), "data-testid": "card-close", text: "×", on: { click: act.closeCard } }),
    el("h2", { id: "card-title", "data-testid": "card-title" }, name(names[r] || `${say.t("residence")} ${ids[r]}`)),
    where.length > 0 && el("p", { class: "hint", "data-testid": "card-where" }, name(where.join(" · "))),
    el("p", { class: "lead", "data-testid": "card-lead" },
      el("span", { "data-testid": "card-persons", text: persons(app, model.arrays.persons[r]) }),
      document.createTextNode(" · "),
      el("span", { class: model.missing[r] ? "fail" : "", text: verdict(app, r) })),
    model.arrays.home_assumed[r] > 0 && el("p", { class: "hint", "data-testid": "card-assumed", text: say.t("assumed_home") }),
    reason !== Reason.LINKED && el("p", { class: "warning", "data-testid": "card-reason",
      text: say.t(`reason_${reason}`, { metres: say.plain(model.texts.summary.walk.snap_max_m) }) }),
    ownRule(app, r),
    el("ul", { class: "services" }, ...slowestFirst(model, r).map((k) => serviceRow(app, r, k))),
    norms(app, r),
    oneStop(app, r),
    byTier(app, r),
    around(app, r),
    detour(app, r),
    hoursKnown(model, r) && el("p", { class: "hint", "data-testid": "card-hours-note", text: say.t("hours_note") }));
}

/** The zones that the home lies in.
 @param {App} app
 @param {number} r */
function zoneNames({ model, say }, r) {
  const levels = model.homes ? model.arrays.home_zone.length / model.homes : 0, out = [];
  for (let level = 0; level < levels; level++) {
    const row = zoneRow(model, model.arrays.home_zone[r * levels + level]);
    if (row) out.push(zoneTitle(row, say));
  }
  return out.join(" · ");
}

/** Which rule judges the home, and what it does not ask for, where homes have rules of their own.
 @param {App} app
 @param {number} r */
function ownRule({ model, say }, r) {
  const { texts, arrays } = model, at = arrays.home_rule?.[r] ?? -1, rule = texts.rules?.[at];
  if (!rule) return false;
  const others = texts.summary.services.filter((_, k) => model.limit(r, k) < 0);
  const unasked = others.map((service) => say.of(service, service.id)).join(say.comma);
  return el("p", { class: "hint", "data-testid": "card-rule" },
    name(`${say.t("judged_by")}${say.colon}${say.of(rule.name)} · ${say.of(rule.terms)}${inPlace({ model, say }, at)}`),
    unasked && name(` ${say.t("not_asked", { services: unasked })}`));
}

/** What the settings put in place of the walkers and the limits of a rule.
 @param {Pick<App, "model" | "say">} app
 @param {number} at position of the rule */
function inPlace({ model, say }, at) {
  const { shown, usual, texts } = model, terms = [];
  if (!shown) return "";
  const { walk, minutes } = shown.settings, speed = say.speed(walk.speed_mmps / 1000);
  if (walk !== texts.walks[0]) terms.push(walk.custom ? say.t("speed", { speed }) : say.t("speed_profile", { profile: say.of(walk), speed }));
  if (minutes !== null && shown.parts[at].limits.some((cs, k) => cs !== usual[at][k])) terms.push(say.t("minutes", { minutes: say.plain(minutes) }));
  return terms.length ? say.t("rule_now", { terms: terms.join(say.comma) }) : "";
}

/** Services in the order of the card: the missing, then the known by time, then the unknown.
 @param {Model} model
 @param {number} r */
function slowestFirst(model, r) {
  const rank = (/** @type {number} */ k) => {
    const { state, counted_cs } = model.cell(r, k);
    return state === UNKNOWN ? -1 : counted_cs + (state === FAIL ? INF_CS : 0);
  };
  return [...Array(model.services).keys()].filter((k) => model.limit(r, k) >= 0).sort((a, b) => rank(b) - rank(a) || a - b);
}

/** One service of the list.
 @param {App} app
 @param {number} r
 @param {number} k */
function serviceRow(app, r, k) {
  const { model, say } = app, cell = model.cell(r, k), service = model.texts.summary.services[k];
  return el("li", { class: CLASS[cell.state], "data-testid": `card-service-${k}`, "data-service": service.id, "data-state": CLASS[cell.state] },
    el("span", { class: "glyph", role: "img", "aria-label": say.t(CLASS[cell.state]), text: GLYPH[cell.state] }),
    what(app, r, k, cell),
    el("span", { class: "time", "data-testid": `card-time-${k}`, text: timeText(app, cell, service) }),
    el("span", { class: "detail hint" }, ...(model.walled(r, k) ? [el("span", { class: "walled", text: say.t(model.timed ? "unsure" : "walled") })] : []), ...details(app, cell, model.wanted(r, k)), roomNote(app, r, k), fix(app, r, k, cell)));
}

/** A button that tries what would mend it.
 @param {App} app
 @param {number} r
 @param {number} k
 @param {Cell} cell */
function fix({ lab, say }, r, k, cell) {
  if (!lab || cell.state !== FAIL) return false;
  const mend = (/** @type {Event} */ event) => {
    event.stopPropagation();
    lab.tryAt(r, k);
  };
  return el("button", { type: "button", class: "small", "data-testid": `fix-${k}`, text: say.t("fix"), on: { click: mend } });
}

/** The service; a button where there is a way to its venue that can be drawn.
 @param {App} app
 @param {number} r
 @param {number} k
 @param {Cell} cell */
function what(app, r, k, cell) {
  const { model, view, say, act, lab } = app, service = model.texts.summary.services[k], testid = `way-${k}`;
  const parts = [badge(k), name(say.of(service, service.id))];
  if (!lab || cell.venue < 0 || model.arrays.reason[r] !== Reason.LINKED) return el("span", { class: "what" }, ...parts);
  const show = (/** @type {Event} */ event) => {
    event.stopPropagation(); // a click elsewhere in the row does the same
    act.showWay(k);
    render(app, r); // says which way is drawn
    focusOn(document, testid);
  };
  const shown = view.way?.r === r && view.way.k === k;
  return el("button", { type: "button", class: "what", "data-testid": testid, "aria-pressed": String(shown), on: { click: show } }, ...parts);
}

/** The judged time; for unlinked homes and services without data there is none.
 @param {App} app
 @param {Cell} cell
 @param {Service} service */
function timeText({ model, say }, { state, counted_cs }, service) {
  if (service.state === "no_data") return say.t("no_data");
  if (counted_cs !== INF_CS) return say.t("minutes", { minutes: minutesText(counted_cs) });
  return state === UNKNOWN ? "—" : say.t("beyond", { minutes: say.plain(model.texts.cutoff_cs / CS_PER_MIN) });
}

/** How much too late, which venue, by what evidence, how many, and its hours.
 @param {App} app
 @param {Cell} cell
 @param {number} wanted how many venues */
function details({ model, say }, cell, wanted) {
  const { names, ids, hours } = model.texts.venues, parts = [];
  if (cell.over_cs) parts.push(el("span", { class: "over", text: overText(say, cell.over_cs) }));
  if (cell.venue >= 0) {
    const nearest = wanted > 1 ? ` ${say.t("minutes", { minutes: minutesText(cell.cs) })}` : "";
    const letter = EVIDENCE[model.arrays.venue_evidence[cell.venue]];
    const venue = names[cell.venue] || `${say.t("unnamed")} ${ids[cell.venue]}`;
    parts.push(el("span", {}, name(venue), document.createTextNode(nearest)));
    if (letter) parts.push(el("span", { text: say.t(`evidence_${letter}`) }));
  }
  if (wanted > 1 && cell.counted_cs !== INF_CS) {
    parts.push(el("span", { text: say.t("counted", { count: wanted, minutes: minutesText(cell.counted_cs) }) }));
  }
  if (hours[cell.venue]) parts.push(el("span", { class: "hours" }, name(say.t("hours", { hours: hours[cell.venue] }))));
  return parts;
}

/** Whether the hours of any venue on the card are known.
 @param {Model} model
 @param {number} r */
function hoursKnown(model, r) {
  for (let k = 0; k < model.services; k++) if (model.texts.venues.hours[model.cell(r, k).venue]) return true;
  return false;
}

/** By how much the limit is missed.
 @param {Say} say
 @param {number} cs */
function overText(say, cs) {
  return cs < SOON_CS ? say.t("time_over", { seconds: Math.ceil(cs / 100) }) : say.t("time_over_minutes", { minutes: minutesText(cs) });
}

/** A switch that draws how far people come from here, and the key of its colours.
 @param {App} app
 @param {number} r */
function around({ model, view, say, act, lab }, r) {
  if (!lab || model.arrays.reason[r] !== Reason.LINKED) return false;
  const on = view.around?.r === r;
  return el("div", { class: "around" },
    el("button", { type: "button", class: "small", "aria-pressed": String(on), "data-testid": "around", text: say.t("around"), on: { click: () => act.showAround() } }),
    ...(on ? BANDS.map(([colour, minutes]) => el("span", { class: "band hint" },
      bandMark(colour), el("span", { text: say.t("minutes", { minutes }) }))) : []));
}

/** The nearest venue that has everything.
 @param {App} app
 @param {number} r */
function oneStop({ model, say }, r) {
  const { one_stop_cs: cs, one_stop_ix: ix, one_stop_state: state } = model.arrays;
  return el("p", { class: "one-stop hint", "data-testid": "card-one-stop" },
    document.createTextNode(`${say.t("one_stop")}${say.colon}`),
    state[r] === UNKNOWN ? el("span", { text: say.t("cannot_tell") })
      : ix[r] < 0 ? el("span", { text: say.t("one_stop_none") })
      : el("span", {}, name(model.texts.venues.names[ix[r]] || say.t("unnamed")), document.createTextNode(` ${say.t("minutes", { minutes: minutesText(cs[r]) })}`)));
}

/** Venues of the tiers at which a service must exist: in time or not.
 @param {App} app
 @param {number} r */
function byTier({ model, say, lab }, r) {
  const { tiers, summary } = model.texts, states = lab ? lab.tierStates() : model.arrays.tier_state, parts = tiers.map(({ service, tier }, i) => {
    const found = summary.services.find((one) => one.id === service), state = states[r * tiers.length + i];
    return state !== NOT_ASKED && el("span", { class: CLASS[state], text: `${GLYPH[state]} ${say.of(tier, "")}${say.colon}${found ? say.of(found, service) : service} ` });
  });
  return parts.some(Boolean) && el("p", { class: "hint", "data-testid": "card-tiers" }, document.createTextNode(`${say.t("by_tier")}${say.colon}`), ...parts);
}

/** How roundabout the walks from here are.
 @param {App} app
 @param {number} r */
function detour(app, r) {
  const { model, say } = app, pm = model.arrays.detour_pm[r];
  if (pm === undefined || pm < 0) return false;
  const beyond = model.arrays.detour_beyond_pm[r];
  return el("p", { class: "hint", "data-testid": "card-detour" },
    el("span", { text: say.t("detour", { ratio: (pm / 1000).toFixed(2), ...ring(app) }) }),
    beyond > 0 && el("span", { text: ` ${say.t("beyond_share", { share: say.percent(beyond / 1000), km: say.plain((model.texts.detour?.cutoff_m ?? 0) / 1000) })}` }));
}
