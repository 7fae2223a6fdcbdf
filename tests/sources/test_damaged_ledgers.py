"""Ledgers that GDAL reads as far as it gets, or otherwise than they stand: refused by name."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import pytest
from own_study import drawn
from shapely.geometry import Point, box

from gusu_geo.errors import SourceError
from gusu_geo.sources.city import read_city
from gusu_geo.sources.ledgers.columns import text_column
from gusu_geo.sources.ledgers.points import read_points as read_ledger
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.params import Columns, Ledger
from gusu_geo.study.study_file import open_study

LON, LAT = 120.6, 31.3


def read_points(path: Path, columns: Columns | None = None) -> gpd.GeoDataFrame:
    """Every row, or an error."""
    return read_ledger(
        path, Ledger(crs="wgs84", max_rejected=0, columns=columns or Columns())
    ).frame


def homes(persons: list[object], ids: list[object] | None = None) -> gpd.GeoDataFrame:
    columns = {"id": ids or [f"h{ix}" for ix in range(len(persons))], "persons": persons}
    places = [Point(LON + ix / 100, LAT) for ix in range(len(persons))]
    return gpd.GeoDataFrame(columns, geometry=places, crs=4326)


def feature(number: object, **other: object) -> dict[str, object]:
    shape = {"type": "Point", "coordinates": [LON, LAT]}
    return {"type": "Feature", "properties": {"id": number}, "geometry": shape, **other}


def collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


# --- GeoJSON ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["geojson", "json"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (collection(feature("a"), feature("b", type="feature")), "row 2: is no feature"),
        (collection(feature("a"), None, 5, feature("b")), "2 bad rows: row 2: .*; row 3: "),
        (collection(feature("a"), {"properties": {}}), "row 2: is no feature"),
        (collection(feature(7), feature(True)), "both numbers and true or false: id"),
        (collection(feature("a")).replace("}, ", "} ", 1), "cannot be read as"),
        (collection(feature("a"), feature("b"))[:-2], "cannot be read as"),
        (collection(feature("a")) + collection(feature("b")), "cannot be read as"),
    ],
)
def test_a_feature_is_never_left_out_unsaid(
    tmp_path: Path, ending: str, content: str, words: str
) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_text(content)
    with pytest.raises(SourceError, match=words):
        read_points(path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1e308", "1e308"])
def test_a_corner_that_lies_nowhere(tmp_path: Path, number: str) -> None:
    """To repair such an outline is beyond GEOS; in degrees none is that far."""
    ring = [[LON, LAT], ["X", LAT], [LON + 0.1, LAT + 0.1], [LON, LAT - 0.1], [LON, LAT]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    path = tmp_path / "a.geojson"
    path.write_text(collection(feature("a", geometry=shape)).replace('"X"', number))
    with pytest.raises(
        SourceError, match=r"row 1: a coordinate is no finite number|row 1: outside"
    ):
        read_polygons(path)


def test_a_zone_over_half_the_globe(tmp_path: Path) -> None:
    """An outline that is whole in degrees may cross itself in metres, which no cut survives."""
    folder = drawn(tmp_path)
    zones = json.loads((folder / "halves.geojson").read_text("utf-8"))
    zones["features"][0]["geometry"]["coordinates"][0][3][0] = 5
    (folder / "halves.geojson").write_text(json.dumps(zones), encoding="utf-8")
    study = open_study(folder / "study.toml")
    city = read_city(study, load_pack(study.rule.pack, study.root))
    row = next(row for row in city.facts["sources"] if row["kind"] == "zones")
    assert row["read"] == 2 == row["used"] + sum(row["left_out"].values())


def test_features_that_stand_twice_under_one_key_are_not_lost(tmp_path: Path) -> None:
    """GDAL reads the first list, or both; a reader of JSON the last."""
    path, one, two = tmp_path / "a.geojson", [feature("a"), feature("b")], [feature("c")]
    path.write_text(
        f'{{"type": "FeatureCollection", "features": {json.dumps(one)}, "features": {json.dumps(two)}}}'
    )
    with pytest.raises(SourceError, match="holds 1 features, of which 3 can be read"):
        read_points(path)


def test_other_files_of_json_are_read_as_before(tmp_path: Path) -> None:
    """One feature, a bare shape, a file of Esri, a mark of UTF-8 at the beginning."""
    path = tmp_path / "a.json"
    esri = {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326},
        "fields": [{"name": "id", "type": "esriFieldTypeString", "alias": "id"}],
        "features": [{"attributes": {"id": "a"}, "geometry": {"x": LON, "y": LAT}}],
    }
    for document, code in ((feature("a"), "utf-8-sig"), (feature("a")["geometry"], "utf-8-sig"), (esri, "utf-8")):  # fmt: skip
        path.write_text(json.dumps(document), encoding=code)
        assert len(read_points(path)) == 1


# --- ids --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [32050219990101123456, 1e20])
def test_a_number_too_long_to_be_an_id(tmp_path: Path, number: float) -> None:
    """GDAL reads it as a float: two homes of one town would have the same id, or a wrong one."""
    path = tmp_path / "a.geojson"
    path.write_text(collection(feature(number), feature(7)))
    with pytest.raises(SourceError, match=r"row 1: id .*e\+\d\d is a number with so many digits"):
        read_points(path)
    path.write_text(collection(feature(number), feature("x7")))
    with pytest.raises(SourceError, match=r"row 1: id .*e\+\d\d is a number"):
        read_points(path)
    frame = gpd.GeoDataFrame({"code": [float(number)]}, geometry=[box(0, 0, 1, 1)], crs=4326)
    with pytest.raises(SourceError, match="Store ids as text"):
        text_column(frame, Columns(), "id", ("code",), "zones")


def test_an_id_as_spreadsheets_write_long_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,lon,lat\n3.20502E+17,{LON},{LAT}\n9007199254740993,{LON},{LAT}\n")
    with pytest.raises(SourceError, match=r"1 bad row: row 2: id 3\.20502E\+17 is a number"):
        read_points(path)
    path.write_text(f"id,lon,lat\n320502199901011234,{LON},{LAT}\n2E+3,{LON},{LAT}\n")
    assert list(read_points(path).index) == ["320502199901011234", "2E+3"]


# --- files of several parts -------------------------------------------------------------------


def test_a_package_without_layers(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    homes([1]).to_file(path, layer="homes", SPATIAL_INDEX="NO")
    with sqlite3.connect(path) as book:
        book.execute("DROP TABLE homes")
    book.close()
    for read in (read_points, read_polygons):
        with pytest.raises(SourceError, match=r"a\.gpkg: "):
            read(path)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE gpkg_ogr_contents SET feature_count = 2", "holds 3 features, of which 2 can"),
        ("UPDATE homes SET persons = 'many' WHERE fid = 2", "columns of numbers: persons"),
        ("UPDATE homes SET persons = x'00ff' WHERE fid = 2", "columns of numbers: persons"),
        ("UPDATE homes SET persons = 2.5 WHERE fid = 2", "columns of numbers: persons"),
        ("UPDATE homes SET id = 'a' || char(0) || 'b' WHERE fid = 2", "character of zero.*: id"),
    ],
)
def test_a_package_is_read_as_its_table_stands(tmp_path: Path, statement: str, words: str) -> None:
    """GDAL reads as many rows as another program noted, words as 0, 2.5 as 2, and "a" of "a\\0b"."""
    path = tmp_path / "a.gpkg"
    homes([10, 20, 40]).to_file(path, layer="homes", SPATIAL_INDEX="NO")
    assert read_points(path)["persons"].tolist() == [10, 20, 40]
    with sqlite3.connect(path) as book:
        book.execute(statement)
    book.close()
    with pytest.raises(SourceError, match=words):
        read_points(path)


@pytest.fixture
def shapefile(tmp_path: Path) -> Path:
    homes([10, 20, 40]).to_file(tmp_path / "homes.shp")
    return tmp_path / "homes.shp"


def spoil(path: Path, at: int, new: bytes) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:at] + new + content[at + len(new) :])


@pytest.mark.parametrize(
    ("part", "at", "new", "words"),
    [
        (".dbf", 4, b"\x02", r"\.shp and its \.dbf do not fit"),  # a row less
        (".dbf", 32 + 16, b"\x4f", r"\.dbf do not fit"),  # a field one letter shorter
        (".dbf", 10, b"\x64", r"\.dbf do not fit"),  # rows one letter longer
        (".shx", 100, b"\x00\x00\x00\x33", r"\.shx do not fit"),  # a shape two bytes further
        (".shx", 108, b"\x00\x00\x7f\x00", r"\.shx do not fit"),  # beyond the end
        (".shx", 112, b"\x00\x00\x00\x09", r"\.shx do not fit"),  # another length
    ],
)
def test_parts_of_a_shapefile_that_do_not_fit(
    shapefile: Path, part: str, at: int, new: bytes, words: str
) -> None:
    assert read_points(shapefile)["persons"].tolist() == [10, 20, 40]
    spoil(shapefile.with_suffix(part), at, new)
    with pytest.raises(SourceError, match=words):
        read_points(shapefile)


def test_what_is_no_number_in_a_shapefile(shapefile: Path) -> None:
    """GDAL reads 2,5 as 2 and words as 0."""
    table = shapefile.with_suffix(".dbf")
    content = table.read_bytes()
    for old, new in ((b" 20", b"2,5"), (b" 40", b"o40")):
        assert content.count(old) == 1
        content = content.replace(old, new)
    table.write_bytes(content)
    words = r"2 bad rows: row 2: persons is not a number: '2,5'; row 3: .*'o40'"
    with pytest.raises(SourceError, match=words):
        read_points(shapefile)
    table.write_bytes(content.replace(b"2,5", b"***").replace(b"o40", b"2.5"))
    with pytest.raises(SourceError, match=r"row 3: persons should be a whole number: '2\.5'"):
        read_points(shapefile)
    table.write_bytes(content.replace(b"2,5", b"***").replace(b"o40", b"4.0"))
    with pytest.raises(SourceError, match=r"1 bad row: row 2: no persons\."):
        read_points(shapefile)


def test_a_shapefile_with_a_long_text_or_without_its_index(shapefile: Path) -> None:
    """Some programs keep the high byte of a length where numbers have their decimals."""
    homes([10, 20]).assign(note="x" * 250).to_file(shapefile)
    assert len(read_points(shapefile)) == 2
    shapefile.with_suffix(".shx").unlink()
    with pytest.raises(SourceError, match="cannot be read as"):
        read_points(shapefile)
