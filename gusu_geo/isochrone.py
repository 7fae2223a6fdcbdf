"""Reached street pieces, exact on partial edges, and polygons drawn around them.

Pictures only: a verdict never comes from a polygon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from gusu_geo._kernels import INF_CS
from gusu_geo.errors import InputError
from gusu_geo.network import WalkNetwork
from gusu_geo.params import ISLAND_MAX_M, MAX_MINUTES, SNAP_MAX_M, Walk
from gusu_geo.snapping import Linkage, snap
from gusu_geo.tables import Entrances, Floats, Ints
from gusu_geo.travel import Trips, cutoff_to_cs, reach, starts

REACH_M = 30.0  # either side of a reached street


class _Stretches(NamedTuple):
    """Stretches of edges between two places whose times are known: edge, from_cm, to_cm, and
    the times there (n,). An edge that holds the start is two stretches, so times are exact."""

    edge: Ints
    from_cm: Ints
    to_cm: Ints
    from_cs: Ints
    to_cs: Ints


def reached_streets(
    net: WalkNetwork,
    points: gpd.GeoDataFrame,
    *,
    minutes: float,
    walk: Walk | None = None,
    snap_max_m: float = SNAP_MAX_M,
    island_max_m: float = ISLAND_MAX_M,
    water: gpd.GeoSeries | None = None,
) -> gpd.GeoDataFrame:
    """Street pieces within ``minutes`` of each point, walking away from it.

    points: any CRS, index = id. Returns one row per piece: index = point id, columns ``edge``,
    ``from_s`` and ``to_s`` (seconds at both ends of the piece; ``inf`` never), geometry = line in
    the CRS of ``points``. A point that cannot be linked has no row. ``water``: geometries, in any
    CRS, that the walk to the street may not cross.
    """
    cutoff_cs = cutoff_to_cs(_minutes_ok(minutes) * 60)
    trips = Trips.of(net, walk)
    links = link_points(
        trips, points, snap_max_m=snap_max_m, island_max_m=island_max_m, water=water
    )
    rows = [
        _pieces(trips, _stretches(trips, links, p, cutoff_cs), cutoff_cs, points.index[p])
        for p in np.flatnonzero(links.edge_ix >= 0).tolist()
    ]
    empty = pd.DataFrame({"id": [], "edge": [], "from_s": [], "to_s": [], "geometry": []})
    table = pd.concat(rows, ignore_index=True) if rows else empty
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=net.crs).set_index("id")
    return frame.rename_axis(points.index.name).to_crs(points.crs)


def isochrones(
    net: WalkNetwork,
    points: gpd.GeoDataFrame,
    *,
    minutes: Sequence[float] = (5, 10, 15),
    walk: Walk | None = None,
    snap_max_m: float = SNAP_MAX_M,
    island_max_m: float = ISLAND_MAX_M,
    water: gpd.GeoSeries | None = None,
    reach_m: float = REACH_M,
) -> gpd.GeoDataFrame:
    """Polygons around the reached streets: index (point id, minutes), columns ``street_m`` and
    ``linked``, geometry in the CRS of ``points`` (empty where a point cannot be linked).

    A buffer of ``reach_m`` metres either side; the polygon does not know water or walls (the walk
    from the point to its street does not cross ``water``, if given).
    """
    rows = []
    linked = (
        link_points(
            Trips.of(net, walk),
            points,
            snap_max_m=snap_max_m,
            island_max_m=island_max_m,
            water=water,
        ).edge_ix
        >= 0
    )
    for limit in sorted(set(minutes)):
        pieces = reached_streets(
            net,
            points,
            minutes=limit,
            walk=walk,
            snap_max_m=snap_max_m,
            island_max_m=island_max_m,
            water=water,
        ).to_crs(net.crs)
        for ident, touches in zip(points.index, linked.tolist(), strict=True):
            lines = pieces.geometry[pieces.index == ident].to_numpy()
            shape = shapely.union_all(shapely.buffer(lines, reach_m, quad_segs=4))
            metres = float(shapely.length(lines).sum())
            rows.append((ident, limit, round(metres, 2), touches, shape))
    table = pd.DataFrame(rows, columns=["id", "minutes", "street_m", "linked", "geometry"])
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=net.crs)
    return frame.set_index(["id", "minutes"]).sort_index().to_crs(points.crs)


def link_points(
    trips: Trips,
    points: gpd.GeoDataFrame,
    *,
    snap_max_m: float,
    island_max_m: float = ISLAND_MAX_M,
    water: gpd.GeoSeries | None = None,
) -> Linkage:
    """Points of any CRS, linked to the network; ``water`` (any CRS): what no leg may cross.

    Raises InputError: empty, no CRS, no point, NaN, a reach that is not above 0.
    """
    if not (np.isfinite(snap_max_m) and snap_max_m > 0):
        raise InputError("snap_max_m must be metres above 0.", got=snap_max_m)
    if water is not None and water.crs is None:
        raise InputError("the water has no CRS.", fix='Set one, e.g. water.set_crs("EPSG:4326").')
    net = trips.net
    wet = None if water is None else np.asarray(water.to_crs(net.crs).to_numpy(), object)
    entrances = Entrances.of_points(metric_xy(points, net))
    return snap(
        net,
        entrances,
        snap_max_m=snap_max_m,
        island_max_m=island_max_m,
        water=wet,
        closed=trips.pace.closed,
    )


def metric_xy(points: gpd.GeoDataFrame, net: WalkNetwork) -> Floats:
    """(P,2) metres in the network's system. Raises InputError: empty, no CRS, no point, NaN."""
    if len(points) == 0:
        raise InputError("there are no points.")
    if points.crs is None:
        raise InputError(
            "the points have no CRS.", fix='Set one, e.g. points.set_crs("EPSG:4326").'
        )
    shapes = points.geometry.to_crs(net.crs)
    bad = np.flatnonzero(shapes.isna() | shapes.is_empty | (shapes.geom_type != "Point"))
    if len(bad) == 0:
        bad = np.flatnonzero(~np.isfinite(shapely.get_coordinates(shapes.to_numpy())).all(axis=1))
    if len(bad):
        row = points.index[bad[0]]
        raise InputError(f"row {row!r} is not a point with finite coordinates.")
    return np.asarray(shapely.get_coordinates(shapes.to_numpy()))


def _minutes_ok(minutes: float) -> float:
    if not (np.isfinite(minutes) and 0 < minutes <= MAX_MINUTES):
        raise InputError(f"minutes must be above 0 and at most {MAX_MINUTES:g}.", got=minutes)
    return float(minutes)


def _stretches(trips: Trips, links: Linkage, point: int, cutoff_cs: int) -> _Stretches:
    """All stretches whose times one search from ``point`` tells."""
    net, pace = trips.net, trips.pace
    mine = starts(trips, links).rows(np.array([point]))
    found = reach(trips, mine, np.zeros(1, np.int32), cutoff_s=cutoff_cs / 100)
    wait = pace.wait_cs.astype(np.int64)
    cs = np.minimum(trips.at_ends(found.cs).astype(np.int64) + wait, INF_CS)
    edge = np.arange(net.edges)
    home, at = int(links.edge_ix[point]), int(links.offset_cm[point])
    leg = int(pace.cs(links.leg_cm[point]))
    near = np.flatnonzero((cs.min(axis=1) < INF_CS) & (edge != home))
    u_cs, v_cs = cs[home]
    return _Stretches(
        edge=np.concatenate([near, [home, home]]),
        from_cm=np.concatenate([np.zeros(len(near), np.int64), [0, at]]),
        to_cm=np.concatenate([net.length_cm[near], [at, net.length_cm[home]]]),
        from_cs=np.concatenate([cs[near, 0], [u_cs, leg]]),
        to_cs=np.concatenate([cs[near, 1], [leg, v_cs]]),
    )


def _pieces(trips: Trips, s: _Stretches, cutoff_cs: int, ident: object) -> pd.DataFrame:
    """What is reached of each stretch: from both ends as far as the time lasts."""
    net, pace = trips.net, trips.pace
    factor, may = pace.factor_pm[s.edge], pace.may[s.edge]
    length = s.to_cm - s.from_cm
    per_cs = pace.speed_mmps / factor  # centimetres walked in a centisecond
    ahead = np.where(may[:, 0], (cutoff_cs - s.from_cs) * per_cs[:, 0], 0).clip(0, length)
    back = np.where(may[:, 1], (cutoff_cs - s.to_cs) * per_cs[:, 1], 0).clip(0, length)
    whole = (ahead + back >= length) & (length > 0)
    fore, aft = ~whole & (ahead > 0), ~whole & (back > 0)
    start = np.concatenate([s.from_cm[whole], s.from_cm[fore], s.to_cm[aft] - back[aft]])
    end = np.concatenate([s.to_cm[whole], s.from_cm[fore] + ahead[fore], s.to_cm[aft]])
    edge = np.concatenate([s.edge[whole], s.edge[fore], s.edge[aft]])
    through = pace.cs(length[:, None], factor)
    from_cs = np.minimum(s.from_cs, np.where(may[:, 1], s.to_cs + through[:, 1], INF_CS))
    to_cs = np.minimum(s.to_cs, np.where(may[:, 0], s.from_cs + through[:, 0], INF_CS))
    limit = np.full(len(length), cutoff_cs)
    first = np.concatenate([from_cs[whole], s.from_cs[fore], limit[aft]])
    last = np.concatenate([to_cs[whole], limit[fore], s.to_cs[aft]])
    return pd.DataFrame(
        {
            "id": [ident] * len(edge),
            "edge": edge,
            "from_s": np.minimum(first, cutoff_cs) / 100,
            "to_s": np.minimum(last, cutoff_cs) / 100,
            "geometry": [_cut(net, *row) for row in zip(edge, start, end, strict=True)],
        }
    )


def _cut(net: WalkNetwork, edge: int, start_cm: float, end_cm: float) -> shapely.LineString:
    """The piece of an edge between two places along it, scaled to the line as drawn."""
    line: shapely.LineString = net.edge_lines[edge]
    length = int(net.length_cm[edge])
    if length == 0 or (start_cm <= 0 and end_cm >= length):
        return line
    piece = substring(line, start_cm / length, end_cm / length, normalized=True)
    if isinstance(piece, shapely.Point):  # reached to the very point: a line of no length
        return shapely.LineString([piece, piece])
    return piece
