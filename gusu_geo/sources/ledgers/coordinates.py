"""Coordinate systems of ledgers: as declared, as headers and columns say, and what they lead to.

A system is declared in the study (``crs``), by a header (lng_gcj02), by a column (坐标系) or by the
file itself; two that differ are an error. What nobody declares is WGS 84 until ``evidence`` finds
otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.foreign import foreign
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.sources.ledgers.cells import plain_text
from gusu_geo.sources.ledgers.shifted import bd_of_mercator, gcj_of_bd, in_china, wgs_of_gcj
from gusu_geo.study.params import CrsName, LocalGrid
from gusu_geo.tables import Bools, Floats
from gusu_geo.words import Text, text

EDGE_DEG = 1.0  # tolerance around the area where a coordinate system is used

_SYSTEM_HEADERS = frozenset(
    (
        *("坐标系", "坐标系统", "坐标系类型", "坐标类型", "坐标来源", "坐标参考系"),
        *("crs", "coordsys", "coordtype", "coordinatesystem", "coordinatetype", "srs", "datum"),
    )
)


@dataclass(frozen=True)
class System:
    """A coordinate system. name: as messages call it; crs: of its numbers, once the shift of
    ``shift`` is taken back (its numbers in, degrees in WGS 84 out)."""

    name: str
    crs: CRS
    shift: Callable[[Floats], Floats] | None = None


def _wgs_of_bd(lonlat: Floats) -> Floats:
    return wgs_of_gcj(gcj_of_bd(lonlat))


def _wgs_of_mercator(xy: Floats) -> Floats:
    return _wgs_of_bd(bd_of_mercator(xy))


_GLOBE = CRS(WGS84)
WGS = System("WGS 84", _GLOBE)
GCJ = System("GCJ-02", _GLOBE, wgs_of_gcj)
BD = System("BD-09", _GLOBE, _wgs_of_bd)
BD_METRES = System("BD-09MC", _GLOBE, _wgs_of_mercator)
HYPOTHESES = (WGS, GCJ, BD)
# CGCS2000 differs from WGS 84 by less than a metre, which is less than any ledger knows.
CGCS = System("CGCS2000", CRS("EPSG:4490"))

# Words for a system: its names and the maps that use it. 腾讯 and 高德 use GCJ-02, made by the
# 国测局 and also called 火星坐标. The longest are looked for first.
_NAMED: Mapping[str, System] = MappingProxyType(
    dict.fromkeys(
        (
            *("gcj02", "gcj", "火星", "国测局", "高德", "amap", "autonavi", "gaode", "腾讯"),
            "tencent",
        ),
        GCJ,
    )
    | dict.fromkeys(("bd09mc", "bdmc", "百度墨卡托", "百度米制"), BD_METRES)
    | dict.fromkeys(("bd09", "百度", "baidu"), BD)
    | dict.fromkeys(("wgs84", "wgs", "gps", "epsg:4326"), WGS)
    | dict.fromkeys(("cgcs2000", "cgcs", "国家2000", "2000国家", "大地2000", "epsg:4490"), CGCS)
)


def system_named(word: object) -> System | None:
    """The system that a text names, None if it names none.

    >>> system_named("百度坐标").name, system_named("lng_gcj02").name, system_named("经度")
    ('BD-09', 'GCJ-02', None)
    """
    plain = re.sub(r"[\s_\-]", "", plain_text(word)).lower()
    return next((system for sign, system in _NAMED.items() if sign in plain), None)


def declared_system(crs: CrsName, where: str) -> System | None:
    """The system that the study file declares, None for none. Raises StudyError: unknown."""
    if crs is None:
        return None
    if isinstance(crs, LocalGrid):
        grid = crs.tm
        return System(
            text("fact.local_grid", lon0=grid.lon0_deg).en,
            CRS(
                f"+proj=tmerc +lat_0=0 +lon_0={grid.lon0_deg} +k=1 +x_0={grid.false_easting_m} "
                f"+y_0={grid.false_northing_m} +ellps=GRS80 +units=m +no_defs +type=crs"
            ),
        )
    plain = crs.strip().lower()
    if re.fullmatch(r"epsg:\d{4,6}", plain):
        with foreign("epsg", where or "crs", got=crs):
            return System(plain.upper(), CRS(plain))
    exact = re.sub(r"[\s_\-]", "", plain)
    named = system_named(crs) if exact in _NAMED or "2000" not in exact else None
    if named is None:
        raise StudyError(
            text("error.unknown_crs"), where=where or None, got=crs, fix=text("error.write_crs")
        )
    return named


def gauss_kruger(xy: Floats, spot: str) -> System:
    """The zone of CGCS2000 that the eastings begin with: 40 567 890 m is in zone 40 of 3 degrees.

    Raises SourceError: the numbers name no zone.
    """
    east = np.abs(xy)[:, 0] if np.median(np.abs(xy[:, 0])) > 1e7 else np.abs(xy)[:, 1]
    zones = np.unique((east // 1_000_000).astype(int))
    if len(zones) == 1 and 13 <= zones[0] <= 23:
        return System(f"EPSG:{4491 + zones[0] - 13}", CRS(4491 + int(zones[0]) - 13))
    if len(zones) == 1 and 25 <= zones[0] <= 45:
        return System(f"EPSG:{4513 + zones[0] - 25}", CRS(4513 + int(zones[0]) - 25))
    raise SourceError(text("error.no_zone"), where=spot, fix=text("error.write_zone"))


def names_system(header: object) -> bool:
    """Whether a header is that of a column which names the system of each row."""
    return re.sub(r"[\s_\-]", "", plain_text(header)).lower() in _SYSTEM_HEADERS


def systems_in_column(frame: pd.DataFrame) -> tuple[str, list[System | None]] | None:
    """Header of the column that names the system of each row, and the systems; None if no column
    does."""
    for position, header in enumerate(frame.columns):
        if names_system(header):
            by_word = {word: system_named(word) for word in frame.iloc[:, position].unique()}
            if any(by_word.values()):
                return str(header), [by_word[word] for word in frame.iloc[:, position]]
    return None


def refuse_other(declared: System | None, found: System, says: Text, spot: str) -> None:
    """Raises SourceError: the study declares another system than the file says; says: where."""
    if declared is not None and declared.name != found.name:
        raise SourceError(
            text("error.says_other_system", says=says, own=found.name, declared=declared.name),
            where=spot,
            fix=text("error.correct_wrong"),
        )


def own_system(frame: gpd.GeoDataFrame, declared: System | None, spot: str) -> System | None:
    """The system of a file with shapes: its own where it is not plain degrees, else the declared
    one. GeoJSON and many .prj files claim WGS 84 whatever they hold.

    Raises SourceError: the two differ.
    """
    if frame.crs is None:
        return declared
    own = CRS(frame.crs)
    if own.is_geographic and (declared is None or declared.crs.is_geographic):
        return declared
    if declared is not None and not own.equals(declared.crs, ignore_axis_order=True):
        raise SourceError(
            text("error.crs_differs", own=own.to_string(), declared=declared.name),
            where=spot,
            fix=text("error.correct_wrong"),
        )
    return System(own.to_string(), own)


def to_degrees(xy: Floats, system: System, spot: str) -> Floats:
    """Longitude and latitude (P,2) of x (east), y (north); NaN or inf if that fails.

    Raises SourceError: no way leads from the system to degrees.
    """
    if system.shift is not None:
        with np.errstate(over="ignore", invalid="ignore"):  # of 1e308: a fault of its row
            return system.shift(xy)
    if system is WGS:
        return xy
    with foreign("crs", spot, got=system.name):
        way = transformer(system.crs, WGS84)
        lon, lat = way.transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def in_range(lonlat: Floats, system: System) -> Bools:
    """(P,) whether each place lies where its system is used."""
    if system is BD_METRES:
        return in_china(lonlat)
    area = system.crs.area_of_use
    west, south, east, north = area.bounds if area is not None else (-180, -90, 180, 90)
    if west > east:  # across the antimeridian
        west, east = -180, 180
    margin = 0.0 if system.crs.is_geographic else EDGE_DEG
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return np.asarray(
        (lon >= west - margin)
        & (lon <= east + margin)
        & (lat >= south - margin)
        & (lat <= north + margin)
    )
