"""Opening hours: weeks read off the text by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from gusu_geo.assessment.hours import HOURS, Open, week

MONDAY = date(2026, 11, 30)


def open_hours(text: str) -> dict[int, list[int]]:
    """Day -> hours in which the place is open."""
    days = (week(text, MONDAY) == Open.OPEN).reshape(7, 24)
    return {day: np.flatnonzero(days[day]).tolist() for day in range(7) if days[day].any()}


def test_a_week_of_an_office() -> None:
    found = open_hours("Mo-Fr 09:00-12:00,13:00-17:00; Sa 10:00-12:00")
    office = [9, 10, 11, 13, 14, 15, 16]
    assert found == dict.fromkeys(range(5), office) | {5: [10, 11]}
    assert not (week("Mo 09:00-12:00", MONDAY) == Open.UNKNOWN).any()


def test_past_midnight_and_always() -> None:
    assert open_hours("Su 22:00-02:00") == {6: [22, 23], 0: [0, 1]}
    assert (week("24/7", MONDAY) == Open.OPEN).sum() == HOURS


@pytest.mark.parametrize(
    "text", ["", "  ", "whenever we like", "周一至周五 8:30–17:00", "\ud800", "🙂" * 500]
)
def test_what_cannot_be_read_is_unknown(text: str) -> None:
    assert (week(text, MONDAY) == Open.UNKNOWN).all()


def test_a_condition_in_words_is_unknown_and_the_rest_is_not() -> None:
    found = week('Mo 09:00-10:00 "by appointment"', MONDAY)
    assert found[9] == Open.UNKNOWN
    assert (np.delete(found, 9) == Open.CLOSED).all()


SUZHOU = (120.62, 31.30)
MIDSUMMER = date(2026, 6, 15)


def drawn(text: str, monday: date = MONDAY, place: tuple[float, float] | None = None) -> list[str]:
    """Each day as 24 letters: . closed, O open, ? unknown."""
    return [
        "".join(".O?"[hour] for hour in day) for day in week(text, monday, place).reshape(7, 24)
    ]


@pytest.mark.parametrize(
    ("text", "monday", "place", "hours"),
    [
        # 21 June: 04:54 to 19:01 in Suzhou, 05:48 to 21:15 in Monaco (summer time), there
        # with 35 minutes of twilight before and after. 21 December in Suzhou: 06:53 to 16:59. Who
        # comes at the full hour stays half an hour.
        ("sunrise-sunset", MIDSUMMER, SUZHOU, (5, 18)),
        ("dawn-dusk", MIDSUMMER, (7.42, 43.74), (6, 21)),
        ("(sunrise+02:00)-(sunset-02:00)", MIDSUMMER, SUZHOU, (7, 16)),
        ("sunrise-sunset", date(2026, 12, 21), SUZHOU, (7, 16)),
        ("sunrise-sunset", MIDSUMMER, (7.42, 43.74), (6, 20)),
        ("sunrise-sunset", MIDSUMMER, (151.2, -33.87), (7, 16)),  # Sydney's winter: 07:00 to 16:54
    ],
)
def test_the_sun_is_that_of_the_place(
    text: str, monday: date, place: tuple[float, float], hours: tuple[int, int]
) -> None:
    first, last = hours
    assert (
        drawn(text, monday, place)
        == ["." * first + "O" * (last - first + 1) + "." * (23 - last)] * 7
    )


@pytest.mark.parametrize("place", [None, (15.6, 78.2), (0.0, -89.0), (float("nan"), float("nan"))])
def test_without_a_place_or_a_daily_sun_nothing_is_known(place: tuple[float, float] | None) -> None:
    assert (week("sunrise-sunset", MIDSUMMER, place) == Open.UNKNOWN).all()
    assert drawn("10:00-12:00", MIDSUMMER, place) == [".........." + "OO" + "." * 12] * 7


OFFICE = "." * 9 + "?" * 8 + "." * 7
CLOSED = "." * 24


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mo-Fr 09:00-17:00; PH off", [OFFICE] * 5 + [CLOSED] * 2),
        ("Mo-Fr 09:00-17:00; SH off", [OFFICE] * 5 + [CLOSED] * 2),
        ("Mo-Fr 09:00-17:00; PH,SH off", [OFFICE] * 5 + [CLOSED] * 2),
        ("SH Mo-Fr 09:00-17:00", [OFFICE] * 5 + [CLOSED] * 2),
        ("PH Mo-Fr 09:00-17:00", [OFFICE] * 5 + [CLOSED] * 2),
        ("Mo-Fr SH 09:00-17:00", [OFFICE] * 5 + [CLOSED] * 2),
        ("SH,PH Mo-Su 09:00-17:00", [OFFICE] * 7),
        ("PH 09:00-17:00", [OFFICE] * 7),
        # Sundays whether or not they are holidays; on the other days, only if they are.
        ("Su,PH 09:00-17:00", [OFFICE] * 6 + [OFFICE.replace("?", "O")]),
        # Half a day on holidays: the morning is open in any case.
        ("09:00-17:00; PH 09:00-13:00", ["." * 9 + "OOOO????" + "." * 7] * 7),
        ('Mo 09:00-10:00 "PH by appointment"', ["." * 9 + "?" + "." * 14] + [CLOSED] * 6),
        ("Mo 09:00-10:00; Tu off", ["." * 9 + "O" + "." * 14] + [CLOSED] * 6),
    ],
)
def test_no_calendar_of_holidays_is_believed(text: str, days: list[str]) -> None:
    # The weeks of the Chinese national day 2026, of a Chinese and of no holiday.
    for monday in (date(2026, 9, 28), date(2026, 2, 16), MONDAY):
        assert drawn(text, monday, SUZHOU) == days


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("18:00+", "?" * 5 + "." * 13 + "?" * 6),
        ("18:00-22:00+", "?" * 5 + "." * 13 + "OOOO??"),
        ("10:00-12:00,20:00+", "?" * 5 + "." * 5 + "OO" + "." * 8 + "????"),
        ("sunset+", "?" * 5 + "." * 12 + "?" * 7),
    ],
)
def test_after_an_open_end_nobody_knows_until_the_morning(text: str, day: str) -> None:
    assert drawn(text, MONDAY, SUZHOU) == [day] * 7


def test_weeks_are_counted() -> None:
    # 30 November 2026 begins week 49 (ISO 8601).
    assert drawn("week 1-53/2 Mo 09:00-10:00")[0] == "." * 9 + "O" + "." * 14
    assert drawn("week 2-52/2 Mo 09:00-10:00")[0] == CLOSED
