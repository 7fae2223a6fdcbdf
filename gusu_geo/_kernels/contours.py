"""From times along streets to the outline of what they reach: marching squares on the field of
the nearest street, with the border set where time, distance or sight ends between two pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from gusu_geo._kernels.fields import (
    TILE,
    Field,
    Floats,
    Grid,
    Int32s,
    Int64s,
    foot,
    meet,
)
from gusu_geo._kernels.stretches import Stretches, time_at

STREET_M = 3.0  # either side of its line one is on a street, and no step off it
LATE_CS = 5.0  # a border this much later than the cutoff, so that pieces end inside it
EDGE_SHARE = 1e-3  # of a cell: borders keep off the pixel centres, so rings never touch
OFF_M = 0.02  # and this far off barriers
FULL, NONE = 15, 0


class Chords(NamedTuple):
    """Borders within cells, one after the other, inside on the left: cutoff, cell, start and end:
    the grid edges it runs between; xy (n,2): where it starts. Cells by tile: rank (tiles,) of a
    tile, -1 none; case (cutoffs, ranks, TILE, TILE): which corners are inside."""

    cutoff: Int32s
    cell: Int64s
    start: Int64s
    end: Int64s
    xy: Floats
    rank: Int32s
    case: npt.NDArray[np.uint8]


# Corners are bits: 1 lower left, 2 lower right, 4 upper right, 8 upper left. Sides: 0 below,
# 1 right, 2 above, 3 left. Chords of each case as from, to; two corners apart stay apart.
_FROM = np.array([-1, 0, 1, 1, 2, 0, 2, 2, 3, 0, 1, 1, 3, 0, 3, -1])
_TO = np.array([-1, 3, 0, 3, 1, 3, 0, 3, 2, 2, 0, 2, 1, 1, 0, -1])


@njit(cache=True, nogil=True)
def tiles_near(s: Stretches, edge_box: Floats, grid: Grid, margin_m: float) -> Int64s:
    """Tiles within ``margin_m`` of the bounding boxes (E,4) of the reached edges, in order."""
    side = grid.cell_m * TILE
    c0, c1, r0, r1 = grid.columns, -1, grid.rows, -1
    for turn in range(2):
        if turn == 1:
            if c1 < c0 or r1 < r0:
                return np.zeros(0, np.int64)
            mark = np.zeros((r1 - r0 + 1, c1 - c0 + 1), np.bool_)
        for k in range(len(s.edge)):
            e = s.edge[k]
            a = max(int(np.floor((edge_box[e, 0] - margin_m - grid.x0) / side)), 0)
            b = min(int(np.floor((edge_box[e, 2] + margin_m - grid.x0) / side)), grid.columns - 1)
            c = max(int(np.floor((edge_box[e, 1] - margin_m - grid.y0) / side)), 0)
            d = min(int(np.floor((edge_box[e, 3] + margin_m - grid.y0) / side)), grid.rows - 1)
            if turn == 0:
                c0, c1, r0, r1 = min(c0, a), max(c1, b), min(r0, c), max(r1, d)
            else:
                mark[c - r0 : d - r0 + 1, a - c0 : b - c0 + 1] = True
    out = np.empty(mark.size, np.int64)
    used = 0
    for row in range(mark.shape[0]):
        for column in range(mark.shape[1]):
            if mark[row, column]:
                out[used] = (row + r0) * grid.columns + column + c0
                used += 1
    return out[:used]


@njit(cache=True, nogil=True)
def chords(field: Field, s: Stretches, tiles: Int64s, cutoffs_cs: Floats) -> Chords:
    """Borders of what is within ``reach_m`` of a street reached by each cutoff.

    ``tiles`` must hold every tile with a pixel that may be inside, and those left of and below
    them.
    """
    grid = field.grid
    wide = grid.columns * TILE
    rank = np.full(grid.columns * grid.rows, -1, np.int32)
    case = np.zeros((len(cutoffs_cs), len(tiles), TILE, TILE), np.uint8)
    size = 4096
    ints, xy = np.empty((4, size), np.int64), np.empty((size, 2))
    seg, time = np.empty((TILE + 1, TILE + 1), np.int32), np.empty((TILE + 1, TILE + 1))
    used = 0
    for n in range(len(tiles)):
        rank[tiles[n]] = n
        if not _times(field, s, tiles[n], cutoffs_cs.max() + LATE_CS, seg, time):
            continue
        column, row = tiles[n] % grid.columns * TILE, tiles[n] // grid.columns * TILE
        for c in range(len(cutoffs_cs)):
            limit = cutoffs_cs[c] + LATE_CS
            if used + 2 * TILE * TILE > size:
                size *= 2
                ints, xy = _wider(ints, size), _longer(xy, size)
            for j in range(TILE):
                for i in range(TILE):
                    kind = (
                        (time[j, i] <= limit)
                        + 2 * (time[j, i + 1] <= limit)
                        + 4 * (time[j + 1, i + 1] <= limit)
                        + 8 * (time[j + 1, i] <= limit)
                    )
                    case[c, n, j, i] = kind
                    if kind in (NONE, FULL):
                        continue
                    for turn in range(2 if kind == 5 or kind == 10 else 1):
                        start, end = _FROM[kind], _TO[kind]
                        if turn == 1:  # the other of two corners apart
                            start, end = (2, 1) if kind == 5 else (3, 2)
                        ints[0, used] = c
                        ints[1, used] = (row + j) * wide + column + i
                        ints[2, used] = _side(row + j, column + i, start, wide)
                        ints[3, used] = _side(row + j, column + i, end, wide)
                        xy[used, 0], xy[used, 1] = _border(
                            field, s, tiles[n], seg, time, i, j, start, limit
                        )
                        used += 1
    return Chords(
        ints[0, :used].astype(np.int32), ints[1, :used], ints[2, :used], ints[3, :used],
        xy[:used], rank, case,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _wider(array: Int64s, size: int) -> Int64s:
    bigger = np.empty((array.shape[0], size), np.int64)
    bigger[:, : array.shape[1]] = array
    return bigger


@njit(cache=True, nogil=True)
def _longer(array: Floats, size: int) -> Floats:
    bigger = np.empty((size, array.shape[1]))
    bigger[: len(array)] = array
    return bigger


@njit(cache=True, nogil=True)
def _times(field: Field, s: Stretches, tile: int, limit: float, seg: Int32s, time: Floats) -> bool:
    """Piece and time of every pixel of a tile and of the first row and column of its neighbours.
    False when none is within the limit."""
    some = False
    grid = field.grid
    column, row = tile % grid.columns, tile // grid.columns
    last, edge = -1, -1
    for dr in range(2):
        for dc in range(2):
            slot = -1
            if column + dc < grid.columns and row + dr < grid.rows:
                slot = field.slot[tile + dr * grid.columns + dc]
            for j in range(1 if dr else TILE):
                for i in range(1 if dc else TILE):
                    piece = field.seg[slot, j, i] if slot >= 0 else -1
                    cs = np.inf
                    if piece >= 0:
                        if piece != last:
                            last, edge = piece, field.streets.edge[piece]
                        if s.first[edge] >= 0:
                            cs = time_at(s, edge, 100.0 * np.float64(field.along_m[slot, j, i]))
                            cs += _off_cs(s, np.float64(field.apart_m[slot, j, i]))
                            some |= cs <= limit
                    seg[j + dr * TILE, i + dc * TILE] = piece
                    time[j + dr * TILE, i + dc * TILE] = cs
    return some


@njit(cache=True, nogil=True)
def _side(row: int, column: int, side: int, wide: int) -> int:
    """Number of a grid edge, the same from both cells that share it."""
    if side == 1:
        return 2 * (row * wide + column + 1) + 1
    if side == 2:
        return 2 * ((row + 1) * wide + column)
    return 2 * (row * wide + column) + (1 if side == 3 else 0)


@njit(cache=True, nogil=True)
def _border(
    field: Field, s: Stretches, tile: int, seg: Int32s, time: Floats,
    i: int, j: int, side: int, limit: float,
) -> tuple[float, float]:  # fmt: skip
    """Where the border crosses a side of cell (i, j): from the pixel inside to the one outside."""
    ai, aj = i + (side == 1), j + (side == 2)
    bi, bj = i + (side != 3), j + (side != 0)
    if side == 0 or side == 2:
        bj = aj
    else:
        bi = ai
    if time[aj, ai] > limit:
        ai, aj, bi, bj = bi, bj, ai, aj
    grid = field.grid
    ox = grid.x0 + (tile % grid.columns * TILE + 0.5) * grid.cell_m
    oy = grid.y0 + (tile // grid.columns * TILE + 0.5) * grid.cell_m
    ax, ay = ox + ai * grid.cell_m, oy + aj * grid.cell_m
    bx, by = ox + bi * grid.cell_m, oy + bj * grid.cell_m
    share = _share(
        field, s, tile, ax, ay, seg[aj, ai], time[aj, ai], bx, by, seg[bj, bi], time[bj, bi], limit
    )
    share = min(max(share, EDGE_SHARE), 1.0 - EDGE_SHARE)
    return ax + share * (bx - ax), ay + share * (by - ay)


@njit(cache=True, nogil=True)
def _share(
    field: Field, s: Stretches, tile: int,
    ax: float, ay: float, a: int, a_cs: float,
    bx: float, by: float, b: int, b_cs: float, limit: float,
) -> float:  # fmt: skip
    """How far from place a, which is inside, towards place b, which is not, the inside reaches.

    a, b: their nearest pieces in sight (b may have none). From a, its own street counts until
    the one of b is nearer or a barrier stands between; from there on the one of b.
    """
    late, far, apart_b = _seen(field, s, bx, by, a, limit)
    _, _, apart_a = _seen(field, s, ax, ay, a, limit)
    stop = min(_zero(limit - a_cs, late), _zero(field.reach_m - apart_a, far))
    if a == b:
        return stop
    turn = _barrier(field, tile, ax, ay, bx, by)
    if b < 0:
        return min(stop, turn) if turn >= 0.0 else (stop if stop < 1.0 else 0.5)
    _, b_far, b_apart_b = _seen(field, s, bx, by, b, limit)
    if turn < 0.0:
        _, _, b_apart_a = _seen(field, s, ax, ay, b, limit)
        here, there = b_apart_a - apart_a, apart_b - b_apart_b
        turn = here / (here + there) if here >= 0.0 and there >= 0.0 and here + there > 0 else 0.5
    if stop <= turn:
        return stop
    x_late, x_far, _ = _seen(field, s, ax + turn * (bx - ax), ay + turn * (by - ay), b, limit)
    if x_late < 0.0 or x_far < 0.0:
        return turn
    return turn + (1.0 - turn) * min(_zero(x_late, limit - b_cs), _zero(x_far, b_far))


@njit(cache=True, nogil=True)
def _seen(
    field: Field, s: Stretches, x: float, y: float, piece: int, limit: float
) -> tuple[float, float, float]:
    """A place as seen from a piece of street: time left, metres of reach left, metres away."""
    streets = field.streets
    share, square, metres = foot(x, y, streets.xy, piece)
    along_m = streets.along_m[piece] + share * metres * streets.scale[piece]
    apart_m = np.sqrt(square)
    cs = time_at(s, streets.edge[piece], 100.0 * along_m) + _off_cs(s, apart_m)
    return limit - cs, field.reach_m - apart_m, apart_m


@njit(cache=True, nogil=True)
def _off_cs(s: Stretches, apart_m: float) -> float:
    """Time off the street: none on it, in full from twice its half width on."""
    return s.off_cs * min(apart_m, 2.0 * max(apart_m - STREET_M, 0.0))


@njit(cache=True, nogil=True)
def _zero(here: float, there: float) -> float:
    """Where a value that runs from ``here`` to ``there`` drops below zero; 1 when it does not."""
    if there >= 0.0:
        return 1.0
    here = max(here, 0.0)
    return 0.5 if there == -np.inf else here / (here - there)


@njit(cache=True, nogil=True)
def _barrier(field: Field, tile: int, ax: float, ay: float, bx: float, by: float) -> float:
    """How far towards b one gets from a before a barrier; -1 when there is none."""
    best = 2.0
    xy = field.blocks.xy
    for n in range(field.block_in.ptr[tile], field.block_in.ptr[tile + 1]):
        p = field.block_in.item[n]
        if (
            max(xy[p, 0], xy[p, 2]) < min(ax, bx)
            or min(xy[p, 0], xy[p, 2]) > max(ax, bx)
            or max(xy[p, 1], xy[p, 3]) < min(ay, by)
            or min(xy[p, 1], xy[p, 3]) > max(ay, by)
        ):
            continue
        met = meet(ax, ay, bx, by, xy, p)
        if 0.0 <= met < best:
            best = met
    return max(best - OFF_M / field.grid.cell_m, 0.0) if best <= 1.0 else -1.0
