"""The result at the asked moments as plain data for ``summary.json`` and all tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import numpy as np

from gusu_geo.assessment.calendar import DayKind
from gusu_geo.assessment.hours import MORE_OPEN, Minutes, Open
from gusu_geo.assessment.longer import Longer, longer_hours
from gusu_geo.assessment.moments import MomentTable
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.summary import Bounds, CalendarFacts, HoursFacts, LongerRow, MomentRow
from gusu_geo.assessment.timetable import NAMED, Timetable, hours_of
from gusu_geo.tables import City, Floats, Int8s, Note
from gusu_geo.words import note, text

LISTED = 100  # venues that should open longer


def hours_facts(table: MomentTable, city: City, persons: Floats) -> HoursFacts:
    """The moments, the week, and who should open longer; persons (R,) in the order of homes."""
    timetable = table.timetable
    sums = _Sums(table, persons)
    rows = [_row(sums, m, moment) for m, moment in enumerate(table.moments)]
    longer = longer_hours(table, persons)
    never_known = (table.open == Open.UNKNOWN).all(axis=1)
    places = city.facilities.frame["venue_id"].astype(str).to_numpy()
    known = set(places[~never_known].tolist())
    asked = len(timetable.at)
    return {
        "stay_minutes": timetable.clock.stay_min,
        "calendar": _calendar(timetable),
        "venues": {"known": len(known), "unknown": len(table.venue_ids) - len(known)},
        "at": rows[:asked],
        "week_of": timetable.monday.isoformat() if timetable.week else None,
        "week": rows[asked:],
        "longer": _longer_rows(table, city, longer[:LISTED]),
        "longer_all": len(longer),
    }


def hours_notes(timetable: Timetable) -> list[Note]:
    """Notes where the calendar does not reach a moment, or where there is none."""
    calendar = timetable.clock.calendar
    if not timetable.moments:
        return []
    if calendar is None:
        return [note("hours_no_calendar")]
    days = calendar.beyond(moment.date() for moment in timetable.moments)
    if not days:
        return []
    named = tuple(day.isoformat() for day in days[:NAMED])
    shown = text("fact.listed", names=named, more=" …" if len(days) > NAMED else "")
    known = {"source": calendar.source, "known": calendar.known}
    return [note("hours_beyond_calendar", days=shown, **known)]


def moment_text(moment: datetime) -> str:
    """A moment as the study file writes it."""
    return moment.strftime("%Y-%m-%d %H:%M")


def _calendar(timetable: Timetable) -> CalendarFacts | None:
    calendar = timetable.clock.calendar
    if calendar is None:
        return None
    asked = sorted({moment.year for moment in timetable.moments} & calendar.years)
    dates: dict[str, str] = {}
    for year in asked:
        found = calendar.dates(date(year, 1, 1), date(year, 12, 31))
        dates |= {day.isoformat(): _DAYS[kind] for day, kind in found.items()}
    return {"source": calendar.source, "years": sorted(calendar.years), "dates": dates}


class _Sums:
    """Persons by what is open: moments at which the same venues are open share their sums."""

    def __init__(self, table: MomentTable, persons: Floats) -> None:
        self.table, self.persons = table, persons
        self.places = _places(table)
        self.found: dict[tuple[object, ...], Bounds] = {}

    def service(self, k: int, m: int) -> Bounds:
        """Of one service at a moment."""
        service = self.table.services[k]
        return self._of((k, int(service.column[m])), service.at(m))

    def whole(self, which: str, states: Int8s, m: int) -> Bounds:
        """Of all services; which: names the states (R, M)."""
        return self._of((which, *self.table.key(m)), states[:, m])

    def _of(self, key: tuple[object, ...], state: Int8s) -> Bounds:
        if key not in self.found:
            self.found[key] = bounds(state, self.persons)
        return self.found[key]


def _row(sums: _Sums, m: int, moment: datetime) -> MomentRow:
    table = sums.table
    calendar = table.timetable.clock.calendar
    kind = None if calendar is None else calendar.kind(moment.date())
    open_ = sums.places[:, m]
    return {
        "at": moment_text(moment),
        "day": _DAYS[kind],
        "open": int((open_ == Open.OPEN).sum()),
        "closed": int((open_ == Open.CLOSED).sum()),
        "unknown": int((open_ == Open.UNKNOWN).sum()),
        "services": [sums.service(k, m) for k in range(len(table.services))],
        "all": sums.whole("all", table.passed, m),
        "all_known": sums.whole("all_known", table.known_state, m),
    }


_DAYS = {
    None: "",
    DayKind.ORDINARY: "ordinary",
    DayKind.OFF: "off",
    DayKind.MAKE_UP: "make_up",
    DayKind.UNKNOWN: "unknown",
}


def _places(table: MomentTable) -> Minutes:
    """(N, M) ``Open`` of every place: the most open of what it offers there."""
    best = np.zeros((len(table.venue_ids), len(table.moments)), np.int8)
    for service in table.services:
        best[service.venue] = np.maximum(best[service.venue], MORE_OPEN[service.open])
    return MORE_OPEN[best]


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


def _longer_rows(table: MomentTable, city: City, rows: Sequence[Longer]) -> list[LongerRow]:
    frame, texts = city.facilities.frame, hours_of(city)
    places = frame["venue_id"].astype(str).to_numpy()
    hosts = frame["host"].tolist() if "host" in frame else [""] * len(frame)
    names, services = frame["name"].tolist(), frame["service"].tolist()
    found: list[LongerRow] = []
    for row in rows:
        mine = np.flatnonzero(places == table.venue_ids[row.venue]).tolist()
        when = row.when if isinstance(row.when, str) else moment_text(table.moments[row.when])
        found.append(
            {
                "venue_id": str(table.venue_ids[row.venue]),
                "name": _first(names[at] for at in mine),
                "host": _first(hosts[at] for at in mine),
                "services": [str(services[at]) for at in mine],
                "opening_hours": _first(texts[at] for at in mine),
                "when": when,
                "hours": list(row.hours),
                "gained_low": row.gained[0],
                "gained_high": row.gained[1],
                "all_known_low": row.all_known[0],
                "all_known_high": row.all_known[1],
            }
        )
    return found


def _first(texts: Iterable[object]) -> str:
    return next((str(text) for text in texts if text), "")
