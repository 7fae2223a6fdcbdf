"""Of the best plans the one with the fewest sites, and of these the fewest services."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gusu_geo.siting.bound import priced
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.highs import run
from gusu_geo.siting.narrowing import narrowed, widened, within
from gusu_geo.siting.reduction import undominated
from gusu_geo.siting.start import without_idle
from gusu_geo.siting.terms import Plan, Problem

SHARE = 0.25  # of the work that is left, for each question
SHARE_OF_LAST = 0.05  # for fewer services at other sites, which is seldom worth it:
MOST_ENTRIES = 20_000  # of the cover for which that is asked at all


def thrifty(
    problem: Problem, plan: Plan, most: int, meter: Meter, *, fewest: bool, settled: bool = False
) -> tuple[Plan, bool]:
    """A plan that gains as much and keeps to the terms, and whether none has fewer sites, or as
    many sites and fewer services. fewest: False where idle parts alone are left out; settled:
    whether it is known that none has fewer sites."""
    plan = _kept(problem, without_idle(problem, plan), plan)
    if settled and plan.offers.sum() <= (plan.opened * ~problem.terms.must).sum():
        return plan, True  # every site offers something
    if not fewest or meter.over:
        return plan, False
    kept = np.flatnonzero(
        undominated(problem.demand, problem.terms, most, problem.limit, meter) | (plan.opened > 0)
    )
    small, best = narrowed(problem, kept), within(plan, kept)
    if best is None:
        return plan, False
    # A thousandth of a person is rounding: files give hundredths.
    value = small.gained(best) - 1e-9 * (1e6 + small.gained(best))
    spare = priced(small, value, meter.part(SHARE)).spare & (best.opened == 0) & ~small.terms.must
    left = np.flatnonzero(~spare)
    small, best, kept = narrowed(small, left), within(best, left) or best, kept[left]
    sites, proven = int(best.opened.sum()), True
    if sites > 1 and not settled and not _too_few(small, sites - 1, value, meter):
        found = run(small, meter.part(SHARE), goal="sites", value=value, start=best)
        proven = found.ended == "optimal"
        best = _fewer(small, found.plan, best, sites=True)
    # At the same sites first, which is quickly told.
    here = np.flatnonzero(best.opened > 0)
    own = narrowed(small, here)
    found = run(own, meter.part(SHARE), goal="services", value=value, start=within(best, here))
    best = _fewer(small, widened(found.plan, here, len(best.opened)), best, sites=False)
    if small.demand.cover.nnz > MOST_ENTRIES:
        return widened(best, kept, len(problem.copies)) or plan, False
    few = replace(small, sites=int(best.opened.sum()))
    found = run(few, meter.part(SHARE_OF_LAST), goal="services", value=value, start=best)
    proven &= found.ended == "optimal"
    best = _fewer(small, found.plan, best, sites=False)
    return widened(best, kept, len(problem.copies)) or plan, proven


def _too_few(problem: Problem, sites: int, value: float, meter: Meter) -> bool:
    """Whether prices prove at once that so few sites do not gain ``value``."""
    by = priced(replace(problem, sites=sites), value, meter.part(SHARE))
    return by.bound < value


def _kept(problem: Problem, fewer: Plan, plan: Plan) -> Plan:
    """``fewer``, where zones and targets hold without what it leaves out."""
    return fewer if problem.keeps(fewer) or not problem.keeps(plan) else plan


def _fewer(problem: Problem, one: Plan | None, other: Plan, *, sites: bool) -> Plan:
    """``one`` if it is no worse and smaller; of equal ones the other."""
    if one is None or not problem.keeps(one):
        return other
    slack = 1e-9 * (1.0 + math.fsum(problem.demand.persons))
    if problem.gained(one) < problem.gained(other) - slack:
        return other
    parts = [plan.opened if sites else plan.offers for plan in (one, other)]
    return one if parts[0].sum() < parts[1].sum() else other
