"""Independent answers for changed streets: the networkx graph of ``oracle`` on the streets as they
are, with link ends as stops on them and links as arcs between stops. It knows no part of a street,
no new node and no second row of a door.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
from oracle import GOAL, STREET, YARD, _join, _stops, _wait, walk_graph
from scenes import entrances

from gusu_geo.scenarios.network_edits import NewLink, Spot
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import Entrances, NodeFlag, WayFlag
from gusu_geo.walking.linkage import Linkage, Linking
from gusu_geo.walking.snapping import snap


def changed_graph(
    net: WalkNetwork,
    walk: Walk,
    groups: dict[str, tuple[Linkage, Entrances]],
    links: list[NewLink],
    gates: list[int],
) -> nx.DiGraph:
    ends = [spot for link in links for spot in (link.start, link.end)]
    inner = [k for k, spot in enumerate(ends) if 0 < spot.offset_cm < net.length_cm[spot.edge_ix]]
    first = {k: ends.index(ends[k]) for k in range(len(ends))}  # links that meet at one place
    groups = groups | {"stop": stops_at(net, [ends[k] for k in inner])}
    graph = walk_graph(net, walk, groups)
    for edge, stops in _stops(net, groups).items():
        for i, (_, (group, row), _) in enumerate(sorted(stops, key=lambda stop: stop[0])):
            if group == "stop":
                street = ("end", first[inner[row]])
                for phase in (YARD, STREET):
                    if ("p", edge, i, phase) in graph:
                        _join(graph, ("p", edge, i, phase), street, 0.0)
                for phase in (STREET, GOAL):
                    if ("p", edge, i, phase) in graph:
                        _join(graph, street, ("p", edge, i, phase), 0.0)
    waits = dict.fromkeys(range(len(ends)), 0.0)
    for k in set(range(len(ends))) - set(inner):
        edge, offset_cm = ends[k]
        node = int((net.edge_u if offset_cm == 0 else net.edge_v)[edge])
        waits[k] = _lift_s(net, walk, node)
        _join(graph, ("n", node, STREET), ("end", first[k]), 0.0)
        _join(graph, ("end", first[k]), ("n", node, STREET), 0.0)
    for k, link in enumerate(links):
        cost = link.length_cm / 100 / walk.speed() + waits[2 * k] + waits[2 * k + 1]
        one, other = ("end", first[2 * k]), ("end", first[2 * k + 1])
        _join(graph, one, other, cost)
        _join(graph, other, one, cost)
    for gate in gates:
        _open(graph, net, walk, gate)
    return graph


def stops_at(net: WalkNetwork, spots: list[Spot]) -> tuple[Linkage, Entrances]:
    """Points that stand on streets."""
    xy = np.array(
        [
            net.edge_lines[edge].interpolate(cm / net.length_cm[edge], normalized=True).coords[0]
            for edge, cm in spots
        ]
    ).reshape(-1, 2)
    none = np.zeros(len(spots), np.int8)
    edge, cm = (np.array([spot[i] for spot in spots], np.int32) for i in (0, 1))
    links = Linkage(
        np.arange(len(spots)),
        edge,
        cm,
        none.astype(np.int32),
        none.astype(np.int32),
        none,
        none,
        xy,
        xy,
    )
    return links, Entrances.of_points(xy)


def _open(graph: nx.DiGraph, net: WalkNetwork, walk: Walk, gate: int) -> None:
    sides = np.flatnonzero((net.osm_node == gate) & ((net.node_flags & NodeFlag.CLOSED) != 0))
    for a in sides.tolist():
        for b in sides.tolist():
            meet = np.isin(net.edge_u, (a, b)) | np.isin(net.edge_v, (a, b))
            private = bool((net.edge_flags[meet] & WayFlag.PRIVATE).any())
            if a == b or (private and walk.private == "closed"):
                continue
            wait = sum(_lift_s(net, walk, n) + _boarding_s(net, walk, n) for n in (a, b))
            for phase in (YARD, GOAL) if private and walk.private == "ends" else (STREET,):
                _join(graph, ("n", a, phase), ("n", b, phase), wait)


def _lift_s(net: WalkNetwork, walk: Walk, node: int) -> float:
    """What a plain way waits at the node."""
    plain = int(np.flatnonzero((net.edge_u == node) | (net.edge_v == node))[0])
    own = _wait(net, walk, plain, node)
    if not net.node_flags[node] & NodeFlag.LIFT:
        return 0.0
    return np.inf if own == np.inf else walk.lift_s / 2


def _boarding_s(net: WalkNetwork, walk: Walk, node: int) -> float:
    """Whoever walks up to a lift or ferry at its closed end waits, where so far nobody could."""
    flags = int(np.bitwise_or.reduce(net.edge_flags[(net.edge_u == node) | (net.edge_v == node)]))
    lift = walk.lift_s / 2 if flags & WayFlag.LIFT else 0.0
    return lift + (walk.ferry_s / 2 if flags & WayFlag.FERRY else 0.0)


def edge_at(net: WalkNetwork, x: float, y: float) -> Spot:
    """The place on a level street at these metres."""
    links = snap(net, entrances({"p": [(x, y)]}), Linking(island_max_m=0))
    return Spot(int(links.edge_ix[0]), int(links.offset_cm[0]))
