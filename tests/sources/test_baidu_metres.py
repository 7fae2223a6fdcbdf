"""Baidu's metres (BD-09MC). The pairs are those of published converters of others, in 1e-5 degrees."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.coordinates import system_named
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.ledgers.shifted import bd_of_mercator, gcj_of_bd, wgs_of_gcj
from gusu_geo.study.params import Ledger

PAIRS = [  # metres, degrees in BD-09: Beijing, Shanghai, Shanghai, and 74 degrees east
    ((12_958_175.0, 4_825_923.77), (116.404, 39.915)),
    ((13_525_353.98, 3_641_593.36), (121.499, 31.240)),
    ((13_529_134.0, 3_661_910.0), (121.53296, 31.39669)),
    ((13_358_484.24, 4_139_145.66), (120.0, 35.0)),
]
METRES, DEGREES = (np.array([pair[k] for pair in PAIRS]) for k in (0, 1))
TRUE = wgs_of_gcj(gcj_of_bd(DEGREES))


def test_metres_are_the_degrees_that_others_find() -> None:
    np.testing.assert_allclose(bd_of_mercator(METRES), DEGREES, atol=6e-6)


def test_bands_meet_each_other() -> None:
    for edge in (1_678_043.12, 3_481_989.83, 5_591_021.0):
        below, above = bd_of_mercator(np.array([[1.34e7, edge - 0.01], [1.34e7, edge]]))
        assert abs(above - below).max() < 1e-5  # a metre


@pytest.mark.parametrize("crs", ["bd09mc", "BD-09 MC", "百度墨卡托"])
def test_a_ledger_in_metres(tmp_path: Path, crs: str) -> None:
    path = tmp_path / "l.csv"
    rows = [f"{x},{y}" for x, y in METRES]
    path.write_text("\n".join(["x坐标,y坐标", *rows]), encoding="gb18030")
    read = read_points(path, Ledger(crs=crs))
    np.testing.assert_allclose(shapely.get_coordinates(read.frame.geometry), TRUE, atol=1e-5)
    assert read.tables[0]["systems"] == ["BD-09MC"]
    turned = tmp_path / "t.csv"
    turned.write_text("\n".join(["x,y", *(f"{y},{x}" for x, y in METRES)]), encoding="utf-8")
    read = read_points(turned, Ledger(crs=crs))
    assert read.doubted == {"axes_swapped": [""]}
    np.testing.assert_allclose(shapely.get_coordinates(read.frame.geometry), TRUE, atol=1e-5)


def test_a_header_says_it_and_degrees_are_not_taken_for_metres(tmp_path: Path) -> None:
    assert system_named("lng_bd09").name == "BD-09"  # type: ignore[union-attr]
    path = tmp_path / "l.csv"
    path.write_text("x_bd09mc,y_bd09mc\n12958175,4825923.77\n", encoding="utf-8")
    assert read_points(path).tables[0]["known_by"] == "header"
    with pytest.raises(SourceError, match="BD-09MC, but the study file says BD-09"):
        read_points(path, Ledger(crs="bd09"))
    path.write_text("x,y\n116.404,39.915\n", encoding="utf-8")
    with pytest.raises(
        SourceError, match=r'in metres, but the coordinates are degrees.*crs = "bd09"'
    ):
        read_points(path, Ledger(crs="bd09mc"))


def test_outlines_in_metres(tmp_path: Path) -> None:
    path = tmp_path / "z.geojson"
    gpd.GeoDataFrame(
        {"名称": ["甲"]}, geometry=[shapely.box(1.3e7, 3e6, 1.3001e7, 3.001e6)], crs=4326
    ).to_file(path)
    (west, south, *_) = read_polygons(path, crs="bd09mc").total_bounds
    true = wgs_of_gcj(gcj_of_bd(bd_of_mercator(np.array([[1.3e7, 3e6]]))))
    assert abs(np.array([west, south]) - true[0]).max() < 1e-4
