"""Money, area, votes, distances, zones and targets: every plan against trying everything."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from gusu_geo.errors import StudyError
from gusu_geo.siting import search
from gusu_geo.siting.bound import priced
from gusu_geo.siting.demand import demand_of, useful_offers
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.solver import Effort, Solution, solve
from gusu_geo.siting.terms import Aims, Problem, Terms


class Town:
    """A random task with terms, small enough to try everything; persons are whole numbers."""

    def __init__(self, seed: int, candidates: int = 5, services: int = 3) -> None:
        rng = np.random.default_rng(seed)
        homes = int(rng.integers(3, 10))
        self.shape = candidates, services
        self.persons = rng.integers(0, 20, homes).astype(float)
        self.need = rng.choice([0, 1, 2], (homes, services), p=[0.45, 0.45, 0.1])
        if rng.random() < 0.5:
            self.need = np.minimum(self.need, 1)
        self.reach = np.tile(
            rng.random((homes, candidates)) < rng.uniform(0.3, 0.9), (services, 1, 1)
        )
        self.allowed = rng.random(self.shape) < 0.85
        self.limit = [None, 1, 2][rng.integers(3)]
        some = rng.random(6) < 0.5
        terms = Terms.none(*self.shape)
        self.budget = None
        if some[0]:
            terms.cost[:] = rng.integers(0, 6, candidates)
            self.budget = float(rng.integers(0, 12))
            if rng.random() < 0.5:
                terms.service_cost[:] = rng.integers(0, 3, self.shape)
        if some[1]:
            terms.area[:] = rng.integers(0, 6, candidates)
            terms.service_area[:] = rng.integers(0, 4, services)
        if some[2]:
            terms.must[rng.integers(candidates)] = True
        if some[3]:
            pairs = [pair for pair in combinations(range(candidates), 2) if rng.random() < 0.3]
            self.near = np.array(pairs, np.int64).reshape(-1, 2)
        else:
            self.near = terms.near
        alike = rng.random(candidates) < (0.8 if some[4] else 0)
        self.terms = Terms(
            terms.cost, terms.service_cost, terms.area, terms.service_area, terms.must, self.near,
            alike,
        )  # fmt: skip
        self.sites = int(rng.integers(1, 4))
        self.zone = rng.integers(-1, 2, homes)
        self.floor = rng.integers(0, 8, 2).astype(float) if some[5] else np.zeros(0)

    def aims(self, **more: Any) -> Aims:
        given = {"floor": self.floor, **more}
        return Aims(given.pop("weight", self.persons), self.persons, self.zone, **given)

    def solve(self, aims: Aims | None = None, **effort: Any) -> Solution:
        options = {"sites": self.sites, "services_per_site": self.limit, "budget": self.budget}
        return solve(
            self.persons,
            self.need,
            [sparse.csr_array(layer.astype(np.int32)) for layer in self.reach],
            allowed=self.allowed,
            effort=Effort(**(options | effort)),
            terms=self.terms,
            aims=aims or self.aims(),
        )

    def tried(self) -> Tried:
        """Every plan that keeps to the terms."""
        count, services = self.shape
        offers, t = every_plan(count, services, min(self.sites, count)), self.terms
        opened = offers.any(axis=2) | t.must
        number, money = opened.sum(axis=1), opened @ t.cost
        money += (offers * t.service_cost).sum(axis=(1, 2))
        kept = (number <= self.sites) & ~(offers & ~self.allowed).any(axis=(1, 2))
        kept &= (offers @ t.service_area <= t.area).all(axis=1)
        if self.limit is not None:
            kept &= (offers.sum(axis=2) <= self.limit).all(axis=1)
        if self.budget is not None:
            kept &= money <= self.budget
        for a, b in t.near:
            kept &= ~(opened[:, a] & opened[:, b])
        offers = offers[kept]
        supply = [offers[:, :, k] @ self.reach[k].T.astype(np.float32) for k in range(services)]
        done = (self.need > 0).any(axis=1) & np.all(
            [supply[k] >= self.need[:, k] for k in range(services)], axis=0
        )
        zones = np.column_stack([done @ (self.persons * (self.zone == z)) for z in range(2)])
        if len(self.floor):
            good = (zones >= self.floor).all(axis=1)
            offers, done, zones, kept[kept] = offers[good], done[good], zones[good], good
        return Tried(
            opened[kept], offers, money[kept], done @ self.persons, zones, number[kept],
            offers.sum(axis=(1, 2)),
        )  # fmt: skip

    def completed(self, offers: np.ndarray) -> np.ndarray:
        supply = np.array(
            [(self.reach[k] & offers[:, k]).sum(axis=1) for k in range(self.shape[1])]
        ).T
        return (supply >= self.need).all(axis=1) & (self.need > 0).any(axis=1)


class Tried(NamedTuple):
    """Plans P by row: opened (P,C), offers (P,C,K), and what they cost and gain."""

    opened: np.ndarray
    offers: np.ndarray
    money: np.ndarray
    gain: np.ndarray
    zones: np.ndarray
    sites: np.ndarray
    services: np.ndarray

    def least(self, *keys: np.ndarray) -> int:
        """The row that comes first by these keys, one after the other."""
        return int(np.lexsort(keys[::-1])[0])


@cache
def every_plan(candidates: int, services: int, most: int) -> np.ndarray:
    """(P,C,K) every choice of at most so many sites, and of one service or more for each."""
    picks = np.array(list(product((False, True), repeat=services))[1:])
    found = [np.zeros((1, candidates, services), bool)]
    for number in range(1, most + 1):
        at = np.array(list(product(range(len(picks)), repeat=number)))
        for chosen in combinations(range(candidates), number):
            offers = np.zeros((len(at), candidates, services), bool)
            offers[:, chosen] = picks[at]
            found.append(offers)
    return np.concatenate(found)


seeds = st.integers(0, 100_000)


# Up to three of twelve candidates, any number of six.
sizes = st.sampled_from([(5, 3, None), (12, 3, None), (12, 2, None), (6, 2, 6), (6, 3, 4)])


@settings(max_examples=60)
@given(seeds, sizes)
def test_the_best_plan_under_all_terms_with_fewest_sites_and_services(
    seed: int, size: tuple[int, int, int | None]
) -> None:
    town = Town(seed, candidates=size[0], services=size[1])
    town.sites = size[2] or town.sites
    good = town.tried()
    found = town.solve()
    if not len(good.gain):
        assert not found.feasible and not found.opened.any()
        return
    best = good.least(-good.gain, good.sites, good.services)
    gain = good.gain[best]
    assert found.objective_persons == found.bound_persons == gain
    assert found.status == (
        "nothing to gain" if gain == 0 and not found.opened.any() else "optimal"
    )
    assert town.persons[town.completed(found.offers)].sum() == gain
    same = (good.opened == found.opened).all(axis=1) & (good.offers == found.offers).all((1, 2))
    assert same.sum() == 1  # it is one of the plans that keep to the terms
    assert found.fewest
    assert (found.opened.sum(), found.offers.sum()) == (good.sites[best], good.services[best])


@settings(max_examples=4)
@given(seeds)
def test_more_money_or_sites_never_gain_less(seed: int) -> None:
    town = Town(seed, candidates=7)
    town.floor = np.zeros(0)
    town.terms.must[:] = False
    town.terms.cost[:] = np.random.default_rng(seed).integers(1, 6, 7)
    by_money = [town.solve(budget=float(b), sites=None).objective_persons for b in (0, 3, 6, 9)]
    assert by_money == sorted(by_money)
    by_sites = [town.solve(sites=n).objective_persons for n in (1, 2, 3, 4)]
    assert by_sites == sorted(by_sites)


@settings(max_examples=25)
@given(seeds, st.floats(0.1, 1.0), st.sampled_from([(4, 3), (6, 2)]))
def test_the_fewest_sites_or_least_money_for_a_target(
    seed: int, share: float, size: tuple[int, int]
) -> None:
    town = Town(seed, *size)
    town.floor, town.sites = np.zeros(0), size[0]
    target = share * town.persons.sum()
    good = town.tried()
    spent = good.money if town.budget is not None else good.sites
    there = good.gain >= target - 1e-3  # less than any person
    found = town.solve(town.aims(target=target), sites=None, target=share)
    if not there.any():
        assert not found.feasible and not found.opened.any()
        return
    least = spent[there].min()
    assert found.least == pytest.approx(least, abs=1e-5)
    paid = found.opened.sum()
    if town.budget is not None:
        paid = town.terms.cost[found.opened].sum() + town.terms.service_cost[found.offers].sum()
    assert paid == least
    # Of the least plans the one that gains most.
    assert found.objective_persons == good.gain[there & (spent == least)].max()


@settings(max_examples=25)
@given(seeds, st.sampled_from([4, 9]))
def test_the_worst_zone_first(seed: int, candidates: int) -> None:
    town = Town(seed, candidates=candidates)
    town.floor = np.zeros(0)
    rng = np.random.default_rng(seed)
    now, total = rng.integers(0, 10, 2), rng.integers(30, 60, 2)
    good = town.tried()
    worst = np.column_stack([now, total]).astype(float)
    found = town.solve(town.aims(worst=worst))
    if not len(good.gain):
        assert not found.feasible and not found.opened.any()
        return
    low = ((now + good.zones) / total).min(axis=1)
    zones = [town.persons[found.completed & (town.zone == z)].sum() for z in range(2)]
    share = ((now + zones) / total).min()
    assert share == pytest.approx(low.max())
    assert found.objective_persons == good.gain[low >= share - 1e-9].max()


@settings(max_examples=12)
@given(seeds)
def test_no_bound_is_below_the_best_plan_and_no_site_of_a_better_one_is_spared(seed: int) -> None:
    town = Town(seed, candidates=6)
    town.floor = np.zeros(0)
    layers = [sparse.csr_array(layer.astype(np.int32)) for layer in town.reach]
    demand, _ = demand_of(town.persons, town.need, layers, town.allowed, town.sites, town.limit)
    good = town.tried()
    if len(demand.persons) == 0 or not len(good.gain):
        return
    problem = Problem(
        demand, useful_offers(demand), town.terms, np.ones(6, np.int64), town.sites, town.limit,
        town.budget,
    )  # fmt: skip
    best = good.gain.max()
    for gain in {0.0, best / 2, best - 1}:
        found = priced(problem, max(gain, 0.0), Meter(1e9))
        assert found.bound >= best - 1e-6
        known = max(gain, 0.0 if found.plan is None else problem.gained(found.plan))
        assert not found.spare[good.opened[good.gain > known + 1e-3].any(axis=0)].any()


def test_a_dearer_site_that_reaches_more_replaces_no_cheap_one() -> None:
    reach = sparse.csr_array(np.array([[1, 1], [1, 0]], np.int32))
    terms = Terms.none(2, 1)
    terms.cost[:] = [9.0, 1.0]
    task = {"allowed": np.ones((2, 1), bool), "terms": terms}
    persons, need = np.array([10.0, 10.0]), np.ones((2, 1), int)
    found = solve(persons, need, [reach], effort=Effort(budget=1.0, services_per_site=1), **task)
    assert (found.opened.tolist(), found.objective_persons) == ([False, True], 10.0)


def test_places_are_gathered_for_a_bound_and_taken_apart_again() -> None:
    # One place reaches everybody (10 + 10), its neighbour only the first home. Gathered, two rooms
    # of one service at the first place serve both; apart, too: the neighbour takes the other one.
    reach = sparse.csr_array(np.array([[1, 1], [1, 0]], np.int32))
    persons, need = np.array([10.0, 10.0]), np.array([[1, 1], [1, 0]])
    terms = Terms.none(2, 2)
    terms.alike[:] = True
    found = solve(
        persons,
        need,
        [reach, reach],
        allowed=np.ones((2, 2), bool),
        effort=Effort(2, 1),
        terms=terms,
    )
    assert found.offers.tolist() == [[True, False], [False, True]]
    assert (found.objective_persons, found.status) == (20.0, "optimal")


def test_distinct_sites_do_not_reach_what_one_place_would() -> None:
    # Both homes lack both services, one service per site: the second home reaches one place only.
    reach = sparse.csr_array(np.array([[1, 1], [1, 0]], np.int32))
    terms = Terms.none(2, 2)
    terms.alike[:] = True
    found = solve(
        np.array([10.0, 10.0]), np.ones((2, 2), int), [reach, reach],
        allowed=np.ones((2, 2), bool), effort=Effort(2, 1), terms=terms,
    )  # fmt: skip
    assert (found.objective_persons, found.bound_persons, found.status) == (10.0, 10.0, "optimal")


def big(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    home, site = rng.random((300, 2)), rng.random((60, 2))
    near = np.hypot(*(home[:, None] - site[None]).transpose(2, 0, 1)) < 0.2
    return {
        "persons": rng.integers(1, 20, 300).astype(float),
        "need": rng.choice([0, 1], (300, 4), p=[0.4, 0.6]),
        "cover": [sparse.csr_array(near.astype(np.int32))] * 4,
        "allowed": np.ones((60, 4), bool),
    }


def test_the_same_work_gives_the_same_plan_and_little_work_a_bound() -> None:
    task = big(3)
    found = [solve(**task, effort=Effort(6, 2, work=0.05)) for _ in range(2)]
    assert found[0].status == "work limit" and not found[0].fewest
    assert np.array_equal(found[0].offers, found[1].offers)
    assert found[0].bound_persons == found[1].bound_persons > found[0].objective_persons
    assert found[0].opened.sum() <= 6


def test_fast_is_a_plan_without_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    task = big(5)
    fast = solve(**task, effort=Effort(3, 2, work=1.0, fast=True))
    assert (fast.status, fast.bound_persons) == ("fast", math.inf)
    monkeypatch.setattr(search, "resited", lambda problem, plan, meter: plan)
    start = solve(**task, effort=Effort(3, 2, work=1.0, fast=True))
    assert fast.objective_persons >= start.objective_persons > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"budget": -1.0}, "budget must be"),
        ({"budget": math.inf}, "budget must be"),
        ({"target": 0.0}, "target must be"),
        ({"target": 1.1}, "target must be"),
        ({"sites": 1, "work": 0}, "work must be"),
        ({"sites": 1, "work": math.nan}, "work must be"),
        ({"sites": 1, "work": math.inf}, "work must be"),
        ({}, "one of sites, budget and target"),
    ],
)
def test_limits_that_are_none(options: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        Effort(**options)


def test_a_target_that_little_work_does_not_settle_has_an_honest_bound() -> None:
    task = big(7)
    aims = Aims(task["persons"], task["persons"], np.full(300, -1), target=1.0)
    found = solve(**task, effort=Effort(target=0.5, services_per_site=2, work=1e-6), aims=aims)
    assert found.status == "work limit"
    assert found.least is not None and 0 <= found.least <= max(found.opened.sum(), 1)
