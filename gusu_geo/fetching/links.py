"""What refers to what in a large OSM file, and where its nodes lie: numbers in arrays, on disk.

An object is known by its place in the file's order of its kind; Python sees ways and relations
singly, and nodes never: osmium itself writes the table of their ids and coordinates.
"""

from __future__ import annotations

import contextlib
import shutil
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from gusu_geo.errors import InputError, OutputError, SourceError
from gusu_geo.fetching.region import comes_whole
from gusu_geo.foreign import each, foreign
from gusu_geo.sources.osm.edited import has_new
from gusu_geo.sources.osm.file import OsmFile, tags_of
from gusu_geo.tables import Int32s, Ints
from gusu_geo.words import text

CHUNK = 1 << 20  # numbers that are looked at together
TABLE, IDS, REFS = "nodes.bin", "ids.bin", "refs.bin"
NODE = np.dtype([("id", np.int64), ("x", np.int32), ("y", np.int32)])  # as osmium writes it
ROOM_TIMES = 8  # the tables take this many times the size of the file at most; 3 is common


@dataclass(frozen=True)
class Ids:
    """The ids of one kind. ascending: sorted; order: the place in the file of each, None if the
    file has them in that order."""

    ascending: Ints
    order: Ints | None = None

    @classmethod
    def of(cls, ids: Ints) -> Ids:
        """From the ids as the file has them."""
        blocks = (ids[at : at + CHUNK + 1] for at in range(0, len(ids), CHUNK))
        if all(bool((block[1:] >= block[:-1]).all()) for block in blocks):
            return cls(ids)
        order = np.argsort(ids, kind="stable")
        return cls(ids[order], order)

    def find(self, wanted: Ints) -> Ints:
        """The place of each wanted id in the file, the first of equal ones; -1: none."""
        if not len(self.ascending):
            return np.full(len(wanted), -1, np.int64)
        at = np.searchsorted(self.ascending, wanted)
        at[at == len(self.ascending)] = 0
        there = self.ascending[at] == wanted
        return np.where(there, at if self.order is None else self.order[at], -1)


@dataclass
class _Members:
    """What relations refer to, by kind of member: the relation's place, and the member's id."""

    of: array[int] = field(default_factory=lambda: array("q"))
    ids: array[int] = field(default_factory=lambda: array("q"))

    def found(self, ids: Ids) -> tuple[Ints, Ints]:
        """Places of relations, ascending, and of their members that the file has."""
        at = ids.find(np.array(self.ids, np.int64))
        return np.array(self.of, np.int64)[at >= 0], at[at >= 0]


@dataclass(frozen=True)
class Links:
    """One file. table: of its nodes, on disk; refs: on disk, place of every node of every way, -1
    where the file lacks it; way w has those from ``ptr[w]`` to ``ptr[w + 1]``.

    node_members, way_members: places of relations, ascending, and of their members. kinds (R,):
    index into ``known``, which says for each of the levels whether the relation comes whole;
    nothing where the tags are faulty. faults: of tags, by the relation's place.
    """

    table: Path
    nodes: int
    refs: Int32s
    ptr: Ints
    relations: int
    node_members: tuple[Ints, Ints]
    way_members: tuple[Ints, Ints]
    kinds: Ints
    levels: list[int]
    known: list[tuple[bool, ...]]
    faults: Mapping[int, InputError]

    @property
    def ways(self) -> int:
        """How many ways the file has."""
        return len(self.ptr) - 1

    def places(self) -> Iterator[tuple[int, Ints, Ints]]:
        """x and y of the nodes in osmium's units, block by block, and where the block begins."""
        for at in range(0, self.nodes, CHUNK):
            count = min(CHUNK, self.nodes - at)
            block = np.fromfile(self.table, NODE, count, offset=at * NODE.itemsize)
            yield at, block["x"].astype(np.int64), block["y"].astype(np.int64)


def links_of(file: OsmFile, folder: Path, levels: Sequence[int]) -> Links:
    """The links of a file; folder: for tables; levels: of regions.

    Raises SourceError: damaged, or relations before ways; OutputError: no room for the tables.
    """
    if shutil.disk_usage(folder).free < ROOM_TIMES * file.content.stat().st_size:
        # osmium writes to a map of the file: without room the process would end
        fix = text("error.make_room")
        raise OutputError(text("error.no_room"), where=folder.parent, fix=fix)
    with foreign("osm", file.path):
        count = _table(file, folder)
    nodes = Ids.of(_ids(folder, count))
    return _links(file, folder, nodes, levels)


def _table(file: OsmFile, folder: Path) -> int:
    """Let osmium write ids and coordinates of all nodes; how many they are."""
    import osmium

    if has_new(file.source()):  # osmium's table leaves out ids below 0
        nodes: Any = osmium.FileProcessor(file.source(), osmium.osm.NODE)
        rows = ((n.id, n.location.x, n.location.y) for n in each("osm", nodes, file.path))
        table = np.fromiter(rows, NODE)
        table.tofile(folder / TABLE)
        return len(table)
    with contextlib.chdir(folder):  # osmium takes no name with a comma
        index = osmium.index.create_map(f"sparse_file_array,{TABLE}")
    reader = osmium.io.Reader(file.source(), osmium.osm.NODE)
    try:
        osmium.apply(reader, osmium.NodeLocationsForWays(index))
    finally:
        reader.close()
    return int(index.used_memory()) // NODE.itemsize


def _ids(folder: Path, count: int) -> Ints:
    """The ids of the table, side by side, on disk: memory that the system can take back."""
    if not count:
        return np.zeros(0, np.int64)
    ids = np.memmap(folder / IDS, np.int64, "w+", shape=(count,))
    for at in range(0, count, CHUNK):
        block = np.fromfile(folder / TABLE, NODE, min(CHUNK, count - at), offset=at * NODE.itemsize)
        ids[at : at + len(block)] = block["id"]
    return ids


def _links(file: OsmFile, folder: Path, nodes: Ids, levels: Sequence[int]) -> Links:
    """Look at ways and relations one by one."""
    import osmium
    from osmium.osm import Way

    ids, ends, refs = array("q"), array("q", [0]), array("q")
    members = {"n": _Members(), "w": _Members()}
    kinds, known = array("q"), dict[tuple[bool, ...], int]()
    faults: dict[int, InputError] = {}
    written = 0
    with foreign("osm", file.path):
        things: Any = osmium.FileProcessor(file.source(), osmium.osm.WAY | osmium.osm.RELATION)
    with (folder / REFS).open("wb") as out:
        for thing in each("osm", things, file.path):
            if thing.__class__ is Way:
                if kinds:
                    raise out_of_order(file.path)
                refs.extend([node.ref for node in thing.nodes])
                ids.append(thing.id)
                ends.append(written + len(refs))
                if len(refs) >= CHUNK:
                    written += _flush(refs, nodes, out)
                continue
            for member in each("osm", thing.members, file.path):
                if (kept := members.get(member.type)) is not None:
                    kept.of.append(len(kinds))
                    kept.ids.append(member.ref)
            try:
                tags = tags_of(thing, file.path)
                said = tuple(comes_whole(tags, level) for level in levels)
            except SourceError as error:  # counts where a region gets it
                faults[len(kinds)], said = error, ()
            kinds.append(known.setdefault(said, len(known)))
        _flush(refs, nodes, out)
    return Links(
        table=folder / TABLE,
        nodes=len(nodes.ascending),
        refs=_mapped(folder / REFS),
        ptr=np.array(ends, np.int64),
        relations=len(kinds),
        node_members=members["n"].found(nodes),
        way_members=members["w"].found(Ids.of(np.array(ids, np.int64))),
        kinds=np.array(kinds, np.int64),
        levels=list(levels),
        known=list(known),
        faults=faults,
    )


def _flush(refs: array[int], nodes: Ids, out: BinaryIO) -> int:
    """Write the places of the nodes that were collected; how many they are."""
    count = len(refs)
    out.write(nodes.find(np.array(refs, np.int64)).astype(np.int32).tobytes())
    del refs[:]
    return count


def _mapped(path: Path) -> Int32s:
    if not path.stat().st_size:
        return np.zeros(0, np.int32)
    return np.memmap(path, np.int32, "r")


def out_of_order(path: Path) -> SourceError:
    """The error of a file whose objects do not come kind by kind."""
    return SourceError(text("error.pbf_order"), where=path, fix=text("error.sort_pbf"))
