"""Straight strokes in a grid: which of many a stroke meets, without a geometry for each.

Signs are told from floating point numbers only where these leave no doubt (Shewchuk 1997); what is
in doubt is said, and left to an exact predicate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import njit

Floats = npt.NDArray[np.float64]
Int8s = npt.NDArray[np.int8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DOUBT = 4e-16  # of the terms of a determinant: (3 + 16 e) e, e = 2^-53, rounded up
MARGIN_M = 1e-3  # cells are entered this early: far more than coordinates are rounded
NONE = 1 << 30  # more than any rank


class Grid(NamedTuple):
    """Cells of ``size`` metres from x0, y0: count_x by count_y, row by row; strokes of cell c:
    member[ptr[c]] to member[ptr[c + 1]]."""

    x0: float
    y0: float
    size: float
    count_x: int
    count_y: int
    ptr: Int64s
    member: Int32s


@njit(cache=True, nogil=True)
def _columns(stroke: Floats, low: float, high: float) -> tuple[float, float]:
    """Least and greatest x of a stroke where its y lies between low and high."""
    ax, ay, bx, by = stroke[0], stroke[1], stroke[2], stroke[3]
    if ay == by:
        return min(ax, bx), max(ax, bx)
    one = ax + (bx - ax) * min(max((low - ay) / (by - ay), 0.0), 1.0)
    two = ax + (bx - ax) * min(max((high - ay) / (by - ay), 0.0), 1.0)
    return min(one, two), max(one, two)


@njit(cache=True, nogil=True)
def _cells(grid: Grid, stroke: Floats, row: int) -> tuple[int, int]:
    """First and last column of the cells of a row that a stroke may enter, last < first: none."""
    low = grid.y0 + row * grid.size - MARGIN_M
    left, right = _columns(stroke, low, low + grid.size + 2 * MARGIN_M)
    first = int(np.floor((left - MARGIN_M - grid.x0) / grid.size))
    last = int(np.floor((right + MARGIN_M - grid.x0) / grid.size))
    return max(first, 0), min(last, grid.count_x - 1)


@njit(cache=True, nogil=True)
def _rows(grid: Grid, stroke: Floats) -> tuple[int, int]:
    """First and last row of the cells that a stroke may enter, last < first: none."""
    low, high = min(stroke[1], stroke[3]) - MARGIN_M, max(stroke[1], stroke[3]) + MARGIN_M
    first = int(np.floor((low - grid.y0) / grid.size))
    last = int(np.floor((high - grid.y0) / grid.size))
    return max(first, 0), min(last, grid.count_y - 1)


@njit(cache=True, nogil=True)
def file_strokes(grid: Grid, strokes: Floats, fill: bool) -> None:
    """Counts the strokes (S,4) of each cell c in ptr[c + 1]; with ``fill`` writes them to where ptr
    points, and moves it on."""
    for s in range(len(strokes)):
        low, high = _rows(grid, strokes[s])
        for row in range(low, high + 1):
            first, last = _cells(grid, strokes[s], row)
            for cell in range(row * grid.count_x + first, row * grid.count_x + last + 1):
                if fill:
                    grid.member[grid.ptr[cell]] = s
                    grid.ptr[cell] += 1
                else:
                    grid.ptr[cell + 1] += 1


@njit(cache=True, nogil=True)
def _side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    """1 left of a to b, -1 right of it, 0 in doubt."""
    one, two = (ax - x) * (by - y), (ay - y) * (bx - x)
    doubt = DOUBT * (abs(one) + abs(two))
    if one - two > doubt:
        return 1
    return -1 if two - one > doubt else 0


@njit(cache=True, nogil=True)
def _meet(a: Floats, b: Floats) -> int:
    """Whether two strokes meet: 1, 0 no, 2 in doubt."""
    if max(a[0], a[2]) < min(b[0], b[2]) or max(b[0], b[2]) < min(a[0], a[2]):
        return 0
    if max(a[1], a[3]) < min(b[1], b[3]) or max(b[1], b[3]) < min(a[1], a[3]):
        return 0
    one = _side(a[0], a[1], a[2], a[3], b[0], b[1])
    two = _side(a[0], a[1], a[2], a[3], b[2], b[3])
    if one == two and one != 0:
        return 0
    three = _side(b[0], b[1], b[2], b[3], a[0], a[1])
    four = _side(b[0], b[1], b[2], b[3], a[2], a[3])
    if three == four and three != 0:
        return 0
    return 2 if one == 0 or two == 0 or three == 0 or four == 0 else 1


@njit(cache=True, nogil=True)
def lowest_met(
    lines: Floats, grid: Grid, strokes: Floats, rank: Int64s, found: Int64s, doubt: Bools
) -> None:
    """The lowest rank (S,) of the strokes (S,4) that each line (n,4) meets into found (n,), NONE
    for none; doubt (n,): a stroke of a lower rank may meet it, too."""
    for i in range(len(lines)):
        least, unsure = NONE, NONE
        low, high = _rows(grid, lines[i])
        for row in range(low, high + 1):
            first, last = _cells(grid, lines[i], row)
            if last < first:
                continue
            begin = grid.ptr[row * grid.count_x + first]
            end = grid.ptr[row * grid.count_x + last + 1]
            for k in range(begin, end):
                s = grid.member[k]
                if rank[s] >= least:
                    continue
                how = _meet(lines[i], strokes[s])
                if how == 1:
                    least = rank[s]
                elif how == 2:
                    unsure = min(unsure, rank[s])
        found[i], doubt[i] = least, unsure < least


@njit(cache=True, nogil=True)
def near_box(boxes: Floats, grid: Grid, strokes: Floats, found: Bools) -> None:
    """Whether the box of a stroke (S,4) meets each box (n,4) of x0, y0, x1, y1, into found (n,)."""
    for i in range(len(boxes)):
        box = boxes[i]
        low, high = _rows(grid, box)
        first = max(int(np.floor((box[0] - MARGIN_M - grid.x0) / grid.size)), 0)
        last = min(int(np.floor((box[2] + MARGIN_M - grid.x0) / grid.size)), grid.count_x - 1)
        for row in range(low, high + 1):
            if found[i] or last < first:
                break
            begin = grid.ptr[row * grid.count_x + first]
            end = grid.ptr[row * grid.count_x + last + 1]
            for k in range(begin, end):
                s = strokes[grid.member[k]]
                if (
                    min(s[0], s[2]) <= box[2]
                    and max(s[0], s[2]) >= box[0]
                    and min(s[1], s[3]) <= box[3]
                    and max(s[1], s[3]) >= box[1]
                ):
                    found[i] = True
                    break


@njit(cache=True, nogil=True)
def _within(x: float, y: float, grid: Grid, strokes: Floats, first: Int64s, box: Floats) -> int:
    """1 inside of an area, 0 outside of all, 2 in doubt: even-odd by a ray to the right."""
    column = int(np.floor((x - grid.x0) / grid.size))
    row = int(np.floor((y - grid.y0) / grid.size))
    if column < 0 or row < 0 or column >= grid.count_x or row >= grid.count_y:
        return 0
    cell = row * grid.count_x + column
    for k in range(grid.ptr[cell], grid.ptr[cell + 1]):
        a = grid.member[k]
        if not (box[a, 0] <= x <= box[a, 2] and box[a, 1] <= y <= box[a, 3]):
            continue
        odd = False
        for s in range(first[a], first[a + 1]):
            x0, y0, x1, y1 = strokes[s, 0], strokes[s, 1], strokes[s, 2], strokes[s, 3]
            if (y0 > y) == (y1 > y):
                continue
            side = _side(x0, y0, x1, y1, x, y)
            if side == 0:
                return 2
            if (side > 0) == (y1 > y0):
                odd = not odd
        if odd:
            return 1
    return 0


@njit(cache=True, nogil=True)
def inside(
    xy: Floats, lines: Grid, state: Int8s, areas: tuple[Grid, Floats, Int64s, Floats]
) -> Int8s:
    """Of places (n,2) that lie on no outline: 1 inside of an area, 0 outside of all, 2 in doubt.

    lines: grid of the outlines; state: of its cells, kept: -1 not known yet, else that of all
    places in a cell without an outline. areas: grid of their boxes (A,4), strokes (S,4), the first
    of each area (A + 1,), boxes.
    """
    found = np.empty(len(xy), np.int8)
    boxes, strokes, first, box = areas
    for i in range(len(xy)):
        column = int(np.floor((xy[i, 0] - lines.x0) / lines.size))
        row = int(np.floor((xy[i, 1] - lines.y0) / lines.size))
        if column < 0 or row < 0 or column >= lines.count_x or row >= lines.count_y:
            found[i] = 0
            continue
        cell, begin = row * lines.count_x + column, row * lines.count_x
        if lines.ptr[cell + 1] > lines.ptr[cell]:
            found[i] = _within(xy[i, 0], xy[i, 1], boxes, strokes, first, box)
            continue
        left = cell
        while state[left] < 0 and left > begin and lines.ptr[left] == lines.ptr[left - 1]:
            left -= 1
        if state[left] < 0:
            x = lines.x0 + (left - begin + 0.5) * lines.size
            y = lines.y0 + (row + 0.5) * lines.size
            state[left] = _within(x, y, boxes, strokes, first, box)
        for other in range(left + 1, cell + 1):
            state[other] = state[left]
        found[i] = state[cell]
    return found


@njit(cache=True, nogil=True)
def _apart(x: float, y: float, stroke: Floats) -> float:
    """Square of the distance of a place from a stroke."""
    dx, dy = stroke[2] - stroke[0], stroke[3] - stroke[1]
    square, share = dx * dx + dy * dy, 0.0
    if square > 0:
        share = min(max(((x - stroke[0]) * dx + (y - stroke[1]) * dy) / square, 0.0), 1.0)
    ax, ay = stroke[0] + share * dx - x, stroke[1] + share * dy - y
    return ax * ax + ay * ay


@njit(cache=True, nogil=True)
def nearest_owners(
    xy: Floats, grid: Grid, strokes: Floats, owner: Int64s, usable: Bools, reach_m: float,
    found: Int64s,
) -> None:  # fmt: skip
    """The owners of the strokes that are nearest to places (n,2), up to a millimetre, within
    reach_m: into found (n,m), -1 for none; the last of a row is -2 where there are more than m.
    usable: of owners."""
    most = found.shape[1]
    for i in range(len(xy)):
        x, y = xy[i, 0], xy[i, 1]
        column = int(np.floor((x - grid.x0) / grid.size))
        row = int(np.floor((y - grid.y0) / grid.size))
        least = reach_m
        # First how far the nearest is, ring by ring of cells; then who is as near.
        wide = 0
        while wide <= (least + MARGIN_M) / grid.size + 1:
            for r in range(max(row - wide, 0), min(row + wide, grid.count_y - 1) + 1):
                step = 1 if r in (row - wide, row + wide) or wide == 0 else 2 * wide
                for c in range(column - wide, column + wide + 1, step):
                    if 0 <= c < grid.count_x:
                        cell = r * grid.count_x + c
                        for k in range(grid.ptr[cell], grid.ptr[cell + 1]):
                            s = grid.member[k]
                            if usable[owner[s]]:
                                least = min(least, np.sqrt(_apart(x, y, strokes[s])))
            wide += 1
        used = 0
        far = least + MARGIN_M
        first = max(int(np.floor((x - far - grid.x0) / grid.size)), 0)
        last = min(int(np.floor((x + far - grid.x0) / grid.size)), grid.count_x - 1)
        low = max(int(np.floor((y - far - grid.y0) / grid.size)), 0)
        high = min(int(np.floor((y + far - grid.y0) / grid.size)), grid.count_y - 1)
        for r in range(low, high + 1):
            for cell in range(r * grid.count_x + first, r * grid.count_x + last + 1):
                for k in range(grid.ptr[cell], grid.ptr[cell + 1]):
                    s = grid.member[k]
                    if not usable[owner[s]] or _apart(x, y, strokes[s]) > far * far:
                        continue
                    known = False
                    for j in range(min(used, most)):
                        known = known or found[i, j] == owner[s]
                    if not known:
                        if used < most:
                            found[i, used] = owner[s]
                        used += 1
        if used > most:
            found[i, most - 1] = -2
