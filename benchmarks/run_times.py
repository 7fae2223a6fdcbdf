"""How long whole commands take, each in a process of its own, beside our targets.

    make bench        or        python benchmarks/run_times.py [--rounds 3]

Prints a table; nothing is asserted. Cold: the cache of the study is removed first. Peak memory is
that of the process (ru_maxrss).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STUDIES = ROOT / "tests" / "studies"
CALL = """
import atexit, resource, sys
mark = sys.argv.pop()
peak = lambda: open(mark, "w").write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
atexit.register(peak)
from gusu_geo.cli import main
main()
"""


def measure(args: list[str], *, cold: Path | None = None) -> tuple[float, float]:
    """Wall seconds and peak MB of one command."""
    if cold is not None:
        shutil.rmtree(cold, ignore_errors=True)
    with tempfile.NamedTemporaryFile() as mark:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", CALL, *args, mark.name],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        peak = Path(mark.name).read_text()
    if done.returncode:
        sys.exit(done.stderr)
    return seconds, int(peak) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'command':<34}{'median s':>10}{'peak MB':>10}   target")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        cases = [
            ("gusu-geo --help", ["--help"], None, "<= 0.5 s"),
            ("run monaco, cold", ["run", "monaco"], "monaco", "<= 6 s"),
            ("run monaco, sources cached", ["run", "monaco"], None, "<= 6 s"),
            ("site monaco --sites 2", ["site", "monaco", "--sites", "2"], None, ""),
        ]
        others = {"las_palmas": "<= 20 s, <= 1500 MB", "nanjing": "", "beijing": ""}
        for name, target in others.items():
            study = STUDIES / f"{name}.toml"
            cases.append((f"run {name}, cold", ["run", str(study)], name, target))
            if name == "las_palmas":
                cases.append((f"run {name}, sources cached", ["run", str(study)], None, ""))
        for label, args, cold, target in cases:
            full = args if args == ["--help"] else [*args, "--out", folder, "--quiet"]
            place = out / "data" / "processed" / cold if cold else None
            try:
                rounds = [measure(full, cold=place) for _ in range(options.rounds)]
            except SystemExit as error:
                print(f"{label:<34}  left out: {str(error).strip().splitlines()[-1]}")
                continue
            seconds, peak = (statistics.median(column) for column in zip(*rounds, strict=True))
            rows.append({"command": label, "seconds": seconds, "peak_mb": peak, "target": target})
            print(f"{label:<34}{seconds:>10.2f}{peak:>10.0f}   {target}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
