"""Venues of a study: objects of the OSM file and rows of ledgers, by the services of the pack.

A venue gives one facility per service; ``classify`` says which services a place offers. Disused and
private places, and rows of ledgers without a service, are left out and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.geometry import inner_points, valid
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.classify import services_of
from gusu_geo.sources.doors import by_surveyed_gates, entrances_of, ground_of
from gusu_geo.sources.duplicates import merge_duplicates
from gusu_geo.sources.hours_read import HoursRead
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE, Evidence
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm_readings import place_reading
from gusu_geo.sources.venue_ledgers import BELONGS, VenuePart, venues_of_ledger
from gusu_geo.study.catalog import RulePack, names_of
from gusu_geo.study.params import FacilitySource, Study
from gusu_geo.tables import (
    Facilities,
    LedgerAccount,
    Merge,
    Note,
    Reading,
    RejectedRow,
    ServiceFacts,
)
from gusu_geo.words import note

FROM_OSM = "osm"
COLUMNS = (
    *("osm_id", "object_id", "record", "ledger", "source", "service"),
    *("own_name", "name", "name_zh", "name_en", "hours", "shared_hours", "host", "ground"),
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
        else venues_of_ledger(study, number, pack, area, evidence)
        for number, source in enumerate(study.facilities)
    ]
    dropped, notes = _dropped(study.facilities, parts)
    frames = [part.rows for part in parts]
    rows = pd.concat([rows for rows in frames if len(rows)] or frames[:1], ignore_index=True)
    said = [key for key in BELONGS if key in rows]
    rows[said] = rows[said].fillna("")
    if study.capacity is not None:
        rows = _with_capacity(rows)
    doors = frozenset(extract.openings["osm_id"])
    rows["has_doors"] = [key in doors for key in rows["osm_id"]]
    kept, merges = merge_duplicates(gpd.GeoDataFrame(rows, geometry="geometry", crs=area.crs))
    dropped["drawn_twice"] = len(rows) - len(kept)
    complete = any(source.complete for source in study.facilities)
    places = kept.groupby("service")["venue_id"].nunique()
    services: dict[str, ServiceFacts] = {
        key: {"venues": int(places.get(key, 0)), "complete": complete} for key in pack.service_ids
    }
    region = study.region
    known = {key: bool(row["venues"] or complete) for key, row in services.items()}
    if region is not None and region.known:
        known = {key: complete or key in region.named for key in services}
    return Venues(
        facilities=_facilities(kept, pack, extract, area, gates),
        services=services,
        known=known,
        dropped={key: int(count) for key, count in sorted(dropped.items()) if count},
        notes=[*notes, *_notes(pack, known)],
        sources=[_used(part, kept["object_id"]) for part in parts],
        merges=merges,
        rejected=[row for part in parts for row in part.rejected],
        accounts=[account for part in parts for account in part.accounts],
    )


def _with_capacity(rows: pd.DataFrame) -> pd.DataFrame:
    """With the columns of capacities, of whatever sources: NaN unknown. Tags of OpenStreetMap are
    not used: ``capacity`` has another unit for every kind of place, and names none."""
    if "capacity" not in rows:
        return rows.assign(capacity=np.nan, capacity_unit="")
    return rows.assign(
        capacity=rows["capacity"].astype(float), capacity_unit=rows["capacity_unit"].fillna("")
    )


def _dropped(
    sources: Sequence[FacilitySource], parts: Sequence[VenuePart]
) -> tuple[Counter[str], list[Note]]:
    """What was left out and is not just elsewhere or of another kind; rows of ledgers count all."""
    dropped: Counter[str] = Counter()
    notes: list[Note] = []
    for source, (_, row, told, *_) in zip(sources, parts, strict=True):
        left = Counter(row["left_out"])
        if source.source == FROM_OSM:
            dropped.update({key: left[key] for key in ("private", "disused")})
            notes += told
            continue
        beyond, facts = left["beyond_reach"], {"count": row["read"], "name": row["source"]}
        dropped["beyond_reach"] += beyond
        notes += [note("facilities_beyond_reach", beyond=beyond, **facts)] if beyond else []
        notes += told
    return dropped, notes


def _used(part: VenuePart, kept: pd.Series[Any]) -> Reading:
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


def _notes(pack: RulePack, known: Mapping[str, bool]) -> list[Note]:
    blank = [s for s in pack.services if not known[s.id]]
    if not blank:
        return []
    return [note("services_without_data", services=names_of(blank))]


def _of_osm(pack: RulePack, extract: OsmExtract, area: StudyArea) -> VenuePart:
    places = extract.places
    shapes = valid(area.to_metres(places.geometry))
    near = shapely.intersects(area.reach, shapes)
    left = Counter(beyond_reach=int((~near).sum()))
    rows: list[dict[str, Any]] = []
    read = HoursRead(ledger=False)
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
            "hours": read.of(tags.get("opening_hours", "")),
            "shared_hours": "",
            "host": "",
            "ground": int(ground_of(tags)),
            "geometry": shape,
        }
        rows.extend(one | {"service": key, "evidence": level} for key, level in found.items())
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "evidence", "geometry"])
    return VenuePart(frame, place_reading(extract, left), read.notes(extract.path.name), [], [])


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
    columns = ["service", "venue_id", "name", "name_zh", "name_en", "hours", "shared_hours", "host"]
    columns += ["evidence", *(key for key in BELONGS if key in rows)]
    index = pd.Index(rows.index.to_numpy(object), dtype=object)
    told = {key: rows[key].to_numpy(object) for key in columns}
    if "capacity" in rows:
        told["capacity"] = rows["capacity"].to_numpy(float)
        told["capacity_unit"] = rows["capacity_unit"].to_numpy(object)
    frame = gpd.GeoDataFrame(
        told,
        index=index,
        geometry=points,
        crs=area.crs,
    )
    return Facilities(frame, entrances)
