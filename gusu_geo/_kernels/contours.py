"""From times along streets to outlines: marching squares on the field of the nearest street, with
the border where time, reach or sight ends between two pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.borders import (
    CELL,
    CUTOFF,
    FROM,
    PIXEL,
    TO,
    Int16s,
    Pixels,
    Search,
    borders,
    step_off_cs,
)
from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.fields import (
    TILE,
    Field,
    Floats,
    Grid,
    Int32s,
    Int64s,
    corners,
    count,
)
from gusu_geo._kernels.search import Whole
from gusu_geo._kernels.stretches import (
    AHEAD,
    BACK,
    FROM_CM,
    FROM_CS,
    TO_CM,
    TO_CS,
    Stretches,
    time_on,
)

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
# 1 right, 2 above, 3 left. Chord of each case as from, to; two opposite corners stay separate: the
# second of them 16 places on.
_FROM = np.array(
    [-1, 0, 1, 1, 2, 0, 2, 2, 3, 0, 1, 1, 3, 0, 3, -1] + 5 * [-1] + [2] + 4 * [-1] + [3]
)
_TO = np.array([-1, 3, 0, 3, 1, 3, 0, 3, 2, 2, 0, 2, 1, 1, 0, -1] + 5 * [-1] + [1] + 4 * [-1] + [2])
# Of each side the corner that is not right of or above the other: its row, column and place.
_DOWN, _LEFT, _CORNER = np.array([0, 0, 1, 0]), np.array([0, 1, 0, 0]), np.array([0, 1, 3, 0])


def tiles_near(s: Stretches, edge_tiles: Int64s, grid: Grid) -> Int64s:
    """Tiles near the reached edges, in order; edge_tiles (E,4): ``tiles_of`` the box of each."""
    number = np.zeros(grid.columns * grid.rows, np.int64)
    count(edge_tiles.take(np.flatnonzero(s.first >= 0), axis=0), grid.columns, number)
    return np.flatnonzero(number)


def chords(field: Field, s: Stretches, tiles: Int64s, cutoffs_cs: Floats) -> Chords:
    """Borders of what is within ``reach_m`` of a street reached by each cutoff; cutoffs ascend.

    ``tiles`` must contain every tile with a pixel that may be inside, and the tiles to the left of
    and below these.
    """
    grid, streets, limits = field.grid, field.streets, cutoffs_cs + LATE_CS
    search = s.first, s.edge, s.value, s.off_cs
    known = np.full(len(s.first), len(limits), np.int16)
    _edges_known(search, limits, field.reach_m, known)
    rank = np.full(grid.columns * grid.rows, -1, np.int32)
    rank[tiles] = np.arange(len(tiles), dtype=np.int32)
    case = np.zeros((len(limits), len(tiles), TILE, TILE), np.uint8)
    number = np.zeros((len(tiles), len(limits)), np.int64)
    slots = _slots(field.slot, grid, tiles)
    pixels = field.seg, field.along_m, field.apart_m
    level = np.empty((TILE + 1, TILE + 1), np.int16)
    _corners(
        tiles, slots, pixels, (streets.edge, *field.street_in), search, (known, limits, level),
        (case, number),
    )  # fmt: skip
    ints = np.empty((5, int(number.sum())), np.int64)
    xy = np.empty((ints.shape[1], 2))
    _cells(tiles, grid.columns, case, number, ints)
    borders(
        (tiles, slots, corners(grid, tiles)), pixels,
        (streets.xy, streets.edge, streets.along_m, streets.scale, field.reach_m), search,
        (field.blocks.xy, *field.block_in, grid.cell_m), limits, ints, xy,
    )  # fmt: skip
    cutoff = ints[CUTOFF].astype(np.int32)
    return Chords(cutoff, ints[CELL], ints[FROM], ints[TO], xy, rank, case)


@njit(cache=True, nogil=True)
def _edges_known(search: Search, limits: Floats, reach_m: float, known: Int16s) -> None:
    """Set ``known`` (E,), ``len(limits)`` at first: the first limit that every pixel served by an
    edge is within, if none is within the limit before; ``len(limits)`` if all are beyond; UNKNOWN
    where pixels must be checked."""
    _, edge, value, off_cs = search
    soonest, latest = np.inf, -np.inf
    for k in range(len(edge)):
        from_cs, to_cs = value[k, FROM_CS], value[k, TO_CS]
        ahead, back = value[k, AHEAD], value[k, BACK]
        length = value[k, TO_CM] - value[k, FROM_CM]
        last = min(from_cs + length * ahead, to_cs + length * back)
        if from_cs < np.inf and to_cs < np.inf:  # walks from both ends meet before
            last = min(last, (from_cs * back + to_cs * ahead + length * ahead * back)
                       / (ahead + back))  # fmt: skip
        soonest, latest = min(soonest, from_cs, to_cs), max(latest, last)
        if k + 1 == len(edge) or edge[k + 1] != edge[k]:
            # Plus the longest leg, and a margin for the lower precision of fields.
            latest += off_cs * reach_m + SURE_CS
            first, then = 0, 0
            for limit in limits:
                first += 1 if limit < soonest - SURE_CS else 0
                then += 1 if limit < latest else 0
            known[edge[k]] = first if first == then else UNKNOWN
            soonest, latest = np.inf, -np.inf


def _slots(slot: Int32s, grid: Grid, tiles: Int64s) -> Int32s:
    """(n,4) slots of each tile and its right, upper and upper right neighbours; -1 for none."""
    right, above = tiles % grid.columns + 1 < grid.columns, tiles // grid.columns + 1 < grid.rows
    out = np.empty((len(tiles), 4), np.int32)
    everywhere = np.ones(len(tiles), np.bool_)
    for k, there in enumerate((everywhere, right, above, right & above)):
        near = np.where(there, tiles + k % 2 + k // 2 * grid.columns, 0)
        out[:, k] = np.where(there, slot[near], -1)
    return out


@njit(cache=True, nogil=True)
def _corners(
    tiles: Int64s, slots: Int32s, pixels: Pixels, streets: tuple[Int32s, Int64s, Int32s],
    search: Search, times: tuple[Int16s, Floats, Int16s],
    into: tuple[npt.NDArray[np.uint8], Int64s],
) -> None:  # fmt: skip
    """Fill ``into``: which corners of cells are inside, and the chords of each tile and cutoff.

    streets: edge of each piece, and those near each tile; times: known, limits, room for a tile.
    """
    edge, ptr, item = streets
    known, limits, level = times
    case, number = into
    none = len(limits)
    for n in range(len(tiles)):
        # What all pieces near a tile have in common needs no look at its pixels.
        first, last = ptr[tiles[n]], ptr[tiles[n] + 1]
        same = np.int64(known[edge[item[first]]]) if last > first else UNKNOWN
        for k in range(first, last):
            if known[edge[item[k]]] != same:
                same = UNKNOWN
                break
        if same == none or not _levels(
            slots[n], pixels, edge, search, (known, limits), same, level
        ):
            continue
        for c in range(none):
            here, some = case[c, n], 0
            for j in range(TILE):
                for i in range(TILE):  # without branches, so that it is vectorised
                    kind = (
                        np.uint8(level[j, i] <= c)
                        + np.uint8(level[j, i + 1] <= c) * np.uint8(2)
                        + np.uint8(level[j + 1, i + 1] <= c) * np.uint8(4)
                        + np.uint8(level[j + 1, i] <= c) * np.uint8(8)
                    )
                    here[j, i] = kind
                    some += (kind != NONE) & (kind != FULL)
                    some += (kind == 5) | (kind == 10)
            number[n, c] = some


@njit(cache=True, nogil=True)
def _levels(
    slots: Int32s, pixels: Pixels, edge: Int32s, search: Search, times: tuple[Int16s, Floats],
    same: Whole, level: Int16s,
) -> bool:  # fmt: skip
    """Write to ``level`` the first limit that each pixel is within, ``len(limits)`` for none, for
    a tile and the first row and column of its neighbours. False if it is none for all pixels.

    times: known, by edge, and limits; same: shared by all pieces near the tile.
    """
    seg, along_m, apart_m = pixels
    first, stretch_edge, value, off_cs = search
    known, limits = times
    none = np.int16(len(limits))
    least = none
    for row in range(2 * TILE + 2):  # of the tile, and what the next one to the right adds to it
        j, right = row >> 1, row & 1
        slot, dj, many = slots[right + 2 * (j // TILE)], j % TILE, 1 if right else TILE
        if same != UNKNOWN and slot >= 0:  # without branches, so that it is vectorised
            for i in range(many):
                at = np.int16(same) if seg[slot, dj, i] >= 0 else none
                level[j, i + right * TILE] = at
                least = min(least, at)
            continue
        for i in range(many):
            piece = seg[slot, dj, i] if slot >= 0 else -1
            at = known[edge[piece]] if piece >= 0 else none
            if at == UNKNOWN:
                cm = 100.0 * np.float64(along_m[slot, dj, i])
                cs = time_on(first[edge[piece]], stretch_edge, value, cm)
                cs += step_off_cs(off_cs, np.float64(apart_m[slot, dj, i]))
                at = np.int16(0)
                while at < none and cs > limits[at]:
                    at += np.int16(1)
            least = min(least, at)
            level[j, i + right * TILE] = at
    return bool(least < none)


@njit(cache=True, nogil=True)
def _cells(
    tiles: Int64s, columns: int, case: npt.NDArray[np.uint8], number: Int64s, ints: Int64s
) -> None:
    """Fill ``ints`` (5,n), as ``CUTOFF`` to ``PIXEL`` say. number: chords of each tile and
    cutoff."""
    wide = columns * TILE
    used = 0
    for n in range(len(tiles)):
        low = tiles[n] // columns * TILE * wide + tiles[n] % columns * TILE
        for c in range(len(case)):
            if number[n, c] == 0:
                continue
            for j in range(TILE):
                for i in range(TILE):
                    kind = np.int64(case[c, n, j, i])
                    if kind in (NONE, FULL):
                        continue
                    cell = low + j * wide + i
                    for turn in range(2 if kind == 5 or kind == 10 else 1):
                        start, end = _FROM[kind + 16 * turn], _TO[kind + 16 * turn]
                        one = (j + _DOWN[start]) << 6 | (i + _LEFT[start])
                        ints[CUTOFF, used], ints[CELL, used] = c, cell
                        ints[FROM, used] = _edge(cell, start, wide)
                        ints[TO, used] = _edge(cell, end, wide)
                        ints[PIXEL, used] = n << 13 | one << 1 | (kind >> _CORNER[start] & 1)
                        used += 1


@njit(cache=True, nogil=True)
def _edge(cell: int, side: int, wide: int) -> int:
    """Number of a grid edge, the same from both cells that share it."""
    number: int = 2 * (cell + _DOWN[side] * wide + _LEFT[side]) + (side & 1)
    return number
