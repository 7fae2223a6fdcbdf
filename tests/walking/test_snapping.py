"""Where points touch their street: drawn scenes worked out by hand, and every leg by brute force."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from scenes import Scene, points_frame, seconds_of

import gusu_geo as gg
from gusu_geo.streets.barriers import TOUCH_M, WET_M
from gusu_geo.tables import Entrances, Rung, WayFlag
from gusu_geo.walking.contacts import SLACK_CM
from gusu_geo.walking.linkage import Linkage, Linking, Reason
from gusu_geo.walking.snapping import snap

XY = tuple[float, float]
NEAR, BEHIND = 10.0, 34.0  # metres from the home at (100, 10) to y = 0, and to y = 44


def two_streets() -> Scene:
    """The home stands between two streets, much nearer to the southern one."""
    scene = Scene().way("a b", a=(0, 0), b=(200, 0)).way("c d", c=(0, 44), d=(200, 44))
    return scene.way("b d").home("h", 100, 10)


def link(scene: Scene, **options: float) -> Linkage:
    options = {"island_max_m": 0.0, **options}
    return scene.linked(scene.network(), scene.homes, **options).links


def link_outline(scene: Scene, outline: shapely.Geometry) -> Linkage:
    centre = shapely.centroid(outline)
    points = Entrances(
        np.zeros(1, np.int64),
        np.array([[centre.x, centre.y]]),
        np.array([Rung.EDGE], np.int8),
        np.array([outline], object),
    )
    return snap(scene.network(), points, Linking(barriers=scene.barriers(), island_max_m=0))


def leg_m(links: Linkage) -> float:
    return float(links.leg_cm[0]) / 100


@pytest.mark.parametrize("kind", ["water", "coast", "waterway", "railway", "motorway", "wall"])
def test_the_street_behind_is_taken_when_something_stands_before(kind: str) -> None:
    scene = two_streets()
    assert leg_m(link(scene)) == NEAR
    scene.block(kind, (-50, 5), (250, 5))
    links = link(scene)
    assert links.reason[0] == Reason.LINKED
    assert leg_m(links) == BEHIND
    assert links.foot_xy[0] == pytest.approx([100, 44], abs=0.01)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("water", Reason.WATER),
        ("coast", Reason.WATER),
        ("waterway", Reason.WATER),
        ("railway", Reason.RAILWAY),
        ("motorway", Reason.MOTORWAY),
        ("wall", Reason.WALL),
    ],
)
def test_unlinked_says_what_stands_before_the_nearest_street(kind: str, reason: Reason) -> None:
    scene = two_streets().block(kind, (-50, 5), (250, 5)).block("stream", (-50, 3), (250, 3))
    links = link(scene, snap_max_m=BEHIND - 0.01)
    assert (links.edge_ix[0], links.reason[0], leg_m(links)) == (-1, reason, 0)
    assert links.door_xy[0].tolist() == links.foot_xy[0].tolist() == [100, 10]
    assert link(scene, snap_max_m=BEHIND).reason[0] == Reason.LINKED  # inclusive


def test_numbers_of_reasons_stay_for_they_stand_in_files() -> None:
    names = ["LINKED", "TOO_FAR", "ISLAND", "WATER", "WALL", "RAILWAY", "MOTORWAY"]
    assert [reason.name for reason in Reason] == names
    assert [int(reason) for reason in Reason] == list(range(7))


def test_a_ring_of_wall_opens_at_its_gate_only() -> None:
    ring = ((90, 5), (110, 5), (110, 15), (90, 15), (90, 5))
    scene = two_streets().block("wall", *ring)
    assert link(scene).reason[0] == Reason.WALL
    locked = two_streets().block("wall", *ring).gate(100, 5, "locked")
    assert link(locked).reason[0] == Reason.WALL
    for access in ("public", "residents"):
        opened = two_streets().block("wall", *ring).gate(100, 5, access)
        assert leg_m(link(opened)) == NEAR
    behind = two_streets().block("wall", *ring).gate(100, 15)
    assert leg_m(link(behind)) == BEHIND


def test_a_fence_between_home_and_street_is_not_climbed_at_its_end() -> None:
    """The fence ends at x = 120; the straight leg to y = 0 is blocked, the one to y = 44 not."""
    scene = two_streets().block("wall", (80, 5), (120, 5))
    assert leg_m(link(scene)) == BEHIND


def test_a_street_that_bends_round_the_wall_is_reached_where_it_is_on_this_side() -> None:
    """One street, two straight pieces: the nearer lies behind the wall, the other does not."""
    scene = Scene().way("a b c", a=(0, 0), b=(200, 0), c=(200, 100)).home("h", 150, 20)
    scene.block("wall", (0, 10), (190, 10))
    links = link(scene)
    assert leg_m(links) == 50
    assert links.offset_cm[0] in (22_000, 8_000)  # 200 and 20 from a, or 80 from c


def test_the_path_on_the_quay_may_share_its_line_with_the_water() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(200, 0)).home("h", 100, 10)
    scene.water = [shapely.box(0, -30, 200, 0)]
    scene.block("coast", (0, 0), (200, 0))
    assert leg_m(link(scene)) == 10
    other_bank = Scene().way("a b", a=(0, 0), b=(200, 0)).home("h", 100, -40)
    other_bank.water = scene.water
    assert link(other_bank).reason[0] == Reason.WATER


def test_a_level_crossing_does_not_open_the_railway_for_legs() -> None:
    """The street crosses the rails at (50, 5); the home at (52, 10) lies beyond them."""
    scene = Scene().way("a b", a=(0, 0), b=(200, 0)).way("s n", s=(50, 0), n=(50, 60))
    scene.block("railway", (-50, 5), (250, 5)).home("h", 52, 4)
    assert leg_m(link(scene)) == 2  # the street on this side of the rails
    far = Scene().way("a b", a=(0, 0), b=(200, 0)).block("railway", (-50, 5), (250, 5))
    assert link(far.home("h", 52, 10)).reason[0] == Reason.RAILWAY


def test_the_walk_begins_at_the_edge_of_the_building() -> None:
    scene = two_streets()
    links = link_outline(scene, shapely.box(90, 8, 110, 30))
    assert leg_m(links) == 8
    assert links.door_xy[0, 1] == pytest.approx(8, abs=0.01)
    assert links.foot_xy[0, 1] == pytest.approx(0, abs=0.01)
    assert links.rung[0] == Rung.EDGE


def test_a_building_that_is_part_of_the_wall_opens_to_both_sides() -> None:
    house = shapely.box(90, 8, 110, 30)
    scene = two_streets().block("wall", (0, 8), (200, 8))  # its southern front is the wall
    assert leg_m(link_outline(scene, house)) == 8
    ring = two_streets().block("wall", *house.exterior.coords)
    assert leg_m(link_outline(ring, house)) == 8
    apart = two_streets().block("wall", (0, 4), (200, 4))
    assert leg_m(link_outline(apart, house)) == 44 - 30


def test_a_wall_inside_the_outline_does_not_matter() -> None:
    scene = two_streets().block("wall", (0, 20), (200, 20))
    assert leg_m(link_outline(scene, shapely.box(90, 8, 110, 30))) == 8


def test_streets_through_the_outline_are_left_anywhere_inside() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(200, 0)).way("c d", c=(0, 15), d=(200, 15))
    scene.way("b d")
    links = link_outline(scene, shapely.box(90, -10, 130, 35))
    assert links.leg_cm.tolist() == [0, 0]
    assert links.span_cm.tolist() == [4000, 4000]
    assert sorted(links.foot_xy[:, 1]) == pytest.approx([0, 15], abs=0.01)


@pytest.mark.parametrize("flag", [WayFlag.TUNNEL, WayFlag.BRIDGE, WayFlag.FERRY, WayFlag.LIFT])
def test_nobody_steps_off_midway(flag: WayFlag) -> None:
    scene = Scene().way("a b", flags=int(flag), a=(0, 0), b=(200, 0))
    scene.way("c d", c=(0, 44), d=(200, 44)).way("b d").home("h", 100, 10)
    assert leg_m(link(scene)) == BEHIND


def test_the_gravest_reason_stands_for_an_owner_without_any_link() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(200, 0)).block("wall", (0, 5), (200, 5))
    scene.home("both", 100, 10, 100, 900).home("one", 100, 10, 100, 3).home("none", 50, 900)
    links = link(scene)
    assert links.owner_reason(3).tolist() == [Reason.WALL, Reason.LINKED, Reason.TOO_FAR]


def test_tables_of_an_analyst_know_barriers_in_any_system() -> None:
    net = Scene().way("a b", a=(0, 0), b=(200, 0)).network()
    homes = points_frame(net, {"this": (50, -10), "that": (50, 10)})
    venues = points_frame(net, {"v": (150, 0)}, service=["s"])
    line = [shapely.LineString([(-50, 5), (250, 5)])]
    wall = gpd.GeoDataFrame({"kind": ["wall"]}, geometry=line, crs=net.crs).to_crs(4326)
    for barriers, reason in ((wall, Reason.WALL), (wall.geometry, Reason.WATER)):
        table = gg.nearest(net, homes.to_crs(3857), venues, barriers=barriers)
        assert table.reason.tolist() == [Reason.LINKED, reason]
        assert seconds_of(table, "this") == pytest.approx(110, abs=0.02)
        assert seconds_of(table, "that") == np.inf
        within = gg.coverage(net, homes, venues.drop(columns="service"), barriers=barriers)
        assert within.nnz == 1
    with pytest.raises(gg.InputError, match=r"unknown kind.*'wall'"):
        gg.nearest(net, homes, venues, barriers=wall.assign(kind="walls"))


class Town(NamedTuple):
    """Random streets, walls and ponds (x0, y0, x1, y1), and homes: points or boxes."""

    streets: list[list[XY]]
    walls: list[tuple[XY, XY]]
    ponds: list[tuple[float, float, float, float]]
    homes: list[XY]
    sizes: list[float]  # half of a box around the home; 0 = a point


def random_town(seed: int) -> Town:
    rng = np.random.default_rng(seed)

    def places(count: int) -> list[XY]:
        return [(float(x), float(y)) for x, y in rng.uniform(0, 100, (count, 2))]

    corners = rng.uniform(0, 100, (int(rng.integers(0, 3)), 2))
    count = int(rng.integers(1, 6))
    return Town(
        streets=[places(int(rng.integers(2, 5))) for _ in range(int(rng.integers(1, 6)))],
        walls=[(places(1)[0], places(1)[0]) for _ in range(int(rng.integers(0, 7)))],
        ponds=[(x, y, x + rng.uniform(1, 30), y + rng.uniform(1, 30)) for x, y in corners],
        homes=places(count),
        sizes=[float(s) for s in rng.choice([0.0, 0.0, 2.0, 6.0], count)],
    )


@given(seed=st.integers(0, 2**32 - 1))
def test_the_nearest_street_on_this_side_by_brute_force(seed: int) -> None:
    town = random_town(seed)
    reach_m = 60.0
    scene = Scene()
    for i, street in enumerate(town.streets):
        names = [f"s{i}.{k}" for k in range(len(street))]
        scene.way(" ".join(names), **dict(zip(names, street, strict=True)))
    for wall in town.walls:
        scene.block("wall", *wall)
    scene.water = [shapely.box(*pond) for pond in town.ponds]
    outlines = [
        shapely.box(x - half, y - half, x + half, y + half) if half else None
        for (x, y), half in zip(town.homes, town.sizes, strict=True)
    ]
    rung = [Rung.EDGE if half else Rung.CENTROID for half in town.sizes]
    points = Entrances(
        np.arange(len(rung)), np.array(town.homes), np.array(rung, np.int8), np.array(outlines)
    )
    links = snap(
        scene.network(),
        points,
        Linking(barriers=scene.barriers(), snap_max_m=reach_m, island_max_m=0),
    )
    for p, (home, half) in enumerate(zip(town.homes, town.sizes, strict=True)):
        legs = sorted(legs_of(town, home, half))
        metres = [leg[0] for leg in legs]
        assume(all(abs(m - reach_m) > 0.02 for m in metres))
        free = [m for m, a, b in legs if m < reach_m and not blocked(town, a, b)]
        mine = np.flatnonzero(links.owner_ix == p)
        nearest = links.leg_cm[mine].min()
        if half and links.edge_ix[mine[0]] >= 0:
            # From any point of the outline: at least as near, and no leg crosses anything.
            # in whole centimetres, as legs are kept
            assert nearest <= np.rint(100 * (free[0] if free else reach_m) + SLACK_CM)
            assert nearest >= 100 * metres[0] - 0.6
            for door, foot in zip(links.door_xy[mine], links.foot_xy[mine], strict=True):
                assert not crosses(town, tuple(door), tuple(foot))
        elif free:
            assert links.reason[mine].tolist() == [Reason.LINKED]
            assert nearest == pytest.approx(100 * free[0], abs=0.6)
        elif metres[0] > reach_m:
            assert links.reason[mine].tolist() == [Reason.TOO_FAR]
        else:
            wet = in_water(town, *legs[0][1:])
            assert links.reason[mine].tolist() == [Reason.WATER if wet else Reason.WALL]


def crosses(town: Town, door: XY, foot: XY) -> bool:
    """Whether a leg plainly crosses something: a hundredth more than what counts as touched."""
    a, b = np.array(door), np.array(foot)
    metres = math.dist(door, foot)
    if metres <= 2.1 * TOUCH_M:
        return False
    cut = (b - a) * (1.05 * TOUCH_M / metres)
    rest = shapely.LineString([a + cut, b - cut])
    leg = shapely.LineString([a, b])
    return any(rest.intersects(shapely.LineString(wall)) for wall in town.walls) or any(
        leg.intersection(shapely.box(*pond)).length > 1.05 * WET_M for pond in town.ponds
    )


def legs_of(town: Town, home: XY, half: float) -> list[tuple[float, XY, XY]]:
    """The shortest leg to every straight piece of street: metres, door, foot. Plain Python."""
    legs = []
    for street in town.streets:
        for a, b in pairwise(street):
            if not half:
                foot = nearest_on(a, b, home)
                legs.append((math.dist(home, foot), home, foot))
                continue
            x, y = home
            corners = [
                (x + i * half, y + j * half) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            ]
            ways = [(math.dist(c, f), c, f) for c in corners for f in [nearest_on(a, b, c)]]
            for c, d in zip(corners, [*corners[1:], corners[0]], strict=True):
                ways += [(math.dist(f, e), f, e) for e in (a, b) for f in [nearest_on(c, d, e)]]
                if meet(a, b, c, d) is not None:
                    ways.append((0.0, c, c))
            if max(abs(a[0] - x), abs(a[1] - y)) < half:
                ways.append((0.0, a, a))
            legs.append(min(ways))
    return legs


def nearest_on(a: XY, b: XY, p: XY) -> XY:
    dx, dy = b[0] - a[0], b[1] - a[1]
    share = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy)
    share = min(1.0, max(0.0, share))
    return (a[0] + share * dx, a[1] + share * dy)


def meet(a: XY, b: XY, c: XY, d: XY) -> float | None:
    """Share of the way from a to b at which it meets the line from c to d."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = a, b, c, d
    turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if turn == 0:
        return None
    along = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn
    other = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / turn
    return along if 0 <= along <= 1 and 0 <= other <= 1 else None


def in_water(town: Town, a: XY, b: XY) -> bool:
    """Whether more than WET_M of the way from a to b lies in a pond (Liang and Barsky 1984)."""
    for x0, y0, x1, y1 in town.ponds:
        enter, leave = 0.0, 1.0
        for step, start, low, high in (
            (b[0] - a[0], a[0], x0, x1),
            (b[1] - a[1], a[1], y0, y1),
        ):
            if step == 0:
                enter, leave = (enter, leave) if low <= start <= high else (1.0, 0.0)
                continue
            one, two = sorted(((low - start) / step, (high - start) / step))
            enter, leave = max(enter, one), min(leave, two)
        if (leave - enter) * math.dist(a, b) > WET_M:
            return True
    return False


def blocked(town: Town, a: XY, b: XY) -> bool:
    length = math.dist(a, b)
    shares = [meet(a, b, *wall) for wall in town.walls]
    at = [share * length for share in shares if share is not None]
    return any(TOUCH_M < m < length - TOUCH_M for m in at) or in_water(town, a, b)
