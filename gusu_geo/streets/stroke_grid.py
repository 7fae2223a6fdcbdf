"""Many lines or outlines at once: which of them straight lines meet, exactly.

A compiled grid answers where floating point leaves no doubt, shapely for the few that are left.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import shapely

from gusu_geo._kernels.strokes import (
    NONE,
    Grid,
    file_strokes,
    inside,
    lowest_met,
    near_box,
    nearest_owners,
)
from gusu_geo.geometry import Shapes, straight_lines, straight_pieces
from gusu_geo.tables import Bools, Floats, Int8s, Ints

CELL_M = 25.0  # legs are some ten metres long
MOST_CELLS = 4_000_000
MOST_EQUAL = 8  # streets that meet in a point


def grid_of(strokes: Floats, *, solid: bool = False) -> Grid:
    """Strokes (S,4), S > 0, by cell; solid: their whole boxes and not the strokes alone."""
    ends = strokes.reshape(-1, 2)
    low, high = ends.min(axis=0), ends.max(axis=0)
    wide, tall = (high - low).tolist()
    size = max(CELL_M, math.sqrt(wide * tall / MOST_CELLS), (wide + tall) / MOST_CELLS)
    counts = int(wide // size) + 1, int(tall // size) + 1
    ptr = np.zeros(counts[0] * counts[1] + 2, np.int64)
    grid = Grid(float(low[0]), float(low[1]), size, *counts, ptr, np.zeros(0, np.int32))
    if solid:
        return _of_boxes(grid, strokes)
    # Counted two cells later and filled from one later, which then has moved on to its end.
    file_strokes(grid._replace(ptr=ptr[2:]), strokes, False)
    np.cumsum(ptr, out=ptr)
    grid = grid._replace(member=np.empty(int(ptr[-1]), np.int32))
    file_strokes(grid._replace(ptr=ptr[1:]), strokes, True)
    return grid._replace(ptr=ptr[:-1])


def _of_boxes(grid: Grid, boxes: Floats) -> Grid:
    """Boxes by all cells that they cover."""
    at = np.floor((boxes - np.tile([grid.x0, grid.y0], 2)) / grid.size).astype(np.int64)
    most = np.array([grid.wide - 1, grid.tall - 1])
    first, last = np.clip(at[:, :2], 0, most), np.clip(at[:, 2:], 0, most)
    wide, tall = (last - first + 1).T
    count = wide * tall
    box = np.repeat(np.arange(len(boxes)), count)
    k = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    cell = (first[box, 1] + k // wide[box]) * grid.wide + first[box, 0] + k % wide[box]
    order = np.argsort(cell, kind="stable")
    cells = grid.wide * grid.tall
    ptr = np.searchsorted(cell[order], np.arange(cells + 1)).astype(np.int64)
    return grid._replace(ptr=ptr, member=box[order].astype(np.int32))


class Lines:
    """Straight pieces (S,4) of lines, each with a rank."""

    def __init__(self, pieces: Floats, rank: Ints | Int8s | None = None) -> None:
        self.pieces = np.ascontiguousarray(pieces)
        ranks = np.zeros(len(pieces)) if rank is None else rank
        self.rank = np.asarray(ranks, np.int64)
        self.grid = grid_of(self.pieces) if len(pieces) else None

    def lowest(self, ends: Floats) -> Ints:
        """(n,) the lowest rank that each straight line (n,4) meets, ``NONE`` for none."""
        found, doubt = np.full(len(ends), NONE), np.full(len(ends), NONE)
        if self.grid is None:
            return found
        lowest_met(ends, self.grid, self.pieces, self.rank, found, doubt)
        rows = np.flatnonzero(doubt < found)
        if len(rows):
            row, piece = self.tree.query(straight_lines(ends[rows]), predicate="intersects")
            np.minimum.at(found, rows[row], self.rank[piece])
        return found

    def near(self, boxes: Floats) -> Bools:
        """(n,) whether a piece may meet each box (n,4) of x0, y0, x1, y1: one that does is never
        missed."""
        found = np.zeros(len(boxes), np.int64)
        if self.grid is not None:
            near_box(boxes, self.grid, self.pieces, found)
        return np.asarray(found > 0)

    def nearest(self, xy: Floats, usable: Bools, reach_m: float) -> tuple[Ints, Ints, Ints]:
        """Pairs of place (n,2) and rank of the pieces that are nearest to it within reach_m, up to
        a millimetre; and the places of which there are too many to tell. usable: by rank."""
        found = np.full((len(xy), MOST_EQUAL), -1)
        if self.grid is not None and len(xy):
            places = np.ascontiguousarray(xy, float)
            may = usable.astype(np.int64)
            room = np.empty(MOST_EQUAL)
            nearest_owners(places, self.grid, self.pieces, self.rank, may, reach_m, room, found)
        full = np.flatnonzero(found[:, -1] == -2)
        found[full] = -1
        place, column = np.nonzero(found >= 0)
        return place, found[place, column], full

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Of the pieces."""
        return shapely.STRtree(straight_lines(self.pieces))


class Areas(Lines):
    """Areas (A,), by their outlines."""

    def __init__(self, areas: Shapes) -> None:
        pieces, owner = straight_pieces(areas)
        super().__init__(pieces)
        self.areas = areas
        self.first = np.searchsorted(owner, np.arange(len(areas) + 1)).astype(np.int64)
        self.box = shapely.bounds(areas).reshape(-1, 4)
        self.boxes = grid_of(self.box, solid=True) if len(areas) else None
        cells = 0 if self.grid is None else len(self.grid.ptr) - 1
        self.state = np.full(cells, -1, np.int64)

    def met(self, ends: Floats) -> Bools:
        """(n,) whether each straight line (n,4) meets an area."""
        found, unsure = np.full(len(ends), NONE), np.full(len(ends), NONE)
        if self.grid is None:
            return np.zeros(len(ends), bool)
        lowest_met(ends, self.grid, self.pieces, self.rank, found, unsure)
        meets, doubt = found < NONE, unsure < NONE
        rest = np.flatnonzero(~meets & ~doubt)
        state = self._state(ends[rest, :2])
        meets[rest[state == 1]] = True
        doubt[rest[state == 2]] = True
        rows = np.flatnonzero(doubt & ~meets)
        if len(rows):
            lines = straight_lines(ends[rows])
            meets[rows[self.area_tree.query(lines, predicate="intersects")[0]]] = True
        return meets

    def within(self, xy: Floats) -> Bools:
        """(n,) whether each place (n,2) lies in an area, or there is doubt about it."""
        return np.asarray(self._state(xy) > 0)

    def _state(self, xy: Floats) -> Ints:
        """As ``_kernels.strokes.inside``."""
        found = np.zeros(len(xy), np.int64)
        if self.grid is not None and self.boxes is not None:
            areas = self.boxes, self.pieces, self.first, self.box
            inside(np.ascontiguousarray(xy), self.grid, self.state, *areas, found)
        return found

    @cached_property
    def area_tree(self) -> shapely.STRtree:
        """Of the areas."""
        return shapely.STRtree(self.areas)
