"""Why no plan keeps to all that is asked: which demand, how far it gets, what stops it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

import numpy as np

from gusu_geo.errors import StudyError
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.plan import Unreached
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.siting.told import causes_of
from gusu_geo.study.catalog import names_of
from gusu_geo.tables import Bools, Floats
from gusu_geo.words import Text, text


def refuse(task: Task, found: Solution, stuck: Sequence[Unreached]) -> NoReturn:
    """Raises StudyError: the target or the zone that cannot be reached, even with every candidate,
    or within sites, money, areas and distances."""
    every = (task.need > 0).any(axis=1) & ~found.unreachable | task.passed
    _beyond(task, every, causes_of(task, found, stuck))
    target, floor = task.effort.target, task.wishes.floor
    if target is not None and (most := _most_within(task)) < target - 1e-9:
        raise StudyError(
            text("error.target_within", most=most, what=what_of(task), target=target),
            fix=text("error.loosen_target"),
        )
    if floor is not None:
        zone, most = _worst_within(task)
        if most < floor - 1e-9:
            raise StudyError(
                text("error.floor_within", name=zone, most=most, floor=floor),
                fix=text("error.loosen_floor"),
            )
    raise StudyError(text("error.no_plan_keeps"), fix=text("error.loosen_plan"))


def what_of(task: Task) -> Text:
    """What persons are to have: everything, or the services asked for."""
    asked = task.effort.services
    if asked is None:
        return text("siting_cause.everything")
    names = [each for each in task.verdict.rule.pack.services if each.id in asked]
    return text("siting_cause.these", services=names_of(names))


def _beyond(task: Task, every: Bools, causes: Text) -> None:
    """Raises StudyError: a target or zone that all candidates together do not reach; every (R,):
    homes that may have everything."""
    heads, zone, target = task.aims.heads, task.aims.zone, task.effort.target
    if target is not None and (most := _share(heads, every)) < target - 1e-9:
        what = what_of(task)
        raise StudyError(
            text("error.target_beyond", most=most, what=what, target=target, causes=causes)
        )
    for number in np.flatnonzero(task.aims.floor > 0):
        here = zone == number
        if math.fsum(heads[here & every & ~task.passed]) < task.aims.floor[number] - 1e-6:
            most, name = _share(heads[here], every[here]), task.zones[int(number)]
            raise StudyError(text("error.floor_beyond", name=name, most=most, causes=causes))


def _most_within(task: Task) -> float:
    """The largest share of persons that any plan within the limits reaches, 1 if nobody knows."""
    limits = replace(_without_target(task), certain=False)
    freed = task.asked(limits, task.wishes.model_copy(update={"elders_weight": 1.0}))
    best = freed.solve()
    if not best.feasible:
        return 1.0
    passed = math.fsum(task.persons[task.passed])
    return (passed + best.bound_persons) / math.fsum(task.persons)


def _worst_within(task: Task) -> tuple[str, float]:
    """The zone that is worst off, and its share, in the plan where that share is largest."""
    limits = _without_target(task)
    wishes = task.wishes.model_copy(update={"floor": None, "worst_first": True})
    freed = task.asked(limits, wishes)
    best = freed.solve()
    if not best.feasible or best.stopped:
        return "", 1.0
    have = task.passed | best.completed
    persons, zone = freed.persons, freed.aims.zone
    shares = [_share(persons[zone == z], have[zone == z]) for z in range(len(freed.zones))]
    worst = int(np.argmin(shares))
    return freed.zones[worst], shares[worst]


def _without_target(task: Task) -> Effort:
    """The same limits without a target; all candidates where it was the only limit."""
    asked = task.effort
    free = asked.sites is None and asked.budget is None
    return replace(asked, target=None, sites=len(task.linked) if free else asked.sites)


def _share(persons: Floats, inside: Bools) -> float:
    """The share of persons who are inside; 1 where there are none."""
    total = math.fsum(persons)
    return math.fsum(persons[inside]) / total if total else 1.0
