"""Geometry helpers that every package uses."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from gusu_geo.errors import NetworkError
from gusu_geo.tables import Floats, Ints
from gusu_geo.words import text

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Shapes = npt.NDArray[np.object_]  # of shapely geometries

WGS84 = "EPSG:4326"
FOOT_M = 0.3048
KM_PER_DEGREE = 111.2
HALF_WIDTH_MAX_KM = 200.0  # of streets, from their middle
CENTRE_STEP_DEGREES = 0.01  # coarse, so that small changes of the border keep the system


@lru_cache(maxsize=64)
def transformer(given: str | CRS, wanted: str | CRS) -> Transformer:
    """The way from one coordinate system to another, x before y in both.

    Kept, because to find it takes longer than to move some thousand points.
    """
    from pyproj import Transformer

    return Transformer.from_crs(given, wanted, always_xy=True)


def local_crs(lon: float, lat: float) -> CRS:
    """Transverse Mercator in metres, true to scale on the meridian near ``lon``, WGS 84.

    The centre is rounded to 0.01 degree. Scale error: below 5e-6 within 20 km (x^2 / 2R^2).

    >>> local_crs(7.4234, 43.7391) == local_crs(7.42, 43.74)
    True
    """
    from pyproj import CRS

    lon_0, lat_0 = (
        round(round(v / CENTRE_STEP_DEGREES) * CENTRE_STEP_DEGREES, 2) for v in (lon, lat)
    )
    return CRS.from_proj4(
        f"+proj=tmerc +lat_0={lat_0:g} +lon_0={lon_0:g} +k=1 +x_0=0 +y_0=0 "
        "+datum=WGS84 +units=m +no_defs +type=crs"
    )


def centred_crs(lonlat: Floats) -> CRS:
    """The metric system of streets (P,2) in degrees, on both sides of 180 too.

    Raises NetworkError: they reach farther east or west than ``HALF_WIDTH_MAX_KM``, where lengths
    are off by more than 5e-4.
    """
    lon, lat = unwrapped(lonlat[:, 0]), lonlat[:, 1]
    centre = float(lon.mean())
    off_km = float((np.abs(lon - centre) * np.cos(np.radians(lat))).max()) * KM_PER_DEGREE
    if off_km > HALF_WIDTH_MAX_KM:
        raise NetworkError(
            text("error.network_too_wide", off_km=off_km),
            fix=text("error.network_split", most_km=HALF_WIDTH_MAX_KM),
        )
    return local_crs((centre + 180) % 360 - 180 if abs(centre) > 180 else centre, float(lat.mean()))


def unwrapped(lon: Floats) -> Floats:
    """Longitudes (P,) in a row: 179, -179 as 179, 181 where they lie on both sides of 180.

    >>> unwrapped(np.array([179.0, -179.0])).tolist(), unwrapped(np.array([7.0, 8.0])).tolist()
    ([179.0, 181.0], [7.0, 8.0])
    """
    if not len(lon) or np.ptp(lon) <= 180:
        return lon
    near: Floats = lon[0] + (lon - lon[0] + 180) % 360 - 180
    return near


def inner_points(shapes: Any) -> Shapes:
    """A point of each shape: the centroid where it lies on the shape, else one inside."""
    shapes = np.asarray(shapes, object)
    points = np.asarray(shapely.centroid(shapes))
    outside = ~shapely.intersects(shapes, points)
    points[outside] = shapely.point_on_surface(shapes[outside])
    return points


def valid(shapes: Any) -> Shapes:
    """The shapes, with invalid polygons (self-touching, self-crossing) repaired."""
    repaired: Shapes = np.array(shapes, object)
    broken = ~shapely.is_valid(repaired)
    repaired[broken] = shapely.make_valid(repaired[broken])
    return repaired


def polygonal(shapes: Any) -> Shapes:
    """Only the areas: points and lines left by a repair or an intersection are removed."""
    areas: Shapes = np.array(shapes, object)
    for i in np.flatnonzero(shapely.get_type_id(areas) == GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(areas[i])
        areas[i] = shapely.union_all(parts[shapely.area(parts) > 0])
    return areas


def straight_pieces(shapes: Shapes) -> tuple[Floats, Ints]:
    """Segments (S,4) x0, y0, x1, y1 of lines and of the outlines of areas, and the position (S,)
    of the shape of each."""
    area = shapely.get_dimensions(shapes) == 2
    lines = shapes.copy()
    lines[area] = shapely.boundary(shapes[area])
    lines, owner = shapely.get_parts(lines, return_index=True)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = np.flatnonzero(line[1:] == line[:-1])
    return np.column_stack((xy[same], xy[same + 1])), owner[line[same]]


def straight_lines(ends: Floats) -> Shapes:
    """(S,) lines from (S,4) x0, y0, x1, y1."""
    return np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)), object).reshape(-1)


def started(metres: Floats, owner: Ints) -> Floats:
    """(S,) how far along its line (owner, ascending) each piece begins, whatever other lines there
    are: summed in whole millionths of a metre.

    >>> started(np.array([1.5, 2.0, 4.0, 1.0]), np.array([0, 0, 7, 7])).tolist()
    [0.0, 1.5, 0.0, 4.0]
    """
    small = np.rint(metres * 1e6).astype(np.int64)
    before = np.cumsum(small) - small
    return (before - before[np.searchsorted(owner, owner)]) / 1e6


def ends_of(lines: Shapes) -> Floats:
    """(S,4) x0, y0, x1, y1 of lines (S,) from end to end."""
    return np.asarray(shapely.get_coordinates(lines).reshape(-1, 4), float)
