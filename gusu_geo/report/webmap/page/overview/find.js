/* Search: districts by name, code, pinyin or its initials. */
import { search } from "../engine/finder.js";
import { byId, el, fill, name } from "../panel/dom.js";
import { kindMark } from "../panel/marks.js";

/** @param {Region} app
 @returns {import("../engine/finder.js").Source} */
const source = (app) => ({ kind: "zone", count: app.texts.rows.length, spelled: app.texts.spelled,
  name: (i) => app.texts.rows[i].name.zh, other: (i) => `${app.texts.rows[i].name.en}\n${app.texts.rows[i].code}\n${app.texts.rows[i].key}`,
  weight: (i) => app.texts.rows[i].figures?.persons ?? 0, go: (i) => app.pick(i, { zoom: true }) });

/** @param {Region} app */
export function render(app) {
  const { say, texts } = app, box = byId("search", HTMLInputElement), groups = search(app.query, [source(app)]);
  app.results = groups.flatMap(({ items }) => items.map(({ ix }) => ix));
  app.at = Math.min(app.at, Math.max(app.results.length - 1, 0));
  const nothing = app.query.trim() !== "" && !app.results.length;
  fill("found", ...app.results.map((ix, at) => el("div", { role: "option", id: `found-${at}`, "data-testid": `found-${at}`, "aria-selected": String(at === app.at),
    on: { click: () => choose(app, at), mousedown: (event) => event.preventDefault() } }, kindMark("zone"), name(say.of(texts.rows[ix].name, texts.rows[ix].key)))),
  nothing && el("div", { role: "option", "aria-disabled": "true", "aria-selected": "false", text: say.t("nothing_found") }));
  byId("found").hidden = !app.results.length && !nothing;
  box.setAttribute("aria-expanded", String(app.results.length > 0));
  if (app.results.length) box.setAttribute("aria-activedescendant", `found-${app.at}`);
  else box.removeAttribute("aria-activedescendant");
}

/** @param {Region} app
 @param {number} at */
function choose(app, at) {
  const ix = app.results[at];
  app.query = byId("search", HTMLInputElement).value = "";
  if (ix !== undefined) app.pick(ix, { zoom: true });
}

/** Enter takes the first of the list or the one that arrow keys chose; Escape empties the search.
 @param {Region} app */
export function listen(app) {
  const box = byId("search", HTMLInputElement);
  const typed = () => {
    app.query = box.value;
    app.at = 0;
    render(app);
  };
  box.addEventListener("input", typed);
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], count = app.results.length;
    if (event.isComposing || !count) return; // Enter ends the spelling of a Chinese word first
    if (step) {
      event.preventDefault();
      app.at = (app.at + step + count) % count;
      render(app);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(app, app.at);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      box.value = "";
      typed();
    }
  });
}
