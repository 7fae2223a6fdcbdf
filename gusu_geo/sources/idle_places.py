"""Candidate sites from OpenStreetMap: empty shops and buildings, and public buildings.

What its tags say stands in ``osm.idle``; here its surroundings are looked at, and two objects of
one place become one. A site offers every service that is not there already.
"""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.geometry import Shapes, inner_points, valid
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.classify import services_of
from gusu_geo.sources.doors import entrances_of
from gusu_geo.sources.home_buildings import address_of, levels_of
from gusu_geo.sources.osm.areas import is_building
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm.grounds import ground_of
from gusu_geo.sources.osm.idle import Tags, idle_of, is_one_room, table
from gusu_geo.sources.readings import reading
from gusu_geo.sources.venues import closed_to_all
from gusu_geo.study.catalog import RulePack
from gusu_geo.tables import CandidateKind, Candidates, Floats, Ints, Reading, Vote

_NAMES = ("name", "name:zh", "name:en", "old_name", "operator")


def read_idle_places(
    extract: OsmExtract, pack: RulePack, area: StudyArea
) -> tuple[Candidates, Reading]:
    """Candidates inside the area, by OSM id, and what became of all objects that were looked at.

    ``name``: "" where the map has neither name nor address; ``area_m2``: footprint x levels of a
    building whose levels are known and that is meant as a whole, else NaN.
    """
    rows = extract.idle
    shapes = valid(area.to_metres(rows.geometry))
    points = inner_points(shapes)
    tags, ids = rows["tags"].to_numpy(object), rows.index.to_numpy(object)
    found = [idle_of(one) for one in tags]
    kind = np.array([one.kind for one in found], object)
    why = np.array([one.left_out for one in found], object)
    public = kind == CandidateKind.PUBLIC
    why[public] = [
        why_not or closed_to_all(one)
        for why_not, one in zip(why[public], tags[public], strict=True)
    ]
    shut = _shut_ground(ids, points, extract, area)
    why = np.where((why == "") & (shut != ""), shut, why)
    why[~shapely.intersects(area.outline, points)] = "outside_area"
    open_ = np.flatnonzero(why == "")
    inside = _inside_of(shapes[open_], points[open_], kind[open_])
    why[open_[inside >= 0]] = "merged"
    # What stands empty offers nothing, whatever it was.
    offers = [
        frozenset(services_of(pack, one) if here else ())
        for one, here in zip(tags, public, strict=True)
    ]
    names = [_name_of(one) for one in tags]
    for part, whole in zip(open_[inside >= 0], open_[inside[inside >= 0]], strict=True):
        offers[whole] |= offers[part]
        names[whole] = names[whole] or names[part]
    every = frozenset(pack.service_ids)
    why[[not why_not and all_ >= every for why_not, all_ in zip(why, offers, strict=True)]] = (
        "offers_all"
    )
    kept = np.flatnonzero(why == "")
    places = Candidates(
        gpd.GeoDataFrame(
            {
                "name": [names[row] or address_of(tags[row]) for row in kept],
                "services": [_others(pack, offers[row]) for row in kept],
                "cost": np.full(len(kept), np.nan),
                "area_m2": [_area_m2(tags[row], shapes[row]) for row in kept],
                "vote": np.full(len(kept), Vote.UNKNOWN.value, object),
                "available": np.full(len(kept), "", object),
                "heritage": np.full(len(kept), "", object),
                "street": np.zeros(len(kept), bool),
                "kind": [str(kind[row].value) for row in kept],
            },
            index=pd.Index(ids[kept], dtype=object),
            geometry=points[kept],
            crs=area.crs,
        ),
        entrances_of(
            ids[kept],
            shapely.get_coordinates(points[kept]),
            extract.openings,
            area,
            outlines=shapes[kept],
        ),
    )
    return places, _reading(extract, len(kept), Counter(why[why != ""].tolist()))


def _reading(extract: OsmExtract, used: int, left_out: Counter[str]) -> Reading:
    broken, far = extract.counts.get("idle_broken", 0), extract.named.get("idle_far", ())
    return reading(
        extract.path.name,
        "candidates",
        read=used + left_out.total() + broken + len(far),
        used=used,
        left_out={**dict(sorted(left_out.items())), "broken": broken, "far": far},
    )


def _name_of(tags: Tags) -> str:
    return next(filter(None, (tags.get(key, "") for key in _NAMES)), "")


def _others(pack: RulePack, offered: frozenset[str]) -> tuple[str, ...]:
    """Services that are not there already; all: ()."""
    return tuple(key for key in pack.service_ids if key not in offered) if offered else ()


def _area_m2(tags: Tags, shape: shapely.Geometry) -> float:
    levels = levels_of(tags.get("building:levels"))
    if not is_building(tags) or is_one_room(tags):
        return float("nan")
    return round(float(shapely.area(shape)) * levels, 1)


def _shut_ground(ids: Shapes, points: Shapes, extract: OsmExtract, area: StudyArea) -> Shapes:
    """(n,) "ground_" and the class of the smallest other ground that holds each point, if its rooms
    are not open to the neighbourhood; else ""."""
    grounds = extract.grounds
    shapes = valid(area.to_metres(grounds.geometry))
    size: Floats = shapely.area(shapes)
    at, ground = shapely.STRtree(shapes).query(points, predicate="intersects")
    other = ids[at] != grounds.index.to_numpy(object)[ground]
    at, ground = at[other], ground[other]
    order = np.argsort(-size[ground], kind="stable")  # the last written is the smallest
    smallest = np.full(len(points), -1, np.int64)
    smallest[at[order]] = ground[order]
    found = np.full(len(points), "", object)
    for row in np.flatnonzero(smallest >= 0):
        name = ground_of(grounds["tags"].iloc[smallest[row]])
        found[row] = f"ground_{name}" if name in table().shut else ""
    return found


def _inside_of(shapes: Shapes, points: Shapes, kind: Shapes) -> Ints:
    """(n,) position of the largest area of the same kind that holds each object, -1: in none."""
    size: Floats = shapely.area(shapes)
    at, holder = shapely.STRtree(shapes).query(points, predicate="intersects")
    larger = (size[holder] > size[at]) | ((size[holder] == size[at]) & (holder < at))
    holds = larger & (kind[at] == kind[holder]) & (size[holder] > 0)
    at, holder = at[holds], holder[holds]
    order = np.lexsort((-holder, size[holder]))  # the last written is the largest
    inside = np.full(len(shapes), -1, np.int64)
    inside[at[order]] = holder[order]
    return inside
