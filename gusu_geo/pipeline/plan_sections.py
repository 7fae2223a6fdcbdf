"""The sections of a plan: one function each, of (ground, outcome, task, found, plan)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task

Section = Callable[[Ground, Outcome, Task, Solution, SitingPlan], Any]
ALWAYS: dict[str, Section] = {}  # by the field of the plan
FULL: dict[str, Section] = {}  # only where all is asked for


def with_sections(
    ground: Ground, outcome: Outcome, task: Task, found: Solution, plan: SitingPlan, *, full: bool
) -> SitingPlan:
    """The plan with what is told of it; full: with all sections."""
    asked = ALWAYS | (FULL if full else {})
    made = {name: make(ground, outcome, task, found, plan) for name, make in asked.items()}
    return replace(plan, **made)
