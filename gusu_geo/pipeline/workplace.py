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
    with alone(folder):  # nobody sweeps the new folder before its lock is held
        sweep(folder, f"{PREFIX}*")
        place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        lock = os.open(place / LOCK, os.O_CREAT | os.O_RDWR)
        with suppress(OSError):  # no locks here: then nobody sweeps either
            _hold(lock, wait=False)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def sweep(folder: Path, pattern: str) -> None:
    """Delete what matches in ``folder`` and is not in use."""
    for place in folder.glob(pattern):
        if not in_use(place):
            remove(place)


def in_use(place: Path) -> bool:
    """Whether a living process works in the folder ``place``."""
    try:
        lock = os.open(place / LOCK, os.O_RDWR)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # of another user
    try:
        return not _hold(lock, wait=False)
    except OSError:
        return True
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
