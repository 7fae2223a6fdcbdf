"""Chords of cells linked into rings, holes assigned to their shells, and rings to leave out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gusu_geo._kernels.bulges import LINE_M, Bools, Bulges, cell_table, find_cell
from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.contours import FULL, Chords
from gusu_geo._kernels.fields import TILE, Field, Floats, Grid, Int32s, Int64s

SPECK_CELLS = 4.0  # holes up to this size may be artefacts of the grid


class Rings(NamedTuple):
    """Closed rings of one cutoff: ptr (R+1,), xy (V,2), the last point repeats the first; area_m2
    (R,): below 0 for holes; shell (R,): the ring it lies in, itself for a shell."""

    ptr: Int64s
    xy: Floats
    area_m2: Floats
    shell: Int32s


@njit(cache=True, nogil=True)
def link(c: Chords, first: int, stop: int) -> Int32s:
    """The chord that follows each of the chords first..stop, which are those of one cutoff."""
    table = cell_table(c.start, first, stop)
    follow = np.empty(stop - first, np.int32)
    for k in range(first, stop):
        follow[k - first] = find_cell(table, c.start, c.end[k])
    return follow


@njit(cache=True, nogil=True)
def rings(c: Chords, first: int, stop: int, follow: Int32s, bulge: Bulges) -> tuple[Rings, Int32s]:
    """The rings of chords first..stop, and the ring of each chord."""
    start_xy, bulge_ptr, bulge_xy = c.xy, bulge.ptr, bulge.xy
    ring_of = np.full(stop - first, -1, np.int32)
    xy = np.empty((2 * (stop - first) + len(bulge.xy) + 1, 2))
    ptr, area = np.zeros(stop - first + 1, np.int64), np.empty(stop - first)
    found, used = 0, 0
    for k in range(first, stop):
        if ring_of[k - first] >= 0:
            continue
        begin, at = used, k
        while ring_of[at - first] < 0:
            ring_of[at - first] = found
            then = follow[at - first]
            low, high = bulge_ptr[at - first], bulge_ptr[at - first + 1]
            x, y = start_xy[at, 0], start_xy[at, 1]
            beyond_x, beyond_y = start_xy[then, 0], start_xy[then, 1]
            if high > low:
                beyond_x, beyond_y = bulge_xy[low, 0], bulge_xy[low, 1]
            # Single numbers: creating an array per row is slow.
            if used == begin or not _on_line(
                xy[used - 1, 0], xy[used - 1, 1], x, y, beyond_x, beyond_y
            ):
                xy[used, 0], xy[used, 1] = x, y
                used += 1
            for n in range(low, high):
                xy[used, 0], xy[used, 1] = bulge_xy[n, 0], bulge_xy[n, 1]
                used += 1
            at = then
        xy[used, 0], xy[used, 1] = xy[begin, 0], xy[begin, 1]
        used += 1
        area[found] = _area(xy, begin, used)
        found += 1
        ptr[found] = used
    shell = _shells(xy, ptr[: found + 1], area[:found])
    return Rings(ptr[: found + 1], xy[:used], area[:found], shell), ring_of


@njit(cache=True, nogil=True)
def _area(xy: Floats, first: int, stop: int) -> float:
    """Signed area of a ring."""
    twice = 0.0
    for k in range(first, stop - 1):
        ax, ay = xy[k, 0] - xy[first, 0], xy[k, 1] - xy[first, 1]
        bx, by = xy[k + 1, 0] - xy[first, 0], xy[k + 1, 1] - xy[first, 1]
        twice += ax * by - ay * bx
    return twice / 2.0


@njit(cache=True, nogil=True)
def _on_line(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> bool:
    """Whether b lies between a and c on a straight line."""
    dx, dy, ex, ey = cx - ax, cy - ay, bx - ax, by - ay
    near = abs(dx * ey - dy * ex) <= LINE_M * np.sqrt(dx * dx + dy * dy)
    return bool(near and dx * ex + dy * ey > 0.0)


@njit(cache=True, nogil=True)
def _shells(xy: Floats, ptr: Int64s, area: Floats) -> Int32s:
    """The smallest shell around each hole."""
    count = len(area)
    box = np.empty((count, 4))
    for r in range(count):
        ring = xy[ptr[r] : ptr[r + 1]]
        box[r, 0], box[r, 1] = ring[:, 0].min(), ring[:, 1].min()
        box[r, 2], box[r, 3] = ring[:, 0].max(), ring[:, 1].max()
    shell = np.arange(count).astype(np.int32)
    around = np.empty(count, np.int32)
    for hole in range(count):
        if area[hole] >= 0.0:
            continue
        x, y = xy[ptr[hole], 0], xy[ptr[hole], 1]
        near = 0
        for r in range(count):
            if area[r] >= 0.0 and box[r, 0] <= x <= box[r, 2] and box[r, 1] <= y <= box[r, 3]:
                around[near] = r
                near += 1
        if near == 1:  # a hole always lies in a shell
            shell[hole] = around[0]
            continue
        best = -1
        for n in range(near):
            r = around[n]
            if (best < 0 or area[r] < area[best]) and inside(xy, ptr[r], ptr[r + 1], x, y):
                best = r
        shell[hole] = best
    return shell


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


@njit(cache=True, nogil=True)
def touching(r: Rings, ring_of: Int32s, touched: Bools, ptr: Int64s, xy: Floats) -> Bools:
    """(R,) rings whose shell has a touched chord, or part of a line inside: a vertex of ``xy``
    (V,2), or the middle of a leg, for both ends may lie on the ring. ptr (L+1,): of each line."""
    shell = np.zeros(len(r.area_m2), np.bool_)
    for k in range(len(touched)):
        if touched[k]:
            shell[r.shell[ring_of[k]]] = True
    for ring in range(len(shell)):
        if r.area_m2[ring] < 0.0 or shell[ring]:
            continue
        mine = r.xy[r.ptr[ring] : r.ptr[ring + 1]]
        west, south, east, north = (
            mine[:, 0].min(), mine[:, 1].min(), mine[:, 0].max(), mine[:, 1].max()
        )  # fmt: skip
        for line in range(len(ptr) - 1):
            for half in range(2 * ptr[line], 2 * ptr[line + 1] - 1):
                v, w = half // 2, (half + 1) // 2
                x, y = (xy[v, 0] + xy[w, 0]) / 2, (xy[v, 1] + xy[w, 1]) / 2
                if (
                    west <= x <= east
                    and south <= y <= north
                    and inside(r.xy, r.ptr[ring], r.ptr[ring + 1], x, y)
                ):
                    shell[ring] = True
                    break
            if shell[ring]:
                break
    return shell[r.shell]


@njit(cache=True, nogil=True)
def specks(r: Rings, field: Field) -> Bools:
    """(R,) small holes that the grid leaves between streets that almost meet: artefacts.

    No pixel in them has a street in sight within reach, and no barrier is near.
    """
    grid, xy, barriers = field.grid, r.xy, field.blocks.xy
    out = np.zeros(len(r.area_m2), np.bool_)
    for ring in range(len(out)):
        if not -SPECK_CELLS * grid.cell_m * grid.cell_m <= r.area_m2[ring] < 0.0:
            continue
        mine = xy[r.ptr[ring] : r.ptr[ring + 1]]
        west, south, east, north = (
            mine[:, 0].min(), mine[:, 1].min(), mine[:, 0].max(), mine[:, 1].max()
        )  # fmt: skip
        out[ring] = True
        for j in range(_row(south, grid.y0, grid), _row(north, grid.y0, grid) + 1):
            for i in range(_row(west, grid.x0, grid), _row(east, grid.x0, grid) + 1):
                tile = j // TILE * grid.columns + i // TILE
                x, y = grid.x0 + (i + 0.5) * grid.cell_m, grid.y0 + (j + 0.5) * grid.cell_m
                slot = field.slot[tile]
                if slot >= 0 and field.seg[slot, j % TILE, i % TILE] >= 0:
                    out[ring] &= not inside(xy, r.ptr[ring], r.ptr[ring + 1], x, y)
                for n in range(field.block_in.ptr[tile], field.block_in.ptr[tile + 1]):
                    b = field.block_in.item[n]
                    out[ring] &= (
                        max(barriers[b, 0], barriers[b, 2]) < west
                        or min(barriers[b, 0], barriers[b, 2]) > east
                        or max(barriers[b, 1], barriers[b, 3]) < south
                        or min(barriers[b, 1], barriers[b, 3]) > north
                    )
    return out


@njit(cache=True, nogil=True)
def _row(metres: float, origin: float, grid: Grid) -> int:
    """Row or column of the pixel at a coordinate."""
    return int(np.floor((metres - origin) / grid.cell_m))


@njit(cache=True, nogil=True)
def full(c: Chords, cutoff: int, cells: Int64s, grid: Grid) -> Bools:
    """(n,) whether each cell is wholly inside within a cutoff."""
    out = np.zeros(len(cells), np.bool_)
    wide = grid.columns * TILE
    for n in range(len(cells)):
        j, i = cells[n] // wide, cells[n] % wide
        rank = c.rank[j // TILE * grid.columns + i // TILE]
        out[n] = rank >= 0 and c.case[cutoff, rank, j % TILE, i % TILE] == FULL
    return out
