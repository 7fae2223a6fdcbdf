"""The kinds of ledger files, and where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd

from gusu_geo.errors import SourceError, StudyError, nearest_name, shortened
from gusu_geo.foreign import foreign, plain_file
from gusu_geo.sources.ledgers.columns import known_names
from gusu_geo.sources.ledgers.grids import BOOKS, TEXTS, Grid, read_grids
from gusu_geo.sources.ledgers.headers import Table, table_in
from gusu_geo.sources.ledgers.parts import read_layers
from gusu_geo.study.params import Ledger, Study
from gusu_geo.words import text

TABLES = (*TEXTS, *BOOKS)
SHAPES = (".geojson", ".json", ".gpkg", ".shp", ".parquet")
SHOWN_LETTERS = 80


def path_of(study: Study, source: str | Path, where: str) -> Path:
    """The path of ``source``, relative to the study file.

    Raises SourceError: impossible file name (with a NUL, or thousands of letters).
    """
    try:
        return study.path(source)
    except StudyError as error:
        raise SourceError(
            error.what,
            where=where,
            got=shortened(str(source), SHOWN_LETTERS),
            fix=text("error.check_path"),
        ) from error


def read_tables(
    path: Path,
    ledger: Ledger,
    spot: str,
    names: Mapping[str, Iterable[str]] | None = None,
) -> list[Table]:
    """The tables of a file, each under its header; names: by key, the usual headers of its columns,
    default: those of ledgers of points.

    Raises SourceError: unreadable, no such sheet.
    """
    grids = read_grids(path, spot)
    if ledger.sheet is not None:
        meant = [grid for grid in grids if grid.name == ledger.sheet]
        if not meant:
            hint = nearest_name(ledger.sheet, [grid.name for grid in grids])
            raise SourceError(text("error.no_sheet", name=ledger.sheet), where=spot, fix=hint)
        grids = meant
    known = known_names(ledger.columns) if names is None else names
    several = len(grids) > 1
    return [
        table_in(grid, known, header_row=ledger.header_row, spot=_spot(grid, spot, several))
        for grid in grids
        if len(grid.cells)
    ]


def _spot(grid: Grid, spot: str, several: bool) -> str:
    return f"{spot}: {grid.name}" if several else spot


def read_shapes(path: Path, spot: str, layer: str | None = None) -> Any:
    """The GeoDataFrame of a file with shapes; index: rows counted from 1.

    Raises SourceError: unreadable, empty, without shapes, no such layer.
    """
    if path.suffix.lower() == ".parquet":
        with foreign(".parquet", path, where=spot):
            frame: Any = gpd.read_parquet(path)
    else:
        frame = read_layers(path, spot, layer)
    frame.index = range(1, len(frame) + 1)
    if frame.empty or not isinstance(frame, gpd.GeoDataFrame):
        raise SourceError(
            text("error.no_rows") if frame.empty else text("error.no_geometry"), where=spot
        )
    return frame


def kind_of(path: Path, allowed: tuple[str, ...], spot: str) -> str:
    """The suffix of a plain file, in small letters. Raises SourceError: another kind, no file."""
    kind = path.suffix.lower()
    if kind not in allowed:
        raise SourceError(
            text("error.wrong_kind"),
            where=spot,
            got=path.suffix,
            fix=text("error.save_as", kinds=tuple(allowed)),
        )
    plain_file(path, kind, where=spot)
    return kind
