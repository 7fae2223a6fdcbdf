/* Unpacking and reckoning on plain arrays. No DOM: runs wherever there is atob. */
globalThis.gusuCore = (() => {
  "use strict";

  const INF_CS = 2147483647; // beyond the cutoff, as in Python
  const FAIL = 0, PASS = 1, UNKNOWN = 2;
  const LINKED = 0; // the reason of those that are
  const BY_MISSING = -1, BY_DETOUR = -2; // colour modes beside the services
  const MISSING_UNKNOWN = 5, DETOUR_UNKNOWN = 5, MINUTES_UNKNOWN = 6; // the class after the coloured ones

  /** Arrays by name from the base64 text that packing.py wrote. */
  async function unpack(text) {
    const letters = atob(text.trim());
    let bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 8 + view.getUint32(4, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
    const arrays = {};
    for (const [name, kind, count, size] of header) {
      arrays[name] = kind === "f" ? floats(view, start, count) : varints(bytes, start, count);
      if (kind === "d") for (let i = 1; i < count; i++) arrays[name][i] += arrays[name][i - 1];
      start += size;
    }
    return arrays;
  }

  function floats(view, start, count) {
    return Float64Array.from({ length: count }, (_, i) => view.getFloat64(start + 8 * i, true));
  }

  function varints(bytes, start, count) {
    const out = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      let value = 0, shift = 0, byte;
      do {
        byte = bytes[start++];
        value |= (byte & 0x7f) << shift;
        shift += 7;
      } while (byte & 0x80);
      out[i] = (value >>> 1) ^ -(value & 1);
    }
    return out;
  }

  /** Positions where each of the sizes starts, and the end. */
  function starts(sizes) {
    const out = new Int32Array(sizes.length + 1);
    for (let i = 0; i < sizes.length; i++) out[i + 1] = out[i] + sizes[i];
    return out;
  }

  /** Lines: vertices start[i]..start[i+1], and the box of each (west, south, east, north). */
  function lines(arrays, name) {
    const x = arrays[name + "_x"], y = arrays[name + "_y"];
    const start = starts(arrays[name + "_sizes"]);
    return { x, y, start, count: start.length - 1, box: boxes(start, start, x, y) };
  }

  /** Polygons: rings ring[i]..ring[i+1] of lines; a shape without rings has an empty box. */
  function polygons(arrays, name) {
    const rings = lines(arrays, name);
    const ring = starts(arrays[name + "_rings"]);
    const count = ring.length - 1;
    return { rings, ring, count, box: boxes(ring, rings.start, rings.x, rings.y) };
  }

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
      box.set([west, south, east, north], 4 * i);
    }
    return box;
  }

  /** Whether the point lies inside polygon i (even-odd over all its rings). */
  function inside(shapes, i, px, py) {
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

  /** Minutes to one decimal from whole centiseconds, half up, without binary fractions. */
  function minutesText(cs) {
    const tenths = Math.floor((cs + 300) / 600);
    return `${Math.floor(tenths / 10)}.${tenths % 10}`;
  }

  const LIVE = ["state", "nearest_cs", "nearest_ix", "counted_cs", "one_stop_cs", "one_stop_ix", "one_stop_state", "threshold_cs"];

  /** What the page asks of the arrays: R homes, K services.

   `show(result)` puts another verdict (see engine.js) in place of the packed one, `show(null)` puts
   that one back; whoever asks the model needs not know which it is. Of a group alone is told with
   `ofGroup(name)`; `basis` is the verdict of the study as it is, which sums over a group need. */
  function model(arrays, texts) {
    const homes = texts.homes.ids.length, services = texts.summary.services.length, facilities = texts.venues.ids.length;
    const packed = Object.fromEntries(LIVE.map((name) => [name, arrays[name]]));
    const counts = countStates(packed.state, homes, services), base = { ...counts };

    function show(result) {
      const from = result ?? packed, { ids, names, hours } = texts.venues;
      for (const name of LIVE) arrays[name] = from[name];
      Object.assign(counts, countStates(arrays.state, homes, services));
      for (const list of [ids, names, hours]) list.length = facilities;
      for (const { f, id } of result?.added ?? []) {
        ids[f] ??= id;
        names[f] ??= result.names.get(f) ?? "";
        hours[f] ??= "";
      }
      me.shown = result;
      const told = () => (me.group ? gusuTotals.totals(me, basis()) : gusuTotals.told(texts));
      me.now = result ? gusuTotals.totals(me, result) : told();
      me.was = result ? told() : null;
    }

    const everybody = arrays.persons;
    let basis = () => null;

    function ofGroup(name, verdict) {
      basis = verdict;
      me.group = name;
      arrays.persons = name ? arrays[name] : everybody;
      show(me.shown);
    }

    /** Whether only a venue behind a wall without a known gate would be near enough. */
    function walled(r, k) {
      return arrays.state[r * services + k] === UNKNOWN && arrays.reason[r] === LINKED
        && texts.summary.services[k].state === "known";
    }

    /** One residence and one service; over_cs: how much too far, 0 unless FAIL within reach. */
    function cell(r, k) {
      const i = r * services + k, state = arrays.state[i], counted = arrays.counted_cs[i];
      const late = state === FAIL && counted !== INF_CS;
      return {
        state,
        cs: arrays.nearest_cs[i],
        counted_cs: counted,
        venue: arrays.nearest_ix[i],
        over_cs: late ? counted - arrays.threshold_cs[k] : 0,
      };
    }

    /** Colour class of a residence: by missing services, by detour, or by minutes to service k. */
    function classOf(r, k) {
      if (k === BY_DETOUR) return detourClass(arrays.detour_pm[r]);
      if (k === BY_MISSING) return counts.unknown[r] === services ? MISSING_UNKNOWN : Math.min(counts.missing[r], 4);
      const { state, counted_cs } = cell(r, k), limit = arrays.threshold_cs[k];
      if (state === UNKNOWN) return MINUTES_UNKNOWN;
      // The state says in time or not; minutes only grade within it.
      if (state === PASS) return 3 * counted_cs <= limit ? 0 : 3 * counted_cs <= 2 * limit ? 1 : 2;
      if (counted_cs === INF_CS) return 5;
      return 3 * (counted_cs - limit) <= texts.cutoff_cs - limit ? 3 : 4;
    }

    function detourClass(pm) {
      return pm < 0 ? DETOUR_UNKNOWN : texts.detour.edges_pm.filter((edge) => pm >= edge).length;
    }

    /** Centiseconds between the classes of service k. */
    function edges(k) {
      const limit = arrays.threshold_cs[k], cutoff = texts.cutoff_cs;
      return [0, limit / 3, (2 * limit) / 3, limit, limit + (cutoff - limit) / 3, cutoff];
    }

    /** Residences and persons of each class. */
    function tally(k) {
      const out = Array.from({ length: k < 0 ? 6 : 7 }, () => ({ residences: 0, persons: 0 }));
      for (let r = 0; r < homes; r++) {
        const entry = out[classOf(r, k)];
        entry.residences++;
        entry.persons += arrays.persons[r];
      }
      return out;
    }

    /** Residences of the hatched class by what keeps them from being judged. */
    function hatched(k) {
      const last = k === BY_MISSING ? MISSING_UNKNOWN : MINUTES_UNKNOWN, out = { unlinked: 0, walled: 0 };
      for (let r = 0; r < homes; r++) {
        if (classOf(r, k) === last) out[arrays.reason[r] === LINKED ? "walled" : "unlinked"]++;
      }
      return out;
    }

    const walls = texts.summary.services.some((_, k) => texts.homes.ids.some((_, r) => walled(r, k)));
    const me = { arrays, texts, homes, services, facilities, packed, base, walls, walled, hatched, cell, classOf, edges, tally, show, ofGroup, group: "",
      get missing() { return counts.missing; }, get unknown() { return counts.unknown; },
      /** Whether an hour is asked for. */
      get timed() { return Number.isInteger(me.shown?.settings.hour); } };
    show(null);
    return me;
  }

  /** Services that fail and that are unknown, by home. */
  function countStates(state, homes, services) {
    const missing = new Uint8Array(homes), unknown = new Uint8Array(homes);
    for (let r = 0; r < homes; r++) {
      for (let k = 0; k < services; k++) {
        missing[r] += state[r * services + k] === FAIL;
        unknown[r] += state[r * services + k] === UNKNOWN;
      }
    }
    return { missing, unknown };
  }

  return { INF_CS, FAIL, PASS, UNKNOWN, LINKED, BY_MISSING, BY_DETOUR, unpack, lines, polygons, inside, minutesText, model };
})();
