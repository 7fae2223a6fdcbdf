"""The overview map of a province: one HTML file, without a network, that leads to the maps of its
districts.

It shows one document (``province.json``) and judges nothing. Outlines are simplified for drawing
alone, all of them together, so that neighbours keep their common border.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gusu_geo.errors import InputError
from gusu_geo.report.labels import limit
from gusu_geo.report.province_document import DistrictFigures, DistrictRow, ProvinceDocument
from gusu_geo.report.province_tables import place_of
from gusu_geo.report.webmap.pinyin import spelled
from gusu_geo.study.catalog import PROFILES
from gusu_geo.words import LANGUAGES, Both, both, section, text

if TYPE_CHECKING:
    import folium

STYLES = ("style.css", "whatif.css", "overview.css", "older.css")
BUNDLE = "overview.js"  # built by make page
SCRIPTS = ("card", "classes", "districts", "find", "legend", "page", "panel")  # overview/*.js
SHARED = ("old_browser",)  # texts that other scripts of the page ask for
UNIT = 1e5  # steps of an outline per degree: about a metre
MOST_VERTICES = 15_000  # of all outlines: what a page of less than a megabyte can hold
FIRST_TOLERANCE = 1 / 4000  # of the region's longer side: less than half a pixel of the whole


def render_overview(
    document: ProvinceDocument, outlines: Sequence[shapely.Geometry], *, lang: str = "zh"
) -> str:
    """The page as HTML; the same document and outlines give the same bytes.

    outlines: polygons in degrees, in the order of ``document["districts"]``. lang: "zh" or "en",
    the language the page starts in; it holds both. Links lead to ``<district>.html`` beside it.
    Raises InputError: another language.
    """
    if lang not in LANGUAGES:
        raise InputError(text("error.lang_unknown"), got=lang)
    from gusu_geo.report.webmap.figure import OfflineFigure, web_file  # loads folium's parts
    from gusu_geo.report.webmap.render import GUARD, page_part

    shapes = drawn_outlines(outlines)
    figure = OfflineFigure(
        lang=lang,
        styles=STYLES,
        first=(GUARD,),
        scripts=(BUNDLE,),
        texts={"gusu-texts": texts_of(document, shapes, lang)},
        blobs={"gusu-arrays": ""},  # guard.js looks at it
    )
    figure.add_child(page_part("skeleton", "html", web_file("overview.html")))
    figure.add_child(_base_map(shapes))
    return figure.render()


def drawn_outlines(outlines: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Outlines with fewer vertices, at most about ``MOST_VERTICES`` in all where that can be.
    Borders that two districts share stay shared: no gap and no overlap comes between them."""
    given = np.array(list(outlines), object)
    west, south, east, north = shapely.total_bounds(given)
    tolerance = max(east - west, north - south) * FIRST_TOLERANCE
    shapes = shapely.coverage_simplify(given, tolerance)
    while shapely.get_num_coordinates(shapes).sum() > MOST_VERTICES and tolerance < 1:
        tolerance *= 2
        shapes = shapely.coverage_simplify(given, tolerance)
    empty = shapely.is_empty(shapes)
    return [old if gone else new for old, new, gone in zip(given, shapes, empty, strict=True)]


def texts_of(
    document: ProvinceDocument, shapes: Sequence[shapely.Geometry], lang: str
) -> dict[str, Any]:
    """What the page reads: names, figures, outlines; see ``overview/types.d.ts``."""
    totals, data = document["totals"], document["data"]
    place = {key: rank for rank, key in enumerate(document["ranking"], start=1)}
    services = [row["id"] for row in totals["services"]]
    names = [row["name"]["zh"] for row in document["districts"]]
    return {
        "lang": lang,
        "strings": strings(),
        "title": document["title"],
        "invented": document["invented"],
        "internal": document["internal"],
        "review_number": document["review_number"],
        "answer": document["answer"],
        "counted": data["persons_counted"],
        "estimate": data["persons_estimate"],
        "dates": [data["osm_date"][:10], data["osm_date_last"][:10]],
        "licence": "" if document["invented"] else data["licence"],
        "version": document["version"],
        "run_id": document["run_id"],
        "basis": _basis(document),
        "totals": {
            **{key: totals[key] for key in ("districts", "failed", "persons", "residences")},
            "share": totals["passed_known"]["share"],
            "unknown": totals["unknown"]["share"],
            "mean": totals["mean_services"]["mean"],
            "known": totals["mean_services"]["known"],
            "undetermined": totals["undetermined"],
        },
        "services": [
            {"zh": row["zh"], "en": row["en"], "state": row["state"], "share": row["share"],
             "missing": row["missing_persons"]}
            for row in totals["services"]
        ],
        "rows": [_row(row, services, place) for row in document["districts"]],
        "notes": [{"zh": one["zh"], "en": one["en"]} for one in document["notes"]],
        "outlines": [_steps(shape) for shape in shapes],
        "spelled": spelled(names),
    }  # fmt: skip


def strings() -> dict[str, Both]:
    """The texts that the page asks for, by key."""
    from gusu_geo.report.webmap.figure import web_file

    code = "\n".join(web_file(f"overview/{name}.js") for name in SCRIPTS)
    asked = set(re.findall(r'"(\w+)"', code)) | set(SHARED)
    asked |= set(re.findall(r'data-text="(\w+)"', web_file("overview.html")))
    asked |= set(re.findall(r"strings\.(\w+)", code))
    return {key: pair for key, pair in section("map").items() if key in asked}


def _row(row: DistrictRow, services: Sequence[str], place: dict[str, int]) -> dict[str, Any]:
    found, lost = row["figures"], row["failure"]
    plain: dict[str, Any] = {key: row[key] for key in ("key", "name", "code", "lonlat")}
    plain |= {"figures": None, "failure": None}
    if lost:
        stage = both(f"province.stage_{lost['stage']}")
        plain["failure"] = {"stage": stage, "message": lost["message"]}
    if found:
        of = {one["id"]: one for one in found["services"]}
        plain["figures"] = {
            "map": found["map"],
            "residences": found["residences"],
            "persons": found["persons"],
            "share": found["passed_known"]["share"],
            "known": found["mean_services"]["known"],
            "unknown": found["unknown"]["persons"],
            "mean": found["mean_services"]["mean"],
            "undetermined": found["undetermined"],
            "rank": place[row["key"]],
            "services": [
                {"state": of[key]["state"], "share": of[key]["share"],
                 "missing": of[key]["missing_persons"]}
                if key in of
                else {"state": "", "share": None, "missing": 0}
                for key in services
            ],
            "next": _next(found, services),
        }  # fmt: skip
    return plain


def _next(found: DistrictFigures, services: Sequence[str]) -> dict[str, Any] | None:
    """The best new point of a district, services by their place; None without a gain."""
    point, place = found["next"], place_of(found["next"])
    if not point or not place:
        return None
    offered = [services.index(key) for key in point["services"] if key in services]
    return {"place": place, "services": offered, "persons": point["gained_persons"]}


def _basis(document: ProvinceDocument) -> Both:
    """Limit and walker, where all districts share them; else that they differ."""
    basis = [row["figures"]["basis"] for row in document["districts"] if row["figures"]]
    if not basis:
        return {"zh": "", "en": ""}
    first = basis[0]
    if any((one["minutes"], one["speed_mps"]) != (first["minutes"], first["speed_mps"])
           for one in basis):  # fmt: skip
        return both("province.rules_differ")
    speed, walker = text("fact.speed", speed_mps=first["speed_mps"]), PROFILES.get(first["profile"])
    if walker:
        pair = {"zh": walker.zh, "en": walker.en}
        speed = text("fact.walks", walker=pair, speed_mps=first["speed_mps"])
    own = max(one["own_rules"] for one in basis)
    terms = [
        limit(first["minutes"]),
        speed,
        *([text("fact.by_own_rules", count=own)] if own else []),
    ]
    return {"zh": " · ".join(one.zh for one in terms), "en": " · ".join(one.en for one in terms)}


def _steps(shape: shapely.Geometry) -> list[list[list[int]]]:
    """Polygons of rings of steps from vertex to vertex, longitude and latitude in turn."""
    return [
        [_ring(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(shape)
        if polygon.geom_type == "Polygon" and not polygon.is_empty
    ]


def _ring(ring: shapely.LinearRing) -> list[int]:
    places = np.round(shapely.get_coordinates(ring) * UNIT).astype(np.int64)[:-1]
    moved = np.diff(places, axis=0, prepend=np.zeros((1, 2), np.int64))
    moved = moved[np.r_[True, (moved[1:] != 0).any(axis=1)]] if len(moved) else moved
    return [int(step) for step in moved.ravel()]


def _base_map(shapes: Sequence[shapely.Geometry]) -> folium.Map:
    """A folium map without tiles, zoomed out far enough for a country."""
    from gusu_geo.report.webmap.render import plain_map

    return plain_map(np.array(list(shapes), object), least_zoom=3)
