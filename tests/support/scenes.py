"""Tiny street scenes in metres, drawn by hand, so that every expected time can be worked out.

scene = Scene()
scene.way("a b", a=(0, 0), b=(500, 0))
scene.home("h", 100, 0); scene.venue("v", 400, 0)
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gusu_geo.geometry import WGS84, transformer
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork, build_network
from gusu_geo.study.params import Walk
from gusu_geo.tables import Entrances, NodeFlag, Rung, StreetWays
from gusu_geo.walking.access import AccessTable, measure
from gusu_geo.walking.linkage import Linked, Linking
from gusu_geo.walking.snapping import snap
from gusu_geo.walking.trips import Trips

CRS_M = CRS.from_proj4("+proj=tmerc +lat_0=31.3 +lon_0=120.6 +k=1 +ellps=WGS84 +units=m")


class Scene:
    """StreetPieces, homes and venues; one metre is one metre."""

    def __init__(self, *, closed: str = "") -> None:
        self.place: dict[str, tuple[float, float]] = {}
        self.ways: list[tuple[list[str], int]] = []
        self.called: list[str] = []  # names of ways
        self.homes: dict[str, list[tuple[float, float]]] = {}
        self.venues: dict[str, tuple[str, str, list[tuple[float, float]]]] = {}
        self.nodes = dict.fromkeys(closed.split(), int(NodeFlag.CLOSED))  # bits of NodeFlag
        self.water: list[shapely.Geometry] = []
        self.blocks: list[tuple[str, shapely.Geometry]] = []  # kind as in surroundings
        self.gates: list[tuple[str, shapely.Point]] = []
        self.outlines: dict[str, tuple[shapely.Polygon, bool]] = {}  # by owner; whether open ground

    def way(
        self, path: str, *, flags: int = 0, called: str = "", **places: tuple[float, float]
    ) -> Scene:
        self.place.update(places)
        self.called.append(called)
        self.ways.append((path.split(), flags))
        return self

    def home(self, name: str, *xy: float) -> Scene:
        self.homes[name] = [(xy[i], xy[i + 1]) for i in range(0, len(xy), 2)]
        return self

    def venue(self, name: str, *xy: float, service: str = "s", of: str = "") -> Scene:
        self.venues[name] = (
            service,
            of or name,
            [(xy[i], xy[i + 1]) for i in range(0, len(xy), 2)],
        )
        return self

    def ground(self, name: str, shape: shapely.Polygon, service: str = "s") -> Scene:
        """A park: open ground without doors."""
        self.outlines[name] = (shape, True)
        return self.venue(name, *shape.centroid.coords[0], service=service)

    def house(self, name: str, *corners: float) -> Scene:
        """A home drawn as a building without doors; corners: x0, y0, x1, y1."""
        shape = shapely.box(*corners)
        self.outlines[name] = (shape, False)
        return self.home(name, *shape.centroid.coords[0])

    def block(self, kind: str, *path: tuple[float, float]) -> Scene:
        """Something nobody walks across, drawn as a line; "building": the polygon."""
        shape = shapely.Polygon(path) if kind == "building" else shapely.LineString(path)
        self.blocks.append((kind, shape))
        return self

    def gate(self, x: float, y: float, access: str = "public") -> Scene:
        self.gates.append((access, shapely.Point(x, y)))
        return self

    def barriers(self) -> Barriers:
        return Barriers.of(
            _frame("kind", [*(("water", shape) for shape in self.water), *self.blocks]),
            _frame("access", self.gates),
        )

    def streets(self) -> StreetWays:
        names = sorted(self.place)
        xy = np.array([self.place[name] for name in names], float)
        lonlat = np.column_stack(transformer(CRS_M, WGS84).transform(*xy.T))
        where = {name: i for i, name in enumerate(names)}
        sizes = [len(path) for path, _ in self.ways]
        count = len(self.ways)
        return StreetWays(
            node_ids=np.arange(len(names)) + 1,
            lonlat=lonlat,
            node_flags=np.array([self.nodes.get(name, 0) for name in names], np.int16),
            way_ptr=np.concatenate([[0], np.cumsum(sizes)]),
            way_nodes=np.array([where[n] for path, _ in self.ways for n in path], np.int64),
            way_ids=np.arange(count) + 100,
            highway=np.array(["footway"] * count),
            name=np.array((self.called + [""] * count)[:count], object),
            flags=np.array([flags for _, flags in self.ways], np.int16),
        )

    def network(self) -> WalkNetwork:
        return build_network(self.streets(), CRS_M)

    def measure(
        self,
        *,
        cutoff_s: float = 1800.0,
        walk: Walk | None = None,
        counts: dict[str, int] | None = None,
        **snap_options: object,
    ) -> AccessTable:
        net = self.network()
        services = [service for service, _, _ in self.venues.values()]
        trips = Trips.of(net, walk)
        snap_options["closed"] = trips.pace.closed
        return measure(
            trips,
            self.linked(net, self.homes, **snap_options),
            self.linked(
                net, {name: points for name, (_, _, points) in self.venues.items()}, **snap_options
            ),
            service=services,
            venue=[venue for _, venue, _ in self.venues.values()],
            min_count=counts or dict.fromkeys(services, 1),
            cutoff_s=cutoff_s,
        )

    def linked(
        self, net: WalkNetwork, owners: dict[str, list[tuple[float, float]]], **options: object
    ) -> Linked:
        closed = options.pop("closed", None)
        linking = Linking(barriers=self.barriers(), **options)  # type: ignore[arg-type]
        points = entrances(owners, self.outlines)
        links = snap(net, points, linking, closed=closed)  # type: ignore[arg-type]
        return Linked(pd.Index(list(owners)), links)


def _frame(column: str, rows: list[tuple[str, shapely.Geometry]]) -> gpd.GeoDataFrame:
    texts, shapes = [text for text, _ in rows], [shape for _, shape in rows]
    return gpd.GeoDataFrame({column: texts}, geometry=shapes, crs=CRS_M)


def entrances(
    owners: dict[str, list[tuple[float, float]]],
    outlines: dict[str, tuple[shapely.Polygon, bool]] | None = None,
) -> Entrances:
    outlines = outlines or {}
    owner = [i for i, points in enumerate(owners.values()) for _ in points]
    xy = np.array([p for points in owners.values() for p in points], float).reshape(-1, 2)
    names = [name for name, points in owners.items() for _ in points]
    drawn = [outlines.get(name, (None, False)) for name in names]
    shapes, ground = np.empty(len(names), object), np.array([g for _, g in drawn], bool)
    shapes[:] = [shape for shape, _ in drawn]
    rung = np.array([Rung.GATE if shape is None else Rung.EDGE for shape in shapes], np.int8)
    return Entrances(np.array(owner, np.int64), xy, rung, shapes, ground)


def seconds_of(table: AccessTable, home: str, service: str = "s") -> float:
    return float(table.nearest_s.loc[home, service])


def points_frame(
    net: WalkNetwork, points: dict[str, tuple[float, float]], **columns: list[str]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        columns,
        index=list(points),
        geometry=gpd.points_from_xy(*zip(*points.values(), strict=True)),
        crs=net.crs,
    )
