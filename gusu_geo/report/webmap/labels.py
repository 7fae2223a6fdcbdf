"""Names on the map: streets and rivers along their lines, everything else beside its point.

The map is lettered with them, and the search box finds them: nothing else holds names of streets.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.geometry import inner_points
from gusu_geo.report.webmap.grid import Arrays, Grid
from gusu_geo.report.webmap.pinyin import spelled
from gusu_geo.tables import Ints, WayFlag

STREETS = (  # kinds of streets, the widest first; any other highway value is a path
    ("trunk", ("motorway", "trunk")),
    ("primary", ("primary",)),
    ("secondary", ("secondary",)),
    ("tertiary", ("tertiary",)),
    ("street", ("residential", "unclassified", "living_street", "road", "pedestrian")),
)
PATH = "path"
LINES = {"motorway": "trunk", "waterway": "waterway", "stream": "stream"}
# Zoom levels from which a point is named, and between which an area is, by its size.
POINTS = {
    "town": (11.0, 11.0, 11.0),
    "quarter": (12.0, 12.0, 12.0),
    "island": (13.0, 11.0, 15.0),
    "water": (15.0, 10.0, 17.0),
    "park": (16.0, 12.5, 17.0),
    "station": (14.0, 14.0, 14.0),
    "landmark": (15.5, 13.5, 16.0),
    "compound": (16.0, 14.5, 17.0),
    "locality": (15.0, 14.5, 17.0),
    "entrance": (17.0, 17.0, 17.0),
    "house": (17.0, 17.0, 17.0),
}
KINDS = (*POINTS, *(kind for kind, _ in STREETS), PATH, "waterway", "stream")
WIDE_PX = 44.0  # an area as wide as this on the screen has room for its name
SHORT_M = 35.0  # shorter pieces of street have room for no name at any zoom
PLAIN_M = 2.5  # tolerance of the lines that names follow
PIXEL_M = 156543.03  # of Web Mercator at zoom 0
STEPS = 4  # zoom levels are told in quarters


Labels = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]
_made: WeakKeyDictionary[Outcome, Labels] = WeakKeyDictionary()


def label_arrays(outcome: Outcome, grid: Grid) -> Arrays:
    """sign_*: lines with kind (position in ``KINDS``) and name (position in the texts); spot_*:
    points with kind, name, and the zoom, in quarters, from which they are named."""
    signs, spots, names = _labels(outcome)
    place = {name: i for i, name in enumerate(names["name"])}
    lines = np.asarray(signs.geometry.to_numpy(), object)
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    return {
        **grid.lines("sign", xy, owner, len(lines)),
        "sign_kind": _kinds(signs),
        "sign_name": _places(signs, place),
        **grid.points("spot", shapely.get_coordinates(spots.geometry.to_numpy())),
        "spot_kind": _kinds(spots),
        "spot_name": _places(spots, place),
        "spot_zoom": _zooms(spots, grid),
    }


def label_texts(outcome: Outcome) -> dict[str, Any]:
    """Every name once, how it is typed, and by position what some are in Chinese and English."""
    names = _labels(outcome)[2]
    others = {
        lang: {str(i): name for i, name in enumerate(names[f"name_{lang}"]) if name}
        for lang in ("zh", "en")
    }
    typed = spelled(names["name_zh"].where(names["name_zh"] != "", names["name"]).tolist())
    return {"labels": {"names": names["name"].tolist(), "spelled": typed, **others}}


def _labels(outcome: Outcome) -> Labels:
    """Lines and points (name, kind, geometry), and all names, each once."""
    if outcome not in _made:  # for the arrays and for the texts of one map
        _made[outcome] = _labels_of(outcome)
    return _made[outcome]


def _labels_of(outcome: Outcome) -> Labels:
    known = outcome.city.scenery
    streets, compounds = _streets(outcome), _compounds(outcome)
    if known is None:
        signs, spots = streets, compounds
        other = pd.DataFrame(columns=["name", "name_zh", "name_en"])
    else:
        lined = known["kind"].isin(list(LINES))
        lines = known[lined].assign(kind=known["kind"][lined].map(LINES)).explode()
        signs = pd.concat([streets, lines[["name", "kind", "geometry"]]], ignore_index=True)
        dots = known[known["kind"].isin(list(POINTS))]
        columns = ["name", "kind", "size_m", "geometry"]
        spots = pd.concat([compounds, dots[columns]], ignore_index=True)
        other = known[known["name"] != ""]
    names = pd.DataFrame({"name": pd.concat([signs["name"], spots["name"]]).unique()})
    several = other[["name", "name_zh", "name_en"]]
    several = several[(several["name_zh"] != "") | (several["name_en"] != "")]
    names = names.merge(several.drop_duplicates("name"), how="left").fillna("")
    return gpd.GeoDataFrame(signs), gpd.GeoDataFrame(spots), names


def _streets(outcome: Outcome) -> gpd.GeoDataFrame:
    """Lines of the streets that have a name, joined where they meet. A name has the kind that most
    of its metres have, and one line at least: who searches a street finds it, however short."""
    net = outcome.network
    names = np.array([name.strip() for name in net.name.tolist()], object)
    named = (names != "") & ~net.flagged(WayFlag.ESTIMATED)
    kinds, cm = _street_kinds(net.highway[named]), net.length_cm[named]
    frame = pd.DataFrame({"name": names[named], "kind": kinds, "cm": cm})
    metres = frame.groupby(["name", "kind"], sort=True)["cm"].sum().reset_index()
    main = metres.sort_values("cm", kind="stable").drop_duplicates("name", keep="last")
    number, every = pd.factorize(frame["name"], sort=True)
    order = np.argsort(number, kind="stable")
    whole = shapely.multilinestrings(net.edge_lines[named][order], indices=number[order])
    pieces, owner = shapely.get_parts(
        shapely.simplify(shapely.line_merge(whole), PLAIN_M), return_index=True
    )
    length_m = shapely.length(pieces)
    longest = np.lexsort([-length_m, owner])[np.unique(np.sort(owner), return_index=True)[1]]
    long = length_m >= SHORT_M
    long[longest] = True
    kind = main.set_index("name")["kind"].reindex(every).to_numpy(object)
    columns = {"name": np.asarray(every, object)[owner[long]], "kind": kind[owner[long]]}
    return gpd.GeoDataFrame(columns, geometry=pieces[long], crs=net.crs)


def _street_kinds(highway: npt.NDArray[np.str_]) -> npt.NDArray[np.object_]:
    found = np.full(len(highway), PATH, object)
    for kind, values in STREETS:
        found[np.isin(highway, [name for value in values for name in (value, f"{value}_link")])] = (
            kind
        )
    return found


def _compounds(outcome: Outcome) -> gpd.GeoDataFrame:
    """Named compounds as points, with their size."""
    frame = outcome.city.compounds
    frame = frame[np.array([bool(name) for name in frame["name"]], bool)]
    shapes = frame.geometry.to_numpy()
    columns = {
        "name": frame["name"].astype(str).to_numpy(object),
        "kind": np.full(len(frame), "compound", object),
        "size_m": np.sqrt(shapely.area(shapes)),
    }
    return gpd.GeoDataFrame(columns, geometry=inner_points(shapes), crs=outcome.city.crs)


def _kinds(frame: pd.DataFrame) -> Ints:
    return np.asarray(pd.Index(KINDS).get_indexer(pd.Index(frame["kind"])), np.int64)


def _places(frame: pd.DataFrame, place: dict[str, int]) -> Ints:
    return np.array([place[name] for name in frame["name"]], np.int64)


def _zooms(spots: gpd.GeoDataFrame, grid: Grid) -> Ints:
    """(n,) zoom in quarters from which each point is named: large areas early, small ones late."""
    limits = np.array([POINTS[kind] for kind in spots["kind"]], float).reshape(-1, 3)
    size_m = spots["size_m"].to_numpy(float) * grid.stretch(
        shapely.get_coordinates(spots.geometry.to_numpy())
    )
    room = np.log2(WIDE_PX * PIXEL_M / np.maximum(size_m, 1e-3))
    zoom = np.where(size_m > 0, np.clip(room, limits[:, 1], limits[:, 2]), limits[:, 0])
    return np.asarray(np.ceil(zoom * STEPS), np.int64)
