"""Detour ratio (绕行系数): how much longer the way on foot is than the straight line.

For each home, over the streets ``near_m`` to ``far_m`` away in a straight line:

    ratio = sum of walking distances / sum of straight distances

Distances start at the home's door and are bare lengths: no waits, slopes or steps. A street not
reached within ``cutoff_m`` counts as ``cutoff_m``, so that isolation shows. It is a ratio of sums,
not a median: a canal that cuts off two fifths of the surroundings would not change the median.
Streets are weighted by length, so it does not matter where mappers split them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo._kernels import INF_CS
from gusu_geo._kernels.blocks import THREADS
from gusu_geo._kernels.pairs import PairWays, Stops
from gusu_geo._kernels.rounds import CM_PER_M, Direct, Doors, Spots, rounds_of
from gusu_geo.assessment.street_points import StreetPoints, level_pace, street_points
from gusu_geo.assessment.summary import DetourFacts
from gusu_geo.errors import InputError
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import ISLAND_MAX_M, Walk
from gusu_geo.tables import Bools, Floats, Int8s, Int32s, Ints
from gusu_geo.walking.linkage import Linkage, Linked, LinkingOptions, Reason, linking_of
from gusu_geo.walking.points import linked_points
from gusu_geo.walking.search import Ends, goals, same_edge, starts
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text

if TYPE_CHECKING:  # loaded where a tree is made
    from scipy.spatial import cKDTree

BLOCK_HOMES = 64  # homes measured at once: bounds the memory
CLASSES_PM = (1300, 1500, 1800, 2500)  # limits between the classes of ratios
HIGH_PM = 1800  # detours from this ratio on are reported as high


@dataclass(frozen=True)
class DetourRing:
    """The streets around a home that count, and how far walks are followed.

    near_m, far_m: straight distance from the door; cutoff_m: longest walk; spacing_m: distance
    between street points.
    """

    near_m: float = 200.0
    far_m: float = 500.0
    cutoff_m: float = 2000.0
    spacing_m: float = 50.0

    def __post_init__(self) -> None:
        """Raises InputError: a number that is not finite, a ring without width, a short cutoff."""
        numbers = (self.near_m, self.far_m, self.cutoff_m, self.spacing_m)
        if not (all(np.isfinite(numbers)) and 0 < self.near_m < self.far_m <= self.cutoff_m):
            raise InputError(text("error.ring_order"), got=numbers)
        if not 5 <= self.spacing_m <= self.far_m - self.near_m:
            raise InputError(text("error.ring_spacing"), got=self.spacing_m)


@dataclass(frozen=True, eq=False)
class Detours:
    """Residences (R,), whole per mille.

    ratio_pm: walked / straight, at least 1000; -1 where unknown: not linked (``reason`` says
    why) or no street in the ring. beyond_pm: share of the street length in the ring that is not
    reached within the cutoff; -1 where unknown.
    """

    residence_ids: pd.Index
    ratio_pm: Int32s
    beyond_pm: Int32s
    reason: Int8s
    ring: DetourRing

    @property
    def frame(self) -> pd.DataFrame:
        """Index = residence id; ``detour_ratio``, ``beyond_share`` (missing where unknown),
        ``reason`` ("" where known, "no_streets" without a street in the ring)."""
        known = self.ratio_pm >= 0
        reason = np.array([Reason(code).name.lower() for code in self.reason.tolist()], object)
        reason[self.reason == int(Reason.LINKED)] = "no_streets"
        reason[known] = ""
        return pd.DataFrame(
            {
                "detour_ratio": _or_missing(self.ratio_pm, known),
                "beyond_share": _or_missing(self.beyond_pm, known),
                "reason": reason,
            },
            index=self.residence_ids,
        )

    def summary(self, persons: Floats) -> DetourFacts:
        """Median ratio weighted by persons (R,), and share of persons with ``HIGH_PM`` or more, of
        those with a known ratio; None without any."""
        known = np.flatnonzero((self.ratio_pm >= 0) & (persons > 0))
        if len(known) == 0:
            return {"median": None, "high": HIGH_PM / 1000, "high_share": None}
        order = known[np.argsort(self.ratio_pm[known], kind="stable")]
        upto = np.cumsum(persons[order])
        middle = order[np.searchsorted(upto, upto[-1] / 2)]
        high = persons[known][self.ratio_pm[known] >= HIGH_PM].sum() / upto[-1]
        return {
            "median": int(self.ratio_pm[middle]) / 1000,
            "high": HIGH_PM / 1000,
            "high_share": round(float(high), 6),
        }


def _or_missing(per_mille: Int32s, known: Bools) -> pd.Series[float]:
    return pd.Series(per_mille / 1000.0, dtype="Float64").where(known).array  # type: ignore[return-value]


def detour_ratios(
    net: WalkNetwork,
    residences: gpd.GeoDataFrame,
    *,
    walk: Walk | None = None,
    ring: DetourRing | None = None,
    **linking: Unpack[LinkingOptions],
) -> pd.DataFrame:
    """Detour ratio of every residence: a frame as ``Detours.frame``.

    residences: points in any CRS, index = id. linking: as in ``nearest``.
    Raises InputError: an empty frame, no CRS, a missing or bad point, a missing or repeated id.
    """
    how = linking_of(linking)
    homes = linked_points(Trips.of(net, walk), residences, how)
    return measure_detours(net, homes, walk=walk, ring=ring, island_max_m=how.island_max_m).frame


def measure_detours(
    net: WalkNetwork,
    homes: Linked,
    *,
    walk: Walk | None = None,
    ring: DetourRing | None = None,
    island_max_m: float = ISLAND_MAX_M,
) -> Detours:
    """Detour ratio of every residence, from the doors where the legs of ``homes`` begin.

    With several doors the shortest walk and the shortest straight line count. The result does not
    depend on the number of threads.
    """
    ring = ring or DetourRing()
    trips = Trips.paced(net, level_pace(net, walk))
    points = street_points(net, trips.pace, ring.spacing_m, island_max_m=island_max_m)
    survey = _Survey.of(trips, ring, homes.links, points)
    found = np.zeros((len(homes.ids), 4), np.int64)
    blocks = survey.blocks()
    with ThreadPoolExecutor(THREADS) as pool:
        for rows, sums in zip(blocks, pool.map(survey.sums, blocks), strict=True):
            found[np.unique(homes.links.owner_ix[rows])] = sums
    walked, straight, street, beyond = found.T
    known = straight > 0
    arrays = (
        _per_mille(walked, straight, known),
        _per_mille(beyond, street, known),
        homes.links.owner_reason(len(homes.ids)),
    )
    for array in arrays:
        array.setflags(write=False)
    return Detours(homes.ids, *arrays, ring)


def _per_mille(part: Ints, whole: Ints, known: Bools) -> Int32s:
    """``part`` / ``whole``, rounded half up; -1 where not ``known``."""
    whole = np.where(known, whole, 1)
    return np.where(known, (2000 * part + whole) // (2 * whole), -1).astype(np.int32)


class _Survey(NamedTuple):
    """The inputs shared by all blocks of homes."""

    trips: Trips
    ring: DetourRing
    links: Linkage
    points: StreetPoints
    from_door: Ends
    ways: PairWays  # its stops: the street points, then the trip nodes
    tree: cKDTree

    @classmethod
    def of(cls, trips: Trips, ring: DetourRing, links: Linkage, points: StreetPoints) -> _Survey:
        from scipy.spatial import cKDTree

        point, node = goals(trips, points.links), np.arange(trips.nodes, dtype=np.int32)
        none = np.zeros_like(node)
        stops = Stops(
            node=np.concatenate([point.node, np.column_stack([node, node])]),
            cs=np.concatenate([point.cs, np.column_stack([none, none + INF_CS])]),
            line=np.concatenate([points.links.edge_ix, none - 1]),
            place=np.concatenate([points.links.offset_cm, none]),
        )
        ways = PairWays(trips.packed(towards=False), stops, round(ring.cutoff_m * CM_PER_M))
        return cls(trips, ring, links, points, starts(trips, links), ways, cKDTree(points.xy))

    def blocks(self) -> list[Ints]:
        """Rows of linked doors in blocks of neighbouring homes; each home is in one block."""
        linked = np.flatnonzero(self.links.edge_ix >= 0)
        owner = self.links.owner_ix[linked]
        # Nodes are numbered in Hilbert order, so the lowest node of a home gives its location.
        first = np.full(self.links.owner_ix.max(initial=-1) + 1, INF_CS, np.int64)
        np.minimum.at(first, owner, self.from_door.node[linked].min(axis=1))
        by = np.lexsort((owner, first[owner]))
        linked, owner = linked[by], owner[by]
        home = np.cumsum(np.diff(owner, prepend=-1) != 0) - 1
        cuts = np.searchsorted(home, np.arange(BLOCK_HOMES, home.max(initial=-1) + 1, BLOCK_HOMES))
        # Sorted by owner inside a block: the sums are returned in that order.
        return [rows[np.argsort(self.links.owner_ix[rows], kind="stable")]
                for rows in np.split(linked, cuts) if len(rows)]  # fmt: skip

    def sums(self, rows: Ints) -> Ints:
        """(homes of the block, 4): sums over the street points in the ring, as in ``rounds``:
        walked, straight, street length, street length beyond the cutoff."""
        doors = self.links.door_xy[rows]
        middle = (doors.min(axis=0) + doors.max(axis=0)) / 2
        # A centimetre more, so that points rounded onto the ring count, whatever the block.
        reach_m = np.hypot(*(doors - middle).T).max() + self.ring.far_m + 1 / CM_PER_M
        near = np.array(sorted(self.tree.query_ball_point(middle, reach_m)), np.int64)
        first = np.flatnonzero(np.diff(self.links.owner_ix[rows], prepend=-1))
        nodes, at = np.unique(self.from_door.node[rows], return_inverse=True)
        ends = np.repeat(len(self.points.xy) + nodes, len(near))
        table = self.ways.between(ends, np.tile(near, len(nodes)), threads=1)
        spots = self.points.xy[near]
        own = same_edge(self.trips.pace, self.links.rows(rows), self.points.rows(near).links)
        return rounds_of(
            Doors(
                np.append(first, len(rows)),
                doors[:, 0].copy(),
                doors[:, 1].copy(),
                at.reshape(len(rows), 2).astype(np.int64),
                self.from_door.cs[rows].astype(np.int64),
            ),
            Spots(spots[:, 0].copy(), spots[:, 1].copy(), self.points.street_cm[near]),
            Direct(np.searchsorted(own.a_ix, np.arange(len(rows) + 1)), own.b_ix, own.cs),
            table.reshape(len(nodes), len(near)),
            (self.ring.near_m * CM_PER_M, self.ring.far_m * CM_PER_M, self.ways.cutoff),
        )
