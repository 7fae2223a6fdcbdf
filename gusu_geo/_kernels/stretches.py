"""Times of one search along the streets between the nodes: stretches, pieces, lines.

A stretch is the part of an edge between two places with known times; a piece is its reached part.
Plain twins: ``tests/support/field_twin.py``.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import INF_CS
from gusu_geo._kernels.compiling import inner, njit
from gusu_geo._kernels.nearest import as_floats, as_int32, as_int64
from gusu_geo._kernels.search import START

Floats = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


# Parts of ``Ways`` and ``Sources`` as plain tuples: ends, wait_cs, ahead, back; edge, at_cm, cs.
Doors = tuple[Int32s, Int32s, Floats, Floats]
Starts = tuple[Int64s, Int64s, Int64s]
# Literals have types of their own, for which a function would be compiled again.
AT_U, AT_V = cast(int, np.int64(0)), cast(int, np.int64(1))


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


def stretches(cs: Int32s, ways: Ways, sources: Sources, cutoff_cs: int) -> Stretches:
    """All stretches that a search with times ``cs`` (T,) reaches within the cutoff."""
    edges, starts = len(ways.length_cm), len(sources.edge)
    first, near = np.full(edges, -1, np.int32), np.empty(edges, np.int32)
    doors = ways.ends, ways.wait_cs, ways.ahead, ways.back
    roads = as_int32(ways.net_node), as_int64(ways.arc_ptr), as_int32(ways.arc_edge)
    count = _edges_near(cs, roads, doors, sources.edge, int(cutoff_cs), first, near)
    edge, value = np.empty(count + starts, np.int32), np.empty((count + starts, 6))
    # The starts on each edge are those from ``begin`` on.
    begin = np.searchsorted(sources.edge, near[:count])
    _stretches(
        cs, doors, as_int32(ways.length_cm), sources[:], near[:count], begin,
        np.empty((2, starts + 2)), (first, edge, value),
    )  # fmt: skip
    return Stretches(first, edge, value, ways.off_cs)


@njit(cache=True, nogil=True)
def _stretches(
    cs: Int32s, doors: Doors, length_cm: Int32s, sources: Starts, near: Int32s, begin: Int64s,
    spare: Floats, into: tuple[Int32s, Int32s, Floats],
) -> None:  # fmt: skip
    """Fill ``into`` (first, edge, value) with the stretches of the edges ``near``; the starts on
    each are those from ``begin`` on. spare (2, S+2): places and times along one edge."""
    start_edge, at_cm, start_cs = sources
    first, edge, value = into
    at, time = spare
    used = 0
    for n in range(len(near)):
        e = near[n]
        ahead, back = doors[2][e], doors[3][e]
        at[0], time[0] = 0.0, _end(cs, doors, e, AT_U)
        places = 1
        k = begin[n]
        while k < len(start_edge) and start_edge[k] == e:
            at[places], time[places] = at_cm[k], start_cs[k]
            places += 1
            k += 1
        at[places], time[places] = length_cm[e], _end(cs, doors, e, AT_V)
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


@njit(cache=True, nogil=True)
def _edges_near(
    cs: Int32s, roads: tuple[Int32s, Int64s, Int32s], doors: Doors, starts: Int64s, cutoff_cs: int,
    mark: Int32s, near: Int32s,
) -> int:  # fmt: skip
    """Fill ``near`` (E,) with the edges entered from reached nodes or from sources; returns how
    many. mark (E,): -1 at the start, -2 for edges found."""
    net_node, arc_ptr, arc_edge = roads
    used = 0
    for k in range(len(starts)):
        if mark[starts[k]] == -1:
            mark[starts[k]], near[used] = -2, starts[k]
            used += 1
    for trip_node in range(len(cs)):
        if cs[trip_node] > cutoff_cs:
            continue
        node = net_node[trip_node]
        for arc in range(arc_ptr[node], arc_ptr[node + 1]):
            e = arc_edge[arc]
            if mark[e] != -1:
                continue
            onto_u = _end(cs, doors, e, AT_U) <= cutoff_cs and doors[2][e] < np.inf
            if onto_u or (_end(cs, doors, e, AT_V) <= cutoff_cs and doors[3][e] < np.inf):
                mark[e], near[used] = -2, e
                used += 1
    return used


@inner
def _end(cs: Int32s, doors: Doors, e: np.int32, side: int) -> float:
    """Time at which the edge is entered at its end, wait included; inf if it is not."""
    ends, wait_cs, _, _ = doors
    least = min(cs[ends[e, side, 0]], cs[ends[e, side, 1]])
    wait = wait_cs[e, side]
    return np.inf if least == INF_CS or wait == INF_CS else float(least) + float(wait)


@inner
def time_on(k: int, edge: Int32s, value: Floats, cm: float) -> float:
    """Least time at a place along the edge with the first stretch ``k`` (-1: none), or just beyond
    its end by rounding; inf if unknown."""
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


def pieces(s: Stretches, cutoff_cs: float) -> Pieces:
    """The reached parts of each stretch, from both ends, within the cutoff.

    A piece of length 0 stands for a start reached at exactly the cutoff.
    """
    edge, out = np.empty(2 * len(s.edge), np.int32), np.empty((4, 2 * len(s.edge)))
    used = _pieces(s.first, s.edge, s.value, float(cutoff_cs), edge, out)
    return Pieces(edge[:used], out[0, :used], out[1, :used], out[2, :used], out[3, :used])


@njit(cache=True, nogil=True)
def _pieces(
    first: Int32s, edge_of: Int32s, value: Floats, cutoff_cs: float, edge: Int32s, out: Floats
) -> int:
    """Fill ``edge`` and ``out`` (places and times, as in ``Pieces``); returns how many."""
    used = 0
    for k in range(len(edge_of)):
        e = edge_of[k]
        from_cm, to_cm = value[k, FROM_CM], value[k, TO_CM]
        from_cs, to_cs = value[k, FROM_CS], value[k, TO_CS]
        ahead, back = value[k, AHEAD], value[k, BACK]
        length = to_cm - from_cm
        fore = min((cutoff_cs - from_cs) / ahead, length) if from_cs <= cutoff_cs else -1.0
        aft = min((cutoff_cs - to_cs) / back, length) if to_cs <= cutoff_cs else -1.0
        # Where all is reached, or another start may be at the same place, the least time counts.
        if length > 0.0 and max(fore, 0.0) + max(aft, 0.0) >= length:
            edge[used], out[0, used], out[1, used] = e, from_cm, to_cm
            out[2, used], out[3, used] = -1.0, -1.0
            used += 1
            continue
        start = k > first[e] and from_cs == cutoff_cs
        more = k + 1 < len(edge_of) and edge_of[k + 1] == e
        back_only = more and to_cs == cutoff_cs and value[k + 1, FROM_CS] == np.inf
        if fore > 0.0 or (fore == 0.0 and start):
            edge[used], out[0, used], out[1, used] = e, from_cm, from_cm + fore
            out[2, used], out[3, used] = from_cs, from_cs + fore * ahead
            if fore == 0.0:
                out[2, used], out[3, used] = -1.0, -1.0
            used += 1
        if aft > 0.0 or (aft == 0.0 and back_only):
            edge[used], out[0, used], out[1, used] = e, to_cm - aft, to_cm
            out[2, used], out[3, used] = to_cs + aft * back, to_cs
            if aft == 0.0:
                out[2, used], out[3, used] = -1.0, -1.0
            used += 1
    for k in range(used):
        for side in range(2):
            if out[2 + side, k] == -1.0:
                out[2 + side, k] = time_on(first[edge[k]], edge_of, value, out[side, k])
    return used


def lines(
    p: Pieces, length_cm: Int32s, vertex_ptr: Int64s, vertex_xy: Floats, vertex_m: Floats
) -> tuple[Int64s, Floats]:
    """The pieces as drawn: ptr (n+1,), xy (V,2); a piece of length 0 is one point twice.

    vertex_m: metres drawn from the start of its edge to each vertex.
    """
    ptr = np.zeros(len(p.edge) + 1, np.int64)
    xy = np.empty((int((np.diff(vertex_ptr)[p.edge] + 2).sum()), 2))
    streets = as_int32(length_cm), as_int64(vertex_ptr), as_floats(vertex_xy), vertex_m
    used = _lines(p.edge, p.from_cm, p.to_cm, streets, ptr, xy)
    return ptr, xy[:used]


@njit(cache=True, nogil=True)
def _lines(
    edge: Int32s, from_cm: Floats, to_cm: Floats, streets: tuple[Int32s, Int64s, Floats, Floats],
    ptr: Int64s, xy: Floats,
) -> int:  # fmt: skip
    """Fill ``ptr`` and ``xy``; returns the number of points."""
    length_cm, vertex_ptr, vertex_xy, vertex_m = streets
    used = START
    for k in range(len(edge)):
        e = edge[k]
        a, b = vertex_ptr[e], vertex_ptr[e + 1] - 1
        per_cm = vertex_m[b] / length_cm[e] if length_cm[e] > 0 else 0.0
        start, stop = from_cm[k] * per_cm, to_cm[k] * per_cm
        v = a
        while v < b - 1 and vertex_m[v + 1] <= start:
            v += 1
        used = _point(xy, used, vertex_xy, vertex_m, v, start)
        while v + 1 < b and vertex_m[v + 1] < stop:
            v += 1
            xy[used, 0], xy[used, 1] = vertex_xy[v, 0], vertex_xy[v, 1]
            used += 1
        used = _point(xy, used, vertex_xy, vertex_m, v, stop)
        ptr[k + 1] = used
    return used


@inner
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
