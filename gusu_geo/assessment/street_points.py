"""Points along streets, and the bare lengths walked between them.

Shared by detours and missing links, which take every street as a destination.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo._kernels import INF_CS
from gusu_geo._kernels.pairs import PairWays, Stops
from gusu_geo._kernels.rounds import CM_PER_M
from gusu_geo.streets.network import LEVEL_PM, WalkNetwork
from gusu_geo.study.params import ISLAND_MAX_M, Walk
from gusu_geo.tables import Floats, Ints, WayFlag
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linkage
from gusu_geo.walking.search import Ends, starts
from gusu_geo.walking.snapping import MIDWAY, islands
from gusu_geo.walking.trips import Arcs, Trips

Whole = npt.NDArray[np.integer]


class StreetPoints(NamedTuple):
    """Points (S,) along streets: links, places in metres, and the street length each represents."""

    links: Linkage
    xy: Floats
    street_cm: Ints

    def rows(self, pick: npt.NDArray[np.generic]) -> StreetPoints:
        """The chosen points."""
        return StreetPoints(self.links.rows(pick), self.xy[pick], self.street_cm[pick])


_NOT_STREETS = (*MIDWAY, WayFlag.ESTIMATED)  # no stopping there, or not drawn as a street


def level_pace(net: WalkNetwork, walk: Walk | None = None) -> Impedance:
    """The impedance of bare lengths: one centisecond per centimetre; closed ways stay closed."""
    pace = Impedance.of(net, walk or Walk())
    return replace(
        pace,
        speed_mmps=1000,
        factor_pm=np.full_like(pace.factor_pm, LEVEL_PM),
        wait_cs=np.where(pace.wait_cs == INF_CS, INF_CS, 0).astype(np.int32),
    )


def street_points(
    net: WalkNetwork,
    pace: Impedance,
    spacing_m: float,
    *,
    island_max_m: float = ISLAND_MAX_M,
) -> StreetPoints:
    """Points at most ``spacing_m`` apart along public streets, at least one on each edge.

    Not on tunnels, bridges, ferries, lifts, straight ways across plazas or closed edges, nor on
    pieces of network shorter than ``island_max_m``. The points of an edge share its length.
    """
    public = ~pace.closed & ~pace.private & ~net.flagged(*_NOT_STREETS) & (net.length_cm > 0)
    edges = np.flatnonzero(public & ~islands(net, ~pace.closed, island_max_m))
    length = net.length_cm[edges].astype(np.int64)
    count = np.ceil(length / (spacing_m * CM_PER_M)).astype(np.int64)
    owner = np.repeat(np.arange(len(edges)), count)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    share = (2 * place + 1) / (2 * count[owner])
    edge = edges[owner]
    spots = shapely.line_interpolate_point(net.edge_lines[edge], share, normalized=True)
    xy = shapely.get_coordinates(spots)
    none = np.zeros(len(edge), np.int32)
    links = Linkage(
        owner_ix=np.arange(len(edge)),
        edge_ix=edge.astype(np.int32),
        offset_cm=np.rint(share * length[owner]).astype(np.int32),
        span_cm=none,
        leg_cm=none,
        reason=none.astype(np.int8),
        rung=none.astype(np.int8),
        door_xy=xy,
        foot_xy=xy,
    )
    return StreetPoints(links, xy, length[owner] // count[owner])


def ways_between(trips: Trips, points: StreetPoints, ends: Ends, cutoff_m: float) -> PairWays:
    """Calculator of the centimetres walked between points, at most the cutoff.

    ends: ``starts`` of the points at a level pace. Streets must be the same both ways.
    """
    stops = Stops(ends.node, ends.cs, points.links.edge_ix, points.links.offset_cm)
    return PairWays(trips.packed(towards=False), stops, round(cutoff_m * CM_PER_M))


def split_at(trips: Trips, points: StreetPoints, stops: Ints) -> tuple[Trips, Ends]:
    """The trips with new nodes at some of the points, and the ends of every point (S,2) on them.

    stops: positions of those points, ascending; the k-th becomes trip node ``trips.nodes + k``.
    Streets must be the same both ways, so the ends serve as starts and as goals.
    """
    edge, offset = points.links.edge_ix, points.links.offset_cm
    old = starts(trips, points.links)
    node, cs = old.node.copy(), old.cs.copy()
    place = np.arange(len(edge))
    before = np.searchsorted(stops, place, "right") - 1  # a stop is its own neighbour on both sides
    after = np.searchsorted(stops, place, "left")
    for end, near in ((0, before), (1, after)):
        ok = np.flatnonzero((near >= 0) & (near < len(stops)))
        ok = ok[edge[stops[near[ok]]] == edge[ok]]
        node[ok, end] = trips.nodes + near[ok]
        cs[ok, end] = np.abs(offset[ok] - offset[stops[near[ok]]])
    mine = trips.nodes + np.arange(len(stops))
    same = np.flatnonzero(np.diff(edge[stops]) == 0) if len(stops) else stops
    first, last = np.ones(len(stops), bool), np.ones(len(stops), bool)
    first[same + 1], last[same] = False, False
    tail = np.concatenate([mine[same], mine[first], mine[last]])
    head = np.concatenate([mine[same + 1], old.node[stops[first], 0], old.node[stops[last], 1]])
    gap = offset[stops[same + 1]] - offset[stops[same]]
    length = np.concatenate([gap, old.cs[stops[first], 0], old.cs[stops[last], 1]])
    return joined(trips, tail, head, length, more=len(stops)), Ends(node, cs)


def joined(trips: Trips, tail: Whole, head: Whole, cm: Whole, *, more: int = 0) -> Trips:
    """The trips with ``more`` new nodes and with new arcs (n,), each added in both directions."""
    old = trips.out
    whole = np.append(old.tail, np.append(tail, head))
    by = np.argsort(whole, kind="stable")
    none = np.full(2 * len(tail), -1)
    arcs = Arcs(
        ptr=np.searchsorted(whole[by], np.arange(trips.nodes + more + 1)).astype(np.int64),
        tail=whole[by].astype(np.int32),
        head=np.append(old.head, np.append(head, tail))[by].astype(np.int32),
        cs=np.append(old.cs, np.append(cm, cm))[by].astype(np.int32),
        edge=np.append(old.edge, none)[by].astype(np.int32),
        rev=np.append(old.rev, none > 0)[by],
    )
    places = np.append(trips.net_node, np.full(more, -1, np.int32))
    return replace(trips, net_node=places, out=arcs)
