"""One leg for each point: the nearest street that nothing bars, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from gusu_geo.geometry import Shapes, ends_of, straight_lines, straight_pieces
from gusu_geo.streets.barriers import BarrierKind, Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Bools, Floats, Int8s, Ints
from gusu_geo.walking.linkage import Reason

_REASONS = {
    BarrierKind.WATER: Reason.WATER,
    BarrierKind.WATERWAY: Reason.WATER,
    BarrierKind.RAILWAY: Reason.RAILWAY,
    BarrierKind.MOTORWAY: Reason.MOTORWAY,
    BarrierKind.WALL: Reason.WALL,
}
_REASON_OF = np.array([Reason.LINKED, *(_REASONS[kind] for kind in BarrierKind)], np.int8)


MANY = 200  # points, from which a grid is faster than a tree
SAME_M = 5e-4  # distances that differ by less are equal: in another system they round otherwise


@dataclass(frozen=True, eq=False)
class Targets:
    """Lines (n,) that may be linked to, the edge (n,) of each, the longest leg, and their network.

    In order of way, then nodes, which decides between equally near ones: so the place does not
    depend on what else the file holds.
    """

    lines: Shapes
    edge: Ints
    reach_m: float
    net: WalkNetwork

    @classmethod
    def of(cls, net: WalkNetwork, eligible: Bools, reach_m: float) -> Targets:
        """The ``eligible`` edges (E,)."""
        edge = np.flatnonzero(eligible)
        edge = edge[np.argsort(net.edge_rank[edge])]
        return cls(net.edge_lines[edge], edge, reach_m, net)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Of the lines."""
        return shapely.STRtree(self.lines)

    def nearest(self, bases: Shapes, xy: Floats) -> tuple[Ints, Ints, Floats]:
        """Pairs of base and line, and the metres between: the nearest lines of each base and those
        at most ``SAME_M`` farther, some others, and somewhat beyond the reach too. xy: of the bases
        that are points."""
        plain = np.zeros(len(bases), bool)
        if len(bases) >= MANY:
            plain = shapely.get_dimensions(bases) == 0
        points, rest = np.flatnonzero(plain), np.flatnonzero(~plain)
        rank = np.full(self.net.edges, -1)
        rank[self.edge] = np.arange(len(self.edge))
        place, edge, full = self.net.pieces.nearest(xy[points], rank >= 0, self.reach_m + 1.0)
        rest = np.concatenate((rest, points[full]))
        base, line = points[place], rank[edge]
        metres = shapely.distance(bases[base], self.lines[line])
        if not len(rest):
            return base, line, metres
        # No street is farther from an area than from a corner of it.
        corners, owner = shapely.get_coordinates(bases[rest], return_index=True)
        corners = corners[np.searchsorted(owner, np.arange(len(rest)))]
        most = np.full(len(rest), self.reach_m + 1.0)
        place, edge, _ = self.net.pieces.nearest(corners, rank >= 0, self.reach_m + 1.0)
        to_corner = shapely.distance(shapely.points(corners[place]), self.lines[rank[edge]])
        np.minimum.at(most, place, to_corner + SAME_M)
        drawn, other = self.tree.query(_windows(bases[rest], most))
        apart = shapely.distance(bases[rest[drawn]], self.lines[other])
        return (
            np.concatenate((base, rest[drawn])),
            np.concatenate((line, other)),
            np.concatenate((metres, apart)),
        )

    def pieces_near(self, bases: Shapes) -> Targets:
        """The straight pieces of the lines that may be in reach: a barrier may hide some pieces
        of a line and not others."""
        windows = _windows(bases, self.reach_m + 1.0)
        near = np.unique(self.tree.query(windows)[1])
        ends, owner = straight_pieces(self.lines[near])
        return replace(self, lines=straight_lines(ends), edge=self.edge[near[owner]])

    def within(self, metres: Floats) -> Bools:
        """Whether distances are in reach, compared in whole centimetres as everywhere."""
        return np.asarray(np.rint(metres * 100) <= self.reach_m * 100)


class Feet(NamedTuple):
    """Links of points (P,): edge, -1 for none; leg, a straight line or None; ``Reason``."""

    edge: Ints
    leg: Shapes
    reason: Int8s

    def link(self, point_ix: Ints, edge: Ints, leg: Shapes) -> None:
        """Link points to edges by their legs."""
        self.edge[point_ix], self.leg[point_ix] = edge, leg
        self.reason[point_ix] = int(Reason.LINKED)

    def unlink(self, point_ix: Ints, reason: Int8s | np.int8) -> None:
        """Take the links of points away."""
        self.edge[point_ix], self.leg[point_ix], self.reason[point_ix] = -1, None, reason


def nearest_feet(streets: Targets, bases: Shapes, xy: Floats) -> Feet:
    """The nearest street of each base; of equally near ones (an outline may contain several) the
    one nearest to its point ``xy``, then the first."""
    count = len(bases)
    feet = Feet(
        np.full(count, -1, np.int64),
        np.full(count, None, object),
        np.full(count, int(Reason.TOO_FAR), np.int8),
    )
    if len(streets.edge) == 0 or count == 0:
        return feet
    # The tree's limit depends on rounding: search wider, then compare whole centimetres.
    base_ix, line_ix, metres = streets.nearest(bases, xy)
    near = streets.within(metres)
    base_ix, line_ix = base_ix[near], line_ix[near]
    metres = metres[near]
    base_ix, line_ix, metres = _least(base_ix, line_ix, metres, metres)
    # Only where a base has several lines, they have to be told apart.
    apart = np.zeros(len(base_ix))
    several = np.flatnonzero(np.bincount(base_ix, minlength=count)[base_ix] > 1)
    middle = shapely.points(xy[base_ix[several]])
    apart[several] = shapely.distance(middle, streets.lines[line_ix[several]])
    base_ix, line_ix, metres = _least(base_ix, line_ix, metres, apart)
    order = np.lexsort((line_ix, base_ix))
    first = order[np.unique(base_ix[order], return_index=True)[1]]
    base_ix, lines = base_ix[first], streets.lines[line_ix[first]]
    legs = shapely.shortest_line(bases[base_ix], lines)
    inside = np.flatnonzero(metres[first] == 0)
    inside = inside[shapely.get_dimensions(bases[base_ix[inside]]) == 2]
    _move_to_middle(legs, inside, bases[base_ix], lines, xy[base_ix])
    feet.link(base_ix, streets.edge[line_ix[first]], legs)
    return feet


def _windows(shapes: Shapes, out_m: Floats | float) -> Shapes:
    """The boxes of shapes (n,), so much wider."""
    x0, y0, x1, y1 = shapely.bounds(shapes).T
    return np.asarray(shapely.box(x0 - out_m, y0 - out_m, x1 + out_m, y1 + out_m), object)


def _least(base: Ints, line: Ints, metres: Floats, by: Floats) -> tuple[Ints, Ints, Floats]:
    """The pairs of base and line that are least ``by`` something for their base, or equal to it."""
    least = np.full(int(base.max(initial=-1)) + 1, np.inf)
    np.minimum.at(least, base, by)
    kept = by <= least[base] + SAME_M
    return base[kept], line[kept], metres[kept]


def _move_to_middle(
    legs: Shapes, inside: Ints, outlines: Shapes, lines: Shapes, xy: Floats
) -> None:
    """For streets that run inside an outline: move the leg, of length 0, to their place nearest
    to the point xy (n,2)."""
    if not len(inside):
        return
    inner = shapely.intersection(outlines[inside], lines[inside])
    full = ~shapely.is_empty(inner)
    nearest = shapely.shortest_line(inner[full], shapely.points(xy[inside[full]]))
    xy = shapely.get_coordinates(shapely.get_point(nearest, 0))
    legs[inside[full]] = straight_lines(np.column_stack((xy, xy)))


def stay_on_this_side(
    feet: Feet, streets: Targets, bases: Shapes, barriers: Barriers, shut: ShutGaps | None = None
) -> None:
    """Link points whose leg crosses a barrier to the nearest street on their own side, or none.

    shut: gaps that are walls for some of the points.
    """
    linked = np.flatnonzero(feet.edge >= 0)
    kind = _barred(barriers, shut, linked, feet.leg[linked])
    blocked = linked[kind > 0]
    if len(blocked) == 0:
        return
    feet.unlink(blocked, _REASON_OF[kind[kind > 0]])
    pieces = streets.pieces_near(bases[blocked])
    point_ix, line_ix, rank = _by_distance(pieces, bases[blocked])
    point_ix = blocked[point_ix]
    tried, more = 0, 4  # growing batches: most points find a street soon, some try all
    while tried <= rank.max(initial=-1):
        now = np.flatnonzero((rank >= tried) & (rank < tried + more) & (feet.edge[point_ix] < 0))
        legs = shapely.shortest_line(bases[point_ix[now]], pieces.lines[line_ix[now]])
        free = np.flatnonzero(_barred(barriers, shut, point_ix[now], legs) == 0)
        first = free[np.unique(point_ix[now[free]], return_index=True)[1]]
        feet.link(point_ix[now[first]], pieces.edge[line_ix[now[first]]], legs[first])
        tried, more = tried + more, 2 * more


class ShutGaps(NamedTuple):
    """Gaps of known gates that are shut for points: pairs (n,2) of point and gap, in order."""

    pairs: Ints

    def joined(self, point: Ints, gap: Ints) -> ShutGaps:
        """These and more."""
        both = np.concatenate((self.pairs, np.column_stack((point, gap))))
        return ShutGaps(np.unique(both, axis=0))

    def bar(self, point: Ints, gap: Ints) -> Bools:
        """Whether each gap is shut for its point."""
        known = {(int(a), int(b)) for a, b in self.pairs}
        pairs = zip(point.tolist(), gap.tolist(), strict=True)
        return np.array([pair in known for pair in pairs], bool)


def _barred(barriers: Barriers, shut: ShutGaps | None, point_ix: Ints, legs: Shapes) -> Int8s:
    """(n,) ``BarrierKind`` that each leg (n,) of these points crosses, 0 for none."""
    ends = ends_of(legs)
    kind = barriers.crossed(ends)
    if shut is not None:
        leg, gap = barriers.gaps_on(ends)
        closed = leg[shut.bar(point_ix[leg], gap)]
        kind[closed[kind[closed] == 0]] = int(BarrierKind.WALL)
    return kind


def _by_distance(streets: Targets, bases: Shapes) -> tuple[Ints, Ints, Ints]:
    """All pairs of base and line within reach, by base, then distance; and the line's rank."""
    base_ix, line_ix = streets.tree.query(_windows(bases, streets.reach_m + 1.0))
    metres = shapely.distance(bases[base_ix], streets.lines[line_ix])
    order = np.lexsort((line_ix, np.rint(metres / SAME_M), base_ix))
    order = order[streets.within(metres[order])]
    base_ix = base_ix[order]
    return base_ix, line_ix[order], np.arange(len(order)) - np.searchsorted(base_ix, base_ix)
