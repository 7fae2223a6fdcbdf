"""Small counts of tables that are no internal drafts, worked out by hand."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.assessment.complaints import funnel
from gusu_geo.assessment.summary import AttributeRow
from gusu_geo.assessment.suppression import (
    parts_to_hide,
    public_attributes,
    public_complaints,
    small,
)


def row(value: str, homes: int, persons: float, passed: float) -> AttributeRow:
    lacking = persons - passed
    return AttributeRow(
        attribute="物业模式", value=value, residences=homes, persons=persons, passed_persons=passed,
        passed_known_persons=passed, unknown_persons=0.0, share=passed / persons,
        missing={"health": lacking}, unknown={"health": 0.0},
    )  # fmt: skip


def test_a_row_of_few_takes_the_next_smallest_with_it() -> None:
    """4 homes are few; the rest of 154 would tell how many, so the 30 go too. Of the others 5 of 100
    lack a clinic: hidden, and with it the next smallest that is left, 20."""
    given_rows = [row("自管", 4, 12, 12), row("专业", 30, 100, 95), row("单位", 40, 120, 100), row("", 80, 240, 140)]  # fmt: skip
    before = json.dumps(given_rows)
    found = {each["value"]: each for each in public_attributes(given_rows)}
    for value in ("自管", "专业"):
        assert found[value]["residences"] is found[value]["persons"] is found[value]["share"] is None  # fmt: skip
        assert found[value]["missing"] == {"health": None}
    assert (found["单位"]["residences"], found["单位"]["missing"]) == (40, {"health": 20})
    assert found[""] == row("", 80, 240, 140)
    assert json.dumps(given_rows) == before


def test_a_small_part_of_a_large_row_is_left_out_alone_in_its_column() -> None:
    found = public_attributes(
        [row("有", 40, 100, 95), row("无", 40, 100, 40), row("", 60, 150, 50)]
    )
    assert [each["missing"]["health"] for each in found] == [None, None, 100]
    assert [each["persons"] for each in found] == [100, 100, 150]


def test_complaints_of_few_keep_what_they_are_listed_as_and_lose_the_figures() -> None:
    """West 3, 40, 60; east 25 and 11: of the west two are left out, the east stands."""
    given_rows = [
        {"id": key, "name": key, "complaints": float(count), "households": 200.0}
        for key, count in (("a", 3), ("b", 40), ("c", 60), ("d", 25), ("e", 11))
    ]
    rows = funnel(given_rows, ["w", "w", "w", "e", "e"])
    outside = {each["id"]: each["outside"] for each in rows}
    found = public_complaints(rows)
    assert [each["id"] for each in found if each["complaints"] is None] == ["a", "b"]
    assert [each["id"] for each in found][-2:] == ["a", "b"]
    assert all(each["expected"] is each["p_more"] is each["per_100"] is None for each in found[-2:])
    for key in ("ratio", "ratio_low", "ratio_high", "red_to", "low_to", "high_from", "black_from"):
        assert found[-1][key] is None
    assert {each["id"]: each["outside"] for each in found} == outside
    assert all(each["complaints"] for each in rows)  # what was given stays as it is


@settings(max_examples=60)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=7))
def test_no_small_count_is_shown_or_found_by_subtraction(counts: list[int]) -> None:
    hidden = parts_to_hide(counts)
    assert {at for at, count in enumerate(counts) if small(count)} <= hidden
    some = sum(1 for count in counts if count > 0)
    assert len(hidden) != 1 or some == 1
    assert all(counts[at] > 0 for at in hidden)
