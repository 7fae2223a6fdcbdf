"""How far polygons can be trusted: unreached streets inside them, and homes they contradict.

    python benchmarks/spill.py [CITY ...]

Origins are random places along the streets, from a fixed seed. There is no study of Porto, so no
homes are asked there. Prints the table of docs/isochrones.md.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from cities import FILES, ROOT, SEED
from numpy.typing import NDArray

from gusu_geo.assessment.street_points import street_points
from gusu_geo.assessment.walkable_city import link_city
from gusu_geo.geometry import local_crs
from gusu_geo.isochrone.isochrones import REACH_M, isochrones, reached_streets, spill
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.sources.osm.extract import read_osm
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork, build_network
from gusu_geo.study.params import Walk
from gusu_geo.walking.coverage import coverage
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linkage, Linked, Linking
from gusu_geo.walking.points import link_points
from gusu_geo.walking.trips import Trips

MINUTES = (5.0, 10.0, 15.0)
ORIGINS = 100
SPACING_M = 20.0
CLOSE_M = 1.0
STUDIES = {
    "Monaco": ROOT / "studies" / "monaco.toml",
    "Nanjing": ROOT / "tests" / "studies" / "nanjing.toml",
    "Las Palmas": ROOT / "tests" / "studies" / "las_palmas.toml",
}


class Town(NamedTuple):
    """Streets, what blocks, and the homes if any are known."""

    net: WalkNetwork
    barriers: Barriers
    walk: Walk
    homes: Linkage | None


class Spill(NamedTuple):
    """Shares (minutes, origins) of unreached street, and the seconds the polygons took."""

    share: NDArray[np.float64]
    wall_s: float
    cpu_s: float


class Doors(NamedTuple):
    """Pairs of a home's door and a polygon: all; those farther than ``REACH_M`` from every border,
    and contradictions there; of doors within ``REACH_M`` of their street those contradictions,
    and pairs and contradictions farther than ``CLOSE_M`` from every border."""

    pairs: int
    clear: int
    wrong: int
    near_wrong: int
    close: int
    close_wrong: int


def town(name: str) -> Town:
    """FileNotFoundError when the city's file is absent."""
    if name not in STUDIES:
        extract = read_osm(FILES[name])
        west, south, east, north = extract.bounds
        crs = local_crs((west + east) / 2, (south + north) / 2)
        net = build_network(extract.streets, crs)
        return Town(net, Barriers.of(extract.surroundings, crs=crs), Walk(), None)
    with tempfile.TemporaryDirectory() as folder:
        ground = prepare(STUDIES[name], out=folder)
    homes, _ = link_city(ground, ground.trips())
    return Town(ground.network, ground.barriers, ground.study.walk, homes.links)


def origins_of(here: Town) -> gpd.GeoDataFrame:
    """Random places, each metre of street as likely as any other."""
    spots = street_points(here.net, Impedance.of(here.net, here.walk), SPACING_M)
    share = spots.street_cm / spots.street_cm.sum()
    pick = np.random.default_rng(SEED).choice(len(share), ORIGINS, replace=False, p=share)
    return gpd.GeoDataFrame(geometry=shapely.points(spots.xy[pick]), crs=here.net.crs)


def measure(here: Town, origins: gpd.GeoDataFrame) -> tuple[Spill, gpd.GeoDataFrame]:
    """Spill of the polygons towards the origins, and these polygons."""
    asked: dict[str, Any] = {
        "minutes": MINUTES,
        "walk": here.walk,
        "barriers": here.barriers,
        "direction": "to",
    }
    isochrones(here.net, origins[:1], **asked)  # loads the compiled code
    wall, cpu = time.perf_counter(), time.process_time()
    shapes = isochrones(here.net, origins, **asked)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    pieces = reached_streets(here.net, origins, **asked)
    share = spill(here.net, shapes, pieces, walk=here.walk).to_numpy().reshape(-1, len(MINUTES))
    return Spill(share.T, wall, cpu), shapes


def contradicted(here: Town, origins: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame) -> Doors:
    """Every linked door of every home against every polygon: inside, or in time?"""
    assert here.homes is not None
    links = here.homes.rows(np.flatnonzero(here.homes.edge_ix >= 0))
    count = len(links.edge_ix)
    doors = Linked(pd.RangeIndex(count), replace(links, owner_ix=np.arange(count)))
    trips = Trips.of(here.net, here.walk)
    goals = Linked(origins.index, link_points(trips, origins, Linking(barriers=here.barriers)))
    near = links.leg_cm <= REACH_M * 100
    spots = shapely.points(links.door_xy)
    found = np.zeros(len(Doors._fields), np.int64)
    for limit in MINUTES:
        times = coverage(trips, doors, goals, threshold_s=limit * 60).tocsc()
        for row in range(len(origins)):
            polygon = shapes.geometry[(row, limit)]
            in_time = np.zeros(count, bool)
            in_time[times.indices[times.indptr[row] : times.indptr[row + 1]]] = True
            shapely.prepare(polygon)
            off_m = shapely.distance(spots, polygon.boundary)
            wrong = shapely.intersects(polygon, spots) != in_time
            clear, close = off_m > REACH_M, near & (off_m > CLOSE_M)
            masks = (clear, clear & wrong, clear & wrong & near, close, close & wrong)
            found += [count, *(int(mask.sum()) for mask in masks)]
    return Doors(*found.tolist())


def rows_of(name: str) -> Iterator[str]:
    """Lines of the tables."""
    here = town(name)
    origins = origins_of(here)
    found, shapes = measure(here, origins)
    if not shapes.is_valid.all():
        raise ValueError(f"{name}: a polygon is not valid")
    for limit, share in zip(MINUTES, found.share, strict=True):
        figures = (share.mean(), np.median(share), np.quantile(share, 0.95), share.max())
        yield f"| {name} | {limit:g} | " + " | ".join(f"{s:.2%}" for s in figures) + " |"
    if here.homes is not None:
        doors = contradicted(here, origins, shapes)
        yield f"| {name} | " + " | ".join(f"{number:,}" for number in doors) + " |"
    yield f"{name}: {len(shapes)} polygons, CPU {found.cpu_s:.2f} s, wall {found.wall_s:.2f} s"


def main(names: list[str]) -> None:
    print("city, minutes: mean, median, 95 of 100 below, worst; doors: ", ", ".join(Doors._fields))
    for name in names or [*STUDIES, "Porto"]:
        for row in rows_of(name):
            print(row, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
