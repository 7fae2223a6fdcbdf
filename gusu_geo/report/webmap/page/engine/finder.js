/* What a search finds, best first: names, pinyin, initials and ids of places of every kind. */

/** @typedef {"street" | "zone" | "compound" | "station" | "park" | "water" | "landmark" | "venue" | "home"} Kind */

/** @typedef {[number, number, number, number]} Extent west, south, east, north, in units */

/** Places of one kind. name(i) and other(i), ids and names in other languages, are what is read; spelled[i]: "pjl pingjianglu";
 weight(i): of two that fit alike the heavier comes first; title(i): its name in the language that is shown; service(i): which it offers; go(i): leads there.
 @typedef {{ kind: Kind, count: number, name: (i: number) => string, other?: (i: number) => string, spelled?: string[],
   title?: (i: number) => string, weight?: (i: number) => number, service?: (i: number) => number, go: (i: number) => void }} Source */

/** @typedef {{ kind: Kind, source: number, ix: number, name: string, fit: number, weight: number }} Found */
/** @typedef {{ kind: Kind, items: Found[] }} FoundGroup */

/** Groups that fit alike stand in this order: what is large before what is small.
 @type {Kind[]} */
const KINDS = ["street", "zone", "compound", "station", "park", "water", "landmark", "venue", "home"];
const EXACT = 0, PREFIX = 1, WORD = 2, INSIDE = 3, NOT = 4;
const PER_KIND = 5, IN_ALL = 16;
const PLAIN = /^[ -~]*$/; // nothing to fold but case
const LONGEST = 100; // of a search: more than that nobody types

/** Without case, accents and full width: "République" is found by "republique".
 @param {string} text */
export const folded = (text) => (PLAIN.test(text) ? text : text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "")).toLowerCase();

/** How well one text fits: exact, from its start, from the start of a word, inside.
 @param {string} text
 @param {string} wanted */
function fit(text, wanted) {
  const at = text.indexOf(wanted);
  if (at < 0) return NOT;
  if (at === 0) return text.length === wanted.length ? EXACT : PREFIX;
  for (let i = at; i >= 0; i = text.indexOf(wanted, i + 1)) if (/[\s\-'’(（·,.]/.test(text[i - 1])) return WORD;
  return INSIDE;
}

/** Keys of all places, folded once: a city has many, and people type on.
 @type {WeakMap<Source, string[][]>} */
const kept = new WeakMap();

/** @param {Source} source */
function keysOf(source) {
  let keys = kept.get(source);
  if (!keys) {
    keys = Array.from({ length: source.count }, (_, i) => {
      const others = (source.other?.(i) ?? "").split("\n"), typed = (source.spelled?.[i] ?? "").split(" ");
      return [source.name(i), ...others, ...typed].map(folded).filter(Boolean);
    });
    kept.set(source, keys);
  }
  return keys;
}

/** Groups by kind, the one with the best fit first; of a group the best first.
 @param {string} query
 @param {Source[]} sources
 @returns {FoundGroup[]} */
export function search(query, sources) {
  const wanted = folded(query.trim().slice(0, LONGEST)), close = wanted.replace(/\s+/g, "");
  if (!close) return [];
  /** @type {Map<Kind, Found[]>} */
  const groups = new Map();
  sources.forEach((source, at) => {
    const keys = keysOf(source);
    for (let ix = 0; ix < source.count; ix++) {
      let best = NOT;
      for (const key of keys[ix]) best = Math.min(best, fit(key, wanted), wanted === close ? NOT : fit(key, close));
      if (best === NOT) continue;
      const group = groups.get(source.kind) ?? [];
      group.push({ kind: source.kind, source: at, ix, name: source.name(ix), fit: best, weight: source.weight?.(ix) ?? 0 });
      groups.set(source.kind, group);
    }
  });
  const out = [...groups].map(([kind, items]) => ({ kind, items: items.sort(better) }));
  out.sort((a, b) => a.items[0].fit - b.items[0].fit || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  return shortened(out);
}

/** @param {Found} a
 @param {Found} b */
const better = (a, b) => a.fit - b.fit || b.weight - a.weight || a.name.length - b.name.length || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) || a.ix - b.ix;

/** @param {FoundGroup[]} groups */
function shortened(groups) {
  let left = IN_ALL;
  return groups.flatMap(({ kind, items }) => {
    const some = items.slice(0, Math.min(PER_KIND, left));
    left -= some.length;
    return some.length ? [{ kind, items: some }] : [];
  });
}

/** The streets of a map: pieces of one name, apart by at most NEAR of them, are one street.
 @typedef {{ name: number, pieces: number[], extent: Extent, length: number }} Street */

/** @param {Lines} lines
 @param {ArrayLike<number>} nameOf position of each line's name, below 0 for none
 @param {number} names how many there are
 @param {number} near units
 @returns {Street[]} */
export function streetsOf(lines, nameOf, names, near) {
  /** @type {number[][]} */
  const byName = Array.from({ length: names }, () => []);
  for (let e = 0; e < lines.count; e++) if (nameOf[e] >= 0 && lines.start[e + 1] > lines.start[e]) byName[nameOf[e]].push(e);
  return byName.flatMap((pieces, name) => clusters(lines, pieces, near).map((part) => street(lines, name, part)));
}

/** Pieces whose boxes are near each other, directly or by others between.
 @param {Lines} lines
 @param {number[]} pieces
 @param {number} near */
function clusters({ box }, pieces, near) {
  const left = new Set(pieces), out = [];
  const apart = (/** @type {number} */ a, /** @type {number} */ b) => Math.max(
    box[4 * a] - box[4 * b + 2], box[4 * b] - box[4 * a + 2], box[4 * a + 1] - box[4 * b + 3], box[4 * b + 1] - box[4 * a + 3]);
  for (const first of pieces) {
    if (!left.delete(first)) continue;
    const part = [first];
    for (const one of part) { // grows while it is walked
      for (const other of left) {
        if (apart(one, other) > near) continue;
        left.delete(other);
        part.push(other);
      }
    }
    out.push(part);
  }
  return out;
}

/** @param {Lines} lines
 @param {number} name
 @param {number[]} pieces
 @returns {Street} */
function street({ x, y, start, box }, name, pieces) {
  /** @type {Extent} */
  const extent = [Infinity, Infinity, -Infinity, -Infinity];
  let length = 0;
  for (const e of pieces) {
    for (const side of [0, 1]) {
      extent[side] = Math.min(extent[side], box[4 * e + side]);
      extent[side + 2] = Math.max(extent[side + 2], box[4 * e + side + 2]);
    }
    for (let v = start[e]; v + 1 < start[e + 1]; v++) length += Math.hypot(x[v + 1] - x[v], y[v + 1] - y[v]);
  }
  return { name, pieces, extent, length };
}
