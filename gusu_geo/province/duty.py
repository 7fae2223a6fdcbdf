"""The process that does the tasks of a worker, see ``child``."""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from gusu_geo.errors import InputError
from gusu_geo.province import tasks
from gusu_geo.province.child import MB, SEEN, Answer, Job, Unfit, receive, send
from gusu_geo.province.parts import Failed, whole
from gusu_geo.words import text

IDLE_S = 60.0  # without a job: then the process ends
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def main() -> None:
    """Do jobs until nobody asks any more, and end the process."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever anybody prints
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    with suppress(queue.Empty, OSError):
        while True:
            _serve(jobs.get(timeout=IDLE_S), answers)
    os._exit(0)


def _serve(job: Job, answers: IO[bytes]) -> None:
    """Do a job and say what it cost."""
    with suppress(OSError):
        RESET.write_text("5", encoding="ascii")  # what was most until now
    before = sum(os.times()[:4])
    value = value_of(job)
    cpu_s = sum(os.times()[:4]) - before
    send(answers, Answer(value, cpu_s=cpu_s, peak_mb=_peak_mb()))


def value_of(job: Job) -> Any:
    """What the job gives; Failed or Unfit where it cannot be done."""
    try:
        found = unfit(job)
        return found if found is not None else getattr(tasks, job.function)(**job.arguments)
    except InputError as error:
        return Failed(job.district, job.stage, whole(error))
    except OSError as error:
        if error.errno is None:
            return _our_fault(job, error)
        place = f" ({error.filename})" if error.filename else ""
        why = text("cluster.system", why=f"{os.strerror(error.errno)}{place}")
        return Failed(job.district, job.stage, why)
    except MemoryError:
        return Failed(job.district, job.stage, text("error.beyond_memory"))
    except Exception as error:
        return _our_fault(job, error)


def unfit(job: Job) -> Unfit | None:
    """Why this machine can do nothing for the command, None where it can."""
    probe = Path(job.probe)
    if job.probe and not probe.exists():
        place = probe.parent if probe.name.startswith(SEEN) else probe
        return Unfit(text("cluster.no_folder", place=str(place)))
    if job.versions:
        from gusu_geo.pipeline.digests import environment

        here = environment()
        differ = tuple(
            text("cluster.version", name=name, here=asked, there=here.get(name, "–"))
            for name, asked in sorted(job.versions.items())
            if here.get(name) != asked
        )
        if differ:
            return Unfit(text("cluster.versions", differ=differ))
    return None


def _our_fault(job: Job, error: Exception) -> Failed:
    traceback.print_exception(error)
    what = "".join(traceback.format_exception_only(error)).strip()
    why = text("cluster.our_fault", what=what)
    return Failed(job.district, job.stage, why, ours=True)


def _listen(jobs: queue.SimpleQueue[Job]) -> None:
    """Every job; the process ends with who sends them, at once."""
    with suppress(EOFError, OSError):
        while True:
            jobs.put(receive(sys.stdin.buffer))
    os._exit(1)


def _peak_mb() -> float:
    """Most that this process held since it was last set back, 0 where the system does not say."""
    with suppress(OSError, StopIteration, ValueError):
        lines = STATUS.read_text(encoding="ascii").splitlines()
        line = next(line for line in lines if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / MB
    return 0.0
