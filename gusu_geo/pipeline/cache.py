"""A cache of the data read from the sources, under a digest of everything it depends on.

Plain data only (JSON, numpy without pickles, Parquet): a cache folder from elsewhere can hold wrong
data, but it cannot run code.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

import gusu_geo
from gusu_geo.foreign import foreign, plain_file
from gusu_geo.sources.city import read_city
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study
from gusu_geo.tables import City, Entrances, Facilities, Residences, StreetWays, Zones
from gusu_geo.words import FILE

PACKAGE = Path(gusu_geo.__file__).parent
FRAMES = (
    "residences",
    "facilities",
    "zones",
    "area",
    "surroundings",
    "compounds",
    "gates",
    "plazas",
    "home_doors",
    "venue_doors",
)
READS = (
    "area",
    "compounds",
    "facilities",
    "residences",
    "zones",
)  # parts of a study that reading depends on


def cached_city(study: Study, pack: RulePack, *, folder: Path, force: bool = False) -> City:
    """The city of a study, from the cache if nothing it depends on has changed."""
    key = digest_of(study, pack)
    place = folder / ".cache" / f"city-{key}"
    if not force and os.path.exists(place):  # noqa: PTH110 (a long name)
        try:
            return load_city(place)
        except Exception:  # any damage: read again silently
            remove(place)
    city = read_city(study, pack)
    try:
        save_city(city, place)
        for old in place.parent.glob("city-*"):
            if old != place and not in_use(old):
                remove(old)
    except OSError:
        pass  # without a cache only time is lost; outputs report their own write errors
    return city


def digest_of(study: Study, pack: RulePack) -> str:
    """Digest of the parts of the study that reading depends on, their files, the pack, our code
    (all but the reports, which reading does not use) and the words file, used in notes."""
    parts = {name: study.model_dump(mode="json")[name] for name in READS}
    parts["network"] = {"osm": str(study.network.osm), "policy": study.network.policy.model_dump()}
    digest = hashlib.sha256(json.dumps([parts, asdict(pack)], sort_keys=True, default=str).encode())
    code = sorted(path for path in PACKAGE.rglob("*.py") if PACKAGE / "report" not in path.parents)
    inputs = [part for path in _inputs(study) for part in _parts(path)]
    for path in [*inputs, *code, FILE]:
        digest.update(_file_digest(path))
    return digest.hexdigest()[:16]


def _inputs(study: Study) -> Iterator[Path]:
    """Every input file that the study names."""
    yield study.path(study.network.osm)
    if study.area.boundary is not None:
        yield study.path(study.area.boundary)
    for facility in study.facilities:
        if facility.source != "osm":
            yield study.path(facility.source)
    if study.residences.source != "osm-buildings":
        yield study.path(study.residences.source)
    if study.compounds.source != "osm":
        yield study.path(study.compounds.source)
    if study.compounds.gates is not None:
        yield study.path(study.compounds.gates.source)
    for zone in study.zones:
        if isinstance(zone.source, Path):
            yield study.path(zone.source)


def _parts(path: Path) -> list[Path]:
    """A file and those that belong to it: a shapefile has several, a GeoPackage may have two."""
    if path.suffix.lower() == ".shp":
        return [path, *sorted(set(path.parent.glob(f"{glob.escape(path.stem)}.*")) - {path})]
    journal = path.with_name(path.name + "-wal")
    return [path, journal] if os.path.isfile(journal) else [path]  # noqa: PTH113 (a long name)


def _file_digest(path: Path) -> bytes:
    with foreign("file", plain_file(path, "file")), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def save_city(city: City, place: Path) -> None:
    """Write all parts next to ``place``, then rename: ``place`` is never incomplete."""
    temporary = place.with_name(f"{place.name}.part-{os.getpid()}")
    remove(temporary)
    temporary.mkdir(parents=True)
    try:
        _write_parts(city, temporary)
        remove(place)
        temporary.rename(place)
    except OSError:
        if not (place / "city.json").is_file():  # else another run has saved the same city
            raise
    finally:
        remove(temporary)


def _write_parts(city: City, temporary: Path) -> None:
    for name, frame in _frames(city).items():
        _flat(frame).to_parquet(temporary / f"{name}.parquet", index=True)
    arrays: dict[str, Any] = {}
    for key, value in vars(city.streets).items():
        arrays[key] = value.astype(str) if value.dtype == object else value
    np.savez(temporary / "arrays.npz", **arrays)
    head = {"crs": city.crs.to_wkt(), "facts": city.facts}
    (temporary / "city.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")


def load_city(place: Path) -> City:
    """The city that ``save_city`` wrote. Raises any exception if a part is damaged."""
    head = json.loads((place / "city.json").read_text(encoding="utf-8"))
    if not {"known", "persons", "notes"} <= set(head["facts"]):
        raise ValueError("facts are not whole")
    crs = CRS.from_wkt(head["crs"])
    frames = {name: _full(gpd.read_parquet(place / f"{name}.parquet"), crs) for name in FRAMES}
    with np.load(place / "arrays.npz", allow_pickle=False) as arrays:
        streets = dict(arrays)
    streets["name"] = streets["name"].astype(object)
    return City(
        crs=crs,
        streets=StreetWays(**streets),
        residences=Residences(frames["residences"], _entrances(frames["home_doors"])),
        facilities=Facilities(frames["facilities"], _entrances(frames["venue_doors"])),
        zones=Zones(frames["zones"]),
        area=frames["area"],
        surroundings=frames["surroundings"],
        compounds=frames["compounds"],
        gates=frames["gates"],
        plazas=frames["plazas"],
        facts=head["facts"],
    )


def _frames(city: City) -> dict[str, gpd.GeoDataFrame]:
    parts = (city.residences.frame, city.facilities.frame, city.zones.frame)
    drawn = (city.area, city.surroundings, city.compounds, city.gates, city.plazas)
    owners = (city.residences, city.facilities)
    doors = (_doors(owner.entrances, city.crs) for owner in owners)
    return dict(zip(FRAMES, (*parts, *drawn, *doors), strict=True))


def _doors(entrances: Entrances, crs: CRS) -> gpd.GeoDataFrame:
    """Entrances as a frame, with their outlines, if any, as geometry."""
    columns = {
        "owner_ix": entrances.owner_ix,
        "x": entrances.xy[:, 0],
        "y": entrances.xy[:, 1],
        "rung": entrances.rung,
    }
    none = np.full(len(entrances.rung), None, object)
    outline = none if entrances.outline is None else entrances.outline
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(outline, crs=crs))


def _entrances(doors: gpd.GeoDataFrame) -> Entrances:
    return Entrances(
        owner_ix=doors["owner_ix"].to_numpy(np.int64),
        xy=doors[["x", "y"]].to_numpy(float),
        rung=doors["rung"].to_numpy(np.int8),
        outline=np.asarray(doors.geometry.to_numpy(), object),
    )


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Footprints as WKB: some Parquet readers do not accept a second geometry column."""
    if "footprint" not in frame:
        return frame
    return frame.assign(footprint=shapely.to_wkb(np.asarray(frame["footprint"], object)))


def _full(frame: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    frame = frame.set_crs(crs, allow_override=True)
    if "footprint" in frame:
        frame["footprint"] = shapely.from_wkb(np.asarray(frame["footprint"], object))
    return frame


def remove(place: Path) -> None:
    """Delete a folder or file, if it exists."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def in_use(place: Path) -> bool:
    """Whether the process whose id is at the end of the name (after a dash) still runs."""
    number = place.name.rpartition("-")[2]
    if not (number.isdigit() and (".part-" in place.name or ".stage-" in place.name)):
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # a process of another user
    return True
