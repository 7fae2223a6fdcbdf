"""The command for many districts of one region, and how it tells where it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gusu_geo.cli.options import ForceOpt, JsonOpt, LangOpt, NoSurveyOpt, OutOpt, QuietOpt
from gusu_geo.report.terminal import print_json, say
from gusu_geo.words import Text, speak, text

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from gusu_geo.province.pace import Standing
    from gusu_geo.province.run import ProvinceResult

FAILED, OURS = 2, 1  # exit codes: of districts that have no result
ALIVE_S = 60.0  # between two lines where nothing has ended


def province(
    province_file: Annotated[Path, typer.Argument()],
    out: OutOpt = Path(),
    scheduler: Annotated[str, typer.Option("--scheduler")] = "",
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=4096)] = None,
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    force: ForceOpt = False,
    no_survey: NoSurveyOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Judge all districts of a region on several processes or machines, and add them up."""
    from gusu_geo.province.province_file import open_province
    from gusu_geo.province.run import language_of, run_province, where_of

    speak(None if lang is None else lang.value)
    opened = open_province(province_file)
    if lang is None:
        speak(language_of(opened) or None)
    with _shown(quiet) as shown:
        result = run_province(
            opened, out=out, where=where_of(opened, scheduler, workers), force=force,
            survey=not no_survey, lang="" if lang is None else lang.value,
            tell=shown.tell, say=shown.say,
        )  # fmt: skip
    if as_json:
        print_json(result.document)
    else:
        _show(result)
    lost = [row["failure"] for row in result.document["districts"] if row["failure"] is not None]
    if lost:
        raise typer.Exit(OURS if any(one["ours"] for one in lost) else FAILED)


def _show(result: ProvinceResult) -> None:
    """What all districts say together, and who has no result, with the reason."""
    from gusu_geo.report.province_console import show_province

    show_province(result.document, result.folder, result.map_path)
    for row in result.document["districts"]:
        if (lost := row["failure"]) is not None:
            stage = text(f"province.stage_{lost['stage']}")
            say(text("cluster.failed", key=row["key"], stage=stage, why=lost["message"]))


@dataclass
class Plain:
    """A line for each district that ends, and one now and then where none does."""

    said_s: float = field(default_factory=time.monotonic)

    def say(self, message: Text) -> None:
        """A line."""
        say(message)

    def tell(self, now: Standing) -> None:
        """What has ended, and how far the stage is."""
        quiet = time.monotonic() - self.said_s < ALIVE_S
        if now.last is None and not _all_at_once(now) and quiet:
            return
        self.said_s = time.monotonic()
        stage = text(f"province.stage_{now.stage}")
        ended = now.done + now.failed
        say(text("cluster.line", stage=stage, ended=ended, all=now.total, what=_what(now)))


@dataclass
class OnTerminal:
    """A bar for each stage; lines for what failed."""

    bar: Bar
    tasks: dict[str, TaskID] = field(default_factory=dict)

    def say(self, message: Text) -> None:
        """A line above the bars."""
        from rich.text import Text as Plainly

        from gusu_geo.errors import plain

        self.bar.console.print(Plainly(plain(message)))

    def tell(self, now: Standing) -> None:
        """How far the stage is."""
        from gusu_geo.province.parts import Failed

        stage = str(text(f"province.stage_{now.stage}"))
        if now.stage not in self.tasks:
            self.tasks[now.stage] = self.bar.add_task(stage, total=now.total, told="")
        self.bar.update(
            self.tasks[now.stage], completed=now.done + now.failed, told=str(_counts(now))
        )
        if isinstance(now.last, Failed):
            why = now.last.message
            self.say(text("cluster.failed", key=now.last.key, stage=stage, why=why))


class Silent:
    """Nothing is shown."""

    def say(self, message: Text) -> None:
        """Nothing."""

    def tell(self, now: Standing) -> None:
        """Nothing."""


@contextmanager
def _shown(quiet: bool) -> Iterator[Plain | OnTerminal | Silent]:
    """Bars on a terminal, plain lines elsewhere, nothing if quiet."""
    if quiet:
        yield Silent()
        return
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Plain()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield OnTerminal(bar)


def _what(now: Standing) -> Text:
    """What has just ended, and what is still to do."""
    from gusu_geo.province.parts import Failed

    last, counts = now.last, _counts(now)
    if _all_at_once(now):
        return text("cluster.line_all")
    if last is None:
        return counts
    if isinstance(last, Failed):
        return text("cluster.line_failed", key=last.key, why=last.message, counts=counts)
    if last.skipped:
        return text("cluster.line_skipped", key=last.key)
    measured = {"wall_s": last.wall_s, "peak_mb": last.peak_mb}
    return text("cluster.line_done", key=last.key, counts=counts, **measured)


def _all_at_once(now: Standing) -> bool:
    """Whether a task that works for all districts, such as cutting, has just ended."""
    return now.last is None and now.done == now.total


def _counts(now: Standing) -> Text:
    """How many failed and are running, and the time left."""
    left = text("cluster.unknown") if now.left_s is None else _time(now.left_s)
    return text("cluster.counts", running=now.running, failed=now.failed, left=left)


def _time(seconds: float) -> Text:
    """A length of time as one says it."""
    if seconds < 90:
        return text("cluster.seconds", count=seconds)
    if seconds < 5400:
        return text("cluster.minutes", count=seconds / 60)
    return text("cluster.hours", count=seconds / 3600)
