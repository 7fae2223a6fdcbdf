"""Capacities of venues as offices write them: "60", "60座", "约120人次/日"."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd

from gusu_geo.sources.ledgers.cells import number_in, plain_text
from gusu_geo.sources.ledgers.headers import Table
from gusu_geo.tables import Bools
from gusu_geo.words import folded

_BLANK = frozenset(("", "-", "—", "——", "/", "不详", "未知", "unknown"))
# One spelling of units that differ in nothing else; others stay as they are written.
_SPELLINGS = {
    "座": ("座", "座位", "个座位", "席", "席位", "位", "seat", "seats"),
    "床": ("床", "张床", "床位", "张床位", "张", "bed", "beds"),
    "人": ("人", "名", "person", "persons"),
    "人次": ("人次",),
    "人次/日": ("人次/日", "人次/天", "人次每日", "人次每天"),
    "份/日": ("份/日", "份/天", "餐/日", "餐/天"),
    "学位": ("学位", "个学位", "托位", "个托位"),
}
_UNITS = {spelling: unit for unit, each in _SPELLINGS.items() for spelling in each}
_WITH_UNIT = re.compile(
    rf"(?P<count>.*[\d万])\s*(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
)
_BRACKETS = re.compile(r"\(([^()]+)\)\s*$")
SHARED, UNREAD = "capacity_shared", "capacity_unread"  # reasons in ``Reading.doubted``


def capacity_in(cell: object) -> tuple[float, str]:
    """What a cell holds and its unit, "" where it names none; NaN where it holds no number.

    >>> capacity_in("60"), capacity_in("约60 个座位"), capacity_in("1,200人次/天")
    ((60.0, ''), (60.0, '座'), (1200.0, '人次/日'))
    """
    words = plain_text(cell)
    found = _WITH_UNIT.fullmatch(words)
    if found and not math.isnan(number_in(found["count"])):
        return number_in(found["count"]), _UNITS[found["unit"]]
    return number_in(words), ""


def unit_in(cell: object) -> str:
    """The unit that a cell of its own column names.

    >>> unit_in("座位"), unit_in("人次/天"), unit_in("课时")
    ('座', '人次/日', '课时')
    """
    words = folded(cell)
    return _UNITS.get(words, "" if words in _BLANK else plain_text(cell))


def add_capacity(
    kept: pd.DataFrame, cells: pd.DataFrame, headers: dict[str, str], table: Table
) -> None:
    """Columns capacity (float, NaN unknown) and unit of ``kept``. Unknown, and marked as such: a
    cell that holds no number, or one below 0 (the venue is there all the same, and no verdict
    changes by its capacity), and one merged over several rows, which is of all of them together."""
    header = headers["capacity"]
    numbers, units = np.full(len(cells), np.nan), [""] * len(cells)
    unread = np.zeros(len(cells), bool)
    for at, cell in enumerate(cells[header]):
        if folded(cell) in _BLANK:
            continue
        numbers[at], units[at] = capacity_in(cell)
        unread[at] = not 0 <= numbers[at] < math.inf
    numbers[unread] = np.nan
    own = [""] * len(cells)
    if "unit" in headers:
        own = [unit_in(cell) for cell in cells[headers["unit"]]]
    of_all = _header_unit(header)
    units = [unit or said or of_all for unit, said in zip(units, own, strict=True)]
    merged = _merged(cells, list(table.cells.columns).index(header), table)
    numbers[merged] = np.nan
    kept["capacity"], kept["unit"] = numbers, units
    kept[SHARED], kept[UNREAD] = merged, unread


def _header_unit(header: str) -> str:
    """The unit that the header itself names in brackets, 容量（座）; "" for none that is known."""
    found = _BRACKETS.search(plain_text(header))
    return _UNITS.get(folded(found[1]), "") if found else ""


def _merged(cells: pd.DataFrame, place: int, table: Table) -> Bools:
    """Rows under one cell: those that repeat it, and the first above them."""
    repeats = [(int(row), place) in table.merged for row in cells.index]
    following = [*repeats[1:], False]
    return np.array([a or b for a, b in zip(repeats, following, strict=True)], bool)
