"""The registry of compounds: who lives in which building. All expectations by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from extracts import Paper, box, degrees, lonlat, pack_of, persons_of
from pydantic import ValidationError

from gusu_geo.errors import SourceError
from gusu_geo.sources.city import read_city
from gusu_geo.sources.compounds import read_compounds, read_gates
from gusu_geo.sources.homes import Homes, read_homes
from gusu_geo.sources.registered_homes import number_of
from gusu_geo.study.params import CompoundParams, Study

HEAD = "编号,小区名称,人口,老年人,经度,纬度\n"
FLATS = {"building": "apartments", "building__levels": "1"}


def row(key: str, name: str, persons: int, elders: int, x: float, y: float) -> str:
    lon, lat = lonlat(x, y)
    return f"{key},{name},{persons},{elders},{lon!r},{lat!r}\n"


def estate() -> Paper:
    """A compound with floor areas 3 : 1 (100 m2 x 3, 100 m2 x 1), and a house of 400 m2 outside."""
    paper = Paper().compound("w9", box(0, 0, 200, 100), name="华侨路26号小区")
    paper.building("w1", box(10, 10, 10, 10), building="apartments", building__levels="3",
                   addr__housenumber="1幢")  # fmt: skip
    paper.building("w2", box(60, 10, 10, 10), addr__housenumber="2幢", **FLATS)
    paper.building("w3", box(500, 10, 20, 20), **FLATS)
    return paper


def settled(
    tmp_path: Path,
    paper: Paper,
    compounds: str,
    buildings: str = "",
    *,
    outlines: str = "osm",
    **more: Any,
) -> tuple[Study, Homes]:
    (tmp_path / "compounds.csv").write_text(compounds, encoding="utf-8")
    more["compounds"] = {"source": "compounds.csv", "crs": "wgs84"}
    if buildings:
        (tmp_path / "buildings.csv").write_text(buildings, encoding="utf-8")
        more["buildings"] = {"source": "buildings.csv", "crs": "wgs84"}
    study = paper.study(root=tmp_path, **more)
    study = study.model_copy(update={"compounds": CompoundParams(source=outlines, crs="wgs84")})
    extract, area = paper.extract(), paper.area(study)
    found = read_compounds(study, extract, area)
    gates = read_gates(study, extract, area, found)
    return study, read_homes(study, extract, area, found, gates)


def elders_of(homes: Homes) -> dict[str, float]:
    return homes.residences.frame["elders"].round(3).dropna().to_dict()


def test_persons_and_groups_follow_floor_area_inside_the_compound(tmp_path: Path) -> None:
    # 400 persons and 100 elders on floor areas 3 : 1; the house outside: 400 m2 / 40.
    rows = HEAD + row("q1", "华侨路 26 号小区", 400, 100, 30, 30)
    _, homes = settled(tmp_path, estate(), rows)
    assert persons_of(homes) == {"w1": 300.0, "w2": 100.0, "w3": 10.0}
    assert elders_of(homes) == {"w1": 75.0, "w2": 25.0}  # those of w3 are unknown, not none
    frame = homes.residences.frame
    assert frame["compound"].to_dict() == {"w1": "w9", "w2": "w9", "w3": ""}
    assert frame.loc["w1", "compound_name"] == "华侨路 26 号小区"
    assert homes.persons["total"] == pytest.approx(410)


def test_others_share_what_the_registry_leaves_of_the_total(tmp_path: Path) -> None:
    rows = HEAD + row("q1", "华侨路26号小区", 400, 100, 30, 30)
    total = {"persons_total": 1000, "persons_source": "by hand"}
    _, homes = settled(tmp_path, estate(), rows, **total)
    assert persons_of(homes) == {"w1": 300.0, "w2": 100.0, "w3": 600.0}
    with pytest.raises(SourceError, match="1,400 persons, more than persons_total, 1,000"):
        settled(tmp_path, estate(), HEAD + row("q1", "x", 1400, 100, 30, 30), **total)


def test_without_coordinates_the_name_or_id_joins(tmp_path: Path) -> None:
    for named in ("编号,小区,人口\nw9,另一写法,400\n", "小区,人口\n华侨路 26 号小区,400\n"):
        _, homes = settled(tmp_path, estate(), named)
        assert persons_of(homes) == {"w1": 300.0, "w2": 100.0, "w3": 10.0}
    nowhere = "小区,人口\n华侨路 26 号小区,400\n别处小区,50\n又一小区,1\n"
    _, homes = settled(tmp_path, estate(), nowhere)
    book = homes.registry.book
    assert book.left_out == {"rejected": 2} and [r["row"] for r in book.rejected] == [3, 4]
    assert homes.persons["total"] == pytest.approx(410)


def test_a_row_number_is_no_id_of_a_compound(tmp_path: Path) -> None:
    paper = estate().compound("2", box(480, 0, 100, 100), name="别的小区")  # row 2 of the ledger
    _, homes = settled(tmp_path, paper, "小区,人口\n华侨路26号小区,400\n")
    assert persons_of(homes)["w1"] == 300


def test_a_row_of_a_polygon_file_is_no_id_either(tmp_path: Path) -> None:
    shapes = [degrees(box(480, 0, 100, 100)), degrees(box(0, 0, 200, 100))]
    frame = gpd.GeoDataFrame({"名称": ["别的小区", "华侨路26号小区"]}, geometry=shapes, crs=4326)
    frame.to_file(tmp_path / "outlines.geojson")
    rows = HEAD + row("1", "华侨路26号小区", 400, 100, 30, 30)  # row 1 of the file is another
    _, homes = settled(tmp_path, estate(), rows, outlines="outlines.geojson")
    assert persons_of(homes) == {"w1": 300.0, "w2": 100.0, "w3": 10.0}


def test_without_any_outline_compounds_are_points(tmp_path: Path) -> None:
    paper = Paper().building("w1", box(10, 10, 10, 10), **FLATS)
    _, homes = settled(tmp_path, paper, HEAD + row("q1", "甲", 400, 100, 30, 30), buildings(1, 2))
    assert persons_of(homes) == {"w1": 2.5, "compound:q1": 400.0}  # 100 m2 / 40


def test_a_registry_from_elsewhere_changes_nothing(tmp_path: Path) -> None:
    rows = HEAD + row("q1", "甲", 400, 100, 5000, 30)
    _, homes = settled(tmp_path, estate(), rows, "小区,楼号,人口\n甲,1,400\n")
    assert persons_of(homes) == {"w1": 7.5, "w2": 2.5, "w3": 10.0}
    assert homes.registry.book.left_out == {"outside_area": 1}
    assert homes.registry.building_book.left_out == {"outside_area": 1}


def test_a_namesake_far_away_is_another_compound(tmp_path: Path) -> None:
    rows = HEAD + row("q1", "华侨路26号小区", 400, 100, 700, 500)
    _, homes = settled(tmp_path, estate(), rows)
    assert persons_of(homes)["compound:q1"] == 400
    assert persons_of(homes)["w1"] == 7.5  # 300 m2 / 40, as without a registry


def test_a_compound_without_outline_is_one_flagged_point(tmp_path: Path) -> None:
    rows = HEAD + row("q1", "华侨路26号小区", 400, 100, 30, 30) + row("q2", "新村", 90, 9, 700, 700)
    _, homes = settled(tmp_path, estate(), rows)
    home = homes.residences.frame.loc["compound:q2"]
    assert (home["persons"], home["elders"], home["kind"]) == (90, 9, "ledger")
    assert (home["compound"], home["compound_name"]) == ("q2", "新村")
    assert homes.registry.book.doubted["no_outline"] == ["q2"]
    assert homes.residences.frame["persons"].sum() == pytest.approx(500)  # 400 + 90 + 10
    doors = homes.residences.entrances
    assert doors.xy[doors.owner_ix == 3].round(2).tolist() == [[700, 700]]


def test_an_outline_without_homes_is_one_flagged_point(tmp_path: Path) -> None:
    paper = estate().compound("w8", box(600, 600, 100, 100), name="新村")
    rows = "小区,人口\n华侨路26号小区,400\n新村,90\n"
    _, homes = settled(tmp_path, paper, rows)
    assert persons_of(homes)["compound:w8"] == 90
    assert homes.registry.book.doubted["no_home_inside"] == ["3"]
    point = homes.residences.frame.geometry["compound:w8"]
    assert (round(point.x, 2), round(point.y, 2)) == (650, 650)


def test_compounds_in_one_outline_are_added_up_and_told(tmp_path: Path) -> None:
    rows = HEAD + row("q1", "甲", 300, 60, 30, 30) + row("q2", "乙", 100, 40, 150, 50)
    _, homes = settled(tmp_path, estate(), rows)
    assert persons_of(homes) == {"w1": 300.0, "w2": 100.0, "w3": 10.0}
    assert homes.residences.frame.loc["w1", "compound_name"] == "甲、乙"
    assert homes.registry.book.doubted == {"by_place": ["q1", "q2"], "same_outline": ["q1", "q2"]}


def test_persons_beyond_the_border_do_not_move_in(tmp_path: Path) -> None:
    # The border is x = 1000: of two equal houses one lies outside, with half the persons.
    paper = estate().compound("w8", box(940, 0, 120, 100), name="边上")
    paper.building("w6", box(950, 10, 10, 10), **FLATS)
    paper.building("w7", box(1030, 10, 10, 10), **FLATS)
    _, homes = settled(tmp_path, paper, "小区,人口\n边上,80\n")
    assert persons_of(homes)["w6"] == 40 and "w7" not in persons_of(homes)
    assert homes.registry.book.doubted["part_outside"] == ["2"]


def buildings(one: int, two: int) -> str:
    return f"小区,楼号,人口\n华侨路26号小区,1幢,{one}\n华侨路26号小区,2 号楼,{two}\n"


@pytest.mark.parametrize(
    ("one", "two", "shared", "codes", "rejected"),
    [
        (200, 208, (200 / 408 * 400, 208 / 408 * 400), [], 0),  # + 2 %: scaled, nothing said
        (200, 209, (200 / 409 * 400, 209 / 409 * 400), ["registry_scaled"], 0),
        (200, 280, (200 / 480 * 400, 280 / 480 * 400), ["registry_scaled"], 0),  # + 20 %
        (200, 281, (300, 100), ["registry_far"], 2),  # by floor area
        (200, 119, (300, 100), ["registry_far"], 2),  # - 20.25 %
    ],
)
def test_the_compound_holds_against_its_buildings(
    tmp_path: Path, one: int, two: int, shared: tuple[float, float], codes: list[str], rejected: int
) -> None:
    rows = HEAD + row("q1", "华侨路26号小区", 400, 100, 30, 30)
    _, homes = settled(tmp_path, estate(), rows, buildings(one, two))
    heads = homes.residences.frame["persons"]
    assert [heads["w1"], heads["w2"]] == pytest.approx(shared)
    assert homes.residences.frame["elders"][["w1", "w2"]].sum() == pytest.approx(100)
    assert [note["code"] for note in homes.notes] == codes
    book = homes.registry.building_book
    assert len(book.rejected) == rejected == book.left_out.get("rejected", 0)


def test_rows_that_name_no_building_go_to_the_others(tmp_path: Path) -> None:
    rows = HEAD + row("q1", "华侨路26号小区", 400, 100, 30, 30)
    _, homes = settled(tmp_path, estate(), rows, buildings(250, 150).replace("2 号楼", "9幢"))
    assert persons_of(homes)["w1"] == 250 and persons_of(homes)["w2"] == 150
    assert homes.registry.building_book.doubted == {"building_unfound": ["华侨路26号小区 9幢"]}


def test_rows_of_buildings_with_points_need_no_compound(tmp_path: Path) -> None:
    rows = HEAD + row("q1", "华侨路26号小区", 400, 100, 30, 30)
    lines = [f"{k},{n},{','.join(map(repr, lonlat(x, 15)))}\n" for k, n, x in
             [("a", 100, 15), ("b", 300, 65), ("c", 7, 500)]]  # fmt: skip
    _, homes = settled(tmp_path, estate(), rows, "楼号,人口,经度,纬度\n" + "".join(lines))
    assert persons_of(homes)["w1"] == 100 and persons_of(homes)["w2"] == 300
    assert [r["row"] for r in homes.registry.building_book.rejected] == [4]  # in no compound


def test_every_row_is_accounted_for_in_the_city(tmp_path: Path) -> None:
    rows = (HEAD + row("q1", "华侨路26号小区", 400, 100, 30, 30) + row("q2", "新村", 90, 9, 700, 700)
            + row("q3", "远方", 50, 5, 5000, 0) + row("q4", "坏行", 10, 99, 0, 0))  # fmt: skip
    more = buildings(200, 281) + "新村,1幢,90\n远方,1幢,50\n无此小区,1幢,9\n"
    study, homes = settled(tmp_path, estate(), rows, more)
    kinds = ("surfaces_broken", "lines_broken", "surroundings", "off_surface", "lines_cut")
    extract = estate().extract(relations=1, buildings=3, **dict.fromkeys(kinds, 0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gusu_geo.sources.city.read_osm", lambda *_, **__: extract)
        city = read_city(study, pack_of())
    told = {each["kind"]: each for each in city.facts["sources"]}
    for kind, read, used in (("registered", 4, 2), ("registered_buildings", 5, 0)):
        assert (told[kind]["read"], told[kind]["used"]) == (read, used)
        assert read == used + sum(told[kind]["left_out"].values())
    assert told["registered"]["left_out"] == {"rejected": 1, "outside_area": 1}
    assert told["registered_buildings"]["left_out"] == {
        "no_outline": 1, "outside_area": 1, "rejected": 3
    }  # fmt: skip
    accounts = {each["kind"]: each for each in city.facts["ledgers"]}
    counts = {kind: (a["read"], a["accepted"], a["rejected"]) for kind, a in accounts.items()}
    assert counts == {"registered": (4, 3, 1), "registered_buildings": (5, 2, 3)}
    assert accounts["registered"]["tables"][0]["columns"]["elders"] == "老年人"
    assert told["buildings"]["used"] == 3  # the point of q2 is no building
    rejected = pd.DataFrame(city.facts["rejected"])
    assert sorted(zip(rejected["file"], rejected["row"], strict=True)) == [
        ("buildings.csv", 2), ("buildings.csv", 3), ("buildings.csv", 6), ("compounds.csv", 5)
    ]  # fmt: skip
    assert city.residences.frame["persons"].sum() == pytest.approx(homes.persons["total"])


def test_what_else_the_registry_says_is_told_by_compound(tmp_path: Path) -> None:
    """Two rows of one outline: households are added up, names stand side by side; "若干" is none."""
    head = "编号,小区名称,人口,户数,社区,支部,业委会/物管会,经度,纬度\n"
    lon, lat = lonlat(30, 30)
    rows = head + f"q1,华侨路26号小区,400,约150户,华侨路社区,第一支部,已成立,{lon!r},{lat!r}\n"
    rows += f"q2,华侨路北,40,20,华侨路社区,第二支部,,{lon!r},{lat!r}\n"
    lon, lat = lonlat(700, 700)
    rows += f"q3,新村,90,若干,,,,{lon!r},{lat!r}\n"
    _, homes = settled(tmp_path, estate(), rows)
    assert homes.registry is not None
    assert homes.registry.facts() == {
        "w9": {"households": 170.0, "community": "华侨路社区", "branch": "第一支部、第二支部",
               "committee": "已成立"},
        "q3": {},
    }  # fmt: skip
    with pytest.raises(SourceError, match=r"columns 支部书记\."):
        settled(
            tmp_path, estate(), rows.replace("第一支部", "张三", 1).replace(",支部,", ",支部书记,")
        )


def test_a_registry_without_persons_or_beside_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has no column for"):
        settled(tmp_path, estate(), "编号,小区\nq1,甲\n")
    with pytest.raises(ValidationError, match="osm-buildings"):
        Paper.study(source="homes.csv", compounds={"source": "a.csv"})
    with pytest.raises(ValidationError, match="needs compounds"):
        Paper.study(buildings={"source": "a.csv"})


@pytest.mark.parametrize(
    ("name", "number"), [("12 幢", "12"), ("１２号楼", "12"), ("A座", "a"), ("12-1", "12-1")]
)
def test_numbers_of_buildings(name: str, number: str) -> None:
    assert number_of(name) == number


def test_homes_are_called_by_compound_or_address(tmp_path: Path) -> None:
    paper = estate().building("w4", box(40, 60, 10, 10), name="门卫楼", **FLATS)
    paper.building("w5", box(80, 60, 10, 10), **FLATS)
    street = {"addr__street": "华侨路", **FLATS}
    paper.building("w6", box(600, 0, 10, 10), addr__housenumber="8", **street)
    paper.building("w7", box(640, 0, 10, 10), **FLATS)  # 40 m from number 8
    paper.building("w8", box(660, 0, 10, 10), **FLATS)  # 60 m
    paper.place("n1", (660, -40), addr__street="人民路", addr__housenumber="5", shop="bakery")
    paper.building("w0", box(800, 0, 10, 10), **FLATS)
    _, homes = settled(tmp_path, paper, HEAD + row("q1", "华侨路 26 号小区", 400, 100, 30, 30))
    assert homes.residences.frame["name"].to_dict() == {
        "w1": "华侨路 26 号小区 1幢",
        "w2": "华侨路 26 号小区 2幢",
        "w3": "",
        "w4": "门卫楼",
        "w5": "华侨路 26 号小区",
        "w6": "华侨路 8",
        "w7": "华侨路 ~8",
        "w8": "人民路 ~5",
        "w0": "",
    }
