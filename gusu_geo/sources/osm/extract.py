"""Reads one OpenStreetMap file: walkable streets, venues, homes, boundaries, barriers.

All tables are in order of OSM id, so the order of the file does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError
from gusu_geo.sources.osm import areas
from gusu_geo.sources.osm.areas import PLACE_KEYS, Objects
from gusu_geo.sources.osm.child import in_child
from gusu_geo.sources.osm.edited import Box, Edits
from gusu_geo.sources.osm.names import Names
from gusu_geo.sources.osm.nodes import barriers_frame, doors_frame, openings_frame
from gusu_geo.sources.osm.scan import ROLES, Scanned, scan_file
from gusu_geo.sources.osm.slips import believed, far_apart
from gusu_geo.sources.osm.street_scan import scan_streets
from gusu_geo.sources.osm.walk_policy import classes
from gusu_geo.tables import Bools, Floats, StreetWays
from gusu_geo.words import text

TABLES = (
    *("places", "buildings", "compounds", "plazas", "openings", "doors", "admin"),
    *("surroundings", "barriers", "grounds", "idle"),
)
MISSING_SHARE_MAX = 0.5  # of street nodes; above it the file lacks its nodes, not only a rim


@dataclass(frozen=True, eq=False)
class OsmExtract:
    """What one OSM file holds. All coordinates are degrees, WGS 84.

    date: of the data, ISO 8601 UTC: replication time of the header, else of the newest object,
    else "". boxes: what the data cover, each west, south, east, north; of the header, else where
    the data lie.
    places, buildings, compounds, plazas, grounds, idle: index osm id ("n1", "w2", "r3"), columns
    tags (dict) and geometry: points of nodes (places and idle only), polygons of closed ways and
    multipolygons; one object may be in several. grounds: areas whose use is known, see
    ``grounds.ground_of``; idle: empty and public buildings, see ``idle.is_idle``.
    openings: osm_id, lon, lat, kind ("entrance", "gate"; "street": not for buildings).
    doors: index osm id, columns lon, lat, kind ("entrance", "gate"), access ("public",
    "residents", "locked"), on_street, on_wall.
    admin: index osm id, columns name, name_zh, name_en, admin_level, geometry.
    surroundings: kind (polygons "water", "green"; lines "coast", "waterway", "stream",
    "railway", "motorway", "wall"), width_m (of lines; 0 = unknown), geometry.
    barriers: lon, lat, kind (value of barrier=*, with ":closed" or ":private"), on_street.
    counts: objects seen, kept and left out by reason; named: ids of some of these.
    edits: marks of editors and servers in the file.
    names: named things that are drawn, see ``names.Names.frame``.
    admin_incomplete: "name (level)" of boundaries whose outline leaves the extract: not in admin.
    """

    path: Path
    sha256: str
    date: str
    boxes: tuple[Box, ...]
    streets: StreetWays
    places: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    plazas: gpd.GeoDataFrame
    openings: pd.DataFrame
    doors: pd.DataFrame
    admin: gpd.GeoDataFrame
    surroundings: gpd.GeoDataFrame
    barriers: pd.DataFrame
    counts: dict[str, int]
    edits: Edits = field(default_factory=Edits)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    admin_incomplete: tuple[str, ...] = ()
    grounds: gpd.GeoDataFrame = field(default_factory=lambda: Objects().frame())
    names: gpd.GeoDataFrame = field(default_factory=lambda: Names().frame())
    idle: gpd.GeoDataFrame = field(default_factory=lambda: Objects().frame())

    @property
    def extent(self) -> shapely.Geometry:
        """What the data cover, in degrees."""
        return shapely.union_all(shapely.box(*np.transpose(self.boxes)))


def read_osm(
    path: str | Path,
    *,
    add: Iterable[str] = (),
    drop: Iterable[str] = (),
    place_keys: Iterable[str] = PLACE_KEYS,
) -> OsmExtract:
    """Read .osm.pbf, .pbf, .osm, .osm.gz or .osm.bz2.

    add, drop: highway values made walkable or dropped, changing docs/walk-policy.md.
    place_keys: keys that make an object a candidate for a venue.
    Raises SourceError: missing, cut off, not OSM, without objects or without its nodes;
    OutputError: no disk space to sort an unsorted file; StudyError: add and drop contradict.
    No streets at all is not an error here.
    """
    policy = {"add": list(add), "drop": list(drop)}
    classes(**policy)
    scan = in_child(scan_file, Path(path), **policy, place_keys=list(place_keys))
    _check(scan)
    return _extract(scan)


def read_streets(path: str | Path) -> StreetWays:
    """The streets of ``read_osm``, which nothing else is read for. Raises what it raises."""
    scan = in_child(scan_streets, Path(path), add=[], drop=[])
    if len(scan.streets.way_ids) == 0:
        return read_osm(path).streets  # it says what is wrong with the file
    _check_nodes(scan.tally, Path(path))
    return scan.streets


def _check(scan: Scanned) -> None:
    """Raises SourceError: the file can be read but has no objects, or no ways."""
    tally, path = scan.tally, scan.file.path
    if not any(tally[key] for key in ("nodes_of_interest", "nodes_plain", "ways", "relations")):
        raise SourceError(text("error.osm_empty"), where=path, fix=text("error.download_again"))
    if scan.file.format == "pbf" and not tally["ways"]:
        what = text("error.osm_no_ways")
        raise SourceError(what, where=path, fix=text("error.download_with_ways"))


def _check_nodes(tally: Mapping[str, int], path: Path) -> None:
    """Raises SourceError: the file lacks the nodes of its streets."""
    missing, refs = tally["street_refs_missing"], tally["street_refs"]
    if missing > MISSING_SHARE_MAX * refs:
        what = text("error.osm_lacks_nodes", missing=missing, refs=refs)
        raise SourceError(what, where=path, fix=text("error.export_nodes"))


def _extract(scan: Scanned) -> OsmExtract:
    """The tables of what was collected."""
    file, tally = scan.file, scan.tally
    streets = scan.streets
    _check_nodes(tally, file.path)
    objects, lines = scan.objects.frame(), scan.lines.frame()
    having = scan.objects.having(ROLES)
    far, far_lines = _far(objects, having["admin"]), _far(lines)
    named = {
        "streets_far": tuple(f"w{number}" for number in scan.streets_far),
        "lines_far": tuple(lines.index[far_lines]),
        "unplaced": tuple(f"n{number}" for number in scan.unplaced),
    }
    for role in ROLES:
        named[f"{role}_far"] = tuple(objects.index[having[role] & far])
        having[role] &= ~far
    rows = {role: objects[mask] for role, mask in having.items()}
    around = areas.surroundings_frame(rows["surfaces"], lines[~far_lines])
    walls = around.geometry[around["kind"] == "wall"]
    doors = doors_frame(scan.nodes, streets.node_ids, walls)
    solid = objects[(having["places"] | having["buildings"]) & (objects.index.str[0] != "n")]
    there = _where(streets, objects[_telling(having)])
    boxes, wrong = believed(file.edits.boxes, there)
    extract = OsmExtract(
        path=file.path,
        sha256=file.sha256,
        date=scan.date,
        boxes=boxes or _around(objects),
        streets=streets,
        places=rows["places"],
        buildings=rows["buildings"],
        compounds=rows["compounds"],
        plazas=rows["plazas"],
        openings=openings_frame(solid, doors, streets.lonlat[~streets.closed]),
        doors=doors,
        admin=areas.admin_frame(rows["admin"], tally),
        surroundings=around,
        barriers=barriers_frame(scan.nodes, streets.node_ids),
        counts={},
        edits=file.edits,
        named=named,
        admin_incomplete=scan.incomplete_admin,
        grounds=rows["grounds"],
        names=scan.names.frame(),
        idle=rows["idle"],
    )
    counts = dict(tally) | {
        **{key: len(ids) for key, ids in named.items() if key.endswith("_far")},
        "boxes_wrong": wrong,
        "street_pieces": len(streets.way_ids),
        **{name: len(getattr(extract, name)) for name in TABLES},
    }
    return replace(extract, counts=dict(sorted(counts.items())))


def _telling(having: dict[str, Bools]) -> Bools:
    """Objects that tell where the data lie: not borders, and more than ground. An estate may
    reach far beyond what else is in a file."""
    others = [mask for role, mask in having.items() if role not in ("grounds", "idle", "admin")]
    return np.asarray(np.any(others, axis=0) & ~having["admin"], bool)


def _far(objects: gpd.GeoDataFrame, *spared: Bools) -> Bools:
    """Which objects have a node far from its neighbours, so that their shape is false."""
    spare = np.array([areas.may_be_wide(tags) for tags in objects["tags"]], bool)
    far: Bools = far_apart(objects.geometry.to_numpy()) & ~spare
    for mask in spared:
        far &= ~mask
    return far


def _where(streets: StreetWays, objects: gpd.GeoDataFrame) -> Floats:
    """Points (P,2) where the data lie: street vertices, and corners of the boxes of objects."""
    corners = objects.bounds.to_numpy(float)
    return np.concatenate((streets.lonlat, corners[:, :2], corners[:, 2:]))


def _around(objects: gpd.GeoDataFrame) -> tuple[Box, ...]:
    """The box of all objects, of a file with borders alone."""
    west, south, east, north = objects.total_bounds.tolist()
    return ((west, south, east, north),)
