"""Ledgers: encodings, headers, systems, and one message for all bad rows."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, Point, Polygon, box

from gusu_geo.errors import SourceError, StudyError, nearest_name
from gusu_geo.sources.ledgers.grids import plain_memory
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.ledgers.rejected import Fault, Faults, rejected_rows
from gusu_geo.study.params import Columns, Ledger
from gusu_geo.words import text

SHARED = Path(__file__).parents[3] / "shared" / "data"
LON, LAT = 120.6214, 31.3098  # in the old city


def csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "ledger.csv"
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path, **options: object) -> gpd.GeoDataFrame:
    return read_points(path, Ledger(**options)).frame


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, **options)
    assert path.name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings_and_guessed_headers(tmp_path: Path, encoding: str) -> None:
    text = f"编号,名称,经度,纬度,人数,电话\n7,平江书房（筹）,{LON},{LAT},12,139\n"
    points = read(csv(tmp_path, text, encoding), privacy="drop")
    assert points.crs.to_epsg() == 4326
    assert points.index.tolist() == ["7"] and points.index.name == "id"
    assert points.columns.tolist() == ["name", "persons", "geometry"]  # no telephone numbers
    assert points.loc["7", "name"] == "平江书房（筹）"
    assert points.loc["7", "persons"] == 12.0
    assert points.geometry.iloc[0] == Point(LON, LAT)


def test_named_headers_full_width_digits_and_row_numbers_as_ids(tmp_path: Path) -> None:
    text = "Ｘ,Y,what\n１２０．５,31.3,书\n\n120.6,３１,茶\n"
    columns = Columns(lon="X", lat="Y", service="what")
    points = read(csv(tmp_path, text), columns=columns)
    assert points.index.tolist() == ["2", "4"]
    assert points.geometry.x.tolist() == [120.5, 120.6]
    assert points["service"].tolist() == ["书", "茶"]


def test_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    frame = pd.DataFrame(
        {"编号": [1, 2], "lng": ["120.5", 120.6], "纬度": [31, 31.5], "hours": ["24/7", None]}
    )
    frame.to_excel(path, index=False)
    points = read(path)
    assert points.index.tolist() == ["1", "2"]
    assert points["hours"].tolist() == ["24/7", ""]
    assert points.geometry.y.tolist() == [31.0, 31.5]


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet", "shp"])
def test_files_that_know_their_system(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"ledger.{kind}"
    made = gpd.GeoDataFrame({"name": ["书房"]}, geometry=[Point(LON, LAT)], crs=4326)
    if kind != "geojson":
        made = made.to_crs(4549)
    if kind == "parquet":
        made.to_parquet(path)
    else:
        made.to_file(path, **({"encoding": "utf-8"} if kind == "shp" else {}))
    points = read(path)
    assert points.crs.to_epsg() == 4326
    assert points["name"].tolist() == ["书房"]
    np.testing.assert_allclose(points.geometry.iloc[0].coords[0], (LON, LAT), atol=1e-8)
    if kind == "gpkg":
        assert "EPSG:4549" in refusal(path, crs="epsg:4528")


def test_a_shapefile_without_its_code_page(tmp_path: Path) -> None:
    path = tmp_path / "ledger.shp"
    made = gpd.GeoDataFrame({"name": ["沧浪亭"]}, geometry=[Point(LON, LAT)], crs=4326)
    made.to_file(path, encoding="gb18030")
    path.with_suffix(".cpg").unlink()
    assert read(path)["name"].tolist() == ["沧浪亭"]


def test_projected_tables(tmp_path: Path) -> None:
    east, north = Transformer.from_crs(4326, 4549, always_xy=True).transform(LON, LAT)
    assert 0.55e6 < east < 0.57e6 and 3.46e6 < north < 3.47e6
    path = csv(tmp_path, f"lon,lat\n{east},{north}\n")
    np.testing.assert_allclose(
        read(path, crs="EPSG:4549").geometry.iloc[0].coords[0], (LON, LAT), atol=1e-8
    )
    # X is north, as surveyors write it: valid degrees otherwise, but far from where it is used.
    path = csv(tmp_path, f"X坐标,Y坐标\n{north},{east}\n")
    points = read_points(path, Ledger(crs="epsg:4549"))
    np.testing.assert_allclose(points.frame.geometry.iloc[0].coords[0], (LON, LAT), atol=1e-8)
    assert "axes_swapped" in points.doubted
    # With the zone prefix of EPSG:4528 the same numbers lie far from where EPSG:4549 is used.
    prefixed = csv(tmp_path, f"lon,lat\n{east + 40_000_000},{north}\n")
    assert "outside the range of EPSG:4549" in refusal(prefixed, crs="epsg:4549")


@pytest.mark.parametrize(
    ("crs", "says"),
    [
        ("suzhou2000", "unknown coordinate system.*epsg:NNNN"),
        ("epsg:99999", "unknown EPSG code"),
    ],
)
def test_systems_that_cannot_be_read(tmp_path: Path, crs: str, says: str) -> None:
    path = csv(tmp_path, "lon,lat\n120,31\n")
    with pytest.raises(StudyError, match=says):
        read_points(path, Ledger(crs=crs), where="facilities[2]")
    with pytest.raises(StudyError, match="facilities"):
        read_polygons(path, crs=crs, where="facilities[2]")


def test_all_bad_rows_in_one_message(tmp_path: Path) -> None:
    rows = ["120.5,31", ",31", "120,abc", "nan,31", "120,95", "0,0", "inf,31", "1_2,3"]
    said = refusal(csv(tmp_path, "lon,lat\n" + "\n".join(rows) + "\n"))
    assert (
        said.count("row ") == 5
        and "7 bad rows: row 3: no lon; row 4: lat is not a number: 'abc'" in said
    )
    assert "row 5: lon is not a number: 'nan'" in said and "row 6: outside the range" in said
    assert "row 7: no coordinate: 0, 0" in said and "; and 2 more." in said


def test_swapped_axes_are_turned_and_told(tmp_path: Path) -> None:
    points = read_points(csv(tmp_path, f"lon,lat\n{LAT},{LON}\n"))
    assert points.frame.geometry.iloc[0] == Point(LON, LAT)
    assert "axes_swapped" in points.doubted


def test_rows_longer_than_the_header_are_named(tmp_path: Path) -> None:
    points = read_points(csv(tmp_path, "lon,lat\n1,2\n1,2,3,4\n\n1,2,x\n"))
    assert [(row["row"], row["value"]) for row in points.rejected] == [(3, "3"), (5, "x")]
    assert "longer than the header, with 'x'" in points.rejected[1]["reason"]["en"]
    # In the first row pandas would take the first cell for a row name and shift the others.
    assert "row 2" in refusal(csv(tmp_path, "name,lon,lat\n甲,乙,120,31\n"))
    assert len(read(csv(tmp_path, "lon,lat\n1,2,,\n"))) == 1  # commas of a spreadsheet


def test_equal_headers_matter_only_where_they_are_used(tmp_path: Path) -> None:
    assert "two columns of the same name for lat" in refusal(csv(tmp_path, "lon,lat,lat\n1,2,3\n"))
    assert "two columns" in refusal(csv(tmp_path, "lon,lat,LAT\n1,2,3\n"))
    assert len(read(csv(tmp_path, "lon,lat,备注,备注,,\n1,2,a,b,,\n"))) == 1
    columns = Columns(lat="LAT")
    assert read(csv(tmp_path, "lon,lat,LAT\n1,2,3\n"), columns=columns).geometry.y.iloc[0] == 3
    path = tmp_path / "twice.xlsx"
    pd.DataFrame([["lon", "lat", "lat"], [1, 2, 3]]).to_excel(path, header=False, index=False)
    assert "two columns" in refusal(path)


@pytest.mark.parametrize("header", ["坐标系", "坐标系统", "CRS", "Coord_Sys"])
@pytest.mark.parametrize(
    ("word", "system"),
    [
        ("高德", "GCJ-02"), ("Amap", "GCJ-02"), ("gaode api", "GCJ-02"), ("腾讯地图", "GCJ-02"),
        ("Tencent", "GCJ-02"), ("国测局", "GCJ-02"), ("火星坐标", "GCJ-02"), ("百度", "BD-09"),
        ("Baidu Map", "BD-09"),
    ],
)  # fmt: skip
def test_ledgers_that_name_the_map_they_are_from(
    tmp_path: Path, header: str, word: str, system: str
) -> None:
    rows = f"lon,lat,{header}\n{LON},{LAT},WGS84\n{LON},{LAT},{word}\n"
    points = read(csv(tmp_path, rows)).geometry
    assert points.iloc[0] == Point(LON, LAT)
    off_m = 111_195 * np.hypot((points.x.iloc[1] - LON) * 0.8545, points.y.iloc[1] - LAT)
    assert (400 < off_m < 600) if system == "GCJ-02" else (900 < off_m < 1200)
    both = csv(tmp_path, f"lon,lat,{header}\n{LON},{LAT},{word}\n")
    assert read(both, crs=word).geometry.iloc[0] == points.iloc[1]
    assert f"says {system}, but the study file says WGS 84" in refusal(both, crs="wgs84")


def test_headers_that_are_missing_or_double(tmp_path: Path) -> None:
    path = csv(tmp_path, "名称,经度x,纬度\na,1,2\n")
    assert "has no column for lon" in refusal(path)
    assert "Did you mean '经度x'?" in refusal(path, columns=Columns(lon="经度"))
    assert "two columns" in refusal(csv(tmp_path, "lon,ｌｏｎ,lat\n1,1,2\n"))
    half = csv(tmp_path, "名称,经度\na,120.6\n")
    assert "has no column for lat" in refusal(half)


def test_persons_and_ids(tmp_path: Path) -> None:
    assert "row 2: persons is below 0" in refusal(csv(tmp_path, "lon,lat,persons\n1,2,-3\n"))
    for rows, row, why in (
        ("lon,lat,persons\n1,2,3\n1,2,\n", 3, "no persons"),
        ("lon,lat,persons\n1,2,1e6\n1,2,1000001\n", 3, "persons is above 1,000,000"),
        ("id,lon,lat\na,1,2\nb,1,2\na,1,2\n", 4, "id 'a' again"),
        ("id,lon,lat\na,1,2\n,1,2\n", 3, "no id"),
    ):
        path = csv(tmp_path, rows)
        (bad,) = read_points(path).rejected
        assert (bad["row"], bad["reason"]["en"]) == (row, why)
        assert f"row {row}: {why}" in refusal(path, max_rejected=0)


def test_groups_are_part_of_the_persons(tmp_path: Path) -> None:
    found = read(csv(tmp_path, "经度,纬度,人数,老年人\n1,2,10,4\n1,2,5,0\n"))
    assert found["elders"].tolist() == [4.0, 0.0] and "children" not in found
    assert "row 2: elders must be between 0 and persons" in refusal(
        csv(tmp_path, "lon,lat,persons,elders\n1,2,3,4\n")
    )
    assert "row 2: no children" in refusal(csv(tmp_path, "lon,lat,persons,children\n1,2,3,\n"))
    # Of a ledger of venues such a column says something else.
    assert "children" not in read(csv(tmp_path, "lon,lat,children\n1,2,yes\n"))


def test_files_that_are_not_ledgers(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.csv")
    assert "Save it as one of .csv" in refusal(tmp_path / "ledger.doc")
    assert "holds no rows" in refusal(csv(tmp_path, ""))
    assert "holds no rows" in refusal(csv(tmp_path, "lon,lat\n"))
    for kind in ("xlsx", "geojson", "gpkg", "parquet", "shp"):
        path = tmp_path / f"broken.{kind}"
        path.write_bytes(b"PK\x03\x04 not this")
        assert f"cannot be read as .{kind}" in refusal(path)
    (tmp_path / "binary.csv").write_bytes(b"\xff\x00\xff")
    assert "cannot be read" in refusal(tmp_path / "binary.csv")


def test_lines_are_no_points(tmp_path: Path) -> None:
    path = tmp_path / "lines.geojson"
    gpd.GeoDataFrame(geometry=[Point(1, 1), LineString([(0, 0), (1, 1)])], crs=4326).to_file(path)
    assert "row 2: not a point but a LineString" in refusal(path, max_rejected=0)


def test_polygons_are_repaired_and_keep_their_columns(tmp_path: Path) -> None:
    # Touches 0, 0, which is a place for a polygon.
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])  # two triangles of 1/4 each
    path = tmp_path / "zones.gpkg"
    gpd.GeoDataFrame({"名称": ["甲", "乙"]}, geometry=[bow_tie, box(2, 0, 3, 1)], crs=4326).to_file(
        path
    )
    zones = read_polygons(path)
    assert zones.crs.to_epsg() == 4326 and zones["名称"].tolist() == ["甲", "乙"]
    assert zones.is_valid.all() and set(zones.geom_type) <= {"Polygon", "MultiPolygon"}
    assert shapely.area(zones.geometry.to_numpy()).tolist() == pytest.approx([0.5, 1.0])
    gpd.GeoDataFrame(geometry=[Point(1, 1)], crs=4326).to_file(tmp_path / "points.geojson")
    with pytest.raises(SourceError, match="row 1: not a polygon"):
        read_polygons(tmp_path / "points.geojson")


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data are not here")
def test_the_real_gusu_files() -> None:
    """Compounds in Baidu's system land in the subdistricts that their own column names."""
    path = SHARED / "gusu_compounds_bd09.csv"
    assert "but the study file says WGS 84" in refusal(path, crs="wgs84")
    homes = read(path, columns=Columns(service="街道"))
    zones = read_polygons(SHARED / "gusu_zones_gcj02.geojson", crs="gcj02")
    assert len(zones) == 9 and zones.is_valid.all() and len(homes) == 791
    zones = zones[zones["name"] != "姑苏区"]
    joined = homes.sjoin(zones[["name", "geometry"]], how="inner", lsuffix="own")
    assert (joined["service"] == joined["name_right"]).mean() > 0.99 and len(joined) > 780


def workbook(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def repacked(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The workbook with its parts changed; its packing is right."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(name, content))
    return path


def sheet(change: Callable[[bytes], bytes]) -> Callable[[str, bytes], bytes]:
    return lambda name, content: change(content) if name.endswith("sheet1.xml") else content


HEAD, FIRST = ["id", "name", "lon", "lat"], ["a", "NA", 7.42, 43.73]


def test_words_for_nothing_are_names_in_a_workbook_too(tmp_path: Path) -> None:
    rows = [[word, word, 7.42, 43.73] for word in ("NA", "null", "None", "nan", "N/A")]
    found = read(workbook(tmp_path / "a.xlsx", HEAD, *rows))
    assert found.index.tolist() == found["name"].tolist() == ["NA", "null", "None", "nan", "N/A"]


def test_rows_of_a_workbook_keep_their_numbers(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", HEAD, [], FIRST, [], ["b", "", 7.42, "?"])
    assert "row 5: lat is not a number" in refusal(path, max_rejected=0)
    path = workbook(
        tmp_path / "a.xlsx", [*HEAD, "persons"], [*FIRST, 3.0], ["b", "=1/0", 7.42, 43.73, 4]
    )
    assert read(path)["persons"].tolist() == [3, 4]


@pytest.mark.parametrize("place", range(30, 1000, 97))
def test_a_damaged_workbook_is_one_message(tmp_path: Path, place: int) -> None:
    """One byte changed in what is packed: zlib, zipfile, the XML parser or openpyxl find it."""
    path = workbook(tmp_path / "a.xlsx", HEAD, FIRST)
    content = bytearray(path.read_bytes())
    content[-place] ^= 0xFF
    path.write_bytes(content)
    try:
        assert len(read(path)) == 1  # a byte that nobody reads
    except SourceError as error:
        assert "a.xlsx" in str(error) and "\n" not in str(error)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'r="D2"', b'r="ZZZ2"', "too large"),
        (b'r="D2"', b'r="XFD1048576"', "too large"),  # 17 thousand million cells for calamine
        (b'r="D2"', b'r="D99999999999999999999999"', "too large"),
        (b"</sheetData>", b"", "cannot be read as .xlsx"),
        (b"<worksheet", b"<worksheet <", "cannot be read as .xlsx"),
        (b'<row r="2"', b'<row r="two"', "cannot be read as .xlsx"),
    ],
)
def test_a_sheet_that_says_absurd_things(
    tmp_path: Path, old: bytes, new: bytes, words: str
) -> None:
    path = workbook(tmp_path / "a.xlsx", HEAD, FIRST)
    assert words in refusal(repacked(path, sheet(lambda xml: xml.replace(old, new))))


def test_a_wrong_number_of_a_row_changes_no_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", HEAD, FIRST)
    repacked(path, sheet(lambda xml: xml.replace(b'<row r="2"', b'<row r="2000000000"')))
    assert read(path).loc["a"].tolist() == ["NA", Point(7.42, 43.73)]


def test_a_stray_cell_in_the_last_row_costs_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", HEAD, FIRST)
    stray = (
        b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t> </t></is></c></row></sheetData>'
    )
    repacked(path, sheet(lambda xml: xml.replace(b"</sheetData>", stray)))
    assert len(read(path)) == 1


def test_a_table_too_wide(tmp_path: Path) -> None:
    assert "too large" in refusal(csv(tmp_path, "," * 20_000 + "x\n"))


RING = [[7.41, 43.72], [7.43, 43.72], [7.43, 43.74], [7.41, 43.74]]


def test_a_shape_that_cannot_be_is_named_by_its_row(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for ring in ([*RING, RING[0]], RING[:1])
    ]
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(SourceError, match=r"zones\.geojson: 1 bad row: row 2: its shape"):
        read_polygons(path)
    assert not recwarn.list, "a warning of GDAL beside the message"


def test_a_system_that_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "homes.gpkg"
    local = 'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'  # fmt: skip
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(1, 1)], crs=local).to_file(path)
    assert "cannot be converted to degrees" in refusal(path)


def test_memory_is_given_back_and_the_pool_is_the_one_of_before(tmp_path: Path) -> None:
    before = pa.default_memory_pool().backend_name
    with pytest.raises(SourceError):
        read_points(tmp_path / "none.csv")
    with plain_memory():
        assert pa.default_memory_pool().backend_name == "system"
    assert pa.default_memory_pool().backend_name == before != "system"


def test_a_zero_byte_makes_no_utf_16(tmp_path: Path) -> None:
    path = csv(tmp_path, f"编号,经度,纬度\n1,{LON},{LAT}\n2,{LON},{LAT}\n")
    path.write_bytes(path.read_bytes() + b"\0")  # as a disk leaves it after a crash
    assert read(path, max_rejected=1.0).index[0] == "1"


@pytest.mark.filterwarnings("error")
def test_rows_of_several_lengths_are_filled_with_blanks(tmp_path: Path) -> None:
    text = f"编号,经度,纬度,名称,备注\n1,{LON},{LAT}\n2,{LON},{LAT},甲\n3,{LON},{LAT},乙,丙\n"
    assert read(csv(tmp_path, text))["name"].tolist() == ["", "甲", "乙"]


def test_a_remedy_names_no_more_than_a_reader_bears() -> None:
    known = [f"单位{number:03}" for number in range(266)]
    fault = Fault(text("error.row_no_service"), "单位", "?", nearest_name("?", known))
    (row,) = rejected_rows("pairs.csv", "", Faults({2: fault}))
    assert "单位029" in row["remedy"]["zh"] and "单位030" not in row["remedy"]["en"]
