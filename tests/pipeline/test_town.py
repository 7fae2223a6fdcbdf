"""The invented town: drawn again byte for byte, and judged as its plan says.

Expectations are worked out on the plan (``data/shuixiang``): x east and y north in metres, streets
along the axes, 1 metre in 1 second, 2 on steps; a walk is the sum of its straight parts. None comes
from running the engine. The plan's own numbers stand beside each.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
from conftest import ROOT
from replay import replayed
from shuixiang.canvas import lonlat_of
from shuixiang.draw import town
from shuixiang.grounds import WORKS
from shuixiang.ledgers import all_ledgers
from tier_pages import check, in_node

from gusu_geo.assessment.hours_facts import hours_facts
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.moments import judge_moments
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.timetable import timetable_of
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import StudyError
from gusu_geo.geometry import transformer
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.plan_sections import with_sections
from gusu_geo.pipeline.plans import plan_of, task_on
from gusu_geo.pipeline.prepare import candidates_of
from gusu_geo.report.comparison import Comparison
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed, judge_tiers_of_both
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.siting.effort import Effort
from gusu_geo.sources.candidates import read_candidates
from gusu_geo.sources.ledgers.shifted import gcj_of_bd, wgs_of_gcj
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.study_file import open_study
from gusu_geo.tables import Floats

RAW = ROOT / "data" / "raw"
LIMIT_S = 900
WITHIN_S = 1.0  # the sheet is flat and the globe is not: a decimetre in a kilometre


@pytest.fixture(scope="module")
def ground(city_of: Callable[[str], Ground]) -> Ground:
    return city_of("shuixiang")


@pytest.fixture(scope="module")
def outcome(ground: Ground) -> Outcome:
    """The town judged by one rule, without the survey of detours and uncovered ground."""
    common = ground.study.rule.model_copy(update={"override": ()})
    study = ground.study.model_copy(update={"rule": common})
    return outcome_of(replace(ground, study=study), judge_ground(replace(ground, study=study)))


@pytest.fixture(scope="module")
def judged(ground: Ground) -> Judgement:
    """The town as its study judges it: 老新村 by a rule of their own."""
    return judge_ground(ground)


def unpacked(content: bytes) -> dict[str, bytes]:
    """What is in a packed file: how it is packed depends on the zlib at hand."""
    if content[:2] == b"\x1f\x8b":
        return {"": gzip.decompress(content)}
    if content[:2] == b"PK":
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return {"": content}


def test_it_is_drawn_again_byte_for_byte() -> None:
    canvas, built = town()
    kept = (RAW / "shuixiang.osm.gz").read_bytes()
    assert int.from_bytes(kept[4:8], "little") == 0  # no time of day
    assert unpacked(kept) == {"": canvas.xml()}
    drawn = all_ledgers(built)
    assert sorted(drawn) == sorted(path.name for path in (RAW / "shuixiang").iterdir())
    for name, content in drawn.items():
        assert unpacked((RAW / "shuixiang" / name).read_bytes()) == unpacked(content), name
    assert len(kept) + sum(map(len, drawn.values())) < 400_000


# --- walks ----------------------------------------------------------------------------------
#
# 上塘街 y = 14 runs along the north bank of the river, 下塘街 y = -26 behind a row of houses whose
# backs stand in it. Houses are 7 wide and stand 3 from the middle of their lane.

Walk = tuple[float, float, str, float]  # a place inside the home, service, seconds


def along_the_lane() -> list[Walk]:
    """Houses of 上塘街 to the shared room at (16, 20), 6 from the lane: 3 + along + 6."""
    east = [(x + 3.5, 20.0, "sharing", 3 + (x - 16) + 6) for x in (24, 31, 38, 45)]
    west = [(x - 3.5, 20.0, "sharing", 3 + (16 - x) + 6) for x in (-3, -10, -17, -24)]
    # Beyond the 小浜 the humpback at its mouth: 14 on steps, which count twice.
    over = [(x - 3.5, 20.0, "sharing", 3 + (16 - x) + 14 + 6) for x in (-75, -82)]
    return [*east, *west, *over]


def across_the_river() -> list[Walk]:
    """Houses opposite to the same room, 30 m away by air: round by 太平桥 at x = 180.

    3 to 下塘街, along it to 180, 40 to 上塘街 of which 26 are steps, 164 back, 6 to the room; west of
    the 南浜 16 more on the humpback between x = 52 and 68. (Houses beside the mouth of an alley may
    cut its corner, so none of them is here.)
    """
    bridge_s = 40 + 26
    near = [
        (x + 3.5, -18.0, "sharing", 3 + (180 - x - 7) + bridge_s + 164 + 6) for x in (80, 87, 94)
    ]
    far = [
        (x + 3.5, -18.0, "sharing", 3 + (180 - x - 7) + 16 + bridge_s + 164 + 6)
        for x in (3, 10, 17)
    ]
    return near + far


def behind_the_canal() -> list[Walk]:
    """南湖新村 to the shared tools at (-85, -595), 330 m by air behind the 南浜, which 桑园路 does not
    cross: by its only gate in the north to (237, -600), 163 to the canal, 360 up to 南门路, 28 over,
    360 down again, 131 along 桑园路, 5 to the door. By 南环路 it is 20 longer.

    Rows stand 27 apart from y = -765.5 on, 11 deep; lanes run midway, 8 from either row.
    """
    beyond_s = 163 + 360 + 28 + 360 + 131 + 5
    walks = []
    for row in (0, 1, 5):
        south = -765.5 + 27 * row
        lane = south + 19 if row < 5 else south - 8
        for x in (242, 194) if row else ():  # 5 from the way through, which begins above row 0
            walks.append((x + 19.0, south + 5, "sharing", 5 + (-600 - south - 11) + beyond_s))
        for x, inward in ((288, 51), (148, 51), (334, 97), (102, 97)):
            walks.append((x + 19.0, south + 5, "sharing", 8 + inward + (-600 - lane) + beyond_s))
    return walks


def past_a_locked_gate() -> list[Walk]:
    """金色水岸 to the volunteers' room at (715, 700): its north gate is locked. From the last row it
    would be the short way (260 s); from all of them it is the south gate to (580, 640), 130 along
    学士路, 60 up, 5 to the door.

    Rows stand 40 apart from y = 655.5 on, 14 deep; lanes run 13 from either row, and the last row
    uses the one below. The first row has a corner nearer to the gate than its side: only its outer
    buildings are here.
    """
    beyond_s = 130 + 60 + 5
    walks = []
    for row, lane in ((0, 682.5), (1, 682.5), (3, 762.5)):
        south = 655.5 + 40 * row
        for x in (585, 531) if row else ():  # 5 from the way through
            walks.append((x + 22.0, south + 5, "volunteer", 5 + (south - 640) + beyond_s))
        for x in (637, 479):
            walks.append((x + 22.0, south + 5, "volunteer", 13 + 57 + (lane - 640) + beyond_s))
    return walks


def past_a_gate_for_residents() -> list[Walk]:
    """翠湖湾 to the room of 荷风苑 at (588, 380), whose north gate opposite lets nobody in.

    Own residents' gate in the south to (580, 465), 130 + 175 + 130 round to the south gate, 90 up,
    8 to the door. Towers of the first row stand at y = 484.5, 5 from the way through. From the
    second row (542.5 to 562.5) 学士社区's room at (175, 700) is nearer: by the north gate to
    (580, 640), 410 along 学士路, 60 up, 5.
    """
    first = 5 + (484.5 - 465) + 130 + 175 + 130 + 90 + 8
    second = 5 + (640 - 562.5) + 410 + 60 + 5
    return [
        (x + 13.5, y + 10, "senior_leisure", seconds)
        for y, seconds in ((484.5, first), (542.5, second))
        for x in (585, 548)
    ]


SCENES = [
    along_the_lane, across_the_river, behind_the_canal, past_a_locked_gate, past_a_gate_for_residents,
]  # fmt: skip


def home_at(judged: Outcome | Judgement, x: float, y: float) -> int:
    """Position of the home that holds a place of the plan."""
    homes = judged.city.residences.frame
    to_metres = transformer(4326, homes.crs)
    spot = shapely.Point(*to_metres.transform(*lonlat_of((x, y))))
    (found,) = [r for r, foot in enumerate(homes["footprint"]) if foot.distance(spot) == 0]
    return found


@pytest.mark.parametrize("scene", SCENES)
def test_walks_take_as_long_as_on_the_plan(outcome: Outcome, scene: object) -> None:
    access, verdict = outcome.access, outcome.verdict
    services = list(access.services)
    wrong = []
    for x, y, service, seconds in scene():  # type: ignore[operator]
        r, k = home_at(outcome, x, y), services.index(service)
        found = access.counted_cs[r, k] / 100
        state = State.PASS if seconds <= LIMIT_S else State.FAIL
        if abs(found - seconds) > WITHIN_S or verdict.state[r, k] != state:
            wrong.append(((x, y), seconds, found))
    assert not wrong


def test_at_least_forty_homes_are_known_and_some_of_them_fail() -> None:
    walks = [walk for scene in SCENES for walk in scene()]
    assert len({walk[:2] for walk in walks}) == len(walks) >= 40
    assert sum(seconds > LIMIT_S for *_, seconds in walks) == len(behind_the_canal()) == 16


# --- own rules, tiers, hours ----------------------------------------------------------------


def test_old_villages_are_judged_at_the_pace_of_elders(judged: Judgement) -> None:
    """0.8 m/s and 600 s for 南湖新村, which is a 老新村; 1 m/s and 900 s in the old core."""
    access, verdict = judged.access, judged.verdict
    for walks, pace, limit_s in ((behind_the_canal(), 0.8, 600), (along_the_lane(), 1, LIMIT_S)):
        for x, y, service, seconds in walks:
            r, k = home_at(judged, x, y), list(access.services).index(service)
            assert access.counted_cs[r, k] / 100 == pytest.approx(seconds / pace, abs=1.25)
            state = State.PASS if seconds / pace <= limit_s else State.FAIL
            assert verdict.state[r, k] == state


def test_every_community_has_its_station_and_every_subdistrict_its_clinic(
    ground: Ground, judged: Judgement, tmp_path: Path
) -> None:
    """S01 to S12 of the plan, and J03 in the south, J04 in the north. Without S03 文昌社区 has none,
    and a new one beside S01 is of 上塘社区; the page says the same of every home."""
    frame, links = ground.city.facilities.frame, judged.links.venues.links
    row = np.flatnonzero(frame["venue_id"].str.endswith(":S01"))[0]
    door = np.flatnonzero(links.owner_ix == row)[0]
    on = [int(links.edge_ix[door]), int(links.offset_cm[door])]
    changes = [
        {
            "do": "close_venue",
            "venue": frame["venue_id"].str.extract("(.*:S03)").dropna().iloc[0, 0],
        },
        {"do": "add_venue", "id": "new", "services": ["red_station"], "on": on},
        {"do": "set_rule", "minutes": 12},
    ]
    head = {"schema": "gusu-geo-scenario/1", "study": "shuixiang", "network": ground.network.digest}
    scenario = parse_scenario(json.dumps(head | {"changes": changes}))
    changed, before = apply_scenario(ground, scenario), outcome_of(ground, judged)
    after = judge_changed(changed, ground, judged)
    tiered = judge_tiers_of_both(changed, ground, judged, after, before.zone_of)
    assert tiered is not None
    closed, marks = changed.venues.closed, changed.marks
    compared = Comparison(scenario, before, after, closed, marks, tiered=tiered)
    check(compared, *in_node([compared], tmp_path))
    (lacking,) = (r for r in tiered[1].facts["establishment"] if r["required"] and r["missing"])
    assert (lacking["tier"], lacking["missing"]) == ("community", 1)
    tiers = tiered[0].facts
    must = [row for row in tiers["establishment"] if row["required"]]
    found = {(row["tier"], row["service"]): (row["expected"], row["present"]) for row in must}
    assert found == {("subdistrict", "health"): (2, 2), ("community", "red_station"): (12, 12)}
    south = [level["names"] for level in tiers["levels"] if level["tier"] == "subdistrict"]
    assert {both["zh"] for names in south for key, both in names.items() if key} == {
        "望塘街道", "采菱街道",
    }  # fmt: skip


def test_doors_are_open_as_the_ledger_says_in_chinese(ground: Ground, judged: Judgement) -> None:
    """Of 32 venues of the ledger; nothing is known of the ten that OSM has.

    Sunday 14:00: not those of 周一至周五 (J01 J02 S01 S03 S06 S09 S12), 工作日 (J04 S04 X09) and
    工作日 17:00-20:00 (X13); nobody knows of S07, X02 (blank), X10 (预约开放), X04 (周末, no times).
    Wednesday 19:30 for half an hour: every day until 21:00 (J03 S05 S11 X08 X11 X12 X14 X15) or
    20:00 (Q01 S02 S10), all day (X01 X06 X07), X13; S08 is open then in summer alone.
    1 October, 10:00, is a holiday: 周一至周五 may mean it or not, so may 周末 (X04, X05); closed are
    those of 工作日, and X03, which opens at 13:00.
    """
    timetable = timetable_of(ground.study, ground.city, ground.days_off)
    moments = judge_moments(ground, judged, timetable)
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    rows = hours_facts(moments, ground.city, persons)["at"]
    found = [(row["day"], row["open"], row["closed"], row["unknown"]) for row in rows]
    assert found == [("ordinary", 17, 11, 14), ("ordinary", 15, 14, 13), ("off", 15, 5, 22)]


# --- sums -----------------------------------------------------------------------------------

# Read off the plan: which compounds lie in which community.
COMMUNITIES = {
    "上塘社区": "上塘里 中市里",
    "太平桥社区": "安澜里 聚秀里 太平里 迎晖里",
    "文昌社区": "文昌新村一区 文昌新村二区 文昌新村三区 塘东一村 塘东二村 北园新村 北园小区",
    "学士社区": "学士新村一区 学士新村二区 学士新村三区 河沿新村 河沿二村 邮电宿舍",
    "东河社区": "碧波名苑 枕河雅苑 水岸花园 云栖家园 荷风苑 锦绣江南 翠湖湾 金色水岸 东方名邸 香榭里 桃源居",
    "工人新村社区": "工人一村 工人二村",
    "塘西社区": "塘西公寓",
    "下塘社区": "下塘里 酱园里 南浜里 菱塘里",
    "桑园社区": "桑园一村 桑园二村 桑园三村 采莲一村 采莲二村 采莲三村",
    "菱塘社区": "菱塘新苑一区 菱塘新苑二区 菱塘新苑三区 南湖新村",
    "迎晖社区": "迎晖花苑 清漪园 南门商住楼 明月湾 星辰公寓 滨河华庭 和润家园 绿洲花园 东城丽景",
    "荷塘社区": "荷塘新苑 荷塘二村 湖畔名居 西塘花园",
}
NORTH = ("上塘社区", "太平桥社区", "文昌社区", "学士社区", "东河社区", "工人新村社区", "塘西社区")


def ledger(name: str) -> list[dict[str, str]]:
    text = (RAW / "shuixiang" / name).read_bytes().decode("gbk")
    return list(csv.DictReader(text.splitlines()))


def test_persons_are_those_of_the_registry_at_every_level(outcome: Outcome) -> None:
    rows = [row for row in ledger("compounds.csv") if row["编号"] != "合计"]
    heads = {row["小区名称"]: int(row["人口"]) for row in rows}
    elders = {row["小区名称"]: int(row["老年人"]) for row in rows}
    homes = outcome.city.residences.frame
    found = homes.groupby("compound_name")[["persons", "elders"]].sum()
    assert found["persons"].to_dict() == pytest.approx(heads) and len(heads) == 60
    assert found["elders"].to_dict() == pytest.approx(elders)
    zones = {row["name"]: row["persons"] for row in outcome.summary["zones"]}
    sums = {name: sum(heads[each] for each in of.split()) for name, of in COMMUNITIES.items()}
    north = sum(sums[name] for name in NORTH)
    sums |= {"望塘街道": north, "采菱街道": 30_000 - north}
    assert zones == pytest.approx(sums, abs=0.01)
    assert outcome.summary["residences"]["persons"] == pytest.approx(30_000)
    assert sorted(name for of in COMMUNITIES.values() for name in of.split()) == sorted(heads)


def test_codes_tiers_and_idle_rooms_are_in_the_ledgers(outcome: Outcome) -> None:
    """Also what is not read: those columns stop nothing."""
    codes = {row["id"] for row in outcome.summary["zones"] if row["level"] == "社区"}
    assert codes == {f"99010000100{k}" for k in range(1, 8)} | {
        f"99010000200{k}" for k in range(1, 6)
    }
    book = openpyxl.load_workbook(RAW / "shuixiang" / "venues.xlsx")
    ids_and_tiers = {
        (row[3], row[5])  # a venue has a row for each capacity
        for sheet in book.worksheets[:4]
        for row in sheet.iter_rows(min_row=3, values_only=True)
    }
    tiers = Counter(tier for _, tier in ids_and_tiers)
    assert (tiers["区"], tiers["街道"], tiers["社区"], tiers["小区"]) == (1, 4, 12, 15)
    assert {"层级", "开放时间", "共享时段"} <= {cell.value for cell in book.worksheets[2][2]}
    asked = {"类型", "圈层", "物业模式", "建成年代", "业委会"}
    assert asked <= ledger("compounds.csv")[0].keys()
    assert {"改造费用(万元)", "业主表决状态", "同意票"} <= ledger("idle_rooms.csv")[0].keys()
    study, pack = open_study("shuixiang"), load_pack("gusu-1510")
    rooms = read_candidates(study, study.candidates[0], pack, outcome.city.crs).frame
    assert len(rooms) == 10 and rooms.loc["K02", "services"] == ("skills", "volunteer", "reading")
    told = rooms[["cost", "area_m2", "vote"]].itertuples()
    votes = {"不需表决": "passed", "已通过": "passed", "单位同意": "passed"}
    votes |= {"表决中": "open", "未通过": "refused"}
    assert [tuple(row) for row in told] == [
        (
            row["编号"],
            float(row["改造费用(万元)"]),
            float(row["建筑面积(㎡)"]),
            votes[row["业主表决状态"]],
        )
        for row in ledger("idle_rooms.csv")
    ]
    (read,) = [row for row in outcome.summary["sources"] if row["source"] == "venues.xlsx"]
    assert read["used"] == 32 + 8  # two more rows of Q01; one of J01, J02, S02, S10, X14 and X15


def test_nobody_lives_in_the_works(outcome: Outcome) -> None:
    """Two halls of each of the seven works are tagged building=yes and no more."""
    homes = outcome.city.residences.frame
    to_degrees = transformer(homes.crs, 4326)
    middles = [to_degrees.transform(point.x, point.y) for point in homes.geometry]
    for name, (west, south, east, north) in WORKS:
        corners = [
            lonlat_of(place)
            for place in ((west, south), (east, south), (east, north), (west, north))
        ]
        ground = shapely.Polygon(corners)
        assert not any(ground.contains(shapely.Point(*middle)) for middle in middles), name
    assert outcome.summary["facts"]["dropped"]["homes"]["ground_industrial"] == 14


def test_places_of_the_ledgers_stand_where_they_are_drawn(outcome: Outcome) -> None:
    """Written in BD-09 by one set of formulas, taken back by the reader's own, to a decimetre."""
    gates = outcome.city.gates
    assert Counter(gates["access"]) == Counter(
        {"公共": "public", "居民": "residents", "封闭": "locked"}[row["通行"]]
        for row in ledger("gates.csv")
    )
    _, built = town()
    shown: Floats = shapely.get_coordinates(gates.to_crs(4326).geometry)
    for row, (_, _, place, _) in zip(ledger("gates.csv"), built.gate_rows, strict=True):
        lon, lat = lonlat_of(place)
        (at,) = [k for k, key in enumerate(gates.index) if key == row["编号"]]
        assert shown[at] == pytest.approx((lon, lat), abs=2e-6)
    assert wgs_of_gcj(gcj_of_bd(shown)).shape == shown.shape
    closed = outcome.layers["compounds"].set_index("name")["status"]
    assert (closed == "gated").sum() == 42 and closed["金色水岸"] == "gated"
    assert closed["文昌新村一区"] == closed["上塘里"] == "no_gate_known"


def figures(name: str) -> list[str]:
    """The numbers of the example of docs/siting.md, in order."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    (example,) = re.findall(r"site shuixiang --budget 60\n```\n(.*)", text, re.DOTALL)
    return re.findall(r"\d[\d,]*", example)


def test_the_example_of_the_documents_is_what_the_town_gives(
    ground: Ground, judged: Judgement, tmp_path: Path
) -> None:
    """``docs/siting.md`` and its twin: names, money and persons."""
    town = outcome_of(ground, judged)
    money = replayed(ground, town, Effort(budget=60), tmp_path)
    (tmp_path / "two").mkdir()
    two = replayed(ground, town, Effort(2), tmp_path / "two")
    park, shed = money.chosen
    assert [park.name, shed.name] == ["东城公园管理房", "工人一村自行车棚"]
    assert [park.services, shed.services] == [("sharing", "skills"), ("sharing",)]
    assert (park.cost, shed.cost, shed.vote) == (18.0, 12.0, "open")
    assert [one.name for one in two.chosen] == ["东城公园管理房", "荷塘旧粮站"]
    persons = [round(one.gained_persons) for one in (park, shed, two.chosen[1])]
    assert two.chosen[1].cost == 86.0 and persons == [6697, 56, 587]
    assert "K08" not in {one.candidate_id for one in (*money.chosen, *two.chosen)}
    for name in ("siting.md", "siting.zh.md"):
        said = (ROOT / "docs" / name).read_text("utf-8")
        for word in ("东城公园管理房", "工人一村自行车棚", "荷塘旧粮站", "K08"):
            assert word in said
        assert {f"{one:,}" for one in persons} <= set(figures(name))


def test_the_study_is_built_in_and_shipped() -> None:
    shipped = (ROOT / "pyproject.toml").read_text("utf-8")
    for path in ("data/raw/shuixiang.osm.gz", "data/raw/shuixiang"):
        assert f'"{path}" = "gusu_geo/{path}"' in shipped and Path(ROOT / path).exists()


def test_the_example_of_siting_is_as_the_documents_tell_it(
    ground: Ground, judged: Judgement
) -> None:
    outcome = outcome_of(ground, judged)
    task = task_on(ground, outcome, candidates_of(ground), Effort(budget=60))
    found = task.solve()
    plan = with_sections(ground, outcome, task, found, plan_of(ground, task, found), full=True)
    critical = plan.critical or ()
    said = [row["lost_persons"] for row in critical if row["when"] == "today"][:1]
    said += [row["lost_persons"] for row in critical if row["when"] != "today"][:3]
    left = {f"{row['key']} {row['detail']}": row for row in plan.survival or ()}
    said.append(left["evidence_a "]["before_persons"])
    shares = [left["elder "], left["moment 2026-11-29 14:00"]]
    for doc in ("siting.md", "siting.zh.md"):
        text = (ROOT / "docs" / doc).read_text(encoding="utf-8").replace(" %", "%")
        told = text[text.index("`critical`") :]
        assert all(f"{value:,.0f}" in told for value in said)
        for row in shares:
            assert f"{row['gained_persons']:,.0f}" in told and f"{row['share']:.0%}" in told


def test_a_plan_for_some_services_is_told_of_these_alone(
    ground: Ground, judged: Judgement, tmp_path: Path
) -> None:
    """Its workbook counts persons, zones and services as the plan does; compare gains the same."""
    town = outcome_of(ground, judged)
    plan = replayed(ground, town, Effort(2, services=("sharing",)), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    said = str(book.worksheets[0]["A4"].value)
    assert "只为物品共享" in said and "For Sharing of goods only" in said
    assert [row[0] for row in book.worksheets[2].iter_rows(min_row=5, values_only=True)] == [
        "物品共享 Sharing of goods"
    ]
    zones = [row for row in book.worksheets[3].iter_rows(values_only=True) if row[0] == "街道"]
    for when, column in ((plan.before, 4), (plan.after, 5)):
        total = sum(float(row[column]) for row in zones)
        assert total == pytest.approx(when["passed_known_persons"], abs=0.01)


def test_a_target_beyond_the_services_of_a_site_says_how_far_it_gets(
    ground: Ground, judged: Judgement, tmp_path: Path
) -> None:
    """All candidates reach 76.1 % with all services; with three each 7,405 persons gain."""
    town = outcome_of(ground, judged)
    with pytest.raises(StudyError, match=r"at most 74\.86% .*not 75\.00%"):
        replayed(ground, town, Effort(target=0.75), tmp_path)
