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
from gusu_geo.siting.told import causes_of, changes_of, short_of, stuck_of
from gusu_geo.study.catalog import names_of
from gusu_geo.tables import Bools, Floats
from gusu_geo.words import Text, text

SHARE = 0.1  # of work and time, for each question of how far a search came that found no plan


def refuse(task: Task, found: Solution, stuck: Sequence[Unreached]) -> NoReturn:
    """Raises StudyError: the target or the zone that cannot be reached, even with every candidate,
    or within sites, money, areas and distances; where that is not proven, since a search was
    stopped by its limit, how far it came and what is proven."""
    lacking = (task.need > 0).any(axis=1)
    _beyond(task, found, stuck, lacking & ~short_of(task) | task.passed)
    every = lacking & ~found.unreachable | task.passed
    limits = _limits(task, found)
    told = [*_target_within(task, limits, every), *_floor_within(task, limits, every)]
    what, fix = text("error.no_plan_keeps"), text("error.loosen_plan")
    if found.stopped:
        what, fix = _stopped(task.effort, found)
    for each in told:
        what = text("siting_cause.and", first=what, then=each)
    raise StudyError(what, fix=fix)


def _stopped(effort: Effort, found: Solution) -> tuple[Text, Text]:
    """What stopped the search, and what may let it find a plan."""
    if found.status == "time limit":
        limit = effort.time_limit_s
        return text("error.none_found_time", limit=limit), text("error.more_time")
    if found.status == "fast":
        return text("error.none_found_fast"), text("error.not_fast")
    return text("error.none_found_work", limit=effort.work), text("error.more_work")


def what_of(task: Task) -> Text:
    """What persons are to have: everything, or the services asked for."""
    asked = task.effort.services
    if asked is None:
        return text("siting_cause.everything")
    names = [each for each in task.verdict.rule.pack.services if each.id in asked]
    return text("siting_cause.these", services=names_of(names))


def _beyond(task: Task, found: Solution, stuck: Sequence[Unreached], every: Bools) -> None:
    """Raises StudyError: a target or zone that all candidates together do not reach; every (R,):
    homes that have everything then."""
    heads, zone, target = task.aims.heads, task.aims.zone, task.effort.target
    if target is not None and (most := _share(heads, every)) < target - 1e-9:
        what, causes = what_of(task), causes_of(task, found, stuck)
        raise StudyError(
            text("error.target_beyond", most=most, what=what, target=target, causes=causes)
        )
    for number in np.flatnonzero(task.aims.floor > 0):
        here = zone == number
        if math.fsum(heads[here & every & ~task.passed]) < task.aims.floor[number] - 1e-6:
            most, name = _share(heads[here], every[here]), _name(task, int(number))
            causes = causes_of(task, found, stuck_of(task, here), here)
            raise StudyError(text("error.floor_beyond", name=name, most=most, causes=causes))


def _target_within(task: Task, limits: Effort, every: Bools) -> list[Text]:
    """How near the best plan known comes to the target, if there is one, and the service that is
    furthest from it. Raises StudyError: proven that none within the limits reaches it."""
    target = task.effort.target
    if target is None:
        return []
    # The worst zone first is a wish about plans that reach the target, not a bound of it.
    wishes = task.wishes.model_copy(update={"elders_weight": 1.0, "worst_first": False})
    freed = task.asked(replace(limits, certain=False, signals=0.0), wishes)
    best = freed.solve()
    if not best.feasible:
        return []
    total, passed = math.fsum(task.persons), math.fsum(task.persons[task.passed])
    most = min((passed + best.bound_persons) / total, _share(task.persons, every))
    if most < target - 1e-9:
        raise StudyError(
            text("error.target_within", most=most, what=what_of(task), target=target),
            fix=text("error.loosen_target"),
        )
    share = _share(task.persons, task.passed | best.completed)
    least = min(changes_of(freed, best), key=lambda row: row.after_persons)
    names = {each.id: each for each in task.verdict.rule.pack.services}
    service, short = names_of([names[least.service]]), total - least.after_persons
    return [
        text("siting_cause.target_known", best=share, target=target, what=what_of(task)),
        *_proven(most),
        text("siting_cause.service_known", service=service, persons=short),
    ]


def _floor_within(task: Task, limits: Effort, every: Bools) -> list[Text]:
    """The zone furthest from its floor, if there is one, in the best plan known, and what is proven
    of it. Raises StudyError: proven that some zone stays below within the limits."""
    floor = task.wishes.floor
    if floor is None:
        return []
    wishes = task.wishes.model_copy(update={"floor": None, "worst_first": True})
    freed = task.asked(limits, wishes)
    best = freed.solve()
    if not best.feasible:
        return []
    persons, zone, have = freed.persons, freed.aims.zone, task.passed | best.completed
    shares = [_share(persons[zone == z], have[zone == z]) for z in range(len(freed.zones))]
    worst = int(np.argmin(shares))
    name, share = _name(freed, worst), shares[worst]
    loosen = text("error.loosen_floor")
    if share >= floor - 1e-9:
        return [text("siting_cause.floor_kept", name=name, best=share, floor=floor)]
    if not best.stopped:
        raise StudyError(text("error.floor_within", name=name, most=share, floor=floor), fix=loosen)
    most = min(_alone(freed, worst), _share(persons[zone == worst], every[zone == worst]))
    if most < floor - 1e-9:
        raise StudyError(text("error.floor_alone", name=name, most=most, floor=floor), fix=loosen)
    known = text("siting_cause.floor_known", name=name, best=share, floor=floor)
    return [known, *_proven(most)]


def _proven(most: float) -> list[Text]:
    """That no plan exceeds a share, if that says anything."""
    return [text("siting_cause.most_known", most=most)] if most < 1 - 1e-9 else []


def _name(task: Task, zone: int) -> str:
    """What a zone is called, and its id."""
    key = task.zones[zone]
    names = {} if task.zone_of is None else task.zone_of.attrs.get("names", {})
    name = names.get(key, "")
    return f"{name} ({key})" if name and name != key else key


def _alone(task: Task, zone: int) -> float:
    """No plan brings this zone to a larger share, even one for this zone alone."""
    aims, here = task.aims, task.aims.zone == zone
    weight = np.where(here, task.persons, 0.0)
    alone = replace(task, aims=replace(aims, weight=weight, floor=np.zeros(0), worst=None))
    best = alone.solve()
    total, passed = math.fsum(weight), math.fsum(weight[task.passed])
    return (passed + best.bound_persons) / total if best.feasible and total else 1.0


def _limits(task: Task, found: Solution) -> Effort:
    """The same limits without a target; all candidates where it was the only limit; less work and
    time where these are used up."""
    asked = task.effort
    free = asked.sites is None and asked.budget is None
    limits = replace(asked, target=None, sites=len(task.linked) if free else asked.sites)
    if not found.stopped:
        return limits
    time_s = asked.time_limit_s
    time_s = None if time_s is None else SHARE * time_s
    return replace(limits, work=SHARE * asked.work, time_limit_s=time_s)


def _share(persons: Floats, inside: Bools) -> float:
    """The share of persons who are inside; 1 where there are none."""
    total = math.fsum(persons)
    return math.fsum(persons[inside]) / total if total else 1.0
