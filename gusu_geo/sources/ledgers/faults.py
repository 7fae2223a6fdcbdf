"""Faulty rows of a ledger, all in one message."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from gusu_geo.errors import SourceError
from gusu_geo.tables import Floats, Ints
from gusu_geo.words import Text, text

SHOWN_ROWS = 5
PARTS = "parts"  # under this in ``attrs`` of a frame: its ``Part``s, where there are several


class Part(NamedTuple):
    """A sheet or layer: its name, the number of its first row in the frame, and how much higher
    the numbers in the frame are than those that its program shows."""

    name: str
    first: int
    above: int


def row_in(frame: Any, row: int, at: Text | str = "") -> Text:
    """A row of a frame as its owner finds it: the row that the spreadsheet shows and, where
    several sheets or layers were read, which one. at: the file, to begin with."""
    parts = [part for part in frame.attrs.get(PARTS, ()) if part.first <= row]
    if not parts:
        here = text("error.row", row=row)
    else:
        name, _, above = parts[-1]
        here = text("error.row_of_part", part=name, row=row - above)
    return text("error.at_row", where=at, row=here) if at else here


def rows_by_part(frame: Any, rows: Ints, name: str) -> list[tuple[str, Ints]]:
    """Sheets or layers, and the rows that their program shows, of rows of a frame; name: of
    the sheet."""
    parts = [] if frame is None else frame.attrs.get(PARTS, [])
    if not parts:
        return [(name, rows)]
    ends = [part.first for part in parts[1:]] + [int(rows.max(initial=0)) + 1]
    found = []
    for part, end in zip(parts, ends, strict=True):
        own = rows[(rows >= part.first) & (rows < end)]
        found.append((part.name, own - part.above))
    return found


def split_by_part(faults: Any, frame: Any, name: str) -> list[tuple[str, Any]]:
    """Faults by row of a frame as (sheet or layer, faults by the row that its program shows)."""
    parts = [] if frame is None else frame.attrs.get(PARTS, [])
    if not parts:
        return [(name, faults)]
    split: dict[str, Any] = {}
    for row, fault in faults.items():
        part = [part for part in parts if part.first <= row][-1]
        split.setdefault(part.name, type(faults)())[row - part.above] = fault
    return list(split.items())


def raise_faults(
    faults: dict[int, Text], spot: str, lonlat: Floats | None = None, *, of: Any = None
) -> None:
    """Raises SourceError if there are faults by row; lonlat (P,2) shows swapped axes; of: the
    frame whose rows they are, which knows the sheet or layer of each."""
    if not faults:
        return
    named = {row: text("error.row", row=row) if of is None else row_in(of, row) for row in faults}
    rows = [text("error.row_fault", row=named[row], fault=faults[row]) for row in sorted(faults)]
    swapped = lonlat is not None and bool(
        ((np.abs(lonlat[:, 1]) > 90) & (np.abs(lonlat[:, 0]) <= 90)).any()
    )
    what = text(
        "error.bad_row" if len(rows) == 1 else "error.bad_rows",
        count=len(rows),
        rows=first_of(rows, SHOWN_ROWS),
    )
    fix = text("error.are_swapped" if swapped else "error.mend_rows")
    raise SourceError(what, where=spot, fix=fix)


def first_of(faults: Sequence[Text], shown: int, count: int | None = None) -> Text:
    """The first of several faults, and how many more there are; count: of all, if not all are
    given."""
    named = reduce(_then, faults[:shown])
    more = (len(faults) if count is None else count) - shown
    return _then(named, text("error.and_more", count=more)) if more > 0 else named


def _then(first: Text, then: Text) -> Text:
    return text("error.then", first=first, then=then)
