"""Cuts a region out of a large OSM file, such as that of a province.

The file streams by three times. Kept in memory are the ids of what is cut out, never those of the
whole file, so memory depends on the region alone: osmium's own sets of ids would take 1.5 GB for
any file, because they have a bit for every id of OpenStreetMap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from gusu_geo.errors import SourceError
from gusu_geo.fetching.merge import METADATA, Written, header_of
from gusu_geo.fetching.region import Region
from gusu_geo.foreign import each, foreign
from gusu_geo.sources.osm.child import in_child
from gusu_geo.sources.osm.file import OsmFile, tags_of
from gusu_geo.study.area import Box
from gusu_geo.words import text

UNITS = 10**7  # of osmium's coordinates, in a degree


@dataclass
class _Kept:
    """Ids of what is cut out. sides: ways of outlines that lie outside; corners: nodes of ways
    that lie outside."""

    nodes: set[int] = field(default_factory=set)
    ways: set[int] = field(default_factory=set)
    relations: set[int] = field(default_factory=set)
    sides: set[int] = field(default_factory=set)
    corners: set[int] = field(default_factory=set)
    in_area: bool = False


def cut(source: Path, region: Region, target: Path) -> Written:
    """Write the region of a PBF file into ``target``: every node in its reach, the ways with such a
    node, whole, and the relations with such a member; areas with all their ways (``Region.whole``).

    Raises SourceError: no PBF, damaged, not in order, or without data of the area.
    """
    return in_child(
        cut_file,
        source,
        area=list(region.area),
        reach=list(region.reach),
        level=region.level,
        target=str(target),
    )


def cut_file(
    folder: Path, path: Path, area: list[float], reach: list[float], level: int, target: str
) -> Written:
    """``cut`` as it runs in a process of its own; the region in its parts."""
    region = Region(_box(area), _box(reach), level)
    file = OsmFile.open(path, folder)
    if file.edits.to_copy:  # several versions of an object
        raise _out_of_order(path)
    covered = _covered(file, region)
    kept = _Kept()
    _find(file, region, kept)
    if not kept.in_area:
        raise _elsewhere(file, region)
    if kept.sides:
        _find_corners(file, kept)
    return _write(file, kept, Path(target), covered)


def _covered(file: OsmFile, region: Region) -> Box | None:
    """The part of the reach that the file says it covers; None if it does not say.

    Raises SourceError: the file says that it lies elsewhere.
    """
    if not file.edits.boxes:
        return None
    whole = shapely.union_all([shapely.box(*box) for box in file.edits.boxes])
    if not shapely.box(*region.area).intersects(whole):
        raise _elsewhere(file, region)
    return _box(shapely.bounds(shapely.box(*region.reach).intersection(whole)).tolist())


def _find(file: OsmFile, region: Region, kept: _Kept) -> None:
    """The first time: what lies in the reach, and which ways outlines need besides."""
    import osmium
    from osmium.osm import Node, Way

    west, south, east, north = (round(side * UNITS) for side in region.reach)
    inner = tuple(round(side * UNITS) for side in region.area)
    stage = 0
    with foreign("osm", file.path):
        things: Any = osmium.FileProcessor(file.source())
    for thing in each("osm", things, file.path):
        if isinstance(thing, Node):
            if stage:
                raise _out_of_order(file.path)
            place = thing.location
            x, y = place.x, place.y
            if west <= x <= east and south <= y <= north:
                kept.nodes.add(thing.id)
                if not kept.in_area:
                    kept.in_area = inner[0] <= x <= inner[2] and inner[1] <= y <= inner[3]
        elif isinstance(thing, Way):
            if stage > 1:
                raise _out_of_order(file.path)
            stage = 1
            _see_way(thing, kept)
        else:
            stage = 2
            _see_relation(thing, region, kept, file.path)
    kept.sides -= kept.ways


def _see_way(way: Any, kept: _Kept) -> None:
    refs = [node.ref for node in way.nodes]
    if not kept.nodes.isdisjoint(refs):
        kept.ways.add(way.id)
        kept.corners.update(refs)


def _see_relation(relation: Any, region: Region, kept: _Kept, path: Path) -> None:
    members = [(m.type, m.ref) for m in each("osm", relation.members, path)]
    ways = {ref for kind, ref in members if kind == "w"}
    nodes = {ref for kind, ref in members if kind == "n"}
    if kept.ways.isdisjoint(ways) and kept.nodes.isdisjoint(nodes):
        return
    kept.relations.add(relation.id)
    if region.whole(tags_of(relation, path)):
        kept.sides |= ways


def _find_corners(file: OsmFile, kept: _Kept) -> None:
    """The second time: the nodes of ways that outlines need."""
    import osmium

    with foreign("osm", file.path):
        ways: Any = osmium.FileProcessor(file.source(), osmium.osm.WAY)
    for way in each("osm", ways, file.path):
        if way.id in kept.sides:
            kept.corners.update(node.ref for node in way.nodes)


def _write(file: OsmFile, kept: _Kept, target: Path, covered: Box | None) -> Written:
    """The third time: what was found, in the order of the file."""
    import osmium
    from osmium.osm import Node, Way

    nodes, ways = kept.nodes | kept.corners, kept.ways | kept.sides
    count = {"n": 0, "w": 0, "r": 0}
    header = header_of(covered, file.date, ordered=file.sorted)
    with foreign("osm", file.path):
        things: Any = osmium.FileProcessor(file.source())
    with (
        foreign("output", target),
        osmium.SimpleWriter(osmium.io.File(str(target), METADATA), header=header) as writer,
    ):
        for thing in each("osm", things, file.path):
            if isinstance(thing, Node):
                wanted = nodes
            else:
                wanted = ways if isinstance(thing, Way) else kept.relations
            if thing.id in wanted:
                count[thing.type_str()] += 1
                writer.add(thing)
    return Written(count["n"], count["w"], count["r"], file.date)


def _box(sides: list[float]) -> Box:
    west, south, east, north = sides
    return west, south, east, north


def _out_of_order(path: Path) -> SourceError:
    return SourceError(text("error.pbf_order"), where=path, fix=text("error.sort_pbf"))


def _elsewhere(file: OsmFile, region: Region) -> SourceError:
    boxes = [", ".join(f"{side:.4f}" for side in box) for box in file.edits.boxes]
    area = ", ".join(f"{side:.4f}" for side in region.area)
    data = "; ".join(boxes) if boxes else text("fetch.no_box")
    return SourceError(
        text("error.pbf_elsewhere"),
        where=file.path,
        got=text("error.two_boxes", area=area, data=data),
        fix=text("error.other_extract"),
    )
