"""Reads tables as they stand: every cell as text, every row under the number its program shows.

Workbooks (.xlsx .xls .et .ods) give a grid for each visible sheet, text files (.csv .tsv .txt) one.
Cells that were merged hold the same text each.
"""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from gusu_geo.foreign import each, foreign
from gusu_geo.sources.ledgers.cells import text_of
from gusu_geo.sources.ledgers.workbooks import refuse_large, refuse_unsound

BOOKS = (".xlsx", ".xls", ".et", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
UNPACKED_MAX_BYTES = 2_000_000_000  # of a workbook: more was packed to do harm
AT_ONCE = 50_000  # rows turned into columns at a time
SAMPLE_ROWS = 40  # from which the character between the cells is found
SAMPLE_BYTES = 1 << 16
NULS_MIN = 0.05  # share of zero bytes from which a text without a mark is UTF-16
_BETWEEN = (",", "\t", ";", "|")
_TEXT = "string[pyarrow]"  # a tenth of the memory of Python's own texts


@dataclass(frozen=True, eq=False)
class Grid:
    """One table. name: of the sheet, "" for a file that is one table; cells: columns 0, 1, ...,
    index = row numbers from 1, rows without any cell left out; merged: the cells that repeat the
    first cell of a merged range, ``(row number, column)``; encoding: of a text file; hidden: names
    of sheets that are not shown, and not read."""

    name: str
    cells: pd.DataFrame
    merged: frozenset[tuple[int, int]] = frozenset()
    encoding: str = ""
    hidden: tuple[str, ...] = ()


def read_grids(path: Path, spot: str) -> list[Grid]:
    """The tables of a file. Raises SourceError: unreadable, damaged, too large."""
    return [_text_grid(path, spot)] if path.suffix.lower() in TEXTS else _sheets(path, spot)


@contextmanager
def plain_memory() -> Iterator[None]:
    """Arrow takes memory from the system and gives it back: its own pool keeps what was once used,
    of a million rows a quarter of the whole."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def _sheets(path: Path, spot: str) -> list[Grid]:
    import python_calamine

    kind = path.suffix.lower()
    with foreign(kind, path, where=spot):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > UNPACKED_MAX_BYTES:
                raise MemoryError
            refuse_unsound(path, spot)
        with path.open("rb") as file:  # its name may end in .et
            book = python_calamine.CalamineWorkbook.from_filelike(file)
    visible = python_calamine.SheetVisibleEnum.Visible
    table = python_calamine.SheetTypeEnum.WorkSheet
    seen = [sheet for sheet in book.sheets_metadata if sheet.typ == table]
    hidden = tuple(sheet.name for sheet in seen if sheet.visible != visible)
    grids = []
    for sheet in seen:
        if sheet.name not in hidden:
            with foreign(kind, path, where=spot):
                found = book.get_sheet_by_name(sheet.name)
            grids.append(_sheet(found, f"{spot}: {sheet.name}", kind, hidden))
    return grids


def _sheet(sheet: Any, spot: str, kind: str, hidden: tuple[str, ...]) -> Grid:
    """A sheet row by row; merged cells are filled, and formulas that failed are blank."""
    with foreign(kind, spot):
        ranges = sheet.merged_cell_ranges or []
        start = sheet.start or (0, 0)
        last_row, last_column = sheet.end or (0, 0)
    refuse_large(last_row + 1, last_column + 1, spot, cells=0)
    fill = _filled(ranges, last_row, last_column, spot)
    sources = set(fill.values())
    firsts: dict[tuple[int, int], str] = {}

    def rows() -> Iterator[tuple[int, list[str]]]:
        for row, values in enumerate(each(kind, sheet.iter_rows(), spot), start=start[0]):
            cells = [""] * start[1] + [_cell(value) for value in values]
            for column in range(len(cells)) if fill else ():
                if (row, column) in sources:
                    firsts[row, column] = cells[column]
                elif (row, column) in fill:
                    cells[column] = firsts.get(fill[row, column], "")
            yield row + 1, cells

    cells = _columns(rows(), spot)
    merged = frozenset((row + 1, column) for row, column in fill)
    return Grid(sheet.name, cells, merged, hidden=hidden)


def _filled(
    ranges: Any, last_row: int, last_column: int, spot: str
) -> dict[tuple[int, int], tuple[int, int]]:
    """The first cell of its merged range, by each further cell of it that the sheet uses."""
    fill: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, right) in ranges:
        bottom, right = min(bottom, last_row), min(right, last_column)
        refuse_large(0, 0, spot, cells=len(fill) * 8 + (bottom - top + 1) * (right - left + 1) * 8)
        cells = [(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
        fill |= dict.fromkeys(cells[1:], (top, left))
    return fill


def _cell(value: Any) -> str:
    """A cell of a workbook as text. "#N/A" and the like are formulas that failed."""
    words = text_of(value)
    return "" if words.startswith("#") and words.rstrip("!?").isupper() else words


def _text_grid(path: Path, spot: str) -> Grid:
    """A text file: its encoding and the character between its cells are found, never assumed."""
    encoding = _encoding(path, spot)
    with foreign(".csv", path, where=spot):
        with path.open(encoding=encoding, newline="") as file:
            between = _between(file.read(SAMPLE_BYTES))
        file = path.open(encoding=encoding, newline="")
    with file:
        rows = each(".csv", csv.reader(file, delimiter=between), spot)
        numbered = ((number, [cell.strip() for cell in cells]) for number, cells in _lines(rows))
        cells = _columns(numbered, spot)
    return Grid("", cells, encoding=encoding)


def _lines(rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    return enumerate(rows, start=1)


def _encoding(path: Path, spot: str) -> str:
    """UTF-8, UTF-16 or UTF-32 with a mark, UTF-16 without, or GB18030, which holds GBK.

    Raises SourceError: none of them.
    """
    with foreign(".csv", path, where=spot), path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
        if head[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
            return "utf-32"
        if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        first, second = head[::2].count(0), head[1::2].count(0)
        # Digits and commas have a zero on one side; a torn file has them anywhere.
        if min(first, second) == 0 and max(first, second) > NULS_MIN * len(head):
            return "utf-16-le" if second else "utf-16-be"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def _between(sample: str) -> str:
    """The character between the cells: the one that gives most rows the same, greatest width."""
    lines = sample.splitlines(keepends=True)

    def width(between: str) -> tuple[int, int]:
        rows = islice(csv.reader(lines, delimiter=between), SAMPLE_ROWS)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        return max(((count, size) for size, count in widths.items()), default=(0, 0))

    return max(_BETWEEN, key=width)


def _columns(rows: Iterable[tuple[int, list[str]]], spot: str) -> pd.DataFrame:
    """The rows that have any cell, as columns of text; index: their numbers."""
    parts: list[pd.DataFrame] = []
    numbers: list[int] = []
    held: list[list[str]] = []
    count = width = 0

    def keep() -> None:
        if held:
            widest = max(map(len, held))
            for row in held:
                row += [""] * (widest - len(row))
            parts.append(pd.DataFrame(held, index=numbers, dtype=_TEXT))
            numbers.clear()
            held.clear()

    for number, cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        count, width = count + 1, max(width, len(cells))
        refuse_large(count, width, spot)
        numbers.append(number)
        held.append(cells)
        if len(held) >= AT_ONCE:
            keep()
    keep()
    if not parts:
        return pd.DataFrame(index=pd.Index([], dtype=np.int64))
    narrow = len({part.shape[1] for part in parts}) > 1
    whole = pd.concat(parts) if len(parts) > 1 else parts[0]
    parts.clear()
    return whole.fillna("") if narrow else whole
