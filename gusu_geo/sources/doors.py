"""Where people enter homes and venues: the entrance ladder, best source first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.geometry import Shapes
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.osm.areas import is_building
from gusu_geo.tables import Bools, Entrances, Floats, Int8s, Rung

# Areas that people walk onto from everywhere, unless a wall is drawn on their edge.
OPEN_GROUNDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "leisure": frozenset(
            (
                *("park", "garden", "playground", "pitch", "nature_reserve", "dog_park", "common"),
                *("fitness_station", "track", "golf_course", "recreation_ground", "bandstand"),
            )
        ),
        "landuse": frozenset(
            ("cemetery", "grass", "forest", "recreation_ground", "village_green", "meadow")
        ),
        "natural": frozenset(("wood", "beach", "grassland", "heath", "scrub", "sand")),
        "amenity": frozenset(("grave_yard", "marketplace", "parking")),
        "place": frozenset(("square",)),
        "highway": frozenset(("pedestrian", "footway")),
        "tourism": frozenset(("picnic_site", "viewpoint")),
    }
)
# Grounds that are mostly walled in truth, whether that is drawn or not.
WALLED_GROUNDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "amenity": frozenset(
            (
                *("school", "kindergarten", "childcare", "college", "university", "hospital"),
                *("clinic", "nursing_home", "social_facility", "prison", "monastery"),
            )
        ),
        "healthcare": frozenset(("hospital", "clinic", "centre", "hospice")),
        "leisure": frozenset(("sports_centre", "stadium", "swimming_pool", "water_park")),
    }
)


class Ground(IntEnum):
    """What an outline is."""

    BUILDING = 0  # or another area with walls of its own
    OPEN = 1  # a park, a square, a pitch: entered from everywhere
    WALLED = 2  # a school, a hospital: likewise where neither wall nor gate is drawn, as assumed


def ground_of(tags: Mapping[str, str]) -> Ground:
    """What the outline of a place is.

    >>> ground_of({"leisure": "park"}).name, ground_of({"amenity": "school"}).name
    ('OPEN', 'WALLED')
    """
    if is_building(tags):
        return Ground.BUILDING
    for ground, table in ((Ground.WALLED, WALLED_GROUNDS), (Ground.OPEN, OPEN_GROUNDS)):
        if any(tags.get(key) in values for key, values in table.items()):
            return ground
    return Ground.BUILDING


GATE_NEAR_M = 10.0  # a surveyed gate farther from an outline than this belongs to another place


def entrances_of(
    owners: Iterable[str],
    points: Floats,
    openings: pd.DataFrame,
    area: StudyArea,
    *,
    outlines: Shapes,
    grounds: Int8s | None = None,
) -> Entrances:
    """Entrances of each owner: all its openings, else its outline, else its point; of open ground
    its openings and its outline.

    owners (R,): OSM ids, may repeat, "" for none; points (R,2): metres; openings: columns
    osm_id, lon, lat, kind; outlines (R,): geometries in metres, used where they are areas;
    grounds (R,) ``Ground``, default: all are buildings. Rows are in order of the owners, then of
    ``openings``, the outline last.
    """
    rows = pd.DataFrame({"osm_id": np.asarray(list(owners), object)})
    rows["owner_ix"] = np.arange(len(rows))
    if grounds is None:
        grounds = np.full(len(rows), Ground.BUILDING, np.int8)
    doors = openings.drop_duplicates(["osm_id", "lon", "lat"])
    found = rows.merge(doors, on="osm_id", how="inner")
    at_doors = area.to_xy(found[["lon", "lat"]].to_numpy(float))
    known = found["owner_ix"].to_numpy(np.int64)
    drawn = shapely.get_dimensions(outlines) == 2
    # A school whose gate is known is entered there, a park from everywhere all the same.
    gated = np.zeros(len(rows), bool)
    gated[known[(found["kind"] != "street").to_numpy()]] = True
    anywhere = drawn & ((grounds == Ground.OPEN) | ((grounds == Ground.WALLED) & ~gated))
    others = np.flatnonzero(anywhere | ~np.isin(np.arange(len(rows)), known))
    without = np.where(drawn[others], Rung.EDGE, Rung.CENTROID)
    without[anywhere[others] & (grounds[others] == Ground.WALLED)] = Rung.ASSUMED
    owner_ix = np.concatenate((known, others)).astype(np.int64)
    rungs = np.concatenate((np.full(len(known), Rung.ENTRANCE), without)).astype(np.int8)
    xy = np.concatenate((at_doors, np.asarray(points, float)[others]))
    bare = np.full(len(known), None, object)
    shapes = outlines[others]
    shapes[~drawn[others]] = None
    outline = np.concatenate((bare, shapes))
    ground = np.concatenate((np.zeros(len(known), bool), anywhere[others]))
    order = np.argsort(owner_ix, kind="stable")
    return Entrances(owner_ix, xy, rungs, outline, ground).rows(order)


def by_surveyed_gates(
    entrances: Entrances, grounds: Shapes, gates: gpd.GeoDataFrame, *, access: tuple[str, ...]
) -> Entrances:
    """The entrances; owners with surveyed gates are entered only by these.

    grounds (R,): area of each owner, or None. Surveyed gates: those of a ledger within
    ``GATE_NEAR_M`` of its outline that have one of ``access``. gates: as ``City.gates``.
    """
    surveyed = (gates["source"] == "ledger").to_numpy() & gates["access"].isin(access).to_numpy()
    points = np.asarray(gates.geometry.to_numpy(), object)[surveyed]
    area = np.flatnonzero(shapely.get_dimensions(grounds) == 2)
    edges = shapely.boundary(grounds[area])
    found, gate = shapely.STRtree(points).query(edges, predicate="dwithin", distance=GATE_NEAR_M)
    owner = area[found]
    kept: Bools = ~np.isin(entrances.owner_ix, owner)
    owner_ix = np.concatenate((entrances.owner_ix[kept], owner)).astype(np.int64)
    order = np.argsort(owner_ix, kind="stable")
    rung = np.concatenate((entrances.rung[kept], np.full(len(owner), int(Rung.GATE), np.int8)))
    xy = np.concatenate((entrances.xy[kept], shapely.get_coordinates(points[gate])))
    outline, ground = np.full(len(owner_ix), None, object), np.zeros(len(owner_ix), bool)
    if entrances.outline is not None:
        outline[: int(kept.sum())] = entrances.outline[kept]
    if entrances.ground is not None:
        ground[: int(kept.sum())] = entrances.ground[kept]
    return Entrances(owner_ix, xy, rung, outline, ground).rows(order)
