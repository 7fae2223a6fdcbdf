"""Places where missing links begin and end, as nodes of the search, and the steps between them.

Nobody passes through private ground by a link: its ends are places on the public copy of a street,
see ``walking.trips``. The ends of an opened gate are the copies of its vertex.
"""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.openings import NO_GATE, Openings
from gusu_geo.study.params import Walk
from gusu_geo.tables import Bools, Int32s, Ints, NodeFlag, WayFlag
from gusu_geo.walking.impedance import CS_PER_S
from gusu_geo.walking.linkage import Linkage, Linked
from gusu_geo.walking.search import Ends, goals, starts
from gusu_geo.walking.trips import Trips


class Walkers(NamedTuple):
    """Homes that are judged by one rule, and how they walk.

    here (R,): these homes of all; offers (K,F): venues of each service
    that the rule asks for; threshold_cs (K,); met (R,K): in time today; known (K,): whether the
    data have venues of it.
    """

    trips: Trips
    walk: Walk
    homes: Linked
    venues: Linked
    here: Bools
    offers: Bools
    threshold_cs: Ints
    met: Bools
    known: Bools


class Stops(NamedTuple):
    """Places (P,) where links begin and end, and the steps (S,) between them.

    links: their places within streets, not linked where they are nodes; leaving, arriving: times
    from and to them; tail, head (S,): places of each step, its time and its link.
    """

    links: Linkage
    leaving: Ends
    arriving: Ends
    tail: Ints
    head: Ints
    cs: Ints
    row: Ints


def stops_of(openings: Openings, group: Walkers) -> Stops:
    """Ends of new ways, then those of gates."""
    ways = np.flatnonzero(openings.gate == NO_GATE)
    trips = group.trips
    net, pace = trips.net, trips.pace
    edge, offset = openings.edge_ix[ways].ravel(), openings.offset_cm[ways].ravel()
    at_u, at_v = offset == 0, offset == net.length_cm[edge]
    links = places(np.where(at_u | at_v, -1, edge), offset)
    node = np.column_stack([net.edge_u[edge], net.edge_v[edge]])
    # Where a way begins at the end of a street, it begins at that node.
    fixed = np.column_stack([at_u, at_v & ~at_u])
    leaving, arriving = (
        Ends(node, np.where(fixed, 0, one.cs).astype(np.int32))
        for one in (starts(trips, links), goals(trips, links))
    )
    a = 2 * np.arange(len(ways))
    board = np.where(fixed, _board_cs(group, node), 0).sum(axis=1).reshape(-1, 2).sum(axis=1)
    walk_cs = pace.cs(openings.length_cm[ways]) + board
    none = np.zeros_like(walk_cs)
    tail, head = np.concatenate([a, a + 1, a, a + 1]), np.concatenate([a + 1, a, a, a + 1])
    first = Stops(
        links, leaving, arriving, tail, head,
        np.concatenate([walk_cs, walk_cs, none, none]), np.tile(ways, 4),
    )  # fmt: skip
    return _with_gates(first, openings, group)


def _with_gates(stops: Stops, openings: Openings, group: Walkers) -> Stops:
    """The same with the copies of each opened gate."""
    steps = [
        (tail, head, row)
        for row in np.flatnonzero(openings.gate > NO_GATE).tolist()
        for tail, head in _through(group, int(openings.gate[row]))
    ]
    if not steps:
        return stops
    tail, head, row = np.array(steps, np.int64).T
    nodes, at = np.unique(np.concatenate([tail, head]), return_inverse=True)
    at = at.reshape(2, -1) + len(stops.leaving.node)
    node = np.column_stack([nodes, nodes]).astype(np.int32)
    cs = np.column_stack([np.zeros_like(nodes), np.full_like(nodes, INF_CS)]).astype(np.int32)
    leaving, arriving = (
        Ends(np.concatenate([one.node, node]), np.concatenate([one.cs, cs]))
        for one in (stops.leaving, stops.arriving)
    )
    links = stops.links.joined(places(np.full(len(nodes), -1), np.zeros(len(nodes), np.int64)))
    return Stops(
        links, leaving, arriving, np.append(stops.tail, at[0]), np.append(stops.head, at[1]),
        np.append(stops.cs, _board_cs(group, group.trips.net_node[[tail, head]]).sum(axis=0)),
        np.append(stops.row, row),
    )  # fmt: skip


def _through(group: Walkers, gate: int) -> list[tuple[int, int]]:
    """Steps between trip nodes that an open gate adds: between its copies on the streets; where
    private ways end there, out on the leaving copies and in on the arriving ones."""
    trips = group.trips
    net = trips.net
    closed = (net.node_flags & NodeFlag.CLOSED) != 0
    nodes = np.flatnonzero(closed & (net.osm_node == gate)).tolist()
    private = net.flagged(WayFlag.PRIVATE)
    inner = {
        node: bool(private[net.arc_edge[net.arc_ptr[node] : net.arc_ptr[node + 1]]].any())
        for node in nodes
    }
    steps = []
    for one, other in permutations(nodes, 2):
        if not (inner[one] or inner[other]) or group.walk.private == "open":
            steps.append((one, other))
        elif group.walk.private == "ends":
            if trips.leaving[one] != one:  # else nobody sets out there
                steps.append((int(trips.leaving[one]), int(trips.leaving[other])))
            if trips.arriving[other] != other:
                steps.append((int(trips.arriving[one]), int(trips.arriving[other])))
    return steps


def _board_cs(group: Walkers, node: npt.NDArray[np.integer]) -> Ints:
    """Time that a new way costs at these nodes: half the wait at the doors of a lift, and where
    only a lift or ferry was boarded before, half of its wait."""
    net, walk = group.trips.net, group.walk
    lift_cs, ferry_cs = (round(seconds * CS_PER_S / 2) for seconds in (walk.lift_s, walk.ferry_s))
    ends = np.column_stack([net.edge_u, net.edge_v])
    rides = [net.flagged(flag) for flag in (WayFlag.LIFT, WayFlag.FERRY)]
    afoot = np.zeros(net.nodes, bool)
    afoot[ends[~(rides[0] | rides[1])].ravel()] = True
    cost = np.zeros(net.nodes, np.int64)
    for mine, cs in zip(rides, (lift_cs, ferry_cs), strict=True):
        only = np.unique(ends[mine])
        cost[only[~afoot[only]]] += cs
    doors = (net.node_flags & NodeFlag.LIFT) != 0
    cost[doors] = INF_CS if walk.lifts == "closed" else cost[doors] + lift_cs
    return np.asarray(cost[node])


def places(edge: npt.NDArray[np.integer], offset: npt.NDArray[np.integer]) -> Linkage:
    """Links of places within streets, one row each; edge -1: at none."""
    none, far = np.zeros(len(edge), np.int32), np.zeros((len(edge), 2))
    short: Int32s = offset.astype(np.int32)
    return Linkage(
        np.arange(len(edge)), edge.astype(np.int32), short, none, none,
        none.astype(np.int8), none.astype(np.int8), far, far,
    )  # fmt: skip
