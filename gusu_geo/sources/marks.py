"""Ring, type and attributes of homes: of their own row, else of their compound, else of their zone.

Of several zones the smallest that says something counts. Complaints of compounds are read here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.homes import Homes
from gusu_geo.sources.ledgers.polygon_marks import COUNTS, MARKS_OF, Marks, count_in
from gusu_geo.sources.zones import ReadZones
from gusu_geo.study.ledger import ATTRIBUTE, MARKS, is_mark
from gusu_geo.study.params import Study
from gusu_geo.tables import Residences


def with_marks(homes: Homes, zones: ReadZones, compounds: gpd.GeoDataFrame, study: Study) -> Homes:
    """The homes with columns ``MARKS`` and attributes, of those that any source has."""
    frame = homes.residences.frame
    sources = [_of_registry(homes), compounds.attrs.get(MARKS_OF, {})]
    zone_marks = _by_home(zones, frame)
    names = [*MARKS, *(ATTRIBUTE + name for name in attributes_of(study))]
    every = [*sources, *zones.marks.values()]
    given = {key for marks in every for row in marks.values() for key in row}
    kept = [name for name in names if name in frame or name in given or name not in MARKS]
    if not kept:
        return homes
    frame, blank = frame.copy(), pd.Series("", frame.index, dtype=object)
    of_compound = frame["compound"].astype(str)
    for name in kept:
        value = frame[name].fillna("").astype(object) if name in frame else blank
        for marks in sources:
            theirs = {key: row[name] for key, row in marks.items() if name in row}
            value = value.where(value != "", [theirs.get(key, "") for key in of_compound])
        for theirs_of in zone_marks:
            value = value.where(value != "", [row.get(name, "") for row in theirs_of])
        frame[name] = value.astype(object)
    return replace(homes, residences=Residences(frame, homes.residences.entrances))


def attributes_of(study: Study) -> tuple[str, ...]:
    """All columns by which the study breaks its results down, each once."""
    homes = study.residences
    parts = [homes.attributes, study.compounds.attributes]
    parts += [each.attributes for each in (homes.compounds, homes.buildings) if each is not None]
    parts += [zone.attributes for zone in study.zones]
    return tuple(dict.fromkeys(name for part in parts for name in part))


def _of_registry(homes: Homes) -> Marks:
    """Marks of the compounds of the registry, by compound."""
    if homes.registry is None:
        return {}
    units = homes.registry.compounds
    names = [name for name in units if is_mark(name)]
    return {
        str(unit): {str(name): str(cell) for name, cell in row.items() if cell}
        for unit, row in units[names].iterrows()
    }


def _by_home(zones: ReadZones, homes: gpd.GeoDataFrame) -> list[list[Mapping[str, str]]]:
    """For each level that has marks, the finest first, the marks of each home's zone: the one that
    a ledger names, else the one that holds its point."""
    areas, points = zones.zones.frame, homes.geometry.to_numpy()
    found = []
    for level, marks in zones.marks.items():
        part = areas[areas["level"] == level].sort_values("zone_id")
        tree = shapely.STRtree(part.geometry.to_numpy())
        point, zone = tree.query(points, predicate="intersects")
        first = np.full(len(points), len(part))
        np.minimum.at(first, point, zone)
        ids = np.array([*part["zone_id"].astype(str), ""], object)[first]
        said = f"{part['tier'].iloc[0]}_id" if "tier" in part else ""
        if said in homes:
            ids = np.where(homes[said] != "", homes[said], ids)
        rows: list[Mapping[str, str]] = [marks.get(str(each), {}) for each in ids]
        found.append((_size(part, homes), rows))
    return [rows for _, rows in sorted(found, key=lambda each: each[0])]


def _size(zones: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> float:
    """Mean area of a zone; of zones that nobody drew, their part of the ground with homes."""
    if zones.geometry.isna().any():
        west, south, east, north = homes.total_bounds
        return float((east - west) * (north - south)) / len(zones)
    return float(zones.geometry.area.mean())


def complaints_of(
    homes: Homes, compounds: gpd.GeoDataFrame, area: StudyArea
) -> list[dict[str, str | float | None]]:
    """Complaints and households of the compounds in the area, of the registry or else of the file
    of compounds; nothing where no compound has a column of complaints."""
    if homes.registry is not None and "complaints" in homes.registry.compounds:
        units = homes.registry.compounds
        outlines = compounds.geometry.to_numpy()
        cells = units[[name for name in COUNTS if name in units]].to_dict("index")
        places = {
            unit: shapely.point_on_surface(outlines[at]) if at >= 0 else point
            for unit, at, point in zip(units.index, units["outline"], units["point"], strict=True)
        }
        names = units["name"].to_dict()
    else:
        cells = compounds.attrs.get(MARKS_OF, {})
        if not any("complaints" in row for row in cells.values()):
            return []
        ids = compounds["compound_id"].astype(str)
        shapes = shapely.point_on_surface(compounds.geometry.to_numpy())
        places = dict(zip(ids, shapes, strict=True))
        names = dict(zip(ids, compounds["name"].astype(str), strict=True))
        places = {key: at for key, at in places.items() if shapely.intersects(area.outline, at)}
    rows: list[dict[str, str | float | None]] = []
    for key, place in places.items():
        row = cells.get(key, {})
        count, households = (count_in(row.get(name, "")) for name in COUNTS)
        rows.append(
            {"id": str(key), "name": str(names[key]), "complaints": count, "households": households,
             "x": float(place.x), "y": float(place.y)}
        )  # fmt: skip
    return rows
