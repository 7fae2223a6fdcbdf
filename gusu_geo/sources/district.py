"""The district's own ledgers of a study, each by its own reader."""

from __future__ import annotations

from gusu_geo.sources.bodies import read_pairing
from gusu_geo.sources.books import Books, Known
from gusu_geo.sources.signals import read_signals, read_visits
from gusu_geo.sources.teams import read_teams


def read_books(known: Known) -> Books:
    """The ledgers that the study names. Raises SourceError, StudyError: as their readers."""
    books, signals = Books(), known.study.signals
    if signals is not None:
        books.add("signals", *read_signals(known, signals))
        if signals.visits is not None:
            books.add("visits", *read_visits(known, signals.visits, signals.level))
    read_teams(known, books)
    if known.study.pairing is not None:
        read_pairing(known, known.study.pairing, books)
    return books
