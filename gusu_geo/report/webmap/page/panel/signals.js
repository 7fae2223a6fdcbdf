/* Signals: table of zones, clusters, gaps asked for; legend and tip of the map's layer. */
import { ALONE, clusterMark } from "../drawing/cells.js";
import { RELATIVE } from "../drawing/colours.js";
import { RELATIVE_EDGES, cellsOf, relativeClass, zonesOf } from "../engine/district.js";
import { el, fill, name } from "./dom.js";
import { zoneName } from "./labels.js";
import { swatch } from "./marks.js";
import { counted, ends, interval, number } from "./rates.js";
import { sortedTable, zoneButton } from "./sorted.js";

const RUNGS = ["point", "compound", "community", "none"];

/** The marks behind a zone's name: by itself high or low, its cluster.
 @param {SignalCell} cell */
const marks = ({ alone, cluster }) => [alone && ALONE[alone], cluster > 0 && clusterMark(cluster)].filter(Boolean).join(" ");

/** How many times the district's rate.
 @param {Say} say
 @param {number | null} relative */
const times = (say, relative) => (relative === null ? "—" : say.t("signal_times", { times: relative.toFixed(1) }));

/** @param {App} app */
export function render(app) {
  const { model, say, view, act } = app, facts = model.texts.summary.signals;
  if (!facts) return;
  const located = RUNGS.map((rung) => say.t(`signal_at_${rung}`, { count: counted(say, facts.located[rung] ?? (rung in facts.located ? null : 0)) })).join(say.comma);
  fill("signals",
    el("p", { class: "hint", "data-testid": "signals-all", text: say.t("signal_all", { total: counted(say, facts.total), used: counted(say, facts.used), located, rate: interval(facts.all) }) }),
    facts.days.length > 1 && el("p", { class: "hint", text: say.t("signal_days", { from: facts.days[0], to: facts.days[1] }) }),
    facts.all_per_visit && el("p", { class: "hint", text: say.t("signal_visits", { rate: interval(facts.all_per_visit) }) }),
    el("label", { class: "check screen-only" },
      el("input", { type: "checkbox", checked: view.on.signals, "data-testid": "signals-show", on: { change: (event) => act.show("signals", event.target.checked) } }),
      el("span", { text: say.t("signal_show") })),
    el("h3", { text: say.t("signal_clusters") }), ...clusters(app, facts),
    el("h3", { text: say.t("signal_zones") }), ...table(app, facts),
    ...asked(app, facts));
}

/** Clusters, the surest first; or that there is none.
 @param {App} app
 @param {SignalFacts} facts */
function clusters({ model, say, act }, { scan, level }) {
  const at = zonesOf(model.texts, level), titleOf = (/** @type {string} */ id) => (at.has(id) ? zoneName(model, say, at.get(id) ?? -1) : id);
  const more = [!scan.clusters.length && scan.power !== null && say.t("signal_power", { count: say.plain(scan.doubled), power: say.percent(scan.power) }),
    scan.aside.length > 0 && say.t("signal_aside", { names: scan.aside.map(titleOf).join(say.comma) })].flatMap((text) => (text ? [el("p", { class: "hint" }, name(text))] : []));
  if (!scan.clusters.length) return [el("p", { class: "hint", "data-testid": "no-clusters", text: say.t(`signal_scan_${scan.state}`) }), ...more];
  return [el("ul", { class: "plain", "data-testid": "clusters" }, ...scan.clusters.map((cluster, i) => {
    const ixs = cluster.zones.flatMap((id) => at.get(id) ?? []), title = `${clusterMark(i + 1)} ${clusterNames({ model, say }, cluster)}`;
    return el("li", {},
      ixs.length ? el("button", { type: "button", class: "link", "data-testid": `cluster-${i}`, on: { click: () => act.showZones(ixs) } }, name(title)) : name(title),
      el("div", { class: "hint", text: clusterText(say, cluster) }));
  })), ...more];
}

/** Its zones as the page names them.
 @param {Pick<App, "model" | "say">} app
 @param {SignalCluster} cluster */
function clusterNames({ model, say }, { zones, names }) {
  const at = zonesOf(model.texts, model.texts.summary.signals?.level ?? "");
  return zones.map((id, i) => (at.has(id) ? zoneName(model, say, at.get(id) ?? -1) : names[i] || id)).join(say.comma);
}

/** @param {Say} say
 @param {SignalCluster} cluster */
const clusterText = (say, { signals, expected, times, p }) => say.t("signal_cluster", { signals: counted(say, signals), expected: number(expected), times: times === null ? "—" : times.toFixed(1), p: p.toFixed(3) });

/** @param {App} app
 @param {SignalFacts} facts */
function table(app, { cells, level }) {
  const { model, say } = app, at = zonesOf(model.texts, level), title = (/** @type {SignalCell} */ cell) => (at.has(cell.id) ? zoneName(model, say, at.get(cell.id) ?? -1) : cell.name || cell.id);
  /** @type {import("./sorted.js").ColumnOf<SignalCell>[]} */
  const columns = [
    { key: "name", label: say.t("name"), value: title, cell: (cell) => zoneButton(app, at.get(cell.id) ?? -1, title(cell), marks(cell)) },
    { key: "count", label: say.t("signal_count"), number: true, value: (cell) => cell.signals, cell: (cell) => counted(say, cell.signals) },
    { key: "rate", label: say.t("signal_rate"), number: true, value: (cell) => cell.per_1000.rate,
      cell: (cell) => el("span", {}, document.createTextNode(number(cell.per_1000.rate)), el("span", { class: "hint", text: ` ${ends(cell.per_1000)}` })) },
    { key: "relative", label: say.t("signal_relative"), number: true, value: (cell) => cell.relative, cell: (cell) => times(say, cell.relative) },
  ];
  return [...sortedTable(app, "signals", columns, cells, { key: "relative", down: true }), el("p", { class: "hint", text: say.t("signal_marks") })];
}

/** Whether the gap in each service is asked for, over all zones.
 @param {App} app
 @param {SignalFacts} facts */
function asked({ model, say }, facts) {
  const rows = facts.asked.filter(({ zone }) => !zone), { services } = model.texts.summary;
  if (!rows.length) return [];
  const rank = { yes: 0, open: 1, no: 2 };
  rows.sort((a, b) => rank[a.asked] - rank[b.asked] || (b.ratio ?? 0) - (a.ratio ?? 0));
  return [el("h3", { text: say.t("signal_asked") }), el("p", { class: "hint", text: say.t("signal_asked_hint", { share: say.percent(facts.left_out) }) }),
    el("table", { "data-testid": "asked" }, el("tbody", {}, ...rows.map((row) => el("tr", {},
      el("th", { scope: "row" }, name(say.of(services.find(({ id }) => id === row.service), row.service))),
      el("td", {}, el("span", { class: row.asked === "yes" ? "strong" : row.asked === "open" ? "hint" : "", text: say.t(`signal_asked_${row.asked}`) })),
      el("td", { class: "number" }, document.createTextNode(row.ratio === null && row.low !== null ? "" : number(row.ratio)), el("span", { class: "hint", text: ` ${ends(row)}` }))))))];
}

/** Of the map's layer: how a zone's rate stands to the district's, and what the lines mean.
 @param {App} app */
export function signalLegend({ model, say }) {
  const facts = model.texts.summary.signals, tally = new Map();
  if (!facts) return [];
  for (const cell of facts.cells) tally.set(relativeClass(cell.relative), (tally.get(relativeClass(cell.relative)) ?? 0) + 1);
  const edge = (/** @type {number} */ i) => RELATIVE_EDGES[i].toFixed(RELATIVE_EDGES[i] === 1.25 ? 2 : 1), last = RELATIVE.length - 1;
  const label = (/** @type {number} */ i) => (i === 0 ? say.t("signal_below", { times: edge(0) }) : i === last ? say.t("signal_from", { times: edge(last - 1) }) : say.t("signal_between", { from: edge(i - 1), to: edge(i) }));
  const row = (/** @type {number} */ i, /** @type {string} */ text) => el("div", { class: "key", "data-testid": `signal-class-${i}` }, swatch(RELATIVE[i], ""), el("span", { text }), el("span", { class: "number", text: say.count(tally.get(i) ?? 0) }));
  return [el("p", { class: "hint", text: say.t("signal_legend") }), el("p", { class: "hint right", text: say.t("signal_legend_head") }),
    el("div", { class: "keys" }, ...RELATIVE.map((_, i) => i).reverse().map((i) => row(i, label(i))), tally.has(last + 1) && row(last + 1, say.t("unknown"))),
    facts.scan.clusters.length > 0 && el("p", { class: "hint apart", text: say.t("signal_legend_cluster") }),
    facts.cells.some(({ alone }) => alone) && el("p", { class: "hint", text: say.t("signal_marks") })];
}

/** The tip of zone i.
 @param {App} app
 @param {number} i
 @returns {string[]} */
export function cellLines({ model, say }, i) {
  const cell = cellsOf(model.texts).get(i), facts = model.texts.summary.signals;
  if (!cell || !facts) return [zoneName(model, say, i)];
  const cluster = facts.scan.clusters[cell.cluster - 1];
  return [zoneName(model, say, i), say.t("signal_tip", { count: counted(say, cell.signals), times: times(say, cell.relative) }),
    cluster && `${clusterMark(cell.cluster)} ${say.t("signal_in_cluster", { number: cell.cluster })}`, cell.alone && `${ALONE[cell.alone]} ${say.t(`signal_alone_${cell.alone}`)}`].flatMap((line) => line || []);
}

/** What the card of zone i says of its signals.
 @param {App} app
 @param {number} i */
export function ofZone({ model, say }, i) {
  const cell = cellsOf(model.texts).get(i), facts = model.texts.summary.signals;
  if (!cell || !facts) return [];
  const cluster = facts.scan.clusters[cell.cluster - 1], line = (/** @type {string} */ key, /** @type {string} */ text) => [el("dt", { text: say.t(key) }), el("dd", { text })];
  return [el("h3", { text: say.t("signal_title") }),
    el("dl", { class: "facts", "data-testid": "zone-signals" },
      ...line("signal_count", counted(say, cell.signals)), ...(cell.expected === null ? [] : line("signal_expected", number(cell.expected))),
      ...line("signal_rate", interval(cell.per_1000)), ...(cell.per_visit ? line("signal_visit_rate", interval(cell.per_visit)) : []),
      ...line("signal_shrunk", interval(cell.shrunk)), ...line("signal_relative", times(say, cell.relative))),
    cluster && el("p", { "data-testid": "zone-cluster" }, name(`${clusterMark(cell.cluster)} ${say.t("signal_in_cluster", { number: cell.cluster })}${say.colon}${clusterNames({ model, say }, cluster)}`), el("span", { class: "hint", text: ` ${clusterText(say, cluster)}` })),
    cell.alone && el("p", { "data-testid": "zone-alone", text: `${ALONE[cell.alone]} ${say.t(`signal_alone_${cell.alone}`)}` })];
}
