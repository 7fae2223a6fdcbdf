"""Compile kernels, and keep the code where it can be written and is never older than its source.

Numba keeps compiled functions by the file that defines them; it does not see that a function
compiled into them, in another file, has changed. So the folder is named after all sources.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache as once
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import event, types

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
HERE = Path(__file__).parent
config: Any = numba.config
PREFIX = "kernels-"


_told: list[Callable[[], None]] = []


def when_compiling(tell: Callable[[], None]) -> None:
    """Have ``tell`` called once, when code must be compiled: not when it is only read."""
    _told[:] = [tell]


class _Compiling(event.Listener):
    """Tells of the first compilation, and has no garbage collected meanwhile: compilers make much
    that lives on, and each look through all of it took a tenth of their time."""

    def __init__(self) -> None:
        self.depth, self.collects = 0, False

    def on_start(self, _: object) -> None:
        """A function is about to be compiled, perhaps for another one; numba holds its lock."""
        if self.depth == 0:
            self.collects = gc.isenabled()
            gc.disable()
            while _told:
                _told.pop()()
        self.depth += 1

    def on_end(self, _: object) -> None:
        """It is compiled."""
        self.depth -= 1
        if self.depth == 0 and self.collects:
            gc.enable()


register: Any = event.register
register("numba:compile", _Compiling())


def njit(*, cache: bool, nogil: bool) -> Callable[[Kernel], Kernel]:
    """``numba.njit``, with ``cache=True`` only where compiled code can be kept, and without a form
    for callers in C, of whom there are none."""

    def compiled(function: Kernel) -> Kernel:
        folder = kept_in(HERE, os.environ) if cache else None
        before = config.CACHE_DIR
        if folder is not None:
            config.CACHE_DIR = str(folder)  # numba reads it when a function is decorated
        try:
            make: Any = numba.njit
            dispatcher = make(cache=folder is not None, nogil=nogil, no_cfunc_wrapper=True)(
                function
            )
            return cast("Kernel", dispatcher)
        finally:
            config.CACHE_DIR = before

    return compiled


def inner(function: Kernel) -> Kernel:
    """A function for kernels to call: without a form for Python, which is a third of what a short
    one costs to compile, and kept with each kernel that calls it. Called from Python it is itself,
    not compiled."""
    return cast("Kernel", _Inner(function))


class _Inner:
    """A function that numba takes for one of its own, and Python for one of its own, too."""

    def __init__(self, function: Callable[..., Any]) -> None:
        make: Any = numba.njit
        self.py_func = function
        self.dispatcher = make(no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
        self._numba_type_ = types.Dispatcher(self.dispatcher)  # holds it weakly

    def __call__(self, *values: Any) -> Any:
        return self.py_func(*values)


def kept_in(package: Path, environ: Mapping[str, str]) -> Path | None:
    """The folder for the compiled code of the sources in ``package``: below ``NUMBA_CACHE_DIR``,
    else in ``__pycache__`` beside them, else in the user's cache; None if none can be written."""
    return _first_writable(package, tuple(_places(package, environ)))


@once
def _first_writable(package: Path, places: tuple[Path, ...]) -> Path | None:
    name = PREFIX + digest_of(package)
    for place in places:
        folder = place / name
        try:
            new = not folder.is_dir()
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError:
            continue
        if new and place.parent == package:
            _sweep(place, name)
        return folder
    return None


def digest_of(package: Path) -> str:
    """Of all Python files in ``package``, their names and contents."""
    sources = [path.name.encode() + path.read_bytes() for path in sorted(package.glob("*.py"))]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:16]


def _places(package: Path, environ: Mapping[str, str]) -> list[Path]:
    if environ.get("NUMBA_CACHE_DIR"):
        return [Path(environ["NUMBA_CACHE_DIR"])]
    users = environ.get("XDG_CACHE_HOME") or environ.get("LOCALAPPDATA")
    home = environ.get("HOME") or environ.get("USERPROFILE")
    own = [Path(users)] if users else [Path(home) / ".cache"] if home else []
    return [package / "__pycache__", *(place / "gusu_geo" for place in own)]


def _sweep(place: Path, name: str) -> None:
    """Removes what was compiled from other sources; nobody else keeps anything there."""
    for folder in place.glob(PREFIX + "*"):
        if folder.name != name:
            shutil.rmtree(folder, ignore_errors=True)
    for path in (*place.glob("*.nb[ic]"), place / "kernels.sha256"):  # as kept by 0.1.0
        path.unlink(missing_ok=True)
