"""Zones of tiers made one tree: each zone's parent, and what must not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.errors import StudyError
from gusu_geo.sources.ledgers.faults import raise_faults
from gusu_geo.sources.zone_names import ZoneNames, plain_name
from gusu_geo.sources.zone_parents import parents_of
from gusu_geo.study.params import ZoneSource
from gusu_geo.study.tiers import TIERS
from gusu_geo.words import Text, text

NO_PARENT = ""


@dataclass(frozen=True, eq=False)
class Level:
    """Zones of one level. raw: all of the source, columns zone_id, name, name_zh, name_en, said
    (what the row says of its parent), index: rows of the file; cut: those in the study area, with
    their shapes in metres or None, columns of ``Zones``; where: for messages; parent: of the zones
    in ``cut``, by id; absent: names that the study wants and the source lacks."""

    source: ZoneSource
    raw: gpd.GeoDataFrame
    cut: gpd.GeoDataFrame
    where: str
    parent: Mapping[str, str]
    absent: tuple[str, ...] = ()

    def names(self, *, whole: bool = False) -> ZoneNames:
        """The zones by name; whole: those outside the study area too."""
        frame = self.raw if whole else self.cut
        ids = frame["zone_id"].astype(str).tolist()
        named = (frame[key].fillna("").tolist() for key in ("name", "name_zh", "name_en"))
        return ZoneNames(ids, *named, parents=self.parent)


def refuse_same_tiers(sources: Sequence[ZoneSource]) -> None:
    """Raises StudyError: two levels are of one tier."""
    tiers = [source.tier_key for source in sources if source.tier]
    twice = [tier for tier in tiers if tiers.count(tier) > 1]
    if twice:
        raise StudyError(
            text("error.tier_level_twice"),
            where="zones",
            got=", ".join(str(source.tier) for source in sources if source.tier_key in twice),
            fix=text("error.tier_own_level"),
        )


def upper_tier(sources: Sequence[ZoneSource], tier: str) -> str:
    """The next tier above that the study has zones of, "" for none."""
    there = {source.tier_key for source in sources}
    higher = [each for each in TIERS[: TIERS.index(tier)] if each in there] if tier else []
    return higher[-1] if higher else ""


def nested(levels: Sequence[Level]) -> list[Level]:
    """The levels with the parents of their zones; a zone whose parent lies outside the study area
    lies outside too. Raises SourceError with all rows: parents that are no zones, or contradict
    codes; two zones of a ledger of one name and parent."""
    done: dict[str, Level] = {}
    sources = [level.source for level in levels]
    for level in sorted(levels, key=lambda each: _depth(each.source.tier_key)):
        tier = level.source.tier_key
        upper = done.get(upper_tier(sources, tier))
        done[tier or level.source.level] = level if upper is None else _under(level, upper)
    found = [done[level.source.tier_key or level.source.level] for level in levels]
    for level in found:
        if level.source.tier and _undrawn(level):
            _refuse_same_names(level)
    return found


def _depth(tier: str) -> int:
    return TIERS.index(tier) if tier else len(TIERS)


def _under(level: Level, upper: Level) -> Level:
    """The level with its parents in ``upper``; zones of parents outside the area are left out."""
    parents = parents_of(
        level.cut,
        level.raw["said"].loc[level.cut.index].tolist(),
        upper.names(whole=True),
        _whole(upper),
        (level.source.tier_key, upper.source.tier_key),
        level.where,
    )
    inside = {NO_PARENT, *upper.cut["zone_id"].astype(str)}
    near = np.array([parent in inside for parent in parents], bool)
    cut = level.cut[near]
    kept = [parent for parent in parents if parent in inside]
    return replace(level, cut=cut, parent=dict(zip(cut["zone_id"].astype(str), kept, strict=True)))


def _whole(level: Level) -> gpd.GeoDataFrame:
    """All zones of a level, those outside the area without a shape."""
    cut = level.cut[["zone_id", "geometry"]]
    beyond = level.raw.loc[~level.raw.index.isin(cut.index), ["zone_id"]]
    both = pd.concat([cut, beyond.assign(geometry=None)]) if len(beyond) else cut
    return gpd.GeoDataFrame(both, geometry="geometry", crs=level.cut.crs)


def _undrawn(level: Level) -> bool:
    return bool(level.cut.geometry.isna().any())


def _refuse_same_names(level: Level) -> None:
    """Zones that nobody drew are known by their names alone."""
    frame, faults, seen = level.cut, dict[int, Text](), dict[tuple[str, str], str]()
    for row, zone_id, name in zip(frame.index, frame["zone_id"], frame["name"], strict=True):
        key = plain_name(name), level.parent.get(str(zone_id), NO_PARENT)
        first = seen.setdefault(key, str(zone_id))
        if first != str(zone_id):
            faults[int(row)] = text("error.zone_name_twice", name=name, first=first)
    raise_faults(faults, level.where, of=frame)
