"""By tier on the page: its engine in Node finds what Python found, before and after changes."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edit_oracle import edge_at
from grounds import at, compared, ground_of
from random_towns import random_town
from scenes import Scene
from test_map_node import links_in
from tier_scenes import tier_ground

import gusu_geo.report.webmap as web
from gusu_geo.assessment.rule import State
from gusu_geo.report.comparison import Comparison
from gusu_geo.report.webmap.content import arrays_of, texts_of
from gusu_geo.report.webmap.grid import Grid
from gusu_geo.report.webmap.render import render_map

ENGINE = Path(web.__file__).parent / "page" / "engine"
# What the page does for a map with the settings of the file beside it.
PROGRAM = """
import { readFileSync } from "node:fs";
const [folder, ...pages] = process.argv.slice(1);
const load = (name) => import(`${folder}/${name}.js`);
const [{ unpack }, { lines }, { Engine }, { Tiers, tierSums }, { read }] = await Promise.all(["packed", "shapes", "engine", "tiers", "scenario"].map(load));
for (const path of pages) {
  const page = readFileSync(path, "utf8"), block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
  const arrays = await unpack(block("gusu-arrays")), texts = JSON.parse(block("gusu-texts"));
  const engine = new Engine(arrays, texts, lines(arrays, "street")), tiers = new Tiers(engine);
  const state = read(readFileSync(path.replace("html", "json"), "utf8"), texts, engine, () => null);
  const model = { arrays, texts, homes: texts.homes.ids.length };
  const told = [engine.asIs(), state].map((one) => {
    const states = Array.from(tiers.of(engine.judge(one)));
    return { states, sums: tierSums(model, states) };
  });
  console.log(JSON.stringify({ packed: Array.from(arrays.tier_state), told, pairs: texts.tiers.map(({ service, of }) => [service, of]) }));
}
"""


def in_node(found: list[Comparison], folder: Path) -> list[dict[str, Any]]:
    """What the page of each study says by tier: as packed, as it is, and after the changes."""
    pages = []
    for number, one in enumerate(found):
        assert one.tiered is not None
        page = folder / f"{number}.html"
        page.write_text(render_map(replace(one.before, tiered=one.tiered[0])), encoding="utf-8")
        file = {"schema": "gusu-geo-scenario/1", "study": one.before.study.name,
                "network": one.before.network.digest, "changes": one.scenario.as_data()}  # fmt: skip
        page.with_suffix(".json").write_text(json.dumps(file), encoding="utf-8")
        pages.append(page)
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM, ENGINE.as_uri(), *pages],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(one: Comparison, page: dict[str, Any]) -> set[int]:
    """The page's states and sums are the tables'; returns the states after the changes."""
    assert one.tiered is not None
    tiers = ("district", "subdistrict", "community", "compound")
    pairs = [(service, tiers[of]) for service, of in page["pairs"]]
    sides = [np.column_stack([side.state[pair] for pair in pairs]) for side in one.tiered]
    assert page["packed"] == sides[0].ravel().tolist()
    for told, states, side in zip(page["told"], sides, one.tiered, strict=True):
        assert told["states"] == states.ravel().tolist()
        rows = {(row["service"], row["tier"]): row for row in side.facts["coverage"]}
        for sums, pair in zip(told["sums"], pairs, strict=True):
            for key, value in sums.items():
                assert value == pytest.approx(rows[pair][key], abs=1e-6), (pair, key)
    return set(sides[1].ravel().tolist())


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
    changes = [*links_in(net, seed), *new, *more[: 1 + seed % 5]]
    if seed == 5:  # every venue of a service closes: surely missing, not unknown
        changes = [{"do": "close_venue", "venue": one} for one in sorted({*ids})]
    return compared(ground, *changes, network=net.digest)


def test_node_judges_by_tier_as_python_does(tmp_path: Path) -> None:
    found = [town(seed, tmp_path) for seed in range(6)]
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
    pairs = texts_of(outcome, grid, "zh")["tiers"]
    assert [(pair["of"], pair["accepts"]) for pair in pairs] == [(1, [0, 1]), (2, [0, 1, 2])]
    assert arrays_of(outcome, grid)["venue_tier"].tolist() == [2, 1]
