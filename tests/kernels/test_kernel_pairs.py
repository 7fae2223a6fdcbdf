"""Pairs of points: each kernel against its slow plain twin, whatever the order, blocks and threads.

close_block    plain_close
way_block      plain_ways
rounds         plain_rounds
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import CUTOFFS, INF, Graph, graphs, packed, plain_reach

from gusu_geo._kernels import INF_CS, Packed
from gusu_geo._kernels import pairs as kernels
from gusu_geo._kernels.pairs import Close, PairWays, Stops
from gusu_geo._kernels.rounds import Direct, Doors, Spots, rounds_of

Pair = tuple[int, int]
Spot = tuple[int, int]
SPOTS = st.tuples(st.integers(0, 12), st.integers(0, 12))  # metres: many at one place or in reach


def plain_close(spots: list[tuple[float, float]], reach: float) -> list[Pair]:
    """Pairs of spots no farther apart than the reach, in order."""
    return [
        (a, b)
        for a in range(len(spots))
        for b in range(a + 1, len(spots))
        if math.dist(spots[a], spots[b]) <= reach
    ]


def plain_ways(graph: Graph, stops: Stops, pairs: list[Pair], cutoff: int) -> list[int]:
    """Length of each way: straight along a line, or from an end to an end; at most the cutoff."""
    ways = []
    for a, b in pairs:
        offers = [cutoff]
        if stops.line[a] == stops.line[b]:
            offers.append(abs(int(stops.place[a]) - int(stops.place[b])))
        reached = plain_reach(graph, stops.node[a], stops.cs[a], cutoff)
        for node, cs in zip(stops.node[b].tolist(), stops.cs[b].tolist(), strict=True):
            if node in reached and cs != INF:
                offers.append(reached[node] + cs)
        ways.append(min(offers))
    return ways


def found_close(spots: list[tuple[float, float]], reach: float) -> list[Pair]:
    xy = np.array(spots, float).reshape(-1, 2)
    return [
        pair
        for a, b in Close(xy, reach).blocks()
        for pair in zip(a.tolist(), b.tolist(), strict=True)
    ]


@settings(max_examples=70)
@given(st.lists(SPOTS, max_size=25), st.integers(1, 6), st.booleans())
def test_close_pairs_equal_their_twin(spots: list[Pair], reach: int, by_x: bool) -> None:
    spots = sorted(spots) if by_x else spots
    assert found_close(spots, reach) == plain_close(spots, reach)


@pytest.mark.parametrize("room", [1, 7, 100])
def test_close_pairs_come_in_blocks_that_lose_nothing(
    monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(kernels, "ROOM", room)
    xy = np.random.default_rng(3).integers(0, 40, (60, 2)).astype(float)
    spots = sorted(map(tuple, xy.tolist()))
    blocks = list(Close(np.array(spots), 5.0).blocks())
    assert len(blocks) >= 5
    window = max(sum(0 <= x - at <= 5.01 for x, _ in spots) for at, _ in spots)
    assert max(len(a.base) for a, _ in blocks) <= room + window
    assert found_close(spots, 5.0) == plain_close(spots, 5.0)


def test_what_stands_exactly_as_far_as_the_reach_is_close() -> None:
    assert found_close([(0, 0), (3, 4)], 5.0) == [(0, 1)]
    assert found_close([(0, 0), (3, 4)], math.nextafter(5, 0)) == []
    assert found_close([], 5.0) == found_close([(1, 1)], 5.0) == []


@st.composite
def stops_on(draw: st.DrawFn, nodes: int) -> Stops:
    """Points on some lines; what is between them and the ends need make no sense on a map."""
    node, step = st.integers(0, nodes - 1), st.sampled_from([0, 1, 4, 700, INF])
    one = st.tuples(node, node, step, step, st.integers(0, 3), st.sampled_from([0, 2, 9, 5000]))
    rows = np.array(draw(st.lists(one, min_size=1, max_size=6)), np.int32).reshape(-1, 6)
    return Stops(rows[:, :2].copy(), rows[:, 2:4].copy(), rows[:, 4].copy(), rows[:, 5].copy())


@settings(max_examples=150)
@given(st.data())
def test_ways_equal_their_twin(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    stops, cutoff = data.draw(stops_on(len(graph[0]) - 1)), data.draw(CUTOFFS)
    stop = st.integers(0, len(stops.line) - 1)
    pairs = data.draw(st.lists(st.tuples(stop, stop), max_size=12))
    if data.draw(st.booleans()):
        pairs.sort()  # then those of one point share a search
    a, b = np.array(pairs, np.int64).reshape(-1, 2).T
    ways = PairWays(packed(graph), stops, cutoff)
    wanted = plain_ways(graph, stops, pairs, cutoff)
    assert ways.between(a, b).tolist() == wanted
    assert ways.between(a, b).tolist() == wanted  # nothing of the first question is left behind


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("block", [1, 50, 100_000])
def test_ways_do_not_depend_on_threads_and_blocks(
    monkeypatch: pytest.MonkeyPatch, threads: int, block: int
) -> None:
    """A street of 300 nodes, 7 apart, with a point 3 beyond each but the last."""
    monkeypatch.setattr(kernels, "BLOCK_PAIRS", block)
    count, cutoff = 300, 600
    at = np.arange(count - 1, dtype=np.int32)
    stops = Stops(
        node=np.column_stack([at, at + 1]),
        cs=np.column_stack([np.full_like(at, 3), np.full_like(at, 4)]),
        line=at,
        place=np.full_like(at, 3),
    )
    a, b = np.random.default_rng(5).integers(0, count - 1, (2, 700))
    ways = PairWays(street(count), stops, cutoff)
    wanted = np.minimum(7 * np.abs(a - b), cutoff)
    assert ways.between(a, b, threads=threads).tolist() == wanted.tolist()


def street(nodes: int) -> Packed:
    at = np.arange(nodes)
    heads = np.stack([at - 1, at + 1], axis=1).ravel()
    keep = (heads >= 0) & (heads < nodes)
    ptr = np.concatenate([[0], np.cumsum(keep.reshape(-1, 2).sum(axis=1))])
    return Packed.of(ptr, heads[keep].astype(np.int32), np.full(keep.sum(), 7, np.int32))


def test_a_cutoff_longer_than_any_way_is_told_where_there_is_none() -> None:
    """Nodes 0 and 1 without an arc: never reached, however far one looks."""
    apart = Packed.of(np.zeros(3, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
    none = np.zeros(2, np.int32)
    stops = Stops(
        np.array([[0, 0], [1, 1]]), np.array([[0, INF_CS], [0, INF_CS]]), np.arange(2), none
    )
    far = PairWays(apart, stops, 10**12)
    assert far.between(np.array([0]), np.array([1])).tolist() == [10**12]


def test_a_search_does_not_end_before_both_ends_are_known() -> None:
    """Nodes 0, 1, 2 in a row, 5,000 apart; b hangs 20,000 beyond the near and at the far end."""
    ptr, heads = np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1], np.int32)
    row = Packed.of(ptr, heads, np.full(4, 5000, np.int32))
    for b in ([0, 2], [2, 0]):
        cs = [20_000 if node == 0 else 0 for node in b]
        stops = Stops(np.array([[0, 0], b]), np.array([[0, 0], cs]), np.arange(2), np.zeros(2, int))
        ways = PairWays(row, stops, 30_000)
        assert ways.between(np.array([0]), np.array([1])).tolist() == [10_000]


def plain_rounds(
    homes: list[list[tuple[Spot, list[Pair], dict[int, int]]]],
    spots: list[tuple[Spot, int]],
    table: np.ndarray,
    ring_cm: tuple[float, float, int],
) -> list[list[int]]:
    """Sums of each home; a door is its place, (row, cm) of both ends, and the spots beside it."""
    near, far, cutoff = ring_cm
    sums = []
    for doors in homes:
        walked_sum = straight_sum = street_sum = beyond_sum = 0
        for at, (place, street) in enumerate(spots):
            straight = min(round(100 * math.dist(door, place)) for door, _, _ in doors)
            ways = [int(table[row, at]) + cm for _, ends, _ in doors for row, cm in ends]
            ways += [beside[at] for _, _, beside in doors if at in beside]
            walked = min(cutoff, *ways)
            if near <= straight <= far:
                walked_sum += street * max(walked, straight)
                straight_sum += street * straight
                street_sum += street
                beyond_sum += street * (walked == cutoff)
        sums.append([walked_sum, straight_sum, street_sum, beyond_sum])
    return sums


@settings(max_examples=90)
@given(st.data())
def test_rounds_equal_their_twin(data: st.DataObject) -> None:
    draw = data.draw
    spots = draw(st.lists(st.tuples(SPOTS, st.integers(1, 5000)), max_size=6))
    rows = 3
    far_cm = st.integers(0, 900)
    table = np.array([[draw(far_cm) for _ in spots] for _ in range(rows)], np.int64)
    table = table.reshape(rows, len(spots))
    end = st.tuples(st.integers(0, rows - 1), st.sampled_from([0, 5, 300, INF]))
    beside = st.dictionaries(st.integers(0, len(spots) - 1), far_cm) if spots else st.just({})
    door = st.tuples(SPOTS, st.lists(end, min_size=2, max_size=2), beside)
    homes = draw(st.lists(st.lists(door, min_size=1, max_size=3), max_size=4))
    ring = draw(st.sampled_from([(200.0, 500.0, 700), (0.0, 1300.0, 1300), (141.4, 500.0, 600)]))
    flat = [one for doors in homes for one in doors]
    ends = np.array([ends for _, ends, _ in flat], np.int64).reshape(-1, 2, 2)
    xy = np.array([at for at, _, _ in flat], float).reshape(-1, 2)
    spot_xy = np.array([at for at, _ in spots], float).reshape(-1, 2)
    pairs = np.array([pair for _, _, own in flat for pair in own.items()], np.int64).reshape(-1, 2)
    found = rounds_of(
        Doors(
            np.cumsum([0, *(len(doors) for doors in homes)]),
            xy[:, 0].copy(),
            xy[:, 1].copy(),
            ends[..., 0].copy(),
            ends[..., 1].copy(),
        ),
        Spots(
            spot_xy[:, 0].copy(), spot_xy[:, 1].copy(), np.array([s for _, s in spots], np.int64)
        ),
        Direct(
            np.cumsum([0, *(len(own) for _, _, own in flat)]),
            pairs[:, 0].copy(),
            pairs[:, 1].copy(),
        ),
        table,
        ring,
    )
    assert found.tolist() == plain_rounds(homes, spots, table, ring)
