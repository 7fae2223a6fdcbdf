"""The district's own ledgers of a study, each by its own reader."""

from __future__ import annotations

from gusu_geo.sources.bodies import read_pairing
from gusu_geo.sources.books import Books, Known
from gusu_geo.sources.signals import read_signals, read_visits
from gusu_geo.sources.teams import read_teams
from gusu_geo.study.district import VisitSource
from gusu_geo.tables.books import on_visits


def read_books(known: Known) -> Books:
    """The ledgers that the study names. Raises SourceError, StudyError: as their readers."""
    books, signals = Books(), known.study.signals
    if signals is not None:
        books.add("signals", *read_signals(known, signals))
        if signals.visits is not None:
            _add_visits(known, signals.visits, signals.level, books)
    read_teams(known, books)
    if known.study.pairing is not None:
        read_pairing(known, known.study.pairing, books)
    return books


def _add_visits(known: Known, source: VisitSource, level: str, books: Books) -> None:
    """The visits; named where none of the signals is of any of their rounds."""
    table, rows = read_visits(known, source, level)
    heard = books.tables["signals"]
    if len(heard) and len(table) and not on_visits(heard, table).any():
        rows.doubt("visits_apart", list(dict.fromkeys(table["round"])))
    books.add("visits", table, rows)
