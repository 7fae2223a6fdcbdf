"""Signals, capacity, pairing and complaints in the workbook and on a terminal, read back by another
library. The facts are made up (``district_facts``), for the tiny town of ``outcomes``: its zones
East and West hold 1,984 and 63 persons."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from district_facts import with_district
from outcomes import make_outcome
from test_summary_schema import VALIDATOR

from gusu_geo.assessment.complaints import TAIL_95, TAIL_998, limits
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.district_lines import district_lines, interval, number
from gusu_geo.report.funnel_curves import funnel_curves
from gusu_geo.report.workbook import write_workbook

OWN = (
    "诉求",
    "诉求聚集",
    "诉求与缺口",
    "容量",
    "点位容量",
    "队伍",
    "结对",
    "社区",
    "单位",
    "投诉",
)
HOSTILE = '=HYPERLINK("http://x")'


@pytest.fixture(scope="module")
def told() -> Outcome:
    return with_district(make_outcome())


def read(outcome: Outcome, folder: Path) -> Any:
    write_workbook(outcome, folder / "w.xlsx")
    return openpyxl.load_workbook(folder / "w.xlsx")


@pytest.fixture(scope="module")
def book(told: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read(told, tmp_path_factory.mktemp("book"))


def rows(book: Any, sheet: str) -> list[dict[str, Any]]:
    """Rows by the Chinese heads of their columns."""
    name = next(one for one in book.sheetnames if one.split(" ")[0] == sheet)
    head, *body = book[name].iter_rows(min_row=4, values_only=True)
    return [
        dict(zip((str(cell).split("\n")[0] for cell in head), row, strict=True)) for row in body
    ]


def test_what_is_made_up_has_the_form_of_the_summary(told: Outcome) -> None:
    held = json.loads(json.dumps(told.summary))
    parts = {"signals", "capacity", "pairing", "complaints"}
    assert parts <= set(held)
    wrong = [error.json_path for error in VALIDATOR.iter_errors(held)]
    assert [path for path in wrong if any(path.startswith(f"$.{part}") for part in parts)] == []


def test_each_sheet_is_there_only_with_its_ledger(book: Any, tmp_path: Path) -> None:
    names = [name.split(" ")[0] for name in book.sheetnames]
    assert set(OWN) <= set(names)
    plain = read(make_outcome(), tmp_path)
    assert not set(OWN) & {name.split(" ")[0] for name in plain.sheetnames}
    only = with_district(make_outcome(), signals=False, capacity=False, complaints=False)
    found = {name.split(" ")[0] for name in read(only, tmp_path).sheetnames} & set(OWN)
    assert found == {"结对", "社区", "单位"}


def test_signals_by_zone_with_their_intervals(book: Any, told: Outcome) -> None:
    east, west = rows(book, "诉求")
    # 20 per 1,000 in the district, 2.4 times that in East: 1,984 persons, 95.2 signals.
    assert east["诉求（件）"] == 95 and east["每千人诉求"] == 48
    assert (east["每千人诉求（95% 区间下限）"], east["每千人诉求（95% 区间上限）"]) == (33.6, 62.4)
    assert east["为全区的倍数"] == 2.12 and east["诉求聚集"] == 1
    assert west["每百次走访诉求"] == 15.2
    (cluster,) = rows(book, "诉求聚集")
    assert cluster["分区"] == "East、West" and cluster["为预期的倍数"] == 2.1


def test_a_gap_is_asked_for_or_not_in_plain_words(book: Any) -> None:
    found = rows(book, "诉求与缺口")
    words = [row["缺口有没有人提"].split(" ")[0] for row in found]
    assert words == ["有人提", "提得少", "说不准", "说不准"]
    first, blank = found[0], found[3]
    ends = [key for key in first if "区间" in key]
    assert [first[key] for key in ends] == [1.04, 9.74]
    assert [blank[key] for key in ends] == [None, None]


def test_small_counts_are_marked_and_unknown_ones_stay_empty(told: Outcome, tmp_path: Path) -> None:
    facts = told.summary["signals"]
    cells = [{**cell, "signals": None, "relative": None} for cell in facts["cells"]]
    shown = replace(told, summary={**told.summary, "signals": {**facts, "cells": cells}})
    first = rows(read(shown, tmp_path), "诉求")[0]
    assert first["诉求（件）"] == "<10" and first["为全区的倍数"] is None


def test_nothing_is_called_full_without_a_norm_and_what_is_assumed_says_so(book: Any) -> None:
    reading, health, play = rows(book, "容量")
    assert [row["标准来源"] for row in (reading, health, play)] == ["虚构标准 2026"] * 2 + [None]
    assert reading["满员（人）"] > 0 and play["满员（人）"] is None
    assumed = [key for key in reading if key.startswith("假设")]
    assert len(assumed) == 2 and play[assumed[0]] is None
    unknown = [row for row in rows(book, "点位容量") if row["容量"] is None]
    assert unknown and all(row["每千人容量"] is None for row in unknown)


def test_a_pair_has_its_reasons_and_the_next_best(book: Any) -> None:
    first, *rest = rows(book, "结对")
    assert first["社区"] == "East" and first["次选社区"] == "West"
    assert first["改为次选，合计减少"] == 0.7
    assert "缺健康诊疗 1200 人" in first["理由"]
    assert first["不确定"] == "" and rest[0]["不确定"] == "是"
    need = rows(book, "社区")[0]
    assert need["缺先锋书架：确定"] == 100 and need["缺先锋书架：含无法判断"] == 150


def test_complaints_stand_beside_what_is_expected(book: Any) -> None:
    found = {row["编号"]: row for row in rows(book, "投诉")}
    black = found["c20"]
    assert black["控制限"].startswith("黑榜") and black["投诉"] >= black["黑榜：不少于"]
    assert black["标准化比（投诉 ÷ 预期）"] == pytest.approx(41 / black["预期投诉"], abs=1e-3)
    red = found["c40"]
    assert red["控制限"].startswith("红榜") and red["投诉"] <= red["红榜：不多于"]


def test_hostile_texts_stay_texts(told: Outcome, tmp_path: Path) -> None:
    facts = told.summary["pairing"]
    pairs = [{**pair, "name": HOSTILE, "projects": [HOSTILE]} for pair in facts["pairs"]]
    shown = replace(told, summary={**told.summary, "pairing": {**facts, "pairs": pairs}})
    sheet = read(shown, tmp_path)["结对 Pairs"]
    cells = [cell for line in sheet.iter_rows(min_row=5) for cell in line if cell.value == HOSTILE]
    assert cells and all(cell.data_type == "s" for cell in cells)


def test_the_curves_part_the_counts_as_the_verdict_does() -> None:
    """A count lies above or below a curve exactly where the exact tails put it outside."""
    for expected in (0.7, 3.0, 13.95, 51.2):
        row = {"expected": expected}
        curve = funnel_curves([row])
        at = curve["expected"][30]
        for tail, name in ((TAIL_95, "95"), (TAIL_998, "998")):
            low, high = limits(at, tail)
            top = curve[f"high_{name}"][30] * at
            foot = curve[f"low_{name}"][30] * at
            assert high - 1 < top <= high + 1e-3 * at, (at, tail)
            assert (-1 if low is None else low) <= foot + 1e-3 * at
            assert foot < (0 if low is None else low) + 1 + 1e-3 * at


def test_a_terminal_says_it_in_a_few_lines(told: Outcome) -> None:
    said = [line.zh for line in district_lines(told.summary)]
    assert any("诉求聚集 1：East、West，" in line and "p = 0.001" in line for line in said)
    assert any("有人提 1 项（先锋书架 3.0 [1.04, 9.74]）" in line for line in said)
    assert any(line.startswith("容量 · 先锋书架") and "每千人 10 座" in line for line in said)
    assert any("没有标准，不判断是否满员" in line for line in said)
    assert any(line.startswith("结对：3 家单位、2 个社区") for line in said)
    assert "现在没有单位的社区：West" in said  # by name
    assert list(district_lines(make_outcome().summary)) == []


def test_an_interval_may_lack_its_middle_or_its_end() -> None:
    assert interval({"rate": None, "low": None, "high": None}) == "—"
    assert str(interval({"rate": None, "low": 3.2, "high": None})) == "— [3.2, ∞]"
    assert number(0.0) == "0"


def test_capacities_that_nobody_knows_are_empty_and_not_0(told: Outcome, tmp_path: Path) -> None:
    facts = told.summary["capacity"]
    blank = {**facts["services"][2], "known": 0, "supply": 0.0, "used": 0.0}
    services = [*facts["services"][:2], blank]
    summary = told.summary | {"capacity": {**facts, "services": services}}
    found = rows(read(replace(told, summary=summary), tmp_path), "容量")
    assert [row["已知容量合计"] for row in found] == [310, 310, None]
    assert [row["分摊到人的容量"] for row in found] == [298, 298, None]
