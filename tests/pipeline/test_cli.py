"""The command line as a user meets it: a process of its own, its output, its exit code."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import pytest
from command import gusu_geo, gusu_geo_here, outputs
from conftest import raw_data

from gusu_geo.cli.progress import warn_of_size
from gusu_geo.pipeline import cache

ROOT = Path(__file__).resolve().parents[2]
MONACO = (ROOT / "studies" / "monaco.toml").read_text(encoding="utf-8")


def test_a_map_too_large_to_mail_says_so(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "map.html"
    path.write_bytes(b" " * 20_000_000)
    warn_of_size(path)
    assert capsys.readouterr().err == ""
    path.write_bytes(b" " * 20_600_000)
    warn_of_size(path)
    assert "the map has 21 MB: try --lite" in capsys.readouterr().err


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, with_monaco: Callable[[Path], Path]) -> Path:
    """A folder with the outputs of ``run monaco``, which no test changes."""
    out = with_monaco(tmp_path_factory.mktemp("run"))
    result = gusu_geo("run", "monaco", "--out", out, "--json")
    assert result.returncode == 0, result.stderr
    (out / "stdout.json").write_text(result.stdout, encoding="utf-8")
    return out


@pytest.fixture
def copied(done: Path, tmp_path: Path) -> Path:
    """The same outputs and the same cache, to be changed at will."""
    return shutil.copytree(done, tmp_path / "copied")


def study_with(tmp_path: Path, *changes: tuple[str, str], osm: Path | None = None) -> Path:
    """Monaco's study with some lines changed."""
    text = MONACO.replace("../data/raw/monaco.osm.pbf", str(osm or raw_data("monaco.osm.pbf")))
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_run_writes_all_outputs_and_json_is_the_summary(done: Path) -> None:
    assert set(outputs(done)) == {
        "data/processed/monaco/summary.json",
        "data/processed/monaco/access.parquet",
        "data/processed/monaco/results.gpkg",
        "data/processed/monaco/workbook.xlsx",
        "maps/monaco.html",
    }
    told = json.loads((done / "stdout.json").read_text(encoding="utf-8"))
    assert told == json.loads((done / "data/processed/monaco/summary.json").read_text("utf-8"))


def test_tables_agree_with_each_other(done: Path) -> None:
    folder = done / "data/processed/monaco"
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    access = pd.read_parquet(folder / "access.parquet")
    homes = summary["residences"]["total"]
    assert len(access) == homes * len(summary["services"])
    passing = (access["state"] == "pass").groupby(access["residence_id"]).all()
    assert int(passing.sum()) == summary["passed"]["residences"]
    near = access["slack_s"] >= 0
    assert ((access["state"] == "pass") == near).all()
    assert (access["nearest_s"] >= 0).all()
    assert access["nearest_id"].isna().equals(access["nearest_s"] == float("inf"))
    for level_total in (sum(z["persons"] for z in summary["zones"]),):
        assert level_total == pytest.approx(summary["residences"]["persons"], abs=0.2)
    assert summary["residences"]["persons"] == pytest.approx(38_367, abs=0.01)
    assert (
        summary["one_stop"]["persons"]
        <= summary["passed"]["persons"]
        <= summary["passed_known"]["persons"]
    )


def test_layers_of_the_geopackage(done: Path) -> None:
    import geopandas as gpd

    path = done / "data/processed/monaco/results.gpkg"
    shown = {"residences", "zones", "facilities", "gaps", "compounds"}
    surveyed = {"missing_links", "service_areas", "uncovered"}
    assert set(gpd.list_layers(path)["name"]) == shown | surveyed
    homes = gpd.read_file(path, layer="residences")
    gaps = gpd.read_file(path, layer="gaps")
    assert homes.crs.to_epsg() == 4326
    assert homes["persons_estimate"].all()
    assert len(gaps) == homes["missing_count"].sum()
    venues = gpd.read_file(path, layer="facilities")
    grounds = venues[(venues["service"] == "school") & (venues["door"] == "assumed")]
    assert len(grounds)  # schools drawn without wall and gate
    assert (venues["door"] == "entrance").any()
    assert len(gpd.read_file(path, layer="zones")) == 9
    for layer in shown | surveyed:
        assert "index" not in gpd.read_file(path, layer=layer).columns, layer


def test_a_run_from_the_file_and_one_from_the_kept_city_write_the_same_bytes(
    done: Path, tmp_path: Path
) -> None:
    """In two processes: that of the command, and this one."""
    kept = outputs(done)
    assert gusu_geo_here("run", "monaco", "--out", tmp_path, "--quiet").returncode == 0
    fresh = outputs(tmp_path)
    assert [name for name in kept if fresh[name] != kept[name]] == []


def test_a_change_of_speed_reads_no_osm_file(copied: Path) -> None:
    args = ("--out", copied, "--profile", "frail", "--no-survey", "--json", "--quiet")
    with patch.object(cache, "read_city", side_effect=AssertionError("the OSM file was read")):
        again = gusu_geo_here("run", "monaco", *args)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["walk"]["speed_mps"] == 0.6


def test_isochrone_prints_nested_geojson(done: Path, tmp_path: Path) -> None:
    at = "7.4246,43.7395"
    result = gusu_geo_here(
        "isochrone", "monaco", "--at", at, "--minutes", "5,10", "--out", done, "--quiet"
    )
    assert result.returncode == 0, result.stderr
    features = json.loads(result.stdout)["features"]
    assert [f["properties"]["minutes"] for f in features] == [5.0, 10.0]
    assert 0 < features[0]["properties"]["street_m"] < features[1]["properties"]["street_m"]
    spilled = [f["properties"]["spill"] for f in features]
    assert 0 < max(spilled) < 0.01
    for minutes, share in zip((5, 10), spilled, strict=True):
        assert f"{minutes} min: {share:.2%} of the street inside is not reached" in result.stderr
    target = tmp_path / "iso.geojson"
    result = gusu_geo_here(
        "isochrone", "monaco", "--at", at, "-o", target, "--out", done, "--quiet"
    )
    assert result.returncode == 0
    assert len(json.loads(target.read_text())["features"]) == 3


def test_explain_shows_what_the_table_says(done: Path) -> None:
    access = pd.read_parquet(done / "data/processed/monaco/access.parquet")
    home = access.loc[access["nearest_s"].between(700, 1700), "residence_id"].iloc[0]
    result = gusu_geo_here("explain", "monaco", home, "--out", done, "--json")
    assert result.returncode == 0, result.stderr
    proof = json.loads(result.stdout)
    rows = access[access["residence_id"] == home].set_index("service")
    for row in proof["services"]:
        assert row["state"] == rows.loc[row["id"], "state"]
        if row["nearest_s"] is not None:
            assert row["nearest_s"] == rows.loc[row["id"], "nearest_s"]
            assert row["way"]["seconds"] == row["nearest_s"]
            assert row["venue"]["facility_id"] == rows.loc[row["id"], "nearest_id"]
    assert (
        "最近点位" in gusu_geo_here("explain", "monaco", home, "--out", done, "--lang", "zh").stdout
    )


def test_site_writes_a_plan_and_never_loses(copied: Path) -> None:
    result = gusu_geo_here("site", "monaco", "--sites", 1, "--out", copied, "--json", "--quiet")
    assert result.returncode == 0, result.stderr
    plan = json.loads(result.stdout)
    assert plan == json.loads(
        (copied / "data/processed/monaco/plan/1-site/plan.json").read_text("utf-8")
    )
    assert len(plan["chosen"]) <= 1
    assert plan["bound_persons"] >= plan["objective_persons"] >= 0
    assert plan["after"]["passed_known_persons"] >= plan["before"]["passed_known_persons"]


def test_check_and_studies_print_tables() -> None:
    listed = json.loads(gusu_geo_here("studies", "--json").stdout)
    assert "monaco" in [row["name"] for row in listed["studies"]]
    assert {"gusu-1510", "everyday-ten"} <= {row["id"] for row in listed["packs"]}
    assert "姑苏区正式清单以主管部门文件为准" in gusu_geo_here("studies", "--lang", "zh").stdout


def test_check_names_services_and_network(done: Path) -> None:
    told = gusu_geo_here("check", "monaco", "--out", done, "--json", "--quiet").stdout
    report = json.loads(told)
    assert len(report["services"]) == 10
    assert report["network"]["largest_share"] > 0.9
    assert report["network"]["barriers"]
    for row in report["sources"]:
        assert row["read"] == row["used"] + sum(row["left_out"].values()), row["kind"]
    summary = json.loads((done / "data/processed/monaco/summary.json").read_text(encoding="utf-8"))
    assert summary["sources"] == report["sources"]
    shown = gusu_geo_here("check", "monaco", "--out", done, "--quiet", "--lang", "zh").stdout
    buildings = next(row for row in report["sources"] if row["kind"] == "buildings")
    assert "来源：monaco.osm.pbf" in shown
    cells = [cell.strip() for line in shown.split("\n") for cell in line.split("│")]
    at = cells.index("建筑（选取住处）")
    assert cells[at + 1 : at + 3] == [f"{buildings['read']:,}", f"{buildings['used']:,}"]


def bad(name: str, tmp_path: Path) -> Path:
    """A study with one thing wrong."""
    junk = tmp_path / "junk.osm.pbf"
    real = raw_data("monaco.osm.pbf").read_bytes()
    match name:
        case "missing file":
            return study_with(tmp_path, osm=tmp_path / "nowhere.osm.pbf")
        case "truncated":
            junk.write_bytes(real[:300_000])
            return study_with(tmp_path, osm=junk)
        case "pdf":
            junk.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
            return study_with(tmp_path, osm=junk)
        case "unknown key":
            return study_with(tmp_path, ("minutes = 15", "minuts = 15"))
        case "unknown pack":
            return study_with(tmp_path, ('pack = "everyday-ten"', 'pack = "everyday-tem"'))
        case "area outside":
            return study_with(
                tmp_path,
                (
                    'osm_admin = { name = "Monaco", admin_level = 8, within = [7.40, 43.72, 7.45, 43.76] }',
                    "bbox = [120.5, 31.2, 120.7, 31.4]",
                ),
            )
        case "no residences":
            return study_with(
                tmp_path,
                (
                    'osm_admin = { name = "Monaco", admin_level = 8, within = [7.40, 43.72, 7.45, 43.76] }',
                    "bbox = [7.4325, 43.7300, 7.4335, 43.7310]",
                ),
            )
        case "no streets":
            osm = tmp_path / "house.osm"
            osm.write_text(HOUSE_ONLY)
            return study_with(
                tmp_path,
                (
                    'osm_admin = { name = "Monaco", admin_level = 8, within = [7.40, 43.72, 7.45, 43.76] }',
                    "bbox = [7.41, 43.73, 7.43, 43.75]",
                ),
                ('[[zones]]\nlevel = "ward"\nsource = { osm_admin_level = 10 }', ""),
                osm=osm,
            )
        case "minutes 0":
            return study_with(tmp_path, ("minutes = 15", "minutes = 0"))
        case "minutes negative":
            return study_with(tmp_path, ("minutes = 15", "minutes = -15"))
        case "speed nan":
            return study_with(tmp_path, ('profile = "standard"', "speed_mps = nan"))
    raise ValueError(name)


HOUSE_ONLY = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="43.7400" lon="7.4200"/><node id="2" lat="43.7400" lon="7.4203"/>
<node id="3" lat="43.7402" lon="7.4203"/><node id="4" lat="43.7402" lon="7.4200"/>
<way id="9"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
<tag k="building" v="apartments"/></way></osm>"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing file", "nowhere.osm.pbf"),
        ("truncated", "junk.osm.pbf"),
        ("pdf", "junk.osm.pbf"),
        ("unknown key", "Did you mean 'minutes'"),
        ("unknown pack", "Did you mean 'everyday-ten'"),
        ("area outside", "outside"),
        ("no residences", "no "),
        ("no streets", "no walkable streets"),
        ("minutes 0", "minutes must be above 0"),
        ("minutes negative", "minutes must be above 0"),
        ("speed nan", "walk.speed_mps: Input should be a finite number"),
    ],
)
def test_bad_input_is_one_message_exit_2_and_outputs_untouched(
    name: str, message: str, done: Path, tmp_path: Path
) -> None:
    before = outputs(done)
    result = gusu_geo_here("run", bad(name, tmp_path), "--out", done, "--quiet")
    assert result.returncode == 2, result.stderr
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert outputs(done) == before
    assert not list(done.rglob(".gusu-geo-*"))


@pytest.mark.city
def test_output_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    result = gusu_geo_here("run", "monaco", "--out", tmp_path, "--quiet")
    assert result.returncode == 2
    assert "--out" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.city
def test_read_only_output_folder(tmp_path: Path) -> None:
    """/proc is read-only even for root."""
    result = gusu_geo_here("run", "monaco", "--out", "/proc/self", "--quiet")
    assert result.returncode == 2
    assert "cannot be written" in result.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A real file system of 4 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], check=False)
    if mounted.returncode:
        pytest.skip("this machine may not mount a small disk to fill")
    yield place
    subprocess.run(["umount", place], check=True)


def test_full_disk_leaves_the_previous_outputs(small_disk: Path, done: Path) -> None:
    shutil.copytree(
        done / "data", small_disk / "data", ignore=shutil.ignore_patterns("workbook.xlsx")
    )
    (small_disk / "maps").mkdir()
    (small_disk / "maps" / "monaco.html").write_text("the previous map")
    free = shutil.disk_usage(small_disk).free
    (small_disk / "ballast").write_bytes(b"x" * max(0, free - 300_000))
    before = outputs(small_disk)
    result = gusu_geo_here("run", "monaco", "--out", small_disk, "--no-survey", "--quiet")
    assert result.returncode == 2, result.stderr
    assert "disk is full" in result.stderr
    assert outputs(small_disk) == before


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["isochrone", "monaco", "--at", "7.4246"], "--at must be 2 numbers"),
        (["isochrone", "monaco", "--at", "0,0"], "no street within 100 m"),
        (
            ["isochrone", "monaco", "--at", "7.4246,43.7395", "--minutes", "0"],
            "minutes must be above 0",
        ),
        (["isochrone", "monaco", "--at", "7.4246,43.7395", "--minutes", "1e7"], "at most 120"),
        (["isochrone", "monaco", "--at", "7.4246,43.7395", "--minutes", "5,nan"], "Got nan"),
        (["isochrone", "monaco", "--at", "nan,nan"], "--at must be LON,LAT"),
        (["explain", "monaco", "w1"], "no such home"),
        (["site", "monaco", "--sites", "0"], "sites"),
        (["run", "monacco"], "Did you mean 'monaco'"),
        (["run", "--profile", "eldr"], "Did you mean 'elder'"),
    ],
)
def test_bad_arguments_exit_2_with_one_message(args: list[str], message: str, done: Path) -> None:
    command = gusu_geo if args == ["run", "monacco"] else gusu_geo_here  # once as a process
    result = command(*args, "--out", done)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
