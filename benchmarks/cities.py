"""Makes the networks that are measured, and draws the questions: the same for every engine."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from case import CANDIDATES, ORIGINS, SERVICES, STREAMED, Array, Case, Floats, Ints
from plan import VERTEX

import gusu_geo as gg
from gusu_geo.streets.network import EdgeTable, WalkNetwork, assemble

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
FILES = {
    "Monaco": ROOT / "data" / "raw" / "monaco.osm.pbf",
    "Las Palmas": SHARED / "las_palmas_2023.osm.pbf",
    "Porto": SHARED / "porto_2015.osm.pbf",
}
GAP_M = 20.0  # between tiles
SEAMS = 6  # streets that join two tiles
NODES_PER_VENUE = 250
RESIDENCES = 10_000
DEMAND = 2_000
SEED = 20261124


class Stand(NamedTuple):
    """Where nodes of a case stand on our network: edge (N,) and whole centimetres from its u."""

    edge: Ints
    cm: Ints


def network(name: str) -> WalkNetwork:
    """The largest component of a city, or of Monaco tiled: "stitched 10" is 10 x 10.

    All streets are plain, since not every rival knows steps or private ways.
    FileNotFoundError when the city's file is absent.
    """
    city, tiles = ("Monaco", int(name.split()[1])) if name.startswith("stitched") else (name, 1)
    if not FILES[city].is_file():
        raise FileNotFoundError(FILES[city].name)
    return tiled(gg.read_network(FILES[city]), tiles)


def prepare(name: str, kinds: list[str], folder: Path) -> dict[str, tuple[int, int]]:
    """Write the cases of one network to folders named after their kinds; kind: (nodes, edges)."""
    net = network(name)
    pickled = folder / "net.pickle"
    pickled.write_bytes(pickle.dumps(net, protocol=5))
    asked = _questions(net)
    path = str(FILES.get(name, ""))
    sizes = {}
    for kind in kinds:
        streets, of_junction = _every_vertex(net) if kind == VERTEX else _as_it_is(net)
        case = Case(
            name=name,
            kind=kind,
            path=path,
            crs=net.crs.to_wkt(),
            net=str(pickled),
            **streets,
            **{key: of_junction[nodes] for key, nodes in asked.items()},
            venue_ptr=np.arange(SERVICES + 1) * (len(asked["venue_node"]) // SERVICES),
            persons=np.random.default_rng(SEED).integers(1, 200, size=len(asked["demand"])),
        )
        (folder / kind).mkdir()
        case.save(folder / kind)
        sizes[kind] = case.nodes, case.edges
    return sizes


def _questions(net: WalkNetwork) -> dict[str, Ints]:
    """Random junctions, the same ones for the same network."""
    dice = np.random.default_rng(SEED)

    def some(count: int) -> Ints:
        return np.sort(dice.choice(net.nodes, min(count, net.nodes), replace=False))

    venues = [some(math.ceil(net.nodes / NODES_PER_VENUE)) for _ in range(SERVICES)]
    return {
        "venue_node": np.concatenate(venues),
        # In random order: an engine too slow for all of them answers the first ones.
        "origins": dice.permutation(some(ORIGINS)),
        "candidates": dice.permutation(some(CANDIDATES)),
        "residences": some(RESIDENCES),
        "streamed": dice.integers(net.nodes, size=STREAMED),
        "demand": some(DEMAND),
    }


def _as_it_is(net: WalkNetwork) -> tuple[dict[str, Any], Ints]:
    """The fields of a case whose nodes are ours, and the node of each junction."""
    stand = _junctions(net)
    streets = {
        "xy": net.node_xy,
        "u": net.edge_u.astype(np.int64),
        "v": net.edge_v.astype(np.int64),
        "length_cm": net.length_cm.astype(np.int64),
        "line_ptr": net.vertex_ptr,
        "line_xy": net.vertex_xy,
        "at_edge": stand.edge,
        "at_cm": stand.cm,
    }
    return streets, np.arange(net.nodes)


def _every_vertex(net: WalkNetwork) -> tuple[dict[str, Any], Ints]:
    """The fields of a case in which every vertex of every street is a node, and the node of each
    junction.

    Nodes stand in Hilbert order as ours do, which is another gift to the rivals. The pieces of a
    street sum up to its length to the centimetre.
    """
    edge = np.repeat(np.arange(net.edges), np.diff(net.vertex_ptr))
    first, last = net.vertex_ptr[:-1], net.vertex_ptr[1:] - 1
    run = np.append(0.0, np.cumsum(np.hypot(*np.diff(net.vertex_xy, axis=0).T)))
    along, whole = run - run[first][edge], (run[last] - run[first])[edge]
    cm = np.rint(along / np.maximum(whole, 1e-9) * net.length_cm[edge]).astype(np.int64)
    cm[last] = net.length_cm
    inner = np.ones(len(edge), bool)
    inner[first] = inner[last] = False
    number = net.nodes - 1 + np.cumsum(inner)
    number[first], number[last] = net.edge_u, net.edge_v
    stand = _junctions(net)
    xy = np.concatenate([net.node_xy, net.vertex_xy[inner]])
    order = np.argsort(gpd.GeoSeries(shapely.points(xy)).hilbert_distance(), kind="stable")
    rank = np.empty(len(xy), np.int64)
    rank[order] = np.arange(len(xy))
    pieces = np.flatnonzero(edge[1:] == edge[:-1])
    u, v = rank[number[pieces]], rank[number[pieces + 1]]
    streets = {
        "xy": xy[order],
        "u": u,
        "v": v,
        "length_cm": cm[pieces + 1] - cm[pieces],
        "line_ptr": 2 * np.arange(len(u) + 1),
        "line_xy": np.stack([xy[order][u], xy[order][v]], axis=1).reshape(-1, 2),
        "at_edge": np.concatenate([stand.edge, edge[inner]])[order],
        "at_cm": np.concatenate([stand.cm, cm[inner]])[order],
    }
    return streets, rank[: net.nodes]


def _junctions(net: WalkNetwork) -> Stand:
    """Junctions stand at an end of their first edge."""
    arc = net.arc_ptr[:-1]
    edge = net.arc_edge[arc].astype(np.int64)
    return Stand(edge, np.where(net.arc_rev[arc], net.length_cm[edge], 0).astype(np.int64))


def tiled(net: WalkNetwork, n: int) -> WalkNetwork:
    """The largest component n x n times, neighbours joined by a few straight edges; no flags."""
    inside = net.component == 0
    place = np.cumsum(inside) - 1
    edges = np.flatnonzero(inside[net.edge_u])
    xy = net.node_xy[inside]
    sizes = np.diff(net.vertex_ptr)[edges]
    starts = np.cumsum(sizes) - sizes
    picks = np.arange(sizes.sum()) + np.repeat(net.vertex_ptr[edges] - starts, sizes)
    steps = net.vertex_xy.max(axis=0) - net.vertex_xy.min(axis=0) + GAP_M
    shifts = np.stack(np.meshgrid(np.arange(n), np.arange(n)), axis=-1).reshape(-1, 2) * steps
    all_xy = (shifts[:, None, :] + xy).reshape(-1, 2)
    first = np.arange(n * n)[:, None] * len(xy)
    seam_u, seam_v = _seams(xy, n)
    seam_xy = np.stack([all_xy[seam_u], all_xy[seam_v]], axis=1)
    seams = len(seam_u)

    def copies(values: Array, seam: object) -> Array:
        return np.concatenate([np.tile(values[edges], n * n), np.full(seams, seam, values.dtype)])

    table = EdgeTable(
        xy=all_xy,
        ids=np.arange(len(all_xy)),
        node_flags=np.zeros(len(all_xy), np.int16),
        u=np.concatenate([(first + place[net.edge_u[edges]]).ravel(), seam_u]),
        v=np.concatenate([(first + place[net.edge_v[edges]]).ravel(), seam_v]),
        vertex_ptr=np.concatenate(
            [[0], np.cumsum(np.concatenate([np.tile(sizes, n * n), np.full(seams, 2)]))]
        ),
        vertex_xy=np.concatenate(
            [(shifts[:, None, :] + net.vertex_xy[picks]).reshape(-1, 2), seam_xy.reshape(-1, 2)]
        ),
        length_m=np.concatenate(
            [
                np.tile(net.length_cm[edges] / 100.0, n * n),
                np.hypot(*(seam_xy[:, 1] - seam_xy[:, 0]).T),
            ]
        ),
        flags=np.zeros(n * n * len(edges) + seams, np.int16),
        way_id=copies(net.way_id, -1),
        highway=copies(net.highway, "footway"),
        name=copies(net.name, ""),
    )
    return assemble(table, net.crs)


def _seams(xy: Floats, n: int) -> tuple[Ints, Ints]:
    """Ends (seams,) of the edges between tiles: in each band along the border, the outermost
    node of one tile and of the next."""
    tile = np.arange(n * n).reshape(n, n)
    u, v = [], []
    for axis in (0, 1):
        along = xy[:, 1 - axis]
        bands = np.linspace(along.min(), along.max(), SEAMS + 1)[1:-1]
        band = np.searchsorted(bands, along)
        order = np.lexsort((xy[:, axis], band))
        low = order[np.unique(band[order], return_index=True)[1]]
        high = order[::-1][np.unique(band[order[::-1]], return_index=True)[1]]
        here = (tile[:, :-1] if axis == 0 else tile[:-1]).reshape(-1, 1) * len(xy)
        there = (tile[:, 1:] if axis == 0 else tile[1:]).reshape(-1, 1) * len(xy)
        u.append((here + high).ravel())
        v.append((there + low).ravel())
    return np.concatenate(u), np.concatenate(v)
