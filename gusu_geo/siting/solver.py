"""Solve a siting task: from arrays to a plan, with a proven bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gusu_geo.siting.demand import Matrix, demand_of, gains, useful_offers
from gusu_geo.siting.effort import Effort as Effort
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.search import Best, best_plan, best_worst, least_plan
from gusu_geo.siting.start import best_single
from gusu_geo.siting.terms import Aims, Plan, Problem, Terms
from gusu_geo.siting.thrift import thrifty
from gusu_geo.tables import Bools, Floats, Ints

Status = Literal["optimal", "time limit", "work limit", "fast", "nothing to gain"]
SHARE_OF_LEAST = 0.5  # of the work, for the fewest sites or least money, and for the worst zone
SHARE_OF_BEST = 0.8  # of the work that is left, for the most persons; the rest: fewest sites


@dataclass(frozen=True, eq=False)
class Solution:
    """opened (C,), offers (C,K): the sites and the services of each; completed (R,): residences
    that get all they lack; unreachable (R,): residences that no choice of that many sites can
    complete (a missing service with too few candidates in reach, or more missing than the sites
    can offer); objective and proven bound of what is maximised, inf for none (fast); least: proven
    lower bound of the sites, or of the money, that the target takes, None if not asked; fewest:
    whether no plan that gains as much has fewer sites, or as many and fewer services; feasible:
    False where no plan keeps to all terms: then nothing is opened."""

    opened: Bools
    offers: Bools
    completed: Bools
    unreachable: Bools
    objective_persons: float
    bound_persons: float
    status: Status
    least: float | None = None
    fewest: bool = True
    feasible: bool = True

    @property
    def stopped(self) -> bool:
        """Whether the search ended before all was proven."""
        return self.status not in ("optimal", "nothing to gain")


def solve(
    persons: Floats,
    need: Ints,
    cover: Sequence[Matrix],
    *,
    allowed: Bools,
    effort: Effort,
    terms: Terms | None = None,
    aims: Aims | None = None,
) -> Solution:
    """The best sites and their services under ``effort`` and ``terms``; model: ``siting.model``.

    persons (R,) >= 0; need (R,K): new venues each residence lacks; cover: K sparse matrices (R,C),
    an entry means in reach; allowed (C,K). aims: zones, floors, target, and what each home counts;
    default: its persons. Candidates keep their order, so the same input gives the same plan unless
    a clock stops the search. ``bound_persons``: no plan gains more. Of the plans found to be best
    it is the one with the fewest sites, then the fewest services.
    """
    meter = Meter(effort.work, effort.time_limit_s)
    aims = Aims.of(persons) if aims is None else aims
    problem, most, unreachable = problem_of(
        need, cover, allowed=allowed, effort=effort, terms=terms, aims=aims
    )
    best, least, fewest = _solved(problem, most, effort, meter)
    plan = best.plan or Plan.nothing(allowed.shape)
    completed = gains(need, cover, plan.offers)
    objective = math.fsum(aims.weight[completed])
    in_reach = math.fsum(aims.weight[(need > 0).any(axis=1) & ~unreachable])
    status = _status(best, effort, meter, nothing=objective == 0 and not plan.opened.any())
    bound = max(objective, min(best.bound, in_reach))
    if status == "fast":
        bound = math.inf
    elif status == "optimal":  # what the solver adds is rounding
        bound = objective
    feasible = best.ended != "infeasible"
    return Solution(
        plan.opened > 0, plan.offers, completed, unreachable, objective, bound, status, least,
        fewest, feasible,
    )  # fmt: skip


def problem_of(
    need: Ints,
    cover: Sequence[Matrix],
    *,
    allowed: Bools,
    effort: Effort,
    terms: Terms | None,
    aims: Aims,
) -> tuple[Problem, int, Bools]:
    """What the model is made of, how many sites can be opened at all, and (R,) the residences that
    no choice of so many completes; parameters as of ``solve``."""
    terms = Terms.none(*allowed.shape) if terms is None else terms
    candidates, services = allowed.shape
    most = _most_sites(terms, effort, candidates)
    limit = effort.services_per_site
    limit = None if limit is None else min(limit, services)
    # More sites or services than there are change nothing but the work.
    demand, unreachable = demand_of(
        aims.weight, need, cover, allowed, most, limit, heads=aims.heads, zone=aims.zone
    )
    problem = Problem(
        demand=demand,
        useful=useful_offers(demand),
        terms=terms,
        copies=np.ones(len(allowed), np.int64),
        sites=None if effort.sites is None else min(effort.sites, len(allowed)),
        limit=limit,
        budget=effort.budget,
        floor=aims.floor,
        target=aims.target,
        worst=aims.worst,
    )
    return problem, most, unreachable


def _status(best: Best, effort: Effort, meter: Meter, *, nothing: bool) -> Status:
    if best.ended == "stopped":
        return "fast" if effort.fast else "time limit" if meter.clocked else "work limit"
    return "nothing to gain" if nothing else "optimal"


def _most_sites(terms: Terms, effort: Effort, candidates: int) -> int:
    """How many sites can be opened at all."""
    most = candidates if effort.sites is None else min(effort.sites, candidates)
    if effort.budget is not None:
        spent = np.cumsum(np.sort(terms.cost))
        most = min(most, int((spent <= effort.budget * (1 + 1e-9) + 1e-9).sum()))
    return most


def _solved(
    problem: Problem, most: int, effort: Effort, meter: Meter
) -> tuple[Best, float | None, bool]:
    """The best plan; the least sites or money proven; whether fewest sites are proven."""
    nothing = Plan.nothing(problem.useful.shape)
    nothing.opened[problem.terms.must] = 1
    if len(problem.demand.persons) == 0 or most == 0:
        kept = problem.keeps(nothing)
        return Best(nothing if kept else None, 0.0, "optimal" if kept else "infeasible"), None, True
    least: float | None = None
    if effort.target is not None:
        first = least_plan(problem, most, meter.part(SHARE_OF_LEAST))
        if first.plan is None:
            return first, None, False
        least = max(first.bound, 0.0)  # 0 where nothing was proven in time
        if effort.budget is None:
            least = float(math.ceil(least - 1e-6))
        problem = at_cost_of(problem, first.plan)
        most = min(most, int(first.plan.opened.sum()) if effort.budget is None else most)
        if first.ended != "optimal":
            plan, _ = thrifty(problem, first.plan, most, meter, fewest=False)
            return Best(plan, math.inf, "stopped"), least, False
        if problem.worst is None and problem.demand.complete(first.plan.offers).all():
            settled = effort.budget is None  # nobody is left to gain, and the sites are the fewest
            plan, fewest = thrifty(problem, first.plan, most, meter, fewest=True, settled=settled)
            return Best(plan, problem.gained(plan), "optimal"), least, fewest
    if problem.worst is not None:
        first, share = best_worst(problem, most, meter.part(SHARE_OF_LEAST))
        if first.plan is None:
            return first, least, False
        problem = with_floors(problem, share)
        if first.ended != "optimal":
            plan, _ = thrifty(problem, first.plan, most, meter, fewest=False)
            return Best(plan, math.inf, "stopped"), least, False
    if problem.sites == 1 and (single := best_single(problem, meter)) is not None:
        return Best(single, problem.gained(single), "optimal"), least, True
    best = best_plan(problem, most, meter.part(SHARE_OF_BEST, 1.0), fast=effort.fast)
    if best.plan is None:
        return best, least, False
    optimal = best.ended == "optimal"
    plan, fewest = thrifty(problem, best.plan, most, meter, fewest=optimal)
    return Best(plan, best.bound, best.ended), least, fewest


def at_cost_of(problem: Problem, plan: Plan) -> Problem:
    """The problem with no more sites, or money, than a plan uses."""
    if problem.budget is None:
        return replace(problem, sites=int(plan.opened.sum()))
    return replace(problem, budget=min(problem.budget, problem.money(plan)))


def with_floors(problem: Problem, share: float) -> Problem:
    """The problem in which no zone is worse off than ``share``."""
    assert problem.worst is not None
    now, persons = problem.worst.T
    floor = np.maximum(share * persons - now, 0.0)
    if len(problem.floor):
        floor = np.maximum(floor, problem.floor)
    return replace(problem, floor=floor, worst=None)
