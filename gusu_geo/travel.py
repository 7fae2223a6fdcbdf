"""Where metres become time, and only here: impedance, bounded searches, ways walked.

One formula, in integers, the same here, in the kernels and on the page:

    centiseconds = round_half_up(length_cm * factor_pm / speed_mmps)

with factor_pm = 1000 on a street (steps: 1000 x steps_factor) and speed in whole mm/s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import INF_CS, search
from gusu_geo.network import WalkNetwork
from gusu_geo.params import Walk
from gusu_geo.snapping import Linkage
from gusu_geo.tables import Bools, Floats, Int32s, WayFlag

STREET_PM = 1000  # factor of a plain street, per mille
CS_PER_S = 100


@dataclass(frozen=True)
class Impedance:
    """What a walk along each edge costs, in both directions.

    speed_mmps: whole mm/s; factor_pm (E,): times longer than a plain street, per mille;
    forward, backward (E,): whether one may walk from u to v, from v to u.
    """

    speed_mmps: int
    factor_pm: Int32s
    forward: Bools
    backward: Bools

    @classmethod
    def of(cls, net: WalkNetwork, walk: Walk) -> Impedance:
        """The impedance of ``net`` for people who walk as ``walk`` says."""
        steps = net.flagged(WayFlag.STEPS)
        usable = np.ones(net.edges, bool)
        if walk.private == "closed":
            usable &= ~net.flagged(WayFlag.PRIVATE)
        return cls(
            speed_mmps=round(walk.speed() * 1000),
            factor_pm=np.where(steps, round(STREET_PM * walk.on_steps()), STREET_PM).astype(
                np.int32
            ),
            forward=usable & ~net.flagged(WayFlag.BACKWARD_ONLY),
            backward=usable & ~net.flagged(WayFlag.FORWARD_ONLY),
        )

    def reversed(self) -> Impedance:
        """The same streets walked the other way: a search from here is a search towards."""
        return replace(self, forward=self.backward, backward=self.forward)

    def cs(
        self, length_cm: npt.ArrayLike, factor_pm: npt.ArrayLike = STREET_PM
    ) -> npt.NDArray[np.int64]:
        """Centiseconds for ``length_cm`` at ``factor_pm``, rounded half up."""
        product = np.asarray(length_cm, np.int64) * np.asarray(factor_pm, np.int64)
        return np.asarray((2 * product + self.speed_mmps) // (2 * self.speed_mmps))

    @property
    def closed(self) -> Bools:
        """(E,) true where nobody walks in either direction."""
        return ~(self.forward | self.backward)


class Ends(NamedTuple):
    """From a linked point along its edge to both ends, off-street leg included.

    node (P,2): u and v; cs (P,2): INF_CS where barred or not linked.
    """

    node: Int32s
    cs: Int32s


class Reach(NamedTuple):
    """One search: cs (N,) INF_CS beyond the cutoff, seed id (N,) -1, last arc (N,) -1."""

    cs: Int32s
    seed: Int32s
    arc: Int32s


def cutoff_to_cs(cutoff_s: float) -> int:
    """Whole centiseconds; a cutoff or threshold of 900 s is 90,000, inclusive."""
    return round(cutoff_s * CS_PER_S)


def arc_costs(net: WalkNetwork, walk: Impedance) -> Int32s:
    """(A,) centiseconds of each arc, INF_CS where it may not be walked."""
    cs = walk.cs(net.length_cm, walk.factor_pm)[net.arc_edge]
    may = np.where(net.arc_rev, walk.backward[net.arc_edge], walk.forward[net.arc_edge])
    return np.where(may, cs, INF_CS).astype(np.int32)


def away(net: WalkNetwork, walk: Impedance, links: Linkage) -> Ends:
    """Time from each linked point to the ends of its edge (walking away from the point)."""
    ok = links.edge_ix >= 0
    edge = np.where(ok, links.edge_ix, 0)
    factor = walk.factor_pm[edge]
    leg = walk.cs(links.leg_cm)
    to_u = walk.cs(links.offset_cm, factor) + leg
    ahead_cm = net.length_cm[edge] - links.offset_cm
    to_v = walk.cs(ahead_cm, factor) + leg
    # A point at the very end of a one-way street stands at the node, whichever way it runs.
    may_u = ok & (walk.backward[edge] | (links.offset_cm == 0))
    may_v = ok & (walk.forward[edge] | (ahead_cm == 0))
    cs = np.column_stack(
        [
            np.where(may_u, to_u, INF_CS),
            np.where(may_v, to_v, INF_CS),
        ]
    )
    node = np.column_stack([net.edge_u[edge], net.edge_v[edge]])
    return Ends(node.astype(np.int32), cs.astype(np.int32))


def reach(
    net: WalkNetwork,
    walk: Impedance,
    starts: Ends,
    seed_id: npt.NDArray[np.int32],
    *,
    cutoff_s: float,
    costs: Int32s | None = None,
) -> Reach:
    """Least time from any start to every node within the cutoff, and whose start it was.

    starts: (P,) points; seed_id (P,): of equal times the lowest id wins. To search *towards* the
    starts, pass ``walk.reversed()`` here and to ``away``. costs: ``arc_costs(net, walk)``, for
    callers that search more than once.
    """
    seeds = np.repeat(seed_id.astype(np.int32), 2)
    cs, seed, arc = search(
        net.arc_ptr,
        net.arc_node,
        arc_costs(net, walk) if costs is None else costs,
        starts.node.ravel(),
        starts.cs.ravel(),
        seeds,
        cutoff_to_cs(cutoff_s),
    )
    return Reach(cs, seed, arc)


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


def same_edge(walk: Impedance, a: Linkage, b: Linkage) -> Pairs:
    """Every pair of points that stand on one edge, walked straight along it, legs included."""
    order = np.argsort(b.edge_ix, kind="stable")
    edges = b.edge_ix[order]
    linked = np.flatnonzero(a.edge_ix >= 0)
    lo = np.searchsorted(edges, a.edge_ix[linked], "left")
    hi = np.searchsorted(edges, a.edge_ix[linked], "right")
    count = hi - lo
    a_ix = np.repeat(linked, count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    b_ix = order[np.repeat(lo, count) + within]
    edge = a.edge_ix[a_ix]
    ahead = b.offset_cm[b_ix].astype(np.int64) - a.offset_cm[a_ix]
    may = np.where(ahead > 0, walk.forward[edge], np.where(ahead < 0, walk.backward[edge], True))
    cs = walk.cs(np.abs(ahead), walk.factor_pm[edge])
    cs = cs + walk.cs(a.leg_cm[a_ix]) + walk.cs(b.leg_cm[b_ix])
    return Pairs(a_ix[may], b_ix[may], cs[may])


def walked_line(net: WalkNetwork, found: Reach, node: int) -> tuple[Floats, list[int], int]:
    """The way of a search back from ``node`` to its seed: xy (n,2) from the node on, the edges,
    and the node at which the seed stands.

    For a search towards venues this is the way to walk. Raises ValueError when not reached.
    """
    if found.cs[node] == INF_CS:
        raise ValueError(f"node {node} was not reached")
    pieces: list[Floats] = [net.node_xy[node : node + 1]]
    edges: list[int] = []
    while found.arc[node] >= 0:
        arc = found.arc[node]
        edge = int(net.arc_edge[arc])
        line = net.vertex_xy[net.vertex_ptr[edge] : net.vertex_ptr[edge + 1]]
        came_from_u = not net.arc_rev[arc]
        pieces.append(line[::-1] if came_from_u else line)
        edges.append(edge)
        node = int(net.edge_u[edge] if came_from_u else net.edge_v[edge])
    return np.concatenate(pieces), edges, node
