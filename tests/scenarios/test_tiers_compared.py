"""By tier before and after a scenario, on the street of ``tier_scenes``; all figures by hand.

Before: the community-tier venue at 0 m serves a1 alone (100 of 600), the one of the tier of
subdistricts all; a2 and b1 have no station of their own, nor has B.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from grounds import at, compared
from tier_scenes import tier_ground

from gusu_geo.errors import InputError
from gusu_geo.report.comparison import Comparison
from gusu_geo.report.comparison_workbook import write_comparison_book
from gusu_geo.report.console import show_comparison


def new(**more: Any) -> dict[str, Any]:
    """At 1,000 m, in a2: in time for a2 and b1, not for a1."""
    return {"do": "add_venue", "id": "n", "services": ["s"], "at": at(1000, 0), **more}


def row(found: Comparison, tier: str) -> dict[str, Any]:
    (one,) = (r for r in found.tiers.to_dict("records") if r["tier"] == tier)
    return one


def bounds(found: Comparison, tier: str, when: str = "after") -> tuple[float, float]:
    one = row(found, tier)
    return one[f"low_persons_{when}"], one[f"high_persons_{when}"]


@pytest.mark.parametrize("word", ["社区", "community"])
def test_a_new_venue_of_a_tier(tmp_path: Path, word: str) -> None:
    found = compared(tier_ground(tmp_path), new(tier=word))
    assert bounds(found, "community", "before") == (100, 100)
    assert bounds(found, "community") == (600, 600)
    assert bounds(found, "subdistrict") == (600, 600)
    one = row(found, "community")
    assert (one["gained_persons"], one["lost_persons"]) == (500, 0)
    assert (one["zones_missing_before"], one["zones_missing_after"]) == (2, 1)
    assert row(found, "subdistrict")["zones_missing_after"] == 1


def test_without_a_tier_it_has_the_one_that_its_service_asks_for(tmp_path: Path) -> None:
    """Where the rule wants the service at two tiers nothing says which: unknown."""
    found = compared(tier_ground(tmp_path, tiers={"s": ["community"]}), new())
    assert bounds(found, "community") == (600, 600)
    for given in ({}, {"tier": "unknown"}, {"tier": "不明"}):
        found = compared(tier_ground(tmp_path), new(**given))
        assert bounds(found, "community") == (100, 600)
        one = row(found, "community")
        assert (one["zones_missing_after"], one["zones_unknown_after"]) == (1, 1)


def test_a_tier_that_loses_its_last_venue_lacks_it_for_certain(tmp_path: Path) -> None:
    ground = tier_ground(tmp_path, tiers={"s": ["community"]})
    found = compared(ground, {"do": "close_venue", "venue": "v-c"})
    assert bounds(found, "community") == (0, 0)
    assert row(found, "community")["zones_missing_after"] == 3
    # A tier at which nothing must exist stays in the table with its last venue gone.
    found = compared(ground, {"do": "close_venue", "venue": "v-s"})
    one = row(found, "subdistrict")
    assert (one["required"], one["lost_persons"]) == (False, 600)
    assert bounds(found, "subdistrict") == (0, 0)


def test_another_limit_and_a_moved_venue(tmp_path: Path) -> None:
    """Within 3 minutes of 800 m is nobody; the venue moved to 1,500 m is near b1, and stays of its
    tier."""
    found = compared(
        tier_ground(tmp_path),
        {"do": "set_rule", "minutes": 3},
        {"do": "move_venue", "venue": "v-s", "at": at(1500, 0)},
    )
    assert bounds(found, "subdistrict") == (300, 300)
    one = row(found, "subdistrict")
    assert (one["zones_missing_before"], one["zones_missing_after"]) == (1, 1)  # B, then A


def test_venues_of_a_map_without_tiers_are_of_unknown_tier(tmp_path: Path) -> None:
    ground = tier_ground(tmp_path, tiers={"s": ["community"]})
    del ground.city.facilities.frame["tier"]
    found = compared(ground, new())
    assert bounds(found, "community", "before") == (0, 600)
    assert bounds(found, "community") == (500, 600)


def test_a_tier_without_zones_has_no_counts_of_them(tmp_path: Path) -> None:
    found = compared(tier_ground(tmp_path, tiers={"s": ["community", "compound"]}), new())
    rows = {r["tier"]: r["zones_missing"] for r in found.to_dict()["after"]["tiers"]}
    assert rows["compound"] is None and isinstance(rows["community"], int)


def test_a_study_without_tiers_says_nothing_of_them(tmp_path: Path) -> None:
    found = compared(tier_ground(tmp_path, tiers={}, tiered=False), new())
    assert found.tiered is None and len(found.tiers) == 0


def test_a_tier_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"changes\[0\]\.tier"):
        compared(tier_ground(tmp_path), new(tier="市"))


def test_the_outputs_show_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(tier_ground(tmp_path), new(tier="community"))
    told = found.to_dict()
    rows = {when: {r["tier"]: r for r in told[when]["tiers"]} for when in ("before", "after")}
    assert rows["before"]["community"]["low_persons"] == 100
    assert rows["after"]["community"]["low_persons"] == 600
    assert {r["tier"]: r["gained_persons"] for r in told["change"]["tiers"]}["community"] == 500
    show_comparison(told, None, None)
    shown = " ".join(capsys.readouterr().out.split())
    assert "16.7% 100" in shown and "100.0% 600" in shown and "2 > 1" in shown
    write_comparison_book(found, tmp_path / "c.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx")["分级配置 Tiers"]
    cells = [row for row in sheet.iter_rows(values_only=True) if row[0] and "社区" in row[0]]
    assert cells[0][2:6] == (100, 600, 100, 600) and cells[0][6:8] == (0.166667, 1)
