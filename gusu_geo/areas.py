"""Service areas: where one is in time for a service, and the ground that nobody serves.

Drawn as isochrones are, towards all venues of a service at once. Pictures only: a verdict never
comes from a polygon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo._kernels.stretches import AHEAD, BACK, TO_CM, Stretches
from gusu_geo.errors import InputError
from gusu_geo.isochrone import (
    REACH_M,
    BarriersLike,
    as_barriers,
    link_points,
    linkable,
    minutes_ok,
    painter_of,
    reach_ok,
)
from gusu_geo.network import WalkNetwork
from gusu_geo.params import ISLAND_MAX_M, SNAP_MAX_M, Walk
from gusu_geo.pieces import Searcher
from gusu_geo.polygons import Painter
from gusu_geo.snapping import Linkage
from gusu_geo.street_field import THREADS
from gusu_geo.tables import Bools, Ints
from gusu_geo.travel import Trips, cutoff_to_cs

SLIVER_M = 1.0  # uncovered ground narrower than twice this is an edge of the drawing
FOREVER_CS = 1_000_000_000


class ServiceAreas(NamedTuple):
    """Index = service; column ``minutes``; geometry (Multi)Polygon, maybe empty.

    served: who stands there reaches as many venues as are needed in time. uncovered: ground
    within reach of a street, in the area asked for, that is not served. Farther from every street
    is neither.
    """

    served: gpd.GeoDataFrame
    uncovered: gpd.GeoDataFrame


class Asked(NamedTuple):
    """One service: rows of the links by venue; venues needed; centiseconds they may be away;
    perhaps: whether unknown entrances may bring more of them within reach."""

    venues: list[Ints]
    min_count: int
    cutoff_cs: int
    perhaps: bool = False


def service_areas(
    net: WalkNetwork,
    facilities: gpd.GeoDataFrame,
    *,
    minutes: float = 15.0,
    area: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    walk: Walk | None = None,
    reach_m: float = REACH_M,
    snap_max_m: float = SNAP_MAX_M,
    barriers: BarriersLike = None,
) -> ServiceAreas:
    """The union of what is in time for the venues of each service, and what is uncovered.

    facilities: points in any CRS with a column ``service``. area: a frame or series of polygons
    in any CRS; default: wherever there are streets. Both frames come in the CRS of
    ``facilities``.
    Raises InputError: no ``service``, and as ``isochrones``.
    """
    if "service" not in facilities:
        raise InputError("facilities need a column 'service'.", got=list(facilities.columns))
    [limit] = minutes_ok([minutes])
    reach_ok(reach_m)
    trips, known = Trips.of(net, walk), as_barriers(barriers, net)
    links = link_points(trips, facilities, snap_max_m=snap_max_m, barriers=known)
    service = facilities["service"].to_numpy(object)
    cutoff_cs = cutoff_to_cs(60 * limit)
    asked = {
        str(name): Asked([np.flatnonzero(service == name)], 1, cutoff_cs)
        for name in pd.unique(service)
    }
    within = None if area is None else area_in(area, net)
    drawer = Drawer.of(trips, painter_of(trips, known, reach_m=reach_m), within)
    drawn = drawer.areas(asked, links, links)
    return ServiceAreas(*(frame.to_crs(facilities.crs) for frame in drawn))


@dataclass(frozen=True)
class _Everywhere:
    """The search that has reached every edge before it began."""

    net: WalkNetwork
    edges: Bools

    def search(self, rows: Ints, cutoff_cs: int) -> Stretches:  # noqa: ARG002
        """At the pace of one metre a second, from time 0 everywhere; nothing is asked."""
        edge = np.flatnonzero(self.edges).astype(np.int32)
        first = np.full(self.net.edges, -1, np.int32)
        first[edge] = np.arange(len(edge))
        value = np.zeros((len(edge), 6))
        value[:, TO_CM] = self.net.length_cm[edge]
        value[:, AHEAD] = value[:, BACK] = 1.0
        return Stretches(first, edge, value, 100.0)


@dataclass(frozen=True)
class Drawer:
    """Draws service areas on one network. area: where, None for everywhere; ground: what lies
    there within reach of a street."""

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
        """area: metres, None for everywhere."""
        everywhere = _Everywhere(trips.net, linkable(trips, island_max_m))
        [[whole]] = painter.shapes(everywhere, [np.zeros(0, np.int64)], [FOREVER_CS])
        ground = whole.polygon if area is None else shapely.intersection(whole.polygon, area)
        return cls(trips, painter, area, _areas_only(ground))

    def areas(self, asked: Mapping[str, Asked], links: Linkage, perhaps: Linkage) -> ServiceAreas:
        """Of every service; perhaps: links of the same rows if unknown entrances existed."""
        served = [self._served(one, one.venues, links) for one in asked.values()]
        maybe = [
            shapely.union(here, self._served(one, one.venues, perhaps)) if one.perhaps else here
            for one, here in zip(asked.values(), served, strict=True)
        ]
        with ThreadPoolExecutor(THREADS) as pool:
            bare = list(pool.map(self._bare, maybe))
        index = pd.Index(list(asked), name="service")
        minutes = [one.cutoff_cs / 6000 for one in asked.values()]
        crs = self.trips.net.crs
        return ServiceAreas(
            *(
                gpd.GeoDataFrame({"minutes": minutes}, index=index, geometry=shapes, crs=crs)
                for shapes in (served, bare)
            )
        )

    def _bare(self, served: shapely.Geometry) -> shapely.Geometry:
        return _without_slivers(shapely.difference(self.ground, served))

    def _served(self, one: Asked, venues: list[Ints], links: Linkage) -> shapely.Geometry:
        searcher = Searcher(self.trips, links, towards=True)
        linked = [rows[links.edge_ix[rows] >= 0] for rows in venues]
        linked = [rows for rows in linked if len(rows)]
        if one.min_count == 1:
            linked = [np.concatenate(linked)] if linked else []
        drawn = self.painter.shapes(searcher, linked, [one.cutoff_cs])
        whole = _at_least(one.min_count, (shape.polygon for [shape] in drawn))
        return whole if self.area is None else _areas_only(shapely.intersection(whole, self.area))


def _at_least(count: int, polygons: Iterable[shapely.Geometry]) -> shapely.Geometry:
    """Where so many of the polygons lie above each other."""
    layers: list[shapely.Geometry] = [shapely.Polygon()] * count
    for polygon in polygons:
        for k in range(count - 1, 0, -1):
            layers[k] = shapely.union(layers[k], shapely.intersection(layers[k - 1], polygon))
        layers[0] = shapely.union(layers[0], polygon)
    return _areas_only(layers[-1])


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    """Without the lines and points that polygons leave where they touch."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(parts[shapely.get_dimensions(parts) == 2].tolist())


def _without_slivers(shape: shapely.Geometry) -> shapely.Geometry:
    """Without what is narrower than twice ``SLIVER_M``: two borders of one street's ground."""
    parts = shapely.get_parts(_areas_only(shape))
    width_m = 2 * shapely.area(parts) / shapely.length(parts)
    return shapely.MultiPolygon(parts[width_m >= 2 * SLIVER_M].tolist())


def area_in(area: gpd.GeoDataFrame | gpd.GeoSeries, net: WalkNetwork) -> shapely.Geometry:
    """In the metres of the network. Raises InputError: no CRS, no polygon."""
    if area.crs is None:
        raise InputError("the area has no CRS.", fix='Set one, e.g. area.set_crs("EPSG:4326").')
    shape = area.geometry.to_crs(net.crs).union_all()
    if shapely.area(shape) == 0:
        raise InputError("the area has no polygon.")
    valid: shapely.Geometry = shapely.make_valid(shape)
    return valid
