"""Opening hours on public holidays, make-up workdays and beyond the calendar, read by hand.

1 October 2026 is a Thursday and a public holiday, 10 October a Saturday that is worked, 20 September
a Sunday that is worked; 2 December an ordinary Wednesday (notice of the State Council for 2026).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.assessment.calendar import (
    AROUND_CHINA,
    MAINLAND,
    NO_DAYS,
    DayKind,
    calendar_of,
    chinese_calendar,
    time_zone,
)
from gusu_geo.assessment.hours import Clock, Open, public_hours
from gusu_geo.sources.opening_times import osm_hours

SUZHOU = (120.62, 31.30)
CHINA = Clock(SUZHOU, chinese_calendar())
LETTER = ".O?"


def at(words: str, *moments: str, clock: Clock = CHINA) -> str:
    """The state at each moment as a letter: . closed, O open, ? unknown."""
    text = osm_hours(words)
    assert text is not None, words
    asked = [datetime.fromisoformat(f"{m} 10:00" if len(m) == 10 else m) for m in moments]
    return "".join(LETTER[state] for state in clock.states([text], asked)[0])


NATIONAL, MAKE_UP, SUNDAY, WEDNESDAY = "2026-10-01", "2026-10-10", "2026-11-29", "2026-12-02"


def test_the_notice_for_2026_has_33_days_off_and_6_that_make_up() -> None:
    days = chinese_calendar().dates(date(2026, 1, 1), date(2026, 12, 31))
    off = [day for day, kind in days.items() if kind is DayKind.OFF]
    assert (len(off), len(days) - len(off)) == (33, 6)
    assert [day for day in off if day.month == 10] == [date(2026, 10, d) for d in range(1, 8)]
    worked = [day for day, kind in days.items() if kind is DayKind.MAKE_UP]
    assert date(2026, 9, 20) in worked and date(2026, 10, 10) in worked
    assert {day.weekday() for day in worked} <= {5, 6}


@pytest.mark.parametrize(
    ("words", "letters"),
    [  # at 10:00 on the national day, a make-up Saturday, a Sunday, a Wednesday
        ("工作日 9:00-17:00", ".O.O"),
        ("工作日 9:00-17:00，周六日 10:00-16:00", "?OOO"),
        ("工作日 9:00-17:00，节假日 9:00-12:00", "OO?O"),
        ("周一至周五 9:00-17:00", "??.O"),
        ("周一至周五 9:00-17:00，节假日休息", ".?.O"),
        ("周一至周五 9:00-17:00，节假日照常开放", "O?.O"),
        ("周一至周五 9:00-17:00；周末及节假日 10:00-16:00", "O?OO"),
        ("周六、周日 9:00-17:00", "??O."),
        ("每天 8:30—21:00", "OOOO"),
        ("每天 8:30-21:00，节假日休息", ".OOO"),
        ("全天", "OOOO"),
        ("节假日休息", ".???"),
        ("春节除外，每天9:00-17:00", "?OOO"),
        ("周二至周日 9:00~17:00（周一闭馆）", "??OO"),
        ("9:00-17:00（周一闭馆）", "OOOO"),
        ("非工作日 9:00-17:00", "O?O."),
        ("工作日", ".?.?"),
        ("Mo-Fr 09:00-17:00; PH off", ".?.O"),
        ("Su,PH 09:00-17:00; Mo-Fr 12:00-17:00", "??O."),
        ("SH Mo-Su 09:00-16:00", "????"),
        ("Mo-Su 09:00-12:00; SH off", "????"),
        ("PH off", ".???"),
        ("周一至周五 9:00-17:00（需预约）", "??.?"),
    ],
)
def test_each_kind_of_day(words: str, letters: str) -> None:
    assert at(words, NATIONAL, MAKE_UP, SUNDAY, WEDNESDAY) == letters


def test_a_holiday_on_a_day_of_rest_may_be_open_after_all() -> None:
    # 5 October 2026 is a Monday and a holiday; 28 September an ordinary Monday.
    assert at("9:00-17:00（周一闭馆）", "2026-10-05", "2026-09-28") == "?."
    assert at("9:00-17:00（周一闭馆，法定节假日除外）", "2026-10-05", "2026-09-28") == "O."


def test_where_no_day_is_ever_open_a_holiday_is_closed_too() -> None:
    assert at("周一至周五 9:00-17:00", f"{NATIONAL} 20:00", f"{MAKE_UP} 08:00") == ".."


def test_nights_run_on_from_the_day_before() -> None:
    # 7 October is the last day off, 8 October a workday.
    words = "法定节假日 20:00-次日2:00"
    nights = ("2026-10-01 01:00", "2026-10-02 01:00", "2026-10-08 01:00", "2026-10-09 01:00")
    assert at(words, *nights) == ".OO."


def test_a_year_without_a_notice_is_unknown_but_for_what_holds_daily() -> None:
    beyond = max(chinese_calendar().years) + 1
    monday = date(beyond, 3, 1) + timedelta(days=-date(beyond, 3, 1).weekday() % 7)
    days = [str(monday + timedelta(days=n)) for n in (0, 5, 6)]
    for words in ("周一至周五 9:00-17:00", "工作日 9:00-17:00", "Mo-Fr 09:00-17:00; PH off"):
        assert at(words, *days)[0] == "?"
    assert at("每天 9:00-17:00", *days) == "OOO"
    assert at("每天 9:00-17:00", *(f"{day} 20:00" for day in days)) == "..."
    own = chinese_calendar().with_days([monday], [monday + timedelta(days=5)], "own.csv")
    later = str(monday + timedelta(days=7))
    assert at("工作日 9:00-17:00", *days, later, clock=Clock(SUZHOU, own)) == ".O.O"
    assert own.kind(date(2026, 10, 1)) is DayKind.OFF  # its own years stay


def test_outside_china_only_holidays_are_doubted() -> None:
    monaco = Clock((7.42, 43.74), calendar_of((7.42, 43.74)))
    assert monaco.calendar is None
    assert at("Mo-Fr 09:00-17:00", NATIONAL, MAKE_UP, WEDNESDAY, clock=monaco) == "O.O"
    assert at("Mo-Fr 09:00-17:00; PH off", NATIONAL, SUNDAY, clock=monaco) == "?."
    with_file = Clock(monaco.place, NO_DAYS.with_days([date(2026, 11, 19)], [], "own.csv"))
    assert at("Mo-Fr 09:00-17:00; PH off", "2026-11-19", "2026-11-20", clock=with_file) == ".O"


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        (SUZHOU, "Asia/Shanghai"),
        ((116.40, 39.90), "Asia/Shanghai"),
        ((122.54, 52.97), "Asia/Shanghai"),  # Mohe in the north, Fuyuan in the east, Sanya
        ((134.30, 48.36), "Asia/Shanghai"),
        ((109.50, 18.25), "Asia/Shanghai"),
        ((75.25, 39.72), "Asia/Shanghai"),  # Wuqia in the west
        ((114.17, 22.30), "Asia/Hong_Kong"),
        ((113.54, 22.19), "Asia/Macau"),
        ((121.56, 25.04), "Asia/Taipei"),
        ((126.98, 37.57), "Asia/Seoul"),
        ((105.85, 21.03), "Asia/Bangkok"),
        ((122.53, 52.97), "Asia/Shanghai"),
        ((134.29, 48.36), "Asia/Shanghai"),
        ((112.34, 16.83), "Asia/Shanghai"),
    ],
)
def test_the_notices_bind_the_mainland_alone(place: tuple[float, float], zone: str) -> None:
    assert time_zone(place) == zone
    assert (calendar_of(place) is not None) == (zone in MAINLAND)


def test_no_clock_of_the_mainland_is_left_out() -> None:
    """Around the box in which zones are asked for, where it is not sea."""
    (west, east), (south, north) = AROUND_CHINA
    around = [
        (west, 36.0),
        (west, 50.0),
        (136.0, 35.0),
        (east, 50.0),
        (105.0, north),
        (120.0, north),
    ]
    around += [(90.0, 58.0), (102.0, south), (114.0, south), (77.0, 20.0), (141.0, 38.0)]
    assert not MAINLAND & {time_zone(place) for place in around}


def test_a_visit_must_end_before_the_doors_close() -> None:
    moments = [f"{WEDNESDAY} {clock}" for clock in ("08:59", "09:00", "16:30", "16:31", "17:00")]
    assert at("每天 9:00-17:00", *moments) == ".OO.."
    assert at("每天 9:00-17:00", *moments, clock=Clock(SUZHOU, CHINA.calendar, 0)) == ".OOO."
    assert at("每天 9:00-17:00", *moments, clock=Clock(SUZHOU, CHINA.calendar, 480)) == ".O..."
    # A break for lunch within the visit: closed; the last entry is half an hour before the end.
    assert at("每天 9:00-12:00，13:00-17:00", f"{WEDNESDAY} 11:45") == "."
    assert (
        at("每天 9:00-17:00（16:30停止入馆）", f"{WEDNESDAY} 16:00", f"{WEDNESDAY} 16:15") == "O?"
    )
    assert at("每天 20:00-次日2:00", f"{WEDNESDAY} 23:45") == "O"


def test_summer_and_winter_without_months_are_known_in_their_midst() -> None:
    words = "夏季 8:00-18:00，冬季 9:00-17:00"
    months = [f"2026-{month:02d}-15" for month in (1, 4, 7, 10)]
    assert at(words, *(f"{day} 17:15" for day in months)) == ".?O?"
    assert at(words, *months) == "OOOO"
    months = "夏季（5月至9月）8:00-18:00，冬季（10月至次年4月）9:00-17:00"
    assert at(months, "2026-05-01 17:15", "2026-10-15 17:15") == "O."


def test_shared_hours_go_before_those_of_the_house() -> None:
    assert public_hours(["Mo-Fr 08:00-17:00", "24/7", "", None], ["Sa 09:00-12:00", "", "x", ""]) == [
        "Sa 09:00-12:00", "24/7", "x", "",
    ]  # fmt: skip


SPANS = st.tuples(st.integers(0, 20), st.integers(1, 4)).map(lambda s: (s[0], s[0] + s[1]))
DAY_NAMES = "一二三四五六日"


@settings(max_examples=30)
@given(
    spans=st.lists(SPANS, min_size=1, max_size=7),
    style=st.sampled_from(
        ["周{} {}:00-{}:00", "星期{}：{}：00—{}：00", "周{}{}点至{}点", "礼拜{} {}時-{}時"]
    ),
    between=st.sampled_from(["；", "，", " ", "\n", "、"]),
)
def test_what_an_office_writes_is_what_is_open(
    spans: list[tuple[int, int]], style: str, between: str
) -> None:
    words = between.join(style.format(DAY_NAMES[d], *span) for d, span in enumerate(spans))
    text = osm_hours(words)
    assert text is not None
    monday = datetime(2026, 11, 30)  # a week without holidays
    hours = [monday + timedelta(hours=h) for h in range(168)]
    wanted = [
        Open.OPEN if d < len(spans) and spans[d][0] <= h < spans[d][1] else Open.CLOSED
        for d in range(7)
        for h in range(24)
    ]
    assert CHINA.states([text], hours)[0].tolist() == wanted


WORDS = st.lists(
    st.sampled_from(
        ["周一至周五", "每天", "工作日", "节假日", "周末", "休息", "闭馆", "除外", "照常开放", "9:00-17:00", "上午9:00",
         "14点-16点", "全天", "（", "）", "，", "；", "夏季", "冬季", "5月-9月", "需预约", "寒暑假", "春节", "其余", "－", "x"]
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=100)
@given(words=WORDS)
def test_any_words_are_read_or_left_alone(words: list[str]) -> None:
    from opening_hours import validate

    found = osm_hours("".join(words))
    assert found is None or found == "" or validate(found)
    assert found is None or osm_hours(found) is not None
