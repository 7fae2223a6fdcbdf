"""Saves and loads networks, and converts networkx graphs (osmnx's among them)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from gusu_geo.errors import NetworkError, shortened
from gusu_geo.foreign import foreign, plain_file
from gusu_geo.geometry import WGS84, centred_crs, transformer
from gusu_geo.streets.network import LEVEL_PM, EdgeTable, WalkNetwork, assemble, line_lengths
from gusu_geo.tables import Floats, Ints, WayFlag
from gusu_geo.words import text

if TYPE_CHECKING:  # loaded where a graph is made or given
    import networkx as nx

FORMAT = 3  # of the saved file
WEB_MERCATOR = 3857
LONGEST_M = 1e7  # of an edge: lengths are kept in whole centimetres of 32 bits


def save_network(net: WalkNetwork, path: str | Path) -> None:
    """Write the network to one file (a numpy archive, no pickles). Not atomic."""
    head = json.dumps({"format": FORMAT, "crs": net.crs.to_wkt(), "digest": net.digest})
    names, name_ix = np.unique(net.name.astype(str), return_inverse=True)
    with Path(path).open("wb") as stream:
        np.savez(
            stream,
            head=_bytes(head),
            names=_bytes(json.dumps(names.tolist(), ensure_ascii=False)),
            name_ix=name_ix.astype(np.int32),
            xy=net.node_xy,
            ids=net.osm_node,
            node_flags=net.node_flags,
            slope_pm=net.slope_pm,
            u=net.edge_u,
            v=net.edge_v,
            length_cm=net.length_cm,
            flags=net.edge_flags,
            way_id=net.way_id,
            highway=net.highway,
            sizes=np.diff(net.vertex_ptr),
            vertex_xy=net.vertex_xy,
        )


def load_network(path: str | Path) -> WalkNetwork:
    """The network that ``save_network`` wrote. Raises NetworkError: missing, not a saved network,
    of another format, or damaged."""
    with foreign("network", plain_file(Path(path), "network")):
        with np.load(path, allow_pickle=False) as archive:
            parts = dict(archive)
        head = json.loads(bytes(parts["head"]))
        written = head["format"]
    if written != FORMAT:
        what, fix = text("error.network_format", format=FORMAT), text("error.build_from_osm")
        raise NetworkError(what, where=path, fix=fix)
    with foreign("network", path):
        table, slope_pm, crs = _table(parts), parts["slope_pm"], CRS.from_wkt(head["crs"])
    if not _fits(table, slope_pm):
        raise NetworkError(
            text("error.network_not_whole"), where=path, fix=text("error.build_again")
        )
    net = assemble(table, crs)
    if (slope_pm != LEVEL_PM).any():
        net = net.with_slopes(slope_pm)
    if net.digest != head["digest"]:
        raise NetworkError(text("error.network_damaged"), where=path, fix=text("error.build_again"))
    return net


def _table(parts: dict[str, Any]) -> EdgeTable:
    """The arrays of a saved file, not checked."""
    names = np.array(json.loads(bytes(parts["names"])), object)
    return EdgeTable(
        xy=parts["xy"],
        ids=parts["ids"],
        node_flags=parts["node_flags"],
        u=parts["u"].astype(np.int64),
        v=parts["v"].astype(np.int64),
        vertex_ptr=np.concatenate([[0], np.cumsum(parts["sizes"])]),
        vertex_xy=parts["vertex_xy"],
        length_m=parts["length_cm"] / 100.0,
        flags=parts["flags"],
        way_id=parts["way_id"],
        highway=parts["highway"],
        name=names[parts["name_ix"]],
    )


def _fits(table: EdgeTable, slope_pm: Ints) -> bool:
    """Whether the arrays of a file have the kinds and sizes of a network: its digest can only be
    computed of one."""
    if not isinstance(slope_pm, np.ndarray) or not all(
        isinstance(each, np.ndarray) and each.ndim for each in vars(table).values()
    ):
        return False
    nodes, edges, sizes = len(table.xy), len(table.u), np.diff(table.vertex_ptr)
    by_edge = table.u, table.v, table.flags, table.way_id, sizes
    wanted: list[tuple[np.ndarray[Any, Any], str, tuple[int, ...]]] = [
        (table.xy, "f", (nodes, 2)),
        (table.vertex_xy, "f", (int(sizes.sum()), 2)),
        *((each, "i", (nodes,)) for each in (table.ids, table.node_flags)),
        *((each, "i", (edges,)) for each in by_edge),
        (slope_pm, "i", (edges, 2)),
        (table.length_m, "f", (edges,)),
        (table.highway, "U", (edges,)),
        (table.name, "O", (edges,)),
    ]
    if edges == 0 or any(a.dtype.kind != kind or a.shape != shape for a, kind, shape in wanted):
        return False
    ends = np.concatenate([table.u, table.v])
    return bool(
        (ends.min() >= 0 and ends.max() < nodes and sizes.min() >= 2)
        and all(isinstance(name, str) for name in table.name)
    )


def to_networkx(net: WalkNetwork) -> nx.MultiDiGraph[Any]:
    """A graph as osmnx makes it: nodes with x, y; edges in every direction that may be walked,
    with length (m), geometry, osmid, highway, name; keys are edge positions.

    >>> import networkx as nx
    >>> street = nx.Graph(crs="EPSG:4326")
    >>> street.add_nodes_from([(0, {"x": 7.42, "y": 43.74}), (1, {"x": 7.43, "y": 43.74})])
    >>> street.add_edge(0, 1, length=800.0)
    >>> sorted(to_networkx(from_networkx(street)).edges)
    [(0, 1, 0), (1, 0, 0)]
    """
    import networkx as nx

    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=net.crs.to_wkt())
    for node, (x, y) in enumerate(net.node_xy):
        osmid, flags = int(net.osm_node[node]), int(net.node_flags[node])
        graph.add_node(node, x=float(x), y=float(y), osmid=osmid, flags=flags)
    for edge, line in enumerate(net.edge_lines):
        flags = int(net.edge_flags[edge])
        facts = {
            "length": int(net.length_cm[edge]) / 100,
            "osmid": int(net.way_id[edge]),
            "highway": str(net.highway[edge]),
            "name": str(net.name[edge]),
            "flags": flags,
        }
        u, v = int(net.edge_u[edge]), int(net.edge_v[edge])
        if not flags & WayFlag.BACKWARD_ONLY:
            graph.add_edge(u, v, key=edge, geometry=line, reversed=False, **facts)
        if not flags & WayFlag.FORWARD_ONLY and u != v:
            graph.add_edge(v, u, key=edge, geometry=shapely.reverse(line), reversed=True, **facts)
    return graph


def from_networkx(graph: nx.Graph[Any]) -> WalkNetwork:
    """The network of a networkx or osmnx graph.

    Nodes need ``x`` and ``y`` (degrees unless ``graph.graph["crs"]`` is projected); an edge may
    have ``geometry``, ``length`` (m, else measured), ``osmid``, ``highway``, ``name``. An edge and
    its twin in the other direction become one; streets are walked both ways unless ``flags`` say
    otherwise. Raises NetworkError: no edges, a node without coordinates, a bad length.
    """
    import networkx as nx

    if not isinstance(graph, nx.Graph):
        raise NetworkError(text("error.source_wanted"), got=type(graph).__name__)
    if graph.number_of_edges() == 0:
        raise NetworkError(text("error.graph_no_edges"))
    ids = list(graph.nodes)
    place = {node: i for i, node in enumerate(ids)}
    given = _crs_of(graph)
    raw = np.array([_node_xy(graph, node) for node in ids])
    if given.is_geographic and (off := np.abs(raw) > (180, 90)).any():
        raise NetworkError(text("error.node_no_xy", node=ids[int(off.any(axis=1).argmax())]))
    with foreign("graph", given.to_string()):
        crs = given if _true_metres(given) else centred_crs(_degrees(raw, given))
        move = transformer(given, crs)
    xy = np.column_stack(move.transform(*raw.T))
    rows = list(_undirected(graph, place))
    lines, lengths = [], np.full(len(rows), np.nan)
    for i, (u, v, facts) in enumerate(rows):
        line = _line(facts, f"{ids[u]}-{ids[v]}")
        if line is None:
            lines.append(xy[[u, v]])
        else:
            lines.append(_oriented(np.column_stack(move.transform(*line.T)), xy[u], xy[v]))
        if "length" in facts:
            lengths[i] = _length_m(facts["length"], f"{ids[u]}-{ids[v]}")
    vertex_ptr = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    vertex_xy = np.concatenate(lines)
    table = EdgeTable(
        xy=xy,
        ids=np.array([_number(graph.nodes[n].get("osmid", n), i) for i, n in enumerate(ids)]),
        node_flags=np.array([_bits(graph.nodes[n].get("flags", 0), str(n)) for n in ids], np.int16),
        u=np.array([u for u, _, _ in rows]),
        v=np.array([v for _, v, _ in rows]),
        vertex_ptr=vertex_ptr,
        vertex_xy=vertex_xy,
        length_m=np.where(np.isnan(lengths), line_lengths(vertex_ptr, vertex_xy), lengths),
        flags=np.array([_flags(facts, f"{ids[u]}-{ids[v]}") for u, v, facts in rows], np.int16),
        way_id=np.array([_number(facts.get("osmid"), -1) for _, _, facts in rows]),
        highway=np.array([_first(facts.get("highway")) for _, _, facts in rows]),
        name=np.array([_first(facts.get("name")) for _, _, facts in rows], object),
    )
    return assemble(table, crs)


def read_graphml(path: str | Path) -> WalkNetwork:
    """The network of an osmnx .graphml file. Raises NetworkError: not one."""
    import osmnx

    path = Path(path)
    with foreign("graphml", plain_file(path, "graphml")):
        graph = osmnx.load_graphml(path)
    return from_networkx(graph)


def _undirected(
    graph: nx.Graph[Any], place: dict[Any, int]
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Each street once: an edge that is another one's mirror image is left out."""
    seen: dict[tuple[Any, ...], list[bool]] = {}
    for a, b, facts in graph.edges(data=True):
        u, v = place[a], place[b]
        line = _line(facts, f"{a}-{b}")
        trace = [] if line is None else list(map(tuple, line.tolist()))
        if trace and _far_end(graph, a, trace):
            trace = trace[::-1]
        forward = u < v or (u == v and trace <= trace[::-1])
        outline = tuple(trace if forward else trace[::-1])
        key = (min(u, v), max(u, v), str(facts.get("osmid")), str(facts.get("length")), outline)
        waiting = seen.setdefault(key, [])
        if graph.is_directed() and (not forward) in waiting:
            waiting.remove(not forward)  # the twin of a street already yielded
            continue
        waiting.append(forward)
        yield u, v, facts


def _far_end(graph: nx.Graph[Any], node: Any, trace: list[tuple[float, ...]]) -> bool:
    """Whether a line drawn for an edge from ``node`` starts at its other end."""
    at = np.array(_node_xy(graph, node))
    return bool(
        np.hypot(*(np.array(trace[-1][:2]) - at)) < np.hypot(*(np.array(trace[0][:2]) - at))
    )


def _oriented(line: Floats, start: Floats, end: Floats) -> Floats:
    """The line, reversed where it was drawn from ``end`` to ``start``."""
    kept = np.hypot(*(line[0] - start)) + np.hypot(*(line[-1] - end))
    turned = np.hypot(*(line[-1] - start)) + np.hypot(*(line[0] - end))
    return line[::-1] if turned < kept else line


def _node_xy(graph: nx.Graph[Any], node: Any) -> tuple[float, float]:
    facts = graph.nodes[node]
    try:
        x, y = float(facts["x"]), float(facts["y"])
    except (KeyError, TypeError, ValueError):
        x = y = np.nan
    if not (np.isfinite(x) and np.isfinite(y)):
        raise NetworkError(text("error.node_no_xy", node=node))
    return x, y


def _crs_of(graph: nx.Graph[Any]) -> CRS:
    given = graph.graph.get("crs", WGS84)
    with foreign("graph", shortened(str(given))):
        crs = CRS.from_user_input(given)
    if not (crs.is_geographic or crs.is_projected):  # heights, or a site of its own
        raise NetworkError(text("error.graph_crs"), got=crs.name)
    return crs


def _true_metres(crs: CRS) -> bool:
    """Whether lengths in the system are metres on the ground: web Mercator's are not."""
    metric = all(axis.unit_name in ("metre", "meter") for axis in crs.axis_info)
    return bool(crs.is_projected and metric and crs.to_epsg() != WEB_MERCATOR)


def _degrees(raw: Floats, crs: CRS) -> Floats:
    return np.column_stack(transformer(crs, WGS84).transform(*raw.T))


def _length_m(value: Any, edge: str) -> float:
    try:
        length = float(value)
    except (TypeError, ValueError):
        length = np.nan
    if not 0 <= length <= LONGEST_M:
        fix = text("error.give_metres")
        raise NetworkError(text("error.edge_no_length", edge=edge), got=value, fix=fix)
    return length


def _line(facts: dict[str, Any], edge: str) -> Floats | None:
    """(V,2) the line that an edge was drawn with, None where there is none."""
    shape = facts.get("geometry")
    if shape is None:
        return None
    if not isinstance(shape, shapely.LineString) or shape.is_empty:
        fix = text("error.give_line")
        raise NetworkError(text("error.edge_no_line", edge=edge), got=shape, fix=fix)
    return np.array(shape.coords)[:, :2]


def _bits(value: Any, owner: str) -> int:
    """Flags of a node or an edge."""
    try:
        bits = int(value)
    except (TypeError, ValueError, OverflowError):
        bits = -1
    if not 0 <= bits <= np.iinfo(np.int16).max:
        raise NetworkError(text("error.flags_unknown", owner=owner), got=value)
    return bits


def _flags(facts: dict[str, Any], edge: str) -> int:
    if "flags" in facts:
        return _bits(facts["flags"], edge)
    steps = _first(facts.get("highway")) == "steps"
    flags = WayFlag.STEPS | WayFlag.NO_WHEELS if steps else 0
    if _first(facts.get("tunnel")) not in ("", "no", "building_passage"):
        flags |= WayFlag.TUNNEL
    if _first(facts.get("bridge")) not in ("", "no"):
        flags |= WayFlag.BRIDGE
    return int(flags)


def _first(value: Any) -> str:
    """osmnx joins values of merged ways into lists: the first one stands for all."""
    first = next(iter(value), None) if isinstance(value, list) else value
    return "" if first is None or first != first else str(first)


def _number(value: Any, other: int) -> int:
    try:
        number = int(_first(value))
    except ValueError:
        return other
    return number if abs(number) < 2**63 else other


def _bytes(text: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.frombuffer(text.encode(), np.uint8)
