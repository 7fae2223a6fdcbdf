"""Curves and alternatives as a planner reads them: on a terminal and as a figure."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from outcomes import make_outcome

from gusu_geo.errors import InputError
from gusu_geo.report.console import Terminal
from gusu_geo.report.pareto_figure import pareto_curve
from gusu_geo.report.plan_choices import show_choices
from gusu_geo.words import speak


def point(limit: float, gain: float, ids: list[str], **more: Any) -> dict[str, Any]:
    return {
        "limit": limit, "used": limit, "cost": None, "objective_persons": gain, "gained_persons": gain,
        "bound_persons": gain, "share": gain / 1000, "candidate_ids": ids, "status": "optimal",
        "knee": False, **more,
    }  # fmt: skip


def plan() -> dict[str, Any]:
    sites = [
        point(2, 400.0, ["k1", "k2"], knee=True, cost=18.25),
        point(3, 450.0, ["k1", "k2", "k3"], bound_persons=480.0, status="work limit"),
    ]
    other = {
        "chosen": [
            {"candidate_id": "k1", "name": "Hall", "same_as": "k1"},
            {"candidate_id": "k9", "name": "", "same_as": ""},
        ],
        "objective_persons": 398.0, "shared": 1, "cost": 12.5, "proven": False,
    }  # fmt: skip
    return {
        "objective_persons": 400.0,
        "gained_persons": [400.0, 400.0],
        "certain": False,
        "chosen": [{"candidate_id": "k1"}, {"candidate_id": "k2"}],
        "pareto": {
            "sites": sites,
            "money": [point(18.0, 400.0, ["k1", "k2"], cost=18.0)],
            "no_plan_sites": 1,
            "no_plan_money": 7.5,
        },
        "alternatives": [other],
    }


def shown(plan: dict[str, Any], lang: str, capsys: pytest.CaptureFixture[str]) -> str:
    speak(lang)
    try:
        show_choices(Terminal(), plan, counted=True)
    finally:
        speak("en")
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_planner_reads_the_curve_and_the_alternatives(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    said = shown(plan(), lang, capsys)
    words = {
        "zh": ("← 拐点", "最多 1 处时，没有方案", "7.50 万元", "Hall k1（同本方案）、k9", "1（未证明最少）"),
        "en": ("← knee", "up to 1 sites no plan", "7.50 x 10,000", "Hall k1 (as in the plan), k9",
               "1 (fewest not proven)"),
    }[lang]  # fmt: skip
    for word in (
        *words,
        "400",
        "450",
        "50",
        "480",
        "45.0%",
        "18.00",
        "18.25",
        "99.5%",
        "12.50",
        "k9",
    ):
        assert word in said, word
    proven = plan()
    proven["pareto"]["sites"].pop()
    assert "480" not in shown(proven, lang, capsys)


def test_no_alternative_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    none = {"pareto": None, "alternatives": []}
    assert "at least 99 %" in shown(none, "en", capsys)
    assert shown({"pareto": None, "alternatives": None}, "en", capsys) == ""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_figure_shows_points_bound_plan_and_knee(lang: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that is missing
        figure = pareto_curve(make_outcome().summary, plan(), lang)
        figure.canvas.draw()
    (axes,) = figure.axes
    line, points, bound, own, knee = axes.get_lines()
    assert line.get_xydata().tolist() == [[0, 0], [2, 400], [3, 450]]
    assert points.get_xydata().tolist() == [[2, 400], [3, 450]]
    assert bound.get_xydata().tolist() == [[3, 450], [3, 480]]
    assert own.get_xydata().tolist() == knee.get_xydata().tolist() == [[2, 400]]
    legend = axes.get_legend()
    assert legend is not None and len(legend.get_texts()) == 3
    money = pareto_curve(make_outcome().summary, plan(), lang, by="money").axes[0]
    assert money.get_lines()[0].get_drawstyle() == "steps-post"


def test_a_plan_without_the_curve_is_refused() -> None:
    without = plan()
    without["pareto"]["money"] = None
    for one, by in ((without, "money"), ({"pareto": None}, "sites")):
        with pytest.raises(InputError, match="no such curve"):
            pareto_curve(make_outcome().summary, one, by=by)


def test_where_homes_weigh_more_the_curve_counts_plain_persons(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    weighed = plan() | {"gained_persons": [360.0, 360.0]}
    for row in weighed["pareto"]["sites"]:
        row["gained_persons"] = 0.9 * row["objective_persons"]
    weighed["alternatives"][0]["gained_persons"] = 351.0
    said = shown(weighed, "en", capsys)
    assert "360" in said and "405" in said and "351" in said and "480" in said
    assert "(weighted)" in said and "(weighted)" not in shown(plan(), "en", capsys)
    figure = pareto_curve(make_outcome().summary, weighed, "en")
    assert figure.axes[0].get_ylabel() == "gain (weighted sum)"
