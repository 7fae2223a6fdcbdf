"""What is said by tier in the workbook, on a terminal, in the layers and on the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest
from tier_scenes import VENUES, outcome_by_tier, tier_ground

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.console import Terminal
from gusu_geo.report.tables import facility_frame, residence_frame, zone_frame
from gusu_geo.report.tier_tables import show_tier_reading, show_tiers
from gusu_geo.report.webmap.zone_levels import ZoneLevels
from gusu_geo.report.workbook import write_workbook
from gusu_geo.words import speak

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # it drops data bars


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The hand test, its communities undrawn; the venue in A at 800 m is of unknown tier."""
    folder = tmp_path_factory.mktemp("tiers")
    ground = tier_ground(folder, VENUES | {"v-s": (800, "")}, drawn=False)
    ground.city.facilities.frame["community_id"] = np.array(["a1", "a2"], object)
    return outcome_by_tier(ground)


@pytest.fixture(scope="module")
def sheets(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list]]:
    path = tmp_path_factory.mktemp("book") / "w.xlsx"
    write_workbook(outcome, path)
    book = openpyxl.load_workbook(path)
    return {sheet.title: [[c.value for c in r] for r in sheet.iter_rows(4)] for sheet in book}


def test_the_sheet_of_tiers_by_hand(sheets: dict[str, list[list]]) -> None:
    head, *rows = sheets["分级配置 Tiers"]
    assert head[:7] == [
        "层级\nTier", "功能\nService", "应设\nRequired", "分区数\nZones", "已设\nWith a venue", "缺\nWithout",
        "不明\nUnknown",
    ]  # fmt: skip
    assert rows == [
        ["街道 subdistrict", "服务s service s", "是 yes", 2, 0, 1, 1, 0, 0, 0, 600, 0, 1, "否 no", "B", "A"],
        ["社区 community", "服务s service s", "是 yes", 3, 1, 1, 1, 0, 0, 100, 600, 0.166667, 1, "否 no",
         "b1", "a2"],
    ]  # fmt: skip


def test_the_sheet_of_zones_by_hand(sheets: dict[str, list[list]]) -> None:
    head, *rows = sheets["分级明细 Tiers by zone"]
    assert head[-1] == "服务s\nservice s"
    assert [row[1:] for row in rows] == [
        ["A", "A", 300, "不明 unknown"],
        ["B", "B", 300, "缺 none"],
        ["a1", "a1", 100, "有 yes"],
        ["a2", "a2", 200, "不明 unknown"],
        ["b1", "b1", 300, "缺 none"],
    ]


def test_the_roll_up_adds_up(sheets: dict[str, list[list]]) -> None:
    head, *rows = sheets["逐级汇总 Roll-up"]
    persons = head.index("人口\nPersons")
    by_place = {(row[1], row[2]): row[persons:] for row in rows}
    assert by_place[("A", None)][0] == by_place[("A", "a1")][0] + by_place[("A", "a2")][0] == 300
    for k in range(persons, len(head)):
        upper = [row[k] for row in rows if row[2] is None]
        lower = [row[k] for row in rows if row[2] is not None]
        assert sum(upper) == sum(lower)
    assert head[-2:] == [
        "服务s（社区级）可达下限\nService s (community): at least",
        "服务s（社区级）可达上限\nService s (community): at most",
    ]
    assert by_place[("A", "a1")][-2:] == [100, 100] and by_place[("B", "b1")][-2:] == [0, 300]


def test_every_sheet_has_chinese_and_english_heads(sheets: dict[str, list[list]]) -> None:
    for name in ("分级配置 Tiers", "分级明细 Tiers by zone", "逐级汇总 Roll-up"):
        assert all("\n" in head and head.split("\n")[1] for head in sheets[name][0])


def test_no_sheet_where_nothing_has_tiers(tmp_path: Path) -> None:
    plain = outcome_by_tier(tier_ground(tmp_path, tiers={}, tiered=False))
    write_workbook(plain, tmp_path / "w.xlsx")
    names = openpyxl.load_workbook(tmp_path / "w.xlsx").sheetnames
    assert not [name for name in names if name.startswith(("分级", "逐级"))]
    assert "tier" not in zone_frame(plain)


def test_layers_carry_states_by_tier(outcome: Outcome) -> None:
    homes = residence_frame(outcome)
    assert homes["s_community"].tolist() == ["pass", "unknown", "unknown"]
    assert homes["s_subdistrict"].tolist() == ["unknown"] * 3
    zones = zone_frame(outcome).set_index("zone_id")
    own = {"A": "unknown", "B": "missing", "a1": "present", "a2": "unknown", "b1": "missing"}
    assert zones["own_s"].to_dict() == own
    assert zones["parent"].to_dict() == {"A": "", "B": "", "a1": "A", "a2": "A", "b1": "B"}
    assert facility_frame(outcome)["tier"].tolist() == ["community", ""]


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("zh", ("街道级缺 服务s：B", "社区级缺 服务s：b1", "点位按层级：社区 1、层级不明 1")),
        ("en", ("service s missing at the tier community: b1", "community 1, tier unknown 1")),
    ],
)
def test_the_terminal_names_what_is_missing(
    outcome: Outcome, lang: str, lines: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    speak(lang)
    facts = outcome.summary["tiers"]
    names = {row["id"]: row["zh" if lang == "zh" else "en"] for row in outcome.summary["services"]}
    show_tier_reading(Terminal(), facts)
    show_tiers(Terminal(), facts, names, counted=True)
    shown = capsys.readouterr().out
    assert [line for line in lines if line not in shown] == []
    assert "16.7%–100.0% 100–600" in shown and "0.0%–100.0% 0–600" in shown


def test_tiers_without_zones_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ground = tier_ground(tmp_path, tiers={"s": ["community", "compound"]}, tiered=False)
    facts = outcome_by_tier(ground).summary["tiers"]
    assert facts is not None and not facts["establishment"] and not facts["nested"]
    assert [row["low_persons"] for row in facts["coverage"]] == [600, 100, 0]
    show_tiers(Terminal(), facts, {"s": "service s"}, counted=True)
    assert "No zones are given of these tiers" in (shown := capsys.readouterr().out)
    assert "missing: community, compound." in shown


def test_levels_of_the_page_add_up_to_the_summary(outcome: Outcome) -> None:
    """Zones that nobody drew are levels as well; homes in none are -1."""
    page = ZoneLevels.of(outcome)
    persons = outcome.city.residences.frame["persons"].to_numpy(float)
    levels = list(dict.fromkeys(page.zones["level"]))
    assert levels == ["subdistrict", "community"]
    for k, level in enumerate(levels):
        for row in (r for r in outcome.summary["zones"] if r["level"] == level):
            here = page.zones.index[(page.zones["level"] == level) & (page.zones["zone_id"] == row["id"])]  # fmt: skip
            at = page.home_zone[:, k] == (here[0] if len(here) else -1)
            assert persons[at].sum() == row["persons"]
