"""A smaller problem: with some candidates alone, or beside sites that stay as they are."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gusu_geo.siting.demand import Demand, merged, useful_offers
from gusu_geo.siting.terms import Plan, Problem
from gusu_geo.tables import Bools, Floats, Ints


def narrowed(problem: Problem, kept: Ints) -> Problem:
    """The problem with these candidates alone."""
    if len(kept) == len(problem.copies):
        return problem
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


def without(plan: Plan, sites: Ints) -> Plan:
    """The plan with these sites closed."""
    other = Plan(plan.opened.copy(), plan.offers.copy())
    other.opened[sites], other.offers[sites] = 0, False
    return other


def beside(problem: Problem, fixed: Plan) -> tuple[Problem, Ints]:
    """What is left of a problem when the sites of a plan stay, and the candidates left: groups that
    still lack something, and are not beyond what the other sites may offer."""
    demand, terms = problem.demand, problem.terms
    left = demand.left(fixed.offers)
    lacking = np.bincount(demand.group, left, minlength=len(demand.persons))
    sites = None if problem.sites is None else problem.sites - int(fixed.opened.sum())
    live = lacking > 0
    if sites is not None and problem.limit is not None:
        live &= lacking <= sites * problem.limit
    barred = fixed.opened > 0
    a, b = terms.near.T
    barred[b[fixed.opened[a] > 0]] = True
    barred[a[fixed.opened[b] > 0]] = True
    free = np.flatnonzero(~barred)
    rest = replace(
        problem,
        demand=_lacking(demand, left, live, free),
        terms=replace(terms.only(free), must=np.zeros(len(free), bool)),
        copies=problem.copies[free],
        sites=sites,
        budget=None if problem.budget is None else max(problem.budget - problem.money(fixed), 0.0),
        floor=_floor_left(problem, lacking == 0),
        target=max(problem.target - math.fsum(demand.heads[lacking == 0]), 0.0),
    )
    return replace(rest, useful=useful_offers(rest.demand)), free


def _lacking(demand: Demand, left: Ints, live: Bools, free: Ints) -> Demand:
    """The live groups, with what is left of their needs and the free candidates alone."""
    rank = np.cumsum(live) - 1
    at = np.flatnonzero(live[demand.group] & (left > 0))
    rest = Demand(
        demand.persons[live], rank[demand.group[at]], demand.service[at], left[at],
        demand.cover[at][:, free], demand.services, demand.heads[live], demand.zone[live],
    )  # fmt: skip
    return merged(rest)


def _floor_left(problem: Problem, done: Bools) -> Floats:
    zone, heads = problem.demand.zone[done], problem.demand.heads[done]
    served = np.bincount(zone + 1, heads, minlength=len(problem.floor) + 1)
    return np.maximum(problem.floor - served[1 : len(problem.floor) + 1], 0.0)
