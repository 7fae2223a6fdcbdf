"""A ledger that says of zones what their own source cannot: ring, type, attributes. Its rows name
their zones by code or name; boundaries of OpenStreetMap have no such columns."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gusu_geo.sources.ledgers.account import ACCOUNTS
from gusu_geo.sources.ledgers.polygon_marks import Marks, marks_of_polygons
from gusu_geo.sources.readings import reading
from gusu_geo.sources.zone_ledgers import LEFT_OUT, read_zone_ledger
from gusu_geo.sources.zone_names import ZoneNames
from gusu_geo.study.params import ZoneSource
from gusu_geo.tables import LedgerAccount, Reading


class LedgerMarks(NamedTuple):
    """Marks by id of the zone; what became of the rows, and how the file was understood."""

    marks: Marks
    read: Reading
    accounts: list[LedgerAccount]


def marks_in_ledger(path: Path, source: ZoneSource, names: ZoneNames, where: str) -> LedgerMarks:
    """What the rows of a ledger say of zones. names: of all zones of the level, those outside the
    study area too. Of two rows of one zone the first that says something counts.

    Raises SourceError: unreadable, no column of names, no such attribute, personal data in one.
    """
    frame, spot = read_zone_ledger(path, source, where, "", file="ledger")
    found: list[str] = []
    strange: list[str] = []
    for code, name in zip(frame["zone_id"], frame["name"], strict=True):
        zone = names.find(code).zone_id or names.find(name).zone_id
        found.append(zone)
        if not zone:
            strange.append(str(name))
    rows = [str(row) for row in range(len(frame))]
    by_row = marks_of_polygons(frame, rows, source.columns, source.attributes, spot)
    marks: Marks = {}
    for row, zone in zip(rows, found, strict=True):
        if zone:
            marks[zone] = by_row.get(row, {}) | marks.get(zone, {})
    no_data: dict[str, int] = frame.attrs[LEFT_OUT]
    told = reading(
        path.name,
        "zones",
        read=len(frame) + sum(no_data.values()),
        used=len(frame) - len(strange),
        left_out={**no_data, "no_such_zone": strange},
    )
    return LedgerMarks(marks, told, frame.attrs[ACCOUNTS])
