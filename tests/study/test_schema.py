"""The schema of the study file: that of the models, and as strict as they are."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import ROOT

from gusu_geo.errors import StudyError
from gusu_geo.study.params import Study
from gusu_geo.study.schema import schema_text, study_schema
from gusu_geo.study.study_file import parse_study

FILE = ROOT / "gusu_geo" / "study" / "study.schema.json"
STUDIES = [*sorted(ROOT.glob("studies/*.toml")), *sorted(ROOT.glob("tests/studies/*.toml"))]
VALIDATOR = jsonschema.Draft7Validator(study_schema())
GOOD: dict[str, Any] = {
    "study": {"name": "x"},
    "area": {"bbox": [7.4, 43.7, 7.5, 43.8]},
    "network": {"osm": "x.osm.pbf"},
}


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_file_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), "rebuild it: make schemas"
    jsonschema.Draft7Validator.check_schema(study_schema())


@pytest.mark.parametrize("path", STUDIES)
def test_studies_are_valid_and_their_first_line_leads_to_the_schema(path: Path) -> None:
    VALIDATOR.validate(read(path))
    word, place = path.read_text(encoding="utf-8").splitlines()[0].split()
    assert word == "#:schema"
    assert (path.parent / place).resolve() == FILE


def test_every_part_and_every_key_says_what_it_is() -> None:
    """A key whose value is a part says it by that part."""
    schema = study_schema()
    parts = {**schema["$defs"], "study": schema["properties"]["study"]}
    assert [name for name, part in parts.items() if not part.get("description")] == []
    keys = {f"{n}.{k}": kind for n, part in parts.items() for k, kind in part["properties"].items()}
    assert [k for k, kind in keys.items() if not kind.keys() & {"description", "$ref"}] == []
    said = {*schema["properties"], *schema["properties"]["study"]["properties"]} - {"study"}
    assert said == set(Study.model_fields) - {"root"}


@pytest.mark.parametrize(
    ("table", "content"),
    [
        ("study", {"name": "x", "nmae": "y"}),
        ("study", {"title": {"zh": "甲"}}),
        ("study", {"name": "../x"}),
        ("study", {"name": "x", "walk": {}}),
        ("walk", {"speed": 1.0}),
        ("walk", {"profile": "eldr"}),
        ("walk", {"speed_mps": 50}),
        ("walk", {"speed_mps": True}),
        ("walk", {"slope": "steep"}),
        ("rule", {"minutes": 0}),
        ("rule", {"minutes": 121}),
        ("rule", {"cutoff_minutes": 0}),
        ("area", {}),
        ("area", {"boundary": "a.geojson", "bbox": [7.4, 43.7, 7.5, 43.8]}),
        ("area", {"bbox": [7.4, 43.7, 7.5]}),
        ("zones", [{"level": "ward", "source": {"osm_admin_level": 99}}]),
        ("zones", {"level": "ward"}),
        ("facilities", []),
        ("facilities", [{"source": "osm", "evidence": "D"}]),
        ("network", {}),
        ("root", "/"),
    ],
)
def test_what_the_models_refuse_the_schema_refuses(table: str, content: Any) -> None:
    broken = {**copy.deepcopy(GOOD), table: content}
    with pytest.raises(StudyError):
        parse_study(broken, root=Path())
    assert not VALIDATOR.is_valid(broken)


@pytest.mark.parametrize(
    ("table", "content"),
    [
        ("walk", {"speed_mps": 0.1, "steps_factor": 1, "wheels": True}),
        ("walk", {"speed_mps": 5}),
        ("rule", {"minutes": 120, "cutoff_minutes": 0.5}),
        ("area", {"osm_admin": {"name": "苏州", "admin_level": 6}, "buffer_m": 0}),
        ("zones", [{"level": "a", "source": "a.geojson"}]),
        ("zones", [{"level": "a", "source": {"osm_admin_level": 8}}]),
        ("residences", {"persons_total": 10, "persons_source": "a count"}),
        ("compounds", {"gates": {"source": "gates.csv", "columns": {"access": "通行"}}}),
    ],
)
def test_what_the_models_take_the_schema_takes(table: str, content: Any) -> None:
    whole = {**copy.deepcopy(GOOD), table: content}
    parse_study(whole, root=Path())
    VALIDATOR.validate(whole)
