"""Ledgers with several parts, and names that differ by nothing a reader sees."""

from __future__ import annotations

import json
import unicodedata
import warnings
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, Polygon, box

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.parts import doubts_of
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.services import services_in
from gusu_geo.study.catalog import RulePack, Service
from gusu_geo.study.params import Columns, Ledger
from gusu_geo.words import folded, text

LON, LAT = 120.6, 31.3
NONE = Ledger(max_rejected=0)


def layer(path: Path, name: str, frame: gpd.GeoDataFrame) -> None:
    frame.to_file(path, layer=name, driver="GPKG")


def places(*names: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": names}, geometry=[Point(LON, LAT)] * len(names), crs=4326)


def test_layers_alike_are_read_one_below_the_other(tmp_path: Path) -> None:
    path = tmp_path / "v.gpkg"
    layer(path, "平江", places("a", "b"))
    layer(path, "沧浪", places("c"))
    layer(path, "空", places("d").iloc[:0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        points = read_points(path).frame
    assert points["name"].tolist() == ["a", "b", "c"]
    assert points.index.tolist() == ["1", "2", "3"]
    assert read_points(path, Ledger(layer="沧浪")).frame["name"].tolist() == ["c"]
    with pytest.raises(SourceError, match=r"no layer '沧浪区'\. Did you mean '沧浪'"):
        read_points(path, Ledger(layer="沧浪区"))


@pytest.mark.parametrize(
    "other",
    [
        gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(0, 0, 1, 1)], crs=4326),
        gpd.GeoDataFrame({"kind": ["x"]}, geometry=[Point(0, 0)], crs=4326),
        places("x").to_crs(32651),
    ],
    ids=["shapes", "columns", "system"],
)
def test_layers_that_differ_are_named(tmp_path: Path, other: gpd.GeoDataFrame) -> None:
    path = tmp_path / "v.gpkg"
    layer(path, "平江", places("a"))
    layer(path, "沧浪", other)
    with pytest.raises(
        SourceError, match=r"v\.gpkg.*layers that differ: 平江, 沧浪.*file of its own"
    ):
        read_points(path)


def test_a_table_of_styles_is_no_layer(tmp_path: Path) -> None:
    path = tmp_path / "v.gpkg"
    layer(path, "平江", places("a"))
    gpd.pd.DataFrame({"styleName": ["x"]})
    import pyogrio

    pyogrio.write_dataframe(pd.DataFrame({"styleName": ["x"]}), path, layer="layer_styles")
    assert read_points(path).frame["name"].tolist() == ["a"]


def sheets(path: Path, **frames: pd.DataFrame) -> Path:
    with pd.ExcelWriter(path) as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name, index=False)
    return path


def rows(*names: object) -> pd.DataFrame:
    return pd.DataFrame({"编号": names, "名称": names, "经度": LON, "纬度": LAT})


def test_words_that_pandas_takes_for_missing_stay_words(tmp_path: Path) -> None:
    words = ["NA", "N/A", "null", "None", "nan", "NULL", "-"]
    points = read_points(sheets(tmp_path / "v.xlsx", a=rows(*words))).frame
    assert points.index.tolist() == words
    assert points["name"].tolist() == words


def test_sheets_alike_are_read_and_others_named(tmp_path: Path) -> None:
    path = sheets(
        tmp_path / "v.xlsx",
        封面=pd.DataFrame(),
        平江=rows("a", "b"),
        沧浪=rows("c"),
        说明=pd.DataFrame({"说明": ["更新于五月"]}),
    )
    points = read_points(path)
    assert points.frame["name"].tolist() == ["a", "b", "c"]
    assert points.doubted == {"other_sheets": ["说明"], "system_untested": [""]}
    assert read_points(path, Ledger(sheet="沧浪")).frame["name"].tolist() == ["c"]


def test_columns_of_the_next_sheet_may_stand_in_another_order(tmp_path: Path) -> None:
    turned = rows("c")[["纬度", "名称", "经度", "编号"]].rename(columns={"名称": " 名称\u3000"})
    turned = turned.assign(备注="x")
    path = sheets(tmp_path / "v.xlsx", 平江=rows("a"), 沧浪=turned)
    points = read_points(path, Ledger(crs="wgs84"))
    found = points.frame
    assert found.index.tolist() == ["a", "c"]
    assert (found.geometry.x.tolist(), found.geometry.y.tolist()) == ([LON] * 2, [LAT] * 2)
    assert points.doubted == {}


def test_a_bad_row_is_told_by_its_sheet_and_as_the_program_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "v.xlsx"
    sheets(path, 平江=rows("a", "b"), 沧浪=rows("c", "d").assign(经度=[LON, "x"]))
    with pytest.raises(SourceError, match="1 bad row: 沧浪, row 3: 经度 is not a number"):
        read_points(path, NONE)
    sheets(path, 平江=rows("a").assign(经度="x"), 沧浪=rows("c"))
    with pytest.raises(SourceError, match="1 bad row: 平江, row 2: 经度"):
        read_points(path, NONE)
    sheets(path, 平江=rows("a"), 沧浪=rows("b", "a"))
    with pytest.raises(SourceError, match="1 bad row: 沧浪, row 3: id 'a' again"):
        read_points(path, NONE)


def test_a_bad_row_is_told_by_its_layer(tmp_path: Path) -> None:
    path = tmp_path / "v.gpkg"
    layer(path, "平江", places("a", "b"))
    layer(path, "沧浪", places("c").set_geometry([Point(0, 0)], crs=4326))
    with pytest.raises(SourceError, match="1 bad row: 沧浪, row 1: no coordinate"):
        read_points(path, NONE)


def test_an_unknown_service_is_told_by_its_row_and_not_by_its_id(tmp_path: Path) -> None:
    def service(cell: str, row: object) -> list[str]:
        if cell == "z":
            raise SourceError(text("error.no_rows"), fix=text("error.mend_rows"))
        return [cell]

    frames = {"平江": rows("a").assign(功能="x"), "沧浪": rows("b", "c").assign(功能=["y", "z"])}
    path = sheets(tmp_path / "v.xlsx", **frames)
    points = read_points(path, where="w", services=service)
    assert points.frame["service"].tolist() == [["x"], ["y"]]
    (bad,) = points.rejected
    assert (bad["file"], bad["part"], bad["row"], bad["column"], bad["value"]) == (
        *("v.xlsx", "沧浪", 3, "功能", "z"),
    )


RING = [[LON, LAT], [LON + 0.02, LAT], [LON + 0.02, LAT + 0.01], [LON, LAT + 0.01]]


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_a_ring_that_is_not_closed_is_closed_and_told(tmp_path: Path, kind: str) -> None:
    whole = [[*RING, RING[0]]]
    drawn = [whole, [RING]]
    shapes = [{"type": kind, "coordinates": [s] if kind == "MultiPolygon" else s} for s in drawn]
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = read_polygons(path, crs="wgs84")
    assert frame.area.tolist() == pytest.approx([2e-4, 2e-4])
    assert doubts_of(frame) == {"ring_closed": ["2"]}


def test_an_outline_that_crosses_itself_is_repaired_and_told(tmp_path: Path) -> None:
    bow = Polygon([(LON, LAT), (LON + 1, LAT + 1), (LON + 1, LAT), (LON, LAT + 1)])
    path = tmp_path / "a.geojson"
    gpd.GeoDataFrame(geometry=[box(LON, LAT, LON + 1, LAT + 1), bow], crs=4326).to_file(path)
    assert doubts_of(read_polygons(path, crs="wgs84")) == {"repaired": ["2"]}


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    ["Gene\u0300ve Cité", "GENÈVE  CITÉ", " Genève\u3000Cité ", "Ｇｅｎève Cité", "Ge\u200bnève\u00a0Cité", "\ufeffGenève Cité"],
)  # fmt: skip
def test_names_that_look_the_same_are_the_same(other: str) -> None:
    assert folded(other) == folded("Genève Cité")


def test_other_names_are_others() -> None:
    names = ["Genève", "Geneve", "姑苏区", "姑苏", "平江 路", "平江路"]
    assert len({folded(name) for name in names}) == len(names)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_columns_and_services_are_found_in_any_form(tmp_path: Path, form: str) -> None:
    def written(word: str) -> str:
        return unicodedata.normalize(form, word)

    path = tmp_path / "l.csv"
    heads = ",".join(map(written, ["Identité", "ＮＡＭＥ", " 经度 ", "latitude"]))
    path.write_text(f"{heads}\n7,甲,{LON},{LAT}\n", encoding="utf-8")
    points = read_points(path, Ledger(columns=Columns(id="IDENTITÉ"))).frame
    assert points.index.tolist() == ["7"]
    assert points["name"].tolist() == ["甲"]
    service = Service("cafe", "咖啡 Ａ", "Café")
    pack = RulePack("p", "1", "", "", "", "", "", 15.0, (service,))
    for cell in (written("café"), " 咖啡  a", written("CAFÉ；咖啡\u3000Ａ")):
        assert services_in(cell, pack, text("error.no_file")) == ["cafe"]
