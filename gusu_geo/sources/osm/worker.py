"""The child process of ``child.in_child``: does one job and leaves its answer in the folder."""

from __future__ import annotations

import gc
import json
import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

from gusu_geo.sources.osm.child import INTERRUPTED, JOB, answer_of, target
from gusu_geo.sources.osm.handover import ANSWER


def main(folder: str) -> None:
    """Do the job of the folder and end the process, without the time that Python takes to end."""
    gc.disable()  # nothing here goes in circles, and the process soon ends: saves a tenth
    place = Path(folder)
    threading.Thread(target=_end_with_parent, args=(place,), daemon=True).start()
    try:
        job = json.loads((place / JOB).read_text(encoding="ascii"))
        _limit(job["cpu_s"])
        answer = answer_of(target(job["target"]), Path(job["path"]), place, job["arguments"])
        part = place / f"{ANSWER}.part"
        part.write_text(answer, encoding="ascii")
        part.rename(place / ANSWER)
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    os._exit(0)


def _limit(cpu_s: int) -> None:
    """End this process after so many seconds of computing, where the system can."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, most))


def _end_with_parent(folder: Path) -> None:
    """Wait until the parent closes its end of the pipe, then remove what is left and end.

    A read of Python's own stdin would hold a lock that ending needs.
    """
    while os.read(0, 1):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
