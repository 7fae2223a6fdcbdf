"""Tiers: the hand test of the specification, what is unknown, and sums that reconcile."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tier_scenes import (
    HOMES,
    PARENTS,
    SERVICE,
    TREE,
    VENUES,
    outcome_by_tier,
    tier_ground,
    tree_zones,
)

from gusu_geo.assessment.judgement import rule_of
from gusu_geo.assessment.nesting import nested, paths_of
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.tier_facts import Establishment, TierCoverage, TierFacts
from gusu_geo.assessment.tiers import judge_tiers
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.report.summary import Summary
from gusu_geo.tables import Residences


def facts_of(outcome: Outcome) -> TierFacts:
    facts = outcome.summary["tiers"]
    assert facts is not None
    return facts


def coverage(facts: TierFacts, tier: str, service: str = "s") -> TierCoverage:
    (row,) = (r for r in facts["coverage"] if (r["tier"], r["service"]) == (tier, service))
    return row


def established(facts: TierFacts, tier: str, service: str = "s") -> Establishment:
    (row,) = (r for r in facts["establishment"] if (r["tier"], r["service"]) == (tier, service))
    return row


def low_high(facts: TierFacts, tier: str) -> tuple[float, float]:
    row = coverage(facts, tier)
    return row["low_persons"], row["high_persons"]


@pytest.mark.parametrize("drawn", [True, False])
def test_the_hand_test(tmp_path: Path, drawn: bool) -> None:
    ground = tier_ground(tmp_path, drawn=drawn)
    if not drawn:
        ground.city.facilities.frame["community_id"] = np.array(["a1", ""], object)
    facts = facts_of(outcome_by_tier(ground))
    assert low_high(facts, "community") == (100, 100)
    assert coverage(facts, "community")["low"] == pytest.approx(100 / 600, abs=1e-6)
    assert low_high(facts, "subdistrict") == (600, 600)
    assert established(facts, "community")["missing_zones"] == ["a2", "b1"]
    assert established(facts, "subdistrict")["missing_zones"] == ["B"]
    assert facts["venues"] == {"subdistrict": 1, "community": 1}


def test_a_tier_at_which_a_service_need_not_exist_is_shown_where_it_has_venues(
    tmp_path: Path,
) -> None:
    facts = facts_of(outcome_by_tier(tier_ground(tmp_path, tiers={"s": ["community"]})))
    rows = [(r["tier"], r["required"], r["missing_zones"]) for r in facts["establishment"]]
    assert rows == [("subdistrict", False, ["B"]), ("community", True, ["a2", "b1"])]
    assert low_high(facts, "subdistrict") == (600, 600)
    assert low_high(facts, "community") == (100, 100)


def test_nested_an_upper_venue_will_do_and_establishment_stays(tmp_path: Path) -> None:
    facts = facts_of(outcome_by_tier(tier_ground(tmp_path, nested=True)))
    assert low_high(facts, "community") == (600, 600)
    assert established(facts, "community")["missing_zones"] == ["a2", "b1"]
    assert established(facts, "subdistrict")["missing_zones"] == ["B"]


def test_a_lower_venue_never_serves_an_upper_tier(tmp_path: Path) -> None:
    for inside in (False, True):
        venues = {"v-c": (800.0, "community")}
        facts = facts_of(outcome_by_tier(tier_ground(tmp_path, venues, nested=inside)))
        assert low_high(facts, "subdistrict") == (0, 0)
        assert low_high(facts, "community") == (600, 600)


def test_a_venue_of_unknown_tier_is_unknown_never_missing(tmp_path: Path) -> None:
    """The venue in a2 at 800 m, tier unknown: all may be served; a2 and A may have their own."""
    venues = VENUES | {"v-s": (800, "")}
    outcome = outcome_by_tier(tier_ground(tmp_path, venues))
    facts = facts_of(outcome)
    assert low_high(facts, "community") == (100, 600)
    assert low_high(facts, "subdistrict") == (0, 600)
    row = established(facts, "community")
    assert (row["expected"], row["present"], row["missing"], row["unknown"]) == (3, 1, 1, 1)
    assert (row["missing_zones"], row["unknown_zones"]) == (["b1"], ["a2"])
    row = established(facts, "subdistrict")  # a1's is surely of the community tier
    assert (row["missing_zones"], row["unknown_zones"]) == (["B"], ["A"])
    assert outcome.tiered is not None
    states = outcome.tiered.state["s", "community"].tolist()
    assert states == [State.PASS, State.UNKNOWN, State.UNKNOWN]


def test_a_service_without_data_is_unknown_in_every_zone(tmp_path: Path) -> None:
    ground = tier_ground(tmp_path, {})
    facts = facts_of(outcome_by_tier(ground))
    assert low_high(facts, "community") == (0, 600)
    row = established(facts, "community")
    assert (row["expected"], row["missing"], row["unknown"]) == (3, 0, 3)


def test_a_complete_source_without_a_venue_means_missing(tmp_path: Path) -> None:
    ground = tier_ground(tmp_path, {})
    city = replace(ground.city, facts={**ground.city.facts, "known": {"s": True}})
    facts = facts_of(outcome_by_tier(replace(ground, city=city)))
    assert low_high(facts, "community") == (0, 0)
    assert established(facts, "community")["missing_zones"] == ["a1", "a2", "b1"]


def test_what_a_venue_says_goes_before_where_it_stands(tmp_path: Path) -> None:
    """The venue stands in a1 and belongs to a2; one in the buffer belongs to none."""
    venues = VENUES | {"v-far": (1690.0, "community")}
    ground = tier_ground(tmp_path, venues)
    frame = ground.city.facilities.frame
    frame["community_id"] = np.array(["a2", "", ""], object)
    ground.city.zones.frame.geometry = ground.city.zones.frame.geometry.intersection(
        ground.city.zones.frame.geometry.iloc[0].buffer(350)
    )  # zones end at 1,650 m
    row = established(facts_of(outcome_by_tier(ground)), "community")
    assert (row["missing_zones"], row["present"], row["outside"]) == (["a1", "b1"], 1, 1)


def test_a_venue_that_nothing_places_may_belong_to_any_zone_that_nobody_drew(
    tmp_path: Path,
) -> None:
    """The community-tier venue stands in A, of whose communities none is drawn; it says nothing."""
    facts = facts_of(outcome_by_tier(tier_ground(tmp_path, drawn=False)))
    row = established(facts, "community")
    assert (row["missing_zones"], row["unknown_zones"]) == (["b1"], ["a1", "a2"])
    assert (row["unplaced"], row["outside"]) == (1, 0)


def test_compounds_of_homes_are_the_last_tier(tmp_path: Path) -> None:
    ground = tier_ground(tmp_path, tiers={"s": ["compound"]})
    ground.city.residences.frame["compound"] = np.array(["k1", "k2", ""], object)
    ground.city.residences.frame["compound_name"] = np.array(["甲园", "乙园", ""], object)
    ground.city.facilities.frame["tier"] = np.array(["compound", "subdistrict"], object)
    ground.city.facilities.frame["compound_id"] = np.array(["k2", ""], object)
    facts = facts_of(outcome_by_tier(ground))
    row = established(facts, "compound")
    assert (row["expected"], row["present"], row["missing_zones"]) == (2, 1, ["k1"])
    assert low_high(facts, "compound") == (100, 100)
    rows = [(r["path"], r["id"], r["persons"]) for r in facts["nested"] if r["tier"] == "compound"]
    assert rows == [(["A", "a1"], "k1", 100), (["A", "a2"], "k2", 200), (["B", "b1"], "", 300)]


def test_each_home_is_judged_by_its_own_rule(tmp_path: Path) -> None:
    """Elders at 0.8 m/s within 10 minutes: a2 is 200 m from the venue in A, 250 s; b1 800 m,
    1,000 s, too far."""
    ground = tier_ground(tmp_path)
    ground.city.residences.frame["type"] = ["", "旧", "旧"]

    def by_rule(**rule: Any) -> TierFacts:
        given = ground.study.model_dump()
        given["rule"]["override"] = [{"where": {"type": "旧"}, **rule}]
        study = type(ground.study).model_validate(given)
        return facts_of(outcome_by_tier(replace(ground, study=study)))

    facts = by_rule(profile="elder", minutes=10)
    assert low_high(facts, "subdistrict") == (300, 300)
    assert low_high(facts, "community") == (100, 100)
    assert low_high(by_rule(min_count=2), "subdistrict") == (100, 100)
    rows = {r["id"]: r["high"]["s subdistrict"] for r in facts["nested"]}
    assert rows == {"A": 300, "B": 0, "a1": 100, "a2": 200, "b1": 0}


def test_who_is_not_asked_counts_in_no_share_by_tier(tmp_path: Path) -> None:
    """The 200 persons of a2 ask for another service; the venue in A serves all 400 others."""
    ground = tier_ground(tmp_path)
    pack = tmp_path / "pack.toml"
    other = '[[services]]\nid = "t"\nzh = "服务"\nen = "service t"\n'
    pack.write_text(pack.read_text(encoding="utf-8") + other, encoding="utf-8")
    ground.city.residences.frame["type"] = ["", "旧", ""]
    ground.city.facts["known"]["t"] = True
    given = ground.study.model_dump()
    given["rule"]["override"] = [{"where": {"type": "旧"}, "services": ["t"]}]
    study = type(ground.study).model_validate(given)
    outcome = outcome_by_tier(replace(ground, study=study, pack=rule_of(study).pack))
    row = coverage(facts_of(outcome), "subdistrict")
    assert (row["low_persons"], row["high_persons"], row["low"], row["high"]) == (400, 400, 1, 1)
    assert outcome.tiered is not None
    states = outcome.tiered.state["s", "subdistrict"].tolist()
    assert states == [State.PASS, State.NOT_ASKED, State.PASS]
    rows = {r["id"]: r["high"]["s subdistrict"] for r in facts_of(outcome)["nested"]}
    assert rows == {"A": 100, "B": 300, "a1": 100, "a2": 0, "b1": 300}


def test_without_tiers_nothing_is_said(tmp_path: Path) -> None:
    outcome = outcome_by_tier(tier_ground(tmp_path, tiers={}, tiered=False))
    assert outcome.tiered is None and outcome.summary["tiers"] is None


def test_the_standard_verdict_does_not_depend_on_tiers(tmp_path: Path) -> None:
    with_tiers = outcome_by_tier(tier_ground(tmp_path))
    without = outcome_by_tier(tier_ground(tmp_path, tiers={}))
    assert with_tiers.verdict.state.tolist() == without.verdict.state.tolist()
    assert with_tiers.summary["passed"] == without.summary["passed"]


def test_zones_whose_parent_nothing_says_are_a_row_of_their_own(tmp_path: Path) -> None:
    """b1 has no parent, and nobody drew it: its home lies in B, so B is known all the same. With
    B undrawn too, its persons stand under a parent that is unknown."""
    ground = tier_ground(tmp_path, drawn=False)
    zones = ground.city.zones.frame
    zones.loc[zones["zone_id"] == "b1", "parent"] = ""
    facts = facts_of(outcome_by_tier(ground))
    assert facts["levels"][1]["parent_unknown"] == ["b1"]
    rows = {(*r["path"], r["id"]): r["persons"] for r in facts["nested"]}
    assert rows[("B", "b1")] == 300
    zones.geometry = zones.geometry.where(zones["zone_id"] != "B", None)
    outcome = outcome_by_tier(ground)
    rows = {(*r["path"], r["id"]): r["persons"] for r in facts_of(outcome)["nested"]}
    assert rows == {("A",): 300, ("",): 300, ("A", "a1"): 100, ("A", "a2"): 200, ("", "b1"): 300}
    (last,) = (z for z in outcome.summary["zones"] if z["id"] == "")
    assert (last["level"], last["persons"], last["name_en"]) == (
        "subdistrict", 300, "Parent unknown",
    )  # fmt: skip


def test_the_parent_of_the_zone_below_goes_before_place() -> None:
    """A home of community b1 by its ledger, standing in A: it counts in B."""
    zones = tree_zones().frame
    homes = zones.iloc[:1].assign(community_id="b1")
    placed = {"subdistrict": np.array(["A"], object), "community": np.array(["a1"], object)}
    found = nested(zones, homes, placed)
    assert {level: ids.tolist() for level, ids in found.items()} == {
        "community": ["b1"], "subdistrict": ["B"],
    }  # fmt: skip


PERSONS = st.lists(st.integers(0, 5000), min_size=3, max_size=3)
TIER = st.sampled_from(["", "subdistrict", "community", "district"])
PLACED = st.lists(st.tuples(st.integers(-100, 1700), TIER), min_size=1, max_size=3)


@settings(max_examples=8)
@given(PERSONS, PLACED, st.booleans())
def test_low_is_at_most_high_and_equal_where_nothing_is_unknown(
    tmp_path_factory: pytest.TempPathFactory, persons: list[int], venues: Any, inside: bool
) -> None:
    folder = tmp_path_factory.mktemp("tiers")
    homes = {key: (x, p) for (key, (x, _)), p in zip(HOMES.items(), persons, strict=True)}
    named = {f"v{i}": venue for i, venue in enumerate(venues)}
    facts = facts_of(outcome_by_tier(tier_ground(folder, named, homes=homes, nested=inside)))
    known = all(tier for _, tier in venues)
    for row in facts["coverage"]:
        assert row["low_persons"] <= row["high_persons"] <= sum(persons)
        assert not known or row["low_persons"] == row["high_persons"]
    for each in facts["establishment"]:
        assert each["expected"] == each["present"] + each["missing"] + each["unknown"]
        assert not known or not each["unknown"]


ZONE = st.sampled_from(["a1", "a2", "b1", ""])
BLOCK = st.sampled_from(["k1", "k2", "k3", ""])
LIVES = st.lists(st.tuples(st.integers(0, 10**6), ZONE, BLOCK), min_size=1, max_size=12)


@settings(max_examples=40)
@given(LIVES, st.dictionaries(st.sampled_from(sorted(PARENTS)), st.just("")))
def test_every_tier_adds_up_to_the_tier_above(
    lives: list[tuple[int, str, str]], orphans: dict[str, str]
) -> None:
    """Whole persons, wherever they live, and whatever is unknown of them."""
    zones = tree_zones(drawn=False).frame
    zones["parent"] = [orphans.get(z, p) for z, p in zip(zones["zone_id"], zones["parent"], strict=True)]  # fmt: skip
    persons, said, blocks = zip(*lives, strict=True)
    homes = pd.DataFrame({"persons": persons, "community_id": said, "compound": blocks})
    none = np.full(len(homes), "", object)
    zone_of = pd.DataFrame(nested(zones, homes, dict.fromkeys(TREE, none)))
    paths = paths_of(zones, homes, zone_of).assign(persons=homes["persons"].to_numpy())
    tiers = [tier for tier in paths if tier != "persons"]
    whole = sum(persons)
    sums = [paths.groupby(tiers[: d + 1])["persons"].sum() for d in range(len(tiers))]
    assert [int(each.sum()) for each in sums] == [whole] * len(tiers)
    for upper, lower in pairwise(sums):
        assert lower.groupby(tiers[: upper.index.nlevels]).sum().to_dict() == upper.to_dict()
    for community, parent in zip(paths["community"], paths["subdistrict"], strict=True):
        if community:
            assert parent == (orphans | {}).get(community, PARENTS[community])


def test_the_rows_reconcile_with_zones_and_the_whole(tmp_path: Path) -> None:
    outcome = outcome_by_tier(tier_ground(tmp_path))
    summary: Summary = outcome.summary
    for zone in summary["zones"]:
        rows = [r for r in facts_of(outcome)["nested"] if (r["tier"], r["id"]) == (zone["level"], zone["id"])]  # fmt: skip
        for key in ("residences", "persons", "passed_persons", "unknown_persons"):
            assert sum(r[key] for r in rows) == zone[key]
    json.dumps(summary["tiers"])


def test_homes_that_touch_no_street_are_unknown_in_every_tier(tmp_path: Path) -> None:
    ground = tier_ground(tmp_path)
    city, rows = ground.city, ground.city.residences.frame
    far = replace(city.residences.entrances, xy=np.add(city.residences.entrances.xy, [[0, 0], [0, 900], [0, 0]]))  # fmt: skip
    ground = replace(ground, city=replace(city, residences=Residences(rows, far)))
    facts = facts_of(outcome_by_tier(ground))
    assert low_high(facts, "community") == (100, 300) and low_high(facts, "subdistrict") == (
        400,
        600,
    )


def test_two_searches_only_where_a_tier_is_unknown(tmp_path: Path) -> None:
    ground = tier_ground(tmp_path, tiers=SERVICE | {})
    judged = judge_ground(ground)
    zone_of = outcome_of(ground, judged).zone_of
    tiered = judge_tiers(ground, judged, zone_of)
    assert tiered is not None and set(tiered.state) == {("s", "community"), ("s", "subdistrict")}
