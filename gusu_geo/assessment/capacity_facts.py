"""Section ``capacity`` of the summary: whether what is in reach has room.

Access is supply per 1,000 persons who compete for it, in the unit of the capacities.
"""

from __future__ import annotations

from typing_extensions import TypedDict


class NormFacts(TypedDict):
    """A norm and who says so; of: "persons", "elders" or "children"."""

    per_1000: float
    of: str
    source: str


class Filled(TypedDict):
    """Persons by ``full`` of one service: whose access is below the norm, who have room, and of
    whom nobody knows; access: mean per 1,000, weighted by persons, None where it is unknown."""

    full_persons: float
    room_persons: float
    unknown_persons: float
    access: float | None


class ServiceCapacity(TypedDict):
    """Capacity of one service. venues: how many; known: of them with a capacity; supply: their sum;
    unit: "" where the ledger names none, or several; norm: None without one: then nothing is called
    full and ``found`` holds access alone; assumed: the same with unknown capacities at 0 ("none")
    and at the largest known of their tier ("largest", None where there is none): assumptions, no
    bounds."""

    service: str
    unit: str
    venues: int
    known: int
    supply: float
    demand: float
    used: float
    norm: NormFacts | None
    found: Filled
    assumed_none: Filled
    assumed_largest: Filled | None


class VenueLoad(TypedDict):
    """A venue and whom it serves: demand: persons in reach, weighted; ratio: capacity per 1,000 of
    them, None where the capacity is unknown or nobody reaches it."""

    facility_id: str
    service: str
    name: str
    capacity: float | None
    unit: str
    demand: float
    ratio: float | None


class TeamLoad(TypedDict):
    """A team: members work from a venue of their community (venue "": its place is unknown, and it
    counts nowhere); per_1000: full-time equivalents per 1,000 of those it serves, by walking."""

    team: str
    group: str
    rows: int
    placed: int
    staff: float
    fte: float
    persons: float
    reached_persons: float
    per_1000: float | None
    low_per_1000: float | None
    low_zone: str


class CapacityFacts(TypedDict):
    """How it was computed, and what was found. group: whose demand, by service."""

    method: str
    steps_s: list[float]
    weights: list[float]
    siting: bool
    services: list[ServiceCapacity]
    venues: list[VenueLoad]
    teams: list[TeamLoad]
