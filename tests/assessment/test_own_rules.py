"""Rules of their own: which one judges a home, and what it says. Times and verdicts by hand.

One street from west to east; the venue stands 620 m from all homes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grounds import at, compared, ground_of, seconds, states
from hypothesis import given, settings
from hypothesis import strategies as st
from random_towns import random_town
from scenes import Scene

from gusu_geo.assessment.breakdown import by_ring_and_type
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import StudyError
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.report.explanation import explain_residence
from gusu_geo.report.tables import residence_frame
from gusu_geo.report.walk_facts import walk_facts
from gusu_geo.siting.candidates import sample_candidates
from gusu_geo.study.study_file import with_profile

OLD, FLATS = "老新村", "普通商品房"
ELDER = {"where": {"type": OLD}, "profile": "elder", "minutes": 10}


def street(*homes: str, services: str = "s") -> Scene:
    scene = Scene().way("a b", a=(0, 0), b=(3000, 0))
    for name in homes:
        scene.home(name, 0, 0)
    for service in services.split():
        scene.venue(f"v-{service}", 620, 0, service=service)
    return scene


def judged(
    folder: Path,
    *override: dict[str, Any],
    services: str = "s",
    ring: list[str] | None = None,
    **types: str,
) -> Judgement:
    return judge_ground(grounded(folder, *override, services=services, ring=ring, **types))


def grounded(
    folder: Path,
    *override: dict[str, Any],
    services: str = "s",
    ring: list[str] | None = None,
    **types: str,
) -> Ground:
    """Homes by name with their types."""
    scene = street(*types, services=services)
    ground = ground_of(scene, folder, services=services, override=list(override))
    frame = ground.city.residences.frame
    frame["type"] = list(types.values())
    frame["ring"] = ring or ""
    for column in ("address", "compound", "compound_name"):
        frame[column] = ""
    return ground


def test_an_old_new_village_fails_where_others_pass(tmp_path: Path) -> None:
    # 620 m: at 1.0 m/s 620 s, within 900; elders at 0.8 m/s 775 s, beyond 600. Persons 1, 2, 4.
    found = judged(tmp_path, ELDER, new=FLATS, old=OLD, blank="")
    assert [seconds(found, home) for home in ("new", "old", "blank")] == [620, 775, 620]
    assert states(found) == ["pass", "fail", "pass"]
    assert found.verdict.slack_s[:, 0].tolist() == [280, -175, 280]
    assert found.common is not None and found.common.state[:, 0].tolist() == [State.PASS] * 3
    rows, every = by_ring_and_type(found.city.residences, found.verdict, found.common)
    told = {row["type"]: (row["persons"], row["own"]["low"], row["common"]["low"]) for row in rows}
    assert told == {FLATS: (1, 1, 1), OLD: (2, 0, 1), "": (4, 1, 1)}
    assert [row["type"] for row in rows][-1] == ""
    assert every["own"]["low"] == pytest.approx(5 / 7) and every["common"]["high"] == 1


@pytest.mark.parametrize(
    ("wheres", "winner"),
    [
        ([{"ring": "古城"}, {"type": OLD}], 2),  # type before ring
        ([{"type": OLD}, {"ring": "古城"}], 1),
        ([{"ring": "古城"}, {"level": "ward"}], 1),  # ring before level
        ([{"type": OLD}, {"ring": "古城", "level": "ward"}], 2),  # more keys before type
        ([{"ring": "古城", "type": OLD}, {"type": OLD, "level": "ward"}], 1),
        ([{"level": "ward", "ring": "古城"}, {"type": OLD, "level": "ward"}], 2),
        ([{"type": FLATS}, {"type": [OLD, "混合型"], "ring": ["新城", "古城"]}], 2),
        ([{"type": f" {OLD} "}, {"type": FLATS}], 1),  # spaces do not count
    ],
)
def test_the_most_specific_rule_judges(
    wheres: list[dict[str, Any]], winner: int, tmp_path: Path
) -> None:
    overrides = [{"where": where, "minutes": 10 + i} for i, where in enumerate(wheres)]
    types = {"h": OLD, "other": FLATS, "mixed": "混合型"}
    found = judged(tmp_path, *overrides, ring=["古城", "新城", "新城"], **types)
    assert found.own is not None and found.own.of_home[0] == winner


def test_services_that_a_rule_does_not_ask_for_are_not_missing(tmp_path: Path) -> None:
    # Both lie 620 m away, at two venues: only who is asked for one of them has a one-stop venue.
    own = {"where": {"type": OLD}, "services": ["t"]}
    ground = grounded(tmp_path, own, services="s t", old=OLD, new=FLATS)
    found = judge_ground(ground)
    assert found.verdict.state.tolist() == [[State.NOT_ASKED, State.PASS], [State.PASS, State.PASS]]
    assert found.verdict.missing_count.tolist() == found.verdict.unknown_count.tolist() == [0, 0]
    assert found.verdict.one_stop_state.tolist() == [State.PASS, State.FAIL]  # one venue has "t"
    assert np.isnan(found.verdict.slack_s[0, 0]) and found.access.nearest_ix[0, 0] == -1
    outcome = outcome_of(ground, found)
    services = {row["id"]: row for row in outcome.summary["services"]}
    assert (services["s"]["share"], services["s"]["asked_persons"]) == (1, 2)  # of who is asked
    assert services["s"]["missing_persons"] == 0 and "asked_persons" not in services["t"]
    frame = residence_frame(outcome)
    assert frame["rule"].tolist() == [1, 0] and frame["missing"].tolist() == ["", ""]
    assert frame["rule_name"].iloc[0] == "单独规则 1（类型为老新村） own rule 1 (type 老新村)"


def test_minutes_and_counts_of_a_service_stay_unless_the_rule_names_it(tmp_path: Path) -> None:
    # "s" has 20 minutes and 2 venues of its own in the pack, "t" the pack's 15 and 1.
    ground = grounded(tmp_path, {"where": {"type": OLD}, "minutes": 5}, services="s t", h=OLD)
    pack = tmp_path / "pack.toml"
    own = 'id = "s"\nminutes = 20\nmin_count = 2\n'
    pack.write_text(pack.read_text(encoding="utf-8").replace('id = "s"\n', own), encoding="utf-8")

    def of(**more: Any) -> tuple[list[float], list[int]]:
        given = {"where": {"type": OLD}, **more}
        study = ground.study.model_dump()
        study["rule"]["override"] = [given]
        here = judge_ground(_with(ground, type(ground.study).model_validate(study)))
        assert here.own is not None
        one = here.own.rules[1]
        limits = [limit_s / 60 for limit_s in one.rule.threshold_s]
        return limits, [service.min_count for service in one.rule.pack.services]

    assert of(minutes=5) == ([20, 5], [2, 1])
    assert of(minutes=5, services=["s"]) == ([5], [2])
    assert of(min_count=3) == ([20, 15], [2, 3])
    assert of(min_count=3, services=["t", "s"]) == ([20, 15], [3, 3])


def _with(ground: Ground, study: Any) -> Ground:
    from dataclasses import replace

    from gusu_geo.assessment.judgement import rule_of

    return replace(ground, study=study, pack=rule_of(study).pack)


def test_another_profile_replaces_every_profile_and_says_so(tmp_path: Path) -> None:
    ground = grounded(tmp_path, ELDER, new=FLATS, old=OLD)
    for profile, wanted in (("standard", 620.0), ("frail", 1033.33)):
        here = _with(ground, with_profile(ground.study, profile))
        found = judge_ground(here)
        assert [seconds(found, home) for home in ("new", "old")] == [wanted, wanted]
        assert here.study.label == f"drawn+{profile}"  # its outputs replace no others
        codes = [note["code"] for note in outcome_of(here, found).summary["notes"]]
        assert "profile_for_all" in codes
    # 620 s are within 900, but the minutes of its own stay: beyond 600.
    assert states(judge_ground(_with(ground, with_profile(ground.study, "standard")))) == [
        "pass",
        "fail",
    ]


def test_explain_says_which_rule_judged(tmp_path: Path) -> None:
    own = {**ELDER, "services": ["s"]}
    ground = grounded(tmp_path, own, services="s t", new=FLATS, old=OLD)
    found = judge_ground(ground)
    candidates = sample_candidates(ground.network, spacing_m=150, area=ground.city.area.geometry[0])

    def explain(home: str) -> Any:
        walk = walk_facts(ground.study, heights="")
        return explain_residence(
            ground, found, home, walk, lambda: candidates, lambda study, city: ground
        )

    old, new = explain("old"), explain("new")
    assert old["rule"]["en"] == "own rule 1 (type 老新村)"
    assert new["rule"]["en"] == "the rule of the pack"
    (row,) = old["services"]
    assert (row["id"], row["state"], row["counted_s"], row["threshold_s"]) == (
        "s",
        "fail",
        775,
        600,
    )
    assert [each["en"] for each in old["not_asked"]] == ["service t"] and new["not_asked"] == []
    assert old["walk"]["speed_mps"] == 0.8 and len(new["services"]) == 2
    turned = {change["kind"]: change["value"] for change in row["changes"]}
    assert turned["limit"] == 13.0  # 775 s, up to the tenth of a minute
    assert turned["speed"] == pytest.approx(1.04)  # 620 m in 600 s


def test_a_scenario_is_judged_by_each_home_s_own_rule(tmp_path: Path) -> None:
    # A venue at 480 m: 600 s for elders, just in time; for all others nothing changes.
    ground = grounded(tmp_path, ELDER, new=FLATS, old=OLD)
    added = {"do": "add_venue", "id": "n", "name": "", "services": ["s"], "at": at(480, 0)}
    found = compared(ground, added)
    assert states(found.before) == ["pass", "fail"] and states(found.after) == ["pass", "pass"]
    assert found.services.loc["s", ["gained_persons", "share_before", "share_after"]].tolist() == [
        2,
        pytest.approx(1 / 3, abs=1e-6),
        1,
    ]
    whole = found.to_dict()
    lows = [whole[when]["own_rules"]["all"]["own"]["low"] for when in ("before", "after")]
    assert lows == [pytest.approx(1 / 3, abs=1e-6), 1]


def test_homes_without_a_type_are_listed(tmp_path: Path) -> None:
    ground = grounded(tmp_path, ELDER, new=FLATS, old=OLD, blank="")
    summary = outcome_of(ground, judge_ground(ground)).summary
    assert summary["own_rules"]["blank"] == {
        "type": {"residences": 1, "persons": 4.0, "share": pytest.approx(4 / 7, abs=1e-6)}
    }
    note = next(note for note in summary["notes"] if note["code"] == "mark_unknown")
    assert note["zh"].startswith("1 处住处（约 4 人）的类型不明")


@pytest.mark.parametrize(
    ("own", "zh", "en"),
    [
        (
            {"where": {"type": "老新寸"}, "minutes": 5},
            "第 1 条单独规则的 type 没有任何住处符合",
            "老新村",
        ),
        ({"where": {"ring": "古城"}, "minutes": 5}, "ring 没有任何住处符合", "Known: 老城"),
        (
            {"where": {"level": "wards"}, "minutes": 5},
            "level 没有任何住处符合",
            "Did you mean 'ward'",
        ),
        ({"where": {"type": OLD}, "services": ["ss"]}, "规则包 'p' 没有的功能", "Did you mean 's'"),
    ],
)
def test_words_that_no_home_or_pack_has_are_named(
    own: dict[str, Any], zh: str, en: str, tmp_path: Path
) -> None:
    with pytest.raises(StudyError) as raised:
        judged(tmp_path, own, ring=["老城"], h=OLD)
    message = raised.value
    told = [
        f"{message.what.in_language(lang)} {message.fix.in_language(lang)}" for lang in ("zh", "en")
    ]
    assert zh in told[0] and en in told[1] and str(message.where).startswith("rule.override")


def test_two_levels_of_one_home_are_a_tie(tmp_path: Path) -> None:
    # No word in common, so the study can be read; but the home lies in a ward and in a compound.
    own = [{"where": {"level": level}, "minutes": 5} for level in ("ward", "compound")]
    ground = grounded(tmp_path, *own, h=OLD, other=OLD)
    assert judge_ground(ground).own.of_home.tolist() == [1, 1]  # type: ignore[union-attr]
    ground.city.residences.frame["compound"] = ["", "c"]
    with pytest.raises(StudyError, match=r"rules 1 and 2 .*level.* Got 'other'"):
        judge_ground(ground)


def test_no_column_of_types_is_said(tmp_path: Path) -> None:
    ground = ground_of(street("h"), tmp_path, override=[ELDER])
    blank = grounded(tmp_path, ELDER, h="")
    for each in (ground, blank):
        _no_types(each)


def _no_types(ground: Ground) -> None:
    with pytest.raises(
        StudyError, match="No source of homes, compounds or zones has a column 类型"
    ):
        judge_ground(ground)


OWN = ({}, {"profile": "frail"}, {"profile": "wheelchair"})  # the last may not use all streets
TYPES = st.lists(st.sampled_from([OLD, FLATS, ""]), min_size=8, max_size=8)


@settings(max_examples=12)
@given(seed=st.integers(0, 200), types=TYPES, own=st.sampled_from(OWN))
def test_each_home_keeps_its_row_of_the_verdict_for_all(
    seed: int, types: list[str], own: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An override equal to the pack's rule changes nothing; any other gives its homes what they
    would have if all were judged so; and who is not linked stays unknown."""
    folder = tmp_path_factory.mktemp("town")
    types = [OLD, *types[1:]]

    def judge(*override: dict[str, Any], minutes: float = 8, walk: str = "") -> Judgement:
        scene, homes, venues = random_town(seed)
        scene.homes = homes
        for name, spots in venues.items():
            scene.venue(name, *(xy for spot in spots for xy in spot))
        ground = ground_of(scene, folder, minutes=minutes, override=list(override))
        ground.city.residences.frame["type"] = types
        if walk:
            ground = _with(ground, with_profile(ground.study, walk))
        return judge_ground(ground)

    here = np.array(types) == OLD
    limit = 4 if own else 8
    plain = judge()
    mixed = judge({"where": {"type": OLD}, "minutes": limit, **own})
    alone = judge(minutes=limit, walk=own.get("profile", ""))
    for name in ("state", "residence_state", "one_stop_state", "passed_known", "slack_s"):
        found, usual, other = (getattr(each.verdict, name) for each in (mixed, plain, alone))
        assert np.array_equal(found[~here], usual[~here]) and np.array_equal(
            found[here], other[here]
        )
    for name in ("nearest_cs", "nearest_ix", "counted_cs", "one_stop_cs", "is_linked"):
        found, usual, other = (getattr(each.access, name) for each in (mixed, plain, alone))
        assert np.array_equal(found[~here], usual[~here]) and np.array_equal(
            found[here], other[here]
        )
    assert (mixed.verdict.state[~mixed.access.is_linked] == State.UNKNOWN).all()
    assert mixed.common is not None and plain.own is None and plain.common is None
    assert np.array_equal(mixed.common.state, plain.verdict.state)
    rows, every = by_ring_and_type(mixed.city.residences, mixed.verdict, mixed.common)
    for side in ("own", "common"):
        held = [row[side] for row in rows]  # type: ignore[literal-required]
        whole = every[side]  # type: ignore[literal-required]
        assert all(one["low"] <= one["high"] for one in held)
        assert all((one["low"] == one["high"]) == (one["unknown_persons"] == 0) for one in held)
        for key in ("passed_persons", "unknown_persons"):
            assert sum(one[key] for one in held) == whole[key]
    assert sum(row["persons"] for row in rows) == every["persons"] == 255
    if not own:
        assert np.array_equal(mixed.verdict.state, plain.verdict.state)
