"""A sheet in metres on which the town is drawn, and the OSM file that it becomes.

x runs east and y north from the middle of the town. The sheet is turned by ``TURN`` before it is
laid on the globe, for no real town lies square to the meridian; lengths stay as drawn. The middle
lies on the open water of a lake, where nobody lives: no place of this file exists.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr

Point = tuple[float, float]
Ring = list[Point]

MIDDLE = (120.13, 31.22)  # lon, lat in degrees
TURN = (0.9961946980917455, 0.08715574274765817)  # cosine and sine of five degrees
# Metres in a degree at 31.22 N on the ellipsoid of WGS 84. Written out, because sines differ in the
# last digit from one machine to the next, and the file must not.
METRES_EAST, METRES_NORTH = 95284.3027, 110873.2532
FIRST_ID = 900_000_000_000  # far beyond the ids that OpenStreetMap gives
REACH_M = 3_000.0  # from the middle to the edge of what the file says it holds
DRAWN_ON = "2026-11-01T00:00:00Z"


def lonlat_of(place: Point) -> Point:
    """Degrees in WGS 84 of a place on the sheet.

    >>> lonlat_of((0, 0))
    (120.13, 31.22)
    """
    x, y = place
    east, north = x * TURN[0] - y * TURN[1], x * TURN[1] + y * TURN[0]
    return MIDDLE[0] + east / METRES_EAST, MIDDLE[1] + north / METRES_NORTH


def box(west: float, south: float, east: float, north: float) -> Ring:
    """The closed ring of a rectangle, from its corner in the south-west."""
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


class Canvas:
    """Nodes, ways and relations as they are drawn; places of the same centimetre are one node."""

    def __init__(self) -> None:
        self._nodes: dict[Point, int] = {}
        self._node_tags: dict[int, dict[str, str]] = {}
        self._ways: list[tuple[list[int], dict[str, str]]] = []
        self._relations: list[tuple[list[int], dict[str, str]]] = []

    def node(self, place: Point, tags: Mapping[str, str] | None = None) -> int:
        """The node of a place; its tags are added to those it has."""
        key = (round(place[0], 2) + 0.0, round(place[1], 2) + 0.0)
        number = self._nodes.setdefault(key, len(self._nodes) + 1)
        if tags:
            self._node_tags.setdefault(number, {}).update(tags)
        return number

    def way(self, places: Iterable[Point], tags: Mapping[str, str]) -> int:
        """A way through places; its number among the ways."""
        self._ways.append(([self.node(place) for place in places], dict(tags)))
        return len(self._ways)

    def relation(self, ways: Iterable[int], tags: Mapping[str, str]) -> None:
        """A relation whose outer members are ways."""
        self._relations.append((list(ways), dict(tags)))

    def count(self, key: str) -> int:
        """How many ways have a key."""
        return sum(key in tags for _, tags in self._ways)

    def xml(self) -> bytes:
        """The OSM file. Only relations say when they were drawn."""
        lines = [
            "<?xml version='1.0' encoding='UTF-8'?>",
            '<osm version="0.6" generator="gusu_geo: data/shuixiang (invented)">',
            "<note>Invented data: no place in this file exists.</note>",
            _bounds(),
        ]
        for place, number in self._nodes.items():
            lon, lat = lonlat_of(place)
            tags = _tags(self._node_tags.get(number, {}))
            end = f">{tags}</node>" if tags else "/>"
            lines.append(f'<node id="{FIRST_ID + number}" lat="{lat:.7f}" lon="{lon:.7f}"{end}')
        for number, (nodes, tags) in enumerate(self._ways, start=1):
            refs = "".join(f'<nd ref="{FIRST_ID + node}"/>' for node in nodes)
            lines.append(f'<way id="{FIRST_ID + number}">{refs}{_tags(tags)}</way>')
        for number, (ways, tags) in enumerate(self._relations, start=1):
            members = "".join(
                f'<member type="way" ref="{FIRST_ID + way}" role="outer"/>' for way in ways
            )
            of = f'id="{FIRST_ID + number}" version="1" timestamp="{DRAWN_ON}"'
            lines.append(f"<relation {of}>{members}{_tags(tags)}</relation>")
        return "\n".join([*lines, "</osm>", ""]).encode()

    def packed(self) -> bytes:
        """The OSM file, compressed without a time of day."""
        return gzip.compress(self.xml(), 9, mtime=0)


def _bounds() -> str:
    """How far the file reaches: beyond the town there is nothing more to draw."""
    (west, south), (east, north) = (
        (MIDDLE[0] + sign * REACH_M / METRES_EAST, MIDDLE[1] + sign * REACH_M / METRES_NORTH)
        for sign in (-1, 1)
    )
    return f'<bounds minlat="{south:.7f}" minlon="{west:.7f}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>'


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
