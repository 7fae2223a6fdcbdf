"""How long whole commands take, each in a process of its own, beside our targets.

    python benchmarks/run_times.py [--quick] [--rounds 3] [--json FILE] [--readme]

Prints a table; nothing is asserted. Cold: the cache of the study is removed first; nothing
compiled: that of numba. Peak memory is that of the process (VmHWM, since ru_maxrss would inherit
the parent's) and of its largest child (ru_maxrss).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import readme
import report
import times_page

ROOT = Path(__file__).resolve().parent.parent
STUDIES = ROOT / "tests" / "studies"
SCENARIOS = ROOT / "docs" / "scenarios.md"
CALL = """
import atexit, json, resource, runpy, sys
mark = sys.argv.pop()
def told():
    mine, others = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum((mine.ru_utime, mine.ru_stime, others.ru_utime, others.ru_stime))
    peaks = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")]
    json.dump([cpu, int(peaks[0]) / 1024, others.ru_maxrss / 1024], open(mark, "w"))
atexit.register(told)
sys.argv = sys.argv[1:] if sys.argv[1].endswith(".py") else sys.argv
if sys.argv[0].endswith(".py"):
    runpy.run_path(sys.argv[0], run_name="__main__")
else:
    from gusu_geo.cli import main
    main()
"""
HELP = ["--help"]
SEARCHES = [str(Path(__file__).with_name("first_searches.py"))]
MOST_CPU_S = 300  # of one command
COMPILED = "compiled"  # numba's cache where compiling is measured: not the one of the project
RUN = ["run", "monaco"]
HOME, PLACE = "w94452641", "7.4197,43.73235"
TOWN_HOME = "金色水岸 13"
SCENARIO = "scenario.json"  # the one that docs/scenarios.md prints


@dataclass(frozen=True)
class Command:
    """``cold``: folders that are removed first, of them ``COMPILED`` means that numba's cache is
    one of our own; limits: our targets, 0 = none; ``large``: too dear for the quick form."""

    label: str
    args: list[str]
    cold: tuple[str, ...] = ()
    limit_s: float = 0
    limit_mb: float = 0
    large: bool = False

    def goal(self) -> str:
        parts = [f"<= {self.limit_s:g} s"] if self.limit_s else []
        return ", ".join(parts + ([f"<= {self.limit_mb:g} MB"] if self.limit_mb else []))

    def missed(self, seconds: float, peak_mb: float) -> bool:
        slow = bool(self.limit_s) and seconds > self.limit_s
        return slow or (bool(self.limit_mb) and peak_mb > self.limit_mb)


def commands() -> list[Command]:
    """In this order: later ones find what the ones before them left."""

    def study(name: str) -> str:
        return str(STUDIES / f"{name}.toml")

    def cache(name: str) -> tuple[str]:
        return (f"data/processed/{name}",)

    monaco, town, palmas = cache("monaco"), cache("shuixiang"), cache("las_palmas")
    large = study("las_palmas")
    return [
        Command("gusu-geo --help", HELP, limit_s=0.5),
        Command("all searches, nothing compiled", SEARCHES, (COMPILED,)),
        Command("all searches, compiled before", SEARCHES),
        Command("run monaco, nothing compiled", RUN, (*monaco, COMPILED), large=True),
        Command("run monaco --no-survey, cold", [*RUN, "--no-survey"], monaco),
        Command("run monaco, cold", RUN, monaco, limit_s=6),
        Command("run monaco, sources cached", RUN, limit_s=6),
        Command("site monaco --sites 2", ["site", "monaco", "--sites", "2"]),
        Command("explain monaco", ["explain", "monaco", HOME], large=True),
        Command("check monaco", ["check", "monaco"], large=True),
        Command("compare monaco", ["compare", "monaco", SCENARIO], large=True),
        Command("isochrone monaco", ["isochrone", "monaco", "--at", PLACE], large=True),
        Command(
            "run shuixiang --no-survey, cold", ["run", "shuixiang", "--no-survey"], town, large=True
        ),
        Command("run shuixiang, cold", ["run", "shuixiang"], town, large=True),
        Command("run shuixiang, sources cached", ["run", "shuixiang"], large=True),
        Command("site shuixiang --sites 2", ["site", "shuixiang", "--sites", "2"], large=True),
        Command("explain shuixiang", ["explain", "shuixiang", TOWN_HOME], large=True),
        Command("check shuixiang", ["check", "shuixiang"], large=True),
        Command(
            "run las_palmas --no-survey, cold",
            ["run", large, "--no-survey"],
            *(palmas, 6, 900, True),
        ),
        Command("run las_palmas, cold", ["run", large], palmas, 12, 900, True),
        Command("run las_palmas, sources cached", ["run", large], large=True),
        Command("run nanjing, cold", ["run", study("nanjing")], cache("nanjing")),
        Command("run beijing, cold", ["run", study("beijing")], cache("beijing")),
    ]


class TooSlow(RuntimeError):
    """A command was ended because it computed for longer than it may."""


class Spent(NamedTuple):
    """Of a command: seconds, CPU seconds of its processes, peak MB of the first of them and of the
    largest that it started."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    child_mb: float


def measure(
    args: list[str],
    *,
    cold: Sequence[Path] = (),
    env: dict[str, str] | None = None,
    most_s: int = MOST_CPU_S,
) -> Spent:
    """What one command spends; ``env`` is added to the environment. TooSlow: beyond ``most_s``
    CPU seconds, however busy the machine is. SystemExit: it failed."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (most_s, most_s + 1))

    for folder in cold:
        shutil.rmtree(folder, ignore_errors=True)
    with tempfile.NamedTemporaryFile() as mark:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", CALL, *args, mark.name],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **(env or {})},
            preexec_fn=limited,
        )
        seconds = time.perf_counter() - start
        told = Path(mark.name).read_text()
    if done.returncode == -signal.SIGXCPU:
        raise TooSlow(f"ended after {most_s:,} CPU s")
    if done.returncode:
        sys.exit(done.stderr or f"ended with {done.returncode}")
    return Spent(seconds, *json.loads(told))


def last_line(error: BaseException) -> str:
    """What a command said last before it failed."""
    return str(error).strip().splitlines()[-1]


def row_of(command: Command, folder: Path, rounds: int) -> dict[str, Any]:
    """Medians of one command. Raises SystemExit with what it said when it fails."""
    args = command.args
    own = args == SEARCHES or COMPILED in command.cold
    env = {"NUMBA_CACHE_DIR": str(folder / COMPILED)} if own else None
    if args not in (HELP, SEARCHES):
        args = [str(folder / word) if word == SCENARIO else word for word in args]
        args = [*args, "--out", str(folder), *([] if args[0] == "explain" else ["--quiet"])]
    cold = [folder / name for name in command.cold]
    found = [measure(args, cold=cold, env=env) for _ in range(rounds)]
    spent = Spent(*(statistics.median(column) for column in zip(*found, strict=True)))
    missed = command.missed(spent.wall_s, spent.peak_mb)
    label, target = command.label, command.goal()
    return {"command": label, **spent._asdict(), "target": target, "missed": missed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="without the large city")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument(
        "--readme",
        action="store_true",
        help="also into the tables of README.md, and of both READMEs above",
    )
    options = parser.parse_args()
    machine = report.machine_line()
    print(machine)
    print(f"{'command':<34}{'median s':>10}{'CPU s':>8}{'peak MB':>12}   target")
    rows = []
    measure(HELP)  # python compiles its files, the disk is read
    with tempfile.TemporaryDirectory() as folder:
        printed = re.search(r"```json\n(.*?)```", SCENARIOS.read_text("utf-8"), re.DOTALL)
        if printed:
            (Path(folder) / SCENARIO).write_text(printed[1], "utf-8")
        for command in commands():
            if options.quick and command.large:
                continue
            try:
                row = row_of(command, Path(folder), options.rounds)
            except (SystemExit, TooSlow) as error:
                print(f"{command.label:<34}  left out: {last_line(error)}", flush=True)
                continue
            rows.append(row)
            word = "  missed" if row["missed"] else ""
            print(
                f"{row['command']:<34}{row['wall_s']:>10.2f}{row['cpu_s']:>8.2f}"
                f"{readme.peak(row['peak_mb'], row['child_mb']):>12}   {row['target']}{word}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1))
    if options.readme:
        readme.put("commands", readme.commands(machine, rows))
        times_page.write(rows)


if __name__ == "__main__":
    main()
