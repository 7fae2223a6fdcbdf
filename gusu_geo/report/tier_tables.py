"""What is said by tier, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

from gusu_geo.report.console import NOTHING, Terminal, labels
from gusu_geo.report.labels import heads
from gusu_geo.words import Both, language, text

if TYPE_CHECKING:
    from gusu_geo.assessment.tier_facts import Establishment, TierCoverage, TierFacts

NAMED = 5  # zones or names in a cell


def show_tiers(
    out: Terminal, facts: TierFacts | None, services: dict[str, str], *, counted: bool
) -> None:
    """Zones with and without a venue of each tier and service, and persons in time of one; nothing
    where no service has a tier. services: names by id."""
    if facts is None or not facts["coverage"]:
        return
    columns = labels("tier", "service", "tier_expected", "tier_present", "tier_missing",
                     "tier_unknown", "covered_range")  # fmt: skip
    heads_of = (Column(head, no_wrap=k in (0, len(columns) - 1)) for k, head in enumerate(columns))
    table = Table(*heads_of, title=labels("by_tier")[0], title_justify="left")
    found = {(row["tier"], row["service"]): row for row in facts["establishment"]}
    for row in _asked(facts):
        own = found.get((row["tier"], row["service"]))
        word, service = tier_word(row["tier"]), services[row["service"]]
        table.add_row(word, service, *_counts(own), _range(row, counted=counted))
    out.print(table)
    for each in facts["establishment"]:
        if each["required"] and each["missing_zones"]:
            where = text(f"tier.{each['tier']}")
            line = text("console.tier_missing", tier=where, service=services[each["service"]],
                        names=_without(facts, each))  # fmt: skip
            out.print(str(line), soft_wrap=True)
    if facts["without_zones"]:
        tiers = tuple(text(f"tier.{tier}") for tier in facts["without_zones"])
        out.print(str(text("console.tier_without_zones", tiers=tiers)), soft_wrap=True)


def show_tier_changes(out: Terminal, parts: Sequence[Mapping[str, Any]], *, counted: bool) -> None:
    """Zones without a venue of their own, and shares in time of a venue of each tier, before and
    after a scenario; of tiers at which a service must exist, of all where none must. parts: before
    and after of ``Comparison.to_dict``."""
    columns = labels("tier", "service", "tier_missing")
    moves = labels("before", "after", section="compare")
    heads_of: list[Column | str] = [*columns]
    heads_of += [Column(head, no_wrap=True) for head in moves]
    table = Table(*heads_of, title=labels("by_tier")[0], title_justify="left")
    names = {row["service"]: row[language()] for row in parts[0]["services"]}
    rows = list(zip(*(part["tiers"] for part in parts[:2]), strict=True))
    some = any(before["required"] for before, _ in rows)
    for before, after in rows:
        if some and not before["required"]:
            continue
        known = before["zones_missing"] is not None
        without = f"{before['zones_missing']} > {after['zones_missing']}" if known else NOTHING
        ranges = (_range(row, counted=counted) for row in (before, after))
        table.add_row(tier_word(before["tier"]), names[before["service"]], without, *ranges)
    if rows:
        out.print(table)


def _asked(facts: TierFacts) -> list[TierCoverage]:
    """The rows of tiers at which a service must exist; all where none must exist anywhere."""
    must = {(row["tier"], row["service"]) for row in facts["establishment"] if row["required"]}
    lacking = facts["without_zones"]  # tiers at which some must, and that have no zones
    return [
        row
        for row in facts["coverage"]
        if not must or (row["tier"], row["service"]) in must or row["tier"] in lacking
    ]


def show_tier_reading(out: Terminal, facts: TierFacts | None) -> None:
    """How zones of tiers were understood: drawn, with parents, and how ledgers name them."""
    if facts is None or not facts["levels"]:
        return
    columns = labels("tier_level", "tier_zones", "tier_drawn", "tier_no_parent", "tier_names",
                     "tier_unmatched", "tier_ambiguous")  # fmt: skip
    heads_of = (Column(head, overflow="fold", no_wrap=not k) for k, head in enumerate(columns))
    table = Table(*heads_of, title=labels("zones_of_tiers")[0], title_justify="left")
    for level in facts["levels"]:
        joins = [join for join in facts["joins"] if join["tier"] == level["tier"]]
        lost = [_called(level["names"][zone_id]) for zone_id in level["parent_unknown"]]
        named = [
            text("console.joined", kind=text(f"kind.{join['kind']}"), count=join["names"])
            for join in joins
        ]
        table.add_row(
            tier_word(level["tier"]),
            f"{level['zones']:,}",
            f"{level['drawn']:,}",
            _some(lost),
            str(text("console.listed", names=tuple(named))) if named else NOTHING,
            _some([name for join in joins for name in join["unmatched"]]),
            _some([name for join in joins for name in join["ambiguous"]]),
        )
    out.print(table)
    counts = [
        text("console.tier_count", tier=text(f"tier.{tier or 'unknown'}"), count=count)
        for tier, count in facts["venues"].items()
    ]
    if counts:
        listed = text("console.listed", names=tuple(counts))
        out.print(str(text("console.venues_by_tier", counts=listed)), soft_wrap=True)


def tier_word(tier: str) -> str:
    """What a tier is called."""
    return str(text(f"tier.{tier}"))


def _counts(row: Establishment | None) -> list[str]:
    if row is None:
        return [NOTHING] * 4
    return [f"{count:,}" for count in
            (row["expected"], row["present"], row["missing"], row["unknown"])]  # fmt: skip


def _range(row: TierCoverage | Mapping[str, Any], *, counted: bool) -> str:
    """The share in time, from low to high where they differ."""
    low, high = row["low"], row["high"]
    if low is None or high is None:
        return NOTHING
    persons = heads(row["low_persons"], counted=counted)
    if low == high:
        return f"{low:.1%} {persons}"
    return f"{low:.1%}–{high:.1%} {persons}–{heads(row['high_persons'], counted=counted)}"


def _without(facts: TierFacts, row: Establishment) -> str:
    names = next(level["names"] for level in facts["levels"] if level["tier"] == row["tier"])
    return _some([_called(names[zone_id]) for zone_id in row["missing_zones"]])


def _called(name: Both) -> str:
    return name["zh"] if language() == "zh" else name["en"]


def _some(names: list[str]) -> str:
    """The first names and how many there are."""
    if not names:
        return NOTHING
    if len(names) <= NAMED:
        return str(text("console.listed", names=tuple(names)))
    listed = text("console.listed", names=tuple(names[:NAMED]))
    return str(text("console.listed_of", names=listed, count=len(names)))
