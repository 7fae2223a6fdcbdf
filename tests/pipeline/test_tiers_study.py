"""A study with tiers from files to results: two subdistricts drawn, four communities listed."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from own_study import drawn, ledger, polygons

from gusu_geo.errors import StudyError
from gusu_geo.pipeline.questions import check
from gusu_geo.pipeline.run import run

COMMUNITIES = """code,community,subdistrict
320508017001,路南社区居委会,白洋湾街道
320508017002,富强社区居委会,白洋湾街道
320508018032,梅巷社区居委会,平江街道
320508018203,梅巷村委会,平江街道
"""
LISTED = """
[[zones]]
level = "居委会"
tier = "社区"
source = "communities.csv"
aliases = "aliases.csv"
[candidates]"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Homes of 10, 20, 40 and 80 persons, and 5 whose community fits two; h4 has no street."""
    drawn(tmp_path)
    study = (tmp_path / "study.toml").read_text("utf-8")
    study = study.replace('level = "half"', 'level = "街道"\ntier = "街道"')
    study = study.replace("[candidates]", LISTED)
    asked = '[rule]\ntiers = { reading = ["社区", "街道"], health = "街道" }'
    (tmp_path / "study.toml").write_text(study.replace("[rule]", asked), "utf-8")
    halves = {"320508017": (-50, -500, 1500, 500), "320508018": (1500, -500, 2050, 500)}
    polygons(tmp_path / "halves.geojson", halves)
    zones = gpd.read_file(tmp_path / "halves.geojson").assign(name=["白洋湾街道", "平江街道"])
    zones.to_file(tmp_path / "halves.geojson")
    (tmp_path / "communities.csv").write_text(COMMUNITIES, "utf-8")
    (tmp_path / "aliases.csv").write_text("别名,名称\n老路南,路南社区居委会\n", "utf-8")
    homes = {"h1": (100, 0), "h2": (1000, 0), "h3": (1900, 0), "h4": (500, 400), "h5": (1850, 0)}
    said = ["老路南", "富强社区", "梅巷村", "富强", "梅巷"]
    ledger(tmp_path / "homes.csv", homes, 人数=[10, 20, 40, 80, 5], 社区=said)
    venues = {"a": (150, 0), "b": (950, 0), "c": (950, 0), "d": (1700, 0)}
    ledger(
        tmp_path / "venues.csv", venues, 名称=["甲", "乙", "乙", "丁"],
        功能=["阅读", "reading", "健康", "reading"], 层级=["社区级", "街道", "街道", "市级"],
        所属社区=["路南社区居委会", "", "", ""],
    )  # fmt: skip
    return tmp_path


def test_check_tells_zones_matched_and_tiers_missing(folder: Path) -> None:
    first = check(folder / "study.toml", out=folder)
    again = check(folder / "study.toml", out=folder)  # from the cache
    facts = first["tiers"]
    assert facts is not None and again["tiers"] == facts
    homes, venues = facts["joins"]
    assert (homes["names"], homes["rows"], homes["ambiguous"]) == (5, 4, ["梅巷"])
    assert (venues["names"], venues["rows"], facts["unknown_words"]) == (1, 1, ["市级"])
    missing = {(r["service"], r["tier"]): r["missing_zones"] for r in facts["establishment"]}
    assert missing == {
        ("reading", "subdistrict"): [],
        ("health", "subdistrict"): ["320508018"],
        ("reading", "community"): ["320508017002"],
    }
    assert {mend["code"] for mend in first["mend"]} >= {"tier_words_unknown"}


def test_a_run_adds_up_and_writes_zones_that_nobody_drew(folder: Path) -> None:
    result = run(folder / "study.toml", out=folder)
    facts = result.summary["tiers"]
    assert facts is not None
    rows = {(*row["path"], row["id"]): row["persons"] for row in facts["nested"]}
    assert rows == {
        ("320508017",): 110, ("320508017", "320508017001"): 10, ("320508017", "320508017002"): 100,
        ("320508018",): 45, ("320508018", "320508018203"): 40, ("320508018", ""): 5,
    }  # fmt: skip
    layer = gpd.read_file(result.folder / "results.gpkg", layer="zones").set_index("zone_id")
    assert layer.geometry.isna().sum() == 4
    assert layer.loc["320508018203", ["parent", "persons"]].tolist() == ["320508018", 40]


def test_tiers_of_a_service_that_is_not_there(folder: Path) -> None:
    study = (folder / "study.toml").read_text("utf-8").replace("health = ", "helth = ", 1)
    (folder / "study.toml").write_text(study, "utf-8")
    with pytest.raises(StudyError, match=r"rule\.tiers.*'helth'.*Did you mean 'health'"):
        check(folder / "study.toml", out=folder)
