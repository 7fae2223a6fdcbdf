"""Zones found by what ledgers call them: the full name, then without the ending of its committee,
then by an alias file. Two matches are none: nothing is guessed.

梅巷社区居委会 and 梅巷村委会 are two places: endings are left away within one kind only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.columns import text_column
from gusu_geo.sources.ledgers.faults import raise_faults
from gusu_geo.sources.ledgers.files import TABLES, kind_of, read_tables
from gusu_geo.study.params import Columns, Ledger
from gusu_geo.words import Text, folded, text

_ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "community": ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区"),
        "village": ("村民委员会", "村委会"),
        "subdistrict": ("街道办事处", "街道办", "街道"),
    }
)
_VILLAGE = "村"
_PLANNED = ("(筹)", "(筹建)")
_ALIAS = {
    "alias": ("alias", "别名", "写法", "其他写法", "台账写法", "曾用名"),
    "name": ("name", "名称", "标准名称", "规范名称", "代码", "编码", "code"),
}


OUTSIDE = "outside_area"


class Match(NamedTuple):
    """The zone of a name, "" with ``why``: "unmatched" or "ambiguous"; of ``find_or_beyond`` also
    ``OUTSIDE``."""

    zone_id: str
    why: str = ""


def plain_name(name: object) -> str:
    """A full name for comparison: width, case and spaces do not count.

    >>> plain_name("路南 社区居委会（筹）")
    '路南社区居委会(筹)'
    """
    return folded(name).replace(" ", "")


def bare_name(name: object) -> tuple[str, str]:
    """A name without the ending of its committee, and the kind that the ending says.

    >>> bare_name("梅巷社区居委会(筹)"), bare_name("梅巷村委会"), bare_name("彩香一村")
    (('梅巷', 'community'), ('梅巷', 'village'), ('彩香一村', ''))
    """
    plain = plain_name(name)
    for planned in _PLANNED:
        plain = plain.removesuffix(planned)
    for kind, endings in _ENDINGS.items():
        for ending in endings:
            if plain.endswith(ending) and plain != ending:
                return plain.removesuffix(ending), kind
    return plain, ""


class ZoneNames:
    """The zones of one level by name. ids, names: of the zones, several rows of names may be given;
    parents: of the zones by id, to tell zones of one name apart. beyond: the zones that the source
    has outside the study area, too; None where that is not known."""

    beyond: ZoneNames | None = None

    def __init__(
        self,
        ids: Sequence[str],
        *names: Iterable[str],
        parents: Mapping[str, str] | None = None,
    ) -> None:
        self.parents = dict(parents or {})
        self._full: dict[str, set[str]] = {}
        self._bare: dict[str, set[tuple[str, str]]] = {}
        self._aliases: dict[str, str] = {}
        for each in (ids, *names):
            for zone_id, name in zip(ids, each, strict=True):
                self._add(str(zone_id), name)

    def _add(self, zone_id: str, name: object) -> None:
        full = plain_name(name)
        if not full:
            return
        self._full.setdefault(full, set()).add(zone_id)
        stem, kind = bare_name(name)
        stems = (stem, stem + _VILLAGE) if kind == "village" else (stem,)
        for each in stems:
            self._bare.setdefault(each, set()).add((zone_id, kind))

    def find(self, name: object, under: str = "") -> Match:
        """The zone that a name means; under: the parent of the zone, if known."""
        full = plain_name(name)
        stem, kind = bare_name(name)
        alike = self._bare.get(stem, set())
        bare = {zone_id for zone_id, own in alike if kind == own or not kind or not own}
        meant = self._full.get(full) or bare
        here = {zone_id for zone_id in meant if self.parents.get(zone_id) == under}
        found = here if len(meant) > 1 and under else meant
        if len(found) == 1:
            return Match(next(iter(found)))
        if full in self._aliases:
            return Match(self._aliases[full])
        return Match("", "ambiguous" if meant else "unmatched")

    def find_or_beyond(self, name: object, under: str = "") -> Match:
        """As ``find``; a zone that lies outside the study area is ``OUTSIDE``, not unknown."""
        match = self.find(name, under)
        if match.why == "unmatched" and self.beyond and self.beyond.find(name).why != "unmatched":
            return Match("", OUTSIDE)
        return match

    def read_aliases(self, path: Path, where: str) -> None:
        """Take the other spellings of a file with two columns, alias and name (or code).

        Raises SourceError: unreadable file, no such columns, an alias of no zone or of several.
        """
        spot = f"{where}: {path}"
        kind_of(path, TABLES, spot)
        faults: dict[int, Text] = {}
        found: dict[str, str] = {}
        for table in read_tables(path, Ledger(), spot, _ALIAS):
            cells = table.cells
            others, names = (
                text_column(cells, Columns(), key, usual, spot) for key, usual in _ALIAS.items()
            )
            if others is None or names is None:
                missing = "alias" if others is None else "name"
                fix = text("error.aliases_columns")
                raise SourceError(text("error.no_column_for", key=missing), where=spot, fix=fix)
            for row, alias, name in zip(cells.index, others, names, strict=True):
                match = self.find(name)
                if match.why:
                    faults[int(row)] = text(f"error.alias_{match.why}", name=name)
                elif found.setdefault(plain_name(alias), match.zone_id) != match.zone_id:
                    faults[int(row)] = text("error.alias_twice", name=alias)
        raise_faults(faults, spot)
        self._aliases |= found


def finder(names: ZoneNames, told: dict[str, set[str]]) -> Callable[[object, str], str]:
    """A function that gives the id of a name, "" where it finds none; told: gets the names that
    were not found, by why."""

    def find(name: object, under: str = "") -> str:
        if not plain_name(name):
            return ""
        match = names.find(name, under)
        if match.why:
            told.setdefault(match.why, set()).add(str(name))
        return match.zone_id

    return find
