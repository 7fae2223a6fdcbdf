/* Taking hold of things on the map: dragging with mouse or finger, and the arrow keys. */
globalThis.gusuHand = (() => {
  "use strict";

  const GRIP = { mouse: 12, touch: 24 }; // pixels

  function listen(app) {
    const { map, layer, lab } = app, box = map.getContainer();
    const point = (event) => {
      const at = map.mouseEventToContainerPoint(event);
      return layer.unitsAt(at);
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest(".leaflet-control")) return;
      const held = gusuWhatif.grip(app, point(event), (GRIP[event.pointerType] ?? GRIP.mouse) / layer.scope.s);
      if (!held) return;
      event.stopPropagation();
      map.dragging.disable();
      lab.drag = { ...held, id: event.pointerId, tag: `drag ${event.timeStamp}`, moved: false };
      box.setPointerCapture(event.pointerId);
    }, true);
    box.addEventListener("pointermove", (event) => {
      if (!lab.drag || event.pointerId !== lab.drag.id) return;
      event.stopPropagation();
      lab.drag.to = point(event);
      lab.drag.moved = true;
      lab.frame ||= requestAnimationFrame(() => step(app));
    }, true);
    const drop = (event) => {
      if (!lab.drag || event.pointerId !== lab.drag.id) return;
      const { moved } = lab.drag;
      if (lab.frame) step(app);
      lab.drag = null;
      map.dragging.enable();
      if (moved) app.redraw({});
      // The click that follows is none; it comes before any timer.
      const eat = (click) => click.stopImmediatePropagation();
      box.addEventListener("click", eat, true);
      setTimeout(() => box.removeEventListener("click", eat, true), 0);
    };
    for (const type of ["pointerup", "pointercancel"]) box.addEventListener(type, drop, true);
    document.getElementById("load-file").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      if (file) gusuWhatif.load(app, await file.text());
      event.target.value = "";
    });
    // By keyboard the middle of the map is the pointer: arrows move the map, Enter is the click.
    box.addEventListener("keydown", (event) => {
      if (event.target !== box || event.key !== "Enter") return;
      const middle = map.getSize().divideBy(2);
      if (lab.tool) return gusuWhatif.use(app, layer.unitsAt(middle));
      const hit = layer.find(middle);
      if (hit?.kind === "home") app.act.openHome(hit.ix);
      else if (hit?.kind === "venue") app.act.openVenue(hit.ix);
    });
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, select, textarea")) return;
      const what = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
      if (!what) return;
      event.preventDefault();
      gusuWhatif.step(app, what);
    });
  }

  function step(app) {
    const { drag } = app.lab;
    cancelAnimationFrame(app.lab.frame);
    app.lab.frame = 0;
    if (drag?.to) gusuWhatif.drag(app, drag, drag.to, drag.tag);
  }

  return { listen };
})();
