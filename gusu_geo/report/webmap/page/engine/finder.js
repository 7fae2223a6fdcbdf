/* What a search finds, best first: names, pinyin, initials and ids of places of every kind. */

/** @typedef {"street" | "zone" | "compound" | "place" | "station" | "park" | "water" | "landmark" | "venue" | "home"} Kind */

/** Places of one kind. name(i) and other(i), ids and names in other languages, are what is read; spelled[i]: "pjl pingjianglu";
 weight(i): of two that fit alike the heavier comes first; title(i): its name in the language that is shown; service(i): which it offers; go(i): leads there.
 @typedef {{ kind: Kind, count: number, name: (i: number) => string, other?: (i: number) => string, spelled?: string[],
   title?: (i: number) => string, weight?: (i: number) => number, service?: (i: number) => number, go: (i: number) => void }} Source */

/** @typedef {{ kind: Kind, source: number, ix: number, name: string, fit: number, weight: number }} Found */
/** @typedef {{ kind: Kind, items: Found[] }} FoundGroup */

/** Groups that fit alike stand in this order: what is large before what is small.
 @type {Kind[]} */
const KINDS = ["street", "zone", "compound", "place", "station", "park", "water", "landmark", "venue", "home"];
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
