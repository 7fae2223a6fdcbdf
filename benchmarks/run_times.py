"""How long whole commands take, each in a process of its own, beside our targets.

    make bench        or        python benchmarks/run_times.py [--rounds 3] [--json FILE] [--readme]

Prints a table; nothing is asserted. Cold: the cache of the study is removed first; nothing
compiled: that of numba. Peak memory is that of the process (ru_maxrss).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import readme
import report

ROOT = Path(__file__).resolve().parent.parent
STUDIES = ROOT / "tests" / "studies"
CALL = """
import atexit, resource, runpy, sys
mark = sys.argv.pop()
peak = lambda: open(mark, "w").write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
atexit.register(peak)
if sys.argv[1].endswith(".py"):
    runpy.run_path(sys.argv[1], run_name="__main__")
else:
    from gusu_geo.cli import main
    main()
"""
HELP = ["--help"]
SEARCHES = [str(Path(__file__).with_name("first_searches.py"))]
COMPILED = "compiled"  # numba's cache of the searches: not the one of the project


@dataclass(frozen=True)
class Command:
    """``cold``: the folder that is removed first; limits: our targets, 0 = none."""

    label: str
    args: list[str]
    cold: str = ""
    limit_s: float = 0
    limit_mb: float = 0

    def goal(self) -> str:
        parts = [f"<= {self.limit_s:g} s"] if self.limit_s else []
        return ", ".join(parts + ([f"<= {self.limit_mb:g} MB"] if self.limit_mb else []))

    def missed(self, seconds: float, peak_mb: float) -> bool:
        slow = bool(self.limit_s) and seconds > self.limit_s
        return slow or (bool(self.limit_mb) and peak_mb > self.limit_mb)


def commands() -> list[Command]:
    def study(name: str) -> str:
        return str(STUDIES / f"{name}.toml")

    def cache(name: str) -> str:
        return f"data/processed/{name}"

    return [
        Command("gusu-geo --help", HELP, limit_s=0.5),
        Command("all searches, nothing compiled", SEARCHES, COMPILED),
        Command("all searches, compiled before", SEARCHES),
        Command("run monaco, cold", ["run", "monaco"], cache("monaco"), limit_s=6),
        Command("run monaco, sources cached", ["run", "monaco"], limit_s=6),
        Command("site monaco --sites 2", ["site", "monaco", "--sites", "2"]),
        Command(
            "run las_palmas, cold", ["run", study("las_palmas")], cache("las_palmas"), 20, 1500
        ),
        Command("run las_palmas, sources cached", ["run", study("las_palmas")]),
        Command("run nanjing, cold", ["run", study("nanjing")], cache("nanjing")),
        Command("run beijing, cold", ["run", study("beijing")], cache("beijing")),
    ]


def measure(
    args: list[str], *, cold: Path | None = None, env: dict[str, str] | None = None
) -> tuple[float, float]:
    """Wall seconds and peak MB of one command; ``env`` is added to the environment."""
    if cold is not None:
        shutil.rmtree(cold, ignore_errors=True)
    with tempfile.NamedTemporaryFile() as mark:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", CALL, *args, mark.name],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **(env or {})},
        )
        seconds = time.perf_counter() - start
        peak = Path(mark.name).read_text()
    if done.returncode:
        sys.exit(done.stderr)
    return seconds, int(peak) / 1024


def row_of(command: Command, folder: Path, rounds: int) -> dict[str, Any]:
    """Medians of one command. Raises SystemExit with what it said when it fails."""
    args = command.args
    env = {"NUMBA_CACHE_DIR": str(folder / COMPILED)} if args == SEARCHES else None
    if args not in (HELP, SEARCHES):
        args = [*args, "--out", str(folder), "--quiet"]
    cold = folder / command.cold if command.cold else None
    found = [measure(args, cold=cold, env=env) for _ in range(rounds)]
    seconds, peak = (statistics.median(column) for column in zip(*found, strict=True))
    missed = command.missed(seconds, peak)
    label, target = command.label, command.goal()
    return {"command": label, "s": seconds, "peak_mb": peak, "target": target, "missed": missed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--readme", action="store_true", help="also into the table of README.md")
    options = parser.parse_args()
    machine = report.machine_line()
    print(machine)
    print(f"{'command':<34}{'median s':>10}{'peak MB':>10}   target")
    rows = []
    measure(HELP)  # python compiles its files, the disk is read
    with tempfile.TemporaryDirectory() as folder:
        for command in commands():
            try:
                row = row_of(command, Path(folder), options.rounds)
            except SystemExit as error:
                print(f"{command.label:<34}  left out: {str(error).strip().splitlines()[-1]}")
                continue
            rows.append(row)
            word = "  missed" if row["missed"] else ""
            print(
                f"{row['command']:<34}{row['s']:>10.2f}{row['peak_mb']:>10.0f}   "
                f"{row['target']}{word}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1))
    if options.readme:
        readme.put("commands", readme.commands(machine, rows))


if __name__ == "__main__":
    main()
