"""Checks that the parts of a shapefile fit each other: GDAL reads on where they do not.

With one wrong length in its head, every cell of a .dbf is cut at another place, and a .shx that is
off by some bytes gives other shapes.
"""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gusu_geo.errors import SourceError
from gusu_geo.foreign import foreign
from gusu_geo.sources.ledgers.faults import raise_faults
from gusu_geo.tables import Ints
from gusu_geo.words import Text, text

_HEAD, _RECORD = 100, 8  # bytes of the head of .shp and .shx, and before each shape
_FIELD, _FIELDS_END = 32, b"\r"
_NUMBERS = (b"N", b"F")
_LONG_TEXT = b"C"  # some programs keep the high byte of its length where numbers have decimals


class _Field(NamedTuple):
    """A column of a .dbf: kind, decimals, and where in the row it stands, in bytes."""

    name: str
    kind: bytes
    decimals: int
    at: int
    size: int


def refuse_unfit(path: Path, spot: str) -> None:
    """Raises SourceError: shapes that lie elsewhere than .shx says; fields that do not fill the
    rows of the .dbf, another number of rows than of shapes, or words in a column of numbers. A part
    that is missing is left to GDAL."""
    places = _part(path, ".shx", spot)
    if places is None:
        return
    with foreign(".shp", path, where=spot):
        shapes = path.read_bytes()
    index = np.frombuffer(places[_HEAD : _HEAD + (len(places) - _HEAD) // 8 * 8], ">i4")
    at, size = 2 * index.reshape(-1, 2).astype(np.int64).T
    if not _lie_there(shapes, at, size):
        raise _unfit(spot, ".shx")
    rows = _part(path, ".dbf", spot)
    if rows is None:
        return
    told, head, width = _sizes(rows)
    fields = _fields(rows)
    if told != len(at) or head + told * width > len(rows) or not fields:
        raise _unfit(spot, ".dbf")
    raise_faults(_number_faults(rows, fields), spot)


def _lie_there(shapes: bytes, at: Ints, size: Ints) -> bool:
    """Whether a shape of that many bytes begins at each place."""
    if len(at) == 0:
        return True
    if at.min() < _HEAD or (at + _RECORD + size).max() > len(shapes):
        return False
    heads = np.frombuffer(shapes, np.uint8)[at[:, None] + np.arange(4, _RECORD)]
    told = np.ascontiguousarray(heads).view(">i4")[:, 0].astype(np.int64)
    return bool((2 * told == size).all())


def _sizes(rows: bytes) -> tuple[int, int, int]:
    """Number of rows, bytes before the first, and bytes of each, as the head of a .dbf says."""
    count, head, width = (
        int.from_bytes(rows[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12))
    )
    return count, head, width


def _fields(rows: bytes) -> list[_Field]:
    """The fields of each row; none if they do not fill it."""
    heads = rows[_FIELD : rows.find(_FIELDS_END, _FIELD)]
    each = [heads[at : at + _FIELD] for at in range(0, len(heads) - _FIELD + 1, _FIELD)]
    plain = [one[16] for one in each]
    high = [one[16] + (one[17] << 8 if one[11:12] == _LONG_TEXT else 0) for one in each]
    width = int.from_bytes(rows[10:12], "little")
    sizes = next((found for found in (plain, high) if 1 + sum(found) == width), [])
    return [
        _Field(one[:11].split(b"\0")[0].decode("utf-8", "replace"), one[11:12], one[17], at, size)
        for one, at, size in zip(each, accumulate([1, *sizes]), sizes, strict=False)
    ]


def _number_faults(rows: bytes, fields: list[_Field]) -> dict[int, Text]:
    """What is no number in a column of numbers, by row: GDAL reads its first digits, or 0; in a
    column of whole numbers it drops what follows the point."""
    count, head, width = _sizes(rows)
    table = np.frombuffer(rows[head : head + count * width], np.uint8).reshape(count, width)
    table = table[table[:, 0] != ord("*")]  # rows that were deleted
    faults: dict[int, Text] = {}
    for field in fields:
        if field.kind in _NUMBERS and field.size:
            cells = np.ascontiguousarray(table[:, field.at : field.at + field.size])
            words = np.char.strip(cells.view(f"S{field.size}")[:, 0], b" \0").tolist()
            for row, cell in enumerate(words, start=1):
                why = _number_fault(cell, field) if cell.strip(b"*") else None
                if why is not None:
                    faults.setdefault(row, why)
    return faults


def _number_fault(cell: bytes, field: _Field) -> Text | None:
    """What is wrong with a cell of a column of numbers; None if nothing is."""
    facts = {"header": field.name, "cell": cell.decode("utf-8", "replace")}
    try:
        number = float(cell)
    except ValueError:
        return text("error.no_number", **facts)
    if field.decimals or number.is_integer():
        return None
    return text("error.no_whole_number", **facts)


def _part(path: Path, ending: str, spot: str) -> bytes | None:
    """The bytes of another part; None if there is none."""
    for name in (path.with_suffix(ending), path.with_suffix(ending.upper())):
        if name.is_file():
            with foreign(".shp", name, where=spot):
                return name.read_bytes()
    return None


def _unfit(spot: str, ending: str) -> SourceError:
    what, fix = text("error.shapefile_unfit", part=ending), text("error.copy_again")
    return SourceError(what, where=spot, fix=fix)
