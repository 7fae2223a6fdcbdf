"""Days that cells of ledgers say: Chinese and ISO forms, and numbers of days as in sheets."""

from __future__ import annotations

import re
from datetime import date, timedelta

from gusu_geo.sources.ledgers.cells import plain_text

_DATE = re.compile(
    r"(\d{4})(?:\s*[-/.年]\s*|\s+)(\d{1,2})(?:\s*[-/.月]\s*|\s+)(\d{1,2})\s*日?"
    r"\s*(?:\(?(?:星期|周)[一二三四五六日天]\)?)?"
    r"(?:[T\s]*\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?秒?|分)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_FIRST = date(1899, 12, 30)  # day 0 of sheets (ISO/IEC 29500: 1900 is a leap year there)
SERIAL_MIN, SERIAL_MAX = 20_000, 80_000  # 1954 to 2119: other numbers are no days
YEAR_MIN, YEAR_MAX = 1900, 2199


def date_in(cell: object, *, serial: bool = False) -> date | None:
    """The day that a cell says, None where it says none or one that does not exist; the time of day
    is left away. serial: numbers of days since 1899-12-30 count.

    >>> date_in("2026年3月1日（星期日）"), date_in("2026-03-01T14:30:00"), date_in("2026.2.30")
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 1), None)
    >>> date_in("46082", serial=True), date_in("46082")
    (datetime.date(2026, 3, 1), None)
    """
    words = plain_text(cell)
    said = _DATE.fullmatch(words) or _EIGHT.fullmatch(words)
    if said:
        year, month, day = map(int, said.groups())
        try:
            return date(year, month, day) if YEAR_MIN <= year <= YEAR_MAX else None
        except ValueError:
            return None
    number = _SERIAL.fullmatch(words) if serial else None
    if number and SERIAL_MIN <= int(number[1]) <= SERIAL_MAX:
        return _FIRST + timedelta(days=int(number[1]))
    return None
