"""Chords of cells linked to rings, holes given to their shells, and what lies outside of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from gusu_geo._kernels.contours import FULL, NONE, Chords
from gusu_geo._kernels.fields import TILE, Floats, Grid, Int32s, Int64s

Bools = npt.NDArray[np.bool_]
LINE_M = 1e-7  # a point this close to the line between its neighbours is dropped
LEFT_M = 1e-6  # on the border is inside


class Rings(NamedTuple):
    """Closed rings of one cutoff: ptr (R+1,), xy (V,2), the last point repeats the first; area_m2
    (R,): below 0 for holes; shell (R,): the ring it lies in, itself for a shell."""

    ptr: Int64s
    xy: Floats
    area_m2: Floats
    shell: Int32s


@njit(cache=True, nogil=True)
def _table(keys: Int64s, first: int, stop: int) -> Int32s:
    """Open-addressed table of the positions first..stop by key; the first of equal keys wins."""
    size = 16
    while size < 2 * (stop - first):
        size *= 2
    table = np.full(size, -1, np.int32)
    for k in range(first, stop):
        place = _hash(keys[k], size)
        while table[place] >= 0 and keys[table[place]] != keys[k]:
            place = (place + 1) & (size - 1)
        if table[place] < 0:
            table[place] = k
    return table


@njit(cache=True, nogil=True)
def _hash(key: int, size: int) -> int:
    return ((key * 0x9E3779B97F4A7C1) >> 17) & (size - 1)


@njit(cache=True, nogil=True)
def _find(table: Int32s, keys: Int64s, key: int) -> int:
    """Position of the key, -1 when there is none."""
    place = _hash(key, len(table))
    while table[place] >= 0 and keys[table[place]] != key:
        place = (place + 1) & (len(table) - 1)
    return int(table[place])


@njit(cache=True, nogil=True)
def link(c: Chords, first: int, stop: int) -> Int32s:
    """The chord that follows each of the chords first..stop, which are those of one cutoff."""
    table = _table(c.start, first, stop)
    follow = np.empty(stop - first, np.int32)
    for k in range(first, stop):
        follow[k - first] = _find(table, c.start, c.end[k])
    return follow


@njit(cache=True, nogil=True)
def rings(c: Chords, first: int, stop: int, follow: Int32s) -> tuple[Rings, Int32s]:
    """The rings of chords first..stop, and the ring of each chord."""
    ring_of = np.full(stop - first, -1, np.int32)
    xy, ptr = np.empty((2 * (stop - first) + 1, 2)), np.zeros(stop - first + 1, np.int64)
    area = np.empty(stop - first)
    found, used = 0, 0
    for k in range(first, stop):
        if ring_of[k - first] >= 0:
            continue
        begin, at, twice = used, k, 0.0
        while ring_of[at - first] < 0:
            ring_of[at - first] = found
            then = follow[at - first]
            twice += (c.xy[at, 0] - c.xy[k, 0]) * (c.xy[then, 1] - c.xy[k, 1])
            twice -= (c.xy[at, 1] - c.xy[k, 1]) * (c.xy[then, 0] - c.xy[k, 0])
            if used == begin or not _on_line(xy[used - 1], c.xy[at], c.xy[then]):
                xy[used] = c.xy[at]
                used += 1
            at = then
        xy[used] = xy[begin]
        used += 1
        area[found] = twice / 2.0
        found += 1
        ptr[found] = used
    shell = _shells(xy, ptr[: found + 1], area[:found])
    return Rings(ptr[: found + 1], xy[:used], area[:found], shell), ring_of


@njit(cache=True, nogil=True)
def _on_line(a: Floats, b: Floats, c: Floats) -> bool:
    """Whether b lies between a and c on a straight line."""
    dx, dy = c[0] - a[0], c[1] - a[1]
    ex, ey = b[0] - a[0], b[1] - a[1]
    near = abs(dx * ey - dy * ex) <= LINE_M * np.hypot(dx, dy)
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
    for hole in range(count):
        if area[hole] >= 0.0:
            continue
        x, y = xy[ptr[hole]]
        best = -1
        for r in range(count):
            if area[r] < 0.0 or (best >= 0 and area[r] >= area[best]):
                continue
            if not (box[r, 0] <= x <= box[r, 2] and box[r, 1] <= y <= box[r, 3]):
                continue
            if inside(xy, ptr[r], ptr[r + 1], x, y):
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
def touching(r: Rings, ring_of: Int32s, touched: Bools, xy: Floats) -> Bools:
    """(R,) rings whose shell a line touches: one of its chords, or a vertex (V,2) lies inside."""
    shell = np.zeros(len(r.area_m2), np.bool_)
    for k in range(len(touched)):
        if touched[k]:
            shell[r.shell[ring_of[k]]] = True
    for ring in range(len(shell)):
        if r.area_m2[ring] < 0.0 or shell[ring]:
            continue
        for v in range(len(xy)):
            if inside(r.xy, r.ptr[ring], r.ptr[ring + 1], xy[v, 0], xy[v, 1]):
                shell[ring] = True
                break
    return shell[r.shell]


@njit(cache=True, nogil=True)
def uncovered(
    c: Chords, first: int, stop: int, follow: Int32s, grid: Grid, ptr: Int64s, xy: Floats
) -> tuple[Int64s, Floats, Bools]:
    """Parts of lines (ptr (L+1,), xy (V,2)) that lie outside of the rings of chords first..stop.

    Returns the line of each part, its ends (n,4), and which chords (stop - first,) a line
    touches from inside.
    """
    table = _table(c.cell, first, stop)
    touched = np.zeros(stop - first, np.bool_)
    who, ends = np.empty(64, np.int64), np.empty((64, 4))
    used = 0
    x0, y0 = grid.x0 + 0.5 * grid.cell_m, grid.y0 + 0.5 * grid.cell_m
    for line in range(len(ptr) - 1):
        for v in range(ptr[line], ptr[line + 1] - 1):
            ux, uy = (xy[v, 0] - x0) / grid.cell_m, (xy[v, 1] - y0) / grid.cell_m
            wx, wy = (xy[v + 1, 0] - x0) / grid.cell_m, (xy[v + 1, 1] - y0) / grid.cell_m
            dx, dy = wx - ux, wy - uy
            t, goes_on = 0.0, False
            while True:
                after = min(_next(ux, dx, t), _next(uy, dy, t), 1.0)
                middle = (t + after) / 2.0
                i, j = int(np.floor(ux + middle * dx)), int(np.floor(uy + middle * dy))
                ax, ay = xy[v, 0] + t * dx * grid.cell_m, xy[v, 1] + t * dy * grid.cell_m
                bx, by = xy[v, 0] + after * dx * grid.cell_m, xy[v, 1] + after * dy * grid.cell_m
                if _covers(c, table, first, stop, follow, grid, i, j, ax, ay, bx, by, touched):
                    goes_on = False
                elif goes_on:
                    ends[used - 1, 2], ends[used - 1, 3] = bx, by
                else:
                    if used == len(who):
                        who, ends = np.append(who, who), np.concatenate((ends, ends))
                    who[used] = line
                    ends[used, 0], ends[used, 1], ends[used, 2], ends[used, 3] = ax, ay, bx, by
                    used += 1
                    goes_on = True
                if after >= 1.0:
                    break
                t = after
    return who[:used], ends[:used], touched


@njit(cache=True, nogil=True)
def _next(u: float, d: float, t: float) -> float:
    """Where on the way from u by d the next whole number after t comes; at least a hair on."""
    if d == 0.0:
        return 1.0
    now = u + t * d
    wanted = np.floor(now + 1e-9) + 1.0 if d > 0.0 else np.ceil(now - 1e-9) - 1.0
    return float(max((wanted - u) / d, t + 1e-12))


@njit(cache=True, nogil=True)
def _covers(
    c: Chords, table: Int32s, first: int, stop: int, follow: Int32s, grid: Grid,
    i: int, j: int, ax: float, ay: float, bx: float, by: float, touched: Bools,
) -> bool:  # fmt: skip
    """Whether the part from a to b of a line, all in cell (i, j), is inside; marks its chord."""
    column, row = i // TILE, j // TILE
    if not (0 <= column < grid.columns and 0 <= row < grid.rows):
        return False
    rank = c.rank[row * grid.columns + column]
    if rank < 0 or stop == first:
        return False
    case = c.case[c.cutoff[first], rank, j - row * TILE, i - column * TILE]
    if case in (FULL, NONE):
        return bool(case == FULL)
    cell = j * (grid.columns * TILE) + i
    k = _find(table, c.cell, cell)
    covered = False
    while 0 <= k < stop and c.cell[k] == cell:
        p, q = c.xy[k], c.xy[follow[k - first]]
        dx, dy = q[0] - p[0], q[1] - p[1]
        least = -LEFT_M * np.hypot(dx, dy)
        a_in = dx * (ay - p[1]) - dy * (ax - p[0]) >= least
        b_in = dx * (by - p[1]) - dy * (bx - p[0]) >= least
        touched[k - first] |= a_in or b_in
        covered |= a_in and b_in
        k += 1
    return covered
