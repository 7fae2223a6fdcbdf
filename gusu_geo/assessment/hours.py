"""Opening hours in OpenStreetMap's notation: open, closed or unknown in each hour of a week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import IntEnum

import numpy as np
import numpy.typing as npt

HOURS = 168  # a week from Monday, 00:00


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


def week(text: str, monday: date) -> npt.NDArray[np.int8]:
    """(168,) ``Open`` in the middle of each hour of the week from ``monday`` on.

    Without text, or with one that cannot be parsed, all hours are UNKNOWN; so are hours with a
    condition in words, such as "by appointment". Public holidays are ignored.
    """
    from opening_hours import OpeningHours, State, validate  # loaded only when needed

    out = np.full(HOURS, Open.UNKNOWN, np.int8)
    text = text.encode("utf-8", "replace").decode("utf-8")  # removes lone surrogates
    if not text.strip() or not validate(text):
        return out
    rules = OpeningHours(text)
    code = {State.CLOSED: Open.CLOSED, State.OPEN: Open.OPEN, State.UNKNOWN: Open.UNKNOWN}
    start = datetime.combine(monday, time(0, 30))
    for hour in range(HOURS):
        state, words = rules.state(start + timedelta(hours=hour))
        out[hour] = Open.UNKNOWN if words else code[state]
    return out
