/* The panel and the footer. Every part is rebuilt when the language changes. */
globalThis.gusuPanel = (() => {
  "use strict";

  const { el, svg, name } = gusuDom;
  const { venueColour, venueLetter } = gusuSymbols;
  const LAYERS = ["homes", "zones", "area", "streets", "ground", "reach", "barriers", "sites", "gaps"];
  const HOMES_SHOWN = 50;

  const put = (id, ...children) => document.getElementById(id).replaceChildren(...children.filter(Boolean));

  /** Everything but the card. app: {model, view, say, act} as made by page.js. */
  function render(app, { light = false } = {}) {
    figures(app);
    coverage(app);
    gusuHistogram.render(app);
    gusuLegend.render(app);
    gusuWhatif.panel(app);
    if (light) return; // something is dragged: the rest waits until it is let go
    heading(app);
    plan(app);
    gusuSurvey.list(app);
    layers(app);
    zones(app);
    homes(app);
    about(app);
    footer(app);
  }

  function heading({ model, say }) {
    const { summary } = model.texts;
    const title = say.of(summary.title, summary.study);
    document.title = title;
    put("title", name(title));
    put("subtitle", name(say.of(summary.rule.title, summary.rule.pack)),
      document.createTextNode(` · ${say.t("minutes", { minutes: limits({ model, say }) })} · ${say.t(`mode_${model.shown?.settings.mode ?? summary.rule.mode}`)}`));
    for (const part of document.querySelectorAll("[data-text]")) part.textContent = say.t(part.dataset.text);
  }

  /** The threshold in minutes, or the span of thresholds. */
  function limits({ model, say }) {
    const all = Array.from(model.arrays.threshold_cs, (cs) => cs / 6000);
    const [low, high] = [Math.min(...all), Math.max(...all)].map(say.plain);
    return low === high ? low : `${low}–${high}`;
  }

  function persons({ model, say }, count) {
    const { estimate } = model.texts.summary.data.persons;
    return say.t(estimate ? "person_estimate" : "person_count", { count: say.count(count) });
  }

  function figures(app) {
    const { model, say } = app, { summary } = model.texts, { now, was } = model;
    const blank = now.services.filter((service) => service.state === "no_data").length;
    // Where no share can be told there is none; where some could not be judged, it is a lower bound.
    const { persons: heads } = now, { persons: unjudged } = now.unknown;
    const most = Math.min((now.passed.persons + unjudged) / heads, 1);
    const notes = [blank > 0 && say.t("without_data", { count: blank }),
      unjudged > 0 && unjudged < heads && say.t("up_to", { share: say.percent(most) })].filter(Boolean);
    const tile = (id, value, label, turn, note) =>
      el("div", { class: "tile", "data-testid": `figure-${id}` },
        el("div", { class: now.untold && id === "passed" ? "value words" : "value", text: value }, turn),
        el("div", { class: "label", text: label }),
        note && el("div", { class: "hint", text: note }));
    const turn = (key) => was && turned(was[key].share, now[key].share, (by) => (100 * by).toFixed(1), say.t("points"));
    put("figures",
      tile("passed", now.untold ? say.t("cannot_tell") : say.percent(now.passed.share),
        say.t("all_services"), !now.untold && !was?.untold && turn("passed"), notes.join(say.lang === "zh" ? "；" : "; ")),
      tile("known", say.percent(now.known.share), say.t("known_services"), turn("known")),
      tile("unknown", say.percent(now.unknown.share), say.t("unknown_share"), turn("unknown")),
      tile("mean", now.mean === null ? "—" : `${now.mean.toFixed(1)} / ${model.services}`, say.t("mean_services"),
        was && turned(was.mean, now.mean, (by) => by.toFixed(2), "")),
      el("p", { class: "wide", "data-testid": "figure-persons",
        text: `${model.group ? `${say.t(`group_${model.group}`)} ` : ""}${persons(app, now.persons)} · ${say.t("residence_count", { count: say.count(summary.residences.total) })}` }));
  }

  /** By how much a figure changed, beside it; nothing where it did not, as it is shown. */
  function turned(was, is, digits, unit) {
    if (was === null || is === null || digits(Math.abs(is - was)) === digits(0)) return false;
    return el("span", { class: `turned ${is > was ? "up" : "down"}`, text: ` ${is > was ? "+" : "−"}${digits(Math.abs(is - was))}${unit}` });
  }

  function coverage(app) {
    const { model, view, say, act } = app;
    const order = model.now.services.map((service, k) => ({ service, k })), was = model.was?.services;
    const rank = ({ service }) => (service.state === "no_data" ? 2 : service.share ?? 1.5);
    order.sort((a, b) => rank(a) - rank(b) || a.k - b.k);
    put("coverage", ...order.map(({ service, k }) => {
      const known = service.state === "known";
      const bar = el("span", { class: known ? "bar" : "bar no-data" });
      if (known) bar.append(...fillTo(service.share, was ? was[k].share ?? 0 : service.share));
      return el("button", { type: "button", class: "service", "data-testid": `service-${k}`, "data-service": service.id,
        "aria-pressed": String(view.colour === k), on: { click: () => act.colourBy(view.colour === k ? -1 : k) } },
        badge(k), name(say.of(service, service.id)), bar,
        el("span", { class: known ? "figure" : "figure words", text: known ? say.percent(service.share) : say.t("no_data") }));
    }));
  }

  /** The bar as far as it goes, and what changed in another colour: gained, or lost beyond its end. */
  function fillTo(share, was) {
    const part = (kind, size) => {
      const fill = el("span", { class: kind });
      fill.style.width = `${100 * size}%`;
      return fill;
    };
    const [is, before] = [share ?? 0, was ?? 0];
    return [part("fill", Math.min(is, before)), is > before && part("fill gained", is - before), is < before && part("fill lost", before - is)].filter(Boolean);
  }

  /** The symbol of a service as it stands on the map. */
  function badge(k) {
    const shape = k % 2
      ? svg("rect", { x: 1.5, y: 1.5, width: 15, height: 15, fill: venueColour(k) })
      : svg("circle", { cx: 9, cy: 9, r: 8, fill: venueColour(k) });
    return svg("svg", { class: "badge", viewBox: "0 0 18 18", "aria-hidden": "true" }, shape,
      svg("text", { x: 9, y: 12.8, "text-anchor": "middle", text: venueLetter(k) }));
  }

  function plan(app) {
    const { model, say, act } = app, { sites, summary } = model.texts;
    document.getElementById("plan-section").hidden = !sites.length;
    const titles = new Map(summary.services.map((service) => [service.id, say.of(service, service.id)]));
    put("plan", ...sites.map((site, i) =>
      el("li", {}, el("button", { type: "button", class: "link", "data-testid": `site-${i}`, on: { click: () => act.zoomToSite(i) } },
        name(site.name || site.id)),
        el("div", { class: "hint" }, name(site.services.map((id) => titles.get(id) || id).join(say.lang === "zh" ? "、" : ", "))))));
  }

  function layers(app) {
    const { model, view, say, act } = app;
    const box = (id, label, checked, change, mark) =>
      el("label", { class: "check" },
        el("input", { type: "checkbox", checked, "data-testid": id, on: { change: (event) => change(event.target.checked) } }),
        mark, el("span", {}, label));
    const some = LAYERS.filter((key) => !["sites", "gaps"].includes(key) || model.texts[key].length)
      .filter((key) => key !== "zones" || model.texts.zones.length).filter((key) => key !== "reach" || app.lab);
    put("layers", ...some.map((key) =>
      box(`layer-${key}`, say.t(`layer_${key}`), view.on[key], (on) => act.show(key, on), key === "gaps" && gusuSurvey.linkMark())));
    const services = model.texts.summary.services;
    const every = (on) => () => act.venues(on ? services.map((_, k) => k) : []);
    put("venues",
      el("div", { class: "row" },
        el("button", { type: "button", class: "small", text: say.t("all"), "data-testid": "venues-all", on: { click: every(true) } }),
        el("button", { type: "button", class: "small", text: say.t("none"), "data-testid": "venues-none", on: { click: every(false) } })),
      ...services.map((service, k) => box(`venue-${k}`,
        el("span", {}, name(say.of(service, service.id)),
          el("span", { class: "hint", text: ` ${service.state === "known" ? service.venues : say.t("no_data")}` })),
        view.venues.has(k), (on) => act.venue(k, on), badge(k))));
  }

  function zones(app) {
    const { model, view, say, act } = app, { zones: all, services } = model.now;
    const levels = [...new Set(all.map((zone) => zone.level))];
    document.getElementById("zones-section").hidden = !levels.length;
    if (!levels.length) return;
    const rows = all.filter((zone) => zone.level === view.level)
      .map((zone) => ({ zone, title: zoneTitle(zone, say), worst: mostMissing(zone, services) }));
    const { key, down } = view.sort;
    const value = { name: (row) => row.title, persons: (row) => row.zone.persons,
      share: (row) => zoneShare(model, row.zone) ?? 2, worst: (row) => row.worst?.persons ?? 0 }[key];
    rows.sort((a, b) => compare(value(a), value(b), say.lang) * (down ? -1 : 1) || (b.worst?.persons ?? 0) - (a.worst?.persons ?? 0));
    const head = (column, label) =>
      el("th", { scope: "col", "aria-sort": key === column ? (down ? "descending" : "ascending") : false },
        el("button", { type: "button", class: "sort", "data-testid": `sort-${column}`, on: { click: () => act.sort(column) } },
          document.createTextNode(label), el("span", { "aria-hidden": "true", text: key === column ? (down ? " ▾" : " ▴") : "" })));
    put("zones", levels.length > 1 && levelChoice(app, levels),
      el("table", { "data-testid": "zone-table" },
        el("thead", {}, el("tr", {}, head("name", say.t("name")), head("persons", say.t("persons")),
          head("share", say.t(someBlank(model) ? "passed_share_known" : "passed_share")), head("worst", say.t("most_missing")))),
        el("tbody", {}, ...rows.map((row) => zoneRow(app, row)))));
  }

  function levelChoice({ view, say, act }, levels) {
    const select = el("select", { "aria-label": say.t("level"), "data-testid": "level", on: { change: (event) => act.level(event.target.value) } },
      ...levels.map((level) => el("option", { value: level, text: level })));
    select.value = view.level;
    return select;
  }

  function zoneRow({ model, say, act }, { zone, title, worst }) {
    const ix = model.texts.zones.findIndex((known) => known.level === zone.level && known.id === zone.id);
    const go = ix < 0 ? name(title)
      : el("button", { type: "button", class: "link", "aria-label": say.t("zoom_to", { name: title }), on: { click: () => act.zoomToZone(ix) } }, name(title));
    return el("tr", { "data-testid": "zone-row" }, el("th", { scope: "row" }, go),
      el("td", { class: "number", text: say.count(zone.persons) }),
      el("td", { class: "number", text: say.percent(zoneShare(model, zone)) }),
      el("td", {}, worst ? name(say.t("worst_missing", { service: say.of(worst.service, worst.service.id), persons: say.count(worst.persons) }))
        : el("span", { text: "—" })));
  }

  const someBlank = (model) => model.now.services.some((service) => service.state === "no_data");

  /** All services in time; those with data where some have none. Null where nobody was judged. */
  function zoneShare(model, zone) {
    if (someBlank(model)) return zone.persons > 0 ? zone.passed_known_persons / zone.persons : null;
    return zone.persons > 0 && zone.unknown_persons >= zone.persons ? null : zone.share;
  }

  function zoneTitle(zone, say) {
    const own = say.lang === "zh" ? zone.name_zh : zone.name_en;
    return own || zone.name || zone.id;
  }

  function mostMissing(zone, services) {
    let best = null;
    for (const service of services) {
      const count = zone.missing[service.id] || 0;
      if (count > 0 && (!best || count > best.persons)) best = { service, persons: count };
    }
    return best;
  }

  const compare = (a, b, lang) => (typeof a === "string" ? a.localeCompare(b, lang) : a - b);

  /** Residences, those that miss most first, as far as they match the search. */
  function homes(app) {
    const { model, say, act } = app, { ids, names } = model.texts.homes;
    const found = gusuSearch.homes(app);
    gusuSearch.filter(app);
    gusuSearch.places(app);
    const { persons: heads } = model.arrays;
    found.sort((a, b) => model.missing[b] - model.missing[a] || heads[b] - heads[a] || a - b);
    const shown = found.slice(0, HOMES_SHOWN);
    document.getElementById("search-count").textContent = found.length
      ? say.t("shown", { total: say.count(found.length), shown: shown.length }) : say.t("nothing_found");
    put("homes", shown.length > 0 && el("table", { "data-testid": "home-table" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col", text: say.t("residence") }),
        el("th", { scope: "col", class: "number", text: say.t("missing_heading") }),
        el("th", { scope: "col", class: "number", text: say.t("persons") }))),
      el("tbody", {}, ...shown.map((r) => el("tr", {},
        el("th", { scope: "row" }, el("button", { type: "button", class: "link", "data-testid": `home-${ids[r]}`, on: { click: () => act.openHome(r) } }, name(names[r] || ids[r]))),
        el("td", { class: "number", text: model.unknown[r] === model.services ? say.t("unknown") : String(model.missing[r]) }),
        el("td", { class: "number", text: say.count(heads[r]) }))))));
  }

  function about({ model, say }) {
    const { summary } = model.texts, { persons: heads } = summary.data;
    const line = (text) => text && el("p", {}, name(text));
    const unlinked = summary.residences.total - summary.residences.linked;
    put("about",
      line(`${say.t("rule_pack", { pack: summary.rule.pack, version: summary.rule.version })}${say.lang === "zh" ? "：" : ": "}${say.of(summary.rule.note)}`),
      line(summary.rule.source && `${say.t("source")}: ${summary.rule.source}`),
      line(heads.estimate && say.t("about_estimate")),
      line(say.of(heads.method)), line(heads.source && `${say.t("persons")} · ${say.t("source")}: ${heads.source}`),
      line(say.t("about_no_data")), line(model.walls && say.t("about_walled")), line(say.t("about_time")),
      el("p", { "data-testid": "walk-model" }, name(`${say.t("walk_model")}${say.lang === "zh" ? "：" : ": "}${say.of(summary.walk.model)}`)),
      unlinked > 0 && line(say.t("unlinked", { count: say.count(unlinked) })),
      summary.notes.length > 0 && el("h3", { text: say.t("notes") }),
      summary.notes.length > 0 && el("ul", { "data-testid": "notes" }, ...summary.notes.map((note) => el("li", {}, name(say.of(note, note.code))))));
  }

  function footer({ model, say }) {
    const { summary, profile } = model.texts, { rule, walk, data } = summary;
    const shown = model.shown?.settings.walk, pair = shown ?? profile, mps = shown ? shown.speed_mmps / 1000 : walk.speed_mps;
    const speed = say.of(pair) && !shown?.custom ? say.t("speed_profile", { profile: say.of(pair), speed: say.speed(mps) }) : say.t("speed", { speed: say.speed(mps) });
    const date = String(data.osm_date || "").slice(0, 10);
    const { internal, review_number: number } = summary.report;
    const review = say.t("review_number", { number: number || "—" }), limit = say.t("threshold", { minutes: limits({ model, say }) });
    const parts = [model.shown && say.t("is_whatif"), internal ? say.t("internal") : "", review, speed, limit,
      date ? say.t("data_date", { date }) : say.t("data_undated"),
      say.t("rule_pack", { pack: rule.pack, version: rule.version }), say.of(rule.note),
      data.licence || "© OpenStreetMap contributors (ODbL)", `gusu_geo ${summary.version}`];
    // On narrow screens (see style.css) the short line stands for the rest until it is opened.
    put("foot-short", model.shown && el("span", { class: "strong", text: say.t("is_whatif") }), el("span", { class: "strong", text: internal ? say.t("internal") : review }),
      el("span", {}, name(speed)), el("span", { text: limit }), el("span", { class: "more", text: say.t("more") }));
    put("foot-full", ...parts.filter(Boolean).map((text, i) => el("span", { class: i < 2 || (model.shown && i === 2) ? "strong" : "" }, name(text))));
  }

  return { render, homes, persons, badge, zoneTitle };
})();
