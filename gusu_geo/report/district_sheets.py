"""Sheets of the workbook on the district's own systems, each only where its ledger is given."""

from __future__ import annotations

from collections.abc import Sequence

from gusu_geo.assessment.capacity_facts import CapacityFacts, Filled, ServiceCapacity
from gusu_geo.assessment.summary import Summary
from gusu_geo.report.labels import bilingual, label, phrase
from gusu_geo.report.own_rules import names_of_services
from gusu_geo.report.pairing_workbook import pairing_sheets
from gusu_geo.report.sheets import Book, Column, each
from gusu_geo.report.signal_sheets import signal_sheets
from gusu_geo.words import COMMA, Both, text

CAUTION = "#FFF2CC"  # what is assumed


def district_sheets(book: Book, summary: Summary) -> None:
    """Write the sheets that this study has."""
    names = names_of_services(summary)
    if "signals" in summary:
        signal_sheets(book, summary)
    if "capacity" in summary:
        _capacity(book, summary["capacity"], names)
        _loads(book, summary["capacity"], names)
        if summary["capacity"]["teams"]:
            _teams(book, summary)
    if "pairing" in summary:
        pairing_sheets(book, summary["pairing"], names)


def _capacity(book: Book, facts: CapacityFacts, names: dict[str, Both]) -> None:
    rows = facts["services"]
    norms = [row["norm"] for row in rows]
    sources = [norm and norm["source"] for norm in norms]
    normed = [row["norm"] is not None for row in rows]
    columns = [
        Column("head.service", [bilingual(names[row["service"]]) for row in rows], width=34),
        Column("head.unit", [COMMA["zh"].join(row["units"]) for row in rows], "mark", 9),
        Column("head.venues", each(rows, "venues"), "count", 9),
        Column("head.known_capacity", each(rows, "known"), "count", 12),
        Column("head.supply", _where_known(rows, "supply"), "metres", 12),
        Column("head.demand", each(rows, "demand"), "persons", 12),
        Column("head.supply_used", _where_known(rows, "used"), "metres", 12),
        Column("head.access", [row["found"]["access"] for row in rows], "ratio", 12),
        Column("head.norm", [norm and norm["per_1000"] for norm in norms], "ratio", 12),
        Column(
            "head.norm_of", [norm and phrase(f"persons_of.{norm['of']}") for norm in norms],
            width=18,
        ),
        Column("head.norm_source", sources, width=30, wrap=True),
        *_filled(rows, normed),
    ]  # fmt: skip
    steps = "/".join(f"{step / 60:g}" for step in facts["steps_s"])
    weights = "/".join(f"{weight:g}" for weight in facts["weights"])
    method = facts["method"].upper()
    hint = text("workbook.hint_capacity", method=method, steps=steps, weights=weights)
    title = label("workbook.sheet_capacity")
    sheet, first = book.table(title, columns, hint=bilingual(hint), fixed=1)
    tint = {"type": "no_errors", "format": book.file.add_format({"bg_color": CAUTION})}
    sheet.conditional_format(
        first, len(columns) - 2, first + max(len(rows), 1) - 1, len(columns) - 1, tint
    )


def _where_known(rows: Sequence[ServiceCapacity], key: str) -> list[float | None]:
    """A sum of capacities; empty where none is known: that is not 0."""
    return [row[key] if row["known"] else None for row in rows]  # type: ignore[literal-required]


def _filled(rows: Sequence[ServiceCapacity], normed: Sequence[bool]) -> list[Column]:
    """Persons by whether there is room, empty without a norm; the last two columns are assumed."""

    def persons(part: Sequence[Filled | None], key: str) -> list[float | None]:
        return [
            one[key] if one is not None and known else None  # type: ignore[literal-required]
            for one, known in zip(part, normed, strict=True)
        ]

    found = [row["found"] for row in rows]
    return [
        Column("head.full_persons", persons(found, "full_persons"), "persons", 12),
        Column("head.room_persons", persons(found, "room_persons"), "persons", 12),
        Column("head.room_none", persons(found, "none_persons"), "persons", 12),
        Column("head.room_unknown", persons(found, "unknown_persons"), "persons", 12),
        Column("head.assumed_none", persons([row["assumed_none"] for row in rows], "full_persons"),
               "persons", 17),
        Column("head.assumed_largest",
               persons([row["assumed_largest"] for row in rows], "full_persons"), "persons", 17),
    ]  # fmt: skip


def _loads(book: Book, facts: CapacityFacts, names: dict[str, Both]) -> None:
    rows = facts["venues"]
    columns = [
        Column("head.id", each(rows, "facility_id"), width=16),
        Column("head.name", each(rows, "name"), width=28),
        Column("head.service", [bilingual(names[row["service"]]) for row in rows], width=34),
        Column("head.capacity", each(rows, "capacity"), "metres", 10),
        Column("head.unit", each(rows, "unit"), "mark", 9),
        Column("head.load", each(rows, "demand"), "persons", 14),
        Column("head.load_ratio", each(rows, "ratio"), "ratio", 14),
    ]
    hint = phrase("workbook.hint_loads")
    book.table(label("workbook.sheet_loads"), columns, hint=hint, fixed=2)


def _teams(book: Book, summary: Summary) -> None:
    facts = summary["capacity"]
    rows = facts["teams"]
    zones = {(row["level"], row["id"]): str(row["name"] or row["id"]) for row in summary["zones"]}
    lowest = [zones.get((facts["level"], row["low_zone"]), row["low_zone"]) for row in rows]
    columns = [
        Column("head.team", each(rows, "team"), width=24),
        Column(
            "head.group",
            [phrase(f"persons_of.{row['group'] or 'unknown'}") for row in rows],
            width=18,
        ),
        Column("head.team_rows", each(rows, "rows"), "count", 9),
        Column("head.team_placed", each(rows, "placed"), "count", 11),
        Column("head.staff", each(rows, "staff"), "metres", 9),
        Column("head.fte", each(rows, "fte"), "metres", 11),
        Column("head.fte_unknown", each(rows, "unknown_fte"), "count", 11),
        Column("head.persons", each(rows, "persons"), "persons", 12),
        Column("head.reached_persons", each(rows, "reached_persons"), "persons", 13),
        Column("head.fte_per_1000", each(rows, "per_1000"), "ratio", 13),
        Column("head.low_per_1000", each(rows, "low_per_1000"), "ratio", 13),
        Column("head.low_zone", lowest, width=18),
    ]
    hint = phrase("workbook.hint_teams")
    book.table(label("workbook.sheet_teams"), columns, hint=hint, fixed=1)
