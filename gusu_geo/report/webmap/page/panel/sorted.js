/* Tables that a click on a head sorts. */
import { el, name } from "./dom.js";

const SHOWN = 100; // rows: the workbook has all

/** A column: what it is sorted by (texts or numbers, null last), and its cell.
 @template T
 @typedef {{ key: string, label: string, value: (row: T) => string | number | null, cell: (row: T) => Node | string, number?: boolean }} ColumnOf */

/** The table, with the number of rows it leaves out below. `first`: how it is sorted from the start.
 @template T
 @param {App} app
 @param {string} id of the table
 @param {ColumnOf<T>[]} columns the first holds the heads of the rows
 @param {T[]} rows
 @param {{ key: string, down: boolean }} first */
export function sortedTable({ view, say, act }, id, columns, rows, first) {
  const { key, down } = (view.sorts[id] ??= first), by = columns.find((column) => column.key === key) ?? columns[0];
  const order = rows.map((row) => ({ row, value: by.value(row) })).sort((a, b) => compare(a.value, b.value, down, say.lang)).map(({ row }) => row);
  const head = (/** @type {ColumnOf<T>} */ column) => el("th", { scope: "col", class: column.number && "number", "aria-sort": column === by && (down ? "descending" : "ascending") },
    el("button", { type: "button", class: "sort", "data-testid": `sort-${id}-${column.key}`, on: { click: () => act.sortTable(id, column.key) } },
      document.createTextNode(column.label), el("span", { "aria-hidden": "true", text: column === by ? (down ? " ▾" : " ▴") : "" })));
  const cell = (/** @type {ColumnOf<T>} */ column, /** @type {T} */ row) => {
    const made = column.cell(row);
    return typeof made === "string" ? document.createTextNode(made) : made;
  };
  return [
    el("table", { "data-testid": `${id}-table` },
      el("thead", {}, el("tr", {}, ...columns.map(head))),
      el("tbody", {}, ...order.slice(0, SHOWN).map((row) => el("tr", { "data-testid": `${id}-row` }, ...columns.map((column, i) => (i
        ? el("td", { class: column.number && "number" }, cell(column, row)) : el("th", { scope: "row" }, cell(column, row)))))))),
    rows.length > SHOWN && el("p", { class: "hint", text: say.t("zones_more", { count: say.count(rows.length - SHOWN) }) })];
}

/** What is unknown stands last, whichever way.
 @param {string | number | null} a
 @param {string | number | null} b
 @param {boolean} down
 @param {string} lang */
function compare(a, b, down, lang) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), lang);
  return down ? -order : order;
}

/** A zone by name, as a button that goes there and opens its card.
 @param {App} app
 @param {number} i its position; below 0: the map has it not
 @param {string} title
 @param {string} [mark] */
export function zoneButton({ say, act }, i, title, mark = "") {
  const text = name(mark ? `${title} ${mark}` : title);
  return i < 0 ? text : el("button", { type: "button", class: "link", "aria-label": say.t("zoom_to", { name: title }), on: { click: () => act.openZone(i) } }, text);
}
