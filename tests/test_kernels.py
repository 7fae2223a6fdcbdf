"""Each kernel against its slow plain twin, on random graphs full of ties, zeros and barred arcs."""

from __future__ import annotations

import heapq

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo._kernels.search import INF_CS, _search, gather, label_components, search

INF = int(INF_CS)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """CSR arcs of a small directed graph: arc_ptr, arc_node, arc_cs."""
    nodes = draw(st.integers(1, 8))
    ends = st.integers(0, nodes - 1)
    weight = st.sampled_from([0, 0, 1, 2, 3, 5, 8, INF])
    arcs = sorted(draw(st.lists(st.tuples(ends, ends, weight), max_size=24)))
    tails = np.array([a for a, _, _ in arcs], np.int64)
    ptr = np.searchsorted(tails, np.arange(nodes + 1)).astype(np.int64)
    heads = np.array([b for _, b, _ in arcs], np.int32)
    return ptr, heads, np.array([w for _, _, w in arcs], np.int32)


@st.composite
def searches(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """A graph with seeds (node, cs, id) and a cutoff."""
    ptr, heads, cs = draw(graphs())
    seed = st.tuples(
        st.integers(0, len(ptr) - 2), st.sampled_from([0, 1, 2, 7, INF]), st.integers(0, 4)
    )
    seeds = np.array(draw(st.lists(seed, max_size=6)), np.int32).reshape(-1, 3)
    return ptr, heads, cs, *seeds.T.copy(), draw(st.integers(0, 14))


def plain_search(ptr, heads, cs, node, start, ident, cutoff):  # type: ignore[no-untyped-def]
    """Dijkstra on (time, id) in lexicographic order."""
    best = [(INF, -1)] * (len(ptr) - 1)
    heap = [(int(t), int(i), int(n)) for n, t, i in zip(node, start, ident, strict=True)]
    heapq.heapify(heap)
    done = set()
    while heap:
        time, who, at = heapq.heappop(heap)
        if at in done or time > cutoff:
            continue
        done.add(at)
        best[at] = (time, who)
        for arc in range(ptr[at], ptr[at + 1]):
            if cs[arc] != INF:
                heapq.heappush(heap, (time + int(cs[arc]), who, int(heads[arc])))
    return best


@settings(max_examples=400, deadline=None)
@given(searches())
def test_search_equals_its_twin(case: tuple[np.ndarray, ...]) -> None:
    ptr, heads, cs, *_ = case
    times, who, via = search(*case)
    assert list(zip(times.tolist(), who.tolist(), strict=True)) == plain_search(*case)
    tails = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
    for node in range(len(ptr) - 1):
        if via[node] >= 0:  # the arc last walked explains time and id
            arc = via[node]
            assert heads[arc] == node
            assert times[tails[arc]] + cs[arc] == times[node]
            assert who[tails[arc]] == who[node]


def test_search_is_inclusive_at_the_cutoff() -> None:
    """Three nodes in a row, 5 apart: with a cutoff of 10 the last one is reached, with 9 not."""
    ptr, heads = np.array([0, 1, 2, 2]), np.array([1, 2], np.int32)
    cs = np.array([5, 5], np.int32)
    zero = np.zeros(1, np.int32)
    assert search(ptr, heads, cs, zero, zero, zero, 10)[0].tolist() == [0, 5, 10]
    assert search(ptr, heads, cs, zero, zero, zero, 9)[0].tolist() == [0, 5, INF]
    late = np.array([10], np.int32)
    assert search(ptr, heads, cs, zero, late, zero, 10)[0].tolist() == [10, INF, INF]


@settings(max_examples=200, deadline=None)
@given(searches(), st.data())
def test_gather_equals_its_twin(case: tuple[np.ndarray, ...], data: st.DataObject) -> None:
    """Every arc is an edge of its own here; links stand on edges, owners may have several."""
    ptr, heads, _, *_, cutoff = case
    times, _, _ = search(*case)
    tails = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
    edges, owners = len(heads), 3
    link = st.tuples(
        st.integers(0, max(edges - 1, 0)), st.integers(0, owners - 1),
        st.sampled_from([0, 1, 4, INF]), st.sampled_from([0, 2, 6, INF]),
    )  # fmt: skip
    rows = sorted(data.draw(st.lists(link, max_size=6 if edges else 0)))
    edge = np.array([r[0] for r in rows], np.int64)
    owner = np.array([r[1] for r in rows], np.int32)
    node = np.array([[tails[e], heads[e]] for e in edge], np.int32).reshape(-1, 2)
    steps = np.array([r[2:] for r in rows], np.int32).reshape(-1, 2)
    edge_ptr = np.searchsorted(edge, np.arange(edges + 1)).astype(np.int64)
    wanted = np.full(owners, INF, np.int64)
    for i in range(len(rows)):
        for end in range(2):
            # only the tail of an arc lists it: the head finds it by its own arcs, if it has any
            listed = end == 0 or edge[i] in range(ptr[node[i, 1]], ptr[node[i, 1] + 1])
            if listed and times[node[i, end]] != INF and steps[i, end] != INF:
                total = int(times[node[i, end]]) + int(steps[i, end])
                if total <= cutoff:
                    wanted[owner[i]] = min(wanted[owner[i]], total)
    best = np.full(owners, INF_CS, np.int32)
    arc_edge = np.arange(edges, dtype=np.int32)
    found = gather(times, ptr, arc_edge, edge_ptr, owner, node, steps, cutoff, best)
    assert best.tolist() == wanted.tolist()
    assert sorted(found.tolist()) == np.flatnonzero(wanted < INF).tolist()


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 9), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12))
def test_components_equal_their_twin(nodes: int, pairs: list[tuple[int, int]]) -> None:
    pairs = [(a % nodes, b % nodes) for a, b in pairs]
    u, v = (np.array([p[i] for p in pairs], np.int32) for i in range(2))
    label = label_components(u, v, nodes)
    groups = [{n} for n in range(nodes)]
    for a, b in pairs:
        merged = groups[a] | groups[b]
        for n in merged:
            groups[n] = merged
    assert label.tolist() == [min(group) for group in groups]


def test_search_starts_again_with_more_room_when_the_queue_was_too_small() -> None:
    ptr, heads = np.array([0, 2, 3, 3]), np.array([1, 2, 2], np.int32)
    cs, zero = np.array([1, 5, 1], np.int32), np.zeros(1, np.int32)
    assert not _search(ptr, heads, cs, zero, zero, zero, 9, 1)[3]
    *found, whole = _search(ptr, heads, cs, zero, zero, zero, 9, 8)
    assert whole
    assert [a.tolist() for a in found] == [
        a.tolist() for a in search(ptr, heads, cs, zero, zero, zero, 9)
    ]
