"""A planner's own study on one straight street: an OSM file, ledgers, a rule pack, zones, candidates."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gusu_geo.geometry import WGS84, local_crs, transformer

LON, LAT = 120.62, 31.31
CRS = local_crs(LON, LAT)
STUDY = """
[study]
name = "own"
title = { zh = "直街", en = "Straight street" }
[area]
boundary = "area.geojson"
crs = "wgs84"
[network]
osm = "street.osm"
[rule]
pack = "pack.toml"
[[facilities]]
source = "venues.csv"
crs = "wgs84"
max_rejected = 0
complete = true
columns = { id = "编号", name = "名称", service = "功能", lon = "经度", lat = "纬度" }
[residences]
source = "homes.csv"
crs = "wgs84"
max_rejected = 0
columns = { id = "编号", persons = "人数", lon = "经度", lat = "纬度" }
[[zones]]
level = "half"
source = "halves.geojson"
crs = "wgs84"
columns = { id = "code", name = "name" }
[candidates]
source = "idle.csv"
crs = "wgs84"
max_rejected = 0
columns = { id = "编号", name = "名称", service = "功能", lon = "经度", lat = "纬度" }
"""


def ledger(path: Path, rows: dict[str, tuple[float, float]], **columns: list[object]) -> None:
    places = [lonlat(*xy) for xy in rows.values()]
    table = {"编号": list(rows), **columns}
    table |= {"经度": [lon for lon, _ in places], "纬度": [lat for _, lat in places]}
    pd.DataFrame(table).to_csv(path, index=False, encoding="utf-8-sig")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return drawn(tmp_path)


def drawn(tmp_path: Path) -> Path:
    """The folder, with the study and all that it names."""
    ends = [lonlat(0), lonlat(2000)]
    nodes = "".join(f'<node id="{i}" lon="{x}" lat="{y}"/>' for i, (x, y) in enumerate(ends, 1))
    way = '<way id="5"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way>'
    (tmp_path / "street.osm").write_text(
        f'<?xml version="1.0"?><osm version="0.6">{nodes}{way}</osm>'
    )
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "pack.toml").write_text(PACK, encoding="utf-8")
    polygons(tmp_path / "area.geojson", {"all": (-50, -500, 2050, 500)})
    polygons(
        tmp_path / "halves.geojson",
        {"west": (-50, -500, 1500, 500), "east": (1500, -500, 2050, 500)},
    )
    homes = {"h1": (100, 0), "h2": (1000, 0), "h3": (1900, 0), "h4": (500, 400)}
    ledger(tmp_path / "homes.csv", homes, 人数=[10, 20, 40, 80])
    venues = {"a": (150, 0), "b": (950, 0), "c": (950, 0)}
    ledger(
        tmp_path / "venues.csv", venues, 名称=["甲", "乙", "乙"], 功能=["阅读", "reading", "健康"]
    )
    idle = {"x": (1400, 0), "y": (1850, 0)}
    ledger(
        tmp_path / "idle.csv", idle, 名称=["架空层", "公房"], 功能=["reading", "reading、health"]
    )
    return tmp_path


PACK = """
[pack]
id = "two"
version = "1"
minutes = 15
source = "a test"
title = { zh = "两项", en = "Two" }
note = { zh = "测试", en = "test" }
[[services]]
id = "reading"
zh = "阅读"
en = "Reading"
osm = ["amenity=library"]
[[services]]
id = "health"
zh = "健康"
en = "Health"
osm = ["amenity=clinic"]
"""


def lonlat(x: float, y: float = 0.0) -> tuple[float, float]:
    lon, lat = transformer(CRS, WGS84).transform(x - 1000, y)
    return round(lon, 8), round(lat, 8)


def polygons(path: Path, boxes: dict[str, tuple[float, float, float, float]]) -> None:
    shapes = [shapely.box(x0 - 1000, y0, x1 - 1000, y1) for x0, y0, x1, y1 in boxes.values()]
    frame = gpd.GeoDataFrame({"code": list(boxes), "name": list(boxes)}, geometry=shapes, crs=CRS)
    frame.to_crs(4326).to_file(path)
