"""Slow plain twins of the search kernels, and small random graphs full of ties to try both on.

Zero arcs, parallel arcs, loops and barred arcs all occur.

    pack                    plain_packed
    flood, search, unpack   plain_nearest
    lower                   plain_nearest_of_owners
    reach_block             plain_reach
    by_node                 plain_by_node
    owner_block             plain_owners
    label_components        plain_components
    quickest                plain_quickest
"""

from __future__ import annotations

import heapq
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from gusu_geo._kernels import INF_CS, Packed, Seeds

INF = int(INF_CS)
WEIGHTS = [0, 0, 1, 2, 3, 5, 8, 600, 1100, INF]  # within one bucket of the queue and beyond
LATE = [0, 1, 2, 7, 511, 512, INF]  # times at seeds
CUTOFFS = st.one_of(st.integers(0, 14), st.integers(15, 4000))

Graph = tuple[np.ndarray, np.ndarray, np.ndarray]


@st.composite
def graphs(draw: st.DrawFn, *, most: int = 8) -> Graph:
    """CSR arcs of a small directed graph: arc_ptr, arc_node, arc_cs."""
    nodes = draw(st.integers(1, most))
    ends = st.integers(0, nodes - 1)
    arcs = draw(st.lists(st.tuples(ends, ends, st.sampled_from(WEIGHTS)), max_size=3 * most))
    if draw(st.booleans()):  # as streets mostly are
        arcs += [(b, a, w) for a, b, w in arcs]
    arcs.sort()
    tails = np.array([a for a, _, _ in arcs], np.int64)
    ptr = np.searchsorted(tails, np.arange(nodes + 1)).astype(np.int64)
    heads = np.array([b for _, b, _ in arcs], np.int32)
    return ptr, heads, np.array([w for _, _, w in arcs], np.int32)


@st.composite
def seeded(draw: st.DrawFn, nodes: int, *, most: int = 6) -> Seeds:
    """Seeds on a graph of so many nodes, in any order and several at a node."""
    seed = st.tuples(st.integers(0, nodes - 1), st.sampled_from(LATE), st.integers(0, 4))
    rows = np.array(draw(st.lists(seed, max_size=most)), np.int32).reshape(-1, 3)
    return Seeds(*rows.T.copy())


def plain_nearest(graph: Graph, seeds: Seeds, cutoff: int) -> list[tuple[int, int]]:
    """(time, id) of each node: Dijkstra on the pairs in lexicographic order."""
    ptr, heads, cs = graph
    best = [(INF, -1)] * (len(ptr) - 1)
    heap = [(int(t), int(i), int(n)) for n, t, i in zip(*seeds, strict=True)]
    heapq.heapify(heap)
    done = set()
    while heap:
        time, who, at = heapq.heappop(heap)
        if at in done or time > cutoff:
            continue
        done.add(at)
        best[at] = (time, who)
        for arc in range(ptr[at], ptr[at + 1]):
            if cs[arc] != INF:
                heapq.heappush(heap, (time + int(cs[arc]), who, int(heads[arc])))
    return best


def plain_reach(graph: Graph, node: np.ndarray, cs: np.ndarray, cutoff: int) -> dict[int, int]:
    """Time of each node reached from seeds of one source."""
    found = plain_nearest(graph, Seeds(node, cs, np.zeros(len(node), np.int32)), cutoff)
    return {n: time for n, (time, _) in enumerate(found) if time != INF}


def plain_nearest_of_owners(
    found: list[tuple[int, int]],
    places: list[tuple[int, int, int]],
    straight: list[tuple[int, int, int]],
    owners: int,
    cutoff: int,
) -> list[tuple[int, int]]:
    """(time, id) of each owner, from what a search found at nodes, places (node, owner, cs) and
    ways without the network (owner, cs, id)."""
    offers = list(straight)
    for node, owner, step in places:
        time, who = found[node]
        if INF not in (time, step):
            offers.append((owner, time + step, who))
    near = [
        [(cs, who) for o, cs, who in offers if o == own and cs <= cutoff] for own in range(owners)
    ]
    return [min(one, default=(INF, -1)) for one in near]


def plain_quickest(ways: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Of the ways (place, cs, owner) of one owner to one place the quickest, by the first of each."""
    best: dict[tuple[int, int], int] = {}
    for place, cs, owner in ways:
        if cs != INF:
            best[place, owner] = min(cs, best.get((place, owner), INF))
    return [(place, cs, owner) for (place, owner), cs in best.items()]


def plain_by_node(nodes: int, places: list[tuple[int, int, int]]) -> list[list[tuple[int, int]]]:
    """(owner, cs) of the places (node, owner, cs) at each node, as they came."""
    return [
        [(who, cs) for at, who, cs in places if at == node and cs != INF] for node in range(nodes)
    ]


def plain_owners(
    at: dict[int, int],
    places: list[tuple[int, int, int]],
    straight: list[tuple[int, int]],
    cutoff: int,
) -> dict[int, int]:
    """Time of each owner found by one source that reaches nodes ``at`` times, from places (node,
    owner, cs) and ways without the network (owner, cs)."""
    found = [(who, cs) for who, cs in straight if cs <= cutoff]
    for node, who, cs in places:
        if node in at and cs != INF and at[node] + cs <= cutoff:
            found.append((who, at[node] + cs))
    return {who: min(cs for x, cs in found if x == who) for who, _ in found}


def plain_components(nodes: int, pairs: list[tuple[int, int]]) -> list[int]:
    """Least node of each node's component."""
    groups = [{n} for n in range(nodes)]
    for a, b in pairs:
        merged = groups[a] | groups[b]
        for n in merged:
            groups[n] = merged
    return [min(group) for group in groups]


def plain_packed(graph: Graph) -> list[list[tuple[int, int, int, bool]]]:
    """What a search may walk from each node: (arc, cost, head, whether the head leads nowhere but
    back)."""
    ptr, heads, cs = graph
    ways = [
        [(arc, int(cs[arc]), int(heads[arc])) for arc in range(a, b)]
        for a, b in pairwise(ptr.tolist())
    ]
    open_ = [
        [(arc, w, h) for arc, w, h in out if w != INF and h != n] for n, out in enumerate(ways)
    ]
    return [
        [(arc, w, h, all(on == n for _, _, on in open_[h])) for arc, w, h in out]
        for n, out in enumerate(open_)
    ]


def packed(graph: Graph) -> Packed:
    """The graph as the kernels want it."""
    return Packed.of(*graph)
