"""Read ledgers: tables and files of points or polygons, into WGS 84 degrees.

Coordinates of a declared system are converted exactly or not at all: GCJ-02 and BD-09 are
recognised and refused, because a silent shift of 0.5 to 1.1 km looks like a good result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.geometry import WGS84
from gusu_geo.sources.ledgers.columns import headers_of, ids_of, numbers_of
from gusu_geo.sources.ledgers.coordinates import (
    check_range,
    declared_crs,
    own_crs,
    refuse_shifted,
    to_degrees,
)
from gusu_geo.sources.ledgers.faults import raise_faults, row_in
from gusu_geo.sources.ledgers.files import SHAPES, TABLES, read_file, text_of
from gusu_geo.sources.ledgers.parts import DOUBTS, doubts_of
from gusu_geo.study.params import Columns
from gusu_geo.tables import GROUPS, Floats
from gusu_geo.words import Text, text

PERSONS_MAX = 1e6  # of one home: more is a slipped column or a total


def read_points(
    path: str | Path,
    *,
    crs: str = "wgs84",
    columns: Columns | None = None,
    where: str = "",
    repeated_ids: bool = False,
    services: Callable[[str, Text], Sequence[str]] | None = None,
) -> gpd.GeoDataFrame:
    """Points of a ledger in EPSG:4326: index id (text), those of the columns id, name, service,
    persons (and, of these, elders and children; float), hours, access that the file has, and
    geometry. Same rows out as in.

    path: .csv (UTF-8, else GB18030), .xlsx, .geojson, .gpkg, .shp, .parquet; of several layers
    or sheets those alike are read, see ``parts``, and ``attrs`` hold ``parts.doubts_of``.
    crs: "wgs84" or "epsg:NNNN", the system of columns lon (x, east) and lat (y, north); files
    with a system of their own keep it. columns: headers, where they are not the usual ones.
    Other columns are dropped, so that no personal data are copied. repeated_ids: an id may stand
    in several rows; otherwise that is an error. services: reads a cell of the service column, given
    where it stands; without it the column stays text.
    Raises StudyError: unknown or shifted system. SourceError: invalid file, header or rows; all
    bad rows in one message.
    """
    path, declared = Path(path), declared_crs(crs, where)
    spot = f"{where}: {path}" if where else str(path)
    frame = read_file(path, TABLES + SHAPES, spot)
    refuse_shifted(frame, spot)
    headers = headers_of(frame, columns or Columns(), spot)
    faults: dict[int, Text] = {}
    if path.suffix.lower() in TABLES:
        xy = np.column_stack(
            [numbers_of(frame, headers, axis, faults, spot) for axis in ("lon", "lat")]
        )
        lonlat = to_degrees(xy, declared, spot)
        system = declared
    else:
        system = own_crs(frame, declared, spot)
        lonlat = to_degrees(_point_xy(frame, faults), system, spot)
    for row in frame.index[(lonlat == 0).all(axis=1)]:  # an empty field, not a place
        faults.setdefault(int(row), text("error.zero_coordinate"))
    check_range(lonlat, frame.index, system, faults)
    kept: dict[str, Any] = {}
    for key in ("name", "service", "hours", "access", "typecode", "type"):
        if key in headers:
            kept[key] = [text_of(value) for value in frame[headers[key]]]
    if "persons" in headers:
        kept |= _persons(frame, headers, faults, spot)
    raise_faults(faults, spot, lonlat, of=frame)
    if services is not None and "service" in kept:
        rows = [row_in(frame, int(row), where) for row in frame.index]
        kept["service"] = list(map(services, kept["service"], rows))
    index = ids_of(frame, headers, spot, repeated=repeated_ids)
    points = gpd.GeoDataFrame(kept, index=index, geometry=shapely.points(lonlat), crs=WGS84)
    points.attrs = {DOUBTS: doubts_of(frame)}
    return points


def _persons(
    frame: pd.DataFrame, headers: dict[str, str], faults: dict[int, Text], spot: str
) -> dict[str, Floats]:
    """Persons of each row, and how many of them belong to groups that have a column."""
    persons = numbers_of(frame, headers, "persons", faults, spot)
    for row in frame.index[persons < 0]:
        faults.setdefault(int(row), text("error.persons_below"))
    for row in frame.index[persons > PERSONS_MAX]:
        faults.setdefault(int(row), text("error.persons_above", most=PERSONS_MAX))
    kept = {"persons": persons}
    for key in GROUPS:
        if key in headers:
            kept[key] = numbers_of(frame, headers, key, faults, spot)
            for row in frame.index[(kept[key] < 0) | (kept[key] > persons)]:
                faults.setdefault(int(row), text("error.group_range", key=key))
    return kept


def _point_xy(frame: gpd.GeoDataFrame, faults: dict[int, Text]) -> Floats:
    xy = np.full((len(frame), 2), np.nan)
    for position, (row, shape) in enumerate(frame.geometry.items()):
        if shape is None or shape.is_empty:
            faults[row] = text("error.no_coordinate")
        elif shape.geom_type != "Point":
            faults[row] = text("error.not_a_point", kind=shape.geom_type)
        else:
            xy[position] = shape.x, shape.y
    return xy
