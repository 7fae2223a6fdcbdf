"""Saves and loads networks, and converts networkx graphs (osmnx's among them)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gusu_geo.errors import NetworkError
from gusu_geo.geometry import WGS84, local_crs, unwrapped
from gusu_geo.streets.network import LEVEL_PM, EdgeTable, WalkNetwork, assemble, line_lengths
from gusu_geo.tables import Floats, WayFlag
from gusu_geo.words import text

FORMAT = 2  # of the saved file
WEB_MERCATOR = 3857
HALF_WIDTH_MAX_KM = 200.0  # from the middle of the streets
KM_PER_DEGREE = 111.2


def save_network(net: WalkNetwork, path: str | Path) -> None:
    """Write the network to one file (a numpy archive, no pickles). Not atomic."""
    head = json.dumps({"format": FORMAT, "crs": net.crs.to_wkt(), "digest": net.digest})
    names, name_ix = np.unique(net.name.astype(str), return_inverse=True)
    sizes = np.diff(net.vertex_ptr)
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
            sizes=sizes,
            vertex_xy=net.vertex_xy,
        )


def load_network(path: str | Path) -> WalkNetwork:
    """The network that ``save_network`` wrote.

    Raises NetworkError: missing, not a saved network, of another format, or damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise NetworkError(text("error.no_network_file"), where=path)
    try:
        with np.load(path, allow_pickle=False) as parts:
            head = json.loads(bytes(parts["head"]))
            names = np.array(json.loads(bytes(parts["names"])), object)
            if head["format"] != FORMAT:
                raise NetworkError(
                    text("error.network_format", format=FORMAT),
                    where=path,
                    fix=text("error.build_from_osm"),
                )
            table = EdgeTable(
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
            slope_pm = parts["slope_pm"]
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, IndexError) as error:
        raise NetworkError(
            text("error.network_not_whole"), where=path, fix=text("error.build_again")
        ) from error
    net = assemble(table, CRS.from_wkt(head["crs"]))
    if (slope_pm != LEVEL_PM).any():
        net = net.with_slopes(slope_pm)
    if net.digest != head["digest"]:
        raise NetworkError(text("error.network_damaged"), where=path)
    return net


def to_networkx(net: WalkNetwork) -> nx.MultiDiGraph[Any]:
    """A graph as osmnx makes it: nodes with x, y; edges in every direction that may be walked,
    with length (m), geometry, osmid, highway, name; keys are edge positions.

    >>> street = nx.Graph(crs="EPSG:4326")
    >>> street.add_node("west", x=7.42, y=43.74)
    >>> street.add_node("east", x=7.43, y=43.74)
    >>> street.add_edge("west", "east", length=800.0)
    >>> sorted(to_networkx(from_networkx(street)).edges)
    [(0, 1, 0), (1, 0, 0)]
    """
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
    if graph.number_of_edges() == 0:
        raise NetworkError(text("error.graph_no_edges"))
    ids = list(graph.nodes)
    place = {node: i for i, node in enumerate(ids)}
    given = _crs_of(graph)
    raw = np.array([_node_xy(graph, node) for node in ids])
    crs = given if _true_metres(given) else centred_crs(_degrees(raw, given))
    move = Transformer.from_crs(given, crs, always_xy=True)
    xy = np.column_stack(move.transform(*raw.T))
    rows = list(_undirected(graph, place))
    lines, lengths = [], np.full(len(rows), np.nan)
    for i, (u, v, facts) in enumerate(rows):
        shape = facts.get("geometry")
        line = np.array(shape.coords)[:, :2] if shape is not None else None
        if line is None:
            lines.append(xy[[u, v]])
        else:
            lines.append(_oriented(np.column_stack(move.transform(*line.T)), xy[u], xy[v]))
        if "length" in facts:
            lengths[i] = _length_m(facts["length"], f"{ids[u]}-{ids[v]}")
    vertex_ptr = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    vertex_xy = np.concatenate(lines)
    measured = line_lengths(vertex_ptr, vertex_xy)
    table = EdgeTable(
        xy=xy,
        ids=np.array([_number(graph.nodes[n].get("osmid", n), i) for i, n in enumerate(ids)]),
        node_flags=np.array([int(graph.nodes[n].get("flags", 0)) for n in ids], np.int16),
        u=np.array([u for u, _, _ in rows]),
        v=np.array([v for _, v, _ in rows]),
        vertex_ptr=vertex_ptr,
        vertex_xy=vertex_xy,
        length_m=np.where(np.isnan(lengths), measured, lengths),
        flags=np.array([_flags(facts) for _, _, facts in rows], np.int16),
        way_id=np.array([_number(facts.get("osmid"), -1) for _, _, facts in rows]),
        highway=np.array([_first(facts.get("highway")) for _, _, facts in rows]),
        name=np.array([_first(facts.get("name")) for _, _, facts in rows], object),
    )
    return assemble(table, crs)


def read_graphml(path: str | Path) -> WalkNetwork:
    """The network of an osmnx .graphml file. Raises NetworkError: not one."""
    import osmnx

    path = Path(path)
    if not path.is_file():
        raise NetworkError(text("error.no_file"), where=path)
    try:
        graph = osmnx.load_graphml(path)
    except Exception as error:  # any error of the parser: XML, key, value
        raise NetworkError(text("error.not_graphml"), where=path, got=str(error)) from error
    return from_networkx(graph)


def _undirected(
    graph: nx.Graph[Any], place: dict[Any, int]
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Each street once: an edge that is another one's mirror image is left out."""
    seen: dict[tuple[Any, ...], list[bool]] = {}
    for a, b, facts in graph.edges(data=True):
        u, v = place[a], place[b]
        shape = facts.get("geometry")
        trace = shape.coords[:] if shape is not None else []
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
    try:
        return CRS.from_user_input(graph.graph.get("crs", WGS84))
    except CRSError as error:
        got = str(graph.graph["crs"])[:80]
        raise NetworkError(text("error.graph_crs"), got=got) from error


def _true_metres(crs: CRS) -> bool:
    """Whether lengths in the system are metres on the ground: web Mercator's are not."""
    metric = all(axis.unit_name in ("metre", "meter") for axis in crs.axis_info)
    return bool(crs.is_projected and metric and crs.to_epsg() != WEB_MERCATOR)


def _degrees(raw: Floats, crs: CRS) -> Floats:
    return np.column_stack(Transformer.from_crs(crs, WGS84, always_xy=True).transform(*raw.T))


def centred_crs(lonlat: Floats) -> CRS:
    """The metric system of streets (P,2) in degrees, on both sides of 180 too.

    Raises NetworkError: they reach farther east or west than ``HALF_WIDTH_MAX_KM``, where lengths
    are off by more than 5e-4.
    """
    lon, lat = unwrapped(lonlat[:, 0]), lonlat[:, 1]
    centre = float(lon.mean())
    off_km = float((np.abs(lon - centre) * np.cos(np.radians(lat))).max()) * KM_PER_DEGREE
    if off_km > HALF_WIDTH_MAX_KM:
        raise NetworkError(
            text("error.network_too_wide", off_km=off_km),
            fix=text("error.network_split", most_km=HALF_WIDTH_MAX_KM),
        )
    return local_crs((centre + 180) % 360 - 180 if abs(centre) > 180 else centre, float(lat.mean()))


def _length_m(value: Any, edge: str) -> float:
    try:
        length = float(value)
    except (TypeError, ValueError):
        length = np.nan
    if not (np.isfinite(length) and length >= 0):
        fix = text("error.give_metres")
        raise NetworkError(text("error.edge_no_length", edge=edge), got=value, fix=fix)
    return length


def _flags(facts: dict[str, Any]) -> int:
    if "flags" in facts:
        return int(facts["flags"])
    steps = _first(facts.get("highway")) == "steps"
    flags = WayFlag.STEPS | WayFlag.NO_WHEELS if steps else 0
    if _first(facts.get("tunnel")) not in ("", "no", "building_passage"):
        flags |= WayFlag.TUNNEL
    if _first(facts.get("bridge")) not in ("", "no"):
        flags |= WayFlag.BRIDGE
    return int(flags)


def _first(value: Any) -> str:
    """osmnx joins values of merged ways into lists: the first one stands for all."""
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None or value != value else str(value)


def _number(value: Any, other: int) -> int:
    try:
        return int(_first(value))
    except ValueError:
        return other


def _bytes(text: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.frombuffer(text.encode(), np.uint8)
