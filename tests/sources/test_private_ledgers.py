"""Personal data in planners' files: which headers and cells hold them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from extracts import Paper, degrees

from gusu_geo.errors import SourceError
from gusu_geo.sources.compounds import read_compounds
from gusu_geo.sources.ledgers.account import ACCOUNTS
from gusu_geo.sources.ledgers.parts import doubts_of
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.ledgers.privacy import masked, personal_columns
from gusu_geo.sources.zones import read_zones
from gusu_geo.study.params import CompoundParams, Ledger, Study

LON, LAT = 120.6214, 31.3098


def kinds(header: str, cell: str) -> list[str]:
    cells = pd.DataFrame({header: [cell, ""]}, dtype="string[pyarrow]")
    return list(personal_columns(cells).values())


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("联系人电话", "phone"), ("手机号码（必填）", "phone"), ("微信号", "phone"),
        ("Phone Number", "phone"), ("contact_phone", "phone"), ("身份证号码*", "identity"),
        ("负责人姓名", "person"), ("联系人 1", "person"), ("党支部书记", "person"),
        ("业委会主任", "person"), ("网格员", "person"), ("Contact Person", "person"),
    ],
)  # fmt: skip
def test_a_header_says_what_its_end_says(header: str, kind: str) -> None:
    assert kinds(header, "保密") == [kind]


@pytest.mark.parametrize(
    "header",
    ["联系人数", "业主户数", "支部", "业委会", "法人类型", "公用电话亭", "hotel", "tel_aviv"],
)
def test_words_about_persons_are_no_persons(header: str) -> None:
    assert kinds(header, "3") == []


@pytest.mark.parametrize(
    "number",
    [
        "138.0013.8000", "138-0013-8000", "+86 13800138000", "(0512) 6588 1234", "0512 65881234",
        "86-512-65881234", "１３８００１３８０００", "138 0013 8000",
    ],
)  # fmt: skip
def test_telephones_in_whatever_writing(number: str) -> None:
    assert kinds("备注", f"请打{number}") == ["phone"]
    assert masked(f"请打{number}") == "请打***"


def test_all_numbers_of_a_cell_are_hidden() -> None:
    assert masked("13800138000，１３９００１３９０００") == "***,***"
    assert masked("座机：65881234") == "座机***"


@pytest.mark.parametrize("cell", ["00012345678", "20240501123456", "2020-2024", "手机维修3店"])
def test_other_numbers_stay(cell: str) -> None:
    assert kinds("备注", cell) == [] and masked(cell) == cell


def test_a_column_of_names_is_left_out_even_where_numbers_are_masked(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(
        f"名称,经度,纬度,功能（必填）,联系人（必填）\n站,{LON},{LAT},阅读,张三\n", "utf-8"
    )
    with pytest.raises(SourceError, match=r"columns 联系人\(必填\)\."):
        read_points(path, Ledger(crs="wgs84"))
    columns = {"name": "联系人（必填）"}  # asked for, and yet no name of a person
    read = read_points(path, Ledger(crs="wgs84", privacy="mask", columns=columns))
    assert read.frame.columns.tolist() == ["service", "geometry"]


SQUARE = shapely.box(LON, LAT, LON + 0.01, LAT + 0.01)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".parquet"])
def test_outlines_are_looked_at_like_tables(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"zones{suffix}"
    columns = {"名称": ["甲（13800138000）", "乙"], "书记": ["张三", ""], "户数": [3, 4]}
    frame = gpd.GeoDataFrame(columns, geometry=[SQUARE, SQUARE], crs=4326)
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_file(path)
    with pytest.raises(SourceError, match=r"columns 名称, 书记\. .*privacy"):
        read_polygons(path, crs="wgs84")
    dropped = read_polygons(path, crs="wgs84", privacy="drop")
    assert dropped.columns.tolist() == ["户数", "geometry"] and dropped["户数"].tolist() == [3, 4]
    hidden = read_polygons(path, crs="wgs84", privacy="mask")
    assert hidden["名称"].tolist() == ["甲（***）", "乙"] and "书记" not in hidden
    assert doubts_of(hidden)["private_mask"] == ["名称", "书记"]


def test_every_source_of_outlines_takes_the_keys(tmp_path: Path) -> None:
    """Area, zones and compounds of one file, whose second layer is none of theirs."""
    path = tmp_path / "o.gpkg"
    whole = degrees(shapely.box(-1000, -1000, 1000, 1000))
    columns = {"名称": ["甲"], "联系电话": ["0512-65881234"]}
    gpd.GeoDataFrame(columns, geometry=[whole], crs=4326).to_file(path, layer="区")
    gpd.GeoDataFrame({"x": [1]}, geometry=[whole.centroid], crs=4326).to_file(path, layer="点")
    file = {"crs": "wgs84", "layer": "区"}
    zone = {"level": "社区", "source": path, **file}
    paper = Paper()
    inner, extract = paper.area(), paper.extract()

    def asked(privacy: str) -> Study:
        kept = {"privacy": privacy}
        study = paper.study(area={"boundary": path, **file, **kept}, zones=[{**zone, **kept}])
        compounds = CompoundParams(source=str(path), **file, **kept)
        return study.model_copy(update={"compounds": compounds})

    study = asked("refuse")
    for reads in (
        lambda: paper.area(study),
        lambda: read_zones(study, extract, inner),
        lambda: read_compounds(study, extract, inner),
    ):
        with pytest.raises(SourceError, match="联系电话"):
            reads()
    dropped = asked("drop")
    accounts = [paper.area(dropped).account, *read_zones(dropped, extract, inner).accounts]
    accounts += read_compounds(dropped, extract, inner).attrs[ACCOUNTS]
    assert [row["kind"] for row in accounts] == ["area", "zones", "compounds"]
    assert {(row["file"], row["read"], row["rejected"]) for row in accounts} == {("o.gpkg", 1, 0)}
    assert [row["tables"][0]["columns"] for row in accounts] == [{}, *[{"name": "名称"}] * 2]
    assert {row["tables"][0]["sheet"] for row in accounts} == {"区"}
