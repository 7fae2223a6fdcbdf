"""Rules of their own on the page: its engine in Node finds what Python found, and says which rule."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import browser, visit
from grounds import compared, ground_of
from outcomes import make_outcome
from random_towns import random_town
from scenes import Scene
from test_map_node import links_in, same

import gusu_geo.report.webmap as web
from gusu_geo.assessment.rule import State
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.report.webmap.content import surveyed_arrays, texts_of
from gusu_geo.report.webmap.grid import Grid
from gusu_geo.report.webmap.render import render_map
from gusu_geo.report.webmap.zone_levels import ZoneLevels
from gusu_geo.tables import WayFlag

__all__ = ["browser", "visit"]

ENGINE = Path(web.__file__).parent / "page" / "engine"
TWIN = Path(__file__).parent.parent / "support" / "plain_verdict.mjs"
# What the page does for a map, with the settings of the file beside it.
PROGRAM = """
import { readFileSync } from "node:fs";
const [folder, ...pages] = process.argv.slice(1);
const load = (name) => import(`${folder}/${name}.js`);
const [{ unpack }, { lines }, { Engine }, { Model }, { read }] = await Promise.all(["packed", "shapes", "engine", "model", "scenario"].map(load));
const keys = ["state", "nearest_cs", "nearest_ix", "one_stop_cs", "one_stop_ix", "residence_state"];
for (const path of pages) {
  const page = readFileSync(path, "utf8"), block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
  const arrays = await unpack(block("gusu-arrays")), texts = JSON.parse(block("gusu-texts"));
  const engine = new Engine(arrays, texts, lines(arrays, "street"));
  const state = read(readFileSync(path.replace("html", "json"), "utf8"), texts, engine, () => null);
  const found = engine.judge(state), model = new Model(arrays, texts);
  model.show(found);
  const told = model.now.services.map(({ share, missing_persons }) => [share, missing_persons]);
  console.log(JSON.stringify({ ...Object.fromEntries(keys.map((key) => [key, Array.from(found[key])])),
    services: told, passed: model.now.passed, asked: texts.homes.ids.map((_, r) => model.asked(r)) }));
}
"""
TYPES = ("老新村", "普通商品房", "")
RINGS = ("古城", "新城", "")
OVERRIDES = [
    {"where": {"type": "老新村"}, "profile": "elder", "minutes": 6},
    {"where": {"ring": "古城"}, "services": ["s", "t"]},
    {"where": {"ring": "新城", "type": "老新村"}, "profile": "adult", "services": ["t"]},
]
ASKED = (  # changes of a scenario, which the page reads and Python applies
    [],
    [{"do": "set_rule", "minutes": 3}],
    [{"do": "set_walk", "profile": "frail"}],
    [{"do": "set_walk", "profile": "standard"}],  # all alike, though the study's own is no other
)


def town(seed: int, folder: Path) -> Any:
    scene, homes, venues = random_town(seed)
    scene.homes = homes
    for i, (name, spots) in enumerate(venues.items()):
        scene.venue(name, *(xy for spot in spots for xy in spot), service="stu"[i % 3])
    ground = ground_of(scene, folder, services="s t u", minutes=8, override=OVERRIDES)
    rng, frame = np.random.default_rng(seed), ground.city.residences.frame
    frame["type"], frame["ring"] = rng.choice(TYPES, len(frame)), rng.choice(RINGS, len(frame))
    frame.loc[frame.index[:2], "type"], frame.loc[frame.index[:2], "ring"] = TYPES[0], RINGS[0]
    frame.loc[frame.index[1], "ring"] = RINGS[1]
    return ground


def in_node(*pages: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM, ENGINE.as_uri(), *pages],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_node_judges_each_home_by_its_own_rule_as_python_does(tmp_path: Path) -> None:
    told, pages = [], []
    for seed in range(4):
        ground = town(seed, tmp_path)
        links = links_in(ground.network, seed)
        for number, changes in enumerate(ASKED):
            given = [*links, *changes] if number else []
            comparison = compared(ground, *given, network=ground.network.digest)
            told.append(outcome_of(ground, comparison.after))
            pages.append(tmp_path / f"{seed}-{number}.html")
            pages[-1].write_text(render_map(comparison.before), encoding="utf-8")
            head = {"schema": "gusu-geo-scenario/1", "study": "drawn"}
            file = head | {"network": ground.network.digest, "changes": given}
            pages[-1].with_suffix(".json").write_text(json.dumps(file), encoding="utf-8")
    rules = set()
    for found, outcome in zip(in_node(*pages), told, strict=True):
        same(found, outcome)
        summary = outcome.summary
        rows = [[row["share"], row["missing_persons"]] for row in summary["services"]]
        assert np.allclose(
            np.array(found["services"], float), np.array(rows, float), atol=1e-6, equal_nan=True
        )
        assert found["passed"]["persons"] == pytest.approx(summary["passed"]["persons"])
        asked = (outcome.verdict.state != State.NOT_ASKED).sum(axis=1)
        assert found["asked"] == asked.tolist()
        rules |= set(outcome.judgement.own.of_home.tolist())
    assert rules == {0, 1, 2, 3}


def test_what_the_engine_keeps_changes_no_bit(tmp_path: Path) -> None:
    """A random walk through what-if states beside a plain twin that is made anew for each."""
    pages = [tmp_path / "rules.html", tmp_path / "made-up.html"]
    ground = town(1, tmp_path)
    pages[0].write_text(render_map(outcome_of(ground, judge_ground(ground))), encoding="utf-8")
    made_up = make_outcome(single=True, survey=True, walled=True)
    pages[1].write_text(render_map(made_up), encoding="utf-8")
    done = subprocess.run(
        ["node", TWIN, ENGINE.as_uri(), *pages], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    kinds = {"possible", *(f"turn {turn}" for turn in (-1, 0, 1))}
    kinds |= {f"state {state}" for state in range(4)} | {f"home {state}" for state in range(3)}
    assert set(done.stdout.split("\n")[:-1]) == kinds


def texts(tmp_path: Path, override: dict[str, Any], flags: int = 0) -> dict[str, Any]:
    scene = (
        Scene().way("a b c", a=(0, 0), b=(300, 0), c=(900, 0)).way("b d", d=(300, 90), flags=flags)
    )
    scene.home("h", 0, 5).home("i", 800, 5).venue("v", 310, 5)
    where = {"where": {"type": "老新村"}}
    ground = ground_of(scene, tmp_path, override=[where | override])
    ground.city.residences.frame["type"] = ["老新村", ""]
    outcome = outcome_of(ground, judge_ground(ground))
    frame = outcome.city.area
    grid = Grid.of(frame.crs, frame.geometry.to_numpy())
    zones = ZoneLevels.of(outcome)
    assert surveyed_arrays(outcome, grid)["home_rule"].tolist() == [1, 0]
    return texts_of(outcome, grid, zones, "zh")


def test_what_the_page_cannot_judge_again_is_switched_off_with_the_reason(tmp_path: Path) -> None:
    assert texts(tmp_path, {"minutes": 5})["whatif_off"] == ""
    assert texts(tmp_path, {"min_count": 2})["whatif_off"] == "several"
    steps = int(WayFlag.STEPS | WayFlag.NO_WHEELS)
    assert texts(tmp_path, {"profile": "wheelchair"}, steps)["whatif_off"] == "streets"
    assert (
        texts(tmp_path, {"profile": "wheelchair"})["whatif_off"] == ""
    )  # no steps, no other streets


def test_the_card_is_told_who_judges_and_by_what(tmp_path: Path) -> None:
    rules = texts(tmp_path, {"profile": "elder", "minutes": 10})["rules"]
    assert [rule["limits"] for rule in rules] == [[90_000], [60_000]]
    assert [rule["sets"] for rule in rules] == [[False], [True]]
    assert rules[1]["name"]["zh"] == "单独规则 1（类型为老新村）"
    assert rules[1]["terms"]["zh"] == "老年人 0.8 米/秒、10 分钟"
    assert rules[0]["walk"] is None and rules[1]["walk"]["speed_mmps"] == 800


def drawn(tmp_path: Path, **more: Any) -> Any:
    """Homes at 0: one of an old new village, one of flats; "s" 620 m away, "t" at the door."""
    scene = Scene().way("a b", a=(0, 0), b=(3000, 0)).home("old", 0, 0).home("new", 0, 0)
    scene.venue("v", 620, 0, service="s").venue("w", 10, 0, service="t")
    own = {"where": {"type": "老新村"}, "profile": "elder", "services": ["s"], **more}
    ground = ground_of(scene, tmp_path, services="s t", minutes=12, override=[own])
    frame = ground.city.residences.frame
    frame["type"], frame["address"], frame["levels"] = ["老新村", "普通商品房"], "", 1.0
    ground.city.facts["persons"] |= {"method": {"zh": "", "en": ""}}
    return outcome_of(ground, judge_ground(ground))


def test_the_card_and_the_slider_of_a_browser(visit: Any, tmp_path: Path) -> None:
    seen = visit(drawn(tmp_path), lang="en")
    seen.js("gusu.openCard('old')")
    told = seen.text("card-rule")
    assert "own rule 1 (type 老新村)" in told and "Elder 0.8 m/s" in told
    assert "Not asked: service t" in told
    # 775 s by its own speed, beyond the 12 minutes of the study: the slider moves both limits.
    states = "['old', 'new'].map((id) => gusu.model.arrays.state[2 * gusu.model.texts.homes.ids.indexOf(id)])"
    assert seen.js(states) == [State.FAIL, State.PASS]
    assert seen.test("card-service-0").get_attribute("data-state") == "fail"
    assert seen.test("card-service-1").count() == 0
    seen.test("way-0").click()  # the way that elders walk
    assert seen.test("way-0").get_attribute("aria-pressed") == "true"
    seen.test("fix-0").click()  # a venue at the door mends it, by the home's own rule
    assert seen.js(states) == [State.PASS, State.PASS]
    seen.test("undo").click()
    seen.js("gusu.change({ minutes: 13 })")
    assert seen.js(states) == [State.PASS, State.PASS]
    assert "put in its place: 13 min" in seen.text("card-rule")
    seen.js(
        "gusu.change({ minutes: null, walk: gusu.model.texts.walks.find((one) => one.id === 'standard') })"
    )
    assert seen.js(states) == [State.PASS, State.PASS]  # all at 1 m/s: 620 s
    told = seen.text("card-rule")
    assert "put in its place: Standard walk 1.0 m/s" in told and "13 min" not in told
    assert "minutes that a service or an own rule sets itself stay" in seen.text("minutes-of")
    seen.js("gusu.openCard('new')")
    assert "the rule of the pack" in seen.text("card-rule")
    assert "asks only for service s" in seen.text("own-rules")


def test_the_slider_leaves_the_minutes_of_a_rule(visit: Any, tmp_path: Path) -> None:
    seen = visit(drawn(tmp_path, minutes=11), lang="en")
    seen.js("gusu.change({ minutes: 20 })")
    state = "gusu.model.arrays.state[2 * gusu.model.texts.homes.ids.indexOf('old')]"
    assert seen.js(state) == State.FAIL  # 775 s, its own 11 minutes stay


def test_a_page_without_what_if_says_why(visit: Any, tmp_path: Path) -> None:
    seen = visit(drawn(tmp_path, min_count=2), lang="en")
    assert "asks for several venues" in seen.text("whatif-off") and seen.js("gusu.lab") is None
    seen.js("gusu.openCard('old')")
    assert "at least 2 venues" in seen.text("card-rule")
