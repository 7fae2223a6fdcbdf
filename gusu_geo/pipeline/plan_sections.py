"""The sections of a plan: one function each, of (ground, outcome, task, found, plan)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.siting.built import built
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.sections import Critical, Survival
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.survival import critical_of, survival_of
from gusu_geo.siting.task import Task


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


Section = Callable[[Ground, Outcome, Task, Solution, SitingPlan], Any]
ALWAYS: dict[str, Section] = {}  # by the field of the plan
FULL: dict[str, Section] = {  # only where all is asked for
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
