"""Messages and progress of the command line, always on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gusu_geo.report.terminal import say
from gusu_geo.words import text

LARGE_MAP_MB = 20


def warn_of_size(path: Path) -> None:
    """A warning if the map is too large to mail or to open quickly."""
    size_mb = path.stat().st_size / 1e6
    if size_mb > LARGE_MAP_MB:
        say(text("usage.large_map", size_mb=size_mb))


@contextmanager
def progress(quiet: bool, stages: tuple[str, ...]) -> Iterator[Callable[[str], None] | None]:
    """A bar on a terminal, plain lines otherwise."""
    if quiet:
        yield None
        return
    from rich.console import Console

    from gusu_geo._kernels.compiling import when_compiling

    console = Console(stderr=True)
    if not console.is_terminal:
        when_compiling(lambda: say(text("usage.compiling")))
        yield lambda stage: say(text("usage.stage", stage=text(f"stage.{stage}")))
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<8}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        when_compiling(lambda: bar.console.print(text("usage.compiling")))
        task = bar.add_task(_name(stages[0]), total=len(stages))
        yield lambda stage: bar.update(
            task, description=_name(stage), completed=stages.index(stage)
        )


def _name(stage: str) -> str:
    return str(text(f"stage.{stage}"))
