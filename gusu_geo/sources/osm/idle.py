"""Which objects of an OSM file stand empty or are public buildings: ``idle_tags.toml`` applied.

Only tags are looked at here; where a thing stands and what is near decides ``sources.idle_places``.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gusu_geo.sources.building_names import bare, use_in_name
from gusu_geo.tables import CandidateKind

Tags = Mapping[str, str]
Pair = tuple[str, str]
NAME_KEYS = ("name", "name:zh", "name:en", "official_name")
# A former shop with one of these has a new tenant.
_LIVE_KEYS = ("amenity", "shop", "office", "craft", "healthcare", "leisure", "tourism", "club")
# A plain public building with one of these is used for that.
_USE_KEYS = (*_LIVE_KEYS, "military", "railway", "public_transport", "aeroway", "power", "man_made")
_OWN_USES = frozenset(("public_building", "vacant", "no"))


class Idle(NamedTuple):
    """kind: of candidate, or "" and left_out: why it is none."""

    kind: str
    left_out: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the table: any of the tags, and where there are some any of ``with_``."""

    tags: frozenset[Pair]
    with_: frozenset[Pair]
    found: Idle
    former: bool
    whole: bool
    plain: bool

    def fits(self, tags: Tags) -> bool:
        """Whether an object with these tags is meant."""
        if self.whole and tags.get("building", "no") == "no":
            return False
        return _any(tags, self.tags) and (not self.with_ or _any(tags, self.with_))


@dataclass(frozen=True)
class Table:
    """``idle_tags.toml``; values: of all rows by key; buildings: reason by kind of building; shut:
    classes of ground."""

    rows: tuple[Row, ...]
    values: Mapping[str, frozenset[str]]
    buildings: Mapping[str, str]
    shut: frozenset[str]
    guarded: re.Pattern[str]
    community: re.Pattern[str]


@cache
def table() -> Table:
    """The table, read once."""
    path = Path(__file__).with_name("idle_tags.toml")
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = tuple(map(_row, document["rows"]))
    found = defaultdict[str, set[str]](set)
    for key, value in (pair for row in rows for pair in row.tags):
        found[key].add(value)
    buildings = {name: why for why, names in document["buildings"].items() for name in names}
    return Table(
        rows=rows,
        values={key: frozenset(values) for key, values in found.items()},
        buildings=buildings,
        shut=frozenset(document["grounds"]["shut"]),
        guarded=re.compile(document["names"]["guarded"]),
        community=re.compile(document["names"]["community"]),
    )


def idle_keys() -> tuple[str, ...]:
    """The keys that make an object worth a look, sorted."""
    return tuple(sorted(table().values))


def is_idle(tags: Tags) -> bool:
    """Whether a row of the table is about an object with these tags."""
    values = table().values
    for key in tags:
        if key in values and may_be_idle(key, tags[key]):
            return any(row.fits(tags) for row in table().rows)
    return False


def may_be_idle(key: str, value: str) -> bool:
    """Whether a row of the table is about this tag."""
    known = table().values.get(key, frozenset())
    return value in known or ("*" in known and value != "no")


def idle_of(tags: Tags) -> Idle:
    """What an object is by its tags; of ``is_idle`` ones.

    >>> idle_of({"shop": "vacant"}).kind, idle_of({"amenity": "library"}).kind
    (<CandidateKind.VACANT: 'vacant'>, <CandidateKind.PUBLIC: 'public'>)
    >>> idle_of({"disused:shop": "yes", "amenity": "cafe"}).left_out
    'reused'
    """
    row = next(row for row in table().rows if row.fits(tags))
    if row.former and _uses(tags, _LIVE_KEYS):
        return Idle("", "reused")
    building = table().buildings.get(tags.get("building", ""))
    if row.whole and building:
        return Idle("", building)
    if row.found.kind == CandidateKind.PUBLIC:
        names = [tags.get(key, "") for key in NAME_KEYS]
        if any(table().guarded.search(name) for name in names):
            return Idle("", "government")
        if row.plain and _uses(tags, _USE_KEYS):
            return Idle("", "other_use")
        if row.plain and not any(table().community.search(bare(name)) for name in names):
            named = any(map(use_in_name, names))
            return Idle("", "named_other_use" if named else "unknown_use")
    return row.found


def is_one_room(tags: Tags) -> bool:
    """Whether only a part of the building that is drawn is meant: an empty shop below flats."""
    return table().buildings.get(tags.get("building", "no")) == "dwelling"


def _uses(tags: Tags, keys: Iterable[str]) -> bool:
    return any(tags.get(key, "no") not in _OWN_USES for key in keys)


def _any(tags: Tags, pairs: frozenset[Pair]) -> bool:
    return any(
        key in tags and (tags[key] == value or (value == "*" and tags[key] != "no"))
        for key, value in pairs
    )


def _row(row: Mapping[str, Any]) -> Row:
    kind = row.get("kind", "")
    return Row(
        tags=_pairs(row["tags"]),
        with_=_pairs(row.get("with", ())),
        found=Idle(CandidateKind(kind) if kind else "", row.get("left_out", "")),
        former=row.get("former", False),
        whole=row.get("whole", False),
        plain=row.get("plain", False),
    )


def _pairs(tags: Iterable[str]) -> frozenset[Pair]:
    found = [tag.partition("=") for tag in tags]
    return frozenset((key, value) for key, _, value in found)
