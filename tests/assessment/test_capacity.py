"""Capacity through the engine: times worked out by hand, what is unknown, and norms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from capacity_scenes import (
    HELD,
    NORM,
    capacity_ground,
    facts_of,
    outcome_with_capacity,
    rooms,
    staffed,
    town,
)
from grounds import at, compared

from gusu_geo.assessment.judgement import rule_of
from gusu_geo.assessment.suppression import public_capacity
from gusu_geo.errors import StudyError
from gusu_geo.report.tables import access_frame, residence_frame
from gusu_geo.tables import Facilities


@pytest.mark.parametrize(
    ("method", "access"),
    [
        ("2sfca", [33.333, 73.333, 40.0]),
        ("e2sfca", [42.373, 104.0, 16.541]),
        ("3sfca", [64.496, 82.085, 23.778]),
    ],
)
def test_the_hand_test_on_walked_seconds(tmp_path: Path, method: str, access: list[float]) -> None:
    ground = capacity_ground(tmp_path, method=method, norms=NORM)
    found = staffed(ground)
    assert found.access[:, 0] == pytest.approx(access, abs=0.002)
    assert rooms(found) == ["ROOM" if each >= 40 else "FULL" for each in access]
    facts, service = facts_of(found)
    assert (service["supply"], service["used"], service["demand"]) == (30, 30, 600)
    assert service["found"]["access"] == pytest.approx(1000 * 30 / 600)
    assert service["found"] == service["assumed_none"] == service["assumed_largest"]
    assert facts["weights"] == ([1, 1, 1] if method == "2sfca" else [1, 0.68, 0.22])


def test_full_is_a_column_of_its_own_and_changes_no_state(tmp_path: Path) -> None:
    with_norm = outcome_with_capacity(capacity_ground(tmp_path, norms=NORM))
    bare = capacity_ground(tmp_path)
    bare = replace(bare, study=bare.study.model_copy(update={"capacity": None}))
    without = outcome_with_capacity(bare)
    assert without.district.capacity is None
    assert "capacity" not in without.summary
    assert (with_norm.verdict.state == without.verdict.state).all()
    homes = residence_frame(with_norm)
    assert homes["full_s"].to_dict() == {"a": "room", "b": "room", "c": "full"}
    assert "full_s" not in residence_frame(without)
    long = access_frame(with_norm)
    assert long["full"].tolist() == ["room", "room", "full"]
    assert long["per_1000"].round(2).tolist() == [42.37, 104.0, 16.54]
    assert list(long)[:-2] == list(access_frame(without))


def test_without_a_norm_nothing_is_full(tmp_path: Path) -> None:
    found = staffed(capacity_ground(tmp_path))
    assert rooms(found) == ["UNKNOWN"] * 3
    assert np.isfinite(found.access).all()
    row = facts_of(found)[1]["found"]
    assert (row["full_persons"], row["room_persons"], row["unknown_persons"]) == (None, None, 0)


def test_access_of_the_norm_itself_is_room(tmp_path: Path) -> None:
    norm = {"s": {"per_1000": 1000 * 10 / 236, "source": "a plan"}}
    assert rooms(staffed(capacity_ground(tmp_path, norms=norm))) == ["ROOM", "ROOM", "FULL"]


@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "3sfca"])
def test_an_unknown_capacity_is_unknown_and_only_adds(tmp_path: Path, method: str) -> None:
    """Y is unknown: c knows nothing; b has some of X, and enough of it where the norm is low."""
    known_of_b = {"2sfca": 10 / 300, "e2sfca": 6.8 / 236, "3sfca": 10 * 0.4624 / 1.68 / 155.0476}
    for per_1000, b in ((1000 * known_of_b[method] - 0.01, "ROOM"), (40, "UNKNOWN")):
        norm = {"s": {"per_1000": per_1000, "source": "a plan"}}
        found = staffed(capacity_ground(tmp_path, {"X": 10}, method=method, norms=norm))
        assert rooms(found)[1:] == [b, "UNKNOWN"]
        assert np.isnan(found.access[:, 0]).tolist() == [False, True, True]
        _, service = facts_of(found)
        assert (service["known"], service["venues"], service["supply"]) == (1, 2, 10)
        # assumed: Y has none, or as much as X
        none, largest = service["assumed_none"], service["assumed_largest"]
        assert largest is not None
        assert none["unknown_persons"] == largest["unknown_persons"] == 0
        assert service["found"]["access"] is None  # c alone says nothing of all
        assert none["access"] == pytest.approx(1000 * 10 / 600)
        assert largest["access"] == pytest.approx(1000 * 20 / 600)
    assert [row["ratio"] is None for row in found.facts["venues"]] == [False, True]


def test_the_largest_is_of_the_same_tier_or_none(tmp_path: Path) -> None:
    def largest(*tiers: str) -> object:
        scene = town()
        for extra in "UV"[: len(tiers) - 2]:
            scene.venue(extra, 0, 0)
        ground = capacity_ground(tmp_path, {"X": 10, "V": 5}, scene=scene)
        venues = ground.city.facilities.frame.assign(tier=list(tiers))
        facilities = Facilities(venues, ground.city.facilities.entrances)
        ground = replace(ground, city=replace(ground.city, facilities=facilities))
        return facts_of(staffed(ground))[1]["assumed_largest"]

    assert largest("community", "community") is not None
    assert largest("", "") is not None
    assert largest("community", "subdistrict") is None
    assert largest("community", "") is None
    assert largest("", "", "", "") is not None
    assert largest("", "", "", "community") is None  # X of an unknown tier says nothing of Y's


def test_different_units_do_not_add_up(tmp_path: Path) -> None:
    ground = capacity_ground(tmp_path, units={"X": "座", "Y": "床"}, norms=NORM)
    found = staffed(ground)
    assert rooms(found) == ["UNKNOWN"] * 3
    _, service = facts_of(found)
    assert (service["units"], service["unit"], service["known"]) == (["床", "座"], "", 0)
    assert [each["code"] for each in found.notes] == ["capacity_units"]
    assert outcome_with_capacity(ground).summary["notes"][-1]["code"] == "capacity_units"
    same = staffed(capacity_ground(tmp_path, units={"X": "座"}, norms=NORM))
    assert facts_of(same)[1]["unit"] == "座"  # a blank says nothing else
    assert rooms(same) == ["ROOM", "ROOM", "FULL"]


def test_norms_of_a_group_are_by_that_group(tmp_path: Path) -> None:
    norms = {"s": {"per_1000": 400, "of": "elders", "source": "a plan"}}
    elders = {"elders": [10.0, 20.0, 30.0]}
    found = staffed(capacity_ground(tmp_path, homes=elders, norms=norms))
    assert rooms(found) == ["ROOM", "ROOM", "FULL"]  # ten times as much for a tenth of the persons
    row = facts_of(found)[1]["found"]
    assert (row["room_persons"], row["full_persons"]) == (30, 30)
    uncounted = staffed(capacity_ground(tmp_path, norms=norms))
    assert rooms(uncounted) == ["UNKNOWN"] * 3
    assert facts_of(uncounted)[1]["found"] == dict.fromkeys(row)
    assert [each["code"] for each in uncounted.notes] == ["capacity_uncounted"]
    some = staffed(capacity_ground(tmp_path, homes={"elders": [10.0, 20.0, np.nan]}, norms=norms))
    assert rooms(some) == ["ROOM", "UNKNOWN", "UNKNOWN"]  # b may queue with any number of c at Y


def test_no_venue_in_reach_no_street_and_no_data(tmp_path: Path) -> None:
    scene = town().home("far", 1780, 0).home("lost", 600, 5000)
    scene.venues.pop("Y")
    found = staffed(capacity_ground(tmp_path, scene=scene, norms=NORM))
    assert rooms(found) == ["ROOM", "FULL", "NONE_NEAR", "NONE_NEAR", "UNKNOWN"]
    assert found.access[:, 0].round(3).tolist()[:4] == [42.373, 28.814, 0, 0]
    assert np.isnan(found.access[4, 0])
    row = facts_of(found)[1]["found"]
    assert (row["none_persons"], row["unknown_persons"]) == (301, 1)
    scene.venue("Y", 900, 0, service="t")
    both = {**NORM, "u": {"per_1000": 1, "source": "a plan"}}
    ground = capacity_ground(tmp_path, {}, scene=scene, services="s t u", norms=both)
    no_data = staffed(ground)
    assert rooms(no_data, 2) == ["UNKNOWN"] * 5  # nobody names a venue of u: it may exist
    assert rooms(no_data, 1) == ["UNKNOWN"] * 5  # no norm
    assert [row["venues"] for row in no_data.facts["services"]] == [1, 1, 0]


def walled() -> Any:
    """The town, with a third venue Z inside walls without a gate, beside X."""
    scene = town().venue("Z", 0, 30)
    scene.block("wall", (-40, 20), (40, 20), (40, 60), (-40, 60), (-40, 20))
    return scene


def test_a_venue_behind_walls_may_be_in_reach(tmp_path: Path) -> None:
    """Z may be entered by a gate that nobody drew: more room for a and b, never less by two steps;
    by three steps Z would draw a and b away from X, so that b's share of Y is open too."""
    two = staffed(capacity_ground(tmp_path, scene=walled(), norms=NORM))
    assert rooms(two) == ["ROOM", "ROOM", "FULL"]
    assert np.isnan(two.access[:, 0]).tolist() == [True, True, False]
    three = staffed(
        capacity_ground(tmp_path, scene=walled(), method="3sfca", norms=NORM, homes=None)
    )
    assert rooms(three) == ["UNKNOWN", "UNKNOWN", "UNKNOWN"]
    low = {"s": {"per_1000": 10, "source": "a plan"}}
    ground = capacity_ground(tmp_path, scene=walled(), method="3sfca", norms=low)
    assert rooms(staffed(ground)) == ["UNKNOWN", "UNKNOWN", "ROOM"]  # c can only gain


def test_homes_walk_by_their_own_rule(tmp_path: Path) -> None:
    """Whoever lives in b walks at 0.8 m/s: 750 s to X, 375 s to Y. So X has 100 + .22 x 200, and Y
    .68 x 200 + .22 x 300."""
    slow = {"where": {"type": "old"}, "profile": "elder"}
    kinds = {"type": ["new", "old", "new"]}
    ground = capacity_ground(tmp_path, homes=kinds, rule={"override": [slow]}, norms=NORM)
    found = staffed(ground)
    x, y = 1000 * 10 / 144, 1000 * 20 / 202
    assert found.access[:, 0] == pytest.approx([x, 0.22 * x + 0.68 * y, 0.22 * y])
    assert rooms(found) == ["ROOM", "ROOM", "FULL"]
    # d, who lives at X, walks 0 s there, by either rule
    for own in ("new", "old"):
        kinds = {"type": ["new", "old", "new", own]}
        scene, rule = town().home("d", 0, 0), {"override": [slow]}
        ground = capacity_ground(tmp_path, scene=scene, homes=kinds, rule=rule)
        assert staffed(ground).access[3, 0] == pytest.approx(
            1000 * 10 / (144 + 1)
            + (0.22 if own == "new" else 0.0) * 1000 * 20 / (202 + 0.22 * (own == "new"))
        )


def test_a_venue_that_a_scenario_adds_has_an_unknown_capacity(tmp_path: Path) -> None:
    ground = capacity_ground(tmp_path, norms=NORM)
    new = {"do": "add_venue", "id": "n", "name": "N", "services": ["s"], "at": at(1740, 0)}
    after = compared(ground, new).after
    frame = after.city.facilities.frame
    assert frame["capacity"].isna().tolist() == [False, False, True]
    staffed_after = staffed(replace(ground, city=after.city))
    assert rooms(staffed_after) == ["ROOM", "ROOM", "UNKNOWN"]


def test_an_unknown_service_in_norms_names_the_nearest(tmp_path: Path) -> None:
    norms = {"helth": {"per_1000": 1, "source": "a plan"}}
    ground = capacity_ground(tmp_path, services="s health", norms=norms)
    with pytest.raises(StudyError, match="health"):
        rule_of(ground.study)


def test_a_norm_needs_its_source(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="source"):
        capacity_ground(tmp_path, norms={"s": {"per_1000": 1, "source": ""}})


def teams(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    """name, zone, venue, group, full-time equivalents."""
    names = ["name", "zone", "venue_id", "group", "fte"]
    frame = pd.DataFrame(rows, columns=names, index=[f"t{n}" for n in range(len(rows))])
    return frame.assign(staff=frame["fte"], x=np.nan, y=np.nan)


def with_teams(ground: Any, table: pd.DataFrame) -> Any:
    return replace(ground, city=replace(ground.city, books={"teams": table}))


def test_teams_by_walked_time(tmp_path: Path) -> None:
    """Zones west (a: x < 450) and east. Full-time equivalents 1 at X and 2 at Y, a tenth of the
    hand test's supply: 4.237 / 10.400 / 1.654 per 1,000."""
    table = teams(("网格员", "west", "X", "persons", 1), ("网格员", "east", "Y", "persons", 2))
    found = staffed(with_teams(capacity_ground(tmp_path), table))
    (row,) = found.facts["teams"]
    assert found.facts["level"] == "ward"
    assert (row["rows"], row["placed"], row["fte"], row["persons"]) == (2, 2, 3, 600)
    assert row["per_1000"] == pytest.approx(1000 * 3 / 600)
    # west: a alone; east: (200 x 10.400 + 300 x 1.654) / 500
    assert row["low_zone"] == "west"
    assert row["low_per_1000"] == pytest.approx(1000 / 236, abs=1e-3)


def test_rows_of_a_team_without_a_place_count_nowhere(tmp_path: Path) -> None:
    ground = capacity_ground(tmp_path)
    table = teams(("网格员", "west", "", "persons", 1), ("网格员", "east", "Y", "persons", 2))
    (row,) = staffed(with_teams(ground, table)).facts["teams"]
    assert (row["rows"], row["placed"], row["reached_persons"]) == (2, 1, 500)
    assert row["per_1000"] == pytest.approx(1000 * 2 / 500)
    assert row["low_zone"] == "east"  # what west has is unknown, not least
    table["fte"] = np.nan
    (row,) = staffed(with_teams(ground, table)).facts["teams"]
    assert (row["per_1000"], row["low_zone"], row["unknown_fte"]) == (None, "", 2)


def test_teams_with_points_of_their_own_and_groups(tmp_path: Path) -> None:
    ground = capacity_ground(tmp_path, homes={"elders": [10.0, 20.0, 30.0]})
    table = teams(
        ("医生", "", "", "elders", 3), ("社工", "", "", "", 1), ("医生", "", "", "elders", 1)
    )
    table.loc["t0", ["x", "y"]] = [-300.0, 0.0]  # at a, 900 s from b
    table.loc["t2", ["x", "y"]] = [0.0, 9000.0]  # no street near: as without a place
    doctors, others = staffed(with_teams(ground, table)).facts["teams"]
    assert (doctors["placed"], doctors["reached_persons"], doctors["persons"]) == (1, 30, 60)
    assert doctors["per_1000"] == pytest.approx(1000 * 3 / 30)
    assert (others["persons"], others["per_1000"]) == (None, None)  # nobody counts whom they serve


@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "3sfca"])
def test_each_team_is_a_choice_of_its_own(tmp_path: Path, method: str) -> None:
    """A second team takes nobody away from the first."""
    ground = capacity_ground(tmp_path, method=method)
    one = teams(("甲", "west", "X", "persons", 1))
    two = teams(("甲", "west", "X", "persons", 1), ("乙", "east", "Y", "persons", 9))
    alone = staffed(with_teams(ground, one)).facts["teams"][0]
    assert staffed(with_teams(ground, two)).facts["teams"][0] == alone


def test_small_counts_are_left_out_of_what_is_public(tmp_path: Path) -> None:
    ground = capacity_ground(tmp_path, persons={"a": 4.0}, norms=NORM)
    table = teams(("甲", "west", "X", "persons", 1))
    facts = staffed(with_teams(ground, table)).facts
    shown = public_capacity(facts)
    row = shown["services"][0]["found"]
    assert facts["services"][0]["found"]["room_persons"] == 204
    assert (row["room_persons"], row["full_persons"]) == (204, 300)
    assert shown["teams"][0]["reached_persons"] == 204
    ground = capacity_ground(tmp_path, {"X": 1e6, "Y": 1}, persons={"a": 4.0, "b": 0}, norms=NORM)
    facts = staffed(with_teams(ground, table)).facts
    shown = public_capacity(facts)
    assert facts["services"][0]["found"]["room_persons"] == 4
    row = shown["services"][0]["found"]
    assert (row["room_persons"], row["full_persons"]) == (None, None)  # or subtraction would tell
    assert shown["venues"][0]["demand"] is None and shown["venues"][0]["capacity"] == 1e6
    assert shown["teams"][0]["reached_persons"] is None
    assert shown["teams"][0]["persons"] == 304


def test_what_is_assumed_does_not_betray_few(tmp_path: Path) -> None:
    """f, 850 s from X, is full: .22 x 10 / (100 + .22 x 300). Whether c, 4 persons, is full too hangs
    on Y alone; 50 others live by no street. 304 beside 300 would show the 4."""
    scene = town().way("o p", o=(-900, 0)).home("f", -850, 0).home("off", 600, 5000)
    persons = {"b": 0.0, "c": 4.0, "f": 300.0, "off": 50.0}
    ground = capacity_ground(tmp_path, {"X": 10}, scene=scene, persons=persons, norms=NORM)
    (row, *_), facts = staffed(ground).facts["services"], staffed(ground).facts
    assert (row["found"]["full_persons"], row["found"]["unknown_persons"]) == (300, 54)
    assert row["assumed_none"]["full_persons"] == 304
    shown = public_capacity(facts)["services"][0]
    assert shown["found"] == row["found"]
    assert shown["assumed_none"] == dict.fromkeys(row["found"])


def test_what_is_public_says_so(tmp_path: Path) -> None:
    ground = capacity_ground(tmp_path)
    report = ground.study.report.model_copy(update={"internal": False})
    ground = replace(ground, study=ground.study.model_copy(update={"report": report}))
    assert [each["code"] for each in staffed(ground).notes] == ["capacity_small"]
    assert HELD == {"X": 10, "Y": 20}
