"""The result at the asked moments for a terminal, and which venues should open longer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table

from gusu_geo.report.console import labels
from gusu_geo.report.labels import heads
from gusu_geo.report.workbook_hours import hours_basis, weekday, when_of
from gusu_geo.words import Text, text

if TYPE_CHECKING:
    from gusu_geo.assessment.summary import Bounds, HoursFacts

NAMED = 5  # venues that should open longer


def moments_table(facts: HoursFacts) -> Table:
    """A row for each asked moment: shares of persons, at least and at most."""
    words = labels("moment", "weekday", "day_kind")
    words += [str(text(f"reading.{key}")) for key in ("passed", "passed_known")]
    table = Table(*words, title=str(text("head.by_moment")), title_justify="left")
    for row in facts["at"]:
        kind = str(text(f"day_kind.{row['day']}")) if row["day"] else "—"
        shares = (_share(row["all"]), _share(row["all_known"]))
        table.add_row(row["at"], str(weekday(row)), kind, *shares)
    return table


def hours_lines(facts: HoursFacts, *, counted: bool) -> Iterator[Text]:
    """The basis of the figures, and which venues should open longer."""
    yield text("console.hours_basis", basis=hours_basis(facts), **facts["venues"])
    best = {row["venue_id"]: row for row in reversed(facts["longer"])}  # of each venue the first
    for row in [row for row in facts["longer"] if row is best[row["venue_id"]]][:NAMED]:
        low, high = (heads(row[key], counted=counted) for key in ("gained_low", "gained_high"))
        persons = low if low == high else text("fact.from_to", low=low, high=high)
        name = row["name"] or row["venue_id"]
        yield text("console.open_longer", name=name, when=when_of(row), persons=persons)


def _share(row: Bounds) -> str:
    """ "35.0 %", or "20.0 % - 61.3 %" where hours are unknown."""
    if row["low"] is None or row["high"] is None:
        return "—"
    low, high = f"{row['low']:.1%}", f"{row['high']:.1%}"
    return low if row["low"] == row["high"] else f"{low} – {high}"
