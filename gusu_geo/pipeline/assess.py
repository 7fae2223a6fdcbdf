"""A study judged in memory: prepared, linked, searched, judged, summed up; then surveyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from gusu_geo.assessment.district import NO_DISTRICT, district_of
from gusu_geo.assessment.grades import judge_grades
from gusu_geo.assessment.hours_facts import hours_facts
from gusu_geo.assessment.judgement import (
    Judgement,
    judge_links,
    relinked,
    rule_of,
    services_with_data,
)
from gusu_geo.assessment.moments import MomentTable, judge_moments
from gusu_geo.assessment.outcome import Outcome, Survey
from gusu_geo.assessment.summary import EvidenceRow, SensitivityRow, Summary
from gusu_geo.assessment.tiers import judge_tiers
from gusu_geo.assessment.timetable import timetable_of
from gusu_geo.assessment.walkable_city import Ground, link_all
from gusu_geo.assessment.zones import assign, roll_up
from gusu_geo.pipeline.prepare import Progress, prepare, report_stage
from gusu_geo.pipeline.survey import survey
from gusu_geo.report.summary import evidence_row, sensitivity_row, summarise
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import with_profile
from gusu_geo.tidying import seldom_tidied


def assess(
    study: str | Path | Study,
    *,
    out: str | Path = ".",
    force: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Judge and survey a study in memory; writes only the cache."""
    return assess_ground(prepare(study, out=out, force=force, progress=progress), progress=progress)


@seldom_tidied()
def assess_ground(ground: Ground, *, progress: Progress | None = None) -> Outcome:
    """Judge and survey."""
    outcome = verdict_on(ground, progress=progress)
    report_stage(progress, "survey")
    return with_survey(outcome, survey(ground, outcome.judgement))


def verdict_on(
    ground: Ground,
    *,
    progress: Progress | None = None,
    linked: Callable[[Judgement], None] | None = None,
) -> Outcome:
    """Everything but the survey, with the result for every walking profile (sensitivity) and on
    venues of better evidence alone. linked: is called with the judgement, before these."""
    judgement = judge_ground(ground, progress=progress)
    if linked is not None:
        linked(judgement)
    report_stage(progress, "judge")
    with ThreadPoolExecutor(3) as pool:
        sensitivity = pool.submit(_sensitivity, ground, judgement)
        evidence = pool.submit(_evidence, ground, judgement)
        moments = pool.submit(_moments, ground, judgement)
        return outcome_of(
            ground,
            judgement,
            by_tier=True,
            sensitivity=sensitivity.result(),
            evidence=evidence.result(),
            moments=moments.result(),
        )


def with_survey(outcome: Outcome, found: Survey) -> Outcome:
    """What was judged, and its survey."""
    persons = outcome.city.residences.frame["persons"].to_numpy(float)
    summary: Summary = {
        **outcome.summary,
        "survey": "done",
        "detour": found.detours.summary(persons),
    }
    return replace(outcome, summary=summary, survey=found)


@seldom_tidied()
def judge_ground(ground: Ground, *, progress: Progress | None = None) -> Judgement:
    """Link, search and judge, for the walking profile of the study."""
    report_stage(progress, "link")
    trips, rule = ground.trips(), rule_of(ground.study)
    links = link_all(ground, trips)
    known = services_with_data(ground.city, links.venues, rule, ground.study.region)
    report_stage(progress, "search")
    return judge_links(ground, trips, rule, links, known=known)


def outcome_of(
    ground: Ground,
    judgement: Judgement,
    *,
    by_tier: bool = False,
    sensitivity: Sequence[SensitivityRow] = (),
    evidence: Sequence[EvidenceRow] = (),
    moments: MomentTable | None = None,
) -> Outcome:
    """A judgement with its summary, without a survey; by_tier: and what is said by tier, if zones
    or services have tiers."""
    city = judgement.city
    persons = city.residences.frame["persons"].to_numpy(float)
    zone_of = assign(city.zones, city.residences)
    summary = summarise(
        judgement,
        zones=roll_up(city.zones, zone_of, persons, judgement.verdict),
        sensitivity=list(sensitivity),
        heights=ground.heights,
        notes=ground.notes,
        run_id=ground.run_id,
    )
    summary["evidence"] = list(evidence)
    tiered = judge_tiers(ground, judgement, zone_of) if by_tier else None
    summary["tiers"] = None if tiered is None else tiered.facts
    if moments is not None:
        summary["hours"] = hours_facts(moments, city, persons)
    district = district_of(ground, judgement, zone_of) if by_tier else NO_DISTRICT
    district.tell(summary)
    return Outcome(judgement, zone_of, summary, ground.compounds, None, tiered, moments, district)


def _moments(ground: Ground, judgement: Judgement) -> MomentTable | None:
    """The result at the moments that the study asks for."""
    if not ground.study.hours.asked:
        return None
    timetable = timetable_of(ground.study, ground.city, ground.days_off)
    return judge_moments(ground, judgement, timetable)


def _evidence(ground: Ground, judgement: Judgement) -> list[EvidenceRow]:
    """The result at A, A+B and A+B+C, because names and tags may mislead."""
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    return [evidence_row(graded, persons) for graded in judge_grades(ground, judgement)]


def _sensitivity(ground: Ground, judgement: Judgement) -> list[SensitivityRow]:
    """The result for every walking profile, because speed is a policy choice."""
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    rows = []
    for name, profile in PROFILES.items():
        here = replace(ground, study=with_profile(ground.study, name))
        trips = here.trips()
        links = relinked(ground, trips, judgement.links)
        judged = judge_links(here, trips, judgement.rule, links, known=judgement.known)
        rows.append(sensitivity_row(name, profile.speed_mps, judged.verdict, persons))
    return rows
