"""Link a caller's points, in any CRS, to a network."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.errors import InputError
from gusu_geo.foreign import foreign
from gusu_geo.geometry import WGS84
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Entrances, Floats
from gusu_geo.walking.linkage import Linkage, Linking
from gusu_geo.walking.snapping import snap
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text


def points_frame(points: Any, name: str = "points") -> gpd.GeoDataFrame:
    """The points as a frame: a frame as it is, a series with its index, and one place, a Point or
    (lon, lat) in degrees, as row 0. ``name``: what the caller calls them.

    Raises InputError: something else, or a frame without geometry.

    >>> points_frame((7.42, 43.74)).geometry.iloc[0]
    <POINT (7.42 43.74)>
    """
    if isinstance(points, gpd.GeoSeries):
        return gpd.GeoDataFrame(geometry=points)
    if isinstance(points, gpd.GeoDataFrame) and points.active_geometry_name is not None:
        return points
    if isinstance(points, tuple | list) and len(points) == 2:
        with suppress(TypeError, ValueError):
            points = shapely.Point(*map(float, points))
    if isinstance(points, shapely.Point):
        return gpd.GeoDataFrame(geometry=[points], crs=WGS84)
    raise InputError(
        text("error.points_wanted", name=name),
        got=type(points).__name__,
        fix=text("error.points_or_place"),
    )


def link_points(trips: Trips, points: gpd.GeoDataFrame, linking: Linking) -> Linkage:
    """Link points in any CRS to the network. Raises InputError as ``metric_xy``."""
    entrances = Entrances.of_points(metric_xy(points, trips.net))
    return snap(trips.net, entrances, linking, closed=trips.pace.closed)


def metric_xy(points: gpd.GeoDataFrame, net: WalkNetwork) -> Floats:
    """(P,2) metres in the CRS of the network.

    Raises InputError: an empty frame, no CRS, a missing geometry, one that is no point, NaN.
    """
    if len(points) == 0:
        raise InputError(text("error.no_points"))
    if points.crs is None:
        raise InputError(text("error.points_no_crs"), fix=text("error.set_points_crs"))
    with foreign("crs", "points", got=points.crs.name):
        shapes = points.geometry.to_crs(net.crs)
    bad = np.flatnonzero(shapes.isna() | shapes.is_empty | (shapes.geom_type != "Point"))
    if len(bad) == 0:
        bad = np.flatnonzero(~np.isfinite(shapely.get_coordinates(shapes.to_numpy())).all(axis=1))
    if len(bad):
        row = points.index[bad[0]]
        raise InputError(
            text("error.point_not_finite", row=row),
            got=points.geometry.iloc[bad[0]],
            fix=text("error.xy_order", name=points.crs.name),
        )
    return np.asarray(shapely.get_coordinates(shapes.to_numpy()))
