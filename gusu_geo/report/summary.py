"""All key figures of a run, made once for the map, the workbook and ``summary.json``."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from gusu_geo.assessment.breakdown import by_attribute
from gusu_geo.assessment.complaints import complaints
from gusu_geo.assessment.grades import Graded
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.rule import Rule, State, Verdict
from gusu_geo.assessment.summary import (
    EvidenceRow,
    MeanServices,
    OwnRules,
    ReadFacts,
    ResidenceCounts,
    RuleFacts,
    SensitivityRow,
    ServiceRow,
    Summary,
    UnlinkedVenue,
    ZoneRow,
)
from gusu_geo.assessment.suppression import (
    LEAST_SHOWN,
    public_attributes,
    public_complaints,
)
from gusu_geo.report.answer import answer_of
from gusu_geo.report.own_rules import own_rules_facts, own_rules_notes
from gusu_geo.report.shares import share_of as share_of
from gusu_geo.report.walk_facts import walk_facts
from gusu_geo.streets.network import NetworkHealth
from gusu_geo.study.params import Study
from gusu_geo.tables import Bools, CityFacts, Floats, MixedGround, Note, Rung
from gusu_geo.walking.linkage import Reason
from gusu_geo.words import both, note, text

LICENCE = "© OpenStreetMap contributors, ODbL 1.0"
SCHEMA = 1
ASSUMED = ("assumed", "mixed")  # kinds of homes that no source calls homes
NO_MIXED: MixedGround = {"included": False, "buildings": 0, "persons": 0.0}
NAMED = 12  # unlinked venues named in the note; all stand in the summary
PARTS = ("gusu-geo", "numpy", "shapely", "geopandas", "numba", "osmium", "folium")


def summarise(
    judgement: Judgement,
    *,
    zones: list[ZoneRow],
    sensitivity: list[SensitivityRow],
    heights: str = "",
    notes: Sequence[Note] = (),
    run_id: str = "",
) -> Summary:
    """``summary.json`` as plain data. Persons are rounded to hundredths, shares to millionths.

    heights: name of the raster that slopes were taken from, "" for none; notes: on the streets,
    added to those of the sources; run_id: of the outputs. Not surveyed yet.
    """
    study, city, verdict = judgement.study, judgement.city, judgement.verdict
    persons = city.residences.frame["persons"].to_numpy(float)
    state = verdict.residence_state
    facts = city.facts
    unlinked = unlinked_venues(judgement)
    own = own_rules_facts(judgement, persons)
    notes = [*notes, *_unlinked_notes(unlinked), *own_rules_notes(study, own)]
    summary: Summary = {
        "schema": SCHEMA,
        "run_id": run_id,
        "study": study.name,
        "invented": study.invented,
        "title": {"zh": study.title.zh, "en": study.title.en},
        "version": version("gusu-geo"),
        "answer": {"zh": "", "en": ""},  # see ``answer_of``
        "rule": rule_facts(judgement.rule),
        "report": {
            "review_number": study.report.review_number,
            "internal": study.report.internal,
        },
        "walk": walk_facts(study, heights=heights),
        "data": {
            "osm_file": facts.get("osm_file", ""),
            "osm_sha256": facts.get("osm_sha256", ""),
            "osm_date": facts.get("osm_date", ""),
            "persons": facts["persons"],
            "margin_m": facts.get("margin_m"),
            "licence": str(both("fact.invented")["en"]) if study.invented else LICENCE,
        },
        "network": _health(judgement),
        "residences": _residences(judgement, persons),
        "passed": share_of(state == State.PASS, persons),
        "passed_known": share_of(verdict.passed_known, persons),
        "failed": share_of(state == State.FAIL, persons),
        "unknown": share_of(state == State.UNKNOWN, persons),
        "one_stop": share_of(verdict.one_stop_state == State.PASS, persons),
        "assumed": share_of(_assumed(judgement), persons),
        "mixed_ground": facts.get("mixed_ground", NO_MIXED),
        "mean_services": mean_services(verdict, persons),
        "services": _services(judgement, persons),
        "survey": "left_out",  # see ``pipeline.assess``
        "detour": None,
        "zones": zones,
        "tiers": None,  # see ``assessment.tiers``
        "sensitivity": sensitivity,
        "evidence": [],  # see ``evidence_row``
        "hours": None,  # see ``hours_facts``
        "next": None,  # see ``pipeline.plans``
        "notes": [*_invented(study), *facts.get("notes", []), *notes],
        "unlinked_venues": unlinked,
        "facts": _read_facts(facts),
        "sources": facts.get("sources", []),
        "digests": {
            "sources": facts.get("osm_sha256", ""),
            "network": judgement.network.digest,
            "access": hashlib.sha256(judgement.access.counted_cs.tobytes()).hexdigest()[:16],
        },
        "versions": {name: version(name) for name in PARTS},
    }
    summary["answer"] = answer_of(summary)
    return _with_more(summary, own, judgement)


def _with_more(summary: Summary, own: OwnRules | None, judgement: Judgement) -> Summary:
    """The parts that few studies have."""
    city = judgement.city
    attributes = by_attribute(city.residences, judgement.verdict)
    held = complaints(judgement.study, city)
    if not judgement.study.report.internal and (attributes or held):
        attributes = public_attributes(attributes)
        held = held and {**held, "rows": public_complaints(held["rows"])}
        summary["notes"] = [*summary["notes"], note("small_counts", least=LEAST_SHOWN)]
    if own is not None:
        summary["own_rules"] = own
    if attributes:
        summary["attributes"] = attributes
    if held is not None:
        summary["complaints"] = held
    return summary


def _health(judgement: Judgement) -> NetworkHealth:
    """Of the network, with its barriers where they were counted."""
    health, facts = judgement.network.health(), judgement.city.facts
    if "barriers" in facts and "dangling_barriers" in facts:
        health["barriers"] = facts["barriers"]
        health["dangling_barriers"] = facts["dangling_barriers"]
    return health


def _invented(study: Study) -> list[Note]:
    """The note that comes before all others where nothing is real."""
    return [note("invented")] if study.invented else []


def unlinked_venues(judgement: Judgement) -> list[UnlinkedVenue]:
    """Venues that touch no street, so that nobody can walk to them, and why."""
    frame = judgement.city.facilities.frame
    reason = judgement.links.venues.links.owner_reason(len(frame))
    return [
        {
            "facility_id": str(frame.index[f]),
            "service": str(frame["service"].iloc[f]),
            "name": str(frame["name"].iloc[f]),
            "reason": Reason(int(reason[f])).name.lower(),
        }
        for f in np.flatnonzero(reason != int(Reason.LINKED))
    ]


def _unlinked_notes(rows: list[UnlinkedVenue]) -> list[Note]:
    """One note that names them; empty where all are linked."""
    if not rows:
        return []
    named = list(dict.fromkeys(row["name"] or row["facility_id"] for row in rows))
    more = "" if len(named) <= NAMED else " …"
    walled = sum(row["reason"] == Reason.WALL.name.lower() for row in rows)
    names = text("fact.listed", names=tuple(named[:NAMED]), more=more)
    found = note("unlinked_venues", count=len(rows), names=names)
    if walled:
        why = both("note.unlinked_walled", count=walled)
        found["zh"] += why["zh"]
        found["en"] += f" {why['en']}"
    return [found]


def sensitivity_row(
    profile: str, speed_mps: float, verdict: Verdict, persons: Floats
) -> SensitivityRow:
    """The result for another walking profile."""
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


def evidence_row(graded: Graded, persons: Floats) -> EvidenceRow:
    """The result on venues of some grades of evidence."""
    verdict = graded.verdict
    passed = share_of(verdict.residence_state == State.PASS, persons)
    known = share_of(verdict.passed_known, persons)
    states = zip(verdict.services, verdict.service_state, strict=True)
    return {
        "grades": graded.grades,
        "venues": graded.venues,
        "no_data": [service for service, state in states if state == "no_data"],
        "passed_persons": passed["persons"],
        "share": passed["share"],
        "passed_known_persons": known["persons"],
        "passed_known_share": known["share"],
    }


def rule_facts(rule: Rule) -> RuleFacts:
    """The rule that was applied, as in the summary."""
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


def _read_facts(facts: CityFacts) -> ReadFacts:
    """What was counted and dropped while reading, where it is recorded."""
    found: ReadFacts = {}
    if "counts" in facts:
        found["counts"] = facts["counts"]
    if "dropped" in facts:
        found["dropped"] = facts["dropped"]
    return found


def _residences(judgement: Judgement, persons: Floats) -> ResidenceCounts:
    kind, access = judgement.city.residences.frame["kind"], judgement.access
    unlinked = access.reason[~access.is_linked]
    rung = judgement.links.homes.links.owner_rung(len(persons))
    return {
        "total": len(persons),
        "linked": int(access.is_linked.sum()),
        "persons": round(math.fsum(persons), 2),
        "tagged": int((kind == "tagged").sum()),
        "assumed": int((kind == "assumed").sum()),
        "mixed": int((kind == "mixed").sum()),
        "ledger": int((kind == "ledger").sum()),
        "unlinked": {
            reason.name.lower(): int((unlinked == reason).sum())
            for reason in Reason
            if reason is not Reason.LINKED and (unlinked == reason).any()
        },
        "rungs": {
            each.name.lower(): int((rung == each).sum()) for each in Rung if (rung == each).any()
        },
    }


def _assumed(judgement: Judgement) -> Bools:
    """Homes (R,) that no tag and no ledger says are homes."""
    kind = judgement.city.residences.frame["kind"]
    return np.asarray(np.isin(kind, ASSUMED), bool)


def mean_services(verdict: Verdict, persons: Floats) -> MeanServices:
    """Services in time per person, of the services with data: the others count neither way."""
    known = np.array([state == "known" for state in verdict.service_state], bool)
    mean = None
    if persons.sum() > 0 and known.any():
        reached = (verdict.state[:, known] == State.PASS).sum(axis=1)
        mean = round(float(np.average(reached, weights=persons)), 4)
    return {"mean": mean, "known": int(known.sum())}


def _services(judgement: Judgement, persons: Floats) -> list[ServiceRow]:
    rule, verdict = judgement.rule, judgement.verdict
    offered = judgement.city.facilities.frame["service"].to_numpy(object)
    rows: list[ServiceRow] = []
    for k, service in enumerate(rule.pack.services):
        state = verdict.state[:, k]
        asked = state != State.NOT_ASKED
        covered = share_of(state[asked] == State.PASS, persons[asked])
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
        if not asked.all():
            rows[-1]["asked_persons"] = share_of(asked, persons)["persons"]
    return rows


def undetermined(summary: Summary) -> bool:
    """Whether the share of persons with all services is unknown (which is not 0 %).

    It is while a service has no data, and where no person could be judged.
    """
    blank = any(service["state"] == "no_data" for service in summary["services"])
    return blank or 0 < summary["residences"]["persons"] <= summary["unknown"]["persons"]
