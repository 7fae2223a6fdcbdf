"""Packing: a slow plain reader, written from the description of the format, gets the arrays back."""

from __future__ import annotations

import base64
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unpacking import unpack

from gusu_geo.report.webmap.packing import pack

INT32 = st.integers(-(2**31), 2**31 - 1)


@settings(max_examples=80)
@given(
    st.lists(INT32),
    st.lists(st.floats(allow_nan=False, allow_infinity=False)),
    st.lists(st.booleans()),
    st.booleans(),
)
def test_every_value_comes_back(
    whole: list[int], real: list[float], flags: list[bool], compressed: bool
) -> None:
    arrays = {
        "whole": np.array(whole, np.int64),
        "real": np.array(real, float),
        "flags": np.array(flags, bool),
    }
    found = unpack(pack(arrays, compressed=compressed))
    assert found["whole"] == whole
    assert struct.pack(f"{len(real)}d", *found["real"]) == struct.pack(f"{len(real)}d", *real)
    assert found["flags"] == [int(flag) for flag in flags]


def test_the_marks_of_beyond_and_none_survive() -> None:
    cs = np.array([[2**31 - 1, 0], [54_321, 2**31 - 1]], np.int32)
    assert unpack(pack({"cs": cs, "ix": np.array([-1, 3])})) == {
        "cs": [2**31 - 1, 0, 54_321, 2**31 - 1],
        "ix": [-1, 3],
    }


def test_a_line_costs_about_one_byte_a_vertex_and_axis() -> None:
    x = 1_000_000 + np.cumsum(np.tile([30, -20, 55], 1000))
    assert len(base64.b64decode(pack({"x": x}, compressed=False))) < 3000 + 60


def test_the_same_arrays_give_the_same_text() -> None:
    arrays = {"a": np.arange(1000) ** 2, "b": np.linspace(0, 1, 7)}
    assert pack(arrays) == pack(arrays)
    assert base64.b64decode(pack(arrays))[4:8] == b"\0\0\0\0"  # no time stamp in the gzip header


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([2**31]), "32 bits"),
        (np.array([-(2**31) - 1]), "32 bits"),
        (np.array([1.0, np.inf]), "not finite"),
        (np.array([np.nan]), "not finite"),
        (np.array(["a"]), "integers or floats"),
    ],
)
def test_what_does_not_fit_is_refused(array: np.ndarray[Any, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"'wrong'.*{words}"):
        pack({"wrong": array})
