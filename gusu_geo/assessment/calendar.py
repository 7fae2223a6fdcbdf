"""Which days are public holidays, and which weekends are worked to make up for them.

China's come from the package ``chinesecalendar``, which copies the notices of the State Council:
33 days off and 6 make-up days in 2026. The table that ``opening_hours`` holds for China knows 6 of
the 33, so it is never asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cache, lru_cache
from importlib.metadata import version

MAINLAND = frozenset(("Asia/Shanghai", "Asia/Urumqi"))  # clocks of the places that the notices bind
# Degrees east and north that hold them all: elsewhere the borders of all zones (95 MB) stay unread.
AROUND_CHINA = ((70.0, 140.0), (0.0, 57.0))


class DayKind(IntEnum):
    """What a day is by the calendar."""

    ORDINARY = 0  # the weekday that it is
    OFF = 1  # a public holiday, or a day off beside one
    MAKE_UP = 2  # a weekend that is worked
    UNKNOWN = 3  # the calendar does not reach there


@dataclass(frozen=True)
class Calendar:
    """Days off and make-up days of whole years; source: where they come from.

    >>> china = chinese_calendar()
    >>> china.kind(date(2026, 10, 1)).name, china.kind(date(2026, 10, 10)).name
    ('OFF', 'MAKE_UP')
    >>> china.kind(date(2126, 10, 1)).name
    'UNKNOWN'
    """

    off: frozenset[date]
    make_up: frozenset[date]
    years: frozenset[int]
    source: str

    def kind(self, day: date) -> DayKind:
        """What this day is."""
        if day.year not in self.years:
            return DayKind.UNKNOWN
        if day in self.off:
            return DayKind.OFF
        return DayKind.MAKE_UP if day in self.make_up else DayKind.ORDINARY

    def with_days(self, off: Iterable[date], make_up: Iterable[date], source: str) -> Calendar:
        """The calendar with the years that these days name put in place of its own."""
        off, make_up = frozenset(off), frozenset(make_up)
        years = frozenset(day.year for day in off | make_up)
        kept = [
            frozenset(d for d in own if d.year not in years) for own in (self.off, self.make_up)
        ]
        own = [self.source] if self.years - years else []
        return Calendar(
            off | kept[0], make_up | kept[1], self.years | years, " + ".join((*own, source))
        )

    def beyond(self, days: Iterable[date]) -> list[date]:
        """Those of the days that no notice reaches, each once and in order."""
        return sorted({day for day in days if self.kind(day) is DayKind.UNKNOWN})

    @property
    def known(self) -> tuple[str, ...]:
        """The years as spans.

        >>> NO_DAYS.with_days([date(2025, 1, 1), date(2026, 1, 1), date(2028, 1, 3)], [], "").known
        ('2025–2026', '2028')
        """
        years = sorted(self.years)
        first = [year for year in years if year - 1 not in self.years]
        last = [year for year in years if year + 1 not in self.years]
        pairs = zip(first, last, strict=True)
        return tuple(str(a) if a == b else f"{a}–{b}" for a, b in pairs)

    def dates(self, first: date, last: date) -> dict[date, DayKind]:
        """The days from first to last that are not ordinary, written out."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        kinds = {day: self.kind(day) for day in days}
        return {day: kind for day, kind in kinds.items() if kind is not DayKind.ORDINARY}


NO_DAYS = Calendar(frozenset(), frozenset(), frozenset(), "")


@cache
def chinese_calendar() -> Calendar:
    """The calendar of mainland China, for all years of which the package knows the notice."""
    from chinese_calendar.constants import holidays, workdays  # loaded only when hours are asked

    off, make_up = frozenset(holidays), frozenset(workdays)
    years = frozenset(range(min(off).year, max(off).year + 1))
    return Calendar(off, make_up, years, f"chinesecalendar {version('chinesecalendar')}")


def calendar_of(place: tuple[float, float]) -> Calendar | None:
    """China's calendar for a place (lon, lat) whose clocks are those of the mainland; None
    elsewhere: no calendar of all places is complete."""
    near = all(low <= at <= high for at, (low, high) in zip(place, AROUND_CHINA, strict=True))
    return chinese_calendar() if near and time_zone(place) in MAINLAND else None


@lru_cache(maxsize=256)
def time_zone(place: tuple[float, float]) -> str:
    """Name of the time zone of a place (lon, lat), such as "Asia/Shanghai".

    >>> time_zone((120.62, 31.30)), time_zone((114.17, 22.30)), time_zone((7.42, 43.74))
    ('Asia/Shanghai', 'Asia/Hong_Kong', 'Europe/Paris')
    """
    from datetime import datetime

    from opening_hours import OpeningHours

    # The library finds the zone of a place and puts it on every time that it gives back.
    rules = OpeningHours("12:00-13:00", coords=(place[1], place[0]), auto_country=False)
    change = rules.next_change(datetime(2026, 1, 1))
    return str(getattr(change, "tzinfo", "") or "")
