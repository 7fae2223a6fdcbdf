"""Reads the services that a ledger cell names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from gusu_geo.errors import SourceError, StudyError, nearest_name, shortened
from gusu_geo.study.catalog import SEPARATORS, RulePack, Service
from gusu_geo.words import Text, folded, text

ALIKE = 0.6  # words this alike are worth a suggestion; none is ever taken for the other

Words = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """What words of a ledger mean: names of the pack, then the planner's own, then keywords.

    own: service ids (one, or several) by word; "" or () = none of the pack's services.
    Raises StudyError naming ``where``: own words for a service that the pack does not have.
    """

    pack: RulePack
    own: Words
    where: str = ""

    def __post_init__(self) -> None:
        for word, meant in self.own.items():
            for service in _listed(meant):
                if service not in self.pack.service_ids:
                    raise StudyError(
                        text("error.word_service", word=word, id=self.pack.id),
                        where=self.where or None,
                        got=service,
                        fix=nearest_name(service, self.pack.service_ids),
                    )

    def exactly(self, word: str) -> tuple[str, ...] | None:
        """The services that the word is a name of; () if the planner says none, None if unknown."""
        return self._known.get(folded(word))

    def by_keywords(self, name: str) -> tuple[str, ...]:
        """The services whose keywords a name or word has, as the pack's exclusions allow."""
        return tuple(each.id for each in self.pack.services if each.evidence(name, {}) == "B")

    def by_code(self, code: str) -> tuple[str, ...]:
        """The services of a type code. A playground (080501) is that, and not whatever places of
        leisure (080500) are: a code of its own comes before its group."""
        services = self.pack.services
        exact = [each for each in services if code in each.typecodes]
        return tuple(each.id for each in exact or services if each.has_code(code))

    def by_type(self, path: Sequence[str]) -> tuple[str, ...]:
        """The services of a type in words, from group to kind."""
        return tuple(each.id for each in self.pack.services if each.has_type(path))

    def nearest(self, word: str) -> str:
        """The known word most like this one, "" if none is: a suggestion, never applied."""
        words = {folded(known): known for known in self._words}
        close = difflib.get_close_matches(folded(word), sorted(words), n=1, cutoff=ALIKE)
        return words[close[0]] if close else ""

    @cached_property
    def _known(self) -> dict[str, tuple[str, ...]]:
        own = {folded(word): _listed(meant) for word, meant in self.own.items()}
        return own | {folded(w): (s.id,) for s in self.pack.services for w in _names(s)}

    @cached_property
    def cells(self) -> dict[str, CellServices]:
        """Cells that were read: a ledger has few different ones."""
        return {}

    @cached_property
    def _words(self) -> list[str]:
        return [*(w for s in self.pack.services for w in (*_names(s), *s.keywords)), *self.own]


@dataclass(frozen=True)
class CellServices:
    """What a cell says: ``named`` in words that are known, by ``keywords`` of the others, and the
    words that are ``unknown``; settled: a word is known, even if it stands for no service."""

    named: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    settled: bool = False


def read_cell(cell: str, lexicon: Lexicon) -> CellServices:
    """A service by id or name, or several with ; 、 , / | or line ends between them."""
    if cell not in lexicon.cells:
        lexicon.cells[cell] = _read_cell(cell, lexicon)
    return lexicon.cells[cell]


def _read_cell(cell: str, lexicon: Lexicon) -> CellServices:
    whole = lexicon.exactly(cell)
    if whole is not None and cell.strip():
        return CellServices(whole, settled=True)
    named: list[str] = []
    keywords: list[str] = []
    unknown: list[str] = []
    settled = False
    for part in filter(None, map(str.strip, SEPARATORS.split(cell))):
        exact = lexicon.exactly(part)
        found = lexicon.by_keywords(part) if exact is None else ()
        settled |= exact is not None or bool(found)
        named += exact or ()
        keywords += found
        unknown += [] if exact is not None or found else [part]
    return CellServices(_once(named), _once(keywords), _once(unknown), settled)


def services_in(cell: str, pack: RulePack, row: Text) -> list[str]:
    """Service ids of one cell, in any of the ways of ``read_cell``.

    Raises SourceError naming ``row``: no service, or one that the pack does not have.
    """
    found = read_cell(cell, Lexicon(pack, {}))
    if found.unknown or not found.settled:
        _unknown_service(found.unknown[0] if found.unknown else "", pack, row)
    return list(_once((*found.named, *found.keywords)))


def pack_services(pack: RulePack) -> tuple[str, ...]:
    """Id and Chinese name of each service, for a message."""
    return tuple(f"{service.id} {service.zh}" for service in pack.services)


def _names(service: Service) -> tuple[str, str, str]:
    return service.id, service.zh, service.en


def _listed(meant: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(meant, str):
        return (meant,) if meant else ()
    return tuple(meant)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _unknown_service(word: str, pack: RulePack, row: Text) -> NoReturn:
    hint = nearest_name(word, [w for s in pack.services for w in _names(s)])
    if hint.key == "error.known":
        hint = text("error.known", names=pack_services(pack))
    known = text("error.unknown_service", id=pack.id, cell=shortened(word, 60))
    raise SourceError(known if word else text("error.row_no_service"), where=row, fix=hint)
