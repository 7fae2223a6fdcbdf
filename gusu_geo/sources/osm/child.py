"""Runs a function of ours on an OSM file in a child process: a file that crashes the reader, which
is C++, ends the child with one message, and not the caller's notebook.

Started with ``subprocess``, so that scripts without a main guard and notebooks work; the child
finds the package wherever this process did. It ends with its parent, however that one ends.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from gusu_geo.errors import InputError, OutputError, SourceError
from gusu_geo.sources.osm.handover import ANSWER, Box, fault_as_json, fault_of, pack, unpack
from gusu_geo.words import text

T = TypeVar("T")
PACKAGES = Path(__file__).resolve().parents[3]  # the folder that holds this package
JOB, WORDS = "job.json", "stderr.txt"
LEAST_S, BYTES_PER_S = 50, 20_000  # of CPU: after that a reader hangs; cities take a 30th of it
WAIT_TIMES = 20  # of that by the clock, where the machine is busy
INTERRUPTED = 130
LEAVE_S = 2.0  # for a child to clean up
BOOT = (
    "import json, sys; folder = sys.argv[1]; "
    "sys.path[:] = json.load(open(folder + '/job.json'))['sys_path']; "
    "from gusu_geo.sources.osm.worker import main; main(folder)"
)


def in_child(function: Callable[..., T], path: Path, **arguments: Any) -> T:
    """``function(folder, path, **arguments)`` in a child process; folder: for working copies.

    function: of a module, its types declared; arguments: as JSON holds them. Raises what it
    raises of our errors; SourceError: the child broke down or hangs; OutputError: no disk space.
    """
    if not can_start():
        return here(function, path, **arguments)
    with _working_folder() as folder:
        job: dict[str, Any] = {"target": _name(function), "path": str(path), "arguments": arguments}
        found = [str(each) for each in sys.path if each]
        limit_s = LEAST_S + _size(path) // BYTES_PER_S
        job["cpu_s"] = limit_s
        job["sys_path"] = [*found, str(PACKAGES)]
        (folder / JOB).write_text(json.dumps(job), encoding="ascii")
        ended = _run(folder, path, limit_s)
        if ended is None or ended == -getattr(signal, "SIGXCPU", 2**31):
            what = text("error.reader_hangs", seconds=limit_s)
            raise SourceError(what, where=path, fix=text("error.copy_again"))
        return _answer(function, path, folder, ended)


def here(function: Callable[..., T], path: Path, **arguments: Any) -> T:
    """The same in this process, with the same hand-over."""
    with _working_folder() as folder:
        (folder / ANSWER).write_text(answer_of(function, path, folder, arguments))
        return _answer(function, path, folder, 0)


def can_start() -> bool:
    """Whether there is a Python to start: not where it runs inside another program."""
    return bool(sys.executable)


def answer_of(
    function: Callable[..., T], path: Path, folder: Path, arguments: dict[str, Any]
) -> str:
    """What the child answers, as JSON: the value, one of our errors, or the trace of a bug."""
    try:
        box = Box()
        value = pack(function(folder, path, **arguments), _kind(function), box)
        box.save(folder)
    except InputError as error:
        return json.dumps({"fault": fault_as_json(error)})
    except OSError as error:  # of working copies: what reading raises is one of our errors
        return json.dumps({"fault": fault_as_json(_no_room(error))})
    except Exception:
        return json.dumps({"bug": traceback.format_exc()})
    return json.dumps({"value": value})


def target(name: str) -> Callable[..., Any]:
    """The function of that name, as ``in_child`` wrote it."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def _run(folder: Path, path: Path, limit_s: int) -> int | None:
    """Start the child, wait for it, and return its exit code, None if it took too long; never
    leaves it behind."""
    flags = ["-P", "-X", f"utf8={sys.flags.utf8_mode}"]  # -P: no module of the current folder
    with (folder / WORDS).open("wb") as words:
        try:
            child = subprocess.Popen(
                [sys.executable, *flags, "-c", BOOT, str(folder)],
                stdin=subprocess.PIPE,  # closed when this process ends, in whatever way
                stdout=subprocess.DEVNULL,
                stderr=words,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            what = text("error.no_reader", error=error.strerror or str(error))
            raise SourceError(what, where=path, fix=text("error.check_python")) from error
        try:
            for _ in range(
                limit_s * WAIT_TIMES
            ):  # in steps: a second of sleep (Ctrl-Z) is one step, too
                with suppress(subprocess.TimeoutExpired):
                    return child.wait(1.0)
        finally:
            _end(child)
    return None


def _end(child: subprocess.Popen[bytes]) -> None:
    """Tell the child to end, and make it end."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(LEAVE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _answer(function: Callable[..., T], path: Path, folder: Path, ended: int) -> T:
    """The child's value. Raises its error."""
    if ended in (-signal.SIGINT, INTERRUPTED):
        raise KeyboardInterrupt
    if ended or not (folder / ANSWER).is_file():
        raise _death(path, folder, ended)
    answer = json.loads((folder / ANSWER).read_text(encoding="ascii"))
    if "fault" in answer:
        raise fault_of(answer["fault"])
    if "bug" in answer:
        raise RuntimeError(f"in the process that reads {path}:\n{answer['bug']}")
    value: T = unpack(answer["value"], _kind(function), Box.load(folder))
    return value


def _death(path: Path, folder: Path, ended: int) -> Exception:
    """What it means that the child ended without an answer."""
    words = (folder / WORDS).read_text(encoding="utf-8", errors="replace")
    if "Traceback (most recent call last)" in words:
        return RuntimeError(f"in the process that reads {path}:\n{words}")
    if -ended in (getattr(signal, "SIGKILL", None), signal.SIGTERM):
        return SourceError(text("error.reader_stopped"), where=path, fix=text("error.more_memory"))
    return SourceError(text("error.reader_died"), where=path, fix=text("error.copy_again"))


@contextmanager
def _working_folder() -> Iterator[Path]:
    """A temporary folder, always removed. Raises OutputError: none can be made, or it is full."""
    try:
        with tempfile.TemporaryDirectory(prefix="gusu-geo-", ignore_cleanup_errors=True) as name:
            yield Path(name)
    except OSError as error:
        raise _no_room(error) from error


def _no_room(error: OSError) -> OutputError:
    place = error.filename or tempfile.tempdir or "TMPDIR"
    return OutputError(text("error.no_room"), where=place, fix=text("error.make_room"))


def _size(path: Path) -> int:
    return os.path.getsize(path) if os.path.isfile(path) else 0  # noqa: PTH113, PTH202 (any name)


def _kind(function: Callable[..., Any]) -> Any:
    return get_type_hints(function)["return"]


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{function.__qualname__}"
