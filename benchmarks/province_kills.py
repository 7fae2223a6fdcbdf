"""kill -9 at random moments of a province: does everything arrive, and nothing twice?

python benchmarks/province_kills.py [WORKER_KILLS] [SCHEDULER_KILLS] [SEED]

A made-up region of three districts, on a scheduler and two workers, processes of their own. At
moments spread over the length of the work a worker is killed (another one starts in its place), or
the scheduler and all workers (then the same is asked again, of new ones). After each: every file is
that of districts judged one by one, each district was reported once, and nothing else is left.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests" / "support")]

import region_towns as towns  # noqa: E402
from dask_hosts import Hosts  # noqa: E402

import gusu_geo as gg  # noqa: E402
from gusu_geo.errors import InputError  # noqa: E402
from gusu_geo.pipeline.output_sets import named_set  # noqa: E402
from gusu_geo.province.cluster import Where  # noqa: E402
from gusu_geo.province.pace import Standing  # noqa: E402
from gusu_geo.province.run import ProvinceResult, run_province  # noqa: E402

SEED_OF_TOWN = 2  # three districts


def files(out: Path) -> dict[str, bytes]:
    """Every file but the caches."""
    found = [path for path in out.rglob("*") if path.is_file() and ".cache" not in path.parts]
    return {str(path.relative_to(out)): path.read_bytes() for path in found}


class Trial:
    """The region, its hosts, and what it gives undisturbed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.found = folder, Counter[str]()
        self.province = towns.write_region(folder, SEED_OF_TOWN)
        self.hosts, self.workers = self.started("first")
        self.judge(folder / "warm")  # everything is loaded then
        begun, out = time.monotonic(), folder / "whole"
        result, _ = self.judge(out)
        self.took_s = time.monotonic() - begun
        self.whole = files(out)
        self.keys = [row["key"] for row in result.document["districts"]]
        assert result.document["totals"]["done"] == len(self.keys) == 3, result.document
        one = folder / "one"
        for key in self.keys:
            gg.run(result.folder / "studies" / f"{key}.toml", out=one, lang="en")
            for path in named_set(key, one).members:
                assert self.whole[str(path.relative_to(one))] == path.read_bytes(), path

    def started(self, name: str) -> tuple[Hosts, list[int]]:
        """A scheduler and two workers; the numbers of their processes."""
        place = self.folder / f"hosts-{name}"
        place.mkdir()
        hosts = Hosts(place)
        hosts.start_scheduler()
        for _ in range(2):
            hosts.start_worker()
        return hosts, [1, 2]

    def judge(self, out: Path) -> tuple[ProvinceResult, Counter[str]]:
        """The result, and how often each district was told to be judged."""
        told: Counter[str] = Counter()

        def tell(now: Standing) -> None:
            if now.stage == "run" and now.last is not None:
                told[now.last.key] += 1

        where = Where(self.hosts.address)
        return run_province(self.province, out=out, where=where, lang="en", tell=tell), told

    def of_worker(self, number: int, wait_s: float) -> None:
        """A worker is killed, and another one starts."""

        def kill() -> None:
            spot = number % 2
            self.hosts.processes[self.workers[spot]].kill()
            self.hosts.start_worker()
            self.workers[spot] = len(self.hosts.processes) - 1

        self.check(number, wait_s, kill)

    def of_scheduler(self, number: int, wait_s: float) -> None:
        """The scheduler and all workers are killed; the same is asked again."""
        self.check(number, wait_s, self.hosts.close)

    def check(self, number: int, wait_s: float, kill: object) -> None:
        """Judge all anew, kill somebody meanwhile, and see what there is."""
        out, timer = self.folder / f"out-{number}", threading.Timer(wait_s, kill)  # type: ignore[arg-type]
        timer.start()
        begun = time.monotonic()
        try:
            _, told = self.judge(out)
            self.took_s = time.monotonic() - begun  # a machine is busy now and idle then
            self.found["killed too late"] += timer.is_alive()
            timer.join()
        except InputError as error:
            timer.join()
            # Killed while at work, or before anybody had reached it.
            assert error.what.key in ("cluster.scheduler_gone", "cluster.no_scheduler"), error
            self.found["told that the scheduler has gone"] += 1
            whole = [key for key in self.keys if named_set(key, out).run_id()]
            self.found["districts that were whole then"] += len(whole)
        if all(process.poll() is not None for process in self.hosts.processes):
            self.hosts, self.workers = self.started(str(number))
            _, told = self.judge(out)
        assert told == Counter(self.keys), told
        here = files(out)
        differ = {path for path in {*here, *self.whole} if here.get(path) != self.whole.get(path)}
        assert not differ, differ
        self.found["byte-equal, each once, nothing left over"] += 1


def main(worker_kills: int, scheduler_kills: int, seed: int) -> None:
    draw = random.Random(seed)
    with TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        print(f"undisturbed: {trial.took_s:.0f} s, {len(trial.whole)} files", flush=True)
        try:
            for number in range(worker_kills + scheduler_kills):
                wait_s = draw.uniform(0, trial.took_s)
                kind = "worker" if number < worker_kills else "scheduler"
                (trial.of_worker if kind == "worker" else trial.of_scheduler)(number, wait_s)
                print(f"{number + 1}: a {kind} at {wait_s:.1f} s; {dict(trial.found)}", flush=True)
        finally:
            trial.hosts.close()
    print(f"seed {seed}: {worker_kills} workers, {scheduler_kills} schedulers: {dict(trial.found)}")


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(gg.__file__).parents[1]), *sys.path])
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [20, 5, 7][len(given) :]))
