"""The run id, by which files that belong together know each other."""

from __future__ import annotations

import re

RUN_ID = "run_id"  # the key in JSON, Parquet, GeoPackage and workbook
_META = '<meta name="gusu-geo-run" content="{}">'
_HEAD = '<meta charset="utf-8">\n'


def stamped(page: str, run_id: str) -> str:
    """A map with the run id of its set in its head."""
    return page.replace(_HEAD, f"{_HEAD}{_META.format(run_id)}\n", 1)


def stamp_of(page: str) -> str:
    """The run id in a map, "" if there is none; the first thousand characters are enough.

    >>> stamp_of(stamped('<meta charset="utf-8">\\n', "1f"))
    '1f'
    """
    found = re.search(_META.format(r"(\w+)"), page[:1000])
    return found[1] if found else ""
