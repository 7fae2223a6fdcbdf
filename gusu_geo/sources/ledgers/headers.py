"""Finds the header of a table, below titles and above the first row of data.

The header is the first row in which two known names of columns stand; a row below it that names
further known columns belongs to it, and a blank cell of it takes the name above. Rows of sums,
repeated headers and remarks are left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.cells import degree_in, pair_in, plain_text
from gusu_geo.sources.ledgers.columns import plain_header
from gusu_geo.sources.ledgers.grids import Grid
from gusu_geo.words import text

LOOKED_AT = 50  # rows in which a header is looked for
_SUM = re.compile(
    r"(?:合\s*计|小\s*计|总\s*计|共\s*计|总\s*数|total|subtotal|sum)\s*:?", re.IGNORECASE
)
_UNIT = re.compile(r"[(（].*[)）]")
_REMARK = re.compile(r"(?:注|备注|说明|填表|制表|填报|审核|联系)\S{0,6}\s*:")


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of data under their header. name: of the sheet or layer, "" where a file has one alone;
    cells: text under plain headers, which may repeat; index = row numbers as the program shows
    them; left_out: numbers of rows that are no data, by reason; longer: by row, the first cell that
    stands beyond the header; header_row: 0 for layers."""

    name: str
    cells: pd.DataFrame
    merged: frozenset[tuple[int, int]] = frozenset()
    left_out: Mapping[str, Sequence[int]] = field(default_factory=dict)
    header_row: int = 0
    encoding: str = ""
    hidden: tuple[str, ...] = ()
    longer: Mapping[int, str] = field(default_factory=dict)


def table_in(
    grid: Grid, known: Mapping[str, Iterable[str]], *, header_row: int | None, spot: str
) -> Table:
    """The table of a grid. known: by key, the names that its column may have.

    Without any known name the first row is the header, as whoever reads the message will see.
    Raises SourceError: ``header_row`` is no row of the table.
    """
    keys = {plain_header(name): key for key, names in known.items() for name in names}
    numbers = grid.cells.index.tolist()
    head = grid.cells.head(LOOKED_AT if header_row is None else max(header_row, LOOKED_AT))
    rows = [[plain_text(cell) for cell in row] for row in head.itertuples(index=False)]
    if header_row is None:
        first = _first(rows, keys)
    elif header_row in numbers:
        first = numbers.index(header_row)
    else:
        what = text("error.no_header_row", row=header_row)
        raise SourceError(what, where=spot, fix=text("error.name_header_row"))
    if not rows:
        return Table(grid.name, grid.cells, encoding=grid.encoding)
    last = first
    while header_row is None and last + 1 < len(rows) and _goes_on(rows, first, last + 1, keys):
        last += 1
    names = _names(rows, first, last, keys)
    body = grid.cells.iloc[last + 1 :]
    body = body.set_axis(names, axis=1)
    width = max((place for place, name in enumerate(names, 1) if name), default=0)
    longer = _beyond(body.iloc[:, width:])
    body = body.iloc[:, :width]
    kept, left_out = _data_rows(body, [names[:width], *(r[:width] for r in rows[first : last + 1])])
    if not all(kept):  # a copy of a million rows is dear
        body = body[kept]
        longer = {row: cell for row, cell in longer.items() if row in body.index}
    return Table(
        *(grid.name, body, grid.merged, left_out, numbers[first]),
        *(grid.encoding, grid.hidden, longer),
    )


def _beyond(cells: pd.DataFrame) -> dict[int, str]:
    """By row, the first cell of columns without a header: something shifted the row."""
    found: dict[int, str] = {}
    for place in range(cells.shape[1]):
        column = cells.iloc[:, place]
        for row, cell in column[column != ""].items():
            found.setdefault(int(str(row)), str(cell))
    return found


def _keys_in(row: Sequence[str], keys: Mapping[str, str]) -> set[str]:
    return {keys[name] for name in map(plain_header, row) if name in keys}


def _first(rows: Sequence[Sequence[str]], keys: Mapping[str, str]) -> int:
    counts = [len(_keys_in(row, keys)) for row in rows]
    for enough in (2, 1):
        found = [position for position, count in enumerate(counts) if count >= enough]
        if found:
            return found[0]
    return 0


def _goes_on(
    rows: Sequence[Sequence[str]], first: int, position: int, keys: Mapping[str, str]
) -> bool:
    """Whether a row still belongs to the header: it names a known column that the rows above do
    not, and holds no data."""
    above = set().union(*(_keys_in(row, keys) for row in rows[first:position]))
    row = rows[position]
    further = _keys_in(row, keys) - above
    return bool(further) and not any(degree_in(cell) or pair_in(cell) for cell in row if cell)


def _names(
    rows: Sequence[Sequence[str]], first: int, last: int, keys: Mapping[str, str]
) -> list[str]:
    """One name for each column: the lowest that is known, else the lowest given that is no unit;
    above the header, too, as long as the rows there name groups of columns and are no title."""
    names = []
    top = first
    while top > 0 and len({cell for cell in rows[top - 1] if cell}) > 1:
        top -= 1
    for column in range(len(rows[first])):
        cells = [row[column] for row in reversed(rows[top : last + 1]) if row[column]]
        known = [cell for cell in cells if plain_header(cell) in keys]
        words = [cell for cell in cells if not _UNIT.fullmatch(cell)]
        names.append((known or words or cells or [""])[0])
    return names


def _data_rows(
    body: pd.DataFrame, headers: Sequence[Sequence[str]]
) -> tuple[list[bool], dict[str, list[int]]]:
    """Which rows are data, and the numbers of those that are not, by reason."""
    left_out: dict[str, list[int]] = {}
    kept = [True] * len(body)
    if not body.size:
        return kept, left_out
    lead = body.iloc[:, 0].where(body.iloc[:, 0] != "", body.iloc[:, min(1, body.shape[1] - 1)])
    suspects = lead.str.contains(r"计|注|说明|表|审核|联系|总|total|sum", case=False, regex=True)
    suspects |= lead.isin([header[0] or header[min(1, len(header) - 1)] for header in headers])
    for position in [k for k, suspect in enumerate(suspects.tolist()) if suspect]:
        row = [plain_text(cell) for cell in body.iloc[position]]
        reason = _no_data(row, headers)
        if reason:
            kept[position] = False
            left_out.setdefault(reason, []).append(int(body.index[position]))
    return kept, left_out


def _no_data(row: Sequence[str], headers: Sequence[Sequence[str]]) -> str:
    """Why a row is no data, "" if it is."""
    filled = [cell for cell in row if cell]
    if list(row) in [list(header) for header in headers]:
        return "header_again"
    if any(_SUM.fullmatch(cell) for cell in filled[:2]):
        return "sum_row"
    return "remark_row" if len(set(filled)) == 1 and _REMARK.match(filled[0]) else ""
