"""Reads the walkable streets of an OSM file and nothing else, for who asks for a network alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gusu_geo.foreign import each
from gusu_geo.sources.osm.file import OsmFile, tags_of
from gusu_geo.sources.osm.nodes import Nodes
from gusu_geo.sources.osm.scan import NODE_KEYS, in_either_order
from gusu_geo.sources.osm.streets import PlazaRing, StreetCollector, plaza_rings
from gusu_geo.sources.osm.walk_policy import classes
from gusu_geo.sources.osm.walk_table import Effect
from gusu_geo.tables import StreetWays

if TYPE_CHECKING:
    import osmium
    from osmium.osm import Way


@dataclass(frozen=True)
class ScannedStreets:
    """The streets, and the counts that ``StreetCollector`` makes."""

    streets: StreetWays
    tally: Counter[str]


def scan_streets(folder: Path, path: Path, add: list[str], drop: list[str]) -> ScannedStreets:
    """The same streets as those of ``scan.scan_file``. Raises SourceError, OutputError."""
    known = classes(add=add, drop=drop)
    return in_either_order(OsmFile.open(path, folder), partial(_scanned, folder, known))


def _scanned(folder: Path, known: Mapping[str, Effect], file: OsmFile) -> ScannedStreets:
    source, _ = file.in_order(folder)
    nodes, rings = _nodes_and_rings(source, file.path, known)
    streets = StreetCollector(known, rings)
    _read_ways(source, file.path, streets)
    return ScannedStreets(streets.pack(nodes.crossed_by(streets.crossings())), streets.tally)


def _nodes_and_rings(
    source: osmium.io.File, path: Path, known: Mapping[str, Effect]
) -> tuple[Nodes, dict[int, PlazaRing]]:
    import osmium
    from osmium.osm import NODE, RELATION, Node, Relation

    of_nodes, of_relations = (osmium.filter.KeyFilter(*keys) for keys in (NODE_KEYS, ["highway"]))
    of_nodes.enable_for(NODE)
    of_relations.enable_for(RELATION)
    reader = osmium.FileProcessor(source, NODE | RELATION)
    reader.with_filter(of_nodes).with_filter(of_relations)
    nodes, plazas = Nodes(), []
    for thing in each("osm", reader, path):
        tags = tags_of(thing, path)
        if isinstance(thing, Node) and thing.location.valid():
            nodes.add(thing.id, (thing.location.x, thing.location.y), tags)
        elif isinstance(thing, Relation) and tags.get("type") == "multipolygon":
            members = each("osm", thing.members, path)  # a role may be no UTF-8
            ways = [member.ref for member in members if member.type == "w"]
            plazas.append((thing.id, tags, ways))
    return nodes, plaza_rings(plazas, known)


def _read_ways(source: osmium.io.File, path: Path, streets: StreetCollector) -> None:
    import osmium
    from osmium.osm import WAY, Way

    reader = osmium.FileProcessor(source).with_locations()
    reader.with_filter(osmium.filter.EntityFilter(WAY))
    reader.with_filter(osmium.filter.KeyFilter("highway", "route"))
    if streets.rings:
        reader.handler_for_filtered(_Rings(streets, path))
    for thing in each("osm", reader, path):
        if isinstance(thing, Way):
            streets.add(thing, tags_of(thing, path))


class _Rings:
    """What osmium calls for ways without a class of their own: outlines of plazas are kept."""

    def __init__(self, streets: StreetCollector, path: Path) -> None:
        self.streets, self.path = streets, path

    def way(self, way: Way) -> None:
        """As osmium's handlers are called."""
        if way.id in self.streets.rings:
            self.streets.add(way, tags_of(way, self.path))
