"""The walks from one residence, on demand: the route to one venue, the proof behind a time, and the
times to all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import substring

from gusu_geo._kernels import INF_CS
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Floats, Ints
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linkage, Linked
from gusu_geo.walking.search import (
    Ends,
    Reach,
    arrive,
    goals,
    reach,
    same_edge,
    starts,
    walked_line,
    ways,
)
from gusu_geo.walking.trips import Trips


@dataclass(frozen=True, eq=False)
class Way:
    """A walk: xy (n,2) metres from door to door, time_cs, length_m, and the street names in order
    (unnamed streets left out, repeated names merged)."""

    xy: Floats
    time_cs: int
    length_m: float
    streets: tuple[str, ...]


def walked_times(trips: Trips, start: Linked, goal: Linked, *, cutoff_s: float) -> Ints:
    """(owners of ``goal``,) centiseconds from any point of ``start``; INF_CS beyond the cutoff.

    One search for all goals. Times equal those of the access table.
    """
    begin, end = start.links, goal.links
    one = np.zeros(len(begin.edge_ix), np.int32)
    found = reach(trips, starts(trips, begin), one, cutoff_s=cutoff_s)
    times, _ = arrive(found, goals(trips, end))
    pairs = same_edge(trips.pace, begin, end)
    best = np.full(len(goal.ids), INF_CS, np.int64)
    np.minimum.at(best, end.owner_ix, times)
    np.minimum.at(best, end.owner_ix[pairs.b_ix], pairs.cs)
    best[best > cutoff_to_cs(cutoff_s)] = INF_CS
    return best


def walked_way(
    trips: Trips,
    residences: Linked,
    facilities: Linked,
    *,
    residence: int,
    facility: int,
    cutoff_s: float,
) -> Way | None:
    """The quickest route between two owners (positions), or None beyond the cutoff.

    Its time equals that of the access table for the pair.
    """
    start = residences.only(np.arange(len(residences.ids)) == residence).links
    goal = facilities.only(np.arange(len(facilities.ids)) == facility).links
    rows = np.arange(len(goal.edge_ix), dtype=np.int32)
    goal_ends = goals(trips, goal)
    start_ends = starts(trips, start)
    found = ways(trips, goal_ends, rows, start_ends, cutoff_s=cutoff_s)
    times, seeds = arrive(found, start_ends)
    pairs = same_edge(trips.pace, start, goal)
    best = int(times.min(initial=INF_CS))
    straight = int(pairs.cs.min(initial=INF_CS))
    if min(best, straight) > cutoff_s * 100:
        return None
    if straight <= best:
        pair = int(np.argmin(pairs.cs))
        trip = _Trip(trips, start, int(pairs.a_ix[pair]), goal, int(pairs.b_ix[pair]))
        return trip.along(straight)
    p = int(np.argmin(times))
    end = int(np.argmin(found.cs[start_ends.node[p]].astype(np.int64) + start_ends.cs[p]))
    return _Trip(trips, start, p, goal, int(seeds[p])).through(end, goal_ends, found, best)


@dataclass(frozen=True, eq=False)
class _Trip:
    """A route from entrance point ``p`` of the start to ``q`` of the goal."""

    trips: Trips
    start: Linkage
    p: int
    goal: Linkage
    q: int

    def along(self, time_cs: int) -> Way:
        """The route along the edge on which both points stand."""
        edge, start, goal = int(self.start.edge_ix[self.p]), self.start, self.goal
        last_cm = int(goal.end_cm[self.q])
        a_cm = int(np.clip(goal.offset_cm[self.q], start.offset_cm[self.p], start.end_cm[self.p]))
        b_cm = int(np.clip(a_cm, goal.offset_cm[self.q], last_cm))
        line = _between(self.trips.net, edge, a_cm, b_cm)
        return self._way(line, [edge], time_cs)

    def through(self, end: int, goal_ends: Ends, found: Reach, time_cs: int) -> Way:
        """The route over nodes; it leaves the start's edge at its ``end`` (0 = u, 1 = v)."""
        net, p, q = self.trips.net, self.p, self.q
        first, last = int(self.start.edge_ix[p]), int(self.goal.edge_ix[q])
        node = int(starts(self.trips, self.start).node[p, end])
        middle, edges, at = walked_line(self.trips, found, node)
        # End at which the goal's edge is entered: a loop has one node at both, so compare times.
        by = int(np.argmax((goal_ends.node[q] == at) & (goal_ends.cs[q] == found.cs[at])))
        left_at = int((self.start.end_cm if end else self.start.offset_cm)[p])
        entered_at = int((self.goal.end_cm if by else self.goal.offset_cm)[q])
        out = _between(net, first, left_at, end * int(net.length_cm[first]))
        into = _between(net, last, by * int(net.length_cm[last]), entered_at)
        return self._way(np.concatenate([out, middle, into]), [first, *edges, last], time_cs)

    def _way(self, line: Floats, edges: list[int], time_cs: int) -> Way:
        names = [name for edge in edges if (name := str(self.trips.net.name[edge]))]
        streets = [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
        legs_m = (int(self.start.leg_cm[self.p]) + int(self.goal.leg_cm[self.q])) / 100
        steps_m = float(np.hypot(*np.diff(line, axis=0).T).sum())
        return Way(line, time_cs=time_cs, length_m=steps_m + legs_m, streets=tuple(streets))


def _between(net: WalkNetwork, edge: int, a_cm: int, b_cm: int) -> Floats:
    """The polyline of an edge between two offsets."""
    length = max(int(net.length_cm[edge]), 1)
    piece = substring(net.edge_lines[edge], a_cm / length, b_cm / length, normalized=True)
    return np.asarray(shapely.get_coordinates(piece))
