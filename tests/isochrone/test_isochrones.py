"""What must hold for isochrones of every scene (Hypothesis), and what bad questions are told."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_towns import random_town
from scenes import CRS_M, Scene, points_frame

import gusu_geo as gg
from gusu_geo.errors import InputError
from gusu_geo.isochrone.field import CELL_M
from gusu_geo.isochrone.polygons import DECK_M
from gusu_geo.study.params import Walk
from gusu_geo.tables import WayFlag

SEEDS = st.integers(0, 10**9)
MINUTES = (1, 3, 6)
REACH_M = 30.0
TRACE_M2 = 1e-6  # what projecting coordinates may leave
ONE_WAY = int(WayFlag.FORWARD_ONLY | WayFlag.BACKWARD_ONLY)


class Valley(NamedTuple):
    """Streets on both banks of a river, and what blocks: the river as an area, or as a line with
    a width. south, north, river: the ground, in metres."""

    scene: Scene
    barriers: gpd.GeoDataFrame
    south: shapely.Geometry
    north: shapely.Geometry
    river: shapely.Geometry
    bridges: shapely.Geometry


def valley(seed: int, *, bridges: int, drawn: str) -> Valley:
    """Scrambled grids of streets, none of which crosses the river but the bridges."""
    rng = np.random.default_rng(seed)
    width_m = rng.uniform(4, 40)
    bends = [(x, 200 + rng.uniform(-60, 60)) for x in range(-200, 700, 100)]
    course = shapely.LineString(bends)
    caps = {"cap_style": "flat", "join_style": "mitre"}
    river = course.buffer(width_m / 2, quad_segs=2) if drawn == "waterway" else course.buffer(
        width_m / 2, **caps
    )  # fmt: skip
    ground = shapely.box(-190, -300, 590, 700) - river.buffer(1e-9)
    banks = sorted(ground.geoms, key=lambda bank: bank.centroid.y)
    scene = Scene()
    for i in range(5):
        for j in range(7):
            spot = (100 * i + rng.uniform(-30, 30), 65 * j + rng.uniform(-25, 25))
            if river.distance(shapely.Point(spot)) > 1:
                scene.place[f"{i}.{j}"] = spot
    for name in list(scene.place):
        i, j = map(int, name.split("."))
        for other in (f"{i + 1}.{j}", f"{i}.{j + 1}", f"{i + 1}.{j + 1}"):
            if other in scene.place and rng.random() < 0.8:
                line = shapely.LineString([scene.place[name], scene.place[other]])
                if river.distance(line) > 0.5:
                    scene.way(f"{name} {other}")
    decks = []
    for k in range(bridges):
        ends = [_quay(scene, bank, rng.uniform(0, 400)) for bank in (banks[0], banks[-1])]
        scene.way(f"{ends[0]} p{k} q{k} {ends[1]}", flags=WayFlag.BRIDGE)
        decks.append(shapely.LineString([scene.place[end] for end in ends]))
        scene.place[f"p{k}"], scene.place[f"q{k}"] = (
            shapely.get_coordinates(decks[-1].interpolate(share, normalized=True))[0]
            for share in (0.3, 0.7)
        )
    frame = gpd.GeoDataFrame(
        {"kind": [drawn], "width_m": [width_m if drawn == "waterway" else 0.0]},
        geometry=[course if drawn == "waterway" else river],
        crs=CRS_M,
    )
    return Valley(scene, frame, banks[0], banks[-1], river, shapely.union_all(decks))


def _quay(scene: Scene, bank: shapely.Geometry, x: float) -> str:
    """The place of a bank that is nearest to the river at x."""
    mine = {n: spot for n, spot in scene.place.items() if bank.contains(shapely.Point(spot))}
    return min(mine, key=lambda n: abs(mine[n][0] - x) + abs(mine[n][1] - 200))


def asked(
    here: Valley, *, reach_m: float = REACH_M, **options: Any
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Polygons and pieces from the southernmost place."""
    net = here.scene.network()
    spots = here.scene.place
    start = min(spots, key=lambda n: spots[n][1])
    points = points_frame(net, {"p": spots[start]})
    options = {"minutes": MINUTES, "barriers": here.barriers, "island_max_m": 0, **options}
    shapes = gg.isochrones(net, points, reach_m=reach_m, **options)
    return shapes, gg.reached_streets(net, points, **options)


def held(shapes: gpd.GeoDataFrame) -> None:
    """Valid, and each in the next."""
    assert shapes.is_valid.all()
    for inner, outer in pairwise(shapes.geometry):
        assert shapely.difference(inner, outer).area < TRACE_M2


@settings(max_examples=15)
@given(seed=SEEDS, drawn=st.sampled_from(["water", "waterway"]))
def test_an_unbridged_bank_is_never_inside(seed: int, drawn: str) -> None:
    here = valley(seed, bridges=0, drawn=drawn)
    shapes, pieces = asked(here, reach_m=80.0 if seed % 2 else REACH_M)
    held(shapes)
    for shape in shapes.geometry:
        assert shapely.intersection(shape, here.north).area == 0
        assert shapely.intersection(shape, here.river).area < TRACE_M2
    assert pieces.within(here.south.buffer(1e-6)).all()


@settings(max_examples=15)
@example(seed=59244106, bridges=1, drawn="water")  # a border set 200 nm apart
@given(seed=SEEDS, bridges=st.integers(1, 2), drawn=st.sampled_from(["water", "waterway"]))
def test_over_bridges_the_far_bank_is_inside_around_reached_streets_alone(
    seed: int, bridges: int, drawn: str
) -> None:
    here = valley(seed, bridges=bridges, drawn=drawn)
    shapes, pieces = asked(here)
    held(shapes)
    deck = here.bridges.buffer(DECK_M + 0.01)
    for limit in MINUTES:
        shape = shapes.geometry[("p", limit)]
        lines = pieces[pieces["minutes"] == limit].geometry.union_all()
        assert shapely.difference(lines, shape.buffer(1e-6)).length == 0
        for ground, around in (
            (here.river, deck),
            (here.north, shapely.intersection(lines, here.north).buffer(REACH_M + CELL_M)),
            (here.south, shapely.intersection(lines, here.south).buffer(REACH_M + CELL_M)),
        ):
            there = shapely.intersection(shape, ground)
            assert shapely.difference(there, shapely.union(around, deck)).area < TRACE_M2


@settings(max_examples=12)
@given(seed=SEEDS, faster=st.floats(1.01, 2.0))
def test_faster_walking_reaches_no_less(seed: int, faster: float) -> None:
    here = valley(seed, bridges=1, drawn="water")
    (slow, slow_pieces), (fast, fast_pieces) = (
        asked(here, walk=Walk(speed_mps=speed)) for speed in (0.7, 0.7 * faster)
    )
    for limit in MINUTES:
        lines, more = (
            p[p["minutes"] == limit].geometry.union_all() for p in (slow_pieces, fast_pieces)
        )
        assert shapely.difference(lines, more.buffer(0.02)).length == 0
        inner, outer = slow.geometry[("p", limit)], fast.geometry[("p", limit)]
        assert shapely.difference(inner, outer).area <= 1e-3 * inner.area


@settings(max_examples=15)
@given(seed=SEEDS)
def test_towards_equals_from_where_all_streets_are_alike_both_ways(seed: int) -> None:
    scene, homes, _ = random_town(seed)
    scene.ways = [(path, flags & ~ONE_WAY) for path, flags in scene.ways]
    net = scene.network()
    points = points_frame(net, {"p": homes["h0"][0], "q": homes["h1"][0]})
    there, back = (
        gg.isochrones(net, points, minutes=(2, 4), snap_max_m=500, direction=way)
        for way in ("from", "to")
    )
    assert there["street_m"].to_list() == pytest.approx(back["street_m"].to_list(), abs=0.02)
    apart = shapely.symmetric_difference(there.geometry.to_numpy(), back.geometry.to_numpy())
    assert shapely.area(apart).max() < TRACE_M2


@settings(max_examples=15)
@given(seed=SEEDS)
def test_one_at_a_time_equals_batch(seed: int) -> None:
    scene, homes, _ = random_town(seed)
    net = scene.network()
    points = points_frame(net, {name: spots[0] for name, spots in homes.items()})
    batch = gg.isochrones(net, points, minutes=(2, 4), snap_max_m=500)
    for name in points.index:
        one = gg.isochrones(net, points.loc[[name]], minutes=(2, 4), snap_max_m=500)
        assert one.geometry.to_wkb().tolist() == batch.loc[[name]].geometry.to_wkb().tolist()


def test_polygons_do_not_depend_on_threads_and_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    from gusu_geo.isochrone import field as street_field
    from gusu_geo.isochrone import polygons

    scene, homes, _ = random_town(7)
    net = scene.network()
    points = points_frame(net, {name: spots[0] for name, spots in homes.items()})
    drawn = []
    for threads, block, tiles in ((1, 64, 10_000), (2, 3, 10_000), (7, 1, 0)):
        monkeypatch.setattr(polygons, "THREADS", threads)
        monkeypatch.setattr(street_field, "THREADS", threads)
        monkeypatch.setattr(polygons, "BLOCK", block)
        monkeypatch.setattr(polygons, "MAX_TILES", tiles)
        shapes = gg.isochrones(net, points, minutes=(2, 4), snap_max_m=500)
        drawn.append(shapes.geometry.to_wkb().tolist())
    assert drawn[0] == drawn[1] == drawn[2]


def street() -> gpd.GeoDataFrame:
    """A point 7 m off a street of 1,000 m, and one beyond every reach."""
    return points_frame(NET, {"near": (100, 7), "far": (100, 900)})


NET = Scene().way("a b", a=(0, 0), b=(1000, 0)).network()
POINT = shapely.Point
QUESTIONS: list[Callable[..., gpd.GeoDataFrame]] = [gg.isochrones, gg.reached_streets]


@pytest.mark.parametrize("ask", QUESTIONS)
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"minutes": 1e7}, "at most 120. Got 10000000"),
        ({"minutes": 0}, "above 0"),
        ({"minutes": (5, -5)}, "above 0"),
        ({"minutes": float("nan")}, "Got nan"),
        ({"minutes": (5, float("inf"))}, "Got inf"),
        ({"minutes": ()}, "no minutes"),
        ({"minutes": "five"}, "must be a number"),
        ({"direction": "both"}, '"from" or "to"'),
        ({"snap_max_m": 0}, "snap_max_m"),
        ({"snap_max_m": float("nan")}, "snap_max_m"),
        ({"island_max_m": float("nan")}, "island_max_m"),
        ({"barriers": gpd.GeoSeries([shapely.box(0, 0, 1, 1)])}, "no CRS"),
    ],
)
def test_bad_questions_are_one_clear_error(
    ask: Callable[..., gpd.GeoDataFrame], wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        ask(NET, street(), **{"minutes": 5, **wrong})


@pytest.mark.parametrize("reach_m", [0, -1, 501, float("nan"), float("inf")])
def test_bad_reach_is_one_clear_error(reach_m: float) -> None:
    with pytest.raises(InputError, match=f"reach_m must be from 1 to 500 metres. Got {reach_m}"):
        gg.isochrones(NET, street(), reach_m=reach_m)


@pytest.mark.parametrize("ask", QUESTIONS)
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.iloc[:0], "no points"),
        (lambda f: f.set_crs(None, allow_override=True), "no CRS"),
        (lambda f: f.set_geometry([POINT(float("nan"), 0), POINT(0, 0)]), "'near' is not a point"),
        (lambda f: f.set_geometry([POINT(0, 0), POINT(float("inf"), 0)]), "'far' is not a point"),
        (lambda f: f.set_geometry([POINT(0, 0), POINT()]), "'far' is not a point"),
        (lambda f: f.set_geometry([POINT(0, 0), None]), "'far' is not a point"),
        (lambda f: f.set_geometry(f.buffer(1)), "'near' is not a point"),
        (lambda f: pd.concat([f, f]), "must be unique. Got 'near'"),
        # latitude and longitude the wrong way round
        (lambda _: gpd.GeoDataFrame(geometry=[POINT(31.3, 120.6)], crs=4326), "lon, lat. in WGS"),
    ],
)
def test_bad_points_are_one_clear_error(
    ask: Callable[..., gpd.GeoDataFrame], spoil: Callable[..., Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        ask(NET, gpd.GeoDataFrame(spoil(street())), minutes=5)


@pytest.mark.parametrize("ask", QUESTIONS)
def test_one_place_needs_no_frame(ask: Callable[..., gpd.GeoDataFrame]) -> None:
    """A Point or (lon, lat) in degrees is row 0; a series keeps its index."""
    frame = street().to_crs(4326)
    near = frame.geometry.iloc[0]
    expected = ask(NET, frame.iloc[:1].set_axis([0]), minutes=5)
    assert len(expected)
    for place in (near, (near.x, near.y), [near.x, near.y]):
        found = ask(NET, place, minutes=5)
        assert found.equals(expected) and found.crs == "EPSG:4326"
    series = ask(NET, street().geometry, minutes=5)
    assert series.equals(ask(NET, street(), minutes=5))


@pytest.mark.parametrize("ask", [*QUESTIONS, gg.service_areas, lambda net, points, **_: gg.nearest(net, points, points)])  # fmt: skip
@pytest.mark.parametrize(
    "wrong",
    [None, "here", 7.4, (7.4,), (7.4, "x"), [POINT(0, 0)], shapely.LineString([(0, 0), (1, 1)]),
     pd.DataFrame({"x": [1]}), gpd.GeoDataFrame({"x": [1]}), np.zeros((3, 2))],
)  # fmt: skip
def test_what_is_no_point_is_one_clear_error(
    ask: Callable[..., gpd.GeoDataFrame], wrong: object
) -> None:
    with pytest.raises(InputError, match="must be a GeoDataFrame or GeoSeries of points"):
        ask(NET, wrong, minutes=5)


def test_what_is_no_network_is_one_clear_error() -> None:
    for wrong in ("town.npz", None, street()):
        with pytest.raises(InputError, match="net must be of the class WalkNetwork"):
            gg.isochrones(wrong, street(), minutes=5)  # type: ignore[arg-type]
    for wrong in (None, 5, street()):
        with pytest.raises(InputError, match="must be the path of a file, or a networkx graph"):
            gg.read_network(wrong)  # type: ignore[arg-type]


def test_points_beyond_every_street_stay_in_the_table() -> None:
    poles = gpd.GeoDataFrame(
        geometry=[POINT(0, 90), POINT(180, -90)], index=["north", "south"], crs=4326
    )
    for points in (street(), poles):
        shapes = gg.isochrones(NET, points, minutes=(5, 10))
        assert shapes.index.tolist() == [(p, m) for p in points.index for m in (5, 10)]
        lost = shapes[~shapes["linked"]]
        assert lost.geometry.is_empty.all()
        assert (lost[["street_m", "area_m2"]] == 0).all(axis=None)
        assert shapes.crs == points.crs
    assert shapes["linked"].any() == False  # noqa: E712
    assert gg.isochrones(NET, street())["linked"].to_list() == [True] * 3 + [False] * 3
    assert gg.reached_streets(NET, street(), minutes=5).index.unique().to_list() == ["near"]
    nowhere = gg.reached_streets(NET, poles, minutes=5)
    assert len(nowhere) == 0
    assert nowhere.crs == poles.crs
