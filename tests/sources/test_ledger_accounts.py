"""What is told of a ledger: its tables, in which system its places are, and who says so."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from shapely.geometry import Point

from gusu_geo.sources.ledgers.account import ledger_account
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE, Evidence
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.ledgers.shifted import wgs_of_gcj
from gusu_geo.study.params import Ledger

LON, LAT = 120.6214, 31.3098  # in the old city
PLACES = np.random.default_rng(1).uniform((120.5, 31.2), (120.7, 31.4), (60, 2))  # 20 km apart
# A building of 10 m at each place: no other system, hundreds of metres off, hits as many.
BUILDINGS = Evidence(shapely.buffer(shapely.points(PLACES), 5e-5, cap_style="square"))


def csv(folder: Path, head: str, tail: str = "") -> Path:
    rows = [f"{lon:.6f},{lat:.6f}{tail}" for lon, lat in PLACES]
    path = folder / "ledger.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8-sig")
    return path


@pytest.mark.parametrize(
    ("head", "tail", "crs", "evidence", "system", "known_by"),
    [
        ("经度,纬度", "", None, BUILDINGS, "WGS 84", "buildings"),
        ("经度,纬度", "", None, NO_EVIDENCE, "WGS 84", "assumed"),
        ("经度,纬度", "", "gcj02", NO_EVIDENCE, "GCJ-02", "declared"),
        ("lng_bd09,lat_bd09", "", None, NO_EVIDENCE, "BD-09", "header"),
        ("经度,纬度,坐标系", ",高德", None, NO_EVIDENCE, "GCJ-02", "column"),
        ("经度,纬度,坐标系", ",高德", "gcj02", NO_EVIDENCE, "GCJ-02", "declared"),
    ],
)
def test_who_says_the_system(
    tmp_path: Path,
    head: str,
    tail: str,
    crs: str | None,
    evidence: Evidence,
    system: str,
    known_by: str,
) -> None:
    read = read_points(csv(tmp_path, head, tail), Ledger(crs=crs), evidence=evidence)
    (table,) = read.tables
    assert (table["systems"], table["known_by"]) == ([system], known_by)
    assert (table["encoding"], table["header_row"], table["rows"]) == ("utf-8-sig", 1, 60)
    hits = 60 if evidence is BUILDINGS else 0
    scores = table["scores"]
    assert scores is not None and (scores["wgs84"], scores["tried"]) == (hits, 60)
    assert max(scores["gcj02"], scores["bd09"]) <= 1
    assert ("system_untested" in read.doubted) == (known_by == "assumed")


def test_rows_in_several_systems_and_a_file_that_names_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(f"经度,纬度,坐标系\n{LON},{LAT},WGS84\n{LON},{LAT},百度\n{LON},{LAT},?\n")
    read = read_points(path)
    assert read.tables[0]["systems"] == ["WGS 84", "BD-09"]
    assert read.tables[0]["known_by"] == "column"
    path = tmp_path / "ledger.gpkg"
    gpd.GeoDataFrame({"name": ["书房"]}, geometry=[Point(LON, LAT)], crs=4326).to_crs(4549).to_file(
        path
    )
    (table,) = read_points(path).tables
    assert (table["systems"], table["known_by"], table["header_row"]) == (["EPSG:4549"], "file", 0)
    assert table["scores"] is None  # metres are never shifted


def test_rows_that_each_name_their_system_are_not_compared_as_one(tmp_path: Path) -> None:
    """As they stand most of them fit GCJ-02, which is what they say."""
    buildings = Evidence(shapely.buffer(shapely.points(wgs_of_gcj(PLACES)), 5e-5))
    path = csv(tmp_path, "经度,纬度,坐标系", ",高德")
    path.write_text(f"{path.read_text('utf-8-sig')}\n{LON},{LAT},百度\n", encoding="utf-8")
    read = read_points(path, evidence=buildings)
    assert read.tables[0]["scores"] is None and read.doubted == {}


def test_every_sheet_has_its_account_and_the_rows_add_up(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    one, two = book.active, book.create_sheet("二")
    one.title = "一"
    for row in (
        ["点位一览"],
        ["名称", "经度", "纬度"],
        ["甲", LON, LAT],
        ["乙", "无", LAT],
        ["合计", 2],
    ):
        one.append(row)
    for row in (["纬度", "名称", "经度"], [LAT, "丙", LON]):
        two.append(row)
    path = tmp_path / "ledger.xlsx"
    book.save(path)
    account = ledger_account("ledger.xlsx", "venues", read_points(path).facts())
    assert (account["read"], account["accepted"], account["rejected"]) == (4, 2, 1)
    assert account["no_data"] == {"sum_row": 1}
    tables = [(t["sheet"], t["header_row"], t["rows"], t["encoding"]) for t in account["tables"]]
    assert tables == [("一", 2, 2, ""), ("二", 1, 1, "")]
    assert list(account["tables"][1]["columns"]) == ["name", "lon", "lat"]
