"""Pairs of bodies and communities as text for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.table import Column, Table

from gusu_geo.report.console import NOTHING, Terminal, labels, line_of, show_notes, tell_invented
from gusu_geo.report.pairing_document import PairingDocument
from gusu_geo.report.pairing_workbook import answer
from gusu_geo.words import language, text

HEADS = ("body", "community", "fit", "reasons", "next", "loss")
SHOWN = 20  # pairs; the workbook has all


def show_pairing(document: PairingDocument, folder: Path) -> None:
    """The pairs with their first reason, those first that change, and what is uncertain."""
    out, facts = Terminal(), document["pairing"]
    lang = language()
    tell_invented(out, document)
    out.print(str(answer(facts)), soft_wrap=True)
    heads = labels(*(f"head_{key}" for key in HEADS), section="pairing")
    table = Table(*(Column(head, overflow="fold") for head in heads))
    rows = sorted(facts["pairs"], key=lambda row: (row["now"], -row["fit"], row["body"]))
    for row in rows[:SHOWN]:
        reasons: Any = row["reasons"][0]
        loss = NOTHING if row["loss"] is None else f"{row['loss']:,.1f}"
        table.add_row(
            row["name"],
            row["zone_name"],
            f"{row['fit']:,.1f}",
            reasons["zh" if lang == "zh" else "en"],
            row["next_name"] or NOTHING,
            loss,
        )
    out.print(table)
    if len(rows) > SHOWN:
        out.print(str(text("pairing.more", count=len(rows) - SHOWN)))
    said = [
        text("pairing.said_uncertain", count=facts["uncertain"]),
        text("pairing.said_without", count=len(facts["without_functions"])),
        text("pairing.said_blocking", count=facts.get("blocking_count", 0)),
        text("pairing.proven") if facts["proven"] else text("pairing.unproven"),
    ]
    out.print(line_of(*said), soft_wrap=True)
    for point in facts.get("curve", []):
        least = NOTHING if point["least"] is None else f"{point['least']:,.1f}"
        value = f"{point['value']:,.1f}"
        line = text("pairing.point", changes=point["changes"], least=least, value=value)
        out.print(str(line))
    show_notes(out, (note for note in document["notes"] if note["code"] != "invented"))
    out.print(str(text("console.tables", path=folder)), soft_wrap=True)
