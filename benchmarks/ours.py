"""Our engine, as the product offers it: every node of the case is a home, the answers are tables.

Chains between junctions are contracted, and the answer for every vertex is worked out in the time
that is measured.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from answers import Answer, Found
from case import LIMIT_M, SITES, SNAP_M, Case, Floats, Ints, home_points, venue_points
from recipes import distances
from worker import Tasks

import gusu_geo as gg
from gusu_geo.siting import solver as siting_solver
from gusu_geo.siting.terms import Aims
from gusu_geo.sources.osm.extract import read_osm
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.walking import access
from gusu_geo.walking import coverage as coverages
from gusu_geo.walking.linkage import Linkage, Linked
from gusu_geo.walking.trips import Trips

Strings = npt.NDArray[np.str_]

WALK = Walk(speed_mps=1.0)  # a centimetre is a centisecond; the networks carry no flags


def ours(case: Case) -> Tasks:
    net: WalkNetwork = pickle.loads(Path(case.net).read_bytes())
    trips = Trips.of(net, WALK)
    everywhere, residences, origins, candidates = (
        _linked(case, nodes)
        for nodes in (np.arange(case.nodes), case.residences, case.origins, case.candidates)
    )
    venues = _linked(case, case.venue_node)
    service = np.repeat(np.arange(len(case.venues)), np.diff(case.venue_ptr)).astype(str)
    venue = np.arange(len(service)).astype(str)

    def nearest(count: int) -> Answer:
        table = access.measure(
            trips,
            everywhere,
            venues,
            service=service,
            venue=venue,
            min_count=dict.fromkeys(map(str, range(count)), 1),
            cutoff_s=LIMIT_M,
        )
        return [*table.nearest_cs.T]

    def reach(count: int) -> Answer:
        some = origins.only(np.arange(len(origins.ids)) < count)
        chunks = [*coverages.coverage_blocks(trips, everywhere, some, threshold_s=LIMIT_M)]
        found = np.concatenate([np.diff(chunk.ptr) for chunk in chunks])
        source = np.repeat(np.arange(len(found)), found)
        ix, cs = (np.concatenate([getattr(c, name) for c in chunks]) for name in ("ix", "cs"))
        return Found(source, ix, cs)

    def coverage(count: int) -> Answer:
        some = candidates.only(np.arange(len(candidates.ids)) < count)
        found = coverages.coverage(trips, residences, some, threshold_s=LIMIT_M).tocoo()
        return Found(found.col, found.row, found.data)

    def stream(count: int) -> Answer:
        some = _linked(case, case.streamed[:count])
        chunks = coverages.coverage_blocks(trips, everywhere, some, threshold_s=LIMIT_M)
        return [np.concatenate([np.diff(chunk.ptr) for chunk in chunks])]

    return {
        "nearest": nearest,
        "called": _called(case, net, service),
        "reach": reach,
        "coverage": coverage,
        "stream": stream,
        "polygons": _polygons(case, net),
        "reading": lambda _: [np.array([gg.read_network(case.path).length_cm.sum() / 100])],
        **_siting(case),
    }


def _called(case: Case, net: WalkNetwork, service: Strings) -> Callable[[int], Answer]:
    """``gg.nearest`` with points: linking, search and table."""

    def frame(xy: Floats, **columns: Strings) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*xy.T), crs=net.crs)

    homes, venues = frame(home_points(case)), frame(venue_points(case), service=service)

    def called(count: int) -> Answer:
        table = gg.nearest(
            net, homes[:count], venues, walk=WALK, cutoff_s=LIMIT_M, snap_max_m=SNAP_M
        )
        return [*table.nearest_cs.T]

    return called


def ours_with_barriers(case: Case) -> Tasks:
    """The same polygons cut by water, railways, walls and motorways, which no rival does."""
    net: WalkNetwork = pickle.loads(Path(case.net).read_bytes())
    around = read_osm(case.path).surroundings.to_crs(net.crs)
    return {"polygons": _polygons(case, net, Barriers.of(around))}


def _polygons(
    case: Case, net: WalkNetwork, barriers: Barriers | None = None
) -> Callable[[int], Answer]:
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*case.xy[case.origins].T), crs=net.crs)

    def polygons(count: int) -> Answer:
        shapes = gg.isochrones(
            net, points[:count], minutes=LIMIT_M / 60, walk=WALK, barriers=barriers
        )
        return [shapes.area.to_numpy()]

    return polygons


def _siting(case: Case) -> Tasks:
    from scipy.sparse import csr_array

    allowed = np.ones((len(case.candidates), 1), bool)

    @cache
    def cover() -> csr_array:
        return csr_array(distances(case) <= LIMIT_M)

    def need(homes: int) -> Ints:
        return np.ones((homes, 1), np.int64)

    def siting(_: int) -> Answer:
        plan = siting_solver.solve(
            case.persons.astype(float),
            need(len(case.demand)),
            [cover()],
            allowed=allowed,
            effort=siting_solver.Effort(SITES, None),
        )
        return [np.array([plan.objective_persons])]

    def fewest(_: int) -> Answer:
        served = cover()[np.flatnonzero(np.diff(cover().indptr))]
        everybody = np.ones(served.shape[0])
        aims = Aims(everybody, everybody, np.full(len(everybody), -1), target=float(len(everybody)))
        plan = siting_solver.solve(
            everybody,
            need(len(everybody)),
            [served],
            allowed=allowed,
            effort=siting_solver.Effort(services_per_site=None, target=1.0),
            aims=aims,
        )
        assert plan.status == "optimal" and plan.least == plan.opened.sum()
        return [np.array([float(plan.opened.sum())])]

    return {"siting": siting, "fewest": fewest}


def _linked(case: Case, nodes: Ints) -> Linked:
    """Points that stand exactly at nodes of the case, as our engine wants them."""
    zero = np.zeros(len(nodes), np.int32)
    links = Linkage(
        owner_ix=np.arange(len(nodes)),
        edge_ix=case.at_edge[nodes].astype(np.int32),
        offset_cm=case.at_cm[nodes].astype(np.int32),
        leg_cm=zero,
        span_cm=zero,
        reason=zero.astype(np.int8),
        rung=zero.astype(np.int8),
        foot_xy=case.xy[nodes],
        door_xy=case.xy[nodes],
    )
    return Linked(pd.RangeIndex(len(nodes)), links)
