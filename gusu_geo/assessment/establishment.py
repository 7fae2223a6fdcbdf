"""Which zones have venues of their own, by tier and service: a table beside who is in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.nesting import NONE, Ids, tier_levels, tiers_present
from gusu_geo.assessment.tier_facts import Establishment
from gusu_geo.assessment.zones import OUTSIDE, assign, outside_name
from gusu_geo.study.catalog import Service
from gusu_geo.study.tiers import TIERS
from gusu_geo.tables import Bools, City
from gusu_geo.words import Both, both

PRESENT, MISSING, UNKNOWN = "present", "missing", "unknown"
Key = tuple[str, str]  # service, tier


def tiers_asked(judgement: Judgement) -> dict[Key, bool]:
    """For each service the tiers at which it must exist, and those at which it has venues; whether
    it must."""
    frame = judgement.city.facilities.frame
    there = set(zip(frame["service"], tiers_of_venues(frame), strict=True))
    return {
        (service.id, tier): tier in service.tier
        for service in judgement.rule.pack.services
        for tier in TIERS
        if tier in service.tier or (service.id, tier) in there
    }


def established(
    judgement: Judgement, names: Mapping[str, Mapping[str, Both]]
) -> tuple[dict[Key, dict[str, str]], list[Establishment]]:
    """For each service and tier that is asked for, which zones have a venue of their own.

    A zone is missing one only where that is certain: where no venue of the tier or of unknown tier
    stands in it, nor one that nothing places and that could belong to it.
    """
    city = judgement.city
    frame = city.facilities.frame
    tiers, service = tiers_of_venues(frame), frame["service"].to_numpy(object)
    where = _zones_of_venues(city)
    rows: list[Establishment] = []
    own: dict[Key, dict[str, str]] = {}
    asked = {key: must for key, must in tiers_asked(judgement).items() if key[1] in names}
    zones_of = {tier: [z for z in each if z != OUTSIDE] for tier, each in names.items()}
    open_to = {
        tier: _may_belong(city, tier, where, zones_of[tier])
        for tier in dict.fromkeys(tier for _, tier in asked)
    }
    for each, tier in in_order(judgement, asked):
        zones, zone, may_have = zones_of[tier], where[tier].astype(str), open_to[tier]
        of_tier = (service == each.id) & (tiers == tier)
        concerned = of_tier | ((service == each.id) & (tiers == NONE))
        lost = ~np.isin(zone, zones)
        has = set(zone[of_tier])
        maybe = set(zone[concerned]).union(*may_have[concerned & lost])
        if not city.facts["known"].get(each.id, False):
            maybe = set(zones)
        states = {z: PRESENT if z in has else UNKNOWN if z in maybe else MISSING for z in zones}
        own[each.id, tier] = states
        placed = np.array([bool(could) for could in may_have], bool)
        row = _row(tier, each.id, states, required=asked[each.id, tier])
        row["unplaced"] = _places(frame, of_tier & lost & placed)
        row["outside"] = _places(frame, of_tier & lost & ~placed)
        rows.append(row)
    return own, rows


def _row(tier: str, service: str, states: Mapping[str, str], *, required: bool) -> Establishment:
    by_state = {
        state: [zone_id for zone_id, each in states.items() if each == state]
        for state in (PRESENT, MISSING, UNKNOWN)
    }
    return {
        "tier": tier,
        "service": service,
        "required": required,
        "expected": len(states),
        "present": len(by_state[PRESENT]),
        "missing": len(by_state[MISSING]),
        "unknown": len(by_state[UNKNOWN]),
        "unplaced": 0,
        "outside": 0,
        "missing_zones": by_state[MISSING],
        "unknown_zones": by_state[UNKNOWN],
    }


def _places(frame: gpd.GeoDataFrame, rows: Bools) -> int:
    return int(frame["venue_id"][rows].nunique())


def _may_belong(city: City, tier: str, where: Mapping[str, Ids], zones: list[str]) -> Ids:
    """(F,) the zones that each facility could belong to if nothing places it: those that nobody
    drew, under its zone in the tier above where that is known; none outside the study area."""
    frame, levels = city.zones.frame, tier_levels(city.zones.frame)
    uppers = [each for each in TIERS[: TIERS.index(tier)] if each in levels]
    parent: dict[str, str] = {}
    if tier in levels:
        part = frame[frame["level"] == levels[tier]]
        undrawn = set(part["zone_id"][part.geometry.isna()].astype(str))
        if uppers:
            parent = dict(zip(part["zone_id"].astype(str), part["parent"], strict=True))
    else:
        undrawn = set(zones) - set(city.compounds["compound_id"].astype(str))
    open_to = [zone_id for zone_id in zones if zone_id in undrawn]
    points = np.asarray(city.facilities.frame.geometry.to_numpy(), object)
    inside = shapely.intersects(city.area.geometry.iloc[0], points)
    above = where[uppers[-1]] if uppers and parent else np.full(len(points), NONE, object)
    under = {
        upper: frozenset(
            z for z in open_to if upper == NONE or parent.get(z, NONE) in (NONE, upper)
        )
        for upper in set(above)
    }
    found = np.empty(len(points), object)
    found[:] = [under[u] if here else frozenset() for u, here in zip(above, inside, strict=True)]
    return found


def _zones_of_venues(city: City) -> dict[str, Ids]:
    """By tier, the zone of each facility: as its ledger says, else by the zone below, else by its
    place."""
    placed = assign(city.zones, city.facilities)
    levels = tier_levels(city.zones.frame).items()
    found: dict[str, Ids] = {tier: placed[level].to_numpy(object) for tier, level in levels}
    if "compound" not in found:
        found["compound"] = _compounds_of_venues(city.facilities.frame, city)
    return found


def _compounds_of_venues(frame: gpd.GeoDataFrame, city: City) -> Ids:
    """The compound of each facility: as its ledger says, else the smallest that holds it."""
    shapes = np.asarray(city.compounds.geometry.to_numpy(), object)
    order = np.argsort(-shapely.area(shapes), kind="stable")
    point, at = shapely.STRtree(shapes[order]).query(
        frame.geometry.to_numpy(), predicate="intersects"
    )
    ids = city.compounds["compound_id"].astype(str).to_numpy(object)
    last = np.lexsort((at, point))  # the last written is the smallest
    found = np.full(len(frame), NONE, object)
    found[point[last]] = ids[order[at[last]]]
    if "compound_id" in frame:
        said = frame["compound_id"].fillna(NONE).to_numpy(object)
        found = np.where(said != NONE, said, found)
    return found


def in_order(judgement: Judgement, keys: Iterable[Key]) -> list[tuple[Service, str]]:
    """Services and tiers, tiers from the top, services as in the pack."""
    there = set(keys)
    services = judgement.rule.pack.services
    return [(s, tier) for tier in TIERS for s in services if (s.id, tier) in there]


def tiers_of_venues(frame: gpd.GeoDataFrame) -> Ids:
    """(F,) tier of each facility, "" unknown."""
    if "tier" not in frame:
        return np.full(len(frame), NONE, object)
    tiers: Ids = frame["tier"].fillna(NONE).to_numpy(object)
    return tiers


def zone_names(city: City, homes: gpd.GeoDataFrame) -> dict[str, dict[str, Both]]:
    """By tier that has zones, the name of each zone by id, and of homes in none ("")."""
    frame, levels = city.zones.frame, tier_levels(city.zones.frame)
    found: dict[str, dict[str, Both]] = {}
    for tier in tiers_present(frame, homes):
        if tier in levels:
            part = frame[frame["level"] == levels[tier]]
            heads = part[["zone_id", "name", "name_zh", "name_en"]].fillna("").astype(str)
            found[tier] = {
                zone_id: {"zh": zh or name or zone_id, "en": en or name or zone_id}
                for zone_id, name, zh, en in sorted(heads.to_numpy().tolist())
            }
            found[tier][OUTSIDE] = outside_name(part)
            continue
        own = homes.loc[homes["compound"] != NONE, ["compound", "compound_name"]]
        pairs = own.drop_duplicates("compound").sort_values("compound").astype(str).to_numpy()
        found[tier] = {key: {"zh": name or key, "en": name or key} for key, name in pairs}
        found[tier][OUTSIDE] = both("fact.outside_compounds")
    return found
