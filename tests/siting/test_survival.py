"""What is left of a plan's gain under other assumptions, and the venues that must not close with
it: by hand, and equal to the plan as a scenario under such a study."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grounds import at, document, ground_of
from random_towns import random_town
from scenes import Scene
from test_siting import candidates_of

from gusu_geo.assessment.judgement import Judgement, judge_links, rule_of
from gusu_geo.assessment.walkable_city import Ground, link_all
from gusu_geo.errors import StudyError
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.plan_sections import with_sections
from gusu_geo.pipeline.plans import plan_of, task_on
from gusu_geo.report.plan_console import show_plan
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.study.hours import HoursParams
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import with_profile
from gusu_geo.tables import Candidates

Rows = dict[str, tuple[float, float]]


def planned(ground: Ground, places: Candidates, sites: int = 1) -> SitingPlan:
    """The plan with all its sections."""
    outcome = outcome_of(ground, judge_ground(ground))
    task = task_on(ground, outcome, places, Effort(sites))
    found = task.solve()
    return with_sections(ground, outcome, task, found, plan_of(ground, task, found), full=True)


def gains(plan: SitingPlan) -> Rows:
    """Persons with everything before and after, by assumption and moment."""
    assert plan.survival is not None
    for row in plan.survival:
        gained = row["after_persons"] - row["before_persons"]
        assert row["gained_persons"] == pytest.approx(gained)
    return {
        " ".join((row["key"], row["detail"])).strip(): (row["before_persons"], row["after_persons"])
        for row in plan.survival
    }


def lost(plan: SitingPlan) -> dict[tuple[str, str], float]:
    assert plan.critical is not None
    return {(row["when"], row["venue_id"]): row["lost_persons"] for row in plan.critical}


def street(*homes: float) -> Scene:
    """Homes of 1, 2, 4, ... persons along a long street, who walk 300 m at most."""
    scene = Scene().way("a b", a=(-100, 0), b=(6000, 0))
    for number, x in enumerate(homes):
        scene.home(f"h{number}", x, 0)
    return scene


def test_paces_by_hand(tmp_path: Path) -> None:
    # From the only candidate, at 0: 300 s are 270 m for who walks 10 % slower, 330 m for who walks
    # 10 % faster, 240 m for elders.
    scene = street(100, 290, 325, 235, 245).venue("far", 5000, 0)
    plan = planned(ground_of(scene, tmp_path, minutes=5), candidates_of({"c": (0, 0)}))
    assert plan.gained_persons[1] == 1 + 2 + 8 + 16
    assert gains(plan) == {
        "slower": (0, 1 + 8 + 16),
        "faster": (0, 1 + 2 + 4 + 8 + 16),
        "elder": (0, 1 + 8),
    }
    assert plan.survival is not None
    assert [row["share"] for row in plan.survival] == [0.925926, 1.148148, 0.333333]


def test_ledgers_alone_by_hand(tmp_path: Path) -> None:
    # Both homes lack b alone; h1 has a by a ledger, h0 by a tag only.
    scene = street(0, 1000).venue("tag", 0, 0, service="a").venue("ledger", 1000, 0, service="a")
    scene.venue("far", 5000, 0, service="b")
    ground = ground_of(scene, tmp_path, services="a b", minutes=5)
    frame = ground.city.facilities.frame
    frame.loc[["ledger", "far"], "evidence"] = "A"
    places = candidates_of({"c": (0, 0), "d": (1000, 0)})
    plan = planned(ground, places, sites=2)
    assert plan.gained_persons[1] == 3 and gains(plan)["evidence_a"] == (0, 2)
    frame["evidence"] = "A"  # then it is no other assumption
    assert "evidence_a" not in gains(planned(ground, places, sites=2))
    frame["evidence"] = ["C", "C", "A"]  # a has no data then: it is not asked for
    (row,) = [r for r in planned(ground, places, 2).survival or () if r["key"] == "evidence_a"]
    assert (row["after_persons"], row["services"]) == (3, 1)


def test_moments_by_hand(tmp_path: Path) -> None:
    # h0 to h3 have a by a venue that is closed on Sundays, open, of unknown hours, and both of the
    # latter; all lack b.
    scene = street(0, 1000, 2000, 3000).venue("far", 5500, 0, service="b")
    hours = {"w": (0, "Mo-Fr 08:00-17:00"), "o": (1000, "24/7"), "u": (2000, "")}
    hours |= {"u2": (3000, ""), "o2": (3000, "Su 13:00-16:00")}
    for name, (x, _) in hours.items():
        scene.venue(name, x, 0, service="a")
    ground = ground_of(scene, tmp_path, services="a b", minutes=5)
    frame = ground.city.facilities.frame
    for name, (_, text) in hours.items():
        frame.loc[name, "hours"] = text
    places = candidates_of({f"c{x}": (x, 0) for x in (0, 1000, 2000, 3000)})
    plan = planned(ground, places, sites=4)
    assert plan.gained_persons[1] == 15
    found = gains(plan)  # nobody asked for a moment: the Sunday of the week, unknown hours open
    ((key, value),) = ((k, v) for k, v in found.items() if k.startswith("moment"))
    assert key.startswith("moment_unknown_open") and key.endswith("14:00")
    assert value == (0, 2 + 4 + 8)
    asked = {"at": ["2026-11-29 14:00", "2026-11-30 09:00"]}  # a Sunday, a Monday
    study = ground.study.model_copy(update={"hours": HoursParams.model_validate(asked)})
    found = gains(planned(replace(ground, study=study), places, sites=4))
    assert {key: value for key, value in found.items() if key.startswith("moment")} == {
        "moment 2026-11-29 14:00": (0, 2 + 8),
        "moment_unknown_open 2026-11-29 14:00": (0, 2 + 4 + 8),
        "moment 2026-11-30 09:00": (0, 1 + 2),
        "moment_unknown_open 2026-11-30 09:00": (0, 1 + 2 + 4 + 8),
    }


def test_a_new_site_stands_in_for_an_old_venue_and_is_one_more_to_lose(tmp_path: Path) -> None:
    # h0 has everything by x alone; h1 lacks it. The site at 300 serves both.
    scene = street(100, 500).venue("x", 0, 0)
    plan = planned(ground_of(scene, tmp_path, minutes=5), candidates_of({"x": (300, 0)}))
    assert plan.critical is not None
    told = [(r["when"], r["venue_id"], r["new"], r["lost_persons"]) for r in plan.critical]
    assert told == [("today", "x", False, 1), ("with the plan", "x", True, 2)]
    assert plan.critical[1]["name"] == "X" and plan.critical[1]["services"] == ["s"]
    assert plan.critical[1]["lonlat"] == pytest.approx(at(300, 0), abs=1e-6)


def test_where_nothing_is_gained_nothing_is_built(tmp_path: Path) -> None:
    plan = planned(ground_of(street(0).venue("x", 0, 0), tmp_path), candidates_of({"c": (0, 0)}))
    assert lost(plan) == {("today", "x"): 1} and not plan.chosen
    assert {row["share"] for row in plan.survival or ()} == {None}


def test_the_document_and_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = street(100, 500).venue("x", 0, 0)
    plan = planned(ground_of(scene, tmp_path, minutes=5), candidates_of({"c": (300, 0)}))
    whole = json.loads(json.dumps(plan.to_dict()))
    assert SitingPlan.from_dict(whole).to_dict() == plan.to_dict() == whole
    monkeypatch.setenv("COLUMNS", "120")
    show_plan(whole, {"s": {"zh": "服务", "en": "Service"}})
    shown = capsys.readouterr().out
    for words in (
        "Critical venues: what closing one of them takes",
        "Venue x",
        "C (new)",
        "10 % slower",
        "100.0%",
    ):
        assert words in shown
    show_plan(whole | {"critical": None, "survival": None}, {"s": {"zh": "服务", "en": "S"}})
    assert "Critical venues: what closing one of them takes" not in capsys.readouterr().out


# --- against the plan as a scenario ------------------------------------------------------------

OWN = {"where": {"ring": "old"}, "min_count": 2, "minutes": 6}


def town(seed: int, folder: Path, **walk: Any) -> tuple[Ground, Candidates]:
    """A random town with a rule of their own for some homes, and candidates."""
    scene, homes, _ = random_town(seed)
    rng = np.random.default_rng(seed)
    for name, spots in homes.items():
        scene.home(name, *np.ravel(spots).tolist())
    for number in range(5):
        x, y = rng.uniform(-20, 350, 2)
        scene.venue(f"v{number}", x, y, service="abb"[number % 3])
    if seed % 2:
        scene.block("wall", *rng.uniform(0, 300, (3, 2)).tolist())
    ground = ground_of(scene, folder, services="a b", minutes=4, override=[OWN])
    city, frame = ground.city, ground.city.residences.frame
    frame = frame.assign(ring=["old" if number % 3 == 0 else "new" for number in range(len(frame))])
    study = ground.study
    study = study.model_copy(update={"walk": study.walk.model_copy(update=walk)})
    city = replace(city, residences=replace(city.residences, frame=frame))
    spots = {f"c{number}": tuple(rng.uniform(0, 350, 2)) for number in range(4)}
    return replace(ground, city=city, study=study), candidates_of(spots)


def other_studies(study: Study) -> dict[str, Study]:
    walk, speed = study.walk, study.walk.speed()
    slower, faster = (
        study.model_copy(update={"walk": walk.model_copy(update={"speed_mps": speed * factor})})
        for factor in (0.9, 1.1)
    )
    return {"slower": slower, "faster": faster, "elder": with_profile(study, "elder")}


def test_equals_the_plan_as_a_scenario_under_another_study(tmp_path: Path) -> None:
    gained = 0
    for seed in range(9):
        ground, places = town(seed, tmp_path, wheels=seed % 4 == 0)
        try:
            plan = planned(ground, places, sites=2)
        except StudyError:  # no candidate is near a street
            continue
        persons = ground.city.residences.frame["persons"].to_numpy(float)
        adding = [
            {"do": "add_venue", "id": f"new {site.candidate_id}", "at": list(site.lonlat),
             "services": list(site.services)}
            for site in plan.chosen
        ]  # fmt: skip
        today = judge_ground(ground)
        for key, study in other_studies(ground.study).items():
            before, after = both(replace(ground, study=study), today, adding)
            had, has = (round(math.fsum(persons[mask]), 2) for mask in (before, after))
            assert gains(plan)[key] == (had, has), (seed, key)
            gained += has > had
        _, whole = both(ground, today, adding)
        for (when, venue), persons_lost in lost(plan).items():
            if when == "with the plan":
                new = venue in places.frame.index
                close = {"do": "close_venue", "venue": f"new {venue}" if new else venue}
                _, after = both(ground, today, [*adding, close])
                assert persons_lost == persons[whole & ~after].sum(), (seed, venue)
    assert gained > 10  # the towns are worth trying


def both(
    ground: Ground, today: Judgement, changes: list[dict[str, Any]]
) -> tuple[np.ndarray, np.ndarray]:
    """(R,) who has everything before and after the changes."""
    trips = ground.trips()
    before = judge_links(
        ground, trips, rule_of(ground.study), link_all(ground, trips), known=today.known
    )
    changed = apply_scenario(ground, parse_scenario(document(*changes)))
    after = judge_changed(changed, ground, before)
    return before.verdict.passed_known, after.verdict.passed_known
