"""Link a caller's points, in any CRS, to a network, and read the columns beside them."""

from __future__ import annotations

from contextlib import suppress
from numbers import Real
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import InputError
from gusu_geo.foreign import foreign
from gusu_geo.geometry import WGS84
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Entrances, Floats
from gusu_geo.tidying import seldom_tidied
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.linkage import Linkage, Linked, Linking
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


@seldom_tidied()
def link_points(trips: Trips, points: gpd.GeoDataFrame, linking: Linking) -> Linkage:
    """Link points in any CRS to the network. Raises InputError as ``metric_xy``."""
    entrances = Entrances.of_points(metric_xy(points, trips.net))
    return doors_of(trips.net, entrances, linking, closed=trips.pace.closed)


def linked_points(trips: Trips, points: gpd.GeoDataFrame, linking: Linking) -> Linked:
    """``link_points`` with the index of the frame as ids.

    Raises InputError: as ``link_points``; an id that is missing or there twice.
    """
    points = points_frame(points)
    missing = points.index.to_frame(index=False).isna().any(axis=1)
    if missing.any():
        raise InputError(text("error.index_missing", number=int(np.flatnonzero(missing)[0])))
    if not points.index.is_unique:
        twice = points.index[points.index.duplicated()][0]
        raise InputError(text("error.points_index_unique"), got=twice)
    return Linked(points.index, link_points(trips, points, linking))


def services_of(facilities: gpd.GeoDataFrame) -> list[str]:
    """(F,) names of the services in the column ``service``.

    Raises InputError: no such column; a name that is missing, blank, or neither text nor a number.
    """
    table_ok(facilities)
    if "service" not in facilities:
        raise InputError(text("error.no_service_column"), got=list(facilities.columns))
    column = _column(facilities, "service")
    for row, name in column.items():
        if not isinstance(name, str | Real) or _missing(name):
            raise InputError(text("error.names_no_service", row=row), got=name)
    return [str(name) for name in column]


def venues_of(facilities: gpd.GeoDataFrame) -> list[str]:
    """(F,) names of the venues: the column ``venue_id``; each row without one is a venue of its
    own, as all are without the column. Raises InputError: an id that is no text and no number."""
    own = [f"row {row}" for row in range(len(facilities))]  # given ids begin with "id"
    if "venue_id" not in facilities:
        return own
    column = _column(facilities, "venue_id")
    for i, (row, name) in enumerate(column.items()):
        if not isinstance(name, str | Real) and not _missing(name):
            raise InputError(text("error.venue_id_kind", row=row), got=name)
        own[i] = own[i] if _missing(name) else f"id {name}"
    return own


def persons_of(residences: gpd.GeoDataFrame) -> Floats:
    """(R,) the column ``persons``; one each without it. Raises InputError: no finite number from
    0."""
    if "persons" not in residences:
        return np.ones(len(residences))
    column = _column(residences, "persons")
    persons = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    bad = np.flatnonzero(~(np.isfinite(persons) & (persons >= 0)))
    if len(bad):
        row, got = residences.index[bad[0]], column.iloc[bad[0]]
        raise InputError(text("error.persons_from_zero", row=row), got=got)
    return np.asarray(persons)


def table_ok(points: Any) -> None:
    """Raises InputError: ``points`` is no GeoDataFrame with a geometry."""
    if not isinstance(points, gpd.GeoDataFrame) or points.active_geometry_name is None:
        got, fix = type(points).__name__, text("error.make_geoframe")
        raise InputError(text("error.no_geoframe"), got=got, fix=fix)


def _column(frame: gpd.GeoDataFrame, name: str) -> pd.Series[Any]:
    """A column as Python objects. Raises InputError: two columns have the name."""
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise InputError(text("error.column_twice", name=name), got=list(frame.columns))
    objects: pd.Series[Any] = column.astype(object)
    return objects


def _missing(value: object) -> bool:
    """Whether it is one of the kinds of nothing, or blank."""
    nothing = value is None or value is pd.NA or value is pd.NaT
    return nothing or bool(value != value) or not str(value).strip()


def metric_xy(points: gpd.GeoDataFrame, net: WalkNetwork) -> Floats:
    """(P,2) metres in the CRS of the network.

    Raises InputError: no GeoDataFrame, an empty one, no CRS, a missing geometry, one that is no
    point, NaN.
    """
    table_ok(points)
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
