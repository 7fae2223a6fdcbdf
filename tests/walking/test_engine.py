"""The engine against networkx, and what must hold for every street scene (Hypothesis)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import oracle
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from random_towns import WALKS, Points, hilly, random_town
from scenes import CRS_M, Scene, entrances, points_frame

import gusu_geo as gg
from gusu_geo._kernels import INF_CS
from gusu_geo.errors import InputError
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import Entrances, WayFlag
from gusu_geo.walking.access import measure
from gusu_geo.walking.coverage import coverage
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linked, Linking
from gusu_geo.walking.routes import walked_way
from gusu_geo.walking.search import goals, reach, starts, ways
from gusu_geo.walking.snapping import snap
from gusu_geo.walking.trips import Trips


def table(
    net: WalkNetwork, homes: Points, venues: Points, walk: Walk, cutoff_s: float = 1800.0
) -> np.ndarray:
    trips = Trips.of(net, walk)
    closed = trips.pace.closed
    links = [
        Linked(pd.Index(list(p)), snap(net, entrances(p), Linking(island_max_m=0), closed=closed))
        for p in (homes, venues)
    ]
    return measure(
        trips, *links, service=["s"] * len(venues), venue=list(venues),
        min_count={"s": 1}, cutoff_s=cutoff_s,
    ).nearest_cs[:, 0]  # fmt: skip


@settings(max_examples=30)
@given(seed=st.integers(0, 10**9), walk=WALKS)
def test_times_equal_networkx(seed: int, walk: Walk) -> None:
    scene, homes, venues = random_town(seed)
    net = hilly(scene.network(), seed)
    pace = Impedance.of(net, walk)
    links = {
        name: (snap(net, entrances(p), Linking(island_max_m=0), closed=pace.closed), entrances(p))
        for name, p in (("home", homes), ("facility", venues))
    }
    graph = oracle.walk_graph(net, walk, links)
    wanted = oracle.nearest(graph, list(range(len(venues))), len(homes), 3600)
    got = table(net, homes, venues, walk, 3600) / 100.0
    reached = got < INF_CS / 100
    assert np.array_equal(reached, np.isfinite(wanted))
    assert np.abs(got[reached] - wanted[reached]).max(initial=0) < 1.0


@settings(max_examples=15)
@given(seed=st.integers(0, 10**9), faster=st.floats(1.0, 3.0))
def test_faster_walking_never_lengthens_a_time(seed: int, faster: float) -> None:
    scene, homes, venues = random_town(seed)
    net = scene.network()
    slow, fast = (table(net, homes, venues, Walk(speed_mps=v)) for v in (0.6, 0.6 * faster))
    assert (fast <= slow).all()


@settings(max_examples=15)
@given(seed=st.integers(0, 10**9))
def test_a_new_venue_never_worsens_a_cell(seed: int) -> None:
    scene, homes, venues = random_town(seed)
    net = scene.network()
    fewer = dict(list(venues.items())[:-1])
    assert (table(net, homes, venues, Walk()) <= table(net, homes, fewer, Walk())).all()


@settings(max_examples=15)
@given(seed=st.integers(0, 10**9))
def test_one_at_a_time_equals_batch_and_coverage(seed: int) -> None:
    scene, homes, venues = random_town(seed)
    net, walk = scene.network(), Walk()
    batch = table(net, homes, venues, walk)
    single = [table(net, {h: p}, venues, walk)[0] for h, p in homes.items()]
    assert batch.tolist() == single
    trips = Trips.of(net, walk)
    linked = [
        Linked(pd.Index(list(p)), snap(net, entrances(p), Linking(island_max_m=0)))
        for p in (homes, venues)
    ]
    matrix = coverage(trips, *linked, threshold_s=1800)
    best = [matrix.data[a:b].min(initial=INF_CS) for a, b in pairwise(matrix.indptr)]
    assert batch.tolist() == best


@settings(max_examples=12)
@given(seed=st.integers(0, 10**9))
def test_the_way_walked_takes_the_time_of_the_table(seed: int) -> None:
    scene, homes, venues = random_town(seed)
    net = scene.network()
    walk = Walk(steps_factor=1, crossing_s=0, signal_s=0, lift_s=0, private="open")
    trips = Trips.of(net, walk)
    linked = [
        Linked(pd.Index(list(p)), snap(net, entrances(p), Linking(island_max_m=0)))
        for p in (homes, venues)
    ]
    matrix = coverage(trips, *linked, threshold_s=1800).toarray()
    for home in range(len(homes)):
        for venue in range(len(venues)):
            way = walked_way(trips, *linked, residence=home, facility=venue, cutoff_s=1800)
            assert (way is None) == (matrix[home, venue] == 0)
            if way is not None:
                assert way.time_cs == matrix[home, venue]
                # at 1 m/s without steps, metres drawn are seconds walked
                assert way.length_m == pytest.approx(way.time_cs / 100, abs=0.5)


@settings(max_examples=12)
@given(seed=st.integers(0, 10**9))
def test_isochrones_nest_and_hold_every_reached_piece(seed: int) -> None:
    scene, homes, _ = random_town(seed)
    net = scene.network()
    points = points_frame(net, {"p": homes["h0"][0]})
    shapes = gg.isochrones(net, points, minutes=(1, 2, 4), snap_max_m=500)
    pieces = gg.reached_streets(net, points, minutes=4, snap_max_m=500)
    inner, middle, outer = (shapes.geometry[("p", m)] for m in (1, 2, 4))
    assert shapely.difference(inner, middle).area < 1e-6
    assert shapely.difference(middle, outer).area < 1e-6
    outside = shapely.difference(pieces.geometry.to_numpy(), outer.buffer(1e-6))
    assert shapely.length(outside).sum() == 0
    assert (shapely.length(pieces.geometry.to_numpy()) > 0).all()
    assert (pieces["from_s"] <= 240).all()
    assert (pieces["to_s"] <= 240).all()


def test_isochrone_ends_exactly_where_the_time_does() -> None:
    """A cross of four arms of 500 m; from 50 m up one arm, 3 minutes at 1 m/s are 180 m."""
    scene = (
        Scene()
        .way("w o e", w=(-500, 0), o=(0, 0), e=(500, 0))
        .way("s o n", s=(0, -500), n=(0, 500))
    )
    net = scene.network()
    pieces = gg.reached_streets(net, points_frame(net, {"p": (0, 50)}), minutes=3)
    assert pieces.geometry.union_all().length == pytest.approx(180 + 50 + 3 * 130, abs=0.02)
    west, south, east, north = pieces.total_bounds
    assert (west, south, east, north) == pytest.approx((-130, -130, 130, 230), abs=0.01)


def test_public_nearest_keeps_index_and_takes_any_crs() -> None:
    net = Scene().way("a b", a=(0, 0), b=(1000, 0)).network()
    homes = points_frame(net, {"h": (100, 7), "far": (100, 500)})
    venues = points_frame(net, {"v": (400, 3)}, service=["play"])
    here = gg.nearest(net, homes, venues)
    there = gg.nearest(net, homes.to_crs(3857), venues.to_crs(4326))
    assert here.nearest_s.loc["h", "play"] == pytest.approx(310, abs=0.02)
    assert there.nearest_s.loc["h", "play"] == pytest.approx(310, abs=0.02)
    assert here.nearest_id.loc["h", "play"] == "v"
    assert here.nearest_id.loc["far", "play"] is None
    assert here.linked.to_dict() == {"h": True, "far": False}
    assert np.isinf(here.nearest_s.loc["far", "play"])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.iloc[:0], "no points"),
        (lambda f: f.set_crs(None, allow_override=True), "no CRS"),
        (
            lambda f: f.set_geometry([shapely.Point(float("nan"), 0), *f.geometry[1:]]),
            "not a point",
        ),
        (lambda f: f.set_geometry([None, *f.geometry[1:]]), "not a point"),
        (lambda f: f.set_geometry(f.geometry.buffer(1)), "not a point"),
        (lambda f: pd.concat([f, f]), "unique"),
    ],
)
def test_bad_frames_are_one_clear_error(spoil: object, message: str) -> None:
    net = Scene().way("a b", a=(0, 0), b=(1000, 0)).network()
    homes = points_frame(net, {"h": (100, 7), "i": (200, 7)})
    venues = points_frame(net, {"v": (400, 3)}, service=["play"])
    bad = spoil(homes)  # type: ignore[operator]
    with pytest.raises(InputError, match=message):
        gg.nearest(net, gpd.GeoDataFrame(bad), venues)


def test_the_stream_of_coverage_tells_what_the_matrix_tells() -> None:
    """Homes at 0 and 300 m, candidates at 100 m, far off every street, at 250 m."""
    net = Scene().way("w e", w=(0, 0), e=(400, 0)).network()
    homes = points_frame(net, {"h0": (0, 0), "h3": (300, 0)})
    sites = points_frame(net, {"near": (100, 0), "off": (100, 900), "mid": (250, 0)}).to_crs(4326)
    told = pd.concat(gg.coverage_blocks(net, homes, sites, threshold_s=150))
    assert told.to_dict("list") == {
        "candidate_id": ["near", "mid"],
        "residence_id": ["h0", "h3"],
        "seconds": [100.0, 50.0],
    }
    with pytest.raises(gg.InputError, match="threshold_s"):
        gg.coverage_blocks(net, homes, sites, threshold_s=float("nan"))


def test_facilities_without_service_column_say_so() -> None:
    net = Scene().way("a b", a=(0, 0), b=(1000, 0)).network()
    points = points_frame(net, {"h": (100, 7)})
    with pytest.raises(InputError, match="service"):
        gg.nearest(net, points, points)


def test_snapping_agrees_with_brute_force() -> None:
    scene, _, _ = random_town(4)
    net = scene.network()
    rides = net.flagged(WayFlag.FERRY, WayFlag.LIFT)  # nobody gets in midway
    xy = np.random.default_rng(1).uniform(-80, 500, (300, 2))
    links = snap(net, Entrances.of_points(xy), Linking(snap_max_m=60, island_max_m=0))
    for p, point in enumerate(shapely.points(xy)):
        distance = np.where(rides, np.inf, shapely.distance(point, net.edge_lines))
        assert (links.edge_ix[p] >= 0) == (distance.min() <= 60)
        if links.edge_ix[p] >= 0:
            assert links.leg_cm[p] == round(distance.min() * 100)
            assert distance[links.edge_ix[p]] == pytest.approx(distance.min(), abs=1e-9)


def test_results_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    from gusu_geo.walking import access
    from gusu_geo.walking import coverage as coverages

    scene, homes, venues = random_town(11)
    net = scene.network()
    trips = Trips.of(net)
    linked = [Linked(pd.Index(list(p)), snap(net, entrances(p))) for p in (homes, venues)]
    answers = []
    for threads in (1, 2, 7):
        monkeypatch.setattr(access, "THREADS", threads)
        monkeypatch.setattr(coverages, "THREADS", threads)
        covered = coverage(trips, *linked, threshold_s=900)
        parts = (covered.indptr, covered.indices, covered.data)
        answers.append([table(net, homes, venues, Walk()).tolist(), *(p.tolist() for p in parts)])
    assert len(answers[0][-1]) > 0
    assert answers[0] == answers[1] == answers[2]


def test_the_search_for_one_way_leaves_out_what_lies_behind() -> None:
    """From a venue at the west end of 5 km, for a home 100 m away; a block of 5 s is finished."""
    scene, names = Scene(), [f"n{i}" for i in range(51)]
    scene.place.update({name: (100.0 * i, 0.0) for i, name in enumerate(names)})
    net = scene.way(" ".join(names[:2]))
    for a, b in pairwise(names[1:]):
        net = scene.way(f"{a} {b}")
    trips = Trips.of(net.network())
    venue, home = (
        snap(trips.net, entrances({"p": [xy]}), Linking(island_max_m=0))
        for xy in ((0.0, 1.0), (100.0, 1.0))
    )
    rows = np.zeros(1, np.int32)
    found = ways(trips, goals(trips, venue), rows, starts(trips, home), cutoff_s=6000)
    whole = reach(trips, goals(trips, venue), rows, cutoff_s=6000, towards=True)
    ends = starts(trips, home).node
    assert found.cs[ends].tolist() == whole.cs[ends].tolist()
    assert (whole.cs < INF_CS).all()
    assert (found.cs < INF_CS).sum() < 10


def test_speed_and_steps_enter_by_one_integer_formula() -> None:
    net = Scene().way("a b", a=(0, 0), b=(10, 0)).network()
    pace = replace(Impedance.of(net, Walk()), speed_mmps=1300)
    # 10.00 m at 1.3 m/s are 769.23 cs; 13.00 m at factor 0.5 are 500 cs exactly
    assert pace.cs([1000, 1300], [1000, 500]).tolist() == [769, 500]
    assert pace.cs(13 * 5, 1010).tolist() == 51  # 50.5 rounds up


def test_scene_crs_is_true_to_scale() -> None:
    assert CRS_M.is_projected
