"""How each missing link would be closed: by a new way, or by opening the gate that shuts it.

A link is a way between two places on streets, as the scenario change "add_link" makes it. Where
opening gates alone closes the gap it is the gate on the shortest way then ("open_gate"); where
private ways alone do, a public way as long as theirs from where that way enters them to where it
leaves them.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo.assessment.between import GATE, PRIVATE, PointPairs, gates_open, privates_open
from gusu_geo.assessment.street_points import StreetPoints
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import Int8s, Ints, NodeFlag, WayFlag
from gusu_geo.walking.search import Ends, ways
from gusu_geo.walking.trips import Trips

NO_GATE, SEVERAL = 0, -1  # instead of the OSM id of a gate


class Openings(NamedTuple):
    """What closes each missing link (n,): gate: OSM node that is opened, ``NO_GATE`` where a way is
    added, ``SEVERAL`` where more than one gate is in the way. edge_ix, offset_cm (n,2): ends of the
    way; length_cm (n,)."""

    edge_ix: Ints
    offset_cm: Ints
    length_cm: Ints
    gate: Ints

    def rows(self, pick: npt.NDArray[np.generic]) -> Openings:
        """The chosen links."""
        return Openings(*(column[pick] for column in self))


def openings_of(
    trips: Trips, walk: Walk, points: StreetPoints, ends: Ends, pairs: PointPairs, between: Int8s
) -> Openings:
    """The opening of each pair; ``ends`` of the points on the trips, which are the same both
    ways."""
    sides = np.column_stack([pairs.a, pairs.b])
    edge, offset = points.links.edge_ix[sides], points.links.offset_cm[sides]
    found = Openings(
        edge.astype(np.int64),
        offset.astype(np.int64),
        pairs.air_cm.copy(),
        np.full(len(pairs.a), NO_GATE, np.int64),
    )
    gates, private = (np.flatnonzero(between == code).tolist() for code in (GATE, PRIVATE))
    opened = gates_open(trips) if gates else trips
    for row in gates:
        found.gate[row] = _gate(opened, ends, pairs, row)
    opened = privates_open(trips, walk) if private else trips
    for row in private:
        nodes, cm = _way(opened, ends, pairs, row)
        steps = _private_steps(trips, nodes, cm)
        if steps:
            first, last = steps[0], steps[-1]
            found.edge_ix[row] = first.edge, last.edge
            found.offset_cm[row] = first.enter_cm, last.leave_cm
            found.length_cm[row] = cm[last.step + 1] - cm[first.step]
    return found


def _gate(opened: Trips, ends: Ends, pairs: PointPairs, row: int) -> int:
    """The gate on the way of a pair where all are open."""
    net = opened.net
    nodes, _ = _way(opened, ends, pairs, row)
    places = [node for node in nodes if node < net.nodes]
    shut = [int(net.osm_node[n]) for n in places if net.node_flags[n] & NodeFlag.CLOSED]
    passed = [one for one, other in pairwise(shut) if one == other]
    gates = sorted(set(passed))
    return gates[0] if len(gates) == 1 else SEVERAL


def _way(opened: Trips, ends: Ends, pairs: PointPairs, row: int) -> tuple[list[int], list[int]]:
    """Nodes from the first point of a pair to the second, and centimetres from the first node."""
    a, b = (ends.rows(np.array([side[row]])) for side in (pairs.a, pairs.b))
    found = ways(opened, b, np.zeros(1, np.int32), a, cutoff_s=float(pairs.walk_cm[row]) / 100)
    at = found.cs[a.node[0]].astype(np.int64) + a.cs[0]
    node = int(a.node[0][int(at.argmin())])
    nodes, left = [node], [int(found.cs[node])]
    while found.arc[node] >= 0:
        node = int(opened.back.tail[found.arc[node]])
        nodes.append(node)
        left.append(int(found.cs[node]))
    return nodes, [left[0] - one for one in left]


def as_changes(net: WalkNetwork, openings: Openings) -> npt.NDArray[np.object_]:
    """(n,) each as a change of a scenario, JSON; "" where several gates would have to open."""
    edge, offset = openings.edge_ix.ravel(), openings.offset_cm.ravel()
    share = offset / np.maximum(net.length_cm[edge], 1)
    spots = shapely.line_interpolate_point(net.edge_lines[edge], share, normalized=True)
    lonlat = np.column_stack(
        transformer(net.crs, WGS84).transform(*shapely.get_coordinates(spots).T)
    )
    places = [
        {"at": at, "on": [e, o]}
        for at, e, o in zip(
            np.round(lonlat, 7).tolist(), edge.tolist(), offset.tolist(), strict=True
        )
    ]
    found = np.full(len(openings.gate), "", object)
    for row, (gate, cm) in enumerate(
        zip(openings.gate.tolist(), openings.length_cm.tolist(), strict=True)
    ):
        if gate > NO_GATE:
            found[row] = json.dumps({"do": "open_gate", "node": gate})
        elif gate == NO_GATE:
            ends = {"from": places[2 * row], "to": places[2 * row + 1]}
            found[row] = json.dumps({"do": "add_link", **ends, "length_cm": cm})
    return found


class _Step(NamedTuple):
    """A step of a way along a private edge, and where on it the step begins and ends."""

    step: int
    edge: int
    enter_cm: int
    leave_cm: int


def _private_steps(trips: Trips, nodes: list[int], cm: list[int]) -> list[_Step]:
    """The steps of a way that only private edges offer, in order."""
    net = trips.net
    private = trips.pace.closed & net.flagged(WayFlag.PRIVATE)
    steps = []
    for step, (tail, head) in enumerate(pairwise(nodes)):
        if max(tail, head) >= net.nodes:
            continue
        here = slice(int(net.arc_ptr[tail]), int(net.arc_ptr[tail + 1]))
        edges = net.arc_edge[here][net.arc_node[here] == head]
        edges = edges[net.length_cm[edges] == cm[step + 1] - cm[step]]
        if len(edges) and private[edges].all():
            edge = int(edges.min())
            ends = 0, int(net.length_cm[edge])
            steps.append(_Step(step, edge, *(ends if tail == net.edge_u[edge] else ends[::-1])))
    return steps
