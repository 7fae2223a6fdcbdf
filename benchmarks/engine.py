"""Our searches beside those of others: the same questions, equal answers, then the times.

    python benchmarks/engine.py [--quick] [--rounds 5] [--json FILE]

Nothing is asserted about times. Engines that are not installed and cities whose file is absent
are left out with a word; see README.md beside this file for the rivals.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from cities import CANDIDATES, FILES, GROWTH, LIMIT_M, ORIGINS, SERVICES, STITCHED, Case, load
from rivals import ENGINES, LARGEST, OURS, Array, Found

TITLES = {
    "nearest": f"nearest venue for every node, {SERVICES} services",
    "reach": f"reach sets of {ORIGINS:,} origins",
    "coverage": f"coverage, {CANDIDATES} candidates x residences",
}
UNITS = {"nearest": SERVICES, "reach": ORIGINS, "coverage": CANDIDATES}
TOLERANCE_M = 1.0  # a second at 1 m/s
TRIAL = {"nearest": 1, "reach": 10, "coverage": 10}  # units that show how slow an engine is
MILLION = 500_000  # nodes from which the targets for a million count
CITY_LIMIT_S = 1500  # a city that takes longer is given up

Answer = list[Array] | Found


def target(task: str, engine: str, nodes: int) -> float | None:
    """How many times our CPU seconds the engine should take, from our targets."""
    large = nodes >= MILLION
    return {
        ("nearest", "networkx"): 60,
        ("nearest", "scipy"): 5 if large else 3,
        ("nearest", "pandana"): 40,
        ("reach", "osmnx recipe"): 500,
        ("reach", "networkx"): 35,
        ("reach", "pandana"): 12,
        ("reach", "scipy"): 10 if large else 3,
        ("coverage", "scipy"): 5,
    }.get((task, engine))


def metres(distance: Array) -> Array:
    """Metres as float; our centimetres (int32, the largest one = never) among them."""
    if distance.dtype != np.int32:
        return distance
    return np.where(distance == np.iinfo(np.int32).max, np.inf, distance / 100.0)


def differing(one: Answer, other: Answer) -> int:
    """How many answers differ by more than the tolerance; within it of the limit, missing
    is no difference, and a distance that is not told (NaN) is not compared."""
    if isinstance(one, Found) and isinstance(other, Found):
        width = 1 + max((int(f.target.max()) for f in (one, other) if len(f.target)), default=0)
        keys = [f.source.astype(np.int64) * width + f.target for f in (one, other)]
        both = np.union1d(*keys)
        a, b = (np.full(len(both), np.inf) for _ in range(2))
        for values, key, found in zip((a, b), keys, (one, other), strict=True):
            values[np.searchsorted(both, key)] = metres(found.distance)
        repeated = sum(len(key) - len(np.unique(key)) for key in keys)
    elif isinstance(one, list) and isinstance(other, list):
        a, b = (np.concatenate([metres(np.asarray(x)) for x in many]) for many in (one, other))
        repeated = 0
    else:
        raise TypeError("answers to different tasks")
    told = ~(np.isnan(a) | np.isnan(b))
    missing = np.isinf(a) != np.isinf(b)
    near_limit = np.where(missing, np.minimum(a, b), 0) > LIMIT_M - TOLERANCE_M
    untold = np.isnan(a) & np.isinf(b) | np.isnan(b) & np.isinf(a)
    with np.errstate(invalid="ignore"):
        apart = told & ~missing & (np.abs(a - b) > TOLERANCE_M)
    return int((apart | (told & missing & ~near_limit) | untold).sum()) + repeated


def first(answer: Answer, count: int) -> Answer:
    """The answer to the first units alone."""
    if isinstance(answer, Found):
        keep = answer.source < count
        return Found(*(column[keep] for column in answer))
    return answer[:count]


def timed(call: Callable[[], Answer]) -> tuple[float, float, Answer]:
    """Wall and CPU seconds, and the answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = call()
    return time.perf_counter() - wall, time.process_time() - cpu, answer


def share_of(run: Callable[[int], Answer], task: str, budget_s: float) -> int:
    """How many units this engine can answer within the budget; the rest is reckoned."""
    run(TRIAL[task])  # compiles, fills caches
    wall, _, _ = timed(lambda: run(TRIAL[task]))
    fits = int(budget_s / max(wall, 1e-9) * TRIAL[task])
    return min(UNITS[task], max(TRIAL[task], fits))


def compare(
    case: Case, task: str, runs: dict[str, Callable[[int], Answer]], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Rows of one task: answers first, then interleaved rounds."""
    counts = {name: share_of(run, task, options.budget_s) for name, run in runs.items()}
    mine = runs[OURS](max(counts.values()))
    unequal = {
        name: differing(first(mine, counts[name]), run(counts[name])) for name, run in runs.items()
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            wall, cpu, _ = timed(lambda run=run, name=name: run(counts[name]))
            scale = UNITS[task] / counts[name]
            times[name].append((wall * scale, cpu * scale))
    medians = {
        name: [statistics.median(column) for column in zip(*rounds, strict=True)]
        for name, rounds in times.items()
    }
    return [
        {
            "city": case.name,
            "nodes": case.net.nodes,
            "edges": case.net.edges,
            "task": task,
            "engine": name,
            "wall_s": wall,
            "cpu_s": cpu,
            "ratio": cpu / medians[OURS][1],
            "target": target(task, name, case.net.nodes),
            "measured_units": counts[name],
            "units": UNITS[task],
            "differing": unequal[name],
        }
        for name, (wall, cpu) in medians.items()
    ]


def show(rows: list[dict[str, Any]]) -> None:
    """One task as a table."""
    print(f"\n  {TITLES[rows[0]['task']]}")
    print(f"  {'engine':<18}{'wall s':>10}{'CPU s':>10}{'ratio':>9}{'target':>9}")
    for row in rows:
        goal = f">= {row['target']}" if row["target"] else ""
        notes = []
        if row["target"] and row["ratio"] < row["target"]:
            notes.append("missed")
        if row["measured_units"] < row["units"]:
            notes.append(f"reckoned from {row['measured_units']} of {row['units']}")
        if row["differing"]:
            notes.append(f"{row['differing']} answers differ from ours")
        print(
            f"  {row['engine']:<18}{row['wall_s']:>10.4f}{row['cpu_s']:>10.4f}"
            f"{row['ratio']:>9.2f}{goal:>9}  {'; '.join(notes)}".rstrip(),
            flush=True,
        )


def city(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """All tasks on one network."""
    case = load(name)
    print(f"\n{name}: {case.net.nodes:,} nodes, {case.net.edges:,} edges", flush=True)
    engines = {}
    for engine, build in ENGINES.items():
        if case.net.nodes > LARGEST.get(engine, case.net.nodes):
            print(f"  {engine}: left out, too slow here")
            continue
        try:
            wall, _, engines[engine] = timed(lambda build=build: build(case))
        except ImportError as error:
            print(f"  {engine}: left out, {error}")
            continue
        if wall > 1:
            print(f"  {engine}: set up in {wall:.1f} s", flush=True)
    rows = []
    for task in TITLES:
        runs = {engine: tasks[task] for engine, tasks in engines.items() if task in tasks}
        rows += compare(case, task, runs, options)
        show(rows[-len(runs) :])
    return rows


def growth(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """How our nearest search grows with the network."""
    print(f"\n{name}: {TITLES['nearest']}, Monaco n x n")
    print(f"  {'nodes':>10}{'edges':>12}{'CPU s':>10}")
    rows = []
    for n in GROWTH:
        case = load(f"stitched {n}")
        run = ENGINES[OURS](case)["nearest"]
        run(1)
        rounds = range(options.rounds)
        cpu = statistics.median(timed(lambda run=run: run(SERVICES))[1] for _ in rounds)
        rows.append(
            {"task": "growth", "nodes": case.net.nodes, "edges": case.net.edges, "cpu_s": cpu}
        )
        print(f"  {case.net.nodes:>10,}{case.net.edges:>12,}{cpu:>10.4f}", flush=True)
    first, last = rows[0], rows[-1]
    logs = np.log([[row["edges"], row["cpu_s"]] for row in rows])
    slope = float(np.polyfit(*logs.T, 1)[0])
    per_edge = [row["cpu_s"] / row["edges"] / SERVICES * 1e9 for row in (first, last)]
    print(
        f"  slope of the log-log line {slope:.3f}, target <= 1.1"
        f"{'  missed' if slope > 1.1 else ''}; ns per edge and service "
        f"{per_edge[0]:.0f} -> {per_edge[1]:.0f}"
    )
    return [*rows, {"task": "slope", "slope": slope, "target": 1.1}]


def apart(work: Callable[..., list[dict[str, Any]]], name: str, options: Any) -> list[Any]:
    """``work`` in a process of its own, so that memory is given back and a hang ends."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(work, name, options, theirs))
    process.start()
    theirs.close()
    try:
        if not mine.poll(CITY_LIMIT_S):
            print(f"\n{name}: given up after {CITY_LIMIT_S} s")
            return []
        return mine.recv()
    except EOFError:
        print(f"\n{name}: the process ended early")
        return []
    finally:
        process.terminate()
        process.join()


def _send(work: Callable[..., Any], name: str, options: Any, to: Connection) -> None:
    try:
        to.send(work(name, options))
    except FileNotFoundError as error:
        print(f"\n{name}: left out, {error} is absent", flush=True)
        to.send([])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="Monaco only")
    parser.add_argument("--only", help="one city, or 'stitched N', or 'growth'")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget-s", type=float, default=5.0, help="seconds of one run")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    tiles = (options.only or "").removeprefix("stitched ")
    if options.only and options.only not in (*FILES, "growth") and not tiles.isdigit():
        parser.error(f"--only: one of {', '.join(FILES)}, growth, 'stitched N'")
    if hasattr(os, "sched_setaffinity"):  # one core for all engines, the others left alone
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(
        f"{platform.machine()}, one of {os.cpu_count()} cores, Python {platform.python_version()};"
        f" warm, medians of {options.rounds} interleaved rounds, limit {LIMIT_M:.0f} m;\n"
        "ratio: CPU seconds as a multiple of ours",
        flush=True,
    )
    names = ["Monaco"] if options.quick else [*FILES, f"stitched {STITCHED}", "growth"]
    rows = []
    for name in [options.only] if options.only else names:
        rows += apart(growth if name == "growth" else city, name, options)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))
    if not rows or not math.isfinite(sum(row.get("cpu_s", 0) for row in rows)):
        sys.exit("nothing was measured")


if __name__ == "__main__":
    main()
