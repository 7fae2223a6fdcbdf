"""The kernels behind isochrones, each against its slow plain twin (``field_twin``)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely
import shapely.ops
from field_twin import (
    EPS,
    Search,
    Yard,
    field_of,
    merged,
    pixel,
    pixels_near,
    plain_nearest_streets,
    plain_reached,
    plain_seen,
    plain_sight,
    plain_time,
    plain_walked,
    searches,
    tile_box,
    yards,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gusu_geo._kernels import INF_CS
from gusu_geo._kernels.fields import (
    TILE,
    Blocks,
    Field,
    StreetPieces,
    bucket,
    crossings,
    fill,
    foot,
    hidden,
    meet,
)
from gusu_geo._kernels.stretches import (
    Pieces,
    Sources,
    Stretches,
    Ways,
    lines,
    pieces,
    stretches,
    time_on,
)

LATE_CS = 5.0  # borders are drawn for this much later than the cutoff
DRAWN_M = 1e-5  # a coordinate through several kernels


def found(search: Search) -> Stretches:
    return stretches(search.cs, search.ways, search.sources, search.cutoff_cs)


# -- Stretches and pieces ------------------------------------------------------------------------


@settings(max_examples=30)
@given(searches())
def test_every_place_along_a_street_has_the_time_of_its_twin(search: Search) -> None:
    s, walked = found(search), plain_walked(search)
    assert np.flatnonzero(s.first >= 0).tolist() == walked
    for e in range(len(s.first)):
        length = int(search.ways.length_cm[e])
        for cm in np.arange(0, length + 0.5, 0.5).tolist():
            assert time_on(s.first[e], s.edge, s.value, cm) == (
                plain_time(search, e, cm) if e in walked else np.inf
            )


@settings(max_examples=25)
@given(searches())
def test_stretches_of_an_edge_run_from_start_to_start(search: Search) -> None:
    s, sources = found(search), search.sources
    for e in plain_walked(search):
        starts = sources.at_cm[sources.edge == e].tolist()
        places = [0, *starts, int(search.ways.length_cm[e])]
        own = s.first[e] + np.arange(len(places) - 1)
        assert s.edge[own].tolist() == [e] * len(own)
        assert s.value[own, :2].tolist() == [list(p) for p in pairwise(places)]
    assert len(s.edge) == len(plain_walked(search)) + len(sources.edge)


# Two starts at one place of a street of no length, walked only backwards: one is there at once, of
# the other the time is up.
TWO_STARTS = Search(
    cs=np.full(2, INF_CS, np.int32),
    ways=Ways(
        net_node=np.zeros(2, np.int32),
        arc_ptr=np.array([0, 1]),
        arc_edge=np.zeros(1, np.int32),
        ends=np.array([[[0, 1], [0, 1]]], np.int32),
        wait_cs=np.zeros((1, 2), np.int32),
        length_cm=np.zeros(1, np.int32),
        ahead=np.array([np.inf]),
        back=np.array([0.5]),
        off_cs=50.0,
    ),
    sources=Sources(np.zeros(2, int), np.zeros(2, int), np.array([0, 1])),
    cutoff_cs=1,
)


@settings(max_examples=30)
@example(TWO_STARTS, 1)
@given(searches(), st.integers(0, 50))
def test_pieces_are_what_the_twin_reaches(search: Search, cutoff_cs: int) -> None:
    """For the cutoff of the search and all below it."""
    cutoff_cs = min(cutoff_cs, search.cutoff_cs)
    p = pieces(found(search), float(cutoff_cs))
    for e in range(len(search.ways.length_cm)):
        own = [k for k in range(len(p.edge)) if p.edge[k] == e]
        runs = [(float(p.from_cm[k]), float(p.to_cm[k])) for k in own]
        assert merged(runs) == merged(plain_reached(search, e, cutoff_cs))
        for k in own:
            assert p.from_cs[k] == plain_time(search, e, p.from_cm[k]) <= cutoff_cs
            assert p.to_cs[k] == plain_time(search, e, p.to_cm[k]) <= cutoff_cs


@settings(max_examples=25)
@given(searches())
def test_a_start_within_the_cutoff_lies_on_a_piece(search: Search) -> None:
    """Also when its time is up at once: then on a piece of no length."""
    p, sources = pieces(found(search), float(search.cutoff_cs)), search.sources
    for e, at_cm, cs in zip(*sources, strict=True):
        ways = (search.ways.ahead[e] < np.inf) + (search.ways.back[e] < np.inf)
        counts = ways == 2 or (ways == 1 and cs == search.cutoff_cs)
        if cs <= search.cutoff_cs and counts and search.ways.length_cm[e] > 0:
            on = (p.edge == e) & (p.from_cm <= at_cm) & (at_cm <= p.to_cm)
            assert on.any()


@pytest.mark.parametrize("at_cm", [0, 12, 40])
@pytest.mark.parametrize(("ahead", "back"), [(1.0, np.inf), (np.inf, 1.0), (1.0, 1.0)])
def test_a_start_whose_time_is_up_is_one_piece_of_no_length(
    ahead: float, back: float, at_cm: int
) -> None:
    """Whichever way the edge of 40 cm may be walked, and told once; not when it is later."""
    ways = Ways(
        net_node=np.array([0, 1], np.int32),
        arc_ptr=np.array([0, 1, 2]),
        arc_edge=np.array([0, 0], np.int32),
        ends=np.array([[[0, 0], [1, 1]]], np.int32),
        wait_cs=np.zeros((1, 2), np.int32),
        length_cm=np.array([40], np.int32),
        ahead=np.array([ahead]),
        back=np.array([back]),
        off_cs=100.0,
    )
    sources = Sources(*np.array([[0], [at_cm], [50]]))
    s = stretches(np.full(2, INF_CS, np.int32), ways, sources, 50)
    p = pieces(s, 50.0)
    assert [c.tolist() for c in p] == [[0], [at_cm], [at_cm], [50.0], [50.0]]
    assert len(pieces(s, 49.0).edge) == 0


@settings(max_examples=25)
@given(st.data())
def test_lines_are_the_parts_of_polylines_that_shapely_cuts(data: st.DataObject) -> None:
    """Bends, doubled vertices, edges that are longer than drawn or have no length."""
    step = st.tuples(st.integers(1, 9), st.integers(-9, 9))
    chains, ends = [], []
    for _ in range(data.draw(st.integers(1, 3))):
        steps = data.draw(st.lists(st.one_of(step, st.just((0, 0))), min_size=1, max_size=5))
        chains.append(np.cumsum([(0, 0), *steps], axis=0).astype(float))
        share = st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 1.0])
        ends.append(sorted(data.draw(st.tuples(share, share))))
    drawn_m = [np.concatenate([[0], np.cumsum(np.hypot(*np.diff(c, axis=0).T))]) for c in chains]
    length_cm = np.array([int(120 * m[-1]) for m in drawn_m], np.int32)
    count = len(chains)
    at = length_cm[:, None] * np.array(ends).reshape(-1, 2)
    p = Pieces(np.arange(count, dtype=np.int32), *at.T.copy(), *np.zeros((2, count)))
    vertex_ptr = np.cumsum([0, *map(len, chains)])
    ptr, xy = lines(p, length_cm, vertex_ptr, np.concatenate(chains), np.concatenate(drawn_m))
    for k, (chain, (start, stop)) in enumerate(zip(chains, ends, strict=True)):
        got = shapely.LineString(xy[ptr[k] : ptr[k + 1]])
        line = shapely.LineString(chain)
        wanted = shapely.ops.substring(line, start * line.length, stop * line.length)
        assert got.length == pytest.approx(wanted.length, abs=EPS)
        assert shapely.hausdorff_distance(got, wanted) < EPS
        assert shapely.Point(got.coords[0]).distance(line.interpolate(start, normalized=True)) < EPS
        assert shapely.Point(got.coords[-1]).distance(line.interpolate(stop, normalized=True)) < EPS


# -- Fields --------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(yards(), st.sampled_from([0.0, 5.0, 35.0]))
def test_buckets_hold_what_comes_near_each_tile(yard: Yard, margin_m: float) -> None:
    grid, xy = yard.field.grid, yard.field.streets.xy
    found = bucket(xy, grid, margin_m)
    for tile in range(grid.columns * grid.rows):
        held = found.item[found.ptr[tile] : found.ptr[tile + 1]].tolist()
        assert held == sorted(set(held))
        x0, y0, x1, y1 = tile_box(grid, tile)
        for s, (ax, ay, bx, by) in enumerate(xy.tolist()):
            gap = max(x0 - max(ax, bx), min(ax, bx) - x1, y0 - max(ay, by), min(ay, by) - y1)
            if gap != margin_m:  # on the margin itself is either
                assert (s in held) == (gap < margin_m)


CORNERS = st.tuples(*[st.integers(-8, 8)] * 4)


@settings(max_examples=25)
@given(st.lists(CORNERS, max_size=4), st.lists(CORNERS, max_size=4))
def test_streets_meet_barriers_where_fractions_say(
    streets: list[tuple[int, ...]], walls: list[tuple[int, ...]]
) -> None:
    wanted = set()
    for s, (ax, ay, bx, by) in enumerate(streets):
        for cx, cy, dx, dy in walls:
            across = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
            if across != 0:
                on_street = Fraction((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx), across)
                on_wall = Fraction((cx - ax) * (by - ay) - (cy - ay) * (bx - ax), across)
                if 0 < on_street < 1 and 0 <= on_wall <= 1:
                    wanted.add((s, float(on_street)))
    xy, count = np.array(streets, float).reshape(-1, 4), len(streets)
    blocks = Blocks(np.array(walls, float).reshape(-1, 4), np.zeros(len(walls)))
    field = field_of(StreetPieces(xy, np.arange(count), *np.ones((2, count))), blocks, 30.0)
    who, where = crossings(field.streets, blocks, field.block_in, field.grid)
    assert set(zip(who.tolist(), where.tolist(), strict=True)) == wanted


def test_crossings_however_many_are_all_told() -> None:
    """20 streets across 20 walls."""
    streets = np.array([(-10.0, y, 90.0, y) for y in range(20)])
    walls = np.array([(x, -10.0, x, 90.0) for x in range(20)])
    blocks = Blocks(walls, np.zeros(20))
    field = field_of(StreetPieces(streets, np.arange(20), *np.zeros((2, 20))), blocks, 30.0)
    who, where = crossings(field.streets, blocks, field.block_in, field.grid)
    wanted = {(s, (x + 10) / 100) for s in range(20) for x in range(20)}
    assert set(zip(who.tolist(), where.tolist(), strict=True)) == wanted


@settings(max_examples=25)
@given(yards(), st.tuples(st.integers(-99, 150), st.integers(-99, 150)))
def test_feet_and_sight_are_those_of_the_twin(yard: Yard, spot: tuple[int, int]) -> None:
    streets, blocks = yard.field.streets, yard.field.blocks
    at = float(spot[0]), float(spot[1])
    every = np.arange(len(blocks.xy), dtype=np.int32)
    for s, xy in enumerate(streets.xy):
        share, square, metres = foot(*at, streets.xy, s)
        told = plain_seen(at, streets, blocks, s)
        assert np.sqrt(square) == pytest.approx(told.apart_m, abs=EPS)
        along_m = streets.along_m[s] + share * metres * streets.scale[s]
        assert along_m == pytest.approx(told.along_m, abs=EPS)
        sight = plain_sight(at, xy, blocks)
        assert sight is None or hidden(*at, streets.xy, s, blocks[:], every, len(every)) != sight


def test_a_leg_meets_a_barrier_where_it_crosses_or_touches_it() -> None:
    wall = np.array([[2.0, 0.0, 2.0, 4.0]])
    assert meet(0, 1, 8, 1, wall, 0) == 0.25
    assert meet(0, 4, 4, 4, wall, 0) == 0.5  # its end
    assert meet(0, 1, 2, 1, wall, 0) == 1.0  # the leg's end
    assert meet(0, 5, 8, 5, wall, 0) == -1  # passes beyond
    assert meet(0, 1, 1, 1, wall, 0) == -1  # ends before
    assert meet(2, -1, 2, 9, wall, 0) == -1  # runs along it


def test_a_street_that_ends_on_a_wall_is_seen_from_its_own_side_only() -> None:
    """Also from where the nearest point is that very end."""
    streets = np.array([[0.0, 0.0, 20.0, 0.0]])
    blocks = Blocks(np.array([[0.0, -9.0, 0.0, 9.0]]), np.array([0.1]))
    wall = np.zeros(1, np.int32)
    for x, y in [(-5.0, 3.0), (-5.0, -1.0), (-0.5, -3.0)]:
        assert hidden(x, y, streets, 0, blocks[:], wall, 1)
        assert not plain_sight((x, y), streets[0], blocks)
        assert not hidden(-x, y, streets, 0, blocks[:], wall, 1)
        assert plain_sight((-x, y), streets[0], blocks)


def filled(field: Field) -> Field:
    fill(field, np.arange(len(field.slot)))
    return field


@settings(max_examples=25)
@given(yards(), st.integers(0, 2**32 - 1))
def test_pixels_hold_the_nearest_street_in_sight(yard: Yard, seed: int) -> None:
    field, streets = filled(yard.field), yard.field.streets
    for i, j in pixels_near(streets, field.grid, seed, 40):
        slot = field.slot[j // TILE * field.grid.columns + i // TILE]
        place = (slot, j % TILE, i % TILE)
        likely, none = plain_nearest_streets(pixel(field.grid, i, j), field)
        s = int(field.seg[place])
        if s < 0:
            assert none
            continue
        assert s in likely
        assert field.apart_m[place] == pytest.approx(likely[s].apart_m, abs=1e-4)
        assert field.along_m[place] == pytest.approx(likely[s].along_m, abs=1e-3)


def test_of_equally_near_streets_the_first_counts() -> None:
    """Two streets 20 m apart, and pixels half way between them."""
    xy = np.array([[2.5, -7.5, 97.5, -7.5], [2.5, 12.5, 97.5, 12.5]])
    streets = StreetPieces(xy, np.array([0, 1], np.int32), *np.zeros((2, 2)))
    field = filled(field_of(streets, Blocks(np.zeros((0, 4)), np.zeros(0)), 30.0))
    j, i = (np.array([2.5, 50.0]) - field.grid.y0) // 5
    tile = int(j) // TILE * field.grid.columns + int(i) // TILE
    assert field.seg[tile, int(j) % TILE, int(i) % TILE] == 0
