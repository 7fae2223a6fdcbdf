"""Sheets of the workbook on pairing: pairs, needs of communities; prices of bounds, pairs that both
sides would rather have, and the curve of fit against changes, where those were asked for."""

from __future__ import annotations

from gusu_geo.assessment.pairing_facts import CommunityNeed, PairingFacts
from gusu_geo.report.labels import bilingual, label, phrase
from gusu_geo.report.sheets import Book, Column, each
from gusu_geo.report.signal_sheets import few
from gusu_geo.words import COMMA, Both, text

AND = COMMA["zh"]


def pairing_sheets(book: Book, facts: PairingFacts, services: dict[str, Both]) -> None:
    """Write them; services: names by id."""
    _pairs(book, facts)
    _needs(book, facts, services)
    _bodies(book, facts, services)
    if facts.get("prices"):
        _prices(book, facts)
    if facts.get("blocking"):
        _blocking(book, facts)
    if facts.get("curve"):
        _curve(book, facts)


def _pairs(book: Book, facts: PairingFacts) -> None:
    rows = facts["pairs"]
    yes, no = phrase("workbook.yes"), phrase("workbook.no")
    reasons = [AND.join(bilingual(one) for one in row["reasons"]) for row in rows]
    columns = [
        Column("head.id", each(rows, "body"), width=12),
        Column("head.body", each(rows, "name"), width=28),
        Column("head.body_tier", each(rows, "tier"), "mark", 10),
        Column("head.community", each(rows, "zone_name"), width=20),
        Column("head.fit", each(rows, "fit"), "ratio", 10),
        Column("head.pair_now", [yes if row["now"] else no for row in rows], "mark", 12),
        Column(
            "head.pair_uncertain", [no if row["uncertain"] else yes for row in rows], "mark", 12
        ),
        Column("head.reasons", reasons, width=60, wrap=True),
        Column("head.distance_m", each(rows, "distance_m"), "metres", 10),
        Column("head.next_best", each(rows, "next_name"), width=20),
        Column("head.next_loss", each(rows, "loss"), "ratio", 14),
        Column("head.projects", [AND.join(row["projects"]) for row in rows], width=36, wrap=True),
    ]
    hint = phrase("workbook.hint_pairing")
    book.table(label("workbook.sheet_pairing"), columns, hint=hint, fixed=2)


def _needs(book: Book, facts: PairingFacts, services: dict[str, Both]) -> None:
    rows = facts["needs"]
    columns = [
        Column("head.id", each(rows, "id"), width=14),
        Column("head.community", each(rows, "name"), width=20),
        Column("head.persons", each(rows, "persons"), "persons", 11),
        Column("head.bodies", each(rows, "bodies"), "count", 10),
        Column("head.bodies_now", each(rows, "bodies_now"), "count", 10),
        Column("head.unmet", [_named(row["unmet"], services) for row in rows], width=40),
        Column("head.unserved", [_named(row["unserved"], services) for row in rows], width=40),
        Column("head.aside", [AND.join(row["aside"]) for row in rows], width=30),
        Column("head.signals", each(rows, "signals"), "count", 10),
        Column("head.projects", [AND.join(row["projects"]) for row in rows], width=30),
        *(
            column
            for service in _lacked(rows, services)
            for column in _lacking(rows, service, services[service])
        ),
    ]
    hint = phrase("workbook.hint_needs")
    book.table(label("workbook.sheet_needs"), columns, hint=hint, fixed=2)


def _lacked(rows: list[CommunityNeed], services: dict[str, Both]) -> list[str]:
    """Services that any community lacks, in the order of the summary."""
    return [one for one in services if any(row["high"].get(one, 0) != 0 for row in rows)]


def _lacking(rows: list[CommunityNeed], service: str, name: Both) -> list[Column]:
    low, high = text("head.lack_low", service=name), text("head.lack_high", service=name)
    return [
        Column(low, [few(row["low"][service]) for row in rows], "persons", 14),
        Column(high, [few(row["high"][service]) for row in rows], "persons", 14),
    ]


def _bodies(book: Book, facts: PairingFacts, services: dict[str, Both]) -> None:
    rows = facts["listed"]
    columns = [
        Column("head.id", each(rows, "id"), width=12),
        Column("head.body", each(rows, "name"), width=28),
        Column("head.body_tier", each(rows, "tier"), "mark", 10),
        Column("head.functions", [AND.join(row["functions"]) for row in rows], width=36),
        Column("head.for_services", [_named(row["services"], services) for row in rows], width=44),
        Column("head.most", each(rows, "most"), "count", 12),
        Column("head.pairs", each(rows, "pairs"), "count", 10),
        Column("head.pairs_now", each(rows, "pairs_now"), "count", 10),
    ]
    hint = phrase("workbook.hint_bodies")
    book.table(label("workbook.sheet_bodies"), columns, hint=hint, fixed=2)


def _prices(book: Book, facts: PairingFacts) -> None:
    rows = facts["prices"]
    columns = [
        Column("head.bound_kind", [phrase(f"bound_of.{row['kind']}") for row in rows], width=34),
        Column("head.name", [row["name"] or label("head.all") for row in rows], width=26),
        Column("head.bound", each(rows, "bound"), "count", 12),
        Column("head.price", each(rows, "price"), "ratio", 14),
    ]
    hint = phrase("workbook.hint_prices")
    book.table(label("workbook.sheet_prices"), columns, hint=hint, fixed=1)


def _blocking(book: Book, facts: PairingFacts) -> None:
    rows = facts["blocking"]
    columns = [
        Column("head.body", each(rows, "name"), width=28),
        Column("head.community", each(rows, "zone_name"), width=20),
        Column("head.gain_body", each(rows, "gain_body"), "ratio", 14),
        Column("head.gain_zone", each(rows, "gain_zone"), "ratio", 14),
    ]
    hint = phrase("workbook.hint_blocking")
    book.table(label("workbook.sheet_blocking"), columns, hint=hint, fixed=2)


def _curve(book: Book, facts: PairingFacts) -> None:
    rows = facts["curve"]
    columns = [
        Column("head.changes", each(rows, "changes"), "count", 10),
        Column("head.least_fit", each(rows, "least"), "ratio", 12),
        Column("head.value_sum", each(rows, "value"), "ratio", 12),
    ]
    hint = phrase("workbook.hint_curve")
    book.table(label("workbook.sheet_curve"), columns, hint=hint, fixed=1)


def _named(ids: list[str], services: dict[str, Both]) -> str:
    """Services by name."""
    return AND.join(bilingual(services[one]) if one in services else one for one in ids)
