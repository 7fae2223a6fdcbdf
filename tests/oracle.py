"""Independent answers: networkx in floating point, with a node at every snap point.

Nothing here uses the engine's integers, its kernels or its same-edge case: edges are split where
points touch them, so two points on one edge are simply joined by a piece of it.
"""

from __future__ import annotations

from collections import defaultdict

import networkx as nx
import numpy as np
import shapely

from gusu_geo.network import WalkNetwork
from gusu_geo.params import Walk
from gusu_geo.snapping import Linkage
from gusu_geo.tables import Entrances, WayFlag


def walk_graph(
    net: WalkNetwork, walk: Walk, groups: dict[str, tuple[Linkage, Entrances]]
) -> nx.DiGraph:
    """Seconds between all nodes and points; owners are nodes (group, owner)."""
    graph = nx.DiGraph()
    on_edge: dict[int, list[tuple[float, tuple[str, int], float]]] = defaultdict(list)
    for group, (links, points) in groups.items():
        for p in np.flatnonzero(links.edge_ix >= 0):
            line = net.edge_lines[links.edge_ix[p]]
            point = shapely.Point(points.xy[p])
            on_edge[int(links.edge_ix[p])].append(
                (line.project(point), (group, int(links.owner_ix[p])), line.distance(point))
            )
    speed = walk.speed()
    for edge in range(net.edges):
        flags = int(net.edge_flags[edge])
        if walk.private == "closed" and flags & WayFlag.PRIVATE:
            continue
        pace = (walk.on_steps() if flags & WayFlag.STEPS else 1.0) / speed
        stops = sorted(on_edge[edge], key=lambda stop: stop[0])
        at, before = 0.0, ("n", int(net.edge_u[edge]))
        chain = [(metres, ("p", edge, i)) for i, (metres, _, _) in enumerate(stops)]
        chain.append((net.edge_lines[edge].length, ("n", int(net.edge_v[edge]))))
        for metres, node in chain:
            cost = (metres - at) * pace
            if not flags & WayFlag.BACKWARD_ONLY or metres == at:
                _join(graph, before, node, cost)
            if not flags & WayFlag.FORWARD_ONLY or metres == at:
                _join(graph, node, before, cost)
            at, before = metres, node
        for i, (_, owner, leg) in enumerate(stops):
            # one node per direction, so that no way leads through a building
            _join(graph, ("from", *owner), ("p", edge, i), leg / speed)
            _join(graph, ("p", edge, i), ("to", *owner), leg / speed)
    return graph


def _join(graph: nx.DiGraph, a: object, b: object, cost: float) -> None:
    if not graph.has_edge(a, b) or graph[a][b]["cost"] > cost:
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
