"""The districts of a province: their outlines, which share no ground, and the keys by which their
studies and files are called."""

from __future__ import annotations

import hashlib
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.errors import StudyError
from gusu_geo.fetching.borders import Borders, cut_borders
from gusu_geo.geometry import (
    HALF_WIDTH_MAX_KM,
    KM_PER_DEGREE,
    WGS84,
    local_crs,
    polygonal,
    transformer,
    valid,
)
from gusu_geo.province.outlines import alike_along_borders
from gusu_geo.province.parts import District
from gusu_geo.province.province_file import Province
from gusu_geo.sources.area import asked_area, named
from gusu_geo.sources.ledgers.columns import text_column
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.osm.boundaries import boundaries
from gusu_geo.sources.osm.extract import OsmExtract, read_osm
from gusu_geo.study.study_file import open_study
from gusu_geo.words import Text, folded, text

IDS = ("id", "code", "adcode", "编号", "代码", "行政区划代码", "gid", "zone_id")
NAMES = ("name", "name_zh", "名称", "区县", "行政区", "区县名称", "行政区名称")
SLUG_LETTERS, CODE_LETTERS = 32, 16  # of a key: files are named after it
OVERLAP_M = 1.0  # borders drawn twice differ: a home in a strip this wide is judged once anyway
SHOWN = 12  # overlaps in a message


@dataclass(frozen=True)
class _Found:
    """A district as its source has it; where: its row, for messages."""

    name: str
    code: str
    outline: shapely.Geometry
    where: str
    study: Path | None = None


@dataclass(frozen=True)
class FoundDistricts:
    """districts: in the order of their keys; partial: names of boundaries of the level that the OSM
    file holds parts of only, of its neighbours as a rule: they are no districts."""

    districts: list[District]
    partial: tuple[str, ...] = ()


def districts_of(province: Province) -> list[District]:
    """The districts in the order of their keys. Raises as ``find_districts``."""
    return find_districts(province).districts


def find_districts(province: Province) -> FoundDistricts:
    """The districts, and the boundaries that are none because the file has them in part.

    Raises StudyError: no district, no boundaries of the level (those that the file has are named),
    two of one name and code, two that share ground (with how much), one without ground, or outside
    the data, all of them too wide for one metric system; SourceError: an invalid file.
    """
    with tempfile.TemporaryDirectory(prefix="gusu_geo-") as folder:
        file = Path(folder) / "borders.osm.pbf"
        partial: tuple[str, ...] = ()
        if province.districts.level is not None:
            found, borders, partial = _of_level(province, file)
        elif province.districts.outlines is not None:
            found, borders = _of_outlines(province), cut_borders(province.osm, [], [], file)
        else:
            found, borders = _of_studies(province, file)
    for one in found:
        if shapely.area(one.outline) == 0:
            what = text("error.district_empty", name=one.name or one.code)
            raise StudyError(what, where=one.where, fix=text("error.draw_outline"))
    _refuse_outside(province, found, borders)
    keys = _keys(province, found)
    order = sorted(range(len(found)), key=lambda at: keys[at])
    shapes = alike_along_borders([found[at].outline for at in order])
    districts = [
        District(keys[at], found[at].name, found[at].code, shape, found[at].study)
        for at, shape in zip(order, shapes, strict=True)
    ]
    _refuse_wide(province, districts)
    _refuse_overlaps(province, districts)
    return FoundDistricts(districts, partial)


def centre_of(districts: Sequence[District]) -> tuple[float, float]:
    """The middle of the one metric system of all districts: longitude, latitude."""
    bounds = shapely.total_bounds([district.outline for district in districts])
    west, south, east, north = bounds.tolist()
    return round((west + east) / 2, 6), round((south + north) / 2, 6)


def _of_level(province: Province, file: Path) -> tuple[list[_Found], Borders, tuple[str, ...]]:
    """Boundaries of the OSM file of one level, ``within`` a box or a larger boundary; names of
    those that are not whole."""
    level, within = province.districts.level or 0, province.districts.within
    names = [within] if isinstance(within, str) else []
    borders = cut_borders(province.osm, [level], names, file)
    where = f"{province.where}: districts.level"
    if not borders.levels.get(str(level)):
        raise _no_level(level, borders, where)
    extract = read_osm(file)
    admin = boundaries(extract, level)
    lacking = set(borders.named[level]) - set(admin.index)
    partial = tuple(sorted(borders.named[level][key] or key for key in lacking))
    if admin.empty:
        what = text("error.no_whole_level", level=level, names=partial)
        raise StudyError(what, where=where, fix=text("error.larger_region"))
    if within is not None:
        if isinstance(within, str):
            around: shapely.Geometry = _upper(extract, within, level, province.where)
        else:
            around = shapely.box(*within)
        inner = shapely.point_on_surface(admin.geometry.to_numpy())
        admin = admin[shapely.intersects(around, inner)]
    if admin.empty:
        what = text("error.none_within", level=level)
        raise StudyError(what, where=where, got=within, fix=text("error.mend_within"))
    outlines = valid(admin.geometry.to_numpy())
    return (
        [
            _Found(name or zh or en, key, outline, f"{province.osm.name} {key}")
            for key, name, zh, en, outline in zip(
                admin.index,
                admin["name"],
                admin["name_zh"],
                admin["name_en"],
                outlines,
                strict=True,
            )
        ],
        borders,
        partial,
    )


def _upper(extract: OsmExtract, name: str, level: int, where: str) -> shapely.Geometry:
    """The boundary of that name that districts lie within."""
    found = extract.admin[extract.admin["admin_level"] < level]
    found = found[named(found, name)]
    if len(found) != 1:
        what = text("error.no_within_boundary", name=name, count=len(found))
        fix = text("error.within_as_box")
        raise StudyError(what, where=f"{where}: districts.within", fix=fix)
    shape: shapely.Geometry = valid(found.geometry.to_numpy())[0]
    return shape


def _no_level(level: int, borders: Borders, where: str) -> StudyError:
    known = sorted((key for key in borders.levels if key.isdigit()), key=int)
    listed = tuple(f"{key} ({borders.levels[key]})" for key in known)
    fix: Text = text("error.levels_are", levels=listed or text("error.none"))
    return StudyError(text("error.no_level", level=level), where=where, fix=fix)


def _of_outlines(province: Province) -> list[_Found]:
    """Rows of a polygon file."""
    params, where = province.districts, f"{province.where}: districts.outlines"
    path = province.path(params.outlines or Path())
    frame = read_polygons(
        path, crs=params.crs, layer=params.layer, privacy=params.privacy, where=where
    )
    names = text_column(frame, params.columns, "name", NAMES, where)
    codes = text_column(frame, params.columns, "id", IDS, where)
    if names is None and codes is None:
        raise StudyError(text("error.outlines_unnamed"), where=where, fix=text("error.name_them"))
    count = len(frame)
    rows = zip(names or codes or (), codes or [""] * count, frame.geometry.to_numpy(), strict=True)
    return [
        _Found(name, code, outline, f"{path.name} {row}")
        for row, (name, code, outline) in enumerate(rows, start=1)
    ]


def _of_studies(province: Province, file: Path) -> tuple[list[_Found], Borders]:
    """The areas of studies, whose OSM file is that of the region."""
    paths = [province.path(each) for each in province.districts.studies or ()]
    studies = [open_study(path) for path in paths]
    for path, study in zip(paths, studies, strict=True):
        own = study.path(study.network.osm)
        if own != province.osm:
            what = text("error.other_osm", own=own.name, region=province.osm.name)
            raise StudyError(what, where=path, fix=text("error.same_osm"))
    asked = [study.area.osm_admin for study in studies if study.area.osm_admin is not None]
    names = [each.name for each in asked]
    borders = cut_borders(province.osm, [], names, file)
    extract = None
    found = []
    for path, study in zip(paths, studies, strict=True):
        outline: shapely.Geometry
        if study.area.bbox is not None:
            outline = shapely.box(*study.area.bbox)
        elif study.area.boundary is not None:
            area = study.area
            polygons = read_polygons(
                study.path(area.boundary or Path()),
                crs=area.crs,
                layer=area.layer,
                privacy=area.privacy,
                where=f"{path.name}: area.boundary",
            )
            outline = shapely.union_all(polygons.geometry.to_numpy())
        elif not borders.named:
            fix = text("error.levels_are", levels=tuple(borders.levels) or text("error.none"))
            raise StudyError(text("error.no_boundary"), where=path, got=names[0], fix=fix)
        else:
            extract = extract or read_osm(file)
            outline = asked_area(study, extract).shape
        name = study.title.zh or study.title.en or study.name
        found.append(_Found(name, study.name, outline, path.name, path))
    return found, borders


def _refuse_outside(province: Province, found: Sequence[_Found], borders: Borders) -> None:
    """Raises StudyError: a district no part of which the file covers, as far as it says."""
    if not found:
        raise StudyError(text("error.no_districts"), where=province.where)
    if not borders.boxes:
        return
    data = shapely.union_all([shapely.box(*box) for box in borders.boxes])
    away = [one.name or one.code for one in found if not shapely.intersects(data, one.outline)]
    if away:
        box = ", ".join(f"{side:.4f}" for side in shapely.bounds(data))
        what = text("error.districts_outside", names=tuple(away))
        raise StudyError(what, where=province.osm.name, got=box, fix=text("error.larger_region"))


def _keys(province: Province, found: Sequence[_Found]) -> list[str]:
    """The key of each district: by its name; of several of one name by their codes too. Raises
    StudyError: neither tells two apart."""
    slugs = [slug_of("" if one.study else one.name) or slug_of(one.code) for one in found]
    many = Counter(map(folded, slugs))
    codes = [slug_of(one.code, CODE_LETTERS) for one in found]
    full = [
        f"{slug}-{code}" if many[folded(slug)] > 1 and code and code != slug else slug
        for slug, code in zip(slugs, codes, strict=True)
    ]
    alike = [name for name, count in Counter(map(folded, full)).items() if count > 1 or not name]
    if alike:
        same = [
            f"{one.name or one.code} ({one.where})"
            for one, key in zip(found, full, strict=True)
            if folded(key) in alike
        ]
        what = text("error.districts_alike", names=tuple(same))
        raise StudyError(what, where=province.where, fix=text("error.name_them"))
    return [f"{province.name}-{key}" for key in full]


def slug_of(name: str, most: int = SLUG_LETTERS) -> str:
    """A name as part of the name of a file: letters and digits of any script, the rest as "-".

    >>> slug_of("姑苏区"), slug_of("Saint-Roch / Jardin 🌴"), slug_of("🌴")
    ('姑苏区', 'Saint-Roch-Jardin', '')
    """
    plain = unicodedata.normalize("NFKC", name)
    kept = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in plain)
    slug = "-".join(kept.split())
    if len(slug) > most:
        short = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:6]
        slug = f"{slug[: most - 7].rstrip('-')}-{short}"
    return slug


def _refuse_wide(province: Province, districts: Sequence[District]) -> None:
    """Raises StudyError: too wide for one metric system."""
    if province.crs == "own":
        return
    west, south, east, north = shapely.total_bounds([one.outline for one in districts]).tolist()
    lat = 0.0 if south < 0 < north else min(abs(south), abs(north))  # where it is widest
    off_km = (east - west) / 2 * KM_PER_DEGREE * float(np.cos(np.radians(lat)))
    if off_km > HALF_WIDTH_MAX_KM:
        what = text("error.region_wide", width_km=2 * off_km, most_km=2 * HALF_WIDTH_MAX_KM)
        raise StudyError(what, where=province.where, fix=text("error.own_systems"))


def _refuse_overlaps(province: Province, districts: Sequence[District]) -> None:
    """Raises StudyError: two districts share more ground than inexact borders do."""
    lon, lat = centre_of(districts)
    way = transformer(WGS84, local_crs(lon, lat))
    degrees = np.array([district.outline for district in districts], object)
    shapes = valid(shapely.transform(degrees, lambda xy: np.column_stack(way.transform(*xy.T))))
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, two = one[one < two], two[one < two]
    common = polygonal(shapely.intersection(shapes[one], shapes[two]))
    wide = ~shapely.is_empty(shapely.buffer(common, -OVERLAP_M / 2))
    if not wide.any():
        return
    m2 = shapely.area(common[wide])
    order = np.argsort(-m2, kind="stable")
    pairs = [
        text(
            "error.overlap_of",
            one=districts[one[wide][at]].name or districts[one[wide][at]].key,
            two=districts[two[wide][at]].name or districts[two[wide][at]].key,
            m2=float(m2[at]),
        )
        for at in order[:SHOWN]
    ]
    what = text("error.districts_overlap", pairs=(*pairs, *("…",) * (len(m2) > SHOWN)))
    raise StudyError(what, where=province.where, fix=text("error.no_overlap"))


def frame_of(districts: Iterable[District]) -> gpd.GeoDataFrame:
    """The districts as a frame in the order given: key, name, code, outline (EPSG:4326)."""
    rows = [replace(district, study=None) for district in districts]
    columns = {name: [getattr(row, name) for row in rows] for name in ("key", "name", "code")}
    return gpd.GeoDataFrame(columns, geometry=[row.outline for row in rows], crs=WGS84)
