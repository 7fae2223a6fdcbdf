"""Plans of new venues: the one that was asked for, and the single point that ``run`` suggests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import NextPoint
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.assessment.zones import assign
from gusu_geo.errors import StudyError
from gusu_geo.pipeline.output_sets import plan_sets
from gusu_geo.pipeline.plan_asks import asks_of
from gusu_geo.pipeline.prepare import candidates_of
from gusu_geo.report.answer import answer_of
from gusu_geo.report.plan_shown import PlanShown
from gusu_geo.siting.asks import NO_ASKS, Asks
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task, task_of
from gusu_geo.siting.walkers import walkers_of
from gusu_geo.study.siting import SitingParams
from gusu_geo.tables import Candidates
from gusu_geo.words import LANGUAGES, note


def task_on(
    ground: Ground,
    outcome: Outcome,
    candidates: Candidates,
    effort: Effort,
    wishes: SitingParams | None = None,
    asks: Asks | None = None,
) -> Task:
    """What is asked of a plan for what was judged; wishes, asks: default those of the study.

    Raises StudyError: as ``siting.task.task_of``, ``asks_of``.
    """
    city = ground.city
    zone_of = assign(city.zones, city.residences) if ground.study.zones else None
    if zone_of is not None:
        frame = city.zones.frame
        zone_of.attrs["names"] = dict(
            zip(frame["zone_id"].astype(str), frame["name"].astype(str), strict=True)
        )
    return task_of(
        walkers_of(ground, outcome.judgement),
        city.residences,
        candidates,
        outcome.access,
        outcome.verdict,
        linking=ground.linking,
        effort=effort,
        wishes=wishes or ground.study.siting,
        zone_of=zone_of,
        asks=asks_of(ground, outcome) if asks is None else asks,
    )


def plan_of(ground: Ground, task: Task, found: Solution | None = None) -> SitingPlan:
    """The best plan for a task; found: its solution, if it is there.

    Raises StudyError: as ``siting.planning.plan_sites``.
    """
    plan = plan_sites(task, found)
    persons = ground.city.facts["persons"]
    notes = plan.notes
    if persons["estimate"]:
        code = "persons_estimate" if persons.get("counted", True) else "persons_uncounted"
        notes = (*notes, note(code))
    if ground.study.invented:
        notes = (note("invented"), *notes)
    return replace(plan, notes=notes, based_on=ground.run_id, invented=ground.study.invented)


def suggest(ground: Ground, outcome: Outcome) -> PlanShown | None:
    """The best single new point, which nobody asked for; its figures go into the summary.

    None, with a note, where there is no place for one: the verdict needs none.
    """
    try:
        candidates = candidates_of(ground)
        # Of the wishes for a whole plan a single point can keep only what forbids a place; it is
        # told in one sentence beside the verdict, so it weighs no signals and knows no room.
        wishes = SitingParams(never=ground.study.siting.never)
        task = task_on(ground, outcome, candidates, Effort(1), wishes, NO_ASKS)
        plan = plan_of(ground, task)
    except StudyError as error:
        reason = {lang: error.in_language(lang) for lang in LANGUAGES}
        outcome.summary["notes"].append(note("no_suggestion", reason=reason))
        return None
    outcome.summary["next"] = next_point(plan)
    outcome.summary["answer"] = answer_of(outcome.summary)
    return PlanShown(plan, linking=ground.linking, suggested=True)


def next_point(plan: SitingPlan) -> NextPoint:
    """A plan of at most one site as the summary has it."""
    whole = plan.to_dict()
    site = whole["chosen"][0] if whole["chosen"] else None
    return {
        "candidate_id": site["candidate_id"] if site else "",
        "name": site["name"] if site else "",
        "lonlat": site["lonlat"] if site else None,
        "services": site["services"] if site else [],
        "gained_persons": whole["gained_persons"][1],
        "bound_persons": whole["bound_persons"] or 0.0,  # of one site: always proven
        "before_share": whole["before"]["share"],
        "after_share": whole["after"]["share"],
    }


def kept_plan(ground: Ground, out: str | Path) -> PlanShown | None:
    """The plan that was asked for last, as the map of ``run`` shows it, old if it was made from
    other data or settings; None if there is none, or no whole one."""
    for files in plan_sets(ground.study, out):
        if files.run_id():
            try:
                return as_kept(ground, json.loads(files.members[0].read_text(encoding="utf-8")))
            except (KeyError, TypeError):  # of an older version
                continue
    return None


def as_kept(ground: Ground, document: Mapping[str, Any]) -> PlanShown:
    """A plan from ``plan.json``; the places it was chosen from, unless it is old."""
    plan = SitingPlan.from_dict(document)
    old = plan.based_on != ground.run_id
    candidates = None if old else candidates_of(ground)
    return PlanShown(plan, candidates, ground.linking, old=old)
