"""The text of --help, word for word: what a user reads changes on purpose, and is seen in a review.

Rebuild: make help-texts
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from gusu_geo.cli import app

FOLDER = Path(__file__).resolve().parent / "help"
SHOWN = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "LANG": "C.UTF-8", "NO_COLOR": "1"}


def commands() -> list[list[str]]:
    """The words of every command: none for gusu-geo itself."""
    return [[], *([name] for name in sorted(get_command(app).commands))]  # type: ignore[attr-defined]


def file_of(words: list[str]) -> Path:
    return FOLDER / f"{'-'.join(['gusu-geo', *words])}.txt"


def shown(words: list[str]) -> str:
    told = CliRunner().invoke(app, [*words, "--help"], prog_name="gusu-geo", env=SHOWN)
    assert told.exit_code == 0, told.output
    return "\n".join(line.rstrip() for line in told.output.strip().splitlines()) + "\n"


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(["gusu-geo", *words]))
def test_help_is_as_kept(words: list[str]) -> None:
    assert shown(words) == file_of(words).read_text(encoding="utf-8"), "rebuild: make help-texts"


def test_no_kept_text_is_of_a_command_that_is_gone() -> None:
    assert {*FOLDER.glob("*")} == {file_of(words) for words in commands()}


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(["gusu-geo", *words]))
def test_every_option_says_what_it_does(words: list[str]) -> None:
    lines = shown(words).splitlines()
    options = [line for line in lines if line.startswith("  -")]
    assert len(options) > 0
    assert [line for line in options if not re.match(r"  -.*\S {2,}\S", line)] == []


def rebuilt() -> Iterator[Path]:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for words in commands():
        file_of(words).write_text(shown(words), encoding="utf-8")
        yield file_of(words)


if __name__ == "__main__":
    for path in rebuilt():
        sys.stdout.write(f"{path.name}\n")
