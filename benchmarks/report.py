"""What was measured, in words and tables."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from case import LIMIT_M
from plan import ENGINES, OURS, STREAM_MB, TASKS

LEGEND = (
    f"limit {LIMIT_M:.0f} m; ratio: CPU seconds as a multiple of ours;\n"
    "peak MB: resident memory of the engine's process, libraries and graph included"
)
CPU_INFO = Path("/proc/cpuinfo")

Row = dict[str, Any]


def machine_line() -> str:
    """Date and machine."""
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {model}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"Python {platform.python_version()}"
    )


def machine() -> str:
    """The same, and the versions of all engines, which run on one core."""
    versions = []
    for package in sorted({engine.package for engine in ENGINES.values()} | {"numpy", "numba"}):
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    return f"{machine_line()}, of which one is used;\n{', '.join(versions)}"


def missed(row: Row) -> bool:
    """Whether we are not as much faster, or as lean, as we set out to be."""
    if row["task"] == "stream" and row["engine"] == OURS:
        return bool(row["peak_mb"] > STREAM_MB)
    return bool(row.get("target")) and row["ratio"] < row["target"]


def goal(row: Row) -> str:
    """Our target, if there is one."""
    if row["task"] == "stream" and row["engine"] == OURS:
        return f"<= {STREAM_MB} MB"
    return f">= {row['target']} x" if row["target"] else ""


def show(task: str, rows: list[Row]) -> None:
    """One task as a table."""
    print(f"\n  {TASKS[task].title}")
    print(f"  {'engine':<20}{'wall s':>10}{'CPU s':>10}{'ratio':>9}{'peak MB':>9}{'target':>11}")
    for row in rows:
        notes = [note for note in ("missed" if missed(row) else "", row["note"]) if note]
        if row["measured_units"] < row["units"]:
            notes.append(f"reckoned from {row['measured_units']} of {row['units']}")
        print(
            f"  {row['engine']:<20}{row['wall_s']:>10.4f}{row['cpu_s']:>10.4f}{row['ratio']:>9.2f}"
            f"{row['peak_mb']:>9.0f}{goal(row):>11}  {'; '.join(notes)}".rstrip(),
            flush=True,
        )
