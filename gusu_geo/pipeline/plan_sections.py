"""The sections of a plan: one function each, of (ground, outcome, task, found, plan)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.place_names import places_of
from gusu_geo.siting.alternatives import alternatives_of
from gusu_geo.siting.asked import asked_of
from gusu_geo.siting.built import built
from gusu_geo.siting.loads import room_of
from gusu_geo.siting.pareto import pareto_of
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.sections import Critical, RoomFacts, Survival, Why
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.survival import critical_of, survival_of
from gusu_geo.siting.task import Task
from gusu_geo.siting.why import Places, why_of

Section = Callable[[Ground, Outcome, Task, Solution, SitingPlan], Any]


def why(ground: Ground, outcome: Outcome, task: Task, found: Solution, plan: SitingPlan) -> Why:
    """Why these sites, and why not others."""
    zones = ground.city.zones.frame
    if task.zone_of is not None:
        zones = zones[zones["level"].astype(str) == str(next(iter(task.zone_of.columns), ""))]
    names = dict(zip(zones["zone_id"].astype(str), zones["name"].astype(str), strict=True))
    return why_of(task, found, plan, Places.of(places_of(ground, outcome)), names)


def critical(
    ground: Ground, outcome: Outcome, task: Task, _found: Solution, plan: SitingPlan
) -> tuple[Critical, ...]:
    """The venues that must not close, today and with the plan."""
    return critical_of(built(ground, outcome.judgement, task, plan.chosen))


def survival(
    ground: Ground, outcome: Outcome, task: Task, _found: Solution, plan: SitingPlan
) -> tuple[Survival, ...]:
    """What is left of the gain under other assumptions."""
    return survival_of(built(ground, outcome.judgement, task, plan.chosen))


def of_task(make: Callable[[Task, Solution], Any]) -> Section:
    """A section that only the task and its solution decide."""
    return lambda _ground, _outcome, task, found, _plan: make(task, found)


def room(
    _ground: Ground, _outcome: Outcome, task: Task, found: Solution, plan: SitingPlan
) -> RoomFacts | None:
    """Who lacked room, and which new venues would be full at once."""
    return room_of(task, found, plan)


ALWAYS: dict[str, Section] = {  # by the field of the plan
    "why": why,
    "asked": of_task(asked_of),
    "room": room,
}
FULL: dict[str, Section] = {  # only where all is asked for
    "pareto": of_task(pareto_of),
    "alternatives": of_task(alternatives_of),
    "critical": critical,
    "survival": survival,
}


def with_sections(
    ground: Ground, outcome: Outcome, task: Task, found: Solution, plan: SitingPlan, *, full: bool
) -> SitingPlan:
    """The plan with what is told of it; full: with all sections."""
    asked = ALWAYS | (FULL if full else {})
    made = {name: make(ground, outcome, task, found, plan) for name, make in asked.items()}
    return replace(plan, **made)
