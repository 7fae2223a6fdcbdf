"""Tables that pass between the packages: frozen, in metres, made by ``sources`` or by the caller.

Axes by one letter: P entrance points, R residences, F facilities, C candidates, Z zones,
W street ways, M street vertices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gusu_geo.tables.city_facts import CityFacts as CityFacts
from gusu_geo.tables.city_facts import MixedGround as MixedGround
from gusu_geo.tables.city_facts import PersonsFact as PersonsFact
from gusu_geo.tables.city_facts import Reading as Reading
from gusu_geo.tables.city_facts import RegionPart as RegionPart
from gusu_geo.tables.city_facts import ServiceFacts as ServiceFacts
from gusu_geo.tables.ledger_facts import LedgerAccount as LedgerAccount
from gusu_geo.tables.ledger_facts import LedgerTable as LedgerTable
from gusu_geo.tables.ledger_facts import Merge as Merge
from gusu_geo.tables.ledger_facts import RejectedRow as RejectedRow
from gusu_geo.tables.ledger_facts import TierReading as TierReading
from gusu_geo.words import Both as Both
from gusu_geo.words import Note as Note

if TYPE_CHECKING:  # the process that reads OSM files starts in half the time without them
    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Int8s = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]

GRADES = ("A", "B", "C")  # of evidence: official ledger, name, code or tag; letters compare so
WORKDAY = "工作日"  # a comment in opening hours: working days, weekends that make up too
GATE_KINDS = ("public", "residents", "locked")  # who may pass a gate: ``access`` of ``City.gates``


class Rung(IntEnum):
    """How well the place where people enter is known, best first (the entrance ladder)."""

    GATE = 0  # surveyed gate, from a ledger
    ENTRANCE = 1  # entrance or gate node of OpenStreetMap
    EDGE = 2  # the outline, from every street beside it
    CENTROID = 3  # a point inside
    ASSUMED = 4  # a door that must exist and that nobody drew


class WayFlag(IntEnum):
    """Bits of ``StreetWays.flags`` and of ``WalkNetwork.edge_flags``."""

    STEPS = 1
    PRIVATE = 2  # kept but marked: access=private and the like
    TUNNEL = 4  # no exit midway: points are not linked to it
    BRIDGE = 8  # likewise
    AREA = 16  # outline of a plaza
    FORWARD_ONLY = 32  # on foot in drawing order only (escalators, oneway:foot)
    BACKWARD_ONLY = 64
    ESTIMATED = 128  # added by gusu_geo, not surveyed: straight ways across a plaza
    LIFT = 256  # a lift drawn as a way: takes a fixed time, not one by length
    FERRY = 512  # a wait, then the speed of the boat
    NO_WHEELS = 1024  # steps without a ramp, wheelchair=no: barred for wheelchairs and prams
    ON_FOOT = 2048  # for walkers only (footway, path, ...): they wait where it crosses a road
    ENCLOSED = 4096  # public, but only private ways join it to the rest (``streets.enclosed``)
    OPENING = 8192  # through a gate or wall that the study opens: its ends are one place
    BEYOND = 16384  # leads out of the ground that was read: what it is joined to is not known


class NodeFlag(IntEnum):
    """Bits of ``StreetWays.node_flags`` and of ``WalkNetwork.node_flags``."""

    CLOSED = 1  # cannot be passed: a locked gate, a wall across the way
    GATE = 2  # an opening in a wall or fence
    RESIDENTS = 4  # a gate that only residents pass
    CROSSING = 8  # walkers who cross wait for a gap in the traffic
    SIGNALS = 16  # walkers who cross wait for a light
    LIFT = 32  # a lift drawn as a point
    BEYOND = 64  # beyond the ground that was read: a vertex of a street that leads there


def no_shapes(crs: CRS, *columns: str) -> gpd.GeoDataFrame:
    """A frame without rows: text ``columns`` and a geometry."""
    import geopandas as gpd

    empty = {name: np.zeros(0, object) for name in columns}
    return gpd.GeoDataFrame(empty, geometry=[], crs=crs)


@dataclass(frozen=True, eq=False)
class StreetWays:
    """Walkable ways as read: vertices shared by id, so that junctions are exact.

    node_ids (M,) outside ids; lonlat (M,2) degrees, WGS 84; node_flags (M,) bits of
    ``NodeFlag``; way_ptr (W+1,) and way_nodes: positions in ``node_ids``, in drawing order;
    way_ids (W,); highway (W,) class names; name (W,) text, "" when unnamed; flags (W,) bits of
    ``WayFlag``.
    """

    node_ids: Ints
    lonlat: Floats
    node_flags: npt.NDArray[np.int16]
    way_ptr: Ints
    way_nodes: Ints
    way_ids: Ints
    highway: npt.NDArray[np.str_]
    name: npt.NDArray[np.object_]
    flags: npt.NDArray[np.int16]

    @property
    def closed(self) -> Bools:
        """(M,) true at vertices that cannot be passed."""
        return np.asarray((self.node_flags & NodeFlag.CLOSED) != 0)


@dataclass(frozen=True, eq=False)
class Entrances:
    """Points where people enter: owner_ix (P,) row of the owner, xy (P,2) m, rung (P,).

    outline (P,) polygons in metres or None: what has one is entered from every street beside it.
    None: no owner has an outline. ground (P,): the outline is open ground, which only a wall drawn
    on its edge bars, and no building; None: none is.
    """

    owner_ix: Ints
    xy: Floats
    rung: Int8s
    outline: npt.NDArray[np.object_] | None = None
    ground: Bools | None = None

    def rows(self, pick: Ints | Bools) -> Entrances:
        """The points at positions ``pick``."""
        outline = None if self.outline is None else self.outline[pick]
        ground = None if self.ground is None else self.ground[pick]
        return Entrances(self.owner_ix[pick], self.xy[pick], self.rung[pick], outline, ground)

    def joined(self, other: Entrances, owners: int) -> Entrances:
        """These points, of ``owners`` owners, then those of the other, whose owners come after."""
        outlines, grounds = [], []
        for part in (self, other):
            bare = np.full(len(part.rung), None, object)
            outlines.append(bare if part.outline is None else np.asarray(part.outline, object))
            none = np.zeros(len(bare), bool)
            grounds.append(none if part.ground is None else np.asarray(part.ground, bool))
        return Entrances(
            np.concatenate((self.owner_ix, other.owner_ix + owners)),
            np.concatenate((self.xy, other.xy)),
            np.concatenate((self.rung, other.rung)),
            np.concatenate(outlines),
            np.concatenate(grounds),
        )

    @classmethod
    def of_points(cls, xy: Floats, rung: Rung = Rung.CENTROID) -> Entrances:
        """One entrance per owner, at its point."""
        count = len(xy)
        return cls(np.arange(count), np.asarray(xy, float), np.full(count, int(rung), np.int8))


GROUPS = ("elders", "children")  # of persons; their columns are optional
TOLD_OF_COMPOUNDS = ("households", "community", "branch", "committee")  # by a registry


@dataclass(frozen=True, eq=False)
class Residences:
    """Homes. ``frame``: index = residence id (text, unique), geometry = point (metres),
    columns ``name``, ``address`` (street and number, "" unknown), ``persons`` (float >= 0),
    ``kind`` ("tagged", "assumed", "mixed" or "ledger"), ``levels`` (float), ``levels_known``
    (bool), ``footprint`` (polygon or None); if read from sources, ``compound`` and
    ``compound_name`` (text, "" for none); one column of persons for each of ``GROUPS`` that a
    ledger counts, NaN where only persons are known; where any source has them, ``ring``,
    ``type`` and attributes (text, "" unknown), of its own row, else of its compound or zone; with
    tiers ``<tier>_id``: the zone that a ledger names, "" unknown."""

    frame: gpd.GeoDataFrame
    entrances: Entrances


@dataclass(frozen=True, eq=False)
class Facilities:
    """Venue x service. ``frame``: index = facility id (text, unique), geometry = point (metres),
    columns ``service``, ``venue_id``, ``name``, ``hours`` ("" unknown; OpenStreetMap's notation, or
    unreadable), ``evidence`` (A, B, C), if read from sources ``shared_hours`` of a ``host``; where
    the study asks for it ``capacity`` (float, NaN unknown) in ``capacity_unit`` ("" unknown); with
    tiers ``tier`` and ``<tier>_id``, the zone that a ledger names, "" unknown."""

    frame: gpd.GeoDataFrame
    entrances: Entrances


class Vote(StrEnum):
    """How the owners voted on a new use of a room."""

    PASSED = "passed"  # or none is needed
    OPEN = "open"  # no vote yet: may be planned, and is reported
    REFUSED = "refused"
    UNKNOWN = ""


class CandidateKind(StrEnum):
    """What a candidate is."""

    LEDGER = "ledger"  # a row of a ledger of idle rooms
    STREET = "street"  # a sample of a street
    VACANT = "vacant"  # stands empty, by OpenStreetMap
    PUBLIC = "public"  # a public building, by OpenStreetMap


@dataclass(frozen=True, eq=False)
class Candidates:
    """Places for new venues. ``frame``: index = candidate id (text, unique), geometry = point
    (metres), columns ``name`` and ``services`` (tuple of service ids; empty = any); where known
    ``cost`` (10,000 yuan) and ``area_m2`` (float, NaN unknown), ``vote`` (``Vote``), ``available``
    and ``heritage`` (text), ``street`` (bool: a sample of a street, for which a neighbour may
    stand), ``kind`` (``CandidateKind``, "" unknown)."""

    frame: gpd.GeoDataFrame
    entrances: Entrances


@dataclass(frozen=True, eq=False)
class Zones:
    """Areas that results are summed up by. ``frame``: columns ``level``, ``zone_id`` (unique
    within a level), ``name``, ``name_zh``, ``name_en``, geometry = polygon (metres), None where
    nobody drew it; with tiers ``tier`` ("" for none) and ``parent`` (zone_id in the next tier above
    that has zones, "" unknown)."""

    frame: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class City:
    """Everything the sources say about one study, in one local metric system.

    area: the study area (one row, polygon); surroundings: features that are only drawn on the
    map or block the way: ``kind`` ("water", "green" areas; "mixed": buildings on commercial or
    retail ground that do not count as homes; "coast", "waterway", "stream", "railway",
    "motorway", "wall" lines), ``width_m`` (lines; 0 = unknown), geometry.
    compounds: gated or not: ``compound_id`` (text, unique), ``name``, ``source`` ("osm" or
    "ledger"), geometry = polygon. gates: ``access`` ("public", "residents", "locked"),
    ``source``, geometry = point. plazas: index = OSM id, geometry = walkable ground
    (without buildings, water and holes). facts: counts, dates and notes.
    scenery: what only helps to recognise the place: ``kind`` ("sea", "land" areas; named things as
    points and lines, see ``sources.scenery``), ``name``, ``name_zh``, ``name_en`` ("" where the
    same), ``size_m`` (side of a square as large as the named area, 0 for others), geometry.
    idle: empty and public buildings; what was left out of them stands in facts.
    neighbours: homes beyond the area, within reach: judged elsewhere, but they share walls with
    homes here. ``frame``: geometry alone.
    books: the district's own ledgers that the study names, by name, see ``tables.books``.
    """

    crs: CRS
    streets: StreetWays
    residences: Residences
    facilities: Facilities
    zones: Zones
    area: gpd.GeoDataFrame
    surroundings: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    plazas: gpd.GeoDataFrame
    facts: CityFacts = field(default_factory=CityFacts)
    scenery: gpd.GeoDataFrame | None = None
    idle: Candidates | None = None
    neighbours: Residences | None = None
    books: Mapping[str, pd.DataFrame] = field(default_factory=dict)
