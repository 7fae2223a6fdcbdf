"""What is said of a plan, against trying everything: random towns on a line."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from scenes import Scene
from test_siting import candidates_of, given, rule_of

from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.sections import NextSite, SiteWhy
from gusu_geo.siting.task import Task, task_of
from gusu_geo.siting.why import Places, why_of
from gusu_geo.study.siting import SitingParams

REACH_M = 300


class Town(NamedTuple):
    """Homes and candidates on a line; whole numbers only. counts: venues wanted of each service."""

    homes: list[int]
    persons: list[int]
    venues: dict[str, list[int]]
    counts: dict[str, int]
    sites: list[int]
    allowed: list[tuple[str, ...]]
    area: list[int]
    cost: list[int]
    effort: dict[str, Any]
    wanted_area: dict[str, float]

    def lacks(self, home: int) -> dict[str, int]:
        """Venues that a home lacks, by service."""
        found = {
            s: sum(abs(self.homes[home] - x) <= REACH_M for x in at)
            for s, at in self.venues.items()
        }
        return {s: n - found[s] for s, n in self.counts.items() if found[s] < n}

    def gains(self, plan: dict[int, set[str]]) -> set[int]:
        """The homes that a plan completes."""
        done = set()
        for home, at in enumerate(self.homes):
            lacks = self.lacks(home)
            got = {
                s: sum(
                    s in offers and abs(at - self.sites[c]) <= REACH_M for c, offers in plan.items()
                )
                for s in lacks
            }
            if lacks and all(got[s] >= n for s, n in lacks.items()):
                done.add(home)
        return done

    def worth(self, homes: set[int]) -> int:
        return sum(self.persons[home] for home in homes)

    def best_with(self, plan: dict[int, set[str]], c: int) -> int:
        """Most persons that a candidate gains in addition to a plan, whatever it offers."""
        limit = self.effort["services_per_site"] or len(self.counts)
        held = self.allowed[c] or tuple(self.counts)
        before, best = self.worth(self.gains(plan)), 0
        for size in range(1, limit + 1):
            for pick in combinations(held, size):
                if sum(self.wanted_area.get(s, 0) for s in pick) <= self.area[c]:
                    best = max(best, self.worth(self.gains(plan | {c: set(pick)})) - before)
        return best

    def task(self) -> Task:
        scene = Scene().way("w e", w=(-9000, 0), e=(3000, 0))
        for number, x in enumerate(self.homes):
            scene.home(f"h{number}", x, 0)
        for service, at in self.venues.items():
            for number, x in enumerate([-8900, *at]):
                scene.venue(f"{service}{number}", x, 0, service=service)
        places = candidates_of(
            {f"c{number}": (float(x), 0.0) for number, x in enumerate(self.sites)},
            {f"c{number}": held for number, held in enumerate(self.allowed)},
        )
        places.frame["street"] = False
        places.frame["cost"] = np.array(self.cost, float)
        places.frame["area_m2"] = np.array(self.area, float)
        persons = {f"h{number}": float(count) for number, count in enumerate(self.persons)}
        tables, more = given(
            scene, rule_of(*self.counts, counts=self.counts), persons, places,
            wishes=SitingParams(service_area_m2=self.wanted_area), **self.effort,
        )  # fmt: skip
        return task_of(*tables, **more)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    services = ["a", "b", "c"][: draw(st.integers(1, 3))]
    place = st.integers(0, 20).map(lambda step: 50 * step)
    homes = draw(st.lists(place, min_size=1, max_size=7))
    sites = draw(st.lists(place, min_size=1, max_size=7))
    held = st.sets(st.sampled_from(services)).map(lambda some: tuple(sorted(some)))
    effort: dict[str, Any] = {"services_per_site": draw(st.sampled_from([None, 1, 2]))}
    money = draw(st.booleans())
    effort |= (
        {"budget": float(draw(st.integers(0, 9)))} if money else {"sites": draw(st.integers(1, 2))}
    )
    return Town(
        homes=homes,
        persons=[draw(st.integers(0, 20)) for _ in homes],
        venues={s: draw(st.lists(place, max_size=2)) for s in services},
        counts={s: draw(st.sampled_from([1, 1, 2])) for s in services},
        sites=sites,
        allowed=[draw(held) for _ in sites],
        area=[draw(st.sampled_from([2, 5, 99])) for _ in sites],
        cost=[draw(st.integers(0, 5)) for _ in sites],
        effort=effort,
        wanted_area=draw(st.sampled_from([{}, {"a": 3.0}])),
    )


def check_site(town: Town, plan: dict[int, set[str]], c: int, site: SiteWhy) -> None:
    rest = {other: offers for other, offers in plan.items() if other != c}
    lost = town.gains(plan) - town.gains(rest)
    assert site["lost_persons"] == town.worth(lost)
    wanted = dict.fromkeys(town.counts, 0)
    for home in lost:
        for s, n in town.lacks(home).items():
            near = [o for o in rest if abs(town.sites[o] - town.homes[home]) <= REACH_M]
            if sum(s in rest[o] for o in near) < n:
                wanted[s] += town.persons[home]
    assert {s: n for s, n in site["by_service"].items() if n} == {
        s: n for s, n in wanted.items() if n
    }
    assert sum(wanted.values()) >= site["lost_persons"] >= 0


def check_next(town: Town, plan: dict[int, set[str]], row: NextSite) -> None:
    c = int(row["candidate_id"][1:])
    gain = town.best_with(plan, c)
    assert (row["gained_persons"], row["alone_persons"]) == (gain, town.best_with({}, c))
    with_it = town.gains(plan | {c: set(row["services"])})
    if gain:
        assert town.worth(with_it) - town.worth(town.gains(plan)) == gain
        assert row["reason"] == ("money" if "budget" in town.effort else "sites")
    else:
        assert row["reason"] in ("same", "served", "nobody", "small")
        assert (row["reason"] in ("nobody", "small")) == (row["alone_persons"] == 0)


@settings(max_examples=60)
@examples(towns())
def test_equals_trying_everything(town: Town) -> None:
    task = town.task()
    found = task.solve()
    told = plan_sites(task, found)
    keys = [("street", f"s{at // 400}", f"S{at // 400}") for at in town.homes]
    why = why_of(task, found, told, Places.of(keys), {})
    plan = {int(site.candidate_id[1:]): set(site.services) for site in told.chosen}
    gained = town.gains(plan)
    assert told.objective_persons == town.worth(gained)
    assert math.fsum(site["gained_persons"] for site in why["sites"]) == town.worth(gained)
    for c, site in zip(plan, why["sites"], strict=True):
        check_site(town, plan, c, site)
    if why["sites"]:  # the last one gains what is lost without it
        assert why["sites"][-1]["lost_persons"] == why["sites"][-1]["gained_persons"]
    for row in why["next"]:
        check_next(town, plan, row)
    left = sorted((-town.best_with(plan, c), c) for c in range(len(town.sites)) if c not in plan)
    gaining = [f"c{c}" for gain, c in left if gain < 0][:5]
    assert [row["candidate_id"] for row in why["next"]][: len(gaining)] == gaining
    assert len(why["next"]) == min(len(left), 5)
    whole = {
        name
        for name in {key[2] for key in keys}
        for here in [{h for h, key in enumerate(keys) if key[2] == name}]
        if town.worth(here & gained) and all(h in gained or not town.lacks(h) for h in here)
    }
    assert {row["name"] for row in why["complete"]} == whole
    by_site = [row for site in why["sites"] for row in site["complete"]]
    assert sorted(by_site, key=str) == sorted(why["complete"], key=str)
