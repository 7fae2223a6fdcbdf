"""Bounded shortest-path searches on integer arcs: one pass for many sources, or one per source.

A bucket queue (Dial 1969) whose buckets are ``1 << BUCKET_BITS`` centiseconds wide. Inside a
bucket a node may be walked through again when it turns out to be nearer (label correcting, as in
delta-stepping, Meyer & Sanders 2003). Times and ids are whole numbers and the least pair
(time, id) of each node is unique, so the answer does not depend on the order of the work.

What makes it fast: time and id in one word, so that a comparison is one; head and cost of an arc
in one word, so that an arc costs one cache miss; dead ends are not queued; and large networks
are walked through one stretch of nodes after another, each read once in order beforehand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

INF_CS = np.int32(2**31 - 1)  # beyond the cutoff
LONGEST_CS = 2**30 - 1  # of an arc and of a cutoff (124 days): two of them fit into one word
BUCKET_BITS = 9  # about 5 s; 3 to 11 bits are within 10 % of each other
STRETCH_BITS = 15  # nodes searched at a time: about a megabyte with their arcs, a core's cache
UNREACHED = np.int64(2**62)
TIME = 32  # a key is time << 32 | id << 1 | 1 when walked through, 0 while it waits

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
NONE = np.zeros(0, np.int32)


class Packed(NamedTuple):
    """Arcs of a network as the searches want them; make it once by ``Packed.of``.

    ptr (N+1,): arcs of each node; word (A,): cost << 32 | head << 1 | 1 when the head leads
    nowhere but back; arc_ix (A,): position of each arc in what the network was packed from
    (barred arcs and loops are left out).
    """

    ptr: Int32s
    word: Int64s
    arc_ix: Int32s

    @classmethod
    def of(cls, arc_ptr: Int64s, arc_node: Int32s, arc_cs: Int32s) -> Packed:
        """arc_ptr (N+1,), arc_node and arc_cs (A,): arcs of each node, INF_CS = barred."""
        ptr = np.zeros(len(arc_ptr), np.int32)
        word, arc_ix = np.empty(len(arc_node), np.int64), np.empty(len(arc_node), np.int32)
        _pack(
            np.array(arc_ptr, np.int64),
            np.array(arc_node, np.int32),
            np.array(arc_cs, np.int32),
            cls(ptr, word, arc_ix),
        )
        parts = ptr, word[: ptr[-1]].copy(), arc_ix[: ptr[-1]].copy()
        for part in parts:
            part.setflags(write=False)
        return cls(*parts)

    @property
    def nodes(self) -> int:
        """N."""
        return len(self.ptr) - 1


class Seeds(NamedTuple):
    """Where a search starts (S,): node, time there (INF_CS: not there), id of whose it is."""

    node: Int32s
    cs: Int32s
    ident: Int32s


class Scratch(NamedTuple):
    """What one thread needs for searches; between two of them everything is as it came.

    key (N,): UNREACHED; touched (N,); via (N,) or nothing: packed arc last walked, -1;
    bucket (B,): newest entry of each, -1; entry_node, entry_next (queue entries).
    """

    key: Int64s
    touched: Int32s
    via: Int32s
    bucket: Int32s
    entry_node: Int32s
    entry_next: Int32s

    @classmethod
    def of(
        cls, packed: Packed, seeds: int, cutoff_cs: int, *, touched: bool = False, via: bool = False
    ) -> Scratch:
        """Room for searches from up to ``seeds`` seeds up to ``cutoff_cs``.

        A node waits at most once in a bucket, and an arc brings its head into at most two
        buckets, since its tail is walked through in one bucket only. So the queue never grows.
        """
        nodes, room = packed.nodes, 2 * len(packed.word) + seeds
        return cls(
            key=np.full(nodes, UNREACHED),
            touched=np.empty(nodes if touched else 0, np.int32),
            via=np.full(nodes if via else 0, -1, np.int32),
            bucket=np.full((cutoff_cs >> BUCKET_BITS) + 1, -1, np.int32),
            entry_node=np.empty(room, np.int32),
            entry_next=np.empty(room, np.int32),
        )


class Nearest(NamedTuple):
    """cs (N,), INF_CS beyond the cutoff; id (N,) of the nearest seed (of equal times the
    lowest), -1; arc (N,) last walked, -1 at a seed (empty unless asked for)."""

    cs: Int32s
    ident: Int32s
    arc: Int32s


def bounded(cutoff_cs: int) -> int:
    """The cutoff, or the longest that can be searched: nobody walks for more than 124 days."""
    return min(int(cutoff_cs), LONGEST_CS)


def nearest(
    packed: Packed,
    seeds: Seeds,
    cutoff_cs: int,
    *,
    arcs: bool = False,
    wanted: Int32s = NONE,
) -> Nearest:
    """Least time from any seed to every node within the cutoff (inclusive), and whose seed it was.

    arcs: also the arc last walked. wanted: nodes; the search ends as soon as their times are
    final, and nodes farther than all of them may be left out as if beyond the cutoff.
    """
    cutoff = bounded(cutoff_cs)
    by_node = np.argsort(seeds.node, kind="stable")
    ordered = Seeds(*(np.asarray(part, np.int32)[by_node] for part in seeds))
    scratch = Scratch.of(packed, len(by_node), max(cutoff, 0), via=arcs)
    cs, ident = np.empty(packed.nodes, np.int32), np.empty(packed.nodes, np.int32)
    arc = np.full(packed.nodes if arcs else 0, -1, np.int32)
    found = Nearest(cs, ident, arc)
    _nearest(packed, ordered, cutoff, np.array(wanted, np.int32), scratch, found)
    return found


def least(
    cs: Int32s,
    ident: Int32s,
    place_node: Int32s,
    place_cs: Int32s,
    owner: Int32s,
    owners: int,
    cutoff_cs: int,
) -> tuple[Int32s, Int32s]:
    """Time and id (owners,) each owner is found by at the best of its places; INF_CS and -1.

    cs, ident (N,): of a search; place_node, place_cs, owner (P,): node of each place, the time
    between them (INF_CS: none), and whose it is. Of equal times the lowest id wins.
    """
    key = np.full(owners, UNREACHED)
    node, step, whose = (np.asarray(p, np.int32) for p in (place_node, place_cs, owner))
    _least(cs, ident, node, step, whose, bounded(cutoff_cs), key)
    time, who = np.empty(owners, np.int32), np.empty(owners, np.int32)
    _unpack(key, UNREACHED, time, who)
    return time, who


@njit(cache=True, nogil=True)
def _least(
    cs: Int32s,
    ident: Int32s,
    place_node: Int32s,
    place_cs: Int32s,
    owner: Int32s,
    cutoff: int,
    key: Int64s,
) -> None:
    for place in range(len(owner)):
        node = place_node[place]
        if cs[node] > cutoff or place_cs[place] > cutoff - cs[node]:
            continue
        time = np.int64(cs[node]) + place_cs[place]
        new = (time << TIME) | (np.int64(ident[node]) << 1)
        key[owner[place]] = min(key[owner[place]], new)


@njit(cache=True, nogil=True)
def _pack(arc_ptr: Int64s, arc_node: Int32s, arc_cs: Int32s, into: Packed) -> None:
    """Fill ``into``; its last pointer tells how many arcs are left."""
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
    packed: Packed,
    seeds: Seeds,
    first: int,
    last: int,
    cutoff: int,
    wanted: Int32s,
    scratch: Scratch,
    count: int,
) -> tuple[int, int]:
    """Search from the seeds ``first`` to ``last`` on top of what ``scratch`` already holds.

    Nodes reached for the first time are added to ``touched``, of which ``count`` are in use.
    Returns the new count and the time up to which times are final (cutoff + 1 unless the
    ``wanted`` nodes let the search end early).
    """
    ptr, word, _ = packed
    key, touched, via, bucket, entry_node, entry_next = scratch
    limit = np.int64(cutoff + 1) << TIME
    whole = TIME + BUCKET_BITS
    list_touched, list_via = len(touched) > 0, len(via) > 0
    used, free = 0, -1  # entries ever used, and the list of those that are free again
    low, high = len(bucket), -1
    for s in range(first, last):
        if seeds.cs[s] > cutoff:
            continue
        node = seeds.node[s]
        new = (np.int64(seeds.cs[s]) << TIME) | (np.int64(seeds.ident[s]) << 1)
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
            if at & 1 == 0:  # else it was walked through when it was nearer
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
                        continue  # waits in this bucket already
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


@njit(cache=True, nogil=True)
def _read_ahead(packed: Packed, scratch: Scratch, first: int, last: int) -> np.int64:
    """Read what belongs to the nodes ``first`` to ``last`` in order, once.

    A search meets them in no order, and each of its cache misses waits for the one before; read
    in order they come ten times faster. The sum only keeps the compiler from leaving it out.
    """
    ptr, word, _ = packed
    total = np.int64(0)
    for node in range(first, last, 8):
        total ^= scratch.key[node] ^ ptr[node]
    for arc in range(ptr[first], ptr[last], 8):
        total ^= word[arc]
    return total


@njit(cache=True, nogil=True)
def _nearest(
    packed: Packed, seeds: Seeds, cutoff: int, wanted: Int32s, scratch: Scratch, found: Nearest
) -> np.int64:
    """Fill ``found``; seeds in order of nodes, the seeds of a stretch of nodes at a time."""
    count, final, read = 0, cutoff + 1, np.int64(0)
    first = 0
    while first < len(seeds.node):
        last = first + 1
        stretch = seeds.node[first] >> STRETCH_BITS
        while last < len(seeds.node) and (
            len(wanted) > 0 or seeds.node[last] >> STRETCH_BITS == stretch
        ):
            last += 1
        if len(wanted) == 0:
            read ^= _read_ahead(packed, scratch, seeds.node[first], seeds.node[last - 1])
        count, final = flood(packed, seeds, first, last, cutoff, wanted, scratch, count)
        first = last
    _unpack(scratch.key, np.int64(final) << TIME, found.cs, found.ident)
    for node in range(len(found.arc)):
        if found.cs[node] != INF_CS and scratch.via[node] >= 0:
            found.arc[node] = packed.arc_ix[scratch.via[node]]
    return read


@njit(cache=True, nogil=True)
def _unpack(key: Int64s, limit: np.int64, cs: Int32s, ident: Int32s) -> None:
    """Keys below ``limit`` as times and ids; without branches, so that it runs eight at a time."""
    for node in range(len(key)):
        at = key[node]
        cs[node] = at >> TIME if at < limit else INF_CS
        ident[node] = (at & 0xFFFFFFFF) >> 1 if at < limit else -1
