"""Straight strokes in a grid: which of many a line meets, and which are nearest to a place, without
a geometry for each.

Signs are told from floating point numbers only where these leave no doubt (Shewchuk 1997); what is
in doubt is said, and left to an exact predicate. Plain twins: ``tests/streets/test_stroke_grid``.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import inner, njit

Floats = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

DOUBT = 4e-16  # of the terms of a determinant: (3 + 16 e) e, e = 2^-53, rounded up
MARGIN_M = 1e-3  # cells are entered this early: far more than coordinates are rounded
NONE = 1 << 30  # more than any rank
NO, YES, UNSURE = 0, 1, 2
# A literal -1 has another type, for which ``cells_of`` would be compiled again.
ROWS = cast(int, np.int64(-1))


class Grid(NamedTuple):
    """Cells of ``size`` metres from x0, y0, ``wide`` by ``tall``, row by row; members of cell c:
    member[ptr[c]] to member[ptr[c + 1]]."""

    x0: float
    y0: float
    size: float
    wide: int
    tall: int
    ptr: Int64s
    member: Int32s


@inner
def cells_of(grid: Grid, a: float, b: float, c: float, d: float, row: int) -> tuple[int, int]:
    """First and last column that the stroke from a, b to c, d may enter in a row, MARGIN_M more;
    with row ``ROWS`` the first and last row. Last < first: none."""
    low, high, start, most = min(b, d), max(b, d), grid.y0, grid.tall
    if row >= 0:
        y0 = grid.y0 + row * grid.size - MARGIN_M
        y1 = y0 + grid.size + 2 * MARGIN_M
        one, two = a, c
        if b != d:
            one = a + (c - a) * min(max((y0 - b) / (d - b), 0.0), 1.0)
            two = a + (c - a) * min(max((y1 - b) / (d - b), 0.0), 1.0)
        low, high, start, most = min(one, two), max(one, two), grid.x0, grid.wide
    first = int(np.floor((low - MARGIN_M - start) / grid.size))
    last = int(np.floor((high + MARGIN_M - start) / grid.size))
    return max(first, 0), min(last, most - 1)


@njit(cache=True, nogil=True)
def file_strokes(grid: Grid, strokes: Floats, fill: bool) -> None:
    """Counts the strokes (S,4) of each cell in ptr; with ``fill`` writes them to where ptr points,
    and moves it on."""
    for s in range(len(strokes)):
        a, b, c, d = strokes[s, 0], strokes[s, 1], strokes[s, 2], strokes[s, 3]
        low, high = cells_of(grid, a, b, c, d, ROWS)
        for row in range(low, high + 1):
            first, last = cells_of(grid, a, b, c, d, row)
            for cell in range(row * grid.wide + first, row * grid.wide + last + 1):
                if fill:
                    grid.member[grid.ptr[cell]] = s
                grid.ptr[cell] += 1


@inner
def side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    """1 left of a to b, -1 right of it, 0 in doubt."""
    one, two = (ax - x) * (by - y), (ay - y) * (bx - x)
    doubt = DOUBT * (abs(one) + abs(two))
    return int(one - two > doubt) - int(two - one > doubt)


@njit(cache=True, nogil=True)
def lowest_met(
    lines: Floats, grid: Grid, strokes: Floats, rank: Int64s, found: Int64s, doubt: Int64s
) -> None:
    """The lowest rank (S,) of the strokes (S,4) that each line (n,4) meets into found (n,), NONE
    for none; into doubt (n,) the lowest of those that it may meet. Ranks begin at 0."""
    for i in range(len(lines)):
        a, b, c, d = lines[i, 0], lines[i, 1], lines[i, 2], lines[i, 3]
        least, unsure = NONE, NONE
        low, high = cells_of(grid, a, b, c, d, ROWS)
        for row in range(low, high + 1):
            first, last = cells_of(grid, a, b, c, d, row)
            if last < first or least <= 0:
                continue
            start = row * grid.wide
            for k in range(grid.ptr[start + first], grid.ptr[start + last + 1]):
                s = grid.member[k]
                p, q, r, t = strokes[s, 0], strokes[s, 1], strokes[s, 2], strokes[s, 3]
                if rank[s] >= least or max(a, c) < min(p, r) or max(p, r) < min(a, c):
                    continue
                if max(b, d) < min(q, t) or max(q, t) < min(b, d):
                    continue
                one, two = side(a, b, c, d, p, q), side(a, b, c, d, r, t)
                three, four = side(p, q, r, t, a, b), side(p, q, r, t, c, d)
                if one * two == 1 or three * four == 1:
                    continue
                if one * two * three * four == 0:
                    unsure = min(unsure, rank[s])
                else:
                    least = rank[s]
                    if least <= 0:
                        break
        found[i], doubt[i] = least, unsure


@njit(cache=True, nogil=True)
def near_box(boxes: Floats, grid: Grid, strokes: Floats, found: Int64s) -> None:
    """Into found (n,) whether a stroke (S,4) may meet each box (n,4) of x0, y0, x1, y1: its box
    does, and one of its cells."""
    for i in range(len(boxes)):
        x0, y0, x1, y1 = boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3]
        low, high = cells_of(grid, x0, y0, x1, y1, ROWS)
        first = max(int(np.floor((x0 - MARGIN_M - grid.x0) / grid.size)), 0)
        last = min(int(np.floor((x1 + MARGIN_M - grid.x0) / grid.size)), grid.wide - 1)
        for row in range(low, high + 1):
            if found[i] or last < first:
                break
            start = row * grid.wide
            for k in range(grid.ptr[start + first], grid.ptr[start + last + 1]):
                s = grid.member[k]
                p, q, r, t = strokes[s, 0], strokes[s, 1], strokes[s, 2], strokes[s, 3]
                if min(p, r) <= x1 and max(p, r) >= x0 and min(q, t) <= y1 and max(q, t) >= y0:
                    found[i] = YES
                    break


@inner
def within(x: float, y: float, grid: Grid, strokes: Floats, first: Int64s, box: Floats) -> int:
    """Whether a place lies in an area, even-odd by a ray: grid of their boxes (A,4), outlines of
    strokes (S,4), the first of each area (A + 1,)."""
    column = int(np.floor((x - grid.x0) / grid.size))
    row = int(np.floor((y - grid.y0) / grid.size))
    if column < 0 or row < 0 or column >= grid.wide or row >= grid.tall:
        return NO
    cell = row * grid.wide + column
    for k in range(grid.ptr[cell], grid.ptr[cell + 1]):
        a = grid.member[k]
        odd = NO
        if box[a, 0] <= x <= box[a, 2] and box[a, 1] <= y <= box[a, 3]:
            for s in range(first[a], first[a + 1]):
                p, q, r, t = strokes[s, 0], strokes[s, 1], strokes[s, 2], strokes[s, 3]
                if (q > y) != (t > y):
                    where = side(p, q, r, t, x, y)
                    if where == 0:
                        return UNSURE
                    if (where > 0) == (t > q):
                        odd = YES - odd
        if odd == YES:
            return YES
    return NO


@njit(cache=True, nogil=True)
def inside(
    xy: Floats, lines: Grid, state: Int64s, grid: Grid, strokes: Floats, first: Int64s,
    box: Floats, found: Int64s,
) -> None:  # fmt: skip
    """Into found (n,) whether places (n,2) that lie on no outline lie in an area: as ``within``.

    lines: grid of the outlines; state: of its cells, kept: -1 not known yet, else that of all
    places in a cell without an outline.
    """
    for i in range(len(xy)):
        x, y = xy[i, 0], xy[i, 1]
        column = int(np.floor((x - lines.x0) / lines.size))
        row = int(np.floor((y - lines.y0) / lines.size))
        found[i] = NO
        if column < 0 or row < 0 or column >= lines.wide or row >= lines.tall:
            continue
        begin = row * lines.wide
        cell = begin + column
        left, bare = cell, lines.ptr[cell + 1] == lines.ptr[cell]
        while bare and state[left] < 0 and left > begin and lines.ptr[left] == lines.ptr[left - 1]:
            left -= 1
        if not bare or state[left] < 0:
            if bare:
                x = lines.x0 + (left - begin + 0.5) * lines.size
                y = lines.y0 + (row + 0.5) * lines.size
            found[i] = within(x, y, grid, strokes, first, box)
        else:
            found[i] = state[left]
        if bare:
            for other in range(left, cell + 1):
                state[other] = found[i]


@njit(cache=True, nogil=True)
def nearest_owners(
    xy: Floats, grid: Grid, strokes: Floats, owner: Int64s, usable: Int64s, reach_m: float,
    apart: Floats, found: Int64s,
) -> None:  # fmt: skip
    """The owners of the strokes that are nearest to places (n,2), up to a millimetre, within
    reach_m: into found (n,m), -1 for none; the last of a row is -2 where there are more than m.
    usable: of owners, 0 or 1. apart (m,): room for their distances."""
    most = found.shape[1]
    for i in range(len(xy)):
        x, y, least, wide, used, lost = xy[i, 0], xy[i, 1], reach_m, 0, 0, np.inf
        limit = (least + MARGIN_M) * (least + MARGIN_M)
        column = int(np.floor((x - grid.x0) / grid.size))
        row = int(np.floor((y - grid.y0) / grid.size))
        while True:  # ring by ring of cells
            for r in range(max(row - wide, 0), min(row + wide, grid.tall - 1) + 1):
                step = 1 if abs(r - row) == wide else max(2 * wide, 1)
                for c in range(column - wide, column + wide + 1, step):
                    if c < 0 or c >= grid.wide:
                        continue
                    cell = r * grid.wide + c
                    for k in range(grid.ptr[cell], grid.ptr[cell + 1]):
                        s = grid.member[k]
                        p, q = strokes[s, 0], strokes[s, 1]
                        dx, dy = strokes[s, 2] - p, strokes[s, 3] - q
                        square, along = dx * dx + dy * dy, (x - p) * dx + (y - q) * dy
                        share = 0.0 if along <= 0 else 1.0
                        if 0 < along < square:
                            share = along / square
                        ax, ay = p + share * dx - x, q + share * dy - y
                        gap = ax * ax + ay * ay
                        if gap > limit or usable[owner[s]] == 0:
                            continue
                        gap = np.sqrt(gap)
                        if gap < least:
                            least, kept = gap, 0
                            limit = (least + MARGIN_M) * (least + MARGIN_M)
                            for j in range(used):
                                if apart[j] <= least + MARGIN_M:
                                    found[i, kept], apart[kept] = found[i, j], apart[j]
                                    kept += 1
                            used = kept
                        known = -1
                        for j in range(used):
                            if found[i, j] == owner[s]:
                                known = j
                        if known >= 0:
                            apart[known] = min(apart[known], gap)
                        elif used < most:
                            found[i, used], apart[used] = owner[s], gap
                            used += 1
                        else:
                            lost = min(lost, gap)
            if wide * grid.size > least + MARGIN_M:
                break
            wide += 1
        for j in range(used, most):
            found[i, j] = -1
        if lost <= least + MARGIN_M:
            found[i, most - 1] = -2
