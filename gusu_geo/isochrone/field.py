"""The nearest visible street of every place: computed once per tile, used by every search.

Times depend on the search; which street is nearest in sight does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo._kernels.blocks import THREADS
from gusu_geo._kernels.fields import (
    TILE,
    Blocks,
    Buckets,
    Field,
    Grid,
    StreetPieces,
    bucket,
    crossings,
    fill,
)
from gusu_geo.geometry import Shapes, straight_lines, straight_pieces
from gusu_geo.isochrone.pieces import Drawing
from gusu_geo.streets.barriers import TOUCH_M, WET_M, BarrierKind, Barriers
from gusu_geo.tables import Bools, Floats, Ints

CELL_M = 5.0  # pixel side; borders between pixels are set much finer
CELLS_IN_REACH = 4  # at least this many cells within reach, else smaller cells
FAIR_TILES = 16_384  # room for up to this many tiles from the start: 200 MB
LEAF_VERTICES = 96  # areas are split into parts of at most this many vertices
WIDE_M = 2.0  # waterways drawn as lines count as areas from this width on

_Kind = TypeVar("_Kind", bound=np.generic)


class StreetField:
    """Streets that can be left anywhere and barriers, by tile; tiles are filled when needed.

    ``water``: areas cut out of polygons, in small parts.
    """

    def __init__(
        self, drawing: Drawing, linkable: Bools, barriers: Barriers | None, reach_m: float
    ) -> None:
        """linkable (E,): edges that can be entered and left anywhere; reach_m: longest leg."""
        cell_m = min(CELL_M, reach_m / CELLS_IN_REACH)
        self.water = _water(barriers)
        blocks = _blocks(barriers)
        streets = _straight(drawing, linkable)
        grid = _grid(drawing.edge_box, cell_m, reach_m)
        block_in = bucket(blocks.xy, grid, reach_m + cell_m)
        streets = _one_side(streets, blocks, block_in, grid)
        streets = _dry(streets, self.water, _coast(barriers), grid)
        self._field = Field(
            grid=grid,
            streets=streets,
            street_in=bucket(streets.xy, grid, reach_m + cell_m),
            blocks=blocks,
            block_in=block_in,
            reach_m=float(reach_m),
            slot=np.full(grid.columns * grid.rows, -1, np.int32),
            seg=np.empty((0, TILE, TILE), np.int32),
            along_m=np.empty((0, TILE, TILE), np.float32),
            apart_m=np.empty((0, TILE, TILE), np.float32),
        )

    @property
    def grid(self) -> Grid:
        """The pixel grid."""
        return self._field.grid

    @property
    def reach_m(self) -> float:
        """Longest leg from a street, metres."""
        return self._field.reach_m

    @property
    def filled(self) -> int:
        """Number of tiles filled."""
        return int((self._field.slot >= 0).sum())

    def forget(self) -> None:
        """Drop all tiles, to bound the memory for cities of any size."""
        self._field.slot[:] = -1
        self._resize(0)

    def holding(self, tiles: Ints) -> Field:
        """The field with these tiles (unique), and their right and upper neighbours, filled."""
        grid, old = self._field.grid, self._field
        row, column = np.divmod(tiles, grid.columns)
        near = [(row + r) * grid.columns + column + c for r in (0, 1) for c in (0, 1)]
        fits = [(row + r < grid.rows) & (column + c < grid.columns) for r in (0, 1) for c in (0, 1)]
        wanted = np.unique(np.concatenate([n[f] for n, f in zip(near, fits, strict=True)]))
        busy = np.diff(old.street_in.ptr)[wanted] > 0
        new = wanted[busy & (old.slot[wanted] < 0)]
        if len(new):
            used = self.filled
            if used + len(new) > len(old.seg):
                # Unused room costs nothing, copying does.
                fair = min(int((np.diff(old.street_in.ptr) > 0).sum()), FAIR_TILES)
                self._resize(max(used + len(new), 2 * len(old.seg), fair))
            self._field.slot[new] = used + np.arange(len(new), dtype=np.int32)
            with ThreadPoolExecutor(THREADS) as pool:
                list(
                    pool.map(lambda part: fill(self._field, part), np.array_split(new, 4 * THREADS))
                )
        return self._field

    def _resize(self, room: int) -> None:
        """Make room for this many tiles; those that fit are kept."""
        old = self._field
        self._field = old._replace(
            seg=_resized(old.seg, room),
            along_m=_resized(old.along_m, room),
            apart_m=_resized(old.apart_m, room),
        )


def _resized(array: npt.NDArray[_Kind], room: int) -> npt.NDArray[_Kind]:
    bigger = np.empty((room, *array.shape[1:]), array.dtype)
    bigger[: len(array)] = array[:room]
    return bigger


def _grid(box: Floats, cell_m: float, reach_m: float) -> Grid:
    """Tiles that cover the bounds (E,4) of the streets and their reach; their origin is a whole
    multiple of the tile side."""
    side = cell_m * TILE
    # Column by column: much faster than along the first axis.
    low = np.floor((np.array([box[:, k].min() for k in (0, 1)]) - reach_m - 2 * cell_m) / side)
    high = np.floor((np.array([box[:, k].max() for k in (2, 3)]) + reach_m + 2 * cell_m) / side)
    columns, rows = (high - low + 1).astype(int).tolist()
    return Grid(float(low[0] * side), float(low[1] * side), float(cell_m), columns, rows)


def _straight(drawing: Drawing, linkable: Bools) -> StreetPieces:
    """Straight pieces of the linkable edges."""
    net = drawing.net
    owner = np.repeat(np.arange(net.edges, dtype=np.int32), np.diff(net.vertex_ptr))
    first = np.flatnonzero((owner[1:] == owner[:-1]) & linkable[owner[:-1]])
    edge = owner[first]
    drawn_m = drawing.vertex_m[net.vertex_ptr[1:] - 1]
    scale = np.divide(net.length_cm / 100, drawn_m, out=np.ones(net.edges), where=drawn_m > 0)
    return StreetPieces(
        xy=np.column_stack([net.vertex_xy[first], net.vertex_xy[first + 1]]),
        edge=edge,
        along_m=drawing.vertex_m[first] * scale[edge],
        scale=scale[edge],
    )


def _blocks(barriers: Barriers | None) -> Blocks:
    """Straight pieces of all barriers; a leg that meets one within ``touch_m`` of its street does
    not cross it: that is drawing noise."""
    if barriers is None or len(barriers) == 0:
        return Blocks(np.zeros((0, 4)), np.zeros(0))
    xy, owner = straight_pieces(barriers.shapes)
    area = shapely.get_dimensions(barriers.shapes)[owner] == 2
    return Blocks(np.ascontiguousarray(xy), np.where(area, WET_M, TOUCH_M))


def _one_side(streets: StreetPieces, blocks: Blocks, block_in: Buckets, grid: Grid) -> StreetPieces:
    """Streets cut where they meet barriers."""
    if len(blocks.xy) == 0:  # rounded as uncut streets are where there are barriers
        a, b = streets.xy[:, :2], streets.xy[:, 2:]
        return streets._replace(xy=np.concatenate([a, a + (b - a)], axis=1))
    piece, share = crossings(streets, blocks, block_in, grid)
    count = len(streets.edge)
    owner = np.concatenate([np.arange(count), piece])
    start = np.concatenate([np.zeros(count), share])
    order = np.lexsort((start, owner))
    owner, start = owner[order], start[order]
    stop = np.append(start[1:], 1.0)
    stop[np.append(owner[1:] != owner[:-1], True)] = 1.0
    keep = stop > start
    owner, start, stop = owner[keep], start[keep], stop[keep]
    a, b = streets.xy[owner, :2], streets.xy[owner, 2:]
    metres = np.hypot(*(b - a).T)
    ends = [a + s[:, None] * (b - a) for s in (start, stop)]
    scale = streets.scale[owner]
    along_m = streets.along_m[owner] + start * metres * scale
    return StreetPieces(np.column_stack(ends), streets.edge[owner], along_m, scale)


def _dry(streets: StreetPieces, water: Shapes, coast: Floats, grid: Grid) -> StreetPieces:
    """Without pieces that lie in water: they cannot be left, whether bridges or not."""
    if len(water) == 0 and len(coast) == 0:
        return streets
    middle = (streets.xy[:, :2] + streets.xy[:, 2:]) / 2
    keep = ~_at_sea(middle, coast)
    # Creating points is slow: only in tiles with water.
    column, row = ((middle - (grid.x0, grid.y0)) // (grid.cell_m * TILE)).astype(np.int64).T
    water_in = np.diff(bucket(shapely.bounds(water).reshape(-1, 4), grid, 0.0).ptr)
    near = np.flatnonzero(water_in[row * grid.columns + column])
    tree = shapely.STRtree(water)
    keep[near[tree.query(shapely.points(middle[near]), predicate="within")[0]]] = False
    return StreetPieces(
        streets.xy[keep], streets.edge[keep], streets.along_m[keep], streets.scale[keep]
    )


def _coast(barriers: Barriers | None) -> Floats:
    """(S,4) straight pieces of coast: the sea lies on the right, as in OpenStreetMap."""
    if barriers is None:
        return np.zeros((0, 4))
    line = shapely.get_dimensions(barriers.shapes) == 1
    return straight_pieces(barriers.shapes[line & (barriers.kind == int(BarrierKind.WATER))])[0]


def _at_sea(xy: Floats, coast: Floats) -> Bools:
    """(n,) whether each place lies on the right of its nearest piece of coast.

    Nearest to a corner of two pieces, a place is outside the bend: at sea if the coast turns left.
    """
    sea = np.zeros(len(xy), bool)
    if len(coast) == 0 or len(xy) == 0:
        return sea
    tree = shapely.STRtree(straight_lines(coast))
    place, piece = tree.query_nearest(shapely.points(xy), all_matches=True)
    first = np.unique(place, return_index=True)[1]
    last = np.append(first[1:], len(place)) - 1
    a, b = np.minimum(piece[first], piece[last]), np.maximum(piece[first], piece[last])
    way, then = (coast[k, 2:] - coast[k, :2] for k in (a, b))
    offset = xy - coast[a, :2]
    side = way[:, 0] * offset[:, 1] - way[:, 1] * offset[:, 0]
    turn = way[:, 0] * then[:, 1] - way[:, 1] * then[:, 0]
    # Pieces are in line order; in a ring the last one precedes the first.
    ring = (coast[b, 2:] == coast[a, :2]).all(axis=1) & (coast[a, 2:] != coast[b, :2]).any(axis=1)
    turn[ring] *= -1
    corner = (a != b) & (turn != 0)
    return np.asarray(np.where(corner, turn > 0, side < 0))


def _water(barriers: Barriers | None) -> Shapes:
    """Areas of water and wide waterways, in parts of at most ``LEAF_VERTICES``."""
    if barriers is None:
        return np.zeros(0, object)
    area = shapely.get_dimensions(barriers.shapes) == 2
    wide = ~area & (barriers.kind == int(BarrierKind.WATERWAY)) & (barriers.width_m >= WIDE_M)
    strips = shapely.buffer(barriers.shapes[wide], barriers.width_m[wide] / 2, quad_segs=2)
    leaves = [leaf for shape in (*barriers.shapes[area], *strips) for leaf in _leaves(shape)]
    out = np.empty(len(leaves), object)
    out[:] = leaves
    return out


def _leaves(shape: shapely.Geometry) -> Iterable[shapely.Geometry]:
    """The polygons of a shape, halved until each has at most ``LEAF_VERTICES``."""
    for part in shapely.get_parts(shape).tolist():
        if shapely.get_dimensions(part) < 2:
            continue
        if shapely.get_num_coordinates(part) <= LEAF_VERTICES:
            yield part
            continue
        x0, y0, x1, y1 = shapely.bounds(part)
        if x1 - x0 > y1 - y0:
            middle = (x0 + x1) / 2
            halves = shapely.box(x0, y0, middle, y1), shapely.box(middle, y0, x1, y1)
        else:
            middle = (y0 + y1) / 2
            halves = shapely.box(x0, y0, x1, middle), shapely.box(x0, middle, x1, y1)
        for half in halves:
            yield from _leaves(shapely.intersection(part, half))
