"""Points to streets: where each entrance touches the network, or why it does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo._kernels import label_components
from gusu_geo.network import WalkNetwork
from gusu_geo.params import ISLAND_MAX_M, SNAP_MAX_M
from gusu_geo.tables import Bools, Entrances, Floats, Int8s, Int32s, Ints, WayFlag

WET_M = 0.5  # a leg that runs over less water than this is taken for drawing noise


class Reason(IntEnum):
    """Why a point is not linked."""

    LINKED = 0
    TOO_FAR = 1  # no street within snap_max_m
    ISLAND = 2  # only streets that are cut off from the rest
    WATER = 3  # only streets across water


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
    """Nearest eligible edge per point: edge (P,), -1 none, and distance_m (P,)."""

    edge: Ints
    distance_m: Floats


def snap(
    net: WalkNetwork,
    points: Entrances,
    *,
    snap_max_m: float = SNAP_MAX_M,
    island_max_m: float = ISLAND_MAX_M,
    water: npt.NDArray[np.object_] | None = None,
    closed: Bools | None = None,
) -> Linkage:
    """Link each point to the interior of the nearest street within ``snap_max_m`` (inclusive).

    Not linked to: tunnels and bridges (nobody steps off them midway), edges ``closed`` (E,), and
    pieces of network shorter than ``island_max_m`` in all, unless there is no larger piece.
    ``water``: geometries in metres that no off-street leg may cross.
    """
    lines = net.edge_lines
    walkable = np.ones(net.edges, bool) if closed is None else ~closed
    usable = walkable & ~net.flagged(WayFlag.TUNNEL, WayFlag.BRIDGE)
    island = _islands(net, walkable, island_max_m)
    geometry = np.asarray(shapely.points(points.xy), object).reshape(-1)
    feet = _nearest(lines, usable & ~island, geometry, snap_max_m)
    reason = np.where(feet.edge >= 0, int(Reason.LINKED), int(Reason.TOO_FAR)).astype(np.int8)
    if water is not None and len(water):
        _avoid_water(feet, reason, geometry, lines, usable & ~island, water, snap_max_m)
    lost = np.flatnonzero(reason == int(Reason.TOO_FAR))
    on_island = _nearest(lines, usable & island, geometry[lost], snap_max_m).edge >= 0
    reason[lost[on_island]] = int(Reason.ISLAND)
    return _linkage(net, points, geometry, feet, reason)


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
    lines: npt.NDArray[np.object_],
    eligible: Bools,
    points: npt.NDArray[np.object_],
    snap_max_m: float,
) -> _Feet:
    """Nearest eligible line per point; of equally near ones the first."""
    edge = np.full(len(points), -1, np.int64)
    distance_m = np.full(len(points), np.inf)
    pick = np.flatnonzero(eligible)
    if len(pick) == 0 or len(points) == 0:
        return _Feet(edge, distance_m)
    tree = shapely.STRtree(lines[pick])
    # The tree's own limit depends on rounding: ask wider, then compare whole centimetres.
    (point_ix, line_ix), metres = tree.query_nearest(
        points, max_distance=snap_max_m + 1.0, return_distance=True, all_matches=True
    )
    near = np.rint(metres * 100) <= snap_max_m * 100
    order = np.lexsort((pick[line_ix[near]], point_ix[near]))
    point_ix, line_ix, metres = (a[near][order] for a in (point_ix, line_ix, metres))
    first = np.unique(point_ix, return_index=True)[1]
    edge[point_ix[first]] = pick[line_ix[first]]
    distance_m[point_ix[first]] = metres[first]
    return _Feet(edge, distance_m)


def _avoid_water(
    feet: _Feet,
    reason: Int8s,
    points: npt.NDArray[np.object_],
    lines: npt.NDArray[np.object_],
    eligible: Bools,
    water: npt.NDArray[np.object_],
    snap_max_m: float,
) -> None:
    """Give points whose leg crosses water the nearest street on their own bank, or none."""
    linked = np.flatnonzero(feet.edge >= 0)
    wet_tree = shapely.STRtree(water)
    wet = linked[_crosses(wet_tree, water, points[linked], lines[feet.edge[linked]])]
    if len(wet) == 0:
        return
    pick = np.flatnonzero(eligible)
    tree = shapely.STRtree(lines[pick])
    point_ix, line_ix = tree.query(points[wet], predicate="dwithin", distance=snap_max_m)
    edge_ix = pick[line_ix]
    dry = ~_crosses(wet_tree, water, points[wet[point_ix]], lines[edge_ix])
    point_ix, edge_ix = wet[point_ix[dry]], edge_ix[dry]
    metres = shapely.distance(points[point_ix], lines[edge_ix])
    feet.edge[wet], feet.distance_m[wet] = -1, np.inf
    reason[wet] = int(Reason.WATER)
    order = np.lexsort((edge_ix, metres, point_ix))
    first = order[np.unique(point_ix[order], return_index=True)[1]]
    feet.edge[point_ix[first]] = edge_ix[first]
    feet.distance_m[point_ix[first]] = metres[first]
    reason[point_ix[first]] = int(Reason.LINKED)


def _crosses(
    tree: shapely.STRtree,
    water: npt.NDArray[np.object_],
    points: npt.NDArray[np.object_],
    lines: npt.NDArray[np.object_],
) -> Bools:
    """(n,) true where the straight leg from the point to the line crosses a waterway or runs
    over more than WET_M of a water area."""
    legs = shapely.shortest_line(points, lines)
    leg_ix, water_ix = tree.query(legs, predicate="intersects")
    area = shapely.get_dimensions(water[water_ix]) == 2
    wet_m = shapely.length(shapely.intersection(legs[leg_ix], water[water_ix]))
    hit = np.zeros(len(legs), bool)
    hit[leg_ix[~area | (wet_m > WET_M)]] = True
    return hit


def _linkage(
    net: WalkNetwork,
    points: Entrances,
    geometry: npt.NDArray[np.object_],
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
    share = shapely.line_locate_point(line, geometry[ok], normalized=True)
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
