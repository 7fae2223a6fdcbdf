"""Engines of others that answer more than one question.

Each function sets an engine up for a case, which is not timed, and returns what it can do: task ->
a function of the number of units (services, origins, candidates) to answer; see ``answers``.
"""

from __future__ import annotations

import numpy as np
from answers import Found, joined, to_residences
from case import LIMIT_M, Array, Case, Floats, Ints
from worker import Tasks

DENSE_CELLS = 8_000_000  # of one chunk of scipy's dense answer: 64 MB


def scipy_csgraph(case: Case) -> Tasks:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    tail, head, metres = case.simple_arcs
    ptr = np.searchsorted(tail, np.arange(case.nodes + 1))
    graph = csr_array((metres, head, ptr), shape=(case.nodes, case.nodes))
    chunk = max(1, DENSE_CELLS // case.nodes)

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

    def stream(count: int) -> list[Array]:
        def counts(block: Ints) -> Ints:
            return np.isfinite(dijkstra(graph, indices=block, limit=LIMIT_M)).sum(axis=1)

        blocks = np.split(case.streamed[:count], range(chunk, count, chunk))
        return [np.concatenate([counts(block) for block in blocks])]

    return {
        "nearest": nearest,
        "reach": lambda count: within(case.origins[:count], slice(None)),
        "coverage": lambda count: within(case.candidates[:count], case.residences),
        "stream": stream,
    }


def networkx(case: Case) -> Tasks:
    import networkx as nx

    tail, head, metres = case.simple_arcs
    graph = nx.Graph()
    graph.add_nodes_from(range(case.nodes))
    graph.add_weighted_edges_from(zip(tail.tolist(), head.tolist(), metres.tolist(), strict=True))

    def nearest(count: int) -> list[Array]:
        answers = []
        for nodes in case.venues[:count]:
            found = nx.multi_source_dijkstra_path_length(graph, set(nodes.tolist()), LIMIT_M)
            answer = np.full(case.nodes, np.inf)
            answer[list(found)] = list(found.values())
            answers.append(answer)
        return answers

    def within(sources: Ints) -> Found:
        def one(node: int) -> tuple[Array, Array]:
            found = nx.single_source_dijkstra_path_length(graph, node, LIMIT_M)
            return np.array(list(found)), np.array(list(found.values()))

        return joined(one(node) for node in sources.tolist())

    return {
        "nearest": nearest,
        "reach": lambda count: within(case.origins[:count]),
        "coverage": lambda count: to_residences(within(case.candidates[:count]), case),
    }


def pandana(case: Case) -> Tasks:
    """Venues are handed over by coordinate (``set_pois``), which is timed: it is the question."""
    import pandana as pdna
    import pandas as pd

    x, y = (pd.Series(column) for column in case.xy.T)
    lengths = pd.DataFrame({"metres": case.length_cm / 100.0})
    graph = pdna.Network(x, y, pd.Series(case.u), pd.Series(case.v), lengths)

    def nearest(count: int) -> list[Array]:
        answers = []
        for k, nodes in enumerate(case.venues[:count]):
            graph.set_pois(f"s{k}", LIMIT_M, 1, x.iloc[nodes], y.iloc[nodes])
            found = graph.nearest_pois(LIMIT_M, f"s{k}", num_pois=1)
            answers.append(np.where(found[1] >= LIMIT_M, np.inf, found[1]))
        return answers

    def within(sources: Ints) -> Found:
        frame = graph.nodes_in_range(sources.tolist(), LIMIT_M)
        place = np.full(case.nodes, -1)
        place[sources] = np.arange(len(sources))
        column = {name: frame[name].to_numpy() for name in frame}
        return Found(place[column["source"]], column["destination"], column["metres"])

    return {
        "nearest": nearest,
        "reach": lambda count: within(case.origins[:count]),
        "coverage": lambda count: to_residences(within(case.candidates[:count]), case),
    }


def routingkit_cch(case: Case) -> Tasks:
    """A customizable contraction hierarchy, which knows no limit: all pairs, then the near ones."""
    import routingkit_cch as cch

    tail, head, metres = case.simple_arcs
    tail, head = tail.astype(np.uint32), head.astype(np.uint32)
    order = cch.compute_order_inertial(case.nodes, tail, head, case.xy[:, 1], case.xy[:, 0])
    metric = cch.CCHMetric(cch.CCH(order, tail, head, False), np.rint(metres * 100).astype("u4"))

    def coverage(count: int) -> Found:
        query = cch.CCHOneToMany(metric, case.residences.astype(np.uint32))

        def one(node: int) -> tuple[Array, Array]:
            found = np.array(query.distances_from(node), float) / 100.0  # None becomes NaN
            near = np.flatnonzero(found <= LIMIT_M)
            return near, found[near]

        return joined(one(node) for node in case.candidates[:count].tolist())

    return {"coverage": coverage}


def cityseer(case: Case) -> Tasks:
    from cityseer import rustalgos

    graph = rustalgos.graph.NetworkStructure()
    for node, (x, y) in enumerate(case.xy.tolist()):
        graph.add_street_node(node, x, y, True, 1.0)
    streets = zip(case.u.tolist(), case.v.tolist(), case.lines, strict=True)
    for edge, (u, v, line) in enumerate(streets):
        if u != v:  # a loop is of no use to a search, and refused
            graph.add_street_edge(u, v, edge, u, v, _wkt(line))
            graph.add_street_edge(v, u, edge, v, u, _wkt(line[::-1]))

    def one(node: int) -> tuple[Array, Array]:
        reached, tree = graph.dijkstra_tree_shortest(node, int(LIMIT_M), 1.0)
        distance = np.array([tree[other].short_dist for other in reached])
        near = distance <= LIMIT_M
        return np.array(reached)[near], distance[near]

    return {"reach": lambda count: joined(one(node) for node in case.origins[:count].tolist())}


def _wkt(line: Floats) -> str:
    return f"LINESTRING({', '.join(f'{x} {y}' for x, y in line.tolist())})"
