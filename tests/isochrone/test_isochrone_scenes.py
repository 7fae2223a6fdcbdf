"""Isochrones on streets drawn by hand: one metre takes one second, every truth is plain sums.

Polygons reach 30 m to either side. A failure names a drawing of the scene (``reached.py``).
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import shapely
from plaza_scenes import CORNERS, Square
from reached import Reached
from scenes import Scene

from gusu_geo.study.params import Walk
from gusu_geo.tables import WayFlag

WHEELS = Walk(speed_mps=0.8, wheels=True)


def canal(*, middle: int | None) -> Scene:
    """A canal 20 m wide between two quays; perhaps a way across at x = 200.

     n0 ---------------- n2 ----- n3       y = 170
                         .  d              y = 125
    ~~~~~~~~~~~~~~~~~~~~ . ~~~~~~~~        y = 100 to 120
                         .  c              y = 95
     s0 -------- o ----- s2 ----- s3       y = 50
    """
    scene = Scene().way("s0 s2 s3", s0=(-300, 50), s2=(200, 50), s3=(300, 50))
    scene.way("n0 n2 n3", n0=(-300, 170), n2=(200, 170), n3=(300, 170))
    scene.water.append(shapely.box(-600, 100, 600, 120))
    if middle is not None:
        scene.way("s2 c", c=(200, 95)).way("c d", d=(200, 125), flags=middle).way("d n2")
    return scene


@pytest.mark.parametrize("middle", [WayFlag.BRIDGE, WayFlag.TUNNEL])
def test_canal_is_crossed_where_a_street_does_and_stays_shut_beside_it(
    middle: WayFlag, tmp_path: Path
) -> None:
    here = Reached(canal(middle=middle), at=(0, 50), minutes=(5, 10), folder=tmp_path)
    here.pieces(
        5,
        [
            ((-300, 50), (0, 50), 300, 0),
            ((0, 50), (200, 50), 0, 200),
            ((200, 50), (300, 50), 200, 300),
            ((200, 50), (200, 95), 200, 245),
            ((200, 95), (200, 125), 245, 275),
            ((200, 125), (200, 150), 275, 300),
        ],
    )
    # 45 s on the bridge and its ramps more: the far quay at 320 s, 280 m of it are left to the west.
    assert here.street_m(10) == pytest.approx(600 + 120 + 280 + 100, abs=0.02)
    on_it = (200, 110), (200.5, 103), (199.5, 118)
    near = (0, 50), (0, 75), (-299, 50), (200, 149), (215, 80)
    for limit in (5, 10):
        here.inside(limit, *near, *on_it)
        here.outside(limit, (0, 81), (195, 110), (205, 110), (180, 101), (220, 119), (0, 110))
    here.outside(5, (0, 170), (150, 170), (170, 125), (200, 155))
    here.inside(10, (0, 170), (-79, 170), (0, 145), (215, 130))
    here.outside(10, (-85, 170), (0, 139))


def test_canal_without_a_way_across_leaves_the_far_quay_alone(tmp_path: Path) -> None:
    """Not even with a reach that spans it: 30 m from quay to quay."""
    scene = Scene().way("a b", a=(-300, 90), b=(300, 90)).way("c d", c=(-300, 120), d=(300, 120))
    scene.water.append(shapely.box(-600, 95, 600, 115))
    here = Reached(scene, at=(0, 90), minutes=(1, 5), reach_m=100, folder=tmp_path)
    here.pieces(5, [((-300, 90), (0, 90), 300, 0), ((0, 90), (300, 90), 0, 300)])
    here.inside(5, (0, 94.5), (290, 94), (0, 10))
    here.outside(5, (0, 96), (0, 105), (0, 115.5), (0, 120), (200, 130))


def test_river_drawn_as_a_line_stops_people_too(tmp_path: Path) -> None:
    scene = Scene().way("a b", a=(-300, 90), b=(300, 90)).way("c d", c=(-300, 120), d=(300, 120))
    scene.block("waterway", (-600, 100), (600, 100))
    here = Reached(scene, at=(0, 90), minutes=(5,), folder=tmp_path)
    here.inside(5, (0, 99))
    here.outside(5, (0, 102), (0, 119))


def test_towpath_under_a_bridge_opens_neither_the_water_nor_the_road_above(tmp_path: Path) -> None:
    """A road crosses the canal on a bridge, over a towpath 2 m off the bank; stairs join them only
    800 m to the west."""
    scene = canal(middle=WayFlag.BRIDGE).way("t0 t1", t0=(-600, 98), t1=(600, 98))
    scene.way("t0 w s0", w=(-600, 50))
    here = Reached(scene, at=(190, 98), minutes=(5,), folder=tmp_path)
    here.pieces(5, [((-110, 98), (190, 98), 300, 0), ((190, 98), (490, 98), 0, 300)])
    here.inside(5, (190, 99.5), (200, 98), (0, 98), (489, 98), (0, 75))
    here.outside(5, (200, 102), (200, 110), (190, 101), (200, 122), (190, 125), (200, 60), (0, 55))


def test_tunnel_under_the_canal_belongs_to_nobody_above_it(tmp_path: Path) -> None:
    """Whoever walks in the tunnel does not reach the island above it."""
    scene = canal(middle=None).way("s2 c", c=(200, 90)).way("d n2", d=(200, 130))
    scene.way("c d", flags=WayFlag.TUNNEL).way("i j", i=(190, 114), j=(210, 114))
    scene.water[:] = [shapely.box(-600, 100, 600, 120) - shapely.box(180, 105, 220, 115)]
    here = Reached(scene, at=(200, 50), minutes=(5,), folder=tmp_path)
    here.inside(5, (200, 110), (200, 102), (200, 140))
    here.outside(5, (192, 114), (195, 108), (205, 107), (203, 110), (185, 107), (203, 102))


def test_nobody_steps_off_a_viaduct(tmp_path: Path) -> None:
    """100 m of bridge over land, and a yard below it that has a street of its own, not reached."""
    scene = Scene().way("a b", a=(0, 0), b=(100, 0)).way("c d", c=(200, 0), d=(300, 0))
    scene.way("b c", flags=WayFlag.BRIDGE).way("x y", x=(150, -25), y=(150, 25))
    here = Reached(scene, at=(0, 0), minutes=(4,), folder=tmp_path)
    here.pieces(
        4,
        [
            ((0, 0), (100, 0), 0, 100),
            ((100, 0), (200, 0), 100, 200),
            ((200, 0), (240, 0), 200, 240),
        ],
    )
    here.inside(4, (150, 0), (150, 2.5), (120, 10), (180, 10))
    here.outside(4, (150, 5), (140, 8), (160, -8), (150, 20))


def walled(*, gate: str) -> Scene:
    """Two streets 30 m apart, a wall between them 10 m off the first, a way through it at x = 100: "open",
    "locked", or "none"."""
    scene = Scene(closed="g" if gate == "locked" else "")
    scene.way("a0 a1 a2", a0=(-400, 0), a1=(100, 0), a2=(400, 0))
    scene.way("b0 b1 b2", b0=(-400, 30), b1=(100, 30), b2=(400, 30))
    scene.block("wall", (-500, 10), (500, 10))
    if gate != "none":
        scene.way("a1 g b1", g=(100, 10))
        scene.gate(100, 10, "locked" if gate == "locked" else "public")
    return scene


def test_wall_with_an_open_gate_lets_through_there_alone(tmp_path: Path) -> None:
    here = Reached(walled(gate="open"), at=(0, 0), minutes=(3, 5), folder=tmp_path)
    here.pieces(
        3,
        [
            ((-180, 0), (0, 0), 180, 0),
            ((0, 0), (100, 0), 0, 100),
            ((100, 0), (180, 0), 100, 180),
            ((100, 0), (100, 30), 100, 130),
            ((50, 30), (100, 30), 180, 130),
            ((100, 30), (150, 30), 130, 180),
        ],
    )
    here.inside(3, (0, 9), (100, 10), (60, 30), (145, 25), (-150, 9))
    # 12 m from where one stands, and 248 m to walk
    here.outside(3, (0, 12), (0, 20), (0, 30), (30, 30), (170, 30))
    here.inside(5, (0, 12), (0, 20), (0, 30), (-60, 30))
    here.outside(5, (-80, 30), (-100, 12))


@pytest.mark.parametrize("gate", ["locked", "none"])
def test_wall_without_a_gate_that_opens_stays_shut(gate: str, tmp_path: Path) -> None:
    here = Reached(walled(gate=gate), at=(0, 0), minutes=(5,), folder=tmp_path)
    here.inside(5, (0, 9), (100, 9), (290, 0))
    here.outside(5, (0, 12), (100, 12), (97, 11), (0, 30), (100, 30), (100, 45))
    stub_m = 10 if gate == "locked" else 0
    assert here.street_m(5) == pytest.approx(600 + stub_m, abs=0.02)


def ramp() -> Scene:
    """Steps of 40 m between two streets, and a ramp of 240 m beside them.

    up ---- s ------------- r2
            |  (steps)      |
    low --- t ------------- r1
    """
    scene = Scene().way("low t", low=(-60, 0), t=(0, 0)).way("s up", s=(0, 40), up=(-300, 40))
    scene.way("t s", flags=WayFlag.STEPS | WayFlag.NO_WHEELS)
    return scene.way("t r1 r2 s", r1=(100, 0), r2=(100, 40))


def test_stairs_are_walked_at_their_own_pace(tmp_path: Path) -> None:
    """A metre of steps takes two seconds: the top at 60 + 80 s, 160 m of street are left."""
    here = Reached(ramp(), at=(-60, 0), minutes=(2, 5), folder=tmp_path)
    here.pieces(
        5,
        [
            ((-60, 0), (0, 0), 0, 60),
            ((0, 0), (0, 40), 60, 140),
            ((0, 0), (0, 40), 60, 140),  # the ramp, from both ends: 60 + x and 140 + 240 - x
            ((-160, 40), (0, 40), 300, 140),
        ],
    )
    here.pieces(
        2, [((-60, 0), (0, 0), 0, 60), ((0, 0), (0, 30), 60, 120), ((0, 0), (60, 0), 60, 120)]
    )
    here.inside(5, (-150, 40), (99, 20))
    here.outside(2, (-60, 40), (0, 45))


def test_wheels_take_the_ramp(tmp_path: Path) -> None:
    """At 0.8 m/s: 75 s to the steps, 225 s are left for 180 m of ramp; the top at 375 s."""
    here = Reached(ramp(), at=(-60, 0), minutes=(5, 8), walk=WHEELS, folder=tmp_path)
    here.pieces(5, [((-60, 0), (0, 0), 0, 75), ((0, 0), (60, 40), 75, 300)])
    here.outside(5, (-60, 40), (0, 40), (20, 40))
    here.pieces(
        8,
        [((-60, 0), (0, 0), 0, 75), ((0, 0), (0, 40), 75, 375), ((-84, 40), (0, 40), 480, 375)],
    )
    here.inside(8, (-80, 40))
    here.outside(8, (-88, 40))


def test_plaza_is_crossed_straight_and_all_of_it_near_its_streets_is_inside(tmp_path: Path) -> None:
    """100 m x 100 m, corner to corner 141.42 m; from 40 m before it 20 m are left beyond."""
    scene = Square().plaza("sw se ne nw sw", **CORNERS)
    scene.way("a sw", a=(-40, 0)).way("ne b", b=(160, 100))
    seconds = 40 + 100 * math.sqrt(2) + 20
    here = Reached(scene, at=(-40, 0), minutes=(seconds / 60,), folder=tmp_path)
    limit = seconds / 60
    here.inside(limit, (119, 100), (50, 0), (0, 99))
    here.outside(limit, (125, 100))
    ends = here.streets.geometry.get_coordinates().max().tolist()
    assert ends == pytest.approx([120, 100], abs=0.05)
    # round by the corners between after 140 s: 61.42 m on from them, and back 20 m to meet them
    diagonal = 100 * math.sqrt(2)
    around = 200 + 2 * (diagonal - 80 + 20)
    assert here.street_m(limit) == pytest.approx(40 + diagonal + around + 20, abs=0.1)


@pytest.mark.parametrize(
    ("length_m", "end_m", "end_s"), [(300.0, 300.0, 300.0), (300.01, 300.0, 300.0)]
)
def test_dead_end_at_exactly_the_cutoff_is_reached(
    length_m: float, end_m: float, end_s: float, tmp_path: Path
) -> None:
    scene = Scene().way("a b", a=(0, 0), b=(length_m, 0))
    here = Reached(scene, at=(0, 0), minutes=(5,), folder=tmp_path)
    here.pieces(5, [((0, 0), (end_m, 0), 0, end_s)])
    line = here.streets.geometry.iloc[0]
    assert line.length == pytest.approx(end_m, abs=0.001)
    here.inside(5, (300, 0), (299.99, 0))


def test_cutoff_counts_to_the_centisecond(tmp_path: Path) -> None:
    """Beyond a junction that takes exactly the time there is nothing; a centisecond more is 1 cm
    of either street."""
    scene = Scene().way("a b", a=(0, 0), b=(300, 0)).way("b c", c=(300, 80)).way("b d", d=(380, 0))
    limits = (299.99 / 60, 300 / 60, 300.01 / 60)
    here = Reached(scene, at=(0, 0), minutes=limits, folder=tmp_path)
    for limit, length_m in zip(limits, (299.99, 300.0, 300.02), strict=True):
        assert here.street_m(limit) == pytest.approx(length_m, abs=0.003)
    here.pieces(limits[1], [((0, 0), (300, 0), 0, 300)])
    here.inside(limits[1], (300, 0))
    here.outside(limits[1], (300, 79), (379, 0), (300, 10))


def loop() -> Scene:
    """A stem of 100 m, and a loop of 400 m: one edge that begins and ends at o."""
    corners = {"p": (100, 0), "q": (100, 100), "r": (0, 100)}
    return Scene().way("a o", a=(-100, 0), o=(0, 0)).way("o p q r o", **corners)


def test_loop_is_walked_both_ways_round(tmp_path: Path) -> None:
    here = Reached(loop(), at=(-100, 0), minutes=(4, 5, 6), folder=tmp_path)
    here.pieces(
        4,
        [((-100, 0), (0, 0), 0, 100), ((0, 0), (100, 40), 100, 240), ((0, 0), (40, 100), 100, 240)],
    )
    here.outside(4, (100, 100), (100, 60), (50, 50))
    # both ways meet at the far corner after 300 s
    assert here.street_m(5) == pytest.approx(500, abs=0.02)
    here.inside(5, (100, 100), (80, 60))
    here.outside(5, (105, 105))  # the step off the street takes time too
    here.inside(6, (118, 118))
    here.outside(6, (50, 50), (34, 50), (50, 66))
    (hole,) = here.polygons[6].interiors  # 30 m off the street on all sides
    assert hole.bounds == pytest.approx((30, 30, 70, 70), abs=0.1)
    assert shapely.Polygon(hole).area == pytest.approx(40 * 40, rel=0.01)


def test_loop_from_a_place_on_it(tmp_path: Path) -> None:
    """From (100, 50), a minute each way; the seam of the edge at o is never reached."""
    here = Reached(loop(), at=(100, 50), minutes=(1, 4), folder=tmp_path)
    here.pieces(1, [((90, 0), (100, 50), 60, 0), ((100, 50), (90, 100), 0, 60)])
    # 150 m to o one way, then 90 m of stem and 50 m beyond on the loop, 200 m and 40 m the other
    assert here.street_m(4) == pytest.approx(400 + 90, abs=0.02)


def test_towards_and_from_differ_on_a_one_way_street(tmp_path: Path) -> None:
    """Up an escalator of 60 m one comes at once, down by 180 m of street."""
    scene = Scene().way("a b", a=(0, 0), b=(60, 0), flags=WayFlag.FORWARD_ONLY)
    scene.way("a c d b", c=(0, 60), d=(60, 60))
    scene.way("a e", e=(-100, 0)).way("b f", f=(160, 0))
    there = Reached(scene, at=(-100, 0), minutes=(4,), folder=tmp_path)
    there.inside(4, (139, 0))
    there.outside(4, (145, 0))
    back = Reached(scene, at=(-100, 0), minutes=(4,), direction="to", folder=tmp_path)
    back.outside(4, (60, 0), (139, 0), (100, 0))
    # towards e: the stem, the escalator from its foot alone (nobody comes down), 140 m of the way
    back.pieces(4, [((-100, 0), (0, 0), 0, 100), ((0, 0), (60, 40), 100, 240)])


def test_railway_is_crossed_at_the_level_crossing_alone(tmp_path: Path) -> None:
    scene = (
        Scene().way("a0 a1", a0=(-400, 0), a1=(100, 0)).way("b0 b1", b0=(-400, 30), b1=(100, 30))
    )
    scene.way("a1 b1").block("railway", (-500, 10), (500, 10))
    here = Reached(scene, at=(0, 0), minutes=(3,), folder=tmp_path)
    here.inside(3, (0, 9), (100, 10), (60, 30))
    here.outside(3, (0, 12), (0, 30))


def test_streets_that_almost_meet_leave_no_beads_but_a_fenced_yard_stays_out(
    tmp_path: Path,
) -> None:
    """Two streets 60.6 m apart, not along the grid: a gap of 0.6 m, narrower than its cells."""

    def turned(x: float, y: float) -> tuple[float, float]:
        return 0.96 * x - 0.28 * y, 0.28 * x + 0.96 * y

    scene = Scene().way("a b", a=turned(0, 0), b=turned(400, 0))
    scene.way("c d", c=turned(0, 60.6), d=turned(400, 60.6)).way("a c").way("b d")
    yard = [(200, 28), (206, 28), (206, 34), (200, 34), (200, 28)]
    scene.block("wall", *(turned(*corner) for corner in yard))
    here = Reached(scene, at=turned(0, 0), minutes=(15,), folder=tmp_path)
    (hole,) = here.polygons[15].interiors
    middle = shapely.Point(turned(203, 31))
    assert shapely.Polygon(hole).contains(middle)
    assert shapely.Polygon(hole).area == pytest.approx(36, rel=0.5)


def test_a_failure_names_a_drawing_of_the_scene(tmp_path: Path) -> None:
    here = Reached(canal(middle=None), at=(0, 50), minutes=(5,), folder=tmp_path)
    with pytest.raises(AssertionError, match=r"\(0, 110\).* drawn in .*scene-5\.svg"):
        here.inside(5, (0, 110))
    drawn = (tmp_path / "scene-5.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert 'cx="0" cy="110"' in drawn
