"""What is said of one home: found by any of its names, and what would turn a service that fails.

Everybody walks at 1 m/s and has 15 minutes (900 s), as in ``grounds``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from grounds import at, ground_of
from scenes import CRS_M, Scene

from gusu_geo.assessment.judgement import rule_of
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import InputError
from gusu_geo.pipeline.assess import judge_ground
from gusu_geo.pipeline.prepare import ground_on
from gusu_geo.report.explanation import explain_residence
from gusu_geo.report.find_home import Homes
from gusu_geo.report.only_gate import only_gate
from gusu_geo.report.walk_facts import walk_facts
from gusu_geo.tables import Candidates, Entrances, NodeFlag, WayFlag


def proof_of(ground: Ground, asked: str = "h", **places: tuple[float, tuple[str, ...]]) -> Any:
    """The first service of the home; candidates stand on the x axis."""

    def candidates() -> Candidates:
        xy = np.array([(x, 0.0) for x, _ in places.values()]).reshape(-1, 2)
        columns = {"name": [""] * len(places), "services": [offer for _, offer in places.values()]}
        points = gpd.points_from_xy(*xy.T)
        frame = gpd.GeoDataFrame(columns, index=list(places), geometry=points, crs=CRS_M)
        return Candidates(frame, Entrances.of_points(xy))

    walk = walk_facts(ground.study, heights="")
    judged = judge_ground(ground)
    proof = explain_residence(ground, judged, asked, walk, candidates, opened(ground))
    return proof["services"][0]


def opened(ground: Ground) -> Any:
    return lambda study, city: ground_on(study, ground.pack, city)


def turned(row: Any) -> dict[str, tuple[float, str]]:
    return {change["kind"]: (change["value"], change["id"]) for change in row["changes"]}


def straight(*venues: float, flags: int = 0) -> Scene:
    """A street of 3 km, the home at its beginning, a side street at 300."""
    scene = (
        Scene().way("a m b", flags=flags, a=(0, 0), m=(300, 0), b=(3000, 0)).way("m n", n=(300, 90))
    )
    scene.home("h", 0, 0)
    for i, x in enumerate(venues):
        scene.venue(f"v{i}", x, 0)
    return scene


def test_speed_limit_and_candidate_are_the_least_that_do(tmp_path: Path) -> None:
    row = proof_of(
        ground_of(straight(1200, 1300), tmp_path),
        far=(901, ()), other=(100, ("t",)), near=(600, ("s",)), next=(700, ()),
    )  # fmt: skip
    assert (row["state"], row["nearest_s"], row["slack_s"]) == ("fail", 1200, -300)
    # 1,200 m in 900 s: 1.333 m/s; 1,200 s: 20 min; 600 m: 10 min
    assert turned(row) == {"candidate": (10.0, "near"), "speed": (1.34, ""), "limit": (20.0, "")}
    assert row["second"]["facility_id"] == "v1" and row["second"]["seconds"] == 1300
    assert row["venue"]["called"] == {"zh": "Venue v0", "en": "Venue v0"}


def test_a_wait_is_no_walk_that_speed_would_shorten(tmp_path: Path) -> None:
    scene = straight(1200, flags=int(WayFlag.ON_FOOT))
    scene.nodes["m"] = int(NodeFlag.CROSSING)
    row = proof_of(ground_of(scene, tmp_path))
    assert row["nearest_s"] == 1205
    # 1,200 m in 895 s: 1.3408 m/s, where 1.34 takes 900.5 s; 1,205 s: 20.083 min
    assert turned(row) == {"speed": (1.35, ""), "limit": (20.1, "")}


@pytest.mark.parametrize(("x", "speed"), [(1800.0, {"speed": (2.0, "")}), (1801.0, {})])
def test_nobody_is_told_to_run(x: float, speed: dict[str, Any], tmp_path: Path) -> None:
    found = turned(proof_of(ground_of(straight(x), tmp_path, cutoff_minutes=60)))
    assert found == {**speed, "limit": (30.0 if x == 1800 else 30.1, "")}


def test_beyond_the_search_no_limit_is_guessed(tmp_path: Path) -> None:
    row = proof_of(ground_of(straight(2000), tmp_path, cutoff_minutes=30), c=(890, ()))
    assert row["nearest_s"] is None and row["venue"] is None and row["second"] is None
    assert turned(row) == {"candidate": (14.9, "c")}


@pytest.mark.parametrize(("x", "gate"), [(850.0, 14.2), (950.0, None)])
def test_the_gate_that_alone_would_do(x: float, gate: Any, tmp_path: Path) -> None:
    """The street is closed at g; the way round by c and d is 1,200 m longer. The gate k leads
    nowhere. Nodes are numbered by name: a b c d e g k."""
    scene = Scene(closed="g k")
    scene.way("a g", a=(0, 0), g=(500, 0)).way("g b", b=(1000, 0))
    scene.way("a c d b", c=(0, 600), d=(1000, 600)).way("c k", k=(-300, 600)).way(
        "k e", e=(-500, 600)
    )
    scene.home("h", 0, 0).venue("v", x, 0)
    row = proof_of(ground_of(scene, tmp_path, cutoff_minutes=60))
    assert row["nearest_s"] == 2200 + (1000 - x)
    assert turned(row).get("gate") == (None if gate is None else (gate, "6"))


@pytest.mark.parametrize(("x", "gate"), [(890.0, 14.9), (950.0, None)])
def test_a_gate_must_bring_as_many_venues_as_are_wanted(
    x: float, gate: Any, tmp_path: Path
) -> None:
    """Two are wanted: 850 m are in time, the second decides."""
    scene = Scene(closed="g").way("a g", a=(0, 0), g=(500, 0)).way("g b", b=(1000, 0))
    scene.home("h", 0, 0).venue("v", 850, 0).venue("w", x, 0)
    ground = ground_of(scene, tmp_path)
    with (tmp_path / "pack.toml").open("a", encoding="utf-8") as pack:
        pack.write("min_count = 2\n")
    row = proof_of(replace(ground, pack=rule_of(ground.study).pack))
    assert turned(row).get("gate") == (None if gate is None else (gate, "3"))


@pytest.mark.parametrize(("x", "minutes"), [(700.0, 11.7), (950.0, None)])
def test_a_closed_way_out_of_the_compound_is_told_as_its_gates(
    x: float, minutes: float | None, tmp_path: Path
) -> None:
    """The only known gate is in the west: 100 m there, round by c and d to b. In the east the
    street crosses the outline at 200 without a gate."""
    scene = Scene().way("w a g b", w=(-200, 0), a=(0, 0), g=(200, 0), b=(1000, 0))
    scene.way("w c d b", c=(-200, 400), d=(1000, 400)).home("h", 0, 0).venue("v", x, 0)
    drawn = ground_of(scene, tmp_path, cutoff_minutes=60)
    columns = {"compound_id": ["1"], "name": ["桂花公寓"], "source": ["ledger"]}
    outline = gpd.GeoDataFrame(columns, geometry=[shapely.box(-100, -90, 200, 90)], crs=CRS_M)
    spot = [shapely.Point(-100, 0)]
    gate = gpd.GeoDataFrame({"access": ["public"], "source": ["ledger"]}, geometry=spot, crs=CRS_M)
    city = replace(drawn.city, compounds=outline, gates=gate)
    ground = ground_on(drawn.study, drawn.pack, city)
    found = only_gate(ground, Homes(city, ground.network), 0)
    assert found is not None and (found["compound"], found["access"]) == ("桂花公寓", "public")
    assert found["lonlat"] == pytest.approx(at(-100, 0), abs=1e-6)
    two = replace(city, gates=pd.concat([gate, gate.set_geometry([shapely.Point(200, 0)])]))
    several = ground_on(drawn.study, drawn.pack, two)
    assert only_gate(several, Homes(two, several.network), 0) is None
    row = proof_of(ground)
    assert row["nearest_s"] == pytest.approx(200 + 400 + 1200 + 400 + 1000 - x, abs=0.05)
    assert turned(row).get("gates") == (None if minutes is None else (minutes, ""))


def test_what_passes_needs_no_change_and_no_candidates(tmp_path: Path) -> None:
    ground = ground_of(straight(900), tmp_path)
    walk = walk_facts(ground.study, heights="")

    def never() -> Candidates:
        raise AssertionError

    found = explain_residence(ground, judge_ground(ground), "h", walk, never, opened(ground))
    assert [row["state"] for row in found["services"]] == ["pass"]
    assert found["services"][0]["changes"] == []


NAMES = {
    "w1": "平江新村3幢", "w2": "平江新村5幢", "w3": "Villa Anna", "w4": "", "w5": "", "w6": "w3",
}  # fmt: skip


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    """Six homes 100 m apart; w4 has an address, w5 lies in 桂花公寓 and in a part without a name."""
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).way("b c", c=(1000, 500))
    for i, name in enumerate(NAMES):
        scene.home(name, 100 * i, 0)
    scene.venue("v", 0, 0)
    ground = ground_of(scene, tmp_path)
    frame = ground.city.residences.frame
    frame["name"] = list(NAMES.values())
    frame["address"] = ["", "", "", "十全街 12", "", ""]
    boxes = [shapely.box(350, -90, 450, 90), shapely.box(390, -9, 410, 9)]
    columns = {"compound_id": ["1", "2"], "name": ["桂花公寓", ""], "source": "osm"}
    compounds = gpd.GeoDataFrame(columns, geometry=boxes, crs=CRS_M)
    names = np.array(["干将路", ""], object)
    return Homes(replace(ground.city, compounds=compounds), replace(ground.network, name=names))


@pytest.mark.parametrize(
    ("asked", "home"),
    [
        ("w3", "w3"),  # the id, not w6, whose name it is
        ("平江新村3幢", "w1"),
        ("3幢", "w1"),
        ("pingjiang xincun 5 zhuang", "w2"),
        ("PJXC5Z", "w2"),
        ("villa", "w3"),
        ("VILLA  ANNA", "w3"),
        ("十全街12号", "w4"),
        ("12 十全街", "w4"),
        ("shiquanjie 12 hao", "w4"),
        ("sqj12", "w4"),
        ("shiquan", "w4"),
        ("桂花公寓", "w5"),
        ("guihua", "w5"),
        ("ghgy", "w5"),
    ],
)
def test_a_home_is_found_by_what_people_call_it(homes: Homes, asked: str, home: str) -> None:
    assert homes.city.residences.frame.index[homes.find(asked, "town")] == home


def test_several_homes_are_listed_and_none_is_guessed(homes: Homes) -> None:
    with pytest.raises(InputError) as error:
        homes.find("pjxc", "town")
    message = error.value.in_language("en")
    assert "2 homes fit" in message and "w1 (平江新村3幢), w2 (平江新村5幢)." in message
    homes.city.residences.frame["name"] = "平江新村"
    with pytest.raises(InputError) as error:
        replace(homes).find("平江", "town")
    assert "有 6 处住处相符" in error.value.in_language("zh")


def test_of_many_homes_ten_are_listed(tmp_path: Path) -> None:
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0))
    for i in range(12):
        scene.home(f"h{i}", 50 * i, 0)
    ground = ground_of(scene.venue("v", 0, 0), tmp_path)
    ground.city.residences.frame["name"] = "Block"
    with pytest.raises(InputError) as error:
        Homes(ground.city, ground.network).find("block", "town")
    message = error.value.in_language("en")
    assert "12 homes fit" in message and message.count("(Block)") == 10 and "…" in message


def test_a_slip_of_the_pen_is_met_with_the_nearest_names(homes: Homes) -> None:
    for asked, hint in (
        ("Vila Ana", "Did you mean 'Villa Anna'?"),
        ("平江新邨3幢", "Did you mean one of 平江新村3幢, 平江新村5幢?"),
        ("zzz", "Ids stand"),
        ("、", "Ids stand"),
    ):
        with pytest.raises(InputError) as error:
            homes.find(asked, "town")
        message = error.value.in_language("en")
        assert "no such home" in message and hint in message


def test_a_home_is_called_by_name_compound_address_or_street(homes: Homes) -> None:
    called = [str(homes.called(r)) for r in range(6)]
    assert called[:1] + called[2:5] == ["平江新村3幢", "Villa Anna", "十全街 12", "桂花公寓"]
    homes.city.residences.frame["address"] = ""
    nameless = replace(homes).called(3)
    assert not isinstance(nameless, str)
    assert (nameless.zh, nameless.en) == ("干将路附近", "near 干将路")
