"""Rules of their own from files to outputs: a planner's own study, as in ``own_study``.

h1 at 100, h2 at 1000, h3 at 1900, h4 400 m off the street (10, 20, 40, 80 persons); reading at 150
and 950, health at 950: h1 walks 850 m to health, at 0.8 m/s 1,062.5 s.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from command import gusu_geo_here
from own_study import STUDY, folder, ledger

import gusu_geo as gg

__all__ = ["folder"]  # the fixture of a hand-drawn study

OWN = """
[[rule.override]]
where = { type = "老新村" }
profile = "elder"
minutes = 10
"""


def with_types(folder: Path, rules: str, homes: str = "") -> Path:
    """The study with rules; its homes have types and a column of owners' committees."""
    homes_of = pd.read_csv(folder / "homes.csv", encoding="utf-8-sig")
    if "类型" not in homes_of:
        homes_of["类型"] = ["老新村", "普通商品房", "", ""]
        homes_of["业委会"] = ["有", "有", "", "无"]
        homes_of.to_csv(folder / "homes.csv", index=False, encoding="utf-8-sig")
    text = STUDY.replace("[[facilities]]", f"{rules}\n[[facilities]]", 1)
    text = text.replace('source = "homes.csv"', f'source = "homes.csv"\n{homes}', 1)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def test_a_run_shows_each_home_by_its_own_rule_beside_the_packs(folder: Path) -> None:
    study = with_types(folder, OWN, 'attributes = ["业委会"]')
    result = gg.run(study, out=folder, survey=False)
    # By the pack's rule h1 and h2 pass (30 persons); by its own h1 does not.
    assert result.residences["state"].to_dict() == {
        "h1": "fail",
        "h2": "pass",
        "h3": "fail",
        "h4": "unknown",
    }
    assert result.residences["rule"].to_dict() == {"h1": 1, "h2": 0, "h3": 0, "h4": 0}
    summary = json.loads((result.folder / "summary.json").read_text(encoding="utf-8"))
    every = summary["own_rules"]["all"]
    assert (every["own"]["low"], every["common"]["low"]) == pytest.approx(
        (20 / 150, 30 / 150), abs=1e-6
    )
    assert every["own"]["high"] == pytest.approx(100 / 150, abs=1e-6)  # h4 is not linked
    assert summary["own_rules"]["blank"]["type"]["persons"] == 120
    assert [(row["value"], row["persons"]) for row in summary["attributes"]] == [
        ("无", 80),
        ("有", 30),
        ("", 40),
    ]
    book = openpyxl.load_workbook(result.folder / "workbook.xlsx")
    rings = [
        [cell for cell in row if cell is not None]
        for row in book["圈层与类型 Rings and types"].values
    ]
    assert rings[4][1:4] == ["普通商品房", 1, 20]
    assert rings[5][1:] == ["老新村", 1, 10, 0, 0, 1, 1]
    assert rings[-1][0] == "全部 All" and {"单独规则 Own rules", "属性分项 Attributes"} < set(
        book.sheetnames
    )
    with sqlite3.connect(result.folder / "results.gpkg") as layers:
        rows = layers.execute(
            "SELECT residence_id, type, rule, rule_name, attribute_业委会 FROM residences"
        )
        assert rows.fetchall()[0][:3] == ("h1", "老新村", 1)


def test_without_rules_nothing_is_added(folder: Path) -> None:
    study = with_types(folder, "")
    result = gg.run(study, out=folder, survey=False)
    assert not {"own_rules", "attributes", "complaints"} & set(result.summary)
    assert not {"type", "ring", "rule"} & set(result.residences)


def test_the_console_and_explain_say_it(folder: Path) -> None:
    study = with_types(folder, OWN)
    more = ("--out", folder, "--no-survey")
    told = gusu_geo_here("run", study, *more, "--lang", "zh")
    assert told.returncode == 0, told.stderr
    assert "单独规则 1（类型为老新村）：老年人 0.8 米/秒、10 分钟" in told.stdout
    assert "※ 2 处住处（约 120 人）的类型不明，按规则包的统一规则评价。" in told.stdout
    told = gusu_geo_here("explain", study, "h1", "--out", folder, "--lang", "en")
    assert "judged by own rule 1 (type 老新村)" in told.stdout, told.stderr
    told = gusu_geo_here("run", study, *more, "--profile", "standard", "--lang", "en")
    assert "replaces the profiles of own rules" in told.stdout
    assert (folder / "data/processed/own+standard/summary.json").is_file()


TIE = OWN + OWN.replace('"老新村"', '["混合型", "老新村"]')


@pytest.mark.parametrize(
    ("rules", "zh", "en"),
    [
        (TIE, "第 1 条与第 2 条单独规则可能同时适用", "rules 1 and 2 may both fit one home"),
        (OWN.replace("老新村", "老新寸"), "没有任何住处符合", "Did you mean '老新村'?"),
        (OWN.replace("type", "ring"), "没有 圈层 一列", "has a column 圈层"),
        (OWN.replace("type", "typ"), "是否想写 'type'", "Did you mean 'type'?"),
        (OWN + 'services = ["raeding"]\n', "是否想写 'reading'", "Did you mean 'reading'?"),
        (OWN + "min_count = 101\n", "101", "less than or equal to 100"),
        (OWN.replace("elder", "eldr"), "是否想写 'elder'", "Did you mean 'elder'?"),
        (OWN.replace("= 10", "= 45"), "而搜索止于 1800 秒", "the search stopped at 1800 s"),
        (OWN.replace("= 10", "= 0"), "分钟数应大于 0", "minutes must be above 0"),
        ('[[rule.override]]\nwhere = { type = "老新村" }\n', "没有写任何规定", "says nothing"),
        ("[[rule.override]]\nwhere = {}\nminutes = 5\n", "应至少写一项", "needs one of"),
    ],
)
def test_bad_rules_get_one_message_and_end_with_2(
    rules: str, zh: str, en: str, folder: Path
) -> None:
    study = with_types(folder, rules)
    for lang, words in (("zh", zh), ("en", en)):
        told = gusu_geo_here("run", study, "--out", folder, "--lang", lang)
        assert told.returncode == 2 and words in told.stderr, told.stderr
        assert "Traceback" not in told.stderr and told.stdout == ""
    assert not (folder / "data").exists() or not list(folder.glob("data/processed/own/*.json"))


def test_a_site_is_planned_for_each_home_by_its_own_rule(folder: Path) -> None:
    # h1 (10 persons) stands at 100 and lacks health: elders walk 480 m in 10 minutes at 0.8 m/s.
    for x, gained in ((570, 10), (600, 0)):
        ledger(folder / "idle.csv", {"x": (x, 0)}, 名称=["架空层"], 功能=["health"])
        plan = gg.site(with_types(folder, OWN), sites=1, out=folder).to_dict()
        assert plan["objective_persons"] == plan["bound_persons"] == gained
        assert plan["before"]["passed_known_persons"] == 20
        assert plan["after"]["passed_known_persons"] == 20 + gained
    plan = gg.site(with_types(folder, ""), sites=1, out=folder).to_dict()
    assert plan["before"]["passed_known_persons"] == 30 and not plan["chosen"]


def test_a_plan_wants_no_service_that_a_rule_does_not_ask_for(folder: Path) -> None:
    rules = '[[rule.override]]\nwhere = { level = "half" }\nservices = ["reading"]\n'
    ledger(folder / "idle.csv", {"x": (1850, 0)}, 名称=["架空层"], 功能=["reading、health"])
    plan = gg.site(with_types(folder, rules), sites=1, out=folder).to_dict()
    assert [site["services"] for site in plan["chosen"]] == [["reading"]]
    assert plan["objective_persons"] == 40  # h3 lacks reading alone
