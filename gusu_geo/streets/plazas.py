"""Straight ways across plazas, between the points where streets meet them and around the corners of
obstacles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gusu_geo.errors import InputError
from gusu_geo.geometry import Shapes
from gusu_geo.streets.cuts import NewWays, add_vertices, add_ways, metres_of, steps_of
from gusu_geo.streets.sight import corners_of, in_sight
from gusu_geo.tables import Bools, Floats, Ints, StreetWays, WayFlag
from gusu_geo.words import text

if TYPE_CHECKING:  # loaded where a tree is made
    from scipy.spatial import cKDTree

SMOOTH_M = 0.04  # outlines are simplified by up to this
SAME_M = 0.05  # nearer than this two points are one
PORCH_M = 5.0  # an entry off the ground by up to this (under a house) is joined by a short way
WALL_HALF_M = 0.2  # half the thickness of a wall across a plaza


@dataclass(frozen=True, eq=False)
class _Facts:
    """Street data used for plazas.

    xy (M,2) m. steps (S,2): vertices of every step. grounded (S,): of a way on the ground that is
    no outline. outline (M,): on the outline of a plaza. met (M,): where another way meets it.
    fork (M,): where ways on the ground end or meet. owned: sorted pairs (OSM number of the outline,
    vertex) as (n,2).
    """

    xy: Floats
    steps: Ints
    grounded: Bools
    outline: Bools
    met: Bools
    fork: Bools
    owned: Ints

    @classmethod
    def of(cls, streets: StreetWays, crs: CRS) -> _Facts:
        """Facts of ``streets`` in the metric ``crs``. Closed vertices are never entries."""
        size = len(streets.node_ids)
        way = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_ptr))
        area = (streets.flags & WayFlag.AREA) != 0
        raised = (streets.flags & (WayFlag.BRIDGE | WayFlag.TUNNEL)) != 0
        at = streets.way_nodes
        owned = np.unique(np.column_stack((streets.way_ids[way], at))[area[way]], axis=0)
        outlines = np.bincount(owned[:, 1], minlength=size)
        others = np.bincount(at[~area[way]], minlength=size)
        step = steps_of(streets)
        steps = np.column_stack((at[step], at[step + 1]))
        grounded = (~area & ~raised)[way[step]]
        degree = np.bincount(steps[grounded].ravel(), minlength=size)
        return cls(
            xy=metres_of(streets, crs),
            steps=steps,
            grounded=grounded,
            outline=outlines > 0,
            met=((others > 0) | (outlines > 1)) & (outlines > 0) & ~streets.closed,
            fork=(degree != 2) & (degree > 0) & ~streets.closed,
            owned=owned,
        )

    @cached_property
    def outlines(self) -> tuple[cKDTree, Ints]:
        """A tree of the vertices of outlines, and their positions."""
        from scipy.spatial import cKDTree

        owner = np.flatnonzero(self.outline)
        return cKDTree(self.xy[owner]), owner


class _Entry(NamedTuple):
    """Entries of pieces of plaza (n,): piece, street vertex, whether it stands off the ground."""

    piece: Ints
    vertex: Ints
    off: Bools


class _Across(NamedTuple):
    """Ways across: ends (n,2), positions of street vertices or of new ones, counted after these;
    fresh: the new vertices, (k,2) m."""

    ends: Ints
    fresh: Floats


def cross_plazas(
    streets: StreetWays,
    plazas: gpd.GeoDataFrame,
    *,
    crs: CRS,
    walls: gpd.GeoDataFrame | None = None,
) -> StreetWays:
    """Streets with straight ways across each plaza, AREA, ESTIMATED and ON_FOOT.

    plazas: as in ``City`` (index = OSM id; optional ``name`` and ``flags``, bits of ``WayFlag``
    that its ways get too). Entries are where a street meets the outline, and where a street on
    the ground ends, forks, comes in or goes out. Bridges and tunnels have entries only where they
    share a vertex with the outline. walls: lines that no way crosses. Times across are exact to a
    few centimetres, except on a plaza of more than ``sight.MANY`` points. Raises InputError: an
    invalid plaza.
    """
    bad = (plazas.geometry.isna() | ~plazas.geometry.is_valid).to_numpy()
    if bad.any():
        what = text("error.plaza_outline", name=plazas.index[bad][0])
        raise InputError(what, fix=text("error.mend_outline"))
    if len(plazas) == 0 or len(streets.way_ids) == 0:
        return streets
    pieces, plaza = _pieces(plazas.to_crs(crs), walls)
    flags = plazas["flags"].to_numpy(np.int16) if "flags" in plazas else np.zeros(len(plazas), int)
    name = plazas["name"].to_numpy(object) if "name" in plazas else np.full(len(plazas), "", object)
    numbers = np.array([int(str(index).lstrip("nwr")) for index in plazas.index], np.int64)
    raised = (flags & (WayFlag.BRIDGE | WayFlag.TUNNEL)) != 0
    facts = _Facts.of(streets, crs)
    entry = _entries(facts, pieces, numbers[plaza], raised[plaza])
    across, piece = _all_across(facts, pieces, entry)
    ends, row = _without_repeats(across.ends, plaza[piece], facts)
    bits = int(WayFlag.AREA | WayFlag.ESTIMATED | WayFlag.ON_FOOT)
    ways = NewWays(
        ends=ends,
        way_ids=numbers[row],
        highway=np.full(len(row), "pedestrian"),
        name=name[row],
        flags=(flags[row] | bits).astype(np.int16),
    )
    return add_ways(add_vertices(streets, across.fresh, crs), ways)


def _pieces(plazas: gpd.GeoDataFrame, walls: gpd.GeoDataFrame | None) -> tuple[Shapes, Ints]:
    """Simple polygons, split by walls, and the position of the plaza of each."""
    shapes = np.array(plazas.geometry.to_numpy(), object)
    if walls is not None and len(walls):
        lines = np.asarray(walls.to_crs(plazas.crs).geometry.to_numpy(), object)
        plaza, wall = shapely.STRtree(lines).query(shapes, predicate="intersects")
        for each in np.unique(plaza):
            strip = shapely.buffer(lines[wall[plaza == each]], WALL_HALF_M, quad_segs=1)
            shapes[each] = shapely.difference(shapes[each], shapely.union_all(strip))
    pieces, owner = shapely.get_parts(shapely.simplify(shapes, SMOOTH_M), return_index=True)
    flat = (shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON) & shapely.is_valid(pieces)
    flat &= ~shapely.is_empty(pieces)
    return pieces[flat], owner[flat]


def _entries(facts: _Facts, pieces: Shapes, numbers: Ints, raised: Bools) -> _Entry:
    """Entries of each piece, by piece and vertex. numbers, raised: of its plaza."""
    size = len(facts.xy)
    used = np.unique(facts.steps)
    points = np.asarray(shapely.points(facts.xy[used]), object).reshape(-1)
    piece, vertex = shapely.STRtree(points).query(pieces, predicate="dwithin", distance=PORCH_M)
    order = np.lexsort((vertex, piece))
    piece, at = piece[order], vertex[order]
    vertex = used[at]
    shapely.prepare(pieces)
    on = shapely.distance(pieces[piece], points[at]) <= SAME_M
    key = piece * size + vertex
    inner = on & ~facts.outline[vertex] & ~raised[piece]
    gate = inner & facts.fork[vertex]
    gate |= inner & np.isin(key, _at_the_rim(facts, piece[on], vertex[on]))
    # A vertex off the ground is joined only to the plaza whose own outline it is on.
    owned = facts.owned[:, 0] * size + facts.owned[:, 1]
    own = np.isin(numbers[piece] * size + vertex, owned)
    gate |= facts.met[vertex] & (on | own)
    return _Entry(piece[gate], vertex[gate], ~on[gate])


def _at_the_rim(facts: _Facts, piece: Ints, vertex: Ints) -> Ints:
    """Keys (piece x vertex) of vertices on a piece from which a street on the ground leads off."""
    size = len(facts.xy)
    steps = facts.steps[facts.grounded]
    steps = np.concatenate([steps, steps[:, ::-1]])
    steps = steps[np.isin(steps[:, 0], vertex)]
    steps = steps[np.argsort(steps[:, 0], kind="stable")]
    first = np.searchsorted(steps[:, 0], vertex, side="left")
    sizes = np.searchsorted(steps[:, 0], vertex, side="right") - first
    before = np.cumsum(sizes) - sizes
    row = np.arange(sizes.sum()) + np.repeat(first - before, sizes)
    here = np.repeat(piece, sizes) * size
    leads_off = ~np.isin(here + steps[row, 1], piece * size + vertex)
    return np.asarray((here + steps[row, 0])[leads_off])


def _all_across(facts: _Facts, pieces: Shapes, entry: _Entry) -> tuple[_Across, Ints]:
    """The ways across all pieces, and the piece of each way."""
    found = [_Across(np.zeros((0, 2), np.int64), np.zeros((0, 2)))]
    count = len(facts.xy)
    bounds = np.searchsorted(entry.piece, np.arange(len(pieces) + 1))
    for piece, ground in enumerate(pieces):
        mine = slice(bounds[piece], bounds[piece + 1])
        found.append(_across(facts, ground, entry.vertex[mine], entry.off[mine], count))
        count += len(found[-1].fresh)
    piece_of = np.repeat(np.arange(len(pieces)), [len(each.ends) for each in found[1:]])
    ends, fresh = (np.concatenate([each[part] for each in found]) for part in (0, 1))
    return _Across(ends, fresh), piece_of


def _across(facts: _Facts, ground: shapely.Polygon, entry: Ints, off: Bools, count: int) -> _Across:
    """The ways across one piece; off: entries off the ground, joined by a short way (porch); count:
    number of vertices so far."""
    if len(entry) < 2:
        return _Across(np.zeros((0, 2), np.int64), np.zeros((0, 2)))
    stops = facts.xy[entry].copy()
    if off.any():
        nearest = shapely.shortest_line(ground, shapely.points(stops[off]))
        stops[off] = shapely.get_coordinates(nearest)[::2]
    corners = corners_of(ground)
    pairs = in_sight(ground, stops, corners)
    vertex = np.concatenate([np.where(off, -1, entry), np.full(len(corners.xy), -1)])
    vertex = _on_outlines(facts, np.concatenate([stops, corners.xy]), vertex)
    used = np.zeros(len(vertex), bool)
    used[pairs.ravel()] = True
    new = np.flatnonzero(used & (vertex < 0))
    vertex[new] = count + np.arange(len(new))
    porch = np.flatnonzero(off & used[: len(entry)])
    porches = np.column_stack((entry[porch], vertex[porch]))
    xy = np.concatenate([stops, corners.xy])[new]
    return _Across(np.concatenate([vertex[pairs], porches]), xy)


def _on_outlines(facts: _Facts, xy: Floats, vertex: Ints) -> Ints:
    """Replaces -1 by the vertex of an outline at the point, where there is one."""
    if len(facts.outlines[1]) == 0:
        return vertex
    tree, owner = facts.outlines
    metres, nearest = tree.query(xy, distance_upper_bound=SAME_M)
    take = (vertex < 0) & np.isfinite(metres)
    return np.where(take, owner[np.where(take, nearest, 0)], vertex)


def _without_repeats(ends: Ints, row: Ints, facts: _Facts) -> tuple[Ints, Ints]:
    """Ways whose ends no street or other plaza joins yet, in order; row (n,): of ``ends``."""

    def key(pairs: Ints) -> Ints:
        return np.asarray(pairs.min(axis=1) * (1 << 32) + pairs.max(axis=1))

    keys, first = np.unique(key(ends), return_index=True)
    first = np.sort(first[~np.isin(keys, key(facts.steps))])
    first = first[ends[first, 0] != ends[first, 1]]
    return ends[first], row[first]
