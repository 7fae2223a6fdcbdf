"""Opening hours: weeks read off the text by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from gusu_geo.assessment.hours import HOURS, Open, first_monday, week

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


@pytest.mark.parametrize(("day", "monday"), [(30, 30), (24, 30), (23, 23), (29, 30)])
def test_the_week_begins_on_the_next_monday(day: int, monday: int) -> None:
    assert first_monday(date(2026, 11, day)) == date(2026, 11, monday)
