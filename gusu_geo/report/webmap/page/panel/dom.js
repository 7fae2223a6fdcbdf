/* Elements and texts. Names of the data go through textContent and nothing else. */
globalThis.gusuDom = (() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";

  /** An element: attributes, `text` (textContent), `on` (listeners), then children. */
  function el(tag, { text, on = {}, ...attributes } = {}, ...children) {
    return fill(document.createElement(tag), { text, on, attributes }, children);
  }

  /** The same for drawings. */
  function svg(tag, { text, ...attributes } = {}, ...children) {
    return fill(document.createElementNS(SVG, tag), { text, on: {}, attributes }, children);
  }

  function fill(element, { text, on, attributes }, children) {
    if (text !== undefined) element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== false && value !== undefined) element.setAttribute(key, value === true ? "" : value);
    }
    for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
    element.append(...children.filter(Boolean));
    return element;
  }

  /** A name of the data: its writing direction stays its own. */
  function name(text) {
    return el("bdi", { class: "name", text, title: text.length > 60 ? text.slice(0, 400) : false });
  }

  /** Texts of one language: t(key, values), service and title names, numbers. */
  function speaker(strings, lang) {
    const t = (key, values = {}) =>
      strings[key][lang].replace(/\{(\w+)\}/g, (_, slot) => String(values[slot]));
    const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
    return {
      t,
      lang,
      of: (pair, spare = "") => (pair && (pair[lang] || pair.zh || pair.en)) || spare,
      count: (value) => whole.format(value),
      percent,
      plain: (value) => String(Math.round(value * 100) / 100),
      speed: (mps) => mps.toFixed(2).replace(/0$/, ""),
    };
  }

  /** One decimal; only nobody is 0 % and only everybody 100 %. */
  function percent(share) {
    if (share === null) return "—";
    if (share === 0 || share === 1) return `${100 * share} %`;
    if (share < 0.0005) return "< 0.1 %";
    return share > 0.9995 ? "> 99.9 %" : `${(100 * share).toFixed(1)} %`;
  }

  return { el, svg, name, speaker };
})();
