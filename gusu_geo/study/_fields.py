"""Checked reading of one TOML table: errors are StudyError with file, key, value and fix."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.study.tiers import TIER_NAMES, tiers_of
from gusu_geo.words import Text, text

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
        """The table itself. Raises StudyError: an unknown key; the nearest known one is named.

        Call it before reading: a misspelt key is also a missing one, but the misspelling is the
        better message.
        """
        for key in self._content:
            if key not in known:
                raise StudyError(
                    text("error.unknown_key", key=self._path(key)),
                    where=self._where,
                    fix=nearest_name(key, known),
                )
        return self

    def table(self, key: str) -> Table:
        """The table at ``key``."""
        value = self._required(key)
        if not isinstance(value, dict):
            self._wrong(key, text("error.be_table"), value, text("error.write_table", key=key))
        return Table(value, where=self._where, spot=self._path(key))

    def tables(self, key: str) -> list[Table]:
        """The tables of the array at ``key``; at least one."""
        value = self._required(key)
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self._wrong(key, text("error.be_tables"), value, text("error.write_tables", key=key))
        if not value:
            self._wrong(key, text("error.be_filled"), value, text("error.add_table", key=key))
        # Counted from 1, as a person counts them in the file.
        return [
            Table(entry, where=self._where, spot=f"{self._path(key)}[{number}]")
            for number, entry in enumerate(value, start=1)
        ]

    def text(self, key: str) -> str:
        """Text that is not blank."""
        value = self._required(key)
        if not isinstance(value, str) or not value.strip():
            self._wrong(key, text("error.be_text"), value, text("error.write_text", key=key))
        return value.strip()

    def identifier(self, key: str) -> str:
        """A short id that is safe as a column and a file name."""
        value = self.text(key)
        if not _IDENTIFIER.fullmatch(value):
            self._wrong(
                key,
                text("error.be_identifier"),
                value,
                text("error.words_for_names"),
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
        if not number or not 0 < value <= MAX_MINUTES:
            self._wrong(
                key,
                text("error.be_minutes", most=MAX_MINUTES),
                value,
                text("error.write_15", key=key),
            )
        return float(value)

    def count(self, key: str, *, default: int) -> int:
        """A whole number from 1."""
        if not self.has(key):
            return default
        value = self._content[key]
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_COUNT:
            self._wrong(
                key, text("error.be_count", most=MAX_COUNT), value, text("error.write_1", key=key)
            )
        return value

    def flag(self, key: str) -> bool:
        """Yes or no; no where it is not given."""
        value = self._content.get(key, False)
        if not isinstance(value, bool):
            self._wrong(key, text("error.be_flag"), value, text("error.write_flag", key=key))
        return value

    def tiers(self, key: str) -> tuple[str, ...]:
        """One tier or several, from the top; none where it is not given."""
        given = self._content.get(key, [])
        values = given if isinstance(given, list) else [given]
        for value in values:
            if value not in TIER_NAMES:
                self._wrong(
                    key,
                    text("error.be_tier"),
                    value,
                    text("error.write_tier", key=key, names=TIER_NAMES[:4]),
                )
        return tiers_of(values)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts, none blank: a blank word would be found in every name."""
        values = self._list(key)
        for value in values:
            if not isinstance(value, str) or not value.strip(" …"):
                self._wrong(key, text("error.be_words"), value, text("error.remove_word"))
        return tuple(value.strip() for value in values)

    def typecodes(self, key: str) -> tuple[str, ...]:
        """A list of Amap type codes: six digits, as text because some begin with 0."""
        values = self._list(key)
        for value in values:
            if not isinstance(value, str) or not _TYPECODE.fullmatch(value):
                self._wrong(key, text("error.be_codes"), value, text("error.write_codes"))
        return tuple(values)

    def tag_groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Any-of list; each entry is one ``key=value`` or an all-of list of them."""
        groups = []
        for entry in self._list(key):
            group = entry if isinstance(entry, list) else [entry]
            if not group:
                self._wrong(key, text("error.be_group"), entry, text("error.remove_brackets"))
            for tag in group:
                if not isinstance(tag, str) or not _TAG.fullmatch(tag):
                    self._wrong(
                        key,
                        text("error.be_tag"),
                        tag,
                        text("error.write_tag"),
                    )
            groups.append(tuple(group))
        return tuple(groups)

    def _list(self, key: str) -> list[Any]:
        value = self._content[key] if self.has(key) else []
        if not isinstance(value, list):
            self._wrong(key, text("error.be_list"), value, text("error.write_list", key=key))
        return value

    def _required(self, key: str) -> Any:
        if key not in self._content:
            raise StudyError(
                text("error.key_missing", key=self._path(key)),
                where=self._where,
                fix=text("error.add_key", key=key),
            )
        return self._content[key]

    def _path(self, key: str) -> str:
        return f"{self._spot}.{key}" if self._spot else key

    def _wrong(self, key: str, rule: Text, got: object, fix: Text) -> NoReturn:
        what = text("error.at_key", spot=self._path(key), what=rule)
        raise StudyError(what, where=self._where, got=got, fix=fix)
