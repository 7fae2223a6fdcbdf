"""Which region gets which object of a file, for many regions at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gusu_geo.fetching.links import CHUNK, Links
from gusu_geo.fetching.region import Region
from gusu_geo.fetching.sets import Numbers, Rows, Sets, give, joined
from gusu_geo.tables import Bools, Floats, Ints

UNITS = 10**7  # of osmium's coordinates, in a degree


@dataclass(frozen=True)
class Shares:
    """Set of regions that get each object, by kind in the order of the file. inside (regions,):
    whether any node lies in the area of the region."""

    sets: Sets
    nodes: Numbers
    ways: Numbers
    relations: Numbers
    inside: Bools

    def counts(self) -> Ints:
        """How many nodes, ways and relations each region gets (3, regions)."""
        members = self.sets.members().astype(np.int64)
        kinds = (self.nodes, self.ways, self.relations)
        return np.stack([np.bincount(each, minlength=len(members)) @ members for each in kinds])


class _Cells:
    """The ground cut by the sides of all boxes into cells, each wholly in a box or outside."""

    def __init__(self, regions: Sequence[Region], sets: Sets) -> None:
        self.sets = sets
        reach, area = (
            np.rint(np.array(boxes) * UNITS).astype(np.int64)
            for boxes in ([r.reach for r in regions], [r.area for r in regions])
        )
        sides = np.concatenate((reach, area))  # a box ends before the unit that follows it
        self.xs = np.unique((sides[:, 0], sides[:, 2] + 1))
        self.ys = np.unique((sides[:, 1], sides[:, 3] + 1))
        shape = len(self.xs) + 1, len(self.ys) + 1
        rows = np.zeros((*shape, sets.words), np.uint64)
        for k, box in enumerate(reach):
            rows[self._span(box)] |= sets.row(np.arange(sets.regions) == k)
        self.number = sets.numbers(rows.reshape(-1, sets.words)).reshape(shape)
        self.there: Bools = np.zeros(shape, bool)  # cells with a node
        self.areas = [self._span(box) for box in area]
        self.shapes = [(k, r.shape) for k, r in enumerate(regions) if r.shape is not None]
        for _, shape_ in self.shapes:
            shapely.prepare(shape_)

    def _span(self, box: Ints) -> tuple[slice, slice]:
        """The cells of a box in units."""
        west, south, east, north = box
        x = np.searchsorted(self.xs, (west, east + 1), side="right").tolist()
        y = np.searchsorted(self.ys, (south, north + 1), side="right").tolist()
        return slice(*x), slice(*y)

    def numbers(self, x: Ints, y: Ints) -> Numbers:
        """The set of regions whose reach has each place; x, y in units."""
        column = np.searchsorted(self.xs, x, side="right")
        row = np.searchsorted(self.ys, y, side="right")
        self.there[column, row] = True
        numbers: Numbers = self.number[column, row]
        if self.shapes:
            self._narrow(numbers, x / UNITS, y / UNITS)
        return numbers

    def _narrow(self, numbers: Numbers, lon: Floats, lat: Floats) -> None:
        """Take out of the sets, in place, the regions whose shape the place lies beyond."""
        shaped = self.sets.row(np.isin(np.arange(self.sets.regions), [k for k, _ in self.shapes]))
        some = np.asarray((self.sets.rows & shaped).any(axis=1))
        at = np.flatnonzero(some[numbers])
        rows = self.sets.rows[numbers[at]]
        for k, shape in self.shapes:
            bit = self.sets.row(np.arange(self.sets.regions) == k)
            mine = np.flatnonzero((rows & bit).any(axis=1))
            near = shapely.intersects_xy(shape, lon[at[mine]], lat[at[mine]])
            rows[mine[~near]] &= ~bit
        numbers[at] = self.sets.numbers(rows)

    def inside(self) -> Bools:
        """Whether any node so far lay in the area of each region."""
        return np.array([self.there[area].any() for area in self.areas])


def shares_of(links: Links, regions: Sequence[Region]) -> Shares:
    """Who gets what: nodes in a region's reach, ways with such a node, whole, and relations with
    such a member; of those that ``comes_whole`` names, all member ways, whole."""
    sets = Sets(len(regions))
    cells = _Cells(regions, sets)
    nodes = np.zeros(links.nodes, np.uint32)
    for start, x, y in links.places():
        nodes[start : start + len(x)] = cells.numbers(x, y)
    ways, corners = _ways(links, nodes, sets)
    known = [
        sets.row(np.array([bool(said) and said[links.levels.index(r.level)] for r in regions]))
        for said in links.known
    ]
    relations, sides = _relations(
        links, nodes, ways, sets, np.array(known, np.uint64).reshape(-1, sets.words)
    )
    give(ways, *sides, sets)
    for at, more in (corners, _nodes_of(links, sides)):
        give(nodes, at, more, sets)
    return Shares(sets, nodes, ways, relations, cells.inside())


_Given = tuple[Ints, Numbers]  # places of objects, and the set that each is to get besides


def _ways(links: Links, nodes: Numbers, sets: Sets) -> tuple[Numbers, _Given]:
    """The sets of all ways, and their nodes that lie beyond the reach of some of these regions."""
    ways = np.zeros(links.ways, np.uint32)
    at, more = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)]
    for first, last in _blocks(links.ptr):
        ptr = links.ptr[first : last + 1]
        refs = np.asarray(links.refs[ptr[0] : ptr[-1]])
        own = np.where(refs >= 0, nodes[refs], 0) if len(nodes) else np.zeros(len(refs), np.uint32)
        way_of = np.repeat(np.arange(last - first), np.diff(ptr))
        lead = np.zeros(last - first, np.uint32)
        some = np.flatnonzero(np.diff(ptr))
        lead[some] = own[ptr[some] - ptr[0]]  # of the first node
        mixed = np.zeros(last - first, bool)
        mixed[way_of[own != lead[way_of]]] = True
        ways[first:last] = lead
        which = np.flatnonzero(mixed)
        part = np.flatnonzero(mixed[way_of])
        group = np.searchsorted(which, way_of[part])
        rows = sets.rows[own[part]]
        whole = joined(rows, group, len(which))
        ways[first + which] = sets.numbers(whole)
        lacking = whole[group] & ~rows
        new = np.flatnonzero(lacking.any(axis=1) & (refs[part] >= 0))
        at.append(refs[part[new]].astype(np.int64))
        more.append(sets.numbers(lacking[new]))
    return ways, (np.concatenate(at), np.concatenate(more))


def _blocks(ptr: Ints) -> Iterator[tuple[int, int]]:
    """Runs of ways with some ``CHUNK`` nodes together."""
    first, ways = 0, len(ptr) - 1
    while first < ways:
        last = int(np.searchsorted(ptr, ptr[first] + CHUNK, side="right")) - 1
        last = min(max(last, first + 1), ways)
        yield first, last
        first = last


def _relations(
    links: Links, nodes: Numbers, ways: Numbers, sets: Sets, whole: Rows
) -> tuple[Numbers, _Given]:
    """The sets of all relations, and the ways that areas need beyond those in reach; whole: the
    regions that relations of each kind come whole to."""
    (of_nodes, at_nodes), (of_ways, at_ways) = links.node_members, links.way_members
    rows = joined(sets.rows[nodes[at_nodes]], of_nodes, links.relations)
    rows |= joined(sets.rows[ways[at_ways]], of_ways, links.relations)
    lacking = (rows & whole[links.kinds])[of_ways] & ~sets.rows[ways[at_ways]]
    new = lacking.any(axis=1)
    return sets.numbers(rows), (at_ways[new], sets.numbers(lacking[new]))


def _nodes_of(links: Links, sides: _Given) -> _Given:
    """The nodes of ways, each with the set that its way is to get."""
    ways, more = sides
    count = links.ptr[ways + 1] - links.ptr[ways]
    ends = np.cumsum(count)
    steps = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count, count)
    refs = links.refs[np.repeat(links.ptr[ways], count) + steps]
    there = refs >= 0
    return refs[there].astype(np.int64), np.repeat(more, count)[there]
