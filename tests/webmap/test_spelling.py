"""Names as they are typed: pinyin and its initials."""

from __future__ import annotations

from gusu_geo.report.webmap.pinyin import spelled


def test_initials_and_pinyin_of_chinese_names() -> None:
    assert spelled(["平江路", "Library", "重庆 3 村", ""]) == [
        "pjl pingjianglu",
        "",
        "cq3c chongqing3cun",
        "",
    ]


def test_nothing_where_nothing_is_chinese() -> None:
    assert spelled(["Monaco", "Fontvieille"]) == []
    assert spelled([]) == []
