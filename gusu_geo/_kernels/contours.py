"""From times along streets to outlines: marching squares on the field of the nearest street, with
the border where time, reach or sight ends between two pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.borders import Int16s, Pixels, Search, Slots, borders, step_off_cs
from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.fields import (
    TILE,
    Field,
    Floats,
    Grid,
    Int32s,
    Int64s,
)
from gusu_geo._kernels.search import START
from gusu_geo._kernels.stretches import Stretches, time_on

LATE_CS = 5.0  # borders are drawn this much beyond the cutoff, so that pieces end inside
FULL, NONE = 15, 0
SURE_CS = 100.0  # margin to a limit from which on an edge needs no check of its pixels
UNKNOWN = -1


class Chords(NamedTuple):
    """Chords (n,): borders within cells, inside on their left. cutoff; cell; start and end: the
    grid edges that a chord connects; xy (n,2): its start point. rank (tiles,): position of each
    tile in ``case``, -1 none; case (cutoffs, ranks, TILE, TILE): which corners are inside."""

    cutoff: Int32s
    cell: Int64s
    start: Int64s
    end: Int64s
    xy: Floats
    rank: Int32s
    case: npt.NDArray[np.uint8]


# Corners are bits: 1 lower left, 2 lower right, 4 upper right, 8 upper left. Sides: 0 below,
# 1 right, 2 above, 3 left. Chord of each case as from, to; two opposite corners stay separate.
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
    """Borders of what is within ``reach_m`` of a street reached by each cutoff; cutoffs ascend.

    ``tiles`` must contain every tile with a pixel that may be inside, and the tiles to the left of
    and below these.
    """
    grid, streets, blocks, block_in = field.grid, field.streets, field.blocks, field.block_in
    street_in, count, limits = field.street_in, len(cutoffs_cs), cutoffs_cs + LATE_CS
    lines = (streets.xy, streets.edge, streets.along_m, streets.scale, field.reach_m)
    search = (s.first, s.edge, s.value, s.off_cs)
    known = _edges_known(s, limits, field.reach_m)
    rank = np.full(grid.columns * grid.rows, -1, np.int32)
    case = np.zeros((count, len(tiles), TILE, TILE), np.uint8)
    size = 8192
    ints, xy = np.empty((4, size), np.int64), np.empty((size, 2))
    level = np.empty((TILE + 1, TILE + 1), np.int16)
    used = START
    for n in range(len(tiles)):
        tile = tiles[n]
        rank[tile] = n
        around = street_in.item[street_in.ptr[tile] : street_in.ptr[tile + 1]]
        same = _same(around, streets.edge, known)
        if same == count:
            continue
        pixels = (field.seg, field.along_m, field.apart_m, _slots(field.slot, grid, tile))
        if not _levels(pixels, streets.edge, search, known, same, limits, level):
            continue
        near = block_in.item[block_in.ptr[tile] : block_in.ptr[tile + 1]]
        walls = (blocks.xy, near, grid.cell_m)
        for c in range(count):
            if not _cases(level, c, case[c, n]):
                continue
            if used + 2 * TILE * TILE > size:
                size *= 2
                ints, xy = _wider(ints, size), _longer(xy, size)
            first = used
            used = _cells(case[c, n], c, tile, grid.columns, ints, used)
            borders(grid, tile, pixels, lines, search, walls, level, limits, ints, xy, first, used)
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
def _edges_known(s: Stretches, limits: Floats, reach_m: float) -> Int16s:
    """(E,) the first limit that every pixel served by an edge is within, if none is within the
    limit before; ``len(limits)`` if all are beyond; UNKNOWN where pixels must be checked."""
    known = np.full(len(s.first), len(limits), np.int16)
    soonest, latest = np.inf, -np.inf
    for k in range(len(s.edge)):
        low, high, from_cs, to_cs, ahead, back = s.value[k]
        length = high - low
        last = min(from_cs + length * ahead, to_cs + length * back)
        if from_cs < np.inf and to_cs < np.inf:  # walks from both ends meet before
            last = min(last, (from_cs * back + to_cs * ahead + length * ahead * back)
                       / (ahead + back))  # fmt: skip
        soonest, latest = min(soonest, from_cs, to_cs), max(latest, last)
        if k + 1 == len(s.edge) or s.edge[k + 1] != s.edge[k]:
            # Plus the longest leg, and a margin for the lower precision of fields.
            latest += s.off_cs * reach_m + SURE_CS
            first = np.searchsorted(limits, soonest - SURE_CS)
            known[s.edge[k]] = first if first == np.searchsorted(limits, latest) else UNKNOWN
            soonest, latest = np.inf, -np.inf
    return known


@njit(cache=True, nogil=True)
def _slots(slot: Int32s, grid: Grid, tile: int) -> Slots:
    """Slots of a tile and of its right, upper and upper right neighbours; -1 for none."""
    right, above = tile % grid.columns + 1 < grid.columns, tile // grid.columns + 1 < grid.rows
    none = np.int32(-1)
    return (
        slot[tile],
        slot[tile + 1] if right else none,
        slot[tile + grid.columns] if above else none,
        slot[tile + grid.columns + 1] if right and above else none,
    )


@njit(cache=True, nogil=True)
def _same(around: Int32s, edge: Int32s, known: Int16s) -> int:
    """The value of ``known`` shared by all pieces near a tile, else UNKNOWN."""
    same = int(known[edge[around[0]]]) if len(around) > 0 else UNKNOWN
    for piece in around:
        if known[edge[piece]] != same:
            same = UNKNOWN
            break
    return same


@njit(cache=True, nogil=True)
def _levels(
    pixels: Pixels, edge: Int32s, search: Search, known: Int16s, same: int, limits: Floats,
    level: Int16s,
) -> bool:  # fmt: skip
    """Write to ``level`` the first limit that each pixel is within, ``len(limits)`` for none, for
    a tile and the first row and column of its neighbours. False if it is none for all pixels.

    known: by edge; same: shared by all pieces near the tile.
    """
    seg, along_m, apart_m, slots = pixels
    first, stretch_edge, value, off_cs = search
    none = np.int16(len(limits))
    least = none
    for part in range(4):
        slot, dr, dc = slots[part], part // 2, part % 2
        for j in range(1 if dr else TILE):
            if same != UNKNOWN and slot >= 0:
                for i in range(1 if dc else TILE):
                    at = np.int16(same) if seg[slot, j, i] >= 0 else none
                    level[j + dr * TILE, i + dc * TILE] = at
                    least = min(least, at)
                continue
            for i in range(1 if dc else TILE):
                piece = seg[slot, j, i] if slot >= 0 else -1
                at = known[edge[piece]] if piece >= 0 else none
                if at == UNKNOWN:
                    cm = 100.0 * np.float64(along_m[slot, j, i])
                    cs = time_on(first[edge[piece]], stretch_edge, value, cm)
                    cs += step_off_cs(off_cs, np.float64(apart_m[slot, j, i]))
                    at = np.int16(0)
                    while at < none and cs > limits[at]:
                        at += np.int16(1)
                least = min(least, at)
                level[j + dr * TILE, i + dc * TILE] = at
    return bool(least < none)


@njit(cache=True, nogil=True)
def _cases(level: Int16s, cutoff: int, case: npt.NDArray[np.uint8]) -> bool:
    """Write which corners of a tile's cells are inside. False if the same for all cells."""
    every, some = np.uint8(FULL), np.uint8(NONE)
    for j in range(TILE):
        for i in range(TILE):
            kind = np.uint8(
                (level[j, i] <= cutoff)
                | (level[j, i + 1] <= cutoff) << 1
                | (level[j + 1, i + 1] <= cutoff) << 2
                | (level[j + 1, i] <= cutoff) << 3
            )
            case[j, i] = kind
            every &= kind
            some |= kind
    return bool(every != some)


@njit(cache=True, nogil=True)
def _cells(
    case: npt.NDArray[np.uint8], cutoff: int, tile: int, columns: int, ints: Int64s, used: int
) -> int:
    """Writes cutoff, cell, start and end of the chords of a tile; returns the new count."""
    wide = columns * TILE
    column, row = tile % columns * TILE, tile // columns * TILE
    for j in range(TILE):
        for i in range(TILE):
            kind = case[j, i]
            if kind in (NONE, FULL):
                continue
            for turn in range(2 if kind == 5 or kind == 10 else 1):
                start, end = _FROM[kind], _TO[kind]
                if turn == 1:  # the other of two opposite corners
                    start, end = (2, 1) if kind == 5 else (3, 2)
                ints[0, used] = cutoff
                ints[1, used] = (row + j) * wide + column + i
                ints[2, used] = _side(row + j, column + i, start, wide)
                ints[3, used] = _side(row + j, column + i, end, wide)
                used += 1
    return used


@njit(cache=True, nogil=True)
def _side(row: int, column: int, side: int, wide: int) -> int:
    """Number of a grid edge, the same from both cells that share it."""
    if side == 1:
        return 2 * (row * wide + column + 1) + 1
    if side == 2:
        return 2 * ((row + 1) * wide + column)
    return 2 * (row * wide + column) + (1 if side == 3 else 0)
