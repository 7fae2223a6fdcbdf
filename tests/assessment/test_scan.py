"""The scan for clusters: by hand, beside a slow plain one, and on planted towns."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo._kernels.scanning import likeliest
from gusu_geo.assessment.signals.scan import SAME, Scanned, _windows, llr_of, scan

Cell = tuple[float, float, int, float]  # x, y, count, weight
CELLS = st.lists(
    st.tuples(
        st.integers(0, 4).map(float),
        st.integers(0, 4).map(float),
        st.integers(0, 30),
        st.sampled_from([1.0, 2.0, 5.0]),
    ),
    min_size=2,
    max_size=9,
)


def plain_best(cells: list[Cell], share_max: float) -> float:
    """The likeliest circle of all, one after the other."""
    total = sum(cell[2] for cell in cells)
    weight = sum(cell[3] for cell in cells)
    best = 0.0
    for x, y, *_ in cells:
        for radius in {math.dist((x, y), other[:2]) for other in cells}:
            held = [cell for cell in cells if math.dist((x, y), cell[:2]) <= radius + 1e-9]
            c, m = sum(h[2] for h in held), total * sum(h[3] for h in held) / weight
            if m > share_max * total + 1e-9 or c <= m:
                continue
            rest = (total - c) * math.log((total - c) / (total - m)) if c < total else 0.0
            best = max(best, c * math.log(c / m) + rest)
    return best


def greatest(cells: list[Cell], share_max: float, *, threads: int = 2) -> float:
    xy = np.array([cell[:2] for cell in cells])
    count = np.array([float(cell[2]) for cell in cells])
    weight = np.array([cell[3] for cell in cells])
    expected = weight * count.sum() / weight.sum()
    most = share_max * count.sum() * (1 + 1e-9)
    w = _windows(xy, expected, most)
    return float(likeliest(w.order, w.whole, count[None], expected[None], most, threads=threads)[0])


def town(seed: int, cells: int = 169) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Middles, persons, and the five cells nearest to one of them."""
    chance = np.random.default_rng(seed)
    xy = chance.uniform(0, 9_000, (cells, 2))
    near = np.argsort(np.hypot(*(xy - xy[chance.integers(cells)]).T))[:5]
    return xy, chance.lognormal(8, 0.5, cells), sorted(near.tolist())


def thrown(seed: int, weight: np.ndarray, total: int) -> np.ndarray:
    return np.random.default_rng(seed + 50).multinomial(total, weight / weight.sum())


def test_thirty_where_fifteen_are_expected() -> None:
    """30, 10, 10, 10 alike in persons, windows up to a quarter: 30 ln 2 + 30 ln(30 / 45)."""
    cells = [(float(x), 0.0, count, 1.0) for x, count in enumerate((30, 10, 10, 10))]
    assert greatest(cells, 0.25) == pytest.approx(8.6305, abs=5e-5)
    assert greatest(cells, 0.24) == 0  # no window at all
    assert float(llr_of(30, 15, 60)) == pytest.approx(30 * math.log(2) + 30 * math.log(2 / 3))


@settings(max_examples=60)
@given(CELLS, st.sampled_from([0.1, 0.25, 0.5, 1.0]))
def test_the_likeliest_window_is_that_of_a_plain_search(cells: list[Cell], share: float) -> None:
    """On a lattice many distances are equal: a circle takes all of them or none."""
    if sum(cell[2] for cell in cells):
        assert greatest(cells, share) == pytest.approx(plain_best(cells, share), abs=1e-9)


def test_p_is_that_of_all_permutations() -> None:
    """Seven cells in a row have 5,040 permutations of their pairs: p within four standard errors."""
    pairs = [(9, 1.0), (11, 1.0), (2, 1.0), (3, 2.0), (1, 1.0), (2, 1.0), (4, 2.0)]
    at = [(float(x), 0.0) for x in (0, 1, 5, 9, 14, 20, 27)]
    best = plain_best([(*a, *p) for a, p in zip(at, pairs, strict=True)], 0.3)
    no_less = sum(
        plain_best([(*a, *p) for a, p in zip(at, moved, strict=True)], 0.3) >= best * SAME
        for moved in itertools.islice(itertools.permutations(pairs), 0, None, 7)
    )
    exact = no_less / 720
    found = scan(
        np.array(at),
        np.array([count for count, _ in pairs]),
        np.array([weight for _, weight in pairs]),
        share_max=0.3,
    )
    if exact > 0.05 + 0.02:
        assert not found.clusters
    else:
        spread = math.sqrt(exact * (1 - exact) / 720)
        assert found.clusters[0].p == pytest.approx(exact, abs=4 * spread + 0.001)


def test_a_planted_cluster_of_several_cells_is_found() -> None:
    xy, persons, near = town(1)
    asked = persons.copy()
    asked[near] *= 2
    found = scan(xy, thrown(1, asked, 2_400), persons)
    assert found.state == "found" and found.power > 0.95
    first = found.clusters[0]
    assert set(first.cells) & set(near) and len(first.cells) >= 2 and first.p == 0.001
    assert first.expected <= 240.0001 and first.count > first.expected
    taken = [cell for cluster in found.clusters for cell in cluster.cells]
    assert len(taken) == len(set(taken))


def with_a_hot_cell(planted: bool) -> tuple[Scanned, int, list[int]]:
    """22.6 expected in each of 169 cells alike in persons, 131 seen in one far from the planted."""
    xy, persons, near = town(5)
    persons[:] = 100.0
    asked = persons.copy()
    if planted:
        asked[near] *= 2
    count = thrown(5, asked, round(22.6 * 169))
    hot = int(np.argmax(np.hypot(*(xy - xy[near[0]]).T)))
    count[hot] = 131
    return scan(xy, count, persons), hot, near


def test_a_single_hot_cell_is_no_cluster_and_hides_none() -> None:
    alone, hot, _ = with_a_hot_cell(planted=False)
    assert alone.state == "none" and alone.aside == (hot,)
    beside, hot, near = with_a_hot_cell(planted=True)
    assert beside.state == "found" and beside.aside == (hot,)
    held = {cell for cluster in beside.clusters for cell in cluster.cells}
    assert hot not in held and held & set(near)


def test_one_round_is_too_few_and_ten_are_not() -> None:
    """270 signals on 169 cells would show a doubling of five cells once in six to ten times."""
    xy, persons, _ = town(3)
    few = scan(xy, thrown(3, persons, 270), persons)
    assert few.state == "too_few" and few.power == pytest.approx(0.12, abs=0.06)
    many = scan(xy, thrown(3, persons, 2_700), persons)
    assert many.state == "none" and many.power > 0.95
    assert scan(xy, np.zeros(169, int), persons).state == "too_few"


def test_too_few_cells_for_a_window_of_two() -> None:
    xy = np.array([(float(x), 0.0) for x in range(6)])
    found = scan(xy, np.array([40, 40, 1, 1, 1, 1]), np.ones(6))
    assert found.state == "one_cell" and found.power is None and not found.clusters
    assert scan(xy[:1], np.array([4]), np.ones(1)).state == "one_cell"
    assert scan(xy[:0], np.zeros(0, int), np.ones(0)).state == "one_cell"


def test_cells_without_persons_or_place_are_not_looked_at() -> None:
    xy, persons, near = town(1)
    asked = persons.copy()
    asked[near] *= 2
    count = thrown(1, asked, 2_400)
    whole = scan(xy, count, persons)
    more = scan(
        np.vstack([xy, [[0, 0]], [[np.nan, np.nan]]]),
        np.append(count, [99, 99]),
        np.append(persons, [0.0, 5.0]),
    )
    assert more == whole


@settings(max_examples=4)
@given(st.randoms(use_true_random=False), st.sampled_from([0.1, 7.0, 1 / 3]))
def test_order_and_unit_change_nothing(chance: object, times: float) -> None:
    xy, persons, near = town(2, 60)
    asked = persons.copy()
    asked[near] *= 3
    count = thrown(2, asked, 900)
    one = scan(xy, count, persons, runs=99)
    order = list(range(60))
    chance.shuffle(order)  # type: ignore[attr-defined]
    other = scan(xy[order], count[order], persons[order] * times, runs=99)
    assert one.clusters

    def said(found: Scanned, names: list[int]) -> list[object]:
        return [
            (sorted(names[cell] for cell in each.cells), each.count, each.p)
            for each in found.clusters
        ]

    assert said(other, order) == said(one, list(range(60)))
    assert [each.llr for each in other.clusters] == pytest.approx([c.llr for c in one.clusters])


def test_threads_change_nothing() -> None:
    xy, persons, _ = town(4)
    counts = np.array([thrown(seed, persons, 700) for seed in range(70)], float)
    expected = np.repeat(persons[None] * 700 / persons.sum(), 70, axis=0)
    w = _windows(xy, expected[0], 70.0)
    one, three = (
        likeliest(w.order, w.whole, counts, expected, 70.0, threads=threads) for threads in (1, 3)
    )
    assert one.tolist() == three.tolist() and one.min() > 0


def test_pure_noise_is_seldom_a_cluster() -> None:
    """30 towns of 9,723 signals without cause, at 5 %: six or more have one chance in 250."""
    alarms = 0
    for seed in range(30):
        xy, persons, _ = town(seed)
        alarms += scan(xy, thrown(seed, persons, 9_723), persons, runs=99).state == "found"
    assert alarms <= 5
