/* Finding homes, venues and zones by name, id, pinyin or its initials. */
globalThis.gusuSearch = (() => {
  "use strict";

  const { el, name } = gusuDom;
  const FAIL = 0, SHOWN = 8;

  /** A test of position i against names, ids and spellings. */
  function matcher(query, ...lists) {
    const wanted = query.trim().toLowerCase();
    return (i) => !wanted || lists.some((list) => list?.[i]?.toLowerCase().includes(wanted));
  }

  /** Homes that fit the search and the filter, in no order. */
  function homes({ model, view }) {
    const { texts, arrays } = model, fits = matcher(view.query, texts.homes.ids, texts.homes.names, texts.homes.spelled), found = [];
    for (let r = 0; r < model.homes; r++) {
      if (view.only >= 0 && arrays.state[r * model.services + view.only] !== FAIL) continue;
      if (fits(r)) found.push(r);
    }
    return found;
  }

  /** Venues and zones that fit, as a list that leads to them; nothing without a search. */
  function places(app) {
    const { model, view, say, act } = app, { venues, zones, summary } = model.texts, items = [];
    if (view.query.trim()) {
      const titles = zones.map((zone) => {
        const row = summary.zones.find((known) => known.level === zone.level && known.id === zone.id);
        return row ? `${row.name} ${row.name_zh} ${row.name_en}` : zone.id;
      });
      const inZones = matcher(view.query, titles, model.texts.zones_spelled), inVenues = matcher(view.query, venues.ids, venues.names, venues.spelled);
      zones.forEach((_, i) => { if (inZones(i)) items.push([view.zoneName(i), say.t("zone"), () => act.zoomToZone(i)]); });
      for (let f = 0; f < model.facilities && items.length < SHOWN; f++) {
        const service = summary.services[model.arrays.venue_service[f]];
        if (inVenues(f)) items.push([venues.names[f] || venues.ids[f], say.of(service, service.id), () => act.goToVenue(f)]);
      }
    }
    document.getElementById("found").replaceChildren(...items.slice(0, SHOWN).map(([title, kind, go], i) =>
      el("li", {}, el("button", { type: "button", class: "link", "data-testid": `found-${i}`, on: { click: go } }, name(title)), el("span", { class: "hint" }, name(` ${kind}`)))));
  }

  /** "Only those missing ...": homes of the list and of the map. */
  function filter(app) {
    const { model, view, say, act } = app;
    const select = el("select", { id: "only", "data-testid": "only", on: { change: (event) => act.only(Number(event.target.value)) } },
      el("option", { value: "-1", text: say.t("only_all") }),
      ...model.texts.summary.services.map((service, k) => el("option", { value: String(k), text: say.t("only_missing", { service: say.of(service, service.id).slice(0, 60) }) })));
    select.value = String(view.only);
    document.getElementById("filter").replaceChildren(el("label", { for: "only", class: "hint", text: say.t("only") }), select);
  }

  return { homes, places, filter };
})();
