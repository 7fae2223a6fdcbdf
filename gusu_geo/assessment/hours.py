"""Opening hours in OpenStreetMap's notation: open, closed or unknown at a moment, for a stay.

Nothing is believed that the text does not say: what holds under every reading of it is known, all
else is unknown. docs/hours.md lists the readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gusu_geo.assessment.calendar import Calendar
from gusu_geo.assessment.hours_text import SUN, readings

if TYPE_CHECKING:
    from opening_hours import OpeningHours

HOURS = 168  # a week from Monday, 00:00
DAY_MIN = 24 * 60
STAY_MIN = 30  # minutes that a visit takes unless the study says otherwise
SUN_TO_DEG = 60.0  # of latitude; beyond, some days have no dusk, no sunset or no sunrise
Minutes = npt.NDArray[np.int8]


class Open(IntEnum):
    """Whether a place is open at a moment."""

    CLOSED = 0
    OPEN = 1
    UNKNOWN = 2


# By ``Open`` a rank, higher the more open: closed, unknown, open; and by rank again ``Open``.
MORE_OPEN = np.array([0, 2, 1], np.int8)


def week_of(monday: date) -> tuple[datetime, ...]:
    """The 168 full hours of the week from ``monday`` on."""
    first = datetime.combine(monday, time(0))
    return tuple(first + timedelta(hours=hour) for hour in range(HOURS))


@dataclass(frozen=True)
class Clock:
    """How hours are read. place: lon, lat, for sunrise, sunset, dawn and dusk; calendar: of public
    holidays, None where nobody knows them; stay_min: minutes that a visit takes, from 0."""

    place: tuple[float, float] | None = None
    calendar: Calendar | None = None
    stay_min: int = STAY_MIN

    def states(self, texts: Sequence[str], moments: Sequence[datetime]) -> Minutes:
        """(T, M) ``Open`` of each text for who arrives at each moment, by local clocks, and stays.

        Open: from the moment to its end without a break. Closed: surely closed at some minute of
        it. Unknown are: all moments without a text, with one that cannot be parsed, and with the
        sun of no place or beyond ``SUN_TO_DEG``; hours with a condition in words ("by
        appointment"), with an open end ("18:00+"), of school holidays, and of public holidays
        where there is no calendar; with one, hours by weekday on a day that is not ordinary.
        """
        found = np.full((len(texts), len(moments)), Open.UNKNOWN, np.int8)
        known = {text: self._of(text, moments) for text in set(texts)}
        for row, text in enumerate(texts):
            found[row] = known[text]
        return found

    def _of(self, text: str, moments: Sequence[datetime]) -> Minutes:
        from opening_hours import validate  # loaded only when needed

        unknown = np.full(len(moments), Open.UNKNOWN, np.int8)
        text = text.encode("utf-8", "replace").decode("utf-8")  # removes lone surrogates
        if not text.strip() or not validate(text):
            return unknown
        sun = self.place if SUN.search(text) else None
        if SUN.search(text) and (sun is None or not abs(sun[1]) <= SUN_TO_DEG):
            return unknown
        days: dict[date, Minutes] = {}

        def day_of(day: date) -> Minutes:
            if day not in days:
                days[day] = self._day(text, day, sun)
            return days[day]

        return np.array([self._stay(day_of, moment) for moment in moments], np.int8)

    def _stay(self, day_of: Callable[[date], Minutes], moment: datetime) -> int:
        first = 60 * moment.hour + moment.minute
        last = first + max(self.stay_min, 1)
        minutes = day_of(moment.date())[first:last]
        day = moment.date()
        while last > DAY_MIN:
            day, last = day + timedelta(days=1), last - DAY_MIN
            minutes = np.concatenate([minutes, day_of(day)[:last]])
        if (minutes == Open.CLOSED).any():
            return Open.CLOSED
        return Open.UNKNOWN if (minutes == Open.UNKNOWN).any() else Open.OPEN

    def _day(self, text: str, day: date, sun: tuple[float, float] | None) -> Minutes:
        """(1440,) ``Open`` by the minute: what all readings of the text agree on."""
        found = None
        for reading in readings(text, day, self.calendar):
            minutes = _minutes(_parsed(reading, sun), day)
            if minutes is None:
                return np.full(DAY_MIN, Open.UNKNOWN, np.int8)
            found = minutes if found is None else agreed(found, minutes)
        return np.full(DAY_MIN, Open.UNKNOWN, np.int8) if found is None else found


def week(
    text: str,
    monday: date,
    place: tuple[float, float] | None = None,
    *,
    calendar: Calendar | None = None,
    stay_min: int = STAY_MIN,
) -> Minutes:
    """(168,) ``Open`` for who arrives at each full hour of the week from ``monday`` on; as
    ``Clock.states``."""
    states = Clock(place, calendar, stay_min).states([text], week_of(monday))
    return np.asarray(states[0], np.int8)


def public_hours(hours: Iterable[object], shared: Iterable[object]) -> list[str]:
    """Hours in which everybody may come: the shared ones (共享时段) where an organisation opens its
    rooms to residents, else its own."""
    pairs = zip(hours, shared, strict=True)
    return [_plain(ours) or _plain(own) for own, ours in pairs]


def agreed(one: Minutes, other: Minutes) -> Minutes:
    """What both say; unknown where they differ."""
    return np.where(one == other, one, Open.UNKNOWN).astype(np.int8)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=20_000)
def _parsed(text: str, sun: tuple[float, float] | None) -> OpeningHours | None:
    from opening_hours import OpeningHours, validate

    if not validate(text):
        return None
    return OpeningHours(text, coords=None if sun is None else (sun[1], sun[0]), auto_country=False)


def _minutes(rules: OpeningHours | None, day: date) -> Minutes | None:
    """(1440,) ``Open`` by the minute of one day; None for no rules. A comment is a condition."""
    if rules is None:
        return None
    from opening_hours import State

    code = {State.CLOSED: Open.CLOSED, State.OPEN: Open.OPEN, State.UNKNOWN: Open.UNKNOWN}
    start = datetime.combine(day, time(0))
    found = np.full(DAY_MIN, Open.CLOSED, np.int8)
    for first, last, state, words in rules.intervals(start, start + timedelta(days=1)):
        a, b = (_minute(moment, start) for moment in (first, last))
        found[a:b] = Open.UNKNOWN if words else code[state]
    return found


def _minute(moment: datetime, start: datetime) -> int:
    passed = moment.replace(tzinfo=None) - start  # by the clock on the wall
    return min(max(round(passed.total_seconds() / 60), 0), DAY_MIN)
