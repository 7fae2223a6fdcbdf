"""What a home is called where people read: its name, else its address, else the next one's."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.geometry import inner_points
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.osm.extract import OsmExtract

NUMBER_NEAR_M = 50.0  # a numbered neighbour farther away says little of where a home is
_STREET, _NUMBER = "addr:street", "addr:housenumber"


def home_names(frame: gpd.GeoDataFrame, extract: OsmExtract, area: StudyArea) -> list[str]:
    """The name (R,) of each home, "" where nothing is known; it need not be unique.

    frame: columns tags, name, compound_name, geometry (points, metres). In this order: the name of
    the building; compound and number; street and number; compound; street; and "street ~number" of
    the nearest building or place with an address, within ``NUMBER_NEAR_M``.
    """
    near = _neighbours(frame, extract, area)
    columns = (frame["tags"], frame["name"], frame["compound_name"], near)
    return [
        name or _of_address(tags, compound) or neighbour
        for tags, name, compound, neighbour in zip(*columns, strict=True)
    ]


def _of_address(tags: Mapping[str, str], compound: str) -> str:
    """The name that tags and compound give.

    >>> _of_address({"addr:housenumber": "3幢"}, "华侨路26号小区")
    '华侨路26号小区 3幢'
    """
    street, number = tags.get(_STREET, ""), tags.get(_NUMBER, "")
    if number and (compound or street):
        return f"{compound or street} {number}"
    return compound or street


def _neighbours(frame: gpd.GeoDataFrame, extract: OsmExtract, area: StudyArea) -> list[str]:
    """ "street ~number" (R,) of the nearest address near each home, "" for none."""
    parts = (extract.buildings[["tags", "geometry"]], extract.places[["tags", "geometry"]])
    known = [
        part[[bool(t.get(_STREET) and t.get(_NUMBER)) for t in part["tags"]]] for part in parts
    ]
    every = pd.concat(known)
    found = np.full(len(frame), "", object)
    if len(every):
        points = inner_points(area.to_metres(every.geometry))
        home, address = shapely.STRtree(points).query_nearest(
            np.asarray(frame.geometry.to_numpy(), object),
            max_distance=NUMBER_NEAR_M,
            all_matches=False,
        )
        texts = np.array([f"{t[_STREET]} ~{t[_NUMBER]}" for t in every["tags"]], object)
        found[home] = texts[address]
    return found.tolist()
