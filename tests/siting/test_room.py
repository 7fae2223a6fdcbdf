"""Homes whose venues are full, and new venues that have room: by hand on one street, and against
trying everything on lines of homes."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from scenes import Scene
from test_siting import PERSONS, candidates_of, given, rule_of, street
from test_wishes import DOORS, ids

from gusu_geo.report.plan_console import show_plan
from gusu_geo.siting.asks import Asks, Crowded
from gusu_geo.siting.loads import room_of
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.sections import RoomFacts
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task, task_of
from gusu_geo.study.siting import SitingParams

RULE = rule_of("a")
STEPS, WEIGHTS = (100.0, 300.0, 900.0), (1.0, 0.68, 0.22)  # 300 m is the limit of the service
NONE = float("nan")


class Room(NamedTuple):
    task: Task
    found: Solution
    plan: SitingPlan
    facts: RoomFacts


def crowded(
    full: list[int], access: list[float], persons: list[float], *, norm: float = 100.0,
    capacity: float = NONE, method: str = "e2sfca", asked: bool = True,
) -> Crowded:  # fmt: skip
    """Of one service."""

    def column(values: list[float]) -> np.ndarray:
        return np.array(values, float)[:, None]

    weights = (1.0,) * 3 if method == "2sfca" else WEIGHTS
    return Crowded(
        column([float(one) for one in full]) > 0, column(access), column(persons), np.array([norm]),
        np.array([capacity]), STEPS, weights, method, asked,
    )  # fmt: skip


def planned(room: Crowded | None, scene: Scene | None = None, **options: Any) -> Room:
    places = candidates_of(options.pop("places", DOORS))
    persons = options.pop("persons", PERSONS)
    tables, more = given(scene or street(), RULE, persons, places, **options)
    task = task_of(*tables, **more, asks=Asks(crowded=room))
    found = task.solve()
    plan = plan_sites(task, found)
    facts = room_of(task, found, plan)
    return Room(task, found, plan, facts or RoomFacts(asked=False))  # type: ignore[typeddict-item]


def at_h0(**options: Any) -> Room:
    """h0 alone has its venue v, whose access is 90 per 1,000 against a norm of 100; 100 persons
    live there, and nobody elsewhere."""
    persons = {**dict.fromkeys(PERSONS, 0.0), "h0": 100.0}
    room = crowded([1, 0, 0, 0, 0], [90.0, 0, 0, 0, 0], [100.0, 0, 0, 0, 0], **options)
    return planned(room, sites=2, persons=persons)


def test_homes_whose_venues_are_full_lack_the_service() -> None:
    assert planned(None, sites=5).plan.before["passed_known_persons"] == 1.0  # h0
    homes = crowded([1, 0, 0, 0, 0], [90.0] * 5, list(PERSONS.values()))
    room = planned(homes, sites=1, persons={**PERSONS, "h0": 100.0})
    assert (ids(room.plan), room.plan.gained_persons) == ({"c0"}, (100.0, 100.0))
    assert room.plan.before["passed_known_persons"] == 0.0
    assert room.plan.after["passed_known_persons"] == 100.0
    (row,) = room.plan.services
    assert (row.before_persons, row.after_persons) == (0.0, 100.0)
    facts = room.facts
    assert (facts["full_persons"], facts["venue_persons"], facts["room_persons"]) == (100, 0, 100)
    # No capacity of new venues is given, so that any counts; and it is said.
    assert (facts["bound"], facts["unbound"], facts["loads"]) == ([], ["a"], [])
    codes = {note["code"] for note in room.plan.notes}
    assert {"siting-room", "siting-room-unbound"} <= codes


def test_who_lacked_a_venue_and_who_lacked_only_room_add_up() -> None:
    homes = crowded([1, 0, 0, 0, 0], [90.0] * 5, list(PERSONS.values()))
    room = planned(homes, sites=5)
    facts = room.facts
    assert (facts["venue_persons"], facts["room_persons"]) == (2 + 4 + 8 + 16, 1)
    assert room.plan.gained_persons[1] == 31


def test_only_a_new_venue_that_brings_a_home_up_to_the_norm_gives_it_room() -> None:
    # At the door of its 100 persons a venue of 1 adds 10 per 1,000: 90 + 10 reaches the norm.
    enough, short = at_h0(capacity=1.0), at_h0(capacity=0.99)
    assert (ids(enough.plan), enough.plan.status) == ({"c0"}, "optimal")
    assert (ids(short.plan), short.plan.status) == (set(), "nothing to gain")
    assert short.plan.unreachable_persons == 100.0
    assert (enough.facts["bound"], enough.facts["unbound"]) == (["a"], [])
    (row,) = enough.facts["loads"]
    # It gives room to those who have some already; for all 100 alone it would be full at once.
    assert (row["demand"], row["per_1000"], row["norm"], row["full"]) == (100.0, 10.0, 100.0, True)
    assert at_h0(capacity=10.0).facts["loads"][0]["full"] is False
    assert "siting-room-bound" in {note["code"] for note in enough.plan.notes}


def test_who_lacks_a_venue_gains_only_by_one_with_room_where_room_is_asked_for() -> None:
    # Around c4 live h4 at the door, h3 400 m away and h2 800 m (0.22 each): 18.64 persons.
    here = 16 + 0.22 * (8 + 4)
    for capacity, sites in ((0.1 * here, {"c4"}), (0.099 * here, set())):
        room = crowded([0] * 5, [0.0] * 5, list(PERSONS.values()), capacity=capacity)
        options = {"sites": 1, "wishes": SitingParams(never=("c0", "c1", "c2", "c3"))}
        assert ids(planned(room, **options).plan) == sites
    # Where it is not asked for, the plan is as ever, and the load stands beside it.
    quiet = crowded([0] * 5, [NONE] * 5, list(PERSONS.values()), capacity=1.0, asked=False)
    found = planned(quiet, sites=1)
    (row,) = found.facts["loads"]
    assert (ids(found.plan), row["full"]) == ({"c4"}, True)
    assert row["demand"] == pytest.approx(here)
    assert row["per_1000"] == pytest.approx(1000 / here, abs=1e-4)


def test_what_a_new_venue_adds_is_weighted_by_the_walk_to_it() -> None:
    # At 300 m from the 100 persons of h0 (0.68) and 100 m from 50 at h1 (1): 118 persons, so that
    # 1.74 adds 0.68 x 1,740 / 118 = 10.03 to their 90, and 1.73 adds 9.97. h1 lacks nothing here.
    persons = {**dict.fromkeys(PERSONS, 0.0), "h0": 100.0, "h1": 50.0}
    beside = street().venue("w", 400, 0, service="a")
    for capacity, sites in ((1.74, {"c"}), (1.73, set())):
        access, heads = [90.0, 200.0, 0, 0, 0], [100.0, 50.0, 0, 0, 0]
        room = crowded([1, 0, 0, 0, 0], access, heads, capacity=capacity)
        found = planned(room, beside, sites=1, persons=persons, places={"c": (300.0, 0.0)})
        assert ids(found.plan) == sites


def test_who_lacks_a_venue_lacks_more_than_room() -> None:
    # Two are wanted: h0 has one, which is full; the others have none.
    tables, more = given(
        street(), rule_of("a", counts={"a": 2}), PERSONS, candidates_of(DOORS), sites=1
    )
    room = crowded([1, 0, 0, 0, 0], [90.0] * 5, list(PERSONS.values()))
    task = task_of(*tables, **more, asks=Asks(crowded=room))
    assert task.need[:, 0].tolist() == [1, 2, 2, 2, 2] and not task.room.any()


def test_an_access_that_is_unknown_counts_for_nothing() -> None:
    room = crowded([0] * 5, [NONE] * 5, list(PERSONS.values()), capacity=99.0)
    assert ids(planned(room, sites=1).plan) == {"c4"}


def test_all_count_the_same_under_2sfca_and_nothing_is_bound_under_3sfca() -> None:
    plain = crowded([0] * 5, [0.0] * 5, list(PERSONS.values()), capacity=9.0, method="2sfca")
    assert planned(plain, sites=1).facts["loads"][0]["demand"] == 16 + 8 + 4
    assert ids(at_h0(capacity=0.99, method="3sfca").plan) == {"c0"}
    assert at_h0(capacity=0.99, method="3sfca").facts["unbound"] == ["a"]


def test_loads_alone_change_no_plan() -> None:
    quiet = at_h0(capacity=1.0, asked=False)
    assert (quiet.plan.status, quiet.facts["full_persons"]) == ("nothing to gain", 0)
    assert (quiet.facts["bound"], quiet.facts["unbound"]) == ([], [])
    assert not [note for note in quiet.plan.notes if "room" in note["code"]]


def test_persons_of_a_group_that_nobody_counted_are_unknown() -> None:
    room = crowded([0] * 5, [NONE] * 5, [1.0, 2.0, 4.0, NONE, 16.0], capacity=1.0)
    found = planned(room, sites=1)
    (row,) = found.facts["loads"]
    assert (row["demand"], row["per_1000"], row["full"]) == (None, None, None)
    assert (found.facts["bound"], found.facts["unbound"]) == ([], ["a"])


def test_a_target_counts_those_with_room() -> None:
    room = crowded([1, 0, 0, 0, 0], [90.0] * 5, list(PERSONS.values()))
    found = planned(room, target=1.0)
    assert ids(found.plan) == set(DOORS) and found.plan.least == 5
    assert planned(None, target=1.0).plan.least == 4


def test_the_terminal_flags_what_would_be_full(capsys: pytest.CaptureFixture[str]) -> None:
    room = at_h0(capacity=1.0)
    document = {**room.plan.to_dict(), "room": room.facts}
    show_plan(document, {"a": {"zh": "甲", "en": "A"}})
    said = " ".join(capsys.readouterr().out.split())
    assert "C0, A: would be full at once, 10.00 per 1,000 persons against a norm of 100" in said
    assert "0 lacked a venue, 100 nothing but room" in said
    assert "100 persons have all services, but their venues are full" in said


# --- lines of homes, against trying everything --------------------------------------------------


class Line(NamedTuple):
    """Positions of homes, venues and candidates in metres, whole numbers of persons."""

    homes: list[int]
    persons: list[int]
    venues: list[tuple[int, int]]
    places: list[int]
    capacity: int
    norm: int

    def weight(self, one: int, other: int) -> float:
        far = abs(one - other)
        return next((w for s, w in zip(STEPS, WEIGHTS, strict=True) if far <= s), 0.0)

    def ratio(self, at: int, capacity: float) -> float:
        demand = sum(
            self.weight(home, at) * n for home, n in zip(self.homes, self.persons, strict=True)
        )
        return 1000 * capacity / demand if demand else math.inf

    def access(self, home: int, more: tuple[int, ...] = ()) -> float:
        """Supply per 1,000, with new venues at these places."""
        every = [*self.venues, *((at, self.capacity) for at in more)]
        near = [(self.weight(home, at), self.ratio(at, size)) for at, size in every]
        return sum(w * ratio for w, ratio in near if w)

    def state(self, home: int) -> str:
        if not any(abs(home - at) <= 300 for at, _ in self.venues):
            return "missing"
        return "full" if self.access(home) < self.norm * (1 - 1e-9) else "fine"

    def gains(self, chosen: tuple[int, ...]) -> set[int]:
        """Who lacks a venue, or room, and gets it from a single one."""
        found = set()
        for number, home in enumerate(self.homes):
            near = [at for at in chosen if abs(home - at) <= 300]
            enough = self.norm * (1 - 1e-9)
            roomy = any(self.access(home, (at,)) >= enough for at in near)
            if self.state(home) != "fine" and roomy:
                found.add(number)
        return found


@st.composite
def lines(draw: st.DrawFn) -> Line:
    spots = st.integers(0, 12).map(lambda at: 100 * at)
    homes = draw(st.lists(spots, min_size=2, max_size=5, unique=True))
    count = len(homes)
    return Line(
        homes,
        draw(st.lists(st.integers(1, 20), min_size=count, max_size=count)),
        draw(st.lists(st.tuples(spots, st.integers(0, 4)), min_size=1, max_size=3)),
        draw(st.lists(spots, min_size=2, max_size=4, unique=True)),
        draw(st.integers(0, 4)),
        draw(st.sampled_from([20, 60, 120, 250])),
    )


@examples(lines(), st.integers(1, 2))
@settings(max_examples=25)
def test_the_plan_is_the_best_of_all_and_who_gains_room_has_it(line: Line, sites: int) -> None:
    scene = Scene().way("w e", w=(-3000, 0), e=(3000, 0))
    for number, x in enumerate(line.homes):
        scene.home(f"h{number}", x, 0)
    for number, (x, _) in enumerate(line.venues):
        scene.venue(f"v{number}", x, 0, service="a")
    names = [f"h{number}" for number in range(len(line.homes))]
    persons = dict(zip(names, map(float, line.persons), strict=True))
    full = [int(line.state(home) == "full") for home in line.homes]
    room = crowded(
        full, [line.access(home) for home in line.homes], list(persons.values()),
        norm=line.norm, capacity=line.capacity,
    )  # fmt: skip
    places = {f"c{at}": (float(at), 0.0) for at in line.places}
    sites = min(sites, len(places))
    found = planned(room, scene, persons=persons, places=places, sites=sites)

    def worth(homes: set[int]) -> float:
        return sum(line.persons[number] for number in homes)

    best = max(worth(line.gains(chosen)) for chosen in combinations(line.places, sites))
    assert found.found.objective_persons == found.found.bound_persons == best
    chosen = tuple(line.places[c] for c in np.flatnonzero(found.found.opened))
    gained = set(np.flatnonzero(found.found.completed).tolist())
    assert gained == line.gains(chosen)
    # With all new venues at once, who gained room has it: others only add.
    for number in gained:
        assert line.access(line.homes[number], chosen) >= line.norm * (1 - 1e-9)
    lacked = {number for number in gained if line.state(line.homes[number]) == "full"}
    assert found.facts["room_persons"] == worth(lacked)
    assert found.facts["venue_persons"] == worth(gained - lacked)
