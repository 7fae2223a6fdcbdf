"""Plazas crossed straight: times worked out by hand, and a visibility graph by brute force."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plaza_scenes import CORNERS, Square
from scenes import Scene, seconds_of

from gusu_geo.errors import InputError
from gusu_geo.streets.sight import MANY, Corners, in_sight
from gusu_geo.tables import NodeFlag, WayFlag

CM = {"abs": 0.03}  # a way is made of a few lengths in whole centimetres


def square(free: shapely.Geometry | None = None, flags: int = 0) -> Square:
    """100 m x 100 m; streets lead off at the south-west, the north-east, and mid-east.

          nw ------- ne --- b      home at a, venue at b or c
          |          |
          |          m ---- c
          |          |
    a --- sw ------- se
    """
    scene = Square().plaza("sw se m ne nw sw", free=free, flags=flags, m=(100, 50), **CORNERS)
    scene.way("a sw", a=(-40, 0)).way("ne b", b=(130, 100)).way("m c", c=(120, 50))
    return scene.home("h", -40, 0)


def test_crossed_on_the_diagonal() -> None:
    assert square().venue("v", 130, 100).seconds() == pytest.approx(
        40 + 100 * math.sqrt(2) + 30, **CM
    )
    assert square().venue("v", 120, 50).seconds() == pytest.approx(
        40 + math.hypot(100, 50) + 20, **CM
    )


def test_ways_across_say_what_they_are() -> None:
    streets = square().streets()
    new = streets.way_ids[4:]
    # sw-m, sw-ne; m-ne is a step of the outline already
    assert new.tolist() == [100, 100]
    assert set(streets.flags[4:].tolist()) == {
        int(WayFlag.AREA | WayFlag.ESTIMATED | WayFlag.ON_FOOT)
    }
    assert set(streets.highway[4:].tolist()) == {"pedestrian"}
    assert np.diff(streets.way_ptr)[4:].tolist() == [2, 2]


def test_private_plazas_are_crossed_by_private_ways() -> None:
    assert (square(flags=int(WayFlag.PRIVATE)).streets().flags[4:] & WayFlag.PRIVATE).all()


def test_round_a_fountain_in_the_middle() -> None:
    """A pool of 20 m x 20 m: past its corner (60, 40), which stands 10 m off the diagonal."""
    hole = shapely.box(40, 40, 60, 60)
    scene = square(shapely.box(0, 0, 100, 100) - hole).venue("v", 130, 100)
    assert scene.seconds() == pytest.approx(40 + 2 * math.hypot(60, 40) + 30, **CM)


def test_round_two_corners_of_a_long_pool() -> None:
    """A pool from x = 20 to 60, y = 10 to 90: round its corners (60, 10), (60, 90)."""
    hole = shapely.box(20, 10, 60, 90)
    scene = square(shapely.box(0, 0, 100, 100) - hole).venue("v", 130, 100)
    by_east = math.hypot(60, 10) + math.hypot(40, 90)
    by_west = math.hypot(20, 90) + math.hypot(80, 10)
    assert scene.seconds() == pytest.approx(40 + min(by_east, by_west) + 30, **CM)


def test_round_the_corner_of_an_angle() -> None:
    """An L: from one arm to the other past the inner corner, a vertex that no street meets."""
    scene = Square().plaza(
        "p q r i s t p", p=(0, 0), q=(200, 0), r=(200, 40), i=(40, 40), s=(40, 200), t=(0, 200)
    )
    scene.way("r x", x=(250, 40)).way("t y", y=(0, 250)).home("h", 250, 40).venue("v", 0, 250)
    assert scene.seconds() == pytest.approx(50 + 160 + math.hypot(40, 160) + 50, **CM)
    assert len(scene.streets().node_ids) == len(scene.place)  # the corner is the vertex there


def test_a_path_that_ends_on_the_plaza_is_an_entry() -> None:
    scene = square().way("k l", k=(50, -50), l=(50, 20)).venue("v", 130, 100)
    scene.home("h", 50, -50)
    assert scene.seconds() == pytest.approx(70 + math.hypot(50, 80) + 30, **CM)


def test_a_path_across_without_a_common_vertex_is_joined_where_it_comes_in() -> None:
    scene = square().way("k l m2 n", k=(50, -50), l=(50, 1), m2=(50, 99), n=(50, 150))
    scene.home("h", 50, -50).venue("v", 130, 100)
    assert scene.seconds() == pytest.approx(51 + math.hypot(50, 99) + 30, **CM)


@pytest.mark.parametrize("flag", [WayFlag.BRIDGE, WayFlag.TUNNEL])
def test_what_passes_over_or_under_is_not_joined(flag: WayFlag) -> None:
    scene = square().way("k l m2 n", flags=flag, k=(50, -50), l=(50, 1), m2=(50, 99), n=(50, 150))
    assert len(scene.streets().way_ids) == len(square().streets().way_ids) + 1


def test_what_lies_under_a_plaza_on_a_bridge_is_not_joined() -> None:
    scene = square(flags=int(WayFlag.BRIDGE)).way("k l", k=(50, -50), l=(50, 20))
    assert len(scene.streets().way_ids) == 4 + 2 + 1


def test_an_entry_under_a_house_is_joined_by_a_porch() -> None:
    """A house stands 3 m over the outline in the south-west: the way begins at its wall."""
    free = shapely.box(0, 0, 100, 100) - shapely.box(-5, -5, 20, 3)
    scene = square(free).venue("v", 120, 50)
    assert scene.seconds() == pytest.approx(40 + 3 + math.hypot(100, 47) + 20, **CM)


def test_the_neighbouring_plaza_is_no_porch() -> None:
    """Two plazas 4 m apart: who wants to cross the gap takes a street."""
    scene = square().plaza("e1 e2 e3 e4 e1", e1=(0, -104), e2=(100, -104), e3=(100, -4), e4=(0, -4))
    scene.way("e1 y", y=(-40, -104)).way("e2 z", z=(150, -104)).venue("v", 150, -104)
    assert scene.seconds() == np.inf


def test_doors_are_not_linked_to_ways_across() -> None:
    """A kiosk 1 m off the diagonal, 48 m off the outline: to the south side, round by the east."""
    scene = square().venue("v", 120, 50).home("h", 50, 48)
    assert scene.seconds() == pytest.approx(48 + 50 + 50 + 20, **CM)


def test_nobody_crosses_a_wall() -> None:
    scene = square().venue("v", 120, 50)
    scene.fences = [shapely.LineString([(50, -10), (50, 110)])]
    assert scene.seconds() == pytest.approx(40 + 100 + 50 + 20, **CM)  # along the outline
    scene.fences = [shapely.LineString([(50, -10), (50, 60)])]
    over = math.hypot(50, 60) + math.hypot(50, 10)
    assert scene.seconds() == pytest.approx(40 + min(over, 150) + 20, abs=0.5)


def test_nobody_gets_on_at_a_closed_vertex() -> None:
    scene = square()
    scene.nodes["ne"] = NodeFlag.CLOSED
    assert len(scene.streets().way_ids) == 4 + 1  # sw-m alone


def test_no_plaza_and_no_entry_change_nothing() -> None:
    plain = Scene().way("a b", a=(0, 0), b=(9, 0))
    bare = Square().way("a b", a=(0, 0), b=(9, 0))
    assert bare.network().digest == plain.network().digest
    lone = square()
    lone.ways = lone.ways[:2]
    del lone.place["b"], lone.place["c"]
    assert len(lone.streets().way_ids) == 2
    assert len(lone.streets().node_ids) == len(lone.place)


def test_a_broken_outline_is_refused() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(InputError, match=r"plaza 'w100'.*crosses itself"):
        square(bow).streets()


# --- against a visibility graph by brute force: every vertex, every pair, no thinning ---


def brute_force(ground: shapely.Polygon, stops: list[tuple[float, float]]) -> nx.Graph:
    rings = [ground.exterior, *ground.interiors]
    places = stops + [xy for ring in rings for xy in list(ring.coords)[:-1]]
    room = ground.buffer(1e-6)
    graph = nx.Graph()
    for (i, a), (j, b) in itertools.combinations(enumerate(places), 2):
        if room.covers(shapely.LineString([a, b])):
            graph.add_edge(i, j, weight=math.dist(a, b))
    return graph


@st.composite
def grounds(draw: st.DrawFn) -> shapely.Polygon:
    """A star of eight points with up to three blocks taken out."""
    radius = draw(st.lists(st.integers(30, 100), min_size=8, max_size=8))
    star = [
        (r * math.cos(i * math.pi / 4), r * math.sin(i * math.pi / 4)) for i, r in enumerate(radius)
    ]
    ground = shapely.Polygon(star)
    blocks = st.tuples(
        st.integers(-60, 60), st.integers(-60, 60), st.integers(5, 40), st.integers(5, 40)
    )
    for x, y, wide, high in draw(st.lists(blocks, max_size=3)):
        ground = ground.difference(shapely.box(x, y, x + wide, y + high))
    parts = shapely.get_parts(ground)
    return max(parts, key=lambda part: (part.area, part.wkb))


@settings(max_examples=30)
@given(ground=grounds())
def test_shortest_ways_equal_brute_force(ground: shapely.Polygon) -> None:
    outline = list(ground.exterior.coords)[:-1]
    stops = [outline[0], outline[len(outline) // 3], outline[(2 * len(outline)) // 3]]
    scene = Square()
    names = " ".join(f"o{i}" for i in range(len(outline)))
    scene.plaza(f"{names} o0", free=ground, **{f"o{i}": xy for i, xy in enumerate(outline)})
    for k, (x, y) in enumerate(stops):
        at = outline.index(stops[k])
        scene.way(f"o{at} s{k}", **{f"s{k}": (x + 500, y + 500 * k)})
        scene.home(f"h{k}", x + 500, y + 500 * k)
        scene.venue(f"v{k}", x + 500, y + 500 * k, service=f"v{k}")
    table = scene.measure(island_max_m=0, cutoff_s=7200)
    graph = brute_force(ground, stops)
    for i, j in itertools.permutations(range(3), 2):
        out = sum(math.hypot(500, 500 * k) for k in (i, j))
        want = nx.shortest_path_length(graph, i, j, weight="weight")
        got = seconds_of(table, f"h{i}", f"v{j}") - out
        assert got == pytest.approx(want, abs=0.25)  # the slack of lines of sight, and rounding
        assert got >= math.dist(stops[i], stops[j]) - 0.05


def test_many_points_are_thinned_within_the_bound() -> None:
    rng = np.random.default_rng(7)
    stops = rng.uniform(0, 300, (3 * MANY, 2))
    ground = shapely.box(0, 0, 300, 300)
    none = Corners(*(np.zeros((0, 2)) for _ in range(3)))
    pairs = in_sight(ground, stops, none)
    assert len(pairs) < len(stops) * (len(stops) - 1) / 2 / 2
    graph = nx.Graph()
    for a, b in pairs.tolist():
        graph.add_edge(a, b, weight=math.dist(stops[a], stops[b]))
    for source in range(0, len(stops), 20):
        got = nx.single_source_dijkstra_path_length(graph, source, weight="weight")
        straight = np.hypot(*(stops - stops[source]).T)
        ratio = np.array([got[i] / straight[i] for i in range(len(stops)) if i != source])
        assert ratio.max() < 1.21
        assert ratio.mean() < 1.02
