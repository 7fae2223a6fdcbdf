/* The start: reads the blocks of the page and joins map, layer, panel and cards. */
import { ReviewLayer } from "../drawing/layer.js";
import { edited } from "../engine/edits.js";
import { BY_MISSING, Model } from "../engine/model.js";
import { unpack } from "../engine/packed.js";
import { lonLat, spot } from "../engine/places.js";
import { around } from "../engine/reach.js";
import { trips } from "../engine/streets.js";
import { totals } from "../engine/totals.js";
import { actions } from "./actions.js";
import * as card from "./card.js";
import * as basemap from "./basemap.js";
import * as changes from "./changes.js";
import * as commentCard from "./comment_card.js";
import { Comments } from "./comments.js";
import * as district from "./district.js";
import { byId, el, keepFocus, speaker, svg } from "./dom.js";
import { count } from "./histogram.js";
import { zoneName } from "./labels.js";
import { setLang } from "./language.js";
import * as legend from "./legend.js";
import { listen } from "./listening.js";
import { markOlder } from "./older.js";
import * as panel from "./panel.js";
import { gainOf } from "./plan.js";
import * as sections from "./sections.js";
import * as site from "./site.js";
import * as toolbar from "./toolbar.js";
import * as viewlink from "./viewlink.js";
import * as venue from "./venue.js";
import { whatIf } from "./whatif.js";
import * as zoneCard from "./zonecard.js";

/** @param {string} id */
const block = (id) => byId(id).textContent ?? "";

/** Shows the page on the folium map; gusu.ready and html[data-ready] say when it is done.
 @param {L.Map} map */
export async function start(map) {
  const root = document.documentElement;
  /** For tests and for whoever looks into the page.
   @type {any} */
  const handle = { ready: false };
  Object.assign(globalThis, { gusu: handle });
  if (root.dataset.old) return; // guard.js says why
  /** @type {Texts} */
  const texts = JSON.parse(block("gusu-texts"));
  try {
    const app = wire(map, new Model(await unpack(block("gusu-arrays")), texts));
    Object.assign(handle, hooks(app), { ready: true });
    root.dataset.ready = "true";
    if (app.lab) inIdleTime(app.lab.prepare());
  } catch (error) {
    const trouble = byId("trouble");
    trouble.textContent = texts.strings.trouble[texts.lang] + (error instanceof Error ? error.message : String(error));
    trouble.hidden = false;
    throw error;
  }
}

/** One step whenever nothing else is to be done.
 @param {Iterator<unknown>} steps */
function inIdleTime(steps) {
  const idle = globalThis.requestIdleCallback ?? setTimeout; // Safari knows no idle callback
  const step = () => { if (!steps.next().done) idle(step); };
  idle(step);
}

/** @param {Texts} texts
 @returns {View} */
function firstView(texts) {
  return {
    on: { homes: true, zones: true, area: true, streets: true, ground: true, sites: true, gaps: false, bare: true, reach: true, barriers: false, mixed: true, names: true, signals: false, full: true },
    venues: new Set(), near: new Set(), colour: BY_MISSING, open: -1, venue: -1, site: -1, zone: -1, way: null, around: null, query: "", results: [], pick: 0, found: null, only: -1, hexagons: true,
    level: (texts.summary.zones[texts.summary.zones.length - 1] ?? texts.compounds[0])?.level ?? "",
    sort: { key: "worst", down: true }, // where most persons lack something first
    sorts: {}, sections: new Set(), zoneName: () => "", siteGain: () => "",
    lang: texts.lang,
  };
}

/** @param {L.Map} map
 @param {Model} model
 @returns {App} */
function wire(map, model) {
  const { texts } = model, view = firstView(texts), layer = new ReviewLayer(model, view);
  markOlder();
  district.place(texts);
  map.attributionControl.setPrefix("Leaflet");
  const invented = byId("invented");
  invented.hidden = !texts.summary.invented; // the words follow the language: data-text
  if (invented.hidden) map.attributionControl.addAttribution("© OpenStreetMap contributors (ODbL)");
  const zoom = L.control.zoom({ position: "topleft" }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }).addTo(map);
  north(map);
  const app = /** @type {App} */ ({ model, view, layer, map, zoom, say: speaker(texts.strings, texts.lang), lab: null, drag: null, before: null });
  app.redraw = (how) => redraw(app, how);
  app.card = () => {
    if (view.open >= 0) card.render(app, view.open);
    if (view.venue >= 0) venue.render(app, view.venue);
    if (view.site >= 0) site.render(app, view.site);
    if (view.zone >= 0) zoneCard.render(app, view.zone);
    if (app.notes.open >= 0) commentCard.card(app);
  };
  app.tools = () => toolbar.render(app);
  app.changes = () => changes.render(app);
  app.act = actions(app);
  view.zoneName = (i) => zoneName(model, app.say, i);
  view.siteGain = (i) => gainOf(app, i);
  app.lab = layer.lab = whatIf(app);
  app.viewed = () => undefined; // until the address is listened to
  app.notes = layer.notes = new Comments(app);
  toolbar.addZoomAll(app);
  setLang(app, texts.lang); // the words first: they decide how much room the map has, and it is painted once
  map.invalidateSize({ animate: false });
  toolbar.zoomToAll(app);
  layer.addTo(map);
  legend.render(app); // whether homes are hexagons is known with the zoom
  listen(app);
  basemap.offer(app);
  if (texts.scenario) app.notes.load(JSON.stringify(texts.scenario), true);
  viewlink.listen(app);
  return app;
}

/** An arrow above the scale: north is up, on screen and paper.
 @param {L.Map} map */
function north(map) {
  const arrow = svg("svg", { viewBox: "0 0 14 20", width: 14, height: 20, "aria-hidden": "true" }, svg("path", { d: "M7 1 13 18 7 14 1 18z", fill: "currentColor" }));
  map.getContainer().querySelector(".leaflet-bottom.leaflet-right")?.prepend(el("div", { class: "leaflet-control north", "data-testid": "north" }, el("span", { "data-text": "north" }), arrow));
}

/** Panel and map after a change of the view; the focus stays where it was.
 @param {App} app
 @param {{ light?: boolean }} [how] */
function redraw(app, how) {
  const refocus = keepFocus();
  panel.render(app, how);
  if (!how?.light) app.tools();
  refocus();
  app.viewed();
  app.layer.refresh();
}

/** What tests and other scripts may call.
 @param {App} app */
function hooks(app) {
  const { model, act, layer, map, lab, notes } = app, row = (/** @type {string} */ id) => model.texts.homes.ids.indexOf(id);
  return {
    model, lab, notes, layer, map, act,
    openCard: (/** @type {string} */ id) => act.openHome(row(id)),
    closeCard: act.closeCard,
    openSection: (/** @type {string} */ one) => sections.open(app, one),
    setLang: (/** @type {Lang} */ lang) => setLang(app, lang),
    colourBy: act.colourBy,
    lang: () => app.say.lang,
    change: (/** @type {Partial<Settings>} */ part) => lab?.change(part),
    view: () => viewlink.text(app),
    showView: (/** @type {string} */ text) => viewlink.show(app, text),
    load: (/** @type {string} */ text) => notes.load(text),
    pixelOf: (/** @type {string} */ id) => map.latLngToContainerPoint(layer.homeLatLng(row(id))),
    pixelOfPlace: (/** @type {On} */ on) => lab && map.latLngToContainerPoint(layer.latLng(...spot(lab.engine.g, on))),
    parts: { around, count, edited, lonLat, spot, totals, trips },
  };
}
