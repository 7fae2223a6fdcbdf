"""Section ``capacity`` of the summary: whether what is in reach has room.

Access is supply per 1,000 persons who compete for it, in the unit of the capacities. Counts of few
persons are None where the report is no internal draft (``suppression.public_capacity``).
"""

from __future__ import annotations

from typing_extensions import TypedDict


class NormFacts(TypedDict):
    """A norm and who says so; of: "persons", "elders" or "children"."""

    per_1000: float
    of: str
    source: str


class Filled(TypedDict):
    """Persons (of the norm's group) by ``full`` of one service: whose access is below the norm, who
    have room, who reach no venue, and of whom nobody knows. Without a norm the first two are None,
    and unknown are those whose access is; all are None where the group is not counted. access: mean
    per 1,000, weighted by persons, of homes with a street (and no gate that may be missing); None
    where anybody reaches a venue of which capacity or demand is unknown."""

    full_persons: float | None
    room_persons: float | None
    none_persons: float | None
    unknown_persons: float | None
    access: float | None


class ServiceCapacity(TypedDict):
    """Capacity of one service. venues: how many; known: of them with a capacity; supply: their sum;
    units: that the ledgers name; of several, no capacity is used (seats and beds do not add up),
    and unit is "" as where none is named. demand: persons of the group who live here, None where it
    is not counted; used: capacity that anybody reaches. norm: None without one: then nothing is
    called full and ``found`` holds access alone; assumed: the same with unknown capacities at 0
    ("none") and at the largest known of their tier ("largest", None where there is none):
    assumptions, no bounds."""

    service: str
    unit: str
    units: list[str]
    venues: int
    known: int
    supply: float
    demand: float | None
    used: float
    norm: NormFacts | None
    found: Filled
    assumed_none: Filled
    assumed_largest: Filled | None


class VenueLoad(TypedDict):
    """A venue and whom it serves, of services with a norm or a capacity. demand: persons in reach,
    weighted; None where the group is not counted; ratio: capacity per 1,000 of them, None where the
    capacity or the demand is unknown or nobody reaches it."""

    facility_id: str
    service: str
    name: str
    capacity: float | None
    unit: str
    demand: float | None
    ratio: float | None


class TeamLoad(TypedDict):
    """A team, and those whom it serves ("" where the ledger's word means no counted group). rows:
    of the ledger; placed: of them with a known place of work, the others count nowhere. staff, fte:
    sums of what is known, unknown_fte: rows without it. persons: of the group, reached_persons: of
    them with a place of the team in reach, None where the group is not counted. per_1000: full-time
    equivalents per 1,000 of those reached; low_zone: where persons have least by walking, with
    their mean (0 for those who reach none); zones with a row of the team of unknown place are not
    compared. None where any placed row has no full-time equivalent."""

    team: str
    group: str
    rows: int
    placed: int
    staff: float
    fte: float
    unknown_fte: int
    persons: float | None
    reached_persons: float | None
    per_1000: float | None
    low_per_1000: float | None
    low_zone: str


class CapacityFacts(TypedDict):
    """How it was computed, and what was found. level: of the zones in ``teams``."""

    method: str
    steps_s: list[float]
    weights: list[float]
    siting: bool
    level: str
    services: list[ServiceCapacity]
    venues: list[VenueLoad]
    teams: list[TeamLoad]
