"""Coordinate systems of ledgers: checked, and converted to degrees in WGS 84."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Transformer

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.foreign import foreign
from gusu_geo.geometry import WGS84
from gusu_geo.sources.ledgers.files import plain_text
from gusu_geo.tables import Floats
from gusu_geo.words import Text, text

EDGE_DEG = 1.0  # tolerance around the area where a coordinate system is used

_SYSTEM_HEADERS = frozenset(
    (
        *("坐标系", "坐标系统", "坐标系类型", "坐标类型", "坐标来源", "坐标参考系"),
        *("crs", "coordsys", "coordtype", "coordinatesystem", "coordinatetype", "srs", "datum"),
    )
)

# Words for a shifted system: its names and the maps that use it. 腾讯 and 高德 use GCJ-02, made by
# the 国测局 and also called 火星坐标.
_SHIFTED: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        ("gcj02", "火星", "国测局", "高德", "amap", "autonavi", "gaode", "腾讯", "tencent"),
        "GCJ-02",
    )
    | dict.fromkeys(("bd09", "百度", "baidu"), "BD-09")
)


def declared_crs(crs: str, where: str) -> CRS:
    """The system that the study file declares. Raises StudyError: unknown, GCJ-02 or BD-09."""
    plain = crs.strip().lower()
    if plain == "wgs84":
        return CRS(WGS84)
    if re.fullmatch(r"epsg:\d{4,6}", plain):
        with foreign("epsg", where or "crs", got=crs):
            return CRS(plain)
    if _shifted(crs):
        raise StudyError(
            text("error.shifted_crs", system=_shifted(crs)),
            where=where or None,
            got=crs,
            fix=text("error.convert_first"),
        )
    raise StudyError(
        text("error.unknown_crs"),
        where=where or None,
        got=crs,
        fix=text("error.write_crs"),
    )


def _shifted(word: object) -> str:
    """GCJ-02 or BD-09 if the text names one of them, else ""."""
    plain = re.sub(r"[\s_\-]", "", plain_text(word)).lower()
    return next((name for sign, name in _SHIFTED.items() if sign in plain), "")


def refuse_shifted(frame: pd.DataFrame, spot: str) -> None:
    """Raises SourceError: a column says that the coordinates are in GCJ-02 or BD-09."""
    for position, header in enumerate(frame.columns):
        if re.sub(r"[\s_\-]", "", plain_text(header)).lower() in _SYSTEM_HEADERS:
            named = [name for name in map(_shifted, frame.iloc[:, position]) if name]
            if named:
                raise SourceError(
                    text(
                        "error.column_says_shifted",
                        header=header,
                        system=named[0],
                        count=len(named),
                        rows=len(frame),
                    ),
                    where=spot,
                    fix=text("error.convert_and_correct"),
                )


def own_crs(frame: gpd.GeoDataFrame, declared: CRS, spot: str) -> CRS:
    """The system in the file, else the declared one. Raises SourceError: the two differ."""
    if frame.crs is None:
        return declared
    if declared != CRS(WGS84) and not CRS(frame.crs).equals(declared, ignore_axis_order=True):
        raise SourceError(
            text("error.crs_differs", own=frame.crs.to_string(), declared=declared.to_string()),
            where=spot,
            fix=text("error.correct_wrong"),
        )
    return CRS(frame.crs)


def to_degrees(xy: Floats, crs: CRS, spot: str) -> Floats:
    """Longitude and latitude (P,2) of x (east), y (north); NaN or inf if that fails.

    Raises SourceError: no way leads from the system to degrees.
    """
    with foreign("crs", spot, got=crs.name):
        lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def check_range(lonlat: Floats, rows: pd.Index, crs: CRS, faults: dict[int, Text]) -> None:
    """Adds a fault for each point outside the area where its system is used."""
    area = crs.area_of_use
    west, south, east, north = area.bounds if area is not None else (-180, -90, 180, 90)
    if west > east:  # across the antimeridian
        west, east = -180, 180
    margin = 0.0 if crs.is_geographic else EDGE_DEG
    for row, (lon, lat) in zip(rows, lonlat, strict=True):
        if row in faults:
            continue
        if not (west - margin <= lon <= east + margin and south - margin <= lat <= north + margin):
            faults[row] = text("error.out_of_range", crs=crs.to_string(), lon=lon, lat=lat)
