"""The command pair on the straight street of ``own_study``, by hand.

Communities: west holds h1 (10), h2 (20) and h4 (80, no street near: unknown), east holds h3 (40).
h3 lacks reading and health; nobody in the west surely lacks anything, h4 may lack both.

    fit, surely      east 100 for each service, west 0
    with unknown     east 100, west 100 x 80 / 110 = 72.7273
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from command import gusu_geo_here
from conftest import ROOT
from own_study import drawn, folder, lonlat

import gusu_geo as gg
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.pairing.section import pairing_facts
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.errors import InputError, StudyError
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.digests import part_id
from gusu_geo.pipeline.output_sets import outputs_beside, pairing_set
from gusu_geo.pipeline.pairs import pair
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.report.schema import schema_of, schema_text
from gusu_geo.study.study_file import open_study

__all__ = ["folder"]  # the fixture of a hand-drawn study

PART = '[pairing]\nbodies = { source = "bodies.csv", crs = "wgs84" }\n'
MORE = PART + 'pairs = { source = "pairs.csv" }\nprojects = { source = "projects.csv" }\n'


def ledgers(folder: Path, part: str = MORE, **more: str) -> Path:
    places = [lonlat(100), lonlat(1900)]
    (folder / "bodies.csv").write_text(
        "编号,单位,层级,职能,上限,经度,纬度\n"
        f"b1,图书馆,区,阅读推广,,{places[1][0]!r},{places[1][1]!r}\n"
        f"b2,卫健委,市,公共健康、急救,1,{places[0][0]!r},{places[0][1]!r}\n"
        "b3,档案局,区,档案,,,\n",
        encoding="utf-8",
    )
    (folder / "pairs.csv").write_text("单位,社区\n图书馆,west\nb2,west\n", encoding="utf-8")
    (folder / "projects.csv").write_text(
        "项目,单位,社区,主题,状态\n送书,图书馆,west,阅读,在办\n义诊,卫健委,east,健康,完成\n",
        encoding="utf-8",
    )
    study = folder / "study.toml"
    study.write_text(study.read_text(encoding="utf-8") + part, encoding="utf-8")
    for name, rows in more.items():
        (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The study, judged once."""
    folder = drawn(tmp_path_factory.mktemp("street"))
    ground = prepare(ledgers(folder), out=folder)
    return outcome_of(ground, judge_ground(ground))


def facts_with(judged: Outcome, **keys: float) -> PairingFacts:
    """Everything of the pairs with other bounds and prices."""
    assert judged.study.pairing is not None
    params = judged.study.pairing.model_copy(update=keys)
    return pairing_facts(judged.judgement, judged.zone_of, params, full=True)


def chosen(document: Any) -> set[tuple[str, str]]:
    return {(row["body"], row["zone"]) for row in document["pairing"]["pairs"]}


def test_pairs_figures_and_reasons_by_hand(folder: Path) -> None:
    document, place = pair(ledgers(folder), out=folder)
    facts = document["pairing"]
    # b3 has no known function and goes where the bounds leave room
    assert chosen(document) == {("b1", "east"), ("b2", "east"), ("b3", "west")}
    assert (facts["least"], facts["value"], facts["changes"], facts["kept"]) == (100, 200, 3, 0)
    assert (facts["now_least"], facts["now_value"], facts["bare_now"]) == (None, 0, ["east"])
    assert facts["without_functions"] == ["b3"] and facts["proven"]
    rows = {row["body"]: row for row in facts["pairs"]}
    assert rows["b1"]["reasons"][0]["zh"] == "社区约 40 人缺“阅读”，属该单位职能"
    assert rows["b1"]["distance_m"] == pytest.approx(0, abs=1)
    assert rows["b2"]["reasons"][1]["en"] == "has projects: 义诊"
    assert rows["b3"]["reasons"] == [{
        "zh": "职能与社区缺口无对应，按数量要求安排",
        "en": "nothing it lacks is a function of the body: placed to keep the numbers",
    }]  # fmt: skip
    # In place of the east: b3 would have to come to the east, and 100 would be gone.
    assert (rows["b1"]["next_zone"], rows["b1"]["loss"]) == ("west", 100)
    # Where the unknown counts, one of both could be west: 100 + 72.7 < 100 + 100 still.
    assert facts["uncertain"] == 0
    needs = {row["id"]: row for row in facts["needs"]}
    assert needs["east"]["low"] == {"reading": 40, "health": 40}
    assert (needs["west"]["low"]["health"], needs["west"]["high"]["health"]) == (0, 80)
    assert (needs["east"]["unmet"], needs["east"]["unserved"]) == ([], ["reading"])
    assert needs["west"]["aside"] == ["阅读"]
    assert json.loads((place / "pairing.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(document)
    )


def test_full_answers(judged: Outcome) -> None:
    facts = facts_with(judged)
    # One change at least: b3 goes to the bare east, where nothing of it counts.
    assert facts["curve"] == [
        {"changes": 1, "least": None, "value": 0},
        {"changes": 2, "least": 100, "value": 100},
        {"changes": 3, "least": 100, "value": 200},
    ]
    # b3 has a place whatever "min" says; with one body a community at most, one of three has none;
    # with one in the east at most, 100 is gone.
    assert [(row["kind"], row["of"], row["price"]) for row in facts["prices"]] == [
        ("min", "", 0),
        ("max", "", None),
        ("max", "east", -100),
    ]
    assert (facts["blocking"], facts["blocking_count"]) == ([], 0)


def test_files_are_one_set_that_fits_its_schema(folder: Path) -> None:
    study = ledgers(folder)
    document, place = pair(study, out=folder)
    jsonschema.Draft202012Validator(schema_of("pairing")).validate(json.loads(json.dumps(document)))
    outputs = pairing_set(open_study(study), folder)
    assert {path.name for path in place.iterdir()} == {"pairing.json", "pairing.xlsx"}
    assert outputs.run_id() == document["run_id"] != document["based_on"]
    before = [path.read_bytes() for path in outputs.members]
    again, _ = pair(study, out=folder)
    assert again == document and before == [path.read_bytes() for path in outputs.members]
    book = openpyxl.load_workbook(place / "pairing.xlsx")
    assert len(book.sheetnames) == 7
    cells = [[cell.value for cell in row] for row in book[book.sheetnames[1]].iter_rows(min_row=4)]
    assert cells[1][:4] == ["图书馆", "区", "east", 100]
    result = gg.run(study, out=folder, survey=False)
    assert result.summary["run_id"] == part_id(document["based_on"], "left_out")
    assert "prices" not in result.summary["pairing"]
    rest = {key: value for key, value in document["pairing"].items()
            if key not in ("prices", "blocking", "blocking_count", "curve")}  # fmt: skip
    assert result.summary["pairing"] == rest
    assert outputs_beside(open_study(study), folder) == []
    (place / "pairing.xlsx").unlink()
    torn = outputs_beside(open_study(study), folder)
    assert [(note["code"], "study" in note["en"]) for note in torn] == [("outputs_torn", False)]
    assert "pairing" in torn[0]["en"]


def test_the_shipped_schema_is_current() -> None:
    path = ROOT / "gusu_geo" / "report" / "pairing.schema.json"
    assert path.read_text(encoding="utf-8") == schema_text("pairing"), "rebuild it: make schemas"


def test_switching_and_distance_are_prices_in_points(judged: Outcome) -> None:
    facts = facts_with(judged, switching=60, per_km=10)
    # b1 at home in the east: 100 - 60; b2 from 100 m to 1900 m: 100 - 18 - 60 = 22 against 0 in the
    # west less the way to the mean of its persons, where h4 weighs most (50 m north and so on).
    assert {(row["body"], row["zone"]) for row in facts["pairs"]} == {
        ("b1", "east"), ("b2", "east"), ("b3", "west"),
    }  # fmt: skip
    assert facts["value"] == pytest.approx(100 - 60 + 100 - 18 - 60 - 60, abs=0.05)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"min": 2}, "2 communities need at least 4 pairs, and the limits of the bodies add up to 3"),
        ({"max": 1}, "bodies need at least 3 pairs, and the communities have room for 2"),
        ({"forbid": {"b1": "west、east"}}, "too few communities are left for these bodies: 图书馆."),
        ({"max": 3, "forbid": dict.fromkeys(("b1", "b2", "b3"), "west")}, "these communities: west."),
        ({"keep": {"b1": "west、east"}}, "keep gives “图书馆” 2 communities, more than its limit of 1"),
        ({"max": 2, "keep": dict.fromkeys(("b1", "b2", "b3"), "east")}, "keep gives “east” 3 bodies"),
    ],
)  # fmt: skip
def test_what_cannot_be_says_why(judged: Outcome, bounds: dict[str, Any], words: str) -> None:
    assert judged.study.pairing is not None
    table = judged.city.books["bodies"].copy()
    for key in ("keep", "forbid"):
        for body, zones in bounds.get(key, {}).items():
            table.loc[body, key] = zones
    books = {**judged.city.books, "bodies": table}
    judgement = replace(judged.judgement, city=replace(judged.city, books=books))
    params = judged.study.pairing.model_copy(
        update={key: bounds[key] for key in ("min", "max") if key in bounds}
    )
    with pytest.raises(StudyError) as stopped:
        pairing_facts(judgement, judged.zone_of, params)
    assert words in stopped.value.in_language("en")


def test_kept_and_forbidden_pairs(folder: Path) -> None:
    study = ledgers(folder, MORE + 'keep = [["卫健委", "west"]]\nforbid = [["b3", "west"]]\n')
    document, _ = pair(study, out=folder)
    assert chosen(document) == {("b1", "east"), ("b2", "west"), ("b3", "east")}
    row = next(row for row in document["pairing"]["pairs"] if row["body"] == "b2")
    assert (row["kept"], row["next_zone"], row["loss"]) == (True, "", None)
    assert row["reasons"][0]["en"] == "the study keeps it"


def test_a_study_without_the_part_says_how_to_add_it(folder: Path) -> None:
    done = gusu_geo_here("pair", str(folder / "study.toml"), "--out", str(folder), "--lang", "zh")
    assert done.returncode == 2
    assert "没有 [pairing] 部分" in done.stderr and "bodies = {" in done.stderr
    assert not (folder / "data").exists()
    assert "pairing" not in gg.run(folder / "study.toml", out=folder, survey=False).summary


def test_the_command_says_what_it_found(folder: Path) -> None:
    study = str(ledgers(folder))
    done = gusu_geo_here("pair", study, "--out", str(folder), "--lang", "zh", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "3 家单位、2 个社区，结成 3 对" in done.stdout
    assert "社区约 40 人缺“阅读”" in done.stdout
    done = gusu_geo_here("pair", study, "--out", str(folder), "--json", "--quiet")
    assert json.loads(done.stdout)["pairing"]["least"] == 100


def test_public_tables_show_no_small_counts(folder: Path) -> None:
    homes = (folder / "homes.csv").read_text(encoding="utf-8-sig").replace("h3,40", "h3,4")
    (folder / "homes.csv").write_text(homes, encoding="utf-8")
    study = ledgers(folder, "[report]\ninternal = false\n" + MORE)
    facts = pair(study, out=folder)[0]["pairing"]
    needs = {row["id"]: row for row in facts["needs"]}
    assert needs["east"]["low"] == {"reading": None, "health": None}
    assert facts["pairs"][0]["reasons"][0]["en"].startswith("fewer than 10 persons lack Reading")


def test_bounds_change_neither_the_city_nor_the_verdict(folder: Path) -> None:
    study = ledgers(folder)
    first, _ = pair(study, out=folder)
    cached = {path.name for path in (folder / "data/processed/own/.cache").iterdir()}
    study.write_text(study.read_text(encoding="utf-8") + "max = 3\n", encoding="utf-8")
    second, _ = pair(study, out=folder)
    assert {path.name for path in (folder / "data/processed/own/.cache").iterdir()} == cached
    assert first["based_on"] != second["based_on"]


def test_input_errors_leave_no_files(folder: Path) -> None:
    with pytest.raises(InputError):
        pair(ledgers(folder, bodies="编号,职能\nb1,阅读\n"), out=folder)
    assert not (folder / "data/processed/own/pairing").exists()
