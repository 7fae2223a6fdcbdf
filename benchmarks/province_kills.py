"""kill -9 at random moments of ``gusu-geo province``: does everything arrive, and nothing twice?

python benchmarks/province_kills.py [WORKER_KILLS] [SCHEDULER_KILLS] [SEED]

A made-up region of four districts, on a scheduler and two workers of its own. At moments spread over
the length of a command a worker is killed (another one is started in its place), or the scheduler
(then the same command runs again, on this machine). After each: every file is that of districts
judged one by one, every district was reported once, and nothing else is left.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests" / "support")]

import region_towns as towns
from dask_hosts import Hosts

import gusu_geo as gg
from gusu_geo.pipeline.output_sets import named_set

SEED_OF_TOWN = 5  # four districts
COMMAND = [sys.executable, "-m", "gusu_geo", "province"]


def command(province: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    words = [*COMMAND, str(province), "--out", str(out), "--json", "--lang", "en", *more]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def files(out: Path) -> dict[str, bytes]:
    """Every file but the caches."""
    found = [path for path in out.rglob("*") if path.is_file() and ".cache" not in path.parts]
    return {str(path.relative_to(out)): path.read_bytes() for path in found}


def judged_once(told: str, keys: list[str]) -> bool:
    ended = [line for line in told.splitlines() if line.startswith("judging")]
    named = [key for line in ended for key in keys if f" {key} " in line]
    return sorted(named) == sorted(keys)


class Trial:
    """The region, and what it gives undisturbed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.province = towns.write_region(folder, SEED_OF_TOWN)
        start, out = time.monotonic(), folder / "whole"
        told = command(self.province, out).communicate()
        self.took_s = time.monotonic() - start
        self.whole = files(out)
        document = json.loads(told[0])
        self.keys = [row["key"] for row in document["districts"]]
        assert document["totals"]["done"] == len(self.keys) == 4, told
        for key in self.keys:  # as judged one by one
            gg.run(
                out / "data/processed/land/studies" / f"{key}.toml", out=folder / "one", lang="en"
            )
            for path in named_set(key, folder / "one").members:
                assert self.whole[str(path.relative_to(folder / "one"))] == path.read_bytes(), path

    def killed(self, number: int, victim: str, wait_s: float) -> Counter[str]:
        """Run the command, kill somebody, see what there is."""
        out, place = self.folder / f"out-{number}", self.folder / f"hosts-{number}"
        place.mkdir()
        hosts, found = Hosts(place), Counter[str]()
        try:
            scheduler = hosts.start_scheduler()
            workers = [hosts.start_worker("--no-nanny") for _ in range(2)]
            running = command(self.province, out, "--scheduler", hosts.address)
            time.sleep(wait_s)
            found["at work when killed"] += running.poll() is None
            if victim == "worker":
                workers[number % 2].kill()
                hosts.start_worker("--no-nanny")
            else:
                scheduler.kill()
            told = running.communicate()
            if victim == "scheduler" and running.returncode:
                assert running.returncode == 2 and "Traceback" not in told[1], told[1]
                found["the command said so"] += 1
                hosts.close()  # as with a host that goes down
                again = command(self.province, out)
                told = again.communicate()
                found["districts not judged again"] += told[1].count("judging") and sum(
                    "was there already" in line
                    for line in told[1].splitlines()
                    if line.startswith("judging")
                )
            assert judged_once(told[1], self.keys), told[1]
        finally:
            hosts.close()
        here = files(out)
        assert here == self.whole, {
            p for p in {*here, *self.whole} if here.get(p) != self.whole.get(p)
        }
        found["byte-equal, nothing left over"] += 1
        return found


def main(worker_kills: int, scheduler_kills: int, seed: int) -> None:
    draw, found = random.Random(seed), {"worker": Counter[str](), "scheduler": Counter[str]()}
    kills = ["worker"] * worker_kills + ["scheduler"] * scheduler_kills
    with TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        print(f"undisturbed: {trial.took_s:.0f} s, {len(trial.whole)} files", flush=True)
        for number, victim in enumerate(kills):
            wait_s = draw.uniform(0, trial.took_s)
            found[victim] += trial.killed(number, victim, wait_s)
            print(f"{number + 1}/{len(kills)} {victim} at {wait_s:.1f} s", flush=True)
    print(f"seed {seed}: {worker_kills} workers {dict(found['worker'])}")
    print(f"seed {seed}: {scheduler_kills} schedulers {dict(found['scheduler'])}")


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(gg.__file__).parents[1]), *sys.path])
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [20, 5, 7][len(given) :]))
