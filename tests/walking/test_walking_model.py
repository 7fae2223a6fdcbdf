"""The walking model in scenes worked out by hand, and its document held to the code.

Standard walk unless said: 1.0 m/s, so metres are seconds; steps twice as long; a crossing 5 s, a light
20 s, a lift 60 s. All times exact to the centisecond.
"""

from __future__ import annotations

import math
import re
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Scene, seconds_of

from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.params import NetworkParams, Walk
from gusu_geo.tables import NodeFlag, WayFlag

ON_FOOT, STEPS, NO_WHEELS = WayFlag.ON_FOOT, WayFlag.STEPS, WayFlag.NO_WHEELS
LIFT, FERRY, PRIVATE = WayFlag.LIFT, WayFlag.FERRY, WayFlag.PRIVATE
CROSSING, SIGNALS = NodeFlag.CROSSING, NodeFlag.SIGNALS
WHEELCHAIR = Walk(profile="wheelchair")


def walked(scene: Scene, walk: Walk | None = None, home: str = "h") -> float:
    """Seconds from the home to the nearest venue, off-street legs of 0 m."""
    return seconds_of(scene.measure(walk=walk, cutoff_s=7200), home)


# Steps and wheels


def stairs(flags: int = STEPS | NO_WHEELS) -> Scene:
    """Stairs of 30 m straight on, beside a ramp of 120 m round them; 100 m of street either side.

    h ---- a ==== b ---- v      a = b: stairs
            \\____/              ramp over c and d: 45 + 30 + 45 m
    """
    scene = Scene().way("s a", s=(0, 0), a=(100, 0)).way("b t", b=(130, 0), t=(230, 0))
    scene.way("a b", flags=flags).way("a c d b", c=(100, -45), d=(130, -45))
    return scene.home("h", 0, 0).venue("v", 230, 0)


def test_stairs_are_quicker_than_the_ramp_on_foot_and_barred_on_wheels() -> None:
    assert walked(stairs()) == pytest.approx(100 + 2 * 30 + 100, abs=0.005)
    assert walked(stairs(), Walk(profile="wheelchair", speed_mps=1.0)) == 320.0  # by the ramp
    assert walked(stairs(), WHEELCHAIR) == pytest.approx(320 / 0.8, abs=0.02)
    assert walked(stairs(), Walk(wheels=True)) == 320.0


def test_frail_people_take_the_ramp_when_the_stairs_take_longer() -> None:
    # at 0.6 m/s stairs of 30 m are 150 s, a ramp of 120 m is 200 s
    assert walked(stairs(), Walk(profile="frail")) == pytest.approx((200 + 90) / 0.6, abs=0.02)
    assert walked(stairs(), Walk(steps_factor=5)) == 320.0  # 150 s of stairs, 120 s of ramp


def test_wheels_take_steps_with_a_ramp_at_the_pace_of_steps() -> None:
    assert walked(stairs(STEPS), Walk(wheels=True)) == 260.0


def test_wheels_without_any_way_round_do_not_get_there() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(100, 0)).way("b c", flags=NO_WHEELS, c=(130, 0))
    scene.way("c d", d=(300, 0)).home("h", 0, 0).venue("v", 300, 0)
    assert walked(scene) == 300.0
    assert walked(scene, WHEELCHAIR) == np.inf


def test_a_home_beside_steps_is_linked_to_what_its_wheels_may_use() -> None:
    scene = Scene().way("a b", flags=STEPS | NO_WHEELS, a=(0, 0), b=(100, 0))
    scene.way("a c d b", c=(0, 40), d=(100, 40)).way("b e", e=(500, 0))
    scene.home("h", 50, 5).venue("v", 500, 0)
    assert walked(scene) == pytest.approx(5 + 2 * 50 + 400, abs=0.01)
    assert walked(scene, Walk(wheels=True)) == pytest.approx(35 + 50 + 40 + 400, abs=0.01)


# Crossings and lights


def crossing(flag: int, *, island: bool = False) -> Scene:
    """A road from west to east, crossed by a footway from south to north at 500 m.

    s 0,-100 --- x 500,0 --- n: the footway leaves the road's foot at 500, 100 m long each side
    """
    scene = Scene().way("w x e", w=(0, 0), x=(500, 0), e=(1000, 0))
    scene.nodes["x"] = flag
    scene.way("s x n", flags=ON_FOOT, s=(500, -100), n=(500, 100))
    if island:  # the other carriageway, 20 m north
        scene.way("w2 x2 e2", w2=(0, 20), x2=(500, 20), e2=(1000, 20))
        scene.ways[1] = (["s", "x", "x2", "n"], ON_FOOT)
        scene.nodes["x2"] = flag
    return scene.home("south", 500, -100).home("west", 0, 0)


@pytest.mark.parametrize(
    ("flag", "wait_s"), [(CROSSING, 5), (SIGNALS, 20), (CROSSING | SIGNALS, 20)]
)
def test_who_crosses_waits_once_and_who_walks_along_does_not(flag: int, wait_s: int) -> None:
    across = crossing(flag).venue("v", 500, 100)
    assert walked(across, home="south") == 200 + wait_s
    along = crossing(flag).venue("v", 1000, 0)
    assert walked(along, home="west") == 1000.0
    onto = crossing(flag).venue("v", 500, 100)  # from the road onto the footway: half the road
    assert walked(onto, home="west") == 500 + 100 + wait_s / 2


def test_a_road_with_an_island_is_crossed_twice() -> None:
    assert walked(crossing(SIGNALS, island=True).venue("v", 500, 100), home="south") == 240.0


def test_waits_are_the_ones_given_to_the_centisecond() -> None:
    walk = Walk(crossing_s=7.5, signal_s=33.75)
    across = crossing(CROSSING).venue("v", 500, 100)
    assert walked(across, walk, "south") == 207.5
    light = crossing(SIGNALS).venue("v", 500, 100)
    # 33.75 s are 3,375 cs: halves of 1,687.5, each rounded to whole centiseconds
    assert walked(light, walk, "south") == pytest.approx(233.75, abs=0.011)
    assert walked(light, Walk(crossing_s=0, signal_s=0), "south") == 200.0


def test_a_wait_does_not_depend_on_the_direction() -> None:
    there, back = crossing(SIGNALS), crossing(SIGNALS).home("north", 500, 100)
    assert walked(there.venue("v", 500, 100), home="south") == walked(
        back.venue("v", 500, -100), home="north"
    )


def test_a_footway_drawn_in_pieces_costs_no_more() -> None:
    scene = crossing(CROSSING).venue("v", 500, 100)
    scene.place |= {"m": (500, -10), "k": (500, 10)}
    scene.ways[1:] = [(["s", "m"], ON_FOOT), (["m", "x", "k"], ON_FOOT), (["k", "n"], ON_FOOT)]
    assert walked(scene, home="south") == 205.0
    scene.ways[1:] = [(["s", "m", "x"], ON_FOOT), (["x", "k", "n"], ON_FOOT)]
    assert walked(scene, home="south") == 205.0


def test_a_crossing_whose_road_is_not_drawn_is_still_waited_for() -> None:
    scene = Scene().way("s x n", flags=ON_FOOT, s=(0, -100), x=(0, 0), n=(0, 100))
    scene.nodes["x"] = CROSSING
    assert walked(scene.home("h", 0, -100).venue("v", 0, 100)) == 205.0


# Lifts


def lift_as_point() -> Scene:
    """Down at the quay, up on the rock: a lift at 100 m, or stairs of 300 m round it."""
    scene = Scene().way("a x", a=(0, 0), x=(100, 0)).way("x b", b=(200, 0))
    scene.nodes["x"] = NodeFlag.LIFT
    scene.way("a c d b", flags=STEPS, c=(0, 50), d=(200, 50))
    return scene.home("h", 0, 0).venue("v", 200, 0)


def lift_as_way() -> Scene:
    scene = lift_as_point()
    scene.nodes.clear()
    scene.place |= {"x": (98, 0), "y": (102, 0)}
    scene.ways[1:2] = [(["x", "y"], LIFT), (["y", "b"], 0)]
    return scene


@pytest.mark.parametrize("scene", [lift_as_point(), lift_as_way()], ids=["point", "way"])
def test_a_lift_is_waited_for_once_and_can_be_closed(scene: Scene) -> None:
    assert walked(scene) == 200 + 60
    assert walked(scene, Walk(lift_s=91)) == 291.0
    assert walked(scene, Walk(lifts="closed")) == 600.0  # 300 m of stairs
    assert walked(scene, Walk(lift_s=500)) == 600.0  # stairs are quicker than so long a wait


def test_a_lift_drawn_in_two_pieces_is_one_lift() -> None:
    scene = lift_as_way()
    scene.place["m"] = (100, 0)
    scene.ways[1] = (["x", "m", "y"], LIFT)
    scene.ways.append((["x", "q", "r", "m"], LIFT))  # m becomes a junction of lift ways only
    scene.place |= {"q": (98, 5), "r": (100, 5)}
    assert walked(scene) == 260.0


# Ferries


def ferry() -> Scene:
    """Two quays 300 m apart by boat, 2,000 m round by the bridge."""
    scene = Scene().way("a p", a=(0, 0), p=(100, 0)).way("q b", q=(400, 0), b=(500, 0))
    scene.way("p q", flags=FERRY).way("p m n q", m=(100, -850), n=(400, -850))
    return scene.home("h", 0, 0).venue("v", 500, 0)


def test_a_ferry_is_taken_only_when_it_is_open() -> None:
    assert walked(ferry()) == 2200.0
    # 100 m to the quay, 600 s of waiting, 300 m of water at 3 m/s, 100 m on
    taken = walked(ferry(), Walk(ferries="open"))
    assert taken == pytest.approx(100 + 600 + 100 + 100, abs=0.11)  # to a per mille
    swift = Walk(ferries="open", ferry_s=60, ferry_mps=6.0, speed_mps=2.0)
    assert walked(ferry(), swift) == pytest.approx(50 + 60 + 50 + 50, abs=0.06)


def test_the_boat_is_no_quicker_for_who_walks_quicker() -> None:
    slow = Walk(ferries="open", speed_mps=0.5)
    assert walked(ferry(), slow) == pytest.approx(200 + 600 + 100 + 200, abs=0.3)


# Private ways


def short_cut() -> Scene:
    """A private lane of 100 m from a to b, or 300 m round by the street.

        m ------- n
        |         |
    h - a ~ lane ~ b - v        ~ private
    """
    scene = Scene().way("s a", s=(-50, 0), a=(0, 0)).way("b t", b=(100, 0), t=(150, 0))
    scene.way("a b", flags=PRIVATE).way("a m n b", m=(0, 100), n=(100, 100))
    return scene


def test_nobody_else_cuts_through_a_private_lane() -> None:
    scene = short_cut().home("h", -50, 0).venue("v", 150, 0)
    assert walked(scene) == 50 + 300 + 50
    assert walked(scene, Walk(private="open")) == 200.0
    assert walked(scene, Walk(private="closed")) == 400.0


def test_residents_leave_a_private_lane_by_either_end() -> None:
    scene = short_cut().home("h", 30, 0).home("back", 80, 0).venue("v", 150, 0)
    assert walked(scene) == 70 + 50
    west = short_cut().home("h", 30, 0).venue("v", -50, 0)
    assert walked(west) == 30 + 50


def test_a_venue_in_a_private_lane_is_reached_from_either_end() -> None:
    assert walked(short_cut().home("h", -50, 0).venue("v", 60, 0)) == 50 + 60
    assert walked(short_cut().home("h", 150, 0).venue("v", 60, 0)) == 50 + 40


def test_a_trip_may_begin_in_one_private_lane_and_end_in_another() -> None:
    scene = short_cut().way("t u", flags=PRIVATE, u=(150, -200))
    assert walked(scene.home("h", 30, 0).venue("v", 150, -150)) == 70 + 50 + 150


def test_home_and_venue_in_one_lane_walk_along_it() -> None:
    assert walked(short_cut().home("h", 10, 0).venue("v", 90, 0)) == 80.0


def compound() -> Scene:
    """Lanes inside a compound: a gate at g to the street, courts c and d behind, 100 m each.

    s --- g ~ c ~ d
              ~
              e
    """
    scene = Scene().way("s g", s=(0, 0), g=(100, 0)).way("g c", flags=PRIVATE, c=(200, 0))
    return scene.way("c d", flags=PRIVATE, d=(300, 0)).way("c e", flags=PRIVATE, e=(200, -100))


def test_neighbours_meet_inside_without_going_out() -> None:
    assert walked(compound().home("h", 280, 0).venue("v", 200, -90)) == 80 + 90
    assert walked(compound().home("h", 280, 0).venue("v", 50, 0)) == 80 + 100 + 50
    assert walked(compound().home("h", 50, 0).venue("v", 280, 0)) == 50 + 100 + 80


def test_a_home_on_the_street_does_not_leave_by_its_neighbours_lane() -> None:
    """The second lane would join street and compound behind; only who lives there uses both."""
    scene = compound().way("d z", flags=PRIVATE, z=(300, 200)).way("z y", y=(300, 400))
    scene.way("s w y", w=(0, 400))
    assert walked(scene.home("h", 90, 0).venue("v", 300, 390)) == 90 + 400 + 300 + 10
    assert walked(scene.home("in", 250, 0), home="in") == 50 + 200 + 190


def test_a_linked_point_at_the_end_of_a_private_lane_is_still_its_resident() -> None:
    assert walked(short_cut().home("h", 0.5, 0).venue("v", 99.5, 0)) == 99.0


CORNERS = {"a": (0, 0), "b": (310, 20), "c": (420, 260), "d": (150, 400), "e": (-90, 210)}
PAIRS = list(combinations(CORNERS, 2))


@given(
    st.lists(st.sampled_from(PAIRS), min_size=2, max_size=8, unique=True),
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.integers(0, 7), st.integers(0, 7),
)  # fmt: skip
@settings(max_examples=40)
def test_private_ways_equal_trying_every_path(
    pairs: list[tuple[str, str]], private: list[bool], home_ix: int, venue_ix: int
) -> None:
    """Against all simple paths: inside, then on streets, then inside. Inside are private ways and
    what is not the longest piece of public streets, if a private way meets it."""
    scene = Scene()
    for (a, b), shut in zip(pairs, private, strict=False):
        scene.way(f"{a} {b}", flags=PRIVATE * shut, **{a: CORNERS[a], b: CORNERS[b]})
    stops = {"home": (home_ix % len(pairs), 0.31), "venue": (venue_ix % len(pairs), 0.64)}
    xy = {name: along(pairs[edge], share) for name, (edge, share) in stops.items()}
    scene.home("h", *xy["home"]).venue("v", *xy["venue"])
    got = seconds_of(scene.measure(island_max_m=0), "h")
    assert got == pytest.approx(best_path(pairs, private, stops), abs=0.1)


def along(pair: tuple[str, str], share: float) -> tuple[float, float]:
    (x0, y0), (x1, y1) = (CORNERS[name] for name in pair)
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


def best_path(
    pairs: list[tuple[str, str]], private: list[bool], stops: dict[str, tuple[int, float]]
) -> float:
    graph, streets = nx.MultiGraph(), nx.Graph()
    metres = [math.dist(*(CORNERS[name] for name in pair)) for pair in pairs]
    streets.add_weighted_edges_from(
        (*pair, m) for pair, shut, m in zip(pairs, private, metres, strict=False) if not shut
    )
    lanes = {name for pair, shut in zip(pairs, private, strict=False) if shut for name in pair}
    pieces = sorted(
        nx.connected_components(streets), key=lambda p: streets.subgraph(p).size("weight")
    )
    yards = set().union(*(piece for piece in pieces[:-1] if not lanes.isdisjoint(piece)))
    for number, pair in enumerate(pairs):
        kind = "i" if private[number] or pair[0] in yards else "s"
        on_it = sorted((share, name) for name, (edge, share) in stops.items() if edge == number)
        chain = [(0.0, pair[0]), *on_it, (1.0, pair[1])]
        for (lo, u), (hi, v) in pairwise(chain):
            graph.add_edge(u, v, m=(hi - lo) * metres[number], kind=kind)
    paths = nx.all_simple_edge_paths(graph, "home", "venue")
    legs = [[graph.edges[step] for step in path] for path in paths]
    allowed = re.compile("i*s*i*")
    times = [
        sum(leg["m"] for leg in path)
        for path in legs
        if allowed.fullmatch("".join(leg["kind"] for leg in path))
    ]
    return min(times, default=math.inf)


# The document


def rows(head: str) -> list[list[str]]:
    """Cells of the table below the heading, code marks taken off."""
    text = (ROOT / "docs" / "walking-model.md").read_text(encoding="utf-8")
    body = text.split(f"## {head}\n")[1].split("\n## ")[0]
    lines = [line for line in body.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_profile_stands_in_the_document_with_its_numbers() -> None:
    got = [row[:5] for row in rows("Profiles")]
    assert got == [
        [p.id, f"{p.zh} {p.en}", f"{p.speed_mps}", f"{p.steps_factor}", "yes" if p.wheels else "no"]
        for p in PROFILES.values()
    ]
    assert all(re.search(r"\d{4}", row[5]) for row in rows("Profiles"))


def test_every_switch_stands_in_the_document_with_its_default() -> None:
    documented = {row[1]: row[2] for row in rows("Parts")}
    walk = {f"walk.{key}": field.default for key, field in Walk.model_fields.items()}
    assert {key for key in documented if key.startswith("walk.")} == set(walk)
    for key, default in walk.items():
        if default is None:
            assert documented[key] == "of the profile"
        elif isinstance(default, float):
            assert float(documented[key]) == default
        else:
            assert documented[key] == default
    fields = NetworkParams.model_fields
    assert documented["network.gates"] == fields["gates"].default
    assert float(documented["network.snap_max_m"]) == fields["snap_max_m"].default
    assert fields["dem"].default is None and documented["network.dem"] == "none"


def test_no_default_is_passed_off_as_a_standard() -> None:
    for row in rows("Parts"):
        key, source = row[1], row[4] if len(row) > 4 else ""
        if key in ("walk.crossing_s", "walk.lift_s", "walk.ferry_s", "walk.ferry_mps"):
            assert source.startswith("gusu_geo default")
