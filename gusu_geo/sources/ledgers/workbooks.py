"""Is a workbook sound? Looked at before calamine reads it: XML that is none it reads as far as it
goes, and a stray cell that spans more than fits into memory ends the process."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.parsers import expat

from gusu_geo.errors import SourceError
from gusu_geo.words import text

ROWS_MAX, COLUMNS_MAX = 2**20, 2**14  # of a sheet, as every spreadsheet program has them
CELLS_MAX = 50_000_000  # of a table, 4 GB as text
# Parts that hold cells, of .xlsx and of .ods.
_CELLS = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings|workbook)\.xml|content\.xml")
_PLACE = re.compile(r"([A-Z]{1,4})(\d{1,10})")


def refuse_unsound(path: Path, spot: str) -> None:
    """Raises SourceError: a sheet is too large; whatever expat and zipfile raise: damaged."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not _CELLS.fullmatch(name):
                continue
            extent = _Extent()
            parser = expat.ParserCreate()
            if "worksheets" in name:
                parser.StartElementHandler = extent.see
            with archive.open(name) as part:
                parser.ParseFile(part)
            refuse_large(extent.row, extent.column, spot)


class _Extent:
    """The last row and column of a sheet that any cell is said to be in."""

    def __init__(self) -> None:
        self.row = self.column = 0

    def see(self, tag: str, attributes: dict[str, str]) -> None:
        """Called by expat for each element."""
        if tag != "c":
            return
        place = attributes.get("r", "")
        found = _PLACE.fullmatch(place)
        if place and not found:  # beyond any sheet, or no place at all
            self.row = ROWS_MAX + 1
        elif found:
            self.row = max(self.row, int(found[2]))
            column = 0
            for letter in found[1]:
                column = column * 26 + ord(letter) - 64
            self.column = max(self.column, column)


def refuse_large(rows: int, columns: int, spot: str, cells: int | None = None) -> None:
    """Raises SourceError: more rows or columns than a sheet can have, or too many cells."""
    cells = rows * columns if cells is None else cells
    if rows > ROWS_MAX or columns > COLUMNS_MAX or cells > CELLS_MAX:
        raise SourceError(
            text("error.table_too_large", rows=rows, columns=columns),
            where=spot,
            fix=text("error.remove_stray"),
        )
