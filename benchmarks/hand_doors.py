"""Doors found a second way: brute force with shapely, for accuracy.py.

Nothing here uses our linking (``gusu_geo.walking``): not its kernels, its samples or its stretches.
The rules are those of docs/linking.md; every metre of an outline is a door of its own. Taken over
from us are what was read from the map: streets, outlines of places, and the lines that bar.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from hand_sight import Bools, Floats, Ints, Sight, segments, straight
from numpy.typing import NDArray

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Entrances, WayFlag

STEP_M = 1.0  # between doors of an outline
BESIDE_M = 25.0  # docs/linking.md: a street at most this much farther than the nearest is beside
EDGE_M = 2.0  # a wall so far inside the edge of open ground bars it
PAIRS = 4_000_000  # of doors and streets looked at together
MIDWAY = WayFlag.TUNNEL | WayFlag.BRIDGE | WayFlag.FERRY | WayFlag.LIFT | WayFlag.ESTIMATED


class Doors(NamedTuple):
    """One row per door: owner, edge, metres along the drawn edge from u, metres off it, and from
    how many points of the outline it is the door."""

    owner: Ints
    edge: Ints
    along_m: Floats
    leg_m: Floats
    points: Ints

    @classmethod
    def of(cls, parts: list[tuple[Any, ...]]) -> Doors:
        """Doors of many parts (owner, edge, along, leg); of those within half a metre of each other
        the nearest one."""
        none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
        owner, edge, along_m, leg_m = (
            np.concatenate([np.atleast_1d(part[k]) for part in (none, *parts)]) for k in range(4)
        )
        spot = np.rint(2 * along_m).astype(np.int64)
        order = np.lexsort((leg_m, spot, edge, owner))
        keys = np.column_stack((owner, edge, spot))[order]
        first = np.ones(len(order), bool)
        first[1:] = (keys[1:] != keys[:-1]).any(axis=1)
        pick = order[first]
        points = np.diff(np.append(np.flatnonzero(first), len(order)))
        owner, edge = owner[pick].astype(np.int64), edge[pick].astype(np.int64)
        return cls(owner, edge, along_m[pick], leg_m[pick], points)

    def rows(self, pick: Any) -> Doors:
        return Doors(*(part[pick] for part in self))

    def joined(self, other: Doors) -> Doors:
        """These and others."""
        return Doors(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


class Pieces(NamedTuple):
    """Straight pieces of street: edge, xy (s,4), metres along the edge where they begin."""

    edge: Ints
    xy: Floats
    start_m: Floats

    def rows(self, pick: Any) -> Pieces:
        return Pieces(self.edge[pick], self.xy[pick], self.start_m[pick])

    def lines(self) -> NDArray[Any]:
        return segments(self.xy[:, :2], self.xy[:, 2:])


def linkable(net: WalkNetwork, closed: Bools, island_max_m: float) -> Pieces:
    """Pieces of all streets that doors may open onto, in order of their ways: of equally near
    ones the first counts."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    open_ = ~closed
    ends = (net.edge_u[open_], net.edge_v[open_])
    graph = csr_array((np.ones(open_.sum()), ends), shape=(net.nodes, net.nodes))
    piece = connected_components(graph, directed=False)[1]
    metres = np.bincount(piece[ends[0]], net.length_cm[open_] / 100, minlength=piece.max() + 1)
    joined = (metres >= island_max_m) | (np.arange(len(metres)) == metres.argmax())
    fit = open_ & ((net.edge_flags & int(MIDWAY)) == 0) & joined[piece[net.edge_u]]
    edges = np.flatnonzero(fit)
    edges = edges[np.lexsort((edges, net.osm_node[net.edge_u[edges]], net.way_id[edges]))]
    xy, owner = straight(net.edge_lines[edges])
    metres = np.hypot(*(xy[:, 2:] - xy[:, :2]).T)
    start = np.cumsum(metres) - metres
    first = np.searchsorted(owner, np.arange(len(edges)))
    return Pieces(edges[owner], xy, start - start[first][owner])


def feet(pieces: Pieces, row: Ints, xy: Floats) -> tuple[Floats, Floats, Floats]:
    """The nearest place of each piece (row) to each point (n,2): foot, metres to it, metres along
    the edge."""
    start = pieces.xy[row, :2]
    way = pieces.xy[row, 2:] - start
    length = np.hypot(*way.T)
    share = np.clip(((xy - start) * way).sum(axis=1) / np.maximum(length**2, 1e-12), 0, 1)
    foot = start + share[:, None] * way
    return foot, np.hypot(*(foot - xy).T), pieces.start_m[row] + share * length


class Legs(NamedTuple):
    """Legs of one place: to the nearest street that nothing bars, as (edge, along, leg) and where
    it begins (2,), both None if there is none; further ones, at gates; metres to the nearest
    street, barred or not."""

    first: tuple[int, float, float] | None
    begin: Floats | None
    further: list[tuple[int, float, float]]
    nearest_m: float


def nearest_legs(
    pieces: Pieces, tree: shapely.STRtree, sight: Sight, base: Any, middle: Any, reach_m: float
) -> Legs:
    """The shortest leg of a place, those through each gate of the wall that stands before its
    nearest street, and where one would go without the gates that a leg leads through."""
    near = np.sort(tree.query(base, predicate="dwithin", distance=reach_m + 1))
    metres = shapely.distance(base, tree.geometries[near])
    near, metres = near[metres <= reach_m + 0.005], metres[metres <= reach_m + 0.005]
    if not len(near):
        return Legs(None, None, [], np.inf)
    off = shapely.distance(middle, tree.geometries[near])
    near = near[np.lexsort((near, np.round(off, 9), np.round(metres, 9)))]
    legs = shapely.get_coordinates(shapely.shortest_line(base, tree.geometries[near]))
    a, b = legs.reshape(-1, 2, 2)[:, 0], legs.reshape(-1, 2, 2)[:, 1]
    free = ~sight.barred(a, b)
    leg, gap = sight.gaps_on(a, b)
    shut: set[int] = set()
    chosen: list[int] = []
    while True:
        now = np.setdiff1d(np.flatnonzero(free), leg[np.isin(gap, list(shut))])
        if not len(now):
            break
        chosen.append(int(now[0]))
        used = set(gap[leg == now[0]].tolist())
        if not used:
            break
        shut |= used
    doors = [_door(pieces, near[k], a[k], b[k]) for k in chosen]
    gates = sight.gates_of_walls(a[0], b[0]).tolist()
    further = [_gate_door(pieces, tree, sight, base, gate, reach_m) for gate in gates]
    return Legs(
        doors[0] if doors else None,
        a[chosen[0]] if doors else None,
        doors[1:] + [door for door in further if door],
        float(metres.min()),
    )


def _door(pieces: Pieces, row: int, a: Floats, b: Floats) -> tuple[int, float, float]:
    along = pieces.start_m[row] + float(np.hypot(*(b - pieces.xy[row, :2])))
    return int(pieces.edge[row]), float(along), float(np.hypot(*(b - a)))


def _gate_door(
    pieces: Pieces, tree: shapely.STRtree, sight: Sight, base: Any, gate: int, reach_m: float
) -> tuple[int, float, float] | None:
    """From the place straight to the gate, and on to the street nearest to it."""
    xy = sight.gate_xy[gate]
    way = shapely.get_coordinates(shapely.shortest_line(base, shapely.Point(xy)))
    metres = float(np.hypot(*(way[1] - way[0])))
    if metres > reach_m or sight.barred(way[:1], way[1:])[0]:
        return None
    near = np.sort(tree.query(shapely.Point(xy), predicate="dwithin", distance=reach_m))
    here = np.broadcast_to(xy, (len(near), 2))
    foot, leg_m, along = feet(pieces, near, here)
    free = np.flatnonzero(~sight.barred(here, foot) & (metres + leg_m <= reach_m + 0.005))
    if not len(free):
        return None
    best = free[np.argmin(np.round(leg_m[free], 9))]
    return int(pieces.edge[near[best]]), float(along[best]), metres + float(leg_m[best])


def sides_of(
    pieces: Pieces, tree: shapely.STRtree, sight: Sight, outline: Any, far_m: float, ground: bool
) -> list[tuple[Ints, Floats, Floats]]:
    """Doors (edge, along, leg) of an area: every metre of its outline, to the nearest street that
    lies before it; every metre of the streets inside. ground: open ground, no building."""
    near = np.sort(tree.query(outline, predicate="dwithin", distance=far_m + 1))
    meets = shapely.intersects(tree.geometries[near], outline)
    cut, lines = near[meets], tree.geometries[near[meets]]
    inside = _parts(pieces, cut, shapely.intersection(lines, outline))
    rest = _parts(pieces, cut, shapely.difference(lines, outline))
    outside = pieces.rows(near[~meets])
    outside = Pieces(*(np.concatenate(pair) for pair in zip(outside, rest, strict=True)))
    doors = [_along(inside)]
    xy, out, inner = ring_points(outline)
    if not len(outside.edge):
        return [door for door in doors if len(door[0])]
    metres, best = np.full(len(xy), np.inf), np.zeros(len(xy), np.int64)
    step = max(PAIRS // len(outside.edge), 1)
    for first in range(0, len(xy), step):
        some = np.arange(first, min(first + step, len(xy)))
        row = np.tile(np.arange(len(outside.edge)), len(some))
        at = np.repeat(some, len(outside.edge))
        foot, off, _ = feet(outside, row, xy[at])
        ahead = (((foot - xy[at]) * out[at]).sum(axis=1) > 0) | (off == 0)
        off = np.where(ahead, off, np.inf).reshape(len(some), -1)
        best[some] = off.argmin(axis=1)
        metres[some] = off.min(axis=1)
    foot, _, along = feet(outside, best, xy)
    free = np.flatnonzero(metres <= far_m)
    begin = inner if ground else xy
    free = free[~sight.barred(begin[free], foot[free])]
    free = free[~sight.hidden(xy[free], foot[free])]
    plain = np.setdiff1d(np.arange(len(free)), sight.gaps_on(xy[free], foot[free])[0])
    limit_m = min(metres[free[plain]].min(initial=np.inf) + BESIDE_M, far_m)
    free = free[metres[free] <= limit_m]
    doors.append((outside.edge[best[free]], along[free], metres[free]))
    return [door for door in doors if len(door[0])]


def ring_points(outline: Any) -> tuple[Floats, Floats, Floats]:
    """Points (n,2) every metre of the outer rings, corners once for each side; the outward normals
    (n,2) of their sides; and the places (n,2) ``EDGE_M`` further inside."""
    found = [(np.zeros((0, 2)),) * 3]
    for part in shapely.get_parts(outline):
        if part.geom_type != "Polygon":
            continue
        ring = shapely.get_coordinates(shapely.geometry.polygon.orient(part).exterior)
        ring = ring[np.append(True, np.hypot(*np.diff(ring, axis=0).T) > 0)]
        way = np.diff(ring, axis=0)
        metres = np.hypot(*way.T)
        out = np.column_stack((way[:, 1], -way[:, 0])) / metres[:, None]
        for k, length in enumerate(metres.tolist()):
            share = np.linspace(0, 1, int(np.ceil(length / STEP_M)) + 1)[:, None]
            normals = np.tile(out[k], (len(share), 1))
            middle = normals.copy()  # of both sides at a corner
            middle[0] += out[k - 1]
            middle[-1] += out[(k + 1) % len(out)]
            middle /= np.maximum(np.hypot(*middle.T), 1e-9)[:, None]
            xy = ring[k] + share * way[k]
            found.append((xy, normals, xy - EDGE_M * middle))
    points, normals, inner = (np.concatenate(column) for column in zip(*found, strict=True))
    return points, normals, inner


def _parts(pieces: Pieces, row: Ints, shapes: NDArray[Any]) -> Pieces:
    """The pieces (row) reduced to what is left of each of them."""
    for _ in range(2):
        shapes, of = shapely.get_parts(shapes, return_index=True)
        row = row[of]
    full = ~shapely.is_empty(shapes)
    row, shapes = row[full], shapes[full]
    ends = [shapely.get_coordinates(shape)[[0, -1]].ravel() for shape in shapes]
    xy = np.array(ends, float).reshape(-1, 4)
    start = pieces.start_m[row] + np.hypot(*(xy[:, :2] - pieces.xy[row, :2]).T)
    return Pieces(pieces.edge[row], xy, start)


def _along(inside: Pieces) -> tuple[Ints, Floats, Floats]:
    """A door at every metre of the pieces."""
    metres = np.hypot(*(inside.xy[:, 2:] - inside.xy[:, :2]).T)
    count = np.ceil(metres / STEP_M).astype(np.int64) + 1
    row = np.repeat(np.arange(len(count)), count)
    k = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    along = inside.start_m[row] + k * metres[row] / np.maximum(count[row] - 1, 1)
    return inside.edge[row], along, np.zeros(len(row))


def find_doors(ground: Ground, closed: Bools, points: Entrances) -> Doors:
    """All doors of all owners; closed (E,): streets that nobody walks."""
    reach_m = ground.study.network.snap_max_m
    pieces = linkable(ground.network, closed, ground.study.network.island_max_m)
    tree, sight = shapely.STRtree(pieces.lines()), Sight(ground)
    walls = shapely.STRtree(sight.bars.geometries[sight.wall >= 0])
    parts: list[tuple[Any, ...]] = []
    for p, owner in enumerate(points.owner_ix.tolist()):
        outline = None if points.outline is None else points.outline[p]
        is_ground = points.ground is not None and bool(points.ground[p])
        middle = shapely.Point(points.xy[p])
        base = middle if outline is None else outline
        legs = nearest_legs(pieces, tree, sight, base, middle, reach_m)
        first = legs.first
        if outline is not None and (is_ground or legs.nearest_m < np.inf):
            far_m = reach_m if is_ground else min(legs.nearest_m + BESIDE_M, reach_m)
            sides = sides_of(pieces, tree, sight, outline, far_m, is_ground)
            parts += [(np.full(len(side[0]), owner), *side) for side in sides]
            if is_ground and legs.begin is not None:
                by_wall = walls.query(shapely.Point(legs.begin), "dwithin", distance=EDGE_M)
                first = None if sides or len(by_wall) else first
        parts += [(owner, *door) for door in [first, *legs.further] if door]
    return Doors.of(parts)
