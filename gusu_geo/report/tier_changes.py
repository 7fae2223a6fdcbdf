"""By tier before and after a scenario: persons in time, and zones with a venue of their own."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from gusu_geo.assessment.rule import State
from gusu_geo.assessment.tier_facts import Establishment, TierCoverage
from gusu_geo.assessment.tiers import Tiered
from gusu_geo.tables import Floats

ZONES = ("present", "missing", "unknown")


def tier_changes(tiered: tuple[Tiered, Tiered] | None, persons: Floats) -> pd.DataFrame:
    """A row for each tier and service: low_persons, high_persons, low, high (shares) before and
    after; gained_persons, lost_persons: surely in time only after, only before; zones_present,
    zones_missing, zones_unknown: of the tier, None where it has no zones or nothing must or does
    exist there; required. persons (R,)."""
    if tiered is None:
        return pd.DataFrame()
    covered = [{(r["tier"], r["service"]): r for r in one.facts["coverage"]} for one in tiered]
    own = [{(r["tier"], r["service"]): r for r in one.facts["establishment"]} for one in tiered]
    rows = []
    for key in covered[0]:
        tier, service = key
        then, now = (one.state[service, tier] == State.PASS for one in tiered)
        required = any(one[key]["required"] for one in own if key in one)
        row: dict[str, Any] = {"tier": tier, "service": service, "required": required}
        for when, cover, zones in zip(("before", "after"), covered, own, strict=True):
            row |= _of(cover[key], zones.get(key), when)
        row["gained_persons"] = math.fsum(persons[now & ~then])
        row["lost_persons"] = math.fsum(persons[then & ~now])
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)  # whole numbers stay whole beside None


def _of(cover: TierCoverage, zones: Establishment | None, when: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        f"low_persons_{when}": cover["low_persons"],
        f"high_persons_{when}": cover["high_persons"],
        f"low_{when}": cover["low"],
        f"high_{when}": cover["high"],
    }
    found: dict[str, Any] = {} if zones is None else dict(zones)
    return row | {f"zones_{state}_{when}": found.get(state) for state in ZONES}
