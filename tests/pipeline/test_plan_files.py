"""The files of a plan, worked out by hand on one street, and replayed on whole cities."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from conftest import ROOT
from grounds import ground_of
from replay import VALIDATOR, replayed
from scenes import CRS_M, Scene

from gusu_geo.assessment.judgement import rule_of
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.files import Stage
from gusu_geo.pipeline.plan_files import write_plan
from gusu_geo.pipeline.plans import plan_of, task_on
from gusu_geo.report.plan_scenario import scenario_of
from gusu_geo.report.plan_sheets import Names
from gusu_geo.report.plan_tables import gained_frame, link_frame, plan_layers, served
from gusu_geo.report.plan_workbook import write_plan_book
from gusu_geo.report.schema import schema_of, schema_text
from gusu_geo.scenarios.scenario_file import read_scenario
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.plan_document import PlanDocument
from gusu_geo.siting.solver import Effort
from gusu_geo.study.siting import SitingParams
from gusu_geo.tables import Candidates, Entrances

pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported")  # of openpyxl
SCHEMA = ROOT / "gusu_geo" / "report" / "plan.schema.json"


# --- one street -----------------------------------------------------------------------------
#
# Homes h, i, j at 0, 2000, 2500 with 1, 2, 4 persons; 900 m in 900 s. A venue of t at 100 serves h,
# one of s at 2950 serves j. h lacks s, i lacks both, j lacks t. Of 30 ten thousand yuan a at 300
# costs 10 and serves h (300 s), b at 2200 costs 20 and serves i (200 s) and j (300 s).

PLACES = {
    "a": (300, 10.0, ""),
    "refused": (310, 1.0, "refused"),
    "uncosted": (320, math.nan, ""),
    "b": (2200, 20.0, "open"),
    "never": (2210, 1.0, ""),
    "spare": (1200, 5.0, "passed"),
}


def candidates() -> Candidates:
    xy = [(x, 0.0) for x, *_ in PLACES.values()] + [(300.0, 5000.0)]
    frame = gpd.GeoDataFrame(
        {
            "name": ["棚 & <b>", *[""] * 6],
            "services": [()] * 7,
            "cost": [*(cost for _, cost, _ in PLACES.values()), 1.0],
            "vote": [*(vote for *_, vote in PLACES.values()), ""],
        },
        index=[*PLACES, "unlinked"],
        geometry=[shapely.Point(*one) for one in xy],
        crs=CRS_M,
    )
    return Candidates(frame, Entrances.of_points(np.array(xy)))


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The plan for 300,000 yuan, what it was made from, and its files."""
    folder = tmp_path_factory.mktemp("street")
    scene = Scene().way("u v", u=(0, 0), v=(3000, 0))
    scene.home("h", 0, 0).home("i", 2000, 0).home("j", 2500, 0)
    scene.venue("x", 2950, 0, service="s").venue("y", 100, 0, service="t")
    ground = ground_of(scene, folder, services="s t")
    outcome = outcome_of(ground, judge_ground(ground))
    effort = Effort(budget=30, services_per_site=None)
    task = task_on(ground, outcome, candidates(), effort, SitingParams(never=("never",)))
    found = task.solve()
    plan = plan_of(ground, task, found)
    write_plan(Stage(folder, folder), plan, task, found, outcome)
    return SimpleNamespace(
        plan=plan, task=task, found=found, outcome=outcome, folder=folder, ground=ground
    )


def rows_of(book: Any, title: str) -> list[list[Any]]:
    """A sheet below its head."""
    (sheet,) = [each for each in book if each.title.endswith(title)]
    return [list(row) for row in sheet.iter_rows(min_row=5, values_only=True)]


def test_candidates_say_what_became_of_them(street: SimpleNamespace) -> None:
    layer = gpd.read_file(street.folder / "plan.gpkg", layer="candidates")
    assert dict(zip(layer["candidate_id"], layer["state"], strict=True)) == {
        **{name: name for name in ("refused", "uncosted", "never", "unlinked")},
        "a": "taken",
        "b": "taken",
        "spare": "not_taken",
    }
    assert layer.crs == "EPSG:4326"


def test_homes_that_gain_know_their_sites_and_minutes(street: SimpleNamespace) -> None:
    homes = gpd.read_file(street.folder / "plan.gpkg", layer="residences")
    assert homes[["residence_id", "persons", "services", "sites", "sure"]].to_numpy().tolist() == [
        ["h", 1.0, "s", "a", True],
        ["i", 2.0, "s, t", "b", True],
        ["j", 4.0, "t", "b", True],
    ]
    links = gpd.read_file(street.folder / "plan.gpkg", layer="links")
    told = links[["residence_id", "candidate_id", "services", "minutes"]].to_numpy().tolist()
    assert told == [["h", "a", "s", 5.0], ["i", "b", "s, t", 3.33], ["j", "b", "t", 5.0]]
    lengths = links.to_crs(CRS_M).geometry.length
    assert lengths.round(1).tolist() == [300.0, 200.0, 300.0]


def test_a_home_that_needs_two_venues_is_linked_to_the_two_nearest(tmp_path: Path) -> None:
    """From 1500 m: 300 m to spare, 700 to b, 710 to never; all three offer s."""
    scene = Scene().way("u v", u=(0, 0), v=(3000, 0)).home("h", 1500, 0).venue("x", 2950, 0)
    ground = ground_of(scene, tmp_path)
    pack = (tmp_path / "pack.toml").read_text("utf-8")
    (tmp_path / "pack.toml").write_text(f"{pack}min_count = 2\n", "utf-8")
    ground = replace(ground, pack=rule_of(ground.study).pack)
    outcome = outcome_of(ground, judge_ground(ground))
    task = task_on(ground, outcome, candidates(), Effort(3))
    found = task.solve()
    plan = plan_of(ground, task, found)
    assert len(plan.chosen) == 2 and found.completed.all()
    three = task.candidates.frame.index.isin(["b", "never", "spare"])[:, None]
    links = link_frame(task, served(task, replace(found, offers=three)))
    told = dict(zip(links["candidate_id"], links["minutes"], strict=True))
    assert told == {"spare": 5.0, "b": 11.67}


def test_sites_are_a_frame_that_a_notebook_shows(street: SimpleNamespace) -> None:
    frame = street.plan.sites_frame
    assert frame.crs == "EPSG:4326"
    assert frame["gained_persons"].to_dict() == {"b": 6.0, "a": 1.0}
    assert frame["services"].to_dict() == {"b": "s, t", "a": "s"}
    assert frame["vote"].to_dict() == {"b": "open", "a": ""}
    assert np.allclose(frame.to_crs(CRS_M).geometry.x, [2200, 300], atol=0.01)
    shown = street.plan._repr_html_()
    assert "7 persons gained" in shown and "<th>gained_persons</th>" in shown
    assert "棚 &amp; &lt;b&gt;" in shown and "<b>" not in shown
    assert "heritage" not in shown  # nothing is known of it
    again = SitingPlan.from_dict(json.loads(json.dumps(street.plan.to_dict())))
    assert again.sites_frame.drop(columns="geometry").equals(frame.drop(columns="geometry"))
    nothing = SitingPlan.from_dict(street.plan.to_dict() | {"chosen": []})
    assert len(nothing.sites_frame) == 0 and "gained_persons" in nothing._repr_html_()


def test_the_workbook_says_what_the_plan_says(street: SimpleNamespace) -> None:
    book = openpyxl.load_workbook(street.folder / "plan.xlsx")
    assert [sheet.title for sheet in book] == [
        *("方案 Plan", "建议点位 Proposed sites", "功能 Services", "分区 Zones"),
        "新增可达的住处 Homes that gain",
    ]
    said = str(book.worksheets[0]["A4"].value).splitlines()
    assert said[0] == (
        "费用不超过 30 万元、每处功能数不限：新设 2 处点位（b、棚 & <b>），可使 7 人功能齐全，"
        "全部人口中的比例由 0 % 提高到 100 %；已证明最优。"
    )
    assert said[1].startswith("At most 30 x 10,000 yuan, any number of services each: 2 new sites")
    sites = rows_of(book, "Proposed sites")
    assert [row[:3] + row[4:7] for row in sites] == [
        [1, "b", "b", 6, 20, "未表决 open"],
        [2, "棚 & <b>", "a", 1, 10, ""],
        [None, "合计 Total", "", 7, 30, ""],
    ]
    assert [row[1:4] for row in rows_of(book, "Services")] == [[4, 7, 3], [1, 7, 6]]
    assert [row[3:] for row in rows_of(book, "Zones")] == [
        *([6, 0, 6, 6, 0, 1], [1, 0, 1, 1, 0, 1]),  # east of 1500 m: i and j
    ]
    assert [row[0] for row in rows_of(book, "Homes that gain")] == ["h", "i", "j"]


def test_a_plan_without_a_site_has_files_too(street: SimpleNamespace, tmp_path: Path) -> None:
    task = street.task.asked(Effort(budget=0))
    found = task.solve()
    plan = plan_of(street.ground, task, found)
    assert plan.chosen == ()
    write_plan(Stage(tmp_path, tmp_path), plan, task, found, street.outcome)
    layers = plan_layers(plan, task, found, street.outcome)
    assert set(layers) == {"candidates"}
    said = openpyxl.load_workbook(tmp_path / "plan.xlsx").worksheets[0]["A4"].value
    assert "没有新设点位能使更多人功能齐全" in said
    assert read_scenario(tmp_path / "scenario.json").changes == ()


def test_ids_in_use_and_bare_sites_are_no_new_venues(street: SimpleNamespace) -> None:
    plan = street.plan
    taken = scenario_of(plan, "drawn", "x", {"a", "new-b:t", "b:s"})
    assert [change.id for change in taken.changes] == ["new-new-b", "new-a"]
    bare = SitingPlan.from_dict(
        plan.to_dict() | {"chosen": [plan.chosen[0].to_dict() | {"services": []}]}
    )
    assert scenario_of(bare, "drawn", "x", ()).changes == ()


# --- sections -------------------------------------------------------------------------------


def site(key: str, *services: str) -> dict[str, Any]:
    return {"candidate_id": key, "name": "", "lonlat": [120.6, 31.3], "services": [*services]}


def with_sections(plan: SitingPlan) -> PlanDocument:
    """The plan of the street, with sections as their contract has them."""
    complete = {"kind": "street", "name": "直街", "persons": 7.0}
    sites = [
        {"candidate_id": key, "gained_persons": gained, "lost_persons": gained,
         "by_service": {"s": gained}, "by_zone": {"z": gained}, "elders": None, "complete": made}
        for key, gained, made in (("b", 6.0, []), ("a", 1.0, [complete]))
    ]  # fmt: skip
    spare = site("spare", "s") | {"gained_persons": 0.0, "cost": 5.0, "instead_of": "a",
                                  "reason": "uncosted"}  # fmt: skip
    point = {"used": 1.0, "share": 0.5, "bound_persons": None, "status": "fast", "knee": False}
    curve = [
        point | {"limit": float(n), "gained_persons": gained, "candidate_ids": ids, "knee": n == 1}
        for n, gained, ids in ((1, 6.0, ["b"]), (2, 7.0, ["b", "a"]))
    ]
    sections: dict[str, Any] = {
        "why": {"sites": sites, "complete": [complete], "next": [spare]},
        "pareto": {"sites": curve, "money": [curve[0] | {"limit": 20.0}]},
        "alternatives": [
            {"chosen": [site("spare", "s"), site("b", "s")], "gained_persons": 7.0, "shared": 1,
             "cost": 25.0}
        ],
        "critical": [
            {"when": when, "venue_id": key, "name": "", "services": ["t"], "lost_persons": 1.0,
             "lonlat": [120.6, 31.3], "new": new}
            for when, key, new in (("today", "y", False), ("with the plan", "b", True))
        ],
        "survival": [
            {"key": "moment", "detail": "2026-11-29 14:00", "before_persons": 0.0,
             "after_persons": 3.5, "gained_persons": 3.5, "share": 0.5}
        ],
    }  # fmt: skip
    whole: dict[str, Any] = filled(dict(plan.to_dict()) | sections, schema_of("plan"))
    return cast("PlanDocument", whole)


def filled(value: Any, part: dict[str, Any]) -> Any:
    """The value with what its schema asks for and nobody gave: nothing, or nil."""
    part = SCHEMAS[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    if "anyOf" in part:
        return value if value is None else filled(value, part["anyOf"][0])
    if isinstance(value, list):
        return [filled(one, part["items"]) for one in value]
    if not isinstance(value, dict) or "properties" not in part:
        return value
    nil = {"number": 0.0, "integer": 0, "string": "", "boolean": False, "array": []}
    more = {key: nil.get(part["properties"][key].get("type")) for key in part["required"]}
    return {key: filled(one, part["properties"][key]) for key, one in (more | value).items()}


SCHEMAS = schema_of("plan")["$defs"]


def test_each_section_has_its_sheet(street: SimpleNamespace, tmp_path: Path) -> None:
    plan = with_sections(street.plan)
    zone = street.outcome.summary["zones"][0]["name"]
    for row in (plan["why"] or {"sites": []})["sites"]:
        row["by_zone"] = {street.outcome.summary["zones"][0]["id"]: row["lost_persons"]}
    homes = gained_frame(
        street.task, street.found, served(street.task, street.found), street.outcome
    )
    places, passed = {"a": "棚 & <b>"}, street.task.passed
    path = tmp_path / "plan.xlsx"
    write_plan_book(plan, homes, street.outcome, path, places=places, passed=passed)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert [sheet.title.split()[0] for sheet in book][5:] == [
        *("各点位为什么", "整体功能齐全的小区街巷", "未选候选点位", "规模与增益", "备选方案"),
        *("关键点位", "条件变化"),
    ]
    assert [row[5] for row in rows_of(book, "Proposed sites")] == [6, 1, None]  # left out alone
    second = rows_of(book, "Why these sites")[1]
    assert second[:4] + second[-3:] == [2, "棚 & <b>", 1, 1, 1, f"{zone} 1", "直街"]
    (complete,) = rows_of(book, "Newly complete")
    assert complete[:3] + complete[-1:] == ["街巷 street", "直街", 7, 2]
    (next_one,) = rows_of(book, "Not taken")
    assert next_one[1:4] == ["spare", "服务s service s", 0] and 5 in next_one
    assert "棚 & <b>" in next_one
    curve = rows_of(book, "Size and gain")
    assert [row[1:4] for row in curve] == [[1, 1, 6], [2, 1, 7], [20, 1, 6]]
    assert ["拐点 knee" in row for row in curve] == [True, False, True]
    assert [row[4] for row in rows_of(book, "Alternatives")] == ["spare", "b"]
    assert [row[0] for row in rows_of(book, "Critical venues")] == ["现状 today", "实施后 after"]
    assert rows_of(book, "Other assumptions")[0][:6] == [
        *(
            "只计此时确定开放的点位 only what is surely open then",
            "2026-11-29 14:00",
            0,
            3.5,
            3.5,
            0.5,
        ),
    ]


def test_sites_of_one_street_are_told_apart_by_their_ids() -> None:
    names = Names({}, {"c1": "=1+1", "c2": "街", "c3": "街"}, {})
    assert [names.site(one) for one in ("c1", "c2", "c3", "c4")] == ["=1+1", "街 c2", "街 c3", "c4"]


# --- the schema -----------------------------------------------------------------------------


def test_the_schema_is_current_and_every_part_says_what_it_is() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text("plan"), "rebuild it: make schemas"
    VALIDATOR.check_schema(schema_of("plan"))
    parts = schema_of("plan")["$defs"]
    assert [name for name, part in parts.items() if not part.get("description")] == []


def test_plans_with_all_sections_or_none_fit(street: SimpleNamespace) -> None:
    written = json.loads((street.folder / "plan.json").read_text("utf-8"))
    VALIDATOR.validate(written)
    assert set(written) == set(schema_of("plan")["required"])
    whole = json.loads(json.dumps(with_sections(street.plan)))
    VALIDATOR.validate(whole)
    for path, value in ((("status",), "best"), (("chosen", 0, "services"), "s"), (("new",), 1),
                        (("survival", 0, "share"), "x"), (("why", "next", 0, "cost"), [])):  # fmt: skip
        broken = json.loads(json.dumps(whole))
        place = broken
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        assert not VALIDATOR.is_valid(broken), path


# --- whole cities ---------------------------------------------------------------------------


def test_compare_of_a_plan_gains_the_same_homes_in_monaco(
    city_of: Callable[[str], Ground], tmp_path: Path
) -> None:
    ground = city_of("monaco")
    outcome = outcome_of(ground, judge_ground(ground))
    plan = replayed(ground, outcome, Effort(3), tmp_path)
    assert len(plan.chosen) == 3 and len(plan.gained_residence_ids) > 100
