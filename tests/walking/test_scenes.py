"""Times worked out by hand on tiny drawn scenes. Standard walk: 1.0 m/s, so metres are seconds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from scenes import CRS_M, Scene, seconds_of

from gusu_geo.errors import NetworkError
from gusu_geo.streets.network import build_network
from gusu_geo.study.params import Walk
from gusu_geo.tables import StreetWays, WayFlag
from gusu_geo.walking.linkage import Reason
from gusu_geo.walking.routes import walked_way
from gusu_geo.walking.trips import Trips


def canal(*, bridge: bool) -> Scene:
    """Two streets along a canal 20 m wide; the bridge stands 400 m down the street.

    h .                     v right opposite of h
    a ---------------- b    y = 0
    ~~~~~~~ canal ~~~~ |    0 > y > -20
    c ---------------- d    y = -20
    """
    scene = Scene().way("a b", a=(0, 0), b=(400, 0)).way("c d", c=(0, -20), d=(400, -20))
    if bridge:
        scene.way("b d", flags=WayFlag.BRIDGE)
    scene.water = [shapely.box(-50, -18, 390, -2)]
    return scene.home("h", 10, 5).venue("v", 10, -25)


def test_canal_is_crossed_at_its_bridge_only() -> None:
    table = canal(bridge=True).measure()
    # 5 to the street, 390 to the bridge, 20 over it, 390 back, 5 to the door
    assert seconds_of(table, "h") == pytest.approx(5 + 390 + 20 + 390 + 5, abs=0.02)


def test_canal_without_bridge_is_never_crossed() -> None:
    table = canal(bridge=False).measure(island_max_m=0)
    assert seconds_of(table, "h") == np.inf


def test_home_at_the_water_links_to_its_own_bank() -> None:
    scene = canal(bridge=True)
    scene.way("e f", e=(0, 60), f=(400, 60)).way("f b")
    # nearer to the street across (15 m) than to the one behind (55 m), but the canal lies between
    scene.place.update(a=(0, 30), b=(400, 30))
    scene.home("h", 10, -1.5)
    net = scene.network()
    links = scene.linked(net, scene.homes).links
    assert links.foot_xy[0] == pytest.approx([10, 30], abs=0.01)
    assert links.leg_cm[0] == 3150


def test_unlinked_when_only_streets_across_water_are_near() -> None:
    scene = Scene().way("c d", c=(0, -20), d=(400, -20)).home("h", 10, 5).venue("v", 300, -20)
    scene.water = [shapely.box(-50, -18, 450, -2)]
    table = scene.measure()
    assert not table.is_linked[0]
    assert table.reason[0] == Reason.WATER


def test_a_canal_drawn_as_a_line_is_not_crossed_either() -> None:
    scene = Scene().way("c d", c=(0, -20), d=(400, -20)).home("h", 10, 5).venue("v", 300, -20)
    scene.water = [shapely.LineString([(-50, -10), (450, -10)])]
    assert scene.measure().reason[0] == Reason.WATER


def test_two_points_on_one_edge_walk_straight_along_it() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).home("h", 300, 7).venue("v", 420, -3)
    assert seconds_of(scene.measure(), "h") == pytest.approx(7 + 120 + 3, abs=0.02)


def test_same_edge_may_be_quicker_around_the_loop() -> None:
    """A loop street of 400 m: from 10 m to 390 m it is 20 m round the start, not 380 m along."""
    scene = (
        Scene()
        .way("a b c d a", a=(0, 0), b=(100, 0), c=(100, 100), d=(0, 100))
        .way("a x", x=(-200, 0))
    )
    scene.home("h", 10, 0).venue("v", 0, 10)
    assert seconds_of(scene.measure(), "h") == pytest.approx(20, abs=0.02)


def test_parallel_edges_take_the_shorter_and_are_not_summed() -> None:
    """a-b twice: straight 100 m, and bent over 160 m. A home on the bend uses both."""
    scene = (
        Scene()
        .way("a b", a=(0, 0), b=(100, 0))
        .way("a m n b", m=(0, 30), n=(100, 30))
        .way("b z", z=(400, 0))
        .home("h", -3, 0)
        .home("bend", 20, 30)
        .venue("v", 400, 0)
    )
    table = scene.measure()
    assert seconds_of(table, "h") == pytest.approx(3 + 100 + 300, abs=0.02)
    assert seconds_of(table, "bend") == pytest.approx(min(80 + 30, 20 + 30 + 100) + 300, abs=0.02)


def test_zero_length_edge_costs_nothing() -> None:
    scene = (
        Scene()
        .way("a b", a=(0, 0), b=(100, 0))
        .way("b c", c=(100, 0))
        .way("c d", d=(200, 0))
        .home("h", 0, 0)
        .venue("v", 200, 0)
    )
    assert seconds_of(scene.measure(), "h") == pytest.approx(200, abs=0.02)


def test_island_is_not_linked_and_says_so() -> None:
    scene = (
        Scene()
        .way("a b", a=(0, 0), b=(2000, 0))
        .way("i j", i=(5000, 0), j=(5100, 0))
        .home("h", 5050, 5)
        .venue("v", 100, 0)
    )
    table = scene.measure()
    assert table.reason[0] == Reason.ISLAND
    assert seconds_of(table, "h") == np.inf
    # when islands count as streets, the home is linked, and still reaches nothing
    table = scene.measure(island_max_m=0)
    assert table.is_linked[0]
    assert seconds_of(table, "h") == np.inf


@pytest.mark.parametrize(("metres", "linked"), [(99.99, True), (100.0, True), (101.0, False)])
def test_home_101_m_from_any_street_is_not_linked(metres: float, linked: bool) -> None:
    scene = Scene().way("a b", a=(0, 0), b=(500, 0)).home("h", 200, metres).venue("v", 400, 0)
    table = scene.measure(snap_max_m=100)
    assert bool(table.is_linked[0]) is linked
    assert table.reason[0] == (Reason.LINKED if linked else Reason.TOO_FAR)
    if linked:
        assert seconds_of(table, "h") == pytest.approx(metres + 200, abs=0.02)


def test_cutoff_is_inclusive_to_the_centisecond() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(900, 0)).home("h", 0, 0).venue("v", 900, 0)
    assert scene.measure(cutoff_s=900.0).nearest_cs[0, 0] == 90_000
    assert seconds_of(scene.measure(cutoff_s=899.99), "h") == np.inf


def test_steps_cost_their_factor_and_nothing_else_does() -> None:
    scene = (
        Scene()
        .way("a b", a=(0, 0), b=(100, 0))
        .way("b c", c=(150, 0), flags=WayFlag.STEPS)
        .way("c d", d=(300, 0))
        .home("h", 0, 4)
        .venue("v", 300, 0)
    )
    assert seconds_of(scene.measure(), "h") == pytest.approx(4 + 100 + 2 * 50 + 150, abs=0.02)
    slow = Walk(speed_mps=0.8, steps_factor=3.0)
    assert seconds_of(scene.measure(walk=slow), "h") == pytest.approx(
        (4 + 100 + 150 + 150) / 0.8, abs=0.03
    )


def test_escalator_is_walked_one_way() -> None:
    """Home a, venue b: the escalator a-b (100 m) may be walked from a to b; back it is 300 m."""
    scene = (
        Scene()
        .way("a b", a=(0, 0), b=(100, 0), flags=WayFlag.FORWARD_ONLY)
        .way("a m n b", m=(0, 100), n=(100, 100))
        .way("b z", z=(1500, 0))
        .home("h", -1, 0)
        .home("back", 101, 0)
        .venue("v", 101, 0, service="down")
        .venue("w", -1, 0, service="up")
    )
    table = scene.measure()
    assert seconds_of(table, "h", "down") == pytest.approx(1 + 101, abs=0.02)
    assert seconds_of(table, "back", "up") == pytest.approx(1 + 300 + 1, abs=0.02)


def test_same_edge_respects_one_way() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(100, 0), flags=WayFlag.BACKWARD_ONLY)
    scene.way("a m n b", m=(0, 100), n=(100, 100)).home("h", 40, 0).venue("v", 60, 0)
    # 40 m back to a, 300 m round, 40 m back along the one-way edge
    assert seconds_of(scene.measure(), "h") == pytest.approx(40 + 300 + 40, abs=0.02)


def test_closed_gate_stops_and_both_sides_stay_linked() -> None:
    scene = Scene(closed="g").way("a g b", a=(0, 0), g=(100, 0), b=(200, 0))
    scene.way("a p q b", p=(0, 300), q=(200, 300)).home("h", 90, 0).venue("v", 110, 0)
    assert seconds_of(scene.measure(), "h") == pytest.approx(90 + 800 + 90, abs=0.02)
    assert scene.network().nodes == 4  # a, b and the gate once for each side


def test_best_of_several_entrances_counts() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0))
    scene.home("h", 100, 50, 300, 10).venue("v", 900, 20, 500, 0)
    assert seconds_of(scene.measure(), "h") == pytest.approx(10 + 200, abs=0.02)


def test_private_ways_can_be_closed() -> None:
    scene = (
        Scene()
        .way("a b", a=(0, 0), b=(100, 0), flags=WayFlag.PRIVATE)
        .way("a m n b", m=(0, 100), n=(100, 100))
        .home("h", -1, 0)
        .venue("v", 101, 0)
    )
    assert seconds_of(scene.measure(walk=Walk(private="open")), "h") == pytest.approx(102, abs=0.02)
    assert seconds_of(scene.measure(walk=Walk(private="closed")), "h") == pytest.approx(
        302, abs=0.02
    )


def test_nobody_steps_off_a_bridge_or_out_of_a_tunnel() -> None:
    for flag in (WayFlag.BRIDGE, WayFlag.TUNNEL):
        scene = Scene().way("a b", a=(0, 0), b=(1000, 0), flags=flag).way("b c", c=(1000, 80))
        scene.home("h", 500, 1).home("end", 990, 40).venue("v", 1000, 80)
        table = scene.measure()
        assert list(table.is_linked) == [False, True]


def test_min_count_waits_for_the_second_venue_not_the_second_door() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).home("h", 0, 0)
    scene.venue("v1", 100, 0, of="v").venue("v2", 150, 0, of="v").venue("w", 600, 0)
    table = scene.measure(counts={"s": 2})
    assert table.nearest_cs[0, 0] == 10_000
    assert table.counted_cs[0, 0] == 60_000


def test_one_stop_is_one_venue_with_all_services() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(2000, 0)).home("h", 0, 0)
    scene.venue("p:x", 100, 0, service="x", of="p").venue("q:y", 200, 0, service="y", of="q")
    scene.venue("r:x", 700, 0, service="x", of="r").venue("r:y", 705, 0, service="y", of="r")
    table = scene.measure()
    assert list(table.nearest_cs[0]) == [10_000, 20_000]
    assert table.one_stop_cs[0] == 70_000
    assert table.facility_ids[table.one_stop_ix[0]] == "r:x"


def test_equal_times_name_the_first_venue() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(200, 0)).home("h", 100, 0)
    scene.venue("left", 0, 0).venue("right", 200, 0)
    assert scene.measure().nearest_id.loc["h", "s"] == "left"


def test_no_streets_is_one_clear_error() -> None:
    empty = StreetWays(
        node_ids=np.zeros(0, np.int64), lonlat=np.zeros((0, 2)), node_flags=np.zeros(0, np.int16),
        way_ptr=np.zeros(1, np.int64), way_nodes=np.zeros(0, np.int64), way_ids=np.zeros(0, np.int64),
        highway=np.zeros(0, str), name=np.zeros(0, object), flags=np.zeros(0, np.int16),
    )  # fmt: skip
    with pytest.raises(NetworkError, match="no walkable streets"):
        build_network(empty, CRS_M)


def test_a_way_names_each_street_once_in_a_row_and_passes_over_the_unnamed() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(100, 0)).way("b c", c=(200, 0)).way("c d", d=(300, 0))
    scene.way("d e", e=(400, 0)).home("h", 10, 0).venue("v", 390, 0)
    net = scene.network()
    order = np.argsort(net.way_id)
    names = np.empty(4, object)
    names[order] = ["East Street", "", "East Street", "West Lane"]
    net = replace(net, name=names)
    linked = [scene.linked(net, {"h": [(10, 0)]}), scene.linked(net, {"v": [(390, 0)]})]
    way = walked_way(Trips.of(net), *linked, residence=0, facility=0, cutoff_s=900)
    assert way is not None
    assert way.streets == ("East Street", "West Lane")
