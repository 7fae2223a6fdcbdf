"""Finds the pieces of street inside of outlines. A street along an outline, or one that wavers
about it by a metre or two, counts as on one side of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from pyproj import CRS

from gusu_geo._kernels import label_components
from gusu_geo.geometry import Shapes
from gusu_geo.streets.cuts import insert_vertices, lines_of, metres_of, steps_of
from gusu_geo.tables import Bools, Floats, Ints, StreetWays

SAME_M = 0.01  # nearer than this two points are one
ALONG_M = 0.5  # a step that stays this near to the outline runs along it and is outside
GRAZE_M = 3.0  # streets that get no deeper inside (or farther out) only graze it


class Inside(NamedTuple):
    """Steps (pieces of street between two vertices) near outlines, and which are inside.

    streets: with a vertex wherever a street crosses an outline; xy (M,2) m of its vertices.
    all_step (S,) positions in ``way_nodes``, all_ends (S,2) vertices, all_way (S,): every step
    of the ways near an outline. Steps inside: row (I,) in ``all_step``, compound (I,) position of
    the outline, part (I,) number of the connected piece; ends (I,2), way (I,).
    """

    streets: StreetWays
    xy: Floats
    all_step: Ints
    all_ends: Ints
    all_way: Ints
    row: Ints
    compound: Ints
    part: Ints

    @property
    def ends(self) -> Ints:
        """(I,2) vertices."""
        return self.all_ends[self.row]

    @property
    def way(self) -> Ints:
        """(I,) positions of ways."""
        return self.all_way[self.row]


class _StepsInOutlines(NamedTuple):
    """Step x outline (n,): row of the step, position of the outline, and the greatest distance
    of its ends and middle from the outline, m."""

    row: Ints
    compound: Ints
    depth_m: Floats

    def only(self, pick: Bools) -> _StepsInOutlines:
        return _StepsInOutlines(self.row[pick], self.compound[pick], self.depth_m[pick])


def streets_inside(streets: StreetWays, outlines: Shapes, picked: Ints, crs: CRS) -> Inside:
    """Finds the steps inside the ``picked`` (positions) of ``outlines``, polygons in metres."""
    xy = metres_of(streets, crs)
    none = np.zeros(0, np.int64)
    if len(picked) == 0 or len(streets.way_ids) == 0:
        return Inside(streets, xy, none, none.reshape(0, 2), none, none, none, none)
    wide = shapely.buffer(outlines[picked], GRAZE_M)
    near_outline, near_way = shapely.STRtree(lines_of(streets, xy)).query(wide, "intersects")
    streets = _with_crossings(streets, xy, outlines[picked], np.unique(near_way), crs)
    xy = metres_of(streets, crs)
    step = steps_of(streets, np.unique(near_way))
    ends = np.column_stack((streets.way_nodes[step], streets.way_nodes[step + 1]))
    way = np.searchsorted(streets.way_ptr, step, side="right") - 1
    pairs, is_in = _near_pairs(near_outline, near_way, way, xy[ends], outlines[picked])
    is_in = _without_grazes(pairs, is_in, ends, len(xy))
    inside = pairs.only(is_in)
    part = _parts(inside, ends, len(xy))
    return Inside(streets, xy, step, ends, way, inside.row, picked[inside.compound], part)


def _with_crossings(
    streets: StreetWays, xy: Floats, outlines: Shapes, ways: Ints, crs: CRS
) -> StreetWays:
    """With a vertex wherever a step crosses an outline between its ends."""
    step = steps_of(streets, ways)
    a, b = xy[streets.way_nodes[step]], xy[streets.way_nodes[step + 1]]
    lines = np.asarray(shapely.linestrings(np.stack((a, b), axis=1)), object).reshape(-1)
    rings = shapely.boundary(outlines)
    shapely.prepare(rings)
    ring_ix, row = shapely.STRtree(lines).query(rings, "intersects")
    met = shapely.intersection(lines[row], rings[ring_ix])
    places, owner = shapely.get_coordinates(met, return_index=True)
    row = row[owner]
    along = b[row] - a[row]
    metres = np.maximum(np.hypot(*along.T), SAME_M)
    at_m = ((places - a[row]) * along).sum(axis=1) / metres
    between = (at_m > SAME_M) & (at_m < metres - SAME_M)
    row, at_m, metres = row[between], at_m[between], metres[between]
    order = np.lexsort((at_m, row))
    row, at_m, metres = row[order], at_m[order], metres[order]
    again = np.zeros(len(row), bool)
    again[1:] = (row[1:] == row[:-1]) & (np.diff(at_m) <= SAME_M)
    row, share = row[~again], (at_m / metres)[~again, None]
    return insert_vertices(streets, step[row], a[row] + share * (b[row] - a[row]), crs)


def _near_pairs(
    near_outline: Ints, near_way: Ints, way: Ints, ends_xy: Floats, outlines: Shapes
) -> tuple[_StepsInOutlines, Bools]:
    """Steps of each near way with its outline, and which of them are inside."""
    first = np.searchsorted(way, near_way, side="left")
    sizes = np.searchsorted(way, near_way, side="right") - first
    before = np.cumsum(sizes) - sizes
    row = np.arange(sizes.sum()) + np.repeat(first - before, sizes)
    outline = np.repeat(near_outline, sizes)
    rings = shapely.boundary(outlines)
    shapely.prepare(rings)
    shapely.prepare(outlines)
    middle = shapely.points(ends_xy[row].mean(axis=1))
    depth = shapely.distance(middle, rings[outline])
    for end in (0, 1):
        depth = np.maximum(
            depth, shapely.distance(shapely.points(ends_xy[row, end]), rings[outline])
        )
    is_in = shapely.contains(outlines[outline], middle) & (depth > ALONG_M)
    return _StepsInOutlines(row, outline, depth), is_in


def _without_grazes(pairs: _StepsInOutlines, is_in: Bools, ends: Ints, vertices: int) -> Bools:
    """Pieces nowhere deeper than ``GRAZE_M`` change sides: first those inside, then outside."""
    for side in (True, False):
        mine = np.flatnonzero(is_in == side)
        here = pairs.only(is_in == side)
        part = _parts(here, ends, vertices)
        deep = np.zeros(int(part.max(initial=-1)) + 1)
        np.maximum.at(deep, part, here.depth_m)
        is_in = is_in.copy()
        is_in[mine[deep[part] <= GRAZE_M]] = not side
    return is_in


def _parts(pairs: _StepsInOutlines, ends: Ints, vertices: int) -> Ints:
    """(n,) numbers of connected pieces: steps at the same outline that share a vertex."""
    if len(pairs.row) == 0:
        return np.zeros(0, np.int64)
    key = (pairs.compound * vertices)[:, None] + ends[pairs.row]
    places, compact = np.unique(key, return_inverse=True)
    compact = compact.reshape(-1, 2).astype(np.int32)
    label = label_components(compact[:, 0].copy(), compact[:, 1].copy(), len(places))
    return np.asarray(np.unique(label[compact[:, 0]], return_inverse=True)[1], np.int64)
