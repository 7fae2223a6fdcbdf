"""Compiled searches on integer arrays. They know no project type.

Everything is whole centimetres and whole centiseconds, so sums do not depend on order and the
results do not depend on threads. All kernels release the GIL. Their slow plain twins stand in
``tests/oracle.py``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

INF_CS = np.int32(2**31 - 1)  # beyond the cutoff

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def search(
    arc_ptr: Int64s,
    arc_node: Int32s,
    arc_cs: Int32s,
    seed_node: Int32s,
    seed_cs: Int32s,
    seed_id: Int32s,
    cutoff_cs: int,
) -> tuple[Int32s, Int32s, Int32s]:
    """Bounded multi-source search by a bucket queue (Dial 1969), one bucket per centisecond.

    arc_ptr (N+1,), arc_node and arc_cs (A,): arcs of each node, INF_CS = barred.
    seed_node, seed_cs, seed_id (S,): where the search starts, with what time and whose it is.
    Returns cs (N,), id (N,), arc (N,): least time, the lowest seed id among those that reach the
    node in that time, and the arc last walked (-1 at a seed); INF_CS and -1 beyond the cutoff.
    """
    size = len(seed_node) + len(arc_node)  # enough where every arc takes some time
    whole = False
    while not whole:
        cs, who, via, whole = _search(
            arc_ptr, arc_node, arc_cs, seed_node, seed_cs, seed_id, cutoff_cs, size
        )
        size = 2 * size + 64
    return cs, who, via


@njit(cache=True, nogil=True)
def _search(
    arc_ptr: Int64s,
    arc_node: Int32s,
    arc_cs: Int32s,
    seed_node: Int32s,
    seed_cs: Int32s,
    seed_id: Int32s,
    cutoff_cs: int,
    size: int,
) -> tuple[Int32s, Int32s, Int32s, bool]:
    """``search`` with room for ``size`` queue entries; False when they did not do.

    The queue must not grow in the loop: an array that is bound anew there costs two atomic
    reference counts per bucket and arc, ten times the search itself on a small network.
    """
    nodes = len(arc_ptr) - 1
    cs = np.full(nodes, INF_CS, np.int32)
    who = np.full(nodes, -1, np.int32)
    via = np.full(nodes, -1, np.int32)
    head = np.full(cutoff_cs + 1, -1, np.int32)  # newest entry of each bucket
    entry_node = np.empty(size, np.int32)
    entry_next = np.empty(size, np.int32)
    used = 0
    for s in range(len(seed_node)):
        node, time = seed_node[s], seed_cs[s]
        if time > cutoff_cs:
            continue
        if time < cs[node] or (time == cs[node] and seed_id[s] < who[node]):
            cs[node], who[node], via[node] = time, seed_id[s], -1
            entry_node[used], entry_next[used] = node, head[time]
            head[time] = used
            used += 1
    for now in range(cutoff_cs + 1):
        while head[now] != -1:
            entry = head[now]
            head[now] = entry_next[entry]
            node = entry_node[entry]
            if cs[node] != now:
                continue
            for arc in range(arc_ptr[node], arc_ptr[node + 1]):
                step = arc_cs[arc]
                if step > cutoff_cs - now:  # also INF_CS: no overflow
                    continue
                time, other = now + step, arc_node[arc]
                tie = time == cs[other] and who[node] < who[other]
                if time < cs[other] or tie:
                    cs[other], who[other], via[other] = time, who[node], arc
                    if tie and time > now:
                        continue  # still waits in its bucket
                    if used == size:
                        return cs, who, via, False
                    entry_node[used], entry_next[used] = other, head[time]
                    head[time] = used
                    used += 1
    return cs, who, via, True


@njit(cache=True, nogil=True)
def _grown(array: Int32s, size: int) -> Int32s:
    """A copy of ``array`` with room for ``size`` entries."""
    bigger = np.empty(size, np.int32)
    bigger[: len(array)] = array
    return bigger


@njit(cache=True, nogil=True)
def gather(
    cs: Int32s,
    arc_ptr: Int64s,
    arc_edge: Int32s,
    edge_ptr: Int64s,
    link_owner: Int32s,
    link_node: Int32s,
    link_cs: Int32s,
    cutoff_cs: int,
    best: Int32s,
) -> Int32s:
    """Owners whose links touch a reached node, with their least time left in ``best``.

    cs (N,) times of one search; edge_ptr (E+1,): links of each edge; link_owner (P,),
    link_node (P,2), link_cs (P,2): owner, both ends of the edge and the time from there to the
    point (INF_CS = barred). best (owners,) must come in as INF_CS and holds the times on return.
    Returns the owners found, each once, in no order.
    """
    found = np.empty(64, np.int32)
    used = 0
    for node in range(len(cs)):
        if cs[node] > cutoff_cs:
            continue
        for arc in range(arc_ptr[node], arc_ptr[node + 1]):
            edge = arc_edge[arc]
            for link in range(edge_ptr[edge], edge_ptr[edge + 1]):
                for end in range(2):
                    step = link_cs[link, end]
                    if link_node[link, end] != node or step > cutoff_cs - cs[node]:
                        continue
                    owner = link_owner[link]
                    if best[owner] == INF_CS:
                        if used == len(found):
                            found = _grown(found, 2 * used)
                        found[used] = owner
                        used += 1
                    best[owner] = min(best[owner], cs[node] + step)
    return found[:used]


@njit(cache=True, nogil=True)
def label_components(edge_u: Int32s, edge_v: Int32s, nodes: int) -> Int32s:
    """Representative node of each node's component (N,), by union-find with path halving."""
    parent = np.arange(nodes).astype(np.int32)
    for edge in range(len(edge_u)):
        a, b = edge_u[edge], edge_v[edge]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    for node in range(nodes):
        root = node
        while parent[root] != root:
            root = parent[root]
        parent[node] = root
    return parent
