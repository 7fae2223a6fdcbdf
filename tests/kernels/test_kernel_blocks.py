"""Searches in blocks: each source as if alone, whatever the blocks, threads and buffers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import (
    CUTOFFS,
    INF,
    graphs,
    packed,
    plain_by_node,
    plain_owners,
    plain_reach,
    seeded,
)

from gusu_geo._kernels import Chunk, Direct, Owners, Packed, Sources, owner_sets, reach_sets
from gusu_geo._kernels import blocks as kernels

Sets = list[dict[int, int]]


def sets(chunks: Iterable[Chunk]) -> Sets:
    """What each source reaches; chunks must follow each other and name nobody twice."""
    found: Sets = []
    for chunk in chunks:
        assert chunk.first == len(found) and len(chunk.ptr) == chunk.last - chunk.first + 1
        for i in range(chunk.last - chunk.first):
            part = slice(chunk.ptr[i], chunk.ptr[i + 1])
            pairs = dict(zip(chunk.ix[part].tolist(), chunk.cs[part].tolist(), strict=True))
            assert len(pairs) == chunk.ptr[i + 1] - chunk.ptr[i]
            found.append(pairs)
    return found


@st.composite
def sources_on(draw: st.DrawFn, nodes: int) -> Sources:
    each = draw(st.lists(seeded(nodes, most=3), max_size=6))
    ptr = np.cumsum([0, *(len(seeds.node) for seeds in each)])
    none = np.zeros(0, np.int32)
    return Sources(
        ptr,
        np.concatenate([none, *(seeds.node for seeds in each)]),
        np.concatenate([none, *(seeds.cs for seeds in each)]),
    )


def one(sources: Sources, which: int) -> tuple[np.ndarray, np.ndarray]:
    part = slice(sources.ptr[which], sources.ptr[which + 1])
    return sources.node[part], sources.cs[part]


@settings(max_examples=150)
@given(st.data())
def test_reach_sets_equal_their_twin(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    sources, cutoff = data.draw(sources_on(len(graph[0]) - 1)), data.draw(CUTOFFS)
    threads, block = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 7))
    found = sets(reach_sets(packed(graph), sources, cutoff, threads=threads, block=block))
    count = len(sources.ptr) - 1
    assert found == [plain_reach(graph, *one(sources, s), cutoff) for s in range(count)]


@settings(max_examples=150)
@given(st.data())
def test_owner_sets_equal_their_twin(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    nodes, owners = len(graph[0]) - 1, 3
    sources, cutoff = data.draw(sources_on(nodes)), data.draw(CUTOFFS)
    count = len(sources.ptr) - 1
    step, who = st.sampled_from([0, 1, 4, 700, INF]), st.integers(0, owners - 1)
    places = data.draw(st.lists(st.tuples(st.integers(0, nodes - 1), who, step), max_size=8))
    ways = st.tuples(st.integers(0, max(count - 1, 0)), who, st.sampled_from([0, 2, 9, 800]))
    straight = sorted(data.draw(st.lists(ways, max_size=5 if count else 0)))
    wanted: Sets = []
    for source in range(count):
        at = plain_reach(graph, *one(sources, source), cutoff)
        ways_out = [(w, cs) for s, w, cs in straight if s == source]
        wanted.append(plain_owners(at, places, ways_out, cutoff))
    node, who_ix, cs = np.array(places, np.int32).reshape(-1, 3).T
    standing = Owners.of(nodes, node, who_ix, cs, owners)
    told = list(zip(standing.owner.tolist(), standing.cs.tolist(), strict=True))
    by_node = [told[a:b] for a, b in pairwise(standing.ptr.tolist())]
    assert by_node == plain_by_node(nodes, places)
    source_ix, pair_owner, pair_cs = np.array(straight, np.int32).reshape(-1, 3).T.copy()
    got = owner_sets(
        packed(graph),
        sources,
        standing,
        Direct(np.searchsorted(source_ix, np.arange(count + 1)), pair_owner, pair_cs),
        cutoff,
        threads=data.draw(st.integers(1, 3)),
        block=data.draw(st.integers(1, 7)),
    )
    assert sets(got) == wanted


def grid(side: int) -> Packed:
    """Streets in a square grid, 7 east and west, 5 north and south."""
    at = np.arange(side * side)
    x, y = at % side, at // side
    arcs = [
        (at[ok], at[ok] + dx + dy * side, np.full(ok.sum(), 7 if dx else 5))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        for ok in [(x + dx >= 0) & (x + dx < side) & (y + dy >= 0) & (y + dy < side)]
    ]
    tail, head, cs = (np.concatenate(column) for column in zip(*arcs, strict=True))
    by = np.argsort(tail, kind="stable")
    ptr = np.searchsorted(tail[by], np.arange(len(at) + 1))
    return Packed.of(ptr, head[by].astype(np.int32), cs[by].astype(np.int32))


def at_nodes(nodes: np.ndarray) -> Sources:
    count = len(nodes)
    return Sources(np.arange(count + 1), nodes.astype(np.int32), np.zeros(count, np.int32))


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("buffer", [1, 1000])
def test_full_buffers_split_the_stream_and_lose_nothing(
    monkeypatch: pytest.MonkeyPatch, threads: int, buffer: int
) -> None:
    """With a grid of 7 and 5 the time to a crossing is known without any search."""
    monkeypatch.setattr(kernels, "BUFFER", buffer)  # unless one source needs more
    side, cutoff = 12, 40
    nodes = np.arange(side * side)
    away = 7 * np.abs(nodes % side - nodes[:, None] % side)
    away += 5 * np.abs(nodes // side - nodes[:, None] // side)
    wanted = [{int(n): int(row[n]) for n in np.flatnonzero(row <= cutoff)} for row in away]
    streets, sources = grid(side), at_nodes(nodes)
    chunks = list(reach_sets(streets, sources, cutoff, threads=threads, block=50))
    assert len(chunks) > 3  # blocks were handed back in pieces
    assert max(len(chunk.ix) for chunk in chunks) <= buffer + side * side + 1
    assert sets(chunks) == wanted
    owners = Owners.of(side * side, nodes, nodes, np.zeros(len(nodes), np.int32), side * side)
    nothing = Direct(np.zeros(len(nodes) + 1, np.int64), *2 * (np.zeros(0, np.int32),))
    found = owner_sets(streets, sources, owners, nothing, cutoff, threads=threads, block=50)
    assert sets(found) == wanted


def test_a_stream_left_half_read_ends_and_no_sources_are_no_chunks() -> None:
    streets = grid(5)
    assert list(reach_sets(streets, at_nodes(np.zeros(0, int)), 9)) == []
    stream = reach_sets(streets, at_nodes(np.arange(25)), 9, threads=2, block=1)
    assert next(stream).last == 1
    stream.close()
