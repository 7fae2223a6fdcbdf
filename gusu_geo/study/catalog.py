"""Read rule packs and walking profiles from TOML. Standard library only: imports in milliseconds.

A pack is a file, never code: ``[pack]`` holds its title, version and source; one ``[[services]]``
table per service holds how the service is recognised. Unknown keys are errors.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.foreign import foreign, read_text
from gusu_geo.study._fields import Table
from gusu_geo.study.tiers import tiers_of
from gusu_geo.words import folded, text

_HERE = Path(__file__).parent  # importlib.resources would double the import time
CODE_DIGITS = 6  # of a type code
_IN_BRACKETS = re.compile(r"[(（【\[].*?[)）】\]]")
SEPARATORS = re.compile(r"[;；、,，/／|｜\r\n]")  # between services, or themes, of one cell
ANYTHING = "…"  # inside a keyword: any run of characters, as in "海棠…站"


@dataclass(frozen=True)
class Profile:
    """A walking profile; its numbers are policy choices, explained in ``source``.

    steps_factor: how many times longer a metre of steps takes; wheels: a wheelchair or a pram.
    """

    id: str
    zh: str
    en: str
    speed_mps: float
    source: str
    steps_factor: float = 2.0
    wheels: bool = False


@dataclass(frozen=True)
class Service:
    """One service of a pack and how it is recognised.

    osm: any of these; each entry is an all-of of ``key=value`` texts.
    keywords, exclude: parts of a name; typecodes: Amap categories, six digits; one that ends in 00
    stands for its whole group; types: Baidu's words for it, 教育培训;图书馆, or a group of them.
    minutes: the service's own threshold, None = the pack's; min_count: venues needed within it.
    tier: the tiers of ``study.tiers`` at which it must exist, none where the pack says nothing;
    nested: a venue of an upper tier will do. functions: words for what a public body does about it
    (卫生). other_kinds: the pack's words that, after a keyword, say a name is something else's.
    """

    id: str
    zh: str
    en: str
    osm: tuple[tuple[str, ...], ...] = ()
    keywords: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    typecodes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    minutes: float | None = None
    min_count: int = 1
    tier: tuple[str, ...] = ()
    nested: bool = False
    functions: tuple[str, ...] = ()
    other_kinds: tuple[str, ...] = field(default=(), repr=False)

    def evidence(self, name: str, tags: Mapping[str, str]) -> str:
        """ "B" when the name fits, "C" when only the tags fit, "" when neither does.

        A name with an excluded word is never this service, even if its tags fit: a dental clinic
        tagged ``amenity=clinic`` is no basic health care. Values such as ``child;senior`` count
        as each of their parts.

        A Chinese name says last what a thing is: a keyword before a word of ``other_kinds`` says
        nothing (志愿者宾馆 is a hotel), after it, it does (宾馆志愿服务站).

        >>> Service("x", "书", "Books", (("amenity=library",),), ("书房",)).evidence("平江书房", {})
        'B'
        """
        return self.evidence_of(name, tagged=self.tagged(tags))

    def evidence_of(self, name: str, *, tagged: bool) -> str:
        """The same, where it is known whether the tags fit."""
        if name and any(word in name for word in self.exclude):
            return ""
        if name and self._named(name):
            return "B"
        return "C" if tagged else ""

    def tagged(self, tags: Mapping[str, str]) -> bool:
        """Whether the tags fit."""
        return any(group and all(_has_tag(tags, tag) for tag in group) for group in self.osm)

    def has_code(self, code: str) -> bool:
        """Whether the service has this type code, or its group: 140500 stands for 1405 and all
        below, 140000 for all of 14.

        >>> Service("x", "书", "Books", typecodes=("140500",)).has_code("140501")
        True
        """
        return len(code) == CODE_DIGITS and any(code.startswith(group) for group in self._groups)

    def has_type(self, path: Sequence[str]) -> bool:
        """Whether the service has this type, given from group to kind; a kind alone stands for
        itself, a group that the service has for all its kinds.

        >>> reading = Service("x", "书", "Books", types=("教育培训;图书馆",))
        >>> reading.has_type(["教育培训", "图书馆"]), reading.has_type(["图书馆"])
        (True, True)
        """
        path = list(path)
        return any(
            path[: len(own)] == own or (len(path) == 1 and path[0] == own[-1])
            for own in (each.split(";") for each in self.types)
        )

    def served_by(self, function: str) -> bool:
        """Whether a function of a body is about this service: it has one of its words in it, or its
        name.

        >>> care = Service("care", "健康诊疗", "Health care", functions=("卫生",))
        >>> care.served_by("卫生健康"), care.served_by("生")
        (True, False)
        """
        own = folded(function)
        return any(folded(word) in own for word in (*self.functions, self.zh, self.en))

    def _named(self, name: str) -> bool:
        """Whether the name has a keyword, and no word of another kind after it."""
        if not self._begins.search(name):  # most names
            return False
        ends = [_end_of(parts, name) for parts in self._parts]
        last = max(ends, default=0)  # 0: no keyword
        after = _IN_BRACKETS.sub("", name[last:])  # which branch it is, and where
        return last > 0 and not any(word in after for word in self.other_kinds)

    @cached_property
    def _groups(self) -> tuple[str, ...]:
        """Type codes as what all codes of their group begin with."""
        return tuple(re.sub("(00){1,2}$", "", code) for code in self.typecodes)

    @cached_property
    def _begins(self) -> re.Pattern[str]:
        """Found in every name that has a keyword: the first part of any of them."""
        words = [re.escape(parts[0]) for parts in self._parts]
        return re.compile("|".join(words) or "(?!)")

    @cached_property
    def _parts(self) -> tuple[list[str], ...]:
        """Keywords as the parts that must follow each other."""
        return tuple(keyword.split(ANYTHING) for keyword in self.keywords)


@dataclass(frozen=True)
class RulePack:
    """A versioned list of services with the note and source that must be shown with it.

    minutes: default threshold of services that do not name their own.
    """

    id: str
    version: str
    title_zh: str
    title_en: str
    note_zh: str
    note_en: str
    source: str
    minutes: float
    services: tuple[Service, ...]

    def __repr__(self) -> str:
        return f"<RulePack {self.id} {self.version}: {len(self.services)} services>"

    @property
    def service_ids(self) -> tuple[str, ...]:
        """Ids of the services (K,), in the order of the file."""
        return tuple(service.id for service in self.services)

    def tagged(self, tags: Mapping[str, str]) -> frozenset[str]:
        """Ids of the services that the tags fit; asked once for objects that are tagged alike."""
        key = tuple([tag for tag in tags.items() if tag[0] in self._keys])
        found = self._tagged.get(key)
        if found is None:
            fitting = (service.id for service in self.services if service.tagged(tags))
            found = self._tagged[key] = frozenset(fitting)
        return found

    @cached_property
    def _keys(self) -> frozenset[str]:
        """Keys of the tags of all services: no other tag counts."""
        groups = (group for service in self.services for group in service.osm)
        return frozenset(tag.partition("=")[0] for group in groups for tag in group)

    @cached_property
    def _tagged(self) -> dict[tuple[tuple[str, str], ...], frozenset[str]]:
        return {}


def with_tiers(pack: RulePack, tiers: Mapping[str, Iterable[str]], nested: bool | None) -> RulePack:
    """The pack with other tiers for some services (words by service id), and another ``nested`` for
    all; None leaves it. Raises StudyError: no such service (the nearest is named)."""
    for key in tiers:
        if key not in pack.service_ids:
            raise StudyError(
                text("error.tier_no_service"),
                where="rule.tiers",
                got=key,
                fix=nearest_name(key, pack.service_ids),
            )
    services = [
        replace(
            service,
            tier=tiers_of(list(tiers[service.id])) if service.id in tiers else service.tier,
            nested=service.nested if nested is None else nested,
        )
        for service in pack.services
    ]
    return replace(pack, services=tuple(services))


def names_of(services: Iterable[Service]) -> tuple[dict[str, str], ...]:
    """Names of services in both languages, as values of a text."""
    return tuple({"zh": service.zh, "en": service.en} for service in services)


def load_pack(name_or_path: str | Path, root: Path = Path()) -> RulePack:
    """The built-in pack of that name, or the pack file at that path as seen from ``root``.

    Raises StudyError: unknown pack (the nearest is named), invalid file (file and key are named).

    >>> len(load_pack("gusu-1510").services)
    10
    """
    built_in = _built_in_files()
    if str(name_or_path) in built_in:
        return _read_pack(built_in[str(name_or_path)])
    path = Path(root) / name_or_path
    if not os.path.exists(path):  # noqa: PTH110 (no name at all raises here)
        raise StudyError(
            text("error.no_pack"),
            where=path if path.suffix else None,
            got=str(name_or_path),
            fix=nearest_name(Path(name_or_path).stem, built_in),
        )
    return _read_pack(path)


def list_packs() -> dict[str, RulePack]:
    """All built-in packs by id, sorted."""
    return {name: _read_pack(path) for name, path in _built_in_files().items()}


def _built_in_files() -> dict[str, Path]:
    return {path.stem: path for path in sorted((_HERE / "packs").glob("*.toml"))}


def read_toml(path: Path) -> dict[str, Any]:
    """The document of a TOML file. Raises StudyError: no plain file, not UTF-8, not TOML."""
    content = read_text(path, "toml")
    with foreign("toml", path):
        return tomllib.loads(content)


def _read_pack(path: Path) -> RulePack:
    document = Table(read_toml(path), where=str(path)).only("pack", "services")
    keys = ("id", "version", "title", "note", "source", "minutes", "other_kinds")
    head = document.table("pack").only(*keys)
    other_kinds = head.words("other_kinds")
    pack = RulePack(
        id=head.identifier("id"),
        version=head.text("version"),
        **head.bilingual("title"),
        **head.bilingual("note"),
        source=head.text("source"),
        minutes=head.minutes("minutes"),
        services=tuple(_service(entry, other_kinds) for entry in document.tables("services")),
    )
    ids = pack.service_ids
    for position, service_id in enumerate(ids):
        if service_id in ids[:position]:
            raise StudyError(
                text("error.service_id_taken", number=position + 1),
                where=path,
                got=service_id,
                fix=text("error.own_ids"),
            )
    return pack


def _service(entry: Table, other_kinds: tuple[str, ...]) -> Service:
    entry.only(*(each.name for each in fields(Service) if each.name != "other_kinds"))
    return Service(
        id=entry.identifier("id"),
        zh=entry.text("zh"),
        en=entry.text("en"),
        osm=entry.tag_groups("osm"),
        keywords=entry.words("keywords"),
        exclude=entry.words("exclude"),
        typecodes=entry.typecodes("typecodes"),
        types=entry.words("types"),
        minutes=entry.minutes("minutes") if entry.has("minutes") else None,
        min_count=entry.count("min_count", default=1),
        tier=entry.tiers("tier"),
        nested=entry.flag("nested"),
        functions=entry.words("functions"),
        other_kinds=other_kinds,
    )


def _has_tag(tags: Mapping[str, str], tag: str) -> bool:
    key, _, value = tag.partition("=")
    return value in (part.strip() for part in tags.get(key, "").split(";"))


def _end_of(parts: list[str], name: str) -> int:
    """Where the last place ends at which all parts stand in the name, one after the other; 0: they
    do not."""
    start = 0
    for part in parts:
        found = name.find(part, start)
        if found < 0:
            return 0
        start = found + len(part)
    return name.rfind(parts[-1]) + len(parts[-1])


def _read_profiles() -> Mapping[str, Profile]:
    document = read_toml(_HERE / "profiles.toml")
    return MappingProxyType({key: Profile(id=key, **entry) for key, entry in document.items()})


PROFILES: Mapping[str, Profile] = _read_profiles()
