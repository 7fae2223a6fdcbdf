"""Holds what GDAL reads of a GeoPackage against the table itself.

GDAL believes the number of rows that another program noted and reads no more, takes words in a
column of numbers for 0, and ends a text at a character of zero.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gusu_geo.errors import SourceError
from gusu_geo.foreign import foreign
from gusu_geo.words import text

_WHOLE = ("BOOLEAN", "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER")
_NUMBERS = (*_WHOLE, "REAL", "DOUBLE", "FLOAT")


def refuse_unlike(path: Path, layer: str, rows: int, spot: str) -> None:
    """Raises SourceError: the layer has another number of rows than were read, or a column of
    numbers holds something else, or a text a character of zero."""
    table = '"' + layer.replace('"', '""') + '"'
    with foreign(".gpkg", path, where=spot):
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as book:
            count = book.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            columns = book.execute(f"PRAGMA table_info({table})").fetchall()
            odd = [name for _, name, kind, *_ in columns if _odd(book, table, name, kind)]
            cut = [name for _, name, *_ in columns if _cut_short(book, table, name)]
    if count != rows:
        raise SourceError(
            text("error.features_lost", count=count, rows=rows),
            where=spot,
            fix=text("error.copy_again"),
        )
    if cut:
        what, fix = text("error.zero_character", names=tuple(cut)), text("error.copy_again")
        raise SourceError(what, where=spot, fix=fix)
    if odd:
        what, fix = text("error.no_number_column", names=tuple(odd)), text("error.mend_rows")
        raise SourceError(what, where=spot, fix=fix)


def _odd(book: sqlite3.Connection, table: str, name: str, kind: str) -> bool:
    """Whether a column of numbers holds words, bytes or, if of whole ones, fractions."""
    kind = kind.upper().split("(")[0]
    if kind not in _NUMBERS:
        return False
    column = '"' + name.replace('"', '""') + '"'
    wrong = "('text', 'blob', 'real')" if kind in _WHOLE else "('text', 'blob')"
    query = f"SELECT 1 FROM {table} WHERE typeof({column}) IN {wrong} LIMIT 1"
    return book.execute(query).fetchone() is not None


def _cut_short(book: sqlite3.Connection, table: str, name: str) -> bool:
    """Whether a text of the column holds a character of zero, at which GDAL would end it."""
    column = '"' + name.replace('"', '""') + '"'
    zero = f"typeof({column}) = 'text' AND instr(CAST({column} AS BLOB), x'00') > 0"
    return book.execute(f"SELECT 1 FROM {table} WHERE {zero} LIMIT 1").fetchone() is not None
