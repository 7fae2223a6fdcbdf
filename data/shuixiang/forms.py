"""The forms in which offices keep ledgers: Baidu's coordinates, text in GBK, workbooks with titles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from shuixiang.canvas import Point, lonlat_of

EPOCH = datetime(2000, 1, 1)  # a workbook says when it was made: the same bytes on every day
Row = Sequence[object]


def bd09_of(place: Point) -> tuple[str, str]:
    """Longitude and latitude of a place of the sheet as Baidu's maps give them, to a decimetre.

    The published formulas of GCJ-02 and BD-09, written out apart from those that undo them.
    """
    lon, lat = lonlat_of(place)
    x, y = lon - 105.0, lat - 35.0
    root, turn = math.sqrt(abs(x)), math.pi
    waves = 20.0 * (math.sin(6.0 * x * turn) + math.sin(2.0 * x * turn))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    north += (waves + 20.0 * math.sin(y * turn) + 40.0 * math.sin(y / 3.0 * turn)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * turn) + 320.0 * math.sin(y / 30.0 * turn)) * 2.0 / 3.0
    east += (waves + 20.0 * math.sin(x * turn) + 40.0 * math.sin(x / 3.0 * turn)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * turn) + 300.0 * math.sin(x / 30.0 * turn)) * 2.0 / 3.0
    axis, flat = 6378245.0, 0.00669342162296594323
    squeezed = 1 - flat * math.sin(math.radians(lat)) ** 2
    lat += math.degrees(north * squeezed**1.5 / (axis * (1 - flat)))
    lon += math.degrees(
        east * math.sqrt(squeezed) / (axis * math.cos(math.radians(lonlat_of(place)[1])))
    )
    turns = math.pi * 3000.0 / 180.0
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * turns)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * turns)
    return f"{radius * math.cos(angle) + 0.0065:.6f}", f"{radius * math.sin(angle) + 0.006:.6f}"


def gbk(rows: Sequence[Row]) -> bytes:
    """A table as spreadsheets of Chinese offices save text."""
    lines = [
        ",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in row) for row in rows
    ]
    return "\r\n".join([*lines, ""]).encode("gbk")


class Book:
    """A workbook with title rows, merged cells, sums and remarks."""

    def __init__(self) -> None:
        self.stream = BytesIO()
        self.book: Any = xlsxwriter.Workbook(self.stream, {"in_memory": True})
        self.book.set_properties({"created": EPOCH, "comments": "虚构数据 invented data"})
        self.title = self.book.add_format({"bold": True, "align": "center", "font_size": 14})
        self.head = self.book.add_format({"bold": True, "border": 1, "bg_color": "#E8EEF4"})
        self.cell = self.book.add_format({"border": 1, "valign": "vcenter"})

    def sheet(self, name: str, title: str, head: Sequence[str], widths: Sequence[int]) -> Any:
        """A sheet with its title merged over all columns and the header below."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.merge_range(0, 0, 0, len(head) - 1, title, self.title)
        for column, word in enumerate(head):
            sheet.write_string(1, column, word, self.head)
        return sheet

    def row(self, sheet: Any, row: int, cells: Row) -> None:
        """Numbers as numbers, all else as text."""
        for column, cell in enumerate(cells):
            if isinstance(cell, int | float):
                sheet.write_number(row, column, cell, self.cell)
            elif cell is not None:
                sheet.write_string(row, column, str(cell), self.cell)

    def bytes(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self.stream.getvalue()
