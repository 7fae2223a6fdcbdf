"""Shortcuts of the survey leave out only what cannot matter."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo._kernels.rings import Rings, touching
from gusu_geo.isochrone.rings import Ringed

WHOLE, ISLAND = shapely.box(0, 0, 5, 5), shapely.box(2, 2, 3, 3)
HOLED = WHOLE - shapely.box(1, 1, 4, 4)
CORNERED = WHOLE - shapely.Polygon([(0, 0), (2, 1), (1, 2)])  # touches the shell, or the next tile
TILES = [shapely.Polygon(), WHOLE, HOLED, shapely.union(HOLED, ISLAND), ISLAND, CORNERED]
KINDS = st.lists(st.integers(0, len(TILES) - 1), min_size=9, max_size=9)


def town(kinds: list[int], turn: int) -> shapely.Geometry:
    """Nine tiles, three in a row; the rings start ``turn`` vertices later than GEOS has them."""
    tiles = [
        shapely.transform(TILES[kind], lambda xy, k=k: xy + np.array([5 * (k % 3), 5 * (k // 3)]))
        for k, kind in enumerate(kinds)
    ]
    parts = []
    for part in shapely.get_parts(shapely.union_all(tiles)):
        rings = [shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(part)]
        shell, *holes = [np.roll(ring, turn, axis=0) for ring in rings] or [[]]
        parts.append(shapely.Polygon(shell, holes))
    return shapely.MultiPolygon([part for part in parts if not part.is_empty])


@settings(max_examples=150)
@given(ground=KINDS, covered=KINDS, turn=st.integers(0, 5))
def test_without_the_shared_holes_the_difference_is_the_same(
    ground: list[int], covered: list[int], turn: int
) -> None:
    one, other = town(ground, 0), town(covered, turn)
    found = Ringed.of(one).minus(Ringed.of(other))
    plain = shapely.difference(one, other)  # of few tiles it may begin elsewhere
    assert found.is_valid and found.area == plain.area
    assert found.is_empty == plain.is_empty and (plain.is_empty or shapely.equals(found, plain))


@pytest.mark.parametrize("turn", range(4))
def test_only_holes_without_islands_are_filled_wherever_their_rings_start(turn: int) -> None:
    open_, yard = town([2, 2, 0, 0, 0, 0, 0, 0, 3], 0), town([2, 0, 0, 0, 2, 0, 0, 0, 2], turn)
    one, other = Ringed.of(open_), Ringed.of(yard)
    assert (len(one.hollow), len(other.hollow)) == (2, 3)
    assert len(one.hollow.keys() & other.hollow.keys()) == 1


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_islands_count_if_part_of_a_line_lies_inside(seed: int) -> None:
    """Against every vertex and every middle of a leg in every island, one by one."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(-300, 300, (12, 2))
    islands = shapely.box(*low.T, *(low + rng.uniform(1, 60, low.shape)).T)
    xy = shapely.get_coordinates(islands)
    count = len(islands)
    rings = Rings(5 * np.arange(count + 1), xy, shapely.area(islands), np.arange(count, dtype=np.int32))  # fmt: skip
    lines = [rng.uniform(-400, 400, 2) + rng.normal(0, 40, (n, 2)) for n in (2, 3, 5, 2)]
    ptr = np.cumsum([0, *map(len, lines)])
    none = np.zeros(0, np.int32), np.zeros(0, bool)
    found = touching(rings, *none, ptr, np.concatenate(lines))
    spots = [np.concatenate([line, (line[1:] + line[:-1]) / 2]) for line in lines]
    asked = shapely.contains_xy(islands[:, None], *np.concatenate(spots).T)
    assert found.tolist() == asked.any(axis=1).tolist()
