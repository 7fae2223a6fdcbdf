/* The table of zones. */
import { COMPOUND } from "../engine/constants.js";
import { byId, el, fill, name } from "./dom.js";
import { heads, personsHead, zoneTitle } from "./labels.js";

const SHOWN = 100; // rows: more nobody reads here, the workbook has all

/** @typedef {{ zone: Zone, title: string, worst: { service: Service, persons: number } | null }} Row */

/** The table of the level that is shown.
 @param {App} app */
export function render(app) {
  const { model, view, say, act } = app, { zones: all, services } = model.now;
  const levels = [...new Set(all.map((zone) => zone.level))];
  byId("zones-section").hidden = !levels.length;
  if (!levels.length) return;
  const rows = all.filter((zone) => zone.level === view.level)
    .map((zone) => ({ zone, title: zoneTitle(zone, say), worst: mostMissing(zone, services) }));
  const { key, down } = view.sort;
  const value = (/** @type {Row} */ row) => ({ name: 0, persons: row.zone.persons, share: zoneShare(model, row.zone) ?? 2, worst: row.worst?.persons ?? 0 })[key];
  const byKey = (/** @type {Row} */ a, /** @type {Row} */ b) => (key === "name" ? a.title.localeCompare(b.title, say.lang) : value(a) - value(b));
  rows.sort((a, b) => byKey(a, b) * (down ? -1 : 1) || (b.worst?.persons ?? 0) - (a.worst?.persons ?? 0));
  const head = (/** @type {SortKey} */ column, /** @type {string} */ label) =>
    el("th", { scope: "col", "aria-sort": key === column ? (down ? "descending" : "ascending") : false },
      el("button", { type: "button", class: "sort", "data-testid": `sort-${column}`, on: { click: () => act.sort(column) } },
        document.createTextNode(label), el("span", { "aria-hidden": "true", text: key === column ? (down ? " ▾" : " ▴") : "" })));
  fill("zones", levels.length > 1 && levelChoice(app, levels),
    el("table", { "data-testid": "zone-table" },
      el("thead", {}, el("tr", {}, head("name", say.t("name")), head("persons", personsHead(app)),
        head("share", say.t(someBlank(model) ? "passed_share_known" : "passed_share")), head("worst", say.t("most_missing")))),
      el("tbody", {}, ...rows.slice(0, SHOWN).map((row) => tableRow(app, row)))),
    rows.length > SHOWN && el("p", { class: "hint", "data-testid": "zones-more", text: say.t("zones_more", { count: say.count(rows.length - SHOWN) }) }));
}

/** Which level of zones is shown.
 @param {App} app
 @param {string[]} levels */
function levelChoice({ view, say, act }, levels) {
  const select = el("select", { "aria-label": say.t("level"), "data-testid": "level", on: { change: (event) => act.level(event.target.value) } },
    ...levels.map((level) => el("option", { value: level, text: level === COMPOUND ? say.t("compounds") : level })));
  select.value = view.level;
  return select;
}

/** One row of the table.
 @param {App} app
 @param {Row} row */
function tableRow(app, { zone, title, worst }) {
  const { model, say, act } = app, ix = model.texts.zones.findIndex((known) => known.level === zone.level && known.id === zone.id);
  const go = ix < 0 ? name(title)
    : el("button", { type: "button", class: "link", "aria-label": say.t("zoom_to", { name: title }), on: { click: () => act.zoomToZone(ix) } }, name(title));
  return el("tr", { "data-testid": "zone-row" }, el("th", { scope: "row" }, go, complaints(app, zone)),
    el("td", { class: "number", text: heads(app, zone.persons) }),
    el("td", { class: "number", text: say.percent(zoneShare(model, zone)) }),
    el("td", {}, worst ? name(say.t("worst_missing", { service: say.of(worst.service, worst.service.id), persons: heads(app, worst.persons) }))
      : el("span", { text: "—" })));
}

/** What is said of a compound whose complaints lie outside the limits of chance.
 @param {App} app
 @param {Zone} zone */
function complaints({ model, say }, zone) {
  const row = zone.level === COMPOUND && model.texts.summary.complaints?.rows.find(({ id }) => id === zone.id);
  if (!row || !["black", "red"].includes(row.outside)) return null;
  return el("span", { class: "hint", "data-testid": "complaints", text: ` ${say.t(row.outside === "black" ? "complaints_many" : "complaints_few")}` });
}

/** Whether any service has no data.
 @param {Model} model */
const someBlank = (model) => model.now.services.some((service) => service.state === "no_data");

/** All services in time; those with data where some have none. Null where nobody was judged.
 @param {Model} model
 @param {Zone} zone */
function zoneShare(model, zone) {
  if (someBlank(model)) return zone.persons > 0 ? zone.passed_known_persons / zone.persons : null;
  return zone.persons > 0 && zone.unknown_persons >= zone.persons ? null : zone.share;
}

/** The service that most persons of a zone lack.
 @param {Zone} zone
 @param {Service[]} services */
function mostMissing(zone, services) {
  /** @type {{ service: Service, persons: number } | null} */
  let best = null;
  for (const service of services) {
    const count = zone.missing[service.id] || 0;
    if (count > 0 && (!best || count > best.persons)) best = { service, persons: count };
  }
  return best;
}
