// The page must run in Chrome 80 and Firefox 113 (docs/map.md). A bundler lowers syntax and leaves
// functions alone, so both are checked: the scripts of a page (HTML on standard input) must parse as
// that JavaScript, and neither they nor their sources may use what came later.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = "gusu_geo/report/webmap/page";

// What came after Chrome 80, by the version it came with. Types know the functions of the language as
// well (tsconfig.json: ES2020), but not those of the browser.
const METHODS = {
  at: 92, canParse: 120, checkVisibility: 105, createConicGradient: 99, difference: 122, findLast: 97,
  findLastIndex: 97, fromAsync: 121, getAnimations: 84, getHTML: 125, getSetCookie: 113, groupBy: 117, hasOwn: 93, intersection: 122,
  isDisjointFrom: 122, isSubsetOf: 122, isSupersetOf: 122, isWellFormed: 111, moveBefore: 133, randomUUID: 92, replaceAll: 85,
  replaceChildren: 86, roundRect: 99, setHTMLUnsafe: 124, showPicker: 99, showPopover: 114, hidePopover: 114, togglePopover: 114,
  supportedValuesOf: 99, symmetricDifference: 122, toReversed: 110, toSorted: 110, toSpliced: 110, toWellFormed: 111, union: 122,
  with: 110, withResolvers: 119,
};
const STATIC = { "AbortSignal.any": 116, "AbortSignal.timeout": 103, "Intl.DisplayNames": 81, "Intl.DurationFormat": 129, "Intl.Segmenter": 87,
  "Promise.any": 85, "Promise.try": 128, "ReadableStream.from": 124, "RegExp.escape": 136 };
const GLOBALS = { AggregateError: 85, CSSContainerRule: 105, EyeDropper: 95, FinalizationRegistry: 84, Float16Array: 135, Highlight: 105,
  Iterator: 122, Sanitizer: 146, Temporal: 144, URLPattern: 95, WeakRef: 84, navigation: 102, reportError: 95, scheduler: 94,
  structuredClone: 98, trustedTypes: 83 };
const PROPERTIES = { inert: 102, letterSpacing: 99, userAgentData: 90, wordSpacing: 99 };
const OPTIONS = { cause: 93, signal: 90 }; // of new Error and addEventListener

/** The version that one of the tables gives, as text; undefined if it does not know the name. */
const since = (table, key) => (Object.hasOwn(table, key ?? "") ? `${key} is of Chrome ${table[key]}` : undefined);

/** What a node of the syntax tree uses that is too new, as text. */
function newer(node) {
  if (node.type === "Identifier") return node.isKey ? undefined : since(GLOBALS, node.name);
  if (node.type === "ObjectExpression") return node.properties.map((one) => since(OPTIONS, one.key?.name)).find(Boolean);
  const member = node.type === "CallExpression" ? node.callee : node;
  if (member.type !== "MemberExpression") return undefined;
  const key = member.computed ? member.property.value : member.property.name;
  if (node.type === "CallExpression") return since(METHODS, key);
  if (/^aria[A-Z]/.test(key)) return `${key} is of Chrome 81`;
  return since(STATIC, `${member.object.name}.${key}`) ?? since(PROPERTIES, key);
}

/** Every node; names of properties are marked, as they are no globals. */
function* nodes(tree) {
  yield tree;
  for (const [key, part] of Object.entries(tree)) {
    for (const child of Array.isArray(part) ? part : [part]) {
      if (!child || typeof child.type !== "string") continue;
      if (["key", "property"].includes(key) && !tree.computed) child.isKey = true;
      yield* nodes(child);
    }
  }
}

/** What is wrong with a script, each with its place. */
function faults(where, text, options) {
  let tree;
  try {
    tree = parse(text, { locations: true, ...options });
  } catch (error) {
    return [`${where}:${error.loc?.line}: does not parse as the JavaScript of ${options.ecmaVersion}: ${error.message}`];
  }
  const found = [];
  for (const node of nodes(tree)) {
    const fault = newer(node);
    if (fault) found.push(`${where}:${node.loc.start.line}: ${fault}`);
  }
  return found;
}

/** This check finds what it is for. */
function checkItself() {
  const wrong = ["[1].at(-1)", "Object.hasOwn(a, b)", "text.replaceAll(a, b)", "structuredClone(a)", "new WeakRef(a)", "Promise.any(a)", "a.ariaLabel = b",
    "a.replaceChildren()", "pen.roundRect(1)", "a?.findLast(b)", "new Error(a, { cause: b })", "a ??= b", "class A { static {} }", "a = 1_0"];
  const right = ["place.at = a", "a.at", "({ at: 1, structuredClone: 2 })", "a.structuredClone", "a?.b ?? c", "a.any()"];
  const missed = wrong.filter((text) => !faults("", text, { ecmaVersion: 2020 }).length);
  const extra = right.flatMap((text) => faults("", text, { ecmaVersion: 2020 }));
  if (missed.length || extra.length) throw new Error(`this check is broken: ${[...missed, ...extra].join("; ")}`);
}

checkItself();
const page = readFileSync(0, "utf8");
const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map((match) => match[1]);
if (scripts.length !== 4) throw new Error(`a page has four scripts: guard, Leaflet, bundle, folium's lines; this one has ${scripts.length}`);
const found = scripts.flatMap((text, i) => faults(`script ${i + 1} of the page`, text, { ecmaVersion: i === 0 ? 5 : 2020 }));
for (const path of readdirSync(`${root}${folder}`, { recursive: true })) {
  if (!path.endsWith(".js") || path.startsWith("assets") || ["bundle.js", "overview.js"].includes(path)) continue;
  found.push(...faults(`${folder}/${path}`, readFileSync(`${root}${folder}/${path}`, "utf8"), { ecmaVersion: "latest", sourceType: "module" }));
}
if (found.length) {
  console.error(found.join("\n"));
  process.exit(1);
}
