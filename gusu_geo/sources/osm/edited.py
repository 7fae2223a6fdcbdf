"""What stands in an OSM file besides its objects: boxes, remarks, marks of editors and servers.

osmium reads the first box only, no remark and no ``action="delete"``, and keeps deleted objects and
loses the places of new ones (ids below 0). So XML is looked through once before, and a file that
was edited is copied with deleted objects left out and new ones numbered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, product
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from xml.parsers import expat

import numpy as np

from gusu_geo.errors import SourceError
from gusu_geo.words import text

if TYPE_CHECKING:
    import osmium

Box = tuple[float, float, float, float]  # west, south, east, north in degrees
NEW_IDS = 10**15  # an object without an id of OpenStreetMap, -7, gets the id NEW_IDS + 7
_KINDS = {"node": "n", "way": "w", "relation": "r"}
_PARTS = frozenset(("nd", "tag", "member"))
_CHUNK = 1 << 20
_FAULTS = ("error", "timed out", "out of memory")  # in a remark of Overpass: the answer is cut off


@dataclass(frozen=True)
class Edits:
    """Marks in a file. objects: how many it holds, 0 where they were not counted (PBF without
    versions); repeated: of these, how many are older versions or repeats; dropped: "w7" of the
    deleted ones, known after copying; new: objects without an id of OpenStreetMap; marked:
    kind and id of the objects marked deleted; to_copy: whether osmium must not read the file
    itself."""

    boxes: tuple[Box, ...] = ()
    objects: int = 0
    repeated: int = 0
    dropped: tuple[str, ...] = ()
    new: int = 0
    marked: frozenset[tuple[str, int]] = frozenset()
    to_copy: bool = False


@dataclass
class _Seen:
    """Collects while the XML is parsed."""

    path: Path
    parser: expat.XMLParserType
    depth: int = 0
    root: str = ""
    boxes: list[Box] = field(default_factory=list)
    ids: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in _KINDS})
    marked: set[tuple[str, int]] = field(default_factory=set)
    hidden: bool = False
    remark: list[str] | None = None
    thing: str = ""  # the object that the parser is in, for messages
    part: str = ""  # nd, tag or member: the last of its parts
    parts: set[str] = field(default_factory=set)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth == 3:
            if name != self.part:
                self._other_part(name)
        elif self.depth == 1:
            self.root = name
        elif self.depth == 2:
            self.part, self.parts = "", set()
            if name in _KINDS:
                self._object(name, attributes)
            elif name in ("bounds", "bound"):
                self.boxes += _boxes(name, attributes)
            elif name == "remark":
                self.remark = []
                self.parser.CharacterDataHandler = self.remark.append
            elif name == "action":  # of an augmented diff
                self.root = "osmChange"

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == "remark" and self.remark is not None:
            words = " ".join("".join(self.remark).split())
            if any(sign in words.lower() for sign in _FAULTS):
                fix = text("error.ask_for_less")
                raise SourceError(text("error.osm_cut_off"), where=self.path, got=words, fix=fix)
            self.remark = self.parser.CharacterDataHandler = None

    def _other_part(self, name: str) -> None:
        """Of parts that come in several runs, such as nd, tag, nd, osmium keeps the first run."""
        if name in self.parts and name in _PARTS and self.root == "osm":
            what = text("error.osm_parts_mixed", thing=self.thing, part=name)
            raise SourceError(what, where=self.path, fix=text("error.osm_order_parts"))
        self.part = name
        self.parts.add(name)

    def _object(self, name: str, attributes: Mapping[str, str]) -> None:
        if "id" not in attributes:  # osmium would give it the id 0, as to all others of its kind
            what, fix = text("error.osm_no_id", kind=name), text("error.copy_again")
            raise SourceError(what, where=self.path, got=dict(attributes), fix=fix)
        self.thing = f"<{name} id={attributes['id']!r}>"
        try:
            number = int(attributes["id"])
        except ValueError:
            return  # osmium says what is wrong
        self.ids[name].append(number)
        if attributes.get("action") == "delete":
            self.marked.add((_KINDS[name], number))
        self.hidden |= attributes.get("visible") == "false"


def look_through(path: Path, stream: IO[bytes]) -> Edits:
    """The marks in OSM XML.

    Raises SourceError: the root is another one (a web page, a file of changes), a remark of the
    server says that the answer is cut off, an object has no id or parts that osmium would lose.
    Faults of the XML itself are left to osmium.
    """
    parser = expat.ParserCreate()
    seen = _Seen(path, parser)
    parser.StartElementHandler = seen.start
    parser.EndElementHandler = seen.end
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        if seen.root in ("", "osm"):
            return Edits()  # osmium says where
    if seen.root != "osm":
        look = {"html": "page", "osmChange": "change"}.get(seen.root, "xml_other")
        begins = text(f"error.look_{look}")
        what = text("error.not_format", format="OSM XML", look=begins)
        raise SourceError(what, where=path, fix=text("error.download_or_rename"))
    ids = [np.array(numbers, np.int64) for numbers in seen.ids.values()]
    total = sum(map(len, ids))
    new = sum(len(np.unique(numbers[numbers < 0])) for numbers in ids)
    return Edits(
        boxes=tuple(seen.boxes),
        objects=total,
        repeated=total - sum(len(np.unique(numbers)) for numbers in ids),
        new=new,
        marked=frozenset(seen.marked),
        to_copy=bool(seen.marked or seen.hidden or new),
    )


def _boxes(name: str, attributes: Mapping[str, str]) -> Iterator[Box]:
    """The box of an element of OSM XML 0.6, or of the older ``<bound box="s,w,n,e">``."""
    try:
        if name == "bound":
            south, west, north, east = map(float, attributes["box"].split(","))
        else:
            west, south, east, north = (
                float(attributes[key]) for key in ("minlon", "minlat", "maxlon", "maxlat")
            )
    except (KeyError, ValueError):
        return
    if west <= east and south <= north:
        yield west, south, east, north


def copy_edited(source: osmium.io.File, target: Path, edits: Edits) -> Edits:
    """Writes a sorted file again: deleted objects left out, new ones numbered from ``NEW_IDS``."""
    import osmium
    from osmium.osm import NODE, RELATION, WAY

    dropped, total, new = [], 0, 0
    with osmium.SimpleWriter(str(target)) as writer:
        # In a sorted file new objects stand first of their kind; numbered, they come last.
        for kind, news in product((NODE, WAY, RELATION), (False, True)):
            things: Iterator[Any] = iter(osmium.FileProcessor(source, kind))
            for thing in things:
                if (thing.id < 0) is not news:
                    continue
                total += 1
                new += news
                if not thing.visible or (thing.type_str(), thing.id) in edits.marked:
                    dropped.append(f"{thing.type_str()}{thing.id}")
                else:
                    writer.add(_numbered(thing) if edits.new or new else thing)
    return replace(
        edits, objects=edits.objects or total, dropped=tuple(dropped), new=edits.new or new
    )


def has_new(source: osmium.io.File) -> bool:
    """Whether a sorted file begins with a node without an id of OpenStreetMap."""
    import osmium

    nodes = osmium.FileProcessor(source, osmium.osm.NODE)
    return any(node.id < 0 for node in islice(nodes, 1))


def _numbered(thing: Any) -> Any:
    """The object, its id and those of its parts positive."""
    changed: dict[str, Any] = {"id": _positive(thing.id)}
    if thing.is_way():
        changed["nodes"] = [_positive(node.ref) for node in thing.nodes]
    elif thing.is_relation():
        changed["members"] = [(m.type, _positive(m.ref), m.role) for m in thing.members]
    return thing.replace(**changed)


def _positive(number: int) -> int:
    return number if number >= 0 else NEW_IDS - number
