/* Capacity: who finds it full, by service; on the cards of homes and venues, and in the legend. */
import { FULL } from "../drawing/full.js";
import { Room } from "../engine/constants.js";
import { capacityOf, fullHomes, roomOf, zonesOf } from "../engine/district.js";
import { el, fill, name, svg } from "./dom.js";
import { heads, zoneName } from "./labels.js";
import { counted, number } from "./rates.js";

/** @param {Texts} texts */
export const hasNorm = ({ summary }) => summary.capacity?.services.some(({ norm }) => norm);

/** @param {Say} say
 @param {ServiceCapacity} row */
const normText = (say, { norm, unit }) => norm && say.t("room_norm", { norm: say.plain(norm.per_1000), unit: unit && ` ${unit}`, of: say.t(`room_of_${norm.of}`), source: norm.source });

/** @param {App} app */
export function render(app) {
  const { model, say, view, act } = app, facts = model.texts.summary.capacity;
  if (!facts) return;
  const steps = facts.steps_s.map((step) => say.plain(step / 60)).join("/");
  fill("capacity",
    el("p", { class: "hint", text: say.t("room_hint", { steps }) }),
    hasNorm(model.texts) && el("label", { class: "check screen-only" },
      el("input", { type: "checkbox", checked: view.on.full, "data-testid": "full-show", on: { change: (event) => act.show("full", event.target.checked) } }),
      fullMark(), el("span", { text: say.t("room_layer") })),
    el("table", { "data-testid": "capacity-table" },
      el("thead", {}, el("tr", {}, ...["room_service", "room_full", "room_room", "room_unknown"].map((key, i) => el("th", { scope: "col", class: i > 0 && "number", text: say.t(key) })))),
      el("tbody", {}, ...facts.services.filter((row) => row.known || row.norm).flatMap((row) => serviceRows(app, row)))),
    blank(app, facts),
    ...teams(app, facts));
}

/** The services of whose venues no capacity is known.
 @param {App} app
 @param {CapacityFacts} facts */
function blank({ model, say }, facts) {
  const rows = facts.services.filter((row) => !row.known && !row.norm), { services } = model.texts.summary;
  return rows.length > 0 && el("p", { class: "hint", "data-testid": "capacity-blank" }, name(say.t("room_blank", { services: rows.map((row) => say.of(services.find(({ id }) => id === row.service), row.service)).join(say.comma) })));
}

/** Persons by whether there is room, and what the norm is; without one only what there is.
 @param {App} app
 @param {ServiceCapacity} row */
function serviceRows(app, row) {
  const { model, say, act, view } = app, k = model.texts.summary.services.findIndex(({ id }) => id === row.service), { found } = row;
  const title = say.of(model.texts.summary.services[k], row.service);
  const said = [say.t("room_known", { known: say.count(row.known), venues: say.count(row.venues) }), normText(say, row) ?? say.t("room_no_norm", { access: number(found.access), unit: row.unit && ` ${row.unit}` }),
    (found.none_persons ?? 0) > 0 && row.norm && say.t("room_none", { persons: heads(app, found.none_persons ?? 0) })].filter(Boolean);
  return [el("tr", { class: "upper" },
    el("th", { scope: "row" }, el("button", { type: "button", class: "link", "data-testid": `capacity-${k}`, "aria-pressed": String(view.colour === k), on: { click: () => act.colourBy(k) } }, name(title))),
    ...[found.full_persons, found.room_persons, found.unknown_persons].map((count, i) => el("td", { class: i ? "number" : "number strong", text: !row.norm ? "—" : count === null ? counted(say, null) : heads(app, count) }))),
  el("tr", {}, el("td", { class: "hint", colspan: 4 }, name(said.join(say.semicolon))))];
}

/** @param {App} app
 @param {CapacityFacts} facts */
function teams({ model, say }, { teams: all, level }) {
  if (!all.length) return [];
  const at = zonesOf(model.texts, level), title = (/** @type {string} */ id) => (at.has(id) ? zoneName(model, say, at.get(id) ?? -1) : id);
  return [el("h3", { text: say.t("room_teams") }), el("ul", { class: "plain", "data-testid": "teams" }, ...all.map((team) => el("li", {}, name(team.team), el("div", { class: "hint" },
    name(say.t("room_team", { staff: say.plain(team.staff), fte: say.plain(team.fte), rate: number(team.per_1000) })),
    team.low_zone && name(`${say.semicolon}${say.t("room_team_low", { zone: title(team.low_zone), rate: number(team.low_per_1000) })}`),
    team.unknown_fte > 0 && name(`${say.semicolon}${say.t("room_team_unknown", { rows: say.count(team.unknown_fte) })}`)))))];
}

/** What the row of service k on the card of home r says of room; nothing where nothing is known of it.
 @param {App} app
 @param {number} r
 @param {number} k */
export function roomNote({ model, say }, r, k) {
  const room = roomOf(model, r, k), pm = model.arrays.home_room_pm?.[r * model.services + k] ?? -1, row = capacityOf(model.texts, k);
  if (!row || room === Room.NONE_NEAR) return false;
  const key = room === Room.FULL ? "room_is_full" : room === Room.ROOM ? "room_is_room" : "room_is_unknown";
  return el("span", { class: room === Room.FULL ? "strong" : "", "data-testid": `card-room-${k}`, text: say.t(key, { access: number(pm < 0 ? null : pm / 1000), norm: say.plain(row.norm?.per_1000 ?? 0) }) });
}

/** The norms behind the notes of the card of home r, each with its source.
 @param {App} app
 @param {number} r */
export function norms({ model, say }, r) {
  const { services } = model.texts.summary, said = services.flatMap((service, k) => {
    const row = roomOf(model, r, k) === Room.NONE_NEAR ? undefined : capacityOf(model.texts, k);
    return row?.norm ? [`${say.of(service, service.id)}${say.colon}${normText(say, row)}`] : [];
  });
  return said.length > 0 && el("p", { class: "hint", "data-testid": "card-norms" }, name(`${say.t("room_title")} · ${said.join(say.semicolon)}`));
}

/** What the card of a venue says of facility f: how much it holds, and for how many.
 @param {App} app
 @param {number} f */
export function loadNote({ model, say }, f) {
  const { summary, venues } = model.texts, service = summary.services[model.arrays.venue_service[f]]?.id;
  const load = summary.capacity?.venues.find((one) => one.service === service && (one.facility_id === venues.ids[f] || one.facility_id === `${venues.ids[f]}:${service}`));
  if (!load) return false;
  return el("span", { class: "detail hint", "data-testid": "venue-load" }, el("span", { text: load.capacity === null ? say.t("room_venue_unknown", { demand: load.demand === null ? "—" : say.count(load.demand) })
    : say.t("room_venue", { capacity: say.plain(load.capacity), unit: load.unit && ` ${load.unit}`, demand: load.demand === null ? "—" : say.count(load.demand), ratio: number(load.ratio) }) }));
}

/** A home that finds it full. */
export const fullMark = () => svg("svg", { class: "swatch", viewBox: "0 0 24 18", "aria-hidden": "true" },
  svg("rect", { x: 2, y: 2, width: 20, height: 14, fill: "#2f7ebc" }), ...[3, 9, 15].map((x) => svg("path", { d: `M${x} 2 L${x + 6} 16`, stroke: "#fff", "stroke-width": 1.4 })),
  svg("rect", { x: 2, y: 2, width: 20, height: 14, fill: "none", class: "full-rim", stroke: FULL, "stroke-width": 2 }));

/** The key of the rim, with its switch; where no service with a norm is looked at nothing.
 @param {App} app */
export function fullLegend(app) {
  const { model, view, say, act } = app, full = fullHomes(model, view.colour), shown = model.lacking(view.only);
  if (!full) return false;
  let homes = 0, persons = 0;
  for (let r = 0; r < model.homes; r++) {
    if (!full[r] || (shown && !shown[r])) continue;
    homes++;
    persons += model.arrays.persons[r];
  }
  return el("label", { class: "check apart", "data-testid": "legend-full" },
    el("input", { type: "checkbox", checked: view.on.full, "data-testid": "legend-full-show", on: { change: (event) => act.show("full", event.target.checked) } }),
    fullMark(), el("span", { class: "grow", text: say.t("room_full") }), el("span", { class: "number", text: `${say.count(homes)} · ${heads(app, persons)}` }));
}
