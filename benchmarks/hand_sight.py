"""What stands between a door and a street: plain queries with shapely, for hand_doors.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gusu_geo.assessment.walkable_city import Ground

TOUCH_M, WET_M = 0.2, 0.5  # what counts as a touch, of lines and of areas

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Sight:
    """What stands between a door and a street."""

    def __init__(self, ground: Ground) -> None:
        barriers = ground.barriers
        flat = shapely.get_dimensions(barriers.shapes) == 1
        xy, owner = straight(barriers.shapes[flat])
        self.bars = shapely.STRtree(segments(xy[:, :2], xy[:, 2:]))
        self.wall = barriers.wall[flat][owner]
        self.areas = shapely.STRtree(barriers.shapes[~flat])
        self.buildings = shapely.STRtree(barriers.buildings)
        gates = barriers.openings
        self.gate_xy, self.gate_wall = gates.xy, gates.wall
        gap, of = shapely.get_parts(gates.gap, return_index=True)
        self.gaps, self.gap_wall = shapely.STRtree(gap), gates.gap_wall[of]

    def barred(self, a: Floats, b: Floats) -> Bools:
        """(n,) whether a barrier stands between a (n,2) and b (n,2)."""
        found = np.zeros(len(a), bool)
        cut, long = shortened(a, b, TOUCH_M)
        found[long[self.bars.query(cut, predicate="intersects")[0]]] = True
        legs = segments(a, b)
        leg, area = self.areas.query(legs, predicate="intersects")
        wet = shapely.length(shapely.intersection(legs[leg], self.areas.geometries[area]))
        found[leg[wet > WET_M]] = True
        return found

    def hidden(self, a: Floats, b: Floats) -> Bools:
        """(n,) whether a building stands between."""
        found = np.zeros(len(a), bool)
        cut, long = shortened(a, b, WET_M)
        found[long[self.buildings.query(cut, predicate="intersects")[0]]] = True
        return found

    def gaps_on(self, a: Floats, b: Floats) -> tuple[Ints, Ints]:
        """Pairs of leg and gap of a known gate that it leads through."""
        cut, long = shortened(a, b, TOUCH_M)
        leg, gap = self.gaps.query(cut, predicate="intersects")
        return long[leg], gap

    def gates_of_walls(self, a: Floats, b: Floats) -> Ints:
        """The known gates of all walls that stand between two places (2,), or whose gap does."""
        cut, _ = shortened(a[None], b[None], TOUCH_M)
        walls = self.wall[self.bars.query(cut, predicate="intersects")[1]]
        gaps = self.gap_wall[self.gaps.query(cut, predicate="intersects")[1]]
        walls = np.concatenate((walls[walls >= 0], gaps))
        return np.flatnonzero(np.isin(self.gate_wall, walls))


def shortened(a: Floats, b: Floats, by_m: float) -> tuple[NDArray[Any], Ints]:
    """Legs cut at both ends, and which of them are long enough for that."""
    metres = np.hypot(*(b - a).T)
    long = np.flatnonzero(metres > 2 * by_m)
    step = (b[long] - a[long]) * (by_m / metres[long])[:, None]
    return segments(a[long] + step, b[long] - step), long


def segments(a: Floats, b: Floats) -> NDArray[Any]:
    """Straight lines from a (n,2) to b (n,2)."""
    return np.asarray(shapely.linestrings(np.stack([a, b], axis=1)), object).reshape(-1)


def straight(shapes: NDArray[Any]) -> tuple[Floats, Ints]:
    """The straight pieces (s,4) of lines and of the outlines of areas, and the shape of each."""
    xy, owner = shapely.get_coordinates(shapely.get_parts(shapes), return_index=True)
    part = shapely.get_parts(shapes, return_index=True)[1]
    same = owner[1:] == owner[:-1]
    return np.column_stack((xy[:-1], xy[1:]))[same], part[owner[:-1][same]]
