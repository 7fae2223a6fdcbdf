"""Idle rooms behind a wall without a mapped gate: linked as a home there is, in the plan and once
they are venues.

The straight street of ``own_study``, homes on it. Within 900 m of walking a room 20 m off the
street at x reaches homes at most 880 m along it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from own_study import drawn, ledger, lonlat

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.plans import plan_of, task_on
from gusu_geo.pipeline.prepare import candidates_of, prepare
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.plan import SitingPlan

XY = tuple[float, float]
HOMES = {"near": (100.0, 0.0), "just": (1020.5, 0.0), "not": (1019.5, 0.0), "late": (1950.0, 0.0)}


def walled(folder: Path, rooms: dict[str, XY], homes: dict[str, XY], side: float = 30) -> Path:
    """The study with a wall round a square from (1885, 8) on, rooms, and homes more than HOMES."""
    x0, y0 = 1900 - side / 2, 8.0
    corners = [(x0, y0), (x0 + side, y0), (x0 + side, y0 + side), (x0, y0 + side)]
    points = [lonlat(*xy) for xy in corners]
    nodes = "".join(f'<node id="{i}" lon="{x}" lat="{y}"/>' for i, (x, y) in enumerate(points, 11))
    refs = "".join(f'<nd ref="{i}"/>' for i in (11, 12, 13, 14, 11))
    way = f'<way id="6">{refs}<tag k="barrier" v="wall"/></way></osm>'
    file = folder / "street.osm"
    text = file.read_text().replace('<way id="5">', f'{nodes}<way id="5">')
    file.write_text(text.replace("</osm>", way))
    every = HOMES | homes
    ledger(folder / "homes.csv", every, 人数=[10.0] * len(every))
    ledger(
        folder / "venues.csv",
        {"v": (50, 0), "w": (50, 0)},
        名称=["甲", "乙"],
        功能=["阅读", "健康"],
    )
    ledger(folder / "idle.csv", rooms, 名称=list(rooms), 功能=["reading、health"] * len(rooms))
    return folder / "study.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return drawn(tmp_path)


def planned(study: Path, sites: int) -> tuple[Ground, Outcome, SitingPlan]:
    ground = prepare(study, out=study.parent)
    outcome = outcome_of(ground, judge_ground(ground))
    task = task_on(ground, outcome, candidates_of(ground), Effort(sites))
    return ground, outcome, plan_of(ground, task)


def test_a_plan_and_its_comparison_pass_the_same_assumed_gate(folder: Path) -> None:
    rooms = {"a": (1900.0, 20.0), "b": (1905.0, 20.0), "c": (1910.0, 20.0)}  # of one plot
    study = walled(folder, rooms, {"owner": (1890.0, 20.0)})
    ground, outcome, plan = planned(study, 1)
    assert plan.candidates == 3 and plan.unlinked_candidate_ids == ()
    (site,) = plan.chosen
    assert site.candidate_id == "a"
    # "just" is 879.5 + 20 m away, "not" 880.5 + 20; the owner's own gate is assumed as well.
    assert plan.gained_residence_ids == ("just", "late", "owner")
    change = {"do": "add_venue", "id": "new", "name": "", "services": list(site.services)}
    change["at"] = list(site.lonlat)
    scenario = {"schema": "gusu-geo-scenario/1", "study": "own", "changes": [change]}
    changed = apply_scenario(ground, parse_scenario(json.dumps(scenario)))
    after = judge_changed(changed, ground, outcome.judgement).verdict.passed_known
    new = after & ~outcome.verdict.passed_known
    assert tuple(outcome.verdict.residence_ids[new]) == plan.gained_residence_ids


@pytest.mark.parametrize(
    ("homes", "side"),
    [({"p": (1890.0, 20.0), "q": (1895.0, 30.0), "r": (1910.0, 30.0)}, 30), ({}, 51)],
    ids=["shared", "large"],
)
def test_rooms_of_a_compound_whose_gate_may_be_anywhere_are_left_out_and_say_why(
    folder: Path, homes: dict[str, XY], side: float
) -> None:
    rooms = {"a": (1900.0, 20.0), "street": (1500.0, 0.0)}
    plan = planned(walled(folder, rooms, homes, side), 2)[2]
    assert plan.unlinked_candidate_ids == ("a",)
    codes = [note["code"] for note in plan.notes]
    assert "siting-walled" in codes and "siting-unlinked" not in codes
