"""The zones of a study: boundaries of the OSM file or a polygon file, cut to the study area; or a
ledger of names and codes, which nobody has drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import StudyError
from gusu_geo.geometry import polygonal, valid
from gusu_geo.sources.area import StudyArea, named
from gusu_geo.sources.evidence import street_evidence
from gusu_geo.sources.ledgers.account import ACCOUNTS, outline_account
from gusu_geo.sources.ledgers.columns import refuse_same_ids, text_column
from gusu_geo.sources.ledgers.files import TABLES, path_of
from gusu_geo.sources.ledgers.parts import doubts_of
from gusu_geo.sources.ledgers.polygon_marks import MARKS_OF, Marks, marks_of_polygons
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.osm.boundaries import boundaries
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.readings import reading
from gusu_geo.sources.zone_ledgers import (
    LEFT_OUT,
    headers_of_tier,
    headers_of_zones,
    other_tiers,
    parent_column,
    read_zone_ledger,
)
from gusu_geo.sources.zone_marks import marks_in_ledger
from gusu_geo.sources.zone_names import ZoneNames
from gusu_geo.sources.zone_tiers import Level, nested, refuse_same_tiers, upper_tier
from gusu_geo.study.params import Columns, Study, ZoneOrigin, ZoneSource
from gusu_geo.tables import LedgerAccount, Note, Reading, Zones
from gusu_geo.words import folded, note, text

SHARE_MIN = 0.01  # of a zone's own area: a smaller overlap comes from inexact borders
COLUMNS = ("level", "zone_id", "name", "name_zh", "name_en")
TIER_COLUMNS = ("tier", "parent")  # where a level is of a tier


@dataclass(frozen=True, eq=False)
class ReadZones:
    """Zones, notes on mended ones, what became of those read at each level, and how each file
    was understood; marks: by level, see ``marks_of_polygons``; names: for each level of a tier its
    zones by name."""

    zones: Zones
    notes: list[Note]
    sources: list[Reading]
    accounts: list[LedgerAccount]
    marks: dict[str, Marks] = field(default_factory=dict)
    names: dict[str, ZoneNames] = field(default_factory=dict)


def read_zones(study: Study, extract: OsmExtract, area: StudyArea) -> ReadZones:
    """The zones of all levels in the order of the study.

    Raises StudyError: a level without zones in the area (a part of a region is judged without that
    level), a repeated level or tier; SourceError:
    invalid file, parents that cannot be.
    """
    _refuse_same_levels([source.level for source in study.zones])
    refuse_same_tiers(study.zones)
    parts, notes, sources = [], [], []
    accounts: list[LedgerAccount] = []
    marks: dict[str, Marks] = {}
    names: dict[str, ZoneNames] = {}
    for level in nested([_level(study, source, extract, area) for source in study.zones]):
        source, raw, cut = level.source, level.raw, level.cut
        if level.absent:
            notes.append(note("zones_not_found", level=source.level, names=level.absent))
        if cut.empty and study.region is not None:  # other parts of the region have some
            notes.append(note("level_elsewhere", level=source.level))
            continue
        accounts += raw.attrs.get(ACCOUNTS, [])
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
        marks[source.level] = raw.attrs.get(MARKS_OF, {})
        if source.ledger is not None:
            where = f"zones {source.level!r}"
            path = path_of(study, source.ledger, where)
            more = marks_in_ledger(path, source, level.names(whole=True), where)
            own = marks[source.level]
            marks[source.level] = {
                key: own.get(key, {}) | more.marks.get(key, {}) for key in {**own, **more.marks}
            }
            sources.append(more.read)
            accounts += more.accounts
        parts.append(cut)
        if source.tier:
            names[source.tier_key] = level.names()
            names[source.tier_key].beyond = level.names(whole=True)
            if source.aliases is not None:
                path = path_of(study, source.aliases, "zones")
                names[source.tier_key].read_aliases(path, f"zones {source.level!r}")
            parents = [level.parent.get(str(zone_id), "") for zone_id in cut["zone_id"]]
            parts[-1] = cut.assign(tier=source.tier_key, parent=parents)
    columns = [*COLUMNS, *(TIER_COLUMNS if names else ()), "geometry"]
    if not parts:
        none = Zones(gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=area.crs))
        return ReadZones(none, notes, sources, accounts)
    frame = pd.concat(parts, ignore_index=True)[columns]
    if names:
        frame[list(TIER_COLUMNS)] = frame[list(TIER_COLUMNS)].fillna("")
    zones = Zones(gpd.GeoDataFrame(frame, geometry="geometry", crs=area.crs))
    held = {key: found for key, found in marks.items() if found}
    return ReadZones(zones, notes, sources, accounts, held, names)


def _level(study: Study, source: ZoneSource, extract: OsmExtract, area: StudyArea) -> Level:
    """A level as its source has it, and cut to the area."""
    raw, where = _raw(study, source, extract)
    raw, absent = _wanted(source, raw)
    drawn = not raw.geometry.isna().all()
    cut = _cut(raw, source.level, area) if drawn else _undrawn(raw, source.level, area)
    return Level(source, raw, cut, where, {}, absent)


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
    no_data = dict(raw.attrs.get(LEFT_OUT, {}))
    return reading(
        name,
        "zones",
        read=len(raw) + len(broken) + sum(no_data.values()),
        used=len(cut),
        left_out={"outside_area": len(raw) - len(cut), "border_incomplete": broken, **no_data},
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


def _raw(study: Study, source: ZoneSource, extract: OsmExtract) -> tuple[gpd.GeoDataFrame, str]:
    """All zones of the source in degrees: columns zone_id, name, name_zh, name_en, gap_m, said (of
    the parent); index: rows of a file. And where they were read, for messages."""
    if isinstance(source.source, ZoneOrigin):
        found = boundaries(extract, source.source.osm_admin_level)
        ids = found.index.astype(str)
        return found.assign(zone_id=ids, said="").set_axis(range(len(found))), _origin(source)
    where = f"zones {source.level!r}"
    path = path_of(study, source.source, where)
    upper = upper_tier(study.zones, source.tier_key)
    if path.suffix.lower() in TABLES:
        if not source.tier:
            what, fix = text("error.zone_ledger_no_tier"), text("error.zone_ledger_tier")
            raise StudyError(what, where=where, got=path.name, fix=fix)
        frame, where = read_zone_ledger(path, source, where, upper)
    else:
        frame = read_polygons(
            path,
            crs=source.crs,
            layer=source.layer,
            privacy=source.privacy,
            where=where,
            evidence=street_evidence(extract),
        )
        usual = headers_of_tier(source.tier_key)
        headers = headers_of_zones(frame, source, upper, where)
        frame.attrs[ACCOUNTS] = [outline_account(path.name, "zones", frame, headers)]
        frame.index = range(1, len(frame) + 1)
        rows = frame.index.astype(str).tolist()
        zone_id = text_column(frame, source.columns, "id", usual["id"], where) or rows
        names = text_column(frame, source.columns, "name", usual["name"], where)
        frame = frame.assign(zone_id=zone_id, name=zone_id if names is None else names)
        where = f"{where}: {source.source}"
        refuse_same_ids(frame["zone_id"].reset_index(drop=True), where, "zone")
    other = other_tiers(frame, source, where)
    frame, left_out = frame[~other], dict(frame.attrs.get(LEFT_OUT, {}))
    frame.attrs[LEFT_OUT] = left_out | ({"other_tier": int(other.sum())} if other.any() else {})
    ids = frame["zone_id"].astype(str).tolist()
    more = () if source.ledger else source.attributes
    frame.attrs[MARKS_OF] = marks_of_polygons(frame, ids, source.columns, more, where)
    said = [""] * len(frame)
    if source.tier:
        said = parent_column(frame, source, upper, where)
    kept = frame[["geometry", "zone_id", "name"]].assign(
        name_zh=text_column(frame, Columns(), "name_zh", ("name_zh", "name:zh"), where) or "",
        name_en=text_column(frame, Columns(), "name_en", ("name_en", "name:en"), where) or "",
        gap_m=0.0,
        said=said,
    )
    kept.attrs = frame.attrs
    return kept, where


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


def _undrawn(raw: gpd.GeoDataFrame, level: str, area: StudyArea) -> gpd.GeoDataFrame:
    """Zones that nobody drew, all of them."""
    nowhere = gpd.GeoSeries(np.full(len(raw), None, object), index=raw.index, crs=area.crs)
    return raw.set_geometry(nowhere).assign(level=level)


def _origin(source: ZoneSource) -> str:
    origin = source.source
    return (
        f"admin_level {origin.osm_admin_level}" if isinstance(origin, ZoneOrigin) else str(origin)
    )


def _mended_note(level: str, mended: pd.DataFrame) -> Note:
    gaps = mended.to_numpy().tolist()
    named = tuple(text("fact.name_gap", name=name, gap_m=gap_m) for name, gap_m in gaps)
    return note("zones_mended", level=level, zones=named)
