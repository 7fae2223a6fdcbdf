"""Reads the services that a ledger cell names."""

from __future__ import annotations

import re
from typing import NoReturn

from gusu_geo.errors import SourceError, nearest_name
from gusu_geo.study.catalog import RulePack, Service
from gusu_geo.words import Text, folded, text

_SEPARATORS = re.compile(r"[;；、,，/|]")


def _words(pack: RulePack) -> dict[str, str]:
    """Service id by its id, Chinese and English name, all folded."""
    return {
        folded(word): service.id
        for service in pack.services
        for word in (service.id, service.zh, service.en)
    }


def services_in(cell: str, pack: RulePack, row: Text) -> list[str]:
    """Service ids of one cell: a service by id or name, or several with ; 、 or , between them.

    Raises SourceError naming ``row``: no service, or one that the pack does not have.
    """
    words = _words(pack)
    whole = folded(cell)
    if whole in words:
        return [words[whole]]
    parts = [part.strip() for part in _SEPARATORS.split(cell)]
    found = [words[folded(part)] for part in parts if folded(part) in words]
    unknown = [part for part in parts if part and folded(part) not in words]
    if unknown or not found:
        _unknown_service(unknown[0] if unknown else "", pack, row)
    return list(dict.fromkeys(found))


def _unknown_service(word: str, pack: RulePack, row: Text) -> NoReturn:
    def listed(service: Service) -> str:
        return f"{service.id} {service.zh}"

    hint = nearest_name(word, [w for s in pack.services for w in (s.id, s.zh, s.en)])
    if hint.key == "error.known":
        hint = text("error.known", names=tuple(map(listed, pack.services)))
    known = text("error.unknown_service", id=pack.id, cell=word)
    raise SourceError(known if word else text("error.row_no_service"), where=row, fix=hint)
