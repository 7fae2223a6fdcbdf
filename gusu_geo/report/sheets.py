"""Sheets of the workbook: formats, tables and cells. Every text is written as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary
from gusu_geo.report.labels import basis, bilingual, capital, is_counted
from gusu_geo.report.stamp import RUN_ID
from gusu_geo.tables import Both, Floats
from gusu_geo.words import Text, both, text

LONGEST = 32_767  # UTF-16 units in one cell, Excel's limit
HIGHEST_PT = 409.0  # of a row, Excel's limit
LINE_PT = 14.5  # of a line of text
NAME_WIDTH = 48  # of the names on a first sheet
UNKNOWN_CELL = "—"
LICENCE = "© OpenStreetMap contributors (ODbL)"
ACCENT, SOFT, LINE, PALE, LATE, GAP = (
    "#0B5C8F", "#4F5B68", "#DCDFE3", "#EAF1F6", "#FBE3D6", "#F4B183",
)  # fmt: skip
SECTION_CELL = {"bold": True, "font_color": ACCENT, "bottom": 1, "bottom_color": ACCENT}
# What XML cannot hold. All other hostile text is harmless: cells are written as text.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
FORMS = {
    "text": {},
    "mark": {"align": "center"},
    "count": {"num_format": "#,##0"},
    "persons": {"num_format": "#,##0"},
    "estimate": {"num_format": '"~"#,##0'},
    "share": {"num_format": "0.0%"},
    "minutes": {"num_format": "0.0"},
    "speed": {"num_format": "0.0#"},
    "metres": {"num_format": "0.0"},
    "ratio": {"num_format": "0.00"},
    "amount": {"num_format": "General"},
    "chance": {"num_format": "0.0000"},
    "degrees": {"num_format": "0.00000"},
}


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    head: key of the words file, a text of it, or a name of the data; values: text, number or None
    (empty cell); form: key of ``FORMS``; late: rows whose cell is tinted; wrap: long texts are
    shown whole, in several lines.
    """

    head: str | Text | Both
    values: Sequence[Any] | Floats
    form: str = "text"
    width: float = 12
    late: Sequence[bool] = ()
    wrap: bool = False

    @property
    def words(self) -> Both:
        """The head in both languages, the English with a capital."""
        head = text(self.head) if isinstance(self.head, str) else self.head
        return capital(head) if isinstance(head, Text) else head


@dataclass(frozen=True)
class Imprint:
    """What a workbook says of itself. dated: date of the data, "" unknown; caption: above the
    numbers of every sheet; counted: whether somebody counted the persons."""

    title: str
    licence: str
    dated: str
    caption: str
    run_id: str
    counted: bool
    internal: bool
    invented: bool

    @classmethod
    def of(cls, summary: Summary, run_id: str = "") -> Imprint:
        """Of a run; run_id: where it is another."""
        return cls(
            title=bilingual(summary["title"]) or summary["study"],
            licence=summary["data"]["licence"],
            dated=summary["data"]["osm_date"],
            caption=" · ".join(caption(summary)),
            run_id=run_id or summary["run_id"],
            counted=is_counted(summary["data"]),
            internal=bool(summary["report"]["internal"]),
            invented=summary["invented"],
        )


class Book:
    """A workbook that is being written, and its formats, each made once."""

    def __init__(self, stream: BytesIO, of: Outcome | Imprint, run_id: str = "") -> None:
        """run_id: where it is not that of the outcome."""
        imprint = of if isinstance(of, Imprint) else Imprint.of(of.summary, run_id)
        self.run_id = imprint.run_id
        self.file = xlsxwriter.Workbook(stream, {"in_memory": True})
        title, licence = plain(imprint.title)[:255], plain(imprint.licence)[:255]
        created = _date_of(imprint.dated)
        self.file.set_properties({"title": title, "comments": licence, "created": created})
        self.file.set_custom_property(RUN_ID, self.run_id, "text")
        self.caption = imprint.caption
        self.counted = imprint.counted
        self.internal = imprint.internal
        self.invented = imprint.invented
        self.made: dict[str, Any] = {}

    def form(self, **look: Any) -> Any:
        """The format with these properties of xlsxwriter."""
        key = repr(sorted(look.items()))
        if key not in self.made:
            self.made[key] = self.file.add_format({"valign": "vcenter", "font_size": 10} | look)
        return self.made[key]

    def form_of(self, column: Column) -> dict[str, Any]:
        """The look of a column's cells; persons whom nobody counted are marked."""
        guess = column.form == "persons" and not self.counted
        return FORMS["estimate" if guess else column.form]

    def title_of(self, column: Column) -> str:
        """The head of a column, Chinese above English."""
        words = column.words
        if column.form == "persons" and not self.counted:
            words = both("fact.estimated", what=words)
        return f"{words['zh']}\n{words['en']}"

    def sheet(self, name: str) -> Any:
        """An empty sheet: A4 landscape, one page wide, licence and page number at the foot."""
        sheet = self.file.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.7)
        mark = marks(internal=self.internal, invented=self.invented)
        sheet.set_footer(f"&L&8{source_mark(self.invented)}&C&8{mark}&R&8&P / &N")
        sheet.hide_gridlines(2)
        return sheet

    def head(self, sheet: Any, title: str, answer: Both) -> None:
        """The head of a first sheet: title, basis, marks, and the answer in a sentence; the next
        free row is the sixth."""
        sheet.set_column(0, 0, NAME_WIDTH)
        sheet.set_column(1, 5, 17)
        sheet.set_row(0, 28)
        look = {"bold": True, "font_size": 18, "font_color": ACCENT}
        sheet.write_string(0, 0, plain(title), self.form(**look))
        sheet.write_string(1, 0, plain(self.caption), self.form(font_color=SOFT))
        mark = marks(internal=self.internal, invented=self.invented)
        if mark:
            sheet.write_string(2, 0, mark, self.form(font_color=SOFT, bold=self.invented))
        bold = self.form(text_wrap=True, valign="top", bold=True)
        sheet.merge_range(3, 0, 3, 5, "", bold)  # merge_range would take text for a formula
        sheet.write_string(3, 0, plain(both_lines(answer)), bold)
        sheet.set_row(3, LINE_PT * _line_count(plain(both_lines(answer)), width=110))

    def part(self, sheet: Any, row: int, columns: Sequence[Column]) -> int:
        """A table within the first sheet; returns the row after it."""
        for c, column in enumerate(columns):
            head = self.form(**SECTION_CELL, align="right" if c else "left", text_wrap=True)
            sheet.write_string(row, c, self.title_of(column), head)
            for r, value in enumerate(column.values):
                look = {"bottom": 4, "bottom_color": LINE, **self.form_of(column)}
                self.cell(sheet, row + 1 + r, c, value, look if c else look | {"text_wrap": True})
        sheet.set_row(row, 30)
        for r, value in enumerate(columns[0].values, start=row + 1):
            lines = _line_count(str(value), width=NAME_WIDTH)
            if lines > 1:
                sheet.set_row(r, LINE_PT * lines)
        return row + 1 + len(columns[0].values)

    def facts(self, sheet: Any, row: int, title: str, facts: Sequence[tuple[str, str]]) -> None:
        """Names and texts at the foot of the first sheet."""
        sheet.merge_range(row, 0, row, 5, title, self.form(**SECTION_CELL))
        quiet = self.form(valign="top", font_color=SOFT, text_wrap=True)
        wrapped = self.form(valign="top", text_wrap=True)
        for at, (name, value) in enumerate(facts, start=row + 1):
            sheet.write_string(at, 0, name, quiet)
            sheet.merge_range(at, 1, at, 5, "", wrapped)
            sheet.write_string(at, 1, plain(value), wrapped)
            lines = max(_line_count(plain(value), width=92), _line_count(name, width=NAME_WIDTH))
            sheet.set_row(at, min(HIGHEST_PT, LINE_PT * lines))

    def table(
        self, name: str, columns: Sequence[Column], *, hint: str, fixed: int, sums: int = 0
    ) -> tuple[Any, int]:
        """A sheet with title, walking facts, hint, header and rows; the sheet and its first row.

        fixed: columns that stay when scrolling; sums: last rows, set apart from the filter.
        """
        sheet, first = self.sheet(name), 4
        rows = len(columns[0].values)
        body = rows - sums
        sheet.write_string(0, 0, name, self.form(bold=True, font_size=14, font_color=ACCENT))
        sheet.write_string(1, 0, plain(self.caption), self.form(font_color=SOFT, font_size=9))
        sheet.write_string(2, 0, plain(hint), self.form(font_color=SOFT, font_size=9))
        head = self.form(
            bold=True, font_color="#FFFFFF", bg_color=ACCENT, text_wrap=True, align="center"
        )
        lines = max(_line_count(self.title_of(one), width=int(one.width) - 2) for one in columns)
        sheet.set_row(first - 1, max(56.0, LINE_PT * lines))
        _set_rows(sheet, first, columns)
        for c, column in enumerate(columns):
            sheet.set_column(c, c, column.width)
            sheet.write_string(first - 1, c, plain(self.title_of(column)), head)
            for r, value in enumerate(column.values):
                look: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
                look |= self.form_of(column)
                if c and column.form == "text":  # not close to the number before it
                    look |= {"indent": 1, "text_wrap": column.wrap}
                if r >= body:
                    look |= {"bold": True, "bg_color": PALE}
                elif len(column.late) and column.late[r]:
                    look["bg_color"] = LATE
                self.cell(sheet, first + r, c, value, look)
        sheet.freeze_panes(first, fixed)
        sheet.repeat_rows(0, first - 1)
        sheet.autofilter(first - 1, 0, first - 1 + max(body, 1), len(columns) - 1)
        return sheet, first

    def cell(self, sheet: Any, row: int, column: int, value: Any, look: dict[str, Any]) -> None:
        """One cell: text stays text, None is empty."""
        if value is None:
            sheet.write_blank(row, column, None, self.form(**look))
        elif isinstance(value, str):
            word = {"align": "right"} if value in (no_data_cell(), UNKNOWN_CELL) else {}
            sheet.write_string(row, column, plain(value), self.form(**look, **word))
        else:
            sheet.write_number(row, column, float(value), self.form(**look))


def _set_rows(sheet: Any, first: int, columns: Sequence[Column]) -> None:
    """Rows as high as texts that wrap want them."""
    wrapped = [column for column in columns if column.wrap]
    for r in range(len(columns[0].values) if wrapped else 0):
        lines = max(
            _line_count(str(column.values[r] or ""), width=int(column.width)) for column in wrapped
        )
        if lines > 1:
            sheet.set_row(first + r, min(HIGHEST_PT, LINE_PT * lines))


def plain(text: object) -> str:
    """Text as a cell can hold it: illegal characters become U+FFFD, what is too long ends in "…".

    >>> plain("a" + chr(0) + "b")
    'a\ufffdb'
    """
    clean = _ILLEGAL.sub("\ufffd", str(text))
    if len(clean.encode("utf-16-le")) // 2 <= LONGEST:
        return clean
    cut = clean.encode("utf-16-le")[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore")
    return f"{cut}…"


def no_data_cell() -> str:
    """What stands in a cell of numbers where the data name no venue."""
    return both("state.no_data")["zh"]


def both_lines(words: Both) -> str:
    """Chinese above English."""
    return f"{words['zh']}\n{words['en']}"


def _line_count(text: str, *, width: int) -> int:
    """Lines that wrapped text takes; a Chinese character is two wide."""
    return sum(
        1 + sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) // width
        for line in text.split("\n")
    )


def marks(*, internal: bool, invented: bool) -> str:
    """What invented data and a draft for internal use say, "" for neither."""
    keys = [*["fact.invented"] * invented, *["fact.internal"] * internal]
    return " · ".join(bilingual(capital(text(key))) for key in keys)


def source_mark(invented: bool) -> str:
    """Whose data these are."""
    return bilingual(capital(text("fact.invented"))) if invented else LICENCE


def caption(summary: Summary) -> list[str]:
    """What every sheet says above its numbers."""
    rule, facts = summary["rule"], map(bilingual, basis(summary))
    return [f"{rule['pack']} {rule['version']}", *facts, source_mark(summary["invented"])]


def _date_of(osm_date: str) -> datetime:
    """The date of the data, 1970 when they are undated; never today, so that bytes repeat."""
    try:
        return datetime.fromisoformat(osm_date[:19])
    except ValueError:
        return datetime(1970, 1, 1)


def each(rows: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    """One column of rows, None where a row lacks it."""
    return [row.get(key) for row in rows]
