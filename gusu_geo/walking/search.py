"""Where metres become time, and only here: impedance, trips, bounded searches, ways walked.

One formula, in integers, the same here, in the kernels and on the page:

    centiseconds = round_half_up(length_cm * factor_pm / speed_mmps) + wait_cs at both ends

with factor_pm = 1000 on a level street (steps: 1000 x steps_factor; slopes: Tobler) and speed in
whole mm/s. The wait at an end is paid by whoever enters or leaves the edge there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import INF_CS, Packed, Seeds, Sources, nearest
from gusu_geo.streets.network import LEVEL_PM, WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import Bools, Floats, Int32s, Ints, NodeFlag, WayFlag
from gusu_geo.walking.snapping import Linkage

CS_PER_S = 100
U, V = 0, 1  # ends of an edge; as a direction: 0 walks from u to v, 1 from v to u


@dataclass(frozen=True)
class Impedance:
    """What a walk along each edge costs, in both directions (columns: u to v, v to u).

    speed_mmps: whole mm/s; factor_pm (E,2): times longer than a level street, per mille;
    may (E,2): whether one may walk so; wait_cs (E,2): waiting at end u and at end v, INF_CS where
    nobody gets through; private (E,): only at either end of a trip.
    """

    speed_mmps: int
    factor_pm: Int32s
    may: Bools
    wait_cs: Int32s
    private: Bools

    @classmethod
    def of(cls, net: WalkNetwork, walk: Walk) -> Impedance:
        """The impedance of ``net`` for people who walk as ``walk`` says."""
        usable = np.ones(net.edges, bool)
        private = net.flagged(WayFlag.PRIVATE)
        if walk.private == "closed":
            usable &= ~private
        if walk.on_wheels():
            usable &= ~net.flagged(WayFlag.NO_WHEELS)
        if walk.lifts == "closed":
            usable &= ~net.flagged(WayFlag.LIFT)
        if walk.ferries == "closed":
            usable &= ~net.flagged(WayFlag.FERRY)
        may = np.column_stack(
            [
                usable & ~net.flagged(WayFlag.BACKWARD_ONLY),
                usable & ~net.flagged(WayFlag.FORWARD_ONLY),
            ]
        )
        return cls(
            speed_mmps=round(walk.speed() * 1000),
            factor_pm=_factors(net, walk),
            may=may,
            wait_cs=_waits(net, walk),
            private=private & usable & (walk.private == "ends"),
        )

    def cs(
        self, length_cm: npt.ArrayLike, factor_pm: npt.ArrayLike = LEVEL_PM
    ) -> npt.NDArray[np.int64]:
        """Centiseconds for ``length_cm`` at ``factor_pm``, rounded half up; without waits."""
        product = np.asarray(length_cm, np.int64) * np.asarray(factor_pm, np.int64)
        product *= 2  # in place: for all homes of a city new arrays cost more than the sums
        product += self.speed_mmps
        product //= 2 * self.speed_mmps
        return np.asarray(product)

    @property
    def closed(self) -> Bools:
        """(E,) true where nobody walks in either direction."""
        return ~(self.may[:, 0] | self.may[:, 1])


def _factors(net: WalkNetwork, walk: Walk) -> Int32s:
    """(E,2) per mille of the time on a level street, u to v and v to u."""
    level = np.full((net.edges, 2), LEVEL_PM, np.int32)
    factor = net.slope_pm.copy() if walk.slope == "tobler" else level
    factor[net.flagged(WayFlag.STEPS)] = round(LEVEL_PM * walk.on_steps())
    factor[net.flagged(WayFlag.FERRY)] = round(LEVEL_PM * walk.speed() / walk.ferry_mps)
    return factor


def _waits(net: WalkNetwork, walk: Walk) -> Int32s:
    """(E,2) waiting at both ends: half of it on the way in, half on the way out.

    At a crossing those wait who come or go by a way made for walkers: along a road nobody
    crosses it. A lift or ferry is waited for where it is boarded.
    """
    ends = np.column_stack([net.edge_u, net.edge_v])
    flags = net.node_flags[ends]
    on_foot = net.flagged(WayFlag.ON_FOOT)[:, None]
    wait = np.zeros((net.edges, 2), np.int32)
    wait[on_foot & ((flags & NodeFlag.CROSSING) != 0)] = _half_cs(walk.crossing_s)
    wait[on_foot & ((flags & NodeFlag.SIGNALS) != 0)] = _half_cs(walk.signal_s)
    for flag, seconds in ((WayFlag.LIFT, walk.lift_s), (WayFlag.FERRY, walk.ferry_s)):
        rides = net.flagged(flag)
        afoot = np.zeros(net.nodes, bool)
        afoot[ends[~rides].ravel()] = True
        wait[rides[:, None] & afoot[ends]] += _half_cs(seconds)
    lift = (flags & NodeFlag.LIFT) != 0
    wait[lift] += _half_cs(walk.lift_s)
    if walk.lifts == "closed":
        wait[lift] = INF_CS
    return wait


def _half_cs(seconds: float) -> int:
    return round(seconds * CS_PER_S / 2)


class Arcs(NamedTuple):
    """Arcs in CSR order of their tails: ptr (T+1,), tail, head, cs (A,); edge (A,), -1 for the
    step between the copies of one node; rev (A,): the arc runs from v to u of its edge."""

    ptr: Ints
    tail: Int32s
    head: Int32s
    cs: Int32s
    edge: Int32s
    rev: Bools

    def turned(self, nodes: int) -> Arcs:
        """The same arcs walked the other way: a search over these is a search towards."""
        return _sorted_arcs(nodes, self.head, self.tail, self.cs, self.edge, ~self.rev)


@dataclass(frozen=True)
class Trips:
    """How people who walk alike get about a network: what the searches run on.

    Private ways exist twice: on the copy that one leaves by, residents walk out to the public
    streets, on the copy that one arrives by, visitors walk in to their goal, and no arc leads
    from the streets into the first or out of the second. So nobody walks through.

    net_node (T,): network node of each trip node, the first N in order; leaving, arriving (N,):
    trip node of somebody who starts from, or makes for, a private way there.
    """

    net: WalkNetwork
    pace: Impedance
    net_node: Int32s
    leaving: Int32s
    arriving: Int32s
    out: Arcs

    @classmethod
    def of(cls, net: WalkNetwork, walk: Walk | None = None) -> Trips:
        """Trips on ``net`` of people who walk as ``walk`` says."""
        return cls.paced(net, Impedance.of(net, walk or Walk()))

    @classmethod
    def paced(cls, net: WalkNetwork, pace: Impedance) -> Trips:
        """Trips on ``net`` at a given impedance."""
        ends = np.column_stack([net.edge_u, net.edge_v])
        inside = np.unique(ends[pace.private])
        plain = np.arange(net.nodes, dtype=np.int32)
        leaving, arriving = plain.copy(), plain.copy()
        leaving[inside] = net.nodes + np.arange(len(inside))
        arriving[inside] = net.nodes + len(inside) + np.arange(len(inside))
        net_node = np.concatenate([plain, inside, inside]).astype(np.int32)
        arcs = _arcs(net, pace, leaving, arriving, inside.astype(np.int64))
        for array in (net_node, leaving, arriving, *arcs):
            array.setflags(write=False)
        return cls(net, pace, net_node, leaving, arriving, arcs)

    @property
    def nodes(self) -> int:
        """T."""
        return len(self.net_node)

    @cached_property
    def back(self) -> Arcs:
        """The arcs of a search towards."""
        arcs = self.out.turned(self.nodes)
        for array in arcs:
            array.setflags(write=False)
        return arcs

    def packed(self, *, towards: bool) -> Packed:
        """The arcs as the kernels want them, made once: of a search away, or of one towards."""
        return self._packed_back if towards else self._packed_out

    @cached_property
    def _packed_out(self) -> Packed:
        return Packed.of(self.out.ptr, self.out.head, self.out.cs)

    @cached_property
    def _packed_back(self) -> Packed:
        return Packed.of(self.back.ptr, self.back.head, self.back.cs)

    def at_ends(self, cs: Int32s) -> Int32s:
        """(E,2) least time at both ends of each edge, from times (T,) at trip nodes.

        Waiting at the end is not in it. INF_CS where the edge cannot be reached by that end.
        """
        ends = np.column_stack([self.net.edge_u, self.net.edge_v])
        least = np.minimum(cs[self.leaving[ends]], cs[self.arriving[ends]])
        return np.where(self.pace.private[:, None], least, cs[ends])


def _arcs(
    net: WalkNetwork, pace: Impedance, leaving: Int32s, arriving: Int32s, inside: Ints
) -> Arcs:
    """All arcs of a trip graph."""
    edges = np.arange(net.edges, dtype=np.int32)
    wait = pace.wait_cs.astype(np.int64).sum(axis=1)
    parts: list[tuple[npt.NDArray[np.generic], ...]] = []
    for direction in (0, 1):
        tail, head = (net.edge_u, net.edge_v) if direction == 0 else (net.edge_v, net.edge_u)
        cs = np.minimum(pace.cs(net.length_cm, pace.factor_pm[:, direction]) + wait, INF_CS)
        for copy, mine in (
            (None, ~pace.private),
            (leaving, pace.private),
            (arriving, pace.private),
        ):
            pick = np.flatnonzero(mine & pace.may[:, direction] & (cs < INF_CS))
            start, end = (tail, head) if copy is None else (copy[tail], copy[head])
            rev = np.full(len(pick), direction == 1)
            parts.append((start[pick], end[pick], cs[pick], edges[pick], rev))
    public = np.zeros(net.nodes, bool)
    ends = np.column_stack([net.edge_u, net.edge_v])
    public[ends[~pace.private & ~pace.closed].ravel()] = True
    street, yard = inside[public[inside]], inside[~public[inside]]
    for a, b in (
        (leaving[street], street),
        (street, arriving[street]),
        (leaving[yard], arriving[yard]),
    ):
        none = np.zeros(len(a), np.int64)
        parts.append((a, b, none, none - 1, none.astype(bool)))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return _sorted_arcs(net.nodes + 2 * len(inside), *columns)


def _sorted_arcs(
    nodes: int,
    tail: npt.NDArray[np.generic],
    head: npt.NDArray[np.generic],
    *columns: npt.NDArray[np.generic],
) -> Arcs:
    cs, edge, rev = columns
    by = np.lexsort((rev, edge, tail))
    ptr = np.concatenate([[0], np.cumsum(np.bincount(tail.astype(np.int64), minlength=nodes))])
    return Arcs(
        ptr.astype(np.int64),
        tail[by].astype(np.int32),
        head[by].astype(np.int32),
        cs[by].astype(np.int32),
        edge[by].astype(np.int32),
        rev[by].astype(bool),
    )


class Ends(NamedTuple):
    """Between a linked point and both ends of its edge, off-street leg and waits included.

    node (P,2): trip nodes at u and v; cs (P,2): INF_CS where barred or not linked.
    """

    node: Int32s
    cs: Int32s

    def rows(self, pick: npt.NDArray[np.generic]) -> Ends:
        """The chosen points."""
        return Ends(self.node[pick], self.cs[pick])


class Reach(NamedTuple):
    """One search: cs (T,) INF_CS beyond the cutoff, seed id (T,) -1, last arc (T,) -1 (from
    ``ways`` alone, else empty)."""

    cs: Int32s
    seed: Int32s
    arc: Int32s


def cutoff_to_cs(cutoff_s: float) -> int:
    """Whole centiseconds; a cutoff or threshold of 900 s is 90,000, inclusive."""
    return round(cutoff_s * CS_PER_S)


def starts(trips: Trips, links: Linkage) -> Ends:
    """Time from each linked point to the ends of its edge."""
    return _ends(trips, links, leaving=True)


def goals(trips: Trips, links: Linkage) -> Ends:
    """Time from the ends of its edge to each linked point."""
    return _ends(trips, links, leaving=False)


def _ends(trips: Trips, links: Linkage, *, leaving: bool) -> Ends:
    net, pace = trips.net, trips.pace
    ok = links.edge_ix >= 0
    edge = np.where(ok, links.edge_ix, 0)
    leg_cs, length_cm = pace.cs(links.leg_cm), net.length_cm.take(edge)
    inside, open_ = np.flatnonzero(pace.private.take(edge)), ~pace.closed.take(edge)
    copy = trips.leaving if leaving else trips.arriving
    node = np.empty((len(edge), 2), np.int32)
    cs = np.empty((len(edge), 2), np.int32)
    for end, ends in ((U, net.edge_u), (V, net.edge_v)):
        # To u one walks from v to u when leaving, from u to v when arriving.
        way = 1 - end if leaving else end
        along_cm = links.offset_cm if end == U else length_cm - links.offset_cm
        walk_cs = pace.cs(along_cm, pace.factor_pm[:, way].take(edge))
        walk_cs += leg_cs
        walk_cs += pace.wait_cs[:, end].take(edge)
        # A point at the very end of a one-way street stands at the node, whichever way it runs.
        may = ok & (pace.may[:, way].take(edge) | ((along_cm == 0) & open_))
        cs[:, end] = np.where(may, np.minimum(walk_cs, INF_CS), INF_CS)
        node[:, end] = ends.take(edge)
        node[inside, end] = copy[node[inside, end]]
    return Ends(node, cs)


def reach(
    trips: Trips,
    ends: Ends,
    seed_id: npt.NDArray[np.int32],
    *,
    cutoff_s: float,
    towards: bool = False,
) -> Reach:
    """Least time from any of the points to every trip node within the cutoff, and whose it was.

    ends: ``starts`` of the points (P,), or ``goals`` with ``towards`` for a search towards them;
    seed_id (P,): of equal times the lowest id wins.
    """
    packed, cutoff_cs = trips.packed(towards=towards), cutoff_to_cs(cutoff_s)
    return Reach(*nearest(packed, seeds(ends, seed_id), cutoff_cs))


def ways(
    trips: Trips, ends: Ends, seed_id: npt.NDArray[np.int32], wanted: Ends, *, cutoff_s: float
) -> Reach:
    """A search towards points whose ``goals`` are ``ends`` (P,), with what ``walked_line`` needs.

    It ends as soon as the times at the ``wanted`` ends (P',) are final: nodes farther than all
    of them may be left out as if beyond the cutoff.
    """
    packed, cutoff_cs = trips.packed(towards=True), cutoff_to_cs(cutoff_s)
    last = np.unique(wanted.node)
    return Reach(*nearest(packed, seeds(ends, seed_id), cutoff_cs, arcs=True, wanted=last))


def seeds(ends: Ends, seed_id: npt.NDArray[np.int32]) -> Seeds:
    """Both ends of each point's edge (P,) as seeds of one search."""
    return Seeds(ends.node.ravel(), ends.cs.ravel(), np.repeat(seed_id.astype(np.int32), 2))


def sources(ends: Ends, owner_ix: npt.NDArray[np.integer], owners: int) -> Sources:
    """One source of searches per owner, at all of its points (P,); owner_ix (P,)."""
    order = np.argsort(owner_ix, kind="stable")
    ptr = 2 * np.searchsorted(owner_ix[order], np.arange(owners + 1))
    return Sources(ptr, ends.node[order].ravel(), ends.cs[order].ravel())


def arrive(found: Reach, ends: Ends) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Time (P,) and seed (P,) at points whose edge ends are ``ends``; INF_CS and -1 when none.

    Of equal times the lowest seed id wins.
    """
    at = found.cs[ends.node].astype(np.int64)
    total = np.where((at < INF_CS) & (ends.cs < INF_CS), at + ends.cs, np.int64(INF_CS))
    seed = np.where(total < INF_CS, found.seed[ends.node], np.int32(INF_CS))
    by_v = (total[:, 1] < total[:, 0]) | ((total[:, 1] == total[:, 0]) & (seed[:, 1] < seed[:, 0]))
    rows = np.arange(len(total))
    column = by_v.astype(np.int64)
    time, who = total[rows, column], seed[rows, column]
    return time, np.where(time < INF_CS, who, -1).astype(np.int32)


class Pairs(NamedTuple):
    """Pairs of points on one edge: a_ix, b_ix positions, cs of the walk straight from a to b."""

    a_ix: npt.NDArray[np.int64]
    b_ix: npt.NDArray[np.int64]
    cs: npt.NDArray[np.int64]


def same_edge(pace: Impedance, a: Linkage, b: Linkage) -> Pairs:
    """Every pair of points that stand on one edge, walked straight along it, legs included."""
    order = np.argsort(b.edge_ix, kind="stable")
    edges = b.edge_ix[order]
    shared = np.zeros(len(pace.may) + 1, bool)  # the last is for points without an edge
    shared[edges] = True
    shared[-1] = False
    linked = np.flatnonzero(shared[a.edge_ix])
    lo = np.searchsorted(edges, a.edge_ix[linked], "left")
    hi = np.searchsorted(edges, a.edge_ix[linked], "right")
    count = hi - lo
    a_ix = np.repeat(linked, count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    b_ix = order[np.repeat(lo, count) + within]
    edge = a.edge_ix[a_ix]
    ahead = b.offset_cm[b_ix].astype(np.int64) - a.offset_cm[a_ix]
    way = (ahead < 0).astype(np.int64)
    may = pace.may[edge, way] | (ahead == 0)
    cs = pace.cs(np.abs(ahead), pace.factor_pm[edge, way])
    cs = cs + pace.cs(a.leg_cm[a_ix]) + pace.cs(b.leg_cm[b_ix])
    return Pairs(a_ix[may], b_ix[may], cs[may])


def walked_line(trips: Trips, found: Reach, node: int) -> tuple[Floats, list[int], int]:
    """The way from trip ``node`` to the venue of a search towards: xy (n,2) from the node on, the
    edges, and the trip node at which the venue's seed stands.

    ``found`` must come from ``ways``. Raises ValueError when not reached.
    """
    if found.cs[node] == INF_CS:
        raise ValueError(f"node {node} was not reached")
    net, arcs = trips.net, trips.back
    at = int(trips.net_node[node])
    pieces: list[Floats] = [net.node_xy[at : at + 1]]
    edges: list[int] = []
    while found.arc[node] >= 0:
        arc = found.arc[node]
        edge = int(arcs.edge[arc])
        if edge >= 0:
            line = net.vertex_xy[net.vertex_ptr[edge] : net.vertex_ptr[edge + 1]]
            pieces.append(line if arcs.rev[arc] else line[::-1])
            edges.append(edge)
        node = int(arcs.tail[arc])
    return np.concatenate(pieces), edges, node
