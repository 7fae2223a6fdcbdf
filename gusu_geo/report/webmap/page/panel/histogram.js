/* How many persons are how many minutes from the service that is shown. */
import { CS_PER_MIN, INF_CS, State } from "../engine/constants.js";
import { byId, el, fill, svg } from "./dom.js";
import { heads } from "./labels.js";

const WIDTH = 320, HEIGHT = 92, FLOOR = 74;

/** Persons of each whole minute up to the cutoff; the last entry is beyond it.
 @param {Pick<Model, "arrays" | "texts" | "homes" | "services">} model
 @param {number} k */
export function count({ arrays, texts, homes, services }, k) {
  const minutes = Math.ceil(texts.cutoff_cs / CS_PER_MIN), out = new Float64Array(minutes + 1);
  for (let r = 0; r < homes; r++) {
    const i = r * services + k, cs = arrays.counted_cs[i];
    if (cs !== INF_CS) out[Math.min(Math.floor(cs / CS_PER_MIN), minutes - 1)] += arrays.persons[r];
    else if (arrays.state[i] === State.FAIL) out[minutes] += arrays.persons[r];
  }
  return out;
}

/** @param {App} app */
export function render(app) {
  const k = app.view.colour;
  byId("histogram").hidden = k < 0;
  fill("histogram", ...(k < 0 ? [] : chart(app, k)));
}

/** A heading, and bars by minute with the limit marked.
 @param {App} app
 @param {number} k */
function chart(app, k) {
  const { model, say } = app;
  const bars = count(model, k), most = Math.max(...bars, 1), step = WIDTH / bars.length, limit = model.arrays.threshold_cs[k] / CS_PER_MIN;
  const service = model.texts.summary.services[k], label = say.t("histogram", { service: say.of(service, service.id) });
  /** @type {(x: number, words: string, anchor: string) => Node} */
  const text = (x, words, anchor) => svg("text", { x, y: HEIGHT - 4, "text-anchor": anchor, text: words });
  const at = limit * step;
  return [el("h3", { text: label }),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${label}: ${spoken(app, bars)}`, "data-testid": "histogram" },
      ...Array.from(bars, (persons, minute) => svg("rect", { x: minute * step + 0.5, width: step - 1, y: FLOOR - (62 * persons) / most, height: (62 * persons) / most,
        class: minute >= limit ? "late" : "soon" }, svg("title", { text: `${minute === bars.length - 1 ? say.t("beyond", { minutes: minute }) : say.t("between", { from: minute, to: minute + 1 })}: ${heads(app, persons)}` }))),
      svg("path", { d: `M0 ${FLOOR} H${WIDTH}`, class: "axis" }), svg("path", { d: `M${at} 4 V${FLOOR}`, class: "limit" }),
      text(0, "0", "start"), text(at, say.t("minutes", { minutes: say.plain(limit) }), "middle"), text(WIDTH, `> ${bars.length - 1}`, "end"))];
}

/** The same in words, by five minutes.
 @param {App} app
 @param {Float64Array} bars */
function spoken(app, bars) {
  const { say } = app, parts = [];
  for (let from = 0; from + 1 < bars.length; from += 5) {
    const to = Math.min(from + 5, bars.length - 1), sum = bars.slice(from, to).reduce((a, b) => a + b, 0);
    parts.push(`${say.t("between", { from, to })} ${heads(app, sum)}`);
  }
  return [...parts, `${say.t("beyond", { minutes: bars.length - 1 })} ${heads(app, bars[bars.length - 1])}`].join("; ");
}
