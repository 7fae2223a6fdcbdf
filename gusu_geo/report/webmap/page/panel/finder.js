/* Search and filter: streets, parks, stations, zones, compounds, venues and homes by name, id, pinyin or its initials. */
import { COMPOUND } from "../engine/constants.js";
import { search } from "../engine/finder.js";
import { placesOf } from "../engine/named.js";
import { byId, el, fill, name } from "./dom.js";
import { zoneRow } from "./labels.js";
import { badge, kindMark } from "./marks.js";

/** @typedef {import("../engine/finder.js").Source} Source */
/** @typedef {import("../engine/finder.js").Found} Found */

/** What a map can find, made when first asked for.
 @type {WeakMap<Model, Source[]>} */
const made = new WeakMap();

/** Every kind of place is one entry of this list.
 @param {App} app
 @returns {Source[]} */
function sources(app) {
  const { model, act } = app, { arrays, texts } = model, { zones, outlines, venues, homes } = texts;
  const known = made.get(model);
  if (known) return known;
  const rows = zones.map((_, i) => zoneRow(model, i));
  const drawn = new Set(zones.filter((zone) => zone.level === COMPOUND).map((zone) => zone.id));
  const zonesOf = (/** @type {boolean} */ housing) => zones.flatMap((zone, i) => ((zone.level === COMPOUND) === housing ? [i] : []));
  /** @type {(kind: "zone" | "compound", at: number[]) => Source} */
  const ofZones = (kind, at) => ({ kind, count: at.length, spelled: at.map((i) => texts.zones_spelled[i]),
    name: (i) => rows[at[i]]?.name || zones[at[i]].id, other: (i) => `${rows[at[i]]?.name_zh ?? ""}\n${rows[at[i]]?.name_en ?? ""}\n${zones[at[i]].id}`,
    title: (i) => app.view.zoneName(at[i]), weight: (i) => rows[at[i]]?.persons ?? 0, go: (i) => act.showZone(at[i]) });
  const empty = outlines.ids.flatMap((id, i) => (drawn.has(id) ? [] : [i])); // compounds without homes are no zones
  const first = new Map(venues.ids.slice(0, arrays.venue_x.length).map((id, f) => /** @type {[string, number]} */ ([id, f])).reverse()), at = [...first.values()].sort((a, b) => a - b);
  /** @type {Source[]} */
  const all = [
    ...ofNames(app),
    ofZones("zone", zonesOf(false)),
    ofZones("compound", zonesOf(true)),
    { kind: "compound", count: empty.length, name: (i) => outlines.names[empty[i]] || outlines.ids[empty[i]], other: (i) => outlines.ids[empty[i]],
      spelled: empty.map((i) => outlines.spelled[i] ?? ""), go: (i) => act.showCompound(empty[i]) },
    { kind: "venue", count: at.length, name: (i) => venues.names[at[i]] || venues.ids[at[i]], other: (i) => venues.ids[at[i]],
      spelled: at.map((f) => venues.spelled[f] ?? ""), service: (i) => arrays.venue_service[at[i]], go: (i) => act.goToVenue(at[i]) },
    { kind: "home", count: model.homes, name: (i) => homes.names[i] || homes.ids[i], other: (i) => homes.ids[i], spelled: homes.spelled,
      weight: (i) => model.everybody[i], go: (i) => act.openHome(i) },
  ];
  made.set(model, all);
  return all;
}

/** What the map names, by kind.
 @param {App} app
 @returns {Source[]} */
function ofNames(app) {
  const { model, layer, act } = app, { labels, grid } = model.texts, { names, spelled } = labels;
  const all = placesOf(layer.named, model.arrays, grid.unit_m), kinds = [...new Set(all.map(({ kind }) => kind))];
  return kinds.map((kind) => ({ kind, found: all.filter((one) => one.kind === kind) })).map(({ kind, found }) => ({ kind, count: found.length, spelled: found.map(({ name }) => spelled[name] ?? ""),
    name: (i) => names[found[i].name], other: (i) => `${labels.zh[found[i].name] ?? ""}\n${labels.en[found[i].name] ?? ""}`,
    title: (i) => labels[app.say.lang][found[i].name] ?? names[found[i].name], weight: (i) => found[i].size, go: (i) => act.showNamed(found[i].pieces, found[i].extent) }));
}

/** What fits the search, by kind, as a list that leads there; nothing without a search.
 @param {App} app */
export function places(app) {
  const { view, say } = app, asked = view.query.trim() !== ""; // a city takes a moment to list: not before somebody asks
  const list = asked ? sources(app) : [], groups = search(view.query, list), box = byId("search", HTMLInputElement);
  view.results = groups.flatMap(({ items }) => items.map(({ source, ix }) => () => list[source].go(ix)));
  view.pick = Math.min(view.pick, Math.max(view.results.length - 1, 0));
  let at = 0;
  fill("found", ...groups.map(({ kind, items }) => el("div", { role: "group", "aria-label": say.t(`kind_${kind}`) },
    el("div", { class: "kind", "aria-hidden": "true" }, kindMark(kind), el("span", { text: say.t(`kind_${kind}`) })),
    ...items.map((found) => option(app, found, at++)))));
  byId("found").hidden = !view.results.length;
  box.setAttribute("aria-expanded", String(view.results.length > 0));
  if (view.results.length) box.setAttribute("aria-activedescendant", `found-${view.pick}`);
  else box.removeAttribute("aria-activedescendant");
}

/** @param {App} app
 @param {Found} found
 @param {number} at */
function option(app, { kind, source, ix, name: title }, at) {
  const { model, view, say } = app, from = sources(app)[source], k = from.service?.(ix) ?? -1, id = from.other?.(ix) ?? "", service = model.texts.summary.services[k];
  return el("div", { role: "option", id: `found-${at}`, "data-testid": `found-${at}`, "data-kind": kind, "aria-selected": String(at === view.pick),
    on: { click: () => choose(app, at), mousedown: (event) => event.preventDefault() } },
    service && badge(k), name(from.title?.(ix) ?? title),
    service && el("span", { class: "hint" }, name(say.of(service, service.id))),
    kind === "home" && title !== id && el("span", { class: "hint" }, name(id)));
}

/** @param {App} app
 @param {number} at */
function choose(app, at) {
  app.view.pick = at;
  places(app);
  app.view.results[at]?.();
}

/** Enter takes the first of the list or the one that arrow keys chose; Escape empties the search.
 @param {App} app
 @param {() => void} changed called when the search is another */
export function listen(app, changed) {
  const { view } = app, box = byId("search", HTMLInputElement);
  const typed = () => {
    view.query = box.value;
    view.pick = 0;
    if (!box.value.trim()) app.act.clearFound();
    changed();
  };
  box.addEventListener("input", typed);
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], count = view.results.length;
    if (event.isComposing || !count) return; // Enter ends the spelling of a Chinese word first
    if (step) {
      event.preventDefault();
      view.pick = (view.pick + step + count) % count;
      places(app);
      document.getElementById(`found-${view.pick}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(app, view.pick);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      box.value = "";
      typed();
    }
  });
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
