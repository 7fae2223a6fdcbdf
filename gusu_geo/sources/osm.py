"""Reading one OpenStreetMap file: streets people walk, venues, homes, boundaries, barriers.

Everything comes out in order of OSM id: the order of the file changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.sources import osm_areas as areas
from gusu_geo.sources.osm_areas import PLACE_KEYS
from gusu_geo.sources.osm_file import OsmFile, reading
from gusu_geo.sources.osm_scan import Scan
from gusu_geo.sources.walk_policy import classes
from gusu_geo.tables import StreetWays

MISSING_SHARE_MAX = 0.5  # above it the file is not a clipped extract but lacks its nodes


@dataclass(frozen=True)
class OsmExtract:
    """What one OSM file holds. All coordinates are degrees, WGS 84.

    date: of the data, ISO 8601 UTC: replication time of the header, else of the newest object,
    else "". bounds: west, south, east, north; of the header, else of what was read.
    places, buildings: index osm id ("n1", "w2", "r3"), columns tags (dict) and geometry: points
    of nodes, polygons of closed ways and multipolygons; one object may stand in both.
    openings: osm_id, lon, lat, kind ("entrance", "gate"; "street" for places without a building).
    admin: index osm id, columns name, name_zh, name_en, admin_level, geometry.
    surroundings: kind (polygons "water", "green"; lines "coast", "waterway", "stream",
    "railway", "wall"), geometry.
    barriers: lon, lat, kind (value of barrier=*, with ":closed" or ":private"), on_street.
    counts: objects seen, kept and left out by reason.
    admin_incomplete: "name (level)" of boundaries whose outline leaves the extract: not in admin.
    """

    path: Path
    sha256: str
    date: str
    bounds: tuple[float, float, float, float]
    streets: StreetWays
    places: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    openings: pd.DataFrame
    admin: gpd.GeoDataFrame
    surroundings: gpd.GeoDataFrame
    barriers: pd.DataFrame
    counts: dict[str, int]
    admin_incomplete: tuple[str, ...] = ()


def read_osm(
    path: str | Path,
    *,
    add: Iterable[str] = (),
    drop: Iterable[str] = (),
    place_keys: Iterable[str] = PLACE_KEYS,
) -> OsmExtract:
    """Read .osm.pbf, .pbf, .osm, .osm.gz or .osm.bz2.

    add, drop: highway values to walk or to leave out beside docs/walk-policy.md.
    place_keys: keys that make an object a candidate for a venue.
    Raises SourceError: missing, cut off, not OSM, without objects or without its nodes;
    OutputError: no room to sort an unsorted file; StudyError: add and drop contradict each other.
    No streets at all is not an error here.
    """
    known = classes(add=add, drop=drop)
    file = OsmFile.open(path)
    scan = Scan(file, frozenset(place_keys))
    with file.in_order() as source, reading(file.path):
        scan.read(source, known)
    _check(scan)
    return _extract(scan)


def _check(scan: Scan) -> None:
    """Refuse a file that could be read but cannot be what the planner meant."""
    tally, path = scan.tally, scan.file.path
    if not any(tally[key] for key in ("nodes_of_interest", "nodes_plain", "ways", "relations")):
        raise SourceError("holds no objects at all.", where=path, fix="Download it again.")
    if scan.file.format == "pbf" and not tally["ways"]:
        what = "holds nodes but not one way: it is cut off between two blocks, or was filtered."
        raise SourceError(what, where=path, fix="Download it again, with its ways.")


def _extract(scan: Scan) -> OsmExtract:
    """The tables of what was collected."""
    file, tally = scan.file, scan.tally
    streets = scan.streets.pack(scan.nodes.flags)
    missing, refs = tally["street_refs_missing"], tally["street_refs"]
    if missing > MISSING_SHARE_MAX * refs:
        what = f"lacks {missing:,} of the {refs:,} nodes that its streets are made of."
        fix = "Export it with the nodes of all ways (Overpass: add `(._;>;); out meta;`)."
        raise SourceError(what, where=file.path, fix=fix)
    objects = scan.objects.frame()
    kind, tags = objects.index.str[0], objects["tags"]
    place = np.array([areas.is_place(each, scan.place_keys) for each in tags], bool)
    building = np.array([areas.is_building(each) for each in tags], bool) & (kind != "n")
    admin = np.array([areas.is_admin(*each) for each in zip(tags, kind, strict=True)], bool)
    surface = np.array([areas.surface_of(each) is not None for each in tags], bool) & (kind != "n")
    entered = objects[(place | building) & (kind != "n")]
    walked = streets.lonlat[~streets.closed]
    scan.count_broken()
    extract = OsmExtract(
        path=file.path,
        sha256=file.sha256,
        date=file.date or file.newest(),
        bounds=file.box or _bounds(streets, objects),
        streets=streets,
        places=objects[place],
        buildings=objects[building],
        openings=areas.openings_frame(entered, scan.nodes, walked),
        admin=areas.admin_frame(objects[admin & (kind != "n")], tally),
        surroundings=areas.surroundings_frame(objects[surface], scan.lines.frame()),
        barriers=areas.barriers_frame(scan.nodes, streets.node_ids),
        counts={},
        admin_incomplete=scan.incomplete_admin(),
    )
    tally["street_pieces"] = len(streets.way_ids)
    for name in ("places", "buildings", "openings", "admin", "surroundings", "barriers"):
        tally[name] = len(getattr(extract, name))
    return replace(extract, counts=dict(sorted(tally.items())))


def _bounds(streets: StreetWays, objects: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """West, south, east, north of all streets and objects; NaN where there are none."""
    boxes = [objects.total_bounds] if len(objects) else []
    if len(streets.lonlat):
        boxes.append(np.concatenate((streets.lonlat.min(0), streets.lonlat.max(0))))
    if not boxes:
        return (np.nan, np.nan, np.nan, np.nan)
    stack = np.array(boxes)
    west, south = stack[:, :2].min(0).tolist()
    east, north = stack[:, 2:].max(0).tolist()
    return (west, south, east, north)
