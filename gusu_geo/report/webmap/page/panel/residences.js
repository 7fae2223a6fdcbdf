/* The list of homes, as far as they match the search and the filter. */
import { findHomes, firstOf } from "../engine/search.js";
import { byId, el, fill, name } from "./dom.js";
import * as finder from "./finder.js";
import { heads as shownHeads, personsHead } from "./labels.js";

const HOMES_SHOWN = 50;

/** Residences, those that miss most first, as far as they match the search.
 @param {App} app */
export function render(app) {
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
