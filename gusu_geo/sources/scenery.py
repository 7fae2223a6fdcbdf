"""What only helps to recognise a place on the map: sea and land, and the names of things.

Nothing here judges or bars the way.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gusu_geo.geometry import Shapes, inner_points, polygonal, valid
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.tables import Bools, Floats

Shape = Any  # a shapely geometry: its stubs know no plain one
COLUMNS = ("kind", "name", "name_zh", "name_en")
ONE_SIDE = 0.95  # share of the coast that must agree on which side of it a piece of ground lies
SHORE_SHARE = 0.05  # of the outline of ground beside the end of a coast that must be coast
SIDE_M = 0.5  # this far off the coast ground is looked up: land on its left, sea on its right
BACK_M = (300.0, 30.0, 3.0)  # from so far back the direction is taken in which a coast ends
BENT_M = 20.0  # a coast that comes back to its own end as near as this hides what lies beyond
LINE_M = 2.0  # tolerance of named lines


def read_scenery(extract: OsmExtract, area: StudyArea) -> gpd.GeoDataFrame:
    """The scenery of a city, see ``City``: "sea" and "land", then named things within reach.

    Rows of kind "street" have no geometry: they say what a street's name is in other languages.
    """
    data = shapely.intersection(area.reach, area.to_metres([extract.extent])[0])
    coast = extract.surroundings
    coast = coast.geometry[coast["kind"] == "coast"]
    sea, land = sea_and_land(area.to_metres(coast), data)
    found = [("sea", sea), ("land", land)]
    sides = _rows([kind for kind, _ in found], [shape for _, shape in found], area.crs)
    return gpd.GeoDataFrame(pd.concat([sides, _named(extract, area)], ignore_index=True))


def _rows(kinds: list[str], shapes: list[Shape], crs: CRS) -> gpd.GeoDataFrame:
    columns: dict[str, object] = {name: np.full(len(kinds), "", object) for name in COLUMNS}
    columns |= {"kind": np.array(kinds, object), "size_m": np.zeros(len(kinds))}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def _named(extract: OsmExtract, area: StudyArea) -> gpd.GeoDataFrame:
    """Named things within reach: areas become a point inside what of them lies within reach."""
    names = extract.names
    shapes = valid(area.to_metres(names.geometry))
    told = names["kind"].to_numpy() == "street"
    near = ~told & shapely.intersects(area.reach, shapes)
    crossing = near & ~shapely.covers(area.reach, shapes)
    shapes[crossing] = shapely.intersection(shapes[crossing], area.reach)
    flat = near & (shapely.get_dimensions(shapes) == 2)
    size_m = np.zeros(len(names))
    shapes[flat] = polygonal(shapes[flat])
    size_m[flat] = np.sqrt(shapely.area(shapes[flat]))
    shapes[flat] = inner_points(shapes[flat])
    lines = near & (shapely.get_dimensions(shapes) == 1)
    shapes[lines] = shapely.simplify(shapes[lines], LINE_M)
    keep = told | (near & ~shapely.is_empty(shapes))
    columns = names.loc[keep, list(COLUMNS)].reset_index(drop=True)
    return gpd.GeoDataFrame(
        columns.assign(size_m=size_m[keep]), geometry=shapes[keep], crs=area.crs
    )


def sea_and_land(coast: Shapes, data: Shape) -> tuple[Shape, Shape]:
    """Which ground of ``data`` is sea and which land, by lines of coast (metres) that have the land
    on their left; what they do not tell is neither.

    Where a coast ends inside the data, nothing is said of the ground beyond its end.
    """
    coast = shapely.get_parts(coast)
    coast = coast[shapely.intersects(coast, data)]
    none = shapely.MultiPolygon()
    if len(coast) == 0:
        return none, data
    cuts, beyond = _ends_cut(coast, data)
    net = [*coast, shapely.boundary(data), *cuts]
    pieces = shapely.get_parts(shapely.polygonize([shapely.union_all(net)]))
    pieces = pieces[shapely.covers(data, shapely.point_on_surface(pieces))]
    left, right = _told(coast, pieces)
    both = left + right
    # Where a coast ends, a few metres of it may reach around the line across its end.
    cut = shapely.STRtree(pieces).query(np.array(cuts, object), predicate="intersects")[1]
    least = np.zeros(len(pieces))
    least[cut] = SHORE_SHARE * shapely.length(pieces[cut])
    sure = both > least
    sure[shapely.STRtree(pieces).query(np.array(beyond, object), predicate="intersects")[1]] = False
    sea = sure & (right >= ONE_SIDE * both)
    land = sure & (left >= ONE_SIDE * both)
    return shapely.union_all(pieces[sea]), shapely.union_all(pieces[land])


def _told(coast: Shapes, pieces: Shapes) -> tuple[Floats, Floats]:
    """Metres of coast that have each piece on their left, and on their right."""
    xy, line = shapely.get_coordinates(coast, return_index=True)
    whole = line[1:] == line[:-1]
    start, step = xy[:-1][whole], np.diff(xy, axis=0)[whole]
    length = np.hypot(*step.T)
    start, step, length = start[length > 0], step[length > 0], length[length > 0]
    normal = np.column_stack([-step[:, 1], step[:, 0]]) / length[:, None]
    found = []
    for side in (SIDE_M, -SIDE_M):
        points = shapely.points(start + step / 2 + side * normal)
        # Asked of the pieces, which GEOS prepares: they have many corners.
        piece, at = shapely.STRtree(points).query(pieces, predicate="intersects")
        order = np.argsort(at, kind="stable")
        piece, at = piece[order], at[order]
        found.append(np.bincount(piece, length[at], minlength=len(pieces)).astype(float))
    return found[0], found[1]


def _ends_cut(coast: Shapes, data: Shape) -> tuple[list[Shape], list[Shape]]:
    """Lines across each end of the coast within the data, as far as the next coast or the border,
    and a point beyond each end: nobody knows there on which side of the coast the ground lies."""
    border = shapely.boundary(data)
    reach_m = float(np.ptp(np.reshape(shapely.bounds(data), (2, 2)), axis=0).sum())
    shore = shapely.union_all(coast)
    every = shapely.union(shore, border)
    cuts, beyond = [], []
    for at, line in _open_ends(coast):
        if not shapely.intersects_xy(data, *at):
            continue
        tries = [_across(at, line, back_m, every, reach_m) for back_m in BACK_M]
        free = [one for one in tries if not _bars(one[0], shore, at)]
        across, ahead = free[0] if free else ([], at)  # then nothing is said of all around its end
        cuts += across
        beyond.append(shapely.Point(*ahead))
    return cuts, beyond


def _bars(cuts: list[Shape], shore: Shape, at: Floats) -> bool:
    """Whether the coast itself, bent near its end, stops a line across it at once."""
    ends = [shapely.get_coordinates(cut)[-1] for cut in cuts]
    near = [end for end in ends if np.hypot(*(end - at)) < BENT_M]
    return any(shapely.distance(shore, shapely.Point(*end)) < 0.1 for end in near)


def _across(
    at: Floats, line: Shape, back_m: float, every: Shape, reach_m: float
) -> tuple[list[Shape], Floats]:
    """Both lines across the end ``at`` of a line, seen from ``back_m`` before it, and a point just
    ahead of it."""
    back = line.interpolate(-min(back_m, line.length))
    step = at - shapely.get_coordinates(back)[0]
    ahead = step / max(float(np.hypot(*step)), 1e-9)
    found = []
    for across in (np.array([-ahead[1], ahead[0]]), np.array([ahead[1], -ahead[0]])):
        ray = shapely.linestrings([at + across * 1e-3, at + across * reach_m])
        hits = shapely.get_coordinates(shapely.intersection(ray, every))
        away = np.hypot(*(hits - at).T)
        far = float(away.min()) if len(hits) else 0.0
        found.append(shapely.linestrings([at, at + across * (far + 1e-3)]))
    return found, at + SIDE_M * ahead


def _open_ends(coast: Shapes) -> list[tuple[Floats, Shape]]:
    """Where the coast ends, and the line that ends there."""
    merged = shapely.get_parts(shapely.line_merge(shapely.union_all(coast)))
    both = np.concatenate([merged, shapely.reverse(merged)])
    ends: Floats = np.array([shapely.get_coordinates(line)[-1] for line in both])
    _, owner, times = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    single: Bools = times[owner.ravel()] == 1
    return [(ends[i], both[i]) for i in np.flatnonzero(single)]
