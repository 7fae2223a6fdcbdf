/* Taking hold of things on the map: dragging with mouse or finger, and keys. */
import { SCENARIO_UNITS } from "../engine/constants.js";
import { find } from "../drawing/finding.js";
import { byId } from "./dom.js";

/** Pixels from what is held.
 @type {Record<string, number>} */
const GRIP = { mouse: 12, touch: 24 };

/** The text of a file in UTF-8; of any other, as of one too long to read, nothing.
 @param {File} file */
async function textOf(file) {
  if (file.size > 4 * SCENARIO_UNITS) return "";
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return "";
  }
}

/** @param {App} app
 @param {WhatIf} lab */
export function listen(app, lab) {
  listenDrag(app, lab);
  listenKeys(app, lab);
  listenCross(app.map.getContainer());
  const load = byId("load-file", HTMLInputElement);
  load.addEventListener("change", async () => {
    const file = load.files?.[0];
    if (file) lab.load(await textOf(file));
    load.value = "";
  });
}

/** @param {App} app
 @param {WhatIf} lab */
function listenDrag(app, lab) {
  const { map, layer } = app, box = map.getContainer();
  const point = (/** @type {PointerEvent} */ event) => layer.unitsAt(map.mouseEventToContainerPoint(event));
  let frame = 0;
  const step = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (lab.drag?.to) lab.move(lab.drag, lab.drag.to, lab.drag.tag);
  };
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest(".leaflet-control"))) return;
    const held = lab.grip(point(event), (GRIP[event.pointerType] ?? GRIP.mouse) / layer.scope.s);
    if (!held) return;
    event.stopPropagation();
    map.dragging.disable();
    lab.drag = { ...held, id: event.pointerId, tag: `drag ${event.timeStamp}`, moved: false };
    box.setPointerCapture(event.pointerId);
  }, true);
  box.addEventListener("pointermove", (event) => {
    if (event.pointerId !== lab.drag?.id) return;
    event.stopPropagation();
    lab.drag.to = point(event);
    lab.drag.moved = true;
    frame ||= requestAnimationFrame(step);
  }, true);
  const drop = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== lab.drag?.id) return;
    const { moved } = lab.drag;
    if (frame) step();
    lab.drag = null;
    map.dragging.enable();
    if (moved) app.redraw({});
    // The click that follows belongs to the drag; it comes before any timer.
    const eat = (/** @type {Event} */ click) => click.stopImmediatePropagation();
    box.addEventListener("click", eat, true);
    setTimeout(() => box.removeEventListener("click", eat, true), 0);
  };
  box.addEventListener("pointerup", drop, true);
  box.addEventListener("pointercancel", drop, true);
}

/** By keyboard the middle of the map is the pointer: arrows move the map, Enter is the click.
 @param {App} app
 @param {WhatIf} lab */
function listenKeys(app, lab) {
  const { map, layer, act } = app, box = map.getContainer();
  box.addEventListener("keydown", (event) => {
    if (event.target !== box || event.key !== "Enter") return;
    const middle = map.getSize().divideBy(2);
    if (lab.tool) {
      lab.use(layer.unitsAt(middle));
      return;
    }
    const hit = find(layer, middle);
    if (hit?.kind === "home") act.openHome(hit.ix);
    else if (hit?.kind === "hexagon") act.zoomToHexagon(hit.ix);
    else if (hit?.kind === "venue") act.openVenue(hit.ix);
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (!(event.ctrlKey || event.metaKey) || typing) return;
    const key = event.key.toLowerCase(), again = key === "y" || (key === "z" && event.shiftKey);
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    lab.step(again ? "redo" : "undo");
  });
}

/** The cross in the middle of the map, while keys are used there. (As :has(:focus-visible) would do,
 which came in 2022.)
 @param {HTMLElement} box */
function listenCross(box) {
  let keys = true;
  const show = () => document.body.classList.toggle("by-key", keys && document.activeElement === box);
  document.addEventListener("keydown", () => {
    keys = true;
    show();
  }, true);
  document.addEventListener("pointerdown", () => {
    keys = false;
    show();
  }, true);
  box.addEventListener("focus", show);
  box.addEventListener("blur", show);
}
