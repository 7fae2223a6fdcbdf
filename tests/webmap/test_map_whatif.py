"""What-if in a real browser: the page's numbers are Python's, before and after any changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import browser, visit

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import Verdict
from gusu_geo.assessment.summary import ZoneRow
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.assessment.zones import by_compound, roll_up
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.report.webmap.render import render_map
from gusu_geo.scenarios.apply import apply_scenario, settled
from gusu_geo.scenarios.judged import judge_changed
from gusu_geo.scenarios.network_edits import Spot, place_on
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.tables import City

__all__ = ["browser", "visit"]

JUDGED = """() => {
    const { lab } = gusu, found = lab.result ?? lab.before, pick = {};
    for (const key of ["state", "nearest_cs", "one_stop_cs", "one_stop_state", "residence_state"]) {
        pick[key] = Array.from(found[key]);
    }
    return pick;
}"""
TOTALS = """() => {
    const { passed, known, unknown, mean, services, zones } =
        gusu.parts.totals(gusu.model, gusu.lab.result ?? gusu.lab.before);
    return { passed, known, unknown, mean, zones, shares: services.map((one) => one.share) };
}"""


@pytest.fixture(scope="module")
def city(request: Any, city_of: Callable[[str], Ground]) -> tuple[Ground, Outcome]:
    ground = city_of(getattr(request, "param", "monaco"))
    return ground, outcome_of(ground, judge_ground(ground))


def document(ground: Ground, seed: int) -> dict[str, Any]:
    """A scenario of everything there is, at random: on streets, at their ends and between."""
    random = np.random.default_rng(seed)
    net, frame = ground.network, ground.city.facilities.frame
    open_to = np.flatnonzero((net.edge_flags & 0b1111100) == 0)
    services = list(ground.pack.service_ids)

    def place(edge: int | None = None) -> dict[str, Any]:
        edge = int(random.choice(open_to)) if edge is None else edge
        length = int(net.length_cm[edge])
        cm = int(random.choice([0, length, length // 3, random.integers(0, length + 1)]))
        return {"on": [edge, cm]}

    def link() -> dict[str, Any]:
        home = int(random.integers(net.nodes))
        near = np.argsort(np.hypot(*(net.node_xy - net.node_xy[home]).T))[:40]
        edges = open_to[np.isin(net.edge_u[open_to], near) | np.isin(net.edge_v[open_to], near)]
        ends = [place(int(random.choice(edges if len(edges) else open_to))) for _ in "ab"]
        a, b = (place_on(net, Spot(*end["on"])) for end in ends)
        length_cm = int(np.ceil(100 * np.hypot(*(a - b))))
        return {"do": "add_link", "from": ends[0], "to": ends[1], "length_cm": length_cm}

    venues = random.permutation(frame["venue_id"].astype(str).unique())[:6].tolist()
    offers = [random.permutation(services)[: 1 + i].tolist() for i in range(3)]
    changes: list[dict[str, Any]] = [
        *(
            {"do": "add_venue", "id": f"new-{i}", "services": o, **place()}
            for i, o in enumerate(offers)
        ),
        {"do": "add_venue", "id": "all", "services": services, **place()},
        *({"do": "close_venue", "venue": venue} for venue in venues[:3]),
        {"do": "move_venue", "venue": venues[3], **place()},
        {"do": "move_venue", "venue": "new-0", **place()},
        {"do": "close_venue", "venue": "new-1"},
        *(link() for _ in range(5)),
    ]
    if seed % 2:
        changes.append({"do": "set_walk", "profile": ["child", "elder", "frail"][seed % 3]})
    if seed % 3 == 1:
        changes.append({"do": "set_rule", "minutes": 10, "mode": "one_stop"})
    gates = np.unique(net.osm_node[(net.node_flags & 1) != 0])
    known = {int(g) for g in gates if (net.osm_node == g).sum() > 1}
    changes += [{"do": "open_gate", "node": node} for node in sorted(known)[:2]]
    return {
        "schema": "gusu-geo-scenario/1",
        "study": ground.study.name,
        "network": net.digest,
        "changes": changes,
    }


def same(page: dict[str, Any], access: Any, verdict: Any) -> None:
    """Every number of the page is that of Python."""
    wanted = {
        "nearest_cs": access.nearest_cs,
        "one_stop_cs": access.one_stop_cs,
        "state": verdict.state,
        "one_stop_state": verdict.one_stop_state,
        "residence_state": verdict.residence_state,
    }
    for key, array in wanted.items():
        got = np.array(page[key]).reshape(array.shape)
        assert np.array_equal(got, array), f"{key}: {int((got != array).sum())} differ"


def shares(visit: Any, city: City, zones: Sequence[ZoneRow], verdict: Verdict) -> None:
    """The page's totals by zone and compound are those of Python, to its rounding."""
    told = {(zone["level"], zone["id"]): zone for zone in visit.js(TOTALS)["zones"]}
    rows = [*zones, *by_compound(city.residences, verdict)]
    wanted = {(row["level"], row["id"]): row for row in rows}
    assert set(told) == set(wanted)
    for key, row in wanted.items():
        mine = told[key]
        for part in ("passed_persons", "passed_known_persons", "unknown_persons"):
            assert mine[part] == pytest.approx(row[part], abs=0.006)
        assert mine["missing"] == pytest.approx(row["missing"], abs=0.006)


@pytest.mark.parametrize("city", ["monaco", "vegueta"], indirect=True, scope="module")
def test_the_page_judges_as_python_does_before_and_after(
    visit: Any, city: tuple[Ground, Outcome], tmp_path: Path
) -> None:
    ground, before = city
    page = visit(before)
    same(page.js(JUDGED), before.access, before.verdict)
    shares(page, ground.city, before.summary["zones"], before.verdict)
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    for seed in range(4) if len(before.access.residence_ids) < 5000 else [1]:  # 1 has every change
        text = json.dumps(document(ground, seed))
        changed = apply_scenario(ground, parse_scenario(text))
        after = judge_changed(changed, ground, before.judgement)
        page.js(f"gusu.load({json.dumps(places(page, text))})")
        assert page.js("gusu.lab.trouble ?? ''") == ""
        assert page.js("gusu.lab.result !== null")
        same(page.js(JUDGED), after.access, after.verdict)
        zones = roll_up(ground.city.zones, before.zone_of, persons, after.verdict)
        shares(page, ground.city, zones, after.verdict)
    page.test("reset").click()
    same(page.js(JUDGED), before.access, before.verdict)
    assert page.js("gusu.lab.result === null")


def test_the_map_of_a_comparison_opens_with_it(
    visit: Any, city: tuple[Ground, Outcome], tmp_path: Path
) -> None:
    """Venues given by degrees alone stand a few metres off the street, on the page as in Python."""
    ground, before = city
    homes = ground.city.residences.frame.to_crs(4326).geometry
    linked = np.flatnonzero(before.access.is_linked)
    spots = [[homes.iloc[r].x, homes.iloc[r].y] for r in linked[:: max(len(linked) // 4, 1)]]
    venue = str(ground.city.facilities.frame["venue_id"].iloc[0])
    changes: list[dict[str, Any]] = [
        {
            "do": "add_venue",
            "id": "new-1",
            "services": list(ground.pack.service_ids),
            "at": spots[0],
        },
        {"do": "move_venue", "venue": venue, "at": spots[1]},
        {"do": "add_link", "from": {"at": spots[2]}, "to": {"at": spots[3]}},
        {"do": "set_walk", "speed_mps": 0.85},
    ]
    text = json.dumps(
        {"schema": "gusu-geo-scenario/1", "study": ground.study.name, "changes": changes}
    )
    scenario = parse_scenario(text)
    after = judge_changed(apply_scenario(ground, scenario), ground, before.judgement)
    path = tmp_path / "scenario.html"
    path.write_text(render_map(before, scenario=settled(ground, scenario)), encoding="utf-8")
    page = visit(path)
    same(page.js(JUDGED), after.access, after.verdict)
    assert page.test("change-2").count() == 1


def places(page: Any, text: str) -> str:
    """The file with degrees beside places on streets, which the page asks for."""
    fill = """(text) => {
        const file = JSON.parse(text), { g } = gusu.lab.engine, { grid } = gusu.model.texts;
        const fill = (spot) => Object.assign(spot, { at: gusu.parts.lonLat(grid, gusu.parts.spot(g, spot.on)) });
        for (const one of file.changes) for (const spot of [one, one.from, one.to]) if (spot?.on) fill(spot);
        return JSON.stringify(file);
    }"""
    return str(page.page.evaluate(fill, text))
