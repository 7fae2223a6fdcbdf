"""Keeps count of the opening hours of one source: how many could be read, and the others' words."""

from __future__ import annotations

from collections import Counter

from gusu_geo.errors import shortened
from gusu_geo.sources.ledgers.account import HoursFound
from gusu_geo.sources.opening_times import osm_hours
from gusu_geo.tables import Note
from gusu_geo.words import note

NAMED = 8  # words named in the note
KEPT = 200  # in the account
SHOWN_LETTERS = 40


class HoursRead:
    """Reads cell by cell; what cannot be read stays as it stands, which no later step can read
    either, so it is unknown."""

    def __init__(self, *, ledger: bool = True) -> None:
        """ledger: as in ``osm_hours``."""
        self.ledger = ledger
        self.filled = 0
        self.unread: Counter[str] = Counter()
        self._known: dict[str, str | None] = {}

    def of(self, words: object) -> str:
        """The hours in OpenStreetMap's notation; the words themselves where unreadable."""
        cell = words.strip() if isinstance(words, str) else ""
        if not cell:
            return ""
        if cell not in self._known:
            self._known[cell] = osm_hours(cell, ledger=self.ledger)
        self.filled += 1
        found = self._known[cell]
        if found is None:
            self.unread[cell] += 1
            return cell
        return found

    def account(self) -> HoursFound:
        """For ``check``."""
        named = (shortened(words, SHOWN_LETTERS) for words, _ in self.unread.most_common(KEPT))
        return HoursFound(self.filled, self.filled - self.unread.total(), tuple(named))

    def notes(self, name: str) -> list[Note]:
        """One note that counts and names what could not be read; empty where all could."""
        if not self.unread:
            return []
        named = tuple(
            shortened(words, SHOWN_LETTERS) for words, _ in self.unread.most_common(NAMED)
        )
        more = " …" if len(self.unread) > NAMED else ""
        facts = {"count": self.unread.total(), "filled": self.filled, "words": named}
        return [note("hours_unread", name=name, more=more, **facts)]
