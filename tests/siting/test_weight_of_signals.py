"""Homes of zones that report much weigh more: against brute force, and by hand on one street."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from test_siting import PERSONS, candidates_of, given, rule_of, street
from test_wishes import DOORS, ids

from gusu_geo.assessment.signal_facts import SignalFacts
from gusu_geo.assessment.signals.section import weights_of
from gusu_geo.errors import StudyError
from gusu_geo.report.plan_console import show_plan
from gusu_geo.report.plan_figures import figures_of
from gusu_geo.siting.asked import asked_of
from gusu_geo.siting.asks import Asks
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.plan_document import weighted
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task, task_of
from gusu_geo.study.siting import SitingParams

RULE = rule_of("a", "b")
EQUAL = {"h0": 0.0, "h1": 0.0, "h2": 0.0, "h3": 8.0, "h4": 8.0}
TWICE = {"h3": 2 / 3, "h4": 4 / 3}  # shrunk rate over that of both together


def asks_for(relative: dict[str, float], signals: float = 0.0) -> Asks:
    """Each home is a zone of its own."""
    homes = list(PERSONS)
    cells = [{"id": name, "relative": relative.get(name)} for name in homes]
    facts = cast("SignalFacts", {"level": "ward", "cells": cells})
    return Asks(lambda a: weights_of(facts, pd.DataFrame({"ward": homes}), a), signals)


def solved(
    relative: dict[str, float], share: float, persons: dict[str, float] = EQUAL, **options: Any
) -> tuple[Task, Solution, SitingPlan]:
    places = options.pop("places", DOORS)
    tables, more = given(street(), RULE, persons, candidates_of(places), **options)
    task = task_of(*tables, **more, asks=asks_for(relative, share))
    found = task.solve()
    return task, found, plan_sites(task, found)


def test_of_two_equal_zones_the_one_that_reports_twice_as_much_comes_first() -> None:
    # 8 persons each: a tie at 0, which the first candidate wins; at 0.5 they count 6.67 and 9.33.
    assert ids(solved(TWICE, 0.0, sites=1)[2]) == {"c3"}
    _, found, plan = solved(TWICE, 0.5, sites=1)
    assert ids(plan) == {"c4"}
    assert found.objective_persons == found.bound_persons == pytest.approx(8 * (1 + 0.5 / 3))
    assert plan.status == "optimal" and plan.gap == 0
    # What is gained is told in plain persons, everywhere.
    assert plan.gained_persons == (8.0, 8.0) and plan.chosen[0].gained_persons == 8.0
    assert plan.after["passed_known_persons"] - plan.before["passed_known_persons"] == 8.0
    assert [note["code"] for note in plan.notes if "signals" in note["code"]]


def test_the_effort_goes_before_the_study_and_names_its_own_folder() -> None:
    assert ids(solved(TWICE, 0.0, sites=1, signals=0.5)[2]) == {"c4"}
    assert ids(solved(TWICE, 0.5, sites=1, signals=0.0)[2]) == {"c3"}
    assert Effort(1, signals=0.5).question == "1-site-signals-0.5"
    assert Effort(1).question == "1-site"
    for wrong in (-0.1, 1.1, math.nan, True):
        with pytest.raises(StudyError, match="from 0 to 1"):
            Effort(1, signals=wrong)


def test_a_weight_without_signals_is_refused() -> None:
    tables, more = given(street(), RULE, PERSONS, candidates_of(DOORS), sites=1, signals=0.5)
    with pytest.raises(StudyError, match="no \\[signals\\]"):
        task_of(*tables, **more)


def test_the_plans_at_nothing_and_at_a_half_stand_side_by_side() -> None:
    for own in (0.0, 0.5, 1.0):
        task, found, _ = solved(TWICE, own, sites=1)
        asked = asked_of(task, found)
        assert asked is not None and (asked["weight"], asked["left_out"]) == (own, "")
        told = [(p["weight"], p["chosen"][0]["candidate_id"]) for p in asked["plans"]]
        assert told == [(0.0, "c3"), (0.5, "c4")]
        assert [p["chosen"][0]["both"] for p in asked["plans"]] == [False, False]
        assert [p["gained_persons"] for p in asked["plans"]] == [8.0, 8.0]
        # Both are measured by 0.5: 8 x 5/6 and 8 x 7/6.
        assert [p["weighted"] for p in asked["plans"]] == [6.67, 9.33]
        assert [p["objective_persons"] for p in asked["plans"]] == [8.0, 9.33]
        assert {p["status"] for p in asked["plans"]} == {"optimal"}
    task, found, _ = solved(TWICE, 0.5, sites=2)
    both = asked_of(task, found)
    assert both is not None and all(s["both"] for p in both["plans"] for s in p["chosen"])


def test_where_time_is_short_they_are_left_out_and_it_is_said() -> None:
    for key, options in (("fast", {"fast": True}), ("time limit", {"time_limit_s": 60.0})):
        task, found, _ = solved(TWICE, 0.5, sites=1, **options)
        asked = asked_of(task, found)
        assert asked == {"weight": 0.5, "plans": [], "left_out": key}


def test_without_signals_a_plan_says_nothing_of_them_and_at_nothing_it_is_the_same() -> None:
    tables, more = given(street(), RULE, PERSONS, candidates_of(DOORS), sites=2)
    task = task_of(*tables, **more)
    found = task.solve()
    plain = plan_sites(task, found).to_dict()
    assert asked_of(task, found) is None and not {"asked", "room"} & set(plain)
    assert solved(TWICE, 0.0, PERSONS, sites=2)[2].to_dict() == plain


def test_elders_and_signals_weigh_together_and_certain_still_holds() -> None:
    # 8 persons, all of them elders who count three times, in a zone of twice the rate.
    wishes = SitingParams(elders_weight=3.0)
    options = {"sites": 1, "elders": {"h4": 8.0}, "wishes": wishes}
    _, found, plan = solved({"h4": 2.0}, 1.0, **options)
    assert (ids(plan), found.objective_persons) == ({"c4"}, 8 * 3 * 2)
    assert plan.gained_persons == (8.0, 8.0)


def test_how_far_a_target_gets_is_said_in_plain_persons() -> None:
    # One site gives 16 of 31 persons everything, whatever they weigh.
    with pytest.raises(StudyError, match=r"at most 51\.61% of the persons have everything"):
        solved({"h4": 5.0}, 1.0, PERSONS, sites=1, target=0.6)


def test_bounds_of_a_weighted_plan_are_called_weighted(capsys: pytest.CaptureFixture[str]) -> None:
    names = {key: {"zh": key, "en": key} for key in ("a", "b")}
    for signals in (0.0, 0.5):
        task, found, plan = solved(TWICE, signals, sites=1)
        document = {**plan.to_dict(), "asked": asked_of(task, found)}
        assert weighted(document) == (signals > 0)
        show_plan(document, names)
        said = " ".join(capsys.readouterr().out.split())
        figures = figures_of(cast("Any", document))
        assert ("bound of the weighted sum: 9" in said) == (signals > 0)
        assert ("plan.bound" in figures) == (signals == 0)
        assert "persons gained: 8" in said and f"weight of signals: {signals:g}" in said
        assert "the plan at a weight of 0.5: C4 (in this plan only); persons gained: 8" in said


# --- against trying everything: candidates between homes, which reach two of them ------------

BETWEEN = {f"m{number}": (400.0 * number + 200.0, 0.0) for number in range(4)} | {"c0": (0.0, 0.0)}
COUNTS = st.lists(st.integers(0, 30), min_size=5, max_size=5)
RATES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, 3.25]), min_size=5, max_size=5)


def reached(places: tuple[str, ...]) -> set[int]:
    """Homes within 300 m of one of these places."""
    at = [BETWEEN[name][0] for name in places]
    return {home for home in range(5) if any(abs(400 * home - x) <= 300 for x in at)}


def best(weight: np.ndarray, sites: int) -> float:
    choices = combinations(BETWEEN, sites)
    return max(math.fsum(weight[sorted(reached(chosen))]) for chosen in choices)


@examples(COUNTS, RATES, st.sampled_from([0.0, 0.3, 0.5, 1.0]), st.integers(1, 3))
@settings(max_examples=8)
def test_the_weighted_plan_is_the_best_of_all_and_that_of_multiplied_persons(
    counts: list[int], rates: list[float], share: float, sites: int
) -> None:
    persons = dict(zip(PERSONS, map(float, counts), strict=True))
    relative = dict(zip(PERSONS, rates, strict=True))
    weight = np.array(counts) * (1 + share * (np.array(rates) - 1))
    _, found, plan = solved(relative, share, persons, places=BETWEEN, sites=sites)
    assert found.objective_persons == pytest.approx(best(weight, sites), abs=1e-3)
    assert found.bound_persons == pytest.approx(best(weight, sites), abs=1e-3)
    assert plan.gained_persons[1] == math.fsum(np.array(counts)[found.completed])
    grown = dict(zip(PERSONS, weight.tolist(), strict=True))
    _, same, _ = solved({}, 0.0, grown, places=BETWEEN, sites=sites)
    assert same.objective_persons == pytest.approx(found.objective_persons, abs=1e-3)


@examples(COUNTS, RATES, st.integers(0, 4), st.integers(1, 2))
@settings(max_examples=8)
def test_more_weight_to_a_zone_never_takes_from_it(
    counts: list[int], rates: list[float], zone: int, sites: int
) -> None:
    persons = dict(zip(PERSONS, map(float, counts), strict=True))
    here, gained, sums = list(PERSONS)[zone], [], []
    for rate in (rates[zone], rates[zone] + 1.0):
        relative = dict(zip(PERSONS, rates, strict=True)) | {here: rate}
        _, found, _ = solved(relative, 0.5, persons, places=BETWEEN, sites=sites)
        gained.append(counts[zone] * bool(found.completed[zone]))
        sums.append(found.objective_persons)
    assert gained[1] >= gained[0] and sums[1] >= sums[0] - 1e-3
