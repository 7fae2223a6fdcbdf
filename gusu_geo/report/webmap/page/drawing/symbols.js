/* Colours, letters and shapes of the map, drawn with the pen that is handed in. */
import { GATE_KINDS } from "../engine/constants.js";
import { BY_DETOUR, BY_MISSING } from "../engine/model.js";

const MISSING = ["#2c7bb6", "#abd9e9", "#ffe08a", "#f58b3c", "#a50026"];
const MINUTES = ["#08306b", "#2f7ebc", "#9ecae1", "#fdae61", "#d7301f", "#67000d"];
const DETOUR = ["#e9dff2", "#c3aede", "#9b79c7", "#7240a5", "#3d0b6b"];
/** @type {Record<string, string>} */
const RIMS = { "#e9dff2": "#7a6a90", "#c3aede": "#6a5190", "#9b79c7": "#52357c",
  "#2c7bb6": "#174a70", "#abd9e9": "#3f7f9c", "#ffe08a": "#94701a",
  "#f58b3c": "#8f4310", "#a50026": "#5c0015", "#9ecae1": "#3d7da3", "#fdae61": "#94591a" };
const DARK_TEXT = new Set(["#abd9e9", "#ffe08a", "#f58b3c", "#9ecae1", "#fdae61"]);
export const GREY = "#8a8f98";
// Dark enough for white letters (4.5:1), and none close to the colours of the residences.
const VENUE = ["#6a3d9a", "#1b7837", "#8c510a", "#b0167a", "#006d6f",
  "#5d6b00", "#3f51b5", "#7a1f4b", "#37474f", "#795548"];
export const TURN = 2 * Math.PI;
const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif';

/** The pen of a canvas.
 @param {HTMLCanvasElement} canvas */
export function penOf(canvas) {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  return pen;
}

/** @param {Pen} pen
 @param {HTMLCanvasElement} tile */
function patternOf(pen, tile) {
  const pattern = pen.createPattern(tile, "repeat");
  if (!pattern) throw new Error("no pattern");
  return pattern;
}

/** @param {number} k */
export const venueLetter = (k) => String.fromCharCode(65 + (k % 26));
/** @param {number} k */
export const venueColour = (k) => VENUE[k % VENUE.length];
/** @param {number} k */
export const classColours = (k) => (k === BY_MISSING ? MISSING : k === BY_DETOUR ? DETOUR : MINUTES);
/** @param {string} colour */
export const rim = (colour) => RIMS[colour] || "#222";
/** @param {string} colour */
export const ink = (colour) => (DARK_TEXT.has(colour) ? "#1d2733" : "#fff");

/** One shape per class: circle, square, diamond, triangle, hexagon; circle again for more.
 @param {Pen} pen
 @param {number} group
 @param {number} x
 @param {number} y
 @param {number} size */
export function mark(pen, group, x, y, size) {
  const corners = [0, 4, 4, 3, 6][group] || 0, turn = [0, Math.PI / 4, 0, -Math.PI / 2, 0][group] || 0;
  if (!corners) {
    pen.moveTo(x + size, y);
    pen.arc(x, y, size, 0, TURN);
    return;
  }
  const wide = size * 1.25;
  for (let i = 0; i <= corners; i++) { // back to the first: closePath measures the whole path each time
    const angle = turn + (i * TURN) / corners;
    pen[i ? "lineTo" : "moveTo"](x + wide * Math.cos(angle), y + wide * Math.sin(angle));
  }
}

/** A gate; kind is its position in GATE_KINDS.
 @param {Pen} pen
 @param {number} kind
 @param {number} x
 @param {number} y */
export function gate(pen, kind, x, y) {
  const access = GATE_KINDS[kind], locked = access === "locked";
  pen.beginPath();
  pen.rect(x - 4, y - 4, 8, 8);
  pen.fillStyle = access === "public" ? "#3f7d20" : locked ? "#fff" : "#c9b458";
  pen.strokeStyle = "#3b2c12";
  pen.lineWidth = 1.3;
  pen.fill();
  if (locked) {
    pen.moveTo(x - 4, y - 4);
    pen.lineTo(x + 4, y + 4);
  }
  pen.stroke();
}

/** @param {Pen} pen
 @param {number} x
 @param {number} y
 @param {number} size */
export function star(pen, x, y, size) {
  pen.beginPath();
  for (let i = 0; i < 10; i++) {
    const angle = -Math.PI / 2 + (i * Math.PI) / 5, reach = i % 2 ? size * 0.52 : size;
    pen.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  pen.closePath();
}

/** A frame with round corners.
 @param {Pen} pen
 @param {number} x
 @param {number} y
 @param {number} width
 @param {number} height
 @param {number} radius */
export function roundedBox(pen, x, y, width, height, radius) {
  pen.beginPath();
  pen.moveTo(x + radius, y);
  pen.arcTo(x + width, y, x + width, y + height, radius);
  pen.arcTo(x + width, y + height, x, y + height, radius);
  pen.arcTo(x, y + height, x, y, radius);
  pen.arcTo(x, y, x + width, y, radius);
  pen.closePath();
}

/** Circle or square, by service, with its letter where there is room.
 @param {Pen} pen
 @param {number} k
 @param {number} x
 @param {number} y
 @param {number} size
 @param {boolean} ringed */
export function venueSymbol(pen, k, x, y, size, ringed) {
  pen.beginPath();
  if (k % 2) pen.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8);
  else pen.arc(x, y, size, 0, TURN);
  pen.fillStyle = venueColour(k);
  pen.strokeStyle = ringed ? "#111827" : "#fff";
  pen.lineWidth = ringed ? 2 : 1.2;
  pen.fill();
  pen.stroke();
  if (size < 6) return;
  centred(pen, 700, Math.round(size * 1.35));
  pen.fillStyle = "#fff";
  pen.fillText(venueLetter(k), x, y + 0.5);
}

/** Text with a light rim, cut to a length that fits a map.
 @param {Pen} pen
 @param {string} text
 @param {number} x
 @param {number} y
 @param {number} size
 @param {string} colour */
export function label(pen, text, x, y, size, colour) {
  const letters = [...text];
  const short = letters.length > 24 ? `${letters.slice(0, 23).join("")}…` : text;
  centred(pen, 600, size);
  pen.lineJoin = "round";
  pen.lineWidth = 3.5;
  pen.strokeStyle = "rgba(255,255,255,0.88)";
  pen.fillStyle = colour;
  pen.strokeText(short, x, y);
  pen.fillText(short, x, y);
}

/** @param {Pen} pen
 @param {number} weight
 @param {number} size */
export function centred(pen, weight, size) {
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
}

/** The fill of what is unknown.
 @param {Pen} pen */
export function hatch(pen) {
  const tile = document.createElement("canvas"), brush = penOf(tile);
  tile.width = tile.height = 6;
  brush.fillStyle = "#f0f0f0";
  brush.fillRect(0, 0, 6, 6);
  brush.strokeStyle = "#9aa0a8";
  brush.beginPath();
  for (const d of [-6, 0, 6]) {
    brush.moveTo(d, 6);
    brush.lineTo(d + 6, 0);
  }
  brush.stroke();
  return patternOf(pen, tile);
}

/** Sparse lines that fall to the right, with nothing between them.
 @param {Pen} pen
 @param {string} colour */
export function slope(pen, colour) {
  const tile = document.createElement("canvas"), brush = penOf(tile);
  tile.width = tile.height = 9;
  brush.strokeStyle = colour;
  brush.beginPath();
  for (const d of [-9, 0, 9]) {
    brush.moveTo(d, 0);
    brush.lineTo(d + 9, 9);
  }
  brush.stroke();
  return patternOf(pen, tile);
}
