"""A task in a process of its own: all that it took is given back at its end, it is told what a
district cost, and what breaks it down breaks no worker.

The job and its answer travel as pickles between two processes of one command. The child ends with
its parent, however that one ends, so a killed worker leaves nobody behind who goes on writing.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gusu_geo.province.parts import Failed
from gusu_geo.words import Text, text

JOB, ANSWER, PART, WORDS = "job", "answer", "answer.part", "stderr.txt"
PACKAGES = Path(__file__).resolve().parents[2]  # the folder that holds this package
BOOT = "import sys; from gusu_geo.province.child import main; main(sys.argv[1])"
LOOK_S = 0.5  # between two looks at the memory of a child
LEAVE_S = 2.0  # for a child to clean up
MB = 1_000_000
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
    started; worker: where it ran."""

    value: Any
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float = 0.0
    worker: str = ""


class Broken(RuntimeError):
    """The process of a task ended without an answer: worth another try, perhaps elsewhere.

    Arguments: how it ended, and whether somebody killed it, such as a system without memory.
    """


def in_process(job: Job, worker: str = "") -> Answer:
    """The answer to a job, from a new process. Raises Broken; OSError: no temporary folder."""
    with tempfile.TemporaryDirectory(prefix="gusu-geo-", ignore_cleanup_errors=True) as name:
        folder, started = Path(name), time.monotonic()
        (folder / JOB).write_bytes(pickle.dumps(job))
        with (folder / WORDS).open("wb") as words:
            child = subprocess.Popen(
                [sys.executable, "-P", "-c", BOOT, str(folder)],
                stdin=subprocess.PIPE,  # closed when this process ends, in whatever way
                stdout=subprocess.DEVNULL,
                stderr=words,
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": _path()},
            )
            try:
                peak_mb = _watched(child, job.memory_gb)
            finally:
                _end(child)
        if job.memory_gb and peak_mb > job.memory_gb * 1000:
            failed = Failed(
                job.district, job.stage, text("cluster.beyond_memory", memory_gb=job.memory_gb)
            )
            return Answer(failed, 0.0, time.monotonic() - started, peak_mb, worker)
        if not (folder / ANSWER).is_file():
            killed = -child.returncode in (signal.SIGTERM, getattr(signal, "SIGKILL", None))
            raise Broken(_last_words(folder, child.returncode), killed)
        answer: Answer = pickle.loads((folder / ANSWER).read_bytes())
        wall_s = time.monotonic() - started
        return replace(answer, wall_s=wall_s, peak_mb=max(peak_mb, answer.peak_mb), worker=worker)


def main(folder: str) -> None:
    """Do the job of the folder and end the process."""
    import threading

    place = Path(folder)
    threading.Thread(target=_end_with_parent, args=(place,), daemon=True).start()
    job: Job = pickle.loads((place / JOB).read_bytes())
    value = _value(job)
    answer = Answer(value, cpu_s=sum(os.times()[:4]), peak_mb=_own_peak_mb())
    (place / PART).write_bytes(pickle.dumps(answer))
    (place / PART).rename(place / ANSWER)
    sys.stderr.flush()
    os._exit(0)


def _value(job: Job) -> Any:
    """What the job gives; Failed or Unfit where it cannot be done."""
    from gusu_geo.errors import InputError

    try:
        why = unfit(job)
        if why is not None:
            return why
        from gusu_geo.province import tasks

        return getattr(tasks, job.function)(**job.arguments)
    except InputError as error:
        return Failed(job.district, job.stage, whole(error))
    except OSError as error:
        if error.errno is None:
            raise
        return Failed(job.district, job.stage, text("cluster.system", why=_of_system(error)))
    except MemoryError:
        return Failed(job.district, job.stage, text("error.beyond_memory"))
    except Exception as error:
        traceback.print_exc()
        what = "".join(traceback.format_exception_only(error)).strip()
        return Failed(job.district, job.stage, text("cluster.our_fault", what=what), ours=True)


def unfit(job: Job) -> Unfit | None:
    """Why this machine can do nothing for the command, None where it can."""
    if job.probe and not Path(job.probe).exists():
        return Unfit(text("cluster.no_folder", place=job.probe))
    if job.versions:
        from gusu_geo.pipeline.digests import environment

        here = environment()
        differ = tuple(
            text("cluster.version", name=name, here=there or "–", there=here.get(name, "–"))
            for name, there in sorted(job.versions.items())
            if here.get(name) != there
        )
        if differ:
            return Unfit(text("cluster.versions", differ=differ))
    return None


def whole(error: Any) -> Text:
    """The message of an InputError with all its parts, in both languages."""
    return text("cluster.message", what={lang: error.in_language(lang) for lang in ("zh", "en")})


def _of_system(error: OSError) -> str:
    place = f" ({error.filename})" if error.filename else ""
    return f"{os.strerror(error.errno or 0)}{place}"


def _path() -> str:
    return os.pathsep.join([*(each for each in sys.path if each), str(PACKAGES)])


def _watched(child: subprocess.Popen[bytes], memory_gb: float) -> float:
    """Wait for the child; it is ended where it takes too much. Most MB seen."""
    peak_mb = 0.0
    while True:
        with suppress(subprocess.TimeoutExpired):
            child.wait(LOOK_S)
            return peak_mb
        peak_mb = max(peak_mb, _memory_mb(child.pid))
        if memory_gb and peak_mb > memory_gb * 1000:
            return peak_mb


def _memory_mb(pid: int) -> float:
    """What a process and those that it started hold now."""
    import psutil  # comes with distributed

    found = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                found += each.memory_info().rss
    return found / MB


def _own_peak_mb() -> float:
    """Most that this process has held, 0 where the system does not say: unlike ru_maxrss without
    what its parent held."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / MB
    return 0.0


def _end(child: subprocess.Popen[bytes]) -> None:
    """Tell the child to end, and make it end."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(LEAVE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _last_words(folder: Path, code: int) -> str:
    words = (folder / WORDS).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"{ended}: {words[-1]}" if words else ended


def _end_with_parent(folder: Path) -> None:
    """Wait until the parent closes its end of the pipe, then remove what is left and end."""
    while os.read(0, 1):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
