"""What was measured, in words and tables."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from case import LIMIT_M
from plan import CITY, CONTRACTED, ENGINES, OURS, STREAM_MB, TASKS, VERTEX

LEGEND = (
    f"limit {LIMIT_M:.0f} m; ratio: CPU seconds as a multiple of ours;\n"
    "peak MB: resident memory of the engine's process, libraries and graph included"
)
CPU_INFO = Path("/proc/cpuinfo")

Row = dict[str, Any]


def machine() -> str:
    """Date, machine, and the versions of all engines."""
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = []
    for package in sorted({engine.package for engine in ENGINES.values()} | {"numpy", "numba"}):
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {model}, one of {os.cpu_count()} cores, {memory:.0f} GB, "
        f"Python {platform.python_version()};\n{', '.join(versions)}"
    )


def missed(row: Row) -> bool:
    """Whether we are not as much faster as we set out to be."""
    return bool(row.get("target")) and row["ratio"] < row["target"]


def show(task: str, rows: list[Row]) -> None:
    """One task as a table."""
    print(f"\n  {TASKS[task].title}")
    print(f"  {'engine':<20}{'wall s':>10}{'CPU s':>10}{'ratio':>9}{'peak MB':>9}{'target':>9}")
    for row in rows:
        goal, notes = "", [row["note"]] if row["note"] else []
        if row["target"]:
            goal = f">= {row['target']}"
            notes[:0] = ["missed"] if missed(row) else []
        if task == "stream" and row["engine"] == OURS:
            goal = f"{STREAM_MB} MB"
            notes[:0] = ["missed"] if row["peak_mb"] > STREAM_MB else []
        if row["measured_units"] < row["units"]:
            notes.append(f"reckoned from {row['measured_units']} of {row['units']}")
        print(
            f"  {row['engine']:<20}{row['wall_s']:>10.4f}{row['cpu_s']:>10.4f}{row['ratio']:>9.2f}"
            f"{row['peak_mb']:>9.0f}{goal:>9}  {'; '.join(notes)}".rstrip(),
            flush=True,
        )


def markdown(rows: list[Row]) -> str:
    """Tables ready to paste into README.md: engines x cities; CPU seconds, ratio, peak MB."""
    parts = []
    for task in TASKS:
        for kind in (VERTEX, CONTRACTED, CITY):
            mine = [row for row in rows if row["task"] == task and row["kind"] == kind]
            if mine:
                title = TASKS[task].title + ("" if kind == CITY else f", {kind}")
                parts.append(_table(title, mine))
    return "\n\n".join(["", *parts])


def _table(title: str, rows: list[Row]) -> str:
    cities = list(dict.fromkeys(row["city"] for row in rows))
    lines = [f"| {title} | {' | '.join(cities)} | target |", "|---" * (len(cities) + 2) + "|"]
    for engine in dict.fromkeys(row["engine"] for row in rows):
        of_city = {row["city"]: row for row in rows if row["engine"] == engine}
        cells = [_cell(of_city[city]) if city in of_city else "" for city in cities]
        goals = list(dict.fromkeys(f">= {r['target']}" for r in of_city.values() if r["target"]))
        lines.append(f"| {engine} | {' | '.join(cells)} | {', '.join(goals)} |")
    return "\n".join(lines)


def _cell(row: Row) -> str:
    """Seconds (multiple of ours, bold where the target is missed), MB."""
    ratio = f"{row['ratio']:.0f} x" if row["ratio"] >= 10 else f"{row['ratio']:.2g} x"
    ratio = f"**{ratio}**" if missed(row) else ratio
    return f"{row['cpu_s']:.3g} ({ratio}) {row['peak_mb']:.0f} MB"
