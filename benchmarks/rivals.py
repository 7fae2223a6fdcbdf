"""The engines that are measured, ours and others.

Each is a function that sets itself up for a case (not timed) and returns what it can do: task ->
a function of the number of units (services, origins, candidates) to answer. Answers are

    nearest:  a list of (N,) distances, one array per service
    reach:    Found(origin, node, distance)
    coverage: Found(candidate, residence, distance)

in metres as float64 (inf or left out beyond the limit) or in whole centimetres as int32.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from cities import LIMIT_M, Case, Ints

from gusu_geo import access, travel
from gusu_geo._kernels import INF_CS, search
from gusu_geo.snapping import Linkage

Array = npt.NDArray[Any]
DENSE_CELLS = 8_000_000  # of one chunk of scipy's dense answer: 64 MB


class Found(NamedTuple):
    """Pairs within the limit: positions of source and target, and the distance (NaN: not told)."""

    source: Array
    target: Array
    distance: Array


Tasks = dict[str, Callable[[int], "list[Array] | Found"]]


def _joined(parts: Iterable[tuple[Array, Array]]) -> Found:
    """One table from (targets, distances) of each source in turn."""
    found = list(parts)
    sources = np.repeat(np.arange(len(found)), [len(targets) for targets, _ in found])
    return Found(sources, *(np.concatenate(column) for column in zip(*found, strict=True)))


def _only(found: Found, case: Case) -> Found:
    """The pairs whose target is a residence, by position among the residences."""
    place = np.full(case.net.nodes, -1)
    place[case.residences] = np.arange(len(case.residences))
    keep = place[found.target] >= 0
    return Found(found.source[keep], place[found.target[keep]], found.distance[keep])


def _at_nodes(case: Case, nodes: Ints) -> access.Linked:
    """Points that stand exactly at nodes, as our engine wants them: on an edge, at its end."""
    net, count = case.net, len(nodes)
    arc = net.arc_ptr[nodes]
    edge = net.arc_edge[arc]
    zero = np.zeros(count, np.int32)
    links = Linkage(
        owner_ix=np.arange(count),
        edge_ix=edge,
        offset_cm=np.where(net.arc_rev[arc], net.length_cm[edge], zero),
        leg_cm=zero,
        reason=zero.astype(np.int8),
        rung=zero.astype(np.int8),
        foot_xy=net.node_xy[nodes],
    )
    return access.Linked(pd.RangeIndex(count), links)


def _pace(case: Case) -> travel.Impedance:
    every = np.ones(case.net.edges, bool)
    plain = np.full(case.net.edges, travel.STREET_PM, np.int32)
    return travel.Impedance(speed_mmps=1000, factor_pm=plain, forward=every, backward=every)


def ours(case: Case) -> Tasks:
    """The searches themselves, and ``access.coverage`` as ``gusu-geo site`` calls it."""
    net, pace = case.net, _pace(case)
    residences, candidates = _at_nodes(case, case.residences), case.candidates

    def walk_from(nodes: Ints) -> travel.Reach:
        ends = travel.away(net, pace, _at_nodes(case, nodes).links)
        return travel.reach(
            net, pace, ends, np.arange(len(nodes), dtype=np.int32), cutoff_s=LIMIT_M
        )

    def nearest(count: int) -> list[Array]:
        return [walk_from(nodes).cs for nodes in case.venues[:count]]

    def reach(count: int) -> Found:
        costs, cutoff = travel.arc_costs(net, pace), travel.cutoff_to_cs(LIMIT_M)
        zero = np.zeros(1, np.int32)

        def one(node: int) -> tuple[Array, Array]:
            seed = np.array([node], np.int32)
            cs, _, _ = search(net.arc_ptr, net.arc_node, costs, seed, zero, zero, cutoff)
            nodes = np.flatnonzero(cs != INF_CS)
            return nodes, cs[nodes]

        return _joined(one(node) for node in case.origins[:count])

    def coverage(count: int) -> Found:
        targets = _at_nodes(case, candidates[:count])
        found = access.coverage(net, pace, residences, targets, threshold_s=LIMIT_M).tocoo()
        return Found(found.col, found.row, found.data)

    return {"nearest": nearest, "reach": reach, "coverage": coverage}


def ours_whole(case: Case) -> Tasks:
    """What our callers get: ``access.measure`` with every node a residence (times, which venue,
    whether linked), and ``travel.reach``, which works out the cost of every edge each time."""
    net, pace = case.net, _pace(case)
    homes = _at_nodes(case, np.arange(net.nodes))
    venues = [_at_nodes(case, nodes).links for nodes in case.venues]

    def nearest(count: int) -> list[Array]:
        links = _stacked(venues[:count])
        names = [f"s{k}" for k in range(count)]
        owners = len(links.edge_ix)
        table = access.measure(
            net,
            pace,
            homes,
            access.Linked(pd.RangeIndex(owners), links),
            service=np.repeat(names, [len(nodes) for nodes in case.venues[:count]]),
            venue=np.arange(owners).astype(str),
            min_count=dict.fromkeys(names, 1),
            cutoff_s=LIMIT_M,
        )
        return list(table.nearest_cs.T)

    def reach(count: int) -> Found:
        def one(node: int) -> tuple[Array, Array]:
            ends = travel.away(net, pace, _at_nodes(case, np.array([node])).links)
            found = travel.reach(net, pace, ends, np.zeros(1, np.int32), cutoff_s=LIMIT_M)
            nodes = np.flatnonzero(found.cs != INF_CS)
            return nodes, found.cs[nodes]

        return _joined(one(node) for node in case.origins[:count])

    return {"nearest": nearest, "reach": reach}


def _stacked(links: list[Linkage]) -> Linkage:
    fields = ("edge_ix", "offset_cm", "leg_cm", "reason", "rung", "foot_xy")
    parts = {name: np.concatenate([getattr(one, name) for one in links]) for name in fields}
    return Linkage(owner_ix=np.arange(len(parts["edge_ix"])), **parts)


def scipy_csgraph(case: Case) -> Tasks:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    tail, head, metres = case.simple_arcs
    ptr = np.searchsorted(tail, np.arange(case.net.nodes + 1))
    graph = csr_array((metres, head, ptr), shape=(case.net.nodes, case.net.nodes))
    chunk = max(1, DENSE_CELLS // case.net.nodes)

    def nearest(count: int) -> list[Array]:
        return [
            dijkstra(graph, indices=nodes, limit=LIMIT_M, min_only=True)
            for nodes in case.venues[:count]
        ]

    def within(sources: Ints, columns: Ints | slice) -> Found:
        parts = []
        for start in range(0, len(sources), chunk):
            block = dijkstra(graph, indices=sources[start : start + chunk], limit=LIMIT_M)
            block = block[:, columns]
            row, col = np.nonzero(np.isfinite(block))
            parts.append((row + start, col, block[row, col]))
        return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    return {
        "nearest": nearest,
        "reach": lambda count: within(case.origins[:count], slice(None)),
        "coverage": lambda count: within(case.candidates[:count], case.residences),
    }


def networkx(case: Case) -> Tasks:
    import networkx as nx

    tail, head, metres = case.simple_arcs
    graph = nx.Graph()
    graph.add_nodes_from(range(case.net.nodes))
    graph.add_weighted_edges_from(zip(tail.tolist(), head.tolist(), metres.tolist(), strict=True))

    def nearest(count: int) -> list[Array]:
        answers = []
        for nodes in case.venues[:count]:
            found = nx.multi_source_dijkstra_path_length(graph, set(nodes.tolist()), LIMIT_M)
            answer = np.full(case.net.nodes, np.inf)
            answer[list(found)] = list(found.values())
            answers.append(answer)
        return answers

    def within(sources: Ints) -> Found:
        def one(node: int) -> tuple[Array, Array]:
            found = nx.single_source_dijkstra_path_length(graph, node, LIMIT_M)
            return np.array(list(found)), np.array(list(found.values()))

        return _joined(one(node) for node in sources.tolist())

    return {
        "nearest": nearest,
        "reach": lambda count: within(case.origins[:count]),
        "coverage": lambda count: _only(within(case.candidates[:count]), case),
    }


def osmnx_recipe(case: Case) -> Tasks:
    """The recipe of osmnx's isochrone example: networkx.ego_graph on the directed multigraph."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(case.net.nodes))
    rows = zip(*(column.tolist() for column in case.arcs), strict=True)
    graph.add_edges_from((u, v, {"length": metres}) for u, v, metres in rows)

    def reach(count: int) -> Found:
        def one(node: int) -> tuple[Array, Array]:
            nodes = np.array(nx.ego_graph(graph, node, radius=LIMIT_M, distance="length").nodes)
            return nodes, np.full(len(nodes), np.nan)

        return _joined(one(node) for node in case.origins[:count].tolist())

    return {"reach": reach}


@contextlib.contextmanager
def _no_chatter() -> Iterator[None]:
    """Without what compiled code prints."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def pandana(case: Case) -> Tasks:
    """Venues are handed over by coordinate (``set_pois``), which is timed: it is the question."""
    import pandana as pdna

    net = case.net
    x, y = (pd.Series(column) for column in net.node_xy.T)
    lengths = pd.DataFrame({"metres": net.length_cm / 100.0})
    ends = [pd.Series(column.astype(int)) for column in (net.edge_u, net.edge_v)]
    with _no_chatter():
        graph = pdna.Network(x, y, *ends, lengths)

    def nearest(count: int) -> list[Array]:
        answers = []
        for k, nodes in enumerate(case.venues[:count]):
            graph.set_pois(f"s{k}", LIMIT_M, 1, x.iloc[nodes], y.iloc[nodes])
            found = graph.nearest_pois(LIMIT_M, f"s{k}", num_pois=1)
            answers.append(np.where(found[1] >= LIMIT_M, np.inf, found[1]))
        return answers

    def within(sources: Ints) -> Found:
        frame = graph.nodes_in_range(sources.tolist(), LIMIT_M)
        place = np.full(net.nodes, -1)
        place[sources] = np.arange(len(sources))
        column = {name: frame[name].to_numpy() for name in frame}
        return Found(place[column["source"]], column["destination"], column["metres"])

    return {
        "nearest": nearest,
        "reach": lambda count: within(case.origins[:count]),
        "coverage": lambda count: _only(within(case.candidates[:count]), case),
    }


def _with_super_sources(case: Case) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Arcs and, for engines without many sources, one more node per service before its venues."""
    sizes = [len(nodes) for nodes in case.venues]
    extra = np.repeat(case.net.nodes + np.arange(len(sizes)), sizes)
    tail, head, metres = case.simple_arcs
    return (
        np.concatenate([tail, extra]),
        np.concatenate([head, *case.venues]),
        np.concatenate([metres, np.zeros(len(extra))]),
    )


def _limited(distances: Any, nodes: int) -> Array:
    answer = np.asarray(distances, float)[:nodes]
    return np.where(answer > LIMIT_M, np.inf, answer)


def igraph(case: Case) -> Tasks:
    import igraph as ig

    tail, head, metres = _with_super_sources(case)
    nodes = case.net.nodes
    graph = ig.Graph(n=nodes + len(case.venues), directed=True)
    graph.add_edges(np.column_stack([tail, head]))
    graph.es["metres"] = metres

    def nearest(count: int) -> list[Array]:
        return [
            _limited(graph.distances(nodes + k, weights="metres")[0], nodes) for k in range(count)
        ]

    return {"nearest": nearest}


def networkit(case: Case) -> Tasks:
    import networkit as nk

    nk.setNumberOfThreads(1)
    tail, head, metres = _with_super_sources(case)
    nodes = case.net.nodes
    graph = nk.Graph(nodes + len(case.venues), weighted=True, directed=True)
    graph.addEdges((metres, (tail.astype(np.uint64), head.astype(np.uint64))))

    def nearest(count: int) -> list[Array]:
        answers = []
        for k in range(count):
            run = nk.distance.Dijkstra(graph, nodes + k, storePaths=False).run()
            answers.append(_limited(run.getDistances(), nodes))
        return answers

    return {"nearest": nearest}


def rustworkx(case: Case) -> Tasks:
    import rustworkx as rx

    rows = zip(*(column.tolist() for column in _with_super_sources(case)), strict=True)
    nodes = case.net.nodes
    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(nodes + len(case.venues)))
    graph.add_edges_from(list(rows))

    def nearest(count: int) -> list[Array]:
        answers = []
        for k in range(count):
            found = rx.dijkstra_shortest_path_lengths(graph, nodes + k, float)
            answer = np.full(nodes, np.inf)
            answer[list(found.keys())] = list(found.values())
            answers.append(_limited(answer, nodes))
        return answers

    return {"nearest": nearest}


OURS = "gusu_geo"
ENGINES: dict[str, Callable[[Case], Tasks]] = {
    OURS: ours,
    "gusu_geo, whole": ours_whole,
    "scipy": scipy_csgraph,
    "networkx": networkx,
    "osmnx recipe": osmnx_recipe,
    "pandana": pandana,
    "networkit": networkit,
    "igraph": igraph,
    "rustworkx": rustworkx,
}
LARGEST = {"osmnx recipe": 200_000}  # nodes; it takes a second per origin beyond
