"""Engines of others that find the nearest venue only.

Each function sets an engine up for a case, which is not timed, and returns what it can do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from case import LIMIT_M, Array, Case, Floats, Ints
from worker import Tasks


def _with_super_sources(case: Case) -> tuple[Ints, Ints, Floats]:
    """Arcs and, for engines without many sources, one more node per service before its venues."""
    sizes = [len(nodes) for nodes in case.venues]
    extra = np.repeat(case.nodes + np.arange(len(sizes)), sizes)
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
    nodes = case.nodes
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
    nodes = case.nodes
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
    nodes = case.nodes
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
