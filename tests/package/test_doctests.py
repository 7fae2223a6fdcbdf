"""Every example in a docstring of the package runs and says what it says."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest
from conftest import ROOT

import gusu_geo as gg

# Only modules that show something are loaded: what needs an extra that is not installed stays out.
SHOWING = sorted(
    path for path in (ROOT / "gusu_geo").rglob("*.py") if ">>> " in path.read_text("utf-8")
)
# Functions a newcomer calls first, and can call without a city.
FIRST = ["Walk", "load_rule", "nearest", "open_study", "read_network", "to_networkx"]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", SHOWING, ids=name_of)
def test_examples_of_docstrings_run(path: Path) -> None:
    failed, tried = doctest.testmod(import_module(name_of(path)))
    assert tried > 0 and failed == 0


@pytest.mark.parametrize("name", FIRST)
def test_what_one_calls_first_shows_an_example(name: str) -> None:
    assert ">>> " in str(getattr(gg, name).__doc__)
