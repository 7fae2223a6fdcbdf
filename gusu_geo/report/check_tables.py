"""What ``check`` found, as tables for a terminal: services, homes and data, streets, notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from gusu_geo.report.console import NOTHING, console_out, labels, plain_cell, show_notes, state_word
from gusu_geo.words import Text, language, text

Facts = Iterable[tuple[Text, object]]


def show_check(report: Mapping[str, Any]) -> None:
    """Services and their data, homes, streets, and what to mend."""
    out = console_out()
    table = Table(*labels("service", "venues", "state"))
    for row in report["services"]:
        table.add_row(plain_cell(row[language()]), str(row["venues"]), state_word(row["state"]))
    out.print(table)
    out.print(_facts("residences", [*_homes(report["residences"]), *_data(report["data"])]))
    out.print(_facts("network", _network(report["network"])))
    show_notes(out, report["notes"])


def _facts(title: str, facts: Facts) -> Table:
    """Names and values under each other."""
    table = Table(*labels("fact", "value"), title=labels(title)[0], title_justify="left")
    for name, value in facts:
        table.add_row(plain_cell(name), plain_cell(value))
    return table


def _homes(homes: Mapping[str, Any]) -> Facts:
    for key, value in homes.items():
        shown: object = f"{value:,.0f}" if isinstance(value, (int, float)) else NOTHING
        if key == "unlinked" and value:
            shown = _counts({text(f"console.reason_{k}"): n for k, n in value.items()})
        elif key == "rungs" and value:
            shown = _counts({text(f"console.rung_{k}"): n for k, n in value.items()})
        yield text(f"console.home_{key}"), shown


def _data(data: Mapping[str, Any]) -> Facts:
    yield text("console.data_osm_file"), data["osm_file"] or NOTHING
    yield text("console.data_osm_date"), data["osm_date"][:10] or text("console.data_undated")
    margin_m = data["margin_m"]
    yield text("console.data_margin_m"), NOTHING if margin_m is None else f"{margin_m:,.0f}"


def _network(network: Mapping[str, Any]) -> Facts:
    for key, value in network.items():
        shown: object = f"{value:,}" if isinstance(value, (int, float)) else NOTHING
        if key == "largest_share":
            shown = f"{value:.1%}"
        elif isinstance(value, dict) and value:
            shown = _counts(value)
        yield text(f"console.net_{key}"), shown


def _counts(counts: Mapping[Any, int]) -> Text:
    """Names with their numbers, as one cell."""
    named = (text("console.named_count", name=name, count=n) for name, n in counts.items())
    return text("console.listed", names=tuple(named))
