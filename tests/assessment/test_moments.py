"""The verdict at moments: a street worked out by hand, and random towns against a second judge.

The hand test: on a street of 1,000 m, walked at 1 m/s within 15 minutes = 900 m, venue X (working
days 9 to 17) and venue Y (hours unknown) are near 100 persons, Y alone is near 50 more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grounds import ground_of
from hypothesis import given, settings
from hypothesis import strategies as st
from random_towns import random_town
from scenes import Scene

from gusu_geo.assessment.hours import Clock, Open
from gusu_geo.assessment.hours_facts import hours_facts
from gusu_geo.assessment.judgement import judge_links
from gusu_geo.assessment.moments import MomentTable, judge_moments
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.summary import HoursFacts
from gusu_geo.assessment.timetable import Timetable, hours_of
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import StudyError
from gusu_geo.pipeline.assess import judge_ground, verdict_on
from gusu_geo.sources.opening_times import osm_hours
from gusu_geo.study.params import HoursParams

OLD = "老新村"
X_HOURS = osm_hours("工作日 9:00-17:00") or ""


def street(folder: Path, **asked: Any) -> Ground:
    scene = Scene().way("a b", a=(0, 0), b=(2000, 0)).home("both", 0, 0).home("y", 1400, 0)
    scene.venue("X", 300, 0).venue("Y", 700, 0)
    ground = ground_of(scene, folder)
    ground.city.residences.frame["persons"] = [100.0, 50.0]
    ground.city.facilities.frame["hours"] = [X_HOURS, ""]
    study = ground.study.model_copy(update={"hours": HoursParams(**asked)})
    return replace(ground, study=study)


def own_rules(ground: Ground, *types: str, **rule: Any) -> Ground:
    """The same ground with types of its homes, and a rule for those of the type 老新村."""
    ground.city.residences.frame["type"] = list(types)
    given = ground.study.model_dump()
    given["rule"]["override"] = [{"where": {"type": OLD}, **rule}]
    return replace(ground, study=type(ground.study).model_validate(given))


def facts_of(ground: Ground) -> HoursFacts:
    facts = verdict_on(ground).summary["hours"]
    assert facts is not None
    return facts


HAND = {
    "2026-11-29 14:00": (0.0, 1.0, "ordinary"),  # a Sunday
    "2026-12-02 10:00": (0.666667, 1.0, "ordinary"),  # a Wednesday
    "2026-10-01 10:00": (0.0, 1.0, "off"),
    "2026-10-10 10:00": (0.666667, 1.0, "make_up"),
}


def test_the_hand_test_of_the_specification(tmp_path: Path) -> None:
    facts = facts_of(street(tmp_path, at=list(HAND)))
    for row in facts["at"]:
        want = HAND[row["at"]]
        for bounds in (row["all"], row["all_known"], row["services"][0]):
            assert (bounds["low"], bounds["high"]) == want[:2]
        assert row["day"] == want[2]
        assert (row["open"] + row["closed"], row["unknown"]) == (1, 1)
    assert [row["all"]["low_persons"] for row in facts["at"]] == [0, 100, 0, 100]
    assert facts["stay_minutes"] == 30
    # X open on the Sunday or the holiday: 100 persons surely have it then. That they had not is not
    # sure, for Y may be open.
    gains = [(row["name"], row["when"], row["gained_low"], row["gained_high"]) for row in facts["longer"]]  # fmt: skip
    assert gains == [("Venue X", "2026-11-29 14:00", 0, 100), ("Venue X", "2026-10-01 10:00", 0, 100)]  # fmt: skip


def test_each_home_is_judged_by_its_own_rule_at_moments(tmp_path: Path) -> None:
    """Elders at 0.8 m/s within 10 minutes: X at 300 m takes 375 s, Y at 700 m 875 s, too far. So
    on a Sunday the 100 persons surely have none, and X open gains exactly them."""
    at = ["2026-11-29 14:00", "2026-12-02 10:00"]
    ground = own_rules(street(tmp_path, at=at), OLD, "", profile="elder", minutes=10)
    facts = facts_of(ground)
    found = [(row["all"]["low_persons"], row["all"]["high_persons"]) for row in facts["at"]]
    assert found == [(0, 50), (100, 150)]
    gains = [(row["name"], row["when"], row["gained_low"], row["gained_high"]) for row in facts["longer"]]  # fmt: skip
    assert gains == [("Venue X", "2026-11-29 14:00", 100, 100)]
    # Two venues wanted: with X alone surely open they lack one; Y behind 700 m is near at 1 m/s.
    ground.city.facilities.frame["hours"] = [X_HOURS, "Su 10:00-18:00"]
    facts = facts_of(own_rules(ground, OLD, "", min_count=2))
    found = [(row["all"]["low_persons"], row["all"]["high_persons"]) for row in facts["at"]]
    assert found == [(50, 50), (0, 0)]
    gains = [(row["name"], row["when"], row["gained_low"], row["gained_high"]) for row in facts["longer"]]  # fmt: skip
    assert gains == [("Venue Y", "2026-12-02 10:00", 150, 150), ("Venue X", "2026-11-29 14:00", 100, 100)]  # fmt: skip


def test_a_service_that_is_not_asked_for_counts_only_who_is_asked(tmp_path: Path) -> None:
    """Old homes (2 persons) ask for t alone, always open; s is closed on Sundays."""
    scene = Scene().way("a b", a=(0, 0), b=(900, 0)).home("new", 0, 0).home("old", 0, 0)
    scene.venue("vs", 300, 0, service="s").venue("vt", 300, 0, service="t")
    ground = ground_of(scene, tmp_path, services="s t")
    ground.city.facilities.frame["hours"] = ["Mo-Sa 09:00-17:00", "24/7"]
    study = ground.study.model_copy(update={"hours": HoursParams(at=["2026-11-29 14:00"])})
    outcome = verdict_on(own_rules(replace(ground, study=study), "", OLD, services=["t"]))
    assert outcome.moments is not None and outcome.summary["hours"] is not None
    states = [service.at(0).tolist() for service in outcome.moments.services]
    assert states == [[State.FAIL, State.NOT_ASKED], [State.PASS, State.PASS]]
    (row,) = outcome.summary["hours"]["at"]
    persons = ground.city.residences.frame["persons"].tolist()
    s, t = row["services"]
    assert (s["low"], s["high"], s["high_persons"], t["low"]) == (0, 0, 0, 1)
    assert row["all"]["low_persons"] == row["all_known"]["high_persons"] == persons[1]
    (longer,) = outcome.summary["hours"]["longer"]
    assert (longer["gained_low"], longer["all_known_low"]) == (persons[0], persons[0])


def test_the_verdict_itself_knows_no_hours(tmp_path: Path) -> None:
    plain, asked = verdict_on(street(tmp_path)), verdict_on(street(tmp_path, at=list(HAND)))
    assert plain.summary["hours"] is None and plain.moments is None
    assert asked.summary["passed"] == plain.summary["passed"]
    assert plain.summary["passed"]["share"] == 1


def test_what_the_week_shows_is_what_a_moment_shows(tmp_path: Path) -> None:
    ground = street(tmp_path, week=True, week_of="2026-10-08", at=["2026-10-10 10:00", "2026-10-11 10:00"])  # fmt: skip
    facts = facts_of(ground)
    assert facts["week_of"] == "2026-10-05" and len(facts["week"]) == 168
    by_time = {row["at"]: row for row in facts["week"]}
    assert [by_time[row["at"]] for row in facts["at"]] == facts["at"]
    # Holidays to Wednesday the 7th, then two working days and the make-up Saturday, 9 to 16:00 each.
    open_ = [row["at"] for row in facts["week"] if row["all"]["low"] > 0]
    assert len(open_) == 24 and {at[:10] for at in open_} == {"2026-10-08", "2026-10-09", "2026-10-10"}  # fmt: skip
    days = {row["when"] for row in facts["longer"] if row["hours"]}
    assert days == {"Mo", "Tu", "We", "Su"}
    assert all(row["hours"] == list(range(9, 17)) for row in facts["longer"] if row["hours"])


def test_longer_hours_gain_whom_nobody_else_serves(tmp_path: Path) -> None:
    ground = street(tmp_path, at=["2026-11-29 14:00"])
    ground.city.facilities.frame["hours"] = [X_HOURS, "Mo-Fr 09:00-17:00; PH off"]
    facts = facts_of(ground)
    assert (facts["at"][0]["all"]["low"], facts["at"][0]["all"]["high"]) == (0, 0)
    rows = [(row["venue_id"], row["gained_low"], row["gained_high"], row["all_known_low"]) for row in facts["longer"]]  # fmt: skip
    assert rows == [("Y", 150, 150, 150), ("X", 100, 100, 100)]


def test_beyond_the_calendar_one_note_says_so(tmp_path: Path) -> None:
    from gusu_geo.assessment.hours_facts import hours_notes
    from gusu_geo.assessment.timetable import timetable_of

    ground = street(tmp_path, at=["2126-11-29 14:00", "2127-12-02 10:00"])
    (note,) = hours_notes(timetable_of(ground.study, ground.city, None))
    assert note["code"] == "hours_beyond_calendar"
    for lang, days in (("en", "2126-11-29, 2127-12-02"), ("zh", "2126-11-29、2127-12-02")):
        assert days in note[lang] and "2004–2026" in note[lang] and "[hours] calendar" in note[lang]
    for row in facts_of(ground)["at"]:
        assert (row["day"], row["all"]["low"], row["all"]["high"]) == ("unknown", 0, 1)


def test_days_beyond_a_calendar_of_the_study_are_refused(tmp_path: Path) -> None:
    """It is given so that they are known. A week that the study does not choose is no fault."""
    from gusu_geo.assessment.timetable import timetable_of
    from gusu_geo.sources.holidays import DaysOff

    own = DaysOff(frozenset((date(2028, 10, 2),)), frozenset(), "own.csv")
    fine = street(tmp_path, at=["2026-10-01 10:00", "2028-10-02 10:00"])
    assert timetable_of(fine.study, fine.city, own).clock.calendar.known == ("2004–2026", "2028")  # type: ignore[union-attr]
    for asked in ({"at": ["2027-10-01 10:00"]}, {"week": True, "week_of": "2026-12-30"}):
        ground = street(tmp_path, **asked)
        with pytest.raises(StudyError) as told:
            timetable_of(ground.study, ground.city, own)
        first = "2027-10-01" if "at" in asked else "2027-01-01"
        assert told.value.got.startswith(first) and "2004–2026, 2028" in told.value.what.en
        timetable_of(ground.study, ground.city, None)


# Random towns against judging the same venues with the search of the verdict itself.
TEXTS = ("", "24/7", "off", "We 09:00-17:00", "Mo-Fr 09:00-11:00; PH off", "We 09:00-10:15", "SH Mo-Su 09:00-12:00")  # fmt: skip
MOMENTS = tuple(datetime.fromisoformat(f"2026-{m}") for m in ("12-02 10:00", "10-01 10:00", "11-29 10:00"))  # fmt: skip


def town(
    seed: int, texts: list[str], folder: Path, own: dict[str, Any] | None = None, **rule: Any
) -> Ground:
    scene, homes, venues = random_town(seed)
    scene.homes = homes
    for n, (name, spots) in enumerate(venues.items()):
        xy = [value for spot in spots for value in spot]
        scene.venue(name, *xy, service="st"[n % 2])
        if n < 2:
            scene.venue(f"{name}-both", *xy, service="ts"[n % 2], of=name)
    ground = ground_of(scene, folder, services="s t", minutes=5, **rule)
    frame = ground.city.facilities.frame
    codes = {venue: n for n, venue in enumerate(dict.fromkeys(frame["venue_id"]))}
    frame["hours"] = [texts[codes[venue] % len(texts)] for venue in frame["venue_id"]]
    if own is None:
        return ground
    homes = len(ground.city.residences.frame)
    return own_rules(ground, *((OLD, "")[n % 2] for n in range(homes)), **own)


def table_of(ground: Ground, judged: Any, *, week: bool = False) -> MomentTable:
    clock = Clock((120.6, 31.3), None)
    table = Timetable(clock, MOMENTS, date(2026, 11, 30), week)
    return judge_moments(ground, judged, table)


def judged_with(ground: Ground, judged: Any, counted: np.ndarray) -> Any:
    """The verdict on some venues alone, searched anew."""
    service = ground.city.facilities.frame["service"].to_numpy(object)
    offered = np.where(counted, service, "").tolist()
    links = judged.links
    return judge_links(ground, ground.trips(), judged.rule, links, known=judged.known, offered=offered)  # fmt: skip


FAST = settings(max_examples=10)
DRAWN = {
    "seed": st.integers(0, 10_000),
    "texts": st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4),
    "mode": st.sampled_from(["union", "one_stop"]),
    "own": st.sampled_from(
        [None, {"minutes": 3, "profile": "elder"}, {"services": ["t"], "min_count": 2}]
    ),
}


@FAST
@given(**DRAWN)
def test_the_states_are_those_of_a_verdict_on_the_open_venues(
    seed: int,
    texts: list[str],
    mode: str,
    own: dict[str, Any] | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    ground = town(seed, texts, tmp_path_factory.mktemp("town"), own, mode=mode)
    judged = judge_ground(ground)
    table = table_of(ground, judged)
    for m in range(len(MOMENTS)):
        sure = judged_with(ground, judged, table.open[:, m] == Open.OPEN).verdict
        maybe = judged_with(ground, judged, table.open[:, m] != Open.CLOSED).verdict
        for k, service in enumerate(table.services):
            state = service.at(m)
            assert np.array_equal(state == State.PASS, sure.state[:, k] == State.PASS)
            assert np.array_equal(state == State.FAIL, maybe.state[:, k] == State.FAIL)
        passed = table.passed[:, m]
        assert np.array_equal(passed == State.PASS, sure.residence_state == State.PASS)
        assert ((passed == State.FAIL) >= (maybe.residence_state == State.FAIL)).all()
        if mode == "union":
            assert np.array_equal(passed == State.FAIL, maybe.residence_state == State.FAIL)


@FAST
@given(**DRAWN)
def test_bounds_hold_and_meet_where_nothing_is_unknown(
    seed: int,
    texts: list[str],
    mode: str,
    own: dict[str, Any] | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    ground = town(seed, texts, tmp_path_factory.mktemp("town"), own, mode=mode)
    judged = judge_ground(ground)
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    facts = hours_facts(table_of(ground, judged), ground.city, persons)
    for row in facts["at"]:
        for bounds in (*row["services"], row["all"], row["all_known"]):
            assert bounds["low_persons"] <= bounds["high_persons"] + 1e-9
    ground.city.facilities.frame["hours"] = "24/7"
    always = table_of(ground, judged)
    for m in range(len(MOMENTS)):
        for k, service in enumerate(always.services):
            assert np.array_equal(service.at(m), judged.verdict.state[:, k])
        assert np.array_equal(always.passed[:, m], judged.verdict.residence_state)


@FAST
@given(**DRAWN)
def test_what_a_venue_gains_is_what_judging_it_open_gains(
    seed: int,
    texts: list[str],
    mode: str,
    own: dict[str, Any] | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    ground = town(seed, texts, tmp_path_factory.mktemp("town"), own, mode=mode)
    judged = judge_ground(ground)
    frame = ground.city.facilities.frame
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    table = table_of(ground, judged)
    facts = hours_facts(table, ground.city, persons)
    told = {(row["venue_id"], row["when"]): row for row in facts["longer"]}
    for m, moment in enumerate(MOMENTS):
        for venue in sorted(set(frame["venue_id"])):
            mine = (frame["venue_id"] == venue).to_numpy()
            if (table.open[mine, m] != Open.CLOSED).any():
                continue
            counted = (table.open[:, m] == Open.OPEN) | mine
            state = judged_with(ground, judged, counted).verdict.state
            after = state == State.PASS
            before = np.column_stack([service.at(m) for service in table.services])
            new = after & (before != State.PASS)
            sure = after & (before == State.FAIL)
            row = told.get((venue, f"{moment:%Y-%m-%d %H:%M}"))
            found = (0.0, 0.0, 0.0) if row is None else (row["gained_low"], row["gained_high"], row["all_known_high"])  # fmt: skip
            known = np.array(judged.known)
            has = after | (state == State.NOT_ASKED)
            whole = (
                has[:, known].all(axis=1)
                & new[:, known].any(axis=1)
                & (table.known_state[:, m] != State.PASS)
            )
            whole &= table.linked & known.any()
            wanted = [persons[each].sum() for each in (sure.any(axis=1), new.any(axis=1), whole)]
            assert found == pytest.approx(tuple(wanted))


def test_hours_of_the_host_do_not_count_where_shared_ones_are_given(tmp_path: Path) -> None:
    ground = street(tmp_path, at=["2026-11-29 14:00"])
    frame = ground.city.facilities.frame
    frame["shared_hours"] = ["Su 13:00-15:00", ""]
    assert hours_of(ground.city) == ["Su 13:00-15:00", ""]
    assert facts_of(ground)["at"][0]["all"]["low_persons"] == 100


@pytest.mark.parametrize(("count", "low"), [(1, 100), (2, 0)])
def test_two_wanted_venues_must_both_be_open(tmp_path: Path, count: int, low: float) -> None:
    ground = street(tmp_path, at=["2026-12-02 10:00"])
    service = replace(ground.pack.services[0], min_count=count)
    pack = replace(ground.pack, services=(service,))
    judged = judge_ground(replace(ground, pack=pack))
    rule = replace(judged.rule, pack=pack)
    judged = replace(judged, verdict=replace(judged.verdict, rule=rule))
    table = judge_moments(
        ground, judged,
        Timetable(Clock(None, None), (datetime(2026, 12, 2, 10),), date(2026, 11, 30), False),
    )  # fmt: skip
    persons = np.array([100.0, 50.0])
    assert hours_facts(table, ground.city, persons)["at"][0]["all"]["low_persons"] in (low, 0)
    assert (table.services[0].at(0) == State.FAIL).tolist() == [False, count == 2]
