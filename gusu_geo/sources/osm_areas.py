"""Places, buildings, boundaries and surroundings of an OSM file as GeoDataFrames, EPSG:4326."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.sources.osm_streets import name_of
from gusu_geo.sources.walk_policy import Barrier, is_gate, judge_barrier
from gusu_geo.tables import Bools, Floats, Ints, NodeFlag

Tags = Mapping[str, str]
WGS84 = "EPSG:4326"
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
_LINES = (  # key, kind, values; a stream or ditch is narrow and culverted at every gate
    ("natural", "coast", {"coastline"}),
    ("waterway", "waterway", {"river", "canal", "tidal_channel"}),
    ("waterway", "stream", {"stream", "ditch", "drain"}),
    ("railway", "railway", {"rail", "light_rail", "subway", "narrow_gauge", "funicular"}),
    ("barrier", "wall", {"wall", "city_wall", "retaining_wall", "fence", "hedge"}),
)
_NOT_IN_BY = {"exit", "emergency", "no", "garage"}  # entrance=* that nobody comes in by on foot
AREA_KEYS = ("building", "boundary", "natural", "landuse", "waterway", "leisure")
TYPES = "nwr"


@dataclass
class Objects:
    """Objects with a geometry in WKB (hex text), by (position of the type in TYPES, OSM id)."""

    tags: dict[tuple[int, int], dict[str, str]] = field(default_factory=dict)
    wkb: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, kind: str, number: int, tags: dict[str, str], wkb: str) -> None:
        """kind: "n", "w" or "r"; number: OSM id."""
        key = (TYPES.index(kind), number)
        self.tags[key], self.wkb[key] = tags, wkb

    def frame(self) -> gpd.GeoDataFrame:
        """Index = osm id ("n1", "w2", "r3") in that order; columns tags, geometry."""
        keys = sorted(self.tags)
        index = pd.Index([f"{TYPES[kind]}{number}" for kind, number in keys], dtype=object)
        tags = np.empty(len(keys), object)
        tags[:] = [self.tags[key] for key in keys]
        shapes = shapely.from_wkb(np.array([self.wkb[key] for key in keys], object))
        single = (shapely.get_type_id(shapes) == 6) & (shapely.get_num_geometries(shapes) == 1)
        shapes = np.where(single, shapely.get_geometry(shapes, 0), shapes)
        columns = {"tags": pd.Series(tags, index, object), "geometry": shapes}
        return gpd.GeoDataFrame(columns, index=index, geometry="geometry", crs=WGS84)


@dataclass
class Nodes:
    """Tagged nodes as read: doors (entrances and gates) and barriers."""

    doors: list[tuple[int, int, str]] = field(default_factory=list)  # x, y in 1e-7 degrees, kind
    barriers: dict[int, tuple[int, int, str]] = field(default_factory=dict)  # by node id
    flags: dict[int, int] = field(default_factory=dict)  # bits of NodeFlag by node id

    def add_door(self, place: tuple[int, int], tags: Tags) -> None:
        """Keep the node when people can come in by it: an entrance, else a gate not closed."""
        closed = judge_barrier(tags) is Barrier.CLOSED
        if tags.get("entrance", "no") not in _NOT_IN_BY and tags.get("access") != "no":
            self.doors.append((*place, "entrance"))
        elif is_gate(tags) and not closed:
            self.doors.append((*place, "gate"))

    def add_barrier(self, number: int, place: tuple[int, int], tags: Tags) -> None:
        """Keep a barrier node; ``kind`` is its value, with ":closed" or ":private" for walkers."""
        verdict = judge_barrier(tags)
        mark = "" if verdict is Barrier.OPEN else f":{verdict}"
        self.barriers[number] = (*place, tags["barrier"] + mark)
        if verdict is Barrier.CLOSED:
            self.flags[number] = self.flags.get(number, 0) | NodeFlag.CLOSED


def is_building(tags: Tags) -> bool:
    """Whether the tags say building."""
    return tags.get("building", "no") != "no"


def is_place(tags: Tags, keys: frozenset[str]) -> bool:
    """Whether one of the keys makes this a candidate for a venue."""
    return any(tags[key] != "no" for key in keys & tags.keys())


def is_admin(tags: Tags, kind: str) -> bool:
    """Whether this is an administrative area: a relation, or a closed way that has a name.

    Ways without a name are pieces of a relation's outline, tagged alike.
    """
    administrative = tags.get("boundary") == "administrative" and "admin_level" in tags
    return administrative and (kind == "r" or "name" in tags)


def surface_of(tags: Tags) -> str | None:
    """ "water" or "green" for what a map fills, else None."""
    for kind, table in (("water", _WATER), ("green", _GREEN)):
        if any(tags.get(key) in values for key, values in table.items()):
            return kind
    return None


def line_of(tags: Tags) -> str | None:
    """ "coast", "waterway", "stream", "railway" or "wall" for a line on the surface, else None.

    What lies in a tunnel or culvert, under a cover or on a bridge does not stop anybody.
    """
    kind = next((kind for key, kind, values in _LINES if tags.get(key) in values), None)
    if kind in (None, "wall"):
        return kind
    off_surface = tags.get("location") in ("underground", "overground", "overhead") or any(
        tags.get(key, "no") != "no" for key in ("tunnel", "covered", "bridge", "culvert")
    )
    return None if off_surface else kind


def admin_frame(objects: gpd.GeoDataFrame, tally: Counter[str]) -> gpd.GeoDataFrame:
    """Columns name, name_zh, name_en ("" when absent), admin_level, geometry."""
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
    """Columns kind (polygons "water", "green"; lines as ``line_of``) and geometry."""
    kinds = [surface_of(tags) for tags in objects["tags"]]
    kinds += [line_of(tags) for tags in lines["tags"]]
    shapes = np.concatenate((objects.geometry.to_numpy(), lines.geometry.to_numpy()))
    columns = {"kind": pd.Series(kinds, dtype=object), "geometry": shapes}
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=WGS84)


def barriers_frame(nodes: Nodes, street_nodes: Ints) -> pd.DataFrame:
    """Columns lon, lat (degrees), kind, on_street; in order of node id."""
    numbers = sorted(nodes.barriers)
    rows = [nodes.barriers[number] for number in numbers]
    columns = {
        "lon": np.array([x for x, _, _ in rows], float) / 1e7,
        "lat": np.array([y for _, y, _ in rows], float) / 1e7,
        "kind": pd.Series([kind for _, _, kind in rows], dtype=object),
        "on_street": np.isin(np.array(numbers, np.int64), street_nodes),
    }
    return pd.DataFrame(columns)


def openings_frame(objects: gpd.GeoDataFrame, nodes: Nodes, street_lonlat: Floats) -> pd.DataFrame:
    """Where outlines are entered: columns osm_id, lon, lat (degrees), kind.

    objects: polygons of places and buildings. street_lonlat (M,2): walkable vertices that are
    not closed. A door or street touches an outline when it has a vertex in the very same place
    (1e-7 degrees, a centimetre): the node they share, or its double. Of several kinds in one
    place the best stands: entrance, gate, street.
    """
    corners, owner = shapely.get_coordinates(objects.geometry.to_numpy(), return_index=True)
    key = _key(corners)
    building = np.array([is_building(tags) for tags in objects["tags"]], bool)
    parts = []
    for rank, kind in enumerate(("entrance", "gate", "street")):
        places = np.array([door[:2] for door in nodes.doors if door[2] == kind], float) / 1e7
        hit = _isin(key, _key(street_lonlat if kind == "street" else places.reshape(-1, 2)))
        if kind == "street":
            hit &= ~building[owner]
        parts.append(np.column_stack((owner[hit], key[hit], np.full(hit.sum(), rank))))
    rows = pd.DataFrame(np.concatenate(parts), columns=["owner", "key", "rank"])
    rows = rows.sort_values(["owner", "key", "rank"]).drop_duplicates(["owner", "key"])
    x, y = _unkey(rows["key"].to_numpy())
    columns = {
        "osm_id": pd.Series(objects.index.to_numpy()[rows["owner"].to_numpy()], dtype=object),
        "lon": x,
        "lat": y,
        "kind": pd.Series(
            np.array(["entrance", "gate", "street"], object)[rows["rank"].to_numpy()]
        ),
    }
    return pd.DataFrame(columns)


_STRIDE = 2**32  # a latitude in 1e-7 degrees, shifted to be positive, fits below it


def _key(lonlat: Floats) -> Ints:
    """One integer per place, exact to OSM's own 1e-7 degrees."""
    fixed = np.rint(np.asarray(lonlat, float) * 1e7).astype(np.int64)
    return np.asarray(fixed[:, 0] * _STRIDE + fixed[:, 1] + _STRIDE // 2)


def _unkey(key: Ints) -> tuple[Floats, Floats]:
    return key // _STRIDE / 1e7, (key % _STRIDE - _STRIDE // 2) / 1e7


def _isin(key: Ints, among: Ints) -> Bools:
    return np.asarray(np.isin(key, among))


def _level(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
