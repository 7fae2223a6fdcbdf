"""Each kernel against its slow plain twin, on random graphs full of ties, zeros and barred arcs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import (
    CUTOFFS,
    INF,
    Graph,
    graphs,
    packed,
    plain_components,
    plain_nearest,
    plain_nearest_of_owners,
    plain_packed,
    plain_quickest,
    seeded,
)

from gusu_geo._kernels import (
    INF_CS,
    Packed,
    Places,
    Seeds,
    Straight,
    label_components,
    nearest,
    nearest_of_owners,
    quickest,
)
from gusu_geo._kernels.search import LONGEST_CS, STRETCH_BITS


def seeds_at(*nodes: int, cs: int = 0) -> Seeds:
    count = len(nodes)
    late = np.full(count, cs, np.int32)
    return Seeds(np.array(nodes, np.int32), late, np.arange(count, dtype=np.int32))


def row(*cs: int) -> Packed:
    """Nodes in a row, one way, so far apart."""
    nodes = len(cs) + 1
    ptr = np.minimum(np.arange(nodes + 1), nodes - 1)
    return Packed.of(ptr, np.arange(1, nodes, dtype=np.int32), np.array(cs, np.int32))


@settings(max_examples=150)
@given(st.data())
def test_nearest_equals_its_twin(data: st.DataObject) -> None:
    graph = ptr, heads, cs = data.draw(graphs())
    seeds, cutoff = data.draw(seeded(len(ptr) - 1)), data.draw(CUTOFFS)
    times, who, via = nearest(packed(graph), seeds, cutoff, arcs=True)
    wanted = plain_nearest(graph, seeds, cutoff)
    assert list(zip(times.tolist(), who.tolist(), strict=True)) == wanted
    tails = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
    for node in range(len(ptr) - 1):
        steps = 0
        while (arc := via[node]) >= 0:  # the arcs last walked explain time and id
            assert heads[arc] == node
            assert times[tails[arc]] + cs[arc] == times[node]
            assert who[tails[arc]] == who[node]
            node, steps = tails[arc], steps + 1
            assert steps < len(ptr)  # and lead to a seed, without going round
        if times[node] != INF:
            assert (node, times[node], who[node]) in zip(*seeds, strict=True)
    without = nearest(packed(graph), seeds, cutoff)
    assert without.cs.tolist() == times.tolist() and without.ident.tolist() == who.tolist()


@settings(max_examples=100)
@given(st.data())
def test_a_search_that_ends_early_tells_the_truth_about_the_wanted(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    nodes = len(graph[0]) - 1
    seeds, cutoff = data.draw(seeded(nodes)), data.draw(CUTOFFS)
    wanted = data.draw(st.lists(st.integers(0, nodes - 1), min_size=1, max_size=3))
    found = nearest(packed(graph), seeds, cutoff, wanted=np.array(wanted, np.int32))
    whole = plain_nearest(graph, seeds, cutoff)
    for node in range(nodes):
        told = found.cs[node], found.ident[node]
        assert told == whole[node] or (node not in wanted and told == (INF, -1))


def test_a_search_that_ends_early_leaves_out_what_lies_far_behind() -> None:
    line = row(100, 100, 5000, 100)
    found = nearest(line, seeds_at(0), 10_000, wanted=np.array([1], np.int32))
    assert found.cs.tolist() == [0, 100, 200, INF, INF]


def test_nearest_is_inclusive_at_the_cutoff() -> None:
    """Three nodes in a row, 5 apart: with a cutoff of 10 the last one is reached, with 9 not."""
    line = row(5, 5)
    assert nearest(line, seeds_at(0), 10).cs.tolist() == [0, 5, 10]
    assert nearest(line, seeds_at(0), 9).cs.tolist() == [0, 5, INF]
    assert nearest(line, seeds_at(0, cs=10), 10).cs.tolist() == [10, INF, INF]
    assert nearest(line, seeds_at(0, cs=10), 9).cs.tolist() == [INF, INF, INF]
    assert nearest(line, seeds_at(), 9).cs.tolist() == [INF, INF, INF]


def test_times_near_the_end_of_the_integers_do_not_wrap() -> None:
    """A cutoff of ten million minutes is searched as 124 days, longer than any way there is."""
    found = nearest(row(LONGEST_CS, LONGEST_CS), seeds_at(0), 60_000_000_000)
    assert found.cs.tolist() == [0, LONGEST_CS, INF]
    assert nearest(row(INF - 1, 5), seeds_at(0), INF - 1).cs.tolist() == [0, INF, INF]


def test_stretches_of_a_large_network_meet() -> None:
    """A street of three stretches, 1 apart, a seed near each end and one in the middle."""
    nodes = 3 << STRETCH_BITS
    at = np.arange(nodes)
    heads = np.stack([at - 1, at + 1], axis=1).ravel()
    keep = (heads >= 0) & (heads < nodes)
    ptr = np.concatenate([[0], np.cumsum(keep.reshape(-1, 2).sum(axis=1))])
    line = Packed.of(ptr, heads[keep].astype(np.int32), np.ones(keep.sum(), np.int32))
    places = np.array([nodes - 10, 7, nodes // 2], np.int32)
    away = np.abs(at[:, None] - places)
    found = nearest(line, seeds_at(*places), nodes)
    assert found.cs.tolist() == away.min(axis=1).tolist()
    assert found.ident.tolist() == away.argmin(axis=1).tolist()


@settings(max_examples=100)
@given(st.data())
def test_nearest_of_owners_equals_its_twin(data: st.DataObject) -> None:
    """Places at nodes, owners with several; of equal times the lowest id."""
    graph = data.draw(graphs())
    nodes, owners = len(graph[0]) - 1, 3
    cutoff = data.draw(CUTOFFS)
    seeds = data.draw(seeded(nodes))
    found = plain_nearest(graph, seeds, cutoff)
    place = st.tuples(
        st.integers(0, nodes - 1), st.integers(0, owners - 1), st.sampled_from([0, 1, 4, INF])
    )
    rows = np.array(data.draw(st.lists(place, max_size=8)), np.int32).reshape(-1, 3)
    pair = st.tuples(st.integers(0, owners - 1), st.sampled_from([0, 3, 900]), st.integers(0, 4))
    pairs = np.array(data.draw(st.lists(pair, max_size=4)), np.int32).reshape(-1, 3)
    wanted = plain_nearest_of_owners(found, rows.tolist(), pairs.tolist(), owners, cutoff)
    node, whose, step = rows.T.copy()
    places, straight = Places(node, step, whose), Straight(*pairs.T.copy())
    cs, ident = nearest_of_owners(packed(graph), seeds, places, straight, owners, cutoff)
    assert list(zip(cs.tolist(), ident.tolist(), strict=True)) == wanted


WAYS = st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 4, 600, INF]), st.integers(0, 2))


@settings(max_examples=100)
@given(st.lists(WAYS, max_size=12))
def test_quickest_equals_its_twin(ways: list[tuple[int, int, int]]) -> None:
    """With the ways of each owner in a row. In any order nothing that counts is lost either."""

    def left(some: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        columns = quickest(*np.array(some, np.int64).reshape(-1, 3).T)
        return [*zip(*(column.tolist() for column in columns), strict=True)]

    by_owner = sorted(ways, key=lambda way: way[2])
    assert left(by_owner) == plain_quickest(by_owner)
    mixed = left(ways)
    assert plain_quickest(mixed) == plain_quickest(ways) and len(mixed) <= len(ways)


@settings(max_examples=70)
@given(st.integers(1, 9), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12))
def test_components_equal_their_twin(nodes: int, pairs: list[tuple[int, int]]) -> None:
    pairs = [(a % nodes, b % nodes) for a, b in pairs]
    u, v = (np.array([p[i] for p in pairs], np.int32) for i in range(2))
    label = label_components(u, v, nodes)
    assert label.tolist() == plain_components(nodes, pairs)


@settings(max_examples=100)
@given(graphs())
def test_packed_arcs_equal_their_twin(graph: Graph) -> None:
    streets = packed(graph)
    arcs = zip(streets.arc_ix.tolist(), streets.word.tolist(), strict=True)
    told = [(arc, word >> 32, (word & 0xFFFFFFFF) >> 1, bool(word & 1)) for arc, word in arcs]
    wanted = plain_packed(graph)
    assert [told[a:b] for a, b in pairwise(streets.ptr.tolist())] == wanted


def test_what_is_barred_or_leads_nowhere_is_not_walked_through() -> None:
    """0 - 1 - 2 in both directions, a loop at 1 and a barred arc 0 -> 2."""
    ptr, heads = np.array([0, 2, 5, 6]), np.array([1, 2, 0, 1, 2, 1], np.int32)
    streets = Packed.of(ptr, heads, np.array([3, INF_CS, 3, 0, 4, 4], np.int32))
    assert streets.arc_ix.tolist() == [0, 2, 4, 5]
    assert (streets.word & 1).tolist() == [0, 1, 1, 0]  # only back from 0 and from 2
    assert nearest(streets, seeds_at(0), 99).cs.tolist() == [0, 3, 7]
    assert nearest(streets, seeds_at(2), 99, arcs=True).arc.tolist() == [2, 5, -1]
