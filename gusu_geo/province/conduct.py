"""Stages of many districts on one cluster, which starts when the first task needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from gusu_geo.errors import InputError
from gusu_geo.foreign import foreign
from gusu_geo.pipeline.digests import environment
from gusu_geo.province.child import SEEN, Answer, Job
from gusu_geo.province.cluster import Cluster, Task, Where, opened
from gusu_geo.province.pace import Pace, Standing, Tell
from gusu_geo.province.parts import Done, Failed
from gusu_geo.words import Text, text


@dataclass
class Conductor:
    """folder: of the province, which all workers must see; tell: hears where a stage is; say: a
    line for people, such as where the dashboard is."""

    folder: Path
    where: Where
    tell: Tell
    say: Callable[[Text], None]
    _open: ExitStack = field(default_factory=ExitStack, init=False)
    _cluster: Cluster | None = field(default=None, init=False)

    def stage(
        self,
        name: str,
        function: str,
        arguments: Mapping[str, Mapping[str, Any]],
        weights: Mapping[str, float],
        before: Mapping[str, Done | Failed] | None = None,
    ) -> tuple[dict[str, Any], list[Failed]]:
        """What the function of ``tasks`` gives for every district, by key, and those that failed.

        weights: of all districts, the heaviest begin first; before: those of them that are done, or
        have failed, without a task. Raises InputError: nothing can be done at all.
        """
        pace = Pace(name, weights, self.tell)
        values: dict[str, Any] = {}
        failed: list[Failed] = []
        for each in (before or {}).values():
            pace.ended(each)
            _sort(each.key, each, values, failed)
        if not arguments:
            return values, failed
        cluster = self._ready()
        pace.look(cluster.threads())
        tasks = [
            self._task(name, key, function, given, weights[key]) for key, given in arguments.items()
        ]
        for task, answer in cluster.answers(tasks, pace.look):
            key, value = task.job.district, _measured(answer)
            pace.ended(value if isinstance(value, Done | Failed) else _plain(key, answer))
            _sort(key, value, values, failed)
        return values, sorted(failed, key=lambda one: one.key)

    def alone(self, name: str, function: str, arguments: Mapping[str, Any], count: int) -> Any:
        """What one task gives that works for all ``count`` districts. Raises InputError: it
        cannot."""
        cluster = self._ready()
        self.tell(Standing(name, count, running=1))
        for _, answer in cluster.answers(
            [self._task(name, "", function, arguments, 0.0)],
            lambda running: self.tell(Standing(name, count, running=running)),
        ):
            if isinstance(answer.value, Failed):
                if answer.value.ours:
                    raise RuntimeError(answer.value.message.en)
                raise InputError(answer.value.message)
            self.tell(Standing(name, count, done=count))
            return answer.value
        raise AssertionError

    def _task(
        self, stage: str, key: str, function: str, given: Mapping[str, Any], weight: float
    ) -> Task:
        job = Job(
            function,
            given,
            district=key,
            stage=stage,
            memory_gb=self.where.memory_gb,
            versions=environment(),
            probe=str(self.folder),
        )
        return Task(f"{stage} {key}", job, weight)

    def _ready(self) -> Cluster:
        """The cluster, all of whose workers are alike and see the folder."""
        if self._cluster is None:
            cluster = self._open.enter_context(opened(self.where, self.say))
            with _probe(self.folder) as probe:
                given = {"folder": str(self.folder)}
                cluster.refuse_unfit(
                    Job("try_to_write", given, versions=environment(), probe=str(probe))
                )
            self.say(text("cluster.workers", count=cluster.threads()))
            if cluster.dashboard:
                self.say(text("cluster.dashboard", address=cluster.dashboard))
            self._cluster = cluster
        return self._cluster

    def __enter__(self) -> Conductor:
        return self

    def __exit__(self, *raised: Any) -> None:
        self._open.__exit__(*raised)  # what is raised may be said better there


def _measured(answer: Answer) -> Any:
    """The value, with what it cost where it can say that."""
    if not isinstance(answer.value, Done):
        return answer.value
    if answer.value.skipped:
        return replace(answer.value, worker=answer.worker)
    return replace(
        answer.value,
        cpu_s=answer.cpu_s,
        wall_s=answer.wall_s,
        peak_mb=answer.peak_mb,
        worker=answer.worker,
    )


def _plain(key: str, answer: Answer) -> Done:
    """For the pace: a task that has no outputs of its own."""
    return Done(key, "", False, answer.cpu_s, answer.wall_s, answer.peak_mb, answer.worker)


def _sort(key: str, value: Any, values: dict[str, Any], failed: list[Failed]) -> None:
    if isinstance(value, Failed):
        failed.append(value)
    else:
        values[key] = value


@contextmanager
def _probe(folder: Path) -> Iterator[Path]:
    """A file that only those see who see this very folder. Raises OutputError."""
    place = folder / f"{SEEN}{uuid4().hex}"
    with foreign("output", folder):
        folder.mkdir(parents=True, exist_ok=True)
        place.touch()
    try:
        yield place
    finally:
        place.unlink(missing_ok=True)
