"""The street that serves each place: the nearest one in sight, on a grid, tile by tile.

A point of a street is in sight of a place if the straight leg between them crosses no barrier.
Plain twin: ``tests/support/field_twin.py``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import inner, njit
from gusu_geo._kernels.search import START, Whole

Floats = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

TILE = 32  # pixels per side
NO_ITEM = np.empty(0, np.int32)
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


def spans(first: Int64s, size: Int64s) -> Int64s:
    """The numbers from each ``first`` on, as many as ``size`` says, one after another."""
    ahead = np.cumsum(size) - size
    return np.repeat(first - ahead, size) + np.arange(int(size.sum()))


def bucket(xy: Floats, grid: Grid, margin_m: float) -> Buckets:
    """Pieces (n,4) whose bounding box comes within ``margin_m`` of each tile, in order."""
    ptr = np.zeros(grid.columns * grid.rows + 2, np.int64)
    box = tiles_of(xy, grid, margin_m)
    file_boxes(box, grid.columns, ptr[2:], NO_ITEM)
    ptr = np.cumsum(ptr)
    item = np.empty(ptr[-1], np.int32)
    file_boxes(box, grid.columns, ptr[1:], item)
    return Buckets(ptr[:-1], item)


def tiles_of(xy: Floats, grid: Grid, margin_m: float) -> Int64s:
    """(n,4) first and last column and row of the tiles within ``margin_m`` of the bounding box of
    each piece (n,4); the last before the first where there are none."""
    side = grid.cell_m * TILE
    x, y = (xy[:, k::2].T for k in (0, 1))
    # From point to point: much faster than along the last axis.
    box = np.empty((4, len(xy)))
    box[0] = np.maximum(np.floor((np.minimum(*x) - margin_m - grid.x0) / side), 0)
    box[1] = np.minimum(np.floor((np.maximum(*x) + margin_m - grid.x0) / side), grid.columns - 1)
    box[2] = np.maximum(np.floor((np.minimum(*y) - margin_m - grid.y0) / side), 0)
    box[3] = np.minimum(np.floor((np.maximum(*y) + margin_m - grid.y0) / side), grid.rows - 1)
    return np.ascontiguousarray(box.T, np.int64)


@njit(cache=True, nogil=True)
def file_boxes(box: Int64s, columns: int, ptr: Int64s, item: Int32s) -> None:
    """Add to ``ptr`` (rows * columns,) how many of the boxes (n,4) have each tile, and write them
    to where it points in ``item``, unless that is empty."""
    fill = len(item) > 0
    for s in range(len(box)):
        for row in range(box[s, 2], box[s, 3] + 1):
            for column in range(box[s, 0], box[s, 1] + 1):
                tile = row * columns + column
                if fill:
                    item[ptr[tile]] = s
                ptr[tile] += 1


@inner
def meet(ax: float, ay: float, bx: float, by: float, xy: Floats, s: Whole) -> float:
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


def crossings(
    streets: StreetPieces, blocks: Blocks, near: Buckets, grid: Grid
) -> tuple[Int64s, Floats]:
    """Where streets meet barriers: street piece (n,), share (n,) of it; unordered, may repeat."""
    box = tiles_of(streets.xy, grid, 0.0)
    room, used = 256, 0
    while True:
        who, where = np.empty(room, np.int64), np.empty(room)
        used = _crossings(box, grid.columns, streets.xy, blocks.xy, near[:], who, where)
        if used <= room:
            return who[:used], where[:used]
        room = used


@njit(cache=True, nogil=True)
def _crossings(
    box: Int64s, columns: int, streets: Floats, walls: Floats, near: tuple[Int64s, Int32s],
    who: Int64s, where: Floats,
) -> int:  # fmt: skip
    """Fill ``who`` and ``where`` as far as there is room; returns how many there are."""
    ptr, item = near
    used = 0
    for s in range(len(box)):
        ax, ay, bx, by = streets[s, 0], streets[s, 1], streets[s, 2], streets[s, 3]
        for row in range(box[s, 2], box[s, 3] + 1):
            for column in range(box[s, 0], box[s, 1] + 1):
                tile = row * columns + column
                for k in range(ptr[tile], ptr[tile + 1]):
                    share = meet(ax, ay, bx, by, walls, item[k])
                    if share <= 0.0 or share >= 1.0:
                        continue
                    if used < len(who):
                        who[used], where[used] = s, share
                    used += 1
    return used


@inner
def foot(x: float, y: float, xy: Floats, s: Whole) -> tuple[float, float, float]:
    """Nearest point of piece ``s``: its share of the piece, its squared distance in m², and the
    length of the piece in metres."""
    dx, dy = xy[s, 2] - xy[s, 0], xy[s, 3] - xy[s, 1]
    px, py = x - xy[s, 0], y - xy[s, 1]
    square = dx * dx + dy * dy
    share = min(max((px * dx + py * dy) / square, 0.0), 1.0) if square > 0.0 else 0.0
    ex, ey = px - share * dx, py - share * dy
    return share, ex * ex + ey * ey, np.sqrt(square)


@inner
def hidden(
    x: float,
    y: float,
    xy: Floats,
    s: Whole,
    blocks: tuple[Floats, Floats],
    near: Int32s,
    count: int,
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
        met = meet(x, y, qx, qy, blocks[0], b)
        if met >= 0.0 and (1.0 - met) * leg_m > blocks[1][b]:
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


def corners(grid: Grid, tiles: Int64s) -> Floats:
    """(n,2) the first pixel centre of each tile."""
    out = np.empty((len(tiles), 2))
    out[:, 0] = grid.x0 + (tiles % grid.columns * TILE + 0.5) * grid.cell_m
    out[:, 1] = grid.y0 + (tiles // grid.columns * TILE + 0.5) * grid.cell_m
    return out


def fill(field: Field, tiles: Int64s) -> None:
    """Fill the rows of these tiles, which must have a slot."""
    grid, streets, blocks = field.grid, field.streets, field.blocks
    best, near = np.empty((TILE, TILE)), np.empty(len(blocks.touch_m), np.int32)
    corner = corners(grid, tiles)
    pixels = field.slot, field.seg, field.apart_m, best
    _nearest(
        tiles, corner, (grid.cell_m, field.reach_m), (streets.xy, *field.street_in),
        (*blocks, *field.block_in, near), pixels,
    )  # fmt: skip
    ways = streets.xy, streets.along_m, streets.scale
    _along(tiles, corner, grid.cell_m, ways, field.slot, field.seg, field.along_m)


@njit(cache=True, nogil=True)
def _nearest(
    tiles: Int64s, corner: Floats, metres: tuple[float, float],
    streets: tuple[Floats, Int64s, Int32s], blocks: tuple[Floats, Floats, Int64s, Int32s, Int32s],
    pixels: tuple[Int32s, Int32s, Float32s, Floats],
) -> None:  # fmt: skip
    """The nearest piece in sight of every pixel centre; of equally near ones the first.

    metres: side of a pixel, reach. streets: xy, and those of each tile; blocks: as they are, those
    of each tile, and room for the numbers of all; pixels: slot, seg, apart_m, room for a tile.
    """
    cell_m, reach_m = metres
    xy, street_ptr, street_in = streets
    wall_xy, touch_m, wall_ptr, wall_in, near = blocks
    slots, every_seg, every_apart, best = pixels
    for n in range(len(tiles)):
        tile = tiles[n]
        slot = slots[tile]
        seg = every_seg[slot]
        for j in range(TILE):
            for i in range(TILE):
                seg[j, i] = -1
                best[j, i] = reach_m * reach_m * (1.0 + 1e-12)
        # Coordinates relative to the first pixel centre of the tile, to keep precision.
        ox, oy = corner[n, 0], corner[n, 1]
        for k in range(street_ptr[tile], street_ptr[tile + 1]):
            s = np.int64(street_in[k])  # as elsewhere: ``foot`` is compiled once
            x0, y0, x1, y1 = xy[s, 0] - ox, xy[s, 1] - oy, xy[s, 2] - ox, xy[s, 3] - oy
            west, east = min(x0, x1) - reach_m, max(x0, x1) + reach_m
            south, north = min(y0, y1) - reach_m, max(y0, y1) + reach_m
            i0 = max(int(np.ceil(west / cell_m)), 0)
            i1 = min(int(np.floor(east / cell_m)), TILE - 1)
            j0 = max(int(np.ceil(south / cell_m)), 0)
            j1 = min(int(np.floor(north / cell_m)), TILE - 1)
            if i0 > i1 or j0 > j1:
                continue
            count = START
            for w in range(wall_ptr[tile], wall_ptr[tile + 1]):
                b = wall_in[w]
                near[count] = b  # kept only if it comes near
                if (
                    min(wall_xy[b, 0], wall_xy[b, 2]) - ox <= east
                    and max(wall_xy[b, 0], wall_xy[b, 2]) - ox >= west
                    and min(wall_xy[b, 1], wall_xy[b, 3]) - oy <= north
                    and max(wall_xy[b, 1], wall_xy[b, 3]) - oy >= south
                ):
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
                        i * cell_m + ox, j * cell_m + oy, xy, s, (wall_xy, touch_m), near, count
                    ):
                        best[j, i], seg[j, i] = apart, s
        for j in range(TILE):
            for i in range(TILE):
                every_apart[slot, j, i] = np.sqrt(best[j, i])


@njit(cache=True, nogil=True)
def _along(
    tiles: Int64s, corner: Floats, cell_m: float, streets: tuple[Floats, Floats, Floats],
    slots: Int32s, seg: Int32s, along_m: Float32s,
) -> None:  # fmt: skip
    """Metres along its edge of the place nearest to each pixel centre; streets: xy, metres before
    and scale of each piece."""
    xy, before_m, scale = streets
    for n in range(len(tiles)):
        slot, ox, oy = slots[tiles[n]], corner[n, 0], corner[n, 1]
        for j in range(TILE):
            for i in range(TILE):
                s = seg[slot, j, i]
                if s < 0:
                    continue
                x0, y0 = xy[s, 0] - ox, xy[s, 1] - oy
                dx, dy = xy[s, 2] - ox - x0, xy[s, 3] - oy - y0
                square = dx * dx + dy * dy
                inverse = 1.0 / square if square > 0.0 else 0.0
                px, py = i * cell_m - x0, j * cell_m - y0
                share = min(max((px * dx + py * dy) * inverse, 0.0), 1.0)
                along_m[slot, j, i] = before_m[s] + share * (np.sqrt(square) * scale[s])
