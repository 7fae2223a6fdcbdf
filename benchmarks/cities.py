"""The networks that are measured, and what is asked of them: the same for every engine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import gusu_geo as gg
from gusu_geo.network import EdgeTable, WalkNetwork, assemble

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
FILES = {
    "Monaco": ROOT / "data" / "raw" / "monaco.osm.pbf",
    "Las Palmas": SHARED / "las_palmas_2023.osm.pbf",
    "Porto": SHARED / "porto_2015.osm.pbf",
}
STITCHED = 17  # Monaco 17 x 17 is a million nodes
GROWTH = (2, 4, 8, STITCHED)  # from about 15,000 nodes to about a million
GAP_M = 20.0  # between tiles
SEAMS = 6  # edges that join two tiles

LIMIT_M = 1200.0  # 20 min at 1 m/s: a centimetre is a centisecond
SERVICES = 10
NODES_PER_VENUE = 250
ORIGINS = 1000
CANDIDATES = 500
RESIDENCES = 10_000
SEED = 20261124

Ints = npt.NDArray[np.int64]


class Arcs(NamedTuple):
    """Every edge in both directions: tail, head (A,) nodes and metres (A,)."""

    tail: Ints
    head: Ints
    metres: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A network and its questions, all of them about nodes.

    venues: the nodes of each service; origins, candidates, residences: nodes. Streets are walked
    both ways and steps cost what streets cost, since not every rival knows better.
    """

    name: str
    net: WalkNetwork
    venues: list[Ints]
    origins: Ints
    candidates: Ints
    residences: Ints

    @classmethod
    def of(cls, name: str, net: WalkNetwork) -> Case:
        """Random questions, the same ones for the same network."""
        dice = np.random.default_rng(SEED)

        def some(count: int) -> Ints:
            return np.sort(dice.choice(net.nodes, min(count, net.nodes), replace=False))

        venues = [some(math.ceil(net.nodes / NODES_PER_VENUE)) for _ in range(SERVICES)]
        # In random order: an engine too slow for all of them answers the first ones.
        origins, candidates = (dice.permutation(some(n)) for n in (ORIGINS, CANDIDATES))
        return cls(name, net, venues, origins, candidates, some(RESIDENCES))

    @cached_property
    def arcs(self) -> Arcs:
        """As the network has them: with parallel edges, loops and edges of no length."""
        net = self.net
        tail = np.repeat(np.arange(net.nodes), np.diff(net.arc_ptr))
        return Arcs(tail, net.arc_node.astype(np.int64), net.length_cm[net.arc_edge] / 100.0)

    @cached_property
    def simple_arcs(self) -> Arcs:
        """Without loops, and of parallel edges the shortest, for engines that know one edge."""
        tail, head, metres = self.arcs
        order = np.lexsort((metres, head, tail))
        order = order[tail[order] != head[order]]
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
        keep = order[first]
        return Arcs(tail[keep], head[keep], metres[keep])


def tiled(net: WalkNetwork, n: int) -> WalkNetwork:
    """The largest component n x n times, neighbours joined by a few straight edges."""
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

    def copies(values: npt.NDArray, seam: object) -> npt.NDArray:
        return np.concatenate([np.tile(values[edges], n * n), np.full(seams, seam, values.dtype)])

    table = EdgeTable(
        xy=all_xy,
        ids=np.arange(len(all_xy)),
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
        flags=copies(net.edge_flags, 0),
        way_id=copies(net.way_id, -1),
        highway=copies(net.highway, "footway"),
        name=copies(net.name, ""),
    )
    return assemble(table, net.crs)


def _seams(xy: npt.NDArray[np.float64], n: int) -> tuple[Ints, Ints]:
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


def load(name: str) -> Case:
    """A city by name, or Monaco tiled: "stitched 17". FileNotFoundError when its file is absent."""
    if name.startswith("stitched"):
        n = int(name.split()[1])
        return Case.of(name, tiled(gg.read_network(FILES["Monaco"]), n))
    if not FILES[name].is_file():
        raise FileNotFoundError(FILES[name].name)
    return Case.of(name, gg.read_network(FILES[name]))
