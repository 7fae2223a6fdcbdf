"""How time and memory grow with the network (the nearest search on Monaco n x n) and with homes."""

from __future__ import annotations

import importlib
import multiprocessing
import statistics
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from plan import (
    CITY,
    CONTRACTED,
    ENGINES,
    GROWTH,
    GROWTH_ENGINES,
    GROWTH_SLOPE,
    HOMES,
    HOMES_CITY,
    OURS,
    TASKS,
)

TASK, CALLED_TASK = "nearest", "called"
WARM_UNITS = 1_000
WARM = "stitched 1"  # loads the libraries and compiles, so that neither is counted

Row = dict[str, Any]


def growth(rounds: int, chart: Path | None) -> list[Row]:
    """One row per size, each measured in a process of its own, and the slopes; draws ``chart``."""
    print(f"\ngrowth: {TASKS[TASK].title}, Monaco n x n, contracted")
    print(
        f"  {'nodes':>10}{'edges':>12}{'engine':>16}{'CPU s':>10}{'MB':>8}   (MB beyond libraries)"
    )
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as room:
        warm = Path(room) / WARM
        apart(_prepared, WARM, warm, CONTRACTED)
        for n in GROWTH:
            name = f"stitched {n}"
            folder = Path(room) / name
            apart(_prepared, name, folder, CONTRACTED)
            for engine in GROWTH_ENGINES:
                places = warm / CONTRACTED, folder / CONTRACTED
                row = apart(_measured, engine, TASK, TASKS[TASK].units, *places, rounds)
                _say(f"{row['nodes']:>10,}{row['edges']:>12,}", row)
                rows.append({"task": "growth", "kind": CONTRACTED, **row})
    mine = [row for row in rows if row["engine"] == OURS]
    slopes = {what: _slope(mine, what) for what in ("cpu_s", "mb")}
    for what, slope in slopes.items():
        word = "  missed" if slope > GROWTH_SLOPE else ""
        print(f"  slope of the log-log line, {what}: {slope:.3f}, target <= {GROWTH_SLOPE}{word}")
    if chart is not None:
        _draw(mine, slopes, chart)
    return [*rows, {"task": "slope", "kind": "", **slopes, "target": GROWTH_SLOPE}]


def growth_of_homes(rounds: int) -> list[Row]:
    """One row per number of homes and engine: ``nearest`` as a whole call in one city."""
    engines = [name for name, engine in ENGINES.items() if CALLED_TASK in engine.tasks]
    print(f"\ngrowth: nearest as a whole call, {HOMES_CITY}, homes")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as room:
        warm, folder = Path(room) / WARM, Path(room) / HOMES_CITY
        apart(_prepared, WARM, warm, CITY)
        try:
            apart(_prepared, HOMES_CITY, folder, CITY)
        except FileNotFoundError:
            print("  left out, its file is absent")
            return []
        for homes in HOMES:
            for engine in engines:
                row = apart(
                    _measured, engine, CALLED_TASK, homes, warm / CITY, folder / CITY, rounds
                )
                _say(f"{homes:>10,}", row)
                rows.append({"task": "homes", "kind": CITY, "homes": homes, **row})
    return rows


def _say(size: str, row: Row) -> None:
    print(f"  {size}{row['engine']:>16}{row['cpu_s']:>10.4f}{row['mb']:>8.0f}", flush=True)


def apart(work: Any, *args: Any) -> Any:
    """``work(*args)`` in a new process, which gives its memory back."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def _prepared(name: str, folder: Path, kind: str) -> None:
    from cities import prepare

    folder.mkdir()
    prepare(name, [kind], folder)


def _measured(engine: str, task: str, units: int, warm: Path, folder: Path, rounds: int) -> Row:
    """Median CPU seconds, and MB beyond what the libraries take."""
    from case import Case
    from worker import forget_peak, peak_mb, timed

    module, function = ENGINES[engine].setup.split(":")
    setup = getattr(importlib.import_module(module), function)
    setup(Case.load(warm))[task](min(units, WARM_UNITS))
    forget_peak()
    libraries_mb = peak_mb()
    case = Case.load(folder)
    run = setup(case)[task]
    forget_peak()
    run(units)
    peak = peak_mb()
    cpu = statistics.median(timed(run, units)[1] for _ in range(rounds))
    facts = {"engine": engine, "nodes": case.nodes, "edges": case.edges}
    return {**facts, "cpu_s": cpu, "mb": peak - libraries_mb, "peak_mb": peak}


def _slope(rows: list[Row], what: str) -> float:
    """Of the straight line through log(edges), log(what)."""
    return float(np.polyfit(*np.log([[row["edges"], row[what]] for row in rows]).T, 1)[0])


def _draw(rows: list[Row], slopes: dict[str, float], chart: Path) -> None:
    try:
        import matplotlib
    except ImportError:
        print("  not drawn: matplotlib is not installed")
        return
    matplotlib.use("agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FuncFormatter, NullLocator

    nodes = np.array([row["nodes"] for row in rows], float)
    panels = {"cpu_s": "CPU seconds, 10 services", "mb": "memory beyond the libraries, MB"}
    plain = FuncFormatter(lambda value, _: f"{value:,.10g}")
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), dpi=150, layout="constrained")
    for axis, (what, label) in zip(axes, panels.items(), strict=True):
        values = np.array([row[what] for row in rows])
        axis.loglog(nodes, values[-1] * nodes / nodes[-1], "--", color="0.65", lw=1)
        axis.loglog(nodes, values, "o-", color="#0b5f8a", lw=2, ms=6)
        for x, y in zip(nodes, values, strict=True):
            axis.annotate(f"{y:.2g}" if y < 10 else f"{y:,.0f}", (x, y), (0, -15),
                          textcoords="offset points", ha="center", fontsize=8)  # fmt: skip
        axis.set_title(f"slope {slopes[what]:.2f} (dashed: 1)", fontsize=10, loc="left")
        axis.set_ylabel(label)
        axis.set_xlabel("nodes")
        axis.set_xticks(nodes, [_short(x) for x in nodes])
        axis.xaxis.set_minor_locator(NullLocator())
        axis.yaxis.set_major_formatter(plain)
        axis.margins(0.08, 0.15)
        axis.grid(True, which="major", color="0.9")
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(chart)
    print(f"  drawn: {chart.name}")


def _short(nodes: float) -> str:
    return f"{nodes / 1e6:.2f} M" if nodes >= 1e6 else f"{nodes / 1e3:.0f}k"
