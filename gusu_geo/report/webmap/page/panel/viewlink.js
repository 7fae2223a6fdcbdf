/* The view in the address: kept as one goes on, given to others as a link or as text, and read back. */
import { GROUPS } from "../engine/constants.js";
import { asIs } from "../engine/engine.js";
import { units } from "../engine/places.js";
import { ViewFault, readView, viewText } from "../engine/viewtext.js";
import { byId } from "./dom.js";
import { setLang } from "./language.js";

const SETTLED_MS = 400; // browsers count how often an address is written
const ROOM = 5; // a map may be looked at so many widths of its area away
const OURS = "#view=";

/** @param {App} app */
const base = ({ lab, model }) => lab?.asIs ?? asIs(model.texts);

/** The view as text.
 @param {App} app */
export function text(app) {
  const { map, view, model, say, lab } = app, { lng, lat } = map.getCenter();
  return viewText({ at: [lng, lat], zoom: map.getZoom(), colour: view.colour, only: view.only, group: model.group, lang: say.lang, asked: lab?.history.now ?? base(app) }, model.texts, base(app));
}

/** Shows the view of a text; of a bad one nothing, and false. Throws nothing.
 @param {App} app
 @param {string} text */
export function show(app, text) {
  const { map, layer, view, model, lab, say } = app, trouble = byId("view-trouble");
  try {
    const bounds = layer.bounds("area", 0);
    for (let i = 1; i < layer.shapes.area.count; i++) bounds.extend(layer.bounds("area", i));
    const room = bounds.pad(ROOM);
    const found = readView(text, model.texts, base(app), { zoom: [map.getMinZoom(), map.getMaxZoom()], west: room.getWest(), south: room.getSouth(), east: room.getEast(), north: room.getNorth() },
      lab ? GROUPS.filter((group) => group in model.arrays) : []);
    const other = /** @type {(keyof typeof found.asked)[]} */ (Object.keys(found.asked)).some((key) => found.asked[key] !== (lab?.history.now ?? base(app))[key]);
    if (other && !lab) throw new ViewFault("view_off");
    trouble.hidden = true;
    Object.assign(view, { colour: found.colour, only: found.only, venues: found.colour >= 0 ? new Set([found.colour]) : view.venues });
    if (lab && found.group !== model.group) model.ofGroup(found.group, () => lab.before);
    map.setView(layer.latLng(...units(model.texts.grid, found.at)), found.zoom, { animate: false });
    if (other && lab) lab.change(found.asked);
    else if (lab?.result) lab.judge(); // who gains depends on what is looked at
    if (found.lang !== say.lang) setLang(app, found.lang);
    else app.redraw();
    return true;
  } catch (error) {
    if (!(error instanceof ViewFault)) throw error;
    trouble.textContent = `${say.t("view_bad")}${say.colon}${say.t(error.key, error.values)}`;
    trouble.hidden = false;
    open(app, true);
    return false;
  }
}

/** Opens or closes the box below the title.
 @param {App} app
 @param {boolean} on */
function open(app, on) {
  byId("view-box").hidden = !on;
  byId("view-link").setAttribute("aria-expanded", String(on));
  if (on) write(app);
}

/** What can be copied: the whole address on a server; of a file, whose folders are nobody's business, the view alone.
 @param {App} app */
const shared = (app) => `${location.protocol.startsWith("http") ? location.href.split("#")[0] : ""}#${text(app)}`;

/** The text of the box.
 @param {App} app */
function write(app) {
  byId("view-text", HTMLInputElement).value = shared(app);
}

/** Keeps the view in the address from now on, and shows the one that stands there.
 @param {App} app */
export function listen(app) {
  let timer = 0;
  const keep = () => {
    if (location.hash && !location.hash.startsWith(OURS)) return; // of somebody else
    try {
      history.replaceState(history.state, "", `#${text(app)}`);
    } catch {} // in the frame of a notebook there is no address
    if (!byId("view-box").hidden) write(app);
  };
  app.viewed = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, SETTLED_MS);
  };
  app.map.on("moveend", app.viewed);
  addEventListener("hashchange", () => { if (location.hash.startsWith(OURS)) show(app, location.hash); });
  if (location.hash.startsWith(OURS)) show(app, location.hash);
  byId("view-link").addEventListener("click", () => open(app, Boolean(byId("view-box").hidden)));
  byId("view-copy").addEventListener("click", () => copy(app));
  const box = byId("view-paste", HTMLInputElement);
  const pasted = () => {
    const shown = show(app, box.value);
    if (shown) box.value = "";
    byId("view-said").textContent = shown ? app.say.t("view_shown") : "";
  };
  byId("view-show").addEventListener("click", pasted);
  box.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) pasted(); });
}

/** Into the clipboard; where that is not allowed the text is marked, to be copied by keys.
 @param {App} app */
async function copy(app) {
  const box = byId("view-text", HTMLInputElement), said = byId("view-said");
  write(app);
  box.select();
  try {
    await navigator.clipboard.writeText(box.value);
    said.textContent = app.say.t("view_copied");
  } catch {
    said.textContent = app.say.t(document.execCommand("copy") ? "view_copied" : "view_copy_keys");
  }
}
