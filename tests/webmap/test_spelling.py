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


def test_houses_are_counted_whichever_list_comes_first() -> None:
    """幢 counts houses; as a banner it is chuang."""
    assert [spelled(["3幢"]) for _ in range(2)] == [["3z 3zhuang"]] * 2
