/* The plan in the panel: what it brings, how sure that is, its sites; and how to get one. */
import { adoptButton, whyNot } from "./adopt.js";
import { byId, el, fill, name } from "./dom.js";
import { askedOf, counted, digits, heads } from "./labels.js";
import { siteMark } from "./marks.js";

/** @param {App} app */
export function render(app) {
  const { model, say } = app, { plan, sites, summary } = model.texts;
  byId("plan-section").classList.toggle("old", Boolean(plan?.old));
  byId("plan-title").textContent = say.t(plan?.old ? "plan_old" : plan?.suggested ? "plan_suggested" : "plan");
  fill("plan-all", sites.length > 1 && adoptButton(app, sites.map((_, i) => i), "adopt-all", "adopt_all"));
  fill("plan-note", ...(plan ? [
    plan.old && el("p", { class: "warning", "data-testid": "plan-old" }, name(say.t("plan_old_hint", { study: summary.study }))),
    plan.asked_services && el("p", { class: "hint", "data-testid": "plan-only-for" }, name(say.t("plan_only_for", { services: askedOf(app) }))),
    brings(app, plan),
    sites.length > 0 && whyNot(app) && el("p", { class: "hint", "data-testid": "adopt-off", text: say.t(whyNot(app)) })]
    : [el("p", { class: "hint", "data-testid": "plan-none" }, name(say.t("plan_none", { study: summary.study })))]));
  fill("plan", ...sites.map((_, i) => row(app, i)));
}

/** Share before and after, persons gained, and how far from the best it can be.
 @param {App} app
 @param {Plan} plan */
function brings(app, plan) {
  const { say } = app, { before, after, objective_persons: best, bound_persons: bound } = plan, [, gained] = plan.gained_persons;
  if (!app.model.texts.sites.length) return el("p", { "data-testid": "plan-brings", text: say.t(plan.asked_services ? "plan_nothing_services" : "plan_nothing") });
  return el("p", { "data-testid": "plan-brings" },
    el("span", { class: "strong", text: `${say.percent(before.share)} → ${say.percent(after.share)}` }),
    el("span", { text: ` · ${say.t(plan.asked_services ? "plan_gains_services" : "plan_gains", { persons: heads(app, gained) })} · ` }),
    el("span", { "data-testid": "plan-proof", text: proof(app, best, bound) }));
}

/** How far from the best it can be: of weighted sums where signals or elders weigh more, and they are called so.
 @param {App} app
 @param {number} best
 @param {number | null} bound */
function proof(app, best, bound) {
  const { say } = app, weighted = Boolean(app.model.texts.plan?.weighted);
  if (bound === null) return say.t("plan_unproven");
  if (bound > best) return say.t(weighted ? "plan_bound_weighted" : "plan_bound", { persons: heads(app, bound - best) });
  return say.t(weighted ? "plan_best_weighted" : "plan_best");
}

/** Persons that site i brings in addition to those before it.
 @param {Pick<App, "model" | "say">} app
 @param {number} i */
export const gainOf = ({ model, say }, i) => `+${counted(model) ? "" : "~"}${digits({ model, say }, model.texts.sites[i].gained_persons)}`;

/** The same in words.
 @param {Pick<App, "model" | "say">} app
 @param {number} i */
export const gainTold = (app, i) => `${app.say.t(askedOf(app) ? "site_gains_services" : "site_gains", { persons: gainOf(app, i), services: askedOf(app) })}${i ? app.say.t("site_beyond", { count: i }) : ""}`;

/** What OpenStreetMap says that a site is, in brackets.
 @param {App["say"]} say
 @param {string} kind */
const said = (say, kind) => (kind === "vacant" || kind === "public" ? say.t("site_kind", { kind: say.t(`from_${kind}`) }) : "");

/** What site i is called.
 @param {Pick<App, "model" | "say">} app
 @param {number} i */
export function siteTitle({ model, say }, i) {
  const site = model.texts.sites[i];
  return `${site.name || `${say.t("site", { number: i + 1 })} · ${site.id}`}${said(say, site.kind)}`;
}

/** @param {App} app
 @param {number} i */
function row(app, i) {
  const { model, say, act } = app, titles = new Map(model.texts.summary.services.map((service) => [service.id, say.of(service, service.id)]));
  return el("li", {}, siteMark(i + 1),
    el("div", {}, el("button", { type: "button", class: "link", "data-testid": `site-${i}`, on: { click: () => act.openSite(i) } }, name(siteTitle(app, i))),
      el("div", { class: "hint" }, name(model.texts.sites[i].services.map((id) => titles.get(id) || id).join(say.comma)))),
    el("span", { class: "figure strong", "data-testid": `gain-${i}`, text: gainOf(app, i) }),
    adoptButton(app, [i], `adopt-${i}`, "adopt"));
}
