"""The obstacle between two streets that are close in a straight line but far on foot."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo.assessment.street_points import StreetPoints, joined, level_pace
from gusu_geo.geometry import Shapes, ends_of
from gusu_geo.streets.barriers import BarrierKind, Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import Bools, Int8s, Ints, NodeFlag
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.trips import Trips

CAR_STREETS = ("trunk", "trunk_link", "motorway", "motorway_link")
GATE, PRIVATE = 100, 101  # codes in addition to ``BarrierKind``
BETWEEN = {int(kind): kind.name.lower() for kind in BarrierKind} | {
    0: "unknown",
    GATE: "gate",
    PRIVATE: "private",
}


class PointPairs(NamedTuple):
    """Pairs of street points: positions a and b; air_cm; walk_cm, at most the cutoff."""

    a: Ints
    b: Ints
    air_cm: Ints
    walk_cm: Ints

    def rows(self, pick: npt.NDArray[np.generic]) -> PointPairs:
        """The chosen pairs."""
        return PointPairs(*(column[pick] for column in self))


def street_pace(net: WalkNetwork, walk: Walk) -> Impedance:
    """Impedance of bare lengths on public streets, the same both ways."""
    pace = level_pace(net, walk)
    either = pace.may.any(axis=1) & ~pace.private
    none = np.zeros(net.edges, bool)
    return replace(pace, may=np.column_stack([either, either]), private=none, inside=none)


def gates_open(trips: Trips) -> Trips:
    """The trips as if all gates were open: the copies of each closed vertex are joined."""
    net = trips.net
    shut = np.flatnonzero((net.node_flags & NodeFlag.CLOSED) != 0)
    order = shut[np.argsort(net.osm_node[shut], kind="stable")]
    same = np.flatnonzero(np.diff(net.osm_node[order]) == 0)
    return joined(trips, order[same], order[same + 1], np.zeros(len(same), np.int64))


def privates_open(trips: Trips, walk: Walk) -> Trips:
    """The trips as if all private ways were public too."""
    net = trips.net
    pace = street_pace(net, walk.model_copy(update={"private": "open"}))
    more = np.flatnonzero(trips.pace.closed & ~pace.closed)
    return joined(trips, net.edge_u[more], net.edge_v[more], net.length_cm[more])


def air_lines(points: StreetPoints, pairs: PointPairs) -> Shapes:
    """(pairs,) air lines."""
    ends = np.stack([points.xy[pairs.a], points.xy[pairs.b]], axis=1)
    return np.asarray(shapely.linestrings(ends), object).reshape(-1)


def meets(net: WalkNetwork, points: StreetPoints, pairs: PointPairs, edges: Ints) -> Bools:
    """(pairs,) whether the air line meets any of the edges, except those of its own points."""
    own = points.links.edge_ix
    pair_ix, place = shapely.STRtree(net.edge_lines[edges]).query(
        air_lines(points, pairs), predicate="intersects"
    )
    other = edges[place] != own[pairs.a[pair_ix]]
    other &= edges[place] != own[pairs.b[pair_ix]]
    met = np.zeros(len(pairs.a), bool)
    met[pair_ix[other]] = True
    return met


def crossed_kind(
    net: WalkNetwork, points: StreetPoints, pairs: PointPairs, barriers: Barriers | None
) -> Int8s:
    """(pairs,) ``BarrierKind`` that the air line crosses, motorways of the network included; 0
    for none."""
    kind = np.zeros(len(pairs.a), np.int8)
    if barriers is not None and len(barriers):
        kind = barriers.crossed(ends_of(air_lines(points, pairs)))
    cars = np.flatnonzero(np.isin(net.highway, CAR_STREETS))
    kind[(kind == 0) & meets(net, points, pairs, cars)] = int(BarrierKind.MOTORWAY)
    return kind
