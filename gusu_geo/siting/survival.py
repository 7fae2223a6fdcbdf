"""Would the plan still be worth it: its gain under other assumptions, and the venues that must not
close with it and without.

The plan is fixed: the same sites and services. Persons "with everything" have all services with
data, from any mix of venues, as everywhere in siting; each home by its own rule.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from gusu_geo.assessment.critical import Closing, Reached, reached_venues
from gusu_geo.assessment.grades import known_by
from gusu_geo.assessment.hours import Open
from gusu_geo.assessment.judgement import rules_of
from gusu_geo.assessment.own_rules import OwnRules
from gusu_geo.assessment.timetable import hours_of, timetable_of
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.siting.built import EVIDENCE, Built
from gusu_geo.siting.sections import Critical, Survival
from gusu_geo.study.params import Walk
from gusu_geo.study.study_file import walk_with
from gusu_geo.tables import Bools, Floats

TODAY, PLANNED = "today", "with the plan"
LISTED = 10  # venues of each list
PACES = {"slower": 0.9, "faster": 1.1}
ELDER = "elder"
SUNDAY, AFTERNOON_H = 6, 14  # the moment where the study names none: many venues are closed then


def critical_of(planned: Built) -> tuple[Critical, ...]:
    """The venues whose closing would leave most persons without something they have: today, and
    with the plan; ten of each at most."""
    reached = _reached(planned)
    persons = planned.task.persons
    lists = [(TODAY, reached.closings(planned.there, persons))]
    if not planned.there.all():
        everything = np.ones(len(planned.there), bool)
        lists.append((PLANNED, reached.closings(everything, persons)))
    return tuple(_critical(planned, when, one) for when, rows in lists for one in rows[:LISTED])


def _critical(planned: Built, when: str, one: Closing) -> Critical:
    frame, site = planned.judgement.city.facilities.frame, int(planned.site_of[one.row])
    point = frame.geometry.iloc[one.row]
    degrees = transformer(planned.ground.network.crs, WGS84).transform(point.x, point.y)
    row, chosen = frame.iloc[one.row], planned.sites[site] if site >= 0 else None
    return {
        "when": when,
        "venue_id": chosen.candidate_id if chosen else str(row["venue_id"]),
        "name": chosen.name if chosen else str(row["name"]),
        "services": [planned.judgement.rule.services[k] for k in one.services],
        "lost_persons": round(one.lost_persons, 2),
        "lonlat": [round(degree, 7) for degree in degrees],
        "new": site >= 0,
    }


@dataclass(frozen=True, eq=False)
class _Case:
    """An assumption. before, after (R,): who has everything, without the plan and with it;
    services: how many have data."""

    key: str
    before: Bools
    after: Bools
    services: int
    detail: str = ""

    def same_as(self, other: _Case) -> bool:
        """Whether the same homes have everything."""
        return np.array_equal(self.before, other.before) and np.array_equal(self.after, other.after)


def survival_of(planned: Built) -> tuple[Survival, ...]:
    """What is left of the gain under each assumption that differs from the study's own.

    "slower", "faster": everybody walks 10 % slower or faster. "elder": all walk as elders.
    "evidence_a": of the venues that are there, only those of official ledgers count; services
    without any have no data. "moment": only venues surely open at a moment that the study asks for;
    "moment_unknown_open": those of unknown hours too, if that changes anything. Where the study
    asks for no moment only the latter, on the Sunday of its week at 14:00, if any hours are known.
    New sites are taken to be there, and always open.
    """
    persons = planned.task.persons
    reached = _reached(planned)
    own = _gain(_case("", reached, planned), persons)
    cases = [*_paces(planned), *_evidence(planned, reached), *_moments(planned, reached)]
    return tuple(_row(case, persons, own) for case in cases)


def _row(case: _Case, persons: Floats, own: float) -> Survival:
    gain = _gain(case, persons)
    return {
        "key": case.key,
        "detail": case.detail,
        "before_persons": round(math.fsum(persons[case.before]), 2),
        "after_persons": round(math.fsum(persons[case.after]), 2),
        "gained_persons": round(gain, 2),
        "share": round(gain / own, 6) if own > 0 else None,
        "services": case.services,
    }


def _gain(case: _Case, persons: Floats) -> float:
    return math.fsum(persons[case.after & ~case.before])


def _reached(planned: Built, rules: OwnRules | None = None) -> Reached:
    return reached_venues(
        planned.ground, planned.judgement, rules=rules, links_for=planned.links_for
    )


def _case(
    key: str,
    reached: Reached,
    planned: Built,
    *,
    counted: Bools | None = None,
    known: Bools | None = None,
    detail: str = "",
) -> _Case:
    """counted (F,): facilities that count under the assumption; known (K,): services with data."""
    offered = np.ones(len(planned.there), bool) if counted is None else counted
    known = reached.known if known is None else known
    before = reached.passed(offered & planned.there, known)
    after = reached.passed(offered, known)
    return _Case(key, before, after, int(known.sum()), detail)


def _paces(planned: Built) -> Iterator[_Case]:
    """Other speeds; of rules of their own each at its own pace. All search again."""
    study = planned.ground.study
    for key, factor in PACES.items():
        rules = _walking(rules_of(planned.today), factor=factor)
        yield _case(key, _reached(planned, rules), planned)
    elder, own = walk_with(study.walk, ELDER), rules_of(planned.today)
    if any(one.walk != elder for one in own.rules):
        yield _case(ELDER, _reached(planned, _walking(own, walk=elder)), planned)


def _walking(own: OwnRules, *, factor: float = 1.0, walk: Walk | None = None) -> OwnRules:
    """The same rules, walked otherwise."""
    rules = []
    for one in own.rules:
        pace = walk or one.walk.model_copy(update={"speed_mps": one.walk.speed() * factor})
        rules.append(replace(one, walk=pace))
    return replace(own, rules=tuple(rules))


def _evidence(planned: Built, reached: Reached) -> Iterator[_Case]:
    """Official ledgers alone; nothing where all venues are from ledgers, or none is."""
    grade = planned.judgement.city.facilities.frame["evidence"].to_numpy(str)
    counted = grade == EVIDENCE
    known = np.array(known_by(planned.today, counted[planned.there]), bool)
    if counted.all() or not known.any():
        return
    yield _case("evidence_a", reached, planned, counted=counted, known=known)


def _moments(planned: Built, reached: Reached) -> Iterator[_Case]:
    """See ``survival_of``: in a city where few hours are known nobody has everything from what is
    surely open, which says nothing of a moment that nobody asked for."""
    study, city = planned.ground.study, planned.today.city
    if not study.hours.at and not any(hours_of(city)):
        return
    timetable = timetable_of(study, city, planned.ground.days_off)
    sunday = datetime.combine(timetable.monday, datetime.min.time())
    sunday += timedelta(days=SUNDAY, hours=AFTERNOON_H)
    moments = timetable.at or (sunday,)
    states = timetable.clock.states(hours_of(planned.judgement.city), moments)
    for moment, state in zip(moments, states.T, strict=True):
        detail = moment.isoformat(sep=" ", timespec="minutes")
        sure = _case("moment", reached, planned, counted=state == Open.OPEN, detail=detail)
        more = _case(
            "moment_unknown_open", reached, planned, counted=state != Open.CLOSED, detail=detail
        )
        if timetable.at:
            yield sure
        if not timetable.at or not more.same_as(sure):
            yield more
