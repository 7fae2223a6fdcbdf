"""GCJ-02 and BD-09, the shifted systems of Chinese maps, to and from degrees in WGS 84.

The published shift of GCJ-02 (Amap, Tencent, printed maps) leads from WGS 84 only; the way back is
found step by step. BD-09 (Baidu) is a further shift on top of GCJ-02. Both exist inside China
alone: points elsewhere are returned as they are.
"""

from __future__ import annotations

import numpy as np

from gusu_geo.tables import Bools, Floats

# Krasovsky's ellipsoid, on which the shift of GCJ-02 is reckoned.
_AXIS_M, _FLATTENING2 = 6_378_245.0, 0.00669342162296594323
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271  # where the shift is applied
_BAIDU_TURNS = np.pi * 3000.0 / 180.0
_BAIDU_LON, _BAIDU_LAT = 0.0065, 0.006
GCJ_STEPS = 4  # 1e-6 m are left
BD_STEPS = 3  # 1e-7 m; the usual closed form is off by 0.2 m


def in_china(lonlat: Floats) -> Bools:
    """(P,) whether the shifts apply: a box somewhat larger than the country."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return np.asarray((lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH))


def gcj_of_wgs(lonlat: Floats) -> Floats:
    """Degrees in GCJ-02 (P,2) of degrees in WGS 84 (P,2)."""
    return np.where(in_china(lonlat)[:, None], lonlat + _shift(lonlat), lonlat)


def wgs_of_gcj(lonlat: Floats) -> Floats:
    """Degrees in WGS 84 (P,2) of degrees in GCJ-02 (P,2), within a thousandth of a millimetre."""
    found = lonlat
    for _ in range(GCJ_STEPS):  # the shift changes by a thousandth of its size from step to step
        found = lonlat - _shift(found)
    return np.where(in_china(lonlat)[:, None], found, lonlat)


def bd_of_gcj(lonlat: Floats) -> Floats:
    """Degrees in BD-09 (P,2) of degrees in GCJ-02 (P,2)."""
    return np.where(in_china(lonlat)[:, None], lonlat + _baidu_shift(lonlat), lonlat)


def gcj_of_bd(lonlat: Floats) -> Floats:
    """Degrees in GCJ-02 (P,2) of degrees in BD-09 (P,2), within a thousandth of a millimetre."""
    found = lonlat - np.array([_BAIDU_LON, _BAIDU_LAT])
    for _ in range(BD_STEPS):
        found = lonlat - _baidu_shift(found)
    return np.where(in_china(lonlat)[:, None], found, lonlat)


def _baidu_shift(lonlat: Floats) -> Floats:
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_TURNS)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_TURNS)
    east = radius * np.cos(angle) + _BAIDU_LON - lon
    north = radius * np.sin(angle) + _BAIDU_LAT - lat
    return np.column_stack([east, north])


def _shift(lonlat: Floats) -> Floats:
    """What GCJ-02 adds to degrees in WGS 84."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    both = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    root = np.sqrt(np.abs(x))
    north_m = (
        *(-100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root,),
        both * 2.0 / 3.0,
        (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0,
        (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0,
    )
    east_m = (
        *(300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root,),
        both * 2.0 / 3.0,
        (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0,
        (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0,
    )
    latitude = np.radians(lonlat[:, 1])
    squeeze = 1.0 - _FLATTENING2 * np.sin(latitude) ** 2
    along_m = _AXIS_M * (1.0 - _FLATTENING2) / (squeeze * np.sqrt(squeeze))
    across_m = _AXIS_M / np.sqrt(squeeze) * np.cos(latitude)
    return np.column_stack([np.degrees(sum(east_m) / across_m), np.degrees(sum(north_m) / along_m)])
