"""Read ledgers: tables and files of points or polygons, into WGS 84 degrees.

Coordinates of a declared system are converted exactly or not at all: GCJ-02 and BD-09 are
recognised and refused, because a silent shift of 0.5 to 1.1 km looks like a good result.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gusu_geo.errors import SourceError, StudyError, nearest_name
from gusu_geo.sources.ledgers.files import SHAPES, TABLES, plain_text, read_file, text_of
from gusu_geo.study.params import Columns
from gusu_geo.tables import GROUPS, Floats

WGS84 = "EPSG:4326"
SHOWN_ROWS = 5
PERSONS_MAX = 1e6  # of one home: more is a slipped column or a total
EDGE_DEG = 1.0  # tolerance around the area where a coordinate system is used

# Headers that are understood without being named in the study file.
GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("id", "编号"),
    "name": ("name", "名称"),
    "service": ("service", "功能"),
    "persons": ("persons", "人数", "人口"),
    "elders": ("elders", "老年人", "老年人数", "老年人口", "60岁以上", "65岁以上"),
    "children": ("children", "儿童", "儿童数", "儿童人数"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "hours": ("hours", "opening_hours", "开放时间"),
    "access": ("access", "通行", "通行对象"),
}
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


def read_points(
    path: str | Path,
    *,
    crs: str = "wgs84",
    columns: Columns | None = None,
    where: str = "",
    repeated_ids: bool = False,
) -> gpd.GeoDataFrame:
    """Points of a ledger in EPSG:4326: index id (text), those of the columns id, name, service,
    persons (and, of these, elders and children; float), hours, access that the file has, and
    geometry. Same rows out as in.

    path: .csv (UTF-8, else GB18030), .xlsx (first sheet), .geojson, .gpkg, .shp, .parquet.
    crs: "wgs84" or "epsg:NNNN", the system of columns lon (x, east) and lat (y, north); files
    that know their own system keep it. columns: headers, where they are not the usual ones.
    Other columns are not taken over, so that personal data stay where they are. repeated_ids: an
    id may stand in several rows, else that is a fault.
    Raises StudyError: a system that cannot be read. SourceError: file, header or rows at fault;
    all bad rows in one message.
    """
    path, declared = Path(path), _declared_crs(crs, where)
    spot = f"{where}: {path}" if where else str(path)
    frame = read_file(path, TABLES + SHAPES, spot)
    _refuse_shifted(frame, spot)
    headers = _headers(frame, columns or Columns(), spot)
    faults: dict[int, str] = {}
    if path.suffix.lower() in TABLES:
        xy = np.column_stack(
            [_numbers(frame, headers, axis, faults, spot) for axis in ("lon", "lat")]
        )
        lonlat = _to_degrees(xy, declared)
        system = declared
    else:
        system = _own_crs(frame, declared, spot)
        lonlat = _to_degrees(_point_xy(frame, faults), system)
    for row in frame.index[(lonlat == 0).all(axis=1)]:  # an empty field, not a place
        faults.setdefault(int(row), "no coordinate: 0, 0")
    _check_range(lonlat, frame.index, system, faults)
    kept: dict[str, Any] = {}
    for key in ("name", "service", "hours", "access"):
        if key in headers:
            kept[key] = [text_of(value) for value in frame[headers[key]]]
    if "persons" in headers:
        kept |= _persons(frame, headers, faults, spot)
    _raise_faults(faults, spot, lonlat)
    index = _ids(frame, headers, spot, repeated=repeated_ids)
    return gpd.GeoDataFrame(kept, index=index, geometry=shapely.points(lonlat), crs=WGS84)


def _persons(
    frame: pd.DataFrame, headers: dict[str, str], faults: dict[int, str], spot: str
) -> dict[str, Floats]:
    """Persons of each row, and how many of them belong to groups that have a column."""
    persons = _numbers(frame, headers, "persons", faults, spot)
    for row in frame.index[persons < 0]:
        faults.setdefault(int(row), "persons is below 0")
    for row in frame.index[persons > PERSONS_MAX]:
        faults.setdefault(int(row), f"persons is above {PERSONS_MAX:,.0f}")
    kept = {"persons": persons}
    for key in GROUPS:
        if key in headers:
            kept[key] = _numbers(frame, headers, key, faults, spot)
            for row in frame.index[(kept[key] < 0) | (kept[key] > persons)]:
                faults.setdefault(int(row), f"{key} must be between 0 and persons")
    return kept


def read_polygons(path: str | Path, *, crs: str = "wgs84", where: str = "") -> gpd.GeoDataFrame:
    """Polygons of a file in EPSG:4326 with all its columns; invalid ones are repaired.

    path: .geojson, .gpkg, .shp, .parquet. crs: used when the file does not know its own.
    Raises StudyError, SourceError as ``read_points``; SourceError for rows that are no polygon.
    """
    path, declared = Path(path), _declared_crs(crs, where)
    spot = f"{where}: {path}" if where else str(path)
    frame = read_file(path, SHAPES, spot)
    _refuse_shifted(frame, spot)
    frame = frame.set_crs(_own_crs(frame, declared, spot), allow_override=True).to_crs(WGS84)
    shapes = np.array([_polygonal(shape) for shape in frame.geometry], object)
    faults = {
        int(row): "not a polygon"
        for row, shape in zip(frame.index, shapes, strict=True)
        if shape is None or shape.is_empty
    }
    _raise_faults(faults, spot)
    bounds = shapely.bounds(shapes)
    _check_range(bounds[:, :2], frame.index, CRS(WGS84), faults)
    _check_range(bounds[:, 2:], frame.index, CRS(WGS84), faults)
    _raise_faults(faults, spot, bounds[:, :2])
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=WGS84)).reset_index(
        drop=True
    )


def text_column(
    frame: gpd.GeoDataFrame, columns: Columns, key: str, usual: tuple[str, ...], where: str
) -> list[str] | None:
    """The column as text: as named in the study, else by a usual header, else None."""
    named = getattr(columns, key, None)
    if named is not None and named not in frame.columns:
        hint = nearest_name(named, map(str, frame.columns))
        raise SourceError(f"has no column {named!r} for {key}.", where=where, fix=hint)
    lower = {str(header).lower(): header for header in frame.columns}
    header = named or next((lower[word] for word in usual if word in lower), None)
    if header is None:
        return None
    return ["" if pd.isna(value) else str(value).strip() for value in frame[header]]


def refuse_same_ids(ids: pd.Series[Any], where: str, what: str) -> None:
    """Raises SourceError: an id of the polygons is blank or stands twice. what: "zone"."""
    bad = ids.duplicated() | (ids == "")
    if bad.any():
        raise SourceError(
            f"{what} ids must be there and differ.",
            where=where,
            got=ids[bad].iloc[0],
            fix=f"Merge the polygons of one {what}, or name another id column.",
        )


def _declared_crs(crs: str, where: str) -> CRS:
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


def _refuse_shifted(frame: pd.DataFrame, spot: str) -> None:
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


def _headers(frame: pd.DataFrame, columns: Columns, spot: str) -> dict[str, str]:
    """The header of each known column that the file has: as named, else as guessed."""
    present = [str(header) for header in frame.columns]
    lower = {header.lower(): header for header in present}
    found = {}
    for key, guesses in GUESSES.items():
        named = getattr(columns, key)
        if named is not None:
            if plain_text(named) not in present:
                hint = nearest_name(plain_text(named), present)
                raise SourceError(f"has no column {named!r} for {key}.", where=spot, fix=hint)
            found[key] = plain_text(named)
            continue
        match = next((lower[guess] for guess in guesses if guess in lower), None)
        if match is not None:
            found[key] = match
    for key, header in found.items():
        # Guessed headers are read whatever their case, so that two which differ in it are alike.
        guessed = getattr(columns, key) is None
        alike = [h for h in present if h == header or (guessed and h.lower() == header.lower())]
        if len(alike) > 1:
            raise SourceError(
                f"has two columns of the same name for {key}.",
                where=spot,
                got=", ".join(alike),
                fix="Remove or rename the one that is not meant.",
            )
    return found


def _numbers(
    frame: pd.DataFrame, headers: dict[str, str], key: str, faults: dict[int, str], spot: str
) -> Floats:
    """The column as numbers, NaN with an entry in ``faults`` where it holds none."""
    if key not in headers:
        raise SourceError(
            f"has no column for {key}.",
            where=spot,
            got=", ".join(map(str, frame.columns)),
            fix=f'Name it: columns = {{ {key} = "..." }}.',
        )
    numbers = np.full(len(frame), np.nan)
    for position, (row, value) in enumerate(frame[headers[key]].items()):
        text = plain_text(value)
        try:
            numbers[position] = float(text.replace("_", "?"))  # Python would read 1_2 as 12
        except ValueError:
            fault = f"{headers[key]} is not a number: {text!r}" if text else f"no {headers[key]}"
            faults.setdefault(int(str(row)), fault)
            continue
        if not math.isfinite(numbers[position]):
            faults.setdefault(int(str(row)), f"{headers[key]} is {text}")
    return numbers


def _point_xy(frame: gpd.GeoDataFrame, faults: dict[int, str]) -> Floats:
    xy = np.full((len(frame), 2), np.nan)
    for position, (row, shape) in enumerate(frame.geometry.items()):
        if shape is None or shape.is_empty:
            faults[row] = "no coordinate"
        elif shape.geom_type != "Point":
            faults[row] = f"not a point but a {shape.geom_type}"
        else:
            xy[position] = shape.x, shape.y
    return xy


def _own_crs(frame: gpd.GeoDataFrame, declared: CRS, spot: str) -> CRS:
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


def _to_degrees(xy: Floats, crs: CRS) -> Floats:
    """Longitude and latitude (P,2) of x (east), y (north); NaN or inf where there is none."""
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def _check_range(lonlat: Floats, rows: pd.Index, crs: CRS, faults: dict[int, str]) -> None:
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


def _raise_faults(faults: dict[int, str], spot: str, lonlat: Floats | None = None) -> None:
    if not faults:
        return
    shown = "; ".join(f"row {row}: {faults[row]}" for row in sorted(faults)[:SHOWN_ROWS])
    rest = f"; and {len(faults) - SHOWN_ROWS} more" if len(faults) > SHOWN_ROWS else ""
    swapped = lonlat is not None and bool(
        ((np.abs(lonlat[:, 1]) > 90) & (np.abs(lonlat[:, 0]) <= 90)).any()
    )
    fix = "Mend or remove these rows."
    if swapped:
        fix = "Are longitude and latitude swapped?"
    count = f"{len(faults)} bad row" + ("s" if len(faults) > 1 else "")
    raise SourceError(f"{count}: {shown}{rest}.", where=spot, fix=fix)


def _ids(
    frame: pd.DataFrame, headers: dict[str, str], spot: str, *, repeated: bool = False
) -> pd.Index:
    """Ids as text; the row number where the file names none."""
    if "id" not in headers:
        return pd.Index([str(row) for row in frame.index], name="id", dtype=object)
    ids = pd.Series([text_of(value) for value in frame[headers["id"]]], index=frame.index)
    twice = ids.duplicated() & (ids != "")
    faults = {int(row): "no id" for row in frame.index[ids == ""]}
    if not repeated:
        faults |= {int(row): f"id {ids[row]!r} again" for row in frame.index[twice]}
    _raise_faults(faults, spot)
    index: pd.Index = pd.Index(ids.to_numpy(object), name="id", dtype=object)
    return index


def _polygonal(shape: Any) -> Any:
    """The polygons of a shape, repaired; None if it has none."""
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    if shape.is_valid:
        return shape
    parts = [p for p in shapely.get_parts(shapely.make_valid(shape)) if "Polygon" in p.geom_type]
    return shapely.union_all(parts) if parts else None
