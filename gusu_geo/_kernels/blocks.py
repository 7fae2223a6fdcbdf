"""Many bounded searches, one per source: what each reaches, streamed in order of the sources.

A kernel runs the searches of a block of sources in one call without the GIL. After a search only
the touched entries of the scratch arrays are reset, so a short search costs little even on a large
network. Threads take blocks; results come in order of the sources and depend neither on the number
of threads nor on the block size.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from gusu_geo._kernels import search
from gusu_geo._kernels.nearest import Packed, Scratch, as_int32, as_int64, bounded
from gusu_geo._kernels.search import INF_CS, Int32s, Int64s, Into

THREADS = min(4, os.cpu_count() or 1)
BLOCK = 256  # sources handed to a thread at a time
BUFFER = 1 << 20  # pairs after which a thread returns its results: 8 MB, plus one source


class Sources(NamedTuple):
    """Sources (S,), each with its own seeds: ptr (S+1,), node and cs (seeds,)."""

    ptr: Int64s
    node: Int32s
    cs: Int32s

    def plain(self) -> tuple[Int64s, tuple[Int32s, Int32s, Int32s]]:
        """ptr and seeds as the kernels take them; seed ids are not used and set to 0."""
        node = as_int32(self.node)
        return as_int64(self.ptr), (node, as_int32(self.cs), as_int32(np.zeros_like(node)))


class Owners(NamedTuple):
    """Places of owners by node: ptr (N+1,) places at each node; owner (places,) of each place and
    cs (places,) between node and place; total: number of owners."""

    ptr: Int64s
    owner: Int32s
    cs: Int32s
    total: int

    @classmethod
    def of(cls, nodes: int, node: Int32s, owner: Int32s, cs: Int32s, total: int) -> Owners:
        """From places (P,) in any order; those with INF_CS are left out."""
        ptr = np.zeros(nodes + 1, np.int64)
        whose, when = (np.empty(len(node), np.int32) for _ in range(2))
        search.by_node((as_int32(node), as_int32(cs), as_int32(owner)), (ptr, whose, when))
        return cls(ptr, whose[: ptr[-1]], when[: ptr[-1]], total)


class Direct(NamedTuple):
    """Owners each source reaches without the network: ptr (S+1,), owner and cs (pairs,)."""

    ptr: Int64s
    owner: Int32s
    cs: Int32s


class Chunk(NamedTuple):
    """What the sources ``first`` to ``last`` (excluded) reach: ptr (last - first + 1,) of each
    source; ix (pairs,): nodes or owners reached, each once, unordered; cs (pairs,): their times."""

    first: int
    last: int
    ptr: Int64s
    ix: Int32s
    cs: Int32s


Kernel = Callable[[int, int, Scratch, Into], int]


def reach_sets(
    packed: Packed, sources: Sources, cutoff_cs: int, *, threads: int = THREADS, block: int = BLOCK
) -> Iterator[Chunk]:
    """Nodes each source reaches within the cutoff (inclusive), chunk by chunk.

    Memory is bounded by the number of threads, not by the number of sources.
    """
    cutoff = bounded(cutoff_cs)
    ptr, seeds = sources.plain()

    def kernel(first: int, last: int, scratch: Scratch, into: Into) -> int:
        spare = scratch[:]
        return int(search.reach_block(packed[:], ptr, seeds, first, last, cutoff, spare, into))

    def worker() -> Worker:
        return Worker.of(packed, sources, cutoff, packed.nodes, kernel)

    return _stream(len(ptr) - 1, worker, threads, block)


def owner_sets(
    packed: Packed,
    sources: Sources,
    owners: Owners,
    direct: Direct,
    cutoff_cs: int,
    *,
    threads: int = THREADS,
    block: int = BLOCK,
) -> Iterator[Chunk]:
    """Owners each source reaches within the cutoff (inclusive) and their least times, in chunks
    as ``reach_sets``."""
    cutoff = bounded(cutoff_cs)
    ptr, seeds = sources.plain()
    at = as_int64(owners.ptr), as_int32(owners.owner), as_int32(owners.cs)
    straight = as_int64(direct.ptr), as_int32(direct.owner), as_int32(direct.cs)

    def worker() -> Worker:
        best = np.full(owners.total, INF_CS)

        def kernel(first: int, last: int, scratch: Scratch, into: Into) -> int:
            targets, spare = (*at, *straight, best), scratch[:]
            return int(
                search.owner_block(packed[:], ptr, seeds, targets, first, last, cutoff, spare, into)
            )

        return Worker.of(packed, sources, cutoff, owners.total, kernel)

    return _stream(len(ptr) - 1, worker, threads, block)


class Worker(NamedTuple):
    """Scratch and buffers of one thread."""

    kernel: Kernel
    scratch: Scratch
    ix: Int32s
    cs: Int32s

    @classmethod
    def of(cls, packed: Packed, sources: Sources, cutoff: int, most: int, kernel: Kernel) -> Worker:
        """most: pairs that one source can find at most; the arrays have room for them beyond
        ``BUFFER``, so that one source always fits."""
        seeds, room = int(np.diff(sources.ptr).max(initial=0)), BUFFER + most + 1
        scratch = Scratch.of(packed, seeds, max(cutoff, 0), touched=True)
        return cls(kernel, scratch, np.empty(room, np.int32), np.empty(room, np.int32))

    def run(self, first: int, last: int) -> Chunk:
        """Results of the sources from ``first`` to ``last``, or of as many as fit."""
        ptr = np.zeros(last - first + 1, np.int64)
        last = self.kernel(first, last, self.scratch, (ptr, self.ix, self.cs))
        ptr = ptr[: last - first + 1]
        return Chunk(first, last, ptr, self.ix[: ptr[-1]].copy(), self.cs[: ptr[-1]].copy())


def _stream(count: int, hire: Callable[[], Worker], threads: int, block: int) -> Iterator[Chunk]:
    """Chunks in order of the sources.

    A worker stops early when its buffers are full; the rest of its block is submitted again
    before any later block.
    """
    workers: SimpleQueue[Worker] = SimpleQueue()
    for _ in range(threads):
        workers.put(hire())

    def work(first: int, last: int) -> Chunk:
        worker = workers.get()
        try:
            return worker.run(first, last)
        finally:
            workers.put(worker)

    starts = iter(range(0, count, block))
    waiting: deque[tuple[Future[Chunk], int]] = deque()
    with ThreadPoolExecutor(threads) as pool:

        def hand_out() -> None:
            first = next(starts, None)
            if first is not None:
                last = min(first + block, count)
                waiting.append((pool.submit(work, first, last), last))

        for _ in range(2 * threads):
            hand_out()
        while waiting:
            future, last = waiting.popleft()
            chunk = future.result()
            if chunk.last < last:
                waiting.appendleft((pool.submit(work, chunk.last, last), last))
            else:
                hand_out()
            yield chunk
