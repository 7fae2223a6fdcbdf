"""The ground whose data a study needs, as a box in degrees, and the tiles that it is asked in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import shapely

from gusu_geo.errors import StudyError
from gusu_geo.sources.area import refuse_too_large
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.study.area import Box
from gusu_geo.study.params import Study, ZoneOrigin
from gusu_geo.words import text

M_PER_DEGREE = 110_500.0  # a degree of latitude is nowhere shorter, so no box is too small
LAT_MAX = 85.0  # towards the poles degrees of longitude shrink to nothing
DISTRICT_LEVEL = 6  # borders of this level and finer ones come whole: a province would be huge
ROUNDER = 1.02  # GEOS draws a buffer up to 1 % narrower, and its circles with corners
DIGITS = 7  # of degrees, as OpenStreetMap keeps them


@dataclass(frozen=True)
class Region:
    """What to get: ``area`` (box of the study area) and ``reach`` (with the buffer), in degrees.

    level: administrative boundaries of this level and of larger numbers come with their whole
    outline, wherever it runs. shape: the part of the reach that is needed, None for all of it.
    """

    area: Box
    reach: Box
    level: int = DISTRICT_LEVEL
    shape: shapely.Polygon | shapely.MultiPolygon | None = None


def comes_whole(tags: Mapping[str, str], level: int) -> bool:
    """Whether a relation comes with all its member ways: what osmium builds areas of."""
    kind, found = tags.get("type"), tags.get("admin_level", "")
    if kind != "boundary":
        return kind == "multipolygon"
    known = found.isascii() and found.isdigit() and level <= int(found) <= 15
    return known or tags.get("boundary") != "administrative"


def region_around(
    outline: shapely.Polygon | shapely.MultiPolygon, halo_m: float, level: int = DISTRICT_LEVEL
) -> Region:
    """The region of a district: its outline in degrees, and all places up to ``halo_m`` from it.

    The shape reaches a little farther than that, never less far. For verdicts equal to those of
    the whole give 100 m more than the study's ``buffer_m``: doors and grounds that stand on the
    border of what is read are looked at whole.
    """
    box = _rounded(shapely.bounds(outline).tolist())
    lat = halo_m * ROUNDER / M_PER_DEGREE
    north_most = min(max(abs(box[1]), abs(box[3])) + lat, LAT_MAX)
    narrow = math.cos(math.radians(north_most))  # a degree of longitude against one of latitude
    flat = shapely.transform(outline, lambda at: at * (narrow, 1.0))
    shape = shapely.transform(shapely.buffer(flat, lat), lambda at: at / (narrow, 1.0))
    west, south, east, north = shapely.bounds(shape).tolist()
    reach = max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)
    return Region(box, _rounded(reach), level, shape)


def region_of(study: Study) -> Region:
    """The region of a study.

    Raises StudyError: an administrative boundary without ``within``, which says where it is; an
    area wider than any study; SourceError: invalid boundary file.
    """
    area = _area(study)
    refuse_too_large(shapely.box(*area))
    west, south, east, north = area
    north_most = min(max(abs(south), abs(north)), LAT_MAX)
    lat = study.area.buffer_m / M_PER_DEGREE
    lon = lat / math.cos(math.radians(north_most))
    grown = max(west - lon, -180.0), max(south - lat, -90.0), min(east + lon, 180.0)
    reach = (*grown, min(north + lat, 90.0))
    levels = [z.source.osm_admin_level for z in study.zones if isinstance(z.source, ZoneOrigin)]
    if study.area.osm_admin is not None:
        levels.append(study.area.osm_admin.admin_level)
    return Region(area, _rounded(reach), min(DISTRICT_LEVEL, *levels, DISTRICT_LEVEL))


def tiles_of(region: Region, tile_km: float) -> list[Box]:
    """Boxes of equal size that cover the reach, none wider or higher than ``tile_km``; from south
    to north, each row from west to east."""
    west, south, east, north = region.reach
    lat = 0.0 if south < 0 < north else min(abs(south), abs(north))  # where it is widest
    km = M_PER_DEGREE / 1000
    columns = max(math.ceil((east - west) * km * math.cos(math.radians(lat)) / tile_km), 1)
    rows = max(math.ceil((north - south) * km / tile_km), 1)
    xs = [west + (east - west) * step / columns for step in range(columns + 1)]
    ys = [south + (north - south) * step / rows for step in range(rows + 1)]
    return [
        _rounded((xs[column], ys[row], xs[column + 1], ys[row + 1]))
        for row in range(rows)
        for column in range(columns)
    ]


def _area(study: Study) -> Box:
    """The box of the study area in degrees."""
    area = study.area
    if area.bbox is not None:
        return area.bbox
    if area.osm_admin is not None:
        if area.osm_admin.within is None:
            what, fix = text("error.no_within"), text("error.give_within")
            raise StudyError(what, where="area.osm_admin", got=area.osm_admin.name, fix=fix)
        return area.osm_admin.within
    path = path_of(study, area.boundary or Path(), "area.boundary")
    polygons = read_polygons(
        path, crs=area.crs, layer=area.layer, privacy=area.privacy, where="area.boundary"
    )
    west, south, east, north = polygons.total_bounds.tolist()
    return _rounded((west, south, east, north))


def _rounded(box: Box) -> Box:
    west, south, east, north = (round(side, DIGITS) for side in box)
    return west, south, east, north
