"""The trip graph that is searched: private ways serve only the start and the end of a trip."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import INF_CS, Packed
from gusu_geo.errors import InputError
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import Bools, Int32s, Ints
from gusu_geo.walking.impedance import Impedance
from gusu_geo.words import text


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
        """The same arcs reversed, for a search towards its seeds."""
        return _sorted_arcs(nodes, self.head, self.tail, self.cs, self.edge, ~self.rev)


@dataclass(frozen=True, eq=False)
class Trips:
    """The search graph of a network for one walking profile.

    Private ways exist twice. Residents walk out to the public streets on the leaving copy,
    visitors walk in to their goal on the arriving copy. No arc leads from the streets into the
    first or out of the second, so no trip passes through.

    net_node (T,): network node of each trip node, the first N in order; leaving, arriving (N,):
    trip node for trips that start or end on a private way there.
    """

    net: WalkNetwork
    pace: Impedance
    net_node: Int32s
    leaving: Int32s
    arriving: Int32s
    out: Arcs

    @classmethod
    def of(cls, net: WalkNetwork, walk: Walk | None = None) -> Trips:
        """Trips on ``net`` for the walking profile ``walk``. Raises InputError: no network."""
        if not isinstance(net, WalkNetwork):  # a path or a graph, from a caller without types
            raise InputError(text("error.network_wanted"), got=type(net).__name__)
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
        """Number of trip nodes, T."""
        return len(self.net_node)

    @cached_property
    def back(self) -> Arcs:
        """The arcs reversed, for searches towards the seeds."""
        arcs = self.out.turned(self.nodes)
        for array in arcs:
            array.setflags(write=False)
        return arcs

    def packed(self, *, towards: bool) -> Packed:
        """The arcs in the form of the kernels, made once; ``towards``: reversed."""
        return self._packed_back if towards else self._packed_out

    @cached_property
    def _packed_out(self) -> Packed:
        return Packed.of(self.out.ptr, self.out.head, self.out.cs)

    @cached_property
    def _packed_back(self) -> Packed:
        return Packed.of(self.back.ptr, self.back.head, self.back.cs)


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
