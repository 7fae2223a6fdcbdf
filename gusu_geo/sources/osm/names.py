"""Named things by which people recognise a place: quarters, water, parks, stations, landmarks.

They are drawn on the map and judge nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gusu_geo.geometry import WGS84
from gusu_geo.sources.osm.streets import name_of

if TYPE_CHECKING:  # not loaded where a file is only read
    import geopandas as gpd

NAME_KEYS = ("place", "historic")  # beside the keys that a scan asks for anyway
_PLACES = {
    **dict.fromkeys(("city", "town"), "town"),
    **dict.fromkeys(("borough", "suburb", "quarter", "village"), "quarter"),
    **dict.fromkeys(("island", "islet"), "island"),
    **dict.fromkeys(("neighbourhood", "hamlet", "city_block", "square", "locality"), "locality"),
}
_TABLE: tuple[tuple[str, dict[str, str]], ...] = (  # the first that fits counts
    ("place", _PLACES),
    ("railway", dict.fromkeys(("station", "halt"), "station") | {"subway_entrance": "entrance"}),
    ("public_transport", {"station": "station"}),
    ("amenity", dict.fromkeys(("bus_station", "ferry_terminal"), "station")),
    ("natural", dict.fromkeys(("water", "bay", "strait"), "water")),
    ("waterway", dict.fromkeys(("riverbank", "dock"), "water")),
    ("landuse", dict.fromkeys(("reservoir", "basin"), "water")),
    ("leisure", dict.fromkeys(("park", "garden", "nature_reserve", "golf_course"), "park")),
    ("landuse", dict.fromkeys(("cemetery", "forest", "recreation_ground"), "park")),
    ("natural", dict.fromkeys(("wood", "beach", "peak"), "park")),
    (
        "tourism",
        dict.fromkeys(("attraction", "museum", "gallery", "theme_park", "zoo"), "landmark"),
    ),
    ("leisure", dict.fromkeys(("stadium", "marina"), "landmark")),
    (
        "amenity",
        dict.fromkeys(
            ("university", "college", "hospital", "theatre", "townhall", "courthouse"), "landmark"
        )
        | dict.fromkeys(("school", "place_of_worship", "marketplace", "library"), "house"),
    ),
    (
        "historic",
        dict.fromkeys(
            ("castle", "city_gate", "citywalls", "fort", "palace", "monument", "temple"), "landmark"
        )
        | dict.fromkeys(("building", "church", "ruins", "archaeological_site"), "house"),
    ),
    ("man_made", {"lighthouse": "landmark"}),
    ("shop", dict.fromkeys(("mall", "department_store"), "landmark")),
    ("tourism", dict.fromkeys(("hotel", "viewpoint"), "house")),
    ("leisure", {"sports_centre": "house"}),
    ("office", {"government": "house"}),
)
LINES = ("waterway", "stream", "motorway")  # kinds of ``areas.line_of`` that carry their names
LETTERS_MAX = 60  # longer names fit no map


@dataclass
class Names:
    """Named things: kind, name, Chinese and English name ("" for none), and geometry in WKB; and
    the names of streets in other languages by their local name."""

    things: list[tuple[str, str, str, str, bytes]] = field(default_factory=list)
    streets: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, kind: str | None, tags: Mapping[str, str], wkb: bytes) -> None:
        """Keep the thing if it is of a kind that is drawn, and has a name."""
        if kind and (name := _plain(name_of(tags))):
            self.things.append((kind, name, *_others(tags, name), wkb))

    def add_street(self, tags: Mapping[str, str]) -> None:
        """Keep what a street is called in other languages; of several such names the first."""
        name = name_of(tags)  # as the streets have it
        if name and name not in self.streets:
            others = _others(tags, name)
            if others != ("", ""):
                self.streets[name] = others

    def frame(self) -> gpd.GeoDataFrame:
        """Columns kind, name, name_zh, name_en, geometry (points, lines, areas; None for kind
        "street", which says what a name is in other languages); sorted by all texts."""
        import geopandas as gpd

        rows = sorted(self.things)
        rows += [("street", name, *pair, b"") for name, pair in sorted(self.streets.items())]
        columns = ("kind", "name", "name_zh", "name_en")
        texts = {
            column: np.array([row[i] for row in rows], object) for i, column in enumerate(columns)
        }
        shapes = shapely.from_wkb(np.array([row[4] or None for row in rows], object))
        return gpd.GeoDataFrame(texts, geometry=shapes, crs=WGS84)


def name_kind(tags: Mapping[str, str]) -> str | None:
    """What a named thing is on the map, None where its name is not drawn.

    >>> name_kind({"leisure": "park"}), name_kind({"shop": "bakery"})
    ('park', None)
    """
    return next((kinds[tags[key]] for key, kinds in _TABLE if tags.get(key) in kinds), None)


def _others(tags: Mapping[str, str], name: str) -> tuple[str, str]:
    """The Chinese and the English name where they differ from ``name``."""
    found = (_plain(tags.get(key, "")) for key in ("name:zh", "name:en"))
    zh, en = ("" if other == name else other for other in found)
    return zh, en


def _plain(name: str) -> str:
    """A name on one line, cut where no map has room for more."""
    return " ".join(name.split())[:LETTERS_MAX]
