/* Settings of the what-if: persons, walker, limit, reading, evidence, hour. */
import { CS_PER_MIN, EVIDENCE, GROUPS, HOURS, MODES } from "../engine/constants.js";
import { el, fill } from "./dom.js";

const SHORTEST_MIN = 5; // at the left end of the slider
const FIRST_HOUR = 34; // Tuesday, ten o'clock: where the slider of hours starts

/** @param {App} app
 @param {WhatIf} lab */
export function render(app, lab) {
  const { say } = app, state = lab.history.now;
  /** @type {[string, string][]} */
  const modes = MODES.map((mode) => [mode, say.t(`mode_${mode}`)]);
  /** @type {[string, string][]} */
  const letters = Array.from(EVIDENCE, (_, i) => EVIDENCE.slice(0, EVIDENCE.length - i)).map((accepted) => [accepted, say.t(`accept_${accepted}`)]);
  fill("settings",
    ...groups(app, lab),
    ...walkers(app, lab, state),
    ...limit(app, lab, state),
    ...pick("mode", say.t("set_mode"), modes, state.mode, (mode) => lab.change({ mode: /** @type {Mode} */ (mode) })),
    ...pick("evidence", say.t("set_evidence"), letters, state.evidence, (evidence) => lab.change({ evidence })),
    ...hours(app, lab, state));
}

/** The settings of the study where the page cannot judge by others: in sight, not to be changed, with the reason.
 @param {Pick<App, "model" | "say">} app
 @param {string} why */
export function renderOff({ model, say }, why) {
  const { summary, walks } = model.texts, [walk] = walks, minutes = [...new Set(Array.from(model.usual.flat()).filter((cs) => cs >= 0).map((cs) => cs / CS_PER_MIN))];
  const shown = { walk: say.t("speed_profile", { profile: say.of(walk), speed: say.speed(walk.speed_mmps / 1000) }),
    minutes: say.t("minutes", { minutes: minutes.map(say.plain).join(say.comma) }), mode: say.t(`mode_${summary.rule.mode}`), evidence: say.t(`accept_${EVIDENCE}`) };
  fill("settings", ...Object.entries(shown).flatMap(([id, text]) => [
    el("label", { for: `set-${id}`, class: "hint", text: say.t(`set_${id}`) }),
    el("select", { id: `set-${id}`, "data-testid": `set-${id}`, disabled: true, title: why }, el("option", { text })),
  ]), el("p", { class: "hint wide", "data-testid": "settings-off", text: why }));
}

/** A list to choose from, with its label.
 @param {string} id
 @param {string} label
 @param {[string, string][]} options
 @param {string} value
 @param {(value: string) => void} on */
function pick(id, label, options, value, on) {
  const select = el("select", { id: `set-${id}`, "data-testid": `set-${id}`, on: { change: (event) => on(event.target.value) } },
    ...options.map(([key, text]) => el("option", { value: key, text })));
  select.value = value;
  return [el("label", { for: `set-${id}`, class: "hint", text: label }), select];
}

/** Whose sums are shown, where the data count groups.
 @param {App} app
 @param {WhatIf} lab */
function groups({ model, say, redraw }, lab) {
  const counted = GROUPS.filter((group) => group in model.arrays);
  if (!counted.length) return [];
  /** @type {[string, string][]} */
  const options = ["", ...counted].map((group) => [group, say.t(`group_${group || "all"}`)]);
  return pick("group", say.t("set_group"), options, model.group, (group) => {
    model.ofGroup(group, () => lab.before);
    redraw({});
  });
}

/** Who walks, and how fast.
 @param {App} app
 @param {WhatIf} lab
 @param {Settings} state */
function walkers({ model, say }, lab, state) {
  const { walks } = model.texts, at = walks.indexOf(state.walk);
  /** @type {[string, string][]} */
  const speeds = walks.map((walk, i) => [String(i), say.t("speed_profile", { profile: say.of(walk), speed: say.speed(walk.speed_mmps / 1000) })]);
  if (at < 0) speeds.push([String(walks.length), say.t("speed", { speed: say.speed(state.walk.speed_mmps / 1000) })]);
  return pick("walk", say.t("set_walk"), speeds, String(at < 0 ? walks.length : at), (value) => lab.change({ walk: walks[Number(value)] }));
}

/** The limit of all services that have none of their own.
 @param {App} app
 @param {WhatIf} lab
 @param {Settings} state */
function limit(app, lab, state) {
  const { model, say } = app, usual = model.texts.own_minutes.indexOf(false);
  if (usual < 0) return [];
  const base = lab.asIs.minutes ?? model.packed.threshold_cs[usual] / CS_PER_MIN;
  const now = state.minutes ?? base, most = Math.floor(model.texts.cutoff_cs / CS_PER_MIN);
  const slide = (/** @type {any} */ event) => {
    const minutes = Number(event.target.value);
    lab.change({ minutes: minutes === base ? null : minutes }, "minutes");
  };
  return [
    el("label", { for: "set-minutes", class: "hint", text: say.t("set_minutes") }),
    el("span", { class: "slide" },
      el("input", { type: "range", id: "set-minutes", "data-testid": "set-minutes", min: SHORTEST_MIN, max: most, step: 1, value: now, on: { input: slide, change: () => app.redraw({}) } }),
      el("output", { for: "set-minutes", "data-testid": "minutes-now", text: say.t("minutes", { minutes: say.plain(now) }) })),
    model.texts.rules && el("p", { class: "hint wide", "data-testid": "minutes-of", text: say.t("minutes_of_pack") })];
}

/** An hour of the week, where the hours of any venue are known.
 @param {App} app
 @param {WhatIf} lab
 @param {Settings} state */
function hours(app, lab, state) {
  const { model, say } = app, { week } = model.texts, { venue_week: weeks } = model.arrays, known = weeks.filter((week) => week >= 0).length;
  if (!known) return [];
  const at = state.hour ?? FIRST_HOUR;
  const time = say.t("week_hour", { day: say.t(`day_${Math.floor(at / 24)}`), hour: String(at % 24).padStart(2, "0") });
  const box = el("label", { class: "check wide" },
    el("input", { type: "checkbox", checked: state.hour !== null, "data-testid": "set-timed", on: { change: (event) => lab.change({ hour: event.target.checked ? at : null }) } }),
    el("span", { text: say.t("set_hour") }));
  if (state.hour === null) return [box];
  return [box,
    el("span", { class: "slide wide" },
      el("input", { type: "range", id: "set-hour", "aria-label": say.t("set_hour"), "aria-valuetext": time, "data-testid": "set-hour", min: 0, max: HOURS - 1, step: 1, value: at,
        on: { input: (event) => lab.change({ hour: Number(event.target.value) }, "hour"), change: () => app.redraw({}) } }),
      el("output", { for: "set-hour", "data-testid": "hour-now", text: time })),
    el("p", { class: "hint wide", "data-testid": "hours-known", text: say.t("hours_known", { known: say.count(known), all: say.count(weeks.length), monday: week.monday, minutes: say.plain(week.stay_min) }) }),
    el("p", { class: "hint wide", "data-testid": "hours-holidays", text: say.t(week.holidays ? "hours_holidays" : "hours_no_holidays") })];
}
