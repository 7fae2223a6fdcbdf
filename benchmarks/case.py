"""A network and what is asked of it, as plain arrays that need no library but numpy."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

LIMIT_M = 1200.0  # 20 min at 1 m/s: a centimetre is a centisecond
SERVICES = 10
ORIGINS = 1_000
CANDIDATES = 500
POLYGONS = 100
STREAMED = 100_000
SITES = 20  # of the siting task
CALLED = 20_000  # homes of a whole call of ``nearest``
SNAP_M = 100.0
STRAY_M = 20.0  # how far points stand from junctions, along each axis on average of squares
SEED = 20261201

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Arcs(NamedTuple):
    """Every street in both directions: tail, head (A,) nodes and metres (A,)."""

    tail: Ints
    head: Ints
    metres: Floats


@dataclass(frozen=True)
class Case:
    """A walking network as engines without us would see it, and questions about its nodes.

    name: the city; kind: "every vertex" of OpenStreetMap is a node, or "contracted"; path: the
    extract, crs: its metric system as WKT, net: our network, pickled.
    xy (N,2) m; u, v, length_cm (E,): streets, walked both ways, steps like streets; line_ptr
    (E+1,), line_xy (V,2): their course. at_edge, at_cm (N,): where each node stands on our network.
    venue_ptr (K+1,), venue_node: the venues of each service; origins, candidates, residences,
    streamed: nodes; demand (D,) nodes and persons (D,): whom the siting task wants to serve.
    """

    name: str
    kind: str
    path: str
    crs: str
    net: str
    xy: Floats
    u: Ints
    v: Ints
    length_cm: Ints
    line_ptr: Ints
    line_xy: Floats
    at_edge: Ints
    at_cm: Ints
    venue_ptr: Ints
    venue_node: Ints
    origins: Ints
    candidates: Ints
    residences: Ints
    streamed: Ints
    demand: Ints
    persons: Ints

    @property
    def nodes(self) -> int:
        return len(self.xy)

    @property
    def edges(self) -> int:
        return len(self.u)

    @cached_property
    def venues(self) -> list[Ints]:
        """The nodes of each service."""
        return np.split(self.venue_node, self.venue_ptr[1:-1])

    @cached_property
    def lines(self) -> list[Floats]:
        """The course of each street, (n,2) m, from u to v."""
        return np.split(self.line_xy, self.line_ptr[1:-1])

    @cached_property
    def arcs(self) -> Arcs:
        """As the network has them, sorted by tail: with parallels, loops, and lengths of zero."""
        tail, head = np.concatenate([self.u, self.v]), np.concatenate([self.v, self.u])
        order = np.lexsort((head, tail))
        return Arcs(tail[order], head[order], np.tile(self.length_cm, 2)[order] / 100.0)

    @cached_property
    def simple_arcs(self) -> Arcs:
        """Without loops, and of parallels the shortest, for engines that know one edge a pair."""
        tail, head, metres = self.arcs
        order = np.lexsort((metres, head, tail))
        order = order[tail[order] != head[order]]
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
        keep = order[first]
        return Arcs(tail[keep], head[keep], metres[keep])

    def save(self, folder: Path) -> None:
        parts = asdict(self)
        words = {key: value for key, value in parts.items() if isinstance(value, str)}
        (folder / "case.json").write_text(json.dumps(words))
        with (folder / "case.npz").open("wb") as stream:
            np.savez(stream, **{key: parts[key] for key in parts if key not in words})

    @classmethod
    def load(cls, folder: Path) -> Case:
        words = json.loads((folder / "case.json").read_text())
        with np.load(folder / "case.npz") as arrays:
            parts = {**words, **{key: arrays[key] for key in arrays.files}}
        return cls(**{field.name: parts[field.name] for field in fields(cls)})


def home_points(case: Case) -> Floats:
    """(STREAMED, 2) m: places of homes around random junctions."""
    return _around(case.xy[case.streamed], SEED)


def venue_points(case: Case) -> Floats:
    """Places of the venues, in the order of ``venue_node``."""
    return _around(case.xy[case.venue_node], SEED + 1)


def _around(xy: Floats, seed: int) -> Floats:
    strays: Floats = np.random.default_rng(seed).normal(0.0, STRAY_M, xy.shape)
    return xy + strays
