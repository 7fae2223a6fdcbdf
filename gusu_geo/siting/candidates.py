"""Candidate sites along the streets of an area, and the one door of sites that have several."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo.errors import StudyError
from gusu_geo.geometry import Shapes
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Bools, Candidates, Entrances, Floats, Ints, WayFlag
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.linkage import Linking
from gusu_geo.walking.snapping import MIDWAY
from gusu_geo.words import text

STEP_SHARE = 0.5  # of the spacing: distance between the points that candidates are picked from
APART_SHARE = 0.75  # of the spacing: least distance of candidates; 0.75 + 0.5 / 2 = 1
CALLED_BY_M = 150.0  # a place on no named street is called by the nearest one, if it is this near


def sample_candidates(
    net: WalkNetwork, *, spacing_m: float, area: shapely.Geometry | None
) -> Candidates:
    """Candidates along the streets of the main network, for any service.

    No two are closer than 3/4 of ``spacing_m`` in a straight line, and every point of a street
    inside ``area`` (a polygon in metres; None: everywhere) has one within ``spacing_m``. Tunnels,
    bridges, private ways, streets that they enclose and pieces of network cut off from the main one
    are left out. Ids "c1", ... go from west to east; the result does not depend on how nodes are
    numbered or streets drawn. Their names are those of streets, see ``CALLED_BY_M``.
    Raises StudyError: spacing_m not above 0.
    """
    if not (math.isfinite(spacing_m) and spacing_m > 0):
        raise StudyError(text("error.spacing_positive"), got=spacing_m)
    xy, name = _street_points(net, spacing_m * STEP_SHARE, area)
    keep = np.sort(_apart(xy, spacing_m * APART_SHARE))  # xy is sorted by x, then y
    points = np.asarray(shapely.points(xy[keep]), object)
    frame = gpd.GeoDataFrame(
        {"name": _called(name[keep], points, net), "services": [()] * len(keep)},
        index=[f"c{number}" for number in range(1, len(keep) + 1)],
        geometry=points,
        crs=net.crs,
    )
    frame.attrs["spacing_m"] = float(spacing_m)
    return Candidates(frame, Entrances.of_points(xy[keep]))


def at_one_door(
    places: Candidates, net: WalkNetwork, *, linking: Linking, closed: Bools
) -> Candidates:
    """The places, each at its door nearest to a street, or where its outline is; those without a
    name are called by a street, see ``CALLED_BY_M``.

    A scenario knows one place of a venue, so a plan promises no more than its comparison finds.
    """
    door = doors_of(net, places.entrances, linking, closed=closed).nearest_rows()
    frame = places.frame.set_geometry(shapely.points(door.door_xy), crs=places.frame.crs)
    names = frame["name"].to_numpy(object)
    names = _called(names, np.asarray(frame.geometry.to_numpy(), object), net)
    entrances = Entrances(np.arange(len(frame)), door.door_xy, door.rung)
    return Candidates(frame.assign(name=names), entrances)


def _called(
    names: npt.NDArray[np.object_], points: Shapes, net: WalkNetwork
) -> npt.NDArray[np.object_]:
    """The names (n,), those that are "" replaced by that of the nearest street with a name; of
    several the first in order."""
    called, named = names.copy(), np.flatnonzero(net.name != "")
    blank = np.flatnonzero(names == "")
    if len(named) and len(blank):
        tree = shapely.STRtree(net.edge_lines[named])
        place, street = tree.query_nearest(points[blank], max_distance=CALLED_BY_M)
        found = net.name[named[street]].astype(str)
        order = np.lexsort((found, place))
        place, first = np.unique(place[order], return_index=True)
        called[blank[place]] = found[order][first].astype(object)
    return called


def _street_points(
    net: WalkNetwork, step_m: float, area: shapely.Geometry | None
) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Points at most ``step_m`` apart along the streets, ends included, and street names.

    Whole centimetres, each point once, sorted by x, then y.
    """
    usable = ~net.flagged(WayFlag.PRIVATE, WayFlag.ENCLOSED, *MIDWAY)
    edges = np.flatnonzero(usable & (net.component[net.edge_u] == 0))
    lines = net.edge_lines[edges]
    if area is not None:
        shapely.prepare(area)
        near = shapely.intersects(area, lines)
        edges, lines = edges[near], lines[near]
        # Most streets lie inside whole; cutting is dear along a long border.
        cut = ~shapely.covers(area, lines)
        lines[cut] = shapely.intersection(lines[cut], area)
    parts, part_of = shapely.get_parts(lines, return_index=True)
    line = shapely.length(parts) > 0  # no point where only a corner is inside, no empty line
    parts, edges = parts[line], edges[part_of[line]]
    pieces = np.maximum(np.ceil(shapely.length(parts) / step_m).astype(np.int64), 1)
    owner = np.repeat(np.arange(len(parts)), pieces + 1)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(pieces + 1) - pieces - 1, pieces + 1)
    share = place / pieces[owner]
    points = shapely.line_interpolate_point(parts[owner], share, normalized=True)
    cm = np.rint(shapely.get_coordinates(points) * 100)
    names = net.name[edges][owner].astype(str)
    order = np.lexsort((names, names == "", cm[:, 1], cm[:, 0]))  # names before ""
    cm, first = np.unique(cm[order], axis=0, return_index=True)
    return cm / 100, names[order][first].astype(object)


def _apart(xy: Floats, apart_m: float) -> Ints:
    """Positions of points farther than ``apart_m`` from each other; all others lie within
    ``apart_m`` of one of them. Picked along a Hilbert curve, which gives a tenth fewer points than
    from west to east."""
    if len(xy) == 0:
        return np.zeros(0, np.int64)
    from scipy.spatial import cKDTree

    along = gpd.GeoSeries(shapely.points(xy)).hilbert_distance().to_numpy()
    tree = cKDTree(xy)
    free = np.ones(len(xy), bool)
    kept = []
    for point in np.argsort(along, kind="stable"):
        if free[point]:
            kept.append(point)
            free[tree.query_ball_point(xy[point], apart_m)] = False
    return np.array(kept, np.int64)
