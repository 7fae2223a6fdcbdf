"""What ``check`` found, as tables for a terminal: services, homes and data, streets, sources,
ledgers, notes, and what to mend first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

from gusu_geo.report.console import (
    NOTHING,
    Terminal,
    labels,
    name_of,
    show_notes,
    state_word,
)
from gusu_geo.report.labels import heads, is_counted
from gusu_geo.report.mending import shown_scores
from gusu_geo.report.source_lines import doubted, kind_of, left_out
from gusu_geo.report.tier_tables import show_tier_reading, show_tiers
from gusu_geo.study.ledger import MARKS, is_mark
from gusu_geo.words import Text, text

if TYPE_CHECKING:
    from gusu_geo.assessment.summary import CheckReport, DataFacts, Mend
    from gusu_geo.streets.network import NetworkHealth
    from gusu_geo.tables import LedgerAccount, LedgerTable, Reading

Facts = Iterable[tuple[Text, object]]


def show_check(report: CheckReport) -> None:
    """Services and their data, homes, streets, and what to mend."""
    out = Terminal()
    table = Table(*labels("service", "venues", "state"))
    for row in report["services"]:
        table.add_row(name_of(row), str(row["venues"]), state_word(row["state"]))
    out.print(table)
    out.print(_facts("residences", [*_homes(report), *_data(report["data"])]))
    out.print(_facts("network", _network(report["network"])))
    for source in dict.fromkeys(row["source"] for row in report["sources"]):
        out.print(_sources(source, (row for row in report["sources"] if row["source"] == source)))
    for account in report["ledgers"]:
        out.print(_ledger(account))
    show_tier_reading(out, report["tiers"])
    names = {row["id"]: name_of(row) for row in report["services"]}
    show_tiers(out, report["tiers"], names, counted=is_counted(report["data"]))
    show_notes(out, report["notes"])
    _show_mending(out, report["mend"])


def _sources(source: str, rows: Iterable[Reading]) -> Table:
    """For one source what was read, used, left out and doubted."""
    heads = labels("kind", "read", "used", "left_out", "doubted")
    # Chinese has no spaces to wrap at: cells are folded, never cut off.
    columns = (Column(head, overflow="fold") for head in heads)
    title = text("console.source", name=source)
    table = Table(*columns, title=str(title), title_justify="left")
    for row in rows:
        counts = f"{row['read']:,}", f"{row['used']:,}"
        why = (
            "\n".join(str(reason.line) for reason in found(row)) for found in (left_out, doubted)
        )
        table.add_row(str(kind_of(row)), *counts, *why)
    return table


def _ledger(account: LedgerAccount) -> Table:
    """How a planner's file was understood, table by table."""
    title = text("console.ledger", name=account["file"], kind=text(f"kind.{account['kind']}"))
    heads = labels("fact", "value")
    columns = (Column(head, overflow="fold") for head in heads)
    table = Table(*columns, title=str(title), title_justify="left")
    for name, value in (*_rows(account), *_understood(account["tables"])):
        table.add_row(str(name), str(value))
    return table


def _rows(account: LedgerAccount) -> Facts:
    for key in ("read", "accepted", "rejected"):
        yield text(f"head.ledger_{key}"), f"{account[key]:,}"
    if account["no_data"]:
        counts = {text(f"left_out.{key}"): n for key, n in account["no_data"].items()}
        yield text("head.ledger_no_data"), _counts(counts)
    if "hours_filled" in account:
        counts_of = {"known": account["hours_understood"], "all": account["hours_filled"]}
        yield text("head.ledger_hours"), text("console.hours_of", **counts_of)
        if account["hours_unread"]:
            names = tuple(account["hours_unread"])
            yield text("head.ledger_hours_unread"), text("console.listed", names=names)
    words = tuple(account["unknown_words"])
    yield text("head.ledger_words"), text("console.listed", names=words) if words else NOTHING


def _understood(tables: Iterable[LedgerTable]) -> Facts:
    for table in tables:
        yield text("head.ledger_sheet"), table["sheet"] or NOTHING
        yield text("head.ledger_rows"), f"{table['rows']:,}"
        yield text("head.ledger_encoding"), _encoding(table) or NOTHING
        yield text("head.ledger_header_row"), table["header_row"] or NOTHING
        pairs = table["columns"].items()
        named = tuple(text("console.column", key=_held(k), header=h) for k, h in pairs)
        yield text("head.ledger_columns"), text("console.listed", names=named)
        how = text(f"known_by.{table['known_by']}")
        systems = tuple(table["systems"])
        if not systems:
            yield text("head.ledger_system"), how
            continue
        yield text("head.ledger_system"), text("console.system", systems=systems, how=how)
        scores = table["scores"]
        shown = text("console.not_compared") if scores is None else shown_scores(scores)
        yield text("head.ledger_scores"), shown


def _held(key: str) -> Text:
    """What a column holds; one of the planner's own is an attribute."""
    return text("column.attribute" if is_mark(key) and key not in MARKS else f"column.{key}")


def _encoding(table: LedgerTable) -> str:
    """The encoding as other programs call it; a byte order mark is nobody's concern."""
    return table["encoding"].upper().removesuffix("-SIG")


def _show_mending(out: Terminal, mend: Iterable[Mend]) -> None:
    """What to mend first, numbered, at the end, where it stays in sight."""
    lines = [
        text("console.mend", number=number, where=row["where"], what=row["what"], how=row["how"])
        for number, row in enumerate(mend, start=1)
    ]
    title = text("console.mend_first") if lines else text("console.mend_nothing")
    for line in (title, *lines):
        out.print(str(line), soft_wrap=True)


def _facts(title: str, facts: Facts) -> Table:
    """A table of two columns, names and values."""
    table = Table(*labels("fact", "value"), title=labels(title)[0], title_justify="left")
    for name, value in facts:
        table.add_row(str(name), str(value))
    return table


def _homes(report: CheckReport) -> Facts:
    homes = report["residences"]
    named = {
        "unlinked": {text(f"reason.{k}"): n for k, n in homes["unlinked"].items()},
        "rungs": {text(f"rung.{k}"): n for k, n in homes["rungs"].items()},
    }
    for key, value in homes.items():
        shown: object = f"{value:,.0f}" if isinstance(value, (int, float)) else NOTHING
        if named.get(key):
            shown = _counts(named[key])
        elif key == "persons":
            shown = heads(homes["persons"], counted=is_counted(report["data"]))
        yield text(f"head.home_{key}"), shown


def _data(data: DataFacts) -> Facts:
    yield text("head.data_osm_file"), data["osm_file"] or NOTHING
    yield text("head.data_osm_date"), data["osm_date"][:10] or text("head.data_undated")
    margin_m = data["margin_m"]
    yield text("head.data_margin_m"), NOTHING if margin_m is None else f"{margin_m:,.0f}"


def _network(network: NetworkHealth) -> Facts:
    for key, value in network.items():
        shown: object = f"{value:,}" if isinstance(value, (int, float)) else NOTHING
        if key == "largest_share":
            shown = f"{network['largest_share']:.1%}"
        elif isinstance(value, dict) and value:
            shown = _counts(value)
        yield text(f"head.net_{key}"), shown


def _counts(counts: Mapping[Any, int]) -> Text:
    """Names with their counts, in one cell."""
    named = (text("console.named_count", name=name, count=n) for name, n in counts.items())
    return text("console.listed", names=tuple(named))
