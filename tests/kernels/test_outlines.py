"""Outlines of isochrones, kernel by kernel, against cells and lines put together by shapely."""

from __future__ import annotations

from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from field_twin import (
    Search,
    Yard,
    pixel,
    pixels_near,
    plain_cells,
    plain_pixel_cs,
    plain_walked,
    ring_polygons,
    tile_box,
    whole,
    yards,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo._kernels.bulges import Bare, Bulges, bulges, uncovered
from gusu_geo._kernels.contours import Chords, chords, tiles_near
from gusu_geo._kernels.fields import TILE, Field, fill, tiles_of
from gusu_geo._kernels.rings import Rings, full, inside, link, rings, touching
from gusu_geo._kernels.stretches import Stretches, lines, pieces, stretches

LATE_CS = 5.0  # borders are drawn for this much later than the cutoff
CLOSE_CS = 0.1  # fields keep 7 digits: a time this close to the limit may fall on either side
CLOSE_M = 1e-5  # a coordinate after several sums
DROPPED_M2 = 1e-4  # points within 1e-7 m of a straight border are left out
CELL_M = 5.0


def found(search: Search) -> Stretches:
    return stretches(search.cs, search.ways, search.sources, search.cutoff_cs)


class Drawn(NamedTuple):
    """The later of two cutoffs of a yard, drawn kernel by kernel: its chords are first..stop."""

    field: Field
    c: Chords
    first: int
    stop: int
    follow: np.ndarray
    ptr: np.ndarray
    xy: np.ndarray
    bare: Bare
    bulge: Bulges
    r: Rings
    ring_of: np.ndarray

    @property
    def lines(self) -> np.ndarray:
        """The pieces reached."""
        owner = np.repeat(np.arange(len(self.ptr) - 1), np.diff(self.ptr))
        return np.asarray(shapely.linestrings(self.xy, indices=owner), object).reshape(-1)

    @property
    def case(self) -> np.ndarray:
        """Cells of the whole grid, by row and column."""
        grid = self.field.grid
        out = np.zeros((grid.rows, grid.columns, TILE, TILE), np.uint8)
        for tile in np.flatnonzero(self.c.rank >= 0).tolist():
            out[divmod(tile, grid.columns)] = self.c.case[1, self.c.rank[tile]]
        return out.transpose(0, 2, 1, 3).reshape(grid.rows * TILE, grid.columns * TILE)


def boxes(yard: Yard) -> np.ndarray:
    parts = [yard.vertex_xy[a:b] for a, b in pairwise(yard.vertex_ptr.tolist())]
    return np.array([[*p.min(axis=0), *p.max(axis=0)] for p in parts])


def drawn(yard: Yard) -> Drawn:
    field, s, cutoff_cs = yard.field, found(yard.search), float(yard.search.cutoff_cs)
    fill(field, np.arange(len(field.slot)))
    tiles = tiles_near(s, tiles_of(boxes(yard), field.grid, field.reach_m + 2 * CELL_M), field.grid)
    c = chords(field, s, tiles, np.array([cutoff_cs / 2, cutoff_cs]))
    order = np.argsort(c.cutoff, kind="stable")
    c = Chords(*(column[order] for column in c[:5]), c.rank, c.case)
    first, stop = np.searchsorted(c.cutoff, [1, 2]).tolist()
    follow = link(c, first, stop)
    p = pieces(s, cutoff_cs)
    ptr, xy = lines(p, yard.search.ways.length_cm, yard.vertex_ptr, yard.vertex_xy, yard.vertex_m)
    bare = uncovered(c, first, stop, follow, field.grid, ptr, xy)
    bulge = bulges(c, first, stop, follow, bare)
    ringed = rings(c, first, stop, follow, bulge)
    return Drawn(field, c, first, stop, follow, ptr, xy, bare, bulge, *ringed)


@settings(max_examples=30)
@given(yards(), st.integers(0, 2**32 - 1))
def test_a_pixel_is_inside_when_its_time_is_up_to_the_limit(yard: Yard, seed: int) -> None:
    d = drawn(yard)
    limit, mark = yard.search.cutoff_cs + LATE_CS, d.case & 1  # the lower left corner
    for i, j in pixels_near(d.field.streets, d.field.grid, seed, 40):
        times = plain_pixel_cs(pixel(d.field.grid, i, j), yard)
        if max(times) <= limit - CLOSE_CS or min(times) > limit + CLOSE_CS:
            assert mark[j, i] == (max(times) <= limit)


@settings(max_examples=30)
@given(yards())
def test_cells_know_their_corners_and_borders_lie_between_them(yard: Yard) -> None:
    d = drawn(yard)
    grid, mark = d.field.grid, d.case & 1
    assert not mark[0].any() and not mark[-1].any()
    wide = grid.columns * TILE
    sides = [((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (0, 0))]
    for k in range(d.first, d.stop):
        cell = int(d.c.cell[k])
        j, i = divmod(cell, wide)
        number = [2 * cell, 2 * (cell + 1) + 1, 2 * (cell + wide), 2 * cell + 1]
        a, b = sides[number.index(d.c.start[k])]
        assert mark[j + a[1], i + a[0]] != mark[j + b[1], i + b[0]]
        from_xy, to_xy = (np.array(pixel(grid, i + c[0], j + c[1])) for c in (a, b))
        share = np.linalg.norm(d.c.xy[k] - from_xy) / CELL_M
        assert 0.0009 < share < 0.9991  # off the pixels, so that rings never touch
        assert d.c.xy[k] == pytest.approx(from_xy + share * (to_xy - from_xy), abs=CLOSE_M)
    case = d.case[:-1, :-1]
    assert (case == mark[:-1, :-1] + 2 * mark[:-1, 1:] + 4 * mark[1:, 1:] + 8 * mark[1:, :-1]).all()
    cells = np.array([j * wide + i for j, i in product(range(len(case)), range(len(case[0])))])
    assert full(d.c, 1, cells, grid).tolist() == (case == 15).ravel().tolist()


@settings(max_examples=30)
@given(yards())
def test_rings_hold_the_cells_put_together_one_by_one(yard: Yard) -> None:
    d = drawn(yard)
    assert sorted(d.follow.tolist()) == list(range(d.first, d.stop))
    assert d.c.start[d.follow].tolist() == d.c.end[d.first : d.stop].tolist()
    none = Bulges(np.zeros(d.stop - d.first + 1, np.int64), np.zeros((0, 2)))
    r, ring_of = rings(d.c, d.first, d.stop, d.follow, none)
    assert (
        shapely.symmetric_difference(whole(r), plain_cells(d.c, 1, d.field.grid)).area < DROPPED_M2
    )
    agree(r)
    for k, at in enumerate(shapely.points(d.c.xy[d.first : d.stop])):
        assert at.distance(ring_polygons(r)[ring_of[k]].exterior) < CLOSE_M


def agree(r: Rings) -> None:
    """Area, turn and shell of each ring are those shapely finds."""
    rounds = np.array(ring_polygons(r), object)
    assert shapely.is_valid(rounds).all()
    assert np.abs(r.area_m2) == pytest.approx(shapely.area(rounds), abs=1e-6)
    assert (shapely.is_ccw(shapely.get_exterior_ring(rounds)) == (r.area_m2 > 0)).all()
    for k, area in enumerate(r.area_m2):
        around = [k] if area > 0 else np.flatnonzero((r.area_m2 > 0) & rounds[k].within(rounds))
        assert r.shell[k] == min(around, key=lambda other: rounds[other].area)


@pytest.mark.parametrize("sides", [(8, -6, 4, -2), (-2, 4, -6, 8), (4, -2, 8, -6)])
def test_a_hole_belongs_to_the_smallest_ring_around_it(sides: tuple[int, ...]) -> None:
    """Squares one in the other; below 0 they turn right, as holes do."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) - 0.5
    xy = np.concatenate([abs(a) * corners[:: 1 if a > 0 else -1] for a in sides])
    start = np.arange(len(xy))
    end = start // 4 * 4 + (start + 1) % 4
    none = np.zeros(len(xy), np.int32)
    c = Chords(none, start, start, end, xy, none, np.zeros((1, 1, 1, 1), np.uint8))
    r, _ = rings(
        c, 0, len(xy), link(c, 0, len(xy)), Bulges(np.zeros(len(xy) + 1, int), np.zeros((0, 2)))
    )
    assert r.area_m2.tolist() == [a * abs(a) for a in sides]
    assert [sides[k] for k in r.shell] == [a if a > 0 else 2 - a for a in sides]
    agree(r)


@settings(max_examples=35)
@given(yards())
def test_reached_lines_lie_inside_or_are_told_as_bare(yard: Yard) -> None:
    d = drawn(yard)
    agree(d.r)
    reached, ground = shapely.multilinestrings(d.lines), whole(d.r)
    bare = shapely.multilinestrings(shapely.linestrings(d.bare.ends.reshape(-1, 2, 2)))
    outside = shapely.difference(reached, shapely.buffer(ground, CLOSE_M))
    assert shapely.difference(outside, shapely.buffer(bare, CLOSE_M)).length < CLOSE_M
    assert (shapely.distance(shapely.points(d.bare.ends.reshape(-1, 2)), reached) < CLOSE_M).all()
    for line, part in zip(d.bare.line, d.bare.ends, strict=True):  # of the line it names
        ends = shapely.points(part.reshape(2, 2))
        assert (shapely.distance(ends, d.lines[line]) < CLOSE_M).all()
    # What is told but lies inside is the rest of a cell that the border crosses.
    deep = shapely.buffer(ground, -CELL_M * np.sqrt(2))
    assert shapely.intersection(bare, deep).length < CLOSE_M


def test_a_leg_from_corner_to_corner_touches_its_ring() -> None:
    """Both ends lie a hair beyond the square: its middle alone is inside."""
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], float)
    ring = Rings(np.array([0, 5]), square, np.array([16.0]), np.zeros(1, np.int32))
    leg, far = np.array([[-1e-14, -1e-14], [4 + 1e-14, 4 + 1e-14]]), np.array([[5.0, 0], [9, 4]])
    none = np.zeros(0, np.int32), np.zeros(0, bool)
    assert touching(ring, *none, np.array([0, 2]), leg).tolist() == [True]
    assert touching(ring, *none, np.array([0, 2, 4]), np.vstack([leg[:1] - 1, far[:1], far])).tolist() == [False]  # fmt: skip


@settings(max_examples=35)
@given(yards())
def test_rings_touched_are_those_that_meet_a_line(yard: Yard) -> None:
    d = drawn(yard)
    keep = touching(d.r, d.ring_of, d.bare.touched, d.ptr, d.xy)
    tree = shapely.STRtree(d.lines)
    for k, shell in enumerate(d.r.shell):
        ground = ring_polygons(d.r)[shell]
        meets = len(tree.query(ground, predicate="intersects")) > 0
        surely = len(tree.query(ground.buffer(-CLOSE_M), predicate="intersects")) > 0
        nearly = len(tree.query(ground.buffer(CLOSE_M), predicate="intersects")) > 0
        assert keep[k] == meets or surely != nearly


@settings(max_examples=35)
@given(yards())
def test_a_bulge_is_the_hull_of_a_border_and_the_tips_beyond_it(yard: Yard) -> None:
    d = drawn(yard)
    assert len(d.bulge.ptr) == d.stop - d.first + 1
    for n, (k, then) in enumerate(zip(range(d.first, d.stop), d.follow, strict=True)):
        tips = d.bare.tip_xy[d.bare.tip_chord == k]
        chain = d.bulge.xy[d.bulge.ptr[n] : d.bulge.ptr[n + 1]]
        hull = shapely.convex_hull(shapely.multipoints([d.c.xy[k], *tips, d.c.xy[then]]))
        border = shapely.LineString([d.c.xy[k], *chain, d.c.xy[then]])
        assert shapely.hausdorff_distance(shapely.convex_hull(border), hull) < CLOSE_M
        if len(chain):  # and runs along the hull, not through it
            assert border.distance(hull.centroid) > 0
            assert shapely.Polygon(border.coords).area == pytest.approx(hull.area, abs=CLOSE_M)


@settings(max_examples=35)
@given(yards(), st.sampled_from([0.0, 7.0, 40.0]))
def test_tiles_near_are_those_around_the_boxes_of_streets_walked(yard: Yard, margin: float) -> None:
    grid, box = yard.field.grid, boxes(yard)
    wanted, unsure = set(), set()
    for e, tile in product(plain_walked(yard.search), range(grid.columns * grid.rows)):
        x0, y0, x1, y1 = tile_box(grid, tile)
        gap = max(x0 - box[e, 2], box[e, 0] - x1, y0 - box[e, 3], box[e, 1] - y1)
        (wanted if gap < margin else unsure if gap == margin else set()).add(tile)
    told = tiles_near(found(yard.search), tiles_of(box, grid, margin), grid).tolist()
    assert told == sorted(set(told)) and wanted <= set(told) <= wanted | unsure


@settings(max_examples=45)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=7),
             min_size=1, max_size=4), st.sampled_from([1, 9, 1 << 20]), st.data(),
)  # fmt: skip
def test_inside_is_what_shapely_contains(
    corners: list[list[tuple[int, int]]], at_once: int, data: st.DataObject
) -> None:
    """However many legs are looked at together."""
    ptr = np.append(0, np.cumsum([len(ring) + 1 for ring in corners]))
    xy = np.array([place for ring in corners for place in [*ring, ring[0]]], float)
    r = Rings(ptr, xy, np.zeros(len(corners)), np.zeros(len(corners), np.int32))
    ring = np.array(data.draw(st.lists(st.integers(0, len(corners) - 1), max_size=9)), int)
    x, y = (np.array(data.draw(st.lists(st.integers(-1, 9), min_size=len(ring),
            max_size=len(ring))), float) + 0.3 for _ in range(2))  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gusu_geo._kernels.rings.AT_ONCE", at_once)
        told = inside(r, ring, x, y)
    for k, place in enumerate(shapely.points(x, y)):
        shape = shapely.Polygon(corners[ring[k]])
        if shape.is_valid and shape.exterior.distance(place) > CLOSE_M:
            assert told[k] == shape.contains(place)
