"""Plans for some services only: with one it is the plain maximal covering location problem."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Scene
from test_siting import PERSONS, candidates_of, plan, rule_of, street

from gusu_geo.errors import StudyError
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.plan import SitingPlan, Unreached
from gusu_geo.study.siting import SitingParams

RULE = rule_of("a", "b")
DOORS = {f"c{number}": (400.0 * number, 0.0) for number in range(5)}


def planned(*services: str, scene: Scene | None = None, **options: Any) -> SitingPlan:
    places = options.pop("places", None) or candidates_of(DOORS)
    asked = {"services": services} if services else {}
    return plan(scene or street(), RULE, PERSONS, places, **asked, **options)


def ids(found: SitingPlan) -> list[str]:
    return sorted(site.candidate_id for site in found.chosen)


def test_only_these_services_are_counted_and_offered() -> None:
    # h0 has a today; a venue of b at h4. Everything: nobody has it, and any one home gains.
    scene = street().venue("vb", 1600, 0, service="b")
    both = planned(scene=scene, sites=1)
    assert (ids(both), both.chosen[0].services) == (["c4"], ("a",))
    only = planned("b", scene=scene, sites=1)
    assert (ids(only), only.chosen[0].services) == (["c3"], ("b",))
    assert only.asked_services == ("b",) and both.asked_services is None
    assert only.before == {"passed_known_persons": 16.0, "share": round(16 / 31, 6)}
    assert only.after == {"passed_known_persons": 24.0, "share": round(24 / 31, 6)}
    assert [row.service for row in only.services] == ["b"]
    assert only.gained_persons == (8.0, 8.0)
    assert [note["code"] for note in only.notes] == ["siting-services"]
    assert "B" in only.notes[0]["zh"] and "A" not in only.notes[0]["zh"].split("：")[1]
    assert SitingPlan.from_dict(only.to_dict()).to_dict() == only.to_dict()


def test_names_in_any_language_several_in_one_text_and_all() -> None:
    for names in (("B",), ("b",), (" b ",), ("b", "B")):  # the Chinese name of b is B here
        assert planned(*names, sites=1).asked_services == ("b",)
    every = planned("b、A", sites=1)  # all there are
    assert every.asked_services is None and every == planned(sites=1)


def test_unknown_names_and_services_without_data() -> None:
    with pytest.raises(StudyError, match=r"--service: no such service.*Got 'bbb'"):
        planned("bbb", sites=1)
    narrow = candidates_of(DOORS, dict.fromkeys(DOORS, ("a",)))
    with pytest.raises(StudyError, match=r"no candidate may be used: closed to some of.* 5"):
        planned("b", sites=1, places=narrow)
    barred = SitingParams(never=tuple(DOORS))
    with pytest.raises(StudyError, match=r"no candidate may be used: in never 5"):
        planned(sites=1, wishes=barred)
    with pytest.raises(StudyError, match=r"no data of these services.*: B\."):
        planned("b", sites=1, known=[True, False])
    some = planned("b", "a", sites=1, known=[True, False])
    assert some.excluded_services == ("b",)
    assert planned("a", sites=1, known=[True, False]).excluded_services == ()  # b is not asked for
    for wrong in ("b", (), (1,), [None]):
        with pytest.raises(StudyError, match="must be a list of one or more names"):
            Effort(1, services=wrong)  # type: ignore[arg-type]


def test_targets_are_of_these_services_and_say_who_stays_without_and_why() -> None:
    few = planned("a", target=0.5)  # 15.5 of 31: h0 has it, 16 more in h4
    assert (ids(few), few.least, few.after["passed_known_persons"]) == (["c4"], 1.0, 17.0)
    assert planned("a", target=1.0).least == 4.0  # all but h0
    assert planned("b", target=1.0).least == 5.0
    narrow = candidates_of(DOORS, {"c4": ("b",)})
    found = planned("a", target=0.4, places=narrow)
    assert found.unreachable_services == (Unreached("a", 16.0, 16.0),)  # c4 may not hold a
    words = (
        r"at most 48\.39% of the persons have A, not 90\.00%.*16 persons stay without.*A 16 "
        r"\(those near may not be used\).*closed to some of these services 1"
    )
    with pytest.raises(StudyError, match=words):
        planned("a", target=0.9, places=narrow)
    barred = SitingParams(never=("c3", "c4"))
    with pytest.raises(StudyError, match=r"B 24 \(those near may not be used\).*in never 2"):
        planned("b", target=0.9, wishes=barred)
    lost = street().home("lost", 0, 5000)
    with pytest.raises(StudyError, match=r"32 persons stay.*32 persons are not linked"):
        plan(
            lost, RULE, PERSONS | {"lost": 32.0}, candidates_of(DOORS), services=("b",), target=0.9
        )


@settings(max_examples=25)
@given(st.integers(0, 100_000))
def test_one_service_is_the_maximal_covering_location_problem(seed: int) -> None:
    """Homes and candidates on a street; the best of all sets of sites, by distance alone."""
    rng = np.random.default_rng(seed)
    at, places = rng.integers(0, 3000, 7), rng.integers(0, 3000, 6)
    scene = Scene().way("w e", w=(-9000, 0), e=(3000, 0)).venue("far", -8900, 0, service="b")
    scene.venue("v", float(rng.integers(0, 3000)), 0, service="a")
    persons = {f"h{i}": float(rng.integers(1, 20)) for i in range(len(at))}
    for i, x in enumerate(at):
        scene.home(f"h{i}", float(x), 0)
    venue = scene.venues["v"][2][0][0]
    sites = int(rng.integers(1, 4))
    weight = np.array([*persons.values()]) * (np.abs(at - venue) > 300)
    near = np.abs(at[:, None] - places[None]) <= 300
    best = max(
        weight[near[:, c].any(axis=1)].sum() for c in map(list, combinations(range(6), sites))
    )
    found = plan(
        scene, RULE, persons, candidates_of({f"c{i}": (float(x), 0.0) for i, x in enumerate(places)}),
        services=("a",), sites=sites,
    )  # fmt: skip
    assert found.gained_persons[1] == found.objective_persons == best
