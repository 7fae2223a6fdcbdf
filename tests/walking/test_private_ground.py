"""Public streets behind private lanes: a part of the private ground. Standard walk, 1.0 m/s."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osm_scenes import document, way
from reached import Reached
from scenes import Scene, points_frame, seconds_of

import gusu_geo as gg
from gusu_geo.scenarios.network_edits import NewLink, Spot, edit_network
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.streets.network_files import load_network, save_network
from gusu_geo.study.params import Walk
from gusu_geo.tables import WayFlag
from gusu_geo.walking.access import measure
from gusu_geo.walking.routes import walked_way
from gusu_geo.walking.trips import Trips

PRIVATE = int(WayFlag.PRIVATE)


def court(*, lanes: str = "a", inner: float = 100.0, street: float = 3000.0) -> Scene:
    """A street along y = 0, a court of ``inner`` metres behind it, private lanes of 50 m between.

    c ----- d        y = 50, from x = 0 to ``inner``
    ~       ~        ~ private, ``lanes``: which of a and b there are
    a - m - b -- e   y = 0; the way a-m-b makes a detour of 400 m
        |
    """
    scene = Scene().way("w a", w=(-1000, 0), a=(0, 0)).way("b e", b=(inner, 0), e=(street, 0))
    scene.way("a m n b", m=(0, -(400 - inner) / 2), n=(inner, -(400 - inner) / 2))
    scene.way("c d", c=(0, 50), d=(inner, 50))
    for name in lanes:
        scene.way(f"{name} {'c' if name == 'a' else 'd'}", flags=PRIVATE)
    return scene


def walked(scene: Scene, home: str = "h", walk: Walk | None = None) -> float:
    return seconds_of(scene.measure(walk=walk, island_max_m=0), home)


def test_residents_of_the_court_leave_by_the_private_lane() -> None:
    scene = court().way("d k", k=(100, 130)).home("h", 100, 120).venue("v", -200, 0)
    assert walked(scene) == 70 + 100 + 50 + 200
    assert walked(scene, walk=Walk(private="open")) == 420.0
    assert walked(scene, walk=Walk(private="closed")) == np.inf


def test_visitors_come_in_by_the_private_lane() -> None:
    scene = court().way("d k", k=(100, 130)).home("h", -200, 0).venue("v", 100, 120)
    assert walked(scene) == 200 + 50 + 100 + 70


def test_the_court_has_the_nearer_of_two_lanes_and_nobody_passes_through_it() -> None:
    """In the court residents walk as they like; from street to street it is 400 m round."""
    scene = court(lanes="ab").home("h", 80, 50).venue("v", 150, 0).home("street", -10, 0)
    assert walked(scene) == 20 + 50 + 50
    assert walked(scene, "street") == 10 + 400 + 50
    assert walked(scene, "street", Walk(private="open")) == 10 + 50 + 100 + 50 + 50


def test_from_court_to_court_over_the_street_between() -> None:
    scene = court().way("e f", flags=PRIVATE, f=(3000, 50)).way("f k", k=(3100, 50))
    scene.home("h", 80, 50).venue("v", 3090, 50)
    table = scene.measure(island_max_m=0, cutoff_s=4000)
    assert seconds_of(table, "h") == 80 + 50 + 400 + 2900 + 50 + 90


def test_from_court_to_court_over_private_lanes_alone() -> None:
    scene = court().way("d p", flags=PRIVATE, p=(100, 90)).way("p q", q=(300, 90))
    assert walked(scene.home("h", 20, 50).venue("v", 250, 90)) == 80 + 40 + 150


@pytest.mark.parametrize(("inner", "wanted"), [(4_990.0, 110.0), (5_010.0, np.inf)])
def test_a_quarter_of_five_kilometres_is_no_court(inner: float, wanted: float) -> None:
    """Its residents have streets of their own; private ways lead nobody out of it or into it."""
    scene = (
        Scene()
        .way("w a e", w=(-6000, 0), a=(0, 0), e=(100, 0))
        .way("c d", c=(0, 50), d=(inner, 50))
    )
    scene.way("a c", flags=PRIVATE).home("h", 20, 50).venue("v", -40, 0)
    assert walked(scene) == wanted


@pytest.mark.parametrize("far", [200.0, 50.0])
def test_the_longest_piece_is_the_street_however_short(far: float) -> None:
    """Street w-a of 200 m and court c-d of 100 m; with 50 m of street the court is the street."""
    scene = Scene().way("w a", w=(-far, 0), a=(0, 0)).way("c d", c=(0, 50), d=(100, 50))
    scene.way("a c", flags=PRIVATE)
    assert walked(scene.home("h", 60, 50).venue("v", -40, 0)) == 60 + 50 + 40
    net = scene.way("i j", i=(0, 900), j=(10, 900)).network()  # which no private way meets
    (inside,) = net.edge_lines[net.flagged(WayFlag.ENCLOSED)]
    assert inside.length == pytest.approx(min(far, 100))


def test_steps_join_a_court_for_everybody_and_a_ferry_does_not() -> None:
    """With public steps from d to e the court is a street: its lane is its neighbours'. A ferry
    that hardly anybody takes changes nothing."""
    for flags, wanted in ((WayFlag.STEPS, np.inf), (WayFlag.FERRY, 330.0)):
        scene = court().home("h", 80, 50).venue("v", -200, 0)
        scene.way("d e", flags=int(flags))
        table = scene.measure(island_max_m=0, cutoff_s=600)
        assert seconds_of(table, "h") == wanted


def test_a_new_link_takes_no_way_from_the_court_and_lets_others_pass() -> None:
    """Links from the court's ends c and d to the street, 1 m long, beside its private lanes."""
    scene = court(lanes="b").home("h", 80, 50).home("street", -10, 0).venue("v", 150, 0)
    net = scene.network()
    links = [NewLink(spot(net, *one), spot(net, *other), 500) for one, other in ((C, A), (D, B))]
    before, after = times(scene, net, []), times(scene, net, links)
    assert before == {"h": 20 + 50 + 50, "street": 10 + 400 + 50}
    assert after == {"h": 20 + 5 + 50, "street": 10 + 5 + 100 + 5 + 50}
    only = times(scene, net, links[:1])  # farther for the home: it keeps its lane
    assert only == before


A, B, C, D = (0, 0), (100, 0), (0, 50), (100, 50)


def spot(net: WalkNetwork, x: float, y: float) -> Spot:
    """An end of a street without private flags at these metres."""
    for edge in np.flatnonzero(~net.flagged(WayFlag.PRIVATE)):
        for node, cm in ((net.edge_u, 0), (net.edge_v, int(net.length_cm[edge]))):
            if np.abs(net.node_xy[node[edge]] - (x, y)).max() < 0.01:
                return Spot(int(edge), cm)
    raise AssertionError("no street ends there")


def times(scene: Scene, net: WalkNetwork, links: list[NewLink]) -> dict[str, float]:
    edited = edit_network(net, links=links)
    homes = scene.linked(net, scene.homes, island_max_m=0)
    venues = scene.linked(net, {"v": scene.venues["v"][2]}, island_max_m=0)
    table = measure(
        Trips.of(edited.network), homes, venues, service=["s"], venue=["v"], min_count={"s": 1},
        cutoff_s=1800,
    )  # fmt: skip
    return table.nearest_s["s"].to_dict()


def test_the_way_walked_leads_through_the_lane() -> None:
    net = court().network()
    linked = [Scene().linked(net, {"p": [xy]}, island_max_m=0) for xy in ((80, 50), (-200, 0))]
    for one, other in (linked, linked[::-1]):
        route = walked_way(Trips.of(net), one, other, residence=0, facility=0, cutoff_s=900)
        assert route is not None
        assert (route.time_cs, route.length_m) == (33_000, pytest.approx(330, abs=0.01))


def test_isochrones_of_street_and_court(tmp_path: Path) -> None:
    """Two minutes: from the court out to 20 m of street, from the street into 20 m of court."""
    near = Reached(court(), at=(50, 50), minutes=(2,), folder=tmp_path)
    near.inside(2, (-19, 0), (0, -19), (0, 25), (99, 50))
    assert near.street_m(2) == pytest.approx(100 + 50 + 2 * 20, abs=0.05)
    street = Reached(court(), at=(-50, 0), minutes=(2,), folder=tmp_path)
    street.inside(2, (0, 25), (19, 50))
    assert street.street_m(2) == pytest.approx(120 + 50 + 70 + 50 + 20, abs=0.05)


def test_a_saved_network_knows_its_courts(tmp_path: Path) -> None:
    net = court().network()
    assert net.flagged(WayFlag.ENCLOSED).sum() == 1
    save_network(net, tmp_path / "net.npz")
    assert np.array_equal(load_network(tmp_path / "net.npz").edge_flags, net.edge_flags)


@pytest.mark.parametrize("private", ["ends", "open"])
def test_a_compound_drawn_in_openstreetmap(private: str, tmp_path: Path) -> None:
    """The usual drawing: the lane at the gate is private, the paths behind it have no tag."""
    street = way(1, range(1, 11), "highway=residential")
    lane = way(2, (5, 15), "highway=service; access=private")
    inside = way(3, (15, 25, 26), "highway=footway")
    path = tmp_path / "a.osm"
    path.write_text(document(street, lane, inside), encoding="utf-8")
    net = gg.read_network(path)
    spots = {
        name: tuple(net.node_xy[net.osm_node == at][0]) for name, at in (("in", 26), ("out", 1))
    }
    frame = points_frame(net, spots, service=["s", "s"])
    options = {"walk": Walk(speed_mps=5.0, private=private), "island_max_m": 0}
    out = gg.nearest(net, frame.loc[["in"]], frame.loc[["out"]], **options).nearest_s
    back = gg.nearest(net, frame.loc[["out"]], frame.loc[["in"]], **options).nearest_s
    wanted = (5 * 1113.2 + 2 * 1105.7) / 5  # steps of the grid east and north, on foot at 5 m/s
    assert out.loc["in", "s"] == back.loc["out", "s"] == pytest.approx(wanted, rel=0.005)
