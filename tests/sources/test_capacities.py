"""Capacities in ledgers of venues, and ledgers of teams, on the straight street of ``own_study``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from own_study import STUDY, folder, ledger, lonlat

from gusu_geo.assessment.judgement import rule_of
from gusu_geo.sources.city import read_city
from gusu_geo.study.study_file import open_study
from gusu_geo.tables import City

__all__ = ["folder"]  # the fixture of a hand-drawn study

ASKED = STUDY.replace("max_rejected = 0", "max_rejected = 1") + "[capacity]\n"
PLACES = {"a": (150, 0), "b": (950, 0), "c": (1400, 0)}
TEAMS = 'teams = { source = "teams.csv", crs = "wgs84" }\n'


def city_of(folder: Path, study: str = ASKED) -> City:
    (folder / "study.toml").write_text(study, encoding="utf-8")
    opened = open_study(folder / "study.toml")
    return read_city(opened, rule_of(opened).pack)


def held(city: City) -> dict[str, tuple[float, str]]:
    frame = city.facilities.frame
    ids = [key.partition(":")[2] for key in frame.index]
    return dict(zip(ids, zip(frame["capacity"], frame["capacity_unit"], strict=True), strict=True))


def venues(folder: Path, cells: list[object], **more: list[object]) -> None:
    columns = {"名称": ["甲", "乙", "丙"], "功能": ["reading", "reading", "health"], "容量": cells}
    ledger(folder / "venues.csv", PLACES, **(columns | more))


def rejected(city: City) -> list[tuple[int, str]]:
    return [(row["row"], row["reason"]["en"]) for row in city.facts["rejected"]]


def test_capacities_and_units(folder: Path) -> None:
    venues(folder, ["60", "约1,200人次/天", ""], 单位=["个座位", "", "床"])
    found = held(city_of(folder))
    assert found["a:reading"] == (60, "座")
    assert found["b:reading"] == (1200, "人次/日")
    assert np.isnan(found["c:health"][0])


def test_the_header_may_name_the_unit(folder: Path) -> None:
    table = {"名称": ["甲", "乙", "丙"], "功能": ["reading"] * 3, "容量（座）": ["60", "9床", ""]}
    ledger(folder / "venues.csv", PLACES, **table)
    found = held(city_of(folder))
    assert (found["a:reading"], found["b:reading"]) == ((60, "座"), (9, "床"))


def test_a_bad_cell_is_an_unknown_capacity_and_the_venue_stays(folder: Path) -> None:
    """Without it, its neighbours would lack a service that is there."""
    venues(folder, ["-5", "待核实", "30"])
    city = city_of(folder)
    found = held(city)
    assert set(found) == {"a:reading", "b:reading", "c:health"} and found["c:health"][0] == 30
    assert np.isnan(found["a:reading"][0]) and np.isnan(found["b:reading"][0])
    assert rejected(city) == []
    (row,) = (row for row in city.facts["sources"] if row["kind"] == "venues")
    assert row["named"] == {"capacity_unread": ["a", "b"]}
    assert "source_fault" in [note["code"] for note in city.facts["notes"]]
    (account,) = (row for row in city.facts["ledgers"] if row["file"] == "venues.csv")
    assert account["tables"][0]["columns"]["capacity"] == "容量"


def test_without_the_part_nobody_looks_at_the_columns(folder: Path) -> None:
    venues(folder, ["-5", "待核实", "30"], 单位=["平江街道", "平江街道", "桃坞街道"])
    city = city_of(folder, STUDY)
    assert not {"capacity", "capacity_unit"} & set(city.facilities.frame)
    assert city.facts["rejected"] == []
    (account,) = (row for row in city.facts["ledgers"] if row["file"] == "venues.csv")
    assert "capacity" not in account["tables"][0]["columns"]


def test_a_unit_is_read_beside_a_capacity_only(folder: Path) -> None:
    table = {"名称": ["甲", "乙", "丙"], "功能": ["reading"] * 3, "单位": ["平江街道"] * 3}
    ledger(folder / "venues.csv", PLACES, **table)
    city = city_of(folder)
    assert {unit for _, unit in held(city).values()} == {""}
    (account,) = (row for row in city.facts["ledgers"] if row["file"] == "venues.csv")
    assert "unit" not in account["tables"][0]["columns"]


def test_a_room_of_several_services_is_of_none_alone(folder: Path) -> None:
    venues(folder, ["60", "40", "20"], 功能=["reading、health", "reading", "health"])
    city = city_of(folder)
    found = held(city)
    assert np.isnan(found["a:reading"][0]) and np.isnan(found["a:health"][0])
    assert (found["b:reading"][0], found["c:health"][0]) == (40, 20)
    (row,) = (row for row in city.facts["sources"] if row["kind"] == "venues")
    assert (row["doubted"], row["named"]) == ({"capacity_shared": 1}, {"capacity_shared": ["a"]})
    assert "source_fault" in [note["code"] for note in city.facts["notes"]]


def test_a_row_for_each_service_has_a_capacity_each(folder: Path) -> None:
    places = [lonlat(150), lonlat(150)]
    rows = {
        "编号": ["a", "a"],
        "名称": ["甲", "甲"],
        "功能": ["reading", "health"],
        "容量": [60, 7],
    }
    rows |= {"经度": [x for x, _ in places], "纬度": [y for _, y in places]}
    pd.DataFrame(rows).to_csv(folder / "venues.csv", index=False, encoding="utf-8-sig")
    assert held(city_of(folder)) == {"a:reading": (60, ""), "a:health": (7, "")}


def test_a_cell_merged_over_rows_is_of_all_of_them(folder: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "名称", "功能", "容量", "经度", "纬度"])
    for key, (x, y) in PLACES.items():
        sheet.append([key, key, "reading", 50 if key != "b" else None, *lonlat(x, y)])
    sheet.merge_cells("D2:D3")
    book.save(folder / "venues.xlsx")
    found = held(city_of(folder, ASKED.replace("venues.csv", "venues.xlsx")))
    assert np.isnan(found["a:reading"][0]) and np.isnan(found["b:reading"][0])
    assert found["c:reading"] == (50, "")


def test_records_of_one_place_have_one_capacity(folder: Path) -> None:
    """The same library in two ledgers, 20 m apart: the record that stands, else the next that
    says one; nobody adds them up."""
    venues(folder, ["", "40", "20"])
    again = {"x": (170, 0), "y": (950, 0)}
    ledger(folder / "zz.csv", again, 名称=["甲", "乙"], 功能=["reading"] * 2, 容量=["33座", "99座"])
    second = '[[facilities]]\nsource = "zz.csv"\ncrs = "wgs84"\n'
    found = held(city_of(folder, ASKED.replace("[residences]", second + "[residences]", 1)))
    assert found == {"a:reading": (33, "座"), "b:reading": (40, ""), "c:health": (20, "")}


def teams(
    folder: Path, *rows: tuple[str, ...], heads: str = "队伍 社区 人数 折算全职 对象"
) -> City:
    table = pd.DataFrame(rows, columns=heads.split())
    table.to_csv(folder / "teams.csv", index=False, encoding="utf-8-sig")
    return city_of(folder, TIERED)


TIERED = (
    ASKED.replace('level = "half"', 'level = "half"\ntier = "社区"').replace(
        'name = "名称", service', 'name = "名称", tier = "层级", service', 1
    )
    + TEAMS
)


@pytest.fixture
def tiered(folder: Path) -> Path:
    """Venues a, b and c, all in the west; b and c of the community tier."""
    venues(folder, ["1", "2", "3"], 层级=["街道", "社区", "社区"])
    return folder


def test_teams_and_where_they_work(tiered: Path) -> None:
    lon, lat = lonlat(1000)
    city = teams(
        tiered,
        ("网格员", "west", "3", "2.5", "", "", "", ""),
        ("网格员", "east", "4", "4", "居民", "", "", ""),
        ("网格员", "east", "1", "", "老年人", "甲", "", ""),
        ("社工", "", "1", "1", "新就业群体", "乙", str(lon), str(lat)),
        heads="队伍 社区 人数 折算全职 对象 阵地 经度 纬度",
    )
    table = city.books["teams"]
    assert table["zone"].tolist() == ["west", "east", "east", ""]
    assert [key.partition(":")[2] for key in table["venue_id"]] == ["b", "", "a", ""]
    assert table["x"].notna().tolist() == [False, False, False, True]
    assert table["group"].tolist() == ["persons", "persons", "elders", ""]
    assert table["fte"].tolist()[:2] == [2.5, 4] and np.isnan(table["fte"].iloc[2])
    (row,) = (row for row in city.facts["sources"] if row["kind"] == "teams")
    assert (row["read"], row["used"]) == (4, 4)
    assert row["doubted"] == {"team_group": 1, "team_nowhere": 1, "team_fte": 1}


def test_red_stations_come_first(tiered: Path) -> None:
    pack = (tiered / "pack.toml").read_text(encoding="utf-8")
    (tiered / "pack.toml").write_text(pack.replace('"health"', '"red_station"'), encoding="utf-8")
    venues(tiered, ["1"] * 3, 层级=["社区"] * 3, 功能=["reading", "reading", "red_station"])
    city = teams(tiered, ("网格员", "west", "3", "2", ""))
    assert city.books["teams"]["venue_id"].iloc[0].endswith(":c")


def test_bad_rows_of_teams_are_rejected_one_by_one(tiered: Path) -> None:
    lenient = TIERED.replace('"teams.csv", ', '"teams.csv", max_rejected = 1, ')
    rows = [
        ("甲", "north", "3", "2", ""),
        ("甲", "west", "-3", "2", ""),
        ("甲", "west", "3", "两人", ""),
        ("", "west", "3", "2", ""),
        ("甲", "west", "3", "2", "丁"),
        ("甲", "west", "3", "2", "甲"),
    ]
    table = pd.DataFrame(rows, columns=["队伍", "社区", "人数", "折算全职", "阵地"])
    table.to_csv(tiered / "teams.csv", index=False, encoding="utf-8-sig")
    city = city_of(tiered, lenient)
    assert [(row["row"], row["column"]) for row in city.facts["rejected"]] == [
        (2, "社区"),
        (3, "人数"),
        (4, "折算全职"),
        (5, "队伍"),
        (6, "阵地"),
    ]
    assert len(city.books["teams"]) == 1
    (account,) = (row for row in city.facts["ledgers"] if row["kind"] == "teams")
    assert (account["read"], account["accepted"], account["rejected"]) == (6, 1, 5)
