"""When the study asks: its moments, its week, and the clock by which hours are read.

One clock and one week serve the tables and the map's slider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gusu_geo.assessment.calendar import NO_DAYS, Calendar, calendar_of
from gusu_geo.assessment.hours import Clock, Minutes, public_hours, week_of
from gusu_geo.errors import StudyError
from gusu_geo.study.params import HoursParams, Study
from gusu_geo.tables import City
from gusu_geo.words import text

NAMED = 7  # days in a message
UNDATED = date(2024, 1, 1)  # stands for the date of data that have none

if TYPE_CHECKING:  # whoever brings tables of her own loads no reader
    from gusu_geo.sources.holidays import DaysOff


@dataclass(frozen=True)
class Timetable:
    """clock: how hours are read; at: the moments asked for; monday: of the week that the slider
    shows; week: whether the tables show it too."""

    clock: Clock
    at: tuple[datetime, ...]
    monday: date
    week: bool

    @property
    def moments(self) -> tuple[datetime, ...]:
        """All moments of the tables: those asked for, then the hours of the week."""
        return (*self.at, *(week_of(self.monday) if self.week else ()))

    def week_states(self, texts: list[str]) -> Minutes:
        """(T, 168) ``hours.Open`` of each text at the full hours of the week."""
        return self.clock.states(texts, week_of(self.monday))


def timetable_of(study: Study, city: City, days_off: DaysOff | None) -> Timetable:
    """The timetable of a study. days_off: of the study's own calendar file.

    The sun is that of the middle of the area; the calendar is China's where the clocks of the
    mainland hold, with the years of the file in place of its own; elsewhere the file's alone.
    Raises StudyError: the study gives a file, and asks for days that neither reaches.
    """
    west, south, east, north = city.area.to_crs(4326).total_bounds
    place = (float(west + east) / 2, float(south + north) / 2)
    asked = study.hours
    calendar = _calendar(place, days_off)
    if calendar is not None and days_off is not None and asked.asked:
        _refuse_beyond(calendar, asked)
    dated = asked.week_of or _date_of(str(city.facts.get("osm_date") or ""))
    return Timetable(
        clock=Clock(place, calendar, asked.stay_minutes),
        at=asked.at,
        monday=dated - timedelta(days=dated.weekday()),
        week=asked.week,
    )


def hours_of(city: City) -> list[str]:
    """(F,) hours of each facility in which everybody may come."""
    frame = city.facilities.frame
    blank = [""] * len(frame)
    own, shared = (frame.get(key, blank) for key in ("hours", "shared_hours"))
    return public_hours(own, shared)


def _calendar(place: tuple[float, float], days_off: DaysOff | None) -> Calendar | None:
    calendar = calendar_of(place)
    if days_off is None:
        return calendar
    own = NO_DAYS if calendar is None else calendar
    return own.with_days(days_off.off, days_off.make_up, days_off.name)


def _refuse_beyond(calendar: Calendar, asked: HoursParams) -> None:
    """Raises StudyError: days that the study names lie beyond its own calendar, which is there so
    that they are known. The week of the data's date is no choice of the study."""
    days = [moment.date() for moment in asked.at]
    if asked.week and asked.week_of is not None:
        monday = asked.week_of - timedelta(days=asked.week_of.weekday())
        days += [monday + timedelta(days=n) for n in range(7)]
    beyond = calendar.beyond(days)
    if beyond:
        raise StudyError(
            text("error.beyond_calendar", known=calendar.known, source=calendar.source),
            where="hours",
            got=", ".join(day.isoformat() for day in beyond[:NAMED]),
            fix=text("error.beyond_calendar_fix"),
        )


def _date_of(dated: str) -> date:
    try:
        return date.fromisoformat(dated[:10])
    except ValueError:
        return UNDATED
