"""``gusu-geo new``: a study to begin with, which runs as it is, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from datetime import datetime
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import openpyxl
import pytest
from command import gusu_geo_here
from conftest import raw_data

from gusu_geo.errors import InputError
from gusu_geo.pipeline import new_study as making
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.new_study import DISTRICT, new_study
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.report.district_book import EXAMPLES
from gusu_geo.report.starter_book import PACKS, PLACES, starter_book
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.district import district_ledgers
from gusu_geo.study.study_file import open_study

CHINESE = re.compile(r"[\u4e00-\u9fff]")
pytestmark = pytest.mark.city  # it copies the file of Monaco


def test_it_checks_as_it_is_and_every_example_row_is_a_venue_within_reach(tmp_path: Path) -> None:
    place = tmp_path / "我的 研究"
    told = gusu_geo_here("new", place, "--lang", "zh")
    assert told.returncode == 0, told.stderr
    assert f"gusu-geo check {place / 'study.toml'}" in told.stdout
    files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert files == {
        "study.toml",
        "ledgers/venues.xlsx",
        "ledgers/district.xlsx",
        "data/monaco.osm.pbf",
        "data/SOURCES.md",
    }
    copied = (place / "data" / "monaco.osm.pbf").read_bytes()
    assert copied == raw_data("monaco.osm.pbf").read_bytes()
    assert "ODbL 1.0" in (place / "data" / "SOURCES.md").read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == [place.name]
    result = gusu_geo_here("check", place / "study.toml", "--out", tmp_path, "--json", "--quiet")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["study"] == "我的-研究"
    (row,) = [row for row in report["sources"] if row["source"] == "venues.xlsx"]
    # Two stand for their place; OpenStreetMap draws the other three with an outline.
    assert row["read"] == len(PLACES) == row["used"] + row["left_out"].get("merged", 0)
    assert "no_service" not in row["left_out"] and row["doubted"] == {}


def test_a_built_in_study_is_copied_with_everything_it_names(tmp_path: Path) -> None:
    place = tmp_path / "我的 小城"
    told = gusu_geo_here("new", place, "--from", "shuixiang", "--lang", "zh")
    assert told.returncode == 0, told.stderr
    files = {
        path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()
    }
    ledgers = sorted(raw_data("shuixiang").iterdir())
    assert set(files) == {"study.toml", "data/shuixiang.osm.gz", "data/SOURCES.md"} | {
        f"ledgers/{path.name}" for path in ledgers
    }
    for path in (*ledgers, raw_data("shuixiang.osm.gz")):
        (copy,) = [each for name, each in files.items() if name.endswith(f"/{path.name}")]
        assert copy.read_bytes() == path.read_bytes()
    assert told.stdout.splitlines()[0].endswith("study.toml")
    study, original = open_study(place / "study.toml"), open_study("shuixiang")
    assert study.name == "我的-小城" and study.invented and study.rule == original.rule
    words = (place / "study.toml").read_text("utf-8")
    assert "../data" not in words and "#:schema" not in words
    # It is the same study: every source is read from the copy's own folder.
    named = [source.source for source in study.facilities[1:]]
    named += [study.residences.compounds.source, study.residences.buildings.source]  # type: ignore[union-attr]
    named += [study.compounds.gates.source, study.candidates[0].source, str(study.zones[1].source)]  # type: ignore[union-attr]
    named += [ledger.source for ledger in district_ledgers(study)]
    assert sorted(named) == [f"ledgers/{path.name}" for path in ledgers]
    assert study.path(study.network.osm) == (place / "data" / "shuixiang.osm.gz").resolve()


def test_only_built_in_studies_are_copied(tmp_path: Path) -> None:
    told = gusu_geo_here("new", tmp_path / "x", "--from", "shuixian", "--lang", "en")
    assert told.returncode == 2 and "Did you mean 'shuixiang'?" in told.stderr
    assert not (tmp_path / "x").exists()
    assert "monaco.osm.pbf" in gusu_geo_here("new", tmp_path / "m", "--from", "monaco").stdout
    for lang, words in (("zh", "沿用其规则包 gusu-1510"), ("en", "keeps its rule pack gusu-1510")):
        other = ("--from", "shuixiang", "--pack", "everyday-ten", "--lang", lang)
        told = gusu_geo_here("new", tmp_path / "x", *other)
        assert told.returncode == 2 and words in told.stderr and "--pack" in told.stderr
    assert not (tmp_path / "x").exists()
    own = gusu_geo_here("new", tmp_path / "y", "--from", "shuixiang", "--pack", "gusu-1510")
    assert own.returncode == 0, own.stderr
    assert open_study(tmp_path / "m" / "study.toml").path("data/monaco.osm.pbf").is_file()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("pack", PACKS)
def test_the_ledger_is_read_by_the_study_beside_it(tmp_path: Path, lang: str, pack: str) -> None:
    study = open_study(new_study(tmp_path / "a", pack=pack, lang=lang)[0])
    assert (study.rule.pack, study.lang, study.name) == (pack, lang, "a")
    assert [source.source for source in study.facilities] == ["osm", "ledgers/venues.xlsx"]
    ledger = study.facilities[1]
    assert ledger.crs == "wgs84"
    read = read_points(study.path(ledger.source), ledger)
    assert read.read == len(read.frame) == len(PLACES) and read.doubted == {}
    words = study.root.joinpath("study.toml").read_text("utf-8")
    comments = [line.partition("# ")[2] for line in words.splitlines() if line.startswith("# ")]
    assert (
        CHINESE.search("".join(comments)) if lang == "zh" else not CHINESE.search("".join(comments))
    )
    # Whoever switches the example of own words on gets a service that the pack has.
    (meant,) = re.findall(r'^# words = \{ ".*?" = "(.*?)"', words, re.MULTILINE)
    assert meant in load_pack(pack).service_ids
    known = {name for s in load_pack(pack).services for name in (s.zh if lang == "zh" else s.en,)}
    assert set(read.frame["service"]) <= known


@pytest.mark.parametrize(
    ("lang", "sheets", "column"), [("zh", ["点位", "说明", "清单"], "功能"), ("en", ["Venues", "Notes", "Lists"], "service")]
)  # fmt: skip
def test_services_are_picked_from_a_list(
    tmp_path: Path, lang: str, sheets: list[str], column: str
) -> None:
    pack = load_pack("gusu-1510")
    path = tmp_path / "venues.xlsx"
    path.write_bytes(starter_book(pack, lang))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == sheets
    head = [cell.value for cell in book[sheets[0]][1]]
    rules = {str(rule.sqref): rule for rule in book[sheets[0]].data_validations.dataValidation}
    letter = "ABCDEFG"[head.index(column)]
    rule = rules[f"{letter}2:{letter}2001"]
    assert (rule.type, rule.formula1) == ("list", f"'{sheets[2]}'!$A$2:$A$11")
    assert rule.errorStyle == "warning"  # several services in a cell are right, too
    offered = [book[sheets[2]].cell(row, 1).value for row in range(2, 12)]
    assert offered == [s.zh if lang == "zh" else s.en for s in pack.services]
    explained = [row[0].value for row in book[sheets[1]].iter_rows()]
    assert explained[: len(head)] == head
    assert all(row[1].value for row in book[sheets[1]].iter_rows())


def test_the_workbook_is_the_same_on_every_day() -> None:
    pack = load_pack("everyday-ten")
    first = starter_book(pack, "zh")
    assert first == starter_book(pack, "zh") != starter_book(pack, "en")
    assert openpyxl.load_workbook(BytesIO(first)).properties.created == datetime(2000, 1, 1)


def state(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in sorted(folder.rglob("*"))}


@pytest.mark.parametrize("name", ["file", "taken", "file/inside", "/proc/self/new", "n" * 300])
def test_a_place_that_will_not_do_is_one_message_and_nothing_changes(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine, too")
    before = state(tmp_path)
    result = gusu_geo_here("new", tmp_path / name, "--lang", "en")
    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Name a folder that is new or empty." in result.stderr
    assert state(tmp_path) == before


def test_an_empty_folder_is_filled_and_another_pack_is_refused(tmp_path: Path) -> None:
    result = gusu_geo_here("new", tmp_path, "--pack", "gusu-1511", "--lang", "en")
    assert result.returncode == 2 and "Did you mean 'gusu-1510'?" in result.stderr
    with pytest.raises(InputError, match="null byte"):
        new_study(tmp_path / "a\0b")
    assert list(tmp_path.iterdir()) == []
    inode = tmp_path.stat().st_ino  # somebody's shell may stand in it
    assert new_study(tmp_path)[0].is_file() and tmp_path.stat().st_ino == inode


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    rename = Path.rename

    def until_the_last(path: Path, target: Path) -> Path:
        if path.name == "study.toml":
            raise full
        return rename(path, target)

    faults = {(shutil, "copyfile"): full, (making, "starter_book"): full}
    for (target, name), fault in (*faults.items(), ((Path, "rename"), until_the_last)):
        how = {"side_effect": fault, "autospec": True}
        with patch.object(target, name, **how), pytest.raises(InputError, match="space"):
            new_study(tmp_path / "deep" / "new")
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def switched_on(words: str) -> str:
    """The study file with the parts of the district's own ledgers switched on: "# " deleted before
    their settings."""
    start, stop = words.index("# [signals]"), words.index("\n[report]")
    lines = words[start:stop].split("\n")
    plain = [line[2:] if re.match(r"# (\[\w+\]$|\w+ = )", line) else line for line in lines]
    return words[:start] + "\n".join(plain) + words[stop:]


@pytest.mark.parametrize(("lang", "pack"), [("zh", "everyday-ten"), ("en", "gusu-1510")])
def test_ledgers_of_the_district_run_once_they_are_switched_on(
    tmp_path: Path, lang: str, pack: str
) -> None:
    """Example rows name wards of Monaco, themes of the study, functions of the pack: none of them is
    rejected, and each says something."""
    path = new_study(tmp_path / "a", pack=pack, lang=lang)[0]
    off = open_study(path)
    assert list(district_ledgers(off)) == [] and off.capacity is off.pairing is None
    path.write_text(switched_on(path.read_text("utf-8")), encoding="utf-8")
    ground = prepare(path, out=tmp_path)
    assert len(list(district_ledgers(ground.study))) == 6
    outcome = outcome_of(ground, judge_ground(ground), by_tier=True)
    rows = {row["kind"]: row for row in outcome.summary["sources"] if row["source"] == DISTRICT[8:]}
    assert {kind: row["read"] for kind, row in rows.items()} == {
        key: len(cells) for key, cells in EXAMPLES.items()
    }
    assert all(row["read"] == row["used"] and not row["doubted"] for row in rows.values())
    signals, pairing = outcome.summary["signals"], outcome.summary["pairing"]
    assert signals["located"] == {"point": 1, "compound": 0, "community": 1, "none": 0}
    assert {cell["name"]: cell["visits"] for cell in signals["cells"] if cell["visits"]} == {
        "Larvotto": 24,
        "Fontvieille": 30,
    }
    assert sum(count or 0 for cell in signals["cells"] for count in cell["services"].values()) == 1
    assert pairing["without_functions"] == [] and len(pairing["pairs"]) >= 9
    assert [row["projects"] for row in pairing["needs"] if row["name"] == "Fontvieille"] != [[]]
    (reading,) = [row for row in outcome.summary["capacity"]["services"] if row["norm"]]
    assert (reading["known"], reading["supply"]) == (1, 60)
    teams = outcome.summary["capacity"]["teams"]
    assert [row["placed"] for row in teams] == [1, 1] and sum(row["fte"] for row in teams) == 5.5
    book = openpyxl.load_workbook(path.parent / DISTRICT)
    assert len(book.sheetnames) == 7
    notes = [tuple(cell.value for cell in row) for row in book.worksheets[6].iter_rows()]
    for sheet in book.worksheets[:6]:
        explained = [head for part, head, _ in notes if part == sheet.title and head]
        assert explained == [cell.value for cell in sheet[1]]
    assert all(said for *_, said in notes)


def test_a_team_whose_place_nobody_knows_counts_nowhere(tmp_path: Path) -> None:
    """No point, no venue of a community's tier in Monaco, and none else: nothing to walk from."""
    path = new_study(tmp_path / "a", lang="zh")[0]
    book = openpyxl.load_workbook(path.parent / DISTRICT)
    for row in book["队伍"].iter_rows(min_row=2):
        for cell in row[5:7]:
            cell.value = None
    book.save(path.parent / DISTRICT)
    words = path.read_text("utf-8").replace("# [capacity]", "[capacity]")
    words = re.sub(r"^# (teams = .*)$", r"\1", words, flags=re.MULTILINE)
    path.write_text(words, encoding="utf-8")
    ground = prepare(path, out=tmp_path)
    outcome = outcome_of(ground, judge_ground(ground), by_tier=True)
    teams = outcome.summary["capacity"]["teams"]
    assert [(row["rows"], row["placed"], row["per_1000"]) for row in teams] == [(1, 0, None)] * 2
