"""The notebook runs from top to bottom, offline; both of its files say the same."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

FOLDER = ROOT / "notebooks"
SCRIPTS = sorted(FOLDER.glob("*.py"))
MOST_BYTES = 400_000
REBUILD = "Rebuild it: python tests/package/test_notebook.py"
# Absolute paths of Unix and Windows: nothing of the machine may stand in a notebook.
MACHINE = re.compile(r"(?<![\w/:.])/(?:home|root|tmp|usr|var|work|Users|opt|mnt)/|[A-Z]:\\\\")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_both_files_say_the_same(script: Path) -> None:
    one, two = jupytext.read(script), nbformat.read(script.with_suffix(".ipynb"), 4)
    assert cells(one) == cells(two), REBUILD
    assert one.metadata.jupytext.formats == two.metadata.jupytext.formats == "ipynb,py:percent"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_outputs_are_there_small_and_say_nothing_of_the_machine(script: Path) -> None:
    path = script.with_suffix(".ipynb")
    assert path.stat().st_size < MOST_BYTES
    book = nbformat.read(path, 4)
    nbformat.validate(book)
    counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), REBUILD
    pictures = 0
    for output in outputs(book):
        assert output.output_type != "error"
        assert output.get("name") != "stderr", output
        data = dict(output.get("data", {}))
        pictures += data.pop("image/png", None) is not None
        assert not MACHINE.search(json.dumps([data, output.get("text", "")])), output
    assert pictures >= 3


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_chinese_stands_before_english(script: Path) -> None:
    for cell in jupytext.read(script).cells:
        if cell.cell_type == "markdown":
            chinese = re.search("[\u4e00-\u9fff]", cell.source)
            english = re.search(r"[A-Za-z]+ [a-z]+ [a-z]+", cell.source)
            assert chinese, cell.source
            assert english is None or chinese.start() < english.start(), cell.source


@pytest.mark.city
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_it_runs_and_finds_the_same(script: Path, tmp_path: Path) -> None:
    """Executed in an empty folder: nothing may depend on where it is opened."""
    book = executed(script, tmp_path)
    assert not [o for o in outputs(book) if o.get("name") == "stderr"]
    kept = nbformat.read(script.with_suffix(".ipynb"), 4)
    assert key_figures(book) == key_figures(kept), REBUILD
    assert not list(tmp_path.iterdir())


def executed(script: Path, folder: Path) -> Any:
    """The notebook of a script with its outputs, run inside ``folder``."""
    book = jupytext.read(script)
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number:02d}"  # random ids would change the file at every rebuild
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        book, timeout=600, kernel_name="python3", record_timing=False, resources=resources
    )
    client.execute()
    return book


def cells(book: Any) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in book.cells]


def outputs(book: Any) -> list[Any]:
    return [out for cell in book.cells if cell.cell_type == "code" for out in cell.outputs]


def key_figures(book: Any) -> str:
    """The printed table of persons and shares: outputs that are out of date are found out."""
    (cell,) = [cell for cell in book.cells if "passed_known" in cell.source]
    return str(cell.outputs[0]["data"]["text/plain"])


def main() -> None:
    for script in SCRIPTS:
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(executed(script, Path(folder)), script.with_suffix(".ipynb"))


if __name__ == "__main__":
    main()
