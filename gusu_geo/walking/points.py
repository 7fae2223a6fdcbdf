"""Link a caller's points, in any CRS, to a network."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.errors import InputError
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Entrances, Floats
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.linkage import Linkage, Linking
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text


def link_points(trips: Trips, points: gpd.GeoDataFrame, linking: Linking) -> Linkage:
    """Link points in any CRS to the network. Raises InputError as ``metric_xy``."""
    entrances = Entrances.of_points(metric_xy(points, trips.net))
    return doors_of(trips.net, entrances, linking, closed=trips.pace.closed)


def metric_xy(points: gpd.GeoDataFrame, net: WalkNetwork) -> Floats:
    """(P,2) metres in the CRS of the network.

    Raises InputError: an empty frame, no CRS, a missing geometry, one that is no point, NaN.
    """
    if len(points) == 0:
        raise InputError(text("error.no_points"))
    if points.crs is None:
        raise InputError(text("error.points_no_crs"), fix=text("error.set_points_crs"))
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
