"""Service areas: the area from which a service is reached in time, and the uncovered area.

Drawn as isochrones are, towards all venues of a service at once. For display only: verdicts never
use polygons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from typing import NamedTuple, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo._kernels.blocks import THREADS
from gusu_geo._kernels.stretches import AHEAD, BACK, TO_CM, Stretches
from gusu_geo.errors import InputError, of_kind
from gusu_geo.isochrone.isochrones import REACH_M, linkable, minutes_ok, painter_of, reach_ok
from gusu_geo.isochrone.pieces import Searcher
from gusu_geo.isochrone.polygons import Painter
from gusu_geo.isochrone.rings import Ringed
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import ISLAND_MAX_M, Walk
from gusu_geo.tables import Bools, Ints
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linkage, LinkingOptions, linking_of
from gusu_geo.walking.points import link_points, points_frame, services_of
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text

SLIVER_M = 1.0  # uncovered parts narrower than twice this are drawing noise
UNLIMITED_CS = 1_000_000_000
TOGETHER = 4  # searches held at a time: those of services reach most of a city


class ServiceAreas(NamedTuple):
    """Two frames: index = service; column ``minutes``; geometry (Multi)Polygon, may be empty.

    served: area from which as many venues as needed are reached in time. uncovered: area within
    reach of a street, inside the requested area, that is not served. Places beyond the reach of
    all streets are in neither.
    """

    served: gpd.GeoDataFrame
    uncovered: gpd.GeoDataFrame

    def __repr__(self) -> str:
        return f"<ServiceAreas: {len(self.served)} services>"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class ServiceVenues(NamedTuple):
    """One service. venues: owners of links, by venue; min_count: venues needed; cutoff_cs:
    threshold; possible: whether unknown entrances could bring more venues within reach."""

    venues: list[Ints]
    min_count: int
    cutoff_cs: int
    possible: bool = False


def service_areas(
    net: WalkNetwork,
    facilities: gpd.GeoDataFrame,
    *,
    minutes: float = 15.0,
    area: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    walk: Walk | None = None,
    reach_m: float = REACH_M,
    **linking: Unpack[LinkingOptions],
) -> ServiceAreas:
    """The area within ``minutes`` of any venue of each service, and the uncovered area.

    facilities: points in any CRS with a column ``service``. area: a frame or series of polygons
    in any CRS; default: everywhere near streets. linking: as in ``isochrones``.
    Both frames have the CRS of ``facilities``.
    Raises InputError: no ``service``, and as ``isochrones``.
    """
    facilities = points_frame(facilities, "facilities")
    service = np.array(services_of(facilities), object)
    [limit] = minutes_ok([minutes])
    reach_ok(reach_m)
    trips, how = Trips.of(net, walk), linking_of(linking).on(net)
    links = link_points(trips, facilities, how)
    cutoff_cs = cutoff_to_cs(60 * limit)
    wanted = {
        name: ServiceVenues([np.flatnonzero(service == name)], 1, cutoff_cs)
        for name in pd.unique(service)
    }
    within = None if area is None else area_in(area, net)
    painter = painter_of(trips, how, reach_m=reach_m)
    drawer = Drawer.of(trips, painter, within, how.island_max_m)
    drawn = drawer.areas(wanted, links, links)
    return ServiceAreas(*(frame.to_crs(facilities.crs) for frame in drawn))


@dataclass(frozen=True, eq=False)
class _Everywhere:
    """Stub that reports every edge as reached."""

    net: WalkNetwork
    edges: Bools

    def search(self, rows: Ints, cutoff_cs: int) -> Stretches:  # noqa: ARG002
        """Every edge reached at time 0, at 1 m/s; the arguments are not used."""
        edge = np.flatnonzero(self.edges).astype(np.int32)
        first = np.full(self.net.edges, -1, np.int32)
        first[edge] = np.arange(len(edge))
        value = np.zeros((len(edge), 6))
        value[:, TO_CM] = self.net.length_cm[edge]
        value[:, AHEAD] = value[:, BACK] = 1.0
        return Stretches(first, edge, value, 100.0)


class _Group(NamedTuple):
    """Rows of links that are searched together, and the cutoff; rows may be empty."""

    searcher: Searcher
    rows: Ints
    cutoff_cs: int

    @classmethod
    def of(cls, searcher: Searcher, owners: Ints, cutoff_cs: int) -> _Group:
        """The group of all links of the ``owners``."""
        links = searcher.links
        rows = np.flatnonzero(np.isin(links.owner_ix, owners) & (links.edge_ix >= 0))
        return cls(searcher, rows, cutoff_cs)


class _Groups(NamedTuple):
    """Searches with different links behind one interface: row k stands for group k."""

    groups: list[_Group]

    def search(self, rows: Ints, cutoff_cs: int) -> Stretches:
        """The search of group ``rows[0]``."""
        group = self.groups[int(rows[0])]
        return group.searcher.search(group.rows, cutoff_cs)


class _Plan(NamedTuple):
    """What is drawn for one service. known: groups as linked; stays: for each of them, whether it
    also counts with unknown entrances; new: groups that unknown entrances add."""

    min_count: int
    known: list[_Group]
    stays: list[bool]
    new: list[_Group]

    @classmethod
    def of(cls, one: ServiceVenues, links: Searcher, possible: Searcher, differ: Bools) -> _Plan:
        """differ: owners whose links would change if unknown entrances existed."""
        if one.min_count == 1:
            # One venue is enough: of the possible links only those that differ can add area.
            owners = np.concatenate(one.venues)
            known = [_Group.of(links, owners, one.cutoff_cs)]
            more = owners[differ[owners]]
            new = [_Group.of(possible, more, one.cutoff_cs)] if one.possible else []
            return cls(1, known, [False], new)
        known = [_Group.of(links, owners, one.cutoff_cs) for owners in one.venues]
        stays = [not differ[owners].any() for owners in one.venues]
        if not one.possible or all(stays):
            return cls(one.min_count, known, [False] * len(known), [])
        again = [owners for owners, same in zip(one.venues, stays, strict=True) if not same]
        new = [_Group.of(possible, owners, one.cutoff_cs) for owners in again]
        return cls(one.min_count, known, stays, new)

    def covers(
        self, drawn: Iterator[shapely.Geometry]
    ) -> tuple[shapely.Geometry, shapely.Geometry]:
        """The area with as many venues in time as needed: known, and possible.

        drawn: polygons of ``known``, then of ``new``; exactly these are taken from it.
        """
        known: list[shapely.Geometry] = [shapely.Polygon()] * self.min_count
        possible = list(known)
        for stays in self.stays:
            polygon = next(drawn)
            _stack(known, polygon)
            if stays:
                _stack(possible, polygon)
        for polygon in islice(drawn, len(self.new)):
            _stack(possible, polygon)
        return known[-1], possible[-1]


@dataclass(frozen=True)
class Drawer:
    """Draws service areas on one network. area: in metres, None for everywhere; ground: its part
    within reach of a street."""

    trips: Trips
    painter: Painter
    area: shapely.Geometry | None
    ground: shapely.Geometry

    @classmethod
    def of(
        cls,
        trips: Trips,
        painter: Painter,
        area: shapely.Geometry | None,
        island_max_m: float = ISLAND_MAX_M,
    ) -> Drawer:
        """area: in metres, None for everywhere."""
        everywhere = _Everywhere(trips.net, linkable(trips, island_max_m))
        [[whole]] = painter.shapes(everywhere, [np.zeros(0, np.int64)], [UNLIMITED_CS])
        return cls(trips, painter, area, _inside(whole.polygon, area))

    @cached_property
    def _grounds(self) -> Ringed:
        """The rings of the ground."""
        return Ringed.of(self.ground)

    def areas(
        self, wanted: Mapping[str, ServiceVenues], links: Linkage, possible: Linkage
    ) -> ServiceAreas:
        """The areas of every service. possible: the links of the same owners if unknown entrances
        existed."""
        ways, more = (Searcher(self.trips, some, towards=True) for some in (links, possible))
        differ = _changed(links, possible)
        plans = [_Plan.of(one, ways, more, differ) for one in wanted.values()]
        drawn = self._drawn([group for plan in plans for group in (*plan.known, *plan.new)])
        covers = [plan.covers(drawn) for plan in plans]
        self.painter.field.forget()  # cutting takes as much memory as drawing: not both at once
        with ThreadPoolExecutor(THREADS) as pool:
            waiting = [pool.submit(self._pair, *covers.pop(0)) for _ in plans]
            pairs = [each.result() for each in waiting]
        index = pd.Index(list(wanted), name="service")
        minutes = [one.cutoff_cs / 6000 for one in wanted.values()]
        crs = self.trips.net.crs
        return ServiceAreas(
            *(
                gpd.GeoDataFrame({"minutes": minutes}, index=index, geometry=shapes, crs=crs)
                for shapes in ([served for served, _ in pairs], [bare for _, bare in pairs])
            )
        )

    def _drawn(self, groups: list[_Group]) -> Iterator[shapely.Geometry]:
        """The polygon of each group; consecutive groups with one cutoff are drawn together."""
        for (cutoff_cs, some), run in groupby(groups, lambda g: (g.cutoff_cs, len(g.rows) > 0)):
            mine = _Groups(list(run))
            if not some:
                yield from [shapely.Polygon()] * len(mine.groups)
                continue
            rows = [np.array([k]) for k in range(len(mine.groups))]
            for [shape] in self.painter.shapes(mine, rows, [cutoff_cs], block=TOGETHER):
                yield shape.polygon

    def _pair(
        self, reached: shapely.Geometry, possible: shapely.Geometry
    ) -> tuple[shapely.Geometry, shapely.Geometry]:
        """What is served in the area, and the ground that is neither served nor possibly so."""
        covered = reached if shapely.is_empty(possible) else shapely.union(reached, possible)
        bare = self._grounds.minus(Ringed.of(covered))
        return _inside(reached, self.area), _without_slivers(_areas_only(bare))


def _changed(one: Linkage, other: Linkage) -> Bools:
    """(owners,) true for owners whose links are not the same in both."""
    owners = max(one.owner_ix.max(initial=-1), other.owner_ix.max(initial=-1)) + 1
    changed = np.asarray(
        np.bincount(one.owner_ix, minlength=owners) != np.bincount(other.owner_ix, minlength=owners)
    )
    one, other = (links.rows(np.argsort(links.owner_ix, kind="stable")) for links in (one, other))
    one, other = (links.rows(~changed[links.owner_ix]) for links in (one, other))
    for part in ("edge_ix", "offset_cm", "span_cm", "leg_cm"):
        changed[one.owner_ix[getattr(one, part) != getattr(other, part)]] = True
    return changed


def _stack(layers: list[shapely.Geometry], polygon: shapely.Geometry) -> None:
    """Add a polygon; layer k is the area covered by more than k polygons."""
    for k in range(len(layers) - 1, 0, -1):
        layers[k] = shapely.union(layers[k], shapely.intersection(layers[k - 1], polygon))
    layers[0] = polygon if shapely.is_empty(layers[0]) else shapely.union(layers[0], polygon)


def _inside(shape: shapely.Geometry, area: shapely.Geometry | None) -> shapely.Geometry:
    """The part inside ``area`` (all of it for None), as a MultiPolygon."""
    return _areas_only(shape if area is None else shapely.intersection(shape, area))


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    """Without lines and points, which remain where polygons touch."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(parts[shapely.get_dimensions(parts) == 2].tolist())


def _without_slivers(shape: shapely.Geometry) -> shapely.Geometry:
    """Without parts narrower than twice ``SLIVER_M``, left between two borders at one street."""
    parts = shapely.get_parts(shape)
    width_m = 2 * shapely.area(parts) / shapely.length(parts)
    return shapely.MultiPolygon(parts[width_m >= 2 * SLIVER_M].tolist())


def area_in(area: gpd.GeoDataFrame | gpd.GeoSeries, net: WalkNetwork) -> shapely.Geometry:
    """The union of ``area`` in the CRS of the network. Raises InputError: no CRS, no polygon."""
    of_kind("area", area, gpd.GeoDataFrame, gpd.GeoSeries)
    if area.crs is None:
        raise InputError(text("error.area_no_crs"), fix=text("error.set_area_crs"))
    shape = area.geometry.to_crs(net.crs).union_all()
    if shapely.area(shape) == 0:
        raise InputError(text("error.area_no_polygon"))
    valid: shapely.Geometry = shapely.make_valid(shape)
    return valid
