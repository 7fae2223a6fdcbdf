"""Where people enter homes and venues: the entrance ladder, best source first."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.geometry import Shapes
from gusu_geo.sources.area import StudyArea
from gusu_geo.tables import Bools, Entrances, Floats, Rung

GATE_NEAR_M = 10.0  # a surveyed gate farther from an outline than this belongs to another place


def entrances_of(
    owners: Iterable[str],
    points: Floats,
    openings: pd.DataFrame,
    area: StudyArea,
    *,
    outlines: Shapes,
) -> Entrances:
    """Entrances of each owner: all its openings, else its outline, else its point.

    owners (R,): OSM ids, may repeat, "" for none; points (R,2): metres; openings: columns
    osm_id, lon, lat; outlines (R,): geometries in metres, used where they are areas. Rows are in
    order of the owners, then of ``openings``.
    """
    rows = pd.DataFrame({"osm_id": np.asarray(list(owners), object)})
    rows["owner_ix"] = np.arange(len(rows))
    doors = openings.drop_duplicates(["osm_id", "lon", "lat"])
    found = rows.merge(doors, on="osm_id", how="inner")
    at_doors = area.to_xy(found[["lon", "lat"]].to_numpy(float))
    known = found["owner_ix"].to_numpy(np.int64)
    others = np.setdiff1d(np.arange(len(rows)), known)
    owner_ix = np.concatenate((known, others)).astype(np.int64)
    order = np.argsort(owner_ix, kind="stable")
    drawn = shapely.get_dimensions(outlines[others]) == 2
    without = np.where(drawn, Rung.EDGE, Rung.CENTROID)
    rungs = np.concatenate((np.full(len(known), Rung.ENTRANCE), without)).astype(np.int8)
    xy = np.concatenate((at_doors, np.asarray(points, float)[others]))
    owner_ix, rungs, xy = owner_ix[order], rungs[order], xy[order]
    outline = outlines[owner_ix]
    outline[rungs != Rung.EDGE] = None
    return Entrances(owner_ix, xy, rungs, outline)


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
    outline = np.full(len(owner_ix), None, object)
    if entrances.outline is not None:
        outline[: int(kept.sum())] = entrances.outline[kept]
    return Entrances(owner_ix[order], xy[order], rung[order], outline[order])
