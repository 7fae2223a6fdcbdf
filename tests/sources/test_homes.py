"""Homes: who is one, how many levels, how many persons. All expectations by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from extracts import Paper, box, homes_of, lonlat, persons_of

from gusu_geo.errors import SourceError
from gusu_geo.sources.home_buildings import HOME_LEVELS, home_kind, levels_of, use_in_name
from gusu_geo.sources.homes import share_out
from gusu_geo.tables import Rung


def two_houses() -> Paper:
    paper = Paper()
    paper.building("w1", box(0, 0, 10, 10), building="apartments", building__levels="2")
    paper.building("w2", box(50, 0, 20, 10), building="apartments", building__levels="4")
    return paper


def test_a_total_is_shared_out_by_floor_area() -> None:
    # 100 m2 x 2 = 200 m2 and 200 m2 x 4 = 800 m2: 1000 persons split 200 to 800.
    homes = homes_of(two_houses(), persons_total=1000, persons_source="by hand")
    assert persons_of(homes) == {"w1": 200.0, "w2": 800.0}
    assert homes.persons["total"] == 1000
    assert homes.persons["source"] == "by hand"
    assert homes.persons["estimate"] is True
    assert "1,000" in homes.persons["method"]["en"]
    assert "1,000" in homes.persons["method"]["zh"]


def test_without_a_total_persons_follow_from_floor_area_per_person() -> None:
    homes = homes_of(two_houses(), m2_per_person=40)
    assert persons_of(homes) == {"w1": 5.0, "w2": 20.0}  # 200 / 40 and 800 / 40
    assert homes.persons["total"] == pytest.approx(25.0, abs=1e-3)


def test_courtyards_are_not_floor_area() -> None:
    ring = shapely.difference(box(0, 0, 20, 20), box(5, 5, 10, 10))  # 400 - 100 m2
    homes = homes_of(Paper().building("w1", ring, building="house", building__levels="1"))
    assert persons_of(homes) == {"w1": 7.5}  # 300 / 40
    point = homes.residences.frame.geometry.iloc[0]
    assert shapely.intersects(homes.residences.frame["footprint"].iloc[0], point)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("3", 3), ("3.5", 3.5), ("2;3", 3), ("3-5", 5), (" 6 ", 6), ("１２", 12), ("2, 4", 4),
        ("200", 200), ("163", 163),
    ],
)  # fmt: skip
def test_levels_that_can_be_read(text: str, levels: float) -> None:
    assert levels_of(text) == levels


@pytest.mark.parametrize(
    "text", ["", None, "many", "-1", "0", "201", "2019", "3 floors", "nan", "1e3"]
)
def test_levels_that_mean_nothing_are_unknown(text: str | None) -> None:
    assert math.isnan(levels_of(text))


def test_unknown_levels_take_the_median_of_five_known_of_the_same_kind() -> None:
    paper = Paper()
    for i, levels in enumerate(("1", "2", "3", "8", "9")):  # median 3
        paper.building(
            f"w{i}", box(30 * i, 0, 10, 10), building="apartments", building__levels=levels
        )
    paper.building("w8", box(300, 0, 10, 10), building="apartments")
    paper.building("w9", box(400, 0, 10, 10), building="house")  # another kind: the table's default
    frame = homes_of(paper).residences.frame
    assert frame.loc["w8", "levels"] == 3
    assert frame.loc["w9", "levels"] == HOME_LEVELS["house"]
    assert frame["levels_known"].to_dict() == {f"w{i}": True for i in range(5)} | {
        "w8": False,
        "w9": False,
    }


def test_a_building_keeps_its_address() -> None:
    paper = Paper()
    street = {"addr:street": "平江路", "addr:housenumber": "12"}
    paper.building("w1", box(0, 0, 10, 10), building="house", **street)
    paper.building("w2", box(30, 0, 10, 10), building="house")
    assert homes_of(paper).residences.frame["address"].to_dict() == {"w1": "平江路 12", "w2": ""}


def test_four_known_are_too_few_for_a_median() -> None:
    paper = Paper()
    for i in range(4):
        paper.building(
            f"w{i}", box(30 * i, 0, 10, 10), building="apartments", building__levels="20"
        )
    paper.building("w8", box(300, 0, 10, 10), building="apartments")
    assert homes_of(paper).residences.frame.loc["w8", "levels"] == HOME_LEVELS["apartments"]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"building": "apartments"}, "tagged"),
        ({"building": "apartments", "shop": "bakery"}, "tagged"),  # a shop on the ground floor
        ({"building": "yes"}, "assumed"),
        ({"building": "yes", "shop": "bakery"}, "other_use"),
        ({"building": "yes", "office": "no"}, "assumed"),
        ({"building": "garage"}, "other_use"),
        ({"building": "roof"}, "other_use"),
        ({"building": "yes", "location": "underground"}, "underground"),
        ({"building": "house", "abandoned": "yes"}, "disused"),
        ({"building:part": "yes"}, "other_use"),
        ({"building": "yes", "name": "姑苏区人民法院"}, "named_other_use"),
        ({"building": "yes", "name": "Tower 1", "name:zh": "姑苏区检察院"}, "named_other_use"),
        ({"building": "yes", "name": "Hôtel Métropole"}, "named_other_use"),
        ({"building": "yes", "name": "SCHOOL of Music"}, "named_other_use"),
        ({"building": "yes", "name": "Crown Court"}, "named_other_use"),
        ({"building": "yes", "name": "Office Tower B"}, "named_other_use"),
        ({"building": "yes", "name": "东吴证券大厦"}, "named_other_use"),
        ({"building": "apartments", "name": "人民医院"}, "tagged"),
        ({"building": "apartments", "industrial": "factory"}, "tagged"),
        ({"building": "yes", "historic": "castle"}, "other_use"),
        ({"building": "yes", "historic": "building"}, "assumed"),  # listed, which is no use
        ({"building": "yes", "denomination": "buddhist"}, "other_use"),
        ({"building": "yes", "building:use": "office"}, "other_use"),
        ({"building": "yes", "building:use": "residential;retail"}, "tagged"),
        ({"building": "yes", "residential": "apartments", "shop": "bakery"}, "tagged"),
        ({"building": "yes", "building:flats": "24", "name": "Old Factory Works"}, "tagged"),
        ({"building": "yes", "building:flats": "0"}, "assumed"),
    ],
)
def test_which_buildings_are_homes(tags: dict[str, str], kind: str) -> None:
    assert home_kind(tags) == kind


@pytest.mark.parametrize(
    "name",
    ["平江大厦", "法院宿舍", "医院新村3幢", "学校路12号", "第一小学家属楼", "宾馆弄5号", "Victoria Court",
     "School House", "12 Hospital Road", "Old School", "Hotel Apartments", "Villa Flora",
     "广海大厦", "七里庙3幢", "寺前街15号", "庙堂巷8号", "纺织厂宿舍", "部队家属院小区", "市场新村2幢", "车站路1号",
     "北京大学燕东园39号楼", "军区大院", "城隍庙小区", "Station House", "Church View", "Market Place 3",
     "Temple Court", "The Barracks Apartments", "Warehouse Lofts", "Edificio Mercado"],
)  # fmt: skip
def test_names_that_only_sound_like_another_use(name: str) -> None:
    assert use_in_name(name) == ""
    assert home_kind({"building": "yes", "name": name}) == "assumed"


@pytest.mark.parametrize(
    "name",
    ["检察院", "观前酒店", "南林饭店", "苏州宾馆", "商务大厦", "银行大厦", "写字楼", "苏州中学", "平江小学",
     "实验学校", "附属医院", "平江派出所", "苏州博物馆", "图书馆", "体育馆", "Police Station", "Ecole",
     "苏州印刷厂", "纺织厂（东门）", "2号仓库", "装配车间", "观前商场", "龙湖购物中心", "南门农贸市场", "大成殿", "范家祠",
     "报恩寺", "城隍庙", "天主教堂", "武警兵营", "汽车南站", "南京站站房", "省烟草专卖局", "人民大会堂", "小区幼儿园",
     "花园酒店", "教工食堂", "南京大学", "总统府门楼", "科技大厦", "Cotton Factory", "Warehouse 4", "City Mall",
     "Victoria Barracks", "St Mary's Church", "Hindu Temple", "Central Station", "Fish Market",
     "Town Hall", "Iglesia Sagrada Familia", "Mercado Central", "Église Saint-Charles"],
)  # fmt: skip
def test_names_that_say_another_use(name: str) -> None:
    assert home_kind({"building": "yes", "name": name}) == "named_other_use"


def test_homes_named_after_another_use_are_counted() -> None:
    homes = homes_of(two_houses().building("w3", box(200, 0, 40, 40), name="姑苏区人民法院"))
    assert list(homes.residences.frame.index) == ["w1", "w2"]
    assert homes.dropped == {"named_other_use": 1}


def test_what_is_no_home_is_counted_by_reason() -> None:
    paper = Paper()
    paper.building("w1", box(0, 0, 10, 10))  # assumed
    paper.building("w2", box(50, 0, 6, 6))  # 36 m2 of building=yes
    paper.building("w3", box(100, 0, 6, 6), building="house")  # small, but says that it is one
    paper.building("w4", box(200, 0, 10, 10))  # on the grounds of a school
    paper.place("w40", box(190, -10, 60, 60), amenity="school")
    paper.building("w5", box(300, 0, 10, 10), name="平江书院")  # a venue of that name inside
    paper.place("n50", (305, 5), amenity="library", name="平江书院")
    paper.building("w6", box(400, 0, 10, 10), name="Villa Flora")  # a shop of another name inside
    paper.place("n60", (405, 5), shop="florist", name="Rosa")
    paper.building("w7", box(990, 0, 30, 10))  # its middle, x = 1005, is outside the area
    homes = homes_of(paper)
    assert list(homes.residences.frame.index) == ["w1", "w3", "w6"]
    assert list(homes.residences.frame["kind"]) == ["assumed", "tagged", "assumed"]
    assert homes.dropped == {"ground_school": 1, "other_use": 1, "small": 1}


def test_only_a_given_total_or_a_ledger_counts_persons(tmp_path) -> None:
    assert homes_of(two_houses()).persons["counted"] is False
    given = homes_of(two_houses(), persons_total=1000, persons_source="by hand")
    assert given.persons["counted"] is True
    listed = homes_of(Paper(), **ledger(tmp_path, rows(("a", 0, 0, "120"))))
    assert listed.persons["counted"] is True
    lon, lat = lonlat(0, 0)
    bare = homes_of(Paper(), **ledger(tmp_path, f"id,lon,lat\na,{lon!r},{lat!r}\n"))
    assert bare.persons["counted"] is False


def test_assumed_homes_can_be_left_out() -> None:
    paper = two_houses().building("w3", box(200, 0, 10, 10))
    homes = homes_of(paper, unclassified="exclude")
    assert list(homes.residences.frame.index) == ["w1", "w2"]
    assert homes.dropped == {"unclassified": 1}


def test_a_relation_and_its_outline_way_are_one_building() -> None:
    outline = box(0, 0, 40, 40)
    paper = Paper()
    paper.building("w1", outline, building="apartments", building__levels="3")
    paper.building(
        "r1",
        shapely.difference(outline, box(10, 10, 20, 20)),
        building="apartments",
        building__levels="3",
    )
    homes = homes_of(paper)
    assert persons_of(homes) == {"r1": 90.0}  # (1600 - 400) m2 x 3 / 40
    assert homes.dropped == {"drawn_twice": 1}


def test_the_outline_of_a_school_is_no_home() -> None:
    paper = two_houses()
    paper.building("r3", box(200, 0, 40, 40), building="school").building("w3", box(200, 0, 40, 40))
    assert "w3" not in homes_of(paper).residences.frame.index


def test_towers_on_a_podium_stay() -> None:
    paper = Paper().building("w1", box(0, 0, 100, 100), building="residential")
    paper.building("w2", box(10, 10, 20, 20), building="apartments")
    paper.building("w3", box(100, 0, 100, 100), building="residential")  # shares a wall with w1
    assert len(homes_of(paper).residences.frame) == 3


def test_all_doors_are_entrances_and_the_outline_where_there_is_none() -> None:
    paper = two_houses().door("w1", 0, 5).door("w1", 10, 5).door("w1", 5, 0, "gate")
    entrances = homes_of(paper).residences.entrances
    assert entrances.owner_ix.tolist() == [0, 0, 1]
    assert entrances.rung.tolist() == [Rung.ENTRANCE, Rung.ENTRANCE, Rung.EDGE]
    np.testing.assert_allclose(entrances.xy, [(0, 5), (10, 5), (60, 5)], atol=1e-3)


def test_no_homes_at_all_says_how_to_mend_it() -> None:
    with pytest.raises(SourceError, match=r"no homes among the 1 .*residences\.source"):
        homes_of(Paper().building("w1", box(0, 0, 10, 10), building="garage"))


def test_nothing_to_share_by_is_an_error() -> None:
    with pytest.raises(SourceError, match="nobody"):
        share_out(np.zeros(3), total=10.0, m2_per_person=1.0)


def ledger(tmp_path, text: str):
    (tmp_path / "homes.csv").write_text(text, encoding="utf-8")
    return {"root": tmp_path, "source": "homes.csv"}


def rows(*homes: tuple[str, float, float, str]) -> str:
    lines = [f"{key},{','.join(map(repr, lonlat(x, y)))},{count}" for key, x, y, count in homes]
    return "编号,经度,纬度,人数\n" + "\n".join(lines)


def test_a_ledger_counts_persons_and_loses_nobody_inside(tmp_path) -> None:
    text = rows(("a", 0, 0, "120"), ("b", 100, 0, "80"), ("c", 5000, 0, "7"))
    homes = homes_of(Paper(), **ledger(tmp_path, text))
    assert persons_of(homes) == {"a": 120.0, "b": 80.0}
    assert homes.dropped == {"outside_area": 1}
    assert homes.persons["estimate"] is False
    assert homes.persons["total"] == 200
    assert set(homes.residences.frame["kind"]) == {"ledger"}
    np.testing.assert_allclose(homes.residences.entrances.xy, [(0, 0), (100, 0)], atol=1e-3)


def test_a_ledger_can_be_scaled_to_a_total(tmp_path) -> None:
    text = rows(("a", 0, 0, "120"), ("b", 100, 0, "80"))
    homes = homes_of(Paper(), **ledger(tmp_path, text), persons_total=1000, persons_source="x")
    assert persons_of(homes) == {"a": 600.0, "b": 400.0}
    assert homes.persons["estimate"] is True


def test_a_ledger_without_persons_weighs_every_row_alike_and_says_so(tmp_path) -> None:
    lon, lat = lonlat(0, 0)
    source = ledger(tmp_path, f"id,lon,lat\na,{lon!r},{lat!r}\n")
    source |= {"source": str(tmp_path / "homes.csv")}  # a folder is nobody's business: maps travel
    homes = homes_of(Paper(), **source)
    assert persons_of(homes) == {"a": 1.0}
    (told,) = homes.notes
    assert told["code"] == "homes_without_persons"
    assert "homes.csv" in told["zh"] and str(tmp_path) not in told["zh"] + told["en"]
    assert homes.persons["estimate"] is True


def test_a_ledger_from_elsewhere_is_an_error(tmp_path) -> None:
    with pytest.raises(SourceError, match="none of the 1 homes"):
        homes_of(Paper(), **ledger(tmp_path, rows(("a", 50_000, 0, "1"))))


def test_a_ledger_of_nobody_is_named(tmp_path) -> None:
    with pytest.raises(SourceError, match=r"homes\.csv: nobody lives"):
        homes_of(Paper(), **ledger(tmp_path, rows(("a", 0, 0, "0"))))


@pytest.mark.parametrize("source", ["a\0b.csv", "a" * 5000 + ".csv"])
def test_paths_that_no_file_can_have(tmp_path, source: str) -> None:
    with pytest.raises(SourceError, match="residences: no file can have this name"):
        homes_of(Paper(), root=tmp_path, source=source)
