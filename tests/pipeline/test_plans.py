"""The single point that ``run`` suggests, and the plan of ``site`` on the next map.

The straight street of ``own_study``: 30 of 150 persons have both services; h3 with 40 lacks both,
and of the two idle rooms only y, 50 m away, may offer both.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from own_study import drawn, ledger

import gusu_geo as gg
from gusu_geo.siting.plan import SitingPlan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return drawn(tmp_path)


def ran(folder: Path, **how: Any) -> gg.Result:
    return gg.run(folder / "study.toml", out=folder, survey=False, **how)


def on_the_map(folder: Path) -> dict[str, Any]:
    page = (folder / "maps" / "own.html").read_text(encoding="utf-8")
    block = re.search(r'id="gusu-texts"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert block
    texts = json.loads(block[1])
    return (texts["plan"] or {}) | {"sites": [site["id"] for site in texts["sites"]]}


def test_a_run_suggests_the_best_single_point_and_says_so_in_one_sentence(folder: Path) -> None:
    summary = ran(folder).summary
    point = summary["next"]
    assert point is not None
    assert (point["candidate_id"], sorted(point["services"])) == ("y", ["health", "reading"])
    assert point["gained_persons"] == point["bound_persons"] == 40
    assert (point["before_share"], point["after_share"]) == (0.2, 0.466667)
    assert summary["answer"] == {
        "zh": "20.0 % 的居民 2 项齐全；阅读缺口最大（40 人）；新增 1 处可提高到 46.7 %。",
        "en": "20.0 % of residents have all 2 services; Reading is what most lack (40 persons); "
        "one new point would raise it to 46.7 %.",
    }
    shown = on_the_map(folder)
    assert (shown["suggested"], shown["old"], shown["sites"]) == (True, False, ["y"])


def test_without_a_plan_nothing_is_suggested(folder: Path) -> None:
    summary = ran(folder, plan=False).summary
    assert summary["next"] is None
    assert "新增" not in summary["answer"]["zh"]
    assert on_the_map(folder) == {"sites": []}


def test_a_plan_that_was_asked_for_goes_before_and_grows_old(folder: Path) -> None:
    plan = gg.site(folder / "study.toml", sites=2, out=folder, full=True)
    assert plan.pareto is not None and plan.alternatives == ()  # there is but one room that helps
    assert [row["objective_persons"] for row in plan.pareto["sites"]] == [40, 40]
    assert SitingPlan.from_dict(plan.to_dict()).to_dict() == plan.to_dict()
    ran(folder)
    shown = on_the_map(folder)
    assert (shown["suggested"], shown["old"]) == (False, False)
    assert shown["after"] == plan.to_dict()["after"]
    homes = {"h1": (100, 0), "h2": (1000, 0), "h3": (1900, 0)}
    ledger(folder / "homes.csv", homes, 人数=[10, 20, 41])
    summary = ran(folder).summary
    assert on_the_map(folder)["old"]
    assert summary["next"] is not None and summary["next"]["gained_persons"] == 41


def test_where_no_room_is_near_a_street_the_verdict_stands_and_says_why(folder: Path) -> None:
    ledger(folder / "idle.csv", {"x": (900, 450)}, 名称=["架空层"], 功能=["reading"])
    summary = ran(folder).summary
    assert summary["next"] is None
    (told,) = [note for note in summary["notes"] if note["code"] == "no_suggestion"]
    assert told["zh"].startswith("未给出单个新增点位的建议：") and "100" in told["zh"]
    assert told["en"].startswith("No new point is suggested: ")
