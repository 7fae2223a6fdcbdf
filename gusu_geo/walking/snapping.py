"""Snap points to streets: where each entrance is linked to the network, or why it is not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from gusu_geo._kernels import label_components
from gusu_geo.geometry import Shapes, ends_of
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Bools, Entrances, Floats, Ints, WayFlag
from gusu_geo.walking.contacts import BESIDE_M, Contacts, contacts
from gusu_geo.walking.legs import Feet, ShutGaps, Targets, nearest_feet, stay_on_this_side
from gusu_geo.walking.linkage import Linkage, Linking, Reason
from gusu_geo.walking.outlines import EDGE_M
from gusu_geo.walking.street_pieces import Places, Streets

# No access between the ends; estimated lines across a plaza are no streets that doors open onto.
MIDWAY = (WayFlag.TUNNEL, WayFlag.BRIDGE, WayFlag.FERRY, WayFlag.LIFT, WayFlag.ESTIMATED)


BLOCK = 4096  # outlines looked at together
_SIDES = -2  # instead of an edge: the point is linked by rows of its own


def snap(
    net: WalkNetwork,
    points: Entrances,
    linking: Linking | None = None,
    *,
    closed: Bools | None = None,
) -> Linkage:
    """Link each point to the nearest street within ``snap_max_m`` (inclusive) to which a straight
    leg crosses no barrier; what has an outline, to every street beside it (see ``contacts``), and
    what lies behind a wall with known gates, through each of these too.

    Not linked to: tunnels, bridges, ferries, lifts and estimated ways (see ``MIDWAY``), edges
    ``closed`` (E,), and pieces of network shorter than ``island_max_m`` in total, except the
    longest piece. Each straight piece of street is tried at its nearest place only. Where
    barriers leave no street, the reason is the barrier crossed by the leg to the nearest one.
    Rows are in order of the points; a point may have several.
    """
    linking = linking or Linking()
    walkable = np.ones(net.edges, bool) if closed is None else ~closed
    usable = walkable & ~net.flagged(*MIDWAY)
    island = islands(net, walkable, linking.island_max_m)
    bases = bases_of(points)
    streets = Targets.of(net, usable & ~island, linking.snap_max_m)
    feet = nearest_feet(streets, bases, points.xy)
    barriers = linking.blocking(net)
    more: list[_Rows] = []
    first = np.flatnonzero(feet.edge >= 0)
    near_m = np.full(len(bases), np.inf)
    near_m[first] = shapely.length(feet.leg[first])
    if barriers is not None and (len(barriers) or len(barriers.buildings)):
        direct = feet.leg[first]
        stay_on_this_side(feet, streets, bases, barriers)
        more.append(_through_gates(net, streets, bases, barriers, (first, direct)))
        more += _beside_gates(net, streets, (bases, points.xy), feet, barriers)
    _all_sides(net, streets, points, feet, (barriers, near_m), more)
    unlinked = np.flatnonzero(feet.reason == int(Reason.TOO_FAR))
    if len(unlinked):
        cut_off = Targets.of(net, usable & island, linking.snap_max_m)
        on_island = nearest_feet(cut_off, bases[unlinked], points.xy[unlinked]).edge >= 0
        feet.reason[unlinked[on_island]] = int(Reason.ISLAND)
    return _linkage(net, points, feet, more)


def bases_of(points: Entrances) -> Shapes:
    """(P,) where legs begin: the outline if there is one, else the point."""
    if points.outline is None:
        return np.asarray(shapely.points(points.xy), object).reshape(-1)
    bases: Shapes = points.outline.copy()
    bare = np.flatnonzero(bases == None)  # noqa: E711 (of each)
    bases[bare] = shapely.points(points.xy[bare])
    return bases


def islands(net: WalkNetwork, walkable: Bools, island_max_m: float) -> Bools:
    """(E,) true on separate pieces of network shorter than ``island_max_m``, except those that lead
    out of the ground that was read; where all are, except the longest.

    Pieces are found on the ``walkable`` edges only, since closed streets can cut off more of them.
    """
    if walkable.all():
        label, metres = net.component, net.component_m
    else:
        u, v = net.edge_u[walkable], net.edge_v[walkable]
        label = label_components(u, v, net.nodes)
        metres = np.bincount(label[u], net.length_cm[walkable], minlength=net.nodes) / 100
    small = metres < island_max_m
    small[label[net.edge_u[walkable & net.flagged(WayFlag.BEYOND)]]] = False
    if small.all():
        small[int(np.argmax(metres))] = False
    return np.asarray(small[label[net.edge_u]])


class _Rows(NamedTuple):
    """Further links: point (m,), edge, first and last offset, leg, one leg's ends (m,2) each."""

    point: Ints
    edge: Ints
    start_cm: Floats
    stop_cm: Floats
    leg_cm: Floats
    door_xy: Floats
    foot_xy: Floats


def _through_gates(
    net: WalkNetwork,
    streets: Targets,
    bases: Shapes,
    barriers: Barriers,
    direct: tuple[Ints, Shapes],
) -> _Rows:
    """Links through the known gates of the walls that stand between points and their nearest
    street (``direct``: points and legs): to the gate, and on to the street nearest to it."""
    row, gate = barriers.gates_between(ends_of(direct[1]))
    point = direct[0][row]
    doors = np.asarray(shapely.points(barriers.openings.xy[gate]), object).reshape(-1)
    to_gate = shapely.shortest_line(bases[point], doors)
    near = streets.within(shapely.length(to_gate))
    point, gate, to_gate = point[near], gate[near], to_gate[near]
    free = barriers.crossed(ends_of(to_gate)) == 0
    point, gate, to_gate = point[free], gate[free], to_gate[free]
    gates, at = np.unique(gate, return_inverse=True)
    xy = barriers.openings.xy[gates]
    doors = np.asarray(shapely.points(xy), object).reshape(-1)
    feet = nearest_feet(streets, doors, xy)
    stay_on_this_side(feet, streets, doors, barriers)
    metres = shapely.length(to_gate) + np.nan_to_num(shapely.length(feet.leg[at]))
    good = (feet.edge[at] >= 0) & streets.within(metres)
    edge, onward = feet.edge[at[good]], feet.leg[at[good]]
    foot = shapely.get_coordinates(onward).reshape(-1, 2, 2)[:, 1]
    door = shapely.get_coordinates(to_gate[good]).reshape(-1, 2, 2)[:, 0]
    offset = _offset_cm(net, edge, foot)
    return _Rows(point[good], edge, offset, offset, 100 * metres[good], door, foot)


def _beside_gates(
    net: WalkNetwork,
    streets: Targets,
    points: tuple[Shapes, Floats],
    feet: Feet,
    barriers: Barriers,
) -> list[_Rows]:
    """Where people whose leg leads through a gate would go without it, gate by gate: a gate adds a
    way and takes none away. points: bases and places."""
    rows: list[_Rows] = []
    point, legs = np.flatnonzero(feet.edge >= 0), feet.leg[feet.edge >= 0]
    shut = ShutGaps(np.zeros((0, 2), np.int64))
    while True:
        leg, gap = barriers.gaps_on(ends_of(legs))
        if not len(leg):
            break
        shut = shut.joined(point[leg], gap)
        point = np.unique(point[leg])
        bases, xy = points[0][point], points[1][point]
        own = ShutGaps(
            np.column_stack((np.searchsorted(point, shut.pairs[:, 0]), shut.pairs[:, 1]))
        )
        other = nearest_feet(streets, bases, xy)
        stay_on_this_side(other, streets, bases, barriers, own)
        found = np.flatnonzero(other.edge >= 0)
        point, edge, legs = point[found], other.edge[found], other.leg[found]
        ends = shapely.get_coordinates(legs).reshape(-1, 2, 2)
        offset, leg_cm = _offset_cm(net, edge, ends[:, 1]), 100 * shapely.length(legs)
        rows.append(_Rows(point, edge, offset, offset, leg_cm, ends[:, 0], ends[:, 1]))
    return rows


def _all_sides(
    net: WalkNetwork,
    streets: Targets,
    points: Entrances,
    feet: Feet,
    around: tuple[Barriers | None, Floats],
    more: list[_Rows],
) -> None:
    """Links what has an outline to all streets beside it instead of the nearest alone (feet).

    around: barriers, and metres (P,) to the nearest street, barriers or not.
    """
    barriers, near_m = around
    if points.outline is None or not len(streets.edge):
        return
    ground = np.zeros(len(points.xy), bool) if points.ground is None else points.ground
    drawn = np.array([outline is not None for outline in points.outline], bool)
    # Where a barrier stops the nearest leg, another point of the outline may see the street.
    rows = np.flatnonzero(drawn & (ground | (feet.reason != int(Reason.TOO_FAR))))
    if not len(rows):
        return
    reach_m = np.where(ground[rows], streets.reach_m, near_m[rows] + BESIDE_M)
    reach_m = np.minimum(reach_m, streets.reach_m)
    lines = Streets(
        streets.lines, streets.edge, net.length_cm[streets.edge].astype(np.int64), streets.tree
    )
    places = Places(points.outline[rows], reach_m, ground[rows])
    found = _contacts(lines, places, barriers)
    kept = _own_feet(net, feet, rows, ground[rows], found, barriers)
    found = found.joined(kept).fewest(net.edge_rank)
    length = np.maximum(net.length_cm[found.edge], 1)
    feet_at = shapely.line_interpolate_point(
        net.edge_lines[found.edge], found.foot_cm / length, normalized=True
    )
    more.append(_Rows(rows[found.place], *found[1:6], shapely.get_coordinates(feet_at)))
    served = np.unique(rows[found.place])
    feet.edge[served] = _SIDES  # their rows are among ``more``
    bare = np.setdiff1d(rows[ground[rows]], served)
    feet.unlink(bare[feet.edge[bare] >= 0], np.int8(Reason.WALL))


def _contacts(lines: Streets, places: Places, barriers: Barriers | None) -> Contacts:
    """``contacts``, of a block of places at a time: what is looked at on the way takes much more
    memory than what is found."""
    blocks = []
    for first in range(0, len(places.outline), BLOCK):
        some = Places._make(part[first : first + BLOCK] for part in places)
        found = contacts(lines, some, barriers)
        blocks.append(found._replace(place=found.place + first))
    return Contacts._make(map(np.concatenate, zip(*blocks, strict=True)))


def _own_feet(
    net: WalkNetwork,
    feet: Feet,
    rows: Ints,
    ground: Bools,
    found: Contacts,
    barriers: Barriers | None,
) -> Contacts:
    """The nearest place of each as a contact too; of ground only where nothing else is found and
    no wall on its edge bars it."""
    linked = np.flatnonzero(feet.edge[rows] >= 0)
    ends = shapely.get_coordinates(feet.leg[rows[linked]]).reshape(-1, 2, 2)
    keep = ~ground[linked] | ~np.isin(linked, found.place)
    if barriers is not None:
        keep &= ~ground[linked] | ~barriers.walled(ends[:, 0], EDGE_M)
    linked, ends = linked[keep], ends[keep]
    edge = feet.edge[rows[linked]]
    offset = _offset_cm(net, edge, ends[:, 1])
    leg_cm = 100 * shapely.length(feet.leg[rows[linked]])
    return Contacts(linked, edge, offset, offset, leg_cm, ends[:, 0], offset)


def _offset_cm(net: WalkNetwork, edge: Ints, xy: Floats) -> Floats:
    """How far along their edges places on them are."""
    lines = net.edge_lines[edge]
    share = shapely.line_locate_point(lines, shapely.points(xy), normalized=True)
    share = np.nan_to_num(share, nan=0.0)  # a street of no length
    return np.asarray(share * net.length_cm[edge], float)


def _linkage(net: WalkNetwork, points: Entrances, feet: Feet, more: list[_Rows]) -> Linkage:
    """The linkage of all points, in whole centimetres."""
    own = np.flatnonzero(feet.edge != _SIDES)
    ok = np.flatnonzero(feet.edge[own] >= 0)
    door_xy, foot_xy = points.xy[own].astype(float), points.xy[own].astype(float)
    ends = shapely.get_coordinates(feet.leg[own[ok]]).reshape(-1, 2, 2)
    door_xy[ok], foot_xy[ok] = ends[:, 0], ends[:, 1]
    offset, leg = np.zeros(len(own)), np.zeros(len(own))
    offset[ok] = _offset_cm(net, feet.edge[own[ok]], ends[:, 1])
    leg[ok] = 100 * shapely.length(feet.leg[own[ok]])
    rows = [_Rows(own, feet.edge[own], offset, offset, leg, door_xy, foot_xy), *more]
    all_rows = _Rows._make(np.concatenate(part) for part in zip(*rows, strict=True))
    several = np.bincount(all_rows.point, minlength=len(points.xy))[all_rows.point] > 1
    idle = several & (all_rows.edge < 0)  # linked through a gate after all
    all_rows = _Rows._make(part[~idle] for part in all_rows)
    order = np.argsort(all_rows.point, kind="stable")
    rest = _Rows._make(part[order] for part in all_rows)
    length = np.where(rest.edge >= 0, net.length_cm[rest.edge], 0)
    start = np.clip(np.rint(rest.start_cm), 0, length)
    reason = np.where(rest.edge >= 0, int(Reason.LINKED), feet.reason[rest.point])
    arrays = {
        "owner_ix": points.owner_ix[rest.point],
        "edge_ix": rest.edge.astype(np.int32),
        "offset_cm": start.astype(np.int32),
        "span_cm": (np.clip(np.rint(rest.stop_cm), start, length) - start).astype(np.int32),
        "leg_cm": np.rint(rest.leg_cm).astype(np.int32),
        "reason": reason.astype(np.int8),
        "rung": points.rung[rest.point],
        "door_xy": rest.door_xy,
        "foot_xy": rest.foot_xy,
    }
    for array in arrays.values():
        array.setflags(write=False)
    return Linkage(**arrays)
