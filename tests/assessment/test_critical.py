"""Which venue must not close: scenes counted by hand, and every venue closed by a scenario."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from grounds import document, ground_of
from random_towns import random_town
from scenes import Scene

from gusu_geo.assessment.critical import Reached, reached_venues
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed
from gusu_geo.scenarios.scenario_file import parse_scenario

OWN = {"where": {"ring": "old"}, "min_count": 2, "profile": "elder"}


def persons_of(ground: Ground) -> np.ndarray:
    return ground.city.residences.frame["persons"].to_numpy(float)


def all_of(reached: Reached) -> np.ndarray:
    return np.ones(len(reached.venue), bool)


def closings(ground: Ground) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Lost persons and lost services by venue, in order."""
    judgement = judge_ground(ground)
    reached = reached_venues(ground, judgement)
    passed = reached.passed(all_of(reached))
    assert (passed == judgement.verdict.passed_known).all()
    frame, services = ground.city.facilities.frame, judgement.rule.services
    return {
        frame["venue_id"].iloc[one.row]: (
            one.lost_persons,
            tuple(services[k] for k in one.services),
        )
        for one in reached.closings(all_of(reached), persons_of(ground))
    }


def street() -> Scene:
    """2 km; homes of 1, 2, 4 and 8 persons, who walk 300 m at most."""
    scene = Scene().way("a b", a=(0, 0), b=(2000, 0))
    for number, x in enumerate((100, 300, 500, 1500)):
        scene.home(f"h{number}", x, 0)
    return scene


def test_a_venue_is_lost_with_all_its_services_by_those_who_have_no_other(tmp_path: Path) -> None:
    scene = street()
    scene.venue("x1", 200, 0, service="a", of="x").venue("x2", 200, 0, service="b", of="x")
    scene.venue("y", 600, 0, service="a").venue("z", 0, 0, service="b")
    # h0 has a by x alone and b by x or z; h1 may have a by x or y, b by x or z; h2 has b by x alone;
    # h3 has nothing, and so nothing to lose.
    found = closings(ground_of(scene, tmp_path, services="a b", minutes=5))
    assert found == {"x": (1 + 4, ("a", "b"))}


def test_services_that_only_others_have_are_not_lost(tmp_path: Path) -> None:
    scene = street().venue("x", 200, 0, service="a").venue("y", 1500, 0, service="b")
    # Nobody has both: closing either breaks nobody. A service without any venue does not count.
    assert closings(ground_of(scene, tmp_path, services="a b", minutes=5)) == {}
    alone = street().venue("x", 200, 0, service="a")
    assert closings(ground_of(alone, tmp_path, services="a b", minutes=5)) == {"x": (7.0, ("a",))}


def test_most_persons_first_then_by_id(tmp_path: Path) -> None:
    scene = street().venue("z", 1500, 0).venue("y", 0, 0).venue("b", 400, 0).venue("a", 400, 0)
    found = closings(ground_of(scene, tmp_path, minutes=5))
    assert list(found.items()) == [("z", (8.0, ("s",)))]  # h0 and h1 keep one; a and b stand in
    scene = street().venue("z", 500, 0, service="a").venue("b", 500, 0, service="b")
    found = closings(ground_of(scene, tmp_path, services="a b", minutes=5))
    assert list(found) == ["b", "z"]


def town(seed: int, folder: Path) -> Ground:
    """A random town: six venues of one to three services each, a rule of their own for some homes,
    and walls."""
    scene, homes, _ = random_town(seed)
    rng = np.random.default_rng(seed)
    for name, spots in homes.items():
        scene.home(name, *np.ravel(spots).tolist())
    for number in range(6):
        x, y = rng.uniform(-20, 350, 2)
        for service in rng.choice(["a", "b"], int(rng.integers(1, 3)), replace=False):
            scene.venue(f"v{number}{service}", x, y, service=str(service), of=f"v{number}")
    if seed % 2:
        scene.block("wall", *rng.uniform(0, 300, (3, 2)).tolist())
    minutes = float(rng.uniform(3, 9))
    ground = ground_of(scene, folder, services="a b", minutes=minutes, override=[OWN])
    city, frame = ground.city, ground.city.residences.frame
    frame = frame.assign(ring=["old" if number % 3 == 0 else "new" for number in range(len(frame))])
    return replace(ground, city=replace(city, residences=replace(city.residences, frame=frame)))


def broken_by(ground: Ground, judgement: Judgement, venue: str) -> np.ndarray:
    """(R,) who no longer has everything if a scenario closes this venue."""
    closing = document({"do": "close_venue", "venue": venue}, study=ground.study.name)
    changed = apply_scenario(ground, parse_scenario(closing))
    after = judge_changed(changed, ground, judgement)
    return judgement.verdict.passed_known & ~after.verdict.passed_known


def test_equals_closing_every_venue_in_turn(tmp_path: Path) -> None:
    broken = 0
    for seed in range(12):
        ground = town(seed, tmp_path)
        found, persons, judgement = closings(ground), persons_of(ground), judge_ground(ground)
        for venue in dict.fromkeys(ground.city.facilities.frame["venue_id"]):
            lost = float(persons[broken_by(ground, judgement, venue)].sum())
            assert found.get(venue, (0.0, ()))[0] == lost, (seed, venue)
            broken += lost > 0
    assert broken > 15  # the towns are worth trying


def test_monaco_equals_closing_its_most_critical_venues(city_of: Callable[[str], Ground]) -> None:
    ground = city_of("monaco")
    judgement, persons = judge_ground(ground), persons_of(ground)
    reached = reached_venues(ground, judgement)
    first, second, *_ = reached.closings(all_of(reached), persons)
    assert first.lost_persons > second.lost_persons > 500
    for one in (first, second):
        venue = str(ground.city.facilities.frame["venue_id"].iloc[one.row])
        lost = broken_by(ground, judgement, venue)
        assert one.lost_persons == pytest.approx(persons[lost].sum())
