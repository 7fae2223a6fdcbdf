"""Service areas and uncovered ground: widths and ends worked out by hand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scenes import CRS_M, Scene, points_frame

import gusu_geo as gg
from gusu_geo.isochrone.isochrones import painter_of
from gusu_geo.isochrone.service_areas import Drawer, ServiceVenues
from gusu_geo.walking.linkage import Linking
from gusu_geo.walking.trips import Trips


def street() -> Scene:
    """2 km from west to east; a minute is 60 m."""
    return Scene().way("w e", w=(0, 0), e=(2000, 0))


def areas(scene: Scene, venues: dict[str, tuple[float, float]], **options: Any) -> gg.ServiceAreas:
    net = scene.network()
    service = [name[0] for name in venues]
    frame = points_frame(net, venues, service=service)
    return gg.service_areas(net, frame, barriers=scene.barriers(), **options)


def inside(shape: shapely.Geometry, *points: tuple[float, float]) -> list[bool]:
    return [bool(shapely.covers(shape, shapely.Point(point))) for point in points]


def test_the_union_of_all_venues_and_the_rest_of_the_street() -> None:
    """Two venues 600 m apart at 5 minutes: 300 m either side, less the step off the street."""
    found = areas(street(), {"a1": (500, 0), "a2": (1100, 0)}, minutes=5)
    served, bare = found.served.geometry["a"], found.uncovered.geometry["a"]
    assert inside(served, (202, 0), (800, 0), (1398, 0), (500, 25)) == [True] * 4
    assert inside(served, (196, 0), (1404, 0), (800, 35)) == [False] * 3
    assert inside(bare, (196, 0), (1404, 0), (1990, 25)) == [True] * 3
    assert inside(bare, (210, 0), (800, 0), (1390, 0), (100, 40)) == [False] * 4
    assert shapely.area(shapely.intersection(served, bare)) == pytest.approx(0, abs=0.01)
    assert found.served["minutes"].tolist() == [5.0]
    assert found.served.index.tolist() == found.uncovered.index.tolist() == ["a"]


def test_every_service_for_itself_and_within_the_area_only() -> None:
    area = gpd.GeoSeries([shapely.box(0, -100, 1000, 100)], crs=CRS_M)
    found = areas(street(), {"a1": (100, 0), "b1": (1900, 0)}, minutes=5, area=area)
    assert inside(found.served.geometry["a"], (300, 0), (500, 0)) == [True, False]
    assert found.served.geometry["b"].is_empty  # its venue serves nobody in here
    assert inside(found.uncovered.geometry["b"], (300, 0), (990, 0)) == [True, True]
    assert found.uncovered.total_bounds[2] <= 1000


def test_the_far_bank_of_a_canal_is_uncovered() -> None:
    scene = Scene().way("a b e d c", a=(0, 0), b=(600, 0), e=(2600, 15), d=(600, 30), c=(0, 30))
    scene.water = [shapely.box(-50, 10, 650, 20)]
    found = areas(scene, {"a1": (300, 0)}, minutes=15)
    served, bare = found.served.geometry["a"], found.uncovered.geometry["a"]
    assert inside(served, (300, 5), (300, 25), (300, 40)) == [True, False, False]
    assert inside(bare, (300, 25), (300, 40), (300, 5)) == [True, True, False]
    assert inside(bare, (300, 15)) == [False]  # water is nobody's


def test_where_several_venues_are_needed() -> None:
    """At 5 minutes: 200 to 800 and 700 to 1,300; both from 700 to 800."""
    scene, net = street(), street().network()
    trips = Trips.of(net)
    links = scene.linked(net, {"x": [(500, 0)], "y": [(1000, 0)]}).links
    drawer = Drawer.of(trips, painter_of(trips, Linking()), None)
    asked = {"a": ServiceVenues([np.array([0]), np.array([1])], 2, 30_000)}
    served = drawer.areas(asked, links, links).served.geometry["a"]
    assert inside(served, (705, 0), (795, 0)) == [True, True]
    assert inside(served, (690, 0), (810, 0), (500, 0)) == [False] * 3


def test_what_a_venue_behind_a_wall_may_serve_is_not_called_uncovered() -> None:
    scene, net = street(), street().network()
    trips = Trips.of(net)
    scene.block("wall", (400, 10), (600, 10), (600, 40), (400, 40), (400, 10))
    shut = scene.linked(net, {"x": [(500, 20)]}).links
    assert shut.edge_ix.tolist() == [-1]
    scene.blocks = []
    entered = scene.linked(net, {"x": [(500, 20)]}).links
    drawer = Drawer.of(trips, painter_of(trips, Linking()), None)
    asked = {"a": ServiceVenues([np.array([0])], 1, 30_000, possible=True)}
    found = drawer.areas(asked, shut, entered)
    assert found.served.geometry["a"].is_empty
    assert inside(found.uncovered.geometry["a"], (500, 0), (1000, 0)) == [False, True]


def test_two_are_needed_and_one_of_them_may_be_behind_a_wall() -> None:
    """At 5 minutes: 200 to 800, perhaps 720 to 1,280, and 1,000 to 1,600; no two for certain."""
    scene, net = street(), street().network()
    venues = {"x": [(500.0, 0.0)], "y": [(1000.0, 20.0)], "z": [(1300.0, 0.0)]}
    scene.block("wall", (900, 10), (1100, 10), (1100, 40), (900, 40), (900, 10))
    shut = scene.linked(net, venues).links
    assert (shut.edge_ix >= 0).tolist() == [True, False, True]
    scene.blocks = []
    entered = scene.linked(net, venues).links
    trips = Trips.of(net)
    drawer = Drawer.of(trips, painter_of(trips, Linking()), None)
    each = [np.array([row]) for row in range(3)]
    found = drawer.areas({"a": ServiceVenues(each, 2, 30_000, possible=True)}, shut, entered)
    assert found.served.geometry["a"].is_empty
    bare = found.uncovered.geometry["a"]
    assert inside(bare, (750, 0), (1150, 0)) == [False, False]
    assert inside(bare, (500, 0), (900, 0), (1400, 0)) == [True] * 3
    certain = drawer.areas({"a": ServiceVenues(each, 2, 30_000)}, shut, entered).uncovered.geometry[
        "a"
    ]
    assert inside(certain, (750, 0), (1150, 0)) == [True, True]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minutes": 1e7}, "minutes must be above 0"),
        ({"minutes": float("nan")}, "minutes must be above 0"),
        ({"reach_m": 0}, "reach_m must be from 1"),
        ({"area": gpd.GeoSeries([shapely.box(0, 0, 1, 1)])}, "no CRS"),
        ({"area": gpd.GeoSeries([shapely.Point(0, 0)], crs=CRS_M)}, "no polygon"),
    ],
)
def test_bad_questions_are_one_clear_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(gg.InputError, match=message):
        areas(street(), {"a1": (500, 0)}, **options)


def test_facilities_without_service_say_so() -> None:
    net = street().network()
    with pytest.raises(gg.InputError, match="service"):
        gg.service_areas(net, points_frame(net, {"p": (1, 0)}))


def test_missing_links_weighs_residences_of_any_crs() -> None:
    """Two streets 40 m apart, joined 600 m away: the homes are heard of in degrees too."""
    scene = Scene().way("a b c d", a=(0, 0), b=(600, 0), c=(600, 40), d=(0, 40))
    net = scene.network()
    homes = points_frame(net, {"h": (5, 1), "i": (5, 39)}, persons=[7, 5]).to_crs(4326)
    found = gg.missing_links(net, residences=homes)
    assert found["persons"].iloc[0] == 12
    assert found["walk_m"].iloc[0] == pytest.approx(1240, abs=120)
    homes["persons"] = [7, -1]
    with pytest.raises(gg.InputError, match="'i' must be from 0"):
        gg.missing_links(net, residences=homes)
