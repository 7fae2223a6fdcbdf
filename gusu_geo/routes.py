"""The way walked from one residence to one venue, on demand: the proof behind a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import substring

from gusu_geo._kernels import INF_CS
from gusu_geo.access import Linked
from gusu_geo.network import WalkNetwork
from gusu_geo.snapping import Linkage
from gusu_geo.tables import Floats
from gusu_geo.travel import Impedance, Reach, arrive, away, reach, same_edge, walked_line


@dataclass(frozen=True)
class Way:
    """A walk: xy (n,2) metres from door to door, time_cs, metres, and the streets' names in order
    (each once in a row, "" for the unnamed)."""

    xy: Floats
    time_cs: int
    length_m: float
    streets: tuple[str, ...]


def walked_way(
    net: WalkNetwork,
    walk: Impedance,
    residences: Linked,
    facilities: Linked,
    *,
    residence: int,
    facility: int,
    cutoff_s: float,
) -> Way | None:
    """The quickest way between two owners (positions), or None beyond the cutoff.

    Its time is the access table's for that pair.
    """
    start = residences.only(np.arange(len(residences.ids)) == residence).links
    goal = facilities.only(np.arange(len(facilities.ids)) == facility).links
    back = walk.reversed()
    rows = np.arange(len(goal.edge_ix), dtype=np.int32)
    goal_ends = away(net, back, goal)
    found = reach(net, back, goal_ends, rows, cutoff_s=cutoff_s)
    start_ends = away(net, walk, start)
    times, seeds = arrive(found, start_ends)
    pairs = same_edge(walk, start, goal)
    best = int(times.min(initial=INF_CS))
    straight = int(pairs.cs.min(initial=INF_CS))
    if min(best, straight) > cutoff_s * 100:
        return None
    if straight <= best:
        p = int(np.argmin(pairs.cs))
        return _along(net, start, int(pairs.a_ix[p]), goal, int(pairs.b_ix[p]), straight)
    p = int(np.argmin(times))
    end = int(np.argmin(found.cs[start_ends.node[p]].astype(np.int64) + start_ends.cs[p]))
    return _through(net, start, p, end, goal, int(seeds[p]), found, best)


def _along(net: WalkNetwork, start: Linkage, p: int, goal: Linkage, q: int, time_cs: int) -> Way:
    """Straight along the one edge both points stand on."""
    edge = int(start.edge_ix[p])
    line = _between(net, edge, int(start.offset_cm[p]), int(goal.offset_cm[q]))
    return _way(net, start, p, goal, q, line, [edge], time_cs)


def _through(
    net: WalkNetwork,
    start: Linkage,
    p: int,
    end: int,
    goal: Linkage,
    q: int,
    found: Reach,
    time_cs: int,
) -> Way:
    """From the start's edge over nodes to the goal's edge."""
    first, last = int(start.edge_ix[p]), int(goal.edge_ix[q])
    node = int((net.edge_u, net.edge_v)[end][first])
    out = _between(net, first, int(start.offset_cm[p]), end * int(net.length_cm[first]))
    middle, edges = walked_line(net, found, node)
    at_u = bool(np.allclose(middle[-1], net.node_xy[net.edge_u[last]]))
    into = _between(net, last, 0 if at_u else int(net.length_cm[last]), int(goal.offset_cm[q]))
    line = np.concatenate([out, middle, into])
    return _way(net, start, p, goal, q, line, [first, *edges, last], time_cs)


def _way(
    net: WalkNetwork,
    start: Linkage,
    p: int,
    goal: Linkage,
    q: int,
    line: Floats,
    edges: list[int],
    time_cs: int,
) -> Way:
    streets = [str(net.name[edge]) for edge in edges]
    named = [name for i, name in enumerate(streets) if i == 0 or name != streets[i - 1]]
    legs_m = (int(start.leg_cm[p]) + int(goal.leg_cm[q])) / 100
    steps_m = np.hypot(*np.diff(line, axis=0).T).sum()
    return Way(xy=line, time_cs=time_cs, length_m=float(steps_m + legs_m), streets=tuple(named))


def _between(net: WalkNetwork, edge: int, a_cm: int, b_cm: int) -> Floats:
    """The polyline of an edge from one place along it to another."""
    length = max(int(net.length_cm[edge]), 1)
    piece = substring(net.edge_lines[edge], a_cm / length, b_cm / length, normalized=True)
    return np.asarray(shapely.get_coordinates(piece))
