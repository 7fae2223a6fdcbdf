/* What if: what is changed, tried out and judged; toolbar.js, changes.js and settings.js show it. */
import { EVIDENCE } from "../engine/constants.js";
import { Engine, asIs } from "../engine/engine.js";
import { lonLat, nearest, spot, units } from "../engine/places.js";
import { History, ScenarioFault, metresBetween, read, stillThere } from "../engine/scenario.js";
import { Tiers } from "../engine/tiers.js";
import { turned } from "../engine/totals.js";
import { onPin, servicesOf } from "../drawing/sketch.js";

const REACH_M = 300; // a click farther from every street is refused
const MANY = 30000; // homes: then streets in time are drawn only when asked for

/** The what-if of the page; null where its rule or its form allows none.
 @param {App} app */
export const whatIf = (app) => (app.model.texts.single && !app.model.texts.whatif_off && app.model.arrays.edge_u ? new WhatIf(app) : null);

export class WhatIf {
  /** @param {App} app */
  constructor(app) {
    const { model } = app;
    this.app = app;
    this.asIs = asIs(model.texts);
    this.history = new History(this.asIs);
    /** The tool in hand: "", "venue", "link" or "gate". */
    this.tool = "";
    /** The first end of a new link.
     @type {Place | null} */
    this.from = null;
    /** Services of the next venue. */
    this.chosen = new Set([worst(model.texts)]);
    this.tier = ""; // of the next venue; "": as its services ask
    /** @type {Tiers | null} */
    this.tiers = null;
    /** Where the hand is that moves change i by keys: the venue itself jumps from street to street.
     @type {{ i: number, point: XY } | null} */
    this.held = null;
    this.hint = ""; // why the last click did nothing
    this.trouble = ""; // what is wrong with the last file
    /** @type {Verdict | null} */
    this.result = null;
    this.gains = new Int8Array(model.homes);
    this.since = 0; // when the last change began, for measuring
    /** @type {Engine | null} */
    this.made = null;
    /** @type {Verdict | null} */
    this.present = null;
    app.view.on.reach = model.homes < MANY;
  }

  /** Made when first asked for: a large city takes a moment. */
  get engine() {
    const { model, layer } = this.app;
    this.made ??= new Engine(model.arrays, model.texts, layer.streets);
    return this.made;
  }

  /** The verdict of the study as it is. */
  get before() {
    this.present ??= this.engine.judge(this.asIs);
    return this.present;
  }

  /** States by tier (R x pairs) of what is shown; judged when first asked for. */
  tierStates() {
    const { arrays, texts } = this.app.model;
    if (!this.result || !texts.tiers.length) return arrays.tier_state;
    this.tiers ??= new Tiers(this.engine);
    return this.tiers.of(this.result);
  }

  /** Makes ready, in short steps, what the first change needs. */
  *prepare() {
    const { engine } = this;
    yield;
    const made = yield* engine.prepare(this.asIs);
    this.present ??= made;
  }

  /** Whether a state asks nothing else than the study does.
   @param {Settings} state */
  unchanged(state) {
    return !state.changes.length && state.walk === this.asIs.walk && state.minutes === null
      && state.mode === this.asIs.mode && state.evidence === EVIDENCE && state.hour === null;
  }

  /** Judges the present state and shows it; light: while something is dragged. */
  judge({ light = false } = {}) {
    const { app } = this, { model, view } = app, state = this.history.now, since = performance.now();
    this.result = this.unchanged(state) ? null : this.engine.judge(state);
    model.show(this.result);
    this.gains = this.result ? turned(model, this.before.state, this.result.state, view.colour) : new Int8Array(model.homes);
    view.way = view.around = null;
    app.card();
    app.redraw({ light });
    this.since = since;
  }

  /** @param {Partial<Settings>} part
   @param {string} [tag] */
  change(part, tag) {
    this.history.push(part, tag);
    this.judge({ light: Boolean(tag) });
  }

  /** @param {Change} one */
  add(one) {
    this.change({ changes: [...this.history.now.changes, one] });
  }

  /** The list with one change in place of another, or without it.
   @param {number} i
   @param {Change | null} one
   @param {string} [tag] */
  replace(i, one, tag) {
    const changes = this.history.now.changes.slice();
    changes.splice(i, 1, ...(one ? [one] : []));
    this.change({ changes: this.sound(changes) }, tag);
  }

  /** Without changes of venues that are no longer there.
   @param {Change[]} changes */
  sound(changes) {
    const { texts, facilities } = this.app.model, known = new Set(texts.venues.ids.slice(0, facilities));
    return changes.filter((one) => {
      if (one.do === "add_venue") known.add(one.id);
      return !("venue" in one) || known.has(one.venue);
    });
  }

  /** The nearest street place to a point in units, as in a scenario file; null and a hint if none.
   @param {XY} point
   @returns {Place | null} */
  settle(point) {
    const { model, say } = this.app, { grid } = model.texts, lat = lonLat(grid, point)[1];
    const on = nearest(this.engine.g, ...point, REACH_M / grid.unit_m / Math.cos((lat * Math.PI) / 180));
    this.hint = on ? "" : say.t("no_street", { metres: REACH_M });
    return on && { at: lonLat(grid, spot(this.engine.g, on)), on };
  }

  /** A click (or Enter) of the tool in hand.
   @param {XY} point */
  use(point) {
    if (this.tool === "gate") return this.openGate(point);
    const place = this.settle(point);
    if (place && this.tool === "venue" && this.chosen.size) return this.addVenue(place, this.chosen);
    if (place && this.tool === "link") return this.addLinkEnd(place);
    return this.app.tools();
  }

  /** A new venue of these services.
   @param {Place} place
   @param {Set<string>} services */
  addVenue(place, services) {
    const order = this.app.model.texts.summary.services.map((service) => service.id).filter((id) => services.has(id));
    this.add({ do: "add_venue", id: this.freshId(), name: "", services: order, ...(this.tier ? { tier: this.tier } : {}), ...place });
  }

  /** @param {Place} place */
  addLinkEnd(place) {
    const { from } = this;
    if (!from) {
      this.from = place;
      this.app.tools();
      this.app.layer.refresh();
      return;
    }
    this.from = null;
    this.add({ do: "add_link", from, to: place, length_cm: Math.round(100 * metresBetween(from.at, place.at)) });
  }

  /** A new venue of service k on the street nearest to home r: what would mend its lack.
   @param {number} r
   @param {number} k */
  tryAt(r, k) {
    const { home_x: x, home_y: y } = this.app.model.arrays, place = this.settle([x[r], y[r]]);
    if (place) this.addVenue(place, new Set([this.app.model.texts.summary.services[k].id]));
    else this.app.tools();
  }

  freshId() {
    const own = this.history.now.changes.map((one) => ("id" in one ? one.id : "")), taken = new Set([...own, ...this.app.model.texts.venues.ids]);
    let number = 1;
    while (taken.has(`new-${number}`)) number++;
    return `new-${number}`;
  }

  /** Opens the closed gate at a point, or closes it again.
   @param {XY} point */
  openGate(point) {
    const i = this.app.layer.gateAt(...point);
    if (i < 0) return;
    const node = this.app.model.texts.gates[i];
    const at = this.history.now.changes.findIndex((one) => one.do === "open_gate" && one.node === node);
    if (at >= 0) this.replace(at, null);
    else this.add({ do: "open_gate", node });
  }

  /** What can be taken hold of: an added or moved venue, an end of a link.
   @param {XY} point
   @param {number} reach
   @returns {Held | null} */
  grip(point, reach) {
    const { changes } = this.history.now, { scope } = this.app.layer;
    if (!changes.length) return null;
    const { g } = this.engine;
    const close = (/** @type {XY} */ [x, y]) => Math.hypot(x - point[0], y - point[1]) <= reach;
    for (let i = changes.length - 1; i >= 0; i--) {
      const one = changes[i];
      if ("on" in one && stillThere(changes, i)) {
        const at = spot(g, one.on);
        if (close(at) || onPin(scope, at, servicesOf(this, one).length, point, reach)) return { i, end: "", at };
      } else if (one.do === "add_link") {
        const [from, to] = [spot(g, one.from.on), spot(g, one.to.on)];
        if (close(from)) return { i, end: "from", at: from };
        if (close(to)) return { i, end: "to", at: to };
      }
    }
    return null;
  }

  /** Moves what is held; one drag is one step of the history.
   @param {Pick<Held, "i" | "end">} held
   @param {XY} point
   @param {string} tag */
  move({ i, end }, point, tag) {
    const place = this.settle(point), one = this.history.now.changes[i];
    if (!place || !one) return;
    if (one.do === "add_link") {
      const ends = end === "from" ? { from: place, to: one.to } : { from: one.from, to: place };
      this.replace(i, { ...one, ...ends, length_cm: Math.round(100 * metresBetween(ends.from.at, ends.to.at)) }, tag);
    } else if ("on" in one) {
      this.replace(i, { ...one, ...place, leg_cm: undefined }, tag);
    }
  }

  /** @param {"undo" | "redo"} what */
  step(what) {
    const was = this.history.now;
    this.history[what]();
    this.from = null;
    if (sameAsked(was, this.history.now)) this.app.redraw(); // a comment: nothing to judge
    else this.judge();
  }

  /** Takes a tool in hand; the same again puts it away.
   @param {string} tool */
  setTool(tool) {
    this.tool = this.tool === tool ? "" : tool;
    this.app.notes.tool = false;
    this.from = null;
    this.hint = "";
    this.app.tools();
    this.app.layer.refresh();
  }

  /** Opens the text of a scenario file.
   @param {string} text
   @param {boolean} [ours] whether the map itself holds it */
  load(text, ours = false) {
    const { model, say } = this.app;
    try {
      const state = read(text, model.texts, this.engine, (lonlat) => this.settle(units(model.texts.grid, lonlat))?.on, ours);
      this.trouble = "";
      this.change(state);
    } catch (error) {
      const known = error instanceof ScenarioFault;
      if (!known) setTimeout(() => { throw error; }); // ours to mend, but the user sees that nothing was opened
      this.trouble = known ? say.t(error.key, error.values) : say.t("scenario_no_json");
      this.app.changes();
    }
  }
}

/** Whether two states of the history ask the same and differ in comments alone.
 @param {Settings} a
 @param {Settings} b */
const sameAsked = (a, b) => a.changes === b.changes && a.walk === b.walk && a.minutes === b.minutes && a.mode === b.mode && a.evidence === b.evidence && a.hour === b.hour;

/** The known service that most persons miss.
 @param {Texts} texts */
function worst({ summary }) {
  const known = summary.services.filter((service) => service.state === "known");
  const first = known[0] ?? summary.services[0];
  return known.reduce((most, service) => (service.missing_persons > most.missing_persons ? service : most), first).id;
}
