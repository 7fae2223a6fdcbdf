"""Chords of cells linked into rings, holes assigned to their shells, and rings to leave out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gusu_geo._kernels.bulges import LINE_M, Bools, Bulges, cell_table, find_cell
from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.contours import FULL, Chords
from gusu_geo._kernels.fields import TILE, Field, Floats, Grid, Int32s, Int64s
from gusu_geo._kernels.search import START

NEAR_M = 32.0  # cells in which lines near islands are looked for
SPECK_CELLS = 4.0  # holes up to this size may be artefacts of the grid


class Rings(NamedTuple):
    """Closed rings of one cutoff: ptr (R+1,), xy (V,2), the last point repeats the first; area_m2
    (R,): below 0 for holes; shell (R,): the ring it lies in, itself for a shell."""

    ptr: Int64s
    xy: Floats
    area_m2: Floats
    shell: Int32s


def link(c: Chords, first: int, stop: int) -> Int32s:
    """The chord that follows each of the chords first..stop, which are those of one cutoff."""
    start, follow = c.start[first:stop], np.empty(stop - first, np.int32)
    _link(cell_table(start), start, c.end[first:stop], follow)
    return follow + np.int32(first)


@njit(cache=True, nogil=True)
def _link(table: Int32s, start: Int64s, end: Int64s, follow: Int32s) -> None:
    """Fill ``follow`` with the chord that starts where each chord ends."""
    for k in range(len(end)):
        follow[k] = find_cell(table, start, end[k])


def rings(c: Chords, first: int, stop: int, follow: Int32s, bulge: Bulges) -> tuple[Rings, Int32s]:
    """The rings of chords first..stop, and the ring of each chord."""
    many = stop - first
    ring_of, ptr = np.full(many, -1, np.int32), np.zeros(many + 1, np.int64)
    xy, size = np.empty((2 * many + len(bulge.xy) + 1, 2)), np.empty((many, 5))
    links = c.xy[first:stop], follow - np.int32(first), *bulge
    found, used = _rings(links, (ring_of, ptr, xy, size))
    area_m2, shell = size[:found, 4].copy(), np.arange(found, dtype=np.int32)
    _shells(xy, ptr, size, np.flatnonzero(area_m2 >= 0.0), shell)
    return Rings(ptr[: found + 1], xy[:used], area_m2, shell), ring_of


@njit(cache=True, nogil=True)
def _rings(
    links: tuple[Floats, Int32s, Int64s, Floats], into: tuple[Int32s, Int64s, Floats, Floats]
) -> tuple[int, int]:
    """Fill ``into``: the ring of each chord, the rings, and the size of each (bounds, then signed
    area); returns how many rings and points. links: start and next of each chord, its bulges."""
    start, follow, bulge_ptr, bulge = links
    ring_of, ptr, xy, size = into
    found, used = 0, START
    for k in range(len(follow)):
        if ring_of[k] >= 0:
            continue
        begin, at = used, k
        while ring_of[at] < 0:
            ring_of[at] = found
            then = follow[at]
            low, high = bulge_ptr[at], bulge_ptr[at + 1]
            x, y = start[at, 0], start[at, 1]
            beyond_x, beyond_y = start[then, 0], start[then, 1]
            if high > low:
                beyond_x, beyond_y = bulge[low, 0], bulge[low, 1]
            # Single numbers: creating an array per row is slow.
            if used == begin or not _on_line(
                xy[used - 1, 0], xy[used - 1, 1], x, y, beyond_x, beyond_y
            ):
                xy[used, 0], xy[used, 1] = x, y
                used += 1
            for n in range(low, high):
                xy[used, 0], xy[used, 1] = bulge[n, 0], bulge[n, 1]
                used += 1
            at = then
        xy[used, 0], xy[used, 1] = xy[begin, 0], xy[begin, 1]
        used += 1
        _bounds(xy, begin, used, size[found])
        size[found, 4] = _area(xy, begin, used)
        found += 1
        ptr[found] = used
    return found, used


@njit(cache=True, nogil=True)
def _bounds(xy: Floats, first: int, stop: int, box: Floats) -> None:
    """Write west, south, east and north of the points first..stop to ``box``."""
    box[0], box[1], box[2], box[3] = np.inf, np.inf, -np.inf, -np.inf
    for k in range(first, stop):
        for axis in range(2):
            if xy[k, axis] < box[axis]:
                box[axis] = xy[k, axis]
            if xy[k, axis] > box[axis + 2]:
                box[axis + 2] = xy[k, axis]


@njit(cache=True, nogil=True)
def _area(xy: Floats, first: int, stop: int) -> float:
    """Signed area of a ring."""
    x, y, twice = xy[first, 0], xy[first, 1], 0.0
    for k in range(first, stop - 1):
        twice += (xy[k, 0] - x) * (xy[k + 1, 1] - y) - (xy[k, 1] - y) * (xy[k + 1, 0] - x)
    return twice / 2.0


@njit(cache=True, nogil=True)
def _on_line(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> bool:
    """Whether b lies between a and c on a straight line."""
    dx, dy, ex, ey = cx - ax, cy - ay, bx - ax, by - ay
    near = abs(dx * ey - dy * ex) <= LINE_M * np.sqrt(dx * dx + dy * dy)
    return bool(near and dx * ex + dy * ey > 0.0)


@njit(cache=True, nogil=True)
def _shells(xy: Floats, ptr: Int64s, size: Floats, around: Int64s, shell: Int32s) -> None:
    """Set ``shell`` (R,), each ring itself at first, of every hole: the smallest shell around it.

    around: the rings that are shells; size: bounds and area."""
    for hole in range(len(shell)):
        if size[hole, 4] >= 0.0:
            continue
        x, y = xy[ptr[hole], 0], xy[ptr[hole], 1]
        near, best = 0, -1
        for turn in range(2):
            for r in around:
                if not (size[r, 0] <= x <= size[r, 2] and size[r, 1] <= y <= size[r, 3]):
                    continue
                if turn == 0:
                    near, best = near + 1, r
                elif (best < 0 or size[r, 4] < size[best, 4]) and inside(
                    xy, ptr[r], ptr[r + 1], x, y
                ):
                    best = r
            if near == 1:  # a hole always lies in a shell
                break
            if turn == 0:
                best = -1
        shell[hole] = best


@njit(cache=True, nogil=True)
def inside(xy: Floats, first: int, stop: int, x: float, y: float) -> bool:
    """Whether a place lies in the ring of points first..stop, by the crossings of a ray."""
    odd = False
    for k in range(first, stop - 1):
        if (xy[k, 1] > y) != (xy[k + 1, 1] > y):
            share = (y - xy[k, 1]) / (xy[k + 1, 1] - xy[k, 1])
            if x < xy[k, 0] + share * (xy[k + 1, 0] - xy[k, 0]):
                odd = not odd
    return odd


def touching(r: Rings, ring_of: Int32s, touched: Bools, ptr: Int64s, xy: Floats) -> Bools:
    """(R,) rings whose shell has a touched chord, or part of a line inside: a vertex of ``xy``
    (V,2), or the middle of a leg, for both ends may lie on the ring. ptr (L+1,): of each line."""
    shell = np.zeros(len(r.area_m2), np.bool_)
    shell[r.shell[ring_of[touched]]] = True
    asked = np.flatnonzero((r.area_m2 >= 0.0) & ~shell)
    if len(asked):
        ptr, xy = _lines_near(r, asked, ptr, xy)
        _touch((r.ptr, r.xy), asked, ptr, xy, np.empty(4), shell)
    return np.asarray(shell[r.shell])


def _lines_near(r: Rings, asked: Int64s, ptr: Int64s, xy: Floats) -> tuple[Int64s, Floats]:
    """The lines with a vertex, or the middle of a leg, in a cell of ``NEAR_M`` that the bounds of
    a ring ``asked`` meet: few, because such rings are islands."""
    halves = np.empty((max(2 * len(xy) - 1, 0), 2))
    halves[::2], halves[1::2] = xy, (xy[:-1] + xy[1:]) / 2
    low, high = (
        np.column_stack([bound.reduceat(column, r.ptr[:-1])[asked] for column in r.xy.T.copy()])
        for bound in (np.minimum, np.maximum)
    )
    corner = low.min(axis=0)
    cells = ((high.max(axis=0) - corner) // NEAR_M).astype(np.int64) + 1
    near = np.zeros(cells, np.bool_)
    bounds = [((edge - corner) // NEAR_M).astype(np.int64) for edge in (low, high)]
    for i, j, to_i, to_j in np.column_stack(bounds).tolist():
        near[i : to_i + 1, j : to_j + 1] = True
    cell = (halves - corner) // NEAR_M
    here = np.flatnonzero(((cell >= 0) & (cell < cells)).all(axis=1))
    here = here[near[tuple(cell[here].astype(np.int64).T)]]
    line = np.unique(np.searchsorted(ptr, here // 2, "right") - 1)
    size = np.diff(ptr)[line]
    first = np.cumsum(size) - size
    return np.append(first, size.sum()), xy[
        np.arange(size.sum()) + np.repeat(ptr[line] - first, size)
    ]


@njit(cache=True, nogil=True)
def _touch(
    rings: tuple[Int64s, Floats], asked: Int64s, ptr: Int64s, xy: Floats, box: Floats, shell: Bools
) -> None:
    """Set ``shell`` for the rings ``asked`` with part of a line inside; box: room for bounds."""
    ring_ptr, ring_xy = rings
    for ring in asked:
        first, stop = ring_ptr[ring], ring_ptr[ring + 1]
        _bounds(ring_xy, first, stop, box)
        west, south, east, north = box[0], box[1], box[2], box[3]
        for line in range(len(ptr) - 1):
            for half in range(2 * ptr[line], 2 * ptr[line + 1] - 1):
                v, w = half // 2, (half + 1) // 2
                x, y = (xy[v, 0] + xy[w, 0]) / 2, (xy[v, 1] + xy[w, 1]) / 2
                if west <= x <= east and south <= y <= north and inside(ring_xy, first, stop, x, y):
                    shell[ring] = True
                    break
            if shell[ring]:
                break


def specks(r: Rings, field: Field) -> Bools:
    """(R,) small holes that the grid leaves between streets that almost meet: artefacts.

    No pixel in them has a street in sight within reach, and no barrier is near.
    """
    grid = field.grid
    small = np.flatnonzero(
        (-SPECK_CELLS * grid.cell_m * grid.cell_m <= r.area_m2) & (r.area_m2 < 0.0)
    )
    out = np.zeros(len(r.area_m2), np.bool_)
    if len(small):
        where = grid.x0, grid.y0, grid.cell_m, grid.columns
        walls = field.blocks.xy, *field.block_in
        _specks(small, (r.ptr, r.xy), where, (field.slot, field.seg), walls, np.empty(4), out)
    return out


@njit(cache=True, nogil=True)
def _specks(
    small: Int64s, ring: tuple[Int64s, Floats], where: tuple[float, float, float, int],
    pixels: tuple[Int32s, Int32s], walls: tuple[Floats, Int64s, Int32s], box: Floats, out: Bools,
) -> None:  # fmt: skip
    """Set ``out`` for those of the rings ``small`` that are specks. where: the first corner of the
    grid, side of a cell, tiles in a row; box: room for bounds."""
    ptr, xy = ring
    x0, y0, cell_m, columns = where
    slots, seg = pixels
    wall, wall_ptr, wall_in = walls
    for r in small:
        _bounds(xy, ptr[r], ptr[r + 1], box)
        west, south, east, north = box[0], box[1], box[2], box[3]
        speck = True
        for j in range(
            int(np.floor((south - y0) / cell_m)), int(np.floor((north - y0) / cell_m)) + 1
        ):
            for i in range(
                int(np.floor((west - x0) / cell_m)), int(np.floor((east - x0) / cell_m)) + 1
            ):
                tile = j // TILE * columns + i // TILE
                slot = slots[tile]
                if slot >= 0 and seg[slot, j % TILE, i % TILE] >= 0:
                    x, y = x0 + (i + 0.5) * cell_m, y0 + (j + 0.5) * cell_m
                    speck &= not inside(xy, ptr[r], ptr[r + 1], x, y)
                for n in range(wall_ptr[tile], wall_ptr[tile + 1]):
                    b = wall_in[n]
                    speck &= (
                        max(wall[b, 0], wall[b, 2]) < west
                        or min(wall[b, 0], wall[b, 2]) > east
                        or max(wall[b, 1], wall[b, 3]) < south
                        or min(wall[b, 1], wall[b, 3]) > north
                    )
        out[r] = speck


def full(c: Chords, cutoff: int, cells: Int64s, grid: Grid) -> Bools:
    """(n,) whether each cell is wholly inside within a cutoff."""
    row, column = np.divmod(cells, grid.columns * TILE)
    rank = c.rank[row // TILE * grid.columns + column // TILE]
    out = rank >= 0
    out[out] = c.case[cutoff, rank[out], row[out] % TILE, column[out] % TILE] == FULL
    return np.asarray(out)
