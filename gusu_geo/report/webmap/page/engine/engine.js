/* The verdict under any settings and changes, the same numbers as Python's. No DOM.

settings: {walk (of texts.walks, maybe at another speed), minutes (null: the study's), mode,
evidence ("A", "AB", "ABC"), hour of the week (null: any), changes (as in a scenario file, see
scenario.py)}. At an hour, venues that are closed then do not count, and what only venues of
unknown hours would bring is unknown. */
globalThis.gusuEngine = (() => {
  "use strict";

  const { INF_CS, FAIL, PASS, UNKNOWN, LINKED } = gusuCore;
  const { NEVER, graph, trips, ends, straight, searcher } = gusuStreets;
  const { edited, partOf } = gusuEdits;
  const MORE = 4096; // venues that changes may add
  const CLOSED = 0, OPEN = 1, UNSURE = 2; // as in hours.py

  function engine(arrays, texts, lines) {
    const g = graph(arrays, lines), homes = texts.homes.ids.length, services = texts.summary.services.length;
    const facilities = texts.venues.ids.length;
    let scale = 1;
    while (scale < facilities + MORE) scale *= 2;
    const home = doors(arrays, "home_door"), venue = doors(arrays, "venue_door");
    const homesOn = byEdge(home, g.edges), lower = searcher();
    const gates = gateNodes(arrays, texts), cutoff = texts.cutoff_cs;
    const nets = new Map(), fields = new Map();
    const usual = Int32Array.from(arrays.threshold_cs); // the page shows others in its place

    /** How these people get about the unchanged streets, and from each door of a home to its ends. */
    function netOf(walk) {
      const key = JSON.stringify(walk);
      if (nets.has(key)) return nets.get(key);
      if (nets.size > 3) nets.delete(nets.keys().next().value);
      const net = trips(g, walk), node = new Int32Array(2 * home.count), cs = new Int32Array(2 * home.count);
      for (let p = 0; p < home.count; p++) {
        [node[2 * p], cs[2 * p], node[2 * p + 1], cs[2 * p + 1]] = ends(net, door(home, p), true);
      }
      Object.assign(net, { key, homeNode: node, homeCs: cs });
      nets.set(key, net);
      return net;
    }

    /** Who counts: facilities left out, doors of new ones, and what each venue offers. */
    function supply({ evidence, hour, changes }) {
      const out = new Set(), unsure = new Set(), fresh = new Map(), offers = new Map();
      const name = new Map();
      for (let f = 0; f < facilities; f++) {
        const open = hour === null ? OPEN : openAt(f, hour);
        if (open === UNSURE) unsure.add(f);
        if (open === CLOSED || !evidence.includes("ABC"[arrays.venue_evidence[f]])) out.add(f);
        else offer(offers, texts.venues.ids[f], arrays.venue_service[f]);
      }
      let next = facilities;
      for (const change of changes) {
        if (change.do === "add_venue") {
          fresh.set(change.id, { rows: change.services.map((service) => ({ f: next++, k: serviceIx(service) })), on: change.on, leg: change.leg_cm ?? 0 });
          for (const { f, k } of fresh.get(change.id).rows) {
            name.set(f, change.name);
            offer(offers, change.id, k);
          }
        } else if (change.do === "close_venue" || change.do === "move_venue") {
          const rows = fresh.get(change.venue)?.rows ?? ownRows(change.venue).filter((row) => !out.has(row.f));
          for (const { f } of rows) out.add(f);
          fresh.delete(change.venue);
          if (change.do === "move_venue") {
            const moved = rows.map((row) => ({ f: row.f, k: row.k }));
            for (const { f } of moved) out.add(f);
            fresh.set(change.venue, { rows: moved, on: change.on, leg: change.leg_cm ?? 0 });
          }
        }
      }
      const added = [...fresh].flatMap(([id, { rows, on, leg }]) => rows.map((row) => ({ ...row, id, edge: on[0], cm: on[1], leg })));
      const complete = new Set([...offers].filter(([, set]) => set.size === services).map(([id]) => id));
      return { out, unsure, added, complete, name };
    }

    function openAt(f, hour) {
      const week = arrays.venue_week[f];
      return week < 0 ? UNSURE : arrays.hours[168 * week + hour];
    }

    const serviceIx = (id) => texts.summary.services.findIndex((service) => service.id === id);

    function ownRows(id) {
      const rows = [];
      for (let f = 0; f < facilities; f++) if (texts.venues.ids[f] === id) rows.push({ f, k: arrays.venue_service[f] });
      return rows;
    }

    /** Rows of doors of one service, or (k = services) of venues with all; those that are certain, or
     those that perhaps count. */
    function doorsOf(k, perhaps, { out, unsure, complete }) {
      const rows = [];
      for (let p = 0; p < venue.count; p++) {
        const f = venue.owner[p];
        if (out.has(f) || (Boolean(arrays.venue_door_walled[p]) || unsure.has(f)) !== perhaps) continue;
        if (k < services ? arrays.venue_service[f] === k : complete.has(texts.venues.ids[f])) rows.push(p);
      }
      return rows;
    }

    /** Least labels at nodes and homes without any change of streets and new venues; kept. */
    function fieldOf(net, k, perhaps, stock) {
      const rows = doorsOf(k, perhaps, stock), name = `${k},${perhaps},${net.key}`, key = rows.join();
      const kept = fields.get(name);
      if (kept?.key === key) return kept;
      const label = new Float64Array(net.nodes).fill(Infinity);
      const found = rows.map((p) => ({ ...door(venue, p), f: venue.owner[p] }));
      lower(net, label, scale, cutoff, seed(net, label, found));
      const field = { key, label, found, home: atHomes(net, label, found) };
      if (fields.size > 8 * (services + 1)) fields.clear();
      fields.set(name, field);
      return field;
    }

    /** Lowers labels at both ends of the edges of doors; the nodes that were. */
    function seed(net, label, found, part) {
      const start = [];
      for (const one of found) {
        const [u, uCs, v, vCs] = ends(net, one, false, part?.(one));
        for (const [node, cs] of [[u, uCs], [v, vCs]]) {
          if (cs === NEVER || cs * scale + one.f >= label[node]) continue;
          label[node] = cs * scale + one.f;
          start.push(node);
        }
      }
      return start;
    }

    /** Least label of each home: by the ends of its edges, or straight along one. */
    function atHomes(net, label, found, start) {
      const out = start ? start.slice() : new Float64Array(homes).fill(Infinity), { homeNode, homeCs } = net;
      for (let i = 0; i < homeNode.length; i++) {
        if (homeCs[i] === NEVER) continue;
        const there = label[homeNode[i]] + homeCs[i] * scale, r = home.owner[i >> 1];
        if (there < out[r]) out[r] = there;
      }
      for (const one of found) {
        for (const p of homesOn(one.edge)) {
          const cs = straight(net, door(home, p), one), there = cs * scale + one.f;
          if (cs !== NEVER && there < out[home.owner[p]]) out[home.owner[p]] = there;
        }
      }
      return out;
    }

    /** The field under all changes. */
    function changed(net, now, k, perhaps, stock) {
      const field = fieldOf(net, k, perhaps, stock);
      const fresh = perhaps ? [] : stock.added.filter((one) => (k < services ? one.k === k : stock.complete.has(one.id)));
      if (!now.more && !fresh.length) return field;
      const label = new Float64Array(now.nodes).fill(Infinity);
      label.set(field.label);
      const part = (one) => now.parts.has(one.edge) && partOf(now.parts.get(one.edge), one.cm);
      const cut = (list) => list.filter((one) => now.parts.has(one.edge));
      const start = [...seed(now, label, fresh), ...seed(now, label, cut([...field.found, ...fresh]), part)];
      if (now.more) start.push(...offers(now.more, label));
      lower(now, label, scale, cutoff, start);
      const out = atHomes(now, label, fresh, field.home);
      for (const edge of now.parts.keys()) {
        for (const p of homesOn(edge)) {
          const one = door(home, p), [u, uCs, v, vCs] = ends(now, one, true, part(one)), r = home.owner[p];
          if (uCs !== NEVER) out[r] = Math.min(out[r], label[u] + uCs * scale);
          if (vCs !== NEVER) out[r] = Math.min(out[r], label[v] + vCs * scale);
        }
      }
      return { ...field, label, home: out };
    }

    /** What new arcs offer at once. */
    function offers(more, label) {
      const start = [];
      more.tail.forEach((tail, i) => {
        const there = label[more.head[i]] + more.cs[i] * scale;
        if (!(there < label[tail])) return;
        label[tail] = there;
        start.push(tail);
      });
      return start;
    }

    const limit = (cutoff + 1) * scale;
    const csOf = (label) => (label < limit ? Math.floor(label / scale) : INF_CS);
    const ixOf = (label) => (label < limit ? label % scale : -1);
    const anyWalled = arrays.venue_door_walled.some(Boolean);

    /** Arrays as in the pack (R x K and R), under the settings. */
    function judge(settings) {
      const net = netOf(settings.walk), stock = supply(settings), now = edited(net, gates, settings.changes);
      now.homeNode = net.homeNode;
      const threshold = thresholds(settings), least = Math.min(...threshold);
      const size = homes * services, result = {
        settings, threshold_cs: threshold, state: new Int8Array(size), nearest_cs: new Int32Array(size), nearest_ix: new Int32Array(size),
        one_stop_cs: new Int32Array(homes), one_stop_ix: new Int32Array(homes), one_stop_state: new Int8Array(homes),
        residence_state: new Int8Array(homes), missing: new Uint8Array(homes), unknown: new Uint8Array(homes), known_met: new Uint8Array(homes),
        walled: new Uint8Array(size), added: stock.added, names: stock.name, net: now,
      };
      result.counted_cs = result.nearest_cs;
      const each = [...Array(services + 1).keys()];
      result.fields = each.map((k) => changed(net, now, k, false, stock));
      const behind = anyWalled || stock.unsure.size ? each.map((k) => changed(net, now, k, true, stock)) : null;
      const blank = texts.known.some((known) => !known);
      for (let r = 0; r < homes; r++) {
        const linked = arrays.reason[r] === LINKED;
        let met = 0, maybe = 0, missing = 0, unknown = 0, knownMet = 0, knowns = 0;
        for (let k = 0; k < services; k++) {
          const i = r * services + k, label = result.fields[k].home[r], cs = csOf(label);
          result.nearest_cs[i] = cs;
          result.nearest_ix[i] = ixOf(label);
          const here = cs <= threshold[k], perhaps = behind !== null && (here || csOf(behind[k].home[r]) <= threshold[k]);
          const unsure = !linked || (!here && (!texts.known[k] || perhaps));
          result.state[i] = unsure ? UNKNOWN : here ? PASS : FAIL;
          result.walled[i] = unsure && linked && texts.known[k] ? 1 : 0;
          met += here;
          maybe += perhaps;
          missing += result.state[i] === FAIL;
          unknown += result.state[i] === UNKNOWN;
          knowns += texts.known[k];
          knownMet += texts.known[k] && here;
        }
        const one = result.fields[services].home[r], oneCs = csOf(one), oneMet = oneCs <= least && met === services;
        const oneMaybe = behind !== null && (oneCs <= least || csOf(behind[services].home[r]) <= least) && maybe === services;
        result.one_stop_cs[r] = oneCs;
        result.one_stop_ix[r] = ixOf(one);
        // Where a service that has data fails, no venue can have them all, whatever is unknown.
        const open = missing === 0 && !oneMet && (blank || oneMaybe);
        result.one_stop_state[r] = !linked || open ? UNKNOWN : oneMet ? PASS : FAIL;
        const union = missing === 0 && unknown > 0 ? UNKNOWN : missing === 0 ? PASS : FAIL;
        result.residence_state[r] = settings.mode === "one_stop" ? result.one_stop_state[r] : union;
        result.missing[r] = missing;
        result.unknown[r] = unknown;
        result.known_met[r] = linked && knowns > 0 && knownMet === knowns ? 1 : 0;
      }
      return result;
    }

    /** Centiseconds of each service; minutes that a service sets for itself stay. */
    function thresholds({ minutes }) {
      return Array.from(usual, (cs, k) => (minutes === null || texts.own_minutes[k] ? cs : Math.round(minutes * 6000)));
    }

    return { g, gates, home, scale, facilities, judge, asIs: () => asIs(texts), serviceIx, ownRows };
  }

  /** The settings of the study itself. */
  const asIs = (texts) => ({ walk: texts.walks[0], minutes: null, mode: texts.summary.rule.mode, evidence: "ABC", hour: null, changes: [] });

  function doors(arrays, name) {
    return { owner: arrays[`${name}_owner`], edge: arrays[`${name}_edge`], cm: arrays[`${name}_cm`], leg: arrays[`${name}_leg`], count: arrays[`${name}_owner`].length };
  }

  const door = (set, p) => ({ edge: set.edge[p], cm: set.cm[p], leg: set.leg[p] });

  /** edge -> rows of its doors. */
  function byEdge(set, edges) {
    const ptr = new Int32Array(edges + 1), rows = new Int32Array(set.count);
    for (let p = 0; p < set.count; p++) ptr[set.edge[p] + 1]++;
    for (let e = 0; e < edges; e++) ptr[e + 1] += ptr[e];
    const at = ptr.slice();
    for (let p = 0; p < set.count; p++) rows[at[set.edge[p]]++] = p;
    return (edge) => rows.subarray(ptr[edge], ptr[edge + 1]);
  }

  function offer(offers, id, k) {
    if (!offers.has(id)) offers.set(id, new Set());
    offers.get(id).add(k);
  }

  /** OSM id of a closed gate -> its nodes. */
  function gateNodes(arrays, texts) {
    const out = new Map();
    let at = 0;
    texts.gates.forEach((id, i) => {
      out.set(id, Array.from(arrays.gate_node.subarray(at, at + arrays.gate_sizes[i])));
      at += arrays.gate_sizes[i];
    });
    return out;
  }

  return { engine, asIs };
})();
