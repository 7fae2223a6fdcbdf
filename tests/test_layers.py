"""Imports run downward only: the floors of the house, from pyproject.toml, checked on the source.

Lint checks the same by import-linter; this test needs nothing but the standard library.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gusu_geo"
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
][0]
FLOOR = {
    room.strip(): floor
    for floor, row in enumerate(reversed(CONTRACT["layers"]))
    for room in row.split("|")
}


def rooms() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> Iterator[str]:
    """Rooms a file imports, also those inside functions and type-checking blocks."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            pytest.fail(f"{path}: relative import; write the whole name")
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "gusu_geo" and len(parts) > 1:
                yield parts[1]


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in rooms()} == set(FLOOR)


@pytest.mark.parametrize("path", rooms(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downward_only(path: Path) -> None:
    mine = room_of(path)
    wrong = [
        room
        for room in imported(path)
        if room != mine and room in FLOOR and FLOOR[room] >= FLOOR[mine]
    ]
    assert not wrong, f"{mine} (floor {FLOOR[mine]}) must not import {wrong}"
