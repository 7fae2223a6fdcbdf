"""Reached street pieces, exact on partial edges, and the polygons drawn around them.

For display only: verdicts never use polygons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import InputError
from gusu_geo.isochrone.field import StreetField
from gusu_geo.isochrone.pieces import Drawing, Searcher, reached_pieces
from gusu_geo.isochrone.polygons import Painter
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import ISLAND_MAX_M, MAX_MINUTES, Walk
from gusu_geo.tables import Bools, WayFlag
from gusu_geo.walking.impedance import CS_PER_S, cutoff_to_cs
from gusu_geo.walking.linkage import Linking, LinkingOptions, linking_of
from gusu_geo.walking.points import linked_points, points_frame
from gusu_geo.walking.snapping import MIDWAY, islands
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text

REACH_M = 30.0  # either side of a reached street
MAX_REACH_M = 500.0
Direction = Literal["from", "to"]


@dataclass(frozen=True, eq=False)
class _Query:
    """Checked arguments: the linked points to search from, and the cutoffs, ascending."""

    points: gpd.GeoDataFrame
    searcher: Searcher
    linking: Linking
    minutes: list[float]
    cutoffs_cs: list[int]

    @classmethod
    def of(
        cls,
        net: WalkNetwork,
        points: gpd.GeoDataFrame | gpd.GeoSeries | shapely.Point | tuple[float, float],
        minutes: float | Sequence[float],
        walk: Walk | None,
        direction: Direction,
        linking: Linking,
    ) -> _Query:
        limits = sorted(set(minutes_ok(minutes)))
        if direction not in ("from", "to"):
            raise InputError(text("error.direction_unknown"), got=direction)
        points = points_frame(points)
        trips = Trips.of(net, walk)
        linking = linking.on(net)
        links = linked_points(trips, points, linking).links
        searcher = Searcher(trips, links, towards=direction == "to")
        return cls(points, searcher, linking, limits, [cutoff_to_cs(m * 60) for m in limits])

    @property
    def linked(self) -> Bools:
        """(P,) which points are linked."""
        return np.asarray(self.searcher.links.edge_ix >= 0)


def reached_streets(
    net: WalkNetwork,
    points: gpd.GeoDataFrame | gpd.GeoSeries | shapely.Point | tuple[float, float],
    *,
    minutes: float | Sequence[float],
    walk: Walk | None = None,
    direction: Direction = "from",
    **linking: Unpack[LinkingOptions],
) -> gpd.GeoDataFrame:
    """Street pieces within ``minutes`` of each point, walking "from" or "to" it (``direction``).

    points: any CRS, index = id; or one place, a Point or (lon, lat) in degrees, with the id 0.
    Returns one row per piece: index = point id, columns ``minutes``, ``edge``, ``from_s`` and
    ``to_s`` (seconds at both ends of the piece, never ``inf``), geometry = line in the CRS of
    ``points``. A point that cannot be linked has no row.
    linking: a ``Linking`` as ``linking=``, or any of its parts by name: ``snap_max_m``,
    ``island_max_m``, ``barriers``.
    Raises InputError: no points, no CRS, a bad point, a missing or repeated id, minutes not above
    0 or above ``MAX_MINUTES``.
    """
    query = _Query.of(
        net, points, minutes, walk, direction,
        linking_of(linking),
    )  # fmt: skip
    drawing, points = Drawing.of(net), query.points
    rows = []
    for row in np.flatnonzero(query.linked).tolist():
        found = query.searcher.search(np.array([row]), query.cutoffs_cs[-1])
        for limit, cutoff_cs in zip(query.minutes, query.cutoffs_cs, strict=True):
            pieces = reached_pieces(found, cutoff_cs)
            columns = {
                "id": [points.index[row]] * len(pieces.edge),
                "minutes": limit,
                "edge": pieces.edge,
                "from_s": np.round(pieces.from_cs / CS_PER_S, 2),
                "to_s": np.round(pieces.to_cs / CS_PER_S, 2),
                "geometry": drawing.lines(pieces),
            }
            rows.append(pd.DataFrame(columns))
    names = ["id", "minutes", "edge", "from_s", "to_s", "geometry"]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=names)
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=net.crs).set_index("id")
    return frame.rename_axis(points.index.name).to_crs(points.crs)


def isochrones(
    net: WalkNetwork,
    points: gpd.GeoDataFrame | gpd.GeoSeries | shapely.Point | tuple[float, float],
    *,
    minutes: float | Sequence[float] = (5, 10, 15),
    walk: Walk | None = None,
    reach_m: float = REACH_M,
    direction: Direction = "from",
    **linking: Unpack[LinkingOptions],
) -> gpd.GeoDataFrame:
    """Isochrones: polygons around the streets reached within ``minutes``.

    A place is inside if the nearest street in sight is within ``reach_m`` and is reached in time,
    leg included; ``barriers`` block the sight. Index (point id, minutes), columns ``street_m``
    (metres of drawn streets), ``area_m2`` and ``linked``, geometry in the CRS of ``points``, empty
    where a point cannot be linked. For one point, a shorter time lies inside a longer one.
    Raises InputError: as ``reached_streets``, or reach_m not from 1 to 500 m.
    """
    reach_ok(reach_m)
    query = _Query.of(
        net, points, minutes, walk, direction,
        linking_of(linking),
    )  # fmt: skip
    points = query.points
    painter = painter_of(query.searcher.trips, query.linking, reach_m=reach_m)
    linked = np.flatnonzero(query.linked)
    # Sorted by location, so that consecutive searches use the same tiles.
    linked = linked[np.argsort(net.edge_u[query.searcher.links.edge_ix[linked]], kind="stable")]
    shape = len(points), len(query.minutes)
    street_m, polygon = np.zeros(shape), np.full(shape, shapely.Polygon(), object)
    groups = [np.array([row]) for row in linked]
    for row, drawn in zip(
        linked, painter.shapes(query.searcher, groups, query.cutoffs_cs), strict=True
    ):
        street_m[row] = [one.street_m for one in drawn]
        polygon[row] = [one.polygon for one in drawn]
    ids = points.index.repeat(len(query.minutes))
    frame = gpd.GeoDataFrame(
        {
            "street_m": np.round(street_m.ravel(), 2),
            "area_m2": np.round(shapely.area(polygon.ravel()), 1),
            "linked": np.repeat(query.linked, len(query.minutes)),
        },
        index=pd.MultiIndex.from_arrays(
            [ids, np.tile(query.minutes, len(points))], names=["id", "minutes"]
        ),
        geometry=polygon.ravel(),
        crs=net.crs,
    )
    return frame.to_crs(points.crs)


def painter_of(trips: Trips, linking: Linking, *, reach_m: float = REACH_M) -> Painter:
    """A painter for any number of searches over the same streets and barriers."""
    drawing = Drawing.of(trips.net)
    eligible = linkable(trips, linking.island_max_m)
    return Painter(drawing, StreetField(drawing, eligible, linking.blocking(trips.net), reach_m))


def linkable(trips: Trips, island_max_m: float = ISLAND_MAX_M) -> Bools:
    """(E,) edges that points may be linked to, as in ``snap``."""
    open_ = ~trips.pace.closed
    return open_ & ~trips.net.flagged(*MIDWAY) & ~islands(trips.net, open_, island_max_m)


def spill(
    net: WalkNetwork,
    shapes: gpd.GeoDataFrame,
    pieces: gpd.GeoDataFrame,
    *,
    walk: Walk | None = None,
    island_max_m: float = ISLAND_MAX_M,
) -> pd.Series:
    """Share of the street length inside each polygon that was not reached; 0 without streets.

    shapes, pieces: results of ``isochrones`` and ``reached_streets`` for the same points and
    minutes. Only streets that points may be linked to count. Index as ``shapes``.
    """
    can = linkable(Trips.of(net, walk), island_max_m) & ~net.flagged(WayFlag.ESTIMATED)
    lines = net.edge_lines[can]
    polygons = np.asarray(shapes.geometry.to_crs(net.crs).to_numpy(), object)
    shape_ix, line_ix = shapely.STRtree(lines).query(polygons, predicate="intersects")
    shapely.prepare(polygons)
    whole = shapely.covers(polygons[shape_ix], lines[line_ix])
    metres = shapely.length(lines[line_ix])
    parts = shapely.intersection(polygons[shape_ix[~whole]], lines[line_ix[~whole]])
    metres[~whole] = shapely.length(parts)
    inside_m = np.bincount(shape_ix, metres, minlength=len(polygons))
    mine = pieces[can[pieces["edge"].to_numpy(int)]].to_crs(net.crs)
    key = pd.MultiIndex.from_arrays([mine.index, mine["minutes"]])
    reached_m = mine.geometry.length.set_axis(key).groupby(level=[0, 1]).sum()
    found_m = reached_m.reindex(shapes.index, fill_value=0.0).to_numpy()
    share = np.divide(
        np.maximum(inside_m - found_m, 0), inside_m, out=np.zeros(len(polygons)), where=inside_m > 0
    )
    return pd.Series(share, index=shapes.index, name="spill")


def reach_ok(reach_m: float) -> None:
    """Raises InputError: reach_m not from 1 to ``MAX_REACH_M``."""
    if not 1 <= reach_m <= MAX_REACH_M:
        raise InputError(text("error.reach_range", max_reach_m=MAX_REACH_M), got=reach_m)


def minutes_ok(minutes: float | Sequence[float]) -> list[float]:
    """As a list. Raises InputError: none, not finite, not above 0, above ``MAX_MINUTES``."""
    try:
        limits = [float(m) for m in np.atleast_1d(np.asarray(minutes, float))]
    except (TypeError, ValueError):
        raise InputError(text("error.minutes_numbers"), got=minutes) from None
    if not limits:
        raise InputError(text("error.minutes_none"), fix=text("error.minutes_give"))
    for limit in limits:
        if not (np.isfinite(limit) and 0 < limit <= MAX_MINUTES):
            raise InputError(text("error.minutes_range", max_minutes=MAX_MINUTES), got=limit)
    return limits
