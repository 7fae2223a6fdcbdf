"""Solve the siting model with HiGHS, from a starting plan, with a proven bound."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Literal

import highspy
import numpy as np

from gusu_geo.errors import StudyError
from gusu_geo.siting.demand import (
    Demand,
    Matrix,
    demand_of,
    gains,
    merged,
    undominated,
    useful_offers,
)
from gusu_geo.siting.model import Model
from gusu_geo.siting.start import starting_plan, without_idle
from gusu_geo.tables import Bools, Floats, Ints
from gusu_geo.words import text

FOREVER_S = 1e9  # a limit of no limit

Status = Literal["optimal", "time limit", "nothing to gain"]


@dataclass(frozen=True)
class Effort:
    """How much may be built, and how long to search.

    sites: most new venues, also more than there are candidates; services_per_site: most services
    of one, None for no limit (3: the embedded service facilities guide asks for at least 3
    functions in a complex); time_limit_s: seconds after which the best plan so far is returned,
    with its proven bound.
    Raises StudyError: sites or services_per_site no whole number from 1, time_limit_s not above 0.
    """

    sites: int
    services_per_site: int | None = 3
    time_limit_s: float = 60.0

    def __post_init__(self) -> None:
        if not _from_one(self.sites):
            raise StudyError(text("error.sites_positive"), got=self.sites)
        if self.services_per_site is not None and not _from_one(self.services_per_site):
            raise StudyError(text("error.services_per_site"), got=self.services_per_site)
        if not (isinstance(self.time_limit_s, Real) and self.time_limit_s > 0):
            raise StudyError(text("error.time_limit_positive"), got=self.time_limit_s)


def _from_one(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


@dataclass(frozen=True, eq=False)
class Solution:
    """offers (C,K): services of each candidate; completed (R,): residences that get all they lack;
    unreachable (R,): residences that no choice of that many sites can complete (a missing service
    with too few candidates in reach, or more missing than the sites can offer); gained persons and
    proven bound."""

    offers: Bools
    completed: Bools
    unreachable: Bools
    objective_persons: float
    bound_persons: float
    status: Status


def solve(
    persons: Floats,
    need: Ints,
    cover: Sequence[Matrix],
    *,
    allowed: Bools,
    effort: Effort,
) -> Solution:
    """The best ``effort.sites`` candidates and their services; the model: ``siting.model``.

    persons (R,) >= 0; need (R,K): new venues each residence lacks; cover: K sparse matrices (R,C),
    an entry means in reach; allowed (C,K). Candidates keep their order, so the same input gives
    the same plan unless the time limit stops the search. ``bound_persons``: no plan gains more.
    Services and sites that can be left out without loss are left out.
    """
    ends = time.monotonic() + min(effort.time_limit_s, FOREVER_S)
    # More than there are change nothing but the work.
    most, services = allowed.shape
    sites, services_per_site = min(effort.sites, most), effort.services_per_site
    if services_per_site is not None:
        services_per_site = min(services_per_site, services)
    demand, unreachable = demand_of(persons, need, cover, allowed, sites, services_per_site)
    offers = np.zeros(allowed.shape, bool)
    if len(demand.persons) == 0:
        return Solution(
            offers, np.zeros(len(persons), bool), unreachable, 0.0, 0.0, "nothing to gain"
        )
    kept = np.flatnonzero(undominated(demand, sites, services_per_site))
    demand = merged(replace(demand, cover=demand.cover[:, kept]))
    useful = useful_offers(demand)
    start = starting_plan(demand, useful, sites, services_per_site, ends)
    found, bound = start, math.inf
    status: Status = "time limit"
    if time.monotonic() < ends:
        model = Model.of(demand, useful, sites, services_per_site)
        found, bound, status = _search(model, demand, start, ends)
    best = max((found, start), key=demand.gained)
    offers[kept] = without_idle(demand, best)
    completed = gains(need, cover, offers)
    objective = math.fsum(persons[completed])
    bound = max(objective, min(bound, math.fsum(demand.persons)))
    if status == "optimal" and objective == 0:
        status = "nothing to gain"
    return Solution(offers, completed, unreachable, objective, bound, status)


class _Highs(highspy.Highs):
    """HiGHS without the banner that it prints to stdout when callbacks are enabled."""

    def enableCallbacks(self) -> None:
        """As in HiGHS, without output."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def _search(model: Model, demand: Demand, start: Bools, ends: float) -> tuple[Bools, float, Status]:
    """Run HiGHS from the starting plan until ``ends``: best plan found, proven bound, and status.

    If presolve alone solves the model, HiGHS 1.16 returns the starting point with the objective of
    the optimum. So the gain of its plan is checked here, and if it is less than reported, HiGHS
    runs again without a starting point.
    """
    slack = 1e-6 * (1.0 + math.fsum(demand.persons))
    for first in (start, None):
        left_s = ends - time.monotonic()
        if left_s <= 0:
            return start, math.inf, "time limit"
        highs = _loaded(model, demand, left_s)
        if first is not None:
            point = highspy.HighsSolution()
            point.col_value = model.point(demand, first)
            highs.setSolution(point)
        highs.run()
        ended, info, status = highs.getModelStatus(), highs.getInfo(), highspy.HighsModelStatus
        if ended not in (status.kOptimal, status.kTimeLimit):
            raise RuntimeError(f"the solver ended with {highs.modelStatusToString(ended)!r}")
        found = highs.getSolution()
        plan = model.plan(np.asarray(found.col_value)) if found.value_valid else start
        claimed = info.objective_function_value if found.value_valid else 0.0
        if demand.gained(plan) >= claimed - slack:
            optimal = ended == status.kOptimal
            return plan, float(info.mip_dual_bound), "optimal" if optimal else "time limit"
    raise RuntimeError("the solver's plan does not gain what the solver says")


def _loaded(model: Model, demand: Demand, time_limit_s: float) -> _Highs:
    """HiGHS with the model and its options, ready to run."""
    highs = _Highs()  # type: ignore[no-untyped-call]
    options: dict[str, bool | int | float | str] = {
        "threads": 1,  # one thread and one seed: the same plan every time
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_allow_restart": False,  # restarts doubled the time on Monaco
        "mip_lp_solver": "ipm",  # interior point at the root: five times faster on Las Palmas
        "time_limit": time_limit_s,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    height, width = model.rows.shape
    cost = np.zeros(width)
    cost[-len(demand.persons) :] = demand.persons
    highs.passModel(
        width, height, model.rows.nnz,
        highspy.MatrixFormat.kColwise.value, highspy.ObjSense.kMaximize.value, 0.0,
        cost, np.zeros(width), np.ones(width),
        model.row_lower, np.full(height, highspy.kHighsInf),
        model.rows.indptr.astype(np.int32), model.rows.indices.astype(np.int32), model.rows.data,
        model.binary.astype(np.int32),
    )  # fmt: skip
    return highs
