"""Places drawn as areas: entered from every street beside them, at their gates where walled."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from scenes import Scene, seconds_of

from gusu_geo._kernels.contacts import merged, nearest_pieces
from gusu_geo.geometry import straight_pieces
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Rung
from gusu_geo.walking.contacts import BESIDE_M, SLACK_CM
from gusu_geo.walking.linkage import Linkage
from gusu_geo.walking.trips import Trips

PARK = shapely.box(100, 100, 1000, 500)


def round_the_park(
    west: float = 90, south: float = 92, east: float = 1010, north: float = 506
) -> Scene:
    """Streets on all four sides of a park of 900 x 400 m; the northern one is the nearest."""
    scene = Scene().way(
        "a b c d a", a=(west, south), b=(east, south), c=(east, north), d=(west, north)
    )
    return scene.ground("park", PARK)


@pytest.mark.parametrize(
    ("x", "y", "metres"),
    [
        (550, 84, 16),  # across the street in the south
        (150, 84, 16),
        (82, 300, 18),  # in the west: 8 m to the street, 10 m to the park
        (1020, 111, 20),
        (90, 92, 18),  # on the corner: along the street until the park is beside it
    ],
)
def test_a_park_is_entered_from_every_street_beside_it(x: float, y: float, metres: float) -> None:
    table = round_the_park().home("h", x, y).measure(island_max_m=0)
    assert seconds_of(table, "h") == pytest.approx(metres, abs=0.8)


def test_a_short_wall_hides_the_park_behind_it() -> None:
    """The edge is looked at every 10 m; a wall of 8 m stands between two such points, along the
    street: from its middle one walks round its end, 4 m along and 8 m across."""
    scene = round_the_park().block("wall", (541, 96), (549, 96)).home("h", 545, 92)
    assert seconds_of(scene.measure(island_max_m=0), "h") == pytest.approx(4 + 8, abs=0.8)


def test_a_fence_on_the_edge_is_passed_at_its_gate_alone() -> None:
    ring = list(PARK.exterior.coords)
    fenced = round_the_park().block("wall", *ring).gate(700, 100).home("h", 550, 92)
    # 150 m along the street, less the 2 m that a gate opens to either side, and 8 m across
    assert seconds_of(fenced.measure(island_max_m=0), "h") == pytest.approx(148 + 8, abs=1)
    inside = round_the_park().block("wall", *PARK.buffer(-1.5, join_style="mitre").exterior.coords)
    inside.gate(700, 101.5).home("h", 550, 92)
    assert seconds_of(inside.measure(island_max_m=0), "h") == pytest.approx(148 + 8, abs=2.5)


def test_a_fenced_park_without_a_known_gate_is_entered_where_a_street_leads_in() -> None:
    ring = list(PARK.exterior.coords)
    shut = round_the_park().block("wall", *ring).home("h", 550, 92)
    assert seconds_of(shut.measure(island_max_m=0), "h") == math.inf
    led = round_the_park().block("wall", *ring).home("h", 550, 92)
    led.ways[0] = (["a", "b", "c", "d", "e", "a"], 0)
    led.way("e f", e=(90, 300), f=(400, 300))
    # south-west corner, up to the path, in to the fence
    assert seconds_of(led.measure(island_max_m=0), "h") == pytest.approx(460 + 208 + 10, abs=0.5)


def test_who_lives_inside_is_there() -> None:
    scene = round_the_park().way("a p", p=(400, 300)).home("h", 250, 196.0)
    assert seconds_of(scene.measure(island_max_m=0), "h") < 10


def test_the_canal_along_the_edge_is_not_crossed() -> None:
    scene = round_the_park().block("waterway", (0, 96), (2000, 96)).home("h", 550, 92)
    # the north side is free, and so are the ends of the sides
    assert seconds_of(scene.measure(island_max_m=0), "h") == pytest.approx(460 + 4 + 10, abs=12)
    assert seconds_of(scene.measure(island_max_m=0), "h") > 400


def test_a_street_beside_the_park_counts_though_a_path_inside_is_nearer() -> None:
    scene = round_the_park().way("p q", p=(110, 104), q=(990, 104)).way("p a").home("h", 550, 92)
    assert seconds_of(scene.measure(island_max_m=0), "h") == pytest.approx(8, abs=0.8)


def test_a_house_opens_to_both_streets_but_not_through_its_neighbour() -> None:
    def two(**more: tuple[float, float]) -> Scene:
        scene = Scene().way("a b", a=(0, 0), b=(400, 0)).way("c d", c=(0, 50), d=(400, 50), **more)
        return scene.house("h", 200, 10, 220, 35).venue("shop", 210, 50)

    # 15 m behind the house; no way round joins the streets
    assert seconds_of(two().measure(island_max_m=0), "h") == pytest.approx(15, abs=0.6)
    hidden = two().block("building", (150, 38), (270, 38), (270, 45), (150, 45))
    assert seconds_of(hidden.measure(island_max_m=0), "h") == math.inf


@pytest.mark.parametrize("width", [4, 10, 11])
def test_a_front_is_seen_though_both_its_corners_look_sideways(width: float) -> None:
    """The front faces a street 15 m away; those at the sides are nearer, and neighbours hide them."""
    scene = Scene().way("a b", a=(0, 50), b=(400, 50)).house("h", 200, 10, 200 + width, 35)
    scene.way("c d", c=(190, 0), d=(187, 49)).venue("shop", 200 + width / 2, 50)
    scene.way("e f", e=(210 + width, 0), f=(213 + width, 49))
    for x in (193, 205 + width):
        scene.block("building", (x, 0), (x + 2, 0), (x + 2, 45), (x, 45))
    assert seconds_of(scene.measure(island_max_m=0), "h") == pytest.approx(15, abs=0.6)


def test_a_street_much_farther_than_the_nearest_is_not_beside_the_house() -> None:
    for apart, reached in ((BESIDE_M - 1, True), (BESIDE_M + 1, False)):
        scene = Scene().way("a b", a=(0, 0), b=(400, 0)).house("h", 200, 10, 220, 30)
        scene.way("c d", c=(0, 40 + apart), d=(400, 40 + apart)).venue("shop", 210, 40 + apart)
        assert math.isfinite(seconds_of(scene.measure(island_max_m=0), "h")) == reached


def test_a_side_along_the_street_is_left_anywhere() -> None:
    """The nearest place of two parallel lines is no arbitrary corner."""
    scene = (
        Scene().way("a b", a=(0, 0), b=(2000, 0)).ground("school", shapely.box(1000, 10, 1400, 90))
    )
    scene.home("west", 210, 0).home("east", 1900, 0).home("across", 1234, 0)
    table = scene.measure(island_max_m=0)
    assert seconds_of(table, "west") == pytest.approx(790 + 10, abs=0.3)
    assert seconds_of(table, "east") == pytest.approx(500 + 10, abs=0.3)
    assert seconds_of(table, "across") == pytest.approx(10, abs=0.3)


def test_a_long_house_meets_a_long_park_at_their_nearest_ends() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(900, 0)).house("h", 100, 5, 180, 20)
    scene.ground("over", shapely.box(150, -30, 400, -6)).ground(
        "far", shapely.box(300, 8, 400, 30), "t"
    )
    table = scene.measure(island_max_m=0)
    assert seconds_of(table, "h", "s") == pytest.approx(5 + 6, abs=0.1)
    assert seconds_of(table, "h", "t") == pytest.approx(120 + 5 + 8, abs=0.1)


# --- every point of the outline as a door of its own ------------------------------------------


@st.composite
def towns(draw: st.DrawFn) -> tuple[Scene, shapely.Polygon]:
    """Streets in a bent grid, none of them through the park, and homes on the streets."""
    whole = st.integers
    scene, names = Scene(), {}
    for i in range(4):
        for j in range(4):
            x, y = 120 * i + draw(whole(-25, 25)), 120 * j + draw(whole(-25, 25))
            names[i, j] = f"n{i}{j}"
            scene.place[f"n{i}{j}"] = (x, y)
    links = [((i, j), (i + 1, j)) for i in range(3) for j in range(4)]
    links += [((i, j), (i, j + 1)) for i in range(4) for j in range(3)]
    left_out = draw(st.sets(st.sampled_from(links), max_size=6))
    for a, b in links:
        if (a, b) not in left_out:
            scene.way(f"{names[a]} {names[b]}")
    lines = [shapely.LineString([scene.place[n] for n in path]) for path, _ in scene.ways]
    x, y = draw(whole(100, 260)), draw(whole(100, 260))
    corners = draw(st.lists(st.tuples(whole(-60, 60), whole(-60, 60)), min_size=3, max_size=7))
    shape = shapely.MultiPoint([(x + dx, y + dy) for dx, dy in corners]).convex_hull
    park = shape.difference(shapely.union_all(lines).buffer(3))
    parts = [part for part in shapely.get_parts(park) if part.area > 200]
    if not parts:
        parts = [shapely.box(x - 10, y - 10, x + 10, y + 10)]
    park = max(parts, key=lambda part: part.area)
    for k in range(5):
        line = lines[draw(whole(0, len(lines) - 1))]
        at = line.interpolate(draw(whole(0, 100)) / 100, normalized=True)
        scene.home(f"h{k}", at.x, at.y)
    return scene, park


@settings(max_examples=25, derandomize=True, phases=[Phase.generate, Phase.explicit])
@given(towns())
def test_no_time_is_more_than_a_second_off_a_door_at_every_step(
    town: tuple[Scene, shapely.Polygon],
) -> None:
    scene, park = town
    net = scene.network()
    if any(shapely.intersects(net.edge_lines, park)):
        return
    links = a_door_at_every_step(net, park)
    if len(links.edge_ix) == 0:
        return
    beside = links.leg_cm <= links.leg_cm.min() + 100 * BESIDE_M
    scene.ground("park", park)
    wanted = times(scene, links.rows(np.flatnonzero(beside)))
    got = times(scene, scene.linked(net, {"park": [(0.0, 0.0)]}, island_max_m=0).links)
    assert np.abs(got - wanted).max() <= 1.0


def a_door_at_every_step(net: WalkNetwork, park: shapely.Polygon) -> Linkage:
    """Every 25 cm of the outline linked to the nearest place of any street that lies before it."""
    ends, edge = straight_pieces(net.edge_lines)
    start, way = ends[:, :2], ends[:, 2:] - ends[:, :2]
    metres = np.hypot(*way.T)
    before = np.array([metres[:i][edge[:i] == edge[i]].sum() for i in range(len(edge))])
    corners = np.asarray(shapely.geometry.polygon.orient(park).exterior.coords)
    rows = []
    for (x0, y0), (x1, y1) in pairwise(corners):
        out = np.array([y1 - y0, x0 - x1])
        for share in np.linspace(0, 1, max(int(4 * math.dist((x0, y0), (x1, y1))), 1) + 1):
            at = np.array([x0 + share * (x1 - x0), y0 + share * (y1 - y0)])
            along = np.clip(((at - start) * way).sum(axis=1) / metres**2, 0, 1)
            foot = start + along[:, None] * way
            gap = np.hypot(*(foot - at).T)
            gap[(foot - at) @ out <= 0] = math.inf
            best = int(gap.argmin())
            if gap[best] <= 100:
                rows.append((edge[best], before[best] + along[best] * metres[best], gap[best]))
    ix, offset, leg = (
        (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.zeros(0)] * 3
    )
    none = np.zeros(len(rows), np.int32)
    return Linkage(
        owner_ix=none.astype(np.int64), edge_ix=ix.astype(np.int32),
        offset_cm=np.rint(100 * offset).astype(np.int32), span_cm=none,
        leg_cm=np.rint(100 * leg).astype(np.int32), reason=none.astype(np.int8),
        rung=none.astype(np.int8), door_xy=np.zeros((len(rows), 2)), foot_xy=np.zeros((len(rows), 2)),
    )  # fmt: skip


def times(scene: Scene, goal: Linkage) -> np.ndarray:
    """Seconds from every home to the owner of the goal."""
    import pandas as pd

    from gusu_geo.walking.access import measure
    from gusu_geo.walking.linkage import Linked

    net = scene.network()
    homes = scene.linked(net, scene.homes, island_max_m=0)
    table = measure(
        Trips.of(net), homes, Linked(pd.Index(["park"]), goal), service=["s"], venue=["park"],
        min_count={"s": 1}, cutoff_s=1e5,
    )  # fmt: skip
    found = table.nearest_s["s"].to_numpy()
    return np.where(np.isfinite(found), found, 1e6)


# --- kernels against plain twins -----------------------------------------------------------------

NUMBERS = st.integers(-50, 50)


@settings(max_examples=60)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=8), st.data())
def test_the_nearest_piece_is_that_of_shapely(
    pieces: list[tuple[int, ...]], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(pieces)))
    xy = np.array(data.draw(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5)), float)
    owner = np.array([data.draw(st.integers(0, 1)) for _ in xy])
    out = np.array([data.draw(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS)) for _ in xy], float)
    aside = data.draw(st.sampled_from([-1e-3, 1e-3]))
    ptr, drawn = np.array([0, cut, len(pieces)]), np.array(pieces, float).reshape(-1, 4)
    found = nearest_pieces(xy, out, owner, np.full(len(xy), aside), ptr, drawn)
    for i, (x, y) in enumerate(xy):
        mine = pieces[:cut] if owner[i] == 0 else pieces[cut:]
        if not mine:
            assert found.piece[i] == -1
            continue
        here = shapely.Point(x, y)
        best = math.inf
        for piece in mine:
            line = shapely.LineString([piece[:2], piece[2:]])
            foot = line.interpolate(line.project(here)) if line.length else shapely.Point(piece[:2])
            way = np.array([foot.x - x, foot.y - y])
            sides = out[i].reshape(2, 2)
            sides = sides[np.hypot(*sides.T) > 0]
            ahead = (sides @ way / np.hypot(*sides.T)).max(initial=-np.inf)
            assume(abs(ahead - aside) > 1e-6)
            if ahead > aside or line.distance(here) < 1e-9:
                best = min(best, line.distance(here))
        assert best - 1e-9 <= found.metres[i] <= math.sqrt(best**2 + 2e-6)
        best = found.metres[i]
        if found.piece[i] < 0:
            continue
        x0, y0, x1, y1 = pieces[found.piece[i]]
        foot = (x0 + found.share[i] * (x1 - x0), y0 + found.share[i] * (y1 - y0))
        assert math.dist(foot, (x, y)) == pytest.approx(best, abs=1e-9)


STRETCHES = st.tuples(
    st.integers(0, 1), st.integers(0, 4000), st.integers(0, 1500), st.integers(0, 900)
)


@settings(max_examples=100)
@given(st.lists(STRETCHES, min_size=1, max_size=12), st.integers(0, 5500))
def test_fewer_stretches_serve_as_well(rows: list[tuple[int, ...]], place: int) -> None:
    """From any place along the street the way is at most the slack longer or shorter."""
    group, start, more, leg = (
        np.array(column, float) for column in zip(*sorted(rows), strict=True)
    )
    few = merged(group.astype(np.int64), start, start + more, leg, SLACK_CM)
    assert len(few.start) <= len(rows)
    for number in set(group):

        def cost(first: np.ndarray, last: np.ndarray, off: np.ndarray) -> float:
            return float((np.clip(place, first, last) - place).__abs__().__add__(off).min())

        mine, kept = group == number, group[few.member] == number
        before = cost(start[mine], start[mine] + more[mine], leg[mine])
        after = cost(few.start[kept], few.stop[kept], few.leg[kept])
        assert abs(after - before) <= SLACK_CM + 1.0  # stretches a centimetre apart touch


def test_of_equally_near_streets_the_lower_way_is_taken_whatever_the_order() -> None:
    """At a junction half a wait belongs to the edge that is chosen: it must not depend on what else
    the file holds."""
    for order in (("a b", "b c"), ("b c", "a b")):
        scene = Scene()
        for path in order:
            scene.way(path, a=(0, 0), b=(100, 0), c=(200, 80))
        scene.home("h", 100, -20).home("i", 96, 9)
        net = scene.network()
        links = scene.linked(net, scene.homes, island_max_m=0).links
        assert net.way_id[links.edge_ix[0]] == 100  # the first of ``order``


def test_an_assumed_door_is_the_last_rung() -> None:
    assert max(Rung) is Rung.ASSUMED
