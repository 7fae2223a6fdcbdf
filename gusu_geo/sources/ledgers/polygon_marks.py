"""What polygons of a file say of the homes inside: ring, type, attributes, counts of complaints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from gusu_geo.errors import SourceError, nearest_name
from gusu_geo.sources.ledgers.cells import numbers_in, text_of
from gusu_geo.sources.ledgers.columns import GUESSES, text_column
from gusu_geo.sources.ledgers.privacy import personal_columns, without_personal
from gusu_geo.study.ledger import ATTRIBUTE
from gusu_geo.study.params import Columns
from gusu_geo.words import text

MARKS_OF = "marks"  # in ``attrs`` of polygons: their marks by id
COUNTS = ("complaints", "households")
UNREAD = "count_unread"  # a doubt: a count that is no number from 0
_TYPES = ("type", "类型", "社区类型", "小区类型")
MARK_HEADERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"ring": GUESSES["ring"], "type": _TYPES}
)  # usual headers
COUNT_HEADERS = MappingProxyType({key: GUESSES[key] for key in COUNTS})
Marks = dict[str, dict[str, str]]  # by id of the zone or compound, then by column of homes


def marks_of_polygons(
    frame: gpd.GeoDataFrame, ids: Sequence[str], columns: Columns, more: Sequence[str], where: str
) -> Marks:
    """Ring, type, attributes and counts that the polygons have, by their ids; blank ones left out.

    more: columns that are attributes. Raises SourceError: no such column, personal data in it.
    """
    usual = {**MARK_HEADERS, **COUNT_HEADERS}
    found = {key: text_column(frame, columns, key, names, where) for key, names in usual.items()}
    for name in more:
        found[ATTRIBUTE + name] = _attribute(frame, name, where)
    marks: Marks = {}
    for key, cells in found.items():
        for ident, cell in zip(ids, cells or (), strict=bool(cells)):
            if cell:
                marks.setdefault(str(ident), {})[key] = cell
    return marks


def _attribute(frame: gpd.GeoDataFrame, name: str, where: str) -> list[str]:
    """The cells of one column. Raises SourceError: see ``marks_of_polygons``."""
    headers = [str(header) for header in frame.columns if header != frame.geometry.name]
    if name not in headers:
        fix = nearest_name(name, headers)
        raise SourceError(text("error.no_attribute", name=name), where=where, fix=fix)
    cells = pd.DataFrame({name: [text_of(value) for value in frame[name]]}, dtype="string[pyarrow]")
    without_personal(cells, personal_columns(cells), "refuse", where)
    return [str(cell).strip() for cell in cells[name]]


def count_in(cell: object) -> float | None:
    """The number from 0 in a cell, None where it holds none.

    >>> count_in("1,200户"), count_in("-3"), count_in("待核实")
    (1200.0, None, None)
    """
    (number,) = numbers_in([cell]).tolist()
    return number if number >= 0 else None


def counts_unread(marks: Mapping[str, Mapping[str, object]]) -> dict[str, list[str]]:
    """The doubt with the ids of those with a count that is no number from 0; empty without any."""
    ids = [
        key
        for key, row in marks.items()
        if any(row.get(name) and count_in(row[name]) is None for name in COUNTS)
    ]
    return {UNREAD: ids} if ids else {}
