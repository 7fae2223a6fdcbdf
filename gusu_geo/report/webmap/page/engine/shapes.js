/* Lines and polygons of the packed arrays: where each starts, its box, what lies inside. */

/** Positions where each of the sizes starts, and the end.
 @param {Int32Array} sizes */
function starts(sizes) {
  const out = new Int32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i++) out[i + 1] = out[i] + sizes[i];
  return out;
}

/** One of the arrays by its name, which is put together.
 @param {Arrays} arrays
 @param {string} name */
const column = (arrays, name) => /** @type {Record<string, Int32Array>} */ (/** @type {unknown} */ (arrays))[name];

/** Lines: vertices start[i]..start[i+1], and the box of each (west, south, east, north).
 @param {Arrays} arrays
 @param {string} name
 @returns {Lines} */
export function lines(arrays, name) {
  const x = column(arrays, `${name}_x`), y = column(arrays, `${name}_y`);
  const start = starts(column(arrays, `${name}_sizes`));
  return { x, y, start, count: start.length - 1, box: boxes(start, start, x, y) };
}

/** Polygons: rings ring[i]..ring[i+1] of lines; a shape without rings has an empty box.
 @param {Arrays} arrays
 @param {string} name
 @returns {Polygons} */
export function polygons(arrays, name) {
  const rings = lines(arrays, name);
  const ring = starts(column(arrays, `${name}_rings`));
  const count = ring.length - 1;
  return { rings, ring, count, box: boxes(ring, rings.start, rings.x, rings.y) };
}

/** @param {Int32Array} outer
 @param {Int32Array} inner
 @param {Int32Array} x
 @param {Int32Array} y */
function boxes(outer, inner, x, y) {
  const count = outer.length - 1, box = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) {
    let west = Infinity, south = Infinity, east = -Infinity, north = -Infinity;
    const from = outer === inner ? outer[i] : inner[outer[i]];
    const to = outer === inner ? outer[i + 1] : inner[outer[i + 1]];
    for (let v = from; v < to; v++) {
      if (x[v] < west) west = x[v];
      if (x[v] > east) east = x[v];
      if (y[v] < south) south = y[v];
      if (y[v] > north) north = y[v];
    }
    box[4 * i] = west;
    box[4 * i + 1] = south;
    box[4 * i + 2] = east;
    box[4 * i + 3] = north;
  }
  return box;
}

/** Whether the point lies inside polygon i (even-odd over all its rings).
 @param {Polygons} shapes
 @param {number} i
 @param {number} px
 @param {number} py */
export function inside(shapes, i, px, py) {
  const b = 4 * i, { x, y, start } = shapes.rings;
  if (!(px >= shapes.box[b] && py >= shapes.box[b + 1])) return false;
  if (!(px <= shapes.box[b + 2] && py <= shapes.box[b + 3])) return false;
  let odd = false;
  for (let r = shapes.ring[i]; r < shapes.ring[i + 1]; r++) {
    for (let v = start[r], w = start[r + 1] - 1; v < start[r + 1]; w = v++) {
      const cross = y[v] > py !== y[w] > py;
      if (cross && px < ((x[w] - x[v]) * (py - y[v])) / (y[w] - y[v]) + x[v]) odd = !odd;
    }
  }
  return odd;
}
