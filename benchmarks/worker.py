"""One engine in a process of its own: it is set up for a case and answers what the parent asks."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import multiprocessing
import os
import resource
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TextIO

import answers
from answers import Answer
from case import Case
from plan import ENGINES, OURS, TASKS

Tasks = dict[str, Callable[[int], Answer]]
FAST_S = 0.5  # a first run within it is too short to tell compiling from searching
PATIENCE_S = 300  # of computing for one reply
LONGEST_WAIT_S = 20 * PATIENCE_S  # by the clock: on a busy machine one waits for its turn
GLANCE_S = 5
GOODBYE_S = 5
PROC = Path("/proc")
BESIDE: list[int] = []  # processes of servers that work for this engine, their time and memory too


def serve(engine: str, folder: Path, parent: Connection, cores: tuple[int, int]) -> None:
    """Set the engine up on the first core, then answer (verb, task, count) on the second until told
    to stop."""
    errors = _silenced()
    _pin(cores[0])
    try:
        case = Case.load(folder)
        module, function = ENGINES[engine].setup.split(":")
        start = _cpu_s()
        tasks: Tasks = getattr(importlib.import_module(module), function)(case)
        _pin(cores[1])
        parent.send(("ready", _cpu_s() - start))
        while (request := parent.recv()) is not None:
            verb, task, count = request
            run = tasks[task]
            if verb == "trial":
                parent.send(("trial", _trial(run, TASKS[task].trial)))
            elif verb == "check":
                parent.send(("check", *_check(run, task, count, engine, folder)))
            else:
                parent.send(("time", *timed(run, count)[:2]))
    except ImportError as error:
        parent.send(("absent", f"left out, {error}"))
    except Exception as error:
        traceback.print_exc(file=errors)
        parent.send(("failed", f"failed, {type(error).__name__}: {error}"))


def _pin(core: int) -> None:
    """All threads of this process, and of servers that work for it, to one core."""
    if hasattr(os, "sched_setaffinity"):
        for process in ("self", *BESIDE):
            for thread in (PROC / str(process) / "task").iterdir():
                with contextlib.suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread.name), {core})


def _silenced() -> TextIO:
    """Nothing that engines print is shown, compiled ones included; returns where errors go."""
    errors = os.fdopen(os.dup(2), "w", buffering=1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    return errors


def timed(run: Callable[[int], Answer], count: int) -> tuple[float, float, Answer]:
    """Wall and CPU seconds, and the answer."""
    wall, cpu = time.perf_counter(), _cpu_s()
    answer = run(count)
    return time.perf_counter() - wall, _cpu_s() - cpu, answer


def _cpu_s() -> float:
    """Of this process, of those it started and that ended (a solver may be one), and of servers."""
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime + sum(map(_server_s, BESIDE))


def _server_s(pid: int | None) -> float:
    """User and system time of another process, to a hundredth of a second; 0 where it cannot be
    told. The name before them may hold spaces."""
    stat = PROC / str(pid) / "stat"
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _trial(run: Callable[[int], Answer], count: int) -> float:
    """CPU seconds of a small run, once it is warm."""
    first = timed(run, count)[1]
    return first if first > FAST_S else timed(run, count)[1]


def _check(
    run: Callable[[int], Answer], task: str, count: int, engine: str, folder: Path
) -> tuple[float, float, float, str]:
    """Wall and CPU seconds, peak MB, and what is to be said of the answer beside ours."""
    forget_peak()
    wall, cpu, answer = timed(run, count)
    peak, note = peak_mb(), ""
    path = folder / f"{task}.npz"
    if engine == OURS:
        answers.save(answer, path)
        return wall, cpu, peak, note
    mine = answers.part_of(answers.load(path), task, count)
    if TASKS[task].compared:
        note = f"{TASKS[task].compared} {answers.multiple(mine, answer):.2f} x ours"
    elif differing := answers.differing(mine, answer):
        note = f"{differing:,} answers differ from ours"
    return wall, cpu, peak, note


def forget_peak() -> None:
    """Give memory back that is not needed, and let the peak begin anew, where Linux lets us."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    for process in ("self", *BESIDE):
        reset = PROC / str(process) / "clear_refs"
        if reset.exists():
            reset.write_text("5")


def peak_mb() -> float:
    """Peak resident memory of this process, and of servers that work for it."""
    peaks = [_high_water_mb(process) for process in ("self", *BESIDE)]
    if peaks[0] == 0:  # no Linux
        peaks[0] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return sum(peaks)


def _high_water_mb(process: int | str) -> float:
    status = PROC / str(process) / "status"
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Silent(RuntimeError):
    """The engine is absent, failed or took too long; the message says which."""


class Worker:
    """The process of one engine, seen from the parent."""

    def __init__(self, engine: str, folder: Path, cores: tuple[int, int]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(engine, folder, theirs, cores))
        self.process.start()
        theirs.close()

    def ask(self, *request: Any) -> tuple[Any, ...]:
        """The reply to a request, or, without one, that it is ready. Raises Silent."""
        try:
            if request:
                self.pipe.send(request)
            if not self._heard():
                raise Silent(f"given up after {PATIENCE_S} CPU s")
            verb, *reply = self.pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise Silent("its process ended early") from error
        if verb in ("absent", "failed"):
            raise Silent(reply[0])
        return tuple(reply)

    def _heard(self) -> bool:
        """Whether there is a reply before its process has computed for too long."""
        began, start = _server_s(self.process.pid), time.monotonic()
        while not self.pipe.poll(GLANCE_S):
            computed = _server_s(self.process.pid) - began
            if computed > PATIENCE_S or time.monotonic() - start > LONGEST_WAIT_S:
                return False
        return True

    def stop(self) -> None:
        """Let it end by itself, which some libraries need to clean up; no longer than that."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(None)
        self.process.join(GOODBYE_S)
        self.process.terminate()
        self.process.join()
