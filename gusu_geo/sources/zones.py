"""The zones of a study: boundaries of the OSM file or a polygon file, cut to the study area."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import StudyError
from gusu_geo.geometry import polygonal, valid
from gusu_geo.sources.area import StudyArea, named
from gusu_geo.sources.evidence import street_evidence
from gusu_geo.sources.ledgers.account import ACCOUNTS, outline_account
from gusu_geo.sources.ledgers.columns import headers_in, refuse_same_ids, text_column
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.parts import doubts_of
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.osm.boundaries import boundaries
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.readings import reading
from gusu_geo.study.params import Columns, Study, ZoneOrigin, ZoneSource
from gusu_geo.tables import LedgerAccount, Note, Reading, Zones
from gusu_geo.words import folded, note, text

SHARE_MIN = 0.01  # of a zone's own area: a smaller overlap comes from inexact borders
COLUMNS = ("level", "zone_id", "name", "name_zh", "name_en")
_IDS, _NAMES = ("zone_id", "id", "code", "编号", "代码"), ("name", "名称")


@dataclass(frozen=True, eq=False)
class ReadZones:
    """Zones, notes on mended ones, what became of those read at each level, and how each file
    was understood."""

    zones: Zones
    notes: list[Note]
    sources: list[Reading]
    accounts: list[LedgerAccount]


def read_zones(study: Study, extract: OsmExtract, area: StudyArea) -> ReadZones:
    """The zones of all levels in the order of the study.

    Raises StudyError: a level without zones in the area, a repeated level; SourceError: invalid
    file.
    """
    _refuse_same_levels([source.level for source in study.zones])
    parts, notes, sources = [], [], []
    accounts: list[LedgerAccount] = []
    for source in study.zones:
        raw, absent = _wanted(source, _raw(study, source, extract))
        if absent:
            notes.append(note("zones_not_found", level=source.level, names=absent))
        accounts += raw.attrs.get(ACCOUNTS, [])
        cut = _cut(raw, source.level, area)
        if cut.empty:
            raise StudyError(
                text("error.level_no_zone", level=source.level),
                where=_origin(source),
                fix=text("error.check_level"),
            )
        mended = cut.loc[cut["gap_m"] > 0, ["name", "gap_m"]]
        if len(mended):
            notes.append(_mended_note(source.level, mended))
        sources.append(_counted(study, source, extract, raw, cut))
        parts.append(cut)
    columns = [*COLUMNS, "geometry"]
    if not parts:
        none = Zones(gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=area.crs))
        return ReadZones(none, notes, sources, accounts)
    frame = pd.concat(parts, ignore_index=True)[columns]
    zones = Zones(gpd.GeoDataFrame(frame, geometry="geometry", crs=area.crs))
    return ReadZones(zones, notes, sources, accounts)


def _counted(
    study: Study,
    source: ZoneSource,
    extract: OsmExtract,
    raw: gpd.GeoDataFrame,
    cut: gpd.GeoDataFrame,
) -> Reading:
    """What became of the zones of one level; in an OSM file some lack too much of their border."""
    broken: list[str] = []
    name, doubted = extract.path.name, doubts_of(raw)
    if isinstance(source.source, ZoneOrigin):
        level = f" ({source.source.osm_admin_level})"
        mended = [f"{row.name} ({level.strip(' ()')})" for row in raw.itertuples() if row.gap_m > 0]
        broken = [each for each in extract.admin_incomplete if each.endswith(level)]
        broken = [each for each in broken if each not in mended]
        doubted["mended"] = cut.loc[cut["gap_m"] > 0, "name"].tolist()
    else:
        name = path_of(study, source.source, "zones").name
    return reading(
        name,
        "zones",
        read=len(raw) + len(broken),
        used=len(cut),
        left_out={"outside_area": len(raw) - len(cut), "border_incomplete": broken},
        doubted=doubted,
    )


def _refuse_same_levels(levels: list[str]) -> None:
    """Levels become names of sheets and files, which many systems compare without case."""
    plain = [folded(level) for level in levels]
    alike = [level for level, key in zip(levels, plain, strict=True) if plain.count(key) > 1]
    if alike:
        raise StudyError(
            text("error.level_twice"),
            where="zones",
            got=", ".join(alike),
            fix=text("error.level_own_name"),
        )


def _raw(study: Study, source: ZoneSource, extract: OsmExtract) -> gpd.GeoDataFrame:
    """All zones of the source in degrees: columns zone_id, name, name_zh, name_en, gap_m."""
    if isinstance(source.source, ZoneOrigin):
        found = boundaries(extract, source.source.osm_admin_level)
        return found.assign(zone_id=found.index.astype(str))
    where = f"zones {source.level!r}"
    frame = read_polygons(
        path_of(study, source.source, where),
        crs=source.crs,
        layer=source.layer,
        privacy=source.privacy,
        where=where,
        evidence=street_evidence(extract),
    )
    rows = np.arange(1, len(frame) + 1).astype(str)
    ids = text_column(frame, source.columns, "id", _IDS, where)
    names = text_column(frame, source.columns, "name", _NAMES, where)
    zone_id = pd.Series(rows if ids is None else ids, dtype=object)
    refuse_same_ids(zone_id, f"{where}: {source.source}", "zone")
    found = frame[["geometry"]].assign(
        zone_id=zone_id,
        name=zone_id if names is None else names,
        name_zh=text_column(frame, Columns(), "name_zh", ("name_zh", "name:zh"), where) or "",
        name_en=text_column(frame, Columns(), "name_en", ("name_en", "name:en"), where) or "",
        gap_m=0.0,
    )
    usual = {"id": _IDS, "name": _NAMES}
    headers = headers_in(frame, usual, where, source.columns)
    name = Path(source.source).name
    found.attrs = {**frame.attrs, ACCOUNTS: [outline_account(name, "zones", frame, headers)]}
    return found


def _wanted(source: ZoneSource, raw: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """The boundaries that the study names, all if it names none, and the names of no boundary."""
    origin = source.source
    if not isinstance(origin, ZoneOrigin) or not origin.names:
        return raw, ()
    rows = {name: named(raw, name) for name in origin.names}
    absent = tuple(name for name, row in rows.items() if not row.any())
    return raw[np.any(list(rows.values()), axis=0)], absent


def _cut(raw: gpd.GeoDataFrame, level: str, area: StudyArea) -> gpd.GeoDataFrame:
    """Zones of which more than ``SHARE_MIN`` lies in the area, cut to it, in metres."""
    shapes = valid(area.to_metres(raw.geometry))  # far from the study, outlines cross in metres
    inside = polygonal(shapely.intersection(shapes, area.outline))
    keep = shapely.area(inside) > SHARE_MIN * shapely.area(shapes)
    return raw[keep].set_geometry(inside[keep], crs=area.crs).assign(level=level)


def _origin(source: ZoneSource) -> str:
    origin = source.source
    return (
        f"admin_level {origin.osm_admin_level}" if isinstance(origin, ZoneOrigin) else str(origin)
    )


def _mended_note(level: str, mended: pd.DataFrame) -> Note:
    gaps = mended.to_numpy().tolist()
    named = tuple(text("fact.name_gap", name=name, gap_m=gap_m) for name, gap_m in gaps)
    return note("zones_mended", level=level, zones=named)
