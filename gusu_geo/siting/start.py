"""A good plan to start the solver from: greedy, then swaps; and the best single site, exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy import sparse

from gusu_geo.siting.effort import Meter
from gusu_geo.siting.terms import Plan, Problem
from gusu_geo.tables import Bools, Floats

MAX_BUNDLES = 2_000  # service combinations that the starting plan tries per site
MAX_SWAP_SITES = 40  # with more sites the starting plan is greedy only
SWAP_ROUNDS = 3
WORK_PER_ENTRY = 1e-7  # of the cover, for each site that is tried


class Bundles(NamedTuple):
    """offers (B,K): combinations of services of one site, small ones first; every: whether these
    are all there are."""

    offers: Bools
    every: bool


def bundles_of(problem: Problem, *, small: bool = False) -> Bundles:
    """Combinations that one site may offer; all, up to ``MAX_BUNDLES``; small: also those that
    leave out services for which there is room."""
    demand, limit = problem.demand, problem.limit
    active = np.unique(demand.service)
    most = len(active) if limit is None else min(limit, len(active))
    priced = bool((problem.terms.service_cost > 0).any() or (problem.terms.service_area > 0).any())
    least = 1 if small or priced or most < len(active) else most
    count = sum(math.comb(len(active), size) for size in range(least, most + 1))
    every = count <= MAX_BUNDLES
    if every:
        sizes = range(least, most + 1)
        picks = [pick for size in sizes for pick in combinations(active.tolist(), size)]
    else:  # a sliding window over the services, those that most persons lack first
        lacking = np.bincount(demand.service, demand.persons[demand.group])[active]
        ranked = active[np.argsort(-lacking, kind="stable")]
        windows = sorted({1, most})
        picks = [tuple(np.roll(ranked, -i)[:size]) for size in windows for i in range(len(ranked))]
    offers = np.zeros((len(picks), demand.services), bool)
    for row, pick in enumerate(picks):
        offers[row, list(pick)] = True
    return Bundles(offers, every)


@dataclass(frozen=True, eq=False)
class _Tries:
    """What greedy steps look up: bundles, and (C,B) what each would cost, inf where no room."""

    offers: Bools
    cost: Floats

    @classmethod
    def of(cls, problem: Problem, bundles: Bundles) -> _Tries:
        terms, picked = problem.terms, bundles.offers.T.astype(float)
        area = np.where(problem.useful, terms.service_area, 0.0) @ picked
        money = np.where(problem.useful, terms.service_cost, 0.0) @ picked + terms.cost[:, None]
        return cls(bundles.offers, np.where(area <= terms.area[:, None] + 1e-9, money, np.inf))


def best_single(problem: Problem, meter: Meter) -> Plan | None:
    """The best plan of one site, with the fewest services that gain as much; None where this does
    not try everything: other terms, or too many combinations."""
    bundles = bundles_of(problem, small=True)
    bundles = bundles if bundles.every else bundles_of(problem)
    if not bundles.every or problem.bound_by or problem.terms.must.any():
        return None
    tries = _Tries.of(problem, bundles)
    score = _scores(problem, np.zeros_like(problem.useful), bundles.offers, 0.0)
    meter.spend(WORK_PER_ENTRY * problem.demand.cover.nnz)
    score[tries.cost > _most(problem)] = -1.0
    best = score.max(initial=0.0)
    plan = Plan.nothing(problem.useful.shape)
    if best <= 0:
        return plan
    equal = score >= best - 1e-9 * (1.0 + best)
    bundle = int(np.flatnonzero(equal.any(axis=0))[0])
    plan = _with(problem, plan, int(np.argmax(equal[:, bundle])), bundles.offers[bundle])
    return without_idle(problem, plan)


def starting_plan(problem: Problem, meter: Meter) -> Plan | None:
    """A good plan, quickly: greedy site by site, then swaps while they gain; at least one site,
    then what there is when the meter stops it. None where no such plan keeps to the terms."""
    bundles = bundles_of(problem)
    tries = _Tries.of(problem, bundles)
    found = list[Plan]()
    for blend in (1e-6, 1.0):  # weight of half-met needs against completed ones
        for thrifty in (False, True) if problem.budget is not None else (False,):
            steps = _Steps(problem, tries, blend, thrifty=thrifty)
            plan = steps.grown(steps.obliged(), meter)
            if plan.opened.sum() <= MAX_SWAP_SITES:
                plan = steps.swapped(plan, meter)
            found.append(plan)
    good = [plan for plan in found if problem.keeps(plan)]
    return max(good, key=problem.gained, default=None)


@dataclass(frozen=True, eq=False)
class _Steps:
    """Greedy steps; blend: weight of half-met needs; thrifty: by gain for money."""

    problem: Problem
    tries: _Tries
    blend: float
    thrifty: bool

    def obliged(self) -> Plan:
        """The sites that have to be opened, each with the best services."""
        plan = Plan.nothing(self.problem.useful.shape)
        plan.opened[self.problem.terms.must] = 1
        for c in np.flatnonzero(self.problem.terms.must):
            plan = self._best(plan, only=int(c)) or plan
        return plan

    def grown(self, plan: Plan, meter: Meter) -> Plan:
        """Site after site, while there is leave and gain."""
        sites = self.problem.sites
        while sites is None or plan.opened.sum() < sites:
            if plan.opened.any() and meter.over:  # one site, however late it is
                break
            grown = self._step(plan, meter)
            if grown is None:
                break
            plan = grown
        return plan

    def swapped(self, plan: Plan, meter: Meter) -> Plan:
        """Each site against the best other one, while that gains."""
        for _ in range(SWAP_ROUNDS):
            before = self.problem.gained(plan)
            for c in np.flatnonzero(plan.opened * ~self.problem.terms.must):
                if meter.over:
                    return plan
                other = Plan(plan.opened.copy(), plan.offers.copy())
                other.opened[c], other.offers[c] = 0, False
                grown = self._step(other, meter)
                if grown is not None and self.problem.gained(grown) > self.problem.gained(plan):
                    plan = grown
            if self.problem.gained(plan) <= before:
                break
        return plan

    def _step(self, plan: Plan, meter: Meter) -> Plan | None:
        meter.spend(WORK_PER_ENTRY * (self.problem.demand.cover.nnz + 1))
        return self._best(plan)

    def _best(self, plan: Plan, only: int | None = None) -> Plan | None:
        """The plan plus the site and bundle with the best score; None if none scores above 0."""
        problem, terms = self.problem, self.problem.terms
        score = _scores(problem, plan.offers, self.tries.offers, self.blend)
        taken = plan.opened > 0
        cost = self.tries.cost
        if only is not None:  # open already, and paid for
            taken = np.arange(len(taken)) != only
            cost = cost - terms.cost[only]
        elif len(terms.near):
            a, b = terms.near.T
            taken[b[plan.opened[a] > 0]] = True
            taken[a[plan.opened[b] > 0]] = True
        score[taken] = -1.0
        score[cost > _most(problem) - problem.money(plan)] = -1.0
        if self.thrifty:
            score = score / np.maximum(np.where(np.isfinite(cost), cost, 1.0), 1e-6)
        site, bundle = np.unravel_index(int(np.argmax(score)), score.shape)
        if score[site, bundle] <= 0:
            return None
        return _with(problem, plan, int(site), self.tries.offers[bundle])


def _most(problem: Problem) -> float:
    """Money that may be spent; never inf, which stands for "no room"."""
    return 1e300 if problem.budget is None else problem.budget * (1 + 1e-9) + 1e-9


def _with(problem: Problem, plan: Plan, site: int, bundle: Bools) -> Plan:
    grown = Plan(plan.opened.copy(), plan.offers.copy())
    grown.opened[site] = 1
    grown.offers[site] = bundle & problem.useful[site]
    return grown


def _scores(problem: Problem, offers: Bools, bundles: Bools, blend: float) -> Floats:
    """(C,B) persons completed + blend * (share of what they lack that is met) * persons, if the
    site offers the bundle besides ``offers``."""
    demand = problem.demand
    left = demand.left(offers)
    elements = np.flatnonzero(left > 0)
    count = len(offers)
    if len(elements) == 0:
        return np.zeros((count, len(bundles)))
    total = np.bincount(demand.group, left, minlength=len(demand.persons))
    weight = demand.persons
    if problem.bound_by:  # also whom the sum does not count
        weight = np.maximum(weight, 1e-6 * demand.heads)
    cover, service = demand.cover[elements], demand.by_service()[elements]
    group = demand.by_group()[:, elements]
    # Groups that one site can complete: it covers every element, and each lacks one venue.
    single = np.asarray(group.sum(axis=1)).ravel() == total
    reach = sparse.coo_array(group @ cover)
    g, c = reach.coords
    whole = single[g] & (reach.data == total[g])
    lacks, pattern = np.unique((group @ service).toarray() > 0, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    by_pattern = np.zeros((count, len(lacks)))
    np.add.at(by_pattern, (c[whole], pattern[g[whole]]), weight[g[whole]])
    fits = (lacks.astype(float) @ ~bundles.T) == 0
    score = by_pattern @ fits
    if blend:
        share = (weight / np.maximum(total, 1))[demand.group[elements]]
        score += blend * ((cover.T @ (service * share[:, None])).toarray() @ bundles.T)
    return np.asarray(score)


def without_idle(problem: Problem, plan: Plan) -> Plan:
    """The plan without those sites, then services, that add no gain; sites that have to be opened
    stay open."""
    demand, offers = problem.demand, plan.offers.copy()
    complete = demand.complete(offers)
    complete &= (demand.persons > 0) | (demand.heads > 0 if problem.bound_by else False)
    supply = demand.supply(offers)
    spare = supply > demand.need  # one venue fewer breaks nothing
    opened = np.flatnonzero(offers.any(axis=1))
    reached, at = demand.cover[:, opened].tocsc(), np.zeros(len(offers), np.int64)
    at[opened] = np.arange(len(opened))
    cells = [(int(c), [int(k)]) for c, k in np.argwhere(offers)]
    sites = [(c, np.flatnonzero(offers[c]).tolist()) for c in sorted({c for c, _ in cells})]
    for c, services in [*sites, *cells]:
        rows = reached.indices[reached.indptr[at[c]] : reached.indptr[at[c] + 1]]
        offered = np.isin(demand.service[rows], [k for k in services if offers[c, k]])
        served = rows[offered]
        if (complete[demand.group[served]] & ~spare[served]).any():
            continue
        offers[c, services] = False
        supply[served] -= 1
        spare[served] = supply[served] > demand.need[served]
    still = offers.any(axis=1) | problem.terms.must
    return Plan(np.where(still, plan.opened, 0), offers)
