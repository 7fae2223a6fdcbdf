"""Who reaches which venue within the limit of its service: found once, for all moments.

Each venue is searched for once by the walkers of each rule; after that, any set of open venues
costs a sum and no search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from gusu_geo.assessment.judgement import Judgement, relinked, rules_of
from gusu_geo.assessment.own_rules import OwnRules
from gusu_geo.assessment.rule import Rule, within
from gusu_geo.assessment.walkable_city import CityLinks, Ground
from gusu_geo.tables import Ints
from gusu_geo.walking.coverage import coverage_blocks
from gusu_geo.walking.linkage import Linkage, Linked, Reason
from gusu_geo.walking.trips import Trips


@dataclass(frozen=True, eq=False)
class ReachSets:
    """sure (F, R): whether a home reaches a facility within the limit of its own rule, never where
    that does not ask for the service; possible: likewise, also through walls without a known gate;
    shortest (F, R) and shortest_possible: within the shortest limit of all services of the rule,
    which one-stop venues must keep; None unless asked."""

    sure: csr_array
    possible: csr_array
    shortest: csr_array | None = None
    shortest_possible: csr_array | None = None


LinksFor = Callable[[Trips], CityLinks]  # links to the streets that are open to these trips


def reach_sets(
    ground: Ground,
    judgement: Judgement,
    *,
    rules: OwnRules | None = None,
    links_for: LinksFor | None = None,
) -> ReachSets:
    """Of each home, by its own rule. rules: in place of those of the judgement; links_for: links of
    the judgement's venues, default ``relinked``."""
    own = rules or rules_of(judgement)
    offered = judgement.city.facilities.frame["service"].tolist()
    parts = []
    for number, one in enumerate(own.rules):
        here = own.homes(number)
        if not here.any() and number:
            continue
        trips = ground.trips(one.walk)
        links = links_for(trips) if links_for else relinked(ground, trips, judgement.links)
        of_rule = replace(links, homes=links.homes.only(here))
        parts.append(_of_rule(trips, of_rule, one.rule, offered))
    return parts[0] if len(parts) == 1 else _joined(parts)


def wanted_of(judgement: Judgement) -> Ints:
    """(R, K) venues that each home's rule wants of each service, 0 where it does not ask for it."""
    own = rules_of(judgement)
    by_rule = np.zeros((len(own.rules), len(judgement.rule.services)), np.int64)
    for number, one in enumerate(own.rules):
        by_rule[number, one.asked] = [service.min_count for service in one.rule.pack.services]
    return by_rule[own.of_home]


def _joined(parts: Sequence[ReachSets]) -> ReachSets:
    """Of all homes, each of which is in one of the parts alone."""
    return ReachSets(
        sum((part.sure for part in parts[1:]), parts[0].sure),
        sum((part.possible for part in parts[1:]), parts[0].possible),
        _sum([part.shortest for part in parts]),
        _sum([part.shortest_possible for part in parts]),
    )


def _sum(each: Sequence[csr_array | None]) -> csr_array | None:
    there = [one for one in each if one is not None]
    return sum(there[1:], there[0]) if there else None


def _of_rule(trips: Trips, links: CityLinks, rule: Rule, offered: Sequence[str]) -> ReachSets:
    """Of homes of one rule, by one bounded search for each place that venues are entered at."""
    place = {service: k for k, service in enumerate(rule.services)}
    service = np.array([place.get(s, -1) for s in offered], np.int64)
    limit = np.where(service >= 0, rule.threshold_cs[service], -1)
    shortest = np.where(service >= 0, rule.threshold_cs.min(), -1)
    asked = [limit, shortest] if rule.mode == "one_stop" else [limit]
    cutoff_s = max(rule.threshold_s)
    sure = _within_limits(trips, links.homes, links.venues, asked, cutoff_s)
    if links.entered is None:
        more = sure
    else:
        behind = links.venues.links.owner_reason(len(offered)) == Reason.WALL
        entered = links.entered.only(np.asarray(behind, bool))
        walled = _within_limits(trips, links.homes, entered, asked, cutoff_s)
        more = [csr_array(one + other) for one, other in zip(sure, walled, strict=True)]
    return ReachSets(sure[0], more[0], *((sure[1], more[1]) if len(asked) > 1 else ()))


def _within_limits(
    trips: Trips, homes: Linked, venues: Linked, limits: list[Ints], cutoff_s: float
) -> list[csr_array]:
    """For each of ``limits`` (F,) centiseconds, the matrix of who is within it."""
    count, shape = len(venues.ids), (len(venues.ids), len(homes.ids))
    door_of, doors = _same_doors(venues.links, count)
    found = _searched(trips, homes, doors, cutoff_s)
    rows = []
    for limit in limits:
        ptr, parts = [0], list[np.ndarray]()
        for facility in range(count):
            ix, cs = found.get(int(door_of[facility]), _NOBODY)
            near = ix[within(cs, np.int64(limit[facility]))]
            parts.append(near)
            ptr.append(ptr[-1] + len(near))
        ix = np.concatenate([_NOBODY[0], *parts])
        rows.append(csr_array((np.ones(len(ix), np.int32), ix, np.array(ptr)), shape=shape))
    return rows


_NOBODY = (np.zeros(0, np.int32), np.zeros(0, np.int32))


def _same_doors(links: Linkage, count: int) -> tuple[Ints, Linked]:
    """Facilities that are entered at the same points are searched for together: (F,) position of
    the search, -1 for none; and its targets."""
    on = np.flatnonzero(links.edge_ix >= 0)
    on = on[np.argsort(links.owner_ix[on], kind="stable")]
    legs = np.column_stack(
        (links.edge_ix[on], links.offset_cm[on], links.span_cm[on], links.leg_cm[on])
    ).astype(np.int64)
    owner = links.owner_ix[on]
    ends = np.searchsorted(owner, np.arange(count + 1))
    seen: dict[bytes, int] = {}
    door_of = np.full(count, -1, np.int64)
    first: dict[int, int] = {}
    for facility in range(count):
        a, b = ends[facility], ends[facility + 1]
        if a == b:
            continue
        at = seen.setdefault(legs[a:b].tobytes(), len(seen))
        door_of[facility] = at
        first.setdefault(at, facility)
    chosen = np.zeros(count, bool)
    chosen[list(first.values())] = True
    rows = links.rows(on[chosen[owner]])
    position = np.full(count, -1, np.int64)
    position[list(first.values())] = list(first)
    return door_of, Linked(
        pd.RangeIndex(len(first)), replace(rows, owner_ix=position[rows.owner_ix])
    )


def _searched(
    trips: Trips, homes: Linked, doors: Linked, cutoff_s: float
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    if len(doors.ids) == 0 or len(homes.ids) == 0:
        return {}
    return dict(_by_target(trips, homes, doors, cutoff_s))


def _by_target(
    trips: Trips, homes: Linked, doors: Linked, cutoff_s: float
) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray]]]:
    for chunk in coverage_blocks(trips, homes, doors, threshold_s=cutoff_s):
        for target in range(chunk.first, chunk.last):
            a, b = chunk.ptr[target - chunk.first], chunk.ptr[target - chunk.first + 1]
            yield target, (chunk.ix[a:b].copy(), chunk.cs[a:b].copy())


def any_of(matrix: csr_array, groups: Ints, count: int) -> csr_array:
    """(G, R) whether any row of each group reaches a home; groups (F,): -1 for none."""
    held = np.flatnonzero(groups >= 0)
    ones = np.ones(len(held), np.int32)
    joined = csr_array((ones, (groups[held], held)), shape=(count, matrix.shape[0])) @ matrix
    joined = csr_array(joined)
    joined.data = np.minimum(joined.data, 1)
    return joined
