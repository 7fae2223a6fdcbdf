r"""Other plans that gain nearly as much and share as few sites with the plan as possible.

An alternative keeps to all terms of the plan, is no larger (no more sites, with a budget no more
money) and gains at least 99 % of it. Among these it has the fewest sites at places of the plan,
then the fewest at places of earlier alternatives, then the largest gain; and it leaves out at least
one place of the plan and of each earlier alternative P:

    \min  (1 + N) |{c opened at a place of the plan}| + |{c opened at one of an earlier one}|
    value     \sum_g w_g z_g \ge 0.99 V
    differs   \sum_{c at a place of P} x_c \le |P| - 1

under the rows of ``siting.model``; then the gain is maximised with both counts held. What shares
nothing is asked for first: that is the best plan without those places.

**Place**: a point of a street stands for whatever is found around it, so a candidate within 100 m
of a chosen one is at its place if either is such a point. Rooms that a ledger lists are places of
their own, even in one building.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy import sparse

from gusu_geo.siting.bound import priced
from gusu_geo.siting.demand import Matrix, gains
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.highs import run
from gusu_geo.siting.model import Model, worst_share
from gusu_geo.siting.narrowing import narrowed, widened, within
from gusu_geo.siting.reduction import undominated
from gusu_geo.siting.search import best_plan
from gusu_geo.siting.sections import Alternative
from gusu_geo.siting.solver import Solution, at_cost_of, problem_of, with_floors
from gusu_geo.siting.start import best_single, starting_plan, without_idle
from gusu_geo.siting.task import Task
from gusu_geo.siting.terms import Plan, Problem
from gusu_geo.siting.thrift import thrifty
from gusu_geo.siting.told import chosen_of, cost_of
from gusu_geo.tables import Bools, Floats, Ints

MOST = 3  # alternatives
WITHIN = 0.99  # of the plan's objective
PLACE_M = 100.0
SHARE_OF_WORK = 0.15  # of the plan's, for each alternative
SHARE_OF_APART = 0.4  # of that, for a plan that shares nothing
SHARE_OF_BEST = 0.8  # of that; the rest: fewest sites
SHARE_OF_REDUCED = 0.2


@dataclass(frozen=True, eq=False)
class Other:
    """An alternative plan; proven: that none shares fewer sites."""

    plan: Plan
    proven: bool


def alternatives_of(task: Task, found: Solution) -> tuple[Alternative, ...]:
    """The section ``alternatives`` of a plan that solves a task."""
    effort = task.effort
    problem, _, _ = problem_of(
        task.need, task.cover, allowed=task.rooms.allowed, effort=effort, terms=task.rooms.terms,
        aims=task.aims,
    )  # fmt: skip
    plan = Plan(found.opened.astype(np.int64), found.offers)
    problem = as_large(problem, plan)
    same = same_places(_xy(task), task.rooms.terms.alike)
    time_s = effort.time_limit_s
    meters = [
        Meter(effort.work * SHARE_OF_WORK, None if time_s is None else time_s * SHARE_OF_WORK)
        for _ in range(MOST)
    ]
    others = alternatives(problem, plan, found.objective_persons, same, meters)
    told = [_told(task, found, other, same) for other in others]
    least = WITHIN * found.objective_persons
    return tuple(one for one in told if one["objective_persons"] >= round(least, 2) - 0.01)


def as_large(problem: Problem, plan: Plan) -> Problem:
    """The problem of plans that are no larger than this one, and whose worst zone is as well off
    where that comes first."""
    if problem.worst is not None:
        problem = with_floors(problem, worst_share(problem, plan))
    if problem.budget is None or problem.target > 0:
        problem = at_cost_of(problem, plan)
    return problem


def same_places(xy: Floats, street: Bools) -> Matrix:
    """(C,C) ones where a candidate stands at the place of another one; xy (C,2) in metres; street
    (C,): points of streets."""
    from scipy.spatial import cKDTree  # only where all is asked for

    pairs = cKDTree(xy).query_pairs(PLACE_M, output_type="ndarray")
    pairs = pairs[street[pairs].any(axis=1)]
    a, b = pairs.T
    own = np.arange(len(xy))
    row, column = np.concatenate([a, b, own]), np.concatenate([b, a, own])
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(xy), len(xy)))


def alternatives(
    problem: Problem, plan: Plan, objective: float, same: Matrix, meters: Sequence[Meter]
) -> list[Other]:
    """Up to as many alternatives to a plan as there are meters; objective: the sum it gains; same:
    of ``same_places``."""
    others: list[Other] = []
    if objective <= 0:
        return others
    before = [plan]
    for meter in meters:
        kinds = np.column_stack([_at(same, each.opened) for each in before])
        most = np.array([int(each.opened.sum()) - 1 for each in before])
        other = _Search(problem, kinds, most, WITHIN * objective).found(plan, meter)
        if other is None:
            break
        others.append(other)
        before.append(other.plan)
    return others


def _at(same: Matrix, opened: Ints) -> Bools:
    """(C,) candidates at the places of opened ones."""
    return np.asarray(same @ (opened > 0).astype(float) > 0, bool)


@dataclass(frozen=True, eq=False)
class _Search:
    """One alternative. kinds (C,P): candidates at places of the plan, then of each earlier
    alternative; most (P,): of these may be opened; value: least gain."""

    problem: Problem
    kinds: Bools
    most: Ints
    value: float

    def found(self, plan: Plan, meter: Meter) -> Other | None:
        """The alternative, None if there is none or none was found."""
        other, settled = self._apart(meter.part(SHARE_OF_APART))
        proven = other is not None
        if other is None and not settled:
            other, proven = self._sharing(plan, meter)
        if other is None:
            return None
        fewer = without_idle(self.problem, other)
        return Other(fewer if self._good(fewer) else other, proven)

    def _good(self, plan: Plan) -> bool:
        counts = plan.opened @ self.kinds
        enough = self.problem.gained(plan) >= self._least
        return bool(self.problem.keeps(plan) and (counts <= self.most).all() and enough)

    @property
    def _least(self) -> float:
        # A thousandth of a person is rounding: files give hundredths.
        return self.value - 1e-9 * (1e6 + self.value)

    def _apart(self, meter: Meter) -> tuple[Plan | None, bool]:
        """The best plan without any of these places; whether there is no alternative at all."""
        must = self.problem.terms.must
        if (must @ self.kinds > self.most).any():
            return None, True
        kept = np.flatnonzero(~self.kinds.any(axis=1) | must)
        if len(kept) == 0:
            return None, False
        small = narrowed(self.problem, kept)
        if not small.useful.any() or small.sites == 0:
            return None, False
        single = best_single(small, meter) if small.sites == 1 else None
        most = small.sites or len(kept)
        best = single or best_plan(small, most, meter.part(SHARE_OF_BEST), fast=False).plan
        if best is not None and not single:
            best, _ = thrifty(small, best, most, meter, fewest=True)
        plan = widened(best, kept, len(must))
        return (plan, False) if plan is not None and self._good(plan) else (None, False)

    def _sharing(self, plan: Plan, meter: Meter) -> tuple[Plan | None, bool]:
        """The plan with the fewest sites at these places, and whether that is proven."""
        problem, kinds = self.problem, self.kinds
        start = self._start(plan, meter.part(SHARE_OF_REDUCED))
        spare = priced(problem, self._least, meter.part(SHARE_OF_REDUCED), hold=True).spare
        sites = len(spare) if problem.sites is None else problem.sites
        kept = np.flatnonzero(~spare | problem.terms.must)
        part = narrowed(problem, kept)
        reducing = meter.part(SHARE_OF_REDUCED)
        needed = undominated(
            part.demand, part.terms, sites, part.limit, reducing, kinds=kinds[kept]
        )
        needed |= False if start is None else start.opened[kept] > 0
        kept = kept[needed]
        small, mine = narrowed(problem, kept), kinds[kept]
        if not small.useful.any():
            return None, False
        shares = np.column_stack([mine[:, 0], mine[:, 1:].any(axis=1)]).astype(float)
        model = _with_rows(Model.of(small, "sites", self._least), mine.astype(float), self.most)
        cost = np.zeros(len(model.cost))
        cost[: len(kept)] = -(shares @ np.array([1.0 + sites, 1.0]))
        first = within(start, kept)
        found = run(small, meter.part(0.5), start=first, model=replace(model, cost=cost))
        if found.plan is None:
            return None, found.ended == "infeasible"
        held = _with_rows(
            _with_rows(Model.of(small, "persons", self._least), mine.astype(float), self.most),
            shares,
            np.rint(found.plan.opened @ shares),
        )
        more = run(small, meter, start=found.plan, model=held)
        plans = [widened(each, kept, len(spare)) for each in (more.plan, found.plan)]
        good = [each for each in plans if each is not None and self._good(each)]
        return (good[0] if good else None), found.ended == "optimal"

    def _start(self, plan: Plan, meter: Meter) -> Plan | None:
        """A plan to start from: with ever more sites of the plan, the dearest to it first."""
        problem = self.problem
        opened = np.flatnonzero(plan.opened)
        left = [self._without(plan, int(c)) for c in opened]
        ranked = opened[np.argsort(left, kind="stable")]
        barred = self.kinds.any(axis=1) & ~problem.terms.must
        for number in range(1, len(ranked)):
            allowed = ~barred
            allowed[ranked[:number]] = True
            kept = np.flatnonzero(allowed)
            small = narrowed(problem, kept)
            if small.useful.any():
                found = widened(starting_plan(small, meter), kept, len(barred))
                if found is not None and self._good(found):
                    return found
            if meter.over:
                break
        return None

    def _without(self, plan: Plan, c: int) -> float:
        """The sum that the plan gains without one of its sites."""
        offers = plan.offers.copy()
        offers[c] = False
        return self.problem.demand.gained(offers)


def _with_rows(model: Model, columns: Floats, most: Floats | Ints) -> Model:
    """The model with rows more: for each of ``columns`` (C,P) the sum over its sites at most so."""
    width = model.rows.shape[1]
    more = sparse.csc_array((columns.shape[1], width - len(columns)))
    rows = sparse.csc_array(
        sparse.vstack([model.rows, sparse.hstack([sparse.csc_array(-columns.T), more])], "csc")
    )
    rows.sort_indices()
    lower = np.concatenate([model.row_lower, -np.asarray(most, float)])
    return replace(model, rows=rows, row_lower=lower)


def _xy(task: Task) -> Floats:
    return np.asarray(shapely.get_coordinates(task.candidates.frame.geometry.to_numpy()), float)


def _told(task: Task, found: Solution, other: Other, same: Matrix) -> Alternative:
    """An alternative as plain data, its gain worked out anew from the homes."""
    plan = other.plan
    done = gains(task.need, task.cover, plan.offers)
    objective = math.fsum(task.aims.weight[done])
    solution = replace(
        found, opened=plan.opened > 0, offers=plan.offers, completed=done,
        objective_persons=objective,
    )  # fmt: skip
    sites = chosen_of(task, solution)
    ids = list(task.places.ids)
    opened = np.flatnonzero(found.opened)
    at = {site.candidate_id: ids.index(site.candidate_id) for site in sites}
    near = {name: opened[same[[c]].toarray()[0, opened] > 0] for name, c in at.items()}
    cost = cost_of([site.cost for site in sites], task.rooms, solution)
    return {
        "chosen": [
            {
                "candidate_id": site.candidate_id,
                "name": site.name,
                "lonlat": [round(value, 7) for value in site.lonlat],
                "services": list(site.services),
                "same_as": _nearest(site.candidate_id, near[site.candidate_id], ids),
            }
            for site in sites
        ],
        "objective_persons": round(objective, 2),
        "gained_persons": round(math.fsum(task.persons[done]), 2),
        "shared": sum(len(each) > 0 for each in near.values()),
        "cost": None if cost is None else round(cost, 2),
        "proven": other.proven,
    }


def _nearest(name: str, near: Ints, ids: Sequence[str]) -> str:
    """The site of the plan at whose place another stands: itself, else the first."""
    names = [str(ids[c]) for c in near]
    return name if name in names else next(iter(names), "")
