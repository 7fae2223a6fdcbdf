"""Streets cut at the outlines of gated compounds, with one-way steps out at residents' gates.

Where a study opens all gates the same cuts are made and then bridged (OPENING): every street and
every step of the closed reading is there too, so opening gates never lengthens a walk.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import combinations

import numpy as np
from pyproj import CRS

from gusu_geo.streets.cuts import NewWays, add_vertices, add_ways, cut_ways, metres_of
from gusu_geo.streets.outlines import Inside
from gusu_geo.tables import Bools, Floats, Ints, NodeFlag, StreetWays, WayFlag

STUB_M = 1.5  # a cut street ends this far behind the wall, so that the wall separates its ends


class Pass(IntEnum):
    """Who passes where a street crosses an outline; the most open of several gates counts."""

    UNKNOWN = -1  # no gate there
    LOCKED = 0
    RESIDENTS = 1  # out, not in
    PUBLIC = 2


@dataclass(frozen=True, eq=False)
class Crossings:
    """Where streets cross outlines (X,): vertex, position of the compound, part of its inside,
    ``Pass``, whether a public street crosses, whether a known gate serves the part, whether
    people pass both ways."""

    vertex: Ints
    compound: Ints
    part: Ints
    gate: Ints
    public: Bools
    served: Bools
    open: Bools


_STEP = int(WayFlag.FORWARD_ONLY | WayFlag.ESTIMATED)  # out of a residents' gate; no links
_OPENING = int(WayFlag.OPENING | WayFlag.ESTIMATED)  # nobody is linked to it


def cut_streets(
    inside: Inside, crossings: Crossings, crs: CRS, *, opened: bool = False
) -> StreetWays:
    """Streets cut where not everybody may pass, with one-way steps out at residents' gates;
    ``opened``: and with openings wherever they are cut."""
    streets = inside.streets
    arriving, leaving = streets.way_nodes.copy(), streets.way_nodes.copy()
    sides = _sides(inside, crossings)
    fresh: list[Floats] = []
    origin: list[int] = []
    links: list[tuple[int, int, int, int]] = []  # from, to, way inside, flags
    private = (streets.flags & WayFlag.PRIVATE) != 0
    count = len(streets.node_ids)
    for vertex, side in sides.items():
        copy_of = {frozenset[int](): vertex}
        for walls, half_edges in side.halves.items():
            if walls:
                copy_of[walls] = count + len(origin)
                origin.append(vertex)
                fresh.append(_behind(inside, vertex, half_edges))
            for step, end in half_edges:
                if end == 0:
                    leaving[inside.all_step[step]] = copy_of[walls]
                else:
                    arriving[inside.all_step[step] + 1] = copy_of[walls]
        for a in side.halves:
            for b in side.halves:
                if b < a and a - b <= side.residents:
                    ways = [inside.all_way[[step for step, _ in side.halves[s]]] for s in (a, b)]
                    is_private = any(bool(private[way].all()) for way in ways)
                    own = int(WayFlag.PRIVATE) if is_private else 0
                    links.append((copy_of[a], copy_of[b], int(ways[0].min()), _STEP | own))
        if opened:
            for a, b in combinations(side.halves, 2):
                way = int(inside.all_way[side.halves[a][0][0]])
                links.append((copy_of[a], copy_of[b], way, _OPENING))
    if not origin:
        return streets
    flags = streets.node_flags[np.array(origin)]
    streets = add_vertices(streets, np.array(fresh), crs, flags)
    at = np.isin(streets.way_nodes, np.array(list(sides), np.int64))  # the same pieces, cut or not
    return _with_links(cut_ways(streets, arriving, leaving, at), inside.streets, links)


@dataclass
class _Sides:
    """A vertex on walls. halves: the steps (row, end) that meet it, by the compounds they are
    inside of; residents: compounds whose residents get out here."""

    halves: dict[frozenset[int], list[tuple[int, int]]]
    residents: frozenset[int]


def _sides(inside: Inside, crossings: Crossings) -> dict[int, _Sides]:
    """The sides of each vertex where not everybody may pass, in order of vertices."""
    shut = ~crossings.open
    residents = defaultdict(set)
    walls_at = defaultdict(set)
    for vertex, compound, gate in zip(
        crossings.vertex[shut].tolist(),
        crossings.compound[shut].tolist(),
        crossings.gate[shut].tolist(),
        strict=True,
    ):
        walls_at[vertex].add(compound)
        if gate == Pass.RESIDENTS:
            residents[vertex].add(compound)
    vertices = np.array(sorted(walls_at), np.int64)
    behind = defaultdict(set)
    for row in np.flatnonzero(np.isin(inside.ends, vertices).any(axis=1)).tolist():
        behind[int(inside.row[row])].add(int(inside.compound[row]))
    halves: dict[int, dict[frozenset[int], list[tuple[int, int]]]] = defaultdict(dict)
    steps, ends = np.nonzero(np.isin(inside.all_ends, vertices))
    for step, end in zip(steps.tolist(), ends.tolist(), strict=True):
        vertex = int(inside.all_ends[step, end])
        walls = frozenset(behind[step] & walls_at[vertex])
        halves[vertex].setdefault(walls, []).append((step, end))
    return {
        vertex: _Sides(halves[vertex], frozenset(residents[vertex])) for vertex in vertices.tolist()
    }


def _behind(inside: Inside, vertex: int, half_edges: list[tuple[int, int]]) -> Floats:
    """The point ``STUB_M`` behind the wall, along the street; (2,) metres."""
    here = inside.xy[vertex]
    way = np.array([inside.xy[inside.all_ends[step, 1 - end]] for step, end in half_edges]) - here
    metres = np.hypot(*way.T)
    ahead = (way / np.maximum(metres, 1e-9)[:, None]).mean(axis=0)
    size = float(np.hypot(*ahead))
    if size < 0.1:  # streets run both ways along the wall: no direction to move in
        return np.asarray(here)
    return np.asarray(here + ahead / size * min(STUB_M, float(metres.min()) / 2))


def _with_links(
    streets: StreetWays, before: StreetWays, links: list[tuple[int, int, int, int]]
) -> StreetWays:
    """With straight ways from vertex to vertex."""
    if not links:
        return streets
    way = np.array([way for _, _, way, _ in links])
    return add_ways(
        streets,
        NewWays(
            ends=np.array([(a, b) for a, b, _, _ in links], np.int64),
            way_ids=before.way_ids[way],
            highway=before.highway[way],
            name=before.name[way],
            flags=np.array([flags for *_, flags in links], np.int16),
        ),
    )


def unlock(streets: StreetWays, crs: CRS) -> StreetWays:
    """Locked gates opened: streets still end there, as at a closed vertex, and openings of no
    length join them. Walls across the way stay closed."""
    locked = int(NodeFlag.GATE | NodeFlag.CLOSED)
    shut = (streets.node_flags & locked) == locked
    begins, ends = (np.zeros(len(streets.way_nodes), bool) for _ in range(2))
    begins[streets.way_ptr[:-1]] = ends[streets.way_ptr[1:] - 1] = True
    into = np.flatnonzero(shut[streets.way_nodes] & ~begins)
    out = np.flatnonzero(shut[streets.way_nodes] & ~ends)
    origin = np.concatenate([streets.way_nodes[into], streets.way_nodes[out]])
    if len(origin) == 0:
        return streets
    copies = len(streets.node_ids) + np.arange(len(origin))
    arriving, leaving = streets.way_nodes.copy(), streets.way_nodes.copy()
    arriving[into], leaving[out] = copies[: len(into)], copies[len(into) :]
    way = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_ptr))
    way = np.concatenate([way[into], way[out]])
    by = np.argsort(origin, kind="stable")
    one, other = by[:-1], by[1:]
    same = origin[one] == origin[other]
    links = [(int(copies[a]), int(copies[b]), int(way[a]), _OPENING)
             for a, b in zip(one[same], other[same], strict=True)]  # fmt: skip
    flags = streets.node_flags[origin] & ~np.int16(NodeFlag.CLOSED)
    more = add_vertices(streets, metres_of(streets, crs)[origin], crs, flags)
    # Under the id of the gate, as at a closed vertex: so equally near streets keep their order.
    ids = np.concatenate([streets.node_ids, streets.node_ids[origin]])
    more = replace(more, node_ids=ids)
    return _with_links(cut_ways(more, arriving, leaving), streets, links)
