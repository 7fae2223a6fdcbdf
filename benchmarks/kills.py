"""kill -9 at random moments of run, site and compare on Monaco: what is on the disk then?

python benchmarks/kills.py [KILLS] [SEED]

Outputs of one walking speed lie there; the commands, with another speed, are killed from outside at
moments spread over their length. After each: every file is the old one, the new one, or that of the
first set of ``run``, before its survey; a mixture is recognised as torn; the next run gives the
bytes of an undisturbed one and leaves nothing else.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import gusu_geo as gg
from gusu_geo.pipeline.output_sets import (
    OutputSet,
    comparison_set,
    outputs_beside,
    plan_set,
    result_set,
)
from gusu_geo.study.params import Study

SPEEDS_MPS = (1.0, 0.9)
CLOSE = {"do": "close_venue", "venue": "n6459866657"}
SCENARIO = {"schema": "gusu-geo-scenario/1", "study": "monaco", "changes": [CLOSE]}


Files = dict[Path, bytes]


def studies() -> list[Study]:
    """Monaco, walked at either speed."""
    plain = gg.open_study("monaco")
    walks = [plain.walk.model_copy(update={"speed_mps": speed}) for speed in SPEEDS_MPS]
    return [plain.model_copy(update={"walk": walk}) for walk in walks]


def order(
    name: str, study: Study, out: Path, tell: Callable[[object], None] = lambda _: None
) -> Callable[[], object]:
    """A command that writes into ``out``; tell: called when the first set of ``run`` is there."""
    if name == "run":
        return lambda: gg.run(study, out=out, tell=tell)
    if name == "site":
        return lambda: gg.site(study, sites=1, out=out)
    return lambda: gg.compare(study, out / "shut.json", out=out)


def sets_of(name: str, study: Study, out: Path) -> list[OutputSet]:
    """What a command writes."""
    if name == "compare":
        return [comparison_set(study, out, "shut")]
    return (
        [result_set(study, out)]
        if name == "run"
        else [plan_set(study, out, "1-site"), result_set(study, out)]
    )


def kept(out: Path) -> Files:
    """Every file below data/ and maps/, but for the cache of the city."""
    files = [path for part in ("data", "maps") for path in (out / part).rglob("*")]
    return {p: p.read_bytes() for p in files if p.is_file() and "city-" not in p.parent.name}


def kill(command: Callable[[], object], wait_s: float) -> bool:
    """Whether the command was still at work when the signal came."""
    child = os.fork()
    if child == 0:
        command()
        os._exit(0)
    time.sleep(wait_s)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def try_once(
    name: str, study: Study, out: Path, wait_s: float, sets: tuple[Files, Files]
) -> Counter[str]:
    """Kill the command once, look, and run it again; sets: the first one, and the whole."""
    old, (first, new) = kept(out), sets
    found = Counter({"at work when killed": int(kill(order(name, study, out), wait_s))})
    here = kept(out)
    found["left litter"] = int(any(".gusu-geo-" in str(path) for path in here))
    torn = False
    for each in sets_of(name, study, out):
        ages = [
            {age for age, files in enumerate((old, first, new)) if files.get(path) == here[path]}
            for path in each.members
        ]
        assert all(ages), "a file of no set"
        mixed = not set.intersection(*ages)
        assert mixed == (each.run_id() == ""), "torn and not recognised, or the reverse"
        torn |= mixed
        found["a first set"] |= int(not mixed and set.intersection(*ages) == {1})
    told = "outputs_torn" in [note["code"] for note in outputs_beside(study, out)]
    assert told == torn
    found["torn and told" if torn else "every set whole"] = 1
    order(name, study, out)()
    assert kept(out) == new, "the next run is not byte-equal, or not clean"
    found["next run byte-equal and clean"] = 1
    return found


def main(kills: int, seed: int) -> None:
    draw, found, names = random.Random(seed), Counter[str](), ("run", "site", "compare")
    with TemporaryDirectory() as folder:
        whole: dict[tuple[str, int], tuple[Files, Files]] = {}
        took_s: dict[str, float] = {}
        for name in names:
            out = Path(folder) / name
            out.mkdir()
            (out / "shut.json").write_text(json.dumps(SCENARIO), encoding="utf-8")
            for which, study in enumerate(studies()):
                first: Files = {}
                start = time.monotonic()
                order(name, study, out, lambda _, first=first, out=out: first.update(kept(out)))()
                took_s[name] = time.monotonic() - start
                whole[name, which] = first, kept(out)
        for number in range(kills):
            name, which = names[number % 3], number // 3 % 2
            wait_s = draw.uniform(0, took_s[name])
            study, out = studies()[which], Path(folder) / name
            found += try_once(name, study, out, wait_s, whole[name, which])
    print(f"{kills} kills, seed {seed}: {dict(found)}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(kills=given[0] if given else 50, seed=given[1] if given[1:] else 6)
