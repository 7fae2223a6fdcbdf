"""Where outlines run, worked out by hand: reach, time, walls and the middle between two streets.

StreetPieces run from west to east half way between two rows of pixels; a metre takes a second.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from field_twin import field_of, whole

from gusu_geo._kernels.bulges import Bulges, bulges, uncovered
from gusu_geo._kernels.contours import Chords, chords
from gusu_geo._kernels.fields import Blocks, Field, StreetPieces, fill
from gusu_geo._kernels.rings import link, rings
from gusu_geo._kernels.stretches import Stretches

WEST, EAST = -80.0, 80.0
FINE_M = 1e-3  # fields keep 7 digits
OFF_M = 0.02  # borders keep off walls
LATE_M = 0.05  # and let 5 centiseconds more pass, so that pieces end inside


def borders(
    *y_m: float,
    cs: float = 0.0,
    cutoffs_cs: tuple[float, ...] = (1e6,),
    walls: tuple[tuple[float, ...], ...] = (),
    scale: float = 1.0,
) -> tuple[Field, Chords]:
    """Borders within 12 m of streets at these ``y_m``; one walks east along the first, from its
    west end at ``cs``, and does not know the others."""
    count = len(y_m)
    xy = np.array([(WEST, y, EAST, y) for y in y_m])
    streets = StreetPieces(
        xy, np.arange(count, dtype=np.int32), np.zeros(count), np.full(count, scale)
    )
    blocks = Blocks(np.array(walls, float).reshape(-1, 4), np.full(len(walls), 0.1))
    field = field_of(streets, blocks, 12.0)
    tiles = np.arange(len(field.slot))
    fill(field, tiles)
    length_cm = 100 * (EAST - WEST) * scale
    first = np.where(tiles[:count] == 0, 0, -1).astype(np.int32)
    value = np.array([[0.0, length_cm, cs, np.inf, 1.0, 0.0]])
    s = Stretches(first, np.zeros(1, np.int32), value, 100.0)
    return field, chords(field, s, tiles, np.array(cutoffs_cs))


def outlines(
    *y_m: float, cutoffs_cs: tuple[float, ...] = (1e6,), **more: Any
) -> list[shapely.Geometry]:
    """The ground within these borders, one a cutoff."""
    _, c = borders(*y_m, cutoffs_cs=cutoffs_cs, **more)
    out = []
    for k in range(len(cutoffs_cs)):
        own = np.flatnonzero(c.cutoff == k)
        one = c._replace(start=c.start[own], end=c.end[own], xy=c.xy[own])
        none = Bulges(np.zeros(len(own) + 1, np.int64), np.zeros((0, 2)))
        out.append(whole(rings(one, 0, len(own), link(one, 0, len(own)), none)[0]))
    return out


def run(ground: shapely.Geometry, *, x: float | None = None, y: float | None = None) -> list[float]:
    """Where the ground begins and ends on the column of pixels ``x``, or on the row ``y``."""
    across = [(x, -150), (x, 150)] if y is None else [(-150, y), (150, y)]
    bounds = shapely.intersection(ground, shapely.LineString(across)).bounds
    return [*bounds[1::2]] if y is None else [*bounds[0::2]]


def test_a_street_reaches_as_far_either_side_as_asked() -> None:
    (ground,) = outlines(0.0)
    for x in (-77.5, -2.5, 2.5, 77.5):
        assert run(ground, x=x) == pytest.approx([-12, 12], abs=FINE_M)
    assert run(ground, y=2.5) == pytest.approx([WEST - 11.73, EAST + 11.73], abs=0.2)


def test_time_ends_on_the_street_and_earlier_off_it() -> None:
    """100 m east of the west end; 7.5 m aside take 7.5 s, 2.5 m are still on the street."""
    (ground,) = outlines(0.0, cutoffs_cs=(10_000.0,))
    assert run(ground, y=2.5)[1] == pytest.approx(WEST + 100 + LATE_M, abs=FINE_M)
    assert run(ground, y=-7.5)[1] == pytest.approx(WEST + 92.5 + LATE_M, abs=FINE_M)


def test_a_wall_ends_it_just_before() -> None:
    (ground,) = outlines(0.0, walls=((-200.0, 7.0, 200.0, 7.0),))
    assert run(ground, x=2.5) == pytest.approx([-12, 7 - OFF_M], abs=FINE_M)


def test_half_way_to_a_street_not_reached_it_ends() -> None:
    """Whoever is nearer to the other street steps onto that one."""
    (ground,) = outlines(0.0, 16.0)
    assert run(ground, x=2.5) == pytest.approx([-12, 8], abs=FINE_M)


def test_a_wall_hides_a_nearer_street() -> None:
    """Then the one further away counts, up to the wall."""
    (ground,) = outlines(0.0, 16.0, walls=((-200.0, 9.5, 200.0, 9.5),))
    assert run(ground, x=2.5) == pytest.approx([-12, 9.5 - OFF_M], abs=FINE_M)


def test_a_start_beyond_the_cutoff_has_no_outline() -> None:
    assert outlines(0.0, cs=10_006.0, cutoffs_cs=(10_000.0,))[0].is_empty


@pytest.mark.parametrize("scale", [1.0, 18.75075, 62.50075])
def test_the_end_of_a_long_street_is_as_round_as_that_of_a_short_one(scale: float) -> None:
    """3000.12 m and 10000.12 m, whose places along them keep 7 digits only."""
    (ground,) = outlines(0.0, scale=scale, cutoffs_cs=(2e6,))
    assert run(ground, y=2.5)[1] == pytest.approx(EAST + 11.73, abs=0.2)


def test_several_cutoffs_at_once_are_drawn_as_one_by_one_and_hold_each_other() -> None:
    """With more borders than there is room for at first."""
    cutoffs = (3_000.0, 3_001.0, *np.arange(3_100.0, 16_000.0, 200.0).tolist())
    assert len(borders(0.0, 16.0, cutoffs_cs=cutoffs)[1].cell) > 2048
    together = outlines(0.0, 16.0, cutoffs_cs=cutoffs)
    for ground, cutoff_cs in zip(together, cutoffs, strict=True):
        assert ground.equals(outlines(0.0, 16.0, cutoffs_cs=(cutoff_cs,))[0])
    for small, large in pairwise(together):
        assert small.within(large) and small.area < large.area


def test_lines_however_many_bulge_or_are_told_as_bare() -> None:
    """Five lines in each cell, from inside to a metre beyond the border, and as many further out,
    in pieces of 10 m: no cell there has a border."""
    field, c = borders(0.0)
    x = np.repeat(np.arange(-50.0, 50.0), 2)
    y = np.tile([[11.0, 12.3], [40.0, 50.0]], (100, 1))
    xy = np.column_stack([np.repeat(x, 2), y.ravel()])
    follow = link(c, 0, len(c.cell))
    bare = uncovered(c, 0, len(c.cell), follow, field.grid, np.arange(0, 401, 2), xy)
    assert bare.line.tolist() == list(range(1, 200, 2))
    assert bare.ends.tolist() == [[at, 40.0, at, 50.0] for at in range(-50, 50)]
    tips = np.array(sorted(bare.tip_xy.tolist()))
    assert tips == pytest.approx(xy[1::4], abs=1e-9)
    ground = whole(rings(c, 0, len(c.cell), follow, bulges(c, 0, len(c.cell), follow, bare))[0])
    near = shapely.MultiLineString([[(at, 11.0), (at, 12.3)] for at in range(-50, 50)])
    assert near.difference(ground.buffer(1e-6)).is_empty
    assert ground.area < outlines(0.0)[0].area + 100 * 0.3 + 10 * 0.3
