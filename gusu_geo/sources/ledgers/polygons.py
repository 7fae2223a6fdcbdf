"""Polygons of a file: zones, areas, compounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.foreign import foreign
from gusu_geo.geometry import WGS84
from gusu_geo.sources.ledgers.account import TABLES, outline_tables
from gusu_geo.sources.ledgers.coordinates import (
    CGCS,
    WGS,
    System,
    declared_system,
    gauss_kruger,
    in_range,
    own_system,
    refuse_other,
    systems_in_column,
    to_degrees,
)
from gusu_geo.sources.ledgers.evidence import (
    NO_EVIDENCE,
    Evidence,
    Scores,
    believed,
    contradicted,
)
from gusu_geo.sources.ledgers.faults import raise_faults
from gusu_geo.sources.ledgers.files import SHAPES, kind_of, read_shapes
from gusu_geo.sources.ledgers.parts import DOUBTS, cells_of, doubts_of
from gusu_geo.sources.ledgers.places import DEGREES_MAX
from gusu_geo.sources.ledgers.privacy import personal_columns, without_personal
from gusu_geo.study.ledger import CrsName, Privacy
from gusu_geo.words import text


def read_polygons(
    path: str | Path,
    *,
    crs: CrsName = None,
    layer: str | None = None,
    privacy: Privacy = "refuse",
    where: str = "",
    evidence: Evidence = NO_EVIDENCE,
) -> gpd.GeoDataFrame:
    """Polygons of a file in EPSG:4326 with all its columns; invalid ones are repaired.

    path: .geojson, .gpkg, .shp, .parquet. crs, layer, privacy: as in ``Ledger``. evidence: streets,
    which the corners of undeclared outlines inside China must fit. ``attrs``: see
    ``parts.doubts_of`` and ``account.outline_account``. Raises StudyError: unknown system.
    SourceError: invalid file, rows that are not polygons, personal data, a system that is not the
    one declared, or that nobody declares and nothing proves.
    """
    path, declared = Path(path), declared_system(crs, where)
    spot = f"{where}: {path}" if where else str(path)
    kind_of(path, SHAPES, spot)
    frame, private = _public(read_shapes(path, spot, layer), privacy, spot)
    says = "declared" if declared else ""
    found = systems_in_column(frame)
    if found is not None:
        for one in dict.fromkeys(filter(None, found[1])):
            refuse_other(declared, one, text("fact.column_says", header=found[0]), spot)
            declared, says = one, says or "column"
    system = own_system(frame, declared, spot)
    shapes = np.asarray(frame.geometry.to_numpy(), object)
    nowhere = [not np.isfinite(shapely.get_coordinates(shape)).all() for shape in shapes]
    raise_faults(
        {int(row): text("error.not_finite") for row in frame.index[nowhere]}, spot, of=frame
    )
    says = says if system is declared else "file"
    told, scores = _believed(shapes, system, evidence, spot)
    if not says and scores is None and frame.crs is not None:
        says = "file"  # outside China, where nothing is shifted
    doubts = doubts_of(frame) | private | told
    moved = _moved(shapes, system, spot)
    repaired = [
        str(row)
        for row, shape in zip(frame.index, moved, strict=True)
        if shape is not None and not shape.is_valid
    ]
    if repaired:
        doubts["repaired"] = repaired
    whole = np.array([_polygonal(shape, spot) for shape in moved], object)
    faults = {
        int(row): text("error.not_a_polygon")
        for row, shape in zip(frame.index, whole, strict=True)
        if shape is None or shape.is_empty
    }
    raise_faults(faults, spot, of=frame)
    bounds = shapely.bounds(whole)
    used = WGS if system is None else system
    for corner in (bounds[:, :2], bounds[:, 2:]):
        for place in np.flatnonzero(~in_range(corner, WGS)):
            lon, lat = corner[place]
            what = text("error.out_of_range", crs=used.name, lon=float(lon), lat=float(lat))
            faults.setdefault(int(frame.index[place]), what)
    raise_faults(faults, spot, bounds[:, :2], of=frame)
    kept = frame.set_crs(WGS84, allow_override=True)
    kept = kept.set_geometry(gpd.GeoSeries(whole, index=frame.index, crs=WGS84))
    kept = kept.reset_index(drop=True)
    kept.attrs = {DOUBTS: doubts, TABLES: outline_tables(frame, layer or "", used, says, scores)}
    return kept


def _public(
    frame: gpd.GeoDataFrame, privacy: Privacy, spot: str
) -> tuple[gpd.GeoDataFrame, dict[str, list[str]]]:
    """The file without personal data, and the columns that held them. Raises SourceError: them."""
    cells = cells_of(frame)
    found = personal_columns(cells)
    if not found:
        return frame, {}
    left = without_personal(cells, found, privacy, spot)
    public = frame[[*left.columns, frame.geometry.name]].copy()
    for header in found.keys() & set(left.columns):
        public[header] = left[header].to_numpy(object)
    public.attrs = frame.attrs
    return public, {f"private_{privacy}": list(found)}


def _believed(
    shapes: Any, system: System | None, evidence: Evidence, spot: str
) -> tuple[dict[str, list[str]], Scores | None]:
    """What must be told of the system: corners are compared with streets; and the scores."""
    if system is not None and system.shift is None and system is not WGS:
        return {}, None
    corners = shapely.get_coordinates(shapes)
    if not len(corners) or np.abs(corners).max() > DEGREES_MAX:
        return {}, None
    scores = evidence.scores(corners)
    if system is None:
        return {reason: [""] for reason in believed(scores, spot, strict=True)}, scores
    return ({"system_doubtful": [""]} if contradicted(scores, system) else {}), scores


def _moved(shapes: Any, system: System | None, spot: str) -> Any:
    """The shapes in degrees, WGS 84."""
    if system is None or system is WGS:
        return shapes
    corners = shapely.get_coordinates(shapes)
    if system is CGCS and len(corners) and np.abs(corners).max() > DEGREES_MAX:
        system = gauss_kruger(corners, spot)
    used = system
    return shapely.transform(shapes, lambda xy: to_degrees(xy, used, spot))


def _polygonal(shape: Any, spot: str) -> Any:
    """The polygons of a shape, repaired; None if it has none. Raises SourceError: beyond repair."""
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    if shape.is_valid:
        return shape
    with foreign("shape", spot):
        pieces = shapely.get_parts(shapely.make_valid(shape))
        parts = [piece for piece in pieces if "Polygon" in piece.geom_type]
        return shapely.union_all(parts) if parts else None
