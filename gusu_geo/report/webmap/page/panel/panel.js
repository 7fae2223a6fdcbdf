/* The panel and the footer. Every part is rebuilt when the language changes. */
import { CS_PER_MIN } from "../engine/constants.js";
import { findHomes, firstOf } from "../engine/search.js";
import * as commentCard from "./comment_card.js";
import { byId, el, fill, name } from "./dom.js";
import * as finder from "./finder.js";
import * as gaps from "./gaps.js";
import * as histogram from "./histogram.js";
import { counted, heads as shownHeads, persons, personsHead } from "./labels.js";
import * as legend from "./legend.js";
import { badge, linkMark, mixedMark } from "./marks.js";
import * as tiers from "./tiers.js";
import * as zones from "./zones.js";

/** @typedef {import("./dom.js").Child} Child */

/** @type {LayerName[]} */
const LAYERS = ["homes", "zones", "area", "streets", "ground", "names", "reach", "barriers", "mixed", "sites", "gaps"];
const HOMES_SHOWN = 50;

/** Everything but the card.
 @param {App} app
 @param {{ light?: boolean }} how */
export function render(app, { light = false } = {}) {
  figures(app);
  coverage(app);
  histogram.render(app);
  legend.render(app);
  app.changes();
  commentCard.list(app);
  if (light) return; // something is dragged: the rest waits until it is dropped
  heading(app);
  tiers.render(app);
  plan(app);
  gaps.list(app);
  layers(app);
  zones.render(app);
  homes(app);
  about(app);
  footer(app);
}

/** Title, rule, limit and reading; and all texts that page.html leaves open.
 @param {App} app */
function heading({ model, say }) {
  const { summary } = model.texts;
  const title = say.of(summary.title, summary.study);
  document.title = title;
  fill("title", name(title));
  fill("subtitle", name(say.of(summary.rule.title, summary.rule.pack)),
    document.createTextNode(` · ${say.t("minutes", { minutes: limits({ model, say }) })} · ${say.t(`mode_${model.shown?.settings.mode ?? summary.rule.mode}`)}`));
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = say.t(part.getAttribute("data-text") ?? "");
}

/** The threshold in minutes, or the span of thresholds.
 @param {Pick<App, "model" | "say">} app */
function limits({ model, say }) {
  const limits = model.shown ? model.shown.parts.map((part) => part.limits) : model.usual;
  const all = limits.flat().filter((cs) => cs >= 0).map((cs) => cs / CS_PER_MIN);
  const [low, high] = [Math.min(...all), Math.max(...all)].map(say.plain);
  return low === high ? low : `${low}–${high}`;
}

/** The key figures, and by how much they changed.
 @param {App} app */
function figures(app) {
  const { model, say } = app, { summary } = model.texts, { now, was } = model;
  const blank = model.services - now.known_services, few = blank > 0 ? say.t("without_data", { count: blank }) : "";
  // Where no share is known none is shown; where some could not be judged, it is a lower bound.
  const { persons: heads } = now, { persons: unjudged } = now.unknown;
  const most = Math.min((now.passed.persons + unjudged) / heads, 1);
  const notes = [few,
    unjudged > 0 && unjudged < heads && say.t("up_to", { share: say.percent(most) })].filter(Boolean);
  /** @type {(id: string, value: string, label: string, turn: Child, note?: string) => Node} */
  const tile = (id, value, label, turn, note) =>
    el("div", { class: "tile", "data-testid": `figure-${id}` },
      el("div", { class: now.undetermined && id === "passed" ? "value words" : "value", text: value }, turn),
      el("div", { class: "label", text: label }),
      note && el("div", { class: "hint", text: note }));
  const turn = (/** @type {"passed" | "known" | "unknown"} */ key) => was && turned(was[key].share, now[key].share, (by) => (100 * by).toFixed(1), say.t("points"));
  fill("figures",
    tile("passed", now.undetermined ? say.t("cannot_tell") : say.percent(now.passed.share),
      say.t("all_services"), !now.undetermined && !was?.undetermined && turn("passed"), notes.join(say.semicolon)),
    tile("known", say.percent(now.known.share), say.t("known_services"), turn("known")),
    tile("unknown", say.percent(now.unknown.share), say.t("unknown_share"), turn("unknown")),
    tile("mean", now.mean === null ? "—" : `${now.mean.toFixed(1)} / ${now.known_services}`, say.t("mean_services"),
      was && turned(was.mean, now.mean, (by) => by.toFixed(2), ""), few),
    summary.residences.ledger === 0 && tile("assumed", say.percent(summary.assumed.share), say.t("assumed_homes"), false,
      say.t("assumed_hint", { homes: say.count(summary.assumed.residences) })),
    el("p", { class: "wide", "data-testid": "figure-persons",
      text: `${model.group ? `${say.t(`group_${model.group}`)} ` : ""}${persons(app, now.persons)} · ${say.t("residence_count", { count: say.count(summary.residences.total) })}` }));
}

/** By how much a figure changed, beside it; nothing where it did not, as it is shown.
 @param {number | null} was
 @param {number | null} is
 @param {(by: number) => string} digits
 @param {string} unit */
function turned(was, is, digits, unit) {
  if (was === null || is === null || digits(Math.abs(is - was)) === digits(0)) return false;
  return el("span", { class: `turned ${is > was ? "up" : "down"}`, text: ` ${is > was ? "+" : "−"}${digits(Math.abs(is - was))}${unit}` });
}

/** Bars by service, the worst first.
 @param {App} app */
function coverage(app) {
  const { model, view, say, act } = app;
  const order = model.now.services.map((service, k) => ({ service, k })), was = model.was?.services;
  const rank = (/** @type {{ service: Service }} */ { service }) => (service.state === "no_data" ? 2 : service.share ?? 1.5);
  order.sort((a, b) => rank(a) - rank(b) || a.k - b.k);
  fill("coverage", ...order.map(({ service, k }) => {
    const known = service.state === "known";
    const bar = el("span", { class: known ? "bar" : "bar no-data" });
    if (known) bar.append(...fillTo(service.share, was ? was[k].share ?? 0 : service.share));
    return el("button", { type: "button", class: "service", "data-testid": `service-${k}`, "data-service": service.id,
      "aria-pressed": String(view.colour === k), on: { click: () => act.colourBy(view.colour === k ? -1 : k) } },
      badge(k), name(say.of(service, service.id)), bar,
      el("span", { class: known ? "figure" : "figure words", text: known ? say.percent(service.share) : say.t("no_data") }));
  }));
}

/** The bar as far as it goes, and what changed in another colour: gained, or lost beyond its end.
 @param {number | null} share
 @param {number | null} was */
function fillTo(share, was) {
  const part = (/** @type {string} */ kind, /** @type {number} */ size) => {
    const bar = el("span", { class: kind });
    bar.style.width = `${100 * size}%`;
    return bar;
  };
  const [is, before] = [share ?? 0, was ?? 0];
  return [part("fill", Math.min(is, before)), ...(is > before ? [part("fill gained", is - before)] : []), ...(is < before ? [part("fill lost", before - is)] : [])];
}

/** Proposed sites.
 @param {App} app */
function plan(app) {
  const { model, say, act } = app, { sites, summary } = model.texts;
  byId("plan-section").hidden = !sites.length;
  const titles = new Map(summary.services.map((service) => [service.id, say.of(service, service.id)]));
  fill("plan", ...sites.map((site, i) =>
    el("li", {}, el("button", { type: "button", class: "link", "data-testid": `site-${i}`, on: { click: () => act.zoomToSite(i) } },
      name(site.name || site.id)),
      el("div", { class: "hint" }, name(site.services.map((id) => titles.get(id) || id).join(say.comma))))));
}

/** What the map shows.
 @param {App} app */
function layers(app) {
  const { model, view, say, act } = app;
  /** @type {(id: string, label: Node | string, checked: boolean, change: (on: boolean) => void, mark: Child) => Node} */
  const box = (id, label, checked, change, mark) =>
    el("label", { class: "check" },
      el("input", { type: "checkbox", checked, "data-testid": id, on: { change: (event) => change(event.target.checked) } }),
      mark, typeof label === "string" ? el("span", { text: label }) : label);
  const there = { sites: model.texts.sites.length, gaps: model.texts.gaps.length, zones: model.texts.zones.length, mixed: app.layer.shapes.mixed.count, reach: app.lab };
  const some = LAYERS.filter((key) => !(key in there) || there[/** @type {keyof typeof there} */ (key)]);
  fill("layers", ...some.map((key) =>
    box(`layer-${key}`, say.t(`layer_${key}`), view.on[key], (on) => act.show(key, on), key === "gaps" ? linkMark() : key === "mixed" && mixedMark())));
  const services = model.texts.summary.services;
  const every = (/** @type {boolean} */ on) => () => act.venues(on ? services.map((_, k) => k) : []);
  fill("venues",
    el("div", { class: "row" },
      el("button", { type: "button", class: "small", text: say.t("all"), "data-testid": "venues-all", on: { click: every(true) } }),
      el("button", { type: "button", class: "small", text: say.t("none"), "data-testid": "venues-none", on: { click: every(false) } })),
    ...services.map((service, k) => box(`venue-${k}`,
      el("span", {}, name(say.of(service, service.id)),
        el("span", { class: "hint", text: ` ${service.state === "known" ? service.venues : say.t("no_data")}` })),
      view.venues.has(k), (on) => act.venue(k, on), badge(k))));
}

/** Residences, those that miss most first, as far as they match the search.
 @param {App} app */
export function homes(app) {
  const { model, view, say, act } = app, { ids, names } = model.texts.homes;
  const found = findHomes(model, view.query, view.only);
  finder.filter(app);
  finder.places(app);
  const { persons: heads } = model.arrays, lacks = (/** @type {number} */ r) => heads[r] * (view.only < 0 ? model.missing[r] : 1);
  const shown = firstOf(found, HOMES_SHOWN, (a, b) => lacks(b) - lacks(a) || model.missing[b] - model.missing[a] || heads[b] - heads[a] || a - b);
  byId("search-count").textContent = found.length
    ? say.t("shown", { total: say.count(found.length), shown: shown.length }) : say.t("nothing_found");
  fill("homes", shown.length > 0 && el("table", { "data-testid": "home-table" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col", text: say.t("residence") }),
      el("th", { scope: "col", class: "number", text: say.t("missing_heading") }),
      el("th", { scope: "col", class: "number", text: personsHead(app) }))),
    el("tbody", {}, ...shown.map((r) => el("tr", {},
      el("th", { scope: "row" }, el("button", { type: "button", class: "link", "data-testid": `home-${ids[r]}`, on: { click: () => act.openHome(r) } }, name(names[r] || ids[r]))),
      el("td", { class: "number", text: model.unjudged(r) ? say.t("unknown") : String(model.missing[r]) }),
      el("td", { class: "number", text: shownHeads(app, heads[r]) }))))));
}

/** What the figures mean.
 @param {App} app */
function about({ model, say }) {
  const { summary, sources, left_out: left } = model.texts, { persons: heads } = summary.data;
  const line = (/** @type {string | false} */ text) => text && el("p", {}, name(text));
  const unlinked = summary.residences.total - summary.residences.linked;
  fill("about",
    line(`${say.t("rule_pack", { pack: summary.rule.pack, version: summary.rule.version })}${say.colon}${say.of(summary.rule.note)}`),
    line(summary.rule.source && `${say.t("source")}: ${summary.rule.source}`),
    line(heads.estimate && say.t("about_estimate")), line(!counted(model) && say.t("about_uncounted")),
    line(left.length > 0 && say.t("left_out", { reasons: left.map((one) => `${say.of(one)} ${say.count(one.count)}`).join(say.comma) })),
    line(say.of(heads.method)), line(heads.source && `${say.t("persons")} · ${say.t("source")}: ${heads.source}`),
    line(say.t("about_no_data")), line(model.walls && say.t("about_walled")), line(say.t("about_time")),
    ...ownRules({ model, say }),
    el("p", { "data-testid": "walk-model" }, name(`${say.t("walk_model")}${say.colon}${say.of(summary.walk.model)}`)),
    unlinked > 0 && line(say.t("unlinked", { count: say.count(unlinked) })),
    summary.notes.length > 0 && el("h3", { text: say.t("notes") }),
    summary.notes.length > 0 && el("ul", { "data-testid": "notes" }, ...summary.notes.map((note) => el("li", {}, name(say.of(note, note.code))))),
    sources.length > 0 && el("details", { "data-testid": "sources" }, el("summary", { text: say.t("sources") }),
      el("ul", {}, ...sources.map((line) => el("li", {}, name(say.of(line)))))));
}

/** What each rule asks for, where homes have rules of their own.
 @param {Pick<App, "model" | "say">} app */
function ownRules({ model, say }) {
  const { rules } = model.texts;
  if (!rules) return [];
  return [el("h3", { text: say.t("own_rules") }), el("p", { text: say.t("about_own_rules") }),
    el("ul", { "data-testid": "own-rules" }, ...rules.map((rule) => el("li", {}, name(`${say.of(rule.name)}${say.colon}${say.of(rule.terms)}`))))];
}

/** The imprint; on narrow screens a short line stands for it until it is opened (style.css).
 @param {App} app */
function footer({ model, say }) {
  const { summary, profile } = model.texts, { rule, walk, data } = summary;
  const shown = model.shown?.settings.walk, pair = shown ?? profile, mps = shown ? shown.speed_mmps / 1000 : walk.speed_mps;
  const speed = say.of(pair) && !shown?.custom ? say.t("speed_profile", { profile: say.of(pair), speed: say.speed(mps) }) : say.t("speed", { speed: say.speed(mps) });
  const date = String(data.osm_date || "").slice(0, 10);
  const { internal, review_number: number } = summary.report;
  const review = say.t("review_number", { number: number || "—" }), limit = say.t("threshold", { minutes: limits({ model, say }) });
  const parts = [summary.invented && say.t("invented"), model.shown && say.t("is_whatif"), internal ? say.t("internal") : "", review, speed, limit,
    date ? say.t("data_date", { date }) : say.t("data_undated"),
    say.t("rule_pack", { pack: rule.pack, version: rule.version }), say.of(rule.note),
    !summary.invented && (data.licence || "© OpenStreetMap contributors (ODbL)"), `gusu_geo ${summary.version}`];
  fill("foot-short", summary.invented && el("span", { class: "strong", text: say.t("invented") }), model.shown && el("span", { class: "strong", text: say.t("is_whatif") }), el("span", { class: "strong", text: internal ? say.t("internal") : review }),
    el("span", {}, name(speed)), el("span", { text: limit }), el("span", { class: "more", text: say.t("more") }));
  fill("foot-full", ...parts.flatMap((text) => (text ? [text] : [])).map((text, i) => el("span", { class: i < 2 + Number(Boolean(model.shown)) + Number(summary.invented) ? "strong" : "" }, name(text))));
}
