"""``rejected.xlsx``: every row of the planner's files that could not be read, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from gusu_geo.report.sheets import marks, plain
from gusu_geo.words import both

COLUMNS = (
    ("file", 28), ("part", 16), ("row", 8), ("column", 16), ("value", 32),
    ("reason", 48), ("remedy", 48),
)  # fmt: skip
TEXTS = ("reason", "remedy")  # in both languages, Chinese above English
EPOCH = datetime(2000, 1, 1)  # the same bytes on every day


def rejected_book(rows: Sequence[Mapping[str, Any]], *, invented: bool = False) -> bytes:
    """The workbook as bytes: one sheet, a row for each rejected row. invented: marked as such in
    its properties and at the foot of each page."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    mark = marks(internal=False, invented=invented)
    book.set_properties({"created": EPOCH} | ({"comments": mark} if invented else {}))
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    words = both("workbook.sheet_rejected")
    sheet = book.add_worksheet(plain(f"{words['zh']} {words['en']}")[:31])
    for place, (key, width) in enumerate(COLUMNS):
        words = both(f"head.rejected_{key}")
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, f"{words['zh']}\n{words['en']}", head)
    for number, row in enumerate(rows, start=1):
        for place, (key, _) in enumerate(COLUMNS):
            if key == "row":
                sheet.write_number(number, place, row[key], body)
            elif key in TEXTS:
                said = row[key]
                sheet.write_string(number, place, plain(f"{said['zh']}\n{said['en']}"), body)
            else:
                sheet.write_string(number, place, plain(str(row[key])), body)
    if invented:
        sheet.set_footer(f"&C&8{mark}")
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
    book.close()
    return stream.getvalue()
