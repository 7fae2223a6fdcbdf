/* Who counts under the settings: venues left out, moved and new, and the doors that lead to them. */
import { EVIDENCE, HOURS, Open } from "./constants.js";

/** Facilities left out, doors of new ones, and which venues offer everything that is asked for.
 @param {Arrays} arrays
 @param {Texts} texts
 @param {Settings} settings
 @param {number[]} asked positions of services
 @returns {Supply} */
export function supply(arrays, texts, { evidence, hour, changes }, asked) {
  const facilities = arrays.venue_service.length;
  const out = new Set(), unsure = new Set(), offers = new Map();
  for (let f = 0; f < facilities; f++) {
    const open = hour === null ? Open.OPEN : openAt(arrays, f, hour);
    if (open === Open.UNKNOWN) unsure.add(f);
    if (open === Open.CLOSED || !evidence.includes(EVIDENCE[arrays.venue_evidence[f]])) out.add(f);
    else offer(offers, texts.venues.ids[f], arrays.venue_service[f]);
  }
  const { fresh, names } = placed(arrays, texts, changes, out, offers);
  const added = [...fresh].flatMap(([id, { rows, on, leg }]) => rows.map((row) => ({ ...row, id, edge: on[0], cm: on[1], span: 0, leg })));
  const complete = new Set([...offers].filter(([, set]) => asked.every((k) => set.has(k))).map(([id]) => id));
  return { out, unsure, added, complete, names };
}

/** Venues that changes put somewhere, by id; those they take away join `out`.
 @param {Arrays} arrays
 @param {Texts} texts
 @param {Change[]} changes
 @param {Set<number>} out
 @param {Map<string, Set<number>>} offers */
function placed(arrays, texts, changes, out, offers) {
  /** @type {Map<string, { rows: { f: number; k: number }[]; on: On; leg: number }>} */
  const fresh = new Map();
  /** @type {Map<number, string>} */
  const names = new Map();
  let next = arrays.venue_service.length;
  for (const change of changes) {
    if (change.do === "add_venue") {
      const rows = change.services.map((service) => ({ f: next++, k: serviceIx(texts, service) }));
      fresh.set(change.id, { rows, on: change.on, leg: change.leg_cm ?? 0 });
      for (const { f, k } of rows) {
        names.set(f, change.name);
        offer(offers, change.id, k);
      }
    } else if (change.do === "close_venue" || change.do === "move_venue") {
      const own = fresh.get(change.venue);
      const rows = own ? own.rows : venueRows(arrays, texts, change.venue).filter((row) => !out.has(row.f));
      for (const { f } of rows) out.add(f);
      fresh.delete(change.venue);
      if (change.do === "move_venue") fresh.set(change.venue, { rows, on: change.on, leg: change.leg_cm ?? 0 });
    }
  }
  return { fresh, names };
}

/** @param {Map<string, Set<number>>} offers
 @param {string} id
 @param {number} k */
function offer(offers, id, k) {
  const kinds = offers.get(id);
  if (kinds) kinds.add(k);
  else offers.set(id, new Set([k]));
}

/** @param {Arrays} arrays
 @param {number} f
 @param {number} hour */
function openAt(arrays, f, hour) {
  const week = arrays.venue_week[f];
  return week < 0 ? Open.UNKNOWN : arrays.hours[HOURS * week + hour];
}

/** Position of a service, -1 for none.
 @param {Texts} texts
 @param {string} id */
export const serviceIx = (texts, id) => texts.summary.services.findIndex((service) => service.id === id);

/** Facilities and services of a venue of the study.
 @param {Arrays} arrays
 @param {Texts} texts
 @param {string} id */
export function venueRows(arrays, texts, id) {
  const rows = [];
  for (let f = 0; f < arrays.venue_service.length; f++) if (texts.venues.ids[f] === id) rows.push({ f, k: arrays.venue_service[f] });
  return rows;
}
