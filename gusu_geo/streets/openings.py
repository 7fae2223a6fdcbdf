"""Known gates in walls: where they stand, and the gaps that they open."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from gusu_geo.geometry import Shapes
from gusu_geo.tables import Floats, Ints

GATE_HALF_M = 2.0  # a gate opens its wall this far to either side
GATE_NEAR_M = 0.5  # a gate farther from a wall than this is not in it


class Openings(NamedTuple):
    """Gates known to stand in walls, one row per gate and wall: xy (G,2); wall (G,) the wall, as
    in ``Barriers.wall``. gap (G',), gap_wall (G',): the lines that they open, of each wall; -1: of
    the outline of a compound, which streets lead through."""

    xy: Floats
    wall: Ints
    gap: Shapes
    gap_wall: Ints

    def with_gaps(self, gaps: Shapes) -> Openings:
        """These, and gaps of outlines."""
        wall = np.concatenate((self.gap_wall, np.full(len(gaps), -1)))
        return self._replace(gap=np.concatenate((self.gap, gaps)), gap_wall=wall)


NO_OPENINGS = Openings(
    np.zeros((0, 2)), np.zeros(0, np.int64), np.zeros(0, object), np.zeros(0, np.int64)
)


def opened(shapes: Shapes, wall: Ints, gates: Shapes) -> tuple[Shapes, Openings]:
    """The shapes with gaps in the walls where the gates stand, and the gates with their gaps."""
    shapes = shapes.copy()
    walls = np.flatnonzero(wall >= 0)
    gate_ix, line_ix = shapely.STRtree(shapes[walls]).query(
        gates, predicate="dwithin", distance=GATE_NEAR_M
    )
    gaps = []
    for line in np.unique(line_ix):
        here = shapely.union_all(shapely.buffer(gates[gate_ix[line_ix == line]], GATE_HALF_M))
        whole = shapes[walls[line]]
        shapes[walls[line]] = shapely.difference(whole, here)
        gaps.append((shapely.intersection(whole, here), wall[walls[line]]))
    rows = np.unique(np.column_stack((gate_ix, wall[walls[line_ix]])), axis=0).reshape(-1, 2)
    gap = np.empty(len(gaps), object)
    gap[:] = [shape for shape, _ in gaps]
    return shapes, Openings(
        xy=shapely.get_coordinates(gates[rows[:, 0]]).reshape(-1, 2),
        wall=rows[:, 1],
        gap=gap,
        gap_wall=np.array([number for _, number in gaps], np.int64),
    )
