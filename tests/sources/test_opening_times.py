"""Hours as offices write them, against what a reader of Chinese understands; docs/hours.md has more."""

from __future__ import annotations

import pytest

from gusu_geo.sources.hours_read import HoursRead
from gusu_geo.sources.opening_times import osm_hours

READ = {
    "周一至周五９：００－１７：００": "Mo-Fr 09:00-17:00",
    "星期一至星期五 8時30分-17時": "Mo-Fr 08:30-17:00",
    "周1-5 9:00-17:00": "Mo-Fr 09:00-17:00",
    "周一到周五早上9点到下午5点": "Mo-Fr 09:00-17:00",
    "开放时间：周一至周五8:30-17:00": "Mo-Fr 08:30-17:00",
    "上午8:30—12:00 下午2:00—5:30（周一至周五）": "Mo-Fr 08:30-12:00,14:00-17:30",
    "9:00-12:00；14:00-17:00": "Mo-Su 09:00-12:00,14:00-17:00",
    "9:00-17:00（周一至周五），10:00-16:00（周末）": "Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00",
    "周一至周五：8:30-17:30 周六：9:00-12:00 周日休息": "Mo-Fr 08:30-17:30; Sa 09:00-12:00; Su off",
    "周日至周四 9:00-17:00": "Mo-Th,Su 09:00-17:00",
    "每周二、四下午2点-4点半": "Tu,Th 14:00-16:30",
    "每周一闭馆，其余时间 9:00-17:00": "Tu-Su 09:00-17:00; Mo off",
    "除周一外每天9:00-17:00": "Mo-Su 09:00-17:00; Mo off",
    "工作日（周一至周五）9:00-17:00": 'Mo-Fr 09:00-17:00 open "工作日"; PH off',
    "周一至周五（节假日除外）9:00-17:00": "Mo-Fr 09:00-17:00; PH off",
    "周一至周五除节假日外 9:00-17:00": "Mo-Fr 09:00-17:00; PH off",
    "周一至周五，节假日休息，9:00-17:00": "Mo-Fr 09:00-17:00; PH off",
    "周六周日节假日休息，9:00-17:00": "Mo-Su 09:00-17:00; Sa-Su off; PH off",
    "周一（除法定节假日外）闭馆，9:00-17:00": "Mo-Su 09:00-17:00; Mo off; PH 09:00-17:00",
    "周一至周五 9:00-17:00（节假日照常开放）": "Mo-Fr 09:00-17:00; PH Mo-Fr 09:00-17:00",
    "工作日 9:00-17:00，节假日 10:00-16:00": (
        'Mo-Fr 09:00-17:00 open "工作日"; Sa-Su 10:00-16:00 unknown "节假日"; PH 10:00-16:00'
    ),
    "8:30-17:30，节假日休息": 'Mo-Su 08:30-17:30; Sa-Su 08:30-17:30 unknown "节假日"; PH off',
    "全年无休 9:00-21:00": "Mo-Su 09:00-21:00",
    "周一至周日 全天开放": "24/7",
    "20:00-2:00": "Mo-Su 20:00-26:00",
    "暂停开放": "off",
    "需预约": 'Mo-Su unknown "预约"',
    "周末": "Sa-Su unknown",
    "mo-fr 9:00 - 17:00; ph OFF": "Mo-Fr 09:00-17:00; PH off",
    "Mo-Sa 09:30–19:30": "Mo-Sa 09:30-19:30",
    "17:00+": "17:00+",
    "sunrise-sunset": "sunrise-sunset",
    "SH Mo-Su 09:00-16:00": "SH Mo-Su 09:00-16:00",
    "": "",
    " 　": "",
}  # fmt: skip

# Each would be a guess: what is closed, when, or of which season is not said in words that are known.
UNREAD = (
    *("看情况", "9:00-5:00", "周一上午闭馆", "12:00-13:00休息", "周五 9:00-17:00闭馆", "不定期开放"),
    *("周三 14:00-16:00，隔周", "每月第二个周日 9:00-11:00", "2026年5月1日开放", "5月1日-10月7日休息"),
    *("周六 9:00-12:00（夏季）", "夏季周一闭馆 9:00-17:00，冬季 9:00-16:00", "25:00-26:00", "9:70-10:00"),
    *("周一至周五 9:00-17:00 不含节假日", "周一至周五 9:00-17:00（另行通知）", "9:00开门", "1-5"),
    *("Mo-Fr 09:00-1300 & 14:00-18:00", "Lunes a Viernes de 8:00 a 16:00", "🙂", "\ud800"),
)  # fmt: skip


@pytest.mark.parametrize("words", READ)
def test_what_is_written_is_read(words: str) -> None:
    assert osm_hours(words) == READ[words]


@pytest.mark.parametrize("words", UNREAD)
def test_what_is_not_understood_is_not_guessed(words: str) -> None:
    assert osm_hours(words) is None


def test_the_map_keeps_its_own_rules() -> None:
    """There a second rule replaces the first."""
    words = "9:00-12:00;14:00-17:00"
    assert osm_hours(words, ledger=False) == "09:00-12:00; 14:00-17:00"
    assert osm_hours("周一至周五 9:00-17:00", ledger=False) == "Mo-Fr 09:00-17:00"


def test_what_was_read_is_counted_and_the_rest_named() -> None:
    read = HoursRead()
    cells = ["每天 9:00-17:00", "看情况", "", None, "看情况", float("nan"), "不定期", "看" * 50]
    assert [read.of(cell) for cell in cells][:5] == [
        "Mo-Su 09:00-17:00",
        "看情况",
        "",
        "",
        "看情况",
    ]
    found = read.account()
    assert (found.filled, found.understood) == (5, 1)
    assert found.unread[:2] == ("看情况", "不定期") and len(found.unread[2]) < 50
    (note,) = read.notes("a.csv")
    assert note["code"] == "hours_unread"
    assert "5 处写有开放时间，其中 4 处" in note["zh"] and "of 5 opening hours 4" in note["en"]
    assert HoursRead().notes("a.csv") == []
