"""The shipped schema of ``summary.json``: that of the types, and what runs really write fits it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from conftest import ROOT
from grounds import ground_of
from outcomes import make_outcome
from scenes import Scene
from tier_scenes import outcome_by_tier, tier_ground

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.report.schema import schema_of, schema_text

FILE = ROOT / "gusu_geo" / "report" / "summary.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(schema_of("summary"))


def test_the_file_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text("summary"), "rebuild it: make schemas"
    jsonschema.Draft202012Validator.check_schema(schema_of("summary"))


def test_every_part_says_what_it_is() -> None:
    parts = schema_of("summary")["$defs"]
    assert len(parts) > 10
    assert [name for name, part in parts.items() if not part.get("description")] == []


@pytest.mark.parametrize("survey", [False, True])
def test_a_summary_fits(survey: bool) -> None:
    summary = json.loads(json.dumps(make_outcome(survey=survey).summary))
    VALIDATOR.validate(summary)
    assert set(summary) == set(schema_of("summary")["required"])


def test_a_summary_with_tiers_fits(tmp_path: Path) -> None:
    summary = outcome_by_tier(tier_ground(tmp_path)).summary
    VALIDATOR.validate(json.loads(json.dumps(summary)))
    assert set(summary["tiers"] or ()) == set(
        schema_of("summary")["$defs"]["TierFacts"]["properties"]
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("passed", "share"), "34 %"),
        (("passed", "sahre"), 0.5),
        (("services", 0, "venues"), None),
        (("notes",), {}),
        (("walk", "model", "zh"), 1),
    ],
)
def test_what_is_wrong_does_not_fit(path: tuple[str | int, ...], value: object) -> None:
    broken = copy.deepcopy(json.loads(json.dumps(make_outcome().summary)))
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(broken)
    del broken["walk"]
    assert not VALIDATOR.is_valid(broken)


def test_the_summary_of_monaco_fits(city_of: Callable[[str], Ground]) -> None:
    ground = city_of("monaco")
    summary = outcome_of(ground, judge_ground(ground)).summary
    VALIDATOR.validate(json.loads(json.dumps(summary)))


def test_parts_that_few_studies_have_fit_too(tmp_path: Path) -> None:
    scene = (
        Scene().way("a b", a=(0, 0), b=(3000, 0)).home("h", 0, 0).home("i", 0, 0).venue("v", 620, 0)
    )
    own = {"where": {"type": "老新村"}, "minutes": 10, "services": ["s"]}
    ground = ground_of(scene, tmp_path, services="s t", override=[own])
    frame = ground.city.residences.frame
    frame["type"], frame["attribute:业委会"] = ["老新村", ""], ["有", ""]
    row = {"id": "1", "name": "甲", "complaints": 6.0, "households": 9.0, "x": 0.0, "y": 0.0}
    ground.city.facts["complaints"] = [row, row | {"id": "2", "complaints": None}]
    ground.city.facts["persons"] |= {"method": {"zh": "", "en": ""}}
    summary = json.loads(json.dumps(outcome_of(ground, judge_ground(ground)).summary))
    VALIDATOR.validate(summary)
    more, district = {"own_rules", "attributes", "complaints"}, {"signals", "capacity", "pairing"}
    known, required = (set(schema_of("summary")[key]) for key in ("properties", "required"))
    assert set(summary) == known - district
    assert known - required == more | district
    assert summary["complaints"]["unknown"] == ["2"]
    sums = [(row["value"], row["persons"], row["missing"]["s"]) for row in summary["attributes"]]
    assert sums == [("有", 1, 1), ("", 2, 0)]  # 620 s: beyond 10 minutes, within 15
