"""How often Python looks for garbage that goes in circles while thousands of shapes are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 100_000  # between two looks; Python's own number is 700


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
