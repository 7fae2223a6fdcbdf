"""Points along the outlines of areas: corners, places between, and how to find more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from gusu_geo.geometry import Shapes, started, straight_pieces
from gusu_geo.tables import Floats, Ints

STEP_M = 10.0  # outlines are first looked at every so often
GATE_NEAR_M = 3.0  # and where a known gate is this near
CORNER_M = 0.1  # and this near to corners: a corner looks to both sides, a place beside it to one
SAME_UM = 1000  # a place so few micrometres from a corner is the corner
EDGE_M = 2.0  # a wall this near inside the outline of open ground stands on its edge


class Samples(NamedTuple):
    """Points of outlines: place (n,), ring (n,), at_m (n,) along the ring, xy (n,2), outward
    normals (n,4) of the sides that begin and end there."""

    place: Ints
    ring: Ints
    at_m: Floats
    xy: Floats
    out: Floats

    def rows(self, pick: Ints) -> Samples:
        """The chosen points."""
        return Samples._make(part[pick] for part in self)

    def joined(self, other: Samples) -> Samples:
        """These points, then those of the other."""
        return Samples._make(np.concatenate(pair) for pair in zip(self, other, strict=True))

    def inserted(self, at: Ints, other: Samples) -> Samples:
        """These points, each of the other before the one of these at its place ``at``."""
        return Samples._make(np.insert(a, at, b, axis=0) for a, b in zip(self, other, strict=True))

    @property
    def inner(self) -> Floats:
        """(n,2) points ``EDGE_M`` inside the outlines."""
        # Column by column: four times as fast as pairs of two.
        x0, y0, x1, y1 = self.out.T
        one, two = np.maximum(np.hypot(x0, y0), 1e-9), np.maximum(np.hypot(x1, y1), 1e-9)
        x, y = x0 / one + x1 / two, y0 / one + y1 / two
        in_ = EDGE_M / np.maximum(np.hypot(x, y), 1e-9)
        return np.column_stack((self.xy[:, 0] - x * in_, self.xy[:, 1] - y * in_))


class Rings(NamedTuple):
    """Outer rings of areas, counter-clockwise: lines (r,), place (r,), length_m (r,); their sides:
    ring (s,), xy (s,4), start_m (s,) along the ring, side_m (s,)."""

    lines: Shapes
    place: Ints
    length_m: Floats
    ring: Ints
    xy: Floats
    start_m: Floats
    side_m: Floats

    def samples(self, gates_xy: Floats) -> Samples:
        """All corners, points beside them and every ``STEP_M`` between, and those nearest to the
        gates (G,2)."""
        count = np.maximum(np.ceil((self.side_m - CORNER_M) / STEP_M).astype(np.int64), 1)
        side = np.repeat(np.arange(len(count)), count)
        k = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        found = self.on_sides(side, k * self.side_m[side] / count[side])
        side = np.flatnonzero(self.side_m > 2 * CORNER_M)
        for at_m in (np.full(len(side), CORNER_M), self.side_m[side] - CORNER_M):
            found = found.joined(self.on_sides(side, at_m))
        if not len(gates_xy):
            return found
        gates = np.asarray(shapely.points(gates_xy), object)
        tree = shapely.STRtree(self.lines)
        gate, at = tree.query(gates, predicate="dwithin", distance=GATE_NEAR_M + SAME_UM / 1e6)
        return found.joined(self.at(at, shapely.line_locate_point(self.lines[at], gates[gate])))

    def on_sides(self, side: Ints, from_start_m: Floats) -> Samples:
        """Points on sides, so many metres after their start."""
        way = self.xy[side, 2:] - self.xy[side, :2]
        share = from_start_m / np.maximum(self.side_m[side], 1e-9)
        corner = np.where(from_start_m == 0, self._before(side), side)
        out = [np.column_stack((w[:, 1], -w[:, 0])) for w in (
            way, self.xy[corner, 2:] - self.xy[corner, :2])]  # fmt: skip
        return Samples(
            self.place[self.ring[side]],
            self.ring[side],
            self.start_m[side] + from_start_m,
            self.xy[side, :2] + share[:, None] * way,
            np.column_stack(out),
        )

    def at(self, ring: Ints, along_m: Floats) -> Samples:
        """Points on rings, so many metres after their start, all the way round if need be; the
        corner where there is one ``SAME_UM`` away."""
        # In whole micrometres, so that no other ring plays a part.
        length, start, along = (
            np.rint(m * 1e6).astype(np.int64) for m in (self.length_m, self.start_m, along_m)
        )
        base = np.cumsum(length) - length
        along = np.mod(along + SAME_UM, length[ring])
        side = np.searchsorted(base[self.ring] + start, base[ring] + along, "right") - 1
        inside = along - SAME_UM - start[side]
        return self.on_sides(side, np.where(inside < SAME_UM, 0, inside) / 1e6)

    def _before(self, side: Ints) -> Ints:
        """The side before each, along its ring."""
        first = np.searchsorted(self.ring, np.arange(len(self.lines) + 1))
        ring = self.ring[side]
        return np.where(side == first[ring], first[ring + 1] - 1, side - 1)


def rings_of(outlines: Shapes) -> Rings:
    """The outer rings of areas, of each of their parts."""
    parts, place = shapely.get_parts(outlines, return_index=True)
    area = shapely.get_dimensions(parts) == 2
    parts, place = parts[area], place[area]
    lines = shapely.get_exterior_ring(parts)
    turned = ~shapely.is_ccw(lines)
    lines[turned] = shapely.reverse(lines[turned])
    xy, ring = straight_pieces(lines)
    side_m = np.hypot(*(xy[:, 2:] - xy[:, :2]).T)
    full = side_m > 0
    xy, ring, side_m = xy[full], ring[full], side_m[full]
    return Rings(
        lines,
        place,
        np.bincount(ring, np.rint(side_m * 1e6), minlength=len(lines)) / 1e6,
        ring,
        xy,
        started(side_m, ring),
        side_m,
    )
