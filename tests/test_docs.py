"""What the documents say is run: examples as printed, commands that exist, files that are there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import raw_data
from typer.main import get_command

from gusu_geo.cli import app

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_python_example_of_the_readme_runs_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    shutil.copy(raw_data("monaco.osm.pbf"), tmp_path / "data" / "raw")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert (tmp_path / "maps" / "monaco.html").is_file()
    assert len(names["shapes"]) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_exists_and_none_is_missing(name: str) -> None:
    named = set(re.findall(r"^\| `gusu-geo (\w+)", read(name), re.MULTILINE))
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "data/raw/SOURCES.md"])
def test_links_and_named_files_are_there(name: str) -> None:
    folder = (ROOT / name).parent
    links = [x for x in re.findall(r"\]\(([^)]+)\)", read(name)) if not x.startswith("http")]
    assert [link for link in links if not (folder / link).exists()] == []


def test_make_targets_of_the_readme_exist() -> None:
    makefile = read("Makefile")
    for target in re.findall(r"^make (\w+)", read("README.md"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_no_decision_is_longer_than_twelve_lines() -> None:
    for part in read("DECISIONS.md").split("\n## ")[1:]:
        assert len(part.strip().splitlines()) <= 12, part.splitlines()[0]
