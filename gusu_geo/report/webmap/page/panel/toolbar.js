/* The bar on the map: tools, undo and redo, and a line that says what to do. */
import { byId, el, fill, focusOn, name, svg } from "./dom.js";
import { badge } from "./marks.js";
import { chooser } from "./tiers.js";

const TOOLS = ["venue", "link", "gate"];
const WIDE_PX = 700; // then the legend stands beside the area, not on it
const FRAME = "M2.5 6V2.5H6M14 2.5h3.5V6M17.5 14v3.5H14M6 17.5H2.5V14M6.5 6.5h7v7h-7z";

/** The whole area beside the legend.
 @param {App} app */
export function zoomToAll({ map, layer }) {
  const bounds = layer.bounds("area", 0);
  for (let i = 1; i < layer.shapes.area.count; i++) bounds.extend(layer.bounds("area", i));
  map.fitBounds(bounds, { animate: false, paddingTopLeft: [map.getSize().x > WIDE_PX ? 290 : 16, 16], paddingBottomRight: [16, 16] });
}

/** A button below + and - that does so.
 @param {App} app */
export function addZoomAll(app) {
  const quiet = (/** @type {Event} */ event) => event.stopPropagation(); // to the map it would be a click on a home
  const click = (/** @type {Event} */ event) => {
    quiet(event);
    zoomToAll(app);
  };
  app.zoom.getContainer().append(el("button", { type: "button", id: "zoom-all", "data-testid": "zoom-all", on: { click, dblclick: quiet, mousedown: quiet } },
    svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: FRAME, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }))));
}

/** @param {App} app */
export function render(app) {
  const { lab, say, map, model, notes } = app, bar = byId("tools");
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.testid : undefined;
  const scrolled = bar.querySelector(".chips")?.scrollLeft ?? 0; // the row is made anew, and stays where it was
  const possible = TOOLS.filter((tool) => tool !== "gate" || model.texts.gates.length);
  bar.hidden = false;
  bar.setAttribute("aria-label", say.t("tools"));
  fill(bar,
    el("div", { class: "row" }, ...possible.map((tool) => toolButton(app, tool)),
      el("button", { type: "button", class: "small", "data-testid": "tool-comment", "aria-pressed": String(notes.tool), text: say.t("tool_comment"), on: { click: () => notes.setTool() } }),
      stepButton(app, "undo", notes.history.canUndo), stepButton(app, "redo", notes.history.canRedo)),
    lab?.tool === "venue" && services(app, lab),
    lab?.tool === "venue" && chooser(app, lab),
    el("p", { class: "hint", id: "tool-hint", role: "status", "data-testid": "tool-hint", text: notes.tool ? say.t("hint_comment") : lab ? lab.hint || hint(lab, say) : notes.hint ? say.t(whyOff(model)) : "" }));
  map.getContainer().classList.toggle("aiming", notes.tool || Boolean(lab?.tool));
  const chips = bar.querySelector(".chips");
  if (chips) chips.scrollLeft = scrolled;
  if (focused) focusOn(bar, focused);
}

/** Why this page can try nothing out, where it cannot: the key of its text.
 @param {Model} model */
export function whyOff({ texts, arrays }) {
  if (!arrays.edge_u) return "whatif_lite";
  return `whatif_${texts.whatif_off || "several"}`;
}

/** A tool of the what-if; where the page cannot judge it stays in sight, and says why.
 @param {App} app
 @param {string} tool */
function toolButton({ lab, say, model, notes, tools }, tool) {
  const why = lab ? "" : say.t(whyOff(model));
  const press = () => {
    if (lab) return lab.setTool(tool);
    notes.hint = !notes.hint;
    return tools();
  };
  return el("button", { type: "button", class: "small", "data-testid": `tool-${tool}`, "aria-pressed": String(lab?.tool === tool), "aria-disabled": !lab && "true",
    title: why || false, "aria-describedby": !lab && "whatif-why", text: say.t(`tool_${tool}`), on: { click: press } });
}

/** @param {App} app
 @param {"undo" | "redo"} what
 @param {boolean} may */
function stepButton({ say, notes }, what, may) {
  return el("button", { type: "button", class: "small", "data-testid": what, disabled: !may, title: say.t(what), "aria-label": say.t(what), on: { click: () => notes.step(what) } },
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
