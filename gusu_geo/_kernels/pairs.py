"""Pairs of points: which are close to each other, and how long the way between them is.

A search from one point of a pair stops when the requested times are final, and only these are
kept: a million pairs need memory only for their lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from queue import Empty, SimpleQueue
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import search
from gusu_geo._kernels.blocks import THREADS
from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.nearest import Packed, Scratch, as_int32, bounded
from gusu_geo._kernels.search import (
    START,
    TIME,
    UNREACHED,
    Columns,
    Graph,
    Int32s,
    Int64s,
    Work,
)

BLOCK_PAIRS = 1 << 14  # pairs handed to a thread at a time
ROOM = 1 << 20  # pairs checked by one call for close points: 8 MB, plus one point
Floats = npt.NDArray[np.float64]


@njit(cache=True, nogil=True)
def close_block(
    x: Floats,
    y: Floats,
    until: Int64s,
    first: int,
    last: int,
    reach: float,
    into: tuple[Int32s, Int32s],
) -> int:
    """Fill ``into`` with pairs a < b of points no farther apart than ``reach``, a from ``first``
    to ``last`` and b below ``until[a]``; returns how many."""
    a, b = into
    used, most = 0, reach * reach
    for one in range(first, last):
        for other in range(one + 1, until[one]):
            dx, dy = x[other] - x[one], y[other] - y[one]
            a[used], b[used] = one, other  # kept only if near: avoids a branch
            used += 1 if dx * dx + dy * dy <= most else 0
    return used


@njit(cache=True, nogil=True)
def way_block(
    packed: Graph,
    seeds: Columns,
    along: tuple[Int32s, Int32s],
    pairs: tuple[Int32s, Int32s],
    cutoff: int,
    scratch: Work,
    spare: Int32s,
    way: Int64s,
) -> None:
    """Lower ``way`` (pairs,) to the lengths of ways within the cutoff from point a to point b.

    seeds: both ends of each point's line, one after the other, node and cs (2P,); along: line of
    each point and its place on it (P,): points on one line are joined along it. Consecutive pairs
    with the same a share a search. spare (2 * pairs,): room for the nodes wanted.
    """
    node, cs, _ = seeds
    line, place = along
    a, b = pairs
    key, touched = scratch[0], scratch[1]
    first = START
    while first < len(a):
        one = a[first]
        last = first + 1
        while last < len(a) and a[last] == one:
            last += 1
        wanted = spare[2 * first : 2 * last]
        for pair in range(first, last):
            wanted[2 * (pair - first)] = node[2 * b[pair]]
            wanted[2 * (pair - first) + 1] = node[2 * b[pair] + 1]
        count, _ = search.flood(packed, seeds, 2 * one, 2 * one + 2, cutoff, wanted, scratch, START)
        for pair in range(first, last):
            other = b[pair]
            if line[one] == line[other]:
                way[pair] = min(way[pair], abs(np.int64(place[one]) - place[other]))
            for end in range(2 * other, 2 * other + 2):
                at = key[node[end]]
                if at != UNREACHED:
                    way[pair] = min(way[pair], (at >> TIME) + cs[end])
        for t in range(count):
            key[touched[t]] = UNREACHED
        first = last


class Stops(NamedTuple):
    """Points (P,) on lines between nodes: node and cs (P,2), the ends of each point's line and
    the time between (INF_CS: closed); line (P,), and place (P,) along it in the unit of cs."""

    node: Int32s
    cs: Int32s
    line: Int32s
    place: Int32s


class PairWays:
    """Ways between ``stops``, the same in both directions, up to the cutoff (inclusive).

    Work arrays are kept for the next call, one set per thread.
    """

    def __init__(self, packed: Packed, stops: Stops, cutoff_cs: int) -> None:
        node = as_int32(stops.node.ravel())
        self.packed = packed
        self.seeds = node, as_int32(stops.cs.ravel()), as_int32(np.zeros_like(node))
        self.along = as_int32(stops.line), as_int32(stops.place)
        self.cutoff = int(cutoff_cs)
        self._spare: SimpleQueue[Scratch] = SimpleQueue()

    def between(
        self, a: npt.NDArray[np.integer], b: npt.NDArray[np.integer], *, threads: int = THREADS
    ) -> Int64s:
        """(pairs,) least times from the stops a to the stops b, at most the cutoff.

        Fastest if pairs with the same a are consecutive.
        """
        way = np.full(len(a), self.cutoff, np.int64)
        pairs = as_int32(a), as_int32(b)

        def fill(cut: slice) -> None:
            with self._scratch() as scratch:
                part, cutoff = (pairs[0][cut], pairs[1][cut]), bounded(self.cutoff)
                spare = np.empty(2 * len(part[0]), np.int32)
                way_block(
                    self.packed[:], self.seeds, self.along, part, cutoff, scratch[:], spare,
                    way[cut],
                )  # fmt: skip

        if threads == 1 or len(a) <= BLOCK_PAIRS:
            fill(slice(0, len(a)))
            return way
        cuts = [slice(at, at + BLOCK_PAIRS) for at in range(0, len(a), BLOCK_PAIRS)]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, cuts))
        return way

    @contextmanager
    def _scratch(self) -> Iterator[Scratch]:
        try:
            scratch = self._spare.get_nowait()
        except Empty:
            scratch = Scratch.of(self.packed, 2, max(bounded(self.cutoff), 0), touched=True)
        yield scratch
        self._spare.put(scratch)


class Close:
    """A sweep over points (P,), sorted (at least nearly) by x, for pairs close to each other."""

    def __init__(self, xy: Floats, reach: float) -> None:
        self.x, self.y = (np.ascontiguousarray(column, float) for column in xy.T)
        self.reach = float(reach)
        # Least x of each point and all after it; searched a little wider, as sums are rounded.
        west = np.minimum.accumulate(self.x[::-1])[::-1]
        self.until = np.searchsorted(west, self.x + self.reach * 1.001, "right")

    def blocks(self) -> Iterator[tuple[Int32s, Int32s]]:
        """Pairs a < b of points no farther apart than the reach, in order of a, then b."""
        room = np.concatenate([[0], np.cumsum(self.until - np.arange(len(self.x)))])
        marks = np.arange(0, room[-1] + ROOM, ROOM)
        cuts = np.unique(np.searchsorted(room, marks).clip(max=len(self.x)))
        for first, last in pairwise(cuts.tolist()):
            a, b = (np.empty(room[last] - room[first], np.int32) for _ in range(2))
            count = close_block(self.x, self.y, self.until, first, last, self.reach, (a, b))
            yield a[:count], b[:count]
