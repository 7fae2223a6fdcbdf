"""Tasks on dask.distributed: processes of this machine, or the workers of a scheduler elsewhere.

The one module that knows dask. Through the scheduler go paths and small tables only; what a task
reads and writes lies in the folder that all workers share.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import queue
import re
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from gusu_geo.errors import InputError
from gusu_geo.province.child import Answer, Broken, Job, Unfit, in_process
from gusu_geo.province.parts import Failed
from gusu_geo.words import Text, text

CONNECT_S = 13.0  # for a scheduler to answer
ARRIVE_S = 60.0  # for the first worker to come, and for another where all have gone
DASHBOARD_S = 3.0  # for the dashboard to answer
LOOK_S = 1.0  # between two looks at what is running
GB = 1_000_000_000
ADDRESS = re.compile(r"(\w+://)?[^\s/]+:\d+/?")


@dataclass(frozen=True)
class Where:
    """Which workers: of the scheduler at an address ("tcp://host:8786"), or "" for new ones here:
    workers (0: as many as cores and memory allow), each with memory_gb for what it starts. retries:
    how often a task is tried again whose worker, or process, ended without an answer."""

    scheduler: str = ""
    workers: int = 0
    memory_gb: float = 2.0
    retries: int = 3


@dataclass(frozen=True)
class Task:
    """name: unique in a command, the same in the next one; weight: those with more begin first."""

    name: str
    job: Job
    weight: float = 0.0

    @property
    def key(self) -> str:
        """What the scheduler knows it by: two tasks with one key would do the same."""
        said = json.dumps([self.job.function, dict(self.job.arguments)], sort_keys=True)
        return f"gusu-geo {self.name} {hashlib.sha256(said.encode()).hexdigest()[:16]}"


@dataclass
class Cluster:
    """Workers that a command may use. warn: hears of a worker that is sent away."""

    client: Any
    where: Where
    dashboard: str
    warn: Callable[[Text], None]
    idle_s: float = field(default=0.0, init=False)

    def refuse_unfit(self, job: Job) -> None:
        """Have every worker do the job. Raises InputError: one cannot, with the reason and all
        that cannot for it; or the scheduler has gone."""
        from distributed.comm.core import CommClosedError

        try:
            found = self.client.run(in_process, job, on_error="return")
        except OSError:
            raise _gone() from None
        reasons: dict[str, list[str]] = {}
        for address, answer in sorted(found.items()):
            value = answer.value if isinstance(answer, Answer) else answer
            if isinstance(value, CommClosedError):  # it has died meanwhile, which is no fault
                continue
            if isinstance(value, Unfit | Failed | BaseException):
                reasons.setdefault(_reason(value).key, []).append(address)
        for addresses in reasons.values():
            first = found[addresses[0]]
            why = _reason(first.value if isinstance(first, Answer) else first)
            names = tuple(map(_short, addresses))
            raise InputError(text("cluster.unfit", why=why, names=names), fix=text("cluster.alike"))

    def threads(self) -> int:
        """How many tasks may run at once."""
        return sum(self.client.nthreads().values())

    def answers(
        self, tasks: Sequence[Task], look: Callable[[int], None]
    ) -> Iterator[tuple[Task, Answer]]:
        """Each task with its answer, in the order in which they are done; look: is told now and
        then how many are running.

        Raises InputError: the scheduler has gone, or all workers have.
        """
        ended: queue.Queue[tuple[Task, Any]] = queue.Queue()
        ordered = sorted(tasks, key=lambda task: (-task.weight, task.name))
        # Held here: the scheduler forgets what nobody waits for.
        held = {task.name: self._submit(task, ended, n) for n, task in enumerate(ordered)}
        tries = dict.fromkeys(held, 0)
        while held:
            try:
                task, future = ended.get(timeout=LOOK_S)
            except queue.Empty:
                look(self._running())
                continue
            del held[task.name]
            answer = self._answer(task, future)
            if isinstance(answer.value, Unfit):
                self._send_away(answer)
                tries[task.name] += 1
                held[task.name] = self._submit(task, ended, tries=tries[task.name])
                continue
            self.idle_s = 0.0
            yield task, answer

    def _submit(
        self, task: Task, ended: queue.Queue[tuple[Task, Any]], rank: int = 0, tries: int = 0
    ) -> Any:
        again = f" {tries}" if tries else ""
        future = self.client.submit(
            _at_worker,
            task.job,
            key=task.key + again,
            priority=-rank,
            retries=self.where.retries,
        )
        future.add_done_callback(lambda done: ended.put((task, done)))
        return future

    def _answer(self, task: Task, future: Any) -> Answer:
        """What a task that has ended says. Raises InputError: the scheduler has gone."""
        from distributed import CancelledError, KilledWorker

        district, stage = task.job.district, task.job.stage
        try:
            answer: Answer = future.result()
        except CancelledError:
            raise _gone() from None
        except KilledWorker:
            failed = Failed(district, stage, text("cluster.worker_died", tries=self.where.retries))
        except Broken as error:
            what, killed = error.args
            why = text("cluster.killed" if killed else "cluster.broke_down", what=what)
            failed = Failed(district, stage, why, ours=not killed)
        except Exception as error:
            what = text("cluster.our_fault", what=f"{type(error).__name__}: {error}")
            failed = Failed(district, stage, what, ours=True)
        else:
            return answer
        return Answer(failed)

    def _send_away(self, answer: Answer) -> None:
        """No more tasks for a worker that can do none. Raises InputError: there is no other."""
        self.warn(text("cluster.sent_away", worker=_short(answer.worker), why=answer.value.why))
        with suppress(Exception):  # it may have gone by itself
            self.client.retire_workers([answer.worker])
        if not self.client.nthreads():
            what = text("cluster.unfit", why=answer.value.why, names=(_short(answer.worker),))
            raise InputError(what, fix=text("cluster.alike"))

    def _running(self) -> int:
        """How many tasks are running. Raises InputError: all workers have gone for long, or the
        scheduler."""
        try:
            threads, given = self.client.nthreads(), self.client.processing()
        except Exception:  # the connection is lost: if it stays so, the client closes
            if self.client.status == "closed":
                raise _gone() from None
            return 0
        self.idle_s = 0.0 if threads else self.idle_s + LOOK_S
        if self.idle_s > ARRIVE_S:
            raise InputError(text("cluster.no_workers"), fix=text("cluster.start_workers"))
        return sum(min(len(given.get(worker, ())), many) for worker, many in threads.items())


@contextmanager
def opened(where: Where, warn: Callable[[Text], None]) -> Iterator[Cluster]:
    """Workers, as long as the context lasts. Raises InputError: distributed is not installed, no
    scheduler answers, or it has no workers."""
    _installed()
    import dask
    from distributed.comm.core import CommClosedError

    settings = {
        "distributed.scheduler.allowed-failures": where.retries,
        # A task is a process of its own: what the worker itself holds says nothing.
        "distributed.worker.memory.target": False,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.pause": False,
    }
    with _silent(), dask.config.set(settings):
        starting = _there(where.scheduler) if where.scheduler else _here(where)
        with starting as client:
            try:
                client.wait_for_workers(1, timeout=ARRIVE_S)
            except TimeoutError:
                fix = text("cluster.start_workers")
                raise InputError(text("cluster.no_workers"), fix=fix) from None
            try:
                yield Cluster(client, where, _dashboard(client), warn)
            except CommClosedError:
                raise _gone() from None


def _at_worker(job: Job) -> Answer:
    """The job, done by this worker in a process of its own."""
    from distributed import get_worker

    return in_process(job, get_worker().address)


@contextmanager
def _here(where: Where) -> Iterator[Any]:
    """A client of new workers on this machine, each a process with one thread."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=where.workers or _room(where.memory_gb),
            threads_per_worker=1,
            processes=True,
            memory_limit=f"{where.memory_gb}GB",
            dashboard_address="127.0.0.1:8787" if _has_bokeh() else None,
            silence_logs=logging.CRITICAL,
        ) as local,
        Client(local, set_as_default=False) as client,
    ):
        yield client


@contextmanager
def _there(address: str) -> Iterator[Any]:
    """A client of the scheduler at the address."""
    from distributed import Client

    fix = text("cluster.check_address")
    if not ADDRESS.fullmatch(address):
        raise InputError(text("cluster.no_address"), got=address, fix=fix)
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except Exception as error:  # of addresses and networks there are many kinds
        what = text("cluster.no_scheduler", seconds=CONNECT_S)
        raise InputError(what, got=address, fix=fix) from error
    with client:
        yield client


def _room(memory_gb: float) -> int:
    """How many workers cores and memory of this machine, or of its container, allow."""
    from dask.system import CPU_COUNT
    from distributed.system import MEMORY_LIMIT

    return max(1, min(int(CPU_COUNT), int(MEMORY_LIMIT / (memory_gb * GB))))


def _installed() -> None:
    missing = [name for name in ("dask", "distributed") if importlib.util.find_spec(name) is None]
    if missing:
        what = text("cluster.not_installed", name=missing[0])
        raise InputError(what, fix=text("cluster.install"))


def _has_bokeh() -> bool:
    return importlib.util.find_spec("bokeh") is not None


def _dashboard(client: Any) -> str:
    """The address of the dashboard, "" where none answers: a scheduler without one names its
    service all the same."""
    with suppress(Exception):
        address = str(client.dashboard_link)
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        if address.startswith("http") and straight.open(address, timeout=DASHBOARD_S).status == 200:
            return address
    return ""


@contextmanager
def _silent() -> Iterator[None]:
    """What distributed logs of workers that end is said by us, in a line."""
    import distributed  # which sets the levels of its loggers

    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    loggers = [logging.getLogger(name) for name in (distributed.__name__, *names)]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"distributed\.")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _reason(value: Any) -> Text:
    if isinstance(value, Unfit):
        return value.why
    if isinstance(value, Failed):
        return value.message
    if isinstance(value, ImportError) or "No module named 'gusu_geo" in str(value):
        return text("cluster.not_there", what=str(value))
    return text("cluster.our_fault", what=f"{type(value).__name__}: {value}")


def _gone() -> InputError:
    return InputError(text("cluster.scheduler_gone"), fix=text("cluster.same_again"))


def _short(address: str) -> str:
    return address.removeprefix("tcp://")
