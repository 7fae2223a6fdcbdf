"""Venues of a ledger: its rows within reach, by the services that they name."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError, shortened
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.classify import Found, RowTexts, services_of_row, unknown_words
from gusu_geo.sources.doors import Ground
from gusu_geo.sources.hours_read import HoursRead
from gusu_geo.sources.ledgers.account import ledger_account
from gusu_geo.sources.ledgers.capacities import SHARED, UNREAD
from gusu_geo.sources.ledgers.columns import CAPACITY, column_word
from gusu_geo.sources.ledgers.evidence import Evidence
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.points import Points, read_points
from gusu_geo.sources.ledgers.rejected import without_service
from gusu_geo.sources.readings import reading
from gusu_geo.sources.services import Lexicon, pack_services, read_cell
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import FacilitySource, Study
from gusu_geo.tables import Bools, LedgerAccount, Note, Reading, RejectedRow
from gusu_geo.words import note, text

LAT_MAX = 90.0
_ROOM = {"capacity": "capacity", "unit": "capacity_unit", SHARED: SHARED, UNREAD: UNREAD}
BELONGS = ("tier", "compound", "community", "subdistrict")  # texts on where a venue belongs


class VenuePart(NamedTuple):
    """One source: a row for each record and service, what was read, and notes. ``used`` of the
    reading follows when records of one place are merged."""

    rows: pd.DataFrame
    read: Reading
    notes: list[Note]
    rejected: list[RejectedRow]
    accounts: list[LedgerAccount]


def venues_of_ledger(
    study: Study, number: int, pack: RulePack, area: StudyArea, evidence: Evidence
) -> VenuePart:
    """Rows of the ledger at position ``number``, within reach, one for each service."""
    source = study.facilities[number]
    where = f"facilities {shortened(source.source)}"
    lexicon = Lexicon(pack, source.words, where)
    ledger = read_points(
        path_of(study, source.source, "facilities"),
        source,
        where=where,
        repeated_ids=True,  # a row for each service of a venue
        evidence=evidence,
        also=CAPACITY if study.capacity is not None else {},
    )
    points = ledger.frame
    found = _classified(points, lexicon, source, where)
    label, name = f"{Path(source.source).stem}-{number + 1}", Path(source.source).name
    read = HoursRead()
    offered = pd.Series([list(each.services.items()) for each in found], dtype=object)
    frame = _places(points, area, label, name, read).assign(found=offered)
    near = shapely.intersects(area.reach, frame["geometry"].to_numpy())
    if not near.any():
        raise _all_elsewhere(points, area, where)
    # A row that names no service of the pack is no venue of it. It is left out, never guessed.
    offers = frame["found"].map(len).to_numpy() > 0
    nameless = _nameless(ledger, near & ~offers, name, lexicon)
    left_out = {
        **ledger.left_out,
        "beyond_reach": int((~near).sum()),
        "no_service": int((near & ~offers).sum()) - len(nameless),
        "rejected": len(ledger.rejected) + len(nameless),
    }
    rows = frame[near & offers].explode("found", ignore_index=True)
    for k, key in enumerate(("service", "evidence")):
        rows[key] = [pair[k] for pair in rows["found"]]
    _refuse_twice(rows, label, where)
    doubted = ledger.doubted | _unshared(rows)
    facts = ledger.facts()
    if nameless:
        facts = facts._replace(left_out=ledger.left_out | {"rejected": left_out["rejected"]})
    words = unknown_words(found, lexicon)
    return VenuePart(
        rows.drop(columns="found"),
        reading(
            name,
            "venues",
            read=ledger.read,
            used=0,
            left_out=left_out,
            doubted=doubted,
        ),
        [*([note("words_unknown", name=name, words=words)] if words else []), *read.notes(name)],
        ledger.rejected + nameless,
        [ledger_account(name, "venues", facts, words, read.account())],
    )


def _places(
    points: gpd.GeoDataFrame, area: StudyArea, label: str, name: str, read: HoursRead
) -> pd.DataFrame:
    """A row for each place of the ledger ``label``, a file called name; read: its hours."""

    def words(key: str) -> object:
        return points[key].to_numpy() if key in points else ""

    def hours(key: str) -> object:
        return [read.of(cell) for cell in points[key]] if key in points else ""

    room = "capacity" in points
    return pd.DataFrame(
        {
            "osm_id": "",
            "ledger": label,
            "source": name,
            "object_id": [f"{label}:{row}" for row in points.index],
            "record": range(len(points)),
            "own_name": words("name"),
            "name": words("name"),
            "name_zh": "",
            "name_en": "",
            "hours": hours("hours"),
            "shared_hours": hours("shared_hours"),
            "host": words("host"),
            "ground": int(Ground.BUILDING),
            **{key: points[key].to_numpy(object) for key in BELONGS if key in points},
            **({to: points[key].to_numpy() for key, to in _ROOM.items()} if room else {}),
            "geometry": area.to_metres(points.geometry),
        }
    )


def _unshared(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Takes away capacities that are of several services together, and gives the ids of their rows,
    and of those whose capacity could not be read:
    what each service has of a room that all use is unknown, and the room counted for each would be
    there several times."""
    if "capacity" not in rows:
        return {}
    # By record: an id may stand in several rows of the file, each with a capacity of its own.
    shared = rows["record"].duplicated(keep=False) & rows["capacity"].notna()
    shared |= rows.pop(SHARED).eq(True)
    rows.loc[shared, "capacity"] = np.nan
    ids = rows["object_id"].str.partition(":")[2]
    marked = {SHARED: ids[shared], UNREAD: ids[rows.pop(UNREAD).eq(True)]}
    return {why: list(dict.fromkeys(own)) for why, own in marked.items() if len(own)}


def _nameless(ledger: Points, rows: Bools, name: str, lexicon: Lexicon) -> list[RejectedRow]:
    """Rows whose cell of services names none. Without such a column nothing is wrong with them, nor
    where the planner says that the words mean none."""
    if "service" not in ledger.frame:
        return []
    cells = ledger.frame["service"].to_numpy(object)
    said = {cell: read_cell(cell, lexicon) for cell in dict.fromkeys(cells[rows].tolist())}
    none_meant = {cell for cell, found in said.items() if found.settled and not found.unknown}
    picked = [k for k in np.flatnonzero(rows).tolist() if cells[k] not in none_meant]
    where = [ledger.row_at(k) for k in picked]
    return without_service(name, where, ledger.headers["service"], [cells[k] for k in picked])


def _classified(
    points: gpd.GeoDataFrame, lexicon: Lexicon, source: FacilitySource, where: str
) -> list[Found]:
    """What each row offers. Raises SourceError: no column to tell by, no row with a service, or
    unknown words in a source that claims to list all venues."""
    keys = {"service": "service", "name": "name", "typecode": "typecode", "type": "kind"}
    here = {texts: points[key] for key, texts in keys.items() if key in points}
    if not here:
        raise SourceError(
            text("error.no_column_for", key=column_word("service")),
            where=where,
            fix=text("error.name_column", key="service"),
        )
    rows = [
        RowTexts(**dict(zip(here, cells, strict=True)))
        for cells in zip(*here.values(), strict=True)
    ]
    read = {row: services_of_row(row, lexicon, source.evidence) for row in dict.fromkeys(rows)}
    found = [read[row] for row in rows]
    words = unknown_words(found, lexicon)
    nothing = not any(each.services for each in found)
    if nothing or (source.complete and words):  # what is missing might be what they stand for
        what = text("error.no_row_service", count=len(rows), id=lexicon.pack.id)
        raise SourceError(
            what if nothing else text("error.complete_unknown"),
            where=where,
            got=text("error.words_found", words=words) if words else None,
            fix=text("error.write_words", names=pack_services(lexicon.pack)),
        )
    return found


def _refuse_twice(rows: pd.DataFrame, label: str, where: str) -> None:
    """Raises SourceError: a venue stands twice for one service."""
    again = rows.duplicated(["object_id", "service"])
    if again.any():
        twice = rows[again].iloc[0]
        raise SourceError(
            text("error.id_twice_service", service=twice["service"]),
            where=where,
            got=twice["object_id"].removeprefix(f"{label}:"),
            fix=text("error.second_row_id"),
        )


def _all_elsewhere(points: gpd.GeoDataFrame, area: StudyArea, where: str) -> SourceError:
    """The error for a ledger without any row within reach: its coordinates must be wrong."""
    lonlat = shapely.get_coordinates(points.geometry.to_numpy())
    turned = lonlat[:, ::-1]
    swapped = area.reaches(turned[np.abs(turned[:, 1]) <= LAT_MAX]).any()
    fix = text("error.check_order")
    return SourceError(
        text("error.none_in_reach", count=len(points)),
        where=where,
        got=text("error.first_row", lon=lonlat[0, 0], lat=lonlat[0, 1]),
        fix=text("error.swapped", fix=fix) if swapped else fix,
    )
