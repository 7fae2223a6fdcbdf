/* Elements and texts. Names of the data go through textContent and nothing else. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | false | null | undefined | 0 | ""} Child what is no node is left out */
/** @typedef {Record<string, string | number | boolean | undefined>} Attributes false and undefined: without it */
/** @typedef {Record<string, (event: any) => void>} Listeners */

/** An element of page.html, by its id.
 @template {HTMLElement} [T=HTMLElement]
 @param {string} id
 @param {new () => T} [kind]
 @returns {T} */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!element || (kind && !(element instanceof kind))) throw new Error(`the page has no #${id}`);
  return /** @type {T} */ (element);
}

/** An element: attributes, `text` (textContent), `on` (listeners), then children.
 @template {keyof HTMLElementTagNameMap} K
 @param {K} tag
 @param {Attributes | { text?: string, on?: Listeners }} [parts]
 @param {Child[]} children */
export function el(tag, parts, ...children) {
  return dressed(document.createElement(tag), parts ?? {}, children);
}

/** The same for drawings.
 @param {string} tag
 @param {Attributes | { text?: string }} [parts]
 @param {Child[]} children */
export function svg(tag, parts, ...children) {
  return dressed(document.createElementNS(SVG, tag), parts ?? {}, children);
}

/** @template {Element} T
 @param {T} element
 @param {Attributes | { text?: string, on?: Listeners }} parts
 @param {Child[]} children */
function dressed(element, parts, children) {
  const { text, on, ...attributes } = /** @type {Attributes & { text?: string, on?: Listeners }} */ (parts);
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) element.setAttribute(key, value === true ? "" : String(value));
  }
  for (const [event, listener] of Object.entries(on ?? {})) element.addEventListener(event, listener);
  element.append(...nodes(children));
  return element;
}

/** @param {Child[]} children */
const nodes = (children) => children.flatMap((child) => (child ? [child] : []));

/** Puts children in place of those that an element has. (Element.replaceChildren is of 2020.)
 @param {string | Element} place an element or its id
 @param {Child[]} children */
export function fill(place, ...children) {
  const element = typeof place === "string" ? byId(place) : place;
  element.textContent = "";
  element.append(...nodes(children));
}

/** A name of the data: its writing direction stays its own.
 @param {string} text */
export function name(text) {
  return el("bdi", { class: "name", text, title: text.length > 60 ? text.slice(0, 400) : false });
}

/** The element that a person is at, to return to once its part of the page has been made anew.
 @returns {() => void} */
export function keepFocus() {
  const at = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.testid : undefined;
  return () => {
    if (at) focusOn(document, at);
  };
}

/** Puts the focus on the element with this test id, if there is one.
 @param {ParentNode} where
 @param {string} testid */
export function focusOn(where, testid) {
  /** @type {HTMLElement | null} */
  const element = where.querySelector(`[data-testid="${CSS.escape(testid)}"]`);
  element?.focus({ preventScroll: true });
}

/** Texts of one language: t(key, values), service and title names, numbers.
 @param {Strings} strings
 @param {Lang} lang */
export function speaker(strings, lang) {
  /** @type {(key: Key, values?: Record<string, string | number>) => string} */
  const t = (key, values = {}) => strings[key][lang].replace(/\{(\w+)\}/g, (_, slot) => String(values[slot]));
  const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  return {
    t,
    lang,
    /** @type {(pair?: Partial<Pair> | null, spare?: string) => string} */
    of: (pair, spare = "") => (pair && (pair[lang] || pair.zh || pair.en)) || spare,
    count: (/** @type {number} */ value) => whole.format(Number(fixed(value, 0))),
    percent,
    plain: (/** @type {number} */ value) => String(Math.round(value * 100) / 100),
    speed: (/** @type {number} */ mps) => mps.toFixed(2).replace(/0$/, ""),
    /** Marks of the language between parts of a line, items of a list, a heading and what it heads. */
    semicolon: lang === "zh" ? "；" : "; ",
    comma: lang === "zh" ? "、" : ", ",
    colon: lang === "zh" ? "：" : ": ",
  };
}

/** So many decimals as Python writes them: exactly half goes to the even digit (toFixed takes the larger).
 @param {number} value
 @param {number} digits */
export function fixed(value, digits) {
  const scale = 10 ** digits, low = Math.floor(value * scale);
  const half = Number.isInteger(value * 2 ** (digits + 1)) && value * scale - low === 0.5;
  return half ? ((low + (low % 2)) / scale).toFixed(digits) : value.toFixed(digits);
}

/** One decimal; only nobody is 0 % and only everybody 100 %.
 @param {number | null} share */
function percent(share) {
  if (share === null) return "—";
  if (share === 0 || share === 1) return `${100 * share} %`;
  if (share < 0.0005) return "< 0.1 %";
  return share > 0.9995 ? "> 99.9 %" : `${fixed(100 * share, 1)} %`;
}
