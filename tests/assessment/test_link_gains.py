"""What missing links give: worked out by hand, and equal to judging the changed streets anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from grounds import compared, document, ground_of
from hypothesis import given, settings
from hypothesis import strategies as st
from random_towns import WALKS, hilly, random_town
from scenes import Scene, points_frame

import gusu_geo as gg
from gusu_geo.assessment.link_gains import People, gains_of, walkers_alike
from gusu_geo.assessment.link_stops import Walkers
from gusu_geo.assessment.missing_links import LinkSearch, missing_links
from gusu_geo.assessment.openings import Openings
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground
from gusu_geo.pipeline.survey import gaps_of, people_of
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed
from gusu_geo.scenarios.network_edits import NewLink, Spot, edit_network
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.study.overrides import Override
from gusu_geo.study.params import Walk
from gusu_geo.tables import NodeFlag, WayFlag
from gusu_geo.walking.linkage import Linked
from gusu_geo.walking.trips import Trips

SEARCH = LinkSearch(piece_min_m=0.5, spacing_m=50.0)
PRIVATE = int(WayFlag.PRIVATE)


def canal() -> Scene:
    """Quays 40 m apart, a bridge at x = 1000 alone; street points at x = 25, 75, ... Read on the
    southern quay at x = 25, play on the northern at x = 125; at 1 m/s metres are seconds.

    a home reads             plays
    near  (x = 125, south)   100 m    875 + 40 + 875 = 1,790; over the link at 25: 100 + 40 + 100
    far   (x = 325, south)   300 m    675 + 40 + 875 = 1,590; over the link at 25: 300 + 40 + 100
    other (x = 225, north)   775 + 40 + 975; over the link at 25: 200 + 40 + 0     100 m
    """
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).way("c d", c=(0, 40), d=(1000, 40))
    scene.way("b d").block("wall", (-500, 20), (990, 20))
    scene.home("near", 125, 0).home("far", 325, 0).home("other", 225, 40)
    scene.venue("r", 25, 0, service="read").venue("p", 125, 40, service="play")
    return scene


PERSONS = np.array([1.0, 2.0, 4.0])


def table(scene: Scene, threshold_s: float, *, search: LinkSearch = SEARCH) -> gpd.GeoDataFrame:
    net = scene.network()
    trips = Trips.of(net, Walk(speed_mps=1.0))
    homes = scene.linked(net, scene.homes, island_max_m=0.0)
    places = {name: points for name, (_, _, points) in scene.venues.items()}
    venues = scene.linked(net, places, island_max_m=0.0)
    service = [of for of, _, _ in scene.venues.values()]
    alike = walkers_alike(
        trips, Walk(speed_mps=1.0), homes, venues, service, threshold_s=threshold_s
    )
    persons = PERSONS[: len(scene.homes)]
    people = People(homes, persons, [alike], "")
    walk = Walk(speed_mps=1.0)
    return missing_links(
        net, walk=walk, barriers=scene.barriers(), search=search, people=people
    )  # fmt: skip


@pytest.mark.parametrize(
    ("threshold_s", "whole", "services"),
    [
        (239, 0, 0),  # nobody
        (240, 1 + 4, 1 + 4),  # near plays after 240 s, other reads after 240 s
        (439, 1 + 4, 1 + 4),
        (440, 1 + 2 + 4, 1 + 2 + 4),  # far plays after 440 s
        (1589, 7, 7),
        (1590, 1 + 4, 1 + 4),  # far plays without a link
    ],
)
def test_across_a_canal_by_hand(threshold_s: int, whole: float, services: float) -> None:
    links = table(canal(), threshold_s)
    west = links[np.isclose(links.geometry.bounds["minx"], 25, atol=0.1)].iloc[0]
    assert (west["gained_persons"], west["gained_service_persons"]) == (whole, services)
    assert west["gains_missing"] == "" and west["door_persons"] == 0
    order = list(zip(links["gained_persons"], links["gained_service_persons"],
                     links["saved_m"] * links["persons"], strict=True))  # fmt: skip
    assert order == sorted(order, reverse=True)


def test_what_gives_most_comes_first_though_another_saves_more() -> None:
    links = table(canal(), 250)
    # At x = 225 near walks 100 + 40 + 100 to play, other 40 + 200 to read; that one saves 1,550 m
    # for the same 7 persons near, where the one at x = 25 saves 1,950.
    assert (links["gained_persons"] > 0).sum() < len(links)
    assert links["gained_persons"].iloc[0] == 5 and links["gained_persons"].is_monotonic_decreasing


def test_homes_behind_walls_get_a_door_and_are_counted_apart() -> None:
    scene = canal()
    scene.home("walled", 30, 20)
    scene.blocks = [("wall", shapely.box(-20, 10, 60, 30).exterior)]
    scene.home("shut", 90, 20)  # in walls that no link leads through
    scene.blocks.append(("wall", shapely.box(70, 10, 110, 30).exterior))
    scene.block("wall", (60, 20), (990, 20))
    net = scene.network()
    homes = scene.linked(net, scene.homes, island_max_m=0.0)
    people = People(homes, np.array([1.0, 2.0, 4.0, 8.0, 16.0]))
    links = missing_links(net, barriers=scene.barriers(), search=SEARCH, people=people)
    west = np.isclose(links.geometry.bounds["minx"], 25, atol=0.1)
    assert links.loc[west, "door_persons"].tolist() == [8.0]
    assert (links.loc[~west, "door_persons"] == 0).all()
    assert set(links["gains_missing"]) == {"no_venues"} and links["gained_persons"].isna().all()


def gated(*, private: bool) -> Scene:
    """A wall with a lane through it at x = 25: a locked gate, or a private lane."""
    scene = canal()
    scene.blocks = []
    scene.ways = scene.ways[2:]
    scene.way("a p b", p=(25, 0)).way("c q d", q=(25, 40))
    scene.way("p g q", g=(25, 20), flags=PRIVATE if private else 0)
    if not private:
        scene.nodes["g"] = int(NodeFlag.CLOSED)
    return scene.block("wall", (-500, 20), (24, 20)).block("wall", (26, 20), (990, 20))


@pytest.mark.parametrize("private", [False, True])
def test_gates_and_private_lanes_are_opened_as_such(private: bool) -> None:
    """The lane is 40 m long, as the link beside it: near plays after 240 s."""
    for seconds, persons in ((239, 0), (240, 5), (440, 7)):
        links = table(gated(private=private), seconds)
        row = links[links["between"] == ("private" if private else "gate")].iloc[0]
        assert row["gained_persons"] == persons
        change = json.loads(row["change"])
        if private:
            assert (change["do"], change["length_cm"]) == ("add_link", 4000)
        else:
            assert change["do"] == "open_gate"


def test_a_gate_to_private_ways_lets_in_and_out_but_not_through() -> None:
    """a (0), locked gate g (300), private ways to b (600), c (900). With the gate open guest h walks
    in to v, resident r out to x, both 320 m; nobody walks through to w beyond, 620 m from h."""
    scene = Scene(closed="g").way("a g", a=(0, 0), g=(300, 0)).way("g b", flags=PRIVATE, b=(600, 0))
    scene.way("b c", c=(900, 0)).home("h", 200, 10).home("r", 400, 10)
    scene.venue("v", 500, 10, service="in").venue("w", 800, 10, service="out")
    scene.venue("x", 100, 10, service="street")
    net, walk = scene.network(), Walk(speed_mps=1.0)
    trips, places = Trips.of(net, walk), {name: at for name, (_, _, at) in scene.venues.items()}
    homes, venues = (scene.linked(net, one, island_max_m=0.0) for one in (scene.homes, places))
    (gate,) = np.unique(net.osm_node[(net.node_flags & NodeFlag.CLOSED) != 0])
    none = np.zeros((1, 2), np.int64)
    opening = Openings(none, none, np.zeros(1, np.int64), np.array([gate]))
    line = np.full(1, shapely.LineString([(0, 0), (1, 0)]), object)
    for limit_s, wanted in ((319, 0), (320, 1 + 2), (900, 1 + 2)):
        alike = walkers_alike(trips, walk, homes, venues, ["in", "out", "street"], threshold_s=limit_s)  # fmt: skip
        people = People(homes, np.array([1.0, 2.0]), [alike], "")
        assert gains_of(opening, line, people, None).service_persons.tolist() == [wanted]


def test_the_api_alone_has_no_gains_and_with_facilities_has() -> None:
    scene = canal()
    net, wall = scene.network(), gpd.GeoDataFrame(
        {"kind": ["wall"]}, geometry=[shape for _, shape in scene.blocks], crs=scene.network().crs
    )  # fmt: skip
    options: dict[str, Any] = {"search": SEARCH, "barriers": wall, "island_max_m": 0}
    alone = gg.missing_links(net, **options)
    assert set(alone["gains_missing"]) == {"no_homes"} and alone["gained_persons"].isna().all()
    homes = points_frame(net, {"near": (125, 0), "far": (325, 0), "other": (225, 40)})
    venues = points_frame(net, {"r": (25, 0), "p": (125, 40)}, service=["read", "play"])
    walk = Walk(speed_mps=1.0)
    found = gg.missing_links(
        net, residences=homes.assign(persons=PERSONS), facilities=venues, threshold_s=240,
        walk=walk, **options,
    )  # fmt: skip
    assert found["gained_persons"].iloc[0] == 5
    columns = ["gained_persons", "gained_service_persons", "door_persons"]
    assert {str(one) for one in found[columns].dtypes} == {"float64"}
    with pytest.raises(gg.InputError, match="residences"):
        gg.missing_links(net, facilities=venues)


@pytest.mark.parametrize(
    ("rule", "why"), [({"mode": "one_stop"}, "one_stop"), ({}, "min_count"), ({}, "")]
)
def test_where_gains_do_not_follow_from_nearest_venues_that_is_said(
    rule: dict[str, Any], why: str, tmp_path: Path
) -> None:
    ground = ground_of(canal(), tmp_path, services="read play", minutes=4, **rule)
    if why == "min_count":
        services = tuple(replace(one, min_count=2) for one in ground.pack.services)
        ground = replace(ground, pack=replace(ground.pack, services=services))
        text = (
            (tmp_path / "pack.toml").read_text("utf-8").replace('zh = "', 'min_count = 2\nzh = "')
        )
        (tmp_path / "pack.toml").write_text(text.replace("title = { min_count = 2\n", "title = { ").replace("note = { min_count = 2\n", "note = { "), "utf-8")  # fmt: skip
    people = people_of(ground, judge_ground(ground))
    assert people.why_none == why and bool(people.walkers) == (not why)


# ---------------------------------------------------------------- as judged anew


def random_openings(net: Any, rng: np.random.Generator) -> Openings:
    """New ways between any places but rides, and every gate with two sides."""
    rides = net.flagged(WayFlag.LIFT, WayFlag.FERRY) | (net.length_cm < 200)
    usable = np.flatnonzero(~rides)
    # Nobody sets out from the middle of private ways, and links have their ends in public.
    usable = usable[~net.flagged(WayFlag.PRIVATE)[usable]]
    count = 6 if len(usable) else 0
    edge = rng.choice(usable, (count, 2)) if count else np.zeros((0, 2), np.int64)
    offset = rng.integers(0, net.length_cm[edge] + 1)
    offset[rng.random(offset.shape) < 0.2] = 0
    gates, sides = np.unique(net.osm_node[(net.node_flags & NodeFlag.CLOSED) != 0], return_counts=True)  # fmt: skip
    gates = gates[sides > 1]
    edge = np.concatenate([edge, np.zeros((len(gates), 2), np.int64)])
    offset = np.concatenate([offset, np.zeros((len(gates), 2), np.int64)])
    length = rng.integers(0, 15_000, len(edge))
    return Openings(edge, offset, length, np.append(np.zeros(count, np.int64), gates))


def judged_anew(net: Any, walk: Walk, opening: Openings, alike: Walkers, service: list[str], limit_s: float) -> np.ndarray:  # fmt: skip
    """(R,K) in time on the changed streets."""
    if opening.gate[0]:
        edited = edit_network(net, gates=[int(opening.gate[0])])
    else:
        ends = [Spot(int(e), int(o)) for e, o in zip(opening.edge_ix[0], opening.offset_cm[0], strict=True)]  # fmt: skip
        edited = edit_network(net, links=[NewLink(*ends, int(opening.length_cm[0]))])
    trips = Trips.of(edited.network, walk)
    homes, venues = (Linked(one.ids, edited.extend(one.links)) for one in (alike.homes, alike.venues))  # fmt: skip
    return walkers_alike(trips, walk, homes, venues, service, threshold_s=limit_s).met


@given(seed=st.integers(0, 10**6), walk=WALKS, minutes=st.sampled_from([2, 4, 7]))
@settings(max_examples=25)
def test_gains_equal_judging_the_changed_streets(seed: int, walk: Walk, minutes: int) -> None:
    scene, homes_at, venues_at = random_town(seed)
    rng = np.random.default_rng(seed + 1)
    net = hilly(scene.network(), seed)
    inner = (rng.random(net.edges) < 0.2) & ~net.flagged(WayFlag.PRIVATE)
    net = replace(net, edge_flags=net.edge_flags | np.where(inner, int(WayFlag.ENCLOSED), 0).astype(np.int16))  # fmt: skip
    trips = Trips.of(net, walk)
    options = {"island_max_m": 0.0, "closed": trips.pace.closed}
    homes, venues = (scene.linked(net, one, **options) for one in (homes_at, venues_at))
    service, limit_s = ["s", "t", "s", "t"], 60.0 * minutes
    alike = walkers_alike(trips, walk, homes, venues, service, threshold_s=limit_s)
    openings = random_openings(net, rng)
    persons = 2.0 ** np.arange(len(homes.ids))  # the sum names who
    lines = np.full(len(openings.gate), shapely.LineString([(0, 0), (1, 0)]), object)
    gains = gains_of(openings, lines, People(homes, persons, [alike], ""), None)
    for row in range(len(openings.gate)):
        after = judged_anew(net, walk, openings.rows(slice(row, row + 1)), alike, service, limit_s)
        new = after & ~alike.met
        known = alike.known
        whole = after[:, known].all(axis=1) & ~alike.met[:, known].all(axis=1)
        assert gains.persons[row] == persons[whole].sum(), row
        assert gains.service_persons[row] == (persons[:, None] * new).sum(), row


def own_ruled(ground: Ground) -> Ground:
    """Every third home with a rule of its own: elders, and children with fewer wishes."""
    rows = [
        {"where": {"type": "old"}, "profile": "elder", "minutes": 12},
        {"where": {"type": "new"}, "profile": "child", "services": ["pharmacy", "library"]},
    ]
    rule = ground.study.rule.model_copy(update={"override": tuple(map(Override.model_validate, rows))})  # fmt: skip
    city, homes = ground.city, ground.city.residences
    kinds = np.array(["", "old", "new"], object)[np.arange(len(homes.frame)) % 3]
    homes = replace(homes, frame=homes.frame.assign(type=kinds))
    study = ground.study.model_copy(update={"rule": rule})
    return replace(ground, study=study, city=replace(city, residences=homes))


@pytest.mark.parametrize("own", [False, True])
def test_the_links_of_monaco_gain_what_compare_says(
    city_of: Callable[[str], Ground], own: bool
) -> None:
    """All twelve, one of them a gate, two of them private."""
    ground = own_ruled(city_of("monaco")) if own else city_of("monaco")
    before = judge_ground(ground)
    links = gaps_of(ground, before)
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    assert len(links) == 12 and (links["gained_service_persons"] > 0).any()
    for link in links.itertuples():
        change = json.loads(link.change)
        content = document(change, study="monaco", network=ground.network.digest)
        after = judge_changed(apply_scenario(ground, parse_scenario(content)), ground, before)
        whole = after.verdict.passed_known & ~before.verdict.passed_known
        cells = (after.verdict.state == State.PASS) & (before.verdict.state != State.PASS)
        assert link.gained_persons == pytest.approx(persons[whole].sum(), abs=0.006)
        assert link.gained_service_persons == pytest.approx(persons @ cells.sum(axis=1), abs=0.006)


def test_a_link_as_a_scenario_gives_what_the_table_says(tmp_path: Path) -> None:
    ground = ground_of(canal(), tmp_path, services="read play", minutes=4)
    people = people_of(ground, judge_ground(ground))
    links = missing_links(
        ground.network, walk=ground.study.walk, barriers=ground.barriers, search=SEARCH, people=people
    )  # fmt: skip
    assert (links["gained_persons"] > 0).any()
    for link in links.itertuples():
        found = compared(ground, json.loads(link.change), network=ground.network.digest)
        assert found.summary.loc["passed_known", "gained_persons"] == link.gained_persons
