"""The town of the hand test: one street, walked at 1 m/s, homes a, b, c and venues X, Y.

    a ---- X -------- b ---- Y ----------- c
  -300     0         600    900          1740

aX 300 s, bX 600 s, bY 300 s, cY 840 s; everything else is farther than 900 s.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from grounds import ground_of
from scenes import Scene

from gusu_geo.assessment.capacity_facts import CapacityFacts, ServiceCapacity
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.staffed import Room, Staffed
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.study.district import CapacityParams
from gusu_geo.tables import Facilities, Residences

HOMES = {"a": -300.0, "b": 600.0, "c": 1740.0}
PERSONS = {"a": 100.0, "b": 200.0, "c": 300.0}
VENUES = {"X": 0.0, "Y": 900.0}
HELD: dict[str, float] = {"X": 10.0, "Y": 20.0}
NORM = {"s": {"per_1000": 40, "source": "a plan"}}


def town() -> Scene:
    scene = Scene().way("p q", p=(-400, 0), q=(1800, 0))
    for name, x in HOMES.items():
        scene.home(name, x, 0)
    for name, x in VENUES.items():
        scene.venue(name, x, 0)
    return scene


def capacity_ground(
    folder: Path,
    held: dict[str, float] = HELD,
    *,
    scene: Scene | None = None,
    services: str = "s",
    units: dict[str, str] | None = None,
    persons: dict[str, float] | None = None,
    homes: dict[str, Any] | None = None,
    rule: dict[str, Any] | None = None,
    **params: Any,
) -> Ground:
    """The town, with capacities by venue (none: unknown); homes: more columns of them; params: of
    [capacity]."""
    ground = ground_of(scene or town(), folder, services=services, **(rule or {}))
    city, persons = ground.city, {**PERSONS, **(persons or {})}
    people, venues = city.residences.frame, city.facilities.frame
    heads = [persons.get(name, 1.0) for name in people.index]
    people = people.assign(persons=heads, **(homes or {}))
    venues = venues.assign(
        capacity=[held.get(name, np.nan) for name in venues.index],
        capacity_unit=[(units or {}).get(name, "") for name in venues.index],
    )
    city = replace(
        city,
        residences=Residences(people, city.residences.entrances),
        facilities=Facilities(venues, city.facilities.entrances),
    )
    asked = CapacityParams.model_validate(params)
    return replace(ground, city=city, study=ground.study.model_copy(update={"capacity": asked}))


def outcome_with_capacity(ground: Ground) -> Outcome:
    return outcome_of(ground, judge_ground(ground), by_tier=True)


def staffed(ground: Ground) -> Staffed:
    found = outcome_with_capacity(ground).district.capacity
    assert found is not None
    return found


def facts_of(found: Staffed) -> tuple[CapacityFacts, ServiceCapacity]:
    return found.facts, found.facts["services"][0]


def rooms(found: Staffed, k: int = 0) -> list[str]:
    return [Room(each).name for each in found.full[:, k].tolist()]
