"""Outlines that meet, drawn alike on both sides of every border they share, so that no home falls
between them or into two when they are moved into metres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gusu_geo.geometry import Shapes
from gusu_geo.tables import Floats

ON_LINE_DEGREES = 1e-9  # a corner this near to a neighbour's side (0.1 mm) lies on it
PIECE_DEGREES = 0.008  # shorter than the pieces that the area of a study is cut into


def alike_along_borders(outlines: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Outlines in degrees with every corner of a neighbour that lies on one of their sides, and
    long sides cut into pieces, on both sides at the same places."""
    shapes = np.array(outlines, object)
    tree = shapely.STRtree(shapes)
    found = []
    for at, shape in enumerate(shapes):
        others = tree.query(shape, predicate="dwithin", distance=ON_LINE_DEGREES)
        corners = shapely.get_coordinates(shapes[others[others != at]])
        found.append(_with_corners(shape, corners))
    return found


def _with_corners(shape: shapely.Geometry, corners: Floats) -> shapely.Geometry:
    """The polygons with further corners, where these lie on their sides."""
    border = shapely.boundary(shape)
    shapely.prepare(border)
    points = np.asarray(shapely.points(np.unique(corners, axis=0)), object).reshape(-1)
    on_line = shapely.dwithin(border, points, ON_LINE_DEGREES)
    near = shapely.get_coordinates(points[on_line]) if len(points) else np.zeros((0, 2))
    polygons = [
        shapely.Polygon(
            _ring(polygon.exterior, near), [_ring(hole, near) for hole in polygon.interiors]
        )
        for polygon in shapely.get_parts(shape)
    ]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _ring(ring: Any, corners: Floats) -> Floats:
    """The corners of a ring, with those of neighbours on its sides, long sides cut."""
    xy = shapely.get_coordinates(ring)
    own = set(map(tuple, xy.tolist()))
    more = np.array([each for each in corners.tolist() if tuple(each) not in own]).reshape(-1, 2)
    sides = np.asarray(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)), object)
    side, corner = np.zeros(0, int), np.zeros(0, int)
    if len(more):
        points: Shapes = np.asarray(shapely.points(more), object)
        corner, side = shapely.STRtree(sides).query(
            points, predicate="dwithin", distance=ON_LINE_DEGREES
        )
        once = np.unique(corner, return_index=True)[1]  # at a bend it is on two sides
        corner, side = corner[once], side[once]
    along = shapely.line_locate_point(sides[side], shapely.points(more[corner]))
    order = np.lexsort((along, side))
    whole = np.insert(xy, side[order] + 1, more[corner[order]], axis=0)
    long = np.hypot(*np.diff(whole, axis=0).T) > PIECE_DEGREES
    if not long.any():
        return whole
    parts = [
        _pieces(a, b) if cut else a[None]
        for a, b, cut in zip(whole[:-1], whole[1:], long, strict=True)
    ]
    return np.concatenate((*parts, whole[-1:]))


def _pieces(a: Floats, b: Floats) -> Floats:
    """Where a side from ``a`` to ``b`` is cut, its first end with it; from ``b`` to ``a`` at the
    same places, to the last bit."""
    count = int(np.ceil(np.hypot(*(b - a)) / PIECE_DEGREES))
    low, high = (a, b) if tuple(a) < tuple(b) else (b, a)
    steps = low + (high - low) * (np.arange(1, count) / count)[:, None]
    return np.concatenate((a[None], steps if low is a else steps[::-1]))
