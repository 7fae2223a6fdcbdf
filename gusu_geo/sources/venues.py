"""Venues of a study: objects of the OSM file and rows of ledgers, by the services of the pack.

A venue gives one facility per service; ``classify`` says which services a place offers. Disused and
private places, and rows of ledgers without a service, are left out and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError, shortened
from gusu_geo.geometry import inner_points, valid
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.classify import Found, RowTexts, services_of, services_of_row, unknown_words
from gusu_geo.sources.doors import Ground, by_surveyed_gates, entrances_of, ground_of
from gusu_geo.sources.duplicates import merge_duplicates
from gusu_geo.sources.ledgers.account import ledger_account
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE, Evidence
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.points import Points, read_points
from gusu_geo.sources.ledgers.rejected import without_service
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm_readings import place_reading
from gusu_geo.sources.readings import reading
from gusu_geo.sources.services import Lexicon, pack_services
from gusu_geo.study.catalog import RulePack, names_of
from gusu_geo.study.params import FacilitySource, Study
from gusu_geo.tables import (
    Bools,
    Facilities,
    LedgerAccount,
    Merge,
    Note,
    Reading,
    RejectedRow,
    ServiceFacts,
)
from gusu_geo.words import note, text

FROM_OSM = "osm"
LAT_MAX = 90.0
COLUMNS = (
    *("osm_id", "object_id", "record", "ledger", "source", "service"),
    *("own_name", "name", "name_zh", "name_en", "hours", "ground"),
)
_SHOWN_NAMES = ("name", "name:zh", "name:en", "brand", "operator")
_SHUT = frozenset(("private", "no"))
_FOOT_ALLOWED = frozenset(("yes", "designated", "permissive", "destination", "official"))
_DISUSED = ("disused", "abandoned", "demolished", "razed", "ruins", "construction", "proposed")
_NEVER_OPEN = frozenset(("off", "closed", "none"))


@dataclass(frozen=True, eq=False)
class Venues:
    """Facilities within reach, with counts and notes.

    services: by service id ``venues`` (places, not facilities) and ``complete``; known: by service
    id, false for "no data" (see ``CityFacts``); dropped: counts by reason; sources: what became of
    the records of each source; merges: records that stand behind another of the same place;
    accounts: how each ledger was understood.
    """

    facilities: Facilities
    services: dict[str, ServiceFacts]
    known: dict[str, bool]
    dropped: dict[str, int]
    notes: list[Note] = field(default_factory=list)
    sources: list[Reading] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    accounts: list[LedgerAccount] = field(default_factory=list)


class _Part(NamedTuple):
    """One source: a row for each record and service, what was read, and notes. ``used`` of the
    reading follows when records of one place are merged."""

    rows: pd.DataFrame
    read: Reading
    notes: list[Note]
    rejected: list[RejectedRow]
    accounts: list[LedgerAccount]


def read_venues(
    study: Study,
    pack: RulePack,
    extract: OsmExtract,
    area: StudyArea,
    gates: gpd.GeoDataFrame,
    evidence: Evidence = NO_EVIDENCE,
) -> Venues:
    """All venues within reach, duplicates merged; entered by the public gates of a ledger, if any.

    A service without any venue is "no data" unless a source claims to be complete.
    Raises SourceError: invalid ledger, a service that the pack does not have.
    """
    parts = [
        _of_osm(pack, extract, area)
        if source.source == FROM_OSM
        else _of_ledger(study, number, pack, area, evidence)
        for number, source in enumerate(study.facilities)
    ]
    dropped, notes = _dropped(study.facilities, parts)
    frames = [part.rows for part in parts]
    rows = pd.concat([rows for rows in frames if len(rows)] or frames[:1], ignore_index=True)
    doors = frozenset(extract.openings["osm_id"])
    rows["has_doors"] = [key in doors for key in rows["osm_id"]]
    kept, merges = merge_duplicates(gpd.GeoDataFrame(rows, geometry="geometry", crs=area.crs))
    dropped["drawn_twice"] = len(rows) - len(kept)
    complete = any(source.complete for source in study.facilities)
    places = kept.groupby("service")["venue_id"].nunique()
    services: dict[str, ServiceFacts] = {
        key: {"venues": int(places.get(key, 0)), "complete": complete} for key in pack.service_ids
    }
    return Venues(
        facilities=_facilities(kept, pack, extract, area, gates),
        services=services,
        known={key: bool(row["venues"] or complete) for key, row in services.items()},
        dropped={key: int(count) for key, count in sorted(dropped.items()) if count},
        notes=[*notes, *_notes(pack, services)],
        sources=[_used(part, kept["object_id"]) for part in parts],
        merges=merges,
        rejected=[row for part in parts for row in part.rejected],
        accounts=[account for part in parts for account in part.accounts],
    )


def _dropped(
    sources: Sequence[FacilitySource], parts: Sequence[_Part]
) -> tuple[Counter[str], list[Note]]:
    """What was left out and is not just elsewhere or of another kind; rows of ledgers count all."""
    dropped: Counter[str] = Counter()
    notes: list[Note] = []
    for source, (_, row, told, *_) in zip(sources, parts, strict=True):
        left = Counter(row["left_out"])
        if source.source == FROM_OSM:
            dropped.update({key: left[key] for key in ("private", "disused")})
            continue
        beyond, facts = left["beyond_reach"], {"count": row["read"], "name": row["source"]}
        dropped["beyond_reach"] += beyond
        notes += [note("facilities_beyond_reach", beyond=beyond, **facts)] if beyond else []
        notes += told
    return dropped, notes


def _used(part: _Part, kept: pd.Series[Any]) -> Reading:
    """The reading of a source, now that it is known which of its records stand for their place."""
    row, records = part.read, part.rows.drop_duplicates("record")["object_id"]
    used = int(records.isin(kept).sum())
    merged = {"merged": len(records) - used} if used < len(records) else {}
    return {**row, "used": used, "left_out": row["left_out"] | merged}


def closed_to_all(tags: Mapping[str, str]) -> str:
    """Why the place is closed to the public: "private" or "disused"; "" when it is open.

    >>> closed_to_all({"leisure": "garden", "access": "private"})
    'private'
    """
    foot = tags.get("foot", "")
    if foot in _SHUT or (tags.get("access") in _SHUT and foot not in _FOOT_ALLOWED):
        return "private"
    disused = any(tags.get(key, "no") != "no" for key in _DISUSED)
    shut = tags.get("opening_hours", "").strip().lower() in _NEVER_OPEN
    return "disused" if disused or shut else ""


def _notes(pack: RulePack, services: Mapping[str, ServiceFacts]) -> list[Note]:
    blank = [s for s in pack.services if not any(services[s.id].values())]
    if not blank:
        return []
    return [note("services_without_data", services=names_of(blank))]


def _of_osm(pack: RulePack, extract: OsmExtract, area: StudyArea) -> _Part:
    places = extract.places
    shapes = valid(area.to_metres(places.geometry))
    near = shapely.intersects(area.reach, shapes)
    left = Counter(beyond_reach=int((~near).sum()))
    rows: list[dict[str, Any]] = []
    for osm_id, tags, shape in zip(
        places.index[near], places["tags"].to_numpy()[near], shapes[near], strict=True
    ):
        found = services_of(pack, tags)
        reason = closed_to_all(tags) if found else "no_service"
        if reason:
            left[reason] += 1
            continue
        names = [tags.get(key, "") for key in _SHOWN_NAMES]
        one = {
            "osm_id": osm_id,
            "object_id": osm_id,
            "record": osm_id,
            "ledger": "",
            "source": extract.path.name,
            "own_name": names[0] or names[1],
            "name": next(filter(None, names), ""),
            "name_zh": names[1],
            "name_en": names[2],
            "hours": tags.get("opening_hours", ""),
            "ground": int(ground_of(tags)),
            "geometry": shape,
        }
        rows.extend(one | {"service": key, "evidence": level} for key, level in found.items())
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "evidence", "geometry"])
    return _Part(frame, place_reading(extract, left), [], [], [])


def _of_ledger(
    study: Study, number: int, pack: RulePack, area: StudyArea, evidence: Evidence
) -> _Part:
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
    )
    points = ledger.frame
    found = _classified(points, lexicon, source, where)
    label, name = f"{Path(source.source).stem}-{number + 1}", Path(source.source).name
    names = points["name"] if "name" in points else pd.Series("", points.index)
    frame = pd.DataFrame(
        {
            "osm_id": "",
            "ledger": label,
            "source": name,
            "object_id": [f"{label}:{row}" for row in points.index],
            "record": range(len(points)),
            "found": [list(each.services.items()) for each in found],
            "own_name": names.to_numpy(),
            "name": names.to_numpy(),
            "name_zh": "",
            "name_en": "",
            "hours": points["hours"].to_numpy() if "hours" in points else "",
            "ground": int(Ground.BUILDING),
            "geometry": area.to_metres(points.geometry),
        }
    )
    near = shapely.intersects(area.reach, frame["geometry"].to_numpy())
    if not near.any():
        raise _all_elsewhere(points, area, where)
    # A row that names no service of the pack is no venue of it. It is left out, never guessed.
    offers = frame["found"].map(len).to_numpy() > 0
    nameless = _nameless(ledger, near & ~offers, name)
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
    words = unknown_words(found, lexicon)
    return _Part(
        rows.drop(columns="found"),
        reading(
            name,
            "venues",
            read=ledger.read,
            used=0,
            left_out=left_out,
            doubted=ledger.doubted,
        ),
        [note("words_unknown", name=name, words=words)] if words else [],
        ledger.rejected + nameless,
        [ledger_account(name, "venues", ledger.facts(), words)],
    )


def _nameless(ledger: Points, rows: Bools, name: str) -> list[RejectedRow]:
    """Rows whose cell of services says none; without such a column nothing is wrong with them."""
    if "service" not in ledger.frame:
        return []
    picked = np.flatnonzero(rows).tolist()
    cells = ledger.frame["service"].to_numpy(object)
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
            text("error.no_column_for", key="service"),
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


def _facilities(
    rows: gpd.GeoDataFrame,
    pack: RulePack,
    extract: OsmExtract,
    area: StudyArea,
    gates: gpd.GeoDataFrame,
) -> Facilities:
    """Rows as facilities, in the order of the pack's services, then of ids."""
    order = {key: position for position, key in enumerate(pack.service_ids)}
    ids = [f"{owner}:{key}" for owner, key in zip(rows["object_id"], rows["service"], strict=True)]
    rows = rows.assign(facility_id=ids, place=rows["service"].map(order))
    rows = rows.sort_values(["place", "facility_id"]).set_index("facility_id", drop=True)
    outlines = rows.geometry.to_numpy()
    points = inner_points(outlines)
    xy = shapely.get_coordinates(points)
    grounds = rows["ground"].to_numpy(np.int8)
    entrances = entrances_of(
        rows["osm_id"], xy, extract.openings, area, outlines=outlines, grounds=grounds
    )
    entrances = by_surveyed_gates(entrances, outlines, gates, access=("public",))
    columns = ["service", "venue_id", "name", "name_zh", "name_en", "hours", "evidence"]
    index = pd.Index(rows.index.to_numpy(object), dtype=object)
    frame = gpd.GeoDataFrame(
        {key: rows[key].to_numpy(object) for key in columns},
        index=index,
        geometry=points,
        crs=area.crs,
    )
    return Facilities(frame, entrances)
