"""Reached pieces of streets: the times of one search at every place along them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from gusu_geo._kernels.stretches import Pieces, Sources, Stretches, Ways, lines, pieces, stretches
from gusu_geo.geometry import Shapes
from gusu_geo.streets.network import LEVEL_PM, WalkNetwork
from gusu_geo.tables import Floats, Ints
from gusu_geo.walking.impedance import CS_PER_S
from gusu_geo.walking.linkage import Linkage
from gusu_geo.walking.search import Ends, Reach, goals, reach, starts
from gusu_geo.walking.trips import Trips

SPAN_STEP_CM = 200  # a stretch that may be left anywhere is left at least so often
_CLOSED = np.inf  # centiseconds per centimetre where walking is not allowed


@dataclass(frozen=True, eq=False)
class Searcher:
    """Runs searches from, or towards, linked points; each returns the stretches it reaches."""

    trips: Trips
    links: Linkage
    towards: bool = False

    @cached_property
    def ways(self) -> Ways:
        """The edges of the network as these searches see them."""
        net, pace = self.trips.net, self.trips.pace
        ends = np.column_stack([net.edge_u, net.edge_v])
        # Where a street exists three times, the times on a copy are never later than on the street.
        inside = pace.inside[:, None]
        copies = [
            np.where(inside, c[ends], ends) for c in (self.trips.leaving, self.trips.arriving)
        ]
        # From u the walk is u to v; in a search towards the points it is the way back, v to u.
        per_cm = np.where(pace.may, pace.factor_pm / pace.speed_mmps, _CLOSED)
        first = int(self.towards)
        return Ways(
            net_node=self.trips.net_node,
            arc_ptr=net.arc_ptr,
            arc_edge=net.arc_edge,
            ends=np.stack(copies, axis=2).astype(np.int32),
            wait_cs=np.ascontiguousarray(pace.wait_cs),
            length_cm=net.length_cm,
            ahead=np.ascontiguousarray(per_cm[:, first]),
            back=np.ascontiguousarray(per_cm[:, 1 - first]),
            off_cs=100.0 * LEVEL_PM / pace.speed_mmps,
        )

    @cached_property
    def ends(self) -> Ends:
        """Times between the points and the ends of their edges."""
        return goals(self.trips, self.links) if self.towards else starts(self.trips, self.links)

    def search(self, rows: Ints, cutoff_cs: int) -> Stretches:
        """One search from all of ``rows`` that are linked, or towards the nearest of them."""
        rows = rows[self.links.edge_ix[rows] >= 0]
        found: Reach = reach(
            self.trips,
            self.ends.rows(rows),
            np.zeros(len(rows), np.int32),
            cutoff_s=cutoff_cs / CS_PER_S,
            towards=self.towards,
        )
        at_cm, of = _along(self.links, rows)
        edge, leg_cs = self.links.edge_ix[of], self.trips.pace.cs(self.links.leg_cm[of])
        order = np.lexsort((leg_cs, at_cm, edge))
        sources = Sources(*(a[order].astype(np.int64) for a in (edge, at_cm, leg_cs)))
        return stretches(found.cs, self.ways, sources, cutoff_cs)


def _along(links: Linkage, rows: Ints) -> tuple[Ints, Ints]:
    """Places at most ``SPAN_STEP_CM`` apart along the stretches of ``rows``, both ends included:
    offset and row of each."""
    span = links.span_cm[rows].astype(np.int64)
    count = -(-span // SPAN_STEP_CM) + 1
    of = np.repeat(np.arange(len(rows)), count)
    k = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    step = k * span[of] // np.maximum(count[of] - 1, 1)
    return links.offset_cm[rows][of] + step, rows[of]


@dataclass(frozen=True, eq=False)
class Drawing:
    """The polylines of a network for the kernels. vertex_m (V,): metres along the polyline from
    the start of its edge; edge_box (E,4): bounds of each edge."""

    net: WalkNetwork
    vertex_m: Floats
    edge_box: Floats

    @classmethod
    def of(cls, net: WalkNetwork) -> Drawing:
        """The drawing of every edge of ``net``."""
        steps = np.zeros(len(net.vertex_xy))
        steps[1:] = np.hypot(*np.diff(net.vertex_xy, axis=0).T)
        steps[net.vertex_ptr[:-1]] = 0.0
        total = np.cumsum(steps)
        vertex_m = total - np.repeat(total[net.vertex_ptr[:-1]], np.diff(net.vertex_ptr))
        # Column by column: much faster than along the first axis.
        box = [
            bound.reduceat(column, net.vertex_ptr[:-1])
            for bound in (np.minimum, np.maximum)
            for column in net.vertex_xy.T.copy()
        ]
        return cls(net, vertex_m, np.column_stack(box))

    def coordinates(self, found: Pieces) -> tuple[Ints, Floats]:
        """ptr (n+1,) and xy (V,2) of the pieces as drawn."""
        net = self.net
        return lines(found, net.length_cm, net.vertex_ptr, net.vertex_xy, self.vertex_m)

    def lines(self, found: Pieces) -> Shapes:
        """(n,) the pieces as LineStrings in metres."""
        ptr, xy = self.coordinates(found)
        owner = np.repeat(np.arange(len(found.edge)), np.diff(ptr))
        return np.asarray(shapely.linestrings(xy, indices=owner), object).reshape(-1)


def reached_pieces(found: Stretches, cutoff_cs: int) -> Pieces:
    """The pieces of one search within a cutoff, at most that of the search."""
    return pieces(found, float(cutoff_cs))
