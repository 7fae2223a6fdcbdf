"""Sheets that few workbooks have: rules of their own, rings and types, attributes, complaints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary
from gusu_geo.assessment.suppression import LEAST_SHOWN
from gusu_geo.report.labels import bilingual, label, phrase
from gusu_geo.report.own_rules import SIDES, names_of_services, rule_terms
from gusu_geo.report.sheets import Book, Column, each, no_data_cell
from gusu_geo.report.signal_sheets import end_of
from gusu_geo.words import text

FEW = f"<{LEAST_SHOWN}"  # beside a hidden one stands the next smallest, with the same mark


def own_sheets(book: Book, outcome: Outcome) -> None:
    """Write the sheets that this study has."""
    summary = outcome.summary
    if "own_rules" in summary:
        _rules_sheet(book, summary)
        _rings_sheet(book, summary)
    if "attributes" in summary:
        _attributes_sheet(book, summary)
    if "complaints" in summary:
        _complaints_sheet(book, outcome)


def _rules_sheet(book: Book, summary: Summary) -> None:
    rows, services = summary["own_rules"]["rules"], names_of_services(summary)
    columns = [
        Column("head.rule", [bilingual(row["name"]) for row in rows], width=50),
        Column("head.terms", [bilingual(rule_terms(row, services)) for row in rows], width=90),
        Column("head.homes", each(rows, "residences"), "count", 11),
        Column("head.persons", each(rows, "persons"), "persons", 11),
    ]
    hint = phrase("workbook.hint_rules")
    book.table(label("workbook.sheet_rules"), columns, hint=hint, fixed=1)


def _rings_sheet(book: Book, summary: Summary) -> None:
    """By ring and type; the last row is all homes."""
    held = summary["own_rules"]
    rows = [*held["rows"], held["all"]]
    shares = [
        Column(f"head.share_{side}_{end}", [row[side][end] for row in rows], "share", 13)  # type: ignore[literal-required]
        for side in SIDES
        for end in ("low", "high")
    ]
    columns = [
        Column("head.ring", [*_named(held["rows"], "ring"), label("head.all")], width=16),
        Column("head.type", [*_named(held["rows"], "type"), ""], width=18),
        Column("head.homes", each(rows, "residences"), "count", 11),
        Column("head.persons", each(rows, "persons"), "persons", 11),
        *shares,
    ]
    hint = phrase("workbook.hint_rings")
    book.table(label("workbook.sheet_rings"), columns, hint=hint, fixed=2, sums=1)


def _attributes_sheet(book: Book, summary: Summary) -> None:
    rows, services = summary["attributes"], summary["services"]
    columns = [
        Column("head.attribute", each(rows, "attribute"), width=16),
        Column("head.value", _named(rows, "value"), width=20),
        Column("head.homes", _counts(rows, "residences"), "count", 11),
        Column("head.persons", _counts(rows, "persons"), "persons", 11),
        Column("reading.passed", _counts(rows, "passed_persons"), "persons", 12),
        Column("head.covered", each(rows, "share"), "share", 10),
        Column("reading.unknown", _counts(rows, "unknown_persons"), "persons", 11),
    ]
    for service in services:
        blank = service["state"] == "no_data"
        missing = [
            no_data_cell() if blank else _count(row["missing"][service["id"]]) for row in rows
        ]
        head = text("head.service_missing", service=dict(service))
        columns.append(Column(head, missing, "persons", 13))
    hint = phrase("workbook.hint_attributes")
    book.table(label("workbook.sheet_attributes"), columns, hint=hint, fixed=2)


def _complaints_sheet(book: Book, outcome: Outcome) -> None:
    held, zones = outcome.summary["complaints"], outcome.summary["zones"]
    rows, ratio = held["rows"], text("head.ratio")
    names = {(row["level"], row["id"]): str(row["name"] or row["id"]) for row in zones}
    columns = [
        Column("head.id", each(rows, "id"), width=14),
        Column("head.name", each(rows, "name"), width=26),
        Column("head.zone", [names.get((held["standard"], row["zone"]), "") for row in rows],
               width=18),
        Column("head.complaints", _counts(rows, "complaints"), "count", 10),
        Column("head.households", _counts(rows, "households"), "count", 10),
        Column("head.per_100", each(rows, "per_100"), "metres", 11),
        Column("head.expected", each(rows, "expected"), "metres", 10),
        Column("head.ratio", each(rows, "ratio"), "ratio", 11),
        Column(end_of("low", ratio), each(rows, "ratio_low"), "ratio", 11),
        Column(end_of("high", ratio), each(rows, "ratio_high"), "ratio", 11),
        Column("head.red_to", each(rows, "red_to"), "count", 11),
        Column("head.black_from", each(rows, "black_from"), "count", 11),
        Column("head.p_more", each(rows, "p_more"), "chance", 14),
        Column("head.p_less", each(rows, "p_less"), "chance", 14),
        Column("head.outside", [phrase(f"outside.{row['outside'] or 'within'}") for row in rows],
               width=34),
    ]  # fmt: skip
    standard = held["standard"] or text("head.all")
    hint = bilingual(text("workbook.hint_complaints", standard=standard))
    book.table(label("workbook.sheet_complaints"), columns, hint=hint, fixed=2)


def _counts(rows: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    return [_count(row[key]) for row in rows]


def _count(value: float | None) -> float | str:
    """A count; the mark of those that are not shown."""
    return FEW if value is None else value


def _named(rows: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    """Words of the data; where they are blank, that they are unknown."""
    return [str(row[key]) or label("head.not_known") for row in rows]
