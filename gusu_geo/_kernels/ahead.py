"""The kernels of a survey, compiled by another process while this one reads and judges.

Both keep what they compile in the same folder, and read there before they compile. Numba replaces
files whole, and a kernel of one form has one file; so whoever stops, and when, does no harm.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numba
from numba import types

from gusu_geo._kernels.compiling import HERE, kept_in

# Kernels in the order in which a survey needs them, and their arguments: kind of number, then the
# dimensions if it is an array; r: that cannot be written; brackets: a tuple.
FORMS = """
fields.file_boxes       q2 q q1 i1
pairs.close_block       d1 d1 q1 q q d (i1 i1)
pairs.way_block         (ri1 rq1 ri1) (ri1 ri1 ri1) (ri1 ri1) (ri1 ri1) q (q1 i1 i1 i1 i1 i1) i1 q1
fields._crossings       q2 q d2 d2 (q1 i1) q1 d1
rounds.rounds           (q1 d1 d1 q2 q2) (d1 d1 q1) (q1 q1 q1) q2 (d d q) (d1 q1) q2
stretches._edges_near   i1 (ri1 rq1 ri1) (i3 i2 d1 d1) q1 q i1 i1
stretches._stretches    i1 (i3 i2 d1 d1) ri1 (q1 q1 q1) i1 q1 d2 (i1 i1 d2)
fields._nearest         q1 d2 (d d) (d2 q1 i1) (d2 d1 q1 i1 i1) (i1 i3 f3 d2)
fields._along           q1 d2 d (d2 d1 d1) i1 i3 f3
contours._levels        q1 i2 (i3 f3 f3) (i1 q1 i1) (i1 i1 d2 d) (h1 d1) h3
borders.borders         (q1 i2 d2) (i3 f3 f3) (d2 i1 d1 d1 d) (i1 i1 d2 d) (d2 q1 i1 d) d1 q2 d2
stretches._pieces       i1 i1 d2 d i1 d2
bulges._table           q1 i1 q1 i1
stretches._lines        i1 d1 d1 (ri1 rq1 rd2 d1) q1 d2
bulges._uncovered       q1 d2 (d d d q) (i1 B3) (q1 d2 i1 ?1) i1 (q1 d2 q1 d2)
bulges._bulges          d2 i1 q1 d2 q1 d2
rings._rings            (d2 i1 q1 d2) (i1 q1 d2 d1)
"""
NUMBERS = {
    "h": types.int16, "i": types.int32, "q": types.int64, "B": types.uint8, "f": types.float32,
    "d": types.float64, "?": types.boolean,
}  # fmt: skip
WITH_OUR_PATH = """
import sys
sys.path[:] = sys.argv[1:]
from gusu_geo._kernels.ahead import main
main()
"""


@contextmanager
def compiling_ahead(wanted: bool) -> Iterator[None]:
    """Meanwhile another process compiles what is in no folder yet; it is ended at the end. None is
    started where it would not help: no second core, no folder, no interpreter."""
    child = _started() if wanted else None
    try:
        yield
    finally:
        if child is not None:
            child.terminate()
            child.wait()


def _started() -> subprocess.Popen[bytes] | None:
    folder = kept_in(HERE, os.environ)
    if folder is None or _cores() < 2 or not sys.executable or hasattr(sys, "frozen"):
        return None
    if (folder / mark()).exists():
        return None
    try:
        return subprocess.Popen(
            [sys.executable, "-c", WITH_OUR_PATH, *sys.path],
            env={**os.environ, "NUMBA_CACHE_DIR": str(folder.parent.absolute())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        return None


def _cores() -> int:
    """Those that this process may use."""
    may_use: Any = getattr(os, "sched_getaffinity", None)
    return (os.cpu_count() or 1) if may_use is None else len(may_use(0))


def mark(what: str = "ahead") -> str:
    """Name of the file that says that what is asked for is compiled, for this Python, numba and
    processor."""
    binding: Any = import_module("llvmlite.binding")
    cpu = binding.get_host_cpu_name()
    return f"{what}-{sys.implementation.cache_tag}-{numba.__version__}-{cpu}"


def main() -> None:
    """In the other process: from the last kernel needed to the first, towards the one that may
    have come to need them. Ends early if nobody waits any more."""
    folder, parent = kept_in(HERE, os.environ), os.getppid()
    for kernel, form in reversed(kernels()):
        if os.name == "posix" and os.getppid() != parent:
            return
        kernel.compile(form)
    if folder is not None:
        Path(folder, mark()).touch()


def kernels() -> list[tuple[Any, tuple[Any, ...]]]:
    """Each kernel and the types of its arguments."""
    out = []
    for line in FORMS.split("\n")[1:-1]:
        name, form = line.split(maxsplit=1)
        module, _, kernel = name.partition(".")
        found = getattr(import_module(f"{__package__}.{module}"), kernel)
        out.append((found, form_of(form)))
    return out


def form_of(written: str) -> tuple[Any, ...]:
    """The types that are written as in ``FORMS``."""
    open_: list[list[Any]] = [[]]
    tuple_of: Any = types.BaseTuple.from_types
    for word in written.replace("(", "( ").replace(")", " )").split():
        if word == "(":
            open_.append([])
        elif word == ")":
            inside = open_.pop()
            open_[-1].append(tuple_of(tuple(inside)))
        else:
            kind = word.lstrip("r")
            one: Any = NUMBERS[kind[0]]
            if kind[1:]:
                one = types.Array(one, int(kind[1:]), "C", readonly=word[0] == "r", aligned=True)
            open_[-1].append(one)
    return tuple(open_[0])
