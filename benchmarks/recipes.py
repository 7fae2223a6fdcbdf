"""What people do with several libraries together: isochrones, reading an extract, siting.

Each function sets itself up for a case, which is not timed, and returns what it can do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from answers import Found, joined
from case import LIMIT_M, POLYGONS, SITES, Array, Case, Floats
from worker import Tasks

EDGE_BUFFER_M, NODE_BUFFER_M = 25.0, 50.0  # of osmnx's example
HULL_RATIO = 0.25


def osmnx_recipe(case: Case) -> Tasks:
    """osmnx's isochrone example: networkx.ego_graph on the directed multigraph, for polygons with
    the streets and nodes of it buffered and united."""
    import geopandas as gpd
    import networkx as nx
    from shapely import LineString, Point

    graph = nx.MultiDiGraph()
    graph.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(case.xy.tolist()))
    lengths = (case.length_cm / 100.0).tolist()
    bent = np.diff(case.line_ptr) > 2
    for u, v, metres, line, bends in zip(
        case.u.tolist(), case.v.tolist(), lengths, case.lines, bent.tolist(), strict=True
    ):
        shape = {"geometry": LineString(line)} if bends else {}
        graph.add_edge(u, v, length=metres, **shape)
        graph.add_edge(v, u, length=metres, **shape)

    def reach(count: int) -> Found:
        def one(node: int) -> tuple[Array, Array]:
            nodes = np.array(nx.ego_graph(graph, node, radius=LIMIT_M, distance="length").nodes)
            return nodes, np.full(len(nodes), np.nan)

        return joined(one(node) for node in case.origins[:count].tolist())

    def polygon_m2(centre: int) -> float:
        subgraph = nx.ego_graph(graph, centre, radius=LIMIT_M, distance="length")
        node_points = [Point((data["x"], data["y"])) for _, data in subgraph.nodes(data=True)]
        nodes = gpd.GeoDataFrame({"id": list(subgraph.nodes)}, geometry=node_points)
        nodes = nodes.set_index("id")
        lines = []
        for start, end in subgraph.edges():
            straight = LineString([nodes.loc[start].geometry, nodes.loc[end].geometry])
            lines.append(graph.get_edge_data(start, end)[0].get("geometry", straight))
        around = [*nodes.buffer(NODE_BUFFER_M).geometry]
        around += [*gpd.GeoSeries(lines).buffer(EDGE_BUFFER_M).geometry]
        return gpd.GeoSeries(around).union_all().area

    def polygons(count: int) -> list[Array]:
        return [np.array([polygon_m2(node) for node in case.origins[:count].tolist()])]

    return {"reach": reach, "polygons": polygons}


def concave_hull(case: Case) -> Tasks:
    """scipy's search and GEOS's concave hull of the nodes reached."""
    import shapely
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    tail, head, metres = case.simple_arcs
    ptr = np.searchsorted(tail, np.arange(case.nodes + 1))
    graph = csr_array((metres, head, ptr), shape=(case.nodes, case.nodes))

    def polygons(count: int) -> list[Array]:
        found = dijkstra(graph, indices=case.origins[: min(count, POLYGONS)], limit=LIMIT_M)
        points = shapely.multipoints(*_owned(case.xy, np.isfinite(found)))
        hulls = shapely.concave_hull(points, ratio=HULL_RATIO)
        return [shapely.area(hulls)]

    return {"polygons": polygons}


def _owned(xy: Floats, inside: Array) -> tuple[Floats, Array]:
    """Coordinates of all reached nodes, and whose they are."""
    owner, node = np.nonzero(inside)
    return xy[node], owner


def pyrosm(case: Case) -> Tasks:
    """Nodes and edges of all streets people walk, then the graph, as its manual does."""
    from pyrosm import OSM

    def reading(_: int) -> list[Array]:
        osm = OSM(case.path)
        nodes, edges = osm.get_network("walking", nodes=True)
        osm.to_graph(nodes, edges, graph_type="networkx", retain_all=True)
        return [np.array([edges["length"].sum()])]

    return {"reading": reading}


def distances(case: Case) -> Floats:
    """(demand, candidates) metres, infinite beyond the limit."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    tail, head, metres = case.simple_arcs
    ptr = np.searchsorted(tail, np.arange(case.nodes + 1))
    graph = csr_array((metres, head, ptr), shape=(case.nodes, case.nodes))
    blocks = np.array_split(case.candidates, 10)
    rows = [dijkstra(graph, indices=block, limit=LIMIT_M)[:, case.demand] for block in blocks]
    return np.concatenate(rows).T


def spopt_cbc(case: Case) -> Tasks:
    from pulp import PULP_CBC_CMD
    from spopt.locate import LSCP, MCLP

    cost = distances(case)

    def siting(_: int) -> list[Array]:
        model = MCLP.from_cost_matrix(cost, case.persons, LIMIT_M, p_facilities=SITES)
        model = model.solve(PULP_CBC_CMD(msg=False))
        served = np.array([len(sites) > 0 for sites in model.cli2fac])
        return [np.array([float(case.persons[served].sum())])]

    def fewest(_: int) -> list[Array]:
        model = LSCP.from_cost_matrix(cost[(cost <= LIMIT_M).any(axis=1)], LIMIT_M)
        model = model.solve(PULP_CBC_CMD(msg=False))
        return [np.array([float(sum(len(homes) > 0 for homes in model.fac2cli))])]

    return {"siting": siting, "fewest": fewest}


def ortools_scip(case: Case) -> Tasks:
    """The same model, straightforward, in OR-Tools' linear solver interface."""
    from ortools.linear_solver import pywraplp

    within = distances(case) <= LIMIT_M

    def siting(_: int) -> list[Array]:
        solver: Any = pywraplp.Solver.CreateSolver("SCIP")
        opened = [solver.BoolVar("") for _ in range(within.shape[1])]
        served = [solver.NumVar(0, 1, "") for _ in range(within.shape[0])]
        solver.Add(solver.Sum(opened) <= SITES)
        for row, mine in zip(within, served, strict=True):
            solver.Add(solver.Sum([opened[site] for site in np.flatnonzero(row)]) >= mine)
        persons = case.persons.tolist()
        solver.Maximize(solver.Sum([n * z for n, z in zip(persons, served, strict=True)]))
        solver.Solve()
        return [np.array([solver.Objective().Value()])]

    return {"siting": siting}
