"""Chords of cells linked into rings, holes assigned to their shells, and rings to leave out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gusu_geo._kernels.bulges import LINE_M, Bools, Bulges, cell_table
from gusu_geo._kernels.compiling import inner, njit
from gusu_geo._kernels.contours import FULL, Chords
from gusu_geo._kernels.fields import TILE, Field, Floats, Grid, Int32s, Int64s, spans
from gusu_geo._kernels.search import START

NEAR_M = 32.0  # cells in which lines near islands are looked for
AT_ONCE = 1 << 20  # legs of rings that are looked at together
SPECK_CELLS = 4.0  # holes up to this size may be artefacts of the grid


class Rings(NamedTuple):
    """Closed rings of one cutoff: ptr (R+1,), xy (V,2), the last point repeats the first; area_m2
    (R,): below 0 for holes; shell (R,): the ring it lies in, itself for a shell."""

    ptr: Int64s
    xy: Floats
    area_m2: Floats
    shell: Int32s


def link(c: Chords, first: int, stop: int) -> Int32s:
    """The chord that follows each of the chords first..stop, which are those of one cutoff."""
    start, follow = c.start[first:stop], np.empty(stop - first, np.int32)
    cell_table(start, c.end[first:stop], follow)
    return follow + np.int32(first)


def rings(c: Chords, first: int, stop: int, follow: Int32s, bulge: Bulges) -> tuple[Rings, Int32s]:
    """The rings of chords first..stop, and the ring of each chord."""
    many = stop - first
    ring_of, ptr = np.full(many, -1, np.int32), np.zeros(many + 1, np.int64)
    xy, area_m2 = np.empty((2 * many + len(bulge.xy) + 1, 2)), np.empty(many)
    links = c.xy[first:stop], follow - np.int32(first), *bulge
    found, used = _rings(links, (ring_of, ptr, xy, area_m2))
    r = Rings(ptr[: found + 1], xy[:used], area_m2[:found].copy(), np.arange(found, dtype=np.int32))
    _assign(r)
    return r, ring_of


@njit(cache=True, nogil=True)
def _rings(
    links: tuple[Floats, Int32s, Int64s, Floats], into: tuple[Int32s, Int64s, Floats, Floats]
) -> tuple[int, int]:
    """Fill ``into``: the ring of each chord, the rings, and the signed area of each; returns how
    many rings and points. links: start and next of each chord, its bulges."""
    start, follow, bulge_ptr, bulge = links
    ring_of, ptr, xy, area_m2 = into
    found, used = 0, START
    for k in range(len(follow)):
        if ring_of[k] >= 0:
            continue
        begin, at = used, k
        while ring_of[at] < 0:
            ring_of[at] = found
            then = follow[at]
            low, high = bulge_ptr[at], bulge_ptr[at + 1]
            x, y = start[at, 0], start[at, 1]
            beyond_x, beyond_y = start[then, 0], start[then, 1]
            if high > low:
                beyond_x, beyond_y = bulge[low, 0], bulge[low, 1]
            # Single numbers: creating an array per row is slow.
            if used == begin or not _on_line(
                xy[used - 1, 0], xy[used - 1, 1], x, y, beyond_x, beyond_y
            ):
                xy[used, 0], xy[used, 1] = x, y
                used += 1
            for n in range(low, high):
                xy[used, 0], xy[used, 1] = bulge[n, 0], bulge[n, 1]
                used += 1
            at = then
        xy[used, 0], xy[used, 1] = xy[begin, 0], xy[begin, 1]
        used += 1
        x, y, twice = xy[begin, 0], xy[begin, 1], 0.0
        for n in range(begin, used - 1):
            twice += (xy[n, 0] - x) * (xy[n + 1, 1] - y) - (xy[n, 1] - y) * (xy[n + 1, 0] - x)
        area_m2[found] = twice / 2.0
        found += 1
        ptr[found] = used
    return found, used


@inner
def _on_line(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> bool:
    """Whether b lies between a and c on a straight line."""
    dx, dy, ex, ey = cx - ax, cy - ay, bx - ax, by - ay
    near = abs(dx * ey - dy * ex) <= LINE_M * np.sqrt(dx * dx + dy * dy)
    return bool(near and dx * ex + dy * ey > 0.0)


def _bounds(r: Rings, which: Int64s) -> Floats:
    """(4,n) west, south, east and north of rings."""
    columns = r.xy.T.copy()
    return np.stack(
        [side.reduceat(column, r.ptr[:-1])[which]
         for side in (np.minimum, np.maximum) for column in columns]
    )  # fmt: skip


def _assign(r: Rings) -> None:
    """Set ``shell`` of every hole, itself at first: the smallest shell around it."""
    holes, around = np.flatnonzero(r.area_m2 < 0.0), np.flatnonzero(r.area_m2 >= 0.0)
    if len(holes) == 0:
        return
    if len(around) == 1:
        r.shell[holes] = around
        return
    around = around[np.argsort(r.area_m2[around], kind="stable")]
    x, y = r.xy[r.ptr[holes]].T
    near, hole = _in_boxes(_bounds(r, around), x, y)
    # By hole, the smallest shell first: a hole always lies in one, so the last need not be asked.
    order = np.argsort(hole, kind="stable")
    near, hole = near[order], hole[order]
    last = np.append(hole[1:] != hole[:-1], True)
    now = np.flatnonzero(np.append(True, last[:-1]))
    while len(now):
        sure = last[now]
        asked = now[~sure]
        sure[~sure] = inside(r, around[near[asked]], x[hole[asked]], y[hole[asked]])
        r.shell[holes[hole[now[sure]]]] = around[near[now[sure]]]
        now = now[~sure] + 1


def _in_boxes(box: Floats, x: Floats, y: Floats) -> tuple[Int64s, Int64s]:
    """Which boxes (4,n) have which places, on their border too: box by box."""
    order = np.argsort(x, kind="stable")
    low, high = np.searchsorted(x[order], box[0]), np.searchsorted(x[order], box[2], "right")
    who = np.repeat(np.arange(len(low)), high - low)
    place = order[spans(low, high - low)]
    fits = (box[1, who] <= y[place]) & (y[place] <= box[3, who])
    return who[fits], place[fits]


def inside(r: Rings, ring: Int64s, x: Floats, y: Floats) -> Bools:
    """(n,) whether places lie in rings, by the crossings of a ray."""
    out = np.zeros(len(ring), np.bool_)
    size = r.ptr[ring + 1] - r.ptr[ring] - 1
    begin = 0
    while begin < len(ring):
        room = np.searchsorted(np.cumsum(size[begin:]), AT_ONCE, "right")
        part = slice(begin, begin + max(int(room), 1))
        begin = part.stop
        who = np.repeat(np.arange(len(ring))[part], size[part])
        k = spans(r.ptr[ring[part]], size[part])
        over = (r.xy[k, 1] > y[who]) != (r.xy[k + 1, 1] > y[who])
        who, k = who[over], k[over]
        share = (y[who] - r.xy[k, 1]) / (r.xy[k + 1, 1] - r.xy[k, 1])
        left = x[who] < r.xy[k, 0] + share * (r.xy[k + 1, 0] - r.xy[k, 0])
        out |= np.bincount(who[left], minlength=len(ring)) % 2 == 1
    return out


def touching(r: Rings, ring_of: Int32s, touched: Bools, ptr: Int64s, xy: Floats) -> Bools:
    """(R,) rings whose shell has a touched chord, or part of a line inside: a vertex of ``xy``
    (V,2), or the middle of a leg, for both ends may lie on the ring. ptr (L+1,): of each line."""
    shell = np.zeros(len(r.area_m2), np.bool_)
    shell[r.shell[ring_of[touched]]] = True
    asked = np.flatnonzero((r.area_m2 >= 0.0) & ~shell)
    if len(asked):
        box = _bounds(r, asked)
        x, y = _places_near(box, ptr, xy)
        who, place = _in_boxes(box, x, y)
        shell[asked[who[inside(r, asked[who], x[place], y[place])]]] = True
    return np.asarray(shell[r.shell])


def _places_near(box: Floats, ptr: Int64s, xy: Floats) -> Floats:
    """(2,n) vertices of the lines and middles of their legs in the cells of ``NEAR_M`` that the
    boxes (4,m) meet: few, because rings asked for are islands."""
    halves = np.empty((2, max(2 * len(xy) - 1, 0)))
    halves[:, ::2], halves[:, 1::2] = xy.T, ((xy[:-1] + xy[1:]) / 2).T
    corner = box[:2].min(axis=1, keepdims=True)
    cells = ((box[2:].max(axis=1) - corner[:, 0]) // NEAR_M).astype(np.int64) + 1
    near = np.zeros(cells, np.bool_)
    bounds = [((edge - corner) // NEAR_M).astype(np.int64) for edge in (box[:2], box[2:])]
    for i, j, to_i, to_j in np.concatenate(bounds).T.tolist():
        near[i : to_i + 1, j : to_j + 1] = True
    cell = (halves - corner) // NEAR_M
    here = ((cell >= 0) & (cell < cells[:, None])).all(axis=0)
    here[2 * ptr[1:-1] - 1] = False  # from the end of a line to the next one
    at = np.flatnonzero(here)
    return halves[:, at[near[tuple(cell[:, at].astype(np.int64))]]]


def specks(r: Rings, field: Field) -> Bools:
    """(R,) small holes that the grid leaves between streets that almost meet: artefacts.

    No pixel in them has a street in sight within reach, and no barrier is near.
    """
    grid = field.grid
    small = np.flatnonzero(
        (-SPECK_CELLS * grid.cell_m * grid.cell_m <= r.area_m2) & (r.area_m2 < 0.0)
    )
    out = np.zeros(len(r.area_m2), np.bool_)
    if len(small) == 0:
        return out
    box = _bounds(r, small)
    origin = np.array([[grid.x0], [grid.y0]])
    low, high = (np.floor((b - origin) / grid.cell_m).astype(np.int64) for b in (box[:2], box[2:]))
    wide, tall = high - low + 1
    who = np.repeat(np.arange(len(small)), wide * tall)
    at = spans(np.zeros(len(small), np.int64), wide * tall)
    i, j = low[0, who] + at % wide[who], low[1, who] + at // wide[who]
    tile = j // TILE * grid.columns + i // TILE
    held = field.slot[tile] >= 0
    held[held] = field.seg[field.slot[tile[held]], j[held] % TILE, i[held] % TILE] >= 0
    x, y = grid.x0 + (i[held] + 0.5) * grid.cell_m, grid.y0 + (j[held] + 0.5) * grid.cell_m
    out[small] = True
    out[small[who[held][inside(r, small[who[held]], x, y)]]] = False
    bare = out[small[who]]
    # Each tile of a hole once.
    who, tile = np.divmod(np.unique(who[bare] * len(field.slot) + tile[bare]), len(field.slot))
    ptr = field.block_in.ptr[tile]
    many = field.block_in.ptr[tile + 1] - ptr
    wall = field.blocks.xy[field.block_in.item[spans(ptr, many)]].T
    hole = np.repeat(who, many)
    clear = (
        (np.maximum(wall[0], wall[2]) < box[0, hole])
        | (np.minimum(wall[0], wall[2]) > box[2, hole])
        | (np.maximum(wall[1], wall[3]) < box[1, hole])
        | (np.minimum(wall[1], wall[3]) > box[3, hole])
    )
    out[small[hole[~clear]]] = False
    return out


def full(c: Chords, cutoff: int, cells: Int64s, grid: Grid) -> Bools:
    """(n,) whether each cell is wholly inside within a cutoff."""
    row, column = np.divmod(cells, grid.columns * TILE)
    rank = c.rank[row // TILE * grid.columns + column // TILE]
    out = rank >= 0
    out[out] = c.case[cutoff, rank[out], row[out] % TILE, column[out] % TILE] == FULL
    return np.asarray(out)
