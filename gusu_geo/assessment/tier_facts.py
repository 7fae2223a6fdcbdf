"""The part of ``summary.json`` on tiers, typed."""

from __future__ import annotations

from typing_extensions import TypedDict

from gusu_geo.tables.ledger_facts import ZoneJoin
from gusu_geo.words import Both


class TierLevel(TypedDict):
    """A tier that has zones: its level ("" where compounds of homes are the zones), how many zones
    it has, how many were drawn, the zones whose parent in the next tier nothing says, and names by
    id, that of homes in no zone by ""."""

    tier: str
    level: str
    zones: int
    drawn: int
    parent_unknown: list[str]
    names: dict[str, Both]


class Establishment(TypedDict):
    """Which zones of a tier have a venue of a service; required: whether the service must exist at
    this tier, else it only has venues of it. expected (all zones of the tier) = present +
    missing + unknown (a venue of unknown tier, one that nothing places, or no data). unplaced:
    venues of the tier that stand in the area and that nothing places; outside: those that belong
    to none of its zones; missing_zones, unknown_zones: their ids."""

    tier: str
    service: str
    required: bool
    expected: int
    present: int
    missing: int
    unknown: int
    unplaced: int
    outside: int
    missing_zones: list[str]
    unknown_zones: list[str]


class TierCoverage(TypedDict):
    """Persons in time of a venue of the tier (nested: or of an upper one). low counts as failing
    what is unknown, high as passing; shares are None where no persons live."""

    tier: str
    service: str
    nested: bool
    low_persons: float
    high_persons: float
    low: float | None
    high: float | None


class NestedRow(TypedDict):
    """A zone within its parents: path, their ids from the top, "" unknown. Rows of one path add up
    to the row of that path. low, high: persons by "service tier", as in ``TierCoverage``."""

    tier: str
    id: str
    path: list[str]
    residences: int
    persons: float
    passed_persons: float
    passed_known_persons: float
    unknown_persons: float
    low: dict[str, float]
    high: dict[str, float]


class TierFacts(TypedDict):
    """Tiers of a study; venues: how many (places) of each tier, "" unknown; joins: how ledgers
    name zones; without_zones: tiers at which a service must exist and that have no zones."""

    levels: list[TierLevel]
    venues: dict[str, int]
    unknown_words: list[str]
    joins: list[ZoneJoin]
    without_zones: list[str]
    establishment: list[Establishment]
    coverage: list[TierCoverage]
    nested: list[NestedRow]
