"""Ledgers as offices write them: every form is read as it is meant, or refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
import xlsxwriter
from command import gusu_geo_here
from conftest import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from own_study import drawn, ledger
from shapely.geometry import Point, box

from gusu_geo.errors import InputError, SourceError
from gusu_geo.sources.evidence import surveyed_evidence
from gusu_geo.sources.ledgers.evidence import Evidence
from gusu_geo.sources.ledgers.points import Points, read_points
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.ledgers.privacy import masked, personal_columns
from gusu_geo.sources.ledgers.shifted import bd_of_gcj, gcj_of_bd, gcj_of_wgs, wgs_of_gcj
from gusu_geo.study.params import Ledger, LocalGrid, TransverseMercator

LON, LAT = 120.6214, 31.3098


def read(path: Path, **options: Any) -> Points:
    return read_points(path, Ledger(**options))


def text_file(folder: Path, content: str, encoding: str = "utf-8", name: str = "l.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def book(path: Path, *rows: list[object], merge: tuple[str, ...] = (), hide: str = "") -> Path:
    file = openpyxl.Workbook()
    for row in rows:
        file.active.append(row)
    for cells in merge:
        file.active.merge_cells(cells)
    if hide:
        file.create_sheet(hide).append(["x"])
        file[hide].sheet_state = "hidden"
    file.save(path)
    return path


# --- systems -----------------------------------------------------------------------------------

# WGS 84, GCJ-02 and BD-09 of three cities, by an independent library (PRCoords).
KNOWN = [
    ((120.6214, 31.3098), (120.625579119, 31.307627957), (120.63204589, 31.313707945)),
    ((87.6177, 43.7928), (87.620549224, 43.794024555), (87.626981325, 43.800146634)),
    ((113.9213, 22.5431), (113.92616051, 22.540055087), (113.932694177, 22.545795827)),
]


@pytest.mark.parametrize(("wgs", "gcj", "bd"), KNOWN)
def test_shifted_systems_are_those_of_an_independent_library(
    wgs: tuple[float, float], gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    one, two, three = (np.array([place]) for place in (wgs, gcj, bd))
    np.testing.assert_allclose(gcj_of_wgs(one), two, rtol=0, atol=2e-9)
    np.testing.assert_allclose(bd_of_gcj(two), three, rtol=0, atol=2e-9)
    np.testing.assert_allclose(wgs_of_gcj(gcj_of_bd(three)), one, rtol=0, atol=2e-9)


@given(st.floats(74, 134), st.floats(18, 53))
@settings(max_examples=60)
def test_there_and_back_is_within_a_hundredth_of_a_millimetre(lon: float, lat: float) -> None:
    here = np.array([[lon, lat]])
    back = wgs_of_gcj(gcj_of_bd(bd_of_gcj(gcj_of_wgs(here))))
    assert np.abs(back - here).max() < 1e-10


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("crs", [None, "gcj02", "bd09"])
def test_numbers_beyond_all_measure_are_faults_of_their_rows(tmp_path: Path, crs: str) -> None:
    path = text_file(tmp_path, f"lon,lat\n{LON},{LAT}\n{LON},1e308\n{LON},{LAT}\n")
    points = read(path, crs=crs)
    assert [row["row"] for row in points.rejected] == [3] and len(points.frame) == 2


def test_outside_china_nothing_is_shifted() -> None:
    monaco = np.array([[7.42, 43.73]])
    assert (gcj_of_wgs(monaco) == monaco).all() and (gcj_of_bd(monaco) == monaco).all()


def test_a_local_grid_is_a_transverse_mercator_of_its_own(tmp_path: Path) -> None:
    """On its meridian the easting is the false one; a degree of latitude from 31 is 110,878 m."""
    grid = LocalGrid(tm=TransverseMercator(lon0_deg=120.5, false_easting_m=50_000, false_northing_m=-3_431_000))  # fmt: skip
    points = read(text_file(tmp_path, "x,y\n50000,0\n50000,110878\n"), crs=grid).frame.geometry
    assert points.x.tolist() == pytest.approx([120.5, 120.5], abs=1e-9)
    assert points.y.iloc[1] - points.y.iloc[0] == pytest.approx(1, abs=2e-5)


def test_a_header_names_the_system_and_wgs_is_taken_of_two(tmp_path: Path) -> None:
    (lon, lat), (glon, glat) = KNOWN[0][0], KNOWN[0][1]
    both = f"lng_gcj02,lat_gcj02,lng_wgs84,lat_wgs84\n{glon},{glat},{lon},{lat}\n"
    assert read(text_file(tmp_path, both)).frame.geometry.iloc[0] == Point(lon, lat)
    one = f"经度(GCJ-02),纬度(GCJ-02)\n{glon},{glat}\n"
    point = read(text_file(tmp_path, one)).frame.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((lon, lat), abs=1e-8)


@pytest.fixture(scope="module")
def houses() -> Evidence:
    """A town of 200 houses, 12 m wide, some 50 m apart."""
    rng = np.random.default_rng(7)
    places = np.array([LON, LAT]) + rng.uniform(-0.004, 0.004, (200, 2))
    return Evidence(shapely.box(places[:, 0] - 6e-5, places[:, 1] - 6e-5, places[:, 0] + 6e-5, places[:, 1] + 6e-5))  # fmt: skip


def in_houses(houses: Evidence, count: int) -> np.ndarray:
    return shapely.get_coordinates(shapely.centroid(houses._shapes[:count]))


@pytest.mark.parametrize(("name", "shift"), [("GCJ-02", gcj_of_wgs), ("BD-09", lambda xy: bd_of_gcj(gcj_of_wgs(xy)))])  # fmt: skip
def test_undeclared_places_that_fit_another_system_stop(
    tmp_path: Path, houses: Evidence, name: str, shift: Any
) -> None:
    xy = shift(in_houses(houses, 60))
    path = text_file(tmp_path, "lon,lat\n" + "".join(f"{x},{y}\n" for x, y in xy))
    with pytest.raises(SourceError, match=f"no system is declared, fit {name}: of 60 places") as no:
        read_points(path, evidence=houses)
    assert f'crs = "{name.lower().replace("-", "")}"' in str(no.value)
    declared = read_points(path, Ledger(crs=name), evidence=houses)
    true = in_houses(houses, 60)
    off = shapely.get_coordinates(declared.frame.geometry.to_numpy()) - true
    assert np.abs(off).max() < 1e-8 and declared.doubted == {}
    wrong = read_points(path, Ledger(crs="wgs84"), evidence=houses)
    assert "system_doubtful" in wrong.doubted  # believed, because declared, but told


def test_undeclared_places_in_houses_are_believed(tmp_path: Path, houses: Evidence) -> None:
    rows = "".join(f"{x},{y}\n" for x, y in in_houses(houses, 12))
    assert read_points(text_file(tmp_path, "lon,lat\n" + rows), evidence=houses).doubted == {}
    nowhere = text_file(tmp_path, f"lon,lat\n{LON + 0.2},{LAT}\n")
    assert "system_untested" in read_points(nowhere, evidence=houses).doubted


def test_a_border_that_no_street_proves_is_asked_for_its_system(tmp_path: Path) -> None:
    path = tmp_path / "z.geojson"
    zone = box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01)
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[zone], crs=4326).to_file(path)
    with pytest.raises(SourceError, match='Write crs = "wgs84", "gcj02"'):
        read_polygons(path)
    outline = Evidence([shapely.boundary(shapely.segmentize(zone, 0.001))])
    fine = tmp_path / "fine.geojson"
    dense = shapely.segmentize(zone, 0.001)
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[dense], crs=4326).to_file(fine)
    assert read_polygons(fine, evidence=outline).geometry.iloc[0].hausdorff_distance(dense) < 1e-9
    shifted = read_polygons(path, crs="gcj02").geometry.iloc[0]
    assert 300 < zone.centroid.distance(shifted.centroid) * 100_000 < 600
    abroad = gpd.GeoDataFrame(geometry=[box(7, 43, 8, 44)], crs=4326)
    abroad.to_file(tmp_path / "m.geojson")
    assert len(read_polygons(tmp_path / "m.geojson")) == 1  # nothing is shifted there


# --- forms -------------------------------------------------------------------------------------

FORMS = {
    "tabs": ("编号\t名称\t经度\t纬度\nA\t站\t120.6214\t31.3098\n", "utf-8", "l.tsv"),
    "semicolons": ("编号;名称;经度;纬度\nA;站,一;120.6214;31.3098\n", "gb18030", "l.csv"),
    "utf-16": ("编号,名称,经度,纬度\nA,站,120.6214,31.3098\n", "utf-16", "l.csv"),
    "one cell": ("编号,名称,经纬度\nA,站,\"120.6214，31.3098\"\n", "utf-8", "l.csv"),
    "one cell, latitude first": ("编号,名称,坐标\nA,站,N31.3098 E120.6214\n", "utf-8", "l.csv"),
    "full width": ("编号,名称,经度,纬度\nA,站,１２０．６２１４,３１．３０９８\n", "gb18030", "l.csv"),
    "signs": ("编号,名称,经度,纬度\nA,站,东经120.6214°,北纬31.3098度\n", "gb18030", "l.csv"),
    "minutes": ("编号,名称,经度,纬度\nA,站,120°37′17.04″,31°18'35.28\"\n", "utf-8", "l.csv"),
    "swapped": ("编号,名称,经度,纬度\nA,站,31.3098,120.6214\n", "utf-8", "l.csv"),
    "units": ("编号*,名 称,经度（°）,纬度(度)\nA,站,120.6214,31.3098\n", "utf-8", "l.csv"),
    "title": ("姑苏区设施台账（2026年）,,,\n\n编号,名称,经度,纬度\nA,站,120.6214,31.3098\n合计,,,\n", "gb18030", "l.csv"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_is_the_same_place(tmp_path: Path, form: str) -> None:
    content, encoding, name = FORMS[form]
    points = read(text_file(tmp_path, content, encoding, name), crs="wgs84")
    assert points.frame.index.tolist() == ["A"] and points.rejected == []
    assert points.frame["name"].iloc[0].startswith("站")
    point = points.frame.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((LON, LAT), abs=1e-9)
    assert points.left_out == ({"sum_row": 1} if form == "title" else {})
    assert points.read == len(points.frame) + sum(points.left_out.values())


@pytest.mark.filterwarnings("error")  # rows of several lengths are none of pandas' business
def test_titles_two_rows_of_header_sums_and_remarks(tmp_path: Path) -> None:
    path = book(
        tmp_path / "l.xlsx",
        ["XX街道台账", None, None, None],
        ["名称", "人口", "位置", None],
        [None, "(人)", "经度", "纬度"],
        ["甲", "约1,200人", LON, LAT],
        ["名称", "人口", "经度", "纬度"],
        ["乙", 300, LON, LAT],
        ["合  计", 1500, None, None],
        ["填表人：王某", None, None, None],
        merge=("A1:D1", "C2:D2", "A2:A3"),
        hide="旧表",
    )
    points = read(path, crs="wgs84")
    assert points.frame["name"].tolist() == ["甲", "乙"]
    assert points.frame["persons"].tolist() == [1200, 300]
    assert points.frame.index.tolist() == ["4", "6"]  # as the program numbers them
    assert points.left_out == {"header_again": 1, "sum_row": 1, "remark_row": 1}
    assert points.read == 5 and points.doubted == {"hidden_sheets": ["旧表"]}


def test_merged_cells_hold_for_all_their_rows_but_no_count_does(tmp_path: Path) -> None:
    path = book(
        tmp_path / "l.xlsx",
        ["名称", "功能", "经度", "纬度", "人口"],
        ["甲", "阅读", LON, LAT, 10],
        [None, "健康", LON, LAT, None],
        merge=("A2:A3", "E2:E3"),
    )
    points = read(path, crs="wgs84", max_rejected=1)
    assert points.frame["name"].tolist() == ["甲"]
    (bad,) = points.rejected
    assert (bad["row"], bad["column"]) == (3, "人口") and "merged" in bad["reason"]["en"]
    named = read_points(book(tmp_path / "m.xlsx", ["名称", "功能", "经度", "纬度"], ["甲", "阅读", LON, LAT],
                             [None, "健康", LON, LAT], merge=("A2:A3",)))  # fmt: skip
    assert named.frame["name"].tolist() == ["甲", "甲"]


def test_where_the_header_is_may_be_said(tmp_path: Path) -> None:
    path = text_file(tmp_path, f"x,y\n名称,经度\n站名,东,北\n甲,{LON},{LAT}\n")
    columns = {"name": "站名", "lon": "东", "lat": "北"}
    points = read(path, header_row=3, columns=columns, crs="wgs84")
    assert points.frame["name"].tolist() == ["甲"]
    with pytest.raises(SourceError, match="row 9 is empty, so it is no header"):
        read(path, header_row=9)


def test_a_code_page_that_lies_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "l.shp"
    made = gpd.GeoDataFrame({"name": ["沧浪亭"]}, geometry=[Point(LON, LAT)], crs=4326)
    for written, said in (("gb18030", "UTF-8"), ("utf-8", "GBK")):
        made.to_file(path, encoding=written)
        path.with_suffix(".cpg").write_text(said)
        assert read(path).frame["name"].tolist() == ["沧浪亭"]


def test_a_point_without_a_number_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "l.parquet"
    places = [Point(LON, LAT), Point(LON, float("nan"))]
    gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=places, crs=4326).to_parquet(path)
    points = read(path)
    assert points.frame["name"].tolist() == ["甲"]
    assert [row["row"] for row in points.rejected] == [2]


def test_addresses_alone_are_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="addresses only, which cannot be looked up offline"):
        read(text_file(tmp_path, "编号,名称,地址\nA,站,干将路 1 号\n"))


# --- persons' data -----------------------------------------------------------------------------

# The checked number is invented; its last digit follows from the others.
PRIVATE = "编号,名称,联系人,电话,备注,经度,纬度\nA,站（13800138000）,张三,0512-65211234,身份证32050219900101123{},{},{}\n"


def checked(seventeen: str) -> str:
    """The last digit of an identity number, ISO 7064 MOD 11-2."""
    total = 0
    for digit in seventeen:
        total = (total + int(digit)) * 2 % 11
    return "0123456789X"[(12 - total) % 11]


def test_personal_data_stop_are_dropped_or_masked(tmp_path: Path) -> None:
    digit = checked("32050219900101123")
    path = text_file(tmp_path, PRIVATE.format(digit, LON, LAT))
    with pytest.raises(SourceError, match=r"columns 名称, 联系人, 电话, 备注\."):
        read(path, crs="wgs84")
    dropped = read(path, crs="wgs84", privacy="drop")
    assert dropped.frame.columns.tolist() == ["geometry"]
    hidden = read(path, crs="wgs84", privacy="mask")
    assert hidden.frame["name"].tolist() == ["站（***）"]
    assert hidden.doubted["private_mask"] == ["名称", "联系人", "电话", "备注"]


@pytest.mark.parametrize("cell", ["320508001001", "118.79047021005003", "2024138123456789", "3547378.2692465503", "编号 13800138"])  # fmt: skip
def test_codes_and_coordinates_are_no_telephones(cell: str) -> None:
    import pandas as pd

    assert masked(cell) == cell
    assert personal_columns(pd.DataFrame({"码": [cell]}, dtype="string[pyarrow]")) == {}


def test_a_wrong_last_digit_is_no_identity_number() -> None:
    right = checked("32050219900101123")
    for digit in "0123456789X":
        assert (masked(f"32050219900101123{digit}") == "***") == (digit == right)


# --- rejected rows -----------------------------------------------------------------------------


QUICK = ("--no-survey", "--quiet")


def many(folder: Path, bad: int, good: int) -> None:
    """A ledger of homes of which some lack their persons."""
    rows = {f"h{k}": (100.0 + 10 * k, 0.0) for k in range(bad + good)}
    ledger(folder / "homes.csv", rows, 人数=[""] * bad + [10] * good)
    study = folder / "study.toml"
    words = study.read_text("utf-8")
    study.write_text(words.replace("max_rejected = 0\n", ""), encoding="utf-8")


def test_a_few_bad_rows_are_set_aside_and_listed(tmp_path: Path) -> None:
    folder = drawn(tmp_path)
    many(folder, 2, 8)
    result = gusu_geo_here("run", folder / "study.toml", "--out", folder, *QUICK)
    assert result.returncode == 0, result.stderr
    listed = openpyxl.load_workbook(folder / "data/processed/own/rejected.xlsx").worksheets[0]
    cells = [[cell.value for cell in row] for row in listed.iter_rows()]
    assert cells[0][2] == "行号\nrow" and len(cells) == 3
    assert cells[1][:4] == ["homes.csv", "", 2, "人数"]
    assert cells[1][5] == "缺 人数\nno 人数"
    many(folder, 0, 8)
    assert gusu_geo_here("run", folder / "study.toml", "--out", folder, *QUICK).returncode == 0
    assert not (folder / "data/processed/own/rejected.xlsx").exists()


def test_candidates_are_listed_and_compared_with_buildings_like_any_ledger(tmp_path: Path) -> None:
    folder = drawn(tmp_path)
    study = folder / "study.toml"
    words = study.read_text("utf-8").replace("max_rejected = 0\n", "")
    study.write_text(words, encoding="utf-8")
    ledger(
        folder / "idle.csv",
        {f"x{k}": (1400.0 + k, 0.0) for k in range(6)},
        名称=["架空层"] * 6,
        功能=["reading"] * 5 + ["nonsense"],
    )
    assert gusu_geo_here("run", study, "--out", folder, *QUICK).returncode == 0
    listed = openpyxl.load_workbook(folder / "data/processed/own/rejected.xlsx").worksheets[0]
    assert [row[0].value for row in listed.iter_rows(min_row=2)] == ["idle.csv"]


def test_the_buildings_of_a_city_that_was_read_are_evidence(houses: Evidence) -> None:
    shapes = gpd.GeoSeries(houses._shapes, crs=4326).to_crs(32651)
    around = gpd.GeoDataFrame({"kind": ["building"] * len(shapes)}, geometry=shapes, crs=32651)
    scores = surveyed_evidence(around).scores(bd_of_gcj(gcj_of_wgs(in_houses(houses, 60))))
    assert scores is not None and scores.winner is not None and scores.winner.name == "BD-09"


def test_too_many_stop_the_run_and_only_the_list_is_left(tmp_path: Path) -> None:
    folder = drawn(tmp_path)
    many(folder, 5, 5)
    before = {path for path in folder.rglob("*") if path.is_file()}
    result = gusu_geo_here("run", folder / "study.toml", "--out", folder, "--lang", "zh")
    assert result.returncode == 2
    assert "有 5 行有误：第 2 行：缺 人数" in result.stderr and "rejected.xlsx" in result.stderr
    left = {path for path in folder.rglob("*") if path.is_file()} - before
    assert {path.name for path in left} == {"rejected.xlsx"}


CELL = st.sampled_from(
    ["", "甲", "120.62", "31.31", "约3人", "x", "合计", "1e400", "东经120°", "#N/A"]
)


@given(st.lists(st.lists(CELL, min_size=4, max_size=5), min_size=1, max_size=8), st.integers(0, 2), st.sampled_from(["utf-8", "gb18030", "utf-16", "sheet"]))  # fmt: skip
@settings(max_examples=50)
def test_accepted_and_rejected_are_all_that_was_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], titles: int, kind: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    table = [["台账"]] * titles + [["名称", "经度", "纬度", "人口"], *rows]
    if kind == "sheet":
        path = folder / "l.xlsx"
        with xlsxwriter.Workbook(path) as file:
            sheet = file.add_worksheet()
            for number, row in enumerate(table):
                sheet.write_row(number, 0, row)
    else:
        path = text_file(folder, "".join(",".join(row) + "\n" for row in table), kind)
    try:
        points = read(path, crs="wgs84", max_rejected=1)
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert points.read == sum(any(row) for row in rows)
    assert points.read == len(points.frame) + sum(points.left_out.values())
    assert points.left_out.get("rejected", 0) == len(points.rejected)
    assert np.isfinite(shapely.get_coordinates(points.frame.geometry.to_numpy())).all()


def test_a_row_of_sums_that_is_longer_than_the_header_is_left_out_once(tmp_path: Path) -> None:
    path = text_file(tmp_path, "名称,经度,纬度\n甲,120.62,31.31\n合计,,,1\n", "utf-8")
    points = read(path, crs="wgs84")
    assert (points.read, len(points.frame), points.left_out) == (2, 1, {"sum_row": 1})


# --- the messy ledgers of Nanjing ----------------------------------------------------------------

MESSY = next((folder / "ledgers" for folder in SHARED if (folder / "ledgers").is_dir()), None)
DECLARED = {"02": "bd09", "03": "gcj02", "10": "epsg:4549", "17": "wgs84", "24": "gcj02"}
AS_TRUE = ["01_gbk_wgs.csv", "02_gbk_bd09.csv", "03_gcj.csv", "05_merged.xlsx", "06_vmerge.xlsx",
           "07_onecell.csv", "08_fullwidth.csv", "09_swapped.csv", "10_cgcs4549.csv",
           "12_multi.xlsx", "13_ownwords.csv", "15_gbk.shp", "17_noprj.shp", "19_tab.tsv",
           "20_utf16.csv", "21_degsign.csv", "23_alias.csv", "24_amap.csv"]  # fmt: skip


@pytest.mark.skipif(MESSY is None, reason="shared ledgers are not here")
@pytest.mark.parametrize("name", AS_TRUE)
def test_messy_ledgers_are_read_as_the_truth(name: str) -> None:
    assert MESSY is not None
    true = read(MESSY / "base.csv").frame
    frame = read(MESSY / name, crs=DECLARED.get(name[:2])).frame
    assert frame["name"].tolist() == true["name"].tolist()
    off = shapely.get_coordinates(frame.geometry.to_numpy()) - shapely.get_coordinates(true.geometry.to_numpy())  # fmt: skip
    assert np.abs(off).max() * 111_195 < 1  # metres


@pytest.mark.skipif(MESSY is None, reason="shared ledgers are not here")
def test_the_other_messy_ledgers_end_as_they_must() -> None:
    assert MESSY is not None
    bad = read(MESSY / "18_3bad.csv", crs="wgs84")
    assert [(row["row"], row["column"], row["value"]) for row in bad.rejected] == [
        (4, "经度", ""), (7, "纬度", "待核实"),
    ]  # fmt: skip
    with pytest.raises(SourceError, match="联系人, 联系电话, 身份证号"):
        read(MESSY / "14_phones.csv")
    assert len(read(MESSY / "14_phones.csv", privacy="drop").frame) == 16
    with pytest.raises(SourceError, match="addresses only"):
        read(MESSY / "27_address_only.xlsx")
    for name in ("40_old.xls", "41_wps.et"):
        assert read(MESSY / name).frame["name"].tolist() == ["甲社区站", "甲社区站"]
    one, two = (read_polygons(MESSY / f"33_zone_{crs}.geojson", crs={"gcj": "gcj02"}.get(crs, "wgs84")) for crs in ("gcj", "wgs"))  # fmt: skip
    assert one.geometry.iloc[0].hausdorff_distance(two.geometry.iloc[0]) < 1e-6
