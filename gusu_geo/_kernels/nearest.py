"""One bounded search from many seeds: times, whose seed is nearest, and the last arc walked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import search
from gusu_geo._kernels.search import BUCKET_BITS, LONGEST_CS, TIME, UNREACHED, Int32s, Int64s


def as_int32(values: npt.ArrayLike) -> Int32s:
    """Read-only and contiguous, so that a kernel is compiled for one kind of array only."""
    array = np.ascontiguousarray(values, np.int32).view()
    array.setflags(write=False)
    return array


def as_int64(values: npt.ArrayLike) -> Int64s:
    """As ``as_int32``."""
    array = np.ascontiguousarray(values, np.int64).view()
    array.setflags(write=False)
    return array


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
        arrays = as_int64(arc_ptr), as_int32(arc_node), as_int32(arc_cs)
        search.pack(*arrays, (ptr, word, arc_ix))
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

    @classmethod
    def empty(cls) -> Nearest:
        """For a search whose times at nodes nobody asks for."""
        return cls(*(np.empty(0, np.int32) for _ in range(3)))


def bounded(cutoff_cs: int) -> int:
    """The cutoff, or the longest that can be searched: nobody walks for more than 124 days."""
    return min(int(cutoff_cs), LONGEST_CS)


def nearest(
    packed: Packed,
    seeds: Seeds,
    cutoff_cs: int,
    *,
    arcs: bool = False,
    wanted: Int32s | None = None,
) -> Nearest:
    """Least time from any seed to every node within the cutoff (inclusive), and whose seed it was.

    arcs: also the arc last walked. wanted: nodes; the search ends as soon as their times are
    final, and nodes farther than all of them may be left out as if beyond the cutoff.
    """
    found = Nearest(
        np.empty(packed.nodes, np.int32),
        np.empty(packed.nodes, np.int32),
        np.full(packed.nodes if arcs else 0, -1, np.int32),
    )
    last = np.array([] if wanted is None else wanted, np.int32)
    _searched(packed, seeds, bounded(cutoff_cs), found, last)
    return found


def _searched(packed: Packed, seeds: Seeds, cutoff: int, found: Nearest, wanted: Int32s) -> Scratch:
    """Fill ``found``; returns what the search leaves behind."""
    by_node = np.argsort(seeds.node, kind="stable")
    node, cs, ident = (as_int32(np.asarray(part)[by_node]) for part in seeds)
    scratch = Scratch.of(packed, len(by_node), max(cutoff, 0), via=len(found.arc) > 0)
    # [:] of a named tuple is a plain one
    search.search(packed[:], (node, cs, ident), cutoff, wanted, scratch[:], found[:])
    return scratch


class Places(NamedTuple):
    """Where owners are found (P,): node, time between it and the place (INF_CS: none), owner."""

    node: Int32s
    cs: Int32s
    owner: Int32s


class Straight(NamedTuple):
    """Owners found without the network (pairs,): owner, time, and id of whom they find."""

    owner: Int32s
    cs: Int32s
    ident: Int32s


def nearest_of_owners(
    packed: Packed,
    seeds: Seeds,
    places: Places,
    straight: Straight,
    owners: int,
    cutoff_cs: int,
) -> tuple[Int32s, Int32s]:
    """Time and id (owners,) of the nearest seed from the best of each owner's places; INF_CS and
    -1 beyond the cutoff. Of equal times the lowest id wins.

    As ``nearest``, but what was found at nodes is never written out.
    """
    cutoff = bounded(cutoff_cs)
    scratch = _searched(packed, seeds, cutoff, Nearest.empty(), np.array([], np.int32))
    each = np.arange(len(straight.owner), dtype=np.int32)
    ways = straight.cs.astype(np.int64) << TIME | straight.ident.astype(np.int64) << 1
    key = np.full(owners, UNREACHED)
    for at_node, offers in (
        (scratch.key, places),
        (ways, Places(each, np.zeros_like(each), straight.owner)),
    ):
        node, step, owner = map(as_int32, offers)
        search.lower(as_int64(at_node), (node, step, owner), cutoff, key)
    time, who = np.empty(owners, np.int32), np.empty(owners, np.int32)
    search.unpack(key, UNREACHED, time, who)
    return time, who
