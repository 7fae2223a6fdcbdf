"""Points to streets: where each entrance touches the network, or why it does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import shapely

from gusu_geo._kernels import label_components
from gusu_geo.barriers import BarrierKind, Barriers, Shapes
from gusu_geo.network import WalkNetwork
from gusu_geo.params import ISLAND_MAX_M, SNAP_MAX_M
from gusu_geo.tables import Bools, Entrances, Floats, Int8s, Int32s, Ints, Rung, WayFlag

_MIDWAY = (WayFlag.TUNNEL, WayFlag.BRIDGE, WayFlag.FERRY, WayFlag.LIFT)  # nobody steps off


class Reason(IntEnum):
    """Why a point is not linked."""

    LINKED = 0
    TOO_FAR = 1  # no street within snap_max_m
    ISLAND = 2  # only streets that are cut off from the rest
    WATER = 3  # only streets across water
    WALL = 4  # only streets behind a wall, fence or hedge
    RAILWAY = 5  # only streets across a railway
    MOTORWAY = 6  # only streets across a motorway


_REASONS = {
    BarrierKind.WATER: Reason.WATER,
    BarrierKind.WATERWAY: Reason.WATER,
    BarrierKind.RAILWAY: Reason.RAILWAY,
    BarrierKind.MOTORWAY: Reason.MOTORWAY,
    BarrierKind.WALL: Reason.WALL,
}
_REASON_OF = np.array([Reason.LINKED, *(_REASONS[kind] for kind in BarrierKind)], np.int8)


@dataclass(frozen=True)
class Linkage:
    """Where points touch streets. One row per entrance point (P,).

    owner_ix: row of the owner; edge_ix: -1 = not linked; offset_cm: along the edge from u;
    leg_cm: off-street, straight; reason: ``Reason``; rung: ``Rung``; foot_xy (P,2): the point on
    the street, NaN-free (the point itself where not linked).
    """

    owner_ix: Ints
    edge_ix: Int32s
    offset_cm: Int32s
    leg_cm: Int32s
    reason: Int8s
    rung: Int8s
    foot_xy: Floats

    def owner_reason(self, owners: int) -> Int8s:
        """(owners,) LINKED where any entrance is, else the gravest reason; TOO_FAR for none."""
        worst = np.full(owners, int(Reason.TOO_FAR), np.int8)
        np.maximum.at(worst, self.owner_ix, self.reason)
        worst[self.owner_ix[self.edge_ix >= 0]] = int(Reason.LINKED)
        return worst


class _Feet(NamedTuple):
    """The street of each point: edge (P,), -1 none, and straight line to it, metres (P,)."""

    edge: Ints
    distance_m: Floats


def snap(
    net: WalkNetwork,
    points: Entrances,
    *,
    snap_max_m: float = SNAP_MAX_M,
    island_max_m: float = ISLAND_MAX_M,
    barriers: Barriers | None = None,
    closed: Bools | None = None,
    water: Shapes | None = None,
) -> Linkage:
    """Link each point to the interior of the nearest street within ``snap_max_m`` (inclusive)
    whose leg, the shortest straight line from the point or its outline, crosses no barrier.

    Not linked to: tunnels, bridges, ferries and lifts (nobody steps off them midway), edges
    ``closed`` (E,), and pieces of network shorter than ``island_max_m`` in all, unless there is
    no larger piece. Where barriers leave no street, the reason is what the leg to the nearest
    one crosses.
    """
    if water is not None and barriers is None:
        barriers = Barriers.simple(water, np.full(len(water), 1, np.int8), np.zeros(len(water)))
    lines = net.edge_lines
    walkable = np.ones(net.edges, bool) if closed is None else ~closed
    usable = walkable & ~net.flagged(*_MIDWAY)
    island = _islands(net, walkable, island_max_m)
    bases = _bases(points)
    feet = _nearest(lines, usable & ~island, bases, snap_max_m)
    reason = np.where(feet.edge >= 0, int(Reason.LINKED), int(Reason.TOO_FAR)).astype(np.int8)
    if barriers is not None and len(barriers):
        _on_this_side(feet, reason, bases, lines, usable & ~island, barriers, snap_max_m)
    lost = np.flatnonzero(reason == int(Reason.TOO_FAR))
    on_island = _nearest(lines, usable & island, bases[lost], snap_max_m).edge >= 0
    reason[lost[on_island]] = int(Reason.ISLAND)
    return _linkage(net, points, bases, feet, reason)


def _bases(points: Entrances) -> Shapes:
    """(P,) where legs begin: the outline on rung EDGE, else the point."""
    bases = np.asarray(shapely.points(points.xy), object).reshape(-1)
    if points.outline is not None:
        edge = points.rung == int(Rung.EDGE)
        bases[edge] = points.outline[edge]
    return bases


def _islands(net: WalkNetwork, walkable: Bools, island_max_m: float) -> Bools:
    """(E,) true on pieces of network too short to be a place one can start from.

    Closing streets can cut off more of them, so pieces are told by the walkable edges alone.
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


def _nearest(
    lines: Shapes,
    eligible: Bools,
    bases: Shapes,
    snap_max_m: float,
) -> _Feet:
    """Nearest eligible line per point; of equally near ones the first."""
    edge = np.full(len(bases), -1, np.int64)
    distance_m = np.full(len(bases), np.inf)
    pick = np.flatnonzero(eligible)
    if len(pick) == 0 or len(bases) == 0:
        return _Feet(edge, distance_m)
    tree = shapely.STRtree(lines[pick])
    # The tree's own limit depends on rounding: ask wider, then compare whole centimetres.
    (point_ix, line_ix), metres = tree.query_nearest(
        bases, max_distance=snap_max_m + 1.0, return_distance=True, all_matches=True
    )
    near = np.rint(metres * 100) <= snap_max_m * 100
    order = np.lexsort((pick[line_ix[near]], point_ix[near]))
    point_ix, line_ix, metres = (a[near][order] for a in (point_ix, line_ix, metres))
    first = np.unique(point_ix, return_index=True)[1]
    edge[point_ix[first]] = pick[line_ix[first]]
    distance_m[point_ix[first]] = metres[first]
    return _Feet(edge, distance_m)


def _on_this_side(
    feet: _Feet,
    reason: Int8s,
    bases: Shapes,
    lines: Shapes,
    eligible: Bools,
    barriers: Barriers,
    snap_max_m: float,
) -> None:
    """Give points whose leg crosses a barrier the nearest street on their own side, or none."""
    linked = np.flatnonzero(feet.edge >= 0)
    kind = barriers.crossed(shapely.shortest_line(bases[linked], lines[feet.edge[linked]]))
    blocked = linked[kind > 0]
    reason[blocked] = _REASON_OF[kind[kind > 0]]
    feet.edge[blocked], feet.distance_m[blocked] = -1, np.inf
    pick = np.flatnonzero(eligible)
    point_ix, edge_ix, metres = _within(lines[pick], bases[blocked], snap_max_m)
    point_ix, edge_ix = blocked[point_ix], pick[edge_ix]
    rank = np.arange(len(point_ix)) - np.searchsorted(point_ix, point_ix)
    tried, more = 0, 4  # ranks tested; more and more at once, for few points need many
    while len(rank) and tried <= rank.max():
        now = (rank >= tried) & (rank < tried + more) & (feet.edge[point_ix] < 0)
        legs = shapely.shortest_line(bases[point_ix[now]], lines[edge_ix[now]])
        free = np.flatnonzero(now)[barriers.crossed(legs) == 0]
        first = free[np.unique(point_ix[free], return_index=True)[1]]
        feet.edge[point_ix[first]] = edge_ix[first]
        feet.distance_m[point_ix[first]] = metres[first]
        reason[point_ix[first]] = int(Reason.LINKED)
        tried, more = tried + more, 2 * more


def _within(lines: Shapes, bases: Shapes, snap_max_m: float) -> tuple[Ints, Ints, Floats]:
    """All pairs of base and line within reach, and their metres: by base, then the nearest,
    then the first."""
    base_ix, line_ix = shapely.STRtree(lines).query(
        bases, predicate="dwithin", distance=snap_max_m + 1.0
    )
    metres = shapely.distance(bases[base_ix], lines[line_ix])
    near = np.rint(metres * 100) <= snap_max_m * 100
    base_ix, line_ix, metres = base_ix[near], line_ix[near], metres[near]
    order = np.lexsort((line_ix, metres, base_ix))
    return base_ix[order], line_ix[order], metres[order]


def _linkage(
    net: WalkNetwork,
    points: Entrances,
    bases: Shapes,
    feet: _Feet,
    reason: Int8s,
) -> Linkage:
    """Whole centimetres from the nearest lines."""
    count = len(points.xy)
    offset_cm, leg_cm = np.zeros(count, np.int32), np.zeros(count, np.int32)
    foot_xy = np.array(points.xy, float)
    ok = np.flatnonzero(feet.edge >= 0)
    edge = feet.edge[ok]
    line = net.edge_lines[edge]
    length_cm = net.length_cm[edge]
    legs = shapely.shortest_line(bases[ok], line)
    share = shapely.line_locate_point(line, shapely.get_point(legs, -1), normalized=True)
    share = np.nan_to_num(share, nan=0.0)  # a street of no length
    offset_cm[ok] = np.clip(np.rint(share * length_cm), 0, length_cm)
    leg_cm[ok] = np.rint(feet.distance_m[ok] * 100)
    foot_xy[ok] = shapely.get_coordinates(
        shapely.line_interpolate_point(line, share, normalized=True)
    )
    arrays = (offset_cm, leg_cm, reason, foot_xy)
    for array in arrays:
        array.setflags(write=False)
    return Linkage(
        owner_ix=points.owner_ix,
        edge_ix=feet.edge.astype(np.int32),
        offset_cm=offset_cm,
        leg_cm=leg_cm,
        reason=reason,
        rung=points.rung,
        foot_xy=foot_xy,
    )
