"""Our engine beside those of others: the same questions, equal answers, then the times.

    python benchmarks/engine.py [--quick] [--only CITY] [--json FILE] [--readme]

Nothing is asserted about times. Engines that are not installed and cities whose file is absent
are left out with a word; see README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import readme
import report
from growth import apart, growth, growth_of_homes
from plan import BUDGET_S, ENGINES, FULL, LEFT_OUT, OURS, QUICK, QUICK_BUDGET_S, TASKS, target
from worker import Silent, Worker

GROWTH_CHART = Path(__file__).with_name("growth.png")

Row = dict[str, Any]


def city(name: str, options: argparse.Namespace) -> list[Row]:
    """All that is measured on one network."""
    rows: list[Row] = []
    stages = FULL[name]
    if options.quick:
        stages = {kind: stages[kind] for kind in QUICK[name]}
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        sizes = apart(_prepared, name, [*stages], folder)
        if not sizes:
            print(f"\n{name}: left out, its file is absent", flush=True)
            rows.append({"task": LEFT_OUT, "city": name, "note": "its file is absent"})
        for kind, (nodes, edges) in sizes.items():
            print(f"\n{name}, {kind}: {nodes:,} nodes, {edges:,} edges", flush=True)
            place = {"city": name, "kind": kind, "nodes": nodes, "edges": edges}
            rows += stage(place, stages[kind], folder / kind, options)
    return rows


def _prepared(name: str, kinds: list[str], folder: Path) -> dict[str, tuple[int, int]]:
    """In a process of its own, so that the parent stays small."""
    from cities import prepare

    try:
        return prepare(name, kinds, folder)
    except FileNotFoundError:
        return {}


def stage(
    place: Row, tasks: tuple[str, ...], folder: Path, options: argparse.Namespace
) -> list[Row]:
    """All tasks on one graph."""
    rows: list[Row] = []
    workers: dict[str, Worker] = {}
    try:
        for name, engine in ENGINES.items():
            if not set(engine.tasks) & set(tasks):
                continue
            if place["nodes"] > engine.largest:
                rows.append(_left_out(name, "too slow here"))
                continue
            turn = options.cores[len(workers) % len(options.cores)]
            workers[name] = Worker(name, folder, (turn, options.cores[-1]))
        for name in [*workers]:  # set up side by side; nothing is timed before all are ready
            ready = _heard(workers, name, rows)
            if ready and ready[0] > 1:
                print(f"  {name}: set up in {ready[0]:.1f} CPU s", flush=True)
        for task in tasks:
            if OURS not in workers:
                break
            found = compare(task, workers, place, options)
            report.show(task, [row for row in found if row["task"] == task])
            rows += found
    finally:
        for worker in workers.values():
            worker.stop()
    return [{**place, **row} for row in rows]


def _left_out(name: str, why: str) -> Row:
    print(f"  {name}: {why}", flush=True)
    return {"task": LEFT_OUT, "engine": name, "note": why}


def _heard(
    workers: dict[str, Worker], name: str, rows: list[Row], *request: Any
) -> tuple[Any, ...] | None:
    """The reply of a worker; one that is silent is let go with a word and a row."""
    try:
        return workers[name].ask(*request)
    except Silent as why:
        rows.append(_left_out(name, str(why)))
        workers.pop(name).stop()
        return None


def compare(
    task: str, workers: dict[str, Worker], place: Row, options: argparse.Namespace
) -> list[Row]:
    """Rows of one task: answers first, then interleaved rounds."""
    rows: dict[str, Row] = {}
    silent: list[Row] = []
    times: dict[str, list[tuple[float, float]]] = {}
    for name in [name for name in workers if task in ENGINES[name].tasks]:
        trial: tuple[Any, ...] | None = (0.0,)
        if TASKS[task].trial:
            trial = _heard(workers, name, silent, "trial", task, 0)
        count = _fitting(name, task, trial, options) if trial else 0
        checked = _heard(workers, name, silent, "check", task, count) if trial else None
        if checked is None:
            if name == OURS:
                return silent
            continue
        wall, cpu, peak, note = checked
        times[name] = [(wall, cpu)]
        rows[name] = {"task": task, "engine": name, "peak_mb": peak, "note": note}
        rows[name] |= {"measured_units": count, "units": TASKS[task].units}
    for _ in range(options.rounds - 1):
        for name in [*rows]:
            spent = sum(cpu for _, cpu in times[name])
            if spent < options.budget_s and name in workers:
                count = rows[name]["measured_units"]
                timed = _heard(workers, name, silent, "time", task, count)
                times[name] += [timed] if timed else []
    for name, row in rows.items():
        scale = row["units"] / row["measured_units"]
        wall, cpu = (scale * statistics.median(column) for column in zip(*times[name], strict=True))
        row |= {"wall_s": wall, "cpu_s": cpu, "rounds": len(times[name])}
        row["ratio"] = cpu / rows[OURS]["cpu_s"]
        row["target"] = target(task, name, place["kind"], place["nodes"])
    return [*rows.values(), *silent]


def _fitting(name: str, task: str, trial: tuple[Any, ...], options: argparse.Namespace) -> int:
    """How many units this engine can answer within its budget; the rest is reckoned."""
    asked = TASKS[task]
    each_s = trial[0] / max(asked.trial, 1)
    fits = int(options.budget_s / options.rounds / max(each_s, 1e-9))
    least = max(asked.trial, asked.quick if options.quick else asked.least)
    return asked.units if name.startswith(OURS) else min(asked.units, max(least, fits))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="Monaco only, not contracted")
    parser.add_argument("--only", choices=[*FULL, "growth"], help="one city, or growth")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget-s", type=float, help="CPU s of an engine for one task")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--chart", type=Path, help="where growth is drawn")
    parser.add_argument("--readme", action="store_true", help="the tables and chart of README.md")
    options = parser.parse_args()
    options.budget_s = options.budget_s or (QUICK_BUDGET_S if options.quick else BUDGET_S)
    if options.readme:
        options.chart = options.chart or GROWTH_CHART
    options.cores = [0]
    if hasattr(os, "sched_setaffinity"):  # one core for all that is timed, the others left alone
        options.cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {options.cores[-1]})
    machine = report.machine()
    print(machine, flush=True)
    print(
        f"warm, medians of up to {options.rounds} interleaved rounds; {report.LEGEND}", flush=True
    )
    rows: list[Row] = []
    names = [options.only] if options.only else [*QUICK] if options.quick else [*FULL, "growth"]
    for name in names:
        if name == "growth":
            rows += growth(options.rounds, options.chart) + growth_of_homes(options.rounds)
        else:
            rows += city(name, options)
        if options.json:  # after each part, so that a night's work is not lost at its end
            options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1))
    text = readme.markdown(machine, rows)
    print(text)
    if options.readme:
        readme.put("engine", text)
    if all(row["task"] == LEFT_OUT for row in rows):
        sys.exit("nothing was measured")


if __name__ == "__main__":
    main()
