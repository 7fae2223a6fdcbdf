"""Why a plan is as it is, as lines and a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gusu_geo.report.labels import heads
from gusu_geo.siting.sections import Complete, NextSite, SiteWhy, Why
from gusu_geo.words import Text, language, text

PLACES_NAMED = 3  # of those newly complete
ZONES_NAMED = 3
Names = Mapping[str, Mapping[str, str]]  # of services


def reason_lines(plan: Mapping[str, Any], names: Names, *, counted: bool) -> list[Text]:
    """A line for each site, and one for the places that the plan completes."""
    why: Why | None = plan["why"]
    if why is None:
        return []
    called = [site["name"] or site["candidate_id"] for site in plan["chosen"]]
    lines = [
        _because(number, name, site, names, counted=counted)
        for number, (name, site) in enumerate(zip(called, why["sites"], strict=True), start=1)
    ]
    if why["complete"]:
        places = complete_places(why["complete"], why["complete_count"], counted=counted)
        lines.append(text("console.newly_complete", places=places))
    return lines


def complete_places(
    rows: Sequence[Complete], count: int, *, counted: bool, named: int = PLACES_NAMED
) -> Text:
    """The first of the places that are newly complete, with the persons who gain, and how many
    there are."""
    listed = tuple(_named(row["name"], row["gained_persons"], counted) for row in rows[:named])
    if count > len(listed):
        return text("console.listed_of", names=listed, count=count)
    return text("console.listed", names=listed)


def next_rows(plan: Mapping[str, Any], *, counted: bool) -> list[list[str]]:
    """The candidates that were not taken: name, persons gained beside the plan, alone, why not."""
    why: Why | None = plan["why"]
    if why is None:
        return []
    called = {site["candidate_id"]: site["name"] or site["candidate_id"] for site in plan["chosen"]}
    left = (plan["budget"] or 0.0) - (plan["cost"] or 0.0)
    return [
        [
            row["name"] or row["candidate_id"],
            heads(row["gained_persons"], counted=counted),
            heads(row["alone_persons"], counted=counted),
            str(reason_of(row, called, left)),
        ]
        for row in why["next"]
    ]


def reason_of(row: NextSite, called: Mapping[str, str], left: float) -> Text:
    """Why a candidate is not in the plan; called: names of the chosen sites by id; left: money."""
    reason, other = text(f"not_taken.{row['reason']}"), row["instead_of"]
    if row["reason"] == "money" and row["cost"] is not None:
        reason = text("console.reason_money", reason=reason, cost=row["cost"], left=left)
    if not other:
        return reason
    site = called.get(other, other)
    if row["reason"] in ("same", "apart"):
        return text("console.reason_site", reason=reason, site=site)
    return text("console.reason_shared", reason=reason, site=site)


def _because(number: int, name: str, site: SiteWhy, names: Names, *, counted: bool) -> Text:
    """What is lost if a site alone is left out."""
    if not site["lost_persons"]:
        return text("console.nothing_lost", number=number, name=name)
    services = sorted(site["by_service"].items(), key=lambda pair: -pair[1])
    parts = [_named(names[service][language()], count, counted) for service, count in services]
    lost = heads(site["lost_persons"], counted=counted)
    line = text("console.lost", number=number, name=name, persons=lost, services=tuple(parts))
    zones = [pair for pair in site["by_zone"].items() if pair[0]]
    if len(zones) > 1:
        told = [_named(zone, count, counted) for zone, count in zones[:ZONES_NAMED]]
        more = ["…"] if len(told) < len(site["by_zone"]) else []
        line = text(
            "console.lost_by", line=line, what=text("console.by_zones", zones=(*told, *more))
        )
    if site["elders"]:
        elders = text("console.elders", persons=heads(site["elders"], counted=counted))
        line = text("console.lost_by", line=line, what=elders)
    return line


def _named(name: str, persons: float, counted: bool) -> Text:
    return text("console.named_persons", name=name, persons=heads(persons, counted=counted))
