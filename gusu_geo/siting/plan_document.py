"""What ``plan.json`` holds: plain data as types, from which its schema is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic asks for this one

from gusu_geo.siting.sections import (
    Alternative,
    Asked,
    Critical,
    Pareto,
    RoomFacts,
    Survival,
    Why,
)
from gusu_geo.words import Note

EQUAL = 0.011  # persons: sums that were rounded each by itself


class ChosenRow(TypedDict):
    """One new venue, each next one the one that gains most. xy: metres, as in the network; lonlat:
    EPSG:4326; services: ids; gained_persons: in addition to the sites before it; cost: 10,000
    yuan, null unknown; vote: "passed", "open", "refused", "" unknown; available, heritage: as the
    ledger has it; must: it had to be opened; kind: "ledger",
    "street", "vacant", "public"."""

    candidate_id: str
    name: str
    xy: list[float]
    lonlat: list[float]
    services: list[str]
    gained_persons: float
    cost: float | None
    vote: str
    available: str
    heritage: str
    must: bool
    kind: str


class PassedShare(TypedDict):
    """Persons who have all services with data; share: of all persons, null where there are none."""

    passed_known_persons: float
    share: float | None


class ServiceRow(TypedDict):
    """Persons within reach of one service that has data, before and after."""

    id: str
    before_persons: float
    after_persons: float


class Unreachable(TypedDict):
    """Persons who lack a service of which too few candidates are in reach;
    barred_persons: of these whoever would have enough if all in reach could be used for it."""

    id: str
    persons: float
    barred_persons: float


class PlanDocument(TypedDict):
    """A plan of new venues. Persons are rounded to hundredths, shares to millionths.

    schema: version of this form. run_id: of the files of the plan; based_on: of the result it was
    made from. status: "optimal" (gap 0), "work limit" or "time limit" (the best plan found, with a
    bound), "fast" (no bound), "nothing to gain". objective_persons: what was maximised;
    bound_persons: no plan has more, null where nothing is proven; gap: (bound - objective) / bound.
    gained_persons: [who surely lacks something today, those of whom it is unknown counted, too].
    question: short name, of its folder; asked_services: those that the plan is for, null for all.
    certain: whether the first of them was maximised; fewest: proven that no plan as good has fewer
    sites, or as many and fewer services. sites, services_per_site, budget (10,000 yuan), target
    (share of all persons): what was asked, null for no limit. cost: of the plan, null unknown;
    least: proven least number of sites, with a budget money, for the target. spacing_m: of
    candidates along streets, null for others; candidates: near a street. gained_residence_ids:
    homes that come to have everything. unreachable_persons: linked, but out of reach of candidates
    for something they lack; unlinked_persons: not linked to the streets. uncosted_candidates,
    refused_candidates: left out for want of a cost, by a vote. excluded_services: without data.
    why, pareto, alternatives, critical, survival: sections, null where not asked for. asked: what
    signals change, only with a ledger of signals; room: only where capacities are asked for.
    Where elders or signals weigh more, objective_persons and bound_persons are sums of weights;
    all that is gained or lost is in plain persons.
    """

    schema: Literal[1]
    run_id: str
    based_on: str
    invented: bool
    status: Literal["optimal", "time limit", "work limit", "fast", "nothing to gain"]
    objective_persons: float
    bound_persons: float | None
    gap: float | None
    gained_persons: list[float]
    question: str
    asked_services: list[str] | None
    certain: bool
    fewest: bool
    sites: int | None
    services_per_site: int | None
    budget: float | None
    cost: float | None
    target: float | None
    least: float | None
    spacing_m: float | None
    candidates: int
    chosen: list[ChosenRow]
    before: PassedShare
    after: PassedShare
    services: list[ServiceRow]
    gained_residence_ids: list[str]
    unreachable_persons: float
    unreachable_services: list[Unreachable]
    unlinked_persons: float
    uncosted_candidates: int
    refused_candidates: int
    excluded_services: list[str]
    unlinked_candidate_ids: list[str]
    notes: list[Note]
    why: Why | None
    pareto: Pareto | None
    alternatives: list[Alternative] | None
    critical: list[Critical] | None
    survival: list[Survival] | None
    asked: NotRequired[Asked]
    room: NotRequired[RoomFacts]


def weighted(plan: Mapping[str, Any]) -> bool:
    """Whether what was maximised, and its bound, are no plain persons: signals or elders weigh
    more."""
    asked = plan.get("asked")
    counted = plan["gained_persons"][0 if plan["certain"] else 1]
    more = abs(plan["objective_persons"] - counted) > EQUAL
    return more or bool(asked and asked["weight"])
