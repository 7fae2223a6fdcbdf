"""Classifies areas and lines of an OSM file and makes tables of them, EPSG:4326."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gusu_geo.geometry import FOOT_M, WGS84
from gusu_geo.sources.osm.grounds import GROUND_KEYS
from gusu_geo.sources.osm.streets import name_of
from gusu_geo.sources.osm.walk_policy import CLASSES, judge_way
from gusu_geo.sources.osm.walk_table import Effect
from gusu_geo.tables import Bools, WayFlag

if TYPE_CHECKING:  # not loaded where a file is only read
    import geopandas as gpd

Tags = Mapping[str, str]
PLACE_KEYS = (
    "amenity",
    "leisure",
    "shop",
    "office",
    "tourism",
    "healthcare",
    "social_facility",
    "community_centre",
    "craft",
    "club",
    "sport",
    "education",
)
_WATER = {
    "natural": {"water", "bay", "strait"},
    "waterway": {"riverbank", "dock", "boatyard"},
    "landuse": {"reservoir", "basin"},
}
_GREEN = {
    "leisure": {"park", "garden", "nature_reserve", "golf_course", "dog_park"},
    "landuse": {"grass", "forest", "recreation_ground", "village_green", "meadow", "cemetery"},
    "natural": {"wood", "scrub", "grassland", "heath"},
}
_LINES = (  # key, kind, values; streams and ditches are narrow and have culverts to cross
    ("natural", "coast", {"coastline"}),
    ("waterway", "waterway", {"river", "canal", "tidal_channel"}),
    ("waterway", "stream", {"stream", "ditch", "drain"}),
    ("railway", "railway", {"rail", "light_rail", "subway", "narrow_gauge", "funicular"}),
    ("barrier", "wall", {"wall", "city_wall", "retaining_wall", "fence", "hedge"}),
    ("natural", "wall", {"cliff"}),
    ("highway", "motorway", {"motorway", "motorway_link"}),
    ("motorroad", "motorway", {"yes"}),
)
_OFF_SURFACE = {"underground", "overground", "overhead", "roof", "rooftop", "indoor", "bridge"}
_ROUTES = {"route", "route_master", "superroute", "network", "public_transport", "restriction"}
SURFACE_KEYS = _WATER.keys() | _GREEN.keys()
LINE_KEYS = frozenset(key for key, _, _ in _LINES)
_WATER_TAGS, _GREEN_TAGS = (
    frozenset((key, value) for key, values in table.items() for value in values)
    for table in (_WATER, _GREEN)
)
_LINE_KINDS = {  # rank and kind by tag; of several tags the first row counts
    (key, value): (rank, kind)
    for rank, (key, kind, values) in enumerate(_LINES)
    for value in values
}
_PLAZAS = {"pedestrian", "footway", "path", "living_street", "platform"}
_SETTLEMENTS = {"city", "town", "village", "hamlet", "borough", "suburb", "quarter"}
_WIDTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*(m|metres?|meters?|ft|')?")
_WIDTH_MAX_M = 2_000.0  # more is a mistake: wider rivers are mapped as areas
_FEET = ("ft", "'")
AREA_KEYS = (
    "building",
    "boundary",
    "natural",
    "landuse",
    "waterway",
    "leisure",
    "highway",
    "gated",
    *GROUND_KEYS,
)
TYPES = "nwr"


@dataclass
class Objects:
    """Objects with a geometry in WKB, by (position of the type in TYPES, OSM id)."""

    tags: dict[tuple[int, int], dict[str, str]] = field(default_factory=dict)
    wkb: dict[tuple[int, int], bytes] = field(default_factory=dict)
    roles: dict[tuple[int, int], list[str]] = field(default_factory=dict)

    def add(
        self, kind: str, number: int, tags: dict[str, str], wkb: bytes, roles: Iterable[str] = ()
    ) -> None:
        """kind: "n", "w" or "r"; number: OSM id; roles: the tables that the object goes to."""
        key = (TYPES.index(kind), number)
        self.tags[key], self.wkb[key], self.roles[key] = tags, wkb, list(roles)

    def having(self, roles: Iterable[str]) -> dict[str, Bools]:
        """Which rows of ``frame()`` have each role."""
        listed = [self.roles[key] for key in sorted(self.tags)]
        return {role: np.array([role in each for each in listed], bool) for role in roles}

    def frame(self) -> gpd.GeoDataFrame:
        """Index = osm id ("n1", "w2", "r3") in that order; columns tags, geometry."""
        import geopandas as gpd
        import pandas as pd

        keys = sorted(self.tags)
        index = pd.Index([f"{TYPES[kind]}{number}" for kind, number in keys], dtype=object)
        tags = np.empty(len(keys), object)
        tags[:] = [self.tags[key] for key in keys]
        shapes = shapely.from_wkb(np.array([self.wkb[key] for key in keys], object))
        single = (shapely.get_type_id(shapes) == 6) & (shapely.get_num_geometries(shapes) == 1)
        shapes = np.where(single, shapely.get_geometry(shapes, 0), shapes)
        columns = {"tags": pd.Series(tags, index, object), "geometry": shapes}
        return gpd.GeoDataFrame(columns, index=index, geometry="geometry", crs=WGS84)


def is_building(tags: Tags) -> bool:
    """Whether this is a building."""
    return tags.get("building", "no") != "no"


def is_place(tags: Tags, keys: frozenset[str]) -> bool:
    """Whether one of the keys makes this a candidate for a venue."""
    return any(tags[key] != "no" for key in keys & tags.keys())


def is_admin(tags: Tags, kind: str) -> bool:
    """Whether this is an administrative area: a relation, or a closed way that has a name.

    Ways without a name are pieces of a relation's outline with the same tags.
    """
    administrative = tags.get("boundary") == "administrative" and "admin_level" in tags
    return administrative and (kind == "r" or "name" in tags)


def surface_of(tags: Tags) -> str | None:
    """ "water" or "green" for what a map fills, else None."""
    if SURFACE_KEYS.isdisjoint(tags):
        return None
    if _is_water(tags) and not off_surface(tags):
        return "water"
    return None if _GREEN_TAGS.isdisjoint(tags.items()) else "green"


def off_surface(tags: Tags) -> bool:
    """Whether water, a track or a road lies under ground, under a cover, on a bridge or a roof.

    ``layer`` alone says nothing: many rivers have ``layer=-1`` because bridges cross them.
    """
    return tags.get("location") in _OFF_SURFACE or any(
        tags.get(key, "no") != "no" for key in ("tunnel", "covered", "bridge", "culvert", "indoor")
    )


def hidden(tags: Tags) -> bool:
    """Whether this would bar the way if it were on the surface."""
    if LINE_KEYS.isdisjoint(tags) and SURFACE_KEYS.isdisjoint(tags):
        return False
    bars = _is_water(tags) or _line_kind(tags) is not None
    return bars and line_of(tags) is None and surface_of(tags) != "water"


def may_be_wide(tags: Tags) -> bool:
    """Whether this may run straight for many kilometres: a bay, a strait, a line at sea."""
    return tags.get("natural") in ("bay", "strait", "coastline") or "boundary" in tags


def inherited_line(tags: Tags, own: Tags) -> bool:
    """Whether a way with the tags ``own`` is part of a wall, fence, track or river that a relation
    with ``tags`` says it is. Routes say where people travel, not what stands there."""
    return (
        tags.get("type") not in _ROUTES
        and line_of(tags) is not None
        and LINE_KEYS.isdisjoint(own)
        and not off_surface(own)
    )


def _is_water(tags: Tags) -> bool:
    return not _WATER_TAGS.isdisjoint(tags.items())


def _line_kind(tags: Tags) -> str | None:
    found = [_LINE_KINDS[tag] for tag in tags.items() if tag in _LINE_KINDS]
    return min(found)[1] if found else None


def is_compound(tags: Tags) -> bool:
    """Whether an area is a housing compound: residential with a name, or gated; not a town."""
    residential, gated = tags.get("landuse") == "residential", tags.get("gated") == "yes"
    if not (residential or gated) or tags.get("place") in _SETTLEMENTS:
        return False
    return (gated and (residential or "place" in tags)) or (residential and name_of(tags) != "")


def is_plaza(tags: Tags, kind: str, known: Mapping[str, Effect] = CLASSES) -> bool:
    """Whether an area is open ground for walkers; known: effect of each highway value.

    A closed way needs area=yes or place=square; a relation needs neither. Tunnels are left out:
    buildings above would wrongly be cut out of them.
    """
    if tags.get("highway") not in _PLAZAS:
        return False
    drawn = kind == "r" or tags.get("area") == "yes" or tags.get("place") == "square"
    verdict = judge_way(tags, known)
    return drawn and verdict.kept and not verdict.flags & WayFlag.TUNNEL


def line_of(tags: Tags) -> str | None:
    """ "coast", "waterway", "stream", "railway", "motorway" or "wall" for a line on the surface,
    else None.

    Lines in a tunnel or culvert, under a cover or on a bridge do not block walkers and give None,
    except walls. "wall" means walls, fences, hedges and cliffs. Tram rails, kerbs and guard rails
    do not block.
    """
    if LINE_KEYS.isdisjoint(tags):
        return None
    kind = _line_kind(tags)
    if kind in (None, "wall"):
        return None if tags.get("location") == "underground" else kind
    return None if off_surface(tags) else kind


def width_of(tags: Tags) -> float:
    """Width in metres from width=*, est_width=*; 0 when unknown.

    >>> width_of({"width": "12 m"}), width_of({"est_width": "7,5"}), width_of({"width": "wide"})
    (12.0, 7.5, 0.0)
    """
    for key in ("width", "est_width"):
        found = _WIDTH.fullmatch(tags.get(key, "").strip())
        if found:
            metres = float(found[1].replace(",", ".")) * (FOOT_M if found[2] in _FEET else 1.0)
            return metres if metres <= _WIDTH_MAX_M else 0.0
    return 0.0


def admin_frame(objects: gpd.GeoDataFrame, tally: Counter[str]) -> gpd.GeoDataFrame:
    """Columns name, name_zh, name_en ("" when absent), admin_level, geometry."""
    import geopandas as gpd
    import pandas as pd

    level = [_level(tags["admin_level"]) for tags in objects["tags"]]
    good = np.array([value > 0 for value in level], bool)
    tally["admin_bad_level"] = int((~good).sum())
    rows = objects[good]
    columns = {
        "name": pd.Series([name_of(tags) for tags in rows["tags"]], rows.index, object),
        "name_zh": pd.Series(
            [tags.get("name:zh", "") for tags in rows["tags"]], rows.index, object
        ),
        "name_en": pd.Series(
            [tags.get("name:en", "") for tags in rows["tags"]], rows.index, object
        ),
        "admin_level": np.array(level, np.int64)[good],
        "geometry": rows.geometry,
    }
    return gpd.GeoDataFrame(columns, index=rows.index, geometry="geometry", crs=WGS84)


def surroundings_frame(objects: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns kind (polygons "water", "green"; lines as ``line_of``), width_m (of lines; 0 =
    unknown) and geometry."""
    import geopandas as gpd
    import pandas as pd

    kinds = [surface_of(tags) for tags in objects["tags"]]
    kinds += [line_of(tags) for tags in lines["tags"]]
    shapes = np.concatenate((objects.geometry.to_numpy(), lines.geometry.to_numpy()))
    widths = [0.0] * len(objects) + [width_of(tags) for tags in lines["tags"]]
    columns = {
        "kind": pd.Series(kinds, dtype=object),
        "width_m": np.array(widths, float),
        "geometry": shapes,
    }
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=WGS84)


def _level(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
