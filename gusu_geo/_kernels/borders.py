"""Position of the outline between two pixels: where time, reach or sight ends on the line from
the pixel inside to the pixel outside.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import inner, njit
from gusu_geo._kernels.fields import TILE, Float32s, Floats, Int32s, Int64s, foot, meet
from gusu_geo._kernels.search import Whole
from gusu_geo._kernels.stretches import time_on

STREET_M = 3.0  # half width of a street: within it, time off the street is reduced
EDGE_SHARE = 1e-3  # of a cell: least distance of borders to pixel centres, so rings never touch
OFF_M = 0.02  # least distance of borders to barriers

Int16s = npt.NDArray[np.int16]
# Parts of fields and searches as plain tuples of arrays: passing whole fields between functions
# for every border costs more than the computation, and compiling them too.
Pixels = tuple[Int32s, Float32s, Float32s]  # seg, along_m, apart_m
Lines = tuple[Floats, Int32s, Floats, Floats, float]  # xy, edge, along_m, scale; reach_m
Search = tuple[Int32s, Int32s, Floats, float]  # of Stretches: first, edge, value, off_cs
Walls = tuple[Floats, Int64s, Int32s, float]  # xy of barriers, those of each tile; side of a cell
Tiles = tuple[Int64s, Int32s, Floats]  # numbers, slots (see contours), first pixel centres
# What is known of a chord: position of its cutoff; cell; the grid edges where it starts and ends;
# and where its start lies: tile << 13 | row << 7 | column << 1 of the pixel that is left of or
# below the other, and 1 if that is the one inside.
CUTOFF, CELL, FROM, TO, PIXEL = range(5)


@njit(cache=True, nogil=True)
def borders(
    tiles: Tiles, pixels: Pixels, lines: Lines, search: Search, walls: Walls,
    limits: Floats, ints: Int64s, xy: Floats,
) -> None:  # fmt: skip
    """Write to ``xy`` where the chords ``ints`` start: on their grid edge, between pixel a
    (inside) and pixel b (outside).

    From a on, the nearest street in sight of a counts, until that of b is nearer or a barrier lies
    between; from there on that of b, if there is one.
    """
    numbers, slots, corner = tiles
    seg, cell_m = pixels[0], walls[3]
    street_xy, reach_m = lines[0], lines[4]
    for k in range(len(xy)):
        n, limit = ints[PIXEL, k] >> 13, limits[ints[CUTOFF, k]]
        inside = ints[PIXEL, k] >> 1 & 0xFFF
        outside = inside + (64 if ints[FROM, k] & 1 else 1)
        if ints[PIXEL, k] & 1 == 0:
            inside, outside = outside, inside
        slot, j, i = _pixel(slots, n, inside)
        a = np.int64(seg[slot, j, i])
        a_cs = _pixel_cs(pixels, lines, search, slot, j, i)
        slot, j, i = _pixel(slots, n, outside)
        b = np.int64(seg[slot, j, i]) if slot >= 0 else -1
        ax = corner[n, 0] + (inside & 63) * cell_m
        ay = corner[n, 1] + (inside >> 6) * cell_m
        bx = corner[n, 0] + (outside & 63) * cell_m
        by = corner[n, 1] + (outside >> 6) * cell_m
        late, far, apart_b = _seen(lines, search, bx, by, a, limit)
        apart_a = np.sqrt(foot(ax, ay, street_xy, a)[1])
        share = min(_zero(limit - a_cs, late), _zero(reach_m - apart_a, far))
        turn = _barrier(walls, numbers[n], ax, ay, bx, by) if a != b else 2.0
        if b < 0:
            if turn >= 0.0:
                share = min(share, turn)
            elif share == 1.0:
                share = 0.5
        elif a != b:
            b_apart = np.sqrt(foot(bx, by, street_xy, b)[1])
            if turn < 0.0:
                here = np.sqrt(foot(ax, ay, street_xy, b)[1]) - apart_a
                there = apart_b - b_apart
                turn = 0.5
                if here >= 0.0 and there >= 0.0 and here + there > 0:
                    turn = here / (here + there)
            if share > turn:
                x, y = ax + turn * (bx - ax), ay + turn * (by - ay)
                late, far, _ = _seen(lines, search, x, y, b, limit)
                share = turn
                if late >= 0.0 and far >= 0.0:
                    b_cs = _pixel_cs(pixels, lines, search, slot, j, i)
                    share += (1.0 - turn) * min(
                        _zero(late, limit - b_cs), _zero(far, reach_m - b_apart)
                    )
        share = min(max(share, EDGE_SHARE), 1.0 - EDGE_SHARE)
        xy[k, 0], xy[k, 1] = ax + share * (bx - ax), ay + share * (by - ay)


@inner
def _pixel(slots: Int32s, n: int, place: int) -> tuple[Whole, int, int]:
    """Slot, row and column of a pixel of tile n or its neighbours; place: row << 6 | column."""
    row, column = place >> 6, place & 63
    slot = np.int64(slots[n, (column == TILE) + 2 * (row == TILE)])
    return slot, row & (TILE - 1), column & (TILE - 1)


@inner
def _pixel_cs(pixels: Pixels, lines: Lines, search: Search, slot: Whole, j: int, i: int) -> float:
    """Time at a pixel that is served by a street."""
    seg, along_m, apart_m = pixels
    cm = 100.0 * np.float64(along_m[slot, j, i])
    cs = time_on(search[0][lines[1][seg[slot, j, i]]], search[1], search[2], cm)
    return float(cs + step_off_cs(search[3], np.float64(apart_m[slot, j, i])))


@inner
def _seen(
    lines: Lines, search: Search, x: float, y: float, piece: Whole, limit: float
) -> tuple[float, float, float]:
    """For a place served by a piece of street: time left, metres of reach left, metres away."""
    xy, edge, before_m, scale, reach_m = lines
    share, square, metres = foot(x, y, xy, piece)
    along_m = before_m[piece] + share * metres * scale[piece]
    apart_m = np.sqrt(square)
    cs = time_on(search[0][edge[piece]], search[1], search[2], 100.0 * along_m)
    cs += step_off_cs(search[3], apart_m)
    return limit - cs, reach_m - apart_m, apart_m


@inner
def step_off_cs(off_cs: float, apart_m: float) -> float:
    """Time off the street: 0 up to ``STREET_M``, in full from twice ``STREET_M`` on."""
    return off_cs * min(apart_m, 2.0 * max(apart_m - STREET_M, 0.0))


@inner
def _zero(here: float, there: float) -> float:
    """Share at which a value running from ``here`` to ``there`` drops below 0; 1 if it does not."""
    if there >= 0.0:
        return 1.0
    here = max(here, 0.0)
    return 0.5 if there == -np.inf else here / (here - there)


@inner
def _barrier(walls: Walls, tile: int, ax: float, ay: float, bx: float, by: float) -> float:
    """Share of the line from a to b up to just before the first barrier; -1 without one."""
    best = 2.0
    xy, ptr, item, cell_m = walls
    for k in range(ptr[tile], ptr[tile + 1]):
        p = item[k]
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
    return max(best - OFF_M / cell_m, 0.0) if best <= 1.0 else -1.0
