"""The street that serves each place: the nearest one in sight, on a grid, tile by tile.

A point of a street is in sight of a place if the straight leg between them crosses no barrier.
Plain twin: ``tests/support/field_twin.py``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import njit

Floats = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

TILE = 32  # pixels per side
BACK_M = 1.0  # legs to an end of a piece go this far inside it, as ends may lie on a barrier


class Grid(NamedTuple):
    """x0, y0: lower left corner of tile 0 in metres, a whole multiple of the cell; cell_m: pixel
    side; columns, rows: tiles. Pixel centres lie half a cell inside."""

    x0: float
    y0: float
    cell_m: float
    columns: int
    rows: int


class StreetPieces(NamedTuple):
    """Straight pieces of streets: xy (S,4) from and to; edge (S,); along_m (S,) metres of the
    edge before the piece; scale (S,) metres of the edge per metre drawn."""

    xy: Floats
    edge: Int32s
    along_m: Floats
    scale: Floats


class Blocks(NamedTuple):
    """Straight pieces of barriers: xy (B,4); touch_m (B,): a leg that meets a piece this close to
    its street only touches it and does not cross it."""

    xy: Floats
    touch_m: Floats


class Buckets(NamedTuple):
    """Items in or near each tile: ptr (columns * rows + 1,), item."""

    ptr: Int64s
    item: Int32s


@njit(cache=True, nogil=True)
def bucket(xy: Floats, grid: Grid, margin_m: float) -> Buckets:
    """Pieces (n,4) whose bounding box comes within ``margin_m`` of each tile, in order."""
    ptr = np.zeros(grid.columns * grid.rows + 2, np.int64)
    for s in range(len(xy)):
        c0, c1, r0, r1 = _box(xy, s, grid, margin_m)
        for row in range(r0, r1 + 1):
            for column in range(c0, c1 + 1):
                ptr[row * grid.columns + column + 2] += 1
    for tile in range(2, len(ptr)):
        ptr[tile] += ptr[tile - 1]
    item = np.empty(ptr[-1], np.int32)
    for s in range(len(xy)):
        c0, c1, r0, r1 = _box(xy, s, grid, margin_m)
        for row in range(r0, r1 + 1):
            for column in range(c0, c1 + 1):
                tile = row * grid.columns + column + 1
                item[ptr[tile]] = s
                ptr[tile] += 1
    return Buckets(ptr[:-1], item)


@njit(cache=True, nogil=True)
def _box(xy: Floats, s: int, grid: Grid, margin_m: float) -> tuple[int, int, int, int]:
    """First and last column and row of the tiles near piece ``s``."""
    side = grid.cell_m * TILE
    west, east = min(xy[s, 0], xy[s, 2]) - margin_m, max(xy[s, 0], xy[s, 2]) + margin_m
    south, north = min(xy[s, 1], xy[s, 3]) - margin_m, max(xy[s, 1], xy[s, 3]) + margin_m
    return (
        max(int(np.floor((west - grid.x0) / side)), 0),
        min(int(np.floor((east - grid.x0) / side)), grid.columns - 1),
        max(int(np.floor((south - grid.y0) / side)), 0),
        min(int(np.floor((north - grid.y0) / side)), grid.rows - 1),
    )


@njit(cache=True, nogil=True)
def meet(ax: float, ay: float, bx: float, by: float, xy: Floats, s: int) -> float:
    """Share of the leg from a to b at which it meets piece ``s``; -1 if it does not."""
    rx, ry = bx - ax, by - ay
    sx, sy = xy[s, 2] - xy[s, 0], xy[s, 3] - xy[s, 1]
    across = rx * sy - ry * sx
    if across == 0.0:
        return -1.0
    qx, qy = xy[s, 0] - ax, xy[s, 1] - ay
    share = (qx * sy - qy * sx) / across
    other = (qx * ry - qy * rx) / across
    return share if 0.0 <= share <= 1.0 and 0.0 <= other <= 1.0 else -1.0


@njit(cache=True, nogil=True)
def crossings(
    streets: StreetPieces, blocks: Blocks, near: Buckets, grid: Grid
) -> tuple[Int64s, Floats]:
    """Where streets meet barriers: street piece (n,), share (n,) of it; unordered, may repeat."""
    who, where = np.empty(256, np.int64), np.empty(256)
    used = 0
    for s in range(len(streets.edge)):
        c0, c1, r0, r1 = _box(streets.xy, s, grid, 0.0)
        for row in range(r0, r1 + 1):
            for column in range(c0, c1 + 1):
                tile = row * grid.columns + column
                for k in range(near.ptr[tile], near.ptr[tile + 1]):
                    xy = streets.xy
                    share = meet(xy[s, 0], xy[s, 1], xy[s, 2], xy[s, 3], blocks.xy, near.item[k])
                    if share <= 0.0 or share >= 1.0:
                        continue
                    if used == len(who):
                        who, where = np.append(who, who), np.append(where, where)
                    who[used], where[used] = s, share
                    used += 1
    return who[:used], where[:used]


@njit(cache=True, nogil=True)
def foot(x: float, y: float, xy: Floats, s: int) -> tuple[float, float, float]:
    """Nearest point of piece ``s``: its share of the piece, its squared distance in m², and the
    length of the piece in metres."""
    dx, dy = xy[s, 2] - xy[s, 0], xy[s, 3] - xy[s, 1]
    px, py = x - xy[s, 0], y - xy[s, 1]
    square = dx * dx + dy * dy
    share = min(max((px * dx + py * dy) / square, 0.0), 1.0) if square > 0.0 else 0.0
    ex, ey = px - share * dx, py - share * dy
    return share, ex * ex + ey * ey, np.sqrt(square)


@njit(cache=True, nogil=True)
def hidden(
    x: float, y: float, xy: Floats, s: int, blocks: Blocks, near: Int32s, count: int
) -> bool:
    """Whether one of the first ``count`` barriers of ``near`` lies between the place and the
    nearest point of piece ``s``."""
    share, _, metres = foot(x, y, xy, s)
    back = min(BACK_M / metres, 0.5) if metres > 0.0 else 0.5
    share = min(max(share, back), 1.0 - back)
    qx = xy[s, 0] + share * (xy[s, 2] - xy[s, 0])
    qy = xy[s, 1] + share * (xy[s, 3] - xy[s, 1])
    leg_m = np.hypot(qx - x, qy - y)
    for n in range(count):
        b = near[n]
        met = meet(x, y, qx, qy, blocks.xy, b)
        if met >= 0.0 and (1.0 - met) * leg_m > blocks.touch_m[b]:
            return True
    return False


class Field(NamedTuple):
    """Streets and barriers by tile; reach_m: longest leg. slot (tiles,): row of each tile in seg,
    along_m and apart_m (n,TILE,TILE), -1 not filled. By pixel centre: seg, the nearest street
    piece in sight, -1 none within reach; along_m along its edge; apart_m to it."""

    grid: Grid
    streets: StreetPieces
    street_in: Buckets
    blocks: Blocks
    block_in: Buckets
    reach_m: float
    slot: Int32s
    seg: npt.NDArray[np.int32]
    along_m: npt.NDArray[np.float32]
    apart_m: npt.NDArray[np.float32]


@njit(cache=True, nogil=True)
def fill(field: Field, tiles: Int64s) -> None:
    """Fill the rows of these tiles, which must have a slot."""
    for tile in tiles:
        slot = field.slot[tile]
        _fill(tile, field, field.seg[slot], field.along_m[slot], field.apart_m[slot])


@njit(cache=True, nogil=True)
def _fill(tile: int, field: Field, seg: Int32s, along_m: Float32s, apart_m: Float32s) -> None:
    """The nearest piece in sight of every pixel centre; of equally near ones the first."""
    grid, blocks, reach_m = field.grid, field.blocks, field.reach_m
    xy, before_m, scale = field.streets.xy, field.streets.along_m, field.streets.scale
    street_in, block_in = field.street_in, field.block_in
    seg[:] = -1
    best = np.full((TILE, TILE), reach_m * reach_m * (1.0 + 1e-12))
    cell_m = grid.cell_m
    # Coordinates relative to the first pixel centre of the tile, to keep precision.
    ox = grid.x0 + (tile % grid.columns * TILE + 0.5) * cell_m
    oy = grid.y0 + (tile // grid.columns * TILE + 0.5) * cell_m
    walls = block_in.item[block_in.ptr[tile] : block_in.ptr[tile + 1]]
    near = np.empty(len(walls), np.int32)
    for s in street_in.item[street_in.ptr[tile] : street_in.ptr[tile + 1]]:
        x0, y0, x1, y1 = xy[s, 0] - ox, xy[s, 1] - oy, xy[s, 2] - ox, xy[s, 3] - oy
        west, east = min(x0, x1) - reach_m, max(x0, x1) + reach_m
        south, north = min(y0, y1) - reach_m, max(y0, y1) + reach_m
        i0, i1 = max(int(np.ceil(west / cell_m)), 0), min(int(np.floor(east / cell_m)), TILE - 1)
        j0, j1 = max(int(np.ceil(south / cell_m)), 0), min(int(np.floor(north / cell_m)), TILE - 1)
        if i0 > i1 or j0 > j1:
            continue
        count = 0
        for b in walls:
            bx0, bx1, by0, by1 = blocks.xy[b, 0], blocks.xy[b, 2], blocks.xy[b, 1], blocks.xy[b, 3]
            if (
                min(bx0, bx1) - ox <= east
                and max(bx0, bx1) - ox >= west
                and min(by0, by1) - oy <= north
                and max(by0, by1) - oy >= south
            ):
                near[count] = b
                count += 1
        dx, dy = x1 - x0, y1 - y0
        square = dx * dx + dy * dy
        inverse = 1.0 / square if square > 0.0 else 0.0
        for j in range(j0, j1 + 1):
            py = j * cell_m - y0
            if count == 0:  # a whole row without branches, so that it is vectorised
                for i in range(TILE):
                    px = i * cell_m - x0
                    share = min(max((px * dx + py * dy) * inverse, 0.0), 1.0)
                    ex, ey = px - share * dx, py - share * dy
                    apart = ex * ex + ey * ey
                    so_far = best[j, i]
                    seg[j, i] = s if apart < so_far else seg[j, i]
                    best[j, i] = apart if apart < so_far else so_far
                continue
            for i in range(i0, i1 + 1):
                px = i * cell_m - x0
                share = min(max((px * dx + py * dy) * inverse, 0.0), 1.0)
                ex, ey = px - share * dx, py - share * dy
                apart = ex * ex + ey * ey
                if apart < best[j, i] and not hidden(
                    i * cell_m + ox, j * cell_m + oy, xy, s, blocks, near, count
                ):
                    best[j, i], seg[j, i] = apart, s
    last = -1
    for j in range(TILE):
        for i in range(TILE):
            s = seg[j, i]
            if s < 0:
                continue
            if s != last:
                last = s
                x0, y0, x1, y1 = xy[s, 0] - ox, xy[s, 1] - oy, xy[s, 2] - ox, xy[s, 3] - oy
                dx, dy = x1 - x0, y1 - y0
                square = dx * dx + dy * dy
                inverse = 1.0 / square if square > 0.0 else 0.0
                base, per_share = before_m[s], np.sqrt(square) * scale[s]
            px, py = i * cell_m - x0, j * cell_m - y0
            share = min(max((px * dx + py * dy) * inverse, 0.0), 1.0)
            along_m[j, i] = base + share * per_share
    apart_m[:] = np.sqrt(best)
