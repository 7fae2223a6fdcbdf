"""More sites, more money: every point of the curve against trying everything; the knee by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from test_siting import PERSONS, asked_of, candidates_of, rule_of, street
from test_terms import Town, seeds

from gusu_geo.siting import pareto as siting_pareto
from gusu_geo.siting.pareto import Curve, Point, Question, by_money, by_sites, knee, pareto_of
from gusu_geo.siting.sections import Pareto
from gusu_geo.siting.solver import Effort, Solution
from gusu_geo.siting.task import task_of
from gusu_geo.study.siting import SitingParams

RULE = rule_of("a", "b")
DOORS = {f"c{number}": (400.0 * number, 0.0) for number in range(5)}


def question(town: Town, **effort: Any) -> Question | None:
    """What the curve of a town is asked of; None where no plan keeps to its terms."""
    own = Effort(**({"sites": None, "services_per_site": town.limit, "budget": None} | effort))

    def ask(each: Effort) -> Solution | None:
        found = town.solve(sites=each.sites, budget=each.budget)
        return found if found.feasible else None

    plan = ask(own)
    return None if plan is None else Question(ask, own, plan, math.inf, town.shape[0])


def money_of(town: Town, found: Solution) -> float:
    return float(town.terms.cost[found.opened].sum() + town.terms.service_cost[found.offers].sum())


def rows_of(town: Town, sites: int) -> list[tuple[int, float, float]]:
    """(sites, money, gain) of every plan that keeps to the terms."""
    town.sites = sites
    tried = town.tried()
    return list(zip(tried.sites.tolist(), tried.money.tolist(), tried.gain.tolist(), strict=True))


@settings(max_examples=12)
@given(seeds)
def test_each_number_of_sites_gains_what_the_best_plan_of_all_gains(seed: int) -> None:
    town = Town(seed, candidates=4, services=2)
    town.budget = None
    asked = question(town, sites=2)
    if asked is None:
        return
    rows = rows_of(town, 4)
    curve = by_sites(asked)
    gained = [point.found.objective_persons for point in curve.points]
    assert gained == sorted(gained)
    for point in curve.points:
        best = max(gain for sites, _, gain in rows if sites <= point.limit)
        assert point.found.objective_persons == point.bound == best
        assert point.found.opened.sum() <= point.limit
    fewest = min(sites for sites, _, _ in rows)
    assert curve.points[0].limit == max(fewest, 1)
    assert curve.none_up_to == (fewest - 1 if fewest > 1 else None)


@settings(max_examples=12)
@given(seeds)
def test_each_sum_of_money_gains_what_the_best_plan_for_it_gains(seed: int) -> None:
    town = Town(seed, candidates=4, services=2)
    rng = np.random.default_rng(seed)
    town.terms.cost[:] = rng.integers(0, 7, 4)
    town.terms.service_cost[:] = rng.integers(0, 3, town.shape)
    base = float(rng.integers(1, 8))
    town.budget = base
    asked = question(town, budget=base)
    if asked is None:
        return
    town.budget = None  # the brute force below buys anything
    rows = rows_of(town, 4)
    curve = by_money(asked, lambda found: money_of(town, found), base)
    steps = [(point.limit, point.found.objective_persons) for point in curve.points]
    assert steps == sorted(set(steps)) and len({gain for _, gain in steps}) == len(steps)
    for point in curve.points:
        assert money_of(town, point.found) == point.limit
        best = max(gain for _, money, gain in rows if money <= point.limit)
        assert point.found.objective_persons == point.bound == best
    # So few whole sums leave no gap: for any of them the curve says what can be gained.
    for budget in range(int(2 * base) + 1):
        best = max((gain for _, money, gain in rows if money <= budget), default=None)
        told = [gain for limit, gain in steps if limit <= budget]
        assert (told[-1] if told else None) == (best if best or told else None)
    least = min(money for _, money, _ in rows)
    assert (curve.none_up_to is None) == (least <= 0)
    assert curve.none_up_to is None or curve.none_up_to < least


@pytest.mark.parametrize(
    ("limits", "gained", "expected"),
    [
        # Above the chord: 0.5 - 0.25, 0.8 - 0.5, 0.9 - 0.75.
        ([1, 2, 3, 4], [50, 80, 90, 100], 1),
        ([1, 2, 3, 4], [25, 50, 75, 100], None),  # on the chord
        ([1, 2, 3, 4], [5, 20, 50, 100], None),  # below it
        ([1, 2, 3, 4], [30, 59, 80, 100], None),  # nowhere a tenth above
        ([1, 2, 3, 4], [35, 60, 80, 100], 0),  # the first of equals: 0.1, 0.1
        ([1, 2, 3, 4], [10, 20, 90, 100], 2),  # only where it is concave
        ([2, 10], [80, 100], 0),  # 0.8 - 0.2; sizes need not be even
        ([0, 10], [40, 100], 0),  # what costs nothing
        ([1, 2], [0, 0], None),
        ([0], [10], None),
        ([], [], None),
    ],
)
def test_the_knee_by_hand(limits: list[float], gained: list[float], expected: int | None) -> None:
    assert knee(np.array(limits, float), np.array(gained, float)) == expected


def solution(gain: float, bound: float, sites: int = 1) -> Solution:
    opened = np.arange(9) < sites
    status = "optimal" if gain == bound else "work limit"
    none = np.zeros(0, bool)
    return Solution(opened, opened[:, None], none, none, gain, bound, status)  # type: ignore[arg-type]


def test_where_the_work_does_not_suffice_the_smaller_plan_stands() -> None:
    found = {1: solution(5.0, 9.0), 2: solution(4.0, 12.0, 2), 3: solution(11.0, 11.0, 3)}
    own = Effort(3)
    asked = Question(lambda effort: found[effort.sites or 0], own, found[3], math.inf, 3)
    points = by_sites(asked).points
    assert [(p.limit, p.found.objective_persons, p.bound) for p in points] == [
        (1, 5.0, 9.0), (2, 5.0, 12.0), (3, 11.0, 11.0),
    ]  # fmt: skip
    assert (points[1].found.opened.sum(), points[1].found.status) == (1, "work limit")


def test_the_curve_ends_where_two_steps_in_a_row_are_flat() -> None:
    def ask(effort: Effort) -> Solution:
        sites = effort.sites or 0
        gain = min(sites, 4) * 100.0
        return solution(gain, gain, min(sites, 4))

    asked = Question(ask, Effort(1), ask(Effort(1)), math.inf, 30)
    assert [point.limit for point in by_sites(asked).points] == [1, 2, 3, 4, 5, 6]
    reached = Question(ask, Effort(1), ask(Effort(1)), 400.0, 30)
    assert [point.limit for point in by_sites(reached).points] == [1, 2, 3, 4]
    large = Question(ask, Effort(20), solution(1e9, 1e9, 9), math.inf, 30)
    assert [point.limit for point in by_sites(large).points][-1] == 11  # two beyond the plan
    few = Question(ask, Effort(1), ask(Effort(1)), math.inf, 2)
    assert [point.limit for point in by_sites(few).points] == [1, 2]


def test_the_widest_gap_between_two_plans_is_halved() -> None:
    # 5 persons for 4, 9 persons for 16; for 10 a dear plan is found that gains 5, too.
    asked: list[float] = []

    def ask(effort: Effort) -> Solution:
        budget = effort.budget or 0.0
        asked.append(budget)
        if budget >= 16:
            return solution(9.0, 9.0, 3)
        if 9 <= budget <= 10:
            return solution(5.0, 5.0, 2)
        return solution(5.0, 5.0, 1) if budget >= 4 else solution(0.0, 0.0, 0)

    own = Effort(budget=10.0)
    rows = Question(ask, own, ask(own), math.inf, 9)
    asked.clear()
    cost = [0.0, 4.0, 9.0, 16.0]
    found = by_money(rows, lambda plan: cost[int(plan.opened.sum())], 10.0)
    assert [(p.limit, p.found.objective_persons) for p in found.points] == [(4.0, 5.0), (16.0, 9.0)]
    # Not 10: that is the plan itself. Then 9 x 5, 6 x 4 and 4 x 5, each before what is smaller.
    assert asked[:5] == [0.0, 20.0, 4.5, 13.0, 2.0]
    # Until both gaps are closed to 0.2, 1 % of 20: below 4 at 3.875, below 16 at 15.8125.
    assert len(asked) == 13 and {3.875, 15.8125} == set(asked[-2:])


def section(**options: Any) -> Pareto:
    wishes = options.pop("wishes", SitingParams())
    places = candidates_of(DOORS)
    if "cost" in options:
        places.frame["cost"] = options.pop("cost")
    task = asked_of(task_of, street(), RULE, PERSONS, places, wishes=wishes, **options)
    return pareto_of(task, task.solve())


def curve(rows: Any) -> list[tuple[float, float]]:
    return [(row["limit"], row["objective_persons"]) for row in rows]


def test_the_section_of_a_street() -> None:
    # Five homes of 1, 2, 4, 8 and 16 persons, each with a candidate of its own.
    told = section(sites=2)
    assert curve(told["sites"]) == [(1, 16), (2, 24), (3, 28), (4, 30), (5, 31)]
    assert told["money"] is None and told["no_plan_sites"] is None
    # Above the chord: 16 - 6.2, 24 - 12.4, 28 - 18.6 of 31.
    assert [row["knee"] for row in told["sites"]] == [False, True, False, False, False]
    first = told["sites"][0]
    assert (first["share"], first["candidate_ids"], first["status"]) == (
        round(16 / 31, 6), ["c4"], "optimal",
    )  # fmt: skip
    assert (first["gained_persons"], first["bound_persons"]) == (16, 16)


def test_the_section_with_money_and_terms() -> None:
    cost = [1.0, 1.0, 1.0, 5.0, 9.0]
    told = section(budget=8.0, cost=cost)
    money = dict(curve(told["money"]))
    assert money[8.0] == 15 and money[9.0] == 16  # the small four, or the big one
    assert max(money) <= 16 and told["no_plan_money"] is None
    first = told["sites"][0]
    assert (first["objective_persons"], first["cost"]) == (16, 9)  # whatever it costs
    some = section(sites=2, cost=[*cost[:4], math.nan])
    assert [row["cost"] for row in some["sites"]] == [None] * 5  # c4 is in all of them
    must = section(sites=3, cost=cost, wishes=SitingParams(must=("c0", "c1")))
    assert must["no_plan_sites"] == 1
    assert curve(must["sites"])[:2] == [(2, 3), (3, 19)]
    assert must["money"] is not None and must["no_plan_money"] is not None
    assert must["no_plan_money"] < 2 == must["money"][0]["limit"]
    both = section(sites=2, budget=6.0, cost=cost)  # each keeps to the other limit
    assert curve(both["sites"]) == [(1, 8), (2, 12), (3, 12), (4, 12)]
    assert dict(curve(both["money"]))[6.0] == 12
    assert all(row["used"] <= row["limit"] for row in (*both["sites"], *(both["money"] or ())))


def test_the_worst_zone_first_holds_at_every_point() -> None:
    zones = {"h0": "x", "h1": "x", "h2": "y", "h3": "y", "h4": "y"}
    told = section(sites=2, zones=zones, wishes=SitingParams(worst_first=True))
    # One site leaves one zone with nothing, whichever it is: then the sum decides.
    assert curve(told["sites"]) == [(1, 16), (2, 18), (3, 26), (4, 27), (5, 31)]


def test_a_bound_of_more_sites_bounds_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    task = asked_of(task_of, street(), RULE, PERSONS, candidates_of(DOORS), sites=2)
    open_ = replace(task.solve(), status="work limit")
    points = [Point(2, open_, 31.0), Point(3, open_, 25.0), Point(4, open_, 24.0)]
    monkeypatch.setattr(siting_pareto, "by_sites", lambda _: Curve(points))
    rows = pareto_of(task, open_)["sites"]
    assert [row["bound_persons"] for row in rows] == [24.0, 24.0, 24.0]
    assert {row["status"] for row in rows} == {"optimal"}  # 24 are gained
    points[2] = Point(4, open_, 30.0)
    rows = pareto_of(task, open_)["sites"]
    assert [row["bound_persons"] for row in rows] == [25.0, 25.0, 30.0]
    assert {row["status"] for row in rows} == {"work limit"}
