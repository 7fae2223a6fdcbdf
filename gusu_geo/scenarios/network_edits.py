"""Changes to a finished network: new links between places on streets, gates opened.

Existing rows are not changed: new nodes and edges come after the old ones. A street that a link
joins midway stays, and its parts are added as further edges. So every ``edge_ix`` keeps its
meaning, links of points stay valid, and no walk becomes longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.ops import substring

from gusu_geo.streets.network import LEVEL_PM, WalkNetwork, index_arcs
from gusu_geo.tables import Floats, Ints, NodeFlag, WayFlag
from gusu_geo.walking.linkage import Linkage

HIGHWAY = "footway"  # class of new links


class Spot(NamedTuple):
    """A place on a street: edge, and whole centimetres from its u."""

    edge_ix: int
    offset_cm: int


@dataclass(frozen=True)
class NewLink:
    """A way between two places, open in both directions."""

    start: Spot
    end: Spot
    length_cm: int


@dataclass(frozen=True, eq=False)
class EditedNetwork:
    """A network with changes, and how to transfer links from the old one.

    bounds: for each edge that was cut, the ascending offsets (n+1,) at which its parts begin and
    end; first_part: edge_ix of the first part of each; its other parts follow.
    """

    network: WalkNetwork
    bounds: dict[int, Ints]
    first_part: dict[int, int]

    def extend(self, links: Linkage) -> Linkage:
        """The linkage on the changed network: all rows, then, for each row on an edge that was cut,
        one more on every part that holds some of it."""
        found: list[Ints] = []
        for edge, bounds in self.bounds.items():
            on = np.flatnonzero(links.edge_ix == edge)
            start, end = links.offset_cm[on].astype(np.int64), links.end_cm[on].astype(np.int64)
            # A place on the border between two parts belongs to the first.
            first = np.searchsorted(bounds[1:-1], start, side="left")
            last = np.maximum(np.searchsorted(bounds[1:-1], end, side="left"), first)
            for part in range(len(bounds) - 1):
                mine = (first <= part) & (part <= last)
                low = np.maximum(start[mine], bounds[part])
                high = np.minimum(end[mine], bounds[part + 1])
                there = np.full(len(low), self.first_part[edge] + part)
                found.append(np.column_stack((on[mine], there, low - bounds[part], high - low)))
        if sum(map(len, found)) == 0:
            return links
        row, edge_ix, offset, span = np.concatenate(found).T
        more = links.rows(row)
        parts = {field.name: getattr(more, field.name) for field in fields(more)}
        whole = {"edge_ix": edge_ix, "offset_cm": offset, "span_cm": span}
        parts |= {name: values.astype(np.int32) for name, values in whole.items()}
        return links.joined(Linkage(**parts))


def edit_network(
    net: WalkNetwork, *, links: Sequence[NewLink] = (), gates: Sequence[int] = ()
) -> EditedNetwork:
    """``net`` with new ``links``, and with the closed vertices ``gates`` (OSM node ids) open.

    Links are level, and no points are linked to them. All streets that meet at an opened gate are
    joined by edges of length 0, private ones where one of the two streets is private.
    Raises ValueError: a place that is on no edge, a gate that is no closed vertex.
    """
    if not links and not gates:
        return EditedNetwork(net, {}, {})
    stops = _stops(net, links)
    new = _Rows(net)
    node_of = {spot: net.nodes + i for i, spot in enumerate(stops)}
    node_xy = np.array([place_on(net, spot) for spot in stops]).reshape(-1, 2)
    bounds, first_part = {}, {}
    for edge in sorted({spot.edge_ix for spot in stops}):
        inner = [spot for spot in stops if spot.edge_ix == edge]
        cuts = [0, *(spot.offset_cm for spot in inner), int(net.length_cm[edge])]
        ends = [int(net.edge_u[edge]), *(node_of[s] for s in inner), int(net.edge_v[edge])]
        bounds[edge], first_part[edge] = np.array(cuts), net.edges + len(new.u)
        for i in range(len(cuts) - 1):
            new.part(edge, ends[i], ends[i + 1], cuts[i], cuts[i + 1])
    for link in links:
        places = np.array([place_on(net, spot) for spot in (link.start, link.end)])
        one, other = (_node_at(net, spot, node_of) for spot in (link.start, link.end))
        new.link(one, other, link.length_cm, WayFlag.BRIDGE, places)
    for one, other, flags in _openings(net, gates):
        new.link(one, other, 0, flags, net.node_xy[[one, other]])
    return EditedNetwork(new.appended(node_xy), bounds, first_part)


def place_on(net: WalkNetwork, spot: Spot) -> Floats:
    """x, y in metres of a place on a street."""
    share = spot.offset_cm / max(int(net.length_cm[spot.edge_ix]), 1)
    point = shapely.line_interpolate_point(net.edge_lines[spot.edge_ix], share, normalized=True)
    return np.array([point.x, point.y])


def gate_nodes(net: WalkNetwork, osm_node: int) -> Ints:
    """The nodes of one closed vertex: one per street that ends there."""
    closed = (net.node_flags & NodeFlag.CLOSED) != 0
    return np.flatnonzero(closed & (net.osm_node == osm_node))


def _stops(net: WalkNetwork, links: Sequence[NewLink]) -> list[Spot]:
    """Places where streets are cut: ends of links that are not at an end of their street, sorted,
    each once."""
    spots = sorted({spot for link in links for spot in (link.start, link.end)})
    for edge, offset_cm in spots:
        if not (0 <= edge < net.edges and 0 <= offset_cm <= net.length_cm[edge]):
            raise ValueError(f"no street has the place {edge}, {offset_cm}")
    return [spot for spot in spots if 0 < spot.offset_cm < net.length_cm[spot.edge_ix]]


def _node_at(net: WalkNetwork, spot: Spot, node_of: dict[Spot, int]) -> int:
    if spot in node_of:
        return node_of[spot]
    return int((net.edge_u if spot.offset_cm == 0 else net.edge_v)[spot.edge_ix])


def _openings(net: WalkNetwork, gates: Sequence[int]) -> list[tuple[int, int, int]]:
    """Every pair of nodes of each gate, with the flags of the edge between them."""
    found = []
    for gate in dict.fromkeys(gates):
        nodes = gate_nodes(net, gate).tolist()
        if not nodes:
            raise ValueError(f"node {gate} is no closed gate")
        private = {node: _is_private(net, node) for node in nodes}
        for one, other in combinations(nodes, 2):
            own = WayFlag.PRIVATE if private[one] or private[other] else 0
            found.append((one, other, int(WayFlag.BRIDGE | own)))
    return found


def _is_private(net: WalkNetwork, node: int) -> bool:
    edges = net.arc_edge[net.arc_ptr[node] : net.arc_ptr[node + 1]]
    return bool((net.edge_flags[edges] & WayFlag.PRIVATE).any())


class _Rows:
    """Collects new edges; attributes as the fields of ``WalkNetwork``."""

    def __init__(self, net: WalkNetwork) -> None:
        self.net = net
        self.u: list[int] = []
        self.v: list[int] = []
        self.length_cm: list[int] = []
        self.slope_pm: list[tuple[int, int]] = []
        self.flags: list[int] = []
        self.way_id: list[int] = []
        self.highway: list[str] = []
        self.name: list[str] = []
        self.lines: list[Floats] = []

    def part(self, edge: int, u: int, v: int, first_cm: int, last_cm: int) -> None:
        """Add the part of an edge between two offsets; all else is as on the edge."""
        net, length_cm = self.net, int(self.net.length_cm[edge])
        line = net.edge_lines[edge]
        piece = substring(line, first_cm / length_cm, last_cm / length_cm, normalized=True)
        xy = shapely.get_coordinates(piece)
        if len(xy) == 1:  # a street of length above 0 drawn as a point
            xy = np.repeat(xy, 2, axis=0)
        forth, back = net.slope_pm[edge].tolist()
        facts = int(net.way_id[edge]), str(net.highway[edge]), str(net.name[edge])
        flags = int(net.edge_flags[edge])
        self._add((u, v), last_cm - first_cm, (forth, back), flags, xy, facts)

    def link(self, u: int, v: int, length_cm: int, flags: int, xy: Floats) -> None:
        """Add a level way that is not on the map."""
        level = (LEVEL_PM, LEVEL_PM)
        self._add((u, v), length_cm, level, int(flags), xy, (0, HIGHWAY, ""))

    def _add(
        self, ends: tuple[int, int], length_cm: int, slope_pm: tuple[int, int], flags: int,
        xy: Floats, way: tuple[int, str, str],
    ) -> None:  # fmt: skip
        (u, v), (way_id, highway, name) = ends, way
        self.u.append(u)
        self.v.append(v)
        self.length_cm.append(length_cm)
        self.slope_pm.append(slope_pm)
        self.flags.append(flags)
        self.lines.append(xy)
        self.way_id.append(way_id)
        self.highway.append(highway)
        self.name.append(name)

    def appended(self, node_xy: Floats) -> WalkNetwork:
        """The network with these edges, and with new nodes (n,2) without waits."""
        net, nodes = self.net, len(node_xy)
        sizes = np.array([len(line) for line in self.lines])
        more: dict[str, Any] = {
            "node_xy": node_xy,
            "osm_node": np.zeros(nodes, np.int64),
            "node_flags": np.zeros(nodes, np.int16),
            "edge_u": np.array(self.u, np.int32),
            "edge_v": np.array(self.v, np.int32),
            "length_cm": np.array(self.length_cm, np.int32),
            "slope_pm": np.array(self.slope_pm, np.int32).reshape(-1, 2),
            "edge_flags": np.array(self.flags, np.int16),
            "way_id": np.array(self.way_id, np.int64),
            "highway": np.array(self.highway, str),
            "name": np.array(self.name, object),
            "vertex_ptr": net.vertex_ptr[-1] + np.cumsum(sizes),
            "vertex_xy": np.concatenate([*self.lines, np.zeros((0, 2))]),
        }
        parts = {key: np.concatenate([getattr(net, key), add]) for key, add in more.items()}
        return index_arcs(parts, net.crs)
