"""Garbage collection during long work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def older_objects_kept() -> Iterator[None]:
    """While it lasts, no garbage is looked for among objects made before: modules and prepared
    data, some 300,000 objects that stay anyway. Each look through them takes 0.1 s, and the many
    new shapes of a run call for tens of them."""
    mine = gc.get_freeze_count() == 0  # else somebody else keeps them, perhaps for longer
    if mine:
        gc.freeze()
    try:
        yield
    finally:
        if mine:
            gc.unfreeze()
