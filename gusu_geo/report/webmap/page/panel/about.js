/* What the figures mean, and the imprint. */
import { el, fill, name } from "./dom.js";
import { counted, limits } from "./labels.js";

/** What the figures mean.
 @param {App} app */
export function about({ model, say }) {
  const { summary, sources, left_out: left } = model.texts, { persons: heads } = summary.data;
  const line = (/** @type {string | false} */ text) => text && el("p", {}, name(text));
  const unlinked = summary.residences.total - summary.residences.linked;
  fill("about",
    line(`${say.t("rule_pack", { pack: summary.rule.pack, version: summary.rule.version })}${say.colon}${say.of(summary.rule.note)}`),
    line(summary.rule.source && `${say.t("source")}: ${summary.rule.source}`),
    line(heads.estimate && say.t("about_estimate")),
    line(summary.residences.ledger === 0 && `${say.t("assumed_homes")}${say.colon}${say.percent(summary.assumed.share)} ${say.t("assumed_hint", { homes: say.count(summary.assumed.residences) })}`),
    line(!counted(model) && say.t("about_uncounted")),
    line(left.length > 0 && say.t("left_out", { reasons: left.map((one) => `${say.of(one)} ${say.count(one.count)}`).join(say.comma) })),
    line(say.of(heads.method)), line(heads.source && `${say.t("persons")} · ${say.t("source")}: ${heads.source}`),
    line(say.t("about_no_data")), line(model.walls && say.t("about_walled")), line(say.t("about_time")),
    ...ownRules({ model, say }),
    el("p", { "data-testid": "walk-model" }, name(`${say.t("walk_model")}${say.colon}${say.of(summary.walk.model)}`)),
    unlinked > 0 && line(say.t("unlinked", { count: say.count(unlinked) })),
    summary.notes.length > 0 && el("h3", { text: say.t("notes") }),
    summary.notes.length > 0 && el("ul", { "data-testid": "notes" }, ...summary.notes.map((note) => el("li", {}, name(say.of(note, note.code))))),
    sources.length > 0 && el("details", { "data-testid": "sources" }, el("summary", { text: say.t("sources") }),
      el("ul", {}, ...sources.map((line) => el("li", {}, name(say.of(line)))))));
}

/** What each rule asks for, where homes have rules of their own.
 @param {Pick<App, "model" | "say">} app */
function ownRules({ model, say }) {
  const { rules } = model.texts;
  if (!rules) return [];
  return [el("h3", { text: say.t("own_rules") }), el("p", { text: say.t("about_own_rules") }),
    el("ul", { "data-testid": "own-rules" }, ...rules.map((rule) => el("li", {}, name(`${say.of(rule.name)}${say.colon}${say.of(rule.terms)}`))))];
}

/** The imprint; on narrow screens a short line stands for it until it is opened (style.css).
 @param {App} app */
export function footer({ model, say }) {
  const { summary, profile } = model.texts, { rule, walk, data } = summary;
  const shown = model.shown?.settings.walk, pair = shown ?? profile, mps = shown ? shown.speed_mmps / 1000 : walk.speed_mps;
  const speed = say.of(pair) && !shown?.custom ? say.t("speed_profile", { profile: say.of(pair), speed: say.speed(mps) }) : say.t("speed", { speed: say.speed(mps) });
  const date = String(data.osm_date || "").slice(0, 10);
  const { internal, review_number: number } = summary.report;
  const review = say.t("review_number", { number: number || "—" }), limit = say.t("threshold", { minutes: limits({ model, say }) });
  const parts = [summary.invented && say.t("invented"), model.shown && say.t("is_whatif"), internal ? say.t("internal") : "", review, speed, limit,
    date ? say.t("data_date", { date }) : say.t("data_undated"),
    say.t("rule_pack", { pack: rule.pack, version: rule.version }), say.of(rule.note),
    !summary.invented && (data.licence || "© OpenStreetMap contributors (ODbL)"), `gusu_geo ${summary.version}`];
  fill("foot-short", summary.invented && el("span", { class: "strong", text: say.t("invented") }), model.shown && el("span", { class: "strong", text: say.t("is_whatif") }), el("span", { class: "strong", text: internal ? say.t("internal") : review }),
    el("span", {}, name(speed)), el("span", { text: limit }), el("span", { class: "more", text: say.t("more") }));
  fill("foot-full", ...parts.flatMap((text) => (text ? [text] : [])).map((text, i) => el("span", { class: i < 2 + Number(Boolean(model.shown)) + Number(summary.invented) ? "strong" : "" }, name(text))));
}
