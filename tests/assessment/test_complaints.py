"""Complaints of compounds beside what chance would give. Probabilities by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gusu_geo.assessment.complaints import TAIL_95, TAIL_998, funnel, limits, tails


def compound(key: str, complaints: float | None, households: float | None) -> dict[str, object]:
    return {"id": key, "name": key, "complaints": complaints, "households": households}


def poisson(count: int, expected: float) -> float:
    return math.exp(-expected) * expected**count / math.factorial(count)


def test_six_where_three_are_expected_is_chance() -> None:
    more, fewer = tails(6, 3.0)
    assert round(more, 4) == 0.0839
    assert more == pytest.approx(1 - sum(poisson(k, 3) for k in range(6)))
    assert fewer == pytest.approx(sum(poisson(k, 3) for k in range(7)))


@pytest.mark.parametrize(
    ("seen", "outside"),
    # P(X >= 10) = .0011 and P(X >= 11) = .0003; P(X >= 7) = .0335, P(X >= 8) = .0119; P(X <= 0) = .0498
    [(0, ""), (6, ""), (7, ""), (8, "high"), (10, "high"), (11, "black"), (30, "black")],
)
def test_the_black_list_begins_at_eleven_where_three_are_expected(seen: int, outside: str) -> None:
    # 100 households of 10,000 with 300 complaints in all: 3 are expected.
    rows = funnel([compound("a", seen, 100), compound("b", 300 - seen, 9_900)], ["", ""])
    row = next(row for row in rows if row["id"] == "a")
    assert row["expected"] == 3 and row["outside"] == outside


def test_the_funnel_where_three_are_expected() -> None:
    """11 complaints where 3 are expected: 3.67 times as many, exact interval by Garwood's table (of
    11: 5.491 to 19.682). Even none is within both lower limits: P(X <= 0) = .0498."""
    row = funnel([compound("a", 11, 100), compound("b", 289, 9_900)], ["", ""])[0]
    assert (row["red_to"], row["low_to"], row["high_from"], row["black_from"]) == (
        None,
        None,
        8,
        11,
    )
    found = [row["ratio"], row["ratio_low"], row["ratio_high"]]
    assert found == pytest.approx([11 / 3, 5.491 / 3, 19.682 / 3], abs=1e-3)


@pytest.mark.parametrize("tail", [TAIL_95, TAIL_998])
@given(st.floats(0.01, 60))
def test_the_limits_are_the_first_counts_beyond(tail: float, expected: float) -> None:
    """One count nearer to what is expected, chance has more than the tail."""
    low, high = limits(expected, tail)
    chances = [poisson(k, expected) for k in range(150)]
    assert math.fsum(chances[high:]) <= tail < math.fsum(chances[high - 1 :])
    if low is None:
        assert chances[0] > tail
    else:
        assert math.fsum(chances[: low + 1]) <= tail < math.fsum(chances[: low + 2])


@given(st.integers(0, 40), st.floats(0.05, 40))
def test_who_is_listed_is_who_lies_beyond_the_limits(count: int, expected: float) -> None:
    red_to, black_from = limits(expected, TAIL_998)
    more, fewer = tails(count, expected)
    assert (count >= black_from) == (more <= TAIL_998)
    assert (red_to is not None and count <= red_to) == (fewer <= TAIL_998)


def test_nothing_expected_has_no_ratio() -> None:
    row = funnel([compound("a", 0, 10), compound("b", 0, 90)], ["", ""])[0]
    assert row["ratio"] is row["ratio_low"] is row["ratio_high"] is row["red_to"] is None


def test_the_red_list_wants_more_than_none() -> None:
    # 7 expected, none seen: P(X <= 0) = exp(-7) = .0009; of 6 expected .0025.
    for expected, outside in ((7, "red"), (6, "low")):
        rows = funnel([compound("a", 0, 100), compound("b", 100 * expected, 100 * 99)], ["", ""])
        row = next(row for row in rows if row["id"] == "a")
        assert row["expected"] == expected and row["outside"] == outside


def test_a_zone_is_its_own_standard() -> None:
    # West 10 of 100 households, east 1 of 100: each has what its zone expects, and nobody is named.
    given = [
        compound(key, count, 50) for key, count in (("w1", 5), ("w2", 5), ("e1", 0), ("e2", 1))
    ]
    apart = funnel(given, ["w", "w", "e", "e"])
    assert {row["id"]: row["expected"] for row in apart} == {"w1": 5, "w2": 5, "e1": 0.5, "e2": 0.5}
    whole = funnel(given, [""] * 4)
    assert {row["expected"] for row in whole} == {2.75}


def test_the_highest_rate_of_a_small_compound_is_not_the_first() -> None:
    # 2 of 10 households are 20 %, 60 of 1,000 are 6 %; the first is chance, the second is not.
    given = [compound("tiny", 2, 10), compound("large", 60, 1_000), compound("rest", 38, 8_990)]
    rows = funnel(given, [""] * 3)
    assert rows[0]["id"] == "large" and rows[0]["outside"] == "black"
    assert next(row for row in rows if row["id"] == "tiny")["outside"] != "black"


def test_unknown_stays_out() -> None:
    given = [
        compound("a", None, 10),
        compound("b", 3, None),
        compound("c", 3, 0),
        compound("d", 1, 9),
    ]
    assert [row["id"] for row in funnel(given, [""] * 4)] == ["d"]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 500)), min_size=1, max_size=8))
def test_expected_add_up_to_what_was_seen(counts: list[tuple[int, int]]) -> None:
    rows = funnel(
        [compound(str(i), seen, heads) for i, (seen, heads) in enumerate(counts)],
        ["ab"[i % 2] for i in range(len(counts))],
    )
    assert math.fsum(row["expected"] for row in rows) == pytest.approx(
        sum(seen for seen, _ in counts), abs=1e-3
    )
    assert all(0 <= row["p_more"] <= 1 and row["p_more"] + row["p_less"] > 1 - 1e-5 for row in rows)
