"""Candidates from OpenStreetMap on a drawn street: what is one, where its door is, and why not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from own_study import drawn, ledger, lonlat

from gusu_geo.assessment.judgement import rule_of
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.plans import plan_of, task_on
from gusu_geo.pipeline.prepare import candidates_of, prepare
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.siting.effort import Effort
from gusu_geo.sources.area import study_area
from gusu_geo.sources.idle_places import read_idle_places
from gusu_geo.sources.osm.extract import read_osm
from gusu_geo.sources.osm.idle import is_idle
from gusu_geo.study.study_file import open_study

Place = tuple[float, float, float, float, str]  # a node if width and height are 0
SCENE: dict[str, Place] = {
    # x, y, width, height, tags
    "w101": (300, 10, 20, 10, "amenity=library; building=yes; building:levels=2"),
    "n201": (310, 15, 0, 0, "amenity=library; name=书院"),
    "n202": (500, 5, 0, 0, "shop=vacant; addr:street=河街; addr:housenumber=3"),
    "n203": (700, 5, 0, 0, "disused:shop=yes"),
    "n204": (710, 5, 0, 0, "disused:shop=yes; amenity=cafe"),
    "w102": (
        900,
        10,
        20,
        20,
        "building=yes; disused=yes; amenity=library; building:levels=1; name=粮站",
    ),
    "w103": (950, 10, 20, 20, "building=house; disused=yes"),
    "w104": (980, 10, 20, 20, "building=industrial; disused=yes"),
    "w105": (1010, 10, 20, 20, "building=public"),
    "w106": (1040, 10, 20, 20, "building=civic; name=梅花社区居民活动中心"),
    "w107": (1110, 20, 20, 20, "amenity=community_centre; building=yes"),
    "w108": (1100, 10, 60, 60, "amenity=school"),
    "n205": (1200, 5, 0, 0, "amenity=townhall; name=梅花区人民政府"),
    "n206": (1210, 5, 0, 0, "amenity=library; access=private"),
    "n207": (1220, 600, 0, 0, "shop=vacant"),
    "w109": (1240, 10, 20, 20, "building=yes; abandoned=yes"),
    "w110": (1300, 10, 90, 90, "landuse=brownfield"),
    "w111": (1400, 10, 20, 20, "building=apartments; shop=vacant; building:levels=6"),
    "w112": (1450, 10, 20, 20, "building=public; name=梅花区人民法院"),
    "w113": (1500, 10, 20, 20, "building=public; leisure=sports_centre"),
}
LEFT_OUT = {
    "dwelling": 1, "government": 1, "ground_school": 1, "land": 1, "merged": 1,
    "named_other_use": 1, "other_use": 1, "outside_area": 1, "private": 1, "reused": 1, "ruin": 1,
    "unknown_use": 1, "works": 1,
}  # fmt: skip
USED = {"n202": "vacant", "n203": "vacant", "w101": "public", "w102": "vacant", "w106": "public",
        "w111": "vacant"}  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The study of ``own_study`` with the scene, a door in the west of w101, and a name of the
    street."""
    folder = drawn(tmp_path)
    nodes, ways, number = [_node(300, lonlat(300, 15), "entrance=main")], [], 1000
    for osm_id, (x, y, width, height, tags) in SCENE.items():
        if width == 0:
            nodes.append(_node(int(osm_id[1:]), lonlat(x, y), tags))
            continue
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        refs = [number + i for i in range(4)] + [number]
        if osm_id == "w101":
            refs.insert(4, 300)
        nodes += [_node(number + i, lonlat(*xy)) for i, xy in enumerate(corners)]
        lines = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        ways.append(f'<way id="{osm_id[1:]}">{lines}{_tags(tags)}</way>')
        number += 4
    file = folder / "street.osm"
    text = file.read_text().replace('<way id="5">', "".join(nodes) + '<way id="5">')
    text = text.replace('<tag k="highway"', '<tag k="name" v="长街"/><tag k="highway"')
    file.write_text(text.replace("</osm>", "".join(ways) + "</osm>"), encoding="utf-8")
    path = folder / "study.toml"
    words = path.read_text(encoding="utf-8")
    words = words[: words.index("[candidates]")]
    path.write_text(f'{words}[[candidates]]\nsource = "osm"\ncost = 60\n', encoding="utf-8")
    return path


def _node(number: int, at: tuple[float, float], tags: str = "") -> str:
    return f'<node id="{number}" lon="{at[0]}" lat="{at[1]}">{_tags(tags)}</node>'


def _tags(text: str) -> str:
    pairs = (pair.split("=", 1) for pair in text.split("; ") if pair)
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in pairs)


def test_what_is_a_candidate_and_why_the_others_are_none(study: Path) -> None:
    opened = open_study(study)
    extract, pack = read_osm(opened.path(opened.osm)), rule_of(opened).pack
    area = study_area(opened, extract)
    places, read = read_idle_places(extract, pack, area)
    frame = places.frame
    assert frame["kind"].to_dict() == USED
    assert read["left_out"] == LEFT_OUT
    assert read["read"] == len(SCENE) - 1 == read["used"] + sum(LEFT_OUT.values())  # not the school
    assert frame["name"].to_dict() == {
        "n202": "河街 3", "n203": "", "w101": "书院", "w102": "粮站", "w106": "梅花社区居民活动中心",
        "w111": "",
    }  # fmt: skip
    # Two levels of 20 x 10 m, one of 20 x 20; an empty shop is not its block of flats.
    assert frame.loc[["w101", "w102"], "area_m2"].to_numpy() == pytest.approx([400, 400], rel=1e-3)
    assert frame["area_m2"].drop(["w101", "w102"]).isna().all()
    assert frame.loc["w101", "services"] == ("health",)  # it lends books already
    assert frame["services"].drop("w101").map(len).eq(0).all()
    reading = replace(pack, services=pack.services[:1])
    _, read = read_idle_places(extract, reading, area)
    assert read["left_out"]["offers_all"] == 1


def test_sites_have_one_door_and_a_plan_is_what_its_comparison_finds(study: Path) -> None:
    folder = study.parent
    # Both homes have reading, and health is too far. The door in the west of w101 is 15 m off the
    # street at x = 300: 900 m of walking reach x = 1185. Through its middle they would reach 1195.
    homes = {"in": (1184.0, 0.0), "out": (1186.0, 0.0)}
    ledger(folder / "homes.csv", homes, 人数=[8.0, 4.0])
    ledger(
        folder / "venues.csv",
        {"v": (2000, 0), "w": (30, 0)},
        名称=["甲", "乙"],
        功能=["阅读", "健康"],
    )
    words = study.read_text(encoding="utf-8") + '[siting]\nmust = ["w101"]\n'
    study.write_text(words, encoding="utf-8")
    for _ in range(2):  # read, and from the cache
        ground = prepare(study, out=folder)
        places = candidates_of(ground)
        frame = places.frame
        assert frame["kind"].to_dict() == USED and frame["cost"].eq(60).all()
        assert frame.loc[["n203", "w111"], "name"].tolist() == ["长街", "长街"]
        assert not frame["street"].any() and frame.loc["w101", "services"] == ("health",)
        xy = dict(zip(frame.index, shapely.get_coordinates(frame.geometry.to_numpy()), strict=True))
        assert xy["w101"] == pytest.approx([300 - 1000, 15], abs=0.02)
        assert xy["w102"][1] == pytest.approx(10, abs=0.02)  # where the outline is near the street
        assert places.entrances.owner_ix.tolist() == list(range(len(USED)))
    told = [row for row in ground.city.facts["sources"] if row["kind"] == "candidates"]
    assert [(row["used"], row["left_out"]) for row in told] == [(len(USED), LEFT_OUT)]
    outcome = outcome_of(ground, judge_ground(ground))
    plan = plan_of(ground, task_on(ground, outcome, places, Effort(1)))
    (site,) = plan.chosen
    assert (site.candidate_id, site.kind, site.services) == ("w101", "public", ("health",))
    assert plan.gained_residence_ids == ("in",)
    change = {"do": "add_venue", "id": "new", "name": "", "services": ["health"]}
    change["at"] = list(site.lonlat)
    scenario = {"schema": "gusu-geo-scenario/1", "study": "own", "changes": [change]}
    changed = apply_scenario(ground, parse_scenario(json.dumps(scenario)))
    after = judge_changed(changed, ground, outcome.judgement).verdict.passed_known
    assert outcome.verdict.residence_ids[after].tolist() == ["in"]
    assert not np.any(outcome.verdict.passed_known)


@pytest.mark.parametrize(
    ("tags", "candidate"),
    [
        ({"amenity": "school", "building": "school"}, False),
        ({"amenity": "place_of_worship"}, False),
        ({"building": "factory"}, False),
        ({"building": "house"}, False),
        ({"shop": "no", "disused:shop": "no"}, False),
        ({"disused": "yes", "railway": "station"}, False),
        ({"disused:amenity": "fountain"}, False),
        ({"office": "vacant"}, True),
    ],
)
def test_what_no_row_is_about_is_not_even_read(tags: dict[str, str], candidate: bool) -> None:
    assert is_idle(tags) == candidate
