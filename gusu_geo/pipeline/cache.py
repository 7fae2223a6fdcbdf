"""A cache of the data read from the sources, under a digest of everything it depends on.

Plain data only (JSON, numpy without pickles, Parquet): a cache folder from elsewhere can hold wrong
data, but it cannot run code. A seal over all parts tells whether any bit of them has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gusu_geo.pipeline.digests import as_read, digest_of
from gusu_geo.pipeline.workplace import remove, sweep, workplace
from gusu_geo.sources.city import read_city
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study
from gusu_geo.tables import (
    Candidates,
    City,
    Entrances,
    Facilities,
    Residences,
    StreetWays,
    Zones,
    no_shapes,
)
from gusu_geo.tables.books import BOOKS

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
    "scenery",
    "idle",
    "idle_doors",
    "neighbours",
    "neighbour_doors",
)
HEAD, ARRAYS, SEAL = "city.json", "arrays.npz", "seal"
PARTS = (HEAD, ARRAYS, *(f"{name}.parquet" for name in (*FRAMES, *BOOKS)))


def cached_city(
    study: Study, pack: RulePack, *, folder: Path, key: str = "", force: bool = False
) -> City:
    """The city of a study, from the cache if nothing it depends on has changed.

    folder: of the study's tables; key: ``digest_of`` the study, if known.
    """
    key = key or digest_of(study, pack)
    place = folder / ".cache" / f"city-{key}"
    if not force and os.path.exists(place):  # noqa: PTH110 (a long name)
        try:
            return load_city(place)
        except Exception:  # any damage: read again silently
            remove(place)
    city = read_city(as_read(study), pack)
    with suppress(OSError):  # outputs report their own write errors; here only time is lost
        if digest_of(study, pack) == key:  # else a file changed while it was read
            save_city(city, place)
            sweep(place.parent, "city-*.part-*")  # of versions that named them so
            for old in place.parent.glob("city-*"):
                if old != place:
                    remove(old)
    return city


def save_city(city: City, place: Path) -> None:
    """Write all parts next to ``place``, then rename: ``place`` is never incomplete."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with workplace(place.parent) as temporary:
        whole = temporary / place.name
        whole.mkdir()
        parts = _parts_of(city)
        for name, content in (*parts.items(), (SEAL, _seal(place.name, parts))):
            (whole / name).write_bytes(content)
        try:
            remove(place)
            whole.rename(place)
        except OSError:
            if not (place / SEAL).is_file():  # else another run has saved the same city
                raise


def _parts_of(city: City) -> dict[str, bytes]:
    """The content of every part by name, in the order of ``PARTS``."""
    head = {"crs": city.crs.to_wkt(), "facts": city.facts, "books": list(city.books)}
    arrays: dict[str, Any] = {}
    for key, value in vars(city.streets).items():
        arrays[key] = value.astype(str) if value.dtype == object else value
    stream = BytesIO()
    np.savez(stream, **arrays)
    parts = {
        HEAD: json.dumps(head).encode(),
        ARRAYS: stream.getvalue(),
    }
    for name, frame in _frames(city).items():
        stream = BytesIO()
        _flat(frame).to_parquet(stream, index=True)
        parts[f"{name}.parquet"] = stream.getvalue()
    for name in BOOKS:
        stream = BytesIO()
        city.books.get(name, pd.DataFrame()).to_parquet(stream, index=True)
        parts[f"{name}.parquet"] = stream.getvalue()
    return parts


def _seal(name: str, parts: dict[str, bytes]) -> bytes:
    """Digest of all parts with their names and lengths; ``name``: that of their folder."""
    digest = hashlib.blake2b(name.encode(), digest_size=32)
    for part, content in parts.items():
        digest.update(f"\n{part} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest().encode()


def load_city(place: Path) -> City:
    """The city that ``save_city`` wrote. Raises any exception if any bit of it has changed."""
    parts = {name: (place / name).read_bytes() for name in PARTS}
    if (place / SEAL).read_bytes() != _seal(place.name, parts):
        raise ValueError("the parts do not fit their seal")
    head = json.loads(parts[HEAD])
    crs = CRS.from_wkt(head["crs"])
    frames = {
        name: _full(gpd.read_parquet(BytesIO(parts[f"{name}.parquet"])), crs) for name in FRAMES
    }
    with np.load(BytesIO(parts[ARRAYS]), allow_pickle=False) as arrays:
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
        scenery=frames["scenery"],
        idle=Candidates(_listed(frames["idle"]), _entrances(frames["idle_doors"])),
        neighbours=Residences(frames["neighbours"], _entrances(frames["neighbour_doors"])),
        books={name: pd.read_parquet(BytesIO(parts[f"{name}.parquet"])) for name in head["books"]},
    )


def _frames(city: City) -> dict[str, gpd.GeoDataFrame]:
    none = Residences(no_shapes(city.crs), Entrances.of_points(np.zeros((0, 2))))
    others = city.neighbours or none
    parts = (city.residences.frame, city.facilities.frame, city.zones.frame)
    drawn = (city.area, city.surroundings, city.compounds, city.gates, city.plazas)
    idle = city.idle or Candidates(
        no_shapes(city.crs, "name", "services"), Entrances.of_points(np.zeros((0, 2)))
    )
    owners = (city.residences, city.facilities, idle, others)
    homes, venues, sites, beyond = (_doors(owner.entrances, city.crs) for owner in owners)
    more = (homes, venues, city.scenery, idle.frame, sites, others.frame, beyond)
    return dict(zip(FRAMES, (*parts, *drawn, *more), strict=True))


def _listed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Services as tuples: Parquet knows lists."""
    return frame.assign(services=list(map(tuple, frame["services"])))


def _doors(entrances: Entrances, crs: CRS) -> gpd.GeoDataFrame:
    """Entrances as a frame, with their outlines, if any, as geometry."""
    count = len(entrances.rung)
    columns = {
        "owner_ix": entrances.owner_ix,
        "x": entrances.xy[:, 0],
        "y": entrances.xy[:, 1],
        "rung": entrances.rung,
        "ground": np.zeros(count, bool) if entrances.ground is None else entrances.ground,
    }
    none = np.full(count, None, object)
    outline = none if entrances.outline is None else entrances.outline
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(outline, crs=crs))


def _entrances(doors: gpd.GeoDataFrame) -> Entrances:
    return Entrances(
        owner_ix=doors["owner_ix"].to_numpy(np.int64),
        xy=doors[["x", "y"]].to_numpy(float),
        rung=doors["rung"].to_numpy(np.int8),
        outline=np.asarray(doors.geometry.to_numpy(), object),
        ground=doors["ground"].to_numpy(bool),
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
