"""Themes of signals and projects, and the services of a pack that they are about."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.study._fields import Table
from gusu_geo.study.catalog import SEPARATORS, RulePack, list_packs, read_toml
from gusu_geo.words import folded, text

FILE = Path(__file__).with_name("themes.toml")
NONE = "none"
ALIKE = 0.6  # words this alike are worth a suggestion; none is ever taken for the other
ASKED_MAX = 50  # unknown words for which a nearest one is looked up: comparing takes time


def load_themes(pack_id: str) -> dict[str, tuple[str, ...]]:
    """Usual themes, with the ids of the services of the pack that each is about, () for none of
    them. Of a pack without a section: those that are about no service anywhere.

    Raises StudyError: ``themes.toml`` is broken.

    >>> themes = load_themes("gusu-1510")
    >>> themes["看书"], themes["老年大学"], themes["停车"]
    (('reading',), ('senior_leisure', 'skills'), ())
    """
    packs = list_packs()
    document = Table(read_toml(FILE), where=str(FILE)).only(NONE, *packs)
    found: dict[str, tuple[str, ...]] = dict.fromkeys(document.words(NONE), ())
    if pack_id not in packs:
        return found
    own = document.table(pack_id).only(NONE, *packs[pack_id].service_ids)
    found |= dict.fromkeys(own.words(NONE), ())
    for service in packs[pack_id].service_ids:
        for word in own.words(service):
            found[word] = (*found.get(word, ()), service)
    return found


class CellThemes(NamedTuple):
    """What a cell says: its themes as they stand, ids of the services that they are about in the
    order of the pack, and the words that are no known theme."""

    themes: tuple[str, ...]
    services: tuple[str, ...]
    unknown: tuple[str, ...]


class Themes:
    """What words for themes mean: the planner's own, then names and ids of the pack's services,
    then ``load_themes``.

    own: service ids (one, or several) by word; "" or () = none of them. Raises StudyError naming
    ``where``: own words for a service that the pack does not have.
    """

    def __init__(
        self, pack: RulePack, own: Mapping[str, str | Sequence[str]], where: str = ""
    ) -> None:
        self.pack = pack
        mine = {word: _listed(meant) for word, meant in own.items()}
        for word, meant in mine.items():
            for service in meant:
                if service not in pack.service_ids:
                    raise StudyError(
                        text("error.word_service", word=word, id=pack.id),
                        where=where or None,
                        got=service,
                        fix=nearest_name(service, pack.service_ids),
                    )
        usual = {  # a file of the planner's may call itself as a pack does, and have fewer
            word: tuple(one for one in meant if one in pack.service_ids)
            for word, meant in load_themes(pack.id).items()
        }
        names = {w: (s.id,) for s in pack.services for w in (s.id, s.zh, s.en)}
        self._words = {folded(word): word for word in (*usual, *names, *mine)}
        self._known = {folded(word): meant for word, meant in (usual | names | mine).items()}
        self._cells: dict[str, CellThemes] = {}
        self._asked: dict[str, str] = {}

    def read(self, cell: str) -> CellThemes:
        """A theme, or several with ; 、 , / | or line ends between them; none where it is blank.

        >>> from gusu_geo.study.catalog import load_pack
        >>> Themes(load_pack("gusu-1510"), {"晨练": ""}).read("看书、晨练；飞船")
        CellThemes(themes=('看书', '晨练', '飞船'), services=('reading',), unknown=('飞船',))
        """
        if cell not in self._cells:
            self._cells[cell] = self._read(cell.strip())
        return self._cells[cell]

    def nearest(self, word: str) -> str:
        """The known theme most like this one, or the longest inside it; "" for none."""
        if word not in self._asked:
            if len(self._asked) >= ASKED_MAX:
                return ""
            plain = folded(word)
            close = difflib.get_close_matches(plain, sorted(self._words), n=1, cutoff=ALIKE)
            inside = [known for known in self._words if known in plain]
            found = close or sorted(inside, key=lambda known: (-len(known), known))
            self._asked[word] = self._words[found[0]] if found else ""
        return self._asked[word]

    def _read(self, cell: str) -> CellThemes:
        whole = folded(cell) in self._known
        parts = [cell] if whole else [part.strip() for part in SEPARATORS.split(cell)]
        themes = tuple(dict.fromkeys(filter(None, parts)))
        meant = {one for part in themes for one in self._known.get(folded(part), ())}
        services = tuple(one for one in self.pack.service_ids if one in meant)
        unknown = tuple(part for part in themes if folded(part) not in self._known)
        return CellThemes(themes, services, unknown)


def _listed(meant: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(meant, str):
        return (meant,) if meant else ()
    return tuple(meant)
