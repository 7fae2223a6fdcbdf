/* The list of changes in the panel: who gains and loses, each change, files. */
import { spot } from "../engine/places.js";
import { stillThere } from "../engine/scenario.js";
import { byId, el, fill, name } from "./dom.js";
import { digits } from "./labels.js";
import { turnMark } from "./marks.js";
import * as settings from "./settings.js";
import { tierText } from "./tiers.js";
import { whyOff } from "./toolbar.js";

const NUDGE_PX = 20; // of the map, by one press of an arrow key

/** Settings and the list of changes.
 @param {App} app */
export function render(app) {
  const { lab, say, model } = app;
  byId("whatif-section").hidden = false;
  byId("whatif-section").classList.toggle("screen-only", !lab); // why nothing can be tried is of no use on paper
  byId("settings-section").hidden = false;
  if (!lab) {
    settings.renderOff(app, say.t(whyOff(model)));
    fill("whatif", el("p", { class: "hint", id: "whatif-why", "data-testid": "whatif-off", text: say.t(whyOff(model)) }));
    return;
  }
  settings.render(app, lab);
  const { changes } = lab.history.now;
  const button = (/** @type {string} */ key, /** @type {() => void} */ click, disabled = false) =>
    el("button", { type: "button", class: "small", "data-testid": key, text: say.t(key), disabled, on: { click } });
  fill("whatif",
    balance(app, lab),
    changes.length > 0 && el("ol", { class: "changes", "data-testid": "changes" }, ...changes.map((one, i) => row(app, lab, one, i))),
    !changes.length && el("p", { class: "hint", text: say.t("whatif_none") }),
    el("div", { class: "row" },
      button("save", () => app.notes.save()), button("load", () => byId("load-file").click()),
      button("reset", () => lab.change({ ...lab.asIs, comments: lab.history.now.comments }), lab.unchanged(lab.history.now))),
    lab.trouble && el("p", { class: "warning", role: "alert", "data-testid": "scenario-trouble", text: lab.trouble }));
}

/** Persons and homes that gain a service and that lose one.
 @param {App} app
 @param {WhatIf} lab */
function balance({ model, say, view }, lab) {
  if (!lab.result) return false;
  const service = view.colour >= 0 ? say.of(model.texts.summary.services[view.colour]) : say.t("any_service");
  const line = (/** @type {number} */ sign, /** @type {string} */ key) => {
    let homes = 0, persons = 0;
    lab.gains.forEach((turn, r) => {
      if (turn !== sign) return;
      homes++;
      persons += model.arrays.persons[r];
    });
    return el("p", { class: "turn", "data-testid": key }, turnMark(sign),
      name(say.t(key, { persons: digits({ model, say }, persons), homes: say.count(homes), service })));
  };
  return el("div", { "aria-live": "polite" }, line(1, "gain"), line(-1, "loss"));
}

/** One change, with a button to move a placed venue and one to remove it.
 @param {App} app
 @param {WhatIf} lab
 @param {Change} one
 @param {number} i */
function row(app, lab, one, i) {
  const { say, map, layer } = app, label = describe(app, lab, one);
  const on = "on" in one && stillThere(lab.history.now.changes, i) ? one.on : null;
  const show = () => on && map.setView(layer.latLng(...spot(lab.engine.g, on)), Math.max(map.getZoom(), 16));
  return el("li", { "data-testid": `change-${i}` }, el("div", { class: "change" }, name(label),
    el("span", { class: "row" },
      on && el("button", { type: "button", class: "small", "data-testid": `nudge-${i}`, title: say.t("nudge_hint"), "aria-label": `${say.t("nudge")}: ${label}`, text: say.t("nudge"),
        on: { click: show, keydown: (event) => nudge(app, lab, i, on, event) } }),
      el("button", { type: "button", class: "small", "data-testid": `drop-${i}`, "aria-label": `${say.t("drop")}: ${label}`, text: "×", on: { click: () => lab.replace(i, null) } }))));
}

/** Arrow keys move a placed venue.
 @param {App} app
 @param {WhatIf} lab
 @param {number} i
 @param {On} on
 @param {KeyboardEvent} event */
function nudge(app, lab, i, on, event) {
  /** @type {Record<string, XY>} */
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  const size = NUDGE_PX / app.layer.scope.s, [x, y] = lab.held?.i === i ? lab.held.point : spot(lab.engine.g, on);
  /** @type {XY} */
  const point = [x + step[0] * size, y + step[1] * size];
  lab.held = { i, point };
  lab.move({ i, end: "" }, point, `nudge ${i}`);
  app.redraw({});
}

/** A change in words.
 @param {App} app
 @param {WhatIf} lab
 @param {Change} one */
function describe(app, lab, one) {
  const { model, say } = app;
  const { services } = model.texts.summary;
  const titles = (/** @type {string[]} */ ids) => ids.map((id) => say.of(services[lab.engine.serviceIx(id)], id)).join(say.comma);
  const venueName = (/** @type {string} */ id) => {
    const f = model.texts.venues.ids.indexOf(id);
    const fresh = lab.history.now.changes.flatMap((other) => (other.do === "add_venue" && other.id === id ? [other.name] : []));
    return (f >= 0 && model.texts.venues.names[f]) || fresh[0] || id;
  };
  switch (one.do) {
    case "add_venue": return [say.t("did_add", { name: one.name || one.id, services: titles(one.services) }), tierText(app, one)].filter(Boolean).join(" · ");
    case "move_venue": return say.t("did_move", { name: venueName(one.venue) });
    case "close_venue": return say.t("did_close", { name: venueName(one.venue) });
    case "open_gate": return say.t("did_gate", { id: one.node });
    default: return say.t("did_link", { metres: say.count(one.length_cm / 100) });
  }
}
