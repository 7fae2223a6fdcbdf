"""A document as a session: what it says to type is typed, what it says to fill in is filled in.

A block ``console`` holds commands (after ``$ ``) and what they print; a line of … stands for lines
that are left out. A table below a comment says what the reader does to a file by hand, or sees in
it; the comment names what it is, the file, and of a workbook its sheet:

    <!-- sheet FILE | SHEET -->    all rows of the sheet, the header first
    <!-- cells FILE | SHEET -->    cell, its new content
    <!-- lines FILE -->            a line as it is, what it becomes
    <!-- shows FILE -->            the header and rows that a workbook holds
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from command import gusu_geo_here

LEFT_OUT = "…"
_STEP = re.compile(
    r"```console\n(?P<typed>.*?)```"
    r"|<!-- (?P<what>sheet|cells|lines|shows) (?P<where>[^\n]*?) -->\n\n?(?P<table>(?:\|[^\n]*\n)+)",
    re.DOTALL,
)


def follow(document: str) -> list[str]:
    """Do all that the document says, in order, in the folder one is in; its commands."""
    typed: list[str] = []
    for step in _STEP.finditer(document):
        if step["typed"]:
            typed += _type(step["typed"])
        else:
            path, _, sheet = step["where"].partition(" | ")
            _BY_HAND[step["what"]](Path(path), sheet, _rows(step["table"]))
    return typed


def _type(block: str) -> list[str]:
    """Run the commands of a block and hold what they print against it."""
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    for command, printed in commands:
        name, *words = shlex.split(command)
        assert name == "gusu-geo", command
        result = gusu_geo_here(*words)
        got = result.stdout if result.returncode == 0 else result.stderr
        assert same(printed, got), f"{command}\n{got}"
    return [command for command, _ in commands]


def same(printed: str, got: str) -> bool:
    """Whether a document shows an output as it is, but for what … leaves out."""
    lines = [line.rstrip() for line in got.rstrip().splitlines()]
    shown = [re.escape(line.rstrip()) + "\n" for line in printed.rstrip().splitlines()]
    pattern = "".join(r"(?:.*\n)+?" if line == f"{LEFT_OUT}\n" else line for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def _rows(table: str) -> list[list[str]]:
    """The cells of a Markdown table, header first; of code in backticks, the code."""
    lines = [line[1:-1].split("|") for line in table.splitlines()]
    rows = [[cell.strip() for cell in line] for line in (lines[0], *lines[2:])]
    return [[re.sub(r"^`(.*)`$", r"\1", cell) for cell in row] for row in rows]


def _number(cell: str) -> str | float | None:
    """As a spreadsheet takes what is typed into a cell."""
    return float(cell) if re.fullmatch(r"-?\d+(\.\d+)?", cell) else cell or None


def _fill_sheet(path: Path, sheet: str, rows: list[list[str]]) -> None:
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    page.delete_rows(1, page.max_row)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            page.cell(number, column).value = _number(cell)
    book.save(path)


def _fill_cells(path: Path, sheet: str, rows: list[list[str]]) -> None:
    book = openpyxl.load_workbook(path)
    for cell, content in rows[1:]:
        book[sheet][cell] = _number(content)
    book.save(path)


def _change_lines(path: Path, _: str, rows: list[list[str]]) -> None:
    """What stands behind the value of a line (a comment) may stay away in the document."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for old, new in rows[1:]:
        found = [
            n for n, line in enumerate(lines) if re.fullmatch(re.escape(old) + r"( +#.*)?", line)
        ]
        assert len(found) == 1, (old, found)
        lines[found[0]] = new
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _look(path: Path, _: str, rows: list[list[str]]) -> None:
    """Headers and reasons are in both languages, one below the other: one of them is shown."""
    book = openpyxl.load_workbook(path)
    there = [row for page in book for row in page.iter_rows(values_only=True)]
    assert len(there) == len(rows), there
    for row, shown in zip(there, rows, strict=True):
        assert len(row) == len(shown), row
        for cell, said in zip(row, shown, strict=True):
            assert said in str("" if cell is None else cell).split("\n"), (said, cell)


_BY_HAND: dict[str, Callable[[Path, str, list[list[str]]], Any]] = {
    "sheet": _fill_sheet,
    "cells": _fill_cells,
    "lines": _change_lines,
    "shows": _look,
}
