/* The list of missing links, and what is said of one. */
import { byId, el, fill, name } from "./dom.js";
import { digits } from "./labels.js";

const LISTED = 10;

/** Its streets, and a line on what a link would save and give, what stands between and for whom.
 @param {Pick<App, "model" | "say">} app
 @param {number} i
 @returns {[string, string]} */
export function texts({ model, say }, i) {
  const { arrays } = model, { between, names, why } = model.texts.gaps[i];
  const metres = { air: say.count(arrays.gap_air_m[i]), walk: say.count(arrays.gap_walk_m[i]) };
  const streets = [...new Set(names.filter(Boolean))].join(" – ");
  const parts = [say.t(arrays.gap_cut_off[i] ? "way_cut_off" : "way_round", metres)];
  /** @param {string} key
   @param {number} count */
  const add = (key, count) => { if (count > 0) parts.push(say.t(key, { count: digits({ model, say }, count) })); };
  add("link_all", arrays.gap_gained[i]);
  add("link_cells", arrays.gap_cells[i]);
  if (why && why !== model.texts.gaps_why) parts.push(say.t(`gains_${why}`));
  add("link_doors", arrays.gap_doors[i]);
  parts.push(say.t(`gap_${between}`));
  add("near_it", arrays.gap_persons[i]);
  if (arrays.gap_levels[i]) parts.push(say.t("levels"));
  return [streets || say.t("unnamed_street"), parts.join(say.semicolon)];
}

/** The missing links that would give most as a list that leads to them.
 @param {App} app */
export function list(app) {
  const listed = app.model.texts.gaps.slice(0, LISTED);
  byId("gaps-section").hidden = !listed.length;
  const why = app.model.texts.gaps_why;
  byId("gaps-why").hidden = !why;
  byId("gaps-why").textContent = why && app.say.t(`gains_${why}`);
  fill("gaps", ...listed.map((_, i) => {
    const [head, line] = texts(app, i);
    return el("li", {},
      el("button", { type: "button", class: "link", "data-testid": `gap-${i}`, on: { click: () => app.act.zoomToGap(i) } }, name(head)),
      el("div", { class: "hint", text: line }));
  }));
}
