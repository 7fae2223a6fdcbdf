"""Where the rows of a table are: their coordinates, in whatever form, as degrees in WGS 84."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.cells import degrees_in, pair_in
from gusu_geo.sources.ledgers.columns import note_no_numbers
from gusu_geo.sources.ledgers.coordinates import (
    BD_METRES,
    CGCS,
    WGS,
    System,
    gauss_kruger,
    in_range,
    own_system,
    refuse_other,
    system_named,
    systems_in_column,
    to_degrees,
)
from gusu_geo.sources.ledgers.rejected import Faults
from gusu_geo.tables import Floats
from gusu_geo.words import text

PLACELESS = "nowhere"
DEGREES_MAX = 360.0  # beyond it numbers are metres


@dataclass(frozen=True, eq=False)
class Places:
    """lonlat (P,2) degrees in WGS 84, NaN where unknown; xy (P,2) as they stand, east then north;
    system: the one that all rows are in, None: nobody says; doubts: what must be told; names: of
    the systems; known_by: who says them, "declared", "header", "column", "file"; ``PLACELESS``:
    there are no coordinates; "": nobody."""

    lonlat: Floats
    xy: Floats
    system: System | None
    doubts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    known_by: str = ""


def has_places(headers: Mapping[str, str]) -> bool:
    """Whether a table has columns of coordinates."""
    return "lonlat" in headers or {"lon", "lat"} <= headers.keys()


def places_in_cells(
    cells: pd.DataFrame,
    headers: Mapping[str, str],
    declared: System | None,
    faults: Faults,
    spot: str,
) -> Places:
    """Places of the rows of a table, NaN without columns of coordinates; what cannot be read is a
    fault of its row.

    Raises SourceError: a header or column names another system than the declared one; metres in a
    system that nobody names.
    """
    if not has_places(headers):
        nowhere = np.full((len(cells), 2), np.nan)
        return Places(nowhere, nowhere, WGS, known_by=PLACELESS)
    xy = _numbers(cells, headers, faults)
    header = headers["lon"] if {"lon", "lat"} <= headers.keys() else headers["lonlat"]
    named = system_named(header)
    if named is not None:
        refuse_other(declared, named, text("fact.header_says", header=header), spot)
    found = systems_in_column(cells)
    system = declared or named
    says = "declared" if declared else "header" if named else ""
    if found is None:
        return _placed(xy, system, cells.index, faults, spot, says)
    column, systems = found
    for one in dict.fromkeys(filter(None, systems)):
        refuse_other(system, one, text("fact.column_says", header=column), spot)
    by_name = {one.name: one for one in systems if one is not None}
    if system is not None or len(by_name) == 1:
        whole = system or next(iter(by_name.values()))
        return _placed(xy, whole, cells.index, faults, spot, says or "column")
    return _mixed(cells, column, systems, xy, faults, spot)


def _mixed(
    cells: pd.DataFrame,
    column: str,
    systems: list[System | None],
    xy: Floats,
    faults: Faults,
    spot: str,
) -> Places:
    """Rows in several systems, each named in its row."""
    lonlat = np.full_like(xy, np.nan)
    doubts: list[str] = []
    for one in dict.fromkeys(systems):
        rows = np.array([system == one for system in systems], bool)
        if one is None:
            values = cells[column].to_numpy(object)
            for row in np.flatnonzero(rows).tolist():
                faults.add(int(cells.index[row]), text("error.no_system"), column, values[row])
            continue
        part = _placed(xy[rows], one, cells.index[rows], faults, spot)
        lonlat[rows] = part.lonlat
        doubts += part.doubts
    names = tuple(dict.fromkeys(one.name for one in systems if one is not None))
    return Places(lonlat, xy, WGS, tuple(dict.fromkeys(doubts)), names, "column")


def places_of_shapes(
    frame: gpd.GeoDataFrame, declared: System | None, faults: Faults, spot: str
) -> Places:
    """Places of a file with shapes; other shapes than points are a fault of their row."""
    xy = np.full((len(frame), 2), np.nan)
    for position, (row, shape) in enumerate(frame.geometry.items()):
        if shape is None or shape.is_empty:
            faults.add(int(str(row)), text("error.no_coordinate"))
        elif shape.geom_type == "MultiPoint" and len(shape.geoms) == 1:
            xy[position] = shape.geoms[0].x, shape.geoms[0].y
        elif shape.geom_type != "Point":
            faults.add(int(str(row)), text("error.not_a_point", kind=shape.geom_type))
        else:
            xy[position] = shape.x, shape.y
            if not np.isfinite(xy[position]).all():  # not a number
                faults.add(int(str(row)), text("error.no_coordinate"))
    system = own_system(frame, declared, spot)
    says = "" if system is None else "declared" if system is declared else "file"
    return _placed(xy, system, frame.index, faults, spot, says)


def _numbers(cells: pd.DataFrame, headers: Mapping[str, str], faults: Faults) -> Floats:
    """East and north (P,2) as the cells hold them."""
    if {"lon", "lat"} <= headers.keys():
        (x, east), (y, north) = (degrees_in(cells[headers[key]]) for key in ("lon", "lat"))
        for key, numbers in (("lon", x), ("lat", y)):
            note_no_numbers(cells, headers[key], numbers, faults)
        xy = np.column_stack([x, y])
        turned = np.array([a == "lat" or b == "lon" for a, b in zip(east, north, strict=True)])
        xy[turned] = xy[turned][:, ::-1]
        return xy
    header = headers["lonlat"]
    pairs = [pair_in(cell) for cell in cells[header]]
    xy = np.array([pair or (np.nan, np.nan) for pair in pairs], float).reshape(-1, 2)
    note_no_numbers(cells, header, xy[:, 0], faults)
    return xy


def _placed(
    xy: Floats, system: System | None, rows: Any, faults: Faults, spot: str, says: str = ""
) -> Places:
    """Converts; notes places that are nowhere; turns axes that are swapped throughout."""
    for place in np.flatnonzero((xy == 0).all(axis=1)).tolist():  # an empty field, not a place
        faults.add(int(rows[place]), text("error.zero_coordinate"))
        xy[place] = np.nan
    known = np.isfinite(xy).all(axis=1)
    metres = bool(known.any()) and bool((np.abs(xy[known]).max(axis=1) > DEGREES_MAX).mean() > 0.5)
    if metres and system is None:
        raise SourceError(text("error.metres_unnamed"), where=spot, fix=text("error.write_crs"))
    if system is BD_METRES and known.any() and not metres:
        raise SourceError(
            text("error.degrees_not_metres", crs=system.name),
            where=spot,
            fix=text("error.declare_system", crs="bd09"),
        )
    if metres and system is CGCS:
        system = gauss_kruger(xy[known], spot)
    used = system or WGS
    lonlat = to_degrees(xy, used, spot)
    right = in_range(lonlat, used)
    doubts: tuple[str, ...] = ()
    if known.any() and right[known].mean() < 0.5:
        turned = to_degrees(xy[:, ::-1].copy(), used, spot)
        if in_range(turned, used)[known].mean() > 0.5:
            xy, lonlat, right = xy[:, ::-1].copy(), turned, in_range(turned, used)
            doubts = ("axes_swapped",)
    for place in np.flatnonzero(known & ~right).tolist():
        lon, lat = lonlat[place]
        what = text("error.out_of_range", crs=used.name, lon=float(lon), lat=float(lat))
        faults.add(int(rows[place]), what, "", f"{xy[place, 0]:.10g}, {xy[place, 1]:.10g}")
    return Places(lonlat, xy, system, doubts, (used.name,), says)
