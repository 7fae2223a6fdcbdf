"""Venues by tier: who is in time of a venue of the tier, and which zones have none of their own.

An upper venue does not satisfy a lower tier (GB 50180-2018: four levels, not nested) unless the
service says so. A venue of a tier serves whoever reaches it in time, of whatever zone; what a zone
has of its own is a table beside that. A venue of unknown tier is unknown, never missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gusu_geo.assessment.establishment import (
    Key,
    established,
    in_order,
    tiers_asked,
    tiers_of_venues,
    zone_names,
)
from gusu_geo.assessment.judgement import Judgement, judge_links
from gusu_geo.assessment.nesting import NONE, paths_of, tier_levels
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.tier_facts import NestedRow, TierCoverage, TierFacts, TierLevel
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.assessment.zones import OUTSIDE
from gusu_geo.study.tiers import TIERS, above
from gusu_geo.tables import Bools, City, Floats, Int8s, Ints
from gusu_geo.tables.ledger_facts import TierReading
from gusu_geo.walking.linkage import Reason
from gusu_geo.walking.trips import Trips
from gusu_geo.words import Both


@dataclass(frozen=True, eq=False)
class Tiered:
    """facts: as in the summary. state (R,) by (service, tier): ``State`` of each home; own: by
    (service, tier) and zone id: "present", "missing" or "unknown"."""

    facts: TierFacts
    state: Mapping[Key, Int8s]
    own: Mapping[Key, Mapping[str, str]]


def uses_tiers(judgement: Judgement) -> bool:
    """Whether zones or services of a study have tiers."""
    asked = any(service.tier for service in judgement.rule.pack.services)
    return asked or bool(tier_levels(judgement.city.zones.frame))


def judge_tiers(ground: Ground, judgement: Judgement, zone_of: pd.DataFrame) -> Tiered | None:
    """What is said by tier; None where neither zones nor services have any. zone_of: as of
    ``zones.assign``, in the order of the verdict."""
    if not uses_tiers(judgement):
        return None
    city, verdict = judgement.city, judgement.verdict
    homes = city.residences.frame.loc[verdict.residence_ids]
    persons = homes["persons"].to_numpy(float)
    state = _states(ground, judgement)
    names = zone_names(city, homes)
    own, establishment = established(judgement, names)
    paths = paths_of(city.zones.frame, homes, zone_of.loc[verdict.residence_ids])
    none: TierReading = {"joins": [], "unknown_words": []}
    reading = city.facts.get("tiers", none)
    asked = {tier for (_, tier), must in tiers_asked(judgement).items() if must}
    facts: TierFacts = {
        "levels": _levels(city, names),
        "venues": _venues_by_tier(city),
        "unknown_words": reading["unknown_words"],
        "joins": reading["joins"],
        "without_zones": [tier for tier in TIERS if tier in asked and tier not in names],
        "establishment": establishment,
        "coverage": _coverage(judgement, state, persons),
        "nested": _nested_rows(judgement, paths, state, persons),
    }
    return Tiered(facts, state, own)


def _states(ground: Ground, judgement: Judgement) -> dict[Key, Int8s]:
    """Whether each home is in time of a venue of the tier, by the rule's own threshold and count.

    Two searches: without and with the venues of unknown tier; what only these would serve is
    unknown.
    """
    frame = judgement.city.facilities.frame
    tier, service = tiers_of_venues(frame), frame["service"].to_numpy(object)
    services = judgement.rule.pack.services
    found: dict[Key, Int8s] = {}
    trips = ground.trips()
    keys = tiers_asked(judgement)
    for wanted in TIERS:
        asked = [each for each in services if (each.id, wanted) in keys]
        if not asked:
            continue
        sure = np.zeros(len(frame), bool)
        for each in asked:
            will_do = above(wanted) if each.nested else (wanted,)
            sure |= (service == each.id) & np.isin(tier, will_do)
        ids = [each.id for each in asked]
        maybe = sure | (np.isin(service, ids) & (tier == NONE))
        low = _judged(ground, trips, judgement, sure)
        high = low if (maybe == sure).all() else _judged(ground, trips, judgement, maybe)
        for each in asked:
            k = judgement.rule.services.index(each.id)
            certain = np.where(high[:, k] == State.FAIL, State.FAIL, State.UNKNOWN)
            passes = low[:, k] == State.PASS
            found[each.id, wanted] = np.where(passes, State.PASS, certain).astype(np.int8)
    return found


def _judged(ground: Ground, trips: Trips, judgement: Judgement, counted: Bools) -> Int8s:
    """States (R,K) by the facilities that count."""
    service = judgement.city.facilities.frame["service"].to_numpy(object)
    linked = judgement.links.venues.links.owner_reason(len(service)) == int(Reason.LINKED)
    # A service whose venues of the tier touch no street is unknown, as in the rule itself.
    stray = set(service[counted]) - set(service[counted & linked])
    pairs = zip(judgement.rule.services, judgement.known, strict=True)
    known = [known and key not in stray for key, known in pairs]
    offered = np.where(counted, service, "").tolist()
    judged = judge_links(
        ground, trips, judgement.rule, judgement.links, known=known, offered=offered
    )
    return judged.verdict.state


def _venues_by_tier(city: City) -> dict[str, int]:
    """Number of venues (places) of each tier that there is, from the top, "" unknown last."""
    frame = city.facilities.frame
    places = pd.Series(tiers_of_venues(frame)).groupby(frame["venue_id"].to_numpy(object)).first()
    counts = places.value_counts()
    return {tier: int(counts[tier]) for tier in (*TIERS, NONE) if tier in counts}


def _coverage(
    judgement: Judgement, state: Mapping[Key, Int8s], persons: Floats
) -> list[TierCoverage]:
    total = math.fsum(persons)
    rows: list[TierCoverage] = []
    for service, tier in in_order(judgement, state):
        low = math.fsum(persons[state[service.id, tier] == State.PASS])
        high = math.fsum(persons[state[service.id, tier] != State.FAIL])
        rows.append(
            {
                "tier": tier,
                "service": service.id,
                "nested": service.nested,
                "low_persons": round(low, 2),
                "high_persons": round(high, 2),
                "low": round(low / total, 6) if total else None,
                "high": round(high / total, 6) if total else None,
            }
        )
    return rows


def _levels(city: City, names: Mapping[str, Mapping[str, Both]]) -> list[TierLevel]:
    frame, levels = city.zones.frame, tier_levels(city.zones.frame)
    rows: list[TierLevel] = []
    for place, tier in enumerate(names):
        part = frame[frame["level"] == levels[tier]] if tier in levels else frame[:0]
        lost = part["zone_id"][part["parent"] == NONE] if tier in levels and place else ()
        drawn = set(city.compounds["compound_id"].astype(str)) & set(names[tier])
        rows.append(
            {
                "tier": tier,
                "level": levels.get(tier, ""),
                "zones": len(names[tier]) - 1,
                "drawn": int(part.geometry.notna().sum()) if tier in levels else len(drawn),
                "parent_unknown": sorted(map(str, lost)),
                "names": dict(names[tier]),
            }
        )
    return rows


def _nested_rows(
    judgement: Judgement,
    paths: pd.DataFrame,
    state: Mapping[Key, Int8s],
    persons: Floats,
) -> list[NestedRow]:
    """Homes summed by zone within its parents, tier by tier from the top."""
    verdict = judgement.verdict
    holds: dict[str, Bools] = {
        "passed_persons": verdict.residence_state == State.PASS,
        "passed_known_persons": verdict.passed_known,
        "unknown_persons": verdict.residence_state == State.UNKNOWN,
    }
    low = {f"{service} {tier}": each == State.PASS for (service, tier), each in state.items()}
    high = {f"{service} {tier}": each != State.FAIL for (service, tier), each in state.items()}
    rows: list[NestedRow] = []
    for depth, tier in enumerate(paths.columns, start=1):
        for key, at in _places(paths[paths.columns[:depth]]):
            held = {name: math.fsum(persons[at][mask[at]]) for name, mask in holds.items()}
            rows.append(
                {
                    "tier": str(tier),
                    "id": key[-1],
                    "path": list(key[:-1]),
                    "residences": len(at),
                    "persons": math.fsum(persons[at]),
                    "passed_persons": held["passed_persons"],
                    "passed_known_persons": held["passed_known_persons"],
                    "unknown_persons": held["unknown_persons"],
                    "low": {name: math.fsum(persons[at][m[at]]) for name, m in low.items()},
                    "high": {name: math.fsum(persons[at][m[at]]) for name, m in high.items()},
                }
            )
    return rows


def _places(upper: pd.DataFrame) -> list[tuple[tuple[str, ...], Ints]]:
    """Each path of zones and the positions of its homes, what is unknown last."""
    found: dict[tuple[str, ...], list[int]] = {}
    for at, path in enumerate(upper.itertuples(index=False, name=None)):
        found.setdefault(tuple(map(str, path)), []).append(at)
    return [(path, np.array(found[path], np.int64)) for path in sorted(found, key=_unknown_last)]


def _unknown_last(path: tuple[str, ...]) -> list[tuple[bool, str]]:
    return [(part == OUTSIDE, part) for part in path]
