"""What districts say together: sums by hand, any split of homes, failures, and the files of the set."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import replace
from typing import Any

import geopandas as gpd
import jsonschema
import numpy as np
import openpyxl
import pytest
from conftest import ROOT
from districts import EAST, HEAD, KEYS, LOST, WEST, Place, added, squares
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.errors import OutputError
from gusu_geo.pipeline.output_sets import named_set, province_set
from gusu_geo.province.parts import Done
from gusu_geo.province.province_file import parse_province
from gusu_geo.province.sums import OF_SERVICES, SUMS, ExactSum, Homes, Sums, sums_of
from gusu_geo.province.totals import Head, add_up
from gusu_geo.report.schema import schema_of, schema_text
from gusu_geo.words import section, text

pytest_plugins = ["district_folders"]

STATES = ("pass", "fail", "unknown", "not_asked")


def test_totals_are_those_of_the_hand(copy: Place) -> None:
    """Persons of homes are 1, 2, 4 ... 2048 times a little; see ``outcomes``. Of reading the
    districts say 32.0 and 0.0, both together 32.01."""
    document = added(copy)
    totals, both = document["totals"], EAST + WEST
    services = {row["id"]: row for row in totals["services"]}
    assert (totals["districts"], totals["done"], totals["failed"]) == (3, 2, 1)
    assert totals["residences"] == 24
    assert totals["persons"] == round(4095 * both, 2) == 4095.67  # 4095.33 and 0.33
    assert services["reading"]["missing_persons"] == round(32 * both, 2) == 32.01
    assert services["health"]["missing_persons"] == round(2016 * both, 2)
    assert services["health"]["covered_persons"] == round(31 * both, 2)
    assert services["health"]["share"] == round(31 / 4095, 6)
    assert services["play"]["missing_persons"] == round((1 + 2 + 4 + 256 + 512 + 1024) * both, 2)
    assert services["culture"]["state"] == "no_data"
    assert (services["culture"]["no_data"], services["culture"]["share"]) == (2, None)
    assert {row["unknown_persons"] for row in services.values()} == {
        round(2048 * both, 2),
        round(4095 * both, 2),  # of culture nobody knows anything
    }
    assert totals["passed_known"]["persons"] == round((8 + 16) * both, 2)  # h400, h500
    assert totals["undetermined"] is True
    assert totals["lacking"] == round((32 + 2016 + 1799) * both, 2)
    assert totals["lacking_any"]["persons"] == round((4095 - 2048 - 8 - 16) * both, 2)
    reached = (2047 - 32) + 31 + (8 + 16 + 32 + 64 + 128)
    assert totals["mean_services"] == {"mean": round(reached / 4095, 4), "known": 3}
    assert document["ranking"] == ["p-east", "p-west"]


def test_a_district_says_what_its_summary_says(copy: Place) -> None:
    document = added(copy)
    for row in document["districts"]:
        if row["failure"]:
            continue
        summary = json.loads(
            (copy[0] / f"data/processed/{row['key']}/summary.json").read_text("utf-8")
        )
        found = row["figures"]
        for key in (
            "passed",
            "passed_known",
            "failed",
            "unknown",
            "mean_services",
            "next",
            "run_id",
        ):
            assert found[key] == summary[key]
        assert found["persons"] == summary["residences"]["persons"]
        assert row["name"] == summary["title"]
        assert (copy[0] / "maps" / found["map"]).is_file()
        assert (copy[0] / "data/processed/p" / found["data"] / "summary.json").is_file()
        assert found["most_missed"][:2] == ["health", "play"]


def test_what_failed_is_named_and_counted_nowhere(copy: Place) -> None:
    document = added(copy)
    lost = next(row for row in document["districts"] if row["key"] == "p-none")
    assert (lost["state"], lost["figures"]) == ("failed", None)
    assert lost["failure"] == {
        "stage": "cut", "message": {"zh": "没有可步行的道路。", "en": "no walkable streets."}, "ours": False,
    }  # fmt: skip
    assert document["answer"]["en"].endswith("in none of these figures: 无名区.")
    codes = {note["code"]: note for note in document["notes"]}
    assert "无名区" in codes["province_failed"]["en"]
    assert (
        "h1000" in codes["province_twice"]["zh"]
    )  # the same town twice: its homes are counted twice


def test_what_is_torn_or_of_another_run_or_was_not_reached_counts_as_failed(
    copy: Place,
) -> None:
    out, [east, west] = copy
    (out / "data/processed/p-west/access.parquet").unlink()
    document = added((out, [Done("p-east", "another"), west]), ("p-east", "p-west"))
    assert [row["failure"]["stage"] for row in document["districts"]] == ["totals", "totals"]
    assert document["totals"]["persons"] == 0
    assert (document["totals"]["passed"]["share"], document["ranking"]) == (None, [])
    made = add_up(HEAD, squares(("p-east", "p-west")), [east], [], out)
    assert made["districts"][1]["failure"] == {
        "stage": "run",
        "ours": False,
        "message": {"zh": text("province.not_reached").zh, "en": text("province.not_reached").en},
    }


@pytest.mark.parametrize(
    ("shared", "stage", "wrong"),
    [(True, "facts", True), (True, "run", False), (False, "cut", False)],
)
def test_persons_shared_out_over_a_part_of_the_region_are_not_to_be_quoted(
    copy: Place, shared: bool, stage: str, wrong: bool
) -> None:
    out, done = copy
    head, lost = replace(HEAD, shared=shared, partial=("Cut off",)), replace(LOST, stage=stage)
    document = add_up(head, squares(KEYS), done, [lost], out)
    codes = {one["code"]: one["en"] for one in document["notes"]}
    assert "Cut off" in codes["province_partial"]
    assert document["data"]["persons_incomplete"] == wrong == ("province_shares" in codes)
    assert ("province_facts_lack" in codes) == (stage == "cut")
    assert document["answer"]["en"].startswith("Do not quote persons") == wrong
    assert document["answer"]["zh"].startswith("人口不可引用") == wrong


def test_districts_of_one_name_are_told_apart_wherever_they_are_named(copy: Place) -> None:
    out, done = copy
    drawn = [replace(one, name="鼓楼区") for one in squares(KEYS)]
    drawn[1:] = [replace(drawn[1], code="320302"), replace(drawn[2], code="")]
    lost = [replace(LOST, key="p-west"), LOST]
    document = add_up(HEAD, drawn, done[:1], lost, out)
    names = {row["key"]: row["name"] for row in document["districts"]}
    assert names["p-none"] == {"zh": "鼓楼区（320302）", "en": "鼓楼区 (320302)"}
    assert names["p-west"] == {"zh": "鼓楼区（p-west）", "en": "鼓楼区 (p-west)"}
    assert names["p-east"] == {"zh": "东区", "en": "p-east"}, "the title of its study"
    assert "鼓楼区 (320302)" in document["answer"]["en"]


def test_all_files_hold_one_run_id_and_a_second_time_the_same_bytes(
    copy: Place,
) -> None:
    out, done = copy
    folder = out / "data/processed/p"
    document = added(copy)
    outputs = province_set("p", ("p-east", "p-west"), out)
    assert outputs.run_id() == document["run_id"] != ""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert [*files, outputs.map_path] == [*sorted(outputs.members[:-1]), outputs.map_path]
    before = {path: path.read_bytes() for path in outputs.members}
    added(copy)
    assert {path: path.read_bytes() for path in outputs.members} == before
    # What is no longer done leaves nothing that a reader of the folder would count.
    fewer = added((out, done[:1]), ("p-east", "p-west"))
    assert fewer["run_id"] != document["run_id"]
    assert [path.name for path in (folder / "residences").iterdir()] == ["district=p-east"]
    assert province_set("p", ("p-east",), out).run_id() == fewer["run_id"]


def test_a_study_of_that_name_keeps_its_outputs(copy: Place) -> None:
    out, done = copy
    before = (out / "data/processed/p-east/workbook.xlsx").read_bytes()
    with pytest.raises(OutputError, match="p-east"):
        add_up(Head("p-east", {"zh": "", "en": ""}), squares(KEYS), done, [LOST], out)
    assert (out / "data/processed/p-east/workbook.xlsx").read_bytes() == before


def test_the_document_fits_its_schema(copy: Place) -> None:
    file = ROOT / "gusu_geo" / "report" / "province.schema.json"
    assert file.read_text("utf-8") == schema_text("province"), "rebuild it: make schemas"
    schema = schema_of("province")
    jsonschema.Draft202012Validator.check_schema(schema)
    assert [name for name, part in schema["$defs"].items() if not part.get("description")] == []
    document = added(copy)
    check = jsonschema.Draft202012Validator(schema)
    check.validate(document)
    assert set(document) == set(schema["required"])
    document["totals"]["persons"] = "4,095.67"
    assert not check.is_valid(document)


def test_numbers_of_the_workbook_are_numbers(copy: Place) -> None:
    added(copy)
    with pytest.warns(UserWarning, match="not supported"):
        book = openpyxl.load_workbook(copy[0] / "data/processed/p/workbook.xlsx")
    assert [name.split()[0] for name in book.sheetnames] == [
        "总览",
        "区县",
        "功能",
        "没有结果的区县",
        "来源",
    ]
    rows = {row[1]: row for row in book["区县 Districts"].iter_rows(min_row=5, values_only=True)}
    assert rows["东区 p-east"][5:9] == (12, 4095.33, "—", round(24 / 4095, 6))
    assert rows["无名区"][5:12] == (None,) * 6 + ("",)
    services = list(book["功能 Services"].iter_rows(min_row=5, values_only=True))
    assert services[-1][:4] == ("合计 Total", 4095.67, round((2047 - 32) / 4095, 6), 32.01)
    assert services[-2][:3] == ("无名区", "—", "—")


# --- sums ----------------------------------------------------------------------------------

numbers = st.floats(0, 1e9) | st.sampled_from([0.1, 1 / 3, 1e-9, 2.0**53])
homes = st.lists(
    st.tuples(numbers, st.tuples(*[st.sampled_from(STATES)] * 3), st.integers(0, 3)), max_size=20
)


def as_homes(rows: list[Any]) -> Homes:
    states = np.array([states for _, states, _ in rows], object).reshape(len(rows), 3)
    worst = [
        "fail" if "fail" in row else "unknown" if "unknown" in row else "pass"
        for row in states.tolist()
    ]
    return Homes(
        ids=np.arange(len(rows)).astype(str),
        persons=np.array([persons for persons, _, _ in rows], float),
        state=np.array(worst, object),
        linked=(states != "unknown").any(axis=1),
        from_osm=np.ones(len(rows), bool),
        services=["a", "b", "c"],
        states=states,
    )  # fmt: skip


@settings(max_examples=100)
@given(homes)
def test_any_split_adds_up_to_the_last_bit(rows: list[Any]) -> None:
    known = {"a", "b"}
    whole, parts = sums_of(as_homes(rows), known), Sums.nothing()
    for district in range(4):
        parts.join(sums_of(as_homes([row for row in rows if row[2] == district]), known))
    assert whole.persons["persons"].value == math.fsum(persons for persons, _, _ in rows)
    for key in SUMS:
        assert parts.persons[key].value == whole.persons[key].value, key
        assert parts.homes[key] == whole.homes[key]
    for k, service in enumerate("abc"):
        of = [(persons, states[k]) for persons, states, _ in rows]
        expected = {
            "asked": [persons for persons, state in of if state != "not_asked"],
            **{key: [persons for persons, state in of if state == word]
               for key, word in (("covered", "pass"), ("missing", "fail"), ("unknown", "unknown"))},
        }  # fmt: skip
        for key in OF_SERVICES:
            assert parts.services[service][key].value == math.fsum(expected[key])


def test_a_sum_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        ExactSum().add([1.0, math.nan])


# --- parts ---------------------------------------------------------------------------------


def blocks(name: str) -> list[str]:
    """The Python of the documents that reads parts."""
    code = (ROOT / "docs" / name).read_text("utf-8").split("```python\n")[1:]
    return [part.split("```")[0] for part in code]


@pytest.mark.parametrize("name", ["province.md", "province.zh.md"])
def test_the_recipes_of_the_documents_read_all_parts_as_one(
    name: str, copy: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = added(copy)
    monkeypatch.chdir(copy[0])
    recipes = [
        part.replace("monaco-wards", "p").replace("library", "reading") for part in blocks(name)
    ]
    assert len(recipes) == 2
    for recipe in recipes:
        found: dict[str, Any] = {}
        exec(recipe, found)  # documents hold what a reader types
        shares = {str(key): value for key, value in found["share"].items()}
        assert set(shares) == {"p-east", "p-west"}
        for row in document["districts"]:
            if row["figures"]:
                assert shares[row["key"]] == pytest.approx(32 / 4095)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_document_tells_every_key_of_a_province(lang: str) -> None:
    name = "province.md" if lang == "en" else "province.zh.md"
    written = (ROOT / "docs" / name).read_text("utf-8")
    keys = {key: words[lang] for key, words in section("province_key").items() if "." in key}
    parts = {f"Province.{part}" for part in ("region", "districts", "scheduler")}  # tables of keys
    for key, words in keys.items():
        if key not in parts:
            table, _, field = key.partition(".")
            heading = {
                "Province": "",
                "RegionFile": "[region] ",
                "DistrictSource": "[districts] ",
                "SchedulerParams": "[scheduler] ",
            }[table]
            heading = "[province] " if field in ("name", "title") else heading
            assert f"| `{heading}{field}` | {words} |" in written, key
    printed = tomllib.loads(written.split("```toml\n")[1].split("```")[0])
    example = parse_province(printed, root=ROOT, where="monaco-wards.toml")
    assert example.osm == ROOT / "data/raw/monaco.osm.pbf"
    assert example.study().name == "monaco"


def test_every_part_has_the_same_columns_and_is_geoparquet(copy: Place) -> None:
    import pyarrow.parquet as pq

    added(copy)
    folder = copy[0] / "data/processed/p"
    for table in ("residences", "access", "zones"):
        schemas = [pq.read_schema(path) for path in sorted((folder / table).rglob("*.parquet"))]
        assert len(schemas) == 2
        assert schemas[0].equals(schemas[1]), table
    west = gpd.read_parquet(folder / "residences/district=p-west/part.parquet")
    given = gpd.read_file(named_set("p-west", copy[0]).folder / "results.gpkg", layer="residences")
    assert west.crs.to_epsg() == 4326
    assert (west["persons"] == given["persons"]).all()
    assert west.geometry.geom_equals(given.geometry).all()
    assert "detour_ratio" in gpd.read_parquet(folder / "residences/district=p-east/part.parquet")
    whole = gpd.read_parquet(folder / "zones")
    inside = whole.groupby("district", observed=True)["persons"].sum()
    assert sorted(inside.round(2)) == [0.17, 2047.17]
    outlines = gpd.read_file(folder / "districts.gpkg")
    assert outlines["persons"].tolist()[::2] == [4095.33, 0.33]
    assert outlines["failure_en"].tolist()[1] == "no walkable streets."
