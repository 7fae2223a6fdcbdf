"""One bounded search from many seeds: times, id of the nearest seed, and the last arc walked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import search
from gusu_geo._kernels.search import BUCKET_BITS, LONGEST_CS, TIME, UNREACHED, Int32s, Int64s


def as_int32(values: npt.ArrayLike) -> Int32s:
    """Read-only and contiguous, so that kernels are compiled for one array type only."""
    array = np.ascontiguousarray(values, np.int32).view()
    array.setflags(write=False)
    return array


def as_int64(values: npt.ArrayLike) -> Int64s:
    """As ``as_int32``."""
    array = np.ascontiguousarray(values, np.int64).view()
    array.setflags(write=False)
    return array


def as_floats(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """As ``as_int32``."""
    array = np.ascontiguousarray(values, np.float64).view()
    array.setflags(write=False)
    return array


class Packed(NamedTuple):
    """Arcs of a network in the form of the searches; made once by ``Packed.of``.

    ptr (N+1,): arcs of each node; word (A,): cost << 32 | head << 1 | 1 if the head is a dead
    end; arc_ix (A,): position of each arc in the input (closed arcs and loops are left out).
    """

    ptr: Int32s
    word: Int64s
    arc_ix: Int32s

    @classmethod
    def of(cls, arc_ptr: Int64s, arc_node: Int32s, arc_cs: Int32s) -> Packed:
        """arc_ptr (N+1,), arc_node and arc_cs (A,): arcs of each node, INF_CS = closed."""
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
        """Number of nodes, N."""
        return len(self.ptr) - 1


class Seeds(NamedTuple):
    """Starts of a search (S,): node, time at it (INF_CS: not used), and an id."""

    node: Int32s
    cs: Int32s
    ident: Int32s


class Scratch(NamedTuple):
    """Work arrays of one thread, reset after each search of a block.

    key (N,): UNREACHED at first; touched (N,); via (N,) or empty: packed arc last walked, -1;
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

        A node waits at most once in a bucket, and an arc puts its head into at most two buckets,
        since its tail is processed in one bucket only. So the queue has a fixed size.
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
    """cs (N,), INF_CS beyond the cutoff; ident (N,): id of the nearest seed (of equal times the
    lowest), -1 for none; arc (N,): last arc walked, -1 at a seed (empty unless requested)."""

    cs: Int32s
    ident: Int32s
    arc: Int32s

    @classmethod
    def empty(cls) -> Nearest:
        """For a search that does not write out the times at nodes."""
        return cls(*(np.empty(0, np.int32) for _ in range(3)))


def bounded(cutoff_cs: int) -> int:
    """The cutoff, at most the longest that can be searched (124 days)."""
    return min(int(cutoff_cs), LONGEST_CS)


def nearest(
    packed: Packed,
    seeds: Seeds,
    cutoff_cs: int,
    *,
    arcs: bool = False,
    wanted: Int32s | None = None,
) -> Nearest:
    """Least time from any seed to every node within the cutoff (inclusive), and the seed's id.

    arcs: also the last arc walked. wanted: nodes; the search stops when their times are final, and
    farther nodes may be missing, as if beyond the cutoff.
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
    """Fill ``found``; returns the work arrays as the search left them."""
    by_node = np.argsort(seeds.node, kind="stable")
    node, cs, ident = (as_int32(np.asarray(part)[by_node]) for part in seeds)
    scratch = Scratch.of(packed, len(by_node), max(cutoff, 0), via=len(found.arc) > 0)
    # [:] of a named tuple is a plain tuple
    search.search(packed[:], (node, cs, ident), cutoff, wanted, scratch[:], found[:])
    return scratch


class Places(NamedTuple):
    """Places of owners (P,): node, time between node and place (INF_CS: not used), owner."""

    node: Int32s
    cs: Int32s
    owner: Int32s


class Straight(NamedTuple):
    """Pairs of owner and seed that need no network (pairs,): owner, time, seed id."""

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

    As ``nearest``, but times at nodes are not written out.
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
