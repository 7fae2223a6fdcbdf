"""Key figures on the terminal, and the result by grade of evidence."""

from __future__ import annotations

from rich.table import Table

from gusu_geo.assessment.summary import Share, Summary
from gusu_geo.report.console import NOTHING, labels, share_of
from gusu_geo.report.labels import heads, is_counted
from gusu_geo.report.summary import undetermined
from gusu_geo.words import rounded, text


def by_evidence(summary: Summary, counted: bool) -> Table:
    """The result at A, A+B and A+B+C; no share is known while a service has no venue there."""
    passed, known = (str(text(f"reading.{key}")) for key in ("passed", "passed_known"))
    heads_of = (*labels("evidence", "venues", "services_with_data"), passed, known)
    table = Table(*heads_of, title=labels("by_evidence")[0], title_justify="left")
    for row in summary["evidence"]:
        blank, wanted = len(row["no_data"]), len(summary["services"])
        cell = f"{share_of(row['share'])} {heads(row['passed_persons'], counted=counted)}"
        table.add_row(
            row["grades"],
            f"{row['venues']:,}",
            str(wanted - blank),
            str(text("console.cannot_tell")) if blank else cell,
            share_of(row["passed_known_share"] if blank < wanted else None),
        )
    return table


def key_figures(summary: Summary) -> Table:
    """Shares, persons and homes by reading."""
    figures = Table(box=None, show_header=False, pad_edge=False)
    shares: dict[str, Share] = {
        "passed": summary["passed"],
        "passed_known": summary["passed_known"],
        "failed": summary["failed"],
        "unknown": summary["unknown"],
        "one_stop": summary["one_stop"],
    }
    counted = is_counted(summary["data"])
    blank = sum(service["state"] == "no_data" for service in summary["services"])
    why = str(text("console.without_data", count=blank)) if blank else ""
    for key, row in shares.items():
        name = str(text(f"reading.{key}"))
        if key in ("passed", "one_stop") and undetermined(summary):
            figures.add_row(name, NOTHING, str(text("console.cannot_tell")), why)
            continue
        figures.add_row(name, *_share_cells(row, counted))
    if not summary["residences"]["ledger"]:
        figures.add_row(*labels("assumed_homes"), *_share_cells(summary["assumed"], counted))
    mean = summary["mean_services"]
    shown = NOTHING if mean["mean"] is None else str(text("console.mean_of", **mean))
    figures.add_row(*labels("mean_services"), shown)
    return figures


def _share_cells(row: Share, counted: bool) -> tuple[str, str, str]:
    """Share, persons and homes."""
    persons = text("console.persons_count", count=row["persons"])
    if not counted:
        persons = text("console.persons_about", count=f"{rounded(row['persons']):,}")
    homes = text("console.homes_count", count=row["residences"])
    return share_of(row["share"]), str(persons), str(homes)
