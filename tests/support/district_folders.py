"""A folder with two districts that are done, for tests that add them up (fixture ``copy``)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from districts import EAST, WEST, Place, write_district


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Two districts on the disk; the second has very few persons, and columns of a survey that the
    first has not."""
    out = tmp_path_factory.mktemp("districts")
    east = write_district("p-east", out, times=EAST)
    done = [east, write_district("p-west", out, times=WEST, survey=True)]
    return out, done


@pytest.fixture
def copy(judged: Place, tmp_path: Path) -> Place:
    out = tmp_path / "out"
    shutil.copytree(judged[0], out)
    return out, judged[1]
