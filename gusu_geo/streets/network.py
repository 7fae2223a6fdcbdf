"""The walking network: chains between junctions as arrays, in metres. No speed inside."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NotRequired

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from typing_extensions import TypedDict

from gusu_geo._kernels import label_components
from gusu_geo.errors import NetworkError
from gusu_geo.streets.cuts import metres_of
from gusu_geo.streets.enclosed import enclosed
from gusu_geo.streets.stroke_grid import Lines
from gusu_geo.tables import Bools, Floats, Int32s, Ints, NodeFlag, StreetWays, WayFlag
from gusu_geo.words import text

HILBERT_LEVEL = 16  # 65,536 cells a side: under a metre for a city
LEVEL_PM = 1000  # per mille of the time on level ground
_WAITS = NodeFlag.CROSSING | NodeFlag.SIGNALS | NodeFlag.LIFT


class NetworkHealth(TypedDict):
    """Figures on the quality of a network. across_plazas: number of estimated straight ways;
    barriers, dangling_barriers: counts of the sources, where reported."""

    nodes: int
    edges: int
    km: float
    across_plazas: int
    components: int
    cut_off_km: float
    largest_share: float
    dead_ends: int
    steps: int
    private_km: float
    barriers: NotRequired[dict[str, int]]
    dangling_barriers: NotRequired[int]


@dataclass(frozen=True, eq=False)
class WalkNetwork:
    """Streets people walk on.

    node_xy (N,2) m; osm_node (N,) outside ids; node_flags (N,) bits of ``NodeFlag``. Nodes stand
    in Hilbert order.
    edge_u, edge_v (E,) nodes; length_cm (E,); edge_flags (E,) bits of ``WayFlag``; way_id (E,),
    highway (E,), name (E,): an edge is a piece of exactly one OSM way.
    slope_pm (E,2): time relative to level ground, per mille, from u to v and from v to u.
    vertex_ptr (E+1,), vertex_xy (V,2): polylines from u to v, both ends included.
    arc_ptr (N+1,), arc_node, arc_edge (A,), arc_rev (A,): CSR, every edge in both directions
    (a self-loop twice at its node); arc_rev is true where the arc runs from v to u.
    component (N,): 0 = the component with the most metres of street.
    digest: of everything above.
    """

    crs: CRS
    node_xy: Floats
    osm_node: Ints
    node_flags: npt.NDArray[np.int16]
    edge_u: Int32s
    edge_v: Int32s
    length_cm: Int32s
    slope_pm: Int32s
    edge_flags: npt.NDArray[np.int16]
    way_id: Ints
    highway: npt.NDArray[np.str_]
    name: npt.NDArray[np.object_]
    vertex_ptr: Ints
    vertex_xy: Floats
    arc_ptr: Ints
    arc_node: Int32s
    arc_edge: Int32s
    arc_rev: Bools
    component: Int32s
    digest: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WalkNetwork) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        km = float(self.length_cm.sum()) / 1e5
        return f"<WalkNetwork: {self.nodes:,} nodes, {self.edges:,} edges, {km:,.1f} km>"

    @property
    def nodes(self) -> int:
        """N."""
        return len(self.node_xy)

    @property
    def edges(self) -> int:
        """E."""
        return len(self.edge_u)

    @cached_property
    def edge_lines(self) -> npt.NDArray[np.object_]:
        """(E,) shapely LineStrings in metres, from u to v."""
        sizes = np.diff(self.vertex_ptr)
        owner = np.repeat(np.arange(self.edges), sizes)
        lines = np.asarray(shapely.linestrings(self.vertex_xy, indices=owner))
        lines.setflags(write=False)
        return lines

    @cached_property
    def pieces(self) -> Lines:
        """Straight pieces of all edges; the rank is the edge."""
        inner = np.ones(max(len(self.vertex_xy) - 1, 0), bool)
        inner[self.vertex_ptr[1:-1] - 1] = False
        first = np.flatnonzero(inner)
        edge = np.searchsorted(self.vertex_ptr, first, "right") - 1
        return Lines(np.column_stack((self.vertex_xy[first], self.vertex_xy[first + 1])), edge)

    @cached_property
    def edge_rank(self) -> Ints:
        """(E,) places in the order of way, first and last node, whatever else the file holds."""
        first, last = self.osm_node[self.edge_u], self.osm_node[self.edge_v]
        rank = np.empty(self.edges, np.int64)
        rank[np.lexsort((last, first, self.way_id))] = np.arange(self.edges)
        return rank

    @property
    def drawn_lines(self) -> npt.NDArray[np.object_]:
        """Lines of the surveyed streets, without the estimated ways across plazas."""
        return np.asarray(self.edge_lines[~self.flagged(WayFlag.ESTIMATED)])

    @cached_property
    def component_m(self) -> Floats:
        """Metres of street of each component, longest first."""
        sums = np.bincount(self.component[self.edge_u], self.length_cm)
        return np.asarray(sums / 100.0)

    def flagged(self, *flags: WayFlag) -> Bools:
        """(E,) true where the edge carries any of the flags."""
        return np.asarray((self.edge_flags & np.int16(sum(flags))) != 0)

    def with_slopes(self, slope_pm: Int32s) -> WalkNetwork:
        """The same streets with times relative to level ground (E,2), per mille."""
        slope_pm = np.array(slope_pm, np.int32)
        slope_pm.setflags(write=False)
        digest = hashlib.sha256(self.digest.encode() + slope_pm.tobytes()).hexdigest()[:16]
        return replace(self, slope_pm=slope_pm, digest=digest)

    def health(self) -> NetworkHealth:
        """Figures on the quality of the network."""
        metres = self.component_m
        surveyed = ~self.flagged(WayFlag.ESTIMATED, WayFlag.FERRY)
        across = self.flagged(WayFlag.ESTIMATED) & ~self.flagged(WayFlag.OPENING)
        ends = np.diff(self.arc_ptr) == 1
        private = self.length_cm[self.flagged(WayFlag.PRIVATE)]
        return {
            "nodes": self.nodes,
            "edges": self.edges,
            "km": round(float(self.length_cm[surveyed].sum()) / 1e5, 3),
            "across_plazas": int(across.sum()),
            "components": len(metres),
            "cut_off_km": round(float(metres[1:].sum()) / 1000, 3),
            "largest_share": round(float(metres[0] / metres.sum()), 6) if metres.sum() else 1.0,
            "dead_ends": int(ends.sum()),
            "steps": int(self.flagged(WayFlag.STEPS).sum()),
            "private_km": round(float(private.sum()) / 1e5, 3),
        }


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """Undirected edges before they become a network: the input common to all readers.

    xy (N,2) m, ids and node_flags (N,) of nodes; u, v (E,) positions; lines as vertex_ptr (E+1,)
    and vertex_xy (V,2); length_m (E,); flags, way_id, highway, name (E,).
    """

    xy: Floats
    ids: Ints
    node_flags: npt.NDArray[np.int16]
    u: Ints
    v: Ints
    vertex_ptr: Ints
    vertex_xy: Floats
    length_m: Floats
    flags: npt.NDArray[np.int16]
    way_id: Ints
    highway: npt.NDArray[np.str_]
    name: npt.NDArray[np.object_]


def build_network(streets: StreetWays, crs: CRS) -> WalkNetwork:
    """The network of walkable ways in the metric ``crs``.

    Ways are cut at every vertex they share, at their ends and at closed vertices; a closed
    vertex becomes a dead end of each piece that meets it, so it cannot be passed.
    Raises NetworkError when there is no way at all.
    """
    if len(streets.way_ids) == 0:
        raise NetworkError(
            text("error.no_streets_area"),
            fix=text("error.check_extract"),
        )
    seq = streets.way_nodes
    way_of = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_ptr))
    is_node = (np.bincount(seq, minlength=len(streets.node_ids)) > 1) | streets.closed
    # Walkers wait at a crossing even if it shares no vertex with the road.
    waits = (streets.node_flags & _WAITS) != 0
    is_node[seq[waits[seq] & ((streets.flags[way_of] & WayFlag.ON_FOOT) != 0)]] = True
    is_node[seq[streets.way_ptr[:-1]]] = True
    is_node[seq[streets.way_ptr[1:] - 1]] = True
    cuts = np.flatnonzero(is_node[seq])
    same_way = way_of[cuts[:-1]] == way_of[cuts[1:]]
    first, last = cuts[:-1][same_way], cuts[1:][same_way]
    sizes = last - first + 1
    vertex_ptr = np.concatenate([[0], np.cumsum(sizes)])
    picks = np.arange(vertex_ptr[-1]) + np.repeat(first - vertex_ptr[:-1], sizes)
    xy = metres_of(streets, crs)
    vertex_xy = xy[seq[picks]]
    u, v, owners = _node_ends(seq[first], seq[last], streets.closed)
    way = way_of[first]
    out = (streets.node_flags[seq[picks]] & NodeFlag.BEYOND) != 0
    beyond = np.logical_or.reduceat(out, vertex_ptr[:-1]) * np.int16(WayFlag.BEYOND)
    return assemble(
        EdgeTable(
            xy=xy[owners],
            ids=streets.node_ids[owners],
            node_flags=streets.node_flags[owners],
            u=u,
            v=v,
            vertex_ptr=vertex_ptr,
            vertex_xy=vertex_xy,
            length_m=line_lengths(vertex_ptr, vertex_xy),
            flags=streets.flags[way] | beyond,
            way_id=streets.way_ids[way],
            highway=streets.highway[way],
            name=streets.name[way],
        ),
        crs,
    )


def _node_ends(start: Ints, end: Ints, closed: Bools) -> tuple[Ints, Ints, Ints]:
    """u (E,), v (E,) and the vertex of each node; every end at a closed vertex is its own node."""
    ends = np.concatenate([start, end])
    shut = closed[ends]
    owners, places = np.unique(ends[~shut], return_inverse=True)
    node = np.empty(len(ends), np.int64)
    node[~shut] = places
    node[shut] = len(owners) + np.arange(shut.sum())
    return node[: len(start)], node[len(start) :], np.concatenate([owners, ends[shut]])


def line_lengths(vertex_ptr: Ints, vertex_xy: Floats) -> Floats:
    """Length in metres of each polyline (E,)."""
    steps = np.hypot(*np.diff(vertex_xy, axis=0).T)
    steps[vertex_ptr[1:-1] - 1] = 0.0  # from one line's end to the next one's start
    return np.asarray(np.add.reduceat(np.append(steps, 0.0), vertex_ptr[:-1]))


def assemble(table: EdgeTable, crs: CRS) -> WalkNetwork:
    """Order nodes along a Hilbert curve and edges by their ends, mark edges that are ENCLOSED, and
    index the arcs."""
    if not (np.isfinite(table.xy).all() and np.isfinite(table.vertex_xy).all()):
        raise NetworkError(text("error.coordinate_nan"))
    if not (np.isfinite(table.length_m).all() and (table.length_m >= 0).all()):
        raise NetworkError(text("error.length_nan"))
    order = _hilbert_order(table.xy, table.ids)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    u, v = rank[table.u], rank[table.v]
    by = np.lexsort((table.vertex_ptr[:-1], table.way_id, np.maximum(u, v), np.minimum(u, v)))
    sizes = np.diff(table.vertex_ptr)[by]
    vertex_ptr = np.concatenate([[0], np.cumsum(sizes)])
    picks = np.arange(vertex_ptr[-1]) + np.repeat(
        table.vertex_ptr[:-1][by] - vertex_ptr[:-1], sizes
    )
    edge_u, edge_v = u[by].astype(np.int32), v[by].astype(np.int32)
    length_cm = np.rint(table.length_m[by] * 100).astype(np.int32)
    flags = (table.flags[by] & ~np.int16(WayFlag.ENCLOSED)).astype(np.int16)
    flags[enclosed(edge_u, edge_v, length_cm, flags, len(order))] |= np.int16(WayFlag.ENCLOSED)
    parts: dict[str, Any] = {
        "node_xy": table.xy[order],
        "osm_node": table.ids[order],
        "node_flags": table.node_flags[order].astype(np.int16),
        "edge_u": edge_u,
        "edge_v": edge_v,
        "length_cm": length_cm,
        "slope_pm": np.full((len(edge_u), 2), LEVEL_PM, np.int32),
        "edge_flags": flags,
        "way_id": table.way_id[by],
        "highway": table.highway[by].astype(str),
        "name": table.name[by],
        "vertex_ptr": vertex_ptr,
        "vertex_xy": table.vertex_xy[picks],
    }
    return index_arcs(parts, crs)


def index_arcs(parts: dict[str, Any], crs: CRS) -> WalkNetwork:
    """The network of the given nodes and edges; computes arcs, components and digest, and makes all
    arrays read-only. parts: the fields of ``WalkNetwork`` from ``node_xy`` to ``vertex_xy``."""
    u, v, nodes = parts["edge_u"], parts["edge_v"], len(parts["node_xy"])
    arcs = zip(("arc_ptr", "arc_node", "arc_edge", "arc_rev"), _arcs(u, v, nodes), strict=True)
    component = _components(u, v, parts["length_cm"], nodes)
    parts = {**parts, **dict(arcs), "component": component}
    for array in parts.values():
        array.setflags(write=False)
    return WalkNetwork(crs=crs, digest=_digest(parts, crs), **parts)


def _hilbert_order(xy: Floats, ids: Ints) -> Ints:
    points = gpd.GeoSeries(shapely.points(xy))
    west, south, east, north = points.total_bounds
    bounds = (west, south, max(east, west + 1.0), max(north, south + 1.0))
    distance = points.hilbert_distance(total_bounds=bounds, level=HILBERT_LEVEL).to_numpy()
    return np.lexsort((ids, xy[:, 1], xy[:, 0], distance))


def _arcs(edge_u: Int32s, edge_v: Int32s, nodes: int) -> tuple[Ints, Int32s, Int32s, Bools]:
    """CSR over both directions of every edge; arcs of a node stand in order of their edges."""
    edges = len(edge_u)
    tail = np.concatenate([edge_u, edge_v])
    by = np.argsort(tail, kind="stable")
    arc_ptr = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=nodes))]).astype(np.int64)
    arc_node = np.concatenate([edge_v, edge_u])[by]
    return arc_ptr, arc_node, (by % edges).astype(np.int32), by >= edges


def _components(edge_u: Int32s, edge_v: Int32s, length_cm: Int32s, nodes: int) -> Int32s:
    """Component labels, 0 for the most metres; ties go to the one with the first node."""
    roots, label = np.unique(label_components(edge_u, edge_v, nodes), return_inverse=True)
    metres = np.bincount(label[edge_u], length_cm, minlength=len(roots))
    by_length = np.lexsort((np.arange(len(roots)), -metres))
    place = np.empty(len(roots), np.int32)
    place[by_length] = np.arange(len(roots))
    return np.asarray(place[label], np.int32)


def _digest(parts: dict[str, Any], crs: CRS) -> str:
    digest = hashlib.sha256(crs.to_wkt().encode())
    for key, array in parts.items():
        digest.update(key.encode())
        data = array.tobytes() if array.dtype != object else "\0".join(array).encode()
        digest.update(data)
    return digest.hexdigest()[:16]
