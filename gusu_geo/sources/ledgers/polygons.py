"""Polygons of a file: zones, areas, compounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gusu_geo.foreign import foreign
from gusu_geo.geometry import WGS84
from gusu_geo.sources.ledgers.coordinates import (
    check_range,
    declared_crs,
    own_crs,
    refuse_shifted,
)
from gusu_geo.sources.ledgers.faults import raise_faults
from gusu_geo.sources.ledgers.files import SHAPES, read_file
from gusu_geo.sources.ledgers.parts import DOUBTS, doubts_of
from gusu_geo.words import text


def read_polygons(path: str | Path, *, crs: str = "wgs84", where: str = "") -> gpd.GeoDataFrame:
    """Polygons of a file in EPSG:4326 with all its columns; invalid ones are repaired.

    path: .geojson, .gpkg, .shp, .parquet. crs: used when the file has none of its own.
    ``attrs``: see ``parts.doubts_of``.
    Raises StudyError, SourceError as ``read_points``; SourceError for rows that are not polygons.
    """
    path, declared = Path(path), declared_crs(crs, where)
    spot = f"{where}: {path}" if where else str(path)
    frame = read_file(path, SHAPES, spot)
    refuse_shifted(frame, spot)
    system = own_crs(frame, declared, spot)
    with foreign("crs", spot, got=system.name):
        frame = frame.set_crs(system, allow_override=True).to_crs(WGS84)
    nowhere = [not np.isfinite(shapely.get_coordinates(shape)).all() for shape in frame.geometry]
    raise_faults({int(row): text("error.not_finite") for row in frame.index[nowhere]}, spot)
    shapes = np.array([_polygonal(shape, spot) for shape in frame.geometry], object)
    doubts = doubts_of(frame)
    repaired = [
        str(row)
        for row, shape in frame.geometry.items()
        if shape is not None and not shape.is_valid
    ]
    if repaired:
        doubts["repaired"] = repaired
    faults = {
        int(row): text("error.not_a_polygon")
        for row, shape in zip(frame.index, shapes, strict=True)
        if shape is None or shape.is_empty
    }
    raise_faults(faults, spot, of=frame)
    bounds = shapely.bounds(shapes)
    check_range(bounds[:, :2], frame.index, CRS(WGS84), faults)
    check_range(bounds[:, 2:], frame.index, CRS(WGS84), faults)
    raise_faults(faults, spot, bounds[:, :2], of=frame)
    found = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=WGS84))
    found = found.reset_index(drop=True)
    found.attrs = {DOUBTS: doubts}
    return found


def _polygonal(shape: Any, spot: str) -> Any:
    """The polygons of a shape, repaired; None if it has none. Raises SourceError: beyond repair."""
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    if shape.is_valid:
        return shape
    with foreign("shape", spot):
        pieces = shapely.get_parts(shapely.make_valid(shape))
        parts = [piece for piece in pieces if "Polygon" in piece.geom_type]
        return shapely.union_all(parts) if parts else None
