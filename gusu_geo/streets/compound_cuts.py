"""Streets cut at the outlines of gated compounds, with one-way steps out at residents' gates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from pyproj import CRS

from gusu_geo.streets.cuts import NewWays, add_vertices, add_ways, cut_ways
from gusu_geo.streets.outlines import Inside
from gusu_geo.tables import Bools, Floats, Ints, StreetWays, WayFlag

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


def cut_streets(inside: Inside, crossings: Crossings, crs: CRS) -> StreetWays:
    """Streets cut where not everybody may pass, with one-way steps out at residents' gates."""
    streets = inside.streets
    arriving, leaving = streets.way_nodes.copy(), streets.way_nodes.copy()
    sides = _sides(inside, crossings)
    fresh: list[Floats] = []
    origin: list[int] = []
    links: list[tuple[int, int, int, bool]] = []  # from, to, way inside, whether private
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
                    links.append((copy_of[a], copy_of[b], int(ways[0].min()), is_private))
    if not origin:
        return streets
    flags = streets.node_flags[np.array(origin)]
    streets = add_vertices(streets, np.array(fresh), crs, flags)
    return _with_links(cut_ways(streets, arriving, leaving), inside.streets, links)


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
    streets: StreetWays, before: StreetWays, links: list[tuple[int, int, int, bool]]
) -> StreetWays:
    """With one-way steps out, marked ESTIMATED so that no point is linked to them."""
    if not links:
        return streets
    way = np.array([way for _, _, way, _ in links])
    plain = int(WayFlag.FORWARD_ONLY | WayFlag.ESTIMATED)
    flags = [plain | (int(WayFlag.PRIVATE) if is_private else 0) for *_, is_private in links]
    return add_ways(
        streets,
        NewWays(
            ends=np.array([(a, b) for a, b, _, _ in links], np.int64),
            way_ids=before.way_ids[way],
            highway=before.highway[way],
            name=before.name[way],
            flags=np.array(flags, np.int16),
        ),
    )
