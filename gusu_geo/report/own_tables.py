"""Rules of their own beside the pack's, as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from gusu_geo.report.console import Terminal, labels, share_of
from gusu_geo.report.labels import heads, is_counted, of_persons
from gusu_geo.report.own_rules import SIDES, names_of_services, rule_terms
from gusu_geo.words import text

if TYPE_CHECKING:
    from gusu_geo.assessment.summary import Range, Summary


def show_own_rules(out: Terminal, summary: Summary) -> None:
    """By ring and type, own rule beside the pack's; and what each rule asks for."""
    held, counted = summary["own_rules"], is_counted(summary["data"])
    persons = str(of_persons(text("head.persons"), counted=counted))
    table = Table(*labels("ring", "type"), persons, *labels(*(f"{side}_rule" for side in SIDES)))
    table.title, table.title_justify = labels("own_rules")[0], "left"
    blank = labels("not_known")[0]
    marks = [(row["ring"] or blank, row["type"] or blank) for row in held["rows"]]
    rows = [*held["rows"], held["all"]]
    for row, words in zip(rows, [*marks, (labels("all")[0], "")], strict=True):
        ranges = (_range(row["own"]), _range(row["common"]))
        table.add_row(*words, heads(row["persons"], counted=counted), *ranges)
    out.print(table)
    services = names_of_services(summary)
    for rule in held["rules"]:
        line = text("console.rule", name=rule["name"], terms=rule_terms(rule, services))
        out.print(str(line), soft_wrap=True)


def _range(held: Range) -> str:
    """A share; from low to high where some cannot be judged."""
    low, high = share_of(held["low"]), share_of(held["high"])
    return low if low == high else f"{low} – {high}"
