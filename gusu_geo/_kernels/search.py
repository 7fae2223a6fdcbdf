"""Bounded shortest-path searches on integer arcs: one for many sources, or one per source.

A bucket queue (Dial 1969) whose buckets are ``1 << BUCKET_BITS`` centiseconds wide. Inside a
bucket a node is processed again if a shorter time is found (label correcting, as in
delta-stepping, Meyer & Sanders 2003). Times and ids are whole numbers and the least pair
(time, id) of each node is unique, so the result does not depend on the order of the work.

Why it is fast: time and id share one word, so comparing both is one operation; head and cost of an
arc share one word, so an arc costs one cache miss; dead ends are not queued; large networks are
searched from one stretch of nodes after another, each read once in order beforehand.

All compiled code of the searches is in this file and takes plain tuples: numba's disk cache
notices neither a change in another file nor a renamed class. The named tuples in ``nearest`` and
``blocks`` document the contents:

    packed: ptr (N+1,), word (A,), arc_ix (A,)      seeds: node, cs, id (S,)
    scratch: key (N,), touched (N,), via (N,), bucket (B,), entry_node, entry_next
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import inner, njit

INF_CS = np.int32(2**31 - 1)  # beyond the cutoff
LONGEST_CS = 2**30 - 1  # longest arc and cutoff (124 days): the sum of two fits into a key
BUCKET_BITS = 9  # about 5 s; run times for 6 to 11 bits differ by at most a fifth
STRETCH_BITS = 15  # nodes per stretch: about 1 MB with their arcs, the cache of a core
UNREACHED = np.int64(2**62)
TIME = 32  # a key is time << 32 | id << 1 | bit; bit 1: processed, 0: waiting
# A literal 0 has another type, for which the search would be compiled again.
START = cast(int, np.int64(0))

Whole = int | np.signedinteger[Any]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Graph = tuple[Int32s, Int64s, Int32s]
Columns = tuple[Int32s, Int32s, Int32s]
Work = tuple[Int64s, Int32s, Int32s, Int32s, Int32s, Int32s]
Into = tuple[Int64s, Int32s, Int32s]


@njit(cache=True, nogil=True)
def pack(arc_ptr: Int64s, arc_node: Int32s, arc_cs: Int32s, into: Graph) -> None:
    """Fill ``into`` with the packed arcs; its last pointer is the number of arcs kept."""
    ptr, word, arc_ix = into
    used = 0
    for tail in range(len(arc_ptr) - 1):
        for arc in range(arc_ptr[tail], arc_ptr[tail + 1]):
            head = arc_node[arc]
            if arc_cs[arc] > LONGEST_CS or head == tail:
                continue
            dead_end = 1
            for on in range(arc_ptr[head], arc_ptr[head + 1]):
                leads = arc_node[on] != tail and arc_node[on] != head
                if leads and arc_cs[on] <= LONGEST_CS:
                    dead_end = 0
                    break
            word[used] = (np.int64(arc_cs[arc]) << TIME) | (np.int64(head) << 1) | dead_end
            arc_ix[used] = arc
            used += 1
        ptr[tail + 1] = used


@njit(cache=True, nogil=True)
def flood(
    packed: Graph,
    seeds: Columns,
    first: int,
    last: int,
    cutoff: int,
    wanted: Int32s,
    scratch: Work,
    count: int,
) -> tuple[int, int]:
    """Search from the seeds ``first`` to ``last`` on top of what ``scratch`` already holds.

    Nodes reached for the first time are added to ``touched``, which has ``count`` entries.
    Returns the new count and the time below which times are final (cutoff + 1 unless the
    ``wanted`` nodes end the search early).
    """
    ptr, word, _ = packed
    seed_node, seed_cs, seed_id = seeds
    key, touched, via, bucket, entry_node, entry_next = scratch
    limit = np.int64(cutoff + 1) << TIME
    whole = TIME + BUCKET_BITS
    list_touched, list_via = len(touched) > 0, len(via) > 0
    used, free = 0, -1  # entries used so far; head of the list of free ones
    low, high = len(bucket), -1
    for s in range(first, last):
        if seed_cs[s] > cutoff:
            continue
        node = seed_node[s]
        new = (np.int64(seed_cs[s]) << TIME) | (np.int64(seed_id[s]) << 1)
        old = key[node]
        if (new | 1) < old:
            if old == UNREACHED and list_touched:
                touched[count] = node
                count += 1
            key[node] = new
            if list_via:
                via[node] = -1
            into = int(new >> whole)
            entry_node[used], entry_next[used] = node, bucket[into]
            bucket[into] = used
            used += 1
            low, high = min(low, into), max(high, into)
    left = len(wanted)
    now = low
    while now <= high:
        entry = bucket[now]
        while entry >= 0:
            bucket[now] = entry_next[entry]
            entry_next[entry] = free
            free = entry
            node = entry_node[entry]
            at = key[node]
            if at & 1 == 0:  # else already processed with a shorter time
                key[node] = at | 1
                for arc in range(ptr[node], ptr[node + 1]):
                    step = word[arc]
                    new = at + ((step >> TIME) << TIME)
                    head = (step & 0xFFFFFFFF) >> 1
                    old = key[head]
                    if (new | 1) >= old or new >= limit:
                        continue
                    if old == UNREACHED and list_touched:
                        touched[count] = head
                        count += 1
                    if list_via:
                        via[head] = arc
                    if step & 1:
                        key[head] = new | 1
                        continue
                    key[head] = new
                    into = int(new >> whole)
                    if old & 1 == 0 and old >> whole == into:
                        continue  # already waiting in this bucket
                    if free >= 0:
                        fresh = free
                        free = entry_next[fresh]
                    else:
                        fresh = used
                        used += 1
                    entry_node[fresh], entry_next[fresh] = head, bucket[into]
                    bucket[into] = fresh
                    high = max(high, into)
            entry = bucket[now]
        now += 1
        while left and key[wanted[left - 1]] < now << whole:
            left -= 1
        if len(wanted) and left == 0:
            for rest in range(now, high + 1):
                bucket[rest] = -1
            return count, min(cutoff + 1, now << BUCKET_BITS)
    return count, cutoff + 1


@inner
def _read_ahead(packed: Graph, key: Int64s, first: int, last: int) -> np.int64:
    """Read the data of the nodes ``first`` to ``last`` once, in order, into the cache.

    A search visits them in random order, and each cache miss waits for the one before; reading in
    order is ten times faster. The result only keeps the compiler from removing the loop.
    """
    ptr, word, _ = packed
    total = np.int64(0)
    for node in range(first, last, 8):
        total ^= key[node] ^ ptr[node]
    for arc in range(ptr[first], ptr[last], 8):
        total ^= word[arc]
    return total


@njit(cache=True, nogil=True)
def search(
    packed: Graph, seeds: Columns, cutoff: int, wanted: Int32s, scratch: Work, found: Columns
) -> np.int64:
    """Fill ``found`` (cs, id, arc), unless it is empty because only ``scratch`` is needed.

    Seeds are sorted by node and searched from one stretch of nodes at a time.
    """
    node, key, via = seeds[0], scratch[0], scratch[2]
    cs, ident, arc = found
    count, final, read = START, cutoff + 1, np.int64(0)
    first = START
    while first < len(node):
        last = first + 1
        stretch = node[first] >> STRETCH_BITS
        while last < len(node) and (len(wanted) > 0 or node[last] >> STRETCH_BITS == stretch):
            last += 1
        if len(wanted) == 0:
            read ^= _read_ahead(packed, key, node[first], node[last - 1])
        count, final = flood(packed, seeds, first, last, cutoff, wanted, scratch, count)
        first = last
    if len(cs) > 0:
        unpack(key, np.int64(final) << TIME, cs, ident)
    for at in range(len(arc)):
        if cs[at] != INF_CS and via[at] >= 0:
            arc[at] = packed[2][via[at]]
    return read


@njit(cache=True, nogil=True)
def unpack(key: Int64s, limit: np.int64, cs: Int32s, ident: Int32s) -> None:
    """Keys below ``limit`` as times and ids; without branches, so that it is vectorised."""
    for node in range(len(key)):
        at = key[node]
        cs[node] = at >> TIME if at < limit else INF_CS
        ident[node] = (at & 0xFFFFFFFF) >> 1 if at < limit else -1


@njit(cache=True, nogil=True)
def lower(at_node: Int64s, places: Columns, cutoff: int, key: Int64s) -> None:
    """Lower ``key`` (owners,) to the best of each owner's ``places`` (node, cs, owner), after a
    search that left the keys ``at_node`` (N,), some of them UNREACHED."""
    place_node, place_cs, place_owner = places
    for place in range(len(place_node)):
        at, step = at_node[place_node[place]], np.int64(place_cs[place])
        if (at >> TIME) + step <= cutoff:
            owner = place_owner[place]
            key[owner] = min(key[owner], at + (step << TIME))


@njit(cache=True, nogil=True)
def by_node(places: Columns, into: Into) -> None:
    """Fill ``into`` (ptr (N+1,) of zeros, owner, cs) with ``places`` (node, cs, owner), sorted by
    node (stable); those with INF_CS are left out."""
    place_node, place_cs, place_owner = places
    ptr, owner, cs = into
    for place in range(len(place_node)):
        if place_cs[place] != INF_CS:
            ptr[place_node[place]] += 1
    total = np.int64(0)
    for node in range(len(ptr)):
        total += ptr[node]
        ptr[node] = total
    for place in range(len(place_node) - 1, -1, -1):
        if place_cs[place] != INF_CS:
            at = ptr[place_node[place]] - 1
            ptr[place_node[place]] = at
            owner[at], cs[at] = place_owner[place], place_cs[place]


@njit(cache=True, nogil=True)
def reach_block(
    packed: Graph,
    ptr: Int64s,
    seeds: Columns,
    first: int,
    last: int,
    cutoff: int,
    scratch: Work,
    into: Into,
) -> int:
    """Search from the sources ``first`` to ``last``; ptr (sources + 1,): seeds of each source.

    Fills ``into``: ptr, and node and cs of the nodes reached, each once. Returns the source to
    continue from, ``last`` if all fit. With room for every node at least one source fits. No way
    is kept, so ``via`` is empty, and serves as the list of nodes to stop at.
    """
    key, touched, every = scratch[0], scratch[1], scratch[2]
    out_ptr, out_node, out_cs = into
    used = 0
    for source in range(first, last):
        count, _ = flood(packed, seeds, ptr[source], ptr[source + 1], cutoff, every, scratch, START)
        fits = used + count <= len(out_node)
        for t in range(count):
            node = touched[t]
            if fits:
                out_node[used + t], out_cs[used + t] = node, key[node] >> TIME
            key[node] = UNREACHED
        if not fits:
            return source
        used += count
        out_ptr[source - first + 1] = used
    return last


@njit(cache=True, nogil=True)
def owner_block(
    packed: Graph,
    ptr: Int64s,
    seeds: Columns,
    targets: tuple[Int64s, Int32s, Int32s, Int64s, Int32s, Int32s, Int32s],
    first: int,
    last: int,
    cutoff: int,
    scratch: Work,
    into: Into,
) -> int:
    """As ``reach_block``, but finds owners: those with a place at a reached node, and direct ones.

    targets: at_ptr (N+1,), at_owner, at_cs (places,): owner of each place and time from the node;
    direct_ptr (sources + 1,), direct_owner, direct_cs (pairs,): reached without a search;
    best (owners,): INF_CS before and after the call.
    """
    at_ptr, at_owner, at_cs, direct_ptr, direct_owner, direct_cs, best = targets
    key, touched, every = scratch[0], scratch[1], scratch[2]
    out_ptr, out_owner, out_cs = into
    used = 0
    for source in range(first, last):
        mark = used
        if len(out_owner) - mark <= len(best):
            return source  # there may be no room for all owners and the spare entry below
        for pair in range(direct_ptr[source], direct_ptr[source + 1]):
            owner, time = direct_owner[pair], direct_cs[pair]
            if time > cutoff:
                continue
            if best[owner] == INF_CS:
                out_owner[used] = owner
                used += 1
            best[owner] = min(best[owner], time)
        count, _ = flood(packed, seeds, ptr[source], ptr[source + 1], cutoff, every, scratch, START)
        for t in range(count):
            node = touched[t]
            at = key[node] >> TIME
            key[node] = UNREACHED
            for place in range(at_ptr[node], at_ptr[node + 1]):
                if at_cs[place] > cutoff - at:
                    continue
                owner = at_owner[place]
                so_far = best[owner]
                out_owner[used] = owner  # kept only if new: avoids a branch, as every other is
                used += 1 if so_far == INF_CS else 0
                best[owner] = min(so_far, np.int32(at + at_cs[place]))
        for found in range(mark, used):
            owner = out_owner[found]
            out_cs[found] = best[owner]
            best[owner] = INF_CS
        out_ptr[source - first + 1] = used
    return last
