"""Faulty rows of a ledger, all in one message."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from gusu_geo.errors import SourceError
from gusu_geo.tables import Floats
from gusu_geo.words import Text, text

SHOWN_ROWS = 5


def raise_faults(faults: dict[int, Text], spot: str, lonlat: Floats | None = None) -> None:
    """Raises SourceError if there are faults by row; lonlat (P,2) shows swapped axes."""
    if not faults:
        return
    rows = [text("error.row_fault", row=row, fault=faults[row]) for row in sorted(faults)]
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


def first_of(faults: Sequence[Text], shown: int) -> Text:
    """The first of several faults, and how many more there are."""
    named = reduce(_then, faults[:shown])
    more = len(faults) - shown
    return _then(named, text("error.and_more", count=more)) if more > 0 else named


def _then(first: Text, then: Text) -> Text:
    return text("error.then", first=first, then=then)
