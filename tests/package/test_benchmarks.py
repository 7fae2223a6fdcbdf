"""What benchmarks/ print: the figures kept are those shown, and nothing computes without an end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOWN = ("README.md", "README.zh.md")


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))


def cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[2:-1]] for line in text.splitlines()[2:]]


def shown(name: str) -> str:
    found = re.search("<!-- times -->\n(.*?)\n<!-- /times -->", read(name), re.DOTALL)
    assert found
    return found[1]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_times_of_both_readmes_are_those_measured() -> None:
    import times_page

    rows = json.loads(read("benchmarks/commands.json"))["rows"]
    told = [cells(times_page.table(rows, ROOT / name)) for name in SHOWN]
    assert told[0] == told[1] and cells(shown("README.md")) == cells(shown("README.zh.md"))
    for mine, theirs in zip(told[0], cells(shown("README.md")), strict=True):
        for measured, printed in zip(mine, theirs, strict=True):
            assert measured in ("", printed)


def test_every_time_of_a_readme_is_measured() -> None:
    """No row asks for a command that run_times.py does not run."""
    import run_times
    import times_page

    labels = {command.label for command in run_times.commands()}
    for command in times_page.COMMANDS.values():
        assert command.format("monaco") in labels


def test_a_command_that_computes_on_and_on_is_ended(tmp_path: Path) -> None:
    import run_times

    script = tmp_path / "spin.py"
    script.write_text("while True: pass", encoding="utf-8")
    with pytest.raises(run_times.TooSlow, match="after 1 CPU s"):
        run_times.measure([str(script)], most_s=1)
    script.write_text("raise SystemExit('no such thing')", encoding="utf-8")
    with pytest.raises(SystemExit, match="no such thing"):
        run_times.measure([str(script)])
