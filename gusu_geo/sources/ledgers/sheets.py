"""Reads the sheets of a workbook, row by row."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.foreign import each, foreign
from gusu_geo.sources.ledgers.faults import PARTS, Part
from gusu_geo.sources.ledgers.parts import DOUBTS
from gusu_geo.words import folded, text

ROWS_MAX, COLUMNS_MAX = 2**20, 2**14  # of a sheet, as every spreadsheet program has them
CELLS_MAX = 50_000_000  # of a table, 4 GB as text
UNPACKED_MAX_BYTES = 2_000_000_000  # of a workbook: more was packed to do harm
Rows = Iterator[tuple[int, list[Any]]]  # rows with any cell, by number; no blank cells at the end


def read_sheets(path: Path, spot: str) -> pd.DataFrame:
    """The first sheet that has any cell, and those below it with the same columns, in whatever
    order: the rows with any cell, header first; index: row numbers, counted on through all sheets.

    ``attrs`` name the sheets, see ``faults.row_in``, and those left out, see ``parts.doubts_of``.
    Words such as NA stay words, and
    blank rows take no memory: a stray cell far below the table is common.
    Raises SourceError: not a workbook, damaged, too large.
    """
    import openpyxl

    with foreign(".xlsx", path, where=spot):
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > UNPACKED_MAX_BYTES:
            raise MemoryError
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    rows: dict[int, list[Any]] = {}
    head: list[str] = []
    others: list[str] = []
    parts: list[Part] = []
    with closing(book):
        for sheet in book.worksheets:
            found = _rows_of(sheet, spot)
            number, cells = next(found, (0, []))
            if not cells:
                continue
            heads = ["" if cell is None else folded(cell) for cell in cells]
            above = max(rows, default=0) - number
            if not rows:
                head, rows[number], above = heads, cells, 0
            order = _order(heads, head)
            if order is None:
                others.append(sheet.title)
                continue
            parts.append(Part(sheet.title, above + number + 1, above))
            for row, values in found:
                values += [None] * (len(order) - len(values))
                rows[above + row] = [values[k] for k in order] + values[len(order) :]
                refuse_large(len(rows), len(values), spot)
    width = max(map(len, rows.values()), default=0)
    refuse_large(len(rows), width, spot)
    full = [cells + [None] * (width - len(cells)) for cells in rows.values()]
    frame = pd.DataFrame(full, index=list(rows), dtype=object)
    if others:
        frame.attrs[DOUBTS] = {"other_sheets": others}
    if len(parts) > 1:
        frame.attrs[PARTS] = parts
    return frame


def _order(heads: list[str], wanted: list[str]) -> list[int] | None:
    """Where the columns of the first sheet stand in another; None if it has other columns, or if
    columns of one name stand in another order."""
    if heads == wanted:
        return list(range(len(heads)))
    if sorted(heads) != sorted(wanted) or len(set(heads)) < len(heads):
        return None
    return [heads.index(name) for name in wanted]


def _rows_of(sheet: Any, spot: str) -> Rows:
    for number, cells in enumerate(each(".xlsx", _cells_of(sheet), spot), start=1):
        refuse_large(number, len(cells), spot, cells=0)
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _cells_of(sheet: Any) -> Iterator[list[Any]]:
    """The cells of each row of a sheet; formulas that failed are blank."""
    sheet.reset_dimensions()  # what a file says of its size may be wrong
    for row in sheet.rows:
        yield [None if cell.data_type == "e" else cell.value for cell in row]


def refuse_large(rows: int, columns: int, spot: str, cells: int | None = None) -> None:
    """Raises SourceError: more rows or columns than a sheet can have, or too many cells."""
    cells = rows * columns if cells is None else cells
    if rows > ROWS_MAX or columns > COLUMNS_MAX or cells > CELLS_MAX:
        raise SourceError(
            text("error.table_too_large", rows=rows, columns=columns),
            where=spot,
            fix=text("error.remove_stray"),
        )
