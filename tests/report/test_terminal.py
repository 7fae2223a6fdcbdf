"""Text from outside is shown on the terminal and never acts: no control characters, no markup."""

from __future__ import annotations

import json
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from command import gusu_geo_here
from own_study import PACK, STUDY, folder, ledger
from rich.table import Table

from gusu_geo.report.console import Terminal
from gusu_geo.report.terminal import plain, safe_json, say, tame_others

__all__ = ["folder"]
ACTS = [chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0), 0x61C, 0x200E, 0x200F,
        *range(0x2028, 0x202F), *range(0x2066, 0x206A))]  # fmt: skip
HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\u202etxt\u2066\x7f\r[/x][red]:smile:"
SHOWN = "�]0;title��[2J�31m�txt�� [/x][red]:smile:"


def acts(output: str) -> list[str]:
    return [c for c in output if c in ACTS and c != "\n"]


def test_plain_keeps_what_shows_and_nothing_that_acts() -> None:
    assert plain(HOSTILE) == SHOWN
    for sign in ACTS:
        assert plain(f"a{sign}b") in ("a b", "a\ufffdb")
    kept = "住处 Ångström naïve 🙂 [a] 1 € עברית \u200d"
    assert plain(kept) == kept
    assert plain("\ud800") == "\ufffd", "half a character cannot be written at all"


def test_rich_shows_every_text_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    out = Terminal()
    table = Table(HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE)
    out.print(table)
    out.print(HOSTILE, style="bold", soft_wrap=True)
    printed = capsys.readouterr().out
    assert acts(printed) == []
    assert printed.count("[/x][red]:smile:") == 4


def test_stderr_and_the_warnings_of_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
    tame_others()
    say(HOSTILE)
    sys.stderr.write(warnings.formatwarning(HOSTILE, UserWarning, "file", 1))  # type: ignore[arg-type]
    assert capsys.readouterr().err == f"{SHOWN}\nUserWarning: {SHOWN}\n"


def test_json_stays_json_and_says_the_same() -> None:
    document = {"name": HOSTILE + "".join(ACTS), "桥": ["\n"]}
    content = json.dumps(document, ensure_ascii=False, indent=1)
    safe = safe_json(content)
    assert acts(safe) == [] and "桥" in safe
    assert json.loads(safe) == document


@pytest.fixture
def hostile(folder: Path) -> Path:
    """The study on one street with hostile names of a service, a venue, a home and a file."""
    name = "[/x][red]\\u001b]0;t\\u0007\\u009b2J\\u202e"
    (folder / "pack.toml").write_text(PACK.replace('"Reading"', f'"{name}"').replace('"阅读"', f'"{name}"'), "utf-8")  # fmt: skip
    venues = {"a": (150, 0), "b": (950, 0)}
    names = ["[/x]\x1b[2J\x9b31m", "\u202eb[red]"]
    ledger(folder / "venues.csv", venues, 名称=names, 功能=["reading", "health"])
    homes = {"h1": (100, 0), "h2": (1000, 0)}
    ledger(folder / "h\x1b[2J[red].csv", homes, 人数=[10, 20])
    text = STUDY.replace('"homes.csv"', '"h\\u001b[2J[red].csv"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", ["run", "check", "explain"])
@pytest.mark.parametrize("json_too", [False, True])
def test_no_command_lets_a_name_act(hostile: Path, command: str, json_too: bool) -> None:
    args: list[Any] = [command, hostile / "study.toml"]
    args += ["h1"] if command == "explain" else []
    args += ["--json"] if json_too else []
    args += ["--no-survey"] if command == "run" and json_too else []
    done = gusu_geo_here(*args, "--out", hostile / "o[red]u[b]t")
    assert done.returncode == 0, done.stderr
    assert acts(done.stdout + done.stderr) == []
    if json_too:
        json.loads(done.stdout)
    elif command == "run":
        assert re.search(r"o\[red\]u\[b\]t/maps/own\.html", done.stdout)
        assert "[/x][red]�]0;t��2J�" in done.stdout


def test_no_error_lets_a_name_act(folder: Path) -> None:
    for name in ("x\x1b[2J\x9b\u202e.toml", "[/x].toml"):
        done = gusu_geo_here("check", folder / name, "--quiet")
        assert done.returncode == 2 and acts(done.stderr) == []
    text = STUDY.replace('"homes.csv"', '"h\\u001b[2J\\u009b\\u202e.csv"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    done = gusu_geo_here("check", folder / "study.toml", "--out", folder, "--quiet")
    assert done.returncode == 2 and acts(done.stderr) == [] and "no such file" in done.stderr
