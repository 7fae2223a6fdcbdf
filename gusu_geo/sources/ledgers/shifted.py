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
# Baidu's own Mercator, by bands: from which metres north on; longitude = a + b x; latitude a
# polynomial of the metres north over the last number. Published with Baidu's map script.
_BANDS_M = np.array([0.0, 1_678_043.12, 3_481_989.83, 5_591_021.0])
_BANDS = np.array(
    [
        (2.890871144776878e-09, 8.983055095805407e-06, -3.068298e-08, 7.47137025468032,
         -3.53937994e-06, -0.02145144861037, -1.234426596e-05, 0.00010322952773, -3.23890364e-06,
         826_088.5),
        (3.09191371068437e-09, 8.983055096812155e-06, 6.995724062e-05, 23.10934304144901,
         -0.00023663490511, -0.6321817810242, -0.00663494467273, 0.03430082397953,
         -0.00466043876332, 2_555_164.4),
        (-1.981981304930552e-08, 8.983055099779535e-06, 0.03278182852591, 40.31678527705744,
         0.65659298677277, -4.44255534477492, 0.85341911805263, 0.12923347998204,
         -0.04625736007561, 4_482_777.06),
        (-3.030883460898826e-08, 8.98305509983578e-06, 0.30071316287616, 59.74293618442277,
         7.357984074871, -25.38371002664745, 13.45380521110908, -3.29883767235584,
         0.32710905363475, 6_856_817.37),
    ]
)  # fmt: skip
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


def bd_of_mercator(xy: Floats) -> Floats:
    """Degrees in BD-09 (P,2) of Baidu's Mercator metres (P,2), east and north, in China; elsewhere
    no degrees of any place there.

    >>> bd_of_mercator(np.array([[12_958_175.0, 4_825_923.77]])).round(5).tolist()
    [[116.404, 39.915]]
    """
    band = np.searchsorted(_BANDS_M, np.nan_to_num(xy[:, 1]), side="right") - 1
    of = _BANDS[np.clip(band, 0, None)]
    north = xy[:, 1] / of[:, 9]
    lat = sum(of[:, 2 + power] * north**power for power in range(7))
    return np.column_stack([of[:, 0] + of[:, 1] * xy[:, 0], lat])


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
