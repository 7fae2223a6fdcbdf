"""Files with several parts: layers of a GeoPackage, sheets of a workbook. None is left out unsaid.

What a reader must know of a frame stands in its ``attrs`` under ``DOUBTS``: by reason, the names.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gusu_geo.errors import SourceError
from gusu_geo.words import text

DOUBTS, ROWS = "doubted", "rows"  # rows: how many the file holds


def read_layers(path: Path, spot: str, **options: str) -> gpd.GeoDataFrame:
    """All layers of a file with shapes, one below the other. Rings that are not closed are closed.

    Raises SourceError: layers that differ in columns, kind of shape or coordinate system.
    """
    found = pyogrio.list_layers(path)
    names = [name for name, kind in found if kind is not None]  # others are tables of styles
    if len(names) < 2:
        return _layer(path, names[0] if names else found[0][0], options)
    frames = {name: _layer(path, name, options) for name in names}
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    looks = {(frozenset(frame.columns), str(frame.crs), _kind(frame)) for frame in frames.values()}
    if len(looks) > 1:
        raise SourceError(
            text("error.layers_differ", names=tuple(frames)),
            where=spot,
            fix=text("error.one_layer"),
        )
    if not frames:
        return _layer(path, names[0], options)
    doubts: dict[str, list[str]] = {}
    for name, frame in frames.items():
        for reason, rows in frame.attrs.pop(DOUBTS, {}).items():
            doubts.setdefault(reason, []).extend(f"{name} {row}" for row in rows)
    whole = pd.concat(frames.values(), ignore_index=True)
    whole.attrs[DOUBTS] = doubts
    return whole


def _layer(path: Path, name: str, options: dict[str, str]) -> gpd.GeoDataFrame:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Non closed ring")  # closed and named below
        frame = gpd.read_file(path, layer=name, on_invalid="ignore", **options)
        if not isinstance(frame, gpd.GeoDataFrame) or not frame.geometry.isna().any():
            return frame
        closed = gpd.read_file(path, layer=name, on_invalid="fix", **options)
    rows = np.flatnonzero(frame.geometry.isna() & closed.geometry.notna()) + 1
    if len(rows):
        closed.attrs[DOUBTS] = {"ring_closed": [str(row) for row in rows]}
    return closed


def _kind(frame: gpd.GeoDataFrame) -> frozenset[str]:
    return frozenset(str(kind).removeprefix("Multi") for kind in frame.geom_type.dropna())


def read_sheet(path: Path) -> pd.DataFrame:
    """The cells of the first sheet that has any; sheets below with the same first row follow it,
    and others are named. Words such as NA stay words."""
    sheets = pd.read_excel(
        path, sheet_name=None, dtype=object, engine="openpyxl", header=None, na_filter=False
    )
    full = {
        name: sheet for name, sheet in sheets.items() if not sheet.isin(["", None]).all(axis=None)
    }
    if not full:
        return next(iter(sheets.values()))
    (_, first), *others = full.items()
    alike = [sheet for _, sheet in others if _same_head(sheet, first)]
    whole = pd.concat([first, *(sheet.iloc[1:] for sheet in alike)], ignore_index=True)
    named = [name for name, sheet in others if not _same_head(sheet, first)]
    if named:
        whole.attrs[DOUBTS] = {"other_sheets": named}
    return whole


def _same_head(sheet: pd.DataFrame, first: pd.DataFrame) -> bool:
    return sheet.shape[1] == first.shape[1] and bool((sheet.iloc[0] == first.iloc[0]).all())


def doubts_of(frame: Any) -> dict[str, list[str]]:
    """What a reader must know of a frame that was read here or by its callers."""
    return dict(frame.attrs.get(DOUBTS, {}))
