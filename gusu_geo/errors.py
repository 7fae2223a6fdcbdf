"""Everything gusu_geo raises on purpose.

    GusuGeoError
    └── InputError            the input is at fault: one clear message, exit code 2
        ├── StudyError        the study file, a rule pack or a parameter
        ├── SourceError       a data file: missing, truncated, of the wrong kind, empty
        ├── NetworkError      no walkable streets, or a graph that cannot be walked
        └── OutputError       a folder or disk that cannot be written

Anything else that escapes is our fault (exit code 1).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class GusuGeoError(Exception):
    """Root of all errors that gusu_geo raises on purpose."""


class InputError(GusuGeoError):
    """The input is at fault.

    Parts: ``what`` is wrong, ``where`` (file, key, row), what was ``got``, how to ``fix`` it.
    ``str(error)`` is one sentence group made of the parts that are given.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | Path | None = None,
        got: object = None,
        fix: str | None = None,
    ) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.got = got
        self.fix = fix
        super().__init__(self._text())

    def _text(self) -> str:
        text = self.what if self.where is None else f"{self.where}: {self.what}"
        if self.got is not None:
            text += f" Got {self.got!r}."
        if self.fix is not None:
            text += f" {self.fix}"
        return text


class StudyError(InputError):
    """The study file, a rule pack or a parameter is at fault."""


class SourceError(InputError):
    """A data file is missing, truncated, empty or not what it claims to be."""


class NetworkError(InputError):
    """There are no walkable streets, or the graph cannot be walked."""


class OutputError(InputError):
    """A folder or disk cannot be written."""


def nearest_name(wrong: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to ``wrong``, or lists all of them.

    >>> nearest_name("minuts", ["minutes", "mode"])
    "Did you mean 'minutes'?"
    """
    words = sorted(known)
    close = difflib.get_close_matches(wrong, words, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return "Known: " + ", ".join(words) + "."
