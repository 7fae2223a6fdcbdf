"""Plans that a search stopped too early did not find: what is proven, and what is only not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_siting import PERSONS, candidates_of, given, plan, rule_of, street

from gusu_geo.errors import StudyError
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.task import task_of
from gusu_geo.study.siting import SitingParams

# Five homes of 1, 2, 4, 8 and 16 persons, each with one candidate at its door that no other home
# reaches. Zone x holds 1 and 2 persons, y 4, 8 and 16.
DOORS = {f"c{number}": (400.0 * number, 0.0) for number in range(5)}
ZONES = {"h0": "x", "h1": "x", "h2": "y", "h3": "y", "h4": "y"}
NO_WORK = 1e-9  # enough for one site, the best of all: c4, for 16 persons


def planned(**options: Any) -> SitingPlan:
    return plan(street(), rule_of("a", "b"), PERSONS, candidates_of(DOORS), **options)


def told(lang: str = "en", **options: Any) -> str:
    with pytest.raises(StudyError) as refused:
        planned(**options)
    return refused.value.in_language(lang)


def floor(share: float) -> SitingParams:
    return SitingParams(floor=share)


def test_a_floor_that_little_work_does_not_keep_names_the_zone_and_claims_no_proof() -> None:
    # With work enough: c0 or c1 for x (2 of 3), c3 or c4 for y (16 of 28).
    assert planned(sites=2, zones=ZONES, wishes=floor(0.5)).objective_persons == 18
    message = told(sites=2, zones=ZONES, wishes=floor(0.5), work=NO_WORK)
    assert message == (
        "stopped at the limit of work (1e-09) before any plan that keeps to all wishes was found; "
        "it is not proven that there is none. In the best plan known zone x is furthest from its "
        "floor: 0.00%, the floor is 50.00%. Give more work (--work), or loosen the wishes."
    )
    zh = told("zh", sites=2, zones=ZONES, wishes=floor(0.5), work=NO_WORK)
    assert "尚未证明" in zh and "分区 x 差得最多：0.00%" in zh and "--work" in zh


def test_what_is_proven_of_the_zone_alone_is_said_as_proven() -> None:
    # One site brings x to 2 of 3 at most, whatever else is left undone: that is proven at once.
    message = told(sites=1, zones=ZONES, wishes=floor(0.7), work=NO_WORK)
    assert "zone x gets at most 66.67%, even by a plan for it alone" in message
    assert "not proven" not in message
    # A floor of 60 % it may keep by itself, so nothing more is claimed than that bound.
    message = told(sites=1, zones=ZONES, wishes=floor(0.6), work=NO_WORK)
    assert "not proven that there is none" in message
    assert "no plan brings this above 66.67%" in message


def test_a_target_that_little_work_does_not_reach_names_the_service_and_the_bound() -> None:
    # 24 of 31 persons by two sites; one site, all that is found, brings 16.
    assert planned(sites=2, target=0.75).objective_persons == 24
    message = told(sites=2, target=0.75, work=NO_WORK)
    assert "In the best plan known 51.61% of the persons have everything" in message
    assert "the target is 75.00%" in message and "not proven" in message
    # 16 of 31 by the plan; a is at the door of h0 today: 15 lack b and 14 lack a.
    assert "Furthest from it is B: 15 persons" in message


def test_a_target_beyond_all_candidates_is_proven_however_short_the_search() -> None:
    some = candidates_of({key: DOORS[key] for key in ("c0", "c1")})
    for work in (NO_WORK, 60.0):
        with pytest.raises(StudyError, match=r"at most 9\.68%.*28 persons stay without"):
            plan(street(), rule_of("a", "b"), PERSONS, some, target=0.9, work=work)


def test_the_worst_zone_first_is_no_bound_of_a_target() -> None:
    # 24 of 31 persons by two sites in y; the worst zone first would open one in each: 18.
    wishes = SitingParams(worst_first=True)
    tables, more = given(
        street(), rule_of("a", "b"), PERSONS, candidates_of(DOORS),
        zones=ZONES, wishes=wishes, sites=2, target=0.75,
    )  # fmt: skip
    task = task_of(*tables, **more)
    assert plan_sites(task).objective_persons == 24
    stopped = task.asked(replace(task.effort, work=NO_WORK)).solve()
    assert stopped.stopped and not stopped.opened.any()
    with pytest.raises(StudyError, match="not proven that there is none") as refused:
        plan_sites(task, stopped)
    assert "In the best plan known 77.42%" in refused.value.in_language("en")


def test_causes_of_a_zone_are_of_its_own_persons_and_it_is_named() -> None:
    some = candidates_of({key: DOORS[key] for key in ("c0", "c3", "c4")})
    tables, more = given(
        street(), rule_of("a", "b"), PERSONS, some, zones=ZONES, wishes=floor(0.5), sites=1
    )
    more["zone_of"].attrs["names"] = {"x": "West", "y": "East"}
    # In x h1 with 2 of 3 persons has no candidate; h2 (4 persons) of y has none either.
    with pytest.raises(StudyError, match=r"zone West \(x\) cannot reach floor.* at most 33\.33%"):
        plan_sites(task_of(*tables, **more))
    with pytest.raises(StudyError, match=r"2 persons stay without.*A 2 .*, B 2 "):
        plan_sites(task_of(*tables, **more))


def test_the_local_search_claims_no_proof_and_may_be_left_out() -> None:
    # With so little work it opens one site, and two are needed.
    message = told(sites=2, target=0.75, fast=True, work=NO_WORK)
    assert "not proven that there is none" in message and "Leave out --fast" in message
    message = told(sites=2, target=0.75, time_limit_s=1e-9)
    assert "stopped at the time limit" in message and "--time-limit" in message


@pytest.mark.parametrize("many", [6, 1000, 999_999])
def test_more_sites_than_candidates_are_refused(many: int) -> None:
    message = told(sites=many)
    assert "there are 5 places to choose from" in message and f"Got {many}" in message
    assert "Give 5 or fewer (--sites)" in message
    assert "候选点位只有 5 处" in told("zh", sites=many)
    assert len(planned(sites=5).chosen) == 5
    with pytest.raises(StudyError, match=r"more services per site than the rule has: there are 2"):
        planned(sites=1, services_per_site=many)


def test_what_is_usual_is_not_refused_where_there_is_less() -> None:
    # 3 sites and 3 services are what the command asks for if nothing is typed.
    one = candidates_of({"c4": DOORS["c4"]})
    found = plan(street(), rule_of("a", "b"), PERSONS, one, sites=3, services_per_site=3)
    assert len(found.chosen) == 1


@pytest.mark.parametrize(
    "absurd", [10**6, 10**30, 10**5000], ids=["a million", "31 digits", "5001"]
)
def test_absurd_numbers_are_refused_before_anything_is_read(absurd: int) -> None:
    from gusu_geo.siting.effort import Effort

    with pytest.raises(StudyError, match=r"sites is 999,999 at most.* Got .* Give as many"):
        Effort(absurd)
    with pytest.raises(StudyError, match=r"services_per_site is 999,999 at most"):
        Effort(1, absurd)
