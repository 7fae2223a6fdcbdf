/* Signals and pairs by zone, and whether there is room, as the map asks for them. */
import { Room } from "./constants.js";

export const RELATIVE_EDGES = [0.5, 0.8, 1.25, 2]; // of a zone's shrunk rate over that of the district
/** The class of a rate that nobody knows, after the coloured ones. */
export const RELATIVE_UNKNOWN = RELATIVE_EDGES.length + 1;

/** @param {number | null} relative */
export function relativeClass(relative) {
  return relative === null ? RELATIVE_UNKNOWN : RELATIVE_EDGES.filter((edge) => relative >= edge).length;
}

/** Position of each zone of a level, by its id.
 @param {Pick<Texts, "zones">} texts
 @param {string} level
 @returns {Map<string, number>} */
export function zonesOf({ zones }, level) {
  return new Map(zones.flatMap((zone, i) => (zone.level === level ? [/** @type {[string, number]} */ ([zone.id, i])] : [])));
}

/** Signals by the position of their zone.
 @param {Texts} texts
 @returns {Map<number, SignalCell>} */
export function cellsOf(texts) {
  const { signals } = texts.summary, at = signals ? zonesOf(texts, signals.level) : new Map();
  return new Map((signals?.cells ?? []).flatMap((cell) => (at.has(cell.id) ? [/** @type {[number, SignalCell]} */ ([at.get(cell.id), cell])] : [])));
}

/** What is known of the capacity of service k; none where it is not looked at.
 @param {Texts} texts
 @param {number} k */
export const capacityOf = ({ summary }, k) => summary.capacity?.services.find((one) => one.service === summary.services[k]?.id);

/** Whether home r finds room in service k, in the study as it is: under what is tried out nobody knows.
 @param {Model} model
 @param {number} r
 @param {number} k */
export function roomOf({ arrays, texts, services, shown }, r, k) {
  const norm = capacityOf(texts, k)?.norm;
  return !shown && norm && arrays.home_room ? arrays.home_room[r * services + k] : Room.NONE_NEAR;
}

/** 1 for homes whose venues of service k are full; null where nothing is called full.
 @param {Model} model
 @param {number} k
 @returns {Uint8Array | null} */
export function fullHomes(model, k) {
  const { home_room: room } = model.arrays, { homes, services } = model;
  if (k < 0 || model.shown || !room || !capacityOf(model.texts, k)?.norm) return null;
  return Uint8Array.from({ length: homes }, (_, r) => Number(room[r * services + k] === Room.FULL));
}
