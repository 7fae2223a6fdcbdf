"""Garden walls whose gate nobody drew: homes behind them are linked through the wall, as assumed.

Maps show the wall round a house far more often than its gate. Where the wall surrounds one plot and
a street runs along it, there is a gate somewhere on that street; only its exact place is unknown.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from shapely.ops import substring

from gusu_geo.geometry import Shapes, ends_of
from gusu_geo.streets.barriers import BarrierKind, Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Bools, Entrances, Floats, Ints, Rung
from gusu_geo.walking.linkage import Linkage, Linking, Reason
from gusu_geo.walking.snapping import bases_of, snap

PLOT_MAX_M2 = 2_500.0  # a larger plot may have its gate far from here
PLOT_HOMES = 2  # more homes share a compound, whose gate may be anywhere
STREET_NEAR_M = 20.0  # the wall must stand along a street
_AROUND_M = 75.0  # walls this near to a home may be those of its plot
NEIGHBOURS_M = 250.0  # a building whose middle is farther away bounds no such plot
_TOUCH_M = 1e-3  # sides that lines were cut at meet to rounding only
_THIN_M = 0.1  # areas are compared by what lies this far inside


def through_garden_walls(
    net: WalkNetwork,
    points: Entrances,
    links: Linkage,
    linking: Linking,
    *,
    homes: bool,
    closed: Bools,
) -> Linkage:
    """The links, with owners behind the wall of their own plot linked to the street along it.

    points: entrances of the owners (those of ``links``); homes: they are homes, counted besides
    ``linking.homes_xy``. A plot is closed by walls without a known gate, or by walls and the
    building, holds at most ``PLOT_HOMES`` homes and ``PLOT_MAX_M2``, lies within ``_AROUND_M`` of
    the place (so walls seen from others alone do not count), and a street runs within
    ``STREET_NEAR_M``. The leg leads straight through the wall to the nearest place of that street;
    its rung is ``Rung.ASSUMED``. Whether an owner is linked does not depend on others that are no
    homes, so that a venue is linked in a plan as it is once it stands there.
    """
    barriers, homes_xy = linking.blocking(net), linking.homes_xy
    owners = int(points.owner_ix.max(initial=-1)) + 1
    walled = links.owner_reason(owners) == Reason.WALL
    rows = np.flatnonzero(walled[points.owner_ix])
    if barriers is None or homes_xy is None or not len(rows):
        return links
    behind = points.rows(rows)
    bases = bases_of(behind)
    plots = _plots(barriers, bases)
    row, plot = _own_plots(plots, bases, behind.owner_ix if homes else None, homes_xy)
    if not len(row):
        return links
    behind, bases, outlines = behind.rows(row), bases[row], plots[plot]
    edges = np.full(len(row), int(Rung.EDGE), np.int8)
    as_plots = Entrances(np.arange(len(row)), behind.xy, edges, outlines)
    near = replace(linking, snap_max_m=STREET_NEAR_M, barriers=barriers)
    found = snap(net, as_plots, near, closed=closed)
    found = found.rows(np.flatnonzero(found.edge_ix >= 0))
    at = found.owner_ix
    legs = shapely.shortest_line(bases[at], _stretches(net, found))
    metres = shapely.length(legs)
    good = np.flatnonzero(
        (np.rint(100 * metres) <= 100 * linking.snap_max_m)
        & (barriers.without_walls().crossed(ends_of(legs)) == 0)
    )
    ends = shapely.get_coordinates(legs[good]).reshape(-1, 2, 2)
    lines, length = net.edge_lines[found.edge_ix[good]], net.length_cm[found.edge_ix[good]]
    share = shapely.line_locate_point(lines, shapely.points(ends[:, 1]), normalized=True)
    assumed = replace(
        found.rows(good),
        owner_ix=behind.owner_ix[at[good]],
        offset_cm=np.rint(np.nan_to_num(share) * length).astype(np.int32),
        span_cm=np.zeros(len(good), np.int32),
        leg_cm=np.rint(100 * metres[good]).astype(np.int32),
        rung=np.full(len(good), int(Rung.ASSUMED), np.int8),
        door_xy=ends[:, 0],
        foot_xy=ends[:, 1],
    ).nearest_rows()
    chosen = np.zeros(owners, bool)
    chosen[assumed.owner_ix] = True
    return links.of_owners(chosen, assumed)


def _stretches(net: WalkNetwork, links: Linkage) -> Shapes:
    """The piece of street of each link."""
    length = np.maximum(net.length_cm[links.edge_ix], 1)
    found = np.empty(len(length), object)
    found[:] = [
        substring(line, start, end, normalized=True)
        for line, start, end in zip(
            net.edge_lines[links.edge_ix],
            (links.offset_cm / length).tolist(),
            (links.end_cm / length).tolist(),
            strict=True,
        )
    ]
    return found


def _plots(barriers: Barriers, bases: Shapes) -> Shapes:
    """Small areas near the places that walls close, alone or together with the buildings there. A
    gap for a known gate opens the ring, so a plot with one is none of these."""
    walls = barriers.shapes[barriers.kind == BarrierKind.WALL]
    x0, y0, x1, y1 = shapely.bounds(bases).T
    windows = shapely.box(x0 - _AROUND_M, y0 - _AROUND_M, x1 + _AROUND_M, y1 + _AROUND_M)
    near = np.unique(shapely.STRtree(walls).query(windows, predicate="intersects")[1])
    lines = np.concatenate((_lines(walls[near]), _lines(bases)))
    noded = shapely.node(shapely.multilinestrings(lines))
    plots = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    plots = shapely.normalize(plots)  # in an order of their own, whatever other lines there are
    plots = plots[np.lexsort(shapely.bounds(plots).T)]
    filled = shapely.polygons(shapely.get_exterior_ring(plots))
    return np.asarray(plots[shapely.area(filled) <= PLOT_MAX_M2], object)


def _lines(shapes: Shapes) -> Shapes:
    shapes = shapes[shapely.get_dimensions(shapes) > 0]
    area = shapely.get_dimensions(shapes) == 2
    lines = shapes.copy()
    lines[area] = shapely.boundary(shapes[area])
    return np.asarray(shapely.get_parts(lines), object)


def _own_plots(
    plots: Shapes, bases: Shapes, owner: Ints | None, homes_xy: Floats
) -> tuple[Ints, Ints]:
    """Pairs of place and plot that it stands in or beside, without plots of many homes; owner: of
    each place, if they are homes."""
    tree = shapely.STRtree(plots)
    inner = shapely.buffer(bases, -_THIN_M)
    place, plot = tree.query(bases, predicate="dwithin", distance=_TOUCH_M)
    # The building's own area, which its outline closes, is no plot.
    garden = shapely.is_empty(inner[place]) | ~shapely.intersects(inner[place], plots[plot])
    place, plot = place[garden], plot[garden]
    beyond = (shapely.bounds(plots)[plot] - shapely.bounds(bases)[place]) * [-1, -1, 1, 1]
    near = (beyond <= _AROUND_M).all(axis=1)
    place, plot = place[near], plot[near]
    filled = shapely.polygons(shapely.get_exterior_ring(plots))
    homes_in = shapely.points(homes_xy)
    inside = shapely.STRtree(np.asarray(filled, object)).query(homes_in, predicate="within")[1]
    homes = np.bincount(inside, minlength=len(plots))
    if owner is not None:  # also those whose outline closes the plot
        pairs = np.unique(np.column_stack((plot, owner[place])), axis=0)[:, 0]
        homes = np.maximum(homes, np.bincount(pairs, minlength=len(plots)))
    order = np.lexsort((plot, place))
    few = order[homes[plot[order]] <= PLOT_HOMES]
    return place[few], plot[few]
