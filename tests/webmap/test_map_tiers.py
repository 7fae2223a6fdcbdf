"""By tier on the page: its engine in Node finds what Python found, before and after changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from edit_oracle import edge_at
from grounds import at, compared, ground_of
from random_towns import random_town
from scenes import Scene
from test_map_node import links_in
from tier_pages import check, in_node
from tier_scenes import tier_ground

from gusu_geo.assessment.rule import State
from gusu_geo.report.comparison import Comparison
from gusu_geo.report.webmap.content import surveyed_arrays, texts_of
from gusu_geo.report.webmap.grid import Grid
from gusu_geo.report.webmap.zone_levels import ZoneLevels


def on(net: Any, rng: np.random.Generator) -> list[int]:
    return [int(rng.integers(net.edges)), 0]


OVERRIDES = [
    {"where": {"type": "老新村"}, "profile": "elder", "minutes": 6},
    {"where": {"type": "混合型"}, "services": ["t"]},
]
TIERS = {"s": ["社区", "街道"], "t": ["社区"]}
WORDS = ("", "district", "subdistrict", "community")


def town(seed: int, folder: Path) -> Comparison:
    """Venues of all tiers and of none, homes with rules of their own, and a scenario of venues
    that come, go and move, of links, limits and walkers."""
    rng = np.random.default_rng(seed)
    scene, homes, venues = random_town(seed)
    scene.homes = homes
    for i, (name, spots) in enumerate(venues.items()):
        scene.venue(name, *(xy for spot in spots for xy in spot), service="st"[i % 2])
    own = {"override": OVERRIDES} if seed % 2 else {}
    ground = ground_of(scene, folder, services="s t", minutes=8, tiers=TIERS, nested=seed % 3 == 0, **own)  # fmt: skip
    people, offers = ground.city.residences.frame, ground.city.facilities.frame
    people["compound"] = people["compound_name"] = ""
    people["type"] = rng.choice(["老新村", "混合型", ""], len(people))
    people.loc[people.index[:2], "type"] = ["老新村", "混合型"]
    offers["tier"] = rng.choice(WORDS, len(offers))
    net, ids = ground.network, offers["venue_id"].tolist()
    new = [
        {"do": "add_venue", "id": f"n{i}", "services": services, "on": on(net, rng), **tier}
        for i, (services, tier) in enumerate(
            [(["s"], {"tier": "街道"}), (["t"], {}), (["s", "t"], {}), (["s"], {"tier": "unknown"})]
        )
    ]
    more = [
        {"do": "close_venue", "venue": ids[0]},
        {"do": "move_venue", "venue": ids[1], "on": on(net, rng)},
        {"do": "close_venue", "venue": "n1"},
        {"do": "set_rule", "minutes": 4},
        {"do": "set_walk", "profile": "frail"},
    ]
    changes = [*links_in(net, seed), *new, *more[: 3 + seed % 3]]
    if seed == 3:  # every venue of a service closes: surely missing, not unknown
        changes = [{"do": "close_venue", "venue": one} for one in sorted({*ids})]
    return compared(ground, *changes, network=net.digest)


def test_node_judges_by_tier_as_python_does(tmp_path: Path) -> None:
    found = [town(seed, tmp_path) for seed in range(4)]
    seen = [check(*pair) for pair in zip(found, in_node(found, tmp_path), strict=True)]
    assert set().union(*seen) == {0, 1, 2, 3}


def test_the_hand_test_on_the_page(tmp_path: Path) -> None:
    """The hand test of tiers, and a station added in a2, at 1,000 m: 600 of 600 in time."""
    ground = tier_ground(tmp_path)
    add = {"do": "add_venue", "id": "n", "services": ["s"], "tier": "community", "at": at(1000, 0)}
    net = ground.network
    found = compared(ground, add | {"on": list(edge_at(net, 1000, 0))}, network=net.digest)
    (page,) = in_node([found], tmp_path)
    check(found, page)
    before, after = ([row["low_persons"] for row in told["sums"]] for told in page["told"])
    assert (before, after) == ([600, 100], [600, 600])  # subdistrict, community


def test_walls_and_ways_that_the_map_lacks_are_unknown_on_the_page_too(tmp_path: Path) -> None:
    """The community's near venue stands behind a wall without a gate, its other one is too far (690
    s); the subdistrict's is 900 m off every street; the district's is at hand, which is no answer."""
    scene = Scene().way("a z", a=(-100, 0), z=(700, 0)).home("h", 0, 0)
    scene.block("wall", (100, 10), (140, 10), (140, 50), (100, 50))
    scene.venue("w", 120, 30).venue("far", 100, 900).venue("d", 50, 0).venue("c", 690, 0)
    ground = ground_of(scene, tmp_path, minutes=8, tiers={"s": ["社区", "街道"]})
    people, offers = ground.city.residences.frame, ground.city.facilities.frame
    people["compound"] = people["compound_name"] = ""
    offers["tier"] = ["community", "subdistrict", "district", "community"]
    found = compared(ground, {"do": "close_venue", "venue": "w"}, network=ground.network.digest)
    (page,) = in_node([found], tmp_path)
    check(found, page)
    states = [told["states"] for told in page["told"]]
    assert states == [[State.UNKNOWN, State.UNKNOWN], [State.UNKNOWN, State.FAIL]]


def test_the_page_is_told_what_will_do(tmp_path: Path) -> None:
    one = compared(tier_ground(tmp_path, nested=True))
    assert one.tiered is not None
    outcome = replace(one.before, tiered=one.tiered[0])
    area = outcome.city.area
    grid = Grid.of(area.crs, area.geometry.to_numpy())
    zones = ZoneLevels.of(outcome)
    pairs = texts_of(outcome, grid, zones, "zh")["tiers"]
    assert [(pair["of"], pair["accepts"]) for pair in pairs] == [(1, [0, 1]), (2, [0, 1, 2])]
    assert surveyed_arrays(outcome, grid)["venue_tier"].tolist() == [2, 1]
