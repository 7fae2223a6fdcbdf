"""A bound for tasks whose relaxation would take too long: Lagrangean relaxation of ``need``.

With prices u_e >= 0 on the rows ``need`` of the model, groups and sites part: a group is worth what
exceeds its prices, and a site the S best of its services. So the best plan at these prices is a
matter of sorting, and its worth bounds every plan. Prices move along the rows that are broken.
At best this is the bound of the linear relaxation without ``spread``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from gusu_geo.siting.demand import Demand, Matrix
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.terms import Plan, Problem
from gusu_geo.tables import Bools, Floats

ROUNDS = 300
AIM = 0.99  # of the best gain known: prices move as if the bound could fall so far
PATIENCE = 12  # rounds without a better bound before steps are halved, at most, and at least
HASTE = 2  # where work is left for few rounds
WORK_PER_ENTRY = 1e-8


@dataclass(frozen=True, eq=False)
class Priced:
    """bound: no plan gains more; plan: the best that was met on the way, None for none; spare (C,):
    sites that no plan better than ``gain`` opens; value (C,): of each site at the best prices."""

    bound: float
    plan: Plan | None
    spare: Bools
    value: Floats


def priced(problem: Problem, gain: float, meter: Meter, *, hold: bool = False) -> Priced:
    """The bound by prices of needs; gain: of the best plan known; hold: no better one is looked
    for, so that no plan that gains more than ``gain`` opens a spare site."""
    demand, shape = problem.demand, problem.useful.shape
    served = _by_offer(demand, shape)
    values = np.zeros(shape[0])
    total = np.bincount(demand.group, demand.need, minlength=len(demand.persons))
    price = (demand.persons / np.maximum(total, 1))[demand.group]
    best, spare = math.inf, np.zeros(shape[0], bool)
    found: Plan | None = None
    pace, idle = 1.0, 0
    rounds = meter.left / (2 * WORK_PER_ENTRY * (served.nnz + 1))
    patience = int(min(max(rounds / 10, HASTE), PATIENCE))
    for round_ in range(ROUNDS):
        if round_ and (meter.over or pace < 1e-3):  # one round, however late it is
            break
        meter.spend(2 * WORK_PER_ENTRY * served.nnz)
        worth = (served.T @ price).reshape(shape)
        left = demand.persons - np.bincount(demand.group, price * demand.need)
        most, plan, dear, value = _best_at(problem, worth)
        bound = most + math.fsum(left[left > 0])
        if not hold and not round_ % 10 and problem.keeps(plan) and problem.gained(plan) > gain:
            found, gain = plan, problem.gained(plan)
        if dear is not None:
            spare |= bound - dear < gain - 1e-6 * (1 + gain)
        if bound < best - 1e-9 * (1 + abs(best) if best < math.inf else 1):
            best, idle, values = bound, 0, value
        else:
            idle += 1
            if idle >= patience:
                pace, idle = pace / 2, 0
        if best <= gain * (1 + 1e-9):
            break
        broken = demand.need * (left > 0)[demand.group] - served @ plan.offers.ravel()
        broken[(price <= 0) & (broken < 0)] = 0.0
        length = float(broken @ broken)
        if length == 0:
            break
        price = np.maximum(0.0, price + pace * (bound - AIM * gain) / length * broken)
    if found is not None:
        spare &= found.opened == 0
    return Priced(best, found, spare, values)


def _by_offer(demand: Demand, shape: tuple[int, ...]) -> Matrix:
    """(E, C * K) ones where an offer serves an element."""
    cover = demand.cover
    service = np.repeat(demand.service, np.diff(cover.indptr))
    column = (cover.indices * shape[1] + service).astype(cover.indices.dtype)
    size = len(demand.need), shape[0] * shape[1]
    return sparse.csr_array((np.ones(len(column)), column, cover.indptr), shape=size)


def _best_at(problem: Problem, worth: Floats) -> tuple[float, Plan, Floats | None, Floats]:
    """A bound of the worth of all plans at these prices, the best plan, (C,) what is lost at least
    by opening each site (None with a budget, whose fractions are worth no exact comparison), and
    (C,) the value of each site."""
    count, services = worth.shape
    limit = services if problem.limit is None else min(problem.limit, services)
    order = np.argsort(-worth, axis=1, kind="stable")[:, :limit]
    offers = np.zeros(worth.shape, bool)
    np.put_along_axis(offers, order, values=True, axis=1)
    offers &= worth > 0
    value = np.where(offers, worth, 0.0).sum(axis=1)
    sites = count if problem.sites is None else min(problem.sites, count)
    opened = np.zeros(count, np.int64)
    dear: Floats | None = None
    if problem.budget is None:
        ranked = np.argsort(-value, kind="stable")
        opened[ranked[:sites]] = 1
        best = math.fsum(value[ranked[:sites]])
        if sites < count:
            dear = np.maximum(value[ranked[sites - 1]] - value, 0.0)
    else:  # by worth for money, the last one in part
        cost = np.maximum(problem.terms.cost, 1e-12)
        ranked = np.argsort(-value / cost, kind="stable")
        spent = np.cumsum(problem.terms.cost[ranked])
        fits = ranked[spent <= problem.budget * (1 + 1e-9)]
        opened[fits[:sites]] = 1
        best = math.fsum(value[fits])
        if len(fits) < count:
            left = problem.budget - (spent[len(fits) - 1] if len(fits) else 0.0)
            best += max(left, 0.0) * float(value[ranked[len(fits)]] / cost[ranked[len(fits)]])
        best = min(best, math.fsum(np.sort(value)[-sites:]))
    offers &= (opened > 0)[:, None]
    return best, Plan(opened, offers & problem.useful), dear, value
