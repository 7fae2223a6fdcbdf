/* Comments in the panel: the card of one, and the list of all. */
import { LONGEST_COMMENT } from "../engine/constants.js";
import { lonLat, units } from "../engine/places.js";
import { byId, el, fill, name } from "./dom.js";
import { titled } from "./language.js";

const LONGEST_BY = 20, LONGEST_WHEN = 40, CUT = 80;
const NUDGE_PX = 20; // of the map, by one press of an arrow key
const ENTER = { text: "textarea", by: "input", when: "input" };

/** The card of the open comment, with what was typed.
 @param {App} app */
export function card(app) {
  const { say, act, notes } = app, { open, list } = notes, fresh = open >= list.length;
  const keep = () => {
    if (notes.keep()) act.closeCard();
    else card(app);
  };
  fill("card",
    el("button", { type: "button", class: "close", "aria-label": say.t("close"), "data-testid": "card-close", text: "×", on: { click: act.closeCard } }),
    el("h2", { id: "card-title", "data-testid": "card-title", text: fresh ? say.t("comment_new") : say.t("comment_number", { number: open + 1 }) }),
    el("p", { class: "hint", "data-testid": "comment-place" }, name(placeOf(app, list[open] ?? notes.draft))),
    el("div", { class: "comment", on: { keydown: (event) => { if (event.key === "Enter" && event.target.matches("input") && !event.isComposing) keep(); } } },
      ...field(app, "text", LONGEST_COMMENT), ...field(app, "by", LONGEST_BY), ...field(app, "when", LONGEST_WHEN),
      el("p", { class: "hint", text: say.t("comment_hint") }),
      notes.trouble && el("p", { class: "warning", role: "alert", "data-testid": "comment-trouble", text: notes.trouble }),
      el("div", { class: "row" }, el("button", { type: "button", class: "small", "data-testid": "comment-keep", text: say.t("comment_keep"), on: { click: keep } }),
        !fresh && el("button", { type: "button", class: "small", "data-testid": "comment-drop", text: say.t("comment_drop"), on: { click: () => notes.drop(open) } }))));
}

/** A labelled field of the card.
 @param {App} app
 @param {"text" | "by" | "when"} key
 @param {number} longest */
function field({ say, notes }, key, longest) {
  const typed = (/** @type {any} */ event) => {
    notes.typed[key] = event.target.value;
    notes.trouble = "";
    document.querySelector("#card [role=alert]")?.remove(); // it was said of other words
  };
  const box = el(/** @type {"textarea" | "input"} */ (ENTER[key]), { id: `comment-${key}`, "data-testid": `comment-${key}`, maxlength: longest,
    ...(key === "text" ? { rows: 4 } : { type: "text", autocomplete: "off" }), on: { input: typed } });
  box.value = notes.typed[key];
  return [el("label", { for: `comment-${key}`, class: "hint", text: say.t(`comment_${key}`) }), box];
}

/** What a comment is of: a home, a venue, or a place in degrees.
 @param {App} app
 @param {Remark | null} one */
function placeOf({ model }, one) {
  const { homes, venues } = model.texts;
  if (one?.home) return `${homes.names[homes.ids.indexOf(one.home)] || ""} ${one.home}`.trim();
  if (one?.venue) return `${venues.names[venues.ids.indexOf(one.venue)] || ""} ${one.venue}`.trim();
  return one ? `${one.at[0].toFixed(5)}, ${one.at[1].toFixed(5)}` : "";
}

/** All comments, with buttons that lead there, move and delete.
 @param {App} app */
export function list(app) {
  const { say, notes, lab } = app;
  byId("comments-section").classList.toggle("screen-only", !notes.list.length);
  fill("comments",
    notes.list.length > 0 && el("ol", { class: "changes", "data-testid": "comment-list" }, ...notes.list.map((one, i) => row(app, one, i))),
    !notes.list.length && el("p", { class: "hint", text: say.t("comments_none") }),
    !lab && el("div", { class: "row" },
      el("button", { type: "button", class: "small", "data-testid": "save", text: say.t("save"), disabled: !notes.list.length, on: { click: () => notes.save() } }),
      el("button", { type: "button", class: "small", "data-testid": "load", text: say.t("load"), on: { click: () => byId("load-file").click() } })),
    notes.fileTrouble && el("p", { class: "warning", role: "alert", "data-testid": "comments-trouble", text: notes.fileTrouble }));
}

/** @param {App} app
 @param {Remark} one
 @param {number} i */
function row(app, one, i) {
  const { say, act, notes } = app, letters = [...one.text], short = letters.length > CUT ? `${letters.slice(0, CUT).join("")}…` : one.text;
  const foot = [one.by, one.when, one.home || one.venue].filter(Boolean).join(" · ");
  const move = el("button", { type: "button", class: "small", "data-testid": `comment-nudge-${i}`, text: say.t("nudge"),
    on: { click: () => act.goToComment(i), keydown: (event) => nudge(app, i, event) } });
  const drop = el("button", { type: "button", class: "small", "data-testid": `comment-drop-${i}`, text: "×", on: { click: () => notes.drop(i) } });
  titled(move, `${say.t("nudge")}: ${say.t("comment_number", { number: i + 1 })} (${say.t("nudge_hint")})`);
  titled(drop, `${say.t("comment_drop")}: ${say.t("comment_number", { number: i + 1 })}`);
  return el("li", { "data-testid": `comment-${i}` }, el("div", { class: "change" },
    el("div", {}, el("button", { type: "button", class: "link", on: { click: () => act.goToComment(i) } }, name(short)), foot && el("div", { class: "hint" }, name(foot))),
    el("span", { class: "row screen-only" }, move, drop)));
}

/** Arrow keys move a comment.
 @param {App} app
 @param {number} i
 @param {KeyboardEvent} event */
function nudge(app, i, event) {
  /** @type {Record<string, XY>} */
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const step = steps[event.key], { grid } = app.model.texts, size = NUDGE_PX / app.layer.scope.s;
  if (!step) return;
  event.preventDefault();
  const [x, y] = units(grid, app.notes.list[i].at);
  app.notes.move({ i }, units(grid, lonLat(grid, [x + step[0] * size, y + step[1] * size])), `comment ${i}`);
  app.redraw();
}
