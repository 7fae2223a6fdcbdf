"""Times of one search along the streets between the nodes: stretches, pieces, lines.

A stretch is the part of an edge between two places with known times; a piece is its reached part.
Plain twins: ``tests/support/field_twin.py``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import INF_CS
from gusu_geo._kernels.compiling import njit

Floats = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Ways(NamedTuple):
    """Edges as a search uses them: net_node (T,): network node of each trip node; arc_ptr (N+1,),
    arc_edge: edges of each node; ends (E,2,2): trip nodes at u and at v, two copies for private
    ground (else the same twice); wait_cs (E,2): at u and v; length_cm (E,); ahead, back (E,):
    centiseconds per centimetre away from u and from v, inf where closed; off_cs: centiseconds per
    metre off the streets."""

    net_node: Int32s
    arc_ptr: Int64s
    arc_edge: Int32s
    ends: Int32s
    wait_cs: Int32s
    length_cm: Int32s
    ahead: Floats
    back: Floats
    off_cs: float


class Sources(NamedTuple):
    """Starts of the search, sorted by edge, then place: edge (S,), at_cm (S,), cs (S,)."""

    edge: Int64s
    at_cm: Int64s
    cs: Int64s


class Stretches(NamedTuple):
    """first (E,): first stretch of each edge, -1 none; edge (n,): the stretches of one edge are
    consecutive; value (n,6): columns FROM_CM to BACK, in one row for the cache; off_cs:
    centiseconds per metre off the streets."""

    first: Int32s
    edge: Int32s
    value: Floats
    off_cs: float


# Columns of ``Stretches.value``: places and times of both ends, time inf where no walk starts from
# that end; and centiseconds per centimetre away from them, 0 where no walk starts.
FROM_CM, TO_CM, FROM_CS, TO_CS, AHEAD, BACK = 0, 1, 2, 3, 4, 5


class Pieces(NamedTuple):
    """Reached parts of edges: edge, from_cm, to_cm, and the times there."""

    edge: Int32s
    from_cm: Floats
    to_cm: Floats
    from_cs: Floats
    to_cs: Floats


@njit(cache=True, nogil=True)
def stretches(cs: Int32s, ways: Ways, sources: Sources, cutoff_cs: int) -> Stretches:
    """All stretches that a search with times ``cs`` (T,) reaches within the cutoff."""
    first = np.full(len(ways.length_cm), -1, np.int32)
    near, count = _edges_near(cs, ways, sources, cutoff_cs, first)
    edge, value = np.empty(count, np.int32), np.empty((count, 6))
    at, time = np.empty(len(sources.edge) + 2), np.empty(len(sources.edge) + 2)
    used = 0
    for e in near:
        ahead, back = ways.ahead[e], ways.back[e]
        at[0], time[0] = 0.0, _end(cs, ways, e, 0)
        places = 1
        for k in range(np.searchsorted(sources.edge, e), len(sources.edge)):
            if sources.edge[k] != e:
                break
            at[places], time[places] = sources.at_cm[k], sources.cs[k]
            places += 1
        at[places], time[places] = ways.length_cm[e], _end(cs, ways, e, 1)
        for k in range(1, places):
            if time[k - 1] < np.inf and ahead < np.inf:
                time[k] = min(time[k], time[k - 1] + (at[k] - at[k - 1]) * ahead)
        for k in range(places - 1, 0, -1):
            if time[k + 1] < np.inf and back < np.inf:
                time[k] = min(time[k], time[k + 1] + (at[k + 1] - at[k]) * back)
        first[e] = used
        for k in range(places):
            edge[used] = e
            value[used, FROM_CM], value[used, TO_CM] = at[k], at[k + 1]
            value[used, FROM_CS], value[used, AHEAD] = time[k], ahead
            value[used, TO_CS], value[used, BACK] = time[k + 1], back
            if time[k] == np.inf or ahead == np.inf:
                value[used, FROM_CS], value[used, AHEAD] = np.inf, 0.0
            if time[k + 1] == np.inf or back == np.inf:
                value[used, TO_CS], value[used, BACK] = np.inf, 0.0
            used += 1
    return Stretches(first, edge, value, ways.off_cs)


@njit(cache=True, nogil=True)
def _edges_near(
    cs: Int32s, ways: Ways, sources: Sources, cutoff_cs: int, mark: Int32s
) -> tuple[Int32s, int]:
    """Edges entered from reached nodes or from sources, and the number of their stretches; ``mark``
    (E,) must be -1 at the start."""
    near = np.empty(len(ways.length_cm), np.int32)
    used, stretch_count = 0, len(sources.edge)
    for e in sources.edge:
        if mark[e] == -1:
            mark[e], near[used] = -2, e
            used += 1
    for trip_node in range(len(cs)):
        if cs[trip_node] > cutoff_cs:
            continue
        node = ways.net_node[trip_node]
        for arc in range(ways.arc_ptr[node], ways.arc_ptr[node + 1]):
            e = ways.arc_edge[arc]
            if mark[e] != -1:
                continue
            onto_u = _end(cs, ways, e, 0) <= cutoff_cs and ways.ahead[e] < np.inf
            if onto_u or (_end(cs, ways, e, 1) <= cutoff_cs and ways.back[e] < np.inf):
                mark[e], near[used] = -2, e
                used += 1
    return near[:used], used + stretch_count


@njit(cache=True, nogil=True)
def _end(cs: Int32s, ways: Ways, e: int, side: int) -> float:
    """Time at which the edge is entered at its end, wait included; inf if it is not."""
    least = min(cs[ways.ends[e, side, 0]], cs[ways.ends[e, side, 1]])
    wait = ways.wait_cs[e, side]
    return np.inf if least == INF_CS or wait == INF_CS else float(least) + float(wait)


@njit(cache=True, nogil=True)
def time_at(s: Stretches, e: int, cm: float) -> float:
    """Least time at a place along an edge, or just beyond its end by rounding; inf if unknown."""
    return time_on(s.first[e], s.edge, s.value, cm)


@njit(cache=True, nogil=True)
def time_on(k: int, edge: Int32s, value: Floats, cm: float) -> float:
    """As ``time_at``, for the edge with the first stretch ``k``, -1 for none."""
    best = np.inf
    if k < 0:
        return best
    e, last = edge[k], False
    while not last:
        low, high = cm - value[k, FROM_CM], value[k, TO_CM] - cm
        last = k + 1 == len(edge) or edge[k + 1] != e
        if low >= -0.01 and (high >= -0.01 or last):
            best = min(best, value[k, FROM_CS] + max(low, 0.0) * value[k, AHEAD])
            best = min(best, value[k, TO_CS] + max(high, 0.0) * value[k, BACK])
        k += 1
    return best


@njit(cache=True, nogil=True)
def pieces(s: Stretches, cutoff_cs: float) -> Pieces:
    """The reached parts of each stretch, from both ends, within the cutoff.

    A piece of length 0 stands for a start reached at exactly the cutoff.
    """
    most = 2 * len(s.edge)
    edge, out = np.empty(most, np.int32), np.empty((4, most))
    used = 0
    for k in range(len(s.edge)):
        from_cm, to_cm, from_cs, to_cs, ahead, back = s.value[k]
        length = to_cm - from_cm
        fore = min((cutoff_cs - from_cs) / ahead, length) if from_cs <= cutoff_cs else -1.0
        aft = min((cutoff_cs - to_cs) / back, length) if to_cs <= cutoff_cs else -1.0
        if length > 0.0 and max(fore, 0.0) + max(aft, 0.0) >= length:
            edge[used], out[0, used], out[1, used] = s.edge[k], from_cm, to_cm
            out[2, used] = time_at(s, s.edge[k], from_cm)
            out[3, used] = time_at(s, s.edge[k], to_cm)
            used += 1
            continue
        start = k > s.first[s.edge[k]] and from_cs == cutoff_cs
        more = k + 1 < len(s.edge) and s.edge[k + 1] == s.edge[k]
        back_only = more and to_cs == cutoff_cs and s.value[k + 1, FROM_CS] == np.inf
        if fore > 0.0 or (fore == 0.0 and start):
            edge[used], out[0, used], out[1, used] = s.edge[k], from_cm, from_cm + fore
            out[2, used], out[3, used] = from_cs, from_cs + fore * ahead
            if fore == 0.0:  # another start may be at the same place
                out[2, used] = out[3, used] = time_at(s, s.edge[k], from_cm)
            used += 1
        if aft > 0.0 or (aft == 0.0 and back_only):
            edge[used], out[0, used], out[1, used] = s.edge[k], to_cm - aft, to_cm
            out[2, used], out[3, used] = to_cs + aft * back, to_cs
            if aft == 0.0:
                out[2, used] = out[3, used] = time_at(s, s.edge[k], to_cm)
            used += 1
    return Pieces(edge[:used], out[0, :used], out[1, :used], out[2, :used], out[3, :used])


@njit(cache=True, nogil=True)
def lines(
    p: Pieces, length_cm: Int32s, vertex_ptr: Int64s, vertex_xy: Floats, vertex_m: Floats
) -> tuple[Int64s, Floats]:
    """The pieces as drawn: ptr (n+1,), xy (V,2); a piece of length 0 is one point twice.

    vertex_m: metres drawn from the start of its edge to each vertex.
    """
    ptr = np.zeros(len(p.edge) + 1, np.int64)
    size = 0
    for k in range(len(p.edge)):
        size += vertex_ptr[p.edge[k] + 1] - vertex_ptr[p.edge[k]] + 2
    xy = np.empty((size, 2))
    used = 0
    for k in range(len(p.edge)):
        e = p.edge[k]
        a, b = vertex_ptr[e], vertex_ptr[e + 1] - 1
        per_cm = vertex_m[b] / length_cm[e] if length_cm[e] > 0 else 0.0
        start, stop = p.from_cm[k] * per_cm, p.to_cm[k] * per_cm
        v = a
        while v < b - 1 and vertex_m[v + 1] <= start:
            v += 1
        used = _point(xy, used, vertex_xy, vertex_m, v, start)
        while v + 1 < b and vertex_m[v + 1] < stop:
            v += 1
            xy[used] = vertex_xy[v]
            used += 1
        used = _point(xy, used, vertex_xy, vertex_m, v, stop)
        ptr[k + 1] = used
    return ptr, xy[:used]


@njit(cache=True, nogil=True)
def _point(
    xy: Floats, used: int, vertex_xy: Floats, vertex_m: Floats, v: int, metres: float
) -> int:
    """Write the point ``metres`` along its edge, on the straight piece from vertex ``v``."""
    span = vertex_m[v + 1] - vertex_m[v]
    share = min(max((metres - vertex_m[v]) / span, 0.0), 1.0) if span > 0.0 else 0.0
    for axis in range(2):
        if share == 1.0:
            xy[used, axis] = vertex_xy[v + 1, axis]
        else:
            step = vertex_xy[v + 1, axis] - vertex_xy[v, axis]
            xy[used, axis] = vertex_xy[v, axis] + share * step
    return used + 1
