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
    NO_ITEM,
    TILE,
    Field,
    Floats,
    Grid,
    Int32s,
    Int64s,
    corners,
    file_boxes,
)
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
ALL_FULL = np.uint64(0x0F0F0F0F0F0F0F0F)
SURE_CS = 100.0  # margin to a limit from which on an edge needs no check of its pixels
UNKNOWN = -1
AT_ONCE = 256  # tiles: their pixels stay in the cache


Cases = npt.NDArray[np.uint8]


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
    case: Cases


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
    reached = edge_tiles.take(np.flatnonzero(s.first >= 0), axis=0)
    file_boxes(reached, grid.columns, number, NO_ITEM)
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
    slots = _slots(field.slot, grid, tiles)
    pixels = field.seg, field.along_m, field.apart_m
    level = np.empty((min(len(tiles), AT_ONCE), TILE + 1, TILE + 1), np.int16)
    parts = [np.empty((5, 0), np.int64)]
    for first in range(0, len(tiles), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        here = level[: len(tiles[part])]
        _levels(
            tiles[part], slots[part], pixels, (streets.edge, *field.street_in), search,
            (known, limits), here,
        )  # fmt: skip
        _corners(here, case[:, part])
        parts.append(_cells(case[:, part], tiles[part], first, grid.columns))
    ints = np.concatenate(parts, axis=1)
    xy = np.empty((ints.shape[1], 2))
    borders(
        (tiles, slots, corners(grid, tiles)), pixels,
        (streets.xy, streets.edge, streets.along_m, streets.scale, field.reach_m), search,
        (field.blocks.xy, *field.block_in, grid.cell_m), limits, ints, xy,
    )  # fmt: skip
    cutoff = ints[CUTOFF].astype(np.int32)
    return Chords(cutoff, ints[CELL], ints[FROM], ints[TO], xy, rank, case)


def _edges_known(search: Search, limits: Floats, reach_m: float, known: Int16s) -> None:
    """Set ``known`` (E,), ``len(limits)`` at first: the first limit that every pixel served by an
    edge is within, if none is within the limit before; ``len(limits)`` if all are beyond; UNKNOWN
    where pixels must be checked."""
    _, edge, value, off_cs = search
    if len(edge) == 0:
        return
    from_cs, to_cs = value[:, FROM_CS], value[:, TO_CS]
    ahead, back = value[:, AHEAD], value[:, BACK]
    length = value[:, TO_CM] - value[:, FROM_CM]
    last = np.minimum(from_cs + length * ahead, to_cs + length * back)
    met = (from_cs < np.inf) & (to_cs < np.inf)  # walks from both ends meet before
    fore, aft, way = ahead[met], back[met], length[met]
    meeting = (from_cs[met] * aft + to_cs[met] * fore + way * fore * aft) / (fore + aft)
    last[met] = np.minimum(last[met], meeting)
    begin = np.flatnonzero(np.append(True, edge[1:] != edge[:-1]))
    soonest = np.minimum.reduceat(np.minimum(from_cs, to_cs), begin)
    # Plus the longest leg, and a margin for the lower precision of fields.
    latest = np.maximum.reduceat(last, begin) + (off_cs * reach_m + SURE_CS)
    first, then = ((limits < bound[:, None]).sum(axis=1) for bound in (soonest - SURE_CS, latest))
    known[edge[begin]] = np.where(first == then, first, UNKNOWN)


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
def _levels(
    tiles: Int64s, slots: Int32s, pixels: Pixels, streets: tuple[Int32s, Int64s, Int32s],
    search: Search, times: tuple[Int16s, Floats], level: Int16s,
) -> None:  # fmt: skip
    """Write to ``level`` (n,TILE+1,TILE+1) the first limit that each pixel is within,
    ``len(limits)`` for none, for each tile and the first row and column of its neighbours.

    streets: edge of each piece, and those near each tile; times: known, by edge, and limits.
    """
    seg, along_m, apart_m = pixels
    edge, ptr, item = streets
    first, stretch_edge, value, off_cs = search
    known, limits = times
    none = np.int16(len(limits))
    for n in range(len(tiles)):
        # What all pieces near a tile have in common needs no look at its pixels.
        begin, end = ptr[tiles[n]], ptr[tiles[n] + 1]
        same = np.int64(known[edge[item[begin]]]) if end > begin else UNKNOWN
        for k in range(begin, end):
            if known[edge[item[k]]] != same:
                same = UNKNOWN
                break
        for row in range(2 * TILE + 2):  # of the tile, and what the one to the right adds to it
            j, right = row >> 1, row & 1
            slot, dj, many = slots[n, right + 2 * (j // TILE)], j % TILE, 1 if right else TILE
            if same != UNKNOWN and slot >= 0:  # without branches, so that it is vectorised
                for i in range(many):
                    at = np.int16(same) if seg[slot, dj, i] >= 0 else none
                    level[n, j, i + right * TILE] = at
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
                level[n, j, i + right * TILE] = at


def _corners(level: Int16s, case: Cases) -> None:
    """Fill ``case`` (cutoffs,n,TILE,TILE): which corners of cells are inside; see ``_levels``."""
    kind = np.empty(level.shape, np.uint8)
    wide = TILE + 1
    for c in range(len(case)):
        # In one row, which is much faster; what comes of the last row and column is left out.
        inside, out = (level <= c).view(np.uint8).ravel(), kind.ravel()[: -wide - 1]
        np.left_shift(inside[wide:-1], 1, out=out)
        out |= inside[wide + 1 :]
        out <<= 1
        out |= inside[1:-wide]
        out <<= 1
        out |= inside[: -wide - 1]
        case[c] = kind[:, :TILE, :TILE]


def _cells(case: Cases, tiles: Int64s, first: int, columns: int) -> Int64s:
    """(5,n) chords of tiles number ``first`` on, as ``CUTOFF`` to ``PIXEL`` say: tile by tile,
    cutoff by cutoff."""
    every = case.swapaxes(0, 1).ravel()
    eight = every.view(np.uint64)  # cells at once: few are neither all NONE nor all FULL
    some = np.flatnonzero((eight != 0) & (eight != ALL_FULL))
    near = every.reshape(-1, 8)[some]
    row, column = np.nonzero((near != NONE) & (near != FULL))
    at, kind = 8 * some[row] + column, near[row, column].astype(np.int64)
    twice = (kind == 5) | (kind == 10)
    if twice.any():
        again = np.repeat(np.arange(len(at)), 1 + twice)
        at, kind = at[again], kind[again]
        kind[1:] += 16 * (again[1:] == again[:-1])
    start, end = _FROM[kind], _TO[kind]
    j, i = at // TILE % TILE, at % TILE
    n, c = np.divmod(at // (TILE * TILE), len(case))
    wide = columns * TILE
    low = tiles // columns * TILE * wide + tiles % columns * TILE
    cell = low[n] + j * wide + i
    one = (j + _DOWN[start]) << 6 | (i + _LEFT[start])
    out = np.empty((5, len(cell)), np.int64)
    out[CUTOFF], out[CELL] = c, cell
    out[FROM], out[TO] = _edge(cell, start, wide), _edge(cell, end, wide)
    out[PIXEL] = (first + n) << 13 | one << 1 | (kind >> _CORNER[start] & 1)
    return out


def _edge(cell: Int64s, side: Int64s, wide: int) -> Int64s:
    """Number of a grid edge, the same from both cells that share it."""
    return np.asarray(2 * (cell + _DOWN[side] * wide + _LEFT[side]) + (side & 1))
