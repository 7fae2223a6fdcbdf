"""Sheets of the workbook on signals: zones, clusters, and whether gaps are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gusu_geo.assessment.signal_facts import Asked, Rate, SignalFacts
from gusu_geo.assessment.summary import Summary
from gusu_geo.assessment.suppression import LEAST_SHOWN
from gusu_geo.report.district_lines import percent, signal_lines
from gusu_geo.report.labels import bilingual, label, phrase
from gusu_geo.report.own_rules import names_of_services
from gusu_geo.report.sheets import Book, Column, each
from gusu_geo.words import COMMA, Both, Text, text

FEW = f"<{LEAST_SHOWN}"
MARKS = {"high": "▲", "low": "▽"}  # as on the map


def signal_sheets(book: Book, summary: Summary) -> None:
    """Write them; clusters only where there are any."""
    facts = summary["signals"]
    _cells(book, summary, facts)
    if facts["scan"]["clusters"]:
        _clusters(book, facts)
    if facts["asked"]:
        _asked(book, summary, facts)


def _cells(book: Book, summary: Summary, facts: SignalFacts) -> None:
    rows, services = facts["cells"], summary["services"]
    counted = [s for s in services if any(row["services"].get(s["id"]) != 0 for row in rows)]
    visited = facts["all_per_visit"] is not None
    columns = [
        Column("head.id", each(rows, "id"), width=14),
        Column("head.name", each(rows, "name"), width=22),
        Column("head.persons", each(rows, "persons"), "persons", 11),
        Column("head.signals", [few(row["signals"]) for row in rows], "count", 10),
        *rates("head.per_1000", [row["per_1000"] for row in rows]),
        *([Column("head.visits", each(rows, "visits"), "count", 10)] if visited else []),
        *(rates("head.per_visits", [row["per_visit"] for row in rows]) if visited else []),
        Column("head.signals_expected", each(rows, "expected"), "metres", 10),
        *rates("head.shrunk", [row["shrunk"] for row in rows]),
        Column("head.relative", each(rows, "relative"), "ratio", 11),
        Column("head.cluster", [row["cluster"] or None for row in rows], "mark", 10),
        Column("head.alone", [alone_word(row["alone"]) for row in rows], width=22),
        *(
            Column(text("head.signals_of", service=dict(s)),
                   [few(row["services"].get(s["id"])) for row in rows], "count", 13)
            for s in counted
        ),
    ]  # fmt: skip
    scanned = [] if facts["scan"]["clusters"] else [phrase(f"scan.{facts['scan']['state']}")]
    first_line = bilingual(next(signal_lines(summary)))
    lines = [first_line, *scanned, phrase("workbook.hint_signals")]
    sheet, first = book.table(
        label("workbook.sheet_signals"), columns, hint="  ".join(lines), fixed=2
    )
    at = [c.head for c in columns].index("head.relative")
    scale = {"type": "3_color_scale", "min_type": "num", "min_value": 0, "mid_type": "num",
             "mid_value": 1, "max_type": "num", "max_value": 2.5, "min_color": "#8E7CC3",
             "mid_color": "#FFFFFF", "max_color": "#E69138"}  # fmt: skip
    sheet.conditional_format(first, at, first + max(len(rows), 1) - 1, at, scale)


def _clusters(book: Book, facts: SignalFacts) -> None:
    scan = facts["scan"]
    rows = scan["clusters"]
    columns = [
        Column("head.cluster", list(range(1, len(rows) + 1)), "mark", 10),
        Column("head.zone", [COMMA["zh"].join(row["names"]) for row in rows], width=60, wrap=True),
        Column("head.signals", [few(row["signals"]) for row in rows], "count", 10),
        Column("head.signals_expected", each(rows, "expected"), "metres", 11),
        Column("head.times", each(rows, "times"), "ratio", 11),
        Column("head.llr", each(rows, "llr"), "ratio", 11),
        Column("head.p_value", each(rows, "p"), "chance", 16),
    ]
    share = percent(scan["share_max"])
    hint = text("workbook.hint_clusters", share=share, runs=scan["runs"])
    book.table(label("workbook.sheet_clusters"), columns, hint=bilingual(hint), fixed=1)


def _asked(book: Book, summary: Summary, facts: SignalFacts) -> None:
    rows, services = facts["asked"], names_of_services(summary)
    all_zones = label("head.all")
    columns = [
        Column("head.service", [bilingual(services[row["service"]]) for row in rows], width=34),
        Column("head.zone", [row["name"] or row["zone"] or all_zones for row in rows], width=16),
        Column("head.asked", [phrase(f"asked.{row['asked']}") for row in rows], "mark", 22),
        Column("head.asked_ratio", each(rows, "ratio"), "ratio", 16),
        Column(end_of("low", text("head.asked_ratio")), each(rows, "low"), "ratio", 16),
        Column(end_of("high", text("head.asked_ratio")), each(rows, "high"), "ratio", 16),
        Column("head.lacking_signals", [few(row["lacking_signals"]) for row in rows], "count", 13),
        Column("head.lacking_persons", _few(rows, "lacking_persons"), "persons", 13),
        Column("head.having_signals", [few(row["having_signals"]) for row in rows], "count", 13),
        Column("head.having_persons", _few(rows, "having_persons"), "persons", 13),
    ]
    left = percent(facts["left_out"])
    hint = bilingual(text("workbook.hint_asked", left_out=left))
    book.table(label("workbook.sheet_asked"), columns, hint=hint, fixed=2)


def rates(head: str, rows: Sequence[Rate | None]) -> list[Column]:
    """A rate and both ends of its interval; empty where it is unknown."""
    given: list[dict[str, Any]] = [dict(row) if row else {} for row in rows]
    what = text(head)
    return [
        Column(what, each(given, "rate"), "ratio", 11),
        Column(end_of("low", what), each(given, "low"), "ratio", 12),
        Column(end_of("high", what), each(given, "high"), "ratio", 12),
    ]


def end_of(end: str, what: Text | Both) -> Text:
    """The head of one end of an interval."""
    if end == "low":
        return text("head.interval_low", what=what)
    return text("head.interval_high", what=what)


def few(count: float | None) -> float | str:
    """A count; the mark of those that are not shown."""
    return FEW if count is None else count


def _few(rows: Sequence[Asked], key: str) -> list[float | str]:
    return [few(row[key]) for row in rows]  # type: ignore[literal-required]


def alone_word(alone: str) -> str:
    """The mark of the map and its words, "" for none."""
    return f"{MARKS[alone]} {phrase(f'alone.{alone}')}" if alone else ""
