"""Scenarios on drawn streets, every time worked out by hand: legs, streets, links, gates.

The canal: two streets of 600 m along y = 0 and y = 100, joined at x = 0 alone. Home h stands 10 m
south of the first at x = 500, venue v 10 m north of the second at x = 500: 1,120 m apart on foot,
120 m as the crow flies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely
from edit_oracle import edge_at
from grounds import at, compared, document, ground_of, seconds, states
from scenes import Scene

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import InputError
from gusu_geo.report.comparison_workbook import write_comparison_book
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import NodeFlag, WayFlag

PRIVATE, RESIDENTS = int(WayFlag.PRIVATE), int(NodeFlag.RESIDENTS)


def canal(**homes: tuple[float, float]) -> Scene:
    scene = Scene()
    scene.way("a b", a=(0, 0), b=(600, 0)).way("c d", c=(0, 100), d=(600, 100)).way("a c")
    scene.water = [shapely.box(50, 20, 2000, 80)]
    scene.venue("v", 500, 110)
    for name, xy in (homes or {"h": (500.0, -10.0)}).items():
        scene.home(name, *xy)
    return scene


def link(one: Any, other: Any, **more: Any) -> dict[str, Any]:
    ends = [place if isinstance(place, dict) else {"at": at(*place)} for place in (one, other)]
    return {"do": "add_link", "from": ends[0], "to": ends[1], **more}


def on(net: WalkNetwork, x: float, y: float) -> list[int]:
    return list(edge_at(net, x, y))


def test_no_changes_change_nothing(tmp_path: Path) -> None:
    ground = ground_of(canal(), tmp_path)
    changed = apply_scenario(ground, parse_scenario(document()))
    assert changed.ground.network is ground.network
    assert changed.ground.city.facilities.frame is ground.city.facilities.frame
    found = compared(ground)
    assert not found.changed.any() and len(found.marks) == 0
    for name in ("nearest_cs", "nearest_ix", "counted_cs", "one_stop_cs", "one_stop_ix"):
        assert np.array_equal(getattr(found.before.access, name), getattr(found.after.access, name))
    assert seconds(found.before) == 1120.0 and states(found.before) == ["fail"]


@pytest.mark.parametrize(("length_cm", "wanted"), [(None, 320.0), (9_800, 318.0), (14_050, 360.5)])
def test_footbridge_over_a_canal(tmp_path: Path, length_cm: int | None, wanted: float) -> None:
    """10 + 100 to the bridge, 100 over it unless its length is given, 100 + 10 from there."""
    more = {} if length_cm is None else {"length_cm": length_cm}
    found = compared(ground_of(canal(), tmp_path), link((400, 0), (400, 100), **more))
    assert seconds(found.after) == wanted
    assert (states(found.before), states(found.after)) == (["fail"], ["pass"])
    assert found.residences.loc["h", ["gained", "lost"]].tolist() == ["s", ""]
    (mark,) = found.marks.geometry
    assert mark.length == pytest.approx(100, abs=0.01)


def test_compounds_before_and_after(tmp_path: Path) -> None:
    """h (1 person) at x = 500 walks 1,120 m; g (2) at x = 20 only 640 m, and k (4) is in none."""
    ground = ground_of(canal(h=(500, -10), g=(20, -10), k=(21, -10)), tmp_path)
    homes = ground.city.residences.frame
    homes["compound"], homes["compound_name"] = ["a", "b", ""], ["甲小区", "乙小区", ""]
    found = compared(ground, link((400, 0), (400, 100)))
    rows = found.compounds.set_index("id")
    assert rows.index.tolist() == ["a", "b", ""]
    wanted = {"persons": [1, 2, 4], "passed_persons_before": [0, 2, 4], "gained_persons": [1, 0, 0],
              "passed_persons_after": [1, 2, 4], "missing_s_before": [1, 0, 0]}  # fmt: skip
    assert {key: rows[key].tolist() for key in wanted} == wanted
    write_comparison_book(found, tmp_path / "c.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx")["小区 Compounds"]
    names = {row[0].value for row in sheet.iter_rows()}
    assert {"甲小区", "乙小区", "不在小区内 Outside every compound"} <= names


def test_bridge_at_the_door_of_home_and_venue(tmp_path: Path) -> None:
    """Right at both: two legs and the bridge; the two rows of each door are one place."""
    found = compared(ground_of(canal(), tmp_path), link((500, 0), (500, 100)))
    assert seconds(found.after) == 120.0


def test_exact_places_have_no_leg_and_count_on_their_own_network_alone(tmp_path: Path) -> None:
    ground = ground_of(canal(), tmp_path)
    net = ground.network
    here = {"at": at(450, 0), "on": on(net, 450, 0)}
    bridge = link(here, {"at": at(450, 100), "on": on(net, 450, 100)})
    venue = {"do": "add_venue", "id": "new", "services": ["s"], "on": on(net, 200, 0)}
    found = compared(ground, bridge, network=net.digest)
    assert seconds(found.after) == 10 + 50 + 100 + 50 + 10
    assert seconds(compared(ground, venue, network=net.digest).after) == 310.0
    # Of other streets "on" means nothing, and "at" is snapped: 5 m off the street cost 5 s.
    other = {"do": "add_venue", "id": "new", "services": ["s"], "at": at(200, -5), "on": [999, 0]}
    assert seconds(compared(ground, other, network="of long ago").after) == 315.0
    with pytest.raises(InputError, match=r"changes\[0\]: .*no \"at\""):
        compared(ground, venue, network="of long ago")


def test_links_join_streets_across_water_and_venues_do_not(tmp_path: Path) -> None:
    """30 m from the far street and on its side of the water; 60 m from the near one across it."""
    ground = ground_of(canal(), tmp_path)
    found = compared(ground, {"do": "add_venue", "id": "n", "services": ["s"], "at": at(400, 90)})
    assert seconds(found.after) == 10 + 500 + 100 + 400 + 10
    scene = canal()
    scene.water.append(shapely.box(50, 80, 2000, 95))
    with pytest.raises(InputError, match=r"changes\[0\]\.at: only streets across water"):
        add = {"do": "add_venue", "id": "n", "services": ["s"], "at": at(1300, 85)}
        compared(ground_of(scene.way("d e", e=(1400, 100)), tmp_path), add)


def test_a_wall_beside_the_street_keeps_no_link_from_it(tmp_path: Path) -> None:
    """The end 8 m off the street, behind a wall without a gate: on the street, without the 8 m."""
    scene = canal().block("wall", (380, -5), (420, -5))
    found = compared(ground_of(scene, tmp_path), link((400, -8), (400, 100)))
    assert seconds(found.after) == 320.0


def gated(*, private: str = "", gate: int = 0) -> Scene:
    """a (0), g (300), b (600), c (900) along y = 0; g is a locked gate. ``private``: ways g-b."""
    scene = Scene(closed="g")
    scene.nodes["g"] |= gate
    scene.way("a g", a=(0, 0), g=(300, 0))
    scene.way("g b", flags=PRIVATE if private else 0, b=(600, 0)).way("b c", c=(900, 0))
    return scene


def gate_of(ground: Ground) -> dict[str, Any]:
    net = ground.network
    (node,) = np.unique(net.osm_node[(net.node_flags & NodeFlag.CLOSED) != 0])
    return {"do": "open_gate", "node": int(node)}


@pytest.mark.parametrize("gate", [0, RESIDENTS])
def test_an_opened_gate_is_walked_through(tmp_path: Path, gate: int) -> None:
    scene = gated(gate=gate).home("h", 200, 10).venue("v", 800, 10)
    ground = ground_of(scene, tmp_path)
    found = compared(ground, gate_of(ground))
    assert seconds(found.before) == np.inf
    assert seconds(found.after) == 10 + 600 + 10


def test_a_gate_where_one_street_ends_opens_nothing_and_is_refused(tmp_path: Path) -> None:
    scene = Scene(closed="b").way("a b", a=(0, 0), b=(600, 0)).home("h", 0, 0).venue("v", 5, 0)
    ground = ground_of(scene, tmp_path)
    with pytest.raises(InputError, match=r"no closed gate between streets.*There are 0 such gates"):
        compared(ground, gate_of(ground))


def test_a_gate_to_private_ways_lets_in_and_out_but_not_through(tmp_path: Path) -> None:
    """Resident r walks out, guest h walks in to v, and nobody walks through to w beyond."""
    scene = gated(private="yes").home("h", 200, 10).home("r", 400, 10)
    scene.venue("v", 500, 10, service="in").venue("w", 800, 10, service="out")
    scene.venue("x", 100, 10, service="street")
    ground = ground_of(scene, tmp_path, services="in out street")
    found = compared(ground, gate_of(ground))
    before, after = found.before, found.after
    assert [seconds(before, "h", s) for s in ("in", "out", "street")] == [np.inf, np.inf, 120.0]
    assert [seconds(after, "h", s) for s in ("in", "out", "street")] == [320.0, np.inf, 120.0]
    assert [seconds(before, "r", s) for s in ("in", "out", "street")] == [120.0, 420.0, np.inf]
    assert [seconds(after, "r", s) for s in ("in", "out", "street")] == [120.0, 420.0, 320.0]


def street(**venues: float) -> Scene:
    """One street of 2 km; homes 10 m off it at x = 0 and x = 1000, venues on it."""
    scene = Scene().way("a b", a=(0, 0), b=(2000, 0))
    scene.home("h", 0, 10).home("far", 1000, 10)
    for name, x in venues.items():
        scene.venue(name, x, 0)
    return scene


def test_a_moved_venue_counts_at_its_new_place_alone(tmp_path: Path) -> None:
    scene = street(v=100).venue("v-too", 100, 0, service="t", of="v")
    ground = ground_of(scene, tmp_path, services="s t")
    found = compared(ground, {"do": "move_venue", "venue": "v", "at": at(1200, 20)})
    for service in ("s", "t"):  # every facility of the venue moves
        assert [seconds(found.after, h, service) for h in ("h", "far")] == [1230.0, 230.0]
        assert (states(found.before, service), states(found.after, service)) == (
            ["pass", "fail"], ["fail", "pass"],
        )  # fmt: skip
    assert found.residences["lost"].tolist() == ["s,t", ""]
    assert found.residences["gained"].tolist() == ["", "s,t"]
    frame = found.after.city.facilities.frame
    assert frame.index.tolist() == ["v", "v-too"]
    assert frame.geometry.x.round(3).tolist() == [1200.0, 1200.0]
    assert ground.city.facilities.frame.geometry.x.tolist() == [100.0, 100.0]
    back = {"do": "move_venue", "venue": "v", "at": at(100, 0)}
    again = compared(ground, {"do": "move_venue", "venue": "v", "at": at(1200, 20)}, back)
    assert not again.changed.any()


def test_a_venue_moved_out_from_behind_a_wall_is_unknown_no_more(tmp_path: Path) -> None:
    scene = street(near=100)
    wall = [(880, -40), (1120, -40), (1120, -5), (880, -5), (880, -40)]
    scene.venue("walled", 1000, -20, service="t").block("wall", *wall)
    ground = ground_of(scene.venue("t-far", 1950, 0, service="t"), tmp_path, services="s t")
    assert states(compared(ground).before, "t") == ["fail", "unknown"]
    found = compared(ground, {"do": "move_venue", "venue": "walled", "at": at(300, 0)})
    assert states(found.after, "t") == ["pass", "pass"]
    gone = compared(ground, {"do": "close_venue", "venue": "walled"})
    assert states(gone.after, "t") == ["fail", "fail"]


def test_closing_venues(tmp_path: Path) -> None:
    """The next one counts; without the last one the service fails, for the data know it."""
    ground = ground_of(street(v=100, w=1500), tmp_path)
    close = [{"do": "close_venue", "venue": venue} for venue in ("v", "w")]
    one = compared(ground, close[0])
    assert [seconds(one.after, h) for h in ("h", "far")] == [1510.0, 510.0]
    assert one.after.access.facility_ids.tolist() == ["v", "w"]
    both = compared(ground, *close)
    assert states(both.after) == ["fail", "fail"]
    assert both.services.loc["s", ["venues_before", "venues_after"]].tolist() == [2, 0]
    add = {"do": "add_venue", "id": "n", "services": ["s"], "at": at(0, 0)}
    none = compared(ground, *close, add, {"do": "close_venue", "venue": "n"})
    assert states(none.after) == ["fail", "fail"]
    assert none.closed.tolist() == [True, True, True]


def test_a_service_without_data_passes_where_an_added_venue_is_in_time(tmp_path: Path) -> None:
    ground = ground_of(street(v=500), tmp_path, services="s t")
    add = {"do": "add_venue", "id": "n", "name": "New", "services": ["t"], "at": at(100, 0)}
    found = compared(ground, add)
    assert (states(found.before, "t"), states(found.after, "t")) == (
        ["unknown"] * 2,
        ["pass"] * 1 + ["unknown"],
    )
    assert [seconds(found.after, h, "t") for h in ("h", "far")] == [110.0, 910.0]
    assert found.after.city.facilities.frame.loc["n:t", ["name", "evidence"]].tolist() == [
        "New",
        "A",
    ]
    assert found.summary.loc["passed", ["persons_before", "persons_after"]].tolist() == [0.0, 1.0]
    assert np.isnan(found.services.loc["t", "share_after"])
    assert found.residences["gained"].tolist() == ["t", ""]  # s was met before


def test_walk_and_rule(tmp_path: Path) -> None:
    """The last walk wins, minutes and mode are set each by itself."""
    ground = ground_of(street(v=500), tmp_path)
    slow = {"do": "set_walk", "speed_mps": 0.5}
    assert seconds(compared(ground, slow).after) == 1020.0
    elder = compared(ground, slow, {"do": "set_walk", "profile": "elder"})
    assert seconds(elder.after) == 637.5
    own = compared(ground, {"do": "set_walk", "profile": "elder"}, slow)
    assert own.after.study.walk.on_steps() == ground.study.walk.on_steps()
    rule = ({"do": "set_rule", "minutes": 8}, {"do": "set_rule", "mode": "one_stop"})
    found = compared(ground, *rule)
    assert states(found.after) == ["fail", "fail"] and found.after.rule.mode == "one_stop"
    assert states(compared(ground, {"do": "set_rule", "minutes": 8.5}).after) == ["pass", "pass"]


def test_other_walkers_have_other_doors(tmp_path: Path) -> None:
    """On wheels the steps at the door are no street: the door is on the next street, 60 m off."""
    stairs = int(WayFlag.STEPS | WayFlag.NO_WHEELS)
    scene = Scene().way("a r b", a=(0, 0), r=(260, 0), b=(2000, 0)).venue("v", 500, 0)
    scene.way("r q p", flags=stairs, q=(260, 60), p=(200, 60))
    ground = ground_of(scene.home("steps", 240, 60), tmp_path)
    found = compared(ground, {"do": "set_walk", "profile": "wheelchair"})
    assert seconds(found.before, "steps") == 2 * (20 + 60) + 240
    assert seconds(found.after, "steps") == (60 + 260) / 0.8


def test_twice_is_the_same_and_a_scenario_cannot_be_changed(tmp_path: Path) -> None:
    ground = ground_of(canal(), tmp_path)
    scenario = parse_scenario(document(link((400, 0), (400, 100))))
    one, two = (apply_scenario(ground, scenario) for _ in range(2))
    assert one.ground.network.digest == two.ground.network.digest != ground.network.digest
    with pytest.raises(AttributeError):
        scenario.study = "x"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        scenario.changes[0].do = "x"  # type: ignore[assignment]


NEW = {"do": "add_venue", "id": "n", "services": ["s"]}
FAULTS: list[tuple[list[dict[str, Any]], str]] = [
    ([{"do": "close_venue", "venue": "v2"}], r"changes\[0\]\.venue: no such venue\. Got 'v2'\. Did you mean 'v'"),
    ([{"do": "move_venue", "venue": "", "at": [0, 0]}], r"changes\[0\]\.venue: no such venue"),
    ([{"do": "close_venue", "venue": "v"}] * 2, r"changes\[1\]\.venue: .*closed by changes\[0\]"),
    ([NEW | {"services": ["s", "z"], "at": [0, 0]}], r"changes\[0\]\.services\[1\]: no such service.*'z'"),
    ([NEW | {"id": "v", "at": [0, 0]}], r"changes\[0\]\.id: there is a venue with this id"),
    ([NEW | {"on": [99, 0]}], r"changes\[0\]\.on: no such edge\. Got 99\. The streets have 3 edges"),
    ([NEW | {"on": [0, 99_999_999]}], r"changes\[0\]\.on: lies beyond the end of its edge"),
    ([NEW | {"at": [0, 0]}], r"changes\[0\]\.at: no street is within reach"),
    ([NEW | {"on": [0, 0], "at": [120.6, 31.35]}], r"changes\[0\]: \"at\" and \"on\" are .* m apart"),
    ([{"do": "open_gate", "node": 5}], r"changes\[0\]\.node: no closed gate .* Got 5\. There are 0"),
    ([link((400, 0), (400, 100), length_cm=9_599)], r"changes\[0\]\.length_cm: .*shorter than the straight"),
    ([link((400, 0), (9000, 100))], r"changes\[0\]\.to\.at: no street is within reach"),
    ([link({"on": [0, -0]}, {"on": [7, 1]})], r"changes\[0\]\.to\.on: no such edge"),
    ([{"do": "set_walk", "profile": "eldr"}], r"changes\[0\]\.profile: .*Did you mean 'elder'"),
    ([{"do": "set_walk", "speed_mps": 50}], r"changes\[0\]\.speed_mps: .*Got 50"),
    ([{"do": "set_rule", "minutes": 45}], r"changes\[0\]\.minutes: the search stops at 30 minutes"),
    ([{"do": "set_rule", "minutes": 0}], r"changes\[0\]\.minutes: .*greater than 0"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), FAULTS)
def test_changes_that_do_not_fit_the_study(
    changes: list[dict[str, Any]], message: str, tmp_path: Path
) -> None:
    ground = ground_of(canal(), tmp_path)
    with pytest.raises(InputError, match=message):
        apply_scenario(ground, parse_scenario(document(*changes, network=ground.network.digest)))


def test_a_link_of_just_the_length_allowed(tmp_path: Path) -> None:
    """100 m less 2 % less 2 m are 96 m."""
    found = compared(ground_of(canal(), tmp_path), link((400, 0), (400, 100), length_cm=9_601))
    assert seconds(found.after) == 316.01


def test_another_study_and_rides_are_refused(tmp_path: Path) -> None:
    scene = canal().way("b d", flags=int(WayFlag.FERRY))
    ground = ground_of(scene, tmp_path)
    with pytest.raises(InputError, match=r"study: the scenario is of another study\. Got 'other'"):
        apply_scenario(ground, parse_scenario(document(study="other")))
    ferry = int(np.flatnonzero(ground.network.edge_flags & WayFlag.FERRY)[0])
    ends = link({"on": [ferry, 5]}, {"on": on(ground.network, 100, 0)})
    with pytest.raises(InputError, match=r"changes\[0\]\.from: .*lift or a ferry"):
        apply_scenario(ground, parse_scenario(document(ends, network=ground.network.digest)))
