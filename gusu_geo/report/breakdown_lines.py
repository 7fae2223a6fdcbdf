"""Results by attribute, and complaints, in one line each for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gusu_geo.report.console import labels, share_of
from gusu_geo.words import Text, text

if TYPE_CHECKING:
    from gusu_geo.assessment.summary import Summary

NAMED = 6  # values of an attribute, compounds of a list


def breakdown_lines(summary: Summary) -> Iterator[Text]:
    """For each attribute the share of persons in time by its values; for complaints, who lies
    outside the limits."""
    rows = summary.get("attributes", [])
    for name in dict.fromkeys(row["attribute"] for row in rows):
        mine = [row for row in rows if row["attribute"] == name]
        cells = [
            text("console.named_share", name=row["value"] or labels("not_known")[0],
                 share=share_of(row["share"]))
            for row in mine[:NAMED]
        ]  # fmt: skip
        shown = text("fact.listed", names=tuple(cells), more=" …" if len(mine) > NAMED else "")
        yield text("console.by_attribute", name=name, values=shown)
    if "complaints" in summary:
        held = summary["complaints"]
        lists = {
            side: [row["name"] or row["id"] for row in held["rows"] if row["outside"] == side]
            for side in ("black", "red")
        }
        yield text(
            "console.complaints",
            compared=len(held["rows"]),
            unknown=len(held["unknown"]),
            **{side: _names(names) for side, names in lists.items()},
        )


def _names(names: list[str]) -> Text:
    """How many, and which first."""
    if not names:
        return text("console.none_listed")
    more = " …" if len(names) > NAMED else ""
    shown = text("fact.listed", names=tuple(names[:NAMED]), more=more)
    return text("console.counted_names", count=len(names), names=shown)
