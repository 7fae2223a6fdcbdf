"""The tables of README.md, put between its markers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from plan import (
    CITY,
    CONTRACTED,
    GROWTH_SLOPE,
    HOMES_CITY,
    LEFT_OUT,
    NOT_TO_BE_HAD,
    OURS,
    TASKS,
    VERTEX,
)
from report import goal, missed

README = Path(__file__).with_name("README.md")

SMALL_MB = 10.0

Row = dict[str, Any]


def put(part: str, text: str, page: Path = README) -> None:
    """Replace what stands in the page between the markers of ``part``."""
    opening, closing = f"<!-- {part} -->", f"<!-- /{part} -->"
    before, _, rest = page.read_text("utf-8").partition(opening)
    _, found, after = rest.partition(closing)
    if not found:
        raise ValueError(f"{page.name} lacks the markers {opening} and {closing}")
    page.write_text(f"{before}{opening}\n{text.strip()}\n{closing}{after}", "utf-8")


def commands(machine: str, rows: list[Row]) -> str:
    """The table of run_times.py."""
    lines = ["| command | median s | CPU s | peak MB | target | |", "|---|---|---|---|---|---|"]
    for row in rows:
        word = ("missed" if row["missed"] else "met") if row["target"] else ""
        size = peak(row["peak_mb"], row["child_mb"])
        cells = row["command"], f"{row['wall_s']:.2f}", f"{row['cpu_s']:.2f}", size, row["target"]
        lines.append(f"| {' | '.join(cells)} | {word} |")
    return "\n\n".join([machine, "\n".join(lines)])


def peak(mine: float, child: float) -> str:
    """MB of a process, and of the largest that it started, if it started one of any size."""
    return f"{mine:.0f} + {child:.0f}" if child > SMALL_MB else f"{mine:.0f}"


def markdown(machine: str, rows: list[Row]) -> str:
    """Machine, tables (engines x cities), growth, and what is to be known about the answers."""
    parts = [machine.replace("\n", " ")]
    for task in TASKS:
        for kind in (VERTEX, CONTRACTED, CITY):
            mine = [row for row in rows if row["task"] == task and row["kind"] == kind]
            if mine:
                title = TASKS[task].title + ("" if kind == CITY else f", {kind}")
                parts.append(_table(title, mine))
    parts += _growth([row for row in rows if row["task"] in ("growth", "slope")])
    parts += _homes([row for row in rows if row["task"] == "homes"])
    parts += _remarks(rows)
    return "\n\n".join(parts)


def _table(title: str, rows: list[Row]) -> str:
    cities = {row["city"]: row["nodes"] for row in rows}
    heads = [f"{city} ({nodes / 1000:,.0f}k nodes)" for city, nodes in cities.items()]
    lines = [f"| {title} | {' | '.join(heads)} | target | |", "|---" * (len(cities) + 3) + "|"]
    for engine in dict.fromkeys(row["engine"] for row in rows):
        mine = {row["city"]: row for row in rows if row["engine"] == engine}
        cells = [_cell(mine[city]) if city in mine else "" for city in cities]
        goals = dict.fromkeys(goal(row) for row in mine.values() if goal(row))
        late = [city for city, row in mine.items() if missed(row)]
        word = (f"missed: {', '.join(late)}" if late else "met") if goals else ""
        lines.append(f"| {engine} | {' | '.join(cells)} | {', '.join(goals)} | {word} |")
    return "\n".join(lines)


def _cell(row: Row) -> str:
    """CPU seconds (multiple of ours; bold: target missed), peak MB; *: extrapolated."""
    ratio = f"{row['ratio']:.0f} x" if row["ratio"] >= 10 else f"{row['ratio']:.2g} x"
    ratio = f"**{ratio}**" if missed(row) else ratio
    star = "*" if row["measured_units"] < row["units"] else ""
    return f"{row['cpu_s']:.3g}{star} ({ratio}) {row['peak_mb']:.0f} MB"


def _network_size(row: Row) -> str:
    return f"{row['nodes']:,} nodes, {row['edges']:,} edges"


def _grown(title: str, rows: list[Row], size: Callable[[Row], str]) -> list[str]:
    """Sizes x engines: CPU seconds (multiple of ours), MB beyond the libraries."""
    engines = [*dict.fromkeys(row["engine"] for row in rows)]
    lines = [f"| growth: {title} | {' | '.join(engines)} |", "|---" * (len(engines) + 1) + "|"]
    for name in dict.fromkeys(map(size, rows)):
        mine = {row["engine"]: row for row in rows if size(row) == name}
        base = mine[OURS]["cpu_s"]
        cells = [
            f"{row['cpu_s']:.3g} ({row['cpu_s'] / base:.2g} x) {row['mb']:.0f} MB"
            for row in mine.values()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _homes(rows: list[Row]) -> list[str]:
    title = f"nearest as a whole call, 10 services, {HOMES_CITY}"
    return ["\n".join(_grown(title, rows, lambda row: f"{row['homes']:,} homes"))] if rows else []


def _growth(rows: list[Row]) -> list[str]:
    sizes = [row for row in rows if row["task"] == "growth"]
    if not sizes:
        return []
    slope = next(row for row in rows if row["task"] == "slope")
    words = []
    for what, unit in (("cpu_s", "time"), ("mb", "memory")):
        word = "met" if slope[what] <= GROWTH_SLOPE else "missed"
        words.append(f"{unit} {slope[what]:.2f} ({word})")
    lines = _grown("nearest venue, 10 services, contracted", sizes, _network_size)
    told = f"Slope of the log-log line, target <= {GROWTH_SLOPE}: {', '.join(words)}."
    return ["\n".join(lines), told, "![Time and memory against nodes](growth.png)"]


def _remarks(rows: list[Row]) -> list[str]:
    """What was extrapolated, where answers differ or are set side by side, and who is missing."""
    lines = []
    if any(row.get("measured_units", 0) < row.get("units", 0) for row in rows):
        lines.append("- \\* extrapolated from a part of the questions.")
    asked = [row for row in rows if "note" in row and row["task"] != LEFT_OUT]
    wrong = [row for row in asked if "differ" in row["note"]]
    if asked:
        equal = "- All answers that can be equal are equal to ours within 1 s"
        lines.append(f"{equal}{', except:' if wrong else '.'}")
    lines += [f"  - {row['engine']}, {row['task']}, {_place(row)}: {row['note']}" for row in wrong]
    beside: dict[str, list[str]] = {}
    for row in asked:
        if row["note"] and row not in wrong:
            name = f"{row['engine']}, {row['task']}"
            beside.setdefault(name, []).append(f"{row['note']} ({_place(row)})")
    lines += [f"- {name}: {', '.join(words)}." for name, words in beside.items()]
    for row in rows:
        if row["task"] == LEFT_OUT:
            name = f"{row['engine']}, {_place(row)}" if "engine" in row else row["city"]
            lines.append(f"- Left out: {name}: {row['note']}")
    lines += [f"- Not to be had here: {name}: {why}" for name, why in NOT_TO_BE_HAD.items()]
    return ["\n".join(lines)]


def _place(row: Row) -> str:
    return row["city"] if row["kind"] == CITY else f"{row['city']}, {row['kind']}"
