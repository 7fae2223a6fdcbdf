"""What is told of a planner's file: its tables, how their coordinates were understood, its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gusu_geo.sources.ledgers.coordinates import WGS, System
from gusu_geo.sources.ledgers.evidence import Scores
from gusu_geo.sources.ledgers.faults import PARTS, Part
from gusu_geo.sources.ledgers.headers import Table
from gusu_geo.sources.ledgers.parts import ENCODING
from gusu_geo.sources.ledgers.places import PLACELESS, Places
from gusu_geo.tables import Both, LedgerAccount, LedgerTable
from gusu_geo.words import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from gusu_geo.sources.ledgers.points import LedgerFacts

ASSUMED, COMPARED, ALONG = "assumed", "buildings", "streets"
ACCOUNTS = "accounts"  # under this in ``attrs`` of compounds: of their file, if any
TABLES = "tables"  # under this in ``attrs`` of polygons: what ``outline_tables`` gives


class HoursFound(NamedTuple):
    """Cells that hold opening hours, how many could be read, and the words of the others."""

    filled: int
    understood: int
    unread: tuple[str, ...]


def table_account(
    table: Table, headers: Mapping[str, str], places: Places, scores: Scores | None
) -> LedgerTable:
    """What is told of one table; scores: of its coordinates as they stand, None: not compared."""
    known_by = places.known_by
    if known_by == PLACELESS:
        return placeless(table, headers)
    if not known_by:
        found = scores is not None and scores.near[0] > max(scores.near[1:])
        known_by = COMPARED if found else ASSUMED
    return {
        "sheet": table.name,
        "encoding": table.encoding,
        "header_row": table.header_row,
        "rows": len(table.cells),
        "columns": dict(headers),
        "systems": list(places.names or (WGS.name,)),
        "known_by": known_by,
        "scores": _scores(scores),
    }


def placeless(table: Table, headers: Mapping[str, str]) -> LedgerTable:
    """What is told of a table that has no coordinates and needs none."""
    return {
        "sheet": table.name,
        "encoding": table.encoding,
        "header_row": table.header_row,
        "rows": len(table.cells),
        "columns": dict(headers),
        "systems": [],
        "known_by": PLACELESS,
        "scores": None,
    }


def ledger_account(
    file: str,
    kind: str,
    facts: LedgerFacts,
    words: Iterable[Text] = (),
    hours: HoursFound | None = None,
) -> LedgerAccount:
    """What is told of a file. kind: key of section [kind] of the words; words: those for services
    that the pack does not know; hours: how opening hours were read."""
    account: LedgerAccount = {
        "file": file,
        "kind": kind,
        "read": facts.read,
        "accepted": facts.read - sum(facts.left_out.values()),
        "rejected": facts.left_out.get("rejected", 0),
        "no_data": {key: n for key, n in facts.left_out.items() if key != "rejected"},
        "unknown_words": [Both(zh=word.zh, en=word.en) for word in words],
        "tables": list(facts.tables),
    }
    if hours is not None and hours.filled:
        account["hours_filled"] = hours.filled
        account["hours_understood"] = hours.understood
        account["hours_unread"] = list(hours.unread)
    return account


def outline_tables(
    frame: gpd.GeoDataFrame, layer: str, system: System, says: str, scores: Scores | None
) -> list[LedgerTable]:
    """What is told of each layer of a file of polygons; says: who names the system, "": nobody.
    ``columns`` follow from who reads them (``outline_account``)."""
    parts = frame.attrs.get(PARTS) or [Part(layer, 1, 0)]
    ends = [*(part.first for part in parts[1:]), len(frame) + 1]
    found = scores is not None and scores.winner is WGS
    return [
        {
            "sheet": part.name,
            "encoding": frame.attrs.get(ENCODING, ""),
            "header_row": 0,
            "rows": end - part.first,
            "columns": {},
            "systems": [system.name],
            "known_by": says or (ALONG if found else ASSUMED),
            "scores": _scores(scores),
        }
        for part, end in zip(parts, ends, strict=True)
    ]


def outline_account(
    file: str, kind: str, frame: gpd.GeoDataFrame, headers: Mapping[str, str] | None = None
) -> LedgerAccount:
    """What is told of a file of polygons, as ``read_polygons`` gave it. A row that cannot be read
    stops the reading: zones with a gap would be wrong in every sum."""
    return {
        "file": file,
        "kind": kind,
        "read": len(frame),
        "accepted": len(frame),
        "rejected": 0,
        "no_data": {},
        "unknown_words": [],
        "tables": [_with_columns(table, headers or {}) for table in frame.attrs[TABLES]],
    }


def _with_columns(table: LedgerTable, headers: Mapping[str, str]) -> LedgerTable:
    told = table.copy()
    told["columns"] = dict(headers)
    return told


def _scores(scores: Scores | None) -> dict[str, int] | None:
    if scores is None:
        return None
    wgs, gcj, bd = scores.near
    return {"wgs84": wgs, "gcj02": gcj, "bd09": bd, "tried": scores.tried}
