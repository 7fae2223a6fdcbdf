"""Made-up facts of the district's own systems for any judged town with zones: what pages, sheets and
lines show, without the computations behind. The zones of the level are numbered by position:

0 and 1 are a cluster; 2 is high by itself; the last is low by itself; all others are near 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gusu_geo.assessment.capacity_facts import CapacityFacts, Filled, ServiceCapacity
from gusu_geo.assessment.complaints import funnel
from gusu_geo.assessment.district import District
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.pairing_facts import CommunityNeed, PairingFacts, PairRow
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.signal_facts import Asked, Rate, SignalCell, SignalFacts
from gusu_geo.assessment.staffed import Room, Staffed
from gusu_geo.assessment.summary import Summary

RELATIVE = (2.4, 1.9, 3.1)  # of the first three zones


def with_district(
    outcome: Outcome,
    *,
    signals: bool = True,
    capacity: bool = True,
    pairing: bool = True,
    complaints: bool = True,
) -> Outcome:
    """The outcome with made-up sections; its own summary stays as it is."""
    level = str(outcome.city.zones.frame["level"].iloc[-1])
    district = District(
        signals=made_up_signals(outcome, level) if signals else None,
        capacity=made_up_staffed(outcome) if capacity else None,
        pairing=made_up_pairing(outcome, level) if pairing else None,
    )
    summary: Summary = {**outcome.summary}
    district.tell(summary)
    if complaints:
        rows, zone_of = _compounds()
        summary["complaints"] = {"standard": "", "unknown": ["u1"], "rows": funnel(rows, zone_of)}
    return replace(outcome, district=district, summary=summary)


def _zones(outcome: Outcome, level: str) -> list[tuple[str, str, float]]:
    """Id, name and persons of the zones of a level."""
    rows = [row for row in outcome.summary["zones"] if row["level"] == level and row["id"]]
    return [(row["id"], str(row["name"] or row["id"]), row["persons"]) for row in rows]


def _rate(middle: float, spread: float = 0.3) -> Rate:
    low, high = middle * (1 - spread), middle * (1 + spread)
    return {"rate": round(middle, 4), "low": round(low, 4), "high": round(high, 4)}


def made_up_signals(outcome: Outcome, level: str) -> SignalFacts:
    """20 signals per 1,000 persons; services of the rule in turn are asked for, not, and open."""
    zones = _zones(outcome, level)
    services = outcome.rule.services
    cells: list[SignalCell] = []
    for at, (zone, name, persons) in enumerate(zones):
        last = at == len(zones) - 1
        times = RELATIVE[at] if at < 3 else 0.4 if last else 0.85 + 0.05 * at
        count = round(20 * times * persons / 1000)
        cells.append(
            {
                "id": zone,
                "name": name,
                "persons": persons,
                "visits": round(persons / 4),
                "signals": count,
                "services": dict.fromkeys(services, count // 10),
                "per_1000": _rate(20 * times),
                "per_visit": _rate(8 * times),
                "expected": round(20 * persons / 1000, 2),
                "shrunk": _rate(20 * (0.8 * times + 0.2)),
                "relative": round(0.8 * times + 0.2, 4),
                "cluster": 1 if at < 2 else 0,
                "alone": "high" if at == 2 else "low" if last and at > 2 else "",
            }
        )
    total = sum(cell["signals"] or 0 for cell in cells)
    found = {
        "zones": [zone for zone, _, _ in zones[:2]],
        "names": [name for _, name, _ in zones[:2]],
        "signals": sum(cell["signals"] or 0 for cell in cells[:2]),
        "expected": 41.5,
        "times": 2.1,
        "llr": 18.6305,
        "p": 0.001,
    }
    asked: list[Asked] = []
    for at, service in enumerate(services):
        ratio = ((3.0, 1.04, 9.74), (0.3, 0.1, 0.8), (1.1, 0.4, 2.9), None)[at % 4]
        asked.append(
            {
                "service": service,
                "zone": "",
                "name": "",
                "lacking_signals": 12 if ratio else 0,
                "lacking_persons": 400.0 if ratio else 0.0,
                "having_signals": 6,
                "having_persons": 600.0,
                "ratio": ratio[0] if ratio else None,
                "low": ratio[1] if ratio else None,
                "high": ratio[2] if ratio else None,
                "asked": ("yes", "no", "open", "open")[at % 4],
            }
        )
    return {
        "file": "signals.csv",
        "until": "2026-11-30",
        "level": level,
        "total": total + 34,
        "used": total,
        "days": ["2025-12-03", "2026-11-28"],
        "located": {"point": total // 2, "compound": total // 4,
                    "community": total - total // 2 - total // 4, "none": 34},
        "kinds": {"问题": total, "建议": 34},
        "origins": {"联络日": total, "12345": 34},
        "rounds": {"1": total, "2": 34},
        "themes": {"看病": total, "停车": 34},
        "all": _rate(20.0, 0.05),
        "visits": sum(cell["visits"] or 0 for cell in cells),
        "all_per_visit": _rate(8.0, 0.05),
        "cells": cells,
        "scan": {"state": "found", "by": "persons", "runs": 999, "share_max": 0.1,
                 "power": 0.95, "power_min": 0.8, "doubled": 5.0, "aside": [],
                 "cells": len(cells), "signals": total, "clusters": [found]},
        "asked": asked,
        "left_out": 0.231,
        "weight": 0.0,
    }  # fmt: skip


def made_up_staffed(outcome: Outcome) -> Staffed:
    """Capacity of the first three services with data: the first has a norm and half of its homes
    are full, the second a norm and a third unknown, the third none."""
    verdict, homes = outcome.verdict, outcome.city.residences.frame
    persons = homes.loc[verdict.residence_ids, "persons"].to_numpy(float)
    known = [k for k, state in enumerate(verdict.service_state) if state == "known"][:3]
    full = np.zeros(verdict.state.shape, np.int8)
    access = np.full(verdict.state.shape, np.nan)
    rows: list[ServiceCapacity] = []
    turn = np.arange(len(persons))
    for at, k in enumerate(known):
        near = np.asarray(verdict.state[:, k] == State.PASS)
        rate = np.where(turn % 2 == 0, 6.2, 14.5)
        unknown = (turn % 3 == 0) if at else np.zeros(len(turn), bool)
        access[:, k] = np.where(near & ~unknown, rate, np.nan)
        if at < 2:
            held = np.where(rate < 10, Room.FULL, Room.ROOM)
            full[:, k] = np.where(near, np.where(unknown, Room.UNKNOWN, held), Room.NONE_NEAR)
        column = full[:, k]
        found: Filled = {
            "full_persons": round(float(persons[column == Room.FULL].sum()), 2),
            "room_persons": round(float(persons[column == Room.ROOM].sum()), 2),
            "none_persons": round(float(persons[column == Room.NONE_NEAR].sum()), 2),
            "unknown_persons": round(float(persons[column == Room.UNKNOWN].sum()), 2),
            "access": 9.87,
        }
        rows.append(
            {
                "service": outcome.rule.services[k],
                "unit": ("座", "张", "人")[at],
                "units": [("座", "张", "人")[at]],
                "venues": 5,
                "known": 5 - at,
                "supply": 310.0,
                "demand": round(float(persons.sum()), 2),
                "used": 298.0,
                "norm": {"per_1000": 10.0, "of": "persons", "source": "虚构标准 2026"}
                if at < 2
                else None,
                "found": found,
                "assumed_none": {**found, "full_persons": found["full_persons"] + 100},
                "assumed_largest": {**found, "room_persons": found["room_persons"] + 50},
            }
        )
    venues = outcome.city.facilities.frame
    services = [row["service"] for row in rows]
    loads = [
        {
            "facility_id": str(venue),
            "service": str(row["service"]),
            "name": str(row["name"]),
            "capacity": None if at % 3 == 2 else 40.0,
            "unit": "座",
            "demand": 3120.5,
            "ratio": None if at % 3 == 2 else 12.82,
        }
        for at, (venue, row) in enumerate(venues[venues["service"].isin(services)].iterrows())
    ]
    facts: CapacityFacts = {
        "method": "e2sfca",
        "steps_s": [300.0, 600.0, 900.0],
        "weights": [1.0, 0.68, 0.22],
        "siting": False,
        "level": "",
        "services": rows,
        "venues": loads,
        "teams": [
            {"team": "网格队", "group": "persons", "rows": 12, "placed": 11, "staff": 24.0,
             "fte": 22.5, "unknown_fte": 1, "persons": 9000.0, "reached_persons": 8100.0, "per_1000": 2.5,
             "low_per_1000": 0.8, "low_zone": "荷塘社区"},
        ],
    }  # fmt: skip
    return Staffed(facts, access, full)


def made_up_pairing(outcome: Outcome, level: str) -> PairingFacts:
    """A body for each zone and one more for the first; every third pair is new."""
    zones, services = _zones(outcome, level), outcome.rule.services
    pairs: list[PairRow] = []
    names = ("市卫健委", "区教育局", "城投集团", "文化馆", "民政局")
    for at in range(len(zones) + 1):
        zone, name, _ = zones[at % len(zones)]
        other = zones[(at + 1) % len(zones)]
        pairs.append(
            {
                "body": f"B{at + 1:02d}",
                "name": f"{names[at % 5]}（虚构）",
                "tier": "市" if at % 2 else "区",
                "zone": zone,
                "zone_name": name,
                "fit": round(9.5 - 0.4 * at, 2),
                "distance_m": 800.0 + 100 * at,
                "now": at % 3 != 0,
                "kept": at == 2,
                "uncertain": at == 1,
                "reasons": [
                    {"zh": f"缺健康诊疗 {1200 - at} 人", "en": f"{1200 - at} persons lack health"},
                    {"zh": "诉求 12 件", "en": "12 signals"},
                ],
                "next_zone": other[0],
                "next_name": other[1],
                "loss": 0.7,
                "projects": ["邻里菜园"] if at == 0 else [],
            }
        )
    needs: list[CommunityNeed] = [
        {
            "id": zone,
            "name": name,
            "persons": 1000.0,
            "low": dict.fromkeys(services, 0.0) | dict.fromkeys(services[:2], 100.0 * (at + 1)),
            "high": dict.fromkeys(services, 0.0) | dict.fromkeys(services[:2], 150.0 * (at + 1)),
            "signals": 12 + at,
            "bodies": 2 if at == 0 else 1,
            "bodies_now": 0 if at == 1 else 1,
            "projects": ["看病"] if at == 0 else [],
            "unmet": [services[1]] if at % 4 == 3 else [],
            "unserved": [services[0]] if at == 0 else [],
            "aside": [],
        }
        for at, (zone, name, _) in enumerate(zones)
    ]
    return {
        "level": level,
        "bodies": len(pairs),
        "communities": len(zones),
        "min": 1,
        "max": 2,
        "switching": 0.0,
        "per_km": 0.0,
        "signals": 0.0,
        "least": pairs[-1]["fit"],
        "value": 96.4,
        "now_least": 1.2,
        "now_value": 71.3,
        "kept": 8,
        "changes": 5,
        "proven": True,
        "bare_now": [zones[1][0]] if len(zones) > 1 else [],
        "without_functions": ["B99"],
        "pairs": pairs,
        "needs": needs,
        "listed": [
            {
                "id": "B99",
                "name": "后勤中心（虚构）",
                "tier": "区",
                "functions": ["后勤"],
                "services": [],
                "most": 1,
                "pairs": 0,
                "pairs_now": 1,
            },
        ],
        "uncertain": 1,
        "prices": [
            {"kind": "min", "of": "community", "name": zones[0][1], "bound": 1, "price": 1.0}
        ],
        "blocking": [],
        "curve": [
            {"changes": 0, "least": 1.2, "value": 71.3},
            {"changes": 5, "least": 5.1, "value": 96.4},
        ],
    }


def _compounds() -> tuple[list[dict[str, Any]], list[str]]:
    """Sixty compounds near 3 per 100 households, one far above, one far below."""
    rows = []
    for at in range(60):
        households = 60.0 + 20 * at
        rows.append(
            {
                "id": f"c{at}",
                "name": f"小区 {at}",
                "complaints": float(max(round(households * 0.03 + (at % 5 - 2) * 1.2), 0)),
                "households": households,
            }
        )
    rows[20]["complaints"], rows[40]["complaints"] = 41.0, 6.0
    return rows, [""] * len(rows)
