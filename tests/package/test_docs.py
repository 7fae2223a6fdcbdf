"""What the documents say is run: examples as printed, commands that exist, files that are there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import raw_data
from typer.main import get_command
from typer.testing import CliRunner

from gusu_geo.cli import app
from gusu_geo.words import section

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one is in, with nothing but the data of the repository."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    shutil.copy(raw_data("monaco.osm.pbf"), tmp_path / "data" / "raw")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_example(name: str) -> dict[str, Any]:
    (example,) = re.findall(r"```python\n(.*?)```", read(name), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(example, name, "exec"), names)
    return names


def test_python_example_of_the_readme_runs_as_printed(clone: Path) -> None:
    names = run_example("README.md")
    assert (clone / "maps" / "monaco.html").is_file()
    assert len(names["shapes"]) == 3


@pytest.mark.usefixtures("clone")
def test_python_example_of_isochrones_runs_as_printed() -> None:
    names = run_example("docs/isochrones.md")
    assert names["shapes"].index.tolist() == [("armes", 5), ("armes", 10), ("armes", 15)]
    assert names["pieces"].index.unique().tolist() == ["armes"]
    assert names["share"].between(0, 0.01).all()


def test_command_of_isochrones_runs_as_printed(clone: Path) -> None:
    (command,) = re.findall(r"^gusu-geo (.*)$", read("docs/isochrones.md"), re.MULTILINE)
    assert CliRunner().invoke(app, shlex.split(command)).exit_code == 0
    shapes = json.loads((clone / "places.geojson").read_text(encoding="utf-8"))["features"]
    assert [shape["properties"]["minutes"] for shape in shapes] == [5, 10, 15]
    assert max(shape["properties"]["spill"] for shape in shapes) < 0.01


def test_scenario_runs_as_printed(clone: Path) -> None:
    (printed,) = re.findall(r"```json\n(.*?)```", read("docs/scenarios.md"), re.DOTALL)
    (clone / "library.json").write_text(printed, encoding="utf-8")
    (command,) = re.findall(r"^gusu-geo (.*)$", read("docs/scenarios.md"), re.MULTILINE)
    assert CliRunner().invoke(app, shlex.split(command)).exit_code == 0
    folder = clone / "data" / "processed" / "monaco" / "compare" / "library"
    told = json.loads((folder / "compare.json").read_text(encoding="utf-8"))
    names = run_example("docs/scenarios.md")
    assert len(names["better"]) > 0 and told == names["found"].to_dict()
    parts = set(
        re.findall(r"^\| `(\w+)` \| [^|]* \| [^|]* \|$", read("docs/scenarios.md"), re.MULTILINE)
    )
    assert parts - {"do"} == set(section("change"))


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_exists_and_none_is_missing(name: str) -> None:
    named = set(re.findall(r"^\| `gusu-geo (\w+)", read(name), re.MULTILINE))
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    [*READMES, "CONTRIBUTING.md", "data/raw/SOURCES.md", "docs/isochrones.md", "docs/scenarios.md"],
)
def test_links_and_named_files_are_there(name: str) -> None:
    folder = (ROOT / name).parent
    links = [x for x in re.findall(r"\]\(([^)]+)\)", read(name)) if not x.startswith("http")]
    assert [link for link in links if not (folder / link).exists()] == []


def test_make_targets_that_documents_name_exist() -> None:
    makefile = read("Makefile")
    named = re.findall(r"^make (\w+)", read("README.md"), re.MULTILINE)
    for target in [*named, *re.findall(r"`make ([\w-]+)", read("CONTRIBUTING.md"))]:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_a_stranger_finds_every_package_in_the_table_of_the_house() -> None:
    rooms = re.findall(
        r"^\| (`[^|]+`) \| [^|]+\? \| [^|]+ \|$", read("CONTRIBUTING.md"), re.MULTILINE
    )
    named = {name for cell in rooms for name in re.findall(r"`([\w/]+)`", cell)}
    folder = ROOT / "gusu_geo"
    there = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    there |= {path.parent.relative_to(folder).as_posix() for path in folder.rglob("__init__.py")}
    assert there - {"."} - named == set()


def test_no_decision_is_longer_than_twelve_lines() -> None:
    for part in read("DECISIONS.md").split("\n## ")[1:]:
        assert len(part.strip().splitlines()) <= 12, part.splitlines()[0]
