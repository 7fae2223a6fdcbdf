"""The table of times in both READMEs, made of the figures of run_times.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from readme import put

ROOT = Path(__file__).resolve().parent.parent

Row = dict[str, Any]

# What is printed: README; heads; words of the rows that are more than a command.
PAGES = {
    ROOT / "README.md": (
        "| | Monaco, 914 homes | Shuixiang, 2,926 homes | Las Palmas, 19,000 homes |",
        {"first": "`run`, the very first time: compiles", "again": "`run`, data read before"},
    ),
    ROOT / "README.zh.md": (
        "| | 摩纳哥，914 处住处 | 水乡，2,926 处住处 | 拉斯帕尔马斯，约 1.9 万处住处 |",
        {"first": "`run`，首次：含编译", "again": "`run`，数据已读过"},
    ),
}
STUDIES = ("monaco", "shuixiang", "las_palmas")
# Row: how run_times.py calls the command, the study left out.
COMMANDS = {
    "first": "run {}, nothing compiled",
    "`run`": "run {}, cold",
    "`run --no-survey`": "run {} --no-survey, cold",
    "again": "run {}, sources cached",
    "`site --sites 2`": "site {} --sites 2",
    "`explain`": "explain {}",
    "`check`": "check {}",
    "`compare`": "compare {}",
    "`isochrone`": "isochrone {}",
}


def write(rows: list[Row]) -> None:
    """The tables into both READMEs."""
    for page in PAGES:
        put("times", table(rows, page), page)


def table(rows: list[Row], page: Path) -> str:
    """CPU seconds, whole ones; a command that was not measured stays empty."""
    cpu_s = {row["command"]: row["cpu_s"] for row in rows}
    heads, words = PAGES[page]
    lines = [heads, "|---" * (len(STUDIES) + 1) + "|"]
    for row, command in COMMANDS.items():
        calls = [command.format(study) for study in STUDIES]
        cells = [f" {max(cpu_s[call], 1):.0f} " if call in cpu_s else " " for call in calls]
        lines.append(f"| {words.get(row, row)} |{'|'.join(cells)}|")
    return "\n".join(lines)
