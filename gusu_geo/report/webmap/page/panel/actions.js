/* What people can do with the panel and the cards: changes of the view, then all is shown anew. */
import { BANDS } from "../drawing/reach.js";
import { hexagons } from "../drawing/hexagons.js";
import { middle } from "../drawing/survey.js";
import { CS_PER_MIN } from "../engine/constants.js";
import { units } from "../engine/places.js";
import { around } from "../engine/reach.js";
import { way } from "../engine/ways.js";
import * as card from "./card.js";
import * as commentCard from "./comment_card.js";
import { byId } from "./dom.js";
import { hover } from "./hover.js";
import * as site from "./site.js";
import * as venue from "./venue.js";
import * as zoneCard from "./zonecard.js";

const CLOSER = 2; // zooms, by a click on a hexagon
const MARGIN_PX = 30; // around a card: a star is not seen there
const WIDE_PX = 700; // then legend and card stand beside what is shown, not on it

/** @param {App} app */
export function actions(app) {
  const { view, map, model, layer } = app, change = (/** @type {() => unknown} */ set) => { set(); app.redraw(); };
  const { arrays } = model;
  return {
    colourBy: (/** @type {number} */ k) => {
      view.colour = k;
      if (k >= 0) view.venues = new Set([k]);
      if (app.lab?.result) app.lab.judge(); // who gains depends on what is looked at
      else app.redraw();
    },
    show: (/** @type {LayerName} */ key, /** @type {boolean} */ on) => change(() => {
      view.on[key] = on;
      if (key !== "signals") return;
      view.on.homes = !on; // two scales of colours on one map nobody can read
      if (on) view.level = model.texts.summary.signals?.level ?? view.level;
    }),
    venue: (/** @type {number} */ k, /** @type {boolean} */ on) => change(() => view.venues[on ? "add" : "delete"](k)),
    venues: (/** @type {number[]} */ ks) => change(() => { view.venues = new Set(ks); }),
    level: (/** @type {string} */ level) => change(() => { view.level = level; }),
    sortTable: (/** @type {string} */ table, /** @type {string} */ key) => change(() => { view.sorts[table] = { key, down: view.sorts[table]?.key === key && !view.sorts[table].down }; }),
    sort: (/** @type {SortKey} */ key) => change(() => { view.sort = { key, down: view.sort.key === key && !view.sort.down }; }),
    only: (/** @type {number} */ k) => change(() => { view.only = k; }),
    hexagons: (/** @type {boolean} */ on) => change(() => { view.hexagons = on; }),
    zoomToHexagon: (/** @type {number} */ c) => {
      const { set } = hexagons(layer);
      map.setView(layer.latLng(set.x[c], set.y[c]), map.getZoom() + CLOSER);
    },
    zoomToZone: (/** @type {number} */ i) => { map.fitBounds(zoneBounds(app, i), { padding: [24, 24], maxZoom: 18 }); },
    showZone: (/** @type {number} */ i) => outline(app, { set: "zone", ixs: [i] }, zoneBounds(app, i)),
    showCompound: (/** @type {number} */ i) => outline(app, { set: "compound", ixs: [i] }, layer.bounds("compound", i)),
    showNamed: (/** @type {number[]} */ pieces, /** @type {readonly [number, number, number, number]} */ [west, south, east, north]) =>
      outline(app, { set: "named", ixs: pieces }, L.latLngBounds(layer.latLng(west, south), layer.latLng(east, north))),
    clearFound: () => {
      view.found = null;
      layer.refresh();
    },
    goToVenue: (/** @type {number} */ f) => {
      map.setView(layer.latLng(arrays.venue_x[f], arrays.venue_y[f]), Math.max(map.getZoom(), 17), { animate: false });
      openVenue(app, f);
    },
    openSite: (/** @type {number} */ i, { move = true } = {}) => openSite(app, i, move),
    zoomToGap: (/** @type {number} */ i) => change(() => {
      view.on.gaps = true;
      map.setView(layer.latLng(...middle(model, i)), Math.max(map.getZoom(), 17), { animate: false });
    }),
    openZone: (/** @type {number} */ i, { move = true } = {}) => openZone(app, i, move),
    showZones: (/** @type {number[]} */ ixs) => change(() => {
      const bounds = zoneBounds(app, ixs[0]);
      for (const i of ixs) bounds.extend(zoneBounds(app, i));
      map.fitBounds(bounds, { animate: false, padding: [40, 40], maxZoom: 17 });
    }),
    openHome: (/** @type {number} */ r, { move = true } = {}) => openHome(app, r, move),
    openVenue: (/** @type {number} */ f) => openVenue(app, f),
    openComment: (/** @type {number} */ i) => openComment(app, i),
    goToComment: (/** @type {number} */ i) => {
      map.setView(layer.latLng(...units(model.texts.grid, app.notes.list[i].at)), Math.max(map.getZoom(), 16), { animate: false });
      openComment(app, i);
    },
    showWay: (/** @type {number} */ k) => change(() => showWay(app, k)),
    showAround: () => change(() => showAround(app)),
    closeCard: () => closeCard(app),
  };
}

/** Draws round what a search found, and goes there: all of it is in view, beside legend and card.
 @param {App} app
 @param {NonNullable<View["found"]>} found
 @param {L.LatLngBounds} bounds */
function outline({ view, map, layer }, found, bounds) {
  view.found = found;
  const wide = map.getSize().x > WIDE_PX;
  map.fitBounds(bounds, { animate: false, maxZoom: 18, paddingTopLeft: [wide ? 290 : 24, 60], paddingBottomRight: [40, 40] });
  layer.refresh();
}

/** Where a zone lies; one that nobody drew is where its homes are.
 @param {App} app
 @param {number} i */
function zoneBounds({ model, layer }, i) {
  const { zone } = layer.shapes;
  if (zone.ring[i + 1] > zone.ring[i]) return layer.bounds("zone", i);
  const { home_zone } = model.arrays, levels = home_zone.length / model.homes, places = [];
  for (let at = 0; at < home_zone.length; at++) if (home_zone[at] === i) places.push(layer.homeLatLng(Math.floor(at / levels)));
  return L.latLngBounds(places);
}

/** @param {App} app
 @param {number} r
 @param {boolean} move whether the map goes there */
function openHome(app, r, move) {
  const { view, model, map, layer } = app;
  if (!cardOpen(app)) app.before = document.activeElement;
  app.notes.shut();
  Object.assign(view, { open: r, venue: -1, site: -1, zone: -1, way: null, around: null, near: new Set() });
  for (let k = 0; k < model.services; k++) view.near.add(model.cell(r, k).venue);
  card.render(app, r);
  showCard(app);
  byId("card").scrollTop = 0;
  if (move) map.setView(layer.homeLatLng(r), Math.max(map.getZoom(), 16.5), { animate: false });
  layer.refresh();
}

/** The card of a venue: what it offers, and what if it closed or moved.
 @param {App} app
 @param {number} f */
function openVenue(app, f) {
  const { view, layer } = app;
  if (!cardOpen(app)) app.before = document.activeElement;
  app.notes.shut();
  Object.assign(view, { open: -1, venue: f, site: -1, zone: -1, near: new Set([f]) });
  venue.render(app, f);
  showCard(app);
  layer.refresh();
}

/** The card of a zone: its signals, and the bodies paired with it.
 @param {App} app
 @param {number} i
 @param {boolean} move whether the map goes there */
function openZone(app, i, move) {
  const { view, map, layer } = app;
  if (!cardOpen(app)) app.before = document.activeElement;
  app.notes.shut();
  Object.assign(view, { open: -1, venue: -1, site: -1, zone: i, way: null, around: null, near: new Set() });
  zoneCard.render(app, i);
  showCard(app);
  byId("card").scrollTop = 0;
  const wide = map.getSize().x > WIDE_PX;
  if (move) map.fitBounds(zoneBounds(app, i), { animate: false, maxZoom: 16, paddingTopLeft: [wide ? 290 : 24, 60], paddingBottomRight: [wide ? 390 : 24, wide ? 40 : 300] });
  layer.refresh();
}

/** The card of a comment: what it says, to read and to change.
 @param {App} app
 @param {number} i */
function openComment(app, i) {
  const { view, notes } = app, fresh = i >= notes.list.length ? notes.draft : null;
  if (!cardOpen(app)) app.before = document.activeElement;
  notes.shut();
  notes.draft = fresh;
  Object.assign(view, { open: -1, venue: -1, site: -1, zone: -1, way: null, around: null, near: new Set() });
  notes.show(i);
  commentCard.card(app);
  showCard(app);
  byId("comment-text").focus({ preventScroll: true });
  app.layer.refresh();
}

/** The card of a site of the plan.
 @param {App} app
 @param {number} i
 @param {boolean} move whether the map goes there, if it is out of sight or under the card */
function openSite(app, i, move) {
  const { view, map, layer, model } = app, at = layer.latLng(model.arrays.site_x[i], model.arrays.site_y[i]);
  if (!cardOpen(app)) app.before = document.activeElement;
  app.notes.shut();
  Object.assign(view, { open: -1, venue: -1, site: i, zone: -1, way: null, around: null, near: new Set() });
  view.on.sites = true;
  site.render(app, i);
  showCard(app);
  const place = map.latLngToContainerPoint(at), size = map.getSize(), card = byId("card");
  const seen = place.x > 0 && place.y > 0 && place.x < size.x && place.y < size.y;
  const under = place.x > card.offsetLeft - MARGIN_PX - map.getContainer().offsetLeft && place.y < card.offsetHeight + MARGIN_PX;
  if (move && (!seen || under)) map.setView(at, map.getZoom(), { animate: false });
  layer.refresh();
}

/** Whether any card is open.
 @param {App} app */
export const cardOpen = ({ view, notes }) => view.open >= 0 || view.venue >= 0 || view.site >= 0 || view.zone >= 0 || notes.open >= 0;

/** @param {App} app */
function showCard(app) {
  const box = byId("card");
  box.hidden = false;
  hover(app, null); // the card says more
  box.focus({ preventScroll: true });
}

/** @param {App} app */
function closeCard(app) {
  Object.assign(app.view, { open: -1, venue: -1, site: -1, zone: -1, way: null, around: null, near: new Set() });
  app.notes.shut();
  byId("card").hidden = true;
  if (app.before instanceof HTMLElement && app.before.isConnected) app.before.focus({ preventScroll: true });
  app.layer.refresh();
}

/** How far the people of the card's home come in 5, 10 and 15 minutes; once more takes it away.
 @param {App} app */
function showAround({ view, lab, card: renderCard }) {
  const r = view.open, again = view.around?.r === r, limits = BANDS.map(([, minutes]) => CS_PER_MIN * minutes);
  view.around = again || !lab || r < 0 ? null : { r, bands: around(lab.engine, lab.result ?? lab.before, r, limits) };
  renderCard();
}

/** The way from the home of the card to the venue of service k; once more takes it away.
 @param {App} app
 @param {number} k */
function showWay({ view, lab, model, map, layer }, k) {
  const { arrays } = model, r = view.open, again = view.way?.k === k && view.way.r === r;
  view.way = null;
  if (again || !lab || r < 0) return;
  const result = lab.result ?? lab.before, points = way(lab.engine, result, r, k);
  if (!points?.length) return;
  const f = model.cell(r, k).venue, placed = result.added.some((one) => one.f === f);
  view.way = { k, r, points, home: [arrays.home_x[r], arrays.home_y[r]], venue: placed ? null : [arrays.venue_x[f], arrays.venue_y[f]] };
  const wide = map.getSize().x > WIDE_PX, bounds = L.latLngBounds(points.map((point) => layer.latLng(...point)));
  map.fitBounds(bounds, { animate: false, maxZoom: 17, paddingTopLeft: [wide ? 290 : 24, 60], paddingBottomRight: [wide ? 390 : 24, wide ? 40 : 300] });
}
