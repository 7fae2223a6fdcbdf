"""Keeps the list of rejected rows beside the results, also where they stop a run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gusu_geo.errors import SourceError
from gusu_geo.foreign import foreign
from gusu_geo.pipeline.output_sets import data_folder
from gusu_geo.report.rejected import rejected_book
from gusu_geo.study.params import Study
from gusu_geo.words import text

REJECTED = "rejected.xlsx"


@contextmanager
def listing_rejected(study: Study, out: str | Path) -> Iterator[None]:
    """If too many rejected rows stop what happens inside, they are listed, and the message names
    the list: the one file that a stopped run leaves."""
    try:
        yield
    except SourceError as error:
        if error.rejected:
            path = keep_rejected(error.rejected, study, out)
            error.fix = text("error.rejected_in", fix=error.fix or "", file=str(path))
        raise


def keep_rejected(rows: Sequence[Mapping[str, Any]], study: Study, out: str | Path) -> Path | None:
    """Write the list, whole or not at all; without rows an old one is removed.

    Raises OutputError: it cannot be written.
    """
    path = data_folder(study, out) / REJECTED
    if not rows:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return None
    with foreign("output", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{REJECTED}.{os.getpid()}")
        new.write_bytes(rejected_book(rows, invented=study.invented))
        new.replace(path)
    return path
