"""The page's engine without a page: it runs in Node and finds what Python found."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grounds import compared, ground_of
from random_towns import random_town

import gusu_geo.report.webmap as web
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground, outcome_of, verdict_on
from gusu_geo.report.webmap.render import render_map
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import HoursParams
from gusu_geo.tables import WayFlag

ENGINE = Path(web.__file__).parent / "page" / "engine"
PROGRAM = """
import { readFileSync } from "node:fs";
const [folder, ...pages] = process.argv.slice(1);
const load = (name) => import(`${folder}/${name}.js`);
const [{ unpack }, { lines }, { Engine }] = await Promise.all(["packed", "shapes", "engine"].map(load));
const keys = ["state", "nearest_cs", "nearest_ix", "one_stop_cs", "one_stop_ix", "residence_state"];
for (const path of pages) {
  const page = readFileSync(path, "utf8"), block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
  const arrays = await unpack(block("gusu-arrays"));
  const engine = new Engine(arrays, JSON.parse(block("gusu-texts")), lines(arrays, "street"));
  const changes = path.includes("changed") ? JSON.parse(readFileSync(path.replace("html", "json"), "utf8")) : [];
  const hours = path.includes("week") ? [0, 34, 82, 154, 167] : [null];
  for (const hour of hours) {
    const found = engine.judge({ ...engine.asIs(), changes, hour });
    console.log(JSON.stringify(Object.fromEntries(keys.map((key) => [key, Array.from(found[key])]))));
  }
}
"""


@pytest.mark.parametrize("compressed", [True, False])
def test_node_judges_monaco_as_python_does(
    compressed: bool, tmp_path: Path, city_of: Callable[[str], Ground]
) -> None:
    ground = city_of("monaco")
    outcome = outcome_of(ground, judge_ground(ground))
    page = tmp_path / "map.html"
    page.write_text(render_map(outcome, compressed=compressed), encoding="utf-8")
    (found,) = judged(page)
    same(found, outcome)


def judged(*pages: Path) -> list[dict[str, Any]]:
    """What Node finds on each page, with the changes in the file of the same name beside it."""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM, ENGINE.as_uri(), *pages],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def same(found: dict[str, Any], outcome: Any) -> None:
    access, verdict = outcome.access, outcome.verdict
    wanted = {
        "state": verdict.state,
        "nearest_cs": access.nearest_cs,
        "nearest_ix": access.nearest_ix,
        "one_stop_cs": access.one_stop_cs,
        "one_stop_ix": access.one_stop_ix,
        "residence_state": verdict.residence_state,
    }
    for key, array in wanted.items():
        assert np.array_equal(np.array(found[key]).reshape(array.shape), array), key


TOWNS = 12


def test_node_judges_towns_with_private_ground_as_python_does(tmp_path: Path) -> None:
    """Before and after three links; residents of courts behind private lanes go out and visitors in."""
    told, pages, courts = [], [], 0
    for seed in range(TOWNS):
        scene, homes, venues = random_town(seed)
        scene.homes = homes
        for name, spots in venues.items():
            scene.venue(name, *(xy for spot in spots for xy in spot))
        ground = ground_of(scene, tmp_path)
        courts += int(ground.network.flagged(WayFlag.ENCLOSED).sum())
        links = links_in(ground.network, seed)
        comparison = compared(ground, *links, network=ground.network.digest)
        told += [comparison.before, comparison.after]
        for kind in ("as-is", "changed"):
            pages.append(tmp_path / f"{seed}-{kind}.html")
            pages[-1].write_text(render_map(comparison.before), encoding="utf-8")
            pages[-1].with_suffix(".json").write_text(json.dumps(links), encoding="utf-8")
    for found, outcome in zip(judged(*pages), told, strict=True):
        same(found, outcome)
    assert courts > TOWNS


def test_the_slider_shows_the_week_of_the_tables(tmp_path: Path) -> None:
    """In the week of the national day, at hours of Monday, Tuesday, Thursday and Sunday; in two of
    the towns half of the homes have a rule of their own."""
    told, pages = [], []
    texts = [
        "",
        'Mo-Fr 09:00-17:00 open "工作日"; PH off',
        "Mo-Fr 09:00-17:00",
        "Mo-Su 08:00-12:00",
    ]
    for seed, mode in ((1, "union"), (2, "union"), (3, "one_stop"), (4, "one_stop")):
        scene, homes, venues = random_town(seed)
        scene.homes = homes
        for n, (name, spots) in enumerate(venues.items()):
            for service in "st" if n % 2 else "s":
                xy = (value for spot in spots for value in spot)
                scene.venue(f"{name}-{service}", *xy, service=service, of=name)
        own = [{"where": {"type": "老新村"}, "profile": "elder", "minutes": 4, "services": ["t"]}]
        own = own if seed in (2, 3) else []
        ground = ground_of(scene, tmp_path, services="s t", minutes=5, mode=mode, override=own)
        people = ground.city.residences.frame
        people["type"] = [("老新村", "")[n % 2] for n in range(len(people))]
        asked = HoursParams(week=True, week_of="2026-10-01")
        ground = replace(ground, study=ground.study.model_copy(update={"hours": asked}))
        frame = ground.city.facilities.frame
        frame["hours"] = [texts[int(venue[1:]) % 4] for venue in frame["venue_id"]]
        outcome = verdict_on(ground)
        table = outcome.moments
        assert table is not None
        for hour in (0, 34, 82, 154, 167):
            states = np.column_stack([service.at(hour) for service in table.services])
            told.append((states, table.passed[:, hour]))
        pages.append(tmp_path / f"{seed}-week.html")
        pages[-1].write_text(render_map(outcome), encoding="utf-8")
    seen = set()
    for found, (states, passed) in zip(judged(*pages), told, strict=True):
        assert np.array_equal(np.array(found["state"]).reshape(states.shape), states)
        assert found["residence_state"] == passed.tolist()
        seen |= set(states.ravel().tolist())
    assert seen == {0, 1, 2, 3}


def links_in(net: WalkNetwork, seed: int) -> list[dict[str, Any]]:
    """Three links of 500 m between random places on streets, first of all on enclosed ones."""
    rng = np.random.default_rng(seed)
    rides = net.flagged(WayFlag.LIFT, WayFlag.FERRY)
    edges = np.flatnonzero(~rides & (net.length_cm > 0))
    first = np.flatnonzero(net.flagged(WayFlag.ENCLOSED) & ~rides)[:2]
    picked = np.append(first, rng.choice(edges, 6))[:6].tolist()
    spots = [{"on": [edge, int(rng.integers(net.length_cm[edge] + 1))]} for edge in picked]
    return [
        {"do": "add_link", "from": a, "to": b, "length_cm": 50_000}
        for a, b in zip(spots[:3], spots[3:], strict=True)
    ]
