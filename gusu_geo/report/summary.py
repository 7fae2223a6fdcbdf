"""The one record of a run: everything the map, the workbook and ``summary.json`` say in numbers."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from gusu_geo.assessment.rule import Rule, State, Verdict
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Study
from gusu_geo.tables import Bools, City, Floats, Rung
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.linkage import Linkage, Linked, Reason

SCHEMA = 1
NAMED = 12  # unlinked venues named in the note; all stand in the summary
PARTS = ("gusu-geo", "numpy", "shapely", "geopandas", "numba", "osmium", "folium")


def summarise(
    study: Study,
    rule: Rule,
    city: City,
    network: WalkNetwork,
    access: AccessTable,
    verdict: Verdict,
    *,
    zones: list[dict[str, Any]],
    sensitivity: list[dict[str, Any]],
    lost: UnlinkedVenues,
    walk: dict[str, Any],
    links: Linkage,
    notes: Sequence[dict[str, str]] = (),
    detour: dict[str, float | None] | None = None,
) -> dict[str, Any]:
    """``summary.json`` as plain data. Persons are rounded to hundredths, shares to millionths.

    walk: ``walking.walk_facts``; links: of residences; notes: on the streets, beside the sources';
    detour: ``Detours.summary``, None where nobody measured.
    """
    persons = city.residences.frame["persons"].to_numpy(float)
    state = verdict.residence_state
    facts = city.facts
    return {
        "schema": SCHEMA,
        "study": study.name,
        "title": study.title.model_dump(),
        "version": version("gusu-geo"),
        "rule": rule_facts(rule),
        "report": study.report.model_dump(),
        "walk": walk,
        "data": {
            "osm_file": facts.get("osm_file", ""),
            "osm_sha256": facts.get("osm_sha256", ""),
            "osm_date": facts.get("osm_date", ""),
            "persons": facts["persons"],
            "margin_m": facts.get("margin_m"),
            "licence": "© OpenStreetMap contributors, ODbL 1.0",
        },
        "network": network.health()
        | {key: facts[key] for key in ("barriers", "dangling_barriers") if key in facts},
        "residences": _residences(city, access, persons, links),
        "passed": share_of(state == State.PASS, persons),
        "passed_known": share_of(verdict.passed_known, persons),
        "failed": share_of(state == State.FAIL, persons),
        "unknown": share_of(state == State.UNKNOWN, persons),
        "one_stop": share_of(verdict.one_stop_state == State.PASS, persons),
        "services": _services(rule, city, verdict, persons),
        "detour": detour,
        "zones": zones,
        "sensitivity": sensitivity,
        "notes": [*facts.get("notes", []), *notes, *lost.notes],
        "unlinked_venues": lost.rows,
        "facts": {key: facts[key] for key in ("counts", "dropped") if key in facts},
        "digests": {
            "sources": facts.get("osm_sha256", ""),
            "network": network.digest,
            "access": hashlib.sha256(access.counted_cs.tobytes()).hexdigest()[:16],
        },
        "versions": {name: version(name) for name in PARTS},
    }


@dataclass(frozen=True)
class UnlinkedVenues:
    """Venues that touch no street, so that nobody can walk to them: rows and notes for the
    summary, and the services all of whose venues are lost (``unreachable``)."""

    rows: list[dict[str, str]]
    unreachable: frozenset[str]
    notes: list[dict[str, str]]


def unlinked_venues(city: City, venues: Linked) -> UnlinkedVenues:
    """Which venues are not linked. A service with venues, but none of them linked, is as good as
    without data: the map does not tell how to get there."""
    frame = city.facilities.frame
    reason = venues.links.owner_reason(len(frame))
    lost = np.flatnonzero(reason != int(Reason.LINKED))
    service = frame["service"].to_numpy(object)
    reached = set(service[reason == int(Reason.LINKED)])
    rows = [
        {
            "facility_id": str(frame.index[f]),
            "service": str(service[f]),
            "name": str(frame["name"].iloc[f]),
            "reason": Reason(int(reason[f])).name.lower(),
        }
        for f in lost
    ]
    notes = [_lost_note(rows)] if rows else []
    return UnlinkedVenues(rows, frozenset(set(service) - reached), notes)


def _lost_note(rows: list[dict[str, str]]) -> dict[str, str]:
    named = list(dict.fromkeys(row["name"] or row["facility_id"] for row in rows))
    more = "" if len(named) <= NAMED else " …"
    walled = sum(row["reason"] == Reason.WALL.name.lower() for row in rows)
    zh = f"{len(rows)} 处设施接不上路网，不计入任何住户：{'、'.join(named[:NAMED])}{more}。"
    en = f"{len(rows)} venues touch no street and count for nobody: "
    en += f"{', '.join(named[:NAMED])}{more}."
    if walled:
        zh += f"其中 {walled} 处在围墙内而未见出入口：仅靠它们才达标的住户列为“无法判断”，不算缺。"
        zh += '请补大门台账，或设 network.gates = "open"。'
        en += (
            f" {walled} of them lie behind walls without a known gate: homes that only these would"
        )
        en += " serve are unknown, not failed. Add a ledger of gates, or set"
        en += ' network.gates = "open".'
    return {"code": "unlinked_venues", "zh": zh, "en": en}


def share_of(mask: Bools, persons: Floats) -> dict[str, Any]:
    """Residences and persons under a mask, and their share of all persons (None: nobody)."""
    total = math.fsum(persons)
    inside = math.fsum(persons[mask])
    return {
        "residences": int(mask.sum()),
        "persons": round(inside, 2),
        "share": round(inside / total, 6) if total else None,
    }


def sensitivity_row(
    profile: str, speed_mps: float, verdict: Verdict, persons: Floats
) -> dict[str, Any]:
    """How the result would read at another walking speed."""
    passed = share_of(verdict.residence_state == State.PASS, persons)
    known = share_of(verdict.passed_known, persons)
    return {
        "profile": profile,
        "speed_mps": speed_mps,
        "passed_persons": passed["persons"],
        "share": passed["share"],
        "passed_known_persons": known["persons"],
        "passed_known_share": known["share"],
    }


def rule_facts(rule: Rule) -> dict[str, Any]:
    """By what was judged, as in the summary."""
    pack = rule.pack
    return {
        "pack": pack.id,
        "version": pack.version,
        "title": {"zh": pack.title_zh, "en": pack.title_en},
        "minutes": _minutes(rule.threshold_s),
        "mode": rule.mode,
        "note": {"zh": pack.note_zh, "en": pack.note_en},
        "source": pack.source,
    }


def _minutes(threshold_s: Sequence[float]) -> float | list[float]:
    """One number where all services share it, else one per service."""
    each = [round(value / 60, 4) for value in threshold_s]
    return each[0] if len(set(each)) == 1 else each


def _residences(city: City, access: AccessTable, persons: Floats, links: Linkage) -> dict[str, Any]:
    kind = city.residences.frame["kind"]
    unlinked = access.reason[~access.is_linked]
    rung = links.owner_rung(len(persons))
    return {
        "total": len(persons),
        "linked": int(access.is_linked.sum()),
        "persons": round(math.fsum(persons), 2),
        **{name: int((kind == name).sum()) for name in ("tagged", "assumed", "ledger")},
        "unlinked": {
            reason.name.lower(): int((unlinked == reason).sum())
            for reason in Reason
            if reason is not Reason.LINKED and (unlinked == reason).any()
        },
        "rungs": {
            each.name.lower(): int((rung == each).sum()) for each in Rung if (rung == each).any()
        },
    }


def _services(rule: Rule, city: City, verdict: Verdict, persons: Floats) -> list[dict[str, Any]]:
    offered = city.facilities.frame["service"].to_numpy(object)
    rows = []
    for k, service in enumerate(rule.pack.services):
        state = verdict.state[:, k]
        covered = share_of(state == State.PASS, persons)
        rows.append(
            {
                "id": service.id,
                "zh": service.zh,
                "en": service.en,
                "venues": int(np.sum(offered == service.id)),
                "state": verdict.service_state[k],
                "minutes": round(rule.threshold_s[k] / 60, 4),
                "min_count": service.min_count,
                "covered_persons": covered["persons"],
                "share": covered["share"] if verdict.service_state[k] == "known" else None,
                "missing_persons": share_of(state == State.FAIL, persons)["persons"],
                "unknown_persons": share_of(state == State.UNKNOWN, persons)["persons"],
            }
        )
    return rows


def undetermined(summary: dict[str, Any]) -> bool:
    """Whether nobody can be said to have every service: that is no 0 %.

    So while a service has no data, and where no person could be judged at all.
    """
    blank = any(service["state"] == "no_data" for service in summary["services"])
    return blank or 0 < summary["residences"]["persons"] <= summary["unknown"]["persons"]
