/* The panel and the footer. Every part is rebuilt when the language changes. */
import { about, footer } from "./about.js";
import * as answer from "./answer.js";
import * as commentCard from "./comment_card.js";
import * as district from "./district.js";
import { fill, name } from "./dom.js";
import * as figures from "./figures.js";
import * as gaps from "./gaps.js";
import * as histogram from "./histogram.js";
import { limits } from "./labels.js";
import * as layers from "./layers.js";
import * as legend from "./legend.js";
import * as plan from "./plan.js";
import * as residences from "./residences.js";
import * as sections from "./sections.js";
import * as services from "./services.js";
import * as tiers from "./tiers.js";
import * as zones from "./zones.js";

/** Everything but the card.
 @param {App} app
 @param {{ light?: boolean }} how */
export function render(app, { light = false } = {}) {
  answer.render(app);
  figures.render(app);
  services.render(app);
  histogram.render(app);
  legend.render(app);
  app.changes();
  commentCard.list(app);
  if (light) return; // something is dragged: the rest waits until it is dropped
  heading(app);
  tiers.render(app);
  plan.render(app);
  gaps.list(app);
  layers.render(app);
  zones.render(app);
  district.render(app);
  residences.render(app);
  about(app);
  footer(app);
  sections.render(app);
}

/** Title, rule, limit and reading; and all texts that page.html leaves open.
 @param {App} app */
function heading({ model, say }) {
  const { summary } = model.texts;
  const title = say.of(summary.title, summary.study);
  document.title = title;
  fill("title", name(title));
  fill("subtitle", name(say.of(summary.rule.title, summary.rule.pack)),
    document.createTextNode(` · ${say.t("minutes", { minutes: limits({ model, say }) })} · ${say.t(`mode_${model.shown?.settings.mode ?? summary.rule.mode}`)}`));
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = say.t(part.getAttribute("data-text") ?? "");
}
