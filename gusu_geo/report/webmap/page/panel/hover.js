/* The tip beside the pointer: what lies under it, in two lines. */
import { find } from "../drawing/finding.js";
import { hexagons } from "../drawing/hexagons.js";
import { told } from "../engine/hexagons.js";
import { byId, el, fill, name } from "./dom.js";
import * as gaps from "./gaps.js";
import { heads, knownOf, persons, share, verdict } from "./labels.js";
import { cellLines } from "./signals.js";
import { gainTold } from "./plan.js";

/** @param {App} app
 @param {L.Point | null} point null: away from the map */
export function hover(app, point) {
  const tip = byId("tip"), box = app.map.getContainer(), moving = app.map.dragging.moving() || app.drag;
  const hit = point && !moving ? find(app.layer, point) : null;
  box.classList.toggle("over", hit !== null && ["home", "hexagon", "venue", "comment", "site", "cell"].includes(hit.kind));
  const opened = hit?.kind === "home" && hit.ix === app.view.open;
  tip.hidden = !hit || opened;
  if (!point || !hit || opened) return;
  const [head, ...rest] = lines(app, hit);
  fill(tip, el("div", { class: "strong" }, name(head)), ...rest.map((line) => el("div", {}, name(line))));
  const place = box.getBoundingClientRect();
  tip.style.left = `${place.left + Math.min(point.x + 14, place.width - 230)}px`;
  tip.style.top = `${place.top + Math.min(point.y + 14, place.height - 60)}px`;
}

/** @param {App} app
 @param {Hit} hit
 @returns {string[]} the first one stands out */
function lines(app, { kind, ix }) {
  const { model, say, notes } = app, { texts, arrays } = model;
  if (kind === "comment") {
    const one = notes.list[ix] ?? notes.draft;
    return [say.t("comment_number", { number: ix + 1 }), one?.text.slice(0, 200) ?? ""];
  }
  if (kind === "site") return [say.t("site", { number: ix + 1 }), texts.sites[ix].name, gainTold(app, ix)].filter(Boolean);
  if (kind === "venue") {
    const service = texts.summary.services[arrays.venue_service[ix]];
    return [texts.venues.names[ix] || say.t("unnamed"), say.of(service, service.id)];
  }
  if (kind === "gap") {
    const [head, foot] = gaps.texts({ model, say }, ix);
    return [`${ix + 1} · ${head}`, foot];
  }
  if (kind === "mixed") return [say.t("mixed_building"), say.t("mixed_why")];
  if (kind === "cell") return cellLines(app, ix);
  if (kind === "hexagon") return ofHexagon(app, ix);
  return [texts.homes.names[ix] || texts.homes.ids[ix], verdict({ model, say }, ix)];
}

/** Homes and persons, what they lack on average, what most lack, who gains and who loses.
 @param {App} app
 @param {number} c */
function ofHexagon(app, c) {
  const { model, say, view, layer, lab } = app, { services } = model.texts.summary, { set } = hexagons(layer);
  const sum = told(model, set, c, model.lacking(view.only), lab?.gains ?? new Int8Array(model.homes)), people = (/** @type {number} */ count) => heads(app, count);
  const title = (/** @type {number} */ k) => say.of(services[k], services[k].id), worst = sum.lacking.indexOf(Math.max(...sum.lacking));
  return [
    `${say.t("residence_count", { count: say.count(sum.homes) })} · ${persons(app, sum.persons)}`,
    sum.mean === null ? say.t("unknown") : say.t("missing_mean", { mean: sum.mean.toFixed(1), known: knownOf(model) }),
    view.colour >= 0 && say.t("lack_it", { service: title(view.colour), share: say.percent(share(sum.lacking[view.colour], sum.persons)), persons: people(sum.lacking[view.colour]) }),
    view.colour < 0 && sum.lacking[worst] > 0 && say.t("lack_most", { service: title(worst), persons: people(sum.lacking[worst]) }),
    sum.unknown > 0 && say.t("unknown_part", { persons: people(sum.unknown) }),
    sum.gain > 0 && say.t("gain_part", { persons: people(sum.gain) }), sum.loss > 0 && say.t("loss_part", { persons: people(sum.loss) }),
    say.t("click_zooms"),
  ].flatMap((line) => (line ? [line] : []));
}
