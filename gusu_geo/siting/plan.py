"""The siting plan: sites, gains, bound, and what is left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.siting.plan_document import ChosenRow, PassedShare, PlanDocument
from gusu_geo.siting.sections import (
    Alternative,
    Asked,
    Critical,
    Pareto,
    RoomFacts,
    Survival,
    Why,
)
from gusu_geo.tables import Bools, Floats, Note
from gusu_geo.words import Both, Text, text

if TYPE_CHECKING:
    from gusu_geo.siting.solver import Status  # loads HiGHS


SITE_COLUMNS = [
    *("number", "name", "services", "gained_persons", "cost", "vote", "available", "heritage"),
    "must",
]


@dataclass(frozen=True)
class ChosenSite:
    """One new venue. gained_persons: gained in addition to the sites listed before it; cost: 10,000
    yuan, None unknown; vote, available, heritage, kind: as in ``tables.Candidates``; must: it
    had to be opened."""

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
    kind: str = ""

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
            kind=str(row["kind"]),
        )

    def to_dict(self) -> ChosenRow:
        """Its row in ``plan.json``."""
        return {
            "candidate_id": self.candidate_id,
            "name": self.name,
            "xy": [round(value, 2) for value in self.xy],
            "lonlat": [round(value, 7) for value in self.lonlat],
            "services": list(self.services),
            "gained_persons": _persons(self.gained_persons),
            "cost": self.cost,
            "vote": self.vote,
            "available": self.available,
            "heritage": self.heritage,
            "must": self.must,
            "kind": self.kind,
        }


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
    the first; elders, and zones that report much, may weigh more; bound_persons: no plan of this
    size has more, None where nothing was proven (fast); gap: (bound - objective) / bound, 0 to 1.
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
    why, pareto, alternatives, critical, survival: ``siting.sections``, None if not asked for;
    asked, room: None without ledgers of signals, of capacity.
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
    before: PassedShare
    after: PassedShare
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
    question: str = ""
    why: Why | None = None
    pareto: Pareto | None = None
    alternatives: tuple[Alternative, ...] | None = None
    critical: tuple[Critical, ...] | None = None
    survival: tuple[Survival, ...] | None = None
    asked: Asked | None = None
    room: RoomFacts | None = None

    @property
    def sites_frame(self) -> gpd.GeoDataFrame:
        """The sites in the order of their gains (EPSG:4326), index = candidate id: what each is,
        the services with commas, and what it gains beyond those before it."""
        rows: list[dict[str, Any]] = [
            {
                "number": number,
                "name": site.name,
                "services": ", ".join(site.services),
                "gained_persons": round(site.gained_persons, 2),
                "cost": math.nan if site.cost is None else site.cost,
                "vote": str(site.vote),
                "available": site.available,
                "heritage": site.heritage,
                "must": site.must,
            }
            for number, site in enumerate(self.chosen, start=1)
        ]
        lonlat = np.array([site.lonlat for site in self.chosen], float).reshape(-1, 2)
        ids = pd.Index([site.candidate_id for site in self.chosen], name="candidate_id")
        frame = pd.DataFrame(rows, ids, SITE_COLUMNS)
        return gpd.GeoDataFrame(frame, geometry=shapely.points(lonlat), crs=4326)

    def __repr__(self) -> str:
        gained = f"{self.objective_persons:,.0f} persons gained"
        return f"<SitingPlan: {len(self.chosen)} sites, {gained}, {self.status}>"

    def _repr_html_(self) -> str:
        shown = self.sites_frame.reset_index().set_index("number").rename_axis(None)
        lon, lat = shown.geometry.x.round(5), shown.geometry.y.round(5)
        shown["gained_persons"] = shown["gained_persons"].round().astype(int)
        shown = pd.DataFrame(shown).drop(columns="geometry").assign(lon=lon, lat=lat)
        plain = [key for key in shown if shown[key].isin(["", False]).all()]
        empty = [*plain, *(key for key in shown if shown[key].isna().all())] if self.chosen else []
        return f"<p>{repr(self).strip('<>')}</p>\n{shown.drop(columns=empty).to_html()}"

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

    def to_dict(self) -> PlanDocument:
        """``plan.json`` as plain data: identical for every run without a time limit.

        Persons are rounded to hundredths, shares to millionths; the run time is left out.
        """
        document: PlanDocument = {
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
            "question": self.question,
            "asked_services": _listed(self.asked_services),
            "budget": self.budget,
            "cost": None if self.cost is None else round(self.cost, 2),
            "target": self.target,
            "least": None if self.least is None else round(self.least, 2),
            "spacing_m": self.spacing_m,
            "candidates": self.candidates,
            "chosen": [site.to_dict() for site in self.chosen],
            "before": {**self.before},
            "after": {**self.after},
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
            "notes": [{**note} for note in self.notes],
            "why": self.why,
            "pareto": self.pareto,
            "alternatives": _listed(self.alternatives),
            "critical": _listed(self.critical),
            "survival": _listed(self.survival),
        }
        if self.asked is not None:  # without these ledgers a plan says nothing of them
            document["asked"] = self.asked
        if self.room is not None:
            document["room"] = self.room
        return document


def passed_share(mask: Bools, persons: Floats) -> PassedShare:
    """Persons of the residences in ``mask``, and their share of all persons."""
    total, inside = math.fsum(persons), math.fsum(persons[mask])
    share = round(inside / total, 6) if total else None
    return {"passed_known_persons": _persons(inside), "share": share}


def _listed(rows: Sequence[Any] | None) -> list[Any] | None:
    return None if rows is None else list(rows)


def _persons(value: float) -> float:
    return round(value, 2)
