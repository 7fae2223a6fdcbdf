/* Wiring: reads the blocks of the page, joins map, layer, panel and card, and answers people. */
globalThis.gusuPage = (() => {
  "use strict";

  const { speaker } = gusuDom;
  const block = (id) => document.getElementById(id).textContent;

  /** Shows the page on the folium map; gusu.ready and html[data-ready] tell when it is done. */
  async function start(map) {
    const texts = JSON.parse(block("gusu-texts"));
    globalThis.gusu = { ready: false };
    try {
      if (typeof DecompressionStream === "undefined" && block("gusu-arrays").startsWith("H4sI")) {
        throw new Error(texts.strings.old_browser[texts.lang]);
      }
      const model = gusuCore.model(await gusuCore.unpack(block("gusu-arrays")), texts);
      wire(map, model);
    } catch (error) {
      const trouble = document.getElementById("trouble");
      trouble.textContent = texts.strings.trouble[texts.lang] + error.message;
      trouble.hidden = false;
      throw error;
    }
  }

  function wire(map, model) {
    const { texts } = model;
    const view = {
      on: { homes: true, zones: true, area: true, streets: true, ground: true, sites: true, gaps: false, bare: true, reach: true, barriers: false },
      venues: new Set(), near: new Set(), colour: gusuCore.BY_MISSING, open: -1, venue: -1, way: null, around: null, query: "", only: -1,
      level: texts.zones.length ? texts.zones.at(-1).level : "",
      sort: { key: "share", down: false },
      zoneName: (i) => zoneName(app, i),
    };
    const app = { model, view, say: speaker(texts.strings, texts.lang), layer: new gusuLayer.ReviewLayer(model, view), map };
    app.act = actions(app);
    app.redraw = (how) => redraw(app, how);
    app.layer.app = app;
    map.attributionControl.setPrefix("Leaflet");
    app.zoom = L.control.zoom({ position: "topleft" }).addTo(map);
    L.control.scale({ position: "bottomright", imperial: false, maxWidth: 140 }).addTo(map);
    map.attributionControl.addAttribution("© OpenStreetMap contributors (ODbL)");
    map.invalidateSize({ animate: false });
    const wide = map.getSize().x > 700; // then the legend stands beside the area, not on it
    map.fitBounds(areaBounds(app), { animate: false, paddingTopLeft: [wide ? 290 : 16, 16], paddingBottomRight: [16, 16] });
    app.layer.addTo(map);
    gusuWhatif.start(app);
    listen(app);
    setLang(app, texts.lang);
    if (app.lab && texts.scenario) gusuWhatif.load(app, JSON.stringify(texts.scenario));
    Object.assign(globalThis.gusu, hooks(app), { ready: true });
    document.documentElement.dataset.ready = "true";
  }

  function areaBounds({ layer }) {
    const bounds = layer.bounds("area", 0);
    for (let i = 1; i < layer.shapes.area.count; i++) bounds.extend(layer.bounds("area", i));
    return bounds;
  }

  function zoneName({ model, say }, i) {
    const zone = model.texts.zones[i];
    const row = model.texts.summary.zones.find((known) => known.level === zone.level && known.id === zone.id);
    return row ? gusuPanel.zoneTitle(row, say) : zone.id;
  }

  function setLang(app, lang) {
    app.say = speaker(app.model.texts.strings, lang);
    const { t } = app.say;
    document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
    document.getElementById("language").textContent = t("language");
    for (const [id, key] of [["print", "print"], ["full", "full_screen"]]) {
      const button = document.getElementById(id);
      button.title = t(key);
      button.setAttribute("aria-label", t(key));
    }
    document.getElementById("panel").setAttribute("aria-label", t("panel"));
    app.map.getContainer().setAttribute("role", "region");
    app.map.getContainer().setAttribute("aria-label", t("map"));
    for (const [part, key] of [["in", "zoom_in"], ["out", "zoom_out"]]) {
      const link = app.zoom.getContainer().querySelector(`.leaflet-control-zoom-${part}`);
      link.title = t(key);
      link.setAttribute("aria-label", t(key));
    }
    labelToggle(app);
    redraw(app);
    if (app.view.open >= 0) gusuCard.render(app, app.view.open);
    if (app.view.venue >= 0) gusuVenue.render(app, app.view.venue);
  }

  /** Panel and map after a change of the view; the focus stays where it was. */
  function redraw(app, how) {
    const focused = document.activeElement?.dataset?.testid;
    gusuPanel.render(app, how);
    if (!how?.light) gusuWhatif.tools(app);
    if (focused) document.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    app.layer.refresh();
  }

  function actions(app) {
    const { view, map } = app, change = (set) => { set(); redraw(app); };
    return {
      colourBy: (k) => {
        view.colour = k;
        if (k >= 0) view.venues = new Set([k]);
        if (app.lab?.result) gusuWhatif.judge(app); // who gains depends on what is looked at
        else redraw(app);
      },
      show: (key, on) => change(() => { view.on[key] = on; }),
      venue: (k, on) => change(() => view.venues[on ? "add" : "delete"](k)),
      venues: (ks) => change(() => { view.venues = new Set(ks); }),
      level: (level) => change(() => { view.level = level; }),
      sort: (key) => change(() => { view.sort = { key, down: view.sort.key === key && !view.sort.down }; }),
      zoomToZone: (i) => map.fitBounds(app.layer.bounds("zone", i), { padding: [24, 24] }),
      only: (k) => change(() => { view.only = k; }),
      goToVenue: (f) => {
        map.setView(app.layer.latLng(app.model.arrays.venue_x[f], app.model.arrays.venue_y[f]), Math.max(map.getZoom(), 17), { animate: false });
        openVenue(app, f);
      },
      zoomToSite: (i) => map.setView(app.layer.latLng(app.model.arrays.site_x[i], app.model.arrays.site_y[i]), Math.max(map.getZoom(), 16)),
      zoomToGap: (i) => change(() => {
        view.on.gaps = true;
        map.setView(app.layer.latLng(...gusuSurvey.middle(app.model, i)), Math.max(map.getZoom(), 17), { animate: false });
      }),
      openHome: (r) => openHome(app, r, { move: true }),
      openVenue: (f) => openVenue(app, f),
      showWay: (k) => change(() => showWay(app, k)),
      showAround: () => change(() => showAround(app)),
      closeCard: () => closeCard(app),
    };
  }

  function openHome(app, r, { move }) {
    const { view, model, map, layer } = app, card = document.getElementById("card");
    if (view.open < 0) app.before = document.activeElement;
    view.open = r;
    view.venue = -1;
    view.way = view.around = null;
    view.near = new Set();
    for (let k = 0; k < model.services; k++) view.near.add(model.cell(r, k).venue);
    gusuCard.render(app, r);
    card.hidden = false;
    hover(app, null); // the card tells more
    card.scrollTop = 0;
    card.focus({ preventScroll: true });
    if (move) map.setView(layer.homeLatLng(r), Math.max(map.getZoom(), 16.5), { animate: false });
    layer.refresh();
  }

  /** How far the people of the card's home come in 5, 10 and 15 minutes; once more takes it away. */
  function showAround(app) {
    const { view, lab } = app, r = view.open, again = view.around?.r === r;
    const limits = gusuReach.BANDS.map(([, minutes]) => 6000 * minutes);
    view.around = again || !lab || r < 0 ? null : { r, bands: gusuReach.around(lab.engine, lab.result ?? lab.before, r, limits) };
    if (view.open >= 0) gusuCard.render(app, view.open);
  }

  /** The way from the home of the card to the venue of service k; once more takes it away. */
  function showWay(app, k) {
    const { view, lab, model } = app, { arrays } = model, r = view.open;
    const again = view.way?.k === k && view.way?.r === r;
    view.way = null;
    if (again || !lab || r < 0) return;
    const points = gusuWays.way(lab.engine, lab.result ?? lab.before, r, k);
    if (!points?.length) return;
    const f = model.cell(r, k).venue, placed = (lab.result ?? lab.before).added.some((one) => one.f === f);
    view.way = { k, r, points, home: [arrays.home_x[r], arrays.home_y[r]], venue: placed ? null : [arrays.venue_x[f], arrays.venue_y[f]] };
    const wide = app.map.getSize().x > 700, bounds = L.latLngBounds(points.map((point) => app.layer.latLng(...point)));
    app.map.fitBounds(bounds, { animate: false, maxZoom: 17, paddingTopLeft: [wide ? 290 : 24, 60], paddingBottomRight: [wide ? 390 : 24, wide ? 40 : 300] });
  }

  /** The card of a venue: what it offers, and what if it closed or moved. */
  function openVenue(app, f) {
    const card = document.getElementById("card");
    if (app.view.open < 0 && app.view.venue < 0) app.before = document.activeElement;
    Object.assign(app.view, { open: -1, venue: f, near: new Set([f]) });
    gusuVenue.render(app, f);
    card.hidden = false;
    hover(app, null);
    card.focus({ preventScroll: true });
    app.layer.refresh();
  }

  function closeCard(app) {
    app.view.open = app.view.venue = -1;
    app.view.way = app.view.around = null;
    app.view.near = new Set();
    document.getElementById("card").hidden = true;
    if (app.before?.isConnected) app.before.focus({ preventScroll: true });
    app.layer.refresh();
  }

  function listen(app) {
    const { map, layer } = app;
    document.getElementById("language").addEventListener("click", () => setLang(app, app.say.lang === "zh" ? "en" : "zh"));
    document.getElementById("toggle").addEventListener("click", () => {
      document.body.classList.toggle("collapsed");
      labelToggle(app);
      map.invalidateSize({ animate: false });
    });
    document.getElementById("print").addEventListener("click", () => print());
    document.getElementById("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
    document.getElementById("search").addEventListener("input", (event) => {
      app.view.query = event.target.value;
      gusuPanel.homes(app);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (app.lab?.tool) gusuWhatif.setTool(app, app.lab.tool);
      else if (app.view.open >= 0 || app.view.venue >= 0) closeCard(app);
    });
    if (app.lab) gusuHand.listen(app);
    document.getElementById("card").addEventListener("click", (event) => {
      const row = event.target.closest("[data-testid^=card-service-]");
      if (row) app.act.showWay(Number(row.dataset.testid.slice("card-service-".length)));
    });
    map.on("click", (event) => {
      if (app.lab?.tool) return gusuWhatif.use(app, layer.unitsAt(event.containerPoint));
      const hit = layer.find(event.containerPoint);
      if (hit?.kind === "home") openHome(app, hit.ix, { move: false });
      else if (hit?.kind === "venue") openVenue(app, hit.ix);
      else if (hit?.kind === "gap") hover(app, event.containerPoint); // a tap hovers nowhere else
      else if (!hit && (app.view.open >= 0 || app.view.venue >= 0)) closeCard(app);
    });
    // A tap sends mouse events too, after its pointer events; nothing hovers then.
    let touch = false;
    for (const type of ["pointerdown", "pointermove"]) {
      map.getContainer().addEventListener(type, (event) => { touch = event.pointerType === "touch"; }, true);
    }
    map.on("mousemove", L.Util.throttle((event) => hover(app, touch ? null : event.containerPoint), 40));
    map.on("mouseout zoomstart movestart", () => hover(app, null));
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    const narrow = matchMedia("(max-width: 720px)"), foot = document.getElementById("foot-details");
    const fold = () => { foot.open = !narrow.matches; };
    if (narrow.matches) document.getElementById("legend").open = false;
    narrow.addEventListener("change", fold);
    addEventListener("beforeprint", () => { foot.open = true; });
    addEventListener("afterprint", fold);
    fold();
    gusuPrint.listen(app);
  }

  function labelToggle(app) {
    const hidden = document.body.classList.contains("collapsed"), toggle = document.getElementById("toggle");
    const label = app.say.t(hidden ? "panel_show" : "panel_hide");
    toggle.textContent = hidden ? "☰" : "«";
    toggle.title = label;
    toggle.setAttribute("aria-label", label);
    toggle.setAttribute("aria-expanded", String(!hidden));
  }

  function hover(app, point) {
    const tip = document.getElementById("tip"), moving = app.map.dragging?.moving() || app.lab?.drag, hit = point && !moving && app.layer.find(point);
    app.map.getContainer().classList.toggle("over", Boolean(hit && ["home", "venue"].includes(hit.kind)));
    const opened = hit?.kind === "home" && hit.ix === app.view.open;
    tip.hidden = !hit || opened;
    if (tip.hidden) return;
    tip.replaceChildren(...tipText(app, hit));
    const box = app.map.getContainer().getBoundingClientRect();
    tip.style.left = `${box.left + Math.min(point.x + 14, box.width - 230)}px`;
    tip.style.top = `${box.top + Math.min(point.y + 14, box.height - 60)}px`;
  }

  function tipText({ model, say }, { kind, ix }) {
    const { texts, arrays } = model, { name, el } = gusuDom;
    const lines = (head, foot) => [el("div", { class: "strong" }, name(head)), el("div", {}, name(foot))];
    if (kind === "site") return lines(say.t("site", { number: ix + 1 }), texts.sites[ix].name);
    if (kind === "venue") {
      const service = texts.summary.services[arrays.venue_service[ix]];
      return lines(texts.venues.names[ix] || say.t("unnamed"), say.of(service, service.id));
    }
    if (kind === "gap") {
      const [head, foot] = gusuSurvey.texts({ model, say }, ix);
      return lines(`${ix + 1} · ${head}`, foot);
    }
    return lines(texts.homes.names[ix] || texts.homes.ids[ix], gusuCard.verdict({ model, say }, ix));
  }

  /** What tests and other scripts may call. */
  function hooks(app) {
    const { model } = app, row = (id) => model.texts.homes.ids.indexOf(id);
    return {
      model,
      openCard: (id) => openHome(app, row(id), { move: true }),
      closeCard: () => closeCard(app),
      setLang: (lang) => setLang(app, lang),
      colourBy: (k) => app.act.colourBy(k),
      pixelOf: (id) => app.map.latLngToContainerPoint(app.layer.homeLatLng(row(id))),
      lang: () => app.say.lang,
      lab: app.lab,
      layer: app.layer,
      map: app.map,
      change: (part) => gusuWhatif.change(app, part),
      load: (text) => gusuWhatif.load(app, text),
      act: app.act,
      pixelOfPlace: (on) => app.map.latLngToContainerPoint(app.layer.latLng(...gusuPlaces.spot(app.lab.engine.g, on))),
    };
  }

  return { start };
})();
