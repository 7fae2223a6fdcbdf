"""Floating catchments: the hand test of the specification, PySAL's ``access`` as oracle, invariants."""

from __future__ import annotations

import warnings
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from gusu_geo.assessment.capacity.catchments import Method, floating_catchments
from gusu_geo.errors import InputError

METHODS: tuple[Method, ...] = get_args(Method)
STEPS, WEIGHTS = (300.0, 600.0, 900.0), (1.0, 0.68, 0.22)
# a - X 300 s, b - X 600 s, b - Y 300 s, c - Y 840 s
HAND = csr_array([[300.0, 0], [600, 300], [0, 840]])
NEVER = -1.0


def sparse(table: np.ndarray) -> csr_array:
    """Times as stored entries: 0 is a walk of no time, ``NEVER`` none."""
    row, column = np.nonzero(table != NEVER)
    return csr_array((table[row, column], (row, column)), shape=table.shape)


@pytest.mark.parametrize(
    ("method", "access", "demand"),
    [
        ("2sfca", [0.03333, 0.07333, 0.04000], [300, 500]),
        ("e2sfca", [0.04237, 0.10400, 0.01654], [100 + 136, 200 + 66]),
        # b counts .68 x .68/1.68 at X and 1/1.68 at Y
        ("3sfca", [0.06450, 0.08209, 0.02378], [100 + 200 * 0.4624 / 1.68, 200 / 1.68 + 66]),
    ],
)
def test_the_hand_test(method: Method, access: list[float], demand: list[float]) -> None:
    found = floating_catchments(HAND, [100, 200, 300], [10, 20], method=method)
    assert found.access.round(5).tolist() == access
    assert found.demand == pytest.approx(demand)
    assert found.access @ [100, 200, 300] == pytest.approx(30)


def test_steps_include_their_ends_and_a_walk_of_no_time_is_a_walk() -> None:
    times = np.array([[0, 300.0, 300.01, 600, 900, 900.01, NEVER]])
    found = floating_catchments(sparse(times), [1], np.full(7, 0.0), steps=STEPS, weights=WEIGHTS)
    assert found.demand.tolist() == [1, 1, 0.68, 0.68, 0.22, 0, 0]


def test_what_is_unknown_stays_so_and_a_venue_of_nobody_has_no_queue() -> None:
    unknown = floating_catchments(HAND, [100, 200, 300], [10, np.nan])
    assert np.isnan(unknown.access).tolist() == [False, True, True]
    uncounted = floating_catchments(HAND, [np.nan, 200, 300], [10, 20])
    assert np.isnan(uncounted.access).tolist() == [True, True, False]
    nobody = floating_catchments(HAND, [0, 0, 300], [10, 20])
    assert nobody.access[0] == np.inf
    assert nobody.ratio[0] == np.inf
    assert floating_catchments(HAND, [0, 0, 300], [0, 20]).access[0] == 0


@st.composite
def towns(draw: st.DrawFn, least: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, persons and supply."""
    homes, venues = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    time = st.sampled_from([NEVER, 0.0, 1.0, 299.0, 300.0, 301.0, 600.0, 777.0, 900.0, 901.0])
    rows = draw(st.lists(st.lists(time, min_size=venues, max_size=venues), min_size=homes, max_size=homes))  # fmt: skip
    persons = draw(st.lists(st.integers(least, 500), min_size=homes, max_size=homes))
    supply = draw(st.lists(st.integers(0, 90), min_size=venues, max_size=venues))
    return np.array(rows), np.array(persons, float), np.array(supply, float)


def weight_of(seconds: float) -> float:
    return next((w for s, w in zip(STEPS, WEIGHTS, strict=True) if seconds <= s), 0.0)


def pysal(method: Method, times: np.ndarray, persons: np.ndarray, supply: np.ndarray) -> list[float]:  # fmt: skip
    """The same by PySAL's ``access``; 0 where nothing is in reach."""
    from access.fca import three_stage_fca, two_stage_fca

    near = [(i, j, times[i, j]) for i, j in np.argwhere((times != NEVER) & (times <= STEPS[-1]))]
    cost = pd.DataFrame(near, columns=["origin", "dest", "cost"])
    demand = pd.DataFrame({"demand": persons}, index=pd.RangeIndex(len(persons), name="geoid"))
    offers = pd.DataFrame({"supply": supply}, index=pd.RangeIndex(len(supply), name="geoid"))
    weight: Any = (lambda _: 1.0) if method == "2sfca" else weight_of
    solve: Any = three_stage_fca if method == "3sfca" else two_stage_fca
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = solve(demand, offers, cost, STEPS[-1], demand_index=True, weight_fn=weight)
    return found.reindex(range(len(persons))).fillna(0).tolist()


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30)
@given(town=towns(least=1))
def test_as_pysal_access_has_it(
    method: Method, town: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    times, persons, supply = town
    if not ((times != NEVER) & (times <= STEPS[-1])).any():
        return
    found = floating_catchments(sparse(times), persons, supply, method=method)
    assert found.access == pytest.approx(pysal(method, times, persons, supply), abs=1e-12)


@settings(max_examples=30)
@given(town=towns(), method=st.sampled_from(METHODS))
def test_demand_served_is_supply_used(
    town: tuple[np.ndarray, np.ndarray, np.ndarray], method: Method
) -> None:
    times, persons, supply = town
    found = floating_catchments(sparse(times), persons, supply, method=method)
    served = persons > 0
    assert persons[served] @ found.access[served] == pytest.approx(supply[found.demand > 0].sum())


@settings(max_examples=30)
@given(town=towns(), method=st.sampled_from(METHODS), data=st.data())
def test_names_and_order_do_not_matter(
    town: tuple[np.ndarray, np.ndarray, np.ndarray], method: Method, data: st.DataObject
) -> None:
    times, persons, supply = town
    i = np.array(data.draw(st.permutations(range(len(persons)))))
    j = np.array(data.draw(st.permutations(range(len(supply)))))
    once = floating_catchments(sparse(times), persons, supply, method=method)
    again = floating_catchments(sparse(times[i][:, j]), persons[i], supply[j], method=method)
    assert again.access == pytest.approx(once.access[i])
    assert again.ratio == pytest.approx(once.ratio[j])


@settings(max_examples=30)
@given(town=towns(), method=st.sampled_from(METHODS), more=st.integers(0, 50), at=st.integers(0, 4))
def test_more_capacity_lowers_nobodys_access(
    town: tuple[np.ndarray, np.ndarray, np.ndarray], method: Method, more: int, at: int
) -> None:
    times, persons, supply = town
    larger = supply.copy()
    larger[at % len(supply)] += more
    before = floating_catchments(sparse(times), persons, supply, method=method).access
    after = floating_catchments(sparse(times), persons, larger, method=method).access
    assert (after >= before * (1 - 1e-12)).all()


@settings(max_examples=30)
@given(town=towns(), method=st.sampled_from(["2sfca", "e2sfca"]))
def test_one_more_venue_lowers_nobodys_access_by_two_steps(
    town: tuple[np.ndarray, np.ndarray, np.ndarray], method: Method
) -> None:
    times, persons, supply = town
    fewer = floating_catchments(sparse(times[:, 1:]), persons, supply[1:], method=method).access
    whole = floating_catchments(sparse(times), persons, supply, method=method).access
    assert (whole >= fewer * (1 - 1e-12)).all()


def test_one_more_venue_may_lower_access_by_three_steps() -> None:
    """Two homes of 100 share X (10). Y without any capacity opens beside a: half of a's choice goes
    there, a has half of a share of X, and b what a leaves."""
    one = floating_catchments(csr_array([[300.0], [300]]), [100, 100], [10], method="3sfca")
    assert one.access == pytest.approx([0.05, 0.05])
    near = sparse(np.array([[300.0, 300], [300, NEVER]]))
    two = floating_catchments(near, [100, 100], [10, 0], method="3sfca")
    assert two.access == pytest.approx([0.5 * 10 / 150, 10 / 150])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"method": "4sfca"}, "2sfca"),
        ({"steps": (300, 300, 900)}, "steps"),
        ({"steps": ()}, "steps"),
        ({"weights": (1, 0.5)}, "weights"),
        ({"demand": [1, 2]}, "demand must hold 3 numbers"),
        ({"supply": [1, -2]}, "supply must be 0 or more"),
    ],
)
def test_wrong_input_is_one_message(wrong: dict[str, Any], says: str) -> None:
    given = {"demand": [1, 1, 1], "supply": [1, 1]} | wrong
    with pytest.raises(InputError, match=says):
        floating_catchments(HAND, given.pop("demand"), given.pop("supply"), **given)
