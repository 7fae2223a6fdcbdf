"""The second opinion of benchmarks/accuracy.py: its graph on a hand-drawn scene, and its page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import Scene
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gusu_geo.study.params import Walk
from gusu_geo.tables import WayFlag

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))


def drawn() -> tuple[Scene, Any]:
    """A street, a private lane that would be a short cut, and steps at its far end.

    a --- 500 m --- b        lane a-c: 100 m, private; d hangs on c by 50 m of steps
    |               |        round by b: 500 + 100 + 500 m from a to c
    c --- 500 m --- e
    """
    scene = Scene().way("a b", a=(0, 0), b=(500, 0)).way("b e", e=(500, 100)).way("e c", c=(0, 100))
    scene.way("a c", flags=int(WayFlag.PRIVATE)).way("c d", flags=int(WayFlag.STEPS), d=(0, 150))
    return scene, scene.network()


def seconds(doors: list[tuple[float, float, float]], of_venues: list[tuple[float, float, float]]) -> np.ndarray:  # fmt: skip
    """(homes, venues) seconds between doors (x, y, leg), each on the street through that place."""
    import hand_doors
    import hand_graph
    import shapely

    _, net = drawn()

    def put(rows: list[tuple[float, float, float]]) -> hand_doors.Doors:
        points = shapely.points([row[:2] for row in rows])
        edge = np.array([int(shapely.distance(net.edge_lines, point).argmin()) for point in points])
        along = shapely.line_locate_point(net.edge_lines[edge], points)
        each = np.arange(len(rows))
        return hand_doors.Doors(each, edge, along, np.array([row[2] for row in rows]), each)

    cost = hand_graph.costs(net, Walk())
    sizes = (len(doors), len(of_venues))
    graph = hand_graph.graph_of(net, cost, put(doors), put(of_venues), speed=1.0, sizes=sizes)
    size = (graph.nodes, graph.nodes)
    # of two arcs between the same nodes the quicker one; arcs of no length stay arcs
    order = np.argsort(-graph.seconds, kind="stable")
    weights = {(int(graph.tail[k]), int(graph.head[k])): graph.seconds[k] + 1e-9 for k in order}
    tail, head = np.array(list(weights)).T
    arcs = coo_array((list(weights.values()), (tail, head)), shape=size).tocsr()
    return dijkstra(arcs, indices=graph.home)[:, graph.venue]


@pytest.mark.parametrize(
    ("home", "venue", "wanted"),
    [
        ((100, 0, 10), (400, 0, 5), 315),  # along one street, both legs
        ((400, 0, 10), (100, 0, 5), 315),
        ((100, 0, 0), (100, 100, 0), 900),  # not through the lane: 400 + 100 + 400
        ((0, 40, 0), (100, 100, 0), 160),  # who lives on the lane leaves either way
        ((100, 0, 0), (0, 40, 0), 140),  # who goes to the lane comes in by it
        ((0, 40, 0), (0, 90, 3), 53),  # from door to door on the lane itself
        ((0, 40, 0), (0, 130, 0), 60 + 60),  # 30 m of steps take twice as long
    ],
)
def test_times_of_the_second_opinion_are_those_worked_out_by_hand(
    home: tuple[float, float, float], venue: tuple[float, float, float], wanted: float
) -> None:
    assert seconds([home], [venue]) == pytest.approx(wanted, abs=0.02)


def test_a_door_that_splits_its_street_and_one_that_does_not_give_the_same_time() -> None:
    """A home with many doors: alone on its street, and with a venue elsewhere on it."""
    many = [(float(x), 0.0, abs(x - 260) / 10) for x in range(100, 400, 20)]
    wanted = min((500 - x) + 60 + leg for x, _, leg in many)
    alone = seconds(many, [(500.0, 60.0, 0.0)])[:, 0]
    both = seconds(many, [(500.0, 60.0, 0.0), (20.0, 0.0, 0.0)])
    assert alone == pytest.approx([(500 - x) + 60 + leg for x, _, leg in many], abs=0.02)
    assert both[:, 0] == pytest.approx(alone, abs=0.02)
    assert both[:, 1] == pytest.approx([x - 20 + leg for x, _, leg in many], abs=0.02)
    assert alone.min() == pytest.approx(wanted, abs=0.02)


def test_the_page_is_what_the_script_makes_of_its_figures(tmp_path: Path) -> None:
    import accuracy_page

    figures = json.loads((ROOT / "benchmarks" / "accuracy.json").read_text("utf-8"))
    page = Path(shutil.copy(ROOT / "docs" / "accuracy.md", tmp_path))
    accuracy_page.write(figures, page)
    assert page.read_bytes() == (ROOT / "docs" / "accuracy.md").read_bytes()
