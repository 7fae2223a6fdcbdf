"""Parts of lines outside the rings: ends just beyond a chord make it bulge, the rest is bare."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.contours import FULL, NONE, Chords
from gusu_geo._kernels.fields import TILE, Floats, Grid, Int32s, Int64s

Bools = npt.NDArray[np.bool_]
LINE_M = 1e-7  # a point this close to the line between its neighbours is dropped
LEFT_M = 1e-6  # tolerance: points on the border are inside
Chord = tuple[Int64s, Floats, Int32s, int]  # cell, xy, follow, first


class Bulges(NamedTuple):
    """Points to insert into chords, in order: ptr (chords + 1,), xy."""

    ptr: Int64s
    xy: Floats


class Bare(NamedTuple):
    """Parts of lines outside the chords: line (n,), ends (n,4). Tips, which are ends of lines just
    beyond a chord, within its cell: tip_chord (m,), tip_xy (m,2). touched: chords with part of a
    line on their inside."""

    line: Int64s
    ends: Floats
    tip_chord: Int64s
    tip_xy: Floats
    touched: Bools


@njit(cache=True, nogil=True)
def uncovered(
    c: Chords, first: int, stop: int, follow: Int32s, grid: Grid, ptr: Int64s, xy: Floats
) -> Bare:
    """Parts of lines (ptr (L+1,), xy (V,2)) that lie outside the rings of chords first..stop.

    An end of a line in a cell just beyond its only chord is returned as a tip instead.
    """
    table = cell_table(c.cell, first, stop)
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
                    place = find_cell(table, chord[0], j * (columns * TILE) + i)
                    held, k = _held(chord, place, stop, ax, ay, bx, by, touched)
                # Bare ends on the border of the cell do not count as tips.
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
        # Gift wrapping: the next point is the one with all others on its left.
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
    """Least share s > t at which u + s * d is a whole number; 1 if d is 0."""
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
    chord; -1 in a cell with two chords, where either both ends or none count as inside."""
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
        if k != only:  # two opposite corners: both ends must be in the same one
            held = 3 if held == 3 or sides == 3 else 0
            only = -1
            break
        held = sides
        k += 1
    return held, only


@njit(cache=True, nogil=True)
def cell_table(keys: Int64s, first: int, stop: int) -> Int32s:
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
def find_cell(table: Int32s, keys: Int64s, key: int) -> int:
    """Position of the key, -1 if missing."""
    place = _hash(key, len(table))
    while table[place] >= 0 and keys[table[place]] != key:
        place = (place + 1) & (len(table) - 1)
    return int(table[place])
