"""Tasks in a process of their own: one that takes too much is ended and named, and what breaks it
down breaks no worker. It is kept for the next task while it is small, for loading everything takes
two seconds.

Jobs and answers travel as pickles between processes of one command. The child ends with its parent,
however that one ends, so a killed worker leaves nobody behind who goes on writing.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from gusu_geo.province.parts import Failed
from gusu_geo.words import Text, text

PACKAGES = Path(__file__).resolve().parents[2]  # the folder that holds this package
BOOT = "from gusu_geo.province.duty import main; main()"
LOOK_S = 0.5  # between two looks at the memory of a child
KEPT_SHARE = 0.5  # of the memory that a task may take: a child that holds more is not kept
MB = 1_000_000
SEEN = ".gusu-geo-seen-"  # begins the name of a file that only those see who see its very folder
HEAD = struct.Struct(">Q")  # length of the pickle that follows
# One thread each: as many districts run at once as there are cores.
ONE_THREAD = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


@dataclass(frozen=True)
class Job:
    """What a worker is asked. function: of ``tasks``, with its arguments (plain, paths as texts);
    district and stage: whom it fails for; memory_gb: most that the process and those it starts may
    take, 0: any; versions: of whoever asks, which must be those of the worker; probe: a file or
    folder that the worker must see, "" for none."""

    function: str
    arguments: Mapping[str, Any]
    district: str = ""
    stage: str = ""
    memory_gb: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)
    probe: str = ""


@dataclass(frozen=True)
class Unfit:
    """Why a worker can do nothing for this command, whatever the district."""

    why: Text


@dataclass(frozen=True)
class Answer:
    """value: of the function, Failed or Unfit; cpu_s, wall_s, peak_mb: of the process and those it
    started, for this task; worker: where it ran."""

    value: Any
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float = 0.0
    worker: str = ""


class Broken(RuntimeError):
    """The process of a task ended without an answer: worth another try, perhaps elsewhere.

    Arguments: how it ended, and whether somebody killed it, such as a system without memory.
    """


class Child:
    """A process that does one job after the other."""

    def __init__(self) -> None:
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 (as long as the child)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT],
            stdin=subprocess.PIPE,  # closed when this process ends, in whatever way
            stdout=subprocess.PIPE,
            stderr=self._words,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": _path()},
        )
        self._answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def do(self, job: Job) -> Answer:
        """The answer to a job, with what it cost. Raises Broken: the process has ended."""
        started, peak_mb = time.monotonic(), 0.0
        with suppress(OSError):  # it has ended: so the queue says
            send(self._process.stdin, job)
        while True:
            try:
                answer = self._answers.get(timeout=LOOK_S)
                break
            except queue.Empty:
                peak_mb = max(peak_mb, self.memory_mb())
                if job.memory_gb and peak_mb > job.memory_gb * 1000:
                    self.end()
                    why = text("cluster.beyond_memory", memory_gb=job.memory_gb)
                    answer = Answer(Failed(job.district, job.stage, why))
                    break
        if answer is None:
            raise self._broken()
        peak_mb = max(peak_mb, answer.peak_mb)
        return replace(answer, wall_s=time.monotonic() - started, peak_mb=peak_mb)

    def memory_mb(self) -> float:
        """What it and those that it started hold now."""
        import psutil  # comes with distributed

        found = 0
        with suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            for each in (process, *process.children(recursive=True)):
                with suppress(psutil.Error):
                    found += each.memory_info().rss
        return found / MB

    def lives(self) -> bool:
        """Whether it can take another job."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it now; what it has started ends with it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._words):
            with suppress(OSError):  # a job that was not sent
                pipe.close()  # type: ignore[union-attr]

    def _listen(self) -> None:
        """Every answer, and None at the end."""
        with suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                self._answers.put(receive(self._process.stdout))
        self._answers.put(None)

    def _broken(self) -> Broken:
        code = self._process.wait()
        self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - 2000))
        words = self._words.read().decode(errors="replace").strip().splitlines()
        ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        killed = -code in (signal.SIGTERM, getattr(signal, "SIGKILL", None))
        self.end()
        return Broken(f"{ended}: {words[-1]}" if words and not killed else ended, killed)


_idle: list[Child] = []
_lock = threading.Lock()


def in_process(job: Job, worker: str = "") -> Answer:
    """The answer to a job, from a process that is idle or new. Raises Broken; OSError: no process
    can be started."""
    with _lock:
        child = _idle.pop() if _idle else None
    if child is not None:
        # One of another version, or one that has just left, says nothing of this machine.
        with suppress(Broken):
            answer = child.do(job)
            if not isinstance(answer.value, Unfit):
                return _kept(child, job, answer, worker)
        child.end()
    child = Child()
    try:
        return _kept(child, job, child.do(job), worker)
    except BaseException:
        child.end()
        raise


def _kept(child: Child, job: Job, answer: Answer, worker: str) -> Answer:
    """The answer; the child waits for the next job, unless it has grown."""
    if child.lives():
        most_mb = job.memory_gb * 1000 * KEPT_SHARE
        if most_mb and child.memory_mb() > most_mb:
            child.end()
        else:
            with _lock:
                _idle.append(child)
    return replace(answer, worker=worker)


def send(pipe: IO[bytes] | None, thing: object) -> None:
    """Write a thing into a pipe. Raises OSError: nobody reads."""
    assert pipe is not None
    content = pickle.dumps(thing)
    pipe.write(HEAD.pack(len(content)) + content)
    pipe.flush()


def receive(pipe: IO[bytes] | None) -> Any:
    """What ``send`` wrote. Raises EOFError: nobody writes any more."""
    assert pipe is not None
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        raise EOFError
    (length,) = HEAD.unpack(head)
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)


def _path() -> str:
    return os.pathsep.join([*(each for each in sys.path if each), str(PACKAGES)])
