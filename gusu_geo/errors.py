"""Everything gusu_geo raises on purpose.

    GusuGeoError
    └── InputError            the input is at fault: one clear message, exit code 2
        ├── StudyError        the study file, a rule pack or a parameter
        ├── SourceError       a data file: missing, truncated, of the wrong kind, empty
        ├── NetworkError      no walkable streets, or a graph that cannot be walked
        └── OutputError       a folder or disk that cannot be written

Messages are texts of the words file, in Chinese and English.
Any other exception is a bug of gusu_geo (exit code 1).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gusu_geo.words import Text, language, section, text

SHOWN_NAMES = 30  # of a list in a message
PLACE_LETTERS = 1000  # of a path: longer than most
SHOWN_AS = "\ufffd"
# Control characters (C0, DEL, C1), line and paragraph separators, lone surrogates, and what
# changes the direction of writing (Unicode's Bidi_Control).
ACTS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACES = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")


class GusuGeoError(Exception):
    """Root of all errors that gusu_geo raises on purpose."""


class InputError(GusuGeoError):
    """The input is at fault.

    Parts: ``what`` is wrong, ``where`` (file, key, row), what was ``got``, how to ``fix`` it.
    ``str(error)`` joins the parts that are given, in the current language; ``in_language`` joins
    them in another.

    >>> InputError(text("error.no_file"), where="homes.csv").in_language("en")
    'homes.csv: no such file.'
    """

    def __init__(
        self,
        what: Text,
        *,
        where: str | Path | Text | None = None,
        got: object = None,
        fix: Text | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where if where is None or isinstance(where, Text) else str(where)
        self.got = got
        self.fix = fix

    def in_language(self, lang: str) -> str:
        """The whole message in the language "zh" or "en": one line of characters that only show,
        values from outside shortened."""
        parts = [brief(self.what)]
        if self.where is not None:
            where = self.where
            where = shortened(where, PLACE_LETTERS) if isinstance(where, str) else brief(where)
            parts = [text("error.where", where=where, what=parts[0])]
        if self.got is not None:
            got = brief(self.got) if isinstance(self.got, Text) else _shown(self.got)
            parts.append(text("error.got", got=got))
        if self.fix is not None:
            parts.append(brief(self.fix))
        return plain(_BETWEEN[lang].join(part.in_language(lang) for part in parts))

    def __str__(self) -> str:
        return self.in_language(language())


_BETWEEN = {"zh": "", "en": " "}  # Chinese sentences follow each other without a space


def of_kind(name: str, value: object, *kinds: type) -> None:
    """Raises InputError: ``value``, given as the argument ``name``, is none of the classes."""
    if not isinstance(value, kinds):
        classes = " | ".join(kind.__name__ for kind in kinds)
        what = text("error.wrong_class", name=name, classes=classes)
        raise InputError(what, got=type(value).__name__)


class StudyError(InputError):
    """The study file, a rule pack or a parameter is at fault."""


class SourceError(InputError):
    """A data file is missing, truncated, empty or not what it claims to be.

    rejected: the rows of a planner's file that could not be read, as ``tables.RejectedRow``.
    """

    rejected: tuple[Mapping[str, Any], ...] = ()


class NetworkError(InputError):
    """There are no walkable streets, or the graph cannot be walked."""


class OutputError(InputError):
    """A folder or disk cannot be written."""


def plain(words: object) -> str:
    """The words in one line, of characters that only show.

    >>> plain("a\\tb\\x1b[2Jc")
    'a b\ufffd[2Jc'
    """
    return ACTS.sub(SHOWN_AS, _SPACES.sub(" ", str(words)))


def shortened(word: str, letters: int = 200) -> str:
    """A text for a message: the beginning only, if it is very long.

    >>> shortened("a" * 100, 80) == "a" * 79 + "…"
    True
    """
    return word if len(word) <= letters else word[: letters - 1] + "…"


def brief(value: Any) -> Any:
    """A value of a message, or a message itself, no longer than a reader bears: a cell may hold a
    whole book, a table thousands of columns."""
    if isinstance(value, Text):
        return Text(value.key, tuple((name, brief(each)) for name, each in value.values))
    if isinstance(value, tuple):
        more = ("…",) if len(value) > SHOWN_NAMES else ()
        return (*map(brief, value[:SHOWN_NAMES]), *more)
    return shortened(value) if isinstance(value, str) else value


def _shown(got: object) -> str:
    """A value from outside as code would write it; its type where even that fails."""
    try:
        return shortened(repr(got))
    except (ValueError, RecursionError):  # a number of 5,000 digits, a list in 5,000 lists
        return type(got).__name__


def nearest_name(wrong: str, known: Iterable[str]) -> Text:
    """A hint that names the known word nearest to ``wrong``, or lists all of them.

    >>> nearest_name("minuts", ["minutes", "mode"]).en
    "Did you mean 'minutes'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    if close:
        return text("error.did_you_mean", name=close[0])
    return text("error.known", names=tuple(names))


def complaint(fault: Mapping[str, Any]) -> Text | str:
    """The message of one of pydantic's ``errors()``, without a full stop.

    Our own checks raise ValueError with a text: that text is returned. Common errors of pydantic
    have a text in section [fault]; the rest stay in pydantic's English.
    """
    facts = fault.get("ctx", {})
    if fault["type"] == "value_error":
        (own,) = facts["error"].args
        return own if isinstance(own, Text) else str(own)
    if fault["type"] in section("fault"):
        if "expected" in facts:  # "'a', 'b' or 'c'"
            facts = {"expected": _one_of(re.findall(r"'[^']*'", facts["expected"]))}
        return text(f"fault.{fault['type']}", **facts)
    return str(fault["msg"])


def _one_of(names: list[str]) -> Text | str:
    *others, last = names
    return text("fault.one_of", others=tuple(others), last=last) if others else last
