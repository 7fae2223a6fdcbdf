"""Plazas: open ground that people walk across, without buildings and water."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.geometry import Shapes, polygonal, valid
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm.streets import name_of
from gusu_geo.sources.osm.walk_policy import judge_way
from gusu_geo.tables import Ints, WayFlag

Tags = Mapping[str, str]

ROOFS = {"roof", "carport", "canopy"}  # building=* that people walk under


def read_plazas(
    extract: OsmExtract, area: StudyArea, surroundings: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Plazas that touch the reach, uncut: index = OSM id; columns name, flags (bits of
    ``WayFlag``), geometry: valid (multi) polygons in metres without holes, buildings on their
    level and water.

    surroundings: as in ``City``. Corners that are street vertices keep exact coordinates.
    """
    rows = extract.plazas
    shapes = polygonal(valid(area.to_metres(rows.geometry)))
    near = shapely.intersects(area.reach, shapes)
    rows, shapes = rows[near], shapes[near]
    houses, standing = _houses(extract, rows, area)
    _take_out(shapes, houses, standing)
    dry = np.array([not _over_water(tags) for tags in rows["tags"]], bool)
    lakes = surroundings.geometry[surroundings["kind"] == "water"].to_numpy()
    pairs = shapely.STRtree(lakes).query(shapes, predicate="intersects")
    _take_out(shapes, lakes, pairs[:, dry[pairs[0]]])
    shapes = valid(shapes)
    full = ~shapely.is_empty(shapes)
    flags = [judge_way(tags).flags | WayFlag.AREA for tags in rows["tags"]]
    return gpd.GeoDataFrame(
        {
            "name": np.array([name_of(tags) for tags in rows["tags"]], object)[full],
            "flags": np.array(flags, np.int16)[full],
        },
        index=rows.index[full],
        geometry=shapes[full],
        crs=area.crs,
    )


def _houses(extract: OsmExtract, plazas: gpd.GeoDataFrame, area: StudyArea) -> tuple[Shapes, Ints]:
    """Buildings near plazas, in metres, and pairs (2,n) of plaza and building on one level."""
    pairs = shapely.STRtree(extract.buildings.geometry.to_numpy()).query(
        plazas.geometry.to_numpy(), predicate="intersects"
    )
    level = np.array([_level(tags) for tags in plazas["tags"]], object)
    used, place = np.unique(pairs[1], return_inverse=True)
    rows = extract.buildings.iloc[used]
    standing = np.array([_level(t) if _on_ground(t) else None for t in rows["tags"]], object)
    same = level[pairs[0]] == standing[place]
    return valid(area.to_metres(rows.geometry)), np.stack((pairs[0], place))[:, same]


def _take_out(shapes: Shapes, others: Shapes, pairs: Ints) -> None:
    """In place: subtracts from each shape the ``others`` it is paired with; pairs (2,n)."""
    for each in np.unique(pairs[0]):
        taken = shapely.union_all(others[pairs[1][pairs[0] == each]])
        shapes[each] = shapely.difference(shapes[each], taken)


def _level(tags: Tags) -> str:
    return tags.get("layer", "0").strip() or "0"


def _on_ground(tags: Tags) -> bool:
    """Whether a building blocks walkers on its layer: it is neither a roof nor raised."""
    raised = tags.get("min_height", tags.get("building:min_level", "0")) not in ("0", "0.0")
    placed = tags.get("location") in ("underground", "roof", "rooftop")
    return not (raised or placed or tags["building"] in ROOFS)


def _over_water(tags: Tags) -> bool:
    """Whether the plaza is a bridge or pier: water below it does not block walkers."""
    return tags.get("bridge", "no") != "no" or tags.get("man_made") in ("pier", "bridge")
