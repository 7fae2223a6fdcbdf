"""What outputs carry: the run id, by which those that belong together know each other, and the mark
of invented data."""

from __future__ import annotations

import re
from typing import TypeVar

import pandas as pd

RUN_ID = "run_id"  # the key in JSON, Parquet, GeoPackage and workbook
RUN_MARK = " · "  # before the run id in the title of a plan's scenario
Frame = TypeVar("Frame", bound=pd.DataFrame)
_META = '<meta name="gusu-geo-run" content="{}">'
_HEAD = '<meta charset="utf-8">\n'


def stamped(page: str, run_id: str) -> str:
    """A map with the run id of its set in its head."""
    return page.replace(_HEAD, f"{_HEAD}{_META.format(run_id)}\n", 1)


def marked(frame: Frame, *, invented: bool) -> Frame:
    """The table, with a column that says so where the study means no real place."""
    return frame.assign(invented=True) if invented else frame


def stamp_of(page: str) -> str:
    """The run id in a map, "" if there is none; the first thousand characters are enough.

    >>> stamp_of(stamped('<meta charset="utf-8">\\n', "1f"))
    '1f'
    """
    found = re.search(_META.format(r"(\w+)"), page[:1000])
    return found[1] if found else ""
