"""A study that asks for moments: ledger in GBK with Chinese hours, its own calendar, every output.

The street of ``own_study``: h1 (10 persons) reaches all of a (reading), b (reading) and c (health)
in 900 s, h2 (20) likewise, h3 (40) none, h4 (80) is not linked to a street. a is shared by a school
on Saturdays, b's hours are unreadable, c is open on working days.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from command import gusu_geo_here
from openpyxl import load_workbook
from own_study import STUDY, folder, ledger

from gusu_geo.errors import InputError, SourceError
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.sources.holidays import read_days_off
from gusu_geo.study.study_file import open_study, parse_study

__all__ = ["folder"]  # the fixture of a hand-drawn study

ASKED = """
[hours]
at = ["2026-12-02 10:00", "2026-12-05 10:00", "2027-10-01 10:00"]
week = true
week_of = 2026-12-02
stay_minutes = 45
calendar = "放假.csv"
"""


@pytest.fixture
def asking(folder: Path) -> Path:
    venues = {"a": (150, 0), "b": (950, 0), "c": (950, 0)}
    ledger(
        folder / "venues.csv", venues, 名称=["甲", "乙", "乙"], 功能=["阅读", "reading", "健康"],
        开放时间=["周一至周五 9:00-17:00", "看情况而定", "工作日９：００－１７：００"],
        共享时段=["周六 9:00-12:00", "", ""], 开放方=["实验小学", "", ""],
    )  # fmt: skip
    table = pd.read_csv(folder / "venues.csv", encoding="utf-8-sig", dtype=str)
    table.to_csv(folder / "venues.csv", index=False, encoding="gb18030")
    (folder / "放假.csv").write_text(
        "日期,安排\n2027-10-01,休\n2027/10/9,班\n2027年10月2日,休\n", encoding="gb18030"
    )
    (folder / "study.toml").write_text(STUDY + ASKED, encoding="utf-8")
    return folder


def test_every_output_shows_the_moments(asking: Path) -> None:
    done = gusu_geo_here("run", asking / "study.toml", "--out", asking, "--lang", "en")
    assert done.returncode == 0, done.stderr
    written = asking / "data" / "processed" / "own"
    summary = json.loads((written / "summary.json").read_text("utf-8"))
    facts = summary["hours"]
    # Wednesday: c is open, of reading b may be. Saturday: a is open, c closed; nobody has both.
    # The holiday of the own calendar: c closed. h4 may have anything, as ever.
    assert [row["day"] for row in facts["at"]] == ["ordinary", "ordinary", "off"]
    health, reading = ([row["services"][k] for row in facts["at"]] for k in (1, 0))
    assert [(b["low_persons"], b["high_persons"]) for b in health] == [(30, 110), (0, 80), (0, 80)]
    assert [(b["low_persons"], b["high_persons"]) for b in reading] == [(0, 110), (30, 110), (0, 110)]  # fmt: skip
    assert [row["all"]["low"] for row in facts["at"]] == [0, 0, 0]
    assert facts["week_of"] == "2026-11-30" and len(facts["week"]) == 168
    assert facts["stay_minutes"] == 45
    assert facts["calendar"]["source"].startswith("chinesecalendar ")
    assert (
        facts["calendar"]["source"].endswith(" + 放假.csv") and 2027 in facts["calendar"]["years"]
    )
    dates = facts["calendar"]["dates"]
    assert len(dates) == 33 + 6 + 3 and dates["2026-10-10"] == "make_up"
    assert (dates["2027-10-01"], dates["2027-10-09"]) == ("off", "make_up")
    best = facts["longer"][0]
    assert (best["name"], best["when"], best["gained_low"]) == ("乙", "2026-12-05 10:00", 30)
    assert best["gained_high"] == best["all_known_low"] == 30
    hosts = {row["host"] for row in facts["longer"] if row["venue_id"].endswith(":a")}
    assert hosts == {"实验小学"}
    notes = {note["code"]: note for note in summary["notes"]}
    assert "看情况而定" in notes["hours_unread"]["zh"] and "of 4 opening hours 1" in notes["hours_unread"]["en"]  # fmt: skip
    assert "By moment" in done.stdout or "by moment" in done.stdout
    assert "Longer hours: 乙" in done.stdout
    _workbook_shows(written / "workbook.xlsx", facts)
    homes = gpd.read_file(written / "results.gpkg", layer="residences").set_index("residence_id")
    assert homes["at_20261202_1000"].to_dict() == {"h1": "unknown", "h2": "unknown", "h3": "fail", "h4": "unknown"}  # fmt: skip
    layers = pd.DataFrame(prepare(asking / "study.toml", out=asking).city.facilities.frame)
    assert set(layers["host"]) == {"", "实验小学"}


def _workbook_shows(path: Path, facts: dict[str, Any]) -> None:
    book = load_workbook(path)
    moments, week, longer = (book[name] for name in ("分时刻 At moments", "一周 Week", "延长开放 Open longer"))  # fmt: skip
    head = [cell.value for cell in moments[4]]
    assert head[:3] == ["到达时刻\nArrival", "星期\nWeekday", "日别\nKind of day"]
    assert head[6] == "功能全部可达：至少\nAll services in time, at least"
    rows = list(moments.iter_rows(min_row=5, values_only=True))
    assert [row[0] for row in rows] == [row["at"] for row in facts["at"]]
    assert rows[0][14:18] == tuple(v for k in (0, 1) for v in (facts["at"][0]["services"][k]["low"], facts["at"][0]["services"][k]["high"]))  # fmt: skip
    assert rows[2][2] == "节假日 public holiday"
    assert week.max_row == 4 + 168
    assert longer["A5"].value == "乙" and longer["F5"].value == 30


def test_without_the_table_nothing_of_it_is_written(folder: Path) -> None:
    done = gusu_geo_here("run", folder / "study.toml", "--out", folder, "--json")
    assert json.loads(done.stdout)["hours"] is None
    names = load_workbook(folder / "data/processed/own/workbook.xlsx", read_only=True).sheetnames
    assert not any(name.startswith(("分时刻", "一周", "延长")) for name in names)


def test_check_tells_what_was_understood(asking: Path) -> None:
    done = gusu_geo_here("check", asking / "study.toml", "--out", asking, "--lang", "zh")
    assert done.returncode == 0
    assert "4 处中识别 3 处" in done.stdout and "看情况而定" in done.stdout
    assert "共享时段 = “共享时段”" in done.stdout.replace("\n", "")


def test_hours_are_no_input_of_the_sources(asking: Path) -> None:
    from gusu_geo.assessment.judgement import rule_of
    from gusu_geo.pipeline.digests import digest_of, result_id

    asked, plain = open_study(asking / "study.toml"), asking / "plain.toml"
    plain.write_text(STUDY, encoding="utf-8")
    keys = [digest_of(s, rule_of(s).pack) for s in (asked, open_study(plain))]
    assert keys[0] == keys[1]
    first = result_id(asked, keys[0])
    (asking / "放假.csv").write_text("2027-10-01,休\n", encoding="utf-8")
    assert result_id(asked, keys[0]) != first


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('at = ["2026-02-30 10:00"]', "hours.at"),
        ('at = ["下午两点"]', "hours.at"),
        ('at = "2026-02-03 10:00"', "hours.at"),
        ("at = [2026]", "hours.at"),
        ("at = [2026-11-29T14:00:00Z]", "hours.at"),
        ('at = ["1492-10-12 10:00"]', "hours.at"),
        ('week_of = "2026-13-01"', "hours.week_of"),
        ("week = 1", "hours.week"),
        ("stay_minutes = 1e6", "hours.stay_minutes"),
        ("stay_minutes = -5", "hours.stay_minutes"),
        ('wek = "x"', "hours.wek"),
        ('calendar = "no.csv"', "no.csv"),
        ('calendar = "study.toml"', "study.toml"),
    ],
)
def test_what_cannot_be_asked_is_one_message(folder: Path, lang: str, line: str, key: str) -> None:
    (folder / "bad.toml").write_text(f"{STUDY}[hours]\n{line}\n", encoding="utf-8")
    done = gusu_geo_here("check", folder / "bad.toml", "--out", folder, "--lang", lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert key in done.stderr and "Traceback" not in done.stderr
    assert done.stderr.count("gusu-geo") == 1  # one message


def test_moments_are_read_in_any_usual_form() -> None:
    base: dict[str, Any] = {"study": {"name": "x"}, "area": {"bbox": [1, 2, 3, 4]}, "network": {"osm": "a"}}  # fmt: skip
    forms = [
        "2026-11-29 14:00",
        "2026-11-29T14:00",
        "２０２６-11-29　14：00",
        "2026-11-29 14:00:00",
    ]
    study = parse_study({**base, "hours": {"at": forms}}, root=Path())
    assert [f"{moment}" for moment in study.hours.at] == ["2026-11-29 14:00:00"]


@pytest.mark.parametrize(
    "content",
    ["日期,安排\n", "2027-10-01,休\n2027-10-02,也许\n", "2027-10-01,休\n2027-10-01,班\n", "2027-02-30,休\n", "2027-10-01,休,班\n"],
)  # fmt: skip
def test_a_calendar_that_says_something_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "calendar.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=r"calendar\.csv"):
        read_days_off(path, "hours")


def test_a_calendar_may_be_a_workbook(tmp_path: Path) -> None:
    from datetime import date, datetime

    path = tmp_path / "calendar.xlsx"
    rows = [
        ["2027年放假安排", None],
        ["日期", "休/班"],
        [datetime(2027, 1, 1), "休"],
        ["2027/1/2", "班"],
    ]
    pd.DataFrame(rows).to_excel(path, index=False, header=False)
    found = read_days_off(path, "hours")
    assert (found.off, found.make_up) == ({date(2027, 1, 1)}, {date(2027, 1, 2)})
    with pytest.raises(InputError):
        read_days_off(tmp_path / "none.csv", "hours")
