"""Damage, rivals and things in the way: the outputs stay whole and the numbers right."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from command import gusu_geo, gusu_geo_here
from own_study import STUDY, drawn, folder, ledger, lonlat
from scenes import Scene

import gusu_geo as gg
from gusu_geo.errors import OutputError
from gusu_geo.pipeline.cache import cached_city, load_city, save_city
from gusu_geo.pipeline.digests import _parts
from gusu_geo.sources.city import read_city
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.params import Walk
from gusu_geo.study.study_file import open_study
from gusu_geo.tables import WayFlag
from gusu_geo.walking.linkage import Reason

__all__ = ["folder"]  # the fixture of a hand-drawn study


def cache_of(place: Path) -> Path:
    (city,) = place.glob("data/processed/*/.cache/city-*")
    return city


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with study and results, which no test changes, and its summary."""
    folder = drawn(tmp_path_factory.mktemp("ran"))
    return folder, dict(gg.run(folder / "study.toml", out=folder, survey=False).summary)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("arrays.npz", b""),
        ("arrays.npz", b"PK\x03\x04 cut"),
        ("city.json", b"[]"),
        ("city.json", b'{"crs": "nonsense", "facts": {}}'),
        ("residences.parquet", b"PAR1"),
        ("zones.parquet", None),
    ],
)
def test_a_damaged_cache_is_read_again(
    ran: tuple[Path, dict[str, Any]], tmp_path: Path, name: str, content: bytes | None
) -> None:
    folder = shutil.copytree(ran[0], tmp_path / "copy")
    path = cache_of(folder) / name
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    assert gg.run(folder / "study.toml", out=folder, survey=False).summary == ran[1]
    assert (cache_of(folder) / name).read_bytes() == whole  # the same place, read and kept again


@pytest.mark.city
def test_the_cache_keeps_the_city_whole() -> None:
    study = open_study("monaco")
    city = read_city(study, load_pack(study.rule.pack, study.root))
    with TemporaryDirectory() as place:
        save_city(city, Path(place) / "city")
        kept = load_city(Path(place) / "city")
    for one, two in (
        (city.residences.entrances, kept.residences.entrances),
        (city.facilities.entrances, kept.facilities.entrances),
        (city.streets, kept.streets),
    ):
        for key, value in vars(one).items():
            assert value.dtype == vars(two)[key].dtype
            assert np.array_equal(value, vars(two)[key]), key
    for key in ("area", "surroundings", "compounds", "gates", "plazas"):
        one, two = (getattr(whole, key).astype({"geometry": object}) for whole in (city, kept))
        assert one.map(str).equals(two.map(str)), key


def test_a_file_where_the_cache_should_be_is_no_obstacle(folder: Path) -> None:
    before = gg.run(folder / "study.toml", out=folder, survey=False).summary
    place = cache_of(folder)
    for path in place.iterdir():
        path.unlink()
    place.rmdir()
    place.write_text("in the way")
    assert gg.run(folder / "study.toml", out=folder, survey=False).summary == before


def test_every_part_of_a_shapefile_counts(tmp_path: Path) -> None:
    for end in ("shp", "dbf", "prj"):
        (tmp_path / f"homes.{end}").touch()
    (tmp_path / "homes2.dbf").touch()
    assert {path.name for path in _parts(tmp_path / "homes.shp")} == {
        "homes.shp",
        "homes.dbf",
        "homes.prj",
    }


def test_a_changed_ledger_is_read_again(folder: Path) -> None:
    assert (
        gg.run(folder / "study.toml", out=folder, survey=False).summary["residences"]["persons"]
        == 150
    )
    path = folder / "homes.csv"
    path.write_text(path.read_text("utf-8-sig").replace(",40,", ",41,"), encoding="utf-8")
    assert (
        gg.run(folder / "study.toml", out=folder, survey=False).summary["residences"]["persons"]
        == 151
    )


def test_a_cache_that_cannot_be_kept_costs_nothing_but_time(folder: Path) -> None:
    study = open_study(folder / "study.toml")
    city = cached_city(study, load_pack(study.rule.pack, study.root), folder=Path("/proc/none"))
    assert len(city.residences.frame) == 4


@pytest.mark.parametrize("blocked", ["data/processed/own/workbook.xlsx", "maps/own.html"])
def test_a_folder_in_the_way_of_an_output_stops_all_of_them(folder: Path, blocked: str) -> None:
    gg.run(folder / "study.toml", out=folder, survey=False)
    (folder / blocked).unlink()
    (folder / blocked).mkdir()
    own = [*folder.glob("data/processed/own/*.*"), *folder.glob("maps/*")]
    before = {path: path.read_bytes() for path in own if path.is_file()}
    (folder / "study.toml").write_text(STUDY + "[walk]\nspeed_mps = 0.5\n", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        gg.run(folder / "study.toml", out=folder, survey=False)
    assert {path: path.read_bytes() for path in before} == before


def test_runs_at_once_in_one_folder_all_end_well(folder: Path) -> None:
    code = "from gusu_geo.cli import main; main()"
    study = str(folder / "study.toml")
    args = [sys.executable, "-c", code, "run", study, "--out", str(folder), "--quiet"]
    runs = [
        subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)
    ]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [(b"", 0)] * 2
    written = [*folder.glob("data/processed/own/*"), *folder.glob("maps/*")]
    assert sum(path.is_file() for path in written) == 5
    assert not list(folder.rglob(".gusu-geo-*"))


def test_venues_that_touch_no_street_are_told_and_count_for_nobody(folder: Path) -> None:
    ledger(
        folder / "venues.csv",
        {"a": (150, 0), "far": (950, 300)},
        名称=["甲", "远"],
        功能=["阅读", "健康"],
    )
    summary = gg.run(folder / "study.toml", out=folder, survey=False).summary
    assert [row["state"] for row in summary["services"]] == ["known", "no_data"]
    assert [row["reason"] for row in summary["unlinked_venues"]] == ["too_far"]
    assert "远" in next(n for n in summary["notes"] if n["code"] == "unlinked_venues")["zh"]
    # h1 and h2 reach the library; nobody can know about health
    assert summary["failed"]["persons"] == 40
    assert summary["unknown"]["persons"] == 110


def test_closing_private_ways_makes_islands_of_what_hangs_on_them() -> None:
    scene = (
        Scene()
        .way("a b", a=(0, 0), b=(6000, 0))
        .way("b c", c=(6000, 50), flags=WayFlag.PRIVATE)
        .way("c d", d=(6000, 110))
        .home("h", 6005, 100)
        .venue("v", 5800, 0)
    )
    assert scene.measure().is_linked[0]
    table = scene.measure(walk=Walk(private="closed"), snap_max_m=60)
    assert table.reason[0] == Reason.ISLAND


def test_a_console_that_knows_no_chinese_prints_all_the_same() -> None:
    result = gusu_geo("studies", env={"PYTHONIOENCODING": "ascii"})
    assert result.returncode == 0
    assert "monaco" in result.stdout


def test_candidates_are_looked_at_by_check(folder: Path) -> None:
    (folder / "idle.csv").unlink()
    result = gusu_geo_here("check", folder / "study.toml", "--out", folder, "--quiet")
    assert result.returncode == 2
    assert "idle.csv" in result.stderr


def isochrone(folder: Path, target: Path) -> tuple[int, str]:
    at = ",".join(map(str, lonlat(150)))
    args = ("--at", at, "--minutes", "5", "-o", target, "--out", folder, "--quiet")
    done = gusu_geo_here("isochrone", folder / "study.toml", *args)
    return done.returncode, done.stderr


def test_only_plain_files_are_replaced(folder: Path, tmp_path: Path) -> None:
    """A device node of the container was replaced by a file of 6 kB."""
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "to_pipe").symlink_to("pipe")
    before = {name: (folder / name).lstat() for name in ("pipe", "folder", "loop", "to_pipe")}
    for name in before:
        code, message = isochrone(folder, folder / name)
        assert code == 2 and str(folder / name) in message
        after = (folder / name).lstat()
        assert (after.st_mode, after.st_ino) == (before[name].st_mode, before[name].st_ino)
    for place in (Path("/dev/null"), tmp_path / ("a" * 300), tmp_path / "none" / "a.json"):
        code, message = isochrone(folder, place)
        assert code == 2 and message.count("\n") == 1
    assert Path("/dev/null").is_char_device()
    assert not list(folder.rglob("*.part-*"))


def test_a_link_keeps_pointing_where_it_did(folder: Path) -> None:
    (folder / "real.json").write_text("old")
    (folder / "link.json").symlink_to("real.json")
    (folder / "coming.json").symlink_to("new.json")
    long = folder / ("a" * 255)  # no room for another letter
    for target in (folder / "link.json", folder / "coming.json", long):
        assert isochrone(folder, target)[0] == 0
    assert (folder / "link.json").is_symlink() and (folder / "coming.json").is_symlink()
    for name in ("real.json", "new.json", long.name):
        assert json.loads((folder / name).read_text())["type"] == "FeatureCollection"


FAULTS = {
    "street.osm": b"<?xml version='1.0'?><osm version='0.6'><node id='x'/></osm>",
    "homes.csv": b"\xff\x00\xff",
    "venues.csv": b"a,b\n1,2,3,4,5\n",
    "area.geojson": b'{"type": "Polygon", "coordinates": [[[120.61, 31.3], [120.63',
    "halves.geojson": b'{"type": "Polygon", "coordinates": [[[120.61, 31.3]]]}',
    "pack.toml": b"x = " + b"[" * 5000,
    "study.toml": b"[study]\nname = 0x" + b"f" * 5000,
}


@pytest.mark.parametrize("name", FAULTS)
def test_check_says_what_run_says(folder: Path, name: str) -> None:
    (folder / name).write_bytes(FAULTS[name])
    args = (folder / "study.toml", "--out", folder / "out", "--quiet")
    checked, ran = (gusu_geo_here(command, *args) for command in ("check", "run"))
    assert (checked.returncode, checked.stderr) == (ran.returncode, ran.stderr)
    assert ran.returncode == 2 and name in ran.stderr
    assert ran.stderr.count("\n") == 1, "one message"


def test_check_finds_a_folder_that_cannot_be_written(folder: Path) -> None:
    args = (folder / "study.toml", "--out", "/proc/none", "--quiet")
    checked, ran = (gusu_geo_here(command, *args) for command in ("check", "run"))
    assert (checked.returncode, checked.stderr) == (ran.returncode, ran.stderr)
    assert ran.returncode == 2
