"""The same figures on page, console, workbook and in summary.json, to the last digit that each shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl

from gusu_geo.report.labels import heads, is_counted

HEADER = 4  # of the sheet of services


def shown_percent(share: float | None) -> str:
    """As the console writes it, without blanks."""
    return "—" if share is None else f"{share:.1%}"


def plain_percent(text: str) -> str:
    """The page's, as the console writes it: the page says that nearly nobody is not nobody."""
    bare = text.replace(" ", "")
    same = {"<0.1%": "0.0%", ">99.9%": "100.0%", "0%": "0.0%", "100%": "100.0%"}
    return same.get(bare, bare)


def assert_same_figures(page: Any, folder: Path, printed: str) -> None:
    """The page in English; printed: what ``run`` says."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    counted, known = is_counted(summary["data"]), summary["passed_known"]
    blank = any(row["state"] == "no_data" for row in summary["services"])
    book = openpyxl.load_workbook(folder / "workbook.xlsx", read_only=True)
    lines = [" ".join(line.split()) for line in printed.splitlines()]

    first = page.text("figure-known" if blank else "figure-passed").split("\n")[0]
    cells = _labelled(book.worksheets[0])
    row = cells["有数据的功能全部可达 All services with data"]
    assert plain_percent(first) == shown_percent(known["share"]) == shown_percent(row[1])
    assert row[:2] == [known["persons"], known["share"]]
    assert any(shown_percent(known["share"]) in line for line in lines)
    assert first in page.text("answer")
    said = summary["answer"]
    assert page.text("answer") == said["en"].rstrip(".") and said["en"] in lines
    assert any(said["zh"] in cell for cell in _texts(book.worksheets[0]))
    if summary["next"]:
        gain = heads(summary["next"]["gained_persons"], counted=counted)
        assert page.text("gain-0").lstrip("+") == gain
        assert any(f"{gain} persons come to have all services" in line for line in lines)

    persons = heads(summary["residences"]["persons"], counted=counted)
    assert persons.strip("~") in page.text("figure-persons")
    assert cells["全部 All"][0] == summary["residences"]["persons"]

    mean = page.text("figure-mean").split("\n")[0]
    assert mean == cells["人均可达功能项数 Services in time, mean"][0].split(" ·")[0]
    assert mean == f"{summary['mean_services']['mean']:.1f} / {summary['mean_services']['known']}"
    assert any(mean in line for line in lines)

    table = {line[0]: line for line in book.worksheets[1].iter_rows(min_row=HEADER + 1, values_only=True)}  # fmt: skip
    most = max(summary["services"], key=lambda one: one["missing_persons"])
    assert f"({heads(most['missing_persons'], counted=counted)} persons)" in page.text("answer")
    for k, service in enumerate(summary["services"]):
        told = page.js(
            f"[...document.querySelectorAll('[data-testid=service-{k}] .figure')].map(e => e.innerText)"
        )
        if service["state"] == "no_data":
            assert told == ["no data", ""]
            continue
        lacking = heads(service["missing_persons"], counted=counted)
        assert [plain_percent(told[0]), told[1]] == [shown_percent(service["share"]), lacking]
        assert list(table[service["id"]][7:9]) == [service["share"], service["missing_persons"]]
        assert any(
            (service["zh"] in line or service["en"] in line)
            and shown_percent(service["share"]) in line
            and lacking in line
            for line in lines
        ), service["id"]


def _labelled(sheet: Any) -> dict[str, list[Any]]:
    rows = sheet.iter_rows(min_row=1, values_only=True)
    return {str(row[0]): [v for v in row[1:] if v is not None] for row in rows if row[0]}


def _texts(sheet: Any) -> list[str]:
    """Every text of a sheet."""
    return [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
