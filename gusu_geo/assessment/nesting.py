"""Zones of tiers as one tree: to which zone of each tier a home or venue belongs.

From the bottom up: a zone's parent decides the tier above it; where that is unknown, what the
ledger says there decides, else the place.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gusu_geo.study.tiers import TIERS

Ids = npt.NDArray[np.object_]
NONE = ""  # id of no zone


def tier_levels(zones: gpd.GeoDataFrame) -> dict[str, str]:
    """The level of each tier that has zones, from the top. zones: as of ``tables.Zones``."""
    if "tier" not in zones:
        return {}
    first = zones.drop_duplicates("level").set_index("tier")["level"]
    return {tier: str(first[tier]) for tier in TIERS if tier in first}


def tiers_present(zones: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> tuple[str, ...]:
    """The tiers of which a study has zones, from the top: compounds that have homes are the last,
    where no level of zones is."""
    there = set(tier_levels(zones))
    if "compound" in homes and (homes["compound"] != NONE).any():
        there.add("compound")
    return tuple(tier for tier in TIERS if tier in there)


def nested(
    zones: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, placed: Mapping[str, Ids]
) -> dict[str, Ids]:
    """By level of a tier the zone of each row, "" for none.

    frame: columns ``<tier>_id`` where a ledger says it; placed: by level the zone in which each row
    lies. What the ledger says goes before the place, and the parent of the zone below before both.
    """
    levels = tier_levels(zones)
    found: dict[str, Ids] = {}
    below: Ids = np.full(len(frame), NONE, object)
    for tier in reversed(levels):
        level = levels[tier]
        own = placed[level].astype(object)
        if f"{tier}_id" in frame:
            said = frame[f"{tier}_id"].fillna(NONE).to_numpy(object)
            own = np.where(said != NONE, said, own)
        found[level] = np.where(below != NONE, below, own)
        part = zones[zones["level"] == level]
        parent = dict(zip(part["zone_id"].astype(str), part["parent"], strict=True))
        below = np.array([parent.get(str(zone), NONE) for zone in found[level]], object)
    return found


def compounds_of(frame: gpd.GeoDataFrame) -> Ids:
    """The compound of each home, "" for none."""
    if "compound" not in frame:
        return np.full(len(frame), NONE, object)
    ids: Ids = frame["compound"].fillna(NONE).to_numpy(object)
    return ids


def paths_of(
    zones: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, zone_of: pd.DataFrame
) -> pd.DataFrame:
    """The zones of each home: one column for each tier that is there, from the top, "" unknown.
    zone_of: as of ``zones.assign``."""
    levels = tier_levels(zones)
    columns = {
        tier: zone_of[levels[tier]].to_numpy(object) if tier in levels else compounds_of(homes)
        for tier in tiers_present(zones, homes)
    }
    return pd.DataFrame(columns, index=homes.index, dtype=object)


def ledger_level(named: str, zones: gpd.GeoDataFrame) -> str:
    """The level that a ledger of the district speaks of: the named one, else that of communities,
    else the last; as its reader has it."""
    levels = list(dict.fromkeys(zones["level"].astype(str)))
    return named or tier_levels(zones).get("community", levels[-1] if levels else "")


def level_above(level: str, zones: gpd.GeoDataFrame) -> str:
    """The next level above this one: by tiers, else the first with fewer zones; "" for none."""
    tiers = list(tier_levels(zones).values())
    if level in tiers:
        return tiers[tiers.index(level) - 1] if tiers.index(level) else NONE
    counts = zones["level"].astype(str).value_counts(sort=False)
    fewer = [str(other) for other in counts.index if counts[other] < counts[level]]
    return fewer[0] if fewer else NONE
