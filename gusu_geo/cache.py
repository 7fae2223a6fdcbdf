"""What was read from the sources, kept under a digest of everything it depends on.

Plain data only (JSON, numpy without pickles, Parquet): a cache folder that came by mail can be
wrong, but it cannot run code.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gusu_geo import sources, tables
from gusu_geo.catalog import RulePack
from gusu_geo.errors import SourceError
from gusu_geo.params import Study
from gusu_geo.sources.city import read_city
from gusu_geo.tables import City, Entrances, Facilities, Residences, StreetWays, Zones

FRAMES = ("residences", "facilities", "zones", "area", "surroundings")
READS = ("area", "facilities", "residences", "zones")  # parts of a study that reading looks at


def cached_city(study: Study, pack: RulePack, *, folder: Path, force: bool = False) -> City:
    """The city of a study, from the cache when nothing it depends on has changed."""
    key = digest_of(study, pack)
    place = folder / ".cache" / f"city-{key}"
    if not force:
        try:
            return load_city(place)
        except (OSError, ValueError, KeyError):
            pass  # not there, or not whole: read the sources again
    city = read_city(study, pack)
    save_city(city, place)
    for old in place.parent.glob("city-*"):
        if old != place:
            shutil.rmtree(old, ignore_errors=True)
    return city


def digest_of(study: Study, pack: RulePack) -> str:
    """Of the study's parts that reading looks at, the files they name, the pack and our code."""
    parts = {name: study.model_dump(mode="json")[name] for name in READS}
    parts["network"] = {"osm": str(study.network.osm), "policy": study.network.policy.model_dump()}
    digest = hashlib.sha256(json.dumps([parts, asdict(pack)], sort_keys=True, default=str).encode())
    code = [Path(tables.__file__), *sorted(Path(str(sources.__file__)).parent.glob("*.py"))]
    for path in [*_inputs(study), *code]:
        digest.update(_file_digest(path))
    return digest.hexdigest()[:16]


def _inputs(study: Study) -> Iterator[Path]:
    """Every file the study names for reading."""
    yield study.path(study.network.osm)
    if study.area.boundary is not None:
        yield study.path(study.area.boundary)
    for facility in study.facilities:
        if facility.source != "osm":
            yield study.path(facility.source)
    if study.residences.source != "osm-buildings":
        yield study.path(study.residences.source)
    for zone in study.zones:
        if isinstance(zone.source, Path):
            yield study.path(zone.source)


def _file_digest(path: Path) -> bytes:
    if not path.is_file():
        raise SourceError("no such file.", where=path, fix="Paths are relative to the study file.")
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def save_city(city: City, place: Path) -> None:
    """Write all parts beside ``place`` and rename: there is never half a city."""
    temporary = place.with_name(place.name + ".part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, frame in _frames(city).items():
        _flat(frame).to_parquet(temporary / f"{name}.parquet", index=True)
    arrays: dict[str, Any] = {}
    for name, part in (("homes", city.residences.entrances), ("venues", city.facilities.entrances)):
        arrays |= {f"{name}_{key}": value for key, value in vars(part).items()}
    for key, value in vars(city.streets).items():
        arrays[f"streets_{key}"] = value.astype(str) if value.dtype == object else value
    np.savez(temporary / "arrays.npz", **arrays)
    head = {"crs": city.crs.to_wkt(), "facts": city.facts}
    (temporary / "city.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    temporary.rename(place)


def load_city(place: Path) -> City:
    """The city that ``save_city`` wrote. Raises OSError, ValueError or KeyError otherwise."""
    head = json.loads((place / "city.json").read_text(encoding="utf-8"))
    crs = CRS.from_wkt(head["crs"])
    frames = {name: _full(gpd.read_parquet(place / f"{name}.parquet"), crs) for name in FRAMES}
    with np.load(place / "arrays.npz", allow_pickle=False) as arrays:
        streets = {
            k.removeprefix("streets_"): arrays[k] for k in arrays if k.startswith("streets_")
        }
        homes = {k.removeprefix("homes_"): arrays[k] for k in arrays if k.startswith("homes_")}
        venues = {k.removeprefix("venues_"): arrays[k] for k in arrays if k.startswith("venues_")}
    streets["name"] = streets["name"].astype(object)
    return City(
        crs=crs,
        streets=StreetWays(**streets),
        residences=Residences(frames["residences"], Entrances(**homes)),
        facilities=Facilities(frames["facilities"], Entrances(**venues)),
        zones=Zones(frames["zones"]),
        area=frames["area"],
        surroundings=frames["surroundings"],
        facts=head["facts"],
    )


def _frames(city: City) -> dict[str, gpd.GeoDataFrame]:
    parts = (city.residences.frame, city.facilities.frame, city.zones.frame)
    return dict(zip(FRAMES, (*parts, city.area, city.surroundings), strict=True))


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Footprints as WKB: a second geometry column is not every Parquet reader's taste."""
    if "footprint" not in frame:
        return frame
    return frame.assign(footprint=shapely.to_wkb(np.asarray(frame["footprint"], object)))


def _full(frame: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    frame = frame.set_crs(crs, allow_override=True)
    if "footprint" in frame:
        frame["footprint"] = shapely.from_wkb(np.asarray(frame["footprint"], object))
    return frame
