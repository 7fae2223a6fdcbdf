/* All colours of homes: their classes, rims and letters, gains and losses. tests/webmap/test_map_reading.py
looks at them with the eyes of people who lack one kind of cone, on light ground and on dark. */
import { BY_DETOUR, BY_MISSING } from "../engine/model.js";

export const MISSING = ["#2c7bb6", "#abd9e9", "#ffe08a", "#f58b3c", "#a50026"];
export const MINUTES = ["#08306b", "#2f7ebc", "#9ecae1", "#fdae61", "#d7301f", "#67000d"];
export const DETOUR = ["#e9dff2", "#c3aede", "#9b79c7", "#7240a5", "#3d0b6b"];
/** Signals of a zone beside the district's: from far fewer (violet) to far more (orange). */
export const RELATIVE = ["#5e3c99", "#b2abd2", "#f7f7f7", "#fdb863", "#e66101"];
/** Rims on light ground; on dark ground one light rim keeps dark classes from sinking into it.
 @type {Record<string, string>} */
export const RIMS = { "#e9dff2": "#7a6a90", "#c3aede": "#6a5190", "#9b79c7": "#52357c",
  "#2c7bb6": "#174a70", "#abd9e9": "#3f7f9c", "#ffe08a": "#94701a",
  "#f58b3c": "#8f4310", "#a50026": "#5c0015", "#9ecae1": "#3d7da3", "#fdae61": "#94591a" };
export const RIM_ON_DARK = "#dfe6ee";
const DARK_TEXT = new Set(["#abd9e9", "#ffe08a", "#f58b3c", "#9ecae1", "#fdae61", "#e9dff2", "#c3aede"]);
export const GREY = "#8a8f98"; // what is unknown
export const HATCH = { ground: "#f0f0f0", line: "#9aa0a8" };
export const GAIN = "#0a7d34", LOSS = "#c2185b";
export const CANDIDATE = "#6f6780"; // places a plan chose from: hollow, in the grey-violet of no class

/** @param {number} k */
export const classColours = (k) => (k === BY_MISSING ? MISSING : k === BY_DETOUR ? DETOUR : MINUTES);
/** @param {string} colour
 @param {boolean} [dark] on dark ground */
export const rim = (colour, dark = false) => (dark ? RIM_ON_DARK : RIMS[colour] || "#222");
/** @param {string} colour */
export const ink = (colour) => (DARK_TEXT.has(colour) ? "#1d2733" : "#fff");
