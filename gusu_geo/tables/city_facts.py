"""Counts and facts of the sources of a city, as plain JSON."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from gusu_geo.tables.ledger_facts import LedgerAccount, Merge, RejectedRow, TierReading
from gusu_geo.words import Both, Note


class PersonsFact(TypedDict):
    """How many persons, by what method, and whether that is an estimate of each home.

    counted: whether somebody counted the total; else it is an estimate too, and is shown as one.
    """

    estimate: bool
    counted: NotRequired[bool]
    total: float
    source: str
    method: Both


class MixedGround(TypedDict):
    """Buildings without a use of their own on commercial or retail ground.

    included: whether they count as homes (``residences.mixed_ground``); persons: who live there, or
    would if they counted.
    """

    included: bool
    buildings: int
    persons: float


class ServiceFacts(TypedDict):
    """Number of venues (places, not facilities) of a service; complete: a source lists all."""

    venues: int
    complete: bool


class Reading(TypedDict):
    """What became of one kind of things in a source: ``read`` = ``used`` + all of ``left_out``.

    source: name of the file; kind: of the things, a key of section [kind] of the words; left_out,
    doubted: counts by reason, keys of [left_out] and [doubt]; what is doubted is used all the same,
    or stands beside the rows (other sheets); named: by reason, the first ids.
    """

    source: str
    kind: str
    read: int
    used: int
    left_out: dict[str, int]
    doubted: dict[str, int]
    named: dict[str, list[str]]


class RegionPart(TypedDict):
    """What a study adds to the facts of its region. By kind of building ("" of a ledger), without
    homes near the border: levels, the number of homes by known level; floor, the exact sum of
    footprint x known levels; unknown, footprints without levels, packed. registered: exact sum of
    persons. border: homes near the border: id, kind, level, footprint (m2), registered persons.
    See ``sources.part_facts``."""

    levels: dict[str, dict[str, int]]
    floor: dict[str, str]
    unknown: dict[str, str]
    registered: str
    border: list[list[Any]]
    data: NotRequired[list[float]]  # what the data cover: west, south, east, north


class CityFacts(TypedDict, total=False):
    """Counts and facts of the sources, as plain JSON.

    margin_m: least distance from the border to the edge of the data; data_share: part of the area
    that the data cover; dropped: counts by reason, of homes and of venues; known: by service id,
    false for "no data": no venue, and no source that claims to list all; registered: of compounds
    by id what a registry says besides persons (households, community, branch, committee).
    """

    osm_file: str
    osm_sha256: str
    osm_date: str
    area_km2: float
    buffer_m: float
    margin_m: float
    data_share: float
    counts: dict[str, int]
    dropped: dict[str, dict[str, int]]
    barriers: dict[str, int]
    dangling_barriers: int
    persons: PersonsFact
    mixed_ground: MixedGround
    services: dict[str, ServiceFacts]
    known: dict[str, bool]
    compounds: int
    registered: dict[str, dict[str, str | float]]
    gates: dict[str, int]
    plazas: int
    sources: list[Reading]
    rejected: list[RejectedRow]
    ledgers: list[LedgerAccount]
    merges: list[Merge]
    complaints: list[dict[str, str | float | None]]  # see ``assessment.complaints``
    tiers: TierReading
    idle: Reading  # of ``City.idle``, among ``sources`` where a study asks for it
    part: RegionPart  # of a study that is a part of a region
    notes: list[Note]
