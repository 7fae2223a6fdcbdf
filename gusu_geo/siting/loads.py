"""Room in the venues of a plan: who lacked it, and which new venue would be full at once."""

from __future__ import annotations

import math

import numpy as np

from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.room import SAME, bound_by
from gusu_geo.siting.sections import RoomFacts, SiteLoad
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.siting.wanted import known_of, passed_of


def room_of(task: Task, found: Solution, plan: SitingPlan) -> RoomFacts | None:
    """The section ``room`` of a plan that solves a task; None where no capacities are asked for."""
    crowded = task.asks.crowded
    if crowded is None:
        return None
    persons, done = task.persons, found.completed
    venue = done & ((task.need > 0) & ~task.room).any(axis=1)
    have = passed_of(task.verdict, task.access.is_linked, task.wanted)
    bound, unbound = bound_by(crowded, task.wanted & known_of(task.verdict))
    names = np.array(task.services, object)
    return {
        "asked": crowded.asked,
        "method": crowded.method,
        "full_persons": round(math.fsum(persons[have & ~task.passed]), 2),
        "venue_persons": round(math.fsum(persons[venue]), 2),
        "room_persons": round(math.fsum(persons[done & ~venue]), 2),
        "bound": [str(name) for name in names[bound]],
        "unbound": [str(name) for name in names[unbound]],
        "loads": _loads(task, plan),
    }


def _loads(task: Task, plan: SitingPlan) -> list[SiteLoad]:
    """Of every site and service whose capacity is given."""
    crowded, served = task.asks.crowded, task.served
    assert crowded is not None and served is not None
    found: list[SiteLoad] = []
    at = task.candidates.frame.index.get_indexer([site.candidate_id for site in plan.chosen])
    for c, site in zip(at.tolist(), plan.chosen, strict=True):
        for service in site.services:
            k = task.services.index(service)
            capacity, norm = float(crowded.capacity[k]), float(crowded.norm[k])
            if math.isnan(capacity):
                continue
            demand, per_1000 = float(served.demand[c, k]), float(served.per_1000[c, k])
            unknown = math.isnan(norm) or math.isnan(per_1000)
            found.append(
                {
                    "candidate_id": site.candidate_id,
                    "service": service,
                    "capacity": round(capacity, 2),
                    "demand": None if math.isnan(demand) else round(demand, 2),
                    "per_1000": round(per_1000, 4) if math.isfinite(per_1000) else None,
                    "norm": None if math.isnan(norm) else norm,
                    "full": None if unknown else per_1000 < norm * (1 - SAME),
                }
            )
    return found
