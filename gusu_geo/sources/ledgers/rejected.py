"""Rows of a ledger that cannot be read: set aside cell by cell, never believed, never fatal alone.

So many that the file itself must be wrong stop the reading: more than a fifth and more than three,
all, or more than the source's ``max_rejected``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gusu_geo.errors import SourceError, brief, shortened
from gusu_geo.sources.ledgers.cells import SHOWN_LETTERS
from gusu_geo.sources.ledgers.faults import SHOWN_ROWS, first_of
from gusu_geo.sources.ledgers.privacy import masked
from gusu_geo.tables import RejectedRow
from gusu_geo.words import Both, Text, text

SHARE_MAX, COUNT_MAX = 0.2, 3


class Fault(NamedTuple):
    """What is wrong with a row, in which column, what stands there, and how to mend it."""

    what: Text
    column: str = ""
    value: str = ""
    remedy: Text | None = None


class Faults(dict[int, Fault]):
    """Faults by row number of one table; the first one found of each row counts."""

    def add(self, row: int, what: Text, column: str = "", value: str = "") -> None:
        """Note a fault of a row that has none yet."""
        self.setdefault(row, Fault(what, column, value))


def rejected_rows(file: str, part: str, faults: Faults) -> list[RejectedRow]:
    """The faults as rows of ``rejected.xlsx``, in the order of the file."""
    return [
        {
            "file": file,
            "part": part,
            "row": row,
            "column": fault.column,
            "value": shortened(masked(fault.value), SHOWN_LETTERS),
            "reason": _both(fault.what),
            "remedy": _both(fault.remedy or text("error.mend_cell")),
        }
        for row, fault in sorted(faults.items())
    ]


def without_service(
    file: str, rows: Sequence[tuple[str, int]], column: str, cells: Sequence[str]
) -> list[RejectedRow]:
    """Rows of a ledger with a column of services that name none of the pack's."""
    found: list[RejectedRow] = []
    for (part, row), cell in zip(rows, cells, strict=True):
        key = "error.words_unknown" if cell.strip() else "error.row_no_service"
        what = text(key, cell=shortened(cell, SHOWN_LETTERS)) if cell.strip() else text(key)
        fault = Fault(what, column, cell, text("error.mend_service"))
        found += rejected_rows(file, part, Faults({row: fault}))
    return found


def _both(words: Text) -> Both:
    shown: Text = brief(words)  # of hundreds of known names the first
    return {"zh": shown.zh, "en": shown.en}


def refuse_many(rejected: Sequence[RejectedRow], read: int, most: float | None, spot: str) -> None:
    """Raises SourceError that holds the rejected rows: too many of the ``read`` rows.

    most: the share that the source allows.
    """
    count = len(rejected)
    many = count > COUNT_MAX and count > SHARE_MAX * read
    stops = many if most is None else count > most * read
    if not count or not (stops or count >= read):
        return
    named = [
        text("error.row_fault", row=_place(row), fault=row["reason"])
        for row in rejected[:SHOWN_ROWS]
    ]
    key = "error.bad_row" if count == 1 else "error.bad_rows"
    error = SourceError(
        text(key, count=count, rows=first_of(named, SHOWN_ROWS, count)),
        where=spot,
        fix=text("error.remedy", words=rejected[0]["remedy"])
        if count == 1
        else text("error.mend_rows"),
    )
    error.rejected = tuple(rejected)
    raise error


def _place(row: RejectedRow) -> Text:
    if row["part"]:
        return text("error.row_of_part", part=row["part"], row=row["row"])
    return text("error.row", row=row["row"])
