"""Bounded searches on the trip graph: times from and to linked points, and routes walked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import INF_CS, Seeds, Sources, nearest, quickest
from gusu_geo.tables import Floats, Int32s
from gusu_geo.walking.impedance import Impedance, cutoff_to_cs
from gusu_geo.walking.linkage import Linkage
from gusu_geo.walking.trips import Trips

U, V = 0, 1  # ends of an edge; as a direction: 0 walks from u to v, 1 from v to u


class Ends(NamedTuple):
    """Times between linked points and both ends of their edge, off-street leg and wait included.

    node (P,2): trip nodes at u and v; cs (P,2): INF_CS where closed or not linked.
    """

    node: Int32s
    cs: Int32s

    def rows(self, pick: npt.NDArray[np.generic]) -> Ends:
        """The chosen points."""
        return Ends(self.node[pick], self.cs[pick])


class Reach(NamedTuple):
    """Result of one search by trip node (T,): time, INF_CS beyond the cutoff; seed id, -1 there;
    last arc walked, -1 there and at seeds (empty unless found by ``ways``)."""

    cs: Int32s
    seed: Int32s
    arc: Int32s


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
    inside, open_ = np.flatnonzero(pace.inside.take(edge)), ~pace.closed.take(edge)
    copy = trips.leaving if leaving else trips.arriving
    node = np.empty((len(edge), 2), np.int32)
    cs = np.empty((len(edge), 2), np.int32)
    for end, ends in ((U, net.edge_u), (V, net.edge_v)):
        # Between the point and u: walked from v to u when leaving, from u to v when arriving.
        way = 1 - end if leaving else end
        along_cm = links.offset_cm if end == U else length_cm - links.end_cm
        walk_cs = pace.cs(along_cm, pace.factor_pm[:, way].take(edge))
        walk_cs += leg_cs
        walk_cs += pace.wait_cs[:, end].take(edge)
        # A point at the very end of a one-way street is at the node: its direction does not matter.
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
    """Least time from any of the points to every trip node within the cutoff, and from which.

    ends: ``starts`` of the points (P,), or ``goals`` with ``towards`` for a search towards them;
    seed_id (P,): of equal times the lowest id wins.
    """
    packed, cutoff_cs = trips.packed(towards=towards), cutoff_to_cs(cutoff_s)
    return Reach(*nearest(packed, seeds(ends, seed_id), cutoff_cs))


def ways(
    trips: Trips, ends: Ends, seed_id: npt.NDArray[np.int32], wanted: Ends, *, cutoff_s: float
) -> Reach:
    """A search towards points with ``goals`` ``ends`` (P,); keeps the arcs for ``walked_line``.

    It stops when the times at the ``wanted`` ends (P',) are final: farther nodes may be missing,
    as if beyond the cutoff.
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
    node, cs, owner = quickest(
        ends.node[order].ravel(), ends.cs[order].ravel(), np.repeat(owner_ix[order], 2)
    )
    return Sources(np.searchsorted(owner, np.arange(owners + 1)), node, cs)


def arrive(found: Reach, ends: Ends) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Time (P,) and seed (P,) at points whose edge ends are ``ends``; INF_CS and -1 if not reached.

    Of equal times the lowest seed id wins.
    """
    at = found.cs[ends.node].astype(np.int64)
    total = np.where((at < INF_CS) & (ends.cs < INF_CS), at + ends.cs, np.int64(INF_CS))
    seed = np.where(total < INF_CS, found.seed[ends.node], np.int32(INF_CS))
    by_v = (total[:, 1] < total[:, 0]) | ((total[:, 1] == total[:, 0]) & (seed[:, 1] < seed[:, 0]))
    rows = np.arange(len(total))
    column = by_v.astype(np.int64)
    time, ident = total[rows, column], seed[rows, column]
    return time, np.where(time < INF_CS, ident, -1).astype(np.int32)


class SameEdge(NamedTuple):
    """Pairs of points on the same edge: positions a_ix and b_ix; cs: walk along the edge."""

    a_ix: npt.NDArray[np.int64]
    b_ix: npt.NDArray[np.int64]
    cs: npt.NDArray[np.int64]


def same_edge(pace: Impedance, a: Linkage, b: Linkage) -> SameEdge:
    """Every pair of points on the same edge, with the time along it, legs included."""
    order = np.argsort(b.edge_ix, kind="stable")
    many = np.bincount(b.edge_ix + 1, minlength=len(pace.may) + 1)  # the first: not linked
    upto, many[0] = np.cumsum(many), 0
    a_at = a.edge_ix + 1
    mine = np.flatnonzero(many.take(a_at))
    a_at = a_at[mine]
    count = many.take(a_at)
    a_ix = np.repeat(mine, count)
    first = upto.take(a_at) - count  # in ``order``
    b_ix = order[np.arange(len(a_ix)) + np.repeat(first - np.cumsum(count) + count, count)]
    # From the nearer end of one stretch to that of the other; nothing where they overlap.
    ahead = np.maximum(b.offset_cm.take(b_ix) - a.end_cm.take(a_ix), 0)
    ahead -= np.maximum(a.offset_cm.take(a_ix) - b.end_cm.take(b_ix), 0)
    way = 2 * np.repeat(a_at - 1, count) + (ahead < 0)
    may = pace.may.ravel().take(way) | (ahead == 0)
    cs = pace.cs(np.abs(ahead), pace.factor_pm.ravel().take(way))
    cs += np.repeat(pace.cs(a.leg_cm[mine]), count)
    cs += pace.cs(b.leg_cm).take(b_ix)
    return SameEdge(a_ix[may], b_ix[may], cs[may])


def walked_line(trips: Trips, found: Reach, node: int) -> tuple[Floats, list[int], int]:
    """The route from trip ``node`` to the target of a search towards it: xy (n,2) from the node
    on, the edges, and the trip node of the target's seed.

    ``found`` must come from ``ways``. Raises ValueError: node not reached.
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
