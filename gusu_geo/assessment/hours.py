"""Opening hours in OpenStreetMap's notation: open, closed or unknown in each hour of a week."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from itertools import product

import numpy as np
import numpy.typing as npt

HOURS = 168  # a week from Monday, 00:00
SUN_TO_DEG = 60.0  # of latitude; beyond, some days have no dusk, no sunset or no sunrise

_DAY = r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su)\b(?:\[[^\]]*\])?"
_DAYS = rf"{_DAY}(?:\s*[-,]\s*{_DAY})*"
_HOLIDAY = r"\b[PS]H\b(?:\s*[-+]\s*\d+\s*days?)?"
# Holidays that fall on certain days, "PH Mo-Fr", else holidays alone or beside days, "Sa,PH". The
# library takes both for the second.
_HOLIDAYS = re.compile(
    rf"(?P<on>{_HOLIDAY}(?:\s*,\s*{_HOLIDAY})*)\s+(?P<days>{_DAYS})"
    rf"|(?P<of>{_DAYS})\s+(?P<those>{_HOLIDAY}(?:\s*,\s*{_HOLIDAY})*)|{_HOLIDAY}"
)
_SUN = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b", re.IGNORECASE)
_MOMENT = r"(?:\d?\d:\d\d|\b(?:sunrise|sunset|dawn|dusk)\b|\([^)]*\))"
_OPEN_END = re.compile(rf"(?P<start>{_MOMENT})(?P<end>\s*-\s*{_MOMENT})?\+(?!\d)", re.IGNORECASE)


class Open(IntEnum):
    """Whether a place is open at a moment."""

    CLOSED = 0
    OPEN = 1
    UNKNOWN = 2


def first_monday(day: date) -> date:
    """The Monday of the first whole week from ``day`` on.

    >>> first_monday(date(2026, 11, 25))
    datetime.date(2026, 11, 30)
    """
    return day + timedelta(days=-day.weekday() % 7)


def week(text: str, monday: date, place: tuple[float, float] | None = None) -> npt.NDArray[np.int8]:
    """(168,) ``Open`` in the middle of each hour of the week from ``monday`` on, by local clocks.

    place: lon, lat, for sunrise, sunset, dawn and dusk. UNKNOWN are: all hours without a text, with
    one that cannot be parsed, and with the sun of no place or beyond ``SUN_TO_DEG``; hours with a
    condition in words, such as "by appointment"; hours that depend on whether a day is a public
    or school holiday (no calendar of all places is complete); hours after an open end ("18:00+").
    """
    from opening_hours import OpeningHours, State, validate  # loaded only when needed

    unknown = np.full(HOURS, Open.UNKNOWN, np.int8)
    text = text.encode("utf-8", "replace").decode("utf-8")  # removes lone surrogates
    if not text.strip() or not validate(text):
        return unknown
    sun = None
    if _SUN.search(text):
        if place is None or not abs(place[1]) <= SUN_TO_DEG:
            return unknown
        sun = (place[1], place[0])
    code = {State.CLOSED: Open.CLOSED, State.OPEN: Open.OPEN, State.UNKNOWN: Open.UNKNOWN}
    start = datetime.combine(monday, time(0, 30))
    found = []
    for reading in _readings(text, monday):
        if not validate(reading):
            return unknown
        rules = OpeningHours(reading, coords=sun, auto_country=False)
        states = [rules.state(start + timedelta(hours=hour)) for hour in range(HOURS)]
        found.append([Open.UNKNOWN if words else code[state] for state, words in states])
    agreed = np.array(found, np.int8)
    return np.where((agreed == agreed[0]).all(axis=0), agreed[0], unknown)


def _readings(text: str, monday: date) -> Iterator[str]:
    """The text under each assumption about what nobody knows: whether all days or none of this
    week are public holidays, or school holidays, and whether open ends are short or long."""
    parts = text.split('"')  # every second one is a comment
    rules = " ".join(parts[::2])
    kinds = [kind for kind in ("PH", "SH") if re.search(rf"\b{kind}\b", rules)]
    ends = [False, True] if _OPEN_END.search(rules) else [False]
    for *holidays, late in product(*[[False, True]] * len(kinds), ends):
        are = {kind for kind, whether in zip(kinds, holidays, strict=True) if whether}
        read = parts.copy()
        read[::2] = [_read(part, are, late, monday) for part in parts[::2]]
        yield '"'.join(read)


def _read(rules: str, are: set[str], late: bool, monday: date) -> str:
    never = "Mo[1]" if monday.day > 7 else "Mo[3]"  # no day of this week

    def days(found: re.Match[str]) -> str:
        holidays = found["on"] or found["those"] or found[0]
        holds = any(kind in holidays for kind in are)
        return (found["days"] or found["of"] or "Mo-Su") if holds else never

    def end(found: re.Match[str]) -> str:
        if late:
            return f"{found['start']}-29:00"  # five in the morning
        return f"{found['start']}{found['end']}" if found["end"] else "00:00-00:01"

    return _OPEN_END.sub(end, _HOLIDAYS.sub(days, rules))
