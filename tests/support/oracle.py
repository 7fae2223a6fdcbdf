"""Independent answers: networkx in floating point, with a node at every snap point.

Nothing here uses the engine's integers, its kernels or its same-edge case: edges are split where
points touch them, so two points on one edge are simply joined by a piece of it.
"""

from __future__ import annotations

from collections import defaultdict

import networkx as nx
import numpy as np
import shapely
from shapely.ops import substring

from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import Entrances, NodeFlag, WayFlag
from gusu_geo.walking.linkage import Linkage

SLACK_M = 2.0  # of the legs of one stretch: up to three metres of a bend at a building
YARD, STREET, GOAL = 0, 1, 2  # phases of a trip: in one's own yard, on the streets, in the goal's
QUARTER_M = (
    5000  # docs/walking-model.md: less public street behind private ways belongs to the yard
)


def walk_graph(
    net: WalkNetwork, walk: Walk, groups: dict[str, tuple[Linkage, Entrances]]
) -> nx.DiGraph:
    """Seconds between all nodes and points; owners are nodes (group, owner).

    A trip goes through phases and never back: private ways are walked in the first and in the
    last of them, all others in between, and public ways behind private ones in any. Of several
    doors of an owner, each with its own street, the best counts for every trip.
    """
    yards = behind_private(net) if walk.private == "ends" else set()
    graph = nx.DiGraph()
    stops_on = _stops(net, groups)
    speed = walk.speed()
    for node in range(net.nodes):
        _join(graph, ("n", node, YARD), ("n", node, STREET), 0.0)
        _join(graph, ("n", node, STREET), ("n", node, GOAL), 0.0)
    for edge in range(net.edges):
        ahead, behind = _paces(net, walk, edge)
        if ahead == behind == np.inf:
            continue
        private = walk.private == "ends" and net.edge_flags[edge] & WayFlag.PRIVATE
        stops = sorted(stops_on[edge], key=lambda stop: stop[0])
        waits = [_wait(net, walk, edge, node) for node in (net.edge_u[edge], net.edge_v[edge])]
        phases = (YARD, GOAL) if private else (STREET,)
        if edge in yards:
            phases = (YARD, STREET, GOAL)
        for phase in phases:
            _lay(graph, net, edge, phase, stops, (ahead, behind), waits)
            for i, (_, owner, leg) in enumerate(stops):
                # one node per direction, so that no way leads through a building
                if phase == phases[0]:
                    _join(graph, ("from", *owner), ("p", edge, i, phase), leg / speed)
                if phase == phases[-1]:
                    _join(graph, ("p", edge, i, phase), ("to", *owner), leg / speed)
                if phase == YARD:
                    _join(graph, ("p", edge, i, YARD), ("p", edge, i, GOAL), 0.0)
    return graph


def behind_private(net: WalkNetwork) -> set[int]:
    """Public edges in pieces below ``QUARTER_M`` that private ways alone join to other streets.

    From the ways alone: nothing that the network marked is read."""
    streets, lanes = nx.MultiGraph(), set()
    for edge in range(net.edges):
        flags, ends = int(net.edge_flags[edge]), (int(net.edge_u[edge]), int(net.edge_v[edge]))
        if flags & WayFlag.PRIVATE:
            lanes |= set(ends)
        elif not flags & WayFlag.FERRY:
            streets.add_edge(*ends, edge=edge, m=int(net.length_cm[edge]) / 100)
    pieces = [streets.subgraph(nodes) for nodes in nx.connected_components(streets)]
    longest = max((piece.size("m") for piece in pieces), default=0.0)
    return {
        edge
        for piece in pieces
        if piece.size("m") < min(QUARTER_M, longest) and not lanes.isdisjoint(piece)
        for _, _, edge in piece.edges(data="edge")
    }


def _stops(
    net: WalkNetwork, groups: dict[str, tuple[Linkage, Entrances]]
) -> dict[int, list[tuple[float, tuple[str, int], float]]]:
    """Points by edge: metres along it, owner, metres off it.

    A row is a door of an owner, who may have several, on any of its places; a stretch of street
    is a door every metre. Where a door touches its street, and how far off, is taken from the
    linkage (test_snapping.py, test_contacts.py and test_gardens.py judge it).
    """
    on_edge: dict[int, list[tuple[float, tuple[str, int], float]]] = defaultdict(list)
    for group, (links, points) in groups.items():
        places: dict[int, list[shapely.Geometry]] = defaultdict(list)
        for p, owner in enumerate(points.owner_ix.tolist()):
            outline = None if points.outline is None else points.outline[p]
            places[owner].append(shapely.Point(points.xy[p]) if outline is None else outline)
        for p in np.flatnonzero(links.edge_ix >= 0):
            line, owner = net.edge_lines[links.edge_ix[p]], int(links.owner_ix[p])
            door, foot = shapely.Point(links.door_xy[p]), shapely.Point(links.foot_xy[p])
            own = places.get(owner)  # none: a place that a scenario adds
            assert line.distance(foot) < 1e-6
            assert own is None or min(place.distance(door) for place in own) < 1e-6
            leg = float(links.leg_cm[p]) / 100
            assert leg >= door.distance(foot) - SLACK_M  # a leg through a gate bends
            start, end = int(links.offset_cm[p]), int(links.offset_cm[p]) + int(links.span_cm[p])
            length = max(int(net.length_cm[links.edge_ix[p]]), 1)
            reach = [min(max(cm / length, 0), 1) for cm in (start - 1, end + 1)]
            assert substring(line, *reach, normalized=True).distance(foot) < 0.02
            for cm in {*range(start, end, 100), end}:
                at = line.length * (cm / length)  # of the whole: not a hair more
                on_edge[int(links.edge_ix[p])].append((at, (group, owner), leg))
    return on_edge


def _lay(graph, net, edge, phase, stops, paces, waits):  # type: ignore[no-untyped-def]
    """One street with its stops, in both directions that may be walked."""
    chain = [(0.0, ("n", int(net.edge_u[edge]), phase), 0.0)]
    chain += [(metres, ("p", edge, i, phase), 0.0) for i, (metres, _, _) in enumerate(stops)]
    chain.append((net.edge_lines[edge].length, ("n", int(net.edge_v[edge]), phase), 0.0))
    last = len(chain) - 1
    for i in range(last):
        (at, a, _), (to, b, _) = chain[i], chain[i + 1]
        wait = (waits[0] if i == 0 else 0.0) + (waits[1] if i + 1 == last else 0.0)
        for one, two, pace in ((a, b, paces[0]), (b, a, paces[1])):
            if pace < np.inf or to == at:
                cost = (to - at) * pace if to > at else 0.0
                _join(graph, one, two, cost + wait)


def _paces(net: WalkNetwork, walk: Walk, edge: int) -> tuple[float, float]:
    """Seconds a metre from u to v and from v to u; inf where one may not."""
    flags = int(net.edge_flags[edge])
    barred = (
        (walk.private == "closed" and flags & WayFlag.PRIVATE)
        or (walk.on_wheels() and flags & WayFlag.NO_WHEELS)
        or (walk.lifts == "closed" and flags & WayFlag.LIFT)
        or (walk.ferries == "closed" and flags & WayFlag.FERRY)
    )
    if barred:
        return np.inf, np.inf
    factors = [1.0, 1.0] if walk.slope == "off" else (net.slope_pm[edge] / 1000).tolist()
    if flags & WayFlag.STEPS:
        factors = [walk.on_steps()] * 2
    paces = [factor / walk.speed() for factor in factors]
    if flags & WayFlag.FERRY:
        paces = [1 / walk.ferry_mps] * 2
    ahead = np.inf if flags & WayFlag.BACKWARD_ONLY else paces[0]
    behind = np.inf if flags & WayFlag.FORWARD_ONLY else paces[1]
    return ahead, behind


def _wait(net: WalkNetwork, walk: Walk, edge: int, node: int) -> float:
    """Seconds that somebody waits who enters or leaves the edge at the node."""
    place, way = int(net.node_flags[node]), int(net.edge_flags[edge])
    seconds = 0.0
    if way & WayFlag.ON_FOOT and place & (NodeFlag.SIGNALS | NodeFlag.CROSSING):
        seconds += (walk.signal_s if place & NodeFlag.SIGNALS else walk.crossing_s) / 2
    others = net.edge_flags[(net.edge_u == node) | (net.edge_v == node)]
    for flag, ride_s in ((WayFlag.LIFT, walk.lift_s), (WayFlag.FERRY, walk.ferry_s)):
        if way & flag and ((others & flag) == 0).any():
            seconds += ride_s / 2
    if place & NodeFlag.LIFT:
        seconds += np.inf if walk.lifts == "closed" else walk.lift_s / 2
    return seconds


def _join(graph: nx.DiGraph, a: object, b: object, cost: float) -> None:
    if cost < np.inf and (not graph.has_edge(a, b) or graph[a][b]["cost"] > cost):
        graph.add_edge(a, b, cost=cost)


def nearest(
    graph: nx.DiGraph, facility_ix: list[int], residences: int, cutoff_s: float
) -> np.ndarray:
    """(R,) seconds to the nearest of the facilities; inf beyond the cutoff."""
    seconds = np.full(residences, np.inf)
    targets = [("to", "facility", ix) for ix in facility_ix if ("to", "facility", ix) in graph]
    if not targets:
        return seconds
    found = nx.multi_source_dijkstra_path_length(
        graph.reverse(copy=False), targets, cutoff=cutoff_s, weight="cost"
    )
    for node, value in found.items():
        if node[0] == "from" and node[1] == "home":
            seconds[node[2]] = value
    return seconds
