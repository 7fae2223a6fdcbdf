"""The result on venues of better evidence alone, on a street of 1 km walked at 1 m/s.

Homes: near (1 person) at 0 m, far (2 persons) at 900 m. Limit 15 minutes = 900 m.

A    s at 1000 m      far only
B    s at 400 m       both
C    t at 100 m       both
"""

from __future__ import annotations

from pathlib import Path

import pytest
from grounds import ground_of
from scenes import Scene

from gusu_geo.assessment.grades import judge_grades
from gusu_geo.assessment.summary import EvidenceRow
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline import assess
from gusu_geo.pipeline.assess import _evidence, judge_ground
from gusu_geo.walking.linkage import Reason


def street(folder: Path, *evidence: str) -> Ground:
    """Evidence of the three venues: s at 1000 m, s at 400 m, t at 100 m."""
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).home("near", 0, 0).home("far", 900, 0)
    scene.venue("s1", 1000, 0).venue("s2", 400, 0).venue("t1", 100, 0, service="t")
    ground = ground_of(scene, folder, services="s t")
    ground.city.facilities.frame["evidence"] = list(evidence)
    return ground


def rows_of(ground: Ground) -> list[EvidenceRow]:
    return _evidence(ground, judge_ground(ground))


def test_each_grade_adds_its_venues(tmp_path: Path) -> None:
    a, ab, abc = rows_of(street(tmp_path, *"ABC"))
    assert [row["grades"] for row in (a, ab, abc)] == ["A", "A+B", "A+B+C"]
    assert [row["venues"] for row in (a, ab, abc)] == [1, 2, 3]
    # Without a venue of t nobody knows whether anybody lacks it.
    assert (a["no_data"], ab["no_data"], abc["no_data"]) == (["t"], ["t"], [])
    assert (a["passed_persons"], a["passed_known_persons"]) == (0, 2)
    assert (ab["passed_persons"], ab["passed_known_persons"]) == (0, 3)
    assert (abc["passed_persons"], abc["share"], abc["passed_known_share"]) == (3, 1, 1)


def test_nothing_is_missing_where_a_grade_has_no_venue(tmp_path: Path) -> None:
    ground = street(tmp_path, *"BBC")
    first = judge_grades(ground, judge_ground(ground))[0]
    assert first.venues == 0
    assert first.verdict.service_state == ("no_data", "no_data")
    assert first.verdict.missing_count.sum() == 0


def test_the_last_row_is_the_result_itself(tmp_path: Path) -> None:
    ground = street(tmp_path, *"AAC")
    judgement = judge_ground(ground)
    graded = judge_grades(ground, judgement)
    assert graded[-1].verdict is judgement.verdict
    assert graded[0].verdict is graded[1].verdict  # no venue is of B: searched once


@pytest.mark.parametrize("grade", ["A", "B", "C"])
def test_one_grade_alone_has_no_rows(tmp_path: Path, grade: str) -> None:
    assert rows_of(street(tmp_path, grade, grade, grade)) == []


def test_a_complete_source_says_that_there_is_none(tmp_path: Path) -> None:
    ground = street(tmp_path, *"ABC")
    frame = ground.city.facilities.frame
    ground.city.facts["known"]["t"] = True
    frame.loc["t1", "service"] = "s"  # now no venue of t at all
    rows = rows_of(ground)
    assert [row["no_data"] for row in rows] == [[], [], []]
    assert [row["passed_known_persons"] for row in rows] == [0, 0, 0]


def test_a_venue_that_no_street_reaches_is_no_data_of_its_grade(tmp_path: Path) -> None:
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).home("near", 0, 0)
    scene.venue("s1", 0, 3000).venue("s2", 400, 0)
    ground = ground_of(scene, tmp_path)
    ground.city.facilities.frame["evidence"] = ["A", "B"]
    judgement = judge_ground(ground)
    assert judgement.links.venues.links.owner_reason(2)[0] != int(Reason.LINKED)
    assert [row["no_data"] for row in rows_of(ground)] == [["s"], [], []]


def test_a_run_writes_the_rows(tmp_path: Path) -> None:
    ground = street(tmp_path, *"ABC")
    outcome = assess.verdict_on(ground)
    assert outcome.summary["evidence"] == rows_of(ground)
