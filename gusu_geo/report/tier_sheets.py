"""Sheets of the workbook on tiers: what each tier has and whom it serves, zone by zone, and homes
summed by zone within its parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from gusu_geo.assessment.establishment import MISSING, PRESENT, UNKNOWN
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.tier_facts import Establishment, NestedRow, TierFacts
from gusu_geo.assessment.tiers import Tiered
from gusu_geo.report.labels import bilingual, label, phrase
from gusu_geo.report.sheets import Book, Column, each
from gusu_geo.tables import Both
from gusu_geo.words import COMMA, Text, text

NAMED = 30  # zones named in a cell


def tier_sheets(book: Book, outcome: Outcome) -> None:
    """Write the sheets; none where neither zones nor services have tiers."""
    tiered = outcome.tiered
    if tiered is None:
        return
    rows = outcome.summary["services"]
    services: dict[str, Both] = {r["id"]: {"zh": r["zh"], "en": r["en"]} for r in rows}
    names = zone_names(tiered.facts)
    _tiers_sheet(book, tiered.facts, services, names)
    if tiered.own:
        _own_sheet(book, tiered, services, names)
    if tiered.facts["nested"]:
        _nested_sheet(book, tiered.facts, services, names)


def zone_names(facts: TierFacts) -> dict[tuple[str, str], Both]:
    """The name of each zone by tier and id; "" for homes in none."""
    return {
        (level["tier"], zone_id): name
        for level in facts["levels"]
        for zone_id, name in level["names"].items()
    }


def tier_name(tier: str) -> str:
    """The name of a tier in both languages."""
    return phrase(f"tier.{tier}")


def _tiers_sheet(
    book: Book,
    facts: TierFacts,
    services: Mapping[str, Both],
    names: Mapping[tuple[str, str], Both],
) -> None:
    """A row for each tier and service: zones with and without a venue, persons in time."""
    found = {(row["tier"], row["service"]): row for row in facts["establishment"]}
    rows = facts["coverage"]
    own = [found.get((row["tier"], row["service"])) for row in rows]
    counts = [{} if row is None else dict(row) for row in own]
    without = [_listed(names, row, "missing_zones") for row in own]
    unsure = [_listed(names, row, "unknown_zones") for row in own]
    columns = [
        Column("head.tier", [tier_name(row["tier"]) for row in rows], width=18),
        Column("head.service", [bilingual(services[row["service"]]) for row in rows], width=38),
        Column("head.tier_required", [_yes(row["required"]) if row else None for row in own],
               "mark", 10),
        Column("head.tier_expected", each(counts, "expected"), "count", 10),
        Column("head.tier_present", each(counts, "present"), "count", 10),
        Column("head.tier_missing", each(counts, "missing"), "count", 10),
        Column("head.tier_unknown", each(counts, "unknown"), "count", 12),
        Column("head.tier_unplaced", each(counts, "unplaced"), "count", 12),
        Column("head.tier_outside", each(counts, "outside"), "count", 12),
        Column("head.low_persons", each(rows, "low_persons"), "persons", 13),
        Column("head.high_persons", each(rows, "high_persons"), "persons", 13),
        Column("head.low_share", each(rows, "low"), "share", 11),
        Column("head.high_share", each(rows, "high"), "share", 11),
        Column("head.tier_nested", [_yes(row["nested"]) for row in rows], "mark", 12),
        Column("head.missing_zones", without, width=46),
        Column("head.unknown_zones", unsure, width=36),
    ]  # fmt: skip
    name, hint = label("workbook.sheet_tiers"), phrase("workbook.hint_tiers")
    book.table(name, columns, hint=hint, fixed=2)


def _listed(
    names: Mapping[tuple[str, str], Both],
    row: Establishment | None,
    key: Literal["missing_zones", "unknown_zones"],
) -> str:
    """The first names of the zones."""
    if row is None:
        return ""
    shown = [_name(names, row["tier"], zone_id) for zone_id in row[key][:NAMED]]
    return COMMA["zh"].join(shown) + (" …" if len(row[key]) > NAMED else "")


def _own_sheet(
    book: Book,
    tiered: Tiered,
    services: Mapping[str, Both],
    names: Mapping[tuple[str, str], Both],
) -> None:
    """A row for each zone: whether it has a venue of its own of each service of its tier."""
    zones = [
        (tier, zone_id)
        for level in tiered.facts["levels"]
        for tier in (level["tier"],)
        for zone_id in dict.fromkeys(
            zone for (_, own), found in tiered.own.items() if own == tier for zone in found
        )
    ]
    asked = list(dict.fromkeys(service for service, _ in tiered.own))
    people = _persons_of(tiered.facts["nested"])
    words = {state: phrase(f"own.{state}") for state in (PRESENT, MISSING, UNKNOWN)}
    states = [[tiered.own.get((s, tier), {}).get(zone, "") for tier, zone in zones] for s in asked]
    columns = [
        Column("head.tier", [tier_name(tier) for tier, _ in zones], width=18),
        Column("head.id", [zone_id for _, zone_id in zones], width=16),
        Column("head.name", [_name(names, *zone) for zone in zones], width=26),
        Column("head.persons", [people.get(zone, 0.0) for zone in zones], "persons", 12),
        *(
            Column(services[service], [words.get(each, "") for each in column], "mark", 15,
                   late=[each == MISSING for each in column])
            for service, column in zip(asked, states, strict=True)
        ),
    ]  # fmt: skip
    name, hint = label("workbook.sheet_own"), phrase("workbook.hint_own")
    book.table(name, columns, hint=hint, fixed=3)


def _nested_sheet(
    book: Book,
    facts: TierFacts,
    services: Mapping[str, Both],
    names: Mapping[tuple[str, str], Both],
) -> None:
    """A row for each zone within its parents."""
    rows = facts["nested"]
    tiers = [level["tier"] for level in facts["levels"]]
    chains = [[*row["path"], row["id"]] for row in rows]
    places = [
        [
            _name(names, tier, chain[depth]) if depth < len(chain) else None
            for chain in chains
        ]
        for depth, tier in enumerate(tiers)
    ]  # fmt: skip
    keys = [(row["service"], row["tier"]) for row in facts["coverage"]]
    columns = [
        Column("head.tier", [tier_name(row["tier"]) for row in rows], width=18),
        *(
            Column(text(f"tier.{tier}"), place, width=24)
            for tier, place in zip(tiers, places, strict=True)
        ),
        Column("head.id", each(rows, "id"), width=16),
        Column("head.homes", each(rows, "residences"), "count", 10),
        Column("head.persons", each(rows, "persons"), "persons", 12),
        Column("reading.passed", each(rows, "passed_persons"), "persons", 12),
        Column("reading.passed_known", each(rows, "passed_known_persons"), "persons", 13),
        Column("reading.unknown", each(rows, "unknown_persons"), "persons", 12),
        *(
            Column(_bound(bound, services[service], tier),
                   [row[bound][f"{service} {tier}"] for row in rows], "persons", 15)
            for service, tier in keys
            for bound in ("low", "high")
        ),
    ]  # fmt: skip
    name, hint = label("workbook.sheet_nested"), phrase("workbook.hint_nested")
    book.table(name, columns, hint=hint, fixed=1)


def _bound(bound: str, service: Both, tier: str) -> Text:
    key = "head.low_of" if bound == "low" else "head.high_of"
    return text(key, service=service, tier=text(f"tier.{tier}"))


def _persons_of(rows: Sequence[NestedRow]) -> dict[tuple[str, str], float]:
    """Persons of each zone, wherever its parents are."""
    found: dict[tuple[str, str], float] = {}
    for row in rows:
        key = row["tier"], row["id"]
        found[key] = found.get(key, 0.0) + row["persons"]
    return found


def _name(names: Mapping[tuple[str, str], Both], tier: str, zone_id: str) -> str:
    return bilingual(names[tier, zone_id])


def _yes(value: bool) -> str:
    return phrase("workbook.yes" if value else "workbook.no")
