"""The sections of a plan: one function each, of (ground, outcome, task, found, plan)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.siting.alternatives import alternatives_of
from gusu_geo.siting.pareto import pareto_of
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task

Section = Callable[[Ground, Outcome, Task, Solution, SitingPlan], Any]


def of_task(make: Callable[[Task, Solution], Any]) -> Section:
    """A section that only the task and its solution decide."""
    return lambda _ground, _outcome, task, found, _plan: make(task, found)


ALWAYS: dict[str, Section] = {}  # by the field of the plan
FULL: dict[str, Section] = {  # only where all is asked for
    "pareto": of_task(pareto_of),
    "alternatives": of_task(alternatives_of),
}


def with_sections(
    ground: Ground, outcome: Outcome, task: Task, found: Solution, plan: SitingPlan, *, full: bool
) -> SitingPlan:
    """The plan with what is told of it; full: with all sections."""
    asked = ALWAYS | (FULL if full else {})
    made = {name: make(ground, outcome, task, found, plan) for name, make in asked.items()}
    return replace(plan, **made)
