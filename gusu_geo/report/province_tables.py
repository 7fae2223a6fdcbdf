"""The table of districts of a province, for ``districts.gpkg`` and the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from gusu_geo.assessment.summary import NextPoint
from gusu_geo.report.province_document import DistrictRow, ProvinceDocument
from gusu_geo.report.sheets import UNKNOWN_CELL
from gusu_geo.words import COMMA


def district_frame(document: ProvinceDocument, shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """One row per district, EPSG:4326, in the order of the document; figures of those that failed
    are empty, and ``failure_zh``, ``failure_en`` say why."""
    rank = {key: place for place, key in enumerate(document["ranking"], start=1)}
    services = [row["id"] for row in document["totals"]["services"]]
    rows = [_plain(row, rank, services) for row in document["districts"]]
    frame = gpd.GeoDataFrame(rows, geometry=shapes.to_numpy(), crs=4326)
    return frame.astype({"rank": "Int64", "homes": "Int64"})


def _plain(row: DistrictRow, rank: Mapping[str, int], services: list[str]) -> dict[str, Any]:
    found, lost = row["figures"], row["failure"]
    of = {one["id"]: one for one in found["services"]} if found else {}
    plain: dict[str, Any] = {
        "key": row["key"],
        "name_zh": row["name"]["zh"],
        "name_en": row["name"]["en"],
        "code": row["code"],
        "state": row["state"],
        "failure_zh": lost["message"]["zh"] if lost else "",
        "failure_en": lost["message"]["en"] if lost else "",
        "rank": rank.get(row["key"]),
        "homes": found and found["residences"],
        "persons": found and found["persons"],
        "passed_persons": found and found["passed"]["persons"],
        "passed_share": found and found["passed"]["share"],
        "passed_known_persons": found and found["passed_known"]["persons"],
        "passed_known_share": found and found["passed_known"]["share"],
        "unknown_persons": found and found["unknown"]["persons"],
        "lacking": found and found["lacking"],
        "most_missed": ",".join(found["most_missed"]) if found else "",
        "map": found["map"] if found else "",
    }
    for service in services:
        plain[f"share_{service}"] = of[service]["share"] if service in of else None
        plain[f"missing_{service}"] = of[service]["missing_persons"] if service in of else None
    return plain


def ranked(document: ProvinceDocument) -> list[DistrictRow]:
    """Districts where most is lacking first, then those that failed."""
    place = {key: at for at, key in enumerate(document["ranking"])}
    last = len(place)
    return sorted(document["districts"], key=lambda row: (place.get(row["key"], last), row["key"]))


def listed(services: list[str], names: Mapping[str, str]) -> str:
    """Services with commas, "" for none; names: by id."""
    return COMMA["zh"].join(names.get(key, key) for key in services)


def never(row: DistrictRow, *keys: str) -> dict[str, str]:
    """What stands in for figures of a district that are not known."""
    blank = row["figures"] is None or row["figures"]["undetermined"]
    return dict.fromkeys(keys, UNKNOWN_CELL) if blank else {}


def place_of(point: NextPoint | None) -> str | None:
    """Where the best new point of a district stands: its street, else its id; None without one."""
    return (point["name"] or point["candidate_id"] or None) if point else None
