"""Walls and their gates: known ones are walked through, those of one garden are assumed."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from scenes import Scene, entrances, seconds_of

from gusu_geo.tables import Rung
from gusu_geo.walking.gardens import through_garden_walls
from gusu_geo.walking.linkage import Linkage, Linking, Reason

XY = tuple[float, float]


def garden(side: float = 40, street: float = 8, **homes: tuple[float, ...]) -> Scene:
    """A house in the middle of a walled plot, its wall so far from the street y = 0."""
    scene = Scene().way("a b", a=(0, 0), b=(3000, 0)).venue("shop", 1000, 0)
    x0, y0 = 500 - side / 2, street
    scene.block(
        "wall", (x0, y0), (x0 + side, y0), (x0 + side, y0 + side), (x0, y0 + side), (x0, y0)
    )
    middle = y0 + side / 2
    for name, corners in (homes or {"h": (494, middle - 6, 506, middle + 6)}).items():
        scene.house(name, *corners)
    return scene


def assumed(scene: Scene) -> Linkage:
    net = scene.network()
    points = entrances(scene.homes, scene.outlines)
    linking = Linking(barriers=scene.barriers(), island_max_m=0, homes_xy=points.xy)
    links = scene.linked(net, scene.homes, island_max_m=0).links
    return through_garden_walls(
        net, points, links, linking, homes=True, closed=np.zeros(net.edges, bool)
    )


def test_a_garden_wall_beside_the_street_has_a_gate_that_nobody_drew() -> None:
    scene = garden()
    assert scene.linked(scene.network(), scene.homes, island_max_m=0).links.reason.tolist() == [4]
    links = assumed(scene)
    assert links.reason.tolist() == [Reason.LINKED]
    assert links.rung.tolist() == [Rung.ASSUMED]
    assert links.leg_cm[0] == 100 * (14 + 8)  # to the wall, and on to the street


@pytest.mark.parametrize(
    "scene",
    [
        garden(side=51),  # more than 2,500 m2
        garden(street=21),  # no street along the wall
        garden(a=(485, 20, 490, 25), b=(495, 20, 500, 25), c=(505, 20, 510, 25)),  # three homes
    ],
    ids=["large", "far", "shared"],
)
def test_other_walls_stay_closed(scene: Scene) -> None:
    assert set(assumed(scene).reason.tolist()) == {int(Reason.WALL)}


def test_water_is_no_garden_wall() -> None:
    scene = garden().block("waterway", (0, 4), (3000, 4))
    assert assumed(scene).edge_ix.tolist() == [-1]


def test_the_house_may_be_part_of_the_ring() -> None:
    """Front gardens of a terrace: walls that end at the facade."""
    scene = Scene().way("a b", a=(0, 0), b=(3000, 0)).house("h", 480, 20, 520, 32)
    scene.block("wall", (482, 20), (482, 8), (518, 8), (518, 20))
    for side in (-1, 1):  # a large yard behind, closed up to the front garden
        corners = [(18, 8), (18, 5), (100, 5), (100, 60), (0, 60)]
        scene.block("wall", *((500 + side * x, y) for x, y in corners))
    front = assumed(scene)
    assert front.rung.tolist() == [Rung.ASSUMED]
    assert front.leg_cm[0] == pytest.approx(100 * 20, abs=2)


def test_a_known_gate_is_walked_through_wherever_it_is_in_the_wall() -> None:
    for x in (500.0, 516.0, 519.0):
        scene = garden().gate(x, 8)
        # from the nearest corner or side of the house to the gate, then to the street, then along
        near = min(max(x, 494), 506)
        metres = math.dist((near, 22), (x, 8)) + 8 + (1000 - x)
        got = seconds_of(scene.measure(island_max_m=0), "h")
        assert got <= metres + 0.1
        assert got >= metres - 8  # the gate is four metres wide, and may be cut through askew


def test_a_gate_adds_a_way_and_takes_none_away() -> None:
    """Through the gate to the street in the south, and still to the one in the north."""
    scene = Scene().way("a b", a=(0, 0), b=(200, 0)).way("c d", c=(0, 44), d=(200, 44))
    scene.home("h", 100, 10).block("wall", (-50, 5), (250, 5))

    def legs() -> set[int]:
        links = scene.linked(scene.network(), scene.homes, island_max_m=0).links
        return set(links.leg_cm.tolist())

    assert legs() == {3400}
    scene.gate(100, 5)
    assert legs() == {1000, 3400}


def test_one_more_gate_never_lengthens_a_walk() -> None:
    rng = np.random.default_rng(5)
    for _ in range(12):
        gates = [(float(x), 8.0) for x in rng.uniform(480, 520, 3)] + [(480.0, 30.0), (520.0, 40.0)]
        rng.shuffle(gates)
        before = math.inf
        for count in range(1, len(gates) + 1):
            scene = garden()
            scene.way("c d", c=(530, 0), d=(530, 100))
            for x, y in gates[:count]:
                scene.gate(x, y)
            now = seconds_of(scene.measure(island_max_m=0), "h")
            assert now <= before + 0.011 or before == math.inf
            before = now


def test_the_gate_of_another_wall_is_none_of_ours() -> None:
    scene = garden()
    scene.block("wall", (560, 8), (600, 8), (600, 48), (560, 48), (560, 8)).gate(580, 8)
    assert scene.linked(scene.network(), scene.homes, island_max_m=0).links.edge_ix.tolist() == [-1]


def test_walls_that_touch_are_one() -> None:
    """A ring drawn in two pieces, the gate in the other one."""
    scene = Scene().way("a b", a=(0, 0), b=(3000, 0)).house("h", 494, 20, 506, 32)
    scene.block("wall", (480, 8), (510, 8)).block(
        "wall", (510, 8), (520, 8), (520, 48), (480, 48), (480, 8)
    )
    scene.gate(516, 8)
    links = scene.linked(scene.network(), scene.homes, island_max_m=0).links
    assert (links.edge_ix >= 0).all()
    assert shapely.Point(links.foot_xy[0]).distance(shapely.Point(516, 0)) < 3
