"""A scheduler and workers as processes of their own, as they would run on other machines, to be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 120.0  # of a busy machine
ROOT = Path(__file__).resolve().parents[2]
QUIET = {"DASK_LOGGING__DISTRIBUTED": "critical", "DASK_DISTRIBUTED__WORKER__DAEMON": "true"}


@dataclass
class Hosts:
    """folder: for what dask writes; before: words before each command, such as ``ip netns exec x``."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    address: str = ""

    def start_scheduler(self, *more: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        file = self.folder / f"scheduler-{len(self.processes)}.json"
        words = ("--port", "0", "--no-dashboard", "--scheduler-file", str(file), *more)
        process = self._start("dask_scheduler", *words, before=before)
        self.address = json.loads(waited(file))["address"]
        return process

    def start_worker(self, *more: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        words = (
            self.address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--local-directory",
            str(self.folder),
        )
        return self._start("dask_worker", *words, *more, before=before)  # fmt: skip

    def _start(
        self, module: str, *words: str, before: Sequence[str] = ()
    ) -> subprocess.Popen[bytes]:
        code = f"from distributed.cli.{module} import main; main()"
        process = subprocess.Popen(
            [*before, sys.executable, "-c", code, *words],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log.txt").open("ab"),
            env={**os.environ, **QUIET, "PYTHONPATH": str(ROOT)},
        )
        self.processes.append(process)
        return process

    def close(self) -> None:
        """All of them go down."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


def waited(path: Path) -> str:
    """The content of a file that somebody is about to write."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            content = path.read_text(encoding="utf-8")
            json.loads(content)
            return content
        except (OSError, ValueError):
            time.sleep(0.05)
    raise TimeoutError(f"{path} was not written")
