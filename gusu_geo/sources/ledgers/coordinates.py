"""Coordinate systems of ledgers: declared, checked, brought to degrees in WGS 84."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.geometry import WGS84
from gusu_geo.sources.ledgers.files import plain_text
from gusu_geo.tables import Floats

EDGE_DEG = 1.0  # tolerance around the area where a coordinate system is used

_SYSTEM_HEADERS = frozenset(
    (
        *("坐标系", "坐标系统", "坐标系类型", "坐标类型", "坐标来源", "坐标参考系"),
        *("crs", "coordsys", "coordtype", "coordinatesystem", "coordinatetype", "srs", "datum"),
    )
)

# Words for shifted systems: their names, and the maps that deliver them. 腾讯 and 高德 draw in
# GCJ-02, which the 国测局 made and people call 火星坐标.
_SHIFTED: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        ("gcj02", "火星", "国测局", "高德", "amap", "autonavi", "gaode", "腾讯", "tencent"),
        "GCJ-02",
    )
    | dict.fromkeys(("bd09", "百度", "baidu"), "BD-09")
)


def declared_crs(crs: str, where: str) -> CRS:
    """The system that the study file declares. Raises StudyError: one that cannot be read."""
    plain = crs.strip().lower()
    if plain == "wgs84":
        return CRS(WGS84)
    if re.fullmatch(r"epsg:\d{4,6}", plain):
        try:
            return CRS(plain)
        except CRSError:
            raise StudyError("unknown EPSG code.", where=where or None, got=crs) from None
    if _shifted(crs):
        raise StudyError(
            f"conversion of {_shifted(crs)} is not built yet.",
            where=where or None,
            got=crs,
            fix='Convert the file to WGS 84 first, then declare crs = "wgs84".',
        )
    raise StudyError(
        "unknown coordinate system.",
        where=where or None,
        got=crs,
        fix='Write "wgs84" or "epsg:NNNN"; convert other systems to WGS 84 first.',
    )


def _shifted(text: object) -> str:
    """GCJ-02 or BD-09 if the text names one of them, else ""."""
    plain = re.sub(r"[\s_\-]", "", plain_text(text)).lower()
    return next((name for sign, name in _SHIFTED.items() if sign in plain), "")


def refuse_shifted(frame: pd.DataFrame, spot: str) -> None:
    """A ledger that says itself that its coordinates are shifted is not read as anything else."""
    for position, header in enumerate(frame.columns):
        if re.sub(r"[\s_\-]", "", plain_text(header)).lower() in _SYSTEM_HEADERS:
            named = [name for name in map(_shifted, frame.iloc[:, position]) if name]
            if named:
                raise SourceError(
                    f"column {header!r} says {named[0]} in {len(named)} of {len(frame)} rows, and "
                    "conversion of that system is not built yet.",
                    where=spot,
                    fix="Convert the coordinates to WGS 84 first and correct the column.",
                )


def own_crs(frame: gpd.GeoDataFrame, declared: CRS, spot: str) -> CRS:
    """The system that the file names; the declared one when it names none."""
    if frame.crs is None:
        return declared
    if declared != CRS(WGS84) and not CRS(frame.crs).equals(declared, ignore_axis_order=True):
        raise SourceError(
            f"says itself that it is in {frame.crs.to_string()}, the study file says "
            f"{declared.to_string()}.",
            where=spot,
            fix="Correct the one that is wrong.",
        )
    return CRS(frame.crs)


def to_degrees(xy: Floats, crs: CRS) -> Floats:
    """Longitude and latitude (P,2) of x (east), y (north); NaN or inf where there is none."""
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def check_range(lonlat: Floats, rows: pd.Index, crs: CRS, faults: dict[int, str]) -> None:
    """Every point must lie where its system is used."""
    area = crs.area_of_use
    west, south, east, north = area.bounds if area is not None else (-180, -90, 180, 90)
    if west > east:  # across the antimeridian
        west, east = -180, 180
    margin = 0.0 if crs.is_geographic else EDGE_DEG
    for row, (lon, lat) in zip(rows, lonlat, strict=True):
        if row in faults:
            continue
        if not (west - margin <= lon <= east + margin and south - margin <= lat <= north + margin):
            faults[row] = f"outside the range of {crs.to_string()}: {lon:.6g}, {lat:.6g} degrees"
