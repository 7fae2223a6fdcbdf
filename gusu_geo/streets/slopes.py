"""Slopes from a raster of heights: metres up and down become longer or shorter times.

Tobler's hiking function (W. Tobler 1993, Three presentations on geographical analysis and
modeling, NCGIA 93-1): speed goes with exp(-3.5 |s + 0.05|), s = rise over run in the direction
walked. Relative to level ground a metre therefore takes

    exp(3.5 (|s + 0.05| - 0.05))

times as long: 1.42 up 10 %, 1 down 10 %, 0.84 down 5 %. An edge carries the mean of its pieces,
in whole per mille; a part of an edge is walked at the mean of the whole edge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from gusu_geo.errors import SourceError
from gusu_geo.streets.heights import Dem, read_dem
from gusu_geo.streets.network import LEVEL_PM, WalkNetwork
from gusu_geo.tables import Bools, Floats, Int32s, Ints, WayFlag
from gusu_geo.words import text

__all__ = ["Dem", "Slopes", "read_dem", "slopes_of", "tobler", "with_slopes"]

PIECE_M = 15.0  # slopes are taken over pieces of at most this length
SLOPE_MAX = 0.4  # steeper streets have steps: more is an error of the raster
STEEP_SHARE_MAX = 0.2  # of the streets; more, and the heights are not in metres
UNKNOWN_SHARE_MAX = 0.05  # of the streets may lie outside the raster, at the edge of the buffer


class Slopes(NamedTuple):
    """slope_pm (E,2): from u to v and from v to u; unknown_share: of the metres of street, taken
    as level because the raster has no height there. pieces: how many pieces of street were
    measured; unknown, steep: how many of them have no height, or are steeper than ``SLOPE_MAX``."""

    slope_pm: Int32s
    unknown_share: float
    pieces: int
    unknown: int
    steep: int


def with_slopes(net: WalkNetwork, dem: Dem) -> WalkNetwork:
    """``net`` with the slopes of ``dem``. Raises as ``slopes_of``."""
    return net.with_slopes(slopes_of(net, dem).slope_pm)


def slopes_of(net: WalkNetwork, dem: Dem) -> Slopes:
    """Tobler's factor of every edge in both directions.

    Bridges and tunnels are straight between the heights of their ends. Steps have their own
    factor, lifts and ferries none: they stay at 1000.
    Raises SourceError: the raster does not cover the streets (the share is named), or more than
    ``STEEP_SHARE_MAX`` of them are steeper than ``SLOPE_MAX``.
    """
    span = net.flagged(WayFlag.BRIDGE, WayFlag.TUNNEL)
    walked = ~net.flagged(WayFlag.STEPS, WayFlag.LIFT, WayFlag.FERRY) & (net.length_cm > 0)
    factor = np.full((net.edges, 2), float(LEVEL_PM))
    ground = np.flatnonzero(walked & ~span)
    length_m = shapely.length(net.edge_lines[ground])
    pieces, slope_of = _ground_slopes(net, ground, length_m, dem)
    run_m = np.repeat(length_m / pieces, pieces)
    unknown, steep = np.isnan(slope_of), np.abs(slope_of) > SLOPE_MAX
    unknown_share = _share(run_m, unknown)
    _refuse(dem, unknown_share, _share(run_m, steep))
    both = tobler(np.column_stack([slope_of, -slope_of]))
    if len(ground):
        starts = np.concatenate([[0], np.cumsum(pieces)[:-1]])
        factor[ground] = LEVEL_PM * np.add.reduceat(both, starts) / pieces[:, None]
    spans = np.flatnonzero(walked & span)
    on_ground = np.zeros(net.nodes, bool)
    on_ground[net.edge_u[ground]] = on_ground[net.edge_v[ground]] = True
    slope = _span_slopes(net, spans, on_ground, dem)
    factor[spans] = LEVEL_PM * tobler(np.column_stack([slope, -slope]))
    rounded = np.floor(factor + 0.5).astype(np.int32)
    return Slopes(rounded, unknown_share, len(slope_of), int(unknown.sum()), int(steep.sum()))


def tobler(slope: Floats) -> Floats:
    """Time relative to level ground on a slope (rise over run); a slope of NaN counts as level.

    >>> tobler(np.array([0.1, 0.0, -0.05])).round(3).tolist()
    [1.419, 1.0, 0.839]
    """
    slope = np.clip(np.nan_to_num(slope), -SLOPE_MAX, SLOPE_MAX)
    return np.asarray(np.exp(3.5 * (np.abs(slope + 0.05) - 0.05)))


def _ground_slopes(
    net: WalkNetwork, edges: Ints, length_m: Floats, dem: Dem
) -> tuple[Ints, Floats]:
    """Number of equal pieces of each edge, and the slope of every piece from u to v."""
    pieces = np.maximum(np.ceil(length_m / PIECE_M), 1).astype(np.int64)
    points = pieces + 1
    first = np.cumsum(points) - points
    step = np.arange(points.sum()) - np.repeat(first, points)
    lines = np.repeat(net.edge_lines[edges], points)
    along = shapely.line_interpolate_point(lines, step / np.repeat(pieces, points), normalized=True)
    height_m = dem.heights(shapely.get_coordinates(along), net.crs)
    rise_m = np.diff(height_m)[step[1:] > 0]
    return pieces, rise_m / np.repeat(length_m / pieces, pieces)


def _span_slopes(net: WalkNetwork, edges: Ints, on_ground: Bools, dem: Dem) -> Floats:
    """Slope of bridges and tunnels: straight between the places where they meet the ground.

    Heights in between follow a straight line along a chain and the mean at a fork, as an elastic
    string would. A piece that meets no ground keeps the heights of the raster at its nodes.
    """
    nodes, ends = np.unique([net.edge_u[edges], net.edge_v[edges]], return_inverse=True)
    u, v = ends.reshape(2, -1)
    length_m = net.length_cm[edges] / 100
    height_m = dem.heights(net.node_xy[nodes], net.crs)
    known = ~np.isnan(height_m)
    pull = csr_array((1 / length_m, (u, v)), shape=(len(nodes), len(nodes)))
    pull = pull + pull.T
    count, piece = connected_components(pull, directed=False)
    fixed = known & on_ground[nodes]
    grounded = np.bincount(piece[fixed], minlength=count) > 0
    free = grounded[piece] & ~fixed
    if free.any():
        forces = csr_array(diags_array(pull.sum(axis=0)) - pull)
        load = -(forces[free][:, fixed] @ height_m[fixed])
        height_m[free] = spsolve(forces[free][:, free].tocsc(), load)
    return np.asarray((height_m[v] - height_m[u]) / length_m)


def _refuse(dem: Dem, unknown_share: float, steep_share: float) -> None:
    if unknown_share > UNKNOWN_SHARE_MAX:
        raise SourceError(
            text("error.dem_too_small", unknown_share=unknown_share),
            where=dem.path,
            fix=text("error.larger_dem"),
        )
    if steep_share > STEEP_SHARE_MAX:
        raise SourceError(
            text("error.heights_no_metres", steep_share=steep_share, slope_max=SLOPE_MAX),
            where=dem.path,
            fix=text("error.feet_or_decimetres"),
        )


def _share(run_m: Floats, which: Bools) -> float:
    return float(run_m[which].sum() / run_m.sum()) if len(run_m) else 0.0
