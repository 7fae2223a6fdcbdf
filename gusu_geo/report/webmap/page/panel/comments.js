/* Comments: put on the map by a tool, written in a card, moved, deleted, kept in the scenario file. */
import { LONGEST_COMMENT, SCENARIO_COMMENT } from "../engine/constants.js";
import { asIs } from "../engine/engine.js";
import { personalIn } from "../engine/personal.js";
import { lonLat, units } from "../engine/places.js";
import { History, ScenarioFault, read, write } from "../engine/scenario.js";
import { fits } from "../engine/table.js";
import { find } from "../drawing/finding.js";
import { remarkAt } from "../drawing/remarks.js";
import { el } from "./dom.js";

const ADDRESS_MS = 10_000; // for so long a saved file can be fetched

export class Comments {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.base = app.lab?.asIs ?? asIs(app.model.texts);
    this.history = app.lab?.history ?? new History(this.base); // one undo for all that is tried and said
    this.tool = false;
    this.hint = false; // whether the bar says why nothing can be tried out
    /** A new one, not saved yet.
     @type {Remark | null} */
    this.draft = null;
    this.open = -1; // of the list; the draft comes after its last
    /** What stands in the fields of the card. */
    this.typed = { text: "", by: "", when: "" };
    this.by = ""; // initials are typed once
    this.trouble = ""; // why what was typed is not taken
    this.fileTrouble = ""; // what is wrong with the last file, where there is no what-if to say it
  }

  get list() {
    return this.history.now.comments;
  }

  /** All that are drawn, in units. */
  places() {
    const { grid } = this.app.model.texts;
    return [...this.list, ...(this.draft ? [this.draft] : [])].map((one) => units(grid, one.at));
  }

  /** @param {boolean} [on] */
  setTool(on = !this.tool) {
    const { app } = this;
    if (on && app.lab?.tool) app.lab.setTool(app.lab.tool);
    this.tool = on;
    app.tools();
  }

  /** A click (or Enter) of the tool: a draft at this point of the map's container, of the home or venue that is there.
   @param {L.Point} point */
  place(point) {
    const { app } = this, { model, layer } = app, hit = find(layer, point);
    this.tool = false;
    app.act.closeCard();
    this.draft = { text: "", at: lonLat(model.texts.grid, layer.unitsAt(point)) };
    if (hit?.kind === "home") this.draft.home = model.texts.homes.ids[hit.ix];
    if (hit?.kind === "venue") this.draft.venue = model.texts.venues.ids[hit.ix];
    app.tools();
    app.act.openComment(this.list.length);
  }

  /** Opens number i of the list, or the draft after it.
   @param {number} i */
  show(i) {
    const one = this.list[i] ?? this.draft;
    this.open = one ? i : -1;
    this.trouble = "";
    this.typed = { text: one?.text ?? "", by: one?.by ?? (one === this.draft ? this.by : ""), when: one?.when ?? "" };
  }

  shut() {
    this.open = -1;
    this.draft = null;
    this.trouble = "";
  }

  /** Takes what was typed; false and a reason if it cannot be taken. */
  keep() {
    const { app, list, open } = this, old = list[open] ?? this.draft;
    if (!old) return false;
    const { at, home, venue } = old, [text, by, when] = [this.typed.text, this.typed.by, this.typed.when].map((part) => part.trim());
    /** @type {Remark} */
    const one = { text, at, ...(home && { home }), ...(venue && { venue }), ...(by && { by }), ...(when && { when }) };
    this.trouble = this.fault(one);
    if (this.trouble) return false;
    this.by = by;
    this.draft = null;
    this.push([...list.slice(0, open), one, ...list.slice(open + 1)]);
    app.redraw();
    return true;
  }

  /** Why a comment cannot be kept, "" if it can.
   @param {Remark} one */
  fault(one) {
    const { say } = this.app;
    if (!one.text) return say.t("comment_empty");
    for (const part of [one.text, one.by ?? "", one.when ?? ""]) {
      const kind = personalIn(part);
      if (kind) return say.t(`comment_has_${kind}`);
    }
    return fits(SCENARIO_COMMENT, one) ? "" : say.t("comment_unfit", { count: LONGEST_COMMENT });
  }

  /** @param {number} i */
  drop(i) {
    this.app.act.closeCard();
    this.push(this.list.filter((_, at) => at !== i));
    this.app.redraw();
  }

  /** @param {Remark[]} comments
   @param {string} [tag] */
  push(comments, tag) {
    this.history.push({ comments }, tag);
  }

  /** @param {XY} point
   @param {number} reach
   @returns {Held | null} */
  grip(point, reach) {
    const { layer } = this.app, i = remarkAt(layer, this, point, (reach * layer.scope.s) / 4);
    return i < 0 ? null : { i, end: "", at: this.places()[i] };
  }

  /** Moves comment i; what stood there is no longer what it is of.
   @param {Pick<Held, "i">} held
   @param {XY} point
   @param {string} tag */
  move({ i }, point, tag) {
    const { app, list } = this, at = lonLat(app.model.texts.grid, point);
    if (this.draft && i === list.length) this.draft = { text: "", at };
    else if (list[i]) this.push(list.map((one, k) => (k === i ? moved(one, at) : one)), tag);
    app.redraw({ light: true });
  }

  /** @param {"undo" | "redo"} what */
  step(what) {
    const { app } = this;
    if (this.open >= 0) app.act.closeCard();
    if (app.lab) return app.lab.step(what);
    this.history[what]();
    return app.redraw();
  }

  /** A file for the command line, for colleagues and for later. */
  save() {
    const { texts } = this.app.model, text = write(texts, this.history.now, this.base);
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    el("a", { href: url, download: `${texts.summary.study}-scenario.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), ADDRESS_MS);
  }

  /** Opens the text of a scenario file; ours: the map itself holds it.
   @param {string} text
   @param {boolean} [ours] */
  load(text, ours = false) {
    const { app } = this;
    app.act.closeCard();
    if (app.lab) return app.lab.load(text, ours);
    try {
      this.push(read(text, app.model.texts, null, () => null, ours).comments);
      this.fileTrouble = "";
    } catch (error) {
      const known = error instanceof ScenarioFault;
      if (!known) setTimeout(() => { throw error; }); // ours to mend, but the user sees that nothing was opened
      this.fileTrouble = known ? app.say.t(error.key, error.values) : app.say.t("scenario_no_json");
    }
    return app.redraw();
  }
}

/** @param {Remark} one
 @param {XY} at
 @returns {Remark} */
function moved({ text, by, when }, at) {
  return { text, at, ...(by && { by }), ...(when && { when }) };
}
