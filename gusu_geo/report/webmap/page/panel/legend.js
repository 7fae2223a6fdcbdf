/* The legend: what the colours of the residences mean, and how many of those that are drawn have each. */
import { merged, mergeable } from "../drawing/hexagons.js";
import { classColours } from "../drawing/colours.js";
import { bare } from "../drawing/survey.js";
import { CS_PER_MIN } from "../engine/constants.js";
import { BY_DETOUR, BY_MISSING } from "../engine/model.js";
import { fullLegend } from "./capacity.js";
import { el, fill } from "./dom.js";
import { counted, heads, ring } from "./labels.js";
import { signalLegend } from "./signals.js";
import { assumedMark, bareMark, candidateMark, hexagonMark, mixedMark, swatch } from "./marks.js";

/** @param {App} app */
export function render(app) {
  const { model, view, say } = app, colours = classColours(view.colour), labels = classLabels(app);
  const rows = model.tally(view.colour, view.only).flatMap((entry, i) => {
    const threshold = view.colour >= 0 && i === 3;
    return [threshold && el("div", { class: "threshold", "aria-hidden": "true" },
      el("span", { text: say.t("threshold", { minutes: minutes(app, view.colour) }) })),
    el("div", { class: "key", "data-testid": `class-${i}` }, swatch(colours[i], view.colour === BY_MISSING ? keyText(i) : ""),
      el("span", { text: labels[i] }),
      el("span", { class: "number", text: `${say.count(entry.residences)} · ${heads(app, entry.persons)}` }))];
  });
  const signals = view.on.signals ? signalLegend(app) : [], title = el("summary", { id: "legend-title", text: say.t("legend") });
  if (signals.length && !view.on.homes) return fill("legend", title, ...signals);
  fill("legend", title, ...signals,
    el("label", { class: "hint", for: "colour", text: say.t("colour_by") }), choice(app),
    view.colour === BY_DETOUR && el("p", { class: "hint", "data-testid": "about-detour", text: say.t("about_detour", ring(app)) }),
    view.only >= 0 && el("p", { class: "hint", "data-testid": "legend-filter", text: say.t("legend_filter", { service: serviceName(app, view.only) }) }),
    el("p", { class: "hint right", text: say.t(counted(model) ? "legend_head" : "legend_head_est") }), el("div", { class: "keys" }, ...rows),
    model.texts.rules && view.colour >= 0 && el("p", { class: "hint", "data-testid": "legend-rules", text: say.t("legend_own_rules") }),
    byHexagon(app), assumed(app), fullLegend(app), bare(model, view.colour) && uncovered(app), ...candidates(app), mixed(app));
}

/** What the homes are coloured by.
 @param {App} app */
function choice({ model, view, say, act }) {
  const select = el("select", { id: "colour", "data-testid": "colour", on: { change: (event) => act.colourBy(Number(event.target.value)) } },
    el("option", { value: String(BY_MISSING), text: say.t("colour_missing") }),
    model.texts.detour && el("option", { value: String(BY_DETOUR), text: say.t("colour_detour") }),
    ...model.texts.summary.services.map((service, k) => el("option", { value: String(k), text: say.of(service, service.id).slice(0, 60) })));
  select.value = String(view.colour);
  return select;
}

/** @param {App} app
 @param {number} k */
const serviceName = ({ model, say }, k) => say.of(model.texts.summary.services[k], model.texts.summary.services[k].id).slice(0, 60);

/** The switch between hexagons and single homes, and how hexagons are read; nothing where homes are
 far enough apart to be drawn one by one.
 @param {App} app */
function byHexagon({ view, say, act, layer }) {
  if (!view.on.homes || !mergeable(layer)) return false;
  return el("div", { class: "apart", "data-testid": "legend-hexagons" },
    el("label", { class: "check" },
      el("input", { type: "checkbox", checked: view.hexagons, "data-testid": "hexagons", on: { change: (event) => act.hexagons(event.target.checked) } }),
      hexagonMark(), el("span", { text: say.t("hexagons") })),
    view.hexagons && el("p", { class: "hint", text: `${say.t(view.colour === BY_MISSING ? "hexagons_mean" : "hexagons_middle")} ${say.t("hexagons_size")}` }));
}

/** Homes that nobody calls homes, of those that are drawn.
 @param {App} app */
function assumed(app) {
  const { model, view, say, layer } = app, { residences, persons } = model.assumed(view.only);
  return residences > 0 && el("div", { class: "key apart", "data-testid": "legend-assumed", title: say.t("assumed_why") }, assumedMark(),
    el("span", { text: say.t(merged(layer) ? "assumed_among" : "assumed_homes") }), el("span", { class: "number", text: `${say.count(residences)} · ${heads(app, persons)}` }));
}

/** Places that a plan chose from, by where they come from.
 @param {App} app
 @returns {HTMLElement[]} */
function candidates({ model, view, say }) {
  if (!view.on.sites) return [];
  return model.texts.candidates.map(({ kind, count }, i) => el("div", { class: i ? "key" : "key apart", "data-testid": i ? `legend-candidates-${i}` : "legend-candidates" }, candidateMark(),
    el("span", { text: kind ? `${say.t("candidates")} · ${say.t(`from_${kind}`)}` : say.t("candidates") }), el("span", { class: "number", text: say.count(count) })));
}

/** The switch of the uncovered ground of the service that is shown.
 @param {App} app */
function uncovered(app) {
  const { view, say, act } = app;
  return el("label", { class: "check apart", title: say.t("about_uncovered", { minutes: minutes(app, view.colour) }) },
    el("input", { type: "checkbox", checked: view.on.bare, "data-testid": "layer-bare", on: { change: (event) => act.show("bare", event.target.checked) } }),
    bareMark(), el("span", { text: say.t("layer_bare") }));
}

/** What the buildings are that are drawn but do not count.
 @param {App} app */
function mixed(app) {
  const { model, view, say, layer } = app, { buildings, persons } = model.texts.summary.mixed_ground;
  return layer.shapes.mixed.count > 0 && view.on.mixed && el("p", { class: "hint apart", "data-testid": "legend-mixed" }, mixedMark(),
    el("span", { text: ` ${say.t("mixed_ground", { count: say.count(buildings), persons: say.count(Number(persons.toPrecision(3))) })}` }));
}

/** The limit of service k.
 @param {App} app
 @param {number} k */
const minutes = ({ model, say }, k) => say.plain(model.arrays.threshold_cs[k] / CS_PER_MIN);

/** Labels of the colour classes for what is shown, the hatched one last.
 @param {App} app */
function classLabels(app) {
  const { model, view, say } = app;
  if (view.colour === BY_DETOUR) {
    const at = (model.texts.detour?.edges_pm ?? []).map((pm) => say.plain(pm / 1000));
    const spans = at.slice(1).map((to, i) => say.t("ratio_between", { from: at[i], to }));
    return [say.t("ratio_below", { ratio: at[0] }), ...spans, say.t("ratio_from", { ratio: at[at.length - 1] }), say.t("ratio_undetermined")];
  }
  if (view.colour === BY_MISSING) {
    return [noneMissing(app), ...[1, 2, 3].map((count) => say.t("missing", { count })), say.t("missing_4"), hatched(app)];
  }
  const at = model.edges(view.colour).map((cs) => say.plain(cs / CS_PER_MIN));
  const spans = at.slice(1).map((to, i) => say.t("between", { from: at[i], to }));
  return [...spans, say.t("beyond", { minutes: at[at.length - 1] }), hatched(app)];
}

/** Who lacks nothing that is known may still have what is unknown.
 @param {App} app */
function noneMissing({ model, say }) {
  const known = model.texts.summary.services.filter((service) => service.state === "known").length;
  if (model.walls) return say.t("missing_0_found");
  return known < model.services ? say.t("missing_0_known", { count: known }) : say.t("missing_0");
}

/** Why the residences of the hatched class are not judged.
 @param {App} app */
function hatched({ model, view, say }) {
  const { services } = model.texts.summary;
  const asked = view.colour === BY_MISSING ? services : [services[view.colour]];
  if (asked.every((service) => service.state === "no_data")) return say.t("no_data");
  const { unlinked, walled, unasked } = model.hatched(view.colour, view.only);
  if (unasked) return say.t(unlinked || walled ? "unasked_or_unjudged" : "unasked_class");
  if (walled && model.timed) return say.t("unsure_class");
  return say.t(!walled ? "unlinked_class" : unlinked ? "unlinked_or_walled" : "walled_class");
}

/** What stands in the swatch of a class.
 @param {number} i */
const keyText = (i) => ["0", "1", "2", "3", "4+", "?"][i];
