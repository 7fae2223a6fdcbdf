"""Strokes in a grid: every answer equals shapely's, also where things touch."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo._kernels.strokes import NONE
from gusu_geo.geometry import straight_lines
from gusu_geo.streets import stroke_grid
from gusu_geo.streets.stroke_grid import Areas, Lines

seeds = st.integers(0, 1_000_000)


def strokes(rng: np.random.Generator, most: int) -> np.ndarray:
    """(n,4) ends of straight lines, n from 1. On a lattice much touches and much is parallel, on a
    coarse one most does; the rest lies anywhere, near a far corner."""
    count = int(rng.integers(1, most + 1))
    kinds = np.stack([
        rng.integers(-3, 91, (count, 4)), rng.integers(0, 6, (count, 4)) * 15,
        rng.uniform(-3, 90, (count, 4)) + 300_000.123,
    ])  # fmt: skip
    rows = kinds[rng.integers(0, 3, count), np.arange(count)].astype(float)
    return rows[(rows[:, :2] != rows[:, 2:]).any(axis=1)]


def scattered(seed: int, count: int, far: float) -> np.ndarray:
    """(count,4) short strokes and some long ones."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, far, (count, 2))
    step = rng.normal(0, 20, (count, 2)) * np.where(rng.random((count, 1)) < 0.05, 20, 1)
    return np.column_stack((start, start + step))


@given(seeds)
@settings(max_examples=40)
def test_the_lowest_rank_that_a_line_meets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pieces, lines = strokes(rng, 40), strokes(rng, 40)
    rank = rng.integers(1, 6, len(pieces))
    found = Lines(pieces, rank).lowest(lines)
    meets = shapely.intersects(straight_lines(lines)[:, None], straight_lines(pieces)[None])
    assert found.tolist() == np.where(meets, rank, NONE).min(axis=1, initial=NONE).tolist()


@given(seeds)
@settings(max_examples=40)
def test_areas_that_a_line_meets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = [rng.integers(0, 6, (rng.integers(3, 8), 2)) * 15 for _ in range(rng.integers(1, 7))]
    hulls = [shapely.convex_hull(shapely.MultiPoint(each)) for each in corners]
    # Round ones, and some whose corners and sides lines of the lattice touch.
    drawn = [hull if hull.area and rng.random() < 0.5 else hull.buffer(0.5) for hull in hulls]
    yard = drawn[0].difference(drawn[0].centroid.buffer(5, quad_segs=1))
    drawn[0] = drawn[0] if yard.is_empty else yard
    areas, lines = np.array(drawn, object), strokes(rng, 40)
    wanted = shapely.intersects(straight_lines(lines)[:, None], areas[None]).any(axis=1)
    assert Areas(areas).met(lines).tolist() == wanted.tolist()


@pytest.mark.parametrize("cell_m", [7.0, 25.0, 400.0])
def test_the_cells_change_nothing(cell_m: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stroke_grid, "CELL_M", cell_m)
    pieces, lines = scattered(1, 400, 1500.0), scattered(2, 400, 1600.0)
    meets = shapely.intersects(straight_lines(lines)[:, None], straight_lines(pieces)[None])
    assert (Lines(pieces).lowest(lines) == 0).tolist() == meets.any(axis=1).tolist()
    boxes = np.column_stack((np.minimum(lines[:, :2], lines[:, 2:]),
                             np.maximum(lines[:, :2], lines[:, 2:])))  # fmt: skip
    windows, drawn = shapely.box(*boxes.T), shapely.envelope(straight_lines(pieces))
    near = Lines(pieces).near(boxes)
    meets = shapely.intersects(windows[:, None], straight_lines(pieces)[None]).any(axis=1)
    beside = shapely.intersects(windows[:, None], drawn[None]).any(axis=1)
    assert near[meets].all() and not near[~beside].any() and 0 < near.sum() < len(near)


@pytest.mark.parametrize("cell_m", [7.0, 25.0, 400.0])
def test_the_nearest_of_the_usable(cell_m: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stroke_grid, "CELL_M", cell_m)
    pieces, rng = scattered(3, 300, 2000.0), np.random.default_rng(4)
    pieces[50:60, :2] = pieces[40, :2]  # eleven in one point: more than fit
    edge = rng.permutation(300)
    usable = rng.random(300) < 0.7
    usable[edge[40:60]] = True
    xy = np.concatenate((rng.uniform(-300, 2300, (500, 2)), pieces[40:41, :2]))
    place, found, full = Lines(pieces, edge).nearest(xy, usable, 90.0)
    metres = shapely.distance(shapely.points(xy)[:, None], straight_lines(pieces)[None])
    metres[:, ~usable[edge]] = np.inf
    nearest = metres.min(axis=1)
    near = (metres <= nearest[:, None] + 0.001) & (nearest[:, None] <= 90.0)
    wanted = {(i, int(edge[s])) for i, s in zip(*np.nonzero(near), strict=True) if i not in full}
    assert set(zip(place.tolist(), found.tolist(), strict=True)) == wanted
    assert full.tolist() == np.flatnonzero(near.sum(axis=1) > stroke_grid.MOST_EQUAL).tolist()
    assert len(full) and len(wanted) > 100


def test_a_place_in_a_large_area_without_an_edge_near() -> None:
    ring = [(0, 0), (2000, 0), (2000, 2000), (1000, 900), (0, 2000)]
    lake = Areas(np.array([shapely.Polygon(ring, [[(400, 400), (600, 400), (500, 600)]])], object))
    rng = np.random.default_rng(5)
    xy = rng.uniform(-100, 2100, (3000, 2))
    assert lake.within(xy).tolist() == shapely.intersects(
        lake.areas[0], shapely.points(xy)).tolist()  # fmt: skip
    assert lake.within(xy).tolist() == lake.within(xy).tolist()  # and from what is kept


def test_nothing_at_all() -> None:
    none, lines = np.zeros((0, 4)), np.array([[0.0, 0, 9, 9]])
    assert Lines(none).lowest(lines).tolist() == [NONE] and not Lines(none).near(lines).any()
    assert not Areas(np.zeros(0, object)).met(lines).any()
    assert len(Lines(none).nearest(lines[:, :2], np.zeros(0, bool), 9.0)[0]) == 0
    point = Lines(np.array([[5.0, 5, 5, 5]]))
    assert (
        point.lowest(lines).tolist() == [0]
        and point.lowest(lines + np.array([0.0, 1, 0, 1])) == NONE
    )
