"""Takes the administrative boundaries out of an OSM file of any size.

Memory depends on the boundaries alone: the file streams by three times, and only the ids of what
is kept are remembered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gusu_geo.fetching.merge import METADATA, header_of
from gusu_geo.foreign import each, foreign
from gusu_geo.sources.osm.child import in_child
from gusu_geo.sources.osm.file import OsmFile, tags_of
from gusu_geo.study.area import Box
from gusu_geo.words import folded

NAME_KEYS = ("name", "name:zh", "name:en")


@dataclass(frozen=True)
class Borders:
    """What was taken out. named: by level, ids of boundaries with their names ("" for none);
    levels: how many boundaries the file has of each level; boxes: what it says that it covers,
    west, south, east, north."""

    named: dict[int, dict[str, str]]
    levels: dict[str, int]
    boxes: tuple[Box, ...]


def cut_borders(source: Path, levels: list[int], names: list[str], target: Path) -> Borders:
    """Write the boundaries of these levels, and those of these names, with their ways and nodes,
    into ``target``, if there are any. Raises SourceError: no OSM file, or damaged."""
    return in_child(write_borders, source, levels=levels, names=names, target=str(target))


def write_borders(
    folder: Path, path: Path, levels: list[int], names: list[str], target: str
) -> Borders:
    """``cut_borders`` as it runs in a process of its own."""
    import osmium
    from osmium.osm import NODE, RELATION, WAY

    file = OsmFile.open(path, folder)
    source, edits = file.in_order(folder)
    wanted, plain = set(map(str, levels)), set(map(folded, names))
    found: Counter[str] = Counter()
    named: dict[int, dict[str, str]] = {}
    relations, ways, nodes = set[int](), set[int](), set[int]()
    boundaries = osmium.filter.TagFilter(("boundary", "administrative"))

    def parts(kind: Any, *filters: Any) -> Any:
        with foreign("osm", path):
            reader: Any = osmium.FileProcessor(source, kind)
            for one in filters:
                reader.with_filter(one)
        return each("osm", reader, path)

    for thing in parts(RELATION, boundaries):
        tags = tags_of(thing, path)
        level = tags.get("admin_level", "")
        found[level] += 1
        if level in wanted or plain & {folded(tags.get(key, "")) for key in NAME_KEYS}:
            relations.add(thing.id)
            of_level = named.setdefault(int(level) if level.isdigit() else 0, {})
            of_level[f"r{thing.id}"] = tags.get("name", "")
            ways.update(m.ref for m in each("osm", thing.members, path) if m.type == "w")
    whole = Borders(named, dict(sorted(found.items())), tuple(edits.boxes))
    if not relations:
        return whole
    for thing in parts(WAY, osmium.filter.IdFilter(ways)):
        nodes.update(node.ref for node in thing.nodes)
    header = header_of(edits.boxes[0] if edits.boxes else None, file.date, ordered=True)
    with (
        foreign("output", target),
        osmium.SimpleWriter(osmium.io.File(target, METADATA), header=header) as writer,
    ):
        for kind, ids in ((NODE, nodes), (WAY, ways), (RELATION, relations)):
            for thing in parts(kind, osmium.filter.IdFilter(ids)):
                writer.add(thing)
    return whole
