"""Search for the best plan: a bound by prices, gathered places, then every site apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from gusu_geo.siting.bound import priced
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.highs import MOST_ENTRIES, Ended, run
from gusu_geo.siting.model import worst_share
from gusu_geo.siting.narrowing import narrowed, widened, within
from gusu_geo.siting.reduction import gathered, undominated
from gusu_geo.siting.resiting import resited
from gusu_geo.siting.start import starting_plan
from gusu_geo.siting.terms import Plan, Problem
from gusu_geo.tables import Ints

PRICED_ENTRIES = 3_000  # of the cover: from here on prices are worked out before the model
SHARE_OF_PRICES = 0.25  # of the work
SHARE_OF_START = 0.5
SHARE_OF_RESITED = 0.12  # before anything is proven: good plans leave out more sites
SHARE_OF_GATHERED = 0.3
WIDE = 0.05  # gap from which on gathered places, which bound less well, only take time
FAR = 0.01  # gap from which on the plan is bettered before the whole is solved
PLAIN_ENTRIES = 100_000  # of the cover: up to here the fewest sites for all need no starting plan
LARGE_ENTRIES = 2_000_000  # of the cover: from here on a plan is looked for among few sites
CORE = 500  # of these
SAME = 0.95  # share of candidates kept from which on leaving the others out is not worth it
SHARE_OF_WHOLE = 0.72  # what is left betters the plan, if nothing was proven
SHARE_OF_LAST = 0.5  # of that
SHARE_OF_FAST = 0.15
SHARE_OF_ROUND = 0.1


@dataclass(frozen=True, eq=False)
class Best:
    """plan: the best found, None if none keeps to the terms; bound: no plan has more; ended."""

    plan: Plan | None
    bound: float
    ended: Ended


def best_plan(problem: Problem, most: int, meter: Meter, *, fast: bool) -> Best:
    """The most persons; most: how many sites can be opened at all."""
    part = meter.part(SHARE_OF_PRICES)
    kept = np.flatnonzero(undominated(problem.demand, problem.terms, most, problem.limit, part))
    count, whole = len(problem.copies), problem
    if problem.demand.cover.nnz >= LARGE_ENTRIES and len(kept) > SAME * count:
        kept = np.arange(count)  # a second copy costs more than these candidates
    problem = narrowed(whole, kept)
    start, bound = _started(problem, meter)
    if start is not None and problem.demand.cover.nnz >= PRICED_ENTRIES and not meter.over:
        problem, start, by_prices, left = _by_prices(problem, start, meter)
        kept, bound = kept[left], min(bound, by_prices)
    if fast:
        start = resited(problem, start, meter.part(SHARE_OF_FAST))
        return Best(widened(start, kept, count), math.inf, "stopped")
    gain = -math.inf if start is None else problem.gained(start)
    if gain >= bound - _slack(problem):
        return Best(widened(start, kept, count), gain, "optimal")
    near = bound == math.inf or gain >= (1 - WIDE) * bound
    hub = _gathered(problem, start, meter) if near else None
    if hub is not None:
        start, bound = _better(problem, hub.plan, start), min(bound, hub.bound)
        if start is not None and problem.gained(start) >= bound - _slack(problem):
            return Best(widened(start, kept, count), problem.gained(start), "optimal")
        if start is not None and problem.gained(start) > gain + _slack(problem):
            problem, start, by_prices, left = _by_prices(problem, start, meter)
            kept, bound = kept[left], min(bound, by_prices)
    if start is not None and problem.gained(start) < (1 - FAR) * bound < math.inf:
        start = resited(problem, start, meter.part(SHARE_OF_RESITED))
    found = run(problem, meter.part(SHARE_OF_WHOLE), start=start)
    if found.ended == "infeasible":
        return Best(None, -math.inf, "infeasible")
    plan = _better(problem, found.plan, start)
    if found.ended == "stopped":
        plan = resited(problem, plan, meter.part(SHARE_OF_LAST, 1.0))
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
    if by.plan is not None and meter.over:
        return by.plan, by.bound
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
