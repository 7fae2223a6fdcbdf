/* Reads the arrays that packing.py wrote. */

/** Arrays by name from the base64 text that packing.py wrote.
 @param {string} text
 @returns {Promise<Arrays>} */
export async function unpack(text) {
  let bytes = octets(atob(text.trim()));
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 8 + view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  /** @type {Record<string, Numbers>} */
  const arrays = {};
  for (const [name, kind, count, size] of header) {
    arrays[name] = kind === "f" ? floats(view, start, count) : varints(bytes, start, count);
    if (kind === "d") for (let i = 1; i < count; i++) arrays[name][i] += arrays[name][i - 1];
    start += size;
  }
  return /** @type {Arrays} */ (/** @type {unknown} */ (arrays));
}

/** A byte for each letter.
 @param {string} letters */
function octets(letters) {
  const out = new Uint8Array(letters.length);
  for (let i = 0; i < out.length; i++) out[i] = letters.charCodeAt(i);
  return out;
}

/** @param {DataView} view
 @param {number} start
 @param {number} count */
function floats(view, start, count) {
  return Float64Array.from({ length: count }, (_, i) => view.getFloat64(start + 8 * i, true));
}

/** @param {Uint8Array} bytes
 @param {number} start
 @param {number} count */
function varints(bytes, start, count) {
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let byte = bytes[start++], value = byte & 0x7f;
    for (let shift = 7; byte & 0x80; shift += 7) {
      byte = bytes[start++];
      value |= (byte & 0x7f) << shift;
    }
    out[i] = (value >>> 1) ^ -(value & 1);
  }
  return out;
}
