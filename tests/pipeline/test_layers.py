"""A GeoPackage holds the same, whether its columns go through Arrow or not."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gusu_geo.pipeline import files
from gusu_geo.pipeline.files import write_layers

SUMMARY: Any = {"invented": False, "data": {"osm_date": "2026-01-02T03:04:05Z"}}


def content(path: Path) -> list[tuple[Any, ...]]:
    """All rows of all tables, and how the tables are declared."""
    with sqlite3.connect(path) as base:
        tables = base.execute("SELECT name, sql FROM sqlite_master ORDER BY name, sql").fetchall()
        rows: list[tuple[Any, ...]] = list(tables)
        for name, sql in tables:
            if sql and sql.startswith("CREATE TABLE") and "rtree" not in name:
                rows += base.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
    return rows


def layers() -> dict[str, gpd.GeoDataFrame]:
    box = shapely.box(7.4, 43.7, 7.5, 43.8)
    far = shapely.box(8.4, 43.7, 8.5, 43.8)
    columns = {
        "name": ["观前街", "", None],
        "persons": [1.5, np.nan, 2.0],
        "count": np.array([1, -2, 3], np.int8),
        "long": np.array([1, 2, 1 << 40], np.int64),
        "yes": [True, False, True],
    }
    plain = gpd.GeoDataFrame(
        columns, geometry=[box, shapely.MultiPolygon([box, far]), None], crs=4326
    )
    mixed = plain.assign(note=pd.Series(["a", None, None], dtype=object), blank=None)
    return {"plain": plain, "mixed": mixed, "none": plain.iloc[:0]}


def test_the_content_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_arrow = {name: files._plain(frame) for name, frame in layers().items()}
    assert by_arrow["plain"] and not by_arrow["mixed"]
    write_layers(layers().items(), tmp_path / "one.gpkg", summary=SUMMARY, run_id="r1")
    monkeypatch.setattr(files, "_plain", lambda frame: False)
    write_layers(layers().items(), tmp_path / "two.gpkg", summary=SUMMARY, run_id="r1")
    assert content(tmp_path / "one.gpkg") == content(tmp_path / "two.gpkg")
    assert pyogrio.list_layers(tmp_path / "one.gpkg")[:, 0].tolist() == list(layers())
