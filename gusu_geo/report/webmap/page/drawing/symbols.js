/* Letters and shapes of the map, drawn with the pen that is handed in; colours of homes stand in colours.js. */
import { GATE_KINDS } from "../engine/constants.js";
import { HATCH } from "./colours.js";

// Dark enough for white letters (4.5:1), and none close to the colours of the residences.
const VENUE = ["#6a3d9a", "#1b7837", "#8c510a", "#b0167a", "#006d6f",
  "#5d6b00", "#3f51b5", "#7a1f4b", "#37474f", "#795548"];
export const TURN = 2 * Math.PI;
export const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif';

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

/** @param {Pen} pen
 @param {number} x
 @param {number} y
 @param {number} size */
export function diamond(pen, x, y, size) {
  pen.moveTo(x, y - size);
  pen.lineTo(x + size, y);
  pen.lineTo(x, y + size);
  pen.lineTo(x - size, y);
  pen.lineTo(x, y - size);
}

/** A hexagon with one corner up.
 @param {Pen} pen
 @param {number} x
 @param {number} y
 @param {number} size from the middle to a corner */
export function hexagon(pen, x, y, size) {
  for (let i = 0; i <= 6; i++) { // back to the first: closePath is slow on long paths
    const angle = Math.PI / 6 + (i * TURN) / 6;
    pen[i ? "lineTo" : "moveTo"](x + size * Math.cos(angle), y + size * Math.sin(angle));
  }
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
  brush.fillStyle = HATCH.ground;
  brush.fillRect(0, 0, 6, 6);
  brush.strokeStyle = HATCH.line;
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
