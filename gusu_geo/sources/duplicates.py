"""One place, one venue: records of the same place for the same service are merged.

OpenStreetMap often has a place twice, as a node and as a building, and ledgers name it again.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.tables import Merge

SAME_POINT_M = 1.0  # rows of one ledger for one venue repeat its coordinates
SAME_NAME_M = 60.0  # two records of one name this near are one place
OUTLINE_NEAR_M = 5.0  # a point this near to an outline is the same place, unless the names differ
_TEXTS = (
    *("name", "name_zh", "name_en", "hours", "shared_hours", "host"),
    *("tier", "compound", "community", "subdistrict"),  # where a ledger has them
)
_NOT_IN_NAMES = re.compile(r"[\W_]+")


def merge_duplicates(rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Merge]]:
    """One row per place and service, with a new column venue_id: the place's first object; and the
    other objects of each place.

    rows: columns object_id, ledger ("" for the map), source, service, own_name, evidence,
    has_doors and texts, geometry (metres), at most one row per object and service. Two records are
    one place if
    - they share a service and have the same name (or its Chinese form) within 60 m;
    - they share a service and are a point and an outline within 5 m, one of them unnamed;
    - they have the same object_id, or are rows of one ledger with the same name and point (within
      1 m), whether or not they share a service.
    Kept of each place and service: an outline with doors, then an outline, then the better
    evidence, then the smaller id. Empty texts and better evidence are taken from the other records,
    and so is its capacity (with its unit), where the kept one has none; they are never summed.
    """
    if rows.empty:
        return rows.assign(venue_id=pd.Series(dtype=object)), []
    # By id, so that of equally near records the same one is taken in any order of the file.
    rows = rows.drop_duplicates(["object_id", "service"]).sort_values(["object_id", "service"])
    rows = rows.reset_index(drop=True)
    rows = rows.assign(
        plain_name=[plain(name) for name in rows["own_name"]],
        plain_zh=[plain(name) for name in rows["name_zh"]],
        outline=shapely.get_dimensions(rows.geometry.to_numpy()) == 2,
    )
    rows["drawn"] = np.select([rows["outline"] & rows["has_doors"], rows["outline"]], [0, 1], 2)
    code, objects = pd.factorize(rows["object_id"])
    place = _places(len(objects), _same_place(rows, code))
    rows["place"] = place[code]
    rows = rows.sort_values(["place", "drawn", "evidence", "object_id", "service"])
    rows["venue_id"] = rows.groupby("place")["object_id"].transform("first")
    groups = rows.replace("", pd.NA).groupby(["place", "service"], sort=False)
    filled = {key: groups[key].transform("first").fillna("") for key in _TEXTS if key in rows}
    filled["evidence"] = groups["evidence"].transform("min")
    kept = rows.assign(**filled).drop_duplicates(["place", "service"])
    if "capacity" in rows:
        kept = _with_capacity(kept, rows)
    merges = _merges(rows, kept)
    kept = kept.drop(columns=["plain_name", "plain_zh", "outline", "drawn", "place"])
    return kept.reset_index(drop=True), merges


def _with_capacity(kept: gpd.GeoDataFrame, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The capacity of each place and service, of the first record that says one."""
    key, columns = ["place", "service"], ["capacity", "capacity_unit"]
    said = rows[rows["capacity"].notna()].drop_duplicates(key)
    found = kept[key].merge(said[key + columns], on=key, how="left")
    return kept.assign(
        capacity=found["capacity"].to_numpy(float),
        capacity_unit=found["capacity_unit"].fillna("").to_numpy(object),
    )


def _merges(rows: gpd.GeoDataFrame, kept: gpd.GeoDataFrame) -> list[Merge]:
    """Every object that is not the first of its place, in the order of ids."""
    objects = rows.drop_duplicates("object_id").set_index("object_id")
    still = kept.groupby("object_id")["service"].agg(lambda services: sorted(services))
    behind = objects[objects.index != objects["venue_id"]].sort_index()
    first = objects.loc[behind["venue_id"]]
    named = kept.drop_duplicates("object_id").set_index("object_id")["name"]  # maybe by the other
    apart_m = shapely.distance(behind.geometry.to_numpy(), first.geometry.to_numpy())
    columns = zip(
        *(behind.index, behind["name"], behind["source"]),
        *(first.index, named.loc[first.index], first["source"], apart_m),
        strict=True,
    )
    return [
        {
            "id": key,
            "name": name,
            "source": source,
            "stands": stands,
            "stands_name": stands_name,
            "stands_source": stands_source,
            "distance_m": round(float(distance_m), 1),
            "services": list(still.get(key, [])),
        }
        for key, name, source, stands, stands_name, stands_source, distance_m in columns
    ]


def plain(name: str) -> str:
    """A name for comparison: width, case, spaces and punctuation are ignored.

    >>> plain("Café  ＡＢＣ（总店）")
    'caféabc总店'
    """
    return _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _same_place(rows: gpd.GeoDataFrame, code: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Pairs of objects (n,2) that are one place.

    An unnamed record joins only one other, so that it never links two named places.
    """
    shapes = rows.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_NAME_M)
    service, name = pd.factorize(rows["service"])[0], rows["plain_name"].to_numpy()
    zh = rows["plain_zh"].to_numpy()
    ledger = rows["ledger"].to_numpy()
    gap = shapely.distance(shapes[one], shapes[two])
    pairs = [(name[one], name[two]), (zh[one], name[two]), (name[one], zh[two])]
    alike = np.logical_or.reduce([(first == second) & (first != "") for first, second in pairs])
    same_row = (ledger[one] == ledger[two]) & (ledger[one] != "") & alike & (gap <= SAME_POINT_M)
    good = ((service[one] == service[two]) | same_row) & (code[one] != code[two])
    one, two, gap, alike = one[good], two[good], gap[good], alike[good]
    outline = rows["outline"].to_numpy()
    # An unnamed record (one) is paired with the nearest match (two): a point with an outline, an
    # outline with a named point; so two unnamed records are paired from the point only.
    unnamed = (name[one] == "") & (gap <= OUTLINE_NEAR_M) & (outline[one] != outline[two])
    unnamed &= ~outline[one] | (name[two] != "")
    joins = pd.DataFrame({"one": code[one], "two": code[two], "gap": gap})[unnamed]
    joins = joins.sort_values(["one", "gap", "two"]).drop_duplicates("one")
    named = np.column_stack((code[one], code[two]))[alike]
    return np.concatenate((named, joins[["one", "two"]].to_numpy()))


def _places(count: int, pairs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A place number for each object, in the order of the first object of each place."""
    first = list(range(count))  # an earlier object of the same place, or the object itself
    for pair in pairs.tolist():
        one, two = (_first(first, each) for each in pair)
        first[max(one, two)] = min(one, two)
    roots = [_first(first, each) for each in range(count)]
    labels: np.ndarray[Any, Any] = np.unique(roots, return_inverse=True)[1]
    return labels.astype(np.int32)


def _first(first: list[int], each: int) -> int:
    """The first object of a place; the way to it is made half as long."""
    while first[each] != each:
        first[each] = first[first[each]]
        each = first[each]
    return each
