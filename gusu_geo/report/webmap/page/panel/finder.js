/* Search and filter: homes, venues and zones by name, id, pinyin or its initials. */
import { matcher } from "../engine/search.js";
import { el, fill, name } from "./dom.js";
import { zoneRow } from "./labels.js";

const SHOWN = 8;

/** Venues and zones that fit, as a list that leads to them; nothing without a search.
 @param {App} app */
export function places(app) {
  const { model, view, say, act } = app, { venues, zones, summary } = model.texts;
  /** @type {{ title: string, kind: string, go: () => void }[]} */
  const items = [];
  if (view.query.trim()) {
    const titles = zones.map((zone, i) => {
      const row = zoneRow(model, i);
      return row ? `${row.name} ${row.name_zh} ${row.name_en}` : zone.id;
    });
    const inZones = matcher(view.query, titles, model.texts.zones_spelled), inVenues = matcher(view.query, venues.ids, venues.names, venues.spelled);
    zones.forEach((_, i) => { if (inZones(i)) items.push({ title: view.zoneName(i), kind: say.t("zone"), go: () => act.zoomToZone(i) }); });
    for (let f = 0; f < model.facilities && items.length < SHOWN; f++) {
      const service = summary.services[model.arrays.venue_service[f]];
      if (inVenues(f)) items.push({ title: venues.names[f] || venues.ids[f], kind: say.of(service, service.id), go: () => act.goToVenue(f) });
    }
  }
  fill("found", ...items.slice(0, SHOWN).map(({ title, kind, go }, i) =>
    el("li", {}, el("button", { type: "button", class: "link", "data-testid": `found-${i}`, on: { click: go } }, name(title)), el("span", { class: "hint" }, name(` ${kind}`)))));
}

/** "Only those missing ...": homes of the list and of the map.
 @param {App} app */
export function filter(app) {
  const { model, view, say, act } = app;
  const select = el("select", { id: "only", "data-testid": "only", on: { change: (event) => act.only(Number(event.target.value)) } },
    el("option", { value: "-1", text: say.t("only_all") }),
    ...model.texts.summary.services.map((service, k) => el("option", { value: String(k), text: say.t("only_missing", { service: say.of(service, service.id).slice(0, 60) }) })));
  select.value = String(view.only);
  fill("filter", el("label", { for: "only", class: "hint", text: say.t("only") }), select);
}
