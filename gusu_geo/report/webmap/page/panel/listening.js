/* What the page listens to: its buttons, the map, the keyboard, the size of the window. */
import { find } from "../drawing/finding.js";
import { cardOpen } from "./actions.js";
import { byId } from "./dom.js";
import { merged } from "../drawing/hexagons.js";
import * as finder from "./finder.js";
import { hover } from "./hover.js";
import { labelToggle, setLang } from "./language.js";
import * as legend from "./legend.js";
import * as pointer from "./pointer.js";
import * as print from "./print.js";
import * as residences from "./residences.js";

const ROW = "card-service-"; // test ids of the rows of a card, with the service behind
const HOVER_MS = 40; // tips follow the mouse so often

/** @param {App} app */
export function listen(app) {
  listenButtons(app);
  listenKeys(app);
  listenMap(app);
  listenSize(app);
  pointer.listen(app);
  print.listen(app);
}

/** @param {App} app */
function listenButtons(app) {
  const { map } = app;
  byId("language").addEventListener("click", () => setLang(app, app.say.lang === "zh" ? "en" : "zh"));
  byId("toggle").addEventListener("click", () => {
    document.body.classList.toggle("collapsed");
    labelToggle(app);
    map.invalidateSize({ animate: false });
  });
  byId("print").addEventListener("click", () => window.print());
  byId("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
  finder.listen(app, () => residences.render(app));
  byId("card").addEventListener("click", (event) => {
    /** @type {HTMLElement | null} */
    const row = event.target instanceof Element ? event.target.closest(`[data-testid^=${ROW}]`) : null;
    if (row) app.act.showWay(Number(row.dataset.testid?.slice(ROW.length)));
  });
}

/** Escape puts the tool away, or closes the card.
 @param {App} app */
function listenKeys(app) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (app.notes.tool) app.notes.setTool(false);
    else if (app.lab?.tool) app.lab.setTool(app.lab.tool);
    else if (!byId("card").hidden) app.act.closeCard();
  });
}

/** @param {App} app */
function listenMap(app) {
  const { map, layer, act } = app;
  map.on("click", (event) => {
    if (app.notes.tool) return app.notes.place(event.containerPoint);
    if (app.lab?.tool) return app.lab.use(layer.unitsAt(event.containerPoint));
    const hit = find(layer, event.containerPoint);
    if (hit?.kind === "home") act.openHome(hit.ix, { move: false });
    else if (hit?.kind === "venue") act.openVenue(hit.ix);
    else if (hit?.kind === "hexagon") act.zoomToHexagon(hit.ix);
    else if (hit?.kind === "comment") act.openComment(hit.ix);
    else if (hit?.kind === "site") act.openSite(hit.ix, { move: false });
    else if (hit?.kind === "cell") act.openZone(hit.ix, { move: false });
    else if (hit?.kind === "gap" || hit?.kind === "mixed") hover(app, event.containerPoint); // a tap hovers nowhere else
    else if (!hit && cardOpen(app)) act.closeCard();
  });
  // A tap sends mouse events too, after its pointer events; nothing hovers then.
  let touch = false;
  const note = (/** @type {PointerEvent} */ event) => { touch = event.pointerType === "touch"; };
  map.getContainer().addEventListener("pointerdown", note, true);
  map.getContainer().addEventListener("pointermove", note, true);
  map.on("mousemove", L.Util.throttle((/** @type {L.MouseEvent} */ event) => hover(app, touch ? null : event.containerPoint), HOVER_MS));
  map.on("mouseout zoomstart movestart", () => hover(app, null));
  let drawn = merged(layer);
  map.on("zoomend", () => {
    if (drawn === (drawn = merged(layer))) return;
    legend.render(app);
  });
}

/** The map fills its place; on narrow screens legend and footer start folded.
 @param {App} app */
function listenSize({ map }) {
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  const narrow = matchMedia("(max-width: 720px)"), foot = byId("foot-details", HTMLDetailsElement);
  const fold = () => { foot.open = !narrow.matches; };
  if (narrow.matches) byId("legend", HTMLDetailsElement).open = false;
  narrow.addEventListener("change", fold);
  addEventListener("beforeprint", () => { foot.open = true; });
  addEventListener("afterprint", fold);
  fold();
}
