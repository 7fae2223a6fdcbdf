"""Temporary folders that a killed process cannot leave for good, and turns of runs at one time.

A lock ends with its process, however that ends, and no later process inherits it; a process id in
a name would be given to another process, in a container even to the next run.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".gusu-geo-"
LOCK = ".lock"
LOCKS = sys.platform != "win32"

if sys.platform == "win32":  # knows no such locks: every folder counts as in use

    def _hold(handle: int, *, wait: bool) -> bool:  # noqa: ARG001
        return False

else:
    import fcntl

    def _hold(handle: int, *, wait: bool) -> bool:
        """Whether the lock was taken. Raises OSError: this file system has no locks."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A new folder inside ``folder``, deleted at the end; those of killed processes go first.

    Raises OSError: ``folder`` cannot be written.
    """
    with alone(folder):
        sweep(folder, f"{PREFIX}*")
        place, lock = _new(folder)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def _new(folder: Path) -> tuple[Path, int]:
    """A new folder and its lock, which is held. Where folders themselves cannot be locked (NFS),
    another host may sweep it away before that: then another one is made."""
    while True:
        place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        try:
            lock = os.open(place / LOCK, os.O_CREAT | os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            mine = _hold(lock, wait=False) or not LOCKS
        except OSError:  # no locks here: then nobody sweeps either
            mine = True
        with suppress(FileNotFoundError):
            if mine and os.path.samestat(os.fstat(lock), (place / LOCK).stat()):
                return place, lock
        os.close(lock)


def sweep(folder: Path, pattern: str) -> None:
    """Delete what matches in ``folder`` and is not in use."""
    for place in folder.glob(pattern):
        # With the lock, so that whoever has just made the folder sees that it goes.
        with _unused(place, os.O_RDWR | os.O_CREAT) as unused:
            if unused:
                remove(place)


def in_use(place: Path) -> bool:
    """Whether a living process works in the folder ``place``."""
    with _unused(place, os.O_RDWR) as unused:
        return not unused


@contextmanager
def _unused(place: Path, flags: int) -> Iterator[bool]:
    """Whether nobody works in the folder, nor will inside the context."""
    try:
        lock = os.open(place / LOCK, flags)
    except (FileNotFoundError, NotADirectoryError):
        yield True
        return
    except OSError:
        yield False  # of another user
        return
    try:
        try:
            unused = _hold(lock, wait=False)
        except OSError:
            unused = False
        yield unused
    finally:
        os.close(lock)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time, where the file system can lock a folder."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            _hold(handle, wait=True)
        yield
    finally:
        os.close(handle)


def remove(place: Path) -> None:
    """Delete a folder or file, if it exists."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
