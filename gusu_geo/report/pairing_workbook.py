"""The workbook of pairs: the answer, the pairs with their reasons, communities, bodies, prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.pairing_facts import PairingFacts, PairRow
from gusu_geo.report.labels import bilingual, capital, label
from gusu_geo.report.pairing_document import PairingDocument, names_by_id
from gusu_geo.report.sheets import UNKNOWN_CELL, Book, Column, both_lines, each, source_mark
from gusu_geo.words import COMMA, Both, Text, text

PER_PRICE = {"min": "pairing.bound_min", "max": "pairing.bound_max", "most": "pairing.bound_most"}


def write_pairing_book(document: PairingDocument, outcome: Outcome, path: Path) -> None:
    """Write the workbook of the pairs.

    Raises OSError: the file cannot be written.
    """
    stream = BytesIO()
    book = Book(stream, outcome, document["run_id"])
    facts = document["pairing"]
    _first_sheet(book, document)
    pairing_sheets(book, facts, names_by_id(document["services"]))
    _prices_sheet(book, facts)
    _blocking_sheet(book, facts)
    _curve_sheet(book, facts)
    book.file.close()
    path.write_bytes(stream.getvalue())


def pairing_sheets(book: Book, facts: PairingFacts, names: dict[str, Both]) -> None:
    """The pairs, communities and bodies, as the workbook of a run has them too; names: of services,
    by id."""

    def services(ids: Sequence[str]) -> str:
        return COMMA["zh"].join(names[one]["zh"] for one in ids)

    _pairs_sheet(book, facts)
    _communities_sheet(book, facts, names, services)
    _bodies_sheet(book, facts, services)


def answer(facts: PairingFacts) -> Text:
    """The pairs in a sentence."""
    best = text(
        "pairing.answer",
        bodies=facts["bodies"],
        communities=facts["communities"],
        pairs=len(facts["pairs"]),
        least=_points(facts["least"]),
        value=_points(facts["value"]),
    )
    if facts["now_value"] is None:
        return best
    return text(
        "pairing.answer_now",
        best=best,
        now=_points(facts["now_value"]),
        changes=facts["changes"],
        bare=len(facts["bare_now"]),
    )


def _points(value: float | None) -> str:
    return UNKNOWN_CELL if value is None else f"{value:,.1f}"


def _first_sheet(book: Book, document: PairingDocument) -> None:
    facts = document["pairing"]
    sheet = book.sheet(label("pairing.sheet_summary"))
    title = bilingual(document["title"]) or document["study"]
    book.head(sheet, f"{title} · {label('pairing.sheet_summary')}", capital(answer(facts)))
    rows = [label("pairing.best"), label("pairing.today")]
    row = book.part(sheet, 5, [
        Column("pairing.head_which", rows),
        Column("pairing.head_least", [_cell(facts["least"]), _cell(facts["now_least"])], "metres"),
        Column("pairing.head_value", [facts["value"], _cell(facts["now_value"])], "metres"),
    ])  # fmt: skip
    counts = {
        "pairing.count_kept": facts["kept"],
        "pairing.count_changes": facts["changes"],
        "pairing.count_uncertain": facts["uncertain"],
        "pairing.count_bare": len(facts["bare_now"]),
        "pairing.count_without": len(facts["without_functions"]),
        "pairing.count_blocking": facts.get("blocking_count", 0),
    }
    row = book.part(sheet, row + 1, [
        Column("head.key_figures", [label(key) for key in counts]),
        Column("pairing.head_count", list(counts.values()), "count"),
    ])  # fmt: skip
    proof = text("pairing.proven") if facts["proven"] else text("pairing.unproven")
    about = [
        (label("pairing.about_fit"), both_lines(capital(text("pairing.fit_is")))),
        (label("pairing.about_stages"), both_lines(capital(text("pairing.stages")))),
        (label("pairing.about_bounds"), both_lines(capital(_bounds(facts)))),
        (label("plan.status"), both_lines(capital(proof))),
        *((label("pairing.about_note"), both_lines(note)) for note in document["notes"]),
        (label("workbook.licence"), source_mark(document["invented"])),
        (label("workbook.run_id"), document["run_id"] or UNKNOWN_CELL),
        (label("plan.based_on"), document["based_on"] or UNKNOWN_CELL),
    ]
    book.facts(sheet, row + 1, label("workbook.about"), about)
    sheet.freeze_panes(3, 0)


def _bounds(facts: PairingFacts) -> Text:
    return text(
        "pairing.bounds",
        min=facts["min"],
        max=facts["max"],
        switching=facts["switching"],
        per_km=facts["per_km"],
        signals=facts["signals"],
    )


def _cell(value: float | None) -> float | str:
    return UNKNOWN_CELL if value is None else value


def _yes(rows: Sequence[PairRow], key: str) -> list[str]:
    return [text("workbook.yes").zh if row[key] else "" for row in rows]  # type: ignore[literal-required]


def _pairs_sheet(book: Book, facts: PairingFacts) -> None:
    rows = facts["pairs"]
    reasons = ["\n".join(reason["zh"] for reason in row["reasons"]) for row in rows]
    losses = [_cell(row["loss"]) for row in rows]
    kilometres = [None if r["distance_m"] is None else r["distance_m"] / 1000 for r in rows]
    book.table(
        label("pairing.sheet_pairs"),
        [
            Column("pairing.head_body", each(rows, "name"), width=26),
            Column("pairing.head_tier", each(rows, "tier"), width=8),
            Column("pairing.head_community", each(rows, "zone_name"), width=20),
            Column("pairing.head_fit", each(rows, "fit"), "metres"),
            Column("pairing.head_km", kilometres, "metres"),
            Column("pairing.head_now", _yes(rows, "now"), "mark", 8),
            Column("pairing.head_kept", _yes(rows, "kept"), "mark", 8),
            Column(
                "pairing.head_uncertain",
                _yes(rows, "uncertain"),
                "mark",
                late=[row["uncertain"] for row in rows],
            ),
            Column("pairing.head_reasons", reasons, width=52, wrap=True),
            Column("pairing.head_next", each(rows, "next_name"), width=20),
            Column("pairing.head_loss", losses, "metres"),
            Column("pairing.head_projects", [_listed(row["projects"]) for row in rows], width=36),
        ],
        hint=label("pairing.hint_pairs"),
        fixed=1,
    )


def _listed(names: Sequence[str]) -> str:
    return COMMA["zh"].join(names)


def _communities_sheet(
    book: Book,
    facts: PairingFacts,
    names: dict[str, Both],
    services: Callable[[Sequence[str]], str],
) -> None:
    rows = facts["needs"]
    paired: dict[str, list[str]] = {}
    for pair in facts["pairs"]:
        paired.setdefault(pair["zone"], []).append(pair["name"])
    columns = [
        Column("pairing.head_community", each(rows, "name"), width=22),
        Column("head.persons", each(rows, "persons"), "persons"),
        Column("pairing.head_bodies", [_listed(paired.get(r["id"], [])) for r in rows], width=40),
        Column("pairing.head_bodies_now", each(rows, "bodies_now"), "count"),
        Column("pairing.head_unmet", [services(row["unmet"]) for row in rows], width=36),
        Column("pairing.head_themes", [_listed(row["projects"]) for row in rows], width=30),
        Column("pairing.head_unserved", [services(row["unserved"]) for row in rows], width=36),
        Column("pairing.head_aside", [_listed(row["aside"]) for row in rows], width=24),
        Column("pairing.head_signals", [_of_few(row["signals"]) for row in rows], "count"),
    ]
    for service, name in names.items():
        low = [_of_few(row["low"][service]) for row in rows]
        high = [_of_few(row["high"][service]) for row in rows]
        columns.append(Column(text("pairing.head_low", service=name), low, "persons"))
        columns.append(Column(text("pairing.head_high", service=name), high, "persons"))
    hint = label("pairing.hint_communities")
    book.table(label("pairing.sheet_communities"), columns, hint=hint, fixed=1)


def _of_few(value: float | None) -> float | str:
    """A count, or that it is unknown or too small to be shown."""
    return UNKNOWN_CELL if value is None else value


def _bodies_sheet(
    book: Book, facts: PairingFacts, services: Callable[[Sequence[str]], str]
) -> None:
    rows = facts["listed"]
    without = [not row["services"] for row in rows]
    about = [services(row["services"]) or UNKNOWN_CELL for row in rows]
    book.table(
        label("pairing.sheet_bodies"),
        [
            Column("pairing.head_body", each(rows, "name"), width=26),
            Column("pairing.head_tier", each(rows, "tier"), width=8),
            Column("pairing.head_functions", [_listed(r["functions"]) for r in rows], width=36),
            Column("pairing.head_services", about, width=36, late=without),
            Column("pairing.head_most", each(rows, "most"), "count"),
            Column("pairing.head_pairs", each(rows, "pairs"), "count"),
            Column("pairing.head_pairs_now", each(rows, "pairs_now"), "count"),
        ],
        hint=label("pairing.hint_bodies"),
        fixed=1,
    )


def _prices_sheet(book: Book, facts: PairingFacts) -> None:
    rows = facts.get("prices", [])
    every = label("pairing.all_communities")
    book.table(
        label("pairing.sheet_prices"),
        [
            Column("pairing.head_bound", [label(PER_PRICE[row["kind"]]) for row in rows], width=34),
            Column("pairing.head_of", [row["name"] or every for row in rows], width=26),
            Column("pairing.head_value_of", each(rows, "bound"), "count"),
            Column("pairing.head_price", [_cell(row["price"]) for row in rows], "metres"),
        ],
        hint=label("pairing.hint_prices"),
        fixed=1,
    )


def _blocking_sheet(book: Book, facts: PairingFacts) -> None:
    rows = facts.get("blocking", [])
    book.table(
        label("pairing.sheet_blocking"),
        [
            Column("pairing.head_body", each(rows, "name"), width=26),
            Column("pairing.head_community", each(rows, "zone_name"), width=22),
            Column("pairing.head_gain_body", each(rows, "gain_body"), "metres"),
            Column("pairing.head_gain_zone", each(rows, "gain_zone"), "metres"),
        ],
        hint=label("pairing.hint_blocking"),
        fixed=1,
    )


def _curve_sheet(book: Book, facts: PairingFacts) -> None:
    rows: Sequence[Any] = facts.get("curve", [])
    book.table(
        label("pairing.sheet_curve"),
        [
            Column("pairing.head_changes", each(rows, "changes"), "count"),
            Column("pairing.head_least", [_cell(row["least"]) for row in rows], "metres"),
            Column("pairing.head_value", each(rows, "value"), "metres"),
        ],
        hint=label("pairing.hint_curve"),
        fixed=1,
    )
