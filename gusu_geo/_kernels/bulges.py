"""Parts of lines outside the rings: ends just beyond a chord make it bulge, the rest is bare."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import inner, njit
from gusu_geo._kernels.contours import FULL, NONE, Chords
from gusu_geo._kernels.fields import TILE, Floats, Grid, Int32s, Int64s
from gusu_geo._kernels.search import START, Whole

Bools = npt.NDArray[np.bool_]
LINE_M = 1e-7  # a point this close to the line between its neighbours is dropped
LEFT_M = 1e-6  # tolerance: points on the border are inside
HASH = 0x9E3779B97F4A7C1
NOWHERE: Whole = -1
Chord = tuple[Int64s, Floats, Int32s, Bools]  # cell, xy, follow, touched


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


def uncovered(
    c: Chords, first: int, stop: int, follow: Int32s, grid: Grid, ptr: Int64s, xy: Floats
) -> Bare:
    """Parts of lines (ptr (L+1,), xy (V,2)) that lie outside the rings of chords first..stop.

    An end of a line in a cell just beyond its only chord is returned as a tip instead.
    """
    touched = np.zeros(stop - first, np.bool_)
    cells = c.case[c.cutoff[first]] if stop > first else c.case[0, :0]
    pixels = c.rank if stop > first else np.full_like(c.rank, -1), cells
    chord = c.cell[first:stop], c.xy[first:stop], follow - np.int32(first), touched
    table = cell_table(chord[0], chord[0][:0], follow[:0])
    where = grid.x0 + 0.5 * grid.cell_m, grid.y0 + 0.5 * grid.cell_m, grid.cell_m, grid.columns
    many = len(ptr) + 63
    while True:
        bare = (
            np.empty(many, np.int64),
            np.empty((many, 4)),
            np.empty(many, np.int64),
            np.empty((many, 2)),
        )
        used, tips = _uncovered(ptr, xy, where, pixels, chord, table, bare)
        if max(used, tips) <= many:
            who, ends, tip_of, tip_xy = bare
            return Bare(who[:used], ends[:used], tip_of[:tips] + first, tip_xy[:tips], touched)
        many = max(used, tips)


@njit(cache=True, nogil=True)
def _uncovered(
    ptr: Int64s, xy: Floats, where: tuple[float, float, float, int],
    pixels: tuple[Int32s, npt.NDArray[np.uint8]], chord: Chord, table: Int32s,
    into: tuple[Int64s, Floats, Int64s, Floats],
) -> tuple[int, int]:  # fmt: skip
    """Fill ``into`` as far as there is room: line, ends, chord and place of each tip; returns the
    number of parts and of tips. where: the first pixel centre, side of a cell, tiles in a row."""
    x0, y0, cell_m, columns = where
    rank, case = pixels
    who, ends, tip_of, tip_xy = into
    rows = len(rank) // columns
    used, tips = 0, START
    for line in range(len(ptr) - 1):
        for v in range(ptr[line], ptr[line + 1] - 1):
            ux, uy = (xy[v, 0] - x0) / cell_m, (xy[v, 1] - y0) / cell_m
            dx, dy = (xy[v + 1, 0] - x0) / cell_m - ux, (xy[v + 1, 1] - y0) / cell_m - uy
            t, goes_on = 0.0, False
            while t < 1.0 or v == ptr[line]:
                after = min(_next(ux, dx, t), _next(uy, dy, t), 1.0)
                middle = (t + after) / 2.0
                i, j = int(np.floor(ux + middle * dx)), int(np.floor(uy + middle * dy))
                ax, ay = xy[v, 0] + t * dx * cell_m, xy[v, 1] + t * dy * cell_m
                bx, by = xy[v, 0] + after * dx * cell_m, xy[v, 1] + after * dy * cell_m
                held, k, kind = 0, NOWHERE, NONE
                column, row = i // TILE, j // TILE
                if 0 <= column < columns and 0 <= row < rows:
                    n = rank[row * columns + column]
                    kind = case[n, j % TILE, i % TILE] if n >= 0 else NONE
                if kind == FULL:
                    held = 3
                elif kind != NONE:
                    place = find_cell(table, chord[0], j * (columns * TILE) + i)
                    held, k = _held(chord, place, ax, ay, bx, by)
                # Bare ends on the border of the cell do not count as tips.
                tip_a, tip_b = held & 1 == 0 and t == 0.0, held & 2 == 0 and after >= 1.0
                if k >= 0 and (held & 1 or tip_a) and (held & 2 or tip_b):
                    if tip_a:
                        tips = _tip(tip_of, tip_xy, tips, k, ax, ay)
                    if tip_b:
                        tips = _tip(tip_of, tip_xy, tips, k, bx, by)
                    goes_on = False
                elif held == 3:
                    goes_on = False
                else:
                    used += 0 if goes_on else 1
                    if used <= len(who):
                        if not goes_on:
                            who[used - 1], ends[used - 1, 0], ends[used - 1, 1] = line, ax, ay
                        ends[used - 1, 2], ends[used - 1, 3] = bx, by
                    goes_on = True
                if after >= 1.0:
                    break
                t = after
    return used, tips


@inner
def _tip(tip_of: Int64s, tip_xy: Floats, tips: int, k: Whole, x: float, y: float) -> int:
    """Keep a tip of chord k if there is room for it; returns the number of tips."""
    if tips < len(tip_of):
        tip_of[tips], tip_xy[tips, 0], tip_xy[tips, 1] = k, x, y
    return tips + 1


def bulges(c: Chords, first: int, stop: int, follow: Int32s, bare: Bare) -> Bulges:
    """For each chord the convex chain from its start to its end around its tips."""
    order = np.argsort(bare.tip_chord, kind="stable")
    tips, tip_xy = bare.tip_chord[order], bare.tip_xy[order]
    # The tips of each chord stand between two marks.
    ptr = np.searchsorted(tips, np.arange(first, stop + 1))
    points, xy = np.zeros(stop - first + 1, np.int64), np.empty((len(order), 2))
    used = _bulges(c.xy[first:stop], follow - np.int32(first), ptr, tip_xy, points, xy)
    return Bulges(points, xy[:used])


@njit(cache=True, nogil=True)
def _bulges(
    start: Floats, follow: Int32s, tip_ptr: Int64s, tip: Floats, ptr: Int64s, xy: Floats
) -> int:
    """Fill ``ptr`` and ``xy``, as in ``Bulges``; returns the number of points."""
    used = 0
    for k in range(len(start)):
        at_x, at_y = start[k, 0], start[k, 1]
        begin, end = tip_ptr[k], tip_ptr[k + 1]
        # Gift wrapping: the next point is the one with all others on its left.
        for _ in range(end - begin):
            best = -1
            way_x, way_y = start[follow[k], 0] - at_x, start[follow[k], 1] - at_y
            for m in range(begin, end):
                if way_x * (tip[m, 1] - at_y) - way_y * (tip[m, 0] - at_x) < -LINE_M:
                    best, way_x, way_y = m, tip[m, 0] - at_x, tip[m, 1] - at_y
            if best < 0:
                break
            at_x, at_y = tip[best, 0], tip[best, 1]
            xy[used, 0], xy[used, 1] = at_x, at_y
            used += 1
        ptr[k + 1] = used
    return used


@inner
def _next(u: float, d: float, t: float) -> float:
    """Least share s > t at which u + s * d is a whole number; 1 if d is 0."""
    if d == 0.0:
        return 1.0
    now = u + t * d
    wanted = np.floor(now + 1e-9) + 1.0 if d > 0.0 else np.ceil(now - 1e-9) - 1.0
    return float(max((wanted - u) / d, t + 1e-12))


@inner
def _held(chord: Chord, k: Whole, ax: float, ay: float, bx: float, by: float) -> tuple[int, Whole]:
    """Which ends (bits: 1 a, 2 b) of a line's part in the cell of chord ``k`` are inside, and the
    chord; -1 in a cell with two chords, where either both ends or none count as inside."""
    cells, xy, follow, touched = chord
    cell, held, only = cells[k], 0, k
    while k < len(cells) and cells[k] == cell:
        then = follow[k]
        px, py = xy[k, 0], xy[k, 1]
        dx, dy = xy[then, 0] - px, xy[then, 1] - py
        least = -LEFT_M * np.sqrt(dx * dx + dy * dy)
        sides = (dx * (ay - py) - dy * (ax - px) >= least) + 2 * (
            dx * (by - py) - dy * (bx - px) >= least
        )
        touched[k] |= sides > 0
        if k != only:  # two opposite corners: both ends must be in the same one
            held = 3 if held == 3 or sides == 3 else 0
            only = -1
            break
        held = sides
        k += 1
    return held, only


def cell_table(keys: Int64s, asked: Int64s, found: Int32s) -> Int32s:
    """Open-addressed table of positions by key; the first of equal keys wins. Fills ``found`` with
    the positions of the keys ``asked``."""
    table = np.full(1 << max(2 * len(keys) - 1, 15).bit_length(), -1, np.int32)
    _table(keys, table, asked, found)
    return table


@njit(cache=True, nogil=True)
def _table(keys: Int64s, table: Int32s, asked: Int64s, found: Int32s) -> None:
    """Fill a table of -1, longer than the keys by a power of two, and ask it."""
    for k in range(len(keys)):
        place = ((keys[k] * HASH) >> 17) & (len(table) - 1)
        while table[place] >= 0 and keys[table[place]] != keys[k]:
            place = (place + 1) & (len(table) - 1)
        if table[place] < 0:
            table[place] = k
    for k in range(len(asked)):
        found[k] = find_cell(table, keys, asked[k])


@inner
def find_cell(table: Int32s, keys: Int64s, key: int) -> Whole:
    """Position of the key, -1 if missing."""
    place = ((key * HASH) >> 17) & (len(table) - 1)
    while table[place] >= 0 and keys[table[place]] != key:
        place = (place + 1) & (len(table) - 1)
    return np.int64(table[place])
