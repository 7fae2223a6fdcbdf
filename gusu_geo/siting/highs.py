"""Run HiGHS on a model, by work instead of the clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gusu_geo.siting.effort import Meter
from gusu_geo.siting.model import Goal, Model
from gusu_geo.siting.terms import Plan, Problem

if TYPE_CHECKING:  # not loaded where a single site is asked for
    import highspy

Ended = Literal["optimal", "stopped", "infeasible"]
# HiGHS counts neither nodes nor iterations against a limit in every phase, and its clock depends on
# the machine. It calls back once a round of cuts at the root and once a node: these are counted.
WORK_PER_ROUND = 1.3e-6  # per entry of the matrix
WORK_PER_NODE = 3e-7
SECONDS_PER_ENTRY = 1e-6  # until the model stands: with less time left it is not begun
MOST_ENTRIES = (
    4_000_000  # of the cover: beyond, the relaxation at the root alone takes many minutes
)


@dataclass(frozen=True, eq=False)
class Found:
    """plan: the best, None if none was found; bound: no plan has more of what is maximised."""

    plan: Plan | None
    bound: float
    ended: Ended


@cache
def _quiet_highs() -> type[highspy.Highs]:
    """HiGHS without the banner that it prints to stdout when callbacks are enabled."""
    import highspy

    class Highs(highspy.Highs):
        def enableCallbacks(self) -> None:
            """As in HiGHS, without output."""
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    return Highs


def run(
    problem: Problem,
    meter: Meter,
    *,
    goal: Goal = "persons",
    value: float = -math.inf,
    start: Plan | None = None,
    model: Model | None = None,
) -> Found:
    """The best plan by ``goal``, from a plan to start with, until the meter stops it; model: that
    of the problem with some columns fixed.

    If presolve alone solves the model, HiGHS 1.16 returns the starting point with the objective of
    the optimum. So what its plan is worth is worked out here, and if it is less than reported,
    HiGHS runs again without a starting point; at last without presolve.
    """
    entries = problem.demand.cover.nnz
    if meter.left_s < SECONDS_PER_ENTRY * entries:
        meter.stop_by_clock()
        return Found(start, math.inf, "stopped")
    if meter.over or entries > MOST_ENTRIES:
        return Found(start, math.inf, "stopped")
    import highspy

    model = Model.of(problem, goal, value) if model is None else model
    if meter.over:
        return Found(start, math.inf, "stopped")
    slack = 1e-6 * (1.0 + float(np.abs(model.cost).sum()))
    kept = start is not None and problem.keeps(start)
    for first, presolve in ((start, "choose"), (None, "choose"), (None, "off")):
        highs = _loaded(model, meter)
        highs.setOptionValue("presolve", presolve)
        if first is not None:
            point = highspy.HighsSolution()
            point.col_value = model.point(problem, first)
            highs.setSolution(point)
        highs.run()
        ended, info, status = highs.getModelStatus(), highs.getInfo(), highspy.HighsModelStatus
        if ended in (status.kInfeasible, status.kUnboundedOrInfeasible):
            if kept:  # as it is not
                continue
            return Found(None, -math.inf, "infeasible")
        if ended not in (status.kOptimal, status.kTimeLimit, status.kInterrupt):
            raise RuntimeError(f"the solver ended with {highs.modelStatusToString(ended)!r}")
        if ended == status.kTimeLimit:
            meter.stop_by_clock()
        bound = float(info.mip_dual_bound)
        bound = bound if ended == status.kOptimal or abs(bound) < 1e30 else math.inf
        solution = highs.getSolution()
        if not solution.value_valid:
            return Found(start, bound, "stopped")
        plan = model.plan(np.asarray(solution.col_value))
        worth = float(model.cost @ model.point(problem, plan))
        if worth >= info.objective_function_value - slack and problem.keeps(plan):
            return Found(plan, bound, "optimal" if ended == status.kOptimal else "stopped")
    raise RuntimeError("the solver's plan is not worth what the solver says")


def _loaded(model: Model, meter: Meter) -> highspy.Highs:
    """HiGHS with the model and its options, ready to run."""
    import highspy

    highs = _quiet_highs()()
    options: dict[str, bool | int | float | str] = {
        "threads": 1,  # one thread and one seed: the same plan every time
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_allow_restart": False,  # restarts doubled the time on Monaco
        "mip_lp_solver": "ipm",  # interior point at the root: five times faster on Las Palmas
    }
    if meter.ends < math.inf:
        options["time_limit"] = max(meter.left_s, 1e-3)
    for name, option in options.items():
        highs.setOptionValue(name, option)
    entries = float(model.rows.nnz)

    def count(event: Any) -> None:
        rooted = event.data_out.mip_node_count < 1
        meter.spend(entries * (WORK_PER_ROUND if rooted else WORK_PER_NODE))
        if meter.over:
            event.interrupt()

    highs.cbMipInterrupt += count
    height, width = model.rows.shape
    highs.passModel(
        width, height, model.rows.nnz,
        highspy.MatrixFormat.kColwise.value, highspy.ObjSense.kMaximize.value, 0.0,
        model.cost, model.lower, model.upper,
        model.row_lower, np.full(height, highspy.kHighsInf),
        model.rows.indptr.astype(np.int32), model.rows.indices.astype(np.int32), model.rows.data,
        model.whole.astype(np.int32),
    )  # fmt: skip
    return highs
