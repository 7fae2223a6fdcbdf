"""Differences of areas that share most of their holes, without overlaying what they share.

The ground and what is served on it are drawn from one field, so the holes of both (blocks of
houses beyond the reach of streets) are the same, vertex by vertex. A hole of both is in neither;
with it filled in both, the difference is the same, and overlaying equal lines is what costs most.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from gusu_geo.geometry import Shapes
from gusu_geo.tables import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Ringed:
    """An area, and its rings (R,): ``part`` each belongs to, and whether it is a ``hole``. The
    shell of each part comes before its holes."""

    shape: shapely.Geometry
    rings: Shapes
    part: Ints
    hole: Bools

    @classmethod
    def of(cls, shape: shapely.Geometry) -> Ringed:
        """shape: Polygon or MultiPolygon, may be empty."""
        rings, part = shapely.get_rings(shapely.get_parts(shape), return_index=True)
        return cls(shape, rings, part, np.diff(part, prepend=-1) == 0)

    @cached_property
    def hollow(self) -> dict[bytes, int]:
        """The rings that are holes without other parts inside, by their vertices."""
        free = self.hole & ~_around(self.rings, self.hole)
        where = np.flatnonzero(free)
        return dict(zip(_by_vertices(self.rings[where]), where.tolist(), strict=True))

    def minus(self, other: Ringed) -> shapely.Geometry:
        """This area without the other; lines and points may remain where they touch."""
        shared = self.hollow.keys() & other.hollow.keys()
        mine, others = (one.filled([one.hollow[key] for key in shared]) for one in (self, other))
        bare: shapely.Geometry = shapely.difference(mine, others)
        return bare

    def filled(self, holes: list[int]) -> shapely.Geometry:
        """The area with some of its holes filled."""
        if not holes:
            return self.shape
        keep = np.ones(len(self.rings), bool)
        keep[holes] = False
        parts = np.asarray(shapely.polygons(self.rings[keep], indices=self.part[keep]), object)
        return shapely.MultiPolygon(parts.tolist())


def _around(rings: Shapes, hole: Bools) -> Bools:
    """(R,) holes that other parts may lie in: their bounds hold those of a shell."""
    box, shells = shapely.bounds(rings).reshape(-1, 4), np.flatnonzero(~hole)
    near, at = shapely.STRtree(rings[shells]).query(rings)
    inner = box[shells[at]]
    holds = (box[near, :2] <= inner[:, :2]).all(axis=1) & (box[near, 2:] >= inner[:, 2:]).all(
        axis=1
    )
    around = np.zeros(len(rings), bool)
    around[near[holds]] = True
    return around


def _by_vertices(rings: Shapes) -> list[bytes]:
    """The vertices of each ring from the westernmost on (of several, the southernmost), in its
    direction: equal for equal rings, wherever they start."""
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if len(ring) == 0:
        return []
    open_ = np.append(ring[1:] == ring[:-1], False)  # the last vertex repeats the first
    xy, ring = xy[open_], ring[open_]
    size = np.bincount(ring, minlength=len(rings))
    start = np.cumsum(size) - size
    west = _lowest(xy[:, 0], start)[ring] == xy[:, 0]
    south = np.where(west, xy[:, 1], np.inf)
    corner = np.flatnonzero(west & (_lowest(south, start)[ring] == south))
    first = np.empty(len(rings), np.int64)
    first[ring[corner[::-1]]] = corner[::-1]
    turn = np.arange(len(ring)) + (first - start)[ring]
    turn -= np.where(turn >= (start + size)[ring], size[ring], 0)
    turned = xy[turn]
    return [turned[a : a + n].tobytes() for a, n in zip(start.tolist(), size.tolist(), strict=True)]


def _lowest(values: Floats, start: Ints) -> Floats:
    """The lowest of the values from each start to the next."""
    return np.asarray(np.minimum.reduceat(values, start))
