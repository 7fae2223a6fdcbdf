"""The first screen with a plan: the sentence, its sites, and what comes of adopting them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grounds import ground_of
from outcomes import made_up_plan, make_outcome
from random_towns import random_town

import gusu_geo.report.webmap as web
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.prepare import candidates_of
from gusu_geo.report.plan_scenario import scenario_of
from gusu_geo.report.plan_shown import PlanShown
from gusu_geo.report.webmap.render import render_map
from gusu_geo.siting.candidates import sample_candidates
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.solver import Effort
from gusu_geo.siting.task import task_of
from gusu_geo.tables import Candidates

pytest_plugins = ["browsing"]

PAGE = Path(web.__file__).parent / "page"
ADOPTED = """
import { readFileSync } from "node:fs";
const [folder, ...pages] = process.argv.slice(1);
const load = (name) => import(`${folder}/engine/${name}.js`);
const [{ unpack }, { lines }, { Engine }, { totals }, { withSites, withoutSites, isAdopted }] =
  await Promise.all(["packed", "shapes", "engine", "totals", "sites"].map(load));
for (const path of pages) {
  const page = readFileSync(path, "utf8"), block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
  const arrays = await unpack(block("gusu-arrays")), texts = JSON.parse(block("gusu-texts"));
  const engine = new Engine(arrays, texts, lines(arrays, "street")), { facilities } = engine;
  const model = { arrays, texts, facilities, homes: texts.homes.ids.length, services: texts.summary.services.length };
  const known = (changes) => totals(model, engine.judge({ ...engine.asIs(), changes })).known;
  const sites = texts.sites.map((_, i) => i), each = sites.map((i) => withSites(model, [], sites.slice(0, i + 1)));
  const all = each[each.length - 1] ?? [];
  console.log(JSON.stringify({ plan: texts.plan, before: known([]), steps: each.map(known),
    twice: withSites(model, all, sites).length, back: withoutSites(model, all, sites).length, adopted: sites.map((i) => isAdopted(model, all, i)) }));
}
"""


def node(program: str, *words: Any) -> list[Any]:
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program, PAGE.as_uri(), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def planned(ground: Ground, candidates: Candidates, sites: int) -> tuple[Outcome, SitingPlan]:
    outcome = outcome_of(ground, judge_ground(ground))
    task = task_of(
        ground.trips(), ground.city.residences, candidates, outcome.access, outcome.verdict,
        linking=ground.linking, effort=Effort(sites, 3, 20.0),
    )  # fmt: skip
    return outcome, plan_sites(task)


def drawn(outcome: Outcome, plan: SitingPlan, path: Path, **how: Any) -> Path:
    path.write_text(render_map(outcome, plan=PlanShown(plan, **how)), encoding="utf-8")
    return path


def test_adopted_sites_bring_what_the_plan_says(
    tmp_path: Path, city_of: Callable[[str], Ground]
) -> None:
    """Of random towns and of Monaco, to the last digit of plan.json: the share after, and what each
    site gains beyond those before it."""
    pages, plans = [], []
    for seed in range(8):
        scene, homes, venues = random_town(seed)
        scene.homes = homes
        for n, (name, spots) in enumerate(venues.items()):
            scene.venue(name, *(xy for spot in spots for xy in spot), service="st"[n % 2])
        ground = ground_of(scene, tmp_path, services="s t", minutes=3)
        places = sample_candidates(ground.network, spacing_m=60, area=None)
        outcome, plan = planned(ground, places, 2)
        pages.append(drawn(outcome, plan, tmp_path / f"{seed}.html", linking=ground.linking))
        plans.append(plan)
    monaco = city_of("monaco")
    outcome, plan = planned(monaco, candidates_of(monaco), 2)
    pages.append(drawn(outcome, plan, tmp_path / "monaco.html"))  # on streets: barriers or not
    plans.append(plan)
    chosen = 0
    for found, plan in zip(node(ADOPTED, *pages), plans, strict=True):
        told = [plan.before, *([plan.after] if plan.chosen else [])]
        shown = [found["before"], *found["steps"][-1:]]
        for one, other in zip(told, shown, strict=True):
            assert round(other["persons"], 2) == one["passed_known_persons"]
            assert round(other["share"], 6) == one["share"]
        counts = [found["before"]["persons"], *(step["persons"] for step in found["steps"])]
        assert np.diff(counts) == pytest.approx([s.gained_persons for s in plan.chosen], abs=1e-6)
        assert found["twice"] == len(plan.chosen)  # none comes in twice
        assert found["back"] == 0
        assert found["adopted"] == [True] * len(plan.chosen)
        chosen += len(plan.chosen)
    assert len(plans[-1].chosen) == 2
    assert chosen >= 8


OPENED = """
import { readFileSync } from "node:fs";
const [folder, path, scenario] = process.argv.slice(1);
const load = (name) => import(`${folder}/engine/${name}.js`);
const [{ unpack }, { lines }, { Engine }, { read }] = await Promise.all(["packed", "shapes", "engine", "scenario"].map(load));
const page = readFileSync(path, "utf8"), block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
const arrays = await unpack(block("gusu-arrays")), texts = JSON.parse(block("gusu-texts"));
const state = read(readFileSync(scenario, "utf8"), texts, new Engine(arrays, texts, lines(arrays, "street")), () => [0, 0]);
for (const one of state.changes) console.log(JSON.stringify([one.do, one.id, one.services]));
"""


def test_the_map_opens_the_scenario_of_a_plan(tmp_path: Path) -> None:
    outcome = make_outcome()
    scenario = scenario_of(made_up_plan().plan, outcome.study.name, "2-sites", ())
    (tmp_path / "map.html").write_text(render_map(outcome), encoding="utf-8")
    (tmp_path / "scenario.json").write_text(json.dumps(scenario.to_dict()), encoding="utf-8")
    opened = node(OPENED, tmp_path / "map.html", tmp_path / "scenario.json")
    assert opened == [["add_venue", "c1", ["health"]], ["add_venue", "c2", ["health", "play"]]]


def test_badges_cover_no_star_and_no_other_badge() -> None:
    """Stars in rows 22 pixels apart: some badges find room, and none of these meets anything."""
    program = """
        const { freeBox } = await import(`${process.argv[1]}/drawing/venues.js`);
        const stars = [[0, 0], [22, 0], [200, 0], [44, 4], [200, 60]];
        const boxes = stars.map(([x, y]) => [x - 15, y - 15, x + 15, y + 15]), count = boxes.length;
        for (const [x, y] of stars) { const box = freeBox(boxes, x, y, 60); if (box) boxes.push(box); }
        console.log(JSON.stringify([count, boxes, freeBox([[-500, -500, 500, 500]], 0, 0, 60)]));
    """
    [[count, boxes, none]] = node(program)
    assert none is None
    assert len(boxes) >= count + 4
    for i, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[count if i < count else i + 1 :]:
            assert other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top


def test_numbers_are_rounded_as_python_rounds_them() -> None:
    """Halves that are none in binary, and true ones, which go to the even digit."""
    values = [0.5, 1.5, 2.5, 22595.5, 12.25, 12.75, 8.25, 0.35, 2.675, 99.95, 0.125, 1e6 + 0.5, 3.0]
    program = """
        const { fixed } = await import(`${process.argv[1]}/panel/dom.js`);
        console.log(JSON.stringify(JSON.parse(process.argv[2]).map((v) => [fixed(v, 0), fixed(v, 1), fixed(v, 2)])));
    """
    [found] = node(program, json.dumps(values))
    assert found == [[f"{value:.{digits}f}" for digits in range(3)] for value in values]


def change(page: Any, facts: str) -> None:
    """The same page with another plan."""
    page.js(f"void Object.assign(gusu.model.texts, {facts})")
    page.js("gusu.setLang('en')")


def test_the_answer_stands_in_one_sentence_and_follows_what_is_shown(visit: Any) -> None:
    """0.6 %: h400 and h500, 24 of 4,095 persons. health passes to h500, so 2,016 lack it."""
    page = visit(make_outcome(single=True), plan=made_up_plan(), lang="en")
    first = page.text("answer")
    share = page.js("gusu.model.now.known.share")
    assert first == (
        f"{100 * share:.1f} % of residents have all 3 services with data; Health and basic care is what"
        " most lack (2,016 persons); 2 new points would raise it to 42.5 %"
    )
    page.js("gusu.setLang('zh')")
    assert page.text("answer").endswith("新增 2 处可提高到 42.5 %")
    assert "at most" not in page.text("plan-brings")
    change(page, "{}")
    assert "at most 50 more" in page.text("plan-brings")
    assert [page.text(f"gain-{i}") for i in (0, 1)] == ["+500", "+200"]
    change(page, "{ plan: { ...gusu.model.texts.plan, bound_persons: 700 } }")
    assert page.text("plan-brings").endswith("proven best")
    change(page, "{ plan: { ...gusu.model.texts.plan, weighted: true } }")
    assert page.text("plan-brings").endswith("weighted sum proven best")
    change(page, "{ plan: { ...gusu.model.texts.plan, bound_persons: 750 } }")
    assert page.text("plan-brings").endswith("weighted sum at most 50 more")
    change(page, "{ plan: { ...gusu.model.texts.plan, weighted: undefined, bound_persons: 700 } }")
    change(page, "{ plan: { ...gusu.model.texts.plan, suggested: true } }")
    assert "suggested by the program" in page.text("plan-title")
    change(page, "{ plan: { ...gusu.model.texts.plan, old: true } }")
    assert "42.5" not in page.text("answer")
    assert "Run gusu-geo site" in page.text("plan-old")
    page.test("set-minutes").fill("5")
    assert page.text("answer").endswith(f"a what-if; today {100 * share:.1f} %")


def test_a_star_is_clicked_and_its_site_adopted_and_taken_back(visit: Any) -> None:
    """c1 offers health at x = 700, so h700 and all within 550 m east of the middle come to have it."""
    page = visit(make_outcome(single=True), plan=made_up_plan(), lang="en")
    before = page.text("answer")
    spot = page.js(
        "(({ site_x, site_y }) => map_gusu.latLngToContainerPoint(gusu.layer.latLng(site_x[0], site_y[0])))(gusu.model.arrays)"
    )
    page.page.locator("#map_gusu").click(position={"x": spot["x"], "y": spot["y"]})
    assert "c1" in page.text("card-title")
    assert page.text("card-gain") == "+500 persons come to have everything"
    assert (
        page.text("card-lost") == "If only this site is left out, 550 persons would lack something"
    )
    assert page.text("card-complete").endswith("(persons gained): 桃花坞 80 … (2 in all)")
    page.test("card-adopt").click()
    assert page.test("card-adopt").get_attribute("aria-pressed") == "true"
    assert "counting 1 planned points; today" in page.text("answer")
    assert page.js("gusu.lab.history.now.changes.map(one => one.services.join())") == ["health"]
    page.page.keyboard.press("Escape")
    assert page.test("card").is_hidden()
    page.test("adopt-all").press("Enter")
    assert page.js("document.activeElement.dataset.testid") == "adopt-all"
    assert "counting 2 planned points" in page.text("answer")
    page.test("undo").click()
    assert "counting 1 planned points" in page.text("answer")
    page.test("adopt-0").click()
    assert page.text("answer") == before


def test_where_nothing_can_be_tried_no_site_can_be_adopted(visit: Any) -> None:
    page = visit(make_outcome(), plan=made_up_plan(), lang="en", size=(390, 844))
    assert page.test("adopt-0").is_disabled() and page.test("adopt-all").is_disabled()
    assert page.text("adopt-off") == page.test("adopt-0").get_attribute("title") != ""
    change(page, "{ plan: null, sites: [] }")
    assert "gusu-geo site" in page.text("plan-none")


def test_sections_stay_as_they_are_when_the_language_changes_and_open_one_by_one(
    visit: Any,
) -> None:
    page = visit(make_outcome(single=True), plan=made_up_plan(), lang="en", size=(1366, 768))
    closed = "document.querySelectorAll('section.shut').length"
    for name in ("answer", "figures", "coverage", "plan", "search", "only", "heads"):
        box = page.page.locator(f"#{name}").bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768, name
    count = page.js(closed)
    page.page.get_by_test_id("head-zones").click()
    assert page.page.get_by_test_id("zone-table").is_visible()
    page.page.get_by_test_id("language").click()
    assert page.page.get_by_test_id("zone-table").is_visible()
    page.page.get_by_test_id("head-about").click()
    assert not page.page.get_by_test_id("zone-table").is_visible()
    assert page.page.get_by_test_id("head-about").get_attribute("aria-expanded") == "true"
    page.page.get_by_test_id("head-about").click()
    assert page.js(closed) == count


def test_one_button_shows_everything_again(visit: Any) -> None:
    page = visit(make_outcome(), plan=made_up_plan(), lang="en")
    look = "[map_gusu.getZoom(), map_gusu.getCenter().lat, map_gusu.getCenter().lng]"
    first = page.js(look)
    page.js("void map_gusu.setView([31.29, 120.61], 18, { animate: false })")
    assert page.test("zoom-all").get_attribute("title") == "Zoom to all"
    page.test("zoom-all").press("Enter")
    assert page.js(look) == pytest.approx(first, abs=5e-5)  # a few pixels


def test_a_site_away_from_every_street_is_told_and_not_adopted(visit: Any) -> None:
    plan = made_up_plan()
    far = replace(plan.plan.chosen[0], xy=(700.0, -900.0))
    page = visit(
        make_outcome(single=True), plan=PlanShown(replace(plan.plan, chosen=(far,))), lang="en"
    )
    page.test("site-0").click()
    assert page.test("card-adopt").is_disabled()
    assert "No street is near" in page.text("card")
