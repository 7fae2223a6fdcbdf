"""Streets and doors as a plain graph of seconds, for engines that know nodes and edges only.

Written for accuracy.py from docs/walking-model.md alone: no integers, no trips, no linkage of ours.
Doors split their street; whoever walks private ground does so in the first and in the last of
three layers, all else lies in the middle one.
"""

from __future__ import annotations

from typing import NamedTuple

import networkx as nx
import numpy as np
from hand_doors import Doors
from hand_sight import Bools, Floats, Ints

from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import NodeFlag, WayFlag

QUARTER_M = 5_000.0  # docs/walking-model.md: shorter pieces behind private ways are private ground
LEAVING, STREET, ARRIVING = 0, 1, 2


class Costs(NamedTuple):
    """Of every edge: seconds a metre (E,2) from u to v and back, inf where nobody may walk;
    waits (E,2) in seconds at u and v; private (E,); yard (E,): public streets on private ground."""

    pace: Floats
    wait_s: Floats
    private: Bools
    yard: Bools

    @property
    def closed(self) -> Bools:
        return np.asarray(np.isinf(self.pace).all(axis=1))


class Graph(NamedTuple):
    """Arcs of seconds between nodes 0 .. nodes-1; home (R,) and venue (F,): their nodes."""

    nodes: int
    tail: Ints
    head: Ints
    seconds: Floats
    home: Ints
    venue: Ints


def has(flags: object, *wanted: int) -> Bools:
    return np.asarray((np.asarray(flags) & sum(wanted)) != 0)


def costs(net: WalkNetwork, walk: Walk) -> Costs:
    """What docs/walking-model.md says of streets; slopes are not known here."""
    way, ends = net.edge_flags, np.column_stack([net.edge_u, net.edge_v])
    place = net.node_flags[ends]
    pace = np.full((net.edges, 2), 1 / walk.speed())
    pace[has(way, WayFlag.STEPS)] *= walk.on_steps()
    pace[has(way, WayFlag.FERRY)] = 1 / walk.ferry_mps
    pace[has(way, WayFlag.BACKWARD_ONLY), 0] = np.inf
    pace[has(way, WayFlag.FORWARD_ONLY), 1] = np.inf
    switches = {
        WayFlag.PRIVATE: walk.private,
        WayFlag.LIFT: walk.lifts,
        WayFlag.FERRY: walk.ferries,
    }
    for flag, switch in switches.items():
        if switch == "closed":
            pace[has(way, flag)] = np.inf
    if walk.on_wheels():
        pace[has(way, WayFlag.NO_WHEELS)] = np.inf
    on_foot = has(way, WayFlag.ON_FOOT)[:, None]
    light = on_foot & has(place, NodeFlag.SIGNALS)
    wait = np.where(on_foot & has(place, NodeFlag.CROSSING), walk.crossing_s / 2, 0.0)
    wait = np.where(light, walk.signal_s / 2, wait)
    for flag, ride_s in ((WayFlag.LIFT, walk.lift_s), (WayFlag.FERRY, walk.ferry_s)):
        ride = has(way, flag)
        others = np.isin(ends, ends[~ride])
        wait = wait + np.where(ride[:, None] & others, ride_s / 2, 0.0)
    lift_s = np.inf if walk.lifts == "closed" else walk.lift_s / 2
    wait = wait + np.where(has(place, NodeFlag.LIFT), lift_s, 0.0)
    apart = walk.private == "ends"
    private = has(way, WayFlag.PRIVATE) & apart
    return Costs(pace, wait, private, _yards(net) if apart else np.zeros(net.edges, bool))


def plain_costs(net: WalkNetwork, walk: Walk) -> Costs:
    """All edges as streets of one pace, both ways: what tools do that know lengths only."""
    none = np.zeros(net.edges, bool)
    return Costs(np.full((net.edges, 2), 1 / walk.speed()), np.zeros((net.edges, 2)), none, none)


def _yards(net: WalkNetwork) -> Bools:
    """Public streets in short pieces that private ways alone join to other streets."""
    private, ferry = has(net.edge_flags, WayFlag.PRIVATE), has(net.edge_flags, WayFlag.FERRY)
    public = np.flatnonzero(~private & ~ferry)
    streets = nx.Graph(zip(net.edge_u[public].tolist(), net.edge_v[public].tolist(), strict=True))
    piece = {n: k for k, part in enumerate(nx.connected_components(streets)) for n in part}
    of = np.array([piece[n] for n in net.edge_u[public].tolist()], np.int64)
    metres = np.bincount(of, net.length_cm[public] / 100)
    ends = np.concatenate([net.edge_u[private], net.edge_v[private]]).tolist()
    met = np.isin(np.arange(len(metres)), [piece[n] for n in ends if n in piece])
    yard = np.zeros(net.edges, bool)
    yard[public] = (met & (metres < min(QUARTER_M, metres.max())))[of]
    return yard


def graph_of(
    net: WalkNetwork,
    cost: Costs,
    homes: Doors,
    venues: Doors,
    *,
    speed: float,
    sizes: tuple[int, int],
) -> Graph:
    """The network with nodes for homes and venues; sizes: numbers of both.

    Doors split their street where homes and venues share it. Elsewhere a walk from a door leads to
    an end of the street, and the way there stands for it.
    """
    alone = [~np.isin(one.edge, other.edge) for one, other in ((homes, venues), (venues, homes))]
    by_ends = [doors.rows(mask) for doors, mask in zip((homes, venues), alone, strict=True)]
    homes, venues = (doors.rows(~m) for doors, m in zip((homes, venues), alone, strict=True))
    edge = np.concatenate([homes.edge, venues.edge])
    length = np.maximum(net.length_cm[edge] / 100, 0)
    cm = np.rint(np.clip(np.concatenate([homes.along_m, venues.along_m]), 0, length) * 100)
    at_cm = np.column_stack([edge, cm]).astype(np.int64)
    spots, stop = np.unique(at_cm, axis=0, return_inverse=True)
    stop = stop.reshape(-1)
    # Places: first the nodes of the network, then the stops, each of them in three layers.
    places = net.nodes + len(spots)
    chain = _chain(net, spots)
    private, yard = cost.private, cost.yard
    layers = {LEAVING: private | yard, STREET: ~private, ARRIVING: private | yard}
    arcs = [_walked(chain, cost, here, layer * places) for layer, here in layers.items()]
    every = np.arange(net.nodes)
    inner = np.isin(every, np.concatenate([net.edge_u[private | yard], net.edge_v[private | yard]]))
    on_private, on_yard = private[spots[:, 0]], yard[spots[:, 0]]
    for some, one, two in (
        (every[inner], LEAVING, STREET),
        (every[inner], STREET, ARRIVING),
        (net.nodes + np.flatnonzero(on_private), LEAVING, ARRIVING),
        (net.nodes + np.flatnonzero(on_yard), LEAVING, STREET),
        (net.nodes + np.flatnonzero(on_yard), STREET, ARRIVING),
    ):
        arcs.append((some + one * places, some + two * places, np.zeros(len(some))))
    at = net.nodes + stop
    split = len(homes.edge)
    ends = private | yard
    first = np.where(ends, LEAVING, STREET) * places  # layers (E,) that begin and end a trip
    last = np.where(ends, ARRIVING, STREET) * places
    owner = 3 * places, 3 * places + sizes[0]
    out, in_ = at[:split] + first[homes.edge], at[split:] + last[venues.edge]
    arcs.append((owner[0] + homes.owner, out, homes.leg_m / speed))
    arcs.append((in_, owner[1] + venues.owner, venues.leg_m / speed))
    for node, way in ((net.edge_u, 0), (net.edge_v, 1)):
        out_s = _to_end(net, cost, by_ends[0], way, leaving=True, speed=speed)
        in_s = _to_end(net, cost, by_ends[1], way, leaving=False, speed=speed)
        (from_, to), (h, v) = (np.isfinite(out_s), np.isfinite(in_s)), by_ends
        h, v = h.rows(from_), v.rows(to)
        arcs.append((owner[0] + h.owner, node[h.edge] + first[h.edge], out_s[from_]))
        arcs.append((node[v.edge] + last[v.edge], owner[1] + v.owner, in_s[to]))
    arcs = [_quickest(arc) for arc in arcs]
    tail, head, seconds = (np.concatenate(column) for column in zip(*arcs, strict=True))
    owners = 3 * places + np.arange(sum(sizes))
    names, number = np.unique(np.concatenate([tail, head, owners]), return_inverse=True)
    number = number.reshape(-1)
    many = len(tail)
    return Graph(
        len(names), number[:many], number[many : 2 * many], seconds,
        number[2 * many : 2 * many + sizes[0]], number[2 * many + sizes[0] :],
    )  # fmt: skip


def _to_end(
    net: WalkNetwork, cost: Costs, doors: Doors, end: int, *, leaving: bool, speed: float
) -> Floats:
    """Seconds between doors and an end of their street (0: u, 1: v); leaving: from the doors."""
    metres = np.clip(doors.along_m, 0, net.length_cm[doors.edge] / 100)
    metres = metres if end == 0 else net.length_cm[doors.edge] / 100 - metres
    pace = cost.pace[doors.edge, (1 - end) if leaving else end]
    with np.errstate(invalid="ignore"):
        seconds = metres * pace + cost.wait_s[doors.edge, end] + doors.leg_m / speed
    return np.nan_to_num(seconds, nan=np.inf, posinf=np.inf)


def _quickest(arcs: tuple[Ints, Ints, Floats]) -> tuple[Ints, Ints, Floats]:
    """Of several arcs between two places the quickest one."""
    tail, head, seconds = arcs
    order = np.lexsort((seconds, head, tail))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    pick = order[first]
    return tail[pick], head[pick], seconds[pick]


class _Chain(NamedTuple):
    """Pieces between neighbouring places of every edge: edge, places, metres, and whether they
    begin at u and end at v."""

    edge: Ints
    a: Ints
    b: Ints
    metres: Floats
    at_u: Bools
    at_v: Bools


def _chain(net: WalkNetwork, spots: Ints) -> _Chain:
    every = np.arange(net.edges)
    edge = np.concatenate([every, spots[:, 0], every])
    place = np.concatenate([net.edge_u, net.nodes + np.arange(len(spots)), net.edge_v])
    cm = np.concatenate([np.zeros(net.edges), spots[:, 1], net.length_cm])
    rank = np.repeat([0, 1, 2], [net.edges, len(spots), net.edges])
    order = np.lexsort((cm, rank, edge))
    edge, place, cm, rank = edge[order], place[order], cm[order], rank[order]
    same = np.flatnonzero(edge[1:] == edge[:-1])
    metres = np.maximum(cm[same + 1] - cm[same], 0) / 100
    return _Chain(
        edge[same], place[same], place[same + 1], metres, rank[same] == 0, rank[same + 1] == 2
    )


def _walked(chain: _Chain, cost: Costs, here: Bools, base: int) -> tuple[Ints, Ints, Floats]:
    """Arcs of one layer, both ways where one may."""
    mine = np.flatnonzero(here[chain.edge])
    edge = chain.edge[mine]
    wait = np.where(chain.at_u[mine], cost.wait_s[edge, 0], 0.0)
    wait = wait + np.where(chain.at_v[mine], cost.wait_s[edge, 1], 0.0)
    ways = []
    for way, (tail, head) in enumerate(((chain.a, chain.b), (chain.b, chain.a))):
        with np.errstate(invalid="ignore"):  # no metres where nobody may walk
            seconds = chain.metres[mine] * cost.pace[edge, way] + wait
        may = np.isfinite(seconds)
        ways.append((tail[mine[may]] + base, head[mine[may]] + base, seconds[may]))
    return tuple(np.concatenate(column) for column in zip(*ways, strict=True))  # type: ignore[return-value]
