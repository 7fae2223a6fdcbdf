"""A scheduler and workers as processes of their own, to be killed; in networks of their own, as if on
other machines, where that is permitted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 120.0  # of a busy machine
ROOT = Path(__file__).resolve().parents[2]
QUIET = {"DASK_LOGGING__DISTRIBUTED": "critical", "DASK_DISTRIBUTED__WORKER__DAEMON": "true"}


@dataclass(frozen=True)
class Host:
    """A network of its own. name: of the namespace; address: in it."""

    name: str
    address: str

    @property
    def before(self) -> list[str]:
        """Words before a command that is to run there."""
        return ["ip", "netns", "exec", self.name]


@dataclass
class Hosts:
    """folder: for what dask writes; apart: networks of their own, scheduler and first worker in the
    first; why_not: why there are none."""

    folder: Path
    apart: list[Host] = field(default_factory=list)
    why_not: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    address: str = ""

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        file = self.folder / f"scheduler-{len(self.processes)}.json"
        words = ("--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        process = self._start("dask_scheduler", words, 0)
        self.address = json.loads(waited(file))["address"]
        return process

    def start_worker(self, number: int = 0) -> subprocess.Popen[bytes]:
        words = (self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
        return self._start("dask_worker", (*words, "--local-directory", str(self.folder)), number)

    def _start(self, module: str, words: Sequence[str], number: int) -> subprocess.Popen[bytes]:
        code = f"from distributed.cli.{module} import main; main()"
        before: list[str] = []
        if self.apart:
            before, words = (
                self.apart[number].before,
                (*words, "--host", self.apart[number].address),
            )
        process = subprocess.Popen(
            [*before, sys.executable, "-c", code, *words],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log.txt").open("ab"),
            env={**os.environ, **QUIET, "PYTHONPATH": str(ROOT)},
        )
        self.processes.append(process)
        return process

    def wait(self, workers: int) -> None:
        """Until so many workers are there."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=PATIENCE_S)

    def close(self) -> None:
        """All of them go down."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


@contextmanager
def hosts_apart(folder: Path) -> Iterator[Hosts]:
    """Two networks with a cable each to a switch on this machine, if that is permitted."""
    subnet, tag = f"10.77.{os.getpid() % 250}", f"gg{os.getpid()}"
    with ExitStack() as undo:
        hosts = Hosts(folder)
        try:
            _ip(f"link add {tag} type bridge")
            undo.callback(_ip, f"link del {tag}")
            _ip(f"addr add {subnet}.1/24 dev {tag}")
            _ip(f"link set {tag} up")
            for number in (1, 2):
                host = Host(f"{tag}-{number}", f"{subnet}.1{number}")
                _ip(f"netns add {host.name}")
                undo.callback(_ip, f"netns del {host.name}")
                _ip(f"link add {tag}v{number} type veth peer name eth0 netns {host.name}")
                _ip(f"link set {tag}v{number} master {tag} up")
                _ip(f"-n {host.name} addr add {host.address}/24 dev eth0")
                for device in ("lo", "eth0"):
                    _ip(f"-n {host.name} link set {device} up")
                hosts.apart.append(host)
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", b"") or str(error).encode()
            hosts.apart, hosts.why_not = [], said.decode(errors="replace").strip()
        undo.callback(hosts.close)
        yield hosts


def _ip(words: str) -> None:
    if shutil.which("ip") is None:
        raise FileNotFoundError("ip")
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)


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
