"""Messages and progress of the command line, always on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gusu_geo.report.terminal import say
from gusu_geo.words import text

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

LARGE_MAP_MB = 20


def warn_of_size(path: Path) -> None:
    """A warning if the map is too large to mail or to open quickly."""
    size_mb = path.stat().st_size / 1e6
    if size_mb > LARGE_MAP_MB:
        say(text("usage.large_map", size_mb=size_mb))


@dataclass(frozen=True)
class Steps:
    """Called with each stage that begins; bar: what is drawn meanwhile."""

    show: Callable[[str], None]
    bar: Bar | None = None

    def __call__(self, stage: str) -> None:
        """The stage begins."""
        self.show(stage)


@contextmanager
def paused(steps: Steps | None) -> Iterator[None]:
    """Without the bar, so that something else can be printed."""
    bar = None if steps is None else steps.bar
    if bar is not None:
        bar.stop()
    yield
    if bar is not None:
        bar.start()


@contextmanager
def progress(quiet: bool, stages: tuple[str, ...]) -> Iterator[Steps | None]:
    """A bar on a terminal, plain lines otherwise."""
    if quiet:
        yield None
        return
    from rich.console import Console

    from gusu_geo._kernels.compiling import when_compiling

    console = Console(stderr=True)
    if not console.is_terminal:
        when_compiling(lambda: say(text("usage.compiling")))
        yield Steps(lambda stage: say(text("usage.stage", stage=text(f"stage.{stage}"))))
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<8}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        when_compiling(lambda: bar.console.print(text("usage.compiling")))
        task = bar.add_task(_name(stages[0]), total=len(stages))
        yield Steps(
            lambda stage: bar.update(task, description=_name(stage), completed=stages.index(stage)),
            bar,
        )


def _name(stage: str) -> str:
    return str(text(f"stage.{stage}"))
