"""Venues of a study: objects of the OSM file and rows of ledgers, by the services of the pack.

A venue gives one facility per service. The pack decides what counts as a venue of a service
(``Service.evidence``). Disused and private places are dropped and counted; objects that are only
named after a venue are ignored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError, shortened
from gusu_geo.geometry import inner_points, valid
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.doors import Ground, by_surveyed_gates, entrances_of, ground_of
from gusu_geo.sources.duplicates import merge_duplicates
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.parts import doubts_of
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm_readings import place_reading
from gusu_geo.sources.readings import reading
from gusu_geo.sources.services import services_in
from gusu_geo.study.catalog import RulePack, names_of
from gusu_geo.study.params import FacilitySource, Study
from gusu_geo.tables import Facilities, Note, Reading, ServiceFacts
from gusu_geo.words import note, text

FROM_OSM = "osm"
LAT_MAX = 90.0
COLUMNS = (
    *("osm_id", "object_id", "record", "ledger", "service"),
    *("own_name", "name", "name_zh", "name_en", "hours", "ground"),
)
_NAME_KEYS = ("name", "name:zh", "official_name", "alt_name")
_SHOWN_NAMES = ("name", "name:zh", "name:en", "brand", "operator")
_SHUT = frozenset(("private", "no"))
_FOOT_ALLOWED = frozenset(("yes", "designated", "permissive", "destination", "official"))
_DISUSED = ("disused", "abandoned", "demolished", "razed", "ruins", "construction", "proposed")
_NEVER_OPEN = frozenset(("off", "closed", "none"))

# Objects named after a venue without being one, such as the car park of a library. Their name is
# no evidence; tags of the pack still are.
_NAMED_AFTER: Mapping[str, frozenset[str]] = {
    "amenity": frozenset(
        (
            *("parking", "parking_entrance", "parking_space", "bicycle_parking", "fuel"),
            *("motorcycle_parking", "bicycle_rental", "car_rental", "car_sharing", "taxi"),
            *("charging_station", "bus_station", "ferry_terminal", "toilets", "bench", "atm"),
            *("bank", "vending_machine", "waste_basket", "recycling", "post_box", "telephone"),
            *("fountain", "drinking_water", "clock", "loading_dock"),
        )
    ),
    "shop": frozenset(("hairdresser", "beauty", "massage", "car", "car_repair", "copyshop")),
    "tourism": frozenset(("information", "hotel", "hostel", "guest_house", "apartment", "motel")),
}


@dataclass(frozen=True, eq=False)
class Venues:
    """Facilities within reach, with counts and notes.

    services: by service id ``venues`` (places, not facilities) and ``complete``; known: by service
    id, false for "no data" (see ``CityFacts``); dropped: counts by reason; sources: what became of
    the records of each source.
    """

    facilities: Facilities
    services: dict[str, ServiceFacts]
    known: dict[str, bool]
    dropped: dict[str, int]
    notes: list[Note] = field(default_factory=list)
    sources: list[Reading] = field(default_factory=list)


def read_venues(
    study: Study, pack: RulePack, extract: OsmExtract, area: StudyArea, gates: gpd.GeoDataFrame
) -> Venues:
    """All venues within reach, duplicates merged; entered by the public gates of a ledger, if any.

    A service without any venue is "no data" unless a source claims to be complete.
    Raises SourceError: invalid ledger, a service that the pack does not have.
    """
    read: list[Reading] = []  # ``used`` follows when records of one place are merged
    parts = [
        _of_osm(pack, extract, area, read)
        if source.source == FROM_OSM
        else _of_ledger(study, number, pack, area, read)
        for number, source in enumerate(study.facilities)
    ]
    dropped, notes = _dropped(study.facilities, read)
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    doors = frozenset(extract.openings["osm_id"])
    rows["has_doors"] = [key in doors for key in rows["osm_id"]]
    kept = merge_duplicates(gpd.GeoDataFrame(rows, geometry="geometry", crs=area.crs))
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
        sources=[
            _used(row, part, kept["object_id"]) for row, part in zip(read, parts, strict=True)
        ],
    )


def _dropped(
    sources: Sequence[FacilitySource], read: list[Reading]
) -> tuple[Counter[str], list[Note]]:
    """What was left out and is not just elsewhere or of another kind; rows of ledgers count all."""
    dropped: Counter[str] = Counter()
    notes = []
    for source, row in zip(sources, read, strict=True):
        left = Counter(row["left_out"])
        if source.source == FROM_OSM:
            dropped.update({key: left[key] for key in ("private", "disused")})
            continue
        beyond, facts = left["beyond_reach"], {"count": row["read"], "name": row["source"]}
        dropped["beyond_reach"] += beyond
        notes += [note("facilities_beyond_reach", beyond=beyond, **facts)] if beyond else []
    return dropped, notes


def _used(row: Reading, part: pd.DataFrame, kept: pd.Series[Any]) -> Reading:
    """The reading of a source, now that it is known which of its records stand for their place."""
    records = part.drop_duplicates("record")["object_id"]
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


def services_of(pack: RulePack, tags: Mapping[str, str]) -> dict[str, str]:
    """Evidence by service id: "B" by name (and possibly tag), "C" by tag alone."""
    name = " ".join(dict.fromkeys(tags[key] for key in _NAME_KEYS if key in tags))
    trusted = not any(tags.get(key) in values for key, values in _NAMED_AFTER.items())
    found = {}
    for service in pack.services:
        evidence = service.evidence(name, tags)
        if evidence == "B" and not trusted and not service.evidence("", tags):
            continue
        if evidence:
            found[service.id] = evidence
    return found


def _notes(pack: RulePack, services: Mapping[str, ServiceFacts]) -> list[Note]:
    blank = [s for s in pack.services if not any(services[s.id].values())]
    if not blank:
        return []
    return [note("services_without_data", services=names_of(blank))]


def _of_osm(
    pack: RulePack,
    extract: OsmExtract,
    area: StudyArea,
    read: list[Reading],
) -> pd.DataFrame:
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
            "own_name": names[0] or names[1],
            "name": next(filter(None, names), ""),
            "name_zh": names[1],
            "name_en": names[2],
            "hours": tags.get("opening_hours", ""),
            "ground": int(ground_of(tags)),
            "geometry": shape,
        }
        rows.extend(one | {"service": key, "evidence": level} for key, level in found.items())
    read.append(place_reading(extract, left))
    return pd.DataFrame(rows, columns=[*COLUMNS, "evidence", "geometry"])


def _of_ledger(
    study: Study,
    number: int,
    pack: RulePack,
    area: StudyArea,
    read: list[Reading],
) -> pd.DataFrame:
    """Rows of the ledger at position ``number``, within reach, one for each service."""
    source = study.facilities[number]
    where = f"facilities {shortened(source.source)}"
    points = read_points(
        path_of(study, source.source, "facilities"),
        crs=source.crs,
        columns=source.columns,
        where=where,
        repeated_ids=True,  # a row for each service of a venue
        services=lambda cell, row: services_in(cell, pack, row),
    )
    if "service" not in points:
        raise SourceError(
            text("error.no_column_for", key="service"),
            where=where,
            fix=text("error.name_column", key="service"),
        )
    label = f"{Path(source.source).stem}-{number + 1}"
    names = points["name"] if "name" in points else pd.Series("", points.index)
    frame = pd.DataFrame(
        {
            "osm_id": "",
            "ledger": label,
            "object_id": [f"{label}:{row}" for row in points.index],
            "record": range(len(points)),
            "service": points["service"].to_numpy(),
            "own_name": names.to_numpy(),
            "name": names.to_numpy(),
            "name_zh": "",
            "name_en": "",
            "hours": points["hours"].to_numpy() if "hours" in points else "",
            "evidence": source.evidence,
            "ground": int(Ground.BUILDING),
            "geometry": area.to_metres(points.geometry),
        }
    )
    near = shapely.intersects(area.reach, frame["geometry"].to_numpy())
    beyond = int((~near).sum())
    if not near.any():
        raise _all_elsewhere(points, area, where)
    read.append(
        reading(
            Path(source.source).name,
            "venues",
            read=len(points),
            used=0,
            left_out={"beyond_reach": beyond},
            doubted=doubts_of(points),
        )
    )
    rows = frame[near].explode("service", ignore_index=True)
    _refuse_twice(rows, label, where)
    return rows


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
