/* Bars by service, the worst first. */
import { el, fill, name } from "./dom.js";
import { heads } from "./labels.js";
import { badge } from "./marks.js";

/** Symbol, name, bar, share of persons in time, persons lacking it; a click colours the map by it.
 @param {App} app */
export function render(app) {
  const { model, view, say, act } = app;
  const order = model.now.services.map((service, k) => ({ service, k })), was = model.was?.services;
  const rank = (/** @type {{ service: Service }} */ { service }) => (service.state === "no_data" ? 2 : service.share ?? 1.5);
  order.sort((a, b) => rank(a) - rank(b) || a.k - b.k);
  fill("coverage", ...order.map(({ service, k }) => {
    const known = service.state === "known";
    const bar = el("span", { class: known ? "bar" : "bar no-data" });
    if (known) bar.append(...fillTo(service.share, was ? was[k].share ?? 0 : service.share));
    return el("button", { type: "button", class: known ? "service" : "service blank", title: say.t("coverage_hint"), "data-testid": `service-${k}`, "data-service": service.id,
      "aria-pressed": String(view.colour === k), on: { click: () => act.colourBy(view.colour === k ? -1 : k) } },
      badge(k), name(say.of(service, service.id)), bar,
      el("span", { class: known ? "figure" : "figure words", text: known ? say.percent(service.share) : say.t("no_data") }),
      el("span", { class: "figure", "data-testid": `lacking-${k}`, text: known ? heads(app, service.missing_persons) : "" }));
  }));
}

/** The bar as far as it goes, and what changed in another colour: gained, or lost beyond its end.
 @param {number | null} share
 @param {number | null} was */
function fillTo(share, was) {
  const part = (/** @type {string} */ kind, /** @type {number} */ size) => {
    const bar = el("span", { class: kind });
    bar.style.width = `${100 * size}%`;
    return bar;
  };
  const [is, before] = [share ?? 0, was ?? 0];
  return [part("fill", Math.min(is, before)), ...(is > before ? [part("fill gained", is - before)] : []), ...(is < before ? [part("fill lost", before - is)] : [])];
}
