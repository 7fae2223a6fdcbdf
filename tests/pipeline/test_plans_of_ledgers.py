"""Plans of a study with signals and capacities: built, and judged again.

The straight street of ``own_study`` at 1 m/s. Of h1 (100 m, 10 persons), h2 (1,000, 20) and h3
(1,900, 40) the first two have both services; their venue of health at 950 has a capacity of 3. By
E2SFCA it serves h1 (850 m: 0.22), h2 (50 m: 1) and h3 (950 m: not at all): 22.2 persons, 135.1 per
1,000; h1 has 29.7 of them. Norm: 100 per 1,000.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from own_study import drawn, ledger

import gusu_geo as gg
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.staffed import Room
from gusu_geo.errors import StudyError
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.plans import task_on
from gusu_geo.pipeline.prepare import candidates_of, prepare
from gusu_geo.report.schema import schema_of
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.loads import room_of
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.task import Task
from gusu_geo.study.study_file import open_study

pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported")  # of openpyxl
SIGNALS = """
[signals]
source = "signals.csv"
crs = "wgs84"
level = "half"
until = 2026-10-31
themes = { "看书" = "reading" }
siting_weight = 0.5
"""
CAPACITY = """
[capacity]
siting = true
norms = { health = { per_1000 = 100, source = "a test" } }
"""
NEW = """
[siting]
service_capacity = { health = 4 }
"""


def street(tmp_path: Path, *parts: str) -> Path:
    """The study with these parts, and their ledgers."""
    folder = drawn(tmp_path)
    study = folder / "study.toml"
    study.write_text(study.read_text(encoding="utf-8") + "".join(parts), encoding="utf-8")
    if SIGNALS in parts:
        rows = {f"s{n}": (1900.0 if n < 9 else 1000.0, 0.0) for n in range(12)}
        ledger(folder / "signals.csv", rows, 日期=["2026-03-01"] * 12, 主题=["看书"] * 12)
    if CAPACITY in parts:
        venues = {"a": (150, 0), "b": (950, 0), "c": (950, 0)}
        names, services = ["甲", "乙", "丙"], ["阅读", "阅读", "健康"]
        sizes: list[object] = ["", "", 3]
        ledger(folder / "venues.csv", venues, 名称=names, 功能=services, 容量=sizes)
    idle = {"x": (1400, 0), "y": (1850, 0), "z": (600, 0)}
    held = ["reading", "reading、health", "health"]
    ledger(folder / "idle.csv", idle, 名称=["架空层", "公房", "旧站"], 功能=held)
    return folder


def sited(folder: Path, **options: Any) -> tuple[SitingPlan, dict[str, Any]]:
    plan = gg.site(folder / "study.toml", out=folder, **options)
    (path,) = (folder / "data" / "processed" / "own" / "plan").glob(f"{plan.question}/plan.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator(schema_of("plan")).validate(document)
    assert SitingPlan.from_dict(document).to_dict() == document
    return plan, document


def asked(folder: Path, **options: Any) -> tuple[Outcome, Task]:
    """What is judged, and what is asked of two sites."""
    ground = prepare(open_study(folder / "study.toml"), out=folder)
    outcome = outcome_of(ground, judge_ground(ground), by_tier=True)
    return outcome, task_on(ground, outcome, candidates_of(ground), Effort(2, **options))


def test_who_gains_has_room_when_the_plan_is_built(tmp_path: Path) -> None:
    folder = street(tmp_path, CAPACITY, NEW)
    plan, document = sited(folder, sites=2)
    # z, 500 m from h1 (0.68) and 400 m from h2 (0.68): 20.4 persons, 196.1 per 1,000: h1 has
    # 29.7 + 0.68 x 196.1. y, 50 m from h3 and 850 m from h2 (0.22): 44.4 persons, 90.1 per 1,000.
    # That is below the norm for h3, who lacks it all: so nobody gains by y.
    assert [(site.candidate_id, site.services) for site in plan.chosen] == [("z", ("health",))]
    room = document["room"]
    assert (room["full_persons"], room["venue_persons"], room["room_persons"]) == (10, 0, 10)
    assert (room["bound"], room["unbound"]) == (["health"], [])
    (load,) = room["loads"]
    assert (load["demand"], load["per_1000"], load["full"]) == (20.4, 196.0784, False)
    assert document["before"]["passed_known_persons"] == 20 and document["gained_persons"][1] == 10
    book = openpyxl.load_workbook(folder / "data/processed/own/plan/2-sites/plan.xlsx")
    homes = book["新增可达的住处 Homes that gain"]
    assert "点位已满 venues full" in {cell.value for row in homes.iter_rows() for cell in row}
    # Built and judged anew, the plan's figures after are those before.
    venues = pd.read_csv(folder / "venues.csv", dtype=str)
    site = pd.read_csv(folder / "idle.csv", dtype=str).set_index("编号").loc["z"]
    new = {"编号": "z", "名称": "旧站", "功能": "健康", "容量": "4"} | site[
        ["经度", "纬度"]
    ].to_dict()
    pd.concat([venues, pd.DataFrame([new])]).to_csv(folder / "venues.csv", index=False)
    outcome, task = asked(folder)
    staffed = outcome.district.capacity
    assert staffed is not None
    k = outcome.verdict.services.index("health")
    assert staffed.full[list(outcome.verdict.residence_ids).index("h1"), k] == Room.ROOM
    assert plan_sites(task).before == document["after"]


def test_enough_capacity_serves_those_who_lack_a_venue_too(tmp_path: Path) -> None:
    _, task = asked(street(tmp_path, CAPACITY, NEW.replace("4", "5")))
    found = task.solve()
    plan = plan_sites(task, found)
    assert {site.candidate_id for site in plan.chosen} == {"y", "z"}
    room = room_of(task, found, plan)
    assert room is not None and (room["venue_persons"], room["room_persons"]) == (40, 10)


def test_signals_stand_in_the_files_and_the_suggestion_weighs_none(tmp_path: Path) -> None:
    folder = street(tmp_path, SIGNALS)
    _, document = sited(folder, sites=1)
    assert document["asked"]["weight"] == 0.5 and len(document["asked"]["plans"]) == 2
    assert document["gained_persons"] == [40, 40]
    # 9 of 12 signals are of the 40 persons at h3: they count more.
    assert document["objective_persons"] == document["bound_persons"] > 40
    assert "room" not in document
    book = openpyxl.load_workbook(folder / "data/processed/own/plan/1-site/plan.xlsx")
    assert "诉求权重 Weight of signals" in book.sheetnames
    summary = gg.run(folder / "study.toml", out=folder, survey=False).summary
    assert summary["next"] is not None
    assert summary["next"]["gained_persons"] == summary["next"]["bound_persons"] == 40
    _, task = asked(folder, signals=0.0)
    assert task.solve().objective_persons == 40


def test_capacities_of_new_venues_need_a_method_and_norms(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="service_capacity in \\[siting\\] needs \\[capacity\\]"):
        asked(street(tmp_path, NEW))
