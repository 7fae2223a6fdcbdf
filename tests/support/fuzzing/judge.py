"""The one judge: an input is read as it stands, or refused in one message; all else is a fault."""

from __future__ import annotations

import json
import re
import tomllib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import numpy as np
import shapely
from own_study import CRS

import gusu_geo as gg
from fuzzing import truth
from fuzzing.cases import Case
from fuzzing.seeds import CACHE, Files, study_text
from gusu_geo.errors import InputError
from gusu_geo.pipeline.cache import load_city
from gusu_geo.scenarios.scenario_file import read_scenario
from gusu_geo.sources.city import read_city
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.osm import child
from gusu_geo.sources.osm.extract import TABLES, OsmExtract, read_osm
from gusu_geo.streets.heights import HIGHEST_M, LOWEST_M, read_dem
from gusu_geo.study.catalog import PROFILES, load_pack
from gusu_geo.study.params import Columns, Ledger
from gusu_geo.study.study_file import open_study, with_profile

ACTS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
MESSAGE_MAX = 2000
GOOD = ("accepted", "refused")
READ_WHOLE = 8  # every so many accepted files are read with their whole study


class Noticed(Exception):
    """A spoiled cache was found out; the command reads the sources again without a word."""


@dataclass(frozen=True)
class Verdict:
    """outcome: "accepted", "refused", "traceback", "silent" (read, but not as it stands) or
    "message" (refused, in words that act or are no single line); words: the message or fault."""

    outcome: str
    words: str = ""


def judge(case: Case, folder: Path, whole: Files, *, in_child: bool = False) -> Verdict:
    """Put the input into the folder, read it, and compare with what it says; whole: the files
    before they were spoiled; in_child: OSM files are read in a child process, as by the command,
    which costs more than most files do."""
    place = folder / CACHE if case.kind == "cache" else folder
    place.mkdir(exist_ok=True)
    for name in whole:
        (place / name).unlink(missing_ok=True)
    for name, content in case.files.items():
        (place / name).write_bytes(content)
    path = place / next(iter(whole))
    try:
        with patch.object(child, "can_start", lambda: in_child):
            faults = READERS[case.kind](case, path, whole)
            if case.number % READ_WHOLE == 0 and case.kind in SOURCES:
                faults = faults or _city(case, folder)
    except Noticed as error:
        return Verdict("refused", str(error))
    except InputError as error:
        return _message(error)
    except BaseException:
        return Verdict("traceback", traceback.format_exc())
    return Verdict("silent" if faults else "accepted", "; ".join(faults)[:1000])


def _message(error: InputError) -> Verdict:
    for lang in ("en", "zh"):
        words = error.in_language(lang)
        if ACTS.search(words) or len(words) > MESSAGE_MAX or "Traceback" in words:
            return Verdict("message", repr(words[:1000]))
    return Verdict("refused", error.in_language("en"))


# --- OpenStreetMap -----------------------------------------------------------------------------


def _osm(case: Case, path: Path, whole: Files) -> list[str]:
    extract = read_osm(path)
    if case.kind == "pbf":
        return _like_whole(case, extract, path, whole) if case.octets else _plausible(extract)
    if case.octets and case.kind != "osm":
        return _like_whole(case, extract, path, whole)
    try:
        said = truth.Osm(truth.unpacked(case.kind, case.files[path.name]))
    except truth.Unclear:
        return _plausible(extract)
    except Exception as error:
        return [f"read, though {type(error).__name__}: {error}"]
    faults = _plausible(extract)
    ways, count = said.tagged("way", "highway"), extract.counts
    read = sum(n for key, n in count.items() if key.startswith("highways_"))
    if read != len(ways):
        faults.append(f"{len(ways)} ways with highway, {read} told")
    for key, kind in (("relations", "relation"),):
        if count[key] != len(said.kinds[kind]):
            faults.append(f"{len(said.kinds[kind])} {key}, {count[key]} told")
    streets = extract.streets
    for node, at in zip(streets.node_ids.tolist(), streets.lonlat.tolist(), strict=True):
        there = said.place(node) if node < 10**15 else said.place(10**15 - node)
        if max(abs(there[0] - at[0]), abs(there[1] - at[1])) > 1.01e-7:
            faults.append(f"node {node} at {at}, not {there}")
    shops = {n for key in ("amenity", "shop") for n in said.tagged("node", key)}
    lost = count["places_unplaced"] + count.get("places_far", 0)
    told = sum(key[0] == "n" for key in extract.places.index) + lost
    if told < len(shops):
        faults.append(f"{len(shops)} places at nodes, {told} told")
    return faults


def _plausible(extract: OsmExtract) -> list[str]:
    streets = extract.streets
    faults = [f"{key}: {n}" for key, n in extract.counts.items() if n < 0]
    if len(streets.lonlat) and not (np.abs(streets.lonlat) <= (180, 90)).all():
        faults.append("a street off the globe")
    return faults


def _like_whole(case: Case, extract: OsmExtract, path: Path, whole: Files) -> list[str]:
    """A packed file says what it said before, or a check sum fails."""
    path.write_bytes(whole[path.name])
    before = read_osm(path)
    names = vars(before.streets)
    same = all(
        np.array_equal(getattr(extract.streets, name), getattr(before.streets, name))
        for name in names
    ) and all(getattr(extract, name).equals(getattr(before, name)) for name in TABLES)
    return [] if same else ["read otherwise than before a bit was spoiled"]


# --- ledgers -----------------------------------------------------------------------------------


def _ledger(case: Case, path: Path, whole: Files) -> list[str]:
    flat = case.kind in ("csv", "xlsx")
    place = {"lon": "经度", "lat": "纬度"} if flat else {}
    columns = Columns(id="编号", persons="人数", **place)
    points = read_points(path, Ledger(crs="wgs84", max_rejected=0, columns=columns)).frame
    lonlat = shapely.get_coordinates(points.geometry.to_numpy())
    read = list(zip(points.index, points["persons"], lonlat[:, 0], lonlat[:, 1], strict=True))
    rows = ROWS.get(case.kind)
    if rows is None:
        return []
    try:
        said = rows(whole if case.octets and case.kind == "xlsx" else case.files)
    except truth.Unclear:
        return []
    except Exception as error:
        return [f"read, though {type(error).__name__}: {error}"]
    if len(said) != len(read):
        return [f"{len(said)} rows, {len(read)} read"]
    return [
        f"{one} became {other}"
        for one, other in zip(said, read, strict=True)
        if one[0] != other[0] or not np.allclose(one[1:], other[1:], rtol=1e-12, atol=1e-9)
    ]


ROWS: Mapping[str, Callable[[Files], list[truth.Row]]] = MappingProxyType(
    {
        "csv": truth.csv_rows,
        "xlsx": truth.xlsx_rows,
        "geojson": truth.geojson_rows,
        "gpkg": truth.gpkg_rows,
        "shp": truth.shp_rows,
    }
)


def _polygons(case: Case, path: Path, whole: Files) -> list[str]:
    read = read_polygons(path, crs="wgs84")
    try:
        document = json.loads(path.read_text("utf-8-sig"))
        if document["type"] != "FeatureCollection":
            return []
        count = len(document["features"])
    except Exception as error:
        return [f"read, though {type(error).__name__}: {error}"]
    return [] if count == len(read) else [f"{count} features, {len(read)} read"]


# --- documents ---------------------------------------------------------------------------------


def _study(case: Case, path: Path, whole: Files) -> list[str]:
    study = open_study(path)
    said = tomllib.loads(path.read_text("utf-8-sig"))
    read = study.model_dump()
    read["study"] = {key: read.pop(key) for key in ("name", "title", "lang")}
    if isinstance(said.get("candidates"), dict):
        said["candidates"] = [said["candidates"]]  # one source may be written without brackets
    return truth.unlike(said, read)


def _pack(case: Case, path: Path, whole: Files) -> list[str]:
    pack = load_pack(path)
    said = tomllib.loads(path.read_text("utf-8-sig"))
    read: dict[str, Any] = {
        "pack": {
            **{key: getattr(pack, key) for key in ("id", "version", "source", "minutes")},
            **{key: {lang: getattr(pack, f"{key}_{lang}") for lang in ("zh", "en")} for key in ("title", "note")},
        },
        "services": [vars(service) for service in pack.services],
    }  # fmt: skip
    for service in said["services"]:  # one tag may be written without brackets
        service["osm"] = [[tag] if isinstance(tag, str) else tag for tag in service.get("osm", [])]
    return truth.unlike(said, read)


def _profile(case: Case, path: Path, whole: Files) -> list[str]:
    word = path.read_bytes().decode("utf-8", "surrogateescape")
    study = with_profile(gg.open_study("monaco"), word)
    return [] if word in PROFILES and study.walk.profile == word else [f"{word!r} was taken"]


def _scenario(case: Case, path: Path, whole: Files) -> list[str]:
    read = read_scenario(path)
    said = json.loads(path.read_text("utf-8-sig"))
    network = {"network": read.network} if read.network else {}
    whole_read = {"study": read.study, "title": read.title, "changes": read.as_data(), **network}
    return truth.unlike({key: value for key, value in said.items() if key != "schema"}, whole_read)


# --- what we keep ------------------------------------------------------------------------------


def _cache(case: Case, path: Path, whole: Files) -> list[str]:
    try:
        load_city(path.parent)
    except Exception as error:  # the command reads the sources again
        raise Noticed(repr(error)) from error
    return [] if case.files == whole else ["a change was not noticed"]


def _network(case: Case, path: Path, whole: Files) -> list[str]:
    found = gg.read_network(path)
    path.write_bytes(whole[path.name])
    before = gg.read_network(path)
    names = ("node_xy", "osm_node", "node_flags", "edge_u", "edge_v", "length_cm", "edge_flags", "way_id", "highway", "name", "vertex_ptr", "vertex_xy", "slope_pm")  # fmt: skip
    return [
        f"{name} changed"
        for name in names
        if not np.array_equal(getattr(found, name), getattr(before, name))
    ]


def _graphml(case: Case, path: Path, whole: Files) -> list[str]:
    net = gg.read_network(path)
    return [] if np.isfinite(net.node_xy).all() and net.edges > 0 else ["nodes without a place"]


def _dem(case: Case, path: Path, whole: Files) -> list[str]:
    dem = read_dem(path)
    xy = np.column_stack([np.linspace(-900, 900, 7), np.zeros(7)])
    heights = dem.heights(xy, CRS)
    known = heights[~np.isnan(heights)]
    fits = bool(((known >= LOWEST_M) & (known <= HIGHEST_M)).all())
    return [] if fits else [f"heights {known.tolist()}"]


def _city(case: Case, folder: Path) -> list[str]:
    """Rows of the reader's ledger of the whole study that do not add up."""
    (folder / "study.toml").write_text(study_text(case.kind), encoding="utf-8")
    for name, content in case.files.items():
        (folder / name).write_bytes(content)
    study = open_study(folder / "study.toml")
    city = read_city(study, load_pack(study.rule.pack, study.root))
    faults = []
    for row in city.facts["sources"]:
        numbers = [row["read"], row["used"], *row["left_out"].values(), *row["doubted"].values()]
        if row["read"] != row["used"] + sum(row["left_out"].values()) or min(numbers) < 0:
            faults.append(f"the ledger does not add up: {row}")
    return faults


SOURCES = ("pbf", "osm", "gz", "bz2", "csv", "xlsx", "geojson", "gpkg", "shp", "parquet", "polygons")  # fmt: skip
READERS: Mapping[str, Callable[[Case, Path, Files], list[str]]] = MappingProxyType(
    dict.fromkeys(("pbf", "osm", "gz", "bz2"), _osm)
    | dict.fromkeys(("csv", "xlsx", "geojson", "gpkg", "shp", "parquet"), _ledger)
    | {
        "polygons": _polygons,
        "study": _study,
        "pack": _pack,
        "profile": _profile,
        "scenario": _scenario,
        "cache": _cache,
        "network": _network,
        "graphml": _graphml,
        "dem": _dem,
    }
)
