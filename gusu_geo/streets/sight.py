"""The visibility graph of a polygon (Lozano-Pérez & Wesley 1979).

Shortest ways across a polygon are straight and bend only around its reflex corners, those that
stick into it: other lines of sight are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.polygon import orient

from gusu_geo.tables import Bools, Floats, Ints

SLACK_M = 0.06  # a line of sight may leave the ground by this: coordinates are rounded
MANY = 60  # with more points than this only the nearest in each direction are joined
DIRECTIONS = 36  # of 10°: on open ground ways get at most 1 / (1 - 2 sin 5°) = 1.21 times longer
STRAIGHT = 1e-6  # m² of a triangle: less is a straight line


class Corners(NamedTuple):
    """Corners that stick into the ground (n,2) m, and their neighbours on the outline."""

    xy: Floats
    before: Floats
    after: Floats


def corners_of(ground: shapely.Polygon) -> Corners:
    """Where a way across may bend: reflex corners of the outline, outer corners of holes."""
    ground = orient(ground)  # the ground is on the left of every ring
    rings = [shapely.get_coordinates(ring)[:-1] for ring in (ground.exterior, *ground.interiors)]
    xy = np.concatenate(rings)
    before = np.concatenate([np.roll(ring, 1, axis=0) for ring in rings])
    after = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    bends = _turn(before, xy, after) < -STRAIGHT
    return Corners(xy[bends], before[bends], after[bends])


def in_sight(ground: shapely.Polygon, stops: Floats, corners: Corners) -> Ints:
    """Pairs (n,2) of points with a clear line of sight: ``stops`` (P,2) first, then corners.

    Lines to a corner count only if they pass it, not if they run into it.
    """
    xy = np.concatenate([stops, corners.xy])
    a, b = np.triu_indices(len(xy), k=1)
    first = len(stops)
    keep = np.hypot(*(xy[a] - xy[b]).T) > SLACK_M
    for here, there in ((a, b), (b, a)):
        keep &= (here < first) | _passes(corners, here - first, xy[there])
    a, b = a[keep], b[keep]
    if len(a) == 0:
        return np.zeros((0, 2), np.int64)
    room = shapely.buffer(ground, SLACK_M, join_style="mitre")
    shapely.prepare(room)
    lines = np.asarray(shapely.linestrings(np.stack((xy[a], xy[b]), axis=1)), object)
    clear = shapely.covers(room, lines)
    pairs = np.column_stack((a[clear], b[clear]))
    return pairs if len(xy) <= MANY else _nearest_each_way(xy, pairs)


def _turn(a: Floats, b: Floats, c: Floats) -> Floats:
    """Twice the area of the triangles a b c, > 0 where they turn left."""
    u, v = b - a, c - a
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def _passes(corners: Corners, corner: Ints, seen: Floats) -> Bools:
    """(n,) true where the line from ``seen`` passes the corner: both neighbours on one side.

    corner (n,): positions; negative ones are no corners, their result is arbitrary.
    """
    if len(corners.xy) == 0:
        return np.zeros(len(corner), bool)
    corner = np.maximum(corner, 0)
    here = corners.xy[corner]
    sides = [_turn(seen, here, beside[corner]) for beside in (corners.before, corners.after)]
    return np.asarray(
        (np.minimum(*sides) >= -STRAIGHT) | (np.maximum(*sides) <= STRAIGHT), dtype=bool
    )


def _nearest_each_way(xy: Floats, pairs: Ints) -> Ints:
    """Of the pairs those that join a point to its nearest in one of ``DIRECTIONS`` (Yao 1982)."""
    both = np.concatenate([pairs, pairs[:, ::-1]])
    way = xy[both[:, 1]] - xy[both[:, 0]]
    turn = (np.arctan2(way[:, 1], way[:, 0]) / (2 * np.pi)) % 1.0
    direction = np.minimum((turn * DIRECTIONS).astype(np.int64), DIRECTIONS - 1)
    cone = both[:, 0] * DIRECTIONS + direction
    order = np.lexsort((both[:, 1], np.rint(np.hypot(*way.T) * 1000), cone))
    nearest = order[np.unique(cone[order], return_index=True)[1]]
    return pairs[np.unique(nearest % len(pairs))]
