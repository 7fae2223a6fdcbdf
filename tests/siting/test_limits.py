"""Every limit of the siting holds: of sites, services and time; and short work equals long work."""

from __future__ import annotations

import math
import time
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scenes import Scene
from scipy import sparse

from gusu_geo.errors import StudyError
from gusu_geo.siting.candidates import sample_candidates
from gusu_geo.siting.demand import Demand, demand_of, gains
from gusu_geo.siting.ranking import ranked
from gusu_geo.siting.solver import Effort, solve
from gusu_geo.siting.start import without_idle
from gusu_geo.siting.terms import Plan, Problem, Terms


def town(seed: int, homes: int, sites: int, services: int = 3) -> dict[str, Any]:
    """Homes and candidates in a square; everybody lacks none to two venues of each service."""
    rng = np.random.default_rng(seed)
    home, site = rng.random((homes, 2)), rng.random((sites, 2))
    near = np.hypot(*(home[:, None] - site[None]).transpose(2, 0, 1)) < 0.3
    return {
        "persons": rng.integers(0, 20, homes).astype(float),
        "need": rng.choice([0, 1, 2], (homes, services), p=[0.5, 0.4, 0.1]),
        "cover": [sparse.csr_array(near.astype(np.int32))] * services,
        "allowed": rng.random((sites, services)) < 0.9,
    }


@pytest.mark.parametrize("many", [12, 13, 1000, np.int64(999_999)])
def test_more_sites_than_candidates_are_as_many_as_candidates(many: int) -> None:
    task = town(1, 40, 12)
    wanted = solve(**task, effort=Effort(12, 2))
    found = solve(**task, effort=Effort(many, 2, 20.0))
    assert found.status == wanted.status == "optimal"
    assert np.array_equal(found.offers, wanted.offers)
    assert np.array_equal(found.unreachable, wanted.unreachable)
    loose = solve(**task, effort=Effort(many, 999_999, 20.0))
    assert loose.objective_persons == solve(**task, effort=Effort(12, None)).objective_persons


def test_nothing_before_the_solver_takes_longer_than_the_limit() -> None:
    task = town(2, 1500, 300, services=8)
    for limit_s in (1e-9, 1.0):
        began = time.monotonic()
        found = solve(**task, effort=Effort(999_999, 2, limit_s))
        # Merging and sorting are not stopped, nor is the step that is under way.
        assert time.monotonic() - began < limit_s + 10
        # A second is enough for the whole on a quick machine.
        assert found.status in ("time limit", *(("optimal",) if limit_s == 1 else ()))
        assert found.objective_persons <= found.bound_persons <= math.fsum(task["persons"])
        gained = gains(task["need"], task["cover"], found.offers)
        assert found.objective_persons == math.fsum(task["persons"][gained])


@pytest.mark.parametrize("limit_s", [math.inf, 1e300, 1e9, 10**400])
def test_no_limit_is_a_limit(limit_s: float) -> None:
    assert solve(**town(1, 40, 12), effort=Effort(3, 2, limit_s)).status == "optimal"


@pytest.mark.parametrize(
    "number", [0, -1, -(10**30), 1.5, math.nan, math.inf, True, "3", Decimal(2)]
)
def test_numbers_that_are_no_whole_number_from_one(number: Any) -> None:
    with pytest.raises(StudyError, match=r"sites must be 1 or more\. Got"):
        Effort(number)
    with pytest.raises(StudyError, match=r"services_per_site must be 1 or more"):
        Effort(1, number)
    with pytest.raises(StudyError, match=r"one of sites, budget and target"):
        Effort(None)


@pytest.mark.parametrize("limit_s", [0, -1.0, math.nan, -math.inf, "60", True, [60]])
def test_times_that_are_no_time(limit_s: Any) -> None:
    with pytest.raises(StudyError, match=r"time_limit_s must be above 0"):
        Effort(1, 3, limit_s)


def plain_order(task: dict[str, Any], offers: np.ndarray) -> list[tuple[int, float]]:
    """Every remaining site tried in every round."""
    opened, order = np.zeros_like(offers), []
    left = np.flatnonzero(offers.any(axis=1)).tolist()
    while left:
        totals = []
        for c in left:
            grown = opened.copy()
            grown[c] = offers[c]
            totals.append(math.fsum(task["persons"][gains(task["need"], task["cover"], grown)]))
        c = left.pop(int(np.argmax(totals)))
        opened[c] = offers[c]
        order.append((c, max(totals)))
    return order


@given(st.integers(0, 10_000))
def test_the_order_of_sites_equals_trying_all_of_them(seed: int) -> None:
    task = town(seed, 14, 7)
    offers = np.random.default_rng(seed).random(task["allowed"].shape) < 0.7
    done = gains(task["need"], task["cover"], offers)
    task["persons"], task["need"] = task["persons"][done], task["need"][done]
    task["cover"] = [layer[np.flatnonzero(done)] for layer in task["cover"]]
    found = ranked(task["persons"], task["need"], task["cover"], offers)
    assert found == plain_order(task, offers)


def plain_without_idle(demand: Demand, offers: np.ndarray) -> np.ndarray:
    """Leaves out site after site, then service after service, and counts everybody again."""
    gained = demand.gained(offers)
    cells = np.argwhere(offers)
    for part in [*(cells[cells[:, 0] == c] for c in np.unique(cells[:, 0])), *cells[:, None]]:
        fewer = offers.copy()
        fewer[part[:, 0], part[:, 1]] = False
        if demand.gained(fewer) >= gained:
            offers = fewer
    return offers


@given(st.integers(0, 10_000))
def test_what_is_idle_equals_leaving_it_out_and_counting(seed: int) -> None:
    task = town(seed, 14, 7)
    demand, _ = demand_of(**task, sites=7, limit=None)
    offers = task["allowed"] & (np.random.default_rng(seed).random(task["allowed"].shape) < 0.8)
    count = len(offers)
    ones = np.ones(count, np.int64)
    problem = Problem(demand, offers, Terms.none(*offers.shape), ones, None, None)
    found = without_idle(problem, Plan(offers.any(axis=1).astype(np.int64), offers))
    assert np.array_equal(found.offers, plain_without_idle(demand, offers))
    assert np.array_equal(found.opened > 0, found.offers.any(axis=1))


def test_a_street_of_no_length_is_no_candidate() -> None:
    """Two nodes at one place, as ways 258204426 and 278430831 of Porto once were."""
    scene = Scene().way("a b", a=(0, 0), b=(600, 0)).way("b c", c=(600, 0)).way("c d", d=(1200, 0))
    net = scene.network()
    areas = [None, shapely.box(-10, -10, 1210, 10), shapely.box(590, -10, 610, 10)]
    corner = shapely.GeometryCollection([shapely.box(-10, -10, 300, 10), shapely.Point(600, 0)])
    for area in [*areas, corner, shapely.box(600, 0, 700, 50)]:
        frame = sample_candidates(net, spacing_m=100, area=area).frame
        xy = shapely.get_coordinates(frame.geometry.to_numpy())
        assert len(frame) > 0 and np.isfinite(xy).all() and len(np.unique(xy, axis=0)) == len(xy)
    only = Scene().way("a b", a=(0, 0), b=(600, 0)).way("c d", c=(600, 0), d=(600, 0))
    at = shapely.box(599, -1, 601, 1)
    assert len(sample_candidates(only.network(), spacing_m=100, area=at).frame) == 1
