/* Sections that open: their heads stand at the foot of the panel, always in reach. Kept in the view, so that nothing
   closes when the language changes. */
import { byId, el, fill, focusOn } from "./dom.js";

const ALL = ["settings", "whatif", "comments", "signals", "capacity", "pairing", "complaints", "zones", "tiers", "gaps", "layers", "homes", "about"];
const MANY = 9; // heads in one row

/** Those that the page has. */
const existing = () => ALL.filter((one) => document.getElementById(`${one}-section`));

/** @param {App} app */
export function render(app) {
  const { view, say } = app, all = existing(), there = all.filter((one) => !byId(`${one}-section`).hidden);
  fill("heads", ...there.map((one) => el("button", { type: "button", class: "head", "data-testid": `head-${one}`,
    "aria-expanded": String(view.sections.has(one)), "aria-controls": `${one}-section`, text: say.t(`head_${one}`), on: { click: () => toggle(app, one) } })));
  byId("heads").classList.toggle("many", there.length > MANY);
  for (const one of all) byId(`${one}-section`).classList.toggle("shut", !view.sections.has(one));
}

/** Opens a section in place of the open one, and goes there; or closes it.
 @param {App} app
 @param {string} one */
function toggle(app, one) {
  const { view } = app, again = view.sections.has(one);
  view.sections = new Set(again ? [] : [one]);
  render(app);
  goTo(again ? null : one);
  focusOn(document, `head-${one}`);
}

/** Opens a section beside those that are open.
 @param {App} app
 @param {string} one */
export function open(app, one) {
  if (app.view.sections.has(one)) return;
  app.view.sections.add(one);
  render(app);
}

/** @param {string | null} one null: to the top */
function goTo(one) {
  const box = byId("sections");
  box.scrollTop = one ? byId(`${one}-section`).offsetTop - box.offsetTop : 0;
}
