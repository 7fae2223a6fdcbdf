"""Why a plan has these sites and not others: scenes worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, get_args

import pytest
from scenes import Scene
from test_siting import PERSONS, candidates_of, given, rule_of, street

from gusu_geo.report.plan_reasons import complete_places, next_rows, reason_lines
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.sections import NotTaken, Why
from gusu_geo.siting.task import task_of
from gusu_geo.siting.why import Places, why_of
from gusu_geo.study.siting import SitingParams
from gusu_geo.tables import Candidates
from gusu_geo.words import section

RULE = rule_of("a", "b")
DOORS = {f"c{number}": (400.0 * number, 0.0) for number in range(5)}
NOWHERE = ("", "", "")


def rooms(more: dict[str, tuple[float, float]] | None = None, **columns: list[Any]) -> Candidates:
    """A candidate at the door of each home of street(), others, and columns of a ledger."""
    made = candidates_of(DOORS | (more or {}))
    made.frame["street"] = False
    made.frame[list(columns)] = list(zip(*columns.values(), strict=True))
    return made


def explained(
    places: Candidates | None = None,
    homes: list[tuple[str, str, str]] | None = None,
    persons: dict[str, float] = PERSONS,
    scene: Scene | None = None,
    **options: Any,
) -> tuple[SitingPlan, Why]:
    tables, more = given(scene or street(), RULE, persons, places or rooms(), **options)
    task = task_of(*tables, **more)
    found = task.solve()
    plan = plan_sites(task, found)
    names = {name: name.upper() for name in set((options.get("zones") or {}).values())}
    return plan, why_of(task, found, plan, Places.of(homes or [NOWHERE] * 5), names)


def reasons(why: Why) -> dict[str, tuple[str, float, float, str]]:
    return {
        row["candidate_id"]: (
            row["reason"], row["gained_persons"], row["alone_persons"], row["instead_of"],
        )
        for row in why["next"]
    }  # fmt: skip


def test_what_each_site_is_for() -> None:
    # Each home is served at its own door: c4 gains 16, c3 8; without it as many are lost. h0 has a.
    zones = {"h0": "x", "h1": "x", "h2": "y", "h3": "y", "h4": "z"}
    plan, why = explained(sites=3, zones=zones, elders={"h3": 2.0, "h4": 5.0})
    assert [site["candidate_id"] for site in why["sites"]] == ["c4", "c3", "c2"]
    first, second, third = why["sites"]
    assert (first["gained_persons"], first["lost_persons"]) == (16.0, 16.0)
    assert first["by_service"] == {"a": 16.0, "b": 16.0}
    assert (first["by_zone"], second["by_zone"]) == ({"Z": 16.0}, {"Y": 8.0})
    assert [site["elders"] for site in why["sites"]] == [5.0, 2.0, None]  # nobody counted at h2
    assert third["children"] is None
    assert reasons(why) == {"c1": ("sites", 2.0, 2.0, ""), "c0": ("sites", 1.0, 1.0, "")}
    assert [row["services"] for row in why["next"]] == [["a", "b"], ["b"]]
    assert plan.objective_persons == sum(site["gained_persons"] for site in why["sites"])


def test_two_sites_that_need_each_other_are_both_lost_with_one() -> None:
    # One service each: only c4 and d4 together complete h4. The first gains nothing yet.
    both = rooms({"d4": (1700.0, 0.0)})
    _, why = explained(both, sites=2, services_per_site=1)
    assert [site["gained_persons"] for site in why["sites"]] == [0.0, 16.0]
    assert [site["lost_persons"] for site in why["sites"]] == [16.0, 16.0]
    assert sorted(len(site["by_service"]) for site in why["sites"]) == [1, 1]


def test_places_that_are_newly_complete() -> None:
    # h0 and h1 lie in one compound, h2 on a street of its own, h3 and h4 on one of which the plan
    # serves h4 alone; h1 has a site, h0 has none.
    homes = [("compound", "k", "K"), ("compound", "k", "K"), ("street", "s", "S")]
    homes += [("street", "t", "T"), ("street", "t", "T")]
    _, why = explained(sites=3, homes=homes)  # c4, c3, c2
    t = {"kind": "street", "name": "T", "persons": 24.0, "gained_persons": 24.0}
    s = {"kind": "street", "name": "S", "persons": 4.0, "gained_persons": 4.0}
    assert (why["complete"], why["complete_count"]) == ([t, s], 2)
    assert [site["complete"] for site in why["sites"]] == [[], [t], [s]]  # T needs c4 and c3
    _, why = explained(sites=1, homes=homes)
    assert (why["complete"], why["complete_count"]) == ([], 0)


def test_what_was_complete_before_is_not_new_and_its_persons_do_not_gain() -> None:
    scene = street().venue("w", 400, 0, service="a").venue("x", 400, 0, service="b")  # at h1
    homes = [NOWHERE, ("street", "s", "S"), ("street", "s", "S"), ("street", "t", "T"), NOWHERE]
    must = SitingParams(must=("c2",))
    _, why = explained(homes=homes, scene=scene, sites=1, wishes=must)
    row = {"kind": "street", "name": "S", "persons": 6.0, "gained_persons": 4.0}
    assert why["complete"] == [row]
    alone = [NOWHERE, ("street", "s", "S"), *[NOWHERE] * 3]
    assert explained(homes=alone, scene=scene, sites=1, wishes=must)[1]["complete"] == []


def test_elders_may_decide_what_a_candidate_would_offer() -> None:
    # m reaches h1, who lack a, and h2, who lack b; it may offer one. Elders of h2 count three times.
    scene = street().venue("w", 400, 0, service="b").venue("x", 800, 0, service="a")
    people = {"h0": 1.0, "h1": 10.0, "h2": 8.0, "h3": 0.0, "h4": 99.0}
    two = {"d4": (1600.0, 0.0), "m": (600.0, 0.0)}
    options = {"sites": 2, "services_per_site": 1, "elders": {"h2": 8.0}, "persons": people}
    must = SitingParams(must=("c4", "d4"), elders_weight=3.0, never=("c0", "c1", "c2", "c3"))
    _, why = explained(rooms(two), scene=scene, wishes=must, **options)
    assert (why["next"][0]["services"], why["next"][0]["gained_persons"]) == (["b"], 8.0)
    plain = must.model_copy(update={"elders_weight": 1.0})
    _, why = explained(rooms(two), scene=scene, wishes=plain, **options)
    assert (why["next"][0]["services"], why["next"][0]["gained_persons"]) == (["a"], 10.0)


def test_of_samples_side_by_side_only_the_best_is_listed() -> None:
    # m reaches h1 and h2; its neighbours on the street complete one of the two.
    near = {"m": (600.0, 0.0), "n": (450.0, 0.0), "o": (750.0, 0.0)}
    samples = rooms(near, street=[True] * 8)
    _, why = explained(samples, sites=2)
    assert list(reasons(why)) == ["m", "c0"]
    ledger = rooms(near, street=[False] * 8)  # rooms stay distinct
    _, why = explained(ledger, sites=2)
    assert list(reasons(why)) == ["m", "c2", "o", "c1", "n"]


@pytest.mark.parametrize(
    ("reason", "options", "columns", "row"),
    [
        ("sites", {"sites": 2}, {}, ("c2", 4, 4, "")),
        ("money", {"budget": 9.0}, {"cost": [9, 9, 9, 9, 1]}, ("c3", 8, 8, "")),
        ("target", {"target": 0.5}, {}, ("c3", 8, 8, "")),
        ("apart", {"sites": 2, "wishes": {"apart_m": 500}}, {}, ("c3", 8, 8, "c4")),
        ("small", {"sites": 1, "wishes": {"service_area_m2": {"a": 9}}},
         {"area_m2": [1, 1, 1, 1, 99]}, ("c3", 0, 0, "")),
        ("refused", {"sites": 1}, {"vote": ["", "", "", "", "refused"]}, ("c4", 16, 16, "")),
        ("never", {"sites": 5, "wishes": {"never": ("c4",)}}, {}, ("c4", 16, 16, "")),
        ("uncosted", {"budget": 9.0}, {"cost": [1, 1, 1, 1, math.nan]}, ("c4", 16, 16, "")),
    ],
)  # fmt: skip
def test_why_not(
    reason: str, options: dict[str, Any], columns: dict[str, list[Any]],
    row: tuple[str, float, float, str],
) -> None:  # fmt: skip
    options = options | {"wishes": SitingParams(**options.get("wishes", {}))}
    _, why = explained(rooms(**columns), **options)
    assert reasons(why)[row[0]] == (reason, *row[1:])


def test_whoever_gains_nobody_now() -> None:
    # d4 stands beside c4, d3 beside c3; m reaches h1 and h2, each served from its door; far reaches nobody.
    more = {"d4": (1650.0, 0.0), "d3": (1250.0, 0.0), "m": (600.0, 0.0), "far": (-1500.0, 0.0)}
    people = {"h0": 1.0, "h1": 10.0, "h2": 10.0, "h3": 30.0, "h4": 40.0}
    must = SitingParams(must=("c0", "c1", "c2", "c3", "c4"))
    _, why = explained(rooms(more), persons=people, sites=5, wishes=must)
    assert reasons(why) == {
        "d4": ("same", 0.0, 40.0, "c4"),
        "d3": ("same", 0.0, 30.0, "c3"),
        "m": ("served", 0.0, 20.0, ""),
        "far": ("nobody", 0.0, 0.0, ""),
    }


def test_unknown_today_and_a_search_that_ended_early() -> None:
    behind = street().venue("wa", 1600, 0, service="a").venue("wb", 1600, 0, service="b")
    _, why = explained(sites=5, possible=behind, certain=True)
    assert reasons(why) == {"c4": ("unsure", 16.0, 16.0, "")}
    tables, more = given(street(), RULE, PERSONS, rooms(), sites=2)
    task = task_of(*tables, **more)
    found = task.solve()
    less = replace(found, offers=found.offers.copy(), opened=found.opened.copy())
    less.offers[4], less.opened[4] = False, False
    plan = plan_sites(task, less)
    assert reasons(why_of(task, less, plan, Places.of([NOWHERE] * 5), {}))["c4"][0] == "search"


def test_every_reason_has_its_words() -> None:
    assert set(section("not_taken")) == set(get_args(NotTaken))


def test_what_is_read_on_a_terminal() -> None:
    homes = [NOWHERE, NOWHERE, NOWHERE, ("street", "s", "S"), ("street", "t", "T")]
    zones = {"h0": "x", "h1": "x", "h2": "y", "h3": "y", "h4": "z"}
    plan, why = explained(
        rooms(cost=[1.0, 1.0, 7.0, 2.0, 3.0]), homes, budget=6.0, zones=zones, elders={"h4": 5.0}
    )
    names = {"a": {"zh": "甲", "en": "Ay"}, "b": {"zh": "乙", "en": "Bee"}}
    shown = replace(plan, why=why).to_dict()
    lines = reason_lines(shown, names, counted=True)
    assert lines[0].en == (
        "1. C4: without it alone 16 persons would lack something (Ay 16, Bee 16); "
        "elders among them: 5"
    )
    assert lines[1].en.startswith("2. C3: without it alone 8 persons")
    assert lines[-1].zh.endswith("（新增人数）：T 16、S 8")
    assert complete_places(why["complete"], 2, counted=True, named=1).en == "T 16 … (2 in all)"
    (dear, *_) = next_rows(shown, counted=True)
    assert dear == ["C2", "4", "4", "too dear for the money that is left: 0.00 of 7.00"]
    assert reason_lines(plan.to_dict(), names, counted=True) == []
