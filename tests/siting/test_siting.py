"""Siting: the model against brute force, invariants, and scenes where the best plan is seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations, product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scenes import CRS_M, Scene, entrances
from scipy import sparse

from gusu_geo.assessment.rule import Rule, State, judge
from gusu_geo.errors import StudyError
from gusu_geo.siting import search as siting_search
from gusu_geo.siting.candidates import sample_candidates
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.solver import Effort, Solution, solve
from gusu_geo.siting.task import task_of
from gusu_geo.study.catalog import RulePack, Service
from gusu_geo.study.params import Walk
from gusu_geo.study.siting import SitingParams
from gusu_geo.tables import Candidates, Entrances, Residences, WayFlag
from gusu_geo.walking.linkage import Linking
from gusu_geo.walking.trips import Trips

# --- the model on arrays -----------------------------------------------------------------------


class Case:
    """A random siting task, small enough to try everything. Persons are whole numbers."""

    def __init__(self, seed: int, *, max_need: int = 1, sparse_allowed: bool = False) -> None:
        rng = np.random.default_rng(seed)
        r, c, k = rng.integers(1, 9), rng.integers(1, 6), rng.integers(1, 4)
        self.persons = rng.integers(0, 20, r).astype(float)
        self.need = rng.integers(0, max_need + 1, (r, k))
        self.reach = rng.random((k, r, c)) < rng.uniform(0.2, 0.9)
        if rng.random() < 0.5:  # one threshold for all services: the usual case
            self.reach[:] = self.reach[0]
        share = 0.7 if sparse_allowed else 2.0
        self.allowed = rng.random((c, k)) < share
        self.sites = int(rng.integers(1, 3))
        self.limit = [None, 1, 2, 3][rng.integers(4)]

    def solve(self, **changes: object) -> Solution:
        options = {"sites": self.sites, "services_per_site": self.limit} | changes
        effort = Effort(**options)  # type: ignore[arg-type]
        return solve(
            self.persons,
            self.need,
            [csr(layer) for layer in self.reach],
            allowed=self.allowed,
            effort=effort,
        )

    def gained(self, offers: np.ndarray) -> float:
        """Persons who lack something and get all of it; written without the code's helpers."""
        total = 0.0
        for r, wants in enumerate(self.need):
            if not wants.any():
                continue
            have = [
                sum(offers[c, k] and self.reach[k, r, c] for c in range(len(offers)))
                for k in range(len(wants))
            ]
            if all(h >= n for h, n in zip(have, wants, strict=True)):
                total += self.persons[r]
        return total

    def best(self) -> float:
        """Every set of sites with every choice of services."""
        count, k = self.allowed.shape
        size = k if self.limit is None else min(self.limit, k)
        best = 0.0
        for chosen in combinations(range(count), min(self.sites, count)):
            for picks in product(combinations(range(k), size), repeat=len(chosen)):
                offers = np.zeros((count, k), bool)
                for c, pick in zip(chosen, picks, strict=True):
                    offers[c, list(pick)] = True
                best = max(best, self.gained(offers & self.allowed))
        return best


def csr(layer: np.ndarray) -> sparse.csr_array:
    """The pattern of ``layer``, with an explicit zero (a home at the very door) among the data."""
    rows, columns = np.nonzero(layer)
    matrix = sparse.csr_array(
        (np.arange(len(rows), dtype=np.int32), (rows, columns)), shape=layer.shape
    )
    assert matrix.nnz == layer.sum()
    return matrix


def no_start(problem: object, meter: object) -> None:
    return None


@pytest.mark.parametrize("helped", [True, False], ids=["started", "alone"])
@pytest.mark.parametrize("max_need", [1, 2])
@pytest.mark.parametrize("sparse_allowed", [False, True])
def test_equals_brute_force(
    max_need: int, sparse_allowed: bool, helped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not helped:  # the model must find it alone
        monkeypatch.setattr(siting_search, "starting_plan", no_start)
    gaining = 0
    for seed in range(60):
        case = Case(seed, max_need=max_need, sparse_allowed=sparse_allowed)
        found, best = case.solve(), case.best()
        assert found.objective_persons == best, seed
        assert case.gained(found.offers) == best, seed
        assert found.bound_persons == pytest.approx(best, abs=1e-4), seed
        gaining += best > 0
        kept_to(case, found)
    assert gaining > 20  # the cases are worth solving


def kept_to(case: Case, found: Solution) -> None:
    """Sites, services of a site and what is allowed hold, and nothing is idle."""
    offers = found.offers
    assert not (offers & ~case.allowed).any()
    assert offers.any(axis=1).sum() <= case.sites
    if case.limit is not None:
        assert offers.sum(axis=1).max() <= case.limit
    for c, k in np.argwhere(offers):
        fewer = offers.copy()
        fewer[c, k] = False
        assert case.gained(fewer) < found.objective_persons


def test_more_budget_never_gains_less() -> None:
    for seed in range(12):
        case = Case(seed, max_need=2)
        by_sites = [case.solve(sites=n).objective_persons for n in (1, 2, 3, 4)]
        assert by_sites == sorted(by_sites)
        by_limit = [case.solve(services_per_site=n).objective_persons for n in (1, 2, 3, None)]
        assert by_limit == sorted(by_limit)


def test_completed_and_unreachable_residences() -> None:
    # 1 person lacks nothing, 2 can be helped, 4 reach nobody, 8 need two venues of one site.
    need = np.array([[0], [1], [1], [2]])
    reach = np.array([[1, 0], [1, 0], [0, 0], [1, 0]])
    found = solve(
        np.array([1.0, 2.0, 4.0, 8.0]),
        need,
        [csr(reach)],
        allowed=np.ones((2, 1), bool),
        effort=Effort(2, 3),
    )
    assert found.completed.tolist() == [False, True, False, False]
    assert found.unreachable.tolist() == [False, False, True, True]
    assert (found.objective_persons, found.bound_persons, found.status) == (2.0, 2.0, "optimal")


def test_more_missing_than_the_sites_can_offer_is_unreachable() -> None:
    everything = [np.ones((1, 3), int)] * 4
    allowed = np.ones((3, 4), bool)
    persons, need = np.array([5.0]), np.ones((1, 4), int)
    covers = [csr(layer) for layer in everything]
    one = solve(persons, need, covers, allowed=allowed, effort=Effort(1, 2))
    two = solve(persons, need, covers, allowed=allowed, effort=Effort(2, 2))
    assert (one.status, one.unreachable.tolist()) == ("nothing to gain", [True])
    assert (two.objective_persons, two.offers.sum()) == (5.0, 4)


def test_more_venues_wanted_than_sites_is_unreachable() -> None:
    reach = csr(np.ones((1, 3), int))
    allowed = np.ones((3, 1), bool)
    persons, need = np.array([5.0]), np.array([[2]])
    one = solve(persons, need, [reach], allowed=allowed, effort=Effort(1, None))
    two = solve(persons, need, [reach], allowed=allowed, effort=Effort(2, None))
    assert (one.unreachable.tolist(), one.bound_persons) == ([True], 0.0)
    assert (two.unreachable.tolist(), two.objective_persons) == ([False], 5.0)


def test_no_plan_that_gains_is_nothing_to_gain() -> None:
    # One candidate, one service at a time, two lacking: counting cannot tell, the model can.
    reach = csr(np.ones((1, 1), int))
    found = solve(
        np.array([5.0]),
        np.ones((1, 2), int),
        [reach, reach],
        allowed=np.ones((1, 2), bool),
        effort=Effort(2, 1),
    )
    assert (found.status, found.bound_persons, found.offers.any()) == ("nothing to gain", 0, False)


def test_nobody_in_need_is_nothing_to_gain() -> None:
    found = solve(
        np.array([3.0, 4.0]),
        np.zeros((2, 2), int),
        [csr(np.ones((2, 2), int))] * 2,
        allowed=np.ones((2, 2), bool),
        effort=Effort(1, 3),
    )
    assert found.status == "nothing to gain"
    assert (found.objective_persons, found.bound_persons, found.offers.any()) == (0.0, 0.0, False)


def town(seed: int, homes: int, sites: int) -> tuple[np.ndarray, np.ndarray, list, np.ndarray]:
    """A larger task: homes and candidates in a square, everybody lacks one to three services."""
    rng = np.random.default_rng(seed)
    home, site = rng.random((homes, 2)), rng.random((sites, 2))
    near = np.hypot(*(home[:, None] - site[None]).transpose(2, 0, 1)) < 0.2
    need = (rng.random((homes, 6)) < 0.4).astype(int)
    persons = rng.integers(1, 100, homes) + 0.25
    return persons, need, [csr(near)] * 6, np.ones((sites, 6), bool)


def test_same_plan_twice() -> None:
    persons, need, cover, allowed = town(1, 120, 15)
    runs = [solve(persons, need, cover, allowed=allowed, effort=Effort(3, 3)) for _ in range(2)]
    assert np.array_equal(runs[0].offers, runs[1].offers)
    assert runs[0].bound_persons == runs[1].bound_persons
    assert runs[0].status == "optimal"


def test_time_limit_gives_a_plan_and_an_honest_bound() -> None:
    persons, need, cover, allowed = town(2, 1500, 120)
    short = solve(persons, need, cover, allowed=allowed, effort=Effort(6, 2, 0.1))
    assert short.status == "time limit"
    assert 0 < short.objective_persons < short.bound_persons <= persons.sum()
    longer = solve(persons, need, cover, allowed=allowed, effort=Effort(6, 2, 4.0))
    assert longer.objective_persons <= short.bound_persons + 1e-6


# --- plans of tables ---------------------------------------------------------------------------

PACE = Walk(speed_mps=1.0)
MINUTES = 5  # 300 m at 1 m/s


def rule_of(*services: str, counts: dict[str, int] | None = None, **options: str) -> Rule:
    pack = RulePack(
        id="test", version="1", title_zh="", title_en="", note_zh="", note_en="", source="",
        minutes=MINUTES,
        services=tuple(
            Service(
                id=name, zh=name.upper(), en=name.title(), osm=(), keywords=(), exclude=(),
                typecodes=(), minutes=None, min_count=(counts or {}).get(name, 1),
            )
            for name in services
        ),
    )  # fmt: skip
    return Rule(pack, (MINUTES * 60.0,) * len(services), **options)  # type: ignore[arg-type]


def candidates_of(
    points: dict[str, tuple[float, float]], services: dict[str, tuple[str, ...]] | None = None
) -> Candidates:
    frame = gpd.GeoDataFrame(
        {
            "name": [name.upper() for name in points],
            "services": [(services or {}).get(name, ()) for name in points],
        },
        index=list(points),
        geometry=[shapely.Point(xy) for xy in points.values()],
        crs=CRS_M,
    )
    return Candidates(frame, Entrances.of_points(np.array([*points.values()], float)))


def given(
    scene: Scene,
    rule: Rule,
    persons: dict[str, float],
    candidates: Candidates,
    *,
    known: list[bool] | None = None,
    wishes: SitingParams = SitingParams(),  # noqa: B008
    zones: dict[str, str] | None = None,
    elders: dict[str, float] | None = None,
    possible: Scene | None = None,
    **options: object,
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments of ``task_of``."""
    net = scene.network()
    counts = {service.id: service.min_count for service in rule.pack.services}
    access = scene.measure(walk=PACE, counts=counts)
    homes = gpd.GeoDataFrame(
        {"persons": [float(persons[name]) for name in scene.homes]},
        index=pd.Index(scene.homes),
        geometry=[shapely.Point(points[0]) for points in scene.homes.values()],
        crs=CRS_M,
    )
    if elders is not None:
        homes["elders"] = [elders.get(name, np.nan) for name in scene.homes]
    zone_of = None
    if zones is not None:
        zone_of = pd.DataFrame({"ward": [zones[name] for name in scene.homes]}, index=homes.index)
    seen = possible and possible.measure(walk=PACE, counts=counts)
    tables = (
        Trips.of(net, PACE),
        Residences(homes, entrances(scene.homes)),
        candidates,
        access,
        judge(access, rule, known=known, possible=seen),
    )
    return tables, {
        "linking": Linking(barriers=scene.barriers()),
        "effort": Effort(**options),  # type: ignore[arg-type]
        "wishes": wishes,
        "zone_of": zone_of,
    }


def asked_of(make: Callable[..., Any], *parts: Any, **options: Any) -> Any:
    """What ``make`` makes of the tables of a scene."""
    tables, more = given(*parts, **options)
    return make(*tables, **more)


def plan(*parts: Any, **options: Any) -> SitingPlan:
    tables, more = given(*parts, **options)
    return plan_sites(task_of(*tables, **more))


def street() -> Scene:
    """Five homes 400 m apart on a street of 2 km, each alone within its 300 m; a venue of service
    a at the first home, and venues of a and b far from all of them."""
    scene = Scene().way("w e", w=(-3000, 0), e=(2000, 0))
    for number in range(5):
        scene.home(f"h{number}", 400 * number, 0)
    scene.venue("v", 0, 0, service="a").venue("far", -2900, 0, service="b")
    return scene


PERSONS = {"h0": 1.0, "h1": 2.0, "h2": 4.0, "h3": 8.0, "h4": 16.0}  # one sum names who gained


def test_greedy_fails_where_the_exact_plan_does_not() -> None:
    # Venues in the middle of two homes serve both; the middle one of three looks best at first.
    # c1 reaches h1 and h2 (10 + 10), c2 h0 and h1 (9 + 10), c3 h2 and h3 (10 + 9): greedy opens
    # c1 (20), then c2 or c3 (+9) = 29; best is c2 and c3 = 38.
    scene = street()
    people = {"h0": 9.0, "h1": 10.0, "h2": 10.0, "h3": 9.0, "h4": 0.5}
    sites = candidates_of({"c1": (600, 0), "c2": (200, 0), "c3": (1000, 0)})
    found = plan(scene, rule_of("a", "b"), people, sites, sites=2)
    assert [site.candidate_id for site in found.chosen] == ["c2", "c3"]
    assert (found.objective_persons, found.bound_persons, found.gap) == (38.0, 38.0, 0.0)
    one = plan(scene, rule_of("a", "b"), people, sites, sites=1)
    assert [site.candidate_id for site in one.chosen] == ["c1"]  # what greedy is lured by


def test_existing_venues_count_and_only_what_is_lacking_is_built() -> None:
    # h0 has a at its door: only b is missing there.
    found = plan(street(), rule_of("a", "b"), PERSONS, candidates_of({"c": (0, 0)}), sites=1)
    (site,) = found.chosen
    assert site.services == ("b",)
    assert (site.candidate_id, site.name, site.xy) == ("c", "C", (0.0, 0.0))
    assert site.lonlat == pytest.approx((120.6, 31.3), abs=1e-6)
    assert found.objective_persons == 1.0
    assert found.gained_residence_ids == ("h0",)
    assert found.before == {"passed_known_persons": 0.0, "share": 0.0}
    assert found.after == {"passed_known_persons": 1.0, "share": round(1 / 31, 6)}
    assert [(row.service, row.before_persons, row.after_persons) for row in found.services] == [
        ("a", 1.0, 1.0),
        ("b", 0.0, 1.0),
    ]
    assert found.unreachable_persons == 2 + 4 + 8 + 16


def test_exactly_the_threshold_is_within() -> None:
    rule = rule_of("a", "b")
    at = plan(street(), rule, PERSONS, candidates_of({"c": (1900, 0)}), sites=1)
    beyond = plan(street(), rule, PERSONS, candidates_of({"c": (1901, 0)}), sites=1)
    assert at.gained_residence_ids == ("h4",)
    assert (beyond.status, beyond.chosen) == ("nothing to gain", ())


def test_gains_add_up_in_the_order_listed() -> None:
    # h3 needs a and b; each site may offer one: only both together complete it.
    sites = candidates_of({"one": (1200, 0), "two": (1300, 0), "three": (400, 0), "four": (400, 0)})
    found = plan(street(), rule_of("a", "b"), PERSONS, sites, sites=4, services_per_site=1)
    gains = [site.gained_persons for site in found.chosen]
    assert sum(gains) == found.objective_persons == 2 + 8
    assert sorted(gains) == [0.0, 0.0, 2.0, 8.0]


def test_allowed_services_are_respected() -> None:
    sites = candidates_of({"c1": (1600, 0), "c2": (0, 0)}, {"c1": ("b",), "c2": ("b",)})
    found = plan(street(), rule_of("a", "b"), PERSONS, sites, sites=2)
    assert [(site.candidate_id, site.services) for site in found.chosen] == [("c2", ("b",))]


def test_services_without_data_are_left_out_and_named() -> None:
    found = plan(
        street(), rule_of("a", "b"), PERSONS, candidates_of({"c": (1600, 0)}), sites=1,
        known=[True, False],
    )  # fmt: skip
    assert found.chosen[0].services == ("a",)
    assert found.excluded_services == ("b",)
    assert found.before["passed_known_persons"] == 1.0
    assert [row.service for row in found.services] == ["a"]
    note = next(note for note in found.notes if note["code"] == "siting-no-data")
    assert "B" in note["zh"]
    assert "B" in note["en"]


def test_shortfall_of_two_wanted_venues() -> None:
    # Two venues of a wanted: h0 has one and needs one more; h4 has none and needs two sites.
    rule = rule_of("a", counts={"a": 2})
    scene = Scene().way("w e", w=(-200, 0), e=(2000, 0)).home("h0", 0, 0).home("h4", 1600, 0)
    scene.venue("v", 0, 0, service="a")
    people = {"h0": 1.0, "h4": 16.0}
    sites = candidates_of({"n": (100, 0), "m": (1500, 0), "o": (1700, 0)})
    one = plan(scene, rule, people, sites, sites=1)
    two = plan(scene, rule, people, sites, sites=2)
    assert [site.candidate_id for site in one.chosen] == ["n"]
    assert sorted(site.candidate_id for site in two.chosen) == ["m", "o"]


def test_unlinked_homes_and_candidates_are_told() -> None:
    scene = street().home("lost", 0, 5000)
    sites = candidates_of({"off": (0, 900), "on": (1600, 0)})
    found = plan(scene, rule_of("a", "b"), PERSONS | {"lost": 32.0}, sites, sites=1)
    assert found.unlinked_persons == 32.0
    assert found.unlinked_candidate_ids == ("off",)
    assert found.candidates == 1
    assert [site.candidate_id for site in found.chosen] == ["on"]
    assert "siting-unlinked" in {note["code"] for note in found.notes}


def test_nobody_is_served_across_a_canal() -> None:
    # The home lies 40 m from the southern street, but a canal runs between; its own street is
    # 80 m to the north, and from there the bridge is far.
    scene = Scene().way("a b", a=(-200, 0), b=(2000, 0)).way("b c", c=(2000, 120))
    scene.way("c d", d=(-200, 120)).home("h", 0, 40).venue("far", 2000, 60, service="a")
    south = candidates_of({"c": (0, 0)})
    dry = plan(scene, rule_of("a"), {"h": 1.0}, south, sites=1)
    scene.water.append(shapely.LineString([(-500, 20), (1900, 20)]))
    wet = plan(scene, rule_of("a"), {"h": 1.0}, south, sites=1)
    assert (dry.objective_persons, wet.objective_persons) == (1.0, 0.0)
    assert (wet.unlinked_persons, wet.unreachable_persons) == (0.0, 1.0)


def test_three_wanted_venues_are_planned_with_care() -> None:
    rule = rule_of("a", counts={"a": 3})
    scene = Scene().way("w e", w=(-200, 0), e=(2000, 0)).home("h", 0, 0)
    scene.venue("v1", 0, 0, service="a").venue("v2", 10, 0, service="a")
    sites = candidates_of({"n": (100, 0), "m": (-100, 0)})
    found = plan(scene, rule, {"h": 1.0}, sites, sites=2)
    assert found.objective_persons == 1.0
    assert len(found.chosen) == 2  # one would do, but the table does not tell of v2
    assert [note["code"] for note in found.notes] == ["siting-careful"]


def test_what_the_plan_promises_comes_true() -> None:
    # Build the plan as venues and judge again: the same residences pass.
    scene, rule = street(), rule_of("a", "b")
    sites = candidates_of({f"c{x}": (float(x), 0.0) for x in range(0, 1900, 150)})
    found = plan(scene, rule, PERSONS, sites, sites=2)
    for site in found.chosen:
        for service in site.services:
            scene.venue(f"{site.candidate_id}-{service}", *site.xy, service=service)
    verdict = judge(scene.measure(walk=PACE, counts={"a": 1, "b": 1}), rule)
    passed = [name for name, ok in zip(scene.homes, verdict.passed_known, strict=True) if ok]
    assert tuple(passed) == found.gained_residence_ids
    assert sum(PERSONS[name] for name in passed) == found.after["passed_known_persons"]
    for k, row in enumerate(found.services):
        covered = verdict.state[:, k] == State.PASS
        assert row.after_persons == sum(np.array([*PERSONS.values()])[covered])
        assert row.after_persons >= row.before_persons


def test_plan_is_plain_data_and_the_same_twice() -> None:
    sites = candidates_of({f"c{x}": (float(x), 0.0) for x in range(0, 1900, 150)})
    texts = [
        json.dumps(
            plan(street(), rule_of("a", "b"), PERSONS, sites, sites=3).to_dict(), allow_nan=False
        )
        for _ in range(2)
    ]
    assert texts[0] == texts[1]
    assert "run_time" not in texts[0]


def test_one_stop_rules_are_planned_as_union_and_say_so() -> None:
    rule = rule_of("a", "b", mode="one_stop")
    found = plan(street(), rule, PERSONS, candidates_of({"c": (1600, 0)}), sites=1)
    assert found.objective_persons == 16.0
    assert [note["code"] for note in found.notes] == ["siting-union"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sites": 0}, "sites must be 1 or more"),
        ({"sites": 1, "services_per_site": 0}, "services_per_site must be 1 or more"),
        ({"sites": 1, "time_limit_s": 0.0}, "time_limit_s must be above 0"),
        ({"sites": 1, "time_limit_s": float("nan")}, "time_limit_s must be above 0"),
    ],
)
def test_bad_numbers_are_refused(options: dict[str, float], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        plan(street(), rule_of("a", "b"), PERSONS, candidates_of({"c": (0, 0)}), **options)


def test_bad_candidates_are_refused() -> None:
    rule = rule_of("a", "b")
    with pytest.raises(StudyError, match="no candidate sites"):
        plan(street(), rule, PERSONS, candidates_of({}), sites=1)
    with pytest.raises(StudyError, match="within 100 m of a street"):
        plan(street(), rule, PERSONS, candidates_of({"c": (0, 900)}), sites=1)
    typo = candidates_of({"c": (0, 0)}, {"c": ("bb",)})
    with pytest.raises(StudyError, match=r"'c' offers a service .* Got 'bb'"):
        plan(street(), rule, PERSONS, typo, sites=1)


def test_solver_keeps_stdout_clean() -> None:
    # The solver's own greeting is written by C and appears when the process ends.
    code = """
import numpy as np
from scipy.sparse import csr_array
from gusu_geo.siting.solver import Effort, solve
one = np.ones((1, 1))
found = solve(np.array([7.0]), one.astype(int), [csr_array(one)], allowed=one > 0,
              effort=Effort(1, 3))
print(found.objective_persons)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("7.0\n", "")


# --- candidates along streets ------------------------------------------------------------------


def grid(*, turned: bool = False) -> Scene:
    """Streets 100 m apart over 1 km; ``turned``: numbered and drawn the other way round."""
    scene, ends = Scene(), 11
    prefix = "z" if turned else "a"
    for i in range(ends):
        for path in ([(i, j) for j in range(ends)], [(j, i) for j in range(ends)]):
            path = path[::-1] if turned else path
            names = {
                f"{prefix}{(10 - x if turned else x):02}{y:02}": (100.0 * x, 100.0 * y)
                for x, y in path
            }
            scene.way(" ".join(names), **names)
    return scene


def xy_of(candidates: Candidates) -> np.ndarray:
    return shapely.get_coordinates(candidates.frame.geometry.to_numpy())


def test_candidates_are_apart_and_leave_no_street_alone() -> None:
    net = grid().network()
    area = shapely.Point(500, 500).buffer(420)
    found = sample_candidates(net, spacing_m=150, area=area)
    xy = xy_of(found)
    gaps = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min() >= 0.75 * 150
    inside = shapely.intersection(net.edge_lines, area)
    inside = inside[~shapely.is_empty(inside)]
    probes = shapely.get_coordinates(shapely.segmentize(inside, 5))
    far = np.hypot(*(probes[:, None] - xy[None]).transpose(2, 0, 1)).min(axis=1)
    assert far.max() <= 150
    assert shapely.dwithin(shapely.points(xy), area, 0.01).all()
    assert shapely.dwithin(shapely.points(xy), shapely.union_all(net.edge_lines), 0.01).all()


def test_no_street_is_left_alone_in_a_tangle() -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        scene = Scene()
        for number in range(12):  # long streets that all meet in the middle
            angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(100, 900)
            end = (length * np.cos(angle), length * np.sin(angle))
            scene.way(f"m e{number}", m=(0, 0), **{f"e{number}": end})
        net = scene.network()
        xy = xy_of(sample_candidates(net, spacing_m=100, area=None))
        probes = shapely.get_coordinates(shapely.segmentize(net.edge_lines, 2))
        far = np.hypot(*(probes[:, None] - xy[None]).transpose(2, 0, 1)).min(axis=1)
        assert far.max() <= 100.02


def test_a_straight_street_and_its_ids() -> None:
    net = Scene().way("a b", a=(0, 0), b=(600, 0)).network()
    found = sample_candidates(net, spacing_m=200, area=None)
    xy = xy_of(found)
    assert found.frame.index.tolist() == [f"c{n}" for n in range(1, len(xy) + 1)]
    assert (np.diff(xy[:, 0]) >= 150).all()
    assert 3 <= len(xy) <= 5
    assert found.frame["services"].tolist() == [()] * len(xy)
    assert found.frame.attrs["spacing_m"] == 200.0


def test_candidates_do_not_depend_on_labels_or_drawing_order() -> None:
    first, second = (
        sample_candidates(grid(turned=turned).network(), spacing_m=130, area=None)
        for turned in (False, True)
    )
    assert xy_of(first).tolist() == xy_of(second).tolist()
    assert first.frame.index.tolist() == second.frame.index.tolist()


@pytest.mark.parametrize("flag", [WayFlag.TUNNEL, WayFlag.BRIDGE, WayFlag.PRIVATE])
def test_no_candidates_where_nobody_can_stop(flag: WayFlag) -> None:
    scene = Scene().way("a b", a=(0, 0), b=(600, 0))
    scene.way("b c", flags=int(flag), c=(1200, 0)).way("d e", d=(0, 900), e=(200, 900))
    xy = xy_of(sample_candidates(scene.network(), spacing_m=100, area=None))
    assert xy[:, 0].max() <= 600  # not on the flagged street
    assert xy[:, 1].max() == 0  # nor on the piece cut off from the rest


def test_no_streets_in_the_area_no_candidates() -> None:
    net = Scene().way("a b", a=(0, 0), b=(600, 0)).network()
    found = sample_candidates(net, spacing_m=100, area=shapely.box(0, 50, 600, 100))
    assert len(found.frame) == 0


@pytest.mark.parametrize("spacing_m", [0.0, -5.0, float("nan"), float("inf")])
def test_bad_spacing_is_refused(spacing_m: float) -> None:
    net = Scene().way("a b", a=(0, 0), b=(600, 0)).network()
    with pytest.raises(StudyError, match="spacing_m must be above 0"):
        sample_candidates(net, spacing_m=spacing_m, area=None)
