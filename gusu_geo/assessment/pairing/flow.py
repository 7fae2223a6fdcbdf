"""Flows through bodies and communities: whether pairs within bounds exist, and the best of them.

Plain arrays, whole numbers. Both are exact; the same arrays give the same pairs.
"""

from __future__ import annotations

import numpy as np

from gusu_geo.tables import Bools, Ints

FAR = np.int64(2**60)  # no way; two of them still fit into 64 bits


def placed(allowed: Bools, bodies: Ints, zones: Ints) -> int:
    """The most pairs among the allowed (B,C) with at most so many of each body (B,) and of each
    community (C,): a maximum flow (Dinic 1970)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import maximum_flow

    height, width = allowed.shape
    source, sink = height + width, height + width + 1
    body, zone = np.nonzero(allowed)
    rows = np.concatenate((np.full(height, source), body, height + np.arange(width)))
    columns = np.concatenate((np.arange(height), height + zone, np.full(width, sink)))
    most = np.concatenate((bodies, np.ones(len(body), np.int64), zones)).astype(np.int32)
    graph = coo_array((most, (rows, columns)), shape=(sink + 1, sink + 1)).tocsr()
    return int(maximum_flow(graph, source, sink).flow_value)


def exists(allowed: Bools, bodies: tuple[Ints, Ints], zones: tuple[Ints, Ints]) -> bool:
    """Whether pairs exist within the bounds (low, high) of bodies and communities.

    They do if every body can have its least number while no community has more than its most, and
    every community its least while no body has more than its most: both can then be had at once
    (the symmetric supply-demand theorem, Ford & Fulkerson, Flows in Networks, 1962, II.2).
    """
    bodies_placed = placed(allowed, bodies[0], zones[1]) == int(bodies[0].sum())
    return bodies_placed and placed(allowed, bodies[1], zones[0]) == int(zones[0].sum())


def best_pairs(
    worth: Ints, allowed: Bools, bodies: tuple[Ints, Ints], zones: tuple[Ints, Ints]
) -> Bools | None:
    """(B,C) the pairs within the bounds (low, high) that are worth most together; None: there are
    none within them.

    Successive shortest paths (Jewell 1958; Busacker & Gowen 1960): every round adds the pair, or
    the chain of exchanges, that gains most; what a lower bound still asks for counts as a gain
    beyond all others. Paths by Bellman and Ford, a round of the whole matrix at a time.
    """
    height, width = worth.shape
    chosen = np.zeros((height, width), bool)
    there = np.where(allowed, -worth, FAR)  # cost of adding a pair; FAR: it cannot be added
    due = np.int64((int(np.abs(worth).max(initial=0)) + 1) * (2 * min(height, width) + 2))
    own, theirs = np.zeros(height, np.int64), np.zeros(width, np.int64)
    while True:
        start = np.where(own < bodies[0], -due, np.where(own < bodies[1], 0, FAR))
        end = np.where(theirs < zones[0], -due, np.where(theirs < zones[1], 0, FAR))
        path = _cheapest(worth, there, chosen, start, end)
        if path is None:
            break
        for body, zone in path:
            chosen[body, zone] ^= True
            there[body, zone] = FAR if chosen[body, zone] else -worth[body, zone]
        theirs[path[0][1]] += 1  # within a chain nobody's number changes
        own[path[-1][0]] += 1
    short = (own < bodies[0]).any() or (theirs < zones[0]).any()
    return None if short else chosen


def _cheapest(
    worth: Ints, there: Ints, chosen: Bools, start: Ints, end: Ints
) -> list[tuple[int, int]] | None:
    """The pairs of the chain of exchanges that gains most, from a community that may have one more
    back to a body that may; None where none gains. start (B,), end (C,): costs of both ends."""
    held_by, held = divmod(np.flatnonzero(chosen), len(end))  # body, community of each pair
    back_cost = worth[held_by, held]
    cost_b, cost_z = start.copy(), np.full(len(end), FAR)
    from_b, from_z = np.full(len(end), -1), np.full(len(start), -1)
    rows = np.flatnonzero(cost_b < FAR // 2)
    every = np.arange(len(end))
    while len(rows):
        through = cost_b[rows, None] + there[rows]
        pick = through.argmin(axis=0)
        found = through[pick, every]
        better = (found < cost_z) & (found < FAR // 2)
        cost_z[better], from_b[better] = found[better], rows[pick[better]]
        back = cost_z[held] + back_cost
        shorter = np.flatnonzero(better[held] & (back < cost_b[held_by]))
        improved = set[int]()
        for at in shorter.tolist():  # a body of several communities: the cheapest
            body = int(held_by[at])
            if back[at] < cost_b[body]:
                cost_b[body], from_z[body] = back[at], held[at]
                improved.add(body)
        rows = np.array(sorted(improved), np.int64)
    whole = cost_z + end
    last = int(whole.argmin())
    if whole[last] >= 0:
        return None
    path, zone = [], last
    while zone >= 0:
        body = int(from_b[zone])
        path.append((body, zone))
        zone = int(from_z[body])
        if zone >= 0:
            path.append((body, zone))
    return path
