"""Walkable ways of an OSM file as arrays: collected way by way, cut and packed at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gusu_geo.sources.osm.slips import FAR_M, step_m
from gusu_geo.sources.osm.walk_policy import JUDGED_KEYS, WayVerdict, class_of, judge_way
from gusu_geo.sources.osm.walk_table import Effect
from gusu_geo.tables import Ints, StreetWays, WayFlag

if TYPE_CHECKING:
    from osmium.osm import Location, Way

Tags = Mapping[str, str]
_ROADS = frozenset(
    f"{kind}{link}"
    for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for link in ("", "_link")
) | {"unclassified", "residential", "service", "busway"}
NO_ROAD = WayFlag.ON_FOOT | WayFlag.LIFT | WayFlag.FERRY  # no traffic to wait for
FIXED_PER_DEGREE = 10_000_000  # OSM stores coordinates as whole 1e-7 degrees
_MOST = 180 * FIXED_PER_DEGREE, 90 * FIXED_PER_DEGREE


@dataclass(frozen=True)
class PlazaRing:
    """What the untagged member ways of a plaza relation inherit from it."""

    highway: str
    name: str
    flags: int


@dataclass
class StreetCollector:
    """Collects walkable ways in the order of the file; ``pack`` sorts and cuts them.

    known: effect of each highway value; rings: plaza rings by way id; tally: ways by reason.
    """

    known: Mapping[str, Effect]
    rings: Mapping[int, PlazaRing]
    tally: Counter[str] = field(default_factory=Counter)
    _ways: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    _sizes: list[int] = field(default_factory=list)
    _refs: list[int] = field(default_factory=list)
    _x: list[int] = field(default_factory=list)
    _y: list[int] = field(default_factory=list)
    _across: list[tuple[int, int]] = field(default_factory=list)  # node and flag of crossing ways
    _traffic: list[int] = field(default_factory=list)  # nodes of roads not walkable
    _verdicts: dict[tuple[tuple[str, str], ...], WayVerdict] = field(default_factory=dict)
    far: list[int] = field(default_factory=list)  # ways left out by ``pack``: a node far away

    def add(self, way: Way, tags: Tags) -> bool:
        """Keeps the way if it is walkable, and returns whether it is. Call once per way."""
        if "highway" in tags or tags.get("route") == "ferry":
            highway = class_of(tags)
            verdict = self._judged(tags)
            if verdict.flags & WayFlag.FERRY and is_cut(way):
                self.tally["ferries_cut"] += 1  # it lands beyond the data
                return False
            self.tally[f"{'highways' if 'highway' in tags else 'ferries'}_{verdict.reason}"] += 1
            if verdict.kept:
                self._keep(way, (highway, name_of(tags), verdict.flags))
                if verdict.crosses:
                    self._across += [(node.ref, verdict.crosses) for node in way.nodes]
            elif highway in _ROADS:
                self._traffic += [node.ref for node in way.nodes]
            return verdict.kept
        if way.id not in self.rings:
            return False
        ring = self.rings[way.id]
        self.tally["plaza_rings_kept"] += 1
        self._keep(way, (ring.highway, ring.name, ring.flags))
        return True

    def _judged(self, tags: Tags) -> WayVerdict:
        """``judge_way``, asked once for ways that are tagged alike."""
        key = tuple([pair for pair in tags.items() if pair[0] in JUDGED_KEYS])
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._verdicts[key] = judge_way(tags, self.known)
        return verdict

    def _keep(self, way: Way, head: tuple[str, str, int]) -> None:
        nodes = list(way.nodes)
        places = [node.location for node in nodes]
        self._ways[way.id] = head
        self._sizes.append(len(nodes))
        self._refs += [node.ref for node in nodes]
        self._x += [place.x for place in places]
        self._y += [place.y for place in places]

    def crossings(self) -> dict[int, int]:
        """CROSSING or SIGNALS by node id, where a way drawn across a road shares a vertex with
        it; roads that are not walkable count too."""
        flags = np.array([flags for _, _, flags in self._ways.values()], np.int64)
        road = np.repeat(flags & NO_ROAD == 0, self._sizes)
        traffic = np.concatenate((np.array(self._refs, np.int64)[road], self._traffic))
        across = np.array(self._across, np.int64).reshape(-1, 2)
        hit = across[np.isin(across[:, 0], traffic)]
        # Of two ways at one vertex the one with a light counts: it is sorted last.
        return dict(hit[np.argsort(hit[:, 1], kind="stable")].tolist())

    def pack(self, node_flags: Mapping[int, int]) -> StreetWays:
        """StreetWays in order of way id; ``node_flags``: bits of ``NodeFlag`` by node id.

        A way with missing nodes is cut into the runs between them: gaps are not bridged.
        """
        ids = np.fromiter(self._ways, np.int64, len(self._ways))
        order, vertices, row, run = _sorted_runs(ids, self._arrays(), self.tally)
        heads = list(self._ways.values())
        ferry = np.array([head[2] & WayFlag.FERRY != 0 for head in heads], bool)
        far = ~ferry[order[row[1:]]] & (run[1:] == run[:-1])
        far &= step_m(vertices[:, 1:] / FIXED_PER_DEGREE) > FAR_M
        self.far = ids[order][np.unique(row[1:][far])].tolist()
        near = ~np.isin(ids[order][row], self.far)
        vertices, row, run = vertices[near], row[near], np.cumsum(_changes(run[near])) - 1
        sizes = np.bincount(run) if len(run) else np.zeros(0, np.int64)
        way_row = row[np.cumsum(sizes) - sizes]
        nodes, first, way_nodes = np.unique(vertices[:, 0], return_index=True, return_inverse=True)
        kept = [heads[order[ix]] for ix in way_row]
        names = np.empty(len(kept), object)
        names[:] = [name for _, name, _ in kept]
        return StreetWays(
            node_ids=nodes,
            lonlat=vertices[first, 1:] / FIXED_PER_DEGREE,
            node_flags=np.array([node_flags.get(node, 0) for node in nodes.tolist()], np.int16),
            way_ptr=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            way_nodes=way_nodes.astype(np.int64),
            way_ids=ids[order][way_row],
            highway=np.array([highway for highway, _, _ in kept], dtype=np.str_),
            name=names,
            flags=np.array([flags for _, _, flags in kept], np.int16),
        )

    def _arrays(self) -> tuple[Ints, Ints]:
        """(sizes (W,), vertices (M,3) node id, x, y) in the order of the file."""
        vertices = np.array((self._refs, self._x, self._y), np.int64).T
        return np.array(self._sizes, np.int64), vertices


def is_cut(way: Way) -> bool:
    """Whether a node of the way is not in the file, or not on the globe."""
    return not all(has_place(node.location) for node in way.nodes)


def has_place(location: Location) -> bool:
    """Whether osmium's location is on the globe; it is not for nodes that are not in the file."""
    return abs(location.x) <= _MOST[0] and abs(location.y) <= _MOST[1]


def plaza_rings(
    relations: Iterable[tuple[int, Tags, list[int]]], known: Mapping[str, Effect]
) -> dict[int, PlazaRing]:
    """Member ways of walkable multipolygon relations; of two relations the lower id counts."""
    rings: dict[int, PlazaRing] = {}
    for _, tags, members in sorted(relations, key=lambda relation: relation[0]):
        verdict = judge_way(tags, known)
        if verdict.kept:
            ring = PlazaRing(tags["highway"], name_of(tags), verdict.flags | WayFlag.AREA)
            for way_id in members:
                rings.setdefault(way_id, ring)
    return rings


def name_of(tags: Tags) -> str:
    """The local name (name=*), else the Chinese, else the English one, else ""."""
    return tags.get("name") or tags.get("name:zh") or tags.get("name:en") or ""


def _sorted_runs(
    ids: Ints, collected: tuple[Ints, Ints], tally: Counter[str]
) -> tuple[Ints, Ints, Ints, Ints]:
    """Order of ways (W,) by id; then the vertices (M,3) that remain, row (M,) of the sorted way
    and run (M,): runs of known nodes, no node twice in a row, two nodes at least."""
    sizes, vertices = collected
    order = np.argsort(ids, kind="stable")
    starts = np.cumsum(sizes) - sizes
    row = np.repeat(np.arange(len(ids)), sizes[order])
    within = np.arange(len(row)) - np.repeat(np.cumsum(sizes[order]) - sizes[order], sizes[order])
    vertices = vertices[starts[order][row] + within]
    known = (np.abs(vertices[:, 1:]) <= _MOST).all(axis=1)
    tally["street_refs"] = len(known)
    tally["street_refs_missing"] = int((~known).sum())
    tally["ways_cut"] = len(np.unique(row[~known]))
    run = np.cumsum(~known | _changes(row))  # a missing node ends the run before it
    vertices, row, run = vertices[known], row[known], run[known]
    fresh = _changes(run) | _changes(vertices[:, 0])
    tally["refs_repeated"] = int((~fresh).sum())
    vertices, row, run = vertices[fresh], row[fresh], run[fresh]
    long = np.bincount(run)[run] >= 2 if len(run) else np.zeros(0, bool)
    vertices, row, run = vertices[long], row[long], run[long]
    tally["ways_lost"] = len(ids) - len(np.unique(row))
    return order, vertices, row, np.cumsum(_changes(run)) - 1


def _changes(values: Ints) -> npt.NDArray[np.bool_]:
    """True where a value differs from the one before it, and at the first."""
    return np.concatenate((np.ones(min(1, len(values)), bool), values[1:] != values[:-1]))
