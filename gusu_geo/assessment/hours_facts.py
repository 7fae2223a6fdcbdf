"""The result at the asked moments as plain data for ``summary.json`` and all tables."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

import numpy as np

from gusu_geo.assessment.calendar import Calendar, DayKind
from gusu_geo.assessment.hours import Open
from gusu_geo.assessment.longer import Longer, longer_hours
from gusu_geo.assessment.moments import MomentTable
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.summary import Bounds, CalendarFacts, HoursFacts, LongerRow, MomentRow
from gusu_geo.assessment.timetable import Timetable, hours_of
from gusu_geo.tables import City, Floats, Int8s, Note
from gusu_geo.words import note

LISTED = 100  # venues that should open longer


def hours_facts(table: MomentTable, city: City, persons: Floats) -> HoursFacts:
    """The moments, the week, and who should open longer; persons (R,) in the order of homes."""
    timetable = table.timetable
    rows = [_row(table, m, moment, persons) for m, moment in enumerate(table.moments)]
    longer = longer_hours(table, persons)
    never_known = (table.open == Open.UNKNOWN).all(axis=1)
    places = city.facilities.frame["venue_id"].astype(str).to_numpy()
    known = set(places[~never_known].tolist())
    asked = len(timetable.at)
    return {
        "stay_minutes": timetable.clock.stay_min,
        "calendar": _calendar(timetable.clock.calendar),
        "venues": {"known": len(known), "unknown": len(table.venue_ids) - len(known)},
        "at": rows[:asked],
        "week_of": timetable.monday.isoformat() if timetable.week else None,
        "week": rows[asked:],
        "longer": [_longer(table, city, row) for row in longer[:LISTED]],
        "longer_all": len(longer),
    }


def hours_notes(timetable: Timetable) -> list[Note]:
    """Notes where the calendar does not reach a moment, or where there is none."""
    calendar = timetable.clock.calendar
    if not timetable.moments:
        return []
    if calendar is None:
        return [note("hours_no_calendar")]
    years = sorted({m.year for m in timetable.moments} - calendar.years)
    if not years:
        return []
    named = tuple(map(str, years))
    return [note("hours_beyond_calendar", years=named, source=calendar.source)]


def moment_text(moment: datetime) -> str:
    """A moment as the study file writes it."""
    return moment.strftime("%Y-%m-%d %H:%M")


def _calendar(calendar: Calendar | None) -> CalendarFacts | None:
    if calendar is None:
        return None
    return {"source": calendar.source, "years": sorted(calendar.years)}


def _row(table: MomentTable, m: int, moment: datetime, persons: Floats) -> MomentRow:
    calendar = table.timetable.clock.calendar
    kind = None if calendar is None else calendar.kind(moment.date())
    open_ = _places_open(table, m)
    return {
        "at": moment_text(moment),
        "day": _DAYS[kind],
        "open": open_.count(Open.OPEN),
        "closed": open_.count(Open.CLOSED),
        "unknown": open_.count(Open.UNKNOWN),
        "services": [bounds(service.at(m), persons) for service in table.services],
        "all": bounds(table.passed[:, m], persons),
        "all_known": bounds(table.known_state[:, m], persons),
    }


_DAYS = {
    None: "",
    DayKind.ORDINARY: "ordinary",
    DayKind.OFF: "off",
    DayKind.MAKE_UP: "make_up",
    DayKind.UNKNOWN: "unknown",
}


def _places_open(table: MomentTable, m: int) -> list[int]:
    """``Open`` of every place that offers a service: the most open of what it offers."""
    best: dict[int, int] = {}
    rank = {Open.CLOSED: 0, Open.UNKNOWN: 1, Open.OPEN: 2}
    for service in table.services:
        for venue, state in zip(service.venue.tolist(), service.open[:, m].tolist(), strict=True):
            if venue not in best or rank[Open(state)] > rank[Open(best[venue])]:
                best[venue] = state
    return list(best.values())


def bounds(state: Int8s, persons: Floats) -> Bounds:
    """Persons who surely have it, and who may; and their shares, None of nobody."""
    total = math.fsum(persons)
    low = math.fsum(persons[state == State.PASS])
    high = math.fsum(persons[state != State.FAIL])
    return {
        "low_persons": round(low, 2),
        "high_persons": round(high, 2),
        "low": round(low / total, 6) if total else None,
        "high": round(high / total, 6) if total else None,
    }


def _longer(table: MomentTable, city: City, row: Longer) -> LongerRow:
    frame, texts = city.facilities.frame, hours_of(city)
    mine = np.flatnonzero(frame["venue_id"].astype(str).to_numpy() == table.venue_ids[row.venue])
    first = int(mine[0])
    when = table.moments[row.when] if isinstance(row.when, int) else row.when
    host = frame["host"].iloc[first] if "host" in frame else ""
    return {
        "venue_id": str(table.venue_ids[row.venue]),
        "name": _first(frame["name"].iloc[at] for at in mine.tolist()),
        "host": str(host or ""),
        "services": [str(service) for service in frame["service"].iloc[mine]],
        "opening_hours": _first(texts[at] for at in mine.tolist()),
        "when": when if isinstance(when, str) else moment_text(when),
        "hours": list(row.hours),
        "gained_low": row.gained[0],
        "gained_high": row.gained[1],
        "all_known_low": row.all_known[0],
        "all_known_high": row.all_known[1],
    }


def _first(texts: Iterable[object]) -> str:
    return next((str(text) for text in texts if text), "")
