"""Sheets that few workbooks have, read back by another library: numbers by hand.

A clinic 620 m from every home; persons 1, 2 and 4. The pack: 900 s; 老新村: 600 s at 0.8 m/s.
"""

from __future__ import annotations

from typing import Any

import openpyxl
import pytest
from grounds import ground_of
from scenes import Scene

from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.report.workbook import write_workbook


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("book")
    scene = Scene().way("a b", a=(0, 0), b=(3000, 0)).venue("v", 620, 0)
    for home in ("new", "old", "blank"):
        scene.home(home, 0, 0)
    own = {"where": {"type": "老新村"}, "profile": "elder", "minutes": 10}
    ground = ground_of(scene, folder, override=[own])
    frame, facts = ground.city.residences.frame, ground.city.facts
    frame["type"], frame["ring"] = ["=1+1", "老新村", ""], ["新城", "古城", ""]  # hostile, but text
    frame["attribute:业委会"] = ["有", "", "有"]
    facts["persons"] |= {"method": {"zh": "", "en": ""}}
    row = {"id": "1", "name": "甲", "complaints": 11.0, "households": 100.0, "x": 0.0, "y": 0.0}
    rest = {"id": "2", "name": "乙", "complaints": 289.0, "households": 9900.0}
    facts["complaints"] = [row, row | rest]
    write_workbook(outcome_of(ground, judge_ground(ground)), folder / "w.xlsx")
    return openpyxl.load_workbook(folder / "w.xlsx")


def rows(book: Any, sheet: str) -> list[list[Any]]:
    return [list(row) for row in book[sheet].iter_rows(min_row=5, values_only=True)]


def test_own_rule_and_common_rule_stand_side_by_side(book: Any) -> None:
    found = rows(book, "圈层与类型 Rings and types")
    assert found[0] == ["古城", "老新村", 1, 2, 0, 0, 1, 1]
    assert found[1] == ["新城", "=1+1", 1, 1, 1, 1, 1, 1]
    assert found[2] == ["不明 Unknown", "不明 Unknown", 1, 4, 1, 1, 1, 1]
    assert found[3][:4] == ["全部 All", "", 3, 7] and found[3][6:] == [1, 1]
    assert found[3][4:6] == [pytest.approx(5 / 7, abs=1e-6)] * 2
    rules = rows(book, "单独规则 Own rules")
    assert [row[2:] for row in rules] == [[2, 5], [1, 2]]
    assert rules[1][1] == "老年人 0.8 米/秒、10 分钟 Elder 0.8 m/s, 10 min"


def test_the_unknown_value_of_an_attribute_is_a_row_of_its_own(book: Any) -> None:
    found = rows(book, "属性分项 Attributes")
    assert found[0] == ["业委会", "有", 2, 5, 5, 1, 0, 0]
    assert found[1] == ["业委会", "不明 Unknown", 1, 2, 0, 0, 0, 2]


def test_the_black_list_says_why(book: Any) -> None:
    # 3 expected of 100 households at 3 %, 11 seen: P(X >= 11) = .00029.
    first, second = rows(book, "投诉 Complaints")
    assert first[:7] == ["1", "甲", "west", 11, 100, 11, 3]
    # Garwood's interval of 11 is 5.491 to 19.682; no complaint at all has P(X <= 0) = .0498.
    assert first[7:10] == pytest.approx([11 / 3, 5.491 / 3, 19.682 / 3], abs=1e-3)
    assert first[10:12] == [None, 11] and first[12] == pytest.approx(0.000292, abs=1e-6)
    assert first[14] == "黑榜：高于 99.8% 控制限 black list: above the 99.8 % limit"
    assert second[1] == "乙" and second[14] == "控制限以内 within the limits"
