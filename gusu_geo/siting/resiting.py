"""Better a plan: some sites are chosen again, exactly, beside the others."""

from __future__ import annotations

import math

import numpy as np

from gusu_geo.siting.effort import Meter
from gusu_geo.siting.highs import WORK_PER_ROUND, run
from gusu_geo.siting.narrowing import beside, narrowed, within, without
from gusu_geo.siting.reduction import undominated
from gusu_geo.siting.terms import Plan, Problem
from gusu_geo.tables import Ints

FREE = (3, 4)  # sites that are chosen again; more where fewer gain nothing
ROUNDS = 40  # of the solver, for each choice: fewer find little
SHARE = 0.2  # of the work that is left, at most, for each choice
WORK_PER_ENTRY = 2e-8  # for what is left of the problem


def resited(problem: Problem, plan: Plan | None, meter: Meter) -> Plan | None:
    """Round after round some sites that share homes are chosen again beside the others: a
    large-neighbourhood search. Nothing is proven.

    Only groups are looked at that the other sites leave without something, and that few sites can
    complete: the model of a round is a tenth of the whole one.
    """
    tried, at, size = set[bytes](), 0, 0
    while plan is not None and not meter.over:
        sites = np.flatnonzero((plan.opened > 0) & ~problem.terms.must)
        if at >= len(sites):  # every site was tried in vain
            at, size = 0, size + 1
        if size >= len(FREE) or len(sites) == 0:
            break
        free = _neighbours(problem, sites, at, FREE[size])
        at += 1
        key = np.sort(free).tobytes()
        if key in tried:
            continue
        tried.add(key)
        other = _again(problem, plan, free, meter)
        if other is not None and problem.keeps(other):
            slack = 1e-7 * (1.0 + math.fsum(problem.demand.persons))
            if problem.gained(other) > problem.gained(plan) + slack:
                plan, at, size = other, 0, 0
                tried.clear()
    return plan


def _neighbours(problem: Problem, sites: Ints, at: int, size: int) -> Ints:
    """The site at this position and those that share most homes with it."""
    cover = problem.demand.cover[:, sites]
    shared = np.asarray((cover.T @ cover[:, [at]]).toarray()).ravel()
    shared[at] = math.inf
    return sites[np.argsort(-shared, kind="stable")[:size]]


def _again(problem: Problem, plan: Plan, free: Ints, meter: Meter) -> Plan | None:
    """The best plan found that leaves all sites but ``free`` as they are."""
    fixed = without(plan, free)
    meter.spend(WORK_PER_ENTRY * problem.demand.cover.nnz)
    rest, left = beside(problem, fixed)
    if len(rest.demand.persons) == 0 or meter.over:
        return None
    most = len(left) if rest.sites is None else rest.sites
    good = undominated(rest.demand, rest.terms, most, rest.limit, meter)
    kept = np.flatnonzero(good | (plan.opened[left] > 0))
    rest, left = narrowed(rest, kept), left[kept]
    if meter.over:
        return None
    work = min(ROUNDS * WORK_PER_ROUND * rest.demand.cover.nnz, SHARE * meter.left)
    start = without(plan, np.flatnonzero(fixed.opened > 0))
    start.offers[left] &= rest.useful
    found = run(rest, meter.part(work / meter.left, 1.0), start=within(start, left))
    if found.plan is None:
        return None
    other = Plan(fixed.opened.copy(), fixed.offers.copy())
    other.opened[left] += found.plan.opened
    other.offers[left] |= found.plan.offers
    return other
