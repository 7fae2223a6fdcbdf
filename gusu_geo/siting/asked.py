"""What signals change: the plan at a weight of 0, and at 0.5."""

from __future__ import annotations

import math
from dataclasses import replace

from gusu_geo.siting.plan import ChosenSite
from gusu_geo.siting.sections import Asked, AskedPlan
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.siting.told import chosen_of
from gusu_geo.tables import Floats

PLAIN, HALF = 0.0, 0.5


def asked_of(task: Task, found: Solution) -> Asked | None:
    """The section ``asked`` of a plan that solves a task; None without signals. Where the plan was
    not made at 0 or 0.5, these are solved with as much work again.

    Both plans are measured at 0.5 as well. Where both are proven to be optimal, the one at 0 gains
    no fewer persons, and the one at 0.5 is worth no less at 0.5: each is the best by its own sum.
    """
    own = task.asks.weight(task.effort.signals)
    if task.asks.factor is None:
        return None
    if task.effort.fast:
        return {"weight": own, "plans": [], "left_out": "fast"}
    if task.effort.time_limit_s is not None:
        return {"weight": own, "plans": [], "left_out": "time limit"}
    at = {share: task.asked(replace(task.effort, signals=share)) for share in (PLAIN, HALF)}
    solved = {share: found if share == own else each.solve() for share, each in at.items()}
    if any(_without_plan(at[share], one) for share, one in solved.items()):
        return {"weight": own, "plans": [], "left_out": "not found"}
    sites = {share: chosen_of(at[share], one) for share, one in solved.items()}
    measure = at[HALF].aims.weight
    return {
        "weight": own,
        "plans": [
            _told(share, task.persons, measure, solved[share], sites[share], sites[other])
            for share, other in ((PLAIN, HALF), (HALF, PLAIN))
        ],
        "left_out": "",
    }


def _without_plan(task: Task, found: Solution) -> bool:
    return not found.feasible or (task.aims.bound_by and found.stopped and not found.opened.any())


def _told(
    share: float, persons: Floats, measure: Floats, found: Solution,
    sites: tuple[ChosenSite, ...], others: tuple[ChosenSite, ...],
) -> AskedPlan:  # fmt: skip
    ids = {site.candidate_id for site in others}
    bound = found.bound_persons
    return {
        "weight": share,
        "chosen": [
            {
                "candidate_id": site.candidate_id,
                "name": site.name,
                "lonlat": [round(value, 7) for value in site.lonlat],
                "services": list(site.services),
                "both": site.candidate_id in ids,
            }
            for site in sites
        ],
        "gained_persons": _sum(persons[found.completed]),
        "weighted": _sum(measure[found.completed]),
        "objective_persons": round(found.objective_persons, 2),
        "bound_persons": None if bound == math.inf else round(bound, 2),
        "status": found.status,
    }


def _sum(values: Floats) -> float:
    return round(math.fsum(values), 2)
