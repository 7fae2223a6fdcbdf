"""Snap points to streets: where each entrance is linked to the network, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from gusu_geo._kernels import label_components
from gusu_geo.geometry import Shapes, straight_lines, straight_pieces
from gusu_geo.streets.barriers import BarrierKind, Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Bools, Entrances, Floats, Int8s, Ints, Rung, WayFlag
from gusu_geo.walking.linkage import Linkage, Linking, Reason

# No access between the ends; estimated lines across a plaza are no streets that doors open onto.
MIDWAY = (WayFlag.TUNNEL, WayFlag.BRIDGE, WayFlag.FERRY, WayFlag.LIFT, WayFlag.ESTIMATED)


_REASONS = {
    BarrierKind.WATER: Reason.WATER,
    BarrierKind.WATERWAY: Reason.WATER,
    BarrierKind.RAILWAY: Reason.RAILWAY,
    BarrierKind.MOTORWAY: Reason.MOTORWAY,
    BarrierKind.WALL: Reason.WALL,
}
_REASON_OF = np.array([Reason.LINKED, *(_REASONS[kind] for kind in BarrierKind)], np.int8)


@dataclass(frozen=True, eq=False)
class _Targets:
    """Lines (n,) that may be linked to, the edge (n,) of each, and the longest leg."""

    lines: Shapes
    edge: Ints
    reach_m: float

    @classmethod
    def of(cls, net: WalkNetwork, eligible: Bools, reach_m: float) -> _Targets:
        return cls(net.edge_lines[eligible], np.flatnonzero(eligible), reach_m)

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)

    def pieces_near(self, bases: Shapes) -> _Targets:
        """The straight pieces of the lines that may be in reach: a barrier may hide some pieces
        of a line and not others."""
        x0, y0, x1, y1 = shapely.bounds(bases).T
        out = self.reach_m + 1.0
        windows = shapely.box(x0 - out, y0 - out, x1 + out, y1 + out)
        near = np.unique(self.tree.query(windows)[1])
        ends, owner = straight_pieces(self.lines[near])
        return replace(self, lines=straight_lines(ends), edge=self.edge[near[owner]])

    def within(self, metres: Floats) -> Bools:
        """Whether distances are in reach, compared in whole centimetres as everywhere."""
        return np.asarray(np.rint(metres * 100) <= self.reach_m * 100)


class _Feet(NamedTuple):
    """Links of points (P,): edge, -1 for none; leg, a straight line or None; ``Reason``."""

    edge: Ints
    leg: Shapes
    reason: Int8s

    def link(self, point_ix: Ints, edge: Ints, leg: Shapes) -> None:
        self.edge[point_ix], self.leg[point_ix] = edge, leg
        self.reason[point_ix] = int(Reason.LINKED)

    def unlink(self, point_ix: Ints, reason: Int8s) -> None:
        self.edge[point_ix], self.leg[point_ix], self.reason[point_ix] = -1, None, reason


def snap(
    net: WalkNetwork,
    points: Entrances,
    linking: Linking | None = None,
    *,
    closed: Bools | None = None,
) -> Linkage:
    """Link each point to the interior of the nearest street within ``snap_max_m`` (inclusive)
    to which a straight leg, from the point or its outline, crosses no barrier.

    Not linked to: tunnels, bridges, ferries, lifts and estimated ways (see ``MIDWAY``), edges
    ``closed`` (E,), and pieces of network shorter than ``island_max_m`` in total, except the
    longest piece. Each straight piece of street is tried at its nearest place only. Where
    barriers leave no street, the reason is the barrier crossed by the leg to the nearest one.
    """
    linking = linking or Linking()
    walkable = np.ones(net.edges, bool) if closed is None else ~closed
    usable = walkable & ~net.flagged(*MIDWAY)
    island = islands(net, walkable, linking.island_max_m)
    bases = _bases(points)
    streets = _Targets.of(net, usable & ~island, linking.snap_max_m)
    feet = _nearest(streets, bases, points.xy)
    barriers = linking.blocking(net)
    if barriers is not None and len(barriers):
        _stay_on_this_side(feet, streets, bases, barriers)
    unlinked = np.flatnonzero(feet.reason == int(Reason.TOO_FAR))
    cut_off = _Targets.of(net, usable & island, linking.snap_max_m)
    on_island = _nearest(cut_off, bases[unlinked], points.xy[unlinked]).edge >= 0
    feet.reason[unlinked[on_island]] = int(Reason.ISLAND)
    return _linkage(net, points, feet)


def _bases(points: Entrances) -> Shapes:
    """(P,) where legs begin: the outline on rung EDGE, else the point."""
    bases = np.asarray(shapely.points(points.xy), object).reshape(-1)
    if points.outline is not None:
        edge = points.rung == int(Rung.EDGE)
        bases[edge] = points.outline[edge]
    return bases


def islands(net: WalkNetwork, walkable: Bools, island_max_m: float) -> Bools:
    """(E,) true on separate pieces of network shorter than ``island_max_m``, except the longest.

    Pieces are found on the ``walkable`` edges only, since closed streets can cut off more of them.
    """
    if walkable.all():
        label, metres = net.component, net.component_m
    else:
        u, v = net.edge_u[walkable], net.edge_v[walkable]
        label = label_components(u, v, net.nodes)
        metres = np.bincount(label[u], net.length_cm[walkable], minlength=net.nodes) / 100
    small = metres < island_max_m
    small[int(np.argmax(metres))] = False
    return np.asarray(small[label[net.edge_u]])


def _nearest(streets: _Targets, bases: Shapes, xy: Floats) -> _Feet:
    """The nearest street of each base; of equally near ones (an outline may contain several) the
    one nearest to its point ``xy``, then the first."""
    count = len(bases)
    feet = _Feet(
        np.full(count, -1, np.int64),
        np.full(count, None, object),
        np.full(count, int(Reason.TOO_FAR), np.int8),
    )
    if len(streets.edge) == 0 or count == 0:
        return feet
    # The tree's limit depends on rounding: search wider, then compare whole centimetres.
    (base_ix, line_ix), metres = streets.tree.query_nearest(
        bases, max_distance=streets.reach_m + 1.0, return_distance=True, all_matches=True
    )
    near = streets.within(metres)
    base_ix, line_ix = base_ix[near], line_ix[near]
    middle = shapely.points(xy[base_ix])
    order = np.lexsort((line_ix, shapely.distance(middle, streets.lines[line_ix]), base_ix))
    first = order[np.unique(base_ix[order], return_index=True)[1]]
    base_ix, lines = base_ix[first], streets.lines[line_ix[first]]
    legs = shapely.shortest_line(bases[base_ix], lines)
    inside = (shapely.get_dimensions(bases[base_ix]) == 2) & (metres[near][first] == 0)
    _move_to_middle(legs, np.flatnonzero(inside), bases[base_ix], lines, middle[first])
    feet.link(base_ix, streets.edge[line_ix[first]], legs)
    return feet


def _move_to_middle(
    legs: Shapes, inside: Ints, outlines: Shapes, lines: Shapes, middle: Shapes
) -> None:
    """For streets that run inside an outline: move the leg, of length 0, to their place nearest
    to the point."""
    inner = shapely.intersection(outlines[inside], lines[inside])
    full = ~shapely.is_empty(inner)
    nearest = shapely.shortest_line(inner[full], middle[inside[full]])
    xy = shapely.get_coordinates(shapely.get_point(nearest, 0))
    legs[inside[full]] = straight_lines(np.column_stack((xy, xy)))


def _stay_on_this_side(feet: _Feet, streets: _Targets, bases: Shapes, barriers: Barriers) -> None:
    """Link points whose leg crosses a barrier to the nearest street on their own side, or none."""
    linked = np.flatnonzero(feet.edge >= 0)
    kind = barriers.crossed(feet.leg[linked])
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
        free = np.flatnonzero(barriers.crossed(legs) == 0)
        first = free[np.unique(point_ix[now[free]], return_index=True)[1]]
        feet.link(point_ix[now[first]], pieces.edge[line_ix[now[first]]], legs[first])
        tried, more = tried + more, 2 * more


def _by_distance(streets: _Targets, bases: Shapes) -> tuple[Ints, Ints, Ints]:
    """All pairs of base and line within reach, by base, then distance; and the line's rank."""
    base_ix, line_ix = streets.tree.query(
        bases, predicate="dwithin", distance=streets.reach_m + 1.0
    )
    metres = shapely.distance(bases[base_ix], streets.lines[line_ix])
    order = np.lexsort((line_ix, metres, base_ix))
    order = order[streets.within(metres[order])]
    base_ix = base_ix[order]
    return base_ix, line_ix[order], np.arange(len(order)) - np.searchsorted(base_ix, base_ix)


def _linkage(net: WalkNetwork, points: Entrances, feet: _Feet) -> Linkage:
    """The linkage of all points, in whole centimetres from the legs."""
    count = len(points.xy)
    offset_cm, leg_cm = np.zeros(count, np.int32), np.zeros(count, np.int32)
    door_xy, foot_xy = np.array(points.xy, float), np.array(points.xy, float)
    ok = np.flatnonzero(feet.edge >= 0)
    edge, legs = feet.edge[ok], feet.leg[ok]
    ends = shapely.get_coordinates(legs).reshape(-1, 2, 2)
    line, length_cm = net.edge_lines[edge], net.length_cm[edge]
    share = shapely.line_locate_point(line, shapely.points(ends[:, 1]), normalized=True)
    share = np.nan_to_num(share, nan=0.0)  # a street of no length
    offset_cm[ok] = np.clip(np.rint(share * length_cm), 0, length_cm)
    leg_cm[ok] = np.rint(shapely.length(legs) * 100)
    door_xy[ok], foot_xy[ok] = ends[:, 0], ends[:, 1]
    arrays = (offset_cm, leg_cm, feet.reason, door_xy, foot_xy)
    for array in arrays:
        array.setflags(write=False)
    return Linkage(
        owner_ix=points.owner_ix,
        edge_ix=feet.edge.astype(np.int32),
        offset_cm=offset_cm,
        leg_cm=leg_cm,
        reason=feet.reason,
        rung=points.rung,
        door_xy=door_xy,
        foot_xy=foot_xy,
    )
