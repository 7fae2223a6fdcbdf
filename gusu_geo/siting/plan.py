"""The siting plan: sites, gains, bound, and what is left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from gusu_geo.assessment.rule import Rule, Verdict
from gusu_geo.study.catalog import names_of
from gusu_geo.tables import Bools, Floats, Note
from gusu_geo.words import note

if TYPE_CHECKING:
    from gusu_geo.siting.solver import Solution, Status  # loads HiGHS


@dataclass(frozen=True)
class ChosenSite:
    """One new venue. gained_persons: gained in addition to the sites listed before it."""

    candidate_id: str
    name: str
    xy: tuple[float, float]
    lonlat: tuple[float, float]
    services: tuple[str, ...]
    gained_persons: float

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
        )


@dataclass(frozen=True)
class ServiceChange:
    """Persons within reach of one service, before and after."""

    service: str
    before_persons: float
    after_persons: float


@dataclass(frozen=True)
class SitingPlan:
    """New venues, what they gain, and how far the plan is from the optimum at most.

    chosen: each next site is the one that gains most; the gains add up to ``objective_persons``.
    objective_persons: persons who gain all services that have data; bound_persons: no plan of this
    size gains more; gap: (bound - objective) / bound, 0 to 1.
    status: "optimal" (gap 0), "time limit" (best plan found, with a proven bound), "nothing to
    gain". before, after: {"passed_known_persons", "share" of all persons}.
    unreachable_persons: linked, but with too few candidates in reach for a service they lack, or
    lacking more than that many sites can offer; unlinked_persons: not linked to the streets.
    spacing_m: None for candidates from a file. run_id: of the files of the plan; based_on: run id
    of the result it was made from; both "" for a plan that was not written.
    """

    chosen: tuple[ChosenSite, ...]
    objective_persons: float
    bound_persons: float
    gap: float
    status: Status
    sites: int
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
        changed = {"chosen": sites, "services": services, "run_time_s": 0.0}
        return cls(**(plain | pairs | changed))

    def to_dict(self) -> dict[str, Any]:
        """``plan.json`` as plain data: identical for every run that ends before the time limit.

        Persons are rounded to hundredths, shares to millionths; the run time is left out.
        """
        return {
            "schema": 1,
            "run_id": self.run_id,
            "based_on": self.based_on,
            "invented": self.invented,
            "status": self.status,
            "objective_persons": _persons(self.objective_persons),
            "bound_persons": _persons(self.bound_persons),
            "gap": round(self.gap, 6),
            "sites": self.sites,
            "services_per_site": self.services_per_site,
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
            "unlinked_persons": _persons(self.unlinked_persons),
            "excluded_services": list(self.excluded_services),
            "unlinked_candidate_ids": list(self.unlinked_candidate_ids),
            "notes": [dict(note) for note in self.notes],
        }


def passed_share(mask: Bools, persons: Floats) -> dict[str, float | None]:
    """Persons of the residences in ``mask``, and their share of all persons."""
    total, inside = math.fsum(persons), math.fsum(persons[mask])
    share = round(inside / total, 6) if total else None
    return {"passed_known_persons": _persons(inside), "share": share}


def _persons(value: float) -> float:
    return round(value, 2)


def excluded_services(verdict: Verdict) -> tuple[str, ...]:
    """Services left out of the plan: without a venue in the data, or without a linked one."""
    states = zip(verdict.services, verdict.service_state, strict=True)
    return tuple(service for service, state in states if state != "known")


def plan_notes(
    rules: Sequence[Rule], verdict: Verdict, found: Solution, unlinked: Sequence[str]
) -> tuple[Note, ...]:
    """Notes for readers of the plan, in both languages; unlinked: ids of candidates."""
    rule = verdict.rule
    names = {service.id: service for service in rule.pack.services}
    excluded = [names[service] for service in excluded_services(verdict)]
    wanted = [service for each in rules for service in each.pack.services if service.min_count > 2]
    many = [names[key] for key in dict.fromkeys(service.id for service in wanted)]
    notes = []
    if excluded:
        notes.append(note("siting-no-data", services=names_of(excluded)))
    if found.status == "time limit":
        notes.append(note("siting-time-limit"))
    if rule.mode == "one_stop":
        notes.append(note("siting-union"))
    if many:
        notes.append(note("siting-careful", services=names_of(many)))
    if unlinked:
        notes.append(note("siting-unlinked", count=len(unlinked)))
    return tuple(notes)
