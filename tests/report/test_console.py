"""Plans and comparisons on a terminal: persons whom nobody counted are shown as estimates."""

from __future__ import annotations

from typing import Any

import pytest

from gusu_geo.report.console import show_comparison
from gusu_geo.report.plan_console import show_plan
from gusu_geo.report.summary_tables import by_evidence
from gusu_geo.words import note, speak


def plan(code: str) -> dict[str, Any]:
    site = {"name": "Hall", "candidate_id": "c1", "lonlat": [120.6, 31.3], "services": ["health"]}
    site["kind"] = "vacant"
    return {
        "chosen": [site | {"gained_persons": 12_345.0}],
        "status": "optimal",
        "certain": False,
        "objective_persons": 12_345.0,
        "gained_persons": [12_345.0, 12_345.0],
        "budget": None,
        "cost": None,
        "target": None,
        "least": None,
        "fewest": True,
        "unreachable_services": [],
        "bound_persons": 12_345.0,
        "gap": 0.0,
        "notes": [note(code)],
        "why": why(),
        "pareto": None,
        "alternatives": None,
        "critical": None,
        "survival": None,
    }


def why() -> dict[str, Any]:
    """The same persons lack something without the site; another candidate would gain them alone."""
    site = {"lost_persons": 12_345, "by_service": {"health": 12_345}, "by_zone": {}, "elders": None}
    other = {"candidate_id": "k", "name": "", "gained_persons": 0.0, "alone_persons": 12_345}
    other |= {"cost": None, "instead_of": "c1", "reason": "same"}
    return {"sites": [site], "complete": [], "complete_count": 0, "next": [other]}


@pytest.mark.parametrize(
    ("code", "shown", "times"),
    [("persons_estimate", "12,345", 6), ("persons_uncounted", "~12,300", 6)],
)
def test_gains_of_a_plan(
    code: str, shown: str, times: int, capsys: pytest.CaptureFixture[str]
) -> None:
    speak("en")
    show_plan(plan(code), {"health": {"zh": "健康", "en": "Health"}})
    text = capsys.readouterr().out
    assert text.count(shown) == times and "vacant" in text
    assert ("~" in text) == (code == "persons_uncounted")


@pytest.mark.parametrize("counted", [True, False])
def test_before_and_after(counted: bool, capsys: pytest.CaptureFixture[str]) -> None:
    speak("en")
    row = {"reading": "passed", "persons": 38_741.0, "share": 0.5, "zh": "健康", "en": "Health"}
    row |= {"venues": 1, "gained_persons": 1_234.0, "lost_persons": 0.0}
    row |= {"gained_residences": 3, "lost_residences": 0}
    part = {"totals": [row], "services": [row]}
    persons = {"estimate": True, "counted": counted, "method": {"zh": "估", "en": "guess"}}
    found = {
        "scenario": {"name": "s", "title": "", "changes": [], "comments": []},
        "residences": {"total": 9, "changed": 3},
        "title": {"zh": "镇", "en": "Town"},
        "study": "town",
        "invented": False,
        "data": {"persons": persons},
        **dict.fromkeys(("before", "after", "change"), part),
    }
    show_comparison(found, None, None)
    text = capsys.readouterr().out
    assert text.count("38,741") == (4 if counted else 0)
    assert text.count("~38,700") == (0 if counted else 4)
    assert ("+~1,230" in text) == (not counted)


def test_results_by_evidence() -> None:
    """A service without a venue of a grade leaves open who has all."""
    speak("en")
    row = {"venues": 3, "share": 0.0, "passed_persons": 0.0, "passed_known_share": 0.25}
    rows = [
        {**row, "grades": "A", "no_data": ["health"]},
        {**row, "grades": "A+B", "no_data": list("0123456789")},
        {**row, "grades": "A+B+C", "no_data": [], "share": 0.5, "passed_persons": 1_234.0},
    ]
    summary: Any = {"evidence": rows, "services": [{}] * 10}
    columns = [list(column.cells) for column in by_evidence(summary, True).columns]
    assert columns == [
        ["A", "A+B", "A+B+C"],
        ["3", "3", "3"],
        ["9", "0", "10"],
        ["not known yet", "not known yet", "50.0% 1,234"],
        ["25.0%", "—", "25.0%"],
    ]
