/* The card of a site of the plan. */
import { adoptButton, whyNot } from "./adopt.js";
import { el, fill, name } from "./dom.js";
import { heads } from "./labels.js";
import { badge } from "./marks.js";
import { gainTold, siteTitle } from "./plan.js";

/** Fills the card with site i.
 @param {App} app
 @param {number} i */
export function render(app, i) {
  const { model, say, act } = app, { plan, sites, summary } = model.texts, site = sites[i];
  const why = whyNot(app) || (site.on ? "" : "adopt_no_street");
  fill("card",
    el("button", { type: "button", class: "close", "aria-label": say.t("close"), "data-testid": "card-close", text: "×", on: { click: act.closeCard } }),
    el("h2", { id: "card-title", "data-testid": "card-title" }, name(siteTitle(app, i))),
    el("p", { class: "hint" }, name(`${site.name ? `${say.t("site", { number: i + 1 })} ${site.id} · ` : ""}${site.lonlat.map((degrees) => degrees.toFixed(5)).join(", ")}`)),
    plan?.old && el("p", { class: "warning" }, name(say.t("plan_old_hint", { study: summary.study }))),
    el("p", { class: "lead", "data-testid": "card-gain", text: gainTold(app, i) }),
    ...reasons(app, i),
    el("h3", { text: say.t("site_offers") }),
    el("ul", { class: "services" }, ...site.services.map((id) => {
      const k = summary.services.findIndex((service) => service.id === id);
      return el("li", {}, k >= 0 && badge(k), el("span", { class: "what" }, name(k >= 0 ? say.of(summary.services[k], id) : id)));
    })),
    el("div", { class: "row" }, adoptButton(app, [i], "card-adopt", "adopt")),
    why && el("p", { class: "hint", text: say.t(why) }));
}

/** Who needs the site, and which streets and compounds it completes; nothing in plans of older versions.
 @param {App} app
 @param {number} i */
function reasons(app, i) {
  const { say, model } = app, why = model.texts.sites[i].why;
  if (!why) return [];
  const places = why.complete.map((place) => `${place.name} ${heads(app, place.gained_persons)}`).join(say.comma), count = why.complete_count;
  return [
    el("p", { class: "hint", "data-testid": "card-lost", text: say.t("site_lost", { persons: heads(app, why.lost_persons) }) }),
    count > 0 && el("p", { class: "hint", "data-testid": "card-complete" }, name(say.t(count > why.complete.length ? "site_complete_of" : "site_complete", { places, count })))];
}
