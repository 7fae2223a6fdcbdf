"""Search for the best plan: a bound by prices, gathered places, then every site apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from gusu_geo.siting.bound import priced
from gusu_geo.siting.demand import useful_offers
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.highs import MOST_ENTRIES, WORK_PER_ROUND, Ended, run
from gusu_geo.siting.model import Model, worst_share
from gusu_geo.siting.reduction import gathered, undominated
from gusu_geo.siting.start import starting_plan
from gusu_geo.siting.terms import Plan, Problem
from gusu_geo.tables import Ints

PRICED_ENTRIES = 3_000  # of the cover: from here on prices are worked out before the model
SHARE_OF_PRICES = 0.25  # of the work
SHARE_OF_START = 0.5
SHARE_OF_GATHERED = 0.5
PLAIN_ENTRIES = 100_000  # of the cover: up to here the fewest sites for all need no starting plan
LARGE_ENTRIES = 2_000_000  # of the cover: from here on a plan is looked for among few sites
CORE = 500  # of these
SHARE_OF_WHOLE = 0.7  # what is left betters the plan, if nothing was proven
SHARE_OF_FAST = 0.15
FAST_FREE = 3  # sites that a round of the neighbourhood search chooses again
SHARE_OF_ROUND = 0.1
LEAST_ROUNDS = 10  # of the solver: fewer find nothing


@dataclass(frozen=True, eq=False)
class Best:
    """plan: the best found, None if none keeps to the terms; bound: no plan has more; ended."""

    plan: Plan | None
    bound: float
    ended: Ended


def narrowed(problem: Problem, kept: Ints) -> Problem:
    """The problem with these candidates alone."""
    demand = problem.demand.of_candidates(kept)
    return replace(
        problem,
        demand=demand,
        useful=useful_offers(demand),
        terms=problem.terms.only(kept),
        copies=problem.copies[kept],
    )


def widened(plan: Plan | None, kept: Ints, candidates: int) -> Plan | None:
    """A plan of the narrowed problem among all candidates."""
    if plan is None:
        return None
    whole = Plan.nothing((candidates, plan.offers.shape[1]))
    whole.opened[kept], whole.offers[kept] = plan.opened, plan.offers
    return whole


def within(plan: Plan | None, kept: Ints) -> Plan | None:
    """A plan among the candidates kept; None if it opens others."""
    if plan is None or plan.opened[kept].sum() < plan.opened.sum():
        return None
    return Plan(plan.opened[kept], plan.offers[kept])


def best_plan(problem: Problem, most: int, meter: Meter, *, fast: bool) -> Best:
    """The most persons; most: how many sites can be opened at all."""
    part = meter.part(SHARE_OF_PRICES)
    kept = np.flatnonzero(undominated(problem.demand, problem.terms, most, problem.limit, part))
    count, whole = len(problem.copies), problem
    problem = narrowed(whole, kept)
    start, bound = _started(problem, meter)
    if start is not None and problem.demand.cover.nnz >= PRICED_ENTRIES and not meter.over:
        problem, start, by_prices, left = _by_prices(problem, start, meter)
        kept, bound = kept[left], min(bound, by_prices)
    if fast:
        start = _resited(problem, start, meter.part(SHARE_OF_FAST))
        return Best(widened(start, kept, count), math.inf, "stopped")
    gain = -math.inf if start is None else problem.gained(start)
    if gain >= bound - _slack(problem):
        return Best(widened(start, kept, count), gain, "optimal")
    hub = _gathered(problem, start, meter)
    if hub is not None:
        start, bound = _better(problem, hub.plan, start), min(bound, hub.bound)
        if start is not None and problem.gained(start) >= bound - _slack(problem):
            return Best(widened(start, kept, count), problem.gained(start), "optimal")
    found = run(problem, meter.part(SHARE_OF_WHOLE), start=start)
    if found.ended == "infeasible":
        return Best(None, -math.inf, "infeasible")
    plan = _better(problem, found.plan, start)
    if found.ended == "stopped":
        plan = _resited(problem, plan, meter)
    bound = min(bound, found.bound)
    ended = found.ended
    if plan is not None and problem.gained(plan) >= bound - _slack(problem):
        ended = "optimal"
    return Best(widened(plan, kept, count), bound, ended)


def _started(problem: Problem, meter: Meter) -> tuple[Plan | None, float]:
    """A plan to start with, and a bound. In large tasks prices come first, and the search for a
    plan keeps to the sites that are worth most at these prices."""
    if problem.demand.cover.nnz < LARGE_ENTRIES:
        return starting_plan(problem, meter.part(SHARE_OF_START)), math.inf
    by = priced(problem, 0.0, meter.part(SHARE_OF_PRICES))
    worth = np.argsort(-by.value - np.where(problem.terms.must, math.inf, 0.0), kind="stable")
    few = np.sort(worth[:CORE])
    plan = starting_plan(narrowed(problem, few), meter.part(SHARE_OF_START))
    return _better(problem, widened(plan, few, len(problem.copies)), by.plan), by.bound


def least_plan(problem: Problem, most: int, meter: Meter) -> Best:
    """The fewest sites that keep to the terms, or with a budget the least money; ``bound`` of what
    is spent."""
    kept = np.flatnonzero(undominated(problem.demand, problem.terms, most, problem.limit, meter))
    small = narrowed(problem, kept)
    # Plain covering is solved before greedy steps have found a hundred sites.
    plain = small.everybody and small.demand.cover.nnz <= PLAIN_ENTRIES
    start = None if plain else starting_plan(small, meter)
    found = run(small, meter, goal="money" if problem.budget is not None else "sites", start=start)
    if plain and found.plan is None and found.ended == "stopped":
        start = starting_plan(small, meter)
    return Best(widened(found.plan or start, kept, len(problem.copies)), -found.bound, found.ended)


def best_worst(problem: Problem, most: int, meter: Meter) -> tuple[Best, float]:
    """The plan whose worst zone is best off, and the share of persons served in that zone."""
    kept = np.flatnonzero(undominated(problem.demand, problem.terms, most, problem.limit, meter))
    small = narrowed(problem, kept)
    found = run(small, meter, goal="worst", start=starting_plan(small, meter))
    if found.plan is None:
        return Best(None, found.bound, found.ended), 0.0
    share = worst_share(small, found.plan)
    plan = widened(found.plan, kept, len(problem.copies))
    return Best(plan, found.bound, found.ended), share


def _slack(problem: Problem) -> float:
    return 1e-7 * (1.0 + math.fsum(problem.demand.persons))


def _better(problem: Problem, one: Plan | None, other: Plan | None) -> Plan | None:
    plans = [plan for plan in (one, other) if plan is not None and problem.keeps(plan)]
    return max(plans, key=problem.gained, default=None)


def _by_prices(problem: Problem, start: Plan, meter: Meter) -> tuple[Problem, Plan, float, Ints]:
    """The problem without sites that no better plan opens, the best plan, a bound, and the
    positions of the sites left."""
    part = meter.part(SHARE_OF_PRICES)
    by = priced(problem, problem.gained(start), part)
    start = _better(problem, by.plan, start) or start
    if meter.over:
        return problem, start, by.bound, np.arange(len(problem.copies))
    left = np.flatnonzero(~by.spare | (start.opened > 0) | problem.terms.must)
    small = narrowed(problem, left)
    return small, within(start, left) or start, by.bound, left


def _gathered(problem: Problem, start: Plan | None, meter: Meter) -> Best | None:
    """The bound where places may have several rooms, and its plan repaired to distinct sites; None
    where nothing can be gathered."""
    terms, limit = problem.terms, problem.limit
    if limit is None or problem.demand.need.max(initial=1) > 1 or not terms.alike.any():
        return None
    if meter.over or problem.demand.cover.nnz > MOST_ENTRIES:
        return None
    left, place = gathered(problem.demand, terms, meter)
    kept = np.flatnonzero(left)
    if len(kept) >= len(left):
        return None
    hub = narrowed(problem, kept)
    copies = np.where(hub.terms.alike, -(-hub.useful.sum(axis=1) // limit), 1)
    hub = replace(hub, copies=np.maximum(copies, 1))
    part = meter.part(SHARE_OF_GATHERED)
    found = run(hub, part, start=_gathered_plan(hub, kept, place, start))
    if found.plan is None:
        return Best(None, found.bound, found.ended)
    return Best(_apart(problem, found.plan, kept, place, start, meter), found.bound, found.ended)


def _gathered_plan(hub: Problem, kept: Ints, place: Ints, start: Plan | None) -> Plan | None:
    """A plan of distinct sites with each at the place that stands for it; None if that breaks a
    term."""
    if start is None:
        return None
    at = np.searchsorted(kept, place)
    plan = Plan.nothing(hub.useful.shape)
    for c in np.flatnonzero(start.opened):
        plan.opened[at[c]] += start.opened[c]
        plan.offers[at[c]] |= start.offers[c]
    plan.offers[~hub.useful] = False
    plan = Plan(np.minimum(plan.opened, hub.copies), plan.offers)
    return plan if hub.keeps(plan) else None


def _apart(
    problem: Problem, plan: Plan, kept: Ints, place: Ints, start: Plan | None, meter: Meter
) -> Plan | None:
    """The best plan of distinct sites among those that stand at the places of a plan."""
    opened = kept[plan.opened > 0]
    if plan.opened.max(initial=0) <= 1:
        return widened(plan, kept, len(place))
    near = np.flatnonzero(np.isin(place, opened) | problem.terms.must)
    small = narrowed(problem, near)
    part = meter.part(SHARE_OF_ROUND)
    found = run(small, part, start=within(start, near))
    return widened(found.plan, near, len(place))


def _resited(problem: Problem, plan: Plan | None, meter: Meter) -> Plan | None:
    """Round after round some sites that share homes are chosen again, exactly, beside the others:
    a large-neighbourhood search. Nothing is proven."""
    if plan is None:
        return None
    least = LEAST_ROUNDS * WORK_PER_ROUND * problem.demand.cover.nnz
    idle, share = 0, max(meter.left * SHARE_OF_ROUND, least)
    while not meter.over and idle < max(int(plan.opened.sum()), 1):
        sites = np.flatnonzero((plan.opened > 0) & ~problem.terms.must)
        if len(sites) == 0:
            break
        cover = problem.demand.cover[:, sites]
        shared = np.asarray((cover.T @ cover).toarray())[idle % len(sites)]
        free = sites[np.argsort(-shared, kind="stable")[:FAST_FREE]]
        part = meter.part(min(share / meter.left, 1.0), 1.0)
        other = _again(problem, plan, free, part)
        if other is not None and problem.gained(other) > problem.gained(plan) + _slack(problem):
            plan, idle = other, 0
        else:
            idle += 1
    return plan


def _again(problem: Problem, plan: Plan, free: Ints, meter: Meter) -> Plan | None:
    """The best plan that leaves all sites but ``free`` as they are."""
    fixed = plan.opened.copy()
    fixed[free] = 0
    kept = Plan(fixed, plan.offers & (fixed > 0)[:, None])
    model = Model.of(problem)
    lower, upper = model.lower.copy(), model.upper.copy()
    sites = np.flatnonzero(fixed)
    lower[sites] = upper[sites] = 1.0
    c, k = np.nonzero(problem.useful & (fixed > 0)[:, None])
    own = model.column[c, k]
    apart = own >= len(fixed)
    lower[own[apart]] = upper[own[apart]] = kept.offers[c, k][apart]
    return run(problem, meter, start=plan, model=replace(model, lower=lower, upper=upper)).plan
