/* Taking hold of things on the map: dragging with mouse or finger, and keys. */
import { SCENARIO_UNITS } from "../engine/constants.js";
import { find } from "../drawing/finding.js";
import { byId } from "./dom.js";

/** Pixels from what is held.
 @type {Record<string, number>} */
const GRIP = { mouse: 12, touch: 24 };
const STILL_PX = 3; // a hand that trembles less has not moved

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

/** @param {App} app */
export function listen(app) {
  listenDrag(app);
  listenKeys(app);
  listenCross(app.map.getContainer());
  const load = byId("load-file", HTMLInputElement);
  load.addEventListener("change", async () => {
    const file = load.files?.[0];
    if (file) app.notes.load(await textOf(file));
    load.value = "";
  });
}

/** What can be held is taken at its mark or at its place, and keeps its distance from the hand.
 @param {App} app */
function listenDrag(app) {
  const { map, layer, notes, lab } = app, box = map.getContainer();
  const point = (/** @type {PointerEvent} */ event) => layer.unitsAt(map.mouseEventToContainerPoint(event));
  const gripped = (/** @type {PointerEvent} */ event) => {
    const reach = (GRIP[event.pointerType] ?? GRIP.mouse) / layer.scope.s, at = point(event);
    for (const holder of lab ? [notes, lab] : [notes]) {
      const held = holder.grip(at, reach);
      if (held) return { holder, held, offset: /** @type {XY} */ ([held.at[0] - at[0], held.at[1] - at[1]]) };
    }
    return null;
  };
  let frame = 0;
  const step = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (app.drag?.to) app.drag.holder.move(app.drag.held, app.drag.to, app.drag.tag);
  };
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || app.drag || (event.target instanceof Element && event.target.closest(".leaflet-control"))) return;
    const taken = gripped(event);
    if (!taken) return;
    event.stopPropagation();
    map.dragging.disable();
    app.drag = { ...taken, id: event.pointerId, tag: `drag ${event.timeStamp}`, from: [event.clientX, event.clientY], moved: false };
    box.setPointerCapture(event.pointerId);
  }, true);
  box.addEventListener("pointermove", (event) => {
    const { drag } = app;
    if (event.pointerId !== drag?.id) {
      if (!drag && event.pointerType === "mouse") box.classList.toggle("held", event.buttons === 0 && gripped(event) !== null);
      return;
    }
    event.stopPropagation();
    if (!drag.moved && Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) < STILL_PX) return; // a click, not a drag
    const [x, y] = point(event);
    drag.to = [x + drag.offset[0], y + drag.offset[1]];
    drag.moved = true;
    frame ||= requestAnimationFrame(step);
  }, true);
  const drop = (/** @type {PointerEvent} */ event) => {
    const { drag } = app;
    if (event.pointerId !== drag?.id) return;
    if (frame) step();
    app.drag = null;
    map.dragging.enable();
    if (drag.moved) app.redraw({});
    if (!drag.moved && drag.holder === notes && event.type === "pointerup") app.act.openComment(drag.held.i);
    // The click that follows belongs to the drag; it comes before any timer.
    const eat = (/** @type {Event} */ click) => click.stopImmediatePropagation();
    box.addEventListener("click", eat, true);
    setTimeout(() => box.removeEventListener("click", eat, true), 0);
  };
  box.addEventListener("pointerup", drop, true);
  box.addEventListener("pointercancel", drop, true);
}

/** By keyboard the middle of the map is the pointer: arrows move the map, Enter is the click.
 @param {App} app */
function listenKeys(app) {
  const { map, layer, act, lab, notes } = app, box = map.getContainer();
  box.addEventListener("keydown", (event) => {
    if (event.target !== box || event.key !== "Enter") return;
    const middle = map.getSize().divideBy(2);
    if (notes.tool) {
      notes.place(middle);
      return;
    }
    if (lab?.tool) {
      lab.use(layer.unitsAt(middle));
      return;
    }
    const hit = find(layer, middle);
    if (hit?.kind === "home") act.openHome(hit.ix);
    else if (hit?.kind === "hexagon") act.zoomToHexagon(hit.ix);
    else if (hit?.kind === "venue") act.openVenue(hit.ix);
    else if (hit?.kind === "comment") act.openComment(hit.ix);
    else if (hit?.kind === "site") act.openSite(hit.ix, { move: false });
    else if (hit?.kind === "cell") act.openZone(hit.ix, { move: false });
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (!(event.ctrlKey || event.metaKey) || typing) return;
    const key = event.key.toLowerCase(), again = key === "y" || (key === "z" && event.shiftKey);
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    notes.step(again ? "redo" : "undo");
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
