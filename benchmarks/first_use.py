"""What the first use of a fresh environment costs: CPU seconds of compiling, by group of kernels.

    python benchmarks/first_use.py

Each task in a process of its own, with nothing compiled. "Verdict" is what a run compiles before it
surveys, and what the survey needs is compiled by a second process meanwhile; "isochrone" reads
Monaco and draws one, as an analyst's first script does. Prints a table; nothing is asserted. Ours
are CPU seconds: a busy machine makes them a third longer, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import report

ROOT = Path(__file__).resolve().parent.parent
GROUPS = {
    "search": "searches", "nearest": "searches", "quickest": "searches", "components": "searches",
    "contacts": "doors", "pairs": "links and detours", "rounds": "links and detours",
    "stretches": "streets reached", "fields": "field of streets", "contours": "outlines",
    "borders": "outlines", "rings": "outlines", "bulges": "outlines",
    "scanning": "signals",
}  # fmt: skip
TASKS = ("everything", "isochrone")
VERDICT = ("searches", "doors")


def everything() -> None:
    """A run of Monaco, and what only analysts ask."""
    import gusu_geo as gg

    with tempfile.TemporaryDirectory() as folder:
        homes = gg.run("monaco", out=folder).residences[["geometry"]].iloc[:3]
    net = isochrone()
    gg.detour_ratios(net, homes)
    gg.missing_links(net)
    gg.nearest(net, homes, homes.assign(service="reading"))
    list(gg.coverage_blocks(net, homes, homes))


def isochrone() -> Any:
    """The streets of Monaco, and one isochrone on them."""
    import geopandas as gpd
    import shapely

    import gusu_geo as gg

    net = gg.read_network(ROOT / "data" / "raw" / "monaco.osm.pbf")
    place = gpd.GeoSeries([shapely.Point(7.4214, 43.7364)], crs=4326)
    gg.isochrones(net, place.to_frame("geometry"))
    return net


def ahead() -> None:
    """What the second process does."""
    from gusu_geo._kernels.ahead import main

    main()


def watched(task: str) -> dict[str, Any]:
    """Run a task in this process; its CPU and wall seconds, and those of compiling by group."""
    from numba.core import event

    spent: Counter[str] = Counter()
    waited: Counter[str] = Counter()  # seconds; numba compiles one thing at a time
    forms: Counter[str] = Counter()  # types of arguments that each kernel is compiled for
    here = threading.local()

    class Watch(event.Listener):
        def on_start(self, _: Any) -> None:
            now = time.thread_time(), time.perf_counter()
            here.open = [*getattr(here, "open", []), now]

        def on_end(self, told: Any) -> None:
            *here.open, start = here.open
            kernel = told.data["dispatcher"].py_func
            package, _, name = kernel.__module__.rpartition(".")
            if package.startswith("gusu_geo"):
                forms[f"{name}.{kernel.__name__}"] += 1
            if not here.open:  # with all that it calls
                spent[GROUPS.get(name, name)] += time.thread_time() - start[0]
                waited["compiling"] += time.perf_counter() - start[1]

    event.register("numba:compile", Watch())
    start = time.perf_counter()
    {"everything": everything, "isochrone": isochrone, "ahead": ahead}[task]()
    return {"cpu_s": time.process_time(), "wall_s": time.perf_counter() - start, "groups": spent,
            "compiling_s": sum(waited.values()),
            "twice": [name for name, times in forms.items() if times > 1]}  # fmt: skip


def fresh(task: str) -> dict[str, Any]:
    """As ``watched``, in a process of its own that finds nothing compiled."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "NUMBA_CACHE_DIR": folder}
        command = [sys.executable, __file__, task]
        done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def line(task: str, what: str, seconds: float, more: str = "") -> None:
    print(f"{task:<12}{what:<22}{seconds:>7.2f} CPU s   {more}")


def main() -> None:
    if sys.argv[1:]:
        print(json.dumps(watched(sys.argv[1])))
        return
    print(report.machine_line())
    for task in TASKS:
        told = fresh(task)
        groups = told["groups"]
        for name, seconds in sorted(groups.items(), key=lambda group: -group[1]):
            line(task, name, seconds)
        goal, other = "<= 15" if task == "everything" else "", 0.0
        if task == "everything":
            other = fresh("ahead")["cpu_s"]
            line(task, "by a second process", other, "with its start, alone")
        line(task, "compiling, in all", sum(groups.values()) + other, goal)
        goal = "<= 9" if task == "everything" else ""
        print(f"{task:<12}waiting for compiling {told['compiling_s']:>7.1f} s       {goal}")
        print(f"{task:<12}compiled for several types of arguments: {told['twice'] or 'none'}")
        goal = "<= 6" if task == "isochrone" else ""
        line(
            task,
            "the whole process",
            told["cpu_s"] + other,
            f"{told['wall_s']:.1f} s of waiting   {goal}",
        )
        if task == "everything":
            line("verdict", "compiling", sum(groups.get(name, 0) for name in VERDICT), "<= 4")


if __name__ == "__main__":
    main()
