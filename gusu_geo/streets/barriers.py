"""Barriers to walking off the streets: water, railways, motorways, walls; and buildings.

They block the straight walk between a door and its street. Streets cross them freely (by a bridge,
an underpass, a level crossing) and make no gap in them. Only gates open a wall. Buildings hide the
farther sides of a place: see ``walking.contacts``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gusu_geo._kernels import label_components
from gusu_geo._kernels.strokes import NONE
from gusu_geo.errors import InputError, nearest_name
from gusu_geo.geometry import Shapes, straight_lines, straight_pieces, valid
from gusu_geo.streets.openings import NO_OPENINGS, Openings, opened
from gusu_geo.streets.stroke_grid import Areas, Lines
from gusu_geo.tables import Bools, Floats, Int8s, Ints
from gusu_geo.words import text

WET_M = 0.5  # a leg inside an area for less than this does not cross it: drawing noise
TOUCH_M = 0.2  # a line this close to an end of a leg is touched, not crossed


class BarrierKind(IntEnum):
    """What blocks, the hardest to move first."""

    WATER = 1  # areas of water, the coast
    WATERWAY = 2  # rivers and canals drawn as a line; a stream or ditch does not block
    RAILWAY = 3
    MOTORWAY = 4
    WALL = 5  # walls, fences, hedges


_KINDS = {
    "water": BarrierKind.WATER,
    "coast": BarrierKind.WATER,
    "waterway": BarrierKind.WATERWAY,
    "railway": BarrierKind.RAILWAY,
    "motorway": BarrierKind.MOTORWAY,
    "wall": BarrierKind.WALL,
}
_DRAWN_ONLY = ("green", "stream", "mixed")  # kinds of ``City.surroundings`` that do not block
_BUILDING = "building"  # the kind that only hides
_OPEN = ("public", "residents")  # access of gates that open a wall


@dataclass(frozen=True, eq=False)
class Barriers:
    """Simple lines and polygons in metres: shapes (B,), kind (B,) ``BarrierKind``, width_m (B,)
    of lines (0 = unknown), wall (B,): which wall a line is part of (walls that touch are one), -1
    for the rest; openings: known gates; buildings (S,): polygons that only hide."""

    shapes: Shapes
    kind: Int8s
    width_m: Floats
    wall: Ints
    openings: Openings = NO_OPENINGS
    buildings: Shapes = field(default_factory=lambda: np.zeros(0, object))

    @classmethod
    def of(
        cls,
        surroundings: gpd.GeoDataFrame | gpd.GeoSeries,
        gates: gpd.GeoDataFrame | None = None,
        *,
        extra: gpd.GeoDataFrame | None = None,
        gaps: Shapes | None = None,
        crs: CRS | None = None,
    ) -> Barriers:
        """What blocks among ``surroundings`` and ``extra``, in metres of ``crs`` (default: as
        the surroundings are).

        Frames as ``City.surroundings``: column ``kind`` ("water", "coast", "waterway",
        "railway", "motorway", "wall"; "building" hides; "green", "stream" and "mixed" do nothing),
        optional ``width_m``. A GeoSeries is water. gates: as ``City.gates``; those that are not
        "locked" open the walls they stand in. gaps: openings of walls in ``extra``.
        Raises InputError: no CRS, degrees, unknown kinds, no geometry.
        """
        frames = [surroundings] if extra is None else [surroundings, extra]
        crs = _crs_of(surroundings, "surroundings") if crs is None else crs
        if crs.is_geographic:
            raise InputError(
                text("error.barriers_metres"), got=crs.to_string(), fix=text("error.project_them")
            )
        parts = [_blocking(frame, crs) for frame in frames]
        shapes, kind, width_m = (np.concatenate(part) for part in zip(*parts, strict=True))
        wall = _walls(shapes, kind)
        openings = NO_OPENINGS
        if gates is not None and len(gates):
            shapes, openings = opened(shapes, wall, _open_gates(gates, crs))
        if gaps is not None:
            openings = openings.with_gaps(gaps)
        hiding = np.concatenate([_hiding(frame, crs) for frame in frames])
        return replace(
            cls._simple(shapes, kind, width_m, wall), openings=openings, buildings=hiding
        )

    @classmethod
    def _simple(cls, shapes: Shapes, kind: Int8s, width_m: Floats, wall: Ints) -> Barriers:
        """Multi-part geometries and collections taken apart; points dropped."""
        for _ in range(2):  # a collection may hold multi-part geometries
            shapes, owner = shapely.get_parts(shapes, return_index=True)
            kind, width_m, wall = kind[owner], width_m[owner], wall[owner]
        full = (shapely.get_dimensions(shapes) > 0) & ~shapely.is_empty(shapes)
        arrays = (shapes[full], kind[full].astype(np.int8), width_m[full].astype(float), wall[full])
        for array in arrays:
            array.setflags(write=False)
        return cls(*arrays)

    def without_walls(self) -> Barriers:
        """The same, as if no wall stood."""
        rest = self.kind != BarrierKind.WALL
        shapes, kind, width_m = self.shapes[rest], self.kind[rest], self.width_m[rest]
        bare = Barriers(shapes, kind, width_m, self.wall[rest], buildings=self.buildings)
        vars(bare)["_buildings"] = self._buildings  # most of the work, and none of them is a wall
        return bare

    def __repr__(self) -> str:
        return f"<Barriers: {len(self.shapes):,} lines and areas>"

    def __len__(self) -> int:
        """B."""
        return len(self.shapes)

    def crossed(self, legs: Floats) -> Int8s:
        """(n,) ``BarrierKind`` that each straight leg (n,4) x0, y0, x1, y1 crosses, 0 for none.

        Of several the lowest. Not counted: lines that it meets within ``TOUCH_M`` of its ends (the
        wall of the house, the quay along the path), and ``WET_M`` of an area or less.
        """
        found = np.full(len(legs), NONE)
        rest, long = _shortened(legs)
        found[long] = self._lines.lowest(rest)
        wet = np.flatnonzero(self._areas.met(legs))
        lines = straight_lines(legs[wet])
        leg_ix, area = self._areas.area_tree.query(lines, predicate="intersects")
        inside = shapely.intersection(lines[leg_ix], self._areas.areas[area])
        deep = shapely.length(inside) > WET_M
        np.minimum.at(found, wet[leg_ix[deep]], self._area_kind[area[deep]])
        return np.where(found == NONE, 0, found).astype(np.int8)

    def between(self, one: Floats, two: Floats) -> Bools:
        """(n,) whether anything reaches into the strip between two neighbouring legs (n,4) each,
        x0, y0, x1, y1, but for ``TOUCH_M`` at their ends."""
        legs = np.stack([one, two]).reshape(2, -1, 2, 2)
        way = legs[:, :, 1] - legs[:, :, 0]
        metres = np.maximum(np.hypot(way[..., 0], way[..., 1]), 1e-9)
        cut = way * np.minimum(TOUCH_M / metres, 0.5)[..., None]
        corners = np.concatenate([legs[:, :, 0] + cut, legs[:, :, 1] - cut])  # (4,n,2)
        boxes = np.column_stack((corners.min(axis=0), corners.max(axis=0)))
        found = np.zeros(len(one), bool)
        for near, tree in (
            (self._lines.near(boxes), self._lines.tree),
            (self._areas.near(boxes) | self._areas.within(boxes[:, :2]), self._areas.area_tree),
        ):
            rows = np.flatnonzero(near)
            quads = shapely.multipoints(corners[:, rows].transpose(1, 0, 2))
            strips = np.asarray(shapely.convex_hull(quads), object).reshape(-1)
            found[rows[tree.query(strips, predicate="intersects")[0]]] = True
        return found

    def gaps_on(self, legs: Floats) -> tuple[Ints, Ints]:
        """Pairs of leg (n,4) and gap of a known gate that it leads through."""
        rest, long = _shortened(legs)
        lines, tree = self._gaps
        near = np.flatnonzero(lines.near(_boxes(rest)))
        leg, gap = tree.query(straight_lines(rest[near]), predicate="intersects")
        return long[near[leg]], gap

    def hidden(self, legs: Floats) -> Bools:
        """(n,) whether a building stands in each straight leg (n,4), but for ``WET_M`` at its ends:
        the place itself, and what is drawn up to the street."""
        found = np.zeros(len(legs), bool)
        rest, long = _shortened(legs, WET_M)
        found[long] = self._buildings.met(rest)
        return found

    def walled(self, xy: Floats, by_m: float) -> Bools:
        """(n,) whether a wall stands within ``by_m`` of each place (n,2)."""
        found = np.zeros(len(xy), bool)
        tree = shapely.STRtree(self.shapes[self.kind == BarrierKind.WALL])
        found[tree.query(shapely.points(xy), predicate="dwithin", distance=by_m)[0]] = True
        return found

    def gates_between(self, legs: Floats) -> tuple[Ints, Ints]:
        """Pairs of leg and known gate: the gates of all walls that each leg (n,4) crosses, whether
        at the wall itself or in the gap of a gate."""
        rest, long = _shortened(legs)
        lines, wall = self._gated_walls
        near = np.flatnonzero(lines.near(_boxes(rest)))
        leg_ix, piece = lines.tree.query(straight_lines(rest[near]), predicate="intersects")
        pairs = np.unique(np.column_stack((long[near[leg_ix]], wall[piece])), axis=0).reshape(-1, 2)
        order = np.argsort(self.openings.wall, kind="stable")
        first, last = (
            np.searchsorted(self.openings.wall[order], pairs[:, 1], side)
            for side in ("left", "right")
        )
        count = last - first
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return np.repeat(pairs[:, 0], count), order[np.repeat(first, count) + within]

    @cached_property
    def _gated_walls(self) -> tuple[Lines, Ints]:
        """Straight pieces of the walls that have a known gate, gaps included, and the wall."""
        known = np.isin(self.wall, self.openings.wall) & (self.wall >= 0)
        shapes = np.concatenate((self.shapes[known], self.openings.gap))
        ends, owner = straight_pieces(shapes)
        wall = np.concatenate((self.wall[known], self.openings.gap_wall))
        return Lines(ends), wall[owner]

    @cached_property
    def _gaps(self) -> tuple[Lines, shapely.STRtree]:
        """Of the known gates: straight pieces, and a tree of the gaps."""
        gaps = shapely.get_parts(self.openings.gap)
        return Lines(straight_pieces(gaps)[0]), shapely.STRtree(gaps)

    @cached_property
    def _buildings(self) -> Areas:
        return Areas(self.buildings)

    @cached_property
    def _lines(self) -> Lines:
        """Straight pieces of the lines, so that long coasts are fast."""
        lines = np.flatnonzero(shapely.get_dimensions(self.shapes) == 1)
        ends, owner = straight_pieces(self.shapes[lines])
        return Lines(ends, self.kind[lines[owner]])

    @cached_property
    def _areas(self) -> Areas:
        return Areas(self.shapes[shapely.get_dimensions(self.shapes) == 2])

    @cached_property
    def _area_kind(self) -> Int8s:
        return np.asarray(self.kind[shapely.get_dimensions(self.shapes) == 2])


def _crs_of(frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str) -> CRS:
    if frame.crs is None:
        raise InputError(text(f"error.{name}_no_crs"), fix=text("error.set_crs"))
    return CRS(frame.crs)


def _blocking(frame: gpd.GeoDataFrame | gpd.GeoSeries, crs: CRS) -> tuple[Shapes, Int8s, Floats]:
    """Shapes in metres, kinds and widths of the rows that block."""
    own = _crs_of(frame, "barriers")
    if isinstance(frame, gpd.GeoSeries):
        frame = gpd.GeoDataFrame({"kind": "water"}, index=frame.index, geometry=frame, crs=own)
    if "kind" not in frame:
        raise InputError(
            text("error.barriers_no_kind"), fix=text("error.kinds", kinds=tuple(_KINDS))
        )
    known = (*_KINDS, *_DRAWN_ONLY, _BUILDING)
    unknown = ~frame["kind"].isin(known)
    if unknown.any():
        wrong = str(frame.loc[unknown, "kind"].iloc[0])
        raise InputError(
            text("error.barrier_unknown", hint=nearest_name(wrong, known)),
            got=wrong,
            fix=text("error.kinds_block", kinds=tuple(_KINDS)),
        )
    frame = frame[frame["kind"].isin(_KINDS).to_numpy()]
    missing = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    if missing.any():
        raise InputError(
            text("error.barrier_no_geometry", row=frame.index[missing][0]),
            fix=text("error.give_or_drop"),
        )
    width = frame["width_m"] if "width_m" in frame else pd.Series(0.0, frame.index)
    return (
        valid(frame.geometry.to_crs(crs).to_numpy()),
        np.array([_KINDS[kind] for kind in frame["kind"]], np.int8),
        np.maximum(np.nan_to_num(width.to_numpy(float)), 0.0),
    )


def _open_gates(gates: gpd.GeoDataFrame, crs: CRS) -> Shapes:
    _crs_of(gates, "gates")
    if "access" not in gates:
        raise InputError(
            text("error.gates_no_access"), fix=text("error.open_words", words=tuple(_OPEN))
        )
    may = gates["access"].isin(_OPEN).to_numpy()
    return np.asarray(gates.geometry[may].to_crs(crs).to_numpy(), object)


def _hiding(frame: gpd.GeoDataFrame | gpd.GeoSeries, crs: CRS) -> Shapes:
    """Polygons in metres of the rows that hide."""
    if isinstance(frame, gpd.GeoSeries):
        return np.zeros(0, object)
    rows = frame.geometry[(frame["kind"] == _BUILDING).to_numpy()]
    shapes: Shapes = np.asarray(rows.to_crs(crs).to_numpy(), object)
    return np.asarray(shapes[shapely.get_dimensions(shapes) == 2])


def _walls(shapes: Shapes, kind: Int8s) -> Ints:
    """(B,) a number for each wall, the same for walls that touch; -1 for all else."""
    wall = np.full(len(shapes), -1, np.int64)
    lines = np.flatnonzero(kind == BarrierKind.WALL)
    one, two = shapely.STRtree(shapes[lines]).query(shapes[lines], predicate="intersects")
    wall[lines] = label_components(one.astype(np.int32), two.astype(np.int32), len(lines))
    return wall


def _shortened(legs: Floats, by_m: float = TOUCH_M) -> tuple[Floats, Ints]:
    """The legs (n,4) cut by ``by_m`` at either end, and positions (n,) of those long enough."""
    x, y = legs[:, 2] - legs[:, 0], legs[:, 3] - legs[:, 1]
    metres = np.hypot(x, y)
    long = np.flatnonzero(metres > 2 * by_m)
    rest, share = legs[long], by_m / metres[long]
    for column, cut in enumerate((x[long] * share, y[long] * share)):
        rest[:, column] += cut
        rest[:, column + 2] -= cut
    return rest, long


def _boxes(legs: Floats) -> Floats:
    """(n,4) x0, y0, x1, y1 of the boxes of legs."""
    a, b = legs[:, :2], legs[:, 2:]
    return np.column_stack((np.minimum(a, b), np.maximum(a, b)))
