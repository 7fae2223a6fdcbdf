/* The bar on the map: tools, undo and redo, and a line that says what to do. */
import { byId, el, fill, focusOn, name } from "./dom.js";
import { badge } from "./marks.js";
import { chooser } from "./tiers.js";

const TOOLS = ["venue", "link", "gate"];

/** @param {App} app */
export function render(app) {
  const { lab, say, map } = app, bar = byId("tools");
  bar.hidden = !lab;
  if (!lab) return;
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.testid : undefined;
  const possible = TOOLS.filter((tool) => tool !== "gate" || app.model.texts.gates.length);
  const tools = possible.map((tool) => el("button", { type: "button", class: "small", "data-testid": `tool-${tool}`, "aria-pressed": String(lab.tool === tool),
    text: say.t(`tool_${tool}`), on: { click: () => lab.setTool(tool) } }));
  bar.setAttribute("aria-label", say.t("whatif"));
  fill(bar,
    el("div", { class: "row" }, ...tools, stepButton(lab, say, "undo", lab.history.canUndo), stepButton(lab, say, "redo", lab.history.canRedo)),
    lab.tool === "venue" && services(app, lab),
    lab.tool === "venue" && chooser(app, lab),
    el("p", { class: "hint", id: "tool-hint", role: "status", "data-testid": "tool-hint", text: lab.hint || hint(lab, say) }));
  map.getContainer().classList.toggle("aiming", Boolean(lab.tool));
  if (focused) focusOn(bar, focused);
}

/** @param {WhatIf} lab
 @param {Say} say
 @param {"undo" | "redo"} what
 @param {boolean} may */
function stepButton(lab, say, what, may) {
  return el("button", { type: "button", class: "small", "data-testid": what, disabled: !may, title: say.t(what), "aria-label": say.t(what), on: { click: () => lab.step(what) } },
    el("span", { "aria-hidden": "true", text: what === "undo" ? "↶" : "↷" }));
}

/** What to do with the tool in hand.
 @param {WhatIf} lab
 @param {Say} say */
function hint(lab, say) {
  if (!lab.tool) return "";
  if (lab.tool === "venue" && !lab.chosen.size) return say.t("hint_no_service");
  if (lab.tool === "link" && lab.from) return say.t("hint_link_to");
  return say.t(`hint_${lab.tool}`);
}

/** Which services the next venue offers.
 @param {App} app
 @param {WhatIf} lab */
function services(app, lab) {
  const { model, say } = app;
  const toggle = (/** @type {string} */ id) => {
    if (!lab.chosen.delete(id)) lab.chosen.add(id);
    lab.hint = "";
    render(app);
  };
  return el("div", { class: "chips", role: "group", "aria-label": say.t("new_offers") },
    ...model.texts.summary.services.map((service, k) => el("button", { type: "button", class: "chip", title: say.of(service, service.id),
      "data-testid": `chip-${k}`, "aria-pressed": String(lab.chosen.has(service.id)), on: { click: () => toggle(service.id) } },
      badge(k), el("span", { class: "chip-name" }, name(say.of(service, service.id))))));
}
