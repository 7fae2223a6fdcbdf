"""Whether a gap is asked for: the ratio by hand and by summing, and where a signal counts."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scenes import CRS_M

from gusu_geo.assessment.rule import State
from gusu_geo.assessment.signals.asked import Judged, asked_for, homes_of_points, ratio_of

FAIL, PASS, UNKNOWN = int(State.FAIL), int(State.PASS), int(State.UNKNOWN)


def homes(*rows: tuple[float, float, str, str, tuple[int, ...]], **more: Any) -> Judged:
    """x in metres, persons, compound, zone, and states of services s and t."""
    x, persons, compound, zone, state = zip(*rows, strict=True)
    compounds = {str(name): shape for name, shape in more.get("compounds", {}).items()}
    ids = {"compound_id": list(compounds)}
    return Judged(
        services=("s", "t")[: len(state[0])],
        state=np.array(state, np.int8),
        persons=np.array(persons, float),
        shape=shapely.points([(at, 0.0) for at in x]),
        compound=np.array(compound, object),
        zone=np.array(zone, object),
        zones={"A": "Alpha", "B": "Beta"},
        outlines=gpd.GeoDataFrame(ids, geometry=list(compounds.values()), crs=CRS_M),
    )


def signals(*rows: tuple[str, Any, str]) -> pd.DataFrame:
    """located, x of a point or the compound, services."""
    return pd.DataFrame(
        {
            "located": [row[0] for row in rows],
            "x": [row[1] if row[0] == "point" else math.nan for row in rows],
            "y": [0.0 if row[0] == "point" else math.nan for row in rows],
            "compound": [row[1] if row[0] == "compound" else "" for row in rows],
            "services": [row[2] for row in rows],
        }
    )


def test_twelve_among_400_lacking_and_six_among_600_having() -> None:
    town = homes((0, 400, "", "", (FAIL,)), (1000, 600, "", "", (PASS,)))
    said = signals(*[("point", 5.0, "s")] * 12, *[("point", 990.0, "s")] * 6)
    (row,), left_out = asked_for(said, town)
    assert (row["lacking_signals"], row["having_signals"]) == (12, 6)
    assert [f"{row[key]:.2f}" for key in ("ratio", "low", "high")] == ["3.00", "1.04", "9.74"]  # type: ignore[literal-required]
    assert (row["asked"], left_out, row["zone"]) == ("yes", 0.0, "")


def binomial(count: int, of: int, share: float) -> float:
    return math.comb(of, count) * share**count * (1 - share) ** (of - count)


@given(st.integers(0, 30), st.integers(1, 30), st.integers(1, 900), st.integers(1, 900))
def test_at_either_end_of_the_ratio_so_many_have_one_chance_in_forty(
    lacking: int, having: int, of: int, others: int
) -> None:
    """Given both together, those who lack it send each with share of x ratio / (of x ratio + others)."""
    ratio, low, high = ratio_of(lacking, of, having, others)
    assert ratio == pytest.approx(lacking / of / (having / others))
    assert low is not None and high is not None and low <= ratio <= high
    total = lacking + having
    if lacking:
        share = of * low / (of * low + others)
        assert sum(binomial(k, total, share) for k in range(lacking, total + 1)) == pytest.approx(
            0.025
        )
    share = of * high / (of * high + others)
    assert sum(binomial(k, total, share) for k in range(lacking + 1)) == pytest.approx(0.025)


@given(st.integers(0, 20), st.integers(0, 20))
def test_the_other_way_round_is_one_over_it(lacking: int, having: int) -> None:
    _, low, high = ratio_of(lacking, 400, having, 600)
    _, low_again, high_again = ratio_of(having, 600, lacking, 400)
    for one, other in ((low, high_again), (low_again, high)):
        if one:
            assert other == pytest.approx(1 / one)
        elif lacking + having:
            assert other is None  # no upper end


def test_what_cannot_be_said_is_none() -> None:
    assert ratio_of(0, 400, 0, 600) == ratio_of(3, 0, 2, 600) == (None, None, None)
    ratio, low, high = ratio_of(8, 400, 0, 600)
    assert ratio is high is None and low is not None and low > 1
    town = homes((0, 400, "", "", (FAIL,)), (1000, 600, "", "", (PASS,)))
    assert asked_for(signals(*[("point", 0.0, "s")] * 8), town)[0][0]["asked"] == "yes"
    assert asked_for(signals(*[("point", 1000.0, "s")] * 20), town)[0][0]["asked"] == "no"
    (row,), left_out = asked_for(signals(), town)
    assert row["asked"] == "open" and row["ratio"] is None and left_out is None


def test_a_point_belongs_to_a_home_near_it_or_of_its_compound() -> None:
    """Compound c reaches from -50 to 155 with homes at 0 and 50 m; over its wall stands one at 160 m.
    Nobody lives at 300 m."""
    town = homes(
        (0, 10, "c", "", (FAIL,)),
        (50, 10, "c", "", (FAIL,)),
        (160, 10, "", "", (PASS,)),
        (300, 0, "", "", (PASS,)),
        compounds={"c": shapely.box(-50, -9, 155, 9), "empty": shapely.box(100, -9, 330, 9)},
    )
    x = [0.0, 24.0, 25.0, 150.0, 156.0, 260.0, 261.0, 300.0, -60.0]
    found = homes_of_points(shapely.points([(at, 0.0) for at in x]), town)
    assert found.tolist() == [0, 0, 0, 1, 2, 2, -1, -1, 0]


def test_a_compound_counts_where_all_its_judged_persons_agree() -> None:
    """Lacking: c1 of zone A. Mixed: c2. Unknown beside having: c3, in two zones. Unknown alone: c4."""
    town = homes(
        (0, 10, "c1", "A", (FAIL, PASS)),
        (9, 20, "c1", "A", (FAIL, FAIL)),
        (20, 30, "c2", "A", (FAIL, PASS)),
        (29, 40, "c2", "A", (PASS, PASS)),
        (40, 50, "c3", "B", (PASS, UNKNOWN)),
        (49, 60, "c3", "A", (PASS, PASS)),
        (55, 0, "c3", "A", (FAIL, FAIL)),  # of nobody
        (60, 70, "c4", "B", (UNKNOWN, FAIL)),
    )
    said = signals(
        ("compound", "c1", "s"),
        ("compound", "c2", "s"),
        ("compound", "c3", "s"),
        ("compound", "c4", "s"),
        ("compound", "gone", "s"),
        ("community", "", "s"),
        ("none", "", "s、t"),
        ("compound", "c1", "t"),  # mixed for t
        ("compound", "c2", "s、t"),  # counts for t alone
        ("point", 0.0, "other"),  # of no service of the rule
        ("point", 0.0, ""),
    )
    rows, left_out = asked_for(said, town)
    found = {
        (row["service"], row["zone"]): (row["lacking_signals"], row["having_signals"])
        for row in rows
    }
    assert found["s", ""] == (1, 1) and found["t", ""] == (0, 1)
    assert found["s", "A"] == (1, 0) and found["s", "B"] == (0, 0)  # c3 lies in both
    assert left_out == round(1 - 3 / 9, 6)  # of nine that name s or t, c1, c3 and c2 count
    heads = {
        (row["service"], row["zone"]): (row["lacking_persons"], row["having_persons"])
        for row in rows
    }
    assert heads["s", ""] == (60, 150) and heads["s", "A"] == (60, 100)
    assert heads["t", "A"] == (20, 140) and heads["t", "B"] == (70, 0)
    assert [row["name"] for row in rows[:3]] == ["", "Alpha", "Beta"]


def test_a_service_judged_of_nobody_has_no_row() -> None:
    town = homes((0, 10, "", "A", (FAIL, UNKNOWN)), (9, 0, "", "A", (PASS, PASS)))
    assert {row["service"] for row in asked_for(signals(), town)[0]} == {"s"}


@given(st.permutations(range(4)))
def test_the_order_of_homes_changes_nothing(order: list[int]) -> None:
    rows = [
        (0.0, 10.3, "c", "A", (FAIL,)),
        (30.0, 0.1, "c", "A", (FAIL,)),
        (500.0, 0.7, "", "B", (PASS,)),
        (560.0, 5.9, "", "B", (PASS,)),
    ]
    said = signals(("point", 10.0, "s"), ("compound", "c", "s"), ("point", 533.0, "s"))
    assert asked_for(said, homes(*(rows[at] for at in order))) == asked_for(said, homes(*rows))
