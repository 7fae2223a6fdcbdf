"""A study judged in memory: prepared, linked, searched, judged, surveyed, summed up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import Rule
from gusu_geo.assessment.walkable_city import (
    CityLinks,
    Ground,
    judge_links,
    link_all,
    link_fewer,
    rule_of,
)
from gusu_geo.assessment.zones import assign, roll_up
from gusu_geo.pipeline.prepare import Progress, prepare, report_stage
from gusu_geo.pipeline.survey import drawer_of, survey
from gusu_geo.report.summary import sensitivity_row, summarise, unlinked_venues
from gusu_geo.report.walk_facts import walk_facts
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import with_profile


def assess(
    study: str | Path | Study,
    *,
    out: str | Path = ".",
    force: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Judge every residence of a study, and survey; nothing but the cache is written."""
    ground = prepare(study, out=out, force=force, progress=progress)
    return judge_ground(ground, progress=progress, surveyed=True)


def judge_ground(
    ground: Ground, *, progress: Progress | None = None, surveyed: bool = False
) -> Outcome:
    """Link, search and judge; surveyed: measure detours, missing links and service areas too."""
    study, city, net = ground.study, ground.city, ground.network
    rule = rule_of(study)
    report_stage(progress, "link")
    trips = ground.trips()
    persons = city.residences.frame["persons"].to_numpy(float)
    more = None
    with ThreadPoolExecutor(1) as pool:  # beside what else is done: it waits for none of it
        drawer = pool.submit(drawer_of, ground, trips) if surveyed else None
        links = link_all(ground, trips)
        homes, venues, entered = links.homes, links.venues, links.entered
        lost = unlinked_venues(city, venues)
        known = [city.facts["known"][s] and s not in lost.unreachable for s in rule.services]
        report_stage(progress, "search")
        access, verdict = judge_links(ground, trips, rule, links, known=known)
        report_stage(progress, "judge")
        zone_of = assign(city.zones, city.residences)
        sensitivity = pool.submit(_sensitivity, ground, rule, known, links)
        if drawer is not None:
            report_stage(progress, "survey")
            more = survey(ground, drawer.result(), rule, homes, venues, entered)
    summary = summarise(
        study, rule, city, net, access, verdict,
        zones=roll_up(city.zones, zone_of, persons, verdict),
        sensitivity=sensitivity.result(),
        lost=lost, walk=walk_facts(study, heights=ground.heights), links=homes.links,
        notes=ground.notes, detour=None if more is None else more.detours.summary(persons),
    )  # fmt: skip
    return Outcome(
        study=study, rule=rule, city=city, network=net, access=access, verdict=verdict,
        zone_of=zone_of, summary=summary, links=homes.links,
        venue_links=venues.links, known=tuple(known),
        entered_links=None if entered is None else entered.links,
        detour=None if more is None else more.detours,
        layers={"compounds": ground.compounds, **({} if more is None else more.layers)},
    )  # fmt: skip


def _sensitivity(
    ground: Ground, rule: Rule, known: list[bool], links: CityLinks
) -> list[dict[str, Any]]:
    """The result at every profile's speed: speed is a policy choice and must be seen as one."""
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    closed = ground.trips().pace.closed
    rows = []
    for name, profile in PROFILES.items():
        trips = ground.trips(with_profile(ground.study, name).walk)
        # Where other streets are barred, other streets are linked to.
        barred = trips.pace.closed
        if np.array_equal(barred, closed):
            own = links
        elif (barred >= closed).all():
            own = link_fewer(ground, trips, links)
        else:
            own = link_all(ground, trips)
        _, verdict = judge_links(ground, trips, rule, own, known=known)
        rows.append(sensitivity_row(name, profile.speed_mps, verdict, persons))
    return rows
