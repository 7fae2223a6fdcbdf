"""Rates with exact intervals and shrunk rates: by hand, by summing probabilities, beside PySAL."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.assessment.rates import garwood, rate_of, shrink

COUNTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 400)), min_size=2, max_size=12
).filter(lambda pairs: any(count for count, _ in pairs))


def poisson(count: int, mean: float) -> float:
    return math.exp(-mean) * mean**count / math.factorial(count)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood (1936), table: 0, 5 and 10 events. Of 0 the upper end is -ln(.025).
    [(0, 0.0, 3.689), (1, 0.025, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390)],
)
def test_the_interval_of_a_count_is_garwoods(count: int, low: float, high: float) -> None:
    assert garwood(count) == pytest.approx((low, high), abs=1e-3)


@given(st.integers(1, 60))
def test_at_either_end_so_many_or_so_few_have_one_chance_in_forty(count: int) -> None:
    low, high = garwood(count)
    assert 1 - sum(poisson(k, low) for k in range(count)) == pytest.approx(0.025, abs=1e-9)
    assert sum(poisson(k, high) for k in range(count + 1)) == pytest.approx(0.025, abs=1e-9)


def test_a_rate_without_exposure_is_unknown_not_nought() -> None:
    none = {"rate": None, "low": None, "high": None}
    assert rate_of(3, 0, 1000) == rate_of(3, None, 1000) == none
    assert rate_of(0, 500, 1000) == {"rate": 0.0, "low": 0.0, "high": 7.3778}  # 3.6889 of 500


def test_two_cells_by_hand() -> None:
    """10 and 30 of 100 each: m = .2, spread .01, of it chance .002; variance .008, weight .8."""
    shrunk = shrink(np.array([10, 30]), np.array([100.0, 100.0]))
    assert shrunk.mean == pytest.approx(0.2) and shrunk.variance == pytest.approx(0.008)
    assert shrunk.rate == pytest.approx([0.12, 0.28])
    assert [shrunk.relative(at) for at in (0, 1)] == [0.6, 1.4]
    # Gamma of shape 5 + count and rate 25 + 100: half a chi-square of 30 degrees of freedom / 125;
    # its quantiles by table: 16.791 and 46.979.
    assert shrunk.shown(0, 1000) == {
        "rate": 120.0,
        "low": pytest.approx(1000 * 16.791 / 2 / 125, abs=0.01),
        "high": pytest.approx(1000 * 46.979 / 2 / 125, abs=0.01),
    }


def test_no_more_spread_than_chance_leaves_one_rate_for_all() -> None:
    shrunk = shrink(np.array([10, 11]), np.array([100.0, 100.0]))
    assert shrunk.variance == 0 and shrunk.rate == pytest.approx([0.105, 0.105])
    assert shrunk.low[0] == pytest.approx(garwood(21)[0] / 200)
    assert [shrunk.relative(at) for at in (0, 1)] == [1, 1]


def test_cells_without_persons_are_in_no_sum() -> None:
    with_empty = shrink(np.array([10, 9, 30, 7]), np.array([100.0, 0.0, 100.0, np.nan]))
    assert with_empty.rate[[0, 2]] == pytest.approx([0.12, 0.28])
    assert with_empty.shown(1, 1000)["rate"] is with_empty.relative(3) is None
    nobody = shrink(np.array([3]), np.array([0.0]))
    assert nobody.relative(0) is None and nobody.shown(0, 1)["rate"] is None
    assert shrink(np.array([0, 0]), np.array([5.0, 5.0])).relative(0) is None  # 0 over 0


@settings(max_examples=40)
@given(COUNTS)
def test_beside_pysal(pairs: list[tuple[int, int]]) -> None:
    """esda lets the variance fall below 0; where it is not, both are the same."""
    from esda import smoothing  # of the tests' extra: it takes seconds to load

    count, persons = (np.array(column) for column in zip(*pairs, strict=True))
    shrunk = shrink(count, persons.astype(float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = smoothing.Empirical_Bayes(count, persons).r.ravel()
        excess = smoothing.Excess_Risk(count, persons).r.ravel()
    if shrunk.variance > 0:
        assert shrunk.rate == pytest.approx(theirs)
    assert count / persons / shrunk.mean == pytest.approx(excess)


@settings(max_examples=40)
@given(COUNTS, st.randoms(use_true_random=False), st.sampled_from([0.25, 3.0, 1000.0]))
def test_shrunk_rates_know_neither_order_nor_unit(
    pairs: list[tuple[int, int]], chance: object, times: float
) -> None:
    """A rate lies between the cell's own and that of all, and inside its interval."""
    count, persons = (np.array(column) for column in zip(*pairs, strict=True))
    one = shrink(count, persons.astype(float))
    order = list(range(len(pairs)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    other = shrink(count[order], persons[order] * times)
    assert other.rate * times == pytest.approx(one.rate[order])
    own = count / persons
    assert (one.rate >= np.minimum(own, one.mean) - 1e-12).all()
    assert (one.rate <= np.maximum(own, one.mean) + 1e-12).all()
    assert (one.low < one.rate + 1e-12).all() and (one.rate < one.high).all()
