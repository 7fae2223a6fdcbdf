"""What became of the zones that ledgers name: plain facts, kept with the city."""

from __future__ import annotations

from typing_extensions import TypedDict


class ZoneJoin(TypedDict):
    """What became of the names of zones that ledgers give homes or venues. kind: "homes" or
    "venues"; names: how many different ones; rows: that found a zone; unmatched, ambiguous: names
    of no zone, of several; contradicting: of a zone whose parent is not the one the row names."""

    kind: str
    tier: str
    names: int
    rows: int
    unmatched: list[str]
    ambiguous: list[str]
    contradicting: list[str]


class TierReading(TypedDict):
    """What ledgers say of tiers and zones; unknown_words: for tiers."""

    joins: list[ZoneJoin]
    unknown_words: list[str]
