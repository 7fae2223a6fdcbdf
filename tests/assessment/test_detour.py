"""Detour ratios worked out by hand on small scenes, a plain twin, and what must always hold."""

from __future__ import annotations

import math
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scenes import Scene, points_frame

from gusu_geo.assessment import detours as detour
from gusu_geo.assessment.detours import DetourRing, Detours, detour_ratios, measure_detours
from gusu_geo.errors import InputError
from gusu_geo.study.params import Walk
from gusu_geo.tables import WayFlag
from gusu_geo.walking.linkage import Reason

Spot = tuple[float, float]


def ratio(walked: list[float], straight: list[float]) -> int:
    return round(1000 * sum(walked) / sum(straight))


def measured(scene: Scene, ring: DetourRing | None = None, **options: object) -> Detours:
    net = scene.network()
    homes = scene.linked(net, scene.homes, island_max_m=0.0)
    return measure_detours(net, homes, ring=ring, island_max_m=0.0, **options)  # type: ignore[arg-type]


def grid(size: int, missing: frozenset[tuple[Spot, Spot]] = frozenset()) -> Scene:
    """Streets every 100 m, ``size`` of them each way; pieces between neighbours may be missing."""
    scene = Scene()
    place = {f"n{i}_{j}": (100.0 * i, 100.0 * j) for i in range(size) for j in range(size)}
    for a, at in place.items():
        for b, to in place.items():
            if to in ((at[0] + 100, at[1]), (at[0], at[1] + 100)) and (at, to) not in missing:
                scene.way(f"{a} {b}", **{a: at, b: to})
    return scene


def test_on_a_straight_street_only_the_way_to_it_is_a_detour() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).home("at", 500, 0).home("off", 500, 20)
    away = [225.0, 275.0, 325.0, 375.0, 425.0, 475.0] * 2  # a point every 50 m, from 25 m on
    found = measured(scene)
    assert found.ratio_pm[0] == 1000
    assert found.ratio_pm[1] == ratio([20 + x for x in away], [math.hypot(x, 20) for x in away])
    assert found.beyond_pm.tolist() == [0, 0]


def test_a_grid_seen_from_its_corner() -> None:
    """In a dense grid the mean of |x| + |y| over the circle is 4 / pi; streets are not dense."""
    spots = [(100.0 * i, 25.0 + 50 * k) for i in range(7) for k in range(12)]
    spots += [(y, x) for x, y in spots]
    inside = [(x, y) for x, y in spots if 200 <= math.hypot(x, y) <= 500]
    found = measured(grid(7).home("h", 0, 0))
    wanted = ratio([x + y for x, y in inside], [math.hypot(x, y) for x, y in inside])
    assert found.ratio_pm[0] == wanted
    assert abs(wanted / 1000 - 4 / math.pi) < 0.03


def canal(*, bridge_x: float | None = None) -> Scene:
    """Quays of 1,000 m on both sides of a canal 40 m wide; the home in the middle of the south."""
    scene = Scene().home("h", 500, 0)
    if bridge_x is None:
        scene.way("a b", a=(0, 0), b=(1000, 0)).way("c d", c=(0, 40), d=(1000, 40))
        return scene
    scene.way("a p b", a=(0, 0), p=(bridge_x, 0), b=(1000, 0))
    scene.way("c q d", c=(0, 40), q=(bridge_x, 40), d=(1000, 40))
    return scene.way("p q", flags=int(WayFlag.BRIDGE))


def test_a_bank_without_a_bridge_counts_with_the_cutoff() -> None:
    here = [225.0, 275.0, 325.0, 375.0, 425.0, 475.0] * 2
    there = [math.hypot(x, 40) for x in here]
    found = measured(canal())
    assert found.ratio_pm[0] == ratio([*here, *[2000.0] * 12], [*here, *there])
    assert found.beyond_pm[0] == 500
    near = measured(canal(), DetourRing(cutoff_m=1000))
    assert near.ratio_pm[0] == ratio([*here, *[1000.0] * 12], [*here, *there])


def test_a_bridge_far_along_the_quay_is_a_long_way_round() -> None:
    """Bridge at x = 1000: everyone walks 500 m there, 40 m over, and back."""
    here = [225.0, 275.0, 325.0, 375.0, 425.0, 475.0]
    there = [500 + 40 + 500 - x for x in here] + [500 + 40 + 500 + x for x in here]
    straight = [math.hypot(x, 40) for x in here] * 2
    found = measured(canal(bridge_x=1000.0))
    assert found.ratio_pm[0] == ratio([*here, *here, *there], [*here, *here, *straight])
    assert found.beyond_pm[0] == 0


def test_of_two_doors_the_better_one_counts() -> None:
    scene = canal().home("both", 500, 0, 500, 40)
    found = measured(scene)
    assert found.ratio_pm[1] == 1000
    assert found.beyond_pm[1] == 0


def test_a_private_short_cut_is_nobodys_way_to_other_streets() -> None:
    scene = canal().way("a c", flags=int(WayFlag.PRIVATE))
    net = scene.network()
    homes = scene.linked(net, scene.homes, island_max_m=0.0)
    shut = measure_detours(net, homes, island_max_m=0.0)
    assert shut.beyond_pm[0] == 500
    open_ = measure_detours(net, homes, island_max_m=0.0, walk=Walk(private="open"))
    assert open_.beyond_pm[0] == 0


def test_who_cannot_be_told_says_why_and_is_never_nan() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(150, 0)).home("alone", 75, 0).home("far", 0, 5000)
    found = measured(scene)
    assert found.ratio_pm.tolist() == [-1, -1]
    frame = found.frame
    assert frame["reason"].tolist() == ["no_streets", Reason.TOO_FAR.name.lower()]
    assert str(frame["detour_ratio"].dtype) == "Float64"
    assert frame["detour_ratio"].tolist() == [pd.NA, pd.NA]


def test_the_frame_has_the_callers_rows_in_any_system() -> None:
    scene = canal(bridge_x=1000.0)
    net = scene.network()
    points = points_frame(net, {"far": (0, 9000), "h": (500, 0)})
    frame = detour_ratios(net, points.to_crs(4326))
    assert frame.index.tolist() == ["far", "h"]
    assert frame["reason"].tolist() == ["too_far", ""]
    wanted = measured(scene).ratio_pm[0] / 1000
    assert frame["detour_ratio"].tolist()[1] == pytest.approx(wanted, abs=0.0011)


@pytest.mark.parametrize(
    "wrong",
    [
        {"near_m": 500.0},
        {"near_m": 0.0},
        {"far_m": math.nan},
        {"cutoff_m": math.inf},
        {"cutoff_m": 400.0},
        {"spacing_m": 0.0},
        {"spacing_m": 301.0},
    ],
)
def test_a_ring_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"ring needs|spacing_m must"):
        DetourRing(**wrong)


# --- what always holds ----------------------------------------------------------------------

PIECES = [((100.0 * i, 100.0 * j), (100.0 * i + 100 * dx, 100.0 * j + 100 * dy))
          for i in range(4) for j in range(4) for dx, dy in ((1, 0), (0, 1))
          if i + dx < 4 and j + dy < 4]  # fmt: skip
RING = DetourRing(near_m=60, far_m=210, cutoff_m=600, spacing_m=50)
towns = st.frozensets(st.sampled_from(PIECES), max_size=14)
spots = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=5)


def twin(pieces: list[tuple[Spot, Spot]], foot: Spot, leg_m: float, door: Spot) -> list[int]:
    """[ratio, beyond] per mille in plain floats over networkx; every piece is 100 m long."""
    streets = nx.Graph()
    for a, b in pieces:
        share = math.dist(a, foot) + math.dist(foot, b)
        places = [a, b] if share > 100 + 1e-6 else sorted({a, foot, b})
        for p, q in pairwise(places):
            streets.add_edge(p, q, m=math.dist(p, q))
    metres = nx.single_source_dijkstra_path_length(streets, foot, weight="m")
    walked, straight, beyond = [], [], 0
    for a, b in pieces:
        for part in (0.25, 0.75):
            x, y = a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])
            away = math.dist(door, (x, y))
            if not RING.near_m <= round(away, 2) <= RING.far_m:  # told in whole centimetres
                continue
            ends = [
                metres.get(a, math.inf) + 100 * part,
                metres.get(b, math.inf) + 100 - 100 * part,
            ]
            if math.dist(a, foot) + math.dist(foot, b) < 100 + 1e-6:
                ends.append(math.dist(foot, (x, y)))
            walk = min(leg_m + min(ends), RING.cutoff_m)
            beyond += walk >= RING.cutoff_m
            walked.append(walk)
            straight.append(away)
    if not straight:
        return [-1, -1]
    return [round(1000 * sum(walked) / sum(straight)), round(1000 * beyond / len(straight))]


@given(missing=towns, where=spots)
@example(missing=frozenset(p for p in PIECES if max(map(max, p)) <= 200), where=[(0, 0)])
@example(missing=frozenset(), where=[(24, 90)])  # a street point 210.002 m away
@settings(max_examples=20)
def test_the_plain_twin_finds_the_same(missing: frozenset[tuple[Spot, Spot]], where: list[Spot]) -> None:  # fmt: skip
    scene = grid(4, missing)
    for i, (x, y) in enumerate(where):
        scene.home(f"h{i}", x, y)
    net = scene.network()
    homes = scene.linked(net, scene.homes, island_max_m=0.0)
    found = measure_detours(net, homes, ring=RING, island_max_m=0.0)
    pieces = [piece for piece in PIECES if piece not in missing]
    links = homes.links
    for i in range(len(where)):
        foot = (round(float(links.foot_xy[i, 0]), 2), round(float(links.foot_xy[i, 1]), 2))
        linked = links.edge_ix[i] >= 0  # with many pieces missing no street may be within 100 m
        wanted = twin(pieces, foot, links.leg_cm[i] / 100, where[i]) if linked else [-1, -1]
        assert abs(int(found.ratio_pm[i]) - wanted[0]) <= 1, i
        assert abs(int(found.beyond_pm[i]) - wanted[1]) <= 1, i


@given(missing=towns, where=spots, added=st.lists(st.integers(0, 15), min_size=2, max_size=2))
@settings(max_examples=14)
def test_another_bridge_lengthens_no_way(
    missing: frozenset[tuple[Spot, Spot]], where: list[Spot], added: list[int]
) -> None:
    """A bridge has no street points of its own, so the same streets are walked to as before."""
    before, after = grid(4, missing), grid(4, missing)
    known = [name for path, _ in before.ways for name in path]
    a, b = (known[i % len(known)] for i in added)
    if a != b:
        after.way(f"{a} {b}", flags=int(WayFlag.BRIDGE))
    for scene in (before, after):
        for i, (x, y) in enumerate(where):
            scene.home(f"h{i}", x, y)
    old, new = measured(before, RING), measured(after, RING)
    assert (new.ratio_pm <= old.ratio_pm).all()
    assert (new.beyond_pm <= old.beyond_pm).all()


@given(missing=towns, where=spots, seed=st.integers(0, 99))
@settings(max_examples=12)
def test_neither_names_nor_order_nor_threads_matter(
    missing: frozenset[tuple[Spot, Spot]], where: list[Spot], seed: int
) -> None:
    scene, other = grid(4, missing), Scene()
    shuffle = np.random.default_rng(seed)
    names = dict(zip(scene.place, shuffle.permutation(len(scene.place)).tolist(), strict=True))
    for i in shuffle.permutation(len(scene.ways)).tolist():
        path = scene.ways[i][0][:: 1 if i % 2 else -1]
        other.way(" ".join(f"x{names[n]}" for n in path), **{f"x{names[n]}": scene.place[n] for n in path})  # fmt: skip
    for drawn in (scene, other):
        for i, (x, y) in enumerate(where):
            drawn.home(f"h{i}", x, y)
    one = measured(scene, RING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detour, "BLOCK_HOMES", 1)
        patch.setattr(detour, "THREADS", 1)
        two = measured(other, RING)
    # Equally near streets may be told apart by their names: then the foot differs, not the ratio
    # of a home whose street is one.
    same = [i for i, (x, y) in enumerate(where) if (x % 100 == 0) != (y % 100 == 0)]
    assert one.ratio_pm[same].tolist() == two.ratio_pm[same].tolist()
