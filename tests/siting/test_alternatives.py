"""Alternative plans: against every plan that gains nearly as much, and by hand on a street."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from scipy import sparse
from test_siting import PERSONS, asked_of, candidates_of, rule_of, street
from test_terms import Town, seeds

from gusu_geo.siting import alternatives as siting_alternatives
from gusu_geo.siting.alternatives import (
    alternatives,
    alternatives_of,
    as_large,
    same_places,
)
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.sections import Alternative
from gusu_geo.siting.solver import Effort, problem_of
from gusu_geo.siting.task import task_of
from gusu_geo.siting.terms import Plan
from gusu_geo.study.siting import SitingParams

RULE = rule_of("a", "b")


class Wide(Town):
    """A town in which much gains nearly as much: homes of 100 persons, and some of one."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, candidates=5, services=2)
        rng = np.random.default_rng(seed + 1)
        count = len(self.persons)
        self.persons = rng.choice([1.0, 1.0, 150.0], count)
        self.floor = np.where(rng.random(len(self.floor)) < 0.5, 1.0, 0.0)
        xy = rng.integers(0, 4, (5, 2)) * 70.0  # some candidates within 100 m of each other
        self.same = same_places(xy, self.terms.alike)
        far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) > 100
        alike = self.terms.alike[:, None] | self.terms.alike[None]
        assert np.array_equal(self.same.toarray() > 0, (~far & alike) | np.eye(5, dtype=bool))

    def shared(self, opened: np.ndarray, others: list[np.ndarray]) -> int:
        """Opened candidates that stand where one of the others does."""
        layer = self.same.toarray() > 0
        taken = np.any([layer[:, other].any(axis=1) for other in others], axis=0)
        return int(taken[opened].sum()) if others else 0

    def rows(self, sites: int) -> list[tuple[np.ndarray, float]]:
        """(opened, gain) of every plan of up to so many sites that keeps to the terms."""
        self.sites = sites
        tried = self.tried()
        return list(zip(tried.opened, tried.gain.tolist(), strict=True))


@pytest.mark.parametrize("apart", [True, False], ids=["apart first", "model alone"])
@settings(max_examples=8)
@given(seeds)
@example(20)  # the plan's places before those of alternatives, then the gain
@example(73)  # a larger plan would share fewer
@example(22)  # places without any use
@example(92)  # the start is better than what it is compared with
def test_no_plan_as_good_shares_fewer_sites(apart: bool, seed: int) -> None:
    town = Wide(seed)
    plan = town.solve()
    if not plan.feasible:
        return
    effort = Effort(town.sites, town.limit, budget=town.budget)
    layers = [sparse.csr_array(layer.astype(np.int32)) for layer in town.reach]
    problem, _, _ = problem_of(
        town.need, layers, allowed=town.allowed, effort=effort, terms=town.terms, aims=town.aims()
    )
    best = Plan(plan.opened.astype(np.int64), plan.offers)
    value = plan.objective_persons
    with pytest.MonkeyPatch.context() as patch:
        if not apart:  # the model must find alone what shares nothing
            patch.setattr(siting_alternatives._Search, "_apart", lambda *_: (None, False))
        meters = [Meter(1e6) for _ in range(3)]
        found = alternatives(as_large(problem, best), best, value, town.same, meters)
    most = int(best.opened.sum()) if town.budget is None else town.sites
    rows = [row for row in town.rows(most) if row[1] >= 0.99 * value - 1e-6] if value else []
    before = [plan.opened]

    def left() -> list[tuple[int, int, float]]:
        """Sites at places of the plan, of the others, and minus the gain, of what differs."""
        return [
            (town.shared(opened, before[:1]), town.shared(opened, before[1:]), -gain)
            for opened, gain in rows
            if all(town.shared(opened, [each]) < each.sum() for each in before)
        ]

    for other in found:
        opened = other.plan.opened > 0
        gain = float(town.persons[town.completed(other.plan.offers)].sum())
        told = town.shared(opened, before[:1]), town.shared(opened, before[1:]), -gain
        assert told == min(left())
        assert other.proven
        before.append(opened)
    assert len(found) == 3 or not left()


# A candidate at the door of each home of street(), and another one 60 m off; both reach it alone.
DOORS = {f"c{number}": (400.0 * number, 0.0) for number in range(5)}
BESIDE = {f"d{number}": (400.0 * number - 60.0, 0.0) for number in range(5)}


def section(
    *, street_points: bool = False, cost: list[float] | None = None, **options: Any
) -> tuple[Alternative, ...]:
    places = candidates_of(DOORS | BESIDE)
    places.frame["street"] = street_points
    if cost is not None:
        places.frame["cost"] = cost
    people = options.pop("persons", PERSONS)
    task = asked_of(task_of, street(), RULE, people, places, **options)
    return alternatives_of(task, task.solve())


def ids(one: Alternative) -> list[str]:
    return [site["candidate_id"] for site in one["chosen"]]


def test_another_room_is_an_alternative_and_the_next_point_of_a_street_is_none() -> None:
    (one,) = section(sites=1)
    assert (ids(one), one["shared"], one["objective_persons"], one["proven"]) == (
        ["d4"], 0, 16.0, True,
    )  # fmt: skip
    assert one["chosen"][0]["services"] == ["a", "b"] and one["cost"] is None
    assert section(sites=1, street_points=True) == ()


def test_what_must_be_opened_is_shared() -> None:
    (one,) = section(sites=2, wishes=SitingParams(must=("c0",), never=("d3",)))
    assert (ids(one), one["shared"]) == (["d4", "c0"], 1)
    assert [site["same_as"] for site in one["chosen"]] == ["", "c0"]
    assert section(sites=1, wishes=SitingParams(must=("c4",))) == ()


def test_alternatives_cost_no_more_than_the_budget() -> None:
    cost = [9.0, 9.0, 9.0, 9.0, 3.0, 9.0, 9.0, 9.0, 9.0, 5.0]
    (one,) = section(budget=6.0, cost=cost)
    assert (ids(one), one["cost"]) == (["d4"], 5.0)
    assert section(budget=4.0, cost=cost) == ()


def test_three_that_differ_from_each_other_and_the_worst_zone_as_well_off() -> None:
    zones = {"h0": "x", "h1": "x", "h2": "y", "h3": "y", "h4": "y"}
    found = section(sites=2, zones=zones, wishes=SitingParams(worst_first=True))
    assert [one["shared"] for one in found] == [0, 1, 1]
    assert {frozenset(ids(one)) for one in found} == {
        frozenset({"d1", "d4"}), frozenset({"c1", "d4"}), frozenset({"d1", "c4"}),
    }  # fmt: skip


def test_a_plan_with_fewer_sites_is_an_alternative_and_open_work_is_told() -> None:
    people = {"h0": 1.0, "h1": 0.0, "h2": 0.0, "h3": 0.0, "h4": 200.0}
    never = SitingParams(never=("d0", "d4"))
    (one,) = section(sites=2, persons=people, wishes=never)
    assert (ids(one), one["shared"], one["objective_persons"], one["proven"]) == (
        ["c4"], 1, 200.0, True,
    )  # fmt: skip
    places = candidates_of(DOORS)
    task = asked_of(task_of, street(), RULE, people, places, sites=2)
    found = task.solve()
    problem, _, _ = problem_of(
        task.need, task.cover, allowed=task.rooms.allowed, effort=task.effort,
        terms=task.rooms.terms, aims=task.aims,
    )  # fmt: skip
    plan = Plan(found.opened.astype(np.int64), found.offers)
    same = same_places(np.array(list(DOORS.values())), np.zeros(5, bool))
    (open_,) = alternatives(as_large(problem, plan), plan, 201.0, same, [Meter(1e-9)])
    assert open_.plan.opened.tolist() == [0, 0, 0, 0, 1] and not open_.proven


def test_nothing_gained_has_no_alternative() -> None:
    assert section(sites=1, persons=dict.fromkeys(PERSONS, 0.0)) == ()
