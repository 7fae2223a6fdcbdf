"""The name of a question: readable, and no two questions of one plan share it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.siting.solver import Effort

EFFORTS = st.builds(
    Effort,
    sites=st.integers(1, 40),
    services_per_site=st.none() | st.integers(1, 12),
    budget=st.none() | st.floats(0, 1e9) | st.integers(0, 500),
    target=st.none() | st.floats(1e-6, 1) | st.sampled_from([0.9, 0.29, 0.975, 1.0]),
    certain=st.booleans(),
    fast=st.booleans(),
)


@settings(max_examples=200)
@given(EFFORTS, EFFORTS)
def test_names_are_the_same_where_the_questions_are(one: Effort, other: Effort) -> None:
    assert (one.question == other.question) == (one == other)
    assert set(one.question) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert len(one.question) < 120
    assert replace(one, work=7.0, time_limit_s=3.0).question == one.question


@pytest.mark.parametrize(
    ("effort", "name"),
    [
        (Effort(3), "3-sites"),
        (Effort(1, 1), "1-site-1-service"),
        (Effort(budget=60), "budget-60"),
        (Effort(budget=12.5, target=0.9), "budget-12.5-target-90"),
        (Effort(target=0.29), "target-29"),
        (Effort(3, 2, certain=True, fast=True), "3-sites-certain-2-services-fast"),
        (Effort(999_999), "999999-sites"),
    ],
)
def test_names_say_what_was_asked(effort: Effort, name: str) -> None:
    assert effort.question == name
