/* Taking sites of a plan over into the what-if, and back. */
import { isAdopted, withSites, withoutSites } from "../engine/sites.js";
import { el } from "./dom.js";

/** Why the page can try no site, as the key of a text; "" where it can.
 @param {App} app */
export function whyNot({ model, lab }) {
  if (lab) return "";
  const off = model.texts.whatif_off || (model.texts.single === false && "several");
  return off ? `whatif_${off}` : "adopt_light";
}

/** @param {App} app
 @param {number} i */
export const adopted = ({ model, lab }, i) => lab !== null && isAdopted(model, lab.history.now.changes, i);

/** A button that takes sites over, or back where all of them are; one step of the history.
 @param {App} app
 @param {number[]} sites
 @param {string} testid
 @param {"adopt" | "adopt_all"} key */
export function adoptButton(app, sites, testid, key) {
  const { model, say, lab } = app, done = sites.every((i) => adopted(app, i)), why = whyNot(app);
  const blocked = why || (sites.every((i) => model.texts.sites[i].on) ? "" : "adopt_no_street");
  const click = () => {
    if (!lab) return;
    const { changes } = lab.history.now;
    lab.change({ changes: done ? withoutSites(model, changes, sites) : withSites(model, changes, sites) });
  };
  return el("button", { type: "button", class: "small", disabled: Boolean(blocked), title: blocked && say.t(blocked), "aria-pressed": String(done), "data-testid": testid,
    text: say.t(done ? "adopt_back" : key), on: { click } });
}
