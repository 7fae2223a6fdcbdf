"""Thousands of spoiled inputs: each must be read as it stands, or refused in one message.

python benchmarks/fuzz.py [--count 10000] [--seed 1] [--kind osm ...] [--through-command 200]
                          [--number N] [--keep FOLDER] [--jobs 2]

Inputs of every kind (``tests/support/fuzzing``) are read in worker processes, so that a crash or a
hang is one input's; then some go through the command: ``check``, and ``run`` where check finds
nothing. An input is the same again from seed, kind, number: ``--kind pbf --number 17`` tries one.
OSM files are read in the worker itself; where that ends it, once more as the product does it, in a
child process. The exit code is 1 if there was any fault; ``--keep`` gets the inputs at fault.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from fuzzing.cases import Case, case  # noqa: E402
from fuzzing.judge import ACTS, judge  # noqa: E402
from fuzzing.seeds import KINDS, Files, seeds, study_folder, study_text  # noqa: E402

HANG_S = 60  # of computing
WAIT_S = 300  # by the clock, where the machine is busy
MEMORY = 8 << 30  # of a worker, so that the machine lives on
FAULTS = ("tracebacks", "deaths", "hangs", "silent", "messages")
COLUMNS = ("tried", "accepted", "refused", *FAULTS, "reader died")
NAMES = {"traceback": "tracebacks", "message": "messages"}
IN_CHILD = ("pbf", "osm", "gz", "bz2")
Line = dict[str, Any]
BY_API = ("network", "graphml")  # no command reads them


@dataclass
class Tally:
    """Counts by outcome, and the longest time that one input took."""

    count: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0

    def add(self, outcome: str, seconds: float) -> None:
        self.count["tried"] += 1
        self.count[NAMES.get(outcome, outcome)] += 1
        self.longest_s = max(self.longest_s, seconds)

    @property
    def faults(self) -> int:
        return sum(self.count[key] for key in FAULTS)


# --- in worker processes -----------------------------------------------------------------------


def work(args: argparse.Namespace) -> None:
    """Judge numbers ``first`` to ``end`` of a kind; a line of JSON before and after each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kind, out = args.kind[0], os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    with TemporaryDirectory() as name:
        folder = Path(name)
        whole = seeds(folder, (kind,))[kind]
        for number in range(args.first, args.end):
            one = case(args.seed, kind, number, whole)
            print(json.dumps({"number": number, "how": one.how}), file=out)
            start = time.process_time()
            faulthandler.dump_traceback_later(HANG_S, file=sys.stderr)  # by the clock
            verdict = judge(one, folder, whole, in_child=args.in_child)
            faulthandler.cancel_dump_traceback_later()
            took_s = time.process_time() - start
            if took_s > HANG_S:
                verdict = replace(verdict, outcome="hangs")
            print(json.dumps({"number": number, "took_s": took_s, **asdict(verdict)}), file=out)


def lines_of(
    args: argparse.Namespace, kind: str, first: int, end: int, *flags: str
) -> Iterator[Line]:
    """What a worker says; last, how it ended: {"ended": code}, None if it was stopped."""
    order = ["--worker", "--kind", kind, "--seed", args.seed, "--first", first, "--end", end]
    child = subprocess.Popen(
        [sys.executable, __file__, *map(str, order), *flags],
        stdout=subprocess.PIPE,
        stderr=open(args.stderr, "ab") if args.stderr else subprocess.DEVNULL,  # noqa: PTH123, SIM115
    )
    assert child.stdout is not None
    while select.select([child.stdout], [], [], WAIT_S)[0]:
        if not (line := child.stdout.readline()):
            yield {"ended": child.wait()}
            return
        yield json.loads(line)
    child.kill()
    child.wait()
    yield {"ended": None}


def campaign(args: argparse.Namespace, kind: str, first: int, end: int) -> Tally:
    """All inputs of a kind; after a death or a hang the next worker goes on behind it."""
    tally, number, how = Tally(), first, ""
    while number < end:
        for line in lines_of(args, kind, number, end):
            if "how" in line:
                number, how = line["number"], line["how"]
            elif "outcome" in line:
                tally.add(line["outcome"], line["took_s"])
                report(args, kind, number, how, line)
                number += 1
            elif number < end:
                ended = how_ended(args, kind, number, line["ended"])
                tally.count["reader died"] += kind in IN_CHILD and line["ended"] is not None
                tally.add(ended["outcome"], ended.get("took_s", 0.0))
                report(args, kind, number, how, ended)
                number += 1
    return tally


def how_ended(args: argparse.Namespace, kind: str, number: int, code: int | None) -> Line:
    """What became of the input that a worker ended with."""
    if code is None:
        return {"outcome": "hangs", "words": f"nothing within {WAIT_S} s"}
    if kind in IN_CHILD:
        for line in lines_of(args, kind, number, number + 1, "--in-child"):
            if "outcome" in line:
                return line
    return {"outcome": "deaths", "words": f"exit code {code}"}


def report(args: argparse.Namespace, kind: str, number: int, how: str, line: Line) -> None:
    """Tell a fault, and keep its input."""
    if line["outcome"] in ("accepted", "refused") and args.number is None:
        return
    print(f"{kind} {number} ({how}): {line['outcome']}\n    {line['words'][-1500:]}", flush=True)
    if args.keep is not None:
        with TemporaryDirectory() as name:
            whole = seeds(Path(name), (kind,))[kind]
        place = args.keep / f"{kind}-{number}"
        place.mkdir(parents=True, exist_ok=True)
        for file, content in case(args.seed, kind, number, whole).files.items():
            (place / file).write_bytes(content)
        (place / "verdict.txt").write_text(f"{how}\n{line['outcome']}\n{line['words']}\n")


# --- through the command -----------------------------------------------------------------------


class Commands:
    """A process that runs commands in forks of itself (``fuzzing/commands.py``)."""

    def __init__(self) -> None:
        self.server = self._started()

    def __call__(self, folder: Path, *words: str) -> tuple[int | None, str, float]:
        """Exit code, stderr and CPU seconds of a command; None: it took too long."""
        given = [str(folder), HANG_S, [*words, "--out", "out", "--quiet"]]
        assert self.server.stdin is not None and self.server.stdout is not None
        self.server.stdin.write(json.dumps(given) + "\n")
        self.server.stdin.flush()
        if not select.select([self.server.stdout], [], [], WAIT_S)[0]:
            self.server.kill()
            self.server = self._started()
            return None, "", WAIT_S
        code, took_s, out, err = json.loads(self.server.stdout.readline())
        if code == -signal.SIGXCPU:
            return None, "", took_s
        acting = ACTS.search((out + err).replace("\n", ""))
        return code, f"ACTS {acting[0]!r} {err}" if acting else err, took_s

    def _started(self) -> subprocess.Popen[str]:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:2]), "LC_ALL": "C.UTF-8"}
        script = ROOT / "tests" / "support" / "fuzzing" / "commands.py"
        return subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
        )  # fmt: skip

    def close(self) -> None:
        """End it."""
        self.server.kill()
        self.server.wait()


def orders(kind: str, content: Files) -> list[tuple[str, ...]]:
    """The commands that read an input of the kind, the next if the one before found no fault."""
    if kind == "scenario":
        return [("compare", "study.toml", "scenario.json")]
    if kind == "profile":
        word = content["profile.txt"].replace(b"\0", b"").decode("utf-8", "replace")
        return [("check", "study.toml", f"--profile={word[:9000]}")]
    if kind == "cache":
        return [("run", "study.toml")]
    return [("check", "study.toml"), ("run", "study.toml")]


def through_command(
    one: Case, folder: Path, whole: Files, command: Commands
) -> tuple[str, str, float]:
    """Outcome, words and seconds of an input tried as a planner would."""
    study_folder(folder)
    (folder / "study.toml").write_text(study_text(one.kind), encoding="utf-8")
    place = folder
    if one.kind == "cache":
        code, told, _ = command(folder, "run", "study.toml")
        assert code == 0, told
        (place,) = folder.glob("out/data/processed/own/.cache/city-*")
        before = outputs(folder)
        whole = {name: (place / name).read_bytes() for name in whole}
        one = case(one.number, "cache", one.number, whole)
    for name in whole:
        (place / name).unlink(missing_ok=True)
    for name, content in one.files.items():
        (place / name).write_bytes(content)
    took_s, accepted = 0.0, False
    for words in orders(one.kind, one.files):
        code, told, used_s = command(folder, *words)
        took_s = max(took_s, used_s)
        if code is None:
            return "hangs", " ".join(words), took_s
        if code < 0:
            return "deaths", f"{words}: {code}", took_s
        if code not in (0, 2) or "Traceback" in told:
            return "traceback", told, took_s
        if "ACTS" in told or (code == 2 and told.count("\n") != 1):
            return "message", told, took_s
        if code == 2 and accepted:
            return "silent", f"check found nothing, run says: {told}", took_s
        if code == 2:
            return "refused", told, took_s
        accepted = True
    if one.kind == "cache" and outputs(folder) != before:
        return "silent", "other outputs from a spoiled cache", took_s
    return "accepted", "", took_s


def outputs(folder: Path) -> dict[Path, bytes]:
    """What a run wrote, without the cache."""
    written = [*folder.glob("out/data/processed/own/*"), *folder.glob("out/maps/*")]
    return {path: path.read_bytes() for path in written if path.is_file()}


def command_share(args: argparse.Namespace, kind: str, numbers: range, whole: Files) -> Tally:
    """Those inputs of a kind that go through the command."""
    tally, command = Tally(), Commands()
    for number in numbers:
        one = case(args.seed, kind, number, whole)
        with TemporaryDirectory() as name:
            try:
                outcome, told, took_s = through_command(one, Path(name), whole, command)
            except Exception:
                outcome, told, took_s = "traceback", traceback.format_exc(), 0.0
        tally.add(outcome, took_s)
        report(args, kind, number, f"{one.how}, by command", {"outcome": outcome, "words": told})
    command.close()
    return tally


# --- the table ---------------------------------------------------------------------------------


def table(tallies: dict[str, Tally]) -> str:
    """Counts by kind, and of all."""
    counts = sum((each.count for each in tallies.values()), Counter[str]())
    whole = Tally(counts, max(each.longest_s for each in tallies.values()))
    lines = [f"| kind | {' | '.join(COLUMNS)} | longest s |", "|---" * (len(COLUMNS) + 2) + "|"]
    for kind, tally in {**tallies, "all": whole}.items():
        counts = " | ".join(f"{tally.count[key]:,}" for key in COLUMNS)
        lines.append(f"| {kind} | {counts} | {tally.longest_s:.1f} |")
    return "\n".join(lines)


def shares(kinds: list[str], total: int) -> dict[str, int]:
    """How many inputs of each kind, by their share, at least one."""
    whole = sum(KINDS[kind].share for kind in kinds)
    return {kind: max(round(total * KINDS[kind].share / whole), 1) for kind in kinds}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--number", type=int)
    parser.add_argument("--through-command", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--stderr", type=Path, help="what workers write, added to this file")
    parser.add_argument("--jobs", type=int, default=2)
    for hidden in ("--worker", "--in-child"):
        parser.add_argument(hidden, action="store_true", help=argparse.SUPPRESS)
    for hidden in ("--first", "--end"):
        parser.add_argument(hidden, type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        work(args)
        return 0
    spans = {kind: (0, n) for kind, n in shares(args.kind, args.count).items() if args.count}
    if args.number is not None:
        spans = dict.fromkeys(args.kind, (args.number, args.number + 1))
    faults = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        jobs = {kind: pool.submit(campaign, args, kind, *span) for kind, span in spans.items()}
        tallies = {kind: job.result() for kind, job in jobs.items()}
        if tallies:
            print(f"\nseed {args.seed}, read in process\n\n{table(tallies)}")
            faults += sum(tally.faults for tally in tallies.values())
        if args.through_command:
            with TemporaryDirectory() as name:
                whole = seeds(Path(name))
            kinds = [kind for kind in args.kind if kind not in BY_API]
            first = args.number or 0
            jobs = {
                kind: pool.submit(command_share, args, kind, range(first, first + n), whole[kind])
                for kind, n in shares(kinds, args.through_command).items()
            }
            tallies = {kind: job.result() for kind, job in jobs.items()}
            print(f"\nseed {args.seed}, through the command\n\n{table(tallies)}")
            faults += sum(tally.faults for tally in tallies.values())
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
