"""Shared by all tests: where the real files are, and the language: English, whatever the locale."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gusu_geo.study.study_file import open_study
from gusu_geo.words import speak

os.environ["LC_ALL"] = "C.UTF-8"  # of processes that tests start, too

ROOT = Path(__file__).resolve().parent.parent
SHARED = (ROOT / "shared" / "data", ROOT.parent / "shared" / "data")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """No test hears the language that another one spoke."""
    speak(None)
    yield
    speak(None)


def shared_data(name: str) -> Path:
    """A file of the shared test data; skips the test, naming the file, where it is absent."""
    for folder in SHARED:
        if (folder / name).is_file():
            return folder / name
    pytest.skip(f"shared test data missing: ../shared/data/{name}")


def raw_data(name: str) -> Path:
    """A file of the repository's data/raw."""
    return ROOT / "data" / "raw" / name


def study_of(name: str) -> Path:
    """A study file by name; skips the test, naming the file, where its OSM data are absent."""
    if name == "monaco":
        return ROOT / "studies" / "monaco.toml"
    path = ROOT / "tests" / "studies" / f"{name}.toml"
    study = open_study(path)
    shared_data(study.network.osm.name)
    return path
