"""The workbook of the district's own ledgers of a new study: signals, visits, teams, bodies, pairs
and projects, each a sheet with a few example rows, and notes on every column."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter

from gusu_geo.report.rejected import EPOCH
from gusu_geo.report.sheets import plain
from gusu_geo.words import text

# Columns by sheet, with their widths.
SHEETS: dict[str, tuple[tuple[str, int], ...]] = {
    "signals": (("id", 10), ("date", 13), ("round", 8), ("origin", 16), ("kind", 10), ("theme", 18),
                ("community", 18), ("compound", 18), ("lon", 13), ("lat", 13), ("remark", 28)),
    "visits": (("community", 18), ("round", 8), ("visits", 12), ("remark", 28)),
    "teams": (("team", 22), ("community", 18), ("staff", 10), ("fte", 12), ("group", 16),
              ("lon", 13), ("lat", 13), ("remark", 28)),
    "bodies": (("id", 10), ("body", 30), ("tier", 10), ("functions", 30), ("most", 10), ("lon", 13),
               ("lat", 13), ("remark", 28)),
    "pairs": (("body", 30), ("community", 18), ("remark", 28)),
    "projects": (("project", 30), ("body", 30), ("community", 18), ("theme", 18), ("status", 14),
                 ("remark", 28)),
}  # fmt: skip
# Cells of the examples: numbers, names of Monaco's wards, and "@key": section [starter] of the
# words has ``cell_key``.
LARVOTTO, FONTVIEILLE, CONDAMINE = "Larvotto", "Fontvieille", "La Condamine"
EXAMPLES: dict[str, tuple[tuple[str | float, ...], ...]] = {
    "signals": (
        (
            "S1",
            "2026-03-08",
            1,
            "@liaison",
            "@problem",
            "@books",
            LARVOTTO,
            "",
            7.432501,
            43.744771,
        ),
        ("S2", "2026-03-20", 1, "12345", "@wish", "@parking", FONTVIEILLE),
    ),
    "visits": ((LARVOTTO, 1, 24), (FONTVIEILLE, 1, 30)),
    "teams": (
        ("@doctors", LARVOTTO, 3, 1.5, "@elders", 7.432501, 43.744771),
        ("@workers", FONTVIEILLE, 4, 4, "@everybody", 7.415692, 43.730102),
    ),
    "bodies": (
        ("B1", "@library", "@district", "@reading", 3, 7.420684, 43.734911),
        ("B2", "@clinic", "@district", "@health", 3),
        ("B3", "@culture_centre", "@city", "@culture", 3),
    ),
    "pairs": (("@library", FONTVIEILLE), ("@clinic", CONDAMINE)),
    "projects": (("@book_bus", "@library", FONTVIEILLE, "@books", "@under_way"),),
}
NOTES = ("district", "district_crs", "district_personal")
NUMBERS = ("round", "visits", "staff", "fte", "most", "lon", "lat")  # cells that are numbers


def district_book(lang: str) -> bytes:
    """The workbook in one language, the same bytes on every day."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": EPOCH})
    looks = {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"}),
        "text": book.add_format({"num_format": "@"}),  # dates and ids stay as they are typed
        "degrees": book.add_format({"num_format": "0.000000"}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    for name in SHEETS:
        _sheet(book, name, lang, looks)
    _notes(book, lang, looks)
    book.close()
    return stream.getvalue()


def sheet_name(key: str, lang: str) -> str:
    """The name of the sheet ``key``, one of ``SHEETS``."""
    return text(f"starter.sheet_{key}").in_language(lang)


def _sheet(book: Any, name: str, lang: str, looks: dict[str, Any]) -> None:
    sheet = book.add_worksheet(sheet_name(name, lang))
    for column, (key, width) in enumerate(SHEETS[name]):
        form = looks["degrees"] if key in ("lon", "lat") else looks["text"]
        sheet.set_column(column, column, width, None if key in NUMBERS[:5] else form)
        sheet.write_string(0, column, _head(key, lang), looks["head"])
    for row, cells in enumerate(EXAMPLES[name], start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, _said(cell, lang), looks["text"])
            else:
                degrees = SHEETS[name][column][0] in ("lon", "lat")
                sheet.write_number(row, column, cell, looks["degrees"] if degrees else None)
        remark = text("starter.example").in_language(lang)
        sheet.write_string(row, len(SHEETS[name]) - 1, plain(remark), looks["text"])
    sheet.freeze_panes(1, 0)


def _said(cell: str, lang: str) -> str:
    """A cell of an example in the language."""
    return plain(text(f"starter.cell_{cell[1:]}").in_language(lang)) if cell[:1] == "@" else cell


def _notes(book: Any, lang: str, looks: dict[str, Any]) -> None:
    """What each sheet is for and what its columns hold, then what else must be known."""
    sheet = book.add_worksheet(text("starter.sheet_notes").in_language(lang))
    for column, width in enumerate((14, 18, 90)):
        sheet.set_column(column, column, width, looks["wrapped"])
    lines = [
        ("", text(f"starter.topic_{key}").in_language(lang), f"starter.note_{key}") for key in NOTES
    ]
    for name, columns in SHEETS.items():
        lines.append((sheet_name(name, lang), "", f"starter.about_{name}"))
        for key, _ in columns:
            lines.append((sheet_name(name, lang), _head(key, lang), f"starter.{_note(name, key)}"))
    for row, (part, head, key) in enumerate(lines):
        for column, word in enumerate((part, head, text(key).in_language(lang))):
            sheet.write_string(row, column, plain(word), looks["wrapped"])


def _note(sheet: str, key: str) -> str:
    """The word that explains a column: some columns mean another thing on another sheet."""
    if key in ("lon", "lat") and sheet != "signals":
        return {"bodies": "district_body_place", "teams": "district_team_place"}[sheet]
    if key == "theme" and sheet == "projects":
        return "district_project_theme"
    return "column_remark" if key == "remark" else f"district_{key}"


def _head(key: str, lang: str) -> str:
    return text(f"starter.head_{key}").in_language(lang)
