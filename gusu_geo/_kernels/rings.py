"""Chords of cells linked to rings, holes given to their shells, and what lies outside of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from gusu_geo._kernels.contours import FULL, NONE, Chords
from gusu_geo._kernels.fields import TILE, Field, Floats, Grid, Int32s, Int64s

Bools = npt.NDArray[np.bool_]
LINE_M = 1e-7  # a point this close to the line between its neighbours is dropped
LEFT_M = 1e-6  # on the border is inside
SPECK_CELLS = 4.0  # holes up to this size may be beads
Chord = tuple[Int64s, Floats, Int32s, int]  # cell, xy; the next of those from the first on


class Rings(NamedTuple):
    """Closed rings of one cutoff: ptr (R+1,), xy (V,2), the last point repeats the first; area_m2
    (R,): below 0 for holes; shell (R,): the ring it lies in, itself for a shell."""

    ptr: Int64s
    xy: Floats
    area_m2: Floats
    shell: Int32s


class Bulges(NamedTuple):
    """Points to insert into chords, in order: ptr (chords + 1,), xy."""

    ptr: Int64s
    xy: Floats


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
            # Point by point and number by number: rows as arrays of their own are dear.
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
def touching(r: Rings, ring_of: Int32s, touched: Bools, xy: Floats) -> Bools:
    """(R,) rings whose shell a line touches: one of its chords, or a vertex (V,2) lies inside."""
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
        for v in range(len(xy)):
            x, y = xy[v, 0], xy[v, 1]
            if (
                west <= x <= east
                and south <= y <= north
                and inside(r.xy, r.ptr[ring], r.ptr[ring + 1], x, y)
            ):
                shell[ring] = True
                break
    return shell[r.shell]


@njit(cache=True, nogil=True)
def specks(r: Rings, field: Field) -> Bools:
    """(R,) holes of a few cells between streets that almost meet: the grid makes beads of them.

    No place in them has a street in sight within reach, and no barrier comes near.
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
    """Row or column of the pixel there."""
    return int(np.floor((metres - origin) / grid.cell_m))


class Bare(NamedTuple):
    """Parts of lines outside of the chords: line (n,), ends (n,4). Ends of lines just beyond a
    chord, within its cell: chord (m,), xy (m,2). touched: chords that a line touches inside."""

    line: Int64s
    ends: Floats
    tip_chord: Int64s
    tip_xy: Floats
    touched: Bools


@njit(cache=True, nogil=True)
def uncovered(
    c: Chords, first: int, stop: int, follow: Int32s, grid: Grid, ptr: Int64s, xy: Floats
) -> Bare:
    """Parts of lines (ptr (L+1,), xy (V,2)) that lie outside of the rings of chords first..stop.

    Where a line ends in a cell a little beyond the only chord there, its end is told as a tip.
    """
    table = _table(c.cell, first, stop)
    rank, columns, rows, cell_m = c.rank, grid.columns, grid.rows, grid.cell_m
    case = c.case[c.cutoff[first] if stop > first else 0]
    chord = (c.cell, c.xy, follow, first)
    touched = np.zeros(stop - first, np.bool_)
    who, ends, used = np.empty(64, np.int64), np.empty((64, 4)), 0
    tip_of, tip_xy, tips = np.empty(64, np.int64), np.empty((64, 2)), 0
    x0, y0 = grid.x0 + 0.5 * cell_m, grid.y0 + 0.5 * cell_m
    for line in range(len(ptr) - 1):
        for v in range(ptr[line], ptr[line + 1] - 1):
            ux, uy = (xy[v, 0] - x0) / cell_m, (xy[v, 1] - y0) / cell_m
            wx, wy = (xy[v + 1, 0] - x0) / cell_m, (xy[v + 1, 1] - y0) / cell_m
            dx, dy = wx - ux, wy - uy
            t, goes_on = 0.0, False
            while t < 1.0 or v == ptr[line]:
                after = min(_next(ux, dx, t), _next(uy, dy, t), 1.0)
                middle = (t + after) / 2.0
                i, j = int(np.floor(ux + middle * dx)), int(np.floor(uy + middle * dy))
                ax, ay = xy[v, 0] + t * dx * cell_m, xy[v, 1] + t * dy * cell_m
                bx, by = xy[v, 0] + after * dx * cell_m, xy[v, 1] + after * dy * cell_m
                held, k, kind = 0, -1, NONE
                column, row = i // TILE, j // TILE
                if 0 <= column < columns and 0 <= row < rows and stop > first:
                    n = rank[row * columns + column]
                    kind = case[n, j % TILE, i % TILE] if n >= 0 else NONE
                if kind == FULL:
                    held = 3
                elif kind != NONE:
                    place = _find(table, chord[0], j * (columns * TILE) + i)
                    held, k = _held(chord, place, stop, ax, ay, bx, by, touched)
                # Bare ends on the border of the cell are no tips.
                tip_a, tip_b = held & 1 == 0 and t == 0.0, held & 2 == 0 and after >= 1.0
                if k >= 0 and (held & 1 or tip_a) and (held & 2 or tip_b):
                    if tips + 2 > len(tip_of):
                        tip_of = np.append(tip_of, tip_of)
                        tip_xy = np.concatenate((tip_xy, tip_xy))
                    if tip_a:
                        tip_of[tips], tip_xy[tips, 0], tip_xy[tips, 1] = k, ax, ay
                        tips += 1
                    if tip_b:
                        tip_of[tips], tip_xy[tips, 0], tip_xy[tips, 1] = k, bx, by
                        tips += 1
                    goes_on = False
                elif held == 3:
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
    return Bare(who[:used], ends[:used], tip_of[:tips], tip_xy[:tips], touched)


@njit(cache=True, nogil=True)
def bulges(c: Chords, first: int, stop: int, follow: Int32s, bare: Bare) -> Bulges:
    """For each chord the convex chain from its start to its end around its tips."""
    order = np.argsort(bare.tip_chord)
    ptr = np.zeros(stop - first + 1, np.int64)
    xy = np.empty((len(order), 2))
    used, n = 0, 0
    for k in range(first, stop):
        p, q = c.xy[k], c.xy[follow[k - first]]
        begin = n
        while n < len(order) and bare.tip_chord[order[n]] == k:
            n += 1
        # Gift wrapping: from each point on to the one with all others on its left.
        at, done = p, n == begin
        for _ in range(n - begin):
            if done:
                break
            best, is_tip = q, False
            for m in range(begin, n):
                tip = bare.tip_xy[order[m]]
                way_x, way_y = best[0] - at[0], best[1] - at[1]
                turn = way_x * (tip[1] - at[1]) - way_y * (tip[0] - at[0])
                if turn < -LINE_M:
                    best, is_tip = tip, True
            if is_tip:
                xy[used], at = best, best
                used += 1
            else:
                done = True
        ptr[k - first + 1] = used
    return Bulges(ptr, xy[:used])


@njit(cache=True, nogil=True)
def _next(u: float, d: float, t: float) -> float:
    """Where on the way from u by d the next whole number after t comes; at least a hair on."""
    if d == 0.0:
        return 1.0
    now = u + t * d
    wanted = np.floor(now + 1e-9) + 1.0 if d > 0.0 else np.ceil(now - 1e-9) - 1.0
    return float(max((wanted - u) / d, t + 1e-12))


@njit(cache=True, nogil=True)
def _held(
    chord: Chord, k: int, stop: int, ax: float, ay: float, bx: float, by: float, touched: Bools
) -> tuple[int, int]:
    """Which ends (bits: 1 a, 2 b) of a line's part in the cell of chord ``k`` are inside, and the
    chord; -1 when there are two, with which only both ends may be inside."""
    cells, xy, follow, first = chord
    cell, held, only = cells[k], 0, k
    while k < stop and cells[k] == cell:
        then = follow[k - first]
        px, py = xy[k, 0], xy[k, 1]
        dx, dy = xy[then, 0] - px, xy[then, 1] - py
        least = -LEFT_M * np.sqrt(dx * dx + dy * dy)
        sides = (dx * (ay - py) - dy * (ax - px) >= least) + 2 * (
            dx * (by - py) - dy * (bx - px) >= least
        )
        touched[k - first] |= sides > 0
        if k != only:  # two corners apart: both ends must be in the same
            held = 3 if held == 3 or sides == 3 else 0
            only = -1
            break
        held = sides
        k += 1
    return held, only


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
