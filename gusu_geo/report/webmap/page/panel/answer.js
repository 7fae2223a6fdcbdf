/* The answer in one sentence, from the figures that are shown; answer.py says the same of a summary. */
import { isAdopted } from "../engine/sites.js";
import { fill, name } from "./dom.js";
import { askedOf, heads } from "./labels.js";

/** @param {App} app */
export const render = (app) => fill("answer", name(sentence(app)));

/** How many have everything, what most lack, what new points would bring.
 @param {App} app */
export function sentence(app) {
  const { model, say } = app, { known, known_services: count } = model.now;
  if (!count || known.share === null) return say.t("answer_unknown");
  const group = model.group && `${say.t(`group_${model.group}`)}${say.colon}`;
  const share = say.t(count < model.services ? "answer_known" : "answer_all", { share: say.percent(known.share), count });
  return [`${group}${share}`, gap(app), model.was ? trial(app, model.was) : !group && planned(app)].filter(Boolean).join(say.semicolon);
}

/** The service that most persons lack, the first of equal ones.
 @param {App} app */
function gap(app) {
  const { model, say } = app;
  const most = model.now.services.reduce((best, one) => (one.state === "known" && one.missing_persons > (best?.missing_persons ?? 0) ? one : best), /** @type {Service | null} */ (null));
  return most ? say.t("answer_gap", { service: say.of(most, most.id), persons: heads(app, most.missing_persons) }) : say.t("answer_no_gap");
}

/** That it is tried out only, and the share as things are.
 @param {App} app
 @param {Totals} was */
function trial({ model, say, lab }, was) {
  const changes = lab?.history.now.changes ?? [], share = say.percent(was.known.share);
  const sites = model.texts.sites.filter((_, i) => isAdopted(model, changes, i)).length;
  return sites ? say.t("answer_adopted", { sites, share }) : say.t("answer_trial", { share });
}

/** What the plan brings, of the data and settings that are shown; of a plan for some services what
 it brings of these, which is another share than that before it in the sentence.
 @param {App} app */
function planned(app) {
  const { model, say } = app, { plan, sites: { length: sites } } = model.texts;
  if (!plan || plan.old) return "";
  const services = askedOf(app), [before, after] = [plan.before, plan.after].map(({ share }) => say.percent(share));
  if (services) return say.t(sites ? "answer_plan_services" : "answer_plan_services_none", { sites, services, before, after });
  if (!sites) return say.t("answer_plan_none");
  return say.t(sites === 1 ? "answer_plan_one" : "answer_plan_many", { sites, share: after });
}
