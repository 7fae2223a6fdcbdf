"""The workbook read back by another library: numbers by hand, hostile names as plain text."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from openpyxl.worksheet.worksheet import Worksheet
from outcomes import make_outcome, rejudged

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.sheets import LONGEST, Book, Column, plain
from gusu_geo.report.tables import compound_frame
from gusu_geo.report.workbook import write_workbook, zone_name

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # it drops data bars

SUMMARY, SERVICES, ZONES, WORST, VENUES = (
    "总览 Summary",
    "功能 Services",
    "分区 Zones",
    "缺口最多的住处 Homes missing most",
    "点位 Venues",
)
HEADER = 4
HOSTILE = {
    "formula": "=1+1",
    "plus": "+cmd|' /C calc'!A0",
    "at": "@SUM(A1)",
    "minus": "-1",
    "array": "{=1+1}",
    "number": "0012",
    "boolean": "TRUE",
    "error": "#N/A",
    "link": "https://example.org/",
    "mail": "mailto:a@example.org",
    "internal link": "internal:Sheet1!A1",
    "quote": "'=1+1",
    "tab": "\t=1+1",
    "script": "<script>alert(1)</script>&amp;",
    "long": "长" * 4096,
    "right to left": "\u202e=1+1\u200f\u2066",
    "emoji": "😀👨‍👩‍👧",
    "escape": "_x0041_",
    "blanks": "  two  blanks  ",
    "lines": "a\nb",
}


def workbook(outcome: Outcome, folder: Path, name: str = "w.xlsx") -> openpyxl.Workbook:
    write_workbook(outcome, folder / name)
    return openpyxl.load_workbook(folder / name)


def table(sheet: Worksheet) -> list[dict[str, Any]]:
    """Rows below the header, by the Chinese part of the header."""
    grid = list(sheet.iter_rows(min_row=HEADER, values_only=True))
    heads = [str(head).split("\n")[0] for head in grid[0]]
    return [dict(zip(heads, row, strict=True)) for row in grid[1:]]


def labelled(sheet: Worksheet) -> dict[str, list[Any]]:
    rows = sheet.iter_rows(min_row=1, values_only=True)
    return {str(row[0]): [v for v in row[1:] if v is not None] for row in rows if row[0]}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    return workbook(make_outcome(), tmp_path_factory.mktemp("book"))


def test_sheets_in_order(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [SUMMARY, SERVICES, ZONES, WORST, VENUES, "来源 Sources"]


def test_sources_have_a_row_for_each_reason(book: openpyxl.Workbook) -> None:
    rows = [
        tuple(row[key] for key in ("来源", "状态", "数量", "编号（前几个）"))
        for row in table(book["来源 Sources"])
    ]
    assert rows == [
        ("test.osm", "读入 read", 1203, ""),
        ("test.osm", "采用 used", 1200, ""),
        ("test.osm", "未采用 left out", 2, "w8, w9"),
        ("test.osm", "未采用 left out", 1, ""),
        ("test.osm", "采用但存疑 used, but doubted", 4, ""),
    ]


def test_merges_have_a_sheet_where_there_are_any(tmp_path: Path) -> None:
    outcome = make_outcome()
    merge = {"id": "v-2:7", "name": "=1+1", "source": "v.csv", "distance_m": 12.5}
    stands = {"stands": "w1", "stands_name": "书房", "stands_source": "x.osm"}
    outcome.city.facts["merges"] = [
        {**merge, **stands, "services": ["reading", "play"]},  # type: ignore[typeddict-item]
        {**merge, **stands, "services": []},  # type: ignore[typeddict-item]
    ]
    book = workbook(outcome, tmp_path)
    assert_plain(book)
    rows = list(book["合并 Merges"].iter_rows(min_row=HEADER + 1, values_only=True))
    shown = ("v-2:7", "=1+1", "v.csv", "w1", "书房", "x.osm", 12.5)
    both = "先锋书架 Reading corner、儿童游乐 Children's play"
    assert [row[:7] for row in rows] == [shown, shown]
    assert [row[7] or "" for row in rows] == [both, ""]


def test_results_by_evidence_stand_in_the_summary(tmp_path: Path) -> None:
    outcome = make_outcome()
    row = {"venues": 3, "share": 0.0, "passed_persons": 0.0, "passed_known_persons": 24.0}
    row |= {"passed_known_share": 0.005861}
    whole = {"passed_persons": 24.0, "share": 0.005861}
    outcome.summary["evidence"] = [
        {**row, "grades": "A", "no_data": ["play", "culture"]},  # type: ignore[typeddict-item]
        {
            **row,
            "grades": "A+B",
            "venues": 0,
            "no_data": [s["id"] for s in outcome.summary["services"]],
        },  # type: ignore[typeddict-item]
        {**row, **whole, "grades": "A+B+C", "no_data": []},  # type: ignore[typeddict-item]
    ]
    figures = labelled(workbook(outcome, tmp_path)[SUMMARY])
    # While a service has no venue of the grade, nobody can say who has all.
    assert figures["A"] == [3, 2, "—", "—", 24]
    assert figures["A+B"] == [0, 0, "—", "—", "—"]  # nothing is known at all
    assert figures["A+B+C"] == [3, 4, 24, 0.005861, 24]


def test_services_by_hand(book: openpyxl.Workbook) -> None:
    # 4095 persons, 2048 of them not linked. reading fails at h600 (32); health passes to h500 (31).
    rows = {row["编号"]: row for row in table(book[SERVICES])}
    assert list(rows) == ["reading", "health", "play", "culture"]
    reading, health, play = rows["reading"], rows["health"], rows["play"]
    assert reading["功能"] == "先锋书架 Reading corner"
    assert (reading["点位"], reading["时间限值（分钟）"]) == (2, 10)
    assert [reading[key] for key in ("可达人口", "缺口人口", "无法判断人口")] == [2015, 32, 2048]
    assert reading["覆盖率"] == pytest.approx(2015 / 4095, abs=1e-6)
    assert (health["可达人口"], health["缺口人口"]) == (31, 2016)
    assert (play["可达人口"], play["至少几处"]) == (248, 2)


def test_no_data_is_never_nought(book: openpyxl.Workbook) -> None:
    culture = table(book[SERVICES])[3]
    assert culture["状态"] == "无数据 no data"
    assert culture["点位"] == 0
    assert [culture[key] for key in ("覆盖率", "可达人口", "缺口人口")] == [None, None, None]
    assert culture["无法判断人口"] == 4095
    assert {row["缺 文化创意"] for row in table(book[ZONES])} == {"无数据"}
    assert {row["文化创意"] for row in table(book[WORST])} == {"无数据"}
    # With culture unknown nobody can pass everything: that is no 0 % either.
    figures = labelled(book[SUMMARY])
    assert figures["功能全部可达 All services in time"] == ["—", "—", "—"]
    assert figures["一站式可达 One-stop"] == ["—", "—", "—"]
    assert figures["标准步行 Standard walk"][:3] == [1, "—", "—"]
    assert {(row["功能全部可达"], row["覆盖率"]) for row in table(book[ZONES])} == {("—", "—")}


def test_key_figures_by_hand(book: openpyxl.Workbook) -> None:
    # h400 and h500 have all three services with data: 8 + 16 persons.
    figures = labelled(book[SUMMARY])
    assert figures["有数据的功能全部可达 All services with data"] == [
        24, pytest.approx(24 / 4095, abs=1e-6), 2,
    ]  # fmt: skip
    assert figures["有缺口 Something missing"][0] == 2047 - 24
    assert figures["无法判断 Unknown"][0] == 2048 + 24
    assert figures["全部 All"] == [4095, 12]


def test_a_guess_is_no_count(tmp_path: Path) -> None:
    """Data stay exact; their heads and their form say that nobody counted."""
    book = workbook(make_outcome(guessed=True), tmp_path)
    figures = labelled(book[SUMMARY])
    assumed = figures["推定住处 Assumed homes"]
    assert assumed == [4032, pytest.approx(4032 / 4095, abs=1e-6), 6]
    assert str(figures["人均可达功能项数 Services in time, mean"]).find(" / 3 ·") > 0
    assert "~4,100" in str(figures["人口 Persons"]) and "4,095" not in str(figures)
    assert "商业、零售用地 on commercial or retail ground 3" in str(figures["不算住处 No homes"])
    marked = {cell.value.split("\n")[0] for sheet in book for row in sheet for cell in row if "（估）" in str(cell.value)}  # fmt: skip
    assert {"人口（估）", "缺口人口（估）", "可达人口（估）", "无法判断人口（估）", "缺 先锋书架（估）",
            "以此为最近的人口（估）", "功能全部可达（估）"} <= marked  # fmt: skip
    for sheet in (SERVICES, ZONES, WORST, VENUES):
        heads = [str(cell.value).split("\n")[0] for cell in book[sheet][HEADER]]
        forms = [cell.number_format for cell in book[sheet][HEADER + 1]]
        for head, form in zip(heads, forms, strict=True):
            assert (form == '"~"#,##0') == head.endswith("（估）"), (sheet, head)
    counted = workbook(make_outcome(), tmp_path)
    assert not any(
        "（估）" in str(cell.value) for sheet in counted for row in sheet for cell in row
    )


def test_everything_known_shows_a_true_share(tmp_path: Path) -> None:
    outcome = make_outcome()
    for service in outcome.summary["services"]:
        service["state"] = "known"
    book = workbook(outcome, tmp_path)
    assert labelled(book[SUMMARY])["功能全部可达 All services in time"] == [0, 0, 0]
    assert {(row["功能全部可达"], row["覆盖率"]) for row in table(book[ZONES])} == {(0, 0)}


def test_summary_names_method_and_limits(book: openpyxl.Workbook) -> None:
    facts = labelled(book[SUMMARY])
    every = "\n".join(f"{key} {value}" for key, value in facts.items())
    for words in (
        "小镇 Tiny town",
        "test-pack 1.2",
        "仅供测试\\nFor tests",
        "10 分钟",
        "1 米/秒",
        "台阶用时为平路 2 倍",
        "2025-03-01",
        "test.osm",
        "估算 ESTIMATE",
        "11 / 12",
        "附近没有道路 no street within reach 1",
        "© OpenStreetMap contributors",
        "ODbL",
        "审图号",
        "仅供内部规划研究使用",
        "文化创意 Culture and creativity",
        "提示\\nA note",
    ):
        assert words in every, words


def test_speed_stands_on_every_sheet(book: openpyxl.Workbook) -> None:
    for sheet in book:
        caption = str(sheet["A2"].value)
        for words in ("1 m/s", "10 分钟", "2025-03-01", "estimate", "OpenStreetMap"):
            assert words in caption, (sheet.title, words)


def test_zones_reconcile_to_the_district(book: openpyxl.Workbook) -> None:
    *rows, total = table(book[ZONES])
    assert [row["名称"] for row in rows] == [
        "东区 East ward",
        "西区 West ward",
        "不属于任何分区 Outside every zone",
    ]
    assert [row["人口"] for row in rows] == [1984, 63, 2048]
    assert total["名称"] == "合计 Total"
    for key in ("住处", "人口", "有数据的功能全部可达", "无法判断"):
        assert total[key] == sum(row[key] for row in rows), key
    for key in ("缺 先锋书架", "缺 健康诊疗", "缺 儿童游乐"):
        assert total[key] == sum(row[key] for row in rows if row[key] != "—"), key
    assert [row["缺 先锋书架"] for row in [*rows, total]] == [0, 32, "—", 32]


def test_compounds_reconcile_to_the_district(tmp_path: Path) -> None:
    outcome = make_outcome()
    homes = outcome.city.residences.frame
    homes["compound"] = ["a"] * 6 + ["b"] * 5 + [""]
    homes["compound_name"] = ["甲小区"] * 6 + ["乙小区"] * 5 + [""]
    outcome.city.facts["registered"] = {"a": {"households": 30.0, "branch": "=第一支部"}, "b": {}}
    *rows, total = table(workbook(outcome, tmp_path)["小区 Compounds"])
    assert [(row["户数"], row["支部"]) for row in rows][:2] == [(None, None), (30, "=第一支部")]
    assert "业委会或物管会" not in rows[0]  # no compound has one
    # h100 ... h600 are 1 + 2 + ... + 32, h700 ... h1100 are 64 + ... + 1024, far is 2048.
    names = ["乙小区", "甲小区", "不在小区内 Outside every compound"]
    assert [(row["名称"], row["住处"], row["人口"]) for row in rows] == list(
        zip(names, [5, 6, 1], [1984, 63, 2048], strict=True)
    )
    assert total["人口"] == sum(row["人口"] for row in rows) == 4095
    for key in ("住处", "有数据的功能全部可达", "无法判断"):
        assert total[key] == sum(row[key] for row in rows), key
    # All of 乙 lack health; of 甲 h600 alone.
    assert rows[0]["缺 健康诊疗"] == 1984 and rows[0]["缺口人口最多的功能"].startswith("健康诊疗")
    assert (rows[1]["缺 健康诊疗"], rows[2]["缺 健康诊疗"]) == (32, "—")
    shapes = outcome.city.compounds.reindex([0, 1])
    shapes["compound_id"], shapes.geometry = ["a", "c"], [shapely.box(0, 0, 1, 1)] * 2
    layer = compound_frame(replace(outcome, compounds=shapes)).set_index("compound_id")
    assert layer.loc["a", "households"] == 30
    assert (layer.loc["a", "persons"], layer.loc["a", "missing_health"]) == (63, 32)
    assert np.isnan(layer.loc["c", "persons"])  # nobody lives there


def test_without_compounds_there_is_no_sheet(book: openpyxl.Workbook) -> None:
    assert "小区 Compounds" not in book.sheetnames


def test_zones_reconcile_at_every_level(tmp_path: Path) -> None:
    outcome = make_outcome()
    blocks = [{**row, "level": "block"} for row in outcome.summary["zones"]]
    outcome.summary["zones"] += blocks
    *rows, total = table(workbook(outcome, tmp_path)[ZONES])
    for level in ("ward", "block"):
        assert sum(row["人口"] for row in rows if row["层级"] == level) == total["人口"] == 4095


def test_without_zones_the_total_stands_alone(tmp_path: Path) -> None:
    outcome = make_outcome()
    outcome.summary["zones"] = []
    outcome = replace(outcome, zone_of=outcome.zone_of[[]])
    book = workbook(outcome, tmp_path)
    (total,) = table(book[ZONES])
    assert (total["人口"], total["缺 健康诊疗"]) == (4095, 2016)
    assert not [head for head in table(book[WORST])[0] if head.startswith("分区")]


def test_worst_homes_by_hand(book: openpyxl.Workbook) -> None:
    rows = table(book[WORST])
    # By persons times missing: 128 x 1 before 32 x 2 and 64 x 1, which are as many, so the one that
    # misses more; h400 and h500 miss nothing; far comes last.
    names = ["h1100", "h1000", "h900", "h800", "h600", "h700", "h300", "h200", "h100", "far"]
    assert [row["编号"] for row in rows] == names
    assert [row["缺口"] for row in rows] == [2, 2, 2, 1, 2, 1, 1, 1, 1, 0]
    h600, far = rows[4], rows[-1]
    assert (h600["先锋书架"], h600["健康诊疗"]) == (10.5, 10.5)
    assert h600["儿童游乐"] == 5.5  # both venues are 300 m away
    assert h600["缺口功能"] == "先锋书架、健康诊疗"
    assert (h600["分区（ward）"], h600["接入路网"]) == ("西区 West ward", "是 yes")
    assert (far["先锋书架"], far["无法判断"]) == ("—", 4)
    assert "no street within reach" in far["接入路网"]


def test_minutes_keep_what_one_decimal_hides(book: openpyxl.Workbook) -> None:
    # h100 to the second play venue: 830 s.
    h100 = next(row for row in table(book[WORST]) if row["编号"] == "h100")
    assert h100["儿童游乐"] == pytest.approx(830 / 60)
    formats = {cell.number_format for cell in book[WORST][HEADER + 1] if cell.value == 10.5}
    assert formats <= {"0.0"}


def test_late_cells_are_tinted(book: openpyxl.Workbook) -> None:
    sheet = book[WORST]
    heads = [str(cell.value).split("\n")[0] for cell in sheet[HEADER]]
    fills = {
        head: cell.fill.fgColor.rgb
        for head, cell in zip(heads, sheet[HEADER + 5], strict=True)
        if cell.fill.fill_type == "solid"
    }
    assert set(fills) == {"先锋书架", "健康诊疗"}  # row of h600


def test_bars_and_colours_cover_the_rows_alone(book: openpyxl.Workbook) -> None:
    def rules(name: str) -> dict[str, list[str]]:
        marks = book[name].conditional_formatting
        return {str(mark.sqref): [rule.type for rule in mark.rules] for mark in marks}

    assert rules(SERVICES) == {"H5:H8": ["dataBar"]}
    assert str(book[SERVICES]["H4"].value).startswith("覆盖率")
    assert rules(ZONES) == {"J5:M7": ["colorScale"]}  # three zones, four services, no total


def test_beyond_the_cutoff_is_empty(tmp_path: Path) -> None:
    outcome = make_outcome()
    counted = np.array(outcome.access.counted_cs)
    counted[list(outcome.access.residence_ids).index("h1100"), 1] = INF_CS
    outcome = rejudged(outcome, access=replace(outcome.access, counted_cs=counted))
    first = table(workbook(outcome, tmp_path)[WORST])[0]
    assert (first["编号"], first["健康诊疗"]) == ("h1100", None)


def test_no_more_than_the_worst_500(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gusu_geo.report.workbook.WORST", 3)
    sheet = workbook(make_outcome(), tmp_path)[WORST]
    assert [row["编号"] for row in table(sheet)] == ["h1100", "h1000", "h900"]
    assert str(sheet["A3"].value).startswith("3 / 10 ")


def test_venues(book: openpyxl.Workbook) -> None:
    rows = table(book[VENUES])
    assert [row["编号"] for row in rows] == [
        "v-read-west", "v-read-east", "v-health", "v-play-1", "v-play-2",
    ]  # fmt: skip
    assert [row["依据"] for row in rows] == ["A", "B", "C", "C", "C"]
    assert rows[0]["经度"] == pytest.approx(120.6, abs=1e-6)
    assert rows[0]["纬度"] == pytest.approx(31.3, abs=2e-4)
    # h600 is as far from the west as from the east: the first one has it.
    assert [row["以此为最近的人口"] for row in rows] == [63, 1984, 2047, 63, 1984]
    assert rows[0]["开放时间"] is None


def test_missing_links_by_rank_with_what_each_would_give(tmp_path: Path) -> None:
    rows = table(workbook(make_outcome(survey=True), tmp_path)["缺失的步行连接 Missing links"])
    first, last = rows[0], rows[-1]
    assert [row["名次"] for row in rows] == list(range(1, 13))
    assert first["道路"] == "Wall Street – Gate Lane" and last["道路"].startswith("（未命名道路）")
    gains = ("有数据的功能新增全部可达人数", "新增可达（人口 × 功能）", "围墙内由此接入路网的人口")
    assert [first[key] for key in gains] == [512, 640, 32]
    assert [last[key] for key in gains] == [None, None, 0]  # not worked out is not nobody
    assert first["为何没有新增"] in (None, "") and last["为何没有新增"].startswith(
        "须同时打开几道门"
    )


def test_sheets_are_ready_to_read_and_print(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert sheet.freeze_panes is not None, sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert str(sheet.page_setup.paperSize) == "9"  # A4
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows
        assert "ODbL" in sheet.oddFooter.left.text
    for name in (SERVICES, ZONES, WORST, VENUES):
        sheet = book[name]
        assert sheet.print_title_rows == "$1:$4"
        assert sheet.auto_filter.ref.startswith("A4:")
        for cell in sheet[HEADER]:
            zh, en = str(cell.value).split("\n", 1)
            assert re.search("[\u4e00-\u9fff]", zh), cell.value
            assert re.search("[a-zA-Z]", en), cell.value
    # The total row is left where it is by the filter.
    assert book[ZONES].auto_filter.ref.endswith(str(book[ZONES].max_row - 1))


def hostile(text: str) -> Outcome:
    """A town whose every text from data and study begins with ``text``."""
    outcome = make_outcome()
    summary = outcome.summary
    homes, venues = outcome.city.residences.frame, outcome.city.facilities.frame
    for frame, column in ((homes, "name"), (venues, "name"), (venues, "hours")):
        frame[column] = pd.Series([text] * len(frame), index=frame.index, dtype=object)
    for row in summary["zones"]:
        row.update(name=text, name_zh=text, name_en="")
    for service in summary["services"]:
        service.update(zh=text, en="")
    for holder, key in (
        (summary, "title"),
        (summary["rule"], "title"),
        (summary["rule"], "note"),
        (summary["data"]["persons"], "method"),
    ):
        holder[key] = {"zh": text, "en": ""}
    summary["notes"] = [{"code": "n", "zh": text, "en": ""}]
    summary["rule"]["source"] = summary["data"]["persons"]["source"] = text
    summary["data"]["osm_file"] = text
    summary["data"]["licence"] = text
    return outcome


def assert_plain(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert not sheet._hyperlinks
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n"), (sheet.title, cell.coordinate, cell.value)
                if isinstance(cell.value, str):
                    assert cell.data_type == "s"
                    assert len(cell.value.encode("utf-16-le")) <= 2 * LONGEST


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(text: str, tmp_path: Path) -> None:
    book = workbook(hostile(text), tmp_path)
    assert_plain(book)
    worst = list(book[WORST].iter_rows(min_row=HEADER + 1, values_only=True))
    assert {row[1] for row in worst} == {text}
    assert worst[0][2] == text  # its zone
    venues = list(book[VENUES].iter_rows(min_row=HEADER + 1, values_only=True))
    assert {(row[1], row[2], row[6]) for row in venues} == {(text, text, text)}
    assert book[SERVICES]["B5"].value == text
    assert book[ZONES]["C5"].value == text
    assert book[SUMMARY]["A1"].value == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x0b\x1f", "a\ufffdb\ufffd\ufffd"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("y" * 32_767, "y" * 32_767),
        ("y" * 32_768, "y" * 32_766 + "…"),
        ("😀" * 20_000, "😀" * 16_383 + "…"),  # two units each in Excel
    ],
    ids=["control", "surrogate", "no character", "longest", "too long", "too long emoji"],
)
def test_what_no_cell_can_hold(text: str, shown: str, tmp_path: Path) -> None:
    assert plain(text) == shown
    book = workbook(hostile(text), tmp_path)
    assert_plain(book)
    assert book[WORST].cell(HEADER + 1, 2).value == shown


def test_same_outcome_same_bytes(tmp_path: Path) -> None:
    outcome = make_outcome()
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(outcome, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        core = parts.read("docProps/core.xml").decode()
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2025-03-01T10:00:00Z"}


def test_undated_data_is_dated_1970(tmp_path: Path) -> None:
    outcome = make_outcome()
    outcome.summary["data"]["osm_date"] = ""
    book = workbook(outcome, tmp_path)
    assert book.properties.created.year == 1970
    assert "undated" in str(book[SERVICES]["A2"].value)


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        write_workbook(make_outcome(), tmp_path / "nowhere" / "w.xlsx")


@pytest.mark.parametrize("mode", ["union", "one_stop"])
def test_the_reading_is_named(mode: str, tmp_path: Path) -> None:
    facts = labelled(workbook(make_outcome(mode=mode), tmp_path)[SUMMARY])
    assert ("一站式" in str(facts["评价方式 Reading"])) == (mode == "one_stop")


def test_long_texts_and_heads_are_shown_whole() -> None:
    """A Chinese character is two wide: 60 of them fill six lines of a column of 20."""
    stream = BytesIO()
    book = Book(stream, make_outcome())
    head = {"zh": "仅去掉此处不再功能齐全", "en": "without it alone would lack something of all"}
    columns = [
        Column("head.number", [1, 2], "count", 8),
        Column("head.service", ["短", "字" * 60], width=20, wrap=True),
        Column(head, [1.0, 2.0], "persons", 10),
    ]
    book.table("表 Sheet", columns, hint="", fixed=1)
    book.file.close()
    stream.seek(0)
    sheet = openpyxl.load_workbook(stream)["表 Sheet"]
    heights = sheet.row_dimensions
    assert heights[5].height is None and 6 * 13 <= heights[6].height <= 8 * 15
    assert sheet["B6"].alignment.wrap_text and sheet["B6"].alignment.indent == 1
    # 22 and 44 wide in a column of 10: at least 3 and 5 lines.
    assert heights[4].height >= 8 * 13


def test_zones_are_called_by_their_plain_name_where_a_language_has_none() -> None:
    names = {"id": "7", "name": "上塘社区", "name_zh": "", "name_en": "Shangtang"}
    assert zone_name(names) == "上塘社区 Shangtang"
    assert zone_name(names | {"name": "Monte-Carlo", "name_zh": "蒙特卡洛", "name_en": ""}) == (
        "蒙特卡洛 Monte-Carlo"
    )
    assert zone_name(names | {"name": "", "name_en": ""}) == "7"
