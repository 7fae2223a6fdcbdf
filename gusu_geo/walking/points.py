"""Points of a caller, in any CRS, linked to a network."""

from __future__ import annotations

from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.errors import InputError
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import ISLAND_MAX_M
from gusu_geo.tables import Entrances, Floats
from gusu_geo.walking.linkage import Linkage
from gusu_geo.walking.snapping import snap
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text

BarriersLike: TypeAlias = Barriers | gpd.GeoDataFrame | gpd.GeoSeries | None


def as_barriers(barriers: BarriersLike, net: WalkNetwork) -> Barriers | None:
    """What blocks, in the metres of the network. Raises InputError as ``Barriers.of``."""
    if barriers is None or isinstance(barriers, Barriers):
        return barriers
    return Barriers.of(barriers, crs=net.crs)


def link_points(
    trips: Trips,
    points: gpd.GeoDataFrame,
    *,
    snap_max_m: float,
    island_max_m: float = ISLAND_MAX_M,
    barriers: BarriersLike = None,
) -> Linkage:
    """Points of any CRS, linked to the network; ``barriers``: what no leg may cross.

    Raises InputError: empty, no CRS, no point, NaN, a reach that is not above 0.
    """
    if not (np.isfinite(snap_max_m) and snap_max_m > 0):
        raise InputError(text("error.snap_positive"), got=snap_max_m)
    if not island_max_m >= 0:
        raise InputError(text("error.island_positive"), got=island_max_m)
    return snap(
        trips.net,
        Entrances.of_points(metric_xy(points, trips.net)),
        snap_max_m=snap_max_m,
        island_max_m=island_max_m,
        barriers=as_barriers(barriers, trips.net),
        closed=trips.pace.closed,
    )


def metric_xy(points: gpd.GeoDataFrame, net: WalkNetwork) -> Floats:
    """(P,2) metres in the network's system. Raises InputError: empty, no CRS, no point, NaN."""
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
