"""Ring, type and attributes: of a home's own row, else of its compound, else of its zone; by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from extracts import Paper, box, degrees, lonlat, pack_of
from pydantic import ValidationError

from gusu_geo.errors import SourceError
from gusu_geo.sources.city import read_city
from gusu_geo.study.params import CompoundParams, Study
from gusu_geo.tables import City

FLATS = {"building": "apartments", "building__levels": "1"}
HALVES = {"西": (-1000, -1000, 1000, 2000), "东": (0, -1000, 1000, 2000)}


def polygons(path: Path, rows: dict[str, Any], **columns: list[Any]) -> None:
    shapes = [degrees(box(*corner)) for corner in rows.values()]
    frame = gpd.GeoDataFrame({"编号": list(rows), **columns}, geometry=shapes, crs=4326)
    frame.to_file(path)


def read(folder: Path, paper: Paper, monkeypatch: pytest.MonkeyPatch, **parts: Any) -> City:
    compounds = parts.pop("outlines", None)
    study = paper.study(root=folder, **parts)
    if compounds:
        study = study.model_copy(update={"compounds": CompoundParams(**compounds)})
    (folder / "paper.osm.pbf").touch()
    monkeypatch.setattr(
        "gusu_geo.sources.city.read_osm", lambda *_, **__: paper.extract(relations=1)
    )
    return read_city(study, pack_of())


def town() -> Paper:
    """Two compounds in the west, a house in the east."""
    paper = Paper().street((-900, -20), (900, -20))
    paper.building("w1", box(-300, 10, 10, 10), **FLATS).building(
        "w2", box(-100, 10, 10, 10), **FLATS
    )
    return paper.building("w3", box(300, 10, 10, 10), **FLATS)


def zones(folder: Path, level: str = "社区", **columns: list[Any]) -> dict[str, Any]:
    polygons(folder / f"{level}.geojson", HALVES, **columns)
    return {"level": level, "source": Path(f"{level}.geojson"), "crs": "wgs84"}


def outlines(folder: Path, **columns: list[Any]) -> dict[str, Any]:
    rows = {"c1": (-350, 0, 100, 100), "c2": (-150, 0, 100, 100)}
    polygons(folder / "outlines.geojson", rows, 名称=["甲", "乙"], **columns)
    return {"source": "outlines.geojson", "crs": "wgs84"}


def test_a_compound_goes_before_its_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    level = zones(tmp_path, 类型=["老新村", "开放式街区"], 圈层=["古城", None])
    drawn = outlines(tmp_path, 类型=["普通商品房", ""])
    frame = read(tmp_path, town(), monkeypatch, zones=[level], outlines=drawn).residences.frame
    assert frame["type"].to_dict() == {"w1": "普通商品房", "w2": "老新村", "w3": "开放式街区"}
    assert frame["ring"].to_dict() == {"w1": "古城", "w2": "古城", "w3": ""}  # unknown, not guessed


def test_the_smallest_zone_that_says_something_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = zones(tmp_path, "社区", 类型=["老新村", ""], 圈层=["", ""])
    polygons(tmp_path / "all.geojson", {"all": (-1000, -1000, 2000, 2000)}, 类型=["混合型"])
    coarse = {"level": "街道", "source": Path("all.geojson"), "crs": "wgs84"}
    for order in ([fine, coarse], [coarse, fine]):
        frame = read(tmp_path, town(), monkeypatch, zones=order).residences.frame
        assert frame["type"].tolist() == ["老新村", "老新村", "混合型"]
        assert "ring" not in frame  # no source says any


def test_a_row_of_its_own_goes_before_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("h1", "老新村", "有", -300), ("h2", "", "", -100), ("h3", "", "无", 300)]
    cells = [
        f"{key},10,{kind},{owned},{lonlat(x, 10)[0]!r},{lonlat(x, 10)[1]!r}"
        for key, kind, owned, x in rows
    ]
    head = "编号,人口,类型,业委会,经度,纬度"
    (tmp_path / "homes.csv").write_text("\n".join([head, *cells]), encoding="utf-8")
    drawn = outlines(tmp_path, 类型=["普通商品房", "商圈型"], 业委会=["无", None])
    drawn["attributes"] = ["业委会"]
    own = {"source": "homes.csv", "crs": "wgs84", "attributes": ["业委会"]}
    level = zones(tmp_path, 类型=["动迁安置", "动迁安置"])
    frame = read(
        tmp_path, town(), monkeypatch, zones=[level], outlines=drawn, **own
    ).residences.frame
    assert frame["type"].tolist() == ["老新村", "商圈型", "动迁安置"]
    assert frame["attribute:业委会"].tolist() == ["有", "", "无"]


def test_a_registry_says_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "编号,小区名称,人口,圈层,类型,物业模式,投诉,户数\nc1,甲,40,古城,老新村,自管,6,100\nc2,乙,40,,,,三件,50\n"
    (tmp_path / "registry.csv").write_text(text, encoding="utf-8")
    registry = {"source": "registry.csv", "attributes": ["物业模式"]}
    drawn = outlines(tmp_path, 类型=["混合型", "混合型"])
    city = read(tmp_path, town(), monkeypatch, outlines=drawn, compounds=registry)
    frame = city.residences.frame
    assert frame["type"].to_dict() == {"w1": "老新村", "w2": "混合型", "w3": ""}
    assert frame["attribute:物业模式"].to_dict() == {"w1": "自管", "w2": "", "w3": ""}
    counts = [(row["id"], row["complaints"], row["households"]) for row in city.facts["complaints"]]
    assert counts == [("c1", 6, 100), ("c2", None, 50)]
    book = next(row for row in city.facts["sources"] if row["kind"] == "registered")
    assert book["doubted"]["count_unread"] == 1 and book["used"] == 2


def test_complaints_of_drawn_compounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = outlines(tmp_path, 投诉=["6", None], 户数=[100, 50])
    city = read(tmp_path, town(), monkeypatch, outlines=drawn)
    counts = [
        (row["name"], row["complaints"], row["households"]) for row in city.facts["complaints"]
    ]
    assert counts == [("甲", 6, 100), ("乙", None, 50)]


def test_a_study_without_them_has_no_such_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = read(tmp_path, town(), monkeypatch, zones=[zones(tmp_path)], outlines=outlines(tmp_path))
    assert not {"type", "ring"} & set(city.residences.frame) and "complaints" not in city.facts


def test_an_attribute_that_is_no_column_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = outlines(tmp_path, 物业模式=["自管", "自管"]) | {"attributes": ["物业模试"]}
    with pytest.raises(SourceError, match=r"物业模试.*Did you mean '物业模式'"):
        read(tmp_path, town(), monkeypatch, outlines=drawn)
    (tmp_path / "homes.csv").write_text("编号,人口,经度,纬度\nh,1,120.6,31.3\n", encoding="utf-8")
    own = {"source": "homes.csv", "crs": "wgs84", "attributes": ["业委会"]}
    with pytest.raises(SourceError, match="has no column '业委会'"):
        read(tmp_path, town(), monkeypatch, **own)


def test_an_attribute_is_never_a_name_or_a_telephone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = outlines(tmp_path, 负责人=["张三", "李四"]) | {"attributes": ["负责人"]}
    with pytest.raises(SourceError, match="负责人"):
        read(tmp_path, town(), monkeypatch, outlines=drawn)


@pytest.mark.parametrize(
    "parts",
    [
        {"residences": {"attributes": ["x"]}},
        {"compounds": {"attributes": ["x"]}},
        {"zones": [{"level": "a", "source": {"osm_admin_level": 9}, "attributes": ["x"]}]},
    ],
)
def test_attributes_are_columns_of_a_file(parts: dict[str, Any]) -> None:
    base = {"name": "d", "area": {"bbox": [1, 1, 2, 2]}, "network": {"osm": "x.osm"}}
    with pytest.raises(ValidationError, match="attributes"):
        Study.model_validate({**base, **parts})


def test_buildings_say_it_before_their_compound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two houses of one compound, one named by a row; rows that contradict the compound's figure
    are rejected, and with them what they say."""
    paper = Paper().street((-900, -20), (900, -20))
    for number, x in (("1", -300), ("2", -280)):
        paper.building(f"w{number}", box(x, 10, 10, 10), **FLATS, addr__housenumber=number)
    drawn = {"source": "outlines.geojson", "crs": "wgs84"}
    polygons(tmp_path / "outlines.geojson", {"c1": (-350, 0, 100, 100)}, 名称=["甲"])
    (tmp_path / "registry.csv").write_text("编号,小区名称,人口,类型\nc1,甲,40,混合型\n", "utf-8")
    registry = {"source": "registry.csv"}
    for persons, kinds, ages in ((40, ["老新村", "混合型"], ["1980", ""]), (90, ["混合型"] * 2, ["", ""])):  # fmt: skip
        rows = f"小区,楼号,人口,类型,建成年代\n甲,1幢,{persons},老新村,1980\n"
        (tmp_path / "houses.csv").write_text(rows, "utf-8")
        houses = {"source": "houses.csv", "attributes": ["建成年代"]}
        city = read(
            tmp_path, paper, monkeypatch, outlines=drawn, compounds=registry, buildings=houses
        )
        frame = city.residences.frame
        assert frame["type"].tolist() == kinds
        assert frame["attribute:建成年代"].tolist() == ages


def test_a_ledger_says_it_of_boundaries_of_openstreetmap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, without the ending of the committee; a name of no zone is told."""
    paper = town()
    for key, corner in (("r1", HALVES["西"]), ("r2", HALVES["东"])):
        paper.border(key, box(*corner), 10, {"r1": "西社区", "r2": "东社区"}[key])
    rows = "名称,圈层,类别\n西社区居委会,古城,甲类\n东社区居委会,,乙类\n北社区居委会,新城,甲类\n"
    (tmp_path / "marks.csv").write_text(rows, "utf-8")
    level = {"level": "社区", "source": {"osm_admin_level": 10}, "ledger": "marks.csv"}
    city = read(tmp_path, paper, monkeypatch, zones=[level | {"attributes": ["类别"]}])
    frame = city.residences.frame
    assert frame["ring"].tolist() == ["古城", "古城", ""]
    assert frame["attribute:类别"].tolist() == ["甲类", "甲类", "乙类"]
    (told,) = [row for row in city.facts["sources"] if row["source"] == "marks.csv"]
    assert (told["read"], told["used"], told["left_out"]) == (3, 2, {"no_such_zone": 1})
    assert told["named"]["no_such_zone"] == ["北社区居委会"]
    assert any("marks.csv" in note["en"] and "北社区居委会" in note["en"] for note in city.facts["notes"])  # fmt: skip
    (account,) = city.facts["ledgers"]
    (table,) = account["tables"]
    assert table["columns"] == {"name": "名称", "ring": "圈层", "attribute:类别": "类别"}
    assert table["known_by"] == "nowhere" and account["read"] == account["accepted"] == 3


def test_a_zone_that_nobody_drew_says_it_to_homes_that_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "communities.csv").write_text(
        "名称,类型\n路南社区居委会,老新村\n梅巷社区居委会,商圈型\n", "utf-8"
    )
    rows = [f"h{n},10,{name},{','.join(map(repr, lonlat(x, 10)))}" for n, name, x in ((1, "梅巷社区", -300), (2, "", -100))]  # fmt: skip
    (tmp_path / "homes.csv").write_text("\n".join(["编号,人口,社区,经度,纬度", *rows]), "utf-8")
    level = {"level": "社区", "tier": "社区", "source": "communities.csv"}
    own = {"source": "homes.csv", "crs": "wgs84"}
    frame = read(tmp_path, town(), monkeypatch, zones=[level], **own).residences.frame
    assert frame["type"].tolist() == ["商圈型", ""]


def test_every_column_that_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    level = zones(tmp_path, 名称=["西", "东"], 上级=["", ""], 类型=["老新村", ""], 类别=["a", "b"])
    level |= {"tier": "社区", "attributes": ["类别"]}
    upper = {"level": "街道", "tier": "街道", "source": Path("all.geojson"), "crs": "wgs84"}
    polygons(tmp_path / "all.geojson", {"all": (-1000, -1000, 2000, 2000)}, 名称=["街"])
    drawn = outlines(tmp_path, 分类=["混合型", ""], 投诉=["6", None], 户数=[100, 50])
    drawn["columns"] = {"type": "分类"}
    city = read(tmp_path, town(), monkeypatch, zones=[upper, level], outlines=drawn)
    told = {row["file"]: row["tables"][0]["columns"] for row in city.facts["ledgers"]}
    assert told["社区.geojson"] == {
        "id": "编号", "name": "名称", "parent": "上级", "type": "类型", "attribute:类别": "类别",
    }  # fmt: skip
    assert told["outlines.geojson"] == {
        "id": "编号", "name": "名称", "type": "分类", "complaints": "投诉", "households": "户数",
    }  # fmt: skip
    assert city.residences.frame["type"].to_dict() == {"w1": "混合型", "w2": "老新村", "w3": ""}
