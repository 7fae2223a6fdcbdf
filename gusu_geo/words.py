"""All texts that users read, in Chinese and English, from ``words.toml``.

    text("error.no_file")                       a message, in the reader's language
    both("state.pass")                          {"zh": ..., "en": ...}, for files that hold both
    note("estimate")                            the same with its code, for notes of a summary

A text holds a key and values and is formatted only when shown, so an error can be raised in a
thread, pickled or compared. Standard library only; a section of the file is parsed when one of its
keys is first used.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
import unicodedata
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict  # pydantic asks for this one

LANGUAGES = ("zh", "en")
FILE = Path(__file__).with_name("words.toml")
COMMA = {"zh": "、", "en": ", "}  # between the members of a list
_CURRENT: ContextVar[str | None] = ContextVar("language", default=None)


class Both(TypedDict):
    """A text in both languages."""

    zh: str
    en: str


class Note(Both):
    """What a reader must know before quoting a number."""

    code: str


@dataclass(frozen=True)
class Text:
    """A message: its key in the words file and the values it names.

    A value may be a text itself, or a name in both languages ({"zh": ..., "en": ...}); a tuple is
    shown as a list with commas. ``str(text)`` is in the current language.
    """

    key: str
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def zh(self) -> str:
        """In Chinese."""
        return self.in_language("zh")

    @property
    def en(self) -> str:
        """In English."""
        return self.in_language("en")

    def in_language(self, lang: str) -> str:
        """In the language "zh" or "en". Raises KeyError: unknown key or missing value."""
        values = {name: _shown(value, lang) for name, value in self.values}
        words = words_of(self.key)
        return (words["zh"] if lang == "zh" else words["en"]).format_map(values)

    def __str__(self) -> str:
        return self.in_language(language())


def text(key: str, /, **values: Any) -> Text:
    """The message ``key`` of the words file ("section.name") with its values.

    >>> text("error.no_column", name="人数", key="persons").en
    "has no column '人数' for persons."
    """
    return Text(key, tuple(sorted(values.items())))


def both(key: str, /, **values: Any) -> Both:
    """The message in both languages, for files that hold both."""
    message = text(key, **values)
    return {"zh": message.zh, "en": message.en}


def note(code: str, /, **values: Any) -> Note:
    """A note of a summary or plan: its code, and the text ``note.<code>`` in both languages."""
    return {"code": code, **both(f"note.{code}", **values)}


def rounded(value: float) -> int:
    """A number to three significant digits, as an estimate is shown in a text.

    >>> rounded(127_843.6), rounded(12.4), rounded(0)
    (128000, 12, 0)
    """
    return round(float(f"{value:.3g}"))


def words_of(key: str) -> Both:
    """The entry of a key in both languages, with ``{names}`` of values not filled in."""
    name, _, rest = key.partition(".")
    return section(name)[rest]


@cache
def section(name: str) -> dict[str, Both]:
    """All entries of one section of the words file. Raises KeyError: no such section."""
    entries: dict[str, Both] = tomllib.loads(_sections()[name])
    return entries  # parse this section only: the whole file takes 0.1 s


def sections() -> tuple[str, ...]:
    """Names of the sections, in the order of the file."""
    return tuple(_sections())


def language() -> str:
    """The current language: as set by ``speak``, else by the locale: "zh" for zh*, else "en"."""
    return _CURRENT.get() or _of_locale()


def speak(lang: str | None) -> None:
    """Set the current language, "zh" or "en"; None goes back to the locale."""
    _CURRENT.set(lang)


def folded(name: object) -> str:
    """A name for comparison: Unicode form, width, case, unseen marks and runs of spaces ignored.

    >>> folded("Gene\u0300ve ") == folded("GEN\u00c8VE"), folded("ＩＤ\u3000编号")
    (True, 'id 编号')
    """
    plain = unicodedata.normalize("NFKC", str(name)).casefold()
    seen = (letter for letter in plain if unicodedata.category(letter) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", "".join(seen)).split())


def _of_locale() -> str:
    given = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((value for value in given if value), "")
    if not locale and sys.platform == "win32":  # Windows sets none of them
        from locale import getlocale

        locale = getlocale()[0] or ""
    return "zh" if locale.lower().startswith(("zh", "chinese")) else "en"


def _shown(value: Any, lang: str) -> Any:
    """A value as shown in a message."""
    if isinstance(value, Text):
        return value.in_language(lang)
    if isinstance(value, dict):
        return value[lang]
    if isinstance(value, tuple):
        return COMMA[lang].join(str(_shown(member, lang)) for member in value)
    return value


@cache
def _sections() -> dict[str, str]:
    """The text of every section by its name."""
    parts = re.split(r"^\[(\w+)\]$", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
