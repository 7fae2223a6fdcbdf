"""Reads an OSM file in two passes: osmium filters in C++, and the objects found are collected here.

First nodes and relations (doors, barriers, member ways of plazas), then ways and the areas that
osmium assembles. For speed, Python handles only tagged nodes and the nodes of streets one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gusu_geo.errors import SourceError
from gusu_geo.foreign import each
from gusu_geo.sources.osm import areas
from gusu_geo.sources.osm.areas import AREA_KEYS, TYPES, Objects
from gusu_geo.sources.osm.file import OsmFile, tags_of
from gusu_geo.sources.osm.grounds import ground_of
from gusu_geo.sources.osm.idle import idle_keys, is_idle, may_be_idle
from gusu_geo.sources.osm.names import LINES, NAME_KEYS, Names, name_kind
from gusu_geo.sources.osm.nodes import Nodes, is_door
from gusu_geo.sources.osm.shapes import encloses, runs_wkb, wkb_of
from gusu_geo.sources.osm.streets import (
    PlazaRing,
    StreetCollector,
    is_cut,
    name_of,
    plaza_rings,
)
from gusu_geo.sources.osm.walk_policy import PolicyReason, classes
from gusu_geo.sources.osm.walk_table import Effect
from gusu_geo.tables import StreetWays

if TYPE_CHECKING:
    import osmium
    from osmium.osm import Area, Node, Relation, Way

T = TypeVar("T")
ROLES = ("buildings", "places", "admin", "compounds", "plazas", "surfaces", "grounds", "idle")
NODE_KEYS = ("barrier", "entrance", "highway", "railway", "crossing", "crossing:signals")
WAY_KEYS = {"highway", "route", *areas.LINE_KEYS, *areas.SURFACE_KEYS}
COUNTED = (
    *(f"highways_{reason}" for reason in PolicyReason),
    "ferries_cut",
    "ferries_kept",
    "lines_broken",
    "lines_cut",
    "lines_of_relations",
    "nodes_of_interest",
    "nodes_without_place",
    "places_open_line",
    "plaza_rings_kept",
    "doors_unplaced",
    "off_surface",
    "places_unplaced",
    "relations",
    "ways",
)


@dataclass(frozen=True)
class Scanned:
    """What reading a file gives, as it is handed over by the process that read it.

    file: its edits as known after reading. date: of the header, else of the newest object.
    streets_far: ways with a node far away; unplaced: nodes that lie nowhere. incomplete_admin: see
    ``OsmExtract``.
    """

    file: OsmFile
    date: str
    streets: StreetWays
    streets_far: list[int]
    nodes: Nodes
    unplaced: list[int]
    objects: Objects
    lines: Objects
    names: Names
    tally: Counter[str]
    incomplete_admin: tuple[str, ...]


def scan_file(
    folder: Path, path: Path, add: list[str], drop: list[str], place_keys: list[str]
) -> Scanned:
    """Read a file; folder: for working copies. Raises SourceError, OutputError as ``read_osm``."""
    file = OsmFile.open(path, folder)
    known, keys = classes(add=add, drop=drop), frozenset(place_keys)
    return in_either_order(file, partial(_scanned, folder, keys, known))


def in_either_order(file: OsmFile, scan: Callable[[OsmFile], T]) -> T:
    """What a scan finds; of a file whose header may be wrong about the order of its objects, or
    that each comes once, what it finds after sorting. Raises the SourceError of the last scan."""
    try:
        return scan(file)
    except SourceError:
        if not file.sorted:
            raise
        return scan(replace(file, sorted=False))


def _scanned(
    folder: Path, keys: frozenset[str], known: Mapping[str, Effect], file: OsmFile
) -> Scanned:
    scan = Scan(file, keys, known)
    source, edits = file.in_order(folder)
    scan.read(source)
    streets = scan.streets.pack(scan.nodes.crossed_by(scan.streets.crossings()))
    scan.count_broken()
    return Scanned(
        file=replace(file, edits=edits),
        date=file.date or file.newest(),
        streets=streets,
        streets_far=scan.streets.far,
        nodes=scan.nodes,
        unplaced=scan.unplaced,
        objects=scan.objects,
        lines=scan.lines,
        names=scan.names,
        tally=scan.tally,
        incomplete_admin=scan.incomplete_admin(),
    )


@dataclass
class Scan:
    """What the two passes collect from one file.

    known: effect of each highway value.
    """

    file: OsmFile
    place_keys: frozenset[str]
    known: Mapping[str, Effect]
    nodes: Nodes = field(default_factory=Nodes)
    objects: Objects = field(default_factory=Objects)
    lines: Objects = field(default_factory=Objects)
    names: Names = field(default_factory=Names)
    rings: dict[int, PlazaRing] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTED, 0)))
    expected: dict[str, set[tuple[str, int]]] = field(default_factory=dict)  # areas by role
    admin_names: dict[int, str] = field(default_factory=dict)  # by relation id
    unplaced: list[int] = field(default_factory=list)  # tagged nodes not on the globe
    lent: dict[int, dict[str, str]] = field(default_factory=dict)  # tags of walls by member way
    # Roles and tags of closed ways until their area comes; None: not read.
    way_roles: dict[int, tuple[list[str], dict[str, str] | None]] = field(default_factory=dict)
    streets: StreetCollector = field(init=False)

    def read(self, source: osmium.io.File) -> None:
        """Both passes over ``source``, which is in order."""
        self._read_nodes_and_relations(source)
        self._read_ways_and_areas(source)
        if not (self.tally["nodes_of_interest"] or self.tally["ways"] or self.tally["relations"]):
            nodes = each("osm", _nodes(source), self.file.path)
            self.tally["nodes_plain"] = sum(1 for _ in nodes) > 0

    def _read_nodes_and_relations(self, source: osmium.io.File) -> None:
        import osmium
        from osmium.osm import NODE, RELATION, Node, Relation

        wanted = osmium.filter.KeyFilter(*self.place_keys, *NODE_KEYS, *NAME_KEYS, *idle_keys())
        wanted.enable_for(NODE)
        reader = osmium.FileProcessor(source, NODE | RELATION).with_filter(wanted)
        plazas, points = [], osmium.geom.WKBFactory()
        for thing in each("osm", reader, self.file.path):
            if isinstance(thing, Node):
                self._add_node(thing, points)
            elif isinstance(thing, Relation):
                plazas.extend(self._see_relation(thing))
        self.rings = plaza_rings(plazas, self.known)

    def _read_ways_and_areas(self, source: osmium.io.File) -> None:
        import osmium
        from osmium.osm import AREA, WAY, Area, Way

        self.streets = StreetCollector(self.known, self.rings, self.tally)
        keys = {*self.place_keys, *AREA_KEYS, *NAME_KEYS, *idle_keys()}
        areas_of = osmium.filter.KeyFilter(*keys)
        areas_of.enable_for(AREA)
        told = osmium.filter.KeyFilter(*(keys | WAY_KEYS) - {"building"})
        told.enable_for(WAY)
        shapes = osmium.geom.WKBFactory()
        reader = osmium.FileProcessor(source)
        reader.with_areas(osmium.filter.KeyFilter(*keys))
        reader.with_filter(osmium.filter.EntityFilter(WAY | AREA))
        reader.with_filter(areas_of).with_filter(told)
        reader.handler_for_filtered(_Others(self, shapes))
        for thing in each("osm", reader, self.file.path):
            if isinstance(thing, Way):
                self._add_way(thing, shapes)
            elif isinstance(thing, Area):
                self._add_area(thing, shapes)

    def incomplete_admin(self) -> tuple[str, ...]:
        """Administrative relations that lack parts of their outline: "name (level)", sorted."""
        built = {number for kind, number in self.objects.tags if TYPES[kind] == "r"}
        named = {number: text for number, text in self.admin_names.items() if number not in built}
        return tuple(sorted(named.values()))

    def count_broken(self) -> None:
        """Tally the areas that could not be built: parts missing, or rings that do not close."""
        built = {(TYPES[kind], number) for kind, number in self.objects.tags}
        for role in ROLES:
            self.tally[f"{role}_broken"] = len(self.expected.get(role, set()) - built)

    def _add_node(self, node: Node, factory: osmium.geom.WKBFactory) -> None:
        self.tally["nodes_of_interest"] += 1
        tags, place = tags_of(node, self.file.path), (node.location.x, node.location.y)
        if not node.location.valid():
            self.tally["nodes_without_place"] += 1
            self.tally["places_unplaced"] += areas.is_place(tags, self.place_keys)
            self.tally["doors_unplaced"] += is_door(tags)
            self.unplaced.append(node.id)
            return
        is_place = areas.is_place(tags, self.place_keys)
        roles = [*compress(("places", "idle"), (is_place, is_idle(tags)))]
        named = name_kind(tags) if name_of(tags) else None
        if roles or named:
            wkb = bytes.fromhex(factory.create_point(node))
            if roles:
                self.objects.add("n", node.id, tags, wkb, roles)
            self.names.add(named, tags, wkb)
        self.nodes.add(node.id, place, tags)

    def _see_relation(self, relation: Relation) -> list[tuple[int, dict[str, str], list[int]]]:
        """Registers the areas expected of the relation; returns a plaza's id, tags and ways."""
        self.tally["relations"] += 1
        tags = tags_of(relation, self.file.path)
        if tags.get("type") in ("multipolygon", "boundary"):
            self._expect("r", relation.id, tags)
            self.tally["off_surface"] += areas.hidden(tags)
            if areas.is_admin(tags, "r"):
                self.admin_names[relation.id] = f"{name_of(tags)} ({tags['admin_level']})"
        members = each("osm", relation.members, self.file.path)  # a role may be no UTF-8
        ways = [member.ref for member in members if member.type == "w"]
        if areas.inherited_line(tags, {}):
            for number in ways:
                self.lent.setdefault(number, tags)
        if tags.get("type") != "multipolygon" or "highway" not in tags:
            return []
        return [(relation.id, tags, ways)]

    def _add_way(self, way: Way, factory: osmium.geom.WKBFactory) -> None:
        self.tally["ways"] += 1
        tags = tags_of(way, self.file.path)
        walked = self.streets.add(way, tags)
        if walked:
            self.names.add_street(tags)
        lent = self.lent.get(way.id)
        if lent and not walked and areas.inherited_line(lent, tags):
            self.tally["lines_of_relations"] += 1
            self._add_line(way, lent, factory)
        if not tags:
            return
        line = areas.line_of(tags)
        if line and not (line == "motorway" and walked):
            self._add_line(way, tags, factory)
        self.tally["off_surface"] += areas.hidden(tags)
        if encloses(way, tags.get("area")):
            self.way_roles[way.id] = self._expect("w", way.id, tags), tags
        elif areas.is_place(tags, self.place_keys):
            self.tally["places_open_line"] += 1

    def add_plain(self, way: Way, factory: osmium.geom.WKBFactory) -> None:
        """A way that has none of the keys that ``_add_way`` is asked for, except building=*.

        These are most ways of a city: of a building nothing is read here but that it is one, and
        its tags come with its area."""
        number, building = way.id, way.tags.get("building")
        special = building is not None and may_be_idle("building", building)
        if special or number in self.rings or number in self.lent:
            self._add_way(way, factory)
            return
        self.tally["ways"] += 1
        if building and building != "no" and encloses(way, way.tags.get("area")):
            self.expected.setdefault("buildings", set()).add(("w", number))
            self.way_roles[number] = ["buildings"], None

    def _add_line(self, way: Way, tags: dict[str, str], factory: osmium.geom.WKBFactory) -> None:
        """Keeps a line; of one that leaves the extract, the runs of known nodes."""
        cut = is_cut(way)
        self.tally["lines_cut"] += cut
        wkb = runs_wkb(way) if cut else wkb_of(factory.create_linestring, way)
        if wkb is None:
            self.tally["lines_broken"] += 1
        else:
            self.lines.add("w", way.id, tags, wkb)
            if (kind := areas.line_of(tags)) in LINES:
                self.names.add(kind, tags, wkb)

    def _add_area(self, area: Area, factory: osmium.geom.WKBFactory) -> None:
        kind, number = "w" if area.from_way() else "r", area.orig_id()
        roles, tags = (self.way_roles.pop(number, None) if kind == "w" else None) or (None, None)
        tags = tags_of(area, self.file.path) if tags is None else tags
        roles = self._roles(tags, kind) if roles is None else roles
        named = name_kind(tags) if name_of(tags) else None
        if roles or named:
            wkb = wkb_of(factory.create_multipolygon, area)
            if wkb is not None and roles:
                self.objects.add(kind, number, tags, wkb, roles)
            if wkb is not None:
                self.names.add(named, tags, wkb)

    def _expect(self, kind: str, number: int, tags: dict[str, str]) -> list[str]:
        roles = self._roles(tags, kind)
        for role in roles:
            self.expected.setdefault(role, set()).add((kind, number))
        return roles

    def _roles(self, tags: dict[str, str], kind: str) -> list[str]:
        """Which tables an area goes to."""
        yes = (
            areas.is_building(tags),
            areas.is_place(tags, self.place_keys),
            "boundary" in tags and areas.is_admin(tags, kind),
            areas.is_compound(tags),
            "highway" in tags and areas.is_plaza(tags, kind, self.known),
            areas.surface_of(tags) is not None,
            ground_of(tags) is not None,
            is_idle(tags),
        )
        return list(compress(ROLES, yes))


class _Others:
    """What osmium calls for ways that its filters leave out."""

    def __init__(self, scan: Scan, factory: osmium.geom.WKBFactory) -> None:
        self.scan, self.factory = scan, factory

    def way(self, way: Way) -> None:
        """As osmium's handlers are called."""
        self.scan.add_plain(way, self.factory)


def _nodes(source: osmium.io.File) -> osmium.FileProcessor:
    """All nodes of the file, tagged or not."""
    import osmium

    return osmium.FileProcessor(source, osmium.osm.NODE)
