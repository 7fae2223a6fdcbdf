"""A planner's file of days off and make-up workdays: a date and 休 or 班 in each row."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

from gusu_geo.errors import SourceError, shortened
from gusu_geo.sources.dates import date_in
from gusu_geo.sources.ledgers.cells import SHOWN_LETTERS, plain_text
from gusu_geo.sources.ledgers.files import TABLES, kind_of
from gusu_geo.sources.ledgers.grids import read_grids
from gusu_geo.words import text

OFF = frozenset(("休", "休息", "放假", "假", "假日", "节假日", "off", "holiday"))
MAKE_UP = frozenset(("班", "上班", "补班", "调休上班", "工作", "工作日", "work", "workday"))


class DaysOff(NamedTuple):
    """Days off and weekends that are worked to make up for them; name: of the file that says so."""

    off: frozenset[date]
    make_up: frozenset[date]
    name: str


def read_days_off(path: Path, where: str) -> DaysOff:
    """The days of a file (.csv .tsv .txt .xlsx .xls .et .ods). Rows above the first date are its
    header; other columns are not read.

    Raises SourceError: unreadable, no date, a row that is neither 休 nor 班, a day that is both.
    """
    spot = f"{where}: {path.name}"
    kind_of(path, TABLES, spot)
    found: dict[date, bool] = {}
    for grid in read_grids(path, spot):
        for row, cells in zip(grid.cells.index, grid.cells.itertuples(index=False), strict=True):
            words = [plain_text(cell) for cell in cells]
            days = [day for day in map(date_in, words) if day is not None]
            kinds = [word.casefold() in OFF for word in words if word.casefold() in OFF | MAKE_UP]
            if not found and not days:
                continue  # header
            if len(days) != 1 or len(kinds) != 1 or found.get(days[0], kinds[0]) != kinds[0]:
                raise SourceError(
                    text("error.calendar_row", row=int(row)),
                    where=spot,
                    got=shortened(", ".join(filter(None, words)), SHOWN_LETTERS),
                    fix=text("error.calendar_form"),
                )
            found[days[0]] = kinds[0]
    if not found:
        raise SourceError(text("error.calendar_empty"), where=spot, fix=text("error.calendar_form"))
    off = frozenset(day for day, is_off in found.items() if is_off)
    return DaysOff(off, frozenset(found) - off, path.name)
