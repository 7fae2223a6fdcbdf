"""What became of rows of ledgers, and how each was understood: plain facts, kept with the city."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from gusu_geo.words import Both


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


class RejectedRow(TypedDict):
    """A row of a planner's file that could not be read; part: sheet or layer, "" where the file has
    one alone; row: as its program counts; value: what stands there, personal data masked."""

    file: str
    part: str
    row: int
    column: str
    value: str
    reason: Both
    remedy: Both


class LedgerTable(TypedDict):
    """A table of a planner's file. sheet: or layer; sheet, encoding: "" where there is none;
    header_row: as its program counts, 0 for files of shapes; columns: headers by what they mean;
    systems: in which the coordinates are taken to be; known_by: "declared" (by the study),
    "header", "column", "file", "buildings" or "streets" (by comparison), "assumed", or "nowhere"
    (no coordinates); scores: of ``tried`` places, how many lie within 15 m of a building (corners
    of polygons: of a street) in each system; None where nothing was compared."""

    sheet: str
    encoding: str
    header_row: int
    rows: int
    columns: dict[str, str]
    systems: list[str]
    known_by: str
    scores: dict[str, int] | None


class LedgerAccount(TypedDict):
    """How a planner's file was understood. read = accepted + rejected + all of no_data (rows of
    sums and the like); unknown_words: for services, with their rows; hours_filled: cells that hold
    opening hours, if any; hours_understood: of them; hours_unread: the others, frequent first."""

    file: str
    kind: str
    read: int
    accepted: int
    rejected: int
    no_data: dict[str, int]
    hours_filled: NotRequired[int]
    hours_understood: NotRequired[int]
    hours_unread: NotRequired[list[str]]
    unknown_words: list[Both]
    tables: list[LedgerTable]


class Merge(TypedDict):
    """A record (id, name, source) of a place that another record stands for, distance_m from it.

    services: those for which the record itself still counts, because the other does not name them.
    """

    id: str
    name: str
    source: str
    stands: str
    stands_name: str
    stands_source: str
    distance_m: float
    services: list[str]
