"""Reads one OpenStreetMap file: walkable streets, venues, homes, boundaries, barriers.

All tables are in order of OSM id, so the order of the file does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.sources.osm import areas
from gusu_geo.sources.osm.areas import PLACE_KEYS, Objects
from gusu_geo.sources.osm.child import in_child
from gusu_geo.sources.osm.nodes import barriers_frame, doors_frame, openings_frame
from gusu_geo.sources.osm.scan import ROLES, Scanned, scan_file
from gusu_geo.sources.osm.walk_policy import classes
from gusu_geo.tables import Bools, StreetWays
from gusu_geo.words import text

TABLES = (
    *("places", "buildings", "compounds", "plazas", "openings", "doors", "admin"),
    *("surroundings", "barriers", "grounds"),
)
MISSING_SHARE_MAX = 0.5  # of street nodes; above it the file lacks its nodes, not only a rim


@dataclass(frozen=True, eq=False)
class OsmExtract:
    """What one OSM file holds. All coordinates are degrees, WGS 84.

    date: of the data, ISO 8601 UTC: replication time of the header, else of the newest object,
    else "". bounds: west, south, east, north; of the header, else of what was read.
    places, buildings, compounds, plazas, grounds: index osm id ("n1", "w2", "r3"), columns tags
    (dict) and geometry: points of nodes (places only), polygons of closed ways and multipolygons;
    one object may be in several. grounds: areas whose use is known, see ``grounds.ground_of``.
    openings: osm_id, lon, lat, kind ("entrance", "gate"; "street": not for buildings).
    doors: index osm id, columns lon, lat, kind ("entrance", "gate"), access ("public",
    "residents", "locked"), on_street, on_wall.
    admin: index osm id, columns name, name_zh, name_en, admin_level, geometry.
    surroundings: kind (polygons "water", "green"; lines "coast", "waterway", "stream",
    "railway", "motorway", "wall"), width_m (of lines; 0 = unknown), geometry.
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
    compounds: gpd.GeoDataFrame
    plazas: gpd.GeoDataFrame
    openings: pd.DataFrame
    doors: pd.DataFrame
    admin: gpd.GeoDataFrame
    surroundings: gpd.GeoDataFrame
    barriers: pd.DataFrame
    counts: dict[str, int]
    admin_incomplete: tuple[str, ...] = ()
    grounds: gpd.GeoDataFrame = field(default_factory=lambda: Objects().frame())


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


def _check(scan: Scanned) -> None:
    """Raises SourceError: the file can be read but has no objects, or no ways."""
    tally, path = scan.tally, scan.file.path
    if not any(tally[key] for key in ("nodes_of_interest", "nodes_plain", "ways", "relations")):
        raise SourceError(text("error.osm_empty"), where=path, fix=text("error.download_again"))
    if scan.file.format == "pbf" and not tally["ways"]:
        what = text("error.osm_no_ways")
        raise SourceError(what, where=path, fix=text("error.download_with_ways"))


def _extract(scan: Scanned) -> OsmExtract:
    """The tables of what was collected."""
    file, tally = scan.file, scan.tally
    streets = scan.streets
    missing, refs = tally["street_refs_missing"], tally["street_refs"]
    if missing > MISSING_SHARE_MAX * refs:
        what = text("error.osm_lacks_nodes", missing=missing, refs=refs)
        fix = text("error.export_nodes")
        raise SourceError(what, where=file.path, fix=fix)
    objects = scan.objects.frame()
    having = scan.objects.having(ROLES)
    rows = {role: objects[mask] for role, mask in having.items()}
    around = areas.surroundings_frame(rows["surfaces"], scan.lines.frame())
    walls = around.geometry[around["kind"] == "wall"]
    doors = doors_frame(scan.nodes, streets.node_ids, walls)
    solid = objects[(having["places"] | having["buildings"]) & (objects.index.str[0] != "n")]
    extract = OsmExtract(
        path=file.path,
        sha256=file.sha256,
        date=scan.date,
        bounds=file.box or _bounds(streets, objects[_beside_grounds(having)]),
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
        admin_incomplete=scan.incomplete_admin,
        grounds=rows["grounds"],
    )
    tally["street_pieces"] = len(streets.way_ids)
    for name in TABLES:
        tally[name] = len(getattr(extract, name))
    return replace(extract, counts=dict(sorted(tally.items())))


def _beside_grounds(having: dict[str, Bools]) -> Bools:
    """Objects that are more than ground: an estate may reach far beyond what else is in a file."""
    others = [mask for role, mask in having.items() if role != "grounds"]
    return np.asarray(np.any(others, axis=0), bool)


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
