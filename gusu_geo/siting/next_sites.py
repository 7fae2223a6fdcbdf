"""Candidates that were not taken: what each would add to the plan, and why it is not in it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from gusu_geo.geometry import WGS84, transformer
from gusu_geo.siting.chances import EQUAL, Chances, chances_of
from gusu_geo.siting.demand import supply
from gusu_geo.siting.ranking import Cells, served
from gusu_geo.siting.sections import NextSite, NotTaken
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.siting.wishes import barred_by, holds_of
from gusu_geo.tables import Bools, Ints

LISTED = 5  # candidates that might be taken
LISTED_BARRED = 3  # and of those that may not
MOSTLY = 0.5  # share of the persons of one place that make it the same as another one


@dataclass(frozen=True, eq=False)
class _Field:
    """The candidates. now, beside: their chances without the plan, and beside it; barred: by cause,
    (C,) who may not be opened; alike (C,): samples of streets; free (C,): who might be taken;
    gaining: those of them that gain most beside the plan, one of each place."""

    now: Chances
    beside: Chances
    barred: dict[NotTaken, Bools]
    alike: Bools
    free: Bools
    gaining: list[int]


@dataclass(frozen=True, eq=False)
class _Plan:
    """What they are held against. order (S,): the sites; cells: what each serves; reach: whom the
    candidates could serve."""

    task: Task
    found: Solution
    order: Ints
    cells: Sequence[Cells]
    reach: dict[int, Cells]

    def near(self, c: int) -> int:
        """The first site that a candidate is too near to, -1 for none."""
        pairs = self.task.rooms.terms.near
        other = np.concatenate([pairs[pairs[:, 0] == c, 1], pairs[pairs[:, 1] == c, 0]])
        sites = self.order[np.isin(self.order, other)]
        return int(sites[0]) if len(sites) else -1

    def shared(self, c: int) -> int:
        """The site that serves most of those whom a candidate could serve, -1 where none serves
        more than half of them."""
        persons, homes = self.task.persons, np.unique(self.reach[c].row)
        common = [math.fsum(persons[np.intersect1d(homes, part.row)]) for part in self.cells]
        most = max(common, default=0.0)
        if most <= MOSTLY * math.fsum(persons[homes]):
            return -1
        return int(self.order[common.index(most)])


def next_sites(task: Task, found: Solution, order: Ints, cells: Sequence[Cells]) -> list[NextSite]:
    """Up to five candidates that gain most beside the plan, then rooms of a ledger that would gain
    most without it; and up to three that a vote, the study or a missing cost bars. Of street
    samples that complete mostly the same homes only the best is listed.

    order (S,): the sites; cells: what each serves.
    """
    holds = holds_of(task.candidates, task.services)
    field = _field(task, found, holds)
    free, kept_out = _free(field), _barred(field)
    picked = np.array([*free, *kept_out], np.int64)
    every = np.zeros_like(holds)
    every[picked] = holds[picked]
    reach = dict(zip(picked.tolist(), served(task.need, task.cover, every, picked), strict=True))
    plan = _Plan(task, found, order, cells, reach)
    reasons = [_reason(plan, field, c) for c in free] + list(kept_out.values())
    return [_row(plan, field, c, why) for c, why in zip(picked.tolist(), reasons, strict=True)]


def _field(task: Task, found: Solution, holds: Bools) -> _Field:
    """The candidates, and those that gain most beside the plan."""
    alike, limit = task.rooms.terms.alike, task.effort.services_per_site

    def chances(need: Ints, some: Bools) -> Chances:
        return chances_of(
            task.aims.weight, task.persons, need, task.cover, holds & some[:, None],
            task.rooms.terms, limit,
        )  # fmt: skip

    barred = barred_by(task.candidates, task.wishes, task.rooms)
    free = ~np.any([found.opened, ~task.linked, *barred.values()], axis=0)
    left = np.maximum(task.need - supply(task.cover, found.offers), 0)
    beside = chances(left, ~found.opened)
    gaining = list(_apart(beside, free & (beside.persons > EQUAL), alike))
    # Of samples of streets nobody asks what they would have gained, but for those that are listed.
    asked = ~alike | barred["refused"] | barred["never"]
    asked[gaining] = True
    return _Field(chances(task.need, asked), beside, barred, alike, free, gaining)


def _free(field: _Field) -> list[int]:
    """Those that might be taken."""
    none = field.beside.persons <= EQUAL
    rest = _ranked(field.now, field.free & none & ~field.alike)
    return [*field.gaining, *islice(rest, LISTED - len(field.gaining))]


def _barred(field: _Field) -> dict[int, NotTaken]:
    """Those that may not be opened and would have gained, with the cause."""
    found = dict[int, NotTaken]()
    for cause, mask in field.barred.items():
        # Samples of a street without a cost are all alike: nobody asks about one of them.
        some = mask & ~field.alike if cause == "uncosted" else mask
        for c in _ranked(field.now, some & (field.now.persons > EQUAL)):
            found.setdefault(c, cause)
    best = _ranked(field.now, np.isin(np.arange(len(field.alike)), list(found)))
    return {c: found[c] for c in islice(best, LISTED_BARRED)}


def _ranked(chances: Chances, some: Bools) -> Iterator[int]:
    """The chosen candidates (C,), those that gain most first, of equal ones the first."""
    gain = np.round(chances.counted, 6), np.round(chances.persons, 6)
    order = np.lexsort((-gain[1], -gain[0]))
    return (int(c) for c in order[some[order]])


def _apart(chances: Chances, some: Bools, alike: Bools) -> Iterator[int]:
    """As ``_ranked``, without samples of streets that mostly complete whom one before completes,
    up to ``LISTED``."""
    picked: list[tuple[int, Ints]] = []
    for c in _ranked(chances, some):
        groups = chances.groups(c)
        most = MOSTLY * chances.heads(groups)
        if any(
            (alike[c] or alike[d]) and chances.heads(np.intersect1d(groups, other)) > most
            for d, other in picked
        ):
            continue
        picked.append((c, groups))
        yield c
        if len(picked) == LISTED:
            return


def _reason(plan: _Plan, field: _Field, c: int) -> NotTaken:
    """Why a candidate that might be taken is not in the plan: a key of [not_taken] of the words."""
    effort, terms, found = plan.task.effort, plan.task.rooms.terms, plan.found
    now, beside = field.now, field.beside
    if beside.persons[c] <= EQUAL:
        if now.persons[c] <= EQUAL:
            return "small" if now.reaches(c) else "nobody"
        return "same" if plan.shared(c) >= 0 else "served"
    if plan.near(c) >= 0:
        return "apart"
    if effort.budget is not None:
        spent = math.fsum(terms.cost[found.opened]) + math.fsum(terms.service_cost[found.offers])
        cost = terms.cost[c] + math.fsum(terms.service_cost[c][beside.offers[c]])
        if cost > effort.budget - spent + 1e-6:
            return "money"
    if effort.sites is not None and found.opened.sum() >= effort.sites:
        return "sites"
    if effort.target is not None:
        return "target"
    return "unsure" if beside.counted[c] <= EQUAL else "search"


def _row(plan: _Plan, field: _Field, c: int, reason: NotTaken) -> NextSite:
    task, frame, now, beside = plan.task, plan.task.candidates.frame, field.now, field.beside
    point = frame.geometry.iloc[c]
    lonlat = transformer(task.parts[0].trips.net.crs, WGS84).transform(point.x, point.y)
    offers = (beside if beside.persons[c] > EQUAL else now).offers[c]
    services = [task.services[k] for k in np.flatnonzero(offers)]
    cost = float(frame["cost"].iloc[c]) if "cost" in frame else math.nan
    cost += math.fsum(task.wishes.service_cost.get(service, 0.0) for service in services)
    other = plan.near(c) if reason == "apart" else plan.shared(c)
    return {
        "candidate_id": str(frame.index[c]),
        "name": str(frame["name"].iloc[c]),
        "lonlat": [round(float(value), 7) for value in lonlat],
        "services": services,
        "gained_persons": round(float(beside.persons[c]), 2),
        "alone_persons": round(float(now.persons[c]), 2),
        "cost": None if math.isnan(cost) else round(cost, 2),
        "instead_of": str(frame.index[other]) if other >= 0 else "",
        "reason": reason,
    }
