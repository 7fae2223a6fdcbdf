"""Checked reading of one TOML table: every fault is a StudyError with file, key, value and fix."""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

from gusu_geo.errors import StudyError, nearest_name

MAX_MINUTES = 120.0  # beyond it a unit was mistaken (seconds)
MAX_COUNT = 100

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TAG = re.compile(r"[^\s=;]+=[^\s=;]+")  # one key, one value: lists are written as several tags
_TYPECODE = re.compile(r"[0-9]{6}")


class Table:
    """One TOML table. ``spot`` is its place in the file ``where``: "" at the top."""

    def __init__(self, content: dict[str, Any], *, where: str, spot: str = "") -> None:
        self._content = content
        self._where = where
        self._spot = spot

    def has(self, key: str) -> bool:
        """Whether the key is given."""
        return key in self._content

    def only(self, *known: str) -> Table:
        """Itself, or StudyError for a key that is not known, naming the nearest known one.

        Comes before any reading: a misspelt key is also a missing one, and what was typed is
        the better message.
        """
        for key in self._content:
            if key not in known:
                raise StudyError(
                    f"unknown key {self._path(key)!r}.",
                    where=self._where,
                    fix=nearest_name(key, known),
                )
        return self

    def table(self, key: str) -> Table:
        """The table at ``key``."""
        value = self._required(key)
        if not isinstance(value, dict):
            self._wrong(key, "must be a table", value, f"Write [{key}].")
        return Table(value, where=self._where, spot=self._path(key))

    def tables(self, key: str) -> list[Table]:
        """The tables of the array at ``key``; at least one."""
        value = self._required(key)
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self._wrong(key, "must be a list of tables", value, f"Write [[{key}]] above each.")
        if not value:
            self._wrong(key, "must not be empty", value, f"Add at least one [[{key}]].")
        # Counted from 1, as a person counts them in the file.
        return [
            Table(entry, where=self._where, spot=f"{self._path(key)}[{number}]")
            for number, entry in enumerate(value, start=1)
        ]

    def text(self, key: str) -> str:
        """Text that is not blank."""
        value = self._required(key)
        if not isinstance(value, str) or not value.strip():
            self._wrong(key, "must be text and not blank", value, f'Write {key} = "...".')
        return value.strip()

    def identifier(self, key: str) -> str:
        """A short id that is safe as a column and file name."""
        value = self.text(key)
        if not _IDENTIFIER.fullmatch(value):
            self._wrong(
                key,
                "must be 1 to 40 lower-case letters, digits, '_' or '-'",
                value,
                "Keep other words for zh and en.",
            )
        return value

    def bilingual(self, key: str) -> dict[str, str]:
        """``{key}_zh`` and ``{key}_en`` of the table ``key = { zh, en }``."""
        pair = self.table(key).only("zh", "en")
        return {f"{key}_{language}": pair.text(language) for language in ("zh", "en")}

    def minutes(self, key: str) -> float:
        """Minutes above 0."""
        value = self._required(key)
        number = not isinstance(value, bool) and isinstance(value, int | float)
        if not number or not (math.isfinite(value) and 0 < value <= MAX_MINUTES):
            self._wrong(
                key,
                f"must be minutes above 0 and at most {MAX_MINUTES:g}",
                value,
                f"Write {key} = 15.",
            )
        return float(value)

    def count(self, key: str, *, default: int) -> int:
        """A whole number from 1."""
        if not self.has(key):
            return default
        value = self._content[key]
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_COUNT:
            self._wrong(
                key, f"must be a whole number from 1 to {MAX_COUNT}", value, f"Write {key} = 1."
            )
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts, none blank: a blank word would be found in every name."""
        values = self._list(key)
        for value in values:
            if not isinstance(value, str) or not value.strip(" …"):
                self._wrong(key, "must be a list of words, none blank", value, "Remove this word.")
        return tuple(value.strip() for value in values)

    def typecodes(self, key: str) -> tuple[str, ...]:
        """A list of Amap type codes: six digits, as text because some begin with 0."""
        values = self._list(key)
        for value in values:
            if not isinstance(value, str) or not _TYPECODE.fullmatch(value):
                self._wrong(
                    key, "must be a list of six-digit texts", value, 'Write codes as "080501".'
                )
        return tuple(values)

    def tag_groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Any-of list; each entry is one ``key=value`` or an all-of list of them."""
        groups = []
        for entry in self._list(key):
            group = entry if isinstance(entry, list) else [entry]
            if not group:
                self._wrong(key, "an all-of group must not be empty", entry, "Remove the [].")
            for tag in group:
                if not isinstance(tag, str) or not _TAG.fullmatch(tag):
                    self._wrong(
                        key,
                        'every tag must read "key=value", with one value and no spaces',
                        tag,
                        'Write for example "amenity=library".',
                    )
            groups.append(tuple(group))
        return tuple(groups)

    def _list(self, key: str) -> list[Any]:
        value = self._content[key] if self.has(key) else []
        if not isinstance(value, list):
            self._wrong(key, "must be a list", value, f"Write {key} = [...].")
        return value

    def _required(self, key: str) -> Any:
        if key not in self._content:
            raise StudyError(
                f"key {self._path(key)!r} is missing.", where=self._where, fix=f"Add {key}."
            )
        return self._content[key]

    def _path(self, key: str) -> str:
        return f"{self._spot}.{key}" if self._spot else key

    def _wrong(self, key: str, rule: str, got: object, fix: str) -> NoReturn:
        raise StudyError(f"{self._path(key)}: {rule}.", where=self._where, got=got, fix=fix)
