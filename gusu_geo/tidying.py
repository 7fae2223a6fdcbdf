"""How often Python looks for garbage that goes in circles while a study is read and judged, and
what is given back of memory that nobody uses any more."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NEW_OBJECTS = 100_000  # between two looks; Python's own number is 700
# For glibc, whose own numbers are eight heaps for each core, and up to 32 MB.
HEAPS, LARGE = 2, 4 << 20  # heaps; bytes from which a piece lies outside them
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # as in malloc.h


@contextmanager
def seldom_tidied() -> Iterator[None]:
    """Inside, and in functions that it decorates, Python looks less often for circles of garbage.

    Each look walks over all tags and shapes of a city, which hold no circles: with Python's own
    numbers that took a fifth of a whole run. Who has switched it off, or looks less often yet,
    keeps that.
    """
    before = gc.get_threshold()
    if 0 < before[0] < NEW_OBJECTS:
        gc.set_threshold(NEW_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def few_heaps() -> None:
    """For a process of ours, before its threads: the C library keeps freed memory in few places.

    By default every thread gets a heap of its own, and what one frees no other can use; large
    arrays lie in them too, and stay there while anything above is in use.
    """
    if (libc := _glibc()) is not None:
        libc.mallopt(M_ARENA_MAX, HEAPS)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # read when Arrow is loaded


def give_back() -> None:
    """Give freed memory back to the system, where the C library can: glibc keeps what lies below
    anything still in use, 200 MB after the linking of a city."""
    arrow: Any = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


def _glibc() -> Any:
    """The C library of this process; None where it is another one, such as musl."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
