/* Finding by name, id, pinyin or its initials, and the first of many. */
import { State } from "./constants.js";

/** A test of position i against names, ids and spellings.
 @param {string} query
 @param {(string[] | undefined)[]} lists */
export function matcher(query, ...lists) {
  const wanted = query.trim().toLowerCase();
  return (/** @type {number} */ i) => !wanted || lists.some((list) => list?.[i]?.toLowerCase().includes(wanted));
}

/** Homes that fit the search and, from 0 on, lack the service `only`; in no order.
 @param {import("./model.js").Model} model
 @param {string} query
 @param {number} only */
export function findHomes(model, query, only) {
  const { texts, arrays } = model, fits = matcher(query, texts.homes.ids, texts.homes.names, texts.homes.spelled), found = [];
  for (let r = 0; r < model.homes; r++) {
    if (only >= 0 && arrays.state[r * model.services + only] !== State.FAIL) continue;
    if (fits(r)) found.push(r);
  }
  return found;
}

/** The first `count` of a list in an order, as sorting all of it would bring them.
 @template T
 @param {T[]} list
 @param {number} count
 @param {(a: T, b: T) => number} compare */
export function firstOf(list, count, compare) {
  /** @type {T[]} */
  const out = [];
  for (const one of list) {
    let at = out.length;
    while (at > 0 && compare(one, out[at - 1]) < 0) at--;
    if (at >= count) continue;
    out.splice(at, 0, one);
    if (out.length > count) out.pop();
  }
  return out;
}
