"""Shared by all tests: one Hypothesis profile, the marks, English, and where the real files are."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import marks
import pytest
from hypothesis import HealthCheck, settings

from gusu_geo.sources.osm import child
from gusu_geo.study.study_file import open_study
from gusu_geo.words import speak

os.environ["LC_ALL"] = "C.UTF-8"  # of processes that tests start, too
# Modules are compiled once, whatever the machine's habit, not by each process that tests start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

if TYPE_CHECKING:
    from gusu_geo.assessment.walkable_city import Ground

ROOT = Path(__file__).resolve().parent.parent
SHARED = (ROOT / "shared" / "data", ROOT.parent / "shared" / "data")

# What a test finds must depend on the code alone, never on how busy the machine is. How many
# examples a test wants stands beside it.
settings.register_profile(
    "gusu_geo", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("gusu_geo")
sys.addaudithook(marks.watch)


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "a fifth of the examples of every property: make quick"
    parser.addoption("--fewer-examples", action="store_true", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Several workers share out files, not tests: each browser and each city is opened once."""
    if config.getoption("dist", "no") == "load":
        config.option.dist = "loadfile"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        marks.mark(item)
    if config.getoption("--fewer-examples"):
        for test in {getattr(item, "obj", None) for item in items}:
            if getattr(test, "is_hypothesis_test", False):
                chosen = marks.settings_of(test)
                few = max(chosen.max_examples // 5, 5)
                test._hypothesis_internal_use_settings = settings(chosen, max_examples=few)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    marks.running[:] = [item]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """No test hears the language that another one spoke."""
    speak(None)
    yield
    speak(None)


@pytest.fixture(autouse=True, scope="session")
def osm_files_are_read_here() -> Iterator[None]:
    """In this process, with the same hand-over: to start a child takes longer than to read a scene.
    Tests of the child start it, and so do commands in a process of their own."""
    with patch.object(child, "can_start", lambda: False):
        yield


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
    if name in ("monaco", "shuixiang"):
        return ROOT / "studies" / f"{name}.toml"
    path = ROOT / "tests" / "studies" / f"{name}.toml"
    study = open_study(path)
    shared_data(study.network.osm.name)
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the pages of all files."""
    from browsing import launched  # here: most rooms open none

    with launched() as found:
        yield found


@pytest.fixture(scope="session")
def city_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ground]:
    """The ground of a real city by name: prepared once, its sources read once for all workers."""
    from gusu_geo.pipeline.prepare import prepare

    root = tmp_path_factory.getbasetemp()
    kept = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    return cache(lambda name: prepare(study_of(name), out=kept / "cities"))


@pytest.fixture(scope="session")
def with_monaco(
    city_of: Callable[[str], Ground], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Gives an output folder the city of Monaco, or another, as it is kept, so that commands need
    not read the OSM file again."""
    root = tmp_path_factory.getbasetemp()
    kept = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root

    def give(out: Path, name: str = "monaco") -> Path:
        place = f"data/processed/{city_of(name).study.label}/.cache"
        shutil.copytree(kept / "cities" / place, out / place)
        return out

    return give
