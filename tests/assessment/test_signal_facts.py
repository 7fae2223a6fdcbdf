"""The section ``signals`` of a drawn town: figures by hand, weights of siting, small counts."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scenes import CRS_M
from tier_scenes import outcome_by_tier, tier_ground

from gusu_geo.assessment.district import pairs_of
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.signal_facts import SignalCell, SignalFacts
from gusu_geo.assessment.signals.section import cells_of, weights_of
from gusu_geo.assessment.signals.suppression import public_signals
from gusu_geo.assessment.suppression import small
from gusu_geo.study.district import BodySource, PairingParams, SignalParams
from gusu_geo.tables import Zones

# The town: a1 100, a2 200 persons (subdistrict A), b1 300 (B). Venues of s at 0 and 800 m; within
# 5 minutes of one are a1 and a2; b1, at 1,600 m, is not.
ROWS = [
    *[("a1", "point", 0.0, "1", "s")] * 12,
    *[("a2", "point", 1010.0, "2", "s")] * 30,
    *[("b1", "point", 1590.0, "10", "s")] * 60,
    *[("b1", "community", math.nan, "", "")] * 6,
    *[("", "none", math.nan, "2", "s")] * 20,
]

NO_PAIRS = {"keep": "", "forbid": ""}


def ledger(rows: list[tuple[str, str, float, str, str]]) -> pd.DataFrame:
    zone, located, x, own, services = zip(*rows, strict=True)
    table = {
        "date": "2026-03-02", "round": own, "origin": "走访", "kind": "问题", "located": located,
        "theme": services, "services": services, "x": x, "y": 0.0, "compound": "", "zone": zone,
    }  # fmt: skip
    return pd.DataFrame(table, index=[f"n{at}" for at in range(len(rows))])


def visits(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["zone", "round", "visits"])


def town(folder: Path, *, internal: bool = True, **asked: Any) -> Outcome:
    """The town with the ledger, judged at 5 minutes."""
    met: pd.DataFrame | None = asked.pop("visits", None)
    rows = asked.pop("rows", ROWS)
    if met is not None:
        asked["visits"] = {"source": "visits.csv"}
    ground = tier_ground(folder, tiers={})
    study = ground.study
    study = study.model_copy(
        update={
            "signals": SignalParams(source="in\\ledgers/诉求.xlsx", **asked),
            "rule": study.rule.model_copy(update={"minutes": 5}),
            "report": study.report.model_copy(update={"internal": internal}),
        }
    )
    books = {"signals": ledger(rows)} | ({} if met is None else {"visits": met})
    return outcome_by_tier(replace(ground, study=study, city=replace(ground.city, books=books)))


def facts_of(outcome: Outcome) -> SignalFacts:
    facts = outcome.district.signals
    assert facts is not None
    return facts


def test_the_section_by_hand(tmp_path: Path) -> None:
    """108 signals of zones, 600 persons: 180 per 1,000. a1 12 of 100 (18 expected), a2 30 of 200
    (36), b1 66 of 300 (54). Lacking s: b1, 60 placed signals; having: 42 of 300 persons."""
    outcome = town(tmp_path)
    facts = facts_of(outcome)
    assert outcome.summary["signals"] == facts
    assert (facts["file"], facts["level"]) == ("诉求.xlsx", "community")
    assert (facts["total"], facts["used"]) == (128, 108)
    assert facts["located"] == {"point": 102, "compound": 0, "community": 6, "none": 20}
    assert list(facts["rounds"].items()) == [("1", 12), ("2", 50), ("10", 60), ("", 6)]
    assert facts["days"] == ["2026-03-02", "2026-03-02"] and facts["themes"] == {"s": 122, "": 6}
    assert facts["all"]["rate"] == 180 and facts["visits"] is facts["all_per_visit"] is None
    a1, a2, b1 = facts["cells"]
    assert [row["id"] for row in facts["cells"]] == ["a1", "a2", "b1"]
    assert [row["per_1000"]["rate"] for row in (a1, a2, b1)] == [120, 150, 220]
    assert [row["expected"] for row in (a1, a2, b1)] == [18, 36, 54]
    assert a1["services"] == {"s": 12} and b1["services"] == {"s": 60} and b1["signals"] == 66
    assert a1["per_visit"] is a1["visits"] is None
    whole = next(row for row in facts["asked"] if row["zone"] == "")
    assert (whole["lacking_signals"], whole["having_signals"]) == (60, 42)
    assert whole["ratio"] == pytest.approx(60 / 300 / (42 / 300), abs=1e-4)
    assert {row["zone"] for row in facts["asked"]} == {"", "A", "B"}
    assert facts["left_out"] == round(20 / 122, 6)
    assert facts["scan"]["state"] == "one_cell" and facts["scan"]["clusters"] == []


@pytest.mark.parametrize("internal", [True, False])
def test_the_section_fits_the_schema(tmp_path: Path, internal: bool) -> None:
    """Also where a cluster is found and small counts are hidden."""
    from jsonschema import Draft202012Validator

    from gusu_geo.report.schema import schema_of

    outcome = town(tmp_path, visits=visits(("a1", "1", 40)), internal=internal)
    signals = outcome.summary["signals"]
    cluster = {"zones": ["a1", "a2"], "names": ["a1", "a2"], "signals": None if not internal else 42,
               "expected": 20.0, "times": None, "llr": None, "p": 0.001}  # fmt: skip
    signals["scan"]["clusters"] = [cluster]  # type: ignore[list-item]
    whole = json.loads(json.dumps(schema_of("summary")))
    part = {"$ref": "#/$defs/SignalFacts", "$defs": whole["$defs"]}
    Draft202012Validator(part).validate(json.loads(json.dumps(signals)))


def test_rates_by_visits_count_what_was_heard_on_visits(tmp_path: Path) -> None:
    """Visits in a1 in round 1 and in b1 without a round: a1's 12 count and all 66 of b1. a2 was
    visited in round 1 alone, and its signals are of round 2."""
    met = visits(("a1", "1", 40), ("a2", "1", 50), ("b1", "", 300))
    facts = facts_of(town(tmp_path, visits=met, expected="visits"))
    a1, a2, b1 = facts["cells"]
    assert [row["per_visit"] and row["per_visit"]["rate"] for row in (a1, a2, b1)] == [30, 0, 22]
    assert facts["visits"] == 390
    assert facts["all_per_visit"] and facts["all_per_visit"]["rate"] == 20  # 78 of 390
    assert [row["expected"] for row in (a1, a2, b1)] == [8, 10, 60]
    assert facts["scan"]["by"] == "visits" and facts["scan"]["signals"] == 78


def test_a_zone_without_visits_is_unknown(tmp_path: Path) -> None:
    facts = facts_of(town(tmp_path, visits=visits(("a1", "1", 40)), expected="visits"))
    a2 = facts["cells"][1]
    assert a2["visits"] is a2["expected"] is None and a2["alone"] == ""
    assert a2["per_visit"] == {"rate": None, "low": None, "high": None}
    assert facts["all_per_visit"] and facts["all_per_visit"]["rate"] == 30


def test_visits_of_other_rounds_than_any_signal_say_nothing(tmp_path: Path) -> None:
    """Not that 100 visits brought 0 signals: the rounds are spelt otherwise, or not at all."""
    facts = facts_of(town(tmp_path, visits=visits(("a1", "第5轮", 50.0), ("b1", "7", 50.0))))
    assert facts["visits"] is facts["all_per_visit"] is None
    assert all(row["per_visit"] is row["visits"] is None for row in facts["cells"])  # type: ignore[comparison-overlap]


def test_a_study_without_signals_has_no_section(tmp_path: Path) -> None:
    outcome = outcome_by_tier(tier_ground(tmp_path))
    assert outcome.district.signals is None and "signals" not in outcome.summary


def test_weights_of_siting(tmp_path: Path) -> None:
    """1 at weight 0; the shrunk rate over the district's at weight 1; between them in between; 1 where
    it is unknown."""
    outcome = town(tmp_path)
    facts = facts_of(outcome)
    relative = [row["relative"] for row in facts["cells"]]
    assert relative[0] is not None and relative[2] is not None and relative[0] < 1 < relative[2]
    zone_of = outcome.zone_of
    assert weights_of(facts, zone_of, 0.0).tolist() == [1, 1, 1]
    assert weights_of(facts, zone_of, 1.0).tolist() == relative
    half = weights_of(facts, zone_of, 0.5)
    assert half == pytest.approx((1 + np.array(relative, float)) / 2)
    away = zone_of.assign(community=["", "nowhere", "a1"])
    assert weights_of(facts, away, 1.0).tolist() == [1, 1, relative[0]]


def test_one_cell_by_itself_is_listed(tmp_path: Path) -> None:
    """Of 200 signals 33.3 are expected in a1, 66.7 in a2, 100 in b1; 99.8 % limits by hand of the
    first: 60 is more than 33.3 + 3.1 sqrt(33.3) = 51.2; and 60 in b1 less than 100 - 31."""
    rows = [("a1", "community", math.nan, "", "")] * 60 + [
        (zone, "community", math.nan, "", "") for zone in ["a2"] * 80 + ["b1"] * 60
    ]
    facts = facts_of(town(tmp_path, rows=rows))
    assert [row["alone"] for row in facts["cells"]] == ["high", "", "low"]


def test_the_middle_of_a_zone_is_that_of_its_persons() -> None:
    points = gpd.points_from_xy([0, 40, 9], [0, 80, 9])
    people = gpd.GeoDataFrame({"persons": [3.0, 1.0, 0.0]}, geometry=points, crs=CRS_M)
    zones = gpd.GeoDataFrame(
        {"level": "c", "zone_id": ["z", "empty"], "name": ["Z", "E"]},
        geometry=gpd.points_from_xy([0, 0], [0, 0]),
        crs=CRS_M,
    )
    zone_of = pd.DataFrame({"c": ["z", "z", "empty"]})
    cells = cells_of(Zones(zones), "c", people, zone_of, ledger(ROWS).iloc[:0], None)
    assert cells.ids == ["empty", "z"] and cells.xy[1].tolist() == [10, 20]
    assert cells.persons.tolist() == [0, 4] and np.isnan(cells.xy[0]).all()


def test_small_counts_are_left_out_of_what_is_shown_and_not_of_siting(tmp_path: Path) -> None:
    """4 signals of a1 are few, and the next smallest, 30 of a2, would tell how many."""
    rows = [row for row in ROWS if row[0] != "a1"] + [("a1", "point", 0.0, "1", "s")] * 4
    outcome = town(tmp_path, rows=rows, internal=False)
    whole, shown = facts_of(outcome), outcome.summary["signals"]
    assert [row["signals"] for row in whole["cells"]] == [4, 30, 66]
    assert [row["signals"] for row in shown["cells"]] == [None, None, 66]
    a1 = shown["cells"][0]
    assert a1["relative"] is a1["services"]["s"] is a1["shrunk"]["rate"] is None
    assert a1["per_1000"] == {"rate": None, "low": None, "high": None}
    assert shown["rounds"] == {"1": None, "2": 50, "10": 60, "": None}
    assert shown["located"] == {"point": 94, "compound": 0, "community": None, "none": None}
    assert [note["code"] for note in outcome.summary["notes"]].count("small_counts") == 1
    json.dumps(shown)


def test_what_is_shown_is_the_same_whatever_the_hidden_zones_have(tmp_path: Path) -> None:
    """12 of a1 and a2 are 4 + 8 or 6 + 6: a rate pulled by how far they are apart would tell."""

    def shown(a1: int, a2: int) -> list[SignalCell]:
        counts = (("a1", a1), ("a2", a2), ("b1", 66))
        rows = [(zone, "point", 0.0, "1", "s") for zone, count in counts for _ in range(count)]
        return town(tmp_path, rows=rows, internal=False).summary["signals"]["cells"]

    cells = shown(4, 8)
    assert cells == shown(6, 6)
    # Of what is shown b1 is all: its rate is that of all, with Garwood's interval for 66.
    assert cells[2]["relative"] == 1
    assert cells[2]["shrunk"] == cells[2]["per_1000"]


def test_pairs_show_the_signals_that_the_table_of_signals_shows(tmp_path: Path) -> None:
    """4 of a1 are few, and 12 of a2 would tell them: neither stands in the table of needs."""
    rows = [(zone, "point", 0.0, "1", "s") for zone in ["a1"] * 4 + ["a2"] * 12 + ["b1"] * 66]
    outcome = town(tmp_path, rows=rows, internal=False)
    bodies = pd.DataFrame(
        {"name": "x", "tier": "", "functions": "", "most": 3, "x": 0.0, "y": 0.0, **NO_PAIRS},
        index=["x"],
    )
    judgement = outcome.judgement
    city = replace(judgement.city, books={**judgement.city.books, "bodies": bodies})
    params = PairingParams(bodies=BodySource(source="bodies.csv"))
    facts = pairs_of(replace(judgement, city=city), outcome.zone_of, params, facts_of(outcome))
    assert [row["signals"] for row in facts["needs"]] == [None, None, 66]


def test_the_few_of_no_zone_cannot_be_found_from_the_total(tmp_path: Path) -> None:
    rows = [row for row in ROWS if row[0]] + [("", "none", math.nan, "", "")] * 3
    shown = town(tmp_path, rows=rows, internal=False).summary["signals"]
    assert shown["total"] is None and shown["used"] == 108
    assert set(shown["located"].values()) == set(shown["rounds"].values()) == {None}


def test_gaps_asked_for_by_few_are_left_out_with_what_rests_on_them(tmp_path: Path) -> None:
    rows = [row for row in ROWS if row[0] != "b1"] + [("b1", "point", 1600.0, "1", "s")] * 5
    shown = town(tmp_path, rows=rows, internal=False).summary["signals"]
    for row in shown["asked"]:
        if row["zone"] != "A":
            assert row["lacking_signals"] is row["ratio"] is row["low"] is row["high"] is None


def test_a_cluster_with_a_hidden_zone_shows_no_count(tmp_path: Path) -> None:
    facts = facts_of(town(tmp_path))
    cells = [
        {**row, "signals": count} for row, count in zip(facts["cells"], (4, 30, 66), strict=True)
    ]
    held = {"names": [], "signals": 34, "expected": 20.0, "times": 1.7, "llr": 4.0, "p": 0.01}
    apart = {**held, "zones": ["b1"]}
    scan = {**facts["scan"], "clusters": [{**held, "zones": ["a1", "a2"]}, apart]}
    shown = public_signals({**facts, "cells": cells, "scan": scan})["scan"]["clusters"]  # type: ignore[typeddict-item]
    assert shown[0]["signals"] is shown[0]["times"] is shown[0]["llr"] is None
    assert shown[0]["p"] == 0.01 and shown[1] == apart


@pytest.mark.parametrize("counts", [(3, 12, 40), (0, 4, 50), (1, 1, 1)])
def test_no_small_count_of_a_zone_is_shown_nor_its_rate(
    tmp_path: Path, counts: tuple[int, ...]
) -> None:
    rows = [
        (zone, "community", math.nan, "", "s")
        for zone, count in zip(("a1", "a2", "b1"), counts, strict=True)
        for _ in range(count)
    ]
    shown = town(tmp_path, rows=rows, internal=False).summary["signals"]
    for row, count in zip(shown["cells"], counts, strict=True):
        if small(count):
            assert row["signals"] is row["per_1000"]["rate"] is row["relative"] is None
    if small(sum(counts)):
        assert shown["total"] is shown["used"] is shown["all"]["rate"] is None
    hidden = [
        count for row, count in zip(shown["cells"], counts, strict=True) if row["signals"] is None
    ]
    assert len([count for count in hidden if count]) != 1 or sum(counts) == hidden[0]
