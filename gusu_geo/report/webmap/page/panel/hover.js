/* The tip beside the pointer: what lies under it, in two lines. */
import { find } from "../drawing/finding.js";
import { byId, el, fill, name } from "./dom.js";
import * as gaps from "./gaps.js";
import { verdict } from "./labels.js";

/** @param {App} app
 @param {L.Point | null} point null: away from the map */
export function hover(app, point) {
  const tip = byId("tip"), box = app.map.getContainer(), moving = app.map.dragging.moving() || app.drag;
  const hit = point && !moving ? find(app.layer, point) : null;
  box.classList.toggle("over", hit !== null && ["home", "venue", "comment"].includes(hit.kind));
  const opened = hit?.kind === "home" && hit.ix === app.view.open;
  tip.hidden = !hit || opened;
  if (!point || !hit || opened) return;
  const [head, foot] = lines(app, hit);
  fill(tip, el("div", { class: "strong" }, name(head)), el("div", {}, name(foot)));
  const place = box.getBoundingClientRect();
  tip.style.left = `${place.left + Math.min(point.x + 14, place.width - 230)}px`;
  tip.style.top = `${place.top + Math.min(point.y + 14, place.height - 60)}px`;
}

/** @param {App} app
 @param {Hit} hit
 @returns {[string, string]} */
function lines({ model, say, notes }, { kind, ix }) {
  const { texts, arrays } = model;
  if (kind === "comment") {
    const one = notes.list[ix] ?? notes.draft;
    return [say.t("comment_number", { number: ix + 1 }), one?.text.slice(0, 200) ?? ""];
  }
  if (kind === "site") return [say.t("site", { number: ix + 1 }), texts.sites[ix].name];
  if (kind === "venue") {
    const service = texts.summary.services[arrays.venue_service[ix]];
    return [texts.venues.names[ix] || say.t("unnamed"), say.of(service, service.id)];
  }
  if (kind === "gap") {
    const [head, foot] = gaps.texts({ model, say }, ix);
    return [`${ix + 1} · ${head}`, foot];
  }
  if (kind === "mixed") return [say.t("mixed_building"), say.t("mixed_why")];
  return [texts.homes.names[ix] || texts.homes.ids[ix], verdict({ model, say }, ix)];
}
