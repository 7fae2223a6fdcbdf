"""The verdict at moments: what venues that are open then meet, and what only unknown hours would.

A service is met (PASS) where enough venues in time are surely open for the whole visit; unknown
where venues of unknown hours, behind walls without a known gate, or nobody's data could meet it;
else it fails. Each home is judged by its own rule; a service that it does not ask for is NOT_ASKED.
Persons are given as [low, high]: PASS alone, and PASS or unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from gusu_geo.assessment.hours import MORE_OPEN, Minutes, Open
from gusu_geo.assessment.judgement import Judgement, rules_of
from gusu_geo.assessment.reach_sets import ReachSets, any_of, reach_sets, wanted_of
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.timetable import Timetable, hours_of
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.tables import Bools, Int8s, Ints


@dataclass(frozen=True, eq=False)
class ServiceMoments:
    """One service with V venues at M moments, of which D differ by who is open.

    venue (V,): code of each venue; open (V, M): ``hours.Open``; sure, possible (V, R): who reaches
    it and asks for it; column (M,): which of the D each moment is; enough (R, D): venues surely
    open in time; maybe (R, D): those that may be; state (R, D): ``rule.State``.
    """

    venue: Ints
    open: Minutes
    sure: csr_array
    possible: csr_array
    column: Ints
    enough: Ints
    maybe: Ints
    state: Int8s

    def at(self, moment: int) -> Int8s:
        """(R,) the states at one moment."""
        return self.state[:, self.column[moment]]


@dataclass(frozen=True, eq=False)
class MomentTable:
    """K services at M moments. venue_ids (N,): by the codes of ``ServiceMoments.venue``; known
    (K,): whether the data name venues of the service; wanted (R, K): venues that the home's rule
    wants of the service, 0 where it does not ask for it; known_state, passed (R, M): ``State`` of
    all services with data, and of all as the rule reads it (one-stop or union)."""

    timetable: Timetable
    moments: tuple[datetime, ...]
    services: tuple[ServiceMoments, ...]
    open: Minutes
    venue_ids: pd.Index
    known: Bools
    wanted: Ints
    linked: Bools
    known_state: Int8s
    passed: Int8s

    def key(self, moment: int) -> tuple[int, ...]:
        """Equal for moments at which the same venues are open."""
        return tuple(int(service.column[moment]) for service in self.services)


def judge_moments(ground: Ground, judgement: Judgement, timetable: Timetable) -> MomentTable:
    """Judge every home at every moment of the timetable by its own rule; one search for each venue
    and rule in all."""
    city, rule = judgement.city, judgement.rule
    frame = city.facilities.frame
    open_ = timetable.clock.states(hours_of(city), timetable.moments)
    reach, wanted = reach_sets(ground, judgement), wanted_of(judgement)
    code, venue_ids = pd.factorize(frame["venue_id"].astype(str), sort=True)
    offered = frame["service"].to_numpy(object)
    known = np.asarray(judgement.known, bool)
    linked = np.asarray(judgement.access.is_linked, bool)
    services = tuple(
        _service(reach, open_, code, offered == key, linked, bool(known[k]), wanted[:, k])
        for k, key in enumerate(rule.services)
    )
    union = _all_of(services, np.ones(len(known), bool), linked)
    passed = union
    if rule.mode == "one_stop":
        passed = np.empty_like(union)
        own = rules_of(judgement)
        for number, one in enumerate(own.rules):
            here = own.homes(number)
            asked = [services[k] for k in one.asked]
            all_known = bool(known[one.asked].all())
            passed[here] = _one_stop(reach, code, asked, union, linked, all_known)[here]
    return MomentTable(
        timetable=timetable,
        moments=timetable.moments,
        services=services,
        open=open_,
        venue_ids=pd.Index(venue_ids),
        known=known,
        wanted=wanted,
        linked=linked,
        known_state=_all_of(services, known, linked),
        passed=passed,
    )


def _service(
    reach: ReachSets,
    open_: Minutes,
    code: Ints,
    rows: Bools,
    linked: Bools,
    known: bool,
    wanted: Ints,
) -> ServiceMoments:
    """One service; a place counts once, however many of its rows offer it. wanted (R,)."""
    venues, at = np.unique(code[rows], return_inverse=True)
    group = np.full(len(code), -1, np.int64)
    group[rows] = at
    sure, possible = (any_of(each, group, len(venues)) for each in (reach.sure, reach.possible))
    opened = _most_open(open_[rows], at, len(venues))
    if len(venues) == 0:  # numpy finds no columns in nothing
        distinct, column = opened[:, :1], np.zeros(opened.shape[1], np.int64)
    else:
        distinct, column = np.unique(opened, axis=1, return_inverse=True)
    kinds, kind = distinct, np.arange(len(venues))
    if len(venues):
        kinds, kind = np.unique(distinct, axis=0, return_inverse=True)  # venues of the same hours
    ones = np.ones(len(venues), np.int32)
    by_kind = csr_array((ones, (np.ravel(kind), np.arange(len(venues)))),
                        shape=(len(kinds), len(venues)))  # fmt: skip
    enough = np.asarray((by_kind @ sure).T @ (kinds == Open.OPEN).astype(np.int32))
    maybe = np.asarray((by_kind @ possible).T @ (kinds != Open.CLOSED).astype(np.int32))
    count = wanted[:, None]
    met = linked[:, None] & (enough >= count)
    unknown = ~linked[:, None] | (~met & ((maybe >= count) | (not known)))
    state = np.where(unknown, State.UNKNOWN, np.where(met, State.PASS, State.FAIL))
    state[wanted == 0] = State.NOT_ASKED
    return ServiceMoments(
        venues, opened, sure, possible, np.ravel(column), enough, maybe, state.astype(np.int8)
    )


def _most_open(open_: Minutes, at: Ints, count: int) -> Minutes:
    """(V, M) for venues with several rows the one that is most open: open, unknown, closed."""
    best = np.zeros((count, open_.shape[1]), np.int8)
    np.maximum.at(best, at, MORE_OPEN[open_])
    return MORE_OPEN[best]


def _all_of(services: Sequence[ServiceMoments], picked: Bools, linked: Bools) -> Int8s:
    """(R, M) ``State`` of the picked services together: one that fails for certain decides."""
    moments = len(services[0].column)
    found = np.zeros((len(linked), moments), np.int8)
    done: dict[tuple[int, ...], int] = {}
    for m in range(moments):
        key = tuple(int(service.column[m]) for service in services)
        if key in done:
            found[:, m] = found[:, done[key]]
            continue
        done[key] = m
        fails, unknown, asked = (np.zeros(len(linked), bool) for _ in range(3))
        for service, wanted in zip(services, picked, strict=True):
            if wanted:
                state = service.at(m)
                fails |= state == State.FAIL
                unknown |= state == State.UNKNOWN
                asked |= state != State.NOT_ASKED
        passed = np.where(unknown | ~linked | ~asked, State.UNKNOWN, State.PASS)
        found[:, m] = np.where(fails, State.FAIL, passed)
    return found


def _one_stop(
    reach: ReachSets,
    code: Ints,
    services: Sequence[ServiceMoments],
    union: Int8s,
    linked: Bools,
    all_known: bool,
) -> Int8s:
    """(R, M) ``State`` of one venue that offers everything, all of it open, within the shortest
    limit; as ``rule.judge`` reads it."""
    if reach.shortest is None or reach.shortest_possible is None:
        raise ValueError("reach sets lack the shortest limit")
    whole = services[0].venue
    for service in services[1:]:
        whole = np.intersect1d(whole, service.venue)
    group = np.where(np.isin(code, whole), np.searchsorted(whole, code), -1)
    group = np.minimum(group, len(whole) - 1)
    states = [s.open[np.searchsorted(s.venue, whole)] for s in services]
    worst = MORE_OPEN[np.minimum.reduce([MORE_OPEN[state] for state in states])]
    sure, possible = (
        any_of(each, group, len(whole)) for each in (reach.shortest, reach.shortest_possible)
    )
    near = np.asarray(sure.T @ (worst == Open.OPEN).astype(np.int32)) > 0
    maybe = np.asarray(possible.T @ (worst != Open.CLOSED).astype(np.int32)) > 0
    met = near & (union == State.PASS)
    unknown = (union != State.FAIL) & ~met & (maybe | (not all_known))
    unknown |= ~linked[:, None]
    return np.where(unknown, State.UNKNOWN, np.where(met, State.PASS, State.FAIL)).astype(np.int8)
