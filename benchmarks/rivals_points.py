"""Nearest venues of points, linking included, written with scipy and shapely."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from case import LIMIT_M, SNAP_M, Array, Case, Floats, Ints, home_points, venue_points
from worker import Tasks


class Feet(NamedTuple):
    """Where linked points stand: point (P,), edge (P,), metres from its u (P,), leg (P,) metres."""

    point: Ints
    edge: Ints
    along: Floats
    leg: Floats


def scipy_shapely(case: Case) -> Tasks:
    """Points at the nearest street by ``STRtree.query_nearest``; every foot becomes a node of its
    street, every venue one more node at the end of its leg; one ``dijkstra`` per service.

    The tree of the streets is built before, for we keep ours as well.
    """
    import shapely
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    streets = np.repeat(np.arange(case.edges), np.diff(case.line_ptr))
    lines = shapely.linestrings(case.line_xy, indices=streets)
    drawn, metres = shapely.length(lines), case.length_cm / 100.0
    tree = shapely.STRtree(lines)
    homes, venues = home_points(case), venue_points(case)
    service = np.repeat(np.arange(len(case.venues)), np.diff(case.venue_ptr))

    def feet(xy: Floats) -> Feet:
        points = shapely.points(xy)
        (point, edge), leg = tree.query_nearest(
            points, max_distance=SNAP_M, return_distance=True, all_matches=False
        )
        along = shapely.line_locate_point(lines[edge], points[point])
        return Feet(point, edge, along / np.maximum(drawn[edge], 1e-9) * metres[edge], leg)

    def graph_with(stops: Feet, ends: int) -> csr_array:
        """Streets cut at the feet, which are nodes after the junctions; the first ``ends`` of them
        have their legs as streets, to nodes after those."""
        count = case.nodes + len(stops.edge)
        order = np.lexsort((stops.along, stops.edge))
        edge, along, foot = stops.edge[order], stops.along[order], case.nodes + order
        whole = np.ones(case.edges, bool)
        whole[edge] = False
        first = np.append(True, np.diff(edge) > 0) if len(edge) else np.zeros(0, bool)
        last = np.append(first[1:], True) if len(edge) else first
        before = np.where(first, case.u[edge], np.roll(foot, 1))
        since = along - np.where(first, 0.0, np.roll(along, 1))
        tail = np.concatenate([case.u[whole], before, foot[last], count + np.arange(ends)])
        head = np.concatenate(
            [case.v[whole], foot, case.v[edge[last]], case.nodes + np.arange(ends)]
        )
        rest = metres[edge[last]] - along[last]
        cost = np.concatenate([metres[whole], since, rest, stops.leg[:ends]])
        return _symmetric(tail, head, cost, count + ends)

    def _symmetric(tail: Ints, head: Ints, cost: Floats, count: int) -> csr_array:
        """Of parallel streets the shortest: scipy would add them up."""
        tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        cost = np.maximum(np.tile(cost, 2), 0.0)
        order = np.lexsort((cost, head, tail))
        tail, head, cost = tail[order], head[order], cost[order]
        keep = np.append(True, (np.diff(tail) != 0) | (np.diff(head) != 0)) & (tail != head)
        ptr = np.searchsorted(tail[keep], np.arange(count + 1))
        return csr_array((cost[keep], head[keep], ptr), shape=(count, count))

    def called(count: int) -> list[Array]:
        goals, starts = feet(venues), feet(homes[:count])
        stops = Feet(*(np.concatenate(parts) for parts in zip(goals, starts, strict=True)))
        ends = len(goals.edge)
        graph = graph_with(stops, ends)
        first_home, first_end = case.nodes + ends, case.nodes + len(stops.edge)
        answers = []
        for k in range(len(case.venues)):
            sources = first_end + np.flatnonzero(service[goals.point] == k)
            found = dijkstra(graph, indices=sources, limit=LIMIT_M, min_only=True)
            total = found[first_home:first_end] + starts.leg
            answer = np.full(count, np.inf)
            answer[starts.point] = np.where(total > LIMIT_M, np.inf, total)
            answers.append(answer)
        return answers

    return {"called": called}
