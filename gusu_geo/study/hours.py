"""When the study asks whether venues are open: moments, a week, how long a visit takes."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from gusu_geo.errors import shortened
from gusu_geo.study.part import Part
from gusu_geo.words import text

STAY_MIN = 30  # a visit to borrow a book, see a doctor's nurse or sit down: S5's default
MAX_STAY_MIN = 720
MAX_MOMENTS = 60
FIRST_YEAR, LAST_YEAR = 1900, 2199
_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[T ]+(\d{1,2}):(\d{2})(?::00)?")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


class HoursParams(Part):
    """Opening hours count at these moments only; without any the verdict ignores them.

    at: moments of arrival by local clocks, "2026-11-29 14:00"; week: also each full hour of a week,
    the one of week_of, else of the data's date; stay_minutes: open from arrival until then;
    calendar: a file of days off (休) and make-up workdays (班), for years beyond the package's own.
    """

    at: tuple[datetime, ...] = Field(default=(), max_length=MAX_MOMENTS)
    week: bool = False
    week_of: date | None = None
    stay_minutes: int = Field(default=STAY_MIN, ge=0, le=MAX_STAY_MIN)
    calendar: Path | None = None

    @property
    def asked(self) -> bool:
        """Whether any moment is asked for."""
        return bool(self.at) or self.week

    @field_validator("at", mode="before")
    @classmethod
    def _moments(cls, given: Any) -> Any:
        if not isinstance(given, list | tuple):
            raise ValueError(text("error.moments_list"))
        return tuple(dict.fromkeys(_moment(one) for one in given))

    @field_validator("week_of", mode="before")
    @classmethod
    def _day(cls, given: Any) -> Any:
        if given is None or (isinstance(given, date) and not isinstance(given, datetime)):
            found = given
        else:
            said = _DATE.fullmatch(_plain(given))
            found = said and _made(date, said)
        if given is not None and (found is None or not FIRST_YEAR <= found.year <= LAST_YEAR):
            raise ValueError(text("error.date_form", value=shortened(str(given))))
        return found


def _moment(given: object) -> datetime:
    found: datetime | None = None
    if isinstance(given, datetime):
        found = given if given.tzinfo is None and not given.second else None
    elif said := _MOMENT.fullmatch(_plain(given)):
        found = _made(datetime, said)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(text("error.moment_form", value=shortened(str(given))))
    return found.replace(second=0, microsecond=0)


def _plain(given: object) -> str:
    return unicodedata.normalize("NFKC", given).strip() if isinstance(given, str) else ""


def _made(kind: Any, said: re.Match[str]) -> Any:
    """The date or moment of these numbers; None where there is no such day."""
    try:
        return kind(*map(int, said.groups()))
    except ValueError:
        return None
