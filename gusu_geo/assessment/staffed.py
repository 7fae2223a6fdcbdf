"""Whether what is in reach has room: by home and service, and summed up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from gusu_geo.assessment.capacity_facts import CapacityFacts
from gusu_geo.tables import Floats, Int8s, Note


class Room(IntEnum):
    """Whether the venues of a service that a home reaches have room for its persons: a column of
    its own, which changes no state of the verdict."""

    UNKNOWN = 0  # no norm with a source, or a capacity that nobody knows
    ROOM = 1
    FULL = 2
    NONE_NEAR = 3  # no venue in reach: missing already


@dataclass(frozen=True, eq=False)
class Staffed:
    """access (R,K): supply per 1,000 of those who compete for it, NaN unknown; full (R,K):
    ``Room``, in the order of the verdict's homes and services. In reach: within the last step of
    the study's ``[capacity]``, whatever the limit of the service, and also where a home's own rule
    does not ask for it. notes: what readers must know."""

    facts: CapacityFacts
    access: Floats
    full: Int8s
    notes: tuple[Note, ...] = ()
