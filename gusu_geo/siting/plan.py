"""The siting plan: sites, gains, bound, and what is left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from gusu_geo.assessment.rule import Rule, Verdict
from gusu_geo.siting.sections import Alternative, Critical, Pareto, Survival, Why
from gusu_geo.study.catalog import names_of
from gusu_geo.tables import Bools, Floats, Note
from gusu_geo.words import Both, Text, note, text

if TYPE_CHECKING:
    from gusu_geo.siting.solver import Solution, Status  # loads HiGHS


@dataclass(frozen=True)
class ChosenSite:
    """One new venue. gained_persons: gained in addition to the sites listed before it; cost: 10,000
    yuan, None unknown; vote, available, heritage: as in ``tables.Candidates``; must: it had to be
    opened."""

    candidate_id: str
    name: str
    xy: tuple[float, float]
    lonlat: tuple[float, float]
    services: tuple[str, ...]
    gained_persons: float
    cost: float | None = None
    vote: str = ""
    available: str = ""
    heritage: str = ""
    must: bool = False

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> ChosenSite:
        """A site from a row of ``plan.json``."""
        return cls(
            candidate_id=str(row["candidate_id"]),
            name=str(row["name"]),
            xy=(float(row["xy"][0]), float(row["xy"][1])),
            lonlat=(float(row["lonlat"][0]), float(row["lonlat"][1])),
            services=tuple(map(str, row["services"])),
            gained_persons=float(row["gained_persons"]),
            cost=row["cost"],
            vote=str(row["vote"]),
            available=str(row["available"]),
            heritage=str(row["heritage"]),
            must=bool(row["must"]),
        )


@dataclass(frozen=True)
class ServiceChange:
    """Persons within reach of one service, before and after."""

    service: str
    before_persons: float
    after_persons: float


@dataclass(frozen=True)
class Unreached:
    """Persons who lack a service of which too few candidates are in reach; barred_persons: of these
    whoever would have enough if all candidates in reach could be used for it."""

    service: str
    persons: float
    barred_persons: float

    def told(self, name: Both) -> Text:
        """In words; name: of the service."""
        persons, barred = self.persons, self.barred_persons
        if not barred:
            return text("siting_cause.none", service=name, persons=persons)
        if barred >= persons:
            return text("siting_cause.barred", service=name, persons=persons)
        few = persons - barred
        return text("siting_cause.some", service=name, persons=persons, few=few, barred=barred)


@dataclass(frozen=True)
class SitingPlan:
    """New venues, what they gain, and how far the plan is from the optimum at most.

    chosen: each next site is the one that gains most; the gains add up to all persons gained.
    gained_persons: [who surely lacks something today, what is unknown counted as missing] of those
    who gain all services that have data. objective_persons: the second of them, with ``certain``
    the first; elders may weigh more; bound_persons: no plan of this size has more, None where
    nothing was proven (fast); gap: (bound - objective) / bound, 0 to 1.
    status: "optimal" (gap 0), "work limit" or "time limit" (best plan found, with a proven bound),
    "fast" (no bound), "nothing to gain". fewest: proven that no plan as good has fewer sites, or as
    many and fewer services. before, after: {"passed_known_persons", "share" of all persons}.
    sites, services_per_site, budget, target: what was asked for, None for no limit; cost: of the
    plan, None where a site's is unknown; least: proven least number of sites (with a budget: money)
    for the target. unreachable_persons: linked, but with too few candidates in reach for a service
    they lack, or lacking more than that many sites can offer; unreachable_services: with too few
    candidates in reach; unlinked_persons: not linked to the streets. asked_services: those that the
    plan is for, None for all: "everything", before and after are of these alone.
    uncosted_candidates, refused_candidates: left out for want of a cost, by a vote.
    why, pareto, alternatives, critical, survival: ``siting.sections``, None if not asked for.
    spacing_m: None for candidates from a file. run_id: of the files of the plan; based_on: run id
    of the result it was made from; both "" for a plan that was not written.
    """

    chosen: tuple[ChosenSite, ...]
    objective_persons: float
    bound_persons: float | None
    gap: float | None
    status: Status
    sites: int | None
    services_per_site: int | None
    spacing_m: float | None
    candidates: int
    before: dict[str, float | None]
    after: dict[str, float | None]
    services: tuple[ServiceChange, ...]
    gained_residence_ids: tuple[str, ...]
    unreachable_persons: float
    unlinked_persons: float
    excluded_services: tuple[str, ...]
    unlinked_candidate_ids: tuple[str, ...]
    notes: tuple[Note, ...]
    run_time_s: float = field(compare=False)
    run_id: str = ""
    based_on: str = ""
    invented: bool = False
    gained_persons: tuple[float, float] = (0.0, 0.0)
    certain: bool = False
    fewest: bool = False
    budget: float | None = None
    cost: float | None = None
    target: float | None = None
    least: float | None = None
    unreachable_services: tuple[Unreached, ...] = ()
    uncosted_candidates: int = 0
    refused_candidates: int = 0
    asked_services: tuple[str, ...] | None = None
    why: Why | None = None
    pareto: Pareto | None = None
    alternatives: tuple[Alternative, ...] | None = None
    critical: tuple[Critical, ...] | None = None
    survival: tuple[Survival, ...] | None = None

    def __repr__(self) -> str:
        gained = f"{self.objective_persons:,.0f} persons gained"
        return f"<SitingPlan: {len(self.chosen)} sites, {gained}, {self.status}>"

    def _repr_html_(self) -> str:
        rows = [
            {
                "name": site.name or site.candidate_id,
                "lon": round(site.lonlat[0], 5),
                "lat": round(site.lonlat[1], 5),
                "services": ", ".join(site.services),
                "gained_persons": round(site.gained_persons),
            }
            for site in self.chosen
        ]
        return str(pd.DataFrame(rows, index=range(1, len(rows) + 1)).to_html())

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> SitingPlan:
        """A plan from ``to_dict``; persons and shares as they were rounded there.

        Raises KeyError, TypeError: something else.
        """
        plain = {key: value for key, value in document.items() if key != "schema"}
        pairs = {key: tuple(value) for key, value in plain.items() if isinstance(value, list)}
        sites = tuple(ChosenSite.from_dict(site) for site in plain["chosen"])
        services = tuple(
            ServiceChange(row["id"], row["before_persons"], row["after_persons"])
            for row in plain["services"]
        )
        stuck = tuple(
            Unreached(row["id"], row["persons"], row["barred_persons"])
            for row in plain["unreachable_services"]
        )
        changed: dict[str, Any] = {"chosen": sites, "services": services}
        changed |= {"unreachable_services": stuck, "run_time_s": 0.0}
        return cls(**(plain | pairs | changed))

    def to_dict(self) -> dict[str, Any]:
        """``plan.json`` as plain data: identical for every run without a time limit.

        Persons are rounded to hundredths, shares to millionths; the run time is left out.
        """
        return {
            "schema": 1,
            "run_id": self.run_id,
            "based_on": self.based_on,
            "invented": self.invented,
            "status": self.status,
            "objective_persons": _persons(self.objective_persons),
            "bound_persons": None if self.bound_persons is None else _persons(self.bound_persons),
            "gap": None if self.gap is None else round(self.gap, 6),
            "gained_persons": [_persons(value) for value in self.gained_persons],
            "certain": self.certain,
            "fewest": self.fewest,
            "sites": self.sites,
            "services_per_site": self.services_per_site,
            "asked_services": _listed(self.asked_services),
            "budget": self.budget,
            "cost": None if self.cost is None else round(self.cost, 2),
            "target": self.target,
            "least": None if self.least is None else round(self.least, 2),
            "spacing_m": self.spacing_m,
            "candidates": self.candidates,
            "chosen": [
                {
                    "candidate_id": site.candidate_id,
                    "name": site.name,
                    "xy": [round(value, 2) for value in site.xy],
                    "lonlat": [round(value, 7) for value in site.lonlat],
                    "services": list(site.services),
                    "gained_persons": _persons(site.gained_persons),
                    "cost": site.cost,
                    "vote": site.vote,
                    "available": site.available,
                    "heritage": site.heritage,
                    "must": site.must,
                }
                for site in self.chosen
            ],
            "before": dict(self.before),
            "after": dict(self.after),
            "services": [
                {
                    "id": row.service,
                    "before_persons": _persons(row.before_persons),
                    "after_persons": _persons(row.after_persons),
                }
                for row in self.services
            ],
            "gained_residence_ids": list(self.gained_residence_ids),
            "unreachable_persons": _persons(self.unreachable_persons),
            "unreachable_services": [
                {
                    "id": row.service,
                    "persons": _persons(row.persons),
                    "barred_persons": _persons(row.barred_persons),
                }
                for row in self.unreachable_services
            ],
            "unlinked_persons": _persons(self.unlinked_persons),
            "uncosted_candidates": self.uncosted_candidates,
            "refused_candidates": self.refused_candidates,
            "excluded_services": list(self.excluded_services),
            "unlinked_candidate_ids": list(self.unlinked_candidate_ids),
            "notes": [dict(note) for note in self.notes],
            "why": self.why,
            "pareto": self.pareto,
            "alternatives": _listed(self.alternatives),
            "critical": _listed(self.critical),
            "survival": _listed(self.survival),
        }


def passed_share(mask: Bools, persons: Floats) -> dict[str, float | None]:
    """Persons of the residences in ``mask``, and their share of all persons."""
    total, inside = math.fsum(persons), math.fsum(persons[mask])
    share = round(inside / total, 6) if total else None
    return {"passed_known_persons": _persons(inside), "share": share}


def _listed(rows: Sequence[Any] | None) -> list[Any] | None:
    return None if rows is None else list(rows)


def _persons(value: float) -> float:
    return round(value, 2)


def excluded_services(verdict: Verdict, asked: Sequence[str] | None = None) -> tuple[str, ...]:
    """Services left out of the plan, of those asked for (None: all): without a venue in the data,
    or without a linked one."""
    states = zip(verdict.services, verdict.service_state, strict=True)
    without = (service for service, state in states if state != "known")
    return tuple(service for service in without if asked is None or service in asked)


def plan_notes(
    rules: Sequence[Rule],
    verdict: Verdict,
    found: Solution,
    counts: Mapping[str, int],
    asked: Sequence[str] | None = None,
) -> tuple[Note, ...]:
    """Notes for readers of the plan, in both languages; counts: of candidates that are left out
    ("unlinked", "uncosted", "refused"), of sites without a vote ("unvoted"), and 1 if no plan
    that keeps to all wishes was found in time ("none-found"); asked: services, None for all."""
    rule = verdict.rule
    names = {service.id: service for service in rule.pack.services}
    excluded = [names[service] for service in excluded_services(verdict, asked)]
    wanted = [service for each in rules for service in each.pack.services if service.min_count > 2]
    wanted = [service for service in wanted if asked is None or service.id in asked]
    many = [names[key] for key in dict.fromkeys(service.id for service in wanted)]
    notes = []
    if asked is not None:
        notes.append(note("siting-services", services=names_of([names[key] for key in asked])))
    if excluded:
        notes.append(note("siting-no-data", services=names_of(excluded)))
    if counts["none-found"]:
        notes.append(note("siting-none-found"))
    elif found.status == "time limit":
        notes.append(note("siting-time-limit"))
    elif found.status == "work limit":
        notes.append(note("siting-work-limit"))
    elif found.status == "fast":
        notes.append(note("siting-fast"))
    if rule.mode == "one_stop":
        notes.append(note("siting-union"))
    if many:
        notes.append(note("siting-careful", services=names_of(many)))
    left_out = [
        note("siting-unlinked", count=counts["unlinked"]),
        note("siting-uncosted", count=counts["uncosted"]),
        note("siting-refused", count=counts["refused"]),
        note("siting-unvoted", count=counts["unvoted"]),
    ]
    notes += [one for one in left_out if counts[one["code"].removeprefix("siting-")]]
    return tuple(notes)
